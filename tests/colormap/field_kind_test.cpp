// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <fieldreel/colormap/field_kind.hpp>

#include "sources.hpp"

using fieldreel::default_range;
using fieldreel::field_kind;
using fieldreel::value_range;
using test_sources::plain;
using test_sources::viewed;

namespace {

constexpr float no_value = std::numeric_limits<float>::quiet_NaN();
constexpr float inf = std::numeric_limits<float>::infinity();

template <class T>
value_range range_of(const std::vector<T>& values, std::size_t frame_size, field_kind kind) {
    const value_range range = default_range(viewed<T>(values, frame_size), kind);
    CHECK(default_range(plain<T>(values, frame_size), kind) == range);
    CHECK(std::isfinite(range.vmin));
    CHECK(std::isfinite(range.vmax));
    CHECK(range.vmin < range.vmax);
    return range;
}

constexpr field_kind all_kinds[] = {field_kind::rate, field_kind::posterior, field_kind::signed_values,
                                    field_kind::image, field_kind::other};

} // namespace

TEST_CASE("each kind has its range") {
    const std::vector<float> rates{0, 3, no_value, 12, inf, 5, -inf, 1};
    CHECK(range_of(rates, 4, field_kind::rate) == value_range{0, 12});
    CHECK(range_of(std::vector<float>{2, -7, no_value, 5}, 2, field_kind::signed_values) == value_range{-7, 7});
    CHECK(range_of(std::vector<float>{2, -7, inf, 9}, 2, field_kind::signed_values) == value_range{-9, 9});
    CHECK(range_of(std::vector<float>{2, -7, inf, 5}, 2, field_kind::other) == value_range{-7, 5});
    CHECK(range_of(std::vector<std::int8_t>{-128, 127}, 1, field_kind::signed_values) == value_range{-128, 128});
    std::vector<std::uint16_t> picture(201);
    for (std::size_t i = 0; i < picture.size(); ++i) {
        picture[i] = static_cast<std::uint16_t>(1000 - i);
    }
    CHECK(range_of(picture, 67, field_kind::image) ==
          value_range{802, 999}); // 1st and 99.5th percentile of 800 ... 1000
}

TEST_CASE("a posterior's range ends at the 95th percentile of the frames' maxima") {
    // 21 frames of 3 bins; the maxima are 0, 0.01 ... 0.20, so that the 95th percentile is the 20th of them.
    std::vector<double> values;
    for (int i = 20; i >= 0; --i) {
        values.insert(values.end(), {0.0, i / 100.0, i == 7 ? std::nan("") : -1.0});
    }
    const value_range range = range_of(values, 3, field_kind::posterior);
    CHECK(range.vmin == 0);
    CHECK(range.vmax == doctest::Approx(0.19).epsilon(1e-12));
    // A frame without any value has no maximum.
    values.insert(values.end(), 300, std::nan(""));
    CHECK(range_of(values, 3, field_kind::posterior) == range);
}

TEST_CASE("where there is nothing to go by the range is (0, 1), signed (-1, 1)") {
    for (const field_kind kind : all_kinds) {
        CAPTURE(std::string(name_of(kind)));
        const value_range nothing = kind == field_kind::signed_values ? value_range{-1, 1} : value_range{0, 1};
        CHECK(range_of(std::vector<float>(), 3, kind) == nothing);
        CHECK(range_of(std::vector<float>(), 0, kind) == nothing);
        CHECK(range_of(std::vector<float>(12, no_value), 3, kind) == nothing);
        CHECK(range_of(std::vector<float>(12, -inf), 3, kind) == nothing);
    }
    const std::vector<float> silent(12, 0.0f);
    CHECK(range_of(silent, 3, field_kind::rate) == value_range{0, 1});
    CHECK(range_of(silent, 3, field_kind::posterior) == value_range{0, 1});
    CHECK(range_of(silent, 3, field_kind::signed_values) == value_range{-1, 1});
    CHECK(range_of(silent, 3, field_kind::image) == value_range{-0.5, 0.5});
    CHECK(range_of(silent, 3, field_kind::other) == value_range{-0.5, 0.5});
    CHECK(range_of(std::vector<float>(12, -2.0f), 3, field_kind::rate) == value_range{0, 1});
}

TEST_CASE("a default range reads a sample only, repeated by its seed") {
    const std::vector<std::uint8_t> values(100'000, 1);
    for (const field_kind kind : all_kinds) {
        const viewed<std::uint8_t> source(values, 10);
        const viewed<std::uint8_t> again(values, 10);
        (void)default_range(source, kind, {.samples = 50, .seed = 9});
        (void)default_range(again, kind, {.samples = 50, .seed = 9});
        CHECK(source.log().frames.size() == 50);
        CHECK(source.log().frames == again.log().frames);
    }
    CHECK_THROWS_AS((void)default_range(viewed<std::uint8_t>(values, 10), field_kind::rate, {.samples = 0}),
                    fieldreel::invalid_value);
}

TEST_CASE("kinds have names, and an unknown one is refused with the nearest") {
    for (const field_kind kind : all_kinds) {
        CHECK(fieldreel::field_kind_named(name_of(kind)) == kind);
    }
    CHECK(fieldreel::field_kind_named("signed") == field_kind::signed_values);
    const auto sentence = [](const char* name) {
        try {
            (void)fieldreel::field_kind_named(name);
        } catch (const fieldreel::invalid_value& e) {
            CHECK(e.name() == "kind");
            return std::string(e.what());
        }
        return std::string();
    };
    CHECK(sentence("posterio") ==
          "field kind \"posterio\" was asked for; the kinds are rate, posterior, signed, image, "
          "other; did you mean \"posterior\"?");
}

TEST_CASE("each kind has a colormap and a label") {
    CHECK(fieldreel::default_colormap(field_kind::rate).name() == "viridis");
    CHECK(fieldreel::default_colormap(field_kind::posterior).name() == "magma");
    CHECK(fieldreel::default_colormap(field_kind::signed_values).name() == "coolwarm");
    CHECK(fieldreel::default_colormap(field_kind::image).name() == "gray");
    CHECK(fieldreel::default_colormap(field_kind::other).name() == "viridis");
    CHECK((fieldreel::default_label(field_kind::rate) == fieldreel::field_label{"rate", "Hz"}));
    CHECK((fieldreel::default_label(field_kind::posterior) == fieldreel::field_label{"probability per bin", ""}));
    CHECK((fieldreel::default_label(field_kind::image) == fieldreel::field_label{"intensity", ""}));
    CHECK((fieldreel::default_label(field_kind::signed_values) == fieldreel::field_label{"value", ""}));
    CHECK((fieldreel::default_label(field_kind::other) == fieldreel::field_label{"value", ""}));
}
