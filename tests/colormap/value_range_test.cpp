// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <fieldreel/colormap/paint.hpp>
#include <fieldreel/colormap/value_range.hpp>

#include "golden.hpp"
#include "sources.hpp"

using fieldreel::estimate_options;
using fieldreel::estimate_range;
using fieldreel::measure_range;
using fieldreel::range_or;
using fieldreel::value_range;
using test_sources::plain;
using test_sources::viewed;

namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

/// measure_range both ways: through views and through reads.
template <class T>
value_range measured(const std::vector<T>& values, std::size_t frame_size = 1) {
    const value_range range = measure_range(viewed<T>(values, frame_size));
    CHECK(measure_range(plain<T>(values, frame_size)) == range);
    return range;
}

template <class T>
value_range estimated(const std::vector<T>& values, std::size_t frame_size, const estimate_options& options = {}) {
    const value_range range = estimate_range(viewed<T>(values, frame_size), options);
    CHECK(estimate_range(plain<T>(values, frame_size), options) == range);
    return range;
}

/// The plain definition, value by value.
template <class T>
value_range simple_range(const std::vector<T>& values) {
    double low = inf;
    double high = -inf;
    for (const T value : values) {
        const auto number = static_cast<double>(value);
        if (std::isfinite(number)) {
            low = number < low ? number : low;
            high = number > high ? number : high;
        }
    }
    return {low, high};
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

void check_close(value_range got, double vmin, double vmax) {
    CHECK(got.vmin == doctest::Approx(vmin).epsilon(1e-14));
    CHECK(got.vmax == doctest::Approx(vmax).epsilon(1e-14));
}

} // namespace

TEST_CASE("measure_range equals golden") {
    const auto data = golden::load<double>("cr_data");
    const auto with_nan = golden::load<double>("cr_data_nan");
    const value_range plain_range{-7.996243907199586, 13.65936581312324};
    CHECK(measured(data, 40) == plain_range);
    CHECK(measured(with_nan, 40) == plain_range);
    CHECK(range_or(-1, no_value, plain_range) == value_range{-1, 13.65936581312324});
    CHECK(range_or(no_value, 4, plain_range) == value_range{-7.996243907199586, 4});
    CHECK(range_or(1, 2, plain_range) == value_range{1, 2});
    CHECK(range_or(2, 2, plain_range) == value_range{1.5, 2.5});
    CHECK(measured(std::vector<double>(80, 7.5), 40) == value_range{7, 8});
    CHECK(measured(std::vector<double>(80, no_value), 40) == value_range{0, 1});
    CHECK(measured(std::vector<double>(80, inf), 40) == value_range{0, 1});
    CHECK(measured(std::vector<double>(), 40) == value_range{0, 1});
    CHECK(measured(std::vector<std::int32_t>{0, 1, 2, 3, 4, 5}, 3) == value_range{0, 5});
}

TEST_CASE("a source without frames, or of frames without values, has the range (0, 1)") {
    CHECK(measured(std::vector<float>(), 0) == value_range{0, 1});
    CHECK(estimated(std::vector<float>(), 0) == value_range{0, 1});
    CHECK(estimated(std::vector<float>(), 10) == value_range{0, 1});
}

TEST_CASE_TEMPLATE("NaN and infinities are passed over wherever they stand", T, float, double) {
    const T gap = std::numeric_limits<T>::quiet_NaN();
    const T up = std::numeric_limits<T>::infinity();
    // Long enough for several blocks, full groups of lanes and a rest; the extremes at the ends of everything.
    for (const std::size_t count : {2u, 3u, 15u, 16u, 17u, 33u, 16384u, 16385u, 40001u}) {
        std::vector<T> values(count);
        for (std::size_t i = 0; i < count; ++i) {
            values[i] = static_cast<T>(i);
        }
        const value_range whole{0, static_cast<double>(count - 1)};
        CHECK(measured(values) == whole);
        for (const T bad : {gap, up, static_cast<T>(-up)}) {
            for (const std::size_t place : {std::size_t{0}, count / 2, count - 1}) {
                auto spoilt = values;
                spoilt[place] = bad;
                CAPTURE(count);
                CAPTURE(place);
                CAPTURE(bad);
                const value_range rest = simple_range(spoilt);
                if (rest.vmin < rest.vmax) {
                    CHECK(measured(spoilt) == rest);
                } else {
                    CHECK(measured(spoilt) == value_range{rest.vmin - 0.5, rest.vmin + 0.5});
                }
            }
        }
    }
    CHECK(measured(std::vector<T>{gap, up, -up, 3, gap, -2, up}) == value_range{-2, 3});
    CHECK(measured(std::vector<T>{gap, up, -up, gap}) == value_range{0, 1});
}

