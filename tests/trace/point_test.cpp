// SPDX-License-Identifier: MIT
#include "fieldreel/trace/point.hpp"

#include "fieldreel/trace/recorder.hpp"

#include "trace_file.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <type_traits>

namespace trace = fieldreel::trace;

static_assert(!std::is_copy_constructible_v<trace::span> && !std::is_copy_assignable_v<trace::span>);

TEST_CASE("point: off, nothing is recorded and a counter's value is not evaluated") {
    fieldreel::recorder recorder;
    REQUIRE_FALSE(trace::enabled());
    int evaluated = 0;
    {
        FIELDREEL_TRACE_SPAN("span");
        FIELDREEL_TRACE_INSTANT("instant");
        FIELDREEL_TRACE_COUNTER("counter", ++evaluated);
    }
    CHECK(evaluated == 0);
    CHECK(recorder.events().empty());
    CHECK(recorder.bytes() == 0);
}

TEST_CASE("point: on, each leaves one event, two spans of one scope nest") {
    fieldreel::recorder recorder;
    recorder.start();
    CHECK(trace::enabled());
    {
        FIELDREEL_TRACE_SPAN("outer");
        FIELDREEL_TRACE_SPAN("inner");
        FIELDREEL_TRACE_INSTANT("instant");
        const std::size_t bytes = 4096;
        FIELDREEL_TRACE_COUNTER("counter", bytes);
        if (true)
            FIELDREEL_TRACE_COUNTER("brace-less", 1);
    }
    recorder.stop();
    CHECK_FALSE(trace::enabled());
    const auto threads = recorder.events();
    REQUIRE(threads.size() == 1);
    const auto& events = threads[0].events;
    REQUIRE(events.size() == 5);
    CHECK(std::string(events[0].name) == "outer");
    CHECK(std::string(events[1].name) == "inner");
    CHECK(events[0].depth == 0);
    CHECK(events[1].depth == 1);
    CHECK(events[1].end_ns < events[0].end_ns);
    CHECK(events[2].kind == trace::event_kind::instant);
    CHECK(events[3].kind == trace::event_kind::counter);
    CHECK(events[3].value == 4096.0);
    CHECK(events[3].depth == 2);
}

TEST_CASE("point: a span that an exception leaves is closed") {
    fieldreel::recorder recorder;
    recorder.start();
    try {
        FIELDREEL_TRACE_SPAN("thrown");
        throw 1;
    } catch (int) {
        FIELDREEL_TRACE_SPAN("after");
    }
    recorder.stop();
    const auto events = recorder.events().at(0).events;
    REQUIRE(events.size() == 2);
    CHECK_FALSE(events[0].unfinished);
    CHECK(events[1].depth == 0);
    CHECK(events[1].start_ns > events[0].end_ns);
}

TEST_CASE("point: a thread's name reaches the recording before and after its first event") {
    fieldreel::recorder recorder;
    recorder.start();
    std::thread([] {
        trace::name_thread("early");
        FIELDREEL_TRACE_INSTANT("x");
    }).join();
    std::thread([] {
        FIELDREEL_TRACE_INSTANT("x");
        trace::name_thread("late");
    }).join();
    std::thread([] { FIELDREEL_TRACE_INSTANT("x"); }).join();
    recorder.stop();
    const auto threads = recorder.events();
    REQUIRE(threads.size() == 3);
    CHECK(threads[0].name == "early");
    CHECK(threads[1].name == "late");
    CHECK(threads[2].name == "thread 3");
    CHECK(threads[2].tid == 3);
}

TEST_CASE("point: every name that the library and the program trace is in the README's table") {
    namespace fs = std::filesystem;
    const fs::path root = fs::path(FIELDREEL_TEST_DIR).parent_path();
    const std::string readme = test::file_text((root / "README.md").string());
    const std::size_t start = readme.find("## Tracing");
    REQUIRE(start != std::string::npos);
    const std::string section = readme.substr(start, readme.find("\n## ", start) - start);
    std::size_t names = 0;
    for (const char* folder : {"include/fieldreel", "examples"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            if (!entry.is_regular_file() || entry.path().filename() == "point.hpp") {
                continue;
            }
            const std::string text = test::file_text(entry.path().string());
            for (std::size_t at = text.find("FIELDREEL_TRACE_"); at != std::string::npos;
                 at = text.find("FIELDREEL_TRACE_", at + 1)) {
                const std::size_t open = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", at);
                if (open == std::string::npos || text.compare(open, 2, "(\"") != 0) {
                    continue;
                }
                const std::string name = text.substr(open + 2, text.find('"', open + 2) - open - 2);
                CAPTURE(name);
                CHECK(section.find("`" + name + "`") != std::string::npos);
                ++names;
            }
        }
    }
    CHECK(names > 20);
}

TEST_CASE("point: flows have an id, off they have none") {
    CHECK(trace::next_flow() == 0);
    fieldreel::recorder recorder;
    recorder.start();
    std::uint64_t id = 0;
    std::thread([&id] {
        FIELDREEL_TRACE_SPAN("read ahead");
        id = trace::next_flow();
        FIELDREEL_TRACE_FLOW_BEGIN("prefetch", id);
    }).join();
    CHECK(id != 0);
    {
        FIELDREEL_TRACE_SPAN("use");
        FIELDREEL_TRACE_FLOW_END("prefetch", id);
        FIELDREEL_TRACE_FLOW_END("prefetch", 0); // no arrow
    }
    recorder.stop();
    CHECK(trace::next_flow() == 0);
    const auto file = test::read_trace(recorder.json());
    CHECK(file.all_complaints() == "");
    REQUIRE(file.of("s").size() == 1);
    REQUIRE(file.of("f").size() == 1);
    CHECK(file.of("s")[0].value == static_cast<double>(id));
    CHECK(file.of("f")[0].value == static_cast<double>(id));
    CHECK(file.of("s")[0].tid != file.of("f")[0].tid);
}
