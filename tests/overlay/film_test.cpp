// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/calibration.hpp>
#include <fieldreel/overlay/film.hpp>
#include <fieldreel/source/generate.hpp>

#include "support/allocation_counter.hpp"
#include "support/sentence.hpp"
#include "support/watched_source.hpp"

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

/// The picture that is drawn at a time, and where.
struct drawn {
    std::vector<rgba8> pixels;
    picture_place where;
    shape_style style;
    /// Of grey.
    int grey(std::size_t row, std::size_t col) const { return pixels.at(row * where.size.cols + col).r; }
    const rgba8& at(std::size_t row, std::size_t col) const { return pixels.at(row * where.size.cols + col); }
    /// The place of a pixel's middle.
    point_xy place(double row, double col) const { return where.place({col, row}); }
};
std::optional<drawn> draw(const film& from, double time_s) {
    canvas out;
    from.build({.time_s = time_s, .frame = {}, .space = {}}, out);
    for (const shape& s : out.shapes()) {
        if (s.kind == shape_kind::picture) {
            const auto pixels = out.pixels(s);
            return drawn{{pixels.begin(), pixels.end()}, out.picture(s), s.style};
        }
    }
    return std::nullopt;
}

TEST_CASE("the nearest earlier frame, for as long as it is valid") {
    const film drawing(grey(), plain, four_by_six);
    CHECK_FALSE(draw(drawing, 0.99));
    CHECK(draw(drawing, 1)->grey(2, 3) == 23);
    CHECK(draw(drawing, 1.0999)->grey(2, 3) == 23);
    CHECK(draw(drawing, 1.15)->grey(2, 3) == 123);
    CHECK(draw(drawing, 1.29)->grey(2, 3) == 223);
    CHECK_FALSE(draw(drawing, 1.31));
    CHECK_FALSE(draw(drawing, std::numeric_limits<double>::quiet_NaN()));
    // Times of its own, with a gap: one and a half of the median distance.
    const film slow(pictures<float>(4, 4, 6), sample_times({0, 1, 2, 10}), plain, four_by_six);
    CHECK(draw(slow, 3.4)->grey(0, 0) == 200);
    CHECK_FALSE(draw(slow, 3.6));
    CHECK(draw(slow, 10)->grey(0, 0) == 255); // 300 is beyond white
}

TEST_CASE("a whole frame, its pixels and its place") {
    const drawn at = *draw(film(grey(), plain, four_by_six), 1.1);
    CHECK(at.where.size == image_shape{4, 6});
    CHECK(at.at(0, 0) == rgba8{100, 100, 100, 255});
    CHECK(at.at(3, 5) == rgba8{135, 135, 135, 255});
    CHECK(at.place(3, 0) == point_xy{1, 1}); // the middle of the lower left pixel
    CHECK(at.style.color == rgba8{255, 255, 255, 255});
    CHECK(at.style.layer == layer::below);
    CHECK(at.style.where == placement::environment);
    const drawn over = *draw(film(grey(), plain, {.shape = {4, 6}, .opacity = 0.5, .layer = layer::above}), 1);
    CHECK(over.style.color.a == 128);
    CHECK(over.style.layer == layer::above);
    CHECK_FALSE(draw(film(grey(), plain, {.shape = {4, 6}, .opacity = 0}), 1));
}

TEST_CASE("one hot pixel is where the calibration puts it, whatever is cropped and left out") {
    constexpr std::size_t rows = 24;
    constexpr std::size_t cols = 31;
    const std::array<landmark, 3> known{{{{0, 0}, {5, 5}}, {{0, 10}, {7, 25}}, {{12, 0}, {25, 3}}}};
    const calibration turned = calibration::from_landmarks(known, calibration_kind::affine);
    for (const std::size_t hot : {std::size_t{0}, 13 * cols + 17, rows * cols - 1}) {
        const any_source frames = generate<std::uint8_t>(1, rows * cols,
                                                         [=](std::size_t, std::span<std::uint8_t> out) {
                                                             std::fill(out.begin(), out.end(), std::uint8_t{7});
                                                             out[hot] = 200;
                                                         }) |
                                  timed({.rate_hz = 10});
        const point_rc at{static_cast<double>(hot / cols), static_cast<double>(hot % cols)};
        for (const picture_part& crop : {picture_part{}, picture_part{.row = hot / cols, .col = hot % cols},
                                         picture_part{.row = hot / cols / 2, .col = hot % cols / 3}}) {
            const drawn picture = *draw(film(frames, turned, {.shape = {rows, cols}, .crop = crop}), 0);
            CAPTURE(hot);
            CAPTURE(crop.row);
            std::size_t found = 0;
            for (std::size_t row = 0; row < picture.where.size.rows; ++row) {
                for (std::size_t col = 0; col < picture.where.size.cols; ++col) {
                    if (picture.grey(row, col) == 200) {
                        ++found;
                        const point_xy place = picture.place(static_cast<double>(row), static_cast<double>(col));
                        CHECK(place.x == doctest::Approx(turned.at(at).x));
                        CHECK(place.y == doctest::Approx(turned.at(at).y));
                    } else {
                        REQUIRE(picture.grey(row, col) == 7);
                    }
                }
            }
            CHECK(found == 1);
        }
    }
}

