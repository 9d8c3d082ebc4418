// SPDX-License-Identifier: MIT
// Which chunk a full cache drops: the policy concept, and `lru`.
#ifndef FIELDREEL_CACHE_EVICTION_HPP
#define FIELDREEL_CACHE_EVICTION_HPP

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <fieldreel/cache/chunk_table.hpp>

namespace fieldreel::inline v0 {

/// An order over the chunks that may be dropped. The cache tells it which these are and asks which goes first:
/// `released(slot, chunk)` from now on this one may be dropped: nobody looks at it any more;
/// `taken(slot)` it may not: it is pinned again, or it is gone;
/// `victim()` the one needed last, or no_slot when none may be dropped; asking changes nothing.
/// What the compiler cannot check: all are quick (a lock is held), throw nothing and allocate nothing. A policy that
/// follows its consumers adds `moved(consumer, motion)` and `left(consumer)`; a consumer is known by its address.
template <class P>
concept eviction_policy = std::constructible_from<P, std::size_t> &&
    requires(P& policy, const P& order, slot_index slot, std::size_t chunk) {
    policy.released(slot, chunk);
    policy.taken(slot);
    { order.victim() } -> std::same_as<slot_index>;
};

/// Drops what has not been looked at for the longest time. For arbitrary access; on a loop longer than the cache it
/// always drops what is needed next. A pinned chunk counts as looked at until it is let go.
/// Cost: O(1), no allocation after construction.
class lru {
public:
    explicit lru(std::size_t slots) : links_(slots + 1) {}

    void released(slot_index slot, std::size_t) noexcept {
        const slot_index node = slot + 1;
        const slot_index newest = links_[0].next;
        links_[node] = {newest, 0};
        links_[newest].previous = node;
        links_[0].next = node;
    }
    void taken(slot_index slot) noexcept {
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
