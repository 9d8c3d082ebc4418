// SPDX-License-Identifier: MIT
// Trace points: spans, instants, counters and flows that cost one load and a branch while nothing records.
#ifndef FIELDREEL_TRACE_POINT_HPP
#define FIELDREEL_TRACE_POINT_HPP

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>

namespace fieldreel::inline v0 {
namespace detail {

/// Ticks of some clock. A null clock means the processor's time stamp counter.
using trace_clock = std::int64_t (*)() noexcept;

enum class trace_kind : std::uint32_t { span, instant, counter, flow_begin, flow_end };

/// `end` of a span that has not ended.
inline constexpr std::int64_t trace_open_end = INT64_MIN;

/// What one trace point leaves behind, in memory and in a recording's file alike. The slot is taken when a span begins,
/// so parents come before their children.
struct trace_event {
    std::int64_t start;            // ticks
    std::atomic<std::int64_t> end; // ticks of a span's end, the bits of a counter's value, or the id of a flow
    const char* name;              // a literal: never freed; a file names what it points to
    trace_kind kind;
    std::uint32_t depth; // spans of this thread that were open when it happened
};
static_assert(sizeof(trace_event) == 32 || sizeof(void*) != 8);

/// Stands before the events of a chunk: consecutive events of one thread.
struct trace_chunk {
    std::atomic<std::uint64_t> used; // bytes that can be read, this head included; 0: not a chunk yet
    std::uint64_t order;             // of all the recording's chunks, when it was taken
    std::uint32_t bytes;             // of the whole chunk
    std::uint32_t tid;               // 0: names instead of events
    std::uint32_t serial;            // chunks of this thread before it
    std::uint32_t reserved;

    trace_event* events() noexcept { return reinterpret_cast<trace_event*>(this + 1); }
    const trace_event* events() const noexcept { return reinterpret_cast<const trace_event*>(this + 1); }
    std::size_t capacity() const noexcept { return (bytes - sizeof(trace_chunk)) / sizeof(trace_event); }
    std::size_t size() const noexcept {
        return (used.load(std::memory_order_acquire) - sizeof(trace_chunk)) / sizeof(trace_event);
    }
};
static_assert(sizeof(trace_chunk) == 32);

struct trace_recording;

/// One thread's part of one recording. Only its thread writes; the recorder reads what the chunk's `used` publishes.
struct trace_lane {
    trace_event* next = nullptr; // a free slot, or `limit`
    trace_event* limit = nullptr;
    trace_chunk* chunk = nullptr;
    trace_recording* owner = nullptr;
    trace_clock clock = nullptr;
    std::uint32_t depth = 0;
    // The names this thread has used: an open-addressed set with room to spare, so that a search ends.
    std::uint32_t names_mask = 0;
    const char* const* names;

