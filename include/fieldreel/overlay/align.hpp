// SPDX-License-Identifier: MIT
// A value between samples: linear, nearest and circular interpolation at one time.
#ifndef FIELDREEL_OVERLAY_ALIGN_HPP
#define FIELDREEL_OVERLAY_ALIGN_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/affine.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

/// A distance in time over which nothing is interpolated. Units: seconds.
inline constexpr double default_max_gap_s = 0.25;

namespace detail {

inline void check_max_gap_s(double max_gap_s) {
    if (!(max_gap_s > 0)) {
        throw invalid_value("max_gap_s",
                            text("a maximum gap of ", max_gap_s, " s was given; it must be positive; 0.25 is usual"));
    }
}

} // namespace detail

/// Where a time falls among samples: between `left` and `left + 1`, or exactly on `left`.
struct bracket {
    std::size_t left = 0;
    double time_s = 0;
    double left_s = 0;
    double right_s = 0; ///< equal to left_s when the time is exactly left's
    bool exact() const noexcept { return right_s == left_s; }
};

/// The samples around a time; nothing outside [first, last] and inside gaps longer than `max_gap_s`. Cost: O(log
/// samples).
inline std::optional<bracket> bracket_at(const sample_times& times, double time_s,
                                         double max_gap_s = default_max_gap_s) {
    const auto left = times.at_or_before(time_s);
    if (!left) {
        return std::nullopt;
    }
    const double left_s = times[*left];
    if (left_s == time_s) {
        return bracket{*left, time_s, left_s, left_s};
    }
    if (*left + 1 >= times.size()) {
        return std::nullopt;
    }
    const double right_s = times[*left + 1];
    if (right_s - left_s > max_gap_s) {
        return std::nullopt;
    }
    return bracket{*left, time_s, left_s, right_s};
}

/// Linear interpolation, NaN where a neighbour is NaN. Source: numpy.interp (golden: 6_interp), to the bit.
inline double linear_at(const samples& values, std::size_t column, const bracket& at) noexcept {
    const double left = values(at.left, column);
    if (at.exact()) {
        return left;
    }
    const double right = values(at.left + 1, column);
    const double slope = (right - left) / (at.right_s - at.left_s);
    double out = slope * (at.time_s - at.left_s) + left;
    if (std::isnan(out)) { // an infinite end: try from the other one
        out = slope * (at.time_s - at.right_s) + right;
        if (std::isnan(out) && left == right) {
            out = left;
        }
    }
    return out;
}

/// The sample nearest in time; ties go to the earlier one. Source: golden 6_interp.
inline std::size_t nearest_at(const bracket& at) noexcept {
    return !at.exact() && at.time_s - at.left_s > at.right_s - at.time_s ? at.left + 1 : at.left;
}

/// Interpolates angles by their cosines and sines, so that they wrap. Units: radians, result in (-pi, pi].
/// NaN where a neighbour is NaN, and where the two are nearly opposite (resultant below 0.1): there is no direction
/// between them.
inline double circular_at(const samples& angles, std::size_t column, const bracket& at) noexcept {
    const double left = angles(at.left, column);
    if (at.exact()) {
        return std::atan2(std::sin(left), std::cos(left));
    }
    const double right = angles(at.left + 1, column);
    const double part = (at.time_s - at.left_s) / (at.right_s - at.left_s);
    const double x = (1 - part) * std::cos(left) + part * std::cos(right);
    const double y = (1 - part) * std::sin(left) + part * std::sin(right);
    // The resultant of the two angles themselves, not of their mixture: near a sample the mixture is long whatever the
    // other is.
    const double resultant = std::abs(std::cos((right - left) / 2));
    return resultant < 0.1 ? std::numeric_limits<double>::quiet_NaN() : std::atan2(y, x);
}

/// Positions in time: what the trail, the heading and the events of one animal share. A handle.
class trajectory {
public:
    trajectory() = default;
    /// `positions`: (samples, 2), in the session's units, or mapped to them from pixels. Errors: data_error when
    /// lengths differ or there are not two columns.
    trajectory(sample_times times, samples positions, double max_gap_s = default_max_gap_s,
               const affine_xy& to_environment = {})
        : times_(std::move(times)),
          positions_(std::move(positions)),
          max_gap_s_(max_gap_s),
          to_environment_(to_environment),
          mapped_(!to_environment.is_identity()) {
        if (positions_.columns() != 2) {
            throw data_error(detail::text("positions have ", positions_.columns(), " columns; give two, x and y"));
        }
        if (positions_.size() != times_.size()) {
            throw data_error(detail::text("there are ", times_.size(), " times for ", positions_.size(),
                                          " positions; give one time per position"));
        }
        detail::check_max_gap_s(max_gap_s);
        to_environment.check("to_environment");
    }
    const sample_times& times() const noexcept { return times_; }
    /// As they were given.
    const samples& positions() const noexcept { return positions_; }
    double max_gap_s() const noexcept { return max_gap_s_; }
    const affine_xy& to_environment() const noexcept { return to_environment_; }
    point_xy sample(std::size_t i) const noexcept { return placed({positions_(i, 0), positions_(i, 1)}); }
    /// Where it is at a time, linear between samples; NaN outside, in gaps and where tracking is lost. Cost: O(log
    /// samples).
    point_xy at(double time_s) const {
        const auto found = bracket_at(times_, time_s, max_gap_s_);
        return found ? at(*found) : point_xy{nan, nan};
    }
    point_xy at(const bracket& found) const {
        positions_.check_size();
        return placed({linear_at(positions_, 0, found), linear_at(positions_, 1, found)});
    }

private:
    point_xy placed(point_xy at) const noexcept { return mapped_ ? to_environment_(at) : at; }

    static constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    sample_times times_;
    samples positions_;
    double max_gap_s_ = default_max_gap_s;
    affine_xy to_environment_ = {};
    bool mapped_ = false;
};

} // namespace fieldreel::inline v0

#endif
