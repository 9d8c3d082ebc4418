// SPDX-License-Identifier: MIT
// Painting a field over cells (hexagons) against painting one over a grid of as many bins, into as many pixels: both go
// through an index image that was made before.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/colormap/paint.hpp>
#include <fieldreel/space/cells.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/space.hpp>

#include "support/claim.hpp"

namespace {

using fieldreel::any_space;
using fieldreel::colormap;
using fieldreel::image;
using fieldreel::image_shape;
using fieldreel::point_xy;
using fieldreel::rgba8;
using fieldreel::value_range;

const bench::claim registered{"paint.cells_vs_grid", "µs", "≤ 1.2"};

constexpr std::size_t bin_count = 2500;
constexpr image_shape shape{400, 400};
value_range range{0, 16}; // no constant: dividing by a known power of two would be a multiplication

/// 50 rows of 50 hexagons, corners up and down.
any_space hexagons() {
    const double radius = 2 / std::sqrt(3.0);
    std::vector<std::vector<point_xy>> shapes;
    for (std::size_t row = 0; row < 50; ++row) {
        for (std::size_t column = 0; column < 50; ++column) {
            std::vector<point_xy> one;
            for (int corner = 0; corner < 6; ++corner) {
                const double angle = std::numbers::pi / 6 + std::numbers::pi / 3 * corner;
                one.push_back(
                    {2 * static_cast<double>(column) + static_cast<double>(row % 2) + radius * std::cos(angle),
                     1.5 * radius * static_cast<double>(row) + radius * std::sin(angle)});
            }
            shapes.push_back(std::move(one));
        }
    }
    return fieldreel::cells(shapes);
}

any_space squares() {
    return fieldreel::grid::full({0, 0}, {100, 100}, {50, 50});
}

void paint_over(benchmark::State& state, const any_space& bins) {
    std::vector<float> values;
    std::uint32_t seed = 1;
    for (std::size_t bin = 0; bin < bins.bin_count(); ++bin) {
        seed = seed * 1664525u + 1013904223u;
        values.push_back(static_cast<float>(seed >> 21) / 64 - 8); // -8 … 24
    }
    benchmark::DoNotOptimize(range);
    const colormap map;
    image picture(shape);
    bins.index_image(shape);
    for (auto _ : state) {
        const auto pixel_to_bin = bins.index_image(shape);
        fieldreel::paint_indexed(values, *pixel_to_bin, shape, map, range, picture.view());
        benchmark::DoNotOptimize(picture.view().pixels);
        benchmark::ClobberMemory();
    }
    // Against the space itself: the bin under each pixel's centre.
    const image_shape whole = bins.display_shape();
    std::vector<bool> seen(bin_count);
    for (std::size_t row = 0; row < shape.rows; ++row) {
        for (std::size_t col = 0; col < shape.cols; ++col) {
            const auto middle = [](std::size_t pixel, std::size_t pixels, std::size_t of) {
                return (static_cast<double>(pixel) + 0.5) * (static_cast<double>(of) / static_cast<double>(pixels)) -
                       0.5;
            };
            const point_xy at =
                bins.from_display(middle(row, shape.rows, whole.rows), middle(col, shape.cols, whole.cols));
            const auto bin = bins.bin_at(at.x, at.y);
            if (picture.at(row, col) != (bin ? color_of(values[*bin], map, range) : rgba8{})) {
                state.SkipWithError("a pixel is wrong");
                return;
            }
            if (bin) {
                seen[*bin] = true;
            }
        }
    }
    for (const bool one : seen) {
        if (!one) {
            state.SkipWithError("a bin is not shown");
            return;
        }
    }
}

void over_cells(benchmark::State& state) {
    paint_over(state, hexagons());
}
void over_grid(benchmark::State& state) {
    paint_over(state, squares());
}
BENCHMARK(over_cells)->Name("paint.cells_vs_grid/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(over_grid)->Name("paint.cells_vs_grid/peer")->Unit(benchmark::kMicrosecond);

} // namespace
