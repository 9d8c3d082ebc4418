// SPDX-License-Identifier: MIT
// The animal's position as a dot, the path of the last and the next seconds, fading, and the whole path behind it.
#ifndef FIELDREEL_OVERLAY_TRAIL_HPP
#define FIELDREEL_OVERLAY_TRAIL_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/overlay.hpp>

namespace fieldreel::inline v0 {

/// Which part of the whole path lies under the trail: none of it, what is already past, or all.
enum class whole_path : std::uint8_t { none, past, all };

struct trail_options {
    double length_s = 2;            ///< how far back it goes; 0 = the dot alone
    std::size_t length_samples = 0; ///< how far back in samples; when not 0, it holds instead of length_s
    double future_s = 0;            ///< how far ahead the coming part goes; 0 = none
    std::size_t future_samples = 0; ///< how far ahead in samples; when not 0, it holds instead of future_s
    double min_alpha = 0.1;         ///< of its oldest and its farthest end, 0-1; 1 = no fading
    std::size_t max_points = 256;   ///< of each part; a longer one shows every second, fourth, … sample
    bool sample_dots = false;       ///< a dot on every sample that the line goes through
    whole_path path = whole_path::none;
    std::size_t path_points = 100'000; ///< a longer path is drawn through every second, fourth, … sample
    shape_style line = {.color = {255, 255, 255, 255}, .size_px = 2};
    shape_style future_line = {.color = {170, 170, 170, 255}, .size_px = 2};
    shape_style sample_dot = {.color = {255, 255, 255, 255}, .size_px = 4};
    shape_style path_line = {.color = {128, 128, 128, 255}, .size_px = 1};
    shape_style dot = {.color = {255, 255, 255, 255}, .size_px = 9};
};

/// Draws no line across a gap or lost tracking, nor across those among samples that are thinned out.
/// Cost: O(log samples + samples within its length). The whole path is a kept line: `all` reads every sample once, at
/// the first moment; `past` reads once the samples that were not yet passed, and allocates one time in some thousand
/// points.
class trail {
public:
    /// Errors: invalid_value for a negative length, an alpha outside 0-1, or fewer than two points.
    explicit trail(trajectory path, const trail_options& options = {}) : path_(std::move(path)), options_(options) {
        check_length("length_s", "a trail of ", options.length_s, "2");
        check_length("future_s", "a trail into the future of ", options.future_s, "1");
        if (!(options.min_alpha >= 0 && options.min_alpha <= 1)) {
            throw invalid_value("min_alpha", detail::text("a trail's min_alpha of ", options.min_alpha,
                                                          " was given; it must be from 0 to 1"));
        }
        if (options.max_points < 2) {
            throw invalid_value("max_points", detail::text("a trail of at most ", options.max_points,
                                                           " points was asked for; a line needs 2"));
        }
        if (options.path_points < 2) {
            throw invalid_value("path_points", detail::text("a path of at most ", options.path_points,
                                                            " points was asked for; a line needs 2"));
        }
        while ((path_.times().size() - 1) / path_step_ + 1 > options.path_points && !path_.times().empty()) {
            path_step_ *= 2;
        }
    }

    const trajectory& path() const noexcept { return path_; }
    /// Of the whole path every so many-th sample is drawn.
    std::size_t path_step() const noexcept { return path_step_; }
    const trail_options& options() const noexcept { return options_; }
    /// The same path with a trail of another length. Errors: as the constructor. Cost: O(1).
    trail with_length(double length_s) const {
        trail_options how = options_;
        how.length_s = length_s;
        how.length_samples = 0;
        return trail(path_, how);
    }

    void build(const moment& now, canvas& out) const {
        const auto found = bracket_at(path_.times(), now.time_s, path_.max_gap_s());
        const point_xy here = found ? path_.at(*found) : lost;
        const auto last = found ? std::optional(found->left) : path_.times().at_or_before(now.time_s);
        if (options_.path != whole_path::none && !path_.times().empty()) {
            draw_path(last, found, here, out);
        }
        draw_future(now.time_s, last, here, out);
        draw_past(now.time_s, last, found, here, out);
        out.marker(here, options_.dot);
    }

private:
    static constexpr point_xy lost{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};

