// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include <doctest/doctest.h>

#include <fieldreel/overlay/affine.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;
constexpr double pi = std::numbers::pi;

TEST_CASE("an affine map adds columns times coordinates and a shift") {
    constexpr affine_xy map{.xx = 2, .xy = 3, .x0 = 100, .yx = 5, .yy = 7, .y0 = 1000};
    CHECK(map({1, 10}) == point_xy{132, 1075});
    CHECK(map.direction({1, 10}) == point_xy{32, 75});
    CHECK(map.determinant() == -1);
    CHECK(affine_xy{}({4, 5}) == point_xy{4, 5});
    CHECK(affine_xy{}.is_identity());
    CHECK(!map.is_identity());
}

TEST_CASE("pixels with y down become places with y up, and angles change their sign") {
    const affine_xy flip = affine_xy::flip_y(480);
    CHECK(flip({10, 0}) == point_xy{10, 480});
    CHECK(flip({10, 480}) == point_xy{10, 0});
    CHECK(flip.angle_sign() == -1);
    CHECK(affine_xy::scale(3).angle_sign() == 1);
    for (const double angle : {0.0, 0.5, -2.0, 3.0}) {
        CHECK(flip.angle(angle) == doctest::Approx(-angle));
        CHECK(affine_xy::scale(0.2).angle(angle) == doctest::Approx(angle));
    }
    // A quarter turn.
    CHECK(affine_xy{.xx = 0, .xy = -1, .yx = 1, .yy = 0}.angle(0.25) == doctest::Approx(0.25 + pi / 2));
}

TEST_CASE("maps one after the other, and the inverse, over random maps and places") {
    std::mt19937_64 engine(5);
    std::uniform_real_distribution<double> some(-3, 3);
    for (int i = 0; i < 200; ++i) {
        const affine_xy a{some(engine), some(engine), some(engine), some(engine), some(engine), some(engine)};
        const affine_xy b{some(engine), some(engine), some(engine), some(engine), some(engine), some(engine)};
        const point_xy at{some(engine), some(engine)};
        const point_xy both = a.then(b)(at);
        CHECK(both.x == doctest::Approx(b(a(at)).x));
        CHECK(both.y == doctest::Approx(b(a(at)).y));
        if (std::abs(a.determinant()) > 0.1) {
            const point_xy back = a.inverse()(a(at));
            CHECK(back.x == doctest::Approx(at.x).epsilon(1e-9));
            CHECK(back.y == doctest::Approx(at.y).epsilon(1e-9));
        }
    }
}

TEST_CASE("a map that cannot be used is refused, in a sentence") {
    CHECK(
        support::sentence_of<invalid_value>([] { affine_xy::flip_y(0); }) ==
        "a picture of height 0 was given to flip y; it must be positive and finite; give the film's height in pixels");
    CHECK(support::sentence_of<invalid_value>([] { affine_xy::scale(-2); }) ==
          "a scale of -2 was given; it must be positive and finite; give units of the environment per pixel");
    CHECK(support::sentence_of<invalid_value>([] { affine_xy{.xx = 1, .xy = 2, .yx = 2, .yy = 4}.inverse(); }) ==
          "the map [1 2 0; 2 4 0] was given; it must be finite and keep areas above 0; calibrate with landmarks that "
          "are not on one line");
    CHECK(support::thrown_by<invalid_value>([] {
              affine_xy{.x0 = std::numeric_limits<double>::infinity()}.check("to_environment");
          }).name() == "to_environment");
    // Tiny units are no fault: what counts is the shape of the map.
    CHECK_NOTHROW(affine_xy::scale(1e-9).check("to_environment"));
}

} // namespace
