// SPDX-License-Identifier: MIT
// What overlays draw on: a list of shapes in one block of memory that is used again for every moment.
#ifndef FIELDREEL_OVERLAY_CANVAS_HPP
#define FIELDREEL_OVERLAY_CANVAS_HPP

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/affine.hpp>

namespace fieldreel::inline v0 {

/// Where a shape's coordinates are. `environment`: the session's units, y up. `panel`: 0-1 across one field's picture,
/// y down. `dock`: the strip below the fields, x in seconds from the shown time, y in 0-1 upwards.
enum class placement : std::uint8_t { environment, panel, dock };

/// Whether a shape is drawn before or after the field.
enum class layer : std::uint8_t { below, above };

enum class shape_kind : std::uint8_t {
    line,         ///< through its vertices, each with its own alpha
    marker,       ///< one symbol at every vertex
    arrow,        ///< from the first vertex to the second
    polygon,      ///< closed and filled
    label,        ///< text at its vertex
    kept_markers, ///< as marker, from points that are kept from one moment to the next
    kept_line,    ///< as line, from kept points; a NaN among them breaks it
    picture       ///< pixels that a map puts in place; no vertices
};

/// `tick`: a short upright stroke, size_px high.
enum class marker_symbol : std::uint8_t { disc, ring, square, cross, triangle, tick };

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

/// Points that are drawn again and again: the whole path, all spikes so far. They are only ever added to and never
/// move, so that a renderer may keep what it made of them and look only at new ones. One writes: the overlay. Others,
/// on any thread, read the first `count` points, where a scene that was handed to them says `count`.
class kept_points {
public:
    static constexpr std::size_t block_size = 4096;

    /// Room for `most` points. Cost: one pointer per block; the blocks themselves come with the points.
    explicit kept_points(std::size_t most) : blocks_((most + block_size - 1) / block_size), most_(most) {}
    kept_points(const kept_points&) = delete;
    kept_points& operator=(const kept_points&) = delete;
    ~kept_points() = default;

    /// Only for the one that writes. Cost: allocates one time in block_size.
    void append(vertex v) {
        assert(size_ < most_);
        auto& block = blocks_[size_ / block_size];
        if (block == nullptr) {
            block = std::make_unique<vertex[]>(block_size);
        }
        block[size_ % block_size] = v;
        ++size_;
    }
    /// What was appended; only for the one that writes.
    std::size_t size() const noexcept { return size_; }
    std::size_t most() const noexcept { return most_; }

    /// Point i of those that a scene shows.
    const vertex& operator[](std::size_t i) const noexcept { return blocks_[i / block_size][i % block_size]; }
    /// Block k of the first `count` points, for those that copy many at once.
    std::span<const vertex> block(std::size_t k, std::size_t count) const noexcept {
        const std::size_t first = k * block_size;
        return first >= count ? std::span<const vertex>()
                              : std::span<const vertex>(blocks_[k].get(), (std::min)(block_size, count - first));
    }

private:
    std::vector<std::unique_ptr<vertex[]>> blocks_; // its length is fixed: readers hold no lock
    std::size_t most_ = 0;
    std::size_t size_ = 0;
};

/// How many pixels a picture has and where they are: `place` maps x = column and y = row, pixel centres on whole
/// numbers, row 0 on top, to the coordinates that the shape's style names. The outer edges lie half a pixel beyond.
struct picture_place {
    image_shape size = {};
    affine_xy place = {};
};

/// One shape: its look, and where its vertices and text are in the canvas. Of a kept shape `vertex_count` counts its
/// kept points; it has no others.
struct shape {
    shape_kind kind = shape_kind::line;
    shape_style style;
    std::uint32_t first_vertex = 0;
    std::uint32_t vertex_count = 0;
    std::uint32_t first_char = 0;
    std::uint32_t char_count = 0;
    std::uint32_t kept = 0;
    std::uint32_t picture = 0;
    bool is_kept() const noexcept { return kind == shape_kind::kept_markers || kind == shape_kind::kept_line; }
};

/// The shapes of one moment. `clear` keeps the memory: after the first moments, drawing allocates nothing.
/// Shapes without a finite place are left out, so that lost tracking draws nothing: a line breaks there.
class canvas {
public:
    void clear() noexcept {
        shapes_.clear();
        vertices_.clear();
        text_.clear();
        kept_.clear();
        picture_count_ = 0;
    }

    /// Starts a line; `line_to` continues it, and a NaN breaks it. A line of one point is dropped by the next shape or
    /// line.
    void begin_line(const shape_style& style) { open(shape_kind::line, style); }
    void line_to(point_xy at, float alpha = 1) {
        assert(!shapes_.empty() && shapes_.back().kind == shape_kind::line); // begin_line comes first
        if (!finite(at)) {
            const shape_style style = shapes_.back().style;
            open(shape_kind::line, style);
            return;
        }
        add({at.x, at.y, alpha});
    }
    void end_line() { drop_empty(); }

    void marker(point_xy at, const shape_style& style, float alpha = 1) {
        if (finite(at)) {
            open(shape_kind::marker, style);
            add({at.x, at.y, alpha});
        }
    }
    /// Starts markers of one look, one shape for all; `marker_at` adds one. None: the next shape drops it.
    void begin_markers(const shape_style& style) { open(shape_kind::marker, style); }
    void marker_at(point_xy at, float alpha = 1) {
        assert(!shapes_.empty() && shapes_.back().kind == shape_kind::marker); // begin_markers comes first
        if (finite(at)) {
            add({at.x, at.y, alpha});
        }
    }
    void end_markers() { drop_empty(); }

