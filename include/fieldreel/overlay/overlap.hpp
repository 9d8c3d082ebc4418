// SPDX-License-Identifier: MIT
// Whether an overlay and the fields it is drawn over belong to the same time at all.
#ifndef FIELDREEL_OVERLAY_OVERLAP_HPP
#define FIELDREEL_OVERLAY_OVERLAP_HPP

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

namespace detail {

/// To a millisecond, "12.5 s to 1587.602 s".
inline std::string range_text(const time_range& times) {
    const auto ms = [](double s) { return std::abs(s) < 1e12 ? std::round(s * 1000) / 1000 : s; };
    return text(ms(times.start_s), " s to ", ms(times.stop_s), " s");
}

} // namespace detail

/// The first and the last of anything with times in order: sample_times, event_times. Nothing when there are none.
/// Cost: O(1).
template <class Times>
std::optional<time_range> time_span(const Times& times) {
    return times.empty() ? std::nullopt : std::optional(time_range{times.front(), times.back()});
}

/// Which part of `other` lies within `times`, 0-1. A range of one moment counts as a whole when it lies within.
inline double overlap_part(const time_range& times, const time_range& other) noexcept {
    const double start_s = (std::max)(times.start_s, other.start_s);
    const double stop_s = (std::min)(times.stop_s, other.stop_s);
    const double length_s = other.stop_s - other.start_s;
    return stop_s < start_s ? 0 : length_s > 0 ? (stop_s - start_s) / length_s : 1;
}

/// Errors: data_error when the two ranges have no moment in common, with both. Ranges that only touch are accepted.
/// `what` and `what_other` name them: "the spikes", "the field".
inline void check_overlap(std::string_view what, const time_range& times, std::string_view what_other,
                          const time_range& other) {
    if (!(times.start_s <= other.stop_s && other.start_s <= times.stop_s)) {
        throw data_error(detail::text(what, " (", detail::range_text(times), ") and ", what_other, " (",
                                      detail::range_text(other),
                                      ") have no time in common; give both in seconds of one clock, or an offset_s"));
    }
}

/// A sentence when `times` cover less than `least` (0-1) of `other`; empty when all is well, or when there is nothing
/// in common, which check_overlap refuses. A single instant covers nothing and is all well wherever `other` holds it.
inline std::string overlap_warning(std::string_view what, const time_range& times, std::string_view what_other,
                                   const time_range& other, double least = 0.5) {
    const double part = overlap_part(times, other);
    if (!(part < least) || times.start_s == times.stop_s ||
        !(times.start_s <= other.stop_s && other.start_s <= times.stop_s)) {
        return {};
    }
    return detail::text("of ", what_other, " (", detail::range_text(other), ") ", std::round(part * 1000) / 10,
                        " % lies within the time of ", what, " (", detail::range_text(times),
                        "); check the clocks, an offset_s moves one");
}

} // namespace fieldreel::inline v0

#endif
