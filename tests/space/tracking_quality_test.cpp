// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/samples.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/place_field.hpp>
#include <fieldreel/space/tracking_quality.hpp>

#include "../support/sentence.hpp"
#include "../support/space_golden.hpp"

using namespace fieldreel;
using space_test::positions_of;
using space_test::table;
using support::sentence_of;

namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double pi = 3.14159265358979323846;

using list = std::vector<double>;

list every(double step_s, std::size_t samples, double start_s = 0) {
    list times;
    for (std::size_t i = 0; i < samples; ++i) {
        times.push_back(start_s + static_cast<double>(i) * step_s);
    }
    return times;
}

/// Uneven times and a rough walk in a box of 100: nothing in it is regular.
struct walk {
    list times;
    table positions;
    list heading;
    explicit walk(std::size_t samples, unsigned seed = 1) : positions{{}, {samples, 2}} {
        std::mt19937 random(seed);
        const auto uniform = [&] { return static_cast<double>(random()) / 4294967296.0; };
        double t = 3;
        double x = 50;
        double y = 50;
        for (std::size_t i = 0; i < samples; ++i) {
            times.push_back(t);
            positions.values.push_back(x);
            positions.values.push_back(y);
            heading.push_back(2 * pi * uniform() - pi);
            t += 0.02 + 0.02 * uniform();
            x = std::abs(x + 2 * uniform() - 1);
            y = std::abs(y + 2 * uniform() - 1);
        }
    }
    /// Positions between two samples as upstream fills them in: evenly by sample or by time.
    void fill_in(std::size_t first, std::size_t last, bool by_time) {
        for (std::size_t column : {0u, 1u}) {
            const double from = positions(first, column);
            const double to = positions(last, column);
            for (std::size_t i = first + 1; i < last; ++i) {
                const double part = by_time ? (times[i] - times[first]) / (times[last] - times[first])
                                            : static_cast<double>(i - first) / static_cast<double>(last - first);
                positions(i, column) = from + part * (to - from);
            }
        }
    }
    void stand(std::size_t first, std::size_t last) {
        for (std::size_t i = first + 1; i <= last; ++i) {
            positions(i, 0) = positions(first, 0);
            positions(i, 1) = positions(first, 1);
        }
    }
    void lose(std::size_t first, std::size_t end) {
        for (std::size_t i = first; i < end; ++i) {
            positions(i, i % 2) = nan_value;
        }
    }
    sample_run run(std::size_t first, std::size_t last) const { return {first, last, times[first], times[last]}; }
};

std::string in_words(const std::vector<sample_run>& runs) {
    std::string out;
    for (const sample_run& run : runs) {
        out += std::to_string(run.first) + "-" + std::to_string(run.last) + " ";
    }
    return out;
}

} // namespace

TEST_CASE("tracking: a clean walk has nothing wrong") {
    const walk w(2000);
    const tracking_quality found = check_tracking(w.times, w.positions, w.heading);
    CHECK(found.samples == 2000);
    CHECK(found.seconds == w.times.back() - w.times.front());
    CHECK(found.lost_samples == 0);
    CHECK(found.lost.count() + found.gaps.count() + found.still.count() + found.interpolated.count() == 0);
    CHECK(found.jumps.empty());
    CHECK(found.outside_arena == 0);
    CHECK(found.heading.resultant < 0.1);
}

