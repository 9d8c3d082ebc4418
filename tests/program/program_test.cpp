// SPDX-License-Identifier: MIT
// The program `fieldreel`, run as its users run it: exit codes, sentences, files and numbers.
#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <fieldreel/source/samples.hpp>

#include "support/npy_bytes.hpp"
#include "support/recording_folder.hpp"
#include "support/sanitizer.hpp"

using support::bytes_of;
using support::hot_l_shape;
using support::npy_file;
using support::recording_folder;
using words = std::vector<std::string>;
using nlohmann::json;

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

/// The one sentence of a run that was refused; else what went otherwise.
std::string refused(const words& arguments) {
    const outcome got = run(arguments);
    const std::string start = "fieldreel: ";
    if (got.code != 1 || !got.out.empty() || !got.err.starts_with(start) || !got.err.ends_with('\n')) {
        return "not refused: exit code " + std::to_string(got.code) + ", stdout '" + got.out + "', stderr '" + got.err +
               "'";
    }
    return got.err.substr(start.size(), got.err.size() - start.size() - 1);
}

/// The report of a run that must succeed. `arguments` begin after "profile".
json profiled(words arguments) {
    const support::temporary_directory at;
    arguments.insert(arguments.begin(), "profile");
    arguments.insert(arguments.end(), {"--report", at.file("report.json")});
    const outcome got = run(arguments);
    INFO(got.err);
    REQUIRE(got.code == 0);
    CHECK(got.err.empty());
    CHECK_FALSE(support::temporary_directory::exists(at.file("report.json.part")));
    return json::parse(bytes_of(at.file("report.json")));
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A walk of 40 s in an arena of 40 x 40 with head direction and two cells.
void write_walk(const recording_folder& at) {
    at.walk();
    at.npy("head_direction.npy", std::vector<double>(400, 0.5));
    at.npy<double>("spikes_few.npy", {1, 2});
    at.npy<double>("spikes_many.npy", {3, 4, 5, 6});
}

/// An L-shaped field of 2 frames in order xy, with its grid in session.json.
void write_field(const recording_folder& at, const std::string& order = ", \"order\": \"xy\"") {
    at.walk();
    at.npy("field.npy", hot_l_shape::frames("xy"), {16});
    at.npy<double>("frame_times.npy", {0, 1});
    at.write("session.json", R"({"fieldreel_session": 1, "times": "times.npy", "positions": "positions.npy",
        "fields": [{"file": "field.npy", "frame_times": "frame_times.npy", "grid": )" +
                                 std::string(hot_l_shape::grid_json) + order + "}]}");
}

} // namespace

TEST_CASE("wrong usage ends with 2 and says how to get help") {
    for (const words& arguments : {words{},
                                   {"play"},
                                   {"profile", "--nosuch"},
                                   {"profile", "--access", "sideways"},
                                   {"profile", "x", "--frames", "many"},
                                   {"profile", "x", "--frames", "0"},
                                   {"profile", "x", "--playback-frames", "0"},
                                   {"profile", "x", "--mode", "window"},
                                   {"profile", "x", "--file-access", "map2"},
                                   {"profile", "x", "--source-hz", "30"},
                                   {"profile"},
                                   {"info"},
                                   {"field", "x"},
                                   {"profile", "x", "--method", "kde"},
                                   {"field", "x", "--out", "y", "--method", "kde"},
                                   {"simulate"},
                                   {"profile", "x", "--simulate"},
                                   {"simulate", "x", "--minutes", "1", "--frames", "5"}}) {
        const outcome got = run(arguments);
        CAPTURE(arguments.size());
        CAPTURE(got.err);
        CHECK(got.code == 2);
        CHECK(got.out.empty());
        CHECK(contains(got.err, "--help"));
    }
    CHECK(contains(run({"profile", "x", "--frames", "0"}).err, "--frames: 0 was given; it must be at least 1"));
    CHECK(run({"inffo", "x"}).err == "fieldreel: 'inffo' is no command; there are simulate, info, field, profile, "
                                     "export, trace, view, import, join; did you "
                                     "mean 'info'? (see --help)\n");
    CHECK(run({"--version"}).code == 0);
    for (const char* command : {"simulate", "info", "field", "profile", "view"}) {
        const outcome help = run({command, "--help"});
        CHECK(help.code == 0);
        CHECK(help.err.empty());
        CHECK(contains(help.out, "--"));
    }
}

TEST_CASE("simulate, info and profile count the same") {
    const recording_folder at;
    const std::string folder = at.file("sim");
    const outcome made = run({"simulate", folder, "--minutes", "0.2", "--seed", "5"});
    REQUIRE(made.code == 0);
    unsigned long samples = 0, cells = 0, spikes = 0, frames = 0, bins = 0;
    REQUIRE(made.out.starts_with(folder + ": "));
    REQUIRE(std::sscanf(made.out.c_str() + folder.size(),
                        ": %lu samples at 500 Hz, %lu cells with %lu spikes, %lu posterior frames of %lu bins",
                        &samples, &cells, &spikes, &frames, &bins) == 5);
    const outcome info = run({"info", folder});
    CHECK(info.code == 0);
    CHECK(contains(info.out, "times            " + std::to_string(samples) + ", "));
    CHECK(contains(info.out, "positions        " + std::to_string(samples) + ", "));
    CHECK(contains(info.out, std::to_string(cells) + " cells, " + std::to_string(spikes) + " spikes"));
    CHECK(contains(info.out,
                   "posterior        " + std::to_string(frames) + " frames of " + std::to_string(bins) + " float32"));
    // The flaws that were planted are found: a jump there and back, and the one after a frozen stretch.
    CHECK(
        info.out.ends_with("Problems:\n- positions: 3 steps are faster than an animal; look at them, and replace wrong "
                           "positions by NaN\n"));
    CHECK(contains(info.out, "\nstill            1 stretch of one position "));
    CHECK(contains(info.out,
                   " of " + std::to_string(frames) + " frames add up to 1 (within 0.001), 0 have values below 0"));
    const json report = profiled({folder});
    CHECK(report["frames"] == frames);
    CHECK(report["bins"] == bins);
    CHECK(report["simulated"] == true);
    CHECK(report["field"]["kind"] == "posterior");

    REQUIRE(run({"simulate", at.file("again"), "--minutes", "0.2", "--seed", "5"}).code == 0);
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name != "session.json") { // it holds the folder's name
            CAPTURE(name);
            CHECK(bytes_of(entry.path().string()) == bytes_of(at.file("again/" + name)));
        }
    }
    CHECK(contains(refused({"simulate", folder}), "exists and is not empty"));
    CHECK(contains(refused({"simulate", at.file("none"), "--minutes", "0"}), "minutes is 0"));
    CHECK(contains(refused({"simulate", at.file("none"), "--frames", "0"}), "frames is 0"));
    CHECK(contains(refused({"simulate", at.file("none"), "--rate-hz", "-1"}), "rate_hz is -1"));
    CHECK_FALSE(support::temporary_directory::exists(at.file("none")));
}

TEST_CASE("the report has the promised keys, of the promised types") {
    const recording_folder at;
    write_walk(at);
    const json r = profiled(
        {at.path(), "--playback-frames", "150", "--mode", "memory", "--cache-chunk-size", "5", "--policy", "lru"});
    for (const char* key : {"frames", "bins", "setup_seconds", "first_frame_ms", "peak_rss_mib", "private_mib",
                            "mapped_resident_mib", "rss_growth_mib_per_1000_steps"}) {
        CAPTURE(std::string(key));
        CHECK(r[key].is_number());
    }
    CHECK(r["frames"] == 400);
    CHECK(r["steps"] == 150);
    CHECK(r["private_mib"] > 0);
    CHECK(r["peak_rss_mib"] >= r["private_mib"]);
    double phases = 0;
    for (const auto& [name, seconds] : r["setup_phases"].items()) {
        phases += seconds.get<double>();
    }
    CHECK(r["setup_phases"].size() >= 3);
    CHECK(phases <= r["setup_seconds"].get<double>());
    const json& ms = r["step_ms"];
    CHECK(ms.size() == 5);
    CHECK(ms["p50"] <= ms["p95"]);
    CHECK(ms["p95"] <= ms["p99"]);
    CHECK(ms["p99"] <= ms["max"]);
    CHECK(ms["mean"] <= ms["max"]);
    CHECK(r["cache"]["misses"] == 30);
    CHECK(r["cache"]["stalls"] == 30);
    CHECK(r["cache"]["prefetched"] == 0);
    CHECK(r["cache"]["stall_ms"]["p50"] <= r["cache"]["stall_ms"]["p99"]);
    CHECK(r["cache"]["sustainable_frames_per_s"] > 0);
    CHECK(r["checksum"].is_string());
    CHECK(r["machine"].is_object());
    CHECK(contains(r["command"].get<std::string>(), "profile " + at.path()));
    CHECK(r["memory_phases"].size() == 4);
    REQUIRE(r["verdicts"].size() == 4);
    for (const json& v : r["verdicts"]) {
        CHECK(v.size() == 6);
        CHECK(v["name"].is_string());
        CHECK(v["value"].is_number());
        CHECK(v["unit"].is_string());
        CHECK(v["good"] < v["warning"]);
        CHECK(v["verdict"].is_string());
    }
    CHECK(r["verdicts"][3]["verdict"] == "no leak");
    CHECK(r["conclusion"].size() >= 1);
    CHECK(r["conclusion"].size() <= 3);
    CHECK(r["interrupted"] == false);
    REQUIRE(r["overlays"].size() == 3);
    CHECK(r["overlays"][2]["name"] == "spikes");
    CHECK(r["overlays"][1]["name"] == "heading");
    CHECK(r["overlays"][0]["name"] == "trail");
    CHECK(r["overlays"][0]["shapes_mean"] > 1);
    CHECK(r["overlays"][0]["shapes_max"] == 2);
    CHECK(r["overlays"][0]["ms_p50"] <= r["overlays"][0]["ms_p99"]);
    CHECK(profiled({at.path(), "--playback-frames", "5", "--overlay", "trail"})["overlays"].size() == 1);
    CHECK(contains(
        refused({"profile", at.path(), "--overlay", "header"}),
        "the overlay 'header' was asked for; the recording has trail, heading, spikes; did you mean 'heading'?"));
    CHECK(r["cell"] == "many");
    CHECK(r["field"]["unit"] == "Hz");
    CHECK(profiled({at.path(), "--playback-frames", "5"})["verdicts"][3]["verdict"] == "too few steps");
}

