// SPDX-License-Identifier: MIT
// One at a time, and in the order in which they came.
#include <fieldreel/source/reader_turns.hpp>

#include <atomic>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using fieldreel::detail::reader_turns;

TEST_CASE("reader_turns: one reader at a time") {
    reader_turns turns;
    std::size_t inside = 0; // guarded by the turns
    std::size_t entries = 0;
    std::vector<std::thread> threads;
    for (int n = 0; n < 4; ++n) {
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) {
                const std::scoped_lock mine(turns);
                inside += 1;
                entries += inside;
                inside -= 1;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(entries == 2000);
}

TEST_CASE("reader_turns: who waits is next, however quickly another comes back") {
    reader_turns turns;
    for (int round = 0; round < 200; ++round) {
        std::atomic<bool> was_in{false};
        turns.lock();
        CHECK_FALSE(turns.anyone_waits());
        std::thread waiting([&] {
            const std::scoped_lock mine(turns);
            was_in = true;
        });
        while (!turns.anyone_waits()) {
            std::this_thread::yield();
        }
        turns.unlock();
        turns.lock(); // a greedy reader
        REQUIRE(was_in);
        turns.unlock();
        waiting.join();
    }
}