TEST_CASE("tracking: planted runs are found exactly, of each kind, and share no second") {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        walk w(3000, seed);
        std::mt19937 random(seed + 1000);
        std::vector<sample_run> interpolated, still, lost;
        std::size_t at = 0;
        while (true) {
            at += 1 + random() % 30;
            const std::size_t length = 4 + random() % 40;
            if (at + length + 2 >= 3000) {
                break;
            }
            switch (random() % 4) {
            case 0:
            case 1:
                w.fill_in(at, at + length, random() % 2 == 0);
                interpolated.push_back(w.run(at, at + length));
                break;
            case 2:
                w.stand(at, at + length);
                if (w.times[at + length] - w.times[at] >= 0.5) {
                    still.push_back(w.run(at, at + length));
                }
                break;
            default:
                w.lose(at + 1, at + length);
                lost.push_back(w.run(at + 1, at + length));
                break;
            }
            at += length;
        }
        const tracking_quality found = check_tracking(w.times, w.positions);
        CHECK(in_words(found.interpolated.runs) == in_words(interpolated));
        CHECK(in_words(found.still.runs) == in_words(still));
        CHECK(in_words(found.lost.runs) == in_words(lost));
        CHECK(found.interpolated.runs == interpolated);
        const double all = found.lost.seconds() + found.still.seconds() + found.interpolated.seconds();
        CHECK(all < found.seconds);

        // The same numbers as float32, as many files have them: rounding hides nothing and invents nothing.
        for (double& value : w.positions.values) {
            value = static_cast<double>(static_cast<float>(value));
        }
        const tracking_quality rounded = check_tracking(w.times, w.positions);
        CHECK(in_words(rounded.interpolated.runs) == in_words(interpolated));
        CHECK(in_words(rounded.still.runs) == in_words(still));
    }
}

TEST_CASE("tracking: four samples on a line are chance, five are not, and the option says how many") {
    walk w(100);
    w.fill_in(20, 23, false);
    w.fill_in(50, 54, false);
    CHECK(in_words(check_tracking(w.times, w.positions).interpolated.runs) == "50-54 ");
    CHECK(in_words(check_tracking(w.times, w.positions, {.min_steady_samples = 4}).interpolated.runs) ==
          "20-23 50-54 ");
    CHECK(check_tracking(w.times, w.positions, {.min_steady_samples = 6}).interpolated.count() == 0);
}

TEST_CASE("tracking: runs that touch share a sample and no interval, also at both ends of the recording") {
    walk w(60);
    w.fill_in(0, 10, false);
    w.fill_in(10, 20, true);
    w.fill_in(50, 59, false);
    const tracking_quality found = check_tracking(w.times, w.positions);
    CHECK(in_words(found.interpolated.runs) == "0-10 10-20 50-59 ");
    CHECK(found.interpolated.seconds() == doctest::Approx(w.times[20] - w.times[0] + w.times[59] - w.times[50]));
    for (const sample_run& run : found.interpolated.runs) {
        CHECK(run.duration_s() <= found.interpolated.longest().duration_s());
    }
}

TEST_CASE("tracking: a step belongs to one run, the first that has it, and to none that was too short") {
    const auto runs_of = [](const list& durations_s, const list& steps) {
        list times{0};
        std::vector<point_xy> points{{0, 3}};
        for (std::size_t k = 0; k < steps.size(); ++k) {
            times.push_back(times.back() + durations_s[k]);
            points.push_back({points.back().x + steps[k], 3});
        }
        return in_words(check_tracking(times, positions_of(points)).interpolated.runs);
    };
    const list uneven{0.125, 0.25, 0.125, 0.25, 0.125, 0.25, 0.125, 0.25};
    // The first two have the same velocity by chance, the second goes on with the same step.
    CHECK(runs_of(uneven, {1, 2, 2, 2, 2, 5, 9}) == "1-5 ");
    // Four of the same velocity; the last of them and three more are the same step.
    CHECK(runs_of(uneven, {1, 2, 1, 2, 2, 2, 2, 9}) == "0-4 ");
    CHECK(runs_of(uneven, {1, 2, 1, 2, 2, 2, 2, 2}) == "0-4 4-8 ");
    CHECK(runs_of(uneven, {1, 2, 1, 2, 1, 2, 1, 2}) == "0-8 ");
    CHECK(runs_of(uneven, {3, 3, 3, 3, 3, 3, 3, 3}) == "0-8 ");
}

TEST_CASE("tracking: no run reaches across a gap or a lost sample, and a line between equal places is still") {
    walk w(60);
    w.fill_in(10, 30, false);
    for (std::size_t i = 21; i < 60; ++i) {
        w.times[i] += 1;
    }
    const tracking_quality cut = check_tracking(w.times, w.positions);
    CHECK(in_words(cut.interpolated.runs) == "10-20 21-30 ");
    CHECK(in_words(cut.gaps.runs) == "20-21 ");
    w.positions(15, 1) = infinity;
    const tracking_quality lost = check_tracking(w.times, w.positions);
    CHECK(in_words(lost.interpolated.runs) == "10-14 16-20 21-30 ");
    CHECK(lost.lost_samples == 1);
    w.positions(30, 0) = w.positions(40, 0);
    w.positions(30, 1) = w.positions(40, 1);
    w.fill_in(30, 40, false);
    CHECK(in_words(check_tracking(w.times, w.positions, {.min_still_s = 0.1}).still.runs) == "30-40 ");
    CHECK(check_tracking(w.times, w.positions, {.min_still_s = 1}).still.count() == 0);
}

