// SPDX-License-Identifier: MIT
// The least that each concept of source/frame_source.hpp asks for, one type each, and types that miss it by one thing.
#ifndef FIELDREEL_TESTS_SUPPORT_ARCHETYPES_HPP
#define FIELDREEL_TESTS_SUPPORT_ARCHETYPES_HPP

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>

namespace archetype {

/// Frame i is {100 i, 100 i + 1, ...}: any two values of a source differ.
template <class T>
T value_of(std::size_t frame, std::size_t place) {
    return static_cast<T>(100 * frame + place);
}

/// Exactly a frame_source.
template <class T>
struct basic_source {
    using value_type = T;
    std::size_t frames = 10;
    std::size_t size = 4;

    std::size_t frame_count() const { return frames; }
    std::size_t frame_size() const { return size; }
    void read(std::size_t first, std::span<T> out) const {
        const std::size_t count = fieldreel::detail::check_read(*this, first, out.size());
        for (std::size_t k = 0; k < count * size; ++k) {
            out[k] = value_of<T>(first + k / size, k % size);
        }
    }
};
using source = basic_source<float>;

/// Exactly a contiguous_frame_source.
struct contiguous_source : source {
    std::shared_ptr<const std::vector<float>> values = std::make_shared<const std::vector<float>>(40, 0.0F);
    std::span<const float> view(std::size_t i) const { return std::span(*values).subspan(i * size, size); }
};

/// Exactly a timed_source: frame i at 2 i seconds for 1.5 s, so that there is a gap after each frame.
struct timed_source : source {
    double time_s(std::size_t i) const { return 2.0 * static_cast<double>(i); }
    double duration_s(std::size_t) const { return 1.5; }
    std::optional<std::size_t> frame_at(double t) const {
        for (std::size_t i = 0; i < frames; ++i) {
            if (time_s(i) <= t && t < time_s(i) + duration_s(i)) {
                return i;
            }
        }
        return std::nullopt;
    }
};

/// Exactly an image_source.
struct image_source : source {
    fieldreel::image_shape image_shape() const { return {2, 2}; }
};

/// Exactly a frame_cursor; it never has a frame.
struct cursor {
    using value_type = float;
    std::span<const float> frame(std::size_t) { return {}; }
    std::optional<std::span<const float>> try_frame(std::size_t) { return std::nullopt; }
    std::optional<fieldreel::resident_frame<float>> nearest(std::size_t) { return std::nullopt; }
    fieldreel::shared_frame<float> share(std::size_t) { return {}; }
    void hint(const fieldreel::motion&) {}
};

// Near misses. Each is named by what is wrong with it.
struct source_without_value_type {
    std::size_t frame_count() const { return 1; }
    std::size_t frame_size() const { return 1; }
    void read(std::size_t, std::span<float>) const {}
};
struct source_without_count {
    using value_type = float;
    std::size_t frame_size() const { return 1; }
    void read(std::size_t, std::span<float>) const {}
};
struct source_without_size {
    using value_type = float;
    std::size_t frame_count() const { return 1; }
    void read(std::size_t, std::span<float>) const {}
};
struct source_whose_read_is_not_const {
    using value_type = float;
    std::size_t frame_count() const { return 1; }
    std::size_t frame_size() const { return 1; }
    void read(std::size_t, std::span<float>) {}
};
struct source_that_reads_another_type {
    using value_type = float;
    std::size_t frame_count() const { return 1; }
    std::size_t frame_size() const { return 1; }
    void read(std::size_t, std::span<double>) const {}
};
struct source_that_cannot_be_copied : source {
    std::unique_ptr<int> only_one;
};
struct contiguous_source_of_another_type : source {
    std::span<const double> view(std::size_t) const { return {}; }
};
struct timed_source_without_duration : source {
    double time_s(std::size_t) const { return 0; }
    std::optional<std::size_t> frame_at(double) const { return std::nullopt; }
};
struct timed_source_without_look_up : source {
    double time_s(std::size_t) const { return 0; }
    double duration_s(std::size_t) const { return 0; }
};
struct image_source_with_a_number_for_a_shape : source {
    std::size_t image_shape() const { return 4; }
};
struct cursor_that_always_blocks {
    using value_type = float;
    std::span<const float> frame(std::size_t) { return {}; }
    std::optional<fieldreel::resident_frame<float>> nearest(std::size_t) { return std::nullopt; }
    fieldreel::shared_frame<float> share(std::size_t) { return {}; }
    void hint(const fieldreel::motion&) {}
};
struct cursor_that_takes_no_hint {
    using value_type = float;
    std::span<const float> frame(std::size_t) { return {}; }
    std::optional<std::span<const float>> try_frame(std::size_t) { return std::nullopt; }
    std::optional<fieldreel::resident_frame<float>> nearest(std::size_t) { return std::nullopt; }
    fieldreel::shared_frame<float> share(std::size_t) { return {}; }
};
struct cursor_of_another_type {
    using value_type = float;
    std::span<const double> frame(std::size_t) { return {}; }
    std::optional<std::span<const float>> try_frame(std::size_t) { return std::nullopt; }
    std::optional<fieldreel::resident_frame<float>> nearest(std::size_t) { return std::nullopt; }
    fieldreel::shared_frame<float> share(std::size_t) { return {}; }
    void hint(const fieldreel::motion&) {}
};

} // namespace archetype

#endif
