// SPDX-License-Identifier: MIT
// Spreads two values per bin, e.g. spikes and seconds, over the bins around: by diffusion or by distance.
#ifndef FIELDREEL_SPACE_SMOOTHING_HPP
#define FIELDREEL_SPACE_SMOOTHING_HPP

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/long_diffusion.hpp>
#include <fieldreel/space/polygon.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

/// A space that says itself how long the border is that two neighbours share: what diffusion passes through. Other
/// shaped spaces are measured by their outlines, which fails where bins meet without touching along a line (corridors
/// that meet at an angle). What the compiler cannot check: border(a, b) == border(b, a) >= 0.
template <class S>
concept bordered_space = shaped_space<S> && requires(const S& bins, std::size_t bin) {
    { bins.border(bin, bin) } -> std::convertible_to<double>;
};

namespace detail {

/// The grid behind a space, or null.
template <space Space>
const grid* grid_of(const Space& bins) noexcept {
    if constexpr (std::same_as<Space, grid>) {
        return &bins;
    } else if constexpr (requires {
                             { bins.as_grid() } -> std::convertible_to<const grid*>;
                         }) {
        return bins.as_grid();
    } else {
        return nullptr;
    }
}

/// The length of the border between two neighbours.
template <shaped_space Space>
double border_between(const Space& bins, std::size_t bin, const neighbour& other) {
    if constexpr (bordered_space<Space>) {
        return bins.border(bin, other.bin);
    } else {
        const auto shape_here = bins.shape_of(bin); // may be an array: it outlives the spans
        const auto shape_there = bins.shape_of(other.bin);
        const std::span<const point_xy> here = shape_here;
        const std::span<const point_xy> there = shape_there;
        double length = 0;
        for (std::size_t i = 0; i < here.size(); ++i) {
            for (std::size_t j = 0; j < there.size(); ++j) {
                length += edge_overlap(here[i], here[(i + 1) % here.size()], there[j], there[(j + 1) % there.size()],
                                       other.distance);
            }
        }
        return length;
    }
}

/// exp(-t L) on densities, with L = M^-1 (D - W): W_ij the border of two neighbours over their distance, D its row
/// sums, M the volumes. No flow leaves the space, and none passes where bins share no border; what a component of
/// the space holds (the sum of volume times density) stays in it. t = bandwidth^2 / 2: far from walls the kernel is a
/// Gaussian whose standard deviation is the bandwidth.
class diffusion {
public:
    template <shaped_space Space>
    explicit diffusion(const Space& bins) {
        if constexpr (std::same_as<Space, grid>) {
            lattice_ = bins;
        }
        const auto count = static_cast<std::size_t>(bins.bin_count());
        volume_.resize(count);
        stay_.resize(count);
        start_.reserve(count + 1);
        start_.push_back(0);
        for (std::size_t bin = 0; bin < count; ++bin) {
            volume_[bin] = bins.volume(bin);
            if (!(volume_[bin] > 0 && std::isfinite(volume_[bin]))) {
                throw_wrong_bin("volume", bin, volume_[bin], "volumes must be positive; correct the space");
            }
            double leaves = 0;
            const auto add = [&](std::size_t other, double border, double distance) {
                if (border == 0) {
                    return;
                }
                const double flow = border / distance / volume_[bin];
                if (!(flow > 0 && std::isfinite(flow)) || other >= count) {
                    throw_wrong_bin("neighbours", bin, flow,
                                    "borders over distances over volumes must be positive; correct the space");
                }
                other_.push_back(static_cast<std::uint32_t>(other));
                flow_.push_back(flow);
                leaves += flow;
            };
            if constexpr (std::same_as<Space, grid>) {
                const point_xy here = bins.center(bin);
                for (const neighbour& next : bins.neighbours(bin, grid_connection::sides)) {
                    const bool beside = std::abs(bins.center(next.bin).x - here.x) > bins.bin_width_x() / 2;
                    add(next.bin, beside ? bins.bin_width_y() : bins.bin_width_x(), next.distance);
                }
            } else {
                const auto neighbours = bins.neighbours(bin); // may be a range of its own: it outlives the span
                for (const neighbour& next : std::span<const neighbour>(neighbours)) {
                    add(next.bin, border_between(bins, bin, next), next.distance);
                }
            }
            start_.push_back(static_cast<std::uint32_t>(other_.size()));
            stay_[bin] = leaves;
            rate_ = (std::max)(rate_, leaves);
        }
        // From here on one step is P = I - L / rate: rows of what stays and what comes, each adding up to 1.
        for (std::size_t bin = 0; bin < count && rate_ > 0; ++bin) {
            stay_[bin] = (std::max)(0.0, 1 - stay_[bin] / rate_);
            for (std::size_t i = start_[bin]; i < start_[bin + 1]; ++i) {
                flow_[i] /= rate_;
            }
        }
    }

