// SPDX-License-Identifier: MIT
// A session made of what was found in files of other programs: described as a session.json is, in memory or written.
#ifndef FIELDREEL_IMPORT_RECORDING_HPP
#define FIELDREEL_IMPORT_RECORDING_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/import/csv.hpp>
#include <fieldreel/import/pose_tracks.hpp>
#include <fieldreel/session/session.hpp>
#include <fieldreel/session/storage.hpp>
#include <fieldreel/source/npy.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

/// What files do not say of themselves, and nobody guesses.
struct import_options {
    double fps = std::numeric_limits<double>::quiet_NaN(); ///< of poses and movies without times
    double units_per_s = 1;                                ///< of times in text files: 1000 for milliseconds
    csv_options csv = {};
    double min_likelihood = 0; ///< keypoints below are not drawn
    std::string name = {};     ///< of the recording; empty: that of its first file
    /// Open the films that files name (NWB), which must lie in the folder of that file, unless it is `trusted`.
    std::vector<file_opener> openers = {};
    bool trusted = false;
};

namespace detail {

/// 0, 1, 2, ...: what somebody wrote where seconds belong.
inline bool are_frame_numbers(const std::vector<double>& times) {
    bool out = times.size() > 2;
    for (std::size_t i = 0; i < times.size() && out; ++i) {
        out = times[i] == times[0] + static_cast<double>(i) && (times[0] == 0 || times[0] == 1);
    }
    return out;
}

} // namespace detail

/// Collects what files hold and makes one session of it: a description, as session.json has it, the small tables that
/// it names, and the large files (films, fields) that stay where they are.
///
/// Films give their times to poses with as many frames. Where there are films or poses, the environment is the picture:
/// units are pixels, y up, and positions are taken to be pixels of it.
/// Units: seconds everywhere; angles are radians. Errors: data_error for times that do not increase and for what does
/// not fit together, with what to state. Cost: tables are kept in memory, large files are only named.
class recording_import {
public:
    explicit recording_import(import_options options = {}) : options_(std::move(options)) {
        if (!std::isnan(options_.fps) && !(options_.fps > 0 && std::isfinite(options_.fps))) {
            throw invalid_value(
                "fps", detail::text("the rate of ", options_.fps, " frames per second was given; it must be positive"));
        }
        if (!(options_.units_per_s > 0 && std::isfinite(options_.units_per_s))) {
            throw invalid_value("units_per_s", detail::text("a second of ", options_.units_per_s,
                                                            " units was given; it must be positive"));
        }
    }
    const import_options& options() const noexcept { return options_; }

    void warn(std::string sentence) { warnings_.push_back(std::move(sentence)); }
    /// Of what follows: the file that it is of, for names and sentences.
    void begin_file(const std::string& path) {
        path_ = path;
        if (options_.name.empty()) {
            options_.name = stem();
        }
    }
    const std::string& path() const noexcept { return path_; }
    std::string stem() const { return std::filesystem::path(path_).stem().string(); }

    // ---- what was found

