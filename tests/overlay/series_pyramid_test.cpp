// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#ifdef __linux__
#include <fcntl.h>
#include <unistd.h>
#endif

#include <doctest/doctest.h>

#include <fieldreel/overlay/series_pyramid.hpp>
#include <fieldreel/source/combine.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/npy.hpp>

#include "support/allocation_counter.hpp"
#include "support/npy_bytes.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace fieldreel;

/// Sample by sample.
template <class T>
series_extent naive(const std::vector<T>& values, std::size_t columns, std::size_t column, std::size_t first,
                    std::size_t last) {
    series_extent out;
    for (std::size_t i = first; i < last; ++i) {
        const auto value = static_cast<double>(values[i * columns + column]);
        if (!std::isfinite(value)) {
            out.missing = true;
        } else {
            out.low = out.low <= value ? out.low : value;
            out.high = out.high >= value ? out.high : value;
        }
    }
    return out;
}

bool same(const series_extent& a, const series_extent& b) {
    return a.missing == b.missing && a.empty() == b.empty() && (a.empty() || (a.low == b.low && a.high == b.high));
}

template <class T>
void compare_with_naive(const std::vector<T>& values, std::size_t columns, const series_pyramid& pyramid,
                        std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    const std::size_t rows = values.size() / columns;
    REQUIRE(pyramid.size() == rows);
    REQUIRE(pyramid.columns() == columns);
    for (int k = 0; k < 2000; ++k) {
        std::size_t first = engine() % (rows + 1);
        std::size_t length = engine() % (k % 2 == 0 ? 300 : rows + 1);
        if (k % 3 == 0) { // on block edges, where mistakes by one are made
            first = first / 64 * 64;
            length = length / 64 * 64;
        }
        const std::size_t last = (std::min)(first + length, rows);
        const std::size_t column = engine() % columns;
        CAPTURE(first);
        CAPTURE(last);
        REQUIRE(same(pyramid.extent(first, last, column), naive(values, columns, column, first, last)));
    }
    REQUIRE(same(pyramid.extent(0, rows), naive(values, columns, 0, 0, rows)));
}

template <class T>
std::vector<T> noise(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    std::vector<T> out(count);
    for (T& value : out) {
        if constexpr (std::is_floating_point_v<T>) {
            value = std::normal_distribution<T>()(engine);
        } else {
            value = static_cast<T>(engine());
        }
    }
    return out;
}

TEST_CASE("a pyramid by hand") {
    std::vector<std::int16_t> values(200);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<std::int16_t>(i);
    }
    values[70] = -5;
    values[190] = 1000;
    const series_pyramid pyramid(samples::borrow(std::span<const std::int16_t>(values)));
    CHECK(pyramid.extent(0, 70).low == 0);
    CHECK(pyramid.extent(0, 70).high == 69);
    CHECK(pyramid.extent(0, 71).low == -5);
    CHECK(pyramid.extent(64, 128).low == -5);
    CHECK(pyramid.extent(64, 128).high == 127);
    CHECK(pyramid.extent(0, 200).high == 1000);
    CHECK(pyramid.extent(191, 200).high == 199);
    CHECK(pyramid.extent(5, 6).low == 5);
    CHECK(pyramid.extent(5, 6).high == 5);
    CHECK(pyramid.extent(5, 5).empty());
    CHECK_FALSE(pyramid.extent(5, 5).missing);
    CHECK(pyramid.sampled().high == 1000); // few samples: all of them
    std::vector<double> read(3);
    pyramid.read(69, read);
    CHECK(read == std::vector<double>{69, -5, 71});
}

TEST_CASE("every stretch equals the one found sample by sample, for all types") {
    for (const std::size_t count : {1u, 63u, 64u, 65u, 1023u, 1024u, 1025u, 40000u}) {
        CAPTURE(count);
        const auto shorts = noise<std::int16_t>(count, count);
        compare_with_naive(shorts, 1, series_pyramid(samples::borrow(std::span<const std::int16_t>(shorts))), 1);
        const auto floats = noise<float>(count, count);
        compare_with_naive(floats, 1, series_pyramid(samples::borrow(std::span<const float>(floats))), 2);
    }
    const auto bytes = noise<std::uint8_t>(9000, 3);
    compare_with_naive(bytes, 3, series_pyramid(samples::borrow(std::span<const std::uint8_t>(bytes), 3)), 4);
    const auto doubles = noise<double>(9000, 4);
    compare_with_naive(doubles, 2, series_pyramid(samples::borrow(std::span<const double>(doubles), 2)), 5);
    const auto words = noise<std::uint32_t>(9000, 4);
    compare_with_naive(words, 1, series_pyramid(samples::borrow(std::span<const std::uint32_t>(words))), 6);
}

