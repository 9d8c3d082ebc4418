// SPDX-License-Identifier: MIT
// A window in a host that has its own loop: the host asks a clock what is due, draws widgets of its own, and lets the
// playback show the scene. With a number as argument it ends after so many pictures.
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <fieldreel/fieldreel.hpp>
#include <fieldreel/window/window_viewer.hpp>

namespace fr = fieldreel;

static_assert(fr::viewer<fr::window_viewer>);

int main(int count, char** words) try {
    const auto arena = fr::grid::full({0, 0}, {80, 60}, {40, 30}); // 80 x 60 cm in bins of 2 cm
    fr::playback movie;
    movie.add_field(fr::generate<double>(1500, arena.bin_count(),
                                         [&](std::size_t i, std::span<double> out) { // a bump that walks along x
                                             for (std::size_t bin = 0; bin < out.size(); ++bin) {
                                                 const auto [x, y] = arena.center(bin);
                                                 out[bin] = std::exp(
                                                     -std::hypot(x - 0.05 * static_cast<double>(i), y - 30) / 10);
                                             }
                                         }) |
                        fr::timed({.rate_hz = 50, .start_s = 0}),
                    arena, {.range = {0, 1}, .title = "bump", .label = "height"});

    const fr::steady_time timer;
    fr::clock clock(movie.times(), fr::play_mode::loop);
    clock.play(timer.now_s());
    fr::window_viewer window({.title = "fieldreel in a host", .size = {600, 800}}, {.unit = "cm"});

    const long most = count > 1 ? std::atol(words[1]) : -1;
    long shown = 0;
    for (float speed = 1; shown != most && window.next_frame(1.0 / 60); ++shown) {
        for (const fr::window_key& key : window.keys()) {
            if (key.name == "Space" && clock.playing()) {
                clock.pause(timer.now_s());
            } else if (key.name == "Space") {
                clock.play(timer.now_s());
            }
        }
        ImGui::Begin("Host");
        if (ImGui::SliderFloat("speed", &speed, 0.1F, 10)) {
            clock.set_speed(static_cast<double>(speed), timer.now_s());
        }
        ImGui::End();
        movie.show(clock.time_s(timer.now_s()), window);
    }
    std::printf("%ld pictures in a window\n", shown);
} catch (const fr::error& problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    return 1;
}
