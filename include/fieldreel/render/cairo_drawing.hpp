// SPDX-License-Identifier: MIT
// Cairo's contexts and surfaces with an owner, its text, and the shapes of a scene as Cairo's paths.
#ifndef FIELDREEL_RENDER_CAIRO_DRAWING_HPP
#define FIELDREEL_RENDER_CAIRO_DRAWING_HPP

#if !__has_include(<cairo.h>)
#error                                                                                                                 \
    "fieldreel/render needs Cairo: link fieldreel::raster, or install libcairo2-dev and add pkg-config --cflags cairo"
#endif

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <cairo.h>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/render/coverage.hpp>
#include <fieldreel/render/placed_shapes.hpp>

namespace fieldreel::inline v0 {

/// Drawing failed: no memory, no font, a file that cannot be written.
class render_error : public error {
public:
    using error::error;
};

namespace detail {

struct cairo_release {
    void operator()(cairo_t* p) const noexcept { cairo_destroy(p); }
    void operator()(cairo_surface_t* p) const noexcept { cairo_surface_destroy(p); }
    void operator()(cairo_font_face_t* p) const noexcept { cairo_font_face_destroy(p); }
    void operator()(cairo_font_options_t* p) const noexcept { cairo_font_options_destroy(p); }
};
using cairo_context = std::unique_ptr<cairo_t, cairo_release>;
using cairo_picture = std::unique_ptr<cairo_surface_t, cairo_release>;

inline void check_status(cairo_status_t status, const char* what) {
    if (status != CAIRO_STATUS_SUCCESS) {
        throw render_error(text(what, " failed: ", std::string_view(cairo_status_to_string(status)),
                                "; draw a smaller picture or free memory"));
    }
}
inline cairo_picture new_picture(int width, int height) {
    cairo_picture out(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height));
    check_status(cairo_surface_status(out.get()), "making a picture");
    return out;
}
inline bgra_view view_of(cairo_surface_t* picture) noexcept {
    return {reinterpret_cast<std::uint32_t*>(cairo_image_surface_get_data(picture)),
            cairo_image_surface_get_width(picture), cairo_image_surface_get_height(picture),
            cairo_image_surface_get_stride(picture) / 4};
}
inline void set_color(cairo_t* on, rgba8 c, double alpha = 1) noexcept {
    cairo_set_source_rgba(on, c.r / 255.0, c.g / 255.0, c.b / 255.0, c.a / 255.0 * alpha);
}

/// Text that Cairo takes: what is no UTF-8 becomes '?', control characters become spaces.
inline std::string drawable(std::string_view in) {
    std::string out;
    for (std::size_t i = 0; i < in.size();) {
        const auto lead = static_cast<unsigned char>(in[i]);
        const std::size_t length = lead < 0x80                   ? 1
                                   : lead >= 0xc2 && lead < 0xe0 ? 2
                                   : lead >= 0xe0 && lead < 0xf0 ? 3
                                   : lead >= 0xf0 && lead < 0xf5 ? 4
                                                                 : 0;
        bool good = length > 0 && i + length <= in.size();
        for (std::size_t k = 1; good && k < length; ++k) {
            good = (static_cast<unsigned char>(in[i + k]) & 0xc0) == 0x80;
        }
        if (good && length >= 3) { // not the long forms, surrogates, or beyond the last character
            const auto second = static_cast<unsigned char>(in[i + 1]);
            good = !(lead == 0xe0 && second < 0xa0) && !(lead == 0xed && second >= 0xa0) &&
                   !(lead == 0xf0 && second < 0x90) && !(lead == 0xf4 && second >= 0x90);
        }
        if (!good) {
            out += '?';
            ++i;
        } else {
            lead < 0x20 || lead == 0x7f ? out += ' ' : out.append(in.substr(i, length));
            i += length;
        }
    }
    return out;
}

enum class align : std::uint8_t { left, center, right };

/// One family of letters for all text of a picture.
class text_font {
public:
    /// Errors: render_error where the system has no font at all.
    explicit text_font(const std::string& family) : family_(drawable(family)), options_(cairo_font_options_create()) {
        cairo_font_options_set_antialias(options_.get(), CAIRO_ANTIALIAS_GRAY);
        cairo_font_options_set_hint_style(options_.get(), CAIRO_HINT_STYLE_NONE);
        cairo_font_options_set_hint_metrics(options_.get(), CAIRO_HINT_METRICS_OFF);
        for (const cairo_font_weight_t weight : {CAIRO_FONT_WEIGHT_NORMAL, CAIRO_FONT_WEIGHT_BOLD}) {
            std::unique_ptr<cairo_font_face_t, cairo_release> face(
                cairo_toy_font_face_create(family_.c_str(), CAIRO_FONT_SLANT_NORMAL, weight));
            check_status(cairo_font_face_status(face.get()), "choosing a font");
            (weight == CAIRO_FONT_WEIGHT_BOLD ? bold_ : plain_) = std::move(face);
        }
        // Without any font Cairo falls back to stick letters of its own, ASCII only.
        const cairo_picture scratch = new_picture(1, 1);
        const cairo_context on(cairo_create(scratch.get()));
        use(on.get(), 10, false);
        cairo_scaled_font_t* const found = cairo_get_scaled_font(on.get());
        if (cairo_scaled_font_status(found) != CAIRO_STATUS_SUCCESS ||
            cairo_scaled_font_get_type(found) == CAIRO_FONT_TYPE_USER) {
            throw render_error(text("text in '", family_,
                                    "' was asked for; this system has no font at all; install "
                                    "one (apt install fonts-dejavu-core)"));
        }
    }
    void use(cairo_t* on, double size_px, bool bold) const noexcept {
        cairo_set_font_face(on, (bold ? bold_ : plain_).get());
        cairo_set_font_size(on, size_px);
        cairo_set_font_options(on, options_.get());
    }
    double width(cairo_t* on, const std::string& words, double size_px, bool bold) const noexcept {
        use(on, size_px, bold);
        cairo_text_extents_t extents;
        cairo_text_extents(on, words.c_str(), &extents);
        return extents.x_advance;
    }

private:
    std::string family_;
    std::unique_ptr<cairo_font_options_t, cairo_release> options_;
    std::unique_ptr<cairo_font_face_t, cairo_release> plain_;
    std::unique_ptr<cairo_font_face_t, cairo_release> bold_;
};

/// Text whose capitals' middle is at `at.y`. A rim of alpha 0 is none.
struct text_look {
    double size_px = 16;
    rgba8 color = {};
    align where = align::left;
    bool bold = false;
    rgba8 rim = {};
    double rim_px = 0;
    bool upwards = false; ///< turned by a quarter, read from below
};
inline void draw_text(cairo_t* on, const text_font& font, point_xy at, std::string_view words, const text_look& look) {
    const std::string ready = drawable(words);
    if (ready.empty()) {
        return;
    }
    const double width = font.width(on, ready, look.size_px, look.bold);
    const double back = look.where == align::left ? 0 : look.where == align::center ? width / 2 : width;
    cairo_save(on);
    cairo_translate(on, at.x, at.y);
    if (look.upwards) {
        cairo_rotate(on, -1.5707963267948966);
    }
    cairo_move_to(on, -back, 0.36 * look.size_px);
    if (look.rim.a > 0) {
        cairo_text_path(on, ready.c_str());
        set_color(on, look.rim);
        cairo_set_line_width(on, 2 * look.rim_px);
        cairo_set_line_join(on, CAIRO_LINE_JOIN_ROUND);
        cairo_stroke(on);
        cairo_move_to(on, -back, 0.36 * look.size_px);
    }
    set_color(on, look.color);
    cairo_show_text(on, ready.c_str());
    cairo_restore(on);
}

/// Where a label starts so that all of it stays within a rectangle, where it fits there.
inline double label_start(double x, double width, bool centred, const pixel_rect& within) noexcept {
    const double start = centred ? x - width / 2 : x;
    return (std::max)(static_cast<double>(within.left), (std::min)(start, within.right - width));
}
inline double label_middle(double y, double size, const pixel_rect& within) noexcept {
    return (std::max)(within.top + 0.6 * size, (std::min)(y, within.bottom - 0.6 * size));
}

/// A place of a picture's pixels as Cairo draws them: premultiplied.
inline cairo_picture picture_of(std::span<const rgba8> pixels, image_shape size) {
    cairo_picture out = new_picture(static_cast<int>(size.cols), static_cast<int>(size.rows));
    const bgra_view view = view_of(out.get());
    for (int y = 0; y < view.height; ++y) {
        for (int x = 0; x < view.width; ++x) {
            rgba8 c = pixels[static_cast<std::size_t>(y) * size.cols + static_cast<std::size_t>(x)];
            const auto part = [&](std::uint8_t v) { return static_cast<std::uint8_t>((v * c.a + 127) / 255); };
            view.row(y)[x] = bgra_bytes({part(c.r), part(c.g), part(c.b), c.a});
        }
    }
    cairo_surface_mark_dirty(out.get());
    return out;
}

/// Draws shapes as paths on any surface of Cairo, each for itself: files of lines, and what the raster is compared
/// with.
class cairo_shapes {
public:
    cairo_shapes(cairo_t* on, const text_font& font) : on_(on), font_(font) {}

