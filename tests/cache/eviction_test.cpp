// SPDX-License-Identifier: MIT
// The order in which lru gives chunks up, against a list that is searched.
#include <fieldreel/cache/eviction.hpp>

#include <algorithm>
#include <cstddef>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using fieldreel::lru;
using fieldreel::no_slot;
using fieldreel::slot_index;

namespace {

struct no_victim {
    no_victim(std::size_t, std::size_t) {}
    void released(slot_index, std::size_t) {}
    void taken(slot_index, std::size_t) {}
};
struct no_slots : lru {
    no_slots() : lru(1, 1) {}
};

} // namespace

static_assert(fieldreel::eviction_policy<lru>);
static_assert(!fieldreel::eviction_policy<no_victim>);
static_assert(!fieldreel::eviction_policy<no_slots>);

TEST_CASE("lru: an empty order has no victim") {
    CHECK(lru(0, 0).victim() == no_slot);
    CHECK(lru(5, 5).victim() == no_slot);
}

TEST_CASE("lru: the first let go is the first to go, what is taken is not in question") {
    lru order(3, 30);
    order.released(2, 20);
    order.released(0, 0);
    order.released(1, 10);
    CHECK(order.victim() == 2);
    order.taken(2, 20); // looked at again
    CHECK(order.victim() == 0);
    order.released(2, 20);
    CHECK(order.victim() == 0);
    order.taken(1, 10); // from the middle
    order.taken(0, 0);
    CHECK(order.victim() == 2);
    order.taken(2, 20);
    CHECK(order.victim() == no_slot);
}

TEST_CASE("lru: like a searched list, whatever is done") {
    const unsigned seed = 20240607;
    CAPTURE(seed);
    std::mt19937 random(seed);
    const std::size_t slots = 17;
    lru order(slots, 3 * slots);
    std::vector<slot_index> list; // oldest first
    for (int step = 0; step < 20'000; ++step) {
        const auto slot = static_cast<slot_index>(random() % slots);
        const auto found = std::find(list.begin(), list.end(), slot);
        if (found == list.end()) {
            order.released(slot, slot * 3);
            list.push_back(slot);
        } else {
            order.taken(slot, slot * 3);
            list.erase(found);
        }
        REQUIRE(order.victim() == (list.empty() ? no_slot : list.front()));
    }
}
