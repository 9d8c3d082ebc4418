// SPDX-License-Identifier: MIT
// Poses as trackers write them: for each animal a table of its keypoints.
#ifndef FIELDREEL_IMPORT_POSE_TRACKS_HPP
#define FIELDREEL_IMPORT_POSE_TRACKS_HPP

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace fieldreel::inline v0 {

/// One animal. Units: pixels of the film, x to the right, y down. NaN: not found.
struct pose_track {
    std::string name = {};
    std::vector<std::string> keypoints = {};
    /// Shape: frames x keypoints x (x, y, likelihood); without likelihoods NaN stands there.
    std::vector<double> values = {};
    bool has_likelihood = false;

    std::size_t frames() const noexcept { return keypoints.empty() ? 0 : values.size() / (3 * keypoints.size()); }
    /// Points without a place.
    std::size_t missing() const noexcept {
        std::size_t out = 0;
        for (std::size_t i = 0; i + 2 < values.size(); i += 3) {
            out += values[i] == values[i] && values[i + 1] == values[i + 1] ? 0u : 1u;
        }
        return out;
    }
};

/// What a tracker's file holds.
struct pose_tracks {
    std::vector<pose_track> animals = {};
    std::vector<std::pair<std::string, std::string>> edges = {}; ///< of the skeleton, by the names of keypoints
    std::vector<double> times_s = {};                            ///< one per frame; empty: the file does not say
    std::vector<std::string> warnings = {};

    std::size_t frames() const noexcept { return animals.empty() ? 0 : animals.front().frames(); }
};

} // namespace fieldreel::inline v0

#endif
