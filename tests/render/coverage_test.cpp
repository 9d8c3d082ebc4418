// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/render/coverage.hpp>

using namespace fieldreel;

namespace {

constexpr pixel_rect all{0, 0, 40, 30};

coverage_mask new_mask() {
    coverage_mask out;
    out.reset(40, 30, all);
    return out;
}
/// The covered area in pixels.
double area(const coverage_mask& mask) {
    double sum = 0;
    for (int y = 0; y < 30; ++y) {
        for (int x = 0; x < 40; ++x) {
            sum += mask.at(x, y) / 255.0;
        }
    }
    return sum;
}
std::vector<std::uint8_t> values(const coverage_mask& mask) {
    std::vector<std::uint8_t> out;
    for (int y = 0; y < 30; ++y) {
        for (int x = 0; x < 40; ++x) {
            out.push_back(mask.at(x, y));
        }
    }
    return out;
}

} // namespace

TEST_CASE("a level line of two pixels covers two rows of pixels, whole") {
    coverage_mask mask = new_mask();
    mask.segment(5, 10, 1, 15, 10, 1, 2);
    for (int x = 6; x < 14; ++x) {
        CHECK(int{mask.at(x, 8)} == 0);
        CHECK(int{mask.at(x, 9)} == 255);
        CHECK(int{mask.at(x, 10)} == 255);
        CHECK(int{mask.at(x, 11)} == 0);
    }
    CHECK(int{mask.at(17, 10)} == 0);
}

TEST_CASE("alpha goes from one end of a line to the other") {
    coverage_mask mask = new_mask();
    mask.segment(5, 10, 0, 25, 10, 1, 4);
    CHECK(std::abs(int{mask.at(15, 10)} - 134) <= 2); // (15.5 - 5) / 20 of 255
    CHECK(mask.at(20, 10) > mask.at(10, 10));
}

TEST_CASE("a line thinner than a pixel is paler") {
    coverage_mask thin = new_mask();
    thin.segment(5, 10.5, 1, 15, 10.5, 1, 0.5);
    coverage_mask full = new_mask();
    full.segment(5, 10.5, 1, 15, 10.5, 1, 1);
    CHECK(thin.at(10, 10) < full.at(10, 10));
    CHECK(thin.at(10, 10) > 60);
}

TEST_CASE("symbols cover the areas of geometry") {
    const double pi = 3.14159265358979;
    struct one {
        marker_symbol symbol;
        double area;
    };
    for (const one& is :
         {one{marker_symbol::disc, pi * 25}, one{marker_symbol::ring, pi * (25 - 9)}, one{marker_symbol::square, 100},
          one{marker_symbol::triangle, 3 * std::sqrt(3.0) / 4 * 25}, one{marker_symbol::tick, 20}}) {
        coverage_mask mask = new_mask();
        mask.symbol(is.symbol, 20, 15, 10, 2, 1);
        CAPTURE(static_cast<int>(is.symbol));
        CHECK(area(mask) == doctest::Approx(is.area).epsilon(0.04));
    }
    coverage_mask cross = new_mask();
    cross.symbol(marker_symbol::cross, 20, 15, 10, 2, 1);
    CHECK(int{cross.at(20, 15)} > 100);
    CHECK(int{cross.at(23, 18)} > 100);
    CHECK(int{cross.at(23, 15)} == 0);
}

TEST_CASE("what lies over itself counts once, the strongest") {
    coverage_mask mask = new_mask();
    mask.symbol(marker_symbol::square, 10, 10, 6, 1, 0.5);
    mask.symbol(marker_symbol::square, 12, 10, 6, 1, 0.5);
    CHECK(int{mask.at(10, 10)} == 128);
    mask.symbol(marker_symbol::square, 10, 10, 2, 1, 0.25);
    CHECK(int{mask.at(10, 10)} == 128);
}

TEST_CASE("parts in any order give the same bytes") {
    coverage_mask forwards = new_mask();
    coverage_mask backwards = new_mask();
    const auto part = [](coverage_mask& to, int i) {
        to.segment(3 + i * 2, 5 + (i * 7) % 11, 0.1 * i, 6 + i * 2, 20 - (i * 5) % 13, 1, 1 + 0.3 * i);
    };
    for (int i = 0; i < 12; ++i) {
        part(forwards, i);
        part(backwards, 11 - i);
    }
    CHECK(values(forwards) == values(backwards));
}

TEST_CASE("nothing is covered beyond the clip, and clear leaves nothing") {
    coverage_mask mask;
    mask.reset(40, 30, {10, 5, 20, 15});
    mask.segment(-1e12, -1e12, 1, 1e12, 1e12, 1, 300);
    mask.symbol(marker_symbol::disc, 15, 10, 1e9, 1, 1);
    mask.triangle(-1e7, -1e7, 1e7, -1e7, 0, 1e7, 1);
    CHECK(area(mask) == doctest::Approx(100));
    CHECK(int{mask.at(9, 10)} == 0);
    CHECK(int{mask.at(20, 10)} == 0);
    CHECK(int{mask.at(19, 14)} == 255);
    mask.clear();
    CHECK(area(mask) == 0);
    CHECK(mask.used().empty());
}

TEST_CASE("painting lays a colour over opaque pixels by coverage times alpha") {
    std::vector<std::uint32_t> pixels(40 * 30, detail::bgra_bytes({0, 0, 0, 255}));
    const bgra_view view{pixels.data(), 40, 30, 40};
    coverage_mask mask = new_mask();
    mask.symbol(marker_symbol::square, 10, 10, 4, 1, 1);
    mask.paint({200, 100, 50, 128}, view);
    CHECK(view.row(10)[10] == detail::bgra_bytes({100, 50, 25, 255}));
    CHECK(view.row(10)[13] == detail::bgra_bytes({0, 0, 0, 255}));
}

TEST_CASE("mixing is exact at both ends and rounds between") {
    const std::uint32_t a = detail::bgra_bytes({10, 20, 30, 255});
    const std::uint32_t b = detail::bgra_bytes({250, 120, 31, 255});
    CHECK(detail::mix(a, b, 0) == a);
    CHECK(detail::mix(a, b, 255) == b);
    CHECK(detail::mix(a, b, 51) == detail::bgra_bytes({58, 40, 30, 255})); // a fifth
}
