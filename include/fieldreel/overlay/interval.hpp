// SPDX-License-Identifier: MIT
// Stretches of time with names: ripples, trials, epochs of running and sleep. A band below the fields, and its name.
#ifndef FIELDREEL_OVERLAY_INTERVAL_HPP
#define FIELDREEL_OVERLAY_INTERVAL_HPP

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/named_style.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

/// Intervals with one name. `start_stop`: (intervals, 2), seconds, in any order; they may overlap.
struct interval_group {
    std::string label = {};
    samples start_stop = samples({}, 2);
    std::optional<rgba8> color = {}; ///< without: one by the group's number
};

/// One interval that was found.
struct found_interval {
    std::size_t group = 0;
    std::size_t number = 0; ///< its row in the group
    time_range range = {};
    friend bool operator==(const found_interval&, const found_interval&) = default;
};

struct interval_options {
    double before_s = 5; ///< the band's window, seconds before and after the shown time
    double after_s = 5;
    double low = 0; ///< the band's height in the dock, 0-1 upwards; groups lie one above the other
    double high = 1;
    bool band = true;
    bool lane_names = false; ///< each group's name at the left end of its lane, in its colour
    bool label = true;       ///< the names of the intervals that the shown time is in, in the panel's corner
    bool number = true;      ///< with the interval's number
    double offset_s = 0;     ///< added to each start and stop
    float text_px = 14;
    point_xy label_at = {0.02, 0.05}; ///< in the panel, 0-1, y down; further ones go below
};

