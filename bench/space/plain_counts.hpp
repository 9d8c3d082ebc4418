// SPDX-License-Identifier: MIT
// The plain way, written from the definitions: a binary search in the edges for every sample and spike.
#ifndef FIELDREEL_BENCH_SPACE_PLAIN_COUNTS_HPP
#define FIELDREEL_BENCH_SPACE_PLAIN_COUNTS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <fieldreel/space/grid.hpp>

#include "space/long_recording.hpp"

namespace bench {

inline std::ptrdiff_t search(std::span<const double> edges, double at) {
    if (!(at >= edges.front() && at < edges.back())) {
        return -1;
    }
    return std::upper_bound(edges.begin(), edges.end(), at) - edges.begin() - 1;
}

inline std::ptrdiff_t search(const fieldreel::grid& bins, double x, double y) {
    const auto ix = search(bins.edges_x(), x);
    const auto iy = search(bins.edges_y(), y);
    if (ix < 0 || iy < 0) {
        return -1;
    }
    return bins.bin_of_cells()[static_cast<std::size_t>(ix) * bins.shape().n_y + static_cast<std::size_t>(iy)];
}

struct plain_result {
    std::vector<double> spikes;
    std::vector<double> seconds;
};

/// Spikes and seconds of each bin.
inline plain_result plain_counts(const fieldreel::grid& bins, const recording& in) {
    const std::size_t intervals = in.times.size() - 1;
    std::vector<std::ptrdiff_t> bin(intervals);
    plain_result out{std::vector<double>(bins.bin_count()), std::vector<double>(bins.bin_count())};
    for (std::size_t k = 0; k < intervals; ++k) {
        const double duration = in.times[k + 1] - in.times[k];
        bin[k] = duration <= 0.5 ? search(bins, in.positions(k, 0), in.positions(k, 1)) : -1;
        if (bin[k] >= 0) {
            out.seconds[static_cast<std::size_t>(bin[k])] += duration;
        }
    }
    for (const double at : in.spikes) {
        const auto next = std::upper_bound(in.times.begin(), in.times.end(), at) - in.times.begin();
        if (next == 0 || at > in.times.back()) {
            continue;
        }
        const auto k = std::min(static_cast<std::size_t>(next) - 1, intervals - 1);
        if (bin[k] < 0) {
            continue;
        }
        const double part = (at - in.times[k]) / (in.times[k + 1] - in.times[k]);
        double x = in.positions(k, 0) + part * (in.positions(k + 1, 0) - in.positions(k, 0));
        double y = in.positions(k, 1) + part * (in.positions(k + 1, 1) - in.positions(k, 1));
        if (std::isnan(x) || std::isnan(y)) {
            x = in.positions(k, 0);
            y = in.positions(k, 1);
        }
        if (const auto where = search(bins, x, y); where >= 0) {
            out.spikes[static_cast<std::size_t>(where)] += 1;
        }
    }
    return out;
}

} // namespace bench

#endif
