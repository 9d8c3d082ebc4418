// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/space/place_field.hpp>
#include <fieldreel/space/polygon.hpp>
#include <fieldreel/space/smoothing.hpp>
#include <fieldreel/space/track.hpp>

#include "../support/sentence.hpp"
#include "../support/space_golden.hpp"

using namespace fieldreel;
using support::sentence_of;
using nodes = std::vector<point_xy>;
using edges = std::vector<track_edge>;

namespace {

static_assert(bordered_space<track>);

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
const track_options five_wide{.bin_size = 2, .width = 4};

double uniform(std::mt19937_64& random, double low, double high) {
    return low + (high - low) * static_cast<double>(random() >> 11) * 0x1.0p-53;
}

/// A W: a bar of 20 and three arms of 11, 9 and 10.
const nodes w_nodes = {{0, 0}, {10, 0}, {20, 0}, {0, 11}, {10, 9}, {20, 10}};
const edges w_edges = {{0, 1}, {1, 2}, {0, 3}, {1, 4}, {2, 5}};
/// Centre arm from its end, then left, then right.
const edges w_order = {{4, 1}, {1, 0}, {0, 3}, {1, 2}, {2, 5}};

track w_maze() {
    return track::from_graph(w_nodes, w_edges, w_order, std::vector<double>{0, 0, 5, 0}, five_wide);
}

std::string graph_sentence(const nodes& at, const edges& between) {
    return sentence_of<data_error>([&] { track::from_graph(at, between, {}, 0, five_wide); });
}
std::string option_sentence(const edges& order, const track_spacing& spacing, const track_options& options) {
    return sentence_of<invalid_value>([&] { track::from_graph(w_nodes, w_edges, order, spacing, options); });
}

} // namespace

TEST_CASE("track: a straight one, cut into whole bins no longer than asked for") {
    const track one = track::from_graph(nodes{{0, 4}, {170, 4}}, edges{{0, 1}}, {}, 0, {.bin_size = 4, .width = 8});
    CHECK(one.bin_count() == 43);
    CHECK(one.linear_length() == 170);
    CHECK(one.longest_bin() == doctest::Approx(170.0 / 43).epsilon(1e-15));
    CHECK(one.volume(7) == doctest::Approx(170.0 / 43 * 8).epsilon(1e-12));
    CHECK(one.bounds() == box_xy{{-4, 0}, {174, 8}});
    CHECK(one.center(0).x == doctest::Approx(85.0 / 43).epsilon(1e-12));
    CHECK(one.linear_center(42) == doctest::Approx(170 - 85.0 / 43).epsilon(1e-12));
    CHECK(one.neighbours(0).size() == 1);
    CHECK(one.border(3, 4) == 8);
    // 12 cm in bins of 4 are three bins, whatever the rounding
    CHECK(
        track::from_graph(nodes{{0.1, 0}, {1.3, 0}}, edges{{0, 1}}, {}, 0, {.bin_size = 0.4, .width = 1}).bin_count() ==
        3);
    CHECK(track::from_graph(nodes{{0, 0}, {3, 0}}, edges{{0, 1}}, {}, 0, {.bin_size = 100, .width = 1}).bin_count() ==
          1);
    CHECK(track::from_graph(space_test::positions_of({{0, 0}, {3, 4}}), edges{{0, 1}}, {}, 0, five_wide).bin_count() ==
          3);
}

