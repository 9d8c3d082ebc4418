// SPDX-License-Identifier: MIT
// Painting a field of 100 x 100 bins, all active or a disc of them, against a plain loop over the pixels.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/colormap/paint.hpp>

#include "support/claim.hpp"

namespace {

using fieldreel::colormap;
using fieldreel::image;
using fieldreel::rgba8;
using fieldreel::value_range;

constexpr std::size_t side = 100;
value_range range{0, 16}; // no constant: dividing by a known power of two would be a multiplication

/// A field and its index image. The values are such that float and double give the same colours.
template <class T>
struct scene {
    std::vector<std::int32_t> pixel_to_bin = std::vector<std::int32_t>(side * side, -1);
    std::vector<T> values;

    explicit scene(bool masked) {
        std::uint32_t state = 1;
        for (std::size_t x = 0; x < side; ++x) {
            for (std::size_t y = 0; y < side; ++y) {
                const double from_middle_x = static_cast<double>(x) - 49.5;
                const double from_middle_y = static_cast<double>(y) - 49.5;
                if (masked && from_middle_x * from_middle_x + from_middle_y * from_middle_y > 40 * 40) {
                    continue;
                }
                pixel_to_bin[(side - 1 - y) * side + x] = static_cast<std::int32_t>(values.size());
                state = state * 1664525u + 1013904223u;
                values.push_back(static_cast<T>(static_cast<double>(state >> 21) / 64 - 8)); // -8 … 24
            }
        }
    }
    bool shown_in(const std::vector<rgba8>& pixels, const colormap& map) const {
        for (std::size_t i = 0; i < pixels.size(); ++i) {
            const std::int32_t bin = pixel_to_bin[i];
            if (pixels[i] != (bin < 0 ? rgba8{} : color_of(values[static_cast<std::size_t>(bin)], map, range))) {
                return false;
            }
        }
        return true;
    }
};

template <class T, bool Masked>
void ours(benchmark::State& state) {
    const scene<T> shown(Masked);
    benchmark::DoNotOptimize(range);
    const colormap map;
    image picture({side, side});
    for (auto _ : state) {
        fieldreel::paint_indexed(shown.values, shown.pixel_to_bin, picture.shape(), map, range, picture.view());
        benchmark::DoNotOptimize(picture.view().pixels);
        benchmark::ClobberMemory();
    }
    if (!shown.shown_in({picture.pixels().begin(), picture.pixels().end()}, map)) {
        state.SkipWithError("a pixel is wrong");
    }
}

template <class T, bool Masked>
void plain_loop(benchmark::State& state) {
    const scene<T> shown(Masked);
    benchmark::DoNotOptimize(range);
    const value_range limits = range;
    const colormap map;
    std::vector<rgba8> pixels(side * side);
    for (auto _ : state) {
        for (std::size_t i = 0; i < pixels.size(); ++i) {
            const std::int32_t bin = shown.pixel_to_bin[i];
            if (bin < 0) {
                pixels[i] = rgba8{};
                continue;
            }
            const auto value = static_cast<double>(shown.values[static_cast<std::size_t>(bin)]);
            if (value != value) {
                pixels[i] = rgba8{};
                continue;
            }
            const double place = (std::min)((std::max)((value - limits.vmin) / (limits.vmax - limits.vmin), 0.0), 1.0);
            pixels[i] = map.table()[static_cast<std::uint8_t>(place * 255)];
        }
        benchmark::DoNotOptimize(pixels.data());
        benchmark::ClobberMemory();
    }
    if (!shown.shown_in(pixels, map)) {
        state.SkipWithError("a pixel is wrong");
    }
}

BENCHMARK(ours<float, false>)->Name("paint.100x100_float32/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(plain_loop<float, false>)->Name("paint.100x100_float32/peer")->Unit(benchmark::kMicrosecond);
BENCHMARK(ours<double, false>)->Name("paint.100x100_float64/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(plain_loop<double, false>)->Name("paint.100x100_float64/peer")->Unit(benchmark::kMicrosecond);
BENCHMARK(ours<float, true>)->Name("paint.100x100_disc_float32/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(plain_loop<float, true>)->Name("paint.100x100_disc_float32/peer")->Unit(benchmark::kMicrosecond);
BENCHMARK(ours<double, true>)->Name("paint.100x100_disc_float64/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(plain_loop<double, true>)->Name("paint.100x100_disc_float64/peer")->Unit(benchmark::kMicrosecond);
const bench::claim float32_claim{"paint.100x100_float32", "µs", ""};
const bench::claim float64_claim{"paint.100x100_float64", "µs", ""};
const bench::claim disc_float32_claim{"paint.100x100_disc_float32", "µs", ""};
const bench::claim disc_float64_claim{"paint.100x100_disc_float64", "µs", ""};

} // namespace
