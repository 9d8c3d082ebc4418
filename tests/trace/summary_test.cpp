// SPDX-License-Identifier: MIT
#include "fieldreel/trace/summary.hpp"

#include "trace_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace trace = fieldreel::trace;
using test::fixed_clock;
using trace::event;
using trace::event_kind;

namespace {

event span_of(const char* name, std::int64_t start_ms, std::int64_t end_ms, std::uint32_t depth) {
    return {event_kind::span, false, depth, name, start_ms * 1000000, end_ms * 1000000, 0};
}

} // namespace

TEST_CASE("summary: count, total, self and percentiles by hand") {
    std::vector<trace::thread_events> threads(2);
    threads[0].events = {span_of("step", 0, 100, 0),
                         span_of("read", 10, 40, 1),
                         span_of("disk", 20, 30, 2),
                         span_of("paint", 50, 90, 1),
                         {event_kind::counter, false, 1, "step", 95, 95, 1},
                         span_of("step", 200, 220, 0),
                         span_of("read", 205, 210, 1)};
    threads[1].events = {span_of("read", 0, 7, 0)};
    const auto rows = trace::summarize(threads);
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].name == "step");
    CHECK(rows[0].count == 2);
    CHECK(rows[0].total_ms == doctest::Approx(120));
    CHECK(rows[0].self_ms == doctest::Approx(120 - 30 - 40 - 5));
    CHECK(rows[0].mean_ms == doctest::Approx(60));
    CHECK(rows[0].p50_ms == doctest::Approx(60));
    CHECK(rows[0].p95_ms == doctest::Approx(96));
    CHECK(rows[0].p99_ms == doctest::Approx(99.2));
    CHECK(rows[0].max_ms == doctest::Approx(100));
    CHECK(rows[1].name == "read"); // 42 ms of two threads
    CHECK(rows[1].count == 3);
    CHECK(rows[1].total_ms == doctest::Approx(42));
    CHECK(rows[1].self_ms == doctest::Approx(32));
    CHECK(rows[1].p50_ms == doctest::Approx(7));
    CHECK(rows[2].name == "paint");
    CHECK(rows[3].name == "disk");
    CHECK(trace::summarize(std::vector<trace::thread_events>{}).empty());
}

TEST_CASE("summary: names are texts, not addresses, unfinished spans stand apart") {
    const char a[] = "same";
    const char b[] = "same";
    std::vector<trace::thread_events> threads(1);
    threads[0].events = {span_of(a, 0, 1, 0), span_of(b, 2, 4, 0), span_of(a, 5, 9, 0)};
    threads[0].events[2].unfinished = true;
    const auto rows = trace::summarize(threads);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].name == "same (unfinished)");
    CHECK(rows[1].count == 2);
    CHECK(rows[1].total_ms == doctest::Approx(3));
}

TEST_CASE("summary: equals what is computed from the file") {
    fieldreel::recorder recorder;
    recorder.start();
    for (int i = 0; i < 500; ++i) {
        FIELDREEL_TRACE_SPAN("step");
        { FIELDREEL_TRACE_SPAN("read"); }
        {
            FIELDREEL_TRACE_SPAN("paint");
            FIELDREEL_TRACE_SPAN("probe");
        }
    }
    recorder.stop();
    // Not by depth but by what encloses what in time.
    std::map<std::string, std::vector<std::int64_t>> durations;
    std::map<std::string, std::int64_t> inside;
    std::vector<test::record> open;
    for (const test::record& r : test::read_trace(recorder.json()).of("X")) {
        while (!open.empty() && open.back().end_ns <= r.start_ns) {
            open.pop_back();
        }
        durations[r.name].push_back(r.end_ns - r.start_ns);
        if (!open.empty()) {
            inside[open.back().name] += r.end_ns - r.start_ns;
        }
        open.push_back(r);
    }
    const auto rows = trace::summarize(recorder);
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].name == "step");
    double self = 0;
    for (const auto& row : rows) {
        auto& d = durations.at(row.name);
        std::sort(d.begin(), d.end());
        std::int64_t total = 0;
        for (const auto ns : d) {
            total += ns;
        }
        CHECK(row.count == d.size());
        // The clock's rate is measured anew at each reading: equal to 0.1 %, and to the nanosecond that is rounded to.
        constexpr double one_ns = 1e-6;
        CHECK(row.total_ms == doctest::Approx(static_cast<double>(total) * 1e-6).epsilon(1e-3));
        CHECK(row.self_ms == doctest::Approx(static_cast<double>(total - inside[row.name]) * 1e-6).epsilon(1e-3));
        CHECK(row.max_ms == doctest::Approx(static_cast<double>(d.back()) * 1e-6).epsilon(1e-3));
        CHECK(row.p50_ms >= static_cast<double>(d[d.size() / 2 - 1]) * 0.999e-6 - one_ns);
        CHECK(row.p50_ms <= static_cast<double>(d[d.size() / 2]) * 1.001e-6 + one_ns);
        CHECK(row.p50_ms <= row.p95_ms);
        CHECK(row.p95_ms <= row.p99_ms);
        CHECK(row.p99_ms <= row.max_ms);
        self += row.self_ms;
    }
    CHECK(self == doctest::Approx(rows[0].total_ms));
}