    /// Shape: `xy` is (n, 2), one row for each time. Errors: data_error when there are positions already.
    void positions(std::vector<double> times_s, std::vector<double> xy) {
        take_once(has_positions_, "positions");
        check_times(times_s, "the positions");
        positions_ = {add("positions", samples(std::move(xy), 2), {times_s.size(), 2}),
                      add("times", samples(times_s), {times_s.size()})};
        sample_times_s_ = std::move(times_s);
    }
    /// Radians. Without times of its own, those of the positions.
    void head_direction(std::vector<double> times_s, std::vector<double> angles_rad) {
        take_once(has_heading_, "head directions");
        check_times(times_s, "the head directions");
        heading_times_s_ = std::move(times_s);
        heading_ = add("head_direction", samples(std::move(angles_rad)), {heading_times_s_.size()});
    }
    /// Spike times, in any order; those that are not finite are left out, and told.
    void spikes(const std::string& name, std::vector<double> times_s) {
        if (const auto lost = std::erase_if(times_s, [](double t) { return !std::isfinite(t); }); lost > 0) {
            warn(detail::text(path_, ": ", lost, " spikes of '", name, "' are at no time (NaN); they are left out"));
        }
        std::sort(times_s.begin(), times_s.end());
        const std::size_t count = times_s.size();
        spikes_.push_back({{"name", name}, {"file", add("spikes_" + name, samples(std::move(times_s)), {count})}});
    }
    /// Instants; `labels` may be empty, or says for each what it is.
    void events(const std::string& name, const std::vector<double>& times_s, std::vector<std::string> labels) {
        keep_few(labels, name);
        nlohmann::json groups = nlohmann::json::array();
        for (const std::string& label : labels.empty() ? std::vector<std::string>{name} : different(labels)) {
            std::vector<double> some;
            for (std::size_t i = 0; i < times_s.size(); ++i) {
                if ((labels.empty() || labels[i] == label) && std::isfinite(times_s[i])) {
                    some.push_back(times_s[i]);
                }
            }
            std::sort(some.begin(), some.end());
            const std::size_t count = some.size();
            const std::string of_label = label.empty() ? std::string("unnamed") : label;
            groups.push_back({{"name", of_label},
                              {"times", add("events_" + (labels.empty() ? name : name + "_" + of_label),
                                            samples(std::move(some)), {count})}});
        }
        overlays_.push_back({{"name", free_name(name)}, {"kind", "event"}, {"groups", groups}});
    }
    /// Spans of time, with what each is.
    void intervals(const std::string& name, const std::vector<double>& starts_s, const std::vector<double>& stops_s,
                   std::vector<std::string> labels) {
        keep_few(labels, name);
        nlohmann::json groups = nlohmann::json::array();
        for (const std::string& label : labels.empty() ? std::vector<std::string>{name} : different(labels)) {
            std::vector<double> some;
            for (std::size_t i = 0; i < starts_s.size(); ++i) {
                if ((labels.empty() || labels[i] == label) && std::isfinite(starts_s[i]) && std::isfinite(stops_s[i])) {
                    some.insert(some.end(), {starts_s[i], stops_s[i]});
                }
            }
            const std::size_t count = some.size() / 2;
            const std::string of_label = label.empty() ? std::string("unnamed") : label;
            groups.push_back({{"name", of_label},
                              {"file", add("intervals_" + (labels.empty() ? name : name + "_" + of_label),
                                           samples(std::move(some), 2), {count, 2})}});
        }
        overlays_.push_back({{"name", free_name(name)}, {"kind", "interval"}, {"groups", groups}});
    }
    /// Signals of one clock. Shape: `values` is (times, names).
    void time_series(const std::string& name, std::vector<double> times_s, std::vector<double> values,
                     std::vector<std::string> names) {
        check_times(times_s, "the time series '" + name + "'");
        const std::size_t rows = times_s.size();
        nlohmann::json out = {{"name", free_name(name)}, {"kind", "time_series"}, {"names", names}};
        out["file"] = add("series_" + name, samples(std::move(values), names.size()), {rows, names.size()});
        out["times"] = add("series_" + name + "_times", samples(std::move(times_s)), {rows});
        overlays_.push_back(std::move(out));
    }
    /// Keypoints of one film. Units: its pixels, y down; what has no times takes those of a film with as many frames.
    void pose(pose_tracks found) {
        for (std::string& sentence : found.warnings) {
            warn(detail::text(path_, ": ", sentence));
        }
        found.warnings.clear();
        poses_.push_back({stem(), path_, std::move(found)});
    }
    /// A film stays where it is. Without `times_s` its frames are at their own times; without `path` it is the file
    /// that was begun.
    void film(const any_source& frames, std::vector<double> times_s = {}, const std::string& path = {}) {
        const auto shape = frames.frame_shape();
        const std::string name = path.empty() ? stem() : std::filesystem::path(path).stem().string();
        if (times_s.empty()) {
            for (std::size_t i = 0; i < frames.frame_count(); ++i) {
                times_s.push_back(frames.time_s(i));
            }
        }
        check_times(times_s, "the film '" + name + "'");
        films_.push_back(
            {name, large_file(path.empty() ? path_ : path), shape.value_or(image_shape{}), std::move(times_s)});
    }
    /// A movie on a full grid: an imaging film, or any array (frames, rows, columns). `part`: what follows '#' in its
    /// name. `raw`: how a raw file is read, or null. `times_s` may be empty: then the rate is stated.
    void movie(const std::string& name, const std::string& part, const any_source& frames, std::vector<double> times_s,
               const nlohmann::json& raw = nullptr) {
        const auto shape = frames.frame_shape();
        if (!shape) {
            throw data_error(detail::text(path_, part.empty() ? "" : "#", part, ": frames of ", frames.frame_size(),
                                          " values have no rows and columns, so that nobody knows where they are; "
                                          "describe their bins in a session.json (\"fields\", \"grid\")"));
        }
        constexpr std::size_t most = 100'000'000;
        if (shape->rows > most / shape->cols) {
            throw data_error(detail::text(path_, part.empty() ? "" : "#", part, ": frames of ", shape->rows, " x ",
                                          shape->cols, " values are too large; at most ", most,
                                          " are drawn; cut out a part, or average bins"));
        }
        nlohmann::json field = {
            {"name", name},    {"file", large_file(path_) + (part.empty() ? "" : "#" + part)},
            {"order", "yx"},   {"flip_y", true},
            {"kind", "image"}, {"grid", {{"edges_x", edges(shape->cols)}, {"edges_y", edges(shape->rows)}}}};
        if (!raw.is_null()) {
            field["raw"] = raw;
        }
        if (!times_s.empty()) {
            check_times(times_s, "the frames");
            const std::size_t count = times_s.size();
            field["frame_times"] = add("frame_times_" + name, samples(std::move(times_s)), {count});
        } else if (!frames.timed()) {
            field["rate_hz"] = stated_rate(name, frames.frame_count());
        }
        fields_.push_back(std::move(field));
    }
    /// A field whose space is described: a member of "fields" without its file.
    void field(nlohmann::json described, const std::string& part, std::vector<double> times_s, std::size_t frames) {
        const std::string name = described.at("name").get<std::string>();
        described["file"] = large_file(path_) + (part.empty() ? "" : "#" + part);
        if (times_s.empty()) {
            described["rate_hz"] = stated_rate(name, frames);
        } else {
            check_times(times_s, "the frames of '" + name + "'");
            described["frame_times"] = add("frame_times_" + name, samples(std::move(times_s)), {frames});
        }
        fields_.push_back(std::move(described));
    }
    /// The units of positions, where a file says them: "cm".
    void units(const std::string& name) { units_ = name; }

