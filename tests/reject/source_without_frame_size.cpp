// SPDX-License-Identifier: MIT
// A source must say how many values a frame has.
// reject: frame_size
#include <cstddef>
#include <span>

#include <fieldreel/source/frame_source.hpp>

struct zeros {
    using value_type = float;
    std::size_t frame_count() const { return 10; }
#ifndef FIELDREEL_REJECT
    std::size_t frame_size() const {
        return 4;
    }
#endif
    void read(std::size_t, std::span<float> out) const {
        for (float& value : out) {
            value = 0;
        }
    }
};

auto cursor = fieldreel::cursor_of(zeros{});
