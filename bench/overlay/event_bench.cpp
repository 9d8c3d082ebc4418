// SPDX-License-Identifier: MIT
// What events cost: a step with trail, heading and a hundred spikes; and that neither opening nor a step grows with the
// recording, from mapped files of a thousand, a million and ten million samples.
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/overlay/event.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/interval.hpp>
#include <fieldreel/overlay/raster_plot.hpp>
#include <fieldreel/overlay/trail.hpp>

#include "support/claim.hpp"

namespace {

namespace fr = fieldreel;

const bench::claim step_registered{"overlay.trail50_heading_100_events_step", "µs", ""};
const bench::claim kept_registered{"overlay.kept_past_events_step", "µs", ""};
const bench::claim raster_registered{"overlay.raster_500_units_step", "µs", ""};
const bench::claim open_registered{"overlay.open_and_first_step_10M_vs_1M_samples", "µs", "≤ 1.5"};
const bench::claim random_registered{"overlay.random_step_10M_vs_1M_samples", "µs", "≤ 1.5"};
// A thousand samples are four pages in the nearest cache, whatever is done with them: reported, not judged.
const bench::claim open_short_registered{"overlay.open_and_first_step_10M_vs_1k_samples", "µs", ""};
const bench::claim random_short_registered{"overlay.random_step_10M_vs_1k_samples", "µs", ""};

constexpr double rate_hz = 500;
constexpr double event_rate_hz = 200; // a hundred are shown at once for half a second

double x_of(double time_s) {
    return 50 + 40 * std::sin(time_s);
}
double y_of(double time_s) {
    return 40 + 30 * std::cos(0.65 * time_s);
}

/// The files of a recording of so many samples, for the time of the program.
class recording {
public:
    explicit recording(std::size_t count)
        : folder_(
              (std::filesystem::temp_directory_path() / ("fieldreel_event_bench_" + std::to_string(count))).string()) {
        std::filesystem::create_directories(folder_);
        const auto seconds = static_cast<double>(count) / rate_hz;
        write("times", count, 1, [](std::size_t i, std::size_t) { return static_cast<double>(i) / rate_hz; });
        write("positions", count, 2, [](std::size_t i, std::size_t column) {
            const double t = static_cast<double>(i) / rate_hz;
            return column == 0 ? x_of(t) : y_of(t);
        });
        write("angles", count, 1, [](std::size_t i, std::size_t) { return 0.003 * static_cast<double>(i); });
        write("events", static_cast<std::size_t>(seconds * event_rate_hz), 1,
              [](std::size_t i, std::size_t) { return static_cast<double>(i) / event_rate_hz; });
        seconds_ = seconds;
    }
    recording(const recording&) = delete;
    recording& operator=(const recording&) = delete;
    ~recording() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    fr::samples open(const std::string& name) const { return fr::samples::open_npy(folder_ + "/" + name + ".npy"); }
    double seconds() const { return seconds_; }

    static const recording& of(std::size_t count) {
        static std::map<std::size_t, std::unique_ptr<recording>> made;
        auto& found = made[count];
        if (found == nullptr) {
            found = std::make_unique<recording>(count);
        }
        return *found;
    }

private:
    template <class F>
    void write(const std::string& name, std::size_t rows, std::size_t columns, const F& value) const {
        std::string head = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
                           std::to_string(columns) + "), }";
        head.resize(117, ' ');
        head += '\n';
        std::ofstream out(folder_ + "/" + name + ".npy", std::ios::binary);
        out.write("\x93NUMPY\x01\x00\x76\x00", 10);
        out << head;
        std::vector<double> part;
        for (std::size_t i = 0; i < rows; ++i) {
            for (std::size_t column = 0; column < columns; ++column) {
                part.push_back(value(i, column));
            }
            if (part.size() >= 1 << 16 || i + 1 == rows) {
                out.write(reinterpret_cast<const char*>(part.data()), static_cast<std::streamsize>(part.size() * 8));
                part.clear();
            }
        }
    }
    std::string folder_;
    double seconds_ = 0;
};

struct drawings {
    explicit drawings(const recording& from, fr::kept_events keep = fr::kept_events::none)
        : times(from.open("times")),
          angles(from.open("angles")),
          events(from.open("events")),
          clock(times),
          path(clock, from.open("positions")),
          trail(path, {.length_samples = 50}),
          head(clock, angles, path),
          spikes(fr::event_times(events), path, {.keep = keep}) {}
    void build(double time_s, fr::canvas& out) const {
        const fr::moment now{.time_s = time_s, .frame = {}, .space = {}};
        out.clear();
        trail.build(now, out);
        head.build(now, out);
        spikes.build(now, out);
    }
    void touch_pages() const {
        double sum = 0;
        for (const fr::samples& table : {times, path.positions(), angles, events}) {
            const fr::values_view values = table.values();
            for (std::size_t i = 0; i < values.size(); i += 512) {
                sum += values[i];
            }
        }
        benchmark::DoNotOptimize(sum);
    }
    /// Whether the shapes are those of the formulas; the newest event is at most 5 ms old.
    static bool right(const fr::canvas& out, double time_s) {
        const auto shapes = out.shapes();
        return shapes.size() == 4 && shapes[0].vertex_count >= 50 && shapes[3].vertex_count >= 99 &&
               shapes[3].vertex_count <= 101 && std::abs(out.vertices(shapes[1])[0].x - x_of(time_s)) < 1e-3 &&
               std::abs(out.vertices(shapes[1])[0].y - y_of(time_s)) < 1e-3 &&
               std::abs(out.vertices(shapes[3]).back().x - x_of(time_s)) < 0.25;
    }

