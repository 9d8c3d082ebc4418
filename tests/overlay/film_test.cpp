// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/film.hpp>
#include <fieldreel/source/generate.hpp>

#include "support/allocation_counter.hpp"
#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

static_assert(overlay<film>);

/// Frame i, row r, column c, channel k: 100 i + 10 r + c + k / 4, as far as the type holds it.
template <class T>
any_source pictures(std::size_t count, std::size_t rows, std::size_t cols, std::size_t channels = 1) {
    return generate<T>(count, rows * cols * channels, [=](std::size_t i, std::span<T> out) {
        for (std::size_t v = 0; v < out.size(); ++v) {
            const std::size_t pixel = v / channels;
            out[v] = static_cast<T>(static_cast<double>(100 * i + 10 * (pixel / cols) + pixel % cols) +
                                    static_cast<double>(v % channels) * 50);
        }
    });
}
any_source grey(std::size_t rows = 4, std::size_t cols = 6) {
    return pictures<float>(3, rows, cols) | timed({.rate_hz = 10, .start_s = 1});
}
const film_options four_by_six{.shape = {4, 6}};
const calibration plain = calibration::from_factor(2, image_shape{4, 6}); // 12 x 8 units from (0, 0)

TEST_CASE("the nearest earlier frame, for as long as it is valid") {
    const film drawing(grey(), plain, four_by_six);
    CHECK_FALSE(drawing.at(0.99));
    CHECK(drawing.at(1)->frame == 0);
    CHECK(drawing.at(1.0999)->frame == 0);
    CHECK(drawing.at(1.15)->frame == 1);
    CHECK(drawing.at(1.15)->value(2, 3) == 123);
    CHECK(drawing.at(1.29)->frame == 2);
    CHECK_FALSE(drawing.at(1.31));
    CHECK_FALSE(drawing.at(std::numeric_limits<double>::quiet_NaN()));
    // Times of its own, with a gap: one and a half of the median distance.
    const film slow(pictures<float>(4, 4, 6), sample_times({0, 1, 2, 10}), plain, four_by_six);
    CHECK(slow.at(3.4)->frame == 2);
    CHECK_FALSE(slow.at(3.6));
    CHECK(slow.at(10)->frame == 3);
}

TEST_CASE("a whole frame, its pixels and its place") {
    const film drawing(grey(), plain, four_by_six);
    const film_frame at = *drawing.at(1.1);
    CHECK(at.shape == image_shape{4, 6});
    CHECK(at.values.size() == 24);
    CHECK(at.channels == 1);
    CHECK(at.opacity == 1);
    CHECK(at.black == 0);
    CHECK(at.white == 255);
    CHECK(at.layer == layer::below);
    CHECK(at.value(0, 0) == 100);
    CHECK(at.value(3, 5) == 135);
    CHECK(at.place.at({3, 0}) == point_xy{1, 1}); // the middle of the lower left pixel
    CHECK(at.corners() == std::array<point_xy, 4>{{{0, 8}, {12, 8}, {12, 0}, {0, 0}}});
}