TEST_CASE_TEMPLATE("measure_range equals the value-by-value range on random data", T, std::int8_t, std::uint8_t,
                   std::int16_t, std::uint16_t, std::int32_t, std::uint32_t, std::int64_t, std::uint64_t, float,
                   double) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 60; ++round) {
        const std::size_t size = 1 + random() % 70;
        std::vector<T> values(size * (1 + random() % 900));
        const int shift = static_cast<int>(random() % (8 * sizeof(T)));
        for (T& value : values) {
            const auto bits = random();
            if constexpr (std::floating_point<T>) {
                value = static_cast<T>(static_cast<double>(bits >> 11) / 9007199254740992.0 - 0.5);
                value = bits % 97 == 0 ? static_cast<T>(no_value) : value;
                value = bits % 89 == 0 && round % 2 == 0 ? static_cast<T>(bits % 2 == 0 ? inf : -inf) : value;
            } else {
                value = static_cast<T>(static_cast<T>(bits) >> shift);
            }
        }
        value_range expected = simple_range(values);
        if (expected.vmin == expected.vmax) {
            expected = fieldreel::detail::widen<T>(expected.vmin);
        }
        CAPTURE(round);
        CHECK(measured(values, size) == expected);
    }
    using limits = std::numeric_limits<T>;
    CHECK(measured(std::vector<T>{(limits::max)(), limits::lowest()}) ==
          value_range{static_cast<double>(limits::lowest()), static_cast<double>((limits::max)())});
}

TEST_CASE_TEMPLATE("a constant of any size gets the middle colour", T, std::int16_t, std::uint64_t, float, double) {
    const std::vector<double> constants =
        std::same_as<T, std::int16_t>
            ? std::vector<double>{0, 7, 32767}
            : std::vector<double>{0, 0.1, 0.3, 7.5, 1e6, 8388609, 16777217, 1e8, 4e9, 9007199254740993.0, 1e17, 1.8e19};
    for (const double constant : constants) {
        const auto value = static_cast<T>(constant);
        const value_range range = measured(std::vector<T>(50, value), 10);
        CAPTURE(constant);
        CHECK(range.vmin < static_cast<double>(value));
        CHECK(range.vmax > static_cast<double>(value));
        CHECK(fieldreel::color_index(value, range) == 127);
        if (constant < 1e6) {
            CHECK(range.vmax - range.vmin == 1);
        }
    }
    if constexpr (std::floating_point<T>) {
        for (const T value : {T(1e30), -T(1e30), (std::numeric_limits<T>::max)(), std::numeric_limits<T>::lowest(),
                              (std::numeric_limits<T>::min)(), std::numeric_limits<T>::denorm_min()}) {
            const value_range range = measured(std::vector<T>(3, value));
            CAPTURE(value);
            CHECK(std::isfinite(range.vmin));
            CHECK(std::isfinite(range.vmax));
            CHECK(fieldreel::color_index(value, range) == 127);
        }
    }
}

TEST_CASE("measuring reads each frame once and holds about 1 MiB") {
    const plain<float> source(std::vector<float>(3'000'000, 1.0f), 1000);
    (void)measure_range(source);
    CHECK(source.log().frames.size() == 3000);
    CHECK(source.log().most_values * sizeof(float) <= 1 << 20);
    CHECK(source.log().most_values * sizeof(float) > 1 << 19);
    const plain<float> large(std::vector<float>(3'000'000, 1.0f), 1'000'000);
    (void)measure_range(large);
    CHECK(large.log().most_values == 1'000'000);
    const viewed<float> mapped(std::vector<float>(3'000'000, 1.0f), 1000);
    (void)measure_range(mapped);
    CHECK(mapped.log().most_values == 0);
}

