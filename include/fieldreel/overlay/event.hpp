// SPDX-License-Identifier: MIT
// Instants at places: spikes and rewards, shown for a time where the animal was, or kept.
#ifndef FIELDREEL_OVERLAY_EVENT_HPP
#define FIELDREEL_OVERLAY_EVENT_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/event_times.hpp>
#include <fieldreel/overlay/named_style.hpp>
#include <fieldreel/overlay/overlap.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

/// Which events stay on the picture: none, those already past, or all of the recording.
enum class kept_events : std::uint8_t { none, past, all };

struct event_options {
    double duration_s = 0.5; ///< how long an event is shown; 0 = only kept ones are
    double min_alpha = 0.1;  ///< of an event that is about to vanish, 0-1; 1 = no decay
    kept_events keep = kept_events::none;
    shape_style marker = {.color = {213, 94, 0, 255}, .size_px = 7};
    float kept_size_px = 3;   ///< of the kept ones' markers
    double kept_alpha = 0.75; ///< multiplies the colour's alpha, 0-1
};

/// Events of one kind or cell. Without a colour: the options' for a single group, otherwise one by its number.
struct event_group {
    std::string name = {};
    event_times times = {};
    samples positions = {}; ///< (events, 2); empty: where the trajectory is at their times
    std::optional<rgba8> color = {};
    std::optional<marker_symbol> symbol = {};
};

namespace detail {

/// Positions of a trajectory at times that do not decrease, as trajectory::at gives them. The files' sizes are asked
/// for once, and each search starts from the last answer.
class position_walk {
public:
    explicit position_walk(const trajectory& path) : path_(&path) {}
    point_xy at(double time_s) {
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        const sample_times& times = path_->times();
        if (left_ == none) {
            left_ = times.at_or_before(time_s).value_or(none);
            path_->positions().check_size();
            if (left_ == none) {
                return {nan, nan};
            }
        } else {
            forward(time_s);
        }
        const std::size_t left = left_;
        bracket found{left, time_s, times[left], times[left]};
        if (left > 0 && !(found.left_s > times[left - 1])) {
            times.throw_not_increasing(left);
        }
        if (found.left_s != time_s) {
            if (left + 1 >= times.size()) {
                return {nan, nan};
            }
            found.right_s = times[left + 1];
            if (!(found.right_s > found.left_s)) {
                times.throw_not_increasing(left + 1);
            }
            if (found.right_s - found.left_s > path_->max_gap_s()) {
                return {nan, nan};
            }
        }
        return {linear_at(path_->positions(), 0, found), linear_at(path_->positions(), 1, found)};
    }

private:
    void forward(double time_s) {
        const sample_times& times = path_->times();
        std::size_t low = left_;
        std::size_t step = 1;
        for (; low + step < times.size() && times[low + step] <= time_s; step *= 2) {
            low += step;
        }
        std::size_t high = (std::min)(low + step, times.size());
        while (high - low > 1) { // invariant: time[low] <= time_s < time[high]
            const std::size_t middle = low + (high - low) / 2;
            (times[middle] <= time_s ? low : high) = middle;
        }
        left_ = low;
    }

    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    const trajectory* path_;
    std::size_t left_ = none;
};

} // namespace detail

/// Draws each event from its time on, fading, for `duration_s`; and the kept ones below. Events without a position
/// (tracking is lost, or a gap) are not drawn.
/// Cost: O(groups log events + what is shown, each a search in the trajectory). Kept events are looked up once: `all`
/// at the first moment, `past` when they are first passed; going back shows fewer of them.
class event {
public:
    /// Events at given places, or at those of a trajectory at their times.
    /// Errors: as for several groups.
    event(event_times times, samples positions, const event_options& options = {})
        : event(one_group(std::move(times), std::move(positions)), trajectory(), options) {}
    event(event_times times, trajectory path, const event_options& options = {})
        : event(one_group(std::move(times), samples()), std::move(path), options) {}
    /// Several groups, of which those without positions take the trajectory's.
    /// Errors: data_error when a group has not one (x, y) per time, when it has neither positions nor a trajectory, and
    /// when the two have no time in common; invalid_value for a duration that is not positive (0 is allowed when events
    /// are kept) and for an alpha outside 0-1.
    explicit event(std::vector<event_group> groups, trajectory path = {}, const event_options& options = {})
        : groups_(std::move(groups)), path_(std::move(path)), options_(options) {
        if (!(options.duration_s >= 0) || !std::isfinite(options.duration_s) ||
            (options.duration_s == 0 && options.keep == kept_events::none)) {
            throw invalid_value("duration_s", detail::text("events were to be shown for ", options.duration_s,
                                                           " s; it must be positive, or 0 with events that are kept; "
                                                           "0.5 is usual"));
        }
        check_alpha("min_alpha", options.min_alpha);
        check_alpha("kept_alpha", options.kept_alpha);
        for (const event_group& group : groups_) {
            check(group);
        }
    }

