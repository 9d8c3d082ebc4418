// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/window/transport.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;
using doctest::Approx;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

any_source frames_at(std::vector<double> times) {
    const std::size_t count = times.size();
    return generate<float>(count, 1, [](std::size_t, std::span<float> out) { out[0] = 0; }) | timed(std::move(times));
}
/// Frames of 1/8 s, which are exact in binary.
any_source eighths(std::size_t count, double start_s = 0) {
    std::vector<double> times;
    for (std::size_t i = 0; i < count; ++i) {
        times.push_back(start_s + static_cast<double>(i) / 8);
    }
    return frames_at(std::move(times));
}
/// 10 s of 8 frames a second.
transport ten_seconds() {
    return transport({0, 10}, eighths(80));
}
/// One second of frames, 8 s without, one second of frames.
transport with_a_gap() {
    std::vector<double> times;
    for (int i = 0; i < 8; ++i) {
        times.push_back(i / 8.0);
    }
    for (int i = 0; i < 8; ++i) {
        times.push_back(9 + i / 8.0);
    }
    return transport({0, 10}, frames_at(std::move(times)));
}

TEST_CASE("play, pause and play again") {
    transport at = ten_seconds();
    CHECK(!at.playing());
    CHECK(at.tick(100).time_s == 0);
    at.toggle_play(100);
    CHECK(at.playing());
    CHECK(at.tick(102).time_s == 2);
    CHECK(at.tick(102).velocity == 1);
    CHECK(at.frame(102) == 16);
    at.toggle_play(103);
    CHECK(!at.playing());
    CHECK(at.tick(110).time_s == 3);
    CHECK(at.tick(110).velocity == 0);
    at.play(110);
    at.play(111); // again
    CHECK(at.tick(111).time_s == 4);
}

TEST_CASE("at the end it stands, and playing starts over") {
    transport at = ten_seconds();
    at.play(0);
    CHECK(at.tick(12).time_s == 10);
    CHECK(!at.playing());
    CHECK(at.tick(13).velocity == 0);
    CHECK(at.frame(13) == 79); // the very end shows the last frame
    at.play(20);
    CHECK(at.tick(21).time_s == 1);
    at.set_speed(-1, 21);
    CHECK(at.tick(23).time_s == 0);
    CHECK(!at.playing());
    at.play(30);
    CHECK(at.tick(31).time_s == 9);
}

TEST_CASE("steps of a frame stand on frame starts, and stop playing") {
    transport at = ten_seconds();
    at.step(1, 0);
    CHECK(at.position_s(0) == 0.125);
    at.step(3, 0);
    CHECK(at.position_s(0) == 0.5);
    at.step(-1, 0);
    CHECK(at.position_s(0) == 0.375);
    at.step(-100, 0);
    CHECK(at.position_s(0) == 0);
    at.step(1000, 0);
    CHECK(at.position_s(0) == 79 / 8.0);
    at.seek(1.05, 0); // inside frame 8
    at.step(1, 0);
    CHECK(at.frame(0) == 9);
    at.seek(1.05, 0);
    at.step(-1, 0);
    CHECK(at.frame(0) == 7);
    at.play(0);
    at.step(1, 0.3);
    CHECK(!at.playing());
    CHECK(at.position_s(0) == 1.25); // it had come to 1.175, in frame 9
}

TEST_CASE("steps at gaps, before the first frame and without frames") {
    transport at = with_a_gap();
    at.seek(5, 0);
    CHECK(!at.frame(0));
    at.step(-1, 0);
    CHECK(at.frame(0) == 7);
    at.seek(5, 0);
    at.step(1, 0);
    CHECK(at.frame(0) == 8);
    CHECK(at.position_s(0) == 9);
    transport late({0, 10}, eighths(8, 5));
    late.step(1, 0);
    CHECK(late.frame(0) == 0);
    late.seek(2, 0);
    late.step(-1, 0);
    CHECK(late.frame(0) == 0);
    transport none({0, 10}, {}, {.frame_s = 0.25});
    none.step(3, 0);
    CHECK(none.position_s(0) == 0.75);
    CHECK(!none.frame(0));
    none.set_pacing(pacing::every_frame, 0); // as real time
    none.play(0);
    CHECK(none.tick(2).time_s == 2.75);
}

