// SPDX-License-Identifier: MIT
// The buffers of a cache: which chunk is in which, who has it pinned, and what makes room. Bookkeeping without locks or
// reads.
#ifndef FIELDREEL_CACHE_CHUNK_SLOTS_HPP
#define FIELDREEL_CACHE_CHUNK_SLOTS_HPP

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include <fieldreel/cache/chunk_table.hpp>
#include <fieldreel/cache/eviction.hpp>
#include <fieldreel/cache/options.hpp>
#include <fieldreel/cache/statistics.hpp>

namespace fieldreel::inline v0::detail {

/// A slot is free, or loading (in the table; its buffer is the loader's), or resident. The policy has exactly the
/// resident ones that nobody has pinned. All buffers are slots and never more, so their number keeps the byte budget.
/// All members are quick; none throws.
template <eviction_policy Policy>
class chunk_slots {
public:
    static constexpr bool prefetches = prefetching_policy<Policy>;
    static constexpr slot_index most_slots = chunk_table::most_slots;

    explicit chunk_slots(const cache_layout& layout)
        : kept_(layout.kept),
          chunk_bytes_(layout.chunk_bytes),
          policy(layout.slots, layout.chunk_count),
          table_(layout.chunk_count),
          slots_(layout.slots),
          present_(prefetches ? layout.chunk_count : 0),
          unseen_(prefetches ? layout.slots : 0),
          flows_(prefetches ? layout.slots : 0) {}
    chunk_slots(const chunk_slots&) = delete;
    ~chunk_slots() {
        for (std::size_t s = 0; s < used_; ++s) {
            ::operator delete(slots_[s].data, alignment);
        }
    }

    /// The slot of a chunk that is resident, or something from most_slots on.
    slot_index resident_slot(std::size_t chunk) const noexcept { return table_.resident_slot(chunk); }
    /// The slot of a chunk that is being read, or no_slot.
    slot_index loading_slot(std::size_t chunk) const noexcept { return table_.loading_slot(chunk); }
    const chunk_set& resident() const noexcept { return table_.resident(); }
    /// Resident, loading, or set aside: what is not to be read ahead.
    const chunk_set& present() const noexcept { return present_; }
    std::size_t chunk_of(slot_index s) const noexcept { return slots_[s].chunk; }
    void* data(slot_index s) const noexcept { return slots_[s].data; }
    /// The buffer of a slot that is loading. Errors: std::bad_alloc. By the loader alone, without a lock.
    void* buffer(slot_index s) {
        void*& data = slots_[s].data;
        if (data == nullptr) {
            data = ::operator new(chunk_bytes_, alignment);
        }
        return data;
    }

    /// The trace's arrow from reading a chunk ahead to its first use: set by the loader, without a lock.
    std::uint64_t& flow(slot_index s) noexcept { return flows_[s]; }
    /// Once each; 0 when there is none.
    std::uint64_t take_flow(slot_index s) noexcept {
        if constexpr (prefetches) {
            return std::exchange(flows_[s], std::uint64_t{0});
        }
        return 0;
    }

    slot_index pin(slot_index s) noexcept {
        slot_state& at = slots_[s];
        if (at.pins++ == 0) {
            policy.taken(s, at.chunk);
            --evictable_;
            ++busy_;
            seen(s);
        }
        return s;
    }
    void release(slot_index& held) noexcept {
        const slot_index s = std::exchange(held, no_slot);
        if (s != no_slot && --slots_[s].pins == 0) {
            policy.released(s, slots_[s].chunk);
            ++evictable_;
            --busy_;
            trim();
        }
    }
    /// Lets `held` go for a resident slot; pins first, because the two may be the same and what is let go may be
    /// dropped.
    void change(slot_index& held, slot_index next) noexcept {
        slot_state& to = slots_[next];
        const bool taken = to.pins++ == 0;
        if (taken) {
            policy.taken(next, to.chunk);
            seen(next);
        }
        const slot_index from = std::exchange(held, next);
        const bool released = from != no_slot && --slots_[from].pins == 0;
        if (released) {
            policy.released(from, slots_[from].chunk);
        }
        if (taken != released) { // else one more and one less
            evictable_ += released ? 1 : static_cast<std::size_t>(-1);
            busy_ -= released ? 1 : static_cast<std::size_t>(-1);
            trim();
        }
    }

