// SPDX-License-Identifier: MIT
// The modes of `fieldreel profile`, run as its users run them; and the verdict on leaks, on a playback that leaks.
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/source/mapped_source.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/trace/growth.hpp>
#include <fieldreel/viewer/headless_viewer.hpp>

#include "support/recording_folder.hpp"
#include "support/sanitizer.hpp"

using nlohmann::json;
using support::bytes_of;
using support::recording_folder;
using words = std::vector<std::string>;

namespace {

struct outcome {
    int code = -1;
    std::string out, err;
};

outcome run(const words& arguments, const std::string& environment = "") {
    const support::temporary_directory at;
    // Built with the address sanitizer, the program would keep what it frees, and seem to leak.
    std::string command =
        "ASAN_OPTIONS=\"$ASAN_OPTIONS:quarantine_size_mb=0\" " + environment + " '" FIELDREEL_PROGRAM "'";
    for (const std::string& word : arguments) {
        command += " '" + word + "'";
    }
    command += " >" + at.file("out") + " 2>" + at.file("err");
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128, bytes_of(at.file("out")), bytes_of(at.file("err"))};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A profile that must succeed: what it printed, and its report.
struct profile {
    std::string out;
    json report;
};
profile profiled(words arguments, const std::string& environment = "") {
    const support::temporary_directory at;
    arguments.insert(arguments.begin(), "profile");
    arguments.insert(arguments.end(), {"--report", at.file("report.json")});
    const outcome got = run(arguments, environment);
    INFO(got.err);
    REQUIRE(got.code == 0);
    return {got.out, json::parse(bytes_of(at.file("report.json")))};
}

/// The first line of what wrong usage is answered with.
std::string misused(words arguments) {
    arguments.insert(arguments.begin(), "profile");
    const outcome got = run(arguments);
    CHECK(got.code == 2);
    CHECK(got.out.empty());
    CHECK(contains(got.err, "\nRun with --help"));
    return got.err.substr(0, got.err.find('\n'));
}

void write_walk(const recording_folder& at) {
    at.walk();
    at.npy("head_direction.npy", std::vector<double>(400, 0.5));
    at.npy<double>("spikes_few.npy", {1, 2});
    at.npy<double>("spikes_many.npy", {3, 4, 5, 6});
}

/// The events of a trace, in its order.
std::vector<json> events_of(const std::string& path) {
    return json::parse(bytes_of(path)).get<std::vector<json>>();
}
std::size_t spans_in(const std::vector<json>& events) {
    return static_cast<std::size_t>(
        std::count_if(events.begin(), events.end(), [](const json& e) { return e["ph"] == "X"; }));
}

} // namespace

