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
#include <cstring>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#if defined(__GNUC__) && defined(__x86_64__)
#include <cpuid.h>
#endif

#include <fieldreel/error.hpp>
#include <fieldreel/trace/chrome_json.hpp>
#include <fieldreel/trace/part_file.hpp>
#include <fieldreel/trace/point.hpp>

namespace fieldreel::inline v0 {
namespace trace {

class recorder;

/// What a recorder does when `max_bytes` of events are there.
enum class when_full : std::uint8_t {
    drop_oldest, ///< the oldest chunk without an open span is used again; what was in it is counted as dropped
    wait,        ///< nothing is dropped: the thread that needs room waits until the disk has taken what is there, and
                 ///< the file grows. Needs a path, and a file system with shared mappings.
};

/// How a recorder keeps and writes.
struct recorder_options {
    std::size_t max_bytes = std::size_t{64} << 20; ///< of all threads; an event takes 32 bytes
    trace::when_full when_full = trace::when_full::drop_oldest;
    std::string process_name = "fieldreel";
    file_window window = {};
    bool shared_mapping = true; ///< false: on the heap, so that what was recorded is lost when the process is killed
    /// Nanoseconds; null = the best clock of this machine. Tests bring their own.
    std::int64_t (*clock)() noexcept = nullptr;
};

} // namespace trace

namespace detail {

/// Events that follow each other, of one thread.
struct trace_part {
    const trace_event* events = nullptr;
    std::size_t size = 0;
    bool after_gap = false; // events before these were dropped
};

// Where chunks are: freed when the recording and every thread that recorded in it have let go.
struct trace_memory {
    trace_part_file file;
    std::vector<std::unique_ptr<std::byte[]>> heap;

    // Errors: bad_alloc. Null: the file cannot grow.
    std::byte* take(std::size_t bytes) {
        if (file.head() != nullptr) {
            return file.take(bytes);
        }
        heap.push_back(std::unique_ptr<std::byte[]>(new std::byte[bytes]));
        return heap.back().get();
    }
};

// Held by the recording (until its recorder is destroyed) and by its thread (until that ends, or records elsewhere
// after the recorder is gone and no span is open in it). The last to let go frees it.
struct trace_track : trace_lane {
    std::atomic<int> holders = 2;
    std::uint32_t pass_over = 0; // events to drop before asking for room again
    std::size_t known = 0;       // of `names`
    std::unique_ptr<const char*[]> names_memory;
    std::shared_ptr<trace_memory> memory;
    // Under the recording's mutex:
    std::uint32_t tid = 0;
    std::uint32_t serial = 0; // of the next chunk
    bool ended = false;       // its thread is gone
    std::string name;
    std::vector<trace_chunk*> chunks;

    static constexpr const char* no_names[1] = {nullptr};
    trace_track() { names = no_names; }

    // Errors: bad_alloc.
    void remember(const char* added) {
        if ((known + 1) * 2 > names_mask) {
            const std::uint32_t size = (names_mask + 1) * 2 < 32 ? 32 : (names_mask + 1) * 2;
            auto larger = std::make_unique<const char*[]>(size);
            for (std::size_t i = 0; i <= names_mask; ++i) {
                if (names[i] != nullptr) {
                    put(larger.get(), size - 1, names[i]);
                }
            }
            names_memory = std::move(larger);
            names = names_memory.get();
            names_mask = size - 1;
        }
        put(names_memory.get(), names_mask, added);
        ++known;
    }
    void release() noexcept {
        if (holders.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            delete this;
        }
    }

private:
    static void put(const char** table, std::uint32_t mask, const char* added) noexcept {
        std::size_t i = trace_hash(added);
        while (table[i & mask] != nullptr) {
            ++i;
        }
        table[i & mask] = added;
    }
};

struct trace_instant_pair { // the same moment on both clocks
    std::int64_t ticks = 0;
    std::int64_t ns = 0;
};

// All of a recorder but its handle. Never freed (see trace_recording); its events are.
struct trace_state : trace_recording {
    std::mutex
        mutex; // what follows, up to readers, and each track's. Taken when a thread joins, or needs a chunk or name
    std::vector<trace_track*> tracks;
    std::shared_ptr<trace_memory> memory = std::make_shared<trace_memory>();
    std::size_t bytes = 0;                       // of chunks of events
    std::uint64_t order = 0;                     // of the next chunk
    std::unordered_map<const char*, bool> named; // in the file
    trace_chunk* names = nullptr;
    bool alive = true;
    unsigned readers = 0; // of chunks: meanwhile none is used again

