// SPDX-License-Identifier: MIT
// From the coordinates of a picture to those of the environment: a linear map and a shift.
#ifndef FIELDREEL_OVERLAY_AFFINE_HPP
#define FIELDREEL_OVERLAY_AFFINE_HPP

#include <cmath>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// x' = xx x + xy y + x0, y' = yx x + yy y + y0: what a film's calibration gives, and what turns pixels (y down) into
/// the environment (y up). Default: changes nothing.
struct affine_xy {
    double xx = 1;
    double xy = 0;
    double x0 = 0;
    double yx = 0;
    double yy = 1;
    double y0 = 0;

    /// Pixels of a picture, y down, as places with y up: its lower border is y = 0. Errors: invalid_value for a height
    /// that is not positive and finite.
    static affine_xy flip_y(double height) {
        if (!(height > 0 && std::isfinite(height))) {
            throw invalid_value("height", detail::text("a picture of height ", height,
                                                       " was given to flip y; it must be positive and finite; "
                                                       "give the film's height in pixels"));
        }
        return {.yy = -1, .y0 = height};
    }
    /// Errors: invalid_value for a factor that is not positive and finite.
    static affine_xy scale(double factor) {
        if (!(factor > 0 && std::isfinite(factor))) {
            throw invalid_value("factor", detail::text("a scale of ", factor,
                                                       " was given; it must be positive and finite; give units of the "
                                                       "environment per pixel"));
        }
        return {.xx = factor, .yy = factor};
    }

    point_xy operator()(point_xy at) const noexcept { return {xx * at.x + xy * at.y + x0, yx * at.x + yy * at.y + y0}; }
    /// Of a difference of two places: the shift drops out.
    point_xy direction(point_xy d) const noexcept { return {xx * d.x + xy * d.y, yx * d.x + yy * d.y}; }
    /// Of the direction at an angle, in (-pi, pi]. In a picture with y down angles change their sign.
    double angle(double angle_rad) const noexcept {
        const point_xy d = direction({std::cos(angle_rad), std::sin(angle_rad)});
        return std::atan2(d.y, d.x);
    }
    double determinant() const noexcept { return xx * yy - xy * yx; }
    /// -1 when it mirrors, so that counter-clockwise becomes clockwise; else 1.
    double angle_sign() const noexcept { return determinant() < 0 ? -1 : 1; }
    /// First this, then `next`.
    affine_xy then(const affine_xy& next) const noexcept {
        return {.xx = next.xx * xx + next.xy * yx,
                .xy = next.xx * xy + next.xy * yy,
                .x0 = next.xx * x0 + next.xy * y0 + next.x0,
                .yx = next.yx * xx + next.yy * yx,
                .yy = next.yx * xy + next.yy * yy,
                .y0 = next.yx * x0 + next.yy * y0 + next.y0};
    }
    /// Undoes it. Errors: invalid_value when it is not finite or puts everything on one line.
    affine_xy inverse() const {
        check("to_environment");
        const double d = determinant();
        affine_xy out{.xx = yy / d, .xy = -xy / d, .x0 = 0, .yx = -yx / d, .yy = xx / d, .y0 = 0};
        const point_xy shift = out.direction({x0, y0});
        out.x0 = -shift.x;
        out.y0 = -shift.y;
        return out;
    }
    /// Whether it is finite and keeps areas above 0, however little: the units may be any.
    bool usable() const noexcept {
        const double d = determinant();
        const double size = std::hypot(xx, yx) * std::hypot(xy, yy);
        return std::isfinite(d) && std::isfinite(x0) && std::isfinite(y0) && std::abs(d) > 1e-12 * size;
    }
    /// Errors: invalid_value, for the argument `name`, when it is not finite or puts everything on one line.
    void check(const char* name) const {
        if (!usable()) {
            throw invalid_value(name, detail::text("the map [", xx, " ", xy, " ", x0, "; ", yx, " ", yy, " ", y0,
                                                   "] was given; it must be finite and keep areas above 0; "
                                                   "calibrate with landmarks that are not on one line"));
        }
    }
    bool is_identity() const noexcept { return *this == affine_xy{}; }
    friend bool operator==(const affine_xy&, const affine_xy&) = default;
};

} // namespace fieldreel::inline v0

#endif
