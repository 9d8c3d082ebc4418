// SPDX-License-Identifier: MIT
// Any bytes are poses, with every keypoint in every frame, or an error of ours.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include <fieldreel/import/deeplabcut.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto* const first = reinterpret_cast<const std::byte*>(data);
    const auto file =
        std::make_shared<const fieldreel::read_only_file>("f.csv", std::vector<std::byte>(first, first + size));
    try {
        const fieldreel::pose_tracks poses = fieldreel::read_deeplabcut_csv(file);
        for (const fieldreel::pose_track& one : poses.animals) {
            if (one.values.size() != poses.frames() * one.keypoints.size() * 3) {
                std::abort();
            }
        }
    } catch (const fieldreel::error&) {
    }
    return 0;
}
