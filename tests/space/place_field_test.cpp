// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xtensor.hpp>
#endif

#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/place_field.hpp>

#include "../support/space_golden.hpp"

using namespace fieldreel;
using space_test::golden;
using space_test::positions_of;
using space_test::strip;
using space_test::table;

namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

using list = std::vector<double>;
using method = place_field_method;

// The strip has bins [0, 10), [10, 20), [20, 30); samples that stay on its middle line.
table at_x(const list& xs) {
    std::vector<point_xy> points;
    for (const double x : xs) {
        points.push_back({x, 1});
    }
    return positions_of(points);
}

// Equal, with NaN equal to NaN.
bool same(const list& a, const list& b, double precision = 0) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](double x, double y) {
        return std::abs(x - y) <= precision || (std::isnan(x) && std::isnan(y));
    });
}

list as_list(const std::vector<std::uint32_t>& counts) {
    return {counts.begin(), counts.end()};
}

double sum(const list& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

} // namespace

TEST_CASE("place_field: counts, occupancy and rates equal the forerunner's") {
    const auto positions = space_test::shared("golden/env_positions");
    const auto times = space_test::shared("golden/env_times");
    if (!positions || !times) {
        MESSAGE("skipped: golden/env_positions.npy or env_times.npy is not in the shared folder");
        return;
    }
    const grid bins = grid::from_samples(*positions, {.bin_size = 4});
    const auto spent = occupancy(bins, *times, *positions);
    CHECK(same(spent.seconds, golden("pf_occupancy").values, 1e-9));
    CHECK(spent.time.counted_s == doctest::Approx(119.98).epsilon(1e-9));
    CHECK(same(occupancy(bins, *times, *positions, {.max_gap_s = infinity}).seconds,
               golden("pf_occupancy_nogap").values, 1e-9));

    const auto made = place_field(bins, golden("pf_spikes"), *times, *positions);
    CHECK(as_list(made.counts) == golden("pf_counts").values);
    CHECK(same(made.occupancy_s, golden("pf_occupancy").values, 1e-9));
    CHECK(same(made.rate, golden("pf_binned_bw0").values, 1e-9));
    CHECK(made.spikes_used == 289);
    CHECK(made.discarded == discarded_spikes{.outside_time = 2}); // after the last sample; one on it is used
}

TEST_CASE("place_field: all methods equal the forerunner's to 1e-6, with and without a least occupancy") {
    const auto positions = space_test::shared("golden/env_positions");
    const auto times = space_test::shared("golden/env_times");
    if (!positions || !times) {
        MESSAGE("skipped: golden/env_positions.npy or env_times.npy is not in the shared folder");
        return;
    }
    const grid bins = grid::from_samples(*positions, {.bin_size = 4});
    const auto spikes = golden("pf_spikes");
    const auto check = [&](const std::string& name, method how, double min_occupancy_s, double peak,
                           std::size_t masked) {
        CAPTURE(name);
        const place_field_options options{.method = how, .bandwidth = 8, .min_occupancy_s = min_occupancy_s};
        const auto made = place_field(bins, spikes, *times, *positions, options);
        CHECK(same(made.rate, golden(name).values, 1e-9));
        CHECK(made.peak_rate == doctest::Approx(peak).epsilon(1e-6));
        CHECK(made.bins_masked == masked);
        CHECK(made.mean_rate == doctest::Approx(289 / 119.98).epsilon(1e-9));
        // The handle that scenes hold knows the grid behind.
        CHECK(same(place_field(any_space(bins), spikes, *times, *positions, options).rate, made.rate));
    };
    check("pf_binned_mo0.0", method::binned, 0, 15.022453, 0);
    check("pf_binned_mo0.1", method::binned, 0.1, 15.043971, 58);
    check("pf_binned_mo0.5", method::binned, 0.5, 15.653757, 467);
    check("pf_gaussian_kde_mo0.0", method::gaussian_kde, 0, 14.618258, 0);
    check("pf_gaussian_kde_mo0.1", method::gaussian_kde, 0.1, 14.618258, 58);
    check("pf_gaussian_kde_mo0.5", method::gaussian_kde, 0.5, 12.270356, 467);
    check("pf_diffusion_kde_mo0.0", method::diffusion_kde, 0, 14.754979, 0);
    check("pf_diffusion_kde_mo0.1", method::diffusion_kde, 0.1, 14.754979, 58);
    check("pf_diffusion_kde_mo0.5", method::diffusion_kde, 0.5, 12.289260, 467);
    check("pf_diffusion_dense", method::diffusion_kde, 0, 14.754979, 0);
}

