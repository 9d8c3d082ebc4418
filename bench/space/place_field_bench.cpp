// SPDX-License-Identifier: MIT
// Smoothed place fields of a long recording (697 000 samples, 10 000 spikes, a box of 100 x 100): the whole way from
// positions to rates. The forerunner states 0.92 s for diffusion with bins of 4, and 7.4 s with bins of 2: absolute
// goals are a twentieth (46 ms) and a hundredth (74 ms) of that. The peer counts by binary search and smooths with a
// dense kernel, as the forerunner does; with bins of 2 such a kernel takes minutes, so that there is no peer.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <xtensor/xtensor.hpp>

#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/place_field.hpp>

#include "space/long_recording.hpp"
#include "space/plain_counts.hpp"
#include "support/claim.hpp"

namespace {

using bench::sample_count;
using bench::shared_recording;
using bench::spike_count;

using fieldreel::place_field_method;

const bench::claim diffusion_4_registered{"space.place_field_diffusion_4cm", "ms", "≥ 20"};
const bench::claim diffusion_2_registered{"space.place_field_diffusion_2cm", "ms", ""};
const bench::claim gaussian_2_registered{"space.place_field_gaussian_2cm", "ms", ""};
const bench::claim moving_registered{"space.place_field_moving_4cm", "ms", ""};
const bench::claim huge_registered{"space.diffusion_500x500_huge_bandwidth", "ms", ""};
const bench::claim apply_registered{"space.diffusion_vs_dense", "ms", "≥ 20"};

constexpr double bandwidth = 8;

fieldreel::grid grid_of(double bin_size) {
    return fieldreel::grid::from_samples(shared_recording().positions, {.bin_size = bin_size});
}

// Diffusion in small explicit steps, (I - t L / n)^n, extrapolated from n and 2 n: independent of the library's sums.
std::vector<double> stepped_rates(const fieldreel::grid& bins, const fieldreel::place_field_result& from) {
    const std::size_t count = bins.bin_count();
    const double time = bandwidth * bandwidth / 2;
    const auto spread = [&](int steps) {
        std::vector<std::pair<double, double>> now(count);
        for (std::size_t b = 0; b < count; ++b) {
            now[b] = {from.counts[b], from.occupancy_s[b]};
        }
        for (int k = 0; k < steps; ++k) {
            auto next = now;
            for (std::size_t b = 0; b < count; ++b) {
                for (const auto& other : bins.neighbours(b, fieldreel::grid_connection::sides)) {
                    const double flow = time / steps / (other.distance * other.distance);
                    next[b].first += flow * (now[other.bin].first - now[b].first);
                    next[b].second += flow * (now[other.bin].second - now[b].second);
                }
            }
            now.swap(next);
        }
        return now;
    };
    const auto coarse = spread(1000);
    const auto fine = spread(2000);
    std::vector<double> rates;
    for (std::size_t b = 0; b < count; ++b) {
        rates.push_back((2 * fine[b].first - coarse[b].first) / (2 * fine[b].second - coarse[b].second));
    }
    return rates;
}

std::vector<double> weighted_rates(const fieldreel::grid& bins, const fieldreel::place_field_result& from) {
    std::vector<double> rates;
    for (std::size_t a = 0; a < bins.bin_count(); ++a) {
        double spikes = 0;
        double seconds = 0;
        for (std::size_t b = 0; b < bins.bin_count(); ++b) {
            const double dx = bins.center(a).x - bins.center(b).x;
            const double dy = bins.center(a).y - bins.center(b).y;
            const double weight = std::exp(-(dx * dx + dy * dy) / (2 * bandwidth * bandwidth));
            spikes += weight * from.counts[b];
            seconds += weight * from.occupancy_s[b];
        }
        rates.push_back(spikes / seconds);
    }
    return rates;
}

bool agree(const std::vector<double>& a, const std::vector<double>& b, double precision) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](double x, double y) { return std::abs(x - y) <= precision * std::abs(y); });
}

// Made once: the runner calls a benchmark many times.
const std::vector<double>& expected_rates(double bin_size, const fieldreel::place_field_options& options) {
    static std::map<std::tuple<double, place_field_method, double>, std::vector<double>> made;
    auto& rates = made[{bin_size, options.method, options.min_speed}];
    if (rates.empty()) {
        const auto& in = shared_recording();
        const fieldreel::grid bins = grid_of(bin_size);
        // The counts themselves are checked in grid_bench.cpp and in the tests.
        const auto plain =
            fieldreel::place_field(bins, in.spikes, in.times, in.positions, {.min_speed = options.min_speed});
        rates = options.method == place_field_method::diffusion_kde ? stepped_rates(bins, plain)
                                                                    : weighted_rates(bins, plain);
    }
    return rates;
}

void whole_way(benchmark::State& state, double bin_size, const fieldreel::place_field_options& options) {
    const auto& in = shared_recording();
    const fieldreel::grid bins = grid_of(bin_size);
    const auto& expected = expected_rates(bin_size, options);
    const double precision = options.method == place_field_method::diffusion_kde ? 1e-5 : 1e-9;
    for (auto _ : state) {
        const auto made = fieldreel::place_field(bins, in.spikes, in.times, in.positions, options);
        if (!agree(made.rate, expected, precision)) {
            state.SkipWithError("rates differ from those made another way");
        }
    }
}