TEST_CASE("a crop and a downsample keep each pixel where it is") {
    film_options options = four_by_six;
    options.crop = {.row = 1, .col = 2, .rows = 2, .cols = 3};
    const drawn cropped = *draw(film(grey(), plain, options), 1.1);
    CHECK(cropped.where.size == image_shape{2, 3});
    CHECK(cropped.grey(0, 0) == 112);
    CHECK(cropped.grey(1, 2) == 124);
    CHECK(cropped.place(0, 0) == plain.at({1, 2}));
    CHECK(cropped.place(-0.5, -0.5) == point_xy{4, 6});
    CHECK(cropped.place(1.5, 2.5) == point_xy{10, 2});
    // To the edge.
    options.crop = {.row = 1, .col = 2, .rows = 0, .cols = 0};
    CHECK(film(grey(), plain, options).crop() == picture_part{1, 2, 3, 4});
    // Three at once: of rows and columns 0-2 the pixel (1, 1); what is left over is not shown.
    const film_options thin{.shape = {8, 11}, .crop = {.row = 1, .col = 0, .rows = 7, .cols = 11}, .downsample = 3};
    const calibration unit = calibration::from_factor(1, image_shape{8, 11});
    const drawn thinned = *draw(film(grey(8, 11), unit, thin), 1.1);
    CHECK(thinned.where.size == image_shape{2, 3});
    CHECK(thinned.grey(0, 0) == 100 + 20 + 1);
    CHECK(thinned.grey(1, 2) == 100 + 50 + 7);
    CHECK(thinned.place(1, 2) == unit.at({5, 7}));
    CHECK(thinned.place(-0.5, -0.5) == point_xy{0, 7});
    CHECK(thinned.place(1.5, 2.5) == point_xy{9, 1});
    // Of two by two, the pixel shown stands for all four: its place is their middle.
    const drawn even = *draw(film(grey(), plain, {.shape = {4, 6}, .downsample = 2}), 1.1);
    CHECK(even.grey(1, 1) == 122);
    CHECK(even.place(1, 1) == plain.at({2.5, 2.5}));
}

template <class T>
std::vector<rgba8> shown_as(const std::vector<T>& values, double black, double white) {
    const any_source frames =
        generate<T>(1, values.size(),
                    [=](std::size_t, std::span<T> out) { std::copy(values.begin(), values.end(), out.begin()); }) |
        timed({.rate_hz = 10});
    return draw(film(frames, plain, {.shape = {1, values.size()}, .black = black, .white = white}), 0)->pixels;
}
std::vector<rgba8> greys(const std::vector<int>& levels) {
    std::vector<rgba8> out;
    for (const int level : levels) {
        const auto l = static_cast<std::uint8_t>(level);
        out.push_back({l, l, l, 255});
    }
    return out;
}

TEST_CASE_TEMPLATE("grey of any type goes from black to white, rounded, and no further", T, std::uint8_t, std::int8_t,
                   std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, std::uint64_t, std::int64_t, float,
                   double) {
    const std::vector<T> values = {0, 9, 10, 11, 36, 60, 61, 127, 10, 60, 11};
    const std::vector<int> up = {0, 0, 0, 5, 133, 255, 255, 255, 0, 255, 5}; // 5.1 for each
    CHECK(shown_as<T>(values, 10, 60) == greys(up));
    const std::vector<int> down = {255, 255, 255, 250, 122, 0, 0, 0, 255, 0, 250};
    CHECK(shown_as<T>(values, 60, 10) == greys(down));
    CHECK(shown_as<T>(values, 0, 255) == greys({0, 9, 10, 11, 36, 60, 61, 127, 10, 60, 11}));
}

TEST_CASE("grey NaN is transparent, and infinite grey is black or white") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double inf = std::numeric_limits<double>::infinity();
    const auto check = [](const std::vector<rgba8>& got) {
        CHECK(got ==
              std::vector<rgba8>{{0, 0, 0, 255}, {}, {0, 0, 0, 255}, {255, 255, 255, 255}, {128, 128, 128, 255}});
    };
    check(shown_as<float>({0, static_cast<float>(nan), -static_cast<float>(inf), static_cast<float>(inf), 0.5F}, 0, 1));
    check(shown_as<double>({0, nan, -inf, inf, 0.5}, 0, 1));
}

