// SPDX-License-Identifier: MIT
// What stands in the dock by itself: time series and intervals of a session from their description in session.json.
#ifndef FIELDREEL_SESSION_DOCK_READER_HPP
#define FIELDREEL_SESSION_DOCK_READER_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/overlay/interval.hpp>
#include <fieldreel/overlay/overlap.hpp>
#include <fieldreel/overlay/time_series.hpp>
#include <fieldreel/session/overlay_facts.hpp>
#include <fieldreel/session/overlay_reader.hpp>
#include <fieldreel/session/session_content.hpp>
#include <fieldreel/session/session_options.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {
namespace detail {

template <class Times>
void stretch(std::optional<time_range>& all, const Times& times) {
    const auto span = time_span(times);
    if (span) {
        all = all ? time_range{(std::min)(all->start_s, span->start_s), (std::max)(all->stop_s, span->stop_s)} : *span;
    }
}

/// Samples without a finite value. Cost: reads all.
inline std::size_t missing_in(const series& signal) {
    std::size_t lost = 0;
    std::vector<double> some(65536);
    for (std::size_t first = 0; first < signal.clock().size(); first += some.size()) {
        const std::size_t count = (std::min)(some.size(), signal.clock().size() - first);
        signal.read(first, {some.data(), count});
        lost += static_cast<std::size_t>(std::count_if(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count),
                                                       [](double value) { return !std::isfinite(value); }));
    }
    return lost;
}

/// The columns of one file.
inline void add_signals(const overlay_reader& in, const overlay_reader& outer, const std::string& name,
                        series_group& to) {
    const json_object& o = in.in;
    series_look look;
    look.unit = o.string("unit");
    look.color = in.color().value_or(look.color);
    look.scale = o.number("scale", look.scale);
    look.offset = o.number("offset", look.offset);
    const std::string file = o.required("file");
    const samples values = in.open(file);
    const sample_times times = (in.has_clock() ? in : outer).times(values.size());
    const std::vector<std::string> names = in.words("names");
    if (!names.empty()) {
        const auto all = series::columns_of(names, times, values, look);
        to.signals.insert(to.signals.end(), all.begin(), all.end());
        return;
    }
    if (values.columns() > 1 && !o.has("column")) {
        in.note(text("session.json: ", o.where(), ": '", file, "' has ", values.columns(),
                     " columns and the first is shown; give \"names\", one per column, or \"column\""));
    }
    const std::string called = name.empty() ? std::filesystem::path(file).stem().string() : name;
    to.signals.emplace_back(o.string("name", called), times, values, look, o.whole("column", 0));
}

/// "file": FILE (n) or (n, signals) with "names"; or "signals": [those]; or "groups": [{"signals", "low", "high"}],
/// each with "times" or "rate_hz" and "start_s", "unit", "color", "scale", "offset". time_series_options.
inline shown_overlay read_time_series(const session_overlay& of, const overlay_reader& in, dock_share share) {
    const json_object& o = in.in;
    time_series_options how;
    how.window_s = o.number("window_s", how.window_s);
    how.now_at = o.number("now_at", how.now_at);
    how.limits =
        o.choice("limits", how.limits, {{"recording", series_limits::recording}, {"window", series_limits::window}});
    how.columns = o.whole("columns", how.columns);
    how.max_gap_s = o.number("max_gap_s", how.max_gap_s);
    how.dock_low = o.number("dock_low", share.low);
    how.dock_high = o.number("dock_high", share.high);
    how.cursor = o.boolean("cursor", how.cursor);
    how.labels = o.boolean("labels", how.labels);
    how.line = in.style("line", how.line);
    how.cursor_line = in.style("cursor_line", how.cursor_line);
    how.dot = in.style("dot", how.dot);
    how.label = in.style("label", how.label);
    std::vector<series_group> groups;
    const auto limits = [](const overlay_reader& from, series_group& to) {
        to.low = from.in.number("low", to.low);
        to.high = from.in.number("high", to.high);
    };
    const auto all_of = [&](const overlay_reader& from, series_group& to) {
        for (const overlay_reader& one : from.parts("signals")) {
            add_signals(one, in, "", to);
            one.finish();
        }
    };
    for (const overlay_reader& one : in.parts("groups")) {
        all_of(one, groups.emplace_back());
        limits(one, groups.back());
        one.finish();
    }
    if (!o.has("groups")) {
        limits(in, groups.emplace_back());
        all_of(in, groups.back());
        if (!o.has("signals")) {
            add_signals(in, in, of.name, groups.back());
        }
    }
    in.finish();
    std::optional<time_range> times;
    std::string counts;
    std::vector<series> signals;
    for (const series_group& group : groups) {
        for (const series& signal : group.signals) {
            const time_range span{signal.clock().front_s(), signal.clock().back_s()};
            stretch(times, std::array<double, 2>{span.start_s, span.stop_s});
            signals.push_back(signal);
        }
    }
    const time_range dock{-how.now_at * how.window_s, (1 - how.now_at) * how.window_s};
    shown_overlay shown{{of.name, time_series(std::move(groups), how)}, of.kind, times, [signals] {
                            overlay_facts out;
                            for (const series& signal : signals) {
                                const std::size_t lost = missing_in(signal);
                                out.counts += text(out.counts.empty() ? "" : ", ", signal.name(), " (",
                                                   signal.clock().size(), " samples, ", lost, " missing)");
                                if (lost == signal.clock().size()) {
                                    out.problems.push_back(
                                        text("the series '", signal.name(), "' holds no finite value"));
                                }
                                if (signal.clock().times() != nullptr) {
                                    examine_times(*signal.clock().times(), out);
                                }
                            }
                            return out;
                        }};
    shown.dock = dock;
    return shown;
}

