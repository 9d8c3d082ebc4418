// SPDX-License-Identifier: MIT
// What events cost: a step with trail, heading and a hundred spikes, from mapped files; events that are kept; a raster.
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/overlay/event.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/interval.hpp>
#include <fieldreel/overlay/raster_plot.hpp>
#include <fieldreel/overlay/trail.hpp>

#include "overlay/mapped_recording.hpp"
#include "support/claim.hpp"

namespace {

namespace fr = fieldreel;

const bench::claim step_registered{"overlay.trail50_heading_100_events_step", "µs", ""};
const bench::claim kept_registered{"overlay.kept_past_events_step", "µs", ""};
const bench::claim raster_registered{"overlay.raster_500_units_step", "µs", ""};
using recording = bench::mapped_recording;

struct drawings {
    explicit drawings(const recording& from)
        : times(from.open("times")),
          angles(from.open("angles")),
          events(from.open("events")),
          clock(times),
          path(clock, from.open("positions")),
          trail(path, {.length_samples = 50}),
          head(clock, angles, path),
          spikes(fr::event_times(events), path) {}
    void build(double time_s, fr::canvas& out) const {
        const fr::moment now{.time_s = time_s, .frame = {}, .space = {}};
        out.clear();
        trail.build(now, out);
        head.build(now, out);
        spikes.build(now, out);
    }
    /// Whether the shapes are those of the formulas; the newest event is at most 5 ms old.
    static bool right(const fr::canvas& out, double time_s) {
        const auto shapes = out.shapes();
        return shapes.size() == 4 && shapes[0].vertex_count >= 50 && shapes[3].vertex_count >= 99 &&
               shapes[3].vertex_count <= 101 &&
               std::abs(out.vertices(shapes[1])[0].x - recording::x_of(time_s)) < 1e-3 &&
               std::abs(out.vertices(shapes[1])[0].y - recording::y_of(time_s)) < 1e-3 &&
               std::abs(out.vertices(shapes[3]).back().x - recording::x_of(time_s)) < 0.25;
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
        right = right && std::abs(count - time_s * recording::event_rate_hz) < 2;
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

} // namespace
