// SPDX-License-Identifier: MIT
// From the files of a recording to a playback: its grid, its field, its overlays. What is not stored is derived once.
#ifndef FIELDREEL_SESSION_SESSION_PLAYBACK_HPP
#define FIELDREEL_SESSION_SESSION_PLAYBACK_HPP

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/cache/chunk_cache.hpp>
#include <fieldreel/colormap/color_scaling.hpp>
#include <fieldreel/colormap/field_kind.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/trail.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/session/session.hpp>
#include <fieldreel/session/session_options.hpp>
#include <fieldreel/session/session_overlays.hpp>
#include <fieldreel/session/time_selection.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/select.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/space/place_field.hpp>
#include <fieldreel/space/space.hpp>
#include <fieldreel/space/track.hpp>
#include <fieldreel/space/tracking_quality.hpp>
#include <fieldreel/trace/point.hpp>

namespace fieldreel::inline v0 {

namespace detail {

inline const spike_train& choose_cell(const std::vector<spike_train>& cells, const std::string& asked) {
    if (asked.empty()) {
        return *std::max_element(cells.begin(), cells.end(), [](const spike_train& a, const spike_train& b) {
            return a.times.size() < b.times.size();
        });
    }
    std::vector<std::string> names;
    std::vector<std::string> of_that_name; // their numbers
    const spike_train* found = nullptr;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (cells[i].name == asked) {
            found = &cells[i];
            of_that_name.push_back(text(i));
        }
        names.push_back(cells[i].name);
    }
    if (of_that_name.size() > 1) {
        throw invalid_value("cell", text("the cell '", asked, "' was asked for; ", of_that_name.size(),
                                         " cells have this name; ask for one by its number (", join(of_that_name),
                                         "), or give them names of their own"));
    }
    if (found != nullptr) {
        return *found;
    }
    std::size_t number = 0;
    const auto [end, problem] = std::from_chars(asked.data(), asked.data() + asked.size(), number);
    if (problem == std::errc{} && end == asked.data() + asked.size() && number < cells.size()) {
        return cells[number];
    }
    throw invalid_value("cell",
                        text("the cell '", asked, "' was asked for; the recording has ", cells.size(),
                             " cells: ", names.size() <= 12 ? join(names) : text(names.front(), " to ", names.back()),
                             " (or 0-", cells.size() - 1, "); did you mean '", nearest_name(asked, names), "'?"));
}

/// For people: three significant digits.
inline std::string three_digits(double value) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, 3).ptr;
    return {buffer, end};
}

/// For people: 193.7.
inline std::string one_decimal(double value) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, 1).ptr;
    return {buffer, end};
}

/// A sentence when a few positions make the box around all more than twice as large, on either axis, as that of the
/// others: those from the 0.1st to the 99.9th percentile, and half as far again on each side. Else empty. Cost: a pass,
/// and a selection among at most some 65 536 values.
inline std::string stray_positions(const samples& positions) {
    const std::size_t count = positions.size();
    double low[2];
    double high[2];
    double all[2] = {};
    bool stretched = false;
    for (std::size_t axis = 0; axis < 2; ++axis) {
        std::vector<double> values;
        const std::size_t stride = 1 + count / 65536;
        low[axis] = std::numeric_limits<double>::infinity();
        high[axis] = -low[axis];
        for (std::size_t i = 0; i < count; ++i) {
            const double v = positions(i, axis);
            if (std::isfinite(v)) {
                low[axis] = (std::min)(low[axis], v);
                high[axis] = (std::max)(high[axis], v);
                if (i % stride == 0) {
                    values.push_back(v);
                }
            }
        }
        if (values.size() < 100) { // too few to say who is the exception
            return {};
        }
        all[axis] = high[axis] - low[axis];
        const auto at = [&](double part) {
            // At least one value beyond, as one of few thousands may be the stray one.
            const auto last = static_cast<double>(values.size() - 1);
            const double rank = part < 0.5 ? (std::max)(1.0, part * last) : (std::min)(last - 1, part * last);
            const auto place = values.begin() + static_cast<std::ptrdiff_t>(rank);
            std::nth_element(values.begin(), place, values.end());
            return *place;
        };
        low[axis] = at(0.001);
        high[axis] = at(0.999);
        stretched = stretched || (high[axis] > low[axis] && all[axis] > 2 * (high[axis] - low[axis]));
    }
    if (!stretched) {
        return {};
    }
    std::size_t beyond = 0;
    for (std::size_t i = 0; i < count; ++i) {
        bool out = false;
        for (std::size_t axis = 0; axis < 2; ++axis) {
            const double size = high[axis] - low[axis];
            const double v = positions(i, axis);
            out = out || (std::isfinite(v) && size > 0 && (v < low[axis] - size / 2 || v > high[axis] + size / 2));
        }
        beyond += out ? 1u : 0u;
    }
    if (beyond == 0) {
        return {};
    }
    return text(beyond, beyond == 1 ? " position stretches" : " positions stretch", " the arena to ",
                three_digits(all[0]), " x ", three_digits(all[1]), ", where the others lie within ",
                three_digits(high[0] - low[0]), " x ", three_digits(high[1] - low[1]), "; if ",
                beyond == 1 ? "it is" : "they are", " wrong, replace ", beyond == 1 ? "it" : "them", " by NaN");
}

