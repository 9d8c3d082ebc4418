// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/playback/clock.hpp>

#include "support/sentence.hpp"

namespace {

using fieldreel::invalid_value;
using fieldreel::play_mode;
using fieldreel::time_range;
using recording_clock = fieldreel::clock; // POSIX has a function of this name

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

TEST_CASE("a clock stands at the start of its range until it plays") {
    for (const time_range range : {time_range{0, 10}, time_range{5, 10}, time_range{-10, 5}, time_range{-10, -5},
                                   time_range{1.6e9, 1.6e9 + 10}, time_range{3, 3}}) {
        CAPTURE(range.start_s);
        recording_clock clock(range);
        CHECK(clock.time_s(0) == range.start_s);
        CHECK(clock.time_s(1000) == range.start_s);
        CHECK(!clock.playing());
        CHECK(clock.speed() == 1);
        CHECK(clock.velocity(0) == 0);
        CHECK(!clock.finished(1000));
        CHECK(clock.range() == range);
    }
}

TEST_CASE("every mode at every speed: the time shown after so many seconds of the host") {
    struct row {
        play_mode mode;
        double speed;
        double host_s; ///< since play
        double shown_s;
        double velocity;
        bool finished;
    };
    // The range is 10 s long; backwards starts at its end.
    const std::vector<row> rows = {
        {play_mode::once, 1, 0, 0, 1, false},
        {play_mode::once, 1, 4, 4, 1, false},
        {play_mode::once, 1, 10, 10, 0, true},
        {play_mode::once, 1, 1e9, 10, 0, true},
        {play_mode::once, 2.5, 2, 5, 2.5, false},
        {play_mode::once, 1e-6, 1e6, 1, 1e-6, false},
        {play_mode::once, 1e9, 1e-9, 1, 1e9, false},
        {play_mode::once, -1, 0, 10, -1, false},
        {play_mode::once, -1, 4, 6, -1, false},
        {play_mode::once, -2, 5, 0, 0, true},
        {play_mode::once, -2, 50, 0, 0, true},
        {play_mode::loop, 1, 4, 4, 1, false},
        {play_mode::loop, 1, 10, 0, 1, false},
        {play_mode::loop, 1, 1004, 4, 1, false},
        {play_mode::loop, 3, 4, 2, 3, false},
        {play_mode::loop, -1, 4, 6, -1, false},
        {play_mode::loop, -1, 14, 6, -1, false},
        {play_mode::loop, -3, 4, 8, -3, false},
        {play_mode::loop, 1e9, 1e-9 * 14, 4, 1e9, false},
        {play_mode::ping_pong, 1, 4, 4, 1, false},
        {play_mode::ping_pong, 1, 14, 6, -1, false},
        {play_mode::ping_pong, 1, 20, 0, 1, false},
        {play_mode::ping_pong, 1, 2024, 4, 1, false},
        {play_mode::ping_pong, 4, 3, 8, -4, false},
        {play_mode::ping_pong, -1, 4, 6, -1, false},
        {play_mode::ping_pong, -1, 14, 4, 1, false},
        {play_mode::ping_pong, -1, 34, 4, 1, false},
        {play_mode::scrub, 1, 4, 4, 1, false},
        {play_mode::scrub, 1, 40, 10, 1, false},
    };
    for (const double start_s : {0.0, -3.0, 1.6e9}) {
        for (const row& r : rows) {
            CAPTURE(start_s);
            CAPTURE(static_cast<int>(r.mode));
            CAPTURE(r.speed);
            CAPTURE(r.host_s);
            for (const double host_start_s : {0.0, 12345.0}) {
                recording_clock clock({start_s, start_s + 10}, r.mode);
                clock.set_speed(r.speed, host_start_s);
                clock.seek(r.speed > 0 ? start_s : start_s + 10, host_start_s);
                clock.play(host_start_s);
                // A microsecond: what is left of 1.6e9 s, or of 12345 s times a speed of 1e9.
                const double tolerance = host_start_s > 0 && r.speed > 1e6 ? 10 : 1e-6;
                CHECK(std::abs(clock.time_s(host_start_s + r.host_s) - start_s - r.shown_s) <= tolerance);
                if (tolerance < 1) {
                    CHECK(clock.velocity(host_start_s + r.host_s) == r.velocity);
                    CHECK(clock.finished(host_start_s + r.host_s) == r.finished);
                }
            }
        }
    }
}

TEST_CASE("the time shown is never outside the range, and at the end it is exactly the end") {
    std::mt19937_64 engine(4);
    std::uniform_real_distribution<double> uniform(0, 1);
    for (int k = 0; k < 20'000; ++k) {
        const double start_s = (k % 3 == 0 ? 1.6e9 : k % 3 == 1 ? 1 : -50) * uniform(engine);
        const time_range range{start_s, start_s + 100 * uniform(engine)};
        const auto mode = static_cast<play_mode>(k % 4);
        recording_clock clock(range, mode);
        clock.set_speed((uniform(engine) - 0.5) * 100, 0);
        clock.play(0);
        const double now_s = 1000 * uniform(engine);
        const double shown_s = clock.time_s(now_s);
        REQUIRE(shown_s >= range.start_s);
        REQUIRE(shown_s <= range.stop_s);
        clock.pause(now_s);
        clock.set_mode(play_mode::once, now_s);
        clock.set_speed(1, now_s);
        clock.play(now_s);
        REQUIRE(clock.time_s(now_s + 1e6) == range.stop_s);
        clock.seek(range.stop_s, now_s);
        REQUIRE(clock.time_s(now_s) == range.stop_s);
    }
}

TEST_CASE("pausing stops time, and playing goes on from there") {
    recording_clock clock({0, 10});
    clock.play(100);
    clock.pause(103);
    CHECK(clock.time_s(500) == 3);
    CHECK(clock.velocity(500) == 0);
    clock.play(500);
    CHECK(clock.time_s(502) == 5);
    clock.play(502); // again, while it plays
    CHECK(clock.time_s(503) == 6);
    clock.pause(504);
    clock.pause(600);
    CHECK(clock.time_s(600) == 7);
}

TEST_CASE("playing once more from the end starts over") {
    recording_clock clock({2, 10});
    clock.play(0);
    CHECK(clock.finished(8));
    clock.play(20);
    CHECK(clock.time_s(20) == 2);
    CHECK(clock.time_s(21) == 3);
    clock.set_speed(-1, 21);
    CHECK(clock.finished(23));
    clock.play(30);
    CHECK(clock.time_s(30) == 10);
    recording_clock looping({2, 10}, play_mode::loop);
    looping.seek(10, 0);
    looping.play(0);
    CHECK(looping.time_s(1) == 3);
}

TEST_CASE("seeking while playing goes on from the new time, and stays inside the range") {
    recording_clock clock({0, 10});
    clock.play(0);
    clock.seek(7, 1);
    CHECK(clock.time_s(1) == 7);
    CHECK(clock.time_s(2) == 8);
    clock.seek(-5, 2);
    CHECK(clock.time_s(2) == 0);
    clock.seek(inf, 2);
    CHECK(clock.time_s(2) == 10);
    CHECK(clock.finished(2));
    clock.seek(9, 3);
    CHECK(!clock.finished(3));
    CHECK(clock.finished(4));
}

TEST_CASE("a change of speed leaves the shown time where it is") {
    for (const play_mode mode : {play_mode::once, play_mode::loop, play_mode::ping_pong}) {
        recording_clock clock({0, 10}, mode);
        clock.play(0);
        double now_s = 0;
        for (const double speed : {0.5, -1.0, 3.0, 1e-3, -7.0, 100.0, -0.25}) {
            now_s += 1.7;
            const double before = clock.time_s(now_s);
            clock.set_speed(speed, now_s);
            CHECK(clock.time_s(now_s) == doctest::Approx(before));
            CHECK(clock.speed() == speed);
        }
    }
}

TEST_CASE("ping-pong keeps its direction through pause, seek and a new range") {
    recording_clock clock({0, 10}, play_mode::ping_pong);
    clock.play(0);
    CHECK(clock.velocity(13) == -1); // on the way back, at 7
    clock.pause(13);
    clock.play(20);
    CHECK(clock.time_s(21) == 6);
    CHECK(clock.velocity(21) == -1);
    clock.seek(4, 21);
    CHECK(clock.time_s(22) == 3);
    CHECK(clock.velocity(22) == -1);
    clock.set_range({1, 8}, 22);
    CHECK(clock.time_s(22) == 3);
    CHECK(clock.time_s(23) == 2);
    CHECK(clock.velocity(23) == -1);
    CHECK(clock.time_s(25) == 2); // turned at 1
    CHECK(clock.velocity(25) == 1);
    clock.set_speed(-1, 25);
    CHECK(clock.time_s(25) == 2);
    CHECK(clock.velocity(25) == -1);
}

TEST_CASE("a change of mode leaves the shown time where it is") {
    recording_clock clock({0, 10}, play_mode::ping_pong);
    clock.play(0);
    clock.set_mode(play_mode::loop, 13);
    CHECK(clock.mode() == play_mode::loop);
    CHECK(clock.time_s(13) == 7);
    CHECK(clock.time_s(17) == 1);
    clock.set_mode(play_mode::once, 17);
    CHECK(clock.time_s(100) == 10);
    clock.set_mode(play_mode::ping_pong, 100);
    CHECK(clock.time_s(101) == 9);
}

TEST_CASE("a new range keeps the shown time, or moves it to the nearest end") {
    recording_clock clock({0, 10});
    clock.play(0);
    clock.set_range({2, 5}, 4);
    CHECK(clock.time_s(4) == 4);
    CHECK(clock.finished(5));
    clock.set_range({7, 9}, 5);
    CHECK(clock.time_s(5) == 7);
    CHECK(clock.time_s(6) == 8);
    clock.set_range({0, 3}, 6);
    CHECK(clock.time_s(6) == 3);
    clock.set_range({3, 3}, 6);
    CHECK(clock.time_s(99) == 3);
    for (const play_mode mode : {play_mode::loop, play_mode::ping_pong, play_mode::scrub}) {
        clock.set_mode(mode, 99);
        CHECK(clock.time_s(100) == 3);
    }
}

TEST_CASE("a million steps do not drift, also when the times are those of a calendar") {
    for (const double start_s : {0.0, 1.6e9}) {
        recording_clock clock({start_s, start_s + 10}, play_mode::loop);
        clock.play(0);
        const double step_s = 1.0 / 60;
        double worst = 0;
        for (int i = 0; i < 1'000'000; ++i) {
            const double now_s = i * step_s;
            const double expected = std::fmod(now_s, 10);
            const double difference = std::abs(clock.time_s(now_s) - start_s - expected);
            worst = std::fmax(worst, std::fmin(difference, std::abs(difference - 10)));
        }
        CHECK(worst < (start_s == 0 ? 1e-9 : 3e-7)); // 2.4e-7 s is what float64 tells apart at 1.6e9
    }
}

TEST_CASE("a clock refuses what makes no sense, in a sentence") {
    recording_clock clock({0, 10});
    CHECK(support::sentence_of<invalid_value>([&] { clock.seek(nan, 0); }) ==
          "a seek to NaN was asked for; give a time in seconds");
    CHECK(support::sentence_of<invalid_value>([&] { clock.set_speed(0, 0); }) ==
          "a speed of 0 was asked for; it must be finite and not 0; pause to stand still");
    CHECK(support::sentence_of<invalid_value>([&] { clock.set_speed(nan, 0); }) ==
          "a speed of nan was asked for; it must be finite and not 0; pause to stand still");
    CHECK(support::sentence_of<invalid_value>([&] { clock.set_speed(-inf, 0); }) ==
          "a speed of -inf was asked for; it must be finite and not 0; pause to stand still");
    CHECK(support::sentence_of<invalid_value>([&] {
              clock.set_range({5, 4}, 0);
          }) == "a range from 5 s to 4 s was asked for; both must be finite and the start not after the stop");
    CHECK(support::sentence_of<invalid_value>([&] {
              clock.set_range({nan, 4}, 0);
          }) == "a range from nan s to 4 s was asked for; both must be finite and the start not after the stop");
    CHECK(support::sentence_of<invalid_value>([] {
              recording_clock({0, inf});
          }) == "a range from 0 s to inf s was asked for; both must be finite and the start not after the stop");
    CHECK(clock.range() == time_range{0, 10}); // a refusal changes nothing
    CHECK(clock.speed() == 1);
}

} // namespace