    // ---- the session

    /// As session.json describes it. Large files are named by their absolute paths. Call once, at the end.
    nlohmann::json describe() {
        nlohmann::json out = {{"fieldreel_session", 1}, {"name", options_.name.empty() ? "recording" : options_.name}};
        const bool in_pixels = !films_.empty() || !poses_.empty();
        nlohmann::json overlays = nlohmann::json::array();
        nlohmann::json to_environment;
        if (in_pixels) {
            out["units"] = "px";
            const image_shape picture = picture_size();
            to_environment = {{"units_per_px", 1}, {"height", picture.rows}};
            if (fields_.empty()) {
                fields_.push_back(
                    {{"name", "arena"},
                     {"kind", "blank"},
                     {"grid", {{"edges_x", edges_to(picture.cols)}, {"edges_y", edges_to(picture.rows)}}}});
            }
            describe_films(overlays, to_environment);
            describe_poses(overlays, to_environment);
            if (fields_.front().value("kind", "") == "blank") {
                fields_.front()["frame_times"] = clock_;
            }
        } else if (!units_.empty()) {
            out["units"] = units_;
        }
        if (has_positions_ && !in_pixels) {
            out["positions"] = positions_.first;
            out["times"] = positions_.second;
            if (has_heading_ && heading_times_s_ == sample_times_s_) {
                out["head_direction"] = heading_;
                has_heading_ = false;
            }
        } else if (has_positions_) {
            overlays.push_back({{"name", "path"},
                                {"kind", "position"},
                                {"positions", positions_.first},
                                {"times", positions_.second},
                                {"to_environment", to_environment}});
        }
        if (has_heading_) {
            if (!has_positions_) {
                warn("the head directions are left out: an arrow needs positions to start from");
            } else if (in_pixels || heading_times_s_ != sample_times_s_) {
                const std::size_t count = heading_times_s_.size();
                nlohmann::json own = {{"name", "head direction"}, {"kind", "heading"}, {"directions", heading_}};
                own["times"] = add("head_direction_times", samples(std::move(heading_times_s_)), {count});
                if (in_pixels) {
                    own["origin"] = {{"position", "path"}};
                }
                overlays.push_back(std::move(own));
            }
        }
        if (!has_positions_ && fields_.empty()) {
            throw data_error(detail::text("in ", options_.name.empty() ? std::string("these files") : options_.name,
                                          " there is nothing with a place: no positions, poses, films or fields; give "
                                          "one of their files too"));
        }
        for (nlohmann::json& one : overlays_) {
            overlays.push_back(std::move(one));
        }
        for (const auto& [key, list] : {std::pair("fields", &fields_), {"overlays", &overlays}, {"spikes", &spikes_}}) {
            if (!list->empty()) {
                out[key] = *list;
            }
        }
        return out;
    }

