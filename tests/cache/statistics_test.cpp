// SPDX-License-Identifier: MIT
// Durations as they are counted, against a sorted list.
#include <fieldreel/cache/statistics.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using fieldreel::detail::duration_counts;

TEST_CASE("durations: nothing counted is 0, one is itself") {
    duration_counts none;
    CHECK(none.total_s() == 0);
    CHECK(none.percentile_s(0.5) == 0);
    CHECK(none.longest_s() == 0);
    duration_counts one;
    one.add(20'000'000, 1);
    CHECK(one.percentile_s(0.5) == doctest::Approx(0.020));
    CHECK(one.percentile_s(0.99) == doctest::Approx(0.020));
    CHECK(one.total_s() == doctest::Approx(0.020));
}

TEST_CASE("durations: percentiles within an eighth above, totals exact, from nanoseconds to hours") {
    std::mt19937 random(5);
    for (int round = 0; round < 50; ++round) {
        duration_counts counts;
        std::vector<std::int64_t> all;
        double total = 0;
        const double widest = 1 + static_cast<double>(random() % 30);
        for (int n = 0; n < 500; ++n) {
            const auto ns = static_cast<std::int64_t>(std::exp2(static_cast<double>(random() % 1000) / 1000 * widest));
            const std::size_t times = 1 + random() % 3;
            counts.add(ns, times);
            all.insert(all.end(), times, ns);
            total += static_cast<double>(ns) * static_cast<double>(times);
        }
        std::sort(all.begin(), all.end());
        CHECK(counts.total_s() == doctest::Approx(1e-9 * total));
        CHECK(counts.longest_s() == doctest::Approx(1e-9 * static_cast<double>(all.back())));
        for (const double share : {0.0, 0.5, 0.9, 0.99}) {
            const auto exact =
                1e-9 * static_cast<double>(all[static_cast<std::size_t>(share * static_cast<double>(all.size()))]);
            CHECK(counts.percentile_s(share) >= exact);
            CHECK(counts.percentile_s(share) <= exact * 1.125 + 1e-9);
        }
    }
    duration_counts long_ones; // past the last step, and a clock that went back
    long_ones.add(std::int64_t{3'600'000'000'000}, 1);
    CHECK(long_ones.percentile_s(0.5) > 1000);
    CHECK(long_ones.percentile_s(0.5) <= long_ones.longest_s());
    long_ones.add(-5, 1);
    CHECK(long_ones.longest_s() == 3600);
}
