// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>
#endif

#include <fieldreel/space/grid.hpp>

#include "../support/space_golden.hpp"

using namespace fieldreel;
using space_test::golden;
using space_test::positions_of;
using space_test::table;

static_assert(space<grid> && shaped_space<grid> && displayed_space<grid>);
static_assert(sizeof(grid) == sizeof(std::shared_ptr<int>));

namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

struct variant {
    std::string name;
    grid_options options;
    std::size_t bins = 0;
    std::size_t neighbour_pairs = 0;
};

std::vector<variant> variants() {
    return {
        {"default", {.bin_size = 4}, 483, 1776},
        {"nanrows", {.bin_size = 4}, 483, 1776},
        {"thr2", {.bin_size = 4, .count_threshold = 2}, 459, 1658},
        {"morph", {.bin_size = 4, .count_threshold = 3, .close = true, .fill = true, .dilate = true}, 500, 1867},
        {"fill", {.bin_size = 4, .fill = true}, 498, 1859},
        {"close", {.bin_size = 4, .count_threshold = 2, .close = true}, 395, 1435},
        {"dilate", {.bin_size = 4, .dilate = true}, 498, 1852},
        {"boundary", {.bin_size = 4, .add_boundary = true}, 483, 1776},
        {"aniso", {.bin_size = 4, .bin_size_y = 6.5}, 317, 590},
        {"full", {.bin_size = 4, .infer_active = false}, 500, 1867},
    };
}

std::vector<std::uint8_t> mask_of(const table& mask) {
    return {mask.values.begin(), mask.values.end()};
}

template <class Span>
std::vector<double> list(const Span& values) {
    return {values.begin(), values.end()};
}

std::vector<std::uint8_t> active_of(const grid& bins) {
    return {bins.active().begin(), bins.active().end()};
}

void check_centers(const grid& bins, const table& centers) {
    REQUIRE(bins.bin_count() == centers.shape(0));
    std::size_t wrong = 0;
    for (std::size_t bin = 0; bin < bins.bin_count(); ++bin) {
        wrong += bins.centers()[bin] == point_xy{centers(bin, 0), centers(bin, 1)} ? 0U : 1U;
    }
    CHECK(wrong == 0); // to the bit
}

std::size_t neighbour_pairs(const grid& bins, grid_connection connection) {
    std::size_t count = 0;
    for (std::size_t bin = 0; bin < bins.bin_count(); ++bin) {
        count += bins.neighbours(bin, connection).size();
    }
    return count / 2;
}

// bin_at from its definition.
std::optional<std::size_t> searched(const grid& bins, double x, double y) {
    const auto find = [](std::span<const double> edges, double at) -> std::optional<std::size_t> {
        if (std::isnan(at) || at < edges.front() || at >= edges.back()) {
            return std::nullopt;
        }
        return static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), at) - edges.begin() - 1);
    };
    const auto ix = find(bins.edges_x(), x);
    const auto iy = find(bins.edges_y(), y);
    if (!ix || !iy || bins.active()[*ix * bins.shape().n_y + *iy] == 0) {
        return std::nullopt;
    }
    const auto before = bins.active().first(*ix * bins.shape().n_y + *iy);
    return static_cast<std::size_t>(std::count(before.begin(), before.end(), 1));
}

table sampled(std::initializer_list<point_xy> points) {
    return positions_of(std::vector<point_xy>(points));
}

} // namespace

TEST_CASE("grid::from_samples: edges, mask and centres equal the forerunner's to the bit") {
    const auto positions = space_test::shared("golden/env_positions");
    if (!positions) {
        MESSAGE("skipped: golden/env_positions.npy is not in the shared folder");
        return;
    }
    for (const auto& [variant_name, options, bins, pairs] : variants()) {
        const std::string name = variant_name;
        CAPTURE(name);
        table samples = *positions;
        if (name == "nanrows") {
            samples(100, 0) = nan_value;
            samples(101, 1) = nan_value;
            samples(2500, 0) = samples(2500, 1) = nan_value;
        }
        const auto made = grid::from_samples(samples, options);
        CHECK(list(made.edges_x()) == golden("env_" + name + "_edges_x").values);
        CHECK(list(made.edges_y()) == golden("env_" + name + "_edges_y").values);
        CHECK(active_of(made) == mask_of(golden("env_" + name + "_mask")));
        CHECK(made.bin_count() == bins);
        check_centers(made, golden("env_" + name + "_centers"));
    }
}

