// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/space/polygon.hpp>

#include "../support/sentence.hpp"

using namespace fieldreel;
using support::sentence_of;
using polygon = std::vector<point_xy>;

namespace {

const polygon square = {{0, 0}, {2, 0}, {2, 2}, {0, 2}};
const polygon arrow = {{0, 0}, {4, 0}, {4, 4}, {2, 1}}; // concave at (2, 1)
const polygon bow = {{0, 0}, {2, 2}, {2, 0}, {0, 2}};
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

polygon reversed(polygon of) {
    return {of.rbegin(), of.rend()};
}
std::string sentence(const polygon& of) {
    return sentence_of<data_error>([&] { detail::simple_polygon(of, "polygon 3"); });
}

} // namespace

TEST_CASE("polygon_area: signed by direction, and exact far from the origin") {
    CHECK(polygon_area(square) == 4);
    CHECK(polygon_area(reversed(square)) == -4);
    CHECK(polygon_area(arrow) == 6);
    CHECK(polygon_area(bow) == 0);
    CHECK(polygon_area(polygon{}) == 0);
    CHECK(polygon_area(polygon{{1, 1}, {2, 2}}) == 0);
    CHECK(polygon_area(polygon{{1e9, 1e9}, {1e9 + 1, 1e9}, {1e9 + 1, 1e9 + 1}, {1e9, 1e9 + 1}}) == 1);
}

TEST_CASE("polygon_center: the centre of mass, not the mean of the corners") {
    CHECK(polygon_center(square) == point_xy{1, 1});
    CHECK(polygon_center(polygon{{0, 0}, {1, 0}, {2, 0}, {2, 2}, {0, 2}}) == point_xy{1, 1});
    const point_xy of_l = polygon_center(polygon{{0, 0}, {2, 0}, {2, 1}, {1, 1}, {1, 2}, {0, 2}});
    CHECK(of_l.x == doctest::Approx(5.0 / 6).epsilon(1e-15));
    CHECK(of_l.y == doctest::Approx(5.0 / 6).epsilon(1e-15));
    const point_xy of_reversed = polygon_center(reversed(arrow));
    CHECK(of_reversed.x == doctest::Approx(polygon_center(arrow).x));
    CHECK(polygon_center(polygon{{0, 0}, {1, 1}, {2, 2}}) == point_xy{1, 1});
    CHECK(polygon_center(polygon{}) == point_xy{0, 0});
}

TEST_CASE("polygon_bounds: the smallest box") {
    CHECK(polygon_bounds(arrow) == box_xy{{0, 0}, {4, 4}});
}

TEST_CASE("polygon_contains: inside, outside, the notch of a concave one, either direction") {
    for (const polygon& some : {arrow, reversed(arrow)}) {
        CHECK(polygon_contains(some, 3, 1));
        CHECK(polygon_contains(some, 2, 0.5));
        CHECK(!polygon_contains(some, 2, 2)); // in the notch
        CHECK(!polygon_contains(some, -1, 0.5));
        CHECK(!polygon_contains(some, 5, 0.5));
        CHECK(!polygon_contains(some, no_number, 0.5));
        CHECK(!polygon_contains(some, 3, no_number));
        CHECK(!polygon_contains(some, std::numeric_limits<double>::infinity(), 1));
        CHECK(!polygon_contains(some, 3, -std::numeric_limits<double>::infinity()));
    }
    CHECK(!polygon_contains(polygon{}, 0, 0));
    CHECK(!polygon_contains(bow, 1, 1.5)); // even-odd: two loops, left and right
    CHECK(polygon_contains(bow, 0.5, 1));
}

TEST_CASE("polygon_contains: a border belongs to the polygon on its right, a level one to that above") {
    CHECK(polygon_contains(square, 0, 1));
    CHECK(!polygon_contains(square, 2, 1));
    CHECK(polygon_contains(square, 1, 0));
    CHECK(!polygon_contains(square, 1, 2));
    CHECK(polygon_contains(square, 0, 0));
    CHECK(!polygon_contains(square, 2, 0));
    CHECK(!polygon_contains(square, 0, 2));
    CHECK(!polygon_contains(square, 2, 2));
}

TEST_CASE("polygon_contains: polygons that share their corners share no point and leave none") {
    // A fan of triangles around a crooked centre; points on the spokes are the hard ones.
    std::mt19937_64 random(5);
    const auto uniform = [&](double low, double high) {
        return low + (high - low) * static_cast<double>(random() >> 11) * 0x1.0p-53;
    };
    constexpr std::size_t spokes = 11;
    const point_xy middle{0.1, 1.0 / 3};
    polygon rim;
    for (std::size_t i = 0; i < spokes; ++i) {
        const double angle = 6.283185307179586 * static_cast<double>(i) / static_cast<double>(spokes);
        rim.push_back({3 * std::cos(angle), 3 * std::sin(angle)});
    }
    const auto owners = [&](point_xy at) {
        int count = 0;
        for (std::size_t i = 0; i < spokes; ++i) {
            const polygon part = {middle, rim[i], rim[(i + 1) % spokes]};
            // each second one the other way round: the direction must not matter
            count += polygon_contains(i % 2 == 0 ? part : reversed(part), at.x, at.y) ? 1 : 0;
        }
        return count;
    };
    std::size_t wrong = 0;
    for (int i = 0; i < 20000; ++i) {
        const point_xy end = rim[random() % spokes];
        const double part = uniform(0, 1);
        const point_xy on_spoke{middle.x + part * (end.x - middle.x), middle.y + part * (end.y - middle.y)};
        wrong += owners(on_spoke) != 1 ? 1u : 0u;
        const point_xy anywhere{uniform(-2, 2), uniform(-2, 2)}; // within the rim
        wrong += owners(anywhere) != 1 ? 1u : 0u;
    }
    CHECK(wrong == 0);
    CHECK(owners(middle) == 1);
}

