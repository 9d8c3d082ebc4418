// SPDX-License-Identifier: MIT
// The shapes of a scene as a picture has them: in pixels, with their colours, widths and rims.
#ifndef FIELDREEL_RENDER_PLACED_SHAPES_HPP
#define FIELDREEL_RENDER_PLACED_SHAPES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/affine.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/render/coverage.hpp>
#include <fieldreel/render/field_pixels.hpp>
#include <fieldreel/render/layout.hpp>
#include <fieldreel/viewer/scene.hpp>

namespace fieldreel::inline v0::detail {

/// From the coordinates of a placement to pixels.
class place_map {
public:
    place_map(const picture_layout& layout, const render_options& options, placement where, const panel_layout* panel,
              const any_space* space)
        : where_(where),
          panel_(panel),
          space_(space),
          rect_(where == placement::dock ? layout.dock : panel->picture),
          before_s_(options.dock_before_s),
          length_s_(options.dock_before_s + options.dock_after_s) {}
    point_xy operator()(double x, double y) const {
        switch (where_) {
        case placement::environment: return to_pixels(*panel_, *space_, {x, y});
        case placement::dock:
            return {rect_.left + (x + before_s_) / length_s_ * rect_.width(), rect_.bottom - y * rect_.height()};
        case placement::panel: break;
        }
        return {rect_.left + x * rect_.width(), rect_.top + y * rect_.height()};
    }
    /// Where shapes of the placement may show.
    pixel_rect clip() const noexcept { return where_ == placement::dock ? rect_ : panel_->clip; }
    placement where() const noexcept { return where_; }
    /// The field whose picture it is; null for the dock.
    const panel_layout* panel() const noexcept { return where_ == placement::dock ? nullptr : panel_; }
    /// From the pixels of a picture, x = column and y = row, to those of the display: linear, taken at three places.
    affine_xy then_pixels(const affine_xy& place) const {
        const auto at = [&](double x, double y) {
            const point_xy there = place({x, y});
            return (*this)(there.x, there.y);
        };
        const point_xy zero = at(0, 0);
        const point_xy one_x = at(1, 0);
        const point_xy one_y = at(0, 1);
        return {.xx = one_x.x - zero.x,
                .xy = one_y.x - zero.x,
                .x0 = zero.x,
                .yx = one_x.y - zero.y,
                .yy = one_y.y - zero.y,
                .y0 = zero.y};
    }

private:
    placement where_;
    const panel_layout* panel_;
    const any_space* space_;
    pixel_rect rect_;
    double before_s_;
    double length_s_;
};

inline double brightness(rgba8 c) noexcept {
    return 0.299 * c.r + 0.587 * c.g + 0.114 * c.b;
}
/// Around a light shape a dark rim, around a dark one a light rim.
inline rgba8 rim_of(rgba8 c) noexcept {
    const auto alpha = static_cast<std::uint8_t>(c.a * 3 / 4);
    return brightness(c) > 100 ? rgba8{12, 12, 16, alpha} : rgba8{250, 250, 250, alpha};
}
/// Docks of overlays are made for a dark ground: on a light one white becomes black, and pale colours darker.
inline rgba8 on_light(rgba8 c) noexcept {
    const int most = (std::max)({c.r, c.g, c.b});
    const int least = (std::min)({c.r, c.g, c.b});
    const auto byte = [](int v) { return static_cast<std::uint8_t>(v); };
    if (most - least < 40) {
        return {byte(255 - c.r), byte(255 - c.g), byte(255 - c.b), c.a};
    }
    return brightness(c) < 130 ? c : rgba8{byte(c.r * 7 / 10), byte(c.g * 7 / 10), byte(c.b * 7 / 10), c.a};
}
/// The width of the strokes that make up rings, crosses and ticks.
inline double stroke_of(const shape_style& style, double thick) noexcept {
    return (std::max)(1.2 * thick, style.symbol == marker_symbol::tick ? 0.0 : 0.16 * style.size_px * thick);
}
/// So that words in a dock can be read over its lines.
inline rgba8 see_through(rgba8 ground) noexcept {
    ground.a = 190;
    return ground;
}
inline pixel_rect inset(pixel_rect rect, double by) noexcept {
    const int pixels = static_cast<int>(by);
    return {rect.left + pixels, rect.top, rect.right - pixels, rect.bottom};
}
/// The head of an arrow: how long it is, and how far its corners are from the shaft.
struct arrow_head {
    double length = 0;
    double half = 0;
};
inline arrow_head head_of(double arrow_length, double width) noexcept {
    const double length = (std::min)(4.5 * width, 0.65 * arrow_length);
    return {length, 0.5 * length};
}

/// The fields on which shapes of the environment are drawn: the first, and those that show about the same place.
inline bool shows_same_place(const any_space& first, const any_space& other) {
    const box_xy a = first.bounds();
    const box_xy b = other.bounds();
    const double width = (std::min)(a.high.x, b.high.x) - (std::max)(a.low.x, b.low.x);
    const double height = (std::min)(a.high.y, b.high.y) - (std::max)(a.low.y, b.low.y);
    const double both = (std::max)(0.0, width) * (std::max)(0.0, height);
    const auto area = [](const box_xy& box) { return (box.high.x - box.low.x) * (box.high.y - box.low.y); };
    return both >= 0.5 * (area(a) + area(b) - both);
}

/// Goes through the shapes of one layer. Lines, markers and arrows of one colour that follow one another are drawn
/// together, their rims before them, so that no rim crosses what it belongs to.
///
/// Surface: clip(rect); begin(color), then line(points, width), markers(points, symbol, size, stroke, grow),
/// arrow(from, to, width, grow), then end(); polygon(points, color), label(at, centred, text, size, color, rim,
/// rim_width, within), kept(shape, points, map, thick, color), picture(pixels, shape, to_pixels, alpha).
template <class Surface>
void draw_shapes(const scene& now, const picture_layout& layout, const render_options& options, fieldreel::layer which,
                 Surface& to) {
    const render_look look = look_of(options.style);
    const double thick = layout.thick;
    const double rim = (std::max)(0.8, 1.1 * thick);
    const canvas& all = now.shapes;
    const auto shapes = all.shapes();
    static thread_local std::vector<vertex> points;
    const auto joins = [](const shape& s) {
        return s.kind == shape_kind::line || s.kind == shape_kind::marker || s.kind == shape_kind::arrow;
    };
    for (std::size_t first = 0; first < shapes.size();) {
        const shape& lead = shapes[first];
        std::size_t last = first + 1;
        if (lead.style.layer != which || (lead.style.where == placement::dock && layout.dock.empty())) {
            ++first;
            continue;
        }
        while (joins(lead) && last < shapes.size() && joins(shapes[last]) && shapes[last].style.layer == which &&
               shapes[last].style.where == lead.style.where && shapes[last].style.color == lead.style.color) {
            ++last;
        }
        const bool docked = lead.style.where == placement::dock;
        const rgba8 color = docked && !look.dark ? on_light(lead.style.color) : lead.style.color;
        const bool rimmed = options.halo && !docked && which == fieldreel::layer::above;
        const std::size_t targets = docked ? 1 : layout.panels.size();
        for (std::size_t p = 0; p < targets; ++p) {
            if (p > 0 && (lead.style.where == placement::panel ||
                          !shows_same_place(now.fields[0].space(), now.fields[p].space()))) {
                continue;
            }
            const place_map map(layout, options, lead.style.where, docked ? nullptr : &layout.panels[p],
                                docked ? nullptr : &now.fields[p].space());
            const auto placed = [&](const shape& s) {
                points.clear();
                for (const vertex& v : all.vertices(s)) {
                    const point_xy at = map(v.x, v.y);
                    points.push_back({at.x, at.y, v.alpha});
                }
                return std::span<const vertex>(points);
            };
            to.clip(map.clip());
            if (!joins(lead)) {
                const std::span<const vertex> at = placed(lead);
                if (lead.kind == shape_kind::polygon) {
                    to.polygon(at, color);
                } else if (lead.kind == shape_kind::label) {
                    const double size =
                        (std::max)(lead.style.size_px * thick, static_cast<double>(layout.size.rows) / 45);
                    const double least = map.clip().top + 0.7 * size; // in a dock words stay whole
                    const double most = (std::max)(least, map.clip().bottom - 0.6 * size);
                    const double y = docked ? (std::min)((std::max)(at[0].y * 1.0, least), most) : at[0].y;
                    to.label({at[0].x, y}, lead.style.where == placement::environment, all.text(lead), size, color,
                             rimmed   ? rim_of(color)
                             : docked ? see_through(look.dock)
                                      : rgba8{},
                             1.2 * rim, inset(map.clip(), docked ? 0.4 * size : 0));
                } else if (lead.kind == shape_kind::picture) {
                    const picture_place& where = all.picture(lead);
                    to.picture(all.pixels(lead), where.size, map.then_pixels(where.place), color.a);
                } else {
                    to.kept(lead, all.kept(lead), map, thick, color);
                }
                continue;
            }
            for (const bool under : {true, false}) {
                if (under && !rimmed) {
                    continue;
                }
                const double grow = under ? rim : 0;
                to.begin(under ? rim_of(color) : color);
                for (std::size_t i = first; i < last; ++i) {
                    const shape& s = shapes[i];
                    const double size = s.style.size_px * thick;
                    const std::span<const vertex> at = placed(s);
                    if (s.kind == shape_kind::line) {
                        to.line(at, size + 2 * grow);
                    } else if (s.kind == shape_kind::arrow) {
                        to.arrow(at[0], at[1], size, grow);
                    } else {
                        to.markers(at, s.style.symbol, size, stroke_of(s.style, thick), grow);
                    }
                }
                to.end();
            }
        }
        first = last;
    }
}

/// Sky blue: far from anything in magma, also for colour-blind people.
constexpr rgba8 peak_color() noexcept {
    return {86, 200, 255, 255};
}

/// What a picture adds itself: a cross where a posterior is largest.
template <class Surface>
void draw_peaks(const scene& now, const picture_layout& layout, const render_options& options, Surface& to) {
    for (std::size_t p = 0; options.peak && p < layout.panels.size(); ++p) {
        const scene_field& field = now.fields[p];
        if (field.style().kind != field_kind::posterior || field.values().empty()) {
            continue;
        }
        if (const auto bin = largest(field.values())) {
            const point_xy at = to_pixels(layout.panels[p], field.space(), field.space().center(*bin));
            const vertex one{at.x, at.y, 1};
            const double size = 15 * layout.thick;
            to.clip(layout.panels[p].zoomed ? layout.panels[p].clip : layout.panels[p].cell);
            for (const bool under : {true, false}) {
                to.begin(under ? rgba8{12, 12, 16, 220} : peak_color());
                to.markers({&one, 1}, marker_symbol::cross, size, 2.6 * layout.thick, under ? 1.4 * layout.thick : 0);
                to.end();
            }
        }
    }
}

} // namespace fieldreel::inline v0::detail

#endif
