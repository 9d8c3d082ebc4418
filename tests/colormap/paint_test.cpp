// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <fieldreel/colormap/paint.hpp>

#include "golden.hpp"

using fieldreel::color_index;
using fieldreel::color_of;
using fieldreel::colormap;
using fieldreel::image;
using fieldreel::image_shape;
using fieldreel::image_view;
using fieldreel::paint;
using fieldreel::paint_indexed;
using fieldreel::paint_options;
using fieldreel::paint_pixels;
using fieldreel::rgba8;
using fieldreel::value_range;
using fieldreel::value_scale;
using fieldreel::values_view;

namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();
constexpr rgba8 black{0, 0, 0, 255};

/// The least a space must offer to be painted: n_x x n_y bins, those of the mask active, x slow and y fast.
class masked_grid {
public:
    masked_grid(std::size_t n_x, std::size_t n_y, const std::vector<std::uint8_t>& mask) : shape_{n_y, n_x} {
        auto pixels = std::make_shared<std::vector<std::int32_t>>(n_x * n_y, -1);
        for (std::size_t x = 0; x < n_x; ++x) {
            for (std::size_t y = 0; y < n_y; ++y) {
                if (mask[x * n_y + y] != 0) {
                    (*pixels)[(n_y - 1 - y) * n_x + x] = static_cast<std::int32_t>(count_++);
                }
            }
        }
        pixels_ = pixels;
    }
    std::size_t bin_count() const { return count_; }
    image_shape display_shape() const { return shape_; }
    std::shared_ptr<const std::vector<std::int32_t>> index_image(image_shape) const { return pixels_; }

private:
    std::shared_ptr<const std::vector<std::int32_t>> pixels_;
    image_shape shape_;
    std::size_t count_ = 0;
};

/// The same without a bin count.
struct bare_space {
    std::vector<std::int32_t> pixels;
    image_shape display_shape() const { return {1, pixels.size()}; }
    const std::vector<std::int32_t>* index_image(image_shape) const { return &pixels; }
};

static_assert(fieldreel::paintable_space<masked_grid> && fieldreel::paintable_space<bare_space>);
static_assert(!fieldreel::paintable_space<image>);
static_assert(fieldreel::field_values<std::vector<float>> && fieldreel::field_values<std::span<const std::int16_t>>);
static_assert(fieldreel::field_values<values_view> && fieldreel::field_values<std::array<double, 3>>);
static_assert(!fieldreel::field_values<std::string> && !fieldreel::field_values<std::vector<rgba8>>);

masked_grid golden_grid(const std::string& name) {
    return {25, 20, golden::load<std::uint8_t>("env_" + name + "_mask")};
}

struct rgb_case {
    std::string name;
    value_range range;
    bool with_hot = true;
};

const rgb_case rgb_cases[] = {{"ramp", {0, 10}},        {"rand_clip", {0, 10}},        {"nan", {0, 10}},
                              {"inf", {0, 10}},         {"const_equal_range", {3, 3}}, {"inverted_range", {5, 1}},
                              {"inf_range", {0, inf}},  {"all_nan", {0, 1}},           {"boundaries", {0, 1}},
                              {"neg_range", {-51, -39}}};

/// Compares a painted picture with golden RGB. NaN bins are skipped where golden has them in vmin's colour.
template <class T>
void check_golden(const image& picture, const std::string& output, const masked_grid& grid, const std::vector<T>& field,
                  bool nan_too) {
    const auto expected = golden::load<std::uint8_t>(output);
    const auto bins = grid.index_image({});
    REQUIRE(expected.size() == picture.pixels().size() * 3);
    std::size_t differ = 0;
    for (std::size_t i = 0; i < bins->size(); ++i) {
        const std::int32_t bin = (*bins)[i];
        if (!nan_too && bin >= 0 && std::isnan(field[static_cast<std::size_t>(bin)])) {
            CHECK(picture.pixels()[i] == rgba8{});
            continue;
        }
        differ +=
            picture.pixels()[i] == rgba8{expected[3 * i], expected[3 * i + 1], expected[3 * i + 2], 255} ? 0u : 1u;
    }
    CAPTURE(output);
    CHECK(differ == 0);
}

