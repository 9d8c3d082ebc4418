// SPDX-License-Identifier: MIT
// The overlays of a session: from their descriptions in session.json to what is drawn.
#ifndef FIELDREEL_SESSION_SESSION_OVERLAYS_HPP
#define FIELDREEL_SESSION_SESSION_OVERLAYS_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/anchor.hpp>
#include <fieldreel/overlay/color_bar.hpp>
#include <fieldreel/overlay/event.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/interval.hpp>
#include <fieldreel/overlay/object_vector.hpp>
#include <fieldreel/overlay/overlap.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/overlay/pose.hpp>
#include <fieldreel/overlay/raster_plot.hpp>
#include <fieldreel/overlay/region_overlay.hpp>
#include <fieldreel/overlay/scale_bar.hpp>
#include <fieldreel/overlay/time_label.hpp>
#include <fieldreel/overlay/trail.hpp>
#include <fieldreel/session/dock_reader.hpp>
#include <fieldreel/session/film_reader.hpp>
#include <fieldreel/session/overlay_facts.hpp>
#include <fieldreel/session/overlay_reader.hpp>
#include <fieldreel/session/pose_reader.hpp>
#include <fieldreel/session/session.hpp>
#include <fieldreel/session/session_options.hpp>
#include <fieldreel/space/space.hpp>
#include <fieldreel/viewer/scene.hpp>

namespace fieldreel::inline v0 {

/// What overlays of a session are drawn over.
struct overlay_surroundings {
    std::optional<samples> positions = {}; ///< the session's, without what was dropped
    std::string cell = {};                 ///< the cell whose place field is shown
    any_space space = {};                  ///< of the first field
    field_style style = {};                ///< of the first field
    std::optional<time_range> times = {};  ///< of all fields
    trail_options trail = {};              ///< where a description says nothing
    heading_options heading = {};
};

namespace detail {

/// Spike times as events: in order, the finite ones. `whole`: looks at all of them, where somebody has done so anyway.
inline event_times spikes_as_events(const spike_train& cell, bool whole, double offset_s = 0) {
    if (!whole && cell.times.mapped()) {
        return event_times(cell.times, offset_s);
    }
    bool ordered = true;
    for (std::size_t i = 0; i < cell.times.size() && ordered; ++i) {
        ordered = std::isfinite(cell.times[i]) && (i == 0 || cell.times[i] >= cell.times[i - 1]);
    }
    if (ordered) {
        return event_times(cell.times, offset_s);
    }
    std::vector<double> finite;
    for (std::size_t i = 0; i < cell.times.size(); ++i) {
        if (std::isfinite(cell.times[i])) {
            finite.push_back(cell.times[i] + offset_s);
        }
    }
    return event_times::sorted(std::move(finite));
}

/// Makes overlays from their descriptions, each when it is asked for, and those that others name.
class overlay_maker {
public:
    overlay_maker(const session& from, overlay_surroundings around, std::vector<std::string>& notes)
        : from_(from), around_(std::move(around)), notes_(notes) {
        list();
    }

    const std::vector<session_overlay>& all() const noexcept { return all_; }
    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const session_overlay& one : all_) {
            out.push_back(one.name);
        }
        return out;
    }
    /// Errors: file_error, invalid_value and data_error, with the member of session.json in front.
    shown_overlay make(const session_overlay& of) {
        for (const kind& one : kinds) {
            if (one.name == of.kind) {
                return in_words(of, [&] {
                    shown_overlay out = (this->*one.make)(of, reader_of(of));
                    check_times(of, out, one.sampled);
                    return out;
                });
            }
        }
        throw invalid_value("kind", text("the overlay '", of.name, "' is of the kind '", of.kind, "'; there are ",
                                         join(overlay_kinds)));
    }

