// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/anchor.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

TEST_CASE("an anchor is a fixed point, an animal's position, or a keypoint") {
    const sample_times times(std::vector<double>{0, 0.125, 0.25});
    const samples path(std::vector<double>{0, 0, 1, 10, 2, 20}, 2);
    const anchor fixed(point_xy{3, 4});
    CHECK(fixed.at(-1e9) == point_xy{3, 4});
    const anchor moving(trajectory(times, path));
    CHECK(moving.at(0.0625) == point_xy{0.5, 5});
    CHECK(std::isnan(moving.at(0.3).x));
    const pose animal(times, {{.name = "nose", .positions = samples(std::vector<double>{9, 9, 9, 9, 9, 9}, 2)},
                              {.name = "tail", .positions = path}});
    const anchor tail(animal, "tail");
    CHECK(tail.at(0.0625) == point_xy{0.5, 5});
    CHECK(anchor(animal, "nose").at(0.0625) == point_xy{9, 9});
    CHECK(std::isnan(tail.at(0.3).y));
    CHECK(support::sentence_of<invalid_value>([&] { anchor(animal, "tial"); }) ==
          "the keypoint 'tial' was asked for; the pose has nose, tail; did you mean 'tail'?");
}

} // namespace