TEST_CASE("colours on a log scale or with a gamma are other colours, and bad ones are refused") {
    const recording_folder at;
    write_walk(at);
    const auto checksum = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {at.path(), "--playback-frames", "5", "--vmin", "0.01"});
        return profiled(more)["checksum"].get<std::string>();
    };
    const std::string linear = checksum({});
    CHECK(linear == checksum({"--color-scale", "gamma", "--gamma", "1"}));
    CHECK(linear != checksum({"--color-scale", "gamma"}));
    CHECK(linear != checksum({"--color-scale", "log"}));
    CHECK(contains(refused({"profile", at.path(), "--color-scale", "log", "--vmin", "0"}),
                   "vmin is 0 on a log scale; it must be above 0"));
    CHECK(contains(refused({"profile", at.path(), "--color-scale", "gamma", "--gamma", "0"}), "gamma is 0"));
}

TEST_CASE("a slow source: what is read ahead is not waited for, by either policy the same frames are shown") {
    const recording_folder at;
    write_walk(at);
    const std::vector<std::string> slow = {at.path(), "--playback-frames",   "100", "--cache-chunk-size",
                                           "5",       "--source-latency-ms", "5",   "--steps-per-s",
                                           "200"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), slow.begin(), slow.end());
        return profiled(more);
    };
    const json ahead = with({});
    const json behind = with({"--policy", "lru"});
    CHECK(ahead["checksum"] == behind["checksum"]);
    CHECK(behind["cache"]["misses"] == 20);
    CHECK(behind["cache"]["stall_ms"]["p50"] >= 5);
    CHECK(ahead["cache"]["hits"].get<int>() + ahead["cache"]["misses"].get<int>() == 101);
    CHECK(ahead["cache"]["misses"] <= 20);
    CHECK(ahead["cache"]["prefetched"] > 0);
    CHECK(ahead["cache"]["prefetch_threads"] == 1);
    CHECK(with({"--prefetch", "0"})["cache"]["prefetched"] == 0);
    CHECK(contains(refused({"profile", at.path(), "--policy", "lru", "--prefetch", "1"}),
                   "prefetch_threads is 1 and the eviction policy has no order to read ahead by"));
    CHECK(contains(run({"profile", at.path(), "--cache-chunks", "3", "--playback-frames", "60"}).out,
                   "\n  read ahead: "));
}

TEST_CASE("a cache that fills is no leak") {
    // 1000 frames of 625 float32 fit into the default cache, which takes 2.4 MiB while they are played first.
    const json r = profiled({"--simulate", "--frames", "2000"});
    CHECK(r["cache"]["bytes_peak"] > 2000000);
    if (support::keeps_freed_memory) {
        CHECK(r["verdicts"][3]["verdict"] != "leak");
    } else {
        CHECK(r["verdicts"][3]["verdict"] == "no leak");
        CHECK(r["conclusion"].back() == "Memory does not grow while playing.");
    }
}

TEST_CASE("what is shown depends neither on the cache nor on how files are read") {
    const recording_folder at;
    write_walk(at);
    for (const std::string access : {"sequential", "random", "scrub", "loop"}) {
        CAPTURE(access);
        const auto checksum = [&](const words& more) {
            words arguments{at.path(), "--access", access, "--playback-frames", "120"};
            arguments.insert(arguments.end(), more.begin(), more.end());
            const json report = profiled(arguments);
            CHECK(report["access"] == access);
            return report["checksum"].get<std::string>();
        };
        const std::string plain = checksum({});
        CHECK(checksum({}) == plain);
        CHECK(checksum({"--cache-chunk-size", "3", "--cache-chunks", "2"}) == plain);
        CHECK(checksum({"--cache-bytes", "1"}) == plain);
        CHECK(checksum({"--file-access", "pread"}) == plain);
        CHECK(checksum({"--file-access", "map"}) == plain);
        CHECK(checksum({"--cell", "few"}) != plain);
        CHECK((checksum({"--seed", "2"}) != plain) == (access == "random" || access == "scrub"));
    }
    const std::string simulated = profiled({"--simulate", "--frames", "300", "--seed", "3"})["checksum"];
    CHECK(profiled({"--simulate", "--frames", "300", "--seed", "3"})["checksum"] == simulated);
    CHECK(profiled({"--simulate", "--frames", "300", "--seed", "4"})["checksum"] != simulated);
}

TEST_CASE("options: frames, rates, colours, cells, the last of two counts") {
    const recording_folder at;
    write_walk(at);
    CHECK(profiled({at.path(), "--frames", "30"})["frames"] == 30);
    CHECK(profiled({at.path(), "--frames", "30", "--frames", "20"})["frames"] == 20);
    CHECK(profiled({"--simulate", "--frames", "30", "--frames", "20"})["frames"] == 20);
    CHECK(profiled({at.path(), "--target-hz", "5"})["frames"] == 200);
    CHECK(profiled({at.path(), "--source-hz", "10", "--target-hz", "2"})["frames"] == 80);
    const json colours = profiled({at.path(), "--colormap", "hot_r", "--vmin", "-1", "--vmax", "7.5"})["field"];
    CHECK(colours["colormap"] == "hot_r");
    CHECK(colours["vmin"] == -1);
    CHECK(colours["vmax"] == 7.5);
    CHECK(profiled({at.path(), "--bin-size", "20"})["bins"] < profiled({at.path(), "--bin-size", "5"})["bins"]);
    CHECK(profiled({at.path()})["cell"] == "many");
    CHECK(profiled({at.path(), "--cell", "few"})["cell"] == "few");
    CHECK(profiled({at.path(), "--cell", "1"})["cell"] == "many");
    CHECK(contains(run({"profile", at.path()}).out,
                   "showing many, the cell with most spikes (4) of 2; choose with --cell"));
    CHECK(refused({"profile", at.path(), "--cell", "fewer"}) ==
          "the cell 'fewer' was asked for; the recording has 2 cells: few, many (or 0-1); did you mean 'few'?");
}

TEST_CASE("each file by its own option") {
    const recording_folder at;
    write_walk(at);
    const recording_folder other;
    other.npy("field.npy", hot_l_shape::frames("xy"), {4, 4});
    const json walk = profiled({"--positions", at.file("positions.npy"), "--times", at.file("times.npy"), "--spikes",
                                at.file("spikes_few.npy"), at.file("spikes_many.npy"), "--head-direction",
                                at.file("head_direction.npy"), "--heading-offset-rad", "0.5"});
    CHECK(walk["cell"] == "many");
    CHECK(walk["bins"] == profiled({at.path()})["bins"]);
    CHECK(walk["checksum"] != profiled({at.path()})["checksum"]); // the offset turns the heading
    CHECK(profiled({at.path(), "--heading-offset-rad", "0.5"})["checksum"] == walk["checksum"]);

    const words movie{
        "--field", other.file("field.npy"), "--frame-times", other.npy<double>("ft.npy", {5, 6}), "--field-order",
        "yx",      "--field-kind",          "image"};
    const json plain = profiled(movie);
    CHECK(plain["frames"] == 2);
    CHECK(plain["bins"] == 16);
    CHECK(plain["field"]["label"] == "intensity");
    words flipped = movie;
    flipped.push_back("--flip-y");
    CHECK(profiled(flipped)["checksum"] != plain["checksum"]);
    words unstated = movie;
    unstated[5] = "active";
    CHECK(profiled(unstated)["bins"] == 16); // every pixel is active
    CHECK(refused({"profile", "--field", other.file("field.npy"), "--frame-times", other.file("ft.npy")}) ==
          "a frame of 'field' has 16 values, a full grid of 4 x 4 bins (16 active), and its order is not stated; give "
          "--field-order active, xy (x slow) or yx (image rows; with --flip-y row 0 is at the largest y), or \"order\" "
          "in session.json");
}

