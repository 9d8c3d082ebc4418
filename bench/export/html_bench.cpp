// SPDX-License-Identifier: MIT
// Recordings as one HTML page: how long it takes, how large it is beside what its quantised values carry, and whether
// memory grows with the recording. How it plays is measured in a browser: bench/export/page_bench.mjs, with the pages
// that FIELDREEL_KEEP_PAGES names a folder for.
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
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

const bench::claim written{"html.write_41k_frames_all_overlays", "s", ""}; // the goal is 3
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

/// 41 000 frames at 30 Hz of a posterior over 520 bins (simulated: it follows the animal with an error that wanders)
/// with all that a recording can have. The animal is the recorded mouse; where its files are not there, a simulated
/// one.
struct everything {
    static constexpr std::size_t count = 41000;
    std::string who = "mouse";
    std::vector<float> posterior;
    fr::playback made;

    everything() {
        const std::string mouse = std::string(FIELDREEL_SHARED_DIR) + "/data/openfield_mouse_M12_2018-04-10/";
        if (std::filesystem::exists(mouse + "times.npy")) {
            const fr::sample_times clock(fr::samples::open_npy(mouse + "times.npy"));
            add(clock, fr::samples::open_npy_rows(mouse + "positions.npy"),
                fr::samples::open_npy(mouse + "head_direction.npy"),
                fr::event_times(fr::samples::open_npy(mouse + "spikes_cell02.npy")));
            return;
        }
        who = "simulated";
        std::fputs("html benchmarks: the recorded mouse is not there, so a simulated animal is played\n", stderr);
        const fr::simulated_recording r = fr::simulate({.frames = count, .rate_hz = 30, .bin_size = 4.4});
        add(fr::sample_times(r.times), fr::samples(std::vector<double>(r.positions), 2),
            fr::samples(std::vector<double>(r.head_direction)), fr::event_times(r.spikes.front()));
    }
    static everything& once() {
        static everything all;
        return all;
    }

private:
    void add(const fr::sample_times& clock, const fr::samples& places, const fr::samples& angles,
             const fr::event_times& spikes) {
        const fr::trajectory path(clock, places);
        const fr::heading head(clock, angles, path);
        add_posterior(path);
        made.add_overlay({"trail", fr::trail(path, {.path = fr::whole_path::past})});
        made.add_overlay({"heading", head});
        std::vector<fr::pose_keypoint> points;
        for (const auto& [name, along] : {std::pair("nose", 4.0), std::pair("neck", 0.0), std::pair("tail", -5.0)}) {
            std::vector<double> at;
            for (std::size_t i = 0; i < clock.size(); ++i) {
                at.insert(at.end(),
                          {places(i, 0) + along * std::cos(angles[i]), places(i, 1) + along * std::sin(angles[i])});
            }
            points.push_back({name, fr::samples(std::move(at), 2)});
        }
        made.add_overlay({"pose", fr::pose(clock, std::move(points), fr::pose_options{})});
        made.add_overlay({"spikes", fr::event(spikes, path, {.keep = fr::kept_events::past})});
        std::vector<fr::raster_unit> units;
        for (int u = 0; u < 20; ++u) { // the cell's own, and others that fire some time later
            std::vector<double> times;
            for (std::size_t i = 0; i < spikes.size(); ++i) {
                times.push_back(spikes[i] + 0.37 * u);
            }
            units.push_back({"unit", fr::event_times(std::move(times)), {}});
        }
        made.add_overlay(
            {"raster", fr::raster_plot(std::move(units), {.before_s = 5, .after_s = 5, .low = 0.2, .high = 0.6})});
        std::vector<double> spans;
        for (double t = clock.front() + 3; t + 2 < clock.back(); t += 7.3) {
            spans.insert(spans.end(), {t, t + 1 + std::sin(t)});
        }
        made.add_overlay({"rest", fr::interval(fr::samples(std::move(spans), 2), "rest", {.high = 0.2})});
        const std::vector<fr::point_xy> corners = {{60, 60}, {95, 62}, {90, 95}};
        made.add_overlay({"regions", fr::region_overlay(fr::regions({fr::region::disc("home", {20, 20}, 12),
                                                                     fr::region::polygon("corner", corners)}),
                                                        path)});
        std::vector<double> x;
        for (std::size_t i = 0; i < clock.size(); ++i) {
            x.push_back(places(i, 0));
        }
        made.add_overlay({"x", fr::time_series(fr::series("x", clock, fr::samples(std::move(x)), {.unit = "cm"}),
                                               {.dock_low = 0.8})});
        std::vector<double> lfp;
        for (std::size_t i = 0; i < 1'300'000; ++i) {
            const double t = static_cast<double>(i) / 1000;
            lfp.push_back(std::sin(50 * t) * (1 + 0.5 * std::sin(0.7 * t)) + 0.3 * std::sin(1100 * t * t));
        }
        const fr::sample_times dense({.rate_hz = 1000, .start_s = 0}, lfp.size());
        made.add_overlay({"lfp", fr::time_series(fr::series("lfp", dense, fr::samples(std::move(lfp)), {.unit = "mV"}),
                                                 {.dock_low = 0.6, .dock_high = 0.8})});
        made.add_overlay({"object", fr::object_vector(path, fr::point_xy{80, 80}, head)});
        made.add_overlay({"time", fr::time_label({.frame = true})});
    }
    void add_posterior(const fr::trajectory& path) {
        const auto bins = fr::grid::full({0, 0}, {104, 100}, {26, 20});
        const fr::sample_times frames({.rate_hz = 30, .start_s = path.times().front()}, count);
        std::mt19937 random(1);
        std::normal_distribution<double> normal;
        posterior.resize(count * bins.bin_count());
        fr::point_xy error{0, 0};
        for (std::size_t i = 0; i < count; ++i) {
            const fr::point_xy at = path.at(frames[i]);
            error = {0.97 * error.x + normal(random), 0.97 * error.y + normal(random)};
            const double wide = 6 + 2 * std::sin(0.01 * static_cast<double>(i));
            float* const out = posterior.data() + i * bins.bin_count();
            double sum = 0;
            for (std::size_t b = 0; b < bins.bin_count(); ++b) {
                const fr::point_xy here = bins.center(b);
                const double off = std::hypot(here.x - at.x - error.x, here.y - at.y - error.y) / wide;
                const double value = std::exp(-0.5 * off * off) * (1 + 0.2 * normal(random));
                out[b] = static_cast<float>(value > 0 ? value : 0);
                sum += static_cast<double>(out[b]);
            }
            for (std::size_t b = 0; b < bins.bin_count(); ++b) {
                out[b] /= static_cast<float>(sum);
            }
        }
        made.add_field(fr::generate<float>(count, bins.bin_count(),
                                           [this](std::size_t i, std::span<float> out) {
                                               std::copy_n(posterior.begin() +
                                                               static_cast<std::ptrdiff_t>(i * out.size()),
                                                           out.size(), out.begin());
                                           }) |
                           fr::timed(frames),
                       bins,
                       {.colors = fr::colormap::named("magma"),
                        .range = {0, 0.08},
                        .kind = fr::field_kind::posterior,
                        .title = "posterior",
                        .label = "P"});
    }
};

void write_everything(benchmark::State& state) {
    const everything& all = everything::once();
    const output to("everything_41k");
    for (auto _ : state) {
        const fr::html_report report =
            fr::write_html(to.path, all.made, {.title = all.who + ", simulated posterior", .unit = "cm"});
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
    const output to("everything_41k_bytes");
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
        fr::value_codes{{0, 0.08}, {}}.encode(fr::values_view(std::span<const float>(all.posterior)), codes.data());
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
