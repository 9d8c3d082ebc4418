// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <fieldreel/playback/step_report.hpp>

namespace {

using namespace fieldreel;

TEST_CASE("the total of a step is the sum of its stages") {
    CHECK(step_report{}.total_ms() == 0);
    CHECK(step_report{.read_ms = 1, .overlay_ms = 2, .present_ms = 4}.total_ms() == 7);
}

TEST_CASE("laps follow one another without holes") {
    detail::lap_timer whole;
    detail::lap_timer parts;
    double sum = 0;
    for (int i = 0; i < 1000; ++i) {
        const double lap = parts.lap_ms();
        CHECK(lap >= 0);
        sum += lap;
    }
    const double total = whole.lap_ms();
    CHECK(sum > 0);
    CHECK(sum <= total);
}

} // namespace
