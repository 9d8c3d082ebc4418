// SPDX-License-Identifier: MIT
// The space of a maze of narrow ways: bins along the edges of a graph, and one linear axis through all of them.
#ifndef FIELDREEL_SPACE_TRACK_HPP
#define FIELDREEL_SPACE_TRACK_HPP

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/space/cells.hpp>
#include <fieldreel/space/polygon.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

/// A straight way between two nodes, named by their numbers. In an edge order it also says in which direction.
struct track_edge {
    std::size_t from = 0;
    std::size_t to = 0;
    friend bool operator==(const track_edge&, const track_edge&) = default;
};

/// The gaps of the linear axis between one edge and the next: one number for all, or one per gap.
struct track_spacing {
    track_spacing(double all = 0) : values{all}, one_for_all(true) {}
    track_spacing(std::vector<double> each) : values(std::move(each)), one_for_all(false) {}
    std::vector<double> values;
    bool one_for_all;
};

/// Both are required. Units: those of the nodes.
struct track_options {
    /// The longest a bin may be: an edge is cut into as few equal bins as that allows, at least one.
    double bin_size = std::numeric_limits<double>::quiet_NaN();
    /// Of the corridor around each edge, half of it on either side.
    double width = std::numeric_limits<double>::quiet_NaN();
};

/// From where to where a bin reaches on the linear axis.
struct linear_interval {
    double start = 0;
    double stop = 0;
    friend bool operator==(const linear_interval&, const linear_interval&) = default;
};

/// A space of corridors along the edges of a graph. Its bins are numbered along the linear axis: the edges laid out one
/// after the other in the edge order, each from its first node to its second, with gaps between them where asked for.
///
/// A place belongs to the edge it is nearest to, and there to the bin at its foot, if it is no farther away than half
/// the width; what lies beyond the end of a corridor to its last bin, as far. Where two edges are equally near (at the
/// outside of a bend, on the line that halves the angle of a junction), to the bin with the lower number. The outlines
/// of the bins are rectangles, which lie over one another at junctions.
///
/// Neighbours are the bins that follow one another on an edge, and all bins that touch the same node; their distance is
/// along the edges. Diffusion treats a corridor as narrow: what reaches a node leaves it by all its edges, in
/// proportion to the width over the half length of the bins there; borders are the width, at nodes of three and more
/// edges so much less that this comes out.
///
/// Units: those of the nodes. Cost: copying is O(1) and shares what is behind; it never changes.
/// Source: edge_order and edge_spacing mean what they mean in the Python package track_linearization.
class track {
public:
    /// `edge_order` names each edge once; an edge named the other way round is laid out the other way round; empty: the
    /// edges as given. `edge_spacing` has a gap for each edge but the last.
    ///
    /// Errors: data_error (with the number of the node or edge) for no edge, a node that is not finite, an edge with a
    /// node that is not there, one from a node to itself, one without length, two between the same nodes, two that
    /// cross or touch without a node that both end at; invalid_value for edge_order, edge_spacing, bin_size and width.
    /// Cost: O(edges^2), about 10 ns per pair, and a microsecond per bin.
    static track from_graph(const std::vector<point_xy>& nodes, const std::vector<track_edge>& edges,
                            const std::vector<track_edge>& edge_order, const track_spacing& edge_spacing,
                            const track_options& options) {
        return track(std::make_shared<const layout>(nodes, edges, edge_order, edge_spacing, options));
    }
    /// Shape: nodes (n, 2), x and y.
    template <number_table Nodes>
    static track from_graph(const Nodes& nodes, const std::vector<track_edge>& edges,
                            const std::vector<track_edge>& edge_order, const track_spacing& edge_spacing,
                            const track_options& options) {
        std::vector<point_xy> points(detail::check_positions(nodes));
        for (std::size_t i = 0; i < points.size(); ++i) {
            points[i] = {static_cast<double>(nodes(i, std::size_t{0})), static_cast<double>(nodes(i, std::size_t{1}))};
        }
        return from_graph(points, edges, edge_order, edge_spacing, options);
    }

