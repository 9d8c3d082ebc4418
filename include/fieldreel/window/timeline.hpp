// SPDX-License-Identifier: MIT
// A timeline without a window: what part of the recording it shows, what lies at which pixel, what the mouse hits.
#ifndef FIELDREEL_WINDOW_TIMELINE_HPP
#define FIELDREEL_WINDOW_TIMELINE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/ticks.hpp>
#include <fieldreel/overlay/time_label.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/window/marked_track.hpp>
#include <fieldreel/window/transport.hpp>

namespace fieldreel::inline v0 {

/// What a timeline's labels and a viewer's texts count in.
enum class time_unit : std::uint8_t { seconds, frames };

/// From pixel x0 to pixel x1 of the timeline's width.
struct pixel_span {
    double x0 = 0;
    double x1 = 0;
    friend bool operator==(const pixel_span&, const pixel_span&) = default;
};

/// A labelled place on the ruler.
struct ruler_tick {
    double x = 0;
    std::string label;
    friend bool operator==(const ruler_tick&, const ruler_tick&) = default;
};

/// The events of a track that fall into one column of pixels.
struct event_column {
    double x = 0; ///< the column's left side
    std::size_t track = 0;
    std::size_t count = 0;
    friend bool operator==(const event_column&, const event_column&) = default;
};

/// Intervals of one name; those closer than a pixel are one span, and none is narrower than a pixel.
struct interval_span {
    pixel_span at;
    std::size_t track = 0;
    std::size_t group = 0; ///< of the track's interval: interval::color(group)
    friend bool operator==(const interval_span&, const interval_span&) = default;
};

struct bookmark_place {
    double x = 0;
    std::size_t number = 0; ///< in transport::bookmarks
    friend bool operator==(const bookmark_place&, const bookmark_place&) = default;
};

namespace detail {

/// What the slow parts of a drawing depend on.
struct timeline_look {
    const void* line;
    std::uint64_t revision;
    time_range visible;
    double width_px;
    time_unit unit;
    const marked_track* tracks;
    std::size_t track_count;
    std::size_t frame_count;
    double last_frame_s;
    friend bool operator==(const timeline_look&, const timeline_look&) = default;
};

} // namespace detail

/// Everything that a timeline draws, in pixels, cut to its width. It is filled again and again.
struct timeline_drawing {
    std::vector<ruler_tick> ticks;
    std::vector<event_column> events; ///< by track, then by x
    std::vector<interval_span> intervals;
    std::vector<pixel_span> cached;
    std::vector<pixel_span> gaps;
    std::vector<bookmark_place> bookmarks;
    std::optional<pixel_span> range; ///< what is played, where it meets the width
    std::optional<double> in_x;      ///< the in point, where it is set and seen
    std::optional<double> out_x;
    std::optional<double> playhead_x;
    pixel_span window;                        ///< the visible part, on the overview strip
    double overview_playhead_x = 0;           ///< on the overview strip
    std::vector<pixel_span> overview_gaps;    ///< on the overview strip
    std::optional<pixel_span> overview_range; ///< in to out on the overview strip, where one is set
    std::optional<detail::timeline_look> made_for = {};
};

/// What is under the mouse.
enum class timeline_part : std::uint8_t { empty, range, bookmark, playhead, in_handle, out_handle };
struct timeline_hit {
    timeline_part part = timeline_part::empty;
    std::size_t bookmark = 0; ///< its number
    friend bool operator==(const timeline_hit&, const timeline_hit&) = default;
};

struct timeline_options {
    double grab_px = 5;        ///< how near the mouse must come to a handle
    double label_px = 90;      ///< room for a label of the ruler
    double shortest_s = 0.001; ///< zooming in ends there
};

namespace detail {

/// Steps of a ruler from a second up, as clocks are read; after the last one days by the 1-2-5 rule.
inline constexpr std::array<double, 18> clock_steps_s = {1,   2,   5,    10,   15,   30,    60,    120,   300,
                                                         600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400};

/// Spans that touch or lie within a pixel become one.
inline void add_span(std::vector<pixel_span>& to, pixel_span span) {
    if (!to.empty() && span.x0 <= to.back().x1 + 1) {
        to.back().x1 = (std::max)(to.back().x1, span.x1);
    } else {
        to.push_back(span);
    }
}

} // namespace detail

/// The times of ranges of frames, e.g. of those that a cache holds, for timeline::set_cached.
inline std::vector<time_range> times_of(const any_source& source, std::span<const frame_range> frames) {
    std::vector<time_range> out;
    for (const frame_range& range : frames) {
        const std::size_t last = (std::min)(range.last, source.frame_count());
        if (range.first < last) {
            out.push_back({source.time_s(range.first), source.time_s(last - 1) + source.duration_s(last - 1)});
        }
    }
    return out;
}

/// "1:15.30", or "#940": the frame at the time or the last one before it, "no frame" before the first.
inline std::string time_text(double time_s, time_unit unit, const std::optional<any_source>& frames = {},
                             int decimals = 2) {
    std::string out;
    if (unit == time_unit::seconds) {
        append_clock(out, time_s, decimals);
    } else if (!frames || frames->frame_count() == 0 || time_s < frames->time_s(0)) {
        out = "no frame";
    } else {
        out = detail::text("#", detail::frame_at_or_before(*frames, time_s));
    }
    return out;
}

/// The part of a recording that a strip of pixels shows, above an overview strip of the same width that shows all of
/// it. x is in pixels from the strip's left side.
class timeline {
public:
    /// Shows all. Errors: invalid_value for times that are not finite or reversed.
    explicit timeline(time_range times, const timeline_options& options = {}) : options_(options) { set_times(times); }

