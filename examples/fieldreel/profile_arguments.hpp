// SPDX-License-Identifier: MIT
// What `fieldreel profile` was asked for, and which wishes go together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fieldreel/session/session_options.hpp>
#include <fieldreel/trace/recorder.hpp>

#include "place_field_options.hpp"
#include "recording.hpp"

struct profile_arguments {
    recording_arguments recording;
    bool simulate = false;
    fieldreel::session_options show;
    place_field_arguments place_field;
    std::vector<std::string> overlays;
    std::string range;
    double pad_s = 0;
    std::string color_scale = "linear";
    double gamma = 0.5;

    std::string mode = "headless"; ///< headless, play, table, memory or soak
    std::string stage;             ///< read, overlay, paint, present; empty: all of a step
    bool live = false;
    std::optional<std::size_t> steps;  ///< unset: as the mode has it
    std::optional<std::string> access; ///< unset: sequential
    std::optional<double> minutes;     ///< of a soak
    double steps_per_s = 0;            ///< 0: as many as possible
    double fps = 30;                   ///< scenes per second: of the mode play, and by which stutter is told
    double speed = 1;                  ///< seconds of the recording per second
    std::optional<double> seconds;     ///< of the mode play
    bool cold = false;                 ///< play twice, first with the files dropped from memory
    std::uint64_t seed = 1;

    fieldreel::cache_options cache;
    std::string policy = "playhead";
    double latency_ms = 0;

    std::string trace_path;
    fieldreel::trace::file_window trace_window;
    std::optional<double> trace_buffer_mib;
    std::string table_path;
    std::string report_path;

    void add_to(CLI::App& command);
    /// Errors: CLI::ValidationError, with a sentence, for wishes that do not go together.
    void check() const;

    bool soak() const { return mode == "soak"; }
    bool by_clock() const { return mode == "play"; }
    /// Whether all of each step is noted, of a number of steps that is known before: notes take memory.
    bool tells_stutter() const { return !counts_memory() && stage.empty(); }
    bool counts_memory() const { return mode == "memory" || mode == "soak"; }
    bool wants_cache() const {
        return cache.chunk_size || cache.max_chunks || cache.max_bytes || cache.prefetch_threads || simulate ||
               latency_ms > 0;
    }
    std::size_t steps_to_play() const {
        const double due = seconds.value_or(30) * fps;
        return by_clock() ? static_cast<std::size_t>((std::max)(1.0, due + 0.5))
                          : steps.value_or(mode == "memory" ? 10000 : 1000);
    }
    /// The order of frames, for reports too.
    std::string order() const { return soak() ? "soak" : access.value_or("sequential"); }
};
