// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/heading.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double pi = std::numbers::pi;

std::vector<vertex> draw(const heading& drawing, double time_s) {
    canvas out;
    drawing.build({.time_s = time_s}, out);
    if (out.shapes().empty()) {
        return {};
    }
    REQUIRE(out.shapes().size() == 1);
    CHECK(out.shapes()[0].kind == shape_kind::arrow);
    const auto vertices = out.vertices(out.shapes()[0]);
    return {vertices.begin(), vertices.end()};
}

sample_times times_of(std::vector<double> times) {
    return sample_times(std::move(times));
}
samples angles_of(std::vector<double> angles) {
    return samples(std::move(angles));
}

TEST_CASE("0 points along +x, and angles go counter-clockwise") {
    const heading drawing(times_of({0, 0.1}), angles_of({0, pi / 2}), point_xy{10, 20}, {.length = 4});
    const auto east = draw(drawing, 0);
    REQUIRE(east.size() == 2);
    CHECK(east[0].x == 10);
    CHECK(east[0].y == 20);
    CHECK(east[1].x == doctest::Approx(14));
    CHECK(east[1].y == doctest::Approx(20));
    const auto north = draw(drawing, 0.1);
    CHECK(north[1].x == doctest::Approx(10));
    CHECK(north[1].y == doctest::Approx(24));
    CHECK(drawing.angle_at(0.05) == doctest::Approx(pi / 4));
}

TEST_CASE("a heading wraps: from 179 to -179 degrees it turns by two degrees, through 180") {
    const double degree = pi / 180;
    const heading drawing(times_of({0, 0.1}), angles_of({179 * degree, -179 * degree}), point_xy{}, {});
    CHECK(drawing.angle_at(0.025) == doctest::Approx(179.5 * degree));
    CHECK(drawing.angle_at(0.075) == doctest::Approx(-179.5 * degree));
    CHECK(std::abs(drawing.angle_at(0.05)) == doctest::Approx(pi));
}

TEST_CASE("the offset is added, and the result stays within half a turn") {
    const heading drawing(times_of({0, 0.1}), angles_of({3, 4}), point_xy{}, {.offset_rad = 1});
    CHECK(drawing.angle_at(0) == doctest::Approx(4 - 2 * pi));
    CHECK(drawing.angle_at(0.05) == doctest::Approx(4.5 - 2 * pi));
    const heading turned(times_of({0}), angles_of({0}), point_xy{1, 1}, {.length = 2, .offset_rad = pi / 2});
    CHECK(draw(turned, 0)[1].x == doctest::Approx(1));
    CHECK(draw(turned, 0)[1].y == doctest::Approx(3));
}

TEST_CASE("the arrow starts where the animal is, at its own sample times") {
    const trajectory path(times_of({0, 0.125, 0.25}), samples(std::vector<double>{0, 0, 1, 10, 2, 20}, 2));
    const heading drawing(times_of({0, 0.2}), angles_of({0, 0}), path, {.length = 1});
    const auto arrow = draw(drawing, 0.0625);
    CHECK(arrow.at(0).x == 0.5);
    CHECK(arrow.at(0).y == 5);
    CHECK(arrow.at(1).x == 1.5);
}

TEST_CASE("no arrow in gaps, outside, where tracking or the angle is lost, and between opposite angles") {
    const trajectory path(times_of({0, 0.1, 0.2, 0.3, 0.4, 1.4, 1.5}),
                          samples(std::vector<double>{0, 0, 1, 1, nan, nan, 3, 3, 4, 4, 5, 5, 6, 6}, 2));
    const heading drawing(times_of({0, 0.1, 0.2, 0.3, 0.4, 1.4, 1.5}), angles_of({0, 0.1, 0.2, 0.3, nan, 1, 1 + pi}),
                          path, {});
    CHECK(draw(drawing, 0.05).size() == 2);
    CHECK(draw(drawing, -0.01).empty());
    CHECK(draw(drawing, 1.51).empty());
    CHECK(draw(drawing, 0.15).empty()); // position lost
    CHECK(draw(drawing, 0.35).empty()); // angle lost
    CHECK(draw(drawing, 0.9).empty());  // gap
    CHECK(draw(drawing, 1.4).size() == 2);
    CHECK(draw(drawing, 1.45).empty()); // opposite
    CHECK(std::isnan(drawing.angle_at(0.9)));
    CHECK(std::isnan(drawing.angle_at(1.45)));
    CHECK(std::isnan(heading(sample_times(), samples(), point_xy{}).angle_at(0)));
}

TEST_CASE("the maximum gap of the angles is an option") {
    const heading patient(times_of({0, 1}), angles_of({0, 1}), point_xy{}, {.max_gap_s = 1});
    CHECK(patient.angle_at(0.5) == doctest::Approx(0.5));
    const heading strict(times_of({0, 1}), angles_of({0, 1}), point_xy{}, {});
    CHECK(std::isnan(strict.angle_at(0.5)));
}

TEST_CASE("a fixed origin can be written in braces") {
    const heading drawing(times_of({0}), angles_of({0}), {3, 4});
    CHECK(draw(drawing, 0).at(0).x == 3);
}

TEST_CASE("a heading refuses what does not fit, in a sentence") {
    const sample_times times = times_of({0, 1});
    CHECK(support::sentence_of<data_error>([&] { heading(times, angles_of({1}), point_xy{}); }) ==
          "there are 2 times for 1 angles of 1 columns; give one angle in radians per time");
    CHECK(support::sentence_of<data_error>([&] {
              heading(times, samples(std::vector<double>{1, 2, 3, 4}, 2), point_xy{});
          }) == "there are 2 times for 2 angles of 2 columns; give one angle in radians per time");
    CHECK(support::sentence_of<invalid_value>([&] {
              heading(times, angles_of({1, 2}), point_xy{}, {.length = 0});
          }) == "a heading arrow of length 0 was asked for; it must be positive and finite; 8 is usual");
    CHECK(support::sentence_of<invalid_value>([&] {
              heading(times, angles_of({1, 2}), point_xy{}, {.offset_rad = nan});
          }) == "a heading offset of nan rad was given; it must be finite; 0 changes nothing");
    CHECK(support::sentence_of<invalid_value>([&] {
              heading(times, angles_of({1, 2}), point_xy{}, {.max_gap_s = 0});
          }) == "a maximum gap of 0 s was given; it must be positive; 0.25 is usual");
}

} // namespace
