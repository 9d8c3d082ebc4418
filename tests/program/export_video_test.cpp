// SPDX-License-Identifier: MIT
// fieldreel export to films and fieldreel join, run as their users run them.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/wait.h>

#include <doctest/doctest.h>

#include "support/recording_folder.hpp"

using support::bytes_of;
using support::recording_folder;
using words = std::vector<std::string>;

namespace {

struct outcome {
    int code = -1;
    std::string out, err;
};

outcome run(const words& arguments, const std::string& before = "", const std::string& after = "") {
    const support::temporary_directory at;
    // Fontconfig keeps what it allocates, which is no leak of the program.
    std::string command = before + " ASAN_OPTIONS=\"$ASAN_OPTIONS:detect_leaks=0\" '" FIELDREEL_PROGRAM "'";
    for (const std::string& word : arguments) {
        command += " '" + word + "'";
    }
    command += " >" + at.file("out") + " 2>" + at.file("err") + after;
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128, bytes_of(at.file("out")), bytes_of(at.file("err"))};
}

/// A walk of 40 s with one cell, and the command that films all or some of it.
struct filmed_walk : recording_folder {
    filmed_walk() {
        walk();
        npy<double>("spikes_one.npy", {3, 4, 5, 6});
    }
    words film(const std::string& name, const words& more = {}) const {
        words out{"export",  path(),     file(name),  "--range",     "5s:9s", "--size",
                  "320x240", "--preset", "ultrafast", "--segment-s", "1"};
        out.insert(out.end(), more.begin(), more.end());
        return out;
    }
    std::string refused(const words& arguments) const {
        const outcome got = run(arguments);
        return got.code == 1 && got.err.starts_with("fieldreel: ") ? got.err.substr(11, got.err.size() - 12)
                                                                   : "not refused: " + got.out + got.err;
    }
};

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("workers, shards and a dry run of one film") {
    const filmed_walk at;
    const outcome planned = run(at.film("film.mp4", {"--dry-run"}));
    CHECK(planned.code == 0);
    CHECK(contains(planned.out, "film.mp4 would have 120 frames, last 4.00 s and be about "));
    CHECK_FALSE(std::filesystem::exists(at.file("film.mp4")));
    const outcome made = run(at.film("film.mp4", {"--workers", "2"}));
    INFO(made.err);
    REQUIRE(made.code == 0);
    CHECK(made.err.empty());
    CHECK(contains(made.out, "film.mp4: 120 frames, 4.00 s at 30 frames/s, "));
    REQUIRE(run(at.film("alone.mp4", {"--workers", "1"})).code == 0);
    CHECK((bytes_of(at.file("film.mp4")) == bytes_of(at.file("alone.mp4"))));
    for (const std::string shard : {"2/3", "1/3", "3/3"}) {
        CHECK(run(at.film("shards.mp4", {"--shard", shard})).code == 0);
    }
    const outcome joined = run({"join", at.file("shards.mp4")});
    CHECK(joined.code == 0);
    CHECK(joined.err.empty());
    CHECK(contains(joined.out, "shards.mp4: 120 frames of 4 segments joined, "));
    CHECK((bytes_of(at.file("film.mp4")) == bytes_of(at.file("shards.mp4"))));
    CHECK(run(at.film("slow.mp4", {"--speed", "0.5"})).out.find("slow.mp4: 240 frames, 8.00 s") != std::string::npos);
    // 2:00 and frame numbers mean the same moments.
    REQUIRE(run({"export", at.path(), at.file("a.mp4"), "--range", "0:05:0:06", "--size", "320x240"}).code == 0);
    REQUIRE(run({"export", at.path(), at.file("b.mp4"), "--range", "5s:6s", "--size", "320x240"}).code == 0);
    CHECK((bytes_of(at.file("a.mp4")) == bytes_of(at.file("b.mp4"))));
}

