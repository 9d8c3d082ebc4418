// SPDX-License-Identifier: MIT
// A source whose reading is slow, behind a cache that knows where playing goes. A loop of 1.5 times the cache: lru
// drops each chunk just before it is needed again; playhead keeps what fits and reads ahead what is needed next.
#include <cstddef>
#include <iostream>
#include <span>

#include <fieldreel/fieldreel.hpp>

namespace {

using fieldreel::play_mode;

constexpr std::size_t frames = 1500;

/// Five laps at 30 frames per second, as a player goes: it says where it is going, then asks for the frame.
template <class Cache>
float play(const Cache& cache) {
    auto cursor = cache.cursor();
    float sum = 0;
    for (std::size_t i = 0; i < 5 * frames; ++i) {
        cursor.hint({.frame = i % frames, .frames_per_s = 30, .mode = play_mode::loop, .region = {0, frames}});
        sum += cursor.frame(i % frames)[0];
    }
    return sum;
}

} // namespace

int main() {
    const auto decoder = fieldreel::generate<float>(frames, 100, [](std::size_t i, std::span<float> out) {
        for (float& value : out) { // imagine a film, an HDF5 file, a network
            value = static_cast<float>(i);
        }
    });
    const fieldreel::cache_options options{.chunk_size = 10, .max_chunks = 100};
    const auto arbitrary = decoder | fieldreel::cached(options);
    // Reading ahead happens on a thread of the cache; here it is off, so that the count below is always the same.
    auto following = options;
    following.prefetch_threads = 0;
    const auto film = decoder | fieldreel::cached<fieldreel::playhead>(following);
    const bool same = play(arbitrary) == play(film);
    std::cout << "lru read " << arbitrary.statistics().misses << " chunks, playhead " << film.statistics().misses
              << (same ? ", the same frames\n" : ", other frames\n");
    std::cout << fieldreel::recommend_cache(41'000, 40'000, 64'000'000).why << "\n";
    return same ? 0 : 1;
}
