// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <thread>
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
    CHECK((fresh > 0 || !support::allocations_are_counted)); // the counter counts
}

TEST_CASE("a list of markers is one shape, and an empty one is none") {
    canvas out;
    out.begin_markers({.size_px = 4, .symbol = marker_symbol::tick});
    out.marker_at({1, 2});
    out.marker_at({nan, 2});
    out.marker_at({3, 4}, 0.5f);
    out.end_markers();
    out.begin_markers({});
    out.marker_at({0, inf});
    out.begin_markers({});
    out.end_markers();
    out.end_markers();
    REQUIRE(out.shapes().size() == 1);
    CHECK(out.shapes()[0].kind == shape_kind::marker);
    CHECK(out.shapes()[0].style.symbol == marker_symbol::tick);
    const auto points = out.vertices(out.shapes()[0]);
    REQUIRE(points.size() == 2);
    CHECK(points[0].x == 1);
    CHECK(points[1].x == 3);
    CHECK(points[1].alpha == 0.5f);
}

TEST_CASE("text is added to the last label") {
    canvas out;
    out.label({0, 0}, "first", {});
    out.label({0, 0}, "trial", {});
    out.label_more(" 12");
    CHECK(out.text(out.shapes()[0]) == "first");
    CHECK(out.text(out.shapes()[1]) == "trial 12");
}

