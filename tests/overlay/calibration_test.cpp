// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/calibration.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/pose.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;
using doctest::Approx;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST_CASE("a factor and the lower left corner") {
    const calibration map = calibration::from_factor(0.5, image_shape{100, 200});
    CHECK(map.at({99.5, -0.5}) == point_xy{0, 0}); // the corner itself: half a pixel from the last row's centre
    CHECK(map.at({-0.5, 199.5}) == point_xy{100, 50});
    CHECK(map.at({99, 0}) == point_xy{0.25, 0.25});
    CHECK(map.units_per_px() == 0.5);
    const calibration moved = calibration::from_factor(0.5, image_shape{100, 200}, {10, -20});
    CHECK(moved.at({99.5, -0.5}) == point_xy{10, -20});
    const calibration known = calibration::from_factor(2, {{10, 20}, {3, 4}});
    CHECK(known.at({10, 20}) == point_xy{3, 4});
    CHECK(known.at({9, 21}) == point_xy{5, 6}); // up and right
    CHECK(known.warning.empty());
}

TEST_CASE("a scale bar in any direction") {
    const calibration map = calibration::from_scale_bar({10, 10}, {40, 50}, 100, {{0, 0}, {0, 0}}); // 50 pixels
    CHECK(map.at({0, 1}) == point_xy{2, 0});
    CHECK(map.at({1, 0}) == point_xy{0, -2});
    CHECK(calibration::from_scale_bar({0, 0}, {0, 4}, 2, image_shape{10, 10}).at({9.5, 1.5}) == point_xy{1, 0});
}

TEST_CASE("two landmarks: turned by a quarter") {
    // To the right in the picture is upwards in the environment.
    const std::array<landmark, 2> known{{{{0, 0}, {5, 5}}, {{0, 10}, {5, 25}}}};
    const calibration map = calibration::from_landmarks(known);
    CHECK(map.at({0, 5}).x == Approx(5));
    CHECK(map.at({0, 5}).y == Approx(15));
    CHECK(map.at({10, 0}).x == Approx(25)); // down in the picture is right in the environment
    CHECK(map.at({10, 0}).y == Approx(5));
    CHECK(map.rms == Approx(0));
    CHECK(map.warning.empty());
    CHECK(map.units_per_px() == Approx(2));
}

TEST_CASE("the map that made the landmarks is found again, and inverted") {
    std::mt19937_64 engine(3);
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (int k = 0; k < 200; ++k) {
        calibration made;
        made.map.xx = uniform(engine);
        made.map.xy = uniform(engine);
        made.map.yx = k % 2 == 0 ? made.map.xy : uniform(engine);
        made.map.yy = k % 2 == 0 ? -made.map.xx : uniform(engine);
        made.map.x0 = 100 * uniform(engine);
        made.map.y0 = 100 * uniform(engine);
        std::vector<landmark> known;
        for (int l = 0; l < 3 + k % 5; ++l) {
            const point_rc pixel{500 + 500 * uniform(engine), 500 + 500 * uniform(engine)};
            known.push_back({pixel, made.at(pixel)});
        }
        const auto kind = k % 2 == 0 ? calibration_kind::similarity : calibration_kind::affine;
        const calibration found = calibration::from_landmarks(known, kind);
        CAPTURE(k);
        CHECK(found.map.xx == Approx(made.map.xx));
        CHECK(found.map.xy == Approx(made.map.xy));
        CHECK(found.map.x0 == Approx(made.map.x0));
        CHECK(found.map.yx == Approx(made.map.yx));
        CHECK(found.map.yy == Approx(made.map.yy));
        CHECK(found.map.y0 == Approx(made.map.y0));
        CHECK(found.rms < 1e-8);
        CHECK(found.warning.empty());
        const point_rc back = found.pixel_at(found.at({12, 34}));
        CHECK(back.row == Approx(12));
        CHECK(back.col == Approx(34));
    }
}

TEST_CASE("a calibration is taken wherever a map to the environment is") {
    const calibration known = calibration::from_factor(2, image_shape{4, 6});
    const affine_xy to_environment = known;
    CHECK(to_environment == known.map);
    const heading_options arrow{.to_environment = known};
    CHECK(arrow.to_environment.angle_sign() == -1); // rows count downwards
    const pose_options animal{.to_environment = calibration::from_factor(0.5, image_shape{100, 200})};
    CHECK(animal.to_environment({-0.5, 99.5}) == point_xy{0, 0});
    CHECK(support::sentence_of<invalid_value>([&] {
              calibration flat;
              flat.map.yy = 0;
              flat.pixel_at({1, 1});
          }) == "the map [1 0 0; 0 0 0] was given; it must be finite and keep areas above 0; calibrate with landmarks "
                "that are not on one line");
}