/// What the overlays of a playback are drawn over.
inline overlay_surroundings surroundings(const session& from, const session_playback& made,
                                         const session_options& options, const std::optional<samples>& positions) {
    overlay_surroundings out{
        .positions = positions, .cell = made.cell, .trail = options.trail, .heading = options.heading};
    if (out.cell.empty() && from.spikes.size() == 1) { // nobody could mean another
        out.cell = from.spikes.front().name;
    }
    if (out.cell.empty() && options.beside.size() == 1) {
        out.cell = choose_cell(from.spikes, options.beside.front()).name;
    }
    if (made.playback.field_count() > 0) {
        out.space = made.playback.space();
        out.style = made.playback.style();
        out.times = made.playback.times();
        if (out.heading.length == heading_options().length) { // in the session's units: as long for meters as for cm
            const box_xy box = out.space.bounds();
            out.heading.length = 0.08 * (std::max)(box.high.x - box.low.x, box.high.y - box.low.y);
        }
    }
    return out;
}

/// Builds a session_playback step by step, with the time each step takes.
class session_builder {
public:
    session_builder(const session& from, const session_options& options) : from_(from), options_(options) {
        out_.notes = from.warnings;
    }

    session_playback build() {
        take_tracking();
        if (derives()) {
            derive_field(options_.cell);
        } else {
            for (const session_field& field : from_.fields) {
                add(field);
            }
        }
        for (const std::string& cell : options_.beside) {
            if (from_.spikes.empty()) {
                throw no_spikes(cell);
            }
            derive_field(cell);
        }
        if (options_.bin_size && !position_grid_) {
            out_.notes.push_back(text("the bin size was not used: the ",
                                      from_.track ? "track has bins" : "field has a grid", " of its own"));
        }
        add_overlays();
        return std::move(out_);
    }

private:
    template <class F>
    auto phase(const char* name, F work) {
        const auto start = std::chrono::steady_clock::now();
        auto result = work();
        out_.phases.push_back({name, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()});
        return result;
    }

    /// A place field, or the time spent, instead of stored fields.
    bool derives() const { return from_.fields.empty() || !options_.cell.empty(); }