TEST_CASE("track: the linear axis of a W, with its gap") {
    const track w = w_maze();
    // 9 -> 5 bins, 10 -> 5, 11 -> 6, gap of 5, 10 -> 5, 10 -> 5
    CHECK(w.bin_count() == 26);
    CHECK(w.linear_length() == 55);
    const auto axis = w.linear_edges();
    CHECK(axis[0] == linear_interval{0, 1.8});
    CHECK(axis[4].stop == 9);
    CHECK(axis[5] == linear_interval{9, 11});
    CHECK(axis[15].stop == 30);
    CHECK(axis[16] == linear_interval{35, 37});
    CHECK(axis[25].stop == 55);
    CHECK(w.linear_position(10, 9) == 0.0);
    CHECK(w.linear_position(10, 8) == 1.0);
    CHECK(w.linear_position(10, 20) == 0.0); // beyond the end
    CHECK(!w.linear_position(10, 20, 2));
    CHECK(w.linear_position(3, 1) == 16.0);
    CHECK(w.linear_position(-1, 6) == 25.0);
    CHECK(w.linear_position(13, -1) == 38.0);
    CHECK(w.linear_position(21, 10) == 55.0);
    CHECK(!w.linear_position(no_number, 0));
    CHECK(w.bin_at_linear(0) == std::size_t{0});
    CHECK(w.bin_at_linear(10) == std::size_t{5});
    CHECK(w.bin_at_linear(9) == std::size_t{4}); // a border belongs to the lower bin
    CHECK(w.bin_at_linear(30) == std::size_t{15});
    CHECK(!w.bin_at_linear(30.001));
    CHECK(!w.bin_at_linear(34.999));
    CHECK(w.bin_at_linear(35) == std::size_t{16});
    CHECK(w.bin_at_linear(55) == std::size_t{25});
    CHECK(!w.bin_at_linear(55.001));
    CHECK(!w.bin_at_linear(-0.001));
    CHECK(!w.bin_at_linear(no_number));
    CHECK(w.place_at(16) == point_xy{3, 0});
    CHECK(w.place_at(55) == point_xy{20, 10});
    CHECK(!w.place_at(32));
    CHECK(w.edge_order()[0] == track_edge{4, 1});
    // one gap for all
    const track gaps = track::from_graph(w_nodes, w_edges, {}, 3, five_wide);
    CHECK(gaps.linear_length() == 50 + 4 * 3);
    CHECK(gaps.edge_order()[2] == track_edge{0, 3});
    CHECK(!gaps.bin_at_linear(11));
}

TEST_CASE("track: every place belongs to the nearest edge's bin, within half the width, the first of equals") {
    const track w = w_maze();
    const nodes from = {{10, 9}, {10, 0}, {0, 0}, {10, 0}, {20, 0}};
    const nodes to = {{10, 0}, {0, 0}, {0, 11}, {20, 0}, {20, 10}};
    const std::array<std::size_t, 6> first = {0, 5, 10, 16, 21, 26};
    std::mt19937_64 random(8);
    std::size_t wrong = 0;
    std::size_t hits = 0;
    for (int i = 0; i < 40000; ++i) {
        // a fine raster: many places are equally near to two edges
        const point_xy at{std::floor(uniform(random, -16, 96)) / 4, std::floor(uniform(random, -16, 60)) / 4};
        std::optional<std::size_t> expected;
        double least = 2.0000001;
        for (std::size_t e = 0; e < 5; ++e) {
            const double length = std::hypot(to[e].x - from[e].x, to[e].y - from[e].y);
            const point_xy u{(to[e].x - from[e].x) / length, (to[e].y - from[e].y) / length};
            const double along = std::clamp((at.x - from[e].x) * u.x + (at.y - from[e].y) * u.y, 0.0, length);
            const double away = std::hypot(at.x - from[e].x - along * u.x, at.y - from[e].y - along * u.y);
            if (away < least - 1e-12) {
                least = away;
                const auto bins = static_cast<double>(first[e + 1] - first[e]);
                expected =
                    first[e] + static_cast<std::size_t>(std::max(0.0, std::ceil(along / length * bins - 1e-9) - 1));
            }
        }
        hits += expected ? 1u : 0u;
        wrong += w.bin_at(at.x, at.y) != expected ? 1u : 0u;
    }
    CHECK(wrong == 0);
    CHECK(hits > 10000);
    CHECK(!w.bin_at(no_number, 0));
    CHECK(!w.bin_at(0, no_number));
    CHECK(!w.bin_at(std::numeric_limits<double>::infinity(), 0));
}

