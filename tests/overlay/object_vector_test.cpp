// SPDX-License-Identifier: MIT
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/object_vector.hpp>

#include "support/allocation_counter.hpp"

namespace {

using namespace fieldreel;
static_assert(overlay<object_vector>);
constexpr double pi = std::numbers::pi;

const sample_times times(std::vector<double>{0, 0.125, 0.25});
/// Along x, from (0, 0) to (8, 0).
const trajectory walk(times, samples(std::vector<double>{0, 0, 4, 0, 8, 0}, 2));

heading facing(double angle, double angle_later) {
    return heading(times, samples(std::vector<double>{angle, angle_later, angle_later}), walk);
}

TEST_CASE("distance and angle to a fixed object") {
    const object_vector drawing(walk, point_xy{4, 3});
    CHECK(drawing.distance_at(0) == 5);
    CHECK(drawing.angle_at(0) == doctest::Approx(std::atan2(3, 4)));
    CHECK(drawing.distance_at(0.125) == 3);
    CHECK(drawing.angle_at(0.125) == doctest::Approx(pi / 2));
    CHECK(std::isnan(drawing.distance_at(0.3)));
    CHECK(std::isnan(drawing.angle_at(0.3)));
}

TEST_CASE("with a heading the angle is egocentric: left is positive, behind is half a turn") {
    CHECK(object_vector(walk, point_xy{4, 3}, facing(0, 0)).angle_at(0.125) == doctest::Approx(pi / 2));
    CHECK(object_vector(walk, point_xy{4, 3}, facing(pi, pi)).angle_at(0.125) == doctest::Approx(-pi / 2));
    CHECK(object_vector(walk, point_xy{4, 3}, facing(pi / 2, pi / 2)).angle_at(0.125) == doctest::Approx(0));
    CHECK(std::abs(object_vector(walk, point_xy{4, 3}, facing(0, -pi / 2)).angle_at(0.125)) == doctest::Approx(pi));
    CHECK(std::isnan(object_vector(walk, point_xy{4, 3}, facing(0, pi)).angle_at(0.06))); // no heading between
}

TEST_CASE("it draws an arrow, and the object and the label where they are asked for") {
    canvas out;
    object_vector(walk, point_xy{4, 3}).build({.time_s = 0}, out);
    REQUIRE(out.shapes().size() == 1);
    CHECK(out.shapes()[0].kind == shape_kind::arrow);
    CHECK(out.vertices(out.shapes()[0])[0].x == 0);
    CHECK(out.vertices(out.shapes()[0])[1].y == 3);
    out.clear();
    const object_vector all(walk, point_xy{4, 3}, facing(0, 0),
                            {.object = shape_style{.size_px = 7}, .label = shape_style{.size_px = 12}, .unit = "cm"});
    all.build({.time_s = 0.125}, out);
    REQUIRE(out.shapes().size() == 3);
    CHECK(out.shapes()[0].kind == shape_kind::marker);
    CHECK(out.shapes()[0].style.size_px == 7);
    CHECK(std::string(out.text(out.shapes()[2])) == "3.0 cm, 90\u00b0");
    CHECK(out.vertices(out.shapes()[2])[0].x == 4);
    CHECK(out.vertices(out.shapes()[2])[0].y == 1.5);
}

TEST_CASE("a label has no angle where there is none, and stays short") {
    const auto label = [](const object_vector& drawing, double time_s) {
        canvas out;
        drawing.build({.time_s = time_s}, out);
        return out.shapes().empty() ? std::string("none") : std::string(out.text(out.shapes().back()));
    };
    const object_vector_options named{.label = shape_style{}};
    CHECK(label({walk, point_xy{0, 0}, named}, 0) == "0.0"); // at the object itself
    CHECK(label({walk, point_xy{4, 3}, facing(0, pi), named}, 0.0625) == "3.6");
    CHECK(label({walk, point_xy{8, -0.001}, named}, 0) == "8.0, 0\u00b0"); // and not -0
    CHECK(label({walk, point_xy{0, -2}, named}, 0) == "2.0, -90\u00b0");
    CHECK(label({walk, point_xy{1e300, 0}, {.label = shape_style{}, .unit = std::string(200, 'm')}}, 0) ==
          "1e+300 " + std::string(32, 'm') + ", 0\u00b0");
    CHECK(label({walk, point_xy{4, 3}, named}, 0.3) == "none");
}

TEST_CASE("the object may move, and the animal may be a keypoint") {
    const pose animal(times, {{.name = "nose", .positions = samples(std::vector<double>{0, 0, 0, 1, 0, 2}, 2)}});
    const object_vector drawing(anchor(animal, "nose"), walk);
    CHECK(drawing.distance_at(0.25) == doctest::Approx(std::hypot(8, 2)));
    CHECK(drawing.angle_at(0.25) == doctest::Approx(std::atan2(-2, 8)));
}

TEST_CASE("a labelled step allocates nothing once the canvas has grown") {
    const object_vector drawing(walk, point_xy{4, 3}, facing(0, 0.1), {.label = shape_style{}, .unit = "cm"});
    canvas out;
    drawing.build({.time_s = 0}, out);
    drawing.build({.time_s = 0.2}, out);
    const std::size_t count = support::count_allocations([&] {
        for (double t = 0; t < 0.25; t += 0.001) {
            out.clear();
            drawing.build({.time_s = t}, out);
        }
    });
    CHECK((count == 0 || !support::allocations_are_counted));
}

} // namespace