TEST_CASE("place_field: the result says its peak, its mean, what is masked, and how wide the bins are") {
    const auto made = place_field(strip{}, list{0.1, 0.2, 0.3}, list{0, 0.25, 0.5}, at_x({5, 15, 15}));
    CHECK(same(made.rate, {4, 8, nan_value})); // at 0.2 s it is at x = 13
    CHECK(made.peak_rate == 8);
    CHECK(made.mean_rate == 6); // 3 spikes in 0.5 s
    CHECK(made.bins_masked == 1);
    CHECK(!made.bin_width);
    const grid bins = grid::full({0, 0}, {30, 2}, {3, 1});
    CHECK(place_field(bins, list{}, list{0, 0.25}, at_x({5, 5})).bin_width == point_xy{10, 2});
    CHECK(place_field(any_space(bins), list{}, list{0, 0.25}, at_x({5, 5})).bin_width == point_xy{10, 2});
    const auto nothing = place_field(strip{}, list{0.1}, list{0, 0.25}, at_x({-5, -5}));
    CHECK(std::isnan(nothing.peak_rate));
    CHECK(std::isnan(nothing.mean_rate));
    CHECK(nothing.bins_masked == 3);
    const auto silent = place_field(strip{}, list{}, list{0, 0.25}, at_x({5, 5}));
    CHECK(silent.peak_rate == 0);
    CHECK(silent.mean_rate == 0);
}

TEST_CASE("place_field: smoothing leaves counts and occupancy as they are") {
    const grid bins = grid::full({0, 0}, {30, 2}, {3, 1});
    const list times{0, 0.25, 0.5, 0.75};
    const table positions = at_x({5, 5, 15, 25});
    const auto plain = place_field(bins, list{0.1, 0.6}, times, positions);
    for (const method how : {method::binned, method::gaussian_kde, method::diffusion_kde}) {
        const auto made = place_field(bins, list{0.1, 0.6}, times, positions, {.method = how, .bandwidth = 8});
        CHECK(made.counts == plain.counts);
        CHECK(made.occupancy_s == plain.occupancy_s);
        CHECK(made.mean_rate == plain.mean_rate);
        CHECK(made.rate != plain.rate);
        CHECK(made.spikes_without_rate == 0);
    }
}

TEST_CASE("place_field: a rate that is the same everywhere stays so under any smoothing") {
    const grid bins = grid::full({0, 0}, {60, 40}, {12, 8});
    list times;
    list spikes;
    std::vector<point_xy> points;
    std::mt19937_64 engine(9);
    for (std::size_t i = 0; i < 400; ++i) {
        times.push_back(static_cast<double>(i) * 0.25);
        points.push_back(bins.center(i < 48 ? i * 2 : engine() % 48 * 2)); // every other bin is visited
        for (const double part : {0.0, 0.0, 0.0}) {                        // three spikes per sample, all at its place
            spikes.push_back(times.back() + part);
        }
    }
    spikes.resize(spikes.size() - 3); // the last sample has no time
    for (const method how : {method::binned, method::gaussian_kde, method::diffusion_kde}) {
        for (const double bandwidth : {2.0, 10.0, 300.0, 1e7}) {
            CAPTURE(bandwidth);
            const auto made =
                place_field(bins, spikes, times, positions_of(points), {.method = how, .bandwidth = bandwidth});
            for (const double rate : made.rate) {
                CHECK(rate == doctest::Approx(12).epsilon(1e-9));
            }
            CHECK(made.bins_masked == 0);
        }
    }
}

