// SPDX-License-Identifier: MIT
// The space of equal rectangles: made from where the animal went, or from edges and a mask.
#ifndef FIELDREEL_SPACE_GRID_HPP
#define FIELDREEL_SPACE_GRID_HPP

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

/// Cells of a grid along x and along y.
struct grid_shape {
    std::size_t n_x = 0;
    std::size_t n_y = 0;
    friend bool operator==(const grid_shape&, const grid_shape&) = default;
};

/// One cell of a grid, active or not, counted from the smallest x and y.
struct grid_cell {
    std::size_t ix = 0;
    std::size_t iy = 0;
    friend bool operator==(const grid_cell&, const grid_cell&) = default;
};

/// Which cells of a grid are neighbours: those that share a side, or also those that share a corner.
enum class grid_connection : std::uint8_t { sides, sides_and_corners };

/// How grid::from_samples makes bins. `bin_size` is required.
struct grid_options {
    /// The widest a bin may be, in the positions' units; bins are made a little narrower so that they divide the range.
    double bin_size = std::numeric_limits<double>::quiet_NaN();
    std::optional<double> bin_size_y = {}; ///< along y, where it differs
    std::size_t count_threshold = 0;       ///< a bin is active when it has more samples than this
    bool close = false;        ///< then fill gaps between bins (3 x 3 closing; wears away bins at the border)
    bool fill = false;         ///< then fill holes that active bins enclose
    bool dilate = false;       ///< then add the eight bins around each
    bool infer_active = true;  ///< false: every bin is active
    bool add_boundary = false; ///< a ring of inactive bins around the grid
};

namespace detail {

/// Equal intervals along one axis. The edges are the truth: find() agrees with a binary search in them for every
/// double.
class grid_axis {
public:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    grid_axis() = default;
    grid_axis(std::vector<double> edges, std::string_view name) : edges_(std::move(edges)) {
        if (edges_.size() < 2) {
            throw data_error(text(name, " has ", edges_.size(),
                                  " values; a grid needs at least 2 edges, one more than bins; pass both ends of each "
                                  "bin"));
        }
        for (std::size_t i = 1; i < edges_.size(); ++i) {
            if (!(edges_[i] > edges_[i - 1])) {
                throw data_error(text(name, "[", i, "] is ", rounded(edges_[i]), " after ", rounded(edges_[i - 1]),
                                      "; edges must increase; sort them and remove duplicates and NaN"),
                                 i);
            }
        }
        low_ = edges_.front();
        high_ = edges_.back();
        const auto bins = static_cast<double>(size());
        width_ = (high_ - low_) / bins;
        scale_ = bins / (high_ - low_);
        if (!std::isfinite(width_) || !std::isfinite(scale_)) {
            throw data_error(text(name, " reaches from ", rounded(low_), " to ", rounded(high_),
                                  "; edges must be finite and their bins wider than 0; correct the ends"));
        }
        // Equal to a thousandth of a bin: then the guess in find() is at most one bin off.
        for (std::size_t i = 0; i < edges_.size(); ++i) {
            const double equal = low_ + static_cast<double>(i) * width_;
            if (!(std::abs(edges_[i] - equal) <= 1e-3 * width_)) {
                throw data_error(text(name, "[", i, "] is ", rounded(edges_[i]), " where equal bins have ",
                                      rounded(equal),
                                      "; the bins of a grid are equally wide; use equal bins, or write a space for "
                                      "others"),
                                 i);
            }
        }
        last_ = static_cast<std::int32_t>(size() - 1);
    }
    std::size_t size() const noexcept { return edges_.size() - 1; }
    const std::vector<double>& edges() const noexcept { return edges_; }
    double low() const noexcept { return low_; }
    double high() const noexcept { return high_; }
    double width() const noexcept { return width_; }
    double center(std::size_t i) const noexcept { return edges_[i] + (edges_[i + 1] - edges_[i]) / 2; }

