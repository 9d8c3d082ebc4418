// SPDX-License-Identifier: MIT
// Recordings written by hand: a folder of .npy files, and an L-shaped field on a square grid with one hot bin.
#ifndef FIELDREEL_TESTS_SUPPORT_RECORDING_FOLDER_HPP
#define FIELDREEL_TESTS_SUPPORT_RECORDING_FOLDER_HPP

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fieldreel/source/npy.hpp>

#include "support/temporary_directory.hpp"

namespace support {

class recording_folder : public temporary_directory {
public:
    template <class T>
    std::string npy(std::string_view name, const std::vector<T>& values,
                    std::vector<std::size_t> row_shape = {}) const {
        fieldreel::write_npy<T>(file(name), values, std::move(row_shape));
        return file(name);
    }
    /// times.npy and positions.npy: a walk through an arena of 40 x 40, `count` samples of 0.1 s.
    void walk(std::size_t count = 400, double start_s = 0, double step_s = 0.1) const {
        std::vector<double> times;
        std::vector<double> positions;
        for (std::size_t i = 0; i < count; ++i) {
            const double phase = static_cast<double>(i);
            times.push_back(start_s + step_s * phase);
            positions.push_back(20 + 20 * std::sin(phase * 0.11));
            positions.push_back(20 + 20 * std::cos(phase * 0.07));
        }
        npy("times.npy", times);
        npy("positions.npy", positions, {2});
    }
};

/// A grid of 4 x 4 bins of 10 without its upper right quarter: 12 active bins. The hot bin is the cell (3, 1), around
/// (35, 15). All numbers here are counted by hand, not with the library.
struct hot_l_shape {
    static constexpr double x = 35, y = 15;
    static constexpr std::size_t row = 2, col = 3; // on the display
    static constexpr std::size_t in_active = 11, in_xy = 13, in_yx = 7, in_flipped = 11;
    static constexpr const char* grid_json = R"({"edges_x": [0, 10, 20, 30, 40], "edges_y": [0, 10, 20, 30, 40],
        "mask": [1, 1, 1, 1,  1, 1, 1, 1,  1, 1, 0, 0,  1, 1, 0, 0]})";

    /// Two frames in `order` (active, xy, yx, flipped): one hot bin; then every value the number of its cell, 4 ix +
    /// iy.
    static std::vector<float> frames(const std::string& order) {
        const bool active = order == "active";
        const std::size_t size = active ? 12 : 16;
        std::vector<float> out(2 * size, 0.0F);
        out[active ? in_active : order == "xy" ? in_xy : order == "yx" ? in_yx : in_flipped] = 1;
        std::size_t next = size;
        for (std::size_t slow = 0; slow < 4; ++slow) {
            for (std::size_t fast = 0; fast < 4; ++fast) {
                const std::size_t ix = active || order == "xy" ? slow : fast;
                const std::size_t iy = active || order == "xy" ? fast : order == "yx" ? slow : 3 - slow;
                if (!active || ix < 2 || iy < 2) {
                    out[next++] = static_cast<float>(4 * ix + iy);
                }
            }
        }
        return out;
    }
};

} // namespace support

#endif
