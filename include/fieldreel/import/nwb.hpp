// SPDX-License-Identifier: MIT
// NWB files: positions, directions, spikes, poses, intervals, imaging movies and films in files of their own.
#ifndef FIELDREEL_IMPORT_NWB_HPP
#define FIELDREEL_IMPORT_NWB_HPP

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/import/hdf5.hpp>
#include <fieldreel/import/pose_tracks.hpp>
#include <fieldreel/import/recording.hpp>
#include <fieldreel/session/storage.hpp>
#include <fieldreel/source/any_source.hpp>

namespace fieldreel::inline v0 {

namespace detail {

/// Walks an NWB file's groups and takes what has a known neurodata_type.
class nwb_reader {
public:
    nwb_reader(const hdf5_file& file, recording_import& into) : file_(file), into_(into) {}

    void read() {
        walk("/", 0);
        if (file_.is_group("/units") && file_.has("/units/spike_times") && file_.has("/units/spike_times_index")) {
            units();
        }
        finish_poses();
        finish_films();
        if (found_ == 0) {
            throw file_error(file_.path(), !film_problem_.empty()
                                               ? film_problem_
                                               : text(file_.path(), " is an NWB file without anything known here: "
                                                                    "SpatialSeries, CompassDirection, Units, "
                                                                    "PoseEstimation, TimeIntervals, TwoPhotonSeries, "
                                                                    "ImageSeries; name a movie with --dataset"));
        }
        if (!film_problem_.empty()) {
            into_.warn(film_problem_);
        }
    }

private:
    void walk(const std::string& group, int depth) {
        for (const std::string& name : file_.members(group)) {
            const std::string full = (group == "/" ? "/" : group + "/") + name;
            if (full == "/specifications" || !file_.is_group(full)) {
                continue;
            }
            if (++groups_ > 100'000) { // groups may hold each other
                file_.fail(full, "is one of more than 100000 groups, which are too many; name a movie with --dataset");
            }
            const std::string type = file_.word_attribute(full, "neurodata_type");
            if (type == "SpatialSeries") {
                spatial_series(full, file_.word_attribute(group, "neurodata_type") == "CompassDirection");
            } else if (type == "TimeIntervals") {
                time_intervals(full, name);
            } else if (type == "PoseEstimation") {
                pose_estimation(full, name);
            } else if ((type == "TwoPhotonSeries" || type == "OnePhotonSeries") && file_.has(full + "/data")) {
                const any_source frames = open_hdf5(file_, full + "/data");
                into_.movie(name, full + "/data", frames, times_of(full, frames.frame_count()));
                ++found_;
            } else if (type == "ImageSeries" && file_.is_dataset(full + "/external_file")) {
                film_series_.push_back(full);
            } else if (depth < 12) {
                walk(full, depth + 1);
            }
        }
    }
    /// `timestamps`, or `starting_time` and its rate; empty when they are frame numbers, of which is warned.
    std::vector<double> times_of(const std::string& series, std::size_t count) {
        std::vector<double> out;
        if (file_.has(series + "/timestamps")) {
            out = file_.numbers(series + "/timestamps");
            if (out.size() != count) {
                file_.fail(series, text("has ", out.size(), " timestamps for ", count, " samples"));
            }
            if (are_frame_numbers(out)) {
                if (!told_frame_numbers_) {
                    into_.warn(text(file_.path(), "#", series,
                                    "/timestamps are frame numbers (0, 1, 2, ...) where seconds belong; they are not "
                                    "used; the rate is that of the film, or what --data-fps states"));
                    told_frame_numbers_ = true;
                }
                out.clear();
            }
        } else if (file_.has(series + "/starting_time")) {
            const std::vector<double> starts_s = file_.numbers(series + "/starting_time");
            const double start_s = starts_s.empty() ? std::numeric_limits<double>::quiet_NaN() : starts_s[0];
            const double rate_hz = file_.number_attribute(series + "/starting_time", "rate").value_or(0);
            if (!(rate_hz > 0) || !std::isfinite(start_s)) {
                file_.fail(series, text("has a starting_time of ", start_s, " s and a rate of ", rate_hz,
                                        " Hz; the rate must be positive; correct it where the file was written"));
            }
            if (count > most_samples) {
                file_.fail(series, text("has ", count, " samples; at most ", most_samples, " are read; cut it"));
            }
            for (std::size_t i = 0; i < count; ++i) {
                out.push_back(start_s + static_cast<double>(i) / rate_hz);
            }
        }
        return out;
    }
    std::vector<double> stated_times(const std::string& series, std::size_t count) {
        std::vector<double> out = times_of(series, count);
        if (out.empty() && count > 0) {
            if (std::isnan(into_.options().fps)) {
                throw data_error(text(file_.path(), "#", series,
                                      file_.has(series + "/timestamps")
                                          ? " has frame numbers (0, 1, 2, ...) for timestamps, where seconds belong"
                                          : " has no times in seconds",
                                      "; state the rate (--data-fps)"));
            }
            for (std::size_t i = 0; i < count; ++i) {
                out.push_back(static_cast<double>(i) / into_.options().fps);
            }
        }
        return out;
    }
    void spatial_series(const std::string& full, bool compass) {
        const std::string data = full + "/data";
        const auto shape = file_.has(data) ? file_.shape(data) : std::vector<std::size_t>();
        const std::string unit = file_.word_attribute(data, "unit");
        ++found_;
        if (compass || shape.size() == 1 || (shape.size() == 2 && shape[1] == 1)) {
            if (std::exchange(heading_, true)) {
                into_.warn(text(file_.path(), "#", full, " is a further direction; the first is used"));
                return;
            }
            std::vector<double> angles = values_of(file_, data);
            if (unit.starts_with("deg")) {
                for (double& angle : angles) {
                    angle *= 0.017453292519943295;
                }
            }
            std::vector<double> times_s = stated_times(full, angles.size());
            into_.head_direction(std::move(times_s), std::move(angles));
            return;
        }
        if (shape.size() != 2 || shape[1] < 2 || shape[1] > 3) {
            into_.warn(text(file_.path(), "#", full, " has the shape ", shape_text(shape),
                            "; positions have two or three columns; it is left out"));
            return;
        }
        if (std::exchange(position_, true)) {
            into_.warn(text(file_.path(), "#", full, " is a further SpatialSeries; the first is used"));
            return;
        }
        const std::vector<double> all = values_of(file_, data);
        std::vector<double> xy;
        for (std::size_t i = 0; i < shape[0]; ++i) {
            xy.insert(xy.end(), {all[i * shape[1]], all[i * shape[1] + 1]});
        }
        if (shape[1] == 3) {
            into_.warn(text(file_.path(), "#", full, " has three columns; x and y are used"));
        }
        std::vector<double> times_s = stated_times(full, shape[0]);
        into_.positions(std::move(times_s), std::move(xy));
        into_.units(unit);
        units_ = unit;
    }
    void units() {
        const std::vector<double> times_s = file_.numbers("/units/spike_times");
        const std::vector<double> ends = file_.numbers("/units/spike_times_index");
        const std::vector<double> ids = file_.has("/units/id") ? file_.numbers("/units/id") : std::vector<double>();
        std::size_t first = 0;
        for (std::size_t u = 0; u < ends.size(); ++u) {
            if (!(ends[u] >= static_cast<double>(first) && ends[u] <= static_cast<double>(times_s.size()))) {
                file_.fail("/units/spike_times_index", text("ends unit ", u, " at spike ", ends[u], " of ",
                                                            times_s.size(), "; the file is damaged"));
            }
            const auto last = static_cast<std::size_t>(ends[u]);
            std::vector<double> own(times_s.begin() + static_cast<std::ptrdiff_t>(first),
                                    times_s.begin() + static_cast<std::ptrdiff_t>(last));
            into_.spikes(text("unit ", u < ids.size() ? ids[u] : static_cast<double>(u)), std::move(own));
            first = last;
        }
        ++found_;
    }
    void time_intervals(const std::string& full, const std::string& name) {
        if (!file_.has(full + "/start_time") || !file_.has(full + "/stop_time")) {
            return;
        }
        const std::vector<double> starts = file_.numbers(full + "/start_time");
        const std::vector<double> stops = file_.numbers(full + "/stop_time");
        if (starts.size() != stops.size()) {
            file_.fail(full, text("has ", starts.size(), " starts and ", stops.size(), " stops"));
        }
        std::vector<std::string> labels;
        for (const char* const column : {"/label", "/name", "/condition", "/tags"}) {
            if (file_.is_dataset(full + column) && !file_.type(full + column)) {
                labels = file_.words(full + column);
                break;
            }
        }
        into_.intervals(name, starts, stops, labels.size() == starts.size() ? labels : std::vector<std::string>());
        ++found_;
    }
    void pose_estimation(const std::string& full, const std::string& name) {
        pose_track animal{.name = name == "PoseEstimation" ? std::string() : name};
        std::vector<std::string> series;
        for (const std::string& member : file_.members(full)) {
            if (file_.word_attribute(full + "/" + member, "neurodata_type") == "PoseEstimationSeries") {
                series.push_back(member);
            }
        }
        // "ind1_snout": an individual that all share says nothing.
        std::size_t shared = series.empty() ? 0 : series[0].find('_') + 1;
        for (const std::string& one : series) {
            shared = one.substr(0, shared) == series[0].substr(0, shared) ? shared : 0;
        }
        std::vector<double> times_s;
        std::size_t frames = 0;
        for (std::size_t k = 0; k < series.size(); ++k) {
            const std::string path = full + "/" + series[k];
            const auto shape = file_.shape(path + "/data");
            if (shape.size() != 2 || shape[1] < 2 || (k > 0 && shape[0] != frames)) {
                file_.fail(path, text("has the shape ", shape_text(shape), "; a keypoint has x and y for each of ",
                                      k > 0 ? text(frames, " frames") : std::string("its frames")));
            }
            if (k == 0) {
                frames = shape[0];
                times_s = times_of(path, frames);
            }
            const std::vector<double> places = values_of(file_, path + "/data"); // bounds the number of frames
            if (k == 0) {
                animal.values.assign(frames * series.size() * 3, std::numeric_limits<double>::quiet_NaN());
            }
            std::vector<double> confidence;
            if (file_.has(path + "/confidence")) {
                confidence = file_.numbers(path + "/confidence");
            }
            for (std::size_t i = 0; i < frames; ++i) {
                double* const to = &animal.values[(i * series.size() + k) * 3];
                to[0] = places[i * shape[1]];
                to[1] = places[i * shape[1] + 1];
                if (i < confidence.size()) {
                    to[2] = confidence[i];
                    animal.has_likelihood = true;
                }
            }
            animal.keypoints.push_back(series[k].substr(shared));
        }
        if (series.empty()) {
            return;
        }
        if (file_.is_dataset(full + "/edges") && file_.is_dataset(full + "/nodes")) {
            const std::vector<std::string> nodes = file_.words(full + "/nodes");
            const std::vector<double> edges = file_.numbers(full + "/edges");
            for (std::size_t e = 0; e + 1 < edges.size(); e += 2) {
                if (edges[e] >= 0 && edges[e] < static_cast<double>(nodes.size()) && edges[e + 1] >= 0 &&
                    edges[e + 1] < static_cast<double>(nodes.size())) {
                    const auto word = [&](double node) {
                        const std::string& of = nodes[static_cast<std::size_t>(node)];
                        return of.size() > shared ? of.substr(shared) : of;
                    };
                    poses_.edges.emplace_back(word(edges[e]), word(edges[e + 1]));
                }
            }
        }
        if (file_.is_dataset(full + "/original_videos") && !file_.type(full + "/original_videos")) {
            for (const std::string& film : file_.words(full + "/original_videos")) {
                std::error_code none;
                if (!std::filesystem::exists(std::filesystem::path(file_.path()).parent_path() / film, none)) {
                    into_.warn(text(file_.path(), " names the film '", film,
                                    "', which is not there; give the film's file beside this one to see it"));
                }
            }
        }
        if (poses_.animals.empty()) {
            poses_.times_s = std::move(times_s);
        } else if (animal.frames() != poses_.frames() || times_s != poses_.times_s) {
            into_.warn(text(file_.path(), "#", full, " has a clock of its own; it is left out"));
            return;
        }
        poses_.animals.push_back(std::move(animal));
    }
    void finish_poses() {
        if (!poses_.animals.empty()) {
            into_.pose(std::move(poses_));
            ++found_;
        }
    }

