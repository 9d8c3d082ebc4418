// SPDX-License-Identifier: MIT
// A pose as arrays of all frames at once, for hosts that want them so; each frame's rows are a slice.
#include <iostream>
#include <limits>
#include <vector>

#include <fieldreel/overlay/arrays.hpp>

int main() {
    namespace fr = fieldreel;
    constexpr std::size_t frames = 100;
    std::vector<double> nose;
    std::vector<double> tail;
    for (std::size_t i = 0; i < frames; ++i) {
        const auto x = static_cast<double>(i);
        const bool lost = i == 7;
        nose.insert(nose.end(), {lost ? std::numeric_limits<double>::quiet_NaN() : x + 4, 10});
        tail.insert(tail.end(), {x, 10});
    }
    const fr::skeleton bones({"nose", "tail"}, std::vector<fr::named_edge>{{"tail", "nose"}});
    // Rows count from the top of an arena of 60 units, columns from its left, one per unit.
    const fr::display_map map{.row0 = 60, .row_per_y = -1};

    const auto vectors = fr::skeleton_vectors<float>({fr::samples(nose, 2), fr::samples(tail, 2)}, bones, map);
    std::cout << vectors.rows.shape(0) << " vectors of (2, 3) numbers\n"; // frame 7 has none: its nose is lost
    for (const std::size_t frame : {6U, 7U, 8U}) {
        std::cout << "frame " << frame << ":";
        for (const float number : vectors.of_frame(frame)) { // [frame, row, col], [0, d_row, d_col]
            std::cout << ' ' << number;
        }
        std::cout << '\n';
    }
    return vectors.rows.shape(0) == frames - 1 && vectors.row_count(7) == 0 && vectors.of_frame(8)[5] == 4 ? 0 : 1;
}