TEST_CASE("bad files are refused with one sentence") {
    const recording_folder at;
    const auto field = [&](const std::string& bytes) {
        return refused({"profile", "--field", at.write("f.npy", bytes), "--field-order", "xy"});
    };
    const std::string f = at.file("f.npy");
    const std::string good = npy_file<float>("<f4", "(2, 3)", {1, 2, 3, 4, 5, 6});
    CHECK(refused({"profile", at.file("none")}) ==
          at.file("none") + " does not exist; give the folder of a recording, or its files");
    CHECK(refused({"info", at.file("none")}) ==
          at.file("none") + " does not exist; give the folder of a recording, or its files");
    CHECK(refused({"profile", "--field", f}) == f + " cannot be opened: No such file or directory; check the path");
    CHECK(refused({"profile", "--field", at.path()}) ==
          at.path() + " cannot be opened: it is a directory; give a file inside it");
    CHECK(refused({"profile", at.write("file", "x")}) ==
          at.file("file") +
              " is a file that nothing here reads; give the folder of a recording, or files that end with "
              ".csv, .npy, .bin, .dat, .raw, .mmap, .npz, .h5, .nwb, .nc, .mat, .mp4, .avi, .mkv, .mov, "
              ".webm");
    CHECK(field(good.substr(0, good.size() - 1)) ==
          f + " is cut: it has 151 bytes and its header promises 152; copy or write it again");
    CHECK(field("time,x,y\n1,2,3\n") ==
          f + " is no .npy file: it does not start with NumPy's signature; write it with numpy.save, or open raw "
              "numbers with open_raw");
    CHECK(field("") == f + " is no .npy file: it does not start with NumPy's signature; write it with numpy.save, or "
                           "open raw numbers with open_raw");
    CHECK(field(npy_file<double>("<c16", "(1, 1)", {1, 2})) ==
          f + " holds values of type '<c16'; allowed are float32, float64 and integers of 8 to 64 bits; convert with "
              "a.astype('float32')");
    CHECK(field(npy_file<float>(">f4", "(2, 3)", {1, 2, 3, 4, 5, 6})) ==
          f + " is big-endian ('>f4'); fieldreel reads little-endian; save it again with a.astype('<f4')");
    CHECK(field(npy_file<double>("|O", "(2,)", {1, 2})) ==
          f + " holds pickled Python objects, which are never read because they can run code; save numbers: "
              "numpy.save(path, numpy.asarray(a, dtype=float))");
    CHECK(field(support::npy_head(support::npy_words("<f4", "(2, 3)", true)) + std::string(24, '\0')) ==
          f + " is stored in Fortran order (shape 2 x 3); frames must lie one after the other in C order; save it with "
              "numpy.save(path, numpy.ascontiguousarray(a))");
    CHECK(contains(field(npy_file<float>("<f4", "(1, 1, 1, 2)", {1, 2})), "has the shape 1 x 1 x 1 x 2"));
    CHECK(contains(field(npy_file<float>("<f4", "()", {1})), "has the shape ()"));
    at.walk(4);
    at.npy<double>("cube.npy", std::vector<double>(8), {2, 2});
    CHECK(contains(refused({"profile", at.path(), "--positions", at.file("cube.npy")}),
                   "has the shape 2 x 2 x 2; allowed are (samples) and (samples, columns)"));
    at.write("session.json", "{\"fieldreel_session\": 1,\n\"name\" \"x\"}");
    CHECK(refused({"profile", at.path()}) == at.file("session.json") +
                                                 " is no valid JSON at line 2, column 10; check commas, quotes and "
                                                 "brackets there");
}

TEST_CASE("bad numbers are refused with one sentence") {
    const double nan_value = std::numeric_limits<double>::quiet_NaN();
    const recording_folder at;
    write_walk(at);
    const auto profile = [&](const words& more) {
        words arguments{"profile", at.path()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return refused(arguments);
    };
    const std::string units =
        "; it must be a positive number in the units of the positions; 1/25 of the arena is usual";
    CHECK(profile({"--bin-size", "0"}) == "bin_size is 0" + units);
    CHECK(profile({"--bin-size", "-4"}) == "bin_size is -4" + units);
    CHECK(profile({"--bin-size", "500"}).starts_with("bin_size 500 is larger than the arena, whose positions span "));
    CHECK(
        profile({"--vmin", "3", "--vmax", "1"}) ==
        "vmin is 3 and vmax is 1; vmin must not be above vmax; swap them, or reverse the colormap by adding _r to its "
        "name");
    CHECK(profile({"--target-hz", "0"}) == "a rate of 0 Hz was asked for; it must be positive; 30 is usual");
    CHECK(profile({"--target-hz", "-5"}) == "a rate of -5 Hz was asked for; it must be positive; 30 is usual");
    CHECK(profile({"--source-hz", "10", "--target-hz", "20"}) ==
          "a target rate of 20 Hz was asked of a source of 10 Hz; frames cannot be invented; ask for at most 10 Hz");
    CHECK(profile({"--cache-chunk-size", "0"}) ==
          "chunk_size is 0; it must be at least 1 frame; leave it unset for 10");
    CHECK(profile({"--colormap", "virdis"}).ends_with("; did you mean \"viridis\"?"));

    std::filesystem::remove(at.file("head_direction.npy"));
    std::vector<double> times(400);
    for (std::size_t i = 0; i < 400; ++i) {
        times[i] = 0.125 * static_cast<double>(i - (i >= 250 ? 1 : 0)); // 249 and 250 are the same
    }
    at.npy("times.npy", times);
    CHECK(contains(profile({}), "250"));
    const outcome info = run({"info", at.path()});
    CHECK(info.code == 0);
    CHECK(contains(info.out, "- times: times must increase: time 250 is 31.125 s after 31.125 s; sort the samples by "
                             "time and remove duplicates"));
    at.walk(4);
    at.npy<double>("times.npy", {0, 1, 2});
    CHECK(profile({}) == "there are 3 times and 4 positions; give one of each per sample");
    at.npy<double>("times.npy", {0, 1, 2, 3});
    at.npy("positions.npy", std::vector<double>(8, nan_value), {2});
    CHECK(profile({}) == "all 4 positions are NaN; a grid needs tracked samples; check the tracking and its columns");
    CHECK(contains(run({"info", at.path()}).out, "- positions: every one is NaN; check the file"));
}

TEST_CASE("zero frames are refused, one frame, NaN frames and NaN positions play") {
    const recording_folder at;
    write_field(at);
    at.npy<float>("field.npy", {}, {16});
    at.npy<double>("frame_times.npy", {});
    CHECK(refused({"profile", at.path()}) == at.file("field.npy") +
                                                 " has 0 frames of 16 values; a recording needs at least one frame of "
                                                 "at least one value; check the file and its shape");
    at.npy("field.npy", std::vector<float>(16, 1.0F), {16});
    at.npy<double>("frame_times.npy", {3});
    CHECK(profiled({at.path()})["frames"] == 1);
    at.npy("field.npy", std::vector<float>(16, std::numeric_limits<float>::quiet_NaN()), {16});
    CHECK(profiled({at.path()})["field"]["vmax"] == 1);
    CHECK(contains(run({"info", at.path()}).out, "- field: 1 frames hold only NaN"));
    at.npy<double>("positions.npy",
                   [] {
                       std::vector<double> out(800, 7);
                       out[100] = out[301] = std::numeric_limits<double>::quiet_NaN();
                       return out;
                   }(),
                   {2});
    CHECK(profiled({at.path()})["frames"] == 1);
    CHECK(contains(run({"info", at.path()}).out, "; 2 without tracking (NaN)"));
}

TEST_CASE("times in milliseconds and misspelt members are told of, and it plays") {
    const recording_folder at;
    at.walk(100, 0, 33);
    const outcome got = run({"profile", at.path()});
    CHECK(got.code == 0);
    CHECK(contains(got.out, "note: the samples are 33 s apart; are the times in milliseconds? fieldreel reads seconds; "
                            "divide them by 1000 (of .csv files state --time-unit ms)\n"));
    CHECK(contains(run({"info", at.path()}).out, "- the samples are 33 s apart; are the times in milliseconds?"));
    write_field(at, ", \"order\": \"xy\", \"kid\": \"rate\"");
    CHECK(contains(run({"profile", at.path()}).out, "has a member 'kid' that is not known and is ignored; did you mean "
                                                    "'kind'?"));
}

TEST_CASE("info tells what profile would refuse") {
    const recording_folder at;
    write_field(at, "");
    const outcome got = run({"info", at.path()});
    CHECK(got.code == 0);
    CHECK(contains(got.out, "Problems:\n- it cannot be played as it is: a frame of 'field' has 16 values"));
}

TEST_CASE("a report or trace that cannot be written is refused at the start, and nothing is left behind") {
    const recording_folder at;
    write_walk(at);
    CHECK(refused({"profile", at.path(), "--report", at.file("no/r.json")}) ==
          at.file("no/r.json") + " cannot be written: No such file or directory; give --report the name of a file in "
                                 "an existing, writable folder");
    CHECK(refused({"profile", at.path(), "--report", at.path()}) ==
          at.path() +
              " cannot be written: it is a directory; give --report the name of a file in an existing, writable "
              "folder");
    CHECK(contains(refused({"profile", at.path(), "--trace", at.file("no/t.json")}),
                   "cannot be written: No such file or directory"));
    const std::string old = at.write("r.json", "old");
    refused({"profile", at.path(), "--bin-size", "0", "--report", old});
    CHECK(bytes_of(old) == "old");
    refused({"profile", at.path(), "--bin-size", "0", "--report", at.file("new.json")});
    CHECK_FALSE(support::temporary_directory::exists(at.file("new.json")));
    CHECK_FALSE(support::temporary_directory::exists(at.file("new.json.part")));
}

TEST_CASE("traces: by option and by FIELDREEL_TRACE") {
    const recording_folder at;
    write_walk(at);
    const auto names = [](const std::string& path) {
        std::multiset<std::string> out;
        for (const json& event : json::parse(bytes_of(path))) {
            out.insert(event.value("name", ""));
        }
        return out;
    };
    CHECK(run({"profile", at.path(), "--playback-frames", "20", "--trace", at.file("t.json")}).code == 0);
    const auto by_option = names(at.file("t.json"));
    CHECK(by_option.count("step") == 21); // the first frame and 20 steps
    for (const char* span : {"setup", "session.open", "setup.grid", "setup.place_field", "source.read", "overlay.build",
                             "viewer.present"}) {
        CAPTURE(std::string(span));
        CHECK(by_option.count(span) >= 1);
    }
    const outcome got = run({"profile", at.path(), "--playback-frames", "20"}, "FIELDREEL_TRACE=" + at.file("e.json"));
    CHECK(got.code == 0);
    CHECK(got.err == "trace: " + at.file("e.json") + "\n");
    CHECK(names(at.file("e.json")) == by_option);
    // Both: the option has the run, and says so.
    const outcome both = run({"profile", at.path(), "--playback-frames", "20", "--trace", at.file("o.json")},
                             "FIELDREEL_TRACE=" + at.file("e.json"));
    CHECK(both.code == 0);
    CHECK(both.err == "--trace " + at.file("o.json") +
                          " records this run instead of FIELDREEL_TRACE, whose trace ends here\ntrace: " +
                          at.file("e.json") + "\n");
    CHECK(names(at.file("o.json")) == by_option);
    CHECK(names(at.file("e.json")).count("step") == 0);
    CHECK(run({"info", at.path()}, "FIELDREEL_TRACE=" + at.file("no/e.json")).code == 1);
}

TEST_CASE("progress on a terminal, Ctrl-C ends with 130 and reports what was measured") {
    const recording_folder at;
    const std::string report = at.file("report.json");
    int terminal = -1;
    const pid_t program = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    REQUIRE(program >= 0);
    if (program == 0) {
        ::execl(FIELDREEL_PROGRAM, "fieldreel", "profile", "--simulate", "--frames", "500", "--playback-frames",
                "20000000", "--report", report.c_str(), static_cast<char*>(nullptr));
        std::_Exit(99);
    }
    std::string seen;
    bool asked = false;
    char some[4096];
    for (ssize_t got = 0; (got = ::read(terminal, some, sizeof some)) > 0;) { // until the program closes the terminal
        seen.append(some, static_cast<std::size_t>(got));
        if (!asked && contains(seen, "playing: ")) {
            ::kill(program, SIGINT);
            asked = true;
        }
    }
    int status = 0;
    ::waitpid(program, &status, 0);
    ::close(terminal);
    CHECK(asked);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 130);
    CHECK(contains(seen, "stopped by Ctrl-C"));
    const json r = json::parse(bytes_of(report));
    CHECK(r["interrupted"] == true);
    CHECK(r["steps"] > 0);
    CHECK(r["steps"] < 20000000);
    CHECK(r["step_ms"]["p50"] > 0);
}

