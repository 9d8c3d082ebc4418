// SPDX-License-Identifier: MIT
// A source of your own: three members, and every adaptor, cursor and viewer works with it.
#include <cmath>
#include <iostream>
#include <span>

#include <fieldreel/fieldreel.hpp>

/// Waves on a ring of bins, computed when they are asked for. A handle: copies are cheap, and give the same frames.
class waves {
public:
    using value_type = float;

    std::size_t frame_count() const { return 10'000'000; } // a long recording costs nothing
    std::size_t frame_size() const { return 64; }
    void read(std::size_t first, std::span<float> out) const { // whole frames from `first` on
        for (std::size_t k = 0; k < out.size(); ++k) {
            const auto frame = static_cast<double>(first + k / frame_size());
            const auto bin = static_cast<double>(k % frame_size());
            out[k] = static_cast<float>(std::sin(0.1 * bin - 0.01 * frame));
        }
    }
};
static_assert(fieldreel::frame_source<waves>); // a missing member is named here, in your file

int main() {
    namespace fr = fieldreel;
    // Adaptors: times, then a part of it at a fifth of the rate. Nothing is copied, no list is kept.
    const auto movie_frames = waves{} | fr::timed({.rate_hz = 500, .start_s = 0}) | fr::slice({5000, 6000}) |
                              fr::subsample({.source_hz = 500, .target_hz = 100});
    fr::playback movie;
    movie.add_field(movie_frames, fr::grid::full({0, 0}, {64, 1}, {64, 1}), {.range = {-1, 1}});
    fr::headless_viewer viewer;
    const auto report = fr::play(movie, viewer, {.speed = 100, .pacing = fr::pacing::every_frame, .refresh_hz = 1e6});

    auto cursor = fr::cursor_of(waves{}); // one consumer's place in a source
    const float first = cursor.frame(5005)[0];
    fr::scene now;
    movie.fill(movie_frames.time_s(1), now);
    std::cout << report.shown << " frames from " << movie.times().start_s << " to " << movie.times().stop_s
              << " s; frame 1 is frame " << movie_frames.base_index(1) << " of the slice, bin 0 = " << first << '\n';
    return report.shown == 200 && now.fields[0].values()[0] == static_cast<double>(first) ? 0 : 1;
}
