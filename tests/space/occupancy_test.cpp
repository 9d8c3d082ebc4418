// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/space/occupancy.hpp>

#include "../support/space_golden.hpp"

using namespace fieldreel;
using space_test::positions_of;
using space_test::strip;
using space_test::table;

namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

using list = std::vector<double>;

// The strip has bins [0, 10), [10, 20), [20, 30); samples that stay on its middle line.
table at_x(const list& xs) {
    std::vector<point_xy> points;
    for (const double x : xs) {
        points.push_back({x, 1});
    }
    return positions_of(points);
}

// So many samples, so far apart.
list every(double step_s, std::size_t samples, double start_s = 0) {
    list times;
    for (std::size_t i = 0; i < samples; ++i) {
        times.push_back(start_s + static_cast<double>(i) * step_s);
    }
    return times;
}

// The seconds left when slower intervals leave.
double counted(const list& times, const table& positions, double min_speed) {
    return occupancy(strip{}, times, positions, {.min_speed = min_speed}).time.counted_s;
}

} // namespace

TEST_CASE("occupancy: an interval's time counts in the bin of its first sample, the last sample adds none") {
    const auto spent = occupancy(strip{}, list{10, 10.25, 10.5, 11}, at_x({5, 15, 16, 25}));
    CHECK(spent.seconds == list{0.25, 0.75, 0});
    CHECK(spent.time.counted_s == 1);
    CHECK(spent.time.total_s() == 1);
}

TEST_CASE("occupancy: the speed is one in both directions, at the ends too, and exactly the least speed counts") {
    for (const double start_s : {0.0, 1.6e9}) {
        CAPTURE(start_s);
        const list times = every(0.03125, 33, start_s); // 1 s
        std::vector<point_xy> points;
        for (std::size_t i = 0; i < times.size(); ++i) {
            const double t = static_cast<double>(i) * 0.03125;
            points.push_back({20 - 8 * t, 0.1 + 0.6 * t}); // hypot(8, 0.6)
        }
        const table positions = positions_of(points);
        const double speed = std::hypot(8, 0.6);
        CHECK(counted(times, positions, 0) == 1);
        CHECK(counted(times, positions, speed) == 1);
        CHECK(counted(times, positions, speed * 0.999999) == 1);
        CHECK(counted(times, positions, speed * 1.000001) == 0);
    }
}

TEST_CASE("occupancy: rounding neither makes slow what has the least speed, nor moves what rests") {
    for (const double speed : {0.3, 0.7, 1.1, 3.3, 7.7}) {
        CAPTURE(speed);
        const list times = every(0.01, 201, 17.3);
        list xs;
        for (std::size_t i = 0; i < times.size(); ++i) {
            xs.push_back(0.1 + speed * 0.01 * static_cast<double>(i));
        }
        const auto made = occupancy(strip{}, times, at_x(xs), {.min_speed = speed});
        CHECK(made.time.too_slow_s == 0);
        CHECK(counted(times, at_x(list(201, 0.1 + speed)), 1e-300) == 0);
    }
}

TEST_CASE("occupancy: slow intervals leave, and are accounted for") {
    // At rest for 2 s, then 8 units per second for 2 s: the average over 0.25 s blurs the change, and no more.
    const list times = every(0.0625, 65);
    list xs;
    for (const double t : times) {
        xs.push_back(t < 2 ? 5 : 5 + 8 * (t - 2));
    }
    const auto made = occupancy(strip{}, times, at_x(xs), {.min_speed = 4});
    CHECK(made.time.counted_s == doctest::Approx(2).epsilon(0.05));
    CHECK(made.time.too_slow_s == 4 - made.time.counted_s);
    CHECK(made.time.total_s() == 4);
    CHECK(made.seconds[0] == doctest::Approx(0.625).epsilon(0.1)); // 5 to 10 at 8 per second
    CHECK(made.seconds[1] == 1.25);
    // Any movement at all: from the first average that reaches it.
    CHECK(counted(times, at_x(xs), 1e-6) == 2.125);
}

TEST_CASE("occupancy: one jump of a sample is averaged over 0.25 s") {
    // A jitter of +-0.1 at 32 Hz is 6.4 units per second from sample to sample, and about nothing over 0.25 s.
    const list times = every(0.03125, 129);
    list xs;
    for (std::size_t i = 0; i < times.size(); ++i) {
        xs.push_back(i % 2 == 0 ? 5.1 : 4.9);
    }
    CHECK(counted(times, at_x(xs), 2) < 0.3); // the ends have half the samples to average
    CHECK(counted(times, at_x(xs), 1e-9) > 3);
}

