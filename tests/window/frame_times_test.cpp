// SPDX-License-Identifier: MIT
#include <cstddef>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/window/frame_times.hpp>

namespace {

using namespace fieldreel;

any_source frames_at(std::vector<double> times) {
    const std::size_t count = times.size();
    return generate<float>(count, 1, [](std::size_t, std::span<float> out) { out[0] = 0; }) | timed(std::move(times));
}

TEST_CASE("times kept in memory are those of the source, gaps included") {
    std::vector<double> times;
    for (int i = 0; i < 500; ++i) {
        times.push_back(1.6e9 + i * 0.0333 + (i >= 200 ? 7.1 : 0.0) + (i % 7) * 0.001);
    }
    const any_source source = frames_at(times);
    const auto kept = times_in_memory(source);
    REQUIRE(kept);
    REQUIRE(kept->frame_count() == 500);
    for (std::size_t i = 0; i < 500; ++i) {
        REQUIRE(kept->time_s(i) == source.time_s(i));
        REQUIRE(kept->duration_s(i) == source.duration_s(i));
    }
    for (double t = times.front() - 1; t < times.back() + 1; t += 0.00137) {
        REQUIRE(kept->frame_at(t) == source.frame_at(t));
    }
    CHECK(kept->frame_at(times[17]) == 17);
    CHECK(!kept->frame_at(times[199] + 3));
}

TEST_CASE("keeping times can be given up, and no frames are no problem") {
    const any_source source = frames_at(std::vector<double>{0, 1, 2});
    CHECK(!times_in_memory(source, [](std::size_t, std::size_t) { return false; }));
    const auto none = times_in_memory(frames_at(std::vector<double>{}));
    REQUIRE(none);
    CHECK(none->frame_count() == 0);
    CHECK(!none->frame_at(0));
}

TEST_CASE("gaps between frames, and before and after them") {
    const any_source source = frames_at({1, 1.25, 1.5, 4, 4.25, 4.5, 5.25});
    CHECK(find_gaps(source, {0, 8}) ==
          std::vector<time_range>{{0, 1}, {1.875, 4}, {5.5, 8}}); // a frame lasts at most 1.5 times the usual
    CHECK(find_gaps(source, {1, 5}, 3).empty());
    CHECK(find_gaps(source, {1, 5.5}, 0.3) == std::vector<time_range>{{1.875, 4}, {4.875, 5.25}});
    CHECK(find_gaps(source, {1, 3}) == std::vector<time_range>{{1.875, 3}}); // cut where the times end
    CHECK(find_gaps(frames_at(std::vector<double>{}), {2, 3}) == std::vector<time_range>{{2, 3}});
    CHECK(find_gaps(source, {0, 8}, 0.5, [](std::size_t, std::size_t) { return false; }).empty());
}

} // namespace
