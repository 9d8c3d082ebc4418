// SPDX-License-Identifier: MIT
// A step of a signal of 30 kHz against one of 500 Hz, an hour of mapped int16 each, in the same window of 10 s: playing
// on, and jumping.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/overlay/time_series.hpp>

#include "support/claim.hpp"

namespace {

const bench::claim play_registered{"overlay.series_30khz_vs_500hz", "µs", "≤ 1.5"};
const bench::claim jump_registered{"overlay.series_jump_30khz_vs_500hz", "µs", ""};

constexpr double window_s = 10;
constexpr std::size_t columns = 512;

std::int16_t value_of(std::size_t i) {
    return static_cast<std::int16_t>(static_cast<std::uint16_t>((i * 2654435761U) >> 13U));
}

/// A signal in a file of an hour (of three minutes in a quick run), drawn; the file is removed at the end.
class mapped_signal {
public:
    explicit mapped_signal(std::size_t rate_hz)
        : rate_hz_(rate_hz),
          length_s_(std::getenv("FIELDREEL_BENCH_QUICK") != nullptr ? 180 : 3600),
          path_((std::filesystem::temp_directory_path() /
                 ("fieldreel_bench_series_" + std::to_string(rate_hz) + "_" +
                  std::to_string(reinterpret_cast<std::uintptr_t>(this)) + ".npy"))
                    .string()) {
        fieldreel::npy_writer<std::int16_t> file(path_);
        std::vector<std::int16_t> second(rate_hz);
        for (std::size_t s = 0; s < length_s_; ++s) {
            for (std::size_t i = 0; i < rate_hz; ++i) {
                second[i] = value_of(s * rate_hz + i);
            }
            file.write(second);
        }
        file.finish();
    }
    mapped_signal(const mapped_signal&) = delete;
    mapped_signal& operator=(const mapped_signal&) = delete;
    ~mapped_signal() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }

    double length_s() const { return static_cast<double>(length_s_); }
    /// Its blocks are built: the whole has been looked at once.
    fieldreel::time_series drawing() const {
        const auto rate_hz = static_cast<double>(rate_hz_);
        const fieldreel::series signal(
            "lfp", fieldreel::sample_times({.rate_hz = rate_hz, .start_s = 0}, rate_hz_ * length_s_),
            fieldreel::samples::open_npy(path_));
        signal.pyramid().extent(0, rate_hz_ * length_s_);
        return fieldreel::time_series({{.signals = {signal}, .low = -32768, .high = 32767}},
                                      {.window_s = window_s, .columns = columns});
    }
    /// Whether each column of a picture is the least and the greatest of its samples.
    bool right(const fieldreel::canvas& picture, double now_s) const {
        const double w = window_s / static_cast<double>(columns);
        const auto rate_hz = static_cast<double>(rate_hz_);
        const auto line = picture.vertices(picture.shapes()[0]);
        for (std::size_t v = 0; v + 1 < line.size(); v += 2) {
            const auto k = std::lround((line[v].x + now_s) / w - 0.5);
            const auto first = static_cast<std::size_t>(static_cast<double>(k) * w * rate_hz);
            double low = 1e9;
            double high = -1e9;
            for (std::size_t i = first - 2; static_cast<double>(i) / rate_hz < static_cast<double>(k + 1) * w; ++i) {
                if (static_cast<double>(i) / rate_hz >= static_cast<double>(k) * w) {
                    low = (std::min)(low, static_cast<double>(value_of(i)));
                    high = (std::max)(high, static_cast<double>(value_of(i)));
                }
            }
            const double drawn_low = (std::min)(line[v].y, line[v + 1].y) * 65535 - 32768;
            const double drawn_high = (std::max)(line[v].y, line[v + 1].y) * 65535 - 32768;
            if (std::abs(drawn_low - low) > 1e-6 || std::abs(drawn_high - high) > 1e-6) {
                return false;
            }
        }
        return line.size() >= 2 * (columns - 1);
    }

private:
    std::size_t rate_hz_;
    std::size_t length_s_;
    std::string path_;
};

template <std::size_t RateHz>
const mapped_signal& shared_signal() {
    static const mapped_signal made(RateHz);
    return made;
}

template <std::size_t RateHz, bool Jumping>
void step(benchmark::State& state) {
    const mapped_signal& signal = shared_signal<RateHz>();
    const fieldreel::time_series drawing = signal.drawing();
    fieldreel::canvas out;
    const double room_s = signal.length_s() - 2 * window_s;
    double time_s = window_s;
    drawing.build({.time_s = time_s, .frame = {}, .space = {}}, out);
    for (auto _ : state) {
        time_s += Jumping ? 0.618 * room_s : 1.0 / 60;
        time_s -= time_s > room_s + window_s ? room_s : 0;
        out.clear();
        drawing.build({.time_s = time_s, .frame = {}, .space = {}}, out);
    }
    if (!signal.right(out, time_s)) {
        state.SkipWithError("the columns are not the least and the greatest of their samples");
    }
}

BENCHMARK_TEMPLATE(step, 30000, false)->Name("overlay.series_30khz_vs_500hz/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(step, 500, false)->Name("overlay.series_30khz_vs_500hz/peer")->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(step, 30000, true)->Name("overlay.series_jump_30khz_vs_500hz/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(step, 500, true)->Name("overlay.series_jump_30khz_vs_500hz/peer")->Unit(benchmark::kMicrosecond);

} // namespace