    /// Another recording; shows all of it.
    void set_times(time_range times) {
        all_ = fieldreel::clock(times).range();
        fit();
    }
    time_range times() const noexcept { return all_; }
    time_range visible() const noexcept { return visible_; }
    double width_px() const noexcept { return width_px_; }
    void set_width(double width_px) noexcept { width_px_ = width_px >= 1 && std::isfinite(width_px) ? width_px : 1; }
    time_unit unit() const noexcept { return unit_; }
    void set_unit(time_unit unit) noexcept { unit_ = unit; }

    // ---- time and pixels ----
    double x_of(double time_s) const noexcept { return place(time_s, visible_); }
    /// Of a place outside the strip too, but never outside the recording.
    double time_at(double x) const noexcept { return time_in(x, visible_); }
    double overview_x_of(double time_s) const noexcept { return place(time_s, all_); }
    double overview_time_at(double x) const noexcept { return time_in(x, all_); }

    // ---- what is seen ----
    void fit() noexcept { visible_ = all_; }
    /// A factor above 1 shows less. The time under the mouse stays there, unless an end of the recording comes in.
    void zoom(double factor, double x) noexcept {
        if (!(factor > 0) || !std::isfinite(factor)) {
            return;
        }
        const double held_s = time_at(x);
        const double part = (std::clamp)(x / width_px_, 0.0, 1.0);
        const double length_s = (std::clamp)(length(visible_) / factor, shortest(), length(all_));
        move_to(held_s - part * length_s, length_s);
    }
    /// Positive pixels show what comes later.
    void pan(double pixels) noexcept {
        if (std::isfinite(pixels)) {
            move_to(visible_.start_s + pixels / width_px_ * length(visible_), length(visible_));
        }
    }
    /// Shows a range, cut to the recording; not less than the shortest there is.
    void show(time_range range) noexcept {
        if (!(range.start_s <= range.stop_s) || !std::isfinite(range.start_s) || !std::isfinite(range.stop_s)) {
            return;
        }
        const double length_s = (std::clamp)(range.stop_s - range.start_s, shortest(), length(all_));
        move_to((range.start_s + range.stop_s - length_s) / 2, length_s);
    }
    /// A drag on the overview strip: what is seen is centred on a time.
    void centre(double time_s) noexcept {
        if (!std::isnan(time_s)) {
            move_to(time_s - length(visible_) / 2, length(visible_));
        }
    }
    /// While it plays: turns the page when a time runs out of sight. `velocity` says which way it goes.
    void follow(double time_s, double velocity) noexcept {
        if (time_s < visible_.start_s || time_s > visible_.stop_s) {
            const double part = velocity < 0 ? 0.95 : velocity > 0 ? 0.05 : 0.5;
            move_to(time_s - part * length(visible_), length(visible_));
        }
    }
    /// While the mouse drags past an end of the strip, it moves on; the further out the faster.
    void pan_past_end(double x, double elapsed_s) noexcept {
        const double beyond = x < 0 ? x : x > width_px_ ? x - width_px_ : 0;
        const double limit = width_px_ / 2;
        pan((std::clamp)(beyond * 8 * elapsed_s, -limit, limit));
    }