    /// Shares the dock among those that do not say where they stand: time series on top, rasters below them, intervals
    /// as a narrow band at the bottom; each alone has all of it. Gives the part of a time series that the caller adds.
    dock_share share_dock(const std::vector<session_overlay>& shown, bool and_one_more) {
        std::array<std::vector<std::string>, 3> names; // of intervals, rasters, series
        for (const session_overlay& one : shown) {
            const auto& how = one.description;
            if (!how.contains("low") && !how.contains("high") && !how.contains("dock_low") &&
                !how.contains("dock_high") && one.kind != "time_series") {
                if (one.kind == "interval" || one.kind == "raster") {
                    names[one.kind == "interval" ? 0 : 1].push_back(one.name);
                }
            } else if (one.kind == "time_series" && !how.contains("dock_low") && !how.contains("dock_high")) {
                names[2].push_back(one.name); // its "low" and "high" are values
            }
        }
        if (and_one_more) {
            names[2].emplace_back();
        }
        constexpr std::array<double, 3> weights = {0.18, 0.6, 1};
        double all = 0;
        for (std::size_t k = 0; k < names.size(); ++k) {
            all += names[k].empty() ? 0 : weights[k];
        }
        double low = 0;
        dock_share last;
        shares_.clear();
        for (std::size_t k = 0; k < names.size(); ++k) {
            const double height = names[k].empty() ? 0 : weights[k] / all / static_cast<double>(names[k].size());
            for (std::size_t i = names[k].size(); i-- > 0; low += height) { // the first on top
                last = {low, (std::min)(1.0, low + (height > 0.999 ? 1 : 0.94 * height))};
                shares_.emplace_back(names[k][i], last);
                if (names[k][i].empty()) {
                    room_ = last;
                }
            }
        }
        return room_;
    }

private:
    dock_share share_of(const std::string& name) const {
        for (const auto& [other, share] : shares_) {
            if (other == name) {
                return share;
            }
        }
        return {};
    }

    struct kind {
        std::string_view name;
        shown_overlay (overlay_maker::*make)(const session_overlay&, const overlay_reader&);
        bool sampled; ///< goes on all the time, so that it should cover the fields
    };
    static const std::array<kind, overlay_kinds.size()> kinds;

    /// What comes by itself, where session.json does not say otherwise, then what it lists.
    void list() {
        const auto own = [&](std::string name, std::string_view of_kind,
                             nlohmann::json how = nlohmann::json::object()) {
            const auto same = [&](const session_overlay& other) { return other.name == name; };
            if (std::none_of(from_.overlays.begin(), from_.overlays.end(), same)) {
                all_.push_back({std::move(name), std::string(of_kind), std::move(how), ""});
            }
        };
        if (!from_.regions.empty()) {
            own("regions", "region");
        }
        if (around_.positions && from_.times) {
            own("trail", "position");
            if (from_.head_direction) {
                own("heading", "heading");
            }
            if (!around_.cell.empty()) {
                own("spikes", "event", {{"cell", around_.cell}});
            }
        }
        all_.insert(all_.end(), from_.overlays.begin(), from_.overlays.end());
    }

    overlay_reader reader_of(const session_overlay& of) {
        const std::string path = (std::filesystem::path(from_.folder) / "session.json").string();
        json_object in(of.description, path, of.where.empty() ? of.name : of.where);
        in.has("name"); // both were read before
        in.has("kind");
        return {in, from_, notes_};
    }
    /// One that another overlay names: what there is to note was or will be said of itself.
    overlay_reader quiet_reader_of(const session_overlay& of) {
        unsaid_.clear();
        const std::string path = (std::filesystem::path(from_.folder) / "session.json").string();
        return {json_object(of.description, path, of.where), from_, unsaid_};
    }
    /// An overlay that is described says so in its errors.
    template <class F>
    auto in_words(const session_overlay& of, const F& make) -> decltype(make()) {
        const std::string before = of.where.empty() ? text("the overlay '", of.name, "': ")
                                                    : text("session.json: ", of.where, " ('", of.name, "'): ");
        try {
            return make();
        } catch (const invalid_value& wrong) {
            throw invalid_value(wrong.name(), before + wrong.what());
        } catch (const data_error& wrong) {
            throw data_error(before + wrong.what(), wrong.index());
        }
    }
    void check_times(const session_overlay& of, const shown_overlay& made, bool sampled) {
        if (!made.times || !around_.times) {
            return;
        }
        const std::string who = text("the ", of.kind, " '", of.name, "'");
        check_overlap(who, *made.times, "the field", *around_.times);
        std::string warning = sampled ? overlap_warning(who, *made.times, "the field", *around_.times)
                                      : overlap_warning("the field", *around_.times, who, *made.times);
        if (!warning.empty()) {
            notes_.push_back(std::move(warning));
        }
    }

