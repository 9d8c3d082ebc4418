// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/playback/stutter.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A step of `ms`, due and begun at `due_s`.
shown_step step_at(double due_s, double ms, std::size_t frame = shown_step::no_frame) {
    return {due_s, due_s, due_s + ms / 1000, nan, frame, {ms, 0, 0}, {}};
}

/// `count` steps of 5 ms at 20 per second, from `first` frame on.
std::vector<shown_step> even_steps(std::size_t count) {
    std::vector<shown_step> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(step_at(static_cast<double>(i) / 20, 5, i));
    }
    return out;
}

step_waits waited(double working_ms, double queued_ms) {
    step_waits out;
    out.known = true;
    out.working_ms = working_ms;
    out.queued_ms = queued_ms;
    return out;
}

std::string cause(const shown_step& step) {
    return std::string(name_of(cause_of(step).cause));
}

TEST_CASE("even steps do not stutter") {
    const program_stutter found = find_program_stutter(even_steps(61), {.refresh_hz = 20});
    CHECK(found.shown == 61);
    CHECK(found.seconds == doctest::Approx(3.005));
    CHECK(found.target_hz == 20);
    CHECK(found.achieved_hz == doctest::Approx(20));
    CHECK(found.late == 0);
    CHECK(found.late_steps.empty());
    CHECK(found.freezes.empty());
    CHECK(found.longest_freeze_ms() == 0);
    REQUIRE(found.longest);
    CHECK(found.longest->ms == doctest::Approx(50));
    CHECK(found.missed_refreshes == 0);
    CHECK(found.frames_skipped == 0);
    CHECK(found.frames_repeated == 0);
    CHECK(found.stages.read_ms == doctest::Approx(305));
}

TEST_CASE("a long step is late, freezes the picture and misses refreshes") {
    std::vector<shown_step> steps = even_steps(10);
    steps[4].shown_s = steps[4].due_s + 0.23;        // due at 0.2, shown at 0.43: the picture of 0.155 stood for 275 ms
    for (std::size_t i = 5; i < steps.size(); ++i) { // the next refresh is that at 0.45
        steps[i] = step_at(steps[i].due_s + 0.2, 5, i + 4);
    }
    const program_stutter found = find_program_stutter(steps, {.refresh_hz = 20});
    CHECK(found.late == 1);
    REQUIRE(found.late_steps.size() == 1);
    CHECK(found.late_steps[0].step == 4);
    CHECK(found.late_steps[0].late_ms == doctest::Approx(180));
    REQUIRE(found.freezes.size() == 1);
    CHECK(found.freezes[0].step == 4);
    CHECK(found.freezes[0].at_s == doctest::Approx(0.155));
    CHECK(found.freezes[0].ms == doctest::Approx(275));
    CHECK(found.longest_freeze_ms() == doctest::Approx(275));
    CHECK(found.freezes_per_minute == doctest::Approx(60 / 0.655));
    CHECK(found.missed_refreshes == 4);
    CHECK(found.frames_skipped == 4);
    CHECK(found.frames_skipped_late == 4);
    CHECK(found.achieved_hz == doctest::Approx(9 / 0.65));
}

TEST_CASE("a slow rate is no freeze, and frames skipped or repeated by the rates are not the program's") {
    std::vector<shown_step> slow;
    for (std::size_t i = 0; i < 5; ++i) {
        slow.push_back(step_at(static_cast<double>(i) / 5, 1, 3 * i)); // 200 ms each, as asked
    }
    slow.push_back(step_at(1, 1, 12));
    const program_stutter found = find_program_stutter(slow, {.refresh_hz = 5});
    CHECK(found.freezes.empty());
    CHECK(found.frames_skipped == 8);
    CHECK(found.frames_skipped_late == 0);
    CHECK(found.frames_repeated == 1);
    // backwards alike
    CHECK(find_program_stutter(std::vector{step_at(0, 1, 9), step_at(0.2, 1, 6)}, {.refresh_hz = 5}).frames_skipped ==
          2);
}

TEST_CASE("refreshes that the last step misses count") {
    std::vector<shown_step> steps = even_steps(4);
    const auto missed = [&](double ms) {
        steps.back().shown_s = steps.back().due_s + ms / 1000;
        return find_program_stutter(steps, {.refresh_hz = 20}).missed_refreshes;
    };
    CHECK(missed(50) == 0); // just in time for the next
    CHECK(missed(60) == 1);
    CHECK(missed(230) == 4);
    const std::vector<shown_step> one{step_at(0, 120)};
    CHECK(find_program_stutter(one, {.refresh_hz = 20}).missed_refreshes == 2);
}