    std::span<const event_group> groups() const noexcept { return groups_; }
    const event_options& options() const noexcept { return options_; }
    /// How an event of a group is drawn, and a kept one.
    shape_style style(std::size_t group) const {
        shape_style out = options_.marker;
        out.color = color(group);
        out.symbol = groups_[group].symbol.value_or(out.symbol);
        return out;
    }
    shape_style kept_style(std::size_t group) const {
        shape_style out = style(group);
        out.size_px = options_.kept_size_px;
        out.color.a = static_cast<std::uint8_t>(std::lround(out.color.a * options_.kept_alpha));
        return out;
    }
    rgba8 color(std::size_t group) const noexcept {
        return groups_[group].color.value_or(groups_.size() == 1 ? options_.marker.color : group_color(group));
    }
    /// Where event i of a group is drawn; NaN where it has no position. Cost: O(log samples).
    point_xy position(std::size_t group, std::size_t i) const {
        detail::position_walk walk(path_);
        return place(group, i, walk);
    }
    /// The positions of events first, first + 1, ... of a group. Cost: one search, then a step for each.
    void positions(std::size_t group, std::size_t first, std::span<point_xy> out) const {
        detail::position_walk walk(path_);
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = place(group, first + i, walk);
        }
    }
    /// How many events are never drawn, for want of a position. Cost: looks up every event.
    std::size_t without_position() const {
        std::size_t count = 0;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            detail::position_walk walk(path_);
            for (std::size_t i = 0; i < groups_[g].times.size(); ++i) {
                count += finite(place(g, i, walk)) ? 0u : 1u;
            }
        }
        return count;
    }

    /// The first event of any group after a time, the last one before it.
    std::optional<double> next(double time_s) const {
        std::optional<double> found;
        for (const event_group& group : groups_) {
            const auto here = group.times.next(time_s);
            found = here && (!found || *here < *found) ? here : found;
        }
        return found;
    }
    std::optional<double> previous(double time_s) const {
        std::optional<double> found;
        for (const event_group& group : groups_) {
            const auto here = group.times.previous(time_s);
            found = here && (!found || *here > *found) ? here : found;
        }
        return found;
    }
    /// Where a timeline puts its ticks, in order; `most` of each group. Cost: as event_times::ticks, for each group.
    std::vector<double> ticks(const time_range& range, std::size_t most = 2000) const {
        std::vector<double> out;
        for (const event_group& group : groups_) {
            const auto more = group.times.ticks(range, most);
            out.insert(out.end(), more.begin(), more.end());
        }
        std::sort(out.begin(), out.end());
        return out;
    }

    void build(const moment& now, canvas& out) const {
        state_->resize(groups_.size());
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            group_state& state = (*state_)[g];
            state.past = groups_[g].times.up_to(now.time_s, state.past);
            if (options_.keep != kept_events::none && !groups_[g].times.empty()) {
                const std::size_t count = options_.keep == kept_events::all ? groups_[g].times.size() : state.past;
                keep(g, count, state);
                const auto skipped = std::lower_bound(state.skipped.begin(), state.skipped.end(), count);
                out.kept_markers(state.points, count - static_cast<std::size_t>(skipped - state.skipped.begin()),
                                 kept_style(g));
            }
        }
        for (std::size_t g = 0; g < groups_.size() && options_.duration_s > 0; ++g) {
            const std::size_t past = (*state_)[g].past;
            const std::size_t first = groups_[g].times.up_to(now.time_s - options_.duration_s, past);
            if (first < past) {
                draw(g, first, past, now.time_s, out);
            }
        }
    }

