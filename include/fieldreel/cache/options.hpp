// SPDX-License-Identifier: MIT
// What a frame cache may hold, and what it says about itself.
#ifndef FIELDREEL_CACHE_OPTIONS_HPP
#define FIELDREEL_CACHE_OPTIONS_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <fieldreel/error.hpp>

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
    /// Chunks kept. Unset: 100, also beside max_bytes; `cache_options::unlimited` leaves it to max_bytes alone.
    /// One more buffer takes in the chunk being read, so that a read that fails costs nothing that was kept (reads at
    /// the same time share it: the others make room first). What is pinned while another chunk is read may add to them,
    /// never to max_bytes.
    std::optional<std::size_t> max_chunks = {};
    /// Bytes of all chunk buffers: kept, pinned, being read and awaiting reuse. Unset: no limit.
    /// Where it is the tightest limit and not everything fits, one of its buffers is the one that takes in the next
    /// chunk (unless there is only one). Less than one chunk is allowed: every frame is read when asked for.
    std::optional<std::size_t> max_bytes = {};
};

/// What a cache did and holds, at one moment. hits + misses = frames asked of cursors + chunks touched by `read`;
/// a `try_frame` or `nearest` that has the frame is a hit, one that has not is neither.
struct cache_statistics {
    std::uint64_t hits = 0;         ///< answered from memory
    std::uint64_t misses = 0;       ///< had to read, or to wait for a read
    std::uint64_t stalls = 0;       ///< the misses at which a cursor waited (not those of the bulk `read`)
    std::uint64_t coalesced = 0;    ///< the misses that waited for the read of somebody else
    std::uint64_t read_through = 0; ///< the misses that found no room: read past the cache
    std::uint64_t failed_reads = 0; ///< chunk reads of the source that threw
    std::uint64_t evictions = 0;    ///< chunks dropped to make room

    std::size_t chunks_resident = 0;    ///< kept and ready, pinned ones included
    std::size_t chunks_limit = 0;       ///< how many are kept at most: what the options come to
    std::size_t bytes_resident = 0;     ///< of the chunks that are ready
    std::size_t bytes_pinned = 0;       ///< of those that somebody looks at, which cannot be dropped
    std::size_t bytes_peak = 0;         ///< of all chunk buffers, at most, until now; never above max_bytes
    std::size_t bytes_read_through = 0; ///< of the cursors' own buffers for frames that found no room; not in max_bytes
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

/// The numbers that follow from options and source, and never change.
struct cache_layout {
    std::size_t frame_count, frame_size; ///< of the source
    std::size_t chunk_size, chunk_count; ///< frames per chunk; chunks
    std::size_t chunk_bytes;             ///< of one buffer
    std::size_t slots;                   ///< buffers at most
    std::size_t kept;                    ///< chunks at most: all slots but the one a read lands in
};

inline cache_layout make_layout(const cache_options& options, std::size_t frame_count, std::size_t frame_size,
                                std::size_t value_bytes) {
    check(options);
    constexpr std::size_t most_chunks = 0xFFFFFFFE; // they are numbered in 32 bits
    cache_layout made{};
    made.frame_count = frame_count;
    made.frame_size = frame_size;
    made.chunk_size = (std::min)(options.chunk_size.value_or(cache_options::default_chunk_size),
                                 (std::max)(frame_count, std::size_t{1}));
    made.chunk_count = frame_count / made.chunk_size + (frame_count % made.chunk_size != 0 ? 1 : 0);
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
    made.kept = (std::min)(options.max_chunks.value_or(cache_options::default_max_chunks), made.chunk_count);
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