    // ---- what overlays share

    const samples& session_positions(const overlay_reader& in, const char* key) const {
        if (!around_.positions || !from_.times) {
            in.in.refuse(key, "is missing and the recording has no positions with times; give a file of shape (n, 2)");
        }
        return *around_.positions;
    }
    trajectory session_path(const overlay_reader& in, const char* key) const {
        const samples& positions = session_positions(in, key);
        return trajectory(*from_.times, positions, in.max_gap_s(*from_.times));
    }
    trajectory path_of(const overlay_reader& in) const {
        const bool own = in.in.has("positions");
        const samples positions = own ? in.table("positions") : session_positions(in, "positions");
        const sample_times times = in.times(positions.size());
        return trajectory(times, positions, in.max_gap_s(times), own ? in.to_environment() : affine_xy{});
    }
    /// [x, y]; the name of a position or pose... as {"position": NAME} or {"pose": NAME, "keypoint": NAME, "animal"};
    /// without it the session's positions.
    anchor anchor_of(const overlay_reader& in, const char* key) {
        if (!in.in.has(key)) {
            return session_path(in, key);
        }
        if (in.in.raw(key).is_array()) {
            const point_xy at = in.point(key, {});
            note_outside(in, text("the place [", at.x, ", ", at.y, "] of '", std::string_view(key), "'"), at);
            return at;
        }
        const overlay_reader of = in.part(in.in.object(key));
        if (of.in.has("pose")) {
            const session_overlay& described = named(of, "pose", "pose");
            const std::size_t animal = of.in.whole("animal", 0);
            const std::vector<pose> animals =
                in_words(described, [&] { return read_poses(quiet_reader_of(described)); });
            const std::string keypoint = of.in.required("keypoint");
            of.finish();
            if (animal >= animals.size()) {
                of.in.refuse("animal", text("is ", animal, "; the pose '", described.name, "' has ", animals.size(),
                                            animals.size() == 1 ? " animal" : " animals", ", counted from 0"));
            }
            return of.at("keypoint", [&] { return anchor(animals[animal], keypoint); });
        }
        of.in.required_member("position");
        const session_overlay& described = named(of, "position", "position");
        of.finish();
        return in_words(described, [&] { return path_of(quiet_reader_of(described)); });
    }
    /// The overlay that another one names.
    const session_overlay& named(const overlay_reader& in, const char* key, std::string_view of_kind) const {
        const std::string name = in.in.string(key);
        std::vector<std::string> there;
        for (const session_overlay& one : all_) {
            if (one.kind == of_kind) {
                if (one.name == name) {
                    return one;
                }
                there.push_back(one.name);
            }
        }
        in.in.refuse(key, there.empty() ? text("is '", name, "' and there is no overlay of the kind ", of_kind)
                                        : text("is '", name, "'; of the kind ", of_kind, " there are ", join(there),
                                               "; did you mean '", nearest_name(name, there), "'?"));
    }
    const spike_train& cell_named(const overlay_reader& in, const char* key, const std::string& name) const {
        std::vector<std::string> there;
        for (const spike_train& cell : from_.spikes) {
            if (cell.name == name) {
                return cell;
            }
            there.push_back(cell.name);
        }
        in.in.refuse(key, there.empty()
                              ? text("is '", name, "' and the recording has no spikes")
                              : text("is '", name, "'; the recording has ", there.size(), " cells, ", there.front(),
                                     " to ", there.back(), "; did you mean '", nearest_name(name, there), "'?"));
    }
    /// "cells": "all" or names; without it all.
    std::vector<const spike_train*> cells(const overlay_reader& in) const {
        std::vector<const spike_train*> out;
        if (in.in.has("cells") && in.in.raw("cells").is_array()) {
            for (const std::string& name : in.words("cells")) {
                out.push_back(&cell_named(in, "cells", name));
            }
            return out;
        }
        in.in.choice("cells", true, {{"all", true}});
        for (const spike_train& cell : from_.spikes) {
            out.push_back(&cell);
        }
        return out;
    }
    /// A fixed place beside the space is seldom meant.
    void note_outside(const overlay_reader& in, const std::string& what, point_xy at) const {
        if (around_.space) {
            const box_xy box = around_.space.bounds();
            if (!(at.x >= box.low.x && at.x <= box.high.x && at.y >= box.low.y && at.y <= box.high.y)) {
                in.note(text("session.json: ", in.in.where(), ": ", what, " lies outside the space (x ",
                             rounded(box.low.x), " to ", rounded(box.high.x), ", y ", rounded(box.low.y), " to ",
                             rounded(box.high.y), "); wrong units?"));
            }
        }
    }
    // ---- the kinds