    /// An edge belongs to the interval above it; the last edge, NaN and what lies outside to none.
    std::size_t find(double at) const noexcept {
        if (!(at >= low_ && at < high_)) {
            return none;
        }
        const auto guess = (std::min)(static_cast<std::int32_t>((at - low_) * scale_), last_);
        const double* edge = edges_.data() + guess;
        return static_cast<std::size_t>(guess + (at >= edge[1] ? 1 : 0) - (at < edge[0] ? 1 : 0));
    }

private:
    std::vector<double> edges_;
    double low_ = 0;
    double high_ = 0;
    double width_ = 0;
    double scale_ = 0;
    std::int32_t last_ = 0;
};

/// numpy.linspace(low, high, bins + 1), to the bit.
inline std::vector<double> equal_edges(double low, double high, std::size_t bins) {
    std::vector<double> edges(bins + 1);
    const double step = (high - low) / static_cast<double>(bins);
    for (std::size_t i = 0; i < bins; ++i) {
        // volatile: the product is rounded before the sum, also where the compiler could fuse both.
        const volatile double offset = static_cast<double>(i) * step;
        edges[i] = low + offset;
    }
    edges[bins] = high;
    return edges;
}

inline void check_cells(double n_x, double n_y, std::string_view name, double value, std::string_view cure) {
    if (!(n_x * n_y <= static_cast<double>(most_cells))) {
        throw invalid_value(std::string(name),
                            text(name, value > 0 ? text(" ", value) : std::string(), " makes a grid of ", rounded(n_x),
                                 " x ", rounded(n_y), " bins; at most ", most_cells, " are allowed; ", cure));
    }
}

/// What of a table of positions a grid is made from.
struct sample_extent {
    point_xy low;
    point_xy high;
    std::size_t rows = 0;
    std::size_t tracked = 0; ///< rows without a NaN
};

/// The edges and flags of from_samples, before the samples are counted.
struct sample_grid {
    grid_axis x;
    grid_axis y;
};

inline std::vector<double> sample_edges(double low, double high, double bin_size, std::string_view name,
                                        bool add_boundary) {
    const double from = low - bin_size / 2;
    const double to = high + bin_size / 2;
    const auto bins = static_cast<std::size_t>((std::max)(1.0, std::ceil((to - from) / bin_size)));
    if ((to - from) / static_cast<double>(bins) < 1e-12 * (std::max)(std::abs(from), std::abs(to))) {
        throw invalid_value(std::string(name),
                            text(name, " ", bin_size, " is below the precision of positions near ", rounded(high),
                                 "; bins must be distinct numbers; subtract an offset from the positions"));
    }
    auto edges = equal_edges(from, to, bins);
    if (add_boundary) {
        const double first = edges[0] - (edges[1] - edges[0]);
        const double last = edges[bins] + (edges[bins] - edges[bins - 1]);
        edges.insert(edges.begin(), first);
        edges.push_back(last);
    }
    return edges;
}

inline sample_grid grid_of_samples(const sample_extent& samples, const grid_options& options) {
    const double size_x = options.bin_size;
    const double size_y = options.bin_size_y.value_or(size_x);
    const auto check_size = [](double size, std::string_view name) {
        if (!(size > 0 && std::isfinite(size))) {
            throw invalid_value(std::string(name), text(name, " is ", rounded(size),
                                                        "; it must be a positive number in the units of the "
                                                        "positions; 1/25 of the arena is usual"));
        }
    };
    check_size(size_x, "bin_size");
    check_size(size_y, "bin_size_y");
    if (samples.rows == 0) {
        throw data_error("positions has no rows; a grid needs samples that span an arena; pass the tracked positions");
    }
    if (samples.tracked == 0) {
        throw data_error(text("all ", samples.rows,
                              " positions are NaN; a grid needs tracked samples; check the tracking and its columns"));
    }
    const double extent_x = samples.high.x - samples.low.x;
    const double extent_y = samples.high.y - samples.low.y;
    if (extent_x == 0 && extent_y == 0) {
        throw data_error(text(samples.tracked == 1 ? text("the only tracked position is")
                                                   : text("all ", samples.tracked, " tracked positions are"),
                              " (", rounded(samples.low.x), ", ", rounded(samples.low.y),
                              "); a grid needs samples that span an arena; give more of the recording, or the field's "
                              "own grid (\"grid\" in session.json, grid::full)"));
    }
    if (size_x > extent_x && size_y > extent_y) {
        throw invalid_value("bin_size",
                            text("bin_size ", size_x, size_x == size_y ? std::string() : text(" x ", size_y),
                                 " is larger than the arena, whose positions span ", rounded(extent_x), " x ",
                                 rounded(extent_y), "; it must be smaller; check that both are in the same units"));
    }
    const double ring = options.add_boundary ? 2 : 0;
    check_cells((std::max)(1.0, std::ceil(extent_x / size_x + 1)) + ring,
                (std::max)(1.0, std::ceil(extent_y / size_y + 1)) + ring, "bin_size", size_x, "use a larger bin_size");
    return {
        grid_axis(sample_edges(samples.low.x, samples.high.x, size_x, "bin_size", options.add_boundary), "edges_x"),
        grid_axis(sample_edges(samples.low.y, samples.high.y, size_y, "bin_size_y", options.add_boundary), "edges_y")};
}

/// The 3 x 3 neighbourhood of each cell: any active (dilation) or all active (erosion); outside counts as inactive.
inline std::vector<std::uint8_t> neighbourhood(const std::vector<std::uint8_t>& cells, grid_shape shape, bool all) {
    std::vector<std::uint8_t> out(cells.size());
    for (std::size_t ix = 0; ix < shape.n_x; ++ix) {
        for (std::size_t iy = 0; iy < shape.n_y; ++iy) {
            std::size_t active = 0;
            for (std::size_t x = ix == 0 ? 0 : ix - 1; x < (std::min)(ix + 2, shape.n_x); ++x) {
                for (std::size_t y = iy == 0 ? 0 : iy - 1; y < (std::min)(iy + 2, shape.n_y); ++y) {
                    active += cells[x * shape.n_y + y];
                }
            }
            out[ix * shape.n_y + iy] = active >= (all ? 9U : 1U) ? 1 : 0;
        }
    }
    return out;
}

/// Activates what cannot reach the border over inactive cells, sides and corners.
inline void fill_holes(std::vector<std::uint8_t>& cells, grid_shape shape) {
    std::vector<std::uint8_t> outside(cells.size());
    std::vector<grid_cell> open;
    const auto reach = [&](std::size_t ix, std::size_t iy) {
        const std::size_t cell = ix * shape.n_y + iy;
        if (cells[cell] == 0 && outside[cell] == 0) {
            outside[cell] = 1;
            open.push_back({ix, iy});
        }
    };
    for (std::size_t ix = 0; ix < shape.n_x; ++ix) {
        reach(ix, 0);
        reach(ix, shape.n_y - 1);
    }
    for (std::size_t iy = 0; iy < shape.n_y; ++iy) {
        reach(0, iy);
        reach(shape.n_x - 1, iy);
    }
    while (!open.empty()) {
        const grid_cell at = open.back();
        open.pop_back();
        for (std::size_t x = at.ix == 0 ? 0 : at.ix - 1; x < (std::min)(at.ix + 2, shape.n_x); ++x) {
            for (std::size_t y = at.iy == 0 ? 0 : at.iy - 1; y < (std::min)(at.iy + 2, shape.n_y); ++y) {
                reach(x, y);
            }
        }
    }
    for (std::size_t cell = 0; cell < cells.size(); ++cell) {
        cells[cell] = outside[cell] != 0 ? 0 : 1;
    }
}

/// The active cells of counted samples: threshold, close, fill, dilate, then the ring of the boundary off.
inline std::vector<std::uint8_t> active_cells(const std::vector<std::uint32_t>& counts, grid_shape shape,
                                              const grid_options& options) {
    std::vector<std::uint8_t> cells(shape.n_x * shape.n_y, 1);
    if (options.infer_active) {
        std::uint32_t fullest = 0;
        bool any = false;
        for (std::size_t cell = 0; cell < cells.size(); ++cell) {
            fullest = (std::max)(fullest, counts[cell]);
            cells[cell] = counts[cell] > options.count_threshold ? 1 : 0;
            any = any || cells[cell] != 0;
        }
        if (!any) {
            throw invalid_value("count_threshold", text("count_threshold ", options.count_threshold,
                                                        " leaves no active bin: the fullest bin has ", fullest,
                                                        " samples; use a count_threshold below ", fullest));
        }
        if (options.close) {
            cells = neighbourhood(neighbourhood(cells, shape, false), shape, true);
            if (std::find(cells.begin(), cells.end(), 1) == cells.end()) {
                throw invalid_value("close", text("close leaves no active bin of ", shape.n_x, " x ", shape.n_y,
                                                  ": closing takes away bins at the border of the grid; use close = "
                                                  "false or add_boundary = true"));
            }
        }
        if (options.fill) {
            fill_holes(cells, shape);
        }
        if (options.dilate) {
            cells = neighbourhood(cells, shape, false);
        }
    }
    if (options.add_boundary) {
        for (std::size_t ix = 0; ix < shape.n_x; ++ix) {
            for (std::size_t iy = 0; iy < shape.n_y; ++iy) {
                if (ix == 0 || iy == 0 || ix + 1 == shape.n_x || iy + 1 == shape.n_y) {
                    cells[ix * shape.n_y + iy] = 0;
                }
            }
        }
    }
    return cells;
}

} // namespace detail