    /// Amounts per bin become amounts per volume.
    void to_densities(std::vector<value_pair>& values) const {
        for (std::size_t bin = 0; bin < values.size(); ++bin) {
            values[bin] = {values[bin].first / volume_[bin], values[bin].second / volume_[bin]};
        }
    }

    /// Smooths one pair of densities per bin, in place. Cost: O(bins) times 2 z + 40 steps at most, with z = 2
    /// (bandwidth / bin width)^2 on a grid, while z is below 500; beyond, some 13 sqrt(z), until nothing changes any
    /// more. On grids of over 10 000 bins no more than some 1000 steps, whatever the bandwidth, to 1e-6.
    void apply(std::vector<value_pair>& values, double bandwidth) const {
        const double steps = rate_ > 0 ? rate_ * bandwidth / 2 * bandwidth : 0;
        if (steps <= most_plain_steps) {
            by_powers(values, steps);
        } else {
            by_polynomials(values, steps);
        }
    }

private:
    static constexpr double most_plain_steps = 500;
    static constexpr double most_polynomial_steps = 5'000; // on a large grid
    static constexpr std::size_t large_grid = 10'000;      // bins

    [[noreturn]] static void throw_wrong_bin(std::string_view member, std::size_t bin, double value,
                                             std::string_view cure) {
        throw invalid_value(std::string(member),
                            text("the space's ", member, "(", bin, ") gives ", rounded(value), "; ", cure));
    }

    void step(const value_pair* in, value_pair* out) const noexcept {
        const std::uint32_t* start = start_.data();
        const std::uint32_t* other = other_.data();
        const double* flow = flow_.data();
        const double* stay = stay_.data();
        const std::size_t count = stay_.size();
        for (std::size_t bin = 0; bin < count; ++bin) {
            double first = stay[bin] * in[bin].first;
            double second = stay[bin] * in[bin].second;
            for (std::size_t i = start[bin]; i < start[bin + 1]; ++i) {
                const value_pair& from = in[other[i]];
                first += flow[i] * from.first;
                second += flow[i] * from.second;
            }
            out[bin] = {first, second};
        }
    }

    /// exp(-z (I - P)) as the sum of the powers of P, weighted by the Poisson distribution of mean z. Nothing is ever
    /// subtracted: small values far away are as exact as large ones.
    void by_powers(std::vector<value_pair>& values, double z) const {
        std::vector<value_pair> power = values;
        std::vector<value_pair> next(values.size());
        double weight = std::exp(-z);
        double total = weight;
        for (value_pair& value : values) {
            value = {weight * value.first, weight * value.second};
        }
        for (double k = 1; k <= z || weight > 1e-20; ++k) {
            step(power.data(), next.data());
            power.swap(next);
            weight *= z / k;
            total += weight;
            for (std::size_t bin = 0; bin < values.size(); ++bin) {
                values[bin].first += weight * power[bin].first;
                values[bin].second += weight * power[bin].second;
            }
        }
        for (value_pair& value : values) {
            value = {value.first / total, value.second / total};
        }
    }

