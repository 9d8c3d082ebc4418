// SPDX-License-Identifier: MIT
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/region_overlay.hpp>

#include "support/allocation_counter.hpp"
#include "support/sentence.hpp"

namespace {

using namespace fieldreel;
static_assert(overlay<region_overlay>);

const std::vector<point_xy> square{{0, 0}, {10, 0}, {10, 10}, {0, 10}};

regions two() {
    return regions({region::polygon("start", square), region::disc("goal", {30, 5}, 4)});
}
/// In the start, outside, in the goal.
anchor walker() {
    return anchor(
        trajectory(sample_times(std::vector<double>{0, 1, 2}), samples(std::vector<double>{5, 5, 20, 5, 30, 5}, 2), 2));
}

std::vector<shape> draw(const region_overlay& drawing, double time_s, canvas& out) {
    out.clear();
    drawing.build({.time_s = time_s}, out);
    return {out.shapes().begin(), out.shapes().end()};
}

TEST_CASE("each region is drawn as its fill and its closed outline") {
    canvas out;
    const auto shapes = draw(region_overlay(two()), 0, out);
    REQUIRE(shapes.size() == 4);
    CHECK(shapes[0].kind == shape_kind::polygon);
    CHECK(out.vertices(shapes[0]).size() == 4);
    CHECK(out.vertices(shapes[0])[2].x == 10);
    CHECK(shapes[1].kind == shape_kind::line);
    REQUIRE(out.vertices(shapes[1]).size() == 5);
    CHECK(out.vertices(shapes[1])[0].x == out.vertices(shapes[1])[4].x);
    CHECK(out.vertices(shapes[1])[0].y == out.vertices(shapes[1])[4].y);
    const auto disc = out.vertices(shapes[2]);
    CHECK(disc.size() == 64);
    for (const vertex& v : disc) {
        CHECK(std::hypot(v.x - 30, v.y - 5) == doctest::Approx(4));
    }
    CHECK(shapes[0].style.color.a == 38); // 0.15 x 255
    CHECK(shapes[1].style.color.a == 204);
}

TEST_CASE("the region the animal is in is filled stronger") {
    canvas out;
    const region_overlay drawing(two(), walker(), {.fill_alpha = 0.2, .highlight_alpha = 0.6});
    const auto alphas = [&](double t) {
        const auto shapes = draw(drawing, t, out);
        return std::vector<int>{shapes[0].style.color.a, shapes[2].style.color.a};
    };
    CHECK(alphas(0) == std::vector<int>{153, 51});
    CHECK(alphas(1) == std::vector<int>{51, 51});
    CHECK(alphas(2) == std::vector<int>{51, 153});
    CHECK(alphas(9) == std::vector<int>{51, 51}); // not known
}

TEST_CASE("regions by name, in their colours, with their names, above or below the field") {
    canvas out;
    const rgba8 green{0, 200, 0, 100};
    const auto shapes = draw(
        region_overlay(
            two(),
            {.names = {"goal"}, .colors = {{"goal", green}}, .fill_alpha = 0.5, .name_px = 11, .layer = layer::below}),
        0, out);
    REQUIRE(shapes.size() == 3);
    CHECK(shapes[0].style.color == rgba8{0, 200, 0, 50}); // half of its own
    CHECK(shapes[0].style.layer == layer::below);
    CHECK(shapes[2].kind == shape_kind::label);
    CHECK(std::string(out.text(shapes[2])) == "goal");
    CHECK(out.vertices(shapes[2])[0].x == 30);
    CHECK(shapes[2].style.size_px == 11);
}

TEST_CASE("an alpha or a size of 0 draws nothing of its kind") {
    canvas out;
    CHECK(draw(region_overlay(two(), {.fill_alpha = 0}), 0, out).size() == 2);
    CHECK(draw(region_overlay(two(), {.outline_alpha = 0}), 0, out).size() == 2);
    CHECK(draw(region_overlay(two(), {.outline_px = 0}), 0, out).size() == 2);
    const region_overlay only_inside(two(), walker(), {.fill_alpha = 0, .outline_alpha = 0});
    CHECK(draw(only_inside, 0, out).size() == 1);
    CHECK(draw(only_inside, 1, out).empty());
    CHECK(draw(region_overlay(regions()), 0, out).empty());
}

TEST_CASE("a region overlay refuses what makes no sense, in a sentence") {
    CHECK(support::sentence_of<invalid_value>([] { region_overlay(two(), {.fill_alpha = 1.5}); }) ==
          "a region's fill_alpha of 1.5 was given; it must be from 0 to 1; 0 draws nothing");
    CHECK(support::sentence_of<invalid_value>([] { region_overlay(two(), {.highlight_alpha = -0.1}); }) ==
          "a region's highlight_alpha of -0.1 was given; it must be from 0 to 1; 0 draws nothing");
    CHECK(support::sentence_of<invalid_value>([] { region_overlay(two(), {.outline_alpha = std::nan("")}); }) ==
          "a region's outline_alpha of nan was given; it must be from 0 to 1; 0 draws nothing");
    CHECK(support::sentence_of<invalid_value>([] { region_overlay(two(), {.outline_px = -1}); }) ==
          "a region's outline_px of -1 was given; it must be 0 or positive; 0 draws nothing");
    CHECK(support::sentence_of<invalid_value>([] { region_overlay(two(), {.names = {"gaol"}}); }) ==
          "the region 'gaol' was asked for; there are start, goal; did you mean 'goal'?");
    CHECK(support::sentence_of<invalid_value>([] {
              region_overlay(two(), {.colors = {{"stat", {}}}});
          }) == "the region 'stat' was asked for; there are start, goal; did you mean 'start'?");
}

TEST_CASE("a step of regions allocates nothing once the canvas has grown") {
    const region_overlay drawing(two(), walker(), {.name_px = 10});
    canvas out;
    drawing.build({.time_s = 0}, out);
    const std::size_t count = support::count_allocations([&] {
        for (double t = 0; t < 2; t += 0.01) {
            out.clear();
            drawing.build({.time_s = t}, out);
        }
    });
    CHECK((count == 0 || !support::allocations_are_counted));
}

} // namespace