    /// "positions": FILE, "times", "to_environment"; "length_s", …: trail_options; "path": "none"|"past"|"all"; "color"
    /// of line and dot.
    shown_overlay make_position(const session_overlay& of, const overlay_reader& in) {
        trail_options how = around_.trail;
        const json_object& o = in.in;
        how.length_s = o.number("length_s", how.length_s);
        how.length_samples = o.whole("length_samples", how.length_samples);
        how.future_s = o.number("future_s", how.future_s);
        how.future_samples = o.whole("future_samples", how.future_samples);
        how.min_alpha = o.number("min_alpha", how.min_alpha);
        how.max_points = o.whole("max_points", how.max_points);
        how.sample_dots = o.boolean("sample_dots", how.sample_dots);
        how.path = o.choice("path", how.path,
                            {{"none", whole_path::none}, {"past", whole_path::past}, {"all", whole_path::all}});
        how.path_points = o.whole("path_points", how.path_points);
        how.line.color = how.dot.color = in.color().value_or(how.line.color);
        how.line = in.style("line", how.line);
        how.future_line = in.style("future_line", how.future_line);
        how.sample_dot = in.style("sample_dot", how.sample_dot);
        how.path_line = in.style("path_line", how.path_line);
        how.dot = in.style("dot", how.dot);
        const trajectory path = path_of(in);
        in.finish();
        return {
            {of.name, trail(path, how)}, of.kind, time_span(path.times()), [=, space = around_.space, name = of.name] {
                overlay_facts out;
                out.counts = text(path.times().size(), " positions, ", lost_of(path.positions()), " missing");
                examine_times(path.times(), out);
                warn_outside(space, text("the positions of '", name, "'"), path.positions(), out,
                             path.to_environment());
                return out;
            }};
    }

