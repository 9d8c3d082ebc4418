// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <fieldreel/colormap/paint.hpp>
#include <fieldreel/colormap/paint_kernels.hpp>

#include "golden.hpp"

using fieldreel::color_of;
using fieldreel::colormap;
using fieldreel::image_view;
using fieldreel::paint_options;
using fieldreel::rgba8;
using fieldreel::value_range;
using fieldreel::value_scale;
using fieldreel::detail::available;
using fieldreel::detail::paint_path;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
constexpr rgba8 untouched{9, 8, 7, 6};

std::vector<paint_path> paths() {
    std::vector<paint_path> found;
    for (const paint_path path : fieldreel::detail::paint_paths) {
        if (available(path)) {
            found.push_back(path);
        }
    }
    return found;
}

template <class T>
T random_value(std::mt19937_64& random) {
    using limits = std::numeric_limits<T>;
    const auto bits = random();
    if constexpr (std::floating_point<T>) {
        switch (bits % 16) {
        case 0: return static_cast<T>(no_value);
        case 1: return static_cast<T>(bits % 32 < 16 ? inf : -inf);
        case 2: return static_cast<T>(bits >> 32 & 255) / 255;
        case 3: return bits % 32 < 16 ? limits::denorm_min() : -limits::denorm_min();
        case 4: return bits % 32 < 16 ? (limits::max)() : limits::lowest();
        case 5: return bits % 32 < 16 ? T(0) : -T(0);
        case 6: return static_cast<T>(bits >> 40);
        default: return static_cast<T>(static_cast<double>(bits >> 11) / 4503599627370496.0 - 0.5);
        }
    } else {
        return static_cast<T>(static_cast<T>(bits) >> (random() % (8 * sizeof(T))));
    }
}

const value_range ranges[] = {
    {0, 1},    {-0.3, 0.7},       {0, 255},          {-100, 100}, {0, 0},     {1, 0},
    {0, inf},  {-inf, 0},         {no_value, 1},     {0, 1e-300}, {0, 1e-42}, {-3e38, 3e38},
    {0, 1e39}, {1e17, 1e17 + 64}, {-1e308, 1.7e308}, {0.1, 10.3}, {3, 7},     {16777216, 16777217}};

/// Values somewhere in memory, not aligned to more than their own size.
template <class T>
struct field {
    std::vector<T> memory;
    std::size_t offset;
    std::span<const T> values() const { return std::span(memory).subspan(offset); }
};
template <class T>
field<T> random_field(std::size_t count, std::mt19937_64& random) {
    field<T> made{std::vector<T>(count + 3), 3 * (count % 2)};
    made.memory.resize(count + made.offset);
    for (T& value : made.memory) {
        value = random_value<T>(random);
    }
    return made;
}

/// How many of the pixels between two guards differ from the one-value path, or 1000000 when a guard does.
template <class T>
std::size_t differences(paint_path path, std::span<const T> values, const colormap& map, value_range range,
                        const paint_options& options, std::size_t before, bool streaming) {
    std::vector<rgba8> memory(before + values.size() + 70, untouched);
    fieldreel::detail::with_table(values, map, range, options, [&](const auto& scaled, const auto& table) {
        scaled.color(path, 0, values.size(), table, memory.data() + before, streaming);
    });
    fieldreel::detail::finish_streaming(streaming);
    std::size_t differ = 0;
    for (std::size_t i = 0; i < memory.size(); ++i) {
        if (i >= before && i < before + values.size()) {
            differ += memory[i] == color_of(values[i - before], map, range, options) ? 0u : 1u;
        } else {
            differ += memory[i] == untouched ? 0u : 1000000u;
        }
    }
    return differ;
}

} // namespace

TEST_CASE("the paths of this processor") {
    CHECK(available(paint_path::portable));
    CHECK(available(fieldreel::detail::best_paint_path()));
    if (available(paint_path::avx512)) {
        CHECK(fieldreel::detail::best_paint_path() == paint_path::avx512);
    }
    std::string names;
    for (const paint_path path : paths()) {
        names += std::array{" portable", " avx2", " avx2_gather", " avx512"}[static_cast<std::size_t>(path)];
    }
    MESSAGE("tested here:" << names);
}