TEST_CASE("colours lie pixel by pixel, three or four to each") {
    for (const std::size_t channels : {3u, 4u}) {
        const any_source frames = pictures<std::uint8_t>(2, 2, 3, channels) | timed({.rate_hz = 10});
        const std::uint8_t alpha = channels == 4 ? 161 : 255;
        const drawn at = *draw(film(frames, plain, {.shape = {2, 3}, .crop = {.row = 1, .col = 1}, .white = 3}), 0);
        CHECK(at.where.size == image_shape{1, 2});
        CHECK(at.at(0, 0) == rgba8{11, 61, 111, alpha});
        CHECK(at.at(0, 1) == rgba8{12, 62, 112, static_cast<std::uint8_t>(channels == 4 ? 162 : 255)});
        const any_source larger = pictures<std::uint8_t>(1, 4, 6, channels) | timed({.rate_hz = 10});
        const drawn thinned = *draw(film(larger, plain, {.shape = {4, 6}, .downsample = 2}), 0);
        CHECK(thinned.at(1, 2) == rgba8{24, 74, 124, static_cast<std::uint8_t>(channels == 4 ? 174 : 255)});
    }
}

TEST_CASE("the outline is drawn while a frame is valid") {
    const film drawing(grey(), plain, {.shape = {4, 6}, .layer = layer::above});
    canvas out;
    drawing.build({.time_s = 0, .frame = {}, .space = {}}, out);
    CHECK(out.shapes().empty());
    drawing.build({.time_s = 1.1, .frame = {}, .space = {}}, out);
    REQUIRE(out.shapes().size() == 2);
    const shape& line = out.shapes()[1]; // over the picture
    CHECK(line.kind == shape_kind::line);
    CHECK(line.style.color == rgba8{128, 128, 128, 255});
    CHECK(line.style.size_px == 1);
    CHECK(line.style.layer == layer::above);
    CHECK(line.style.where == placement::environment);
    const auto corners = out.vertices(line);
    REQUIRE(corners.size() == 5);
    const point_xy around[] = {{0, 8}, {12, 8}, {12, 0}, {0, 0}, {0, 8}};
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(corners[i].x == around[i].x);
        CHECK(corners[i].y == around[i].y);
    }
    out.clear();
    film(grey(), plain, {.shape = {4, 6}, .outline = {.color = {0, 0, 0, 0}}})
        .build({.time_s = 1.1, .frame = {}, .space = {}}, out);
    REQUIRE(out.shapes().size() == 1);
    CHECK(out.shapes()[0].kind == shape_kind::picture);
}

TEST_CASE("a source that throws leaves nothing half drawn") {
    const any_source frames = generate<float>(2, 24,
                                              [](std::size_t i, std::span<float>) {
                                                  if (i == 1) {
                                                      throw data_error("frame 1 is broken");
                                                  }
                                              }) |
                              timed({.rate_hz = 10});
    const film drawing(frames, plain, four_by_six);
    canvas out;
    CHECK(support::sentence_of<data_error>([&] { drawing.build({.time_s = 0.1, .frame = {}, .space = {}}, out); }) ==
          "frame 1 is broken");
    CHECK(out.shapes().empty());
    CHECK(draw(drawing, 0)); // and the next one is drawn
}

TEST_CASE("a film that becomes another forgets where it was") {
    film changing(pictures<float>(3, 2, 5) | timed({.rate_hz = 10, .start_s = 1}), plain, {.shape = {2, 5}});
    CHECK(draw(changing, 1.2)->grey(1, 4) == 214);
    const film one(grey(), plain, four_by_six);
    changing = one;
    CHECK(draw(changing, 1.2)->grey(3, 5) == 235);
    CHECK(draw(one, 1)->grey(0, 1) == 1);
    const film other = one;
    CHECK(draw(other, 1.1)->grey(0, 1) == 101);
}

TEST_CASE("a film allocates nothing after its first frame") {
    const film drawing(grey(), plain, four_by_six);
    canvas out;
    drawing.build({.time_s = 1, .frame = {}, .space = {}}, out);
    std::size_t shapes = 0;
    CHECK(support::count_allocations([&] {
              for (double t = 1; t < 1.29; t += 0.01) {
                  out.clear();
                  drawing.build({.time_s = t, .frame = {}, .space = {}}, out);
                  shapes += out.shapes().size();
              }
          }) == 0);
    CHECK(shapes == 58);
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
    flat.map.yy = 0;
    CHECK(of(grey(), four_by_six, flat) ==
          "the map [2 0 1; 0 0 7] was given; it must be finite and keep areas above 0; calibrate with landmarks that "
          "are not on one line");
    CHECK(support::sentence_of<data_error>([&] {
              film(pictures<float>(3, 4, 6), sample_times({1, 2}), plain);
          }) == "there are 2 frame times for 3 frames; give one time per frame");
}

} // namespace

TEST_CASE("the film's cursor is told where it is going, so that what decodes reads ahead") {
    const support::source_with_cursor source(10, 24);
    const film drawing(source | timed({.rate_hz = 10}), plain, four_by_six);
    for (const double time_s : {0.05, 0.15, 0.16, 0.25, 0.15}) {
        draw(drawing, time_s);
    }
    const auto& hints = source.asked().hints;
    REQUIRE(hints.size() == 3); // the first frame is where it starts; one that is shown again says nothing
    CHECK(hints[0].frame == 1);
    CHECK(hints[1].frame == 2);
    CHECK(hints[1].frames_per_s == doctest::Approx(10));
    CHECK(hints[2].frame == 1);
    CHECK(hints[2].frames_per_s == doctest::Approx(-10));
}
