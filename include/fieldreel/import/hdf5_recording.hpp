// SPDX-License-Identifier: MIT
// An HDF5 file by what is in it: SLEAP's and DeepLabCut's poses, NWB, xarray's netCDF, MATLAB v7.3, or a movie.
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
#include <fieldreel/import/netcdf.hpp>
#include <fieldreel/import/nwb.hpp>
#include <fieldreel/import/pose_tracks.hpp>
#include <fieldreel/import/recording.hpp>

namespace fieldreel::inline v0 {

/// A SLEAP analysis file: tracks (animals, 2, keypoints, frames), with or without edges and scores.
/// Units: pixels, y down. Errors: file_error for another shape, or one with nothing in it. Cost: reads all of it.
inline pose_tracks read_sleap(const hdf5_file& file) {
    const std::vector<std::size_t> shape = file.shape("/tracks");
    const std::vector<std::string> nodes = file.words("/node_names");
    if (shape.size() != 4 || shape[1] != 2 || shape[2] != nodes.size() ||
        std::find(shape.begin(), shape.end(), 0u) != shape.end()) {
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
/// Units: pixels, y down. Errors: file_error for another table. Cost: reads all of it.
inline std::optional<pose_tracks> read_deeplabcut_hdf5(const hdf5_file& file) {
    std::string table;
    for (const std::string& group : file.members("/")) {
        if (file.is_dataset("/" + group + "/table")) {
            table = "/" + group + "/table";
        }
        if (file.is_dataset("/" + group + "/block0_values")) {
            file.fail("/" + group, "is a pandas table of the format 'fixed', as DeepLabCut's labelled frames are; its "
                                   "poses are of the format 'table': df.to_hdf(..., format='table')");
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
                there += text(there.empty() ? "" : ", ", name, " (", shape_text(file.shape(name)), ")");
            } else {
                ++more;
            }
        }
        throw file_error(file.path(), text(file.path(),
                                           " is of no program known here (SLEAP, DeepLabCut, NWB, xarray's "
                                           "netCDF, MATLAB); it holds ",
                                           there.empty() ? std::string("no dataset of its own; check what wrote it")
                                                         : text(there, more > 0 ? text(" and ", more, " more") : "",
                                                                "; name a movie (frames, rows, columns) with "
                                                                "--dataset")));
    }
}

} // namespace detail

/// An HDF5 file, by what is in it: `datasets` that are movies (frames, rows, columns), or xarray's over time and
/// places, or else what SLEAP, DeepLabCut, NWB, xarray or MATLAB left. Errors: file_error, data_error.
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
            if (import_netcdf(into, file, full.substr(1))) {
                continue;
            }
            into.movie(std::filesystem::path(full).filename().string(), full, open_hdf5(file, full), {});
        }
        return;
    }
    if (file.is_dataset("/tracks") && file.is_dataset("/node_names")) {
        into.pose(read_sleap(file));
    } else if (!file.word_attribute("/", "nwb_version").empty()) {
        import_nwb(into, file);
    } else if (auto table = read_deeplabcut_hdf5(file)) {
        into.pose(std::move(*table));
    } else if (!import_netcdf(into, file)) {
        detail::import_named_arrays(into, file, path.ends_with(".mat"));
    }
}

} // namespace fieldreel::inline v0

#endif
