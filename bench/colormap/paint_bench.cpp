// SPDX-License-Identifier: MIT
// Painting fields of 100 x 100 bins against a plain loop over the pixels; pictures larger than the caches against
// memcpy; a masked grid against a full one.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
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
BENCHMARK(ours<std::int16_t, false>)->Name("paint.100x100_int16/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(plain_loop<std::int16_t, false>)->Name("paint.100x100_int16/peer")->Unit(benchmark::kMicrosecond);
BENCHMARK(ours<std::uint8_t, false>)->Name("paint.100x100_uint8/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(plain_loop<std::uint8_t, false>)->Name("paint.100x100_uint8/peer")->Unit(benchmark::kMicrosecond);
BENCHMARK(ours<float, true>)->Name("paint.100x100_disc_float32/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(plain_loop<float, true>)->Name("paint.100x100_disc_float32/peer")->Unit(benchmark::kMicrosecond);
const bench::claim float32_claim{"paint.100x100_float32", "µs", ""};
const bench::claim float64_claim{"paint.100x100_float64", "µs", ""};
const bench::claim int16_claim{"paint.100x100_int16", "µs", ""};
const bench::claim uint8_claim{"paint.100x100_uint8", "µs", ""};
const bench::claim disc_float32_claim{"paint.100x100_disc_float32", "µs", ""};

// ---- a logarithmic scale ----

constexpr value_range log_range{0.5, 16};

void ours_log(benchmark::State& state) {
    const scene<float> shown(false);
    const colormap map;
    const fieldreel::paint_options options{.scaling = {.scale = fieldreel::value_scale::log}};
    image picture({side, side});
    for (auto _ : state) {
        fieldreel::paint_indexed(shown.values, shown.pixel_to_bin, picture.shape(), map, log_range, picture.view(),
                                 options);
        benchmark::DoNotOptimize(picture.view().pixels);
        benchmark::ClobberMemory();
    }
    for (std::size_t i = 0; i < shown.pixel_to_bin.size(); ++i) {
        const float value = shown.values[static_cast<std::size_t>(shown.pixel_to_bin[i])];
        if (picture.pixels()[i] != color_of(value, map, log_range, options)) {
            state.SkipWithError("a pixel is wrong");
        }
    }
}

void plain_log(benchmark::State& state) {
    const scene<float> shown(false);
    const colormap map;
    std::vector<rgba8> pixels(side * side);
    const double low = std::log(log_range.vmin);
    const double width = std::log(log_range.vmax) - low;
    for (auto _ : state) {
        for (std::size_t i = 0; i < pixels.size(); ++i) {
            const float value = shown.values[static_cast<std::size_t>(shown.pixel_to_bin[i])];
            const double place = (std::log(static_cast<double>(value)) - low) / width;
            pixels[i] = value > 0
                            ? map.table()[static_cast<std::uint8_t>((std::min)((std::max)(place, 0.0), 1.0) * 255)]
                            : rgba8{};
        }
        benchmark::DoNotOptimize(pixels.data());
        benchmark::ClobberMemory();
    }
}

BENCHMARK(ours_log)->Name("paint.100x100_log_vs_std_log/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(plain_log)->Name("paint.100x100_log_vs_std_log/peer")->Unit(benchmark::kMicrosecond);
const bench::claim log_claim{"paint.100x100_log_vs_std_log", "µs", "≥ 2"};

// ---- beyond the last-level cache ----

/// 16 million values and pixels, 64 MiB of each as float32 (FIELDREEL_BENCH_QUICK: an eighth), made when first used.
std::size_t large_count() {
    return (std::size_t{1} << 24) / (std::getenv("FIELDREEL_BENCH_QUICK") != nullptr ? 8 : 1);
}

const std::vector<float>& large_values() {
    static const std::vector<float> values = [] {
        std::vector<float> made(large_count());
        std::uint32_t state = 1;
        for (float& value : made) {
            state = state * 1664525u + 1013904223u;
            value = static_cast<float>(state >> 21) / 64 - 8; // -8 … 24
        }
        return made;
    }();
    return values;
}
std::vector<rgba8>& large_pixels() {
    static std::vector<rgba8> pixels(large_count());
    return pixels;
}

void copy_large(benchmark::State& state) {
    const std::vector<float>& values = large_values();
    std::vector<rgba8>& pixels = large_pixels();
    for (auto _ : state) {
        std::memcpy(static_cast<void*>(pixels.data()), values.data(), values.size() * sizeof(float));
        benchmark::ClobberMemory();
    }
    if (std::memcmp(pixels.data(), values.data(), values.size() * sizeof(float)) != 0) {
        state.SkipWithError("memcpy is wrong");
    }
}

void paint_large(benchmark::State& state, fieldreel::detail::paint_path path) {
    const std::vector<float>& values = large_values();
    std::vector<rgba8>& pixels = large_pixels();
    const colormap map;
    const std::size_t cols = 4096;
    for (auto _ : state) {
        fieldreel::detail::with_table(std::span<const float>(values), map, range, {},
                                      [&](const auto& scaled, const auto& table) {
                                          fieldreel::detail::paint_in_order(
                                              path, scaled, table, {pixels.data(), {values.size() / cols, cols}, cols});
                                      });
        benchmark::ClobberMemory();
    }
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        if (pixels[i] != color_of(values[i], map, range)) {
            state.SkipWithError("a pixel is wrong");
            break;
        }
    }
}

/// One claim for each path of this processor: the chosen one, and what others would be given.
const int large_claims = [] {
    using fieldreel::detail::paint_path;
    const auto add = [](const std::string& name, paint_path path, const std::string& target) {
        if (!fieldreel::detail::available(path)) {
            return;
        }
        bench::claim(name, "ms", target);
        benchmark::RegisterBenchmark((name + "/ours").c_str(), paint_large, path)->Unit(benchmark::kMillisecond);
        benchmark::RegisterBenchmark((name + "/peer").c_str(), copy_large)->Unit(benchmark::kMillisecond);
    };
    add("paint.large_float32_vs_memcpy", fieldreel::detail::best_paint_path(), "≤ 1.25");
    add("paint.large_float32_vs_memcpy_avx2", paint_path::avx2, "≤ 1.54");
    add("paint.large_float32_vs_memcpy_avx2_gather", paint_path::avx2_gather, "");
    add("paint.large_float32_vs_memcpy_portable", paint_path::portable, "");
    return 0;
}();

/// Frames of 100 x 100 bins or a disc of them, painted one after another into pictures that follow each other: more
/// values and pixels than the caches hold, one index image. Both show as many pixels, those without a bin included: so
/// the ratio is that per displayed pixel.
template <bool Masked>
void paint_frames(benchmark::State& state) {
    const scene<float> shown(Masked);
    const std::vector<float>& values = large_values();
    std::vector<rgba8>& pixels = large_pixels();
    const colormap map;
    const std::size_t frames = pixels.size() / (side * side);
    const std::size_t bins = shown.values.size();
    for (auto _ : state) {
        for (std::size_t frame = 0; frame < frames; ++frame) {
            fieldreel::paint_indexed(std::span(values).subspan(frame * bins, bins), shown.pixel_to_bin, {side, side},
                                     map, range, {pixels.data() + frame * side * side, {side, side}, side});
        }
        benchmark::ClobberMemory();
    }
    for (std::size_t i = 0; i < frames * side * side; ++i) {
        const std::int32_t bin = shown.pixel_to_bin[i % (side * side)];
        const rgba8 expected =
            bin < 0 ? rgba8{} : color_of(values[i / (side * side) * bins + static_cast<std::size_t>(bin)], map, range);
        if (pixels[i] != expected) {
            state.SkipWithError("a pixel is wrong");
            break;
        }
    }
}

BENCHMARK(paint_frames<true>)->Name("paint.masked_vs_full_grid/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(paint_frames<false>)->Name("paint.masked_vs_full_grid/peer")->Unit(benchmark::kMillisecond);
const bench::claim masked_claim{"paint.masked_vs_full_grid", "ms", "≤ 1.1"};

BENCHMARK(paint_frames<false>)->Name("paint.frames_vs_memcpy/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(copy_large)->Name("paint.frames_vs_memcpy/peer")->Unit(benchmark::kMillisecond);
const bench::claim frames_claim{"paint.frames_vs_memcpy", "ms", ""};

} // namespace
