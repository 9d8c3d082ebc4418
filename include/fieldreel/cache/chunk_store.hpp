// SPDX-License-Identifier: MIT
// Behind a chunk cache: who reads what and when, who waits, and what is read ahead. Not for users; see chunk_cache.hpp.
#ifndef FIELDREEL_CACHE_CHUNK_STORE_HPP
#define FIELDREEL_CACHE_CHUNK_STORE_HPP

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <utility>

#include <fieldreel/cache/chunk_slots.hpp>
#include <fieldreel/cache/eviction.hpp>
#include <fieldreel/cache/options.hpp>
#include <fieldreel/cache/prefetch.hpp>
#include <fieldreel/cache/statistics.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/source/reader_turns.hpp>
#include <fieldreel/trace/point.hpp>

namespace fieldreel::inline v0::detail {

/// One consumer, as the store knows it: what it has pinned, where it goes, and what it counted by itself.
struct cache_consumer {
    slot_index held = no_slot;
    chunk_motion going;
    std::size_t own_bytes = 0;          ///< of its buffer for frames that found no room
    std::atomic<std::uint64_t> hits{0}; ///< within the pinned chunk; one thread writes, so no locked instruction
    cache_consumer* previous = nullptr;
    cache_consumer* next = nullptr;

    void count_hit() noexcept { hits.store(hits.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
};

/// A clock for durations. Units: nanoseconds.
using clock_ns = std::int64_t (*)();
inline std::int64_t steady_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// What all handles and cursors of one cache share. Everything is guarded by `lock_`, which is never held during a
/// read; the contents of a buffer belong to the thread that loads it, then, unchanged, to those who have it pinned.
///
/// Reading ahead keeps no queue: whenever one of its threads is free it takes the chunk that is needed soonest just
/// then, provided that it is needed sooner than what makes room for it. So a jump leaves nothing stale behind but the
/// reads under way.
template <frame_source Source, eviction_policy Policy>
class chunk_store {
public:
    using value_type = typename Source::value_type;
    static constexpr bool follows = following_policy<Policy>;
    static constexpr bool prefetches = prefetching_policy<Policy>;

    chunk_store(Source from, const cache_options& options, clock_ns now = steady_ns)
        : source(std::move(from)),
          layout(make_layout(options, source.frame_count(), source.frame_size(), sizeof(value_type))),
          now_(now),
          at_once_(reads_at_once(source)),
          lock_(options.one_thread),
          slots_(layout),
          threads_wanted_(check_threads(options, prefetches)) {
        if constexpr (prefetches) {
            failed_.reserve();
        }
    }
    chunk_store(const chunk_store&) = delete;
    ~chunk_store() {
        readers_ahead_.stop(lock_);
        while (share_blocks_ != nullptr) {
            ::operator delete(std::exchange(share_blocks_, *static_cast<void**>(share_blocks_)));
        }
    }

    Source source;
    const cache_layout layout;

    /// Lets `held` go and pins `chunk` instead, reading it if need be. `held` is no_slot when there is no room, or when
    /// the read throws. `who` is the cursor that asks; null for the bulk read, which moves nobody. Returns `held`.
    slot_index step(slot_index& held, std::size_t chunk, cache_consumer* who) {
        lock_.lock();
        place(who, chunk);
        if (const slot_index s = slots_.resident_slot(chunk); s < slots_.most_slots) [[likely]] {
            ++counts_.hits;
            slots_.change(held, s);
            unlock_after_use(s);
            return s;
        }
        slots_.release(held);
        return held = miss(chunk, who != nullptr ? reader::cursor : reader::bulk);
    }
    /// The same when `chunk` is resident; else nothing happens but that the consumer is where it wants to be.
    /// Errors: that of a read ahead.
    bool try_step(cache_consumer& who, std::size_t chunk) {
        std::unique_lock guard(lock_);
        place(&who, chunk);
        const slot_index s = slots_.resident_slot(chunk);
        const bool there = s < slots_.most_slots;
        if (there) {
            ++counts_.hits;
            slots_.change(who.held, s);
        } else {
            throw_kept_error(chunk);
        }
        guard.release();
        unlock_after_use(there ? s : no_slot);
        return there;
    }
    /// Steps to the resident chunk that has the frame nearest to `i`; nothing happens unless it is less than `limit`
    /// frames away. Returns the frame.
    std::optional<std::size_t> step_nearest(cache_consumer& who, std::size_t chunk, std::size_t i, std::size_t limit) {
        lock_.lock();
        place(&who, chunk);
        const chunk_set& resident = slots_.resident();
        const std::size_t before = resident.at_or_before(chunk);
        const std::size_t after = before == chunk ? no_chunk : resident.at_or_after(chunk);
        const std::size_t last = before == no_chunk ? 0 : (std::min)(i, (before + 1) * layout.chunk_size - 1);
        const bool forward = after != no_chunk && (before == no_chunk || after * layout.chunk_size - i < i - last);
        const std::size_t nearest = forward ? after * layout.chunk_size : last;
        const bool near_enough = (before != no_chunk || forward) && (forward ? nearest - i : i - nearest) < limit;
        if (near_enough) {
            counts_.hits += nearest == i ? 1 : 0;
            slots_.change(who.held, slots_.resident_slot(forward ? after : before));
        }
        unlock_after_use(near_enough ? who.held : no_slot);
        return near_enough ? std::optional(nearest) : std::nullopt;
    }
    void let_go(slot_index held) noexcept {
        lock_.lock();
        slots_.release(held);
        unlock_and_wake();
    }
    void pin_again(slot_index held) noexcept {
        const std::lock_guard guard(lock_);
        slots_.pin(held);
    }

    /// The values of a pinned chunk.
    const value_type* data(slot_index s) const noexcept { return static_cast<const value_type*>(slots_.data(s)); }

    /// Reads the source, past the cache.
    void read_past(std::size_t first, std::span<value_type> out, bool is_cursor) {
        FIELDREEL_TRACE_SPAN("cache.miss");
        const std::int64_t start = now_();
        read(first, out);
        if (is_cursor) {
            const std::int64_t took = now_() - start;
            const std::lock_guard guard(lock_);
            stalls_.add(took, 1);
        }
    }

    void enter(cache_consumer& c) {
        const std::lock_guard guard(lock_);
        if constexpr (follows) {
            slots_.policy.entered(&c);
        }
        c.next = std::exchange(consumers_, &c);
        if (c.next != nullptr) {
            c.next->previous = &c;
        }
    }
    void leave(cache_consumer& c) noexcept {
        const std::lock_guard guard(lock_);
        slots_.release(c.held);
        counts_.hits += c.hits.load(std::memory_order_relaxed);
        (c.previous != nullptr ? c.previous->next : consumers_) = c.next;
        if (c.next != nullptr) {
            c.next->previous = c.previous;
        }
        if constexpr (follows) {
            slots_.policy.left(&c);
        }
    }
    /// Where a consumer says that it goes. A pause keeps the way it went.
    void moved(cache_consumer& c, const motion& going) {
        if constexpr (follows) {
            lock_.lock();
            const bool pause = going.frames_per_s == 0 && going.mode != play_mode::scrub;
            const double chunks_per_s =
                pause ? c.going.chunks_per_s : going.frames_per_s / static_cast<double>(layout.chunk_size);
            const std::size_t last = (std::min)(going.region.last, layout.frame_count) - 1;
            c.going = {
                going.frame / layout.chunk_size, chunks_per_s, going.mode, going.region.first / layout.chunk_size,
                last / layout.chunk_size + 1,    true};
            slots_.policy.moved(&c, c.going);
            const bool start = prefetches && !started_ && threads_wanted_ > 0;
            started_ = started_ || start;
            unlock_and_wake();
            if (start) {
                readers_ahead_.start(lock_, at_once_ ? threads_wanted_ : 1, [this] { return prefetch_locked(); });
            }
        }
    }
    void set_own_bytes(cache_consumer& c, std::size_t bytes) noexcept {
        const std::lock_guard guard(lock_);
        c.own_bytes = bytes;
    }

    /// Reads the chunk that should be read ahead next, on this thread. False when there is none.
    bool prefetch_one() noexcept {
        const std::lock_guard guard(lock_);
        return prefetch_locked();
    }

    cache_statistics statistics() noexcept {
        const std::lock_guard guard(lock_);
        cache_statistics now = counts_;
        now.evictions = slots_.counts.evictions;
        now.prefetched = slots_.counts.prefetched;
        now.prefetch_used = slots_.counts.prefetch_used;
        now.prefetch_wasted = slots_.counts.prefetch_wasted;
        for (const cache_consumer* c = consumers_; c != nullptr; c = c->next) {
            now.hits += c->hits.load(std::memory_order_relaxed);
            now.bytes_read_through += c->own_bytes;
        }
        now.stall_total_s = stalls_.total_s();
        now.stall_p50_s = stalls_.percentile_s(0.5);
        now.stall_p99_s = stalls_.percentile_s(0.99);
        now.stall_longest_s = stalls_.longest_s();
        if (read_ns_ > 0) {
            now.chunk_read_s = 1e-9 * read_ns_;
            now.sustainable_frames_per_s = sustainable_chunks_per_s() * static_cast<double>(layout.chunk_size);
        }
        slots_.add_bytes(now);
        now.prefetch_threads = readers_ahead_.running();
        return now;
    }
    /// The first run of resident chunks from `chunk` on, as chunk numbers.
    std::optional<frame_range> resident_run(std::size_t chunk) noexcept {
        const std::lock_guard guard(lock_);
        const std::size_t first = slots_.resident().at_or_after(chunk);
        return first == no_chunk ? std::nullopt
                                 : std::optional(frame_range{first, slots_.resident().absent_at_or_after(first)});
    }

    /// Memory for the owners that share() hands out, all of one size, used again and again.
    void* take_share_block(std::size_t bytes) {
        {
            const std::lock_guard guard(lock_);
            if (share_blocks_ != nullptr) {
                return std::exchange(share_blocks_, *static_cast<void**>(share_blocks_));
            }
        }
        return ::operator new((std::max)(bytes, sizeof(void*)));
    }
    void give_share_block(void* block) noexcept {
        const std::lock_guard guard(lock_);
        *static_cast<void**>(block) = std::exchange(share_blocks_, block);
    }

private:
    /// One request that waits for another's read, on the stack of its thread.
    struct waiter {
        slot_index slot;
        waiter* next;
        std::exception_ptr error = {};
        bool done = false;
    };
    enum class reader : std::uint8_t { cursor, bulk, prefetch };
    static constexpr std::size_t usual_horizon = 64;    // chunks; enough when reading is quicker than playing
    static constexpr std::int64_t quick_read_ns = 2000; // reads that take less are timed now and then
    static constexpr unsigned quick_reads_per_timed = 32;

    void place(cache_consumer* who, std::size_t chunk) noexcept {
        if constexpr (follows) {
            if (who != nullptr && who->going.chunk != chunk) {
                who->going.chunk = chunk;
                slots_.policy.moved(who, who->going);
            }
        }
    }

    /// The trace's arrow that ends with the first use of what was read ahead; 0 when there is none, or no trace.
    std::uint64_t first_use(slot_index s) noexcept {
        return prefetches && s != no_slot && trace::enabled() ? slots_.take_flow(s) : 0;
    }
    /// Ends that arrow, if somebody looks at a slot, and gives the lock back.
    void unlock_after_use(slot_index s) noexcept {
        const std::uint64_t flow = first_use(s);
        unlock_and_wake();
        if (flow != 0) {
            FIELDREEL_TRACE_FLOW_END("prefetch", flow);
        }
    }

    // ---- reading ----

    /// One reader at a time where the source wants that, in the order in which they come: who waits for a frame waits
    /// for one read ahead at most. Notes what the source took, if that is wanted: without the wait for its turn.
    void read(std::size_t first, std::span<value_type> out, std::int64_t* took_ns = nullptr) {
        const auto turn = at_once_ ? std::unique_lock<reader_turns>() : std::unique_lock(one_reader_);
        const std::int64_t start = took_ns != nullptr ? now_() : 0;
        check_unchanged(source.frame_count(), source.frame_size(), layout);
        source.read(first, out);
        if (took_ns != nullptr) {
            *took_ns = now_() - start;
        }
    }
    /// Reads a chunk into its slot's buffer. Returns what it threw.
    std::exception_ptr fill(slot_index s, std::size_t chunk, reader who, std::int64_t* took_ns) noexcept {
        try {
            const std::size_t first = chunk * layout.chunk_size;
            const std::size_t frames = (std::min)(layout.chunk_size, layout.frame_count - first);
            const std::span out(static_cast<value_type*>(slots_.buffer(s)), frames * layout.frame_size);
            if (prefetches && who == reader::prefetch) {
                FIELDREEL_TRACE_SPAN("prefetch.decode");
                read(first, out, took_ns);
                slots_.flow(s) = trace::next_flow(); // the arrow to whoever looks at the chunk first
                FIELDREEL_TRACE_FLOW_BEGIN("prefetch", slots_.flow(s));
            } else {
                FIELDREEL_TRACE_SPAN("cache.miss");
                read(first, out, took_ns);
            }
        } catch (...) {
            return std::current_exception();
        }
        return nullptr;
    }

    /// A chunk that is not resident, for somebody who has nothing pinned: as `load`, or awaits another's read.
    [[gnu::noinline]] slot_index miss(std::size_t chunk, reader who) {
        std::unique_lock guard(lock_, std::adopt_lock);
        ++counts_.misses;
        counts_.stalls += who == reader::cursor ? 1 : 0;
        const slot_index loading = slots_.loading_slot(chunk);
        if (loading != no_slot) {
            return await(guard, loading, who);
        }
        throw_kept_error(chunk);
        guard.release();
        return load(chunk, who);
    }
    /// Reads a chunk that is neither resident nor loading. Called with the lock, which it gives back. Returns the slot,
    /// pinned unless it is read ahead; no_slot when there is no room. Errors: the source's; those of reading ahead are
    /// kept.
    slot_index load(std::size_t chunk, reader who) {
        if (slots_.full()) {
            ++counts_.read_through;
            lock_.unlock();
            return no_slot;
        }
        const bool ahead = prefetches && who == reader::prefetch;
        const slot_index s = slots_.begin_load(chunk);
        loading_ahead_ += ahead ? 1 : 0;
        const bool timed = read_ns_ >= quick_read_ns || timed_turn_++ % quick_reads_per_timed == 0;
        lock_.unlock();
        const std::int64_t start = timed ? now_() : 0;
        std::int64_t source_took = 0;
        const std::exception_ptr error = fill(s, chunk, who, timed ? &source_took : nullptr);
        const std::int64_t took = timed ? now_() - start : 0;
        lock_.lock();
        loading_ahead_ -= ahead ? 1 : 0;
        if (timed) {
            count_duration(took, error ? took : source_took, who);
        }
        const std::uint32_t woken = answer(s, error);
        if (error) {
            ++counts_.failed_reads;
            counts_.prefetch_failed += ahead ? 1 : 0;
            const bool unheard = ahead && woken == 0;
            slots_.fail_load(s, unheard);
            if (unheard) {
                failed_.keep(chunk, error);
            }
        } else { // pinned for the waiters too: nothing can take the chunk away before they wake
            slots_.end_load(s, woken + (ahead ? 0 : 1), ahead);
        }
        const traced_counts counts = trace::enabled() ? count_for_trace() : traced_counts{};
        unlock_and_wake();
        if (woken != 0) {
            loaded_.notify_all();
        }
        FIELDREEL_TRACE_COUNTER("cache.bytes", counts.bytes);
        FIELDREEL_TRACE_COUNTER("cache.hits", counts.hits);
        FIELDREEL_TRACE_COUNTER("cache.misses", counts.misses);
        FIELDREEL_TRACE_COUNTER("cache.stalls", counts.stalls);
        if (error && !ahead) {
            std::rethrow_exception(error);
        }
        return s;
    }
    /// What the trace's counters say after every read of a chunk; a hit is never an event of its own.
    struct traced_counts {
        std::size_t bytes = 0;
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
        std::uint64_t stalls = 0;
    };
    traced_counts count_for_trace() const noexcept {
        cache_statistics now;
        slots_.add_bytes(now);
        traced_counts made{now.bytes_resident + now.bytes_in_flight, counts_.hits, counts_.misses, counts_.stalls};
        for (const cache_consumer* c = consumers_; c != nullptr; c = c->next) {
            made.hits += c->hits.load(std::memory_order_relaxed);
        }
        return made;
    }
    /// Tells those who wait for a slot how its read ended. Returns how many they are.
    std::uint32_t answer(slot_index s, const std::exception_ptr& error) noexcept {
        std::uint32_t count = 0;
        for (waiter** w = &waiting_; *w != nullptr;) {
            if ((*w)->slot == s) {
                (*w)->error = error;
                (*w)->done = true;
                ++count;
                *w = (*w)->next;
            } else {
                w = &(*w)->next;
            }
        }
        return count;
    }
    slot_index await(std::unique_lock<short_lock>& guard, slot_index s, reader who) {
        FIELDREEL_TRACE_SPAN("cache.miss");
        ++counts_.coalesced;
        const std::int64_t start = now_();
        waiter self{s, waiting_};
        waiting_ = &self;
        loaded_.wait(guard, [&self] { return self.done; });
        if (who == reader::cursor) {
            stalls_.add(now_() - start, 1);
        }
        const std::uint64_t flow = self.error ? 0 : first_use(s);
        guard.unlock();
        FIELDREEL_TRACE_FLOW_END("prefetch", flow);
        if (self.error) {
            std::rethrow_exception(self.error);
        }
        return s;
    }
    void count_duration(std::int64_t took, std::int64_t source_took, reader who) noexcept {
        const auto ns = static_cast<double>((std::max)(source_took, std::int64_t{1}));
        if (who == reader::cursor) {
            stalls_.add(took, read_ns_ >= quick_read_ns || read_ns_ == 0 ? 1 : quick_reads_per_timed);
        }
        read_ns_ = read_ns_ > 0 ? read_ns_ + (ns - read_ns_) / 8 : ns;
    }

    // ---- reading ahead ----

    void throw_kept_error(std::size_t chunk) {
        if constexpr (prefetches) {
            if (const std::exception_ptr error = failed_.take(chunk)) {
                slots_.ask_again(chunk);
                std::rethrow_exception(error);
            }
        }
    }
    /// Chunks that can be read at the same time.
    double readers() const noexcept { return at_once_ ? (std::max)(1.0, static_cast<double>(threads_wanted_)) : 1; }
    std::size_t horizon() const noexcept {
        double playing = 0;
        for (const cache_consumer* c = consumers_; c != nullptr; c = c->next) {
            playing = (std::max)(playing, std::abs(c->going.chunks_per_s));
        }
        return read_ns_ * playing * 1.2 > 1e9 * readers() ? layout.chunk_count : usual_horizon;
    }
    /// The chunk to read ahead now, or no_chunk: it must be needed sooner than what makes room for it.
    std::size_t wanted() const noexcept {
        if constexpr (prefetches) {
            const bool source_taken = !at_once_ && loading_ahead_ > 0;
            if (layout.kept < 2 || slots_.full() || failed_.full() || source_taken) {
                return no_chunk;
            }
            const Policy& policy = slots_.policy;
            const std::size_t chunk = policy.next(slots_.present(), horizon());
            if (chunk == no_chunk || !slots_.costs_one()) {
                return chunk;
            }
            const slot_index victim = policy.victim();
            const bool sooner = victim != no_slot && policy.need_s(chunk) < policy.need_s(slots_.chunk_of(victim));
            return sooner ? chunk : no_chunk;
        }
        return no_chunk;
    }
    /// One read ahead, called with the lock, which is given back meanwhile.
    bool prefetch_locked() noexcept {
        const std::size_t chunk = wanted();
        if (chunk == no_chunk) {
            return false;
        }
        load(chunk, reader::prefetch);
        lock_.lock();
        return true;
    }
    void unlock_and_wake() noexcept {
        const bool wake = prefetches && readers_ahead_.anyone_idle() && wanted() != no_chunk;
        lock_.unlock();
        if (wake) {
            readers_ahead_.wake();
        }
    }
    /// Chunks per second that playing can keep up on the way of the fastest consumer. Of a loop, or back and forth,
    /// longer than the cache, what fits needs no reading again (but for one chunk: the place to read into).
    double sustainable_chunks_per_s() const noexcept {
        const double rate = 1e9 * readers() / read_ns_;
        const cache_consumer* fastest = consumers_;
        for (const cache_consumer* c = consumers_; c != nullptr; c = c->next) {
            fastest = std::abs(c->going.chunks_per_s) > std::abs(fastest->going.chunks_per_s) ? c : fastest;
        }
        if (fastest == nullptr ||
            (fastest->going.mode != play_mode::loop && fastest->going.mode != play_mode::ping_pong)) {
            return rate;
        }
        const std::size_t length = (std::min)(fastest->going.last, layout.chunk_count) - fastest->going.first;
        if (length <= layout.kept) {
            return std::numeric_limits<double>::infinity();
        }
        const double again = static_cast<double>((std::max)(layout.kept, std::size_t{1}) - 1);
        return rate / (1 - again / static_cast<double>(length));
    }

    const clock_ns now_;
    const bool at_once_; ///< the source may be read by several threads
    short_lock lock_;
    chunk_slots<Policy> slots_;
    cache_statistics counts_;
    duration_counts stalls_;
    double read_ns_ = 0; // what reading a chunk takes, a moving average; 0: unknown
    unsigned timed_turn_ = 0;
    waiter* waiting_ = nullptr;
    cache_consumer* consumers_ = nullptr;
    void* share_blocks_ = nullptr;
    std::condition_variable_any loaded_;
    reader_turns one_reader_;

    const std::size_t threads_wanted_;
    std::size_t loading_ahead_ = 0;
    bool started_ = false;
    kept_errors failed_;
    crew readers_ahead_;
};

} // namespace fieldreel::inline v0::detail

#endif