TEST_CASE("a stopped export ends with 130 and is resumed to the same film") {
    const filmed_walk at;
    const words all{"--range", "0s:39s", "--segment-s", "0.5", "--workers", "1"};
    REQUIRE(run(at.film("whole.mp4", all)).code == 0);
    words film = at.film("film.mp4", all);
    bool stopped = false;
    for (const std::string after : {"0.4", "0.2", "0.1", "0.05"}) { // one of them comes in time
        std::filesystem::remove(at.file("film.mp4"));
        std::filesystem::remove_all(at.file("film.mp4.parts"));
        const outcome got = run(film, "timeout --foreground --preserve-status -s INT " + after + " env");
        if (got.code == 130 && std::filesystem::exists(at.file("film.mp4.parts"))) {
            stopped = true;
            CHECK(got.err == "fieldreel: the export was stopped; what is finished is kept in " +
                                 at.file("film.mp4.parts") + ", continue with --resume\n");
            CHECK(at.refused(film) == at.file("film.mp4.parts") +
                                          " holds an unfinished export; continue it with --resume, or begin again with "
                                          "--force");
            words other = film;
            other.insert(other.end(), {"--resume", "--crf", "30"});
            CHECK(contains(at.refused(other),
                           ".parts was begun with other settings: crf was 18.0 and is 30.0; use the "));
            break;
        }
    }
    WARN(stopped);
    film.push_back("--resume");
    CHECK(run(film).code == 0);
    CHECK((bytes_of(at.file("film.mp4")) == bytes_of(at.file("whole.mp4"))));
    CHECK(run(film).code == 0); // complete already
    film.insert(film.end(), {"--crf", "30"});
    CHECK(at.refused(film) == at.file("film.mp4") +
                                  " is finished and was made with other settings: crf was 18.0 and is 30.0; choose "
                                  "another name, or begin again with --force");
}

TEST_CASE("films that cannot be are refused with what can") {
    const filmed_walk at;
    const auto refused = [&](const words& more) { return at.refused(at.film("film.mp4", more)); };
    CHECK(contains(refused({"--range", "12"}), "the range '12' is a bare number, which may be seconds or frames"));
    CHECK(contains(refused({"--range", "5:7"}), "is made of bare numbers"));
    CHECK(contains(refused({"--range", "1:00:00:59:59"}), "is made of bare numbers"));
    CHECK(contains(refused({"--range", "3000s:3090s"}), "(3000 s to 3090 s) lies outside the recording"));
    CHECK(refused({"--range", "9s:5s"}) ==
          "the range '9s:5s' ends at 5 s, before it starts at 9 s; give the start first");
    CHECK(contains(refused({"--speed", "0"}), "the speed is 0; it must be above 0"));
    CHECK(refused({"--fps", "0"}) == "fps is 0; it must be from 0.001 to 1000 frames per second");
    CHECK(contains(refused({"--codec", "av1"}),
                   "the codec 'av1' was asked for; there are h264, h265, vp9, mpeg4; choose one of them"));
    CHECK(contains(refused({"--size", "321x240"}), "both sides must be even"));
    CHECK(refused({"--shard", "0/3"}) == "the shard '0/3' was asked for; give i/n with i from 1 to n, as 3/8");
    CHECK(contains(refused({"--frame", "3"}), "--frame was given for the film"));
    CHECK(
        contains(at.refused({"export", at.path(), at.file("a.png"), "--fps", "3"}), "--fps was given for the picture"));
    CHECK(contains(at.refused({"export", at.path(), at.file("a.avi")}),
                   "films as .mp4, .mkv, .webm, pages as .html; name one of these"));
    CHECK(contains(at.refused({"join", at.file("film.mp4")}), ".parts holds no unfinished film"));
    at.write("film.mp4", "mine");
    CHECK(refused({}) == at.file("film.mp4") + " exists; give another name, or --force to write over it");
    CHECK(bytes_of(at.file("film.mp4")) == "mine");
    CHECK(run(at.film("film.mp4", {"--force"})).code == 0);
}
