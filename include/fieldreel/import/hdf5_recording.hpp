// SPDX-License-Identifier: MIT
// What HDF5 files of known programs hold: SLEAP, DeepLabCut, NWB, xarray's netCDF, MATLAB v7.3.
#ifndef FIELDREEL_IMPORT_HDF5_RECORDING_HPP
#define FIELDREEL_IMPORT_HDF5_RECORDING_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/import/csv.hpp>
#include <fieldreel/import/deeplabcut.hpp>
#include <fieldreel/import/hdf5.hpp>
#include <fieldreel/import/pose_tracks.hpp>
#include <fieldreel/import/recording.hpp>

namespace fieldreel::inline v0 {

namespace detail {

inline std::string shape_words(const hdf5_file& file, const std::string& name) {
    const auto shape = file.shape(name);
    return shape_text(shape);
}

} // namespace detail

/// A SLEAP analysis file: tracks (animals, 2, keypoints, frames), with or without edges and scores.
/// Errors: file_error for another shape.
inline pose_tracks read_sleap(const hdf5_file& file) {
    const std::vector<std::size_t> shape = file.shape("/tracks");
    const std::vector<std::string> nodes = file.words("/node_names");
    if (shape.size() != 4 || shape[1] != 2 || shape[2] != nodes.size()) {
        file.fail("/tracks", detail::text("has the shape ", detail::shape_text(shape), " and there are ", nodes.size(),
                                          " node names; SLEAP's is animals x 2 x keypoints x frames; export an "
                                          "Analysis HDF5 from SLEAP again"));
    }
    const auto [animals, two, keypoints, frames] = std::array{shape[0], shape[1], shape[2], shape[3]};
    const std::vector<double> places = file.numbers("/tracks");
    std::vector<double> scores;
    if (file.has("/point_scores") && file.shape("/point_scores") == std::vector{animals, keypoints, frames}) {
        scores = file.numbers("/point_scores");
    }
    const std::vector<std::string> names =
        file.has("/track_names") ? file.words("/track_names") : std::vector<std::string>();
    pose_tracks out;
    for (std::size_t a = 0; a < animals; ++a) {
        pose_track animal{.name = a < names.size() ? names[a] : detail::text("track_", a), .keypoints = nodes};
        animal.has_likelihood = !scores.empty();
        animal.values.assign(frames * keypoints * 3, std::numeric_limits<double>::quiet_NaN());
        for (std::size_t k = 0; k < keypoints; ++k) {
            const double* const x = &places[((a * two + 0) * keypoints + k) * frames];
            const double* const y = &places[((a * two + 1) * keypoints + k) * frames];
            for (std::size_t f = 0; f < frames; ++f) {
                double* const to = &animal.values[(f * keypoints + k) * 3];
                to[0] = x[f];
                to[1] = y[f];
                to[2] = scores.empty() ? to[2] : scores[(a * keypoints + k) * frames + f];
            }
        }
        out.animals.push_back(std::move(animal));
    }
    if (file.has("/edge_inds") && file.shape("/edge_inds").size() == 2 && file.shape("/edge_inds")[1] == 2) {
        const std::vector<double> edges = file.numbers("/edge_inds");
        for (std::size_t e = 0; e + 1 < edges.size(); e += 2) {
            const auto whole = [&](double node) { return node >= 0 && node < static_cast<double>(nodes.size()); };
            if (!whole(edges[e]) || !whole(edges[e + 1])) {
                file.fail("/edge_inds", detail::text("joins the nodes ", edges[e], " and ", edges[e + 1], " of ",
                                                     nodes.size(), "; export it again from SLEAP"));
            }
            out.edges.emplace_back(nodes[static_cast<std::size_t>(edges[e])],
                                   nodes[static_cast<std::size_t>(edges[e + 1])]);
        }
    }
    return out;
}

/// The table of a DeepLabCut .h5 file; nothing when there is none. Its column names are pickled, and never read: they
/// come from the .csv file of the same name beside it, else keypoints are numbered (and it counts as one animal).
inline std::optional<pose_tracks> read_deeplabcut_hdf5(const hdf5_file& file) {
    std::string table;
    for (const std::string& group : file.members("/")) {
        if (file.is_dataset("/" + group + "/table")) {
            table = "/" + group + "/table";
        }
    }
    if (table.empty()) {
        return std::nullopt;
    }
    const auto [values, columns] = file.table_member(table, "values_block_0");
    if (columns % 3 != 0 || columns == 0) {
        file.fail(table, detail::text("has ", columns,
                                      " columns; DeepLabCut's are x, y and likelihood of each "
                                      "keypoint; export it again"));
    }
    pose_tracks out;
    detail::deeplabcut_header header;
    const std::string csv = std::filesystem::path(file.path()).replace_extension(".csv").string();
    std::error_code none;
    if (std::filesystem::exists(csv, none)) {
        detail::csv_scanner in(std::make_shared<const read_only_file>(csv), ',');
        header = detail::read_deeplabcut_header(in);
    }
    if (header.columns.size() != columns) {
        if (!header.columns.empty()) {
            out.warnings.push_back(detail::text("the table has ", columns, " columns and ", csv, " beside it has ",
                                                header.columns.size(), "; its names are not used"));
        } else {
            out.warnings.push_back(detail::text("the names of its keypoints are pickled, which is never read because "
                                                "it can run code; they are numbered; put the .csv of the same name "
                                                "beside it"));
        }
        header = {};
        header.animals.push_back({.has_likelihood = true});
        for (std::size_t c = 0; c < columns; ++c) {
            header.columns.push_back({0, c / 3, c % 3});
            if (c % 3 == 0) {
                header.animals[0].keypoints.push_back(detail::text(c / 3));
            }
        }
    }
    out.animals = header.animals;
    const std::size_t rows = values.size() / columns;
    for (pose_track& animal : out.animals) {
        animal.values.assign(rows * animal.keypoints.size() * 3, std::numeric_limits<double>::quiet_NaN());
    }
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t c = 0; c < columns; ++c) {
            const auto& column = header.columns[c];
            pose_track& animal = out.animals[column.animal];
            animal.values[(row * animal.keypoints.size() + column.keypoint) * 3 + column.coordinate] =
                values[row * columns + c];
        }
    }
    for (pose_track& animal : out.animals) {
        if (header.several) {
            detail::mark_missing(animal);
        }
    }
    return out;
}

