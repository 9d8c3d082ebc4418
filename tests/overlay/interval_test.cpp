// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/interval.hpp>

#include "support/allocation_counter.hpp"
#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Epochs with trials nested in them, ripples in and across trials; one of no length.
interval day(const interval_options& options = {}) {
    std::vector<interval_group> groups(3);
    groups[0] = {.label = "epochs", .start_stop = samples({0, 100, 100, 200}, 2)};
    groups[1] = {.label = "trials", .start_stop = samples({10, 20, 30, 40, 90, 110}, 2), .color = color_named("red")};
    groups[2] = {.label = "ripples", .start_stop = samples({35, 36, 12, 12.5, 15, 15}, 2)}; // not in order
    return interval(std::move(groups), options);
}

std::vector<std::string> names(const interval& of, const std::vector<found_interval>& found) {
    std::vector<std::string> out;
    for (const found_interval& f : found) {
        out.push_back(of.groups()[f.group].label + std::to_string(f.number));
    }
    return out;
}
using words = std::vector<std::string>;

canvas drawn_at(const interval& drawing, double time_s) {
    canvas out;
    drawing.build({.time_s = time_s}, out);
    return out;
}

TEST_CASE("all intervals that a time is in, the outer ones first") {
    const interval set = day();
    CHECK(set.size() == 8);
    CHECK(names(set, set.at(-1)).empty());
    CHECK(names(set, set.at(5)) == words{"epochs0"});
    CHECK(names(set, set.at(12.25)) == words{"epochs0", "trials0", "ripples1"});
    CHECK(names(set, set.at(100)) == words{"epochs0", "trials2", "epochs1"}); // both ends belong to it
    CHECK(names(set, set.at(15)) == words{"epochs0", "trials0", "ripples2"}); // of no length
    CHECK(names(set, set.at(15.001)) == words{"epochs0", "trials0"});
    CHECK(names(set, set.at(200)) == words{"epochs1"});
    CHECK(names(set, set.at(201)).empty());
    CHECK(set.at(35.5)[2].range == time_range{35, 36});
    CHECK(names(set, set.within({36, 91})) == words{"epochs0", "trials1", "ripples0", "trials2"});
    const interval same(samples({0, 1, 0, 3, 0, 2}, 2), "s");
    CHECK(names(same, same.at(0.5)) == words{"s1", "s2", "s0"}); // the longer first
    const interval none(std::vector<interval_group>{});
    CHECK(none.at(0).empty());
    CHECK(!none.next(0).has_value());
    CHECK(drawn_at(none, 0).shapes().empty());
}

TEST_CASE("the next and the previous start") {
    const interval set = day();
    CHECK(set.next(-5) == 0);
    CHECK(set.next(0) == 10);
    CHECK(set.next(12) == 15);
    CHECK(set.next(90) == 100);
    CHECK(!set.next(100).has_value());
    CHECK(!set.previous(0).has_value());
    CHECK(set.previous(0.1) == 0);
    CHECK(set.previous(15) == 12);
    CHECK(set.previous(1000) == 100);
}

TEST_CASE("intervals by chance: every look-up is a plain search's") {
    std::mt19937_64 engine(4);
    for (const std::size_t count : {1u, 2u, 3u, 10u, 800u}) {
        std::vector<double> rows;
        std::vector<time_range> plain;
        for (std::size_t i = 0; i < count; ++i) {
            const double start = static_cast<double>(engine() % 1000) / 4;
            const double length = engine() % 10 == 0 ? 100 : static_cast<double>(engine() % 20) / 4;
            rows.push_back(start);
            rows.push_back(start + length);
            plain.push_back({start, start + length});
        }
        const interval set(samples(rows, 2), "x");
        for (int k = 0; k < 500; ++k) {
            const double t = static_cast<double>(engine() % 3000) / 8 - 10;
            const double width = k % 2 == 0 ? 0 : static_cast<double>(engine() % 80) / 8;
            std::vector<std::size_t> expected;
            for (std::size_t i = 0; i < count; ++i) {
                if (plain[i].start_s <= t + width && plain[i].stop_s >= t) {
                    expected.push_back(i);
                }
            }
            std::vector<std::size_t> found;
            double before = -1e9;
            for (const found_interval& f : width == 0 ? set.at(t) : set.within({t, t + width})) {
                REQUIRE(f.range == plain[f.number]);
                REQUIRE(f.range.start_s >= before);
                before = f.range.start_s;
                found.push_back(f.number);
            }
            std::sort(found.begin(), found.end());
            REQUIRE(found == expected);
        }
    }
}

