// SPDX-License-Identifier: MIT
// What time it is in the recording: "0:12.34 / 26:27".
#ifndef FIELDREEL_OVERLAY_TIME_LABEL_HPP
#define FIELDREEL_OVERLAY_TIME_LABEL_HPP

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/overlay.hpp>

namespace fieldreel::inline v0 {

/// "1:02:03.45" or "3723.45 s".
enum class time_format : std::uint8_t { clock, seconds };

struct time_label_options {
    time_format format = time_format::clock;
    double start_s = 0;                                      ///< the time that is shown as 0
    double end_s = std::numeric_limits<double>::quiet_NaN(); ///< the recording's last time; unset: not shown
    int decimals = 2;                                        ///< of the second, 0-6
    bool frame = false;                                      ///< the first field's frame number behind
    point_xy place = {0.02, 0.04};                           ///< in the panel, 0-1, y down
    shape_style label = {.color = {255, 255, 255, 255}, .size_px = 13, .where = placement::panel};
};

/// Appends a time rounded to so many decimals: "0:12.34", with `hours` "0:00:12.34"; an hour or more always has hours.
inline void append_clock(std::string& out, double time_s, int decimals = 2, bool hours = false) {
    double unit = 1;
    for (int k = 0; k < decimals; ++k) {
        unit *= 10;
    }
    const double ticks = std::round(std::abs(time_s) * unit); // whole numbers from here on: never "0:60.00"
    if (!(ticks < 9e15)) {
        out += '-';
        return;
    }
    const auto all = static_cast<std::uint64_t>(ticks);
    const auto per_second = static_cast<std::uint64_t>(unit);
    const std::uint64_t seconds = all / per_second;
    const auto put = [&](std::uint64_t number, int digits) {
        char buffer[24];
        const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
        for (auto have = static_cast<int>(end - buffer); have < digits; ++have) {
            out += '0';
        }
        out.append(buffer, end);
    };
    if (time_s < 0 && all > 0) {
        out += '-';
    }
    const bool long_form = hours || seconds >= 3600;
    if (long_form) {
        put(seconds / 3600, 1);
        out += ':';
    }
    put(seconds / 60 % 60, long_form ? 2 : 1);
    out += ':';
    put(seconds % 60, 2);
    if (decimals > 0) {
        out += '.';
        put(all % per_second, decimals);
    }
}

/// The moment's time as a label in the panel. Cost: O(1).
class time_label {
public:
    /// Errors: invalid_value for a start that is not finite, an end before it, decimals outside 0-6, and a place
    /// outside the panel.
    explicit time_label(time_label_options options = {}) : options_(std::move(options)) {
        const auto& o = options_;
        if (!std::isfinite(o.start_s) || o.end_s < o.start_s || std::isinf(o.end_s)) {
            throw invalid_value("end_s", detail::text("a time label from ", o.start_s, " to ", o.end_s,
                                                      " s was asked for; both must be finite and the second not "
                                                      "before the first; leave end_s unset to show no end"));
        }
        if (o.decimals < 0 || o.decimals > 6) {
            throw invalid_value("decimals", detail::text("a time label of ", o.decimals,
                                                         " decimals was asked for; it must have 0 to 6; 2 is usual"));
        }
        if (!(o.place.x >= 0 && o.place.x <= 1 && o.place.y >= 0 && o.place.y <= 1)) {
            throw invalid_value("place", detail::text("a time label was put at (", o.place.x, ", ", o.place.y,
                                                      ") of the panel; both must be from 0 to 1"));
        }
    }

    const time_label_options& options() const noexcept { return options_; }

    void build(const moment& now, canvas& out) const {
        text_.clear();
        const double time_s = now.time_s - options_.start_s;
        const double length_s = options_.end_s - options_.start_s;
        if (options_.format == time_format::clock) {
            append_clock(text_, time_s, options_.decimals, length_s >= 3599.5);
            if (!std::isnan(length_s)) {
                text_ += " / ";
                append_clock(text_, length_s, 0);
            }
        } else {
            append_seconds(time_s, options_.decimals);
            if (!std::isnan(length_s)) {
                text_ += " / ";
                append_seconds(length_s, 0);
            }
            text_ += " s";
        }
        if (options_.frame) {
            text_ += now.frame ? "  frame " : "  no frame";
            if (now.frame) {
                detail::append(text_, *now.frame);
            }
        }
        out.label(options_.place, text_, options_.label);
    }

private:
    void append_seconds(double value, int decimals) const {
        char buffer[512]; // the greatest double has 309 digits
        const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, decimals).ptr;
        text_.append(buffer, end);
    }
    time_label_options options_;
    mutable std::string text_;
};

} // namespace fieldreel::inline v0

#endif
