// SPDX-License-Identifier: MIT
// fieldreel profile: plays a recording and says what each step cost, in time and memory; compares two such reports.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "profile_arguments.hpp"
#include "profile_compare.hpp"
#include "profile_run.hpp"
#include "profile_window.hpp"

void add_profile(CLI::App& app, int& result) {
    auto given = std::make_shared<profile_arguments>();
    CLI::App* command =
        app.add_subcommand("profile", "Play a recording and report what each step costs in time and memory");
    given->add_to(*command);

    auto reports = std::make_shared<compare_arguments>();
    CLI::App* compare = command->add_subcommand(
        "compare", "What got worse from one report to another (a folder of this name: ./compare)");
    reports->add_to(*compare);

    command->callback([given, reports, command, compare, &result] {
        if (command->got_subcommand(compare)) {
            result = compare_reports(*reports);
            return;
        }
        given->check();
        result = given->mode == "interactive" ? profile_window(*given) : run_profile(*given);
    });
}
