// SPDX-License-Identifier: MIT
// Which way the animal's head points: an arrow.
#ifndef FIELDREEL_OVERLAY_HEADING_HPP
#define FIELDREEL_OVERLAY_HEADING_HPP

#include <cmath>
#include <optional>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/overlay.hpp>

namespace fieldreel::inline v0 {

struct heading_options {
    double length = 8;     ///< of the arrow, in the session's units
    double offset_rad = 0; ///< added to every angle: corrects how the sensor sat on the head
    double max_gap_s = default_max_gap_s;
    shape_style arrow = {.color = {255, 255, 255, 255}, .size_px = 2};
};

/// An arrow from where the animal is (or a fixed point) along its heading. Nothing in gaps, where tracking is lost, and
/// between samples that point opposite ways. Units: radians, 0 = +x, counter-clockwise. Cost: O(log samples).
class heading {
public:
    /// Errors: data_error when there is not one angle per time; invalid_value for a length or maximum gap that is not
    /// positive, and for a length or offset that is not finite.
    heading(sample_times times, samples angles, trajectory origin, const heading_options& options = {})
        : times_(std::move(times)), angles_(std::move(angles)), options_(options), origin_(std::move(origin)) {
        check();
    }
    heading(sample_times times, samples angles, point_xy origin, const heading_options& options = {})
        : times_(std::move(times)), angles_(std::move(angles)), options_(options), fixed_(origin) {
        check();
    }

    /// The corrected angle at a time in (-pi, pi]; NaN where there is none.
    double angle_at(double time_s) const {
        const auto found = bracket_at(times_, time_s, options_.max_gap_s);
        if (!found) {
            return std::nan("");
        }
        angles_.check_size();
        const double angle = circular_at(angles_, 0, *found) + options_.offset_rad;
        return std::atan2(std::sin(angle), std::cos(angle));
    }

    void build(const moment& now, canvas& out) const {
        const double angle = angle_at(now.time_s);
        const point_xy from = origin_ ? origin_->at(now.time_s) : fixed_;
        out.arrow(from, {from.x + options_.length * std::cos(angle), from.y + options_.length * std::sin(angle)},
                  options_.arrow);
    }

private:
    void check() const {
        if (angles_.columns() != 1 || angles_.size() != times_.size()) {
            throw data_error(detail::text("there are ", times_.size(), " times for ", angles_.size(), " angles of ",
                                          angles_.columns(), " columns; give one angle in radians per time"));
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
    }

    sample_times times_;
    samples angles_;
    heading_options options_;
    std::optional<trajectory> origin_;
    point_xy fixed_;
};

} // namespace fieldreel::inline v0

#endif
