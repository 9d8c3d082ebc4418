// SPDX-License-Identifier: MIT
// fieldreel export, run as its users run it: files, exit codes, sentences.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

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

outcome run(const words& arguments, const std::string& environment = "") {
    const support::temporary_directory at;
    // Fontconfig keeps what it allocates, which is no leak of the program.
    std::string command =
        "ASAN_OPTIONS=\"$ASAN_OPTIONS:detect_leaks=0\" " + environment + " '" FIELDREEL_PROGRAM "' export";
    for (const std::string& word : arguments) {
        command += " '" + word + "'";
    }
    command += " >" + at.file("out") + " 2>" + at.file("err");
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128, bytes_of(at.file("out")), bytes_of(at.file("err"))};
}

/// The one sentence of a run that was refused with exit code 1; else what went otherwise.
std::string refused(const words& arguments, const std::string& environment = "") {
    const outcome got = run(arguments, environment);
    const std::string start = "fieldreel: ";
    if (got.code != 1 || !got.err.starts_with(start) || !got.err.ends_with('\n')) {
        return "not refused: exit code " + std::to_string(got.code) + ", stdout '" + got.out + "', stderr '" + got.err +
               "'";
    }
    return got.err.substr(start.size(), got.err.size() - start.size() - 1);
}

/// A walk of 40 s in an arena of 40 x 40 with head direction and two cells.
void write_walk(const recording_folder& at) {
    at.walk();
    at.npy("head_direction.npy", std::vector<double>(400, 0.5));
    at.npy<double>("spikes_few.npy", {1, 2});
    at.npy<double>("spikes_many.npy", {3, 4, 5, 6});
}

/// Columns x rows of a PNG file.
std::string size_of_png(const std::string& path) {
    const std::string file = bytes_of(path);
    const auto number = [&](std::size_t at) {
        std::size_t out = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            out = out * 256 + static_cast<unsigned char>(file[at + k]);
        }
        return out;
    };
    return file.size() < 24 ? "no file" : std::to_string(number(16)) + "x" + std::to_string(number(20));
}
bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a moment becomes a picture, by time, by frame, or in the middle") {
    const recording_folder at;
    write_walk(at);
    const std::string folder = at.path();
    const std::string path = at.file("a.png");
    const outcome by_time = run({folder, path, "--time", "0:10"});
    INFO(by_time.err);
    CHECK(by_time.code == 0);
    CHECK(contains(by_time.out, "a.png: frame 100 at 10.000 s, 1280 x 720 pixels\n"));
    CHECK(contains(by_time.out, "note: showing many, the cell with most spikes (4) of 2; choose with --cell\n"));
    CHECK(size_of_png(path) == "1280x720");
    CHECK_FALSE(support::temporary_directory::exists(path + ".part"));
    const std::string first = bytes_of(path);
    CHECK(run({folder, path, "--frame", "100", "--force"}).code == 0);
    CHECK(bytes_of(path) == first);
    CHECK(run({folder, path, "--time", "10.0s", "--force", "--cell", "few"}).code == 0);
    CHECK(bytes_of(path) != first);
    CHECK(contains(run({folder, path, "--force"}).out, "frame 200 at 20.000 s"));
}

