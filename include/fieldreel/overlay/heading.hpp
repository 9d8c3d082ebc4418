// SPDX-License-Identifier: MIT
// Which way the animal's head points: an arrow.
#ifndef FIELDREEL_OVERLAY_HEADING_HPP
#define FIELDREEL_OVERLAY_HEADING_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/overlay/affine.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/overlay/anchor.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/overlay.hpp>

namespace fieldreel::inline v0 {

struct heading_options {
    double length = 8;     ///< of the arrow, in the session's units
    double offset_rad = 0; ///< added to every angle, in the environment: corrects how the sensor sat on the head
    double max_gap_s = default_max_gap_s;
    shape_style arrow = {.color = {255, 255, 255, 255}, .size_px = 2};
    /// From the coordinates in which the headings were measured; its shift does not matter. affine_xy::flip_y(height)
    /// for pixels, y down: angles change their sign.
    affine_xy to_environment = {};
};

/// An arrow from where the animal is (a trajectory, a keypoint of a pose, or a fixed point) along its heading. Nothing
/// in gaps, where tracking is lost, between samples that point opposite ways (resultant below 0.1), and at a vector of
/// no length. Cost: O(log samples).
class heading {
public:
    /// `directions`: (n) angles, radians, 0 = +x, counter-clockwise; or (n, 2) vectors of any length.
    /// Errors: data_error when there is not one per time; invalid_value for a length or maximum gap that is not
    /// positive, and for a length or offset that is not finite.
    heading(sample_times times, samples directions, anchor origin, const heading_options& options = {})
        : times_(std::move(times)), directions_(std::move(directions)), options_(options), origin_(std::move(origin)) {
        check();
    }
    heading(sample_times times, samples directions, trajectory origin, const heading_options& options = {})
        : heading(std::move(times), std::move(directions), anchor(std::move(origin)), options) {}
    heading(sample_times times, samples directions, point_xy origin, const heading_options& options = {})
        : heading(std::move(times), std::move(directions), anchor(origin), options) {}

    const heading_options& options() const noexcept { return options_; }
    const sample_times& times() const noexcept { return times_; }
    const anchor& origin() const noexcept { return origin_; }
    /// Sample `i` itself, corrected, in the environment; NaN where there is none.
    double sample(std::size_t i) const {
        return corrected(directions_.columns() == 1 ? directions_(i, 0) : angle_of(i));
    }

    /// The corrected angle at a time, in the environment, in (-pi, pi]; NaN where there is none.
    double angle_at(double time_s) const {
        const auto found = bracket_at(times_, time_s, options_.max_gap_s);
        if (!found) {
            return nan;
        }
        directions_.check_size();
        return corrected(directions_.columns() == 1 ? circular_at(directions_, 0, *found) : between_vectors(*found));
    }
    /// Where the arrow starts; NaN where that is not known.
    point_xy origin_at(double time_s) const { return origin_.at(time_s); }

    /// How many of the vectors have no length: they point nowhere and draw nothing. 0 for angles. Cost: reads them all.
    std::size_t zero_vector_count() const {
        directions_.check_size();
        std::size_t count = 0;
        for (std::size_t i = 0; directions_.columns() == 2 && i < directions_.size(); ++i) {
            count += directions_(i, 0) == 0 && directions_(i, 1) == 0 ? std::size_t{1} : 0;
        }
        return count;
    }

    void build(const moment& now, canvas& out) const {
        const double angle = angle_at(now.time_s);
        if (std::isnan(angle)) {
            return;
        }
        const point_xy from = origin_.at(now.time_s);
        out.arrow(from, {from.x + options_.length * std::cos(angle), from.y + options_.length * std::sin(angle)},
                  options_.arrow);
    }

private:
    static constexpr double nan = std::numeric_limits<double>::quiet_NaN();

    double corrected(double angle) const {
        if (!options_.to_environment.is_identity()) {
            angle = options_.to_environment.angle(angle);
        }
        angle += options_.offset_rad;
        return std::atan2(std::sin(angle), std::cos(angle));
    }
    /// The direction of vector `i`; NaN for one of no length.
    double angle_of(std::size_t i) const noexcept {
        const double x = directions_(i, 0);
        const double y = directions_(i, 1);
        return x == 0 && y == 0 ? nan : std::atan2(y, x);
    }
    /// As circular_at: vectors count by their directions, whatever their lengths.
    double between_vectors(const bracket& found) const {
        const double left = angle_of(found.left);
        if (found.exact()) {
            return left;
        }
        const double two[2] = {left, angle_of(found.left + 1)};
        bracket local = found;
        local.left = 0;
        return circular_at(samples::borrow(std::span<const double>(two)), 0, local);
    }

    void check() const {
        const std::size_t columns = directions_.columns();
        if (columns > 2 || directions_.size() != times_.size()) {
            throw data_error(detail::text("there are ", times_.size(), " times for ", directions_.size(),
                                          columns == 2 ? " vectors" : " angles of ",
                                          columns == 2 ? std::string() : detail::text(columns, " columns"),
                                          "; give one angle in radians, or one vector of x and y, per time"));
        }
        if (!(options_.length > 0) || !std::isfinite(options_.length)) {
            throw invalid_value("length", detail::text("a heading arrow of length ", options_.length,
                                                       " was asked for; it must be positive and finite; 8 is usual"));
        }
        if (!std::isfinite(options_.offset_rad)) {
            throw invalid_value("offset_rad", detail::text("a heading offset of ", options_.offset_rad,
                                                           " rad was given; it must be finite; 0 changes nothing"));
        }
        detail::check_max_gap_s(options_.max_gap_s);
        options_.to_environment.check("to_environment");
    }

    sample_times times_;
    samples directions_;
    heading_options options_;
    anchor origin_;
};

} // namespace fieldreel::inline v0

#endif
