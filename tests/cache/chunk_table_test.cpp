// SPDX-License-Identifier: MIT
// The flat table and the set of numbers, against std::set.
#include <fieldreel/cache/chunk_table.hpp>

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <random>
#include <set>

#include <doctest/doctest.h>

using fieldreel::chunk_set;
using fieldreel::no_chunk;
using fieldreel::no_slot;
using fieldreel::slot_index;
using fieldreel::detail::chunk_table;
using fieldreel::detail::zeroed_array;

namespace {

std::size_t at_or_after(const std::set<std::size_t>& set, std::size_t n) {
    const auto found = set.lower_bound(n);
    return found == set.end() ? no_chunk : *found;
}
std::size_t at_or_before(const std::set<std::size_t>& set, std::size_t n) {
    const auto found = set.upper_bound(n);
    return found == set.begin() ? no_chunk : *std::prev(found);
}
std::size_t absent_at_or_after(const std::set<std::size_t>& set, std::size_t n) {
    while (set.count(n) != 0) {
        ++n;
    }
    return n;
}
std::size_t absent_at_or_before(const std::set<std::size_t>& set, std::size_t n) {
    while (set.count(n) != 0) {
        if (n-- == 0) {
            return no_chunk;
        }
    }
    return n;
}

} // namespace

TEST_CASE("zeroed_array: zero everywhere, also of no size") {
    zeroed_array<unsigned> array(100'000);
    CHECK(array.size() == 100'000);
    unsigned any = 0;
    for (std::size_t i = 0; i < array.size(); ++i) {
        any |= array[i];
    }
    CHECK(any == 0);
    CHECK(zeroed_array<int>(0).size() == 0);
}

TEST_CASE("chunk_set: like std::set, whatever is done, at sizes around the powers of 64") {
    for (const std::size_t size :
         std::initializer_list<std::size_t>{1, 2, 63, 64, 65, 128, 4095, 4096, 4097, 300'000}) {
        const unsigned seed = 4711 + static_cast<unsigned>(size);
        CAPTURE(size);
        CAPTURE(seed);
        std::mt19937 random(seed);
        chunk_set ours(size);
        std::set<std::size_t> theirs;
        const auto check = [&](std::size_t n) {
            REQUIRE(ours.contains(n) == (theirs.count(n) != 0));
            REQUIRE(ours.at_or_after(n) == at_or_after(theirs, n));
            REQUIRE(ours.at_or_before(n) == at_or_before(theirs, n));
            REQUIRE(ours.absent_at_or_after(n) == absent_at_or_after(theirs, n));
            REQUIRE(ours.absent_at_or_before(n) == absent_at_or_before(theirs, n));
        };
        for (int step = 0; step < 3000; ++step) {
            // Runs of neighbours, a few strays, and times when little is left.
            const std::size_t n = (random() % 4 == 0 ? random() : random() % 300) % size;
            if (random() % 100 < (step / 500 % 2 == 0 ? 70u : 30u)) {
                ours.insert(n);
                theirs.insert(n);
            } else {
                ours.erase(n);
                theirs.erase(n);
            }
            check(n);
            check(random() % size);
            check(0);
            check(size - 1);
        }
        for (const std::size_t n : theirs) {
            ours.erase(n);
        }
        CHECK(ours.at_or_after(0) == no_chunk);
        CHECK(ours.at_or_before(size - 1) == no_chunk);
    }
}

TEST_CASE("chunk_set: a full one has no gap before its end") {
    chunk_set set(200);
    for (std::size_t n = 0; n < 200; ++n) {
        set.insert(n);
    }
    CHECK(set.absent_at_or_after(0) == 200);
    CHECK(set.absent_at_or_after(199) == 200);
    CHECK(set.absent_at_or_before(199) == no_chunk);
}

TEST_CASE("chunk_table: loading is not resident, removed is neither") {
    chunk_table table(1000);
    const auto resident = [&] { return table.resident_slot(999) < chunk_table::most_slots; };
    CHECK_FALSE(resident());
    CHECK(table.loading_slot(999) == no_slot);
    for (const slot_index slot : {slot_index{0}, slot_index{5}, chunk_table::most_slots - 1}) {
        table.set_loading(999, slot);
        CHECK(table.loading_slot(999) == slot);
        CHECK_FALSE(resident());
        CHECK_FALSE(table.resident().contains(999));
        table.set_resident(999);
        CHECK(table.resident_slot(999) == slot);
        CHECK(resident());
        CHECK(table.loading_slot(999) == no_slot);
        CHECK(table.resident().contains(999));
        table.remove(999);
        CHECK_FALSE(resident());
        CHECK(table.loading_slot(999) == no_slot);
        CHECK_FALSE(table.resident().contains(999));
    }
}
