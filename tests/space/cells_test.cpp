// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/space/cells.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/place_field.hpp>
#include <fieldreel/space/polygon.hpp>
#include <fieldreel/space/smoothing.hpp>

#include "../support/hexagons.hpp"
#include "../support/sentence.hpp"
#include "../support/space_golden.hpp"

using namespace fieldreel;
using support::hexagons;
using support::sentence_of;
using polygon = std::vector<point_xy>;
using polygons = std::vector<polygon>;

namespace {

static_assert(bordered_space<cells>);

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// The same numbers for everybody: the standard distributions are not.
struct numbers_of {
    std::mt19937_64 random;
    double operator()(double low, double high) {
        return low + (high - low) * static_cast<double>(random() >> 11) * 0x1.0p-53;
    }
};

polygons squares(std::size_t n_x, std::size_t n_y) {
    polygons out;
    for (std::size_t ix = 0; ix < n_x; ++ix) {
        for (std::size_t iy = 0; iy < n_y; ++iy) {
            const auto x = static_cast<double>(ix);
            const auto y = static_cast<double>(iy);
            out.push_back({{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}});
        }
    }
    return out;
}

polygon box(double x, double y, double width, double height) {
    return {{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}};
}

std::string sentence(const polygons& of, const cells_options& options = {}) {
    return sentence_of<data_error>([&] { cells(of, options); });
}

} // namespace

TEST_CASE("cells: squares are the grid: bins, borders, neighbours, areas") {
    const cells tiled(squares(4, 3));
    const grid same = grid::full({0, 0}, {4, 3}, {4, 3});
    CHECK(tiled.bin_count() == 12);
    CHECK(tiled.bounds() == same.bounds());
    numbers_of number{std::mt19937_64(3)};
    for (int i = 0; i < 2000; ++i) {
        // every second place on a border or a corner
        const double x = i % 2 == 0 ? number(-1, 5) : std::floor(number(-1, 6));
        const double y = i % 3 == 0 ? number(-1, 4) : std::floor(number(-1, 5));
        REQUIRE(tiled.bin_at(x, y) == same.bin_at(x, y));
    }
    for (std::size_t bin = 0; bin < 12; ++bin) {
        CHECK(tiled.center(bin) == same.center(bin));
        CHECK(tiled.volume(bin) == 1);
        const auto sides = same.neighbours(bin, grid_connection::sides);
        const auto found = tiled.neighbours(bin);
        REQUIRE(found.size() == sides.size());
        for (std::size_t i = 0; i < found.size(); ++i) {
            CHECK(found[i] == sides.begin()[i]);
            CHECK(tiled.border(bin, found[i].bin) == doctest::Approx(1).epsilon(1e-12));
        }
    }
    CHECK(tiled.border(0, 11) == 0);
    CHECK(!tiled.bin_at(no_number, 1));
    CHECK(!tiled.bin_at(1, no_number));
    CHECK(!tiled.bin_at(std::numeric_limits<double>::infinity(), 1));
}

TEST_CASE("cells: hexagons made one by one have six neighbours, and every place one cell") {
    const polygons shapes = hexagons({{0, 0}, {40, 40}}, 4);
    const cells tiled(shapes);
    REQUIRE(tiled.bin_count() == shapes.size());
    const double side = 4 / std::sqrt(3.0);
    std::size_t inner = 0;
    for (std::size_t bin = 0; bin < tiled.bin_count(); ++bin) {
        CHECK(tiled.volume(bin) == doctest::Approx(1.5 * std::sqrt(3.0) * side * side).epsilon(1e-7));
        const point_xy at = tiled.center(bin);
        const bool within = at.x > 3 && at.x < 37 && at.y > 3 && at.y < 36;
        inner += within ? 1u : 0u;
        if (within) {
            REQUIRE(tiled.neighbours(bin).size() == 6);
        }
        for (const neighbour& next : tiled.neighbours(bin)) {
            CHECK(next.distance == doctest::Approx(4).epsilon(1e-7));
            CHECK(tiled.border(bin, next.bin) == doctest::Approx(side).epsilon(1e-7));
            CHECK(tiled.border(bin, next.bin) == tiled.border(next.bin, bin));
        }
    }
    CHECK(inner > 50);
    // The nearest centre is the cell, and cells share no place and leave none, on their borders, too.
    numbers_of number{std::mt19937_64(4)};
    std::size_t wrong = 0;
    for (int i = 0; i < 20000; ++i) {
        const point_xy at{number(6, 34), number(6, 33)};
        std::size_t nearest = 0;
        double least = 1e9;
        for (std::size_t bin = 0; bin < tiled.bin_count(); ++bin) {
            const double d = std::hypot(tiled.center(bin).x - at.x, tiled.center(bin).y - at.y);
            nearest = d < least ? bin : nearest;
            least = (std::min)(d, least);
        }
        wrong += tiled.bin_at(at.x, at.y) != nearest ? 1u : 0u;
        const auto outline = tiled.shape_of(nearest);
        const std::size_t corner = static_cast<std::size_t>(number(0, 6));
        const point_xy a = outline[corner];
        const point_xy b = outline[(corner + 1) % 6];
        const double part = i % 10 == 0 ? 0 : number(0, 1);
        const point_xy on_border{a.x + part * (b.x - a.x), a.y + part * (b.y - a.y)};
        std::size_t owners = 0;
        for (std::size_t bin = 0; bin < tiled.bin_count(); ++bin) {
            owners += polygon_contains(tiled.shape_of(bin), on_border.x, on_border.y) ? 1u : 0u;
        }
        wrong += owners != 1 || !tiled.bin_at(on_border.x, on_border.y) ? 1u : 0u;
    }
    CHECK(wrong == 0);
}

