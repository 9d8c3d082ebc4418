// SPDX-License-Identifier: MIT
// Behind a chunk cache: who pins what, who reads what, and what makes room. Not for users; see chunk_cache.hpp.
#ifndef FIELDREEL_CACHE_CHUNK_STORE_HPP
#define FIELDREEL_CACHE_CHUNK_STORE_HPP

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include <fieldreel/cache/chunk_table.hpp>
#include <fieldreel/cache/eviction.hpp>
#include <fieldreel/cache/options.hpp>
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

/// One consumer, as the store knows it: what it has pinned and what it counted by itself.
struct cache_consumer {
    slot_index held = no_slot;
    std::size_t own_bytes = 0;          ///< of its buffer for frames that found no room
    std::atomic<std::uint64_t> hits{0}; ///< within the pinned chunk; one thread writes, so no locked instruction
    cache_consumer* previous = nullptr;
    cache_consumer* next = nullptr;

    void count_hit() noexcept { hits.store(hits.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
};

/// What all handles and cursors of one cache share. Everything is guarded by `lock_`, which is never held during a
/// read; the contents of a buffer belong to the thread that loads it, then, unchanged, to those who have it pinned.
///
/// A slot is free, or loading (in the table; its buffer is the loader's), or resident. The policy has exactly the
/// resident ones that nobody has pinned. All buffers are slots and never more, so their number keeps the byte budget.
template <frame_source Source, eviction_policy Policy>
class chunk_store {
public:
    using value_type = typename Source::value_type;

    chunk_store(Source from, const cache_options& options)
        : source(std::move(from)),
          layout(make_layout(options, source.frame_count(), source.frame_size(), sizeof(value_type))),
          table_(layout.chunk_count),
          slots_(layout.slots),
          policy_(layout.slots) {}
    chunk_store(const chunk_store&) = delete;
    ~chunk_store() {
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
    /// the read throws.
    void step(slot_index& held, std::size_t chunk, bool is_cursor) {
        std::unique_lock guard(lock_);
        release(held);
        const slot_index found = table_.slot_of(chunk);
        if (table_.resident().contains(chunk)) [[likely]] {
            ++counts_.hits;
            held = pin(found);
            return;
        }
        ++counts_.misses;
        counts_.stalls += is_cursor ? 1 : 0;
        held = found != no_slot ? await(guard, found) : load(guard, chunk);
    }
    /// The same when `chunk` is resident; else nothing happens.
    bool try_step(slot_index& held, std::size_t chunk) noexcept {
        const std::lock_guard guard(lock_);
        if (!table_.resident().contains(chunk)) {
            return false;
        }
        ++counts_.hits;
        change(held, chunk);
        return true;
    }
    /// Steps to the resident chunk that has the frame nearest to `i`; nothing happens unless it is less than `limit`
    /// frames away. Returns the frame.
    std::optional<std::size_t> step_nearest(slot_index& held, std::size_t chunk, std::size_t i,
                                            std::size_t limit) noexcept {
        const std::lock_guard guard(lock_);
        const std::size_t before = table_.resident().at_or_before(chunk);
        const std::size_t after = before == chunk ? no_chunk : table_.resident().at_or_after(chunk);
        const std::size_t last = before == no_chunk ? 0 : (std::min)(i, (before + 1) * layout.chunk_size - 1);
        const bool forward = after != no_chunk && (before == no_chunk || after * layout.chunk_size - i < i - last);
        const std::size_t nearest = forward ? after * layout.chunk_size : last;
        if ((before == no_chunk && !forward) || (forward ? nearest - i : i - nearest) >= limit) {
            return std::nullopt;
        }
        counts_.hits += nearest == i ? 1 : 0;
        change(held, forward ? after : before);
        return nearest;
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

    /// Reads the source: one reader at a time where the source wants that.
    void read(std::size_t first, std::span<value_type> out) {
        FIELDREEL_TRACE_SPAN("cache.miss");
        if constexpr (concurrent_read<Source>) {
            source.read(first, out);
        } else {
            const std::lock_guard guard(source_lock_);
            source.read(first, out);
        }
    }

    void enter(cache_consumer& c) noexcept {
        const std::lock_guard guard(lock_);
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
        if constexpr (requires { policy_.left(&c); }) {
            policy_.left(&c);
        }
    }
    void moved(const cache_consumer& c, const motion& going) noexcept {
        if constexpr (requires { policy_.moved(&c, going); }) {
            const std::lock_guard guard(lock_);
            policy_.moved(&c, going);
        }
    }
    void set_own_bytes(cache_consumer& c, std::size_t bytes) noexcept {
        const std::lock_guard guard(lock_);
        c.own_bytes = bytes;
    }

    cache_statistics statistics() noexcept {
        const std::lock_guard guard(lock_);
        cache_statistics now = counts_;
        for (const cache_consumer* c = consumers_; c != nullptr; c = c->next) {
            now.hits += c->hits.load(std::memory_order_relaxed);
            now.bytes_read_through += c->own_bytes;
        }
        now.chunks_resident = resident_;
        now.chunks_limit = layout.kept;
        now.bytes_resident = resident_ * layout.chunk_bytes;
        now.bytes_pinned = (resident_ - evictable_) * layout.chunk_bytes;
        now.bytes_peak = used_ * layout.chunk_bytes;
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
        std::uint32_t pins;
    };
    static constexpr std::align_val_t alignment{64};

    slot_index pin(slot_index s) noexcept {
        if (slots_[s].pins++ == 0) {
            policy_.taken(s);
            --evictable_;
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
        policy_.taken(s);
        --evictable_;
        --resident_;
        ++counts_.evictions;
        table_.remove(slots_[s].chunk);
        set_free(s);
    }
    void set_free(slot_index s) noexcept { slots_[s].chunk = std::exchange(free_, s); }

    /// A slot to load into, or no_slot when so much is pinned and under way that the chunk could not be kept.
    slot_index vacate() noexcept {
        if (resident_ - evictable_ + loading_ >= layout.kept) {
            return no_slot;
        }
        if (free_ == no_slot && used_ < layout.slots) {
            return static_cast<slot_index>(used_++);
        }
        if (free_ == no_slot) { // reads at the same time, or a budget of one chunk: make room before reading
            evict();
        }
        return std::exchange(free_, slots_[free_].chunk);
    }

    slot_index load(std::unique_lock<short_lock>& guard, std::size_t chunk) {
        const slot_index s = vacate();
        if (s == no_slot) {
            ++counts_.read_through;
            return no_slot;
        }
        slot_state& place = slots_[s];
        place.chunk = static_cast<std::uint32_t>(chunk);
        table_.place(chunk, s);
        ++loading_;
        guard.unlock();
        std::exception_ptr error;
        try {
            if (place.data == nullptr) {
                place.data = static_cast<value_type*>(::operator new(layout.chunk_bytes, alignment));
            }
            const std::size_t first = chunk * layout.chunk_size;
            const std::size_t frames = (std::min)(layout.chunk_size, layout.frame_count - first);
            read(first, {place.data, frames * layout.frame_size});
        } catch (...) {
            error = std::current_exception();
        }
        guard.lock();
        --loading_;
        const std::uint32_t woken = answer(s, error);
        if (error) {
            ++counts_.failed_reads;
            table_.remove(chunk);
            set_free(s);
        } else {
            place.pins = 1 + woken; // the waiters' too: nothing can take the chunk away before they wake
            table_.set_resident(chunk);
            ++resident_;
            trim();
        }
        guard.unlock();
        if (woken != 0) {
            loaded_.notify_all();
        }
        if (error) {
            std::rethrow_exception(error);
        }
        return s;
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
    slot_index await(std::unique_lock<short_lock>& guard, slot_index s) {
        FIELDREEL_TRACE_SPAN("cache.miss");
        ++counts_.coalesced;
        waiter self{s, waiting_};
        waiting_ = &self;
        loaded_.wait(guard, [&self] { return self.done; });
        guard.unlock();
        if (self.error) {
            std::rethrow_exception(self.error);
        }
        return s;
    }

    short_lock lock_;
    chunk_table table_;
    zeroed_array<slot_state> slots_;
    Policy policy_;
    std::size_t resident_ = 0;  // chunks that are ready
    std::size_t evictable_ = 0; // of these, the ones the policy has
    std::size_t loading_ = 0;   // slots being read into
    std::size_t used_ = 0;      // slots that ever were
    slot_index free_ = no_slot; // chain of slots to be used again
    cache_statistics counts_;
    waiter* waiting_ = nullptr;
    cache_consumer* consumers_ = nullptr;
    void* share_blocks_ = nullptr;
    std::condition_variable_any loaded_;
    std::mutex source_lock_;
};

} // namespace detail
} // namespace fieldreel::inline v0

#endif
