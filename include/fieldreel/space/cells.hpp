// SPDX-License-Identifier: MIT
// The space of any polygons: hexagons, triangles, rooms, corridors.
#ifndef FIELDREEL_SPACE_CELLS_HPP
#define FIELDREEL_SPACE_CELLS_HPP

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/space/polygon.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

/// Two cells that are neighbours, named once for both. NaN is measured: the distance of the centres, the length of the
/// border line.
struct cell_link {
    std::size_t first = 0;
    std::size_t second = 0;
    double distance = std::numeric_limits<double>::quiet_NaN();
    double border = std::numeric_limits<double>::quiet_NaN(); ///< 0: a neighbour that nothing passes to
};

struct cells_options {
    /// Which cells are neighbours; unset: those that share a part of their border.
    std::optional<std::vector<cell_link>> links = {};
    /// Cells may lie over one another, as corridors do where they meet; a place belongs to the lowest number.
    bool may_overlap = false;
};

namespace detail {

/// Square buckets over a box, each with the numbers of the shapes that reach into it, ascending.
class bucket_lattice {
public:
    bucket_lattice() = default;
    /// `shape(i)` gives the corners of polygon i, which must lie within `bounds`.
    /// Cost: O(corners x rows of buckets a polygon covers), some 2 buckets per polygon.
    template <class Shape>
    bucket_lattice(const box_xy& bounds, std::size_t count, const Shape& shape) : low_(bounds.low) {
        const double width = bounds.high.x - bounds.low.x;
        const double height = bounds.high.y - bounds.low.y;
        const double side =
            (std::max)(std::sqrt(width * height / (2 * static_cast<double>(count))), (std::max)(width, height) / 4096);
        scale_ = 1 / side;
        columns_ = static_cast<std::size_t>(width * scale_) + 1;
        rows_ = static_cast<std::size_t>(height * scale_) + 1;
        const auto each_bucket = [&](auto&& visit) {
            for (std::size_t i = 0; i < count; ++i) {
                const std::span<const point_xy> corners = shape(i);
                const box_xy box = polygon_bounds(corners);
                for (std::size_t row = index(box.low.y - low_.y, rows_, -1e-6);
                     row <= index(box.high.y - low_.y, rows_, 1e-6); ++row) {
                    const auto [from, to] = reach(corners, low_.y + (static_cast<double>(row) - 1e-6) * side,
                                                  low_.y + (static_cast<double>(row) + 1 + 1e-6) * side);
                    if (from > to) {
                        continue;
                    }
                    for (std::size_t column = index(from - low_.x, columns_, -1e-6);
                         column <= index(to - low_.x, columns_, 1e-6); ++column) {
                        visit(row * columns_ + column, static_cast<std::uint32_t>(i));
                    }
                }
            }
        };
        start_.assign(rows_ * columns_ + 1, 0);
        each_bucket([&](std::size_t bucket, std::uint32_t) { ++start_[bucket + 1]; });
        for (std::size_t bucket = 1; bucket < start_.size(); ++bucket) {
            start_[bucket] += start_[bucket - 1];
        }
        items_.resize(start_.back());
        std::vector<std::size_t> next(start_.begin(), start_.end() - 1);
        each_bucket([&](std::size_t bucket, std::uint32_t i) { items_[next[bucket]++] = i; });
    }

    /// What may be at a place; nothing for NaN.
    std::span<const std::uint32_t> at(double x, double y) const noexcept {
        const double column = (x - low_.x) * scale_;
        const double row = (y - low_.y) * scale_;
        if (!(column >= 0 && row >= 0 && column < static_cast<double>(columns_) && row < static_cast<double>(rows_))) {
            return {};
        }
        return bucket(static_cast<std::size_t>(row) * columns_ + static_cast<std::size_t>(column));
    }
    std::size_t size() const noexcept { return start_.size() - 1; }
    std::span<const std::uint32_t> bucket(std::size_t i) const noexcept {
        return {items_.data() + start_[i], items_.data() + start_[i + 1]};
    }

private:
    std::size_t index(double offset, std::size_t count, double margin) const noexcept {
        const double at = offset * scale_ + margin;
        return at > 0 ? (std::min)(static_cast<std::size_t>(at), count - 1) : 0;
    }
    /// The least and the largest x of a polygon between two heights.
    static std::pair<double, double> reach(std::span<const point_xy> corners, double low, double high) noexcept {
        double from = std::numeric_limits<double>::infinity();
        double to = -from;
        for (std::size_t i = 0, before = corners.size() - 1; i < corners.size(); before = i++) {
            const point_xy a = corners[before].y < corners[i].y ? corners[before] : corners[i];
            const point_xy b = corners[before].y < corners[i].y ? corners[i] : corners[before];
            if (b.y < low || a.y > high) {
                continue;
            }
            const auto x_at = [&](double y) {
                return y <= a.y ? a.x : y >= b.y ? b.x : a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y);
            };
            const double ends[4] = {x_at(low), x_at(high), a.y >= low ? a.x : x_at(low),
                                    b.y <= high ? b.x : x_at(high)};
            for (const double x : ends) {
                from = (std::min)(from, x);
                to = (std::max)(to, x);
            }
        }
        return {from, to};
    }

