// SPDX-License-Identifier: MIT
#include "fieldreel/trace/growth.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "support/sentence.hpp"

namespace trace = fieldreel::trace;
using trace::growth_verdict;

namespace {

constexpr double kib = 1.0 / 1024; // in MiB

/// 200 samples of a run, as the program takes them: `value(step)` in MiB, read by the kernel to `grain` with noise.
template <class Value>
std::vector<trace::growth_sample> run_of(double steps, Value value, double noise = 0, double grain = 4 * kib,
                                         unsigned seed = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<double> off(0, 1);
    std::vector<trace::growth_sample> samples;
    for (int i = 0; i < 200; ++i) {
        const double step = steps * i / 200;
        samples.push_back({step, std::floor((value(step) + noise * off(random)) / grain) * grain});
    }
    return samples;
}

std::string verdict(const std::vector<trace::growth_sample>& samples, double noise = 0.5) {
    return std::string(name_of(fit_growth(samples, {.noise = noise}).verdict));
}

} // namespace

TEST_CASE("growth: the slope and its interval, by hand") {
    std::vector<trace::growth_sample> line;
    for (int i = 0; i < 50; ++i) {
        line.push_back({2.0 * i, 10 + 0.5 * i});
    }
    line[30].value = 1000; // turns a least-squares line, and not this one
    const trace::growth found = trace::fit_growth(line);
    CHECK(found.samples == 25);
    CHECK(found.per_step == doctest::Approx(0.25));
    CHECK(found.lower == doctest::Approx(0.25));
    CHECK(found.upper == doctest::Approx(0.25));
    CHECK(found.rise == doctest::Approx(12));
    CHECK(found.verdict == growth_verdict::leak);
    // Without a trend the interval is around 0: its ends are the slopes
    // 2.576 * sqrt(24 * 23 * 53 / 18) = 103.9 ranks of 276 apart.
    std::vector<trace::growth_sample> mixed;
    for (int i = 0; i < 24; ++i) {
        mixed.push_back({static_cast<double>(i), static_cast<double>(i * 7 % 24)});
    }
    const trace::growth level = trace::fit_growth(mixed, {.warm_up = 0});
    std::vector<double> slopes;
    for (int i = 0; i < 24; ++i) {
        for (int k = i + 1; k < 24; ++k) {
            slopes.push_back(static_cast<double>(k * 7 % 24 - i * 7 % 24) / (k - i));
        }
    }
    std::sort(slopes.begin(), slopes.end());
    CHECK(level.lower == slopes[86]); // (276 - 103.9) / 2
    CHECK(level.upper == slopes[189]);
    CHECK(level.lower < 0);
    CHECK(level.upper > 0);
    CHECK(level.verdict == growth_verdict::none);
}

TEST_CASE("growth: a planted leak of 1 KB per step is found, whatever the noise of the measurement") {
    for (const double steps : {2000.0, 10000.0, 100000.0}) {
        int outside = 0;
        for (unsigned seed = 1; seed <= 100; ++seed) {
            CAPTURE(steps);
            CAPTURE(seed);
            const auto leaking = [](double step) { return 50 + step * 1000 / (1024 * 1024); };
            CHECK(verdict(run_of(steps, leaking, 0.02, 4 * kib, seed)) == "leak");
            const trace::growth found = fit_growth(run_of(steps, leaking, 0.02, 4 * kib, seed), {.noise = 0.5});
            const double planted = 1000.0 / (1024 * 1024);
            outside += found.lower > planted || found.upper < planted ? 1 : 0;
        }
        CHECK(outside <= 4); // a 99 % interval
    }
    // Exact counts of the heap need no more than a few steps.
    CHECK(verdict(run_of(
                      200, [](double step) { return step * kib; }, 0, kib),
                  32 * kib) == "leak");
    // A leak stays one beside a cache that fills and beside spikes.
    CHECK(verdict(run_of(10000, [](double step) {
              return 80 * (1 - std::exp(-step / 500)) + step * kib + (static_cast<int>(step) % 1000 == 0 ? 30 : 0);
          })) == "leak");
}

