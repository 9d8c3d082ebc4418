// SPDX-License-Identifier: MIT
#include "fieldreel/trace/recorder.hpp"

#include "scratch.hpp"
#include "support/sentence.hpp"
#include "trace_file.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#ifndef _WIN32
#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace trace = fieldreel::trace;
namespace fs = std::filesystem;
using test::scratch;
using test::work;

TEST_CASE("recorder: stop writes a file that every viewer reads, under its name only when complete") {
    const scratch place;
    const std::string path = place.file("trace.json");
    {
        fieldreel::recorder recorder(path);
        CHECK(recorder.part() == path + ".part");
        CHECK(recorder.notice() == "");
        recorder.start();
        work(1000);
        CHECK(place.count() == 1); // the part alone: the name was tried, and nothing left
        CHECK(fs::exists(recorder.part()));
        recorder.stop();
        CHECK(fs::exists(path));
    }
    CHECK(place.count() == 1);
    const auto file = test::read_trace(test::file_text(path));
    CHECK(file.all_complaints() == "");
    CHECK(file.process_name == "fieldreel");
    CHECK(file.of("X").size() == 2001);
    CHECK(file.of("C").size() == 1000);
    CHECK(file.of("i").size() == 100);
    CHECK(file.names("X")[0] == "work");
    CHECK(file.names("X")[1] == "step");
    CHECK(file.of("C")[999].value == 999);
    CHECK(file.labels == "3101 events");
}

TEST_CASE("recorder: the destructor writes what stop has not") {
    const scratch place;
    const std::string path = place.file("trace.json");
    {
        fieldreel::recorder recorder(path);
        recorder.start();
        work(1);
    }
    CHECK_FALSE(trace::enabled());
    CHECK(test::read_trace(test::file_text(path)).of("X").size() == 3);
    {
        fieldreel::recorder recorder(path);
        recorder.start();
        work(1);
        recorder.stop();
        fs::remove(path);
    }
    CHECK_FALSE(fs::exists(path)); // it was written by stop, and not again
}

TEST_CASE("recorder: write goes on recording, stop and start at run time add to the same file") {
    const scratch place;
    const std::string path = place.file("trace.json");
    fieldreel::recorder recorder(path);
    recorder.start();
    CHECK(recorder.recording());
    work(1);
    recorder.write();
    CHECK(recorder.recording());
    CHECK(test::read_trace(test::file_text(path)).of("X").size() == 3);
    work(1);
    recorder.stop();
    CHECK_FALSE(recorder.recording());
    CHECK(test::read_trace(test::file_text(path)).of("X").size() == 6);
    work(100); // off
    recorder.start();
    work(1);
    recorder.stop();
    const auto file = test::read_trace(test::file_text(path));
    CHECK(file.all_complaints() == "");
    CHECK(file.of("X").size() == 9);
    CHECK(file.thread_names.size() == 1); // the same thread
}

TEST_CASE("recorder: the last seconds are those before the newest event") {
    static std::int64_t now_ns = 0;
    fieldreel::recorder one({.clock = +[]() noexcept { return now_ns; }});
    one.start();
    const auto span = [](const char* name, std::int64_t at_s) {
        now_ns = at_s * 1'000'000'000;
        trace::span made(name);
        now_ns += 500'000'000;
    };
    span("first", 10);
    span("middle", 50);
    span("last", 100);
    trace::attach(nullptr);
    const auto has = [&](double seconds, const char* name) {
        return one.json_of_last(seconds).find(std::string("\"") + name + "\"") != std::string::npos;
    };
    CHECK(has(60, "last"));
    CHECK(has(60, "middle"));
    CHECK_FALSE(has(60, "first"));
    CHECK_FALSE(has(1, "middle"));
    CHECK(has(1e9, "first"));
    CHECK(one.json_of_last(1e9) == one.json());
    CHECK(support::sentence_of<fieldreel::invalid_value>([&] { one.json_of_last(0); }) ==
          "the last 0 s of a trace were asked for; give more than 0");
}

