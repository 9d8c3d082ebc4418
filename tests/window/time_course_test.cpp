// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <limits>
#include <set>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/window/time_course.hpp>

#include "support/sentence.hpp"

namespace fr = fieldreel;

namespace {
/// Bin 0 is 0, bin 1 the frame's number; every seventh frame of bin 2 has no value.
fr::any_source numbers(std::size_t frames) {
    return fr::generate<double>(frames, 3,
                                [](std::size_t i, std::span<double> out) {
                                    out[0] = 0;
                                    out[1] = static_cast<double>(i);
                                    out[2] = i % 7 == 0 ? std::numeric_limits<double>::quiet_NaN() : 1;
                                }) |
           fr::timed({.rate_hz = 10, .start_s = 0});
}
const auto always = [](double) { return true; };
} // namespace

TEST_CASE("at the end every column has its exact extremes, however many frames fall into it") {
    for (const std::size_t frames : {1u, 2u, 10u, 99u, 2048u, 2049u, 10'007u}) {
        CAPTURE(frames);
        const fr::any_source source = numbers(frames);
        const fr::time_range all{0, static_cast<double>(frames) / 10};
        fr::time_course course(source, 1, all, 50);
        CHECK(course.read(always));
        fr::course_reading got;
        course.copy_to(got);
        CHECK(got.complete());
        CHECK(got.frames_read == frames);
        CHECK(got.low == 0);
        CHECK(got.high == static_cast<double>(frames - 1));
        std::vector<fr::course_column> wanted(50);
        for (std::size_t i = 0; i < frames; ++i) { // in their order
            const double part = source.time_s(i) * (50 / all.stop_s);
            fr::course_column& to = wanted[static_cast<std::size_t>(std::min(std::floor(part), 49.0))];
            to.low = std::isnan(to.low) ? static_cast<double>(i) : to.low;
            to.high = static_cast<double>(i);
        }
        CHECK(got.columns == wanted);
    }
}

TEST_CASE("a course shows its shape long before all is read, and can be broken off") {
    fr::time_course course(numbers(100'000), 1, {0, 10'000}, 100);
    CHECK_FALSE(course.read([](double part) { return part < 0.02; }));
    fr::course_reading got;
    course.copy_to(got);
    CHECK_FALSE(got.complete());
    CHECK(got.frames_read < 3000);
    for (std::size_t i = 0; i < 100; ++i) {
        CHECK(got.columns[i].low >= 1000.0 * static_cast<double>(i));
        CHECK(got.columns[i].high < 1000.0 * static_cast<double>(i + 1));
    }
}

TEST_CASE("frames without a value and outside the shown times leave no mark") {
    fr::time_course course(numbers(100), 2, {2, 4}, 4);
    CHECK(course.read(always));
    fr::course_reading got;
    course.copy_to(got);
    CHECK(got.complete());
    CHECK(got.low == 1);
    CHECK(got.high == 1);
    fr::time_course none(numbers(1), 2, {0, 1}, 4);
    none.read(always);
    none.copy_to(got);
    CHECK(std::isnan(got.low));
    CHECK(std::isnan(got.columns[0].high));
}

TEST_CASE("what has no course is refused with a sentence") {
    CHECK(support::sentence_of<fr::invalid_value>([] {
              fr::time_course(numbers(3), 3, {0, 1}, 10);
          }) == "the time course of bin 3 was asked for; there are 3 bins, counted from 0");
    CHECK(support::sentence_of<fr::invalid_value>([] {
              fr::time_course(numbers(3), 0, {1, 1}, 10);
          }) == "a time course of 10 columns from 1 s to 1 s was asked for; give some, and the start first");
}