    const std::map<std::string, stored_table, std::less<>>& tables() const noexcept { return tables_; }
    const std::vector<std::string>& large_files() const noexcept { return large_files_; }
    const std::vector<std::string>& warnings() const noexcept { return warnings_; }

private:
    struct found_film {
        std::string name, file;
        image_shape shape;
        std::vector<double> times_s;
    };
    struct found_pose {
        std::string name, path;
        pose_tracks tracks;
    };

    void take_once(bool& taken, std::string_view what) const {
        if (taken) {
            throw data_error(detail::text(path_, " holds ", what,
                                          ", and so does a file before it; a session has one of "
                                          "them; leave one file out"));
        }
        taken = true;
    }
    void check_times(const std::vector<double>& times_s, const std::string& whose) const {
        for (std::size_t i = 0; i < times_s.size(); ++i) {
            if (!std::isfinite(times_s[i]) || (i > 0 && !(times_s[i] > times_s[i - 1]))) {
                throw data_error(i == 0 || !std::isfinite(times_s[i])
                                     ? detail::text(path_, ": ", whose, ": time ", i, " is ", times_s[i],
                                                    "; times must be finite; remove the sample")
                                     : detail::text(path_, ": ", whose, ": times must increase: time ", i, " is ",
                                                    times_s[i], " s after ", times_s[i - 1],
                                                    " s; sort the samples by time and remove duplicates"),
                                 i);
            }
        }
    }
    /// In the order in which they come.
    static std::vector<std::string> different(const std::vector<std::string>& labels) {
        std::vector<std::string> out;
        std::set<std::string_view> seen;
        for (const std::string& label : labels) {
            if (seen.insert(label).second) {
                out.push_back(label);
            }
        }
        return out;
    }
    /// Each label is a group with a colour and a file: where all differ (numbers of trials), they are one group.
    void keep_few(std::vector<std::string>& labels, const std::string& name) {
        constexpr std::size_t most = 100;
        if (const std::size_t count = different(labels).size(); count > most) {
            warn(detail::text(path_, ": '", name, "' has ", count, " different labels; of more than ", most,
                              " they are not told apart"));
            labels.clear();
        }
    }
    /// A file name that no other table has.
    std::string add(const std::string& wanted, samples values, std::vector<std::size_t> shape) {
        std::string safe;
        for (const char c : wanted) {
            const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                               c == '_' || (c == '.' && !safe.empty());
            safe += plain ? c : '_';
        }
        std::string name = safe + ".npy";
        for (std::size_t k = 2; tables_.contains(name); ++k) {
            name = detail::text(safe, "_", k, ".npy");
        }
        tables_.emplace(name, stored_table{std::move(values), std::move(shape)});
        return name;
    }
    std::string free_name(const std::string& wanted) {
        std::string out = wanted;
        for (std::size_t k = 2; std::find(names_.begin(), names_.end(), out) != names_.end(); ++k) {
            out = detail::text(wanted, " ", k);
        }
        names_.push_back(out);
        return out;
    }
    std::string large_file(const std::string& path) {
        std::error_code problem;
        std::string full = std::filesystem::weakly_canonical(std::filesystem::absolute(path), problem).string();
        full = full.empty() ? path : full;
        if (std::find(large_files_.begin(), large_files_.end(), full) == large_files_.end()) {
            large_files_.push_back(full);
        }
        return full;
    }
    double stated_rate(const std::string& name, std::size_t frames) const {
        if (std::isnan(options_.fps)) {
            throw data_error(detail::text(path_, ": '", name, "' has ", frames,
                                          " frames and no times in seconds; state their rate (--data-fps)"));
        }
        return options_.fps;
    }
    static std::vector<double> edges(std::size_t count) {
        std::vector<double> out(count + 1);
        for (std::size_t i = 0; i <= count; ++i) {
            out[i] = static_cast<double>(i);
        }
        return out;
    }
    /// The arena's bins: about 32 on the longer side are enough for what has no values.
    static std::vector<double> edges_to(std::size_t length) {
        const std::size_t bins = (std::max)(std::size_t{1}, (std::min)(length / 16, std::size_t{64}));
        std::vector<double> out(bins + 1);
        for (std::size_t i = 0; i <= bins; ++i) {
            out[i] = static_cast<double>(length) * static_cast<double>(i) / static_cast<double>(bins);
        }
        return out;
    }
    /// That of the film, or what holds every keypoint.
    image_shape picture_size() {
        if (!films_.empty()) {
            return films_.front().shape;
        }
        double right = 0;
        double bottom = 0;
        for (const found_pose& one : poses_) {
            for (const pose_track& animal : one.tracks.animals) {
                for (std::size_t i = 0; i + 2 < animal.values.size(); i += 3) {
                    if (animal.values[i] < 1e6 && animal.values[i + 1] < 1e6) { // neither NaN nor nonsense
                        right = (std::max)(right, animal.values[i]);
                        bottom = (std::max)(bottom, animal.values[i + 1]);
                    }
                }
            }
        }
        return {static_cast<std::size_t>(bottom) + 16, static_cast<std::size_t>(right) + 16};
    }
    void describe_films(nlohmann::json& overlays, const nlohmann::json& to_environment) {
        for (found_film& one : films_) {
            const std::size_t count = one.times_s.size();
            clock_ = add("times_" + one.name, samples(one.times_s), {count});
            overlays.push_back({{"name", free_name(one.name)},
                                {"kind", "film"},
                                {"file", one.file},
                                {"times", clock_},
                                {"layer", "below"},
                                {"opacity", 1},
                                {"to_environment", to_environment}});
        }
    }
    void describe_poses(nlohmann::json& overlays, const nlohmann::json& to_environment) {
        for (found_pose& one : poses_) {
            const std::size_t frames = one.tracks.frames();
            path_ = one.path;
            std::string clock;
            if (!one.tracks.times_s.empty()) {
                check_times(one.tracks.times_s, "the pose");
                clock = add("times_" + one.name, samples(one.tracks.times_s), {frames});
            } else if (!std::isnan(options_.fps)) {
                clock = even_times(one.name, frames);
            } else if (!films_.empty() && films_.front().times_s.size() == frames) {
                clock = clock_;
            } else if (!films_.empty()) {
                throw data_error(
                    detail::text(one.path, " has ", frames, " frames and the film ", films_.front().name, " has ",
                                 films_.front().times_s.size(),
                                 "; they do not belong together, or state the rate of the pose (--data-fps)"));
            } else {
                throw data_error(
                    detail::text(one.path, " has ", frames,
                                 " frames and no times in seconds; give its film too, or state the rate (--data-fps)"));
            }
            clock_ = clock_.empty() ? clock : clock_;
            nlohmann::json animals = nlohmann::json::array();
            bool likely = false;
            for (std::size_t a = 0; a < one.tracks.animals.size(); ++a) {
                pose_track& animal = one.tracks.animals[a];
                const std::size_t keypoints = animal.keypoints.size();
                likely = likely || animal.has_likelihood;
                const std::string suffix = one.tracks.animals.size() == 1 ? "" : detail::text("_", a);
                std::vector<double> values = std::move(animal.values);
                if (!animal.has_likelihood) { // x and y alone
                    for (std::size_t i = 0; 3 * i < values.size(); ++i) {
                        values[2 * i] = values[3 * i];
                        values[2 * i + 1] = values[3 * i + 1];
                    }
                    values.resize(values.size() / 3 * 2);
                }
                const std::size_t each = animal.has_likelihood ? 3 : 2;
                animals.push_back(
                    {{"file", add("pose_" + one.name + suffix, samples(std::move(values), keypoints * each),
                                  {frames, keypoints, each})},
                     {"names", animal.keypoints}});
                if (!animal.name.empty()) {
                    animals.back()["name"] = animal.name;
                }
            }
            nlohmann::json out = {{"name", free_name(one.name + " pose")},
                                  {"kind", "pose"},
                                  {"times", clock},
                                  {"animals", animals},
                                  {"to_environment", to_environment}};
            if (!one.tracks.edges.empty()) {
                for (const auto& [from, to] : one.tracks.edges) {
                    out["skeleton"].push_back({from, to});
                }
            }
            if (options_.min_likelihood > 0 && likely) {
                out["min_likelihood"] = options_.min_likelihood;
            }
            overlays.push_back(std::move(out));
        }
    }
    std::string even_times(const std::string& name, std::size_t frames) {
        std::vector<double> times_s(frames);
        for (std::size_t i = 0; i < frames; ++i) {
            times_s[i] = static_cast<double>(i) / options_.fps;
        }
        return add("times_" + name, samples(std::move(times_s)), {frames});
    }

