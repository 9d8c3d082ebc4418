// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/combine.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>

#include "support/archetypes.hpp"
#include "support/sentence.hpp"
#include "support/watched_source.hpp"

namespace fr = fieldreel;
using support::sentence_of;
using support::thrown_by;

namespace {

constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

template <class T>
auto table(std::vector<std::vector<T>> rows) {
    const std::size_t count = rows.size();
    const std::size_t size = rows[0].size();
    return fr::generate<T>(count, size, [rows = std::move(rows)](std::size_t i, std::span<T> out) {
        std::copy(rows[i].begin(), rows[i].end(), out.begin());
    });
}

/// All values by one bulk read; reading frame by frame and by cursor must give the same, NaN included.
template <class Source>
auto all_of(const Source& source) {
    using T = typename Source::value_type;
    const std::size_t size = source.frame_size();
    std::vector<T> all(source.frame_count() * size);
    source.read(0, all);
    std::vector<T> one(size);
    auto cursor = fr::cursor_of(source);
    const auto same = [](T a, T b) { return a == b || (a != a && b != b); };
    for (std::size_t k = 0; k < source.frame_count(); ++k) {
        const std::size_t i = source.frame_count() - 1 - k;
        source.read(i, one);
        const auto looked_at = cursor.frame(i);
        for (std::size_t j = 0; j < size; ++j) {
            CHECK(same(one[j], all[i * size + j]));
            CHECK(same(looked_at[j], all[i * size + j]));
        }
    }
    return all;
}

} // namespace

TEST_CASE("columns picks values in the order given") {
    const auto source = archetype::source{3, 4} | fr::columns({2, 0, 2});
    CHECK(source.frame_size() == 3);
    CHECK(all_of(source) == std::vector<float>{2, 0, 2, 102, 100, 102, 202, 200, 202});
    CHECK(all_of(archetype::basic_source<std::uint8_t>{2, 4} | fr::columns({3})) == std::vector<std::uint8_t>{3, 103});
}

TEST_CASE("combine sums groups, NaN is no value, and only NaN is NaN") {
    const auto source =
        table<float>({{1, 2, 3}, {nan_value, 2, 3}, {nan_value, nan_value, 3}, {1, -infinity, infinity}}) |
        fr::combine({{0, 1}, {2}, {0, 1, 2}});
    CHECK(source.frame_size() == 3);
    const auto all = all_of(source);
    CHECK(std::vector<float>(all.begin(), all.begin() + 6) == std::vector<float>{3, 3, 6, 2, 3, 5});
    CHECK(std::isnan(all[6]));
    CHECK(all[7] == 3);
    CHECK(all[8] == 3);
    CHECK(all[9] == -infinity);
    CHECK(all[10] == infinity);
    CHECK(std::isnan(all[11])); // inf - inf
    CHECK(all_of(table<std::int32_t>({{1, -5, 7}}) | fr::combine({{0, 1, 2}})) == std::vector<std::int32_t>{3});
}

TEST_CASE("groups and columns that are not there are refused") {
    const archetype::source source{3, 4};
    CHECK(sentence_of<fr::invalid_value>([&] { (void)(source | fr::columns({})); }) ==
          "columns was given no columns; give at least one of the 4 columns");
    CHECK(sentence_of<fr::invalid_value>([&] {
              (void)(source | fr::columns({1, 4}));
          }) == "columns was given column 4; a frame has 4 values (0-3)");
    CHECK(thrown_by<fr::invalid_value>([&] { (void)(source | fr::columns({4})); }).name() == "columns");
    CHECK(sentence_of<fr::invalid_value>([&] { (void)(source | fr::combine({})); }) ==
          "combine was given no groups; give one list of columns per value wanted");
    const std::vector<std::vector<std::size_t>> with_empty = {{0}, {}};
    CHECK(sentence_of<fr::invalid_value>([&] { (void)(source | fr::combine(with_empty)); }) ==
          "combine was given no columns; give at least one of the 4 columns");
    const std::vector<std::vector<std::size_t>> past = {{0}, {1, 7}};
    CHECK(sentence_of<fr::invalid_value>([&] { (void)(source | fr::combine(past)); }) ==
          "combine was given column 7; a frame has 4 values (0-3)");
}