    /// The first `count` of kept points as markers; nothing for 0. The canvas, and each copy of it, keeps them alive.
    void kept_markers(std::shared_ptr<const kept_points> points, std::size_t count, const shape_style& style) {
        if (count > 0) {
            open_kept(shape_kind::kept_markers, std::move(points), count, style);
        }
    }
    /// A line through the first `count` of kept points, broken where one is NaN; nothing for fewer than 2.
    void kept_line(std::shared_ptr<const kept_points> points, std::size_t count, const shape_style& style) {
        if (count > 1) {
            open_kept(shape_kind::kept_line, std::move(points), count, style);
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
    /// Gives the pixels to fill, row by row, every one of them: they hold what an earlier picture left. Pixels are
    /// drawn as squares (nearest neighbour); their alpha and that of the style's colour multiply. Left out, with
    /// nothing to fill, when `place` is not finite or the picture has no area. The pixels stay where they are until
    /// `clear`, or until the canvas dies, is assigned to or moved from. Cost: allocates only where more pixels or more
    /// pictures are asked for than ever before.
    std::span<rgba8> picture(image_shape size, const affine_xy& place, const shape_style& style) {
        if (size.rows == 0 || size.cols == 0 || !place.usable()) {
            return {};
        }
        open(shape_kind::picture, style);
        shapes_.back().picture = static_cast<std::uint32_t>(picture_count_);
        if (picture_count_ == pictures_.size()) {
            pictures_.emplace_back();
        }
        held_picture& held = pictures_[picture_count_++];
        held.where = {size, place};
        held.pixels.resize(size.rows * size.cols);
        return held.pixels;
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
    /// Adds to the text of the label drawn last, which must be the last shape.
    void label_more(std::string_view text) {
        assert(!shapes_.empty() && shapes_.back().kind == shape_kind::label);
        shapes_.back().char_count += static_cast<std::uint32_t>(text.size());
        text_.append(text);
    }

    /// Makes the shapes from number `first` on fainter: the alpha of their colours is multiplied by `part` (0-1).
    void fade(std::size_t first, double part) noexcept {
        for (std::size_t i = first; i < shapes_.size(); ++i) {
            std::uint8_t& alpha = shapes_[i].style.color.a;
            alpha = static_cast<std::uint8_t>(part * alpha + 0.5);
        }
    }

    /// Gives what was added from a shape on one colour; each keeps how opaque it is, and pictures keep their pixels.
    void recolor(std::size_t first, rgba8 color) noexcept {
        for (std::size_t i = first; i < shapes_.size(); ++i) {
            rgba8& to = shapes_[i].style.color;
            to = {color.r, color.g, color.b, to.a};
        }
    }

    std::span<const shape> shapes() const noexcept { return shapes_; }
    /// Of a shape that is not kept; empty for those that are.
    std::span<const vertex> vertices(const shape& of) const noexcept {
        return {vertices_.data() + of.first_vertex, of.is_kept() ? 0 : of.vertex_count};
    }
    /// The points of a kept shape, of which it shows the first `vertex_count`.
    const std::shared_ptr<const kept_points>& kept(const shape& of) const noexcept {
        assert(of.is_kept());
        return kept_[of.kept];
    }
    /// Of a picture, row by row, row 0 on top; empty for other shapes.
    std::span<const rgba8> pixels(const shape& of) const noexcept {
        return of.kind == shape_kind::picture ? std::span<const rgba8>(pictures_[of.picture].pixels)
                                              : std::span<const rgba8>();
    }
    const picture_place& picture(const shape& of) const noexcept {
        assert(of.kind == shape_kind::picture);
        return pictures_[of.picture].where;
    }
    std::string_view text(const shape& of) const noexcept {
        return std::string_view(text_).substr(of.first_char, of.char_count);
    }

private:
    static bool finite(point_xy at) noexcept { return std::isfinite(at.x) && std::isfinite(at.y); }
    void open(shape_kind kind, const shape_style& style) {
        drop_empty();
        shapes_.push_back({kind, style, static_cast<std::uint32_t>(vertices_.size()), 0, 0, 0, 0, 0});
    }
    void open_kept(shape_kind kind, std::shared_ptr<const kept_points> points, std::size_t count,
                   const shape_style& style) {
        assert(points != nullptr && count <= points->most());
        open(kind, style);
        shapes_.back().vertex_count = static_cast<std::uint32_t>(count);
        shapes_.back().kept = static_cast<std::uint32_t>(kept_.size());
        kept_.push_back(std::move(points));
    }
    void add(vertex v) {
        vertices_.push_back(v);
        ++shapes_.back().vertex_count;
    }
    /// A line of one point, markers without any.
    void drop_empty() {
        if (!shapes_.empty() && ((shapes_.back().kind == shape_kind::line && shapes_.back().vertex_count < 2) ||
                                 (shapes_.back().kind == shape_kind::marker && shapes_.back().vertex_count == 0))) {
            vertices_.erase(vertices_.begin() + shapes_.back().first_vertex, vertices_.end());
            shapes_.pop_back();
        }
    }

    struct held_picture {
        picture_place where;
        std::vector<rgba8> pixels;
    };

    std::vector<shape> shapes_;
    std::vector<vertex> vertices_;
    std::string text_;
    std::vector<std::shared_ptr<const kept_points>> kept_;
    std::vector<held_picture> pictures_; // more than are drawn: their memory waits for the next moment
    std::size_t picture_count_ = 0;
};

} // namespace fieldreel::inline v0

#endif