    point_xy low_;
    double scale_ = 1;
    std::size_t columns_ = 0;
    std::size_t rows_ = 0;
    std::vector<std::size_t> start_ = {0};
    std::vector<std::uint32_t> items_;
};

/// Makes coordinates equal that follow one another within a tolerance: polygons then meet without cracks.
inline void merge_close(std::vector<point_xy>& corners, double point_xy::*axis, double tolerance) {
    std::vector<std::size_t> order(corners.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return corners[a].*axis != corners[b].*axis ? corners[a].*axis < corners[b].*axis : a < b;
    });
    double last = corners[order[0]].*axis;
    double shared = last;
    for (const std::size_t i : order) {
        const double here = corners[i].*axis;
        shared = here - last <= tolerance ? shared : here;
        last = here;
        corners[i].*axis = shared;
    }
}

} // namespace detail

/// A space of simple polygons, convex or not; a bin's centre is its centre of mass. Coordinates that differ by less
/// than 1e-9 of the whole extent are made equal. Bins are numbered as given.
///
/// A place on a border belongs to the cell on its right (larger x; on a level border the one above), so to exactly one
/// where cells meet, and to none on the outermost right and upper borders. Units: those of the polygons. Cost: copying
/// is O(1) and shares what is behind; it never changes.
class cells {
public:
    /// Makes cells of polygons, each a list of corners in order, in either direction; the first may be repeated at the
    /// end. That cells do not overlap is checked at their centres only: a centre within another cell is refused; of a
    /// smaller overlap the lower number has the places.
    ///
    /// Errors: data_error (with the number of the polygon) for a corner that is not finite, fewer than 3 corners, no
    /// area, a polygon that crosses itself, cells over one another; for no polygon at all; for links to cells that are
    /// not there, to itself, named twice, with a distance that is not positive or a negative border.
    /// Cost: O(corners), about a microsecond per cell.
    explicit cells(std::span<const std::vector<point_xy>> polygons, const cells_options& options = {})
        : layout_(std::make_shared<const layout>(polygons, options)) {}

    std::size_t bin_count() const noexcept { return layout_->centers.size(); }
    /// The cell at a place. Cost: O(1) expected, some tens of ns; one crossing test per corner of the few cells near.
    std::optional<std::size_t> bin_at(double x, double y) const noexcept { return layout_->bin_at(x, y); }
    box_xy bounds() const noexcept { return layout_->bounds; }
    point_xy center(std::size_t bin) const noexcept {
        assert(bin < bin_count());
        return layout_->centers[bin];
    }
    std::span<const point_xy> centers() const noexcept { return layout_->centers; }
    /// The area of a cell.
    double volume(std::size_t bin) const noexcept {
        assert(bin < bin_count());
        return layout_->areas[bin];
    }
    /// The corners, counter-clockwise.
    std::span<const point_xy> shape_of(std::size_t bin) const noexcept {
        assert(bin < bin_count());
        return layout_->shape(bin);
    }
    /// In the order of their numbers.
    std::span<const neighbour> neighbours(std::size_t bin) const noexcept {
        assert(bin < bin_count());
        return {layout_->neighbours.data() + layout_->row[bin], layout_->neighbours.data() + layout_->row[bin + 1]};
    }
    /// The length of the border between two cells; 0 when they are no neighbours. Cost: O(neighbours).
    double border(std::size_t bin, std::size_t other) const noexcept {
        assert(bin < bin_count());
        for (std::size_t i = layout_->row[bin]; i < layout_->row[bin + 1]; ++i) {
            if (layout_->neighbours[i].bin == other) {
                return layout_->borders[i];
            }
        }
        return 0;
    }

private:
    struct layout {
        layout(std::span<const std::vector<point_xy>> polygons, const cells_options& options) {
            if (polygons.empty()) {
                throw data_error("there are no polygons; cells need at least one; pass one polygon per bin");
            }
            if (polygons.size() > detail::most_cells) {
                throw data_error(detail::text("there are ", polygons.size(), " polygons; at most ", detail::most_cells,
                                              " are allowed; use larger cells"));
            }
            take(polygons);
            if (!options.may_overlap) {
                check_overlap();
            }
            link(options.links ? *options.links : touching());
        }

