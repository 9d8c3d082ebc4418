// SPDX-License-Identifier: MIT
#include "recording.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <fieldreel/session/session_playback.hpp>
#include <fieldreel/session/simulate.hpp>

void recording_arguments::add_to(CLI::App& command) {
    command.add_option("recording", paths,
                       "Folder of a recording (session.json, or positions.npy, times.npy, spikes*.npy, "
                       "head_direction.npy), or files of other programs (.csv, .npz, .h5, .nwb, .nc, .mat, films)");
    command.add_flag("--trust", files.trusted, "The recording may name files outside its folder")->group("Files");
    stated.add_to(command);
    command.add_option("--positions", files.positions, "Positions, .npy of shape (n, 2)")->group("Files");
    command.add_option("--times", files.times, "Times of the positions, .npy, seconds")->group("Files");
    command.add_option("--spikes", files.spikes, "Spike times, .npy, seconds; one file per cell")->group("Files");
    command.add_option("--head-direction", files.head_direction, "Head direction, .npy, radians")->group("Files");
    command.add_option("--heading-offset-rad", files.heading_offset_rad, "Added to the recorded head direction")
        ->group("Files");
    command
        .add_option("--field", files.field,
                    "Frames of a field, .npy of shape (frames, bins) or (frames, rows, columns)")
        ->group("Files");
    command.add_option("--frame-times", files.frame_times, "Times of the field's frames, .npy, seconds")
        ->group("Files");
    command.add_option("--field-order", order, "Order of a frame's values: active, xy or yx")->group("Files");
    command.add_flag("--flip-y", files.flip_y, "With --field-order yx: row 0 is at the largest y, as in pictures")
        ->group("Files");
    command.add_option("--field-kind", kind, "What the values are: rate, posterior, signed, image or other")
        ->group("Files");
    command
        .add_option("--file-access", access,
                    "How files are reached: automatic, map, or pread (safe when files are cut while open)")
        ->check(CLI::IsMember({"automatic", "map", "pread"}))
        ->group("Files");
}

bool recording_arguments::given() const {
    return !(paths.empty() && files.positions.empty() && files.times.empty() && files.spikes.empty() &&
             files.head_direction.empty() && files.field.empty());
}

namespace {

/// All words of a description: those that are names of files are among them.
void add_words(const nlohmann::json& from, std::vector<std::string>& to) {
    if (from.is_string()) {
        to.push_back(from.get<std::string>());
    } else if (from.is_structured()) {
        for (const nlohmann::json& part : from) {
            add_words(part, to);
        }
    }
}

} // namespace

namespace {

/// Whether a folder says what it holds: by a description, or by arrays with their usual names.
bool holds_recording(const std::string& folder) {
    namespace fs = std::filesystem;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
        const std::string name = entry.path().filename().string();
        if (name == "session.json" || name == "positions.npy" ||
            (name.starts_with("spikes") && name.ends_with(".npy"))) {
            return true;
        }
    }
    return false;
}

} // namespace

bool recording_arguments::reads(const std::string& path) const {
    namespace fs = std::filesystem;
    std::error_code none;
    std::vector<std::string> all = {files.positions, files.times, files.head_direction, files.field, files.frame_times};
    all.insert(all.end(), files.spikes.begin(), files.spikes.end());
    all.insert(all.end(), paths.begin(), paths.end());
    if (paths.size() == 1 && fs::is_directory(paths[0], none)) {
        const fs::path folder = paths[0];
        const fs::path description = folder / "session.json";
        all.push_back(description.string());
        std::ifstream in(description);
        std::vector<std::string> words;
        if (const auto parsed = nlohmann::json::parse(in, nullptr, false); !parsed.is_discarded()) {
            add_words(parsed, words);
        }
        for (const std::string& word : words) {
            if (word.find('\0') == std::string::npos) {
                all.push_back((folder / word).string());
            }
        }
        const bool described = holds_recording(paths[0]);
        for (const auto& beside : fs::directory_iterator(folder, none)) {
            if (!described || beside.path().extension() == ".npy") { // without a description any of them may be read
                all.push_back(beside.path().string());
            }
        }
    }
    return std::any_of(all.begin(), all.end(), [&](const std::string& file) {
        std::error_code other;
        return !file.empty() && fs::is_regular_file(file, other) && fs::equivalent(file, path, other);
    });
}

std::string recording_arguments::words() const {
    std::string out;
    for (const std::string& path : paths) {
        out += (out.empty() ? "" : ", ") + path;
    }
    return out;
}

fieldreel::session recording_arguments::open() {
    std::vector<std::string> warnings;
    files.openers = file_openers();
    std::error_code none;
    if (paths.size() == 1 && std::filesystem::path(paths[0]).filename() == "session.json") {
        paths[0] = std::filesystem::absolute(paths[0], none).parent_path().string();
    }
    const bool folder = paths.size() == 1 && std::filesystem::is_directory(paths[0], none);
    const bool described = folder && (holds_recording(paths[0]) || !files.positions.empty() || !files.times.empty() ||
                                      !files.field.empty());
    if (paths.size() == 1 && (described || !std::filesystem::exists(paths[0], none))) {
        files.folder = paths[0];
    } else if (!paths.empty()) {
        const std::vector<std::string> found = folder ? files_to_show(paths[0]) : std::vector<std::string>();
        stated.trusted = files.trusted;
        take_imported(files, found.empty() ? paths : found, stated, warnings);
    }
    if (!order.empty()) {
        files.order = fieldreel::field_order_named(order);
    }
    if (!kind.empty()) {
        files.kind = fieldreel::field_kind_named(kind);
    }
    files.access = access == "map"     ? fieldreel::access::map
                   : access == "pread" ? fieldreel::access::pread
                                       : fieldreel::access::automatic;
    fieldreel::session out = fieldreel::open_session(files);
    out.warnings.insert(out.warnings.begin(), warnings.begin(), warnings.end());
    return out;
}

fieldreel::session simulated_session(std::size_t frames, std::uint64_t seed, std::optional<double> bin_size) {
    fieldreel::simulation_options options;
    options.frames = frames;
    options.seed = seed;
    options.pose = false;
    options.bin_size = bin_size.value_or(options.bin_size);
    fieldreel::simulated_recording made = fieldreel::simulate(options);
    fieldreel::session out;
    out.name = "simulated";
    out.units = "cm";
    out.simulated = true;
    out.times = fieldreel::sample_times(std::move(made.times));
    out.positions = fieldreel::samples(std::move(made.positions), 2);
    out.head_direction = fieldreel::samples(std::move(made.head_direction));
    for (std::size_t c = 0; c < made.cells.size(); ++c) {
        out.spikes.push_back({made.cells[c].name, fieldreel::samples(std::move(made.spikes[c]))});
    }
    fieldreel::session_field posterior{"posterior", made.posterior};
    posterior.order = fieldreel::field_order::active;
    posterior.kind = fieldreel::field_kind::posterior;
    posterior.space = made.posterior.space();
    out.fields.push_back(std::move(posterior));
    return out;
}

fieldreel::session_playback playback_of(const fieldreel::session& session, const fieldreel::session_options& options) {
    return fieldreel::make_playback(session, options);
}

std::vector<fieldreel::overlay_report> overlays_in(const fieldreel::session& session,
                                                   const fieldreel::session_playback& made) {
    return fieldreel::examine_overlays(session, made);
}

std::vector<fieldreel::named_intervals> intervals_in(const fieldreel::session& session) {
    return fieldreel::intervals_of(session);
}
