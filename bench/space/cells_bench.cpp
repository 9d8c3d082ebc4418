// SPDX-License-Identifier: MIT
// Painting a field over cells (hexagons) against painting one over a grid of as many bins, into as many pixels: both go
// through an index image that was made before. And the bin at a place, of hexagons and of a track.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/colormap/paint.hpp>
#include <fieldreel/space/cells.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/space.hpp>
#include <fieldreel/space/track.hpp>

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
const bench::claim cells_registered{"space.cells_bin_at", "ns/point", ""};
const bench::claim track_registered{"space.track_bin_at", "ns/point", ""};

constexpr std::size_t bin_count = 2500;
constexpr image_shape shape{400, 400};
value_range range{0, 16}; // no constant: dividing by a known power of two would be a multiplication

/// 50 rows of 50 hexagons, corners up and down.
fieldreel::cells hexagons() {
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

/// Places within [5, 90) x [5, 75), the same for everybody.
std::vector<point_xy> places() {
    std::vector<point_xy> out;
    std::uint32_t seed = 7;
    const auto uniform = [&] {
        seed = seed * 1664525u + 1013904223u;
        return static_cast<double>(seed >> 8) / 16777216;
    };
    for (std::size_t i = 0; i < 4096; ++i) {
        const double x = 5 + 85 * uniform();
        out.push_back({x, 5 + 70 * uniform()});
    }
    return out;
}

/// Finds the bins of all places; `slow` is another way to the same answer, tried for every 16th.
template <class Find, class Slow>
void find_all(benchmark::State& state, const Find& find, const Slow& slow) {
    const auto at = places();
    std::size_t sum = 0;
    for (auto _ : state) {
        for (const point_xy& one : at) {
            sum += find(one).value_or(0);
        }
        benchmark::DoNotOptimize(sum);
    }
    for (std::size_t i = 0; i < at.size(); i += 16) {
        if (find(at[i]) != slow(at[i])) {
            state.SkipWithError("a bin is wrong");
            return;
        }
    }
    state.counters["value"] =
        benchmark::Counter(static_cast<double>(at.size()) / 1e9,
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

/// The nearest centre: hexagons are the places nearer to it than to any other.
void cells_bin_at(benchmark::State& state) {
    const auto bins = hexagons();
    find_all(
        state, [&](point_xy at) { return bins.bin_at(at.x, at.y); },
        [&](point_xy at) {
            std::optional<std::size_t> nearest;
            double least = std::numeric_limits<double>::infinity();
            for (std::size_t bin = 0; bin < bins.bin_count(); ++bin) {
                const point_xy center = bins.center(bin);
                if (const double away = std::hypot(center.x - at.x, center.y - at.y); away < least) {
                    least = away;
                    nearest = bin;
                }
            }
            return nearest;
        });
}

/// A ladder of 20 rungs in bins of 2; most places are on it.
void track_bin_at(benchmark::State& state) {
    std::vector<point_xy> nodes;
    std::vector<fieldreel::track_edge> edges;
    for (std::size_t i = 0; i < 20; ++i) {
        const double y = 4 * static_cast<double>(i);
        nodes.push_back({0, y});
        nodes.push_back({95, y});
        edges.push_back({2 * i, 2 * i + 1});
        if (i > 0) {
            edges.push_back({2 * i - 2, 2 * i});
        }
    }
    const auto bins = fieldreel::track::from_graph(nodes, edges, {}, 0, {.bin_size = 2, .width = 3});
    find_all(
        state, [&](point_xy at) { return bins.bin_at(at.x, at.y); },
        [&](point_xy at) {
            const auto position = bins.linear_position(at.x, at.y, 1.5);
            return position ? bins.bin_at_linear(*position) : std::nullopt;
        });
}
BENCHMARK(cells_bin_at)->Name("space.cells_bin_at/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(track_bin_at)->Name("space.track_bin_at/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(over_cells)->Name("paint.cells_vs_grid/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(over_grid)->Name("paint.cells_vs_grid/peer")->Unit(benchmark::kMicrosecond);

} // namespace