TEST_CASE("the band shows the intervals around now, cut to its window, a lane for each group") {
    const interval set = day({.before_s = 4, .after_s = 2, .low = 0.1, .high = 0.4, .label = false});
    const canvas out = drawn_at(set, 14);
    REQUIRE(out.shapes().size() == 4);               // epoch, trial, a ripple, and one of no length
    CHECK(out.vertices(out.shapes()[0])[0].x == -4); // the epoch began long before, and goes on
    CHECK(out.vertices(out.shapes()[0])[1].x == 2);
    const auto trial = out.vertices(out.shapes()[1]);
    CHECK(out.shapes()[1].kind == shape_kind::polygon);
    CHECK(out.shapes()[1].style.where == placement::dock);
    CHECK(out.shapes()[1].style.color == rgba8{255, 0, 0, 255});
    REQUIRE(trial.size() == 4);
    CHECK(trial[0].x == -4);
    CHECK(trial[1].x == 2);
    CHECK(trial[0].y == doctest::Approx(0.2));
    CHECK(trial[2].y == doctest::Approx(0.3));
    const auto ripple = out.vertices(out.shapes()[2]);
    CHECK(out.shapes()[2].style.color == group_color(2));
    CHECK(ripple[0].x == -2);
    CHECK(ripple[1].x == -1.5);
    CHECK(out.shapes()[3].kind == shape_kind::line);
    CHECK(out.vertices(out.shapes()[3])[0].x == 1);
    CHECK(drawn_at(set, 300).shapes().empty());
    // With their names the lanes are there when nothing is in them.
    const canvas named = drawn_at(day({.low = 0.1, .high = 0.4, .lane_names = true, .label = false}), 300);
    REQUIRE(named.shapes().size() == set.groups().size());
    CHECK(named.text(named.shapes()[1]) == set.groups()[1].label);
    CHECK(named.shapes()[1].style.color == set.color(1));
    CHECK(named.vertices(named.shapes()[1])[0].x == -5);
    CHECK(named.vertices(named.shapes()[1])[0].y == doctest::Approx(0.25));
}

TEST_CASE("the label shows while the time is inside") {
    const interval set = day({.band = false});
    const canvas out = drawn_at(set, 12.25);
    REQUIRE(out.shapes().size() == 3);
    CHECK(out.text(out.shapes()[0]) == "epochs 0");
    CHECK(out.text(out.shapes()[1]) == "trials 0");
    CHECK(out.text(out.shapes()[2]) == "ripples 1");
    CHECK(out.shapes()[1].style.where == placement::panel);
    CHECK(out.shapes()[1].style.color == rgba8{255, 0, 0, 255});
    CHECK(out.vertices(out.shapes()[2])[0].y == doctest::Approx(0.17));
    const interval plain = day({.band = false, .number = false});
    const canvas words_alone = drawn_at(plain, 5);
    REQUIRE(words_alone.shapes().size() == 1);
    CHECK(words_alone.text(words_alone.shapes()[0]) == "epochs");
    CHECK(drawn_at(set, 250).shapes().empty());
}

TEST_CASE("an interval is a range to play") {
    const interval set = day({.offset_s = 1000});
    CHECK(set.range_of("trials:1") == time_range{1030, 1040});
    CHECK(set.range_of("trials:1", 0.25) == time_range{1029.75, 1040.25});
    CHECK(set.range("ripples", 2, 0.5) == time_range{1014.5, 1015.5});
    CHECK(set.at(1035.5).size() == 3);
    CHECK(interval(samples({1, 2}, 2), "run:slow").range_of("run:slow:0") == time_range{1, 2});
}

