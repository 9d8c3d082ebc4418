// SPDX-License-Identifier: MIT
// The animal's position as a dot, and the path of the last seconds, fading.
#ifndef FIELDREEL_OVERLAY_TRAIL_HPP
#define FIELDREEL_OVERLAY_TRAIL_HPP

#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/overlay.hpp>

namespace fieldreel::inline v0 {

struct trail_options {
    double length_s = 2;          ///< how far back it goes; 0 = the dot alone
    double min_alpha = 0.1;       ///< of its oldest end, 0-1; 1 = no fading
    std::size_t max_points = 256; ///< a longer trail shows every second, fourth, … sample
    shape_style line = {.color = {255, 255, 255, 255}, .size_px = 2};
    shape_style dot = {.color = {255, 255, 255, 255}, .size_px = 9};
};

/// Draws no line across a gap or lost tracking, nor across those among samples that are thinned out.
/// Cost: O(log samples + samples within its length).
class trail {
public:
    /// Errors: invalid_value for a negative length, an alpha outside 0-1, or fewer than two points.
    explicit trail(trajectory path, const trail_options& options = {}) : path_(std::move(path)), options_(options) {
        if (!(options.length_s >= 0) || !std::isfinite(options.length_s)) {
            throw invalid_value("length_s", detail::text("a trail of ", options.length_s,
                                                         " s was asked for; it must be 0 or positive; 2 is usual"));
        }
        if (!(options.min_alpha >= 0 && options.min_alpha <= 1)) {
            throw invalid_value("min_alpha", detail::text("a trail's min_alpha of ", options.min_alpha,
                                                          " was given; it must be from 0 to 1"));
        }
        if (options.max_points < 2) {
            throw invalid_value("max_points", detail::text("a trail of at most ", options.max_points,
                                                           " points was asked for; a line needs 2"));
        }
    }

    void build(const moment& now, canvas& out) const {
        const auto found = bracket_at(path_.times(), now.time_s, path_.max_gap_s());
        const point_xy here = found ? path_.at(*found) : point_xy{std::nan(""), std::nan("")};
        if (options_.length_s > 0) {
            draw_line(now.time_s, found, here, out);
        }
        out.marker(here, options_.dot);
    }

private:
    void draw_line(double time_s, const std::optional<bracket>& found, point_xy here, canvas& out) const {
        const sample_times& times = path_.times();
        const auto last = found ? std::optional(found->left) : times.at_or_before(time_s);
        const double from_s = time_s - options_.length_s;
        if (!last || times[*last] < from_s) {
            return;
        }
        const auto before = times.at_or_before(from_s);
        const std::size_t first = !before ? 0 : times[*before] == from_s ? *before : *before + 1;
        if (first > *last) {
            return;
        }
        path_.positions().check_size();
        const std::size_t step = thinning(*last - first);
        const auto alpha = [&](double t) {
            const double age = (time_s - t) / options_.length_s;
            return static_cast<float>(options_.min_alpha + (1 - options_.min_alpha) * (1 - age));
        };
        const auto break_line = [&] { out.line_to({std::nan(""), std::nan("")}); };
        out.begin_line(options_.line);
        std::size_t drawn = first; // or looked at, before anything is drawn
        // Every step-th sample by its own number, so that the points stay where they are while the trail moves on.
        for (std::size_t i = (first + step - 1) / step * step; i <= *last; i += step) {
            if (broken_between(drawn, i)) {
                break_line();
            }
            out.line_to(path_.sample(i), alpha(times[i]));
            drawn = i;
        }
        if (found && !(found->exact() && drawn == *last)) {
            if (broken_between(drawn, *last)) {
                break_line();
            }
            out.line_to(here);
        }
        out.end_line();
    }
    /// One sample in so many is drawn, a power of two. `steps`: from the first sample in the trail to the last.
    ///
    /// Why not from their number alone: it goes up and down by one as the trail moves, and half of the points would
    /// come and go. A trail of full length is taken for a little longer than the usual distance of samples makes it.
    std::size_t thinning(std::size_t steps) const {
        const double full = options_.length_s / path_.times().median_dt_s();
        const auto now = static_cast<double>(steps);
        if (now > 0.9 * full && now < 1.01 * full + 1) {
            steps = static_cast<std::size_t>(1.01 * full + 1);
        }
        std::size_t step = 1;
        while (steps / step + 2 > options_.max_points) {
            step *= 2;
        }
        return step;
    }
    /// A gap after sample a and up to b, or lost tracking between the two.
    bool broken_between(std::size_t a, std::size_t b) const {
        const sample_times& times = path_.times();
        for (std::size_t i = a + 1; i <= b; ++i) {
            if (times[i] - times[i - 1] > path_.max_gap_s()) {
                return true;
            }
            if (i < b) {
                const point_xy skipped = path_.sample(i);
                if (!std::isfinite(skipped.x) || !std::isfinite(skipped.y)) {
                    return true;
                }
            }
        }
        return false;
    }

    trajectory path_;
    trail_options options_;
};

} // namespace fieldreel::inline v0

#endif
