// SPDX-License-Identifier: MIT
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/frame_source.hpp>

#include "support/archetypes.hpp"
#include "support/sentence.hpp"
#include "support/watched_source.hpp"

namespace fr = fieldreel;
using archetype::value_of;
using support::sentence_of;
using support::thrown_by;

namespace {

constexpr std::size_t no_frame = static_cast<std::size_t>(-1);

std::vector<float> list(std::span<const float> values) {
    return {values.begin(), values.end()};
}
std::vector<float> expected(std::size_t frame, std::size_t size = 4) {
    std::vector<float> out(size);
    for (std::size_t k = 0; k < size; ++k) {
        out[k] = value_of<float>(frame, k);
    }
    return out;
}

archetype::contiguous_source contiguous() {
    auto values = std::make_shared<std::vector<float>>(40);
    archetype::source().read(0, *values);
    archetype::contiguous_source out;
    out.values = values;
    return out;
}

} // namespace

TEST_CASE("a bulk read is checked once: whole frames, none past the end") {
    const archetype::source source;
    std::vector<float> room(12);
    source.read(7, room);
    CHECK(list(std::span(room).subspan(8)) == expected(9));

    CHECK(sentence_of<fr::frame_out_of_range>([&] { source.read(8, room); }) ==
          "frame 10 is past the end: the source has 10 frames (0-9); clamp the index or use subsample");
    CHECK(sentence_of<fr::frame_out_of_range>([&] { source.read(no_frame, room); }) ==
          "frame 18446744073709551615 is past the end: the source has 10 frames (0-9); clamp the index or use "
          "subsample");
    room.resize(11);
    CHECK(sentence_of<fr::invalid_value>([&] { source.read(0, room); }) ==
          "read was given room for 11 values, which is no whole number of frames of 4 values; pass a span of "
          "frame_count * frame_size() values");
    CHECK(thrown_by<fr::invalid_value>([&] { source.read(0, room); }).name() == "out");
    source.read(10, {}); // no frames from the end on: nothing to do
}

TEST_CASE("a buffered cursor reads a frame once, however often it is looked at") {
    support::watched_source source;
    auto cursor = fr::cursor_of(source);
    CHECK(source.asked().reads.empty()); // making one reads nothing
    CHECK(list(cursor.frame(3)) == expected(3));
    CHECK(list(cursor.frame(3)) == expected(3));
    CHECK(source.asked().reads == std::vector<std::pair<std::size_t, std::size_t>>{{3, 1}});
    CHECK(list(cursor.frame(9)) == expected(9));
    CHECK(list(cursor.frame(0)) == expected(0));
    CHECK(source.asked().reads.size() == 3);
}

TEST_CASE("try_frame and nearest of a buffered cursor find the frame it holds and never read") {
    support::watched_source source;
    auto cursor = fr::cursor_of(source);
    CHECK_FALSE(cursor.try_frame(3).has_value());
    CHECK_FALSE(cursor.nearest(3).has_value());
    (void)cursor.frame(3);
    CHECK(list(cursor.try_frame(3).value()) == expected(3));
    CHECK_FALSE(cursor.try_frame(4).has_value());
    CHECK(cursor.nearest(7).value().index == 3);
    CHECK(list(cursor.nearest(7).value().values) == expected(3));
    CHECK(source.asked().reads.size() == 1);
}

TEST_CASE("a shared frame outlives its cursor and what it looks at next") {
    fr::shared_frame<float> kept;
    {
        auto cursor = fr::cursor_of(archetype::source());
        kept = cursor.share(5);
        (void)cursor.frame(6);
        CHECK(list(kept.values) == expected(5));
    }
    CHECK(list(kept.values) == expected(5));
    {
        auto cursor = fr::cursor_of(contiguous());
        kept = cursor.share(2);
    }
    CHECK(list(kept.values) == expected(2));
}

TEST_CASE("a read that throws leaves no half-filled frame behind") {
    support::watched_source source;
    auto cursor = fr::cursor_of(source);
    (void)cursor.frame(3);
    source.asked().fails = 4;
    CHECK(sentence_of<std::runtime_error>([&] { (void)cursor.frame(4); }) == "the disk is on fire");
    CHECK_FALSE(cursor.try_frame(4).has_value());
    CHECK_FALSE(cursor.nearest(4).has_value());
    source.asked().fails.reset();
    CHECK(list(cursor.frame(4)) == expected(4)); // the next request tries again
    CHECK(list(cursor.frame(3)) == expected(3));
}

TEST_CASE("a frame past the end is refused by every kind of cursor, the first request included") {
    const std::string past =
        "frame 10 is past the end: the source has 10 frames (0-9); clamp the index or use subsample";
    auto buffered = fr::cursor_of(archetype::source());
    auto view = fr::cursor_of(contiguous());
    CHECK(sentence_of<fr::frame_out_of_range>([&] { (void)buffered.frame(10); }) == past);
    CHECK(sentence_of<fr::frame_out_of_range>([&] { (void)buffered.share(10); }) == past);
    CHECK(sentence_of<fr::frame_out_of_range>([&] { (void)view.frame(10); }) == past);
    CHECK(sentence_of<fr::frame_out_of_range>([&] { (void)view.share(10); }) == past);

    // "one before frame 0" is a frequent mistake
    CHECK_THROWS_AS((void)fr::cursor_of(archetype::source()).frame(no_frame), fr::frame_out_of_range);
    CHECK_FALSE(fr::cursor_of(archetype::source()).try_frame(no_frame).has_value());
    CHECK_THROWS_AS((void)view.frame(no_frame), fr::frame_out_of_range);
}

TEST_CASE("a source without frames") {
    auto cursor = fr::cursor_of(archetype::source{0, 4});
    CHECK(sentence_of<fr::frame_out_of_range>([&] { (void)cursor.frame(0); }) ==
          "frame 0 was asked of a source that has no frames; check frame_count() first");
    CHECK_FALSE(cursor.nearest(0).has_value());
}

TEST_CASE("the cursor of frames in memory copies nothing") {
    const auto source = contiguous();
    auto cursor = fr::cursor_of(source);
    CHECK(cursor.frame(3).data() == source.values->data() + 12);
    CHECK(cursor.try_frame(4).value().data() == source.values->data() + 16);
    CHECK(cursor.nearest(5).value().index == 5);
    CHECK(cursor.nearest(5).value().values.data() == source.values->data() + 20);
    CHECK(cursor.share(6).values.data() == source.values->data() + 24);
}

TEST_CASE("a source's own cursor is used") {
    support::source_with_cursor source;
    source.asked().resident = {7};
    auto cursor = fr::cursor_of(source);
    cursor.hint({.frame = 2});
    CHECK(source.asked().hints.size() == 1);
    CHECK(cursor.nearest(1).value().index == 7);
    CHECK_FALSE(cursor.try_frame(1).has_value());
}
