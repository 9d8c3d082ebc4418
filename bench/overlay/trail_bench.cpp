// SPDX-License-Identifier: MIT
// What the overlays of one step cost: the trail of the last two seconds and the heading, from an hour at 500 Hz.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/trail.hpp>

#include "support/claim.hpp"

namespace {

const bench::claim step_registered{"overlay.trail_heading_step", "µs", ""};

constexpr std::size_t sample_count = 1'800'000;
constexpr double rate_hz = 500;
constexpr double length_s = 2;

double time_of(std::size_t i) {
    return static_cast<double>(i) / rate_hz;
}
double x_of(std::size_t i) {
    return 50 + 40 * std::sin(0.002 * static_cast<double>(i));
}
double y_of(std::size_t i) {
    return 40 + 30 * std::cos(0.0013 * static_cast<double>(i));
}

struct drawings {
    fieldreel::trail path;
    fieldreel::heading head;
};

const drawings& shared_drawings() {
    static const drawings made = [] {
        std::vector<double> times;
        std::vector<double> positions;
        std::vector<double> angles;
        for (std::size_t i = 0; i < sample_count; ++i) {
            times.push_back(time_of(i));
            positions.push_back(x_of(i));
            positions.push_back(y_of(i));
            angles.push_back(0.003 * static_cast<double>(i));
        }
        const fieldreel::sample_times clock(std::move(times));
        const fieldreel::trajectory path(clock, fieldreel::samples(std::move(positions), 2));
        return drawings{fieldreel::trail(path, {.length_s = length_s}),
                        fieldreel::heading(clock, fieldreel::samples(std::move(angles)), path)};
    }();
    return made;
}

// Steps of a sixtieth of a second; the trail's newest sample and the arrow are computed again from the formulas.
void trail_heading_step(benchmark::State& state) {
    const drawings& all = shared_drawings();
    fieldreel::canvas out;
    double time_s = 10;
    std::size_t points = 0;
    bool right = true;
    for (auto _ : state) {
        time_s = time_s > 3000 ? 10 : time_s + 1.0 / 60;
        out.clear();
        all.path.build({.time_s = time_s, .frame = {}, .space = {}}, out);
        all.head.build({.time_s = time_s, .frame = {}, .space = {}}, out);
        const auto shapes = out.shapes();
        right = right && shapes.size() == 3;
        if (right) {
            const auto here = out.vertices(shapes[1])[0];
            const double i = time_s * rate_hz;
            const double x = 50 + 40 * std::sin(0.002 * i);
            const double y = 40 + 30 * std::cos(0.0013 * i);
            right = std::abs(here.x - x) < 1e-3 && std::abs(here.y - y) < 1e-3 &&
                    std::abs(out.vertices(shapes[2])[1].x - (x + 8 * std::cos(0.003 * i))) < 1e-3 &&
                    out.vertices(shapes[0]).size() > 128 && out.vertices(shapes[0]).size() <= 256;
            points += out.vertices(shapes[0]).size();
        }
    }
    if (!right) {
        state.SkipWithError("the shapes are not those of the samples");
    }
    state.counters["points"] = static_cast<double>(points) / static_cast<double>(state.iterations());
}

BENCHMARK(trail_heading_step)->Name("overlay.trail_heading_step/ours")->Unit(benchmark::kMicrosecond);

} // namespace
