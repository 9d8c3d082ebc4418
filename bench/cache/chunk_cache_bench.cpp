// SPDX-License-Identifier: MIT
// What a cache costs beside the reading: hits and misses against the common way, unordered_map + list + shared_ptr.
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <fieldreel/cache/chunk_cache.hpp>

#include "support/claim.hpp"

namespace {

using value = std::uint32_t;
constexpr std::size_t chunk_size = 10;
constexpr std::size_t frame_size = 4; // small, so that the bookkeeping is what is measured
constexpr std::size_t resident_chunks = 10'000;

/// Counts nothing and costs next to nothing: frame i is i, i + 1, …
struct ramp_source {
    using value_type = value;
    static constexpr bool concurrent_read = true;
    std::size_t frames;
    std::size_t frame_count() const { return frames; }
    std::size_t frame_size() const { return ::frame_size; }
    void read(std::size_t first, std::span<value> out) const {
        for (std::size_t i = 0; i * ::frame_size < out.size(); ++i) {
            for (std::size_t k = 0; k < ::frame_size; ++k) {
                out[i * ::frame_size + k] = static_cast<value>(first + i + k);
            }
        }
    }
};

/// The common way: a map from chunk to its place in a list, most recent first; the handle keeps the chunk alive.
class list_lru {
public:
    using chunk = std::shared_ptr<const std::vector<value>>;
    list_lru(ramp_source source, std::size_t max_chunks) : source_(source), max_chunks_(max_chunks) {}

    std::pair<chunk, std::span<const value>> frame(std::size_t i) {
        const chunk got = get(i / chunk_size);
        return {got, {got->data() + i % chunk_size * ::frame_size, ::frame_size}};
    }

private:
    using item = std::pair<std::size_t, chunk>;

    chunk get(std::size_t key) {
        const auto found = index_.find(key);
        if (found != index_.end()) {
            items_.splice(items_.begin(), items_, found->second);
            return found->second->second;
        }
        auto made = std::make_shared<std::vector<value>>(chunk_size * ::frame_size);
        source_.read(key * chunk_size, *made);
        items_.emplace_front(key, std::move(made));
        index_[key] = items_.begin();
        if (index_.size() > max_chunks_) {
            index_.erase(items_.back().first);
            items_.pop_back();
        }
        return items_.front().second;
    }

    ramp_source source_;
    std::size_t max_chunks_;
    std::list<item> items_;
    std::unordered_map<std::size_t, std::list<item>::iterator> index_;
};

/// shared_ptr counts with plain instructions until a process has started a thread, which every player has.
const bool threaded = [] {
    std::thread([] {}).join();
    return true;
}();

constexpr std::size_t batch = 1000;
constexpr std::size_t fitting = resident_chunks * chunk_size; // frames that all stay in the cache

/// The frames that one benchmark asks for, again and again, in blocks of `batch`.
std::vector<std::uint32_t> sequential_frames() {
    std::vector<std::uint32_t> frames(resident_chunks * chunk_size);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        frames[i] = static_cast<std::uint32_t>(i);
    }
    return frames;
}
std::vector<std::uint32_t> random_frames() {
    std::vector<std::uint32_t> frames(resident_chunks * chunk_size);
    std::uint64_t seed = 1;
    for (auto& frame : frames) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        frame = static_cast<std::uint32_t>((seed >> 33) % frames.size());
    }
    return frames;
}
/// One frame of each chunk of a recording of three times the cache, in an order that stays the same, so that none is
/// ever resident.
std::vector<std::uint32_t> missing_frames() {
    std::vector<std::uint32_t> frames(3 * resident_chunks);
    std::uint64_t seed = 1;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const std::size_t other = (seed >> 33) % (i + 1);
        frames[i] = frames[other];
        frames[other] = static_cast<std::uint32_t>(i * chunk_size + i % chunk_size);
    }
    return frames;
}

/// The sum of the values of one block of frames.
template <class F>
std::uint64_t sum_of(std::span<const std::uint32_t> frames, F&& first_value) {
    std::uint64_t sum = 0;
    for (const std::uint32_t frame : frames) {
        sum += first_value(frame);
    }
    return sum;
}

/// Runs `first_value(frame)` over the frames, block by block, and compares the sum with what the frames hold.
template <class F>
void run(benchmark::State& state, std::span<const std::uint32_t> frames, F first_value) {
    benchmark::DoNotOptimize(sum_of(frames, first_value)); // warm-up: fills the cache
    std::uint64_t sum = 0;
    std::uint64_t expected = 0;
    std::size_t blocks = 0;
    const auto block = [&](std::size_t n) { return frames.subspan(n * batch % frames.size(), batch); };
    while (state.KeepRunningBatch(batch)) {
        sum += sum_of(block(blocks++), first_value);
    }
    while (blocks > 0) {
        expected += sum_of(block(--blocks), [](std::uint32_t frame) { return frame; });
    }
    if (sum != expected) {
        state.SkipWithError("the frames held other values than the source");
    }
}