template <class T>
void check_case(const std::string& name, value_range range, const std::string& map, const masked_grid& grid) {
    const auto field = golden::load<T>("rgb_field_" + name);
    image picture;
    paint(field, grid, colormap::named(map), range, picture, {.inactive_color = black, .nan_as_vmin = true});
    CHECK(picture.shape() == image_shape{20, 25});
    check_golden(picture, "rgb_out_" + name + "_" + map, grid, field, true);
    paint(field, grid, colormap::named(map), range, picture, {.inactive_color = black});
    check_golden(picture, "rgb_out_" + name + "_" + map, grid, field, false);
}

template <class F>
std::string sentence_of(const std::string& name, F&& f) {
    try {
        f();
    } catch (const fieldreel::invalid_value& e) {
        CHECK(e.name() == name);
        return e.what();
    }
    return "";
}

/// The formula as it is written down, in the number type N.
template <class N, class T>
int formula(T value, value_range range) {
    const N width = static_cast<N>(range.vmax - range.vmin);
    if (!(width > 0) || !std::isfinite(width)) {
        return 127;
    }
    N t = (static_cast<N>(value) - static_cast<N>(range.vmin)) / width;
    if (std::isnan(t)) {
        return 0;
    }
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return static_cast<int>(std::trunc(t * 255));
}

template <class T>
T random_value(std::mt19937_64& random) {
    const auto bits = random();
    if constexpr (std::floating_point<T>) {
        switch (bits % 16) {
        case 0: return static_cast<T>(no_value);
        case 1: return static_cast<T>(bits % 32 < 16 ? inf : -inf);
        case 2: return static_cast<T>(bits % 256) / 255;
        case 3: return std::numeric_limits<T>::denorm_min();
        case 4: return bits % 32 < 16 ? (std::numeric_limits<T>::max)() : std::numeric_limits<T>::lowest();
        default: return static_cast<T>(static_cast<double>(bits >> 11) / 4503599627370496.0 - 0.5);
        }
    } else {
        return static_cast<T>(static_cast<T>(bits) >> (random() % (8 * sizeof(T))));
    }
}

} // namespace

TEST_CASE("painted fields equal golden, NaN transparent or, the old way, in vmin's colour") {
    const masked_grid grid = golden_grid("default");
    CHECK(grid.bin_count() == 483);
    for (const auto& one : rgb_cases) {
        CAPTURE(one.name);
        check_case<double>(one.name, one.range, "viridis", grid);
        check_case<double>(one.name, one.range, "hot", grid);
    }
    check_case<float>("f32", {0.1, 10.3}, "viridis", grid);
    check_case<double>("full", {0, 1}, "viridis", golden_grid("full"));
}

TEST_CASE("an integer field with vmin == vmax has the middle colour") {
    const bare_space space{{0, 1, 2}};
    image picture;
    paint(std::vector<std::int32_t>{2, 3, 4}, space, colormap(), {3, 3}, picture);
    for (const rgba8 pixel : picture.pixels()) {
        CHECK(pixel == rgba8{32, 143, 140, 255});
    }
}

