// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/ticks.hpp>

namespace {

using namespace fieldreel;
using list = std::vector<double>;

TEST_CASE("round ticks by hand, as exact as they read") {
    CHECK(round_ticks(0, 10, 5) == list{0, 2, 4, 6, 8, 10});
    CHECK(round_ticks(0, 1, 10) == list{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1});
    CHECK(round_ticks(-0.25, 0.31, 3) == list{-0.2, 0, 0.2});
    CHECK(round_ticks(3, 17, 4) == list{5, 10, 15});
    CHECK(round_ticks(0, 3e6, 3) == list{0, 1e6, 2e6, 3e6});
    CHECK(round_ticks(1e-7, 4e-7, 3) == list{1e-7, 2e-7, 3e-7, 4e-7});
    CHECK(round_ticks(100.2, 100.3, 1) == list{100.2, 100.3});
    CHECK(round_ticks(5, 5, 4).empty());
    CHECK(round_ticks(5, 4, 4).empty());
    CHECK(round_ticks(0, 1, 0).empty());
    CHECK(round_ticks(0, std::numeric_limits<double>::infinity(), 4).empty());
    CHECK(round_ticks(std::nan(""), 1, 4).empty());
}

TEST_CASE("three to five ticks by hand") {
    CHECK(few_ticks(0, 10) == list{0, 5, 10});
    CHECK(few_ticks(0, 4) == list{0, 1, 2, 3, 4});
    CHECK(few_ticks(0, 17.3) == list{0, 5, 10, 15});
    CHECK(few_ticks(1.9, 12.1) == list{4, 8, 12}); // 2 gives six and 5 gives two
    CHECK(few_ticks(-1, 1) == list{-1, -0.5, 0, 0.5, 1});
    CHECK(few_ticks(7, 7).empty());
}

TEST_CASE("random ranges: ticks are multiples, evenly spaced, within, and as many as promised") {
    std::mt19937_64 engine(2);
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (int k = 0; k < 20000; ++k) {
        const double width = std::pow(10, 8 * uniform(engine));
        const double low = width * 20 * uniform(engine);
        const double high = low + width;
        CAPTURE(low);
        CAPTURE(high);
        const list few = few_ticks(low, high);
        REQUIRE(few.size() >= 3);
        REQUIRE(few.size() <= 5);
        const list more = round_ticks(low, high, 10);
        REQUIRE(more.size() >= 4);
        REQUIRE(more.size() <= 11);
        for (const list* which : {&few, &more}) {
            const list& ticks = *which;
            const double step = ticks[1] - ticks[0];
            const double digit = step / std::pow(10, std::floor(std::log10(step * (1 + 1e-9))));
            const double nearest = std::round(digit);
            REQUIRE(std::abs(digit - nearest) < 1e-6);
            if (nearest == 4) { // only where 2 gives too many and 5 too few
                REQUIRE(&ticks == &few);
                REQUIRE(std::floor(high / (step / 2)) - std::ceil(low / (step / 2)) + 1 > 5);
                REQUIRE(std::floor(high / (step * 1.25)) - std::ceil(low / (step * 1.25)) + 1 < 3);
            } else {
                REQUIRE((nearest == 1 || nearest == 2 || nearest == 5));
            }
            REQUIRE(ticks.front() >= low - 1e-6 * step);
            REQUIRE(ticks.back() <= high + 1e-6 * step);
            REQUIRE(ticks.front() - step < low);
            REQUIRE(ticks.back() + step > high);
            for (std::size_t i = 0; i < ticks.size(); ++i) {
                REQUIRE(std::abs(ticks[i] / step - std::round(ticks[i] / step)) < 1e-6);
                REQUIRE((i == 0 || std::abs(ticks[i] - ticks[i - 1] - step) < 1e-6 * step));
            }
        }
    }
}

TEST_CASE("numbers are written short") {
    const auto written = [](double value, int digits = 4) {
        std::string out = "x";
        append_number(out, value, digits);
        return out;
    };
    CHECK(written(0.3) == "x0.3");
    CHECK(written(1250) == "x1250");
    CHECK(written(12345.6) == "x1.235e+04");
    CHECK(written(12345.6, 6) == "x12345.6");
    CHECK(written(-0.0) == "x0");
    CHECK(written(1.0 / 3) == "x0.3333");
    CHECK(written(std::nan("")) == "x-");
}

} // namespace
