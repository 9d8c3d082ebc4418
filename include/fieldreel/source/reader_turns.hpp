// SPDX-License-Identifier: MIT
// The lock of a source that allows one reader at a time: who comes first reads first.
#ifndef FIELDREEL_SOURCE_READER_TURNS_HPP
#define FIELDREEL_SOURCE_READER_TURNS_HPP

#include <atomic>
#include <cstdint>

namespace fieldreel::inline v0::detail {

/// A fair lock. A std::mutex would go to whoever takes it quickest: to a thread that reads ahead chunk after chunk,
/// while the one whose picture is due waits for all of them.
class reader_turns {
public:
    void lock() noexcept {
        const std::uint32_t mine = next_.fetch_add(1, std::memory_order_relaxed);
        for (std::uint32_t now = turn_.load(std::memory_order_acquire); now != mine;
             now = turn_.load(std::memory_order_acquire)) {
            turn_.wait(now, std::memory_order_acquire);
        }
    }
    void unlock() noexcept {
        turn_.fetch_add(1, std::memory_order_release);
        turn_.notify_all();
    }
    /// Whether somebody stands in line behind the one who reads.
    bool anyone_waits() const noexcept { return next_.load() - turn_.load() > 1; }

private:
    std::atomic<std::uint32_t> next_{0};
    std::atomic<std::uint32_t> turn_{0};
};

} // namespace fieldreel::inline v0::detail

#endif
