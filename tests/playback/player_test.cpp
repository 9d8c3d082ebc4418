// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/playback/player.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/viewer/headless_viewer.hpp>

#include "support/fixed_time.hpp"
#include "support/playback_archetypes.hpp"
#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t no_data = static_cast<std::size_t>(-1);

/// Notes what it is shown and when, and takes its time.
struct slow_viewer {
    support::fixed_time timer;
    double seconds_per_scene = 0;
    std::size_t slow_scene = no_data; ///< only this one, where given
    std::vector<std::size_t> frames;
    std::vector<double> times;
    std::vector<double> host_times;
    void present(const scene& now) {
        host_times.push_back(timer.now_s());
        times.push_back(now.time_s);
        frames.push_back(now.fields.empty() ? no_data : now.fields[0].frame().value_or(no_data));
        if (slow_scene == no_data || slow_scene + 1 == times.size()) {
            timer.pass(seconds_per_scene);
        }
    }
};

playback recording(std::vector<double> times) {
    const std::size_t count = times.size();
    playback out;
    out.add_field(
        generate<float>(count, 1, [](std::size_t i, std::span<float> values) { values[0] = static_cast<float>(i); }) |
            timed(std::move(times)),
        grid::full({0, 0}, {1, 1}, {1, 1}), {});
    return out;
}

std::vector<double> even_times(std::size_t count, double rate_hz, double start_s = 0) {
    std::vector<double> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(start_s + static_cast<double>(i) / rate_hz);
    }
    return out;
}

using frames = std::vector<std::size_t>;

/// Plays and gives back what was shown.
slow_viewer run(playback& what, const play_options& options, slow_viewer surface = {}) {
    play(what, surface, options, surface.timer);
    return surface;
}

// ---- real time ------------------------------------------------------------------------------------------------------

TEST_CASE("in real time, a scene is shown per refresh, and the last one is the end") {
    playback what = recording(even_times(8, 8)); // 1 s
    const slow_viewer seen = run(what, {.refresh_hz = 16});
    REQUIRE(seen.times.size() == 17);
    for (std::size_t i = 0; i < seen.times.size(); ++i) {
        CHECK(seen.times[i] == doctest::Approx(static_cast<double>(i) / 16));
        CHECK(seen.host_times[i] == doctest::Approx(1000 + static_cast<double>(i) / 16));
        CHECK(seen.frames[i] == std::min<std::size_t>(i / 2, 7));
    }
    CHECK(seen.times.back() == what.times().stop_s);
}

TEST_CASE("in real time, what is late is skipped and counted") {
    playback what = recording(even_times(64, 64)); // 1 s; host times are multiples of 1/128 s, which are exact
    slow_viewer slow;
    slow.seconds_per_scene = 3.5 / 64; // three refreshes and a half
    const play_report report = play(what, slow, {.refresh_hz = 64}, slow.timer);
    CHECK(report.shown == slow.times.size());
    CHECK(report.late == report.shown);
    CHECK(report.longest_step_ms == 3500.0 / 64);
    CHECK(slow.times.size() == 17);
    for (std::size_t i = 0; i < slow.times.size(); ++i) { // every fourth refresh
        CHECK(slow.times[i] == static_cast<double>(i) / 16);
    }

    slow_viewer once_slow;
    once_slow.seconds_per_scene = 3.5 / 64;
    once_slow.slow_scene = 10;
    const play_report one = play(what, once_slow, {.refresh_hz = 64}, once_slow.timer);
    CHECK(one.late == 1);
    CHECK(one.shown == 62); // of 65
    CHECK(once_slow.times[10] == 10.0 / 64);
    CHECK(once_slow.times[11] == 14.0 / 64);

    slow_viewer in_time;
    in_time.seconds_per_scene = 1.0 / 64;
    CHECK(play(what, in_time, {.refresh_hz = 64}, in_time.timer).late == 0);
    CHECK(in_time.times.size() == 65);
}