TEST_CASE("frames that do not follow each other in memory are all measured and nothing else is") {
    struct picked {
        using value_type = float;
        std::shared_ptr<const std::vector<float>> values;
        std::vector<std::size_t> starts;
        std::size_t frame_count() const { return starts.size(); }
        std::size_t frame_size() const { return 2; }
        void read(std::size_t first, std::span<float> out) const {
            for (std::size_t k = 0; k < out.size(); ++k) {
                out[k] = (*values)[starts[first + k / 2] + k % 2];
            }
        }
        std::span<const float> view(std::size_t i) const { return std::span(*values).subspan(starts[i], 2); }
    };
    const auto values = std::make_shared<const std::vector<float>>(std::vector<float>{9, 9, 1, 2, 3, 4, -9, -9});
    CHECK(measure_range(picked{values, {2, 4}}) == value_range{1, 4});
    CHECK(measure_range(picked{values, {4, 2}}) == value_range{1, 4});
    CHECK(measure_range(picked{values, {2, 2, 2, 2}}) == value_range{1, 2});
    CHECK(measure_range(picked{values, {4, 4, 2, 2, 4}}) == value_range{1, 4});
    CHECK(measure_range(picked{values, {0, 4}}) == value_range{3, 9});
}

TEST_CASE("progress ends at the total and can stop the measuring") {
    std::vector<float> values(2'000'000);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(i);
    }
    const auto try_both = [&](const auto& source) {
        std::size_t last = 0;
        std::size_t calls = 0;
        (void)measure_range(source, [&](std::size_t done, std::size_t total) {
            CHECK(total == 2000);
            CHECK(done > last);
            last = done;
            ++calls;
            return true;
        });
        CHECK(last == 2000);
        CHECK(calls == 8);
        std::size_t reached = 0;
        const value_range part = measure_range(source, [&](std::size_t done, std::size_t) {
            reached = done;
            return done < 1000;
        });
        CHECK(reached >= 1000);
        CHECK(reached < 2000);
        CHECK(part == value_range{0, static_cast<double>(reached * 1000 - 1)});
    };
    try_both(viewed<float>(values, 1000));
    try_both(plain<float>(values, 1000));
}

TEST_CASE("estimate_range over all frames equals golden") {
    const auto data = golden::load<double>("cr_data");
    const auto with_nan = golden::load<double>("cr_data_nan");
    const std::vector<float> single(data.begin(), data.end());
    check_close(estimated(data, 40), -4.860714838449364, 8.93949789816448);
    check_close(estimated(with_nan, 40), -4.884235023990897, 8.964625507586506);
    check_close(estimated(data, 40, {.low_percentile = 5, .high_percentile = 95}), -2.734073827052759,
                6.918219674006266);
    check_close(estimated(data, 40, {.low_percentile = 0, .high_percentile = 100}), -7.996243907199586,
                13.65936581312324);
    check_close(estimated(single, 40), -4.860714960098266, 8.939497709274292);
    std::vector<double> ten(10);
    for (std::size_t i = 0; i < 10; ++i) {
        ten[i] = static_cast<double>(9 - i);
    }
    check_close(estimated(ten, 5, {.low_percentile = 25, .high_percentile = 75}), 2.25, 6.75);
    CHECK(estimated(std::vector<double>{4}, 1) == value_range{4, 4});
    CHECK(estimated(std::vector<double>(20, 2.0), 5) == value_range{2, 2});
    CHECK(estimated(std::vector<double>(20, no_value), 5) == value_range{0, 1});
    CHECK(estimated(std::vector<double>(20, inf), 5) == value_range{0, 1});
    CHECK(estimated(data, 40, {.samples = 50}) == estimated(data, 40));
    CHECK(estimated(data, 40, {.samples = 1000}) == estimated(data, 40));
    CHECK(estimated(std::vector<std::int16_t>{1, 2, 3, 4}, 2, {.low_percentile = 50, .high_percentile = 50}) ==
          value_range{2.5, 2.5});
}

TEST_CASE("an estimate reads one frame of each stretch and is repeated by its seed") {
    std::mt19937_64 random(3);
    std::vector<double> values(1003 * 20);
    for (double& value : values) {
        value = static_cast<double>(random() % 1000);
    }
    for (const std::size_t samples : {1u, 7u, 100u, 501u, 1002u, 1003u}) {
        const viewed<double> source(values, 20);
        const viewed<double> again(values, 20);
        const estimate_options options{.samples = samples, .seed = 5};
        CHECK(estimate_range(source, options) == estimate_range(again, options));
        CHECK(source.log().frames == again.log().frames);
        REQUIRE(source.log().frames.size() == samples);
        for (std::size_t k = 0; k < samples; ++k) {
            const std::size_t first = k * (1003 / samples) + (std::min)(k, 1003 % samples);
            const std::size_t last = (k + 1) * (1003 / samples) + (std::min)(k + 1, 1003 % samples);
            CAPTURE(samples);
            CAPTURE(k);
            CHECK(source.log().frames[k] >= first);
            CHECK(source.log().frames[k] < last);
        }
        const viewed<double> other(values, 20);
        (void)estimate_range(other, {.samples = samples, .seed = 6});
        CHECK((other.log().frames != source.log().frames) == (samples < 1002)); // 1002: only one stretch of two frames
    }
}

