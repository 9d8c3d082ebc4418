// SPDX-License-Identifier: MIT
// What `info` says about regions and about decoders with several states.
#pragma once

#include <string>
#include <vector>

#include <fieldreel/session/session_content.hpp>

struct info_line {
    std::string what;
    std::string text;
};

/// Seconds, share and visits of each region. Errors: those of use_of_regions.
std::vector<info_line> about_regions(const fieldreel::session& session);

/// Bins and mean probability of each state of a field; empty for a field without states. Reads every frame, with
/// progress; stops when interrupted.
std::vector<info_line> about_states(const fieldreel::session_field& field);