TEST_CASE("jumps of seconds keep playing, and stay in the recording") {
    transport at = ten_seconds();
    at.play(0);
    at.seek_by(5, 1);
    CHECK(at.playing());
    CHECK(at.tick(1).time_s == 6);
    at.seek_by(-10, 1);
    CHECK(at.tick(1).time_s == 0);
    at.pause(1);
    at.seek_by(100, 1);
    CHECK(at.position_s(1) == 10);
    CHECK(support::sentence_of<invalid_value>([&] { at.seek(nan, 1); }) ==
          "a seek to NaN was asked for; give a time in seconds");
    CHECK(at.position_s(1) == 10);
}

TEST_CASE("L and J play, double, and turn round") {
    transport at = ten_seconds();
    at.seek(5, 0);
    at.shuttle_forward(0);
    CHECK(at.tick(0).velocity == 1);
    at.shuttle_forward(0);
    at.shuttle_forward(0);
    CHECK(at.speed() == 4);
    CHECK(at.tick(0.5).time_s == 7);
    at.shuttle_backward(0.5);
    CHECK(at.speed() == -1);
    CHECK(at.tick(1.5).time_s == 6);
    at.shuttle_backward(1.5);
    CHECK(at.tick(1.5).velocity == -2);
    at.shuttle_stop(2);
    CHECK(!at.playing());
    CHECK(at.position_s(2) == 5);
    CHECK(at.speed() == -1);
    for (int i = 0; i < 20; ++i) {
        at.shuttle_forward(2);
    }
    CHECK(at.speed() == 64);
    at.normal_speed(2);
    CHECK(at.speed() == 1);
}

TEST_CASE("L on the way back of ping-pong goes forwards") {
    transport at = ten_seconds();
    for (const pacing how : {pacing::real_time, pacing::every_frame}) {
        at.set_mode(play_mode::ping_pong, 0);
        at.set_pacing(how, 0);
        at.seek(9.75, 0);
        at.play(0);
        double now_s = 0;
        for (; at.tick(now_s).velocity > 0; now_s += 0.0625) {
            at.shown(at.position_s(now_s));
        }
        now_s += 0.0625; // at the very end there is no way on
        const double at_s = at.position_s(now_s);
        at.shuttle_forward(now_s);
        CHECK(at.speed() == 1);
        CHECK(at.velocity(now_s) == 1);
        CHECK(at.position_s(now_s) == at_s);
        at.pause(now_s);
    }
}

TEST_CASE("faster and slower go through the list, from any speed") {
    transport at = ten_seconds();
    std::vector<double> seen;
    for (int i = 0; i < 6; ++i) {
        at.faster(0);
        seen.push_back(at.speed());
    }
    CHECK(seen == std::vector<double>{2, 4, 10, 20, 50, 50});
    for (int i = 0; i < 10; ++i) {
        at.slower(0);
    }
    CHECK(at.speed() == 1.0 / 16);
    at.slower(0);
    CHECK(at.speed() == 1.0 / 16);
    at.set_speed("3", 0);
    at.slower(0);
    CHECK(at.speed() == 2);
    at.set_speed("-3", 0);
    at.faster(0);
    CHECK(at.speed() == -4);
    CHECK(support::sentence_of<invalid_value>([&] { at.set_speed(0, 0); }) ==
          "a speed of 0 was asked for; it must be finite and not 0; pause to stand still");
    CHECK(at.speed() == -4);
    at.seek(8, 0);
    at.play(0);
    at.set_speed(-0.5, 1);
    CHECK(at.tick(1).time_s == 4);
    CHECK(at.tick(3).time_s == 3);
}

TEST_CASE("a speed says how many frames it is") {
    std::vector<double> times;
    for (int i = 0; i < 1000; ++i) {
        times.push_back(i / 125.0);
    }
    const transport at({0, 8}, frames_at(times));
    CHECK(at.speed_text(0.25) == "1/4x = 31 frames/s");
    CHECK(at.speed_text() == "1x = 125 frames/s");
    CHECK(at.speed_text(1.0 / 16) == "1/16x = 7.8 frames/s");
    CHECK(at.speed_text(-50) == "-50x = 6250 frames/s");
    CHECK(transport({0, 8}).speed_text(0.5) == "1/2x");
    CHECK(with_a_gap().speed_text() == "1x = 8 frames/s"); // a gap does not count
}

