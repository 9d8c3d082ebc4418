// SPDX-License-Identifier: MIT
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/render/placed_shapes.hpp>

#include "render/scenes.hpp"

using namespace fieldreel;

namespace {

/// Writes down what it is told to draw.
struct noting_surface {
    std::string words;
    void clip(const pixel_rect&) {}
    void begin(rgba8 color) { words += color == detail::rim_of({255, 255, 255, 255}) ? "rim(" : "body("; }
    void end() { words += ") "; }
    void line(std::span<const vertex>, double) { words += "line "; }
    void markers(std::span<const vertex> points, marker_symbol, double, double, double) {
        words += "markers" + std::to_string(points.size()) + " ";
    }
    void arrow(const vertex&, const vertex&, double, double) { words += "arrow "; }
    void polygon(std::span<const vertex>, rgba8) { words += "polygon "; }
    void label(point_xy, bool centred, std::string_view text, double, rgba8, rgba8, double, const pixel_rect&) {
        words += std::string(centred ? "centred:" : "label:") + std::string(text) + " ";
    }
    void kept(const shape&, const std::shared_ptr<const kept_points>&, const detail::place_map&, double, rgba8) {
        words += "kept ";
    }
    void picture(std::span<const rgba8>, image_shape, const affine_xy&, std::uint8_t) { words += "picture "; }
};

std::string noted(const scene& now, layer which = layer::above) {
    const render_options options;
    noting_surface surface;
    detail::draw_shapes(now, lay_out(now, options), options, which, surface);
    return surface.words;
}

} // namespace

TEST_CASE("shapes of one colour that follow one another share their rims, below all their bodies") {
    scene now = scenes::hot_scene();
    const shape_style white{.color = {255, 255, 255, 255}};
    now.shapes.begin_line(white);
    now.shapes.line_to({1, 1});
    now.shapes.line_to({2, 2});
    now.shapes.marker({2, 2}, white);
    now.shapes.arrow({2, 2}, {5, 5}, white);
    now.shapes.marker({9, 9}, {.color = {250, 250, 250, 255}});
    now.shapes.label({3, 3}, "x", white);
    CHECK(noted(now) ==
          "rim(line markers1 arrow ) body(line markers1 arrow ) rim(markers1 ) body(markers1 ) centred:x ");
}

TEST_CASE("layers are drawn apart, and what is below or in the dock has no rim") {
    scene now = scenes::hot_scene();
    now.shapes.marker({1, 1}, {.color = {255, 255, 255, 255}, .layer = layer::below});
    now.shapes.marker({1, 0.5}, {.color = {255, 255, 255, 255}, .where = placement::dock});
    now.shapes.label({0.1, 0.1}, "corner", {.where = placement::panel});
    CHECK(noted(now, layer::below) == "body(markers1 ) ");
    CHECK(noted(now) == "body(markers1 ) label:corner ");
}

TEST_CASE("colours of docks on a light ground") {
    CHECK(detail::on_light({255, 255, 255, 255}) == rgba8{0, 0, 0, 255});
    CHECK(detail::on_light({200, 200, 200, 90}) == rgba8{55, 55, 55, 90});
    CHECK(detail::on_light({0, 114, 178, 255}) == rgba8{0, 114, 178, 255});
    CHECK(detail::on_light({240, 228, 66, 255}) == rgba8{168, 159, 46, 255});
}

TEST_CASE("an arrow's head is never longer than the arrow") {
    CHECK(detail::head_of(100, 2).length == doctest::Approx(9));
    CHECK(detail::head_of(4, 2).length < 4);
}
