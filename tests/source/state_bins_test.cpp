// SPDX-License-Identifier: MIT
#include <fieldreel/source/state_bins.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/combine.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>

#include "support/sentence.hpp"

namespace fr = fieldreel;
using fr::invalid_value;
using fr::state_bins;
using support::sentence_of;
using support::thrown_by;
using place_list = std::vector<std::size_t>;
using group_list = std::vector<std::vector<std::size_t>>;
using name_list = std::vector<std::string>;

namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

/// Two frames of a decoder with a no-spike state of one bin between two states over three bins.
fr::any_source stacked() {
    static const double frames[2][7] = {{0.10, 0.20, 0.05, 0.25, 0.15, 0.05, 0.20},
                                        {0.50, nan_value, 0.00, 0.25, 0.125, nan_value, 0.125}};
    return fr::generate<double>(
        2, 7, [](std::size_t i, std::span<double> out) { std::copy(frames[i], frames[i] + 7, out.begin()); });
}

const state_bins three({"continuous", "no-spike", "fragmented"}, {3, 1, 3});

std::vector<double> frame(const fr::any_source& source, std::size_t i) {
    std::vector<double> out(source.frame_size());
    source.visit([&](auto frames) {
        auto cursor = cursor_of(frames);
        const auto values = cursor.frame(i);
        out.assign(values.begin(), values.end());
    });
    return out;
}

} // namespace

TEST_CASE("state_bins: the places of equal states follow each other") {
    const state_bins states({"continuous", "fragmented"}, 3);
    CHECK(states.state_count() == 2);
    CHECK(states.names() == name_list{"continuous", "fragmented"});
    CHECK(states.bins() == place_list{3, 3});
    CHECK(states.frame_size() == 6);
    CHECK(states.space_bins() == 3);
    CHECK(states.columns_of("continuous") == place_list{0, 1, 2});
    CHECK(states.columns_of("fragmented") == place_list{3, 4, 5});
    CHECK(states.sum_groups() == group_list{{0, 3}, {1, 4}, {2, 5}});
    CHECK(states.probability_groups() == group_list{{0, 1, 2}, {3, 4, 5}});
    CHECK(states.summed() == name_list{"continuous", "fragmented"});
    CHECK(states.left_out().empty());
}

TEST_CASE("state_bins: a state with fewer bins has a probability and no place in the sum over space") {
    CHECK(three.frame_size() == 7);
    CHECK(three.space_bins() == 3);
    CHECK(three.columns_of("no-spike") == place_list{3});
    CHECK(three.columns_of("fragmented") == place_list{4, 5, 6});
    CHECK(three.sum_groups() == group_list{{0, 4}, {1, 5}, {2, 6}});
    CHECK(three.probability_groups() == group_list{{0, 1, 2}, {3}, {4, 5, 6}});
    CHECK(three.summed() == name_list{"continuous", "fragmented"});
    CHECK(three.left_out() == name_list{"no-spike"});
}

TEST_CASE("state_bins: one state, the sum, and P(state) of frames worked out by hand") {
    const fr::any_source frames = stacked();
    CHECK(frame(frames | fr::columns(three.columns_of("fragmented")), 0) == std::vector{0.15, 0.05, 0.20});

    const auto sum = frame(frames | fr::combine(three.sum_groups()), 0);
    REQUIRE(sum.size() == 3);
    CHECK(sum[0] == doctest::Approx(0.25));
    CHECK(sum[1] == doctest::Approx(0.25));
    CHECK(sum[2] == doctest::Approx(0.25));
    const auto later = frame(frames | fr::combine(three.sum_groups()), 1); // a bin without value stays without
    CHECK(later[0] == 0.625);
    CHECK(std::isnan(later[1]));
    CHECK(later[2] == 0.125);

    const auto chance = frames | fr::combine(three.probability_groups()) | fr::timed({.rate_hz = 500, .start_s = 2});
    CHECK(chance.frame_size() == 3);
    CHECK(chance.time_s(1) == 2.002);
    const auto first = frame(chance, 0);
    CHECK(first[0] == doctest::Approx(0.35));
    CHECK(first[1] == doctest::Approx(0.25));
    CHECK(first[2] == doctest::Approx(0.40));
    CHECK(frame(chance, 1) == std::vector{0.5, 0.25, 0.25});
}

TEST_CASE("state_bins: what cannot be is refused with a sentence") {
    CHECK(sentence_of<invalid_value>([] { state_bins({}, 3); }) ==
          "state_bins was given no states; give the name of each discrete state");
    CHECK(sentence_of<invalid_value>([] {
              state_bins({"a", "b"}, place_list{3});
          }) == "state_bins was given 2 names and 1 numbers of bins; give one number per state");
    CHECK(sentence_of<invalid_value>([] { state_bins({"a", ""}, 3); }) == "state 1 has an empty name; name each state");
    CHECK(sentence_of<invalid_value>([] {
              state_bins({"a", "b", "a"}, 3);
          }) == "states 0 and 2 are both named 'a'; the names of states must differ");
    CHECK(sentence_of<invalid_value>([] {
              state_bins({"a", "b"}, {3, 0});
          }) == "the state 'b' has 0 bins; a state has at least 1; leave it out");
    CHECK(sentence_of<invalid_value>([] { three.columns_of("Fragmentd"); }) ==
          "the state 'Fragmentd' was asked for; there are continuous, no-spike, fragmented; did you mean "
          "'fragmented'?");
    CHECK(thrown_by<invalid_value>([] { three.columns_of("x"); }).name() == "state");
    // A frame that is too short for the states is refused by columns and combine.
    CHECK(sentence_of<invalid_value>([] {
              state_bins wide({"a", "b"}, 4);
              stacked() | fr::columns(wide.columns_of("b"));
          }) == "columns was given column 7; a frame has 7 values (0-6)");
    CHECK(sentence_of<invalid_value>([] {
              state_bins wide({"a", "b"}, 4);
              stacked() | fr::combine(wide.probability_groups());
          }) == "combine was given column 7; a frame has 7 values (0-6)");
}