/// The neighbours of one bin of a grid: a range, at most eight, in the order of their numbers.
class grid_neighbours {
public:
    const neighbour* begin() const noexcept { return items_.data(); }
    const neighbour* end() const noexcept { return items_.data() + size_; }
    std::size_t size() const noexcept { return size_; }

private:
    friend class grid;
    std::array<neighbour, 8> items_;
    std::size_t size_ = 0;
};

/// A space of equal rectangles of which some are active; the active ones are the bins, numbered x slow, y fast.
///
/// Units: those of the positions it was made from. Cost: copying is O(1) and shares what is behind; it never changes.
class grid {
public:
    /// Bins where the animal went. Rows with a NaN (lost tracking) are left out. The range is the samples' plus half a
    /// bin on each side.
    ///
    /// Shape: positions (n, 2), x and y. Errors: invalid_value for a bin size that is not positive, larger than the
    /// arena, or too small for 100 million bins, and for a threshold that leaves no bin; data_error for other columns,
    /// no tracked row, no extent, and an infinite position (its row). Cost: two passes, about 5 ns per row.
    /// Source: edges, mask and centres equal those of neurospatial's Environment.from_samples.
    template <number_table Positions>
    static grid from_samples(const Positions& positions, const grid_options& options) {
        const detail::sample_extent extent = extent_of(positions);
        auto [x, y] = detail::grid_of_samples(extent, options);
        const grid_shape shape{x.size(), y.size()};
        std::vector<std::uint32_t> counts;
        if (options.infer_active) {
            counts.resize(shape.n_x * shape.n_y);
            for (std::size_t i = 0; i < extent.rows; ++i) {
                const std::size_t ix = x.find(static_cast<double>(positions(i, std::size_t{0})));
                const std::size_t iy = y.find(static_cast<double>(positions(i, std::size_t{1})));
                if (ix != detail::grid_axis::none && iy != detail::grid_axis::none) {
                    ++counts[ix * shape.n_y + iy];
                }
            }
        }
        return grid(
            std::make_shared<const layout>(std::move(x), std::move(y), detail::active_cells(counts, shape, options)));
    }

