// SPDX-License-Identifier: MIT
// A whole scene on any surface of Cairo: files of lines, another program's widget.
#ifndef FIELDREEL_RENDER_CAIRO_SCENE_HPP
#define FIELDREEL_RENDER_CAIRO_SCENE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/frame.hpp>
#include <fieldreel/render/cairo_drawing.hpp>
#include <fieldreel/render/coverage.hpp>
#include <fieldreel/render/field_pixels.hpp>
#include <fieldreel/render/layout.hpp>
#include <fieldreel/render/legend.hpp>
#include <fieldreel/render/placed_shapes.hpp>
#include <fieldreel/space/cells.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/track.hpp>
#include <fieldreel/viewer/scene.hpp>

namespace fieldreel::inline v0 {
namespace detail {

/// The borders of a space: sides of bins that no other bin has, as far as its kind is known.
inline void outline_path(cairo_t* on, const any_space& space, const panel_layout& panel) {
    const auto side = [&](point_xy a, point_xy b) {
        const point_xy from = to_pixels(panel, space, a);
        const point_xy to = to_pixels(panel, space, b);
        cairo_move_to(on, from.x, from.y);
        cairo_line_to(on, to.x, to.y);
    };
    if (const grid* const bins = space.as_grid()) {
        const std::vector<std::uint8_t> holes = enclosed_cells(*bins);
        const std::size_t n_y = bins->shape().n_y;
        const auto outside = [&](std::size_t ix, std::size_t iy) {
            return !bins->bin_index(ix, iy) &&
                   !(ix < bins->shape().n_x && iy < n_y && !holes.empty() && holes[ix * n_y + iy] != 0);
        };
        for (std::size_t b = 0; b < bins->bin_count(); ++b) {
            const auto [ix, iy] = bins->cell_of(b);
            const auto corners = bins->shape_of(b);
            const bool open[4] = {outside(ix, iy - 1), outside(ix + 1, iy), outside(ix, iy + 1), outside(ix - 1, iy)};
            for (std::size_t k = 0; k < 4; ++k) {
                if (open[k]) {
                    side(corners[k], corners[(k + 1) % 4]);
                }
            }
        }
        return;
    }
    const auto of_polygons = [&](const auto& bins) {
        using side_key = std::pair<std::pair<double, double>, std::pair<double, double>>;
        std::map<side_key, int> seen;
        const auto each = [&](const auto& use) {
            for (std::size_t b = 0; b < bins.bin_count(); ++b) {
                const std::span<const point_xy> corners = bins.shape_of(b);
                for (std::size_t k = 0; k < corners.size(); ++k) {
                    const point_xy from = corners[k];
                    const point_xy to = corners[(k + 1) % corners.size()];
                    std::pair<double, double> a{from.x, from.y};
                    std::pair<double, double> c{to.x, to.y};
                    use(a < c ? side_key{a, c} : side_key{c, a}, from, to);
                }
            }
        };
        each([&](const side_key& key, point_xy, point_xy) { ++seen[key]; });
        each([&](const side_key& key, point_xy from, point_xy to) {
            if (seen[key] == 1) {
                side(from, to);
            }
        });
    };
    if (const auto* const bins = space.as<cells>()) {
        of_polygons(*bins);
    } else if (const auto* const way = space.as<track>()) {
        of_polygons(*way);
    }
}

inline void outline(cairo_t* on, const any_space& space, const panel_layout& panel, const render_look& look,
                    double width) {
    cairo_save(on);
    if (panel.zoomed) { // no border where the picture is cut
        cairo_rectangle(on, panel.picture.left, panel.picture.top, panel.picture.width(), panel.picture.height());
        cairo_clip(on);
    }
    outline_path(on, space, panel);
    set_color(on, look.outline);
    cairo_set_line_width(on, width);
    cairo_set_line_cap(on, CAIRO_LINE_CAP_SQUARE);
    cairo_stroke(on);
    cairo_restore(on);
}

/// The field as a picture of its own, transparent beyond the bins, laid in place. `fine`: in its pixels; else a grid's
/// bins are single pixels, which Cairo enlarges.
inline void draw_field(cairo_t* on, const scene_field& field, const panel_layout& panel, const render_look& look,
                       bool layered, bool fine) {
    const bool small_one = !fine && field.space().as_grid() != nullptr && !panel.zoomed;
    const image_shape shape = small_one ? field.space().display_shape()
                                        : image_shape{static_cast<std::size_t>(panel.picture.height()),
                                                      static_cast<std::size_t>(panel.picture.width())};
    field_pixels pixels;
    const pixel_rect own{0, 0, static_cast<int>(shape.cols), static_cast<int>(shape.rows)};
    field_extent whole = panel.zoomed ? panel.whole : filling(own);
    whole.left -= panel.zoomed ? panel.picture.left : 0;
    whole.top -= panel.zoomed ? panel.picture.top : 0;
    pixels.prepare(field.space(), own, whole);
    const auto place = [&](cairo_surface_t* from) {
        cairo_surface_mark_dirty(from);
        cairo_save(on);
        cairo_translate(on, panel.picture.left, panel.picture.top);
        cairo_scale(on, panel.picture.width() / static_cast<double>(shape.cols),
                    panel.picture.height() / static_cast<double>(shape.rows));
        cairo_set_source_surface(on, from, 0, 0);
        cairo_pattern_set_filter(cairo_get_source(on), CAIRO_FILTER_NEAREST);
        cairo_paint(on);
        cairo_restore(on);
    };
    pixels.color(field.values(), field.style());
    if (!layered) {
        const cairo_picture whole_field = new_picture(static_cast<int>(shape.cols), static_cast<int>(shape.rows));
        pixels.fill(look.never_visited, {}, view_of(whole_field.get()));
        place(whole_field.get());
        return;
    }
    std::vector<rgba8> colors;
    colors.reserve(pixels.bins().size());
    for (const std::int32_t bin : pixels.bins()) {
        colors.push_back(pixels.color_of_bin(bin));
    }
    const cairo_picture clear = picture_of(colors, shape);
    place(clear.get());
}

inline void draw_scene(cairo_t* on, const text_font& font, const scene& now, const render_options& options, bool fine) {
    const picture_layout layout = lay_out(now, options);
    const render_look look = look_of(options.style);
    cairo_save(on);
    draw_page(on, font, now, layout, options);
    bool layered = false;
    for (const shape& s : now.shapes.shapes()) {
        layered = layered || (s.style.layer == fieldreel::layer::below && s.style.where != placement::dock);
    }
    for (std::size_t i = 0; layered && i < layout.panels.size(); ++i) { // bins without values, under everything
        scene_field nothing = now.fields[i];
        nothing.set_no_data();
        draw_field(on, nothing, layout.panels[i], look, false, fine);
    }
    cairo_shapes shapes(on, font);
    draw_shapes(now, layout, options, fieldreel::layer::below, shapes);
    cairo_reset_clip(on);
    for (std::size_t i = 0; i < layout.panels.size(); ++i) {
        const panel_layout& panel = layout.panels[i];
        const scene_field& field = now.fields[i];
        const double line = (std::max)(1.0, 1.4 * layout.thick);
        if (options.outline && !layered) { // its inner half is under the bins
            outline(on, field.space(), panel, look, 2 * line);
        }
        draw_field(on, field, panel, look, layered, fine);
        if (options.outline && layered) {
            outline(on, field.space(), panel, look, line);
        }
        if (!panel.bar.empty()) {
            clipped_limits limits =
                field.values().empty() ? clipped_limits{} : clipped(field.values(), field.style().range);
            limits.low = options.clips_low.value_or(limits.low);
            limits.high = options.clips_high.value_or(limits.high);
            draw_clipped(on, panel, field.style(), look, limits);
        }
        if (field.values().empty()) {
            draw_text(
                on, font,
                {(panel.picture.left + panel.picture.right) / 2.0, (panel.picture.top + panel.picture.bottom) / 2.0},
                no_data_words, {.size_px = layout.text_px, .color = {60, 60, 60, 255}, .where = align::center});
        }
    }
    draw_peaks(now, layout, options, shapes);
    draw_shapes(now, layout, options, fieldreel::layer::above, shapes);
    cairo_reset_clip(on);
    if (options.time) {
        std::string words;
        write_time(words, now.time_s, options);
        draw_text(on, font, {static_cast<double>(layout.size.cols) - layout.margin, layout.header_y}, words,
                  {.size_px = layout.text_px, .color = look.ink, .where = align::right});
    }
    cairo_restore(on);
    check_status(cairo_status(on), "drawing a scene");
}

} // namespace detail

/// Draws a scene as `raster` does, on a surface of Cairo: shapes as paths, text as text, one unit per pixel of
/// options.size. Nothing is kept from one call to the next. Errors: invalid_value, render_error.
inline void draw_scene(cairo_t* on, const scene& now, const render_options& options = {}) {
    check(options);
    const detail::text_font font(options.font);
    detail::draw_scene(on, font, now, options, true);
}

} // namespace fieldreel::inline v0

#endif
