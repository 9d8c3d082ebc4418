// SPDX-License-Identifier: MIT
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/window/transport_words.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

const any_source frames = generate<float>(100, 1, [](std::size_t, std::span<float> out) { out[0] = 0; }) |
                          timed({.rate_hz = 10, .start_s = 5});
constexpr time_range times{0, 4000};

TEST_CASE("a time in seconds, as a clock or as a frame") {
    for (const auto& [given, time_s] : std::vector<std::pair<std::string, double>>{{"75.3s", 75.3},
                                                                                   {" 75.3 s ", 75.3},
                                                                                   {"0s", 0},
                                                                                   {"1:15.3", 75.3},
                                                                                   {"0:00", 0},
                                                                                   {"1:02:03.5", 3723.5},
                                                                                   {"4000s", 4000},
                                                                                   {"#0", 5},
                                                                                   {"#99", 14.9}}) {
        const std::string words = given;
        CAPTURE(words);
        CHECK(time_named(words, times, frames) == doctest::Approx(time_s));
    }
    CHECK(time_named("-3s", {-10, 10}) == -3);
}

TEST_CASE("what is no time is refused in a sentence") {
    const auto sentence = [](const char* words, const std::optional<any_source>& of = frames) {
        return support::sentence_of<invalid_value>([&] { time_named(words, times, of); });
    };
    CHECK(sentence("75") == "the time '75' is a bare number, which may be seconds or a frame; write 75s or #75");
    CHECK(sentence("") == "the time '' cannot be read; write seconds (75.3s), a clock (1:15.3) or a frame (#1234)");
    CHECK(sentence("later") ==
          "the time 'later' cannot be read; write seconds (75.3s), a clock (1:15.3) or a frame (#1234)");
    CHECK(sentence("xs") == "the time 'xs' cannot be read; write seconds (75.3s), a clock (1:15.3) or a frame (#1234)");
    CHECK(sentence("1:75") == "the time '1:75' is no clock time: after the first number come 0-59, whole but for the "
                              "seconds; write 1:15.3 or 1:02:03");
    CHECK(sentence("1:2:3:4") == "the time '1:2:3:4' is no clock time: after the first number come 0-59, whole but "
                                 "for the seconds; write 1:15.3 or 1:02:03");
    CHECK(sentence("#12x") == "the time '#12x' is no frame number; write #1234");
    CHECK(sentence("#-1") == "the time '#-1' is no frame number; write #1234");
    CHECK(sentence("#100") == "the time '#100' names frame 100; there are 100 frames (0-99)");
    CHECK(sentence("#1", std::nullopt) == "the time '#1' names a frame and the recording has no field; write seconds "
                                          "(75.3s) or a clock (1:15.3)");
    CHECK(sentence("1:06:41") ==
          "the time '1:06:41' (4001 s) lies outside the recording, which goes from 0 s to 4000 s");
    CHECK(sentence("-1s") == "the time '-1s' (-1 s) lies outside the recording, which goes from 0 s to 4000 s");
}

TEST_CASE("a speed as a number or a fraction, and back") {
    for (const auto& [given, speed, name] :
         std::vector<std::tuple<std::string, double, std::string>>{{"1/4", 0.25, "1/4x"},
                                                                   {"0.25", 0.25, "1/4x"},
                                                                   {"1/16x", 0.0625, "1/16x"},
                                                                   {"2x", 2, "2x"},
                                                                   {" 50 ", 50, "50x"},
                                                                   {"-1", -1, "-1x"},
                                                                   {"-1/8x", -0.125, "-1/8x"},
                                                                   {"0.3", 0.3, "0.3x"},
                                                                   {"1/3", 1.0 / 3, "1/3x"},
                                                                   {"2.5 x", 2.5, "2.5x"},
                                                                   {"0.0001", 1e-4, "0.0001x"}}) {
        const std::string words = given;
        CAPTURE(words);
        CHECK(speed_named(words) == doctest::Approx(speed));
        CHECK(name_of_speed(speed) == name);
    }
    for (const double listed : listed_speeds) {
        CHECK(speed_named(name_of_speed(listed)) == listed);
    }
    const auto sentence = [](const char* words) {
        return support::sentence_of<invalid_value>([&] { speed_named(words); });
    };
    CHECK(sentence("fast") == "the speed 'fast' cannot be read; write a number (0.25) or a fraction (1/4), with a "
                              "minus to play backwards");
    CHECK(sentence("1/") == "the speed '1/' cannot be read; write a number (0.25) or a fraction (1/4), with a minus "
                            "to play backwards");
    CHECK(sentence("0") == "the speed '0' was asked for; it must be finite and not 0; pause to stand still");
    CHECK(sentence("1/0") == "the speed '1/0' was asked for; it must be finite and not 0; pause to stand still");
}

TEST_CASE("the modes have names") {
    CHECK(std::string(name_of(play_mode::once)) == "once");
    CHECK(std::string(name_of(play_mode::loop)) == "loop");
    CHECK(std::string(name_of(play_mode::ping_pong)) == "ping-pong");
}

} // namespace