TEST_CASE_TEMPLATE("painting equals the one-value path on random data", T, std::int8_t, std::uint8_t, std::int16_t,
                   std::uint16_t, std::int32_t, std::uint32_t, std::int64_t, std::uint64_t, float, double) {
    std::mt19937_64 random(11);
    const value_range ranges[] = {{0, 1},        {-0.3, 0.7}, {0, 255},        {-100, 100},       {0, 0},
                                  {1, 0},        {0, inf},    {no_value, 1},   {0, 1e-300},       {0, 1e-42},
                                  {-3e38, 3e38}, {0, 1e39},   {-1e300, 1e300}, {-1e308, 1.7e308}, {1e17, 1e17 + 64},
                                  {-inf, inf},   {0.1, 10.3}};
    for (int round = 0; round < 40; ++round) {
        const std::size_t bins = random() % 900;
        std::vector<T> values(bins);
        for (T& value : values) {
            value = random_value<T>(random);
        }
        const image_shape shape{1 + random() % 30, 1 + random() % 30};
        std::vector<std::int32_t> pixel_to_bin(shape.rows * shape.cols);
        for (std::int32_t& bin : pixel_to_bin) {
            bin = static_cast<std::int32_t>(random() % (bins + 1)) - 1;
        }
        for (const value_range range : ranges) {
            const colormap map = colormap::named(round % 2 == 0 ? "viridis" : "coolwarm");
            const paint_options options{
                .nan_color = {1, 2, 3, 4}, .inactive_color = {5, 6, 7, 8}, .nan_as_vmin = round % 3 == 0};
            image picture(shape);
            paint_indexed(values, pixel_to_bin, shape, map, range, picture.view(), options);
            std::size_t differ = 0;
            for (std::size_t i = 0; i < pixel_to_bin.size(); ++i) {
                const std::int32_t bin = pixel_to_bin[i];
                const rgba8 expected = bin < 0 ? options.inactive_color
                                               : color_of(values[static_cast<std::size_t>(bin)], map, range, options);
                differ += picture.pixels()[i] == expected ? 0u : 1u;
            }
            CAPTURE(round);
            CAPTURE(range.vmin);
            CAPTURE(range.vmax);
            CHECK(differ == 0);
        }
    }
}

TEST_CASE("the colour number is the formula, in float for float fields") {
    std::mt19937_64 random(5);
    const value_range range{0.1, 10.3};
    std::size_t differ_from_double = 0;
    for (int i = 0; i < 200'000; ++i) {
        const double value = static_cast<double>(random() >> 11) / 9007199254740992.0 * 12 - 1;
        REQUIRE(color_index(value, range) == formula<double>(value, range));
        const auto single = static_cast<float>(value);
        REQUIRE(color_index(single, range) == formula<float>(single, range));
        differ_from_double += color_index(single, range) == formula<double>(single, range) ? 0u : 1u;
        const auto whole = static_cast<std::int16_t>(random() % 40);
        REQUIRE(color_index(whole, range) == formula<double>(whole, range));
    }
    // Values k/255 of the way are where float and double part: this test sees which one is used.
    for (int k = 0; k <= 255; ++k) {
        const auto single = static_cast<float>(0.1 + 10.2 * k / 255);
        REQUIRE(color_index(single, range) == formula<float>(single, range));
        differ_from_double += color_index(single, range) == formula<double>(single, range) ? 0u : 1u;
    }
    CHECK(differ_from_double > 0);
}

TEST_CASE("a float field over a range that float cannot tell apart is coloured in double") {
    CHECK(color_index(0.0f, {-1e39, 1e39}) == 127);
    CHECK(color_index(3e38f, {-1e39, 1e39}) == formula<double>(3e38f, {-1e39, 1e39}));
    CHECK(color_index(std::numeric_limits<float>::infinity(), {-1e39, 1e39}) == 255);
    CHECK(color_index(1.0f, {0, 1e-60}) == 255);
    CHECK(color_index(0.0f, {0, 1e-60}) == 0);
    CHECK(color_index(-1.0f, {0, 1e-60}) == 0);
}

TEST_CASE("limits, infinities and NaN of one value") {
    const colormap map = colormap::named("gray");
    CHECK(color_index(inf, {0, 1}) == 255);
    CHECK(color_index(-inf, {0, 1}) == 0);
    CHECK(color_index(no_value, {0, 1}) == 0);
    CHECK(color_index(no_value, {1, 1}) == 127);
    CHECK(color_index(1.0, {0, 1}) == 255);
    CHECK(color_index(std::nextafter(1.0, 0.0), {0, 1}) == 254);
    CHECK(color_index(0.5, {0, 1}) == 127);
    CHECK(color_of(no_value, map, {0, 1}) == rgba8{});
    CHECK(color_of(no_value, map, {1, 1}) == rgba8{});
    CHECK(color_of(no_value, map, {0, 1}, {.nan_color = {9, 8, 7, 6}}) == rgba8{9, 8, 7, 6});
    CHECK(color_of(no_value, map, {0, 1}, {.nan_as_vmin = true}) == rgba8{0, 0, 0, 255});
    CHECK(color_of(std::uint8_t{7}, map, {7, 7}) == rgba8{127, 127, 127, 255});
}

