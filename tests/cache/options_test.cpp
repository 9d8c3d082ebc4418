// SPDX-License-Identifier: MIT
// What options come to, and the sentences for those that are not allowed.
#include <fieldreel/cache/options.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>

#include <doctest/doctest.h>

using fieldreel::cache_options;
using fieldreel::detail::cache_layout;
using fieldreel::detail::make_layout;

namespace {

std::string sentence(const cache_options& options, std::size_t frame_count = 100, std::size_t frame_size = 4) {
    try {
        make_layout(options, frame_count, frame_size, sizeof(float));
    } catch (const fieldreel::invalid_value& e) {
        return e.name() + ": " + e.what();
    }
    return "nothing thrown";
}

} // namespace

TEST_CASE("defaults: 10 frames per chunk, 100 chunks and one to read into, no byte limit") {
    const cache_layout layout = make_layout({}, 1'000'000, 4, sizeof(float));
    CHECK(layout.chunk_size == 10);
    CHECK(layout.chunk_count == 100'000);
    CHECK(layout.chunk_bytes == 160);
    CHECK(layout.kept == 100);
    CHECK(layout.slots == 101);
}

TEST_CASE("a limit of 0 is refused with a sentence") {
    CHECK(sentence({.chunk_size = 0}) ==
          "chunk_size: chunk_size is 0; it must be at least 1 frame; leave it unset for 10");
    CHECK(sentence({.max_chunks = 0}) ==
          "max_chunks: max_chunks is 0; it must be at least 1 chunk; leave it unset for 100, or do not cache");
    CHECK(sentence({.max_bytes = 0}) ==
          "max_bytes: max_bytes is 0; it must be at least 1 byte; leave it unset for no limit, or do not cache");
    CHECK(sentence({.chunk_size = 1, .max_chunks = 1, .max_bytes = 1}) == "nothing thrown");
}

TEST_CASE("a chunk is never larger than the recording, nor are there slots for more") {
    const cache_layout all = make_layout({.chunk_size = cache_options::unlimited}, 25, 4, sizeof(float));
    CHECK(all.chunk_size == 25);
    CHECK(all.chunk_count == 1);
    CHECK(all.slots == 1);
    const cache_layout few = make_layout({.chunk_size = 7}, 25, 4, sizeof(float));
    CHECK(few.chunk_count == 4);
    CHECK(few.kept == 4);
    CHECK(few.slots == 4); // everything fits: nothing is dropped, so nothing is needed to read into
    const cache_layout none = make_layout({}, 0, 4, sizeof(float));
    CHECK(none.chunk_count == 0);
    CHECK(none.slots == 0);
}

TEST_CASE("the tightest limit wins, and all buffers are within max_bytes") {
    const std::size_t chunk = 160;
    const auto layout = [](std::size_t chunks, std::size_t bytes) {
        return make_layout({.max_chunks = chunks, .max_bytes = bytes}, 1000, 4, sizeof(float));
    };
    CHECK(layout(3, 100 * chunk).kept == 3);
    CHECK(layout(3, 100 * chunk).slots == 4);
    CHECK(layout(3, 4 * chunk).kept == 3);
    CHECK(layout(3, 4 * chunk).slots == 4);
    CHECK(layout(3, 4 * chunk - 1).kept == 2);
    CHECK(layout(3, 4 * chunk - 1).slots == 3);
    CHECK(layout(99, 2 * chunk).kept == 1);
    CHECK(layout(99, 2 * chunk).slots == 2);
    CHECK(layout(99, chunk).kept == 1);
    CHECK(layout(99, chunk).slots == 1);
    CHECK(layout(99, chunk - 1).kept == 0);
    CHECK(layout(99, chunk - 1).slots == 0);
    CHECK(layout(cache_options::unlimited, cache_options::unlimited).slots == 100); // 1000 frames
    CHECK(layout(cache_options::unlimited, 50 * chunk).slots == 50);
}

TEST_CASE("a frame of nothing takes no buffer") {
    CHECK(make_layout({}, 1000, 0, sizeof(float)).slots == 0);
}

TEST_CASE("sizes that no machine has are refused, not wrapped around") {
    CHECK(sentence({.chunk_size = 1}, std::size_t{1} << 32) ==
          "chunk_size: chunk_size 1 makes 4294967296 chunks of 4294967296 frames; at most 2147483646 are allowed; "
          "choose a larger chunk_size");
    CHECK(sentence({.chunk_size = 1}, (std::size_t{1} << 31) - 2) == "nothing thrown");
    CHECK(sentence({.chunk_size = cache_options::unlimited}, std::size_t{1} << 62, std::size_t{1} << 10) ==
          "chunk_size: chunk_size 4611686018427387904 frames of 1024 values do not fit into memory; at most "
          "2251799813685247 are allowed; choose a smaller chunk_size");
}

TEST_CASE("without a limit of its own the number of chunks follows from max_bytes") {
    const auto slots = [](const cache_options& options) {
        return fieldreel::detail::make_layout(options, 100'000, 1, 1).slots;
    };
    CHECK(slots({.chunk_size = 1}) == 101);
    CHECK(slots({.chunk_size = 1, .max_bytes = 5000}) == 5000);
    CHECK(slots({.chunk_size = 1, .max_chunks = 50, .max_bytes = 5000}) == 51);
}

TEST_CASE("the chunk of a frame is a division, however it is computed") {
    for (const std::size_t chunk_size : std::initializer_list<std::size_t>{1, 2, 3, 7, 10, 64, 1000, 99'991}) {
        const auto made = fieldreel::detail::make_layout({.chunk_size = chunk_size}, (std::size_t{1} << 31) - 2, 1, 1);
        std::size_t wrong = 0;
        const auto check = [&](std::size_t frame) { wrong += made.chunk_of(frame) == frame / chunk_size ? 0u : 1u; };
        for (std::size_t chunk = 0; chunk < (std::size_t{1} << 33) / chunk_size; chunk += 1 + chunk / 1000) {
            check(chunk * chunk_size);
            check(chunk * chunk_size + chunk_size - 1);
        }
        const std::size_t quick = static_cast<std::size_t>(made.quick_frames);
        for (std::size_t n = 0; n < 2 * chunk_size + 2; ++n) {
            check(quick - (std::min)(quick, n));
            check(quick + n);
        }
        CHECK(wrong == 0);
    }
}