TEST_CASE("in real time, speed and direction are those asked for") {
    playback what = recording(even_times(8, 8));
    const slow_viewer fast = run(what, {.speed = 4, .refresh_hz = 16});
    CHECK(fast.times.size() == 5);
    CHECK(fast.times[1] == doctest::Approx(0.25));
    const slow_viewer back = run(what, {.speed = -1, .refresh_hz = 8});
    CHECK(back.frames == frames{7, 7, 6, 5, 4, 3, 2, 1, 0}); // the end itself belongs to the last frame
    CHECK(back.times.front() == 1);
    CHECK(back.times.back() == 0);
    const slow_viewer slow = run(what, {.speed = 0.125, .refresh_hz = 1});
    CHECK(slow.times.size() == 9);
}

TEST_CASE("in real time, loop and ping-pong go on until max_steps") {
    playback what = recording(even_times(4, 4));
    CHECK(run(what, {.mode = play_mode::loop, .refresh_hz = 4, .max_steps = 10}).frames ==
          frames{0, 1, 2, 3, 0, 1, 2, 3, 0, 1});
    CHECK(run(what, {.mode = play_mode::ping_pong, .refresh_hz = 4, .max_steps = 10}).times ==
          std::vector<double>{0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25, 0, 0.25});
}

TEST_CASE("in real time, a range and a start are kept to") {
    playback what = recording(even_times(100, 10));
    const slow_viewer part = run(what, {.refresh_hz = 10, .range = time_range{2, 3}, .start_s = 2.5});
    CHECK(part.times.front() == 2.5);
    CHECK(part.times.back() == 3);
    CHECK(part.times.size() == 6);
    CHECK(run(what, {.speed = -1, .refresh_hz = 10, .range = time_range{2, 3}}).times.front() == 3);
    CHECK(run(what, {.range = time_range{2, 2}}).times == std::vector<double>{2});
}

TEST_CASE("the clock of a player can be moved while it plays") {
    playback what = recording(even_times(100, 10));
    slow_viewer seen;
    player<support::fixed_time> running(what, {.refresh_hz = 10}, seen.timer);
    CHECK(running.step(seen));
    running.clock().seek(9.8, seen.timer.now_s());
    CHECK(running.step(seen));
    CHECK(seen.times.back() == doctest::Approx(9.9));
    CHECK(!running.step(seen)); // the end
    CHECK(!running.step(seen));
    CHECK(seen.times.size() == 3);
    CHECK(running.report().shown == 3);
}

TEST_CASE("a recording of the calendar's seconds plays as one that starts at 0") {
    playback early = recording(even_times(64, 32));
    playback late = recording(even_times(64, 32, 1.6e9));
    CHECK(run(early, {.refresh_hz = 16}).frames == run(late, {.refresh_hz = 16}).frames);
    const auto each = pacing::every_frame;
    CHECK(run(early, {.pacing = each}).frames == run(late, {.pacing = each}).frames);
}

// ---- every frame ----------------------------------------------------------------------------------------------------

TEST_CASE("every frame is shown, once and in order, however slow the viewer") {
    playback what = recording(even_times(50, 30));
    frames all(50);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = i;
    }
    for (const double seconds : {0.0, 0.01, 0.5}) {
        slow_viewer slow;
        slow.seconds_per_scene = seconds;
        CHECK(run(what, {.pacing = pacing::every_frame}, slow).frames == all);
    }
    frames reversed(all.rbegin(), all.rend());
    CHECK(run(what, {.speed = -1, .pacing = pacing::every_frame}).frames == reversed);
    CHECK(run(what, {.speed = 1000, .pacing = pacing::every_frame}).frames == all);
}

