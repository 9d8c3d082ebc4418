// SPDX-License-Identifier: MIT
#include <fieldreel/space/region.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/samples.hpp>
#include <fieldreel/space/grid.hpp>

#include "support/sentence.hpp"

using namespace fieldreel;
using support::sentence_of;
using support::thrown_by;

namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

using corners = std::vector<point_xy>;
const corners square{{0, 0}, {10, 0}, {10, 10}, {0, 10}};

/// Along y = 5; x as given.
samples along(const std::vector<double>& xs) {
    std::vector<double> out;
    for (const double x : xs) {
        out.push_back(x);
        out.push_back(5);
    }
    return samples(std::move(out), 2);
}

std::vector<double> every_second(std::size_t count) {
    std::vector<double> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(static_cast<double>(i));
    }
    return out;
}

const regions one_square({region::polygon("box", square)});

std::vector<region_visit> visits_of(const std::vector<double>& xs, const visit_options& options) {
    return region_visits(one_square, every_second(xs.size()), along(xs), options);
}

constexpr double in = 5;
constexpr double out = 15;
constexpr double lost = nan_value;

} // namespace

TEST_CASE("region: a polygon and a disc contain what lies in them") {
    const region box = region::polygon("box", square);
    CHECK(box.name() == "box");
    CHECK(box.contains(5, 5));
    CHECK(box.contains(0, 0)); // half open, as a grid's bins
    CHECK_FALSE(box.contains(10, 5));
    CHECK_FALSE(box.contains(5, 10));
    CHECK_FALSE(box.contains(-0.001, 5));
    CHECK(box.area() == 100);
    CHECK(box.center() == point_xy{5, 5});
    CHECK(box.bounds().high == point_xy{10, 10});
    CHECK(box.radius() == 0);
    CHECK(box.corners().size() == 4);

    const region around = region::disc("reward", {3, 4}, 5);
    CHECK(around.contains(0, 0)); // the rim belongs to it
    CHECK_FALSE(around.contains(0, -0.001));
    CHECK(around.contains(3, 8.999));
    CHECK(around.area() == doctest::Approx(25 * std::numbers::pi));
    CHECK(around.center() == point_xy{3, 4});
    CHECK(around.bounds().low == point_xy{-2, -1});
    CHECK(around.radius() == 5);
    CHECK(around.corners().empty());

    for (const region& each : {box, around}) {
        CHECK_FALSE(each.contains(nan_value, 5));
        CHECK_FALSE(each.contains(5, nan_value));
        CHECK_FALSE(each.contains(infinity, 5));
        CHECK_FALSE(each.contains(5, -infinity));
    }
}

TEST_CASE("region: clockwise corners, a repeated first corner and a notch are fine") {
    const region turned = region::polygon("turned", corners{{0, 0}, {0, 10}, {10, 10}, {10, 0}, {0, 0}});
    CHECK(turned.corners().size() == 4);
    CHECK(turned.area() == 100);
    CHECK(turned.contains(5, 5));
    const region notched = region::polygon("notched", corners{{0, 0}, {10, 0}, {10, 10}, {5, 2}, {0, 10}});
    CHECK_FALSE(notched.contains(5, 5));
    CHECK(notched.contains(5, 1));
    CHECK(notched.contains(1, 5));
    CHECK(notched.area() == 60);
}

TEST_CASE("regions: found by name, the nearest is told") {
    const regions all({region::polygon("start box", square), region::disc("reward", {50, 50}, 5)});
    CHECK(all.size() == 2);
    CHECK(all.index_of("reward") == 1);
    CHECK(all.named("start box").area() == 100);
    CHECK(sentence_of<invalid_value>([&] { all.named("rewart"); }) ==
          "the region 'rewart' was asked for; there are start box, reward; did you mean 'reward'?");
    CHECK(sentence_of<invalid_value>([] { regions().named("reward"); }) ==
          "the region 'reward' was asked for; there are no regions; add it");
    CHECK(regions().empty());
}