TEST_CASE("a crop and a downsample keep each pixel where it is") {
    film_options options = four_by_six;
    options.crop = {.row = 1, .col = 2, .rows = 2, .cols = 3};
    const film part(grey(), plain, options);
    const film_frame cropped = *part.at(1.1);
    CHECK(cropped.shape == image_shape{2, 3});
    CHECK(cropped.value(0, 0) == 112);
    CHECK(cropped.value(1, 2) == 124);
    CHECK(cropped.place.at({0, 0}) == plain.at({1, 2}));
    CHECK(cropped.corners() == std::array<point_xy, 4>{{{4, 6}, {10, 6}, {10, 2}, {4, 2}}});
    options.white = 135;
    options.black = 100;
    options.opacity = 0.5;
    CHECK(film(grey(), plain, options).at(1)->white == 135);
    CHECK(film(grey(), plain, options).at(1)->black == 100);
    CHECK(film(grey(), plain, options).at(1)->opacity == 0.5);
    // To the edge.
    options.crop = {.row = 1, .col = 2, .rows = 0, .cols = 0};
    CHECK(film(grey(), plain, options).crop() == picture_part{1, 2, 3, 4});
    // Three at once: of rows and columns 0-2 the pixel (1, 1); what is left over is not shown.
    const film_options thin{.shape = {8, 11}, .crop = {.row = 1, .col = 0, .rows = 7, .cols = 11}, .downsample = 3};
    const calibration unit = calibration::from_factor(1, image_shape{8, 11});
    const film thinned(grey(8, 11), unit, thin);
    const film_frame small = *thinned.at(1.1);
    CHECK(small.shape == image_shape{2, 3});
    CHECK(small.value(0, 0) == 100 + 20 + 1);
    CHECK(small.value(1, 2) == 100 + 50 + 7);
    CHECK(small.place.at({1, 2}) == unit.at({5, 7}));
    CHECK(small.corners() == std::array<point_xy, 4>{{{0, 7}, {9, 7}, {9, 1}, {0, 1}}});
    // Of two by two, the pixel shown stands for all four: its place is their middle.
    const film halved(grey(), plain, {.shape = {4, 6}, .downsample = 2});
    const film_frame even = *halved.at(1.1);
    CHECK(even.value(1, 1) == 122);
    CHECK(even.place.at({1, 1}) == plain.at({2.5, 2.5}));
    CHECK(even.corners() == std::array<point_xy, 4>{{{0, 8}, {12, 8}, {12, 0}, {0, 0}}});
}

TEST_CASE("colours lie pixel by pixel, three or four to each") {
    for (const std::size_t channels : {3u, 4u}) {
        const any_source frames = pictures<std::uint8_t>(2, 2, 3, channels) | timed({.rate_hz = 10});
        const film drawing(frames, plain, {.shape = {2, 3}, .crop = {.row = 1, .col = 1}});
        CHECK(drawing.channels() == channels);
        const film_frame at = *drawing.at(0);
        CHECK(at.shape == image_shape{1, 2});
        CHECK(at.value(0, 0, 0) == 11);
        CHECK(at.value(0, 1, 2) == 112);
        CHECK(at.pixel_stride == channels);
    }
}

TEST_CASE("the outline is drawn while a frame is valid") {
    const film drawing(grey(), plain, {.shape = {4, 6}, .layer = layer::above});
    canvas out;
    drawing.build({.time_s = 0, .frame = {}, .space = {}}, out);
    CHECK(out.shapes().empty());
    drawing.build({.time_s = 1.1, .frame = {}, .space = {}}, out);
    REQUIRE(out.shapes().size() == 1);
    const shape& line = out.shapes()[0];
    CHECK(line.kind == shape_kind::line);
    CHECK(line.style.layer == layer::above);
    CHECK(line.style.where == placement::environment);
    const auto corners = out.vertices(line);
    REQUIRE(corners.size() == 5);
    CHECK(corners[0].x == 0);
    CHECK(corners[0].y == 8);
    CHECK(corners[2].x == 12);
    CHECK(corners[2].y == 0);
    CHECK(corners[4].x == corners[0].x);
    CHECK(corners[4].y == corners[0].y);
    out.clear();
    film(grey(), plain, {.shape = {4, 6}, .outline = {.color = {0, 0, 0, 0}}})
        .build({.time_s = 1.1, .frame = {}, .space = {}}, out);
    CHECK(out.shapes().empty());
}