TEST_CASE("field writes what NumPy reads: arrays [ix, iy] of one shape, edges, settings") {
    const recording_folder at;
    write_walk(at);
    const std::string out = at.file("out");
    const outcome got = run({"field", at.path(), "--bin-size", "10", "--out", out});
    INFO(got.err);
    REQUIRE(got.code == 0);
    CHECK(got.out.starts_with("many of "));
    CHECK(contains(got.out, "4 spikes used, 0 discarded"));
    const auto table = [&](const char* name) { return fieldreel::samples::open_npy(out + "/" + name); };
    const auto mask = table("mask.npy");
    CHECK(mask.shape(0) == table("edges_x.npy").size() - 1);
    CHECK(mask.shape(1) == table("edges_y.npy").size() - 1);
    const auto occupancy = table("occupancy.npy");
    const auto counts = table("counts.npy");
    const auto rate = table("rate.npy");
    double seconds = 0;
    double spikes = 0;
    double peak = 0;
    for (std::size_t i = 0; i < mask.shape(0); ++i) {
        for (std::size_t j = 0; j < mask.shape(1); ++j) {
            seconds += occupancy(i, j);
            spikes += counts(i, j);
            peak = rate(i, j) > peak ? rate(i, j) : peak;
            CHECK((mask(i, j) != 0 || std::isnan(rate(i, j))));
        }
    }
    const json settings = json::parse(bytes_of(out + "/settings.json"));
    CHECK(seconds == doctest::Approx(settings["seconds_counted"].get<double>()));
    CHECK(spikes == 4);
    CHECK(peak == doctest::Approx(settings["peak_rate_hz"].get<double>()));
    CHECK(settings["cell"] == "many");
    CHECK(settings["method"] == "diffusion_kde");
    CHECK(
        settings["bandwidth"].get<double>() ==
        doctest::Approx(2 * (std::max)(settings["bin_width_x"].get<double>(), settings["bin_width_y"].get<double>())));

    CHECK(refused({"field", at.path(), "--out", out}) ==
          out + " exists and is not empty; give another folder with --out, or --force to write over its files");
    CHECK(run({"field", at.path(), "--out", out, "--force", "--cell", "few", "--method", "binned", "--bandwidth", "0"})
              .code == 0);
    CHECK(json::parse(bytes_of(out + "/settings.json"))["spikes_used"] == 2);
    CHECK(refused({"field", at.path(), "--out", at.file("none"), "--bandwidth", "-1"}) ==
          "bandwidth is -1 for diffusion_kde; it must be a positive number in the units of the positions; two bin "
          "widths are usual, or use the method binned for no smoothing");
    CHECK_FALSE(std::filesystem::exists(at.file("none")));
}

TEST_CASE("a simulated linear track: info, profile and field work along the track") {
    const support::temporary_directory at;
    const std::string folder = at.file("lt");
    REQUIRE(
        run({"simulate", folder, "--task", "linear-track", "--minutes", "2", "--rate-hz", "50", "--cells", "8"}).code ==
        0);
    CHECK(contains(run({"info", folder}).out,
                   "track of 1 edge, 8.00 wide, 43 bins of at most 3.95, linear axis 0 to 170.00"));
    const json report = profiled({folder, "--playback-frames", "20"});
    CHECK(report["bins"] == 43);
    CHECK(profiled({folder, "--cell", "cell00", "--playback-frames", "20"})["bins"] == 43);
    const outcome got = run({"field", folder, "--cell", "cell00", "--out", at.file("field")});
    REQUIRE(got.code == 0);
    CHECK(contains(got.out, "bins of at most 3.953 cm along a track of 170.0 cm; "));
    const auto open = [&](const char* name) { return fieldreel::samples::open_npy(at.file("field") + "/" + name); };
    CHECK(open("rate.npy").size() == 43);
    CHECK(open("occupancy.npy").size() == 43);
    CHECK(open("counts.npy").size() == 43);
    CHECK(open("centers.npy").columns() == 2);
    const auto edges = open("linear_edges.npy");
    CHECK(edges.size() == 43);
    CHECK(edges(0, 0) == 0);
    CHECK(edges(42, 1) == 170);
    CHECK(open("linear_centers.npy")[0] == edges(0, 1) / 2);
    CHECK(!support::temporary_directory::exists(at.file("field") + "/mask.npy"));
    const json settings = json::parse(bytes_of(at.file("field") + "/settings.json"));
    CHECK(settings["space"] == "track");
    CHECK(settings["linear_length"] == 170);
    CHECK(settings["bins"] == 43);
}

