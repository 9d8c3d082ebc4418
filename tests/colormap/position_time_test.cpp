// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/colormap/position_time.hpp>
#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/source/timed.hpp>

#include "../support/sentence.hpp"

using namespace fieldreel;
using support::sentence_of;

namespace {

/// Frame i has i + bin / 100 in each bin; NaN in bin 1. Notes which frames are read.
struct noted_source {
    using value_type = float;
    std::shared_ptr<std::vector<std::size_t>> reads = std::make_shared<std::vector<std::size_t>>();
    std::size_t bins = 5;
    std::size_t frame_count() const { return 100; }
    std::size_t frame_size() const { return bins; }
    void read(std::size_t first, std::span<float> out) const {
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (i % bins == 0) {
                reads->push_back(first + i / bins);
            }
            out[i] = i % bins == 1 ? std::numeric_limits<float>::quiet_NaN()
                                   : static_cast<float>(first + i / bins) + static_cast<float>(i % bins) / 100;
        }
    }
};

/// 3 bins of 2, a gap of 4, 2 bins of 2: an axis of 14.
const track bent = track::from_graph(std::vector<point_xy>{{0, 0}, {6, 0}, {6, 4}}, {{0, 1}, {1, 2}}, {}, 4,
                                     {.bin_size = 2, .width = 2});
const colormap viridis = colormap::named("viridis");
constexpr value_range range{0, 100};
const paint_options colors{.nan_color = {1, 2, 3, 255}, .inactive_color = {9, 9, 9, 255}};

} // namespace

TEST_CASE("position_time: rows are the axis upwards with its gap, columns the frames of the window") {
    const noted_source source;
    position_time view(source | timed({.rate_hz = 10, .start_s = 50}), bent); // 50 s to 60 s
    image picture({14, 20});
    view.paint({52, 54}, viridis, range, picture.view(), colors);
    for (std::size_t col = 0; col < 20; ++col) {
        const std::size_t frame = 20 + col;
        for (std::size_t row = 0; row < 14; ++row) {
            const double position = 14 - static_cast<double>(row) - 0.5;
            const auto bin = bent.bin_at_linear(position);
            CHECK(view.position_at(14, static_cast<double>(row)) == doctest::Approx(position));
            const rgba8 wanted =
                !bin        ? colors.inactive_color
                : *bin == 1 ? colors.nan_color
                            : color_of(static_cast<float>(frame) + static_cast<float>(*bin) / 100, viridis, range);
            REQUIRE(picture.at(row, col) == wanted);
        }
    }
    CHECK(picture.at(13, 0) == color_of(20.0f, viridis, range)); // the start of the axis is at the bottom
    CHECK(picture.at(5, 0) == colors.inactive_color);            // 8.5: in the gap of 6 to 10
    CHECK(picture.at(7, 0) == colors.inactive_color);
    CHECK(picture.at(8, 0) != colors.inactive_color);
    CHECK(source.reads->size() == 20);
    // as transparent as ever without colours asked for
    view.paint({52, 54}, viridis, range, picture.view());
    CHECK(picture.at(5, 0) == rgba8{});
    CHECK(picture.at(10, 0) == rgba8{});
}

TEST_CASE("position_time: reads the window alone, each frame once, and at most one per column") {
    const noted_source source;
    position_time view(source | timed({.rate_hz = 10, .start_s = 0}), bent);
    image picture({7, 30});
    view.paint({1, 2}, viridis, range, picture.view()); // 10 frames, three columns each
    CHECK(*source.reads == std::vector<std::size_t>{10, 11, 12, 13, 14, 15, 16, 17, 18, 19});
    CHECK(picture.at(6, 0) == picture.at(6, 2));
    CHECK(picture.at(6, 3) == color_of(11.0f, viridis, range));
    source.reads->clear();
    image small({7, 5});
    view.paint({0, 10}, viridis, range, small.view()); // 100 frames, five columns
    CHECK(*source.reads == std::vector<std::size_t>{10, 30, 50, 70, 90});
}

TEST_CASE("position_time: no colour before, after and between frames") {
    const noted_source source;
    std::vector<double> times;
    for (int i = 0; i < 100; ++i) {
        times.push_back(0.1 * i + (i < 50 ? 0.0 : 5.0)); // 5 s without frames
    }
    position_time view(source | timed(times), bent);
    image picture({14, 34});
    view.paint({-1, 16}, viridis, range, picture.view(), colors); // half a second per column
    const auto shown = [&](std::size_t col) { return picture.at(13, col) != colors.nan_color; };
    CHECK(!shown(0));
    CHECK(!shown(1));
    CHECK(shown(2));
    CHECK(shown(11)); // 4.75 s
    CHECK(!shown(13));
    CHECK(!shown(21));
    CHECK(shown(22)); // 10.25 s
    CHECK(shown(31));
    CHECK(!shown(33));
    CHECK(picture.at(6, 0) == colors.inactive_color); // a gap of the axis is one without a frame, too
}

TEST_CASE("position_time: what a pixel shows is said, and said back") {
    const noted_source source;
    position_time view(source | timed({.rate_hz = 10, .start_s = 0}), bent);
    const time_range window{3, 7};
    for (const double pixel : {0.0, 3.0, 9.5}) {
        CHECK(position_time::column_of(window, 40, position_time::time_at(window, 40, pixel)) ==
              doctest::Approx(pixel));
        CHECK(view.row_of(14, view.position_at(14, pixel)) == doctest::Approx(pixel));
    }
    CHECK(position_time::time_at(window, 40, 0) == doctest::Approx(3.05));
    CHECK(view.axis().bin_count() == 5);
}

TEST_CASE("position_time: paints into a part of a larger picture") {
    const noted_source source;
    position_time view(source | timed({.rate_hz = 10, .start_s = 0}), bent);
    image whole({20, 50});
    view.paint({1, 2}, viridis, range, {whole.view().pixels + 3 * 50 + 10, {7, 10}, 50}, colors);
    CHECK(whole.at(9, 10) == color_of(10.0f, viridis, range));
    CHECK(whole.at(9, 19) == color_of(19.0f, viridis, range));
    CHECK(whole.at(9, 20) == rgba8{});
    CHECK(whole.at(10, 10) == rgba8{});
    CHECK(whole.at(2, 10) == rgba8{});
}

TEST_CASE("position_time: bad input is refused") {
    const noted_source source;
    CHECK(sentence_of<data_error>([&] { position_time(source, bent); }) ==
          "the source does not know its frames' times, which are the columns; use source | timed(times)");
    noted_source four;
    four.bins = 4;
    CHECK(sentence_of<data_error>([&] { position_time(four | timed({.rate_hz = 10, .start_s = 0}), bent); }) ==
          "a frame has 4 values and the track 5 bins; give one value per bin, in the order of the linear axis");
    position_time view(source | timed({.rate_hz = 10, .start_s = 0}), bent);
    image picture({7, 10});
    CHECK(sentence_of<invalid_value>([&] {
              view.paint({2, 2}, viridis, range, picture.view());
          }) == "a window from 2 to 2 s was asked for; it must end after it starts; give finite times");
    CHECK(sentence_of<invalid_value>([&] {
              view.paint({2, std::nan("")}, viridis, range, picture.view());
          }) == "a window from 2 to nan s was asked for; it must end after it starts; give finite times");
    view.paint({1, 2}, viridis, range, {nullptr, {0, 0}, 0}); // nothing to paint
}
