// SPDX-License-Identifier: MIT
// A place that may move: a fixed point, an animal's position, or one of its keypoints.
#ifndef FIELDREEL_OVERLAY_ANCHOR_HPP
#define FIELDREEL_OVERLAY_ANCHOR_HPP

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/overlay/pose.hpp>

namespace fieldreel::inline v0 {

/// Where an arrow starts or ends: whatever the place is, it is asked for by time. A handle.
class anchor {
public:
    anchor(point_xy fixed) noexcept : fixed_(fixed) {}
    anchor(trajectory path) : path_(std::move(path)) {}
    /// A keypoint by name. Errors: invalid_value for a name that is not there; it tells the nearest.
    anchor(pose animal, std::string_view keypoint) : keypoint_(animal.index_of(keypoint)), pose_(std::move(animal)) {}

    /// In the environment; NaN where it is not known: outside the samples, in gaps, where tracking is lost.
    /// Cost: O(log samples).
    point_xy at(double time_s) const {
        return pose_ ? pose_->at(keypoint_, time_s) : path_ ? path_->at(time_s) : fixed_;
    }

    /// Which of the three it is: the path, or the animal with the number of its keypoint, or else the fixed place.
    const std::optional<trajectory>& path() const noexcept { return path_; }
    const std::optional<pose>& animal() const noexcept { return pose_; }
    std::size_t keypoint() const noexcept { return keypoint_; }
    point_xy fixed() const noexcept { return fixed_; }

private:
    point_xy fixed_ = {};
    std::size_t keypoint_ = 0;
    std::optional<trajectory> path_ = {};
    std::optional<pose> pose_ = {};
};

} // namespace fieldreel::inline v0

#endif