    void clip(const pixel_rect& rect) {
        cairo_reset_clip(on_);
        cairo_rectangle(on_, rect.left, rect.top, rect.width(), rect.height());
        cairo_clip(on_);
    }
    void begin(rgba8 color) { color_ = color; }
    void end() {}
    void line(std::span<const vertex> points, double width) {
        cairo_set_line_width(on_, width);
        cairo_set_line_join(on_, CAIRO_LINE_JOIN_ROUND);
        bool even = true;
        for (const vertex& v : points) {
            even = even && v.alpha == points[0].alpha;
        }
        if (even) {
            cairo_set_line_cap(on_, CAIRO_LINE_CAP_ROUND);
            for (const vertex& v : points) {
                cairo_line_to(on_, v.x, v.y);
            }
            set_color(on_, color_, points[0].alpha);
            cairo_stroke(on_);
            return;
        }
        cairo_set_line_cap(on_, CAIRO_LINE_CAP_BUTT);
        for (std::size_t i = 0; i + 1 < points.size(); ++i) {
            cairo_move_to(on_, points[i].x, points[i].y);
            cairo_line_to(on_, points[i + 1].x, points[i + 1].y);
            set_color(on_, color_, (points[i].alpha + points[i + 1].alpha) / 2);
            cairo_stroke(on_);
        }
    }
    void markers(std::span<const vertex> points, marker_symbol symbol, double size, double stroke, double grow) {
        for (const vertex& v : points) {
            marker(v.x, v.y, v.alpha, symbol, size, stroke, grow);
        }
    }
    void arrow(const vertex& from, const vertex& to, double width, double grow) {
        const double length = std::hypot(to.x - from.x, to.y - from.y);
        if (!(length > 0)) {
            return;
        }
        const arrow_head head = head_of(length, width);
        const double ux = (to.x - from.x) / length;
        const double uy = (to.y - from.y) / length;
        const double bx = to.x - ux * head.length;
        const double by = to.y - uy * head.length;
        set_color(on_, color_);
        cairo_set_line_width(on_, width + 2 * grow);
        cairo_set_line_cap(on_, CAIRO_LINE_CAP_ROUND);
        cairo_move_to(on_, from.x, from.y);
        cairo_line_to(on_, bx, by);
        cairo_stroke(on_);
        cairo_move_to(on_, to.x, to.y);
        cairo_line_to(on_, bx - uy * head.half, by + ux * head.half);
        cairo_line_to(on_, bx + uy * head.half, by - ux * head.half);
        fill_grown(grow);
    }
    void polygon(std::span<const vertex> points, rgba8 color) {
        for (const vertex& v : points) {
            cairo_line_to(on_, v.x, v.y);
        }
        cairo_close_path(on_);
        set_color(on_, color);
        cairo_fill(on_);
    }
    void label(point_xy at, bool centred, std::string_view words, double size, rgba8 color, rgba8 rim, double rim_px,
               const pixel_rect& within) {
        const double width = font_.width(on_, drawable(words), size, false);
        draw_text(on_, font_, {label_start(at.x, width, centred, within), label_middle(at.y, size, within)}, words,
                  {.size_px = size, .color = color, .rim = rim, .rim_px = rim_px});
    }
    void kept(const shape& s, const std::shared_ptr<const kept_points>& points, const place_map& map, double thick,
              rgba8 color) {
        const double size = s.style.size_px * thick;
        if (s.kind == shape_kind::kept_markers) {
            color_ = color;
            for (std::size_t i = 0; i < s.vertex_count; ++i) {
                const vertex& v = (*points)[i];
                const point_xy at = map(v.x, v.y);
                if (std::isfinite(at.x) && std::isfinite(at.y)) {
                    marker(at.x, at.y, v.alpha, s.style.symbol, size, stroke_of(s.style, thick), 0);
                }
            }
            return;
        }
        cairo_set_line_width(on_, size);
        cairo_set_line_join(on_, CAIRO_LINE_JOIN_ROUND);
        cairo_set_line_cap(on_, CAIRO_LINE_CAP_ROUND);
        set_color(on_, color);
        cairo_new_path(on_);
        for (std::size_t i = 0; i < s.vertex_count; ++i) {
            const vertex& v = (*points)[i];
            const point_xy at = map(v.x, v.y);
            if (std::isfinite(at.x) && std::isfinite(at.y)) {
                cairo_line_to(on_, at.x, at.y);
            } else {
                cairo_new_sub_path(on_);
            }
        }
        cairo_stroke(on_);
    }
    void picture(std::span<const rgba8> pixels, image_shape size, const affine_xy& to, std::uint8_t alpha) {
        const cairo_picture copy = picture_of(pixels, size);
        cairo_save(on_);
        cairo_matrix_t matrix;
        cairo_matrix_init(&matrix, to.xx, to.yx, to.xy, to.yy, to.x0, to.y0);
        cairo_transform(on_, &matrix);
        cairo_set_source_surface(on_, copy.get(), -0.5, -0.5);
        cairo_pattern_set_filter(cairo_get_source(on_), CAIRO_FILTER_NEAREST);
        cairo_paint_with_alpha(on_, alpha / 255.0);
        cairo_restore(on_);
    }

private:
    void fill_grown(double grow) {
        cairo_close_path(on_);
        if (grow > 0) {
            cairo_fill_preserve(on_);
            cairo_set_line_width(on_, 2 * grow);
            cairo_set_line_join(on_, CAIRO_LINE_JOIN_ROUND);
            cairo_stroke(on_);
        } else {
            cairo_fill(on_);
        }
    }
    void marker(double x, double y, double alpha, marker_symbol symbol, double size, double stroke, double grow) {
        const double r = size / 2;
        set_color(on_, color_, alpha);
        cairo_new_path(on_);
        switch (symbol) {
        case marker_symbol::disc:
            cairo_arc(on_, x, y, r + grow, 0, 6.283185307179586);
            cairo_fill(on_);
            break;
        case marker_symbol::ring:
            cairo_set_line_width(on_, stroke + 2 * grow);
            cairo_arc(on_, x, y, r - stroke / 2, 0, 6.283185307179586);
            cairo_stroke(on_);
            break;
        case marker_symbol::square:
            cairo_rectangle(on_, x - r - grow, y - r - grow, 2 * (r + grow), 2 * (r + grow));
            cairo_fill(on_);
            break;
        case marker_symbol::cross: {
            const double a = r * 0.70710678118654752;
            cairo_set_line_width(on_, stroke + 2 * grow);
            cairo_set_line_cap(on_, CAIRO_LINE_CAP_ROUND);
            cairo_move_to(on_, x - a, y - a);
            cairo_line_to(on_, x + a, y + a);
            cairo_move_to(on_, x - a, y + a);
            cairo_line_to(on_, x + a, y - a);
            cairo_stroke(on_);
            break;
        }
        case marker_symbol::triangle: {
            const double a = r * 0.86602540378443865;
            cairo_move_to(on_, x, y - r);
            cairo_line_to(on_, x + a, y + r / 2);
            cairo_line_to(on_, x - a, y + r / 2);
            fill_grown(grow);
            break;
        }
        case marker_symbol::tick:
            cairo_rectangle(on_, x - stroke / 2 - grow, y - r - grow, stroke + 2 * grow, 2 * (r + grow));
            cairo_fill(on_);
            break;
        }
    }

    cairo_t* on_;
    const text_font& font_;
    rgba8 color_;
};

} // namespace detail
} // namespace fieldreel::inline v0

#endif