TEST_CASE("a copy of a film has a place of its own") {
    const film one(grey(), plain, four_by_six);
    const film_frame first = *one.at(1);
    const film other = one;
    const film_frame second = *other.at(1.1);
    CHECK(first.value(0, 1) == 1);
    CHECK(second.value(0, 1) == 101);
    // One that becomes another forgets where it was.
    film changing(pictures<float>(3, 2, 5) | timed({.rate_hz = 10, .start_s = 1}), plain, {.shape = {2, 5}});
    CHECK(changing.at(1.2)->value(1, 4) == 214);
    changing = one;
    CHECK(changing.at(1.2)->value(3, 5) == 235);
    CHECK(changing.at(1.2)->values.size() == 24);
}

TEST_CASE("a film allocates nothing after its first frame") {
    if (!support::allocations_are_counted) {
        return;
    }
    const film drawing(grey(), plain, four_by_six);
    double sum = drawing.at(1)->value(0, 0);
    CHECK(support::count_allocations([&] {
              for (double t = 1; t < 1.3; t += 0.01) {
                  sum += drawing.at(t)->value(0, 0);
              }
          }) == 0);
    CHECK(sum > 0);
}

TEST_CASE("a film refuses what makes no sense, in a sentence") {
    const auto of = [](const any_source& frames, const film_options& options, const calibration& where = plain) {
        return support::sentence_of<invalid_value>([&] { film(frames, where, options); });
    };
    CHECK(of(pictures<float>(3, 4, 6), four_by_six) ==
          "a film was given frames without times; give a source with times: source | timed(times)");
    CHECK(of(grey(), {}) == "a film of frames of 24 values was given without their rows and columns; state them in "
                            "film_options::shape");
    CHECK(of(grey(), {.shape = {5, 6}}) ==
          "frames of 24 values are no picture of 5 x 6 pixels with 1, 3 or 4 channels; check the shape");
    CHECK(of(grey(), {.shape = {2, 6}}) ==
          "frames of 24 values are no picture of 2 x 6 pixels with 1, 3 or 4 channels; check the shape");
    CHECK(of(grey(), {.shape = {2, 4}}) ==
          "a film of 3 channels of float32 was given; colours must be uint8, and other "
          "types grey; convert it with a.astype('uint8')");
    CHECK(of(grey(), {.shape = {4, 6}, .crop = {.row = 3, .col = 1, .rows = 2, .cols = 1}}) ==
          "a crop of 2 x 1 pixels from (row 3, column 1) was asked for; it must lie within the picture of 4 x 6; 0 "
          "means up to the edge");
    CHECK(of(grey(), {.shape = {4, 6}, .crop = {.row = 0, .col = 6}}) ==
          "a crop of 0 x 0 pixels from (row 0, column 6) was asked for; it must lie within the picture of 4 x 6; 0 "
          "means up to the edge");
    CHECK(of(grey(), {.shape = {4, 6}, .downsample = 0}) ==
          "a downsample of 0 was given; it must be from 1, every pixel, to 4, one pixel of the crop of 4 x 6");
    CHECK(of(grey(), {.shape = {4, 6}, .downsample = 5}) ==
          "a downsample of 5 was given; it must be from 1, every pixel, to 4, one pixel of the crop of 4 x 6");
    CHECK(of(grey(), {.shape = {4, 6}, .opacity = 1.25}) ==
          "a film's opacity of 1.25 was given; it must be from 0 to 1");
    CHECK(
        of(grey(), {.shape = {4, 6}, .black = 5, .white = 5}) ==
        "a film was to show 5 as black and 5 as white; they must be finite and differ; 0 and 255 are usual for uint8");
    calibration flat = plain;
    flat.y_row = 0;
    CHECK(of(grey(), four_by_six, flat) ==
          "a film's calibration was given as x = 2 col + 0 row + 1, y = 0 col + 0 row + 7; its numbers must be finite "
          "and give the picture an area; use calibration::from_landmarks or from_factor");
    CHECK(support::sentence_of<data_error>([&] {
              film(pictures<float>(3, 4, 6), sample_times({1, 2}), plain);
          }) == "there are 2 frame times for 3 frames; give one time per frame");
}

} // namespace
