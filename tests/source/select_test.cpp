// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/select.hpp>
#include <fieldreel/source/timed.hpp>

#include "support/archetypes.hpp"
#include "support/sentence.hpp"
#include "support/sha256.hpp"
#include "support/watched_source.hpp"

namespace fr = fieldreel;
using support::sentence_of;
using support::thrown_by;

namespace {

/// The frame number that was written into the values of a frame.
std::size_t frame_of(std::span<const float> values) {
    return static_cast<std::size_t>(values[0]) / 100;
}

/// The source's frames by bulk read, by reads of one, and by cursor in any order: all the same, given by number.
template <class Source>
std::vector<std::size_t> frames_of(const Source& source) {
    const std::size_t count = source.frame_count();
    const std::size_t size = source.frame_size();
    std::vector<float> all(count * size);
    source.read(0, all);
    std::vector<float> one(size);
    std::vector<std::size_t> out;
    auto cursor = fr::cursor_of(source);
    for (std::size_t i = 0; i < count; ++i) {
        const std::span<const float> in_bulk = std::span<const float>(all).subspan(i * size, size);
        out.push_back(frame_of(in_bulk));
        source.read(i, one);
        CHECK(std::equal(one.begin(), one.end(), in_bulk.begin()));
    }
    for (std::size_t k = 0; k < count; ++k) {
        const std::size_t i = k * 7 % count;
        CHECK(frame_of(cursor.frame(i)) == out[i]);
        CHECK(frame_of(cursor.share(i).values) == out[i]);
    }
    return out;
}

/// Frames must be found at their own times and not overlap. With gaps, a frame may end before its duration does.
template <class Source>
std::string mistake_in_times(const Source& source, bool gaps = false) {
    for (std::size_t i = 0; i < source.frame_count(); ++i) {
        const double start = source.time_s(i);
        const double duration = source.duration_s(i);
        const auto late = source.frame_at(start + 0.99 * duration);
        if (duration > 0 && (source.frame_at(start) != i || (late != i && (late || !gaps)))) {
            return "frame " + std::to_string(i) + " is not found at its own time";
        }
        if (i + 1 < source.frame_count() && start + duration > source.time_s(i + 1) + 1e-9) {
            return "frame " + std::to_string(i) + " holds longer than to the next";
        }
    }
    return {};
}

fr::any_source erased(std::size_t frames = 10) {
    return archetype::source{frames, 4};
}

} // namespace