    bool knows(const char* name) const noexcept {
        for (std::size_t i = trace_hash(name);; ++i) {
            const char* known = names[i & names_mask];
            if (known == name || known == nullptr) {
                return known == name;
            }
        }
    }
    static std::size_t trace_hash(const char* name) noexcept {
        return static_cast<std::size_t>((std::bit_cast<std::uintptr_t>(name) * std::uint64_t{0x9E3779B97F4A7C15}) >>
                                        40);
    }
};

/// What a trace point knows of a recorder. Lives until the process ends, so a thread that still holds the address of a
/// recorder that has gone finds a closed door, not freed memory.
struct trace_recording {
    trace_lane* (*join)(trace_recording&) noexcept;  // this thread's lane, or null
    trace_event* (*grow)(trace_lane& lane) noexcept; // a free slot in another chunk, or null when there is no room
    void (*learn)(trace_lane& lane, const char* name) noexcept; // a name this thread has not used before
    void (*rename)(trace_lane& lane) noexcept;                  // the thread has a new name
};

struct trace_thread {
    trace_lane* lane = nullptr;
    const char* name = nullptr;
    bool gone = false; // the thread is ending: its lanes are given back
};
inline constinit thread_local trace_thread trace_here{};

} // namespace detail

namespace trace {

/// What the trace points of this process write to; null = off. Set it with `attach`.
inline constinit std::atomic<detail::trace_recording*> current{nullptr};

/// Whether anything records at the moment. Cost: one relaxed load.
inline bool enabled() noexcept {
    return current.load(std::memory_order_relaxed) != nullptr;
}

/// Names the calling thread in this and later recordings. The name is kept by pointer: a literal.
inline void name_thread(const char* name) noexcept {
    detail::trace_here.name = name;
    if (detail::trace_lane* lane = detail::trace_here.lane; lane != nullptr) {
        lane->owner->rename(*lane);
    }
}

} // namespace trace

namespace detail {

/// The one place where trace points read time.
inline std::int64_t trace_ticks(trace_clock clock) noexcept {
#if defined(__GNUC__) && defined(__x86_64__)
    if (clock == nullptr) {
        return static_cast<std::int64_t>(__builtin_ia32_rdtsc());
    }
#endif
    return clock();
}

struct trace_slot {
    trace_event* event = nullptr;
    trace_lane* lane = nullptr;
};

/// This thread's next slot in what records now; no event when nothing does, or when its memory is used up.
inline trace_slot trace_take(const char* name) noexcept {
    trace_recording* recording = trace::current.load(std::memory_order_acquire);
    if (recording == nullptr) {
        return {};
    }
    trace_lane* lane = trace_here.lane;
    if (lane == nullptr || lane->owner != recording) {
        lane = recording->join(*recording);
        if (lane == nullptr) {
            return {};
        }
    }
    if (!lane->knows(name)) {
        recording->learn(*lane, name);
    }
    trace_event* event = lane->next;
    if (event == lane->limit) {
        event = recording->grow(*lane);
    }
    return {event, lane};
}

/// The slot can be read from now on.
inline void trace_publish(trace_lane& lane, trace_event* event) noexcept {
    lane.next = event + 1;
    lane.chunk->used.store(static_cast<std::uint64_t>(reinterpret_cast<const char*>(event + 1) -
                                                      reinterpret_cast<const char*>(lane.chunk)),
                           std::memory_order_release);
}

// Not inlined, so that a trace point adds little code where it stands.
[[gnu::noinline]] inline trace_slot trace_begin(const char* name) noexcept {
    const trace_slot slot = trace_take(name);
    if (slot.event != nullptr) {
        trace_lane& lane = *slot.lane;
        ::new (static_cast<void*>(slot.event))
            trace_event{trace_ticks(lane.clock), {trace_open_end}, name, trace_kind::span, lane.depth};
        ++lane.depth;
        trace_publish(lane, slot.event);
    }
    return slot;
}

// Once it has ended, a span's slot may be used again by any thread: nothing of it is touched after the store.
[[gnu::noinline]] inline void trace_end(trace_event* event, trace_lane* lane) noexcept {
    lane->depth = event->depth;
    event->end.store(trace_ticks(lane->clock), std::memory_order_release);
}

[[gnu::noinline]] inline void trace_mark(trace_kind kind, const char* name, std::int64_t bits) noexcept {
    const trace_slot slot = trace_take(name);
    if (slot.event != nullptr) {
        trace_lane& lane = *slot.lane;
        ::new (static_cast<void*>(slot.event)) trace_event{trace_ticks(lane.clock), {bits}, name, kind, lane.depth};
        trace_publish(lane, slot.event);
    }
}

} // namespace detail

namespace trace {

/// The time from here to the end of the enclosing scope, also when an exception leaves it. Use FIELDREEL_TRACE_SPAN;
/// made by hand, `name` must outlive every recorder, and spans of a thread must end innermost first.
/// Cost: off, one relaxed load and a branch; on, two clock reads and 32 bytes.
class span {
public:
    explicit span(const char* name) noexcept {
        if (enabled()) [[unlikely]] {
            slot_ = detail::trace_begin(name);
        }
    }
    ~span() {
        if (slot_.event != nullptr) [[unlikely]] {
            detail::trace_end(slot_.event, slot_.lane);
        }
    }
    span(const span&) = delete;
    span& operator=(const span&) = delete;

private:
    detail::trace_slot slot_;
};

/// A moment. Use FIELDREEL_TRACE_INSTANT.
inline void instant(const char* name) noexcept {
    if (enabled()) [[unlikely]] {
        detail::trace_mark(detail::trace_kind::instant, name, 0);
    }
}

/// A value that changes over time. Use FIELDREEL_TRACE_COUNTER.
inline void counter(const char* name, double value) noexcept {
    if (enabled()) [[unlikely]] {
        detail::trace_mark(detail::trace_kind::counter, name, std::bit_cast<std::int64_t>(value));
    }
}

/// An arrow from the span around this to the span around the `flow_end` of the same name and id, on any thread. Use
/// FIELDREEL_TRACE_FLOW_BEGIN; `id` is from 1 to 2^53 and given once per arrow, e.g. by `next_flow`; 0 is no arrow.
inline void flow_begin(const char* name, std::uint64_t id) noexcept {
    if (id != 0 && enabled()) [[unlikely]] {
        detail::trace_mark(detail::trace_kind::flow_begin, name, static_cast<std::int64_t>(id));
    }
}

/// Where the arrow ends. Use FIELDREEL_TRACE_FLOW_END.
inline void flow_end(const char* name, std::uint64_t id) noexcept {
    if (id != 0 && enabled()) [[unlikely]] {
        detail::trace_mark(detail::trace_kind::flow_end, name, static_cast<std::int64_t>(id));
    }
}

/// An id that no other arrow of this process has; 0, which is none, while nothing records.
inline std::uint64_t next_flow() noexcept {
    static constinit std::atomic<std::uint64_t> last{0};
    return enabled() ? last.fetch_add(1, std::memory_order_relaxed) + 1 : 0;
}

} // namespace trace
} // namespace fieldreel::inline v0