    /// Positions as everything but the grid sees them: the bins stay those of the whole recording, so that fields with
    /// and without the interpolated stretches can be compared. The heading's arrow starts at the position and goes with
    /// it.
    void take_tracking() {
        positions_ = from_.positions;
        if (!options_.drop_interpolated) {
            return;
        }
        if (!positions_ || !from_.times) {
            out_.notes.push_back("there are no positions with times; nothing was dropped");
            return;
        }
        dropped_stretches& gone = out_.dropped.emplace();
        phase("drop interpolated", [&] {
            FIELDREEL_TRACE_SPAN("setup.drop_interpolated");
            gone.runs = check_tracking(*from_.times, *positions_).interpolated;
            if (gone.runs.count() > 0) {
                positions_ = samples(with_runs_lost(*positions_, gone.runs), 2);
            }
            return true;
        });
        if (gone.runs.count() == 0) {
            out_.notes.push_back("no interpolated stretches were found; nothing was dropped");
            return;
        }
        std::string of_cell;
        if (derives() && !from_.spikes.empty()) {
            const spike_train& cell = choose_cell(from_.spikes, options_.cell);
            gone.spikes = spikes_in(gone.runs, cell.times);
            of_cell = text(", ", gone.spikes, gone.spikes == 1 ? " spike of " : " spikes of ", cell.name);
        }
        const double seconds = gone.runs.seconds();
        out_.notes.push_back(text("dropped ", gone.runs.count(), " interpolated ",
                                  gone.runs.count() == 1 ? "stretch (" : "stretches (", one_decimal(seconds), " s, ",
                                  one_decimal(100 * seconds / (from_.times->back() - from_.times->front())),
                                  " % of the recording", of_cell, ")"));
    }

