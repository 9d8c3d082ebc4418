// SPDX-License-Identifier: MIT
// Frames that come from no file: one field shown many times, or a function of the frame number.
#ifndef FIELDREEL_SOURCE_GENERATE_HPP
#define FIELDREEL_SOURCE_GENERATE_HPP

#include <algorithm>
#include <concepts>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>

namespace fieldreel::inline v0 {

/// One field shown `frame_count` times, held once.
template <field_value T>
class tiled_field {
public:
    using value_type = T;
    static constexpr bool concurrent_read = true;

    tiled_field(std::vector<T> field, std::size_t frame_count)
        : field_(std::make_shared<const std::vector<T>>(std::move(field))), frame_count_(frame_count) {
        if (field_->empty()) {
            throw invalid_value("field", "tile was given a field without values; give one value per active bin");
        }
    }
    std::size_t frame_count() const noexcept { return frame_count_; }
    std::size_t frame_size() const noexcept { return field_->size(); }
    std::span<const T> view(std::size_t) const noexcept { return *field_; }
    void read(std::size_t first, std::span<T> out) const {
        const std::size_t frames = detail::check_read(*this, first, out.size());
        for (std::size_t k = 0; k < frames; ++k) {
            std::copy(field_->begin(), field_->end(), out.begin() + static_cast<std::ptrdiff_t>(k * field_->size()));
        }
    }

private:
    std::shared_ptr<const std::vector<T>> field_;
    std::size_t frame_count_;
};

/// See tiled_field: a place field under a moving animal. Cost: the field is moved, nothing is repeated in memory.
template <field_value T>
tiled_field<T> tile(std::vector<T> field, std::size_t frame_count) {
    return tiled_field<T>(std::move(field), frame_count);
}

/// Frames computed when they are asked for: `function(i, std::span<T> out)` fills frame i and must give the same for
/// the same i.
template <field_value T, class Function>
class generated_frames {
public:
    using value_type = T;

    generated_frames(std::size_t frame_count, std::size_t frame_size, Function function)
        : function_(std::make_shared<const Function>(std::move(function))),
          frame_count_(frame_count),
          frame_size_(frame_size) {
        if (frame_size == 0) {
            throw invalid_value("frame_size",
                                "generate was asked for frames of 0 values; give one value per active bin");
        }
    }
    std::size_t frame_count() const noexcept { return frame_count_; }
    std::size_t frame_size() const noexcept { return frame_size_; }
    void read(std::size_t first, std::span<T> out) const {
        const std::size_t frames = detail::check_read(*this, first, out.size());
        for (std::size_t k = 0; k < frames; ++k) {
            (*function_)(first + k, out.subspan(k * frame_size_, frame_size_));
        }
    }

private:
    std::shared_ptr<const Function> function_;
    std::size_t frame_count_;
    std::size_t frame_size_;
};

/// See generated_frames. The function is called by one thread at a time.
template <field_value T, class Function>
requires std::invocable<const Function&, std::size_t, std::span<T>> generated_frames<T, Function>
generate(std::size_t frame_count, std::size_t frame_size, Function function) {
    return generated_frames<T, Function>(frame_count, frame_size, std::move(function));
}

} // namespace fieldreel::inline v0

#endif
