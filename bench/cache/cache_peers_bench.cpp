// SPDX-License-Identifier: MIT
// A hit against two caches that other programs use, where they are installed: OpenImageIO's ImageCache (tiles of an
// image file) and boost::compute's lru_cache (values).
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>
#include <fieldreel/cache/chunk_cache.hpp>

#include "support/claim.hpp"

#if defined(FIELDREEL_BENCH_BOOST_COMPUTE)
#include <boost/compute/detail/lru_cache.hpp>
#endif
#if defined(FIELDREEL_BENCH_OPENIMAGEIO)
#include <OpenImageIO/imagecache.h>
#include <OpenImageIO/imageio.h>
#endif

namespace {

constexpr std::size_t chunks = 10'000;
constexpr std::size_t chunk_values = 256; // a tile of 16 x 16 bytes
constexpr std::size_t batch = 1000;

/// Byte k of chunk c.
std::uint8_t content(std::size_t c, std::size_t k) {
    return static_cast<std::uint8_t>(c * 31 + c / 256 + k);
}

struct tile_source {
    using value_type = std::uint8_t;
    static constexpr bool concurrent_read = true;
    std::size_t frame_count() const { return chunks; }
    std::size_t frame_size() const { return chunk_values; }
    void read(std::size_t first, std::span<std::uint8_t> out) const {
        for (std::size_t k = 0; k < out.size(); ++k) {
            out[k] = content(first + k / chunk_values, k % chunk_values);
        }
    }
};

/// As playing asks: ten frames of each chunk, one after the other.
std::vector<std::uint32_t> played_chunks() {
    std::vector<std::uint32_t> out(10 * chunks);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::uint32_t>(i / 10);
    }
    return out;
}
std::vector<std::uint32_t> random_chunks() {
    std::vector<std::uint32_t> out(100 * batch);
    std::uint64_t seed = 5;
    for (auto& c : out) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        c = static_cast<std::uint32_t>((seed >> 33) % chunks);
    }
    return out;
}

/// shared counts are plain instructions until a process has started a thread, which every player has.
[[maybe_unused]] const bool threaded = [] {
    std::thread([] {}).join();
    return true;
}();

/// Asks for the first byte of one resident chunk after the other and compares the sum with what they hold.
template <class F>
[[maybe_unused]] void run(benchmark::State& state, const std::vector<std::uint32_t>& order, F first_byte) {
    for (std::size_t c = 0; c < chunks; ++c) { // warm-up
        benchmark::DoNotOptimize(first_byte(c));
    }
    std::uint64_t sum = 0;
    std::uint64_t expected = 0;
    std::size_t n = 0;
    while (state.KeepRunningBatch(batch)) {
        for (std::size_t i = 0; i < batch; ++i) {
            sum += first_byte(order[(n + i) % order.size()]);
        }
        n += batch;
    }
    for (std::size_t i = 0; i < n; ++i) {
        expected += content(order[i % order.size()], 0);
    }
    if (sum != expected) {
        state.SkipWithError("the chunks held other values than they should");
    }
}

[[maybe_unused]] void ours(benchmark::State& state, const std::vector<std::uint32_t>& order) {
    const auto cache = tile_source() | fieldreel::cached({.chunk_size = 1, .max_chunks = chunks});
    auto cursor = cache.cursor();
    run(state, order, [&cursor](std::size_t c) { return cursor.frame(c)[0]; });
    if (cache.statistics().misses != chunks) {
        state.SkipWithError("a chunk was read twice");
    }
}