TEST_CASE("frames skipped by a step that began late are skipped for being late") {
    std::vector<shown_step> steps = even_steps(6);
    for (std::size_t i = 3; i < steps.size(); ++i) {
        steps[i].frame += 2; // step 3 began 40 ms late, and shows what is due then
    }
    steps[3].begin_s += 0.04;
    steps[3].shown_s += 0.04;
    CHECK(find_program_stutter(steps, {.refresh_hz = 20}).missed_refreshes == 0);
    CHECK(find_program_stutter(steps, {.refresh_hz = 20}).frames_skipped == 2);
    CHECK(find_program_stutter(steps, {.refresh_hz = 20}).frames_skipped_late == 2);
    steps[3].begin_s = steps[3].due_s + 0.004; // no timer is exact
    CHECK(find_program_stutter(steps, {.refresh_hz = 20}).frames_skipped_late == 0);
}

TEST_CASE("the latest of many late steps are listed, in order of time, and all are counted") {
    std::vector<shown_step> steps;
    for (std::size_t i = 0; i < 50; ++i) {
        steps.push_back(step_at(static_cast<double>(i), 200 + static_cast<double>((i * 7) % 50)));
    }
    const program_stutter found = find_program_stutter(steps, {.refresh_hz = 10, .max_late_steps = 3});
    CHECK(found.late == 50);
    REQUIRE(found.late_steps.size() == 3);
    CHECK(found.late_steps[0].step < found.late_steps[1].step);
    CHECK(found.late_steps[1].step < found.late_steps[2].step);
    for (const late_step& s : found.late_steps) {
        CHECK(s.late_ms >= doctest::Approx(147));
    }
    CHECK(found.late_by_cause[static_cast<std::size_t>(step_cause::work)] == 50);
}

TEST_CASE("what most of a step went to") {
    shown_step s = step_at(1, 100);
    CHECK(cause(s) == "work"); // nothing is known
    s.waits = waited(90, 5);
    CHECK(cause(s) == "work");
    CHECK(cause_of(s).ms == doctest::Approx(90));
    CHECK(cause_of(s).stage == "read");
    s.waits = waited(10, 80);
    CHECK(cause(s) == "processor");
    s.waits.throttled_ms = 70;
    CHECK(cause(s) == "quota");
    s.waits = waited(10, 5); // blocked for 85 ms
    CHECK(cause(s) == "source");
    CHECK(cause_of(s).ms == doctest::Approx(85));
    s.waits.major_faults = 1;
    CHECK(cause(s) == "disk");
    s.waits.major_faults = 0;
    s.waits.read_bytes = 4096;
    CHECK(cause(s) == "disk");
    s.waits.read_bytes = 0;
    s.stages = {0, 100, 0};
    CHECK(cause(s) == "lock");
    CHECK(cause_of(s).stage == "overlay");
    s.waits.stalls = 1;
    CHECK(cause(s) == "source");
    s.waits.stalls = 0;
    s.stages = {0, 0, 100};
    CHECK(cause(s) == "viewer");
    s.begin_s += 0.3; // a host that was busy
    s.shown_s += 0.3;
    CHECK(cause(s) == "late_start");
    CHECK(cause_of(s).ms == doctest::Approx(300));
}

TEST_CASE("a late start for want of a processor or of quota is told as that") {
    shown_step s = step_at(1, 50);
    s.begin_s += 0.08;
    s.shown_s += 0.08;
    s.waits = waited(40, 0);
    s.before = waited(0, 0);
    CHECK(cause(s) == "late_start"); // asleep, or busy with something else
    CHECK(cause_of(s).ms == doctest::Approx(80));
    s.before = waited(0, 70);
    CHECK(cause(s) == "processor");
    CHECK(cause_of(s).ms == doctest::Approx(80));
    s.before.throttled_ms = 60;
    CHECK(cause(s) == "quota");
    s.before.queued_ms = 0; // asleep while it was throttled: woken late
    CHECK(cause(s) == "quota");
    s.before.known = false;
    CHECK(cause(s) == "late_start");
    s.before = {}; // nothing is known of the start, but the step itself was throttled
    s.waits = waited(5, 45);
    s.waits.throttled_ms = 40;
    CHECK(cause(s) == "quota");
    CHECK(cause_of(s).ms == doctest::Approx(125));
    s.waits.throttled_ms = 2;
    CHECK(cause(s) == "late_start");
    s.before = waited(0, 75); // late and slow for the same reason: together
    s.waits = waited(20, 30);
    CHECK(cause(s) == "processor");
    CHECK(cause_of(s).ms == doctest::Approx(110));
    s.before.throttled_ms = 75; // held back before, not during
    CHECK(cause(s) == "quota");
    CHECK(cause_of(s).ms == doctest::Approx(80));
    s.shown_s += 0.2; // what most of it went to is the step's own work
    s.waits = waited(220, 10);
    CHECK(cause(s) == "work");
}

