// SPDX-License-Identifier: MIT
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/combine.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/select.hpp>
#include <fieldreel/source/timed.hpp>

#include "support/archetypes.hpp"
#include "support/npy_bytes.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"
#include "support/watched_source.hpp"

namespace fr = fieldreel;
using archetype::value_of;
using support::sentence_of;
using support::thrown_by;

namespace {
template <bool AtOnce>
struct readable : archetype::basic_source<float> {
    static constexpr bool concurrent_read = AtOnce;
};
} // namespace

TEST_CASE("an erased source says whether threads read at once") {
    CHECK_FALSE(fr::any_source(readable<false>{{10, 4}}).concurrent());
    CHECK(fr::any_source(readable<true>{{10, 4}}).concurrent());
}

TEST_CASE("what lies above an erased source knows whether threads read it at once, too") {
    const auto all_say = [](const fr::any_source& base, bool expected) {
        CHECK((base | fr::slice({2, 8})).concurrent() == expected);
        CHECK((base | fr::timed({.rate_hz = 10})).concurrent() == expected);
        CHECK((base | fr::columns({1, 0})).concurrent() == expected);
        CHECK((base | fr::combine({{0, 1}})).concurrent() == expected);
        CHECK((base | fr::pool({.source_hz = 10, .target_hz = 5})).concurrent() == expected);
        CHECK((base | fr::timed({.rate_hz = 10}) | fr::subsample_by_time(5)).concurrent() == expected);
        CHECK(fr::reads_at_once(base.as<float>()) == expected);
    };
    all_say(readable<false>{{10, 4}}, false);
    all_say(readable<true>{{10, 4}}, true);
}

TEST_CASE("an erased source gives what its source gives, in the source's own type") {
    for (const fr::dtype type : {fr::dtype::i8, fr::dtype::u8, fr::dtype::i16, fr::dtype::u16, fr::dtype::i32,
                                 fr::dtype::u32, fr::dtype::i64, fr::dtype::u64, fr::dtype::f32, fr::dtype::f64}) {
        CAPTURE(std::string(fr::name_of(type)));
        fr::visit_dtype(type, [&]<class T>(std::type_identity<T>) {
            const fr::any_source source = archetype::basic_source<T>{10, 4};
            CHECK(source.type() == type);
            CHECK(source.frame_count() == 10);
            CHECK(source.frame_size() == 4);
            CHECK_FALSE(source.frame_shape().has_value());
            CHECK_FALSE(source.timed());

            auto cursor = source.cursor();
            CHECK(cursor.frame(1).type() == type);
            CHECK(cursor.frame(1).size() == 4);
            CHECK(cursor.frame(1).template as<T>()[3] == value_of<T>(1, 3));
            source.visit([&](auto typed) {
                using found = typename decltype(typed)::value_type;
                CHECK(std::is_same_v<found, T>);
                std::vector<found> room(8);
                typed.read(0, room);
                CHECK(room[5] == value_of<found>(1, 1));
            });
            CHECK(source.as<T>().cursor().frame(1)[2] == value_of<T>(1, 2));
        });
    }
}

TEST_CASE("the wrong type is refused") {
    const fr::any_source source = archetype::source{};
    CHECK(sentence_of<fr::invalid_value>([&] { (void)source.as<double>(); }) ==
          "the source holds float32 and float64 was asked for; use any_source::visit");
    CHECK(thrown_by<fr::invalid_value>([&] { (void)source.as<double>(); }).name() == "T");
}

TEST_CASE("an erased cursor: nothing is an empty view") {
    support::source_with_cursor source(20);
    auto cursor = fr::any_source(source).cursor();
    CHECK(cursor.try_frame(3).empty());
    CHECK(cursor.nearest(3).second.empty());
    source.asked().resident = {7};
    CHECK(cursor.try_frame(7)[1] == 701);
    CHECK(cursor.nearest(3).first == 7);
    CHECK(cursor.nearest(3).second[0] == 700);
    cursor.hint({.frame = 4, .frames_per_s = -2});
    CHECK(source.asked().hints.at(0).frames_per_s == -2);

    auto typed = fr::any_source(source).as<float>().cursor();
    CHECK_FALSE(typed.try_frame(3).has_value());
    CHECK(typed.try_frame(7).value()[0] == 700);
    CHECK(typed.nearest(0).value().index == 7);
    source.asked().resident = {};
    CHECK_FALSE(typed.nearest(0).has_value());
}

TEST_CASE("a frame shared by an erased cursor outlives it") {
    auto [owner, values] = [] {
        auto cursor = fr::any_source(archetype::source{}).cursor();
        auto shared = cursor.share(5);
        (void)cursor.frame(6);
        return shared;
    }();
    CHECK(owner != nullptr);
    CHECK(values[3] == 503);
}

