// SPDX-License-Identifier: MIT
// fieldreel field DIR: the place field of a cell, as files that any program reads.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <fieldreel/session/session_playback.hpp>
#include <fieldreel/source/npy.hpp>
#include <fieldreel/space/place_field.hpp>
#include <fieldreel/space/track.hpp>
#include <fieldreel/version.hpp>

#include "commands.hpp"
#include "place_field_options.hpp"
#include "recording.hpp"

namespace {

struct arguments {
    recording_arguments recording;
    std::string cell;
    std::optional<double> bin_size;
    place_field_arguments place_field;
    std::string folder;
    bool force = false;
};

/// One value per active bin as the array [ix, iy]; `empty` where no bin is active.
template <class T, class Values>
std::vector<T> on_full_grid(const fieldreel::grid& space, const Values& values, T empty) {
    std::vector<T> out(space.active().size(), empty);
    for (std::size_t bin = 0; bin < values.size(); ++bin) {
        const auto [ix, iy] = space.cell_of(bin);
        out[ix * space.shape().n_y + iy] = static_cast<T>(values[bin]);
    }
    return out;
}

/// The folder the files go into; what is there is not written over unless asked for.
void make_folder(const arguments& given) {
    namespace fs = std::filesystem;
    std::error_code problem;
    if (fs::exists(given.folder, problem) && !given.force &&
        (!fs::is_directory(given.folder, problem) || !fs::is_empty(given.folder, problem))) {
        throw fieldreel::file_error(given.folder, given.folder + " exists and is not empty; give another folder with "
                                                                 "--out, or --force to write over its files");
    }
    fs::create_directories(given.folder, problem);
    if (problem) {
        throw fieldreel::file_error(given.folder, given.folder + " cannot be made (" + problem.message() +
                                                      "); check that its parent may be written");
    }
}

/// Every file that this command can write.
constexpr std::array file_names = {"rate.npy",    "occupancy.npy", "counts.npy",       "mask.npy",
                                   "edges_x.npy", "edges_y.npy",   "linear_edges.npy", "linear_centers.npy",
                                   "centers.npy", "settings.json"};

/// Those of an earlier place field, so that what is there afterwards is of one.
void remove_earlier(const std::string& folder) {
    for (const char* name : file_names) {
        std::error_code problem;
        std::filesystem::remove(std::filesystem::path(folder) / name, problem);
        if (problem) {
            throw fieldreel::file_error(folder, (std::filesystem::path(folder) / name).string() +
                                                    " cannot be removed (" + problem.message() +
                                                    "); check that the folder may be written");
        }
    }
}

/// The files that were read, as a person named them.
nlohmann::ordered_json input_files(const fieldreel::session_files& files) {
    nlohmann::ordered_json out = nlohmann::ordered_json::object();
    const auto put = [&](const char* what, const std::string& path) {
        if (!path.empty()) {
            out[what] = path;
        }
    };
    put("folder", files.folder);
    put("positions", files.positions);
    put("times", files.times);
    if (!files.spikes.empty()) {
        out["spikes"] = files.spikes;
    }
    put("field", files.field);
    return out;
}

std::string cell_with_most_spikes(const fieldreel::session& session) {
    if (session.spikes.empty()) {
        throw fieldreel::data_error("the recording has no spikes; a place field needs spikes*.npy (--spikes)");
    }
    const fieldreel::spike_train& most = fieldreel::detail::choose_cell(session.spikes, {});
    const auto of_that_name = std::count_if(session.spikes.begin(), session.spikes.end(),
                                            [&](const auto& cell) { return cell.name == most.name; });
    return of_that_name == 1 ? most.name : std::to_string(&most - session.spikes.data());
}

int run(arguments& given) {
    const fieldreel::session session = given.recording.open();
    fieldreel::session_options options;
    options.cell = given.cell.empty() ? cell_with_most_spikes(session) : given.cell;
    options.bin_size = given.bin_size;
    given.place_field.put_into(options);
    const fieldreel::session_playback made = playback_of(session, options);
    make_folder(given);
    remove_earlier(given.folder);
    const fieldreel::place_field_result& field = *made.place_field;
    for (const std::string& note : made.notes) {
        std::printf("note: %s\n", note.c_str());
    }

    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    const auto path = [&](const char* name) { return (std::filesystem::path(given.folder) / name).string(); };
    std::string files;
    if (const fieldreel::grid* const space = made.playback.space().as_grid()) {
        const std::vector<std::size_t> row = {space->shape().n_y};
        fieldreel::write_npy<double>(path("rate.npy"), on_full_grid<double>(*space, field.rate, none), row);
        fieldreel::write_npy<double>(path("occupancy.npy"), on_full_grid<double>(*space, field.occupancy_s, 0), row);
        fieldreel::write_npy<std::uint32_t>(path("counts.npy"), on_full_grid<std::uint32_t>(*space, field.counts, 0),
                                            row);
        fieldreel::write_npy<std::uint8_t>(path("mask.npy"), space->active(), row);
        fieldreel::write_npy<double>(path("edges_x.npy"), space->edges_x());
        fieldreel::write_npy<double>(path("edges_y.npy"), space->edges_y());
        files = "rate, occupancy, counts, mask (arrays [ix, iy]), edges_x, edges_y";
    } else if (const auto* const track = made.playback.space().as<fieldreel::track>()) {
        std::vector<double> edges;
        std::vector<double> linear_centers;
        std::vector<double> centers;
        for (std::size_t bin = 0; bin < track->bin_count(); ++bin) {
            edges.push_back(track->linear_edges()[bin].start);
            edges.push_back(track->linear_edges()[bin].stop);
            linear_centers.push_back(track->linear_center(bin));
            centers.push_back(track->center(bin).x);
            centers.push_back(track->center(bin).y);
        }
        fieldreel::write_npy<double>(path("rate.npy"), field.rate);
        fieldreel::write_npy<double>(path("occupancy.npy"), field.occupancy_s);
        fieldreel::write_npy<std::uint32_t>(path("counts.npy"), field.counts);
        fieldreel::write_npy<double>(path("linear_edges.npy"), edges, {2});
        fieldreel::write_npy<double>(path("linear_centers.npy"), linear_centers);
        fieldreel::write_npy<double>(path("centers.npy"), centers, {2});
        files = "rate, occupancy, counts (one per bin), linear_edges (start and stop of each bin), linear_centers, "
                "centers";
    }
    nlohmann::ordered_json settings = {{"recording", session.name}};
    settings.update(place_field_json(session, made, options));
    settings["input"] = input_files(given.recording.files);
    settings["fieldreel"] = FIELDREEL_VERSION_STRING;
    settings["command"] = command_line;
    std::ofstream out(path("settings.json"));
    if (!(out << settings.dump(2) << "\n").flush()) {
        throw fieldreel::file_error(given.folder,
                                    path("settings.json") + " cannot be written; check that the disk is not full");
    }

    std::printf("%s%s: %s, settings.json\n", place_field_words(session, made, options).c_str(), given.folder.c_str(),
                files.c_str());
    return done;
}

} // namespace

void add_field(CLI::App& app, int& result) {
    auto given = std::make_shared<arguments>();
    CLI::App* command = app.add_subcommand("field", "Write the place field of a cell as .npy files");
    given->recording.add_to(*command);
    command->add_option("--cell", given->cell, "Name or number (default: the cell with most spikes)");
    command->add_option(
        "--bin-size", given->bin_size,
        "In the units of the positions (default: the bins of a stored field, else 1/25 of the longer side)");
    given->place_field.add_to(*command);
    command->add_option("--out", given->folder, "Folder to write into")->required();
    command->add_flag("--force", given->force, "Write over the files of a place field that is there");
    command->callback([given, &result] { result = run(*given); });
}
