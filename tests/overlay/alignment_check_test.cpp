// SPDX-License-Identifier: MIT
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/alignment_check.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr box_xy arena{{0, 0}, {100, 80}};

/// `inside` places in the arena's middle and `outside` at (640, 480).
samples mixed(std::size_t inside, std::size_t outside) {
    std::vector<double> out;
    for (std::size_t i = 0; i < inside + outside; ++i) {
        out.push_back(i < inside ? 50 : 640);
        out.push_back(i < inside ? 40 : 480);
    }
    return samples(std::move(out), 2);
}

TEST_CASE("places mostly outside the space are told with their per cent and both extents") {
    CHECK(!outside_space_warning("the positions", mixed(10, 0), arena));
    CHECK(!outside_space_warning("the positions", mixed(5, 5), arena));
    CHECK(outside_space_warning("the positions", mixed(4, 6), arena) ==
          "60 % of the positions lie outside the space: they span x 50 to 640, y 40 to 480, the space x 0 to 100, y 0 "
          "to 80; wrong units?");
    CHECK(outside_space_warning("the keypoint 'nose'", mixed(0, 3), arena)->substr(0, 45) ==
          "100 % of the keypoint 'nose' lie outside the ");
    // All is said of all alone.
    CHECK(outside_space_warning("the positions", mixed(1, 999), arena)->substr(0, 4) == "99 %");
    // On the border is inside, and so is what the calibration brings there.
    CHECK(!outside_space_warning("x", samples(std::vector<double>{0, 0, 100, 80, 100, 0}, 2), arena));
    CHECK(!outside_space_warning("x", mixed(0, 5), arena, affine_xy::scale(0.15)));
}

TEST_CASE("lost places are counted neither way") {
    CHECK(!outside_space_warning("x", samples(std::vector<double>{nan, 1, 1, nan}, 2), arena));
    CHECK(!outside_space_warning("x", samples(std::vector<double>{}, 2), arena));
    CHECK(outside_space_warning("x", samples(std::vector<double>{nan, 1, 1, nan, -5, 5}, 2), arena).has_value());
}

TEST_CASE("a long recording is looked at in so many places only") {
    // Every 4th sample is inside: with a quarter of the samples looked at, only those are seen.
    std::vector<double> xy;
    for (int i = 0; i < 400; ++i) {
        xy.push_back(i % 4 == 0 ? 50 : -50);
        xy.push_back(40);
    }
    const samples positions(xy, 2);
    CHECK(!outside_space_warning("x", positions, arena, {}, 100));
    CHECK(outside_space_warning("x", positions, arena, {}, 400).has_value());
    CHECK(outside_space_warning("x", positions, arena, {}, 0).has_value()); // all
}

TEST_CASE("positions of other than two columns are refused") {
    CHECK(support::sentence_of<data_error>([] {
              (void)outside_space_warning("x", samples(std::vector<double>{1, 2, 3}, 3), arena);
          }) == "positions have 3 columns; give two, x and y");
}

} // namespace
