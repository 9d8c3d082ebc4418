// SPDX-License-Identifier: MIT
// Opening a recording and showing its first frame costs the same for 1 k and for 10 M frames; and what a cursor costs
// per frame. The long recording is a sparse file (400 GB that take no room on disk), removed at the end.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/mapped_source.hpp>
#include <fieldreel/source/npy.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/source/timed.hpp>

#include "support/claim.hpp"

namespace {

const bench::claim open_registered{"source.open_10M_vs_1k", "µs", "≤ 1.5"};
const bench::claim step_registered{"source.cursor_step_vs_pointer", "ns", ""};

constexpr std::size_t frame_size = 100 * 100;
constexpr std::size_t many = 10'000'000;
constexpr std::size_t few = 1000;

/// Frames and times in the files of one recording: the first frame holds ones, the others zeros; 500 Hz.
class recording {
public:
    explicit recording(std::size_t frame_count) {
        std::string made = (std::filesystem::temp_directory_path() / "fieldreel_bench_XXXXXX").string();
        if (::mkdtemp(made.data()) == nullptr) {
            throw std::runtime_error("no temporary folder " + made);
        }
        folder_ = made;
        const std::string count = std::to_string(frame_count);
        write(frames(), head("<f4", std::string("(") + count + ", 100, 100)"),
              std::uint64_t{frame_count} * frame_size * 4);
        std::fstream first(frames(), std::ios::in | std::ios::out | std::ios::binary);
        first.seekp(128);
        const std::vector<float> ones(frame_size, 1.0F);
        first.write(reinterpret_cast<const char*>(ones.data()), frame_size * 4);
        std::vector<double> times_s(frame_count);
        for (std::size_t i = 0; i < frame_count; ++i) {
            times_s[i] = static_cast<double>(i) * 0.002;
        }
        fieldreel::write_npy<double>(times(), times_s);
    }
    ~recording() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    recording(const recording&) = delete;
    recording& operator=(const recording&) = delete;

    std::string frames() const { return folder_ + "/frames.npy"; }
    std::string times() const { return folder_ + "/times.npy"; }

private:
    static std::string head(const std::string& descr, const std::string& shape) {
        std::string words = std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
        words.resize(117, ' ');
        return std::string("\x93NUMPY\x01\0v\0", 10) + words + "\n";
    }
    static void write(const std::string& path, const std::string& head, std::uint64_t bytes) {
        std::ofstream(path, std::ios::binary) << head;
        std::filesystem::resize_file(path, head.size() + bytes); // zeros that take no room
    }

    std::string folder_;
};

void open_and_show(benchmark::State& state, const recording& files, std::size_t frame_count) {
    for (auto _ : state) {
        const fieldreel::any_source source =
            fieldreel::open_npy(files.frames()) |
            fieldreel::timed(fieldreel::sample_times(fieldreel::samples::open_npy(files.times())));
        const auto first = source.frame_at(0.001);
        auto cursor = source.cursor();
        float sum = 0;
        for (const float value : cursor.frame(first.value_or(1)).as<float>()) {
            sum += value;
        }
        if (source.frame_count() != frame_count || sum != static_cast<float>(frame_size)) {
            state.SkipWithError("the first frame is not the one in the file");
            return;
        }
    }
}

/// Both recordings are made before either is measured, so that each is written at the same distance from its reading.
const recording& recording_of(bool long_one) {
    static const recording short_recording(few);
    static const recording long_recording(many);
    return long_one ? long_recording : short_recording;
}

void open_many(benchmark::State& state) {
    open_and_show(state, recording_of(true), many);
}
BENCHMARK(open_many)->Name("source.open_10M_vs_1k/ours");

void open_few(benchmark::State& state) {
    open_and_show(state, recording_of(false), few);
}
BENCHMARK(open_few)->Name("source.open_10M_vs_1k/peer");

/// The first value of every frame: what is measured is the way to the frame, not the frame.
template <class Step>
void step_through(benchmark::State& state, const Step& step) {
    std::size_t i = 0;
    std::size_t steps = 0;
    double sum = 0;
    for (auto _ : state) {
        sum += static_cast<double>(step(i));
        ++steps;
        i = i + 1 < few ? i + 1 : 0;
    }
    benchmark::DoNotOptimize(sum);
    if (sum != static_cast<double>((steps + few - 1) / few)) { // only frame 0 holds ones
        state.SkipWithError("the frames are not those in the file");
    }
}

void step_any(benchmark::State& state) {
    auto cursor = fieldreel::open_npy(recording_of(false).frames()).cursor();
    step_through(state, [&](std::size_t i) { return cursor.frame(i).as<float>()[0]; });
}
BENCHMARK(step_any)->Name("source.cursor_step_vs_pointer/ours");

void step_typed(benchmark::State& state) {
    auto cursor = fieldreel::open_npy<float>(recording_of(false).frames()).cursor();
    step_through(state, [&](std::size_t i) { return cursor.frame(i)[0]; });
}
BENCHMARK(step_typed)->Name("source.cursor_step_vs_pointer/peer");

} // namespace