/// A set of intervals: overlapping and nested ones are found all. Both ends belong to an interval, so that one of no
/// length is found at its time.
/// Cost: made in O(n log n); a step costs O(log n + what is within the window).
class interval {
public:
    /// Errors: data_error, naming the row, for an interval that stops before it starts or is not finite, and when a
    /// group has not two columns; invalid_value for a name that comes twice and for a window that makes no sense.
    explicit interval(std::vector<interval_group> groups, const interval_options& options = {})
        : groups_(std::move(groups)), options_(options) {
        check_options();
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            add_group(g);
        }
        std::sort(entries_.begin(), entries_.end(), [](const entry& a, const entry& b) {
            return std::tuple(a.range.start_s, b.range.stop_s, a.group, a.number) <
                   std::tuple(b.range.start_s, a.range.stop_s, b.group, b.number);
        });
        last_stop(0, entries_.size());
    }
    interval(samples start_stop, std::string label, const interval_options& options = {})
        : interval(one_group(std::move(start_stop), std::move(label)), options) {}
    /// One label per interval; groups come in the order in which their labels first appear.
    /// Errors: as above, and data_error when lengths differ.
    static interval labelled(std::span<const double> starts_s, std::span<const double> stops_s,
                             std::span<const std::string> labels, const interval_options& options = {}) {
        if (starts_s.size() != stops_s.size() || starts_s.size() != labels.size()) {
            throw data_error(detail::text("there are ", starts_s.size(), " starts, ", stops_s.size(), " stops and ",
                                          labels.size(), " labels; give one of each per interval"));
        }
        std::vector<interval_group> groups;
        std::vector<std::vector<double>> rows;
        for (std::size_t i = 0; i < labels.size(); ++i) {
            std::size_t g = 0;
            while (g < groups.size() && groups[g].label != labels[i]) {
                ++g;
            }
            if (g == groups.size()) {
                groups.emplace_back().label = labels[i];
                rows.emplace_back();
            }
            rows[g].push_back(starts_s[i]);
            rows[g].push_back(stops_s[i]);
        }
        for (std::size_t g = 0; g < groups.size(); ++g) {
            groups[g].start_stop = samples(std::move(rows[g]), 2);
        }
        return interval(std::move(groups), options);
    }

    std::size_t size() const noexcept { return entries_.size(); }
    std::span<const interval_group> groups() const noexcept { return groups_; }
    const interval_options& options() const noexcept { return options_; }
    rgba8 color(std::size_t group) const noexcept { return groups_[group].color.value_or(group_color(group)); }

    /// All intervals that a time is in, by start, the longer first. Cost: O(log n + found).
    std::vector<found_interval> at(double time_s) const { return within({time_s, time_s}); }
    /// All intervals that a range meets.
    std::vector<found_interval> within(const time_range& range) const {
        std::vector<found_interval> out;
        visit(range, [&](const entry& e) { out.push_back({e.group, e.number, e.range}); });
        return out;
    }
    /// The first start after a time, and the last start before it. Cost: O(log n).
    std::optional<double> next(double time_s) const {
        const auto found = std::upper_bound(entries_.begin(), entries_.end(), time_s,
                                            [](double t, const entry& e) { return t < e.range.start_s; });
        return found == entries_.end() ? std::nullopt : std::optional(found->range.start_s);
    }
    std::optional<double> previous(double time_s) const {
        const auto found = std::lower_bound(entries_.begin(), entries_.end(), time_s,
                                            [](const entry& e, double t) { return e.range.start_s < t; });
        return found == entries_.begin() ? std::nullopt : std::optional((found - 1)->range.start_s);
    }

    /// Interval `number` (a row, from 0) of a label, longer by `pad_s` at both ends: what to play.
    /// Errors: invalid_value for a label or a number that there is not, naming what there is, and for a negative pad.
    time_range range(std::string_view label, std::size_t number, double pad_s = 0) const {
        const samples& rows = groups_[group_named(label)].start_stop;
        if (number >= rows.size()) {
            throw_no_number(detail::text(label, ":", number), label, rows.size());
        }
        return padded({rows(number, 0) + options_.offset_s, rows(number, 1) + options_.offset_s}, pad_s);
    }
    /// The same from the words of a command line, "ripples:12".
    time_range range_of(std::string_view words, double pad_s = 0) const {
        const std::size_t colon = words.rfind(':');
        if (colon == std::string_view::npos) {
            throw invalid_value("range",
                                detail::text("the range '", words, "' was asked for; write label:number, e.g. ",
                                             groups_.empty() ? std::string("ripples") : groups_[0].label,
                                             ":0; there are ", what_exists()));
        }
        const std::string_view label = words.substr(0, colon);
        const std::string_view digits = words.substr(colon + 1);
        const std::size_t rows = groups_[group_named(label)].start_stop.size();
        std::size_t number = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) {
            throw_no_number(words, label, rows);
        }
        return range(label, number, pad_s);
    }

    void build(const moment& now, canvas& out) const {
        if (options_.band && !groups_.empty()) {
            const double lane = (options_.high - options_.low) / static_cast<double>(groups_.size());
            visit({now.time_s - options_.before_s, now.time_s + options_.after_s}, [&](const entry& e) {
                const double from = (std::max)(e.range.start_s - now.time_s, -options_.before_s);
                const double to = (std::min)(e.range.stop_s - now.time_s, options_.after_s);
                const double low = options_.low + lane * static_cast<double>(e.group);
                const shape_style style{.color = color(e.group), .size_px = 1, .where = placement::dock};
                if (to > from) {
                    const std::array<point_xy, 4> corners = {
                        point_xy{from, low}, {to, low}, {to, low + lane}, {from, low + lane}};
                    out.polygon(corners, style);
                } else { // of no length
                    out.begin_line(style);
                    out.line_to({from, low});
                    out.line_to({from, low + lane});
                    out.end_line();
                }
            });
        }
        if (options_.band && options_.lane_names) {
            const double lane = (options_.high - options_.low) / static_cast<double>(groups_.size());
            for (std::size_t g = 0; g < groups_.size(); ++g) {
                out.label({-options_.before_s, options_.low + lane * (static_cast<double>(g) + 0.5)}, groups_[g].label,
                          {.color = color(g), .size_px = 11, .where = placement::dock});
            }
        }
        if (options_.label) {
            point_xy place = options_.label_at;
            visit({now.time_s, now.time_s}, [&](const entry& e) {
                out.label(place, groups_[e.group].label,
                          {.color = color(e.group), .size_px = options_.text_px, .where = placement::panel});
                if (options_.number) {
                    std::array<char, 24> digits = {' '};
                    const auto end = std::to_chars(digits.data() + 1, digits.data() + digits.size(), e.number).ptr;
                    out.label_more({digits.data(), static_cast<std::size_t>(end - digits.data())});
                }
                place.y += 0.06;
            });
        }
    }

