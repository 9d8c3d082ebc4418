// SPDX-License-Identifier: MIT
// Recordings as one HTML page: how long it takes, how large it is beside what its quantised values carry, and whether
// memory grows with the recording. How it plays is measured in a browser: bench/export/page_bench.mjs, with the pages
// that FIELDREEL_KEEP_PAGES names a folder for.
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <fieldreel/export/html.hpp>
#include <fieldreel/session/simulate.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/mapped_source.hpp>
#include <fieldreel/source/timed.hpp>

#include "support/claim.hpp"

namespace {

namespace fr = fieldreel;

const bench::claim written{"html.write_41k_frames_all_overlays", "s", ""};
const bench::claim sized{"html.page_bytes_vs_entropy_of_values", "MB", "≤ 1.25"};
const bench::claim memory{"html.private_memory_100k_vs_1k_frames", "MiB", "≤ 1.5"};
const bench::claim memory_of_events{"html.private_memory_10m_vs_10k_spikes", "MiB", "≤ 1.5"};

double private_mib() {
    std::ifstream in("/proc/self/status");
    double kib = 0;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("RssAnon:") || line.starts_with("RssShmem:")) {
            kib += std::stod(line.substr(line.find(':') + 1));
        }
    }
    return kib / 1024;
}

struct output {
    std::string path;
    bool kept = std::getenv("FIELDREEL_KEEP_PAGES") != nullptr;
    explicit output(std::string_view name) {
        const std::filesystem::path folder =
            kept ? std::filesystem::path(std::getenv("FIELDREEL_KEEP_PAGES")) : std::filesystem::temp_directory_path();
        path = (folder / (kept ? std::string(name) + ".html"
                               : "fieldreel_bench_" + std::to_string(getpid()) + std::string(name) + ".html"))
                   .string();
    }
    output(const output&) = delete;
    output& operator=(const output&) = delete;
    ~output() {
        if (!kept) {
            std::error_code ignored;
            std::filesystem::remove(path, ignored);
        }
    }
};

/// 41 000 decoded frames of 529 bins in memory, with all that a recording can have.
struct everything {
    fr::simulated_recording recording = fr::simulate({.frames = 41000, .rate_hz = 50, .bin_size = 4.4});
    std::vector<float> posterior;
    fr::playback made;

    everything() {
        fr::simulated_recording& r = recording;
        const std::size_t bins = r.posterior.frame_size();
        posterior.resize(r.posterior.frame_count() * bins);
        r.posterior.read(0, posterior);
        const fr::sample_times clock(r.times);
        const fr::trajectory path(clock, r.position_table());
        const auto frames =
            fr::generate<float>(r.posterior.frame_count(), bins, [this, bins](std::size_t i, std::span<float> out) {
                std::copy_n(posterior.begin() + static_cast<std::ptrdiff_t>(i * bins), bins, out.begin());
            });
        made.add_field(frames | fr::timed(fr::sample_times(r.frame_times)), fr::simulated_arena(r.options),
                       {.colors = fr::colormap::named("magma"),
                        .range = {0, 0.15},
                        .kind = fr::field_kind::posterior,
                        .title = "posterior",
                        .label = "P"});
        made.add_overlay({"trail", fr::trail(path, {.path = fr::whole_path::past})});
        const fr::heading head(clock, fr::samples::borrow(std::span<const double>(r.head_direction)), path);
        made.add_overlay({"heading", head});
        std::vector<fr::pose_keypoint> points;
        for (const std::string_view name : fr::simulated_keypoint_names) {
            points.push_back({std::string(name), r.keypoint_table(name)});
        }
        made.add_overlay({"pose", fr::pose(clock, std::move(points), fr::pose_options{})});
        std::vector<fr::raster_unit> units;
        for (const auto& times : r.spikes) {
            units.push_back({"unit", fr::event_times(times), {}});
        }
        made.add_overlay({"spikes", fr::event(fr::event_times(r.spikes.front()), path)});
        made.add_overlay(
            {"raster", fr::raster_plot(std::move(units), {.before_s = 5, .after_s = 5, .low = 0.2, .high = 0.7})});
        std::vector<double> ripples;
        for (const fr::time_range& one : r.ripples) {
            ripples.insert(ripples.end(), {one.start_s, one.stop_s});
        }
        made.add_overlay({"ripples", fr::interval(fr::samples(std::move(ripples), 2), "ripple", {.high = 0.2})});
        std::vector<double> x;
        for (std::size_t i = 0; i < r.sample_count(); ++i) {
            x.push_back(r.positions[2 * i]);
        }
        made.add_overlay({"x", fr::time_series(fr::series("x", clock, fr::samples(std::move(x)), {.unit = "cm"}),
                                               {.dock_low = 0.7})});
        made.add_overlay({"object", fr::object_vector(path, fr::point_xy{80, 80}, head)});
    }
    static everything& once() {
        static everything all;
        return all;
    }
};

