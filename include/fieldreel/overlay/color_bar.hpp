// SPDX-License-Identifier: MIT
// Which colour is which value: a bar beside a field, with round numbers.
#ifndef FIELDREEL_OVERLAY_COLOR_BAR_HPP
#define FIELDREEL_OVERLAY_COLOR_BAR_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/overlay/ticks.hpp>

namespace fieldreel::inline v0 {

struct color_bar_options {
    std::string quantity = {};   ///< what the values are: "rate"
    std::string unit = {};       ///< "Hz"
    bool clipped_low = false;    ///< there are values below vmin: a triangle at the lower end
    bool clipped_high = false;   ///< there are values above vmax: a triangle at the upper end
    std::size_t steps = 64;      ///< pieces the bar is made of
    point_xy place = {0.9, 0.1}; ///< the bar's upper left corner in the panel, 0-1, y down
    double width = 0.03;         ///< in the panel
    double height = 0.5;
    shape_style tick = {.color = {255, 255, 255, 255}, .size_px = 1, .where = placement::panel};
    shape_style label = {.color = {255, 255, 255, 255}, .size_px = 11, .where = placement::panel};
};

/// A bar of colours, vmax on top, with three to five round numbers beside it and the quantity above. The same at every
/// moment: make another when colours or limits change. Cost: the shapes, none of them computed anew.
class color_bar {
public:
    /// `colors`: of the values from vmin to vmax, e.g. colormap::table(). Errors: invalid_value for no colours, for
    /// limits that are not finite or in the wrong order, fewer than 2 steps or more than 1024, and a bar that is not
    /// within the panel.
    color_bar(std::span<const rgba8> colors, double vmin, double vmax, color_bar_options options = {})
        : options_(std::move(options)) {
        check(colors, vmin, vmax);
        for (std::size_t k = 0; k < options_.steps; ++k) {
            const double middle = (static_cast<double>(k) + 0.5) / static_cast<double>(options_.steps);
            colors_.push_back(colors[static_cast<std::size_t>(middle * static_cast<double>(colors.size()))]);
        }
        std::vector<double> values = few_ticks(vmin, vmax);
        if (values.empty()) {
            values.push_back(vmin); // all values are one
        }
        for (const double value : values) {
            const double part = vmax > vmin ? (value - vmin) / (vmax - vmin) : 0.5;
            ticks_.push_back({part, {}});
            append_number(ticks_.back().text, value, 6);
        }
        title_ = options_.quantity;
        if (!options_.unit.empty()) {
            title_ += title_.empty() ? options_.unit : " (" + options_.unit + ")";
        }
    }

    void build(const moment&, canvas& out) const {
        const double left = options_.place.x;
        const double right = left + options_.width;
        const double top = options_.place.y;
        const double bottom = top + options_.height;
        const double step = options_.height / static_cast<double>(colors_.size());
        shape_style piece = options_.tick;
        for (std::size_t k = 0; k < colors_.size(); ++k) {
            const double low = bottom - step * static_cast<double>(k);
            const double high = k + 1 == colors_.size() ? top : low - step;
            piece.color = colors_[k];
            out.polygon(std::array<point_xy, 4>{{{left, low}, {right, low}, {right, high}, {left, high}}}, piece);
        }
        const double tip = options_.width;
        if (options_.clipped_low) {
            piece.color = colors_.front();
            out.polygon(std::array<point_xy, 3>{{{left, bottom}, {right, bottom}, {(left + right) / 2, bottom + tip}}},
                        piece);
        }
        if (options_.clipped_high) {
            piece.color = colors_.back();
            out.polygon(std::array<point_xy, 3>{{{left, top}, {right, top}, {(left + right) / 2, top - tip}}}, piece);
        }
        for (const mark& tick : ticks_) {
            const double y = bottom - options_.height * tick.part;
            out.begin_line(options_.tick);
            out.line_to({right, y});
            out.line_to({right + options_.width / 3, y});
            out.end_line();
            out.label({right + options_.width / 2, y}, tick.text, options_.label);
        }
        if (!title_.empty()) {
            out.label({left, top - tip - 0.03}, title_, options_.label);
        }
    }

private:
    struct mark {
        double part; ///< of the height, from below
        std::string text;
    };

    void check(std::span<const rgba8> colors, double vmin, double vmax) const {
        const auto& o = options_;
        if (colors.empty()) {
            throw invalid_value("colors", "a colour bar without colours was asked for; give colormap::table()");
        }
        if (!std::isfinite(vmin) || !std::isfinite(vmax) || vmin > vmax) {
            throw invalid_value("vmin", detail::text("a colour bar from ", vmin, " to ", vmax,
                                                     " was asked for; both must be finite and the first not above the "
                                                     "second"));
        }
        if (o.steps < 2 || o.steps > 1024) {
            throw invalid_value("steps", detail::text("a colour bar of ", o.steps,
                                                      " steps was asked for; it must have 2 to 1024; 64 is usual"));
        }
        if (!(o.width > 0 && o.height > 0 && o.place.x >= 0 && o.place.y >= 0 && o.place.x + o.width <= 1 &&
              o.place.y + o.height <= 1)) {
            throw invalid_value("place",
                                detail::text("a colour bar of ", o.width, " x ", o.height, " was put at (", o.place.x,
                                             ", ", o.place.y, ") of the panel; it must lie within 0-1 of it"));
        }
    }

    color_bar_options options_;
    std::vector<rgba8> colors_; ///< from below
    std::vector<mark> ticks_;
    std::string title_;
};

} // namespace fieldreel::inline v0

#endif
