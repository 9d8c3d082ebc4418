// SPDX-License-Identifier: MIT
#include <fieldreel/session/simulate.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

using namespace fieldreel;

namespace {

template <class T>
void hash_bytes(std::uint64_t& hash, const std::vector<T>& values) {
    for (const T& value : values) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof value);
        hash = detail::mix_bits(hash ^ bits);
    }
}

std::uint64_t hash_of(const simulated_recording& r) {
    std::uint64_t hash = 0;
    hash_bytes(hash, r.times);
    hash_bytes(hash, r.positions);
    hash_bytes(hash, r.true_positions);
    hash_bytes(hash, r.head_direction);
    for (const auto& keypoint : r.keypoints) {
        hash_bytes(hash, keypoint);
    }
    for (const auto& times : r.spikes) {
        hash_bytes(hash, times);
    }
    hash_bytes(hash, r.frame_times);
    std::vector<float> frames(r.posterior.frame_count() * r.posterior.frame_size());
    r.posterior.read(0, frames);
    hash_bytes(hash, frames);
    return hash;
}

} // namespace

TEST_CASE("simulate: the same seed gives the same bytes, another seed others") {
    const simulation_options options{.minutes = 1, .seed = 5};
    const auto once = hash_of(simulate(options));
    CHECK(once == hash_of(simulate(options)));
    CHECK(once != hash_of(simulate({.minutes = 1, .seed = 6})));
    CHECK(once != hash_of(simulate({.minutes = 1, .seed = 5, .task = simulation_task::linear_track})));
}

TEST_CASE("simulate: a recording is complete and its parts agree") {
    const auto r = simulate({.minutes = 2, .start_s = 100});
    CHECK(r.sample_count() == 60000 - 200);
    CHECK(r.positions.size() == 2 * r.sample_count());
    CHECK(r.head_direction.size() == r.sample_count());
    CHECK(r.spikes.size() == 60);
    CHECK(r.cells.size() == 60);
    CHECK(r.frame_times.size() == 6000);
    CHECK(r.posterior.frame_count() == 6000);
    CHECK(r.posterior.frame_size() == r.posterior.space().bin_count());
    CHECK(r.frame_times.front() == 100);
    CHECK(r.frame_times[1] == doctest::Approx(100.02));
    CHECK(r.times.front() == 100);
    REQUIRE(r.ripples.size() > 0);
    REQUIRE(r.ripples.size() == r.replays.size());
    for (std::size_t i = 0; i < r.ripples.size(); ++i) {
        CHECK(r.ripples[i].start_s >= 100);
        CHECK(r.ripples[i] == r.replays[i].time);
    }
    for (const auto& flaw : r.flaws) {
        CHECK(flaw.time.start_s > 100);
        CHECK(flaw.time.stop_s < 220);
    }
    for (const auto& times : r.spikes) {
        CHECK((times.empty() || times.front() >= 100));
        CHECK((times.empty() || times.back() < 220));
    }
}

TEST_CASE("simulate: ripples lie where the animal stands still") {
    const auto r = simulate({.minutes = 5, .flaws = false});
    for (const auto& ripple : r.ripples) {
        const auto first = static_cast<std::size_t>(ripple.start_s * 500) + 1;
        const auto last = static_cast<std::size_t>(ripple.stop_s * 500);
        for (std::size_t i = first; i < last; ++i) {
            const double step = std::hypot(r.true_positions[2 * i] - r.true_positions[2 * i - 2],
                                           r.true_positions[2 * i + 1] - r.true_positions[2 * i - 1]);
            REQUIRE(step * 500 < 2.5);
        }
    }
}

TEST_CASE("simulate: positions and keypoints are tables of numbers") {
    const auto r = simulate({.duration_s = 1});
    const auto positions = r.position_table();
    static_assert(number_table<decltype(positions)>);
    CHECK(positions.shape(0) == r.sample_count());
    CHECK(positions.shape(1) == 2);
    CHECK(positions(7, 1) == r.positions[15]);
    CHECK(r.keypoint_table("tail_tip")(3, 0) == r.keypoints[6][6]);
    CHECK_THROWS_WITH_AS(r.keypoint_table("tail_tipp"),
                         "the simulated body has no keypoint \"tail_tipp\"; it has nose, ear_l, ear_r, neck, body, "
                         "tail_base, tail_tip; did you mean tail_tip?",
                         invalid_value);
}

TEST_CASE("simulate: the shortest recordings work") {
    for (const auto task : {simulation_task::open_field, simulation_task::linear_track}) {
        const auto one = simulate({.frames = 1, .task = task, .cell_count = 1});
        CHECK(one.frame_times.size() == 1);
        CHECK(one.sample_count() == 10);
        CHECK(one.flaws.empty());
        std::vector<float> frame(one.posterior.frame_size());
        one.posterior.read(0, frame);
        CHECK(frame[0] > 0);
        CHECK(simulate({.duration_s = 10, .rate_hz = 0.1, .task = task}).sample_count() == 1);
    }
}

TEST_CASE("simulate: what needs too much memory is refused before it is made") {
    CHECK_THROWS_WITH_AS(simulate({.minutes = 60 * 20}),
                         "a recording of 36000000 samples in memory needs about 5.8 GB of memory; at most 4.3 GB are "
                         "allowed; ask for less or raise max_bytes",
                         invalid_value);
    CHECK_THROWS_WITH_AS(simulation({.duration_s = 1e6}),
                         "simulating 1e+06 s with 60 cells needs about 12.3 GB of memory; at most 4.3 GB are allowed; "
                         "ask for less or raise max_bytes",
                         invalid_value);
    CHECK_THROWS_WITH_AS(simulation({.duration_s = 1, .cell_count = 100000, .bin_size = 0.2}),
                         "decoding 100000 cells in bins of 0.2 cm needs about 100 GB of memory; at most 4.3 GB are "
                         "allowed; ask for less or raise max_bytes",
                         invalid_value);
}
