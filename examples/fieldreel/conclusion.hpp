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
    bool one_reader = false;             ///< reads of the source take turns
    double chunk_read_s = 0;             ///< of the cache; 0: not known
    std::size_t chunk_frames = 0;        ///< of the cache; 0: not known
    double frames_per_s = 0;             ///< of the field, that playing needs; 0: not known
    std::string slowest_overlay;         ///< by itself; empty: none
    std::string memory;                  ///< the verdict on growth: "no leak", "too few steps", "leak", "suspicious"
    double mib_per_1000_steps = 0;
    std::string play_more_with = "--playback-frames"; ///< the option that makes a run longer
    double step_ms_p99 = 0;
    std::string stage; ///< the only one that was timed; empty: all
    std::string error; ///< that ended a soak; empty: none did
};

/// One line about the program, one about the data, one about memory. Every option named in them is one of `profile`.
std::vector<std::string> conclusion_of(const conclusion_facts& facts);
