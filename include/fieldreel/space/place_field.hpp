// SPDX-License-Identifier: MIT
// Seconds spent and spikes fired per bin, and their quotient: the place field of a cell.
#ifndef FIELDREEL_SPACE_PLACE_FIELD_HPP
#define FIELDREEL_SPACE_PLACE_FIELD_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

/// Which intervals between samples count.
struct occupancy_options {
    double max_gap_s = 0.5; ///< a longer interval counts nowhere; infinity = no limit
};

/// Where the time of a recording went. The four add up to last minus first sample time. Units: seconds.
struct time_account {
    double counted_s = 0;
    double in_gaps_s = 0;       ///< intervals longer than max_gap_s
    double lost_tracking_s = 0; ///< the interval's sample has a NaN
    double outside_space_s = 0; ///< the interval's sample is in no bin
    double total_s() const noexcept { return counted_s + in_gaps_s + lost_tracking_s + outside_space_s; }
};

/// Seconds per bin, and what was left out.
struct occupancy_result {
    std::vector<double> seconds; ///< one per bin; they add up to time.counted_s
    time_account time;
};

/// How spikes and time become rates.
enum class place_field_method : std::uint8_t {
    binned ///< counts over seconds, each bin by itself
};

struct place_field_options {
    place_field_method method = place_field_method::binned;
    double min_occupancy_s = 0; ///< bins with less time have no value
    double max_gap_s = 0.5;     ///< as in occupancy_options
};

/// Spikes that no bin counts, by the first reason that holds.
struct discarded_spikes {
    std::size_t nan_time = 0;
    std::size_t outside_time = 0;  ///< before the first or after the last sample
    std::size_t in_gap = 0;        ///< the interval is longer than max_gap_s
    std::size_t lost_tracking = 0; ///< the interval's sample has a NaN
    std::size_t outside_space = 0; ///< the interval's sample, or the spike's own place, is in no bin
    std::size_t total() const noexcept { return nan_time + outside_time + in_gap + lost_tracking + outside_space; }
    friend bool operator==(const discarded_spikes&, const discarded_spikes&) = default;
};

/// A cell's rate in each bin, and all it was made from.
struct place_field_result {
    std::vector<double> rate;          ///< Hz; NaN = no value: no time there, or less than min_occupancy_s
    std::vector<double> occupancy_s;   ///< they add up to time.counted_s
    std::vector<std::uint32_t> counts; ///< they add up to spikes_used
    time_account time;
    std::size_t spikes_used = 0;
    std::size_t spikes_without_rate = 0; ///< of those used, how many lie in bins that have no value
    discarded_spikes discarded;
};

namespace detail {

enum class interval_kind : std::uint8_t { counted, gap, lost, outside };

struct interval {
    interval_kind kind;
    std::size_t bin; ///< where its time counts; only when counted
};

/// What the interval that starts at sample k is worth. One rule for time and for spikes: what leaves the denominator
/// leaves the numerator.
template <space Space, number_table Positions>
interval classify_interval(const Space& bins, const Positions& positions, std::size_t k, double duration_s,
                           double max_gap_s) {
    if (duration_s > max_gap_s) {
        return {interval_kind::gap, 0};
    }
    const auto x = static_cast<double>(positions(k, std::size_t{0}));
    const auto y = static_cast<double>(positions(k, std::size_t{1}));
    if (const std::optional<std::size_t> bin = bins.bin_at(x, y)) {
        return {interval_kind::counted, *bin};
    }
    return {x != x || y != y ? interval_kind::lost : interval_kind::outside, 0};
}

inline void check_max_gap(double max_gap_s) {
    if (!(max_gap_s > 0)) {
        throw invalid_value("max_gap_s", text("max_gap_s is ", rounded(max_gap_s),
                                              "; it must be positive, in seconds; use infinity for no limit"));
    }
}

template <number_list Times, number_table Positions>
std::size_t check_samples(const Times& times, const Positions& positions) {
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
    return samples;
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
occupancy_result count_time(const Space& bins, const Times& times, const Positions& positions, double max_gap_s) {
    check_max_gap(max_gap_s);
    const std::size_t samples = check_samples(times, positions);
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
        const interval part = classify_interval(bins, positions, k, duration_s, max_gap_s);
        switch (part.kind) {
        case interval_kind::counted:
            seconds[part.bin] += duration_s;
            spent.counted_s += duration_s;
            break;
        case interval_kind::gap: spent.in_gaps_s += duration_s; break;
        case interval_kind::lost: spent.lost_tracking_s += duration_s; break;
        case interval_kind::outside: spent.outside_space_s += duration_s; break;
        }
        start = stop;
    }
    out.time = spent;
    return out;
}

/// The last k < count - 1 with times[k] <= at, for times[0] <= at <= times[count - 1]. Starts at `from` and walks in
/// growing steps where that lies before `at`: spikes in order cost a few steps each.
template <number_list Times>
std::size_t interval_of(const Times& times, std::size_t count, double at, std::size_t from) {
    std::size_t low = static_cast<double>(times[from]) <= at ? from : 0; // times[low] <= at
    std::size_t high = count - 1;                                        // times[high] > at, or the last sample
    for (std::size_t step = 1; low != 0 && step < high - low; step *= 2) {
        if (static_cast<double>(times[low + step]) > at) {
            high = low + step;
            break;
        }
        low += step;
    }
    while (high - low > 1) {
        const std::size_t middle = low + (high - low) / 2;
        (static_cast<double>(times[middle]) <= at ? low : high) = middle;
    }
    return low;
}

/// Where the animal was at a time within interval k: linear between samples (as numpy.interp), on the sample itself
/// where the next one is lost.
template <number_list Times, number_table Positions>
point_xy position_at(const Times& times, const Positions& positions, std::size_t k, double at) {
    const auto axis = [&](std::size_t column) {
        const auto here = static_cast<double>(positions(k, column));
        const auto next = static_cast<double>(positions(k + 1, column));
        const auto start = static_cast<double>(times[k]);
        const auto stop = static_cast<double>(times[k + 1]);
        return at == stop ? next : (next - here) / (stop - start) * (at - start) + here;
    };
    const point_xy between{axis(0), axis(1)};
    if (between.x != between.x || between.y != between.y) {
        return {static_cast<double>(positions(k, std::size_t{0})), static_cast<double>(positions(k, std::size_t{1}))};
    }
    return between;
}

} // namespace detail