        void take(std::span<const std::vector<point_xy>> polygons) {
            std::vector<point_xy> given;
            std::vector<std::size_t> end;
            for (std::size_t i = 0; i < polygons.size(); ++i) {
                try {
                    const auto ready = detail::simple_polygon(polygons[i], detail::text("polygon ", i));
                    given.insert(given.end(), ready.begin(), ready.end());
                    end.push_back(given.size());
                } catch (const data_error& wrong) {
                    throw data_error(wrong.what(), i);
                }
            }
            const box_xy all = polygon_bounds(given);
            const double extent = (std::max)(all.high.x - all.low.x, all.high.y - all.low.y);
            detail::merge_close(given, &point_xy::x, 1e-9 * extent);
            detail::merge_close(given, &point_xy::y, 1e-9 * extent);
            bounds = polygon_bounds(given);
            start.push_back(0);
            for (std::size_t i = 0, from = 0; i < end.size(); from = end[i++]) {
                const std::size_t first = corners.size();
                for (std::size_t k = from; k < end[i]; ++k) {
                    if (corners.size() == first || (given[k] != corners.back() && given[k] != corners[first])) {
                        corners.push_back(given[k]);
                    }
                }
                start.push_back(corners.size());
                centers.push_back(polygon_center(shape(i)));
                areas.push_back(polygon_area(shape(i)));
                if (!(areas.back() > 0)) {
                    throw data_error(detail::text("polygon ", i, " is thinner than 1e-9 of the whole extent of ",
                                                  detail::rounded(extent),
                                                  "; cells must be larger; correct its corners, or remove it"),
                                     i);
                }
            }
            lattice = detail::bucket_lattice(bounds, centers.size(), [&](std::size_t i) { return shape(i); });
        }

        void check_overlap() const {
            for (std::size_t bin = 0; bin < centers.size(); ++bin) {
                const point_xy at = centers[bin];
                for (const std::uint32_t other : lattice.at(at.x, at.y)) {
                    if (other != bin && polygon_contains(shape(bin), at.x, at.y) &&
                        polygon_contains(shape(other), at.x, at.y)) {
                        throw data_error(detail::text("polygons ", (std::min)(bin, std::size_t{other}), " and ",
                                                      (std::max)(bin, std::size_t{other}), " lie over one another at (",
                                                      detail::rounded(at.x), ", ", detail::rounded(at.y),
                                                      "); a place belongs to one cell; correct them, or set "
                                                      "may_overlap to give it to the lower number"),
                                         (std::max)(bin, std::size_t{other}));
                    }
                }
            }
        }

        double border_of(std::size_t one, std::size_t other) const {
            const auto here = shape(one);
            const auto there = shape(other);
            const double scale = std::sqrt((std::min)(areas[one], areas[other]));
            double length = 0;
            for (std::size_t i = 0; i < here.size(); ++i) {
                for (std::size_t j = 0; j < there.size(); ++j) {
                    length += detail::edge_overlap(here[i], here[(i + 1) % here.size()], there[j],
                                                   there[(j + 1) % there.size()], scale);
                }
            }
            return length;
        }

