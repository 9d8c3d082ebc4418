// SPDX-License-Identifier: MIT
// Seconds spent per bin, and the one rule which intervals between samples count.
#ifndef FIELDREEL_SPACE_OCCUPANCY_HPP
#define FIELDREEL_SPACE_OCCUPANCY_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

/// Which intervals between samples count.
struct occupancy_options {
    double max_gap_s = 0.5; ///< a longer interval counts nowhere; infinity = no limit
    /// A slower interval counts nowhere; 0 = no limit. Units: those of the positions, per second. An interval's speed
    /// is that between the mean positions, at the mean times, of the tracked samples within 0.125 s of its two ends
    /// (0.25 s in all); nothing is averaged across a gap or lost tracking. An interval without a known speed (a lone
    /// sample) counts as slow.
    double min_speed = 0;
};

/// Where the time of a recording went. The five add up to last minus first sample time. Units: seconds.
struct time_account {
    double counted_s = 0;
    double in_gaps_s = 0;       ///< intervals longer than max_gap_s
    double lost_tracking_s = 0; ///< the interval's sample has a NaN
    double outside_space_s = 0; ///< the interval's sample is in no bin
    double too_slow_s = 0;      ///< intervals slower than min_speed
    double total_s() const noexcept { return counted_s + in_gaps_s + lost_tracking_s + outside_space_s + too_slow_s; }
};

/// Seconds per bin, and what was left out.
struct occupancy_result {
    std::vector<double> seconds; ///< one per bin; they add up to time.counted_s
    time_account time;
};