    // ---- what lies where ----
    /// Stretches without data, in order. The times are those of find_gaps.
    void set_gaps(std::vector<time_range> gaps) {
        gaps_ = std::move(gaps);
        ++revision_;
    }
    /// What a cache holds, in order: times_of(source, ranges).
    void set_cached(std::span<const time_range> cached) { cached_.assign(cached.begin(), cached.end()); }
    /// Everything is found anew with the next drawing. Needed after transport::set_tracks, and when frames have other
    /// times than before.
    void forget() noexcept { ++revision_; }

    /// Cost: what is seen of cached ranges and bookmarks; ticks, events, intervals and gaps only when the part that is
    /// seen, the width or the unit has changed: then O(width log events) per track and O(seen) intervals.
    void draw(const transport& what, const std::optional<any_source>& frames, double now_s, timeline_drawing& out) {
        const std::size_t count = frames ? frames->frame_count() : 0;
        const detail::timeline_look now{this,
                                        revision_,
                                        visible_,
                                        width_px_,
                                        unit_,
                                        what.tracks().data(),
                                        what.tracks().size(),
                                        count,
                                        count > 0 ? frames->time_s(count - 1) : 0};
        if (!out.made_for || *out.made_for != now) {
            draw_ruler(frames, out.ticks);
            out.events.clear();
            out.intervals.clear();
            for (std::size_t track = 0; track < what.tracks().size(); ++track) {
                const auto& marks = what.tracks()[track].marks;
                if (const auto* const events = std::get_if<event_times>(&marks)) {
                    draw_events(*events, track, out.events);
                } else {
                    draw_intervals(std::get<interval>(marks), track, out.intervals);
                }
            }
            draw_spans(gaps_, visible_, out.gaps);
            draw_spans(gaps_, all_, out.overview_gaps);
            out.made_for = now;
        }
        draw_spans(cached_, visible_, out.cached);
        out.bookmarks.clear();
        for (std::size_t i = 0; i < what.bookmarks().size(); ++i) {
            if (const double time_s = what.bookmarks()[i].time_s; seen(time_s)) {
                out.bookmarks.push_back({x_of(time_s), i});
            }
        }
        const time_range range = what.range();
        out.range = seen_span(range, visible_);
        out.overview_range = what.in_s() || what.out_s() ? seen_span(range, all_) : std::nullopt;
        out.in_x = what.in_s() && seen(*what.in_s()) ? std::optional(x_of(*what.in_s())) : std::nullopt;
        out.out_x = what.out_s() && seen(*what.out_s()) ? std::optional(x_of(*what.out_s())) : std::nullopt;
        const double at_s = what.position_s(now_s);
        out.playhead_x = seen(at_s) ? std::optional(x_of(at_s)) : std::nullopt;
        out.window = {overview_x_of(visible_.start_s), overview_x_of(visible_.stop_s)};
        out.overview_playhead_x = overview_x_of(at_s);
    }