void ours(benchmark::State& state, std::span<const std::uint32_t> frames, std::size_t frame_count, bool one_thread) {
    const bool hits = frame_count == fitting;
    const auto cache =
        ramp_source{frame_count} |
        fieldreel::cached({.chunk_size = chunk_size, .max_chunks = resident_chunks, .one_thread = one_thread});
    auto cursor = cache.cursor();
    run(state, frames, [&cursor](std::size_t frame) { return cursor.frame(frame)[0]; });
    const auto statistics = cache.statistics();
    if (statistics.chunks_resident != resident_chunks ||
        (hits ? statistics.misses != resident_chunks : statistics.hits != 0)) {
        state.SkipWithError("the cache did not do what this measures");
    }
}
void peer(benchmark::State& state, std::span<const std::uint32_t> frames, std::size_t frame_count) {
    list_lru cache(ramp_source{frame_count}, resident_chunks);
    run(state, frames, [&cache](std::size_t frame) { return cache.frame(frame).second[0]; });
}

void sequential_ours(benchmark::State& state) {
    ours(state, sequential_frames(), fitting, false);
}
void sequential_peer(benchmark::State& state) {
    peer(state, sequential_frames(), fitting);
}
void random_ours(benchmark::State& state) {
    ours(state, random_frames(), fitting, false);
}
void random_one_thread(benchmark::State& state) {
    ours(state, random_frames(), fitting, true);
}
void random_peer(benchmark::State& state) {
    peer(state, random_frames(), fitting);
}
void miss_ours(benchmark::State& state) {
    ours(state, missing_frames(), 3 * fitting, false);
}
void miss_one_thread(benchmark::State& state) {
    ours(state, missing_frames(), 3 * fitting, true);
}
void miss_peer(benchmark::State& state) {
    peer(state, missing_frames(), 3 * fitting);
}
/// The cheapest decoding there is, of an ordinary chunk: ten frames of 100 x 100 int16 times a factor, as float32.
void decode_chunk(benchmark::State& state) {
    constexpr std::size_t values = chunk_size * 100 * 100;
    std::vector<std::int16_t> stored(values);
    for (std::size_t i = 0; i < values; ++i) {
        stored[i] = static_cast<std::int16_t>(i % 1000);
    }
    std::vector<float> decoded(values);
    for (auto _ : state) {
        for (std::size_t i = 0; i < values; ++i) {
            decoded[i] = 0.5f * static_cast<float>(stored[i]);
        }
        benchmark::DoNotOptimize(decoded.data());
        benchmark::ClobberMemory();
    }
    if (decoded[1999] != 499.5f) {
        state.SkipWithError("the chunk was decoded to other values");
    }
}

BENCHMARK(sequential_ours)->Name("cache.sequential_hit_vs_list_lru/ours");
BENCHMARK(sequential_peer)->Name("cache.sequential_hit_vs_list_lru/peer");
BENCHMARK(random_ours)->Name("cache.random_hit_vs_list_lru/ours");
BENCHMARK(random_peer)->Name("cache.random_hit_vs_list_lru/peer");
BENCHMARK(random_one_thread)->Name("cache.random_hit_one_thread_vs_list_lru/ours");
BENCHMARK(random_peer)->Name("cache.random_hit_one_thread_vs_list_lru/peer");
BENCHMARK(miss_ours)->Name("cache.miss_vs_list_lru/ours");
BENCHMARK(miss_peer)->Name("cache.miss_vs_list_lru/peer");
BENCHMARK(miss_one_thread)->Name("cache.miss_one_thread_vs_list_lru/ours");
BENCHMARK(miss_peer)->Name("cache.miss_one_thread_vs_list_lru/peer");
BENCHMARK(miss_ours)->Name("cache.cold_chunk_bookkeeping_vs_decode/ours");
BENCHMARK(decode_chunk)->Name("cache.cold_chunk_bookkeeping_vs_decode/peer");

const bench::claim sequential_hit{"cache.sequential_hit_vs_list_lru", "ns", "≥ 15"};
const bench::claim random_hit{"cache.random_hit_vs_list_lru", "ns", ""};
const bench::claim one_thread_random_hit{"cache.random_hit_one_thread_vs_list_lru", "ns", "≥ 4"};
const bench::claim miss{"cache.miss_vs_list_lru", "ns", ""};
const bench::claim one_thread_miss{"cache.miss_one_thread_vs_list_lru", "ns", "≥ 5"};
const bench::claim bookkeeping{"cache.cold_chunk_bookkeeping_vs_decode", "ns", "≤ 0.01"};

} // namespace