TEST_CASE_TEMPLATE("every path gives the colours of the one-value path", T, std::int8_t, std::uint8_t, std::int16_t,
                   std::uint16_t, std::int32_t, std::uint32_t, std::int64_t, std::uint64_t, float, double) {
    std::mt19937_64 random(7);
    const colormap map = colormap::named("viridis");
    for (const paint_path path : paths()) {
        CAPTURE(static_cast<int>(path));
        for (std::size_t count = 0; count < 150; ++count) {
            const field<T> given = random_field<T>(count, random);
            const value_range range = ranges[count % std::size(ranges)];
            CAPTURE(count);
            CHECK(differences<T>(path, given.values(), map, range, {.nan_color = {1, 2, 3, 4}}, count % 17, false) ==
                  0);
        }
        for (const value_range range : ranges) { // sizes about the block's, and for bytes the table's by value
            for (const std::size_t count : {256u, 257u, 511u, 512u, 513u, 1500u, 2100u}) {
                const field<T> given = random_field<T>(count, random);
                const paint_options options{.nan_color = {1, 2, 3, 4}, .nan_as_vmin = count % 2 == 0};
                CAPTURE(range.vmin);
                CAPTURE(range.vmax);
                CAPTURE(count);
                CHECK(differences<T>(path, given.values(), map, range, options, 5, false) == 0);
            }
        }
    }
}

TEST_CASE_TEMPLATE("every path gives the colours of the one-value path on log and gamma scales", T, std::uint8_t,
                   std::int16_t, std::int64_t, float, double) {
    std::mt19937_64 random(8);
    const colormap map = colormap::named("magma");
    for (const paint_path path : paths()) {
        for (const value_range range : {value_range{0.01, 1}, {1, 300}, {1e-30, 1e30}, {1, 1 + 1e-9}, {2, 2}}) {
            for (const fieldreel::color_scaling scaling :
                 {fieldreel::color_scaling{value_scale::log}, {value_scale::gamma, 0.5}, {value_scale::gamma, 3}}) {
                for (const std::size_t count : {0u, 1u, 100u, 600u}) {
                    const field<T> given = random_field<T>(count, random);
                    CAPTURE(static_cast<int>(path));
                    CAPTURE(range.vmax);
                    CAPTURE(static_cast<int>(scaling.scale));
                    CHECK(differences<T>(path, given.values(), map, range,
                                         {.nan_color = {1, 2, 3, 4}, .scaling = scaling}, 3, false) == 0);
                }
            }
        }
    }
}

TEST_CASE("what is written past the caches is the same, from any place, and nothing beside it") {
    std::mt19937_64 random(9);
    const colormap map = colormap::named("hot");
    for (const paint_path path : paths()) {
        for (std::size_t before = 0; before < 20; ++before) {
            for (const std::size_t count : {0u, 1u, 15u, 16u, 63u, 64u, 65u, 511u, 512u, 600u, 1100u}) {
                const field<float> given = random_field<float>(count, random);
                CAPTURE(static_cast<int>(path));
                CAPTURE(before);
                CAPTURE(count);
                CHECK(differences<float>(path, given.values(), map, {0, 1}, {}, before, true) == 0);
            }
        }
        // rgba8 may lie at any byte.
        const field<float> given = random_field<float>(300, random);
        std::vector<unsigned char> bytes(4 * 300 + 3, 77);
        auto* const odd = reinterpret_cast<rgba8*>(bytes.data() + 1);
        fieldreel::detail::with_table(given.values(), map, {0, 1}, {}, [&](const auto& scaled, const auto& table) {
            scaled.color(path, 0, 300, table, odd, true);
        });
        std::size_t differ = 0;
        for (std::size_t i = 0; i < 300; ++i) {
            differ += odd[i] == color_of(given.values()[i], map, {0, 1}) ? 0u : 1u;
        }
        CHECK(differ == 0);
        CHECK((bytes[0] == 77 && bytes[1201] == 77 && bytes[1202] == 77));
    }
}

TEST_CASE("every path paints every kind of index image into rows of any stride") {
    std::mt19937_64 random(10);
    const colormap map = colormap::named("plasma");
    const value_range range{-0.3, 0.7};
    const paint_options options{.nan_color = {1, 2, 3, 4}, .inactive_color = {5, 6, 7, 8}};
    for (const paint_path path : paths()) {
        for (const std::size_t cols : {1u, 3u, 15u, 16u, 17u, 33u, 100u, 530u}) {
            const std::size_t rows = 1 + random() % 7;
            const std::size_t bins = rows * cols;
            const field<float> given = random_field<float>(bins, random);
            for (int kind = 0; kind < 6; ++kind) {
                std::vector<std::int32_t> index(bins);
                for (std::size_t i = 0; i < bins; ++i) {
                    const std::size_t row = i / cols;
                    const std::size_t col = i % cols;
                    const std::size_t places[] = {
                        i,                             // in order
                        (rows - 1 - row) * cols + col, // upside down
                        col * rows + (rows - 1 - row), // a grid's order
                        random() % bins,               // any
                        i,                             // in order with gaps in one row
                        i                              // one to the right: the first pixel shows nothing
                    };
                    index[i] = static_cast<std::int32_t>(places[kind]);
                    if ((kind == 3 && random() % 4 == 0) || (kind == 4 && row == rows / 2 && col % 5 == 4)) {
                        index[i] = -1;
                    }
                    index[i] -= kind == 5 ? 1 : 0;
                }
                for (const std::size_t gap : {0u, 3u}) {
                    std::vector<rgba8> picture((cols + gap) * rows + 8, untouched);
                    fieldreel::detail::with_table(
                        given.values(), map, range, options, [&](const auto& scaled, const auto& table) {
                            fieldreel::detail::paint_bins(path, scaled, table, index,
                                                          {picture.data(), {rows, cols}, cols + gap},
                                                          options.inactive_color);
                        });
                    std::size_t differ = 0;
                    for (std::size_t i = 0; i < picture.size(); ++i) {
                        const std::size_t row = i / (cols + gap);
                        const std::size_t col = i % (cols + gap);
                        rgba8 expected = untouched;
                        if (row < rows && col < cols) {
                            const std::int32_t bin = index[row * cols + col];
                            expected =
                                bin < 0 ? options.inactive_color
                                        : color_of(given.values()[static_cast<std::size_t>(bin)], map, range, options);
                        }
                        differ += picture[i] == expected ? 0u : 1u;
                    }
                    CAPTURE(static_cast<int>(path));
                    CAPTURE(cols);
                    CAPTURE(rows);
                    CAPTURE(kind);
                    CAPTURE(gap);
                    CHECK(differ == 0);
                }
            }
        }
    }
}

