// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/frame.hpp>

namespace fr = fieldreel;

TEST_CASE("a dtype's name, size and C++ type agree") {
    struct row {
        fr::dtype type;
        std::string name;
        std::size_t size;
    };
    const row rows[] = {{fr::dtype::i8, "int8", 1},    {fr::dtype::u8, "uint8", 1},   {fr::dtype::i16, "int16", 2},
                        {fr::dtype::u16, "uint16", 2}, {fr::dtype::i32, "int32", 4},  {fr::dtype::u32, "uint32", 4},
                        {fr::dtype::i64, "int64", 8},  {fr::dtype::u64, "uint64", 8}, {fr::dtype::f32, "float32", 4},
                        {fr::dtype::f64, "float64", 8}};
    for (const row& r : rows) {
        CAPTURE(r.name);
        CHECK(std::string(fr::name_of(r.type)) == r.name);
        CHECK(fr::size_of(r.type) == r.size);
        fr::visit_dtype(r.type, [&]<class T>(std::type_identity<T>) {
            CHECK(fr::dtype_of<T>() == r.type);
            CHECK(sizeof(T) == r.size);
            CHECK(std::is_floating_point_v<T> == (r.name[0] == 'f'));
            CHECK(std::is_unsigned_v<T> == (r.name[0] == 'u'));
        });
    }
}

TEST_CASE("a values_view knows the type of what it looks at") {
    const std::vector<std::int16_t> numbers = {-3, 7, 32767};
    const fr::values_view view{std::span<const std::int16_t>(numbers)};
    CHECK(view.type() == fr::dtype::i16);
    CHECK(view.size() == 3);
    CHECK(view.bytes() == 6);
    CHECK(view.data() == numbers.data());
    CHECK_FALSE(view.empty());
    CHECK(view[0] == -3);
    CHECK(view[2] == 32767);
    CHECK(view.as<std::int16_t>().data() == numbers.data());
    CHECK(view.visit([](auto values) { return sizeof(values[0]) * values.size(); }) == 6);

    const fr::values_view nothing;
    CHECK(nothing.empty());
    CHECK(nothing.bytes() == 0);
}

TEST_CASE("the largest 64-bit integers and NaN pass through a values_view") {
    const std::vector<std::uint64_t> large = {std::numeric_limits<std::uint64_t>::max()};
    CHECK(fr::values_view(std::span<const std::uint64_t>(large)).as<std::uint64_t>()[0] == large[0]);
    const std::vector<double> nan = {std::nan("")};
    CHECK(std::isnan(fr::values_view(std::span<const double>(nan))[0]));
}

TEST_CASE("an image keeps its memory when it is resized within it") {
    fr::image picture({4, 5});
    CHECK(picture.shape() == fr::image_shape{4, 5});
    CHECK(picture.pixels().size() == 20);
    picture.view().at(3, 4) = {1, 2, 3, 4};
    CHECK(picture.at(3, 4) == fr::rgba8{1, 2, 3, 4});
    CHECK(picture.pixels()[19] == fr::rgba8{1, 2, 3, 4});

    const auto* const before = picture.pixels().data();
    picture.resize({2, 3});
    CHECK(picture.pixels().data() == before);
    CHECK(picture.view().stride == 3);
    picture.resize({4, 5});
    CHECK(picture.pixels().data() == before);
}

TEST_CASE("an image_view steps by its stride") {
    std::vector<fr::rgba8> pixels(12);
    const fr::image_view view{pixels.data() + 1, {3, 2}, 4};
    view.at(2, 1) = {9, 9, 9, 9};
    CHECK(pixels[1 + 2 * 4 + 1] == fr::rgba8{9, 9, 9, 9});
}

// The words of which nothing but the meaning of their defaults can be wrong.
static_assert(fr::frame_range{}.last == fr::frame_range::unset);
static_assert(fr::motion{}.mode == fr::play_mode::once);
static_assert(fr::field_value<float> && fr::field_value<std::uint8_t>);
static_assert(!fr::field_value<bool> && !fr::field_value<char> && !fr::field_value<long double>);
static_assert(fr::number_list<std::vector<double>> && fr::number_list<std::span<const float>>);
static_assert(!fr::number_list<double> && !fr::number_list<std::vector<std::string>>);
static_assert(!fr::number_table<std::vector<double>>);
static_assert(fr::size_of(fr::dtype::i16) == 2);