    import_options options_;
    std::string path_;
    std::string units_;
    std::map<std::string, stored_table, std::less<>> tables_;
    std::vector<std::string> large_files_;
    std::vector<std::string> warnings_;
    std::vector<std::string> names_;
    std::pair<std::string, std::string> positions_; ///< table names: places, times
    std::vector<double> sample_times_s_;
    std::vector<double> heading_times_s_;
    std::string heading_;
    bool has_positions_ = false;
    bool has_heading_ = false;
    nlohmann::json spikes_ = nlohmann::json::array();
    nlohmann::json fields_ = nlohmann::json::array();
    nlohmann::json overlays_ = nlohmann::json::array();
    std::vector<found_film> films_;
    std::vector<found_pose> poses_;
    std::string clock_; ///< the table of times of the first film, or pose
};

/// The session's files, ready for open_session: everything small in memory, large files where they are. Errors: as
/// recording_import::describe.
inline session_files files_of(recording_import& found, std::vector<file_opener> openers) {
    session_files out;
    out.description = found.describe();
    out.trusted = true; // a person named these files
    out.openers = std::move(openers);
    out.in_memory = found.tables();
    return out;
}

/// What was written.
struct written_session {
    std::string path = {};                 ///< of its session.json
    std::vector<std::string> outside = {}; ///< large files that are not inside the folder: it opens with --trust
};

