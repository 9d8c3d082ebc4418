// SPDX-License-Identifier: MIT
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/window/scene_worker.hpp>
#include <fieldreel/window/transport.hpp>

#define FIELDREEL_TEST_COUNTS_ALLOCATIONS
#include "support/allocation_counter.hpp"
#include "support/gated_source.hpp"
#include "support/throwing_source.hpp"
#include "support/watched_source.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Every bin of frame i holds i.
auto numbered_frames(std::size_t count = 1000) {
    return generate<float>(count, 6, [](std::size_t i, std::span<float> out) {
        for (float& value : out) {
            value = static_cast<float>(i);
        }
    });
}
template <class Source>
playback ten_a_second(const Source& source) {
    playback out;
    out.add_field(source | timed({.rate_hz = 10}), grid::full({0, 0}, {3, 2}, {3, 2}), {});
    return out;
}
/// The frame that all values of a scene agree on.
double shown_frame(const worked_scene& made) {
    const auto values = made.content.fields.at(0).values();
    for (std::size_t b = 0; b < values.size(); ++b) {
        if (values[b] != values[0]) {
            return -2;
        }
    }
    return values.empty() ? -1 : values[0];
}

TEST_CASE("scene_worker: what is asked for is filled on another thread, and taken once") {
    playback what = ten_a_second(numbered_frames());
    std::atomic<int> ready{0};
    std::atomic<bool> elsewhere{false};
    const auto here = std::this_thread::get_id();
    scene_worker worker(what, [&] {
        elsewhere = std::this_thread::get_id() != here;
        ++ready;
        ready.notify_all();
    });
    CHECK(worker.take() == nullptr);
    CHECK(!worker.busy());
    CHECK(worker.current().content.fields.empty());
    worker.ask(4.25);
    worker.wait();
    CHECK(!worker.busy());
    const worked_scene* const made = worker.take();
    REQUIRE(made != nullptr);
    CHECK(made->content.time_s == 4.25);
    CHECK(made->asked_s == 4.25);
    CHECK(shown_frame(*made) == 42);
    CHECK(made->content.fields[0].frame() == 42);
    CHECK(made->error.empty());
    CHECK(made->number == 1);
    CHECK(made->work.read_ms >= 0);
    CHECK(worker.take() == nullptr); // nothing newer
    CHECK(&worker.current() == made);
    ready.wait(0);
    CHECK(ready == 1);
    CHECK(elsewhere);
}

TEST_CASE("scene_worker: the time asked for last wins, what was not begun is dropped") {
    const support::gated_source gate(numbered_frames());
    playback what = ten_a_second(gate);
    scene_worker worker(what);
    gate.close();
    worker.ask(1);
    gate.await_reads(1); // it has begun with 1 s, and stands
    for (int i = 2; i <= 50; ++i) {
        worker.ask(i);
        CHECK(worker.take() == nullptr); // and nobody waits for it
        CHECK(worker.busy());
    }
    gate.open();
    worker.wait();
    const worked_scene* const made = worker.take();
    REQUIRE(made != nullptr);
    CHECK(shown_frame(*made) == 500);
    CHECK(made->number == 2);
    CHECK(worker.counts().asked == 50);
    CHECK(worker.counts().filled == 2);
    CHECK(worker.counts().replaced == 48);
    CHECK(worker.counts().failed == 0);
}