    /// Every bin active, with these edges.
    /// Errors: data_error for edges that do not increase or are not equally wide (to a thousandth of a bin).
    static grid full(std::vector<double> edges_x, std::vector<double> edges_y) {
        const std::size_t cells = edges_x.empty() || edges_y.empty() ? 0 : (edges_x.size() - 1) * (edges_y.size() - 1);
        return grid(std::move(edges_x), std::move(edges_y), std::vector<std::uint8_t>(cells, 1));
    }
    /// Every bin active: so many between two corners.
    static grid full(point_xy low, point_xy high, grid_shape bins) {
        if (bins.n_x == 0 || bins.n_y == 0) {
            throw invalid_value("bins", detail::text("a grid of ", bins.n_x, " x ", bins.n_y,
                                                     " bins was asked for; both must be at least 1; pass counts of "
                                                     "bins, not of edges"));
        }
        detail::check_cells(static_cast<double>(bins.n_x), static_cast<double>(bins.n_y), "bins", 0,
                            "ask for fewer bins");
        return full(detail::equal_edges(low.x, high.x, bins.n_x), detail::equal_edges(low.y, high.y, bins.n_y));
    }

    /// Shape: `active` has one value per cell, x slow and y fast; any but 0 is active. Errors: data_error for edges
    /// that do not increase or are not equally wide (to a thousandth of a bin), a mask of another size, no active bin.
    grid(std::vector<double> edges_x, std::vector<double> edges_y, std::vector<std::uint8_t> active)
        : grid(std::make_shared<const layout>(detail::grid_axis(std::move(edges_x), "edges_x"),
                                              detail::grid_axis(std::move(edges_y), "edges_y"), std::move(active))) {}