TEST_CASE("tracking: lost samples beside a gap count once") {
    const list times{0, 0.1, 0.2, 2, 2.1, 2.2};
    const table positions =
        positions_of({{1, 1}, {nan_value, 2}, {1, nan_value}, {nan_value, 1}, {2, 1}, {nan_value, 1}});
    const tracking_quality found = check_tracking(times, positions);
    CHECK(found.lost_samples == 4);
    CHECK(in_words(found.lost.runs) == "1-2 3-4 5-5 ");
    const grid all = grid::full({-10, -10}, {110, 110}, {4, 4});
    const time_account spent = occupancy(all, times, positions).time;
    CHECK(found.lost.seconds() == doctest::Approx(spent.lost_tracking_s));
    CHECK(found.gaps.seconds() == doctest::Approx(spent.in_gaps_s));
}

TEST_CASE("tracking: what is dropped leaves occupancy and spikes to the second and the spike") {
    walk w(2000);
    w.fill_in(0, 40, false);
    w.fill_in(700, 740, true);
    w.fill_in(740, 760, true);
    w.fill_in(1900, 1999, false);
    std::mt19937 random(4);
    list spikes{w.times[700], w.times[740], w.times[760], w.times[1999]};
    for (int i = 0; i < 3000; ++i) {
        spikes.push_back(w.times.front() +
                         (w.times.back() - w.times.front()) * static_cast<double>(random()) / 4294967296.0);
    }
    const sample_runs runs = check_tracking(w.times, w.positions).interpolated;
    REQUIRE(in_words(runs.runs) == "0-40 700-740 740-760 1900-1999 ");
    const table kept{with_runs_lost(w.positions, runs), {2000, 2}};
    const table all_of_it = w.positions;
    const grid bins = grid::full({-10, -10}, {310, 310}, {32, 32});
    const place_field_result before = place_field(bins, spikes, w.times, all_of_it);
    const place_field_result after = place_field(bins, spikes, w.times, kept);
    CHECK(after.time.lost_tracking_s == doctest::Approx(runs.seconds()).epsilon(1e-12));
    CHECK(after.time.counted_s == doctest::Approx(before.time.counted_s - runs.seconds()).epsilon(1e-12));
    // A spike on the very last sample belongs to the last interval, which went.
    CHECK(after.discarded.lost_tracking == spikes_in(runs, spikes) + 1);
    CHECK(after.spikes_used + after.discarded.total() == before.spikes_used);
    std::size_t lost_rows = 0;
    for (std::size_t i = 0; i < 2000; ++i) {
        const bool inside = i < 40 || (i >= 700 && i < 760) || (i >= 1900 && i < 1999);
        CHECK(std::isnan(kept(i, 0)) == inside);
        CHECK(std::isnan(kept(i, 1)) == inside);
        CHECK((inside || kept(i, 0) == w.positions(i, 0)));
        lost_rows += inside ? 1u : 0u;
    }
    CHECK(lost_rows == 199);
    CHECK(check_tracking(w.times, kept).lost_samples == 199);
}

TEST_CASE("tracking: spikes in runs are counted from a start up to before its stop, in any order") {
    const sample_runs runs{{{0, 1, 1, 2}, {1, 2, 2, 3}, {5, 6, 5, 6}}};
    CHECK(spikes_in(runs, list{0.9, 1, 1.5, 2, 2.999, 3, 4, 5, 6}) == 5);
    CHECK(spikes_in(runs, list{5.5, nan_value, 1.5, -1, infinity}) == 2);
    CHECK(spikes_in(runs, list{}) == 0);
    CHECK(spikes_in(sample_runs{}, list{1, 2}) == 0);
}