    /// Films in files of their own, at the times of their series. One that cannot be shown is said, and left out.
    void finish_films() {
        const session_storage files{.folder = std::filesystem::path(file_.path()).parent_path().string(),
                                    .trusted = into_.options().trusted,
                                    .openers = into_.options().openers,
                                    .named_by = file_.path()};
        for (const std::string& series : film_series_) {
            try {
                films_of(series, files);
            } catch (const error& problem) {
                film_problem_ = film_problem_.empty() ? problem.what() : film_problem_;
            }
        }
    }
    void films_of(const std::string& series, const session_storage& files) {
        std::vector<std::pair<std::string, any_source>> films;
        std::size_t total = 0;
        for (const std::string& name : file_.words(series + "/external_file")) {
            if (files.opener_of(name) == nullptr && !missing(files, name)) {
                file_.fail(series, text("names the film '", name,
                                        "', which is no film that this program reads; give one in .mp4, .avi, .mkv, "
                                        ".mov or .webm, in a program with libav"));
            }
            if (missing(files, name)) {
                file_.fail(series, text("names the film '", name,
                                        "', which is not there; give the film's file beside this one to see it"));
            }
            films.emplace_back(files.path(name), files.frames(name));
            total += films.back().second.frame_count();
        }
        if (!units_.empty() && !units_.starts_with("pix") && units_ != "px") {
            file_.fail(series, text("has a film, which is left out: positions are in ", units_,
                                    ", and nobody says how long a pixel is; describe it in a session.json "
                                    "(\"overlays\", film, \"to_environment\")"));
        }
        const std::string stamps = series + "/timestamps";
        const std::size_t count = file_.is_dataset(stamps) ? file_.numbers(stamps).size() : total;
        std::vector<double> times_s = times_of(series, count);
        if (!times_s.empty() && count != total) {
            into_.warn(text(file_.path(), "#", series, " has ", count, " timestamps for ", total,
                            " frames of its film; the film's own times are used, from ", times_s[0], " s on"));
        }
        std::size_t before = 0;
        for (const auto& [path, frames] : films) {
            std::vector<double> own;
            for (std::size_t i = 0; i < frames.frame_count() && !times_s.empty(); ++i) {
                own.push_back(count == total ? times_s[before + i] : times_s[0] + frames.time_s(i) - frames.time_s(0));
            }
            into_.film(frames, std::move(own), path);
            before += frames.frame_count();
            ++found_;
        }
    }
    static bool missing(const session_storage& files, const std::string& name) {
        std::error_code none;
        return !std::filesystem::exists(std::filesystem::path(files.folder) / name, none);
    }

    static constexpr std::size_t most_samples = std::size_t{1} << 29;

    const hdf5_file& file_;
    recording_import& into_;
    pose_tracks poses_;
    std::vector<std::string> film_series_;
    std::string film_problem_;
    std::string units_; ///< of positions
    std::size_t found_ = 0;
    std::size_t groups_ = 0;
    bool position_ = false;
    bool heading_ = false;
    bool told_frame_numbers_ = false;
};

} // namespace detail

/// Takes in an NWB file. Times are `timestamps`, or `starting_time` and its rate; frame numbers are not taken for
/// seconds. Films (ImageSeries, external_file) need openers in the import's options and lie in the folder of the file.
/// Units: those of SpatialSeries, `conversion` and `offset` applied; degrees become radians. Errors: file_error when
/// nothing known is in it, data_error. Cost: positions, spikes and poses are copied; movies stay in the file.
inline void import_nwb(recording_import& into, const hdf5_file& file) {
    detail::nwb_reader(file, into).read();
}

} // namespace fieldreel::inline v0

#endif