TEST_CASE("track: bin_at, linear_position and place_at agree") {
    const track w = track::from_graph(w_nodes, w_edges, w_order, 3, {.bin_size = 1.7, .width = 3});
    std::mt19937_64 random(8);
    for (int i = 0; i < 5000; ++i) {
        const point_xy at{uniform(random, -4, 24), uniform(random, -4, 15)};
        const auto position = w.linear_position(at.x, at.y, 1.5);
        REQUIRE(w.bin_at(at.x, at.y) == (position ? w.bin_at_linear(*position) : std::nullopt));
        const double s = uniform(random, 0, w.linear_length());
        if (const auto place = w.place_at(s)) {
            REQUIRE(*w.linear_position(place->x, place->y) == doctest::Approx(s).epsilon(1e-9));
        } else {
            REQUIRE(!w.bin_at_linear(s));
        }
    }
    for (std::size_t bin = 0; bin < w.bin_count(); ++bin) {
        CHECK(w.bin_at(w.center(bin).x, w.center(bin).y) == bin);
        CHECK(w.bin_at_linear(w.linear_center(bin)) == bin);
        CHECK(polygon_contains(w.shape_of(bin), w.center(bin).x, w.center(bin).y));
        CHECK(polygon_area(w.shape_of(bin)) == doctest::Approx(w.volume(bin)).epsilon(1e-9));
    }
}

TEST_CASE("track: neighbours along an edge and around a node, as far as the way is") {
    const track w = w_maze();
    // bin 4 ends at the middle node, where bins 5 and 16 start
    const auto at_node = w.neighbours(4);
    REQUIRE(at_node.size() == 3);
    CHECK(at_node[0] == neighbour{3, 1.8});
    CHECK(at_node[1].bin == 5);
    CHECK(at_node[1].distance == doctest::Approx(1.9));
    CHECK(at_node[2].bin == 16);
    CHECK(w.neighbours(0).size() == 1);           // a dead end
    CHECK(w.border(9, 10) == doctest::Approx(4)); // a bend is as wide as a corridor
    CHECK(w.border(4, 3) == 4);
    // Each of three meets the other two: conductances g_a g_b / (g_a + g_b + g_c), times the distance
    const double g[3] = {4 / 0.9, 4 / 1.0, 4 / 1.0};
    CHECK(w.border(4, 5) == doctest::Approx(g[0] * g[1] / (g[0] + g[1] + g[2]) * 1.9));
    CHECK(w.border(5, 16) == doctest::Approx(g[1] * g[2] / (g[0] + g[1] + g[2]) * 2));
    CHECK(w.border(4, 16) == w.border(16, 4));
    CHECK(w.border(0, 20) == 0);
    // A ring
    const track ring = track::from_graph(nodes{{0, 0}, {4, 0}, {2, 3}}, edges{{0, 1}, {1, 2}, {2, 0}}, {}, 0,
                                         {.bin_size = 100, .width = 1});
    CHECK(ring.bin_count() == 3);
    CHECK(ring.neighbours(0).size() == 2);
    // Two tracks in one space
    const track two = track::from_graph(nodes{{0, 0}, {4, 0}, {0, 9}, {4, 9}}, edges{{0, 1}, {2, 3}}, {}, 0, five_wide);
    CHECK(two.neighbours(1).size() == 1);
    CHECK(two.neighbours(2).size() == 1);
}

TEST_CASE("track: diffusion through a node of three is that of narrow corridors joined at a point") {
    // Three arms of 60 at a node; heat from 5 away on the first. On a line without ends: a Gaussian; at a joint of d
    // arms, of a wave that comes in 2/d goes on into each arm and 2/d - 1 comes back.
    const auto on_circle = [](double degrees) {
        return point_xy{60 * std::cos(degrees * std::numbers::pi / 180),
                        60 * std::sin(degrees * std::numbers::pi / 180)};
    };
    const track star = track::from_graph(nodes{{0, 0}, on_circle(0), on_circle(100), on_circle(230)},
                                         edges{{0, 1}, {0, 2}, {0, 3}}, {}, 10, {.bin_size = 0.25, .width = 5});
    const detail::diffusion spread(star);
    std::vector<detail::value_pair> values(star.bin_count());
    const std::size_t source = *star.bin_at_linear(5.1);
    const double from = star.linear_center(source);
    values[source] = {5, 0}; // over the width: one per length
    spread.to_densities(values);
    constexpr double sigma = 6;
    spread.apply(values, sigma);
    const auto gaussian = [](double x) {
        return std::exp(-x * x / (2 * sigma * sigma)) / (sigma * std::sqrt(2 * std::numbers::pi));
    };
    double whole = 0;
    double worst = 0;
    for (std::size_t bin = 0; bin < star.bin_count(); ++bin) {
        whole += values[bin].first * star.volume(bin);
        const bool first_arm = bin < star.bin_count() / 3;
        const double away = std::hypot(star.center(bin).x, star.center(bin).y);
        const double exact =
            first_arm ? gaussian(away - from) + (2.0 / 3 - 1) * gaussian(away + from) : 2.0 / 3 * gaussian(away + from);
        worst = (std::max)(worst, std::abs(values[bin].first - exact));
    }
    CHECK(whole == doctest::Approx(5).epsilon(1e-9));
    CHECK(worst < 1e-3 * gaussian(0));
}