TEST_CASE("every frame: loop, ping-pong and their reverse") {
    playback what = recording(even_times(4, 10));
    const auto seen = [&](play_mode mode, double speed) {
        return run(what, {.speed = speed, .mode = mode, .pacing = pacing::every_frame, .max_steps = 10}).frames;
    };
    CHECK(seen(play_mode::once, 1) == frames{0, 1, 2, 3});
    CHECK(seen(play_mode::scrub, 1) == frames{0, 1, 2, 3});
    CHECK(seen(play_mode::loop, 1) == frames{0, 1, 2, 3, 0, 1, 2, 3, 0, 1});
    CHECK(seen(play_mode::loop, -1) == frames{3, 2, 1, 0, 3, 2, 1, 0, 3, 2});
    CHECK(seen(play_mode::ping_pong, 1) == frames{0, 1, 2, 3, 2, 1, 0, 1, 2, 3});
    CHECK(seen(play_mode::ping_pong, -1) == frames{3, 2, 1, 0, 1, 2, 3, 2, 1, 0});
    playback single = recording({5});
    CHECK(run(single, {.pacing = pacing::every_frame}).frames == frames{0});
    CHECK(run(single, {.mode = play_mode::ping_pong, .pacing = pacing::every_frame, .max_steps = 3}).frames ==
          frames{0, 0, 0});
}

TEST_CASE("every frame: those whose times lie in the range, from the start on") {
    playback what = recording(even_times(10, 1));
    const auto seen = [&](time_range range, double speed, std::optional<double> start_s = {}) {
        return run(what, {.speed = speed, .pacing = pacing::every_frame, .range = range, .start_s = start_s}).frames;
    };
    CHECK(seen({2, 5}, 1) == frames{2, 3, 4, 5});
    CHECK(seen({1.5, 4.5}, 1) == frames{2, 3, 4});
    CHECK(seen({1.5, 4.5}, -1) == frames{4, 3, 2});
    CHECK(seen({-5, 1}, 1) == frames{0, 1});
    CHECK(seen({8, 99}, 1) == frames{8, 9});
    CHECK(seen({2, 5}, 1, 3.5) == frames{4, 5});
    CHECK(seen({2, 5}, -1, 3.5) == frames{3, 2});
    CHECK(seen({2, 5}, 1, 99) == frames{5});
    CHECK(seen({2.2, 2.8}, 1) == frames{2}); // no frame begins there: the one that is valid
    CHECK(seen({-5, -4}, 1) == frames{0});
    CHECK(seen({20, 30}, 1) == frames{9});
}

TEST_CASE("every frame: in a recording with gaps, none is left out") {
    std::vector<double> times = even_times(20, 10);
    for (std::size_t i = 10; i < times.size(); ++i) {
        times[i] += 50;
    }
    playback what = recording(times);
    const slow_viewer seen = run(what, {.pacing = pacing::every_frame});
    CHECK(seen.frames.size() == 20);
    CHECK(std::is_sorted(seen.frames.begin(), seen.frames.end()));
    CHECK(seen.times == times);
}

TEST_CASE("every frame: one per refresh at most, and never faster than the speed asks") {
    playback what = recording(even_times(11, 10));
    const auto duration = [&](const play_options& options, double seconds_per_scene = 0) {
        slow_viewer surface;
        surface.seconds_per_scene = seconds_per_scene;
        const slow_viewer seen = run(what, options, surface);
        return seen.host_times.back() - seen.host_times.front();
    };
    const auto each = pacing::every_frame;
    CHECK(duration({.pacing = each}) == doctest::Approx(1));
    CHECK(duration({.speed = 2, .pacing = each}) == doctest::Approx(0.5));
    CHECK(duration({.speed = -0.5, .pacing = each}) == doctest::Approx(2));
    CHECK(duration({.speed = 1000, .pacing = each, .refresh_hz = 50}) == doctest::Approx(0.2));
    CHECK(duration({.pacing = each}, 0.3) == doctest::Approx(3)); // too slow a viewer
    CHECK(duration({.pacing = each}, 0.05) == doctest::Approx(1));
    // At a loop's end the last frame is shown as long as it lasts, not as long as the recording.
    CHECK(duration({.mode = play_mode::loop, .pacing = each, .max_steps = 23}) == doctest::Approx(2.2));
    CHECK(duration({.speed = -1, .mode = play_mode::loop, .pacing = each, .max_steps = 23}) == doctest::Approx(2.2));
    playback single = recording({5});
    const slow_viewer still = run(single, {.mode = play_mode::ping_pong, .pacing = each, .max_steps = 3});
    CHECK(still.host_times.back() - still.host_times.front() == doctest::Approx(2)); // one frame lasts a second
}