TEST_CASE("place_field: a wall stops diffusion, and not distance") {
    // 3 x 2 bins of 10: the middle column is no place to be.
    const grid bins({0, 10, 20, 30}, {0, 10, 20}, {1, 1, 0, 0, 1, 1});
    const list times{0, 0.25, 0.5, 0.75, 1};
    const table positions = positions_of({{5, 5}, {5, 15}, {25, 5}, {25, 15}, {25, 15}});
    const list spikes{0.05, 0.1}; // on the left only, two of them in the lower bin
    for (const method how : {method::binned, method::diffusion_kde}) {
        const auto made = place_field(bins, spikes, times, positions, {.method = how, .bandwidth = 20});
        CHECK(made.rate[0] > 0);
        CHECK(made.rate[1] > 0);
        CHECK(made.rate[2] == 0);
        CHECK(made.rate[3] == 0);
        // Nothing is lost on the left either: the mean of its two bins is that of its spikes.
        CHECK(made.rate[0] + made.rate[1] == doctest::Approx(8));
    }
    const auto across = place_field(bins, spikes, times, positions, {.method = method::gaussian_kde, .bandwidth = 20});
    CHECK(across.rate[2] > 1);
    CHECK(across.rate[0] > across.rate[2]);
}

TEST_CASE("place_field: two parts never share by diffusion, and one without time has no rates") {
    const grid bins({0, 10, 20, 30, 40, 50}, {0, 10}, {1, 1, 0, 1, 1});
    const list times{0, 0.25, 0.5};
    const table left = at_x({5, 15, 15});
    for (const double bandwidth : {5.0, 1e3, 1e9}) {
        CAPTURE(bandwidth);
        for (const method how : {method::binned, method::diffusion_kde}) {
            const auto made = place_field(bins, list{0.1}, times, left, {.method = how, .bandwidth = bandwidth});
            CHECK(made.rate[0] + made.rate[1] == doctest::Approx(4));
            CHECK(std::isnan(made.rate[2]));
            CHECK(std::isnan(made.rate[3]));
            CHECK(made.bins_masked == 2);
        }
    }
    const auto both = place_field(bins, list{0.05, 0.6}, list{0, 0.25, 0.5, 0.75, 1}, at_x({5, 15, 35, 45, 45}),
                                  {.method = method::diffusion_kde, .bandwidth = 1e9});
    CHECK(both.rate[0] == doctest::Approx(2));
    CHECK(both.rate[3] == doctest::Approx(2));
}

TEST_CASE("place_field: bins never visited take their rate from those around, up to six bandwidths away") {
    const grid bins = grid::full({0, 0}, {300, 2}, {30, 1});
    const list times{0, 0.25, 0.5};
    const table positions = at_x({5, 5, 5});
    for (const method how : {method::binned, method::gaussian_kde, method::diffusion_kde}) {
        const auto made = place_field(bins, list{0.1}, times, positions, {.method = how, .bandwidth = 20});
        CHECK(made.rate[0] == doctest::Approx(2));
        CHECK(made.rate[1] == doctest::Approx(2));
        CHECK(made.rate[10] == doctest::Approx(2).epsilon(1e-6));
        CHECK(std::isnan(made.rate[29]));
        CHECK(made.bins_masked > 10);
        CHECK(made.bins_masked < 20);
        const auto masked =
            place_field(bins, list{0.1}, times, positions, {.method = how, .bandwidth = 20, .min_occupancy_s = 0.1});
        CHECK(masked.bins_masked == 29); // a bin's own time decides, before smoothing
    }
}

TEST_CASE("place_field: a huge bandwidth gives the mean, a tiny one the binned rates") {
    const grid bins = grid::full({0, 0}, {30, 2}, {3, 1});
    const list times{0, 0.25, 0.5, 0.75, 1};
    const list spikes{0.1, 0.2, 0.8};
    const table positions = at_x({5, 15, 25, 25, 25});
    const auto plain = place_field(bins, spikes, times, positions);
    for (const method how : {method::gaussian_kde, method::diffusion_kde}) {
        for (const double bandwidth : {1e6, 1e12, 1e300}) {
            CAPTURE(bandwidth);
            const auto made = place_field(bins, spikes, times, positions, {.method = how, .bandwidth = bandwidth});
            CHECK(same(made.rate, {3, 3, 3}, 1e-8));
        }
        for (const double bandwidth : {1e-3, 1e-200, 5e-324}) {
            CAPTURE(bandwidth);
            const auto made = place_field(bins, spikes, times, positions, {.method = how, .bandwidth = bandwidth});
            CHECK(same(made.rate, plain.rate, 1e-5));
        }
    }
    const auto rates = place_field(bins, spikes, times, positions, {.bandwidth = 1e12}); // the mean of three rates
    CHECK(same(rates.rate, list(3, sum(plain.rate) / 3), 1e-8));
}

