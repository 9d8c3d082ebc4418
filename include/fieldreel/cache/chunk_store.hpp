// SPDX-License-Identifier: MIT
// Behind a chunk cache: who pins what, who reads what and when, and what makes room. Not for users; see
// chunk_cache.hpp.
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
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fieldreel/cache/chunk_table.hpp>
#include <fieldreel/cache/eviction.hpp>
#include <fieldreel/cache/options.hpp>
#include <fieldreel/cache/statistics.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/trace/point.hpp>

namespace fieldreel::inline v0 {
namespace detail {

/// A lock held for some dozen instructions: taking it is one atomic exchange, giving it back a plain store, half the
/// price of a std::mutex. Who finds it taken yields, because its holder may have been interrupted.
class short_lock {
public:
    void lock() noexcept {
        while (taken_.exchange(true, std::memory_order_acquire)) {
            for (int turns = 64; taken_.load(std::memory_order_relaxed);) {
                if (turns > 0) {
                    --turns;
                } else {
                    std::this_thread::yield();
                }
            }
        }
    }
    void unlock() noexcept { taken_.store(false, std::memory_order_release); }

private:
    std::atomic<bool> taken_{false};
};

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
/// A slot is free, or loading (in the table; its buffer is the loader's), or resident. The policy has exactly the
/// resident ones that nobody has pinned. All buffers are slots and never more, so their number keeps the byte budget.
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
          table_(layout.chunk_count),
          slots_(layout.slots),
          policy_(layout.slots, layout.chunk_count),
          present_(prefetches ? layout.chunk_count : 0),
          threads_wanted_(options.prefetch_threads.value_or(prefetches ? 1 : 0)) {
        if (!prefetches && threads_wanted_ > 0) {
            throw invalid_value(
                "prefetch_threads",
                text("prefetch_threads is ", threads_wanted_,
                     " and the eviction policy has no order to read ahead by; use cached<playhead>(...), "
                     "or leave prefetch_threads unset"));
        }
        if (threads_wanted_ > most_threads) {
            throw invalid_value("prefetch_threads", text("prefetch_threads is ", threads_wanted_, "; at most ",
                                                         most_threads, " are allowed; 1 or 2 are usual"));
        }
        failed_.reserve(prefetches ? most_failed : 0); // nothing is allocated under the lock
    }
    chunk_store(const chunk_store&) = delete;
    ~chunk_store() {
        {
            const std::lock_guard guard(lock_);
            stopping_ = true;
        }
        work_.notify_all();
        for (std::thread& thread : threads_) {
            thread.join();
        }
        for (std::size_t s = 0; s < used_; ++s) {
            ::operator delete(slots_[s].data, alignment);
        }
        while (share_blocks_ != nullptr) {
            ::operator delete(std::exchange(share_blocks_, *static_cast<void**>(share_blocks_)));
        }
    }

    Source source;
    const cache_layout layout;

    /// Lets `held` go and pins `chunk` instead, reading it if need be. `held` is no_slot when there is no room, or when
    /// the read throws. `who` is the cursor that asks; null for the bulk read, which moves nobody.
    void step(slot_index& held, std::size_t chunk, cache_consumer* who) {
        std::unique_lock guard(lock_);
        place(who, chunk);
        release(held);
        const slot_index found = table_.slot_of(chunk);
        if (table_.resident().contains(chunk)) [[likely]] {
            ++counts_.hits;
            held = pin(found);
            unlock_and_wake(guard);
            return;
        }
        ++counts_.misses;
        counts_.stalls += who != nullptr ? 1 : 0;
        if (found != no_slot) {
            held = await(guard, found, who != nullptr);
        } else {
            throw_kept_error(chunk);
            held = load(guard, chunk, who != nullptr ? reader::cursor : reader::bulk);
        }
    }
    /// The same when `chunk` is resident; else nothing happens but that the consumer is where it wants to be.
    bool try_step(cache_consumer& who, std::size_t chunk) {
        std::unique_lock guard(lock_);
        place(&who, chunk);
        if (!table_.resident().contains(chunk)) {
            unlock_and_wake(guard);
            return false;
        }
        ++counts_.hits;
        change(who.held, chunk);
        unlock_and_wake(guard);
        return true;
    }
    /// Steps to the resident chunk that has the frame nearest to `i`; nothing happens unless it is less than `limit`
    /// frames away. Returns the frame.
    std::optional<std::size_t> step_nearest(cache_consumer& who, std::size_t chunk, std::size_t i, std::size_t limit) {
        std::unique_lock guard(lock_);
        place(&who, chunk);
        const std::size_t before = table_.resident().at_or_before(chunk);
        const std::size_t after = before == chunk ? no_chunk : table_.resident().at_or_after(chunk);
        const std::size_t last = before == no_chunk ? 0 : (std::min)(i, (before + 1) * layout.chunk_size - 1);
        const bool forward = after != no_chunk && (before == no_chunk || after * layout.chunk_size - i < i - last);
        const std::size_t nearest = forward ? after * layout.chunk_size : last;
        const bool near_enough = (before != no_chunk || forward) && (forward ? nearest - i : i - nearest) < limit;
        if (near_enough) {
            counts_.hits += nearest == i ? 1 : 0;
            change(who.held, forward ? after : before);
        }
        unlock_and_wake(guard);
        return near_enough ? std::optional(nearest) : std::nullopt;
    }
    void let_go(slot_index held) noexcept {
        const std::lock_guard guard(lock_);
        release(held);
    }
    void pin_again(slot_index held) noexcept {
        const std::lock_guard guard(lock_);
        pin(held);
    }

