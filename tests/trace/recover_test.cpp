// SPDX-License-Identifier: MIT
// Processes that are killed while they trace, and what is made of what they leave behind.
#include "fieldreel/trace/recover.hpp"

#include "fieldreel/trace/recorder.hpp"

#include "scratch.hpp"
#include "trace_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <new>
#include <random>
#include <string>
#include <thread>
#include <vector>

#ifndef _WIN32
#include <csignal>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace trace = fieldreel::trace;
namespace fs = std::filesystem;
using test::scratch;
using test::work;

namespace {

constexpr int workers = 3;

// What a child has done, in memory that its parent sees after the kill.
struct progress {
    std::array<std::atomic<std::uint64_t>, workers> done{}; // spans "step" that had ended
    std::atomic<std::uint64_t> all{0};
    static progress& shared() {
        void* at = ::mmap(nullptr, sizeof(progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        REQUIRE(at != MAP_FAILED);
        return *::new (at) progress;
    }
};

// Traces on `workers` threads until it is killed.
[[noreturn]] void trace_forever(const std::string& path, progress& seen, trace::recorder_options options = {}) {
    fieldreel::recorder recorder(path, options);
    recorder.start();
    std::vector<std::thread> threads;
    for (int t = 0; t < workers; ++t) {
        threads.emplace_back([&seen, t] {
            trace::name_thread("wor\"ker");
            FIELDREEL_TRACE_SPAN("play\nback");
            for (;;) {
                {
                    FIELDREEL_TRACE_SPAN("step");
                    FIELDREEL_TRACE_COUNTER("bytes", 4096);
                    FIELDREEL_TRACE_SPAN("cache.miss");
                    FIELDREEL_TRACE_INSTANT("seek");
                }
                seen.done[static_cast<std::size_t>(t)].fetch_add(1);
                seen.all.fetch_add(1);
                ::sched_yield();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    std::_Exit(1);
}

// Runs `child` in a process of its own and kills it as soon as it has done `until` steps.
template <class Child>
void killed_after(const progress& seen, std::uint64_t until, Child child) {
    const pid_t id = ::fork();
    REQUIRE(id >= 0);
    if (id == 0) {
        child();
        std::_Exit(1);
    }
    int status = 0;
    while (seen.all.load() < until && ::waitpid(id, &status, WNOHANG) == 0) {
        ::sched_yield();
    }
    ::kill(id, SIGKILL);
    ::waitpid(id, &status, 0);
    CHECK(WIFSIGNALED(status));
}

// A part with something in it, as a killed process leaves it.
void leave_part(const std::string& path, int spans) {
    progress& seen = progress::shared();
    killed_after(seen, 1, [&] {
        auto* recorder = new fieldreel::recorder(path);
        recorder->start();
        FIELDREEL_TRACE_SPAN("open");
        work(spans);
        seen.all = 1;
        for (;;) {
            ::pause();
        }
    });
}

std::string sentence(const std::string& file) {
    try {
        trace::recover(file);
    } catch (const fieldreel::file_error& e) {
        return e.what();
    }
    return "recovered";
}

} // namespace

TEST_CASE("recover: killed at 50 random moments, every file is whole and no span that had ended is lost") {
    const scratch place;
    std::mt19937 random(20260);
    for (int round = 0; round < 50; ++round) {
        CAPTURE(round);
        const std::string path = place.file("t" + std::to_string(round) + ".json");
        progress& seen = progress::shared();
        killed_after(seen, std::uniform_int_distribution<std::uint64_t>(0, 4000)(random),
                     [&] { trace_forever(path, seen); });
        if (!fs::exists(path + ".part")) { // killed before the recorder was there
            CHECK(seen.all.load() == 0);
            continue;
        }
        const trace::recovery done = trace::recover(path);
        CHECK_FALSE(fs::exists(path + ".part"));
        if (done.path.empty()) { // before the first event
            CHECK(seen.all.load() == 0);
            continue;
        }
        CHECK(done.path == path);
        CHECK(done.dropped == 0);
        const auto file = test::read_trace(test::file_text(path));
        REQUIRE(file.all_complaints() == "");
        CHECK(file.records.size() == done.events);
        std::map<int, std::uint64_t> finished;
        std::size_t unfinished = 0;
        for (const test::record& r : file.of("X")) {
            finished[r.tid] += r.name == "step" ? 1U : 0U;
            unfinished += r.name.ends_with(" (unfinished)") ? 1U : 0U;
            CHECK(r.name.find("lost") == std::string::npos);
        }
        CHECK(unfinished == done.unfinished);
        CHECK(unfinished <= workers * 3);
        std::vector<std::uint64_t> recovered, seen_done;
        for (const auto& [tid, count] : finished) {
            recovered.push_back(count);
            CHECK(file.thread_names.at(tid) == "wor\"ker");
        }
        for (const auto& d : seen.done) {
            seen_done.push_back(d.load());
        }
        recovered.resize(workers, 0);
        std::sort(recovered.begin(), recovered.end());
        std::sort(seen_done.begin(), seen_done.end());
        for (std::size_t t = 0; t < workers; ++t) { // a step may have ended that was not counted any more
            CHECK(recovered[t] >= seen_done[t]);
            CHECK(recovered[t] <= seen_done[t] + 1);
        }
        if (const char* keep = std::getenv("FIELDREEL_KEEP_TRACES")) { // for speedscope.cmake
            fs::copy_file(path, fs::path(keep) / fs::path(path).filename(), fs::copy_options::overwrite_existing);
        }
    }
}

TEST_CASE("recover: killed while the oldest make room, every file is whole") {
    const scratch place;
    std::mt19937 random(7);
    trace::recorder_options options;
    options.max_bytes = 64 << 10;
    for (int round = 0; round < 10; ++round) {
        CAPTURE(round);
        const std::string path = place.file("t" + std::to_string(round) + ".json");
        progress& seen = progress::shared();
        killed_after(seen, std::uniform_int_distribution<std::uint64_t>(2000, 6000)(random),
                     [&] { trace_forever(path, seen, options); });
        const trace::recovery done = trace::recover(path);
        CHECK(done.dropped > 0);
        CHECK(done.events <= (64 << 10) / 32);
        const auto file = test::read_trace(test::file_text(path));
        REQUIRE(file.all_complaints() == "");
        CHECK(file.names("X").front() == "play\nback (unfinished)");
    }
}

TEST_CASE("recover: times agree with the steady clock, names and process come from the file") {
    const scratch place;
    const std::string path = place.file("t.json");
    progress& seen = progress::shared();
    std::int64_t took = 0;
    killed_after(seen, 1, [&] {
        trace::recorder_options options;
        options.process_name = "my program";
        auto* recorder = new fieldreel::recorder(path, options);
        recorder->start();
        {
            FIELDREEL_TRACE_SPAN("10 ms");
            const std::int64_t start = fieldreel::detail::trace_steady_ns();
            while (fieldreel::detail::trace_steady_ns() - start < 10000000) {
            }
            seen.done[0] = static_cast<std::uint64_t>(fieldreel::detail::trace_steady_ns() - start);
        }
        seen.all = 1;
        for (;;) {
            ::pause();
        }
    });
    took = static_cast<std::int64_t>(seen.done[0].load());
    const trace::recorded_part part = trace::read_part(path + ".part");
    CHECK(part.process_name == "my program");
    CHECK(part.process != static_cast<unsigned long>(::getpid()));
    CHECK_FALSE(part.written);
    const auto& span = part.threads.at(0).events.at(0);
    CHECK(std::string(span.name) == "10 ms");
    CHECK(static_cast<double>(span.end_ns - span.start_ns) == doctest::Approx(static_cast<double>(took)).epsilon(0.02));
}

TEST_CASE("recover: a trace that is there is not written over, names count on") {
    const scratch place;
    const std::string path = place.file("t.json");
    std::ofstream(path) << "an earlier trace";
    for (const char* name : {"t.recovered.json", "t.recovered-2.json", "t.recovered-3.json"}) {
        leave_part(path, 10);
        CHECK(trace::recover(path + ".part").path == place.file(name));
    }
    CHECK(test::file_text(path) == "an earlier trace");
    leave_part(path, 10);
    CHECK(trace::recover(path, path).path == path); // asked for
    CHECK(test::read_trace(test::file_text(path)).of("X").size() == 22);
    CHECK(place.count() == 4);
}

TEST_CASE("recover: the next recorder on the path does it first and says so") {
    const scratch place;
    const std::string path = place.file("t.json");
    leave_part(path, 10);
    {
        fieldreel::recorder recorder(path);
        CHECK(recorder.path() == path);
        CHECK(recorder.notice() == "an earlier run was killed before it wrote \"" + path +
                                       "\"; its 33 events are in \"" + place.file("t.recovered.json") + "\"");
        recorder.start();
        work(1);
    }
    const auto before = test::read_trace(test::file_text(place.file("t.recovered.json")));
    CHECK(before.all_complaints() == "");
    CHECK(before.names("X").front() == "open (unfinished)");
    CHECK(test::read_trace(test::file_text(path)).of("X").size() == 3);
    CHECK(place.count() == 2);
}

TEST_CASE("recover: a part of zeros, or an empty one, is a process that was killed before it recorded anything") {
    const scratch place;
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{8}, std::size_t{70'000}}) {
        CAPTURE(bytes);
        const std::string path = place.file("t" + std::to_string(bytes) + ".json");
        std::ofstream(path + ".part") << std::string(bytes, '\0');
        CHECK(trace::read_part(path + ".part").blank);
        const trace::recovery made = trace::recover(path);
        CHECK(made.blank);
        CHECK(made.path == "");
        CHECK_FALSE(std::filesystem::exists(path + ".part"));
        CHECK_FALSE(std::filesystem::exists(path));
        std::ofstream(path + ".part") << std::string(bytes, '\0');
        const fieldreel::recorder recorder(path); // takes its place without a word
        CHECK(recorder.part() == path + ".part");
        CHECK(recorder.notice() == "");
    }
    const std::string other = place.file("other.part");
    std::ofstream(other) << std::string(70'000, '\0') << 'x';
    CHECK_THROWS_AS(trace::read_part(other), fieldreel::file_error);
}

TEST_CASE("recover: what is no recording of ours stays, and the recorder goes on beside it") {
    const scratch place;
    const std::string path = place.file("t.json");
    std::ofstream(path + ".part") << "somebody's notes";
    {
        fieldreel::recorder recorder(path);
        CHECK(recorder.part() != path + ".part");
        CHECK(recorder.part() != "");
        CHECK(recorder.notice() ==
              "\"" + path + ".part\" was left by an earlier run and stays: the file \"" + path +
                  ".part\" is no fieldreel recording (16 bytes); give the .part file that a killed "
                  "process left behind");
        recorder.start();
        work(1);
    }
    CHECK(test::file_text(path + ".part") == "somebody's notes");
    CHECK(test::read_trace(test::file_text(path)).of("X").size() == 3);
    CHECK(place.count() == 2);
}

TEST_CASE("recover: after stop nothing is left to recover, after start there is") {
    const scratch place;
    const std::string path = place.file("t.json");
    for (const bool again : {false, true}) {
        progress& seen = progress::shared();
        killed_after(seen, 1, [&] {
            auto* recorder = new fieldreel::recorder(path);
            recorder->start();
            work(1);
            recorder->stop();
            if (again) {
                recorder->start();
                work(1);
            }
            seen.all = 1;
            for (;;) {
                ::pause();
            }
        });
        CHECK(fs::exists(path + ".part"));
        CHECK(trace::recover(path).path == (again ? place.file("t.recovered.json") : ""));
        CHECK_FALSE(fs::exists(path + ".part"));
    }
    CHECK(test::read_trace(test::file_text(place.file("t.recovered.json"))).of("X").size() == 6);
}

TEST_CASE("recover: sentences") {
    const scratch place;
    const std::string path = place.file("t.json");
    CHECK(sentence(path) == "there is no recording \"" + path +
                                ".part\" to recover: its process ended well and removed it, or ran elsewhere; give the "
                                ".part file that a killed process left behind");
    fs::create_directory(path + ".part");
    CHECK(sentence(path) ==
          "the recording \"" + path +
              ".part\" cannot be read: Is a directory; give the .part file that a killed process left "
              "behind, or the name of its trace");
    fs::remove(path + ".part");
    {
        std::ofstream file(path + ".part", std::ios::binary);
        fieldreel::detail::trace_part_head head;
        head.layout = 1;
        file.write(reinterpret_cast<const char*>(&head), sizeof head);
    }
    CHECK(sentence(path) ==
          "the recording \"" + path +
              ".part\" was made by another version of fieldreel, or on another kind of machine; recover "
              "it with the program that made it");
    CHECK(fs::exists(path + ".part"));
    fs::remove(path + ".part");
    fieldreel::recorder recorder(path);
    CHECK(sentence(path) == "the recording \"" + path + ".part\" is still being made by process " +
                                std::to_string(::getpid()) +
                                "; it becomes a trace when that process ends; stop it first");
    CHECK(fs::exists(path + ".part"));
}

TEST_CASE("recover: cut and damaged parts give what can be read, or a sentence, never more") {
    const scratch place;
    const std::string path = place.file("t.json");
    leave_part(path, 2000);
    const std::string whole = test::file_text(path + ".part");
    std::mt19937 random(3);
    const auto any = [&random](std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
    };
    for (int i = 0; i < 200; ++i) {
        std::string bytes = whole;
        if (i % 2 == 0) {
            bytes.resize(any(bytes.size()));
        } else {
            for (int k = 0; k < 20; ++k) {
                bytes[any(120000)] = static_cast<char>(any(256));
            }
        }
        std::ofstream(path + ".part", std::ios::binary) << bytes;
        try {
            const auto part = trace::read_part(path + ".part");
            for (const auto& thread : part.threads) {
                CHECK(thread.events.size() <= bytes.size() / 32);
            }
        } catch (const fieldreel::file_error&) {
        }
    }
}
#endif