    /// The same for long times by Chebyshev polynomials of P: their number grows with the square root of z. What each
    /// component holds is set apart, so that the rest decays, and time ends when it has.
    void by_polynomials(std::vector<value_pair>& values, double z) const {
        const std::vector<std::uint32_t> part_of = components();
        const std::size_t parts = *std::max_element(part_of.begin(), part_of.end()) + std::size_t{1};
        std::vector<value_pair> mean(parts);
        std::vector<double> volume(parts);
        for (std::size_t bin = 0; bin < values.size(); ++bin) {
            volume[part_of[bin]] += volume_[bin];
        }
        const auto take_means = [&](std::vector<value_pair>& from) {
            std::vector<value_pair> taken(parts);
            for (std::size_t bin = 0; bin < from.size(); ++bin) {
                const double share = volume_[bin] / volume[part_of[bin]];
                taken[part_of[bin]].first += share * from[bin].first;
                taken[part_of[bin]].second += share * from[bin].second;
            }
            for (std::size_t bin = 0; bin < from.size(); ++bin) {
                from[bin].first -= taken[part_of[bin]].first;
                from[bin].second -= taken[part_of[bin]].second;
            }
            return taken;
        };
        mean = take_means(values);
        const auto gone = [&] {
            for (std::size_t bin = 0; bin < values.size(); ++bin) {
                const value_pair& whole = mean[part_of[bin]];
                if (std::abs(values[bin].first) > 1e-13 * std::abs(whole.first) ||
                    std::abs(values[bin].second) > 1e-13 * std::abs(whole.second)) {
                    return false;
                }
            }
            return true;
        };
        std::vector<value_pair> before(values.size());
        std::vector<value_pair> here(values.size());
        std::vector<value_pair> next(values.size());
        for (double stage = most_plain_steps; z > 0 && stage < 1e11 && !gone(); stage *= 2) {
            // After a first stage nothing is sharp any more.
            if (stage == 2 * most_plain_steps && z > most_polynomial_steps && values.size() >= large_grid && lattice_ &&
                over_coarser_grids(values, z, part_of, mean)) {
                break;
            }
            const double part = (std::min)(stage, z);
            const std::vector<double> weights = polynomial_weights(part);
            before = values;
            step(before.data(), here.data());
            for (std::size_t bin = 0; bin < values.size(); ++bin) {
                values[bin].first = weights[0] * before[bin].first + weights[1] * here[bin].first;
                values[bin].second = weights[0] * before[bin].second + weights[1] * here[bin].second;
            }
            for (std::size_t k = 2; k < weights.size(); ++k) {
                step(here.data(), next.data());
                for (std::size_t bin = 0; bin < values.size(); ++bin) {
                    const value_pair made{2 * next[bin].first - before[bin].first,
                                          2 * next[bin].second - before[bin].second};
                    next[bin] = made;
                    values[bin].first += weights[k] * made.first;
                    values[bin].second += weights[k] * made.second;
                }
                before.swap(here);
                here.swap(next);
            }
            take_means(values); // rounding
            z -= part;
        }
        for (std::size_t bin = 0; bin < values.size(); ++bin) {
            values[bin].first = (std::max)(0.0, values[bin].first + mean[part_of[bin]].first);
            values[bin].second = (std::max)(0.0, values[bin].second + mean[part_of[bin]].second);
        }
    }

