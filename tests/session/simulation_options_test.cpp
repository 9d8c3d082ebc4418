// SPDX-License-Identifier: MIT
#include <fieldreel/session/simulation_options.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace fieldreel;

namespace {

std::string sentence(const simulation_options& options) {
    try {
        detail::plan_simulation(options);
    } catch (const invalid_value& e) {
        return std::string(e.name()) + ": " + e.what();
    }
    return "allowed";
}

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

} // namespace

TEST_CASE("simulation_options: the length comes from frames, minutes or seconds") {
    const auto usual = detail::plan_simulation({});
    CHECK(usual.duration_s == 600);
    CHECK(usual.sample_count == 300000);
    CHECK(usual.frame_count == 30000);
    CHECK(detail::plan_simulation({.minutes = 2}).duration_s == 120);
    CHECK(detail::plan_simulation({.duration_s = 0.03}).frame_count == 1);
    const auto frames = detail::plan_simulation({.duration_s = 5, .frames = 41000});
    CHECK(frames.frame_count == 41000);
    CHECK(frames.duration_s == doctest::Approx(820));
    CHECK(frames.sample_count == 410000);
    const auto one = detail::plan_simulation({.frames = 1});
    CHECK(one.duration_s == doctest::Approx(0.02));
    CHECK(one.sample_count == 10);
    const auto sliding = detail::plan_simulation({.duration_s = 1, .decode_step_s = 0.002});
    CHECK(sliding.frame_count == 491);
    CHECK(detail::plan_simulation({.duration_s = 0.02, .rate_hz = 1}).sample_count == 1);
}

TEST_CASE("simulation_options: what is not allowed is refused with a sentence") {
    CHECK(sentence({}) == "allowed");
    CHECK(sentence({.rate_hz = 0}) ==
          "rate_hz: rate_hz is 0; position samples come at 0.1 to 30000 per second; pass e.g. 500");
    CHECK(sentence({.rate_hz = not_a_number}) ==
          "rate_hz: rate_hz is nan; position samples come at 0.1 to 30000 per second; pass e.g. 500");
    CHECK(sentence({.minutes = -1}) == "minutes: minutes is -1; a recording is at least one decode_bin_s and at most "
                                       "166666 minutes long; pass e.g. 10");
    CHECK(sentence({.duration_s = 0}) == "duration_s: duration_s is 0; a recording is at least one decode_bin_s and at "
                                         "most 1e7 s long; pass e.g. 600");
    CHECK(sentence({.duration_s = not_a_number}) ==
          "duration_s: duration_s is nan; a recording is at least one decode_bin_s "
          "and at most 1e7 s long; pass e.g. 600");
    CHECK(sentence({.duration_s = 1, .minutes = 2}) ==
          "minutes: minutes is 2 and duration_s is 1; a recording has one length; pass one of the two");
    CHECK(sentence({.frames = 0}) ==
          "frames: frames is 0; a recording has 1 to 5e+08 frames of 0.02 s; pass e.g. 41000");
    CHECK(sentence({.arena_cm = 0}) ==
          "arena_cm: arena_cm is 0; the open field's side must be 30 to 2000 cm; pass e.g. 100");
    CHECK(sentence({.track_cm = -4}) ==
          "track_cm: track_cm is -4; the track must be 50 to 2000 cm long; pass e.g. 170");
    CHECK(sentence({.cell_count = 0}) ==
          "cell_count: cell_count is 0; a posterior is decoded from 1 to 100000 cells; pass e.g. 60");
    CHECK(sentence({.bin_size = 0}) ==
          "bin_size: bin_size is 0; a bin's side must be 0.2 cm to the 100 cm of the arena; pass e.g. 4");
    CHECK(sentence({.bin_size = -4}) ==
          "bin_size: bin_size is -4; a bin's side must be 0.2 cm to the 100 cm of the arena; pass e.g. 4");
    CHECK(sentence({.task = simulation_task::linear_track, .bin_size = 171}) ==
          "bin_size: bin_size is 171; a bin's side must be 0.2 cm to the 170 cm of the track; pass e.g. 4");
    CHECK(sentence({.decode_bin_s = not_a_number}) ==
          "decode_bin_s: decode_bin_s is nan; spikes of 0.001 to 10 s are decoded "
          "into one frame; pass e.g. 0.02");
    CHECK(sentence({.decode_step_s = -1}) == "decode_step_s: decode_step_s is -1; posterior frames follow each other "
                                             "after 0.001 to 10 s; pass 0 to use decode_bin_s");
    CHECK(sentence({.start_s = std::numeric_limits<double>::infinity()}) ==
          "start_s: start_s is inf; the first time must be a number within 1e10 s of 0");
}

TEST_CASE("simulation_options: tasks have names") {
    CHECK(simulation_task_named("linear_track") == simulation_task::linear_track);
    CHECK(simulation_task_named(std::string(name_of(simulation_task::open_field))) == simulation_task::open_field);
    CHECK_THROWS_WITH_AS(simulation_task_named("maze"),
                         "the task \"maze\" is not known; a simulated animal can do open-field or linear-track; pass "
                         "one of these",
                         invalid_value);
}