TEST_CASE("profile table: the numbers of the spans are those of the trace, printed and saved") {
    const recording_folder at;
    write_walk(at);
    const std::string trace = at.file("trace.json");
    const std::string report = at.file("r.json");
    const outcome got = run({"profile", at.path(), "--mode", "table", "--playback-frames", "200", "--cache-chunk-size",
                             "7", "--trace", trace, "--report", report});
    REQUIRE(got.code == 0);
    const json spans = json::parse(bytes_of(report))["spans"];
    REQUIRE(spans.size() >= 7);
    CHECK(spans[0]["name"] == "playback");
    CHECK(json::parse(bytes_of(report))["events_dropped"] == 0);
    std::map<std::string, json> told;
    const json summary = json::parse(run({"trace", "summary", trace, "--format", "json"}).out);
    CHECK(summary["late"].is_array());
    for (const json& row : summary["spans"]) {
        told[row["name"]] = row;
    }
    CHECK(told.count("setup") == 1); // in the trace, and no part of the playback
    double share = 0;
    for (const json& row : spans) {
        CAPTURE(row.dump());
        const json& same = told[row["name"]];
        CAPTURE(same.dump());
        CHECK_FALSE(row["name"].get<std::string>().starts_with("setup"));
        CHECK(row["count"] == same["count"]);
        for (const char* number : {"total_ms", "self_ms", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms"}) {
            CAPTURE(std::string(number));
            // Whole ns in both; the clock is calibrated anew each time the events are read.
            const double mine = row[number];
            CHECK(mine == doctest::Approx(same[number].get<double>()).epsilon(1e-3).scale(0.02));
        }
        share += row["share"].get<double>();
    }
    CHECK(share == doctest::Approx(1));
    CHECK(told["step"]["count"] == 201); // with the first frame
    for (std::size_t i = 1; i < spans.size(); ++i) {
        CHECK(spans[i]["total_ms"] <= spans[i - 1]["total_ms"]);
    }
    const std::string table = bytes_of(at.file("r.table.txt"));
    CHECK(table.starts_with("span "));
    CHECK(static_cast<std::size_t>(std::count(table.begin(), table.end(), '\n')) == spans.size() + 1);
    CHECK(contains(got.out, table));
    CHECK(contains(got.out, "\ntable: " + at.file("r.table.txt") + "\ntrace: " + trace + "\n"));

    const std::string elsewhere = at.file("t.txt");
    CHECK(run({"profile", at.path(), "--mode", "table", "--playback-frames", "5", "--table", elsewhere}).code == 0);
    CHECK(contains(bytes_of(elsewhere), "\nstep "));
    // Without either file it is printed, and says how to keep it; without --trace, no file is left.
    const support::temporary_directory empty;
    const outcome alone = run({"profile", at.path(), "--mode", "table"});
    CHECK(contains(alone.out, "\nstep "));
    CHECK(contains(alone.out, "\n(--table FILE or --report FILE keeps the table)\n"));
    // A table beside a trace that the environment asked for takes nothing away from it.
    const outcome both = run({"profile", at.path(), "--mode", "table"}, "FIELDREEL_TRACE=" + at.file("env.json"));
    CHECK(contains(both.out, "\nstep "));
    CHECK(spans_in(events_of(at.file("env.json"))) > 1000);
}

TEST_CASE("profile memory: phases with allocations, and playing allocates nothing") {
    const recording_folder at;
    write_walk(at);
    const auto [out, r] = profiled({at.path(), "--mode", "memory", "--playback-frames", "3000"});
    CHECK(r["mode"] == "memory");
    CHECK(r["stage"] == nullptr);
    REQUIRE(r["memory_phases"].size() == 4);
    double sum = r["private_at_start_mib"];
    const char* names[] = {"field", "overlays", "warm-up", "playback"};
    for (std::size_t i = 0; i < 4; ++i) {
        const json& phase = r["memory_phases"][i];
        CHECK(phase["phase"] == names[i]);
        CHECK(phase["private_mib"] > 0);
        CHECK(phase["mapped_resident_mib"] > 0);
        sum += phase["added_mib"].get<double>();
        CHECK(sum == doctest::Approx(phase["private_mib"].get<double>()));
        CHECK(contains(out, std::string("\n  ") + names[i] + " "));
    }
    CHECK(r["private_peak_mib"] > 0);
    if (r["memory_phases"][0].contains("allocations")) { // not in every build with a sanitizer
        for (const char* name : {"allocations", "allocated_bytes", "heap_bytes"}) {
            CHECK(r["memory_phases"][3][name].is_number());
        }
        CHECK(r["memory_phases"][0]["allocations"] > 50);
        CHECK(r["memory_phases"][0]["allocated_bytes"] > r["memory_phases"][0]["allocations"]);
        CHECK(r["memory_phases"][2]["allocations"] > 0);
        CHECK(r["memory_phases"][3]["allocations"] < 10); // a larger buffer now and then, of 2700 steps
        CHECK(r["heap_peak_mib"] > 0);
        CHECK(r["growth"]["heap"]["verdict"] == "no leak");
        CHECK(contains(out, "\n  heap (operator new) "));
    } else {
        CHECK(contains(out, "cannot count allocations"));
    }
    const json& fit = r["growth"]["private"];
    for (const char* name : {"mib_per_1000_steps", "lower", "upper", "rise_mib", "steady_part", "samples"}) {
        CAPTURE(std::string(name));
        CHECK(fit[name].is_number());
    }
    CHECK(fit["lower"] <= fit["mib_per_1000_steps"]);
    CHECK(fit["mib_per_1000_steps"] <= fit["upper"]);
    CHECK(fit["confidence"] == 0.99);
    CHECK(fit["samples"] >= 24);
    CHECK(fit["verdict"] == "no leak");
    CHECK(r["growth"]["verdict"] == "no leak");
    CHECK(r["rss_growth_mib_per_1000_steps"] == 0);
    CHECK(r["conclusion"][1] == "Memory does not grow while playing.");
    CHECK(profiled({at.path(), "--mode", "memory"}).report["steps"] == 10000);
    CHECK(profiled({at.path()}).report["steps"] == 1000);
    CHECK_FALSE(profiled({at.path()}).report.contains("memory_phases"));
}

TEST_CASE("profile memory: a cache that fills during the whole run and a trace that is kept in memory are no leak") {
    // 41 000 frames of 625 float32 would fit; 4000 of them are read, which take 10 MB.
    const words filling{"--simulate", "--frames",           "8000", "--mode",
                        "memory",     "--playback-frames",  "4000", "--cache-chunks",
                        "1000",       "--cache-chunk-size", "10",   "--prefetch",
                        "0"};
    const auto [out, r] = profiled(filling);
    CHECK(r["cache"]["bytes_peak"] > 9000000);
    CHECK(r["growth"]["verdict"] == "no leak");
    CHECK(contains(out, "\n  private without the cache "));
    const json traced = profiled(filling, "FIELDREEL_TRACE=1").report; // some 1.4 MB of events
    CHECK(traced["growth"]["verdict"] == "no leak");
}

TEST_CASE("profile memory: 100 000 steps over a mapped file are no leak") {
    const recording_folder at;
    at.walk();
    at.npy("field.npy", std::vector<float>(std::size_t{20000} * 1024, 1.0F), {32, 32}); // 80 MB
    at.npy("frame_times.npy", [] {
        std::vector<double> times(20000);
        for (std::size_t i = 0; i < times.size(); ++i) {
            times[i] = 0.002 * static_cast<double>(i);
        }
        return times;
    }());
    const json r = profiled({"--field", at.file("field.npy"), "--frame-times", at.file("frame_times.npy"),
                             "--field-order", "yx", "--mode", "memory", "--playback-frames", "100000"})
                       .report;
    CHECK(r["mapped_resident_mib"] > 70);
    CHECK(r["private_mib"] < 60); // of sanitizers too
    CHECK(r["growth"]["verdict"] == "no leak");
    CHECK(r["memory_phases"][3]["added_mib"] < 1);
}

namespace {

/// Keeps 1 KB of every step, as an overlay with a cache that nobody empties would.
struct leaking_overlay {
    std::shared_ptr<std::vector<std::unique_ptr<char[]>>> kept;
    bool leaks;
    void build(const fieldreel::moment&, fieldreel::canvas&) const {
        if (leaks) {
            kept->push_back(std::make_unique<char[]>(1000));
            std::memset(kept->back().get(), 1, 1000);
        }
    }
};

double private_mib() {
    double kib = 0;
    if (std::FILE* file = std::fopen("/proc/self/smaps_rollup", "r")) {
        char line[256];
        while (std::fgets(line, sizeof line, file) != nullptr) {
            std::sscanf(line, "Anonymous: %lf", &kib);
        }
        std::fclose(file);
    }
    return kib / 1024;
}

/// Plays a mapped file as the program does, and fits its private memory.
fieldreel::trace::growth grown(std::size_t steps, bool leaks) {
    const recording_folder at;
    at.npy("field.npy", std::vector<float>(std::size_t{2000} * 64, 1.0F), {64});
    fieldreel::playback playback;
    playback.add_field(fieldreel::open_npy<float>(at.file("field.npy")) |
                           fieldreel::timed({.rate_hz = 100, .start_s = 0}),
                       fieldreel::grid::full({0, 0}, {8, 8}, {8, 8}), {.range = {0, 1}});
#ifdef __GLIBC__
    ::malloc_trim(0); // what earlier tests gave back, so that a leak cannot be hidden in it
#endif
    leaking_overlay overlay{std::make_shared<std::vector<std::unique_ptr<char[]>>>(), leaks};
    overlay.kept->reserve(steps);
    playback.add_overlay({"leak", overlay});
    fieldreel::headless_viewer viewer;
    fieldreel::trace::growth_log log(512, steps / 200);
    for (std::size_t step = 0; step < steps; ++step) {
        playback.show(0.01 * static_cast<double>(step % 2000), viewer);
        if (log.due(step)) {
            log.add(step, private_mib());
        }
    }
    return fit_growth(log.samples(), {.noise = 0.25});
}

} // namespace

TEST_CASE("a planted leak of 1 KB per step is found in the process's memory, and none where there is none") {
    if (private_mib() == 0) {
        MESSAGE("skipped: this system has no /proc/self/smaps_rollup");
        return;
    }
    if (support::keeps_freed_memory) {
        MESSAGE("skipped: under the address sanitizer memory grows by itself");
        return;
    }
    const auto leak = grown(5000, true);
    CHECK(std::string(name_of(leak.verdict)) == "leak");
    CHECK(1000 * leak.per_step > 0.9);
    CHECK(1000 * leak.per_step < 1.5); // what malloc adds
    CHECK(std::string(name_of(grown(5000, false).verdict)) == "no leak");
}

TEST_CASE("profile soak: plays here and there, and ends with a verdict") {
    const recording_folder at;
    write_walk(at);
    for (const words& what : {words{at.path()}, words{"--simulate", "--frames", "500", "--cache-chunks", "5"}}) {
        words arguments = what;
        arguments.insert(arguments.end(), {"--mode", "soak", "--minutes", "0.01"});
        const auto [out, r] = profiled(arguments);
        CHECK(r["mode"] == "soak");
        CHECK(r["access"] == "soak");
        CHECK(r["steps"] > 0);
        CHECK(r["soak"]["minutes"] == 0.01);
        CHECK(r["soak"]["seeks"] > 0);
        CHECK(r["soak"]["error"] == "");
        CHECK(r["growth"]["verdict"] != "leak");
        CHECK(r["memory_phases"].size() == 4);
        CHECK(contains(out, " scrubs, no error\n"));
    }
}

TEST_CASE("profile soak: an error ends it, is reported with the seed, and the exit code tells") {
    const recording_folder at;
    at.npy("field.npy", std::vector<float>(std::size_t{4000} * 16, 1.0F), {4, 4});
    std::vector<double> times;
    for (int i = 0; i < 4000; ++i) {
        times.push_back(i == 2000 ? 1.0 : 0.01 * i); // found only where it is used
    }
    at.npy("frame_times.npy", times);
    const outcome got =
        run({"profile", "--field", at.file("field.npy"), "--frame-times", at.file("frame_times.npy"), "--field-order",
             "yx", "--mode", "soak", "--minutes", "5", "--seed", "7", "--report", at.file("r.json")});
    CHECK(got.code == 1);
    CHECK(contains(got.err, "fieldreel: step "));
    CHECK(contains(got.err, "; the same again: --seed 7\n"));
    const json r = json::parse(bytes_of(at.file("r.json")));
    CHECK(contains(r["soak"]["error"].get<std::string>(), " failed: "));
    CHECK(contains(r["conclusion"][0].get<std::string>(), "The soak ended early: step "));
}

TEST_CASE("profile --stage: one stage alone, over the same frames") {
    const recording_folder at;
    write_walk(at);
    const json whole = profiled({at.path(), "--playback-frames", "100", "--access", "random"}).report;
    for (const std::string alone : {"read", "overlay", "paint", "present"}) {
        CAPTURE(alone);
        const std::string counted = alone == "paint" ? "present" : alone;
        const auto [out, r] = profiled({at.path(), "--playback-frames", "100", "--access", "random", "--stage", alone});
        CHECK(r["stage"] == alone);
        CHECK(r["steps"] == 100);
        for (const char* stage : {"read", "overlay", "present"}) {
            CAPTURE(std::string(stage));
            CHECK((r["stages_ms"][stage]["max"] > 0) == (stage == counted));
        }
        CHECK(r["step_ms"]["p99"] == r["stages_ms"][counted]["p99"]);
        CHECK(contains(out, "\n  " + alone + " "));
        CHECK(contains(out, "(this stage alone, one step after the other)"));
        CHECK(out.find("\n  all ") == out.rfind("\n  all ")); // of the set-up; of steps there is none
        CHECK(contains(r["conclusion"][0].get<std::string>(), "The stage " + alone + " alone takes "));
        // What is presented is what a whole step presents.
        CHECK((r["checksum"] == whole["checksum"]) == (alone == "present"));
    }
    const json spans =
        profiled({at.path(), "--playback-frames", "100", "--stage", "paint", "--mode", "table"}).report["spans"];
    const auto count_of = [&](const std::string& name) {
        for (const json& row : spans) {
            if (row["name"] == name) {
                return row["count"].get<int>();
            }
        }
        return 0;
    };
    CHECK(count_of("paint") == 101);
    CHECK(count_of("step") == 1); // the first frame
}

TEST_CASE("profile --live: a table in the terminal, and a sentence where there is none") {
    const recording_folder at;
    write_walk(at);
    const outcome got = run({"profile", at.path(), "--live", "--playback-frames", "20"});
    CHECK(got.code == 0);
    CHECK(got.err == "--live refreshes a table in a terminal, and standard output is none: playing without it\n");
    CHECK_FALSE(contains(got.out, "\033"));

    int terminal = -1;
    winsize size{};
    size.ws_row = 12;
    size.ws_col = 60;
    const std::string folder = at.path();
    const pid_t program = ::forkpty(&terminal, nullptr, nullptr, &size);
    REQUIRE(program >= 0);
    if (program == 0) {
        ::execl(FIELDREEL_PROGRAM, "fieldreel", "profile", folder.c_str(), "--live", "--playback-frames", "30",
                "--steps-per-s", "1000", static_cast<char*>(nullptr));
        std::_Exit(99);
    }
    std::string seen;
    char some[4096];
    for (ssize_t n = 0; (n = ::read(terminal, some, sizeof some)) > 0;) {
        seen.append(some, static_cast<std::size_t>(n));
    }
    int status = 0;
    ::waitpid(program, &status, 0);
    ::close(terminal);
    CHECK(WEXITSTATUS(status) == 0);
    const std::size_t first = seen.find("step ");
    const std::size_t end = seen.find("\033[J");
    REQUIRE(end != std::string::npos);
    REQUIRE(first < end);
    const std::string table = seen.substr(first, end - first);
    CHECK(contains(table, " of 30, at "));
    CHECK(contains(table, "\nsource.read "));
    CHECK_FALSE(contains(table, "setup"));
    CHECK(std::count(table.begin(), table.end(), '\n') < 12);
    for (std::size_t at_line = 0, next = 0; (next = table.find("\033[K", at_line)) != std::string::npos;
         at_line = next + 5) { // behind ESC [ K, CR and LF
        CHECK(next - at_line < 60);
    }
    CHECK(contains(seen, "A\r\033[J")); // taken away before the report
    CHECK(contains(seen.substr(seen.rfind("\033[J")), "30 steps (sequential)"));
}

TEST_CASE("profile compare: what got worse, by how much, and the exit code") {
    const recording_folder at;
    write_walk(at);
    const std::string a = at.file("a.json");
    REQUIRE(run({"profile", at.path(), "--playback-frames", "200", "--mode", "memory", "--report", a}).code == 0);
    const outcome same = run({"profile", "compare", a, a});
    CHECK(same.code == 0);
    CHECK(
        contains(same.out, "\nNothing got clearly worse (1.3 times as much, 1.6 times for p99 and what happens once)"));
    CHECK_FALSE(contains(same.out, "note: "));

    const json before = json::parse(bytes_of(a));
    const auto compared = [&](const auto& change, const words& more = {}) {
        json after = before;
        change(after);
        words arguments{"profile", "compare", a, at.write("b.json", after.dump())};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    };
    const auto last_line = [](const outcome& got) { return got.out.substr(got.out.rfind("\n\n") + 2); };
    const auto slower = [](json& r) { r["step_ms"]["p50"] = 1.5 * r["step_ms"]["p50"].get<double>() + 0.1; };
    const outcome worse = compared(slower);
    CHECK(worse.code == 1);
    CHECK(last_line(worse).starts_with("Worse: step p50 ("));
    CHECK(contains(worse.out, "  worse\n"));
    CHECK(compared([](json& r) { r["step_ms"]["p50"] = r["step_ms"]["p50"].get<double>() + 0.004; }).code ==
          0); // noise
    const auto doubled = [](json& r) { r["private_mib"] = 2 * r["private_mib"].get<double>() + 8; };
    CHECK(compared(doubled, {"--threshold", "10"}).code == 0);
    CHECK(last_line(compared(doubled)).starts_with("Worse: private memory ("));
    CHECK(contains(compared([](json& r) { r["private_mib"] = 0.1; }).out, "  better\n"));
    CHECK(contains(last_line(compared([](json& r) { r["growth"]["verdict"] = "leak"; })),
                   "memory (no leak in A, leak in B)"));
    // A tail has to be worse by more.
    json tail = before;
    const auto p99 = [](double times) { return [times](json& r) { r["step_ms"]["p99"] = times * 100; }; };
    tail["step_ms"]["p99"] = 100;
    const std::string t = at.write("t.json", tail.dump());
    const auto against_tail = [&](double times) {
        json after = tail;
        p99(times)(after);
        return run({"profile", "compare", t, at.write("b.json", after.dump())}).code;
    };
    CHECK(against_tail(1.5) == 0);
    CHECK(against_tail(1.7) == 1);

    CHECK(contains(compared([](json& r) { r["recording"] = "other"; }).out,
                   "note: not the same in both: recording: \"" + before["recording"].get<std::string>() +
                       "\" and \"other\"\n"));
    CHECK(contains(compared([](json& r) { r["checksum"] = "0"; }).out, "what it showed differs; checksum: "));

    // Two runs of another kind: what was asked, what is shown, and what came late.
    const std::string play = at.file("play.json"), fewer = at.file("fewer.json");
    REQUIRE(run({"profile", at.path(), "--playback-frames", "60", "--report", play}).code == 0);
    REQUIRE(run({"profile", at.path(), "--playback-frames", "60", "--overlay", "trail", "--report=" + fewer}).code ==
            0);
    const std::string notes = run({"profile", "compare", play, fewer}).out;
    CHECK(contains(notes, "note: not the same in both: the command's options; only in A: none; only in B: --overlay "
                          "trail\n"));
    CHECK(contains(notes, "note: not the same in both: overlays: "));
    CHECK_FALSE(contains(notes, "input files"));
    const json calm = json::parse(bytes_of(play));
    const auto against_calm = [&](std::size_t late, std::size_t freezes) {
        json after = calm;
        after["program_stutter"]["late"] = late;
        after["program_stutter"]["freezes_over_100_ms"] = freezes;
        json before_it = calm;
        before_it["program_stutter"]["late"] = 0;
        before_it["program_stutter"]["freezes_over_100_ms"] = 0;
        return run({"profile", "compare", at.write("calm.json", before_it.dump()), at.write("b.json", after.dump())});
    };
    CHECK(against_calm(4, 1).code == 0);
    CHECK(last_line(against_calm(5, 1)).starts_with("Worse: scenes late (from next to nothing)"));
    CHECK(last_line(against_calm(4, 2)).starts_with("Worse: freezes > 100 ms (from next to nothing)"));

    const auto refused = [](const outcome& got) {
        CHECK(got.code == 1);
        CHECK(got.out.empty());
        return got.err;
    };
    const std::string none = at.file("none.json");
    CHECK(refused(run({"profile", "compare", a, none})) ==
          "fieldreel: " + none +
              " cannot be opened: No such file or directory; give two reports that fieldreel profile --report has "
              "written\n");
    const std::string other = at.write("other.json", "[1, 2]");
    CHECK(refused(run({"profile", "compare", other, a})) ==
          "fieldreel: " + other +
              " is no report of a profile; give two files that fieldreel profile --report has written\n");
    CHECK(run({"profile", "compare", a}).code == 2);
    CHECK(run({"profile", "compare", a, a, "--threshold", "1"})
              .err.starts_with("--threshold: 1 was given; factors above 1, up to 1000, are allowed\n"));
}

TEST_CASE("profile --trace: a window, a shortest span, a buffer, and counters of memory and cache") {
    const recording_folder at;
    write_walk(at);
    const auto traced = [&](const words& more) {
        words arguments{"profile", at.path(), "--playback-frames", "300", "--cache-chunk-size",
                        "5",       "--trace", at.file("t.json")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const outcome got = run(arguments);
        INFO(got.err);
        REQUIRE(got.code == 0);
        CHECK(contains(got.out, "\ntrace: " + at.file("t.json")));
        return std::pair(got.out, events_of(at.file("t.json")));
    };
    const auto [out, all] = traced({});
    std::map<std::string, int> counters;
    for (const json& e : all) {
        if (e["ph"] == "C") {
            ++counters[e["name"]];
            CHECK(e["args"]["value"].is_number());
        }
    }
    for (const char* name : {"memory.private_mib", "memory.mapped_mib", "cache.bytes", "cache.hits", "cache.misses",
                             "cache.stalls", "step.frame", "step.time_s"}) {
        CAPTURE(std::string(name));
        CHECK(counters[name] > 20);
    }
    const std::size_t every = spans_in(all);
    CHECK(every > 300 * 5);
    CHECK(spans_in(traced({"--trace-from", "1000"}).second) <= 1);
    const auto again = static_cast<double>(spans_in(traced({"--trace-to", "1000"}).second));
    CHECK(again == doctest::Approx(static_cast<double>(every)).epsilon(0.02)); // what is read ahead differs a little
    const auto summary = [&](const words& more) {
        words arguments{"trace", "summary", at.file("t.json")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments).out;
    };
    CHECK_FALSE(contains(summary({}), "left them out"));
    CHECK(json::parse(summary({"--format", "json"}))["left_out"] == 0);
    const auto few = traced({"--trace-min-us", "1e9"}).second;
    CHECK(spans_in(few) <= 1); // one stands for those left out
    CHECK(
        contains(summary({}), " events are not in the file: --trace-from, --trace-to or --trace-min-us left them out"));
    CHECK(json::parse(summary({"--format", "json"}))["left_out"].get<std::size_t>() >= every - 1);
    const std::string zeros = at.write("zeros.json.part", std::string(8192, '\0'));
    CHECK(run({"trace", "summary", zeros}).err ==
          "fieldreel: the trace \"" + zeros +
              "\" cannot be read: its process was killed before it recorded anything, and left an empty file or one of "
              "zeros; give a file that FIELDREEL_TRACE or --trace has written, or the .part of a process that was "
              "killed\n");
    CHECK(run({"trace", "recover", zeros}).out ==
          "nothing to recover: its process was killed before it recorded anything, and left an empty file or one of "
          "zeros; it is removed\n");
    CHECK_FALSE(std::filesystem::exists(zeros));
    const auto dropped = traced({"--trace-buffer", "0.1", "--playback-frames", "3000"});
    CHECK(spans_in(dropped.second) < 3277);
    CHECK(contains(dropped.first, " older ones were dropped: --trace-buffer keeps more)"));
    const outcome table =
        run({"profile", at.path(), "--mode", "table", "--trace-buffer", "0.1", "--playback-frames", "3000"});
    CHECK(contains(table.out, "  of the newest events only: "));
}

TEST_CASE("FIELDREEL_TRACE: a path with %p, 1, 0, empty, and a path that cannot be") {
    const recording_folder at;
    write_walk(at);
    const words play{"profile", at.path(), "--playback-frames", "20", "--report", at.file("r.json")};
    const std::string folder = at.path() + "/traces";
    std::filesystem::create_directory(folder);
    const auto files = [&] {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            names.push_back(entry.path().filename().string());
        }
        return names;
    };
    const outcome named = run(play, "FIELDREEL_TRACE='" + folder + "/t%p.json'");
    CHECK(named.code == 0);
    REQUIRE(files().size() == 1);
    const std::string name = files().front();
    CHECK(name.size() > 6);
    CHECK(name.find_first_not_of("0123456789", 1) == name.size() - 5);
    CHECK(named.err == "trace: " + folder + "/" + name + "\n");
    CHECK(contains(run({"trace", "summary", folder + "/" + name}).out, "\nstep "));

    const outcome table = run(play, "FIELDREEL_TRACE=1");
    CHECK(table.code == 0);
    CHECK(table.err.starts_with("span "));
    CHECK(contains(table.err, "\nstep "));
    for (const char* off : {"FIELDREEL_TRACE=", "FIELDREEL_TRACE=0"}) {
        const outcome got = run(play, off);
        CHECK(got.code == 0);
        CHECK(got.err.empty());
    }
    CHECK(files().size() == 1);
    // Said at the start: nothing was played.
    std::filesystem::remove(at.file("r.json"));
    for (const std::string& bad : {at.file("no/t.json"), at.path()}) {
        const outcome got = run(play, "FIELDREEL_TRACE='" + bad + "'");
        CHECK(got.code == 1);
        CHECK(got.out.empty());
        CHECK(got.err.starts_with("fieldreel: the trace file \"" + bad + "\" cannot be written: "));
        CHECK_FALSE(support::temporary_directory::exists(at.file("r.json")));
    }
    for (const char* option : {"--trace", "--report", "--table"}) {
        CAPTURE(std::string(option));
        const outcome got = run({"profile", at.path(), "--mode", "table", option, at.file("no/file")});
        CHECK(got.code == 1);
        CHECK(got.out.empty());
        CHECK(contains(got.err, "cannot be written: No such file or directory"));
    }
}

TEST_CASE("profile: a report, a table or a trace is not written over the recording") {
    const recording_folder at;
    write_walk(at);
    at.write("session.json", R"({"fieldreel_session": 1, "times": "times.npy", "positions": "positions.npy"})");
    for (const std::string option : {"--report", "--trace", "--table"}) {
        for (const std::string name : {"session.json", "positions.npy"}) {
            CAPTURE(option);
            CAPTURE(name);
            const std::string path = at.file(name);
            const std::string before = bytes_of(path);
            const outcome got = run({"profile", at.path(), option, path, "--mode", "table"});
            CHECK(got.code == 1);
            CHECK(got.err == "fieldreel: " + path + " is a file of the recording; give another name to write to\n");
            CHECK((bytes_of(path) == before));
        }
    }
}

TEST_CASE("profile: wishes that do not go together are refused with what is allowed") {
    const std::string s = "--simulate";
    CHECK(misused({s, "--mode", "soak", "--playback-frames", "10"}) ==
          "profile: --mode soak plays as many steps as it can in --minutes; leave --playback-frames out");
    CHECK(misused({s, "--mode", "soak", "--access", "random"}) ==
          "profile: --mode soak goes its own ways through the recording (see --seed); leave --access out");
    CHECK(misused({s, "--minutes", "3"}) ==
          "profile: --minutes is how long --mode soak plays; the mode is headless, which plays --playback-frames; give "
          "one or the other");
    for (const char* minutes : {"0", "-1", "long", "nan"}) {
        CHECK(misused({s, "--mode", "soak", "--minutes", minutes}) ==
              "--minutes: " + std::string(minutes) + " was given; minutes above 0 are allowed");
    }
    CHECK(misused({s, "--stage", "read", "--mode", "memory"}) ==
          "profile: --stage times one stage; it goes with --mode headless or table, not with memory");
    CHECK(misused({s, "--stage", "read", "--live"}) ==
          "profile: --live shows all stages of playing; leave --stage out, or give it without --live");
    CHECK(misused({s, "--stage", "read", "--overlay", "trail"}) ==
          "profile: --stage read draws no overlay; leave --overlay out");
    CHECK(misused({s, "--stage", "overlay", "--overlay", "none"}) ==
          "profile: --stage overlay times the overlays; leave --overlay none out, or name one");
    CHECK(misused({s, "--live", "--mode", "memory"}) ==
          "profile: --live goes with --mode headless or soak; --mode memory says what it found at the end");
    CHECK(misused({s, "--table", "t"}) ==
          "profile: --table is where the table of --mode table goes; give that mode too");
    CHECK(misused({s, "--trace-buffer", "8"}) ==
          "profile: --trace-buffer says how many events are kept; give it with --trace or --mode table");
    for (const char* option : {"--trace-from", "--trace-to", "--trace-min-us"}) {
        CHECK(misused({s, option, "1"}) == std::string(option) + " requires --trace");
    }
    CHECK(misused({s, "--trace", "t", "--trace-from", "-1"}) ==
          "--trace-from: -1 was given; seconds from 0 on are allowed");
    CHECK(misused({s, "--stage", "decode"}) == "--stage: decode not in {read,overlay,paint,present}");
    const recording_folder at;
    const outcome window = run({"profile", s, "--trace", at.file("t.json"), "--trace-from", "3", "--trace-to", "2"});
    CHECK(window.code == 1);
    CHECK(
        contains(window.err, "the window of the trace file is 3 s to 2 s; it must begin at 0 or later and end after"));
}

TEST_CASE("the recorded mouse: every mode plays it, and its memory stays") {
    const std::string mouse = FIELDREEL_SHARED_DIR "/data/openfield_mouse_M12_2018-04-10";
    if (!support::temporary_directory::exists(mouse)) {
        MESSAGE("skipped: " << mouse << " is not there");
        return;
    }
    const words shown{mouse, "--bin-size", "4"};
    const auto with = [&](const words& more) {
        words arguments = shown;
        arguments.insert(arguments.end(), more.begin(), more.end());
        return profiled(arguments).report;
    };
    const json memory = with({"--mode", "memory", "--playback-frames", "20000"});
    CHECK(memory["frames"] == 47757);
    CHECK(memory["growth"]["verdict"] == "no leak");
    CHECK(with({"--mode", "table"})["spans"].size() >= 7);
    CHECK(with({"--mode", "soak", "--minutes", "0.01"})["growth"]["verdict"] != "leak");
    CHECK(with({"--stage", "overlay"})["stages_ms"]["overlay"]["p50"] > 0);
}
