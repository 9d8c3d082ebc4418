// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/space.hpp>

#include "../support/space_golden.hpp"

using namespace fieldreel;
using space_test::strip;

namespace {

struct strip_with_minus_one : strip {
    int bin_at(double x, double) const { return x < 0 ? -1 : 0; }
};
struct strip_without_bounds {
    std::size_t bin_count() const { return 3; }
    std::optional<std::size_t> bin_at(double, double) const { return {}; }
    point_xy center(std::size_t) const { return {}; }
};
struct strip_that_changes : strip {
    std::optional<std::size_t> bin_at(double, double) { return {}; }
};
struct strip_with_shapes : strip {
    std::vector<neighbour> neighbours(std::size_t bin) const {
        return bin == 1 ? std::vector<neighbour>{{0, 10}, {2, 10}} : std::vector<neighbour>{{1, 10}};
    }
    double volume(std::size_t) const { return 20; }
    std::vector<point_xy> shape_of(std::size_t) const { return {}; }
};
struct strip_in_box : strip {
    box_xy box;
    box_xy bounds() const { return box; }
};
struct strip_of_many : strip {
    std::size_t bin_count() const { return std::size_t{1} << 31; }
};
struct strip_that_lies : strip {
    std::size_t bin_count() const { return 2; }
};
struct strip_of_points : strip {
    box_xy bounds() const { return {{3, 4}, {3, 4}}; }
};

static_assert(space<strip> && !shaped_space<strip> && !displayed_space<strip>);
static_assert(!space<strip_with_minus_one> && !space<strip_without_bounds> && !space<strip_that_changes>);
static_assert(shaped_space<strip_with_shapes>);
static_assert(space<any_space> && displayed_space<any_space> && !shaped_space<any_space>);
static_assert(std::is_convertible_v<strip, any_space> && !std::is_convertible_v<strip_without_bounds, any_space>);
static_assert(std::is_nothrow_move_constructible_v<any_space> && sizeof(any_space) == sizeof(std::shared_ptr<int>));

} // namespace

TEST_CASE("any_space: holds none, or forwards to the space it was made from") {
    CHECK_FALSE(any_space{});
    const any_space bins = strip{};
    CHECK(bins);
    CHECK(bins.bin_count() == 3);
    CHECK(bins.bin_at(12, 1) == 1);
    CHECK(bins.bin_at(12, 3) == std::nullopt);
    CHECK(bins.bounds() == box_xy{{0, 0}, {30, 2}});
    CHECK(bins.center(2) == point_xy{25, 1});
    CHECK(bins.as_grid() == nullptr);
}

TEST_CASE("any_space: a copy shares the space and its index images") {
    const any_space one = grid::full({0, 0}, {4, 3}, {4, 3});
    const any_space two = one;
    REQUIRE(one.as_grid() != nullptr);
    CHECK(one.as_grid() == two.as_grid());
    CHECK(one.index_image() == two.index_image());
    CHECK(one.as_grid()->shape() == grid_shape{4, 3});
}

TEST_CASE("any_space: a space known by its bounds is shown in square pixels, 512 on the longer side") {
    const any_space bins = strip{};
    // 2 / (30 / 512) = 34.1 rows: the image is a little higher than the strip, and centred on it.
    CHECK(bins.display_shape() == image_shape{35, 512});
    const point_rc middle = bins.to_display({15, 1});
    CHECK(middle.row == doctest::Approx(17));
    CHECK(middle.col == doctest::Approx(255.5));
    CHECK(bins.to_display({15, 2}).row < middle.row); // y up, rows down
    CHECK(bins.to_display({0, 1}).col == doctest::Approx(-0.5));
    for (const point_xy at : {point_xy{0, 0}, point_xy{30, 2}, point_xy{7.3, 0.9}, point_xy{-5, 60}}) {
        const point_rc there = bins.to_display(at);
        const point_xy back = bins.from_display(there.row, there.col);
        CHECK(back.x == doctest::Approx(at.x));
        CHECK(back.y == doctest::Approx(at.y));
    }
}

TEST_CASE("any_space: bounds without height or without extent have a display all the same") {
    const any_space flat = strip_in_box{{}, {{0, 5}, {30, 5}}};
    CHECK(flat.display_shape() == image_shape{1, 512});
    CHECK(flat.from_display(0, 0).y == 5);
    const any_space point = strip_of_points{};
    CHECK(point.display_shape() == image_shape{1, 1});
    CHECK(point.from_display(0, 0) == point_xy{3, 4});
    CHECK(point.to_display({3, 4}) == point_rc{0, 0});
    CHECK(point.index_image()->size() == 1);
}

TEST_CASE("any_space: the index image holds the bin under each pixel's centre") {
    const any_space bins = strip{};
    const image_shape shape{7, 64}; // another size covers the same area
    const auto image = bins.index_image(shape);
    REQUIRE(image->size() == 7 * 64);
    const image_shape whole = bins.display_shape();
    std::set<std::int32_t> seen;
    for (std::size_t row = 0; row < shape.rows; ++row) {
        for (std::size_t col = 0; col < shape.cols; ++col) {
            const double display_row = (static_cast<double>(row) + 0.5) * static_cast<double>(whole.rows) / 7 - 0.5;
            const double display_col = (static_cast<double>(col) + 0.5) * static_cast<double>(whole.cols) / 64 - 0.5;
            const point_xy at = bins.from_display(display_row, display_col);
            const auto bin = bins.bin_at(at.x, at.y);
            CHECK((*image)[row * shape.cols + col] == (bin ? static_cast<std::int32_t>(*bin) : -1));
            seen.insert((*image)[row * shape.cols + col]);
        }
    }
    CHECK(seen == std::set<std::int32_t>{0, 1, 2});
    const auto taller = bins.index_image(); // 35 rows for a strip 34.1 pixels high: the outer rows still meet it
    CHECK(taller->size() == 35 * 512);
    CHECK(std::count(taller->begin(), taller->end(), 1) == doctest::Approx(35 * 512 / 3.0).epsilon(0.02));
}