// Names are string literals (the "" in front refuses anything else). FIELDREEL_NO_TRACE compiles every trace point out;
// define it for the whole program or not at all. A counter's value is then not evaluated, nor while nothing records.
#ifndef FIELDREEL_NO_TRACE
#define FIELDREEL_TRACE_JOIN_(a, b) a##b
#define FIELDREEL_TRACE_VARIABLE_(line) FIELDREEL_TRACE_JOIN_(fieldreel_trace_span_, line)
/// Traces the rest of the enclosing scope: FIELDREEL_TRACE_SPAN("paint"); at most one a line.
#define FIELDREEL_TRACE_SPAN(name) const ::fieldreel::trace::span FIELDREEL_TRACE_VARIABLE_(__LINE__)("" name)
/// Traces a moment: FIELDREEL_TRACE_INSTANT("seek");
#define FIELDREEL_TRACE_INSTANT(name) ::fieldreel::trace::instant("" name)
/// Traces a value: FIELDREEL_TRACE_COUNTER("cache.bytes", bytes);
#define FIELDREEL_TRACE_COUNTER(name, value)                                                                           \
    (::fieldreel::trace::enabled() ? ::fieldreel::trace::counter("" name, static_cast<double>(value)) : void())
/// Traces an arrow between the spans around two places: FIELDREEL_TRACE_FLOW_BEGIN("prefetch", id) and, where what was
/// begun is used, FIELDREEL_TRACE_FLOW_END("prefetch", id). An id of 0 is no arrow.
#define FIELDREEL_TRACE_FLOW_BEGIN(name, id)                                                                           \
    (::fieldreel::trace::enabled() ? ::fieldreel::trace::flow_begin("" name, (id)) : void())
#define FIELDREEL_TRACE_FLOW_END(name, id)                                                                             \
    (::fieldreel::trace::enabled() ? ::fieldreel::trace::flow_end("" name, (id)) : void())
#else
#define FIELDREEL_TRACE_SPAN(name) static_cast<void>(0)
#define FIELDREEL_TRACE_INSTANT(name) static_cast<void>(0)
#define FIELDREEL_TRACE_COUNTER(name, value) static_cast<void>(sizeof(static_cast<double>(value)))
#define FIELDREEL_TRACE_FLOW_BEGIN(name, id) static_cast<void>(sizeof(id))
#define FIELDREEL_TRACE_FLOW_END(name, id) static_cast<void>(sizeof(id))
#endif

#endif
