// SPDX-License-Identifier: MIT
// Spikes and seconds per bin, and their quotient, smoothed or not: the place field of a cell.
#ifndef FIELDREEL_SPACE_PLACE_FIELD_HPP
#define FIELDREEL_SPACE_PLACE_FIELD_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/occupancy.hpp>
#include <fieldreel/space/smoothing.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

/// How spikes and time become rates.
enum class place_field_method : std::uint8_t {
    binned,       ///< counts over seconds in each bin; with a bandwidth, these rates smoothed by diffusion
    gaussian_kde, ///< counts over seconds, both smoothed by distance first: across walls
    diffusion_kde ///< counts over seconds, both smoothed by diffusion first: around walls
};

struct place_field_options {
    place_field_method method = place_field_method::binned;
    /// The standard deviation of the smoothing, in the units of the positions; 0 = none, for binned only.
    double bandwidth = 0;
    double min_occupancy_s = 0; ///< bins with less time (before any smoothing) have no value
    double max_gap_s = 0.5;     ///< as in occupancy_options
    double min_speed = 0;       ///< as in occupancy_options
};

/// Spikes that no bin counts, by the first reason that holds.
struct discarded_spikes {
    std::size_t nan_time = 0;
    std::size_t outside_time = 0;  ///< before the first or after the last sample
    std::size_t in_gap = 0;        ///< the interval is longer than max_gap_s
    std::size_t lost_tracking = 0; ///< the interval's sample has a NaN
    std::size_t outside_space = 0; ///< the interval's sample, or the spike's own place, is in no bin
    std::size_t too_slow = 0;      ///< the interval is slower than min_speed
    std::size_t total() const noexcept {
        return nan_time + outside_time + in_gap + lost_tracking + outside_space + too_slow;
    }
    friend bool operator==(const discarded_spikes&, const discarded_spikes&) = default;
};

/// A cell's rate in each bin, and all it was made from.
struct place_field_result {
    std::vector<double> rate;          ///< Hz; NaN = no value
    std::vector<double> occupancy_s;   ///< never smoothed; they add up to time.counted_s
    std::vector<std::uint32_t> counts; ///< never smoothed; they add up to spikes_used
    time_account time;
    std::size_t spikes_used = 0;
    std::size_t spikes_without_rate = 0; ///< of those used, how many lie in bins that have no value
    discarded_spikes discarded;
    double peak_rate = std::numeric_limits<double>::quiet_NaN(); ///< Hz, of all bins; NaN when none has a value
    double mean_rate = std::numeric_limits<double>::quiet_NaN(); ///< Hz, spikes used over time counted: of no bins
    std::size_t bins_masked = 0;                                 ///< bins without a value
    std::optional<point_xy> bin_width = {};                      ///< of a grid's bins as made, along x and y
};

namespace detail {

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

inline std::string_view name_of(place_field_method method) noexcept {
    switch (method) {
    case place_field_method::gaussian_kde: return "gaussian_kde";
    case place_field_method::diffusion_kde: return "diffusion_kde";
    case place_field_method::binned: break;
    }
    return "binned";
}

inline void check_place_field_options(const place_field_options& options) {
    if (!(options.min_occupancy_s >= 0)) {
        throw invalid_value("min_occupancy_s", text("min_occupancy_s is ", rounded(options.min_occupancy_s),
                                                    "; it must be 0 or more seconds; use 0 for no limit"));
    }
    const bool may_be_zero = options.method == place_field_method::binned;
    if (!((may_be_zero ? options.bandwidth >= 0 : options.bandwidth > 0) && std::isfinite(options.bandwidth))) {
        throw invalid_value("bandwidth",
                            text("bandwidth is ", rounded(options.bandwidth), " for ", name_of(options.method),
                                 "; it must be ", may_be_zero ? "0 or a positive number" : "a positive number",
                                 " in the units of the positions; two bin widths are usual",
                                 may_be_zero ? ", 0 is no smoothing" : ", or use the method binned for no smoothing"));
    }
}

template <space Space>
void diffuse(const Space& bins, std::vector<value_pair>& values, const place_field_options& options) {
    const auto smooth = [&](const diffusion& by) {
        if (options.method == place_field_method::diffusion_kde) {
            by.to_densities(values); // spikes and seconds are amounts; rates are densities already
        }
        by.apply(values, options.bandwidth);
    };
    if (const grid* const lattice = grid_of(bins)) {
        smooth(diffusion(*lattice));
    } else if constexpr (shaped_space<Space>) {
        smooth(diffusion(bins));
    } else {
        throw invalid_value("method",
                            text("method is ", name_of(options.method), " with bandwidth ", rounded(options.bandwidth),
                                 ", but the space does not know which bins are neighbours; diffusion needs a "
                                 "shaped_space; pass the space itself instead of an any_space, or use gaussian_kde"));
    }
}

/// Fills in `rate` from counts and seconds.
template <space Space>
void make_rates(const Space& bins, place_field_result& out, const place_field_options& options) {
    constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
    const std::size_t count = out.occupancy_s.size();
    const auto enough_time = [&](std::size_t bin) { return out.occupancy_s[bin] >= options.min_occupancy_s; };
    out.rate.resize(count, no_value);
    const bool binned = options.method == place_field_method::binned;
    if (binned && options.bandwidth == 0) {
        for (std::size_t bin = 0; bin < count; ++bin) {
            if (out.occupancy_s[bin] > 0 && enough_time(bin)) {
                out.rate[bin] = static_cast<double>(out.counts[bin]) / out.occupancy_s[bin];
            }
        }
        return;
    }
    // A numerator and a denominator per bin, smoothed alike: rates and where there are any, or spikes and seconds.
    std::vector<value_pair> pairs(count);
    for (std::size_t bin = 0; bin < count; ++bin) {
        const auto spikes = static_cast<double>(out.counts[bin]);
        const double seconds = out.occupancy_s[bin];
        if (!binned) {
            pairs[bin] = {spikes, seconds};
        } else if (seconds > 0 && enough_time(bin)) {
            pairs[bin] = {spikes / seconds, 1};
        }
    }
    if (options.method == place_field_method::gaussian_kde) {
        gaussian_sums(bins, pairs, options.bandwidth);
    } else {
        diffuse(bins, pairs, options);
    }
    double most = 0;
    for (const value_pair& pair : pairs) {
        most = (std::max)(most, pair.second);
    }
    for (std::size_t bin = 0; bin < count; ++bin) {
        // Six bandwidths from any time a quotient says nothing: there is no value.
        const double least = out.occupancy_s[bin] > 0 ? 0 : 1e-8 * most;
        if (enough_time(bin) && pairs[bin].second > least) {
            out.rate[bin] = pairs[bin].first / pairs[bin].second;
        }
    }
}

} // namespace detail

