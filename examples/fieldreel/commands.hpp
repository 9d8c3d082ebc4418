// SPDX-License-Identifier: MIT
// The subcommands of the program `fieldreel`.
#pragma once

#include <string>

namespace CLI {
class App;
}

/// Exit codes of the program.
enum exit_code : int { done = 0, failed = 1, wrong_usage = 2, stopped = 130 };

/// Adds a subcommand to `app`; when it is chosen, `result` gets its exit code.
void add_simulate(CLI::App& app, int& result);
void add_info(CLI::App& app, int& result);
void add_field(CLI::App& app, int& result);
void add_profile(CLI::App& app, int& result);
void add_export(CLI::App& app, int& result);
void add_trace(CLI::App& app, int& result);
void add_view(CLI::App& app, int& result);
void add_import(CLI::App& app, int& result);
void add_join(CLI::App& app, int& result); ///< adds nothing where films cannot be made

/// The command line, for reports.
extern std::string command_line;