TEST_CASE("a range that does not exist is refused with what does") {
    const interval set = day();
    const auto sentence = [](auto call) { return support::sentence_of<invalid_value>(call); };
    CHECK(sentence([&] { set.range_of("riples:1"); }) ==
          "intervals 'riples' were asked for; there are epochs (2), trials (3), ripples (3); did you mean 'ripples'?");
    CHECK(sentence([&] { set.range_of("trials:3"); }) ==
          "the range 'trials:3' was asked for, but there are 3 trials; give a whole number of 0-2");
    for (const std::string asked :
         {"trials:", "trials:1x", "trials:-1", "trials: 1", "trials:1.5", "trials:99999999999999999999999"}) {
        CHECK(sentence([&] { set.range_of(asked); }) ==
              "the range '" + asked + "' was asked for, but there are 3 trials; give a whole number of 0-2");
    }
    CHECK(sentence([&] { set.range("trials", 7); }) ==
          "the range 'trials:7' was asked for, but there are 3 trials; give a whole number of 0-2");
    CHECK(sentence([&] { set.range_of("trials"); }) ==
          "the range 'trials' was asked for; write label:number, e.g. epochs:0; there are epochs (2), trials (3), "
          "ripples (3)");
    CHECK(sentence([&] { set.range_of("trials:1", -0.1); }) ==
          "a pad of -0.1 s was asked for; it must be 0 or positive; 0.2 is usual");
    CHECK(sentence([] { interval(samples({}, 2), "x").range_of("x:0"); }) ==
          "the range 'x:0' was asked for, but there are no x; choose others");
    CHECK(sentence([] { interval(std::vector<interval_group>{}).range_of("x:0"); }) ==
          "intervals 'x' were asked for; there are none; give some in session.json");
}

TEST_CASE("labels of their own make groups in the order of their first row") {
    const std::vector<double> starts = {5, 1, 3};
    const std::vector<double> stops = {6, 2, 4};
    const std::vector<std::string> labels = {"right", "left", "right"};
    const interval set = interval::labelled(starts, stops, labels);
    REQUIRE(set.groups().size() == 2);
    CHECK(set.groups()[0].label == "right");
    CHECK(set.range_of("right:1") == time_range{3, 4});
    CHECK(set.range_of("left:0") == time_range{1, 2});
    CHECK(support::sentence_of<data_error>([&] { interval::labelled(starts, std::vector<double>{1}, labels); }) ==
          "there are 3 starts, 1 stops and 3 labels; give one of each per interval");
}

TEST_CASE("intervals that cannot be are refused with their row") {
    const auto wrong = [](std::vector<double> rows) {
        return support::sentence_of<data_error>([&] { interval(samples(rows, 2), "ripples"); });
    };
    CHECK(wrong({1, 2, 5, 4.5}) ==
          "interval 1 of 'ripples' stops at 4.5 s, before it starts at 5 s; give start and stop in this order");
    CHECK(support::thrown_by<data_error>([] { interval(samples({1, 2, 5, 4.5}, 2), "r"); }).index() == 1);
    CHECK(wrong({1, 2, 3, nan}) ==
          "interval 1 of 'ripples' goes from 3 s to nan s; both must be finite seconds; remove the row");
    CHECK(wrong({1, INFINITY}) ==
          "interval 0 of 'ripples' goes from 1 s to inf s; both must be finite seconds; remove the row");
    CHECK(support::sentence_of<data_error>([] {
              interval(samples({1, 2, 3}, 3), "ripples");
          }) == "the intervals 'ripples' have 3 columns; give two, start and stop in seconds");
    std::vector<interval_group> twice(2);
    twice[0].label = twice[1].label = "runs";
    CHECK(support::sentence_of<invalid_value>([&] { interval{twice}; }) ==
          "the label 'runs' is given to two groups of intervals; give each its own, or put their rows together");
    CHECK(support::sentence_of<invalid_value>([] { day({.before_s = -1}); }) ==
          "a window from -1 s before to 5 s after the shown time was asked for; both must be 0 or positive, and one "
          "positive; 5 and 5 are usual");
    CHECK(support::sentence_of<invalid_value>([] { day({.low = 0.5, .high = 0.5}); }) ==
          "a band from 0.5 to 0.5 of the dock was asked for; give 0 <= low < high <= 1");
    CHECK(support::sentence_of<invalid_value>([] { day({.offset_s = nan}); }) ==
          "the clock offset is nan; give finite seconds");
}

TEST_CASE("after the first moments intervals allocate nothing") {
    const interval set = day();
    canvas out;
    const auto play = [&] {
        for (double t = -10; t < 220; t += 0.1) {
            out.clear();
            set.build({.time_s = t}, out);
        }
    };
    play();
    CHECK(support::count_allocations(play) == 0);
}

} // namespace
