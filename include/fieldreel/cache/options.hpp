// SPDX-License-Identifier: MIT
// What a frame cache may hold.
#ifndef FIELDREEL_CACHE_OPTIONS_HPP
#define FIELDREEL_CACHE_OPTIONS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// How much a cache may hold, e.g. `cached({.chunk_size = 10, .max_chunks = 100})`. The tightest limit wins; 0 is an
/// error.
struct cache_options {
    static constexpr std::size_t default_chunk_size = 10;
    static constexpr std::size_t default_max_chunks = 100;
    static constexpr std::size_t unlimited = static_cast<std::size_t>(-1);

    /// Frames read, kept and dropped together. Unset: 10. More than the source has: all of them; 1 caches single
    /// frames.
    std::optional<std::size_t> chunk_size = {};
    /// Chunks kept. Unset: 100, or no limit where max_bytes is given.
    /// One more buffer takes in the chunk being read, so that a read that fails costs nothing that was kept (reads at
    /// the same time share it: the others make room first). What is pinned while another chunk is read may add to them,
    /// never to max_bytes.
    std::optional<std::size_t> max_chunks = {};
    /// Bytes of all chunk buffers: kept, pinned, being read (ahead, too) and awaiting reuse. Unset: no limit.
    /// Where it is the tightest limit and not everything fits, one of its buffers is the one that takes in the next
    /// chunk (unless there is only one). Less than one chunk is allowed: every frame is read when asked for.
    std::optional<std::size_t> max_bytes = {};
    /// Threads that read ahead. Unset: 1 with a policy that has an order to read ahead by (`playhead`), else none.
    /// 0: none of the cache's own; the host calls `prefetch_one`. A source that allows one reader keeps one busy.
    std::optional<std::size_t> prefetch_threads = {};
    /// Promises that one thread at a time uses this cache, with all its handles, cursors and shared frames, and leaves
    /// out the lock: half the price of a random hit. Nothing is then read ahead but by `prefetch_one`.
    bool one_thread = false;
};

namespace detail {

inline void check_not_zero(const char* name, const char* unit, std::optional<std::size_t> value, const char* advice) {
    if (value && *value == 0) {
        throw invalid_value(name, text(name, " is 0; it must be at least 1 ", unit, "; ", advice));
    }
}

/// Throws for a 0.
inline void check(const cache_options& options) {
    check_not_zero("chunk_size", "frame", options.chunk_size, "leave it unset for 10");
    check_not_zero("max_chunks", "chunk", options.max_chunks, "leave it unset for 100, or do not cache");
    check_not_zero("max_bytes", "byte", options.max_bytes, "leave it unset for no limit, or do not cache");
}

/// How many threads read ahead. Throws for some where nothing can be read ahead.
inline std::size_t check_threads(const cache_options& options, bool prefetches) {
    constexpr std::size_t most = 64;
    const std::size_t threads = options.prefetch_threads.value_or(prefetches && !options.one_thread ? 1 : 0);
    if (options.one_thread && threads > 0) {
        throw invalid_value("prefetch_threads", text("prefetch_threads is ", threads,
                                                     " and one_thread is set; a cache for one thread has none of its "
                                                     "own; leave one of the two unset"));
    }
    if (!prefetches && threads > 0) {
        throw invalid_value(
            "prefetch_threads",
            text("prefetch_threads is ", threads,
                 " and the eviction policy has no order to read ahead by; use cached<playhead>(...), or "
                 "leave prefetch_threads unset"));
    }
    if (threads > most) {
        throw invalid_value("prefetch_threads", text("prefetch_threads is ", threads, "; at most ", most,
                                                     " are allowed; 1 or 2 are usual"));
    }
    return threads;
}

/// Throws for a motion that leads nowhere.
inline void check(const motion& going, std::size_t frame_count) {
    if (going.frame >= frame_count) {
        throw_frame_out_of_range(going.frame, frame_count);
    }
    if (!std::isfinite(going.frames_per_s)) {
        throw invalid_value("frames_per_s", text("a motion of ", going.frames_per_s,
                                                 " frames per second was given; it must be finite; 0 is standing"));
    }
    const std::size_t last = (std::min)(going.region.last, frame_count);
    if (going.region.first >= last) {
        throw invalid_value("region", text("a motion over the frames ", going.region.first, " up to ", last,
                                           " (one past the end) of ", frame_count,
                                           " was given; the first must be before the end; give a region that holds a "
                                           "frame"));
    }
}

/// The numbers that follow from options and source, and never change.
struct cache_layout {
    std::size_t frame_count, frame_size; ///< of the source
    std::size_t chunk_size, chunk_count; ///< frames per chunk; chunks
    std::size_t chunk_bytes;             ///< of one buffer
    std::size_t slots;                   ///< buffers at most
    std::size_t kept;                    ///< chunks at most: all slots but the one a read lands in