    grid_shape shape() const noexcept { return {layout_->x.size(), layout_->y.size()}; }
    std::size_t bin_count() const noexcept { return layout_->centers.size(); }
    /// 1 for active cells, 0 for others. Shape: n_x * n_y, x slow, y fast.
    std::span<const std::uint8_t> active() const noexcept { return layout_->active; }
    /// The bin in each cell, or -1. Shape: n_x * n_y, x slow, y fast.
    std::span<const std::int32_t> bin_of_cells() const noexcept { return layout_->bin_of_cell; }
    std::span<const point_xy> centers() const noexcept { return layout_->centers; }
    std::span<const double> edges_x() const noexcept { return layout_->x.edges(); }
    std::span<const double> edges_y() const noexcept { return layout_->y.edges(); }
    double bin_width_x() const noexcept { return layout_->x.width(); }
    double bin_width_y() const noexcept { return layout_->y.width(); }
    /// First to last edge, inactive cells and boundary included.
    box_xy bounds() const noexcept {
        return {{layout_->x.low(), layout_->y.low()}, {layout_->x.high(), layout_->y.high()}};
    }

    /// The active bin at a place. An edge belongs to the bin above it; the last edge, NaN and infinities to none.
    /// Cost: O(1), a few ns.
    std::optional<std::size_t> bin_at(double x, double y) const noexcept {
        const layout& in = *layout_;
        const std::size_t ix = in.x.find(x);
        const std::size_t iy = in.y.find(y);
        if (ix == detail::grid_axis::none || iy == detail::grid_axis::none) {
            return std::nullopt;
        }
        const std::int32_t bin = in.bin_of_cell[ix * in.y.size() + iy];
        return bin < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(bin));
    }
    /// The bin in a cell, or nothing when the cell is inactive or beyond the grid.
    std::optional<std::size_t> bin_index(std::size_t ix, std::size_t iy) const noexcept {
        if (ix >= layout_->x.size() || iy >= layout_->y.size()) {
            return std::nullopt;
        }
        const std::int32_t bin = layout_->bin_of_cell[ix * layout_->y.size() + iy];
        return bin < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(bin));
    }
    grid_cell cell_of(std::size_t bin) const noexcept {
        assert(bin < bin_count());
        const std::size_t cell = layout_->cell_of_bin[bin];
        return {cell / layout_->y.size(), cell % layout_->y.size()};
    }
    point_xy center(std::size_t bin) const noexcept {
        assert(bin < bin_count());
        return layout_->centers[bin];
    }
    /// The area of a bin.
    double volume([[maybe_unused]] std::size_t bin) const noexcept {
        assert(bin < bin_count());
        return bin_width_x() * bin_width_y();
    }
    /// The corners, counter-clockwise from the lowest x and y.
    std::array<point_xy, 4> shape_of(std::size_t bin) const noexcept {
        const auto [ix, iy] = cell_of(bin);
        const double left = edges_x()[ix];
        const double right = edges_x()[ix + 1];
        const double bottom = edges_y()[iy];
        const double top = edges_y()[iy + 1];
        return {{{left, bottom}, {right, bottom}, {right, top}, {left, top}}};
    }
    /// The active bins around a bin, with the distances of the centres.
    grid_neighbours neighbours(std::size_t bin,
                               grid_connection connection = grid_connection::sides_and_corners) const noexcept {
        grid_neighbours found;
        const auto [ix, iy] = cell_of(bin);
        const point_xy here = center(bin);
        for (std::size_t x = ix == 0 ? 0 : ix - 1; x <= ix + 1; ++x) {
            for (std::size_t y = iy == 0 ? 0 : iy - 1; y <= iy + 1; ++y) {
                if ((x == ix && y == iy) || (connection == grid_connection::sides && x != ix && y != iy)) {
                    continue;
                }
                if (const auto other = bin_index(x, y)) {
                    const point_xy there = center(*other);
                    found.items_[found.size_++] = {*other, std::hypot(there.x - here.x, there.y - here.y)};
                }
            }
        }
        return found;
    }

    /// Where a place is on the display: bin centres lie on whole (row, col), row 0 at the largest y; the corners of the
    /// grid lie half a pixel outside the first and last centre. (The forerunner puts the outer edges on the outer pixel
    /// centres, so that its overlays are up to half a pixel off.)
    point_rc to_display(double x, double y) const noexcept {
        const layout& in = *layout_;
        return {static_cast<double>(in.y.size() - 1) - (y - in.first_center.y) / in.y.width(),
                (x - in.first_center.x) / in.x.width()};
    }
    point_rc to_display(point_xy at) const noexcept { return to_display(at.x, at.y); }
    point_xy from_display(double row, double col) const noexcept {
        const layout& in = *layout_;
        return {in.first_center.x + col * in.x.width(),
                in.first_center.y + (static_cast<double>(in.y.size() - 1) - row) * in.y.width()};
    }
    point_xy from_display(point_rc at) const noexcept { return from_display(at.row, at.col); }
    image_shape display_shape() const noexcept { return {layout_->y.size(), layout_->x.size()}; }