TEST_CASE("once, loop and ping-pong") {
    transport at = ten_seconds();
    at.next_mode(0);
    CHECK(at.mode() == play_mode::loop);
    at.play(0);
    CHECK(at.tick(13).time_s == 3);
    at.next_mode(13);
    CHECK(at.mode() == play_mode::ping_pong);
    CHECK(at.tick(21).time_s == 9);
    CHECK(at.tick(21).velocity == -1);
    CHECK(at.tick(21).mode == play_mode::ping_pong);
    at.next_mode(21);
    CHECK(at.mode() == play_mode::once);
    CHECK(at.playing());
}

TEST_CASE("in and out take in the whole frames they are set in") {
    transport at = ten_seconds();
    at.seek(2.05, 0);
    at.set_in_here(0);
    at.seek(4.05, 0);
    at.set_out_here(0);
    CHECK(at.in_s() == 2.0);
    CHECK(*at.out_s() < 4.125);
    CHECK(*at.out_s() == Approx(4.125));
    at.play(0); // at 4.05, within
    CHECK(at.tick(1).time_s == *at.out_s());
    CHECK(at.frame(1) == 32); // not the frame after
    at.play(1);
    CHECK(at.tick(1).time_s == 2);
    at.pause(1);
    at.set_out(2, 1); // one frame
    at.set_mode(play_mode::loop, 1);
    at.play(1);
    for (double now_s = 1; now_s < 3; now_s += 0.01) {
        at.tick(now_s);
        REQUIRE(at.frame(now_s) == 16);
    }
    at.clear_in_out(3);
    CHECK(at.range() == time_range{0, 10});
}

TEST_CASE("in and out bound playing, and standing one looks anywhere") {
    transport at = ten_seconds();
    at.set_in_out({2, 4}, 0);
    CHECK(at.tick(0).range == time_range{2, 4});
    at.seek(8, 0);
    CHECK(at.tick(0).time_s == 8);
    at.play(0); // starts over
    CHECK(at.tick(1).time_s == 3);
    at.seek(8, 1);
    CHECK(at.position_s(1) == 4);
    at.pause(1);
    at.seek(9, 1);
    at.set_speed(-1, 1);
    at.play(1);
    CHECK(at.tick(1.5).time_s == 3.5);
    at.set_in(5, 1.5); // after the out point, which goes
    CHECK(!at.out_s());
    CHECK(at.range() == time_range{5, 10});
    CHECK(at.position_s(1.5) == 5);
    at.set_out(1, 1.5);
    CHECK(!at.in_s());
    CHECK(support::sentence_of<invalid_value>([&] {
              at.set_in_out({5, 4}, 0);
          }) == "a range from 5 s to 4 s was asked for; both must be finite and the start not after the stop");
    at.set_in_out({-5, 50}, 0);
    CHECK(at.range() == time_range{0, 10});
}

TEST_CASE("Home and End: in and out first, again the recording") {
    transport at = ten_seconds();
    at.set_in_out({2, 4}, 0);
    at.seek(3, 0);
    at.go_first(0);
    CHECK(at.position_s(0) == 2);
    at.go_first(0);
    CHECK(at.position_s(0) == 0);
    at.go_last(0);
    CHECK(at.position_s(0) == 4);
    at.go_last(0);
    CHECK(at.position_s(0) == 10);
    CHECK(at.frame(0) == 79);
}

