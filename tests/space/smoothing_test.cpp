// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/space/smoothing.hpp>

#include "../support/space_golden.hpp"

using namespace fieldreel;
using detail::diffusion;
using detail::value_pair;

namespace {

using matrix = std::vector<std::vector<double>>;
using list = std::vector<double>;

matrix product(const matrix& a, const matrix& b) {
    matrix out(a.size(), list(a.size()));
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t k = 0; k < a.size(); ++k) {
            for (std::size_t j = 0; j < a.size(); ++j) {
                out[i][j] += a[i][k] * b[k][j];
            }
        }
    }
    return out;
}

// exp(a) by halving, the series, and squaring: another way than the library's.
matrix exponential(matrix a) {
    double norm = 0;
    for (const list& row : a) {
        for (const double value : row) {
            norm = std::max(norm, std::abs(value) * static_cast<double>(a.size()));
        }
    }
    const int halvings = norm > 0.25 ? static_cast<int>(std::ceil(std::log2(norm / 0.25))) : 0;
    matrix out(a.size(), list(a.size()));
    for (std::size_t i = 0; i < a.size(); ++i) {
        out[i][i] = 1;
        for (double& value : a[i]) {
            value = std::ldexp(value, -halvings);
        }
    }
    matrix term = out;
    for (int k = 1; k < 20; ++k) {
        term = product(term, a);
        for (std::size_t i = 0; i < a.size(); ++i) {
            for (std::size_t j = 0; j < a.size(); ++j) {
                term[i][j] /= k;
                out[i][j] += term[i][j];
            }
        }
    }
    for (int i = 0; i < halvings; ++i) {
        out = product(out, out);
    }
    return out;
}

// exp(-t L) of a grid, with L written from its definition: border over distance over area, to the four sides.
matrix grid_kernel(const grid& bins, double bandwidth) {
    const std::size_t count = bins.bin_count();
    const double w = bins.bin_width_x();
    const double h = bins.bin_width_y();
    matrix minus_tl(count, list(count));
    for (std::size_t a = 0; a < count; ++a) {
        for (std::size_t b = 0; b < count; ++b) {
            const auto [ax, ay] = bins.cell_of(a);
            const auto [bx, by] = bins.cell_of(b);
            double flow = 0;
            if (ay == by && (ax == bx + 1 || bx == ax + 1)) {
                flow = h / w / (w * h);
            } else if (ax == bx && (ay == by + 1 || by == ay + 1)) {
                flow = w / h / (w * h);
            }
            minus_tl[a][b] += flow * bandwidth * bandwidth / 2;
            minus_tl[a][a] -= flow * bandwidth * bandwidth / 2;
        }
    }
    return exponential(minus_tl);
}

std::vector<value_pair> random_pairs(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    std::uniform_real_distribution<double> uniform(0, 1);
    std::vector<value_pair> out(count);
    for (value_pair& pair : out) {
        pair = {engine() % 3 == 0 ? 0 : uniform(engine), uniform(engine) * 10};
    }
    return out;
}

// 7 x 5 bins of 2 x 3 with a wall that has one door, and two bins at the top right behind another.
grid rooms() {
    const std::string map = "1111011" // y = 4
                            "1111101"
                            "1110111"
                            "1111111" // the door
                            "1110111";
    std::vector<std::uint8_t> active(35);
    for (std::size_t row = 0; row < 5; ++row) {
        for (std::size_t ix = 0; ix < 7; ++ix) {
            active[ix * 5 + (4 - row)] = map[row * 7 + ix] == '1' ? 1 : 0;
        }
    }
    const grid whole = grid::full({1, 2}, {15, 17}, {7, 5});
    return grid({whole.edges_x().begin(), whole.edges_x().end()}, {whole.edges_y().begin(), whole.edges_y().end()},
                active);
}

// What any shaped space shows of a grid, and nothing of the grid itself: corners are neighbours, too.
class outlines {
public:
    explicit outlines(grid bins) : bins_(std::move(bins)) {}
    std::size_t bin_count() const { return bins_.bin_count(); }
    std::optional<std::size_t> bin_at(double x, double y) const { return bins_.bin_at(x, y); }
    box_xy bounds() const { return bins_.bounds(); }
    point_xy center(std::size_t bin) const { return bins_.center(bin); }
    grid_neighbours neighbours(std::size_t bin) const { return bins_.neighbours(bin); }
    double volume(std::size_t bin) const { return bins_.volume(bin); }
    std::array<point_xy, 4> shape_of(std::size_t bin) const { return bins_.shape_of(bin); }

private:
    grid bins_;
};
static_assert(shaped_space<outlines> && shaped_space<grid>);
static_assert(!bordered_space<outlines> && !bordered_space<grid>);