TEST_CASE("region: what cannot be is refused with a sentence") {
    CHECK(sentence_of<data_error>([] {
              region::polygon("bow", corners{{0, 0}, {10, 10}, {10, 0}, {0, 10}});
          }) ==
          "the region 'bow' crosses itself: its edges 0 and 2 meet at (5, 5); edges may only meet at the corner they "
          "share; give the corners in order around the border");
    CHECK(sentence_of<data_error>([] {
              region::polygon("line", corners{{0, 0}, {1, 1}});
          }) ==
          "the region 'line' has 2 different corners; a polygon needs at least 3; give each corner once, in order");
    CHECK(sentence_of<data_error>([] { region::polygon("nothing", corners{}); }) ==
          "the region 'nothing' has 0 different corners; a polygon needs at least 3; give each corner once, in order");
    CHECK(sentence_of<data_error>([] {
              region::polygon("flat", corners{{0, 0}, {1, 1}, {2, 2}});
          }) ==
          "the region 'flat' has no area: its 3 corners lie on a line; a polygon must enclose an area; correct its "
          "corners");
    CHECK(sentence_of<data_error>([] {
              region::polygon("hole", corners{{0, 0}, {1, nan_value}, {2, 2}});
          }) == "the region 'hole' has its corner 1 at (1, nan); corners must be finite; correct or remove it");
    CHECK(sentence_of<data_error>([] {
              region::disc("where", {nan_value, 3}, 1);
          }) == "the region 'where' has its point at (nan, 3); it must be finite; correct the point");
    for (const double radius : {0.0, -2.0, infinity}) {
        CHECK(sentence_of<invalid_value>([&] {
                  region::disc("reward", {1, 2}, radius);
              }) ==
              "the region 'reward' has the radius " + detail::rounded(radius) +
                  "; it must be a positive number in the units of the positions; give how far around the point the "
                  "region reaches");
    }
    CHECK(thrown_by<invalid_value>([] { region::disc("reward", {1, 2}, nan_value); }).name() == "radius");
    CHECK(sentence_of<invalid_value>([] {
              region::disc("", {1, 2}, 3);
          }) == "a region has an empty name; each region needs one; name it");
    CHECK(sentence_of<invalid_value>([] {
              regions({region::disc("a", {1, 2}, 3), region::disc("b", {1, 2}, 3), region::polygon("a", square)});
          }) == "regions 0 and 2 are both named 'a'; the names of regions must differ; rename one");
}

TEST_CASE("bins_in: the bins whose centres lie within") {
    const grid space = grid::full({0, 0}, {40, 40}, {4, 4}); // centres 5, 15, 25, 35; bin 4 ix + iy
    CHECK(bins_in(space, region::polygon("low", corners{{0, 0}, {20, 0}, {20, 12}, {0, 12}})) ==
          std::vector<std::size_t>{0, 4});
    CHECK(bins_in(space, region::disc("plus", {15, 15}, 10)) == std::vector<std::size_t>{1, 4, 5, 6, 9});
    CHECK(bins_in(space, region::disc("between", {10, 10}, 1)).empty());
}

TEST_CASE("region_occupancy: the interval counts where its first sample lies, gaps and lost tracking count nowhere") {
    //                               0    1    2    3     4    5    (6 ...) 9   10
    const std::vector<double> times{0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.5, 1.6};
    const samples path = along({in, in, out, lost, in, in, in, in});
    const regions all({region::polygon("box", square), region::disc("far", {100, 100}, 1)});
    const auto spent = region_occupancy(all, times, path);
    REQUIRE(spent.size() == 2);
    CHECK(spent[0].counted_s == doctest::Approx(0.4)); // 0-0.2, 0.4-0.5, 1.5-1.6
    CHECK(spent[0].outside_space_s == doctest::Approx(0.1));
    CHECK(spent[0].lost_tracking_s == doctest::Approx(0.1));
    CHECK(spent[0].in_gaps_s == doctest::Approx(1.0));
    CHECK(spent[0].total_s() == doctest::Approx(1.6));
    CHECK(spent[1].counted_s == 0);
    CHECK(spent[1].total_s() == doctest::Approx(1.6));
    // Without a limit the gap counts where it starts.
    CHECK(region_occupancy(all, times, path, {.max_gap_s = infinity})[0].counted_s == doctest::Approx(1.4));
}