TEST_CASE("recorder: attach returns what recorded before, spans stay with the recorder they began in") {
    CHECK(trace::attach(nullptr) == nullptr);
    fieldreel::recorder first;
    {
        CHECK(trace::attach(&first) == nullptr);
        FIELDREEL_TRACE_SPAN("outer");
        {
            fieldreel::recorder second;
            CHECK(trace::attach(&second) == &first);
            FIELDREEL_TRACE_SPAN("elsewhere");
            CHECK(trace::attach(&first) == &second);
            FIELDREEL_TRACE_SPAN("inner");
            CHECK(second.events().at(0).events.size() == 1);
        }
        CHECK(trace::attach(nullptr) == &first);
    }
    const auto events = first.events().at(0).events;
    REQUIRE(events.size() == 2);
    CHECK(std::string(events[1].name) == "inner");
    CHECK(events[1].depth == 1);
    CHECK_FALSE(events[0].unfinished);
}

TEST_CASE("recorder: a span may end after its recorder is gone and others have come and gone") {
    auto gone = std::make_unique<fieldreel::recorder>();
    gone->start();
    {
        FIELDREEL_TRACE_SPAN("outlives");
        gone.reset();
        for (int i = 0; i < 100; ++i) {
            fieldreel::recorder next;
            next.start();
            FIELDREEL_TRACE_INSTANT("x");
            CHECK(next.events().at(0).events.size() == 1);
        }
    }
    CHECK(trace::attach(nullptr) == nullptr);
}

TEST_CASE("recorder: eight threads record while it writes, stops, and goes") {
    const scratch place;
    const std::string path = place.file("trace.json");
    std::atomic<bool> done{false};
    std::atomic<int> ready{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            trace::name_thread("worker");
            while (!done.load(std::memory_order_relaxed)) {
                work(50);
                ready.fetch_add(1);
            }
        });
    }
    for (int round = 0; round < 5; ++round) {
        fieldreel::recorder_options options;
        options.max_bytes = std::size_t{1} << 20;
        fieldreel::recorder recorder(path, options);
        recorder.start();
        const int until = ready.load() + 40;
        while (ready.load() < until) {
            std::this_thread::yield();
        }
        const auto while_recording = test::read_trace(recorder.json());
        CHECK(while_recording.all_complaints() == "");
        if (round % 2 == 0) {
            recorder.stop();
        }
    }
    done = true;
    for (std::thread& thread : threads) {
        thread.join();
    }
    const auto file = test::read_trace(test::file_text(path));
    CHECK(file.all_complaints() == "");
    // How many of them found room before it was used up is the scheduler's choice (that none is forgotten where there
    // is room: the next test).
    CHECK(file.thread_names.size() >= 1);
    CHECK(file.thread_names.size() <= 8);
    for (const auto& [id, name] : file.thread_names) {
        CHECK(name == "worker");
    }
}