// A row of rectangles of height 1 and any widths.
struct row_of_bins {
    std::vector<double> widths;
    double height = 1;
    double left(std::size_t bin) const {
        double x = 0;
        for (std::size_t i = 0; i < bin; ++i) {
            x += widths[i];
        }
        return x;
    }
    std::size_t bin_count() const { return widths.size(); }
    std::optional<std::size_t> bin_at(double, double) const { return std::nullopt; }
    box_xy bounds() const { return {{0, 0}, {left(widths.size()), height}}; }
    point_xy center(std::size_t bin) const { return {left(bin) + widths[bin] / 2, height / 2}; }
    std::vector<neighbour> neighbours(std::size_t bin) const {
        std::vector<neighbour> out;
        if (bin > 0) {
            out.push_back({bin - 1, center(bin).x - center(bin - 1).x});
        }
        if (bin + 1 < widths.size()) {
            out.push_back({bin + 1, center(bin + 1).x - center(bin).x});
        }
        return out;
    }
    double volume(std::size_t bin) const { return widths[bin] * height; }
    std::array<point_xy, 4> shape_of(std::size_t bin) const {
        const double a = left(bin);
        const double b = a + widths[bin];
        return {{{a, 0}, {b, 0}, {b, height}, {a, height}}};
    }
};
static_assert(shaped_space<row_of_bins>);

// A corridor whose pieces do not touch along a line: it says its borders itself.
struct bent_corridor : row_of_bins {
    std::array<point_xy, 4> shape_of(std::size_t bin) const {
        const double x = static_cast<double>(bin) * 100;
        return {{{x, 0}, {x + 1, 0}, {x + 1, 1}, {x, 1}}};
    }
    double border(std::size_t, std::size_t) const { return height; }
};
static_assert(bordered_space<bent_corridor>);

double worst_difference(const std::vector<value_pair>& a, const std::vector<value_pair>& b) {
    double worst = a.size() == b.size() ? 0 : INFINITY;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        worst = std::max({worst, std::abs(a[i].first - b[i].first), std::abs(a[i].second - b[i].second)});
    }
    return worst;
}

std::vector<value_pair> product(const matrix& a, const std::vector<value_pair>& b) {
    std::vector<value_pair> out(b.size());
    for (std::size_t i = 0; i < b.size(); ++i) {
        for (std::size_t j = 0; j < b.size(); ++j) {
            out[i].first += a[i][j] * b[j].first;
            out[i].second += a[i][j] * b[j].second;
        }
    }
    return out;
}

} // namespace

TEST_CASE("diffusion: equals a dense matrix exponential, short times and long") {
    const grid bins = rooms();
    const auto start = random_pairs(bins.bin_count(), 1);
    // 2 x 3 bins: 2 (1/4 + 1/9) / 2 bandwidth^2 = 500 at 37.2 (powers below, polynomials above).
    for (const double bandwidth : {1e-3, 0.5, 2.0, 6.0, 20.0, 37.2, 37.4, 60.0}) { // beyond, the dense one loses digits
        CAPTURE(bandwidth);
        auto made = start;
        diffusion(bins).apply(made, bandwidth);
        CHECK(worst_difference(made, product(grid_kernel(bins, bandwidth), start)) < 1e-10);
    }
}

TEST_CASE("diffusion: small values far away are exact relative to themselves") {
    const grid bins = grid::full({0, 0}, {30, 1}, {30, 1});
    std::vector<value_pair> made(30);
    made[0] = {1, 1};
    diffusion(bins).apply(made, 2);
    const matrix kernel = grid_kernel(bins, 2);
    CHECK(made[14].first > 0);
    CHECK(made[14].first < 1e-8);
    CHECK(made[14].first / kernel[14][0] == doctest::Approx(1).epsilon(1e-9));
}

TEST_CASE("diffusion: far from walls a point becomes a Gaussian of that bandwidth") {
    const grid bins = grid::full({0, 0}, {81, 81}, {81, 81});
    const std::size_t middle = *bins.bin_at(40.5, 40.5);
    std::vector<value_pair> made(bins.bin_count());
    made[middle] = {1, 0};
    diffusion(bins).apply(made, 5);
    double total = 0;
    double spread = 0;
    for (std::size_t bin = 0; bin < made.size(); ++bin) {
        total += made[bin].first;
        spread += made[bin].first * std::pow(bins.center(bin).x - 40.5, 2);
        CHECK(made[bin].second == 0);
    }
    CHECK(total == doctest::Approx(1).epsilon(1e-12));
    CHECK(std::sqrt(spread) == doctest::Approx(5).epsilon(1e-9));
    CHECK(made[middle].first == doctest::Approx(1 / (2 * std::numbers::pi * 25)).epsilon(0.02));
}

