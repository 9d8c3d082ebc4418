// SPDX-License-Identifier: MIT
// What a trace point costs, on and off, beside two clock reads and beside the recorders one writes in an afternoon.
#include "fieldreel/trace/recorder.hpp"

#include "support/claim.hpp"

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

namespace {

static const bench::claim span_on{"trace.span_on_vs_two_clock_reads", "ns", "≤ 1.6"};
static const bench::claim span_off{"trace.span_off", "ns", ""};
static const bench::claim ostream_mutex{"trace.vs_naive_ostream_mutex", "ns", "≥ 12.5"};
static const bench::claim json_mutex{"trace.vs_naive_json_mutex", "ns", "≥ 25"};

using steady = std::chrono::steady_clock;

constexpr int frames = 5000; // of one span with three inside
constexpr int spans = 4 * frames;

// Runs `frame(i)` `frames` times, then `check()`; reports nanoseconds per span.
template <class Before, class Frame, class Check>
void per_span(benchmark::State& state, Before before, Frame frame, Check check) {
    double ns = 0;
    std::int64_t rounds = 0;
    for (auto _ : state) {
        before();
        const auto start = steady::now();
        for (int i = 0; i < frames; ++i) {
            frame(i);
        }
        const std::chrono::duration<double> took = steady::now() - start;
        state.SetIterationTime(took.count());
        ns += took.count() * 1e9;
        ++rounds;
        if (!check()) {
            state.SkipWithError("not every span was recorded");
            break;
        }
    }
    state.counters["value"] = ns / (static_cast<double>(rounds) * spans);
}

void traced_frame(int i) {
    FIELDREEL_TRACE_SPAN("frame");
    benchmark::DoNotOptimize(i);
    {
        FIELDREEL_TRACE_SPAN("decode");
        benchmark::DoNotOptimize(i);
    }
    {
        FIELDREEL_TRACE_SPAN("upload");
        benchmark::DoNotOptimize(i);
    }
    {
        FIELDREEL_TRACE_SPAN("draw");
        benchmark::DoNotOptimize(i);
    }
}

// Every span is there, in order, and closed.
bool complete(const fieldreel::recorder& recorder) {
    const auto threads = recorder.events();
    if (threads.size() != 1 || threads[0].events.size() != std::size_t{spans}) {
        return false;
    }
    static const std::string names[] = {"frame", "decode", "upload", "draw"};
    for (std::size_t i = 0; i < threads[0].events.size(); ++i) {
        const auto& e = threads[0].events[i];
        if (e.unfinished || names[i % 4] != e.name || e.depth != (i % 4 == 0 ? 0U : 1U)) {
            return false;
        }
    }
    return true;
}

void ours(benchmark::State& state) {
    std::unique_ptr<fieldreel::recorder> recorder;
    per_span(
        state,
        [&] {
            recorder = std::make_unique<fieldreel::recorder>();
            recorder->start();
        },
        traced_frame,
        [&] {
            fieldreel::trace::attach(nullptr);
            return complete(*recorder);
        });
}

// The same clock, read twice per span, and nothing kept.
void two_clock_reads(benchmark::State& state) {
    const fieldreel::detail::trace_clock clock = fieldreel::detail::trace_best_clock();
    const auto span = [clock] {
        std::int64_t t = fieldreel::detail::trace_ticks(clock);
        benchmark::DoNotOptimize(t);
        t = fieldreel::detail::trace_ticks(clock);
        benchmark::DoNotOptimize(t);
    };
    per_span(
        state, [] {},
        [&](int) {
            span();
            span();
            span();
            span();
        },
        [] { return true; });
}

void off(benchmark::State& state) {
    fieldreel::trace::attach(nullptr);
    per_span(
        state, [] {}, traced_frame, [] { return !fieldreel::trace::enabled(); });
}

void without(benchmark::State& state) {
    per_span(
        state, [] {},
        [](int i) {
            benchmark::DoNotOptimize(i);
            benchmark::DoNotOptimize(i);
            benchmark::DoNotOptimize(i);
            benchmark::DoNotOptimize(i);
        },
        [] { return true; });
}

// A lock, and a line of text per span.
struct ostream_recorder {
    std::mutex mutex;
    std::ostringstream out;
    void add(const char* name, double ts, double dur) {
        const std::lock_guard lock(mutex);
        out << "{\"name\":\"" << name << "\",\"ph\":\"X\",\"ts\":" << ts << ",\"dur\":" << dur
            << ",\"pid\":1,\"tid\":1},\n";
    }
    bool complete() const {
        std::size_t lines = 0;
        for (const char c : out.str()) {
            lines += c == '\n' ? 1 : 0;
        }
        return lines == std::size_t{spans};
    }
};

// A lock, and a JSON object per span.
struct json_recorder {
    std::mutex mutex;
    std::vector<nlohmann::json> events;
    void add(const char* name, double ts, double dur) {
        const std::lock_guard lock(mutex);
        events.push_back({{"name", name}, {"ph", "X"}, {"ts", ts}, {"dur", dur}, {"pid", 1}, {"tid", 1}});
    }
    bool complete() const { return events.size() == std::size_t{spans} && events.back()["name"] == "frame"; }
};

template <class Recorder>
struct naive_span {
    Recorder& recorder;
    const char* name;
    steady::time_point start = steady::now();
    naive_span(Recorder& r, const char* n) : recorder(r), name(n) {}
    ~naive_span() {
        const auto end = steady::now();
        recorder.add(name, std::chrono::duration<double, std::micro>(start.time_since_epoch()).count(),
                     std::chrono::duration<double, std::micro>(end - start).count());
    }
};

template <class Recorder>
void naive(benchmark::State& state) {
    std::unique_ptr<Recorder> recorder;
    per_span(
        state, [&] { recorder = std::make_unique<Recorder>(); },
        [&](int) {
            const naive_span<Recorder> frame(*recorder, "frame");
            { const naive_span<Recorder> decode(*recorder, "decode"); }
            { const naive_span<Recorder> upload(*recorder, "upload"); }
            { const naive_span<Recorder> draw(*recorder, "draw"); }
        },
        [&] { return recorder->complete(); });
}

} // namespace

BENCHMARK(ours)->Name("trace.span_on_vs_two_clock_reads/ours")->UseManualTime();
BENCHMARK(two_clock_reads)->Name("trace.span_on_vs_two_clock_reads/peer")->UseManualTime();
BENCHMARK(off)->Name("trace.span_off/ours")->UseManualTime();
BENCHMARK(without)->Name("trace.span_off/peer")->UseManualTime();
BENCHMARK(ours)->Name("trace.vs_naive_ostream_mutex/ours")->UseManualTime();
BENCHMARK(naive<ostream_recorder>)->Name("trace.vs_naive_ostream_mutex/peer")->UseManualTime();
BENCHMARK(ours)->Name("trace.vs_naive_json_mutex/ours")->UseManualTime();
BENCHMARK(naive<json_recorder>)->Name("trace.vs_naive_json_mutex/peer")->UseManualTime();
