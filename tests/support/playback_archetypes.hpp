// SPDX-License-Identifier: MIT
// For each concept above the sources, a type that meets it and nothing more, and near misses that do not.
#ifndef FIELDREEL_TESTS_SUPPORT_PLAYBACK_ARCHETYPES_HPP
#define FIELDREEL_TESTS_SUPPORT_PLAYBACK_ARCHETYPES_HPP

#include <cstddef>
#include <memory>
#include <optional>

#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/viewer/scene.hpp>

namespace support {

// ---- space ----------------------------------------------------------------------------------------------------------
struct minimal_space {
    std::size_t bin_count() const { return 1; }
    std::optional<std::size_t> bin_at(double x, double y) const {
        return x >= 0 && x < 1 && y >= 0 && y < 1 ? std::optional<std::size_t>(0) : std::nullopt;
    }
    fieldreel::box_xy bounds() const { return {{0, 0}, {1, 1}}; }
    fieldreel::point_xy center(std::size_t) const { return {0.5, 0.5}; }
};

struct space_without_bounds {
    std::size_t bin_count() const { return 1; }
    std::optional<std::size_t> bin_at(double, double) const { return 0; }
    fieldreel::point_xy center(std::size_t) const { return {}; }
};

struct space_whose_bin_at_gives_minus_one : minimal_space {
    std::ptrdiff_t bin_at(double, double) const { return -1; }
};

struct space_that_cannot_be_copied : minimal_space {
    space_that_cannot_be_copied(const space_that_cannot_be_copied&) = delete;
};

// ---- overlay --------------------------------------------------------------------------------------------------------
struct minimal_overlay {
    void build(const fieldreel::moment&, fieldreel::canvas&) const {}
};

struct overlay_whose_build_is_not_const {
    void build(const fieldreel::moment&, fieldreel::canvas&) {}
};

struct overlay_that_returns_a_canvas {
    fieldreel::canvas build(const fieldreel::moment&) const { return {}; }
};

struct overlay_that_cannot_be_copied {
    std::unique_ptr<int> mine;
    void build(const fieldreel::moment&, fieldreel::canvas&) const {}
};

// ---- viewer ---------------------------------------------------------------------------------------------------------
struct minimal_viewer {
    void present(const fieldreel::scene&) {}
};

struct viewer_without_present {
    void show(const fieldreel::scene&) {}
};

struct viewer_that_changes_the_scene {
    void present(fieldreel::scene&) {}
};

struct viewer_that_takes_the_scene {
    void present(fieldreel::scene&&) {}
};

struct viewer_that_takes_a_scene_by_value {
    void present(fieldreel::scene) {}
};

// ---- time source ----------------------------------------------------------------------------------------------------
struct minimal_time_source {
    double now_s() { return 0; }
    void wait_until(double) {}
};

struct time_source_that_cannot_wait {
    double now_s() { return 0; }
};

struct time_source_of_words {
    const char* now_s() { return "noon"; }
    void wait_until(double) {}
};

} // namespace support

#endif
