// SPDX-License-Identifier: MIT
#include <string>

#include <doctest/doctest.h>

#include <fieldreel/window/recent_times.hpp>

#include "support/sentence.hpp"

TEST_CASE("durations of late have a last one and percentiles") {
    fieldreel::recent_times times(100);
    CHECK(times.count() == 0);
    CHECK(times.last() == 0);
    CHECK(times.percentile(0.5) == 0);
    for (int i = 1; i <= 100; ++i) {
        times.add(101 - i); // 100 down to 1
    }
    CHECK(times.count() == 100);
    CHECK(times.last() == 1);
    CHECK(times.percentile(0) == 1);
    CHECK(times.percentile(0.5) == 50);
    CHECK(times.percentile(0.99) == 99);
    CHECK(times.percentile(1) == 100);
    CHECK(times.percentile(7) == 100);
}

TEST_CASE("durations of late forget what is long ago") {
    fieldreel::recent_times times(4);
    for (const double ms : {1000.0, 1.0, 2.0, 3.0, 4.0}) {
        times.add(ms);
    }
    CHECK(times.count() == 5);
    CHECK(times.last() == 4);
    CHECK(times.percentile(1) == 4);
    times.clear();
    CHECK(times.count() == 0);
    CHECK(times.percentile(1) == 0);
    times.add(7);
    CHECK(times.percentile(0.99) == 7);
}

TEST_CASE("durations of late need room for one") {
    CHECK(support::sentence_of<fieldreel::invalid_value>([] { fieldreel::recent_times(0); }) ==
          "the last 0 durations were to be kept; keep at least 1; 4096 is usual");
}