TEST_CASE("grid: edges and a mask give the forerunner's centres and neighbours") {
    for (const auto& [variant_name, options, bins, pairs] : variants()) {
        const std::string name = variant_name;
        CAPTURE(name);
        const table mask = golden("env_" + name + "_mask");
        const grid made(golden("env_" + name + "_edges_x").values, golden("env_" + name + "_edges_y").values,
                        mask_of(mask));
        CHECK(made.shape() == grid_shape{mask.shape(0), mask.shape(1)});
        CHECK(made.bin_count() == bins);
        check_centers(made, golden("env_" + name + "_centers"));
        CHECK(neighbour_pairs(made, name == "aniso" ? grid_connection::sides : grid_connection::sides_and_corners) ==
              pairs);
        CHECK(made.volume(0) == doctest::Approx(name == "aniso" ? 24.743485406004844 : 15.583538577806367));
    }
}

// The golden masks again, from samples placed in the bins of two of them: needs no shared folder.
TEST_CASE("grid::from_samples: threshold, close, fill and dilate make the golden masks") {
    const auto often = mask_of(golden("env_thr2_mask"));
    const grid visited(golden("env_default_edges_x").values, golden("env_default_edges_y").values,
                       mask_of(golden("env_default_mask")));
    std::vector<point_xy> samples;
    for (std::size_t bin = 0; bin < visited.bin_count(); ++bin) {
        const grid_cell cell = visited.cell_of(bin);
        samples.insert(samples.end(), often[cell.ix * visited.shape().n_y + cell.iy] != 0 ? 3 : 1, visited.center(bin));
    }
    const table positions = positions_of(samples);
    for (const auto& [variant_name, options, bins, pairs] : variants()) {
        const std::string name = variant_name;
        if (name == "morph" || name == "aniso") { // other thresholds and bins than these samples are made for
            continue;
        }
        CAPTURE(name);
        CHECK(active_of(grid::from_samples(positions, options)) == mask_of(golden("env_" + name + "_mask")));
    }
}

TEST_CASE("grid: bin_at equals the forerunner's") {
    const grid bins(golden("env_default_edges_x").values, golden("env_default_edges_y").values,
                    mask_of(golden("env_default_mask")));
    const table points = golden("binat_points");
    const table expected = golden("binat_result");
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        const auto bin = bins.bin_at(points(i, 0), points(i, 1));
        CHECK((bin ? static_cast<double>(*bin) : -1) == expected[i]);
    }
}