void write_everything(benchmark::State& state) {
    const everything& all = everything::once();
    const output to("simulated_41k");
    for (auto _ : state) {
        const fr::html_report report = fr::write_html(to.path, all.made, {.title = "simulated", .unit = "cm"});
        if (std::filesystem::file_size(to.path) != report.bytes || report.values != all.posterior.size()) {
            state.SkipWithError("the page is not what was written");
        }
    }
}
BENCHMARK(write_everything)
    ->Name("html.write_41k_frames_all_overlays/ours")
    ->Unit(benchmark::kSecond)
    ->UseRealTime()
    ->Iterations(1);

/// The whole page, text, player and overlays too.
void page_bytes(benchmark::State& state) {
    const output to("simulated_41k_bytes");
    double bytes = 0;
    for (auto _ : state) {
        bytes = static_cast<double>(fr::write_html(to.path, everything::once().made).bytes) / 1e6;
    }
    state.counters["value"] = bytes;
}
BENCHMARK(page_bytes)->Name("html.page_bytes_vs_entropy_of_values/ours")->Iterations(1);

/// - sum of p log2 p of the 256 codes, times the number of values: what they carry if nothing is known of their order.
void entropy_bytes(benchmark::State& state) {
    const everything& all = everything::once();
    double bits = 0;
    for (auto _ : state) {
        std::vector<std::uint8_t> codes(all.posterior.size());
        fr::value_codes{{0, 0.15}, {}}.encode(fr::values_view(std::span<const float>(all.posterior)), codes.data());
        std::vector<double> counts(256);
        for (const std::uint8_t code : codes) {
            counts[code] += 1;
        }
        bits = 0;
        for (const double count : counts) {
            bits -= count > 0 ? count * std::log2(count / static_cast<double>(codes.size())) : 0;
        }
    }
    state.counters["value"] = bits / 8e6;
}
BENCHMARK(entropy_bytes)->Name("html.page_bytes_vs_entropy_of_values/peer")->Iterations(1);