TEST_CASE("bookmarks: one per frame, in order, forwards and back") {
    transport at = ten_seconds();
    for (const double t : {5.0, 1.0, 3.0}) {
        at.seek(t, 0);
        CHECK(at.add_bookmark(0, "b"));
    }
    at.seek(3.1, 0);
    CHECK(!at.add_bookmark(0));
    CHECK(at.bookmark_here(0) == 1);
    REQUIRE(at.bookmarks().size() == 3);
    CHECK(at.bookmarks()[0] == bookmark{1, "b"});
    CHECK(at.next_bookmark(0) == 2);
    CHECK(at.position_s(0) == 5);
    CHECK(!at.next_bookmark(0));
    CHECK(at.position_s(0) == 5);
    CHECK(at.previous_bookmark(0) == 1);
    CHECK(at.previous_bookmark(0) == 0);
    CHECK(!at.previous_bookmark(0));
    CHECK(at.remove_bookmark(1));
    CHECK(!at.remove_bookmark(2));
    CHECK(at.next_bookmark(0) == 1);
    CHECK(at.position_s(0) == 5);
    at.set_bookmarks({{7, "late"}, {2, "early"}});
    CHECK(at.bookmarks()[0].name == "early");
    CHECK(support::sentence_of<data_error>([&] {
              at.set_bookmarks({{7, ""}, {nan, ""}});
          }) == "the time of bookmark 1 is nan; give finite seconds");
    CHECK(at.bookmarks().size() == 2);
}

TEST_CASE("while it plays, going back passes over what was just passed") {
    transport at = ten_seconds();
    at.set_bookmarks({{2, ""}, {4, ""}});
    at.seek(4, 0);
    at.play(0);
    CHECK(at.previous_bookmark(0.3) == 0); // 0.3 s after the second
    CHECK(at.previous_bookmark(2.9) == 1); // at 4.6: long enough after it
    at.pause(3);
    at.seek(4.1, 3);
    CHECK(at.previous_bookmark(3) == 1);
}

TEST_CASE("next and previous event or interval of the active track, exactly at its time") {
    transport at = ten_seconds();
    CHECK(!at.next_event(0));
    CHECK(!at.play_around_next(0));
    at.set_tracks({{"rewards", event_times(std::vector<double>{-1, 1.03, 6.1, 12})},
                   {"ripples", interval(samples({3, 3.5, 7, 8}, 2), "ripples")}});
    CHECK(at.next_event(0) == time_range{1.03, 1.03});
    CHECK(at.position_s(0) == 1.03);
    CHECK(at.next_event(0) == time_range{6.1, 6.1});
    CHECK(!at.next_event(0)); // 12 s lies outside the recording
    CHECK(at.previous_event(0) == time_range{1.03, 1.03});
    CHECK(!at.previous_event(0));
    at.set_active_track(1);
    CHECK(at.next_event(0) == time_range{3, 3.5});
    CHECK(at.next_event(0) == time_range{7, 8});
    CHECK(support::sentence_of<invalid_value>([&] { at.set_active_track(2); }) ==
          "track 2 was asked for; there are 2 (numbered from 0)");
}

TEST_CASE("E plays around the next one, slowly, and all is as before") {
    for (const pacing how : {pacing::real_time, pacing::every_frame}) {
        transport at = ten_seconds();
        at.set_tracks({{"ripples", interval(samples({3, 3.5, 3.75, 4, 9.75, 9.9}, 2), "ripples")}});
        at.set_pacing(how, 0);
        at.set_mode(play_mode::loop, 0);
        at.set_speed(-2, 0);
        at.set_in_out({1, 2}, 0);
        at.seek(1.5, 0);
        CHECK(at.play_around_next(0) == time_range{3, 3.5});
        CHECK(at.playing_around());
        CHECK(at.speed() == 1.0 / 16);
        CHECK(at.tick(0).time_s == 2.5);
        CHECK(at.tick(0).range == time_range{2.5, 4});
        double now_s = 0;
        while (at.playing()) { // 1.5 s at 1/16
            at.shown(at.tick(now_s).time_s);
            now_s += 0.25;
            REQUIRE(now_s < 30);
        }
        CHECK(now_s == Approx(how == pacing::real_time ? 24.25 : 26.25).epsilon(0.03));
        CHECK(at.position_s(now_s) == 4);
        CHECK(!at.playing_around());
        CHECK(at.speed() == -2);
        CHECK(at.mode() == play_mode::loop);
        CHECK(at.range() == time_range{1, 2});
        // Again: the one after it, though 4 s is past its start.
        CHECK(at.play_around_next(now_s) == time_range{3.75, 4});
        CHECK(at.play_around_next(now_s + 1) == time_range{9.75, 9.9});
        CHECK(at.tick(now_s + 1).range == time_range{9.25, 10});
        CHECK(!at.play_around_next(now_s + 2));
        at.seek(5, now_s + 2); // ends it, and stands as before it
        CHECK(!at.playing_around());
        CHECK(!at.playing());
        CHECK(at.position_s(now_s + 3) == 5);
        CHECK(at.speed() == -2);
    }
}