private:
    struct group_state {
        std::size_t past = static_cast<std::size_t>(-1); ///< how many events were past at the last moment
        std::shared_ptr<kept_points> points;
        std::size_t next = 0;             ///< the first event that was not yet looked up
        std::vector<std::size_t> skipped; ///< those of them without a position
    };

    point_xy place(std::size_t g, std::size_t i, detail::position_walk& walk) const {
        const event_group& of = groups_[g];
        return of.positions.empty() ? walk.at(of.times[i]) : point_xy{of.positions(i, 0), of.positions(i, 1)};
    }
    static std::vector<event_group> one_group(event_times times, samples positions) {
        if (positions.empty() && !times.empty() && positions.columns() == 2) { // given, but for no event
            throw_lengths("the events", times.size(), 0);
        }
        std::vector<event_group> out(1);
        out[0].times = std::move(times);
        out[0].positions = std::move(positions);
        return out;
    }
    static bool finite(point_xy at) noexcept { return std::isfinite(at.x) && std::isfinite(at.y); }
    static void check_alpha(const char* name, double alpha) {
        if (!(alpha >= 0 && alpha <= 1)) {
            throw invalid_value(
                name, detail::text("the events' ", name, " of ", alpha, " was given; it must be from 0 to 1"));
        }
    }
    [[noreturn]] static void throw_lengths(const std::string& who, std::size_t times, std::size_t positions) {
        throw data_error(detail::text(who, " have ", times, " times for ", positions,
                                      " positions; give one (x, y) per time, or a trajectory instead"));
    }
    void check(const event_group& group) const {
        const std::string who = group.name.empty() ? "the events" : "the events of '" + group.name + "'";
        if (!group.positions.empty()) {
            if (group.positions.columns() != 2) {
                throw data_error(
                    detail::text(who, " have positions of ", group.positions.columns(), " columns; give two, x and y"));
            }
            if (group.positions.size() != group.times.size()) {
                throw_lengths(who, group.times.size(), group.positions.size());
            }
        } else if (!group.times.empty()) {
            const auto span = time_span(path_.times());
            if (!span) {
                throw data_error(detail::text(who, " have no positions, and there is no trajectory to take them from; "
                                                   "give either"));
            }
            check_overlap(who, *time_span(group.times), "the positions", *span);
        }
    }

    /// Looks up events until `count` of them are.
    void keep(std::size_t g, std::size_t count, group_state& state) const {
        if (state.points == nullptr) {
            state.points = std::make_shared<kept_points>(groups_[g].times.size());
        }
        groups_[g].positions.check_size();
        const event_times& times = groups_[g].times;
        detail::position_walk walk(path_);
        for (; state.next < count; ++state.next) {
            if (!std::isfinite(times[state.next]) || (state.next > 0 && times[state.next] < times[state.next - 1])) {
                times.throw_wrong(state.next);
            }
            const point_xy at = place(g, state.next, walk);
            if (finite(at)) {
                state.points->append({at.x, at.y, 1});
            } else {
                state.skipped.push_back(state.next);
            }
        }
    }
    void draw(std::size_t g, std::size_t first, std::size_t last, double time_s, canvas& out) const {
        groups_[g].positions.check_size();
        detail::position_walk walk(path_);
        out.begin_markers(style(g));
        for (std::size_t i = first; i < last; ++i) {
            const double age = (time_s - groups_[g].times[i]) / options_.duration_s;
            out.marker_at(place(g, i, walk),
                          static_cast<float>(options_.min_alpha + (1 - options_.min_alpha) * (1 - age)));
        }
        out.end_markers();
    }

    std::vector<event_group> groups_;
    trajectory path_;
    event_options options_;
    detail::scratch<std::vector<group_state>> state_;
};

} // namespace fieldreel::inline v0

#endif
