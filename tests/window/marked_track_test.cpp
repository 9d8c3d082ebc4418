// SPDX-License-Identifier: MIT
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/window/marked_track.hpp>

namespace {

using namespace fieldreel;

TEST_CASE("the next and the previous instant, not counting one at the time itself") {
    const marked_track rewards{"rewards", event_times(std::vector<double>{1, 2, 2, 5})};
    CHECK(rewards.next(0) == time_range{1, 1});
    CHECK(rewards.next(1) == time_range{2, 2});
    CHECK(rewards.next(2) == time_range{5, 5});
    CHECK(!rewards.next(5));
    CHECK(rewards.previous(5) == time_range{2, 2});
    CHECK(!rewards.previous(1));
}

TEST_CASE("the next interval by its start, and of those that start together the longest") {
    const marked_track ripples{"ripples", interval(samples({10, 11, 3, 4, 3, 9, 20, 20}, 2), "ripples")};
    CHECK(ripples.next(0) == time_range{3, 9});
    CHECK(ripples.next(3) == time_range{10, 11});
    CHECK(ripples.next(10) == time_range{20, 20});
    CHECK(!ripples.next(20));
    CHECK(ripples.previous(10) == time_range{3, 9});
    CHECK(!ripples.previous(3));
}

} // namespace
