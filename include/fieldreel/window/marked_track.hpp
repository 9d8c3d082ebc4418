// SPDX-License-Identifier: MIT
// Instants or intervals with a name, between which a viewer jumps.
#ifndef FIELDREEL_WINDOW_MARKED_TRACK_HPP
#define FIELDREEL_WINDOW_MARKED_TRACK_HPP

#include <algorithm>
#include <optional>
#include <string>
#include <variant>

#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/event_times.hpp>
#include <fieldreel/overlay/interval.hpp>

namespace fieldreel::inline v0 {

/// Instants or stretches of time with a name, between which to jump: rewards, ripples.
struct marked_track {
    std::string name;
    std::variant<event_times, interval> marks;

    /// The first one that starts after a time; an instant has no length. Of several that start together, the longest.
    /// Cost: O(log n).
    std::optional<time_range> next(double time_s) const { return found(time_s, true); }
    /// The last one that starts before it.
    std::optional<time_range> previous(double time_s) const { return found(time_s, false); }

private:
    std::optional<time_range> found(double time_s, bool after) const {
        const auto start_s =
            std::visit([&](const auto& m) { return after ? m.next(time_s) : m.previous(time_s); }, marks);
        if (!start_s) {
            return std::nullopt;
        }
        time_range out{*start_s, *start_s};
        if (const auto* const stretches = std::get_if<interval>(&marks)) {
            for (const found_interval& one : stretches->at(*start_s)) {
                out.stop_s = one.range.start_s == *start_s ? (std::max)(out.stop_s, one.range.stop_s) : out.stop_s;
            }
        }
        return out;
    }
};

} // namespace fieldreel::inline v0

#endif