TEST_CASE("grid: bin_at equals a binary search for every double, numbers, cells and display agree") {
    std::mt19937_64 engine(20240611);
    const auto uniform = [&](double low, double high) {
        return std::uniform_real_distribution<double>(low, high)(engine);
    };
    for (std::size_t round = 0; round < 60; ++round) {
        CAPTURE(round);
        const double offset = round % 4 == 0 ? 0 : std::pow(10.0, uniform(-3, 9)) * (round % 2 == 0 ? 1 : -1);
        const double width = std::pow(10.0, uniform(-3, 3));
        const std::size_t n_x = 1 + engine() % 40;
        const std::size_t n_y = 1 + engine() % 40;
        const grid whole =
            grid::full({offset, -offset}, {offset + width * static_cast<double>(n_x), -offset + 2 * width}, {n_x, n_y});
        std::vector<std::uint8_t> active(n_x * n_y);
        for (auto& cell : active) {
            cell = engine() % 3 != 0 ? 200 : 0;
        }
        active[engine() % active.size()] = 1;
        const grid bins(list(whole.edges_x()), list(whole.edges_y()), active);

        std::vector<double> xs{nan_value, infinity, -infinity, std::numeric_limits<double>::max(), 0.0, -0.0};
        std::vector<double> ys = xs;
        const auto around = [](std::vector<double>& out, std::span<const double> edges) {
            for (const double edge : edges) {
                out.insert(out.end(), {edge, std::nextafter(edge, -infinity), std::nextafter(edge, infinity)});
            }
        };
        around(xs, bins.edges_x());
        around(ys, bins.edges_y());
        for (std::size_t i = 0; i < 100; ++i) {
            xs.push_back(uniform(bins.bounds().low.x - width, bins.bounds().high.x + width));
            ys.push_back(uniform(bins.bounds().low.y - width, bins.bounds().high.y + width));
        }
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < 3 * (xs.size() + ys.size()); ++i) {
            const double x = xs[engine() % xs.size()];
            const double y = ys[engine() % ys.size()];
            wrong += bins.bin_at(x, y) == searched(bins, x, y) ? 0U : 1U;
        }
        CHECK(wrong == 0);

        std::size_t next = 0;
        const double precision = 1e-9 + 4e-16 * std::abs(offset) / (std::min)(bins.bin_width_x(), bins.bin_width_y());
        for (std::size_t ix = 0; ix < n_x; ++ix) {
            for (std::size_t iy = 0; iy < n_y; ++iy) {
                const auto bin = bins.bin_index(ix, iy);
                REQUIRE(bin.has_value() == (active[ix * n_y + iy] != 0));
                CHECK(bins.active()[ix * n_y + iy] == (bin ? 1 : 0));
                if (!bin) {
                    continue;
                }
                REQUIRE(*bin == next++); // x slow, y fast
                const point_xy center = bins.center(*bin);
                REQUIRE(bins.bin_at(center.x, center.y) == bin);
                REQUIRE(bins.cell_of(*bin) == grid_cell{ix, iy});
                const point_rc shown = bins.to_display(center);
                REQUIRE(std::abs(shown.row - static_cast<double>(n_y - 1 - iy)) < precision);
                REQUIRE(std::abs(shown.col - static_cast<double>(ix)) < precision);
                const point_xy back = bins.from_display(shown);
                REQUIRE(std::abs(back.x - center.x) < precision * bins.bin_width_x());
                REQUIRE(std::abs(back.y - center.y) < precision * bins.bin_width_y());
            }
        }
        CHECK(next == bins.bin_count());
        CHECK(bins.bin_index(n_x, 0) == std::nullopt);
        CHECK(bins.bin_index(0, n_y) == std::nullopt);
    }
}

TEST_CASE("grid: edges that are only nearly equal are searched as they are") {
    // As written by single precision: off by up to a thousandth of a bin.
    std::vector<double> edges;
    for (std::size_t i = 0; i <= 1000; ++i) {
        edges.push_back(0.1 * static_cast<double>(i) + (i % 3 == 0 || i == 1000 ? 0 : i % 2 == 0 ? 9e-5 : -9e-5));
    }
    const grid bins = grid::full(edges, {0, 1});
    for (const double edge : edges) {
        for (const double x : {edge, std::nextafter(edge, -1.0), std::nextafter(edge, 1e9)}) {
            REQUIRE(bins.bin_at(x, 0.5) == searched(bins, x, 0.5));
        }
    }
}

TEST_CASE("grid: bin centres lie on pixel centres, row 0 at the largest y, also outside the grid") {
    const grid bins = grid::full({10, 100}, {14, 106}, {4, 3}); // bins of 1 x 2
    CHECK(bins.bin_width_x() == 1);
    CHECK(bins.bin_width_y() == 2);
    CHECK(bins.display_shape() == image_shape{3, 4});
    CHECK(bins.bounds() == box_xy{{10, 100}, {14, 106}});
    CHECK(bins.to_display(10.5, 105) == point_rc{0, 0});
    CHECK(bins.to_display(point_xy{13.5, 101}) == point_rc{2, 3});
    CHECK(bins.to_display(10, 106) == point_rc{-0.5, -0.5}); // the corner of the grid is the corner of the image
    CHECK(bins.from_display(2.5, 3.5) == point_xy{14, 100});
    CHECK(bins.from_display(point_rc{-2, 6}) == point_xy{16.5, 109});
}

TEST_CASE("grid: neighbours, areas and outlines") {
    // 3 x 3 bins of 3 x 4, the last cell inactive
    const grid bins({0, 3, 6, 9}, {0, 4, 8, 12}, {1, 1, 1, 1, 1, 1, 1, 1, 0});
    const auto around = bins.neighbours(4);
    const std::vector<neighbour> all(around.begin(), around.end());
    CHECK(all == std::vector<neighbour>{{0, 5}, {1, 3}, {2, 5}, {3, 4}, {5, 4}, {6, 5}, {7, 3}});
    const auto beside = bins.neighbours(4, grid_connection::sides);
    CHECK(std::vector<neighbour>(beside.begin(), beside.end()) ==
          std::vector<neighbour>{{1, 3}, {3, 4}, {5, 4}, {7, 3}});
    CHECK(bins.neighbours(0).size() == 3);
    CHECK(bins.volume(4) == 12);
    CHECK(bins.shape_of(5) == std::array<point_xy, 4>{{{3, 8}, {6, 8}, {6, 12}, {3, 12}}});
}

