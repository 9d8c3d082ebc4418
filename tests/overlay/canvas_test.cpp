// SPDX-License-Identifier: MIT
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/canvas.hpp>

#define FIELDREEL_TEST_COUNTS_ALLOCATIONS
#include "support/allocation_counter.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

void draw_much(canvas& out) {
    out.begin_line({});
    for (int i = 0; i < 100; ++i) {
        out.line_to({i % 10 == 9 ? nan : i, 1}, 0.5f);
    }
    out.end_line();
    out.marker({1, 2}, {});
    out.arrow({0, 0}, {1, 1}, {});
    static constexpr point_xy corners[] = {{0, 0}, {1, 0}, {1, 1}};
    out.polygon(corners, {});
    out.label({0, 0}, "a label that no small-string buffer holds", {});
}

TEST_CASE("shapes come back as they were drawn") {
    canvas out;
    const shape_style style{.color = {1, 2, 3, 4},
                            .size_px = 5,
                            .symbol = marker_symbol::cross,
                            .where = placement::panel,
                            .layer = layer::below};
    out.begin_line(style);
    out.line_to({1, 2}, 0.25f);
    out.line_to({3, 4});
    out.end_line();
    out.marker({5, 6}, {}, 0.5f);
    out.arrow({7, 8}, {9, 10}, {});
    const std::vector<point_xy> corners = {{0, 0}, {1, 0}, {1, 1}};
    out.polygon(corners, {});
    out.label({11, 12}, "one", {});
    out.label({13, 14}, "another", {});

    const auto shapes = out.shapes();
    REQUIRE(shapes.size() == 6);
    CHECK(shapes[0].kind == shape_kind::line);
    CHECK(shapes[0].style.color == rgba8{1, 2, 3, 4});
    CHECK(shapes[0].style.size_px == 5);
    CHECK(shapes[0].style.symbol == marker_symbol::cross);
    CHECK(shapes[0].style.where == placement::panel);
    CHECK(shapes[0].style.layer == layer::below);
    const auto line = out.vertices(shapes[0]);
    REQUIRE(line.size() == 2);
    CHECK(line[0].x == 1);
    CHECK(line[0].y == 2);
    CHECK(line[0].alpha == 0.25f);
    CHECK(line[1].x == 3);
    CHECK(line[1].alpha == 1);
    CHECK(shapes[1].kind == shape_kind::marker);
    CHECK(out.vertices(shapes[1]).front().alpha == 0.5f);
    CHECK(shapes[2].kind == shape_kind::arrow);
    CHECK(out.vertices(shapes[2])[1].y == 10);
    CHECK(shapes[3].kind == shape_kind::polygon);
    CHECK(out.vertices(shapes[3]).size() == 3);
    CHECK(out.text(shapes[4]) == "one");
    CHECK(out.text(shapes[5]) == "another");
    CHECK(out.text(shapes[0]).empty());
    CHECK(out.vertices(shapes[5]).front().x == 13);
}

TEST_CASE("a NaN or an infinity breaks a line, and pieces of one point are dropped") {
    canvas out;
    out.begin_line({.size_px = 3});
    for (const double x : {0.0, 1.0, nan, 2.0, inf, nan, 3.0, 4.0, 5.0, nan}) {
        out.line_to({x, 0});
    }
    out.end_line();
    REQUIRE(out.shapes().size() == 2);
    CHECK(out.vertices(out.shapes()[0]).size() == 2);
    CHECK(out.vertices(out.shapes()[1]).size() == 3);
    CHECK(out.vertices(out.shapes()[1])[0].x == 3);
    CHECK(out.shapes()[1].style.size_px == 3);
}

TEST_CASE("a line of one point is dropped by whatever comes next") {
    canvas out;
    out.begin_line({});
    out.line_to({1, 1});
    out.begin_line({});
    out.line_to({2, 2});
    out.marker({3, 3}, {});
    REQUIRE(out.shapes().size() == 1);
    CHECK(out.shapes()[0].kind == shape_kind::marker);
    CHECK(out.vertices(out.shapes()[0]).front().x == 3);
    out.begin_line({});
    out.end_line();
    out.end_line();
    CHECK(out.shapes().size() == 1);
}

TEST_CASE("shapes without a finite place are left out") {
    canvas out;
    out.marker({nan, 0}, {});
    out.marker({0, -inf}, {});
    out.arrow({0, 0}, {0, nan}, {});
    out.arrow({nan, 0}, {0, 0}, {});
    out.label({0, nan}, "nowhere", {});
    const std::vector<point_xy> lost = {{0, 0}, {1, 0}, {nan, 1}};
    out.polygon(lost, {});
    const std::vector<point_xy> two = {{0, 0}, {1, 0}};
    out.polygon(two, {});
    CHECK(out.shapes().empty());
}

TEST_CASE("clear keeps the memory") {
    canvas out;
    draw_much(out);
    const std::size_t shapes = out.shapes().size();
    CHECK(shapes > 10);
    const std::size_t allocations = support::count_allocations([&] {
        for (int i = 0; i < 100; ++i) {
            out.clear();
            draw_much(out);
        }
    });
    CHECK(allocations == 0);
    CHECK(out.shapes().size() == shapes);
    out.clear();
    CHECK(out.shapes().empty());
    const std::size_t fresh = support::count_allocations([] {
        canvas other;
        draw_much(other);
    });
    CHECK(fresh > 0); // the counter counts
}

} // namespace