TEST_CASE("scene_worker: a scene that is soon there is waited for, one that is overdue is not") {
    const support::gated_source gate(numbered_frames());
    playback what = ten_a_second(gate);
    scene_worker worker(what);
    worker.ask(1);
    const worked_scene* made = worker.take(3600); // it comes in a moment, and the wait ends
    REQUIRE(made != nullptr);
    CHECK(shown_frame(*made) == 10);
    CHECK(worker.take(3600) == nullptr); // nothing is asked for: no wait
    worker.change([](playback&) {});
    CHECK(worker.take(3600) != nullptr); // filled again

    gate.close();
    worker.ask(2);
    gate.await_reads(2);
    const auto began = std::chrono::steady_clock::now();
    CHECK(worker.take(0.02) == nullptr);
    CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(1));
    for (int i = 3; i < 2000; ++i) { // overdue, whatever is asked for since: 40 s if each of them waited
        worker.ask(i);
        CHECK(worker.take(0.02) == nullptr);
    }
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(20));
    gate.open();
    worker.wait();
    CHECK(worker.take(0.02) != nullptr);
}

TEST_CASE("scene_worker: a scene that is finished late is there before the one asked for last") {
    const support::gated_source gate(numbered_frames());
    playback what = ten_a_second(gate);
    std::atomic<int> ready{0};
    scene_worker worker(what, [&] {
        ++ready;
        ready.notify_all();
        gate.close(); // the next one stands again
    });
    gate.close();
    worker.ask(1);
    gate.await_reads(1);
    worker.ask(2);
    gate.open();
    ready.wait(0);
    const worked_scene* const early = worker.take();
    REQUIRE(early != nullptr);
    CHECK(early->asked_s == 1); // shown, and known to be late
    CHECK(worker.busy());
    CHECK(shown_frame(*early) == 10);
    gate.open();
    worker.wait();
    CHECK(shown_frame(*early) == 10); // the taken one is left alone
    CHECK(worker.take()->asked_s == 2);
    gate.open();
}

TEST_CASE("scene_worker: the same time is not filled twice, but when asked again") {
    const support::gated_source gate(numbered_frames());
    playback what = ten_a_second(gate);
    scene_worker worker(what);
    worker.ask_again(); // nothing was asked yet
    worker.wait();
    for (int i = 0; i < 10; ++i) {
        worker.ask(1);
        worker.ask({.time_s = 1, .velocity = i % 2 == 0 ? 1.0 : 0.0}); // only the sources are told
        worker.wait();
    }
    CHECK(worker.counts().filled == 1);
    CHECK(worker.counts().asked == 1);
    worker.take();
    worker.ask_again();
    worker.wait();
    CHECK(worker.counts().filled == 2);
    CHECK(worker.take()->number == 2);
}

TEST_CASE("scene_worker: the sources are told where playing goes, also when nothing new is filled") {
    const support::source_with_cursor source(100, 6);
    playback what = ten_a_second(source);
    scene_worker worker(what);
    worker.ask({.time_s = 1, .velocity = -2, .mode = play_mode::loop, .range = time_range{0.5, 5}});
    worker.wait();
    const std::vector<motion>& hints = source.asked().hints;
    REQUIRE(hints.size() == 1);
    CHECK(hints[0].frame == 10);
    CHECK(hints[0].frames_per_s == doctest::Approx(-20));
    CHECK(hints[0].mode == play_mode::loop);
    CHECK(hints[0].region == frame_range{5, 51});
    worker.take();
    worker.ask({.time_s = 1});
    worker.wait();
    REQUIRE(hints.size() == 2);
    CHECK(hints[1].frames_per_s == 0);
    CHECK(hints[1].region == frame_range{0, 100});
    CHECK(worker.take() == nullptr);
    worker.ask({.time_s = 1}); // nothing new to tell
    worker.wait();
    CHECK(hints.size() == 2);
}

TEST_CASE("scene_worker: the scene that was taken stays as it is, however many are filled after it") {
    playback what = ten_a_second(numbered_frames());
    scene_worker worker(what);
    worker.ask(1);
    worker.wait();
    const worked_scene* const taken = worker.take();
    for (int i = 2; i < 8; ++i) {
        worker.ask(i);
        worker.wait();
        CHECK(shown_frame(*taken) == 10);
        CHECK(taken->number == 1);
    }
    CHECK(shown_frame(*worker.take()) == 70);
    CHECK(worker.take() == nullptr);
}

