// SPDX-License-Identifier: MIT
// Whether the data stutter: uneven sample times, frames that do not change, a rate that does not fit the display's.
// What is wrong with tracking is found by check_tracking.
#ifndef FIELDREEL_PLAYBACK_DATA_STUTTER_HPP
#define FIELDREEL_PLAYBACK_DATA_STUTTER_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/any_source.hpp>

namespace fieldreel::inline v0 {

/// A step between two samples that is longer than 1.5 times the median.
struct long_step {
    double at_s = 0; ///< the sample before it
    double seconds = 0;
};

/// How even sample times are. Units: seconds.
struct step_evenness {
    std::size_t samples = 0;
    double median_s = 0; ///< 0 for fewer than two samples
    double mean_hz = 0;
    std::size_t long_count = 0;
    double long_seconds = 0;           ///< together
    long_step longest;                 ///< of all steps
    std::vector<long_step> long_steps; ///< the longest of them, in order of time
    std::size_t not_increasing = 0;    ///< steps of 0, backwards, or to NaN; they count nowhere else
};

/// Steps > 1.5 x the median. At most `max_listed` are listed. Cost: O(samples), 8 bytes a sample.
template <number_list Times>
step_evenness check_steps(const Times& times, std::size_t max_listed = 100) {
    step_evenness out;
    out.samples = static_cast<std::size_t>(times.size());
    std::vector<double> steps;
    steps.reserve(out.samples);
    for (std::size_t i = 1; i < out.samples; ++i) {
        const double step = static_cast<double>(times[i]) - static_cast<double>(times[i - 1]);
        if (step > 0 && std::isfinite(step)) {
            steps.push_back(step);
        } else {
            ++out.not_increasing;
        }
    }
    if (steps.empty()) {
        return out;
    }
    double sum = 0;
    for (const double step : steps) {
        sum += step;
    }
    out.mean_hz = static_cast<double>(steps.size()) / sum;
    const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    out.median_s = *middle;
    if (steps.size() % 2 == 0) {
        out.median_s = (out.median_s + *std::max_element(steps.begin(), middle)) / 2;
    }
    for (std::size_t i = 1; i < out.samples; ++i) {
        const double before = static_cast<double>(times[i - 1]);
        const double step = static_cast<double>(times[i]) - before;
        if (!std::isfinite(step)) {
            continue;
        }
        if (step > out.longest.seconds) {
            out.longest = {before, step};
        }
        if (step > 1.5 * out.median_s) {
            ++out.long_count;
            out.long_seconds += step;
            out.long_steps.push_back({before, step});
        }
    }
    if (out.long_steps.size() > max_listed) {
        std::nth_element(out.long_steps.begin(), out.long_steps.begin() + static_cast<std::ptrdiff_t>(max_listed),
                         out.long_steps.end(),
                         [](const long_step& a, const long_step& b) { return a.seconds > b.seconds; });
        out.long_steps.resize(max_listed);
        std::sort(out.long_steps.begin(), out.long_steps.end(),
                  [](const long_step& a, const long_step& b) { return a.at_s < b.at_s; });
    }
    return out;
}

/// How evenly data of their own rate move on a display of another, however fast the program is.
struct judder {
    double display_hz = 0;
    double speed = 0;        ///< seconds of the recording per second
    std::size_t changes = 0; ///< of the picture
    /// Of these, how many come unevenly. A change is off by the recording's time between the two pictures less the time
    /// that the first stood. Uneven: off by 0.45 refreshes or more, or by a quarter of a refresh more or less than both
    /// the change before and the one after (50 Hz at 30 per second: advances of 20, 40, 40 ms, over and over).
    std::size_t uneven = 0;
    std::size_t never_shown = 0; ///< frames between two refreshes
    double changes_per_s = 0;    ///< of the host
    double uneven_per_s = 0;
    double uneven_share() const noexcept {
        return changes > 0 ? static_cast<double>(uneven) / static_cast<double>(changes) : 0;
    }
};

/// Plays the times on a display that is never late. Long steps (see check_steps) are the data's own and count nowhere.
/// Looks at `max_refreshes` at most. Errors: invalid_value for a rate or a speed that is not positive. Cost: O(samples
/// and refreshes).
template <number_list Times>
judder predict_judder(const Times& times, double median_s, double display_hz, double speed = 1,
                      std::size_t max_refreshes = 200'000) {
    const auto positive = [](const char* name, double value, const char* usual) {
        if (!(value > 0) || !std::isfinite(value)) {
            throw invalid_value(name, detail::text(name, " is ", value, "; it must be positive; ", usual, " is usual"));
        }
    };
    positive("display_hz", display_hz, "60");
    positive("speed", speed, "1");
    constexpr double nan = std::numeric_limits<double>::quiet_NaN(); // differs from nothing
    judder out;
    out.display_hz = display_hz;
    out.speed = speed;
    const auto count = static_cast<std::size_t>(times.size());
    if (count < 2 || !(median_s > 0)) {
        return out;
    }
    const auto time = [&](std::size_t i) { return static_cast<double>(times[i]); };
    const double start = time(0);
    std::size_t shown = 0; // the frame on the display
    std::size_t since = 0; // the refresh at which it came
    std::size_t refresh = 0;
    double played_s = 0;
    double off_before = nan; // refreshes by which the change before was off, and the one before it
    double off_before_that = nan;
    constexpr double far_off = 0.45;
    const auto differ = [](double a, double b) { return std::abs(a - b) > 0.25 + 1e-6; };
    for (; refresh < max_refreshes; ++refresh) {
        played_s = static_cast<double>(refresh) / display_hz;
        const double now = start + played_s * speed + 1e-9; // rounding makes no refresh miss its frame
        std::size_t next = shown;
        bool long_way = false;
        while (next + 1 < count && !(time(next + 1) > now)) {
            long_way = long_way || time(next + 1) - time(next) > 1.5 * median_s;
            ++next;
        }
        if (next + 1 == count) { // the end may cut it short
            break;
        }
        if (next == shown) {
            continue;
        }
        out.never_shown += next - shown - 1;
        if (!long_way) {
            const double stood_s = static_cast<double>(refresh - since) / display_hz;
            ++out.changes;
            const double off = ((time(next) - time(shown)) / speed - stood_s) * display_hz;
            if (differ(off_before, off_before_that) && differ(off_before, off) && std::abs(off_before) < far_off) {
                ++out.uneven; // the one before; what is far off counts by itself
            }
            out.uneven += std::abs(off) >= far_off ? 1u : 0u;
            off_before_that = off_before;
            off_before = off;
        } else {
            off_before = off_before_that = nan;
        }
        shown = next;
        since = refresh;
    }
    if (played_s > 0) {
        out.changes_per_s = static_cast<double>(out.changes) / played_s;
        out.uneven_per_s = static_cast<double>(out.uneven) / played_s;
    }
    return out;
}

/// How many frames are, value for value, the frame before them.
struct equal_frames {
    std::size_t compared = 0;
    std::size_t equal = 0;
    double share() const noexcept {
        return compared > 0 ? static_cast<double>(equal) / static_cast<double>(compared) : 0;
    }
};

/// Compares neighbours in up to 32 stretches of frames, spread over `range`, together `max_compared` pairs;
/// `go_on()` false ends it early: reading may be slow. Values are compared bit by bit: NaN equals NaN.
/// Errors: those of the source; invalid_value for a range outside.
template <class GoOn>
equal_frames compare_frames(const any_source& source, frame_range range, std::size_t max_compared, GoOn&& go_on) {
    const std::size_t last = (std::min)(range.last, source.frame_count());
    if (range.first >= last) {
        throw invalid_value("range",
                            detail::text("frames ", range.first, " to ", range.last, " of ", source.frame_count(),
                                         " were to be compared; give a range that holds frames"));
    }
    equal_frames out;
    const std::size_t pairs = last - range.first - 1;
    const std::size_t stretches = pairs <= max_compared ? 1 : (std::min)(max_compared, std::size_t{32});
    const std::size_t length = stretches == 1 ? pairs : max_compared / stretches;
    any_cursor cursor = source.cursor();
    std::vector<std::byte> before;
    for (std::size_t s = 0; s < stretches && length > 0; ++s) {
        const std::size_t room = pairs - length;
        const std::size_t first =
            range.first + (stretches == 1
                               ? 0
                               : static_cast<std::size_t>(static_cast<double>(room) * static_cast<double>(s) /
                                                          static_cast<double>(stretches - 1)));
        for (std::size_t i = first; i <= first + length; ++i) {
            if (!go_on()) {
                return out;
            }
            const values_view now = cursor.frame(i);
            if (i > first) {
                ++out.compared;
                out.equal += std::memcmp(before.data(), now.data(), now.bytes()) == 0 ? 1u : 0u;
            }
            before.resize(now.bytes());
            std::memcpy(before.data(), now.data(), now.bytes());
        }
    }
    return out;
}

} // namespace fieldreel::inline v0

#endif