    /// What is at a place of a drawing: the nearest thing within reach. At equal distance a handle comes before a
    /// bookmark and that before the playhead, which can be moved from everywhere else. Where in and out meet, the out
    /// handle is taken from the right, the in handle from the left.
    timeline_hit hit(double x, const timeline_drawing& drawn) const noexcept {
        timeline_hit out;
        double nearest = options_.grab_px;
        const auto offer = [&](double at, timeline_hit found) {
            const double distance = std::abs(at - x);
            if (distance <= nearest) {
                nearest = std::nextafter(distance, -1.0); // the next one has to be nearer
                out = found;
            }
        };
        if (drawn.range && (drawn.in_x || drawn.out_x) && x >= drawn.range->x0 && x <= drawn.range->x1) {
            out.part = timeline_part::range;
        }
        const auto offer_in = [&] {
            if (drawn.in_x) {
                offer(*drawn.in_x, {timeline_part::in_handle, 0});
            }
        };
        const bool right = drawn.in_x && x > *drawn.in_x;
        if (!right) {
            offer_in();
        }
        if (drawn.out_x) {
            offer(*drawn.out_x, {timeline_part::out_handle, 0});
        }
        if (right) {
            offer_in();
        }
        for (const bookmark_place& one : drawn.bookmarks) {
            offer(one.x, {timeline_part::bookmark, one.number});
        }
        if (drawn.playhead_x) {
            offer(*drawn.playhead_x, {timeline_part::playhead, 0});
        }
        return out;
    }
    /// A range dragged by its middle: as long as before, and inside the recording.
    time_range moved(time_range range, double pixels) const noexcept {
        const double by_s = (std::clamp)(pixels / width_px_ * length(visible_), all_.start_s - range.start_s,
                                         (std::max)(all_.stop_s - range.stop_s, all_.start_s - range.start_s));
        return {range.start_s + by_s, range.stop_s + by_s};
    }

private:
    static double length(time_range range) noexcept { return range.stop_s - range.start_s; }
    /// What can still be told apart at these times, at least.
    double shortest() const noexcept {
        const double told_apart = 1e-12 * (std::max)(std::abs(all_.start_s), std::abs(all_.stop_s));
        return (std::min)((std::max)(options_.shortest_s, told_apart), length(all_));
    }
    void move_to(double start_s, double length_s) noexcept {
        if (length_s >= length(all_)) {
            visible_ = all_;
            return;
        }
        const double latest_s = (std::max)(all_.stop_s - length_s, all_.start_s);
        visible_.start_s = (std::clamp)(start_s, all_.start_s, latest_s);
        visible_.stop_s = visible_.start_s == latest_s ? all_.stop_s : visible_.start_s + length_s;
    }
    double place(double time_s, time_range in) const noexcept {
        return length(in) > 0 ? (time_s - in.start_s) / length(in) * width_px_ : 0;
    }
    double time_in(double x, time_range in) const noexcept {
        return (std::clamp)(in.start_s + x / width_px_ * length(in), all_.start_s, all_.stop_s);
    }
    bool seen(double time_s) const noexcept { return time_s >= visible_.start_s && time_s <= visible_.stop_s; }
    std::optional<pixel_span> seen_span(time_range range, time_range in) const noexcept {
        if (range.stop_s < in.start_s || range.start_s > in.stop_s) {
            return std::nullopt;
        }
        return pixel_span{(std::max)(place(range.start_s, in), 0.0), (std::min)(place(range.stop_s, in), width_px_)};
    }
    void draw_spans(const std::vector<time_range>& ranges, time_range in, std::vector<pixel_span>& out) const {
        out.clear();
        auto next = std::lower_bound(ranges.begin(), ranges.end(), in.start_s,
                                     [](const time_range& r, double t) { return r.stop_s < t; });
        for (; next != ranges.end() && next->start_s <= in.stop_s; ++next) {
            detail::add_span(out, *seen_span(*next, in));
        }
    }
    void draw_events(const event_times& events, std::size_t track, std::vector<event_column>& out) const {
        std::size_t from = events.before(visible_.start_s);
        const std::size_t end = events.up_to(visible_.stop_s, from);
        const auto last_column = std::ceil(width_px_) - 1;
        while (from < end) { // from column to column that has any
            const double column = (std::clamp)(std::floor(x_of(events[from])), 0.0, last_column);
            std::size_t to = end;
            if (column < last_column) {
                to = (std::clamp)(events.before(time_at(column + 1), from), from + 1, end);
            }
            if (!out.empty() && out.back().track == track && out.back().x == column) {
                out.back().count += to - from; // rounding at the column's side
            } else {
                out.push_back({column, track, to - from});
            }
            from = to;
        }
    }
    void draw_intervals(const interval& intervals, std::size_t track, std::vector<interval_span>& out) const {
        const std::size_t first = out.size();
        std::vector<std::size_t> last_of(intervals.groups().size(), std::numeric_limits<std::size_t>::max());
        for (const found_interval& found : intervals.within(visible_)) { // by start
            pixel_span span = *seen_span(found.range, visible_);
            span.x1 = (std::max)(span.x1, (std::min)(span.x0 + 1, width_px_));
            const std::size_t last = last_of[found.group];
            if (last < out.size() && last >= first && span.x0 <= out[last].at.x1 + 1) {
                out[last].at.x1 = (std::max)(out[last].at.x1, span.x1);
            } else {
                last_of[found.group] = out.size();
                out.push_back({span, track, found.group});
            }
        }
    }