    /// "directions": FILE (n) radians or (n, 2) vectors, "times"; "origin": an anchor; heading_options.
    heading heading_of(const overlay_reader& in) {
        heading_options how = around_.heading;
        const json_object& o = in.in;
        how.length = o.number("length", how.length);
        how.arrow.color = in.color().value_or(how.arrow.color);
        how.arrow = in.style("arrow", how.arrow);
        how.to_environment = in.to_environment();
        const bool own = o.has("directions");
        how.offset_rad = o.number("offset_rad", how.offset_rad + (own ? 0 : from_.heading_offset_rad));
        if (!own && !from_.head_direction) {
            o.refuse("directions", "is missing and the recording has no head direction; give a file of angles (n) in "
                                   "radians, or of vectors (n, 2)");
        }
        directions_ = own ? in.table("directions") : *from_.head_direction;
        const sample_times times = in.times(directions_.size());
        if (o.has("max_gap_s") || how.max_gap_s == default_max_gap_s) {
            how.max_gap_s = in.max_gap_s(times);
        }
        return heading(times, directions_, anchor_of(in, "origin"), how);
    }
    shown_overlay make_heading(const session_overlay& of, const overlay_reader& in) {
        const heading arrow = heading_of(in);
        in.finish();
        const samples directions = directions_;
        const sample_times times = in.times(directions.size());
        return {{of.name, arrow}, of.kind, time_span(times), [=] {
                    overlay_facts out;
                    const bool vectors = directions.columns() == 2;
                    out.counts =
                        text(directions.size(), vectors ? " vectors, " : " angles, ", lost_of(directions), " missing");
                    examine_times(times, out);
                    if (!vectors) {
                        examine_angles(directions, out);
                    }
                    if (const std::size_t zero = arrow.zero_vector_count(); zero > 0) {
                        out.problems.push_back(text(zero, " of ", directions.size(),
                                                    " vectors have no length; they point nowhere and are not drawn"));
                    }
                    return out;
                }};
    }

    shown_overlay make_pose(const session_overlay& of, const overlay_reader& in) {
        const poses all{read_poses(in)};
        std::optional<time_range> times;
        for (const pose& animal : all.animals) {
            stretch(times, animal.times());
        }
        return {{of.name, all}, of.kind, times, [=, space = around_.space, name = of.name] {
                    return pose_facts(name, all.animals, space);
                }};
    }

    /// "cell": NAME or "cells": "all" or names (their spikes), or "times": FILE with "positions": FILE (n, 2), or
    /// "groups": [{"name", "times", "positions", "color", "marker"}]; without positions where the animal is.
    /// "offset_s"; "keep": "none"|"past"|"all"; event_options.
    shown_overlay make_event(const session_overlay& of, const overlay_reader& in) {
        const json_object& o = in.in;
        const bool spikes = o.has("cell") || o.has("cells");
        std::string given;
        for (const char* const way : {"cell", "cells", "groups", "times"}) {
            if (o.has(way) && !given.empty()) {
                o.refuse(way, text("and '", given,
                                   "' are both given; an event overlay shows one of cell, cells, groups "
                                   "and times; make two overlays"));
            }
            given = o.has(way) ? way : given;
        }
        const double offset_s = o.number("offset_s", 0);
        event_options how;
        if (spikes) { // of a cell: red, for 2 s
            how.duration_s = 2;
            how.min_alpha = 0.4;
            how.marker = {.color = {240, 40, 30, 255}, .size_px = 8};
        }
        how.duration_s = o.number("duration_s", how.duration_s);
        how.min_alpha = o.number("min_alpha", how.min_alpha);
        how.keep = o.choice("keep", how.keep,
                            {{"none", kept_events::none}, {"past", kept_events::past}, {"all", kept_events::all}});
        how.kept_size_px = in.size("kept_size_px", how.kept_size_px);
        how.kept_alpha = o.number("kept_alpha", how.kept_alpha);
        how.marker = in.look(how.marker);
        std::vector<event_group> groups;
        if (o.has("cell")) {
            const spike_train& cell = cell_named(in, "cell", o.string("cell"));
            groups.push_back({.name = cell.name, .times = spikes_as_events(cell, cell.name == around_.cell, offset_s)});
        } else if (o.has("cells")) {
            for (const spike_train* cell : cells(in)) {
                groups.push_back(
                    {.name = cell->name, .times = spikes_as_events(*cell, cell->name == around_.cell, offset_s)});
            }
        } else if (o.has("groups")) {
            for (const overlay_reader& one : in.parts("groups")) {
                groups.push_back(event_group_of(one));
                groups.back().name = one.in.string("name");
                groups.back().color = one.color();
                if (one.in.has("marker")) {
                    groups.back().symbol = one.at("marker", [&] { return marker_named(one.in.string("marker")); });
                }
                one.finish();
            }
        } else {
            groups.push_back(event_group_of(in));
            groups.back().name = of.name;
        }
        std::optional<time_range> times;
        bool placed = true;
        for (const event_group& group : groups) {
            stretch(times, group.times);
            placed = placed && (!group.positions.empty() || group.times.empty());
        }
        const trajectory path = placed ? trajectory() : session_path(in, "positions");
        if (!times) {
            in.note(text("session.json: ", o.where(), ": there are no events to draw"));
        }
        in.finish();
        const event drawn(std::move(groups), path, how);
        return {{of.name, drawn}, of.kind, times, [=, space = around_.space, name = of.name] {
                    overlay_facts out;
                    std::size_t count = 0;
                    for (const event_group& group : drawn.groups()) {
                        count += group.times.size();
                        examine_times(group.times, out);
                        if (!group.positions.empty()) {
                            warn_outside(space, text("the events of '", name, "'"), group.positions, out);
                        }
                    }
                    out.counts = text(count, count == 1 ? " event" : " events");
                    if (drawn.groups().size() > 1) {
                        out.counts += text(" in ", drawn.groups().size(), " groups");
                    }
                    if (out.problems.empty()) {
                        out.counts += text(", ", drawn.without_position(), " without a position");
                    }
                    return out;
                }};
    }
    static event_group event_group_of(const overlay_reader& in) {
        event_group out;
        out.times = event_times(in.table("times"), in.in.number("offset_s", 0));
        if (in.in.has("positions")) {
            out.positions = in.table("positions");
        }
        return out;
    }