TEST_CASE("one hot bin is painted at its row and column, row 0 at the largest y") {
    // 3 x 2 bins, (x 1, y 0) not active: bins are (0,0) (0,1) (1,1) (2,0) (2,1).
    const masked_grid grid(3, 2, {1, 1, 0, 1, 1, 1});
    const colormap map = colormap::named("gray");
    std::vector<double> field(5, 0.0);
    field[3] = 1; // (2, 0)
    image picture;
    paint(field, grid, map, {0, 1}, picture);
    CHECK(picture.shape() == image_shape{2, 3});
    CHECK(picture.at(1, 2) == rgba8{255, 255, 255, 255});
    CHECK(picture.at(0, 2) == black);
    CHECK(picture.at(1, 1) == rgba8{});
    CHECK(picture.at(0, 0) == black);
}

TEST_CASE("a view with a stride is painted inside its own rows only") {
    const masked_grid grid(3, 2, {1, 1, 0, 1, 1, 1});
    const std::vector<float> field{0, 1, 2, 3, 4};
    image alone;
    paint(field, grid, colormap(), {0, 4}, alone);
    std::vector<rgba8> large(7 * 4, rgba8{9, 9, 9, 9});
    const image_view part{large.data() + 7 + 2, {2, 3}, 7};
    paint(field, grid, colormap(), {0, 4}, part);
    for (std::size_t row = 0; row < 4; ++row) {
        for (std::size_t col = 0; col < 7; ++col) {
            const bool inside = row >= 1 && row < 3 && col >= 2 && col < 5;
            CHECK(large[row * 7 + col] == (inside ? alone.at(row - 1, col - 2) : rgba8{9, 9, 9, 9}));
        }
    }
}

TEST_CASE("all ways to hand over a field paint the same") {
    const bare_space space{{4, 3, -1, 0}};
    std::array<std::int16_t, 5> field{0, 1, 2, 3, 4};
    image first;
    image other;
    paint(field, space, colormap(), {0, 4}, first);
    const auto same = [&] { return std::equal(first.pixels().begin(), first.pixels().end(), other.pixels().begin()); };
    paint(std::span<const std::int16_t>(field), space, colormap(), {0, 4}, other);
    CHECK(same());
    paint(std::span<std::int16_t>(field), space, colormap(), {0, 4}, other);
    CHECK(same());
    paint(std::vector<std::int16_t>(field.begin(), field.end()), space, colormap(), {0, 4}, other);
    CHECK(same());
    paint(values_view(std::span<const std::int16_t>(field)), space, colormap(), {0, 4}, other);
    CHECK(same());
    paint(std::vector<double>(field.begin(), field.end()), space, colormap(), {0, 4}, other);
    CHECK(same());
}

TEST_CASE("values that are the pixels are painted in order, into rows of any stride") {
    std::vector<float> field(3 * 40);
    for (std::size_t i = 0; i < field.size(); ++i) {
        field[i] = static_cast<float>(i);
    }
    std::vector<rgba8> large(4 * 50, rgba8{9, 9, 9, 9});
    for (const std::size_t stride : {40u, 47u}) {
        std::fill(large.begin(), large.end(), rgba8{9, 9, 9, 9});
        paint_pixels(field, colormap(), {0, 119}, {large.data(), {3, 40}, stride});
        for (std::size_t at = 0; at < large.size(); ++at) {
            const std::size_t row = at / stride;
            const std::size_t col = at % stride;
            CHECK(large[at] ==
                  (row < 3 && col < 40 ? color_of(field[row * 40 + col], colormap(), {0, 119}) : rgba8{9, 9, 9, 9}));
        }
    }
    paint_pixels(std::vector<float>{}, colormap(), {0, 1}, {nullptr, {0, 0}, 0});
    CHECK(sentence_of("values", [&] {
              paint_pixels(field, colormap(), {0, 1}, {large.data(), {3, 41}, 41});
          }) == "the field has 120 values; a picture of 3 x 41 pixels shows 123; pass one value per pixel");
}

