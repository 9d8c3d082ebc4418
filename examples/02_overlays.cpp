// SPDX-License-Identifier: MIT
// The animal over the field: its trail and where its head points, from their own samples at their own rates.
#include <cmath>
#include <iostream>
#include <vector>

#include <fieldreel/fieldreel.hpp>

int main() {
    namespace fr = fieldreel;
    // Positions at 30 Hz and head directions at 120 Hz: an animal that runs in circles, and once gets lost for a
    // second.
    std::vector<double> positions;
    std::vector<double> angles;
    for (int i = 0; i < 300; ++i) {
        const double t = i / 30.0;
        const bool lost = t >= 4 && t < 5;
        positions.push_back(lost ? std::nan("") : 40 + 20 * std::cos(t));
        positions.push_back(lost ? std::nan("") : 30 + 20 * std::sin(t));
    }
    for (int i = 0; i < 1200; ++i) {
        angles.push_back(i / 120.0 + std::acos(-1) / 2); // along the circle; angles wrap by themselves
    }
    const fr::trajectory path(fr::sample_times(fr::uniform_times{30, 0}, 300), fr::samples(positions, 2));
    const fr::heading head(fr::sample_times(fr::uniform_times{120, 0}, 1200), fr::samples(angles), path);

    const auto arena = fr::grid::full({0, 0}, {80, 60}, {20, 15});
    fr::playback movie;
    movie.add_field(fr::tile<float>(std::vector<float>(arena.bin_count(), 0.5F), 100) |
                        fr::timed({.rate_hz = 10, .start_s = 0}),
                    arena, {.title = "a field that stays"});
    movie.add_overlay({"trail", fr::trail(path, {.length_s = 3})});
    movie.add_overlay({"heading", head});

    // Any time may be asked for, in any order: overlays are looked up, nothing is computed beforehand.
    fr::scene now;
    for (const double time_s : {8.0, 4.5, 5.5}) {
        movie.fill(time_s, now);
        std::cout << time_s << " s: " << now.shapes.shapes().size() << " shapes, head at " << head.angle_at(time_s)
                  << " rad\n";
    }
    // 5.5 s: the trail before and after the second without tracking, the dot, the arrow.
    return now.shapes.shapes().size() == 4 ? 0 : 1;
}
