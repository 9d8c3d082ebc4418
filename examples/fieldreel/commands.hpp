// SPDX-License-Identifier: MIT
// The subcommands of the program `fieldreel`.
#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include <fieldreel/session/session.hpp>

/// Exit codes of the program.
enum exit_code : int { done = 0, failed = 1, wrong_usage = 2, stopped = 130 };

/// Adds a subcommand to `app`; when it is chosen, `result` gets its exit code.
void add_simulate(CLI::App& app, int& result);
void add_info(CLI::App& app, int& result);
void add_profile(CLI::App& app, int& result);

/// The options that name a recording's folder and files, the same for every command.
struct recording_arguments {
    fieldreel::session_files files;
    std::string order;
    std::string kind;
    std::string access = "automatic";
    void add_to(CLI::App& command);
    /// Opens the recording. Errors: those of open_session.
    fieldreel::session open();
};

/// The command line, for reports.
extern std::string command_line;
