// SPDX-License-Identifier: MIT
// What a profile comes to: at most three plain sentences, each with what can be done.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "stutter.hpp"

/// What the sentences are made from.
struct conclusion_facts {
    conclusion_facts(const stutter_facts& found, std::size_t steps_played) : stutter(found), steps(steps_played) {}
    const stutter_facts& stutter;
    std::size_t steps;
    bool cached = false;
    std::size_t prefetch_threads = 0;
    double sustainable_frames_per_s = 0; ///< of the cache; 0: not known, or whatever one likes
    std::string slowest_overlay;         ///< by itself; empty: none
    std::string memory;                  ///< "no leak", "too few steps", or anything else for growth
};

/// One line about the program, one about the data, one about memory. Every option named in them is one of `profile`.
std::vector<std::string> conclusion_of(const conclusion_facts& facts);