    /// True when so much is pinned and under way that another chunk could not be kept.
    bool full() const noexcept { return busy_ >= kept_; }
    /// True when keeping another chunk costs one that is there.
    bool costs_one() const noexcept { return busy_ + evictable_ >= kept_; }
    /// A slot for a chunk that is neither resident nor loading, unless full().
    slot_index begin_load(std::size_t chunk) noexcept {
        slot_index s = free_;
        if (s == no_slot && used_ < slots_.size()) {
            s = static_cast<slot_index>(used_++);
        } else {
            if (s == no_slot) { // reads at the same time, or a budget of one chunk: make room before reading
                evict();
                s = free_;
            }
            free_ = slots_[s].chunk;
        }
        slots_[s].chunk = static_cast<std::uint32_t>(chunk);
        table_.set_loading(chunk, s);
        if constexpr (prefetches) {
            flows_[s] = 0;
            present_.insert(chunk);
        }
        ++busy_;
        return s;
    }
    /// The chunk is there, pinned so many times; read ahead or because somebody asked.
    void end_load(slot_index s, std::uint32_t pins, bool ahead) noexcept {
        slot_state& at = slots_[s];
        ++resident_;
        table_.set_resident(at.chunk);
        at.pins = pins;
        if (ahead) {
            ++counts.prefetched;
            unseen_[s] = 1;
        }
        if (pins == 0) {
            policy.released(s, at.chunk);
            ++evictable_;
            --busy_;
        } else {
            seen(s);
        }
        trim();
    }
    /// The read threw. What is set aside is not read ahead before `ask_again`.
    void fail_load(slot_index s, bool set_aside) noexcept {
        const std::size_t chunk = slots_[s].chunk;
        --busy_;
        table_.remove(chunk);
        set_free(s);
        if (!set_aside) {
            ask_again(chunk);
        }
    }
    void ask_again(std::size_t chunk) noexcept {
        if constexpr (prefetches) {
            present_.erase(chunk);
        }
    }

    void add_bytes(cache_statistics& to) const noexcept {
        to.chunks_resident = resident_;
        to.chunks_limit = kept_;
        to.bytes_resident = resident_ * chunk_bytes_;
        const std::size_t pinned = resident_ - evictable_;
        to.bytes_pinned = pinned * chunk_bytes_;
        to.bytes_in_flight = (busy_ - pinned) * chunk_bytes_;
        to.bytes_peak = used_ * chunk_bytes_;
    }

private:
    struct slot_state { // all zero is a fresh slot
        void* data;
        std::uint32_t chunk; // the next free slot, in a free one
        std::uint32_t pins;
    };
    static constexpr std::align_val_t alignment{64};

    void seen(slot_index s) noexcept {
        if constexpr (prefetches) {
            counts.prefetch_used += std::exchange(unseen_[s], std::uint8_t{0});
        }
    }
    void trim() noexcept {
        while (resident_ > kept_ && evictable_ > 0) {
            evict();
        }
    }
    void evict() noexcept {
        const slot_index s = policy.victim();
        const std::size_t chunk = slots_[s].chunk;
        policy.taken(s, chunk);
        --evictable_;
        --resident_;
        ++counts.evictions;
        if constexpr (prefetches) {
            counts.prefetch_wasted += std::exchange(unseen_[s], std::uint8_t{0});
            present_.erase(chunk);
        }
        table_.remove(chunk);
        set_free(s);
    }
    void set_free(slot_index s) noexcept { slots_[s].chunk = std::exchange(free_, s); }

    const std::size_t kept_;
    const std::size_t chunk_bytes_;

public:
    Policy policy;
    cache_statistics counts; ///< evictions and what became of chunks read ahead; the rest is the owner's

private:
    chunk_table table_;
    zeroed_array<slot_state> slots_;
    chunk_set present_;
    zeroed_array<std::uint8_t> unseen_; // read ahead, and nobody has looked at it yet
    zeroed_array<std::uint64_t> flows_; // of what is read ahead while a trace is recorded
    std::size_t resident_ = 0;          // chunks that are ready
    std::size_t evictable_ = 0;         // of these, the ones the policy has
    std::size_t busy_ = 0;              // slots pinned or being read into
    std::size_t used_ = 0;              // slots that ever were
    slot_index free_ = no_slot;         // chain of slots to be used again
};

} // namespace fieldreel::inline v0::detail

#endif