    /// Samples first-last, of which every step-th is drawn.
    struct part {
        std::size_t first = 0;
        std::size_t last = 0;
        std::size_t step = 1;
        /// Every step-th by its own number, so that the points stay where they are while the trail moves on.
        std::size_t first_drawn() const noexcept { return (first + step - 1) / step * step; }
    };
    /// The whole path as far as it was needed.
    struct drawn_path {
        std::shared_ptr<kept_points> points;
        std::size_t next = 0;            ///< of the samples drawn, 0 = sample 0, 1 = sample path_step_, …
        std::vector<std::size_t> breaks; ///< those with a NaN in front of them
        bool ended = false;
    };

    static void check_length(const char* name, const char* what, double length_s, const char* usual) {
        if (!(length_s >= 0) || !std::isfinite(length_s)) {
            throw invalid_value(
                name, detail::text(what, length_s, " s was asked for; it must be 0 or positive; ", usual, " is usual"));
        }
    }
    static bool finite(point_xy at) noexcept { return std::isfinite(at.x) && std::isfinite(at.y); }
    float fading(double age) const noexcept { // age: 0 = now, 1 = the end
        return static_cast<float>(options_.min_alpha + (1 - options_.min_alpha) * (1 - age));
    }

    void draw_past(double time_s, std::optional<std::size_t> last, const std::optional<bracket>& found, point_xy here,
                   canvas& out) const {
        const sample_times& times = path_.times();
        const std::size_t count = options_.length_samples;
        if (!last || (count == 0 && options_.length_s == 0)) {
            return;
        }
        part past{.first = 0, .last = *last};
        double begun = 0; // how much of the step to the next sample is over
        if (count > 0) {
            if (*last + 1 == times.size() && time_s > times[*last] + times.duration_s(*last)) {
                return; // the recording is over
            }
            past.first = *last + 1 > count ? *last + 1 - count : 0;
            past.step = thinning(*last - past.first, static_cast<double>(count));
            begun = found && !found->exact() ? (time_s - found->left_s) / (found->right_s - found->left_s) : 0;
        } else {
            const double from_s = time_s - options_.length_s;
            const auto before = times.at_or_before(from_s);
            past.first = !before ? 0 : times[*before] == from_s ? *before : *before + 1;
            if (past.first > *last) {
                return;
            }
            past.step = thinning(*last - past.first, options_.length_s / times.median_dt_s());
        }
        const auto alpha = [&](std::size_t i) {
            return fading(count > 0 ? (static_cast<double>(*last - i) + begun) / static_cast<double>(count)
                                    : (time_s - times[i]) / options_.length_s);
        };
        path_.positions().check_size();
        out.begin_line(options_.line);
        std::size_t drawn = past.first; // or looked at, before anything is drawn
        for (std::size_t i = past.first_drawn(); i <= past.last; i += past.step) {
            if (broken_between(drawn, i)) {
                out.line_to(lost);
            }
            out.line_to(path_.sample(i), alpha(i));
            drawn = i;
        }
        if (found && !(found->exact() && drawn == *last)) {
            if (broken_between(drawn, *last)) {
                out.line_to(lost);
            }
            out.line_to(here);
        }
        out.end_line();
        draw_dots(past, alpha, out);
    }

    void draw_future(double time_s, std::optional<std::size_t> last, point_xy here, canvas& out) const {
        const sample_times& times = path_.times();
        const std::size_t count = options_.future_samples;
        if ((count == 0 && options_.future_s == 0) || times.empty()) {
            return;
        }
        part coming{.first = last ? *last + 1 : 0};
        if (count > 0) {
            if (!last || coming.first == times.size()) {
                return;
            }
            coming.last = (std::min)(times.size() - 1, *last + count);
            coming.step = thinning(coming.last - coming.first, static_cast<double>(count));
        } else {
            const auto end = times.at_or_before(time_s + options_.future_s);
            if (!end || *end < coming.first) {
                return;
            }
            coming.last = *end;
            coming.step = thinning(coming.last - coming.first, options_.future_s / times.median_dt_s());
        }
        const auto alpha = [&](std::size_t i) {
            return fading(count > 0 ? static_cast<double>(i - *last) / static_cast<double>(count)
                                    : (times[i] - time_s) / options_.future_s);
        };
        path_.positions().check_size();
        out.begin_line(options_.future_line);
        out.line_to(here);
        std::size_t drawn = last.value_or(0);
        for (std::size_t i = coming.first_drawn(); i <= coming.last; i += coming.step) {
            if (broken_between(drawn, i)) {
                out.line_to(lost);
            }
            out.line_to(path_.sample(i), alpha(i));
            drawn = i;
        }
        out.end_line();
        draw_dots(coming, alpha, out);
    }