    std::size_t bin_count() const noexcept { return layout_->linear.size(); }
    /// The bin at a place, or nothing farther than half the width from every edge. Cost: O(1) expected.
    std::optional<std::size_t> bin_at(double x, double y) const noexcept {
        const auto found = layout_->nearest(layout_->lattice.at(x, y), {x, y}, layout_->width / 2);
        return found ? std::optional(layout_->bin_on(*found)) : std::nullopt;
    }
    /// The nodes, and half a width around them.
    box_xy bounds() const noexcept { return layout_->bounds; }
    point_xy center(std::size_t bin) const noexcept { return layout_->outlines->center(bin); }
    std::span<const point_xy> centers() const noexcept { return layout_->outlines->centers(); }
    /// Length times width.
    double volume(std::size_t bin) const noexcept { return layout_->outlines->volume(bin); }
    std::span<const point_xy> shape_of(std::size_t bin) const noexcept { return layout_->outlines->shape_of(bin); }
    std::span<const neighbour> neighbours(std::size_t bin) const noexcept { return layout_->outlines->neighbours(bin); }
    double border(std::size_t bin, std::size_t other) const noexcept { return layout_->outlines->border(bin, other); }
    double width() const noexcept { return layout_->width; }
    /// The longest of its bins.
    double longest_bin() const noexcept { return layout_->longest; }
    /// What it was made from.
    const std::vector<point_xy>& nodes() const noexcept { return layout_->nodes; }
    const std::vector<track_edge>& edges() const noexcept { return layout_->edges; }
    const track_spacing& edge_spacing() const noexcept { return layout_->spacing; }
    const track_options& options() const noexcept { return layout_->options; }
    /// The edges in the order and direction of the linear axis.
    const std::vector<track_edge>& edge_order() const noexcept { return layout_->order; }

    /// The end of the linear axis, gaps included; it starts at 0.
    double linear_length() const noexcept { return layout_->linear.back().stop; }
    /// From where to where each bin reaches. A bin starts where the one before it stops, or after a gap.
    std::span<const linear_interval> linear_edges() const noexcept { return layout_->linear; }
    double linear_center(std::size_t bin) const noexcept {
        assert(bin < bin_count());
        return layout_->linear[bin].start + (layout_->linear[bin].stop - layout_->linear[bin].start) / 2;
    }
    /// The bin at a place of the linear axis; nothing in gaps, outside and for NaN. A border belongs to the lower bin.
    /// Cost: O(log bins).
    std::optional<std::size_t> bin_at_linear(double position) const noexcept { return layout_->at_linear(position); }
    /// Where the foot of a place on the nearest edge lies on the linear axis; nothing farther than `max_distance` from
    /// every edge, and for NaN. Cost: O(edges).
    std::optional<double>
    linear_position(double x, double y, double max_distance = std::numeric_limits<double>::infinity()) const noexcept {
        const auto found = layout_->nearest(layout_->all, {x, y}, max_distance);
        return found ? std::optional(layout_->ways[found->way].start + found->along) : std::nullopt;
    }
    /// The place on the middle of the corridor at a position of the linear axis; nothing in gaps and outside.
    std::optional<point_xy> place_at(double position) const noexcept {
        const auto bin = bin_at_linear(position);
        if (!bin) {
            return std::nullopt;
        }
        const way& on = layout_->ways[layout_->way_of_bin[*bin]];
        const double part = (std::min)((position - on.start) / on.length, 1.0);
        return point_xy{on.from.x + part * (on.to.x - on.from.x), on.from.y + part * (on.to.y - on.from.y)};
    }

private:
    /// An edge as laid out on the axis.
    struct way {
        point_xy from;
        point_xy to;
        double length = 0;
        double start = 0; ///< on the axis
        std::size_t first_bin = 0;
        std::size_t bins = 0;
    };
    struct foot {
        std::size_t way = 0;
        double along = 0;
    };

    struct layout {
        layout(const std::vector<point_xy>& at, const std::vector<track_edge>& between,
               const std::vector<track_edge>& edge_order, const track_spacing& edge_spacing, const track_options& sizes)
            : nodes(at),
              edges(between),
              order(edge_order.empty() ? between : edge_order),
              spacing(edge_spacing),
              options(sizes),
              width(sizes.width) {
            check_size("bin_size", options.bin_size, "2 to 5 cm are usual");
            check_size("width", options.width, "the width of the corridor is usual");
            check_graph();
            check_order(edge_order);
            check_spacing();
            lay_out();
            make_outlines();
            make_lattice();
        }

        static void check_size(std::string_view name, double value, std::string_view hint) {
            if (!(value > 0 && std::isfinite(value))) {
                throw invalid_value(std::string(name),
                                    detail::text("the track's ", name, " is ", detail::rounded(value),
                                                 "; it must be a positive number in the units of the nodes; ", hint));
            }
        }

        static std::string name_of(const track_edge& edge) { return detail::text(edge.from, "-", edge.to); }
        static bool same(const track_edge& a, const track_edge& b) noexcept {
            return a == b || (a.from == b.to && a.to == b.from);
        }