TEST_CASE("segment_crossing: crossing, touching, lying on one another, apart") {
    CHECK(segment_crossing({0, 0}, {2, 2}, {0, 2}, {2, 0}) == point_xy{1, 1});
    CHECK(segment_crossing({0, 0}, {2, 0}, {1, 0}, {1, 3}) == point_xy{1, 0});
    CHECK(segment_crossing({1, 0}, {1, 3}, {0, 0}, {2, 0}) == point_xy{1, 0});
    CHECK(segment_crossing({0, 0}, {2, 0}, {2, 0}, {3, 1}) == point_xy{2, 0});
    CHECK(segment_crossing({0, 0}, {2, 0}, {1, 0}, {3, 0}) == point_xy{2, 0});
    CHECK(!segment_crossing({0, 0}, {2, 0}, {3, 0}, {4, 0}));
    CHECK(!segment_crossing({0, 0}, {2, 0}, {0, 1}, {2, 1}));
    CHECK(!segment_crossing({0, 0}, {2, 0}, {3, -1}, {3, 1}));
    CHECK(!segment_crossing({0, 0}, {2, no_number}, {0, 2}, {2, 0}));
}

TEST_CASE("polygon_crossing: the first two edges that meet, and none for a simple polygon") {
    CHECK(polygon_crossing(bow) == edge_crossing{0, 2, {1, 1}});
    CHECK(!polygon_crossing(square));
    CHECK(!polygon_crossing(reversed(arrow)));
    CHECK(!polygon_crossing(polygon{{0, 0}, {1, 0}, {2, 0}, {2, 2}, {0, 2}}));         // a corner on a straight border
    CHECK(!polygon_crossing(polygon{{0, 0}, {2, 0}, {2, 0}, {2, 2}, {0, 2}, {0, 0}})); // repeated corners
    CHECK(polygon_crossing(polygon{{0, 0}, {4, 0}, {4, 4}, {2, 0}, {0, 4}}) == edge_crossing{0, 2, {2, 0}}); // touches
    CHECK(polygon_crossing(polygon{{0, 0}, {3, 0}, {2, 0}, {2, 2}}) == edge_crossing{0, 1, {3, 0}}); // runs back
    CHECK(polygon_crossing(polygon{{2, 0}, {2, 2}, {0, 0}, {3, 0}}) == edge_crossing{0, 2, {2, 0}});
    CHECK(polygon_crossing(polygon{{1, 0}, {2, 2}, {0, 0}, {3, 0}, {0, 0}}).has_value());
    CHECK(!polygon_crossing(polygon{}));
}

TEST_CASE("simple_polygon: turns clockwise ones round and drops repeated corners") {
    CHECK(detail::simple_polygon(square, "it") == square);
    CHECK(detail::simple_polygon(reversed(square), "it") == square);
    CHECK(detail::simple_polygon(polygon{{0, 0}, {2, 0}, {2, 0}, {2, 2}, {0, 2}, {0, 0}}, "it") == square);
}

TEST_CASE("simple_polygon: what is wrong is said") {
    CHECK(sentence({}) == "polygon 3 has 0 different corners; a polygon needs at least 3; give each corner once, in "
                          "order");
    CHECK(sentence({{1, 1}, {2, 2}, {1, 1}}) == "polygon 3 has 2 different corners; a polygon needs at least 3; give "
                                                "each corner once, in order");
    CHECK(sentence({{0, 0}, {1, no_number}, {1, 1}}) ==
          "polygon 3 has its corner 1 at (1, nan); corners must be finite; correct or remove it");
    CHECK(sentence({{0, 0}, {1, 1}, {3, 3}}) ==
          "polygon 3 has no area: its 3 corners lie on a line; a polygon must enclose an area; correct its corners");
    CHECK(sentence({{0, 0.1}, {1, 0.2}, {2, 0.3}, {1, 0.2}}) ==
          "polygon 3 has no area: its 4 corners lie on a line; a polygon must enclose an area; correct its corners");
    CHECK(sentence(bow) == "polygon 3 crosses itself: its edges 0 and 2 meet at (1, 1); edges may only meet at the "
                           "corner they share; give the corners in order around the border");
    CHECK(support::thrown_by<data_error>([] {
              detail::simple_polygon(polygon{{0, 0}, {1, no_number}}, "it");
          }).index() == 1);
}