TEST_CASE("go to a time or a frame in words, or nothing changes") {
    transport at = ten_seconds();
    at.go_to("7.5s", 0);
    CHECK(at.position_s(0) == 7.5);
    at.go_to("#12", 0);
    CHECK(at.frame(0) == 12);
    CHECK(support::sentence_of<invalid_value>([&] { at.go_to("#80", 0); }) ==
          "the time '#80' names frame 80; there are 80 frames (0-79)");
    CHECK(at.frame(0) == 12);
}

TEST_CASE("gaps are skipped both ways, at the ends of a loop too, and not when not asked") {
    transport at = with_a_gap();
    at.seek(0.5, 0);
    at.play(0);
    CHECK(at.tick(1).time_s == 1.5);
    at.set_skip_gaps(true);
    CHECK(at.tick(1).time_s == 9);
    CHECK(at.tick(1.5).time_s == 9.5);
    at.set_speed(-1, 1.5);
    CHECK(at.tick(2.25).time_s == Approx(1.0625)); // the last frame lasts 1.5 times as long as the others
    CHECK(at.frame(2.25) == 7);
    at.pause(2.25);
    at.seek(5, 2.25);
    CHECK(at.tick(3).time_s == 5); // standing, one may look at it

    transport loop({-20, 30}, eighths(8));
    loop.set_skip_gaps(true);
    loop.set_mode(play_mode::loop, 0);
    loop.play(0);
    CHECK(loop.tick(0).time_s == 0);
    CHECK(loop.tick(1.5).time_s == 0); // over the end, over the start
    loop.set_mode(play_mode::ping_pong, 1.5);
    CHECK(loop.tick(3).time_s == Approx(1));
    CHECK(loop.tick(3).velocity == -1);
    loop.set_mode(play_mode::once, 3);
    CHECK(loop.tick(3.75).time_s == 30); // forwards, to the end
    CHECK(!loop.playing());
}

TEST_CASE("a short gap is played") {
    transport at({0, 3}, frames_at({0, 0.125, 0.25, 0.75, 0.875, 1}));
    at.set_skip_gaps(true);
    at.play(0);
    CHECK(at.tick(0.5).time_s == 0.5);
}

TEST_CASE("real time tells how many frames it shows of those due") {
    transport at = ten_seconds();
    at.set_mode(play_mode::loop, 0);
    const auto run = [&](double speed, double refresh_hz, double seconds) {
        at.pause(0);
        at.seek(0, 0);
        at.set_speed(speed, 0);
        at.play(0);
        for (int i = 0; i <= static_cast<int>(seconds * refresh_hz); ++i) {
            at.shown(at.tick(i / refresh_hz).time_s);
        }
    };
    run(1, 64, 4);
    CHECK(at.counts() == frame_counts{33, 33});
    CHECK(at.count_text().empty());
    run(8, 8, 4); // 64 frames a second on 8 scenes
    CHECK(at.counts().due == 257);
    CHECK(at.counts().shown == 33);
    CHECK(at.counts().skipped() == 224);
    CHECK(at.count_text() == "showing 1 of 8 frames");
    run(1.5, 8, 4);
    CHECK(at.count_text() == "showing 2 of 3 frames");
    run(-8, 8, 4);
    CHECK(at.counts().due == 257);
    CHECK(at.count_text() == "showing 1 of 8 frames");
    run(200, 8, 4); // 2.5 times round in each turn
    CHECK(at.counts().due == doctest::Approx(200 * 8 * 4 + 1));
    at.set_mode(play_mode::ping_pong, 0);
    run(8, 8, 4);
    CHECK(at.counts().due == Approx(257).epsilon(0.03)); // at the turns a frame comes twice
    at.seek(0, 4);
    for (int i = 0; i < 32; ++i) { // nothing reaches the screen
        at.tick(4 + i / 8.0);
    }
    CHECK(at.count_text() == "showing 0 of 32 frames");
    run(1, 8, 1);
    CHECK(at.count_text().empty());
}

