// SPDX-License-Identifier: MIT
// The recording a command works on: named on the command line, or simulated. What is expensive to compile about
// sessions is compiled in recording.cpp alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fieldreel/session/session_content.hpp>
#include <fieldreel/session/session_options.hpp>
#include <fieldreel/session/time_selection.hpp>

#include "import_files.hpp"

namespace CLI {
class App;
}

/// The options that name a recording's folder and files, the same for every command.
struct recording_arguments {
    std::vector<std::string> paths; ///< a folder, or files of other programs
    fieldreel::session_files files;
    import_arguments stated;
    std::string order;
    std::string kind;
    std::string access = "automatic";
    void add_to(CLI::App& command);
    /// False when neither a folder nor a file was named.
    bool given() const;
    /// Whether a file that exists is one of the recording's: given by an option, named in session.json, that itself, or
    /// an array beside it. Nothing may be written over it.
    bool reads(const std::string& path) const;
    /// The folder or files, for titles; empty when none was named.
    std::string words() const;
    /// Opens the recording. Errors: those of open_session.
    fieldreel::session open();
};

/// A recording that exists only in memory, its posterior decoded when a frame is asked for.
fieldreel::session simulated_session(std::size_t frames, std::uint64_t seed, std::optional<double> bin_size);

/// make_playback, compiled once.
fieldreel::session_playback playback_of(const fieldreel::session& session,
                                        const fieldreel::session_options& options = {});

/// examine_overlays and intervals_of, compiled once.
std::vector<fieldreel::overlay_report> overlays_in(const fieldreel::session& session,
                                                   const fieldreel::session_playback& made);
std::vector<fieldreel::named_intervals> intervals_in(const fieldreel::session& session);