namespace {

/// An arena of 40 x 40 walked through for 40 s; from sample 100 to 140 a straight line, from 200 to 210 one place,
/// a jump at 300; the head is turned by 0.9 against the movement.
void write_flawed_walk(const recording_folder& at) {
    std::vector<double> times, positions, heading;
    for (std::size_t i = 0; i < 400; ++i) {
        const double phase = static_cast<double>(i);
        times.push_back(0.1 * phase);
        positions.push_back(20 + 20 * std::sin(phase * 0.11));
        positions.push_back(20 + 20 * std::cos(phase * 0.07));
        heading.push_back(std::atan2(-20 * 0.07 * std::sin(phase * 0.07), 20 * 0.11 * std::cos(phase * 0.11)) + 0.9);
    }
    for (std::size_t axis = 0; axis < 2; ++axis) {
        for (std::size_t i = 101; i < 140; ++i) {
            const double from = positions[200 + axis];
            positions[2 * i + axis] = from + (positions[280 + axis] - from) * static_cast<double>(i - 100) / 40;
        }
        for (std::size_t i = 201; i <= 210; ++i) {
            positions[2 * i + axis] = positions[400 + axis];
        }
    }
    positions[600] += 300;
    at.npy("times.npy", times);
    at.npy("positions.npy", positions, {2});
    at.npy("head_direction.npy", heading);
    at.npy<double>("spikes_few.npy", {1, 2});
    at.npy<double>("spikes_many.npy", {3, 10.5, 11, 20.5, 6});
}

} // namespace

TEST_CASE("info tells of interpolated, still and lost stretches, jumps and the heading's offset, in the given units") {
    const recording_folder at;
    write_flawed_walk(at);
    const outcome got = run({"info", at.path()});
    CHECK(got.code == 0);
    for (const std::string line :
         {"interpolated     1 stretch of exactly constant steps over 5 samples or more, 4.0 s (10.0 % of the "
          "recording), the longest 4.000 s at 10.0 s; spikes inside: few 0, many 2\n"
          "                 the heading turns by constant steps in 0 of them\n",
          "still            1 stretch of one position for 0.5 s or more (asleep, or tracking is stuck), 1.0 s (2.5 "
          "% "
          "of "
          "the recording), the longest 1.000 s at 20.0 s; spikes inside: few 0, many 1\n",
          "jumps            3 steps faster than ",
          "the first at 21.000 s\n", // after it stood still, and to 300 and back
          " units/s (five times the 99th percentile of the usual speeds)",
          "                 movement minus recorded heading: -0.9", " units/s (half the median speed))\n",
          "Problems:\n"
          "- positions: 1 stretch of exactly constant steps: lost tracking was filled in with straight lines; "
          "--drop-interpolated treats it as lost again\n"
          "- positions: 3 steps are faster than an animal; look at them, and replace wrong positions by NaN\n"
          "- head direction: movement is -0.9"}) {
        CAPTURE(line);
        CHECK(contains(got.out, line));
    }
    CHECK_FALSE(contains(got.out, "cm"));
    CHECK(contains(got.out, " rad from it on average; correct it with --heading-offset-rad -0.9"));
    // With the option as it was told to type there is nothing to correct.
    const std::string option = got.out.substr(got.out.find("--heading-offset-rad ") + 21, 5);
    CHECK_FALSE(contains(run({"info", at.path(), "--heading-offset-rad", option}).out, "correct it with"));
    CHECK(contains(run({"info", at.path(), "--heading-speed", "500000"}).out,
                   "too few movements over 500000 units/s to compare it with (0)"));
    CHECK(refused({"info", at.path(), "--heading-speed", "-1"}) ==
          "min_heading_speed is -1; it must be 0 or more; leave it out for the default");
    at.write("session.json", R"({"fieldreel_session": 1, "units": "cm", "times": "times.npy",
        "positions": "positions.npy", "head_direction": "head_direction.npy"})");
    CHECK(contains(run({"info", at.path()}).out, " intervals over 10 cm/s)\n"));
}

TEST_CASE("info tells of positions outside the grid of the field, and of most of them being there") {
    const recording_folder at;
    write_field(at);
    CHECK_FALSE(contains(run({"info", at.path()}).out, "outside"));
    std::vector<double> positions; // a crooked path of which every fourth sample is in the grid of 40 x 40
    for (int i = 0; i < 400; ++i) {
        positions.push_back(i % 4 == 0 ? 20 + 10 * std::sin(i) : 100 + 10 * std::sin(i));
        positions.push_back(20 + 10 * std::cos(i));
    }
    at.npy("positions.npy", positions, {2});
    const std::string out = run({"info", at.path()}).out;
    CHECK(
        contains(out, "outside          300 positions outside the grid of the field (75.0 %), the first at 0.100 s\n"));
    CHECK(contains(
        out, "- positions: 75.0 % lie outside the grid of the field and count nowhere; are they in other units, or "
             "from another origin?\n"));
}

TEST_CASE("info tells what a tracker writes when it has lost the animal, and how far positions are rounded") {
    const recording_folder at;
    at.walk(2000);
    const auto walk = fieldreel::samples::open_npy(at.file("positions.npy"));
    std::vector<double> positions;
    for (std::size_t i = 0; i < 2000; ++i) {
        for (std::size_t axis = 0; axis < 2; ++axis) {
            positions.push_back(i % 25 == 7 ? -90 : walk(i, axis));
        }
    }
    at.npy("positions.npy", positions, {2});
    std::string out = run({"info", at.path()}).out;
    CHECK(contains(
        out,
        "placeholder      80 positions at exactly (-90, -90), jumped to and from 80 times, the first at 0.700 s\n"));
    CHECK(contains(
        out, "- positions: 160 steps are faster than an animal; look at them, and replace wrong positions by NaN\n"
             "- positions: 80 positions at exactly (-90, -90), jumped to and from 80 times: such a place stands for "
             "lost tracking; replace it by NaN in both columns\n"));
    CHECK_FALSE(contains(out, "\nrounded"));
    at.walk(2000);
    for (std::size_t i = 0; i < positions.size(); ++i) {
        positions[i] = std::round(100 * walk(i / 2, i % 2)) / 100;
    }
    at.npy("positions.npy", positions, {2});
    out = run({"info", at.path()}).out;
    CHECK(contains(out, "\nrounded          positions are rounded to 0.01 units; short or slow stretches that were "
                        "filled in with straight lines may be missed\n"));
    CHECK(contains(out, "No problems found."));
    at.npy("positions.npy", std::vector<double>(), {2});
    at.npy("times.npy", std::vector<double>());
    out = run({"info", at.path()}).out;
    CHECK(contains(out, "positions        none\n"));
    CHECK(contains(out, "- positions: there are none; check the file\n"));
    CHECK_FALSE(contains(out, "inf"));
}

TEST_CASE("info asks the track where positions are outside, and tells of spikes stored twice and of nothing but gaps") {
    const recording_folder at;
    at.walk();
    at.npy<double>("spikes_a.npy", {1, 2, 2, 3, 3});
    at.write("session.json",
             R"({"fieldreel_session": 1, "units": "", "times": "times.npy", "positions": "positions.npy",
        "spikes": [{"name": "a", "file": "spikes_a.npy"}, {"name": "b", "file": "spikes_a.npy"},
                   {"name": "b", "file": "spikes_a.npy"}],
        "track": {"nodes": [[500, 0], [600, 0], [600, 60]], "edges": [[0, 1], [1, 2]], "edge_spacing": 15,
                  "bin_size": 4, "width": 8}})");
    const std::string out = run({"info", at.path()}).out;
    CHECK(contains(out, "outside          400 positions outside the track (100.0 %), the first at 0.000 s\n"));
    CHECK(contains(out,
                   "- positions: 100.0 % lie outside the track and count nowhere; are they in other units, or from "
                   "another origin?\n"));
    CHECK(contains(out, "- a: 2 of 5 spikes repeat the time of another and count again; remove what was stored twice "
                        "(numpy.unique)\n"));
    CHECK(contains(out, "- 2 cells are named 'b' (numbers 1, 2); give them names of their own, or ask by number\n"));
    CHECK(contains(out, "40.00 units\n") == false);
    CHECK(contains(out, " units; 0 without tracking"));
    CHECK(refused({"field", at.path(), "--cell", "b", "--out", at.file("out")}) ==
          "the cell 'b' was asked for; 2 cells have this name; ask for one by its number (1, 2), or give them names of "
          "their own");
    const outcome field = run({"field", at.path(), "--cell", "2", "--out", at.file("out")});
    CHECK(field.code == 0);
    CHECK(contains(field.out, "b of "));
    CHECK(contains(field.out, ": no bin has a value (diffusion_kde, bandwidth 8 units)\n"));
    CHECK_FALSE(contains(field.out, "nan"));
    CHECK(contains(field.out, " along a track of 160.0 units (its axis has gaps and is 175.0 units long); "));

    const recording_folder gaps;
    gaps.walk(400, 0, 1);
    CHECK(
        contains(run({"info", gaps.path()}).out,
                 "- times: 399.0 of 399.0 s lie in steps over 0.5 s, which count nowhere; sample more often, or allow "
                 "them with --max-gap-s of field and profile\n"));
}

