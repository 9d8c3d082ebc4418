// SPDX-License-Identifier: MIT
// Trace points: spans, instants and counters that cost one load and a branch while nothing records.
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

enum class trace_kind : std::uint32_t { span, instant, counter };

/// `end` of a span that has not ended.
inline constexpr std::int64_t trace_open_end = INT64_MIN;

/// What one trace point leaves behind. The slot is taken when a span begins, so parents come before their children.
struct trace_event {
    std::int64_t start;            // ticks
    std::atomic<std::int64_t> end; // ticks of a span's end, or the bits of a counter's value
    const char* name;              // a literal: never copied, never freed
    trace_kind kind;
    std::uint32_t depth; // spans of this thread that were open when it happened
};
static_assert(sizeof(trace_event) == 32 || sizeof(void*) != 8);

struct trace_recording;

/// One thread's part of one recording. Only its thread writes; the recorder reads what `next` has published.
struct trace_lane {
    std::atomic<trace_event*> next = nullptr;
    trace_event* limit = nullptr;
    trace_recording* owner = nullptr;
    trace_clock clock = nullptr;
    std::uint32_t depth = 0;
    std::atomic<const char*> name = nullptr;
};

/// What a trace point knows of a recorder. Lives until the process ends, so a thread that still holds the address of a
/// recorder that has gone finds a closed door, not freed memory.
struct trace_recording {
    trace_lane* (*join)(trace_recording&) noexcept;  // this thread's lane, or null
    trace_event* (*grow)(trace_lane& lane) noexcept; // a free slot in a new chunk, or null when memory is used up
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
    if (detail::trace_here.lane != nullptr) {
        detail::trace_here.lane->name.store(name, std::memory_order_release);
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
inline trace_slot trace_take() noexcept {
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
    trace_event* event = lane->next.load(std::memory_order_relaxed);
    if (event == lane->limit) {
        event = recording->grow(*lane);
    }
    return {event, lane};
}

// Not inlined, so that a trace point adds little code where it stands.
[[gnu::noinline]] inline trace_slot trace_begin(const char* name) noexcept {
    const trace_slot slot = trace_take();
    if (slot.event != nullptr) {
        trace_lane& lane = *slot.lane;
        ::new (static_cast<void*>(slot.event))
            trace_event{trace_ticks(lane.clock), {trace_open_end}, name, trace_kind::span, lane.depth};
        ++lane.depth;
        lane.next.store(slot.event + 1, std::memory_order_release);
    }
    return slot;
}

[[gnu::noinline]] inline void trace_end(trace_event* event, trace_lane* lane) noexcept {
    lane->depth = event->depth;
    event->end.store(trace_ticks(lane->clock), std::memory_order_relaxed);
}

[[gnu::noinline]] inline void trace_mark(trace_kind kind, const char* name, double value) noexcept {
    const trace_slot slot = trace_take();
    if (slot.event != nullptr) {
        trace_lane& lane = *slot.lane;
        ::new (static_cast<void*>(slot.event))
            trace_event{trace_ticks(lane.clock), {std::bit_cast<std::int64_t>(value)}, name, kind, lane.depth};
        lane.next.store(slot.event + 1, std::memory_order_release);
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
        detail::trace_mark(detail::trace_kind::counter, name, value);
    }
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
#else
#define FIELDREEL_TRACE_SPAN(name) static_cast<void>(0)
#define FIELDREEL_TRACE_INSTANT(name) static_cast<void>(0)
#define FIELDREEL_TRACE_COUNTER(name, value) static_cast<void>(sizeof(static_cast<double>(value)))
#endif

#endif