TEST_CASE("every frame: scenes that are late are counted") {
    playback what = recording(even_times(10, 10));
    slow_viewer slow;
    slow.seconds_per_scene = 0.15;
    CHECK(play(what, slow, {.pacing = pacing::every_frame}, slow.timer).late == 10);
    slow_viewer quick;
    quick.seconds_per_scene = 0.05;
    CHECK(play(what, quick, {.pacing = pacing::every_frame}, quick.timer).late == 0);
}

// ---- both -----------------------------------------------------------------------------------------------------------

TEST_CASE("max_steps ends playing, in both pacings") {
    playback what = recording(even_times(100, 10));
    for (const pacing p : {pacing::real_time, pacing::every_frame}) {
        for (const std::size_t steps : {0u, 1u, 7u}) {
            slow_viewer seen;
            const play_report report = play(what, seen, {.pacing = p, .max_steps = steps}, seen.timer);
            CHECK(report.shown == steps);
            CHECK(seen.times.size() == steps);
        }
    }
}

TEST_CASE("overlays alone play over a given range") {
    playback what;
    what.add_overlay({"minimal", support::minimal_overlay{}});
    CHECK(run(what, {.refresh_hz = 10, .range = time_range{0, 1}}).times.size() == 11);
    CHECK(run(what, {}).times.size() == 1);
}

TEST_CASE("the machine's own clock waits") {
    steady_time timer;
    const double before_s = timer.now_s();
    timer.wait_until(before_s + 0.002);
    CHECK(timer.now_s() >= before_s + 0.002);
    timer.wait_until(before_s - 100); // long past: at once
    playback what = recording(even_times(4, 1000));
    headless_viewer surface;
    CHECK(play(what, surface, {.pacing = pacing::every_frame, .refresh_hz = 1000}).shown == 4);
    CHECK(surface.presented() == 4);
}

TEST_CASE("a player refuses what makes no sense, in a sentence") {
    playback what = recording(even_times(10, 10));
    slow_viewer seen;
    const auto refused = [&](const play_options& options) {
        return support::sentence_of<invalid_value>([&] { play(what, seen, options, seen.timer); });
    };
    CHECK(refused({.speed = 0}) == "a speed of 0 was asked for; it must be finite and not 0; pause to stand still");
    CHECK(refused({.speed = nan}) == "a speed of nan was asked for; it must be finite and not 0; pause to stand still");
    CHECK(refused({.refresh_hz = 0}) == "a refresh rate of 0 Hz was asked for; it must be positive; 60 is usual");
    CHECK(refused({.refresh_hz = nan}) == "a refresh rate of nan Hz was asked for; it must be positive; 60 is usual");
    CHECK(refused({.range = time_range{2, 1}}) ==
          "a range from 2 s to 1 s was asked for; both must be finite and the start not after the stop");
    CHECK(refused({.start_s = nan}) == "a seek to NaN was asked for; give a time in seconds");
    playback empty;
    CHECK(support::sentence_of<invalid_value>([&] {
              play(empty, seen, {.pacing = pacing::every_frame}, seen.timer);
          }) == "every_frame was asked of a playback without a field; add a field or use real_time");
    CHECK(seen.times.empty());
}

} // namespace
