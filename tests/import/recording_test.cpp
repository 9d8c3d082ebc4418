// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/import/deeplabcut.hpp>
#include <fieldreel/import/recording.hpp>
#include <fieldreel/session/session.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/raw_movie.hpp>
#include <fieldreel/source/timed.hpp>

#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using support::sentence_of;
using support::temporary_directory;

namespace {

fr::pose_tracks pose(std::size_t frames) {
    fr::pose_track animal{.name = "a", .keypoints = {"nose", "tail"}, .has_likelihood = true};
    for (std::size_t i = 0; i < frames; ++i) {
        const double x = static_cast<double>(i);
        animal.values.insert(animal.values.end(), {x, 10, 0.5, x + 5, 20, 1});
    }
    return {.animals = {animal}, .edges = {{"nose", "tail"}}};
}
/// A film of 4 frames of 40 x 60 pixels.
fr::any_source film() {
    const fr::any_source frames = fr::tile(std::vector<std::uint8_t>(40 * 60), 4);
    return fr::any_source(fr::detail::shaped_frames<fr::any_source::typed<std::uint8_t>>(frames.as<std::uint8_t>(),
                                                                                         fr::image_shape{40, 60})) |
           fr::timed(std::vector<double>{1, 1.04, 1.09, 1.12});
}

} // namespace

TEST_CASE("recording: tables in text are positions, events or intervals by the names of their columns") {
    const temporary_directory at;
    fr::recording_import found({.units_per_s = 1000});
    fr::import_csv(found, at.write("path.csv", "Time,X,Y,head_direction\n0,1,2,0.5\n40,3,4,0.6\n80,,,0.7\n"));
    fr::import_csv(found, at.write("licks.csv", "time,label\n70,left\n10,right\n30,left\n"));
    fr::import_csv(found, at.write("trials.csv", "start,stop,label\n0,20,a\n20,60,b\n60,80,a\n"));
    const fr::session session = fr::open_session(fr::files_of(found, {}));
    CHECK(session.name == "path");
    CHECK((*session.times)[1] == doctest::Approx(0.04));
    CHECK((*session.positions)(1, 1) == 4);
    CHECK(std::isnan((*session.positions)(2, 0)));
    CHECK((*session.head_direction)[2] == 0.7);
    REQUIRE(session.overlays.size() == 2);
    CHECK(session.overlays[0].name == "licks");
    const auto& left = session.overlays[0].description["groups"][0];
    CHECK(left["name"] == "left");
    CHECK(session.storage.table(left["times"].get<std::string>())[0] == doctest::Approx(0.03)); // sorted
    const auto& a = session.overlays[1].description["groups"][0];
    CHECK(session.storage.table(a["file"].get<std::string>())(1, 1) == doctest::Approx(0.08));
}

TEST_CASE("recording: a film and its poses share the picture and the clock, and are written as they are opened") {
    const temporary_directory at;
    at.write("film.avi", "pictures");
    fr::recording_import found;
    found.begin_file(at.file("film.avi"));
    found.film(film());
    found.begin_file(at.file("pose.csv"));
    found.pose(pose(4));
    const fr::session_files files = fr::files_of(found, {});
    const fr::session session = fr::open_session(files);
    CHECK(session.units == "px");
    REQUIRE(session.fields.size() == 1);
    CHECK(session.fields[0].blank);
    CHECK(session.fields[0].space->bounds().high == fr::point_xy{60, 40});
    CHECK((*session.fields[0].times)[2] == 1.09);
    REQUIRE(session.overlays.size() == 2);
    CHECK(session.overlays[0].description["file"] == std::filesystem::canonical(at.file("film.avi")).string());
    CHECK(session.overlays[1].description["times"] == session.overlays[0].description["times"]);
    CHECK(session.storage.shape("pose_pose.npy") == std::vector<std::size_t>{4, 2, 3});
    CHECK(session.storage.table("pose_pose.npy", true)(3, 3) == 8);
}

TEST_CASE("recording: a session is written without its large files, and opens where it lies") {
    const temporary_directory at;
    at.write("film.avi", "pictures");
    const auto make = [&] {
        auto found = std::make_unique<fr::recording_import>();
        found->begin_file(at.file("film.avi"));
        found->film(film());
        found->begin_file(at.file("pose.csv"));
        found->pose(pose(4));
        return found;
    };
    CHECK(fr::write_session(*make(), at.path()).outside.empty());
    fr::session session = fr::open_session(at.path());
    CHECK(session.overlays[0].description["file"] == "film.avi");
    CHECK(session.storage.table("pose_pose.npy", true)(3, 3) == 8);
    CHECK(sentence_of<fr::file_error>([&] { fr::write_session(*make(), at.path()); }) ==
          at.file("session.json") + " is there already; give another folder, or replace it with --force");
    const fr::written_session elsewhere = fr::write_session(*make(), at.file("new/folder"));
    CHECK(elsewhere.outside == std::vector<std::string>{std::filesystem::canonical(at.file("film.avi")).string()});
    session = fr::open_session(fr::session_files{.folder = at.file("new/folder"), .trusted = true});
    const std::string name = session.overlays[0].description["file"].get<std::string>();
    CHECK(name == "../../film.avi");
    CHECK(std::filesystem::equivalent(session.storage.path(name), at.file("film.avi")));
}

