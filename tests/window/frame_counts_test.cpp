// SPDX-License-Identifier: MIT
#include <cstddef>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/window/frame_counts.hpp>

namespace {

using namespace fieldreel;

/// Frames that become due when playing comes to `now` from `before`, in the range of frames 10-19, 10 s long.
std::size_t due(play_mode mode, frame_turn before, frame_turn now) {
    frame_counter counter;
    counter.due(before, mode, 10, 19, 10);
    counter.due(now, mode, 10, 19, 10);
    return counter.counts().due - 1;
}

TEST_CASE("frames that are passed are counted, over ends and turns too") {
    CHECK(due(play_mode::once, {12}, {12, false, 0.1}) == 0);
    CHECK(due(play_mode::once, {12}, {15, false, 3}) == 3);
    CHECK(due(play_mode::once, {15, true}, {12, true, 3}) == 3);
    CHECK(due(play_mode::once, {10}, {19, false, 500}) == 9);    // there are no more
    CHECK(due(play_mode::loop, {18}, {11, false, 3}) == 3);      // 19 10 11
    CHECK(due(play_mode::loop, {11, true}, {18, true, 3}) == 3); // 10 19 18
    CHECK(due(play_mode::loop, {12}, {12, false, 30}) == 30);    // three times round
    CHECK(due(play_mode::ping_pong, {17}, {18, true, 3}) == 3);  // 18 19 18
    CHECK(due(play_mode::ping_pong, {12, true}, {11, false, 3}) == 3);
    CHECK(due(play_mode::ping_pong, {12}, {15, false, 3}) == 3);
}

TEST_CASE("a frame that stays on the screen is shown once, and a jump counts one") {
    frame_counter counter;
    counter.due({5}, play_mode::once, 0, 99, 100);
    for (int i = 0; i < 3; ++i) {
        counter.shown(5);
    }
    counter.jumped();
    counter.due({90}, play_mode::once, 0, 99, 100);
    counter.shown(90);
    counter.one_due();
    CHECK(counter.counts() == frame_counts{3, 2});
    CHECK(counter.counts().skipped() == 1);
    counter.reset(0);
    CHECK(counter.counts() == frame_counts{});
    CHECK(frame_counts{2, 3}.skipped() == 0);
}

TEST_CASE("the words: what is shown of how many, told anew only now and then") {
    const auto words = [](std::size_t due, std::size_t shown) {
        frame_counter counter;
        counter.reset(0);
        for (std::size_t i = 0; i < due; ++i) {
            counter.one_due();
        }
        for (std::size_t i = 0; i < shown; ++i) {
            counter.shown(i);
        }
        counter.tell(0.4, 0.5);
        CHECK(counter.text().empty()); // too early
        counter.tell(0.5, 0.5);
        return counter.text();
    };
    CHECK(words(30, 30).empty());
    CHECK(words(31, 30).empty());
    CHECK(words(30, 31).empty());
    CHECK(words(0, 0).empty());
    CHECK(words(40, 30) == "showing 3 of 4 frames");
    CHECK(words(45, 30) == "showing 2 of 3 frames");
    CHECK(words(60, 30) == "showing 1 of 2 frames");
    CHECK(words(240, 30) == "showing 1 of 8 frames");
    CHECK(words(8, 0) == "showing 0 of 8 frames");
    frame_counter counter;
    counter.reset(0);
    for (int i = 0; i < 8; ++i) {
        counter.one_due();
    }
    counter.shown(1);
    counter.tell(1, 0.5);
    CHECK(counter.text() == "showing 1 of 8 frames");
    counter.tell(1.2, 0.5); // nothing came since, but it stays
    CHECK(counter.text() == "showing 1 of 8 frames");
    counter.tell(2, 0.5);
    CHECK(counter.text().empty());
}

} // namespace