TEST_CASE("sizes in pixels and on paper, styles, overlays, formats, contact sheets") {
    const recording_folder at;
    write_walk(at);
    const std::string folder = at.path();
    const auto made = [&](const std::string& name, words more) {
        more.insert(more.begin(), {folder, at.file(name)});
        const outcome got = run(more);
        INFO(got.err);
        CHECK(got.code == 0);
        return bytes_of(at.file(name));
    };
    made("small.png", {"--size", "800x600"});
    CHECK(size_of_png(at.file("small.png")) == "800x600");
    const std::string paper = made("paper.png", {"--width-mm", "89", "--dpi", "300", "--style", "paper"});
    CHECK(size_of_png(at.file("paper.png")) == "1051x788");
    CHECK(contains(paper, "pHYs"));
    const std::string plain = made("plain.png", {});
    CHECK_FALSE(contains(plain, "pHYs"));
    CHECK(made("talk.png", {"--style", "talk"}) != plain);
    CHECK(made("cividis.png", {"--colormap", "cividis"}) != plain);
    const std::string none = made("none.png", {"--overlay", "none"});
    const std::string trail = made("trail.png", {"--overlay", "trail"});
    CHECK(none != plain);
    CHECK(trail != plain);
    CHECK(trail != none);
    CHECK(made("all.png",
               {"--overlay", "trail", "--overlay", "heading", "--overlay", "spikes", "--overlay", "speed"}) == plain);
    CHECK(contains(made("a.svg", {}), "</svg>"));
    CHECK(made("a.PDF", {"--width-mm", "89"}).starts_with("%PDF"));
    made("sheet.png", {"--contact-sheet"});
    made("six.png", {"--contact-sheet", "6"});
    CHECK(size_of_png(at.file("sheet.png")) == "1280x720");
    CHECK(bytes_of(at.file("six.png")) != bytes_of(at.file("sheet.png")));
}

TEST_CASE("what cannot be drawn is refused with a sentence, and nothing is written") {
    const recording_folder at;
    write_walk(at);
    const std::string folder = at.path();
    const std::string path = at.file("a.png");
    const auto refusal = [&](const std::string& output, words more) {
        more.insert(more.begin(), {folder, output});
        return refused(more);
    };
    CHECK(refusal(at.file("a.jpg"), {}) ==
          at.file("a.jpg") + " ends in '.jpg'; pictures are written as .png, .svg, .pdf, films as .mp4, .mkv, .webm, "
                             "pages as .html; name one of these");
    CHECK(refusal(at.file("a"), {}) == at.file("a") + " has no ending; pictures are written as .png, .svg, .pdf, films "
                                                      "as .mp4, .mkv, .webm, pages as .html; name one of these");
    CHECK(refusal(path, {"--size", "0x0"}) ==
          "a picture of 0 x 0 pixels was asked for; it must have 160 x 120 to 16384 x 16384 and at most 100 million; "
          "1280 x 720 is usual");
    CHECK(refusal(path, {"--size", "99999x99999"}) ==
          "a picture of 99999 x 99999 pixels was asked for; it must have 160 x 120 to 16384 x 16384 and at most 100 "
          "million; 1280 x 720 is usual");
    CHECK(refusal(path, {"--size", "large"}) ==
          "the size 'large' was asked for; give width x height in pixels, as 1280x720");
    CHECK(refusal(path, {"--size", "800x600", "--width-mm", "89"}) ==
          "a size in pixels and one in millimetres were given; give --size or --width-mm");
    CHECK(refusal(path, {"--width-mm", "-3"}) ==
          "a picture of -3 x unknown mm was asked for; give a width (and a height, if 3/4 of it is wrong) of up to "
          "2000; 89 is one column of a journal");
    CHECK(refusal(path, {"--width-mm", "89", "--dpi", "0"}) ==
          "0 pixels per inch were asked for; give 1 to 10000; 300 is usual for print");
    CHECK(refusal(path, {"--style", "tlak"}) ==
          "the style \"tlak\" was asked for; the styles are default, paper, talk; did you mean \"talk\"?");
    CHECK(refusal(path, {"--frame", "400"}) ==
          "frame 400 was asked for; the recording has 400 frames (0-399); give one of them with --frame, or a --time");
    CHECK(contains(refusal(path, {"--time", "2:00"}),
                   "the moment at 120 s was asked for; the recording goes from 0 to "));
    CHECK(refusal(path, {"--time", "soon"}) ==
          "the time 'soon' was asked for; give seconds (12.5) or minutes and seconds (1:02.5)");
    CHECK(refusal(path, {"--time", "1", "--frame", "1"}) ==
          "more than one of --frame, --time and --contact-sheet was given; give one");
    CHECK(refusal(at.file("a.svg"), {"--contact-sheet", "4"}) ==
          "a contact sheet of 4 as .svg was asked for; it has 1 or more pictures and is written as .png");
    CHECK(refusal(path, {"--contact-sheet", "40000"}) ==
          "a contact sheet of 40000 was asked for; it has at most 10000 pictures; 12 is usual");
    CHECK(contains(refusal(path, {"--contact-sheet", "4000"}),
                   "4000 pictures on a sheet of 1280 x 720 pixels were asked for"));
    CHECK(contains(refusal(path, {"--colormap", "virdis"}), "did you mean \"viridis\"?"));
    CHECK(contains(refusal(path, {"--cell", "fwe"}), "did you mean 'few'?"));
    CHECK(contains(refusal(path, {"--overlay", "trial"}), "did you mean 'trail'?"));
    CHECK(refusal(at.file("none/a.png"), {}) ==
          at.file("none/a.png") + " cannot be written: there is no folder " + at.file("none") + "; make it first");
    CHECK_FALSE(support::temporary_directory::exists(path));

    at.write("a.png", "mine");
    CHECK(refusal(path, {}) == path + " exists; give another name, or --force to write over it");
    CHECK(bytes_of(path) == "mine");
    std::filesystem::copy(at.file("times.npy"), at.file("times.png"));
    CHECK(refusal(at.file("times.png"), {"--times", at.file("times.png"), "--force"}) ==
          at.file("times.png") + " is a file of the recording; give another name to write to");
    std::filesystem::create_directory(at.file("b.png"));
    CHECK(refusal(at.file("b.png"), {"--force"}) ==
          at.file("b.png") + " is a folder; give the name of a file to write");
    if (::geteuid() != 0) { // root may write anywhere
        std::filesystem::create_directory(at.file("closed"));
        std::filesystem::permissions(at.file("closed"), std::filesystem::perms::owner_read);
        CHECK(contains(refusal(at.file("closed/a.png"), {}), "cannot be created (Permission denied)"));
    }
}

