// SPDX-License-Identifier: MIT
#include "view_recording.hpp"

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <utility>

#include <fieldreel/error.hpp>

#include "export_video.hpp"
#include "pictures.hpp"

namespace {

/// The same intervals in memory.
fieldreel::interval copy_of(const fieldreel::interval& from) {
    std::vector<fieldreel::interval_group> groups(from.groups().begin(), from.groups().end());
    for (fieldreel::interval_group& group : groups) {
        std::vector<double> rows;
        rows.reserve(2 * group.start_stop.size());
        for (std::size_t i = 0; i < group.start_stop.size(); ++i) {
            rows.push_back(group.start_stop(i, 0));
            rows.push_back(group.start_stop(i, 1));
        }
        group.start_stop = fieldreel::samples(std::move(rows), 2);
    }
    return fieldreel::interval(std::move(groups), from.options());
}

/// In memory: the window's thread looks them up, and must not wait for a disk.
std::vector<fieldreel::marked_track> tracks_of(const fieldreel::session& session, const std::string& cell) {
    std::vector<fieldreel::marked_track> out;
    for (const fieldreel::spike_train& train : session.spikes) {
        if (train.name == cell) {
            std::vector<double> times;
            times.reserve(train.times.size());
            for (std::size_t i = 0; i < train.times.size(); ++i) {
                if (std::isfinite(train.times[i])) {
                    times.push_back(train.times[i]);
                }
            }
            out.push_back({"spikes of " + cell, fieldreel::event_times::sorted(std::move(times))});
        }
    }
    for (const fieldreel::named_intervals& one : intervals_in(session)) {
        out.push_back({one.name, copy_of(one.intervals)});
    }
    return out;
}

} // namespace

viewed_recording open_to_view(const picture_arguments& arguments, bool say_notes) {
    picture_arguments given = arguments;
    drawn_recording from = open_to_draw(given, say_notes);
    viewed_recording out;
    out.folder = given.recording.paths.size() == 1 ? given.recording.paths.front() : std::string();
    for (const std::string& one : from.session.warnings) {
        out.notes += (out.notes.empty() ? "" : "\n") + one;
    }
    out.units = from.session.units;
    out.cell = from.made.cell;
    out.playback = std::move(from.made.playback);
    out.options = std::move(from.options);
    out.tracks = tracks_of(from.session, out.cell);
    out.cache = std::move(from.made.cache_statistics);
    out.cached_frames = std::move(from.made.cached_frames);
    if (!out.cell.empty()) {
        for (const fieldreel::spike_train& train : from.session.spikes) {
            out.cells.push_back(train.name);
        }
    }
    out.with_cell = [given](const std::string& cell) {
        picture_arguments other = given;
        other.cell = cell;
        return open_to_view(other, false);
    };
#ifdef FIELDREEL_PROGRAM_VIDEO
    out.film = [given](const fieldreel::view_state& view, fieldreel::time_range range, const std::string& path,
                       fieldreel::task_progress& progress) {
        picture_arguments how = given;
        how.view = view;
        if (!view.fields.empty() && !view.fields.front().cell.empty()) {
            how.cell = view.fields.front().cell;
        }
        return export_view(how, range, path, [&progress](double part) { return progress(part); });
    };
#endif
    return out;
}

std::shared_ptr<picture_arguments> arguments_for(const picture_arguments& like, const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code none;
    if (!fs::exists(path, none)) {
        throw fieldreel::file_error(path, path + " does not exist; give the folder of a recording, or its files");
    }
    fs::path named = path;
    if (named.filename() == "session.json") {
        named = named.has_parent_path() ? named.parent_path() : fs::path(".");
    }
    auto out = std::make_shared<picture_arguments>();
    out->recording.paths = {named.string()};
    out->recording.stated.assumed_fps = like.recording.stated.assumed_fps;
    out->recording.access = like.recording.access;
    out->font = like.font;
    out->size = like.size;
    out->latency_ms = like.latency_ms;
    return out;
}