/// Writes session.json and its tables into a folder, which is made. Large files are not copied: they are named relative
/// to the folder. Errors: file_error when there is a session already, or something cannot be written.
inline written_session write_session(recording_import& found, const std::string& folder, bool replace = false) {
    namespace fs = std::filesystem;
    written_session out{(fs::path(folder) / "session.json").string(), {}};
    std::error_code problem;
    if (!replace && fs::exists(out.path, problem)) {
        throw file_error(out.path, detail::text(out.path, " is there already; give another folder, or replace it with "
                                                          "--force"));
    }
    nlohmann::json description = found.describe();
    fs::create_directories(folder, problem);
    if (problem) {
        throw file_error(folder, detail::text(folder, " cannot be made (", problem.message(),
                                              "); check the path and its permissions"));
    }
    for (const auto& [name, table] : found.tables()) {
        std::vector<std::size_t> row_shape(table.shape.begin() + (table.shape.empty() ? 0 : 1), table.shape.end());
        npy_writer<double> to((fs::path(folder) / name).string(), std::move(row_shape));
        if (const auto values = table.values.values().as<double>(); !values.empty()) {
            to.write(values);
        }
        to.finish();
    }
    const fs::path base = fs::weakly_canonical(fs::absolute(folder), problem);
    for (const char* const list : {"fields", "overlays"}) {
        if (!description.contains(list)) {
            continue;
        }
        for (nlohmann::json& one : description[list]) {
            const std::string name = one.value("file", "");
            for (const std::string& large : found.large_files()) {
                if (name == large || name.starts_with(large + "#")) {
                    const std::string relative = fs::path(large).lexically_relative(base).generic_string();
                    one["file"] = (relative.empty() ? large : relative) + name.substr(large.size());
                    try {
                        static_cast<void>(one["file"].dump());
                    } catch (const nlohmann::json::type_error&) {
                        throw file_error(large, detail::text(large, " has a name that is not UTF-8, which session.json "
                                                                    "cannot hold; rename it"));
                    }
                    if (relative.empty() || relative.starts_with("..")) {
                        out.outside.push_back(large);
                    }
                }
            }
        }
    }
    const std::string part = out.path + ".part";
    {
        std::ofstream file(part, std::ios::binary);
        file << description.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
        if (!file.flush()) {
            throw file_error(out.path, detail::text(out.path, " cannot be written; check that the disk is not full and "
                                                              "the folder may be written"));
        }
    }
    fs::rename(part, out.path, problem);
    if (problem) {
        throw file_error(out.path, detail::text(out.path, " cannot be given its name (", problem.message(), ")"));
    }
    return out;
}