void diffusion_4(benchmark::State& state) {
    whole_way(state, 4, {.method = place_field_method::diffusion_kde, .bandwidth = bandwidth});
}
void diffusion_2(benchmark::State& state) {
    whole_way(state, 2, {.method = place_field_method::diffusion_kde, .bandwidth = bandwidth});
}
void gaussian_2(benchmark::State& state) {
    whole_way(state, 2, {.method = place_field_method::gaussian_kde, .bandwidth = bandwidth});
}
void moving_4(benchmark::State& state) {
    whole_way(state, 4, {.method = place_field_method::diffusion_kde, .bandwidth = bandwidth, .min_speed = 2});
}

// The smoothing alone, bins of 4. The peer makes the dense kernel, by squaring (I - t L / 2^n) times itself, and
// multiplies: what a call costs where no kernel is kept.
std::vector<fieldreel::detail::value_pair> values_of(std::size_t count) {
    std::vector<fieldreel::detail::value_pair> out(count);
    for (std::size_t b = 0; b < count; ++b) {
        out[b] = {b % 7 == 0 ? 3.0 : 0.0, 1 + static_cast<double>(b % 5)};
    }
    return out;
}

std::vector<fieldreel::detail::value_pair> dense_diffusion(const fieldreel::grid& bins,
                                                           const std::vector<fieldreel::detail::value_pair>& values) {
    constexpr int squarings = 16;
    const std::size_t count = bins.bin_count();
    const double time = bandwidth * bandwidth / 2 / (1 << squarings);
    std::vector<double> kernel(count * count);
    for (std::size_t a = 0; a < count; ++a) {
        kernel[a * count + a] = 1;
        for (const auto& other : bins.neighbours(a, fieldreel::grid_connection::sides)) {
            const double flow = time / (other.distance * other.distance);
            kernel[a * count + other.bin] = flow;
            kernel[a * count + a] -= flow;
        }
    }
    std::vector<double> square(count * count);
    for (int k = 0; k < squarings; ++k) {
        std::fill(square.begin(), square.end(), 0.0);
        for (std::size_t a = 0; a < count; ++a) {
            for (std::size_t b = 0; b < count; ++b) {
                const double weight = kernel[a * count + b];
                for (std::size_t c = 0; weight != 0 && c < count; ++c) {
                    square[a * count + c] += weight * kernel[b * count + c];
                }
            }
        }
        kernel.swap(square);
    }
    std::vector<fieldreel::detail::value_pair> out(count);
    for (std::size_t a = 0; a < count; ++a) {
        for (std::size_t b = 0; b < count; ++b) {
            out[a].first += kernel[a * count + b] * values[b].first;
            out[a].second += kernel[a * count + b] * values[b].second;
        }
    }
    return out;
}

// From positions to rates, the plain way.
void diffusion_4_peer(benchmark::State& state) {
    const fieldreel::grid bins = grid_of(4);
    const auto& expected = expected_rates(4, {.method = place_field_method::diffusion_kde, .bandwidth = bandwidth});
    for (auto _ : state) {
        const auto counted = bench::plain_counts(bins, shared_recording());
        std::vector<fieldreel::detail::value_pair> values;
        for (std::size_t b = 0; b < bins.bin_count(); ++b) {
            values.push_back({counted.spikes[b], counted.seconds[b]});
        }
        std::vector<double> rates;
        for (const auto& value : dense_diffusion(bins, values)) {
            rates.push_back(value.first / value.second);
        }
        if (!agree(rates, expected, 1e-3)) {
            state.SkipWithError("rates differ from those made another way");
        }
    }
}

// 250 000 bins, and a bandwidth as wide as the box, as by a mistake in the units. What comes out is nearly the mean.
void huge_bandwidth(benchmark::State& state) {
    const fieldreel::grid bins = fieldreel::grid::full({0, 0}, {500, 500}, {500, 500});
    const auto values = values_of(bins.bin_count());
    double mean = 0;
    for (const auto& value : values) {
        mean += value.first / static_cast<double>(values.size());
    }
    for (auto _ : state) {
        auto made = values;
        fieldreel::detail::diffusion(bins).apply(made, 1000);
        for (const auto& value : made) {
            if (!(std::abs(value.first - mean) < 1e-5 * mean)) {
                state.SkipWithError("values differ from their mean");
                break;
            }
        }
    }
}

void smoothing_ours(benchmark::State& state) {
    const fieldreel::grid bins = grid_of(4);
    const auto values = values_of(bins.bin_count());
    static const auto expected = dense_diffusion(bins, values);
    for (auto _ : state) {
        auto made = values;
        fieldreel::detail::diffusion(bins).apply(made, bandwidth);
        for (std::size_t b = 0; b < made.size(); ++b) {
            if (!(std::abs(made[b].first - expected[b].first) < 1e-3)) {
                state.SkipWithError("values differ from those of the dense kernel");
                break;
            }
        }
    }
}
void smoothing_peer(benchmark::State& state) {
    const fieldreel::grid bins = grid_of(4);
    const auto values = values_of(bins.bin_count());
    for (auto _ : state) {
        benchmark::DoNotOptimize(dense_diffusion(bins, values));
    }
}

BENCHMARK(diffusion_4)->Name("space.place_field_diffusion_4cm/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(diffusion_4_peer)->Name("space.place_field_diffusion_4cm/peer")->Unit(benchmark::kMillisecond);
BENCHMARK(huge_bandwidth)->Name("space.diffusion_500x500_huge_bandwidth/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(diffusion_2)->Name("space.place_field_diffusion_2cm/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(gaussian_2)->Name("space.place_field_gaussian_2cm/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(moving_4)->Name("space.place_field_moving_4cm/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(smoothing_ours)->Name("space.diffusion_vs_dense/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(smoothing_peer)->Name("space.diffusion_vs_dense/peer")->Unit(benchmark::kMillisecond);

} // namespace
