// SPDX-License-Identifier: MIT
// Thin shapes as coverage: lines, dots and arrowheads in one mask, from which their colour is laid over a picture.
#ifndef FIELDREEL_RENDER_COVERAGE_HPP
#define FIELDREEL_RENDER_COVERAGE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/canvas.hpp>

namespace fieldreel::inline v0 {

/// Pixels from left to before right, from top to before bottom.
struct pixel_rect {
    int left = 0;
    int top = 0;
    int right = 0;
    int bottom = 0;
    int width() const noexcept { return right - left; }
    int height() const noexcept { return bottom - top; }
    bool empty() const noexcept { return right <= left || bottom <= top; }
    bool contains(double x, double y) const noexcept { return x >= left && x < right && y >= top && y < bottom; }
    friend bool operator==(const pixel_rect&, const pixel_rect&) = default;
};

/// What both have in common.
inline pixel_rect intersection(const pixel_rect& a, const pixel_rect& b) noexcept {
    return {(std::max)(a.left, b.left), (std::max)(a.top, b.top), (std::min)(a.right, b.right),
            (std::min)(a.bottom, b.bottom)};
}

/// Somebody's opaque pixels as Cairo has them: four bytes each, in memory blue, green, red, 255. `stride` in pixels.
struct bgra_view {
    std::uint32_t* pixels = nullptr;
    int width = 0;
    int height = 0;
    std::ptrdiff_t stride = 0;
    std::uint32_t* row(int y) const noexcept { return pixels + y * stride; }
    pixel_rect bounds() const noexcept { return {0, 0, width, height}; }
};

namespace detail {

/// The four bytes in the order of memory, on any machine.
inline std::uint32_t bgra_bytes(rgba8 c) noexcept {
    const std::uint8_t bytes[4] = {c.b, c.g, c.r, c.a};
    std::uint32_t out = 0;
    std::memcpy(&out, bytes, 4);
    return out;
}
/// `part` (0-255) of one opaque colour over another, each byte rounded.
inline std::uint32_t mix(std::uint32_t under, std::uint32_t over, std::uint32_t part) noexcept {
    std::uint32_t out = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        const std::uint32_t a = under >> shift & 255;
        const std::uint32_t b = over >> shift & 255;
        out |= (a * (255 - part) + b * part + 127) / 255 << shift;
    }
    return out;
}
inline std::uint32_t over(std::uint32_t under, rgba8 c) noexcept {
    const std::uint8_t part = c.a;
    c.a = 255;
    return mix(under, bgra_bytes(c), part);
}

} // namespace detail

