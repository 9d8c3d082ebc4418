// SPDX-License-Identifier: MIT
// fieldreel field DIR: the place field of a cell, as files that any program reads.
#include <cmath>
#include <cstdarg>
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

#include "commands.hpp"
#include "recording.hpp"

namespace {

using fieldreel::place_field_method;

struct arguments {
    recording_arguments recording;
    std::string cell;
    std::string method = "diffusion_kde";
    std::optional<double> bin_size;
    std::optional<double> bandwidth;
    double min_occupancy_s = 0.1;
    double max_gap_s = 0.5;
    double min_speed = 0;
    std::string folder;
    bool force = false;
};

place_field_method method_named(const std::string& name) {
    return name == "binned"         ? place_field_method::binned
           : name == "gaussian_kde" ? place_field_method::gaussian_kde
                                    : place_field_method::diffusion_kde;
}

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

/// As printf would print it.
[[gnu::format(printf, 1, 2)]] std::string text_of(const char* format, ...) {
    char buffer[256];
    va_list rest;
    va_start(rest, format);
    std::vsnprintf(buffer, sizeof buffer, format, rest);
    va_end(rest);
    return buffer;
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

std::string cell_with_most_spikes(const fieldreel::session& session) {
    if (session.spikes.empty()) {
        throw fieldreel::data_error("the recording has no spikes; a place field needs spikes*.npy (--spikes)");
    }
    return fieldreel::detail::choose_cell(session.spikes, {}).name;
}

nlohmann::ordered_json discarded_json(const fieldreel::discarded_spikes& out) {
    return {{"outside_time", out.outside_time},   {"in_gap", out.in_gap},     {"lost_tracking", out.lost_tracking},
            {"outside_space", out.outside_space}, {"too_slow", out.too_slow}, {"nan_time", out.nan_time}};
}

int run(arguments& given) {
    if (given.bandwidth && std::isnan(*given.bandwidth)) { // which would mean the default
        throw fieldreel::invalid_value("bandwidth",
                                       "bandwidth is nan; it must be a positive number in the units of the "
                                       "positions; leave --bandwidth out for two bins");
    }
    const fieldreel::session session = given.recording.open();
    fieldreel::session_options options;
    options.cell = given.cell.empty() ? cell_with_most_spikes(session) : given.cell;
    options.bin_size = given.bin_size;
    options.place_field = {.method = method_named(given.method),
                           .bandwidth = given.bandwidth.value_or(std::numeric_limits<double>::quiet_NaN()),
                           .min_occupancy_s = given.min_occupancy_s,
                           .max_gap_s = given.max_gap_s,
                           .min_speed = given.min_speed};
    const fieldreel::session_playback made = playback_of(session, options);
    make_folder(given);
    const fieldreel::place_field_result& field = *made.place_field;
    for (const std::string& note : made.notes) {
        std::printf("note: %s\n", note.c_str());
    }
    if (field.bins_masked == space.bin_count()) {
        const fieldreel::time_account& time = field.time;
        std::printf("note: no bin has a value; of %.1f s %.1f s count (%.1f s in gaps, %.1f s without tracking, %.1f s "
                    "outside, %.1f s too slow), and a bin needs %.3g s\n",
                    time.total_s(), time.counted_s, time.in_gaps_s, time.lost_tracking_s, time.outside_space_s,
                    time.too_slow_s, given.min_occupancy_s);
    }

    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    const auto path = [&](const char* name) { return (std::filesystem::path(given.folder) / name).string(); };
    nlohmann::ordered_json bins; // how they lie
    std::string bins_in_words;
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
        bins = {{"space", "grid"}, {"bin_width_x", space->bin_width_x()}, {"bin_width_y", space->bin_width_y()}};
        bins_in_words =
            text_of("bins of %.3f x %.3f %s", space->bin_width_x(), space->bin_width_y(), session.units.c_str());
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
        bins = {{"space", "track"},
                {"longest_bin", track->longest_bin()},
                {"width", track->width()},
                {"linear_length", track->linear_length()}};
        bins_in_words = text_of("bins of at most %.3f %s along a track of %.1f %s", track->longest_bin(),
                                session.units.c_str(), track->linear_length(), session.units.c_str());
        files = "rate, occupancy, counts (one per bin), linear_edges (start and stop of each bin), linear_centers, "
                "centers";
    }
    nlohmann::ordered_json settings = {{"recording", session.name},
                                       {"cell", made.cell},
                                       {"units", session.units},
                                       {"method", given.method},
                                       {"bandwidth", made.bandwidth},
                                       {"min_occupancy_s", given.min_occupancy_s},
                                       {"max_gap_s", given.max_gap_s},
                                       {"min_speed", given.min_speed},
                                       {"peak_rate_hz", field.peak_rate},
                                       {"mean_rate_hz", field.mean_rate},
                                       {"bins", field.rate.size()},
                                       {"bins_masked", field.bins_masked},
                                       {"spikes_used", field.spikes_used},
                                       {"spikes_discarded", discarded_json(field.discarded)},
                                       {"seconds_counted", field.time.counted_s},
                                       {"seconds", field.time.total_s()},
                                       {"command", command_line}};
    settings.update(bins);
    std::ofstream out(path("settings.json"));
    if (!(out << settings.dump(2) << "\n").flush()) {
        throw fieldreel::file_error(given.folder,
                                    path("settings.json") + " cannot be written; check that the disk is not full");
    }

    std::printf("%s of %s: peak %.2f Hz, mean %.2f Hz (%s, bandwidth %.3g %s)\n", made.cell.c_str(),
                session.name.c_str(), field.peak_rate, field.mean_rate, given.method.c_str(), made.bandwidth,
                session.units.c_str());
    std::printf("%s; %zu of %zu have no value (under %.3g s)\n", bins_in_words.c_str(), field.bins_masked,
                field.rate.size(), given.min_occupancy_s);
    std::printf("%zu spikes used, %zu discarded", field.spikes_used, field.discarded.total());
    const nlohmann::ordered_json discarded = discarded_json(field.discarded);
    for (const auto& [reason, count] : discarded.items()) {
        if (count.get<std::size_t>() > 0) {
            std::printf(", %zu %s", count.get<std::size_t>(), reason.c_str());
        }
    }
    std::printf("; %.1f of %.1f s counted\n%s: %s, settings.json\n", field.time.counted_s, field.time.total_s(),
                given.folder.c_str(), files.c_str());
    return done;
}

} // namespace