TEST_CASE("every frame: none is left out, however slow the screen, and none comes early") {
    transport at = ten_seconds();
    at.set_pacing(pacing::every_frame, 0);
    at.play(0);
    std::vector<double> seen;
    double now_s = 0;
    for (; at.playing(); now_s += 0.5) { // 2 scenes a second for 8 frames
        const double time_s = at.tick(now_s).time_s;
        if (at.playing()) {
            seen.push_back(time_s);
            CHECK(at.tick(now_s).velocity == 1);
            CHECK(at.tick(now_s + 0.4).time_s == time_s); // not shown yet: it waits
            at.shown(time_s);
        }
    }
    REQUIRE(seen.size() == 80);
    for (std::size_t i = 0; i < 80; ++i) {
        REQUIRE(seen[i] == static_cast<double>(i) / 8);
    }
    CHECK(at.counts() == frame_counts{80, 80});
    CHECK(at.count_text().empty());
    CHECK(at.position_s(now_s) == 79 / 8.0);
    at.play(now_s); // starts over
    CHECK(at.tick(now_s).time_s == 0);
    at.shown(0);
    CHECK(at.tick(now_s + 0.12).time_s == 0);
    CHECK(at.tick(now_s + 0.125).time_s == 0.125);
    at.shown(0.125);
    CHECK(at.tick(now_s + 0.2).time_s == 0.125);
    CHECK(at.tick(now_s + 0.26).time_s == 0.25);
}

TEST_CASE("every frame: what is jumped to and turned round on is counted once") {
    transport at = ten_seconds();
    at.set_pacing(pacing::every_frame, 0);
    at.play(0);
    at.shown(at.tick(0).time_s);
    at.seek(5, 0.01);
    at.shown(at.tick(0.01).time_s);
    CHECK(at.counts() == frame_counts{2, 2});
    at.shuttle_backward(0.02); // counts begin anew
    at.shown(at.tick(0.02).time_s);
    CHECK(at.counts() == frame_counts{1, 1});
    at.shown(at.tick(0.2).time_s);
    CHECK(at.frame(0.2) == 39);
    CHECK(at.counts() == frame_counts{2, 2});
}

TEST_CASE("every frame: loop, ping-pong, backwards, a range, gaps") {
    const auto frames = [](transport& at, int turns) {
        std::string seen;
        double now_s = 1000;
        at.play(now_s);
        for (int i = 0; i < turns && at.playing(); ++i, now_s += 100) {
            const double time_s = at.tick(now_s).time_s;
            if (at.playing()) {
                seen += std::to_string(*at.frame(now_s)) + " ";
            }
            at.shown(time_s);
        }
        at.pause(now_s);
        return seen;
    };
    transport at = ten_seconds();
    at.set_pacing(pacing::every_frame, 0);
    at.set_in(0.5, 0);
    at.set_out(0.875, 0);
    CHECK(frames(at, 20) == "4 5 6 7 "); // from outside of in and out
    at.set_mode(play_mode::loop, 0);
    at.seek(0.75, 0);
    CHECK(frames(at, 7) == "6 7 4 5 6 7 4 ");
    at.set_mode(play_mode::ping_pong, 0);
    at.seek(0.75, 0);
    CHECK(frames(at, 9) == "6 7 6 5 4 5 6 7 6 ");
    at.set_speed(-1, 0);
    at.set_mode(play_mode::once, 0);
    at.seek(0.75, 0);
    CHECK(frames(at, 9) == "6 5 4 ");
    CHECK(frames(at, 9) == "7 6 5 4 ");

    transport gap = with_a_gap();
    gap.set_pacing(pacing::every_frame, 0);
    gap.seek(0.875, 0);
    gap.play(0);
    gap.shown(gap.tick(0).time_s);
    CHECK(gap.tick(8).time_s == 0.875); // lasts as long as it did
    CHECK(gap.tick(8.125).time_s == 9);
    gap.pause(9);
    gap.set_skip_gaps(true);
    gap.seek(0.875, 9);
    gap.play(9);
    gap.shown(gap.tick(9).time_s);
    CHECK(gap.tick(9.2).time_s == 9);
}

