// SPDX-License-Identifier: MIT
// Whether a long recording costs more than a short one: time to the first frame, per step, and private memory, for
// mapped files of 100 x 100 float32 with mapped times, positions and head directions. The files are sparse: only what
// is looked at has been written, but for the times.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/trail.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/source/mapped_source.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/viewer/headless_viewer.hpp>

#include "support/claim.hpp"
#include "support/private_memory.hpp"

namespace {

const bench::claim first_frame{"playback.first_frame_10M_vs_1k", "ms", "≤ 1.5"};
const bench::claim step{"playback.step_10M_vs_1k", "µs", "≤ 1.5"};
const bench::claim memory{"playback.private_memory_10M_vs_1k", "MiB", "≤ 1.5"};
const bench::claim first_frame_100k{"playback.first_frame_100k", "ms", ""};
const bench::claim step_100k{"playback.step_100k", "µs", ""};
const bench::claim memory_100k{"playback.private_memory_100k", "MiB", ""};

constexpr std::size_t side = 100;
constexpr std::size_t bins = side * side;
constexpr std::size_t played = 800; ///< steps go through so many frames in the middle, again and again
constexpr double rate_hz = 32;
constexpr const char* folder_variable = "FIELDREEL_BENCH_PLAYBACK_FOLDER";
constexpr const char* count_variable = "FIELDREEL_BENCH_PLAYBACK_FRAMES";

std::size_t first_played(std::size_t frames) {
    return (frames - played) / 2;
}

/// A .npy file that reads as zeros, and holds what is written at rows.
class sparse_npy {
public:
    sparse_npy(const std::string& path, const std::string& descr, std::size_t rows, std::size_t row_values,
               std::size_t value_bytes)
        : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)),
          row_bytes_(row_values * value_bytes) {
        std::string head = "\x93NUMPY";
        head += '\x01';
        head += '\0';
        head += '\x76';
        head += '\0';
        head += "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + std::to_string(rows) +
                (row_values == 1 ? ",), }" : ", " + std::to_string(row_values) + "), }");
        head.resize(header_bytes - 1, ' ');
        head += '\n';
        if (file_ < 0 || ::ftruncate(file_, static_cast<off_t>(header_bytes + rows * row_bytes_)) != 0 ||
            ::pwrite(file_, head.data(), head.size(), 0) != static_cast<ssize_t>(head.size())) {
            throw std::runtime_error("cannot make the sparse file " + path);
        }
    }
    sparse_npy(const sparse_npy&) = delete;
    sparse_npy& operator=(const sparse_npy&) = delete;
    ~sparse_npy() { ::close(file_); }

    template <class T>
    void write(std::size_t row, std::span<const T> values) {
        const auto at = static_cast<off_t>(header_bytes + row * row_bytes_);
        if (::pwrite(file_, values.data(), values.size_bytes(), at) != static_cast<ssize_t>(values.size_bytes())) {
            throw std::runtime_error("cannot write a sparse file: is the disk full?");
        }
    }

private:
    static constexpr std::size_t header_bytes = 128;
    int file_;
    std::size_t row_bytes_;
};

float value_of(std::size_t frame) {
    return static_cast<float>(frame % 1000) / 1000;
}

/// The files of recordings, made when first asked for and removed at the end.
class recordings {
public:
    static const std::string& folder(std::size_t frames) {
        static recordings all;
        std::string& made = all.made_[frames];
        if (made.empty()) {
            made = make(all.folder_, frames);
        }
        return made;
    }

private:
    recordings() {
        std::string pattern = (std::filesystem::temp_directory_path() / "fieldreel_bench_XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("cannot make a folder in " + std::filesystem::temp_directory_path().string());
        }
        folder_ = pattern;
    }
    ~recordings() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    static std::string make(const std::string& parent, std::size_t frames) {
        const std::string folder = parent + "/" + std::to_string(frames);
        std::filesystem::create_directory(folder);
        sparse_npy field(folder + "/field.npy", "<f4", frames, bins, 4);
        sparse_npy times(folder + "/times.npy", "<f8", frames, 1, 8);
        sparse_npy positions(folder + "/positions.npy", "<f8", frames, 2, 8);
        sparse_npy angles(folder + "/head_direction.npy", "<f8", frames, 1, 8);
        std::vector<double> block(1 << 16);
        for (std::size_t row = 0; row < frames; row += block.size()) {
            const std::size_t count = std::min(block.size(), frames - row);
            for (std::size_t i = 0; i < count; ++i) {
                block[i] = static_cast<double>(row + i) / rate_hz;
            }
            times.write(row, std::span<const double>(block.data(), count));
        }
        const std::size_t first = first_played(frames);
        for (std::size_t i = first < 100 ? 0 : first - 100; i < std::min(frames, first + played + 100); ++i) {
            const std::vector<float> top_left_bin = {value_of(i)};
            field.write(i, std::span<const float>(top_left_bin));
            const double along = static_cast<double>(i % 1000) / 1000;
            const std::vector<double> position = {20 + 60 * along, 50 + 30 * std::sin(6 * along)};
            positions.write(i, std::span<const double>(position));
            const std::vector<double> angle = {along};
            angles.write(i, std::span<const double>(angle));
        }
        return folder;
    }

    std::string folder_;
    std::map<std::size_t, std::string> made_;
};

