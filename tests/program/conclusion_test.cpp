// SPDX-License-Identifier: MIT
// What a profile concludes, from invented runs: whole sentences, and that each option named in them exists.
#include <array>
#include <cstdio>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../../examples/fieldreel/conclusion.hpp"

namespace {

using fieldreel::shown_step;
using fieldreel::step_waits;

/// `count` steps at 30 per second, 2 ms each; some of them long.
struct invented {
    std::vector<shown_step> steps;
    explicit invented(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const double due_s = static_cast<double>(i) / 30;
            steps.push_back({due_s, due_s, due_s + 0.002, due_s, i, {2, 0, 0}, {true, 2, 0, 0, 0, 0, 0, 0, 0}});
        }
    }
    /// Step `i` takes `ms`, in a stage, and waited; what comes after it comes later.
    invented& slow(std::size_t i, double ms, fieldreel::step_report stages, step_waits waits) {
        waits.known = true;
        steps[i].shown_s = steps[i].begin_s + ms / 1000;
        steps[i].stages = stages;
        steps[i].waits = waits;
        for (std::size_t k = i + 1; k < steps.size(); ++k) {
            steps[k].due_s += ms / 1000;
            steps[k].begin_s += ms / 1000;
            steps[k].shown_s += ms / 1000;
        }
        return *this;
    }
    played_pass pass(const std::string& name = "", const std::string& pacing = "clock") const {
        played_pass out;
        out.name = name;
        out.pacing = pacing;
        out.found = fieldreel::find_program_stutter(steps, {.refresh_hz = 30});
        for (const shown_step& step : steps) {
            if (step.step_ms() > out.longest_step_ms) {
                out.longest_step_ms = step.step_ms();
                out.longest_step = step;
                out.longest_cause = cause_of(step);
            }
        }
        return out;
    }
};

step_waits from_disk(std::uint64_t faults) {
    step_waits out;
    out.major_faults = faults;
    return out;
}

input_file file_on(const std::string& path, const std::string& where, const std::string& type, std::uint64_t bytes) {
    return {path, bytes, {where, type, "dev"}, true, 0};
}

/// How a cache reads its source.
struct reads {
    bool one_reader = false;
    double chunk_read_s = 0;
    std::size_t chunk_frames = 0;
    double frames_per_s = 0;
};

std::string line_of(const stutter_facts& facts, std::size_t line = 0, std::size_t prefetch = 0, double sustained = 0,
                    const reads& how = {}) {
    conclusion_facts of(facts, facts.passes.empty() ? 0 : facts.passes[0].found.shown);
    of.prefetch_threads = prefetch;
    of.sustainable_frames_per_s = sustained;
    of.one_reader = how.one_reader;
    of.chunk_read_s = how.chunk_read_s;
    of.chunk_frames = how.chunk_frames;
    of.frames_per_s = how.frames_per_s;
    of.slowest_overlay = "trail";
    of.memory = "no leak";
    const std::vector<std::string> lines = conclusion_of(of);
    CHECK(lines.size() <= 3);
    return line < lines.size() ? lines[line] : "no such line";
}

TEST_CASE("conclusion: a smooth run, measured and predicted") {
    stutter_facts facts;
    facts.passes = {invented(60).pass()};
    CHECK(line_of(facts) == "Plays smoothly: all 60 scenes were ready in time at 30 per second, 33.3 ms each; the "
                            "slowest took 2 ms (it spent the time computing frames).");
    facts.passes = {invented(60).pass("", "predicted")};
    CHECK(line_of(facts) == "It would play smoothly at 30 scenes per second, 33.3 ms each: the slowest of 60 steps "
                            "took 2 ms (it spent the time computing frames).");
    CHECK(line_of(facts, 1) == "The data are even: nothing in them looks like stutter.");
    CHECK(line_of(facts, 2) == "Memory does not grow while playing.");
    CHECK(line_of({}) == "Stopped before a step was played; nothing was measured.");
}