TEST_CASE("NaN and infinite samples are no values, and are told") {
    auto values = noise<float>(30000, 8);
    std::mt19937_64 engine(9);
    for (int k = 0; k < 300; ++k) {
        values[engine() % values.size()] = k % 3 == 0   ? std::numeric_limits<float>::infinity()
                                           : k % 3 == 1 ? -std::numeric_limits<float>::infinity()
                                                        : std::numeric_limits<float>::quiet_NaN();
    }
    std::fill_n(values.begin() + 5000, 3000, std::numeric_limits<float>::quiet_NaN());
    const series_pyramid pyramid(samples::borrow(std::span<const float>(values)));
    compare_with_naive(values, 1, pyramid, 10);
    CHECK(pyramid.extent(5120, 7168).empty());
    CHECK(pyramid.extent(5120, 7168).missing);
    const series_pyramid table(samples::borrow(std::span<const float>(values), 3));
    compare_with_naive(values, 3, table, 11);
}

TEST_CASE("a pyramid of few bytes forgets and finds again") {
    const auto values = noise<float>(300000, 12);
    const series_pyramid pyramid(samples::borrow(std::span<const float>(values)), 1);
    compare_with_naive(values, 1, pyramid, 13);
    CHECK(pyramid.bytes() < 40000); // 4 pages of the lowest level and one of each higher
    const any_source source =
        generate<float>(300000, 1, [&](std::size_t i, std::span<float> out) { out[0] = values[i]; });
    const series_pyramid computed(source, 1);
    compare_with_naive(values, 1, computed, 14);
    CHECK(computed.bytes() < 70000);
}

TEST_CASE("what a pyramid holds is a small part of the samples") {
    const auto values = noise<std::int16_t>(4'000'000, 12);
    const series_pyramid pyramid(samples::borrow(std::span<const std::int16_t>(values)));
    CHECK(pyramid.bytes() < 200); // nothing was looked at
    pyramid.extent(0, values.size());
    CHECK(pyramid.bytes() > 2 * values.size() / 30);
    CHECK(pyramid.bytes() < 2 * values.size() / 22);
}

TEST_CASE("the columns of a source are several signals, and each frame is read once") {
    std::size_t frames_read = 0;
    const auto values = noise<double>(3 * 5000, 15);
    const any_source source = generate<double>(5000, 3, [&](std::size_t i, std::span<double> out) {
        ++frames_read;
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(3 * i), 3, out.begin());
    });
    const series_pyramid pyramid(source);
    CHECK(frames_read == 0);
    compare_with_naive(values, 3, pyramid, 16);
    CHECK(frames_read == 5000);
    std::vector<double> read(700);
    pyramid.read(200, read, 2);
    for (std::size_t i = 0; i < read.size(); ++i) {
        REQUIRE(read[i] == values[3 * (200 + i) + 2]);
    }
    CHECK(frames_read == 5000);
}

TEST_CASE("a source that throws leaves a pyramid as it was") {
    bool broken = true;
    const any_source source = generate<float>(3000, 1, [&](std::size_t i, std::span<float> out) {
        if (broken && i == 700) {
            throw std::runtime_error("the disk is gone");
        }
        out[0] = static_cast<float>(i);
    });
    const series_pyramid pyramid(source, 1);
    for (int k = 0; k < 10; ++k) {
        CHECK(support::sentence_of<std::runtime_error>([&] { pyramid.extent(0, 3000); }) == "the disk is gone");
    }
    broken = false;
    CHECK(pyramid.extent(0, 3000).high == 2999);
    CHECK(pyramid.extent(650, 750).low == 650);
}

TEST_CASE("nothing is allocated once the blocks are made") {
    if (!support::allocations_are_counted) {
        return;
    }
    const auto values = noise<float>(500000, 17);
    const series_pyramid pyramid(samples::borrow(std::span<const float>(values)));
    pyramid.extent(0, values.size());
    double sum = 0;
    CHECK(support::count_allocations([&] {
              for (std::size_t first = 0; first < 400000; first += 1111) {
                  sum += pyramid.extent(first, first + 90000).high;
              }
          }) == 0);
    CHECK(sum > 0);
}