TEST_CASE("grid::from_samples: takes xtensor arrays, views, single precision and integers") {
    const std::vector<point_xy> points{{0, 0}, {9, 0}, {9, 7}, {0, 7}, {4, 3}};
    const grid expected = grid::from_samples(positions_of(points), {.bin_size = 2});
    xt::xtensor<double, 2> array = xt::zeros<double>({5, 2});
    xt::xtensor<double, 2, xt::layout_type::column_major> columns = xt::zeros<double>({5, 2});
    xt::xtensor<float, 2> single = xt::zeros<float>({5, 2});
    xt::xtensor<int, 2> whole = xt::zeros<int>({5, 2});
    xt::xtensor<double, 2> wide = xt::zeros<double>({10, 4});
    std::vector<double> flat;
    for (std::size_t i = 0; i < points.size(); ++i) {
        array(i, 0) = columns(i, 0) = wide(2 * i, 1) = points[i].x;
        array(i, 1) = columns(i, 1) = wide(2 * i, 2) = points[i].y;
        single(i, 0) = static_cast<float>(points[i].x);
        single(i, 1) = static_cast<float>(points[i].y);
        whole(i, 0) = static_cast<int>(points[i].x);
        whole(i, 1) = static_cast<int>(points[i].y);
        flat.insert(flat.end(), {points[i].x, points[i].y});
    }
    const auto check = [&](const auto& positions) {
        const grid made = grid::from_samples(positions, {.bin_size = 2});
        CHECK(list(made.edges_x()) == list(expected.edges_x()));
        CHECK(list(made.edges_y()) == list(expected.edges_y()));
        CHECK(active_of(made) == active_of(expected));
    };
    check(array);
    check(columns);
    check(single);
    check(whole);
    check(xt::view(wide, xt::range(0, 10, 2), xt::range(1, 3)));
    check(xt::adapt(flat, std::vector<std::size_t>{5, 2}));
}

TEST_CASE("grid::from_samples: each sample makes its bin active, the threshold is exceeded, not reached") {
    const table line = sampled({{0, 5}, {10, 5}, {10, 5}, {20, 5}, {20, 5}, {20, 5}});
    const grid all = grid::from_samples(line, {.bin_size = 10}); // a straight track: one bin high
    CHECK(all.shape() == grid_shape{3, 1});
    CHECK(all.bounds() == box_xy{{-5, 0}, {25, 10}});
    CHECK(all.bin_count() == 3);
    CHECK(grid::from_samples(line, {.bin_size = 10, .count_threshold = 1}).bin_count() == 2);
    CHECK(grid::from_samples(line, {.bin_size = 10, .count_threshold = 2}).bin_at(20, 5) == 0);
    const grid ringed = grid::from_samples(line, {.bin_size = 10, .close = true, .add_boundary = true});
    CHECK(ringed.shape() == grid_shape{5, 3});
    CHECK(ringed.bin_count() == 3); // closing wears away nothing inside the ring
    CHECK(ringed.bin_at(-6, 5) == std::nullopt);
    const grid bare = grid::from_samples(line, {.bin_size = 10, .infer_active = false, .add_boundary = true});
    CHECK(bare.bin_count() == 3);
    CHECK(bare.bounds() == box_xy{{-15, -10}, {35, 20}});
}