TEST_CASE("place_field: nothing to smooth: no spikes, no time, a cell that never fires inside") {
    const grid bins = grid::full({0, 0}, {30, 2}, {3, 1});
    const list times{0, 0.25, 0.5};
    const list none(3, nan_value);
    for (const method how : {method::binned, method::gaussian_kde, method::diffusion_kde}) {
        for (const double bandwidth : {12.0, 1e5}) {
            const place_field_options options{.method = how, .bandwidth = bandwidth};
            CHECK(same(place_field(bins, list{}, times, at_x({5, 5, 5}), options).rate, {0, 0, 0}));
            CHECK(same(place_field(bins, list{0.1}, times, at_x({-5, -5, -5}), options).rate, none));
            CHECK(
                same(place_field(bins, list{0.1}, times, at_x({nan_value, nan_value, nan_value}), options).rate, none));
            const auto outside = place_field(bins, list{0.3, 0.4}, times, at_x({5, -5, 5}), options);
            CHECK(same(outside.rate, {0, 0, 0}));
            CHECK(outside.discarded == discarded_spikes{.outside_space = 2});
            CHECK(outside.peak_rate == 0);
        }
    }
}

TEST_CASE("place_field: a bin with spikes and no time of its own shares in the smoothing") {
    // From bin 0 straight to bin 2: halfway the animal was in bin 1.
    const grid bins = grid::full({0, 0}, {30, 2}, {3, 1});
    const list times{0, 0.5};
    for (const method how : {method::gaussian_kde, method::diffusion_kde}) {
        const auto made = place_field(bins, list{0.25}, times, at_x({5, 25}), {.method = how, .bandwidth = 10});
        CHECK(made.counts == std::vector<std::uint32_t>{0, 1, 0});
        CHECK(made.rate[0] > 0);
        CHECK(made.rate[1] > made.rate[0]);
        CHECK(made.spikes_without_rate == 0);
    }
    // Rates are made first with binned: no time, no rate, nothing to smooth.
    const auto rates = place_field(bins, list{0.25}, times, at_x({5, 25}), {.bandwidth = 10});
    CHECK(same(rates.rate, {0, 0, 0}));
}

TEST_CASE("place_field: slow intervals take their spikes along, with any method") {
    const list times{0, 0.25, 0.5, 0.75, 1, 1.25};
    const table positions = at_x({5, 5, 5, 15, 25, 25});
    const list spikes{0.1, 0.3, 0.6, 0.8, 1.1, 1.25};
    const auto made = place_field(strip{}, spikes, times, positions, {.min_speed = 40});
    CHECK(made.occupancy_s == list{0.25, 0.25, 0});
    CHECK(made.time.too_slow_s == 0.75);
    CHECK(made.counts == std::vector<std::uint32_t>{1, 1, 0}); // 0.6 s: at x = 9, 0.8 s: at x = 17
    CHECK(made.discarded == discarded_spikes{.too_slow = 4});
    CHECK(made.spikes_used + made.discarded.total() == spikes.size());
    CHECK(made.mean_rate == 4);
    const grid bins = grid::full({0, 0}, {30, 2}, {3, 1});
    for (const method how : {method::gaussian_kde, method::diffusion_kde}) {
        const auto smooth =
            place_field(bins, spikes, times, positions, {.method = how, .bandwidth = 1e9, .min_speed = 40});
        CHECK(same(smooth.rate, {4, 4, 4}, 1e-8));
        CHECK(smooth.discarded == made.discarded);
    }
}