TEST_CASE("steps that are late because one before them was are late for its reason") {
    std::vector<shown_step> steps;
    double free_s = 0;
    for (std::size_t i = 0; i < 40; ++i) { // due 20 times per second, whatever happens; each begins when it can
        const double due_s = static_cast<double>(i) / 20;
        const double ms = i == 4 ? 1000.0 : i == 8 ? 300.0 : 5.0;
        shown_step step = step_at(due_s, ms, i);
        step.begin_s = (std::max)(due_s, free_s);
        step.shown_s = free_s = step.begin_s + ms / 1000;
        step.waits = waited((std::min)(ms, 5.0), 0);
        step.waits.major_faults = i == 4 ? 7 : 0;
        steps.push_back(step);
    }
    const program_stutter found = find_program_stutter(steps, {.refresh_hz = 20});
    REQUIRE(found.freezes.size() == 2);
    CHECK(found.freezes[0].cause.cause == step_cause::disk);
    CHECK(found.freezes[0].ms == doctest::Approx(1045));
    CHECK(found.freezes[1].step == 8); // 0.85 s behind, and not for that
    CHECK(found.freezes[1].cause.cause == step_cause::source);
    CHECK(found.freezes[1].cause.ms == doctest::Approx(295));
    REQUIRE(found.late_steps.size() > 8);
    CHECK(found.late_steps[1].step == 5);
    CHECK(found.late_steps[1].cause.ms == doctest::Approx(950)); // due at 0.25, the one before was shown at 1.2
    CHECK(found.late_by_cause[static_cast<std::size_t>(step_cause::disk)] == found.late);
    CHECK(found.late_by_cause[static_cast<std::size_t>(step_cause::late_start)] == 0);
}

TEST_CASE("a run as fast as possible, paced as a player would") {
    std::vector<shown_step> fast;
    double now = 100;
    for (const double ms : {1.0, 30.0, 120.0, 50.0, 1.0}) {
        fast.push_back(step_at(now, ms));
        now = fast.back().shown_s;
    }
    const std::vector<shown_step> paced = paced_as_if(fast, 20);
    const double due[] = {0, 0.05, 0.1, 0.25, 0.3}; // the third takes three refreshes, the fourth exactly one
    for (std::size_t i = 0; i < paced.size(); ++i) {
        CAPTURE(i);
        CHECK(paced[i].due_s == doctest::Approx(due[i]));
        CHECK(paced[i].begin_s == paced[i].due_s);
        CHECK(paced[i].step_ms() == doctest::Approx(fast[i].step_ms()));
    }
    const program_stutter found = find_program_stutter(paced, {.refresh_hz = 20});
    CHECK(found.late == 1);
    CHECK(found.missed_refreshes == 2);
    REQUIRE(found.freezes.size() == 1);
    CHECK(found.freezes[0].ms == doctest::Approx(140)); // 0.08 to 0.22
    CHECK(paced_as_if({}, 20).empty());
}

TEST_CASE("nothing, or one step, says nothing") {
    const program_stutter none = find_program_stutter({}, {.refresh_hz = 60});
    CHECK(none.shown == 0);
    CHECK(none.seconds == 0);
    CHECK(none.freezes_per_minute == 0);
    CHECK_FALSE(none.longest);
    const program_stutter one = find_program_stutter(even_steps(1), {.refresh_hz = 60});
    CHECK(one.achieved_hz == 0);
    CHECK_FALSE(one.longest);
}

TEST_CASE("stutter: what is not allowed is refused with a sentence") {
    CHECK(support::sentence_of<invalid_value>([] { find_program_stutter({}, {}); }) ==
          "a refresh rate of nan Hz was given; it must be positive: how many scenes were due per second, e.g. 60");
    CHECK(support::sentence_of<invalid_value>([] { find_program_stutter({}, {.refresh_hz = 60, .freeze_ms = 0}); }) ==
          "freeze_ms is 0; it must be positive; leave it unset for 100");
    CHECK(support::sentence_of<invalid_value>([] { paced_as_if({}, 0); }) ==
          "a refresh rate of 0 Hz was asked for; it must be positive; 60 is usual");
}

} // namespace
