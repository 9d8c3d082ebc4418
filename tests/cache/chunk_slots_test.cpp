// SPDX-License-Identifier: MIT
// The buffers' bookkeeping by itself: room, pins, what is dropped, what became of chunks read ahead.
#include <fieldreel/cache/chunk_slots.hpp>

#include <cstddef>
#include <optional>

#include <doctest/doctest.h>
#include <fieldreel/cache/playhead.hpp>

using fieldreel::no_slot;
using fieldreel::slot_index;
using slots = fieldreel::detail::chunk_slots<fieldreel::playhead>;

namespace {

fieldreel::detail::cache_layout layout(std::size_t max_chunks, std::optional<std::size_t> max_bytes = {}) {
    return fieldreel::detail::make_layout({.chunk_size = 1, .max_chunks = max_chunks, .max_bytes = max_bytes}, 100, 1,
                                          1);
}
bool resident(const slots& s, std::size_t chunk) {
    return s.resident_slot(chunk) < slots::most_slots;
}
/// A chunk that is read and nobody looks at.
void put(slots& s, std::size_t chunk, bool ahead = false) {
    s.end_load(s.begin_load(chunk), 0, ahead);
}
fieldreel::cache_statistics bytes(const slots& s) {
    fieldreel::cache_statistics out;
    s.add_bytes(out);
    return out;
}

} // namespace

TEST_CASE("chunk_slots: loading, resident, dropped, a failed load costs nothing") {
    slots s(layout(2));
    const int consumer = 0;
    s.policy.entered(&consumer);
    s.policy.moved(&consumer, {.chunk = 0});
    const slot_index at = s.begin_load(7);
    CHECK(s.loading_slot(7) == at);
    CHECK_FALSE(resident(s, 7));
    CHECK(s.present().contains(7));
    CHECK(bytes(s).bytes_in_flight == 1);
    s.end_load(at, 1, false);
    CHECK(resident(s, 7));
    CHECK(bytes(s).bytes_pinned == 1);
    put(s, 3);
    CHECK(s.costs_one());
    CHECK_FALSE(s.full());
    s.fail_load(s.begin_load(5), false); // into the spare buffer
    CHECK(resident(s, 3));
    CHECK_FALSE(s.present().contains(5));
    put(s, 1);
    CHECK_FALSE(resident(s, 3)); // farther than 1, and 7 is pinned
    CHECK(s.counts.evictions == 1);
    slot_index held = at;
    s.release(held);
    CHECK(held == no_slot);
    put(s, 2);
    CHECK_FALSE(resident(s, 7));
    CHECK(bytes(s).bytes_peak == 3); // two and the one to read into
}

TEST_CASE("chunk_slots: full when all is pinned or under way") {
    slots s(layout(2, 2));
    const slot_index a = s.begin_load(0);
    CHECK(s.full()); // of two buffers one takes in the next chunk
    s.end_load(a, 2, false);
    slot_index held = a;
    s.release(held);
    CHECK(s.full()); // pinned twice
    held = a;
    s.release(held);
    CHECK_FALSE(s.full());
}

TEST_CASE("chunk_slots: what was read ahead is used once, or wasted, what was set aside is present until asked for") {
    slots s(layout(2));
    put(s, 1, true);
    put(s, 2, true);
    CHECK(s.counts.prefetched == 2);
    for (int n = 0; n < 2; ++n) {
        slot_index held = s.pin(s.resident_slot(1));
        s.release(held);
    }
    CHECK(s.counts.prefetch_used == 1);
    const int consumer = 0;
    s.policy.entered(&consumer);
    s.policy.moved(&consumer, {.chunk = 1});
    put(s, 0);
    CHECK(s.counts.prefetch_wasted + s.counts.prefetch_used == (resident(s, 2) ? 1 : 2));
    s.fail_load(s.begin_load(50), true);
    CHECK(s.present().contains(50));
    CHECK_FALSE(resident(s, 50));
    s.ask_again(50);
    CHECK_FALSE(s.present().contains(50));
}