TEST_CASE("least squares: no small change of the fit brings noisy landmarks nearer") {
    std::mt19937_64 engine(4);
    std::normal_distribution<double> noise;
    std::vector<landmark> known;
    for (int l = 0; l < 8; ++l) {
        const point_rc pixel{100 * std::abs(noise(engine)), 100 * std::abs(noise(engine))};
        known.push_back({pixel, {0.3 * pixel.col + noise(engine), -0.3 * pixel.row + noise(engine)}});
    }
    const auto squares = [&](const calibration& map) {
        double out = 0;
        for (const landmark& l : known) {
            out += std::pow(map.at(l.pixel).x - l.at.x, 2) + std::pow(map.at(l.pixel).y - l.at.y, 2);
        }
        return out;
    };
    const calibration affine = calibration::from_landmarks(known, calibration_kind::affine);
    const calibration similar = calibration::from_landmarks(known);
    CHECK(affine.rms == Approx(std::sqrt(squares(affine) / 8)));
    CHECK(similar.rms == Approx(std::sqrt(squares(similar) / 8)));
    CHECK(affine.rms < similar.rms);
    for (const double change : {-1e-4, 1e-4}) {
        for (double affine_xy::*number :
             {&affine_xy::xx, &affine_xy::xy, &affine_xy::x0, &affine_xy::yx, &affine_xy::yy, &affine_xy::y0}) {
            calibration changed = affine;
            changed.map.*number += change;
            CHECK(squares(changed) > squares(affine));
        }
        calibration turned = similar;
        turned.map.xx += change;
        turned.map.yy -= change;
        CHECK(squares(turned) > squares(similar));
        turned = similar;
        turned.map.xy += change;
        turned.map.yx += change;
        CHECK(squares(turned) > squares(similar));
        turned = similar;
        turned.map.x0 += change;
        CHECK(squares(turned) > squares(similar));
    }
}

TEST_CASE("landmarks that fit badly are told, with numbers") {
    std::array<landmark, 4> known{{{{100, 0}, {0, 0}}, {{100, 100}, {50, 0}}, {{0, 100}, {50, 50}}, {{0, 0}, {0, 50}}}};
    CHECK(calibration::from_landmarks(known).warning.empty());
    known[2].at = {58, 50};
    const calibration map = calibration::from_landmarks(known, calibration_kind::affine);
    CHECK(map.rms == Approx(2)); // a quarter of the error stays with each
    CHECK(map.largest_residual == Approx(2));
    CHECK(map.warning == // all four are 2 off: which is the worst is rounding
          "the landmarks are 2 units (rms) from where the calibration puts them, 5.419 % of their spread, and 2 % is "
          "usual; landmark " +
              std::to_string(map.worst_landmark) + " is 2 off; check it, and the lens");
    // Seen through a mirror, no similarity fits, and an affine one does.
    const std::array<landmark, 3> mirrored{{{{0, 0}, {0, 0}}, {{0, 10}, {-10, 0}}, {{10, 0}, {0, -20}}}};
    CHECK(
        calibration::from_landmarks(mirrored).warning ==
        "the landmarks are 8.66 units (rms) from where the calibration puts them, 82.158 % of their spread, and 2 % is "
        "usual; landmark 0 is 10.607 off; check it, or use an affine calibration when the camera looks askew or "
        "through a "
        "mirror");
    CHECK(calibration::from_landmarks(mirrored, calibration_kind::affine).warning.empty());
}

TEST_CASE("a calibration from too little is refused, in a sentence") {
    using kind = calibration_kind;
    const auto of = [](const std::vector<landmark>& known, kind which = kind::similarity) {
        return support::sentence_of<data_error>([&] { calibration::from_landmarks(known, which); });
    };
    CHECK(of({}) == "a similarity calibration from 0 landmarks was asked for; it needs at least 2; give more");
    CHECK(of({{{0, 0}, {0, 0}}}) ==
          "a similarity calibration from 1 landmark was asked for; it needs at least 2; give more");
    CHECK(of({{{0, 0}, {0, 0}}, {{1, 1}, {1, 1}}}, kind::affine) ==
          "an affine calibration from 2 landmarks was asked for; it needs at least 3; give more, or use a similarity "
          "for 2");
    CHECK(of({{{0, 0}, {0, 0}}, {{1, nan}, {1, 1}}}) ==
          "landmark 1 is at pixel (row 1, column nan) and place (1, 1); all four numbers must be finite; correct it or "
          "leave it out");
    CHECK(of({{{3, 4}, {0, 0}}, {{3, 4}, {1, 1}}}) ==
          "all landmarks are at the pixel (row 3, column 4); give landmarks at two pixels or more");
    CHECK(of({{{3, 4}, {7, 8}}, {{5, 4}, {7, 8}}}) ==
          "all landmarks are at the place (7, 8); give landmarks at two places or more");
    CHECK(of({{{0, 0}, {0, 0}}, {{1, 2}, {1, 1}}, {{2, 4}, {1, 7}}}, kind::affine) ==
          "the 3 landmarks lie on one line in the picture; an affine calibration needs 3 that do not; add one beside "
          "the line, or use a similarity");
    CHECK(of({{{0, 0}, {0, 0}}, {{1, 2}, {1, 1}}, {{2, 9}, {2, 2}}}, kind::affine) ==
          "the 3 landmarks lie on one line in the environment; an affine calibration needs 3 that do not; add one "
          "beside the line, or use a similarity");
    CHECK(of({{{0, 0}, {0, 0}}, {{0, 10}, {-10, 0}}, {{10, 0}, {0, -10}}, {{10, 10}, {-10, -10}}}) ==
          "the landmarks fit no similarity: their pixels and their places are mirror images; use an affine "
          "calibration, or check rows and columns");
    CHECK(support::sentence_of<invalid_value>([&] {
              calibration::from_factor(0, image_shape{1, 1});
          }) == "a calibration of 0 units per pixel was given; it must be positive and finite");
    CHECK(support::sentence_of<invalid_value>([&] {
              calibration::from_scale_bar({3, 4}, {3, 4}, 10, image_shape{1, 1});
          }) == "a scale bar of 0 pixels was given, from (row 3, column 4) to (row 3, column 4); its ends must be two "
                "finite places");
    CHECK(support::sentence_of<invalid_value>([&] {
              calibration::from_scale_bar({3, 4}, {5, 4}, -10, image_shape{1, 1});
          }) == "a scale bar of length -10 was given; it must be positive and finite");
}

} // namespace