TEST_CASE("region_occupancy: a region made of bins has the seconds of these bins") {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> anywhere(0, 40);
    std::vector<double> xy;
    std::vector<double> times;
    for (int i = 0; i < 2000; ++i) {
        xy.push_back(anywhere(random));
        xy.push_back(anywhere(random));
        times.push_back(0.02 * i);
    }
    const samples path(xy, 2);
    const grid space = grid::full({0, 0}, {40, 40}, {4, 4});
    const region low = region::polygon("low", corners{{0, 0}, {20, 0}, {20, 10}, {0, 10}});
    const auto spent = occupancy(space, times, path);
    double seconds = 0;
    for (const std::size_t bin : bins_in(space, low)) {
        seconds += spent.seconds[bin];
    }
    CHECK(region_occupancy(regions({low}), times, path)[0].counted_s == doctest::Approx(seconds));
    CHECK(seconds > 1);
}

TEST_CASE("region_visits: from the first sample inside to the first sample outside") {
    const visit_options any_gap{.max_gap_s = infinity};
    CHECK(visits_of({out, in, in, out, out, in, out}, any_gap) == std::vector<region_visit>{{0, 1, 3}, {0, 5, 6}});
    CHECK(visits_of({in, in, out}, any_gap) == std::vector<region_visit>{{0, 0, 2}}); // inside from the start
    CHECK(visits_of({out, in, in}, any_gap) == std::vector<region_visit>{{0, 1, 2}}); // inside at the end
    CHECK(visits_of({out, in}, any_gap) == std::vector<region_visit>{{0, 1, 1}});     // one sample: 0 s
    CHECK(visits_of({out, out}, any_gap).empty());
    CHECK(visits_of({in, in}, any_gap)[0].duration_s() == 1);
}

TEST_CASE("region_visits: lost tracking and gaps end a visit where the animal was last seen inside") {
    CHECK(visits_of({in, in, lost, lost, in, out}, {.max_gap_s = 2}) ==
          std::vector<region_visit>{{0, 0, 1}, {0, 4, 5}});
    CHECK(visits_of({in, in, in}, {.max_gap_s = 0.9}) == std::vector<region_visit>{{0, 0, 0}, {0, 1, 1}, {0, 2, 2}});
    CHECK(visits_of({in, in, in}, {.max_gap_s = 1}) == std::vector<region_visit>{{0, 0, 2}}); // longer, not as long
    CHECK(visits_of({lost, lost}, {}).empty());
}

TEST_CASE("region_visits: jitter at the border is one visit, a brush with it none") {
    const std::vector<double> jitter{out, in, out, in, in, out, in, out, out, out, out, in, out};
    CHECK(visits_of(jitter, {.max_gap_s = 2}).size() == 4);
    // Absences of 1 s (2-3, 5-6) are shorter than 2 s, that of 4 s is not; the last visit of 1 s is too short.
    CHECK(visits_of(jitter, {.max_gap_s = 2, .min_duration_s = 2}) == std::vector<region_visit>{{0, 1, 7}});
    CHECK(visits_of(jitter, {.max_gap_s = 2, .min_duration_s = 1}) == // exactly 1 s apart, exactly 1 s long: kept
          std::vector<region_visit>{{0, 1, 2}, {0, 3, 5}, {0, 6, 7}, {0, 11, 12}});
    CHECK(visits_of(jitter, {.max_gap_s = 2, .min_duration_s = 7}) == std::vector<region_visit>{{0, 1, 12}});
    CHECK(visits_of(jitter, {.max_gap_s = 2, .min_duration_s = 12}).empty());
}