    /// "from", "to": anchors; "heading": true or the name of a heading, for the egocentric angle; "arrow", "object",
    /// "label": looks, the last two are drawn when they are there.
    shown_overlay make_object_vector(const session_overlay& of, const overlay_reader& in) {
        const json_object& o = in.in;
        object_vector_options how;
        how.arrow.color = in.color().value_or(how.arrow.color);
        how.arrow = in.style("arrow", how.arrow);
        const shape_style object{.color = how.arrow.color, .size_px = 9, .symbol = marker_symbol::square};
        const shape_style label{.color = how.arrow.color, .size_px = 12};
        if (o.has("object")) {
            how.object = in.style("object", object);
        }
        if (o.has("label")) {
            how.label = in.style("label", label);
        }
        how.unit = o.string("unit", from_.units);
        o.required_member("to");
        const anchor from = anchor_of(in, "from");
        const anchor to = anchor_of(in, "to");
        if (!o.has("heading")) {
            in.finish();
            return {{of.name, object_vector(from, to, how)}, of.kind};
        }
        const session_overlay& described = named(in, "heading", "heading");
        in.finish();
        return {
            {of.name,
             object_vector(from, to, in_words(described, [&] { return heading_of(quiet_reader_of(described)); }), how)},
            of.kind};
    }

    /// The session's regions: "names", "colors": {NAME: colour}, "highlight": false, region_overlay_options.
    shown_overlay make_region(const session_overlay& of, const overlay_reader& in) {
        const json_object& o = in.in;
        region_overlay_options how;
        how.names = in.words("names");
        how.color = in.color().value_or(how.color);
        if (o.has("colors")) {
            const overlay_reader each = in.part(o.object("colors"));
            for (const auto& [name, value] : each.in.all().items()) {
                static_cast<void>(value);
                how.colors.push_back({name, *each.color(name.c_str())});
            }
        }
        how.fill_alpha = o.number("fill_alpha", how.fill_alpha);
        how.highlight_alpha = o.number("highlight_alpha", how.highlight_alpha);
        how.outline_alpha = o.number("outline_alpha", how.outline_alpha);
        how.outline_px = in.size("outline_px", how.outline_px);
        how.name_px = in.size("name_px", how.name_px);
        how.layer = in.layer(how.layer);
        const bool highlight = o.boolean("highlight", true) && around_.positions && from_.times;
        const trajectory path = highlight ? session_path(in, "highlight") : trajectory();
        if (from_.regions.empty()) {
            in.note(text("session.json: ", o.where(),
                         ": there are no regions to draw; \"regions\" of the session "
                         "lists them"));
        }
        in.finish();
        return {{of.name, highlight ? region_overlay(from_.regions, path, how) : region_overlay(from_.regions, how)},
                of.kind,
                {},
                [count = from_.regions.size()] {
                    return overlay_facts{text(count, count == 1 ? " region" : " regions"), {}};
                }};
    }

