// SPDX-License-Identifier: MIT
#include <fieldreel/session/time_selection.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/array_source.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>

#include "support/sentence.hpp"

using namespace fieldreel;
using support::sentence_of;

namespace {

/// 400 frames of 0.5 s, from 10 s to 210 s.
any_source frames() {
    return generate<float>(400, 1, [](std::size_t, std::span<float> out) { out[0] = 0; }) |
           timed({.rate_hz = 2, .start_s = 10});
}

std::vector<named_intervals> ripples() {
    return {{"at rest", interval({{.label = "ripples", .start_stop = samples({20, 21, 30, 30.5}, 2)}})}};
}

std::string refused(const std::string& words, double pad_s = 0) {
    return sentence_of<invalid_value>([&] { select_times(words, frames(), ripples, pad_s); });
}

} // namespace

TEST_CASE("seconds, clocks, frames and intervals name a part") {
    const auto seconds = select_times("20s:35s", frames());
    CHECK(seconds.times == time_range{20, 35});
    CHECK(seconds.frames == frame_range{20, 50});
    CHECK(seconds.note.empty());
    CHECK(select_times("2:00:2:15", frames()).times == time_range{120, 135});
    CHECK(select_times("0:02:00:0:02:15.5", frames()).times == time_range{120, 135.5});
    const auto numbered = select_times("#4:#9", frames());
    CHECK(numbered.frames == frame_range{4, 10});
    CHECK(numbered.times == time_range{12, 15});
    const auto ripple = select_times("ripples:1", frames(), ripples, 0.25);
    CHECK(ripple.times == time_range{29.75, 30.75});
    CHECK(ripple.frames == frame_range{39, 42});
    CHECK(select_times("at rest:1", frames(), ripples).times == time_range{30, 30.5}); // by the overlay's name
}

TEST_CASE("equal names of intervals are told apart by their overlays, and never guessed") {
    const auto two = [] {
        return std::vector<named_intervals>{
            {"before", interval({{.label = "run", .start_stop = samples({20, 21}, 2)}})},
            {"after", interval({{.label = "run", .start_stop = samples({40, 41}, 2)}})}};
    };
    CHECK(sentence_of<invalid_value>([&] { select_times("run:0", frames(), two); }) ==
          "the range 'run:0' names intervals of 2 overlays, before, after; ask for one by the overlay's name");
    CHECK(select_times("after:0", frames(), two).times == time_range{40, 41});
}

TEST_CASE("what reaches beyond the recording is cut, and said") {
    const auto cut = select_times("0s:12s", frames());
    CHECK(cut.times == time_range{10, 12});
    CHECK(cut.note == "the range '0s:12s' reaches beyond the recording; 10 s to 12 s of it are there");
    CHECK(select_times("ripples:0", frames(), ripples, 1000).times == time_range{10, 210});
}

TEST_CASE("a bare number is refused, and all else that could mean two things or nothing") {
    CHECK(refused("120") ==
          "the range '120' is a bare number, which may be seconds or frames; write seconds (120s:135s), a "
          "clock (2:00:2:15), frames (#3600:#4050) or an interval by its name and number (ripples:12)");
    CHECK(refused("1:2") ==
          "the range '1:2' is made of bare numbers, which may be seconds or frames; write seconds "
          "(120s:135s), a clock (2:00:2:15), frames (#3600:#4050) or an interval by its name and number "
          "(ripples:12)");
    CHECK(refused("30s:20s") == "the range '30s:20s' ends at 20 s, before it starts at 30 s; give the start first");
    CHECK(refused("30s:30s") == "the range '30s:30s' is empty: it starts and ends at 30 s; give a later end");
    CHECK(refused("300s:310s") ==
          "the range '300s:310s' (300 s to 310 s) lies outside the recording, which goes from 10 s to 210 s; "
          "give a part of that");
    CHECK(refused("20s:30").starts_with("the range '20s:30' has seconds at one end alone"));
    CHECK(refused("#4:#900") == "the range '#4:#900' names frame 900; there are 400 frames (0-399); give a last frame "
                                "of at most #399");
    CHECK(refused("#9:#4") ==
          "the range '#9:#4' ends at frame 4, before it starts at frame 9; give the first frame first");
    CHECK(refused("riples:0") == "the range 'riples:0' names intervals 'riples'; there are ripples (2); did you mean "
                                 "'ripples'?");
    CHECK(refused("20s:30s", 1).starts_with("the range '20s:30s' is no interval by its name; a pad goes with NAME:k"));
    CHECK(refused("ripples:0", -1) == "a pad of -1 s was asked for; it must be 0 or positive; 0.2 is usual");
    CHECK(refused("hello").starts_with("the range 'hello' cannot be read"));
    CHECK(sentence_of<invalid_value>([] {
              select_times("laps:0", frames());
          }).starts_with("the range 'laps:0' names intervals 'laps' and the recording has none"));
}