/// The rate of a cell in each bin: spikes over seconds. A spike counts where the animal was at that moment, between the
/// samples around it; a spike in an interval that occupancy does not count is discarded, with its reason. A spike on
/// the last sample belongs to the last interval. Where the next sample is lost (NaN), a spike counts at the sample
/// before it, as its time does.
///
/// Without smoothing a bin without time has no rate (NaN), though a spike may have been counted there. Smoothing gives
/// bins that were never visited a rate from those around; farther than six bandwidths from any time (below 1e-8 of the
/// largest smoothed time) they have none. Diffusion stays within a connected part of the space: a part without time has
/// no rates. Bins with less than min_occupancy_s of their own have no rate, with any method.
///
/// Spikes need no order; in order they are faster. Units: seconds, Hz; bandwidth and speed in the positions' own.
/// Errors: as occupancy; invalid_value for options, and where diffusion is asked of a space that is not a shaped_space.
/// Cost: one pass over the samples, some 50 ns per spike; smoothing a grid of 2500 bins about a millisecond.
/// Source: neurospatial's compute_spatial_rate, whose diffusion is cut at 1e-6; this one is exact to 1e-9.
template <space Space, number_list Spikes, number_list Times, number_table Positions>
place_field_result place_field(const Space& bins, const Spikes& spike_times, const Times& times,
                               const Positions& positions, const place_field_options& options = {}) {
    detail::check_place_field_options(options);
    detail::check_occupancy_options({options.max_gap_s, options.min_speed});
    detail::check_samples(times, positions);
    const auto slow = detail::slow_intervals(times, positions, options.max_gap_s, options.min_speed);
    place_field_result out;
    {
        occupancy_result spent = detail::count_time(bins, times, positions, options.max_gap_s, slow);
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
        const auto part = detail::classify_interval(bins, positions, k, duration_s, options.max_gap_s, slow);
        switch (part.kind) {
        case detail::interval_kind::gap: ++out.discarded.in_gap; continue;
        case detail::interval_kind::lost: ++out.discarded.lost_tracking; continue;
        case detail::interval_kind::outside: ++out.discarded.outside_space; continue;
        case detail::interval_kind::slow: ++out.discarded.too_slow; continue;
        case detail::interval_kind::counted: break;
        }
        const point_xy place = detail::position_at(times, positions, k, at);
        if (const std::optional<std::size_t> bin = bins.bin_at(place.x, place.y)) {
            ++out.counts[*bin];
            ++out.spikes_used;
        } else {
            ++out.discarded.outside_space;
        }
    }
    detail::make_rates(bins, out, options);
    for (std::size_t bin = 0; bin < out.rate.size(); ++bin) {
        const double rate = out.rate[bin];
        if (rate != rate) {
            ++out.bins_masked;
            out.spikes_without_rate += out.counts[bin];
        } else if (!(out.peak_rate >= rate)) {
            out.peak_rate = rate;
        }
    }
    if (out.time.counted_s > 0) {
        out.mean_rate = static_cast<double>(out.spikes_used) / out.time.counted_s;
    }
    if (const grid* const lattice = detail::grid_of(bins)) {
        out.bin_width = point_xy{lattice->bin_width_x(), lattice->bin_width_y()};
    }
    return out;
}

} // namespace fieldreel::inline v0

#endif
