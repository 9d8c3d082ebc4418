// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/overlap.hpp>
#include <fieldreel/source/samples.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

TEST_CASE("the span of times is from the first to the last") {
    CHECK(time_span(sample_times({1, 2, 5})) == time_range{1, 5});
    CHECK(time_span(sample_times(std::vector<double>{3}, 2)) == time_range{5, 5});
    CHECK(!time_span(sample_times()).has_value());
}

TEST_CASE("which part of a range is covered") {
    CHECK(overlap_part({0, 10}, {0, 10}) == 1);
    CHECK(overlap_part({2, 4}, {0, 10}) == doctest::Approx(0.2));
    CHECK(overlap_part({-5, 1}, {0, 10}) == doctest::Approx(0.1));
    CHECK(overlap_part({9, 99}, {0, 10}) == doctest::Approx(0.1));
    CHECK(overlap_part({-5, 50}, {0, 10}) == 1);
    CHECK(overlap_part({10, 20}, {0, 10}) == 0);
    CHECK(overlap_part({11, 20}, {0, 10}) == 0);
    CHECK(overlap_part({0, 10}, {5, 5}) == 1);
    CHECK(overlap_part({0, 10}, {11, 11}) == 0);
    CHECK(overlap_part({5, 5}, {5, 5}) == 1);
}

TEST_CASE("nothing in common is refused with both ranges, a touch is not") {
    CHECK(support::sentence_of<data_error>([] {
              check_overlap("the spikes", {0, 12.5}, "the field", {100, 200});
          }) ==
          "the spikes (0 s to 12.5 s) and the field (100 s to 200 s) have no time in common; give both in seconds of "
          "one clock, or an offset_s");
    CHECK(
        support::sentence_of<data_error>([] {
            check_overlap("a", {5, 6}, "b", {1, 2});
        }) ==
        "a (5 s to 6 s) and b (1 s to 2 s) have no time in common; give both in seconds of one clock, or an offset_s");
    CHECK_NOTHROW(check_overlap("a", {0, 1}, "b", {1, 2}));
    CHECK_NOTHROW(check_overlap("a", {2, 3}, "b", {1, 2}));
    CHECK_NOTHROW(check_overlap("a", {1, 1}, "b", {1, 1}));
}

TEST_CASE("little in common is a sentence with the per cent") {
    CHECK(overlap_warning("the spikes", {0, 12.5}, "the field", {10, 50}) ==
          "of the field (10 s to 50 s) 6.3 % lies within the time of the spikes (0 s to 12.5 s); check the clocks, an "
          "offset_s moves one");
    CHECK(overlap_warning("a", {0, 1}, "b", {1, 2}) ==
          "of b (1 s to 2 s) 0 % lies within the time of a (0 s to 1 s); check the clocks, an offset_s moves one");
    CHECK(overlap_warning("a", {0, 5}, "b", {0, 10}).empty());
    CHECK(!overlap_warning("a", {0, 5}, "b", {0, 10}, 0.6).empty());
    CHECK(overlap_warning("a", {0, 5}, "b", {7, 10}).empty()); // check_overlap's matter
    CHECK(overlap_warning("a", {0, 5}, "b", {3, 3}).empty());
    CHECK(overlap_warning("the reward", {1800, 1800}, "the field", {0, 3600}).empty()); // one event
    CHECK(overlap_warning("the reward", {3600, 3600}, "the field", {0, 3600}).empty());
}

} // namespace