TEST_CASE("tracking: a jump is a step over the limit, by default five times the 99th percentile") {
    walk w(1000);
    CHECK(check_tracking(w.times, w.positions).jumps.empty());
    w.positions(500, 0) += 400;
    const tracking_quality found = check_tracking(w.times, w.positions);
    CHECK(in_words(found.jumps) == "499-500 500-501 ");
    CHECK(found.fastest_jump > 5000);
    CHECK(found.jump_speed < 1000);
    CHECK(check_tracking(w.times, w.positions, {.jump_speed = infinity}).jumps.empty());
    // One step of 3 in 0.5 s, the others 1.
    const list times = every(0.5, 6);
    const table steps = positions_of({{0, 0}, {1, 0}, {1, 1}, {1, 4}, {1, 5}, {0, 5}});
    CHECK(in_words(check_tracking(times, steps, {.jump_speed = 5.9}).jumps) == "2-3 ");
    CHECK(check_tracking(times, steps, {.jump_speed = 5.9}).fastest_jump == 6);
    CHECK(check_tracking(times, steps, {.jump_speed = 6}).jumps.empty());
    // Not across a gap nor lost tracking; and nobody moves: nothing to judge by.
    CHECK(check_tracking(times, steps, {.max_gap_s = 0.4, .jump_speed = 5}).jumps.empty());
    const tracking_quality at_rest = check_tracking(times, positions_of(std::vector<point_xy>(6, {3, 3})));
    CHECK(std::isnan(at_rest.jump_speed));
    CHECK(at_rest.jumps.empty());
}

TEST_CASE("tracking: jumps by the hundred do not hide themselves, and the place they go to is named") {
    for (const std::size_t every_so_often : {150u, 20u, 8u}) {
        CAPTURE(every_so_often);
        walk w(3000);
        std::size_t planted = 0;
        for (std::size_t i = 5; i < 3000; i += every_so_often, ++planted) {
            w.positions(i, 0) = -100;
            w.positions(i, 1) = -100;
        }
        const tracking_quality found = check_tracking(w.times, w.positions);
        CHECK(found.jumps.size() == 2 * planted);
        CHECK(found.jump_speed < 1000);
        REQUIRE(found.placeholder);
        CHECK(found.placeholder->at == point_xy{-100, -100});
        CHECK(found.placeholder->samples == planted);
        CHECK(found.placeholder->visits == planted);
        CHECK(found.placeholder->first == 5);
    }
    walk w(1000);
    CHECK_FALSE(check_tracking(w.times, w.positions).placeholder);
    const auto leave = [&](std::size_t first, std::size_t samples, double at) {
        for (std::size_t i = first; i < first + samples; ++i) {
            w.positions(i, 0) = at;
            w.positions(i, 1) = at;
        }
    };
    leave(100, 1, 500); // one jump there and back is a jump, and so are two to the same place
    leave(300, 1, 500);
    CHECK_FALSE(check_tracking(w.times, w.positions).placeholder);
    leave(700, 1, 500);
    CHECK(check_tracking(w.times, w.positions).placeholder->visits == 3);
    leave(500, 10, 600); // once, and stays
    CHECK(check_tracking(w.times, w.positions).placeholder->at == point_xy{600, 600});
    CHECK(check_tracking(w.times, w.positions).placeholder->samples == 10);
    leave(990, 10, 700); // up to the end
    leave(600, 1, 700);
    CHECK(check_tracking(w.times, w.positions).placeholder->samples == 11);
}

