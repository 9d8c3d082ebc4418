// SPDX-License-Identifier: MIT
// The files of one recording: read from session.json, or found by their plain names.
#ifndef FIELDREEL_SESSION_SESSION_HPP
#define FIELDREEL_SESSION_SESSION_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/colormap/field_kind.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/session/json.hpp>
#include <fieldreel/session/json_space.hpp>
#include <fieldreel/session/session_content.hpp>
#include <fieldreel/session/storage.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/combine.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/raw_movie.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/source/state_bins.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/region.hpp>
#include <fieldreel/space/space.hpp>
#include <fieldreel/space/track.hpp>
#include <fieldreel/trace/point.hpp>

namespace fieldreel::inline v0 {

namespace detail {

inline std::string stem_after(const std::filesystem::path& path, std::string_view prefix) {
    std::string stem = path.stem().string();
    if (stem.starts_with(prefix)) {
        stem.erase(0, prefix.size());
    }
    while (!stem.empty() && (stem.front() == '_' || stem.front() == '-')) {
        stem.erase(0, 1);
    }
    return stem.empty() ? path.stem().string() : stem;
}

/// Reads session.json or finds the plain names, and opens what it names.
class session_reader {
public:
    session_reader(const session_files& files) : files_(files) {
        out_.storage = {files.folder, files.access, files.trusted, files.openers, files.in_memory};
    }

    session read() {
        namespace fs = std::filesystem;
        out_.folder = files_.folder;
        if (files_.description) {
            read_description(*files_.description, "the description");
        } else if (!files_.folder.empty()) {
            std::error_code none;
            if (!fs::exists(files_.folder, none)) {
                throw file_error(files_.folder,
                                 text(files_.folder, " does not exist; give the folder of a recording, or its files"));
            }
            if (!fs::is_directory(files_.folder, none)) {
                throw file_error(
                    files_.folder,
                    text(files_.folder,
                         " is a file; give the folder of a recording, or use --field for a file of frames"));
            }
            out_.name = fs::path(files_.folder).lexically_normal().filename().string();
            if (out_.name.empty()) { // "DIR/" and "."
                out_.name = fs::absolute(files_.folder).lexically_normal().parent_path().filename().string();
            }
            if (fs::exists(fs::path(files_.folder) / "session.json", none)) {
                const std::string path = in_folder("session.json");
                read_description(read_json(path), path);
            } else {
                find_plain_names();
            }
        }
        take_given_files();
        open_samples();
        fill_blank();
        check();
        return std::move(out_);
    }

private:
    struct named_file {
        std::string name = {}; ///< empty: it is not there
        bool by_hand = false;  ///< a path as it is; else one that session.json names
    };
    std::string in_folder(const std::string& file) const {
        return (std::filesystem::path(out_.folder) / file).string();
    }
    /// A table that session.json names, or one given by hand, whose path may lead anywhere.
    samples open(const std::string& name) const { return out_.storage.table(name); }
    samples open_given(const std::string& path) const { return by_hand().table(path); }
    session_storage by_hand() const { return {{}, files_.access, true, files_.openers, {}}; }

