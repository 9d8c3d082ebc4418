// SPDX-License-Identifier: MIT
// Diffusion over long times on large grids: a few implicit steps, each solved over coarser and coarser grids.
#ifndef FIELDREEL_SPACE_LONG_DIFFUSION_HPP
#define FIELDREEL_SPACE_LONG_DIFFUSION_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include <fieldreel/space/grid.hpp>

namespace fieldreel::inline v0 {
namespace detail {

/// Two values per bin, side by side: what is smoothed together costs little more than one.
struct value_pair {
    double first = 0;
    double second = 0;
};

/// exp(-t L) on connected bins of a grid, L the graph Laplacian of `diffusion` (to the four sides, no flow out of the
/// grid).
///
/// In the variable s = 1 - 2 / (1 + tau L), which lies in [-1, 1] for every L, the exponential is a sum of some twenty
/// Chebyshev polynomials, whatever t is; each costs one solution of (1 + tau L) x = b. That is found by conjugate
/// gradients, preconditioned by a multigrid cycle. Cost: the same for every t, some 20 us per bin.
/// Source: single-pole rational approximation of exp, after Andersson 1981; cell-centred multigrid, after Wesseling
/// 1988.
class long_diffusion {
public:
    /// Of these bins of a grid, which must be connected: the coarser grids do not tell apart what is close by.
    long_diffusion(const grid& bins, std::span<const std::uint32_t> which) {
        grid_cell low = bins.cell_of(which[0]);
        grid_cell high = low;
        for (const std::uint32_t bin : which) {
            const auto [ix, iy] = bins.cell_of(bin);
            low = {(std::min)(low.ix, ix), (std::min)(low.iy, iy)};
            high = {(std::max)(high.ix, ix), (std::max)(high.iy, iy)};
        }
        level fine(high.ix - low.ix + 1, high.iy - low.iy + 1, bins.bin_width_x(), bins.bin_width_y());
        for (const std::uint32_t bin : which) {
            const auto [ix, iy] = bins.cell_of(bin);
            places_.push_back(fine.at(ix - low.ix, iy - low.iy));
            fine.amount[places_.back()] = 1;
        }
        for (const std::size_t cell : places_) {
            fine.along_x[cell] = fine.amount[cell + fine.row] / (fine.width_x * fine.width_x);
            fine.along_y[cell] = fine.amount[cell + 1] / (fine.width_y * fine.width_y);
        }
        levels_.push_back(std::move(fine));
        while (levels_.back().n_x > 1 || levels_.back().n_y > 1) {
            levels_.push_back(coarser(levels_.back()));
        }
    }

    /// Smooths in place. Precision: 1e-8 of the largest value. False, and nothing changed, where a solution was not
    /// found (none such is known).
    bool apply(std::vector<value_pair>& values, double time) {
        set_step(time / best_step);
        const std::array<double, terms> weights = chebyshev_weights();
        std::vector<value_pair> before = spread(values);
        std::vector<value_pair> here(before.size());
        std::vector<value_pair> next(before.size());
        if (!solve(before, next, precision_of(weights, 1))) {
            return false;
        }
        std::vector<value_pair> sum(before.size());
        for (std::size_t i = 0; i < before.size(); ++i) {
            here[i] = {before[i].first - 2 * next[i].first, before[i].second - 2 * next[i].second};
            sum[i] = {weights[0] * before[i].first + weights[1] * here[i].first,
                      weights[0] * before[i].second + weights[1] * here[i].second};
        }
        for (std::size_t k = 2; k < terms; ++k) {
            if (!solve(here, next, precision_of(weights, k))) {
                return false;
            }
            for (std::size_t i = 0; i < before.size(); ++i) {
                before[i] = {2 * here[i].first - 4 * next[i].first - before[i].first,
                             2 * here[i].second - 4 * next[i].second - before[i].second};
                sum[i].first += weights[k] * before[i].first;
                sum[i].second += weights[k] * before[i].second;
            }
            before.swap(here);
        }
        for (std::size_t bin = 0; bin < values.size(); ++bin) {
            values[bin] = sum[places_[bin]];
        }
        return true;
    }

private:
    /// 21 terms are exact to 1.5e-9 with t = 11.75 tau: the best there is, found by trying.
    static constexpr std::size_t terms = 21;
    static constexpr double best_step = 11.75;

    /// A grid with a frame of empty cells around it, so that every cell has four neighbours. Cells may be empty.
    struct level {
        level(std::size_t cells_x, std::size_t cells_y, double width_along_x, double width_along_y)
            : n_x(cells_x),
              n_y(cells_y),
              width_x(width_along_x),
              width_y(width_along_y),
              row(cells_y + 2),
              amount((cells_x + 2) * row),
              along_x(amount.size()),
              along_y(amount.size()),
              inverse(amount.size()),
              solution(amount.size()),
              right(amount.size()),
              rest(amount.size()) {}
        std::size_t at(std::size_t ix, std::size_t iy) const noexcept { return (ix + 1) * row + iy + 1; }