TEST_CASE("info names a heading that turns against the movement, at a speed that suits the units") {
    const recording_folder at;
    std::vector<double> times, positions, heading;
    for (std::size_t i = 0; i < 2000; ++i) {
        const double phase = 0.05 * static_cast<double>(i);
        times.push_back(phase);
        positions.push_back(0.5 + 0.3 * std::cos(phase)); // 0.3 units/s around a circle
        positions.push_back(0.5 + 0.3 * std::sin(phase));
        heading.push_back(std::remainder(-(phase + 1.5707963), 6.283185307179586));
    }
    at.npy("times.npy", times);
    at.npy("positions.npy", positions, {2});
    at.npy("head_direction.npy", heading);
    const std::string mirrored = "- head direction: it turns the other way than movement does (resultant 0.0";
    const std::string advice =
        "; 1.00 with the angle mirrored); is y down in one of the two? store -y or minus the angle\n";
    std::string out = run({"info", at.path()}).out;
    CHECK(contains(out, "(1999 intervals over 0.15 units/s (half the median speed))\n"));
    CHECK(contains(out, mirrored));
    CHECK(contains(out, advice));
    at.write("session.json", R"({"fieldreel_session": 1, "units": "m", "times": "times.npy",
        "positions": "positions.npy", "head_direction": "head_direction.npy"})");
    out = run({"info", at.path()}).out;
    CHECK(contains(out, "(1999 intervals over 0.1 m/s)\n"));
    CHECK(contains(out, mirrored));
    CHECK(contains(out, advice));
    at.npy("head_direction.npy", std::vector<double>(2000, 0.5));
    CHECK(contains(run({"info", at.path()}).out, "- head direction: it does not follow movement (resultant 0.0"));
}

TEST_CASE("field: the bins of a stored field, files of an earlier result, positions that stretch the arena") {
    const recording_folder at;
    write_field(at);
    const std::string spikes = at.npy<double>("spikes_a.npy", {1, 2, 3});
    outcome got = run({"field", at.path(), "--spikes", spikes, "--out", at.file("out")});
    CHECK(got.code == 0);
    CHECK(contains(got.out,
                   "note: bins of 10 x 10 units, those of 'field'; with --bin-size they are made of the positions\n"));
    json settings = json::parse(bytes_of(at.file("out/settings.json")));
    CHECK(settings["bins"] == 12);
    CHECK(settings["input"]["folder"] == at.path());
    CHECK(settings["input"]["spikes"] == json::array({spikes}));
    CHECK(settings["fieldreel"] == run({"--version"}).out.substr(0, settings["fieldreel"].get<std::string>().size()));
    CHECK(support::temporary_directory::exists(at.file("out/mask.npy")));
    got = run({"field", at.path(), "--spikes", spikes, "--out", at.file("out"), "--force", "--bin-size", "5"});
    CHECK_FALSE(contains(got.out, "those of 'field'"));

    // Afterwards over a track: nothing of the grid is left, and what is not ours stays.
    at.write("out/mine.txt", "kept");
    at.write("session.json", R"({"fieldreel_session": 1, "times": "times.npy", "positions": "positions.npy",
        "track": {"nodes": [[0, 20], [40, 20]], "edges": [[0, 1]], "bin_size": 4, "width": 40}})");
    CHECK(run({"field", at.path(), "--spikes", spikes, "--out", at.file("out"), "--force"}).code == 0);
    for (const std::string gone : {"mask.npy", "edges_x.npy", "edges_y.npy"}) {
        CAPTURE(gone);
        CHECK_FALSE(support::temporary_directory::exists(at.file("out/" + gone)));
    }
    CHECK(support::temporary_directory::exists(at.file("out/linear_edges.npy")));
    CHECK(support::temporary_directory::exists(at.file("out/mine.txt")));

    const recording_folder far;
    far.walk();
    const auto walk = fieldreel::samples::open_npy(far.file("positions.npy"));
    std::vector<double> positions;
    for (std::size_t i = 0; i < 800; ++i) {
        positions.push_back(i / 2 == 100 ? 1e6 : walk(i / 2, i % 2));
    }
    far.npy("positions.npy", positions, {2});
    far.npy<double>("spikes_a.npy", {1, 2, 3});
    const std::string stray =
        "1 position stretches the arena to 1e+06 x 1e+06, where the others lie within 40 x 40; if "
        "it is wrong, replace it by NaN";
    CHECK(contains(run({"field", far.path(), "--out", far.file("out")}).out, "note: " + stray + "\n"));
    CHECK(contains(refused({"field", far.path(), "--bin-size", "2", "--out", far.file("none")}),
                   " use a larger bin_size; but " + stray));
}

TEST_CASE("info checks a posterior: sums, negatives, NaN against 0, logarithms") {
    const recording_folder at;
    const float none = std::numeric_limits<float>::quiet_NaN();
    const auto info = [&](const std::vector<float>& values, const std::string& kind) {
        at.npy("p.npy", values, {2, 2});
        const outcome got = run({"info", "--field", at.file("p.npy"), "--frame-times",
                                 at.npy<double>("t.npy", {0, 1, 2}), "--field-order", "yx", "--field-kind", kind});
        CHECK(got.code == 0);
        return got.out;
    };
    const std::string good = info({0.25F, 0.25F, 0.5F, 0, none, none, none, none, 1, 0, 0, 0}, "posterior");
    CHECK(contains(good, "2 of 3 frames add up to 1 (within 0.001), 0 have values below 0, 1 are all NaN, 0 all 0, 0 "
                         "have NaN beside values\n"));
    const std::string bad = info({0.25F, 0.25F, 0.25F, 0, 0, 0, 0, 0, 2, -1, none, 0}, "posterior");
    CHECK(contains(bad, "1 of 3 frames add up to 1 (within 0.001), 1 have values below 0, 0 are all NaN, 1 all 0, 1 "
                        "have NaN beside values\n"));
    CHECK(contains(bad,
                   "- p: 1 frame with values below 0 (frame 2), which probabilities never are; check what was "
                   "stored, or state another kind\n"
                   "- p: 1 frame of 3 that do not add up to 1 (frame 0); sums go from 0.75 to 1; divide each frame "
                   "by its sum, or sum over the states that were left out\n"
                   "- p: 1 frame of zeros alone (frame 1); if nothing was decoded there, store NaN: a 0 is drawn "
                   "as a probability of 0\n"));
    std::vector<float> logs;
    for (int frame = 0; frame < 3; ++frame) {
        for (const float p : {0.1F, 0.2F, 0.3F, 0.4F}) {
            logs.push_back(std::log(p));
        }
    }
    CHECK(
        contains(info(logs, "posterior"),
                 "- p: the values are logarithms of probabilities (none is above 0, and their exponentials add up to 1 "
                 "in every frame); store numpy.exp of them to see probabilities\n"));
    CHECK(contains(info(logs, "other"), "is it the logarithm of a posterior? store numpy.exp of it\n"));
    CHECK(contains(info({1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0}, "other"),
                   "is it a posterior? say so with --field-kind posterior\n"));
    CHECK_FALSE(contains(info({1, 2, 3, 4, 1, 0, 0, 0, 1, 0, 0, 0}, "other"), "posterior"));
}

TEST_CASE("dropping interpolated stretches: profile and field say how much, the settings record it") {
    const recording_folder at;
    write_flawed_walk(at);
    const std::string note =
        "note: dropped 1 interpolated stretch (4.0 s, 10.0 % of the recording, 2 spikes of many)\n";
    CHECK(contains(run({"profile", at.path(), "--drop-interpolated"}).out, note));
    CHECK_FALSE(contains(run({"profile", at.path()}).out, "dropped"));
    const json whole = profiled({at.path()});
    const json dropped = profiled({at.path(), "--drop-interpolated"});
    CHECK(whole["checksum"] != dropped["checksum"]);
    CHECK(whole["place_field"]["drop_interpolated"] == false);
    CHECK(whole["place_field"]["spikes_used"] == 5);
    CHECK_FALSE(whole["place_field"].contains("dropped"));
    CHECK(dropped["place_field"]["spikes_used"] == 3);
    CHECK(dropped["place_field"]["spikes_discarded"]["lost_tracking"] == 2);
    CHECK(dropped["bins"] == whole["bins"]);

    const std::string out = at.file("out");
    const outcome got = run({"field", at.path(), "--drop-interpolated", "--out", out});
    REQUIRE(got.code == 0);
    CHECK(contains(got.out, note));
    CHECK(contains(got.out, "3 spikes used, 2 discarded: 2 in lost tracking; 35.9 of 39.9 s counted\n"));
    const json settings = json::parse(bytes_of(out + "/settings.json"));
    CHECK(settings["drop_interpolated"] == true);
    CHECK(settings["dropped"]["stretches"] == 1);
    CHECK(settings["dropped"]["seconds"].get<double>() == doctest::Approx(4));
    CHECK(settings["dropped"]["spikes"] == 2);
}