TEST_CASE("occupancy: speed never looks across lost tracking or a gap") {
    // At rest at 5, lost or away for a moment, at rest at 25: nowhere was there any speed.
    const list at_rest{5, 5, 5, 5, nan_value, 25, 25, 25, 25};
    CHECK(counted(every(0.03125, 9), at_x(at_rest), 1e-6) == 0);
    list times = every(0.03125, 8);
    for (std::size_t i = 4; i < 8; ++i) {
        times[i] += 0.6;
    }
    const auto made = occupancy(strip{}, times, at_x({5, 5, 5, 5, 25, 25, 25, 25}), {.min_speed = 1e-6});
    CHECK(made.time.counted_s == 0);
    CHECK(made.time.in_gaps_s == doctest::Approx(0.63125));
    CHECK(made.time.too_slow_s == doctest::Approx(6 * 0.03125));
    // Without the gap the same samples have a speed.
    CHECK(counted(every(0.03125, 8), at_x({5, 5, 5, 5, 25, 25, 25, 25}), 1e-6) > 0);
    // A gap may be shorter than the average.
    for (std::size_t i = 4; i < 8; ++i) {
        times[i] -= 0.5375;
    }
    const table two_places = at_x({5, 5, 5, 5, 25, 25, 25, 25});
    CHECK(occupancy(strip{}, times, two_places, {.max_gap_s = 0.05, .min_speed = 1e-6}).time.counted_s == 0);
    CHECK(occupancy(strip{}, times, two_places, {.max_gap_s = 0.1, .min_speed = 1e-6}).time.counted_s > 0);
    // An infinite position is as good as lost: the others around it keep their speed.
    const list moving{5, 5.5, 6, 6.5, infinity, 7.5, 8, 8.5, 9};
    CHECK(counted(every(0.03125, 9), at_x(moving), 15.9) == 7 * 0.03125);
}

TEST_CASE("occupancy: the interval towards a lost sample is as fast as the one before, a lone sample is slow") {
    const list xs{5, 6, 7, nan_value, 15, nan_value, 21, 22, 23};
    const auto made = occupancy(strip{}, every(0.25, 9), at_x(xs), {.min_speed = 3});
    CHECK(made.seconds == list{0.75, 0, 0.5});
    CHECK(made.time.too_slow_s == 0.25);
    CHECK(made.time.lost_tracking_s == 0.5);
    const auto all = occupancy(strip{}, every(0.25, 9), at_x(xs), {.min_speed = 5});
    CHECK(all.time.counted_s == 0);
    CHECK(all.time.too_slow_s == 1.5);
}

TEST_CASE("occupancy: a stretch shorter than the window has the speed from its first to its last sample") {
    const list times{0, 0.03125, 0.0625, 1, 1.25};
    const auto made = occupancy(strip{}, times, at_x({5, 5.5, 6, 15, 15}), {.min_speed = 15.5});
    CHECK(made.seconds == list{0.0625, 0, 0}); // 16 per second
    CHECK(made.time.in_gaps_s == 0.9375);
}

TEST_CASE("occupancy: speed needs no even sampling, and its sums do not drift") {
    std::mt19937_64 engine(5);
    std::uniform_real_distribution<double> uniform(0.001, 0.4);
    list times{3e5};
    list xs{29};
    for (std::size_t i = 0; i < 100'000; ++i) {
        const double step_s = engine() % 3 == 0 ? uniform(engine) : 0.01;
        times.push_back(times.back() + step_s);
        xs.push_back(xs.back() - 1e-4 * step_s); // 1e-4 units per second, all the way
    }
    const auto kept = occupancy(strip{}, times, at_x(xs), {.min_speed = 0.99e-4});
    const auto left = occupancy(strip{}, times, at_x(xs), {.min_speed = 1.01e-4});
    CHECK(kept.time.too_slow_s == 0);
    CHECK(left.time.counted_s == 0);
}

TEST_CASE("occupancy: options that cannot be are refused with a sentence") {
    const list times{0, 0.25, 0.5};
    const table positions = at_x({5, 5, 5});
    for (const double wrong : {-1.0, nan_value, infinity}) {
        CHECK_THROWS_AS(occupancy(strip{}, times, positions, {.min_speed = wrong}), invalid_value);
    }
    CHECK_THROWS_WITH_AS(occupancy(strip{}, times, positions, {.min_speed = -2}),
                         "min_speed is -2; it must be 0 or more, in the units of the positions per second; use 0 for "
                         "no limit",
                         invalid_value);
    // Times are checked with a least speed, too.
    CHECK_THROWS_AS(occupancy(strip{}, list{0, 0.5, 0.25}, positions, {.min_speed = 1}), data_error);
    CHECK_THROWS_AS(occupancy(strip{}, list{0, nan_value, 0.25}, positions, {.min_speed = 1}), data_error);
    CHECK_THROWS_AS(occupancy(strip{}, list{0}, at_x({5}), {.min_speed = 1}), data_error);
    CHECK_THROWS_AS(occupancy(strip{}, list{}, table{{}, {0, 2}}, {.min_speed = 1}), data_error);
}