        std::size_t n_x;
        std::size_t n_y;
        double width_x;
        double width_y;
        std::size_t row;
        std::vector<double> amount;  ///< active cells of the grid that are in a cell
        std::vector<double> along_x; ///< what flows to the next cell along x; times tau, once that is set
        std::vector<double> along_y;
        std::vector<double> inverse; ///< of the diagonal; 0 for empty cells
        std::vector<value_pair> solution;
        std::vector<value_pair> right;
        std::vector<value_pair> rest;
        bool halves_x = false; ///< two cells of the finer grid along x are one of this
        bool halves_y = false;
    };

    /// Half as many cells along each axis, or along the one with the smaller cells only.
    static level coarser(const level& fine) {
        const bool along_x = fine.n_x > 1 && (fine.width_x < 1.5 * fine.width_y || fine.n_y == 1);
        const bool along_y = fine.n_y > 1 && (fine.width_y < 1.5 * fine.width_x || fine.n_x == 1);
        const std::size_t by_x = along_x ? 2 : 1;
        const std::size_t by_y = along_y ? 2 : 1;
        level out((fine.n_x + by_x - 1) / by_x, (fine.n_y + by_y - 1) / by_y, fine.width_x * static_cast<double>(by_x),
                  fine.width_y * static_cast<double>(by_y));
        out.halves_x = along_x;
        out.halves_y = along_y;
        for (std::size_t ix = 0; ix < fine.n_x; ++ix) {
            for (std::size_t iy = 0; iy < fine.n_y; ++iy) {
                const std::size_t from = fine.at(ix, iy);
                const std::size_t to = out.at(ix / by_x, iy / by_y);
                out.amount[to] += fine.amount[from];
                // The centres are twice as far apart: half the flow through the same border.
                if (ix % by_x == by_x - 1) {
                    out.along_x[to] += fine.along_x[from] / static_cast<double>(by_x);
                }
                if (iy % by_y == by_y - 1) {
                    out.along_y[to] += fine.along_y[from] / static_cast<double>(by_y);
                }
            }
        }
        return out;
    }

    void set_step(double step) {
        for (level& at : levels_) {
            for (std::size_t i = 0; i < at.amount.size(); ++i) {
                at.along_x[i] *= step / step_;
                at.along_y[i] *= step / step_;
            }
            for (std::size_t i = at.row; i + at.row < at.amount.size(); ++i) {
                const double diagonal =
                    at.amount[i] + at.along_x[i] + at.along_x[i - at.row] + at.along_y[i] + at.along_y[i - 1];
                at.inverse[i] = at.amount[i] > 0 ? 1 / diagonal : 0;
            }
        }
        step_ = step;
    }

    std::vector<value_pair> spread(const std::vector<value_pair>& values) const {
        std::vector<value_pair> out(levels_.front().amount.size());
        for (std::size_t bin = 0; bin < values.size(); ++bin) {
            out[places_[bin]] = values[bin];
        }
        return out;
    }

    /// out[i] = combine(i, (1 + tau L) in at i), for the cells within the frame.
    template <class Combine>
    static void multiply(const level& at, const value_pair* in, const Combine& combine) {
        const double* const along_x = at.along_x.data();
        const double* const along_y = at.along_y.data();
        const double* const amount = at.amount.data();
        const std::size_t row = at.row;
        for (std::size_t ix = 0; ix < at.n_x; ++ix) {
            const std::size_t start = at.at(ix, 0);
            for (std::size_t i = start; i < start + at.n_y; ++i) {
                const double right = along_x[i];
                const double left = along_x[i - row];
                const double up = along_y[i];
                const double down = along_y[i - 1];
                const double here = amount[i] + right + left + up + down;
                combine(i, value_pair{here * in[i].first - right * in[i + row].first - left * in[i - row].first -
                                          up * in[i + 1].first - down * in[i - 1].first,
                                      here * in[i].second - right * in[i + row].second - left * in[i - row].second -
                                          up * in[i + 1].second - down * in[i - 1].second});
            }
        }
    }

    /// One step of damped Jacobi: solution += 0.8 (right - A solution) / diagonal.
    static void smooth(level& at) {
        multiply(at, at.solution.data(), [&](std::size_t i, value_pair product) {
            const double part = damping * at.inverse[i];
            at.rest[i] = {at.solution[i].first + part * (at.right[i].first - product.first),
                          at.solution[i].second + part * (at.right[i].second - product.second)};
        });
        at.solution.swap(at.rest);
    }

