// SPDX-License-Identifier: MIT
// A tiling of hexagons, each made by itself as a user would: corners that are shared differ in their last bits.
#ifndef FIELDREEL_TESTS_SUPPORT_HEXAGONS_HPP
#define FIELDREEL_TESTS_SUPPORT_HEXAGONS_HPP

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include <fieldreel/frame.hpp>

namespace support {

/// Hexagons with corners up and down, `across` from side to side, whose centres lie in a box; columns fast.
inline std::vector<std::vector<fieldreel::point_xy>> hexagons(fieldreel::box_xy box, double across) {
    const double radius = across / std::sqrt(3.0);
    std::vector<std::vector<fieldreel::point_xy>> out;
    for (int row = 0; box.low.y + 1.5 * radius * row <= box.high.y; ++row) {
        const double y = box.low.y + 1.5 * radius * row;
        for (double x = box.low.x + (row % 2 == 0 ? 0 : across / 2); x <= box.high.x; x += across) {
            std::vector<fieldreel::point_xy> one;
            for (int corner = 0; corner < 6; ++corner) {
                const double angle = std::numbers::pi / 6 + std::numbers::pi / 3 * corner;
                one.push_back({x + radius * std::cos(angle), y + radius * std::sin(angle)});
            }
            out.push_back(one);
        }
    }
    return out;
}

} // namespace support

#endif
