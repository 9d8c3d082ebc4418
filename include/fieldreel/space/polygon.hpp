// SPDX-License-Identifier: MIT
// Simple polygons: area, centre, what they contain, and where they cross themselves.
#ifndef FIELDREEL_SPACE_POLYGON_HPP
#define FIELDREEL_SPACE_POLYGON_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

// A polygon is its corners in order; the last is joined to the first. Edge i goes from corner i to the next.

/// The area a polygon encloses: positive for counter-clockwise corners, negative for clockwise ones. What a polygon
/// that crosses itself encloses twice counts twice. Cost: O(corners).
inline double polygon_area(std::span<const point_xy> corners) noexcept {
    double twice = 0;
    for (std::size_t i = 2; i < corners.size(); ++i) { // relative to a corner: exact far from the origin, too
        const point_xy a{corners[i - 1].x - corners[0].x, corners[i - 1].y - corners[0].y};
        const point_xy b{corners[i].x - corners[0].x, corners[i].y - corners[0].y};
        twice += a.x * b.y - a.y * b.x;
    }
    return twice / 2;
}

/// The centre of mass of the area; of a polygon without area the mean of its corners. Cost: O(corners).
inline point_xy polygon_center(std::span<const point_xy> corners) noexcept {
    if (corners.empty()) {
        return {};
    }
    const point_xy from = corners[0];
    double twice = 0;
    point_xy moment;
    point_xy sum;
    for (std::size_t i = 1; i < corners.size(); ++i) {
        const point_xy a{corners[i - 1].x - from.x, corners[i - 1].y - from.y};
        const point_xy b{corners[i].x - from.x, corners[i].y - from.y};
        const double part = a.x * b.y - a.y * b.x;
        twice += part;
        moment.x += part * (a.x + b.x);
        moment.y += part * (a.y + b.y);
        sum.x += b.x;
        sum.y += b.y;
    }
    if (!(std::abs(twice) > 0)) {
        const auto count = static_cast<double>(corners.size());
        return {from.x + sum.x / count, from.y + sum.y / count};
    }
    return {from.x + moment.x / (3 * twice), from.y + moment.y / (3 * twice)};
}

/// The smallest box around a polygon. Corners must not be empty.
inline box_xy polygon_bounds(std::span<const point_xy> corners) noexcept {
    box_xy box{corners[0], corners[0]};
    for (const point_xy& at : corners) {
        box.low = {(std::min)(box.low.x, at.x), (std::min)(box.low.y, at.y)};
        box.high = {(std::max)(box.high.x, at.x), (std::max)(box.high.y, at.y)};
    }
    return box;
}

/// Whether a place lies within a polygon, by the even-odd rule. Borders are half open: a point on a border belongs to
/// the polygon on its right (larger x; on a level border to the one above it). So polygons that share their corners
/// share no point, and nothing between them belongs to none. NaN is within none. Cost: O(corners).
inline bool polygon_contains(std::span<const point_xy> corners, double x, double y) noexcept {
    bool within = false;
    for (std::size_t i = 0, before = corners.size() - 1; i < corners.size(); before = i++) {
        point_xy low = corners[before];
        point_xy high = corners[i];
        if ((low.y <= y) == (high.y <= y)) {
            continue;
        }
        if (low.y > high.y) { // the same sum for both polygons at a border, whatever its rounding
            std::swap(low, high);
        }
        within ^= (high.x - low.x) * (y - low.y) - (high.y - low.y) * (x - low.x) > 0;
    }
    return within && x == x;
}

/// The first place where two segments a-b and c-d touch or cross, or nothing. Touching at one end counts; of segments
/// that lie on one another, one of the ends they share. Cost: O(1).
inline std::optional<point_xy> segment_crossing(point_xy a, point_xy b, point_xy c, point_xy d) noexcept {
    const auto side = [](point_xy from, point_xy to, point_xy at) {
        return (to.x - from.x) * (at.y - from.y) - (to.y - from.y) * (at.x - from.x);
    };
    const auto within = [](point_xy from, point_xy to, point_xy at) {
        return (std::min)(from.x, to.x) <= at.x && at.x <= (std::max)(from.x, to.x) &&
               (std::min)(from.y, to.y) <= at.y && at.y <= (std::max)(from.y, to.y);
    };
    const double side_c = side(a, b, c);
    const double side_d = side(a, b, d);
    const double side_a = side(c, d, a);
    const double side_b = side(c, d, b);
    if (((side_c > 0 && side_d < 0) || (side_c < 0 && side_d > 0)) &&
        ((side_a > 0 && side_b < 0) || (side_a < 0 && side_b > 0))) {
        const double part = side_a / (side_a - side_b);
        return point_xy{a.x + part * (b.x - a.x), a.y + part * (b.y - a.y)};
    }
    if (side_a == 0 && within(c, d, a)) {
        return a;
    }
    if (side_b == 0 && within(c, d, b)) {
        return b;
    }
    if (side_c == 0 && within(a, b, c)) {
        return c;
    }
    if (side_d == 0 && within(a, b, d)) {
        return d;
    }
    return std::nullopt;
}

/// Two edges of a polygon that touch or cross, and where.
struct edge_crossing {
    std::size_t first = 0;
    std::size_t second = 0;
    point_xy at;
    friend bool operator==(const edge_crossing&, const edge_crossing&) = default;
};

