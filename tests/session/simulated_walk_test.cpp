// SPDX-License-Identifier: MIT
#include <fieldreel/session/simulated_walk.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

using namespace fieldreel;

namespace {

double distance(point_xy a, point_xy b) {
    return std::hypot(a.x - b.x, a.y - b.y);
}

} // namespace

TEST_CASE("simulated_walk: angles wrap to within half a turn") {
    constexpr double pi = std::numbers::pi;
    CHECK(detail::wrap_angle(pi) == doctest::Approx(pi));
    CHECK(detail::wrap_angle(-pi) == doctest::Approx(pi));
    CHECK(detail::wrap_angle(3 * pi / 2) == doctest::Approx(-pi / 2));
    CHECK(detail::wrap_angle(-7) == doctest::Approx(-7 + 2 * pi));
    CHECK(detail::wrap_angle(0.3) == doctest::Approx(0.3));
}

TEST_CASE("simulated_walk: no part of it leaps, and the walls hold it") {
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
        simulated_walk walk(simulation_task::open_field, {{0, 0}, {60, 60}}, seed);
        auto before = walk.step();
        double fastest_turn = 0;
        for (int i = 0; i < 30000; ++i) {
            walk.advance();
            const auto& now = walk.step();
            REQUIRE(distance(now.neck, before.neck) < 3);
            REQUIRE(distance(now.body, before.body) < 3.1);
            REQUIRE(distance(now.tail_base, before.tail_base) < 3.1);
            REQUIRE(distance(now.tail_tip, before.tail_tip) < 3.1);
            for (const point_xy part : {now.neck, now.body, now.tail_base, now.tail_tip}) {
                REQUIRE((part.x >= 1 && part.x <= 59 && part.y >= 1 && part.y <= 59));
            }
            REQUIRE(now.speed == doctest::Approx(distance(now.neck, before.neck) / simulated_walk::step_s));
            REQUIRE(now.theta_phase > before.theta_phase);
            if (walk.standing()) {
                REQUIRE(now.speed < 2.5);
            }
            fastest_turn = (std::max)(fastest_turn, std::abs(now.head_direction - before.head_direction));
            before = now;
        }
        CHECK(fastest_turn < 0.41); // rad per step of 20 ms
        CHECK(fastest_turn > 0.1);
    }
}

TEST_CASE("simulated_walk: on the track it turns round at the ends only") {
    simulated_walk walk(simulation_task::linear_track, {{0, 0}, {170, 8}}, 4);
    int direction = 1;
    double furthest = walk.step().neck.x;
    int turns = 0;
    for (int i = 0; i < 30000; ++i) {
        walk.advance();
        const double x = walk.step().neck.x;
        furthest = direction > 0 ? (std::max)(furthest, x) : (std::min)(furthest, x);
        if (std::abs(x - furthest) > 10) { // it really goes the other way
            CHECK((furthest < 15 || furthest > 155));
            direction = -direction;
            furthest = x;
            ++turns;
        }
    }
    CHECK(turns > 20);
}
