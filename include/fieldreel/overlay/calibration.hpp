// SPDX-License-Identifier: MIT
// From the pixels of a camera to the environment: by a factor, a scale bar, or landmarks.
#ifndef FIELDREEL_OVERLAY_CALIBRATION_HPP
#define FIELDREEL_OVERLAY_CALIBRATION_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/affine.hpp>

namespace fieldreel::inline v0 {

/// A place that is known in the picture and in the environment.
struct landmark {
    point_rc pixel; ///< row 0 on top; pixel centres are whole numbers
    point_xy at;
};

/// What a fit to landmarks may do. `similarity`: turn, shift and one scale, two landmarks; `affine`: also stretch,
/// shear and mirror, three.
enum class calibration_kind : std::uint8_t { similarity, affine };

/// Where each pixel of a picture is in the environment: an affine map, and how well it was found. Whatever takes a map
/// to the environment (a film, a pose, a heading) takes a calibration too.
class calibration {
public:
    /// From x = column, y = row (downwards) to the environment (y up): upright pictures have a negative yy.
    affine_xy map = {.yy = -1};
    /// How far the landmarks lie from where the fit puts them, root mean square. Units: the session's.
    double rms = 0;
    /// The farthest of them, and which it is.
    double largest_residual = 0;
    std::size_t worst_landmark = 0;
    /// A sentence when they fit badly, else empty.
    std::string warning;

    operator const affine_xy&() const noexcept { return map; }
    point_xy at(point_rc pixel) const noexcept { return map({pixel.col, pixel.row}); }
    /// Errors: as affine_xy::inverse.
    point_rc pixel_at(point_xy place) const {
        const point_xy pixel = map.inverse()(place);
        return {pixel.y, pixel.x};
    }
    /// Environment units per pixel, the geometric mean of both directions.
    double units_per_px() const noexcept { return std::sqrt(std::abs(map.determinant())); }

    /// An upright picture of square pixels, and one place known in it. Errors: invalid_value for a factor that is not
    /// positive and finite, and for a place that is not finite.
    static calibration from_factor(double units_per_px, const landmark& known) {
        if (!(units_per_px > 0) || !std::isfinite(units_per_px)) {
            throw invalid_value("units_per_px", detail::text("a calibration of ", units_per_px,
                                                             " units per pixel was given; it must "
                                                             "be positive and finite"));
        }
        check_finite(known, 0);
        calibration out;
        out.map = {.xx = units_per_px,
                   .x0 = known.at.x - units_per_px * known.pixel.col,
                   .yy = -units_per_px,
                   .y0 = known.at.y + units_per_px * known.pixel.row};
        return out;
    }
    /// The same with the lower left corner of the picture at a place, (0, 0) unless another is given.
    static calibration from_factor(double units_per_px, image_shape picture, point_xy lower_left = {}) {
        return from_factor(units_per_px, landmark{{static_cast<double>(picture.rows) - 0.5, -0.5}, lower_left});
    }
    /// An upright picture with a scale bar from one pixel to another. Errors: as from_factor; invalid_value for a bar
    /// without length in the picture or the environment.
    static calibration from_scale_bar(point_rc one, point_rc other, double length, const landmark& known) {
        return from_factor(factor_of(one, other, length), known);
    }
    static calibration from_scale_bar(point_rc one, point_rc other, double length, image_shape picture,
                                      point_xy lower_left = {}) {
        return from_factor(factor_of(one, other, length), picture, lower_left);
    }
    /// The map of that kind that brings the landmarks' pixels nearest to their places, by least squares; rms and
    /// warning tell how near. Errors: data_error for too few landmarks, for places that are not finite, and for
    /// landmarks on one point or (affine) on one line.
    /// Source: Umeyama 1991 (similarity, without reflections); the normal equations (affine).
    static calibration from_landmarks(std::span<const landmark> known,
                                      calibration_kind kind = calibration_kind::similarity) {
        const bool affine = kind == calibration_kind::affine;
        const std::string_view name = affine ? "an affine calibration" : "a similarity calibration";
        const std::size_t needed = affine ? 3 : 2;
        if (known.size() < needed) {
            throw data_error(detail::text(name, " from ", known.size(), known.size() == 1 ? " landmark" : " landmarks",
                                          " was asked for; it needs at least ", needed,
                                          affine ? "; give more, or use a similarity for 2" : "; give more"),
                             known.size());
        }
        for (std::size_t i = 0; i < known.size(); ++i) {
            check_finite(known[i], i);
        }
        const sums of(known);
        calibration out;
        out.map = affine ? fit_affine(of, known.size()) : fit_similarity(of);
        const point_xy turned = out.map.direction({of.u, -of.v});
        out.map.x0 = of.x - turned.x;
        out.map.y0 = of.y - turned.y;
        out.measure(known, of, kind);
        return out;
    }

private:
    /// Means and products of the landmarks about them; u = col, v = -row, so that both systems are right-handed.
    struct sums {
        explicit sums(std::span<const landmark> known) {
            const auto n = static_cast<double>(known.size());
            for (const landmark& l : known) {
                u += l.pixel.col / n;
                v -= l.pixel.row / n;
                x += l.at.x / n;
                y += l.at.y / n;
            }
            for (const landmark& l : known) {
                const double du = l.pixel.col - u;
                const double dv = -l.pixel.row - v;
                const double dx = l.at.x - x;
                const double dy = l.at.y - y;
                uu += du * du;
                uv += du * dv;
                vv += dv * dv;
                xx += dx * dx;
                xy += dx * dy;
                yy += dy * dy;
                ux += du * dx;
                uy += du * dy;
                vx += dv * dx;
                vy += dv * dy;
            }
        }
        double u = 0, v = 0, x = 0, y = 0;
        double uu = 0, uv = 0, vv = 0, xx = 0, xy = 0, yy = 0, ux = 0, uy = 0, vx = 0, vy = 0;
    };