    void draw_ruler(const std::optional<any_source>& frames, std::vector<ruler_tick>& out) const {
        out.clear();
        const auto room = static_cast<std::size_t>((std::max)(width_px_ / options_.label_px, 1.0));
        if (unit_ == time_unit::seconds) {
            draw_times(room, out);
        } else if (frames && frames->frame_count() > 0) {
            draw_frames(*frames, room, out);
        }
    }
    void draw_times(std::size_t room, std::vector<ruler_tick>& out) const {
        const double wanted_s = length(visible_) / static_cast<double>(room);
        std::vector<double> times;
        int decimals = 0;
        if (wanted_s <= 0.5) {
            times = round_ticks(visible_.start_s, visible_.stop_s, room);
            const double step_s = times.size() > 1 ? times[1] - times[0] : 1;
            while (decimals < 6 && step_s * std::pow(10.0, decimals) < 0.999) {
                ++decimals;
            }
        } else {
            const auto step = std::lower_bound(detail::clock_steps_s.begin(), detail::clock_steps_s.end(), wanted_s);
            double step_s = 0;
            if (step != detail::clock_steps_s.end()) {
                step_s = *step;
            } else {
                constexpr double day_s = 86400;
                const auto days = detail::round_below(wanted_s / day_s);
                step_s = day_s * (days.value() * day_s < wanted_s ? days.next() : days).value();
            }
            const auto in = detail::multiples_in(visible_.start_s, visible_.stop_s, step_s);
            for (std::size_t i = 0; i < in.count; ++i) {
                times.push_back((in.first + static_cast<double>(i)) * step_s);
            }
        }
        for (const double time_s : times) {
            ruler_tick& tick = out.emplace_back();
            tick.x = x_of(time_s);
            append_clock(tick.label, time_s, decimals);
        }
    }
    /// Round frame numbers; where gaps or uneven times bring two too close together, the later one is left out.
    void draw_frames(const any_source& frames, std::size_t room, std::vector<ruler_tick>& out) const {
        const auto first = static_cast<double>(detail::frame_at_or_before(frames, visible_.start_s));
        const auto last = static_cast<double>(detail::frame_at_or_before(frames, visible_.stop_s));
        const double wanted = (last - first) / static_cast<double>(room);
        auto step = detail::round_below((std::max)(wanted, 1.0));
        if (step.value() < wanted) {
            step = step.next();
        }
        const auto in = detail::multiples_in(first, last, step.value());
        for (std::size_t i = 0; i < in.count; ++i) {
            const auto frame = static_cast<std::size_t>((in.first + static_cast<double>(i)) * step.value());
            const double time_s = frames.time_s(frame);
            const double x = x_of(time_s);
            if (seen(time_s) && (out.empty() || x - out.back().x >= options_.label_px / 2)) {
                out.push_back({x, detail::text("#", frame)});
            }
        }
    }

    timeline_options options_;
    time_range all_;
    time_range visible_;
    double width_px_ = 1;
    time_unit unit_ = time_unit::seconds;
    std::vector<time_range> gaps_;
    std::vector<time_range> cached_;
    std::uint64_t revision_ = 0; ///< of gaps and of what was forgotten
};

} // namespace fieldreel::inline v0

#endif