    shown_overlay make_interval(const session_overlay& of, const overlay_reader& in) {
        return read_interval(of, in, share_of(of.name));
    }
    shown_overlay make_time_series(const session_overlay& of, const overlay_reader& in) {
        return read_time_series(of, in, share_of(of.name));
    }
    shown_overlay make_film(const session_overlay& of, const overlay_reader& in) {
        return read_film(of, in, around_.space);
    }

    /// "cells": "all" or names; "order": "given"|"peak" (of the place fields) or names from the lowest row up;
    /// raster_options.
    shown_overlay make_raster(const session_overlay& of, const overlay_reader& in) {
        const json_object& o = in.in;
        raster_options how;
        how.before_s = o.number("before_s", how.before_s);
        how.after_s = o.number("after_s", how.after_s);
        how.low = o.number("low", share_of(of.name).low);
        how.high = o.number("high", share_of(of.name).high);
        how.tick.color = in.color().value_or(how.tick.color);
        how.tick = in.style("tick", how.tick);
        how.now_line = o.boolean("now_line", how.now_line);
        const std::vector<const spike_train*> shown = cells(in);
        std::vector<raster_unit> units;
        std::optional<time_range> times;
        for (const spike_train* cell : shown) {
            units.push_back({cell->name, spikes_as_events(*cell, false), {}});
            stretch(times, units.back().times);
        }
        if (o.has("order") && o.raw("order").is_array()) {
            for (const std::string& name : in.words("order")) {
                how.order.push_back(static_cast<std::size_t>(
                    std::find(shown.begin(), shown.end(), &cell_named(in, "order", name)) - shown.begin()));
            }
        } else if (o.choice("order", false, {{"given", false}, {"peak", true}})) {
            how.order = order_by_peak(peaks(in, units));
        }
        if (units.empty()) {
            in.note(text("session.json: ", o.where(), ": there are no spikes to draw"));
        }
        in.finish();
        const raster_plot plot(std::move(units), how);
        const time_range dock{-how.before_s, how.after_s};
        shown_overlay made{{of.name, plot}, of.kind, times, [plot] {
                               overlay_facts out;
                               std::size_t count = 0;
                               for (const raster_unit& unit : plot.units()) {
                                   count += unit.times.size();
                                   examine_times(unit.times, out);
                               }
                               out.counts = text(plot.units().size(), plot.units().size() == 1 ? " cell, " : " cells, ",
                                                 count, " spikes");
                               return out;
                           }};
        made.dock = dock;
        return made;
    }
    /// The bin in which each unit fires most per second there; NaN without any. Cost: reads positions and spikes.
    std::vector<double> peaks(const overlay_reader& in, const std::vector<raster_unit>& units) const {
        const trajectory path = session_path(in, "order");
        std::vector<double> out(units.size(), std::numeric_limits<double>::quiet_NaN());
        if (!around_.space) {
            return out;
        }
        const auto bin_at = [&](point_xy at) { return around_.space.bin_at(at.x, at.y); };
        std::vector<double> visits(around_.space.bin_count(), 0);
        for (std::size_t i = 0; i < path.times().size(); ++i) {
            if (const auto bin = bin_at(path.sample(i))) {
                visits[*bin] += 1;
            }
        }
        std::vector<double> counts(visits.size());
        for (std::size_t u = 0; u < units.size(); ++u) {
            std::fill(counts.begin(), counts.end(), 0.0);
            for (std::size_t i = 0; i < units[u].times.size(); ++i) {
                if (const auto bin = bin_at(path.at(units[u].times[i]))) {
                    counts[*bin] += 1;
                }
            }
            double most = 0;
            for (std::size_t b = 0; b < counts.size(); ++b) {
                const double rate = visits[b] > 0 ? counts[b] / visits[b] : 0;
                if (rate > most) {
                    most = rate;
                    out[u] = static_cast<double>(b);
                }
            }
        }
        return out;
    }