    fr::samples times;
    fr::samples angles;
    fr::samples events;
    fr::sample_times clock;
    fr::trajectory path;
    fr::trail trail;
    fr::heading head;
    fr::event spikes;
};

void step(benchmark::State& state) {
    const drawings all(recording::of(1'000'000));
    fr::canvas out;
    double time_s = 10;
    bool right = true;
    for (auto _ : state) {
        time_s = time_s > 1900 ? 10 : time_s + 1.0 / 60;
        all.build(time_s, out);
        right = right && drawings::right(out, time_s);
    }
    if (!right) {
        state.SkipWithError("the shapes are not those of the samples");
    }
}
BENCHMARK(step)->Name("overlay.trail50_heading_100_events_step/ours")->Unit(benchmark::kMicrosecond);

void kept_step(benchmark::State& state) {
    const recording& from = recording::of(1'000'000);
    const fr::trajectory path(fr::sample_times(from.open("times")), from.open("positions"));
    const fr::event spikes(fr::event_times(from.open("events")), path,
                           {.duration_s = 0, .keep = fr::kept_events::past});
    fr::canvas out;
    double time_s = 10;
    bool right = true;
    for (auto _ : state) {
        time_s = time_s > 1900 ? 10 : time_s + 1.0 / 60;
        out.clear();
        spikes.build({.time_s = time_s, .frame = {}, .space = {}}, out);
        const double count = out.shapes()[0].vertex_count;
        right = right && std::abs(count - time_s * event_rate_hz) < 2;
    }
    if (!right) {
        state.SkipWithError("the kept events are not those of the past");
    }
}
BENCHMARK(kept_step)->Name("overlay.kept_past_events_step/ours")->Unit(benchmark::kMicrosecond);

void raster_step(benchmark::State& state) {
    std::vector<fr::raster_unit> units(500);
    for (std::size_t u = 0; u < units.size(); ++u) {
        std::vector<double> times;
        for (std::size_t i = 0; i < 20'000; ++i) { // 5 Hz for more than an hour
            times.push_back(0.2 * static_cast<double>(i) + 0.0003 * static_cast<double>(u));
        }
        units[u].times = fr::event_times(std::move(times));
    }
    const fr::raster_plot raster(std::move(units));
    fr::canvas out;
    double time_s = 10;
    bool right = true;
    for (auto _ : state) {
        time_s = time_s > 3000 ? 10 : time_s + 1.0 / 60;
        out.clear();
        raster.build({.time_s = time_s, .frame = {}, .space = {}}, out);
        const std::size_t ticks = out.shapes()[0].vertex_count; // 20 of each unit in 4 s
        right = right && ticks >= 9'500 && ticks <= 10'500;
    }
    if (!right) {
        state.SkipWithError("the ticks are not those of the window");
    }
}
BENCHMARK(raster_step)->Name("overlay.raster_500_units_step/ours")->Unit(benchmark::kMicrosecond);

// "peer" is the shorter recording.
void open_and_step(benchmark::State& state, std::size_t count) {
    const recording& from = recording::of(count);
    fr::canvas out;
    bool right = true;
    for (auto _ : state) {
        const drawings all(from);
        all.build(from.seconds() / 2 + 0.001, out);
        right = right && drawings::right(out, from.seconds() / 2 + 0.001);
    }
    if (!right) {
        state.SkipWithError("the shapes are not those of the samples");
    }
}
BENCHMARK_CAPTURE(open_and_step, long_against_1M, 10'000'000)
    ->Name("overlay.open_and_first_step_10M_vs_1M_samples/ours")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(open_and_step, short_1M, 1'000'000)
    ->Name("overlay.open_and_first_step_10M_vs_1M_samples/peer")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(open_and_step, long_against_1k, 10'000'000)
    ->Name("overlay.open_and_first_step_10M_vs_1k_samples/ours")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(open_and_step, short_1k, 1000)
    ->Name("overlay.open_and_first_step_10M_vs_1k_samples/peer")
    ->Unit(benchmark::kMicrosecond);

// In pages that are in place: each is looked at once before.
void random_step(benchmark::State& state, std::size_t count) {
    const recording& from = recording::of(count);
    const drawings all(from);
    all.touch_pages();
    fr::canvas out;
    bool right = true;
    double part = 0.5;
    for (auto _ : state) {
        part = part + 0.618033988749895 - std::floor(part + 0.618033988749895);
        const double time_s = 0.6 + part * (from.seconds() - 0.7);
        all.build(time_s, out);
        right = right && drawings::right(out, time_s);
    }
    if (!right) {
        state.SkipWithError("the shapes are not those of the samples");
    }
}
BENCHMARK_CAPTURE(random_step, long_against_1M, 10'000'000)
    ->Name("overlay.random_step_10M_vs_1M_samples/ours")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(random_step, short_1M, 1'000'000)
    ->Name("overlay.random_step_10M_vs_1M_samples/peer")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(random_step, long_against_1k, 10'000'000)
    ->Name("overlay.random_step_10M_vs_1k_samples/ours")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(random_step, short_1k, 1000)
    ->Name("overlay.random_step_10M_vs_1k_samples/peer")
    ->Unit(benchmark::kMicrosecond);

} // namespace
