// SPDX-License-Identifier: MIT
// What a pose costs: to open with its first frame, for a long recording and a short one, and at one step.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#ifdef __linux__
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/pose.hpp>

#include "support/claim.hpp"

namespace {

using namespace fieldreel;

const bench::claim open_registered{"overlay.pose_open_first_frame_10M_vs_1k", "µs", "≤ 1.5"};
#ifdef __linux__
// What the kernel alone takes to open, map, touch once and close the same seven files: what of the claim above is its.
const bench::claim bare_registered{"overlay.pose_open_first_frame_kernel_alone_10M_vs_1k", "µs", ""};
#endif
const bench::claim step_registered{"overlay.pose_random_step_10M_vs_1k", "µs", "≤ 1.5"};
const bench::claim cold_registered{"overlay.pose_random_step_untouched_pages_10M_vs_1k", "µs", ""};

/// Positions that are all (0, 0) but for the first 1000, in a .npy file with a hole: 10 million samples that take no
/// room on the disk. Deleted at the end.
class recording {
public:
    explicit recording(std::size_t count)
        : path_((std::filesystem::temp_directory_path() / ("fieldreel_pose_bench_" + std::to_string(count) + ".npy"))
                    .string()),
          count_(count) {
        std::string head = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + std::to_string(count) + ", 2), }";
        head.resize(117, ' ');
        head += '\n';
        std::ofstream out(path_, std::ios::binary);
        out << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(head.size()) << '\0' << head;
        for (std::size_t i = 0; i < 1000; ++i) {
            const std::array<double, 2> at{static_cast<double>(i), 2.0};
            out.write(reinterpret_cast<const char*>(at.data()), sizeof at);
        }
        out.close();
        std::filesystem::resize_file(path_, 128 + 16 * count);
    }
    recording(const recording&) = delete;
    recording& operator=(const recording&) = delete;
    ~recording() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    pose open() const {
        const skeleton bones = skeleton::mouse();
        std::vector<pose_keypoint> keypoints;
        for (const std::string& name : bones.keypoints()) {
            keypoints.push_back({.name = name, .positions = samples::open_npy(path_)});
        }
        return pose(sample_times(uniform_times{.rate_hz = 500, .start_s = 0}, count_), std::move(keypoints), bones);
    }
    std::size_t count() const { return count_; }
    const std::string& path() const { return path_; }

private:
    std::string path_;
    std::size_t count_;
};
const recording& long_one() {
    static const recording made(10'000'000);
    return made;
}
const recording& short_one() {
    static const recording made(1000);
    return made;
}

void open_first_frame(benchmark::State& state, const recording& (*made)()) {
    const recording& from = made();
    bool right = true;
    for (auto _ : state) {
        canvas out;
        from.open().build({.time_s = 0.101, .frame = {}, .space = {}}, out);
        right = right && out.shapes().size() == 14 && std::abs(out.vertices(out.shapes()[0])[0].x - 50.5) < 1e-9;
    }
    if (!right) {
        state.SkipWithError("the shapes are not those of the samples");
    }
}
#ifdef __linux__
void kernel_alone(benchmark::State& state, const recording& (*made)()) {
    const recording& from = made();
    const std::size_t bytes = 128 + 16 * from.count();
    constexpr std::size_t files = 7;
    double sum = 0;
    for (auto _ : state) {
        int descriptors[files];
        void* maps[files];
        for (std::size_t k = 0; k < files; ++k) {
            descriptors[k] = ::open(from.path().c_str(), O_RDONLY | O_CLOEXEC);
            maps[k] = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptors[k], 0);
            if (maps[k] == MAP_FAILED) {
                state.SkipWithError("the file cannot be mapped");
                return;
            }
            sum += static_cast<const double*>(maps[k])[(128 + 16 * 50) / 8];
        }
        for (std::size_t k = 0; k < files; ++k) {
            ::munmap(maps[k], bytes);
            ::close(descriptors[k]);
        }
    }
    if (sum != 50.0 * files * static_cast<double>(state.iterations())) {
        state.SkipWithError("what was read is not what was written");
    }
}
BENCHMARK_CAPTURE(kernel_alone, ours, long_one)
    ->Name("overlay.pose_open_first_frame_kernel_alone_10M_vs_1k/ours")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(kernel_alone, peer, short_one)
    ->Name("overlay.pose_open_first_frame_kernel_alone_10M_vs_1k/peer")
    ->Unit(benchmark::kMicrosecond);
#endif
/// Each page of a mapped table is looked at once, so that the kernel has it in place.
void touch_pages(const pose& animal) {
    canvas out;
    for (std::size_t i = 0; i + 1 < animal.times().size(); i += 4096 / 16) {
        out.clear();
        animal.build({.time_s = animal.times()[i], .frame = {}, .space = {}}, out);
    }
}
// Anywhere in the recording; every fourth step in its first two seconds, where the places are known.
// What the overlay costs is measured in pages that are in place. In untouched ones each step also waits for the kernel,
// at 7 files of 160 MB: that is reported apart.
void random_step(benchmark::State& state, const recording& (*made)(), bool touched) {
    const recording& from = made();
    const pose animal = from.open();
    if (touched) {
        touch_pages(animal);
    }
    canvas out;
    std::uint64_t number = 1;
    std::size_t step = 0;
    bool right = true;
    for (auto _ : state) {
        number = number * 6364136223846793005ULL + 1442695040888963407ULL;
        const std::size_t most = step % 4 == 0 ? 999 : from.count() - 1;
        const double i = static_cast<double>((number >> 33) % most) + 0.5;
        out.clear();
        animal.build({.time_s = i / 500, .frame = {}, .space = {}}, out);
        right = right && out.shapes().size() == 14 &&
                (step % 4 != 0 || std::abs(out.vertices(out.shapes()[0])[0].x - i) < 1e-6);
        ++step;
    }
    if (!right) {
        state.SkipWithError("the shapes are not those of the samples");
    }
}

BENCHMARK_CAPTURE(open_first_frame, ours, long_one)
    ->Name("overlay.pose_open_first_frame_10M_vs_1k/ours")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(open_first_frame, peer, short_one)
    ->Name("overlay.pose_open_first_frame_10M_vs_1k/peer")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(random_step, ours, long_one, true)
    ->Name("overlay.pose_random_step_10M_vs_1k/ours")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(random_step, peer, short_one, true)
    ->Name("overlay.pose_random_step_10M_vs_1k/peer")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(random_step, cold_ours, long_one, false)
    ->Name("overlay.pose_random_step_untouched_pages_10M_vs_1k/ours")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(random_step, cold_peer, short_one, false)
    ->Name("overlay.pose_random_step_untouched_pages_10M_vs_1k/peer")
    ->Unit(benchmark::kMicrosecond);

} // namespace