TEST_CASE("pool takes the maximum or the mean from each kept frame up to the next, without NaN") {
    const auto source = table<float>({{1, nan_value}, {5, nan_value}, {3, 2}, {4, nan_value}, {-9, 7}});
    const auto largest =
        all_of(source | fr::pool({.source_hz = 2, .target_hz = 1, .how = fr::pooling::max})); // 0-1, 2-3, 4
    CHECK(largest[0] == 5);
    CHECK(std::isnan(largest[1]));
    CHECK(std::vector<float>(largest.begin() + 2, largest.end()) == std::vector<float>{4, 2, -9, 7});
    const auto mean = all_of(source | fr::pool({.source_hz = 2, .target_hz = 1, .how = fr::pooling::mean}));
    CHECK(mean[0] == 3);
    CHECK(std::isnan(mean[1]));
    CHECK(std::vector<float>(mean.begin() + 2, mean.end()) == std::vector<float>{3.5, 2, -9, 7});
}

TEST_CASE("a short event is not lost in pooling: all frames are in exactly one pool, for any rates") {
    std::mt19937 engine(2);
    std::uniform_real_distribution<double> rate(1, 300);
    for (int k = 0; k < 40; ++k) {
        const std::size_t frames = 1 + engine() % 60;
        const double source_hz = rate(engine) + 300;
        const double target_hz = rate(engine);
        const auto indices = fr::subsample_indices(frames, source_hz, target_hz);
        for (std::size_t event = 0; event < frames; event += 7) {
            const auto source = fr::generate<double>(
                frames, 1, [event](std::size_t i, std::span<double> out) { out[0] = i == event ? 1 : 0; });
            const auto pooled = source | fr::pool({.source_hz = source_hz, .target_hz = target_hz});
            REQUIRE(pooled.frame_count() == indices.size());
            const auto seen = all_of(pooled);
            double total = 0;
            for (std::size_t i = 0; i < seen.size(); ++i) {
                total += seen[i];
                REQUIRE((seen[i] > 0) == (indices[i] <= event && (i + 1 == indices.size() || event < indices[i + 1])));
            }
            REQUIRE(total == 1);
        }
    }
}

TEST_CASE("pools of integers") {
    const auto bytes = table<std::uint8_t>({{250}, {255}, {0}});
    CHECK(all_of(bytes | fr::pool({.source_hz = 2, .target_hz = 1, .how = fr::pooling::mean})) ==
          std::vector<float>{252.5F, 0});
    const auto numbers = table<std::int32_t>({{-2'000'000'000}, {-2'000'000'001}});
    CHECK(all_of(numbers | fr::pool({.source_hz = 2, .target_hz = 1, .how = fr::pooling::max})) ==
          std::vector<double>{-2e9});
}

TEST_CASE("pool refuses what subsample refuses") {
    CHECK(sentence_of<fr::invalid_value>([] { (void)(archetype::source{} | fr::pool({.source_hz = 10})); }) ==
          "a target rate of 0 Hz was asked for; it must be positive; 30 is usual");
}

TEST_CASE("computed frames keep the times of their source") {
    const archetype::timed_source base; // 0, 2, 4 ... s for 1.5 s
    const auto picked = base | fr::columns({1});
    CHECK(picked.time_s(3) == 6);
    CHECK(picked.duration_s(3) == 1.5);
    CHECK(picked.frame_at(7.4) == 3);
    CHECK_FALSE(picked.frame_at(7.6).has_value());
    const auto summed = base | fr::combine({{1, 2}});
    CHECK(summed.frame_at(7.4) == 3);
    const auto pooled = base | fr::pool({.source_hz = 2, .target_hz = 1}); // frames 0-1, 2-3 ...
    CHECK(pooled.frame_count() == 5);
    CHECK(pooled.time_s(1) == 4);
    CHECK(pooled.duration_s(1) == 3.5);
    CHECK(pooled.frame_at(7.4) == 1);
    CHECK_FALSE(pooled.frame_at(5.75).has_value()); // a gap of the source
    CHECK_FALSE(pooled.frame_at(7.6).has_value());
}