    /// The values of a pinned chunk.
    const value_type* data(slot_index s) const noexcept { return slots_[s].data; }

    /// Reads the source, past the cache.
    void read_past(std::size_t first, std::span<value_type> out, bool is_cursor) {
        FIELDREEL_TRACE_SPAN("cache.miss");
        const std::int64_t start = now_();
        read(first, out, false);
        if (is_cursor) {
            const std::int64_t took = now_() - start;
            const std::lock_guard guard(lock_);
            stalls_.add(took, 1);
        }
    }

    void enter(cache_consumer& c) {
        const std::lock_guard guard(lock_);
        if constexpr (follows) {
            policy_.entered(&c);
        }
        c.next = std::exchange(consumers_, &c);
        if (c.next != nullptr) {
            c.next->previous = &c;
        }
    }
    void leave(cache_consumer& c) noexcept {
        const std::lock_guard guard(lock_);
        release(c.held);
        counts_.hits += c.hits.load(std::memory_order_relaxed);
        (c.previous != nullptr ? c.previous->next : consumers_) = c.next;
        if (c.next != nullptr) {
            c.next->previous = c.previous;
        }
        if constexpr (follows) {
            policy_.left(&c);
        }
    }
    /// Where a consumer says that it goes. A pause keeps the way it went.
    void moved(cache_consumer& c, const motion& going) {
        if constexpr (follows) {
            std::unique_lock guard(lock_);
            const auto frames_per_chunk = static_cast<double>(layout.chunk_size);
            const bool pause = going.frames_per_s == 0 && going.mode != play_mode::scrub;
            const std::size_t last = (std::min)(going.region.last, layout.frame_count);
            c.going = {.chunk = going.frame / layout.chunk_size,
                       .chunks_per_s = pause ? c.going.chunks_per_s : going.frames_per_s / frames_per_chunk,
                       .mode = going.mode,
                       .first = going.region.first / layout.chunk_size,
                       .last = last / layout.chunk_size + (last % layout.chunk_size != 0 ? 1 : 0),
                       .read_ahead = true};
            policy_.moved(&c, c.going);
            const bool start = prefetches && !started_ && threads_wanted_ > 0;
            started_ = started_ || start;
            unlock_and_wake(guard);
            if (start) {
                start_threads();
            }
        }
    }
    void set_own_bytes(cache_consumer& c, std::size_t bytes) noexcept {
        const std::lock_guard guard(lock_);
        c.own_bytes = bytes;
    }

    /// Reads the chunk that should be read ahead next, on this thread. False when there is none.
    bool prefetch_one() noexcept {
        std::unique_lock guard(lock_);
        return prefetch_one(guard);
    }