#if defined(FIELDREEL_BENCH_BOOST_COMPUTE)
void boost_compute(benchmark::State& state, const std::vector<std::uint32_t>& order) {
    boost::compute::detail::lru_cache<std::size_t, const std::uint8_t*> cache(chunks);
    std::vector<std::uint8_t> values(chunks * chunk_values);
    tile_source().read(0, values);
    run(state, order, [&](std::size_t c) {
        auto found = cache.get(c);
        if (!found) {
            cache.insert(c, values.data() + c * chunk_values);
            found = cache.get(c);
        }
        return (*found)[0];
    });
}
BENCHMARK_CAPTURE(ours, played, played_chunks())->Name("cache.played_hit_vs_boost_compute/ours");
BENCHMARK_CAPTURE(boost_compute, played, played_chunks())->Name("cache.played_hit_vs_boost_compute/peer");
BENCHMARK_CAPTURE(ours, random, random_chunks())->Name("cache.random_hit_vs_boost_compute/ours");
BENCHMARK_CAPTURE(boost_compute, random, random_chunks())->Name("cache.random_hit_vs_boost_compute/peer");
const bench::claim boost_compute_played{"cache.played_hit_vs_boost_compute", "ns", "≥ 8"};
const bench::claim boost_compute_random{"cache.random_hit_vs_boost_compute", "ns", "≥ 8"};
#endif

#if defined(FIELDREEL_BENCH_OPENIMAGEIO)
/// A tiled picture of 100 x 100 tiles that is removed again.
struct tiled_picture {
    std::string path = (std::filesystem::temp_directory_path() / "fieldreel_bench_tiles.tif").string();
    static constexpr int across = 100;
    static constexpr int side = 16;
    tiled_picture() {
        OIIO::ImageSpec spec(across * side, across * side, 1, OIIO::TypeDesc::UINT8);
        spec.tile_width = side;
        spec.tile_height = side;
        std::vector<std::uint8_t> pixels(chunks * chunk_values);
        for (std::size_t c = 0; c < chunks; ++c) {
            for (std::size_t k = 0; k < chunk_values; ++k) {
                const std::size_t row = c / across * side + k / side;
                pixels[row * across * side + c % across * side + k % side] = content(c, k);
            }
        }
        const auto out = OIIO::ImageOutput::create(path);
        if (!out || !out->open(path, spec) || !out->write_image(OIIO::TypeDesc::UINT8, pixels.data())) {
            path.clear();
        }
    }
    ~tiled_picture() {
        std::error_code none;
        std::filesystem::remove(path, none);
    }
};
void open_image_io(benchmark::State& state, const std::vector<std::uint32_t>& order) {
    const tiled_picture picture;
    OIIO::ImageCache* const cache = OIIO::ImageCache::create(false);
    cache->attribute("max_memory_MB", 1000.0f);
    auto* const thread = cache->get_perthread_info();
    auto* const handle = cache->get_image_handle(OIIO::ustring(picture.path), thread);
    run(state, order, [&](std::size_t c) {
        const int x = static_cast<int>(c % tiled_picture::across) * tiled_picture::side;
        const int y = static_cast<int>(c / tiled_picture::across) * tiled_picture::side;
        auto* const tile = cache->get_tile(handle, thread, 0, 0, x, y, 0);
        OIIO::TypeDesc format;
        const std::uint8_t value = *static_cast<const std::uint8_t*>(cache->tile_pixels(tile, format));
        cache->release_tile(tile);
        return value;
    });
    OIIO::ImageCache::destroy(cache);
}
BENCHMARK_CAPTURE(ours, played, played_chunks())->Name("cache.played_hit_vs_openimageio/ours");
BENCHMARK_CAPTURE(open_image_io, played, played_chunks())->Name("cache.played_hit_vs_openimageio/peer");
BENCHMARK_CAPTURE(ours, random, random_chunks())->Name("cache.random_hit_vs_openimageio/ours");
BENCHMARK_CAPTURE(open_image_io, random, random_chunks())->Name("cache.random_hit_vs_openimageio/peer");
const bench::claim openimageio_played{"cache.played_hit_vs_openimageio", "ns", "≥ 30"};
const bench::claim openimageio_random{"cache.random_hit_vs_openimageio", "ns", ""};
#endif

} // namespace
