// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/render/cairo_drawing.hpp>

#include "render/scenes.hpp"
#include "support/sentence.hpp"

using namespace fieldreel;

TEST_CASE("text is made such that Cairo takes it") {
    CHECK(detail::drawable("10 µm × 2 – ok") == "10 µm × 2 – ok");
    CHECK(detail::drawable("a\xff"
                           "b") == "a?b");
    CHECK(detail::drawable("\xc3") == "?");
    CHECK(detail::drawable("\xe2\x82") == "??");
    CHECK(detail::drawable("\xc0\xaf") == "??");           // a long form
    CHECK(detail::drawable("\xed\xa0\x80") == "???");      // half a surrogate
    CHECK(detail::drawable("\xf5\x80\x80\x80") == "????"); // beyond the last character
    CHECK(detail::drawable(std::string_view("a\0\n\x7f", 4)) == "a   ");
    CHECK(detail::drawable("\xf0\x9f\x90\xad") == "\xf0\x9f\x90\xad");
}

TEST_CASE("a label starts where all of it fits") {
    const pixel_rect within{10, 0, 110, 50};
    CHECK(detail::label_start(20, 30, false, within) == 20);
    CHECK(detail::label_start(20, 30, true, within) == 10);
    CHECK(detail::label_start(100, 30, false, within) == 80);
    CHECK(detail::label_start(50, 300, false, within) == 10);
    CHECK(detail::label_middle(0, 10, within) == 6);
    CHECK(detail::label_middle(50, 10, within) == 44);
}

TEST_CASE("a premultiplied picture of pixels") {
    const std::vector<rgba8> pixels = {{255, 100, 0, 255}, {200, 100, 50, 128}};
    const auto made = detail::picture_of(pixels, {1, 2});
    const bgra_view view = detail::view_of(made.get());
    CHECK(view.row(0)[0] == detail::bgra_bytes({255, 100, 0, 255}));
    CHECK(view.row(0)[1] == detail::bgra_bytes({100, 50, 25, 128}));
}

TEST_CASE("Cairo's paths and coverage masks agree on every symbol") {
    for (const marker_symbol symbol : {marker_symbol::disc, marker_symbol::ring, marker_symbol::square,
                                       marker_symbol::cross, marker_symbol::triangle, marker_symbol::tick}) {
        const auto by_cairo = detail::new_picture(60, 60);
        const detail::cairo_context on(cairo_create(by_cairo.get()));
        cairo_set_source_rgb(on.get(), 0, 0, 0);
        cairo_paint(on.get());
        const detail::text_font font("DejaVu Sans");
        detail::cairo_shapes shapes(on.get(), font);
        const vertex at{29.3, 30.6, 1};
        shapes.begin({255, 255, 255, 255});
        shapes.markers({&at, 1}, symbol, 31, 5, 2);
        cairo_surface_flush(by_cairo.get());
        std::vector<std::uint32_t> pixels(3600, detail::bgra_bytes({0, 0, 0, 255}));
        const bgra_view by_mask{pixels.data(), 60, 60, 60};
        coverage_mask mask;
        mask.reset(60, 60, {0, 0, 60, 60});
        mask.symbol(symbol, at.x, at.y, 31, 5, 1, 2);
        mask.paint({255, 255, 255, 255}, by_mask);
        double difference = 0;
        double sum = 0;
        for (int y = 0; y < 60; ++y) {
            for (int x = 0; x < 60; ++x) {
                const int a = scenes::color_at(detail::view_of(by_cairo.get()), x, y).r;
                const int b = scenes::color_at(by_mask, x, y).r;
                difference += std::abs(a - b);
                sum += a;
            }
        }
        CAPTURE(static_cast<int>(symbol));
        CHECK(difference < 0.05 * sum);
        CHECK(sum > 255 * 100);
    }
}