TEST_CASE("a change between real time and every frame stays where it is") {
    transport at = ten_seconds();
    at.play(0);
    at.set_pacing(pacing::every_frame, 3.03);
    CHECK(at.tick(3.03).time_s == 3);
    at.shown(3);
    CHECK(at.tick(4).time_s == 3.125);
    at.set_pacing(pacing::real_time, 4);
    CHECK(at.tick(4).time_s == 3.125);
    CHECK(at.tick(5).time_s == 4.125);
}

TEST_CASE("scrubbing asks seldom, moves the playhead at once, and ends on the frame under the mouse") {
    transport at = ten_seconds();
    at.seek(1, 0);
    at.begin_scrub(2, 0);
    CHECK(at.tick(0).time_s == 2); // the first at once
    int asked = 0;
    double before = 2;
    for (int i = 1; i <= 100; ++i) { // a second of mouse moves, each 10 ms
        const double now_s = i / 100.0;
        at.drag_scrub(2 + i / 50.0);
        const due_scene due = at.tick(now_s);
        CHECK(due.playhead_s == 2 + i / 50.0);
        CHECK(due.velocity == 0);
        CHECK(due.mode == play_mode::scrub);
        asked += due.time_s != before ? 1 : 0;
        before = due.time_s;
    }
    CHECK(asked >= 16);
    CHECK(asked <= 20); // every 50 ms
    at.drag_scrub(7.77);
    CHECK(at.tick(1.1).time_s == 7.77); // the mouse rests: it is asked for
    at.drag_scrub(8.88);
    CHECK(at.tick(1.11).time_s == 7.77);
    at.end_scrub(1.111);
    CHECK(at.tick(1.112).time_s == 8.88);
    CHECK(!at.scrubbing());
    CHECK(!at.playing());
}

TEST_CASE("scrubbing while it plays goes on from the mouse, and Esc goes back") {
    transport at = ten_seconds();
    at.play(0);
    at.begin_scrub(7, 1);
    CHECK(!at.playing());
    CHECK(at.tick(2).time_s == 7);
    at.end_scrub(3);
    CHECK(at.playing());
    CHECK(at.tick(4).time_s == 8);
    at.begin_scrub(2, 4);
    at.drag_scrub(-100);
    CHECK(at.tick(4).playhead_s == 0);
    at.cancel_scrub(5);
    CHECK(at.tick(5).time_s == 8);
    CHECK(at.playing());
    at.set_in_out({0, 8.5}, 5);
    at.begin_scrub(9, 5);
    at.end_scrub(5);
    CHECK(!at.playing()); // outside of in and out: stands on the frame under the mouse
    CHECK(at.tick(6).time_s == 9);
    at.play(6);
    at.begin_scrub(3, 6);
    at.pause(6); // Space while the mouse is down
    at.end_scrub(7);
    CHECK(!at.playing());
    CHECK(at.position_s(8) == 3);
    at.end_scrub(8); // without a beginning
    at.drag_scrub(5);
    CHECK(at.position_s(8) == 3);
}

TEST_CASE("let go at the very end while it plays, the mouse's frame stays") {
    for (const pacing how : {pacing::real_time, pacing::every_frame}) {
        transport at = ten_seconds();
        at.set_pacing(how, 0);
        at.play(0);
        at.begin_scrub(5, 1);
        at.drag_scrub(500);
        at.end_scrub(2);
        CHECK(!at.playing());
        CHECK(at.tick(3).time_s == 10);
        at.play(3); // asked for, it starts over
        CHECK(at.tick(3).time_s == 0);
        at.set_speed(-1, 3);
        at.begin_scrub(0, 4);
        at.end_scrub(4);
        CHECK(!at.playing());
        at.set_mode(play_mode::loop, 4);
        at.play(4);
        at.begin_scrub(0, 4);
        at.end_scrub(4);
        CHECK(at.playing());
        CHECK(at.tick(4).time_s == 0);
    }
}

