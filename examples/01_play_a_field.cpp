// SPDX-License-Identifier: MIT
// A field that changes from frame to frame, played as fast as it goes on a viewer without a screen.
#include <cmath>
#include <iostream>
#include <span>

#include <fieldreel/fieldreel.hpp>

int main() {
    namespace fr = fieldreel;
    // [readme]
    const auto arena = fr::grid::full({0, 0}, {80, 60}, {40, 30}); // 80 x 60 cm in bins of 2 cm
    const auto bump = [&](std::size_t i, std::span<double> out) {  // frame i: a bump that walks along x
        for (std::size_t bin = 0; bin < out.size(); ++bin) {
            const auto [x, y] = arena.center(bin);
            out[bin] = std::exp(-std::hypot(x - 0.05 * static_cast<double>(i), y - 30) / 10);
        }
    };
    fr::playback movie;
    movie.add_field(fr::generate<double>(1500, arena.bin_count(), bump) | fr::timed({.rate_hz = 50, .start_s = 0}),
                    arena, {.colors = fr::colormap::named("magma"), .range = {0, 1}});
    fr::headless_viewer viewer; // or a window, a video file, a viewer of your own
    const auto report = fr::play(movie, viewer, {.speed = 1000, .pacing = fr::pacing::every_frame, .refresh_hz = 1e6});
    // [/readme]
    const fr::image& last = viewer.picture();
    const auto brightness = [&](std::size_t col) { return static_cast<int>(last.at(14, col).r); };
    std::cout << report.shown << " frames played; at the end the left, middle and right of the arena are "
              << brightness(0) << ", " << brightness(20) << " and " << brightness(37) << " of 255 red\n";
    return report.shown == 1500 && brightness(37) > 200 ? 0 : 1;
}
