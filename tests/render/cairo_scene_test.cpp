// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/render/cairo_scene.hpp>
#include <fieldreel/space/cells.hpp>
#include <fieldreel/space/track.hpp>

#include "render/scenes.hpp"
#include "support/hexagons.hpp"

using namespace fieldreel;

namespace {

/// The mean difference of two pictures' bytes, 0-255.
double difference(const bgra_view& a, const bgra_view& b) {
    double sum = 0;
    for (int y = 0; y < a.height; ++y) {
        for (int x = 0; x < a.width; ++x) {
            const rgba8 p = scenes::color_at(a, x, y);
            const rgba8 q = scenes::color_at(b, x, y);
            sum += std::abs(p.r - q.r) + std::abs(p.g - q.g) + std::abs(p.b - q.b);
        }
    }
    return sum / (3.0 * a.width * a.height);
}

double against_raster(const scene& now, const render_options& options) {
    raster picture(options);
    picture.present(now);
    const auto surface = detail::new_picture(static_cast<int>(options.size.cols), static_cast<int>(options.size.rows));
    const detail::cairo_context on(cairo_create(surface.get()));
    draw_scene(on.get(), now, options);
    cairo_surface_flush(surface.get());
    return difference(picture.pixels(), detail::view_of(surface.get()));
}

} // namespace

TEST_CASE("a scene drawn through Cairo is the raster's but for smoothing") {
    const auto kept = std::make_shared<kept_points>(100);
    for (int i = 0; i < 60; ++i) {
        kept->append({20 + 15 * std::sin(i), 15 + 12 * std::cos(1.3 * i), 1});
    }
    const std::vector<any_space> spaces = {scenes::four_by_three(), cells(support::hexagons({{0, 0}, {40, 30}}, 8)),
                                           track::from_graph(std::vector<point_xy>{{0, 0}, {40, 0}, {40, 30}},
                                                             {{0, 1}, {1, 2}}, {}, 0, {.bin_size = 4, .width = 8})};
    for (const any_space& space : spaces) {
        for (const render_style style : {render_style::standard, render_style::paper, render_style::talk}) {
            for (const layer film : {layer::below, layer::above}) {
                scene now;
                std::vector<float> values;
                for (std::size_t b = 0; b < space.bin_count(); ++b) {
                    values.push_back(b % 5 == 2 ? std::numeric_limits<float>::quiet_NaN()
                                                : static_cast<float>(b % 7) / 6);
                }
                scenes::add_field(now, space, values, {.kind = field_kind::posterior, .label = "P", .unit = "1"});
                auto pixels = now.shapes.picture({2, 2}, {.xx = 5, .x0 = 5, .yy = -5, .y0 = 12}, {.layer = film});
                std::fill(pixels.begin(), pixels.end(), rgba8{200, 30, 90, 255});
                now.shapes.kept_line(kept, 60, {.color = {255, 255, 255, 200}, .size_px = 1.5F});
                now.shapes.kept_markers(kept, 40, {.color = {240, 20, 20, 255}, .size_px = 6});
                now.shapes.begin_line({.size_px = 3});
                for (int i = 0; i < 12; ++i) {
                    now.shapes.line_to({3.0 * i, 20 + 5 * std::sin(i)}, static_cast<float>(i + 1) / 12);
                }
                now.shapes.end_line();
                now.shapes.arrow({20, 10}, {30, 18}, {.size_px = 3});
                now.shapes.label({10, 25}, "a label", {.size_px = 14});
                now.shapes.polygon(std::vector<point_xy>{{-3, 0}, {2, 0}, {2, 0.4}, {-3, 0.4}},
                                   {.color = {0, 158, 115, 200}, .where = placement::dock});
                render_options options;
                options.size = {480, 640};
                options.style = style;
                options.title = "title";
                options.note = "note";
                CHECK(against_raster(now, options) < 1.5);
            }
        }
    }
}

TEST_CASE("no data, an empty scene") {
    scene nothing = scenes::hot_scene();
    nothing.fields[0].set_no_data();
    CHECK(against_raster(nothing, {}) < 0.3);
    CHECK(against_raster(scene(), {}) < 0.3);
}
