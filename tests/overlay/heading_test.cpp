// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/heading.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;
static_assert(overlay<heading>);

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

samples vectors_of(std::vector<double> vectors) {
    return samples(std::move(vectors), 2);
}

TEST_CASE("vectors count by their direction, whatever their length") {
    const heading drawing(times_of({0, 0.1}), vectors_of({100, 0, 0, 0.01}), point_xy{10, 20}, {.length = 4});
    CHECK(drawing.angle_at(0) == doctest::Approx(0));
    CHECK(drawing.angle_at(0.05) == doctest::Approx(pi / 4));
    CHECK(drawing.angle_at(0.1) == doctest::Approx(pi / 2));
    const auto north = draw(drawing, 0.1);
    REQUIRE(north.size() == 2);
    CHECK(north[1].x == doctest::Approx(10));
    CHECK(north[1].y == doctest::Approx(24));
}

TEST_CASE("random vectors and their angles draw the same") {
    std::mt19937_64 engine(3);
    std::uniform_real_distribution<double> some(-1, 1);
    std::vector<double> times;
    std::vector<double> vectors;
    std::vector<double> angles;
    for (int i = 0; i < 400; ++i) {
        times.push_back(i * 0.1);
        vectors.push_back(some(engine));
        vectors.push_back(some(engine));
        angles.push_back(std::atan2(vectors[vectors.size() - 1], vectors[vectors.size() - 2]));
    }
    const heading by_vector(times_of(times), vectors_of(vectors), point_xy{}, {.offset_rad = 0.3});
    const heading by_angle(times_of(times), angles_of(angles), point_xy{}, {.offset_rad = 0.3});
    for (double t = 0; t < 39.9; t += 0.0173) {
        const double expected = by_angle.angle_at(t);
        if (std::isnan(expected)) {
            CHECK(std::isnan(by_vector.angle_at(t)));
        } else {
            CHECK(by_vector.angle_at(t) == expected);
        }
    }
}

TEST_CASE("a vector of no length points nowhere, draws nothing and is counted") {
    const heading drawing(times_of({0, 0.1, 0.2, 0.3}), vectors_of({1, 0, 0, 0, 0, 1, nan, 1}), point_xy{}, {});
    CHECK(draw(drawing, 0).size() == 2);
    CHECK(draw(drawing, 0.05).empty());
    CHECK(draw(drawing, 0.1).empty());
    CHECK(draw(drawing, 0.15).empty());
    CHECK(draw(drawing, 0.2).size() == 2);
    CHECK(draw(drawing, 0.3).empty()); // half of it is lost
    CHECK(drawing.zero_vector_count() == 1);
    CHECK(heading(times_of({0}), angles_of({0}), point_xy{}).zero_vector_count() == 0);
}

TEST_CASE("vectors that point opposite ways have no direction between them") {
    const heading drawing(times_of({0, 0.1}), vectors_of({1, 0, -5, 0.01}), point_xy{}, {});
    CHECK(std::isnan(drawing.angle_at(0.02)));
    CHECK(std::abs(drawing.angle_at(0.1)) == doctest::Approx(pi).epsilon(0.01));
}

TEST_CASE("measured in pixels with y down, angles and vectors change their sign, and the offset stays left of it") {
    const heading_options pixels{.to_environment = affine_xy::flip_y(480)};
    CHECK(heading(times_of({0}), angles_of({0.5}), point_xy{}, pixels).angle_at(0) == doctest::Approx(-0.5));
    CHECK(heading(times_of({0}), vectors_of({0, 3}), point_xy{}, pixels).angle_at(0) == doctest::Approx(-pi / 2));
    heading_options turned = pixels;
    turned.offset_rad = 0.2;
    CHECK(heading(times_of({0}), angles_of({0.5}), point_xy{}, turned).angle_at(0) == doctest::Approx(-0.3));
    CHECK(draw(heading(times_of({0}), angles_of({pi / 2}), point_xy{7, 7}, pixels), 0).at(1).y == doctest::Approx(-1));
}

TEST_CASE("the arrow can start at a keypoint of a pose") {
    const pose animal(times_of({0, 0.2}), {{.name = "neck", .positions = vectors_of({0, 10, 2, 10})}},
                      pose_options{.to_environment = affine_xy::flip_y(100)});
    const heading drawing(times_of({0, 0.2}), angles_of({0, 0}), anchor(animal, "neck"), {.length = 1});
    const auto arrow = draw(drawing, 0.1);
    REQUIRE(arrow.size() == 2);
    CHECK(arrow[0].x == doctest::Approx(1));
    CHECK(arrow[0].y == doctest::Approx(90));
    CHECK(draw(drawing, 0.3).empty());
}

TEST_CASE("a heading refuses what does not fit, in a sentence") {
    const sample_times times = times_of({0, 1});
    CHECK(support::sentence_of<data_error>([&] { heading(times, angles_of({1}), point_xy{}); }) ==
          "there are 2 times for 1 angles of 1 columns; give one angle in radians, or one vector of x and y, per time");
    CHECK(support::sentence_of<data_error>([&] {
              heading(times, samples(std::vector<double>{1, 2, 3, 4, 5, 6}, 3), point_xy{});
          }) == "there are 2 times for 2 angles of 3 columns; give one angle in radians, or one vector of x and y, per "
                "time");
    CHECK(support::sentence_of<data_error>([&] {
              heading(times, samples(std::vector<double>{1, 2}, 2), point_xy{});
          }) == "there are 2 times for 1 vectors; give one angle in radians, or one vector of x and y, per time");
    CHECK(support::sentence_of<invalid_value>([&] {
              heading(times, angles_of({1, 2}), point_xy{}, {.to_environment = {.xx = 0, .yy = 0}});
          }) == "the map [0 0 0; 0 0 0] was given; it must be finite and keep areas above 0; calibrate with landmarks "
                "that are not on one line");
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
