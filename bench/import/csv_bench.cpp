// SPDX-License-Identifier: MIT
// Poses of 12 keypoints in a text file against numpy.genfromtxt, and against lines and numbers by the standard library.
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>

#include <unistd.h>

#include <benchmark/benchmark.h>

#include <fieldreel/import/deeplabcut.hpp>

#include "support/claim.hpp"

namespace {

namespace fr = fieldreel;

const bench::claim numpy_registered{"import.pose_csv_vs_genfromtxt", "s", "≥ 10"};
const bench::claim stream_registered{"import.pose_csv_vs_strtod", "s", ""};

constexpr std::size_t rows = 100'000;
constexpr std::size_t columns = 36;

double number(std::size_t row, std::size_t column) {
    return static_cast<double>((row * 7919 + column * 104729) % 640000) / 1000 + 0.0001;
}

class pose_file {
public:
    pose_file() {
        path_ = (std::filesystem::temp_directory_path() / ("fieldreel_bench_" + std::to_string(::getpid()) + ".csv"))
                    .string();
        std::FILE* const out = std::fopen(path_.c_str(), "w");
        std::string lines[3] = {"scorer", "bodyparts", "coords"};
        for (std::size_t c = 0; c < columns; ++c) {
            lines[0] += ",S";
            lines[1] += ",k" + std::to_string(c / 3);
            lines[2] += c % 3 == 0 ? ",x" : c % 3 == 1 ? ",y" : ",likelihood";
        }
        for (const std::string& line : lines) {
            std::fprintf(out, "%s\n", line.c_str());
        }
        for (std::size_t row = 0; row < rows; ++row) {
            std::fprintf(out, "%zu", row);
            for (std::size_t c = 0; c < columns; ++c) {
                std::fprintf(out, ",%.4f", number(row, c));
                sum_ += number(row, c);
            }
            std::fputc('\n', out);
        }
        std::fclose(out);
    }
    ~pose_file() { std::remove(path_.c_str()); }
    const std::string& path() const { return path_; }
    bool right(double sum) const { return sum > sum_ * (1 - 1e-9) && sum < sum_ * (1 + 1e-9); }

private:
    std::string path_;
    double sum_ = 0;
};
const pose_file& file() {
    static const pose_file made;
    return made;
}

void ours(benchmark::State& state) {
    file(); // is made before the clock runs
    for (auto _ : state) {
        const fr::pose_tracks poses = fr::read_deeplabcut_csv(file().path());
        benchmark::DoNotOptimize(poses.animals.data());
        state.PauseTiming();
        double sum = 0;
        for (const double value : poses.animals[0].values) {
            sum += value;
        }
        if (poses.frames() != rows || !file().right(sum)) {
            state.SkipWithError("the numbers are not those of the file");
        }
        state.ResumeTiming();
    }
}
BENCHMARK(ours)->Name("import.pose_csv_vs_genfromtxt/ours")->Unit(benchmark::kSecond);
BENCHMARK(ours)->Name("import.pose_csv_vs_strtod/ours")->Unit(benchmark::kSecond);

void by_strtod(benchmark::State& state) {
    file(); // is made before the clock runs
    for (auto _ : state) {
        std::ifstream in(file().path());
        std::string line;
        double sum = 0;
        for (int skipped = 0; skipped < 3; ++skipped) {
            std::getline(in, line);
        }
        while (std::getline(in, line)) {
            const char* at = line.c_str();
            for (std::size_t c = 0; c <= columns; ++c) {
                char* next = nullptr;
                const double value = std::strtod(at, &next);
                sum += c > 0 ? value : 0;
                at = next + (*next == ',' ? 1 : 0);
            }
        }
        if (!file().right(sum)) {
            state.SkipWithError("the numbers are not those of the file");
        }
    }
}
BENCHMARK(by_strtod)->Name("import.pose_csv_vs_strtod/peer")->Unit(benchmark::kSecond);

/// Measured in Python itself, without its start; a tenth of the file, times ten, and once: it takes long.
void by_numpy(benchmark::State& state) {
    static const std::optional<double> seconds = [] {
        const std::string command =
            "/usr/bin/python3 -c \"import time, numpy as np; s = time.process_time(); a = np.genfromtxt('" +
            file().path() + "', delimiter=',', skip_header=3, max_rows=" + std::to_string(rows / 10) +
            "); assert a.shape == (" + std::to_string(rows / 10) + ", " + std::to_string(columns + 1) +
            "); print(10 * (time.process_time() - s))\" 2>/dev/null";
        std::FILE* const said = ::popen(command.c_str(), "r");
        double out = 0;
        const bool read = said != nullptr && std::fscanf(said, "%lf", &out) == 1;
        return said != nullptr && ::pclose(said) == 0 && read ? std::optional(out) : std::nullopt;
    }();
    if (!seconds) {
        state.SkipWithError("/usr/bin/python3 has no numpy: apt install python3-numpy");
        return;
    }
    for (auto _ : state) {
        state.SetIterationTime(*seconds);
    }
}
BENCHMARK(by_numpy)
    ->Name("import.pose_csv_vs_genfromtxt/peer")
    ->Unit(benchmark::kSecond)
    ->UseManualTime()
    ->Iterations(1);

} // namespace