TEST_CASE("grid::from_samples: close, fill and dilate equal their definitions on random arenas") {
    std::mt19937_64 engine(5);
    constexpr int n_x = 13;
    constexpr int n_y = 9;
    using cells = std::vector<std::uint8_t>;
    const auto at = [](const cells& from, int x, int y) {
        return x >= 0 && y >= 0 && x < n_x && y < n_y && from[static_cast<std::size_t>(x * n_y + y)] != 0;
    };
    const auto each = [](auto rule) {
        cells out;
        for (int x = 0; x < n_x; ++x) {
            for (int y = 0; y < n_y; ++y) {
                out.push_back(rule(x, y) ? 1 : 0);
            }
        }
        return out;
    };
    const auto around = [&](const cells& from, int x, int y, auto wanted) {
        for (int dx = -1; dx <= 1; ++dx) {
            for (int dy = -1; dy <= 1; ++dy) {
                if (wanted(from, x + dx, y + dy)) {
                    return true;
                }
            }
        }
        return false;
    };
    const auto active = [&](const cells& from, int x, int y) { return at(from, x, y); };
    const auto inactive = [&](const cells& from, int x, int y) { return !at(from, x, y); };
    const auto dilated = [&](const cells& from) {
        return each([&](int x, int y) { return around(from, x, y, active); });
    };
    const auto closed = [&](const cells& from) {
        const cells grown = dilated(from);
        return each([&](int x, int y) { return !around(grown, x, y, inactive); });
    };
    // Outside spreads over inactive cells until nothing changes.
    const auto filled = [&](const cells& from) {
        cells inside = each([](int, int) { return true; });
        for (bool changed = true; changed;) {
            const cells next = each([&](int x, int y) { return at(from, x, y) || !around(inside, x, y, inactive); });
            changed = next != inside;
            inside = next;
        }
        return inside;
    };
    for (std::size_t round = 0; round < 200; ++round) {
        CAPTURE(round);
        cells mask = each([&](int, int) { return engine() % 100 < 40 + round % 40; });
        mask.front() = mask.back() = 1; // they fix the range: the edges lie halfway between whole numbers
        std::vector<point_xy> points;
        for (int x = 0; x < n_x; ++x) {
            for (int y = 0; y < n_y; ++y) {
                points.insert(points.end(), at(mask, x, y) ? 1 : 0,
                              point_xy{static_cast<double>(x), static_cast<double>(y)});
            }
        }
        const table positions = positions_of(points);
        REQUIRE(active_of(grid::from_samples(positions, {.bin_size = 1})) == mask);
        CHECK(active_of(grid::from_samples(positions, {.bin_size = 1, .fill = true})) == filled(mask));
        CHECK(active_of(grid::from_samples(positions, {.bin_size = 1, .dilate = true})) == dilated(mask));
        const cells close = closed(mask);
        if (std::find(close.begin(), close.end(), 1) != close.end()) {
            CHECK(active_of(grid::from_samples(positions, {.bin_size = 1, .close = true})) == close);
            CHECK(active_of(
                      grid::from_samples(positions, {.bin_size = 1, .close = true, .fill = true, .dilate = true})) ==
                  dilated(filled(close)));
        }
    }
}

TEST_CASE("grid::from_samples: rows without tracking count for nothing, in either column") {
    const table tracked = sampled({{0, 0}, {10, 10}});
    const table flawed =
        sampled({{nan_value, 900}, {0, 0}, {-900, nan_value}, {10, 10}, {nan_value, nan_value}, {infinity, nan_value}});
    const grid expected = grid::from_samples(tracked, {.bin_size = 3});
    const grid made = grid::from_samples(flawed, {.bin_size = 3});
    CHECK(list(made.edges_x()) == list(expected.edges_x()));
    CHECK(list(made.edges_y()) == list(expected.edges_y()));
    CHECK(active_of(made) == active_of(expected));
}

