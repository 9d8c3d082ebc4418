// SPDX-License-Identifier: MIT
// Finding a range: all values of a large recording against their plain sum, and an estimate of 100 000 frames.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/colormap/value_range.hpp>

#include "support/claim.hpp"

namespace {

constexpr std::size_t frame_size = 10'000;

/// Numbers of more bytes than any cache holds (FIELDREEL_BENCH_QUICK: just more), made when first used.
const std::vector<float>& recording() {
    static const std::vector<float> values = [] {
        const std::size_t frames = std::getenv("FIELDREEL_BENCH_QUICK") != nullptr ? 4'000 : 20'000;
        std::vector<float> made(frames * frame_size);
        std::uint32_t state = 1;
        for (float& value : made) {
            state = state * 1664525u + 1013904223u;
            value = static_cast<float>(state >> 8) / 16777216.0f; // 0 … 1
        }
        made[made.size() / 3] = -2;
        made[made.size() / 2] = 3;
        return made;
    }();
    return values;
}

/// `frames` frames over the numbers above, from the start again where they end.
struct repeated_source {
    using value_type = float;
    std::span<const float> values;
    std::size_t frames = 0;
    std::size_t frame_count() const { return frames; }
    std::size_t frame_size() const { return ::frame_size; }
    std::span<const float> view(std::size_t i) const {
        return values.subspan(i % (values.size() / ::frame_size) * ::frame_size, ::frame_size);
    }
    void read(std::size_t first, std::span<float> out) const {
        for (std::size_t k = 0; k < out.size() / ::frame_size; ++k) {
            std::ranges::copy(view(first + k), out.subspan(k * ::frame_size).begin());
        }
    }
};

/// The fastest plain sum: sixteen running sums, emptied into a double after each block.
double fast_sum(std::span<const float> values) {
    constexpr std::size_t lanes = 16;
    constexpr std::size_t block = 16384;
    double total = 0;
    std::size_t first = 0;
    for (; first + block <= values.size(); first += block) {
        std::array<float, lanes> sums{};
        const float* const at = values.data() + first;
        for (std::size_t i = 0; i < block; i += lanes) {
            for (std::size_t k = 0; k < lanes; ++k) {
                sums[k] += at[i + k];
            }
        }
        for (const float sum : sums) {
            total += static_cast<double>(sum);
        }
    }
    for (; first < values.size(); ++first) {
        total += static_cast<double>(values[first]);
    }
    return total;
}

void measure(benchmark::State& state) {
    const repeated_source source{recording(), recording().size() / frame_size};
    fieldreel::value_range range;
    for (auto _ : state) {
        range = fieldreel::measure_range(source);
        benchmark::DoNotOptimize(range);
    }
    if (range != fieldreel::value_range{-2, 3}) {
        state.SkipWithError("measure_range is wrong");
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(recording().size() * sizeof(float)));
}
void sum(benchmark::State& state) {
    static const double expected = [] {
        double total = 0;
        for (const float value : recording()) {
            total += static_cast<double>(value);
        }
        return total;
    }();
    double total = 0;
    for (auto _ : state) {
        total = fast_sum(recording());
        benchmark::DoNotOptimize(total);
    }
    if (!(std::abs(total - expected) < 1e-5 * expected)) {
        state.SkipWithError("the sum is wrong");
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(recording().size() * sizeof(float)));
}
BENCHMARK(measure)->Name("range.measure_vs_sum/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(sum)->Name("range.measure_vs_sum/peer")->Unit(benchmark::kMillisecond);
const bench::claim measure_claim{"range.measure_vs_sum", "ms", "≤ 1.25"};

void estimate(benchmark::State& state) {
    const repeated_source source{recording(), 100'000};
    fieldreel::value_range range;
    for (auto _ : state) {
        range = fieldreel::estimate_range(source);
        benchmark::DoNotOptimize(range);
    }
    // The numbers are spread evenly over 0 … 1.
    if (!(std::abs(range.vmin - 0.01) < 0.001 && std::abs(range.vmax - 0.99) < 0.001)) {
        state.SkipWithError("estimate_range is wrong");
    }
}
BENCHMARK(estimate)->Name("range.estimate_100k/ours")->Unit(benchmark::kMillisecond);
const bench::claim estimate_claim{"range.estimate_100k", "ms", ""}; // goal: under 50 ms

} // namespace
