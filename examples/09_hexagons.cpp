// SPDX-License-Identifier: MIT
// Bins of your own shape: hexagons as polygons, and a place field over them.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <vector>

#include <fieldreel/fieldreel.hpp>

int main() {
    namespace fr = fieldreel;
    // Hexagons of 6 cm across that cover a box of 60 x 60 cm; cells that share a side become neighbours.
    const double side = 6 / std::sqrt(3.0);
    std::vector<std::vector<fr::point_xy>> shapes;
    for (int row = 0; row * 1.5 * side < 60; ++row) {
        for (int column = 0; column < 10; ++column) {
            std::vector<fr::point_xy> corners;
            for (int k = 0; k < 6; ++k) {
                const double angle = (k + 0.5) * 3.14159265358979 / 3;
                corners.push_back(
                    {6.0 * column + 3 * (row % 2) + side * std::cos(angle), row * 1.5 * side + side * std::sin(angle)});
            }
            shapes.push_back(corners);
        }
    }
    const fr::cells bins(shapes);

    // Five minutes at 50 Hz; the cell fires at each sample within 8 cm of (40, 20).
    std::vector<double> positions;
    std::vector<double> spikes;
    for (int i = 0; i < 15'000; ++i) {
        const double t = i / 50.0;
        const double x = 30 + 28 * std::sin(0.71 * t) * std::cos(0.013 * t);
        const double y = 30 + 28 * std::sin(0.53 * t + 1);
        positions.insert(positions.end(), {x, y});
        if (std::hypot(x - 40, y - 20) < 8) {
            spikes.push_back(t);
        }
    }
    const fr::sample_times times(fr::uniform_times{50, 0}, 15'000);
    const auto cell = fr::place_field(bins, spikes, times, fr::samples(positions, 2),
                                      {.method = fr::place_field_method::diffusion_kde, .bandwidth = 6});
    std::size_t peak = 0;
    for (std::size_t bin = 0; bin < cell.rate.size(); ++bin) { // NaN (no value) is never above
        peak = cell.rate[bin] > cell.rate[peak] || std::isnan(cell.rate[peak]) ? bin : peak;
    }
    const auto at = bins.center(peak);
    std::cout << bins.bin_count() << " hexagons; the one at (" << std::lround(at.x) << ", " << std::lround(at.y)
              << "), where the field peaks, has " << bins.neighbours(peak).size() << " neighbours\n";
    return bins.neighbours(peak).size() == 6 && std::hypot(at.x - 40, at.y - 20) < 8 ? 0 : 1;
}