/// How much of each pixel a shape covers, times its alpha. Parts of one shape that lie over one another count once, the
/// strongest: a fading line has no dark joints, and drawing parts in any order, at once or one by one, gives the same
/// bytes. Places are in pixels; pixel (0, 0) is the square from (0, 0) to (1, 1).
class coverage_mask {
public:
    /// Makes room and forgets all. Only pixels within `clip` are ever covered.
    void reset(int width, int height, const pixel_rect& clip) {
        if (width != width_ || height != height_) {
            width_ = width;
            height_ = height;
            values_.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0);
            spans_.assign(static_cast<std::size_t>(height), {});
            used_ = {};
        } else {
            clear();
        }
        clip_ = intersection(clip, {0, 0, width, height});
    }
    /// Cost: only what was drawn on.
    void clear() noexcept {
        for (int y = used_.top; y < used_.bottom; ++y) {
            span& in = spans_[static_cast<std::size_t>(y)];
            if (in.left < in.right) {
                std::memset(row(y) + in.left, 0, static_cast<std::size_t>(in.right - in.left));
            }
            in = {};
        }
        used_ = {};
    }
    /// Everything covered lies in here.
    const pixel_rect& used() const noexcept { return used_; }
    std::uint8_t at(int x, int y) const noexcept {
        return values_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)];
    }

    /// A piece of a line with round ends; its alpha goes from one end's to the other's.
    void segment(double x0, double y0, double alpha0, double x1, double y1, double alpha1, double width) {
        const double radius = width / 2;
        const double reach = radius + 0.5;
        const double strength = (std::min)(1.0, width); // thinner than a pixel: paler
        const double dx = x1 - x0;
        const double dy = y1 - y0;
        const double length2 = dx * dx + dy * dy;
        const pixel_rect box = start((std::min)(x0, x1) - reach, (std::min)(y0, y1) - reach, (std::max)(x0, x1) + reach,
                                     (std::max)(y0, y1) + reach);
        const double full = radius > 0.5 ? (radius - 0.5) * (radius - 0.5) : 0;
        for (int y = box.top; y < box.bottom; ++y) {
            const double py = y + 0.5 - y0;
            int left = box.left;
            int right = box.right;
            if (std::abs(dy) > 1) { // a long slanted line covers little of its box
                const double middle = x0 + dx / dy * py;
                const double half = reach * std::sqrt(length2) / std::abs(dy) + 1;
                left = (std::max)(left, static_cast<int>(std::floor((std::max)(middle - half, -1e9))));
                right = (std::min)(right, static_cast<int>(std::ceil((std::min)(middle + half, 1e9))));
            }
            std::uint8_t* const out = touch(y, left, right);
            for (int x = left; x < right; ++x) {
                const double px = x + 0.5 - x0;
                double t = length2 > 0 ? (px * dx + py * dy) / length2 : 0;
                t = t < 0 ? 0 : t > 1 ? 1 : t;
                const double ex = px - t * dx;
                const double ey = py - t * dy;
                const double d2 = ex * ex + ey * ey;
                if (d2 < reach * reach) {
                    const double part = d2 <= full ? 1 : (std::min)(1.0, reach - std::sqrt(d2));
                    put(out[x], part * strength * (alpha0 + (alpha1 - alpha0) * t));
                }
            }
        }
    }
    /// One symbol of a diameter around a place; a tick is `size` high and `line` wide, as are the lines of the others.
    void symbol(marker_symbol kind, double x, double y, double size, double line, double alpha, double grow = 0) {
        const double r = size / 2;
        switch (kind) {
        case marker_symbol::disc:
            distance_shape(x, y, r + grow, alpha,
                           [&](double px, double py) { return std::sqrt(px * px + py * py) - r - grow; });
            break;
        case marker_symbol::ring:
            distance_shape(x, y, r + grow, alpha, [&](double px, double py) {
                return std::abs(std::sqrt(px * px + py * py) - (r - line / 2)) - line / 2 - grow;
            });
            break;
        case marker_symbol::square: box(x, y, r + grow, r + grow, alpha); break;
        case marker_symbol::cross: {
            const double a = r * 0.70710678118654752;
            segment(x - a, y - a, alpha, x + a, y + a, alpha, line + 2 * grow);
            segment(x - a, y + a, alpha, x + a, y - a, alpha, line + 2 * grow);
            break;
        }
        case marker_symbol::triangle: {
            const double a = r * 0.86602540378443865;
            triangle(x, y - r, x + a, y + r / 2, x - a, y + r / 2, alpha, grow);
            break;
        }
        case marker_symbol::tick: box(x, y, line / 2 + grow, r + grow, alpha); break;
        }
    }
    /// A filled triangle, corners in either direction, larger by `grow` on all sides.
    void triangle(double ax, double ay, double bx, double by, double cx, double cy, double alpha, double grow = 0) {
        if ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax) < 0) {
            std::swap(bx, cx);
            std::swap(by, cy);
        }
        const auto edge = [](double px, double py, double x0, double y0, double x1, double y1) { // > 0: outside
            const double length = std::hypot(x1 - x0, y1 - y0);
            return length > 0 ? ((px - x0) * (y1 - y0) - (py - y0) * (x1 - x0)) / length : -1e9;
        };
        const pixel_rect box = start((std::min)({ax, bx, cx}) - 1 - grow, (std::min)({ay, by, cy}) - 1 - grow,
                                     (std::max)({ax, bx, cx}) + 1 + grow, (std::max)({ay, by, cy}) + 1 + grow);
        for (int y = box.top; y < box.bottom; ++y) {
            std::uint8_t* const out = touch(y, box.left, box.right);
            for (int x = box.left; x < box.right; ++x) {
                const double px = x + 0.5;
                const double py = y + 0.5;
                const double d = (std::max)({edge(px, py, ax, ay, bx, by), edge(px, py, bx, by, cx, cy),
                                             edge(px, py, cx, cy, ax, ay)}) -
                                 grow;
                put(out[x], (0.5 - d) * alpha, alpha);
            }
        }
    }

    /// One pixel.
    void pixel(int x, int y, double alpha) {
        const pixel_rect box = start(x, y, x + 1, y + 1);
        if (!box.empty()) {
            put(touch(y, x, x + 1)[x], alpha);
        }
    }

    /// Lays a colour over opaque pixels as far as they are covered. Cost: the used rectangle.
    void paint(rgba8 color, const bgra_view& out) const noexcept {
        const std::uint32_t alpha = color.a;
        color.a = 255;
        const std::uint32_t over = detail::bgra_bytes(color);
        const pixel_rect box = intersection(used_, out.bounds());
        for (int y = box.top; y < box.bottom; ++y) {
            const std::uint8_t* const in = row(y);
            std::uint32_t* const pixels = out.row(y);
            const span& drawn = spans_[static_cast<std::size_t>(y)];
            const int right = (std::min)(box.right, drawn.right);
            for (int x = (std::max)(box.left, drawn.left); x < right; ++x) {
                if (in[x] != 0) {
                    pixels[x] = detail::mix(pixels[x], over, (in[x] * alpha + 127) / 255);
                } else if (x + 8 < right) { // most of a mask is empty
                    std::uint64_t eight = 0;
                    std::memcpy(&eight, in + x, 8);
                    x += eight == 0 ? 7 : 0;
                }
            }
        }
    }