TEST_CASE("place_field: bandwidths and methods that cannot be are refused with a sentence") {
    const list times{0, 0.25, 0.5};
    const table positions = at_x({5, 5, 5});
    const auto with = [&](const place_field_options& options) {
        return place_field(strip{}, list{}, times, positions, options);
    };
    CHECK_THROWS_WITH_AS(with({.method = method::gaussian_kde}),
                         "bandwidth is 0 for gaussian_kde; it must be a positive number in the units of the positions; "
                         "two bin widths are usual, or use the method binned for no smoothing",
                         invalid_value);
    CHECK_THROWS_WITH_AS(with({.method = method::diffusion_kde, .bandwidth = -1}),
                         "bandwidth is -1 for diffusion_kde; it must be a positive number in the units of the "
                         "positions; two bin widths are usual, or use the method binned for no smoothing",
                         invalid_value);
    CHECK_THROWS_WITH_AS(with({.bandwidth = -0.5}),
                         "bandwidth is -0.5 for binned; it must be 0 or a positive number in the units of the "
                         "positions; two bin widths are usual, 0 is no smoothing",
                         invalid_value);
    for (const method how : {method::binned, method::gaussian_kde, method::diffusion_kde}) {
        CHECK_THROWS_AS(with({.method = how, .bandwidth = nan_value}), invalid_value);
        CHECK_THROWS_AS(with({.method = how, .bandwidth = infinity}), invalid_value);
    }
    CHECK_THROWS_WITH_AS(with({.method = method::diffusion_kde, .bandwidth = 8}),
                         "method is diffusion_kde with bandwidth 8, but the space does not know which bins are "
                         "neighbours; diffusion needs a shaped_space; pass the space itself instead of an any_space, "
                         "or use gaussian_kde",
                         invalid_value);
    CHECK_THROWS_AS(with({.bandwidth = 8}), invalid_value);
    CHECK(with({.method = method::gaussian_kde, .bandwidth = 8}).rate == list{0, 0, 0});
    CHECK_THROWS_WITH_AS(with({.min_speed = nan_value}),
                         "min_speed is nan; it must be 0 or more, in the units of the positions per second; use 0 for "
                         "no limit",
                         invalid_value);
}

TEST_CASE("place_field: a gap's time and its spikes both leave") {
    // 0.5 s is not longer than the maximum; 0.75 s is.
    const auto made = place_field(strip{}, list{0.25, 0.6, 1.25}, list{0, 0.5, 1.25, 1.5}, at_x({5, 5, 5, 15}));
    CHECK(made.occupancy_s == list{0.75, 0, 0});
    CHECK(made.time.in_gaps_s == 0.75);
    CHECK(made.counts == std::vector<std::uint32_t>{2, 0, 0});
    CHECK(made.discarded == discarded_spikes{.in_gap = 1});
    CHECK(same(made.rate, {2 / 0.75, nan_value, nan_value}, 1e-12));
    const auto unlimited = place_field(strip{}, list{0.25, 0.6, 1.25}, list{0, 0.5, 1.25, 1.5}, at_x({5, 5, 5, 15}),
                                       {.max_gap_s = infinity});
    CHECK(unlimited.occupancy_s == list{1.5, 0, 0});
    CHECK(unlimited.spikes_used == 3);
}

TEST_CASE("place_field: spikes before, on and after the ends") {
    const list times{1, 1.25, 1.5};
    const table positions = at_x({5, 15, 25});
    const list spikes{std::nextafter(1.0, 0.0),
                      1,
                      1.25,
                      std::nextafter(1.5, 0.0),
                      1.5,
                      std::nextafter(1.5, 2.0),
                      -infinity,
                      infinity,
                      nan_value};
    const auto made = place_field(strip{}, spikes, times, positions);
    CHECK(made.counts == std::vector<std::uint32_t>{1, 1, 2}); // a spike on the last sample is where that sample is
    CHECK(made.spikes_used == 4);
    CHECK(made.discarded == discarded_spikes{.nan_time = 1, .outside_time = 4});
    CHECK(made.discarded.total() + made.spikes_used == spikes.size());
}

TEST_CASE("place_field: a spike on the last sample belongs to the last interval") {
    CHECK(place_field(strip{}, list{2}, list{0, 0.25, 2}, at_x({5, 5, 5})).discarded == discarded_spikes{.in_gap = 1});
    CHECK(place_field(strip{}, list{0.5}, list{0, 0.25, 0.5}, at_x({5, nan_value, 5})).discarded ==
          discarded_spikes{.lost_tracking = 1});
}

TEST_CASE("place_field: a spike on the last sample lies exactly there, though interpolation would round") {
    // The last sample is on the edge of bin 1; look for a step whose slope times its duration falls short of it.
    std::mt19937_64 engine(3);
    std::uniform_real_distribution<double> uniform(0, 0.5);
    std::size_t tried = 0;
    for (std::size_t round = 0; round < 1000; ++round) {
        const double start = uniform(engine);
        const double duration = uniform(engine);
        if ((10 - start) / duration * duration + start < 10) {
            ++tried;
            CHECK(place_field(strip{}, list{duration}, list{0, duration}, at_x({start, 10})).counts ==
                  std::vector<std::uint32_t>{0, 1, 0});
        }
    }
    CHECK(tried > 0);
}

