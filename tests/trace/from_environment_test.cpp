// SPDX-License-Identifier: MIT
#include "fieldreel/trace/from_environment.hpp"

#include "scratch.hpp"
#include "trace_file.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#ifndef _WIN32
#include <unistd.h>

namespace trace = fieldreel::trace;
using test::scratch;
using test::work;

namespace {

struct environment {
    explicit environment(const char* value) {
        if (value != nullptr) {
            ::setenv("FIELDREEL_TRACE", value, 1);
        } else {
            ::unsetenv("FIELDREEL_TRACE");
        }
    }
    ~environment() { ::unsetenv("FIELDREEL_TRACE"); }
};

// What is written to stderr while it lives.
class caught_stderr {
public:
    caught_stderr() : before_(::dup(2)), file_(std::tmpfile()) { ::dup2(::fileno(file_), 2); }
    std::string text() {
        std::fflush(stderr);
        ::dup2(before_, 2);
        std::string all;
        std::rewind(file_);
        for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) {
            all += static_cast<char>(c);
        }
        return all;
    }
    ~caught_stderr() {
        ::dup2(before_, 2);
        ::close(before_);
        std::fclose(file_);
    }

private:
    int before_;
    std::FILE* file_;
};

} // namespace

TEST_CASE("from_environment: unset, empty and 0 are off") {
    for (const char* value : {static_cast<const char*>(nullptr), "", "0"}) {
        const environment set(value);
        CHECK_FALSE(trace::from_environment());
        CHECK_FALSE(trace::enabled());
    }
}

TEST_CASE("from_environment: a path records into it, %p is the process id, and the end says where it is") {
    const scratch place;
    const environment set(place.file("a%p%%.json").c_str());
    const std::string path = place.file("a" + std::to_string(::getpid()) + "%.json");
    caught_stderr caught;
    {
        const auto tracing = trace::from_environment();
        REQUIRE(tracing);
        CHECK(tracing->path() == path);
        CHECK(tracing->recording());
        work(1);
    }
    CHECK(caught.text() == "trace: " + path + "\n");
    CHECK_FALSE(trace::enabled());
    CHECK(test::read_trace(test::file_text(path)).of("X").size() == 3);
    CHECK(fieldreel::detail::trace_path_from("100%") == "100%");
    CHECK(fieldreel::detail::trace_path_from("%d%%p") == "%d%p");
}

TEST_CASE("from_environment: 1 records in memory and prints the table when it goes") {
    const environment set("1");
    caught_stderr caught;
    {
        const auto tracing = trace::from_environment();
        REQUIRE(tracing);
        CHECK(tracing->path() == "");
        CHECK(tracing->recording());
        work(3);
    }
    const std::string table = caught.text();
    CAPTURE(table);
    CHECK(table.starts_with("span   count  total ms"));
    CHECK(table.find("\nwork       1 ") != std::string::npos);
    CHECK(table.find("\nstep       3 ") != std::string::npos);
}

TEST_CASE("from_environment: dropped events and notices are reported") {
    const scratch place;
    const environment set(place.file("t.json").c_str());
    trace::recorder_options options;
    options.max_bytes = 4096;
    options.shared_mapping = false;
    caught_stderr caught;
    {
        const auto tracing = trace::from_environment(options);
        for (int i = 0; i < 200; ++i) {
            FIELDREEL_TRACE_INSTANT("x");
        }
    }
    CHECK(caught.text() ==
          "trace: " + place.file("t.json") +
              "\ntrace: 127 events were dropped; the newest are there\n"
              "trace: the trace is kept in memory until it is written, and would be lost if the process "
              "were killed: shared_mapping is off\n");
}

TEST_CASE("from_environment: a path that cannot be written is an error of the start") {
    const environment set("/no/such/directory/trace.json");
    CHECK_THROWS_WITH_AS(static_cast<void>(trace::from_environment()),
                         "the trace file \"/no/such/directory/trace.json\" cannot be written: No such file or "
                         "directory; give the name of a file in an existing, writable directory",
                         fieldreel::file_error);
    CHECK_FALSE(trace::enabled());
}
#endif
