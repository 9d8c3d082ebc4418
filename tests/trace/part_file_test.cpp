// SPDX-License-Identifier: MIT
#include "fieldreel/trace/part_file.hpp"

#include "fieldreel/trace/recorder.hpp"

#include "scratch.hpp"
#include "trace_file.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#ifndef _WIN32
#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif
#ifdef __linux__
#include <sys/mount.h>
#endif

namespace trace = fieldreel::trace;
namespace fs = std::filesystem;
using fieldreel::detail::trace_part_file;
using test::scratch;
using test::work;

TEST_CASE("part_file: on the heap a trace is written too, and the notice says what is missing") {
    const scratch place;
    trace::recorder_options options;
    options.shared_mapping = false;
    fieldreel::recorder recorder(place.file("t.json"), options);
    CHECK(recorder.part() == "");
    CHECK(recorder.notice() == "the trace is kept in memory until it is written, and would be lost if the process were "
                               "killed: shared_mapping is off");
    recorder.start();
    work(100);
    CHECK(place.count() == 0);
    recorder.stop();
    CHECK(test::read_trace(test::file_text(place.file("t.json"))).of("X").size() == 201);
}

#ifndef _WIN32
TEST_CASE("part_file: one at a time has it, what is taken is zero, it goes while it is still locked") {
    const scratch place;
    const std::string path = place.file("x.part");
    trace_part_file first;
    REQUIRE(first.lock(path) == trace_part_file::outcome::ready);
    REQUIRE(first.map(std::size_t{1} << 20));
    CHECK(first.head()->process == fieldreel::detail::trace_process_id());
    {
        trace_part_file second;
        CHECK(second.lock(path) == trace_part_file::outcome::busy);
        CHECK_FALSE(second.is_open());
    }
    CHECK(fs::exists(path));
    std::byte* taken = first.take(100000);
    REQUIRE(taken != nullptr);
    CHECK(taken[0] == std::byte{0});
    CHECK(taken[99999] == std::byte{0});
    CHECK(fs::file_size(path) < (std::size_t{1} << 20)); // it grows with use
    CHECK(first.take(std::size_t{1} << 20) == nullptr);  // more than was asked for
    CHECK_FALSE(first.full());
    first.close(true);
    CHECK_FALSE(fs::exists(path));
    taken[5] = std::byte{1}; // the mapping stays
    trace_part_file third;
    CHECK(third.lock(path) == trace_part_file::outcome::ready);
    CHECK(third.lock("/no/such/directory/x.part") == trace_part_file::outcome::impossible);
    CHECK(std::string(third.why()) == "No such file or directory");
}

TEST_CASE("part_file: two recorders on one path have a part and a trace each") {
    const scratch place;
    const std::string path = place.file("t.json");
    const std::string own = place.file("t." + std::to_string(::getpid()) + ".json");
    {
        fieldreel::recorder first(path);
        fieldreel::recorder second(path);
        fieldreel::recorder third(path);
        CHECK(first.path() == path);
        CHECK(first.notice() == "");
        CHECK(second.path() == own);
        CHECK(second.part() == own + ".part");
        CHECK(second.notice() == "the trace file \"" + path +
                                     "\" is being recorded by another process; this one goes to \"" + own +
                                     "\" (a name with %p gives each process its own)");
        CHECK(third.path() == place.file("t." + std::to_string(::getpid()) + "-2.json"));
        first.start();
        work(1);
        second.start();
        work(2);
    }
    CHECK(test::read_trace(test::file_text(path)).of("X").size() == 3);
    CHECK(test::read_trace(test::file_text(own)).of("X").size() == 5);
    CHECK(place.count() == 3); // no part
}

TEST_CASE("part_file: a second process on the path leaves the first one's alone") {
    const scratch place;
    const std::string path = place.file("t.json");
    std::string own;
    {
        fieldreel::recorder recorder(path);
        recorder.start();
        work(1);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            FIELDREEL_TRACE_INSTANT("nobody's"); // the parent's recording is not the child's
            const bool off = !trace::enabled();
            fieldreel::recorder mine(path);
            mine.start();
            work(2);
            mine.stop();
            std::_Exit(off && mine.path() != path ? 0 : 7);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WEXITSTATUS(status) == 0);
        own = place.file("t." + std::to_string(child) + ".json");
        work(1);
    }
    const auto file = test::read_trace(test::file_text(path));
    CHECK(file.all_complaints() == "");
    CHECK(file.of("X").size() == 6);
    CHECK(file.of("i").size() == 2);
    CHECK(test::read_trace(test::file_text(own)).of("X").size() == 5);
}