/// 1600 bins whose peak moves, computed when read.
fr::playback long_recording(std::size_t count) {
    const auto bins = fr::grid::full({0, 0}, {80, 80}, {40, 40});
    fr::playback out;
    out.add_field(fr::generate<float>(count, bins.bin_count(),
                                      [](std::size_t i, std::span<float> to) {
                                          const float t = static_cast<float>(i % 100000) * 0.02F;
                                          const float cx = 20 + 18 * std::sin(0.7F * t);
                                          const float cy = 20 + 18 * std::sin(1.1F * t);
                                          std::uint32_t noise = static_cast<std::uint32_t>(i) * 2654435761U;
                                          for (std::size_t b = 0; b < to.size(); ++b) {
                                              const float dx = static_cast<float>(b / 40) - cx;
                                              const float dy = static_cast<float>(b % 40) - cy;
                                              noise = noise * 1664525U + 1013904223U;
                                              const float d2 = dx * dx + dy * dy;
                                              to[b] = 1 / (1 + 0.02F * d2) +
                                                      4e-11F * static_cast<float>(noise >> 4) / (1 + d2);
                                          }
                                      }) |
                      fr::timed({.rate_hz = 50, .start_s = 0}),
                  bins, {.range = {0, 1}, .title = "rate", .label = "rate", .unit = "Hz"});
    std::vector<double> places, angles;
    for (std::size_t i = 0; i < count; ++i) {
        const double t = static_cast<double>(i) * 0.02;
        places.insert(places.end(), {40 + 36 * std::sin(0.7 * t), 40 + 36 * std::sin(1.1 * t)});
        angles.push_back(std::remainder(t, 6.283185307179586));
    }
    const fr::sample_times clock({.rate_hz = 50, .start_s = 0}, count);
    const fr::trajectory path(clock, fr::samples(std::move(places), 2));
    const fr::samples turned(std::move(angles));
    out.add_overlay({"trail", fr::trail(path)});
    out.add_overlay({"heading", fr::heading(clock, turned, path)});
    out.add_overlay({"angle", fr::time_series(fr::series("angle", clock, turned))});
    return out;
}

/// The most that writing needs besides the recording itself, looked at all the time.
double peak_of_writing(const fr::playback& from, const std::string& path) {
    malloc_trim(0);
    const double before = private_mib();
    std::atomic<bool> done = false;
    double most = 0;
    std::thread looking([&] {
        while (!done) {
            most = std::max(most, private_mib() - before);
            std::this_thread::sleep_for(std::chrono::microseconds(500));
        }
    });
    fr::write_html(path, from, {.title = "memory", .unit = "cm"}, {.max_bytes = 2'000'000'000, .threads = 2});
    done = true;
    looking.join();
    return most;
}
void memory_of_frames(benchmark::State& state, std::size_t count) {
    const output to("long_" + std::to_string(count));
    for (auto _ : state) {
        state.counters["value"] = peak_of_writing(long_recording(count), to.path);
    }
}
BENCHMARK_CAPTURE(memory_of_frames, 100k, 100'000)->Name("html.private_memory_100k_vs_1k_frames/ours")->Iterations(1);
BENCHMARK_CAPTURE(memory_of_frames, 1k, 1000)->Name("html.private_memory_100k_vs_1k_frames/peer")->Iterations(1);

/// Spikes of mapped files, drawn on a path and as rows, beside the same 2000 frames.
void memory_of_spikes(benchmark::State& state, std::size_t count) {
    const output to("spikes_" + std::to_string(count));
    const std::string file = to.path + ".npy";
    {
        std::vector<double> times(count);
        for (std::size_t i = 0; i < count; ++i) {
            times[i] =
                (static_cast<double>(i) + 0.3 * std::sin(static_cast<double>(i))) * 39 / static_cast<double>(count);
        }
        fr::write_npy(file, std::span<const double>(times));
    }
    for (auto _ : state) {
        fr::playback from = long_recording(2000);
        const fr::event_times times(fr::samples::open_npy(file));
        const auto path = from.overlays()[0].as<fr::trail>()->path();
        from.add_overlay({"spikes", fr::event(times, path)});
        from.add_overlay({"raster", fr::raster_plot({{"unit", times, {}}})});
        state.counters["value"] = peak_of_writing(from, to.path);
    }
    std::filesystem::remove(file);
}
BENCHMARK_CAPTURE(memory_of_spikes, 10m, 10'000'000)->Name("html.private_memory_10m_vs_10k_spikes/ours")->Iterations(1);
BENCHMARK_CAPTURE(memory_of_spikes, 10k, 10'000)->Name("html.private_memory_10m_vs_10k_spikes/peer")->Iterations(1);

} // namespace