TEST_CASE("a picture larger than what is written past the caches is right to the last pixel") {
    constexpr std::size_t cols = 4099;
    constexpr std::size_t rows = 1031; // 16.1 MiB
    static_assert(rows * cols * sizeof(rgba8) > fieldreel::detail::streaming_bytes);
    std::vector<std::uint16_t> field(rows * cols);
    std::vector<std::int32_t> upside_down(rows * cols);
    for (std::size_t i = 0; i < field.size(); ++i) {
        field[i] = static_cast<std::uint16_t>(i * 7919);
        upside_down[i] = static_cast<std::int32_t>((rows - 1 - i / cols) * cols + i % cols);
    }
    std::array<rgba8, 65536> expected;
    for (std::size_t value = 0; value < expected.size(); ++value) {
        expected[value] = color_of(static_cast<std::uint16_t>(value), colormap(), {100, 60000});
    }
    std::vector<rgba8> memory(rows * cols + 2, rgba8{9, 9, 9, 9});
    const image_view out{memory.data() + 1, {rows, cols}, cols};
    const auto differences = [&](auto pixel_of) {
        std::size_t differ = 0;
        for (std::size_t i = 0; i < field.size(); ++i) {
            differ += memory[i + 1] == expected[field[pixel_of(i)]] ? 0u : 1u;
        }
        return differ + (memory.front() == rgba8{9, 9, 9, 9} && memory.back() == rgba8{9, 9, 9, 9} ? 0u : 1000000u);
    };
    paint_pixels(field, colormap(), {100, 60000}, out);
    CHECK(differences([](std::size_t i) { return i; }) == 0);
    paint_indexed(field, upside_down, out.shape, colormap(), {100, 60000}, out);
    CHECK(differences([&](std::size_t i) { return static_cast<std::size_t>(upside_down[i]); }) == 0);
}

TEST_CASE("a scale of the options reaches what is painted, and log shows 0 and below as NaN is shown") {
    const bare_space space{{0, 1, 2, 3, 4, 5}};
    const std::vector<double> field{1, 10, 100, 0, -5, no_value};
    const colormap map = colormap::named("gray");
    image picture;
    const paint_options log_options{.nan_color = {1, 2, 3, 4}, .scaling = {.scale = value_scale::log}};
    paint(field, space, map, {1, 100}, picture, log_options);
    CHECK(picture.at(0, 0) == rgba8{0, 0, 0, 255});
    CHECK(picture.at(0, 1) == rgba8{127, 127, 127, 255});
    CHECK(picture.at(0, 2) == rgba8{255, 255, 255, 255});
    for (std::size_t col = 3; col < 6; ++col) {
        CHECK(picture.at(0, col) == rgba8{1, 2, 3, 4});
        CHECK(color_of(field[col], map, {1, 100}, log_options) == rgba8{1, 2, 3, 4});
    }
    const paint_options gamma_options{.scaling = {.scale = value_scale::gamma, .gamma = 0.5}};
    paint(field, space, map, {0, 100}, picture, gamma_options);
    CHECK(picture.at(0, 0) == rgba8{25, 25, 25, 255}); // 0.01 ^ 0.5 * 255
    CHECK(picture.at(0, 1) == rgba8{80, 80, 80, 255}); // 0.1 ^ 0.5 * 255
    CHECK(picture.at(0, 3) == rgba8{0, 0, 0, 255});
    CHECK(picture.at(0, 4) == rgba8{0, 0, 0, 255});
    CHECK(picture.at(0, 5) == rgba8{});
    CHECK(sentence_of("vmin",
                      [&] {
                          paint(field, space, map, {0, 100}, picture, log_options);
                      }) ==
          "vmin is 0 on a log scale; it must be above 0; use the smallest value that matters, or a gamma of 0.5, which "
          "allows 0");
}

