// SPDX-License-Identifier: MIT
// What a step of all usual overlays together costs: a trail of 50 samples, the heading, a skeleton of 7 keypoints and 6
// edges, 100 visible events and three signals of 1000 Hz in a window of 10 s, from 20 minutes in memory, played at 60
// steps a second. Instructions: valgrind --tool=callgrind --toggle-collect='*all_overlays*build*' on this benchmark.
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/overlay/event.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/pose.hpp>
#include <fieldreel/overlay/time_series.hpp>
#include <fieldreel/overlay/trail.hpp>

#include "support/claim.hpp"

namespace {

namespace fr = fieldreel;

const bench::claim step_registered{"overlay.all_overlays_step", "µs", ""};

constexpr double rate_hz = 500;
constexpr double event_rate_hz = 200; // a hundred are shown at once for half a second
constexpr double signal_rate_hz = 1000;
constexpr double length_s = 1200;

double x_of(double time_s) {
    return 50 + 40 * std::sin(time_s);
}
double y_of(double time_s) {
    return 40 + 30 * std::cos(0.65 * time_s);
}
double signal_of(std::size_t number, double time_s) {
    return static_cast<double>(number) + std::sin(50 * time_s) + 0.2 * std::sin(1700 * time_s);
}

/// Numbers of `columns` columns at a rate, from a formula of time and column.
template <class F>
fr::samples table(double rate, std::size_t columns, const F& value) {
    std::vector<double> out;
    const auto count = static_cast<std::size_t>(length_s * rate);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t column = 0; column < columns; ++column) {
            out.push_back(value(static_cast<double>(i) / rate, column));
        }
    }
    return fr::samples(std::move(out), columns);
}

class all_overlays {
public:
    all_overlays() {
        const fr::sample_times clock(table(rate_hz, 1, [](double t, std::size_t) { return t; }));
        const fr::trajectory path(
            clock, table(rate_hz, 2, [](double t, std::size_t column) { return column == 0 ? x_of(t) : y_of(t); }));
        drawings_.emplace_back("trail", fr::trail(path, {.length_samples = 50}));
        drawings_.emplace_back(
            "heading", fr::heading(clock, table(rate_hz, 1, [](double t, std::size_t) { return 1.5 * t; }), path));
        const std::vector<std::string> names = {"nose", "ear_l", "ear_r", "neck", "body", "rump", "tail"};
        std::vector<fr::pose_keypoint> keypoints;
        std::vector<fr::skeleton_edge> edges;
        for (std::size_t k = 0; k < names.size(); ++k) {
            keypoints.push_back({.name = names[k], .positions = table(rate_hz, 2, [k](double t, std::size_t column) {
                                                       return (column == 0 ? x_of(t) : y_of(t)) +
                                                              static_cast<double>(k);
                                                   })});
            if (k > 0) {
                edges.push_back({.from = k - 1, .to = k});
            }
        }
        drawings_.emplace_back("pose", fr::pose(clock, std::move(keypoints), fr::skeleton::numbered(names, edges)));
        drawings_.emplace_back(
            "spikes",
            fr::event(fr::event_times(table(event_rate_hz, 1, [](double t, std::size_t) { return t; })), path));
        std::vector<fr::series> signals;
        for (std::size_t s = 0; s < 3; ++s) {
            const auto count = static_cast<std::size_t>(length_s * signal_rate_hz);
            signals.emplace_back("lfp", fr::sample_times({.rate_hz = signal_rate_hz, .start_s = 0}, count),
                                 table(signal_rate_hz, 1, [s](double t, std::size_t) { return signal_of(s, t); }));
        }
        drawings_.emplace_back("lfp", fr::time_series(std::move(signals)));
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
        const auto close = [](double a, double b, double most) { return std::abs(a - b) < most; };
        const auto nose = out.vertices(shapes[9])[0];
        const auto tail = out.vertices(shapes[15])[0];
        const std::size_t events = shapes[16].vertex_count;
        return shapes[0].vertex_count >= 50 && close(out.vertices(shapes[1])[0].x, x_of(time_s), 1e-3) &&
               close(nose.y, y_of(time_s), 1e-3) && close(tail.x, x_of(time_s) + 6, 1e-3) && events >= 99 &&
               events <= 101 && shapes[17].vertex_count >= 2 * 511;
    }

private:
    std::vector<fr::any_overlay> drawings_;
};

void step(benchmark::State& state) {
    static const all_overlays all;
    fr::canvas out;
    double time_s = 10;
    bool right = true;
    std::size_t vertices = 0;
    for (auto _ : state) {
        time_s = time_s > length_s - 20 ? 10 : time_s + 1.0 / 60;
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

} // namespace