    shown_overlay make_scale_bar(const session_overlay& of, const overlay_reader& in) {
        scale_bar_options how;
        how.unit = in.in.string("unit", from_.units);
        how.length = in.in.number("length", how.length);
        how.width = in.in.number("width", how.width);
        how.place = in.point("place", how.place);
        how.line.color = how.label.color = in.color().value_or(how.line.color);
        how.line = in.style("line", how.line);
        how.label = in.style("label", how.label);
        in.finish();
        return {{of.name, scale_bar(how)}, of.kind};
    }
    shown_overlay make_time_label(const session_overlay& of, const overlay_reader& in) {
        const json_object& o = in.in;
        time_label_options how;
        how.format = o.choice("format", how.format, {{"clock", time_format::clock}, {"seconds", time_format::seconds}});
        how.start_s = o.number("start_s", how.start_s);
        how.end_s = o.number("end_s", how.end_s);
        how.decimals = static_cast<int>((std::min)(o.whole("decimals", 2), std::size_t{1000}));
        how.frame = o.boolean("frame", how.frame);
        how.place = in.point("place", how.place);
        how.label.color = in.color().value_or(how.label.color);
        how.label = in.style("label", how.label);
        in.finish();
        return {{of.name, time_label(how)}, of.kind};
    }
    /// Of the first field.
    shown_overlay make_color_bar(const session_overlay& of, const overlay_reader& in) {
        const json_object& o = in.in;
        color_bar_options how;
        how.quantity = o.string("quantity", around_.style.label);
        how.unit = o.string("unit", around_.style.unit);
        how.clipped_low = o.boolean("clipped_low", how.clipped_low);
        how.clipped_high = o.boolean("clipped_high", how.clipped_high);
        how.steps = o.whole("steps", how.steps);
        how.place = in.point("place", how.place);
        how.width = o.number("width", how.width);
        how.height = o.number("height", how.height);
        how.tick.color = how.label.color = in.color().value_or(how.tick.color);
        how.tick = in.style("tick", how.tick);
        how.label = in.style("label", how.label);
        in.finish();
        return {
            {of.name, color_bar(around_.style.colors.table(), around_.style.range.vmin, around_.style.range.vmax, how)},
            of.kind};
    }

    const session& from_;
    overlay_surroundings around_;
    std::vector<std::string>& notes_;
    std::vector<session_overlay> all_;
    std::vector<std::string> unsaid_;
    samples directions_; ///< of the heading made last
    std::vector<std::pair<std::string, dock_share>> shares_;
    dock_share room_;
};

inline constexpr std::array<overlay_maker::kind, overlay_kinds.size()> overlay_maker::kinds = {{
    {"position", &overlay_maker::make_position, true},
    {"heading", &overlay_maker::make_heading, true},
    {"pose", &overlay_maker::make_pose, true},
    {"event", &overlay_maker::make_event, false},
    {"interval", &overlay_maker::make_interval, false},
    {"object_vector", &overlay_maker::make_object_vector, false},
    {"region", &overlay_maker::make_region, false},
    {"time_series", &overlay_maker::make_time_series, true},
    {"raster", &overlay_maker::make_raster, false},
    {"film", &overlay_maker::make_film, true},
    {"scale_bar", &overlay_maker::make_scale_bar, false},
    {"time_label", &overlay_maker::make_time_label, false},
    {"color_bar", &overlay_maker::make_color_bar, false},
}};

} // namespace detail
} // namespace fieldreel::inline v0

#endif