TEST_CASE("frames that come while it plays are taken up where it is") {
    transport at({0, 10});
    at.set_pacing(pacing::every_frame, 0);
    at.play(0);
    CHECK(at.tick(4).time_s == 4); // without frames by the clock
    at.set_frames(eighths(80));
    CHECK(at.tick(4).time_s == 4);
    at.shown(4);
    CHECK(at.tick(5).time_s == 4.125);
    at.set_frames(eighths(40, 3)); // another numbering of the same times
    CHECK(at.tick(5).time_s == 4.125);
}

TEST_CASE("other frames keep the time, and frames without times are refused") {
    transport at = ten_seconds();
    at.seek(3, 0);
    at.set_frames(eighths(8));
    CHECK(at.position_s(0) == 3);
    CHECK(!at.frame(0));
    CHECK(at.frame_count() == 8);
    at.set_frames({});
    CHECK(at.frame_count() == 0);
    at.set_frames(eighths(0));
    at.step(1, 0);
    CHECK(at.position_s(0) == Approx(3 + 1 / 30.0));
    CHECK(support::sentence_of<data_error>([&] {
              at.set_frames(any_source(generate<float>(1, 1, [](std::size_t, std::span<float>) {})));
          }) == "the frames of a transport have no times; use source | timed(times)");
    CHECK(support::sentence_of<invalid_value>([] {
              transport({3, 1});
          }) == "a range from 3 s to 1 s was asked for; both must be finite and the start not after the stop");
}

TEST_CASE("whatever keys are pressed, the time stays in the recording and playing in its range") {
    std::mt19937_64 engine(7);
    for (int round = 0; round < 200; ++round) {
        transport at = round % 3 == 0 ? with_a_gap() : round % 3 == 1 ? ten_seconds() : transport({0, 10});
        at.set_tracks({{"e", event_times(std::vector<double>{0, 1, 4, 4.1, 9.9, 10})}});
        double now_s = 0;
        for (int i = 0; i < 100; ++i) {
            now_s += static_cast<double>(engine() % 1000) / 500;
            const double t = static_cast<double>(engine() % 14000) / 1000 - 2;
            const auto key = engine() % 28;
            CAPTURE(round);
            CAPTURE(key);
            switch (key) {
            case 0: at.toggle_play(now_s); break;
            case 1: at.step(1, now_s); break;
            case 2: at.step(-1, now_s); break;
            case 3: at.seek_by(1, now_s); break;
            case 4: at.seek_by(-10, now_s); break;
            case 5: at.shuttle_forward(now_s); break;
            case 6: at.shuttle_backward(now_s); break;
            case 7: at.shuttle_stop(now_s); break;
            case 8: at.faster(now_s); break;
            case 9: at.slower(now_s); break;
            case 10: at.next_mode(now_s); break;
            case 11: at.set_in_here(now_s); break;
            case 12: at.set_out_here(now_s); break;
            case 13: at.clear_in_out(now_s); break;
            case 14: at.add_bookmark(now_s); break;
            case 15: at.next_bookmark(now_s); break;
            case 16: at.previous_bookmark(now_s); break;
            case 17: at.next_event(now_s); break;
            case 18: at.previous_event(now_s); break;
            case 19: at.play_around_next(now_s); break;
            case 20: at.set_skip_gaps(!at.skips_gaps()); break;
            case 21:
                at.set_pacing(at.pacing() == pacing::real_time ? pacing::every_frame : pacing::real_time, now_s);
                break;
            case 22: at.begin_scrub(t, now_s); break;
            case 23: at.drag_scrub(t); break;
            case 24: at.end_scrub(now_s); break;
            case 25: at.cancel_scrub(now_s); break;
            case 26: at.go_first(now_s); break;
            default: at.seek(t, now_s); break;
            }
            const due_scene due = at.tick(now_s);
            REQUIRE(due.time_s >= 0);
            REQUIRE(due.time_s <= 10);
            REQUIRE(std::isfinite(at.speed()));
            REQUIRE(due.range.start_s <= due.range.stop_s);
            if (at.playing()) {
                REQUIRE(!at.scrubbing());
                // A frame may have begun before a range that is shorter than it.
                REQUIRE(due.time_s >= due.range.start_s - (at.frame_count() > 0 ? 8.2 : 0));
                REQUIRE(due.time_s <= due.range.stop_s);
            }
            if (engine() % 3 != 0) {
                at.shown(due.time_s);
            }
        }
    }
}

} // namespace
