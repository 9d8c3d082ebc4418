// SPDX-License-Identifier: MIT
// Time, nesting and memory: what the lanes hold and how it becomes ordered events.
#include "fieldreel/trace/recording.hpp"

#include "fieldreel/trace/recorder.hpp"

#include "trace_file.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

namespace trace = fieldreel::trace;
using test::fixed_clock;

namespace {

fieldreel::recorder_options on_fixed_clock() {
    fieldreel::recorder_options options;
    options.clock = fixed_clock::read;
    return options;
}

// Runs `work` on a thread of its own with a recorder on the fixed clock, and returns what that thread left.
template <class Work>
std::vector<trace::event> recorded(std::int64_t start, std::int64_t step, Work work) {
    fixed_clock::set(start, step);
    fieldreel::recorder recorder(on_fixed_clock());
    recorder.start();
    work();
    recorder.stop();
    CHECK(test::read_trace(recorder.json()).all_complaints() == "");
    const auto threads = recorder.events();
    return threads.empty() ? std::vector<trace::event>{} : threads[0].events;
}

void nested(int depth) {
    FIELDREEL_TRACE_SPAN("deep");
    if (depth > 1) {
        nested(depth - 1);
    }
}

} // namespace

TEST_CASE("recording: times are the clock's, from the first event on") {
    const auto events = recorded(1700000000000000000, 10, [] {
        FIELDREEL_TRACE_SPAN("frame");
        { FIELDREEL_TRACE_SPAN("read"); }
        FIELDREEL_TRACE_INSTANT("seek");
        { FIELDREEL_TRACE_SPAN("draw"); }
    });
    REQUIRE(events.size() == 4);
    // frame 0-60, read 10-20, seek 30, draw 40-50
    CHECK(events[0].start_ns == 0);
    CHECK(events[0].end_ns == 60);
    CHECK(events[1].start_ns == 10);
    CHECK(events[1].end_ns == 20);
    CHECK(events[2].start_ns == 30);
    CHECK(events[3].start_ns == 40);
    CHECK(events[3].end_ns == 50);
}

TEST_CASE("recording: when the clock stands still, every begin and end is still told apart") {
    const auto events = recorded(5, 0, [] {
        { FIELDREEL_TRACE_SPAN("a"); }
        FIELDREEL_TRACE_SPAN("parent");
        FIELDREEL_TRACE_SPAN("child");
    });
    REQUIRE(events.size() == 3);
    CHECK(events[0].start_ns == 0);
    CHECK(events[0].end_ns == 1);
    CHECK(events[1].start_ns == 2);
    CHECK(events[2].start_ns == 3);
    CHECK(events[2].end_ns == 4);
    CHECK(events[1].end_ns == 5);
}

TEST_CASE("recording: a clock that goes backwards is clamped, also before the first event") {
    const auto events = recorded(1000, 0, [] {
        { FIELDREEL_TRACE_SPAN("a"); }
        fixed_clock::set(1100, 0);
        FIELDREEL_TRACE_SPAN("parent");
        fixed_clock::set(500, 0);
        { FIELDREEL_TRACE_SPAN("child"); }
        FIELDREEL_TRACE_COUNTER("value", 1);
        fixed_clock::set(1200, 0);
    });
    REQUIRE(events.size() == 4);
    CHECK(events[1].start_ns == 100);
    CHECK(events[2].start_ns == 101);
    CHECK(events[2].end_ns == 102);
    CHECK(events[3].start_ns == 102);
    CHECK(events[1].end_ns == 200);
}

TEST_CASE("recording: nesting deeper than 1000") {
    const auto events = recorded(0, 1, [] { nested(3000); });
    REQUIRE(events.size() == 3000);
    CHECK(events.back().depth == 2999);
    for (std::size_t i = 1; i < events.size(); ++i) {
        REQUIRE(events[i].start_ns > events[i - 1].start_ns);
        REQUIRE(events[i].end_ns < events[i - 1].end_ns);
    }
}