private:
    std::uint8_t* row(int y) noexcept {
        return values_.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width_);
    }
    const std::uint8_t* row(int y) const noexcept {
        return values_.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width_);
    }
    /// What is drawn on in a row.
    struct span {
        int left = 0;
        int right = 0;
    };
    /// The row, whose pixels from left to before right are about to be drawn on.
    std::uint8_t* touch(int y, int left, int right) noexcept {
        if (left < right) {
            span& all = spans_[static_cast<std::size_t>(y)];
            all = all.left < all.right ? span{(std::min)(all.left, left), (std::max)(all.right, right)}
                                       : span{left, right};
        }
        return row(y);
    }
    static void put(std::uint8_t& to, double part, double most = 1) noexcept {
        const double limited = part < 0 ? 0 : part > most ? most : part;
        const auto value = static_cast<std::uint8_t>(limited * 255 + 0.5);
        to = value > to ? value : to;
    }
    /// The pixels that a shape may touch, noted as used.
    pixel_rect start(double left, double top, double right, double bottom) noexcept {
        const auto limited = [](double v) { return static_cast<int>((std::min)((std::max)(v, -1e8), 1e8)); };
        const pixel_rect box = intersection(clip_, {limited(std::floor(left)), limited(std::floor(top)),
                                                    limited(std::ceil(right)), limited(std::ceil(bottom))});
        if (box.empty()) {
            return {};
        }
        used_ = used_.empty() ? box
                              : pixel_rect{(std::min)(used_.left, box.left), (std::min)(used_.top, box.top),
                                           (std::max)(used_.right, box.right), (std::max)(used_.bottom, box.bottom)};
        return box;
    }
    template <class Distance>
    void distance_shape(double cx, double cy, double reach, double alpha, const Distance& distance) {
        const pixel_rect box = start(cx - reach - 1, cy - reach - 1, cx + reach + 1, cy + reach + 1);
        for (int y = box.top; y < box.bottom; ++y) {
            std::uint8_t* const out = touch(y, box.left, box.right);
            for (int x = box.left; x < box.right; ++x) {
                put(out[x], (0.5 - distance(x + 0.5 - cx, y + 0.5 - cy)) * alpha, alpha);
            }
        }
    }
    /// An upright rectangle: exactly the part of each pixel that it covers.
    void box(double cx, double cy, double half_width, double half_height, double alpha) {
        const pixel_rect area = start(cx - half_width, cy - half_height, cx + half_width, cy + half_height);
        const auto part = [](double low, double high, int at) {
            return (std::max)(0.0, (std::min)(high, at + 1.0) - (std::max)(low, at + 0.0));
        };
        for (int y = area.top; y < area.bottom; ++y) {
            const double down = part(cy - half_height, cy + half_height, y);
            std::uint8_t* const out = touch(y, area.left, area.right);
            for (int x = area.left; x < area.right; ++x) {
                put(out[x], down * part(cx - half_width, cx + half_width, x) * alpha);
            }
        }
    }

    std::vector<std::uint8_t> values_;
    std::vector<span> spans_; // per row
    int width_ = 0;
    int height_ = 0;
    pixel_rect clip_;
    pixel_rect used_;
};

} // namespace fieldreel::inline v0

#endif
