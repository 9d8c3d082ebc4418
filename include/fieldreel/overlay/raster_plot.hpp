// SPDX-License-Identifier: MIT
// The spikes of many units around the shown time, a row for each, in the dock below the fields.
#ifndef FIELDREEL_OVERLAY_RASTER_PLOT_HPP
#define FIELDREEL_OVERLAY_RASTER_PLOT_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/event_times.hpp>
#include <fieldreel/overlay/overlay.hpp>

namespace fieldreel::inline v0 {

/// The units in order of where their fields peak: along a track, or the number of the bin. Units without a peak (NaN)
/// come last; equal ones stay as they were. For raster_options::order.
template <number_list Peaks>
std::vector<std::size_t> order_by_peak(const Peaks& peaks) {
    std::vector<std::size_t> order(static_cast<std::size_t>(peaks.size()));
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const auto at_a = static_cast<double>(peaks[a]);
        const auto at_b = static_cast<double>(peaks[b]);
        return std::isnan(at_b) ? !std::isnan(at_a) : at_a < at_b;
    });
    return order;
}

/// The spikes of one unit. Without a colour: the options'.
struct raster_unit {
    std::string name = {};
    event_times times = {};
    std::optional<rgba8> color = {};
};

struct raster_options {
    double before_s = 2; ///< the window, seconds before and after the shown time
    double after_s = 2;
    double low = 0; ///< the height in the dock, 0-1 upwards
    double high = 1;
    std::vector<std::size_t> order = {}; ///< the units' numbers from the lowest row up; empty: as given
    shape_style tick = {.color = {255, 255, 255, 255}, .size_px = 4, .symbol = marker_symbol::tick};
    bool now_line = true; ///< an upright line at the shown time
};

/// One list of markers for all units of a colour that lie side by side. Cost: O(units + visible spikes) when the time
/// moves on a little, O(units log spikes + visible spikes) after a jump.
class raster_plot {
public:
    static constexpr std::size_t most_units = 500;

    /// Errors: invalid_value for more than 500 units, an order that does not hold each unit once, and a window that
    /// makes no sense.
    explicit raster_plot(std::vector<raster_unit> units, raster_options options = {})
        : units_(std::move(units)), options_(std::move(options)) {
        if (units_.size() > most_units) {
            throw invalid_value("units", detail::text("a raster of ", units_.size(), " units was asked for; at most ",
                                                      most_units, " can be told apart; choose some of them"));
        }
        if (!(options_.before_s >= 0 && options_.after_s >= 0 && options_.before_s + options_.after_s > 0) ||
            !std::isfinite(options_.before_s + options_.after_s)) {
            throw invalid_value("before_s",
                                detail::text("a window from ", options_.before_s, " s before to ", options_.after_s,
                                             " s after the shown time was asked for; both "
                                             "must be 0 or positive, and one positive; 2 and 2 are usual"));
        }
        if (!(options_.low >= 0 && options_.low < options_.high && options_.high <= 1)) {
            throw invalid_value("low", detail::text("a raster from ", options_.low, " to ", options_.high,
                                                    " of the dock was asked for; give 0 <= low < high <= 1"));
        }
        if (options_.order.empty()) {
            options_.order.resize(units_.size());
            std::iota(options_.order.begin(), options_.order.end(), std::size_t{0});
        }
        check_order();
    }

    std::span<const raster_unit> units() const noexcept { return units_; }
    const raster_options& options() const noexcept { return options_; }
    /// The units from the lowest row up.
    std::span<const std::size_t> order() const noexcept { return options_.order; }
    /// The height of a row's middle in the dock.
    double height(std::size_t row) const noexcept {
        return options_.low +
               (options_.high - options_.low) * (static_cast<double>(row) + 0.5) / static_cast<double>(units_.size());
    }

    void build(const moment& now, canvas& out) const {
        std::vector<std::size_t>& first = *first_;
        first.resize(units_.size(), static_cast<std::size_t>(-1));
        std::optional<rgba8> color; // of the list that is open
        for (std::size_t row = 0; row < options_.order.size(); ++row) {
            const std::size_t u = options_.order[row];
            const event_times& times = units_[u].times;
            first[u] = times.before(now.time_s - options_.before_s, first[u]);
            const std::size_t last = times.up_to(now.time_s + options_.after_s, first[u]);
            if (first[u] >= last) {
                continue;
            }
            const rgba8 wanted = units_[u].color.value_or(options_.tick.color);
            if (color != wanted) {
                shape_style style = options_.tick;
                style.color = wanted;
                style.where = placement::dock;
                out.begin_markers(style);
                color = wanted;
            }
            const double y = height(row);
            for (std::size_t i = first[u]; i < last; ++i) {
                out.marker_at({times[i] - now.time_s, y});
            }
        }
        if (options_.now_line) {
            const shape_style style{.color = options_.tick.color, .size_px = 1, .where = placement::dock};
            out.begin_line(style);
            out.line_to({0, options_.low});
            out.line_to({0, options_.high});
            out.end_line();
        }
    }

private:
    void check_order() const {
        if (options_.order.size() != units_.size()) {
            throw invalid_value("order", detail::text("the order has ", options_.order.size(), " numbers for ",
                                                      units_.size(), " units; name each unit once"));
        }
        std::vector<bool> seen(units_.size(), false);
        for (std::size_t row = 0; row < options_.order.size(); ++row) {
            const std::size_t u = options_.order[row];
            if (u >= units_.size() || seen[u]) {
                throw invalid_value("order",
                                    detail::text("number ", row, " of the order is unit ", u,
                                                 u >= units_.size() ? detail::text(", but there are ", units_.size(),
                                                                                   " (0-", units_.size() - 1, ")")
                                                                    : std::string(", which it already has"),
                                                 "; name each unit once"));
            }
            seen[u] = true;
        }
    }

    std::vector<raster_unit> units_;
    raster_options options_;
    detail::scratch<std::vector<std::size_t>> first_; // per unit, the first spike of the last window
};

} // namespace fieldreel::inline v0

#endif
