// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/generate.hpp>

#include "support/sentence.hpp"

namespace fr = fieldreel;
using support::sentence_of;
using support::thrown_by;

TEST_CASE("a tiled field is held once, however many frames it has") {
    const auto source = fr::tile(std::vector<float>{1, 2, 3}, 1'000'000'000'000);
    CHECK(source.frame_count() == 1'000'000'000'000);
    CHECK(source.frame_size() == 3);
    auto cursor = fr::cursor_of(source);
    CHECK(cursor.frame(0).data() == cursor.frame(999'999'999'999).data());
    std::vector<float> room(6);
    source.read(999'999'999'998, room);
    CHECK(room == std::vector<float>{1, 2, 3, 1, 2, 3});
    CHECK(sentence_of<fr::frame_out_of_range>([&] { source.read(999'999'999'999, room); }) ==
          "frame 1000000000000 is past the end: the source has 1000000000000 frames (0-999999999999); clamp the index "
          "or use subsample");
    const auto copy = source;
    CHECK(copy.view(0).data() == source.view(5).data()); // a handle
}

TEST_CASE("a tiled field needs values") {
    CHECK(sentence_of<fr::invalid_value>([] { (void)fr::tile(std::vector<double>{}, 10); }) ==
          "tile was given a field without values; give one value per active bin");
    CHECK(thrown_by<fr::invalid_value>([] { (void)fr::tile(std::vector<double>{}, 10); }).name() == "field");
}

TEST_CASE("generated frames are computed when they are asked for") {
    int calls = 0;
    const auto source = fr::generate<std::int32_t>(1000, 2, [&calls](std::size_t i, std::span<std::int32_t> out) {
        ++calls;
        out[0] = static_cast<std::int32_t>(i);
        out[1] = -static_cast<std::int32_t>(i);
    });
    CHECK(calls == 0);
    std::vector<std::int32_t> room(6);
    source.read(997, room);
    CHECK(room == std::vector<std::int32_t>{997, -997, 998, -998, 999, -999});
    auto cursor = fr::cursor_of(source);
    CHECK(cursor.frame(42)[1] == -42);
    CHECK(cursor.frame(42)[0] == 42);
    CHECK(calls == 4);
    CHECK_THROWS_AS((void)cursor.frame(1000), fr::frame_out_of_range);
    static_assert(!fr::concurrent_read<std::remove_const_t<decltype(source)>>, "a function may keep scratch memory");
}

TEST_CASE("generated frames need values, a generator without frames has nothing to read") {
    const auto nothing = [](std::size_t, std::span<float>) {};
    CHECK(sentence_of<fr::invalid_value>([&] { (void)fr::generate<float>(5, 0, nothing); }) ==
          "generate was asked for frames of 0 values; give one value per active bin");
    CHECK(thrown_by<fr::invalid_value>([&] { (void)fr::generate<float>(5, 0, nothing); }).name() == "frame_size");
    auto cursor = fr::cursor_of(fr::generate<float>(0, 5, nothing));
    CHECK(sentence_of<fr::frame_out_of_range>([&] { (void)cursor.frame(0); }) ==
          "frame 0 was asked of a source that has no frames; check frame_count() first");
}
