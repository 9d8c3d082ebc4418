// SPDX-License-Identifier: MIT
// What all usual overlays together cost, from mapped files: a trail of 50 samples, the heading, a skeleton of 7
// keypoints and 6 edges, 100 visible events and three signals of 500 samples in their window. A step played at 60 a
// second; and that neither opening with the first frame nor a step grows from a thousand to ten million samples.
// Instructions: valgrind --tool=callgrind --toggle-collect='*all_overlays*build*' on this benchmark.
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/overlay/event.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/pose.hpp>
#include <fieldreel/overlay/time_series.hpp>
#include <fieldreel/overlay/trail.hpp>

#include "overlay/mapped_recording.hpp"
#include "support/claim.hpp"

namespace {

namespace fr = fieldreel;

const bench::claim step_registered{"overlay.all_overlays_step", "µs", ""};
const bench::claim claims[] = {
    {"overlay.open_and_first_frame_1M_vs_1k", "µs", "≤ 1.5"}, {"overlay.open_and_first_frame_10M_vs_1k", "µs", "≤ 1.5"},
    {"overlay.played_step_1M_vs_1k", "µs", "≤ 1.5"},          {"overlay.played_step_10M_vs_1k", "µs", "≤ 1.5"},
    {"overlay.random_step_1M_vs_1k", "µs", "≤ 1.5"},          {"overlay.random_step_10M_vs_1k", "µs", "≤ 1.5"}};

using recording = bench::mapped_recording;

/// The overlays of the target, opened from the mapped files of a recording: 15 tables.
class all_overlays {
public:
    explicit all_overlays(const recording& from) {
        const fr::sample_times clock(from.open("times"));
        const fr::trajectory path(clock, from.open("positions"));
        drawings_.emplace_back("trail", fr::trail(path, {.length_samples = 50}));
        drawings_.emplace_back("heading", fr::heading(clock, from.open("angles"), path));
        const std::vector<std::string> names = {"nose", "ear_l", "ear_r", "neck", "body", "rump", "tail"};
        std::vector<fr::pose_keypoint> keypoints;
        std::vector<fr::skeleton_edge> edges;
        for (std::size_t k = 0; k < names.size(); ++k) {
            keypoints.push_back({.name = names[k], .positions = from.open("positions")});
            if (k > 0) {
                edges.push_back({.from = k - 1, .to = k});
            }
        }
        drawings_.emplace_back("pose", fr::pose(clock, std::move(keypoints), fr::skeleton::numbered(names, edges)));
        drawings_.emplace_back("spikes", fr::event(fr::event_times(from.open("events")), path));
        std::vector<fr::series> signals;
        for (std::size_t s = 0; s < 3; ++s) {
            signals.emplace_back("lfp", clock, from.open("signal"));
        }
        drawings_.emplace_back("lfp", fr::time_series(std::move(signals), {.window_s = window_s}));
    }
    void build(double time_s, fr::canvas& out) const {
        out.clear();
        for (const fr::any_overlay& drawing : drawings_) {
            drawing.build({.time_s = time_s, .frame = {}, .space = {}}, out);
        }
    }
    /// Whether the shapes are those of the formulas.
    static bool right(const fr::canvas& out, double time_s) {
        const auto shapes = out.shapes(); // 2 trail, arrow, 6 edges, 7 keypoints, events, 3 x (line, dot, label), now
        if (shapes.size() != 27) {
            return false;
        }
        const auto close = [](double a, double b) { return std::abs(a - b) < 1e-3; };
        const auto nose = out.vertices(shapes[9])[0];
        const auto tail = out.vertices(shapes[15])[0];
        const std::size_t events = shapes[16].vertex_count;
        return shapes[0].vertex_count >= 50 && close(out.vertices(shapes[1])[0].x, recording::x_of(time_s)) &&
               close(nose.y, recording::y_of(time_s)) && close(tail.x, recording::x_of(time_s)) && events >= 99 &&
               events <= 101 && shapes[17].vertex_count >= 500;
    }

private:
    static constexpr double window_s = 1; ///< as long a window has room in the shortest recording
    std::vector<fr::any_overlay> drawings_;
};

void step(benchmark::State& state) {
    static const all_overlays all(recording::of(1'000'000));
    fr::canvas out;
    double time_s = 10;
    bool right = true;
    std::size_t vertices = 0;
    for (auto _ : state) {
        time_s = time_s > 1900 ? 10 : time_s + 1.0 / 60;
        all.build(time_s, out);
        right = right && all_overlays::right(out, time_s);
    }
    for (const fr::shape& s : out.shapes()) {
        vertices += s.vertex_count;
    }
    if (!right) {
        state.SkipWithError("the shapes are not those of the samples");
    }
    state.counters["vertices"] = static_cast<double>(vertices);
}
BENCHMARK(step)->Name("overlay.all_overlays_step/ours")->Unit(benchmark::kMicrosecond);

void open_and_first_frame(benchmark::State& state, std::size_t count) {
    const recording& from = recording::of(count);
    const double time_s = from.seconds() / 2 + 0.001;
    bool right = true;
    for (auto _ : state) {
        fr::canvas out;
        all_overlays(from).build(time_s, out);
        right = right && all_overlays::right(out, time_s);
    }
    if (!right) {
        state.SkipWithError("the shapes are not those of the samples");
    }
}

/// Steps of a sixtieth of a second, or anywhere, after one round in the same places: what the overlays cost, not the
/// kernel that maps a page the first time.
void steps(benchmark::State& state, std::size_t count, bool random) {
    const recording& from = recording::of(count);
    const all_overlays all(from);
    fr::canvas out;
    const double room_s = from.seconds() - 1.2;
    std::vector<double> times_s;
    for (std::size_t i = 0; i < 4096; ++i) {
        const double part = static_cast<double>(i) * 0.618033988749895;
        times_s.push_back(
            0.6 + (random ? (part - std::floor(part)) * room_s : std::fmod(static_cast<double>(i) / 60, room_s)));
        all.build(times_s.back(), out);
    }
    bool right = true;
    std::size_t i = 0;
    for (auto _ : state) {
        const double time_s = times_s[i++ % times_s.size()];
        all.build(time_s, out);
        right = right && all_overlays::right(out, time_s);
    }
    if (!right) {
        state.SkipWithError("the shapes are not those of the samples");
    }
}

const bool registered = [] { // "peer" is the recording of a thousand samples
    for (const std::size_t count : {1'000'000ul, 10'000'000ul}) {
        for (const bool ours : {true, false}) {
            const auto name = [&](const char* what) {
                return std::string("overlay.") + what + (count == 1'000'000 ? "_1M_vs_1k" : "_10M_vs_1k") +
                       (ours ? "/ours" : "/peer");
            };
            const std::size_t samples = ours ? count : 1000;
            for (benchmark::internal::Benchmark* one :
                 {benchmark::RegisterBenchmark(name("open_and_first_frame").c_str(), open_and_first_frame, samples),
                  benchmark::RegisterBenchmark(name("played_step").c_str(), steps, samples, false),
                  benchmark::RegisterBenchmark(name("random_step").c_str(), steps, samples, true)}) {
                one->Unit(benchmark::kMicrosecond);
            }
        }
    }
    return true;
}();

} // namespace