TEST_CASE("no file that the recording consists of is written over, however it is named") {
    const recording_folder at;
    write_walk(at);
    const std::string film = at.write("arena.png", "a picture of the arena");
    at.write("session.json", R"({"fieldreel_session": 1, "times": "times.npy", "positions": "positions.npy",
        "overlays": [{"kind": "film", "name": "arena", "file": "arena.png"}]})");
    const std::string link = at.file("link.png");
    std::filesystem::create_hard_link(film, link);
    for (const std::string& path : {film, link}) {
        CHECK(refused({at.path(), path, "--force"}) ==
              path + " is a file of the recording; give another name to write to");
    }
    CHECK(bytes_of(film) == "a picture of the arena");
}

TEST_CASE("without any font the program says what to install") {
    const recording_folder at;
    write_walk(at);
    at.write("fonts.conf",
             "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig></fontconfig>");
    CHECK(refused({at.path(), at.file("a.png")}, "FONTCONFIG_FILE='" + at.file("fonts.conf") + "'") ==
          "text in 'DejaVu Sans' was asked for; this system has no font at all; install one (apt install "
          "fonts-dejavu-core)");
    CHECK_FALSE(support::temporary_directory::exists(at.file("a.png")));
}

TEST_CASE("wrong usage of export ends with 2") {
    for (const words& arguments : {words{}, {"folder", "a.png", "--nosuch"}, {"folder", "a.png", "--frame", "x"}}) {
        const outcome got = run(arguments);
        CHECK(got.code == 2);
        CHECK(contains(got.err, "--help"));
    }
    for (const char* option : {"--frame", "--contact-sheet", "--workers"}) {
        const outcome got = run({"folder", "a.png", option, "-1"});
        CHECK(got.code == 2);
        CHECK(contains(got.err, std::string(option) + ": '-1' was given; give a whole number, 0 or more"));
    }
}

