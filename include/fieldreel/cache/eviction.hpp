// SPDX-License-Identifier: MIT
// Which chunk a full cache drops, and which it reads ahead: the policy concepts, and `lru`.
#ifndef FIELDREEL_CACHE_EVICTION_HPP
#define FIELDREEL_CACHE_EVICTION_HPP

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <fieldreel/cache/chunk_table.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// A motion counted in chunks: what policies are told.
struct chunk_motion {
    std::size_t chunk = 0;   ///< where the consumer is
    double chunks_per_s = 0; ///< how fast; negative = backwards, 0 = standing
    play_mode mode = play_mode::scrub;
    std::size_t first = 0; ///< the loop or in/out range: chunks [first, last)
    std::size_t last = static_cast<std::size_t>(-1);
    bool read_ahead = false; ///< it said where it goes
    friend bool operator==(const chunk_motion&, const chunk_motion&) = default;
};

/// An order over the chunks that may be dropped, made from the number of slots and of chunks. The cache tells it which
/// these are and asks which goes first: `released(slot, chunk)` from now on this one may be dropped: nobody looks at it
/// any more; `taken(slot, chunk)` it may not: it is pinned again, or it is gone; `victim()` the one needed last, or
/// no_slot when none may be dropped; asking changes nothing.
/// What the compiler cannot check: all are quick (a lock is held), throw nothing and allocate nothing.
template <class P>
concept eviction_policy = std::constructible_from<P, std::size_t, std::size_t> &&
    requires(P& policy, const P& order, slot_index slot, std::size_t chunk) {
    policy.released(slot, chunk);
    policy.taken(slot, chunk);
    { order.victim() } -> std::same_as<slot_index>;
};

/// A policy that follows its consumers, each known by its address: `entered(consumer)` there is one (this may allocate
/// and throw); `moved(consumer, motion)` it looks at another chunk or goes elsewhere; `left(consumer)`.
template <class P>
concept following_policy = eviction_policy<P> && requires(P& policy, const void* consumer, const chunk_motion& going) {
    policy.entered(consumer);
    policy.moved(consumer, going);
    policy.left(consumer);
};

/// A policy whose order also says what to read ahead: `next(present, horizon)` the chunk outside of `present` that is
/// needed soonest, at most `horizon` chunks from whoever needs it, or no_chunk; `need_s(chunk)` in how many seconds a
/// chunk will be needed, by the same order as `victim`. The cache reads `next` when it is needed sooner than the
/// victim.
template <class P>
concept prefetching_policy = following_policy<P> && requires(const P& order, const chunk_set& present, std::size_t n) {
    { order.next(present, n) } -> std::same_as<std::size_t>;
    { order.need_s(n) } -> std::same_as<double>;
};

/// Drops what has not been looked at for the longest time. For arbitrary access; on a loop longer than the cache it
/// always drops what is needed next. A pinned chunk counts as looked at until it is let go. Reads nothing ahead.
/// Cost: O(1), no allocation after construction.
class lru {
public:
    lru(std::size_t slots, std::size_t) : links_(slots + 1) {}

    void released(slot_index slot, std::size_t) noexcept {
        const slot_index node = slot + 1;
        const slot_index newest = links_[0].next;
        links_[node] = {newest, 0};
        links_[newest].previous = node;
        links_[0].next = node;
    }
    void taken(slot_index slot, std::size_t) noexcept {
        const link here = links_[slot + 1];
        links_[here.previous].next = here.next;
        links_[here.next].previous = here.previous;
    }
    slot_index victim() const noexcept { return links_[0].previous - 1; } // 0, the ring's own node, is no_slot

private:
    struct link {
        slot_index next;
        slot_index previous;
    };
    // A ring through node 0, newest first; slot s is node s + 1. All zero is the empty ring.
    detail::zeroed_array<link> links_;
};

} // namespace fieldreel::inline v0

#endif