TEST_CASE("profile makes the place field as field does, with the same options and the same words") {
    const recording_folder at;
    write_walk(at);
    const auto agree = [&](const words& options) {
        const support::temporary_directory to;
        words field{"field", at.path(), "--out", to.file("out")};
        words profile{"profile", at.path()};
        words report{at.path()};
        for (words* each : {&field, &profile, &report}) {
            each->insert(each->end(), options.begin(), options.end());
        }
        const outcome made = run(field);
        REQUIRE(made.code == 0);
        std::string sentences = made.out.substr(0, made.out.rfind(to.file("out")));
        const std::size_t start = sentences.find("many of ");
        REQUIRE(start != std::string::npos);
        CHECK(contains(run(profile).out, sentences.substr(start)));
        json settings = json::parse(bytes_of(to.file("out/settings.json")));
        settings.erase("recording");
        settings.erase("command");
        const json played = profiled(report)["place_field"];
        settings.erase("input"); // of files only
        settings.erase("fieldreel");
        CHECK(played == settings);
        return played;
    };
    const json usual = agree({"--bin-size", "5"});
    CHECK(usual["method"] == "diffusion_kde");
    CHECK(usual["min_occupancy_s"] == 0.1);
    CHECK(usual["max_gap_s"] == 0.5);
    CHECK(usual["min_speed"] == 0);
    CHECK(usual["bandwidth"].get<double>() ==
          doctest::Approx(2 * (std::max)(usual["bin_width_x"].get<double>(), usual["bin_width_y"].get<double>())));
    const json other = agree({"--bin-size", "5", "--method", "binned", "--bandwidth", "0", "--min-occupancy-s", "0.3",
                              "--max-gap-s", "0.09", "--min-speed", "2"});
    CHECK(other["method"] == "binned");
    CHECK(other["bandwidth"] == 0);
    CHECK(other["seconds_counted"] == 0);
    CHECK(other["spikes_discarded"]["in_gap"] == 4);
    CHECK(agree({"--min-speed", "1000"})["spikes_discarded"]["too_slow"] == 4);
    CHECK(agree({"--method", "gaussian_kde", "--bandwidth", "3"})["bandwidth"] == 3);
    const outcome got = run({"profile", at.path(), "--bin-size", "10", "--method", "binned", "--bandwidth", "0"});
    const std::string name = std::filesystem::path(at.path()).filename().string();
    CHECK(contains(got.out, "many of " + name + ": peak "));
    CHECK(contains(got.out, " (binned, not smoothed)\nbins of 10."));
    CHECK(contains(got.out, " have no value (least time 0.1 s)\n4 spikes used, 0 discarded; 39.9 of 39.9 s counted\n"));
    CHECK(refused({"profile", at.path(), "--bandwidth", "-1"}) ==
          "bandwidth is -1 for diffusion_kde; it must be a positive number in the units of the positions; two bin "
          "widths are usual, or use the method binned for no smoothing");
    CHECK(refused({"profile", at.path(), "--max-gap-s", "0"}) ==
          "max_gap_s is 0; it must be positive, in seconds; use infinity for no limit");
}

TEST_CASE("recorded animals, where their files are") {
    const std::string data = std::string(FIELDREEL_SHARED_DIR) + "/data/";
    if (!std::filesystem::exists(data)) {
        MESSAGE("skipped: no ", data);
        return;
    }
    const json mouse = profiled({data + "openfield_mouse_M12_2018-04-10", "--bin-size", "4"});
    CHECK(mouse["frames"] == 47757);
    CHECK(mouse["cell"] == "cell02");
    CHECK(mouse["field"]["kind"] == "rate");
    const std::string info = run({"info", data + "openfield_mouse_M12_2018-04-10"}).out;
    CHECK(contains(info, "1 cell, 6061 spikes"));
    CHECK(contains(info,
                   "interpolated     219 stretches of exactly constant steps over 5 samples or more, 193.7 s (12.2 "
                   "% of the recording), the longest 20.513 s at 1541.4 s; spikes inside: cell02 297\n"));
    CHECK(contains(info, "correct it with --heading-offset-rad -0.79\n")); // over half the median speed
    CHECK(contains(run({"info", data + "openfield_mouse_M12_2018-04-10", "--heading-speed", "10"}).out,
                   "correct it with --heading-offset-rad -0.78\n"));
    CHECK(contains(
        run({"profile", data + "openfield_mouse_M12_2018-04-10", "--drop-interpolated"}).out,
        "note: dropped 219 interpolated stretches (193.7 s, 12.2 % of the recording, 297 spikes of cell02)\n"));
    CHECK(profiled({data + "openfield_rat_sargolini"})["frames"] == 29800);
    CHECK(contains(run({"info", data + "openfield_rat_sargolini"}).out, "No problems found."));
}

TEST_CASE("info tells of regions and of a decoder's states") {
    const recording_folder at;
    at.npy<double>("times.npy", {0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5});
    at.npy<double>("positions.npy", {5, 5, 5, 5, 15, 5, 35, 5, 35, 5, 5, 5, 15, 15, 15, 15}, {2});
    at.npy<double>("stacked.npy", {0.25, 0.25, 0.25, 0.25, 0.5, 0.25, 0.125, 0.125}, {4});
    at.write("session.json", R"({"fieldreel_session": 1, "times": "times.npy", "positions": "positions.npy",
        "max_gap_s": 1,
        "regions": [{"name": "start", "polygon": [[0, 0], [10, 0], [10, 10], [0, 10]]},
                    {"name": "goal", "point": [35, 5], "radius": 2.5}, {"name": "far", "point": [90, 5], "radius": 1}],
        "fields": [{"file": "stacked.npy", "name": "decoded", "rate_hz": 2, "order": "active",
                    "grid": {"edges_x": [0, 20, 40], "edges_y": [0, 20]}, "states": ["moving", "jumping"]}]})");
    const outcome got = run({"info", at.path()});
    CHECK(got.code == 0);
    CHECK(contains(got.out,
                   "regions          start: polygon of 4 corners, 1.5 s (42.9 % of the tracked time), 2 visits, "
                   "0.8 s each, the longest 1.0 s\n"));
    CHECK(contains(got.out, "goal: disc of radius 2.5 at (35, 5), 1.0 s (28.6 % of the tracked time), 1 visit, 1.0 s "
                            "each, the longest 1.0 s\n"));
    CHECK(contains(got.out, "far: disc of radius 1 at (90, 5), 0.0 s (0.0 % of the tracked time), 0 visits\n"));
    CHECK(contains(got.out, "mean probability of each state: moving 0.625 (2 bins), jumping 0.375 (2 bins)\n"));
    CHECK(contains(got.out, "shown: the sum of all states\n"));
    CHECK(contains(got.out, "No problems found."));
    const json report = profiled({at.path()});
    CHECK(report["bins"] == 2);
    // Times that do not increase, far from the ends, are told of, and the rest is still there.
    at.walk();
    std::vector<double> times(400);
    for (std::size_t i = 0; i < 400; ++i) {
        times[i] = 0.125 * static_cast<double>(i - (i >= 250 ? 1 : 0));
    }
    at.npy("times.npy", times);
    const outcome wrong = run({"info", at.path()});
    CHECK(contains(wrong.out, "- regions: times[250] is 31.125 after 31.125; times must increase; sort the samples by "
                              "time and remove duplicates\n"));
    CHECK(contains(wrong.out, "mean probability of each state"));
}

TEST_CASE("without units no sentence speaks of cm") {
    const recording_folder at;
    write_walk(at);
    for (const words& arguments : {words{"info", at.path()},
                                   {"profile", at.path()},
                                   {"profile", at.path(), "--bin-size", "0"},
                                   {"profile", at.path(), "--bin-size", "500"},
                                   {"field", at.path(), "--out", at.file("out")},
                                   {"field", at.path(), "--out", at.file("out2"), "--bandwidth", "-1"}}) {
        const outcome got = run(arguments);
        CAPTURE(arguments.size());
        CHECK_FALSE(contains(got.out + got.err, " cm"));
        CHECK_FALSE(contains(got.out + got.err, "cm/s"));
        CHECK(contains(got.out + got.err, "units"));
    }
    CHECK(json::parse(bytes_of(at.file("out/settings.json")))["units"] == "units");
}