TEST_CASE("place fields of several cells side by side, and poses in a blank arena") {
    const recording_folder at;
    write_walk(at);
    CHECK(run({at.path(), at.file("two.png"), "--cell", "few", "--beside", "many", "--beside", "0"}).code == 0);
    CHECK(run({at.path(), at.file("one.png"), "--cell", "few"}).code == 0);
    CHECK(bytes_of(at.file("one.png")) != bytes_of(at.file("two.png")));
    CHECK(contains(refused({at.path(), at.file("no.png"), "--beside", "fwe"}), "did you mean 'few'?"));

    at.npy<double>("keypoint_nose.npy", std::vector<double>(800, 5), {2});
    at.write("session.json", R"({"fieldreel_session": 1, "times": "times.npy",
        "fields": [{"kind": "blank", "grid": {"edges_x": [0, 40], "edges_y": [0, 40]}}],
        "overlays": [{"kind": "pose", "name": "body", "file": "keypoint_{name}.npy", "names": ["nose"]}]})");
    CHECK(run({at.path(), at.file("pose.png"), "--style", "paper"}).code == 0);
    CHECK(run({at.path(), at.file("nothing.png"), "--style", "paper", "--overlay", "none"}).code == 0);
    CHECK(bytes_of(at.file("pose.png")) != bytes_of(at.file("nothing.png")));
}

TEST_CASE("a recording becomes a page, and is refused in sentences") {
    const recording_folder at;
    write_walk(at);
    const std::string path = at.file("a.html");
    const outcome made = run({at.path(), path});
    CHECK(made.code == 0);
    CHECK(contains(made.out, path + ": "));
    CHECK(contains(made.out, " frames, "));
    CHECK(bytes_of(path).starts_with("<!doctype html>"));
    CHECK(refused({at.path(), path}) == path + " exists; give another name, or --force to write over it");
    CHECK(run({at.path(), path, "--force", "--target-hz", "5"}).code == 0);
    CHECK(refused({at.path(), path, "--force", "--frame", "3"}) ==
          "--frame was given for the page " + path +
              "; it is for pictures and films; a page has --range, --speed, --target-hz, --max-mb and --size, that of "
              "its screenshots");
    CHECK(contains(refused({at.path(), path, "--force", "--fps", "3"}), "--fps was given for the page"));
    CHECK(refused({at.path(), at.file("a.png"), "--target-hz", "3"}) ==
          "--target-hz was given for " + at.file("a.png") + "; it is for pages, which end with .html");
    CHECK(refused({at.path(), at.file("a.png"), "--range", "1s:2s"}) ==
          "--range was given for the picture " + at.file("a.png") +
              "; it is for films (.mp4, .mkv, .webm) and pages (.html); a picture has --time");
    const auto whole = std::filesystem::file_size(path);
    CHECK(run({at.path(), path, "--force", "--range", "2s:4s", "--speed", "0.5"}).code == 0);
    CHECK(std::filesystem::file_size(path) < whole);
    CHECK(contains(bytes_of(path), "\"times\":[2.0,4.0]"));
    CHECK(contains(bytes_of(path), "\"speed\":0.5"));
    CHECK(refused({at.path(), path, "--force", "--range", "9s:5s"}) ==
          "the range '9s:5s' ends at 5 s, before it starts at 9 s; give the start first");
    CHECK(contains(refused({at.path(), path, "--force", "--range", "12"}), "the range '12' is a bare number"));
    CHECK(contains(refused({at.path(), path, "--force", "--speed", "0"}), "the speed is 0; it must be above 0"));
    CHECK(refused({at.path(), path, "--force", "--max-mb", "0"}) ==
          "a page of at most 0 MB was asked for; give 1 to 2000; 500 is usual");
}
