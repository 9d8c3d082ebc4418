// SPDX-License-Identifier: MIT
// What overlays draw on: a list of shapes in one block of memory that is used again for every moment.
#ifndef FIELDREEL_OVERLAY_CANVAS_HPP
#define FIELDREEL_OVERLAY_CANVAS_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// Where a shape's coordinates are. `environment`: the session's units, y up. `panel`: 0-1 across one field's picture,
/// y down. `dock`: the strip below the fields, x in seconds from the shown time, y in 0-1 upwards.
enum class placement : std::uint8_t { environment, panel, dock };

/// Whether a shape is drawn before or after the field.
enum class layer : std::uint8_t { below, above };

enum class shape_kind : std::uint8_t {
    line,    ///< through its vertices, each with its own alpha
    marker,  ///< one symbol at every vertex
    arrow,   ///< from the first vertex to the second
    polygon, ///< closed and filled
    label    ///< text at its vertex
};

enum class marker_symbol : std::uint8_t { disc, ring, square, cross, triangle };

/// How shapes look. Sizes are on the display, so that a zoomed field keeps its lines thin.
struct shape_style {
    rgba8 color = {255, 255, 255, 255};
    float size_px = 2; ///< line width, marker diameter or text height
    marker_symbol symbol = marker_symbol::disc;
    placement where = placement::environment;
    fieldreel::layer layer = fieldreel::layer::above;
};

/// A point of a shape. `alpha` (0-1) multiplies the alpha of the shape's colour.
struct vertex {
    double x = 0;
    double y = 0;
    float alpha = 1;
};

/// One shape: its look, and where its vertices and text are in the canvas.
struct shape {
    shape_kind kind = shape_kind::line;
    shape_style style;
    std::uint32_t first_vertex = 0;
    std::uint32_t vertex_count = 0;
    std::uint32_t first_char = 0;
    std::uint32_t char_count = 0;
};

/// The shapes of one moment. `clear` keeps the memory: after the first moments, drawing allocates nothing.
/// Shapes without a finite place are left out, so that lost tracking draws nothing: a line breaks there.
class canvas {
public:
    void clear() noexcept {
        shapes_.clear();
        vertices_.clear();
        text_.clear();
    }

    /// Starts a line; `line_to` continues it, and a NaN breaks it. A line of one point is dropped by the next shape or
    /// line.
    void begin_line(const shape_style& style) { open(shape_kind::line, style); }
    void line_to(point_xy at, float alpha = 1) {
        if (!finite(at)) {
            const shape_style style = shapes_.back().style;
            open(shape_kind::line, style);
            return;
        }
        add({at.x, at.y, alpha});
    }
    void end_line() { drop_short_line(); }

    void marker(point_xy at, const shape_style& style, float alpha = 1) {
        if (finite(at)) {
            open(shape_kind::marker, style);
            add({at.x, at.y, alpha});
        }
    }
    void arrow(point_xy from, point_xy to, const shape_style& style) {
        if (finite(from) && finite(to)) {
            open(shape_kind::arrow, style);
            add({from.x, from.y, 1});
            add({to.x, to.y, 1});
        }
    }
    /// Closed by itself. Left out whole when a corner is not finite, or with fewer than three corners.
    void polygon(std::span<const point_xy> corners, const shape_style& style) {
        for (const point_xy& corner : corners) {
            if (!finite(corner)) {
                return;
            }
        }
        if (corners.size() >= 3) {
            open(shape_kind::polygon, style);
            for (const point_xy& corner : corners) {
                add({corner.x, corner.y, 1});
            }
        }
    }
    void label(point_xy at, std::string_view text, const shape_style& style) {
        if (finite(at)) {
            open(shape_kind::label, style);
            add({at.x, at.y, 1});
            shapes_.back().first_char = static_cast<std::uint32_t>(text_.size());
            shapes_.back().char_count = static_cast<std::uint32_t>(text.size());
            text_.append(text);
        }
    }

    std::span<const shape> shapes() const noexcept { return shapes_; }
    std::span<const vertex> vertices(const shape& of) const noexcept {
        return {vertices_.data() + of.first_vertex, of.vertex_count};
    }
    std::string_view text(const shape& of) const noexcept {
        return std::string_view(text_).substr(of.first_char, of.char_count);
    }

private:
    static bool finite(point_xy at) noexcept { return std::isfinite(at.x) && std::isfinite(at.y); }
    void open(shape_kind kind, const shape_style& style) {
        drop_short_line();
        shapes_.push_back({kind, style, static_cast<std::uint32_t>(vertices_.size()), 0, 0, 0});
    }
    void add(vertex v) {
        vertices_.push_back(v);
        ++shapes_.back().vertex_count;
    }
    void drop_short_line() {
        if (!shapes_.empty() && shapes_.back().kind == shape_kind::line && shapes_.back().vertex_count < 2) {
            vertices_.erase(vertices_.begin() + shapes_.back().first_vertex, vertices_.end());
            shapes_.pop_back();
        }
    }

    std::vector<shape> shapes_;
    std::vector<vertex> vertices_;
    std::string text_;
};

} // namespace fieldreel::inline v0

#endif
