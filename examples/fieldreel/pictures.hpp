// SPDX-License-Identifier: MIT
// How the program draws a recording, the same for pictures, films and windows: options, decorations, moments.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fieldreel/render/layout.hpp>
#include <fieldreel/session/session_options.hpp>
#include <fieldreel/window/view_state.hpp>

#include "place_field_options.hpp"
#include "recording.hpp"

namespace CLI {
class App;
}

struct picture_arguments {
    recording_arguments recording;
    place_field_arguments place_field;
    std::string cell;
    std::vector<std::string> beside;
    std::optional<double> bin_size;
    std::string font;
    std::string colormap;
    std::optional<double> vmin;
    std::optional<double> vmax;
    std::vector<std::string> overlays;
    std::string size;
    std::string style = "default";
    std::optional<double> width_mm;
    std::optional<double> height_mm;
    double dpi = 300;
    std::optional<fieldreel::view_state> view = {}; ///< what a window saved: how all is shown
    std::optional<double> target_hz;                ///< of the field, picked by time
    double latency_ms = 0; ///< a source that takes so long per read, with a cache before it: for trying things
    void add_to(CLI::App& command);
    /// Size and style. Errors: invalid_value.
    fieldreel::render_options look() const;
};

/// What of a recording is played, and how fast: of films and pages.
struct part_arguments {
    static constexpr const char* group = "Part";
    std::string range;
    double pad_s = 0;
    double speed = 1;
    void add_to(CLI::App& command);
    /// The whole recording, a view's in and out, or what the words name; says on stdout what was cut off, if wanted.
    /// Errors: those of select_times.
    fieldreel::time_range of(const fieldreel::playback& from, const picture_arguments& pictures, bool say_notes) const;
};
/// The first option of a group of a command's help that was given; empty without.
std::string option_given(const CLI::App& command, const char* group);

/// A recording that is ready to be drawn.
struct drawn_recording {
    fieldreel::session session;
    fieldreel::session_playback made;
    fieldreel::render_options options; ///< with title, note, units and what the colour bars mark
};

/// Opens the recording and adds what people want to see: the spikes of the shown cell where they were fired, the
/// animal's speed, the bar's words. Says the notes on stdout, if wanted.
drawn_recording open_to_draw(picture_arguments& given, bool say_notes = true);

/// Reads a saved view into the arguments; says on stdout what of it is not known. Errors: those of read_view.
void take_view(picture_arguments& to, const std::string& path);

/// "12.5", "12.5s", "1:02.5" or "1:00:00", in seconds. Errors: invalid_value.
double time_of(const std::string& words);

/// The time of a frame of the first field. Errors: frame_out_of_range.
double time_of_frame(const fieldreel::playback& from, std::size_t frame);
/// Errors: invalid_value for a time before or after the recording.
void check_time(const fieldreel::playback& from, double time_s);

/// Refuses to write over what is there, unless `force`, over a file that was given, always, and where there is no
/// folder. Errors: file_error.
void check_output(const std::string& path, const recording_arguments& inputs, bool force);