TEST_CASE("diffusion: what a component holds stays in it, nothing leaks, with any bandwidth") {
    const grid bins = rooms();
    for (const double bandwidth : {0.1, 3.0, 30.0, 40.0, 1e3, 1e9, 1e200}) {
        CAPTURE(bandwidth);
        auto made = random_pairs(bins.bin_count(), 2);
        double before = 0;
        double after = 0;
        for (std::size_t bin = 0; bin < made.size(); ++bin) {
            before += made[bin].second;
        }
        diffusion(bins).apply(made, bandwidth);
        for (std::size_t bin = 0; bin < made.size(); ++bin) {
            after += made[bin].second;
            CHECK(made[bin].first >= 0);
        }
        CHECK(after == doctest::Approx(before).epsilon(1e-12));
    }
    // (5, 4) and (6, 4) hang on (6, 3): without it they are a component, which touches the rest by a corner.
    std::vector<std::uint8_t> active(bins.active().begin(), bins.active().end());
    active[6 * 5 + 3] = 0;
    const grid apart({bins.edges_x().begin(), bins.edges_x().end()}, {bins.edges_y().begin(), bins.edges_y().end()},
                     active);
    for (const double bandwidth : {3.0, 40.0, 1e9, 1e200}) {
        CAPTURE(bandwidth);
        std::vector<value_pair> made(apart.bin_count());
        const std::size_t there = *apart.bin_index(5, 4);
        const std::size_t beside = *apart.bin_index(6, 4);
        made[there] = {4, 1};
        diffusion(apart).apply(made, bandwidth);
        for (std::size_t bin = 0; bin < made.size(); ++bin) {
            if (bin != there && bin != beside) {
                CHECK(made[bin].first == 0);
                CHECK(made[bin].second == 0);
            }
        }
        CHECK(made[there].first + made[beside].first == doctest::Approx(4).epsilon(1e-12));
        CHECK(made[beside].first > 0);
    }
}

TEST_CASE("diffusion: a huge bandwidth gives each component its mean") {
    const grid bins = grid::full({0, 0}, {60, 40}, {60, 40});
    for (const double bandwidth : {1e4, 1e9, 1e200}) {
        CAPTURE(bandwidth);
        std::vector<value_pair> made(bins.bin_count());
        made[7] = {2400, 0};
        made[2000] = {0, 4800};
        diffusion(bins).apply(made, bandwidth);
        for (const value_pair& pair : made) {
            CHECK(pair.first == doctest::Approx(1).epsilon(1e-11));
            CHECK(pair.second == doctest::Approx(2).epsilon(1e-11));
        }
    }
}

TEST_CASE("diffusion: outlines give the same as the grid they are of, corners pass nothing") {
    const grid bins = rooms();
    for (const double bandwidth : {1.0, 7.0, 50.0}) {
        auto of_grid = random_pairs(bins.bin_count(), 3);
        auto of_outlines = of_grid;
        diffusion(bins).apply(of_grid, bandwidth);
        diffusion(outlines(bins)).apply(of_outlines, bandwidth);
        CHECK(worst_difference(of_grid, of_outlines) < 1e-12);
    }
    // Two bins that touch by a corner only.
    const grid corner({0, 1, 2}, {0, 1, 2}, {1, 0, 0, 1});
    REQUIRE(corner.neighbours(0).size() == 1);
    std::vector<value_pair> made{{1, 1}, {0, 0}};
    diffusion(outlines(corner)).apply(made, 100);
    CHECK(made[1].first == 0);
    CHECK(made[0].first == 1);
}

TEST_CASE("diffusion: bins of several sizes conserve amounts, and level out densities") {
    const row_of_bins bins{{1, 3, 0.5, 2, 4, 1}};
    for (const double bandwidth : {0.5, 2.0, 10.0, 1e6}) {
        CAPTURE(bandwidth);
        std::vector<value_pair> made{{1, 1}, {5, 1}, {0, 1}, {2, 1}, {0, 1}, {3, 1}}; // amounts, the second 1 each
        const diffusion by(bins);
        by.to_densities(made);
        CHECK(made[1].first == doctest::Approx(5.0 / 3));
        CHECK(made[2].second == 2);
        std::vector<value_pair> level(6, {7, 7});
        by.apply(made, bandwidth);
        by.apply(level, bandwidth);
        double amount = 0;
        for (std::size_t bin = 0; bin < 6; ++bin) {
            amount += made[bin].first * bins.volume(bin);
            CHECK(level[bin].first == doctest::Approx(7).epsilon(1e-12));
        }
        CHECK(amount == doctest::Approx(11).epsilon(1e-12));
        if (bandwidth == 1e6) {
            CHECK(made[0].first == doctest::Approx(11 / 11.5).epsilon(1e-10));
            CHECK(made[4].first == doctest::Approx(11 / 11.5).epsilon(1e-10));
        }
    }
}