    std::atomic<std::uint64_t> dropped = 0;
    trace_clock clock = nullptr;
    trace_instant_pair first;
    std::atomic<trace::recorder*> owner = nullptr;

    std::mutex write_mutex;             // one writer at a time
    std::atomic<bool> unwritten = true; // may hold events that no finished file has
    unsigned long process = 0;          // a forked child leaves its parent's file alone
    unsigned serial = 0;                // of this recorder in the process
    std::string path;
    std::string part;                    // the mapping's file; empty: on the heap
    std::string notice;                  // what differs from what was asked
    std::atomic<bool> keep_part = false; // the finished file could not be written
    trace::recorder_options options;
    trace_state* older = nullptr;

    bool recycles() const noexcept { return options.when_full == trace::when_full::drop_oldest; }
    // `held`: the recording's memory; its own pointer goes with the recorder.
    void count_dropped(std::uint64_t events, const std::shared_ptr<trace_memory>& held) noexcept {
        const std::uint64_t now = dropped.fetch_add(events, std::memory_order_relaxed) + events;
        if (trace_part_head* head = held->file.head()) {
            head->dropped.store(now, std::memory_order_relaxed);
        }
    }
};
inline constinit std::atomic<trace_state*> trace_states{nullptr};

// The tracks of the calling thread; given back when it ends.
struct trace_held {
    std::vector<trace_track*> tracks;
    ~trace_held() {
        trace_here.gone = true;
        trace_here.lane = nullptr;
        for (trace_track* track : tracks) {
            {
                const std::lock_guard lock(static_cast<trace_state&>(*track->owner).mutex);
                track->ended = true;
            }
            track->release();
        }
    }
    // Lets go of recorders that are gone, where no span is open.
    void tidy() {
        for (std::size_t i = tracks.size(); i-- > 0;) {
            trace_track* track = tracks[i];
            auto& state = static_cast<trace_state&>(*track->owner);
            const std::lock_guard lock(state.mutex);
            if (!state.alive && track->depth == 0) {
                tracks.erase(tracks.begin() + static_cast<std::ptrdiff_t>(i));
                if (trace_here.lane == track) {
                    trace_here.lane = nullptr;
                }
                track->release();
            }
        }
    }
};
inline thread_local trace_held trace_held_here;

inline constexpr std::size_t trace_first_chunk = 4096; // bytes; a thread's chunks grow to 64 KiB
inline constexpr std::size_t trace_largest_chunk = std::size_t{64} << 10;
inline constexpr std::size_t trace_longest_name = 1024;

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

inline double trace_ns_per_tick(const trace_instant_pair& first, const trace_instant_pair& now) noexcept {
    return now.ticks > first.ticks && now.ns > first.ns
               ? static_cast<double>(now.ns - first.ns) / static_cast<double>(now.ticks - first.ticks)
               : 1;
}

/// Puts a name into the file, if there is one. Called with the mutex.
inline void trace_write_name(trace_state& state, trace_name::kind what, std::uint64_t key, std::string_view text) {
    if (!state.alive || state.memory->file.head() == nullptr) {
        return;
    }
    text = text.substr(0, trace_longest_name);
    const std::size_t bytes = sizeof(trace_name) + (text.size() + 7) / 8 * 8;
    std::uint64_t used = state.names != nullptr ? state.names->used.load(std::memory_order_relaxed) : 0;
    if (state.names == nullptr || used + bytes > state.names->bytes) {
        std::byte* at = state.memory->take(trace_first_chunk);
        if (at == nullptr) {
            return;
        }
        used = sizeof(trace_chunk);
        state.names = ::new (static_cast<void*>(at))
            trace_chunk{{used}, state.order++, static_cast<std::uint32_t>(trace_first_chunk), 0, 0, 0};
    }
    std::byte* at = reinterpret_cast<std::byte*>(state.names) + used;
    const trace_name name{key, what, static_cast<std::uint32_t>(text.size())};
    std::memcpy(at, &name, sizeof name);
    std::memcpy(at + sizeof name, text.data(), text.size());
    state.names->used.store(used + bytes, std::memory_order_release);
}

inline void trace_learn(trace_lane& lane, const char* name) noexcept {
    auto& track = static_cast<trace_track&>(lane);
    auto& state = static_cast<trace_state&>(*lane.owner);
    try {
        if (track.memory->file.head() != nullptr) {
            const std::lock_guard lock(state.mutex);
            if (state.named.try_emplace(name, true).second) {
                trace_write_name(state, trace_name::kind::of_pointer, std::bit_cast<std::uintptr_t>(name), name);
            }
        }
        track.remember(name);
    } catch (...) { // a name less in the file of a killed process
    }
}

// Called with the mutex.
inline void trace_name_track(trace_state& state, trace_track& track) {
    if (trace_here.name != nullptr) {
        track.name = trace_here.name;
        trace_write_name(state, trace_name::kind::of_thread, track.tid, track.name);
    }
}

inline void trace_rename(trace_lane& lane) noexcept {
    auto& state = static_cast<trace_state&>(*lane.owner);
    try {
        const std::lock_guard lock(state.mutex);
        trace_name_track(state, static_cast<trace_track&>(lane));
    } catch (...) {
    }
}

/// The oldest chunk that nobody writes to, taken from its thread; null when there is none. Called with the mutex.
inline trace_chunk* trace_recycle(trace_state& state, const trace_track& asks) {
    const auto has_open_span = [](const trace_chunk& chunk) {
        const trace_event* events = chunk.events();
        const std::size_t size = chunk.size();
        for (std::size_t i = 0; i < size; ++i) {
            // Acquire: the thread that ended the span has read all it wants of it.
            if (events[i].end.load(std::memory_order_acquire) == trace_open_end && events[i].kind == trace_kind::span) {
                return true;
            }
        }
        return false;
    };
    std::vector<std::size_t> next(state.tracks.size(), 0);
    for (;;) {
        std::size_t oldest = state.tracks.size();
        for (std::size_t t = 0; t < state.tracks.size(); ++t) {
            const trace_track& track = *state.tracks[t];
            const bool all = &track == &asks || track.ended; // else its last chunk is being written to
            if (next[t] + (all ? 0 : 1) < track.chunks.size() &&
                (oldest == state.tracks.size() ||
                 track.chunks[next[t]]->order < state.tracks[oldest]->chunks[next[oldest]]->order)) {
                oldest = t;
            }
        }
        if (oldest == state.tracks.size()) {
            return nullptr;
        }
        auto& chunks = state.tracks[oldest]->chunks;
        trace_chunk* chunk = chunks[next[oldest]];
        if (!has_open_span(*chunk)) {
            chunks.erase(chunks.begin() + static_cast<std::ptrdiff_t>(next[oldest]));
            state.count_dropped(chunk->size(), asks.memory);
            return chunk;
        }
        ++next[oldest];
    }
}

/// A chunk to write to; null when there is no room. Called with the mutex.
inline trace_chunk* trace_chunk_for(trace_state& state, trace_track& track) {
    const bool waits = !state.recycles();
    const std::size_t room =
        waits ? trace_largest_chunk : state.options.max_bytes - (std::min)(state.bytes, state.options.max_bytes);
    const std::size_t wanted = track.chunks.empty() ? trace_first_chunk : std::size_t{track.chunks.back()->bytes} * 4;
    const std::size_t bytes =
        (std::min)({wanted, trace_largest_chunk, room}) / sizeof(trace_event) * sizeof(trace_event);
    track.chunks.reserve(track.chunks.size() + 1);
    if (bytes >= trace_first_chunk) {
        if (waits && state.bytes + bytes > state.options.max_bytes) {
            state.memory->file.wait_for_disk();
        }
        if (std::byte* at = state.memory->take(bytes)) {
            state.bytes += bytes;
            auto* chunk = ::new (static_cast<void*>(at)) trace_chunk{};
            chunk->bytes = static_cast<std::uint32_t>(bytes);
            return chunk;
        }
    }
    return waits || state.readers > 0 ? nullptr : trace_recycle(state, track);
}

inline trace_event* trace_grow(trace_lane& lane) noexcept {
    auto& track = static_cast<trace_track&>(lane);
    auto& state = static_cast<trace_state&>(*lane.owner);
    if (track.pass_over == 0) {
        try {
            const std::lock_guard lock(state.mutex);
            trace_chunk* chunk = state.alive ? trace_chunk_for(state, track) : nullptr;
            if (chunk != nullptr) {
                chunk->used.store(0, std::memory_order_release); // nobody reads it while it changes
                std::atomic_thread_fence(std::memory_order_release);
                chunk->order = state.order++;
                chunk->tid = track.tid;
                chunk->serial = track.serial++;
                chunk->used.store(sizeof(trace_chunk), std::memory_order_release);
                if (trace_part_head* head = track.memory->file.head(); head != nullptr && lane.clock == nullptr) {
                    const double rate = trace_ns_per_tick(state.first, trace_both_clocks(lane.clock));
                    head->ns_per_tick.store(std::bit_cast<std::uint64_t>(rate), std::memory_order_relaxed);
                }
                track.chunks.push_back(chunk);
                track.chunk = chunk;
                track.next = chunk->events();
                track.limit = track.next + chunk->capacity();
                return track.next;
            }
        } catch (...) { // no memory is no reason to stop what is being traced
        }
        track.pass_over = 256;
    }
    --track.pass_over;
    state.count_dropped(1, track.memory);
    return nullptr;
}

inline trace_lane* trace_join(trace_recording& recording) noexcept {
    auto& state = static_cast<trace_state&>(recording);
    if (trace_here.gone) {
        state.dropped.fetch_add(1, std::memory_order_relaxed);
        return nullptr;
    }
    try {
        auto& held = trace_held_here.tracks;
        trace_here.lane = nullptr;
        trace_held_here.tidy();
        for (trace_track* track : held) {
            if (track->owner == &recording) {
                return trace_here.lane = track;
            }
        }
        held.reserve(held.size() + 1);
        auto track = std::make_unique<trace_track>();
        track->owner = &recording;
        track->clock = state.clock;
        const std::lock_guard lock(state.mutex);
        if (!state.alive) {
            return nullptr;
        }
        track->memory = state.memory;
        track->tid = static_cast<std::uint32_t>(state.tracks.size() + 1);
        trace_name_track(state, *track);
        state.tracks.push_back(track.get());
        held.push_back(track.get());
        return trace_here.lane = track.release();
    } catch (...) {
        state.dropped.fetch_add(1, std::memory_order_relaxed);
        return nullptr;
    }
}

// In a forked child nothing records until it starts a recorder of its own: the mapping is its parent's.
inline void trace_forked() noexcept {
    trace::current.store(nullptr, std::memory_order_release);
    trace_here.lane = nullptr;
    for (trace_state* state = trace_states.load(std::memory_order_acquire); state != nullptr; state = state->older) {
        if (state->memory != nullptr) {
            state->memory->file.forget();
        }
    }
    trace_held_here.tracks.clear(); // their locks may be held by threads that the child does not have
}

/// Places the begins and ends of one thread in time. Each is at least 1 ns after the one before it: a clock that stands
/// still or goes backwards cannot make two spans overlap, and no viewer has to guess what encloses what. `names` tells
/// what the pointers of another process meant; null: they are this one's.
inline std::vector<trace::event> trace_resolve(const std::vector<trace_part>& parts, std::int64_t base,
                                               double ns_per_tick, std::int64_t now_ticks,
                                               const std::unordered_map<std::uint64_t, const char*>* names = nullptr) {
    struct open_span {
        std::size_t index;
        std::uint32_t depth; // as recorded: where parents were dropped, less is open
    };
    std::vector<trace::event> events;
    std::size_t count = 0;
    for (const trace_part& part : parts) {
        count += part.size;
    }
    events.reserve(count);
    std::vector<open_span> open;
    std::int64_t last = -1;
    const auto to_ns = [&](std::int64_t ticks) { // whatever a damaged file says, within 127 years
        const auto since =
            static_cast<std::int64_t>(static_cast<std::uint64_t>(ticks) - static_cast<std::uint64_t>(base));
        const double ns = static_cast<double>(since) * ns_per_tick + 0.5;
        return static_cast<std::int64_t>(ns > -4e18 ? (std::min)(ns, 4e18) : -4e18);
    };
    const auto edge = [&](std::int64_t ns) { return last = (std::max)(last + 1, ns); };
    const auto close = [&] {
        trace::event& span = events[open.back().index];
        span.end_ns = edge(span.end_ns);
        open.pop_back();
    };
    const auto name_of = [&](const char* name) -> const char* {
        if (names != nullptr) {
            const auto found = names->find(std::bit_cast<std::uintptr_t>(name));
            return found != names->end() ? found->second : "(name lost)";
        }
        return name != nullptr ? name : "";
    };
    for (const trace_part& part : parts) {
        if (part.after_gap && part.size > 0) { // what ended in the gap does not enclose what comes after it
            const std::int64_t start = to_ns(part.events[0].start);
            while (!open.empty() && !events[open.back().index].unfinished && events[open.back().index].end_ns < start) {
                close();
            }
        }
        for (std::size_t i = 0; i < part.size; ++i) {
            const trace_event& raw = part.events[i];
            const std::int64_t end = raw.end.load(std::memory_order_relaxed);
            while (!open.empty() && open.back().depth >= raw.depth) {
                close();
            }
            trace::event& made = events.emplace_back();
            made.kind = static_cast<trace::event_kind>(raw.kind);
            made.name = name_of(raw.name);
            made.depth = static_cast<std::uint32_t>(open.size());
            if (raw.kind == trace_kind::span) {
                made.start_ns = edge(to_ns(raw.start));
                made.unfinished = end == trace_open_end;
                made.end_ns = to_ns(made.unfinished ? now_ticks : end); // placed when it closes
                open.push_back({events.size() - 1, raw.depth});
            } else {
                made.start_ns = made.end_ns = last = (std::max)({last, to_ns(raw.start), std::int64_t{0}});
                made.value = raw.kind == trace_kind::counter ? std::bit_cast<double>(end)
                             : raw.kind == trace_kind::instant
                                 ? 0
                                 : static_cast<double>(end & ((std::int64_t{1} << 53) - 1));
            }
        }
    }
    while (!open.empty()) {
        close();
    }
    return events;
}

/// Chunks in the order in which their thread filled them, as parts to resolve.
inline std::vector<trace_part> trace_parts(const std::vector<trace_chunk*>& chunks) {
    std::vector<trace_part> parts;
    std::uint32_t serial = 0;
    for (const trace_chunk* chunk : chunks) {
        parts.push_back({chunk->events(), chunk->size(), chunk->serial != serial});
        serial = chunk->serial + 1;
    }
    return parts;
}

inline std::string trace_thread_name(const std::string& name, unsigned tid) {
    return name.empty() ? text("thread ", tid) : name;
}

/// Calls `each(tid, name, events)` for every thread, with what it had recorded at one moment. Threads go on recording
/// meanwhile; only no chunk is used again, so what finds no room is dropped.
template <class Each>
void trace_each_thread(trace_state& state, Each each) {
    struct track_now {
        unsigned tid;
        std::string name;
        std::vector<trace_part> parts;
    };
    struct reading {
        trace_state& state;
        std::unique_lock<std::mutex> lock{state.mutex};
        explicit reading(trace_state& s) : state(s) { ++state.readers; }
        ~reading() {
            if (!lock.owns_lock()) {
                lock.lock();
            }
            --state.readers;
        }
    } now(state);
    std::vector<track_now> tracks;
    std::int64_t base = std::numeric_limits<std::int64_t>::max();
    for (const trace_track* track : state.tracks) {
        tracks.push_back({track->tid, trace_thread_name(track->name, track->tid), trace_parts(track->chunks)});
        for (const trace_part& part : tracks.back().parts) {
            if (part.size > 0) {
                base = (std::min)(base, part.events[0].start);
                break;
            }
        }
    }
    now.lock.unlock();
    const trace_instant_pair end = trace_both_clocks(state.clock);
    const double ns_per_tick = state.clock != nullptr ? 1 : trace_ns_per_tick(state.first, end);
    for (const track_now& track : tracks) {
        each(track.tid, track.name, trace_resolve(track.parts, base, ns_per_tick, end.ticks));
    }
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