TEST_CASE("a mapped file: looks equal those in memory, and a cut file is told") {
    const support::temporary_directory folder;
    const auto values = noise<std::int16_t>(100000, 18);
    const std::string path = folder.write("lfp.npy", support::npy_file<std::int16_t>("<i2", "(100000,)", values));
    const samples mapped = samples::open_npy(path);
    REQUIRE(mapped.mapped());
    const series_pyramid pyramid(mapped);
    compare_with_naive(values, 1, pyramid, 19);
    pyramid.check_size();
    support::temporary_directory::resize(path, 1000);
    CHECK_THROWS_AS(pyramid.check_size(), file_error);
}

TEST_CASE("the guess of the whole looks at few samples") {
    std::size_t frames_read = 0;
    const any_source source = generate<double>(1'000'000, 1, [&](std::size_t i, std::span<double> out) {
        ++frames_read;
        out[0] = std::sin(static_cast<double>(i) / 1e5);
    });
    const series_extent guess = series_pyramid(source).sampled();
    CHECK(frames_read == 512); // 32 places of 16
    CHECK(guess.low < -0.99);
    CHECK(guess.high > 0.99);
    const auto values = noise<float>(1'000'000, 20);
    const series_extent all = series_pyramid(samples::borrow(std::span<const float>(values))).sampled();
    CHECK(all.low < -2);
    CHECK(all.high > 2);
    CHECK(series_pyramid().sampled().empty() == true);
}

#ifdef __linux__
/// How many pages of memory are in this process's page tables. Source: the kernel's pagemap, bit 63.
std::size_t present_pages(const void* at, std::size_t bytes) {
    const auto first = reinterpret_cast<std::uintptr_t>(at) / 4096;
    std::vector<std::uint64_t> entries(bytes / 4096);
    const int pagemap = ::open("/proc/self/pagemap", O_RDONLY);
    const auto size = static_cast<ssize_t>(entries.size() * sizeof(std::uint64_t));
    const bool read = pagemap >= 0 && ::pread(pagemap, entries.data(), static_cast<std::size_t>(size),
                                              static_cast<off_t>(first * sizeof(std::uint64_t))) == size;
    ::close(pagemap);
    REQUIRE(read);
    return static_cast<std::size_t>(
        std::count_if(entries.begin(), entries.end(), [](std::uint64_t entry) { return entry >> 63 != 0; }));
}

TEST_CASE("the guess of a mapped file reads it and maps none of its pages") {
    const support::temporary_directory folder;
    const auto path = folder.file("long.npy");
    const auto values = noise<float>(1'000'000, 21);
    write_npy<float>(path, values);
    const series_extent expected = series_pyramid(samples::borrow(std::span<const float>(values))).sampled();
    const samples mapped = samples::open_npy(path, {.access = access::map});
    const series_pyramid pyramid(mapped);
    const series_extent guess = pyramid.sampled();
    CHECK(present_pages(mapped.values().data(), mapped.values().bytes()) == 0);
    CHECK(guess.low == expected.low);
    CHECK(guess.high == expected.high);
    (void)pyramid.extent(500'000, 500'010);
    CHECK(present_pages(mapped.values().data(), mapped.values().bytes()) > 0); // the count counts
}
#endif

TEST_CASE("a pyramid refuses what is not there, in a sentence") {
    const std::vector<double> values{1, 2, 3, 4};
    const samples table = samples(values, 2);
    CHECK(support::sentence_of<frame_out_of_range>([&] { series_pyramid(table).extent(0, 3); }) ==
          "frame 2 is past the end: the source has 2 frames (0-1); clamp the index or use subsample");
    CHECK(support::sentence_of<invalid_value>([&] { series_pyramid(table).extent(0, 1, 2); }) ==
          "column 2 was asked for; there are 2, counted from 0; choose one of them");
    CHECK(support::sentence_of<invalid_value>([&] { series_pyramid(table, 0); }) ==
          "a pyramid of at most 0 bytes was asked for; it needs some; 67108864 (64 MiB) is the default");
}

} // namespace