fieldreel::playback open(const std::string& folder) {
    using namespace fieldreel;
    playback out;
    const sample_times times(samples::open_npy(folder + "/times.npy")); // a handle: all three look at one map
    out.add_field(open_npy<float>(folder + "/field.npy") | timed(times),
                  grid::full({0, 0}, {static_cast<double>(side), static_cast<double>(side)}, {side, side}), {});
    const trajectory path(times, samples::open_npy(folder + "/positions.npy"));
    out.add_overlay({"trail", trail(path)});
    out.add_overlay({"heading", heading(times, samples::open_npy(folder + "/head_direction.npy"), path)});
    return out;
}

/// A headless viewer that keeps account of what was right.
struct checking_viewer {
    fieldreel::headless_viewer surface;
    std::size_t expected_frame = 0;
    bool right = true;
    void present(const fieldreel::scene& now) {
        surface.present(now);
        const auto& field = now.fields[0];
        right = right && field.frame() == expected_frame && field.values().as<float>()[0] == value_of(expected_frame) &&
                now.shapes.shapes().size() >= 3 &&
                surface.picture().at(side - 1, 0) ==
                    fieldreel::color_of(value_of(expected_frame), field.style().colors, field.style().range);
    }
};

/// Shows the k-th of the played frames, between its time and the next one's.
void show(fieldreel::playback& what, checking_viewer& surface, std::size_t frames, std::size_t k) {
    surface.expected_frame = first_played(frames) + k % played;
    what.show((static_cast<double>(surface.expected_frame) + 0.25) / rate_hz, surface);
}

template <class F>
void guarded(benchmark::State& state, F&& f) {
    try {
        f();
    } catch (const std::exception& refused) {
        state.SkipWithError(refused.what());
    }
}

template <std::size_t Frames>
void open_and_show(benchmark::State& state) {
    guarded(state, [&] {
        const std::string folder = recordings::folder(Frames);
        bool right = true;
        for (auto _ : state) {
            fieldreel::playback what = open(folder);
            checking_viewer surface;
            show(what, surface, Frames, played / 2);
            right = right && surface.right;
        }
        if (!right) {
            state.SkipWithError("the first frame is not the one in the file");
        }
    });
}

template <std::size_t Frames>
void steps(benchmark::State& state) {
    guarded(state, [&] {
        fieldreel::playback what = open(recordings::folder(Frames));
        checking_viewer surface;
        for (std::size_t k = 0; k < played; ++k) { // the pages that are looked at are in memory
            show(what, surface, Frames, k);
        }
        std::size_t k = 0;
        for (auto _ : state) {
            show(what, surface, Frames, k++);
        }
        if (!surface.right) {
            state.SkipWithError("what was shown is not what is in the file");
        }
    });
}

/// A process of its own measures memory: in this one, other benchmarks have left theirs. It is this program, started
/// with two variables set, which plays before main and ends.
const bool plays_and_ends = [] {
    const char* folder = std::getenv(folder_variable);
    const char* count = std::getenv(count_variable);
    if (folder == nullptr || count == nullptr) {
        return false;
    }
    const std::size_t frames = std::strtoull(count, nullptr, 10);
    fieldreel::playback what = open(folder);
    checking_viewer surface;
    for (std::size_t k = 0; k < 1000; ++k) {
        show(what, surface, frames, k);
    }
    std::printf("%.6f\n", surface.right ? bench::private_mib() : 0.0);
    std::fflush(stdout);
    std::_Exit(0);
}();

template <std::size_t Frames>
void private_memory(benchmark::State& state) {
    guarded(state, [&] {
        const std::string command = std::string(folder_variable) + "='" + recordings::folder(Frames) + "' " +
                                    count_variable + "=" + std::to_string(Frames) + " '" +
                                    std::filesystem::read_symlink("/proc/self/exe").string() + "'";
        double mib = 0;
        for (auto _ : state) {
            std::FILE* const other = ::popen(command.c_str(), "r");
            if (other == nullptr || std::fscanf(other, "%lf", &mib) != 1) {
                mib = 0;
            }
            if (other != nullptr) {
                ::pclose(other);
            }
        }
        if (mib <= 0) {
            state.SkipWithError("the process that measures memory showed something else than the file");
        }
        state.counters["value"] = mib;
    });
}

constexpr std::size_t small = 1'000;
constexpr std::size_t middle = 100'000;
constexpr std::size_t large = 10'000'000;

BENCHMARK(open_and_show<large>)->Name("playback.first_frame_10M_vs_1k/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(open_and_show<small>)->Name("playback.first_frame_10M_vs_1k/peer")->Unit(benchmark::kMillisecond);
BENCHMARK(open_and_show<middle>)->Name("playback.first_frame_100k/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(open_and_show<small>)->Name("playback.first_frame_100k/peer")->Unit(benchmark::kMillisecond);
BENCHMARK(steps<large>)->Name("playback.step_10M_vs_1k/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(steps<small>)->Name("playback.step_10M_vs_1k/peer")->Unit(benchmark::kMicrosecond);
BENCHMARK(steps<middle>)->Name("playback.step_100k/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(steps<small>)->Name("playback.step_100k/peer")->Unit(benchmark::kMicrosecond);
BENCHMARK(private_memory<large>)->Name("playback.private_memory_10M_vs_1k/ours")->Iterations(1);
BENCHMARK(private_memory<small>)->Name("playback.private_memory_10M_vs_1k/peer")->Iterations(1);
BENCHMARK(private_memory<middle>)->Name("playback.private_memory_100k/ours")->Iterations(1);
BENCHMARK(private_memory<small>)->Name("playback.private_memory_100k/peer")->Iterations(1);

} // namespace