TEST_CASE("any_space: the index image of a grid has a pixel per cell, row 0 at the largest y") {
    //  y=1: bin 1, inactive, bin 4      numbers: x slow, y fast
    //  y=0: bin 0, bin 2,    bin 3
    const any_space bins = grid({0, 1, 2, 3}, {0, 1, 2}, {1, 1, 1, 0, 1, 1});
    CHECK(bins.display_shape() == image_shape{2, 3});
    CHECK(*bins.index_image() == std::vector<std::int32_t>{1, -1, 4, 0, 2, 3});
    CHECK(*bins.index_image({4, 6}) == std::vector<std::int32_t>{1, 1, -1, -1, 4, 4, 1, 1, -1, -1, 4, 4, //
                                                                 0, 0, 2,  2,  3, 3, 0, 0, 2,  2,  3, 3});
    CHECK(*bins.index_image({1, 1}) == std::vector<std::int32_t>{-1}); // its centre lies on the edge above the cell
    CHECK(bins.index_image({0, 0})->empty());
}

TEST_CASE("any_space: an index image is made once per size, the last eight sizes are kept") {
    const any_space bins = strip{};
    const auto first = bins.index_image({10, 10});
    CHECK(bins.index_image({10, 10}) == first);
    CHECK(bins.index_image({10, 11}) != first);
    CHECK(first.use_count() == 2);
    for (std::size_t cols = 20; cols < 28; ++cols) {
        bins.index_image({10, cols});
    }
    CHECK(first.use_count() == 1); // dropped by the handle, still valid here
    CHECK(first->size() == 100);
    CHECK(*bins.index_image({10, 10}) == *first);
}

TEST_CASE("any_space: bin_at is asked once per pixel and size, whatever is painted afterwards") {
    struct counted : strip {
        std::shared_ptr<std::size_t> calls = std::make_shared<std::size_t>(0);
        std::optional<std::size_t> bin_at(double x, double y) const {
            ++*calls;
            return strip::bin_at(x, y);
        }
    };
    const counted behind;
    const any_space bins = behind;
    const any_space copy = bins;
    for (int i = 0; i < 5; ++i) {
        bins.index_image({10, 30});
        copy.index_image({10, 30});
    }
    CHECK(*behind.calls == 300);
    bins.index_image({20, 30});
    bins.index_image({10, 30});
    CHECK(*behind.calls == 900);
}

TEST_CASE("any_space: gives back the space it was made from, by its type") {
    const any_space bins = strip{};
    CHECK(bins.as<strip>() != nullptr);
    CHECK(bins.as<strip>()->center(2) == point_xy{25, 1});
    CHECK(bins.as<grid>() == nullptr);
    const any_space other = grid::full({0, 0}, {4, 3}, {4, 3});
    CHECK(other.as<grid>() == other.as_grid());
    CHECK(other.as<strip>() == nullptr);
}

TEST_CASE("any_space: threads that ask for the same index image get the same one") {
    const any_space bins = grid::full({0, 0}, {40, 30}, {40, 30});
    std::vector<std::shared_ptr<const std::vector<std::int32_t>>> images(8);
    {
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < images.size(); ++i) {
            threads.emplace_back([&, i] { images[i] = bins.index_image({300, 400}); });
        }
        for (auto& thread : threads) {
            thread.join();
        }
    }
    for (const auto& image : images) {
        CHECK(image == images[0]);
    }
}

TEST_CASE("any_space: bad spaces and sizes are refused with a sentence") {
    constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH_AS(
        (any_space{strip_in_box{{}, {{5, 0}, {0, 2}}}}),
        "the bounds of a space are (5, 0) to (0, 2); they must be finite, low before high; correct its "
        "bounds()",
        invalid_value);
    CHECK_THROWS_WITH_AS((any_space{strip_in_box{{}, {{nan_value, 0}, {30, 2}}}}),
                         "the bounds of a space are (nan, 0) to (30, 2); they must be finite, low before high; correct "
                         "its bounds()",
                         invalid_value);
    CHECK_THROWS_WITH_AS(any_space{strip_of_many{}},
                         "a space has 2147483648 bins; at most 2147483647 can be shown; use larger bins",
                         invalid_value);
    const any_space lies = strip_that_lies{};
    CHECK_THROWS_WITH_AS(
        lies.index_image({1, 3}),
        "bin_at(25, 1) gave bin 2 of a space of 2 bins; correct the space: bins are 0 to bin_count() - "
        "1",
        invalid_value);
    CHECK_THROWS_AS(lies.index_image({1, 3}), invalid_value); // and nothing half made was kept
    const any_space bins = strip{};
    CHECK_THROWS_WITH_AS(bins.index_image({20000, 20000}),
                         "an index image of 20000 rows x 20000 columns was asked for; at most 100000000 pixels are "
                         "allowed; draw smaller and enlarge the picture",
                         invalid_value);
}
