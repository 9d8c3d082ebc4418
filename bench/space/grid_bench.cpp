// SPDX-License-Identifier: MIT
// Bins from samples, places to bins, spikes to rates: a long recording (697 000 samples, 10 000 spikes, 4 cm bins)
// against the plain way, a binary search in the edges for every sample. Absolute goals: bin_at 10 ns per point (100
// million points per second and core); from_samples 18 ms (a twentieth of the 0.36 s that the forerunner states).
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>
#include <xtensor/xtensor.hpp>

#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/place_field.hpp>

#include "space/long_recording.hpp"
#include "space/plain_counts.hpp"
#include "support/claim.hpp"

namespace {

using bench::recording;
using bench::sample_count;
using bench::search;
using bench::shared_recording;
using bench::spike_count;

const bench::claim bin_at_registered{"space.bin_at", "ns/point", ""};
const bench::claim from_samples_registered{"space.from_samples_697k", "ms", ""};
const bench::claim place_field_registered{"space.place_field_binned_697k", "ms", ""};

constexpr double bin_size = 4;

struct plain_grid {
    std::vector<double> edges_x;
    std::vector<double> edges_y;
    std::vector<std::uint8_t> active;
};

plain_grid plain_from_samples(const xt::xtensor<double, 2>& positions) {
    plain_grid out;
    const auto edges = [&](std::size_t column) {
        double low = INFINITY;
        double high = -INFINITY;
        for (std::size_t i = 0; i < positions.shape(0); ++i) {
            if (!std::isnan(positions(i, 0)) && !std::isnan(positions(i, 1))) {
                low = std::min(low, positions(i, column));
                high = std::max(high, positions(i, column));
            }
        }
        low -= bin_size / 2;
        high += bin_size / 2;
        const auto bins = static_cast<std::size_t>(std::ceil((high - low) / bin_size));
        std::vector<double> made;
        for (std::size_t i = 0; i < bins; ++i) {
            made.push_back(low + static_cast<double>(i) * ((high - low) / static_cast<double>(bins)));
        }
        made.push_back(high);
        return made;
    };
    out.edges_x = edges(0);
    out.edges_y = edges(1);
    const std::size_t n_y = out.edges_y.size() - 1;
    out.active.resize((out.edges_x.size() - 1) * n_y);
    for (std::size_t i = 0; i < positions.shape(0); ++i) {
        const auto ix = search(out.edges_x, positions(i, 0));
        const auto iy = search(out.edges_y, positions(i, 1));
        if (ix >= 0 && iy >= 0) {
            out.active[static_cast<std::size_t>(ix) * n_y + static_cast<std::size_t>(iy)] = 1;
        }
    }
    return out;
}

std::vector<double> plain_place_field(const fieldreel::grid& bins, const recording& in) {
    const auto counted = bench::plain_counts(bins, in);
    std::vector<double> rate(bins.bin_count());
    for (std::size_t b = 0; b < rate.size(); ++b) {
        rate[b] = counted.seconds[b] > 0 ? counted.spikes[b] / counted.seconds[b] : std::nan("");
    }
    return rate;
}

const fieldreel::grid& shared_grid() {
    static const auto made = fieldreel::grid::from_samples(shared_recording().positions, {.bin_size = bin_size});
    return made;
}

// One point in ten lies outside.
const std::vector<fieldreel::point_xy>& shared_points() {
    static const auto made = [] {
        std::mt19937_64 engine(11);
        std::uniform_real_distribution<double> uniform(-5, 105);
        std::vector<fieldreel::point_xy> out(1'000'000);
        for (auto& point : out) {
            point = {uniform(engine), uniform(engine)};
        }
        return out;
    }();
    return made;
}

template <class Find>
void find_points(benchmark::State& state, Find find) {
    const auto& points = shared_points();
    std::size_t expected = 0;
    for (const auto& point : points) {
        expected += static_cast<std::size_t>(search(shared_grid(), point.x, point.y) + 1);
    }
    for (auto _ : state) {
        std::size_t sum = 0;
        for (const auto& point : points) {
            sum += find(point);
        }
        if (sum != expected) {
            state.SkipWithError("bins differ from those of a binary search");
        }
    }
    const auto count = static_cast<double>(points.size());
    state.counters["M points/s"] = benchmark::Counter(count / 1e6, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["value"] =
        benchmark::Counter(count / 1e9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void bin_at_ours(benchmark::State& state) {
    find_points(state, [&bins = shared_grid()](fieldreel::point_xy at) {
        const auto bin = bins.bin_at(at.x, at.y);
        return bin ? *bin + 1 : 0;
    });
}
void bin_at_peer(benchmark::State& state) {
    find_points(state, [&bins = shared_grid()](fieldreel::point_xy at) {
        return static_cast<std::size_t>(search(bins, at.x, at.y) + 1);
    });
}

void from_samples_ours(benchmark::State& state) {
    const auto expected = plain_from_samples(shared_recording().positions);
    for (auto _ : state) {
        const auto made = fieldreel::grid::from_samples(shared_recording().positions, {.bin_size = bin_size});
        const auto active = made.active();
        if (!std::equal(active.begin(), active.end(), expected.active.begin(), expected.active.end())) {
            state.SkipWithError("active bins differ from those counted the plain way");
        }
    }
}
void from_samples_peer(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(plain_from_samples(shared_recording().positions));
    }
}

void place_field_ours(benchmark::State& state) {
    const auto& in = shared_recording();
    const auto expected = plain_place_field(shared_grid(), in);
    for (auto _ : state) {
        const auto made = fieldreel::place_field(shared_grid(), in.spikes, in.times, in.positions);
        for (std::size_t b = 0; b < expected.size(); ++b) {
            if (!(std::abs(made.rate[b] - expected[b]) < 1e-9) &&
                !(std::isnan(made.rate[b]) && std::isnan(expected[b]))) {
                state.SkipWithError("rates differ from those made the plain way");
                break;
            }
        }
    }
}
void place_field_peer(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(plain_place_field(shared_grid(), shared_recording()));
    }
}

BENCHMARK(bin_at_ours)->Name("space.bin_at/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(bin_at_peer)->Name("space.bin_at/peer")->Unit(benchmark::kMillisecond);
BENCHMARK(from_samples_ours)->Name("space.from_samples_697k/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(from_samples_peer)->Name("space.from_samples_697k/peer")->Unit(benchmark::kMillisecond);
BENCHMARK(place_field_ours)->Name("space.place_field_binned_697k/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(place_field_peer)->Name("space.place_field_binned_697k/peer")->Unit(benchmark::kMillisecond);

} // namespace
