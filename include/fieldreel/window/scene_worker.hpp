// SPDX-License-Identifier: MIT
// Fills scenes on a thread of its own, always for the time asked for last, so that a window never waits for a source.
#ifndef FIELDREEL_WINDOW_SCENE_WORKER_HPP
#define FIELDREEL_WINDOW_SCENE_WORKER_HPP

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fieldreel/frame.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/playback/step_report.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/viewer/scene.hpp>

namespace fieldreel::inline v0 {

/// What a window wants to see, and where it is going, so that caches read ahead.
struct scene_request {
    double time_s = 0;
    double velocity = 0; ///< seconds of the recording per second, negative = backwards
    play_mode mode = play_mode::once;
    std::optional<time_range> range = {}; ///< what is played; unset: the whole recording
    friend bool operator==(const scene_request&, const scene_request&) = default;
};

/// A scene that was filled, or of which a part could not be.
struct worked_scene {
    scene content;
    double asked_s = 0;       ///< the time it was asked for
    std::string error = {};   ///< the sentence of what failed; the scene is then without that and what came after it
    step_report work = {};    ///< read_ms and overlay_ms
    std::uint64_t number = 0; ///< 1, 2, 3, … in the order of filling
};

struct worker_counts {
    std::uint64_t asked = 0;    ///< requests for another time
    std::uint64_t filled = 0;   ///< scenes made
    std::uint64_t replaced = 0; ///< requests that a later one overtook before work on them began
    std::uint64_t failed = 0;   ///< of the filled ones, those with an error
};

/// A thread, a playback that it alone uses, and three scenes: one being filled, one ready, one being shown.
///
/// The members are for one thread, the window's; none of them waits for a source, but for `take(soon_s)`, `wait` and
/// the destructor. After each of the three scenes was filled once, asking, filling and taking allocate nothing.
class scene_worker {
public:
    /// The playback must outlive the worker, and nobody else may touch it meanwhile but through `change`. `ready` is
    /// called on the worker's thread after each scene, to wake a host that waits for input; it must not throw and not
    /// call the worker.
    explicit scene_worker(playback& what, std::function<void()> ready = {})
        : playback_(what), ready_(std::move(ready)), thread_([this] { work(); }) {}
    scene_worker(const scene_worker&) = delete;
    scene_worker& operator=(const scene_worker&) = delete;
    /// Drops what was asked and waits for the read that is going on, which cannot be broken off.
    ~scene_worker() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    /// Asks for the scene at a time; what was asked before and not begun is dropped. The time asked for last is not
    /// filled a second time: then only the sources are told where playing goes, if that has changed.
    void ask(const scene_request& request) {
        {
            const std::lock_guard lock(mutex_);
            if (asked_ && *asked_ == request) {
                return;
            }
            if (!asked_ || asked_->time_s != request.time_s) {
                counts_.replaced += wanted_ ? 1U : 0U;
                ++counts_.asked;
                want();
            }
            hint_ = true;
            asked_ = request;
        }
        wake_.notify_one();
    }
    void ask(double time_s) { ask(scene_request{.time_s = time_s}); }
    /// Fills the time asked for last once more: after an error, or when a file has changed.
    void ask_again() {
        {
            const std::lock_guard lock(mutex_);
            if (asked_) {
                want();
            }
        }
        wake_.notify_one();
    }
    /// Has something looked at between two scenes on the worker's thread, which alone may touch what sources and
    /// overlays keep. No scene is filled; what is thrown is lost. Cost here: one small allocation.
    void look(std::function<void()> what) {
        {
            const std::lock_guard lock(mutex_);
            looks_.push_back(std::move(what));
        }
        wake_.notify_one();
    }
    /// Has the playback changed (another style, another overlay) between two scenes, and the last one filled again.
    /// What the change throws is kept with that scene. Cost here: one small allocation.
    void change(std::function<void(playback&)> how) {
        {
            const std::lock_guard lock(mutex_);
            if (!unfilled()) {
                unfilled_since_ = steady::now();
            }
            changes_.push_back(std::move(how));
        }
        wake_.notify_one();
    }

    /// The newest scene, when there is one that was not taken yet; else nullptr. It stays as it is until the next call
    /// that gives one, and is the window's until then: its styles may be changed.
    worked_scene* take() {
        const std::lock_guard lock(mutex_);
        return taken();
    }
    /// The same, and waits for a scene as long as it is not overdue: for `soon_s` since the first of what is not filled
    /// yet was asked for. A quick source is thus waited for, a slow one only once.
    worked_scene* take(double soon_s) {
        std::unique_lock lock(mutex_);
        made_.wait_until(lock, unfilled_since_ + to_clock(soon_s), [this] { return fresh_ || !unfilled(); });
        return taken();
    }
    /// The scene taken last; empty at time 0 before there was one.
    const worked_scene& current() const noexcept { return scenes_[shown_]; }