TEST_CASE("painting again allocates nothing") {
    const masked_grid grid = golden_grid("full");
    image picture;
    paint(std::vector<float>(500), grid, colormap(), {0, 1}, picture);
    const auto* const scratch = fieldreel::detail::color_scratch().data();
    const rgba8* const pixels = picture.view().pixels;
    paint(std::vector<double>(500), grid, colormap(), {0, 1}, picture);
    const masked_grid small(3, 2, {1, 1, 0, 1, 1, 1});
    paint(std::vector<std::uint8_t>(5), small, colormap(), {0, 1}, picture);
    paint(std::vector<float>(500), grid, colormap(), {0, 1}, picture);
    CHECK(fieldreel::detail::color_scratch().data() == scratch);
    CHECK(picture.view().pixels == pixels);
}

TEST_CASE("a field without bins, and a picture without pixels, are painted") {
    image picture;
    paint(std::vector<float>{}, bare_space{{-1, -1}}, colormap(), {0, 1}, picture, {.inactive_color = black});
    CHECK(picture.at(0, 1) == black);
    paint(std::vector<float>{}, bare_space{{}}, colormap(), {0, 1}, picture);
    CHECK(picture.shape() == image_shape{1, 0});
}

TEST_CASE("what does not fit together is refused") {
    const masked_grid grid(3, 2, {1, 1, 0, 1, 1, 1});
    image picture({3, 2});
    CHECK(sentence_of("image",
                      [&] {
                          paint(std::vector<float>(5), grid, colormap(), {0, 1}, picture.view());
                      }) ==
          "the image has 3 x 2 pixels; the field is shown in 2 x 3 (rows x columns); pass an image of that shape, or a "
          "fieldreel::image, which is resized");
    CHECK(
        sentence_of("values", [&] {
            paint(std::vector<float>(6), grid, colormap(), {0, 1}, picture);
        }) == "the field has 6 values; its space has 5 active bins; pass one value per active bin, x slow and y fast");
    const std::vector<std::int32_t> pixels{0, 1, -1, 2, 7, 1};
    const std::vector<float> field(5);
    picture.resize({2, 3});
    const auto indexed = [&](std::vector<std::int32_t> bins, std::size_t values) {
        return sentence_of("pixel_to_bin", [&] {
            paint_indexed(std::span(field).first(values), bins, {2, 3}, colormap(), {0, 1}, picture.view());
        });
    };
    const std::string cure = "; the field has 5 values, and -1 means no bin; pass an index image of the space that the "
                             "field belongs to";
    CHECK(indexed({0, 1, -1, 2, 7, 1}, 5) == "pixel 4 of the index image asks for bin 7" + cure);
    CHECK(indexed({0, 1, -1, 2, 1, 5}, 5) == "pixel 5 of the index image asks for bin 5" + cure);
    CHECK(indexed({-2, 1, -1, 2, 1, 1}, 5) == "pixel 0 of the index image asks for bin -2" + cure);
    const std::int32_t lowest = std::numeric_limits<std::int32_t>::min();
    CHECK(indexed({0, lowest, -1, 2, 1, 1}, 5) == "pixel 1 of the index image asks for bin -2147483648" + cure);
    std::vector<std::int32_t> ordered(2 * 20); // rows that are painted in order end one value too far
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        ordered[i] = static_cast<std::int32_t>(i);
    }
    image wide({2, 20});
    CHECK(sentence_of("pixel_to_bin",
                      [&] {
                          paint_indexed(std::vector<float>(39), ordered, {2, 20}, colormap(), {0, 1}, wide.view());
                      }) ==
          "pixel 39 of the index image asks for bin 39; the field has 39 values, and -1 means no bin; pass an "
          "index image of the space that the field belongs to");
    CHECK(indexed({0, 1, 2, 3, 4}, 5) == "the index image has 5 entries; 2 x 3 pixels need 6; pass one per pixel");
    CHECK(indexed({0, 1, -1, 2, 4, 1}, 5).empty());
    CHECK(indexed({0, -1, -1, -1, -1, -1}, 0) ==
          "pixel 0 of the index image asks for bin 0; the field has 0 values, and -1 means no bin; pass an index image "
          "of the space that the field belongs to");
}