TEST_CASE("cells: bin_at is the first polygon that contains the place, whatever their shapes") {
    // A fan of thin triangles, a concave room, and a long diagonal corridor: buckets hold many shapes.
    polygons shapes;
    for (int i = 0; i < 40; ++i) {
        const double a = 0.15 * i;
        shapes.push_back(
            {{0, 0}, {10 * std::cos(a), 10 * std::sin(a)}, {10 * std::cos(a + 0.15), 10 * std::sin(a + 0.15)}});
    }
    shapes.push_back({{12, -8}, {30, -8}, {30, 8}, {28, 8}, {28, -6}, {14, -6}, {14, 8}, {12, 8}}); // a U
    shapes.push_back({{-30, -31}, {29, 28}, {29, 29}, {-30, -30}});
    const cells some(shapes, {.may_overlap = true});
    numbers_of number{std::mt19937_64(6)};
    std::size_t wrong = 0;
    std::size_t hits = 0;
    for (int i = 0; i < 50000; ++i) {
        const point_xy at{number(-31, 31), number(-32, 30)};
        std::optional<std::size_t> first;
        for (std::size_t bin = 0; bin < some.bin_count() && !first; ++bin) {
            first = polygon_contains(some.shape_of(bin), at.x, at.y) ? std::optional(bin) : std::nullopt;
        }
        hits += first ? 1u : 0u;
        wrong += some.bin_at(at.x, at.y) != first ? 1u : 0u;
    }
    CHECK(wrong == 0);
    CHECK(hits > 5000);
    CHECK(some.bin_at(13, 0) == std::size_t{40});
    CHECK(!some.bin_at(21, 5)); // within the U
}

TEST_CASE("cells: clockwise polygons are turned round, and copies share what is behind") {
    const cells one(polygons{{{0, 0}, {0, 2}, {2, 2}, {2, 0}, {0, 0}}});
    CHECK(one.volume(0) == 4);
    CHECK(polygon_area(one.shape_of(0)) == 4);
    CHECK(one.shape_of(0).size() == 4);
    CHECK(one.neighbours(0).empty());
    const cells copy = one;
    CHECK(copy.shape_of(0).data() == one.shape_of(0).data());
}

TEST_CASE("cells: a border is as long as both sides run together") {
    // Two small rooms beside a large one, and one that touches it with a corner only.
    const cells rooms(polygons{box(0, 0, 4, 4), box(4, 0, 2, 1), box(4, 1, 3, 3), box(4, 4, 1, 1)});
    CHECK(rooms.border(0, 1) == 1);
    CHECK(rooms.border(0, 2) == 3);
    CHECK(rooms.border(1, 2) == 2);
    CHECK(rooms.border(0, 3) == 0);
    CHECK(rooms.border(2, 3) == 1);
    CHECK(rooms.neighbours(0).size() == 2);
    CHECK(rooms.neighbours(0)[1].distance == std::hypot(3.5, 0.5));
    // A U around a room: three borders in one.
    const cells around(polygons{{{0, 0}, {3, 0}, {3, 2}, {2, 2}, {2, 1}, {1, 1}, {1, 2}, {0, 2}}, box(1, 1, 1, 1)});
    CHECK(around.border(0, 1) == 3);
}