TEST_CASE("recording: open spans end when the recording is read, the outer after the inner, and may end later") {
    fixed_clock::set(0, 10);
    fieldreel::recorder recorder(on_fixed_clock());
    recorder.start();
    {
        FIELDREEL_TRACE_SPAN("outer");
        FIELDREEL_TRACE_SPAN("inner");
        fixed_clock::set(1000, 0);
        const auto file = test::read_trace(recorder.json());
        CHECK(file.all_complaints() == "");
        const auto spans = file.of("X");
        REQUIRE(spans.size() == 2);
        CHECK(spans[0].name == "outer (unfinished)");
        CHECK(spans[1].name == "inner (unfinished)");
        CHECK(spans[1].end_ns == 990); // the first event was at 10
        CHECK(spans[0].end_ns == 991);
        fixed_clock::set(2000, 10);
    }
    const auto events = recorder.events().at(0).events;
    CHECK_FALSE(events[0].unfinished);
    CHECK(events[0].end_ns == 2000);
    CHECK(events[1].end_ns == 1990);
}

TEST_CASE("recording: full memory drops the oldest chunk without an open span, counts it, and the file says so") {
    fieldreel::recorder_options options;
    options.max_bytes = 3 * 4096; // chunks of 127 events and, for what then is room, of 255
    fieldreel::recorder recorder(options);
    recorder.start();
    {
        FIELDREEL_TRACE_SPAN("outer"); // keeps the first chunk
        for (int i = 0; i < 1500; ++i) {
            FIELDREEL_TRACE_SPAN("step");
            FIELDREEL_TRACE_COUNTER("i", i);
        }
        CHECK(recorder.dropped() > 0);
        const auto file = test::read_trace(recorder.json());
        CHECK(file.all_complaints() == "");
        CHECK(file.names("X").front() == "outer (unfinished)");
    }
    recorder.stop();
    CHECK(recorder.bytes() == 3 * 4096);
    const auto events = recorder.events().at(0).events;
    CHECK(events.size() + recorder.dropped() == 3001);
    CHECK(events.size() <= 382);
    CHECK(std::string(events.front().name) == "outer");
    CHECK_FALSE(events.front().unfinished);
    CHECK(events.back().value == 1499);
    for (std::size_t i = 1; i < events.size(); ++i) {
        if (std::string(events[i].name) == "step") {
            REQUIRE(events[i].depth == 1);
        }
    }
    const auto file = test::read_trace(recorder.json());
    CHECK(file.all_complaints() == "");
    CHECK(file.dropped == recorder.dropped());
    CHECK(file.labels == std::to_string(events.size()) + " events; " + std::to_string(recorder.dropped()) +
                             " lost: the buffer was full");
}

TEST_CASE("recording: when every chunk has an open span, the newest are dropped") {
    fieldreel::recorder_options options;
    options.max_bytes = 4096;
    fieldreel::recorder recorder(options);
    recorder.start();
    nested(200);
    CHECK(recorder.dropped() == 200 - 127);
    { FIELDREEL_TRACE_SPAN("after"); }
    recorder.stop();
    const auto file = test::read_trace(recorder.json());
    CHECK(file.all_complaints() == "");
    CHECK(file.dropped == recorder.dropped());
}

TEST_CASE("recording: a late thread takes the oldest chunk of another, and of one that has ended") {
    fieldreel::recorder_options options;
    options.max_bytes = 4 * 4096;
    fieldreel::recorder recorder(options);
    recorder.start();
    const auto steps = [](int count) {
        for (int i = 0; i < count; ++i) {
            FIELDREEL_TRACE_SPAN("step");
        }
    };
    steps(1000);
    std::thread([&] { steps(100); }).join();
    CHECK(recorder.events().at(1).events.size() == 100);
    for (int i = 0; i < 20; ++i) { // more threads than chunks
        std::thread([&] { steps(100); }).join();
    }
    recorder.stop();
    const auto threads = recorder.events();
    REQUIRE(threads.size() == 22);
    CHECK(threads.back().events.size() == 100);
    std::size_t kept = 0;
    for (const auto& thread : threads) {
        kept += thread.events.size();
    }
    CHECK(kept + recorder.dropped() == 1000 + 2100);
    CHECK(test::read_trace(recorder.json()).all_complaints() == "");
}