TEST_CASE("place_field: over a track, time and spikes are conserved and the rate is found again") {
    const track w = w_maze();
    // Back and forth along all of the axis, off the middle by up to 1; a field around 14 on the axis.
    std::vector<point_xy> places;
    std::vector<double> times;
    std::vector<double> spikes;
    std::mt19937_64 random(2);
    for (int i = 0; i < 60000; ++i) {
        times.push_back(0.02 * i);
        const double s = 27.5 + 27.5 * std::sin(0.003 * i + 0.4);
        const auto at = w.place_at(s).value_or(point_xy{100, 100}); // in the gap: far outside
        places.push_back({at.x + uniform(random, -1, 1), at.y + uniform(random, -1, 1)});
        const auto now = w.linear_position(places.back().x, places.back().y, 2);
        const double rate = now ? 20 * std::exp(-(*now - 14) * (*now - 14) / 18) : 0;
        if (uniform(random, 0, 1) < 0.02 * rate) {
            spikes.push_back(times.back());
        }
    }
    const auto positions = space_test::positions_of(places);
    for (const auto method :
         {place_field_method::binned, place_field_method::gaussian_kde, place_field_method::diffusion_kde}) {
        const auto field = place_field(w, spikes, times, positions, {.method = method, .bandwidth = 1});
        CHECK(field.spikes_used == spikes.size());
        CHECK(std::accumulate(field.occupancy_s.begin(), field.occupancy_s.end(), 0.0) ==
              doctest::Approx(field.time.counted_s).epsilon(1e-12));
        CHECK(field.time.outside_space_s > 1);
        double worst = 0;
        for (std::size_t bin = 5; bin < 16; ++bin) {
            const double s = w.linear_center(bin);
            worst = (std::max)(worst, std::abs(field.rate[bin] - 20 * std::exp(-(s - 14) * (s - 14) / 18)));
        }
        CHECK(worst < 3);
        // Nothing comes through the air: the right arm is far along the way, 10 from the left one.
        CHECK(field.rate[25] < 0.01);
    }
}

