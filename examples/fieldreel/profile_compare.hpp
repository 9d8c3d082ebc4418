// SPDX-License-Identifier: MIT
// `fieldreel profile compare`: what got worse from one report of a profile to another.
#pragma once

#include <string>

namespace CLI {
class App;
}

struct compare_arguments {
    std::string before;
    std::string after;
    double threshold = 1.3;
    void add_to(CLI::App& command);
};

/// Prints every number that both reports have, and which are clearly worse. Returns the program's exit code: `failed`
/// when something is. Errors: file_error for what is no such report.
int compare_reports(const compare_arguments& given);