TEST_CASE("frames past the end, and reads of half frames, are refused through erasure too") {
    const fr::any_source source = fr::any_source(archetype::source{}) | fr::slice({0, 5});
    auto cursor = source.cursor();
    CHECK(sentence_of<fr::frame_out_of_range>([&] { (void)cursor.frame(5); }) ==
          "frame 5 is past the end: the source has 5 frames (0-4); clamp the index or use subsample");
    CHECK(thrown_by<fr::frame_out_of_range>([&] { (void)cursor.frame(5); }).frame() == 5);
    std::vector<float> room(5);
    CHECK(sentence_of<fr::invalid_value>([&] { source.as<float>().read(0, room); }) ==
          "read was given room for 5 values, which is no whole number of frames of 4 values; pass a span of "
          "frame_count * frame_size() values");
}

TEST_CASE("times through erasure, without times frame i is at i seconds and nothing is found") {
    const fr::any_source timed = archetype::timed_source{};
    CHECK(timed.timed());
    CHECK(timed.time_s(3) == 6);
    CHECK(timed.duration_s(3) == 1.5);
    CHECK(timed.frame_at(7) == 3);
    CHECK_FALSE(timed.frame_at(7.6).has_value());
    const fr::any_source untimed = archetype::source{};
    CHECK(untimed.time_s(3) == 3);
    CHECK(untimed.duration_s(3) == 1);
    CHECK_FALSE(untimed.frame_at(3).has_value());
}

TEST_CASE("a chain of all adaptors on an erased source equals the typed chain") {
    const auto chain = [](auto source) {
        return source | fr::timed({.rate_hz = 100, .start_s = 1.6e9}) | fr::slice({10, 90}) |
               fr::pool({.source_hz = 100, .target_hz = 50, .how = fr::pooling::max}) | fr::columns({3, 0, 1}) |
               fr::combine({{0, 1}, {2}}) | fr::subsample({.source_hz = 50, .target_hz = 20}) |
               fr::subsample_by_time(10);
    };
    const auto typed = chain(archetype::source{100, 4});
    const fr::any_source any = chain(fr::any_source(archetype::source{100, 4}));
    REQUIRE(any.type() == fr::dtype::f32);
    REQUIRE(any.frame_count() == typed.frame_count());
    REQUIRE(any.frame_size() == 2);
    CHECK(any.timed());
    auto ours = fr::cursor_of(typed);
    auto theirs = any.cursor();
    for (std::size_t k = 0; k < any.frame_count(); ++k) {
        const std::size_t i = k * 3 % any.frame_count();
        const auto a = ours.frame(i);
        const auto b = theirs.frame(i).as<float>();
        REQUIRE(std::vector<float>(a.begin(), a.end()) == std::vector<float>(b.begin(), b.end()));
        CHECK(any.time_s(i) == typed.time_s(i));
        CHECK(any.frame_at(typed.time_s(i)) == typed.frame_at(typed.time_s(i)));
    }
    // by hand: frame 3 is at 0.3 s after the slice's start, where subsampled to 20 Hz it is 6, of 50 Hz it is 15, of
    // the pooled it is frames 40 and 41 of the source, of which 41 is larger
    CHECK(theirs.frame(3)[0] == 4103 + 4100);
    CHECK(theirs.frame(3)[1] == 4101);
}

TEST_CASE("open_npy without a type gives the file's type") {
    const support::temporary_directory folder;
    const auto path = folder.write("a.npy", support::npy_file<std::int16_t>("<i2", "(3, 2)", {1, 2, 3, 4, 5, -6}));
    const fr::any_source source = fr::open_npy(path);
    CHECK(source.type() == fr::dtype::i16);
    CHECK(source.frame_count() == 3);
    CHECK(source.cursor().frame(2)[1] == -6);
    CHECK_FALSE(source.frame_shape().has_value());

    const auto movie = folder.write("m.npy", support::npy_file<std::uint8_t>("|u1", "(2, 1, 3)", {1, 2, 3, 4, 5, 6}));
    CHECK(fr::open_npy(movie).frame_shape().value() == fr::image_shape{1, 3});
    CHECK((fr::open_npy(movie, {.access = fr::access::pread}) | fr::timed({.rate_hz = 30}) | fr::slice({1, 2}))
              .frame_shape()
              .value() == fr::image_shape{1, 3});
}

TEST_CASE("threads that share an erased source of one reader read one after the other, by read and by cursor") {
    static_assert(!fr::concurrent_read<support::one_reader_source>);
    const support::one_reader_source one;
    const auto shared = {fr::any_source(one), fr::any_source(one | fr::slice({0, 100}) | fr::columns({0, 1}))};
    for (const fr::any_source& source : shared) {
        std::atomic<int> wrong = 0;
        std::vector<std::thread> threads;
        for (std::size_t t = 0; t < 4; ++t) {
            threads.emplace_back([&wrong, copy = source, t] {
                auto cursor = copy.cursor();
                auto typed = copy.as<float>().cursor();
                std::vector<float> room(copy.frame_size());
                for (std::size_t k = 0; k < 300; ++k) {
                    const std::size_t i = (k * 7 + t * 13) % 100;
                    copy.as<float>().read(i, room);
                    wrong += room[1] != value_of<float>(i, 1);
                    wrong += cursor.frame((i + 1) % 100)[1] != value_of<double>((i + 1) % 100, 1);
                    wrong += typed.share((i + 2) % 100).values[1] != value_of<float>((i + 2) % 100, 1);
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        CHECK(wrong == 0);
        CHECK(one.collisions() == 0);
    }
}
