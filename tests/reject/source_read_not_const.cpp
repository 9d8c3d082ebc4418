// SPDX-License-Identifier: MIT
// Reading a source must not change it: cursors and threads share it through const references.
// reject: source\.read\(first, out\)
#include <cstddef>
#include <span>

#include <fieldreel/source/frame_source.hpp>

struct zeros {
    using value_type = float;
    std::size_t frame_count() const { return 10; }
    std::size_t frame_size() const { return 4; }
#ifdef FIELDREEL_REJECT
    void read(std::size_t, std::span<float> out) {
        out[0] = 0;
    }
#else
    void read(std::size_t, std::span<float> out) const {
        out[0] = 0;
    }
#endif
};

auto cursor = fieldreel::cursor_of(zeros{});