TEST_CASE("conclusion: freezes that waited for a file on a network") {
    invented run(600);
    for (const std::size_t i : {50u, 150u, 250u, 350u, 450u, 550u}) {
        run.slow(i, 212, {212, 0, 0}, {});
    }
    run.slow(300, 150, {0, 150, 0}, {true, 150, 0, 0, 0, 0, 0, 0, 0});
    stutter_facts facts;
    facts.passes = {run.pass()};
    facts.inputs = {file_on("/home/x/positions.npy", "/", "ext4", 9'000'000'000),
                    file_on("/mnt/lab/decode.npy", "/mnt/lab", "nfs4", 1'600'000'000)};
    CHECK(line_of(facts) == "7 freezes > 100 ms in 21.4 s; 6 of 7 waited for /mnt/lab (nfs4), 243 ms each; try "
                            "--prefetch 2 or copy decode.npy (1.6 GB) to a local disk.");
}

TEST_CASE("conclusion: freezes of very different lengths are not all of one") {
    const auto lengths = [](const std::vector<double>& ms) {
        invented run(200);
        for (std::size_t i = 0; i < ms.size(); ++i) {
            run.slow(20 + 20 * i, ms[i] - 31.333, {ms[i], 0, 0}, {}); // the picture stood for what is asked
        }
        stutter_facts facts;
        facts.passes = {run.pass()};
        const std::string line = line_of(facts);
        const std::size_t at = line.find("frames, ") + 8;
        return line.substr(at, line.find(';', at) - at);
    };
    CHECK(lengths({134, 200, 900}) == "134 to 900 ms");
    CHECK(lengths({150, 200, 210}) == "200 ms each");
    CHECK(lengths({134, 200, 3200}) == "134 ms to 3.2 s");
    CHECK(lengths({1200, 3210}) == "1.2 s to 3.21 s");
    CHECK(lengths({1234}) == "1.23 s");
}

TEST_CASE("conclusion: an evicted file, and the second pass from memory") {
    invented run(60);
    run.slow(0, 180, {180, 0, 0}, from_disk(40));
    run.slow(20, 140, {140, 0, 0}, from_disk(12));
    stutter_facts facts;
    facts.passes = {run.pass("cold"), invented(60).pass("warm")};
    facts.inputs = {file_on("/data/posterior.npy", "/data", "ext4", 22'500'128)};
    CHECK(line_of(facts) ==
          "From the disk (cold): 1 freeze > 100 ms in 2.29 s; it waited for the disk of /data (ext4), 171 ms; "
          "try --prefetch 2 or copy posterior.npy (22.5 MB) to a faster disk; once in memory none is "
          "late.");
    invented quick(60);
    quick.slow(0, 12, {12, 0, 0}, from_disk(40));
    facts.passes[0] = quick.pass("cold");
    CHECK(line_of(facts) ==
          "Plays smoothly: all 60 scenes were ready in time at 30 per second, 33.3 ms each; the slowest took 12 ms (it "
          "waited for the disk of /data (ext4)); once in memory 2 ms.");
}

TEST_CASE("conclusion: a source that is slowed is named") {
    invented run(60);
    run.slow(10, 160, {160, 0, 0}, {true, 0, 0, 0, 0, 0, 1, 0, 1});
    stutter_facts facts;
    facts.passes = {run.pass()};
    facts.slowed_ms = 150;
    CHECK(
        line_of(facts, 0, 1, 42) ==
        "1 freeze > 100 ms in 2.13 s; it waited for the source, which --source-latency-ms slows by 150 ms a read, 191 "
        "ms; it gives 42 frames per second: try larger chunks (--cache-chunk-size 50) or --target-hz 34.");
    // 150 ms a read at 60 frames per second: 14 frames last 1.5 times as long
    CHECK(line_of(facts, 0, 1, 42, {true, 0.15, 10, 60})
              .ends_with("; it gives 42 frames per second: try "
                         "--cache-chunk-size 14 or --target-hz 34."));
    CHECK(line_of(facts, 0, 0, 0, {false, 0, 10, 60}).ends_with("; try --prefetch 1 with --cache-chunk-size 14."));
    facts.lru = true;
    CHECK(line_of(facts) == "1 freeze > 100 ms in 2.13 s; it waited for the source, which --source-latency-ms slows by "
                            "150 ms a read, 191 ms; try --policy playhead, which reads ahead.");
}

TEST_CASE("conclusion: a run without pauses does not foretell what reading ahead avoids") {
    invented run(60);
    run.slow(10, 160, {160, 0, 0}, {true, 0, 0, 0, 0, 0, 1, 0, 1});
    stutter_facts facts;
    facts.passes = {run.pass("", "predicted")};
    facts.slowed_ms = 150;
    const std::string waited = "waited for the source, which --source-latency-ms slows by 150 ms a read";
    CHECK(
        line_of(facts, 0, 1, 66, {true, 0.15, 10, 30}) ==
        "Played without a pause, 1 of 60 steps froze for more than 100 ms; it " + waited +
            ", 191 ms; at 30 per second there is time to read ahead (it gives 66 frames per second): --mode play tells "
            "what still comes late.");
    // It is too slow also then, or nothing is read ahead: it would freeze.
    CHECK(line_of(facts, 0, 1, 20, {true, 0.5, 10, 30})
              .starts_with("1 freeze > 100 ms would come in 2.13 s; it " + waited));
    CHECK(line_of(facts).starts_with("1 freeze > 100 ms would come in 2.13 s; it " + waited));
    run = invented(60);
    run.slow(10, 45, {45, 0, 0}, {true, 0, 0, 0, 0, 0, 1, 0, 1});
    facts.passes = {run.pass("", "predicted")};
    CHECK(line_of(facts, 0, 1, 66, {true, 0.15, 10, 30}) ==
          "Played without a pause, 1 of 60 steps took longer than the 33.3 ms of a scene, up to 45 ms; it " + waited +
              "; at 30 per second there is time to read ahead (it gives 66 frames per second): --mode play tells what "
              "still comes late.");
    run = invented(60);
    run.slow(10, 160, {0, 160, 0}, {true, 160, 0, 0, 0, 0, 0, 0, 0});
    facts.passes = {run.pass("", "predicted")};
    CHECK(line_of(facts, 0, 1, 66, {true, 0.15, 10, 30})
              .starts_with("1 freeze > 100 ms would come in 2.13 s; it spent the time on overlays"));
}

TEST_CASE("conclusion: more threads are advised only where they can read at once and have no time left") {
    invented run(60);
    run.slow(10, 160, {160, 0, 0}, {true, 0, 0, 0, 0, 0, 1, 0, 1});
    stutter_facts facts;
    facts.passes = {run.pass()};
    const auto advice = [&](std::size_t threads, double sustained, const reads& how) {
        const std::string line = line_of(facts, 0, threads, sustained, how);
        return line.substr(line.find("try "));
    };
    // 10 frames per 0.5 s and thread, 60 are needed: 3 threads would do, 4 have some to spare
    CHECK(advice(2, 40, {false, 0.5, 10, 60}) == "try --prefetch 4, --cache-chunk-size 45 or --target-hz 32.");
    CHECK(advice(2, 40, {true, 0.5, 10, 60}) == "try --cache-chunk-size 45 or --target-hz 32.");
    CHECK(advice(2, 400, {false, 0.05, 10, 60}) ==
          "try larger chunks (--cache-chunk-size 20)."); // idle most of the time
    CHECK(advice(0, 0, {true, 0, 0, 0}) == "try --prefetch 1.");
    run = invented(60);
    run.slow(10, 160, {160, 0, 0}, {true, 155, 0, 0, 0, 0, 0, 0, 0});
    facts.passes = {run.pass()};
    CHECK(advice(0, 0, {}) == "try --prefetch 2 (frames are then made before they are due) or --target-hz 10.");
    CHECK(advice(1, 0, {true, 0.5, 10, 60}) == "try --target-hz 10.");
    CHECK(advice(1, 20, {false, 0.5, 10, 60}) == "try --prefetch 4 or --target-hz 16.");
}

TEST_CASE("conclusion: late without a freeze") {
    invented run(60);
    run.slow(10, 45, {0, 45, 0}, {true, 44, 0, 0, 0, 0, 0, 0, 0});
    stutter_facts facts;
    facts.passes = {run.pass()};
    CHECK(line_of(facts) == "1 of 60 scenes came late at 30 per second, by up to 11.7 ms; it spent the time on "
                            "overlays, most on trail; draw fewer (--overlay NAME), or a shorter trail.");
    run = invented(60);
    run.slow(10, 45, {45, 0, 0}, {true, 4, 40, 39, 0, 0, 0, 1, 0});
    facts.passes = {run.pass()};
    CHECK(line_of(facts) == "1 of 60 scenes came late at 30 per second, by up to 11.7 ms; it lost the time to the "
                            "processor quota of the control group; ask for a larger quota, or use fewer threads "
                            "(--prefetch 1).");
}

TEST_CASE("conclusion: data that stutter") {
    stutter_facts facts;
    facts.passes = {invented(60).pass()};
    data_found& data = facts.data;
    data.tracking.emplace();
    data.tracking->seconds = 100;
    data.tracking->interpolated.runs = {{0, 10, 5, 17}};
    data.samples = fieldreel::step_evenness{1000, 0.032, 30, 40, 2, {7, 0.084}, {}, 0};
    data.judder = {30, 1, 1000, 80, 0, 30, 2.4};
    data.better = fieldreel::judder{60, 1, 1000, 1, 0, 30, 0.1};
    CHECK(line_of(facts, 1) ==
          "The data themselves stutter: 12 % of the tracking was lost and filled in with straight lines "
          "(--drop-interpolated shows it as lost); 40 steps of the positions are longer than 1.5 x 32 ms, the longest "
          "84 ms; at 30 scenes per second 2.4 changes of the picture per second come unevenly (--fps 60: 0.1).");
    data = {};
    std::vector<fieldreel::judder> evener;
    std::vector<double> times; // 50 Hz
    for (int i = 0; i < 6000; ++i) {
        times.push_back(0.02 * i);
    }
    CHECK(rates_to_try(0.02, 1) == std::vector<double>{24, 25, 30, 50, 60, 120});
    CHECK(rates_to_try(1 / 44.0, 1) == std::vector<double>{22, 24, 25, 30, 44, 50, 60, 120});
    CHECK(rates_to_try(1 / 29.97, 2).front() == 24);
    CHECK(rates_to_try(0, 1).size() == 6);
    for (const double rate : rates_to_try(0.02, 1)) {
        evener.push_back(fieldreel::predict_judder(times, 0.02, rate));
    }
    data.judder = fieldreel::predict_judder(times, 0.02, 30);
    choose_better(data, evener);
    CHECK(line_of(facts, 1) == "The data themselves stutter: at 30 scenes per second 10 changes of the picture per "
                               "second come unevenly (--fps 25 or 50: 0).");
    data = {};
    data.equal = fieldreel::equal_frames{1000, 310};
    CHECK(line_of(facts, 1) == "The data themselves stutter: 31 % of the frames equal the one before them.");
    data = {};
    data.judder = {30, 1, 50, 0, 0, 5, 0};
    CHECK(line_of(facts, 1) == "The data themselves stutter: the picture changes only 5 times per second.");
}

TEST_CASE("conclusion: holes and jumps are named however few they are") {
    stutter_facts facts;
    facts.passes = {invented(60).pass()};
    data_found& data = facts.data;
    const auto with_gaps = [](std::vector<fieldreel::long_step> gaps) { // among 10000 even steps
        fieldreel::step_evenness out{10'000, 0.02, 50, gaps.size(), 0, {}, gaps, 0};
        for (const fieldreel::long_step& gap : gaps) {
            out.longest = gap.seconds > out.longest.seconds ? gap : out.longest;
        }
        return out;
    };
    data.samples = with_gaps({{3, 0.09}}); // shorter than three scenes
    CHECK(line_of(facts, 1) == "The data are even: nothing in them looks like stutter.");
    data.samples = with_gaps({{12.4, 3}});
    CHECK(line_of(facts, 1) == "The data themselves stutter: the positions have a gap of 3 s at 12.4 s.");
    data.samples = with_gaps({{3, 0.09}, {7, 0.15}, {12.4, 0.41}, {1250.257, 3}, {2000, 0.2}, {2001, 0.15}});
    CHECK(line_of(facts, 1) == "The data themselves stutter: the positions have gaps: 3 s at 1250.26 s, 410 ms at 12.4 "
                               "s, 200 ms at 2000 s and 2 more.");
    data.samples = with_gaps({{12.4, 0.41}});
    data.frames = with_gaps({{12.4, 0.42}, {20, 0.5}}); // the first is the positions' own
    CHECK(line_of(facts, 1) == "The data themselves stutter: the positions have a gap of 410 ms at 12.4 s; the field "
                               "has a gap of 500 ms at 20 s.");
    data.speed = 8; // 63 ms of watching
    CHECK(line_of(facts, 1) == "The data are even: nothing in them looks like stutter.");
    data = {};
    data.tracking.emplace();
    data.tracking->seconds = 1000;
    data.tracking->lost.runs = {{0, 1, 5, 5.05}, {10, 40, 40, 43}};
    data.tracking->jumps = {{7, 8, 17.25, 17.27}};
    CHECK(line_of(facts, 1) ==
          "The data themselves stutter: tracking is lost for 3 s at 40 s; the position jumps at 17.25 s.");
    data.tracking->lost.runs.clear();
    data.tracking->jumps.push_back({70, 71, 18, 18.02});
    data.tracking->jumps.push_back({90, 91, 19, 19.02});
    CHECK(line_of(facts, 1) == "The data themselves stutter: the position jumps at 17.25 s and 2 more times.");
}

TEST_CASE("conclusion: no number has an exponent") {
    CHECK(number_words(1234, 3) == "1234");
    CHECK(number_words(134, 2) == "134");
    CHECK(number_words(0.03125) == "0.0312");
    CHECK(number_words(2e-7) == "0");
    CHECK(ms_words(410) == "410 ms");
    CHECK(ms_words(999.4) == "999 ms");
    CHECK(ms_words(999.9) == "1 s");
    CHECK(ms_words(3214) == "3.21 s");
    CHECK(ms_words(3'600'000) == "3600 s");
    invented run(60);
    run.slow(10, 1240, {0, 1240, 0}, {true, 1240, 0, 0, 0, 0, 0, 0, 0});
    played_pass pass = run.pass();
    pass.found.freezes.clear();
    stutter_facts facts;
    facts.passes = {pass};
    CHECK(line_of(facts) ==
          "1 of 60 scenes came late at 30 per second, by up to 1.21 s; it spent the time on overlays, "
          "most on trail; draw fewer (--overlay NAME), or a shorter trail.");
    pass.found.late = 0;
    pass.found.target_hz = 0.5;
    facts.passes = {pass};
    CHECK(
        line_of(facts).starts_with("Plays smoothly: all 60 scenes were ready in time at 0.5 per second, 2 s each; the "
                                   "slowest took 1.24 s (it"));
}

/// The words of a text that look like options.
std::set<std::string> options_in(const std::string& text) {
    std::set<std::string> out;
    for (std::size_t at = text.find("--"); at != std::string::npos; at = text.find("--", at + 2)) {
        std::size_t end = at + 2;
        while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '-')) {
            ++end;
        }
        out.insert(text.substr(at, end - at));
    }
    return out;
}

TEST_CASE("conclusion: every remedy is an option of profile") {
    std::FILE* const pipe = ::popen("'" FIELDREEL_PROGRAM "' profile --help", "r");
    REQUIRE(pipe != nullptr);
    std::string help;
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        help.append(buffer.data(), got);
    }
    ::pclose(pipe);
    const std::set<std::string> known = options_in(help);
    REQUIRE(known.count("--target-hz") == 1);

    std::set<std::string> named;
    const step_waits disk = from_disk(1);
    const std::vector<std::pair<fieldreel::step_report, step_waits>> ways = {
        {{200, 0, 0}, {true, 190, 0, 0, 0, 0, 0, 0, 0}}, // working in each stage
        {{0, 200, 0}, {true, 190, 0, 0, 0, 0, 0, 0, 0}},
        {{0, 0, 200}, {true, 190, 0, 0, 0, 0, 0, 0, 0}},
        {{200, 0, 0}, disk},
        {{0, 200, 0}, disk},
        {{200, 0, 0}, {}},
        {{0, 200, 0}, {}},
        {{0, 0, 200}, {}},
        {{200, 0, 0}, {true, 0, 190, 0, 0, 0, 0, 0, 0}},
        {{200, 0, 0}, {true, 0, 190, 190, 0, 0, 0, 0, 0}}};
    std::set<std::string> sentences;
    for (const auto& [stages, waits] : ways) {
        for (const double ms : {45.0, 200.0}) {
            for (int setting = 0; setting < 16; ++setting) {
                stutter_facts facts;
                facts.passes = {invented(40).slow(10, ms, stages, waits).pass()};
                facts.lru = (setting & 1) != 0;
                facts.slowed_ms = (setting & 2) != 0 ? 20 : 0;
                if ((setting & 4) != 0) {
                    facts.inputs = {file_on("/mnt/lab/a.npy", "/mnt/lab", "nfs4", 5)};
                }
                const bool ahead = (setting & 8) != 0;
                const std::string line = line_of(facts, 0, ahead ? 1 : 0, ahead && ms > 100 ? 20 : 0);
                sentences.insert(line);
                CHECK(line.ends_with("."));
                CHECK(line.find("  ") == std::string::npos);
                CHECK(line.find("; .") == std::string::npos);
                named.merge(options_in(line));
            }
        }
    }
    CHECK(sentences.size() > 20);
    CHECK(named.count("--prefetch") == 1);
    CHECK(named.count("--policy") == 1);
    named.insert(
        {"--drop-interpolated", "--fps", "--playback-frames", "--seconds"}); // of the other two lines, see above
    for (const std::string& option : named) {
        CAPTURE(option);
        CHECK(known.count(option) == 1);
    }
}

} // namespace