TEST_CASE("cells: given links are the neighbours, what they leave out is measured") {
    const polygons shapes = squares(3, 1);
    const cells_options options{.links = std::vector<cell_link>{{1, 0}, {0, 2, 7.5, 0.25}}};
    const cells linked(shapes, options);
    CHECK(linked.neighbours(0).size() == 2);
    CHECK(linked.neighbours(0)[0] == neighbour{1, 1});
    CHECK(linked.neighbours(0)[1] == neighbour{2, 7.5});
    CHECK(linked.neighbours(1).size() == 1);
    CHECK(linked.border(0, 1) == 1);
    CHECK(linked.border(2, 0) == 0.25);
    CHECK(linked.border(1, 2) == 0);
    CHECK(cells(shapes, {.links = std::vector<cell_link>{}}).neighbours(1).empty());
}

TEST_CASE("cells: what is wrong with polygons is said, with their number") {
    CHECK(sentence({}) == "there are no polygons; cells need at least one; pass one polygon per bin");
    const polygon good = box(0, 0, 1, 1);
    CHECK(sentence({good, {{2, 0}, {3, 0}}}) ==
          "polygon 1 has 2 different corners; a polygon needs at least 3; give each corner once, in order");
    CHECK(sentence({good, {{2, 0}, {3, 0}, {4, 0}}}) ==
          "polygon 1 has no area: its 3 corners lie on a line; a polygon must enclose an area; correct its corners");
    CHECK(sentence({{{0, 0}, {2, 2}, {2, 0}, {0, 2}}}) ==
          "polygon 0 crosses itself: its edges 0 and 2 meet at (1, 1); edges may only meet at the corner they share; "
          "give the corners in order around the border");
    CHECK(sentence({good, {{2, 0}, {3, 0}, {no_number, 1}}}) ==
          "polygon 1 has its corner 2 at (nan, 1); corners must be finite; correct or remove it");
    CHECK(support::thrown_by<data_error>([&] {
              cells(polygons{good, {{2, 0}, {3, 0}, {no_number, 1}}});
          }).index() == 1);
    CHECK(sentence({good, box(1e10, 0, 1, 1)}) == "polygon 0 is thinner than 1e-9 of the whole extent of 1e+10; cells "
                                                  "must be larger; correct its corners, or remove it");
}

TEST_CASE("cells: cells over one another are refused, unless allowed, and then the lower number has the place") {
    const polygons twice = {box(0, 0, 2, 2), box(3, 0, 1, 1), box(0.5, 0.5, 1, 1)};
    CHECK(sentence(twice) == "polygons 0 and 2 lie over one another at (1, 1); a place belongs to one cell; correct "
                             "them, or set may_overlap to give it to the lower number");
    const cells allowed(twice, {.may_overlap = true});
    CHECK(allowed.bin_at(1, 1) == std::size_t{0});
    // A centre outside its own cell is no overlap.
    const polygon notched = {{0, 0}, {3, 0}, {3, 3}, {2.8, 3}, {2.8, 0.2}, {0.2, 0.2}, {0.2, 3}, {0, 3}};
    CHECK(cells(polygons{notched, box(1, 0.5, 1, 2)}).bin_count() == 2);
}

TEST_CASE("cells: what is wrong with links is said") {
    const auto of = [](const cell_link& link) {
        return sentence(squares(3, 1), {.links = std::vector<cell_link>{{0, 1}, link}});
    };
    CHECK(of({1, 3}) == "link 1 (1-3) names a cell that is not there; there are 3 cells (0-2); correct the link");
    CHECK(of({2, 2}) == "link 1 (2-2) joins a cell to itself; neighbours are two different cells; remove the link");
    CHECK(of({1, 0}) ==
          "cells 0 and 1 are linked twice; name each pair once, in either order; remove one of the links");
    CHECK(of({1, 2, 0}) == "link 1 (1-2) has the distance 0; distances must be positive; correct it, or leave it out "
                           "to have it measured");
    CHECK(of({1, 2, 1, -1}) ==
          "link 1 (1-2) has a border of -1; borders must be 0 or positive; correct it, or leave it "
          "out to have it measured");
}

TEST_CASE("cells: diffusion over hexagons keeps the whole and is a Gaussian") {
    const cells tiled(hexagons({{0, 0}, {60, 60}}, 2));
    std::vector<detail::value_pair> values(tiled.bin_count());
    const std::size_t middle = *tiled.bin_at(30, 30);
    values[middle] = {1, 0};
    values[3] = {0, 5}; // at the wall: nothing may leave
    const detail::diffusion spread(tiled);
    spread.to_densities(values);
    spread.apply(values, 6);
    double whole = 0;
    double at_wall = 0;
    double square = 0;
    for (std::size_t bin = 0; bin < tiled.bin_count(); ++bin) {
        whole += values[bin].first * tiled.volume(bin);
        at_wall += values[bin].second * tiled.volume(bin);
        square += values[bin].first * tiled.volume(bin) * std::pow(tiled.center(bin).x - tiled.center(middle).x, 2);
    }
    CHECK(whole == doctest::Approx(1).epsilon(1e-9));
    CHECK(at_wall == doctest::Approx(5).epsilon(1e-9));
    CHECK(std::sqrt(square) == doctest::Approx(6).epsilon(1e-3)); // the standard deviation along x
    CHECK(values[middle].first == doctest::Approx(1 / (2 * 3.14159265358979 * 36)).epsilon(0.01));
}