TEST_CASE("place_field: a bin with spikes and no time has no rate, and the spikes are still counted") {
    // From bin 0 straight to bin 2: halfway the animal was in bin 1.
    const auto made = place_field(strip{}, list{0.25, 0.01}, list{0, 0.5}, at_x({5, 25}));
    CHECK(made.counts == std::vector<std::uint32_t>{1, 1, 0});
    CHECK(same(made.rate, {2, nan_value, nan_value}));
    CHECK(made.spikes_used == 2);
    CHECK(made.spikes_without_rate == 1);
    CHECK(made.discarded.total() == 0);
}

TEST_CASE("place_field: lost tracking takes its interval's time and spikes, before it the last sample stands") {
    const list times{0, 0.25, 0.5, 0.75, 1};
    auto positions = at_x({5, nan_value, 15, 15, 15});
    const auto made = place_field(strip{}, list{0.2, 0.3, 0.6}, times, positions);
    CHECK(made.occupancy_s == list{0.25, 0.5, 0});
    CHECK(made.time.lost_tracking_s == 0.25);
    CHECK(made.counts == std::vector<std::uint32_t>{1, 1, 0}); // the one at 0.2 s lies at x = 5
    CHECK(made.discarded == discarded_spikes{.lost_tracking = 1});
    positions(1, 0) = 5; // one lost coordinate is as good as two
    positions(1, 1) = nan_value;
    const auto half = place_field(strip{}, list{0.2, 0.3, 0.6}, times, positions);
    CHECK(half.counts == made.counts);
    CHECK(half.discarded == made.discarded);
}

TEST_CASE("place_field: outside the space neither time nor spikes count") {
    const list times{0, 0.25, 0.5, 0.75};
    const auto made = place_field(strip{}, list{0.1, 0.3, 0.65}, times, at_x({29, -5, 5, 65}));
    CHECK(made.occupancy_s == list{0.25, 0, 0.25});
    CHECK(made.time.outside_space_s == 0.25);
    // 0.1 s: on the way out through bin 1; 0.3 s: starts outside; 0.65 s: starts inside, is already out.
    CHECK(made.counts == std::vector<std::uint32_t>{0, 1, 0});
    CHECK(made.discarded == discarded_spikes{.outside_space = 2});
    const auto infinite = place_field(strip{}, list{0.3}, times, at_x({5, infinity, 5, 5}));
    CHECK(infinite.discarded == discarded_spikes{.outside_space = 1});
    CHECK(infinite.time.outside_space_s == 0.25);
}

TEST_CASE("place_field: less time than the minimum gives no value, exactly the minimum gives one") {
    const list times{0, 0.25, 0.5, 0.75, 1};
    const auto made =
        place_field(strip{}, list{0.1, 0.4, 0.8}, times, at_x({5, 15, 15, 25, 25}), {.min_occupancy_s = 0.5});
    CHECK(made.occupancy_s == list{0.25, 0.5, 0.25});
    CHECK(same(made.rate, {nan_value, 2, nan_value}));
    CHECK(made.spikes_used == 3);
    CHECK(made.spikes_without_rate == 2);
}

TEST_CASE("place_field: no spikes, nowhere tracked, never in the space") {
    const list times{0, 0.25, 0.5};
    CHECK(same(place_field(strip{}, list{}, times, at_x({5, 5, 5})).rate, {0, nan_value, nan_value}));
    const auto lost = place_field(strip{}, list{0.1}, times, at_x({nan_value, nan_value, nan_value}));
    CHECK(same(lost.rate, {nan_value, nan_value, nan_value}));
    CHECK(lost.time.lost_tracking_s == 0.5);
    const auto out = place_field(strip{}, list{0.1}, times, at_x({-5, -5, -5}));
    CHECK(same(out.rate, {nan_value, nan_value, nan_value}));
    CHECK(out.time.outside_space_s == 0.5);
}