TEST_CASE("tracking: rounded positions, lines are found as long as they are long for the resolution") {
    const auto rounded_walk = [](double scale, bool lines) {
        walk w(2000);
        if (lines) {
            w.fill_in(300, 340, true);
            w.fill_in(900, 912, true);
            w.fill_in(1500, 1560, false);
        }
        for (double& v : w.positions.values) {
            v = std::round(v * scale) / scale;
        }
        return w;
    };
    for (const double scale : {1e6, 1e4, 1e3}) {
        CAPTURE(scale);
        const walk w = rounded_walk(scale, true);
        const tracking_quality found = check_tracking(w.times, w.positions);
        CHECK(found.resolution == 1 / scale);
        CHECK(in_words(found.interpolated.runs) == "300-340 900-912 1500-1560 ");
        const walk clean = rounded_walk(scale, false);
        CHECK(check_tracking(clean.times, clean.positions).interpolated.count() == 0);
    }
    for (const double scale : {100.0, 10.0, 1.0}) {
        CAPTURE(scale);
        const walk clean = rounded_walk(scale, false);
        const tracking_quality found = check_tracking(clean.times, clean.positions);
        CHECK(found.resolution == 1 / scale);
        CHECK(found.interpolated.count() == 0);
    }
    // Whole pixels, float32, and a smooth path: steps are often alike.
    table pixels = positions_of(std::vector<point_xy>(5000));
    for (std::size_t i = 0; i < 5000; ++i) {
        pixels(i, 0) = std::round(200 + 150 * std::sin(0.011 * static_cast<double>(i)));
        pixels(i, 1) = std::round(200 + 150 * std::cos(0.007 * static_cast<double>(i)));
    }
    CHECK(check_tracking(every(0.04, 5000), pixels).interpolated.count() == 0);
    walk w(2000);
    for (double& v : w.positions.values) {
        v = static_cast<double>(static_cast<float>(std::round(v * 1000) / 1000));
    }
    CHECK(check_tracking(w.times, w.positions).resolution == 0.001);
    CHECK(check_tracking(walk(2000).times, walk(2000).positions).resolution == 0);
}

TEST_CASE("tracking: positions outside a given arena, its edges inside") {
    const list times = every(0.1, 5);
    const table positions = positions_of({{0, 0}, {10, 5}, {10.01, 5}, {5, -0.01}, {nan_value, 5}});
    const tracking_quality found = check_tracking(times, positions, {.arena = box_xy{{0, 0}, {10, 10}}});
    CHECK(found.outside_arena == 2);
    CHECK(found.first_outside == 2);
    CHECK(check_tracking(times, positions).outside_arena == 0);
}

TEST_CASE("tracking: a circling animal whose sensor is turned by 0.9 has that offset, at speed and outside of lines") {
    const std::size_t samples = 4000;
    const list times = every(0.02, samples);
    std::vector<point_xy> points;
    list heading;
    for (std::size_t i = 0; i < samples; ++i) {
        const bool slow = times[i] > 60; // 4 units per second, before 20
        const double turn = slow ? 30 + 0.1 * (times[i] - 60) : 0.5 * times[i];
        points.push_back({50 + 40 * std::cos(turn), 50 + 40 * std::sin(turn)});
        // Wraps; while slow it points elsewhere.
        heading.push_back(std::remainder(turn + pi / 2 + 0.9 + (slow ? 2 : 0), 2 * pi));
    }
    table positions = positions_of(points);
    const tracking_quality found = check_tracking(times, positions, heading);
    CHECK(found.heading.offset_rad == doctest::Approx(-0.9).epsilon(0.001));
    CHECK(found.heading.resultant > 0.999);
    CHECK(found.heading.intervals > 2900);
    CHECK(found.heading.intervals < 3100);
    // All of it at speed over 1: a quarter points elsewhere.
    CHECK(check_tracking(times, positions, heading, {.min_heading_speed = 1}).heading.resultant < 0.95);
    CHECK(check_tracking(times, positions, heading, {.min_heading_speed = 100}).heading.intervals == 0);
    CHECK(std::isnan(check_tracking(times, positions, heading, {.min_heading_speed = 100}).heading.offset_rad));
    // A straight line across the circle says nothing of the heading.
    walk line(1);
    line.times = times;
    line.positions = positions;
    line.fill_in(500, 1500, false);
    const tracking_quality filled = check_tracking(times, line.positions, heading);
    CHECK(in_words(filled.interpolated.runs) == "500-1500 ");
    CHECK(filled.interpolated_with_heading == 1); // it turns evenly here
    CHECK(filled.heading.offset_rad == doctest::Approx(-0.9).epsilon(0.001));
    CHECK(filled.heading.resultant > 0.999);
    // Nor does a fast one, along which the head points elsewhere.
    walk fast = line;
    fast.fill_in(2000, 2200, false);
    list elsewhere = heading;
    for (std::size_t i = 2001; i < 2200; ++i) {
        elsewhere[i] += 2;
    }
    CHECK(check_tracking(times, positions, elsewhere).heading.resultant < 0.95);
    CHECK(check_tracking(times, fast.positions, elsewhere).heading.resultant > 0.99);
    heading[700] += 0.01;
    CHECK(check_tracking(times, line.positions, heading).interpolated_with_heading == 0);
    CHECK(check_tracking(times, line.positions).interpolated_with_heading == 0);
    heading[2000] = nan_value;
    CHECK(check_tracking(times, line.positions, heading).heading.intervals == filled.heading.intervals - 2);
}

