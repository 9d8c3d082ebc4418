// SPDX-License-Identifier: MIT
// How long a round number of centimetres is: a bar in the corner of a field.
#ifndef FIELDREEL_OVERLAY_SCALE_BAR_HPP
#define FIELDREEL_OVERLAY_SCALE_BAR_HPP

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/overlay/ticks.hpp>

namespace fieldreel::inline v0 {

struct scale_bar_options {
    std::string unit = {}; ///< the session's; empty: "units", for nobody knows which
    /// Of the bar, in the session's units; unset, or longer than the picture: a round number near a fifth of its width.
    double length = std::numeric_limits<double>::quiet_NaN();
    double width = std::numeric_limits<double>::quiet_NaN(); ///< of the picture; unset: of the moment's space
    point_xy place = {0.05, 0.94}; ///< the bar's left end in the panel, 0-1, y down; its label stands above
    shape_style line = {.color = {255, 255, 255, 255}, .size_px = 3, .where = placement::panel};
    shape_style label = {.color = {255, 255, 255, 255}, .size_px = 12, .where = placement::panel};
};

/// The round number (1, 2 or 5 x 10^n) nearest to a fifth of a width, by ratio. 0 for a width that is not positive and
/// finite.
inline double scale_bar_length(double width) noexcept {
    const double fifth = width / 5;
    if (!(fifth > (std::numeric_limits<double>::min)()) || !std::isfinite(width)) {
        return 0;
    }
    const auto below = detail::round_below(fifth);
    const auto above = below.next();
    return fifth / below.value() <= above.value() / fifth ? below.value() : above.value();
}

/// A bar and its label, in the panel. Nothing where neither the options nor the moment know the width. Cost: O(1).
class scale_bar {
public:
    /// Errors: invalid_value for a length or width that is given and not positive and finite, and for a place outside
    /// the panel.
    explicit scale_bar(scale_bar_options options = {}) : options_(std::move(options)) {
        check("length", options_.length, "leave it unset for a round number");
        check("width", options_.width, "leave it unset for that of the space");
        const point_xy at = options_.place;
        if (!(at.x >= 0 && at.x <= 1 && at.y >= 0 && at.y <= 1)) {
            throw invalid_value("place", detail::text("a scale bar was put at (", at.x, ", ", at.y,
                                                      ") of the panel; both must be from 0 to 1"));
        }
    }

    void build(const moment& now, canvas& out) const {
        double width = options_.width;
        if (std::isnan(width) && now.space) {
            const box_xy box = now.space.bounds();
            width = box.high.x - box.low.x;
        }
        const double round = scale_bar_length(width);
        if (round == 0) {
            return;
        }
        const double length = options_.length <= width ? options_.length : round;
        const point_xy from = options_.place;
        const point_xy to{from.x + length / width, from.y};
        out.begin_line(options_.line);
        out.line_to(from);
        out.line_to(to);
        out.end_line();
        text_.clear();
        append_number(text_, length);
        text_ += ' ';
        text_ += options_.unit.empty() ? std::string_view("units") : std::string_view(options_.unit);
        out.label({from.x, from.y - 0.03}, text_, options_.label);
    }

private:
    static void check(const char* name, double value, const char* remedy) {
        if (!std::isnan(value) && !(value > 0 && std::isfinite(value))) {
            throw invalid_value(name, detail::text("a scale bar's ", name, " of ", value,
                                                   " was given; it must be positive and finite; ", remedy));
        }
    }
    scale_bar_options options_;
    mutable std::string text_;
};

} // namespace fieldreel::inline v0

#endif
