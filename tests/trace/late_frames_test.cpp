// SPDX-License-Identifier: MIT
#include "fieldreel/trace/late_frames.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace trace = fieldreel::trace;
using trace::event;
using trace::event_kind;

namespace {

event span_of(const char* name, std::int64_t start_ms, std::int64_t end_ms, std::uint32_t depth) {
    return {event_kind::span, false, depth, name, start_ms * 1000000, end_ms * 1000000, 0};
}
event counter_of(const char* name, std::int64_t time_ms, double value, std::uint32_t depth) {
    return {event_kind::counter, false, depth, name, time_ms * 1000000, time_ms * 1000000, value};
}

} // namespace

TEST_CASE("late_frames: the stage that made each late, by its own time, with frame and time") {
    std::vector<trace::thread_events> threads(2);
    threads[0].tid = 1;
    threads[0].events = {counter_of("step.frame", 0, 99, 0), // outside of a step: not its own
                         span_of("step", 0, 20, 0),          // in time
                         counter_of("step.frame", 1, 1233, 1),
                         span_of("source.read", 2, 19, 1),
                         span_of("step", 100, 141, 0),
                         counter_of("step.frame", 100, 1234, 1),
                         counter_of("step.time_s", 100, 614.2, 1),
                         span_of("source.read", 100, 139, 1),
                         span_of("cache.miss", 101, 139, 2),
                         span_of("overlay.build", 139, 140, 1),
                         span_of("step", 200, 240, 0), // nothing traced within
                         span_of("other", 300, 400, 0)};
    threads[1].tid = 2;
    threads[1].events = {span_of("step", 0, 50, 0), span_of("paint", 1, 21, 1), span_of("raster", 21, 30, 1),
                         span_of("paint", 30, 40, 1)};
    const auto late = trace::late_frames(threads, {.limit_ms = 33});
    REQUIRE(late.size() == 3);
    CHECK(late[0].frame == 1234);
    CHECK(late[0].time_s == 614.2);
    CHECK(late[0].start_ms == 100);
    CHECK(late[0].duration_ms == 41);
    CHECK(late[0].stage == "cache.miss");
    CHECK(late[0].stage_ms == 38);
    CHECK(trace::late_text(late[0]) == "frame 1234 at 10:14.2: 41 ms, of which cache.miss 38 ms");
    CHECK(late[1].stage == "step");
    CHECK(std::isnan(late[1].frame));
    CHECK(trace::late_text(late[1]) == "a step at 200.0 ms of the trace: 40 ms, of which step 40 ms");
    CHECK(late[2].tid == 2);
    CHECK(late[2].stage == "paint"); // 30 ms in two spans
    CHECK(late[2].stage_ms == 30);
    CHECK(trace::late_frames(threads, {.limit_ms = 41}).size() == 1);
    CHECK(trace::late_frames(threads, {.limit_ms = 10, .step = "other"}).size() == 1);
    CHECK(trace::late_frames({}).empty());
}

TEST_CASE("late_frames: times in words") {
    trace::late_frame late;
    late.duration_ms = 7.25;
    late.stage = "paint";
    late.stage_ms = 3.04;
    late.frame = 12;
    CHECK(trace::late_text(late) == "frame 12: 7.2 ms, of which paint 3.0 ms");
    late.time_s = 3599.96; // rounds up to the hour
    CHECK(trace::late_text(late) == "frame 12 at 1:00:00.0: 7.2 ms, of which paint 3.0 ms");
    late.time_s = 7325.5;
    CHECK(trace::late_text(late) == "frame 12 at 2:02:05.5: 7.2 ms, of which paint 3.0 ms");
    late.time_s = -1.5;
    CHECK(trace::late_text(late) == "frame 12 at -0:01.5: 7.2 ms, of which paint 3.0 ms");
    late.time_s = std::numeric_limits<double>::infinity();
    late.frame = std::nan("");
    CHECK(trace::late_text(late) == "a step at 0.0 ms of the trace: 7.2 ms, of which paint 3.0 ms");
}

TEST_CASE("late_frames: a limit that is no duration is refused") {
    CHECK_THROWS_WITH_AS(trace::late_frames({}, {.limit_ms = -1}),
                         "limit_ms is -1; milliseconds from 0 on are allowed; leave it unset for 33.3",
                         fieldreel::invalid_value);
    CHECK_THROWS_AS(trace::late_frames({}, {.limit_ms = std::nan("")}), fieldreel::invalid_value);
}