TEST_CASE("recording: what does not fit together is said, with what to state") {
    const temporary_directory at;
    fr::recording_import alone;
    alone.begin_file("p.csv");
    alone.pose(pose(4));
    CHECK(sentence_of<fr::data_error>([&] { alone.describe(); }) ==
          "p.csv has 4 frames and no times in seconds; give its film too, or state the rate (--data-fps)");
    fr::recording_import other;
    other.begin_file(at.write("f.avi", ""));
    other.film(film());
    other.begin_file("p.csv");
    other.pose(pose(5));
    CHECK(sentence_of<fr::data_error>([&] { other.describe(); }) ==
          "p.csv has 5 frames and the film f has 4; they do not belong together, or state the rate of the pose "
          "(--data-fps)");
    fr::recording_import rated({.fps = 25});
    rated.begin_file("p.csv");
    rated.pose(pose(5));
    CHECK(rated.describe()["fields"][0]["kind"] == "blank");
    CHECK(rated.tables().at("times_p.npy").values[4] == 0.16);
    fr::recording_import nothing;
    fr::import_csv(nothing, at.write("e.csv", "time\n1\n"));
    CHECK(sentence_of<fr::data_error>([&] { nothing.describe(); }) ==
          "in e there is nothing with a place: no positions, poses, films or fields; give one of their files too");
    fr::recording_import csv;
    const std::string path = at.write("c.csv", "a,b\n1,2\n");
    CHECK(sentence_of<fr::data_error>([&] { fr::import_csv(csv, path); }) ==
          path +
              " has the columns a, b; positions have time, x and y, events time (and label), intervals start and stop "
              "(and label); rename its columns");
    const std::string frames = at.write("d.csv", "frame,x,y\n1,2,3\n");
    CHECK(sentence_of<fr::data_error>([&] { fr::import_csv(csv, frames); }) ==
          frames + " counts frames ('frame') and has no times; state their rate (--data-fps)");
    const std::string back = at.write("g.csv", "t,x,y\n1,2,3\n1,2,3\n");
    CHECK(sentence_of<fr::data_error>([&] { fr::import_csv(csv, back); }) ==
          back + ": the positions: times must increase: time 1 is 1 s after 1 s; sort the samples by time and remove "
                 "duplicates");
    CHECK(sentence_of<fr::invalid_value>([] { fr::recording_import({.fps = -1}); }) ==
          "the rate of -1 frames per second was given; it must be positive");
}

TEST_CASE(
    "recording: names that are not UTF-8 are refused where they must be kept, and replaced where they are words") {
    const temporary_directory at;
    fr::recording_import words;
    fr::import_csv(words, at.write("p.csv", "time,x,y\n0,1,2\n1,3,4\n"));
    fr::import_csv(words, at.write("e.csv", "time,label\n0,caf\xe9\n"));
    fr::write_session(words, at.file("out"));
    CHECK(fr::open_session(at.file("out")).overlays.size() == 1);
    fr::recording_import film_of;
    const std::string path = at.write("caf\xe9.avi", "");
    film_of.begin_file(path);
    film_of.film(film());
    CHECK(sentence_of<fr::file_error>([&] {
              fr::write_session(film_of, at.file("film"));
          }).ends_with(" has a name that is not UTF-8, which session.json cannot hold; rename it"));
}

TEST_CASE("recording: raw movies are read as they are stated") {
    const temporary_directory at;
    const std::string path = at.write("movie.bin", std::string(24, 'a') + std::string(24, 'b'));
    fr::recording_import found({.fps = 10});
    found.begin_file(path);
    found.movie("movie", "", fr::open_raw_movie(path, {.type = fr::dtype::u8, .frames = 2, .shape = {4, 6}}), {},
                {{"dtype", "uint8"}, {"frames", 2u}, {"rows", 4u}, {"cols", 6u}, {"order", "F"}});
    const fr::session session = fr::open_session(fr::files_of(found, {}));
    REQUIRE(session.fields.size() == 1);
    CHECK(*session.fields[0].frames.frame_shape() == fr::image_shape{4, 6});
    CHECK((*session.fields[0].times)[1] == 0.1);
    auto cursor = fr::in_active_order(session.fields[0], *session.fields[0].space).cursor();
    CHECK(cursor.frame(1)[0] == 'b');
}

TEST_CASE("recording: many labels are not told apart, and a column of milliseconds is what it says") {
    const support::temporary_directory at;
    std::string rows = "time_ms,label\n";
    for (int i = 0; i < 101; ++i) {
        rows += std::to_string(i * 10) + ",trial " + std::to_string(i) + "\n";
    }
    const std::string path = at.write("trials.csv", rows);
    fr::recording_import found;
    fr::import_csv(found, path);
    CHECK(found.warnings() == std::vector<std::string>{path + ": 'trials' has 101 different labels; of more than 100 "
                                                              "they are not told apart"});
    const fr::samples all = found.tables().at("events_trials.npy").values;
    REQUIRE(all.size() == 101);
    CHECK(all[100] == 1);
}