    double bin_size() {
        if (options_.bin_size) {
            return *options_.bin_size;
        }
        double low[2] = {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
        double high[2] = {-low[0], -low[1]};
        for (std::size_t i = 0; i < from_.positions->size(); ++i) {
            for (std::size_t axis = 0; axis < 2; ++axis) {
                const double v = (*from_.positions)(i, axis);
                low[axis] = v < low[axis] ? v : low[axis];
                high[axis] = v > high[axis] ? v : high[axis];
            }
        }
        const double longer = (std::max)(high[0] - low[0], high[1] - low[1]);
        const double size =
            longer > 0 && std::isfinite(longer) ? longer / 25 : 1; // from_samples says what is wrong with the positions
        out_.notes.push_back(text("bins of ", three_digits(size), " ", from_.units,
                                  ", 1/25 of the longer side of the arena; choose with --bin-size"));
        return size;
    }
    const grid& position_grid() {
        if (!position_grid_) {
            if (!from_.positions) {
                throw data_error("there are no positions to make a grid of; give positions (n, 2), or a field with a "
                                 "grid in session.json");
            }
            const std::string stray = phase("stray positions", [&] {
                FIELDREEL_TRACE_SPAN("setup.stray_positions");
                return stray_positions(*from_.positions);
            });
            if (!stray.empty()) {
                out_.notes.push_back(stray);
            }
            const double size = bin_size();
            try {
                position_grid_ = phase("grid", [&] {
                    FIELDREEL_TRACE_SPAN("setup.grid");
                    return grid::from_samples(*from_.positions, {.bin_size = size});
                });
            } catch (const error& problem) {
                if (stray.empty()) {
                    throw;
                }
                throw data_error(text(std::string_view(problem.what()), "; but ", stray));
            }
        }
        return *position_grid_;
    }

    /// The bins of a stored field: its own, the pixels of a movie, the session's track, or the grid of the positions.
    any_space space_of(const session_field& field) {
        if (field.space) {
            return *field.space;
        }
        if (const auto shape = shown_frames(field).frame_shape(); shape && !from_.positions) {
            return grid::full({0, 0}, {static_cast<double>(shape->cols), static_cast<double>(shape->rows)},
                              {shape->cols, shape->rows});
        }
        if (from_.track && !field.frames.frame_shape()) {
            return *from_.track;
        }
        return position_grid();
    }

    sample_times times_of(const session_field& field) {
        if (field.times) {
            return *field.times;
        }
        if (from_.times && from_.times->size() == field.frames.frame_count()) {
            out_.notes.push_back(
                text("'", field.name, "' has one frame per sample; the sample times are its frame times"));
            return *from_.times;
        }
        throw data_error(
            text("the field '", field.name, "' has ", field.frames.frame_count(), " frames and no frame times",
                 from_.times ? text(" (and there are ", from_.times->size(), " sample times)") : std::string(),
                 "; give --frame-times FILE, or \"frame_times\" or \"rate_hz\" in session.json"));
    }

    void add(const session_field& field) {
        const any_space space = space_of(field);
        any_source source = in_active_order(field, space);
        if (!source.timed()) {
            source = source | timed(times_of(field));
        }
        if (field.blank) {
            show(std::move(source), space, {.title = field.name, .bar = false}, value_range{0, 1});
            return;
        }
        if (field.states) {
            say_states(field);
        }
        show(std::move(source), space, {.kind = field.kind, .title = field.name});
    }

    void say_states(const session_field& field) {
        if (field.show != "sum") {
            out_.notes.push_back(text("'", field.name, "' shows its state ", field.show, " of ",
                                      join(field.states->names()), "; \"show\": \"sum\" in session.json adds them up"));
            return;
        }
        const std::vector<std::string> without = field.states->left_out();
        out_.notes.push_back(text("'", field.name, "' shows the sum of its states ", join(field.states->summed()),
                                  without.empty() ? std::string()
                                                  : text(" (without ", join(without), ", which ",
                                                         without.size() == 1 ? "has" : "have", " fewer bins)"),
                                  "; \"show\" in session.json picks one"));
    }

    void derive_field(const std::string& asked) {
        if (!from_.positions || !from_.times) {
            throw data_error("there is nothing to show: no field, and no positions with times to make one of; give "
                             "positions and times, or a field");
        }
        const auto stored = std::find_if(from_.fields.begin(), from_.fields.end(), [](const session_field& field) {
            return field.space && field.space->as_grid() != nullptr && !field.blank;
        });
        if (from_.track) {
            derive_field_over(*from_.track, 2 * from_.track->longest_bin(), asked);
        } else if (stored != from_.fields.end() && !options_.bin_size) {
            const grid& space = *stored->space->as_grid();
            if (!std::exchange(said_bins_, true)) {
                out_.notes.push_back(text("bins of ", three_digits(space.bin_width_x()), " x ",
                                          three_digits(space.bin_width_y()), " ", from_.units, ", those of '",
                                          stored->name, "'; with --bin-size they are made of the positions"));
            }
            derive_field_over(space, 2 * (std::max)(space.bin_width_x(), space.bin_width_y()), asked);
        } else {
            const grid& space = position_grid();
            derive_field_over(space, 2 * (std::max)(space.bin_width_x(), space.bin_width_y()), asked);
        }
    }

    /// Place fields need the space itself, with its neighbours; what is shown needs any_space.
    template <class Space>
    void derive_field_over(const Space& space, double two_bins, const std::string& asked) {
        std::vector<double> values;
        field_style style;
        if (from_.spikes.empty()) {
            if (!asked.empty()) {
                throw no_spikes(asked);
            }
            out_.notes.push_back("there are no spikes; the field is the time spent in each bin");
            values = phase("occupancy", [&] {
                FIELDREEL_TRACE_SPAN("setup.occupancy");
                return occupancy(space, *from_.times, *positions_).seconds;
            });
            style.title = "occupancy";
            style.label = "time";
            style.unit = "s";
        } else {
            const spike_train& cell = choose_cell(from_.spikes, asked);
            if (asked.empty() && from_.spikes.size() > 1) {
                out_.notes.push_back(text("showing ", cell.name, ", the cell with most spikes (", cell.times.size(),
                                          ") of ", from_.spikes.size(), "; choose with --cell"));
            }
            check_overlap(cell);
            place_field_result made = phase("place field", [&] {
                FIELDREEL_TRACE_SPAN("setup.place_field");
                place_field_options how = options_.place_field;
                if (std::isnan(how.bandwidth)) {
                    how.bandwidth = two_bins;
                }
                out_.bandwidth = how.bandwidth;
                return place_field(space, cell.times, *from_.times, *positions_, how);
            });
            values = made.rate;
            if (out_.playback.field_count() == 0) {
                out_.cell = cell.name;
                out_.place_field = std::move(made);
            }
            style.kind = field_kind::rate;
            style.title = cell.name;
        }
        const value_range measured = measured_range(tile(values, 1), style.kind);
        show(tile(std::move(values), from_.times->size()) | timed(*from_.times), space, std::move(style), measured);
    }

    static invalid_value no_spikes(const std::string& cell) {
        return invalid_value("cell", text("the cell '", cell,
                                          "' was asked for and the recording has no spikes; give spikes*.npy "
                                          "(--spikes), or ask for no cell"));
    }

    void check_overlap(const spike_train& cell) {
        if (cell.times.empty() || from_.times->empty()) {
            return;
        }
        double first = std::numeric_limits<double>::infinity(); // in any order, without those that are no times
        double last = -first;
        for (std::size_t i = 0; i < cell.times.size(); ++i) {
            const double at = cell.times[i];
            if (std::isfinite(at)) {
                first = (std::min)(first, at);
                last = (std::max)(last, at);
            }
        }
        if (!(first <= last)) {
            out_.notes.push_back(
                text("none of the ", cell.times.size(), " spike times of ", cell.name, " is finite; check the file"));
            return;
        }
        if (first > from_.times->back() || last < from_.times->front()) {
            out_.notes.push_back(text("the spikes of ", cell.name, " (", first, " to ", last, " s) and the positions (",
                                      from_.times->front(), " to ", from_.times->back(),
                                      " s) do not overlap in time; are they in other units or on another clock?"));
        }
    }

    void show(any_source source, const any_space& space, field_style style, std::optional<value_range> measured = {}) {
        if (options_.frames) {
            source = source | slice({0, (std::min)(*options_.frames, source.frame_count())});
        }
        if (options_.source_hz && !options_.target_hz) {
            throw invalid_value("source_hz", "a source rate was given and no target rate; give both (--source-hz, "
                                             "--target-hz), or the target rate alone to subsample by time");
        }
        if (options_.target_hz && options_.source_hz) {
            if (std::string warning = rate_warning(source, *options_.source_hz); !warning.empty()) {
                out_.notes.push_back(std::move(warning) + " (without --source-hz frames are picked by their times)");
            }
            source = source | subsample({.source_hz = *options_.source_hz, .target_hz = *options_.target_hz});
        } else if (options_.target_hz) {
            source = source | subsample_by_time(*options_.target_hz);
        }
        const field_label label = default_label(style.kind);
        style.label = style.label.empty() ? std::string(label.text) : style.label;
        style.unit = style.unit.empty() ? std::string(label.unit) : style.unit;
        const bool asked = out_.playback.field_count() == 0 || out_.playback.style(0).kind == style.kind;
        const double unset = std::numeric_limits<double>::quiet_NaN();
        const double vmin = asked ? options_.vmin : unset;
        const double vmax = asked ? options_.vmax : unset;
        style.colors =
            asked && !options_.colormap.empty() ? colormap::named(options_.colormap) : default_colormap(style.kind);
        check_range(vmin, vmax);
        if (!measured && (std::isnan(vmin) || std::isnan(vmax))) {
            measured = measured_range(source, style.kind);
        }
        style.range = range_or(vmin, vmax, measured.value_or(value_range{}));
        check(options_.scaling, style.range);
        style.paint.scaling = options_.scaling;
        if (options_.before_cache) {
            source = options_.before_cache(std::move(source));
        }
        if (options_.cache) { // after the range was measured, which reads frames here and there
            source = options_.policy == cache_policy::lru ? cached_by<lru>(source) : cached_by<playhead>(source);
        }
        out_.playback.add_field(source, space, std::move(style));
    }

    template <eviction_policy Policy>
    any_source cached_by(const any_source& source) {
        return source | frame_adaptor([&]<frame_source Source>(Source frames) {
                   chunk_cache<Source, Policy> cache(std::move(frames), *options_.cache);
                   out_.cache_statistics = [cache] { return cache.statistics(); };
                   out_.cached_frames = [cache] { return cache.resident_ranges(); };
                   return cache;
               });
    }

    value_range measured_range(const any_source& source, field_kind kind) {
        return phase("range", [&] {
            FIELDREEL_TRACE_SPAN("setup.range");
            return source.visit([&](auto frames) { return default_range(frames, kind); });
        });
    }

    void add_overlays() {
        overlay_maker maker(from_, surroundings(from_, out_, options_, positions_), out_.notes);
        const std::vector<session_overlay> all = chosen(maker);
        out_.room = maker.share_dock(all, options_.room_for_series);
        std::optional<time_range> dock;
        for (const session_overlay& of : all) {
            std::optional<shown_overlay> made;
            try {
                made.emplace(maker.make(of));
            } catch (const error& problem) {
                if (!of.where.empty() || options_.overlays) {
                    throw;
                }
                out_.notes.push_back(text(std::string_view(problem.what()), "; it is not drawn")); // came by itself
                continue;
            }
            if (made->dock) {
                dock = dock ? time_range{(std::min)(dock->start_s, made->dock->start_s),
                                         (std::max)(dock->stop_s, made->dock->stop_s)}
                            : *made->dock;
            }
            out_.playback.add_overlay(made->drawing);
            out_.overlays.push_back(std::move(*made));
        }
        out_.dock = dock.value_or(out_.dock);
    }
    /// Those that were asked for, in the order in which they are drawn.
    std::vector<session_overlay> chosen(const overlay_maker& maker) const {
        std::vector<session_overlay> all = maker.all();
        if (!options_.overlays) {
            return all;
        }
        const std::vector<std::string> names = maker.names();
        const auto& asked = *options_.overlays;
        for (const std::string& name : asked) {
            if (name == "none") {
                if (asked.size() > 1) {
                    throw invalid_value("overlays", text("the overlays ", join(asked),
                                                         " were asked for; none stands alone; leave it out, or the "
                                                         "others"));
                }
                return {};
            }
            if (std::find(names.begin(), names.end(), name) == names.end()) {
                throw invalid_value(
                    "overlays", names.empty() ? text("the overlay '", name,
                                                     "' was asked for and the recording has none; "
                                                     "leave --overlay out")
                                              : text("the overlay '", name, "' was asked for; the recording has ",
                                                     join(names), "; did you mean '", nearest_name(name, names), "'?"));
            }
        }
        std::erase_if(all, [&](const session_overlay& one) {
            return std::find(asked.begin(), asked.end(), one.name) == asked.end();
        });
        return all;
    }

    const session& from_;
    const session_options& options_;
    std::optional<samples> positions_;
    std::optional<grid> position_grid_;
    bool said_bins_ = false;
    session_playback out_;
};

} // namespace detail

