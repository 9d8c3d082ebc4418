// SPDX-License-Identifier: MIT
#include <atomic>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include <fieldreel/window/background_task.hpp>

namespace fr = fieldreel;

namespace {
template <class Result>
typename fr::background_task<Result>::outcome wait_for(fr::background_task<Result>& task) {
    for (;;) {
        if (auto out = task.take()) {
            return *out;
        }
        std::this_thread::yield();
    }
}
} // namespace

TEST_CASE("a task tells how far it is, and what came of it once") {
    fr::background_task<int> task;
    CHECK_FALSE(task.running());
    CHECK_FALSE(task.take());
    std::binary_semaphore half(0);
    std::binary_semaphore go(0);
    std::atomic<int> woken{0};
    task.start(
        [&](fr::task_progress& progress) {
            CHECK(progress(0.5));
            half.release();
            go.acquire();
            return std::optional(42);
        },
        [&] { ++woken; });
    half.acquire();
    CHECK(task.running());
    CHECK(task.part() == 0.5);
    CHECK_FALSE(task.take());
    go.release();
    const auto done = wait_for(task);
    CHECK(done.result == 42);
    CHECK(done.error.empty());
    CHECK(woken == 1);
    CHECK_FALSE(task.running());
    CHECK_FALSE(task.take());
}

TEST_CASE("what goes wrong is a sentence") {
    fr::background_task<int> task;
    task.start([](fr::task_progress&) -> std::optional<int> { throw std::runtime_error("no room"); });
    CHECK(wait_for(task).error == "no room");
    task.start([](fr::task_progress&) -> std::optional<int> { throw 7; });
    const auto odd = wait_for(task);
    CHECK(odd.error == "it failed without saying why");
    CHECK_FALSE(odd.result);
}

TEST_CASE("a task that was broken off gives nothing, also when it has finished meanwhile") {
    fr::background_task<int> task;
    std::binary_semaphore go(0);
    task.start([&](fr::task_progress& progress) {
        go.acquire();
        CHECK_FALSE(progress(1));
        return std::optional(1);
    });
    task.cancel();
    CHECK(task.cancelled());
    go.release();
    const auto none = wait_for(task);
    CHECK_FALSE(none.result);
    CHECK(none.error.empty());
}

TEST_CASE("a second task breaks the first one off, and so does the end") {
    std::atomic<int> broken_off{0};
    const auto endless = [&](fr::task_progress& progress) -> std::optional<int> {
        while (progress(0)) {
            std::this_thread::yield();
        }
        ++broken_off;
        return std::nullopt;
    };
    {
        fr::background_task<int> task;
        task.start(endless);
        std::binary_semaphore go(0);
        task.start([&](fr::task_progress&) { return std::optional(1); });
        task.start([&](fr::task_progress&) {
            go.acquire();
            return std::optional(2);
        });
        CHECK(task.running()); // nobody has waited
        go.release();
        CHECK(wait_for(task).result == 2); // the one between was never begun
        CHECK(broken_off == 1);
        task.start(endless);
    }
    CHECK(broken_off == 2);
}