    cache_statistics statistics() noexcept {
        const std::lock_guard guard(lock_);
        cache_statistics now = counts_;
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
        now.chunks_resident = resident_;
        now.chunks_limit = layout.kept;
        now.bytes_resident = resident_ * layout.chunk_bytes;
        now.bytes_pinned = (resident_ - evictable_) * layout.chunk_bytes;
        now.bytes_in_flight = loading_ * layout.chunk_bytes;
        now.bytes_peak = used_ * layout.chunk_bytes;
        now.prefetch_threads = running_;
        return now;
    }
    /// The first run of resident chunks from `chunk` on, as chunk numbers.
    std::optional<frame_range> resident_run(std::size_t chunk) noexcept {
        const std::lock_guard guard(lock_);
        const std::size_t first = table_.resident().at_or_after(chunk);
        return first == no_chunk ? std::nullopt
                                 : std::optional(frame_range{first, table_.resident().absent_at_or_after(first)});
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
    struct slot_state { // all zero is a fresh slot
        value_type* data;
        std::uint32_t chunk; // the next free slot, in a free one
        std::uint32_t pins : 31;
        std::uint32_t unseen : 1; // read ahead, and nobody has looked at it yet
    };
    /// The error of a read ahead, for the first consumer that asks.
    struct kept_error {
        std::size_t chunk;
        std::exception_ptr error;
    };
    enum class reader : std::uint8_t { cursor, bulk, prefetch };
    static constexpr std::align_val_t alignment{64};
    static constexpr std::size_t most_threads = 64;
    static constexpr std::size_t most_failed = 64;      // so many failed reads ahead end reading ahead
    static constexpr std::size_t usual_horizon = 64;    // chunks; enough when reading is quicker than playing
    static constexpr std::int64_t quick_read_ns = 2000; // reads that take less are timed now and then

    // ---- pins and room ----

    slot_index pin(slot_index s) noexcept {
        slot_state& at = slots_[s];
        if (at.pins++ == 0) {
            policy_.taken(s, at.chunk);
            --evictable_;
            if constexpr (prefetches) {
                counts_.prefetch_used += at.unseen;
                at.unseen = 0;
            }
        }
        return s;
    }
    void release(slot_index& held) noexcept {
        const slot_index s = std::exchange(held, no_slot);
        if (s != no_slot && --slots_[s].pins == 0) {
            policy_.released(s, slots_[s].chunk);
            ++evictable_;
            trim();
        }
    }
    /// Lets `held` go for a resident chunk; pins first, because the two may be the same and what is let go may be
    /// dropped.
    void change(slot_index& held, std::size_t chunk) noexcept {
        const slot_index next = pin(table_.slot_of(chunk));
        release(held);
        held = next;
    }
    void trim() noexcept {
        while (resident_ > layout.kept && evictable_ > 0) {
            evict();
        }
    }
    void evict() noexcept {
        const slot_index s = policy_.victim();
        const std::size_t chunk = slots_[s].chunk;
        policy_.taken(s, chunk);
        --evictable_;
        --resident_;
        ++counts_.evictions;
        if constexpr (prefetches) {
            counts_.prefetch_wasted += slots_[s].unseen;
            slots_[s].unseen = 0;
            present_.erase(chunk);
        }
        table_.remove(chunk);
        set_free(s);
    }
    void set_free(slot_index s) noexcept { slots_[s].chunk = std::exchange(free_, s); }

    /// True when so much is pinned and under way that another chunk could not be kept.
    bool full() const noexcept { return resident_ - evictable_ + loading_ >= layout.kept; }
    /// A slot to load into; there must be room.
    slot_index vacate() noexcept {
        if (free_ == no_slot && used_ < layout.slots) {
            return static_cast<slot_index>(used_++);
        }
        if (free_ == no_slot) { // reads at the same time, or a budget of one chunk: make room before reading
            evict();
        }
        return std::exchange(free_, slots_[free_].chunk);
    }

    // ---- reading ----

    /// One reader at a time where the source wants that; prefetch lets others go first.
    void read(std::size_t first, std::span<value_type> out, bool ahead) {
        if constexpr (concurrent_read<Source>) {
            source.read(first, out);
        } else {
            waiting_for_source_ += ahead ? 0 : 1;
            const std::lock_guard guard(source_lock_);
            waiting_for_source_ -= ahead ? 0 : 1;
            source.read(first, out);
        }
    }

    slot_index load(std::unique_lock<short_lock>& guard, std::size_t chunk, reader who) {
        if (full()) {
            ++counts_.read_through;
            return no_slot;
        }
        const slot_index s = vacate();
        slot_state& here = slots_[s];
        here.chunk = static_cast<std::uint32_t>(chunk);
        table_.place(chunk, s);
        if constexpr (prefetches) {
            present_.insert(chunk);
        }
        ++loading_;
        loading_ahead_ += who == reader::prefetch ? 1 : 0;
        const bool timed = read_ns_ >= quick_read_ns || timed_turn_++ % 16 == 0;
        guard.unlock();
        std::exception_ptr error;
        std::int64_t took = timed ? -now_() : 0;
        try {
            if (here.data == nullptr) {
                here.data = static_cast<value_type*>(::operator new(layout.chunk_bytes, alignment));
            }
            const std::size_t first = chunk * layout.chunk_size;
            const std::size_t frames = (std::min)(layout.chunk_size, layout.frame_count - first);
            const std::span<value_type> out{here.data, frames * layout.frame_size};
            if (who == reader::prefetch) {
                FIELDREEL_TRACE_SPAN("cache.prefetch");
                read(first, out, true);
            } else {
                FIELDREEL_TRACE_SPAN("cache.miss");
                read(first, out, false);
            }
        } catch (...) {
            error = std::current_exception();
        }
        took += timed ? now_() : 0;
        guard.lock();
        --loading_;
        loading_ahead_ -= who == reader::prefetch ? 1 : 0;
        if (timed) {
            count_duration(took, who);
        }
        const std::uint32_t woken = answer(s, error);
        if (error) {
            give_up(s, chunk, who, error, woken);
        } else {
            table_.set_resident(chunk);
            ++resident_;
            here.pins = (woken + (who == reader::prefetch ? 0 : 1)) & 0x7fffffff; // the waiters' too: nothing can take
                                                                                  // the chunk away before they wake
            if (who == reader::prefetch) {
                ++counts_.prefetched;
                counts_.prefetch_used += woken != 0 ? 1 : 0;
                here.unseen = woken == 0 ? 1 : 0;
                if (woken == 0) {
                    policy_.released(s, chunk);
                    ++evictable_;
                }
            }
            trim();
        }
        if (who != reader::prefetch) {
            unlock_and_wake(guard);
        } else {
            guard.unlock();
        }
        if (woken != 0) {
            loaded_.notify_all();
        }
        if (who == reader::prefetch) {
            guard.lock();
        } else if (error) {
            std::rethrow_exception(error);
        }
        return s;
    }
    /// A read threw: the slot is free again, and an error that nobody has heard of is kept.
    void give_up(slot_index s, std::size_t chunk, reader who, std::exception_ptr error, std::uint32_t heard) noexcept {
        ++counts_.failed_reads;
        table_.remove(chunk);
        set_free(s);
        if constexpr (prefetches) {
            counts_.prefetch_failed += who == reader::prefetch ? 1 : 0;
            if (who == reader::prefetch && heard == 0) {
                failed_.push_back(
                    {chunk, std::move(error)}); // stays present: it is not read ahead again until asked for
            } else {
                present_.erase(chunk);
            }
        }
    }
    void throw_kept_error(std::size_t chunk) {
        for (kept_error& failed : failed_) {
            if (failed.chunk == chunk) {
                const std::exception_ptr error = std::exchange(failed, failed_.back()).error;
                failed_.pop_back();
                present_.erase(chunk);
                std::rethrow_exception(error);
            }
        }
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
    slot_index await(std::unique_lock<short_lock>& guard, slot_index s, bool is_cursor) {
        FIELDREEL_TRACE_SPAN("cache.miss");
        ++counts_.coalesced;
        const std::int64_t start = now_();
        waiter self{s, waiting_};
        waiting_ = &self;
        loaded_.wait(guard, [&self] { return self.done; });
        if (is_cursor) {
            stalls_.add(now_() - start, 1);
        }
        guard.unlock();
        if (self.error) {
            std::rethrow_exception(self.error);
        }
        return s;
    }
    void count_duration(std::int64_t took, reader who) noexcept {
        const auto ns = static_cast<double>((std::max)(took, std::int64_t{1}));
        if (who == reader::cursor) {
            stalls_.add(took, read_ns_ >= quick_read_ns || read_ns_ == 0 ? 1 : 16);
        }
        read_ns_ = read_ns_ > 0 ? read_ns_ + (ns - read_ns_) / 8 : ns;
    }

    // ---- reading ahead ----

    void place(cache_consumer* who, std::size_t chunk) noexcept {
        if constexpr (follows) {
            if (who != nullptr && who->going.chunk != chunk) {
                who->going.chunk = chunk;
                policy_.moved(who, who->going);
            }
        }
    }
    double readers() const noexcept {
        return concurrent_read<Source> ? (std::max)(1.0, static_cast<double>(threads_wanted_)) : 1;
    }
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
            if (layout.kept < 2 || full() || failed_.size() == most_failed ||
                (!concurrent_read<Source> && (loading_ahead_ > 0 || waiting_for_source_ > 0))) {
                return no_chunk;
            }
            const std::size_t chunk = policy_.next(present_, horizon());
            if (chunk == no_chunk || resident_ + loading_ < layout.kept) {
                return chunk;
            }
            const slot_index victim = policy_.victim();
            const bool worth_it = victim != no_slot && policy_.need_s(slots_[victim].chunk) > policy_.need_s(chunk);
            return worth_it ? chunk : no_chunk;
        } else {
            return no_chunk;
        }
    }
    bool prefetch_one(std::unique_lock<short_lock>& guard) noexcept {
        const std::size_t chunk = wanted();
        if (chunk == no_chunk) {
            return false;
        }
        load(guard, chunk, reader::prefetch);
        return true;
    }
    void unlock_and_wake(std::unique_lock<short_lock>& guard) noexcept {
        const bool wake = prefetches && idle_ > 0 && wanted() != no_chunk;
        guard.unlock();
        if (wake) {
            work_.notify_one();
        }
    }
    void start_threads() noexcept {
        const std::size_t count = concurrent_read<Source> ? threads_wanted_ : 1;
        try {
            for (std::size_t n = 0; n < count; ++n) {
                threads_.emplace_back([this] { work(); });
                const std::lock_guard guard(lock_);
                ++running_;
            }
        } catch (...) { // the machine has no thread left: statistics say how many run
        }
    }
    void work() noexcept {
        std::unique_lock guard(lock_);
        while (!stopping_) {
            if (!prefetch_one(guard)) {
                ++idle_;
                work_.wait(guard);
                --idle_;
            } else if (idle_ > 0 && wanted() != no_chunk) {
                work_.notify_one(); // there is work for two
            }
        }
    }
    /// Chunks per second that playing can keep up on the way of the fastest consumer. Of a loop, or back and forth,
    /// longer than the cache, what fits needs no reading again (but for one chunk: the place to read into).
    double sustainable_chunks_per_s() const noexcept {
        const double rate = 1e9 * readers() / read_ns_;
        const cache_consumer* fastest = nullptr;
        for (const cache_consumer* c = consumers_; c != nullptr; c = c->next) {
            if (fastest == nullptr || std::abs(c->going.chunks_per_s) > std::abs(fastest->going.chunks_per_s)) {
                fastest = c;
            }
        }
        if (fastest == nullptr ||
            (fastest->going.mode != play_mode::loop && fastest->going.mode != play_mode::ping_pong)) {
            return rate;
        }
        const std::size_t length = (std::min)(fastest->going.last, layout.chunk_count) - fastest->going.first;
        return length <= layout.kept ? std::numeric_limits<double>::infinity()
                                     : rate / (1 - static_cast<double>(layout.kept - 1) / static_cast<double>(length));
    }