namespace detail {

/// 0, 1, 2, ...: what somebody wrote where seconds belong.
inline bool are_frame_numbers(const std::vector<double>& times) {
    bool out = times.size() > 2;
    for (std::size_t i = 0; i < times.size() && out; ++i) {
        out = times[i] == times[0] + static_cast<double>(i) && (times[0] == 0 || times[0] == 1);
    }
    return out;
}

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
        if (found_ == 0) {
            throw file_error(file_.path(), text(file_.path(), " is an NWB file without anything known here: "
                                                              "SpatialSeries, CompassDirection, Units, "
                                                              "PoseEstimation, TimeIntervals, TwoPhotonSeries; name a "
                                                              "movie with --dataset"));
        }
    }

private:
    void walk(const std::string& group, int depth) {
        for (const std::string& name : file_.members(group)) {
            const std::string full = (group == "/" ? "/" : group + "/") + name;
            if (full == "/specifications" || !file_.is_group(full)) {
                continue;
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
            const double start_s = file_.numbers(series + "/starting_time").at(0);
            const double rate_hz = file_.number_attribute(series + "/starting_time", "rate").value_or(0);
            if (!(rate_hz > 0) || !std::isfinite(start_s)) {
                file_.fail(series, text("has a starting_time of ", start_s, " s and a rate of ", rate_hz,
                                        " Hz; the rate must be positive"));
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
                throw data_error(
                    text(file_.path(), "#", series, " has no times in seconds; state the rate (--data-fps)"));
            }
            for (std::size_t i = 0; i < count; ++i) {
                out.push_back(static_cast<double>(i) / into_.options().fps);
            }
        }
        return out;
    }
    std::vector<double> converted(const std::string& data) const {
        std::vector<double> out = file_.numbers(data);
        if (const double conversion = file_.number_attribute(data, "conversion").value_or(1); conversion != 1) {
            for (double& value : out) {
                value *= conversion;
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
            std::vector<double> angles = converted(data);
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
        const std::vector<double> all = converted(data);
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
            std::sort(own.begin(), own.end());
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
                animal.values.assign(frames * series.size() * 3, std::numeric_limits<double>::quiet_NaN());
            }
            const std::vector<double> places = converted(path + "/data");
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

    const hdf5_file& file_;
    recording_import& into_;
    pose_tracks poses_;
    std::size_t found_ = 0;
    bool position_ = false;
    bool heading_ = false;
    bool told_frame_numbers_ = false;
};

/// Edges between centres, which must increase evenly enough to be bins. Errors: data_error.
inline std::vector<double> edges_between(const hdf5_file& file, const std::string& name) {
    const std::vector<double> centers = file.numbers("/" + name);
    std::vector<double> out;
    for (std::size_t i = 0; i < centers.size(); ++i) {
        if (!std::isfinite(centers[i]) || (i > 0 && !(centers[i] > centers[i - 1]))) {
            throw data_error(text(file.path(), "#/", name, ": the bins' centres must increase; centre ", i, " is ",
                                  centers[i], "; sort the coordinate"),
                             i);
        }
        out.push_back(i == 0 ? centers[0] - (centers.size() > 1 ? (centers[1] - centers[0]) / 2 : 0.5)
                             : (centers[i] + centers[i - 1]) / 2);
    }
    out.push_back(centers.size() > 1 ? centers.back() + (centers.back() - centers[centers.size() - 2]) / 2
                                     : centers.back() + 0.5);
    return out;
}

/// What xarray saves: a decoder's posterior, or movement's poses.
class netcdf_reader {
public:
    netcdf_reader(const hdf5_file& file, recording_import& into) : file_(file), into_(into) {}

    /// False: nothing known is in it.
    bool read() {
        for (const char* const name : {"acausal_posterior", "causal_posterior", "posterior"}) {
            if (file_.is_dataset("/" + std::string(name))) {
                posterior(name);
                return true;
            }
        }
        const auto dims = file_.is_dataset("/position") ? file_.dimensions("/position") : std::vector<std::string>();
        if (place(dims, {"keypoints", "keypoint"}) < dims.size() && place(dims, {"space"}) < dims.size()) {
            movement(dims);
            return true;
        }
        return false;
    }

private:
    static std::size_t place(const std::vector<std::string>& dims, std::initializer_list<std::string_view> names) {
        std::size_t at = 0;
        while (at < dims.size() && std::find(names.begin(), names.end(), dims[at]) == names.end()) {
            ++at;
        }
        return at;
    }
    std::vector<double> times(std::size_t count) const {
        std::vector<double> out = file_.has("/time") ? file_.numbers("/time") : std::vector<double>();
        if (out.size() != count || (are_frame_numbers(out) && file_.word_attribute("/", "time_unit") != "seconds")) {
            out.clear();
        }
        return out;
    }
    void movement(const std::vector<std::string>& dims) {
        const std::vector<std::size_t> shape = file_.shape("/position");
        const std::size_t t = place(dims, {"time"});
        const std::size_t s = place(dims, {"space"});
        const std::size_t k = place(dims, {"keypoints", "keypoint"});
        const std::size_t a = place(dims, {"individuals", "individual"});
        if (t == dims.size() || shape.size() != dims.size() || shape[s] < 2) {
            file_.fail("/position", text("has the dimensions ", join(dims),
                                         "; movement's are time, space, keypoints "
                                         "and individuals"));
        }
        const std::size_t animals = a < dims.size() ? shape[a] : 1;
        const auto stride = [&](std::size_t axis, const std::vector<std::size_t>& of) {
            std::size_t out = axis < of.size() ? 1 : 0;
            for (std::size_t later = axis + 1; later < of.size(); ++later) {
                out *= of[later];
            }
            return out;
        };
        const std::vector<double> places = file_.numbers("/position");
        std::vector<double> confidence;
        std::vector<std::string> own;
        if (file_.is_dataset("/confidence")) {
            own = file_.dimensions("/confidence");
            confidence = file_.numbers("/confidence");
        }
        const std::vector<std::size_t> own_shape =
            own.empty() ? std::vector<std::size_t>() : file_.shape("/confidence");
        const auto names = [&](std::initializer_list<const char*> of, std::size_t count) {
            for (const char* const name : of) {
                if (file_.is_dataset("/" + std::string(name)) && !file_.type("/" + std::string(name))) {
                    return file_.words("/" + std::string(name));
                }
            }
            std::vector<std::string> out;
            for (std::size_t i = 0; i < count; ++i) {
                out.push_back(text(i));
            }
            return out;
        };
        const std::vector<std::string> keypoints = names({"keypoints", "keypoint"}, shape[k]);
        const std::vector<std::string> individuals = names({"individuals", "individual"}, animals);
        pose_tracks out;
        out.times_s = times(shape[t]);
        for (std::size_t one = 0; one < animals; ++one) {
            pose_track animal{.name = one < individuals.size() ? individuals[one] : text(one), .keypoints = keypoints};
            animal.keypoints.resize(shape[k]);
            animal.has_likelihood = !confidence.empty();
            animal.values.assign(shape[t] * shape[k] * 3, std::numeric_limits<double>::quiet_NaN());
            for (std::size_t frame = 0; frame < shape[t]; ++frame) {
                for (std::size_t point = 0; point < shape[k]; ++point) {
                    const std::size_t at = frame * stride(t, shape) + point * stride(k, shape) +
                                           (a < dims.size() ? one * stride(a, shape) : 0);
                    double* const to = &animal.values[(frame * shape[k] + point) * 3];
                    to[0] = places[at];
                    to[1] = places[at + stride(s, shape)];
                    if (!confidence.empty()) {
                        const std::size_t there = frame * stride(place(own, {"time"}), own_shape) +
                                                  point * stride(place(own, {"keypoints", "keypoint"}), own_shape) +
                                                  one * stride(place(own, {"individuals", "individual"}), own_shape);
                        to[2] = there < confidence.size() ? confidence[there] : to[2];
                    }
                }
            }
            out.animals.push_back(std::move(animal));
        }
        into_.pose(std::move(out));
    }

    /// (time, x_position, y_position), (time, position), each perhaps with a state after the time.
    void posterior(const std::string& name) {
        const std::string full = "/" + name;
        const std::vector<std::string> dims = file_.dimensions(full);
        const std::vector<std::size_t> shape = file_.shape(full);
        const bool states = dims.size() > 2 && dims[1] == "state";
        const std::size_t first = states ? 2 : 1;
        const auto refuse = [&] {
            file_.fail(full, text("has the dimensions ", dims.empty() ? shape_text(shape) : join(dims),
                                  "; read are time, (state,) position or x_position and y_position; unstack it, and "
                                  "save it again with to_netcdf"));
        };
        if (dims.size() != shape.size() || dims.empty() || dims[0] != "time" || dims.size() > first + 2 ||
            dims.size() <= first) {
            refuse();
        }
        const bool plane = dims.size() == first + 2;
        for (std::size_t axis = first; axis < dims.size(); ++axis) {
            if (!file_.has("/" + dims[axis]) || file_.shape("/" + dims[axis]) != std::vector{shape[axis]}) {
                refuse();
            }
        }
        const std::vector<double> edges_x = edges_between(file_, dims[first]);
        std::vector<double> edges_y = {0, (edges_x.back() - edges_x.front()) / 12}; // a band
        if (plane) {
            edges_y = edges_between(file_, dims[first + 1]);
        }
        const any_source frames = open_hdf5(file_, full);
        // Bins off the track are NaN in every frame, and in the first as well.
        std::size_t bins = 1;
        for (std::size_t axis = first; axis < shape.size(); ++axis) {
            bins *= shape[axis];
        }
        nlohmann::json mask = nlohmann::json::array();
        auto cursor = frames.cursor();
        const values_view values = cursor.frame(0);
        std::size_t active = 0;
        for (std::size_t b = 0; b < bins; ++b) {
            bool there = false;
            for (std::size_t state = 0; state < values.size() / bins; ++state) {
                there = there || std::isfinite(values[state * bins + b]);
            }
            active += there ? 1u : 0u;
            mask.push_back(there ? 1 : 0);
        }
        if (active == 0) {
            file_.fail(full,
                       "has no finite value in its first frame, so that nobody knows which bins are on the track");
        }
        nlohmann::json field = {{"name", name},
                                {"kind", "posterior"},
                                {"order", "xy"},
                                {"grid", {{"edges_x", edges_x}, {"edges_y", edges_y}, {"mask", mask}}}};
        if (states) {
            std::vector<std::string> names;
            if (file_.is_dataset("/state") && !file_.type("/state")) {
                names = file_.words("/state");
            }
            for (std::size_t state = 0; state < shape[1]; ++state) {
                field["states"].push_back(state < names.size() ? names[state] : text("state ", state));
            }
        }
        into_.field(std::move(field), full, times(shape[0]), shape[0]);
    }

    const hdf5_file& file_;
    recording_import& into_;
};

/// Arrays at the top of a file by their names: MATLAB's, whose axes are reversed, and other programs'.
inline void import_named_arrays(recording_import& into, const hdf5_file& file, bool matlab) {
    std::vector<std::string> names;
    for (const std::string& name : file.members("/")) {
        if (name != "#refs#" && name != "#subsystem#" && file.is_dataset("/" + name) && file.type("/" + name)) {
            names.push_back(name);
        }
    }
    const auto first_of = [&](std::initializer_list<std::string_view> wanted) {
        for (const std::string_view one : wanted) {
            if (std::find(names.begin(), names.end(), one) != names.end()) {
                return "/" + std::string(one);
            }
        }
        return std::string();
    };
    const std::string times = first_of({"t", "time", "times", "timestamps", "ts"});
    const std::string positions = first_of({"pos", "position", "positions", "xy"});
    const std::string heading = first_of({"head_direction", "hd", "heading"});
    const std::vector<double> times_s = times.empty() ? std::vector<double>() : file.numbers(times);
    bool found = false;
    if (!times.empty() && !positions.empty()) {
        std::vector<double> values = file.numbers(positions);
        const std::vector<std::size_t> shape = file.shape(positions);
        const bool by_column = shape.size() == 2 && shape[0] == 2 && shape[1] == times_s.size();
        const bool by_row = shape.size() == 2 && shape[1] == 2 && shape[0] == times_s.size();
        if (!by_column && !by_row) {
            file.fail(positions, text("has the shape ", shape_text(shape), " and there are ", times_s.size(),
                                      " times; positions are x and y for each time"));
        }
        if (by_column && (matlab || !by_row)) {
            std::vector<double> rows(values.size());
            for (std::size_t i = 0; i < times_s.size(); ++i) {
                rows[2 * i] = values[i];
                rows[2 * i + 1] = values[times_s.size() + i];
            }
            values = std::move(rows);
        }
        if (!heading.empty()) {
            std::vector<double> angles = file.numbers(heading);
            if (angles.size() == times_s.size()) {
                into.head_direction(times_s, std::move(angles));
            }
        }
        into.positions(times_s, std::move(values));
        found = true;
    }
    for (const std::string& name : names) {
        const std::string full = "/" + name;
        const std::vector<std::size_t> shape = file.shape(full);
        if (name.starts_with("spikes")) {
            into.spikes(name, file.numbers(full));
            found = true;
        } else if (matlab && shape.size() == 3) {
            hdf5_values how;
            how.rows_fastest = true;
            into.warn(text(file.path(), "#", full, ": MATLAB's axes are reversed in the file: it is read as ", shape[0],
                           " frames of ", shape[2], " rows and ", shape[1], " columns"));
            const any_source frames = open_hdf5(file, full, how);
            into.movie(name, full + "@F", frames, times_s.size() == shape[0] ? times_s : std::vector<double>());
            found = true;
        }
    }
    if (!found) {
        std::string there;
        std::size_t more = 0;
        for (const std::string& name : file.datasets()) {
            if (there.size() < 300) {
                there += text(there.empty() ? "" : ", ", name, " (", shape_words(file, name), ")");
            } else {
                ++more;
            }
        }
        throw file_error(file.path(), text(file.path(),
                                           " is of no program known here (SLEAP, DeepLabCut, NWB, xarray's "
                                           "netCDF, MATLAB); it holds ",
                                           there.empty() ? std::string("nothing") : there,
                                           more > 0 ? text(" and ", more, " more") : std::string(),
                                           "; name a movie (frames, rows, columns) with --dataset"));
    }
}

} // namespace detail

/// An HDF5 file, by what is in it: `datasets` that are movies, or else what SLEAP, DeepLabCut, NWB, xarray or MATLAB
/// left. Errors: file_error, data_error.
inline void import_hdf5(recording_import& into, const std::string& path,
                        const std::vector<std::string>& datasets = {}) {
    into.begin_file(path);
    if (path.ends_with(".slp")) {
        throw file_error(path, detail::text(path, " is a SLEAP project, which is not read here; in SLEAP, export it: "
                                                  "File, Export Analysis HDF5"));
    }
    const hdf5_file file(path);
    if (!datasets.empty()) {
        for (const std::string& name : datasets) {
            const std::string full = name.starts_with('/') ? name : "/" + name;
            into.movie(std::filesystem::path(full).filename().string(), full, open_hdf5(file, full), {});
        }
        return;
    }
    if (file.is_dataset("/tracks") && file.is_dataset("/node_names")) {
        into.pose(read_sleap(file));
    } else if (!file.word_attribute("/", "nwb_version").empty()) {
        detail::nwb_reader(file, into).read();
    } else if (auto table = read_deeplabcut_hdf5(file)) {
        into.pose(std::move(*table));
    } else if (!detail::netcdf_reader(file, into).read()) {
        detail::import_named_arrays(into, file, path.ends_with(".mat"));
    }
}

} // namespace fieldreel::inline v0

#endif