    void read_description(const nlohmann::json& description, const std::string& path) {
        const json_object top(description, path, "session");
        const double version = top.number("fieldreel_session", 0);
        if (version != 1) {
            throw file_error(
                path, text(path, " is a session description of version ", version,
                           "; this program reads version 1; add \"fieldreel_session\": 1 or use a newer program"));
        }
        top.warn_unknown({"fieldreel_session", "name", "units", "simulated", "times", "positions", "head_direction",
                          "heading_offset_rad", "max_gap_s", "track", "spikes", "fields", "regions", "pose",
                          "intervals", "overlays"},
                         out_.warnings);
        out_.name = top.string("name", out_.name);
        out_.units = top.string("units", out_.units);
        if (out_.units.empty()) { // not known, as if left out
            out_.units = session().units;
        }
        out_.simulated = top.boolean("simulated", false);
        out_.heading_offset_rad = top.number("heading_offset_rad", 0);
        out_.max_gap_s = top.number("max_gap_s", out_.max_gap_s);
        if (!(out_.max_gap_s > 0)) {
            top.refuse("max_gap_s", text("is ", out_.max_gap_s, "; it must be positive; 0.25 is usual"));
        }
        times_ = {top.string("times")};
        positions_ = {top.string("positions")};
        head_direction_ = {top.string("head_direction")};
        if (top.has("track")) {
            out_.track = json_track(top.object("track"), out_.storage, out_.warnings);
        }
        for (const json_object& cell : top.list("spikes")) {
            cell.warn_unknown({"name", "file"}, out_.warnings);
            const std::string file = cell.required("file");
            spikes_.push_back({cell.string("name", stem_after(file, "spikes")), {file}});
        }
        out_.regions = json_regions(top, out_.warnings);
        read_overlays(top);
        if (!files_.field.empty()) {
            return; // it takes the place of these
        }
        for (const json_object& field : top.list("fields")) {
            field.warn_unknown({"name", "file", "order", "flip_y", "kind", "frame_times", "rate_hz", "start_s", "grid",
                                "track", "states", "show", "raw"},
                               out_.warnings);
            if (field.string("kind", "other") == "blank") {
                read_blank(field, path);
                continue;
            }
            const std::string file = field.required("file");
            session_field f{field.string("name", std::filesystem::path(file).stem().string()),
                            field.has("raw") ? raw_frames(out_.storage.path(file), field.object("raw"))
                                             : out_.storage.frames(file)};
            if (field.has("order")) {
                f.order = field_order_named(field.string("order"));
            }
            f.flip_y = field.boolean("flip_y", false);
            f.kind = field_kind_named(field.string("kind", "other"));
            if (field.has("frame_times")) {
                f.times = sample_times(open(field.string("frame_times")));
            } else if (field.has("rate_hz")) {
                f.times = sample_times({.rate_hz = field.number("rate_hz", 0), .start_s = field.number("start_s", 0)},
                                       f.frames.frame_count());
            }
            if (!f.times && f.frames.timed()) {
                f.times = times_of(f.frames);
            }
            if (field.has("grid") && field.has("track")) {
                throw file_error(path, text(path, ": the field '", f.name,
                                            "' has a grid and a track; its values belong to one of them; remove the "
                                            "other"));
            }
            if (field.has("track")) {
                f.space = json_track(field.object("track"), out_.storage, out_.warnings);
            }
            if (field.has("grid")) {
                const json_object bins = field.object("grid");
                bins.warn_unknown({"edges_x", "edges_y", "mask"}, out_.warnings);
                f.space = json_grid(bins, out_.storage);
            }
            if (field.has("states")) {
                f.states = json_states(field, f.name, f.frames.frame_size());
                f.show = field.string("show", f.show);
                if (f.show != "sum") {
                    f.states->state_named(f.show); // must be there
                }
            } else if (field.has("show")) {
                throw invalid_value("show", text("'", f.name,
                                                 "' says which state to show and not which states it has; "
                                                 "add \"states\": [names], or leave \"show\" out"));
            }
            out_.fields.push_back(std::move(f));
        }
    }

