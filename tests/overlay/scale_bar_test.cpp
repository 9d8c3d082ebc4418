// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include <fieldreel/overlay/scale_bar.hpp>
#include <fieldreel/space/grid.hpp>

#include "support/allocation_counter.hpp"
#include "support/sentence.hpp"

namespace {

using namespace fieldreel;
using doctest::Approx;

static_assert(overlay<scale_bar>);

/// A space of which only the bounds matter.
struct box {
    double width;
    std::size_t bin_count() const { return 1; }
    std::optional<std::size_t> bin_at(double, double) const { return 0; }
    box_xy bounds() const { return {{-10, 0}, {width - 10, 30}}; }
    point_xy center(std::size_t) const { return {0, 15}; }
};

struct drawn {
    double length = 0; ///< of the bar in the panel
    point_xy from;
    point_xy label_at;
    std::string label;
};

drawn draw(const scale_bar& bar, const any_space& space) {
    canvas out;
    bar.build({.time_s = 0, .frame = {}, .space = space}, out);
    drawn result;
    for (const shape& s : out.shapes()) {
        CHECK(s.style.where == placement::panel);
        const auto v = out.vertices(s);
        if (s.kind == shape_kind::line) {
            REQUIRE(v.size() == 2);
            CHECK(v[0].y == v[1].y);
            result.length = v[1].x - v[0].x;
            result.from = {v[0].x, v[0].y};
        } else {
            REQUIRE(s.kind == shape_kind::label);
            result.label = out.text(s);
            result.label_at = {v[0].x, v[0].y};
        }
    }
    return result;
}

TEST_CASE("the round number nearest to a fifth") {
    CHECK(scale_bar_length(100) == 20);
    CHECK(scale_bar_length(70) == 10);  // of 14
    CHECK(scale_bar_length(71) == 20);  // of 14.2, above the geometric mean of 10 and 20
    CHECK(scale_bar_length(158) == 20); // of 31.6
    CHECK(scale_bar_length(159) == 50);
    CHECK(scale_bar_length(353) == 50);
    CHECK(scale_bar_length(354) == 100);
    CHECK(scale_bar_length(1.5) == 0.2);
    CHECK(scale_bar_length(0.003) == 0.0005);
    CHECK(scale_bar_length(0) == 0);
    CHECK(scale_bar_length(-1) == 0);
    CHECK(scale_bar_length(std::nan("")) == 0);
    CHECK(scale_bar_length(std::numeric_limits<double>::infinity()) == 0);
    for (double width = 1e-6; width < 1e6; width *= 1.03) {
        const double part = scale_bar_length(width) / width;
        CHECK(part > 0.126);
        CHECK(part < 0.317);
    }
}

TEST_CASE("a bar is as long in the panel as it says") {
    const drawn bar = draw(scale_bar({.unit = "cm"}), any_space(box{80}));
    CHECK(bar.label == "20 cm");
    CHECK(bar.length == Approx(0.25));
    CHECK(bar.from == point_xy{0.05, 0.94});
    CHECK(bar.label_at.x == 0.05);
    CHECK(bar.label_at.y < 0.94); // y down: above the bar
    // Nobody knows the unit.
    CHECK(draw(scale_bar(), any_space(box{80})).label == "20 units");
    // A given length, a given width, a length that does not fit.
    CHECK(draw(scale_bar({.unit = "m", .length = 0.5}), any_space(box{2})).label == "0.5 m");
    CHECK(draw(scale_bar({.unit = "m", .length = 0.5}), any_space(box{2})).length == Approx(0.25));
    CHECK(draw(scale_bar({.width = 8}), {}).label == "2 units");
    CHECK(draw(scale_bar({.width = 8}), any_space(box{80})).label == "2 units");
    CHECK(draw(scale_bar({.length = 81}), any_space(box{80})).label == "20 units");
    CHECK(draw(scale_bar({.length = 80}), any_space(box{80})).label == "80 units");
    // Without a width there is none.
    CHECK(draw(scale_bar(), {}).label.empty());
}

TEST_CASE("a scale bar allocates nothing after the first") {
    const scale_bar bar({.unit = "centimetres of the maze"});
    const any_space space(box{80});
    const moment now{.time_s = 0, .frame = {}, .space = space};
    canvas out;
    bar.build(now, out);
    out.clear();
    CHECK(support::count_allocations([&] { bar.build(now, out); }) == 0);
    CHECK(out.shapes().size() == 2);
}

TEST_CASE("a scale bar refuses what makes no sense, in a sentence") {
    CHECK(support::sentence_of<invalid_value>([] { scale_bar({.length = 0}); }) ==
          "a scale bar's length of 0 was given; it must be positive and finite; leave it unset for a round number");
    CHECK(support::sentence_of<invalid_value>([] { scale_bar({.width = -2}); }) ==
          "a scale bar's width of -2 was given; it must be positive and finite; leave it unset for that of the space");
    CHECK(support::sentence_of<invalid_value>([] {
              scale_bar({.place = {0.5, 1.5}});
          }) == "a scale bar was put at (0.5, 1.5) of the panel; both must be from 0 to 1");
}

} // namespace