TEST_CASE("every path finds a bin that does not exist, wherever it is") {
    const std::int32_t lowest = (std::numeric_limits<std::int32_t>::min)();
    const std::int32_t highest = (std::numeric_limits<std::int32_t>::max)();
    for (const paint_path path : paths()) {
        CAPTURE(static_cast<int>(path));
        for (std::size_t size = 1; size < 40; ++size) {
            std::vector<std::int32_t> bins(size, 4);
            bins[size / 2] = -1;
            CHECK(fieldreel::detail::bins_exist(path, bins, 5));
            for (std::size_t at = 0; at < size; ++at) {
                for (const std::int32_t wrong : {5, -2, lowest, highest}) {
                    std::vector<std::int32_t> changed = bins;
                    changed[at] = wrong;
                    CHECK_FALSE(fieldreel::detail::bins_exist(path, changed, 5));
                }
            }
        }
        CHECK(fieldreel::detail::bins_exist(path, std::vector<std::int32_t>(20, -1), 0));
        CHECK_FALSE(fieldreel::detail::bins_exist(path, std::vector<std::int32_t>(20, 0), 0));
    }
}

TEST_CASE("every path paints golden colours") {
    struct golden_case {
        std::string name;
        value_range range;
    };
    const golden_case cases[] = {{"ramp", {0, 10}},        {"rand_clip", {0, 10}},        {"nan", {0, 10}},
                                 {"inf", {0, 10}},         {"const_equal_range", {3, 3}}, {"inverted_range", {5, 1}},
                                 {"inf_range", {0, inf}},  {"all_nan", {0, 1}},           {"boundaries", {0, 1}},
                                 {"neg_range", {-51, -39}}};
    const auto mask = golden::load<std::uint8_t>("env_default_mask");
    constexpr std::size_t n_x = 25;
    constexpr std::size_t n_y = 20;
    std::vector<std::int32_t> index(n_x * n_y, -1);
    std::int32_t bins = 0;
    for (std::size_t cell = 0; cell < mask.size(); ++cell) {
        if (mask[cell] != 0) {
            index[(n_y - 1 - cell % n_y) * n_x + cell / n_y] = bins++;
        }
    }
    const paint_options options{.inactive_color = {0, 0, 0, 255}, .nan_as_vmin = true};
    const auto check = [&]<class T>(const std::vector<T>& values, const std::string& name, value_range range) {
        const auto expected = golden::load<std::uint8_t>("rgb_out_" + name + "_viridis");
        for (const paint_path path : paths()) {
            std::vector<rgba8> picture(n_x * n_y);
            fieldreel::detail::with_table(std::span<const T>(values), colormap::named("viridis"), range, options,
                                          [&](const auto& scaled, const auto& table) {
                                              fieldreel::detail::paint_bins(path, scaled, table, index,
                                                                            {picture.data(), {n_y, n_x}, n_x},
                                                                            options.inactive_color);
                                          });
            std::size_t differ = 0;
            for (std::size_t i = 0; i < picture.size(); ++i) {
                differ += picture[i] == rgba8{expected[3 * i], expected[3 * i + 1], expected[3 * i + 2], 255} ? 0u : 1u;
            }
            CAPTURE(name);
            CAPTURE(static_cast<int>(path));
            CHECK(differ == 0);
        }
    };
    for (const golden_case& one : cases) {
        check(golden::load<double>("rgb_field_" + one.name), one.name, one.range);
    }
    check(golden::load<float>("rgb_field_f32"), "f32", {0.1, 10.3});
}