private:
    struct layout {
        layout(detail::grid_axis along_x, detail::grid_axis along_y, std::vector<std::uint8_t> cells)
            : x(std::move(along_x)), y(std::move(along_y)), active(std::move(cells)) {
            const auto n_x = static_cast<double>(x.size());
            const auto n_y = static_cast<double>(y.size());
            detail::check_cells(n_x, n_y, "bins", 0, "ask for fewer bins");
            if (active.size() != x.size() * y.size()) {
                throw data_error(detail::text("active has ", active.size(), " values; a grid of ", x.size(), " x ",
                                              y.size(), " bins needs ", x.size() * y.size(),
                                              ", x slow and y fast; check the order and size of the mask"));
            }
            bin_of_cell.resize(active.size(), -1);
            first_center = {x.center(0), y.center(0)};
            for (std::size_t cell = 0; cell < active.size(); ++cell) {
                if (active[cell] != 0) {
                    active[cell] = 1;
                    bin_of_cell[cell] = static_cast<std::int32_t>(centers.size());
                    cell_of_bin.push_back(static_cast<std::uint32_t>(cell));
                    centers.push_back({x.center(cell / y.size()), y.center(cell % y.size())});
                }
            }
            if (centers.empty()) {
                throw data_error(detail::text("active marks none of the ", active.size(),
                                              " bins; at least one must be active; check the mask"));
            }
        }
        detail::grid_axis x;
        detail::grid_axis y;
        std::vector<std::uint8_t> active;
        std::vector<std::int32_t> bin_of_cell;
        std::vector<std::uint32_t> cell_of_bin;
        std::vector<point_xy> centers;
        point_xy first_center;
    };

    explicit grid(std::shared_ptr<const layout> made) noexcept : layout_(std::move(made)) {}

    template <number_table Positions>
    static detail::sample_extent extent_of(const Positions& positions) {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        const std::size_t rows = detail::check_positions(positions);
        std::size_t tracked = 0;
        // Plain locals: they stay in registers, members would not.
        double low_x = infinity;
        double low_y = infinity;
        double high_x = -infinity;
        double high_y = -infinity;
        for (std::size_t i = 0; i < rows; ++i) {
            const auto x = static_cast<double>(positions(i, std::size_t{0}));
            const auto y = static_cast<double>(positions(i, std::size_t{1}));
            if (x != x || y != y) {
                continue;
            }
            ++tracked;
            low_x = x < low_x ? x : low_x;
            high_x = x > high_x ? x : high_x;
            low_y = y < low_y ? y : low_y;
            high_y = y > high_y ? y : high_y;
        }
        const detail::sample_extent out{{low_x, low_y}, {high_x, high_y}, rows, tracked};
        if (out.tracked != 0 && !(std::isfinite(out.high.x - out.low.x) && std::isfinite(out.high.y - out.low.y))) {
            throw_infinite(positions, out.rows);
        }
        return out;
    }
    template <number_table Positions>
    [[noreturn]] static void throw_infinite(const Positions& positions, std::size_t rows) {
        // Beyond 1e300 differences may overflow: as good as infinite.
        constexpr double most = 1e300;
        for (std::size_t i = 0; i < rows; ++i) {
            const auto x = static_cast<double>(positions(i, std::size_t{0}));
            const auto y = static_cast<double>(positions(i, std::size_t{1}));
            if (x == x && y == y && (std::abs(x) > most || std::abs(y) > most)) {
                throw data_error(detail::text("position ", i, " is (", detail::rounded(x), ", ", detail::rounded(y),
                                              "); positions must be finite, or NaN where tracking was lost; set that "
                                              "row to NaN"),
                                 i);
            }
        }
        throw data_error("positions are too far apart to be subtracted; they must be finite; check the tracking");
    }

    std::shared_ptr<const layout> layout_;
};

} // namespace fieldreel::inline v0

#endif