TEST_CASE("recording: after a gap, what ended in it encloses nothing, and lost parents do not make siblings nest") {
    using fieldreel::detail::trace_event;
    using fieldreel::detail::trace_kind;
    using fieldreel::detail::trace_open_end;
    const trace_event before[] = {{0, {trace_open_end}, "open", trace_kind::span, 0},
                                  {10, {50}, "ended in the gap", trace_kind::span, 1}};
    const trace_event after[] = {{100, {110}, "a", trace_kind::span, 2}, // its parent of depth 1 was dropped
                                 {120, {130}, "b", trace_kind::span, 2},
                                 {140, {150}, "c", trace_kind::span, 1}};
    const auto events = fieldreel::detail::trace_resolve({{before, 2, false}, {after, 3, true}}, 0, 1, 1000);
    REQUIRE(events.size() == 5);
    CHECK(events[1].end_ns == 50);
    CHECK(events[0].end_ns == 1000);
    for (std::size_t i = 2; i < 5; ++i) {
        CHECK(events[i].depth == 1);
        CHECK(events[i].end_ns - events[i].start_ns == 10);
    }
}

TEST_CASE("recording: memory grows with use, from a few kilobytes per thread") {
    fieldreel::recorder recorder;
    recorder.start();
    FIELDREEL_TRACE_INSTANT("one");
    CHECK(recorder.bytes() == 4096);
    for (int i = 0; i < 127; ++i) {
        FIELDREEL_TRACE_INSTANT("more");
    }
    CHECK(recorder.bytes() == 4096 + 16384);
    for (int i = 0; i < 100000; ++i) {
        FIELDREEL_TRACE_INSTANT("more");
    }
    CHECK(static_cast<double>(recorder.bytes()) / 100128 < 32.8); // 32 an event, and the chunk that is not full yet
}

TEST_CASE("recording: a thread knows hundreds of names") {
    std::vector<std::string> names;
    for (int i = 0; i < 500; ++i) {
        names.push_back("name " + std::to_string(i));
    }
    fieldreel::recorder recorder;
    recorder.start();
    for (int round = 0; round < 3; ++round) {
        for (const std::string& name : names) {
            trace::instant(name.c_str());
        }
    }
    trace::instant(nullptr);
    recorder.stop();
    const auto events = recorder.events().at(0).events;
    REQUIRE(events.size() == 1501);
    CHECK(std::string(events[1234].name) == "name 234");
    CHECK(std::string(events[1500].name) == "");
}

TEST_CASE("recording: the machine's clock runs forward and agrees with the steady clock") {
    // The two clocks are read one after the other: a thread that is put aside between them sees them apart. One
    // undisturbed measurement of five is enough.
    bool agreed = false;
    double ns = 0;
    double most = 0;
    for (int attempt = 0; attempt < 5 && !agreed; ++attempt) {
        fieldreel::recorder recorder;
        recorder.start();
        const std::int64_t start = fieldreel::detail::trace_steady_ns();
        std::int64_t end = start;
        {
            FIELDREEL_TRACE_SPAN("20 ms");
            while (end - start < 20000000) {
                end = fieldreel::detail::trace_steady_ns();
            }
        }
        recorder.stop();
        const auto events = recorder.events().at(0).events;
        ns = static_cast<double>(events.at(0).end_ns - events.at(0).start_ns);
        most = 1.01 * static_cast<double>(fieldreel::detail::trace_steady_ns() - start);
        CHECK(ns > 0);
        agreed = ns >= 19.9e6 && ns <= most;
    }
    CAPTURE(ns);
    CAPTURE(most);
    CHECK(agreed);
}
