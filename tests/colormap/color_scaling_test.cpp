// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <fieldreel/colormap/color_scaling.hpp>

using fieldreel::color_index;
using fieldreel::color_scaling;
using fieldreel::value_range;
using fieldreel::value_scale;

namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();
constexpr color_scaling log_scale{.scale = value_scale::log};

/// The way from vmin to vmax, 0 … 1, as the scale is written down.
double way(double value, value_range range, const color_scaling& scaling) {
    const double place = scaling.scale == value_scale::log
                             ? (std::log(value) - std::log(range.vmin)) / (std::log(range.vmax) - std::log(range.vmin))
                             : std::pow((value - range.vmin) / (range.vmax - range.vmin), scaling.gamma);
    return (std::min)((std::max)(place, 0.0), 1.0);
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

} // namespace

TEST_CASE_TEMPLATE("the colour number is the formula, but for rounding at its steps", T, float, double, std::int16_t) {
    struct one {
        value_range range;
        color_scaling scaling;
    };
    const one cases[] = {{{1, 1000}, log_scale},
                         {{0.5, 3}, log_scale},
                         {{1e-6, 1e6}, log_scale},
                         {{0, 1000}, {value_scale::gamma, 0.5}},
                         {{-30, 70}, {value_scale::gamma, 2.2}},
                         {{0, 500}, {value_scale::gamma, 0.05}},
                         {{0, 500}, {value_scale::gamma, 20}}};
    std::mt19937_64 random(3);
    for (const one& at : cases) {
        std::size_t beside = 0;
        for (int i = 0; i < 20'000; ++i) {
            const double part = static_cast<double>(random() >> 11) / 9007199254740992.0 * 1.1 - 0.05;
            const double spread = i % 2 == 0 || at.range.vmin <= 0
                                      ? at.range.vmin + part * (at.range.vmax - at.range.vmin)
                                      : at.range.vmin * std::pow(at.range.vmax / at.range.vmin, part);
            const auto value = static_cast<T>((std::clamp)(spread, -32000.0, 32000.0)); // what int16 holds
            const auto number = static_cast<double>(value);
            if (number < at.range.vmin) {
                CHECK(color_index(value, at.range, at.scaling) == 0);
                continue;
            }
            const double place = way(number, at.range, at.scaling) * 255;
            const int found = color_index(value, at.range, at.scaling);
            CAPTURE(number);
            CAPTURE(at.range.vmax);
            CAPTURE(at.scaling.gamma);
            if (found != static_cast<int>(place)) {
                REQUIRE(std::abs(place - std::round(place)) < 1e-9); // within rounding of a step
                ++beside;
            }
        }
        CHECK(beside < 400);
    }
}

TEST_CASE("all 256 colours of a logarithmic scale are in use, at equal ratios") {
    const value_range range{0.01, 100};
    for (int k = 0; k < 255; ++k) {
        const double middle = 0.01 * std::pow(1e4, (k + 0.5) / 255);
        CHECK(color_index(middle, range, log_scale) == k);
        CHECK(color_index(static_cast<float>(middle), range, log_scale) == k);
    }
}

TEST_CASE("a float field steps at the first float that reaches the step, not at one beside it") {
    const value_range range{0.1, 1000};
    for (int k = 1; k < 255; ++k) {
        const double step = std::exp(std::log(0.1) + k / 255.0 * (std::log(1000.0) - std::log(0.1)));
        auto value = static_cast<float>(step);
        while (color_index(value, range, log_scale) >= k) {
            value = std::nextafter(value, 0.0f);
        }
        CHECK(static_cast<double>(value) < step);
        value = std::nextafter(value, 1e9f);
        CHECK(color_index(value, range, log_scale) == k);
        CHECK(static_cast<double>(value) >= step * (1 - 1e-12));
    }
}

TEST_CASE("the ends, and what has no value") {
    for (const color_scaling scaling :
         {log_scale, color_scaling{value_scale::gamma, 0.1}, color_scaling{value_scale::gamma, 1e-3},
          color_scaling{value_scale::gamma, 7}}) {
        for (const value_range range :
             {value_range{1, 10}, {0.1, 0.3}, {1e-300, 1e300}, {1, 1 + 1e-15}, {3.99, 24.8}}) {
            CAPTURE(range.vmin);
            CAPTURE(scaling.gamma);
            CHECK(color_index(range.vmin, range, scaling) == 0);
            CHECK(color_index(std::nextafter(range.vmin, 0.0), range, scaling) == 0);
            CHECK(color_index(range.vmax, range, scaling) == 255);
            CHECK(color_index(inf, range, scaling) == 255);
            CHECK(color_index(-inf, range, scaling) == 0);
            CHECK(color_index(0.0, range, scaling) == 0);
            CHECK(color_index(no_value, range, scaling) == 0);
        }
    }
    const fieldreel::detail::color_curve<double> log_curve({1, 10}, log_scale);
    for (const double value : {0.0, -0.0, -1.0, -inf, no_value}) {
        CHECK(log_curve.entry(value) == fieldreel::detail::nan_entry);
    }
    CHECK(log_curve.entry(std::numeric_limits<double>::denorm_min()) == 0);
    const fieldreel::detail::color_curve<double> gamma_curve({1, 10}, {value_scale::gamma, 2});
    CHECK(gamma_curve.entry(-1.0) == 0);
    CHECK(gamma_curve.entry(-inf) == 0);
    CHECK(gamma_curve.entry(no_value) == fieldreel::detail::nan_entry);
}

