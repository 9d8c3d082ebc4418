// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/window/timeline.hpp>

#include "support/allocation_counter.hpp"
#include "support/sentence.hpp"

namespace {

using namespace fieldreel;
using doctest::Approx;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

any_source frames_at_8_hz(std::size_t count) {
    return generate<float>(count, 1, [](std::size_t, std::span<float> out) { out[0] = 0; }) | timed({.rate_hz = 8});
}
/// 100 s on 1000 pixels: 10 pixels a second.
timeline hundred_seconds() {
    timeline out({0, 100});
    out.set_width(1000);
    return out;
}
std::string labels(const timeline_drawing& drawn) {
    std::string out;
    for (const ruler_tick& tick : drawn.ticks) {
        out += (out.empty() ? "" : " ") + tick.label;
    }
    return out;
}
std::string labels(timeline& line, const std::optional<any_source>& frames = {}) {
    timeline_drawing drawn;
    line.draw(transport(line.times()), frames, 0, drawn);
    return labels(drawn);
}

TEST_CASE("times and pixels") {
    timeline line = hundred_seconds();
    CHECK(line.x_of(25) == 250);
    CHECK(line.time_at(250) == 25);
    CHECK(line.time_at(-10) == 0); // never outside the recording
    CHECK(line.time_at(5000) == 100);
    line.show({40, 60});
    CHECK(line.x_of(50) == 500);
    CHECK(line.x_of(30) == -500);
    CHECK(line.time_at(-500) == 30);
    CHECK(line.overview_x_of(50) == 500);
    CHECK(line.overview_time_at(400) == 40);
    CHECK(support::sentence_of<invalid_value>([] {
              timeline({3, 2});
          }) == "a range from 3 s to 2 s was asked for; both must be finite and the start not after the stop");
}

TEST_CASE("zooming holds the time under the mouse, and ends at the recording and at the shortest") {
    timeline line = hundred_seconds();
    line.zoom(4, 250);
    CHECK(line.visible() == time_range{18.75, 43.75});
    CHECK(line.time_at(250) == 25);
    line.zoom(0.5, 250);
    CHECK(line.time_at(250) == 25);
    CHECK(line.visible() == time_range{12.5, 62.5});
    line.zoom(0.01, 250);
    CHECK(line.visible() == time_range{0, 100});
    line.zoom(1e12, 1000); // at the right side: its end stays
    CHECK(line.visible().stop_s == 100);
    CHECK(line.visible().stop_s - line.visible().start_s == Approx(0.001));
    for (const double factor : {0.0, -1.0, nan, std::numeric_limits<double>::infinity()}) {
        const time_range before = line.visible();
        line.zoom(factor, 500);
        CHECK(line.visible() == before);
    }
    line.fit();
    CHECK(line.visible() == time_range{0, 100});
}

TEST_CASE("zooming in and out again at one place comes back") {
    std::mt19937 engine(1);
    timeline line = hundred_seconds();
    for (int i = 0; i < 1000; ++i) {
        const double x = static_cast<double>(engine() % 1001);
        const double held_s = line.time_at(x);
        line.zoom(1.25, x);
        REQUIRE(line.time_at(x) == Approx(held_s));
        REQUIRE(line.visible().start_s >= 0);
        REQUIRE(line.visible().stop_s <= 100);
        if (i % 20 == 19) {
            line.fit();
        }
    }
}

TEST_CASE("panning, centring and following stay inside the recording") {
    timeline line = hundred_seconds();
    line.pan(100);
    CHECK(line.visible() == time_range{0, 100});
    line.show({40, 60});
    line.pan(100);
    CHECK(line.visible() == time_range{42, 62});
    line.pan(-1e9);
    CHECK(line.visible() == time_range{0, 20});
    line.centre(50);
    CHECK(line.visible() == time_range{40, 60});
    line.centre(99);
    CHECK(line.visible() == time_range{80, 100});
    line.follow(90, 1); // in sight
    CHECK(line.visible() == time_range{80, 100});
    line.follow(50, 1); // elsewhere: a page that begins shortly before
    CHECK(line.visible() == time_range{49, 69});
    line.follow(48, -1);
    CHECK(line.visible() == time_range{29, 49});
    line.follow(70, 0);
    CHECK(line.visible() == time_range{60, 80});
    line.pan_past_end(500, 0.1); // the mouse is inside
    CHECK(line.visible() == time_range{60, 80});
    line.pan_past_end(1050, 0.1);
    CHECK(line.visible().start_s == Approx(60.8));
    line.pan_past_end(-50, 0.1);
    CHECK(line.visible().start_s == Approx(60));
    line.show({nan, 3});
    line.show({5, 3});
    CHECK(line.visible().start_s == Approx(60));
    line.show({-50, 3});
    CHECK(line.visible().start_s == 0);
}

TEST_CASE("a recording of one moment, and a strip without width, are no problem") {
    timeline line({5, 5});
    line.set_width(0);
    line.zoom(2, 0);
    line.pan(3);
    timeline_drawing drawn;
    line.draw(transport({5, 5}), {}, 0, drawn);
    CHECK(line.x_of(5) == 0);
    CHECK(line.time_at(1) == 5);
    CHECK(drawn.playhead_x == 0);
    CHECK(drawn.ticks.size() <= 1);
    line.set_width(nan);
    CHECK(line.width_px() == 1);
}

TEST_CASE("the ruler's labels: round times as clocks have them, never too close") {
    timeline line = hundred_seconds();
    CHECK(labels(line) == "0:00 0:10 0:20 0:30 0:40 0:50 1:00 1:10 1:20 1:30 1:40");
    line.show({30, 80});
    CHECK(labels(line) == "0:30 0:35 0:40 0:45 0:50 0:55 1:00 1:05 1:10 1:15 1:20");
    line.show({40, 44});
    CHECK(labels(line) == "0:40.0 0:40.5 0:41.0 0:41.5 0:42.0 0:42.5 0:43.0 0:43.5 0:44.0");
    line.show({40, 40.05});
    CHECK(labels(line) == "0:40.000 0:40.005 0:40.010 0:40.015 0:40.020 0:40.025 0:40.030 0:40.035 0:40.040 0:40.045 "
                          "0:40.050");
    timeline day({0, 7200});
    day.set_width(1000);
    CHECK(labels(day) == "0:00 15:00 30:00 45:00 1:00:00 1:15:00 1:30:00 1:45:00 2:00:00");
    timeline week({0, 7 * 86400.0});
    week.set_width(400);
    CHECK(labels(week) == "0:00 48:00:00 96:00:00 144:00:00");
    timeline early({-30, 30});
    early.set_width(700);
    CHECK(labels(early) == "-0:30 -0:20 -0:10 0:00 0:10 0:20 0:30");

    std::mt19937 engine(3);
    for (int i = 0; i < 2000; ++i) {
        const double start_s = static_cast<double>(engine() % 100000) / 7;
        const double length_s = std::pow(10.0, static_cast<double>(engine() % 900) / 100 - 3);
        timeline any({start_s, start_s + length_s});
        any.set_width(200 + static_cast<double>(engine() % 3000));
        timeline_drawing drawn;
        any.draw(transport(any.times()), {}, 0, drawn);
        REQUIRE(drawn.ticks.size() <= any.width_px() / 90 + 2);
        for (std::size_t k = 0; k < drawn.ticks.size(); ++k) {
            REQUIRE(drawn.ticks[k].x >= -0.001);
            REQUIRE(drawn.ticks[k].x <= any.width_px() + 0.001);
            if (k > 0) {
                REQUIRE(drawn.ticks[k].x - drawn.ticks[k - 1].x > 60);
                REQUIRE(drawn.ticks[k].label != drawn.ticks[k - 1].label);
            }
        }
    }
}

TEST_CASE("the ruler in frames") {
    timeline line = hundred_seconds();
    line.set_unit(time_unit::frames);
    CHECK(labels(line) == "");
    CHECK(labels(line, frames_at_8_hz(800)) == "#0 #100 #200 #300 #400 #500 #600 #700");
    line.show({10, 11});
    CHECK(labels(line, frames_at_8_hz(800)) == "#80 #81 #82 #83 #84 #85 #86 #87 #88");
    std::vector<double> times; // a gap of 80 s: the frames around it lie close together
    for (int i = 0; i < 100; ++i) {
        times.push_back(i < 50 ? i * 0.2 : 90 + (i - 50) * 0.2);
    }
    line.fit();
    const any_source torn =
        generate<float>(100, 1, [](std::size_t, std::span<float> out) { out[0] = 0; }) | timed(times);
    CHECK(labels(line, torn) == "#0 #30 #50 #80");
}

TEST_CASE("times and frames as text") {
    CHECK(time_text(75.3, time_unit::seconds) == "1:15.30");
    CHECK(time_text(75.3, time_unit::frames, frames_at_8_hz(800)) == "#602");
    CHECK(time_text(1e6, time_unit::frames, frames_at_8_hz(800)) == "#799");
    CHECK(time_text(-1, time_unit::frames, frames_at_8_hz(800)) == "no frame");
    CHECK(time_text(1, time_unit::frames) == "no frame");
}

TEST_CASE("events: one mark per column of pixels, and all are counted") {
    timeline line = hundred_seconds();
    transport what({0, 100});
    what.set_tracks({{"few", event_times(std::vector<double>{-5, 0, 10, 10.04, 10.2, 99.99, 100, 130})},
                     {"none", event_times(std::vector<double>{})}});
    timeline_drawing drawn;
    line.draw(what, {}, 0, drawn);
    CHECK(drawn.events ==
          std::vector<event_column>{{0, 0, 1}, {100, 0, 2}, {102, 0, 1}, {999, 0, 2}}); // at the very end too
    line.show({10, 11});
    line.draw(what, {}, 0, drawn);
    REQUIRE(drawn.events.size() == 3);
    CHECK(std::abs(drawn.events[1].x - 40) <= 1);

    std::mt19937 engine(5);
    std::vector<double> many;
    for (int i = 0; i < 200'000; ++i) {
        many.push_back(static_cast<double>(engine() % 100'000'000) / 1e6);
    }
    what.set_tracks({{"many", event_times::sorted(many)}});
    line.forget();
    for (int i = 0; i < 50; ++i) {
        line.draw(what, {}, 0, drawn);
        std::size_t count = 0;
        for (std::size_t k = 0; k < drawn.events.size(); ++k) {
            count += drawn.events[k].count;
            if (k > 0) {
                REQUIRE(drawn.events[k].x > drawn.events[k - 1].x);
            }
        }
        const time_range seen = line.visible();
        REQUIRE(drawn.events.size() <= 1000);
        REQUIRE(count == static_cast<std::size_t>(std::count_if(many.begin(), many.end(), [&](double t) {
                    return t >= seen.start_s && t <= seen.stop_s;
                })));
        line.zoom(1.3, static_cast<double>(engine() % 1000));
    }
}

TEST_CASE("intervals: spans at least a pixel wide, near ones of one name together") {
    timeline line = hundred_seconds();
    transport what({0, 100});
    std::vector<interval_group> groups(2);
    groups[0] = {"ripples", samples({10, 20, 20.05, 30, 50, 50.001, 99.99, 120, -5, 1}, 2)};
    groups[1] = {"trials", samples({15, 25, 200, 300}, 2)};
    what.set_tracks({{"rewards", event_times(std::vector<double>{1})}, {"both", interval(groups)}});
    timeline_drawing drawn;
    line.draw(what, {}, 0, drawn);
    CHECK(drawn.intervals == std::vector<interval_span>{{{0, 10}, 1, 0},
                                                        {{100, 300}, 1, 0},
                                                        {{150, 250}, 1, 1},
                                                        {{500, 501}, 1, 0},
                                                        {{line.x_of(99.99), 1000}, 1, 0}});
    line.show({19, 21}); // now they are apart
    line.draw(what, {}, 0, drawn);
    REQUIRE(drawn.intervals.size() == 3);
    CHECK(drawn.intervals[0].at.x0 == 0);
    CHECK(drawn.intervals[0].at.x1 == Approx(500));
}

TEST_CASE("gaps, cached ranges, in and out, bookmarks and the playhead, where they are seen") {
    timeline line = hundred_seconds();
    transport what({0, 100});
    line.set_gaps({{10, 20}, {60, 61}, {61.05, 62}});
    const std::vector<time_range> cached = {{0, 5}, {5, 10}, {30, 40}};
    line.set_cached(cached);
    what.seek(30, 0);
    what.add_bookmark(0);
    what.seek(70, 0);
    what.add_bookmark(0);
    what.seek(50, 0);
    timeline_drawing drawn;
    line.draw(what, {}, 0, drawn);
    CHECK(drawn.gaps == std::vector<pixel_span>{{100, 200}, {600, 620}});
    CHECK(drawn.overview_gaps == drawn.gaps);
    CHECK(drawn.cached == std::vector<pixel_span>{{0, 100}, {300, 400}});
    CHECK(drawn.bookmarks == std::vector<bookmark_place>{{300, 0}, {700, 1}});
    CHECK(drawn.playhead_x == 500);
    CHECK(drawn.range == pixel_span{0, 1000});
    CHECK(!drawn.overview_range);
    CHECK(!drawn.in_x);
    CHECK(!drawn.out_x);
    CHECK(drawn.window == pixel_span{0, 1000});
    what.set_in_out({40, 80}, 0);
    line.show({15, 35});
    line.draw(what, {}, 0, drawn);
    CHECK(drawn.gaps == std::vector<pixel_span>{{0, 250}});
    CHECK(drawn.overview_gaps == std::vector<pixel_span>{{100, 200}, {600, 620}});
    CHECK(drawn.cached == std::vector<pixel_span>{{750, 1000}});
    CHECK(drawn.bookmarks == std::vector<bookmark_place>{{750, 0}});
    CHECK(!drawn.playhead_x);
    CHECK(!drawn.range);
    CHECK(drawn.overview_range == pixel_span{400, 800});
    CHECK(drawn.overview_playhead_x == 500);
    CHECK(drawn.window == pixel_span{150, 350});
    line.show({60, 100});
    line.draw(what, {}, 0, drawn);
    CHECK(!drawn.in_x);
    CHECK(drawn.out_x == 500);
    CHECK(drawn.range == pixel_span{0, 500});
    line.set_cached({});
    line.set_gaps({});
    line.draw(what, {}, 0, drawn);
    CHECK(drawn.cached.empty());
    CHECK(drawn.gaps.empty());
}

TEST_CASE("what a cache holds, as times") {
    const std::vector<frame_range> held = {{0, 8}, {16, 24}, {790, frame_range::unset}, {9, 9}, {900, 1000}};
    CHECK(times_of(frames_at_8_hz(800), held) == std::vector<time_range>{{0, 1}, {2, 3}, {98.75, 100}});
}

TEST_CASE("the mouse hits the nearest within reach, handles first") {
    timeline line = hundred_seconds();
    transport what({0, 100});
    what.seek(30, 0);
    what.add_bookmark(0);
    what.seek(50, 0);
    what.set_in_out({20, 80}, 0);
    timeline_drawing drawn;
    line.draw(what, {}, 0, drawn);
    CHECK(line.hit(100, drawn) == timeline_hit{});
    CHECK(line.hit(200, drawn).part == timeline_part::in_handle);
    CHECK(line.hit(195, drawn).part == timeline_part::in_handle);
    CHECK(line.hit(194, drawn).part == timeline_part::empty);
    CHECK(line.hit(206, drawn).part == timeline_part::range);
    CHECK(line.hit(804, drawn).part == timeline_part::out_handle);
    CHECK(line.hit(302, drawn) == timeline_hit{timeline_part::bookmark, 0});
    CHECK(line.hit(497, drawn).part == timeline_part::playhead);
    what.seek(20.3, 0); // 3 pixels beside the in handle
    line.draw(what, {}, 0, drawn);
    CHECK(line.hit(200, drawn).part == timeline_part::in_handle);
    CHECK(line.hit(203, drawn).part == timeline_part::playhead);
    what.seek(20, 0);
    line.draw(what, {}, 0, drawn);
    CHECK(line.hit(200, drawn).part == timeline_part::in_handle);
    what.set_in_out({60, 60}, 0);
    line.draw(what, {}, 0, drawn);
    CHECK(line.hit(602, drawn).part == timeline_part::out_handle);
    CHECK(line.hit(598, drawn).part == timeline_part::in_handle);
    what.clear_in_out(0);
    line.draw(what, {}, 0, drawn);
    CHECK(line.hit(600, drawn).part == timeline_part::empty); // nothing set: no range to drag
}

TEST_CASE("a range dragged by its middle keeps its length") {
    timeline line = hundred_seconds();
    CHECK(line.moved({20, 30}, 50) == time_range{25, 35});
    CHECK(line.moved({20, 30}, -1000) == time_range{0, 10});
    CHECK(line.moved({20, 30}, 5000) == time_range{90, 100});
    CHECK(line.moved({0, 100}, 5000) == time_range{0, 100});
}

TEST_CASE("what is slow to find is kept until the look changes or it is told to forget") {
    timeline line = hundred_seconds();
    transport what({0, 100});
    what.set_tracks({{"e", event_times(std::vector<double>{50})}});
    timeline_drawing drawn;
    line.draw(what, {}, 0, drawn);
    drawn.events.clear(); // seen when it is not made anew
    line.draw(what, {}, 0, drawn);
    CHECK(drawn.events.empty());
    line.forget();
    line.draw(what, {}, 0, drawn);
    CHECK(drawn.events.size() == 1);
    drawn.events.clear();
    line.set_width(500);
    line.draw(what, {}, 0, drawn);
    CHECK(drawn.events.size() == 1);
    timeline_drawing other;
    line.draw(what, {}, 0, other);
    CHECK(other.events.size() == 1);
}

TEST_CASE("a turn of a host's loop allocates nothing: play controls and timeline") {
    timeline line({0, 100});
    line.set_width(1280);
    const std::optional<any_source> frames = frames_at_8_hz(800);
    transport what({0, 100}, frames);
    what.set_tracks({{"e", event_times(std::vector<double>{1, 50, 90})}});
    what.set_mode(play_mode::loop, 0);
    what.set_speed(20, 0);
    what.set_bookmarks({{3, ""}, {60, ""}});
    what.play(0);
    timeline_drawing drawn;
    double now_s = 0;
    const auto second = [&] {
        for (int i = 0; i < 60; ++i) {
            now_s += 1.0 / 60;
            what.shown(what.tick(now_s).time_s);
            line.draw(what, frames, now_s, drawn);
        }
    };
    second();
    const std::size_t made = support::count_allocations([&] {
        for (int i = 0; i < 6; ++i) {
            second();
        }
    });
    if (support::allocations_are_counted) {
        CHECK(made == 0);
    }
    CHECK(what.count_text() == "showing 1 of 3 frames"); // 160 a second on 60 turns
}

} // namespace