TEST_CASE("field: spikes and options that a person gets wrong") {
    const double nan_value = std::numeric_limits<double>::quiet_NaN();
    const recording_folder at;
    at.walk(); // 0 to 39.9 s
    const auto settings = [&](const std::vector<double>& spikes, words more = {}) {
        at.npy("spikes_a.npy", spikes);
        words arguments{"field", at.path(), "--out", at.file("out"), "--force"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const outcome got = run(arguments);
        INFO(got.err);
        REQUIRE(got.code == 0);
        return json::parse(bytes_of(at.file("out/settings.json")));
    };
    // before, on the first, unsorted, twice the same, on the last, after, NaN
    const json mixed = settings({-1, 0, 20, 10, 10, 39.9, 40, nan_value});
    CHECK(mixed["spikes_used"] == 5);
    CHECK(mixed["spikes_discarded"]["outside_time"] == 2);
    CHECK(mixed["spikes_discarded"]["nan_time"] == 1);
    const json none = settings({});
    CHECK(none["spikes_used"] == 0);
    CHECK(none["peak_rate_hz"] == 0);
    const json elsewhere = settings({100, 101});
    CHECK(elsewhere["spikes_discarded"]["outside_time"] == 2);
    CHECK(elsewhere["peak_rate_hz"] == 0);
    // A bandwidth far beyond the arena: the mean everywhere.
    const json wide = settings({5, 10, 15, 20}, {"--bandwidth", "1e9", "--method", "gaussian_kde"});
    CHECK(wide["peak_rate_hz"].get<double>() == doctest::Approx(wide["mean_rate_hz"].get<double>()));
    // Every interval is a gap: no time anywhere, no rate anywhere.
    const json timeless = settings({5, 10}, {"--max-gap-s", "0.01"});
    CHECK(timeless["peak_rate_hz"].is_null());
    CHECK(timeless["mean_rate_hz"].is_null());
    CHECK(timeless["bins_masked"] == timeless["bins"]);
    CHECK(timeless["spikes_discarded"]["in_gap"] == 2);
    CHECK(contains(run({"field", at.path(), "--out", at.file("out"), "--force", "--max-gap-s", "0.01"}).out,
                   "of 39.9 s 0.0 s count (39.9 s in gaps, 0.0 s without tracking, 0.0 s "
                   "outside, 0.0 s too slow), and a bin needs 0.1 s\n"));

    const auto field = [&](const words& more) {
        words arguments{"field", at.path(), "--out", at.file("out"), "--force"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return refused(arguments);
    };
    const std::string positive = " for diffusion_kde; it must be a positive number in the units of the positions; two "
                                 "bin widths are usual, or use the method binned for no smoothing";
    CHECK(field({"--bandwidth", "0"}) == "bandwidth is 0" + positive);
    CHECK(field({"--bandwidth", "-2"}) == "bandwidth is -2" + positive);
    CHECK(field({"--bandwidth", "inf"}) == "bandwidth is inf" + positive);
    CHECK(field({"--bandwidth", "nan"}) == "bandwidth is nan; it must be a positive number in the units of the "
                                           "positions; leave --bandwidth out for two bins");
    CHECK(field({"--max-gap-s", "0"}) == "max_gap_s is 0; it must be positive, in seconds; use infinity for no limit");
    CHECK(field({"--min-speed", "-1"}) == "min_speed is -1; it must be 0 or more, in the units of the positions per "
                                          "second; use 0 for no limit");
    CHECK(field({"--min-occupancy-s", "-1"}) ==
          "min_occupancy_s is -1; it must be 0 or more seconds; use 0 for no limit");
}

TEST_CASE("profile: a slowed source is named as the cause of the freezes") {
    const json r = profiled(
        {"--simulate", "--frames", "200", "--source-latency-ms", "130", "--policy", "lru", "--playback-frames", "25"});
    const json& program = r["program_stutter"];
    CHECK(program["pacing"] == "predicted");
    CHECK(program["target_fps"] == 30);
    CHECK(program["shown"] == 25);
    CHECK(program["freezes_over_100_ms"] == 2); // of three chunks the first is read before
    CHECK(program["longest_freeze"]["cause"]["cause"] == "source");
    CHECK(program["longest_freeze"]["cause"]["stage"] == "read");
    CHECK(program["longest_step"]["waits"]["cache_stalls"] >= 1);
    CHECK_FALSE(program.contains("per_frame"));
    CHECK(contains(r["conclusion"][0].get<std::string>(),
                   "waited for the source, which --source-latency-ms slows by 130 ms a read"));
    CHECK(contains(r["conclusion"][0].get<std::string>(), "try --policy playhead, which reads ahead."));
}

TEST_CASE("profile: play is paced by a clock, and tells each frame") {
    const recording_folder at;
    write_walk(at);
    const json r = profiled(
        {at.path(), "--mode", "play", "--fps", "500", "--seconds", "0.1", "--speed", "20", "--range", "0s:30s"});
    const json& program = r["program_stutter"];
    CHECK(program["pacing"] == "clock");
    CHECK(program["target_fps"] == 500);
    const std::size_t shown = program["shown"];
    CHECK(shown >= 1);
    CHECK(shown <= 50); // a busy machine misses some
    CHECK(r["steps"] == shown);
    for (const char* what : {"frame", "due_ms", "shown_ms", "late_by_ms"}) {
        CHECK(program["per_frame"][what].size() == shown);
    }
    CHECK(program["per_frame"]["due_ms"][0] == 0);
    CHECK(program["per_frame"]["shown_ms"][0] > 0);
    CHECK(program["pass"] == "only");
    const outcome random = run({"profile", at.path(), "--mode", "play", "--access", "random"});
    CHECK(random.code == 2);
    CHECK(contains(random.err, "--mode play plays by a clock: --access sequential or loop; leave out --mode play for "
                               "random"));
    CHECK(contains(run({"profile", at.path(), "--mode", "play", "--steps-per-s", "60"}).err,
                   "leave out --mode play to show every frame at --steps-per-s"));
}

TEST_CASE("profile: the data's own stutter") {
    const recording_folder at;
    write_field(at);
    std::vector<double> times;
    for (int i = 0; i < 400; ++i) {
        times.push_back(0.1 * i + (i >= 200 ? 0.3 : 0));
    }
    at.npy("times.npy", times);
    const json data = profiled({at.path(), "--playback-frames", "5"})["data_stutter"];
    CHECK(data["field_times"]["samples"] == 2);
    CHECK(data["frames_equal_to_the_one_before"]["compared"] == 1);
    CHECK(data["frames_equal_to_the_one_before"]["equal"] == 0);
    CHECK(data["judder"]["of"] == "field");
    const recording_folder walk;
    write_walk(walk);
    walk.npy("times.npy", times);
    const json whole = profiled({walk.path(), "--playback-frames", "5"})["data_stutter"];
    CHECK(whole["position_times"]["samples"] == 400);
    CHECK(whole["position_times"]["steps_over_1.5_medians"] == 1);
    CHECK(whole["position_times"]["longest_step_ms"].get<double>() == doctest::Approx(400));
    CHECK(whole["position_times"]["longest_at_s"].get<double>() == doctest::Approx(19.9));
    CHECK(whole["field_is_one_picture"] == true);
    CHECK(whole["tracking"]["lost"]["stretches"] == 0);
    const json part = profiled({walk.path(), "--playback-frames", "5", "--range", "1s:10s"})["data_stutter"];
    CHECK(part["position_times"]["steps_over_1.5_medians"] == 0);
    CHECK(part["position_times"]["samples"] < 100);
}

TEST_CASE("profile: an evicted file is named, and the report stands alone") {
    const recording_folder at;
    write_field(at);
    constexpr std::size_t frames = 100'000; // 6.4 MB
    std::vector<float> values(frames * 16);
    std::vector<double> times(frames);
    for (std::size_t i = 0; i < frames; ++i) {
        values[16 * i] = static_cast<float>(i % 7);
        times[i] = 1e-3 * static_cast<double>(i);
    }
    at.npy("field.npy", values, {16});
    at.npy("frame_times.npy", times);
    const json r = profiled({at.path(), "--cold", "--playback-frames", "300", "--access", "random"});
    REQUIRE(r["earlier_passes"].size() == 1);
    const json& cold = r["earlier_passes"][0];
    CHECK(cold["pass"] == "cold");
    CHECK(r["program_stutter"]["pass"] == "warm");
    if (!contains(r["notes"].dump(), "the first pass")) { // the file system let go
        CHECK(cold["inputs_in_memory_before"].get<double>() < 0.02);
        CHECK(cold["time"]["major_faults"].get<std::size_t>() + cold["time"]["read_bytes"].get<std::size_t>() > 0);
        const std::string cause = cold["longest_step"]["cause"]["cause"];
        CHECK((cause == "disk" || cause == "processor")); // the latter on a busy machine
    } else {
        MESSAGE(r["notes"].dump());
    }
    bool found = false;
    for (const json& input : r["inputs"]) {
        found = found || input["file"].get<std::string>().ends_with("field.npy");
        CHECK_FALSE(input["file_system"].get<std::string>().empty());
        CHECK(input["bytes"] > 0);
    }
    CHECK(found);
    CHECK(r["frame_bytes"] == 12 * sizeof(float)); // the active bins
    CHECK(r["machine"]["opengl"] == "not used");
    CHECK(r["machine"]["libraries"].contains("xtensor"));
    CHECK(r["machine"]["cores"] >= 1);
}