TEST_CASE("recorder: every event of eight threads is there") {
    fieldreel::recorder recorder;
    recorder.start();
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([] { work(1000); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    recorder.stop();
    CHECK(recorder.dropped() == 0);
    const auto recorded = recorder.events();
    REQUIRE(recorded.size() == 8);
    for (const auto& thread : recorded) {
        CHECK(thread.events.size() == 3101);
    }
    const auto file = test::read_trace(recorder.json());
    CHECK(file.all_complaints() == "");
    CHECK(file.records.size() == 8 * 3101);
}

TEST_CASE("recorder: names with quotes, newlines, control characters and bytes that are not UTF-8") {
    fieldreel::recorder recorder;
    recorder.start();
    { FIELDREEL_TRACE_SPAN("say \"a\"\n\\b\x01"); }
    { FIELDREEL_TRACE_SPAN("\xFF\xC3\xA9"); }
    { FIELDREEL_TRACE_SPAN(""); }
    recorder.stop();
    const auto file = test::read_trace(recorder.json());
    CHECK(file.all_complaints() == "");
    CHECK(file.names("X") == std::vector<std::string>{"say \"a\"\n\\b\x01", "\xEF\xBF\xBD\xC3\xA9", ""});
}

TEST_CASE("recorder: a path that cannot be written is refused at the start") {
    const scratch place;
    const auto refused = [](const std::string& path) -> std::string {
        try {
            fieldreel::recorder recorder(path);
        } catch (const fieldreel::file_error& e) {
            CHECK(e.path() == path);
            return e.what();
        }
        return "accepted";
    };
    const std::string what_to_do = "; give the name of a file in an existing, writable directory";
    CHECK(refused("") == "the trace file \"\" cannot be written: the name is empty" + what_to_do);
    const std::string missing = place.file("no/such/trace.json");
    CHECK(refused(missing) ==
          "the trace file \"" + missing + "\" cannot be written: No such file or directory" + what_to_do);
    CHECK(refused(place.dir.string()) ==
          "the trace file \"" + place.dir.string() + "\" cannot be written: it is a directory" + what_to_do);
#ifndef _WIN32
    CHECK(refused("/dev/null") ==
          "the trace file \"/dev/null\" cannot be written: it is not a regular file" + what_to_do);
#endif
    std::string other = place.file("x.chrome.json");
    CHECK(refused(other) ==
          "the trace file \"" + other +
              "\" would be read as another format by speedscope, which goes by the name; names with \".chrome.json\" "
              "are taken; choose another, such as trace.json");
    CHECK(place.count() == 0);
    CHECK_FALSE(trace::enabled());
}

TEST_CASE("recorder: options out of range are refused") {
    fieldreel::recorder_options options;
    options.max_bytes = 100;
    CHECK_THROWS_WITH_AS(fieldreel::recorder{options},
                         "max_bytes is 100; at least 4096 are needed; leave it unset for 67108864",
                         fieldreel::invalid_value);
    options = {};
    options.window.from_s = 2;
    options.window.to_s = 1;
    CHECK_THROWS_WITH_AS(fieldreel::recorder{options},
                         "the window of the trace file is 2 s to 1 s; it must begin at 0 or later and end after it "
                         "begins; leave both unset for everything",
                         fieldreel::invalid_value);
    options = {};
    options.window.min_duration_s = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH_AS(fieldreel::recorder{options},
                         "min_duration_s is nan; seconds from 0 on are allowed; leave it unset for every span",
                         fieldreel::invalid_value);
    fieldreel::recorder in_memory;
    CHECK_THROWS_WITH_AS(in_memory.write(),
                         "a recorder without a path has no file to write; construct it with a path, or use json()",
                         fieldreel::invalid_value);
    CHECK_NOTHROW(in_memory.stop());
}

TEST_CASE("recorder: a directory that goes away is reported by stop, and nothing else breaks") {
    const scratch place;
    fs::create_directory(place.dir / "sub");
    const std::string path = place.file("sub/trace.json");
    fieldreel::recorder recorder(path);
    recorder.start();
    work(10);
    fs::remove_all(place.dir / "sub");
    const std::string sentence =
        "the trace file \"" + path +
        "\" could not be completed: No such file or directory; what was there before is unchanged; make room or choose "
        "another directory";
    CHECK_THROWS_WITH_AS(recorder.stop(), sentence.c_str(), fieldreel::file_error);
    CHECK(recorder.events().at(0).events.size() == 32);
    CHECK_FALSE(trace::enabled());
}

#ifndef _WIN32
TEST_CASE("recorder: a disk that takes only a part keeps the file of before") {
    const scratch place;
    const std::string path = place.file("trace.json");
    fieldreel::recorder recorder(path);
    recorder.start();
    work(10);
    recorder.write();
    const std::string before = test::file_text(path);
    work(10000);
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
    const rlimit small{100000, limit.rlim_max};
    auto* handler = std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    std::string sentence = "written";
    try {
        recorder.stop();
    } catch (const fieldreel::file_error& e) {
        sentence = e.what();
    }
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, handler);
    CHECK(sentence ==
          "the trace file \"" + path +
              "\" could not be completed: File too large; what was there before is unchanged; what was recorded stays "
              "in \"" +
              path + ".part\": make room, then run: fieldreel trace recover \"" + path + ".part\"");
    CHECK(test::file_text(path) == before);
    CHECK(place.count() == 2); // with the part
}

TEST_CASE("recorder: the end of the process writes the file, a forked child leaves it alone") {
    const scratch place;
    const std::string path = place.file("trace.json");
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        auto* recorder = new fieldreel::recorder(path); // never destroyed
        recorder->start();
        work(5);
        FIELDREEL_TRACE_SPAN("open at exit");
        const pid_t grandchild = ::fork();
        if (grandchild == 0) {
            FIELDREEL_TRACE_SPAN("grandchild");
            fieldreel::detail::trace_finish_all();
            std::_Exit(fs::exists(path) ? 7 : 0);
        }
        int status = 0;
        ::waitpid(grandchild, &status, 0);
        if (WEXITSTATUS(status) != 0) {
            std::_Exit(7);
        }
        fieldreel::detail::trace_finish_all(); // what std::atexit runs; the test's own exit handlers must not
        std::_Exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 0);
    const auto file = test::read_trace(test::file_text(path));
    CHECK(file.all_complaints() == "");
    CHECK(file.names("X").back() == "open at exit (unfinished)");
}
#endif