namespace detail {

enum class interval_kind : std::uint8_t { counted, gap, lost, outside, slow };

struct interval {
    interval_kind kind;
    std::size_t bin; ///< where its time counts; only when counted
};

/// Half of the 0.25 s over which positions are averaged for a speed.
inline constexpr double speed_half_window_s = 0.125;

/// Calls `f(first, end)` for each stretch of samples [first, end) that has neither a gap nor a sample that is not
/// `tracked(i)`.
template <number_list Times, class Tracked, class F>
void for_each_stretch(const Times& times, double max_gap_s, const Tracked& tracked, F f) {
    const auto samples = static_cast<std::size_t>(times.size());
    const auto time = [&](std::size_t i) { return static_cast<double>(times[i]); };
    for (std::size_t first = 0; first < samples; ++first) {
        if (!tracked(first)) {
            continue;
        }
        std::size_t end = first + 1;
        while (end < samples && tracked(end) && time(end) - time(end - 1) <= max_gap_s) {
            ++end;
        }
        f(first, end);
        first = end - 1;
    }
}

/// Calls `f(k, way, duration_s)` for each interval from sample k to k + 1 of the stretch [first, end): how far the mean
/// position, and the mean time, of the samples within 0.125 s went from one to the other.
template <number_list Times, number_table Positions, class F>
void for_each_smoothed_step(const Times& times, const Positions& positions, std::size_t first, std::size_t end, F f) {
    const auto time = [&](std::size_t i) { return static_cast<double>(times[i]); };
    const auto x = [&](std::size_t i) { return static_cast<double>(positions(i, std::size_t{0})); };
    const auto y = [&](std::size_t i) { return static_cast<double>(positions(i, std::size_t{1})); };
    // Sums over the samples [low, high) around sample k, as differences to the first: exact for one at rest.
    std::size_t low = first;
    std::size_t high = first;
    double sum_x = 0;
    double sum_y = 0;
    double sum_t = 0;
    const auto add = [&](std::size_t i, double sign) {
        sum_x += sign * (x(i) - x(first));
        sum_y += sign * (y(i) - y(first));
        sum_t += sign * (time(i) - time(first));
    };
    double before_x = 0;
    double before_y = 0;
    double before_t = 0;
    for (std::size_t k = first; k < end; ++k) {
        while (high < end && (high <= k || time(high) - time(k) <= speed_half_window_s)) {
            add(high++, 1);
        }
        while (low < k && time(k) - time(low) > speed_half_window_s) {
            add(low++, -1);
        }
        const auto count = static_cast<double>(high - low);
        const double here_x = sum_x / count;
        const double here_y = sum_y / count;
        const double here_t = sum_t / count;
        if (k > first) {
            point_xy way{here_x - before_x, here_y - before_y};
            double duration_s = here_t - before_t;
            if (!(duration_s > 0)) { // both ends have the same samples around them
                way = {x(high - 1) - x(low), y(high - 1) - y(low)};
                duration_s = time(high - 1) - time(low);
            }
            f(k - 1, way, duration_s);
        }
        before_x = here_x;
        before_y = here_y;
        before_t = here_t;
    }
}

/// True for samples whose position is known.
template <number_table Positions>
bool is_tracked(const Positions& positions, std::size_t i) {
    return std::isfinite(static_cast<double>(positions(i, std::size_t{0}))) &&
           std::isfinite(static_cast<double>(positions(i, std::size_t{1})));
}

/// One flag per interval, 1 = slower than min_speed or of unknown speed; empty when there is no limit.
template <number_list Times, number_table Positions>
std::vector<std::uint8_t> slow_intervals(const Times& times, const Positions& positions, double max_gap_s,
                                         double min_speed) {
    std::vector<std::uint8_t> slow;
    if (!(min_speed > 0)) {
        return slow;
    }
    const double enough = min_speed * (1 - 1e-9); // rounding does not decide about exactly min_speed
    const auto samples = static_cast<std::size_t>(times.size());
    slow.resize(samples - 1, 1);
    const auto tracked = [&](std::size_t i) { return is_tracked(positions, i); };
    for_each_stretch(times, max_gap_s, tracked, [&](std::size_t first, std::size_t end) {
        for_each_smoothed_step(times, positions, first, end, [&](std::size_t k, point_xy way, double duration_s) {
            slow[k] = std::hypot(way.x, way.y) >= enough * duration_s ? 0 : 1;
        });
        if (end - first > 1 && end < samples) {
            slow[end - 1] = slow[end - 2]; // towards a lost sample: as fast as just before
        }
    });
    return slow;
}

/// What the interval that starts at sample k is worth. One rule for time and for spikes: what leaves the denominator
/// leaves the numerator.
template <space Space, number_table Positions>
interval classify_interval(const Space& bins, const Positions& positions, std::size_t k, double duration_s,
                           double max_gap_s, const std::vector<std::uint8_t>& slow) {
    if (duration_s > max_gap_s) {
        return {interval_kind::gap, 0};
    }
    const auto x = static_cast<double>(positions(k, std::size_t{0}));
    const auto y = static_cast<double>(positions(k, std::size_t{1}));
    if (const std::optional<std::size_t> bin = bins.bin_at(x, y)) {
        return {!slow.empty() && slow[k] != 0 ? interval_kind::slow : interval_kind::counted, *bin};
    }
    return {x != x || y != y ? interval_kind::lost : interval_kind::outside, 0};
}

inline void check_occupancy_options(const occupancy_options& options) {
    if (!(options.max_gap_s > 0)) {
        throw invalid_value("max_gap_s", text("max_gap_s is ", rounded(options.max_gap_s),
                                              "; it must be positive, in seconds; use infinity for no limit"));
    }
    if (!(options.min_speed >= 0 && std::isfinite(options.min_speed))) {
        throw invalid_value("min_speed", text("min_speed is ", rounded(options.min_speed),
                                              "; it must be 0 or more, in the units of the positions per second; use 0 "
                                              "for no limit"));
    }
}

template <number_list Times, number_table Positions>
void check_samples(const Times& times, const Positions& positions) {
    const std::size_t rows = check_positions(positions);
    const auto samples = static_cast<std::size_t>(times.size());
    if (rows != samples) {
        throw data_error(text("times has ", samples, " values and positions ", rows,
                              " rows; there must be one time per position; cut or load both from the same recording"));
    }
    if (samples < 2) {
        throw data_error(text("times has ", samples,
                              " values; time is counted between samples, so at least 2 are needed; pass more of the "
                              "recording"));
    }
    if (const auto first = static_cast<double>(times[std::size_t{0}]); !std::isfinite(first)) {
        throw data_error(text("times[0] is ", rounded(first), "; times must be finite; remove that sample"));
    }
}

[[noreturn]] inline void throw_times_do_not_increase(std::size_t i, double before, double time) {
    if (!std::isfinite(time)) {
        throw data_error(text("times[", i, "] is ", rounded(time), "; times must be finite; remove that sample"), i);
    }
    throw data_error(text("times[", i, "] is ", time, " after ", before,
                          "; times must increase; sort the samples by time and remove duplicates"),
                     i);
}

template <space Space, number_list Times, number_table Positions>
occupancy_result count_time(const Space& bins, const Times& times, const Positions& positions, double max_gap_s,
                            const std::vector<std::uint8_t>& slow) {
    const auto samples = static_cast<std::size_t>(times.size());
    occupancy_result out;
    out.seconds.resize(bins.bin_count());
    double* const seconds = out.seconds.data();
    time_account spent;
    auto start = static_cast<double>(times[std::size_t{0}]);
    for (std::size_t k = 0; k + 1 < samples; ++k) {
        const auto stop = static_cast<double>(times[k + 1]);
        const double duration_s = stop - start;
        if (!(duration_s > 0 && stop <= (std::numeric_limits<double>::max)())) {
            throw_times_do_not_increase(k + 1, start, stop);
        }
        const interval part = classify_interval(bins, positions, k, duration_s, max_gap_s, slow);
        switch (part.kind) {
        case interval_kind::counted:
            seconds[part.bin] += duration_s;
            spent.counted_s += duration_s;
            break;
        case interval_kind::gap: spent.in_gaps_s += duration_s; break;
        case interval_kind::lost: spent.lost_tracking_s += duration_s; break;
        case interval_kind::outside: spent.outside_space_s += duration_s; break;
        case interval_kind::slow: spent.too_slow_s += duration_s; break;
        }
        start = stop;
    }
    out.time = spent;
    return out;
}

} // namespace detail

/// How long the animal was in each bin. The time from a sample to the next counts in the bin of the first of the two;
/// the last sample adds none. An interval that is longer than `max_gap_s` or slower than `min_speed`, or that starts
/// without tracking or outside the space, counts nowhere.
///
/// Shape: one time per row of positions (n, 2). Units: seconds. Errors: data_error for lengths that differ, times that
/// do not increase (the index), fewer than 2 samples; invalid_value for options. Cost: one pass, some 10 ns per sample
/// on a grid; with min_speed a second one.
template <space Space, number_list Times, number_table Positions>
occupancy_result occupancy(const Space& bins, const Times& times, const Positions& positions,
                           const occupancy_options& options = {}) {
    detail::check_occupancy_options(options);
    detail::check_samples(times, positions);
    const auto slow = detail::slow_intervals(times, positions, options.max_gap_s, options.min_speed);
    return detail::count_time(bins, times, positions, options.max_gap_s, slow);
}

} // namespace fieldreel::inline v0

#endif