TEST_CASE("diffusion: a space may say its borders where its bins do not touch") {
    const row_of_bins straight{{1, 1, 1, 1}};
    const bent_corridor bent{{{1, 1, 1, 1}}};
    std::vector<value_pair> a{{1, 0}, {0, 1}, {2, 0}, {0, 0}};
    auto b = a;
    diffusion(straight).apply(a, 1.5);
    diffusion(bent).apply(b, 1.5);
    CHECK(worst_difference(a, b) < 1e-15);
    CHECK(a[3].second > 0);
}

TEST_CASE("diffusion: a space of one bin, and of bins all alone, changes nothing") {
    std::vector<value_pair> one{{3, 4}};
    diffusion(grid::full({0, 0}, {1, 1}, {1, 1})).apply(one, 1e9);
    CHECK(one[0].first == 3);
    CHECK(one[0].second == 4);
}

TEST_CASE("diffusion: borders are measured where outlines lie on one line") {
    using detail::edge_overlap;
    CHECK(edge_overlap({0, 0}, {4, 0}, {4, 0}, {0, 0}, 1) == 4);
    CHECK(edge_overlap({0, 0}, {4, 0}, {6, 0}, {1, 0}, 1) == 3); // half hidden
    CHECK(edge_overlap({0, 0}, {4, 0}, {8, 0}, {4, 0}, 1) == 0); // end to end
    CHECK(edge_overlap({0, 0}, {4, 0}, {4, 1}, {0, 1}, 1) == 0); // beside
    CHECK(edge_overlap({0, 0}, {4, 0}, {2, 0}, {2, 3}, 1) == 0); // across
    CHECK(edge_overlap({0, 0}, {4, 0}, {0, 0}, {3, 1}, 1) == 0); // away at an angle
    CHECK(edge_overlap({1, 1}, {4, 5}, {4, 5}, {1, 1}, 1) == doctest::Approx(5));
    CHECK(edge_overlap({1, 1}, {1, 1}, {4, 5}, {1, 1}, 1) == 0); // no edge
}

TEST_CASE("diffusion: volumes and distances that cannot be are refused") {
    CHECK_THROWS_WITH_AS(diffusion(row_of_bins{{1, 0, 1}}),
                         "the space's volume(1) gives 0; volumes must be positive; correct the space", invalid_value);
    struct at_no_distance : row_of_bins {
        std::vector<neighbour> neighbours(std::size_t bin) const { return {{1 - bin, 0}}; }
        double border(std::size_t, std::size_t) const { return 1; }
    };
    CHECK_THROWS_WITH_AS(diffusion(at_no_distance{{{1, 1}}}),
                         "the space's neighbours(0) gives inf; borders over distances over volumes must be positive; "
                         "correct the space",
                         invalid_value);
}

TEST_CASE("gaussian sums: one axis after the other equals all pairs of bins, over holes") {
    const grid bins = rooms();
    for (const double bandwidth : {0.01, 1.0, 4.0, 30.0, 1e6, 1e200}) {
        CAPTURE(bandwidth);
        const auto start = random_pairs(bins.bin_count(), 4);
        auto by_axes = start;
        auto by_pairs = start;
        detail::gaussian_sums(bins, by_axes, bandwidth);
        detail::gaussian_sums(outlines(bins), by_pairs, bandwidth);
        std::vector<value_pair> plain(start.size());
        for (std::size_t a = 0; a < start.size(); ++a) {
            for (std::size_t b = 0; b < start.size(); ++b) {
                const double dx = bins.center(a).x - bins.center(b).x;
                const double dy = bins.center(a).y - bins.center(b).y;
                const double weight = std::exp(-(dx * dx + dy * dy) / 2 / bandwidth / bandwidth);
                plain[a].first += weight * start[b].first;
                plain[a].second += weight * start[b].second;
            }
        }
        CHECK(worst_difference(by_axes, plain) < 1e-12);
        CHECK(worst_difference(by_pairs, plain) < 1e-12);
    }
}

TEST_CASE("gaussian sums: the cut at 1e-18 leaves what lies within") {
    const grid bins = grid::full({0, 0}, {40, 1}, {40, 1});
    std::vector<value_pair> made(40);
    made[0] = {1, 1};
    detail::gaussian_sums(bins, made, 1);
    CHECK(made[8].first / std::exp(-32.0) == doctest::Approx(1).epsilon(1e-12));
    CHECK(made[20].first == 0);
}
