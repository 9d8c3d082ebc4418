// SPDX-License-Identifier: MIT
// What a recorder holds: the lanes of its threads, their chunks of events, and how both outlive whoever goes first.
#ifndef FIELDREEL_TRACE_RECORDING_HPP
#define FIELDREEL_TRACE_RECORDING_HPP

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#if defined(__GNUC__) && defined(__x86_64__)
#include <cpuid.h>
#endif

#include <fieldreel/error.hpp>
#include <fieldreel/trace/chrome_json.hpp>
#include <fieldreel/trace/point.hpp>

namespace fieldreel::inline v0 {
namespace trace {

class recorder;

/// How a recorder keeps and writes.
struct recorder_options {
    std::size_t max_bytes = std::size_t{64} << 20; ///< of all threads, 32 bytes an event; then the newest are dropped
    std::string process_name = "fieldreel";
    file_window window = {};
    /// Nanoseconds; null = the best clock of this machine. Tests bring their own.
    std::int64_t (*clock)() noexcept = nullptr;
};

} // namespace trace

namespace detail {

struct trace_part {
    const trace_event* events = nullptr;
    std::size_t size = 0;
};

// Raw memory: an event is made in its slot when it is recorded.
struct trace_chunk {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size = 0; // events
    trace_event* events() const noexcept { return reinterpret_cast<trace_event*>(memory.get()); }
};

// Held by the recording (until its recorder is destroyed) and by its thread (until that ends, or records elsewhere
// after the recorder is gone and no span is open in it). The last to let go frees it.
struct trace_track : trace_lane {
    std::atomic<int> holders = 2;
    std::atomic<std::uint64_t> dropped = 0;
    bool full = false;
    unsigned tid = 0;
    std::vector<trace_chunk> chunks; // under the recording's mutex

    void release() noexcept {
        if (holders.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            delete this;
        }
    }
};

struct trace_instant_pair { // the same moment on both clocks
    std::int64_t ticks = 0;
    std::int64_t ns = 0;
};

// All of a recorder but its handle. Never freed (see trace_recording); its events are.
struct trace_state : trace_recording {
    std::mutex mutex; // tracks, bytes, alive, each track's chunks. Taken when a thread joins or needs a chunk
    std::vector<trace_track*> tracks;
    std::size_t bytes = 0;
    bool alive = true;
    std::atomic<std::uint64_t> lost = 0; // dropped with no track to count them
    trace_clock clock = nullptr;
    trace_instant_pair first;
    std::atomic<trace::recorder*> owner = nullptr;