        void check_graph() const {
            using detail::rounded;
            using detail::text;
            if (edges.empty()) {
                throw data_error("the track has no edges; it needs at least one; pass pairs of node numbers");
            }
            for (std::size_t i = 0; i < nodes.size(); ++i) {
                if (!std::isfinite(nodes[i].x) || !std::isfinite(nodes[i].y)) {
                    throw data_error(text("node ", i, " of the track is at (", rounded(nodes[i].x), ", ",
                                          rounded(nodes[i].y), "); nodes must be finite; correct it"),
                                     i);
                }
            }
            const auto edge = [&](std::size_t i) { return text("edge ", i, " (", name_of(edges[i]), ")"); };
            for (std::size_t i = 0; i < edges.size(); ++i) {
                const auto [from, to] = edges[i];
                if (from >= nodes.size() || to >= nodes.size()) {
                    throw data_error(text(edge(i), " of the track names a node that is not there; there are ",
                                          nodes.size(), " nodes, counted from 0; correct the edge, or add the node"),
                                     i);
                }
                if (from == to) {
                    throw data_error(text(edge(i), " of the track joins a node to itself; an edge joins two different "
                                                   "nodes; remove it, or put nodes along the loop"),
                                     i);
                }
                if (!(std::hypot(nodes[to].x - nodes[from].x, nodes[to].y - nodes[from].y) > 0)) {
                    throw data_error(text(edge(i), " of the track has no length, as both nodes are at (",
                                          rounded(nodes[from].x), ", ", rounded(nodes[from].y),
                                          "); edges need a length; move one of the nodes, or use one for both"),
                                     i);
                }
            }
            for (std::size_t i = 0; i < edges.size(); ++i) {
                for (std::size_t j = 0; j < i; ++j) {
                    if (same(edges[i], edges[j])) {
                        throw data_error(text("edges ", j, " and ", i, " of the track both join nodes ", edges[i].from,
                                              " and ", edges[i].to,
                                              "; two nodes have at most one edge; remove one, or put a node along it"),
                                         i);
                    }
                    if (const auto at = meeting(edges[j], edges[i])) {
                        throw data_error(text(edge(j), " and ", edge(i), " of the track meet at (", rounded(at->x),
                                              ", ", rounded(at->y),
                                              ") without ending there at the same node, so that places there would "
                                              "belong to either; put a node there and cut the edges at it"),
                                         i);
                    }
                }
            }
        }

        /// A place where two edges meet beside a node that both end at.
        std::optional<point_xy> meeting(track_edge a, track_edge b) const noexcept {
            if (a.to == b.from || a.to == b.to) {
                std::swap(a.from, a.to);
            }
            if (a.from == b.to) {
                std::swap(b.from, b.to);
            }
            const point_xy from = nodes[a.from];
            const point_xy one = nodes[a.to];
            const point_xy other = nodes[b.to];
            if (a.from != b.from) {
                return segment_crossing(from, one, nodes[b.from], other);
            }
            const point_xy u{one.x - from.x, one.y - from.y};
            const point_xy v{other.x - from.x, other.y - from.y};
            const bool over_one_another = u.x * v.y - u.y * v.x == 0 && u.x * v.x + u.y * v.y > 0;
            const bool shorter = u.x * u.x + u.y * u.y < v.x * v.x + v.y * v.y;
            return over_one_another ? std::optional(shorter ? one : other) : std::nullopt;
        }

        void check_order(const std::vector<track_edge>& edge_order) const {
            if (edge_order.empty()) {
                return;
            }
            const auto fail = [](const std::string& what) {
                throw invalid_value("edge_order",
                                    detail::text(what, "; edge_order must name each edge once, in either direction; "
                                                       "correct it, or leave it empty to keep the order of the edges"));
            };
            for (std::size_t i = 0; i < edge_order.size(); ++i) {
                const auto names = [&](const track_edge& edge) { return same(edge, edge_order[i]); };
                const auto here = edge_order.begin() + static_cast<std::ptrdiff_t>(i);
                if (std::none_of(edges.begin(), edges.end(), names)) {
                    fail(detail::text("edge_order[", i, "] (", name_of(edge_order[i]), ") is no edge of the track"));
                }
                if (std::any_of(edge_order.begin(), here, names)) {
                    fail(detail::text("edge_order[", i, "] (", name_of(edge_order[i]), ") is there twice"));
                }
            }
            for (std::size_t i = 0; i < edges.size(); ++i) {
                if (std::none_of(edge_order.begin(), edge_order.end(),
                                 [&](const track_edge& edge) { return same(edge, edges[i]); })) {
                    fail(detail::text("edge_order leaves out edge ", i, " (", name_of(edges[i]), ")"));
                }
            }
        }

