// SPDX-License-Identifier: MIT
#include <fieldreel/session/random_stream.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace fieldreel;

TEST_CASE("random_stream: the bit mixer gives the published first number of splitmix64") {
    static_assert(detail::mix_bits(0) == 0xe220a8397b1dcdafu);
}

TEST_CASE("random_stream: equal seeds repeat, other seeds and streams differ") {
    random_stream a(7, 3);
    random_stream b(7, 3);
    random_stream seed(8, 3);
    random_stream stream(7, 4);
    random_stream swapped(3, 7);
    for (int i = 0; i < 100; ++i) {
        const auto x = a.next();
        CHECK(x == b.next());
        CHECK(x != seed.next());
        CHECK(x != stream.next());
        CHECK(x != swapped.next());
    }
}

TEST_CASE("random_stream: the distributions have their moments") {
    random_stream random(1);
    constexpr int n = 200000;
    double uniform = 0, normal = 0, squares = 0, fourth = 0, exponential = 0;
    int logs_above = 0;
    for (int i = 0; i < n; ++i) {
        const double u = random.uniform(2, 4);
        CHECK_FALSE((u < 2 || u >= 4));
        CHECK(random.index(3) < 3);
        const double z = random.normal();
        uniform += u / n;
        normal += z / n;
        squares += z * z / n;
        fourth += z * z * z * z / n;
        exponential += random.exponential() / n;
        logs_above += random.log_normal(5, 0.7) > 5 ? 1 : 0;
    }
    CHECK(uniform == doctest::Approx(3).epsilon(0.005));
    CHECK(std::abs(normal) < 0.01);
    CHECK(squares == doctest::Approx(1).epsilon(0.02));
    CHECK(fourth == doctest::Approx(3).epsilon(0.05));
    CHECK(exponential == doctest::Approx(1).epsilon(0.02));
    CHECK(logs_above == doctest::Approx(n / 2).epsilon(0.02));
}

TEST_CASE("smooth_noise: any order of times gives the same values, it is smooth and bounded") {
    smooth_noise forward(5, 1, 0.1);
    smooth_noise jumping(5, 1, 0.1);
    double largest_step = 0, sum = 0, squares = 0, before = forward(-3);
    constexpr int n = 20000;
    for (int i = 0; i < n; ++i) {
        const double t = -3 + i * 0.001;
        const double value = forward(t);
        if (i % 17 == 0) {
            jumping(1e6 - i);
            CHECK(jumping(t) == value);
        }
        CHECK(std::abs(value) < 1);
        largest_step = (std::max)(largest_step, std::abs(value - before));
        before = value;
        sum += value / n;
        squares += value * value / n;
    }
    CHECK(largest_step < 0.03); // at most about 2.5 per scale of 0.1 s
    CHECK(largest_step > 0.005);
    CHECK(std::sqrt(squares - sum * sum) == doctest::Approx(0.4).epsilon(0.2));
}