TEST_CASE("the sampled frames are the same on every machine") {
    const viewed<float> source(std::vector<float>(100'000), 1);
    (void)estimate_range(source, {.samples = 4, .seed = 42});
    CHECK(source.log().frames == std::vector<std::size_t>{413, 42291, 63858, 80764});
}

TEST_CASE("unset samples are about a million values of at least 64 frames") {
    const auto frames_read = [](std::size_t frames, std::size_t size) {
        const viewed<std::uint8_t> source(std::vector<std::uint8_t>(frames * size), size);
        (void)estimate_range(source);
        return source.log().frames.size();
    };
    CHECK(frames_read(3000, 1000) == 1048);
    CHECK(frames_read(1000, 1000) == 1000);
    CHECK(frames_read(70, 60'000) == 64);
    CHECK(frames_read(3, 60'000) == 3);
    // Where values are skipped, none is preferred.
    std::vector<std::uint8_t> values(70 * 60'000);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<std::uint8_t>(i % 101);
    }
    const value_range range =
        estimate_range(viewed<std::uint8_t>(values, 60'000), {.low_percentile = 10, .high_percentile = 90});
    CHECK(range == value_range{10, 90});
}

TEST_CASE("estimate options that are not allowed are refused") {
    const viewed<float> source(std::vector<float>(10, 1.0f), 5);
    CHECK(sentence_of("samples", [&] { (void)estimate_range(source, {.samples = 0}); }) ==
          "samples is 0; an estimate needs at least 1 frame; leave samples unset for about a million values");
    const std::string allowed =
        "; both must be between 0 and 100, the low one not above the high one; the defaults are 1 and 99";
    CHECK(sentence_of("low_percentile", [&] { (void)estimate_range(source, {.low_percentile = -1}); }) ==
          "low_percentile is -1 and high_percentile is 99" + allowed);
    CHECK(sentence_of("high_percentile", [&] { (void)estimate_range(source, {.high_percentile = 100.5}); }) ==
          "low_percentile is 1 and high_percentile is 100.5" + allowed);
    CHECK(sentence_of("high_percentile", [&] {
              (void)estimate_range(source, {.low_percentile = 60, .high_percentile = 40});
          }) == "low_percentile is 60 and high_percentile is 40" + allowed);
    CHECK(sentence_of("low_percentile", [&] { (void)estimate_range(source, {.low_percentile = no_value}); }) ==
          "low_percentile is nan and high_percentile is 99" + allowed);
}

TEST_CASE("given limits are kept, and contradictions are refused") {
    CHECK(range_or(no_value, no_value, {3, 4}) == value_range{3, 4});
    CHECK(
        sentence_of("vmin",
                    [] {
                        (void)range_or(5, 1, {0, 1});
                    }) ==
        "vmin is 5 and vmax is 1; vmin must not be above vmax; swap them, or reverse the colormap by adding _r to its "
        "name");
    CHECK(sentence_of("vmin", [] { fieldreel::check_range(-inf, no_value); }) ==
          "vmin is -inf; a limit must be a finite number; leave it out to measure it");
    CHECK(sentence_of("vmax", [] { fieldreel::check_range(0, inf); }) ==
          "vmax is inf; a limit must be a finite number; leave it out to measure it");
    CHECK_NOTHROW(fieldreel::check_range(2, 2));
    CHECK_NOTHROW(fieldreel::check_range(no_value, no_value));
    // The measured limit gives way to the given one: nothing in the data is above 3, so all is the first colour.
    CHECK(range_or(3, no_value, {0, 1}) == value_range{3, 4});
    CHECK(range_or(1, no_value, {0, 1}) == value_range{1, 2});
    CHECK(range_or(no_value, -3, {0, 1}) == value_range{-4, -3});
    CHECK(fieldreel::color_index(2.0, range_or(2, 2, {0, 1})) == 127);
    const value_range huge = range_or(1e17, no_value, {0, 1});
    CHECK(huge.vmin == 1e17);
    CHECK(huge.vmax > 1e17);
}
