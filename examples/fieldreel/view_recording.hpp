// SPDX-License-Identifier: MIT
// A recording as the desktop viewer knows it. What is expensive to compile about sessions stays in view_recording.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fieldreel/cache/statistics.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/render/layout.hpp>
#include <fieldreel/window/background_task.hpp>
#include <fieldreel/window/marked_track.hpp>
#include <fieldreel/window/view_state.hpp>

struct picture_arguments;

struct viewed_recording {
    std::string folder; ///< or what else it was opened by, for titles and the list of recent ones
    std::string notes;  ///< what is doubtful about it, a line each
    std::string units;
    std::string cell; ///< the one whose field is shown; empty: the field was stored
    std::vector<std::string> cells;
    fieldreel::playback playback;
    fieldreel::render_options options;
    std::vector<fieldreel::marked_track> tracks;
    std::function<fieldreel::cache_statistics()> cache;                 ///< empty without one
    std::function<std::vector<fieldreel::frame_range>()> cached_frames; ///< empty without a cache
    /// The same recording with another cell, opened anew, so that another thread may have it.
    std::function<viewed_recording(const std::string& cell)> with_cell;
    /// Makes a film of a range as a view shows it, and says what it made; empty when it was broken off, and the
    /// function where films cannot be made. From any thread.
    std::function<std::string(const fieldreel::view_state&, fieldreel::time_range, const std::string& path,
                              fieldreel::task_progress&)>
        film;
};

/// Opens what the arguments name. Errors: those of open_to_draw.
viewed_recording open_to_view(const picture_arguments& given, bool say_notes);
/// The same arguments for another recording: a folder, a session.json, or a file of another program.
std::shared_ptr<picture_arguments> arguments_for(const picture_arguments& like, const std::string& path);
