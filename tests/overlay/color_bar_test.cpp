// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/color_bar.hpp>

#include "support/allocation_counter.hpp"
#include "support/sentence.hpp"

namespace {

using namespace fieldreel;
using doctest::Approx;

static_assert(overlay<color_bar>);

/// The red of colour i is i.
std::vector<rgba8> reds() {
    std::vector<rgba8> out;
    for (int i = 0; i < 256; ++i) {
        out.push_back({static_cast<std::uint8_t>(i), 0, 0, 255});
    }
    return out;
}

struct polygon_drawn {
    rgba8 color;
    std::vector<point_xy> corners;
};
struct drawn {
    std::vector<polygon_drawn> polygons;
    std::vector<double> ticks; ///< their height
    std::vector<std::string> labels;
    std::vector<point_xy> label_places;
};

drawn draw(const color_bar& bar) {
    canvas out;
    bar.build({}, out);
    drawn result;
    for (const shape& s : out.shapes()) {
        CHECK(s.style.where == placement::panel);
        const auto v = out.vertices(s);
        if (s.kind == shape_kind::polygon) {
            result.polygons.push_back({s.style.color, {}});
            for (const vertex& corner : v) {
                result.polygons.back().corners.push_back({corner.x, corner.y});
            }
        } else if (s.kind == shape_kind::line) {
            CHECK(v[0].y == v[1].y);
            result.ticks.push_back(v[0].y);
        } else {
            result.labels.emplace_back(out.text(s));
            result.label_places.push_back({v[0].x, v[0].y});
        }
    }
    return result;
}

TEST_CASE("the bar goes from vmin below to vmax on top, without holes") {
    const color_bar bar(
        reds(), 0, 20,
        {.quantity = "rate", .unit = "Hz", .steps = 4, .place = {0.8, 0.25}, .width = 0.1, .height = 0.5});
    const drawn all = draw(bar);
    REQUIRE(all.polygons.size() == 4);
    CHECK(all.polygons[0].color.r == 32); // the middle of each quarter
    CHECK(all.polygons[3].color.r == 224);
    CHECK(all.polygons[0].corners == std::vector<point_xy>{{0.8, 0.75}, {0.9, 0.75}, {0.9, 0.625}, {0.8, 0.625}});
    for (std::size_t k = 1; k < 4; ++k) {
        CHECK(all.polygons[k].corners[0].y == all.polygons[k - 1].corners[3].y);
    }
    CHECK(all.polygons[3].corners[3].y == 0.25);
    CHECK(all.labels == std::vector<std::string>{"0", "5", "10", "15", "20", "rate (Hz)"});
    REQUIRE(all.ticks.size() == 5);
    CHECK(all.ticks[0] == 0.75);
    CHECK(all.ticks[1] == Approx(0.625));
    CHECK(all.ticks[4] == 0.25);
    CHECK(all.label_places[4].y == 0.25);
    CHECK(all.label_places[4].x > 0.9);
    CHECK(all.label_places[5].y < 0.25); // y down: above
}

TEST_CASE("clipping is marked by a triangle at its end") {
    const auto of = [](bool low, bool high) {
        auto polygons = draw(color_bar(reds(), 0, 1, {.clipped_low = low, .clipped_high = high})).polygons;
        std::erase_if(polygons, [](const auto& p) { return p.corners.size() != 3; });
        return polygons;
    };
    CHECK(of(false, false).empty());
    REQUIRE(of(true, false).size() == 1);
    const auto low = of(true, false)[0];
    CHECK(low.color.r == 2);
    CHECK(low.corners[2].y > 0.6); // below the bar
    REQUIRE(of(false, true).size() == 1);
    const auto high = of(false, true)[0];
    CHECK(high.color.r == 254);
    CHECK(high.corners[2].y < 0.1);
    CHECK(high.corners[2].x == Approx(0.915));
    REQUIRE(of(true, true).size() == 2);
    CHECK(of(true, true)[0].color.r == 2);
    CHECK(of(true, true)[1].color.r == 254);
}

TEST_CASE("ticks are round, and one value has one") {
    CHECK(draw(color_bar(reds(), -0.0123, 0.0371)).labels ==
          std::vector<std::string>{"-0.01", "0", "0.01", "0.02", "0.03"});
    CHECK(draw(color_bar(reds(), 0, 1e-6, {.unit = "1/s"})).labels ==
          std::vector<std::string>{"0", "5e-07", "1e-06", "1/s"});
    const drawn one = draw(color_bar(reds(), 3.5, 3.5, {.quantity = "value"}));
    CHECK(one.labels == std::vector<std::string>{"3.5", "value"});
    CHECK(one.ticks[0] == Approx(0.35)); // the middle
}

TEST_CASE("a colour bar allocates nothing after the first") {
    const color_bar bar(reds(), 0, 1, {.quantity = "probability of each bin", .clipped_high = true});
    canvas out;
    bar.build({}, out);
    out.clear();
    CHECK(support::count_allocations([&] { bar.build({}, out); }) == 0);
    CHECK(out.shapes().size() > 64);
}

TEST_CASE("a colour bar refuses what makes no sense, in a sentence") {
    const auto of = [](double vmin, double vmax, const color_bar_options& options = {}) {
        return support::sentence_of<invalid_value>([&] { color_bar(reds(), vmin, vmax, options); });
    };
    CHECK(support::sentence_of<invalid_value>([] { color_bar({}, 0, 1); }) ==
          "a colour bar without colours was asked for; give colormap::table()");
    CHECK(of(2, 1) == "a colour bar from 2 to 1 was asked for; both must be finite and the first not above the second");
    CHECK(of(std::nan(""), 1) ==
          "a colour bar from nan to 1 was asked for; both must be finite and the first not above the second");
    CHECK(of(0, 1, {.steps = 1}) == "a colour bar of 1 steps was asked for; it must have 2 to 1024; 64 is usual");
    CHECK(of(0, 1, {.place = {0.9, 0.75}}) ==
          "a colour bar of 0.03 x 0.5 was put at (0.9, 0.75) of the panel; it must lie within 0-1 of it");
}

} // namespace