TEST_CASE("part_file: waiting for the disk drops nothing, whatever max_bytes is") {
    const scratch place;
    trace::recorder_options options;
    options.max_bytes = 256 << 10;
    options.when_full = trace::when_full::wait;
    {
        fieldreel::recorder recorder(place.file("t.json"), options);
        recorder.start();
        work(20000);
        CHECK(recorder.dropped() == 0);
        CHECK(recorder.bytes() > 6 * options.max_bytes);
    }
    const auto text = test::file_text(place.file("t.json"));
    CHECK(text.find("\"events\":62001,\"dropped\":0,\"left_out\":0") != std::string::npos);
    CHECK_THROWS_WITH_AS(
        fieldreel::recorder{options},
        "when_full is wait, and there is no file to wait for; give a path and leave shared_mapping on, "
        "or leave when_full unset to drop the oldest",
        fieldreel::invalid_value);
}

TEST_CASE("part_file: a file that may not grow costs events, not the program, and the loss is reported") {
    const scratch place;
    const std::string path = place.file("t.json");
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
    for (const auto full : {trace::when_full::drop_oldest, trace::when_full::wait}) {
        trace::recorder_options options;
        options.when_full = full;
        fieldreel::recorder recorder(path, options);
        recorder.start();
        const rlimit tight{100000, limit.rlim_max};
        auto* handler = std::signal(SIGXFSZ, SIG_IGN);
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
        work(10000);
        ::setrlimit(RLIMIT_FSIZE, &limit);
        std::signal(SIGXFSZ, handler);
        trace::attach(nullptr);
        const bool oldest = full == trace::when_full::drop_oldest;
        CHECK(recorder.dropped() > 20000);
        CHECK(recorder.notice() == "the disk of \"" + path + ".part\" had no more room (File too large): " +
                                       (oldest ? "the oldest" : "the newest") + " events were dropped, " +
                                       std::to_string(recorder.dropped()) +
                                       " so far; make room, or give a directory on another disk");
        recorder.stop();
        const auto file = test::read_trace(test::file_text(path));
        CHECK(file.all_complaints() == "");
        CHECK(file.dropped == recorder.dropped());
        CHECK(file.of("C").back().value == (oldest ? 9999 : file.of("C").size() - 1));
    }
}
#endif

#ifdef __linux__
TEST_CASE("part_file: on a full disk the program goes on, and what was recorded can be recovered elsewhere") {
    const scratch place;
    const std::string disk = place.file("disk");
    fs::create_directory(disk);
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m") != 0) {
        MESSAGE("skipped: mounting a small tmpfs needs root");
        return;
    }
    std::string part;
    {
        const std::string path = disk + "/t.json";
        fieldreel::recorder recorder(path);
        recorder.start();
        work(20000); // 2 MB
        part = recorder.part();
        std::string what;
        try {
            recorder.stop();
        } catch (const fieldreel::file_error& e) {
            what = e.what();
        }
        CHECK(what == "the trace file \"" + path +
                          "\" could not be completed: No space left on device; what was there "
                          "before is unchanged; what was recorded stays in \"" +
                          part +
                          "\": make room, then run: "
                          "fieldreel trace recover \"" +
                          part + "\"");
        CHECK(recorder.notice().find("No space left on device): the oldest events were dropped") != std::string::npos);
    }
    CHECK(fs::exists(part));
    const std::string output = place.file("elsewhere.json");
    CHECK(trace::recover(part, output).path == output);
    const auto file = test::read_trace(test::file_text(output));
    CHECK(file.all_complaints() == "");
    CHECK(file.of("C").back().value == 19999);
    CHECK(file.dropped > 0);
    CHECK(::umount(disk.c_str()) == 0);
}
#endif