    static void check_finite(const landmark& known, std::size_t i) {
        if (!std::isfinite(known.pixel.row) || !std::isfinite(known.pixel.col) || !std::isfinite(known.at.x) ||
            !std::isfinite(known.at.y)) {
            throw data_error(detail::text("landmark ", i, " is at pixel (row ", known.pixel.row, ", column ",
                                          known.pixel.col, ") and place (", known.at.x, ", ", known.at.y,
                                          "); all four numbers must be finite; correct it or leave it out"),
                             i);
        }
    }
    static double factor_of(point_rc one, point_rc other, double length) {
        const double pixels = std::hypot(other.row - one.row, other.col - one.col);
        if (!(pixels > 0) || !std::isfinite(pixels)) {
            throw invalid_value("scale_bar",
                                detail::text("a scale bar of ", pixels, " pixels was given, from (row ", one.row,
                                             ", column ", one.col, ") to (row ", other.row, ", column ", other.col,
                                             "); its ends must be two finite places"));
        }
        if (!(length > 0) || !std::isfinite(length)) {
            throw invalid_value("length", detail::text("a scale bar of length ", length,
                                                       " was given; it must be "
                                                       "positive and finite"));
        }
        return length / pixels;
    }

    /// Points on one line have an inertia about it that is nothing against that along it.
    static bool flat(double aa, double ab, double bb) noexcept {
        const double trace = aa + bb;
        return !(aa * bb - ab * ab > 1e-10 * trace * trace);
    }
    /// Without the shift.
    static affine_xy fit_similarity(const sums& of) {
        const double spread = of.uu + of.vv;
        const double cosine = (of.ux + of.vy) / spread;
        const double sine = (of.uy - of.vx) / spread;
        if (!(spread > 0) || !(of.xx + of.yy > 0) ||
            !(cosine * cosine + sine * sine > 1e-20 * (of.xx + of.yy) / spread)) {
            throw data_error(spread > 0
                                 ? of.xx + of.yy > 0
                                       ? detail::text("the landmarks fit no similarity: their pixels and their places "
                                                      "are mirror images; use an affine calibration, or check rows "
                                                      "and columns")
                                       : detail::text("all landmarks are at the place (", of.x, ", ", of.y,
                                                      "); give landmarks at two places or more")
                                 : detail::text("all landmarks are at the pixel (row ", -of.v, ", column ", of.u,
                                                "); give landmarks at two pixels or more"));
        }
        return {.xx = cosine, .xy = sine, .yx = sine, .yy = -cosine}; // x = c u - s v = c col + s row
    }
    static affine_xy fit_affine(const sums& of, std::size_t count) {
        if (flat(of.uu, of.uv, of.vv) || flat(of.xx, of.xy, of.yy)) {
            throw data_error(detail::text("the ", count, " landmarks lie on one line ",
                                          flat(of.uu, of.uv, of.vv) ? "in the picture" : "in the environment",
                                          "; an affine calibration needs 3 that do not; add one beside the line, or "
                                          "use a similarity"));
        }
        const double det = of.uu * of.vv - of.uv * of.uv;
        return {.xx = (of.ux * of.vv - of.vx * of.uv) / det,
                .xy = -(of.vx * of.uu - of.ux * of.uv) / det,
                .yx = (of.uy * of.vv - of.vy * of.uv) / det,
                .yy = -(of.vy * of.uu - of.uy * of.uv) / det};
    }
    void measure(std::span<const landmark> known, const sums& of, calibration_kind kind) {
        double squares = 0;
        for (std::size_t i = 0; i < known.size(); ++i) {
            const point_xy put = at(known[i].pixel);
            const double off = std::hypot(put.x - known[i].at.x, put.y - known[i].at.y);
            squares += off * off;
            if (off > largest_residual) {
                largest_residual = off;
                worst_landmark = i;
            }
        }
        const auto n = static_cast<double>(known.size());
        rms = std::sqrt(squares / n);
        const double extent = std::sqrt((of.xx + of.yy) / n);
        if (rms > 0.02 * extent) {
            const auto rounded = [](double value) { return std::round(value * 1000) / 1000; };
            warning =
                detail::text("the landmarks are ", rounded(rms), " units (rms) from where the calibration puts them, ",
                             rounded(100 * rms / extent), " % of their spread, and 2 % is usual; landmark ",
                             worst_landmark, " is ", rounded(largest_residual), " off; check it",
                             kind == calibration_kind::similarity
                                 ? ", or use an affine calibration when the camera looks askew or through a mirror"
                                 : ", and the lens");
        }
    }
};

} // namespace fieldreel::inline v0

#endif
