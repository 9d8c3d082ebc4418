// SPDX-License-Identifier: MIT
// What reading ahead needs beside an order: the lock, the threads, and the errors that nobody has heard of yet.
#ifndef FIELDREEL_CACHE_PREFETCH_HPP
#define FIELDREEL_CACHE_PREFETCH_HPP

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <fieldreel/trace/point.hpp>

namespace fieldreel::inline v0::detail {

/// A lock held for some dozen instructions: taking it is one atomic exchange, giving it back a plain store, half the
/// price of a std::mutex. Who finds it taken yields, because its holder may have been interrupted. Where one thread is
/// promised it does nothing.
class short_lock {
public:
    explicit short_lock(bool one_thread) noexcept : one_thread_(one_thread) {}
    void lock() noexcept {
        while (!one_thread_ && taken_.exchange(true, std::memory_order_acquire)) {
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
    const bool one_thread_;
    std::atomic<bool> taken_{false};
};

/// The errors of reads ahead, one per chunk, for the first consumer that asks. Guarded by the owner's lock; there is
/// room from the beginning, so that nothing is allocated under it.
class kept_errors {
public:
    static constexpr std::size_t most = 64;
    void reserve() { errors_.reserve(most); }
    bool full() const noexcept { return errors_.size() == most; }
    void keep(std::size_t chunk, std::exception_ptr error) noexcept { errors_.emplace_back(chunk, std::move(error)); }
    /// The error of a chunk, which is forgotten; null when there is none.
    std::exception_ptr take(std::size_t chunk) noexcept {
        for (auto& kept : errors_) {
            if (kept.first == chunk) {
                std::exception_ptr error = std::exchange(kept, errors_.back()).second;
                errors_.pop_back();
                return error;
            }
        }
        return nullptr;
    }

private:
    std::vector<std::pair<std::size_t, std::exception_ptr>> errors_;
};

/// Threads that do one piece of work after another and sleep while there is none. All but `start` and `stop` is called
/// with the owner's lock held.
class crew {
public:
    /// `work_once()` does a piece of work, giving the lock back meanwhile, or returns false when there is none.
    /// Starts no more threads than the machine gives; `running` says how many.
    template <class Work>
    void start(short_lock& lock, std::size_t count, Work work_once) noexcept {
        try {
            for (std::size_t n = 0; n < count; ++n) {
                threads_.emplace_back([this, &lock, work_once] {
                    trace::name_thread("prefetch");
                    std::unique_lock guard(lock);
                    while (!stopping_) {
                        if (!work_once()) {
                            ++idle_;
                            work_.wait(guard);
                            --idle_;
                        }
                    }
                });
                const std::lock_guard guard(lock);
                ++running_;
            }
        } catch (...) { // the machine has no thread left
        }
    }
    /// Waits for the piece of work that each thread is at.
    void stop(short_lock& lock) noexcept {
        {
            const std::lock_guard guard(lock);
            stopping_ = true;
        }
        work_.notify_all();
        for (std::thread& thread : threads_) {
            thread.join();
        }
    }
    bool anyone_idle() const noexcept { return idle_ > 0; }
    std::size_t running() const noexcept { return running_; }
    /// Without the lock.
    void wake() noexcept { work_.notify_one(); }

private:
    std::size_t idle_ = 0;
    std::size_t running_ = 0;
    bool stopping_ = false;
    std::condition_variable_any work_;
    std::vector<std::thread> threads_;
};

} // namespace fieldreel::inline v0::detail

#endif
