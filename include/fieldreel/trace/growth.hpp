// SPDX-License-Identifier: MIT
// Whether a measured quantity, mostly memory, grows with the steps of a run: a slope, its confidence, and a verdict.
#ifndef FIELDREEL_TRACE_GROWTH_HPP
#define FIELDREEL_TRACE_GROWTH_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>

namespace fieldreel::inline v0 {
namespace trace {

/// A quantity at a step.
struct growth_sample {
    double step = 0;
    double value = 0;
};

/// What a fit says. `leak`: the growth is certain, more than noise, and went on through the whole run. `suspicious`:
/// certain and more than noise, but in a few jumps, as a table that doubles, or only in a part of the run.
enum class growth_verdict : std::uint8_t { too_few_samples, none, suspicious, leak };

/// How a fit judges.
struct growth_options {
    double noise = 0;     ///< a rise over the fitted samples up to this is none, in the unit of the values
    double z = 2.576;     ///< the confidence, in standard deviations: 99 %
    double warm_up = 0.5; ///< the first part of the samples is left out, while caches and buffers fill
};

/// The line through the samples after the warm-up.
struct growth {
    growth_verdict verdict = growth_verdict::too_few_samples;
    double per_step = 0; ///< the slope, in the unit of the values
    double lower = 0;    ///< its confidence interval
    double upper = 0;
    double rise = 0;         ///< from the first to the last of the fitted samples, along the line
    double steady_part = 0;  ///< of eight stretches of the run, how many rose above the one before; from 0 to 1
    std::size_t samples = 0; ///< that were fitted
};

inline constexpr std::size_t growth_fewest_samples = 24; ///< to be fitted; with the default warm-up 48 in all

/// Fits a line that single jumps and spikes do not turn: the median of the slopes between all pairs, with its
/// confidence interval by the ranks of these slopes; and asks whether the run rose in nearly all of its stretches, as
/// the interval assumes samples that know nothing of each other, which memory is not. Order: steps increase. Errors:
/// invalid_value for options out of range. Cost: O(n log n) in at most 512 samples, evenly picked from more, pairs
/// included. Source: P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, J. Am. Stat. Assoc. 63
/// (1968).
inline growth fit_growth(const std::vector<growth_sample>& all, const growth_options& options = {}) {
    if (!(options.noise >= 0 && options.z >= 0 && options.warm_up >= 0 && options.warm_up < 1)) {
        throw invalid_value(
            "growth_options",
            detail::text(
                "noise ", options.noise, ", z ", options.z, " and warm_up ", options.warm_up,
                " were given; noise and z from 0 on and warm_up from 0 to below 1 are allowed; leave them unset"));
    }
    const auto first = static_cast<std::size_t>(options.warm_up * static_cast<double>(all.size()));
    constexpr std::size_t most = 512;
    const std::size_t stride = 1 + (all.size() - first) / most;
    std::vector<growth_sample> fitted;
    for (std::size_t i = first; i < all.size(); i += stride) {
        fitted.push_back(all[i]);
    }
    growth out;
    const std::size_t n = out.samples = fitted.size();
    if (n < growth_fewest_samples) {
        return out;
    }
    std::vector<double> slopes;
    slopes.reserve(n * (n - 1) / 2);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = i + 1; k < n; ++k) {
            if (fitted[k].step > fitted[i].step) {
                slopes.push_back((fitted[k].value - fitted[i].value) / (fitted[k].step - fitted[i].step));
            }
        }
    }
    if (slopes.empty()) {
        return out;
    }
    std::sort(slopes.begin(), slopes.end());
    // The slopes between the two ranks that S, the sum of the pairs' signs, would leave at no growth.
    const auto count = static_cast<double>(slopes.size());
    const auto size = static_cast<double>(n);
    const double spread = options.z * std::sqrt(size * (size - 1) * (2 * size + 5) / 18);
    const auto at = [&slopes, count](double rank) {
        return slopes[static_cast<std::size_t>((std::clamp)(rank, 0.0, count - 1))];
    };
    out.lower = at((count - spread) / 2);
    out.upper = at((count + spread) / 2);
    out.per_step = (at((count - 1) / 2) + at(count / 2)) / 2;
    out.rise = out.per_step * (fitted.back().step - fitted.front().step);

    constexpr std::size_t stretches = 8;
    std::array<double, stretches> middle{};
    for (std::size_t s = 0; s < stretches; ++s) {
        std::vector<double> values;
        for (std::size_t i = n * s / stretches; i < n * (s + 1) / stretches; ++i) {
            values.push_back(fitted[i].value);
        }
        std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
        middle[s] = values[values.size() / 2];
    }
    const double expected = out.rise / static_cast<double>(stretches);
    for (std::size_t s = 1; s < stretches; ++s) {
        out.steady_part += middle[s] - middle[s - 1] > expected / 4 ? 1.0 / (stretches - 1) : 0;
    }
    constexpr double nearly_all = 5.5 / (stretches - 1); // six of seven
    if (!(out.lower > 0 && out.rise > options.noise)) {
        // Jumps leave most pairs level, and yet what is there at the end is there.
        const double climbed = middle.back() - middle.front();
        out.verdict = climbed > (std::max)(2 * options.noise, 0.0) && middle.back() > middle[stretches / 2]
                          ? growth_verdict::suspicious
                          : growth_verdict::none;
    } else {
        out.verdict = out.steady_part > nearly_all ? growth_verdict::leak : growth_verdict::suspicious;
    }
    return out;
}

/// "no leak", "suspicious", "leak", "too few steps".
inline std::string_view name_of(growth_verdict verdict) noexcept {
    constexpr std::string_view names[] = {"too few steps", "no leak", "suspicious", "leak"};
    return names[static_cast<std::size_t>(verdict)];
}

/// Samples of a run of unknown length, in bounded memory: when it is full every second one goes, and from then on half
/// as many come. Allocates at construction only, so that it does not grow itself.
class growth_log {
public:
    explicit growth_log(std::size_t capacity = 512, std::size_t every = 1)
        : capacity_((std::max)(capacity, std::size_t{2})), every_((std::max)(every, std::size_t{1})) {
        samples_.reserve(capacity_);
    }
    /// Whether step `step` is to be measured.
    bool due(std::size_t step) const noexcept { return step % every_ == 0; }
    void add(std::size_t step, double value) {
        if (samples_.size() == capacity_) {
            every_ *= 2;
            std::size_t kept = 0;
            for (std::size_t i = 0; i < samples_.size(); i += 2) {
                samples_[kept++] = samples_[i];
            }
            samples_.resize(kept);
            if (!due(step)) {
                return;
            }
        }
        samples_.push_back({static_cast<double>(step), value});
    }
    const std::vector<growth_sample>& samples() const noexcept { return samples_; }
    std::size_t every() const noexcept { return every_; }

private:
    std::size_t capacity_;
    std::size_t every_;
    std::vector<growth_sample> samples_;
};

} // namespace trace
} // namespace fieldreel::inline v0

#endif