private:
    struct entry {
        time_range range;
        double last_stop_s = 0; ///< of the half of the entries whose middle this one is
        std::uint32_t group = 0;
        std::size_t number = 0;
    };

    static std::vector<interval_group> one_group(samples start_stop, std::string label) {
        std::vector<interval_group> out(1);
        out[0].label = std::move(label);
        out[0].start_stop = std::move(start_stop);
        return out;
    }
    void check_options() const {
        if (!(options_.before_s >= 0 && options_.after_s >= 0 && options_.before_s + options_.after_s > 0) ||
            !std::isfinite(options_.before_s + options_.after_s)) {
            throw invalid_value("before_s",
                                detail::text("a window from ", options_.before_s, " s before to ", options_.after_s,
                                             " s after the shown time was asked for; both "
                                             "must be 0 or positive, and one positive; 5 and 5 are usual"));
        }
        if (!(options_.low >= 0 && options_.low < options_.high && options_.high <= 1)) {
            throw invalid_value("low", detail::text("a band from ", options_.low, " to ", options_.high,
                                                    " of the dock was asked for; give 0 <= low < high <= 1"));
        }
        if (!std::isfinite(options_.offset_s)) {
            throw invalid_value("offset_s",
                                detail::text("the clock offset is ", options_.offset_s, "; give finite seconds"));
        }
    }
    void add_group(std::size_t g) {
        const samples& rows = groups_[g].start_stop;
        const std::string& label = groups_[g].label;
        for (std::size_t other = 0; other < g; ++other) {
            if (groups_[other].label == label) {
                throw invalid_value("label", detail::text("the label '", label,
                                                          "' is given to two groups of intervals; "
                                                          "give each its own, or put their rows together"));
            }
        }
        if (rows.columns() != 2) {
            throw data_error(detail::text("the intervals '", label, "' have ", rows.columns(),
                                          " columns; give two, start and stop in seconds"));
        }
        rows.check_size();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const time_range range{rows(i, 0), rows(i, 1)};
            if (!std::isfinite(range.start_s) || !std::isfinite(range.stop_s)) {
                throw data_error(detail::text("interval ", i, " of '", label, "' goes from ", range.start_s, " s to ",
                                              range.stop_s, " s; both must be finite seconds; remove the row"),
                                 i);
            }
            if (range.stop_s < range.start_s) {
                throw data_error(detail::text("interval ", i, " of '", label, "' stops at ", range.stop_s,
                                              " s, before it starts at ", range.start_s,
                                              " s; give start and stop in this order"),
                                 i);
            }
            entries_.push_back({{range.start_s + options_.offset_s, range.stop_s + options_.offset_s},
                                0,
                                static_cast<std::uint32_t>(g),
                                i});
        }
    }

    /// The entries in order of their starts are a search tree whose roots are the middles; each knows the last stop
    /// within its half. Source: interval trees as in Cormen et al., Introduction to Algorithms, 14.3.
    double last_stop(std::size_t first, std::size_t last) {
        const std::size_t middle = first + (last - first) / 2;
        if (first == last) {
            return -HUGE_VAL;
        }
        const double below = last_stop(first, middle);
        const double above = last_stop(middle + 1, last);
        entries_[middle].last_stop_s = (std::max)(entries_[middle].range.stop_s, (std::max)(below, above));
        return entries_[middle].last_stop_s;
    }
    template <class F>
    void visit(const time_range& range, const F& f) const {
        visit(range, f, 0, entries_.size());
    }
    template <class F>
    void visit(const time_range& range, const F& f, std::size_t first, std::size_t last) const {
        const std::size_t middle = first + (last - first) / 2;
        if (first == last || entries_[middle].last_stop_s < range.start_s) {
            return;
        }
        visit(range, f, first, middle);
        const entry& e = entries_[middle];
        if (e.range.start_s <= range.stop_s) {
            if (e.range.stop_s >= range.start_s) {
                f(e);
            }
            visit(range, f, middle + 1, last);
        }
    }

    std::string what_exists() const {
        std::string out;
        for (const interval_group& group : groups_) {
            out += detail::text(out.empty() ? "" : ", ", group.label, " (", group.start_stop.size(), ")");
        }
        return out.empty() ? "none" : out;
    }
    std::size_t group_named(std::string_view label) const {
        std::vector<std::string_view> labels;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            if (groups_[g].label == label) {
                return g;
            }
            labels.push_back(groups_[g].label);
        }
        throw invalid_value(
            "label",
            detail::text("intervals '", label, "' were asked for; there are ", what_exists(),
                         labels.empty() ? std::string("; give some in session.json")
                                        : detail::text("; did you mean '", detail::nearest_name(label, labels), "'?")));
    }
    [[noreturn]] static void throw_no_number(std::string_view words, std::string_view label, std::size_t rows) {
        throw invalid_value("number",
                            detail::text("the range '", words, "' was asked for, but there ",
                                         rows == 0 ? std::string("are no ") : detail::text("are ", rows, " "), label,
                                         rows == 0 ? std::string("; choose others")
                                                   : detail::text("; give a whole number of 0-", rows - 1)));
    }
    static time_range padded(time_range range, double pad_s) {
        if (!(pad_s >= 0) || !std::isfinite(pad_s)) {
            throw invalid_value(
                "pad_s", detail::text("a pad of ", pad_s, " s was asked for; it must be 0 or positive; 0.2 is usual"));
        }
        return {range.start_s - pad_s, range.stop_s + pad_s};
    }

    std::vector<interval_group> groups_;
    interval_options options_;
    std::vector<entry> entries_;
};

} // namespace fieldreel::inline v0

#endif