    std::mutex write_mutex;             // one writer at a time
    std::atomic<bool> unwritten = true; // may hold events that no finished file has
    unsigned long process = 0;          // a forked child leaves its parent's file alone
    unsigned serial = 0;                // of this recorder in the process
    std::string path;
    trace::recorder_options options;
    trace_state* older = nullptr;
};
inline constinit std::atomic<trace_state*> trace_states{nullptr};

// The tracks of the calling thread; given back when it ends.
struct trace_held {
    std::vector<trace_track*> tracks;
    ~trace_held() {
        trace_here.gone = true;
        trace_here.lane = nullptr;
        for (trace_track* track : tracks) {
            track->release();
        }
    }
};
inline thread_local trace_held trace_held_here;

inline constexpr std::size_t trace_first_chunk = 128; // events; a thread's chunks grow to 64 KiB
inline constexpr std::size_t trace_largest_chunk = 2048;
inline constexpr std::size_t trace_min_bytes = trace_first_chunk * sizeof(trace_event);

inline trace_event* trace_grow(trace_lane& lane) noexcept {
    auto& track = static_cast<trace_track&>(lane);
    auto& state = static_cast<trace_state&>(*lane.owner);
    if (!track.full) {
        try {
            const std::lock_guard lock(state.mutex);
            const std::size_t room = (state.options.max_bytes - state.bytes) / sizeof(trace_event);
            const std::size_t wanted = track.chunks.empty() ? trace_first_chunk : track.chunks.back().size * 4;
            const std::size_t size = (std::min)({wanted, trace_largest_chunk, room});
            if (size > 0) {
                trace_chunk& chunk = track.chunks.emplace_back(
                    trace_chunk{std::unique_ptr<std::byte[]>(new std::byte[size * sizeof(trace_event)]), size});
                trace_event* events = chunk.events();
                state.bytes += size * sizeof(trace_event);
                track.limit = events + size;
                track.next.store(events, std::memory_order_release);
                return events;
            }
        } catch (...) { // no memory is no reason to stop what is being traced
        }
        track.full = true;
    }
    track.dropped.store(track.dropped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return nullptr;
}

inline trace_lane* trace_join(trace_recording& recording) noexcept {
    auto& state = static_cast<trace_state&>(recording);
    if (trace_here.gone) {
        state.lost.fetch_add(1, std::memory_order_relaxed);
        return nullptr;
    }
    try {
        auto& held = trace_held_here.tracks;
        trace_here.lane = nullptr;
        for (std::size_t i = held.size(); i-- > 0;) {
            trace_track* track = held[i];
            if (track->owner == &recording) {
                trace_here.lane = track;
                continue;
            }
            auto& other = static_cast<trace_state&>(*track->owner);
            const std::lock_guard lock(other.mutex);
            if (!other.alive && track->depth == 0) {
                held.erase(held.begin() + static_cast<std::ptrdiff_t>(i));
                track->release();
            }
        }
        if (trace_here.lane != nullptr) {
            return trace_here.lane;
        }
        held.reserve(held.size() + 1);
        auto track = std::make_unique<trace_track>();
        track->owner = &recording;
        track->clock = state.clock;
        track->name.store(trace_here.name, std::memory_order_relaxed);
        const std::lock_guard lock(state.mutex);
        if (!state.alive) {
            return nullptr;
        }
        track->tid = static_cast<unsigned>(state.tracks.size() + 1);
        state.tracks.push_back(track.get());
        held.push_back(track.get());
        trace_here.lane = track.release();
        return trace_here.lane;
    } catch (...) {
        state.lost.fetch_add(1, std::memory_order_relaxed);
        return nullptr;
    }
}

inline std::int64_t trace_steady_ns() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// The time stamp counter (null) where it runs at one rate in every state of the processor, else the steady clock.
inline trace_clock trace_best_clock() noexcept {
#if defined(__GNUC__) && defined(__x86_64__)
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid(0x80000007U, &a, &b, &c, &d) != 0 && (d & (1U << 8)) != 0) {
        return nullptr;
    }
#endif
    return trace_steady_ns;
}

inline trace_instant_pair trace_both_clocks(trace_clock clock) noexcept {
    trace_instant_pair best;
    if (clock != nullptr) {
        best.ticks = best.ns = clock();
        return best;
    }
    std::int64_t narrowest = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < 8; ++i) { // the reading that was interrupted least
        const std::int64_t before = trace_ticks(clock);
        const std::int64_t ns = trace_steady_ns();
        const std::int64_t after = trace_ticks(clock);
        if (after - before < narrowest) {
            narrowest = after - before;
            best = {before + narrowest / 2, ns};
        }
    }
    return best;
}

/// Places the begins and ends of one thread in time. Each is at least 1 ns after the one before it: a clock that stands
/// still or goes backwards cannot make two spans overlap, and no viewer has to guess what encloses what.
inline std::vector<trace::event> trace_resolve(const std::vector<trace_part>& parts, std::int64_t base,
                                               double ns_per_tick, std::int64_t now_ticks) {
    std::vector<trace::event> events;
    std::size_t count = 0;
    for (const trace_part& part : parts) {
        count += part.size;
    }
    events.reserve(count);
    std::vector<std::size_t> open;
    std::int64_t last = -1;
    const auto to_ns = [&](std::int64_t ticks) {
        return static_cast<std::int64_t>(static_cast<double>(ticks - base) * ns_per_tick + 0.5);
    };
    const auto edge = [&](std::int64_t ns) { return last = (std::max)(last + 1, ns); };
    const auto close_down_to = [&](std::size_t depth) {
        for (; open.size() > depth; open.pop_back()) {
            trace::event& span = events[open.back()];
            span.end_ns = edge(span.end_ns);
        }
    };
    for (const trace_part& part : parts) {
        for (std::size_t i = 0; i < part.size; ++i) {
            const trace_event& raw = part.events[i];
            const std::int64_t end = raw.end.load(std::memory_order_relaxed);
            close_down_to(raw.depth);
            trace::event& made = events.emplace_back();
            made.kind = static_cast<trace::event_kind>(raw.kind);
            made.name = raw.name != nullptr ? raw.name : "";
            made.depth = static_cast<std::uint32_t>(open.size());
            if (raw.kind == trace_kind::span) {
                made.start_ns = edge(to_ns(raw.start));
                made.unfinished = end == trace_open_end;
                made.end_ns = to_ns(made.unfinished ? now_ticks : end); // placed when it closes
                open.push_back(events.size() - 1);
            } else {
                made.start_ns = made.end_ns = last = (std::max)({last, to_ns(raw.start), std::int64_t{0}});
                made.value = raw.kind == trace_kind::counter ? std::bit_cast<double>(end) : 0;
            }
        }
    }
    close_down_to(0);
    return events;
}

/// A recording as it was at one moment: where its events are, not the events.
struct trace_snapshot {
    struct track {
        unsigned tid = 0;
        std::string name;
        std::vector<trace_part> parts;
    };
    std::vector<track> tracks;
    std::uint64_t dropped = 0;
    std::int64_t base = 0;
    std::int64_t now = 0;
    double ns_per_tick = 1;

    std::vector<trace::event> resolve(const track& t) const { return trace_resolve(t.parts, base, ns_per_tick, now); }
};

inline trace_snapshot trace_take_snapshot(trace_state& state) {
    trace_snapshot result;
    bool any = false;
    {
        const std::lock_guard lock(state.mutex);
        result.dropped = state.lost.load(std::memory_order_relaxed);
        for (const trace_track* track : state.tracks) {
            auto& made = result.tracks.emplace_back();
            made.tid = track->tid;
            const char* name = track->name.load(std::memory_order_acquire);
            made.name = name != nullptr ? std::string(name) : text("thread ", track->tid);
            result.dropped += track->dropped.load(std::memory_order_relaxed);
            for (std::size_t i = 0; i < track->chunks.size(); ++i) {
                const trace_chunk& chunk = track->chunks[i];
                const trace_event* events = chunk.events();
                const bool newest = i + 1 == track->chunks.size();
                const std::size_t used =
                    newest ? static_cast<std::size_t>(track->next.load(std::memory_order_acquire) - events)
                           : chunk.size;
                if (used > 0) {
                    made.parts.push_back({events, used});
                }
            }
            if (!made.parts.empty()) {
                const std::int64_t start = made.parts.front().events[0].start;
                result.base = any ? (std::min)(result.base, start) : start;
                any = true;
            }
        }
    }
    const trace_instant_pair now = trace_both_clocks(state.clock);
    result.now = now.ticks;
    if (now.ticks > state.first.ticks && now.ns > state.first.ns) {
        result.ns_per_tick =
            static_cast<double>(now.ns - state.first.ns) / static_cast<double>(now.ticks - state.first.ticks);
    }
    return result;
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