TEST_CASE("grid::from_samples: a bin size that cannot be is refused with a sentence") {
    const table square = sampled({{0, 0}, {99.95, 0}, {99.95, 77.9}, {0, 77.9}});
    CHECK_THROWS_WITH_AS(
        grid::from_samples(square, {.bin_size = 0}),
        "bin_size is 0; it must be a positive number in the units of the positions; 1/25 of the arena is "
        "usual",
        invalid_value);
    CHECK_THROWS_WITH_AS(
        grid::from_samples(square, {.bin_size = -4}),
        "bin_size is -4; it must be a positive number in the units of the positions; 1/25 of the arena is "
        "usual",
        invalid_value);
    const std::string not_a_number =
        "bin_size is nan; it must be a positive number in the units of the positions; 1/25 of the arena is usual";
    CHECK_THROWS_WITH_AS(grid::from_samples(square, {.bin_size = nan_value}), not_a_number.c_str(), invalid_value);
    CHECK_THROWS_WITH_AS(grid::from_samples(square, {.bin_size = -nan_value}), not_a_number.c_str(), invalid_value);
    CHECK_THROWS_WITH_AS(grid::from_samples(square, {}), not_a_number.c_str(), invalid_value); // it is required
    CHECK_THROWS_WITH_AS(
        grid::from_samples(square, {.bin_size = infinity}),
        "bin_size is inf; it must be a positive number in the units of the positions; 1/25 of the arena is "
        "usual",
        invalid_value);
    CHECK_THROWS_WITH_AS(
        grid::from_samples(square, {.bin_size = 4, .bin_size_y = 0}),
        "bin_size_y is 0; it must be a positive number in the units of the positions; 1/25 of the arena is "
        "usual",
        invalid_value);
    CHECK_THROWS_WITH_AS(grid::from_samples(square, {.bin_size = 100}),
                         "bin_size 100 is larger than the arena, whose positions span 99.95 x 77.9; it must be "
                         "smaller; check that both are in the same units",
                         invalid_value);
    CHECK_THROWS_WITH_AS(grid::from_samples(square, {.bin_size = 100, .bin_size_y = 78}),
                         "bin_size 100 x 78 is larger than the arena, whose positions span 99.95 x 77.9; it must be "
                         "smaller; check that both are in the same units",
                         invalid_value);
    CHECK(grid::from_samples(square, {.bin_size = 90}).shape() == grid_shape{3, 2}); // wider than high is legal
    CHECK_THROWS_WITH_AS(grid::from_samples(square, {.bin_size = 0.005}),
                         "bin_size 0.005 makes a grid of 19991 x 15581 bins; at most 100000000 are allowed; use a "
                         "larger bin_size",
                         invalid_value);
    CHECK_THROWS_WITH_AS(grid::from_samples(square, {.bin_size = 1e-300}),
                         "bin_size 1e-300 makes a grid of 9.995e+301 x 7.79e+301 bins; at most 100000000 are allowed; "
                         "use a larger bin_size",
                         invalid_value);
    CHECK_THROWS_WITH_AS(grid::from_samples(sampled({{1e15, 0}, {1e15 + 100, 90}}), {.bin_size = 4}),
                         "bin_size 4 is below the precision of positions near 1e+15; bins must be distinct numbers; "
                         "subtract an offset from the positions",
                         invalid_value);
    try {
        grid::from_samples(square, {.bin_size = 4, .bin_size_y = -1});
        FAIL("a negative bin_size_y was accepted");
    } catch (const invalid_value& refused) {
        CHECK(refused.name() == "bin_size_y");
    }
}

TEST_CASE("grid::from_samples: positions that make no grid are refused with a sentence") {
    CHECK_THROWS_WITH_AS(grid::from_samples(table{{}, {0, 2}}, {.bin_size = 4}),
                         "positions has no rows; a grid needs samples that span an arena; pass the tracked positions",
                         data_error);
    CHECK_THROWS_WITH_AS(grid::from_samples(sampled({{nan_value, 1}, {1, nan_value}}), {.bin_size = 4}),
                         "all 2 positions are NaN; a grid needs tracked samples; check the tracking and its columns",
                         data_error);
    CHECK_THROWS_WITH_AS(grid::from_samples(sampled({{3, 4}}), {.bin_size = 4}),
                         "the only tracked position is (3, 4); a grid needs samples that span an arena; give more of "
                         "the recording, or the field's own grid (\"grid\" in session.json, grid::full)",
                         data_error);
    CHECK_THROWS_WITH_AS(grid::from_samples(sampled({{3, 4}, {3, 4}, {nan_value, 0}}), {.bin_size = 4}),
                         "all 2 tracked positions are (3, 4); a grid needs samples that span an arena; give more of "
                         "the recording, or the field's own grid (\"grid\" in session.json, grid::full)",
                         data_error);
    CHECK_THROWS_WITH_AS(grid::from_samples(table{{1, 2, 3, 4, 5, 6}, {2, 3}}, {.bin_size = 4}),
                         "positions has 3 columns; it must have 2, x and y; pass one row per sample and these two "
                         "columns only",
                         data_error);
    try {
        grid::from_samples(sampled({{0, 0}, {nan_value, infinity}, {10, 10}, {5, -infinity}}), {.bin_size = 4});
        FAIL("an infinite position was accepted");
    } catch (const data_error& refused) {
        CHECK(refused.index() == 3); // row 1 is lost tracking
        CHECK(std::string(refused.what()) ==
              "position 3 is (5, -inf); positions must be finite, or NaN where tracking was lost; set that row to NaN");
    }
    CHECK_THROWS_WITH_AS(grid::from_samples(sampled({{0, 0}, {1.7e308, 0}, {-1.7e308, 0}}), {.bin_size = 4}),
                         "position 1 is (1.7e+308, 0); positions must be finite, or NaN where tracking was lost; set "
                         "that row to NaN",
                         data_error);
}

