// SPDX-License-Identifier: MIT
#include <fieldreel/space/long_diffusion.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/space/smoothing.hpp>

using namespace fieldreel;
using detail::diffusion;
using detail::long_diffusion;
using detail::value_pair;

namespace {

using list = std::vector<double>;

/// exp(-t L) of a row of n bins, from its cosines: exact, and nothing like the library's way.
std::vector<list> row_kernel(std::size_t n, double width, double time) {
    std::vector<list> out(n, list(n));
    const auto count = static_cast<double>(n);
    for (std::size_t k = 0; k < n; ++k) {
        const double wave = std::numbers::pi * static_cast<double>(k) / count;
        const double left = std::exp(-time * (2 - 2 * std::cos(wave)) / (width * width)) * (k == 0 ? 1 : 2) / count;
        for (std::size_t i = 0; i < n && left > 1e-300; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                out[i][j] += left * std::cos(wave * (static_cast<double>(i) + 0.5)) *
                             std::cos(wave * (static_cast<double>(j) + 0.5));
            }
        }
    }
    return out;
}

/// Diffusion on a rectangle without holes is diffusion along one axis, then along the other.
std::vector<value_pair> on_rectangle(const grid& bins, const std::vector<value_pair>& values, double time) {
    const auto [n_x, n_y] = bins.shape();
    const auto along_x = row_kernel(n_x, bins.bin_width_x(), time);
    const auto along_y = row_kernel(n_y, bins.bin_width_y(), time);
    std::vector<value_pair> half(values.size());
    std::vector<value_pair> out(values.size());
    for (std::size_t ix = 0; ix < n_x; ++ix) {
        for (std::size_t iy = 0; iy < n_y; ++iy) {
            for (std::size_t j = 0; j < n_y; ++j) {
                half[ix * n_y + iy].first += along_y[iy][j] * values[ix * n_y + j].first;
                half[ix * n_y + iy].second += along_y[iy][j] * values[ix * n_y + j].second;
            }
        }
    }
    for (std::size_t ix = 0; ix < n_x; ++ix) {
        for (std::size_t j = 0; j < n_x; ++j) {
            for (std::size_t iy = 0; iy < n_y; ++iy) {
                out[ix * n_y + iy].first += along_x[ix][j] * half[j * n_y + iy].first;
                out[ix * n_y + iy].second += along_x[ix][j] * half[j * n_y + iy].second;
            }
        }
    }
    return out;
}

/// Some spikes, and time that varies.
std::vector<value_pair> some_values(std::size_t count) {
    std::mt19937_64 engine(5);
    std::uniform_real_distribution<double> uniform(0, 1);
    std::vector<value_pair> out(count);
    for (value_pair& value : out) {
        value = {engine() % 500 == 0 ? 3.0 : 0.0, uniform(engine)};
    }
    out[count / 3] = {40, 1};
    return out;
}

/// The largest difference, as a part of the largest value.
double difference(const std::vector<value_pair>& a, const std::vector<value_pair>& b) {
    value_pair most;
    value_pair largest;
    for (std::size_t i = 0; i < a.size(); ++i) {
        most.first = std::max(most.first, std::abs(a[i].first - b[i].first));
        most.second = std::max(most.second, std::abs(a[i].second - b[i].second));
        largest.first = std::max(largest.first, std::abs(b[i].first));
        largest.second = std::max(largest.second, std::abs(b[i].second));
    }
    return std::max(most.first / largest.first, most.second / largest.second);
}

/// The largest difference of one bin, as a part of its own value.
double own_difference(const std::vector<value_pair>& a, const std::vector<value_pair>& b) {
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        most = std::max({most, std::abs(a[i].first / b[i].first - 1), std::abs(a[i].second / b[i].second - 1)});
    }
    return most;
}

/// A disc of bins in a square, and beside it two rows that nothing connects with it.
grid disc_and_corridor(std::size_t n) {
    const grid whole = grid::full({0, 0}, {static_cast<double>(n), static_cast<double>(n)}, {n, n});
    std::vector<std::uint8_t> active(n * n);
    const double middle = static_cast<double>(n) / 2;
    for (std::size_t ix = 0; ix < n; ++ix) {
        for (std::size_t iy = 0; iy < n; ++iy) {
            const double x = static_cast<double>(ix) - middle;
            const double y = static_cast<double>(iy) - middle;
            active[ix * n + iy] = std::hypot(x, y) < middle - 4 || ix < 2 ? 1 : 0;
        }
    }
    return {{whole.edges_x().begin(), whole.edges_x().end()}, {whole.edges_y().begin(), whole.edges_y().end()}, active};
}

} // namespace