TEST_CASE("a gamma of 1 is the linear scale, to the bit") {
    std::mt19937_64 random(4);
    for (int i = 0; i < 10'000; ++i) {
        const auto value = static_cast<float>(random() >> 40) / 1048576.0f - 2;
        CHECK(color_index(value, {0.1, 10.3}, {value_scale::gamma, 1}) == color_index(value, {0.1, 10.3}));
        CHECK(color_index(value, {0.1, 10.3}, {value_scale::linear, 7}) == color_index(value, {0.1, 10.3}));
    }
}

TEST_CASE("a range that is empty, reversed or infinite has the middle colour on every scale") {
    for (const value_range range : {value_range{2, 2}, {3, 1}, {1, inf}}) {
        CHECK(color_index(2.0, range, log_scale) == 127);
        CHECK(color_index(2.0f, range, {value_scale::gamma, 0.5}) == 127);
    }
}

TEST_CASE_TEMPLATE("many values at once get the numbers of single ones, next to every step too", Number, float,
                   double) {
    for (const color_scaling scaling : {log_scale, color_scaling{value_scale::gamma, 0.3}, {value_scale::gamma, 4}}) {
        for (const value_range range :
             {value_range{1, 10}, {1e-3, 1e5}, {100, 100.001}, {1e-30, 1e30}, {1, 1.0000002}, {1e-40, 1e-38}}) {
            const fieldreel::detail::color_curve<Number> curve(range, scaling);
            std::vector<Number> values;
            for (int k = 0; k <= 255; ++k) {
                const double part = k / 255.0;
                const double step =
                    scaling.scale == value_scale::log
                        ? std::exp(std::log(range.vmin) + part * (std::log(range.vmax) - std::log(range.vmin)))
                        : range.vmin + (range.vmax - range.vmin) * std::pow(part, 1 / scaling.gamma);
                auto value = static_cast<Number>(step);
                for (int i = 0; i < 3; ++i) {
                    value = std::nextafter(value, Number(0));
                }
                for (int i = 0; i < 7; ++i) {
                    values.push_back(value);
                    value = std::nextafter(value, std::numeric_limits<Number>::infinity());
                }
            }
            values.insert(values.end(),
                          {Number(0), -Number(1), static_cast<Number>(inf), static_cast<Number>(-inf),
                           static_cast<Number>(no_value), (std::numeric_limits<Number>::max)(),
                           std::numeric_limits<Number>::denorm_min(), std::numeric_limits<Number>::lowest()});
            std::vector<std::int32_t> entries(values.size());
            curve.entries(values.data(), values.size(), entries.data());
            std::size_t differ = 0;
            for (std::size_t i = 0; i < values.size(); ++i) {
                differ += entries[i] == curve.entry(values[i]) ? 0u : 1u;
            }
            CAPTURE(range.vmin);
            CAPTURE(range.vmax);
            CAPTURE(static_cast<int>(scaling.scale));
            CHECK(differ == 0);
        }
    }
}

TEST_CASE("curves are kept, and changing limits still get their own") {
    const value_range range{1, 10};
    const auto* const first = &fieldreel::detail::curve_for<double>(range, log_scale);
    CHECK(&fieldreel::detail::curve_for<double>(range, log_scale) == first);
    for (int i = 0; i < 20; ++i) {
        const value_range other{1, 20.0 + i};
        CHECK(color_index(other.vmax, other, log_scale) == 255);
        CHECK(color_index(19.0, other, log_scale) < 255);
        CHECK(color_index(10.0, range, log_scale) == 255);
        CHECK(color_index(9.99, range, log_scale) == 254);
    }
}

TEST_CASE("what has no scale is refused") {
    const std::string gamma_cure = "; it must be a positive number; 1 is linear, 0.5 shows more of the low values";
    const auto with_gamma = [](double gamma) {
        return sentence_of("gamma", [gamma] { color_index(1.0, {0, 1}, {value_scale::gamma, gamma}); });
    };
    CHECK(with_gamma(0) == "gamma is 0" + gamma_cure);
    CHECK(with_gamma(-2) == "gamma is -2" + gamma_cure);
    CHECK(with_gamma(no_value) == "gamma is nan" + gamma_cure);
    CHECK(with_gamma(inf) == "gamma is inf" + gamma_cure);
    const std::string log_cure = " on a log scale; it must be above 0; use the smallest value that matters, or a gamma "
                                 "of 0.5, which allows 0";
    const auto with_vmin = [](double vmin) {
        return sentence_of("vmin", [vmin] { color_index(1.0f, {vmin, 1}, log_scale); });
    };
    CHECK(with_vmin(0) == "vmin is 0" + log_cure);
    CHECK(with_vmin(-1) == "vmin is -1" + log_cure);
    CHECK(with_vmin(no_value) == "vmin is nan" + log_cure);
    CHECK_NOTHROW(fieldreel::check(log_scale, {1e-9, 1}));
    CHECK_NOTHROW(fieldreel::check({value_scale::gamma, 0.5}, {-1, 1}));
}