TEST_CASE("subsample_indices equals the golden lists, index by index") {
    CHECK(support::sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    std::ifstream golden(std::string(FIELDREEL_TEST_DIR) + "/golden/subsample_indices.txt");
    std::size_t combos = 0;
    std::size_t frames = 0;
    double source_hz = 0;
    double target_hz = 0;
    std::size_t length = 0;
    std::string sha;
    while (golden >> frames >> source_hz >> target_hz >> length >> sha) {
        CAPTURE(frames);
        CAPTURE(source_hz);
        CAPTURE(target_hz);
        const auto indices = fr::subsample_indices(frames, source_hz, target_hz);
        CHECK(indices.size() == length);
        const std::vector<std::int64_t> wide(indices.begin(), indices.end());
        CHECK(support::sha256({reinterpret_cast<const char*>(wide.data()), wide.size() * sizeof wide[0]}) == sha);
        ++combos;
    }
    CHECK(combos == 61);
}

TEST_CASE("subsampling gives the frames that subsample_indices names, for any rates") {
    std::mt19937 engine(11);
    std::uniform_real_distribution<double> rate(1, 1000);
    for (int k = 0; k < 60; ++k) {
        const std::size_t frames = 1 + engine() % 200;
        double source_hz = rate(engine);
        double target_hz = rate(engine);
        if (k % 3 == 0) { // whole numbers meet halves
            source_hz = std::round(source_hz);
            target_hz = std::round(target_hz);
        }
        if (target_hz > source_hz) {
            std::swap(source_hz, target_hz);
        }
        CAPTURE(frames);
        CAPTURE(source_hz);
        CAPTURE(target_hz);
        const auto indices = fr::subsample_indices(frames, source_hz, target_hz);
        REQUIRE_FALSE(indices.empty());
        REQUIRE(indices[0] == 0);
        REQUIRE(indices.back() < frames);
        for (std::size_t i = 1; i < indices.size(); ++i) {
            REQUIRE(indices[i] > indices[i - 1]);
        }
        const auto kept =
            archetype::source{frames, 4} | fr::subsample({.source_hz = source_hz, .target_hz = target_hz});
        REQUIRE(frames_of(kept) == indices);
        for (std::size_t i = 0; i < indices.size(); ++i) {
            REQUIRE(kept.base_index(i) == indices[i]);
        }
        if (k % 10 == 0) {
            const auto any = erased(frames) | fr::subsample({.source_hz = source_hz, .target_hz = target_hz});
            REQUIRE(frames_of(any.as<float>()) == indices);
        }
    }
}

TEST_CASE("a subsampled source keeps no list, and neighbours are read together") {
    using subsampled = decltype(std::declval<archetype::source>() | fr::subsample({.source_hz = 1, .target_hz = 1}));
    CHECK(sizeof(subsampled) < 128);

    support::watched_source source(100);
    const auto kept = source | fr::subsample({.source_hz = 4, .target_hz = 3}); // 0 1 3 4 5 7 8 9 11 ...
    std::vector<float> room(5 * 4);
    kept.read(0, room);
    CHECK(source.asked().reads == std::vector<std::pair<std::size_t, std::size_t>>{{0, 2}, {3, 3}});
}

TEST_CASE("rates that make no sense are refused") {
    const auto with = [](double source_hz, double target_hz) {
        return [=] { (void)(archetype::source() | fr::subsample({.source_hz = source_hz, .target_hz = target_hz})); };
    };
    CHECK(sentence_of<fr::invalid_value>(with(250, 500)) ==
          "a target rate of 500 Hz was asked of a source of 250 Hz; frames cannot be invented; ask for at most 250 Hz");
    CHECK(sentence_of<fr::invalid_value>(with(250, 0)) ==
          "a target rate of 0 Hz was asked for; it must be positive; 30 is usual");
    CHECK(sentence_of<fr::invalid_value>(with(250, -30)) ==
          "a target rate of -30 Hz was asked for; it must be positive; 30 is usual");
    CHECK(sentence_of<fr::invalid_value>(with(0, 30)) ==
          "a source rate of 0 Hz was given; it must be positive; give the rate of the recording");
    CHECK(sentence_of<fr::invalid_value>(with(std::nan(""), 30)) ==
          "a source rate of nan Hz was given; it must be positive; give the rate of the recording");
    CHECK(sentence_of<fr::invalid_value>(with(250, std::nan(""))) ==
          "a target rate of nan Hz was asked for; it must be positive; 30 is usual");
    CHECK(sentence_of<fr::invalid_value>(with(std::numeric_limits<double>::infinity(), 30)) ==
          "a source rate of inf Hz was given; it must be positive; give the rate of the recording");
    CHECK(thrown_by<fr::invalid_value>(with(250, 500)).name() == "target_hz");
    CHECK(thrown_by<fr::invalid_value>(with(0, 30)).name() == "source_hz");
    CHECK_THROWS_AS(fr::subsample_indices(10, 30, 60), fr::invalid_value);
    // the largest ratio there is still leaves the first frame
    CHECK(fr::subsample_indices(10, 1e300, 1e-300) == std::vector<std::size_t>{0});
}

TEST_CASE("a subsampled frame holds until the next one that is kept") {
    const auto source = archetype::source{10, 4} | fr::timed({.rate_hz = 10, .start_s = 5}) |
                        fr::subsample({.source_hz = 10, .target_hz = 4}); // 0 2 5 8
    CHECK(source.warning() == "");
    CHECK(frames_of(source) == std::vector<std::size_t>{0, 2, 5, 8});
    CHECK(source.time_s(2) == 5.5);
    CHECK(source.duration_s(0) == doctest::Approx(0.2));
    CHECK(source.duration_s(2) == doctest::Approx(0.3));
    CHECK(source.duration_s(3) == doctest::Approx(0.2)); // frames 8 and 9
    CHECK(source.frame_at(5.79) == 2);
    CHECK(source.frame_at(5.99) == 3);
    CHECK_FALSE(source.frame_at(6.01).has_value());
    CHECK_FALSE(source.frame_at(4.99).has_value());
    CHECK(mistake_in_times(source) == "");
}

TEST_CASE("a gap stays a gap when frames are left out") {
    // 10 Hz, then nothing from 1.15 s (1.5 x the median distance after 1.0) to 5 s, then 10 Hz
    std::vector<double> times;
    for (int i = 0; i <= 10; ++i) {
        times.push_back(0.1 * i);
    }
    for (int i = 0; i < 10; ++i) {
        times.push_back(5 + 0.1 * i);
    }
    const auto source = archetype::source{21, 4} | fr::timed(times) | fr::subsample({.source_hz = 10, .target_hz = 5});
    CHECK(source.frame_at(1.1) == 5);
    CHECK_FALSE(source.frame_at(1.2).has_value());
    CHECK_FALSE(source.frame_at(4.9).has_value());
    CHECK_FALSE(source.frame_at(-0.1).has_value());
    CHECK(source.warning() == "the frames come at 3.39 Hz, not at the 10 Hz that was given; use subsample_by_time, or "
                              "give the measured rate");
}

TEST_CASE("the rate is measured: within 2 % there is no warning") {
    const auto warning = [](double rate_hz, std::size_t frames = 1000) {
        return (archetype::source{frames, 1} | fr::timed({.rate_hz = rate_hz}) |
                fr::subsample({.source_hz = 250, .target_hz = 30}))
            .warning();
    };
    CHECK(warning(250) == "");
    CHECK(warning(254) == "");
    CHECK(warning(246) == "");
    CHECK(warning(256) == "the frames come at 256 Hz, not at the 250 Hz that was given; use subsample_by_time, or give "
                          "the measured rate");
    CHECK(warning(500, 1) == ""); // one frame has no rate
}

TEST_CASE("a slice") {
    const auto source = archetype::source{10, 4};
    CHECK(frames_of(source | fr::slice({3, 6})) == std::vector<std::size_t>{3, 4, 5});
    CHECK(frames_of(source | fr::slice({7})) == std::vector<std::size_t>{7, 8, 9});
    CHECK(frames_of(source | fr::slice({9, 10})) == std::vector<std::size_t>{9});
    CHECK(frames_of(source | fr::slice({})).size() == 10);
    CHECK(frames_of((erased() | fr::slice({2, 8}) | fr::slice({1, 3})).as<float>()) == std::vector<std::size_t>{3, 4});

    const auto refused = [&](fr::frame_range range) {
        return sentence_of<fr::invalid_value>([&] { (void)(source | fr::slice(range)); });
    };
    CHECK(refused({5, 5}) == "frames 5 to 5 (the end not included) were asked of a source of 10 frames; give first < "
                             "last <= 10");
    CHECK(refused({6, 5}) == "frames 6 to 5 (the end not included) were asked of a source of 10 frames; give first < "
                             "last <= 10");
    CHECK(refused({0, 11}) == "frames 0 to 11 (the end not included) were asked of a source of 10 frames; give first < "
                              "last <= 10");
    CHECK(refused({10}) == "frames 10 to 10 (the end not included) were asked of a source of 10 frames; give first < "
                           "last <= 10");
    auto cursor = fr::cursor_of(source | fr::slice({3, 6}));
    CHECK(sentence_of<fr::frame_out_of_range>([&] { (void)cursor.frame(3); }) ==
          "frame 3 is past the end: the source has 3 frames (0-2); clamp the index or use subsample");
    std::vector<float> room(8);
    CHECK_THROWS_AS((source | fr::slice({3, 6})).read(2, room), fr::frame_out_of_range);
}

TEST_CASE("a slice knows no times outside its own") {
    const auto source = archetype::timed_source{} | fr::slice({3, 6}); // 6 s, 8 s, 10 s, each 1.5 s
    CHECK(source.time_s(0) == 6);
    CHECK(source.duration_s(2) == 1.5);
    CHECK_FALSE(source.frame_at(4.5).has_value());
    CHECK(source.frame_at(6.5) == 0);
    CHECK_FALSE(source.frame_at(7.6).has_value());
    CHECK(source.frame_at(11) == 2);
    CHECK_FALSE(source.frame_at(12.5).has_value());
    CHECK(mistake_in_times(source) == "");
}

TEST_CASE("a cursor through adaptors asks its base for the base's own frames, and says where it goes in them") {
    support::source_with_cursor source(100);
    auto cursor = fr::cursor_of(source | fr::slice({10, 90}) | fr::subsample({.source_hz = 4, .target_hz = 1}));
    CHECK(frame_of(cursor.frame(3)) == 22);
    CHECK(source.asked().frames == std::vector<std::size_t>{22});

    cursor.hint({.frame = 2, .frames_per_s = -30, .mode = fr::play_mode::loop, .region = {1, 4}});
    REQUIRE(source.asked().hints.size() == 1);
    const fr::motion going = source.asked().hints[0];
    CHECK(going.frame == 18);
    CHECK(going.frames_per_s == -120);
    CHECK(going.mode == fr::play_mode::loop);
    CHECK(going.region == fr::frame_range{14, 23}); // frames 1 to 3 are 14, 18, 22

    cursor.hint({.frame = 1000}); // past the end, and the region unset: the whole slice
    CHECK(source.asked().hints[1].frame == 86);
    CHECK(source.asked().hints[1].region == fr::frame_range{10, 87});
}

TEST_CASE("the hint of an erased source reaches its base") {
    support::source_with_cursor source(100);
    auto cursor = (fr::any_source(source) | fr::slice({10, 90})).cursor();
    cursor.hint({.frame = 5, .frames_per_s = 30, .region = {0, 20}});
    REQUIRE(source.asked().hints.size() == 1);
    CHECK(source.asked().hints[0].frame == 15);
    CHECK(source.asked().hints[0].region == fr::frame_range{10, 30});
}

TEST_CASE("try_frame and nearest through adaptors") {
    support::source_with_cursor source(100);
    source.asked().resident = {12, 20};
    auto cursor = fr::cursor_of(source | fr::subsample({.source_hz = 4, .target_hz = 1})); // 0 4 8 12 16 20
    CHECK(frame_of(cursor.try_frame(3).value()) == 12);
    CHECK_FALSE(cursor.try_frame(4).has_value());
    CHECK(cursor.nearest(0).value().index == 3);
    CHECK(frame_of(cursor.nearest(0).value().values) == 12);
    CHECK(cursor.nearest(24).value().index == 5);

    source.asked().resident = {21}; // a frame that is left out: nothing of ours is there
    CHECK_FALSE(cursor.nearest(0).has_value());
    source.asked().resident = {};
    CHECK_FALSE(cursor.nearest(0).has_value());
    CHECK(source.asked().frames.empty()); // nothing was read
    CHECK_THROWS_AS((void)cursor.try_frame(25), fr::frame_out_of_range);
}

TEST_CASE("nearest outside a slice finds nothing of the slice") {
    support::source_with_cursor source(100);
    auto cursor = fr::cursor_of(source | fr::slice({10, 20}));
    source.asked().resident = {50};
    CHECK_FALSE(cursor.nearest(5).has_value());
    source.asked().resident = {50, 19};
    CHECK(cursor.nearest(5).value().index == 9);
}

TEST_CASE("adaptors of a source without frames have no frames") {
    support::source_with_cursor source(0);
    const auto kept = source | fr::subsample({.source_hz = 4, .target_hz = 1});
    CHECK(kept.frame_count() == 0);
    auto cursor = fr::cursor_of(kept);
    cursor.hint({.frame = 3});
    CHECK(source.asked().hints.empty()); // there is nowhere to go
    CHECK(sentence_of<fr::frame_out_of_range>([&] { (void)cursor.frame(0); }) ==
          "frame 0 was asked of a source that has no frames; check frame_count() first");
    const auto timed =
        archetype::source{0, 4} | fr::timed({.rate_hz = 4}) | fr::subsample({.source_hz = 4, .target_hz = 1});
    CHECK_FALSE(timed.frame_at(0).has_value());
    const auto by_time = archetype::source{0, 4} | fr::timed({.rate_hz = 4}) | fr::subsample_by_time(2);
    CHECK(by_time.frame_count() == 0);
    CHECK_FALSE(by_time.frame_at(0).has_value());
    fr::cursor_of(by_time).hint({.frame = 3});
}

TEST_CASE("subsample_by_time shows what is valid at each tick, for irregular times") {
    std::mt19937 engine(5);
    std::uniform_real_distribution<double> step(0.01, 0.09);
    for (int k = 0; k < 20; ++k) {
        std::vector<double> times{3};
        while (times.size() < 100) {
            times.push_back(times.back() + step(engine) + (times.size() == 50 ? 2 : 0));
        }
        const double hz = k < 10 ? 7 : 50; // fewer frames, and more
        const auto source = archetype::source{100, 4} | fr::timed(times) | fr::subsample_by_time(hz);
        CHECK(source.frame_count() == static_cast<std::size_t>((times.back() - 3) * hz) + 1);
        const auto shown = frames_of(source);
        for (std::size_t i = 0; i < source.frame_count(); ++i) {
            const double t = 3 + static_cast<double>(i) / hz;
            CHECK(source.time_s(i) == t);
            const auto after = std::upper_bound(times.begin(), times.end(), t + 1e-6 / hz);
            REQUIRE(shown[i] == static_cast<std::size_t>(after - times.begin()) - 1);
        }
        CHECK(mistake_in_times(source, true) == "");
        CHECK_FALSE(source.frame_at(2.99).has_value());
        CHECK_FALSE(source.frame_at(times.back() + 1).has_value());
        CHECK_FALSE(source.frame_at(times[49] + 1).has_value()); // in the gap
    }
}

TEST_CASE("subsample_by_time of even times equals them, at 0 and at 1.6e9 seconds") {
    for (const double start : {0.0, 0.1, 1.6e9, 1.6e9 + 0.1}) {
        CAPTURE(start);
        std::vector<double> times;
        for (int i = 0; i < 1000; ++i) {
            times.push_back(start + i * 0.1);
        }
        const auto same = archetype::source{1000, 4} | fr::timed(times) | fr::subsample_by_time(10);
        REQUIRE(same.frame_count() == 1000);
        const auto half = archetype::source{1000, 4} | fr::timed(times) | fr::subsample_by_time(5);
        REQUIRE(half.frame_count() == 500);
        for (std::size_t i = 0; i < 1000; ++i) {
            REQUIRE(same.base_index(i) == i);
            REQUIRE(half.base_index(i / 2) == i / 2 * 2);
        }
    }
}

TEST_CASE("what subsample_by_time says it shows and for how long agree around a gap") {
    // 4 Hz until 1 s, then from 2.25 s on; shown at 1 Hz the third tick (2 s) has no data
    std::vector<double> times{0, 0.25, 0.5, 0.75, 1, 2.25, 2.5, 2.75, 3, 3.25};
    const auto source = archetype::source{10, 4} | fr::timed(times) | fr::subsample_by_time(1);
    REQUIRE(source.frame_count() == 4);
    CHECK(source.duration_s(1) == 1);
    CHECK(source.duration_s(2) == 0);
    CHECK(source.frame_at(1.1) == 1);
    CHECK_FALSE(source.frame_at(2.1).has_value());
    CHECK_FALSE(
        source.frame_at(2.3).has_value()); // the source has a frame here, but the one of the tick at 2 s is none
    CHECK(source.frame_at(3.1) == 3);
}

TEST_CASE("cursors of subsample_by_time find what they have just shown") {
    support::source_with_cursor source(10);
    auto cursor = fr::cursor_of(source | fr::timed({.rate_hz = 1}) | fr::subsample_by_time(3.5));
    source.asked().resident = {1};
    // ticks at 0, 2/7, 4/7, 6/7 s show frame 0; those at 8/7 ... 12/7 s show frame 1
    CHECK(frame_of(cursor.frame(4)) == 1);
    CHECK(cursor.nearest(4).value().index == 4);
    CHECK(cursor.nearest(6).value().index == 6);
    CHECK(cursor.nearest(0).value().index == 4);
    CHECK(frame_of(cursor.nearest(0).value().values) == 1);
    cursor.hint({.frame = 4, .frames_per_s = 7, .region = {0, 8}});
    REQUIRE(source.asked().hints.size() == 1);
    CHECK(source.asked().hints[0].frame == 1);
    CHECK(source.asked().hints[0].frames_per_s == doctest::Approx(2).epsilon(0.15));
    CHECK(source.asked().hints[0].region == fr::frame_range{0, 3});
}

TEST_CASE("subsample_by_time refuses rates that make no sense, and sources without times") {
    const auto refused = [](double hz) {
        return sentence_of<fr::invalid_value>([=] { (void)(archetype::timed_source{} | fr::subsample_by_time(hz)); });
    };
    CHECK(refused(0) == "a rate of 0 Hz was asked for; it must be positive; 30 is usual");
    CHECK(refused(-5) == "a rate of -5 Hz was asked for; it must be positive; 30 is usual");
    CHECK(refused(std::nan("")) == "a rate of nan Hz was asked for; it must be positive; 30 is usual");
    CHECK(refused(1e300) == "a rate of 1e+300 Hz was asked of a recording of 18 s, which makes more frames than can be "
                            "counted; 30 is usual");
    CHECK(sentence_of<fr::invalid_value>([] { (void)(erased() | fr::subsample_by_time(30)); }) ==
          "subsample_by_time was asked of a source that does not know its frames' times; put timed(times) before it");
}

TEST_CASE("adaptors of an erased source know what it knows: times and pictures, or not") {
    const fr::any_source untimed = archetype::source{100, 4};
    CHECK_FALSE(untimed.timed());
    CHECK_FALSE((untimed | fr::slice({0, 10})).timed());
    CHECK_FALSE((untimed | fr::subsample({.source_hz = 2, .target_hz = 1})).timed());
    CHECK((untimed | fr::timed({.rate_hz = 2})).timed());
    CHECK((untimed | fr::timed({.rate_hz = 2}) | fr::slice({0, 10})).timed());
    CHECK((untimed | fr::timed({.rate_hz = 2}) | fr::subsample_by_time(1)).timed());
    // the numbers that stand in for times where there are none are not measured
    CHECK((untimed.as<float>() | fr::subsample({.source_hz = 250, .target_hz = 30})).warning() == "");

    const fr::any_source picture = archetype::image_source{};
    const auto shape = std::optional<fr::image_shape>({2, 2});
    CHECK(picture.frame_shape() == shape);
    CHECK((picture | fr::slice({0, 10})).frame_shape() == shape);
    CHECK((picture | fr::subsample({.source_hz = 2, .target_hz = 1})).frame_shape() == shape);
    CHECK((picture | fr::timed({.rate_hz = 2})).frame_shape() == shape);
    CHECK((picture | fr::timed({.rate_hz = 2}) | fr::subsample_by_time(1)).frame_shape() == shape);
    CHECK_FALSE((untimed | fr::slice({0, 10})).frame_shape().has_value());
}
