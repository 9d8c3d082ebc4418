// SPDX-License-Identifier: MIT
// What a trace point costs, on and off, beside two clock reads and beside the recorders one writes in an afternoon.
#include "fieldreel/trace/recorder.hpp"
#include "fieldreel/trace/summary.hpp"

#include "support/claim.hpp"

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

static const bench::claim span_on{"trace.span_on_vs_two_clock_reads", "ns", "≤ 1.6"};
static const bench::claim span_off{"trace.span_off", "ns", ""};
static const bench::claim ostream_mutex{"trace.vs_naive_ostream_mutex", "ns", "≥ 12.5"};
static const bench::claim json_mutex{"trace.vs_naive_json_mutex", "ns", "≥ 25"};
static const bench::claim two_threads{"trace.two_threads_vs_one", "ns", "≤ 1.3"};
static const bench::claim flush{"trace.flush_vs_fprintf", "ms", "≤ 0.25"};
static const bench::claim bytes{"trace.bytes_per_span_vs_32", "B", "≤ 1.01"};
static const bench::claim table{"trace.summary_of_a_million_spans", "ms", ""};
// minitrace, with which the figures of others are often given, is packaged nowhere we could find: not measured here.

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

// A file that is gone at the end, in the directory for temporary files.
struct scratch_file {
    std::string path;
    explicit scratch_file(const std::string& name)
        : path((std::filesystem::temp_directory_path() /
                (name + std::to_string(fieldreel::detail::trace_process_id()) + ".json"))
                   .string()) {}
    ~scratch_file() { std::remove(path.c_str()); }
};

// As a program traces: into the shared mapping, its pages touched for the first time.
void ours(benchmark::State& state) {
    const scratch_file file("fieldreel_bench_");
    std::unique_ptr<fieldreel::recorder> recorder;
    per_span(
        state,
        [&] {
            recorder.reset();
            recorder = std::make_unique<fieldreel::recorder>(file.path);
            recorder->start();
        },
        traced_frame,
        [&] {
            fieldreel::trace::attach(nullptr);
            return complete(*recorder);
        });
}

// What one span costs a thread while `Threads` of them record.
template <int Threads>
void on_threads(benchmark::State& state) {
    const scratch_file file("fieldreel_bench_");
    double ns = 0;
    std::int64_t rounds = 0;
    for (auto _ : state) {
        fieldreel::recorder recorder(file.path);
        recorder.start();
        std::vector<double> took(std::size_t{Threads});
        std::atomic<int> ready{0};
        const auto work = [&](std::size_t t) {
            ready.fetch_add(1);
            while (ready.load() < Threads) { // so that they run at the same time
            }
            const auto start = steady::now();
            for (int i = 0; i < 4 * frames; ++i) {
                traced_frame(i);
            }
            took[t] = std::chrono::duration<double>(steady::now() - start).count();
        };
        std::vector<std::thread> others;
        for (std::size_t t = 1; t < std::size_t{Threads}; ++t) {
            others.emplace_back(work, t);
        }
        work(0);
        for (std::thread& other : others) {
            other.join();
        }
        fieldreel::trace::attach(nullptr);
        std::size_t recorded = 0;
        for (const auto& thread : recorder.events()) {
            recorded += thread.events.size();
        }
        double all = 0;
        for (const double t : took) {
            all += t / Threads;
        }
        state.SetIterationTime(all);
        ns += all * 1e9;
        ++rounds;
        if (recorded != std::size_t{4} * spans * std::size_t{Threads}) {
            state.SkipWithError("not every span was recorded");
            break;
        }
    }
    state.counters["value"] = ns / (static_cast<double>(rounds) * 4 * spans);
}

// 200 000 spans, as both ways of writing get them.
const fieldreel::recorder& recorded_spans() {
    static const auto made = [] {
        auto recorder = std::make_unique<fieldreel::recorder>();
        recorder->start();
        for (int i = 0; i < 10 * frames; ++i) {
            traced_frame(i);
        }
        fieldreel::trace::attach(nullptr);
        return recorder;
    }();
    return *made;
}
std::size_t lines_of(const std::string& path) {
    std::ifstream file(path);
    std::size_t lines = 0;
    for (std::string line; std::getline(file, line);) {
        ++lines;
    }
    return lines;
}

void flush_ours(benchmark::State& state) {
    const scratch_file file("fieldreel_bench_flush_");
    fieldreel::recorder recorder(file.path);
    recorder.start();
    for (int i = 0; i < 10 * frames; ++i) {
        traced_frame(i);
    }
    fieldreel::trace::attach(nullptr);
    for (auto _ : state) {
        recorder.write();
    }
    if (lines_of(file.path) != std::size_t{10} * spans + 5) {
        state.SkipWithError("not every span was written");
    }
}
void flush_fprintf(benchmark::State& state) {
    const scratch_file path("fieldreel_bench_fprintf_");
    const fieldreel::recorder& recorder = recorded_spans();
    for (auto _ : state) {
        std::FILE* file = std::fopen(path.path.c_str(), "wb");
        if (file == nullptr) {
            state.SkipWithError("no file");
            return;
        }
        std::fprintf(file, "[\n{\"name\":\"process_name\",\"ph\":\"M\",\"ts\":0,\"pid\":1,\"tid\":0}");
        for (const auto& thread : recorder.events()) {
            for (const auto& e : thread.events) {
                std::fprintf(file, ",\n{\"name\":\"%s\",\"ph\":\"X\",\"ts\":%.3f,\"dur\":%.3f,\"pid\":1,\"tid\":%u}",
                             e.name, static_cast<double>(e.start_ns) * 1e-3,
                             static_cast<double>(e.end_ns - e.start_ns) * 1e-3, thread.tid);
            }
        }
        std::fprintf(file, "\n]\n");
        std::fclose(file);
    }
    if (lines_of(path.path) != std::size_t{10} * spans + 3) {
        state.SkipWithError("not every span was written");
    }
}

void bytes_ours(benchmark::State& state) {
    for (auto _ : state) {
        fieldreel::recorder recorder;
        recorder.start();
        for (int i = 0; i < 10 * frames; ++i) {
            traced_frame(i);
        }
        fieldreel::trace::attach(nullptr);
        state.counters["value"] = static_cast<double>(recorder.bytes()) / (10 * spans);
    }
}
void bytes_32(benchmark::State& state) {
    for (auto _ : state) {
        state.counters["value"] = 32;
    }
}

void summarize(benchmark::State& state) {
    fieldreel::recorder recorder;
    recorder.start();
    for (int i = 0; i < 250000; ++i) {
        traced_frame(i);
    }
    fieldreel::trace::attach(nullptr);
    const auto events = recorder.events();
    for (auto _ : state) {
        const auto rows = fieldreel::trace::summarize(events);
        if (rows.size() != 4 || rows[0].count != 250000) {
            state.SkipWithError("not every span was counted");
        }
    }
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
BENCHMARK(on_threads<2>)->Name("trace.two_threads_vs_one/ours")->UseManualTime();
BENCHMARK(on_threads<1>)->Name("trace.two_threads_vs_one/peer")->UseManualTime();
BENCHMARK(flush_ours)->Name("trace.flush_vs_fprintf/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(flush_fprintf)->Name("trace.flush_vs_fprintf/peer")->Unit(benchmark::kMillisecond);
BENCHMARK(bytes_ours)->Name("trace.bytes_per_span_vs_32/ours");
BENCHMARK(bytes_32)->Name("trace.bytes_per_span_vs_32/peer");
BENCHMARK(summarize)->Name("trace.summary_of_a_million_spans/ours")->Unit(benchmark::kMillisecond);