        void check_spacing() const {
            if (!spacing.one_for_all && spacing.values.size() + 1 != edges.size()) {
                throw invalid_value("edge_spacing",
                                    detail::text("edge_spacing has ", spacing.values.size(), " values; ", edges.size(),
                                                 edges.size() == 1 ? " edge has " : " edges have ", edges.size() - 1,
                                                 " gaps between them; pass one number for all, or one per gap"));
            }
            for (std::size_t i = 0; i < spacing.values.size(); ++i) {
                if (!(spacing.values[i] >= 0 && std::isfinite(spacing.values[i]))) {
                    throw invalid_value("edge_spacing",
                                        detail::text("edge_spacing",
                                                     spacing.one_for_all ? std::string() : detail::text("[", i, "]"),
                                                     " is ", detail::rounded(spacing.values[i]),
                                                     "; gaps must be 0 or positive, in the units of the nodes; use 0 "
                                                     "for no gap"));
                }
            }
        }

        void lay_out() {
            const double bin_size = options.bin_size;
            double at = 0;
            for (std::size_t i = 0; i < order.size(); ++i) {
                way next{nodes[order[i].from], nodes[order[i].to], 0, at, linear.size(), 0};
                next.length = std::hypot(next.to.x - next.from.x, next.to.y - next.from.y);
                const double bins = (std::max)(1.0, std::ceil(next.length / bin_size - 1e-9));
                if (!(bins + static_cast<double>(linear.size()) <= static_cast<double>(detail::most_cells))) {
                    throw invalid_value("bin_size",
                                        detail::text("the track's bin_size ", bin_size, " makes more than ",
                                                     detail::most_cells,
                                                     " bins, which is the most allowed; use a larger bin_size"));
                }
                next.bins = static_cast<std::size_t>(bins);
                const double stop = at + next.length;
                for (std::size_t k = 0; k < next.bins; ++k) {
                    const auto edge_at = [&](std::size_t edge) {
                        return edge == next.bins ? stop : at + next.length * static_cast<double>(edge) / bins;
                    };
                    linear.push_back({edge_at(k), edge_at(k + 1)});
                    way_of_bin.push_back(static_cast<std::uint32_t>(i));
                }
                longest = (std::max)(longest, next.length / bins);
                ways.push_back(next);
                if (i + 1 < order.size()) {
                    at = stop + spacing.values[spacing.one_for_all ? 0 : i];
                }
            }
        }

        void make_outlines() {
            std::vector<std::vector<point_xy>> shapes;
            std::vector<cell_link> links;
            struct end {
                std::size_t node;
                std::size_t bin;
                double half; ///< of the bin's length
            };
            std::vector<end> ends;
            for (std::size_t i = 0; i < ways.size(); ++i) {
                const way& on = ways[i];
                const point_xy along{(on.to.x - on.from.x) / on.length, (on.to.y - on.from.y) / on.length};
                const point_xy side{-along.y * width / 2, along.x * width / 2};
                const auto bins = static_cast<double>(on.bins);
                const double step = on.length / bins;
                for (std::size_t k = 0; k < on.bins; ++k) {
                    const double from = on.length * static_cast<double>(k) / bins;
                    const double to = on.length * static_cast<double>(k + 1) / bins;
                    const point_xy a{on.from.x + along.x * from, on.from.y + along.y * from};
                    const point_xy b{on.from.x + along.x * to, on.from.y + along.y * to};
                    shapes.push_back({{a.x - side.x, a.y - side.y},
                                      {b.x - side.x, b.y - side.y},
                                      {b.x + side.x, b.y + side.y},
                                      {a.x + side.x, a.y + side.y}});
                    if (k + 1 < on.bins) {
                        links.push_back({on.first_bin + k, on.first_bin + k + 1, step, width});
                    }
                }
                ends.push_back({order[i].from, on.first_bin, step / 2});
                ends.push_back({order[i].to, on.first_bin + on.bins - 1, step / 2});
            }
            std::sort(ends.begin(), ends.end(),
                      [](const end& a, const end& b) { return a.node != b.node ? a.node < b.node : a.bin < b.bin; });
            for (std::size_t first = 0, last = 0; first < ends.size(); first = last) {
                double sum = 0; // of the conductances 1 / half: currents into a node add up to 0
                for (last = first; last < ends.size() && ends[last].node == ends[first].node; ++last) {
                    sum += 1 / ends[last].half;
                }
                for (std::size_t a = first; a < last; ++a) {
                    for (std::size_t b = a + 1; b < last; ++b) {
                        const double distance = ends[a].half + ends[b].half;
                        links.push_back({ends[a].bin, ends[b].bin, distance,
                                         width * distance / (ends[a].half * ends[b].half * sum)});
                    }
                }
            }
            outlines.emplace(shapes, cells_options{.links = std::move(links), .may_overlap = true});
        }