    /// The same on a grid by long_diffusion, one component after the other, until what is left to level out is below
    /// 1e-6 of its mean. False, and nothing changed, should a solution not be found.
    bool over_coarser_grids(std::vector<value_pair>& values, double z, const std::vector<std::uint32_t>& part_of,
                            const std::vector<value_pair>& mean) const {
        std::vector<std::vector<std::uint32_t>> bins_of(mean.size());
        for (std::uint32_t bin = 0; bin < values.size(); ++bin) {
            bins_of[part_of[bin]].push_back(bin);
        }
        std::vector<value_pair> out = values;
        for (std::size_t part = 0; part < mean.size(); ++part) {
            const std::vector<std::uint32_t>& bins = bins_of[part];
            std::vector<value_pair> here(bins.size());
            box_xy box{lattice_->center(bins[0]), lattice_->center(bins[0])};
            for (std::size_t i = 0; i < bins.size(); ++i) {
                here[i] = values[bins[i]];
                const point_xy at = lattice_->center(bins[i]);
                box.low = {(std::min)(box.low.x, at.x), (std::min)(box.low.y, at.y)};
                box.high = {(std::max)(box.high.x, at.x), (std::max)(box.high.y, at.y)};
            }
            const auto gone = [&] {
                return std::all_of(here.begin(), here.end(), [&](const value_pair& value) {
                    return std::abs(value.first) <= 1e-6 * std::abs(mean[part].first) &&
                           std::abs(value.second) <= 1e-6 * std::abs(mean[part].second);
                });
            };
            const double extent = (std::max)(box.high.x - box.low.x, box.high.y - box.low.y);
            long_diffusion solver(*lattice_, bins);
            double left = z / rate_;
            // In this time even the slowest wave across the box fades to 1e-13; in a maze it takes longer.
            for (double time = 3 * extent * extent; left > 0 && time < 1e12 * extent * extent && !gone(); time *= 16) {
                const double step = (std::min)(time, left);
                if (!solver.apply(here, step)) {
                    return false;
                }
                left -= step;
                value_pair sum; // rounding
                for (const value_pair& value : here) {
                    sum = {sum.first + value.first, sum.second + value.second};
                }
                const auto count = static_cast<double>(here.size());
                for (value_pair& value : here) {
                    value = {value.first - sum.first / count, value.second - sum.second / count};
                }
            }
            for (std::size_t i = 0; i < bins.size(); ++i) {
                out[bins[i]] = here[i];
            }
        }
        values.swap(out);
        return true;
    }

    /// exp(-z (1 - x)) in Chebyshev polynomials of x: modified Bessel functions, by their recurrence from above.
    static std::vector<double> polynomial_weights(double z) {
        const auto count = static_cast<std::size_t>(12 * std::sqrt(z)) + 30;
        std::vector<double> weights(count + 2);
        weights[count] = 1e-200;
        for (std::size_t k = count; k > 0; --k) {
            weights[k - 1] = weights[k + 1] + 2 * static_cast<double>(k) / z * weights[k];
        }
        double total = weights[0];
        for (std::size_t k = 1; k < weights.size(); ++k) {
            weights[k] *= 2;
            total += weights[k];
        }
        for (double& weight : weights) {
            weight /= total;
        }
        while (weights.size() > 2 && weights.back() < 1e-20) {
            weights.pop_back();
        }
        return weights;
    }

    /// The number of the connected component of each bin.
    std::vector<std::uint32_t> components() const {
        constexpr auto none = (std::numeric_limits<std::uint32_t>::max)();
        std::vector<std::uint32_t> part_of(stay_.size(), none);
        std::vector<std::uint32_t> open;
        std::uint32_t parts = 0;
        for (std::uint32_t bin = 0; bin < part_of.size(); ++bin) {
            if (part_of[bin] != none) {
                continue;
            }
            part_of[bin] = parts;
            open.push_back(bin);
            while (!open.empty()) {
                const std::uint32_t at = open.back();
                open.pop_back();
                for (std::size_t i = start_[at]; i < start_[at + 1]; ++i) {
                    if (part_of[other_[i]] == none) {
                        part_of[other_[i]] = parts;
                        open.push_back(other_[i]);
                    }
                }
            }
            ++parts;
        }
        return part_of;
    }