TEST_CASE("tracking: a heading that turns the other way is told from one that follows nothing") {
    table positions = positions_of(std::vector<point_xy>(1000));
    list heading(1000);
    list backward(1000);
    for (std::size_t i = 0; i < 1000; ++i) {
        const double phase = 0.05 * static_cast<double>(i);
        positions(i, 0) = 50 + 30 * std::cos(phase);
        positions(i, 1) = 50 + 30 * std::sin(phase);
        heading[i] = phase + pi / 2 - 0.4;
        backward[i] = -heading[i];
    }
    const list times = every(0.05, 1000);
    const auto found = check_tracking(times, positions, heading).heading;
    CHECK(found.offset_rad == doctest::Approx(0.4));
    CHECK(found.resultant == doctest::Approx(1));
    CHECK(found.mirrored_resultant < 0.05);
    CHECK(found.min_speed == 10);
    const auto mirrored = check_tracking(times, positions, backward).heading;
    CHECK(mirrored.resultant < 0.05);
    CHECK(mirrored.mirrored_resultant == doctest::Approx(1));
    // Without a limit in the positions' units: half the median speed, in any of them.
    for (double& v : positions.values) {
        v /= 100;
    }
    tracking_options relative;
    relative.min_heading_speed = nan_value;
    const auto metres = check_tracking(times, positions, heading, relative).heading;
    CHECK(metres.min_speed == doctest::Approx(0.15).epsilon(0.01));
    CHECK(metres.intervals == 999);
    CHECK(check_tracking(times, positions, heading).heading.intervals == 0);
}

TEST_CASE("tracking: a clock that starts at 1.6e9 s finds the same") {
    walk w(500);
    w.fill_in(100, 150, false);
    w.stand(200, 240);
    const tracking_quality near_zero = check_tracking(w.times, w.positions);
    for (double& t : w.times) {
        t += 1.6e9;
    }
    const tracking_quality late = check_tracking(w.times, w.positions);
    CHECK(in_words(late.interpolated.runs) == "100-150 ");
    CHECK(in_words(late.still.runs) == in_words(near_zero.still.runs));
    CHECK(late.still.count() == 1);
    CHECK(late.jumps.empty());
}

TEST_CASE("tracking: wrong input is refused with a sentence") {
    const list times = every(0.1, 4);
    const table positions = positions_of({{0, 0}, {1, 0}, {2, 0}, {4, 1}});
    const auto refused = [&](const tracking_options& options) {
        return sentence_of<invalid_value>([&] { check_tracking(times, positions, options); });
    };
    CHECK(refused({.min_still_s = -1}) == "min_still_s is -1; it must be 0 or more; leave it out for the default");
    CHECK(refused({.min_steady_samples = 3}) ==
          "min_steady_samples is 3; it must be at least 4, as any 3 samples can lie evenly by chance; 5 is usual");
    CHECK(refused({.max_gap_s = 0}) == "max_gap_s is 0; it must be positive, in seconds; use infinity for no limit");
    CHECK(refused({.jump_speed = 0}) ==
          "jump_speed is 0; it must be positive, in the units of the positions per second; use NaN for five times the "
          "99th percentile, infinity for no limit");
    CHECK(refused({.min_heading_speed = infinity}) ==
          "min_heading_speed is inf; it must be 0 or more; leave it out for the default");
    CHECK(sentence_of<data_error>([&] {
              check_tracking(times, positions, list{1, 2});
          }) == "times has 4 values and heading 2; there must be one angle per time; cut or load both from the same "
                "recording");
    CHECK(sentence_of<data_error>([&] { check_tracking(times, positions, list{}); }) ==
          "times has 4 values and heading 0; there must be one angle per time; cut or load both from the same "
          "recording");
    CHECK(sentence_of<data_error>([&] {
              check_tracking(list{0, 1}, positions);
          }) ==
          "times has 2 values and positions 4 rows; there must be one time per position; cut or load both from the "
          "same recording");
    CHECK(sentence_of<data_error>([&] {
              check_tracking(list{0, 1, 1, 2}, positions);
          }) == "times[2] is 1 after 1; times must increase; sort the samples by time and remove duplicates");
    const table lost = positions_of(std::vector<point_xy>(4, {nan_value, nan_value}));
    const tracking_quality found = check_tracking(times, lost, list(4, 0.5));
    CHECK(found.lost_samples == 4);
    CHECK(in_words(found.lost.runs) == "0-3 ");
    CHECK(found.heading.intervals == 0);
}

