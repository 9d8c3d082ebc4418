// SPDX-License-Identifier: MIT
// The film part of `fieldreel export`, and `fieldreel join`.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}
struct part_arguments;
struct picture_arguments;
namespace fieldreel::inline v0 {
struct time_range;
}

/// What is asked of a film beside what is asked of every picture.
struct film_arguments {
    static constexpr const char* group = "Film";
    double fps = 30;
    std::string codec;
    std::optional<double> crf;
    std::optional<double> bitrate_kbps;
    std::string preset;
    double segment_s = 10;
    double keyframe_s = 2;
    int encoder_threads = 1;
    std::size_t workers = 0;
    std::string shard;
    bool resume = false;
    bool dry_run = false;
    void add_to(CLI::App& command);
};

/// Whether the name ends like that of a film: .mp4, .mkv or .webm, or is no picture at all and is refused as a film.
bool is_film(const std::string& path);
/// Makes a film of a range at the view's speed, drawn as the arguments' view says, and says what it made; nothing when
/// `progress(part)` said false. Errors: those of export_video.
std::string export_view(const picture_arguments& pictures, const fieldreel::time_range& range, const std::string& path,
                        const std::function<bool(double)>& progress);
/// Makes the film; `command` tells which options were given. Gives the exit code.
int export_film(const film_arguments& film, const part_arguments& part, const picture_arguments& pictures,
                const std::string& path, bool force, const CLI::App& command);