    std::vector<std::uint32_t> start_; ///< the neighbours of a bin are start_[bin] .. start_[bin + 1] of the next two
    std::vector<std::uint32_t> other_;
    std::vector<double> flow_;
    std::vector<double> stay_;
    std::vector<double> volume_;
    std::optional<grid> lattice_; ///< of a grid: itself
    double rate_ = 0;             ///< the fastest a bin's density leaves it
};

inline double gaussian(double distance, double bandwidth) noexcept {
    const double z = distance / bandwidth;
    return std::exp(-z * z / 2);
}

/// The Gaussian of a grid's axis at 0, 1, 2, ... bins; what is below 1e-18 is cut off.
inline std::vector<double> gaussian_of_axis(double width, std::size_t bins, double bandwidth) {
    std::vector<double> kernel;
    for (std::size_t i = 0; i < bins; ++i) {
        const double weight = gaussian(static_cast<double>(i) * width, bandwidth);
        if (weight < 1e-18) {
            break;
        }
        kernel.push_back(weight);
    }
    return kernel;
}

/// Sums weighted by a Gaussian of the distance between centres; walls do not matter.
/// Cost: O(bins^2); on a grid O(cells * (columns + rows)) at most, one axis after the other, inactive cells as zeros.
template <space Space>
void gaussian_sums(const Space& bins, std::vector<value_pair>& values, double bandwidth) {
    if (const grid* const lattice = grid_of(bins)) {
        const auto [n_x, n_y] = lattice->shape();
        const auto bin_of = lattice->bin_of_cells();
        const auto along_x = gaussian_of_axis(lattice->bin_width_x(), n_x, bandwidth);
        const auto along_y = gaussian_of_axis(lattice->bin_width_y(), n_y, bandwidth);
        std::vector<value_pair> columns(n_x * n_y);
        for (std::size_t ix = 0; ix < n_x; ++ix) {
            value_pair* const out = columns.data() + ix * n_y;
            for (std::size_t from = 0; from < n_y; ++from) {
                const std::int32_t bin = bin_of[ix * n_y + from];
                if (bin < 0) {
                    continue;
                }
                const value_pair value = values[static_cast<std::size_t>(bin)];
                if (value.first == 0 && value.second == 0) {
                    continue;
                }
                const std::size_t low = from < along_y.size() ? 0 : from - along_y.size() + 1;
                const std::size_t high = (std::min)(n_y, from + along_y.size());
                for (std::size_t iy = low; iy < high; ++iy) {
                    const double weight = along_y[iy < from ? from - iy : iy - from];
                    out[iy].first += weight * value.first;
                    out[iy].second += weight * value.second;
                }
            }
        }
        std::vector<value_pair> row(n_y);
        for (std::size_t ix = 0; ix < n_x; ++ix) {
            std::fill(row.begin(), row.end(), value_pair{});
            const std::size_t low = ix < along_x.size() ? 0 : ix - along_x.size() + 1;
            const std::size_t high = (std::min)(n_x, ix + along_x.size());
            for (std::size_t from = low; from < high; ++from) {
                const double weight = along_x[ix < from ? from - ix : ix - from];
                const value_pair* const in = columns.data() + from * n_y;
                for (std::size_t iy = 0; iy < n_y; ++iy) {
                    row[iy].first += weight * in[iy].first;
                    row[iy].second += weight * in[iy].second;
                }
            }
            for (std::size_t iy = 0; iy < n_y; ++iy) {
                if (const std::int32_t bin = bin_of[ix * n_y + iy]; bin >= 0) {
                    values[static_cast<std::size_t>(bin)] = row[iy];
                }
            }
        }
    } else {
        std::vector<value_pair> sums(values.size());
        std::vector<point_xy> centers(values.size());
        for (std::size_t bin = 0; bin < values.size(); ++bin) {
            centers[bin] = bins.center(bin);
        }
        for (std::size_t from = 0; from < values.size(); ++from) {
            const value_pair value = values[from];
            if (value.first == 0 && value.second == 0) {
                continue;
            }
            for (std::size_t bin = 0; bin < values.size(); ++bin) {
                const double weight =
                    gaussian(std::hypot(centers[bin].x - centers[from].x, centers[bin].y - centers[from].y), bandwidth);
                sums[bin].first += weight * value.first;
                sums[bin].second += weight * value.second;
            }
        }
        values.swap(sums);
    }
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
