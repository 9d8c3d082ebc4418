// SPDX-License-Identifier: MIT
#include <cmath>

#include <doctest/doctest.h>

#include <fieldreel/import/pose_tracks.hpp>

namespace fr = fieldreel;

TEST_CASE("pose_tracks: frames and missing points are counted") {
    const double nan = std::nan("");
    fr::pose_tracks poses;
    CHECK(poses.frames() == 0);
    poses.animals.push_back(
        {.name = "a", .keypoints = {"nose", "tail"}, .values = {1, 2, 1, nan, 4, 1, 5, 6, nan, 7, nan, 1}});
    CHECK(poses.frames() == 2);
    CHECK(poses.animals[0].missing() == 2); // a likelihood that is missing is no point
}