/// Makes the playback of a session: its stored fields, or the place field of one cell under the moving animal, or the
/// time spent in each bin; with its overlays. Errors: data_error and
/// invalid_value, each with a sentence. Cost: for stored fields with a grid, the same for any length; else one pass
/// over positions and spikes.
inline session_playback make_playback(const session& from, const session_options& options = {}) {
    return detail::session_builder(from, options).build();
}

/// Looks at every overlay of a session, those of `made` and those that cannot be drawn: what is wrong with one does not
/// keep another from being looked at. Cost: reads every sample.
inline std::vector<overlay_report> examine_overlays(const session& from, const session_playback& made,
                                                    const session_options& options = {}) {
    std::vector<std::string> notes;
    detail::overlay_maker maker(from, detail::surroundings(from, made, options, from.positions), notes);
    std::vector<overlay_report> out;
    for (const session_overlay& of : maker.all()) {
        overlay_report& one = out.emplace_back(overlay_report{of.name, of.kind, {}});
        notes.clear();
        try {
            const shown_overlay drawn = maker.make(of);
            one.times = drawn.times;
            if (drawn.examine) {
                one.facts = drawn.examine();
            }
        } catch (const error& problem) {
            one.facts.problems.emplace_back(problem.what());
        }
        for (std::string& sentence : one.facts.problems) {
            if (sentence.find("'" + of.name + "'") == std::string::npos) {
                sentence = detail::text("the overlay '", of.name, "': ", sentence);
            }
        }
        one.facts.problems.insert(one.facts.problems.end(), notes.begin(), notes.end());
    }
    return out;
}

/// The intervals of a session, for what plays or writes a part of it. Errors: as make_playback, for overlays of the
/// kind "interval" alone.
inline std::vector<named_intervals> intervals_of(const session& from) {
    std::vector<std::string> notes;
    detail::overlay_maker maker(from, {}, notes);
    std::vector<named_intervals> out;
    for (const session_overlay& of : maker.all()) {
        if (of.kind == "interval") {
            out.push_back({of.name, *maker.make(of).intervals});
        }
    }
    return out;
}

} // namespace fieldreel::inline v0

#endif