TEST_CASE("place_field: nothing is lost, spikes need no order, and an independent count agrees") {
    std::mt19937_64 engine(77);
    std::uniform_real_distribution<double> uniform(0, 1);
    for (std::size_t round = 0; round < 40; ++round) {
        CAPTURE(round);
        const std::size_t samples = 2 + engine() % 400;
        list times;
        std::vector<point_xy> points;
        double time_s = round % 2 == 0 ? 0 : 1.6e9;
        for (std::size_t i = 0; i < samples; ++i) {
            times.push_back(time_s);
            time_s += engine() % 10 == 0 ? 0.75 : 0.0625;
            const bool lost = engine() % 12 == 0;
            points.push_back({lost ? nan_value : uniform(engine) * 36 - 3, uniform(engine) * 2.2 - 0.1});
        }
        const table positions = positions_of(points);
        list spikes;
        for (std::size_t i = 0; i < 300; ++i) {
            spikes.push_back(times.front() - 1 + uniform(engine) * (times.back() - times.front() + 2));
        }
        for (std::size_t i = 0; i < 20; ++i) {
            spikes.push_back(times[engine() % samples]); // exactly on samples, some twice
        }
        const auto made = place_field(strip{}, spikes, times, positions);

        CHECK(sum(made.occupancy_s) == doctest::Approx(made.time.counted_s));
        CHECK(made.time.total_s() == doctest::Approx(times.back() - times.front()));
        CHECK(sum(as_list(made.counts)) == static_cast<double>(made.spikes_used));
        CHECK(made.spikes_used + made.discarded.total() == spikes.size());

        std::vector<std::uint32_t> counts(3);
        for (const double at : spikes) {
            if (at < times.front() || at > times.back()) {
                continue;
            }
            std::size_t k = 0;
            while (k + 2 < samples && times[k + 1] <= at) {
                ++k;
            }
            if (times[k + 1] - times[k] > 0.5 || !strip{}.bin_at(points[k].x, points[k].y)) {
                continue;
            }
            const double part = (at - times[k]) / (times[k + 1] - times[k]);
            point_xy place{points[k].x + part * (points[k + 1].x - points[k].x),
                           points[k].y + part * (points[k + 1].y - points[k].y)};
            place = std::isnan(place.x) ? points[k] : place;
            if (const auto bin = strip{}.bin_at(place.x, place.y)) {
                ++counts[*bin];
            }
        }
        CHECK(made.counts == counts);

        std::sort(spikes.begin(), spikes.end());
        const auto sorted = place_field(strip{}, spikes, times, positions);
        CHECK(sorted.counts == made.counts);
        CHECK(sorted.discarded == made.discarded);
        std::reverse(spikes.begin(), spikes.end());
        CHECK(place_field(strip{}, spikes, times, positions).counts == made.counts);
    }
}

TEST_CASE("place_field: a recording that starts at 1.6e9 s gives the same field as one at 0") {
    const table positions = at_x({5, 15, 15, 25, 5, 15});
    list times{0, 0.25, 0.375, 0.5, 0.875, 1};
    list spikes{0.125, 0.25, 0.4375, 0.75, 1};
    const auto early = place_field(strip{}, spikes, times, positions);
    for (auto* values : {&times, &spikes}) {
        for (double& value : *values) {
            value += 1.6e9;
        }
    }
    const auto late = place_field(strip{}, spikes, times, positions);
    CHECK(late.rate == early.rate);
    CHECK(late.counts == early.counts);
}

TEST_CASE("place_field: takes xtensor arrays, single precision, and any space") {
    const auto positions = at_x({5, 15, 15, 25, 5, 15});
    const list times{0, 0.25, 0.375, 0.5, 0.875, 1};
    const list spikes{0.125, 0.25, 0.4375, 0.75, 1};
    const auto expected = place_field(strip{}, spikes, times, positions);
    xt::xtensor<float, 2> table2 = xt::zeros<float>({6, 2});
    xt::xtensor<double, 1> list1 = xt::zeros<double>({6});
    for (std::size_t i = 0; i < 6; ++i) {
        table2(i, 0) = static_cast<float>(positions(i, 0));
        table2(i, 1) = static_cast<float>(positions(i, 1));
        list1(i) = times[i];
    }
    const any_space erased = strip{};
    const auto made = place_field(erased, std::vector<float>(spikes.begin(), spikes.end()), list1, table2);
    CHECK(same(made.rate, expected.rate));
    CHECK(made.counts == expected.counts);
    const grid same_bins = grid::full({0, 0}, {30, 2}, {3, 1});
    CHECK(same(place_field(same_bins, spikes, times, positions).rate, expected.rate));
}