    const clock_ns now_;
    short_lock lock_;
    chunk_table table_;
    zeroed_array<slot_state> slots_;
    Policy policy_;
    std::size_t resident_ = 0;      // chunks that are ready
    std::size_t evictable_ = 0;     // of these, the ones the policy has
    std::size_t loading_ = 0;       // slots being read into
    std::size_t loading_ahead_ = 0; // of these, by prefetch
    std::size_t used_ = 0;          // slots that ever were
    slot_index free_ = no_slot;     // chain of slots to be used again
    cache_statistics counts_;
    duration_counts stalls_;
    double read_ns_ = 0; // what reading a chunk takes, on a moving average; 0: unknown
    unsigned timed_turn_ = 0;
    waiter* waiting_ = nullptr;
    cache_consumer* consumers_ = nullptr;
    void* share_blocks_ = nullptr;
    std::condition_variable_any loaded_;
    std::mutex source_lock_;
    std::atomic<int> waiting_for_source_{0};

    chunk_set present_; // resident, loading or failed: not to be read ahead
    std::vector<kept_error> failed_;
    const std::size_t threads_wanted_;
    std::size_t idle_ = 0;
    std::size_t running_ = 0;
    bool started_ = false;
    bool stopping_ = false;
    std::condition_variable_any work_;
    std::vector<std::thread> threads_;
};

} // namespace detail
} // namespace fieldreel::inline v0

#endif