TEST_CASE("kept points stay where they are while more come") {
    kept_points points(10'000);
    CHECK(points.most() == 10'000);
    points.append({0, 0, 1});
    const vertex* const first = &points[0];
    for (int i = 1; i < 10'000; ++i) {
        points.append({static_cast<double>(i), -static_cast<double>(i), 1});
    }
    CHECK(&points[0] == first);
    CHECK(points.size() == 10'000);
    bool right = true;
    for (std::size_t i = 0; i < 10'000; ++i) {
        right = right && points[i].x == static_cast<double>(i) && points[i].y == -static_cast<double>(i);
    }
    CHECK(right);
    std::vector<vertex> whole;
    for (std::size_t k = 0; !points.block(k, 9000).empty(); ++k) {
        whole.insert(whole.end(), points.block(k, 9000).begin(), points.block(k, 9000).end());
    }
    REQUIRE(whole.size() == 9000);
    CHECK(whole[4096].x == 4096);
    CHECK(whole.back().x == 8999);
    CHECK(points.block(0, 0).empty());
    CHECK(points.block(1, 4096).empty());
    CHECK(points.block(1, 4097).size() == 1);
}

TEST_CASE("kept points take memory as they come") {
    if (!support::allocations_are_counted) {
        MESSAGE("skipped: allocations are not counted under this sanitizer");
        return;
    }
    std::unique_ptr<kept_points> points;
    const support::allocation_watch making;
    points = std::make_unique<kept_points>(10'000'000);
    CHECK(making.peak_bytes() < 25'000);
    CHECK(support::count_allocations([&] {
              for (int i = 0; i < 3 * 4096; ++i) {
                  points->append({});
              }
          }) == 3);
}

TEST_CASE("kept shapes come back with their count, and keep their points alive") {
    canvas out;
    std::weak_ptr<const kept_points> watch;
    {
        const auto points = std::make_shared<kept_points>(3);
        watch = points;
        for (const double x : {1.0, 2.0, 3.0}) {
            points->append({x, 0, 1});
        }
        out.kept_markers(points, 0, {});
        out.kept_line(points, 1, {});
        CHECK(out.shapes().empty());
        out.marker({9, 9}, {});
        out.kept_markers(points, 1, {.size_px = 3});
        out.kept_line(points, 3, {.size_px = 1});
        const auto others = std::make_shared<kept_points>(2);
        others->append({7, 7, 1});
        others->append({8, 8, 1});
        out.kept_line(others, 2, {});
    }
    REQUIRE(out.shapes().size() == 4);
    CHECK((*out.kept(out.shapes()[3]))[1].x == 8);
    const shape& markers = out.shapes()[1];
    CHECK(markers.kind == shape_kind::kept_markers);
    CHECK(markers.is_kept());
    CHECK(!out.shapes()[0].is_kept());
    CHECK(markers.vertex_count == 1);
    CHECK(markers.style.size_px == 3);
    CHECK(out.vertices(markers).empty());
    CHECK(out.shapes()[2].kind == shape_kind::kept_line);
    CHECK(out.shapes()[2].vertex_count == 3);
    CHECK((*out.kept(out.shapes()[2]))[2].x == 3);
    CHECK(out.kept(markers) == out.kept(out.shapes()[2]));
    canvas copy = out;
    out.clear();
    CHECK(!watch.expired());
    CHECK((*copy.kept(copy.shapes()[1]))[0].x == 1);
    copy.clear();
    CHECK(watch.expired());
}

TEST_CASE("drawing kept shapes allocates nothing") {
    const auto points = std::make_shared<kept_points>(10);
    points->append({});
    points->append({});
    canvas out;
    const auto draw = [&] {
        out.clear();
        for (int i = 0; i < 20; ++i) {
            out.kept_markers(points, 2, {});
            out.kept_line(points, 2, {});
        }
    };
    draw();
    CHECK(support::count_allocations(draw) == 0);
}

TEST_CASE("a picture comes back with its pixels, its place and its look") {
    canvas out;
    constexpr affine_xy place{.xx = 2, .x0 = 10, .yy = -2, .y0 = 30};
    const auto first = out.picture({2, 3}, place, {.color = {0, 0, 0, 128}, .layer = layer::below});
    REQUIRE(first.size() == 6);
    for (std::size_t i = 0; i < 6; ++i) {
        first[i] = {static_cast<std::uint8_t>(i), 0, 0, 255};
    }
    out.marker({1, 2}, {});
    // More pictures do not move the pixels of the first.
    for (std::uint8_t i = 0; i < 20; ++i) {
        const auto more = out.picture({1, 1}, {}, {.where = placement::panel});
        REQUIRE(more.size() == 1);
        more[0] = {i, i, i, 7};
    }
    first[5] = {9, 9, 9, 9};
    REQUIRE(out.shapes().size() == 22);
    const shape& drawn = out.shapes()[0];
    CHECK(drawn.kind == shape_kind::picture);
    CHECK(!drawn.is_kept());
    CHECK(drawn.style.color.a == 128);
    CHECK(drawn.style.layer == layer::below);
    CHECK(out.vertices(drawn).empty());
    CHECK(out.text(drawn).empty());
    CHECK(out.picture(drawn).size == image_shape{2, 3});
    CHECK(out.picture(drawn).place == place);
    REQUIRE(out.pixels(drawn).size() == 6);
    CHECK(out.pixels(drawn)[4] == rgba8{4, 0, 0, 255});
    CHECK(out.pixels(drawn)[5] == rgba8{9, 9, 9, 9});
    CHECK(out.pixels(out.shapes()[1]).empty()); // a marker
    CHECK(out.shapes()[21].style.where == placement::panel);
    CHECK(out.pixels(out.shapes()[21])[0] == rgba8{19, 19, 19, 7});
    const canvas copy = out;
    out.clear();
    CHECK(copy.pixels(copy.shapes()[0])[5] == rgba8{9, 9, 9, 9});
}

TEST_CASE("a picture without area or without a finite place is left out") {
    canvas out;
    CHECK(out.picture({0, 3}, {}, {}).empty());
    CHECK(out.picture({3, 0}, {}, {}).empty());
    CHECK(out.picture({3, 3}, {.x0 = nan}, {}).empty());
    CHECK(out.picture({3, 3}, {.yy = inf}, {}).empty());
    CHECK(out.picture({3, 3}, {.xx = 1, .xy = 2, .yx = 2, .yy = 4}, {}).empty()); // a line
    CHECK(out.shapes().empty());
}

TEST_CASE("a picture ends a line of one point") {
    canvas out;
    out.begin_line({});
    out.line_to({1, 1});
    out.picture({1, 1}, {}, {});
    REQUIRE(out.shapes().size() == 1);
    CHECK(out.shapes()[0].kind == shape_kind::picture);
}

TEST_CASE("drawing pictures again allocates nothing, in any order of sizes") {
    canvas out;
    const auto draw = [&](std::size_t one, std::size_t other) {
        out.clear();
        out.picture({one, 10}, {}, {});
        out.picture({other, 10}, {}, {});
    };
    draw(100, 100);
    CHECK(support::count_allocations([&] {
              draw(100, 50);
              draw(7, 100);
              draw(100, 100);
          }) == 0);
    CHECK(out.pixels(out.shapes()[1]).size() == 1000);
    out.clear();
    CHECK(out.shapes().empty());
    out.picture({1, 1}, {}, {});
    CHECK(out.pixels(out.shapes()[0]).size() == 1);
}

// Run with a thread sanitizer, this says whether a scene in flight may be read.
TEST_CASE("another thread reads the points of its scene while more come") {
    const auto points = std::make_shared<kept_points>(50'000);
    for (int i = 0; i < 4000; ++i) {
        points->append({1, 1, 1});
    }
    canvas scene;
    scene.kept_markers(points, points->size(), {});
    double sum = 0;
    std::thread reader([&sum, copy = scene] {
        for (int round = 0; round < 10; ++round) {
            const auto kept = copy.kept(copy.shapes()[0]);
            for (std::size_t i = 0; i < copy.shapes()[0].vertex_count; ++i) {
                sum += (*kept)[i].x;
            }
        }
    });
    for (int i = 4000; i < 50'000; ++i) {
        points->append({2, 2, 1});
    }
    reader.join();
    CHECK(sum == 40'000);
}

} // namespace

TEST_CASE("shapes are made fainter from a number on") {
    canvas shapes;
    shapes.marker({1, 2}, {.color = {10, 20, 30, 200}});
    shapes.marker({1, 2}, {.color = {10, 20, 30, 200}});
    shapes.label({1, 2}, "here", {.color = {1, 2, 3, 255}});
    shapes.fade(1, 0.5);
    CHECK(shapes.shapes()[0].style.color == rgba8{10, 20, 30, 200});
    CHECK(shapes.shapes()[1].style.color == rgba8{10, 20, 30, 100});
    CHECK(shapes.shapes()[2].style.color == rgba8{1, 2, 3, 128});
    shapes.fade(0, 0);
    CHECK(shapes.shapes()[0].style.color.a == 0);
    shapes.fade(3, 0.5); // none
}

TEST_CASE("shapes are given another colour from a number on, and stay as opaque as they were") {
    canvas out;
    out.marker({0, 0}, {.color = {1, 2, 3, 200}});
    out.marker({1, 0}, {.color = {4, 5, 6, 100}});
    out.recolor(1, {70, 80, 90, 255});
    CHECK(out.shapes()[0].style.color == rgba8{1, 2, 3, 200});
    CHECK(out.shapes()[1].style.color == rgba8{70, 80, 90, 100});
}