TEST_CASE("place_field: the recorded grid cell fires at 3.8 Hz, and no spike is unaccounted for") {
    const std::string folder = "data/openfield_mouse_M12_2018-04-10/";
    const auto positions = space_test::shared(folder + "positions");
    const auto times = space_test::shared(folder + "times");
    const auto spikes = space_test::shared(folder + "spikes_cell02");
    if (!positions || !times || !spikes) {
        MESSAGE("skipped: the recorded mouse is not in the shared folder");
        return;
    }
    const grid bins = grid::from_samples(*positions, {.bin_size = 4});
    const auto made = place_field(bins, *spikes, *times, *positions);
    CHECK(made.spikes_used + made.discarded.total() == 6061);
    CHECK(static_cast<double>(made.spikes_used) / made.time.counted_s == doctest::Approx(3.8).epsilon(0.02));
    CHECK(sum(made.occupancy_s) == doctest::Approx(times->values.back() - times->values.front()));
}

TEST_CASE("place_field: bad input is refused with a sentence") {
    const list times{0, 0.25, 0.5};
    const table positions = at_x({5, 5, 5});
    CHECK_THROWS_WITH_AS(occupancy(strip{}, list{0, 0.25, 0.125}, positions),
                         "times[2] is 0.125 after 0.25; times must increase; sort the samples by time and remove "
                         "duplicates",
                         data_error);
    CHECK_THROWS_WITH_AS(occupancy(strip{}, list{0, 0.25, 0.25}, positions),
                         "times[2] is 0.25 after 0.25; times must increase; sort the samples by time and remove "
                         "duplicates",
                         data_error);
    CHECK_THROWS_WITH_AS(occupancy(strip{}, list{0, nan_value, 0.5}, positions),
                         "times[1] is nan; times must be finite; remove that sample", data_error);
    CHECK_THROWS_WITH_AS(occupancy(strip{}, list{-infinity, 0, 1}, positions),
                         "times[0] is -inf; times must be finite; remove that sample", data_error);
    CHECK_THROWS_WITH_AS(occupancy(strip{}, list{0, 0.25, infinity}, positions, {.max_gap_s = infinity}),
                         "times[2] is inf; times must be finite; remove that sample", data_error);
    try {
        place_field(strip{}, list{}, list{0, 0.25, 0.125}, positions);
        FAIL("times that do not increase were accepted");
    } catch (const data_error& refused) {
        CHECK(refused.index() == 2);
    }
    CHECK_THROWS_WITH_AS(place_field(strip{}, list{}, list{0, 1}, positions),
                         "times has 2 values and positions 3 rows; there must be one time per position; cut or load "
                         "both from the same recording",
                         data_error);
    CHECK_THROWS_WITH_AS(place_field(strip{}, list{}, list{0}, at_x({5})),
                         "times has 1 values; time is counted between samples, so at least 2 are needed; pass more of "
                         "the recording",
                         data_error);
    CHECK_THROWS_AS(place_field(strip{}, list{}, list{}, table{{}, {0, 2}}), data_error);
    CHECK_THROWS_WITH_AS(place_field(strip{}, list{}, list{0, 1}, table{{1, 2, 3, 4, 5, 6}, {2, 3}}),
                         "positions has 3 columns; it must have 2, x and y; pass one row per sample and these two "
                         "columns only",
                         data_error);
    CHECK_THROWS_WITH_AS(place_field(strip{}, list{}, times, positions, {.max_gap_s = 0}),
                         "max_gap_s is 0; it must be positive, in seconds; use infinity for no limit", invalid_value);
    CHECK_THROWS_WITH_AS(occupancy(strip{}, times, positions, {.max_gap_s = nan_value}),
                         "max_gap_s is nan; it must be positive, in seconds; use infinity for no limit", invalid_value);
    CHECK_THROWS_WITH_AS(place_field(strip{}, list{}, times, positions, {.min_occupancy_s = -0.1}),
                         "min_occupancy_s is -0.1; it must be 0 or more seconds; use 0 for no limit", invalid_value);
    CHECK_THROWS_WITH_AS(place_field(strip{}, list{}, times, positions, {.min_occupancy_s = nan_value}),
                         "min_occupancy_s is nan; it must be 0 or more seconds; use 0 for no limit", invalid_value);
}