/// How long the animal was in each bin. The time from a sample to the next counts in the bin of the first of the two;
/// the last sample adds none. An interval longer than `max_gap_s`, or one that starts without tracking or outside the
/// space, counts nowhere.
///
/// Shape: one time per row of positions (n, 2). Units: seconds. Errors: data_error for lengths that differ, times that
/// do not increase (the index), fewer than 2 samples. Cost: one pass, about 5 ns per sample on a grid.
template <space Space, number_list Times, number_table Positions>
occupancy_result occupancy(const Space& bins, const Times& times, const Positions& positions,
                           const occupancy_options& options = {}) {
    return detail::count_time(bins, times, positions, options.max_gap_s);
}

/// The rate of a cell in each bin: spikes over seconds. A spike counts where the animal was at that moment, between the
/// samples around it; a spike in an interval that occupancy does not count is discarded, with its reason. A spike on
/// the last sample belongs to the last interval. Where the next sample is lost (NaN), a spike counts at the sample
/// before it, as its time does.
///
/// A bin without time has no rate (NaN), though a spike may have been counted there. Spikes need no order; in order
/// they are faster. Units: seconds, Hz. Errors: as occupancy, and invalid_value for options.
/// Cost: one pass over the samples, some 50 ns per spike.
/// Source: the binned rate of neurospatial's compute_spatial_rate, without smoothing.
template <space Space, number_list Spikes, number_list Times, number_table Positions>
place_field_result place_field(const Space& bins, const Spikes& spike_times, const Times& times,
                               const Positions& positions, const place_field_options& options = {}) {
    if (!(options.min_occupancy_s >= 0)) {
        throw invalid_value("min_occupancy_s",
                            detail::text("min_occupancy_s is ", detail::rounded(options.min_occupancy_s),
                                         "; it must be 0 or more seconds; use 0 for no limit"));
    }
    place_field_result out;
    {
        occupancy_result spent = detail::count_time(bins, times, positions, options.max_gap_s);
        out.occupancy_s = std::move(spent.seconds);
        out.time = spent.time;
    }
    out.counts.resize(out.occupancy_s.size());
    const auto samples = static_cast<std::size_t>(times.size());
    const auto first = static_cast<double>(times[std::size_t{0}]);
    const auto last = static_cast<double>(times[samples - 1]);
    std::size_t k = 0;
    const auto spikes = static_cast<std::size_t>(spike_times.size());
    for (std::size_t i = 0; i < spikes; ++i) {
        const auto at = static_cast<double>(spike_times[i]);
        if (at != at) {
            ++out.discarded.nan_time;
            continue;
        }
        if (at < first || at > last) {
            ++out.discarded.outside_time;
            continue;
        }
        k = detail::interval_of(times, samples, at, k);
        const double duration_s = static_cast<double>(times[k + 1]) - static_cast<double>(times[k]);
        const auto part = detail::classify_interval(bins, positions, k, duration_s, options.max_gap_s);
        if (part.kind != detail::interval_kind::counted) {
            ++(part.kind == detail::interval_kind::gap    ? out.discarded.in_gap
               : part.kind == detail::interval_kind::lost ? out.discarded.lost_tracking
                                                          : out.discarded.outside_space);
            continue;
        }
        const point_xy place = detail::position_at(times, positions, k, at);
        if (const std::optional<std::size_t> bin = bins.bin_at(place.x, place.y)) {
            ++out.counts[*bin];
            ++out.spikes_used;
        } else {
            ++out.discarded.outside_space;
        }
    }
    out.rate.resize(out.occupancy_s.size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t bin = 0; bin < out.rate.size(); ++bin) {
        const double seconds = out.occupancy_s[bin];
        if (seconds > 0 && seconds >= options.min_occupancy_s) {
            out.rate[bin] = static_cast<double>(out.counts[bin]) / seconds;
        } else {
            out.spikes_without_rate += out.counts[bin];
        }
    }
    return out;
}

} // namespace fieldreel::inline v0

#endif