void add_field(CLI::App& app, int& result) {
    auto given = std::make_shared<arguments>();
    CLI::App* command = app.add_subcommand("field", "Write the place field of a cell as .npy files");
    given->recording.add_to(*command);
    command->add_option("--cell", given->cell, "Name or number (default: the cell with most spikes)");
    command->add_option("--method", given->method, "binned, gaussian_kde (across walls) or diffusion_kde (around them)")
        ->check(CLI::IsMember({"binned", "gaussian_kde", "diffusion_kde"}))
        ->capture_default_str();
    command->add_option("--bin-size", given->bin_size,
                        "In the units of the positions (default: 1/25 of the longer side)");
    command->add_option("--bandwidth", given->bandwidth,
                        "Of the smoothing, in the units of the positions (default: two bins)");
    command->add_option("--min-occupancy-s", given->min_occupancy_s, "Bins with less time have no value")
        ->capture_default_str();
    command->add_option("--max-gap-s", given->max_gap_s, "Longer intervals between samples do not count")
        ->capture_default_str();
    command->add_option("--min-speed", given->min_speed, "Slower intervals do not count, units per second")
        ->capture_default_str();
    command->add_option("--out", given->folder, "Folder to write into")->required();
    command->add_flag("--force", given->force, "Write over files that are there");
    command->callback([given, &result] { result = run(*given); });
}
