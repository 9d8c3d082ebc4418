// SPDX-License-Identifier: MIT
// How the program makes a place field, the same for every command: its options, their defaults, and what is said of the
// result.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include <fieldreel/session/session_content.hpp>
#include <fieldreel/session/session_options.hpp>

namespace CLI {
class App;
}

/// The program's defaults; the library's own are those of place_field_options.
struct place_field_arguments {
    std::string method = "diffusion_kde";
    std::optional<double> bandwidth = {}; ///< unset: two bins
    double min_occupancy_s = 0.1;
    double max_gap_s = 0.5;
    double min_speed = 0;
    bool drop_interpolated = false;
    void add_to(CLI::App& command);
    /// Errors: invalid_value for a bandwidth of NaN.
    void put_into(fieldreel::session_options& options) const;
};

/// What a place field was made with, and what came out: for files. `made` must have one.
nlohmann::ordered_json place_field_json(const fieldreel::session& session, const fieldreel::session_playback& made,
                                        const fieldreel::session_options& options);
/// The same in sentences, one a line.
std::string place_field_words(const fieldreel::session& session, const fieldreel::session_playback& made,
                              const fieldreel::session_options& options);
