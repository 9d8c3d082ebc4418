// SPDX-License-Identifier: MIT
// What a full look at the samples of an overlay finds, in words.
#ifndef FIELDREEL_SESSION_OVERLAY_FACTS_HPP
#define FIELDREEL_SESSION_OVERLAY_FACTS_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/overlay/affine.hpp>
#include <fieldreel/overlay/alignment_check.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

/// What a full look at an overlay's samples finds, for people.
struct overlay_facts {
    std::string counts;                ///< "24 keypoints at 1100 times, 4337 of 52800 missing"
    std::vector<std::string> problems; ///< one sentence each
};

namespace detail {

/// "3 of 400 without tracking".
inline std::string lost_of(const samples& positions) {
    std::size_t lost = 0;
    for (std::size_t i = 0; i < positions.size(); ++i) {
        lost += std::isfinite(positions(i, 0)) && std::isfinite(positions(i, positions.columns() - 1)) ? 0u : 1u;
    }
    return text(lost, " of ", positions.size());
}

/// Adds a sentence when angles can hardly be radians.
inline void examine_angles(const samples& angles, overlay_facts& out) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (std::size_t i = 0; i < angles.size(); ++i) {
        low = angles[i] < low ? angles[i] : low;
        high = angles[i] > high ? angles[i] : high;
    }
    if (high - low > 7) {
        out.problems.push_back(text("the angles span ", rounded(high - low),
                                    ", over 7 rad; are they in degrees? fieldreel reads radians"));
    }
}

/// Adds what is wrong with times that nobody has read so far.
template <class Times>
void examine_times(const Times& times, overlay_facts& out) {
    try {
        if constexpr (requires { times.first_not_increasing(); }) {
            if (const auto wrong = times.first_not_increasing()) {
                times.throw_not_increasing(*wrong);
            }
        } else if (const auto wrong = times.first_wrong()) {
            times.throw_wrong(*wrong);
        }
    } catch (const error& problem) {
        out.problems.emplace_back(problem.what());
    }
}

inline void warn_outside(const any_space& space, const std::string& who, const samples& positions, overlay_facts& out,
                         const affine_xy& to_environment = {}) {
    if (space) {
        if (auto warning = outside_space_warning(who, positions, space.bounds(), to_environment)) {
            out.problems.push_back(std::move(*warning));
        }
    }
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