    template <class Alpha>
    void draw_dots(const part& of, const Alpha& alpha, canvas& out) const {
        if (options_.sample_dots) {
            out.begin_markers(options_.sample_dot);
            for (std::size_t i = of.first_drawn(); i <= of.last; i += of.step) {
                out.marker_at(path_.sample(i), alpha(i));
            }
            out.end_markers();
        }
    }

    void draw_path(std::optional<std::size_t> last, const std::optional<bracket>& found, point_xy here,
                   canvas& out) const {
        const std::size_t sample_count = path_.times().size();
        drawn_path& drawn = *drawn_;
        if (options_.path == whole_path::all) {
            if (!drawn.ended) {
                grow(drawn, (sample_count - 1) / path_step_);
                if ((sample_count - 1) % path_step_ != 0) {
                    const std::size_t end = (sample_count - 1) / path_step_ * path_step_;
                    if (broken_and_increasing(end, sample_count - 1)) {
                        drawn.points->append({lost.x, lost.y, 1});
                    }
                    append_sample(drawn, sample_count - 1);
                }
                drawn.ended = true;
            }
            out.kept_line(drawn.points, drawn.points->size(), options_.path_line);
        } else if (last) {
            const std::size_t newest = *last / path_step_;
            grow(drawn, newest);
            const auto breaks = std::upper_bound(drawn.breaks.begin(), drawn.breaks.end(), newest);
            out.kept_line(drawn.points, newest + 1 + static_cast<std::size_t>(breaks - drawn.breaks.begin()),
                          options_.path_line);
            // From the last point that is kept to where the animal is.
            out.begin_line(options_.path_line);
            for (std::size_t i = newest * path_step_; i <= *last; ++i) {
                if (i > newest * path_step_ && broken_between(i - 1, i)) {
                    out.line_to(lost);
                }
                out.line_to(path_.sample(i));
            }
            if (found && !found->exact()) {
                out.line_to(here);
            }
            out.end_line();
        }
    }
    /// Adds what is missing up to the kept sample `newest`.
    void grow(drawn_path& drawn, std::size_t newest) const {
        path_.positions().check_size();
        if (drawn.points == nullptr) {
            drawn.points = std::make_shared<kept_points>(2 * ((path_.times().size() - 1) / path_step_ + 2));
        }
        for (; drawn.next <= newest; ++drawn.next) {
            const std::size_t i = drawn.next * path_step_;
            if (drawn.next > 0 && broken_and_increasing(i - path_step_, i)) {
                drawn.breaks.push_back(drawn.next);
                drawn.points->append({lost.x, lost.y, 1});
            }
            append_sample(drawn, i);
        }
    }
    void append_sample(drawn_path& drawn, std::size_t i) const {
        const point_xy at = finite(path_.sample(i)) ? path_.sample(i) : lost;
        drawn.points->append({at.x, at.y, 1});
    }
    /// As broken_between, and refuses times that do not increase: mapped ones were not looked at before.
    bool broken_and_increasing(std::size_t a, std::size_t b) const {
        const sample_times& times = path_.times();
        bool broken = false;
        double before = times[a];
        for (std::size_t i = a + 1; i <= b; ++i) {
            const double now = times[i];
            if (!(now > before)) {
                times.throw_not_increasing(i);
            }
            broken = broken || now - before > path_.max_gap_s() || (i < b && !finite(path_.sample(i)));
            before = now;
        }
        return broken;
    }

    /// One sample in so many is drawn, a power of two. `steps`: from the first sample in the part to the last; `full`:
    /// how many a part of full length has.
    ///
    /// Why not from their number alone: it goes up and down by one as the trail moves, and half of the points would
    /// come and go. A trail of full length is taken for a little longer than the usual distance of samples makes it.
    std::size_t thinning(std::size_t steps, double full) const {
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
            if (times[i] - times[i - 1] > path_.max_gap_s() || (i < b && !finite(path_.sample(i)))) {
                return true;
            }
        }
        return false;
    }

    trajectory path_;
    trail_options options_;
    std::size_t path_step_ = 1;
    detail::scratch<drawn_path> drawn_;
};

} // namespace fieldreel::inline v0

#endif