TEST_CASE("region_events: entries and exits in order, what is left comes before what is entered") {
    const regions two(
        {region::polygon("right", corners{{10, 0}, {20, 0}, {20, 10}, {10, 10}}), region::polygon("left", square)});
    const auto visits = region_visits(two, every_second(5), along({5, 6, 15, 16, 30}), {.max_gap_s = infinity});
    CHECK(visits == std::vector<region_visit>{{1, 0, 2}, {0, 2, 4}});
    CHECK(region_events(visits) == std::vector<region_event>{{0, 1, true}, {2, 1, false}, {2, 0, true}, {4, 0, false}});
    CHECK(region_events(std::vector<region_visit>{{0, 3, 3}}) ==
          std::vector<region_event>{{3, 0, true}, {3, 0, false}}); // no exit before its entry
    CHECK(region_events({}).empty());
}

TEST_CASE("use_of_regions: seconds, share of the tracked time, visits") {
    const std::vector<double> times{0, 1, 2, 3, 4, 5, 6, 7, 8};
    const regions two({region::polygon("box", square), region::disc("never", {90, 90}, 3)});
    const auto used = use_of_regions(two, times, along({in, in, out, out, lost, in, out, out, out}), {.max_gap_s = 1});
    REQUIRE(used.size() == 2);
    CHECK(used[0].seconds == 3);
    CHECK(used[0].share == doctest::Approx(3.0 / 7)); // 8 s, one without tracking
    CHECK(used[0].visits == 2);
    CHECK(used[0].longest_visit_s == 2);
    CHECK(used[0].seconds_per_visit() == 1.5);
    CHECK(used[1].seconds == 0);
    CHECK(used[1].share == 0);
    CHECK(used[1].visits == 0);
    CHECK(used[1].seconds_per_visit() == 0);
    // A visit that is too short leaves the mean as it left the number.
    const auto longer = use_of_regions(two, times, along({in, in, out, out, out, out, in, in, in}),
                                       {.max_gap_s = 1, .min_duration_s = 2.5});
    CHECK(longer[0].visits == 0);
    const auto some = use_of_regions(two, times, along({in, out, out, out, in, in, in, out, out}),
                                     {.max_gap_s = 1, .min_duration_s = 2});
    CHECK(some[0].seconds == 4);
    CHECK(some[0].visits == 1);
    CHECK(some[0].visits_s == 3);
    CHECK(some[0].seconds_per_visit() == 3);
    CHECK(some[0].seconds_per_visit() <= some[0].longest_visit_s);
    CHECK(use_of_regions(two, times, along(std::vector<double>(9, lost)))[0].share == 0);
    CHECK(use_of_regions(regions(), times, along(std::vector<double>(9, in))).empty());
}

TEST_CASE("region_visits: samples and options that cannot be are refused") {
    const samples path = along({in, in, in});
    CHECK(sentence_of<data_error>([&] {
              region_visits(one_square, std::vector<double>{0, 2, 1}, path);
          }) == "times[2] is 1 after 2; times must increase; sort the samples by time and remove duplicates");
    CHECK(thrown_by<data_error>([&] {
              region_visits(one_square, std::vector<double>{0, 2, nan_value}, path);
          }).index() == 2);
    CHECK(sentence_of<data_error>([&] {
              region_visits(one_square, std::vector<double>{0, 2}, path);
          }) ==
          "times has 2 values and positions 3 rows; there must be one time per position; cut or load both from the "
          "same recording");
    CHECK(sentence_of<invalid_value>([&] {
              visits_of({in, in}, {.min_duration_s = -1});
          }) == "min_duration_s is -1; it must be 0 or more seconds; use 0 to count every visit");
    CHECK(sentence_of<invalid_value>([&] {
              visits_of({in, in}, {.max_gap_s = 0});
          }) == "max_gap_s is 0; it must be positive, in seconds; use infinity for no limit");
    CHECK(sentence_of<data_error>([&] {
              region_occupancy(one_square, std::vector<double>{0, 2, 1}, path);
          }) == "times[2] is 1 after 2; times must increase; sort the samples by time and remove duplicates");
}
