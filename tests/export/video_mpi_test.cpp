// SPDX-License-Identifier: MIT
// One film by several ranks. Runs under mpirun, each rank all cases; the folder is the same for all.
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

#include <fieldreel/export/video_mpi.hpp>

#include "support/sentence.hpp"
#include "support/stamped_film.hpp"
#include "support/temporary_directory.hpp"

using namespace fieldreel;
using support::stamped_pictures;

// Open MPI keeps memory until the end, some of it in plug-ins that are gone by then, so no list of names can tell it
// apart. What is tested here is tested for leaks with the films of one process.
extern "C" int __lsan_is_turned_off();
extern "C" int __lsan_is_turned_off() {
    return 1;
}

namespace {

constexpr std::size_t frames = 100; // seven segments of 15

const mpi_environment& ranks() {
    static const mpi_environment environment;
    return environment;
}
/// A name in the folder of these tests, the same on all ranks.
std::string file(const std::string& name) {
    const char* const folder = std::getenv("FIELDREEL_MPI_DIR");
    return (folder != nullptr ? std::string(folder) : "/tmp/fieldreel_mpi_test") + "/" + name;
}
void begin_in_empty_folder() {
    if (ranks().rank() == 0) {
        std::filesystem::remove_all(file(""));
        std::filesystem::create_directories(file(""));
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

export_options options(const std::string& name) {
    export_options o;
    o.path = file(name);
    o.settings.size = stamped_pictures::size;
    o.settings.preset = "veryfast";
    o.settings.segment_s = 0.5;
    o.frame_count = frames;
    o.workers = 1;
    return o;
}
frame_maker stamps() {
    return [draw = stamped_pictures()](std::size_t k) mutable { return draw(k); };
}
frame_maker failing() {
    return [draw = stamped_pictures()](std::size_t k) mutable {
        if (k / 15 == 4) { // of rank 1 of 3
            throw std::runtime_error("no such frame");
        }
        return draw(k);
    };
}

void check_film(const std::string& path) {
    if (ranks().rank() != 0) {
        return;
    }
    export_options alone = options("alone.mp4");
    alone.replace = true;
    export_video(alone, stamps);
    CHECK((support::packets_of(path) == support::packets_of(alone.path)));
    CHECK((support::bytes_of(path) == support::bytes_of(alone.path)));
    CHECK(support::wrong_frames(support::decode(path), frames, 30) == "");
    CHECK_FALSE(std::filesystem::exists(path + ".parts"));
}

} // namespace

TEST_CASE("all ranks make one film with the packets of a single process" *
          doctest::skip(std::getenv("FIELDREEL_MPI_KILL") != nullptr)) {
    begin_in_empty_folder();
    const export_report report = export_video_mpi(options("film.mp4"), stamps);
    CHECK(report.complete);
    CHECK(report.segments == 7);
    CHECK(report.segments_made == 7);
    check_film(file("film.mp4"));
}

TEST_CASE("a rank that fails leaves what the others made, and everybody knows" *
          doctest::skip(std::getenv("FIELDREEL_MPI_KILL") != nullptr)) {
    begin_in_empty_folder();
    export_options o = options("film.mp4");
    const std::string sentence = support::sentence_of<video_error>([&] { export_video_mpi(o, failing); });
    const std::string its = "frame 60 could not be drawn: no such frame; what is finished is kept in " + o.path +
                            ".parts, continue with --resume";
    if (ranks().size() == 3) {
        CHECK(sentence == (ranks().rank() == 1 ? its : "rank 1: " + its));
    }
    CHECK_FALSE(std::filesystem::exists(o.path));
    MPI_Barrier(MPI_COMM_WORLD);
    o.resume = true;
    export_video_mpi(o, stamps);
    check_film(o.path);
    MPI_Barrier(MPI_COMM_WORLD);
    CHECK(export_video_mpi(o, failing).segments_made == 0); // nothing is left to do
}

TEST_CASE("what rank 0 refuses, all refuse" * doctest::skip(std::getenv("FIELDREEL_MPI_KILL") != nullptr)) {
    begin_in_empty_folder();
    export_options o = options("no/film.mp4");
    const std::string its = o.path + " cannot be written: there is no folder " + file("no") + "; make it first";
    CHECK(support::sentence_of<error>([&] { export_video_mpi(o, stamps); }) ==
          (ranks().rank() == 0 ? its : "rank 0: " + its));
    o = options("film.mp4");
    o.settings.crf = 99;
    CHECK(support::sentence_of<error>([&] { export_video_mpi(o, stamps); }).find("crf is 99") != std::string::npos);
}

// The first of two runs: rank 1 dies, and mpirun ends the others. The second resumes.
TEST_CASE("a rank dies" * doctest::skip(std::getenv("FIELDREEL_MPI_KILL") == nullptr)) {
    ranks();
    if (std::string(std::getenv("FIELDREEL_MPI_KILL")) == "die") {
        begin_in_empty_folder();
        export_video_mpi(options("killed.mp4"), [] {
            return [draw = stamped_pictures()](std::size_t k) mutable {
                if (k == 62 && ranks().rank() == 1) {
                    ::raise(SIGKILL);
                }
                return draw(k);
            };
        });
        FAIL("rank 1 lives");
    }
    export_options o = options("killed.mp4");
    CHECK_FALSE(std::filesystem::exists(o.path));
    CHECK(std::filesystem::exists(o.path + ".parts/film.json"));
    MPI_Barrier(MPI_COMM_WORLD);
    o.resume = true;
    export_video_mpi(o, stamps);
    check_film(o.path);
}
