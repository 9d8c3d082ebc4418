// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/timed.hpp>

#include "support/archetypes.hpp"
#include "support/sentence.hpp"
#include "support/watched_source.hpp"

namespace fr = fieldreel;
using support::sentence_of;
using support::thrown_by;

TEST_CASE("frames with given times, and a gap") {
    const auto source = archetype::source{5, 4} | fr::timed(std::vector<double>{10, 11, 12, 20, 21});
    CHECK(source.frame_count() == 5);
    CHECK(source.frame_size() == 4);
    CHECK(source.time_s(3) == 20);
    CHECK(source.duration_s(0) == 1);
    CHECK(source.duration_s(2) == 1.5);
    CHECK(source.duration_s(4) == 1);
    CHECK(source.frame_at(10) == 0);
    CHECK(source.frame_at(11.999) == 1);
    CHECK(source.frame_at(13.4) == 2);
    CHECK(source.frame_at(21.9) == 4);
    for (const double nowhere : {9.99, 13.5, 19.9, 22.0, std::nan("")}) {
        CAPTURE(nowhere);
        CHECK_FALSE(source.frame_at(nowhere).has_value());
    }
}

TEST_CASE("frames at an even rate") {
    const auto source = archetype::source{300, 4} | fr::timed({.rate_hz = 30, .start_s = -2});
    CHECK(source.time_s(0) == -2);
    CHECK(source.time_s(60) == 0);
    CHECK(source.duration_s(299) == doctest::Approx(1.0 / 30));
    for (std::size_t i = 0; i < 300; ++i) {
        REQUIRE(source.frame_at(source.time_s(i)) == i);
    }
    CHECK_FALSE(source.frame_at(8.01).has_value());
    // the cursor is the base's own
    support::source_with_cursor base(10);
    base.asked().resident = {4};
    auto cursor = fr::cursor_of(base | fr::timed({.rate_hz = 30}));
    CHECK(cursor.nearest(0).value().index == 4);
}

TEST_CASE("one frame is valid for a second, or for what its rate says") {
    const auto source = archetype::source{1, 4} | fr::timed(std::vector<double>{100});
    CHECK(source.frame_at(100.99) == 0);
    CHECK_FALSE(source.frame_at(101).has_value());
    CHECK((archetype::source{1, 4} | fr::timed({.rate_hz = 4})).duration_s(0) == 0.25);
}

TEST_CASE("there must be one time per frame") {
    const auto refused = [] { (void)(archetype::source{5, 4} | fr::timed(std::vector<double>{1, 2, 3})); };
    CHECK(sentence_of<fr::data_error>(refused) == "there are 3 frame times for 5 frames; give one time per frame");
    CHECK(sentence_of<fr::data_error>([] {
              (void)fr::timed(std::vector<double>{1, 2, 2});
          }) == "times must increase: time 2 is 2 s after 2 s; sort the samples by time and remove duplicates");
    CHECK(thrown_by<fr::data_error>([] { (void)fr::timed(std::vector<double>{1, 2, 2}); }).index() == 2);
}

TEST_CASE("times given twice: the later ones count") {
    const auto source = archetype::timed_source{} | fr::timed({.rate_hz = 1}) | fr::timed({.rate_hz = 10});
    CHECK(source.time_s(9) == 0.9);
}