    /// An approximate solution of A solution = right, from nothing; symmetric, as conjugate gradients need it.
    void cycle(std::size_t depth) {
        level& at = levels_[depth];
        if (depth + 1 == levels_.size()) { // one cell
            for (std::size_t i = 0; i < at.right.size(); ++i) {
                at.solution[i] = {at.inverse[i] * at.right[i].first, at.inverse[i] * at.right[i].second};
            }
            return;
        }
        for (std::size_t i = 0; i < at.right.size(); ++i) {
            const double part = damping * at.inverse[i];
            at.solution[i] = {part * at.right[i].first, part * at.right[i].second};
        }
        smooth(at);
        level& below = levels_[depth + 1];
        const std::size_t by_x = below.halves_x ? 2 : 1;
        const std::size_t by_y = below.halves_y ? 2 : 1;
        multiply(at, at.solution.data(), [&](std::size_t i, value_pair product) {
            at.rest[i] = {at.right[i].first - product.first, at.right[i].second - product.second};
        });
        std::fill(below.right.begin(), below.right.end(), value_pair{});
        for (std::size_t ix = 0; ix < at.n_x; ++ix) {
            value_pair* const to = below.right.data() + below.at(ix / by_x, 0);
            const value_pair* const from = at.rest.data() + at.at(ix, 0);
            for (std::size_t iy = 0; iy < at.n_y; ++iy) {
                to[iy / by_y].first += from[iy].first;
                to[iy / by_y].second += from[iy].second;
            }
        }
        cycle(depth + 1);
        for (std::size_t ix = 0; ix < at.n_x; ++ix) {
            const value_pair* const from = below.solution.data() + below.at(ix / by_x, 0);
            const std::size_t start = at.at(ix, 0);
            for (std::size_t iy = 0; iy < at.n_y; ++iy) {
                if (at.amount[start + iy] > 0) {
                    at.solution[start + iy].first += from[iy / by_y].first;
                    at.solution[start + iy].second += from[iy / by_y].second;
                }
            }
        }
        smooth(at);
        smooth(at);
    }

    static value_pair dot(const std::vector<value_pair>& a, const std::vector<value_pair>& b) noexcept {
        value_pair out;
        for (std::size_t i = 0; i < a.size(); ++i) {
            out.first += a[i].first * b[i].first;
            out.second += a[i].second * b[i].second;
        }
        return out;
    }
    static double quotient(double a, double b) noexcept { return b != 0 ? a / b : 0; }

    /// How exact the solution must be that polynomial k is made of. What is wrong with it comes into the later ones,
    /// growing by one part each; they weigh less and less.
    static double precision_of(const std::array<double, terms>& weights, std::size_t k) {
        double weight = 0;
        for (std::size_t j = k; j < terms; ++j) {
            weight += std::abs(weights[j]) * static_cast<double>(j - k + 1);
        }
        return (std::min)(1e-10 / weight, 1e-3);
    }

    /// x = (1 + tau L)^-1 b, both values at once. Precision: a part of the length of b.
    bool solve(const std::vector<value_pair>& b, std::vector<value_pair>& x, double precision) {
        constexpr int most_steps = 500;
        level& fine = levels_.front();
        std::vector<value_pair>& residual = residual_;
        std::vector<value_pair>& direction = direction_;
        std::vector<value_pair>& product = product_;
        residual = b;
        product.resize(b.size());
        std::fill(x.begin(), x.end(), value_pair{});
        const value_pair whole = dot(b, b);
        value_pair before;
        for (int k = 0; k < most_steps; ++k) {
            const value_pair left = dot(residual, residual);
            if (left.first <= precision * precision * whole.first &&
                left.second <= precision * precision * whole.second) {
                return true;
            }
            fine.right = residual;
            cycle(0);
            const std::vector<value_pair>& better = fine.solution;
            const value_pair now = dot(residual, better);
            if (k == 0) {
                direction = better;
            } else {
                const double first = quotient(now.first, before.first);
                const double second = quotient(now.second, before.second);
                for (std::size_t i = 0; i < direction.size(); ++i) {
                    direction[i] = {better[i].first + first * direction[i].first,
                                    better[i].second + second * direction[i].second};
                }
            }
            before = now;
            multiply(fine, direction.data(), [&](std::size_t i, value_pair made) { product[i] = made; });
            const value_pair length = dot(direction, product);
            const double first = quotient(now.first, length.first);
            const double second = quotient(now.second, length.second);
            for (std::size_t i = 0; i < x.size(); ++i) {
                x[i].first += first * direction[i].first;
                x[i].second += second * direction[i].second;
                residual[i].first -= first * product[i].first;
                residual[i].second -= second * product[i].second;
            }
        }
        return false;
    }

    /// exp(-best_step (1 + s) / (1 - s)) in Chebyshev polynomials of s.
    static std::array<double, terms> chebyshev_weights() {
        constexpr std::size_t points = 2000;
        std::array<double, terms> out{};
        for (std::size_t j = 0; j < points; ++j) {
            const double angle = (static_cast<double>(j) + 0.5) * std::numbers::pi / points;
            const double tangent = std::tan(angle / 2);
            const double value = std::exp(-best_step / (tangent * tangent));
            for (std::size_t k = 0; k < terms; ++k) {
                out[k] += (k == 0 ? 1.0 : 2.0) / points * value * std::cos(static_cast<double>(k) * angle);
            }
        }
        return out;
    }

    static constexpr double damping = 0.8;
    std::vector<level> levels_;
    std::vector<std::size_t> places_; ///< the cell of each bin in the finest level
    double step_ = 1;
    std::vector<value_pair> residual_;
    std::vector<value_pair> direction_;
    std::vector<value_pair> product_;
};

} // namespace detail
} // namespace fieldreel::inline v0

#endif