TEST_CASE("tracking: the recorded animals, where their files are") {
    const std::string data = std::string(FIELDREEL_SHARED_DIR) + "/data/";
    if (!std::filesystem::exists(data)) {
        MESSAGE("skipped: no ", data);
        return;
    }
    const std::string mouse = data + "openfield_mouse_M12_2018-04-10/";
    const sample_times times(samples::open_npy(mouse + "times.npy"));
    const samples positions = samples::open_npy(mouse + "positions.npy");
    const samples heading = samples::open_npy(mouse + "head_direction.npy");
    const tracking_quality found = check_tracking(times, positions, heading);
    CHECK(found.interpolated.count() == 219);
    CHECK(found.interpolated.seconds() == doctest::Approx(193.711).epsilon(1e-5));
    CHECK(found.interpolated.longest().duration_s() == doctest::Approx(20.513).epsilon(1e-4));
    CHECK(found.interpolated.longest().start_s == doctest::Approx(1541.36).epsilon(1e-5));
    CHECK(spikes_in(found.interpolated, samples::open_npy(mouse + "spikes_cell02.npy")) == 297);
    CHECK(found.interpolated_with_heading == 219);
    CHECK(found.still.count() == 0);
    CHECK(found.jumps.empty());
    CHECK(found.lost_samples == 0);
    CHECK(found.resolution == 0);
    CHECK_FALSE(found.placeholder);
    CHECK(std::abs(found.heading.offset_rad + 0.78) < 0.02);
    CHECK(found.heading.resultant > 0.7);

    const std::string rat = data + "openfield_rat_sargolini/";
    const tracking_quality other =
        check_tracking(sample_times(samples::open_npy(rat + "times.npy")), samples::open_npy(rat + "positions.npy"));
    CHECK(other.samples == 29800);
    CHECK(other.interpolated.count() + other.still.count() + other.lost.count() + other.gaps.count() == 0);
    CHECK(other.jumps.empty());

    // As a table with few decimals holds them.
    const auto rounded = [](const samples& from, double scale) {
        table out = positions_of(std::vector<point_xy>(from.size()));
        for (std::size_t i = 0; i < from.size(); ++i) {
            out(i, 0) = std::round(from(i, 0) * scale) / scale;
            out(i, 1) = std::round(from(i, 1) * scale) / scale;
        }
        return out;
    };
    const tracking_quality three = check_tracking(times, rounded(positions, 1000));
    CHECK(three.resolution == 0.001);
    CHECK(three.interpolated.count() > 205);
    CHECK(three.interpolated.count() <= 219);
    CHECK(three.interpolated.seconds() > 191);
    CHECK(three.interpolated.seconds() < 193.8);
    CHECK(check_tracking(times, rounded(positions, 100)).interpolated.seconds() > 130);
    CHECK(check_tracking(times, rounded(positions, 1)).interpolated.count() == 0);
    const sample_times rat_times(samples::open_npy(rat + "times.npy"));
    const samples rat_positions = samples::open_npy(rat + "positions.npy");
    for (const double scale : {10000.0, 1000.0, 100.0, 10.0, 1.0}) {
        CAPTURE(scale);
        CHECK(check_tracking(rat_times, rounded(rat_positions, scale)).interpolated.count() == 0);
    }
}