TEST_CASE("growth: what only warms up, wobbles, falls or jumps once is no leak") {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        CAPTURE(seed);
        CHECK(verdict(run_of(
                  100000, [](double) { return 50.0; }, 0.1, 4 * kib, seed)) == "no leak");
        CHECK(verdict(run_of(
                  1000, [](double step) { return 200 * (1 - std::exp(-step / 50)); }, 0.02, 4 * kib, seed)) ==
              "no leak");
        // Memory wanders: each sample starts from the one before.
        std::mt19937 random(seed);
        std::normal_distribution<double> off(0, 0.02);
        double at = 50;
        const auto wandering = run_of(100000, [&](double) { return at += off(random); });
        CHECK(verdict(wandering) != "leak");
    }
    CHECK(verdict(run_of(1000, [](double) { return 50.0; }), 0) == "no leak");
    CHECK(verdict(run_of(1000, [](double step) { return 90 - step * kib; }), 0) == "no leak");
    CHECK(verdict(run_of(1000, [](double step) { return step < 700 ? 50.0 : 50.4; })) == "no leak"); // under the noise
    CHECK(verdict(run_of(1000, [](double step) { return step == 700 ? 500.0 : 50.0; })) == "no leak");
    CHECK(verdict(run_of(1000, [](double step) { return 50 + step * 0.5 * kib; })) == "no leak"); // 0.25 MiB in all
}

TEST_CASE("growth: jumps that stay are said to be suspicious, not a leak") {
    CHECK(verdict(run_of(1000, [](double step) { return step < 900 ? 50.0 : 90.0; })) == "suspicious");
    CHECK(verdict(run_of(1000, [](double step) { return std::exp2(std::floor(std::log2(step + 1))); })) ==
          "no leak"); // the last doubling was at 511, in the warm-up
    CHECK(verdict(run_of(2000, [](double step) {
              return step < 1300 ? 50.0 : step < 1650 ? 60.0 : 70.0;
          })) == "suspicious");
    // It grew until three quarters of the run, and no more.
    CHECK(verdict(run_of(2000, [](double step) { return 50 + std::fmin(step, 1500) * kib * 10; })) == "suspicious");
}

TEST_CASE("growth: too few samples say nothing, bad options are refused") {
    std::vector<trace::growth_sample> some;
    CHECK(verdict(some) == "too few steps");
    for (int i = 0; i < 47; ++i) {
        some.push_back({static_cast<double>(i), static_cast<double>(i)});
    }
    CHECK(fit_growth(some).samples == 24);
    CHECK(verdict(some) == "leak");
    some.pop_back();
    CHECK(verdict(some) == "too few steps");
    CHECK(verdict(std::vector<trace::growth_sample>(100, {1, 2})) == "too few steps"); // no step was made
    const std::string allowed = "; noise and z from 0 on and warm_up from 0 to below 1 are allowed; leave them unset";
    CHECK(support::sentence_of<fieldreel::invalid_value>([&] { fit_growth(some, {.noise = -1}); }) ==
          "noise -1, z 2.576 and warm_up 0.5 were given" + allowed);
    CHECK(support::sentence_of<fieldreel::invalid_value>([&] { fit_growth(some, {.warm_up = 1}); }) ==
          "noise 0, z 2.576 and warm_up 1 were given" + allowed);
    CHECK(support::sentence_of<fieldreel::invalid_value>([&] { fit_growth(some, {.z = std::nan("")}); }) ==
          "noise 0, z nan and warm_up 0.5 were given" + allowed);
}

TEST_CASE("growth: a million samples are fitted by at most 512 of them") {
    std::vector<trace::growth_sample> many;
    for (int i = 0; i < 1000000; ++i) {
        many.push_back({static_cast<double>(i), 50 + 1e-6 * i});
    }
    const trace::growth found = fit_growth(many);
    CHECK(found.samples <= 512);
    CHECK(found.samples > 400);
    CHECK(found.rise == doctest::Approx(0.5).epsilon(0.01));
}

TEST_CASE("growth: a log of a run of unknown length keeps evenly spread samples in bounded memory") {
    for (const std::size_t capacity : {std::size_t{16}, std::size_t{17}}) {
        CAPTURE(capacity);
        trace::growth_log log(capacity, 3);
        const auto* const where = log.samples().data();
        for (std::size_t step = 0; step < 10000; ++step) {
            if (log.due(step)) {
                log.add(step, static_cast<double>(2 * step));
            }
            REQUIRE(log.samples().size() <= capacity);
        }
        CHECK(log.samples().data() == where);
        CHECK(log.samples().size() >= 8);
        for (std::size_t i = 0; i < log.samples().size(); ++i) {
            CHECK(log.samples()[i].step == static_cast<double>(i * log.every()));
            CHECK(log.samples()[i].value == 2 * log.samples()[i].step);
        }
        CHECK(log.samples().back().step + static_cast<double>(log.every()) > 9999);
    }
}
