// SPDX-License-Identifier: MIT
// Something long on a thread of its own, that can be looked at, broken off, and asked for what came of it.
#ifndef FIELDREEL_WINDOW_BACKGROUND_TASK_HPP
#define FIELDREEL_WINDOW_BACKGROUND_TASK_HPP

#include <atomic>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace fieldreel::inline v0 {

/// What the work sees of the task it is: it says how far it is and asks whether to go on.
class task_progress {
public:
    /// `part`: 0-1. False: break off, nobody wants the result any more.
    bool operator()(double part) noexcept {
        part_.store(part, std::memory_order_relaxed);
        return !cancelled();
    }
    bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }

private:
    template <class>
    friend class background_task;
    std::atomic<double> part_{0};
    std::atomic<bool> cancelled_{false};
};

/// At most one piece of work at a time. All members are for one thread, a window's; none but the destructor waits for
/// work that was broken off and has not noticed yet.
template <class Result>
class background_task {
public:
    /// What came of it: a result, or the sentence of what went wrong; neither when it was broken off.
    struct outcome {
        std::optional<Result> result;
        std::string error;
    };

    background_task() = default;
    background_task(const background_task&) = delete;
    background_task& operator=(const background_task&) = delete;
    ~background_task() { stop(); }

    /// Begins `work(task_progress&)`, which gives a Result, or nothing when it broke off. Earlier work is broken off;
    /// while that goes on, the new one waits for `take` to begin it.
    /// `ready` is called on the task's thread at the end, to wake a host; it must not throw.
    void start(std::function<std::optional<Result>(task_progress&)> work, std::function<void()> ready = {}) {
        if (running_) {
            cancel();
            next_ = std::move(work);
            next_ready_ = std::move(ready);
            return;
        }
        state_.part_.store(0);
        state_.cancelled_.store(false);
        done_.store(false);
        running_ = true;
        thread_ = std::thread([this, work = std::move(work), ready = std::move(ready)] {
            outcome made;
            try {
                made.result = work(state_);
            } catch (const std::exception& wrong) {
                made.error = wrong.what();
            } catch (...) {
                made.error = "it failed without saying why";
            }
            outcome_ = std::move(made);
            done_.store(true, std::memory_order_release);
            if (ready) {
                ready();
            }
        });
    }
    /// Tells the work to break off; it may take a while. What came of it is then not given out.
    void cancel() noexcept {
        state_.cancelled_.store(true);
        next_ = nullptr;
    }

    /// True from start until its end was taken.
    bool running() const noexcept { return running_; }
    bool cancelled() const noexcept { return running_ && state_.cancelled(); }
    /// 0-1, as the work said last.
    double part() const noexcept { return state_.part_.load(std::memory_order_relaxed); }
    /// Once, when the work has ended.
    std::optional<outcome> take() {
        if (!running_ || !done_.load(std::memory_order_acquire)) {
            return std::nullopt;
        }
        thread_.join();
        running_ = false;
        outcome out = std::move(outcome_);
        if (state_.cancelled()) {
            out = {};
        }
        if (next_) {
            start(std::exchange(next_, nullptr), std::exchange(next_ready_, nullptr));
            return std::nullopt;
        }
        return out;
    }

private:
    void stop() {
        if (running_) {
            cancel();
            thread_.join();
            running_ = false;
        }
    }
    task_progress state_;
    std::atomic<bool> done_{false};
    outcome outcome_; ///< the thread's until done_
    bool running_ = false;
    std::function<std::optional<Result>(task_progress&)> next_; ///< empty: none waits
    std::function<void()> next_ready_;
    std::thread thread_;
};

} // namespace fieldreel::inline v0

#endif