TEST_CASE("grid::from_samples: options that leave no bin are refused with a sentence") {
    const table line = sampled({{0, 5}, {10, 5}, {10, 5}, {20, 5}, {20, 5}, {20, 5}});
    CHECK_THROWS_WITH_AS(grid::from_samples(line, {.bin_size = 10, .count_threshold = 3}),
                         "count_threshold 3 leaves no active bin: the fullest bin has 3 samples; use a count_threshold "
                         "below 3",
                         invalid_value);
    CHECK_THROWS_WITH_AS(grid::from_samples(line, {.bin_size = 10, .close = true}),
                         "close leaves no active bin of 3 x 1: closing takes away bins at the border of the grid; use "
                         "close = false or add_boundary = true",
                         invalid_value);
}

TEST_CASE("grid: edges and masks that make no grid are refused with a sentence") {
    const std::vector<double> good{0, 1, 2, 3};
    CHECK_THROWS_WITH_AS(grid::full({0, 1, 1, 3}, good),
                         "edges_x[2] is 1 after 1; edges must increase; sort them and remove duplicates and NaN",
                         data_error);
    CHECK_THROWS_WITH_AS(grid::full(good, {0, 1, nan_value, 3}),
                         "edges_y[2] is nan after 1; edges must increase; sort them and remove duplicates and NaN",
                         data_error);
    CHECK_THROWS_WITH_AS(grid::full({0, 1, infinity}, good),
                         "edges_x reaches from 0 to inf; edges must be finite and their bins wider than 0; correct the "
                         "ends",
                         data_error);
    CHECK_THROWS_WITH_AS(grid::full(good, {7}),
                         "edges_y has 1 values; a grid needs at least 2 edges, one more than bins; pass both ends of "
                         "each bin",
                         data_error);
    CHECK_THROWS_AS(grid::full(std::vector<double>{}, std::vector<double>{}), data_error);
    CHECK_THROWS_WITH_AS(grid::full({0, 1, 2.5, 3}, good),
                         "edges_x[2] is 2.5 where equal bins have 2; the bins of a grid are equally wide; use equal "
                         "bins, or write a space for others",
                         data_error);
    CHECK_THROWS_AS(grid::full({0, 1, 2.002, 3}, good), data_error);
    CHECK(grid::full({0, 1, 2.0005, 3}, good).bin_at(2.0002, 0) == 3); // below the third edge as it is
    CHECK_THROWS_WITH_AS(grid(good, good, {1, 1, 1, 1}),
                         "active has 4 values; a grid of 3 x 3 bins needs 9, x slow and y fast; check the order and "
                         "size of the mask",
                         data_error);
    CHECK_THROWS_WITH_AS(grid(good, good, std::vector<std::uint8_t>(9, 0)),
                         "active marks none of the 9 bins; at least one must be active; check the mask", data_error);
    CHECK_THROWS_WITH_AS(grid::full({0, 0}, {1, 1}, {0, 5}),
                         "a grid of 0 x 5 bins was asked for; both must be at least 1; pass counts of bins, not of "
                         "edges",
                         invalid_value);
    CHECK_THROWS_WITH_AS(grid::full({0, 0}, {1, 1}, {20'000, 10'000}),
                         "bins makes a grid of 20000 x 10000 bins; at most 100000000 are allowed; ask for fewer bins",
                         invalid_value);
    CHECK_THROWS_WITH_AS(grid::full({0, 5}, {1, 5}, {2, 2}),
                         "edges_y[1] is 5 after 5; edges must increase; sort them and remove duplicates and NaN",
                         data_error);
    try {
        grid::full({0, 1, 1, 3}, good);
    } catch (const data_error& refused) {
        CHECK(refused.index() == 2);
    }
}

TEST_CASE("grid: a copy shares everything") {
    const grid one = grid::full({0, 0}, {4, 3}, {4, 3});
    const grid two = one;
    CHECK(one.centers().data() == two.centers().data());
}