TEST_CASE("track: what is wrong with the graph is said") {
    CHECK(graph_sentence({{0, 0}}, {}) == "the track has no edges; it needs at least one; pass pairs of node numbers");
    CHECK(graph_sentence({{0, 0}, {1, no_number}}, {{0, 1}}) ==
          "node 1 of the track is at (1, nan); nodes must be finite; correct it");
    CHECK(graph_sentence({{0, 0}, {1, 0}}, {{0, 1}, {1, 7}}) ==
          "edge 1 (1-7) of the track names a node that is not there; there are 2 nodes, counted from 0; correct the "
          "edge, or add the node");
    CHECK(graph_sentence({{0, 0}, {1, 0}}, {{0, 1}, {1, 1}}) ==
          "edge 1 (1-1) of the track joins a node to itself; an edge joins two different nodes; remove it, or put "
          "nodes along the loop");
    CHECK(graph_sentence({{0, 0}, {1, 0}, {1, 0}}, {{0, 1}, {1, 2}}) ==
          "edge 1 (1-2) of the track has no length, as both nodes are at (1, 0); edges need a length; move one of the "
          "nodes, or use one for both");
    CHECK(graph_sentence({{0, 0}, {1, 0}, {2, 0}}, {{0, 1}, {1, 2}, {1, 0}}) ==
          "edges 0 and 2 of the track both join nodes 1 and 0; two nodes have at most one edge; remove one, or put a "
          "node along it");
    CHECK(graph_sentence({{0, 0}, {2, 2}, {2, 0}, {0, 2}}, {{0, 1}, {2, 3}}) ==
          "edge 0 (0-1) and edge 1 (2-3) of the track meet at (1, 1) without ending there at the same node, so that "
          "places there would belong to either; put a node there and cut the edges at it");
    CHECK(graph_sentence({{0, 0}, {2, 0}, {1, 0}, {1, 3}}, {{0, 1}, {2, 3}}) ==
          "edge 0 (0-1) and edge 1 (2-3) of the track meet at (1, 0) without ending there at the same node, so that "
          "places there would belong to either; put a node there and cut the edges at it");
    CHECK(graph_sentence({{0, 0}, {2, 0}, {5, 0}}, {{1, 0}, {0, 2}}) ==
          "edge 0 (1-0) and edge 1 (0-2) of the track meet at (2, 0) without ending there at the same node, so that "
          "places there would belong to either; put a node there and cut the edges at it");
    CHECK(support::thrown_by<data_error>([] {
              track::from_graph(nodes{{0, 0}, {1, 0}}, edges{{0, 1}, {1, 7}}, {}, 0, five_wide);
          }).index() == 1);
    // An edge that goes on straight after a node is fine.
    CHECK(graph_sentence({{0, 0}, {1, 0}, {2, 0}}, {{0, 1}, {1, 2}}) == "nothing was thrown");
}

TEST_CASE("track: what is wrong with the order, the spacing and the sizes is said") {
    CHECK(option_sentence({{4, 1}, {1, 0}, {0, 3}, {1, 2}, {0, 5}}, 0, five_wide) ==
          "edge_order[4] (0-5) is no edge of the track; edge_order must name each edge once, in either direction; "
          "correct it, or leave it empty to keep the order of the edges");
    CHECK(option_sentence({{4, 1}, {1, 0}, {0, 1}, {1, 2}, {2, 5}}, 0, five_wide) ==
          "edge_order[2] (0-1) is there twice; edge_order must name each edge once, in either direction; correct it, "
          "or leave it empty to keep the order of the edges");
    CHECK(option_sentence({{4, 1}, {1, 0}, {1, 2}, {2, 5}}, 0, five_wide) ==
          "edge_order leaves out edge 2 (0-3); edge_order must name each edge once, in either direction; correct it, "
          "or leave it empty to keep the order of the edges");
    CHECK(option_sentence({}, std::vector<double>{1, 2, 3}, five_wide) ==
          "edge_spacing has 3 values; 5 edges have 4 gaps between them; pass one number for all, or one per gap");
    CHECK(option_sentence({}, -1, five_wide) ==
          "edge_spacing is -1; gaps must be 0 or positive, in the units of the nodes; use 0 for no gap");
    CHECK(option_sentence({}, std::vector<double>{1, no_number, 3, 4}, five_wide) ==
          "edge_spacing[1] is nan; gaps must be 0 or positive, in the units of the nodes; use 0 for no gap");
    CHECK(option_sentence({}, 0, {.width = 4}) == "the track's bin_size is nan; it must be a positive number in the "
                                                  "units of the nodes; 2 to 5 cm are usual");
    CHECK(option_sentence({}, 0, {.bin_size = 0, .width = 4}) ==
          "the track's bin_size is 0; it must be a positive number in the units of the nodes; 2 to 5 cm are usual");
    CHECK(option_sentence({}, 0, {.bin_size = 2, .width = -4}) ==
          "the track's width is -4; it must be a positive number in the units of the nodes; the width of the corridor "
          "is usual");
    CHECK(option_sentence({}, 0, {.bin_size = 1e-9, .width = 4}) ==
          "the track's bin_size 1e-09 makes more than 100000000 bins, which is the most allowed; use a larger "
          "bin_size");
}