/// "file": FILE (n, 2), start and stop, with "label"; or "starts", "stops": FILEs and "names": one per interval; or
/// "groups": [{"name", "file", "color"}]. interval_options, of which "labels" and "numbers" are the words.
inline shown_overlay read_interval(const session_overlay& of, const overlay_reader& in, dock_share share) {
    const json_object& o = in.in;
    interval_options how;
    how.before_s = o.number("before_s", how.before_s);
    how.after_s = o.number("after_s", how.after_s);
    how.low = o.number("low", share.low);
    how.high = o.number("high", share.high);
    how.lane_names = o.boolean("lane_names", true);
    how.band = o.boolean("band", how.band);
    how.label = o.boolean("labels", how.label);
    how.number = o.boolean("numbers", how.number);
    how.offset_s = o.number("offset_s", how.offset_s);
    how.text_px = in.size("text_px", how.text_px);
    how.label_at = in.point("label_at", how.label_at);
    const auto made = [&] {
        if (o.has("starts")) {
            const samples starts = in.table("starts");
            const samples stops = in.table("stops");
            std::vector<std::string> labels = in.words("names");
            labels = labels.empty() ? std::vector<std::string>(starts.size(), of.name) : labels;
            std::vector<double> from;
            std::vector<double> to;
            for (std::size_t i = 0; i < starts.size(); ++i) {
                from.push_back(starts[i]);
            }
            for (std::size_t i = 0; i < stops.size(); ++i) {
                to.push_back(stops[i]);
            }
            return fieldreel::interval::labelled(from, to, labels, how);
        }
        std::vector<interval_group> groups;
        for (const overlay_reader& one : in.parts("groups")) {
            const std::string file = one.in.required("file");
            groups.push_back(
                {one.in.string("name", std::filesystem::path(file).stem().string()), one.open(file), one.color()});
            one.finish();
        }
        if (groups.empty() && !o.has("groups")) {
            groups.push_back({o.string("label", of.name), in.table("file"), in.color()});
        }
        return fieldreel::interval(std::move(groups), how);
    }();
    in.finish();
    std::optional<time_range> times;
    std::string counts;
    for (const interval_group& group : made.groups()) {
        counts += text(counts.empty() ? "" : ", ", group.start_stop.size(), " ", group.label);
        for (std::size_t i = 0; i < group.start_stop.size(); ++i) {
            const double ends[2] = {group.start_stop(i, 0) + how.offset_s, group.start_stop(i, 1) + how.offset_s};
            stretch(times, std::array<double, 2>{ends[0], ends[1]});
        }
    }
    return {{of.name, made},
            of.kind,
            times,
            [=] {
                return overlay_facts{counts, {}};
            },
            made,
            time_range{-how.before_s, how.after_s}};
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
