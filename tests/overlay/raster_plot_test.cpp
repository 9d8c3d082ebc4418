// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/raster_plot.hpp>

#include "support/allocation_counter.hpp"
#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<raster_unit> units_of(std::vector<std::vector<double>> times) {
    std::vector<raster_unit> out(times.size());
    for (std::size_t u = 0; u < times.size(); ++u) {
        out[u].times = event_times(std::move(times[u]));
    }
    return out;
}

std::vector<point_xy> ticks_at(const raster_plot& drawing, double time_s) {
    canvas out;
    drawing.build({.time_s = time_s}, out);
    std::vector<point_xy> found;
    for (const shape& s : out.shapes()) {
        CHECK(s.style.where == placement::dock);
        for (const vertex& v : out.vertices(s)) {
            if (s.kind == shape_kind::marker) {
                found.push_back({v.x, v.y});
            }
        }
    }
    return found;
}

TEST_CASE("a row for each unit, a tick for each spike around now") {
    const raster_plot drawing(units_of({{1, 5, 9.5}, {}, {3, 4.5, 4.5, 7.5}}),
                              {.before_s = 2, .after_s = 3, .low = 0.4});
    CHECK(drawing.height(0) == doctest::Approx(0.5));
    CHECK(drawing.height(2) == doctest::Approx(0.9));
    canvas out;
    drawing.build({.time_s = 5}, out);
    REQUIRE(out.shapes().size() == 2); // one list, and the line at now
    const auto ticks = out.vertices(out.shapes()[0]);
    CHECK(out.shapes()[0].style.symbol == marker_symbol::tick);
    REQUIRE(ticks.size() == 5);
    CHECK(ticks[0].x == 0);
    CHECK(ticks[0].y == drawing.height(0));
    CHECK(ticks[1].x == -2); // both ends of the window belong to it
    CHECK(ticks[1].y == drawing.height(2));
    CHECK(ticks[2].x == -0.5);
    CHECK(ticks[4].x == 2.5);
    CHECK(out.shapes()[1].kind == shape_kind::line);
    CHECK(out.vertices(out.shapes()[1])[0].x == 0);
    CHECK(out.vertices(out.shapes()[1])[0].y == 0.4);
    canvas far;
    drawing.build({.time_s = 50}, far);
    CHECK(far.shapes().size() == 1);
    canvas none;
    raster_plot({}, {.now_line = false}).build({.time_s = 5}, none);
    CHECK(none.shapes().empty());
}

TEST_CASE("rows are in the order given, and units of one colour share a list") {
    std::vector<raster_unit> units = units_of({{1}, {2}, {3}, {4}});
    units[1].color = units[3].color = rgba8{9, 8, 7, 255};
    const raster_plot drawing(units, {.before_s = 10, .after_s = 10, .order = {2, 3, 1, 0}, .now_line = false});
    canvas out;
    drawing.build({.time_s = 0}, out);
    REQUIRE(out.shapes().size() == 3);
    CHECK(out.vertices(out.shapes()[0])[0].x == 3);
    CHECK(out.vertices(out.shapes()[0])[0].y == doctest::Approx(0.125));
    REQUIRE(out.vertices(out.shapes()[1]).size() == 2);
    CHECK(out.shapes()[1].style.color == rgba8{9, 8, 7, 255});
    CHECK(out.vertices(out.shapes()[1])[0].x == 4);
    CHECK(out.vertices(out.shapes()[1])[1].x == 2);
    CHECK(out.vertices(out.shapes()[2])[0].x == 1);
    CHECK(out.vertices(out.shapes()[2])[0].y == doctest::Approx(0.875));
}

TEST_CASE("the order by peak is that of the fields, units without a field last") {
    CHECK(order_by_peak(std::vector<double>{30, nan, 10, 20, nan, 10}) == std::vector<std::size_t>{2, 5, 3, 0, 1, 4});
    CHECK(order_by_peak(std::vector<double>{nan, 5, 1}) == std::vector<std::size_t>{2, 1, 0});
    CHECK(order_by_peak(std::vector<int>{3, 1, 2}) == std::vector<std::size_t>{1, 2, 0});
    CHECK(order_by_peak(std::vector<double>{}).empty());
}

TEST_CASE("playing or seeking, the ticks are a plain search's") {
    std::mt19937_64 engine(8);
    std::uniform_real_distribution<double> uniform(0, 100);
    std::vector<std::vector<double>> times(500);
    for (auto& unit : times) {
        unit.resize(engine() % 400);
        for (double& t : unit) {
            t = uniform(engine);
        }
        std::sort(unit.begin(), unit.end());
    }
    std::vector<double> peaks;
    for (int u = 0; u < 500; ++u) {
        peaks.push_back(uniform(engine));
    }
    const raster_plot drawing(units_of(times), {.before_s = 1, .after_s = 0.5, .order = order_by_peak(peaks)});
    std::size_t seen = 0;
    for (int k = 0; k < 200; ++k) {
        const double t = k < 100 ? 0.1 * k : 1.2 * uniform(engine) - 10;
        std::vector<point_xy> expected;
        for (std::size_t row = 0; row < 500; ++row) {
            for (const double spike : times[drawing.order()[row]]) {
                if (spike >= t - 1 && spike <= t + 0.5) {
                    expected.push_back({spike - t, drawing.height(row)});
                }
            }
        }
        REQUIRE(ticks_at(drawing, t) == expected);
        seen += expected.size();
    }
    CHECK(seen > 100'000);
    for (std::size_t row = 1; row < 500; ++row) {
        REQUIRE(peaks[drawing.order()[row - 1]] <= peaks[drawing.order()[row]]);
    }
    canvas out;
    const auto play = [&] {
        for (double t = 0; t < 100; t += 0.5) {
            out.clear();
            drawing.build({.time_s = t}, out);
        }
    };
    play();
    CHECK(support::count_allocations(play) == 0);
}

TEST_CASE("a raster refuses what makes no sense, in a sentence") {
    const auto sentence = [](auto call) { return support::sentence_of<invalid_value>(call); };
    const auto three = [] { return units_of({{}, {}, {}}); };
    CHECK(sentence([] { raster_plot(std::vector<raster_unit>(501)); }) ==
          "a raster of 501 units was asked for; at most 500 can be told apart; choose some of them");
    CHECK(sentence([&] {
              raster_plot(three(), {.order = {0, 1}});
          }) == "the order has 2 numbers for 3 units; name each unit once");
    CHECK(sentence([&] {
              raster_plot(three(), {.order = {0, 1, 3}});
          }) == "number 2 of the order is unit 3, but there are 3 (0-2); name each unit once");
    CHECK(sentence([&] {
              raster_plot(three(), {.order = {0, 1, 0}});
          }) == "number 2 of the order is unit 0, which it already has; name each unit once");
    CHECK(sentence([&] { raster_plot(three(), {.before_s = 0, .after_s = 0}); }) ==
          "a window from 0 s before to 0 s after the shown time was asked for; both must be 0 or positive, and one "
          "positive; 2 and 2 are usual");
    CHECK(sentence([&] { raster_plot(three(), {.low = 0.7, .high = 0.2}); }) ==
          "a raster from 0.7 to 0.2 of the dock was asked for; give 0 <= low < high <= 1");
}

} // namespace