    /// "raw": {"dtype", "frames", "rows", "cols", "order": "C" or "F" (rows fastest), "offset_bytes"}: little-endian
    /// numbers, frame after frame.
    any_source raw_frames(const std::string& path, const json_object& in) {
        in.warn_unknown({"dtype", "frames", "rows", "cols", "order", "offset_bytes"}, out_.warnings);
        for (const char* key : {"dtype", "frames", "rows", "cols"}) {
            in.required_member(key);
        }
        return open_raw_movie(path, {.type = dtype_named(in.string("dtype")),
                                     .frames = in.whole("frames", 0),
                                     .shape = {in.whole("rows", 0), in.whole("cols", 0)},
                                     .rows_fastest = in.choice("order", false, {{"C", false}, {"F", true}}),
                                     .offset_bytes = in.whole("offset_bytes", 0),
                                     .access = files_.access});
    }
    static sample_times times_of(const any_source& frames) {
        std::vector<double> out(frames.frame_count());
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = frames.time_s(i);
        }
        return sample_times(std::move(out));
    }
    void read_blank(const json_object& field, const std::string& path) {
        const std::string name = field.string("name", "arena");
        for (const char* key : {"file", "order", "states", "rate_hz"}) {
            if (field.has(key)) {
                throw file_error(path, text(path, ": the field '", name, "' is blank and has \"", std::string_view(key),
                                            "\"; a blank field has no values; remove it, or give another kind"));
            }
        }
        session_field f{name, any_source(tile(std::vector<float>(1), 1))}; // until the times are known
        f.blank = true;
        if (field.has("track")) {
            f.space = json_track(field.object("track"), out_.storage, out_.warnings);
        } else {
            const json_object bins = field.object("grid");
            bins.warn_unknown({"edges_x", "edges_y", "mask"}, out_.warnings);
            f.space = json_grid(bins, out_.storage);
        }
        if (field.has("frame_times")) {
            f.times = sample_times(open(field.string("frame_times")));
        }
        out_.fields.push_back(std::move(f));
    }
    /// Blank fields last as long as the samples, where they have no times of their own.
    void fill_blank() {
        for (session_field& f : out_.fields) {
            if (!f.blank) {
                continue;
            }
            f.times = f.times ? f.times : out_.times;
            if (!f.times) {
                throw data_error(text("the blank field '", f.name,
                                      "' has no times; add \"times\" (seconds, one per sample) to session.json, or "
                                      "\"frame_times\" to the field"));
            }
            const std::vector<float> nothing(f.space->bin_count(), std::numeric_limits<float>::quiet_NaN());
            f.frames = any_source(tile(nothing, f.times->size()));
            f.order = field_order::active;
        }
    }

    /// The list "overlays", and the short forms "pose" (one) and "intervals" (a list of groups).
    void read_overlays(const json_object& top) {
        if (top.has("pose")) {
            top.object("pose"); // must be one
            out_.overlays.push_back({"pose", "pose", top.raw("pose"), "session.pose"});
        }
        if (top.has("intervals")) {
            out_.overlays.push_back(
                {"intervals", "interval", {{"groups", top.array("intervals")}}, "session.intervals"});
        }
        for (const json_object& one : top.list("overlays")) {
            const std::string kind = one.required("kind");
            if (std::find(overlay_kinds.begin(), overlay_kinds.end(), kind) == overlay_kinds.end()) {
                one.refuse("kind", text("is '", kind, "'; there are ", join(overlay_kinds), "; did you mean '",
                                        nearest_name(kind, overlay_kinds), "'?"));
            }
            const std::string name = one.string("name", kind);
            for (const session_overlay& other : out_.overlays) {
                if (other.name == name) {
                    one.refuse("name", text("is '", name, "', as that of ", other.where,
                                            "; the names of overlays must differ; rename one"));
                }
            }
            if (name == "none" || name.empty()) {
                one.refuse("name", text("is '", name, "', by which nobody could ask for it; give it another"));
            }
            out_.overlays.push_back({name, kind, one.all(), one.where()});
        }
    }

    /// keypoint_*.npy with likelihood_*.npy, intervals_*.npy, events_*.npy.
    void find_plain_overlays(const std::vector<std::filesystem::path>& files) {
        nlohmann::json keypoints = nlohmann::json::array();
        nlohmann::json intervals = nlohmann::json::array();
        for (const std::filesystem::path& path : files) {
            const std::string file = path.filename().string();
            if (file.starts_with("keypoint_")) {
                keypoints.push_back({{"name", stem_after(path, "keypoint")}, {"file", file}});
                const std::string likelihood = "likelihood" + file.substr(8);
                std::error_code none;
                if (std::filesystem::exists(in_folder(likelihood), none)) {
                    keypoints.back()["likelihood"] = likelihood;
                }
            } else if (file.starts_with("intervals_")) {
                intervals.push_back({{"name", stem_after(path, "intervals")}, {"file", file}});
            } else if (file.starts_with("events_")) {
                out_.overlays.push_back({stem_after(path, "events"), "event", {{"times", file}}, file});
            }
        }
        if (!intervals.empty()) {
            out_.overlays.insert(out_.overlays.begin(),
                                 {"intervals", "interval", {{"groups", intervals}}, "intervals_*.npy"});
        }
        if (!keypoints.empty()) {
            out_.overlays.insert(out_.overlays.begin(), {"pose", "pose", {{"keypoints", keypoints}}, "keypoint_*.npy"});
        }
    }