/// A text file of positions, events or intervals, told by the names of its columns:
/// positions: time and x, y, perhaps head_direction (radians); intervals: start and stop, perhaps label; events: time,
/// perhaps label. "time_ms" is what it says; with "frame" in place of time the rate must be stated. Errors: as
/// read_csv; data_error for columns of other names.
inline void import_csv(recording_import& into, const std::string& path) {
    into.begin_file(path);
    const csv_table table = read_csv(path, into.options().csv);
    const auto scaled = [&](const csv_column& column, double units_per_s) {
        std::vector<double> out = table.numbers(column);
        for (double& value : out) {
            value /= units_per_s;
        }
        return out;
    };
    const csv_column* const start = table.find({"start", "start_s", "start_time", "onset", "begin"});
    const csv_column* const stop = table.find({"stop", "stop_s", "stop_time", "end", "end_s", "end_time", "offset"});
    const csv_column* time = table.find({"time", "time_s", "t", "times", "timestamp", "timestamps", "seconds"});
    double units_per_s = into.options().units_per_s;
    if (const csv_column* const ms = table.find({"time_ms", "t_ms", "timestamp_ms", "ms"}); time == nullptr) {
        time = ms;
        units_per_s = ms != nullptr ? 1000 : units_per_s;
    }
    const csv_column* const frame = table.find({"frame", "frames", "frame_number"});
    const csv_column* const x = table.find({"x", "pos_x", "x_pos", "position_x", "x_cm", "x_px", "pos x", "x pos"});
    const csv_column* const y = table.find({"y", "pos_y", "y_pos", "position_y", "y_cm", "y_px", "pos y", "y pos"});
    const csv_column* const label = table.find({"label", "labels", "event", "name", "type", "state"});
    const csv_column* const heading = table.find({"head_direction", "heading", "hd", "angle"});
    std::vector<std::string> labels;
    if (label != nullptr) {
        labels = label->words;
        for (const double number : label->numbers) {
            labels.push_back(std::isnan(number) ? std::string() : detail::text(number));
        }
    }
    if (start != nullptr && stop != nullptr) {
        const double second = into.options().units_per_s;
        into.intervals(into.stem(), scaled(*start, second), scaled(*stop, second), labels);
        return;
    }
    if (time == nullptr && frame != nullptr && std::isnan(into.options().fps)) {
        throw data_error(detail::text(path, " counts frames ('", frame->name,
                                      "') and has no times; state their rate "
                                      "(--data-fps)"));
    }
    if ((time == nullptr && frame == nullptr) || (x == nullptr) != (y == nullptr)) {
        throw data_error(detail::text(path, " has the columns ", detail::join(table.names()),
                                      "; positions have time, x and y, events time (and label), intervals start and "
                                      "stop (and label); rename its columns"));
    }
    std::vector<double> times_s = time != nullptr ? scaled(*time, units_per_s) : scaled(*frame, into.options().fps);
    if (x == nullptr) {
        into.events(into.stem(), times_s, labels);
        return;
    }
    const std::vector<double>& xs = table.numbers(*x);
    const std::vector<double>& ys = table.numbers(*y);
    std::vector<double> xy(2 * table.rows);
    for (std::size_t i = 0; i < table.rows; ++i) {
        xy[2 * i] = xs[i];
        xy[2 * i + 1] = ys[i];
    }
    if (heading != nullptr) {
        into.head_direction(times_s, table.numbers(*heading));
    }
    into.positions(std::move(times_s), std::move(xy));
}

} // namespace fieldreel::inline v0

#endif