TEST_CASE("long_diffusion: equals the exact kernel of a rectangle, short times and long") {
    struct {
        grid_shape shape;
        point_xy high;
    } const cases[] = {
        {{60, 45}, {60, 45}}, {{33, 64}, {100, 40}}, {{1, 50}, {1, 50}}, {{50, 1}, {200, 1}}, {{40, 40}, {400, 40}}};
    for (const auto& each : cases) {
        const grid bins = grid::full({0, 0}, each.high, each.shape);
        const auto values = some_values(bins.bin_count());
        std::vector<std::uint32_t> all(values.size());
        std::iota(all.begin(), all.end(), 0U);
        long_diffusion solver(bins, all);
        for (const double time : {0.5, 40.0, 700.0, 1e5}) {
            CAPTURE(each.shape.n_x);
            CAPTURE(time);
            auto made = values;
            REQUIRE(solver.apply(made, time));
            // Relative to what is there before: a solution is as exact as the values it starts from.
            double start = 0;
            for (std::size_t i = 0; i < made.size(); ++i) {
                start = std::max(start, values[i].first);
            }
            const auto expected = on_rectangle(bins, values, time);
            double most = 0;
            for (std::size_t i = 0; i < made.size(); ++i) {
                most = std::max(
                    {most, std::abs(made[i].first - expected[i].first), std::abs(made[i].second - expected[i].second)});
            }
            CHECK(most < 1e-8 * start);
        }
    }
}

TEST_CASE("diffusion: a large grid with a large bandwidth equals the exact kernel of a rectangle") {
    const grid bins = grid::full({0, 0}, {240, 130}, {120, 110}); // 13 200 bins
    const auto values = some_values(bins.bin_count());
    const diffusion by(bins);
    for (const double bandwidth : {20.0, 70.0, 150.0, 400.0}) {
        CAPTURE(bandwidth);
        auto made = values;
        by.apply(made, bandwidth);
        const auto expected = on_rectangle(bins, values, bandwidth * bandwidth / 2);
        CHECK(difference(made, expected) < 1e-8);
        CHECK(own_difference(made, expected) < 1e-6);
    }
}

TEST_CASE("diffusion: on a large grid each component keeps what it holds, a huge bandwidth gives it its mean") {
    const grid bins = disc_and_corridor(130);
    REQUIRE(bins.bin_count() > 10'000);
    auto values = some_values(bins.bin_count());
    const auto in_corridor = [&](std::size_t bin) { return bins.cell_of(bin).ix < 2; };
    for (std::size_t bin = 0; bin < values.size(); ++bin) { // no spikes in the corridor
        values[bin].first = in_corridor(bin) ? 0 : values[bin].first;
    }
    value_pair held[2];
    double count[2] = {0, 0};
    for (std::size_t bin = 0; bin < values.size(); ++bin) {
        held[in_corridor(bin)].first += values[bin].first;
        held[in_corridor(bin)].second += values[bin].second;
        count[in_corridor(bin)] += 1;
    }
    for (const double bandwidth : {60.0, 200.0, 5000.0, 1e9, 1e160}) {
        CAPTURE(bandwidth);
        auto made = values;
        diffusion(bins).apply(made, bandwidth);
        value_pair now[2];
        double off = 0;
        for (std::size_t bin = 0; bin < values.size(); ++bin) {
            const bool part = in_corridor(bin);
            now[part].first += made[bin].first;
            now[part].second += made[bin].second;
            if (part) {
                CHECK(made[bin].first == 0);
            } else {
                off = std::max(off, std::abs(made[bin].first * count[part] / held[part].first - 1));
            }
            off = std::max(off, std::abs(made[bin].second * count[part] / held[part].second - 1));
        }
        for (const bool part : {false, true}) {
            CHECK(now[part].first == doctest::Approx(held[part].first).epsilon(1e-10));
            CHECK(now[part].second == doctest::Approx(held[part].second).epsilon(1e-10));
        }
        CHECK((off < 1e-6) == (bandwidth > 100));
    }
}