    /// True while something asked for is not finished: when the shown scene is late.
    bool busy() const {
        const std::lock_guard lock(mutex_);
        return unfilled();
    }
    /// Waits until nothing is left to do: for screenshots and tests.
    void wait() const {
        std::unique_lock lock(mutex_);
        idle_.wait(lock, [this] { return !pending(); });
    }
    worker_counts counts() const {
        const std::lock_guard lock(mutex_);
        return counts_;
    }

private:
    using steady = std::chrono::steady_clock;
    static steady::duration to_clock(double seconds) {
        return std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(seconds));
    }
    bool unfilled() const noexcept { return wanted_ || filling_ || !changes_.empty(); }
    void want() {
        if (!unfilled()) {
            unfilled_since_ = steady::now();
        }
        wanted_ = true;
    }
    worked_scene* taken() noexcept {
        if (!fresh_) {
            return nullptr;
        }
        fresh_ = false;
        std::swap(shown_, ready_scene_);
        return &scenes_[shown_];
    }
    bool pending() const noexcept { return working_ || wanted_ || hint_ || !changes_.empty() || !looks_.empty(); }

    void work() {
        std::vector<std::function<void(playback&)>> changes;
        std::vector<std::function<void()>> looks;
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [this] { return stopping_ || wanted_ || hint_ || !changes_.empty() || !looks_.empty(); });
            if (stopping_) {
                return;
            }
            changes.swap(changes_);
            looks.swap(looks_);
            const bool hint = hint_;
            const std::optional<scene_request> request = asked_;
            const bool fill = request && (wanted_ || !changes.empty());
            wanted_ = false;
            hint_ = false;
            working_ = true;
            filling_ = fill;
            lock.unlock();

            for (const auto& change : changes) {
                keep_error(error_, [&] { change(playback_); });
            }
            changes.clear();
            for (const auto& look : looks) {
                std::string lost;
                keep_error(lost, look);
            }
            looks.clear();
            if (request && (fill || hint)) {
                std::string told_by_fill; // what is wrong with a source's times
                keep_error(told_by_fill, [&] {
                    playback_.hint(request->time_s, request->velocity, request->mode,
                                   request->range.value_or(playback_.times()));
                });
            }
            worked_scene& out = scenes_[filled_];
            if (fill) {
                FIELDREEL_TRACE_SPAN("scene.fill");
                out.asked_s = request->time_s;
                out.work = {};
                keep_error(error_, [&] { playback_.fill(request->time_s, out.content, out.work); });
                out.error = error_;
                error_.clear();
            }

            lock.lock();
            working_ = false;
            filling_ = false;
            if (fill) {
                ++counts_.filled;
                counts_.failed += out.error.empty() ? 0U : 1U;
                out.number = counts_.filled;
                std::swap(filled_, ready_scene_);
                fresh_ = true;
                made_.notify_all();
            }
            if (!pending()) {
                idle_.notify_all();
            }
            if (fill && ready_) {
                lock.unlock();
                ready_();
                lock.lock();
            }
        }
    }
    /// The first error is kept: the others may follow from it.
    template <class Call>
    static void keep_error(std::string& to, const Call& call) {
        try {
            call();
        } catch (const std::exception& wrong) {
            if (to.empty()) {
                to = wrong.what();
                to = to.empty() ? "a source failed without saying why" : to;
            }
        } catch (...) {
            if (to.empty()) {
                to = "a source failed without saying why";
            }
        }
    }

    playback& playback_;
    std::function<void()> ready_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable made_;
    mutable std::condition_variable idle_;
    // Guarded by the mutex:
    std::optional<scene_request> asked_;
    std::vector<std::function<void(playback&)>> changes_;
    std::vector<std::function<void()>> looks_;
    bool wanted_ = false; ///< asked_ is to be filled
    bool hint_ = false;   ///< asked_ is to be told to the sources
    bool working_ = false;
    bool filling_ = false;
    bool fresh_ = false;
    bool stopping_ = false;
    steady::time_point unfilled_since_; ///< when the first of what is wanted or being filled was asked for
    worker_counts counts_;
    std::size_t ready_scene_ = 1;
    std::size_t filled_ = 0; ///< changed by the worker alone
    std::size_t shown_ = 2;  ///< changed by the window's thread alone
    // The worker's and the window's own:
    std::array<worked_scene, 3> scenes_;
    std::string error_;  ///< the worker's: of changes, until there is a scene to tell it with
    std::thread thread_; ///< last: it begins when all else is there
};

} // namespace fieldreel::inline v0

#endif