    void find_plain_names() {
        namespace fs = std::filesystem;
        out_.storage.trusted = true; // nobody from elsewhere named these
        const auto named = [&](const char* name) {
            std::error_code none;
            return named_file{fs::exists(in_folder(name), none) ? in_folder(name) : std::string(), true};
        };
        times_ = named("times.npy");
        positions_ = named("positions.npy");
        head_direction_ = named("head_direction.npy");
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator(out_.folder)) {
            if (entry.path().extension() == ".npy") {
                found.push_back(entry.path());
            }
        }
        std::sort(found.begin(), found.end());
        for (const fs::path& path : found) {
            if (path.filename().string().starts_with("spikes")) {
                spikes_.push_back({stem_after(path, "spikes"), {path.string(), true}});
            }
        }
        find_plain_overlays(found);
        if (times_.name.empty() && positions_.name.empty() && spikes_.empty() && files_.positions.empty() &&
            files_.field.empty()) {
            throw file_error(
                out_.folder,
                text(out_.folder,
                     " holds no recording: no session.json, positions.npy or times.npy; give a folder with "
                     "one of them, or the files by their options (--positions, --times, --field)"));
        }
    }

    void take_given_files() {
        const auto instead = [](named_file& of, const std::string& given) {
            of = given.empty() ? of : named_file{given, true};
        };
        instead(times_, files_.times);
        instead(positions_, files_.positions);
        instead(head_direction_, files_.head_direction);
        if (!files_.spikes.empty()) {
            spikes_.clear();
            for (const std::string& path : files_.spikes) {
                spikes_.push_back({stem_after(path, "spikes"), {path, true}});
            }
        }
        if (!std::isnan(files_.heading_offset_rad)) {
            out_.heading_offset_rad = files_.heading_offset_rad;
        }
        if (!files_.field.empty()) {
            out_.fields.assign(1,
                               {std::filesystem::path(files_.field).stem().string(), by_hand().frames(files_.field)});
        }
        if (out_.fields.empty() && (!files_.frame_times.empty() || files_.order || files_.kind || files_.flip_y)) {
            throw invalid_value("field", "frame times, an order, a kind or flip_y were given and there is no field; "
                                         "give its file too (--field)");
        }
        for (session_field& f : out_.fields) {
            if (!files_.frame_times.empty()) {
                f.times = sample_times(open_given(files_.frame_times));
            }
            f.order = files_.order ? files_.order : f.order;
            f.kind = files_.kind.value_or(f.kind);
            f.flip_y = f.flip_y || files_.flip_y;
        }
        if (out_.name.empty()) {
            out_.name = !files_.field.empty()       ? std::filesystem::path(files_.field).stem().string()
                        : !files_.positions.empty() ? std::filesystem::path(files_.positions).stem().string()
                                                    : "recording";
        }
    }

    void open_samples() {
        const auto opened = [&](const named_file& of) { return of.by_hand ? open_given(of.name) : open(of.name); };
        if (!times_.name.empty()) {
            out_.times = sample_times(opened(times_));
        }
        if (!positions_.name.empty()) {
            out_.positions = opened(positions_);
        }
        if (!head_direction_.name.empty()) {
            out_.head_direction = opened(head_direction_);
        }
        for (const auto& [name, file] : spikes_) {
            out_.spikes.push_back({name, opened(file)});
        }
    }