TEST_CASE("scene_worker: an error of a source is kept with its scene, and playing goes on") {
    const support::throwing_source source(numbered_frames());
    playback what = ten_a_second(source);
    scene_worker worker(what);
    source.fail(1);
    worker.ask(3);
    worker.wait();
    const worked_scene* made = worker.take();
    REQUIRE(made != nullptr);
    CHECK(made->error == "frame 30 is broken");
    CHECK(made->content.time_s == 3);
    CHECK(made->content.fields.at(0).values().empty()); // nothing of another moment
    CHECK(worker.counts().failed == 1);
    worker.ask(4);
    worker.wait();
    made = worker.take();
    CHECK(made->error.empty());
    CHECK(shown_frame(*made) == 40);
    worker.ask(nan);
    worker.wait();
    CHECK(worker.take()->error == "the scene at nan s was asked for; give a finite time");
    source.fail(1);
    worker.ask(5);
    worker.wait();
    worker.ask_again();
    worker.wait();
    made = worker.take();
    CHECK(made->error.empty());
    CHECK(shown_frame(*made) == 50);
}

TEST_CASE("scene_worker: something thrown that is no exception is an error too") {
    playback what = ten_a_second(generate<float>(100, 6, [](std::size_t i, std::span<float>) {
        if (i == 3) {
            throw 7;
        }
        throw std::runtime_error("");
    }));
    scene_worker worker(what);
    for (const double time_s : {0.3, 0.4}) {
        worker.ask(time_s);
        worker.wait();
        CHECK(worker.take()->error == "a source failed without saying why");
    }
}

TEST_CASE("scene_worker: changes come between two scenes, in order, and the last one is filled again") {
    playback what = ten_a_second(numbered_frames());
    scene_worker worker(what);
    worker.change([](playback& p) { p.set_style(0, {.title = "first"}); });
    worker.wait(); // nothing is asked yet: nothing to fill
    CHECK(worker.take() == nullptr);
    worker.ask(2);
    worker.wait();
    CHECK(worker.take()->content.fields[0].style().title == "first");
    worker.change([](playback& p) { p.set_style(0, {.title = "second"}); });
    worker.change([](playback& p) { p.set_style(0, {.title = p.style(0).title + " and third"}); });
    worker.wait();
    const worked_scene* made = worker.take();
    REQUIRE(made != nullptr);
    CHECK(made->content.fields[0].style().title == "second and third");
    CHECK(shown_frame(*made) == 20);
    worker.change([](playback&) { throw std::runtime_error("no such cell"); });
    worker.wait();
    made = worker.take();
    CHECK(made->error == "no such cell");
    CHECK(shown_frame(*made) == 20); // the scene itself is whole
    worker.ask(3);
    worker.wait();
    CHECK(worker.take()->error.empty());
}

TEST_CASE("scene_worker: a look between two scenes fills none, and what it throws hurts nobody") {
    playback what = ten_a_second(numbered_frames());
    scene_worker worker(what);
    std::atomic<int> looked{0};
    worker.look([&] { ++looked; });
    worker.wait();
    CHECK(looked == 1);
    worker.ask(2);
    worker.wait();
    REQUIRE(worker.take() != nullptr);
    worker.look([&] {
        ++looked;
        throw std::runtime_error("nothing there");
    });
    worker.wait();
    CHECK(looked == 2);
    CHECK(worker.take() == nullptr);
    CHECK(worker.counts().filled == 1);
    worker.ask(3);
    worker.wait();
    CHECK(worker.take()->error.empty());
}

TEST_CASE("scene_worker: a change that fails before anything was asked is told with the first scene") {
    playback what = ten_a_second(numbered_frames());
    scene_worker worker(what);
    worker.change([](playback&) { throw std::runtime_error("too early"); });
    worker.wait();
    worker.ask(1);
    worker.wait();
    CHECK(worker.take()->error == "too early");
}

