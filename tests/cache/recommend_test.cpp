// SPDX-License-Identifier: MIT
// What is recommended holds what it promises when it is used.
#include <fieldreel/cache/recommend.hpp>

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "support/sentence.hpp"

using fieldreel::recommend_cache;

namespace {

template <class... Use>
std::string refused(std::size_t frames, std::size_t bytes, std::size_t budget, Use... use) {
    return support::sentence_of<fieldreel::invalid_value>([&] { recommend_cache(frames, bytes, budget, use...); });
}

} // namespace

TEST_CASE("an hour of frames of 40 kB in 64 MB") {
    const auto r = recommend_cache(41'000, 40'000, 64'000'000);
    CHECK(r.options.chunk_size == 15); // half a second
    CHECK(r.options.max_bytes == 64'000'000);
    CHECK_FALSE(r.holds_all);
    CHECK(r.bytes == 106 * 15 * 40'000);
    CHECK(r.seconds == doctest::Approx(52.5));
    CHECK(r.why == "chunks of 15 frames (600 kB); 105 of 2734 fit into 64 MB: 52.5 s at 30 frames per second; loops up "
                   "to that long are read once, longer ones as little as possible");
}

TEST_CASE("what fits whole, what does not fit at all, what is too slow") {
    CHECK(recommend_cache(1000, 1000, 64'000'000).why ==
          "the whole recording of 1000 frames fits: 67 chunks of 15 frames, 1 MB of 64 MB; each is read once");
    CHECK(recommend_cache(1000, 1000, 64'000'000).holds_all);
    CHECK(recommend_cache(1000, 1000, 999).why == "a frame has 1 kB and the budget is 999 bytes: nothing can be kept, "
                                                  "every frame is read when it is shown; allow "
                                                  "at least 4 kB");
    const auto slow = recommend_cache(1000, 1'000'000, 20'000'000, {.frames_per_s = 30, .frame_read_s = 0.05});
    CHECK_FALSE(slow.keeps_up);
    CHECK(slow.why ==
          "chunks of 1 frames (1 MB); 19 of 1000 fit into 20 MB: 0.6 s at 30 frames per second; loops up to "
          "that long are read once, longer ones as little as possible; reading a frame takes 50 ms, which is "
          "too slow at 30 frames per second: play slower, show fewer frames (--target-hz), or read with more "
          "threads where the source allows it");
}

TEST_CASE("whatever is asked, the cache that it makes keeps the budget and the promise") {
    std::mt19937 random(8);
    for (int n = 0; n < 2000; ++n) {
        const auto upto = [&random](unsigned powers) {
            return std::size_t{1} + random() % (std::size_t{1} << (random() % powers));
        };
        const std::size_t frames = upto(20);
        const std::size_t size = upto(22);
        const std::size_t budget = upto(31);
        CAPTURE(frames);
        CAPTURE(size);
        CAPTURE(budget);
        const auto r = recommend_cache(frames, size, budget);
        const auto made = fieldreel::detail::make_layout(r.options, frames, size, 1);
        CHECK(made.slots * made.chunk_bytes == r.bytes);
        CHECK(r.bytes <= budget);
        CHECK(r.holds_all == (made.kept == made.chunk_count));
        CHECK(r.seconds * 30 == doctest::Approx(static_cast<double>((std::min)(made.kept * made.chunk_size, frames))));
    }
}

TEST_CASE("nothing of nothing is refused") {
    CHECK(refused(0, 1, 1) ==
          "frame_count is 0; it must be at least 1 frame; a recording without frames needs no cache");
    CHECK(refused(1, 0, 1) ==
          "bytes_per_frame is 0; it must be at least 1 byte; pass frame_size() * sizeof(value_type)");
    CHECK(refused(1, 1, 0) == "budget_bytes is 0; it must be at least 1 byte; or do not cache");
    CHECK(refused(1, 1, 1, fieldreel::cache_use{.frames_per_s = 0}) ==
          "a speed of 0 frames per second was given; it must be positive and finite; 30 is usual");
}