/// The first two edges of a polygon that touch or cross beside the corner they may share (a spike that runs back on
/// itself counts); nothing for a simple polygon. A corner that repeats the one before it is passed over.
/// Cost: O(corners^2), a few ns per pair; one allocation.
inline std::optional<edge_crossing> polygon_crossing(std::span<const point_xy> corners) {
    std::vector<std::size_t> edges; // those with a length
    for (std::size_t i = 0; i < corners.size(); ++i) {
        if (corners[i] != corners[(i + 1) % corners.size()]) {
            edges.push_back(i);
        }
    }
    const std::size_t count = edges.size();
    const auto from = [&](std::size_t edge) { return corners[edges[edge]]; };
    const auto to = [&](std::size_t edge) { return corners[(edges[edge] + 1) % corners.size()]; };
    for (std::size_t first = 0; first < count; ++first) {
        const point_xy a = from(first);
        const point_xy b = to(first);
        for (std::size_t second = first + 1; second < count; ++second) {
            const point_xy c = from(second);
            const point_xy d = to(second);
            const bool next = second == first + 1;
            const bool around = first == 0 && second == count - 1;
            if (next || around) { // they share a corner: one more point only where they run back on one another
                const point_xy corner = next ? b : a;
                const point_xy one = next ? a : b;
                const point_xy other = next ? d : c;
                const point_xy u{one.x - corner.x, one.y - corner.y};
                const point_xy v{other.x - corner.x, other.y - corner.y};
                if (u.x * v.y - u.y * v.x == 0 && u.x * v.x + u.y * v.y > 0) {
                    return edge_crossing{edges[first], edges[second], corner};
                }
                continue;
            }
            if ((std::max)(c.x, d.x) < (std::min)(a.x, b.x) || (std::min)(c.x, d.x) > (std::max)(a.x, b.x) ||
                (std::max)(c.y, d.y) < (std::min)(a.y, b.y) || (std::min)(c.y, d.y) > (std::max)(a.y, b.y)) {
                continue;
            }
            if (const auto at = segment_crossing(a, b, c, d)) {
                return edge_crossing{edges[first], edges[second], *at};
            }
        }
    }
    return std::nullopt;
}

namespace detail {

/// How much of the edge a-b the edge c-d covers: 0 unless both lie on one line, to a millionth of `scale`.
inline double edge_overlap(point_xy a, point_xy b, point_xy c, point_xy d, double scale) {
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    if (!(length > 0)) {
        return 0;
    }
    const point_xy along{(b.x - a.x) / length, (b.y - a.y) / length};
    const auto off = [&](point_xy p) { return std::abs((p.x - a.x) * along.y - (p.y - a.y) * along.x); };
    const auto at = [&](point_xy p) { return (p.x - a.x) * along.x + (p.y - a.y) * along.y; };
    if (off(c) > 1e-6 * scale || off(d) > 1e-6 * scale) {
        return 0;
    }
    const double low = (std::max)(0.0, (std::min)(at(c), at(d)));
    const double high = (std::min)(length, (std::max)(at(c), at(d)));
    return high - low > 1e-6 * scale ? high - low : 0;
}

/// A polygon as given by a person, made ready: simple, counter-clockwise, without repeated corners (also where the
/// first is repeated at the end). `what` opens each sentence: "polygon 3", "the region 'reward'".
/// Errors: data_error for a corner that is not finite (its number), fewer than 3 different corners, one that crosses
/// itself, no area.
inline std::vector<point_xy> simple_polygon(std::span<const point_xy> corners, std::string_view what) {
    std::vector<point_xy> out;
    out.reserve(corners.size());
    for (std::size_t i = 0; i < corners.size(); ++i) {
        if (!std::isfinite(corners[i].x) || !std::isfinite(corners[i].y)) {
            throw data_error(text(what, " has its corner ", i, " at (", rounded(corners[i].x), ", ",
                                  rounded(corners[i].y), "); corners must be finite; correct or remove it"),
                             i);
        }
        if (out.empty() || corners[i] != out.back()) {
            out.push_back(corners[i]);
        }
    }
    while (out.size() > 1 && out.back() == out.front()) {
        out.pop_back();
    }
    if (out.size() < 3) {
        throw data_error(text(what, " has ", out.size(), " different ", out.size() == 1 ? "corner" : "corners",
                              "; a polygon needs at least 3; give each corner once, in order"));
    }
    // On a line: all corners within 1e-12 of the line from the first corner to the one farthest from it.
    const auto square = [&](point_xy at) {
        return (at.x - out[0].x) * (at.x - out[0].x) + (at.y - out[0].y) * (at.y - out[0].y);
    };
    const point_xy far_end =
        *std::max_element(out.begin(), out.end(), [&](point_xy a, point_xy b) { return square(a) < square(b); });
    const bool on_a_line = std::all_of(out.begin(), out.end(), [&](point_xy at) {
        return std::abs((far_end.x - out[0].x) * (at.y - out[0].y) - (far_end.y - out[0].y) * (at.x - out[0].x)) <=
               1e-12 * square(far_end);
    });
    if (on_a_line) {
        throw data_error(text(what, " has no area: its ", out.size(),
                              " corners lie on a line; a polygon must enclose an area; correct its corners"));
    }
    if (const auto wrong = polygon_crossing(corners)) {
        throw data_error(text(what, " crosses itself: its edges ", wrong->first, " and ", wrong->second, " meet at (",
                              rounded(wrong->at.x), ", ", rounded(wrong->at.y),
                              "); edges may only meet at the corner they share; give the corners in order around the "
                              "border"),
                         wrong->first);
    }
    const double area = polygon_area(out);
    if (area < 0) {
        std::reverse(out.begin(), out.end());
    }
    return out;
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