TEST_CASE("summary: the table") {
    std::vector<trace::thread_events> threads(1);
    threads[0].events = {span_of("caf\xC3\xA9", 0, 1000, 0), span_of("a\nb", 1, 2, 1), span_of("c", 3, 4, 1)};
    const auto rows = trace::summarize(threads);
    CHECK(trace::summary_table(rows, 2) ==
          "span  count  total ms  self ms   mean ms    p50 ms    p95 ms    p99 ms    max ms  share %\n"
          "caf\xC3\xA9      1  1000.000  998.000  1000.000  1000.000  1000.000  1000.000  1000.000     99.8\n"
          "a b       1     1.000    1.000     1.000     1.000     1.000     1.000     1.000      0.1\n"
          "1 more spans\n");
    // Narrower: p95, mean, total, share, p99 and max go, in this order.
    CHECK(trace::summary_table(rows, 1, 89)
              .starts_with(
                  "span  count  total ms  self ms   mean ms    p50 ms    p95 ms    p99 ms    max ms  share %\n"));
    CHECK(trace::summary_table(rows, 1, 88)
              .starts_with("span  count  total ms  self ms   mean ms    p50 ms    p99 ms    max ms  share %\n"));
    CHECK(trace::summary_table(rows, 1, 60) == "span  count  self ms    p50 ms    p99 ms    max ms  share %\n"
                                               "caf\xC3\xA9      1  998.000  1000.000  1000.000  1000.000     99.8\n"
                                               "2 more spans\n");
    CHECK(trace::summary_table(rows, 1, 1).starts_with("span  count  self ms    p50 ms\n"));
    CHECK(trace::summary_table({}) ==
          "span  count  total ms  self ms  mean ms  p50 ms  p95 ms  p99 ms  max ms  share %\n");
}

TEST_CASE("summary: as JSON") {
    std::vector<trace::thread_events> threads(1);
    threads[0].events = {span_of("say \"a\"\n", 0, 4, 0), span_of("b", 1, 2, 1)};
    const auto json = nlohmann::json::parse(trace::summary_json(trace::summarize(threads)));
    REQUIRE(json.size() == 2);
    CHECK(json[0]["name"] == "say \"a\"\n");
    CHECK(json[0]["count"] == 1);
    CHECK(json[0]["self_ms"] == 3.0);
    CHECK(json[0]["share"] == 0.75);
    CHECK(json[1]["p99_ms"] == 1.0);
    CHECK(json[1].size() == 10);
    CHECK(nlohmann::json::parse(trace::summary_json({})).empty());
}

TEST_CASE("summary: folded stacks") {
    const char a[] = "same";
    const char b[] = "same";
    std::vector<trace::thread_events> threads(2);
    threads[0].name = "main";
    threads[0].events = {span_of("step", 0, 10, 0), span_of("read", 1, 5, 1), span_of("a;b\n", 2, 3, 2),
                         span_of("read", 6, 8, 1),  span_of(a, 20, 21, 0),    span_of(b, 22, 24, 0)};
    threads[1].name = "";
    threads[1].events = {span_of("", 0, 1, 0)};
    CHECK(trace::folded(threads) == "_;_ 1000000\n"
                                    "main;same 3000000\n"
                                    "main;step 4000000\n"
                                    "main;step;read 5000000\n"
                                    "main;step;read;a_b_ 1000000\n");
    CHECK(trace::folded(std::vector<trace::thread_events>{}) == "");
}

TEST_CASE("summary: a million spans are a table in well under a second") {
    std::vector<trace::thread_events> threads(1);
    for (std::int64_t i = 0; i < 250000; ++i) {
        for (const auto& e :
             {span_of("frame", 10 * i, 10 * i + 9, 0), span_of("decode", 10 * i, 10 * i + 2, 1),
              span_of("upload", 10 * i + 3, 10 * i + 4 + i % 3, 1), span_of("draw", 10 * i + 7, 10 * i + 8, 1)}) {
            threads[0].events.push_back(e);
        }
    }
    const auto rows = trace::summarize(threads);
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].count == 250000);
    CHECK(rows[0].total_ms == doctest::Approx(2250000));
}