        /// The pairs of cells that share a part of their border, found among those that reach into the same buckets.
        std::vector<cell_link> touching() const {
            std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
            for (std::size_t i = 0; i < lattice.size(); ++i) {
                const auto near_by = lattice.bucket(i);
                for (std::size_t a = 0; a < near_by.size(); ++a) {
                    for (std::size_t b = a + 1; b < near_by.size(); ++b) {
                        pairs.emplace_back(near_by[a], near_by[b]);
                    }
                }
            }
            std::sort(pairs.begin(), pairs.end());
            pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
            std::vector<cell_link> found;
            for (const auto& [a, b] : pairs) {
                if (const double length = border_of(a, b); length > 0) {
                    found.push_back({a, b, std::numeric_limits<double>::quiet_NaN(), length});
                }
            }
            return found;
        }

        void link(const std::vector<cell_link>& links) {
            struct one_way {
                std::size_t from;
                neighbour to;
                double border;
            };
            std::vector<one_way> ways;
            ways.reserve(2 * links.size());
            for (std::size_t i = 0; i < links.size(); ++i) {
                cell_link one = links[i];
                const auto name = [&] { return detail::text("link ", i, " (", one.first, "-", one.second, ")"); };
                if (one.first >= centers.size() || one.second >= centers.size()) {
                    throw data_error(detail::text(name(), " names a cell that is not there; there are ", centers.size(),
                                                  " cells (0-", centers.size() - 1, "); correct the link"),
                                     i);
                }
                if (one.first == one.second) {
                    throw data_error(detail::text(name(), " joins a cell to itself; neighbours are two different "
                                                          "cells; remove the link"),
                                     i);
                }
                if (std::isnan(one.distance)) {
                    const point_xy a = centers[one.first];
                    const point_xy b = centers[one.second];
                    one.distance = std::hypot(b.x - a.x, b.y - a.y);
                }
                if (std::isnan(one.border)) {
                    one.border = border_of(one.first, one.second);
                }
                if (!(one.distance > 0 && std::isfinite(one.distance))) {
                    throw data_error(
                        detail::text(name(), " has the distance ", detail::rounded(one.distance),
                                     "; distances must be positive; correct it, or leave it out to have it "
                                     "measured"),
                        i);
                }
                if (!(one.border >= 0 && std::isfinite(one.border))) {
                    throw data_error(detail::text(name(), " has a border of ", detail::rounded(one.border),
                                                  "; borders must be 0 or positive; correct it, or leave it out to "
                                                  "have it measured"),
                                     i);
                }
                ways.push_back({one.first, {one.second, one.distance}, one.border});
                ways.push_back({one.second, {one.first, one.distance}, one.border});
            }
            std::sort(ways.begin(), ways.end(), [](const one_way& a, const one_way& b) {
                return a.from != b.from ? a.from < b.from : a.to.bin < b.to.bin;
            });
            row.assign(centers.size() + 1, 0);
            for (std::size_t i = 0; i < ways.size(); ++i) {
                if (i > 0 && ways[i].from == ways[i - 1].from && ways[i].to.bin == ways[i - 1].to.bin) {
                    throw data_error(detail::text("cells ", ways[i].from, " and ", ways[i].to.bin,
                                                  " are linked twice; name each pair once, in either order; remove one "
                                                  "of the links"));
                }
                ++row[ways[i].from + 1];
                neighbours.push_back(ways[i].to);
                borders.push_back(ways[i].border);
            }
            for (std::size_t bin = 0; bin < centers.size(); ++bin) {
                row[bin + 1] += row[bin];
            }
        }

        std::span<const point_xy> shape(std::size_t bin) const noexcept {
            return {corners.data() + start[bin], corners.data() + start[bin + 1]};
        }
        std::optional<std::size_t> bin_at(double x, double y) const noexcept {
            for (const std::uint32_t bin : lattice.at(x, y)) {
                if (polygon_contains(shape(bin), x, y)) {
                    return bin;
                }
            }
            return std::nullopt;
        }

        std::vector<point_xy> corners;
        std::vector<std::size_t> start; ///< the corners of a cell are start[bin] .. start[bin + 1]
        std::vector<point_xy> centers;
        std::vector<double> areas;
        std::vector<neighbour> neighbours;
        std::vector<double> borders;
        std::vector<std::size_t> row; ///< its neighbours and borders are row[bin] .. row[bin + 1]
        box_xy bounds;
        detail::bucket_lattice lattice;
    };

    std::shared_ptr<const layout> layout_;
};

} // namespace fieldreel::inline v0

#endif
