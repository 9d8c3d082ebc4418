// SPDX-License-Identifier: MIT
// From the animal to an object: an arrow, and how far and in which direction the object is.
#ifndef FIELDREEL_OVERLAY_OBJECT_VECTOR_HPP
#define FIELDREEL_OVERLAY_OBJECT_VECTOR_HPP

#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/overlay/anchor.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/overlay.hpp>

namespace fieldreel::inline v0 {

struct object_vector_options {
    shape_style arrow = {.color = {255, 200, 0, 255}, .size_px = 2};
    /// Of the object itself; unset: none.
    std::optional<shape_style> object = {};
    /// Distance and angle, half way along the arrow; unset: none.
    std::optional<shape_style> label = {};
    std::string unit = {}; ///< after the distance in the label, as "cm"
};

/// An arrow from one place to another, both of which may move. Nothing where one of them is not known.
/// Cost: O(log samples).
class object_vector {
public:
    /// The angle is that of the environment (0 = +x).
    object_vector(anchor animal, anchor object, object_vector_options options = {})
        : animal_(std::move(animal)), object_(std::move(object)), options_(std::move(options)) {}
    /// The angle is egocentric: 0 = straight ahead, counter-clockwise (to the left) positive.
    object_vector(anchor animal, anchor object, heading head, object_vector_options options = {})
        : animal_(std::move(animal)),
          object_(std::move(object)),
          head_(std::move(head)),
          options_(std::move(options)) {}

    const anchor& animal() const noexcept { return animal_; }
    const anchor& object() const noexcept { return object_; }
    const std::optional<heading>& head() const noexcept { return head_; }
    const object_vector_options& options() const noexcept { return options_; }

    /// In the session's units; NaN where a place is not known.
    double distance_at(double time_s) const {
        const point_xy d = difference(animal_.at(time_s), object_.at(time_s));
        return std::hypot(d.x, d.y);
    }
    /// In (-pi, pi]; NaN where a place or the heading is not known, and at the object itself.
    double angle_at(double time_s) const {
        return angle_of(difference(animal_.at(time_s), object_.at(time_s)), time_s);
    }

    void build(const moment& now, canvas& out) const {
        const point_xy from = animal_.at(now.time_s);
        const point_xy to = object_.at(now.time_s);
        if (options_.object) {
            out.marker(to, *options_.object);
        }
        out.arrow(from, to, options_.arrow);
        if (options_.label) {
            const point_xy d = difference(from, to);
            char text[96];
            const std::size_t length = write_label(text, std::hypot(d.x, d.y), angle_of(d, now.time_s));
            out.label({from.x + d.x / 2, from.y + d.y / 2}, {text, length}, *options_.label);
        }
    }

private:
    static point_xy difference(point_xy from, point_xy to) noexcept { return {to.x - from.x, to.y - from.y}; }
    double angle_of(point_xy d, double time_s) const {
        if (d.x == 0 && d.y == 0) {
            return std::numeric_limits<double>::quiet_NaN();
        }
        const double bearing = std::atan2(d.y, d.x);
        if (!head_) {
            return bearing;
        }
        const double angle = bearing - head_->angle_at(time_s);
        return std::atan2(std::sin(angle), std::cos(angle));
    }
    /// "12.3 cm, -45°": without memory of its own, and without the angle where there is none.
    std::size_t write_label(char (&out)[96], double distance, double angle) const {
        char* at = out;
        char* const end = out + sizeof out;
        const auto put = [&](std::string_view part) {
            for (std::size_t i = 0; i < part.size() && at != end; ++i) {
                *at++ = part[i];
            }
        };
        const auto number = [&](double value, int decimals) {
            const auto written = std::to_chars(at, end, value, std::chars_format::fixed, decimals);
            at = written.ec == std::errc() ? written.ptr : at;
        };
        // Very long numbers would fill the label: they are written by their exponent.
        if (std::abs(distance) < 1e9) {
            number(distance, 1);
        } else {
            at = std::to_chars(at, end, distance, std::chars_format::general, 4).ptr;
        }
        if (!options_.unit.empty()) {
            put(" ");
            put(std::string_view(options_.unit).substr(0, 32));
        }
        if (!std::isnan(angle)) {
            put(", ");
            const double degrees = std::round(angle * 180 / std::numbers::pi);
            number(degrees == 0 ? 0.0 : degrees, 0); // no "-0"
            put("\xC2\xB0");                         // a degree sign
        }
        return static_cast<std::size_t>(at - out);
    }

    anchor animal_;
    anchor object_;
    std::optional<heading> head_;
    object_vector_options options_;
};

} // namespace fieldreel::inline v0

#endif
