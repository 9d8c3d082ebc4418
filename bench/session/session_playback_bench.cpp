// SPDX-License-Identifier: MIT
// Setting up a recording of 41 000 samples over about 520 bins from positions and spikes, and playing on for long.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <fieldreel/overlay/align.hpp>
#include <fieldreel/session/session_playback.hpp>
#include <fieldreel/viewer/headless_viewer.hpp>

#include "support/claim.hpp"
#include "support/private_memory.hpp"

namespace {

const bench::claim set_up{"session.setup_41k_vs_eager", "ms", "≥ 50"};
const bench::claim set_up_memory{"session.setup_41k_private_memory", "MiB", ""};
const bench::claim growth{"session.growth_over_100k_steps", "MiB", ""};

constexpr std::size_t samples_count = 41000;

/// An animal that sweeps a 104 x 80 cm box, and a cell that fires in its middle.
const fieldreel::session& recording() {
    static const fieldreel::session made = [] {
        std::vector<double> times;
        std::vector<double> positions;
        std::vector<double> spikes;
        for (std::size_t i = 0; i < samples_count; ++i) {
            const double t = static_cast<double>(i) / 30;
            const double x = 52 + 50 * std::sin(0.37 * t);
            const double y = 40 + 38 * std::sin(0.61 * t + 1);
            times.push_back(t);
            positions.insert(positions.end(), {x, y});
            if (std::hypot(x - 52, y - 40) < 15) {
                spikes.push_back(t + 0.01);
            }
        }
        fieldreel::session out;
        out.times = fieldreel::sample_times(std::move(times));
        out.positions = fieldreel::samples(std::move(positions), 2);
        out.spikes.push_back({"cell", fieldreel::samples(std::move(spikes))});
        return out;
    }();
    return made;
}

/// The peer: the same grid and place field, then what the forerunner does before it shows anything, in C++: an array of
/// all frames, their range by reading all of it, and the overlays of every frame.
struct eager_playback {
    std::vector<double> frames;
    fieldreel::value_range range;
    std::vector<double> tracks; ///< per frame: track, frame, row, col of the trail's 60 samples
};
eager_playback make_eager(const fieldreel::session& from) {
    eager_playback out;
    const auto space = fieldreel::grid::from_samples(*from.positions, {.bin_size = 4});
    const auto field = fieldreel::place_field(space, from.spikes[0].times, *from.times, *from.positions);
    out.frames.reserve(samples_count * field.rate.size());
    for (std::size_t i = 0; i < samples_count; ++i) {
        out.frames.insert(out.frames.end(), field.rate.begin(), field.rate.end());
    }
    out.range = {0, 0};
    for (const double v : out.frames) {
        if (std::isfinite(v)) {
            out.range.vmax = v > out.range.vmax ? v : out.range.vmax;
        }
    }
    const fieldreel::trajectory path(*from.times, *from.positions);
    for (std::size_t i = 0; i < samples_count; ++i) {
        for (std::size_t k = i < 60 ? 0 : i - 60; k <= i; ++k) {
            const fieldreel::point_rc at = space.to_display(path.sample(k));
            out.tracks.insert(out.tracks.end(), {0, static_cast<double>(i), at.row, at.col});
        }
    }
    return out;
}

void set_up_ours(benchmark::State& state) {
    const fieldreel::session& from = recording();
    double vmax = 0;
    for (auto _ : state) {
        auto made = fieldreel::make_playback(from, {.bin_size = 4});
        vmax = made.playback.style().range.vmax;
        benchmark::DoNotOptimize(made);
    }
    static const double expected = make_eager(from).range.vmax;
    if (vmax != expected) {
        state.SkipWithError("the playback is not the one the eager way makes");
    }
}
BENCHMARK(set_up_ours)->Name("session.setup_41k_vs_eager/ours");

void set_up_peer(benchmark::State& state) {
    const fieldreel::session& from = recording();
    for (auto _ : state) {
        auto made = make_eager(from);
        benchmark::DoNotOptimize(made);
    }
}
BENCHMARK(set_up_peer)->Name("session.setup_41k_vs_eager/peer");

void set_up_memory_of(benchmark::State& state) {
    const fieldreel::session& from = recording();
    double held = 0;
    for (auto _ : state) {
        ::malloc_trim(0); // or what earlier benchmarks freed is used again and does not count
        const double before = bench::private_mib();
        auto made = fieldreel::make_playback(from, {.bin_size = 4});
        fieldreel::headless_viewer viewer;
        made.playback.show(100, viewer);
        held = bench::private_mib() - before;
        benchmark::DoNotOptimize(made);
    }
    state.counters["value"] = held > 0 ? held : 0;
}
BENCHMARK(set_up_memory_of)->Name("session.setup_41k_private_memory/ours")->Iterations(1);

/// A mapped file of 1.1 GiB (sparse), 100 000 steps from its start on: private memory must not grow.
void play_long(benchmark::State& state) {
    const bool quick = std::getenv("FIELDREEL_BENCH_QUICK") != nullptr;
    const std::size_t frames = 120000;
    const std::size_t bins = 2500;
    std::string pattern = (std::filesystem::temp_directory_path() / "fieldreel_bench_XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        state.SkipWithError("no temporary folder");
        return;
    }
    const std::string path = pattern + "/field.raw";
    {
        std::ofstream(path).put(1);
        std::filesystem::resize_file(path, frames * bins * sizeof(float));
    }
    double grown = 0;
    for (auto _ : state) {
        fieldreel::playback playback;
        playback.add_field(fieldreel::open_raw<float>(path, {.frame_count = frames, .frame_size = bins}) |
                               fieldreel::timed({.rate_hz = 50, .start_s = 0}),
                           fieldreel::grid::full({0, 0}, {50, 50}, {50, 50}), {.range = {0, 1}});
        fieldreel::headless_viewer viewer;
        const std::size_t steps = quick ? 2000 : 100000;
        for (std::size_t i = 0; i < 1000; ++i) {
            playback.show(playback.source().time_s(i), viewer);
        }
        const double before = bench::private_mib();
        for (std::size_t i = 1000; i < steps; ++i) {
            playback.show(playback.source().time_s(i), viewer);
        }
        grown = bench::private_mib() - before;
    }
    std::error_code ignored;
    std::filesystem::remove_all(pattern, ignored);
    if (grown > 0.5) {
        state.SkipWithError("private memory grew while playing");
    }
    state.counters["value"] = grown > 0 ? grown : 0;
}
BENCHMARK(play_long)->Name("session.growth_over_100k_steps/ours")->Iterations(1);

} // namespace
