// SPDX-License-Identifier: MIT
#include <fieldreel/session/overlay_facts.hpp>

#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/event_times.hpp>
#include <fieldreel/space/grid.hpp>

#include "support/recording_folder.hpp"

using namespace fieldreel;

namespace {
constexpr double none = std::numeric_limits<double>::quiet_NaN();
}

TEST_CASE("lost samples are counted by either coordinate") {
    CHECK(detail::lost_of(samples({1, 2, none, 3, 4, none, 5, 6}, 2)) == "2 of 4");
    CHECK(detail::lost_of(samples(std::vector<double>{1, none, 3})) == "1 of 3");
}

TEST_CASE("angles that can hardly be radians are told, others are not") {
    overlay_facts found;
    detail::examine_angles(samples(std::vector<double>{-3, none, 3.1}), found);
    CHECK(found.problems.empty());
    detail::examine_angles(samples(std::vector<double>{0, 90, 359}), found);
    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0] == "the angles span 359, over 7 rad; are they in degrees? fieldreel reads radians");
}

TEST_CASE("times that do not increase are told, with where") {
    overlay_facts found;
    detail::examine_times(sample_times(samples(std::vector<double>{0, 1, 2})), found);
    CHECK(found.problems.empty());
    detail::examine_times(event_times(samples(std::vector<double>{0, 1, 1})), found); // events may come at once
    CHECK(found.problems.empty());
    const support::recording_folder at;
    std::vector<double> times(100'000);
    for (std::size_t i = 0; i < times.size(); ++i) {
        times[i] = i == 50'001 ? 3 : static_cast<double>(i);
    }
    const samples mapped = samples::open_npy(at.npy("times.npy", times)); // nobody has read them all
    detail::examine_times(sample_times(mapped), found);
    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].find("time 50001 is 3 s after 50000 s") != std::string::npos);
}

TEST_CASE("positions beside the space are told, and pixels that are mapped into it are not") {
    const any_space space = grid::full({0, 0}, {10, 10}, {5, 5});
    const samples pixels({100, 100, 200, 200}, 2);
    overlay_facts found;
    detail::warn_outside(space, "the positions", pixels, found, affine_xy{.xx = 0.04, .yy = 0.04});
    CHECK(found.problems.empty());
    detail::warn_outside(space, "the positions", pixels, found);
    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].find("100 % of the positions lie outside the space") != std::string::npos);
    detail::warn_outside({}, "the positions", pixels, found);
    CHECK(found.problems.size() == 1);
}
