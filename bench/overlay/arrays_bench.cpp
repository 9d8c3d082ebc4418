// SPDX-License-Identifier: MIT
// Whole-range arrays of 100 000 frames against copying as many bytes as they write. Both write into memory that is new
// to the process, as a host's one call does: ours as the library allocates it, in large pages, the copy in plain
// arrays, or ("into_large_pages") in the same kind of memory. "recycled" is the same again and again in the same
// memory, which a copy of this size does within the processor's cache.
#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/overlay/arrays.hpp>

#include "support/claim.hpp"

namespace {

using namespace fieldreel;

const bench::claim skeleton_registered{"overlay.skeleton_vectors_vs_memcpy", "µs", "≥ 0.5"};
const bench::claim heading_registered{"overlay.heading_tracks_vs_memcpy", "µs", "≥ 0.5"};
const bench::claim position_registered{"overlay.position_tracks_vs_memcpy", "µs", "≥ 0.5"};
const bench::claim missing_registered{"overlay.skeleton_vectors_missing_points_vs_memcpy", "µs", ""};
const bench::claim skeleton_recycled_registered{"overlay.skeleton_vectors_recycled_vs_memcpy", "µs", ""};
const bench::claim heading_recycled_registered{"overlay.heading_tracks_recycled_vs_memcpy", "µs", ""};
const bench::claim position_recycled_registered{"overlay.position_tracks_recycled_vs_memcpy", "µs", ""};
const bench::claim skeleton_large_registered{"overlay.skeleton_vectors_vs_memcpy_into_large_pages", "µs", ""};
const bench::claim heading_large_registered{"overlay.heading_tracks_vs_memcpy_into_large_pages", "µs", ""};
const bench::claim position_large_registered{"overlay.position_tracks_vs_memcpy_into_large_pages", "µs", ""};
const bench::claim looked_up_registered{"overlay.skeleton_vectors_looked_up", "µs", ""};

constexpr std::size_t frame_count = 100'000;
constexpr display_map map{.row0 = 19, .y0 = -2, .row_per_y = -0.25, .col0 = 0, .x0 = -2, .col_per_x = 0.24};

double x_of(std::size_t i, std::size_t k) {
    return 50 + 40 * std::sin(0.002 * static_cast<double>(i)) + 2 * static_cast<double>(k);
}
double y_of(std::size_t i, std::size_t k) {
    return 40 + 30 * std::cos(0.0013 * static_cast<double>(i)) - 1.5 * static_cast<double>(k);
}
double angle_of(std::size_t i) {
    return std::remainder(0.003 * static_cast<double>(i), 6.283185307179586);
}

struct recording {
    skeleton bones;
    std::vector<samples> keypoints;
    std::vector<samples> with_missing; ///< one point in 100 is NaN
    samples angles;
    sample_times times;
};
const recording& shared_recording() {
    static const recording made = [] {
        recording out;
        std::vector<skeleton_edge> edges;
        for (std::size_t k = 0; k < 6; ++k) {
            edges.push_back({.from = k, .to = k + 1});
        }
        out.bones = skeleton::numbered({"nose", "ear_l", "ear_r", "neck", "body", "rump", "tail"}, edges);
        for (std::size_t k = 0; k < 7; ++k) {
            std::vector<double> xy;
            for (std::size_t i = 0; i < frame_count; ++i) {
                xy.push_back(x_of(i, k));
                xy.push_back(y_of(i, k));
            }
            out.keypoints.emplace_back(xy, 2);
            for (std::size_t i = 13 * k; i < frame_count; i += 100) {
                xy[2 * i] = std::nan("");
            }
            out.with_missing.emplace_back(std::move(xy), 2);
        }
        std::vector<double> angles;
        for (std::size_t i = 0; i < frame_count; ++i) {
            angles.push_back(angle_of(i));
        }
        out.angles = samples(std::move(angles));
        out.times = sample_times(uniform_times{.rate_hz = 50, .start_s = 0}, frame_count);
        return out;
    }();
    return made;
}

bool near(double a, double b) {
    return std::abs(a - b) < 1e-4;
}

// Some rows of every edge, computed again from the formulas.
template <class Rows>
bool right(const Rows& got, bool with_missing) {
    bool all = got.frame_count() == frame_count;
    std::size_t rows = 0;
    for (std::size_t i = 0; all && i < frame_count; ++i) {
        std::size_t row = got.offsets(i);
        all = row == rows;
        for (std::size_t e = 0; all && e < 6; ++e) {
            const auto lost = [&](std::size_t k) { return with_missing && i >= 13 * k && (i - 13 * k) % 100 == 0; };
            if (lost(e) || lost(e + 1)) {
                continue;
            }
            if (i % 97 == 0 || with_missing) {
                const double r0 = 19 + (y_of(i, e) + 2) * -0.25;
                const double c0 = (x_of(i, e) + 2) * 0.24;
                all = got.edges(row) == e && near(got.rows(row, 0, 0), static_cast<double>(i)) &&
                      near(got.rows(row, 0, 1), r0) && near(got.rows(row, 0, 2), c0) && got.rows(row, 1, 0) == 0 &&
                      near(got.rows(row, 1, 1), 1.5 * 0.25) && near(got.rows(row, 1, 2), 2 * 0.24);
            }
            ++row;
        }
        rows = row;
    }
    return all && rows == got.rows.shape(0) && rows == got.edges.size();
}
template <class Rows>
bool heading_right(const Rows& got) {
    bool all = got.frame_count() == frame_count && got.rows.shape(0) == 2 * frame_count;
    for (std::size_t i = 0; all && i < frame_count; i += 7) {
        const std::size_t at = got.offsets(i);
        all = at == 2 * i && near(got.rows(at, 0), static_cast<double>(i)) &&
              got.rows(at + 1, 1) - got.rows(at, 1) == 0.5F && near(got.rows(at, 2), 19 + (y_of(i, 0) + 2) * -0.25) &&
              near(got.rows(at + 1, 2), 19 + (y_of(i, 0) + 15 * std::sin(angle_of(i)) + 2) * -0.25) &&
              near(got.rows(at + 1, 3), (x_of(i, 0) + 15 * std::cos(angle_of(i)) + 2) * 0.24);
    }
    return all;
}
template <class Rows>
bool position_right(const Rows& got) {
    bool all = got.frame_count() == frame_count && got.rows.shape(0) == frame_count;
    for (std::size_t i = 0; all && i < frame_count; i += 7) {
        all = got.offsets(i) == i && got.rows(i, 0) == 0 && got.rows(i, 1) == static_cast<double>(i) &&
              near(got.rows(i, 2), 19 + (y_of(i, 0) + 2) * -0.25) && near(got.rows(i, 3), (x_of(i, 0) + 2) * 0.24);
    }
    return all;
}

/// So that the next large array lies in memory that the process has not touched.
void give_back_freed_memory() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

/// What a host has that keeps its own copy: arrays of the shapes of ours, allocated as any xtensor is.
template <class T, std::size_t N>
struct plain_copy {
    xt::xtensor<T, N> rows;
    xt::xtensor<std::size_t, 1> offsets;
    xt::xtensor<std::uint16_t, 1> edges;
    std::size_t frame_count() const { return offsets.size() - 1; }
};
template <class To, class From>
void copy_array(To& to, const From& from) {
    to.resize(from.shape());
    std::memcpy(to.data(), from.data(), from.size() * sizeof(*from.data()));
}
template <class Out, class Of>
Out copy_into(const Of& of) {
    Out out;
    copy_array(out.rows, of.rows);
    copy_array(out.offsets, of.offsets);
    if constexpr (requires { of.edges; }) {
        copy_array(out.edges, of.edges);
    }
    return out;
}
template <class T, std::size_t N>
plain_copy<T, N> copy_of(const frame_rows<T, N>& of) {
    return copy_into<plain_copy<T, N>>(of);
}
plain_copy<float, 3> copy_of(const edge_rows<float>& of) {
    return copy_into<plain_copy<float, 3>>(of);
}
/// The same into memory as ours has it.
template <class Rows>
Rows large_copy_of(const Rows& of) {
    return copy_into<Rows>(of);
}

enum class memory { fresh, recycled };

template <class Make, class Check>
void run(benchmark::State& state, memory kind, const Make& make, const Check& check) {
    auto result = make();
    for (auto _ : state) {
        if (kind == memory::fresh) {
            state.PauseTiming();
            result = {};
            give_back_freed_memory();
            state.ResumeTiming();
        }
        result = make();
        benchmark::DoNotOptimize(result.rows.data());
        benchmark::ClobberMemory();
    }
    if (!check(result)) {
        state.SkipWithError("the arrays are not those of the formulas");
    }
    state.counters["MB"] = static_cast<double>(result.rows.size() * sizeof(*result.rows.data())) / 1e6;
}

const auto all_right = [](const auto& got) { return right(got, false); };
const auto right_with_missing = [](const auto& got) { return right(got, true); };
const auto headings_are_right = [](const auto& got) { return heading_right(got); };
const auto positions_are_right = [](const auto& got) { return position_right(got); };
auto make_skeleton() {
    return skeleton_vectors(shared_recording().keypoints, shared_recording().bones, map);
}
auto make_skeleton_missing() {
    return skeleton_vectors(shared_recording().with_missing, shared_recording().bones, map);
}
auto make_heading() {
    return heading_tracks(shared_recording().angles, shared_recording().keypoints[0], 15, map);
}
auto make_position() {
    return position_tracks(shared_recording().keypoints[0], map);
}

/// "<name>/ours" makes the arrays, "<name>/peer" copies them into plain arrays, or into such as ours are.
template <class Make, class Check>
void compare(const std::string& name, memory kind, const Make& make, const Check& check, bool into_large = false) {
    benchmark::RegisterBenchmark((name + "/ours").c_str(), [=](benchmark::State& state) {
        run(state, kind, make, check);
    })->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark((name + "/peer").c_str(), [=](benchmark::State& state) {
        const auto made = make();
        if (into_large) {
            run(
                state, kind, [&] { return large_copy_of(made); }, check);
        } else {
            run(
                state, kind, [&] { return copy_of(made); }, check);
        }
    })->Unit(benchmark::kMicrosecond);
}

// The pose's own samples, looked up at the frames' times, which are theirs.
void skeleton_looked_up(benchmark::State& state) {
    const recording& from = shared_recording();
    std::vector<pose_keypoint> keypoints;
    for (std::size_t k = 0; k < 7; ++k) {
        keypoints.push_back({.name = std::string(from.bones.keypoints()[k]), .positions = from.keypoints[k]});
    }
    const pose animal(from.times, keypoints, from.bones);
    run(
        state, memory::fresh, [&] { return skeleton_vectors(animal, from.times, map); }, all_right);
}
BENCHMARK(skeleton_looked_up)->Name("overlay.skeleton_vectors_looked_up/ours")->Unit(benchmark::kMicrosecond);

const bool compared = [] {
    compare("overlay.skeleton_vectors_vs_memcpy", memory::fresh, make_skeleton, all_right);
    compare("overlay.heading_tracks_vs_memcpy", memory::fresh, make_heading, headings_are_right);
    compare("overlay.position_tracks_vs_memcpy", memory::fresh, make_position, positions_are_right);
    compare("overlay.skeleton_vectors_missing_points_vs_memcpy", memory::fresh, make_skeleton_missing,
            right_with_missing);
    compare("overlay.skeleton_vectors_recycled_vs_memcpy", memory::recycled, make_skeleton, all_right);
    compare("overlay.heading_tracks_recycled_vs_memcpy", memory::recycled, make_heading, headings_are_right);
    compare("overlay.position_tracks_recycled_vs_memcpy", memory::recycled, make_position, positions_are_right);
    compare("overlay.skeleton_vectors_vs_memcpy_into_large_pages", memory::fresh, make_skeleton, all_right, true);
    compare("overlay.heading_tracks_vs_memcpy_into_large_pages", memory::fresh, make_heading, headings_are_right, true);
    compare("overlay.position_tracks_vs_memcpy_into_large_pages", memory::fresh, make_position, positions_are_right,
            true);
    return true;
}();

} // namespace