        void make_lattice() {
            std::vector<std::vector<point_xy>> reach; // of each edge: half a width on all sides
            bounds = {ways[0].from, ways[0].from};
            for (std::size_t i = 0; i < ways.size(); ++i) {
                const way& on = ways[i];
                const point_xy ahead{(on.to.x - on.from.x) / on.length * width / 2,
                                     (on.to.y - on.from.y) / on.length * width / 2};
                const point_xy side{-ahead.y, ahead.x};
                const point_xy a{on.from.x - ahead.x, on.from.y - ahead.y};
                const point_xy b{on.to.x + ahead.x, on.to.y + ahead.y};
                reach.push_back({{a.x - side.x, a.y - side.y},
                                 {b.x - side.x, b.y - side.y},
                                 {b.x + side.x, b.y + side.y},
                                 {a.x + side.x, a.y + side.y}});
                for (const point_xy at : {on.from, on.to}) {
                    bounds.low = {(std::min)(bounds.low.x, at.x - width / 2),
                                  (std::min)(bounds.low.y, at.y - width / 2)};
                    bounds.high = {(std::max)(bounds.high.x, at.x + width / 2),
                                   (std::max)(bounds.high.y, at.y + width / 2)};
                }
                all.push_back(static_cast<std::uint32_t>(i));
            }
            lattice = detail::bucket_lattice(bounds, reach.size(),
                                             [&](std::size_t i) { return std::span<const point_xy>(reach[i]); });
        }

        /// The nearest of some edges, the first of those that are equally near.
        std::optional<foot> nearest(std::span<const std::uint32_t> some, point_xy at, double most) const noexcept {
            std::optional<foot> found;
            double least = most * most;
            for (const std::uint32_t i : some) {
                const way& on = ways[i];
                const point_xy u{on.to.x - on.from.x, on.to.y - on.from.y};
                const double part = ((at.x - on.from.x) * u.x + (at.y - on.from.y) * u.y) / (on.length * on.length);
                // At a node exactly the node: edges that end there are exactly as near.
                const point_xy there = part <= 0   ? on.from
                                       : part >= 1 ? on.to
                                                   : point_xy{on.from.x + part * u.x, on.from.y + part * u.y};
                const double square = (at.x - there.x) * (at.x - there.x) + (at.y - there.y) * (at.y - there.y);
                if (found ? square < least : square <= least) {
                    least = square;
                    found = foot{i, part <= 0 ? 0 : part >= 1 ? on.length : part * on.length};
                }
            }
            return found;
        }

        /// The same answer as at_linear at this foot.
        std::size_t bin_on(const foot& at) const noexcept {
            const way& on = ways[at.way];
            const double position = on.start + at.along;
            std::size_t bin =
                on.first_bin +
                (std::min)(static_cast<std::size_t>(at.along / on.length * static_cast<double>(on.bins)), on.bins - 1);
            while (bin > on.first_bin && position <= linear[bin].start) {
                --bin;
            }
            while (bin + 1 < on.first_bin + on.bins && position > linear[bin].stop) {
                ++bin;
            }
            return bin;
        }

        std::optional<std::size_t> at_linear(double position) const noexcept {
            if (!(position >= 0 && position <= linear.back().stop)) {
                return std::nullopt;
            }
            const auto after = std::partition_point(linear.begin(), linear.end(),
                                                    [&](const linear_interval& bin) { return bin.stop < position; });
            return after->start <= position ? std::optional(static_cast<std::size_t>(after - linear.begin()))
                                            : std::nullopt;
        }

        std::vector<point_xy> nodes;
        std::vector<track_edge> edges;
        std::vector<track_edge> order; ///< with the directions of the axis
        track_spacing spacing;
        track_options options;
        double width;
        std::vector<way> ways;
        std::vector<std::uint32_t> all; ///< the numbers of all ways
        std::vector<linear_interval> linear;
        std::vector<std::uint32_t> way_of_bin;
        double longest = 0;
        std::optional<cells> outlines;
        box_xy bounds;
        detail::bucket_lattice lattice;
    };

    explicit track(std::shared_ptr<const layout> made) noexcept : layout_(std::move(made)) {}

    std::shared_ptr<const layout> layout_;
};

} // namespace fieldreel::inline v0

#endif