    void check() {
        if (out_.positions && out_.positions->columns() != 2) {
            throw data_error(text("positions have ", out_.positions->columns(), " columns; give two, x and y"));
        }
        const auto one_column = [](std::string_view what, const samples& values, std::string_view each) {
            if (values.columns() != 1) {
                throw data_error(text(what, " have ", values.columns(), " columns; give one ", each));
            }
        };
        if (out_.head_direction) {
            one_column("head directions", *out_.head_direction, "angle per sample");
        }
        for (const spike_train& cell : out_.spikes) {
            one_column(text("the spikes of ", cell.name), cell.times, "time per spike");
        }
        const auto same_length = [&](const char* what, const samples& values) {
            if (!out_.times) {
                throw data_error(
                    text(std::string_view(what),
                         " are there but no times; add times.npy (seconds, one per sample) or give --times"));
            }
            if (values.size() != out_.times->size()) {
                throw data_error(text("there are ", out_.times->size(), " times and ", values.size(), " ",
                                      std::string_view(what), "; give one of each per sample"));
            }
        };
        if (out_.positions) {
            same_length("positions", *out_.positions);
        }
        if (out_.head_direction) {
            same_length("head directions", *out_.head_direction);
        }
        std::vector<std::string> told;
        for (const spike_train& cell : out_.spikes) {
            std::vector<std::string> numbers;
            for (std::size_t i = 0; i < out_.spikes.size(); ++i) {
                if (out_.spikes[i].name == cell.name) {
                    numbers.push_back(text(i));
                }
            }
            if (numbers.size() > 1 && std::find(told.begin(), told.end(), cell.name) == told.end()) {
                told.push_back(cell.name);
                out_.warnings.push_back(text(numbers.size(), " cells are named '", cell.name, "' (numbers ",
                                             join(numbers), "); give them names of their own, or ask by number"));
            }
        }
        const auto warn_of_milliseconds = [&](const std::string& what, const std::optional<sample_times>& times) {
            if (times && times->size() > 1 && times->median_dt_s() > 1) {
                out_.warnings.push_back(
                    text(what, " are ", times->median_dt_s(),
                         " s apart; are the times in milliseconds? fieldreel reads seconds; divide them by 1000 (of "
                         ".csv files state --time-unit ms)"));
            }
        };
        warn_of_milliseconds("the samples", out_.times);
        if (out_.times && (out_.positions || !out_.overlays.empty()) && out_.times->size() > 1 &&
            out_.times->median_dt_s() > out_.max_gap_s && out_.times->median_dt_s() <= 1) {
            out_.warnings.push_back(text("the samples are ", rounded(out_.times->median_dt_s()),
                                         " s apart, more than the longest gap that overlays are drawn through, ",
                                         out_.max_gap_s,
                                         " s, so that hardly any is seen; set \"max_gap_s\" in "
                                         "session.json"));
        }
        for (const session_field& f : out_.fields) {
            if (f.times && f.times->size() != f.frames.frame_count()) {
                throw data_error(text("the field '", f.name, "' has ", f.frames.frame_count(), " frames and ",
                                      f.times->size(), " frame times; give one time per frame"));
            }
            warn_of_milliseconds(text("the frames of '", f.name, "'"), f.times);
        }
    }

    const session_files& files_;
    named_file times_, positions_, head_direction_;
    std::vector<std::pair<std::string, named_file>> spikes_; // name, file
    session out_;
};

} // namespace detail

/// Opens a recording: session.json, or without one the plain names positions.npy, times.npy, head_direction.npy,
/// spikes*.npy. Errors: file_error, data_error, invalid_value, each with a sentence. Cost: the files' headers; the same
/// for any length.
///
/// session.json: {"fieldreel_session": 1, "name", "units", "simulated", "times": FILE, "positions": FILE,
/// "head_direction": FILE, "heading_offset_rad": number, "max_gap_s": number, "spikes": [{"name", "file"}], "fields":
/// [{"name", "file", "order": "active"|"xy"|"yx", "flip_y", "kind": "rate"|"posterior"|"signed"|"image"|"other" or
/// "blank" (no file and no values: an arena with a grid or track, to draw poses on), "frame_times": FILE or "rate_hz"
/// and "start_s", "grid":
/// {"edges_x", "edges_y", "mask": FILE or numbers or "full"}, or "track", "states": [NAME or {"name", "bins"}], "show":
/// NAME or "sum"}], "track": {"nodes": [[x, y], ...], "edges": [[node, node], ...], "edge_order": as edges,
/// "edge_spacing": number or one per gap, "bin_size", "width"}, "regions": [{"name", "polygon":
/// [[x, y], ...] or "point": [x, y] and "radius"}], "overlays": [{"name", "kind": one of overlay_kinds, …: see
/// session_overlays.hpp}], "pose": as an overlay, "intervals": [{"name", "file"}]}. Nodes are counted from 0; nodes and
/// edges may be FILEs of shape (n, 2). The session's track is the space of its place fields and of fields without a
/// grid or track of their own. Files are relative to the folder.
inline session open_session(const session_files& files) {
    FIELDREEL_TRACE_SPAN("session.open");
    return detail::session_reader(files).read();
}
template <std::convertible_to<std::string> Folder> // a template, so that open_session({.field = …}) means the files
session open_session(const Folder& folder) {
    return open_session(session_files{.folder = folder});
}