TEST_CASE("computed frames of an erased source know what it knows") {
    const fr::any_source untimed = archetype::image_source{};
    CHECK_FALSE((untimed | fr::columns({0})).timed());
    CHECK_FALSE((untimed | fr::combine({{0}})).timed());
    CHECK_FALSE((untimed | fr::pool({.source_hz = 2, .target_hz = 1})).timed());
    CHECK((untimed | fr::timed({.rate_hz = 2}) | fr::columns({0})).timed());
    CHECK((untimed | fr::timed({.rate_hz = 2}) | fr::pool({.source_hz = 2, .target_hz = 1})).timed());
    CHECK((untimed | fr::pool({.source_hz = 2, .target_hz = 1})).frame_shape().value() == fr::image_shape{2, 2});
    CHECK_FALSE((untimed | fr::columns({0})).frame_shape().has_value());
    CHECK_FALSE((untimed | fr::combine({{0}, {1}})).frame_shape().has_value());
}

TEST_CASE("the cursor of computed frames goes through its base's cursor: residence and motion are the base's") {
    support::source_with_cursor source(20);
    source.asked().resident = {7};
    auto cursor = fr::cursor_of(source | fr::columns({1, 3}));
    CHECK_FALSE(cursor.try_frame(3).has_value());
    CHECK(cursor.try_frame(7).value()[1] == 703);
    CHECK(cursor.nearest(2).value().index == 7);
    CHECK(cursor.nearest(2).value().values[0] == 701);
    CHECK(cursor.frame(5)[1] == 503);
    CHECK(cursor.frame(5)[0] == 501);
    CHECK(cursor.share(6).values[0] == 601);
    CHECK(source.asked().frames == std::vector<std::size_t>{5, 6});
    cursor.hint({.frame = 5, .frames_per_s = 30});
    REQUIRE(source.asked().hints.size() == 1);
    CHECK(source.asked().hints[0].frames_per_s == 30);
    CHECK(source.asked().reads.empty()); // bulk reads of a cache would pass its chunks by

    auto sums = fr::cursor_of(source | fr::combine({{0, 1}}));
    CHECK(sums.frame(2)[0] == 401);
    CHECK(sums.nearest(8).value().values[0] == 1401);
    sums.hint({.frame = 9});
    CHECK(source.asked().hints.at(1).frame == 9);
}

TEST_CASE("the cursor of pooled frames goes through its base's cursor") {
    support::source_with_cursor source(20);
    auto cursor = fr::cursor_of(source | fr::pool({.source_hz = 2, .target_hz = 1}));
    CHECK(cursor.frame(2)[1] == 501);
    CHECK(source.asked().frames == std::vector<std::size_t>{4, 5});
    CHECK(cursor.frame(2)[0] == 500); // held
    CHECK(source.asked().frames.size() == 2);
    CHECK_FALSE(cursor.try_frame(3).has_value());
    CHECK(cursor.try_frame(2).value()[1] == 501);
    source.asked().resident = {6};
    CHECK_FALSE(cursor.try_frame(3).has_value()); // half of it is there
    CHECK(cursor.nearest(3).value().index == 2);
    source.asked().resident = {6, 7};
    CHECK(cursor.try_frame(3).value()[1] == 701);
    CHECK(cursor.nearest(9).value().index == 3);
    CHECK(cursor.share(9).values[0] == 1900);
    cursor.hint({.frame = 3, .frames_per_s = 30, .region = {2, 4}});
    REQUIRE(source.asked().hints.size() == 1);
    CHECK(source.asked().hints[0].frame == 6);
    CHECK(source.asked().hints[0].frames_per_s == 60);
    CHECK(source.asked().hints[0].region == fr::frame_range{4, 8});
    CHECK(source.asked().reads.empty());
    CHECK_THROWS_AS((void)cursor.frame(10), fr::frame_out_of_range);
    source.asked().resident.clear();
}

TEST_CASE("a frame whose reading failed is not half there afterwards") {
    support::watched_source source;
    auto cursor = fr::cursor_of(source | fr::pool({.source_hz = 2, .target_hz = 1}));
    (void)cursor.frame(0);
    source.asked().fails = 3;
    CHECK_THROWS_WITH((void)cursor.frame(1), "the disk is on fire");
    CHECK_FALSE(cursor.try_frame(1).has_value());
    source.asked().fails.reset();
    CHECK(cursor.frame(1)[0] == 300);
    auto picked = fr::cursor_of(source | fr::columns({0}));
    (void)picked.frame(0);
    source.asked().fails = 1;
    CHECK_THROWS_WITH((void)picked.frame(1), "the disk is on fire");
    source.asked().fails.reset();
    CHECK(picked.frame(1)[0] == 100);
    CHECK(picked.frame(0)[0] == 0);
}