    std::uint64_t reciprocal, quick_frames;

    /// The chunk of a frame. A division is a quarter of what a hit costs; frame * reciprocal / 2^32 is exact for the
    /// frames below quick_frames, because there the reciprocal's rounding up adds less than one part in chunk_size.
    std::size_t chunk_of(std::size_t frame) const noexcept {
        return frame < quick_frames ? static_cast<std::size_t>(frame * reciprocal >> 32) : frame / chunk_size;
    }
};

/// Throws when a source became another one: what is kept would be mixed with what is read.
inline void check_unchanged(std::size_t frame_count, std::size_t frame_size, const cache_layout& layout) {
    if (frame_count < layout.frame_count || frame_size != layout.frame_size) {
        throw data_error(text("the source had ", layout.frame_count, " frames of ", layout.frame_size,
                              " values when its cache was made and has ", frame_count, " of ", frame_size,
                              " now; a source must not change; open it again and make a new cache"));
    }
}

inline cache_layout make_layout(const cache_options& options, std::size_t frame_count, std::size_t frame_size,
                                std::size_t value_bytes) {
    check(options);
    constexpr std::size_t most_chunks = 0x7ffffffe; // they are numbered in 31 bits
    cache_layout made{};
    made.frame_count = frame_count;
    made.frame_size = frame_size;
    made.chunk_size = (std::min)(options.chunk_size.value_or(cache_options::default_chunk_size),
                                 (std::max)(frame_count, std::size_t{1}));
    made.chunk_count = frame_count / made.chunk_size + (frame_count % made.chunk_size != 0 ? 1 : 0);
    constexpr std::uint64_t one = std::uint64_t{1} << 32;
    made.reciprocal = (one - 1) / made.chunk_size + 1;
    made.quick_frames = one / made.chunk_size;
    if (made.chunk_count > most_chunks) {
        throw invalid_value("chunk_size", text("chunk_size ", made.chunk_size, " makes ", made.chunk_count,
                                               " chunks of ", frame_count, " frames; at most ", most_chunks,
                                               " are allowed; choose a larger chunk_size"));
    }
    const std::size_t most = static_cast<std::size_t>(-1) / 2 / value_bytes / (std::max)(frame_size, std::size_t{1});
    if (made.chunk_size > most) {
        throw invalid_value("chunk_size", text("chunk_size ", made.chunk_size, " frames of ", frame_size,
                                               " values do not fit into memory; at most ", most,
                                               " are allowed; choose a smaller chunk_size"));
    }
    made.chunk_bytes = made.chunk_size * frame_size * value_bytes;
    made.kept = (std::min)(
        options.max_chunks.value_or(options.max_bytes ? cache_options::unlimited : cache_options::default_max_chunks),
        made.chunk_count);
    made.slots = made.kept == made.chunk_count ? made.kept : made.kept + 1;
    const std::size_t fit =
        made.chunk_bytes == 0 ? 0 : options.max_bytes.value_or(cache_options::unlimited) / made.chunk_bytes;
    if (fit < made.slots) {
        made.slots = fit;
        made.kept = (std::min)(made.kept, fit > 1 ? fit - 1 : fit);
    }
    return made;
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