/// The frames of a field over its space: as stored, or of a decoder with several states the one to show, or their sum.
/// Errors: invalid_value for a state that is not there.
inline any_source shown_frames(const session_field& field) {
    if (!field.states) {
        return field.frames;
    }
    if (field.show == "sum") {
        return field.frames | combine(field.states->sum_groups());
    }
    return field.frames | columns(field.states->columns_of(field.show));
}

/// The frames of a field in the order of active bins, ready for playback but for their times.
/// Errors: data_error when the frame size fits neither the active bins nor the full grid, or the order is not stated
/// and a frame has as many values as the full grid. Cost: O(bins) once; a full-grid field is re-ordered frame by frame
/// when read.
inline any_source in_active_order(const session_field& field, const any_space& where) {
    const any_source frames = shown_frames(field);
    const std::size_t size = frames.frame_size();
    if (where.as_grid() == nullptr) {
        if ((field.order && *field.order != field_order::active) || field.flip_y) {
            throw data_error(detail::text("the order xy, yx or flip_y was given for '", field.name,
                                          "', whose space is no grid; its values are one per bin, in the order of the "
                                          "bins; state the order active, or none"));
        }
        if (size != where.bin_count()) {
            throw data_error(detail::text("a frame of '", field.name, "' has ", size, " values and its space ",
                                          where.bin_count(),
                                          " bins; give one value per bin, along the linear axis of a track; check the "
                                          "bin size"));
        }
        return frames;
    }
    const grid& space = *where.as_grid();
    const std::size_t n_x = space.shape().n_x;
    const std::size_t n_y = space.shape().n_y;
    const std::string shape = detail::text(n_x, " x ", n_y, " bins (", space.bin_count(), " active)");
    if (!field.order && size == n_x * n_y) {
        throw data_error(detail::text("a frame of '", field.name, "' has ", size, " values, a full grid of ", shape,
                                      ", and its order is not stated; give --field-order active, xy (x slow) or yx "
                                      "(image rows; with --flip-y row 0 is at "
                                      "the largest y), or \"order\" in session.json"));
    }
    const field_order order = field.order.value_or(field_order::active);
    if (field.flip_y && order != field_order::yx) {
        throw invalid_value("flip_y", detail::text("flip_y was given for '", field.name,
                                                   "', which is not in order yx; only image rows can start at the "
                                                   "largest y; state the order yx or leave flip_y out"));
    }
    const std::size_t wanted = order == field_order::active ? space.bin_count() : n_x * n_y;
    if (size != wanted) {
        throw data_error(detail::text("a frame of '", field.name, "' has ", size, " values; in order ",
                                      std::string_view(order == field_order::active ? "active"
                                                       : order == field_order::xy   ? "xy"
                                                                                    : "yx"),
                                      " it needs ", wanted, " for the grid of ", shape,
                                      "; check the bin size and the order"));
    }
    if (const auto rows_cols = frames.frame_shape(); rows_cols && order != field_order::active) {
        const image_shape needed = order == field_order::xy ? image_shape{n_x, n_y} : image_shape{n_y, n_x};
        if (*rows_cols != needed) {
            throw data_error(detail::text("a frame of '", field.name, "' is ", rows_cols->rows, " x ", rows_cols->cols,
                                          " and order ", std::string_view(order == field_order::xy ? "xy" : "yx"),
                                          " needs ", needed.rows, " x ", needed.cols, "; use the other order"));
        }
    }
    if (order == field_order::active) {
        return frames;
    }
    std::vector<std::size_t> places(space.bin_count());
    for (std::size_t b = 0; b < places.size(); ++b) {
        const auto [ix, iy] = space.cell_of(b);
        const std::size_t row = field.flip_y ? n_y - 1 - iy : iy;
        places[b] = order == field_order::xy ? ix * n_y + iy : row * n_x + ix;
    }
    return frames | columns(std::move(places));
}

} // namespace fieldreel::inline v0

#endif