TEST_CASE("place_field: over hexagons it is that over a fine grid, by all three methods") {
    // A wandering animal and a cell with two fields, in a box of 60 x 52.
    numbers_of number{std::mt19937_64(9)};
    std::vector<point_xy> places;
    std::vector<double> times;
    std::vector<double> spikes;
    point_xy at{30, 26};
    double angle = 0;
    const auto rate = [](point_xy p) {
        return 12 * std::exp(-((p.x - 20) * (p.x - 20) + (p.y - 30) * (p.y - 30)) / 128) +
               6 * std::exp(-((p.x - 45) * (p.x - 45) + (p.y - 15) * (p.y - 15)) / 98);
    };
    for (int i = 0; i < 120000; ++i) {
        angle += number(-0.4, 0.4);
        at = {at.x + 0.5 * std::cos(angle), at.y + 0.5 * std::sin(angle)};
        if (at.x < 0 || at.x > 60 || at.y < 0 || at.y > 52) {
            angle += 3;
            at = {std::clamp(at.x, 0.0, 60.0), std::clamp(at.y, 0.0, 52.0)};
        }
        times.push_back(0.02 * i);
        places.push_back(at);
        if (number(0, 1) < 0.02 * rate(at)) {
            spikes.push_back(times.back());
        }
    }
    const auto positions = space_test::positions_of(places);
    const cells tiled(hexagons({{-2, -2}, {63, 55}}, 2));
    const grid fine = grid::full({-1, -1}, {61, 53}, {62, 54});
    for (const auto method :
         {place_field_method::binned, place_field_method::gaussian_kde, place_field_method::diffusion_kde}) {
        CAPTURE(std::string(detail::name_of(method)));
        const place_field_options options{.method = method, .bandwidth = 4, .min_occupancy_s = 0.2};
        const auto one = place_field(tiled, spikes, times, positions, options);
        const auto other = place_field(fine, spikes, times, positions, options);
        // No second and no spike is lost between the cells.
        CHECK(one.spikes_used == spikes.size());
        CHECK(one.time.counted_s == doctest::Approx(times.back()).epsilon(1e-12));
        CHECK(std::accumulate(one.occupancy_s.begin(), one.occupancy_s.end(), 0.0) ==
              doctest::Approx(one.time.counted_s).epsilon(1e-12));
        CHECK(std::accumulate(one.counts.begin(), one.counts.end(), std::size_t{0}) == one.spikes_used);
        CHECK(!one.bin_width);
        double worst = 0;
        double square = 0;
        std::size_t compared = 0;
        for (std::size_t bin = 0; bin < tiled.bin_count(); ++bin) {
            const point_xy c = tiled.center(bin);
            const auto there = fine.bin_at(c.x, c.y);
            if (!there || std::isnan(one.rate[bin]) || std::isnan(other.rate[*there]) || c.x < 3 || c.x > 57 ||
                c.y < 3 || c.y > 49) {
                continue;
            }
            // the fine grid at the very centre, between the bins around it
            const point_xy corner{std::floor(c.x - 0.5) + 0.5, std::floor(c.y - 0.5) + 0.5};
            double mean = 0;
            for (const double dx : {0.0, 1.0}) {
                for (const double dy : {0.0, 1.0}) {
                    const auto near_by = fine.bin_at(corner.x + dx, corner.y + dy);
                    mean += other.rate[*near_by] * (1 - std::abs(corner.x + dx - c.x)) *
                            (1 - std::abs(corner.y + dy - c.y));
                }
            }
            if (std::isnan(mean)) {
                continue;
            }
            const double difference = std::abs(one.rate[bin] - mean);
            worst = (std::max)(worst, difference);
            square += difference * difference;
            ++compared;
        }
        CHECK(compared > 600);
        CHECK(std::sqrt(square / static_cast<double>(compared)) < 0.01 * other.peak_rate);
        CHECK(worst < 0.03 * other.peak_rate);
        CHECK(one.peak_rate == doctest::Approx(other.peak_rate).epsilon(0.04));
    }
}
