// SPDX-License-Identifier: MIT
// What a frame cache says about itself, and how it counts durations.
#ifndef FIELDREEL_CACHE_STATISTICS_HPP
#define FIELDREEL_CACHE_STATISTICS_HPP

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace fieldreel::inline v0 {

/// What a cache did and holds, at one moment. hits + misses = frames asked of cursors + chunks touched by `read`;
/// a `try_frame` or `nearest` that has the frame is a hit, one that has not is neither.
struct cache_statistics {
    std::uint64_t hits = 0;            ///< answered from memory
    std::uint64_t misses = 0;          ///< had to read, or to wait for a read
    std::uint64_t stalls = 0;          ///< the misses at which a cursor waited (not those of the bulk `read`)
    std::uint64_t coalesced = 0;       ///< the misses that waited for the read of somebody else, or of prefetch
    std::uint64_t read_through = 0;    ///< the misses that found no room: read past the cache
    std::uint64_t failed_reads = 0;    ///< chunk reads of the source that threw, those of prefetch included
    std::uint64_t evictions = 0;       ///< chunks dropped to make room
    std::uint64_t prefetched = 0;      ///< chunks read ahead
    std::uint64_t prefetch_used = 0;   ///< of these, looked at since
    std::uint64_t prefetch_wasted = 0; ///< of these, dropped before anybody looked
    std::uint64_t prefetch_failed = 0; ///< reads ahead that threw; the first consumer that asks gets the error

    /// How long cursors waited. Where reads are quick (under 2 µs), one in 16 is timed and counts for all.
    /// Units: seconds; the percentiles are exact to an eighth, and 0 without a stall.
    double stall_total_s = 0;
    double stall_p50_s = 0;
    double stall_p99_s = 0;
    double stall_longest_s = 0;
    double chunk_read_s = std::numeric_limits<double>::quiet_NaN(); ///< what reading a chunk takes of late, waits for a
                                                                    ///< turn apart; NaN: unknown
    /// The highest speed that can be kept up on the way the fastest consumer goes, by chunk_read_s and by what fits:
    /// infinity where its loop fits into the cache, NaN when nothing was read yet. Units: frames per second.
    double sustainable_frames_per_s = std::numeric_limits<double>::quiet_NaN();

    std::size_t chunks_resident = 0;    ///< kept and ready, pinned ones included
    std::size_t chunks_limit = 0;       ///< how many are kept at most: what the options come to
    std::size_t bytes_resident = 0;     ///< of the chunks that are ready
    std::size_t bytes_pinned = 0;       ///< of those that somebody looks at, which cannot be dropped
    std::size_t bytes_in_flight = 0;    ///< of those being read
    std::size_t bytes_peak = 0;         ///< of all chunk buffers, at most, until now; never above max_bytes
    std::size_t bytes_read_through = 0; ///< of the cursors' own buffers for frames that found no room; not in max_bytes
    std::size_t prefetch_threads = 0;   ///< that run
};

namespace detail {

/// How often which duration occurred: eight steps per doubling, from 1 ns up. Adding costs some instructions.
class duration_counts {
public:
    void add(std::int64_t ns, std::uint64_t times) noexcept {
        counts_[step_of(ns)] += times;
        count_ += times;
        total_ns_ += ns * static_cast<std::int64_t>(times);
        longest_ns_ = (std::max)(longest_ns_, ns);
    }
    double total_s() const noexcept { return 1e-9 * static_cast<double>(total_ns_); }
    double longest_s() const noexcept { return 1e-9 * static_cast<double>(longest_ns_); }
    /// The duration that `share` of all do not exceed: the upper end of its step, at most the longest.
    double percentile_s(double share) const noexcept {
        std::uint64_t left = static_cast<std::uint64_t>(share * static_cast<double>(count_));
        for (std::size_t step = 0; step < counts_.size(); ++step) {
            if (left < counts_[step]) {
                return (std::min)(1e-9 * static_cast<double>(end_of(step)), longest_s());
            }
            left -= counts_[step];
        }
        return longest_s();
    }

private:
    static std::size_t step_of(std::int64_t ns) noexcept {
        const auto n = static_cast<std::uint64_t>((std::max)(ns, std::int64_t{0}));
        if (n < 8) {
            return static_cast<std::size_t>(n);
        }
        const auto power = static_cast<std::size_t>(std::bit_width(n)) - 4; // n >> power is 8 to 15
        return (std::min)(8 * power + static_cast<std::size_t>(n >> power), steps - 1);
    }
    static std::uint64_t end_of(std::size_t step) noexcept {
        return step < 16 ? step + 1 : (8 + step % 8 + 1) << (step / 8 - 1);
    }
    static constexpr std::size_t steps = 8 * 38; // to 18 minutes
    std::array<std::uint64_t, steps> counts_{};
    std::uint64_t count_ = 0;
    std::int64_t total_ns_ = 0;
    std::int64_t longest_ns_ = 0;
};

} // namespace detail
} // namespace fieldreel::inline v0

#endif