TEST_CASE("scene_worker: it ends while nothing, something or much is asked for") {
    playback what = ten_a_second(numbered_frames());
    for (int round = 0; round < 200; ++round) {
        scene_worker worker(what);
        for (int i = 0; i < round % 5; ++i) {
            worker.ask(i + 0.5);
        }
        if (round % 3 == 0) {
            worker.take();
        }
    }
    const support::gated_source gate(numbered_frames());
    playback slow = ten_a_second(gate);
    gate.close();
    std::thread opener;
    {
        scene_worker worker(slow);
        worker.ask(1);
        gate.await_reads(1);
        worker.ask(2); // dropped
        opener = std::thread([&] { gate.open(); });
    }
    opener.join();
    gate.await_reads(1);
    scene after;
    slow.fill(9.95, after); // the playback is free again
    CHECK(after.fields[0].frame() == 99);
}

TEST_CASE("scene_worker: a window that asks and takes as fast as it can sees whole scenes, in order") {
    playback what = ten_a_second(numbered_frames());
    scene_worker worker(what);
    std::mt19937 engine(11);
    std::uint64_t number = 0;
    std::size_t taken = 0;
    for (int i = 0; i < 5000; ++i) {
        const double time_s = static_cast<double>(engine() % 1000) / 10 + 0.05;
        worker.ask({.time_s = time_s, .velocity = 1});
        if (const worked_scene* const made = worker.take()) {
            ++taken;
            REQUIRE(made->number > number);
            number = made->number;
            REQUIRE(shown_frame(*made) == std::floor(made->asked_s * 10));
            REQUIRE(made->content.time_s == made->asked_s);
        }
        if (i % 50 == 0) {
            worker.wait();
        }
    }
    worker.wait();
    const worker_counts counts = worker.counts();
    CHECK(taken >= 99);
    CHECK(counts.filled + counts.replaced == counts.asked);
}

TEST_CASE("scene_worker: play controls and worker together: every frame is shown once, the broken ones too") {
    const support::throwing_source source(numbered_frames(40));
    playback what = ten_a_second(source);
    transport controls(what);
    controls.set_pacing(pacing::every_frame, 0);
    scene_worker worker(what);
    controls.play(0);
    std::vector<double> seen;
    int broken = 0;
    bool armed = false;
    for (double now_s = 0; controls.playing(); now_s += 0.1) {
        const due_scene due = controls.tick(now_s);
        if (controls.frame(now_s) == 15 && !armed) {
            armed = true;
            source.fail(1);
        }
        worker.ask({.time_s = due.time_s, .velocity = due.velocity, .mode = due.mode, .range = due.range});
        std::this_thread::yield();
        if (seen.size() % 3 == 1) {
            worker.wait(); // after other frames the scene comes late, or not
        }
        if (const worked_scene* const made = worker.take()) {
            seen.push_back(made->asked_s);
            broken += made->error.empty() ? 0 : 1;
        }
        if (!seen.empty()) {
            controls.shown(worker.current().asked_s); // at each turn what is on the screen
        }
    }
    worker.wait();
    REQUIRE(seen.size() == 40);
    for (std::size_t i = 0; i < seen.size(); ++i) {
        CHECK(seen[i] == what.source().time_s(i));
    }
    CHECK(broken == 1);
    CHECK(controls.counts() == frame_counts{40, 40});
}

TEST_CASE("scene_worker: after warm-up nothing is allocated") {
    playback what = ten_a_second(numbered_frames());
    scene_worker worker(what);
    const auto round = [&](int from) {
        for (int i = from; i < from + 20; ++i) {
            worker.ask(i + 0.5);
            worker.wait();
            worker.take();
        }
    };
    round(0);
    const std::size_t made = support::count_allocations([&] { round(20); });
    if (support::allocations_are_counted) {
        CHECK(made == 0);
    }
}

} // namespace
