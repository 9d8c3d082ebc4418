// SPDX-License-Identifier: MIT
#include <fieldreel/session/session_overlays.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/session/session_playback.hpp>

#include "support/recording_folder.hpp"
#include "support/sentence.hpp"

using namespace fieldreel;
using support::recording_folder;
using support::sentence_of;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A walk of 40 s with everything that can be drawn over it.
class drawn_folder : public recording_folder {
public:
    drawn_folder() {
        walk();
        std::vector<double> nose;
        std::vector<double> tail;
        for (int i = 0; i < 400; ++i) {
            nose.insert(nose.end(), {20, i == 7 ? nan : 22.0});
            tail.insert(tail.end(), {20, 18});
        }
        npy("nose.npy", nose, {2});
        npy("tail.npy", tail, {2});
        npy<double>("rewards.npy", {5, 15, 25});
        npy<double>("ripples.npy", {10, 10.5, 20, 20.2}, {2});
        npy<double>("wrong.npy", {10, 9}, {2});
        npy<double>("late.npy", {1000, 1001});
        npy<double>("spikes_a.npy", {3, 3.5, 4});
        npy("lfp.npy", std::vector<float>(4000, 1.0F));
        npy("film.npy", std::vector<std::uint8_t>(40 * 8 * 10, 200), {8, 10});
    }
    std::string with(const std::string& overlays) const {
        write("session.json", R"({"fieldreel_session": 1, "units": "cm", "times": "times.npy",
            "positions": "positions.npy", "spikes": [{"file": "spikes_a.npy"}], "overlays": [)" +
                                  overlays + "]}");
        return path();
    }
};

const std::string body =
    R"({"kind": "pose", "name": "body", "keypoints": [{"name": "nose", "file": "nose.npy"}, {"name": "tail", "file": "tail.npy"}],
        "skeleton": [["nose", "tail"]]})";

std::vector<std::string> names_of(const session_playback& made) {
    std::vector<std::string> out;
    for (const any_overlay& one : made.playback.overlays()) {
        out.push_back(one.name());
    }
    return out;
}
std::size_t shapes_at(session_playback& made, double time_s) {
    scene now;
    made.playback.fill(time_s, now);
    return now.shapes.shapes().size();
}
std::string refused(const drawn_folder& at, const std::string& overlays) {
    const session from = open_session(at.with(overlays));
    const std::string folder = at.path();
    try {
        make_playback(from, {.bin_size = 4.0});
    } catch (const error& wrong) {
        std::string sentence = wrong.what();
        for (std::size_t found; (found = sentence.find(folder)) != std::string::npos;) {
            sentence.replace(found, folder.size(), "DIR");
        }
        return sentence;
    }
    return "nothing was thrown";
}

} // namespace

TEST_CASE("every kind is drawn from session.json, and one by its name alone") {
    const drawn_folder at;
    const session from = open_session(at.with(
        R"({"kind": "film", "file": "film.npy", "rate_hz": 1, "to_environment": {"units_per_px": 4, "height": 8}},)" +
        body +
        R"(, {"kind": "position", "name": "tail", "positions": "tail.npy", "color": "red", "length_s": 1},
        {"kind": "heading", "directions": "tail.npy", "origin": {"pose": "body", "keypoint": "nose"}},
        {"kind": "event", "name": "rewards", "times": "rewards.npy", "keep": "all", "color": "gold"},
        {"kind": "interval", "name": "ripples", "file": "ripples.npy"},
        {"kind": "object_vector", "from": {"pose": "body", "keypoint": "nose"}, "to": [0, 0]},
        {"kind": "time_series", "name": "lfp", "file": "lfp.npy", "rate_hz": 100, "unit": "mV"},
        {"kind": "raster"}, {"kind": "scale_bar"}, {"kind": "time_label"}, {"kind": "color_bar"})"));
    session_playback all = make_playback(from, {.bin_size = 4.0});
    CHECK(names_of(all).size() == 14); // these twelve, the trail and the spikes
    CHECK(shapes_at(all, 10.2) > 14);
    for (const std::string& name : names_of(all)) {
        CAPTURE(name);
        session_playback one = make_playback(from, {.bin_size = 4.0, .overlays = std::vector<std::string>{name}});
        CHECK(names_of(one) == std::vector<std::string>{name});
        CHECK(shapes_at(one, name == "spikes" ? 4.1 : 10.2) > 0);
    }
    CHECK(names_of(make_playback(from, {.bin_size = 4.0, .overlays = std::vector<std::string>()})).empty());
    CHECK(sentence_of<invalid_value>([&] {
              make_playback(from, {.bin_size = 4.0, .overlays = std::vector<std::string>{"riples"}});
          }).find("did you mean 'ripples'?") != std::string::npos);
    const std::vector<named_intervals> known = intervals_of(from);
    REQUIRE(known.size() == 1);
    CHECK(known[0].intervals.range("ripples", 1) == time_range{20, 20.2});
}

TEST_CASE("the dock is shared: series above, rasters below them, intervals a narrow band") {
    const drawn_folder at;
    const auto rows = [&](const std::string& overlays, session_options options) {
        options.bin_size = 4.0;
        session_playback made = make_playback(open_session(at.with(overlays)), options);
        scene now;
        made.playback.fill(10.2, now);
        std::array<double, 2> of{1, 0}; // the lowest and the highest place in the dock
        for (const shape& one : now.shapes.shapes()) {
            for (const vertex& v : now.shapes.vertices(one)) {
                if (one.style.where == placement::dock && std::isfinite(v.y)) {
                    of = {(std::min)(of[0], v.y), (std::max)(of[1], v.y)};
                }
            }
        }
        return std::pair(of, made.room);
    };
    const std::string ripples = R"({"kind": "interval", "name": "ripples", "file": "ripples.npy"})";
    const std::string lfp = R"({"kind": "time_series", "name": "lfp", "file": "lfp.npy", "rate_hz": 100})";
    const auto only = [](const std::string& name) {
        return session_options{.overlays = std::vector<std::string>{name}};
    };
    CHECK(rows(ripples, only("ripples")).first == std::array<double, 2>{0, 1});
    CHECK(rows(lfp, only("lfp")).first == std::array<double, 2>{0, 1});
    session_options both{.overlays = std::vector<std::string>{"ripples"}, .room_for_series = true};
    const auto [band, room] = rows(ripples, both);
    CHECK(band[0] == 0);
    CHECK(band[1] < 0.16);
    CHECK(room.low > band[1]);
    CHECK(room.high > 0.9);
    // Two series, one of them the caller's: one above the other.
    session_options two{.overlays = std::vector<std::string>{"lfp"}, .room_for_series = true};
    const auto [series, below] = rows(lfp, two);
    CHECK(series[0] == doctest::Approx(0.5));
    CHECK(below.low == 0);
    CHECK(below.high < 0.5);
    CHECK(rows(R"({"kind": "time_series", "name": "lfp", "file": "lfp.npy", "rate_hz": 100, "dock_low": 0.25})", two)
              .first[0] == 0.25);
}

TEST_CASE("what is missing in a pose is counted") {
    const drawn_folder at;
    const session from = open_session(at.with(body));
    std::vector<std::string> notes;
    detail::overlay_maker maker(from, {}, notes);
    for (const session_overlay& of : maker.all()) {
        if (of.name == "body") {
            CHECK(maker.make(of).examine().counts == "2 keypoints and 1 edge at 400 times, 1 of 800 points missing");
        }
    }
}

TEST_CASE("what an overlay says wrongly is refused with the member it stands in") {
    const drawn_folder at;
    CHECK(
        refused(
            at,
            R"({"kind": "pose", "keypoints": [{"name": "nose", "file": "nose.npy"}], "skeleton": [["nose", "tial"]]})")
            .find("names the keypoint 'tial'") != std::string::npos);
    CHECK(
        refused(
            at,
            R"({"kind": "pose", "keypoints": [{"name": "nose", "file": "nose.npy"}], "skeleton": [["nose", "nose"]]})")
            .find("to itself") != std::string::npos);
    CHECK(refused(at, R"({"kind": "interval", "file": "wrong.npy"})").find("stop") != std::string::npos);
    CHECK(refused(at, R"({"kind": "event", "times": "late.npy"})").find("1000 s to 1001 s") != std::string::npos);
    CHECK(refused(at, R"({"kind": "event", "times": "rewards.npy", "min_alpha": 2})").find("2") != std::string::npos);
    CHECK(refused(at, R"({"kind": "position", "length_s": -1})").find("-1 s") != std::string::npos);
    CHECK(refused(at, R"({"kind": "time_series", "file": "lfp.npy", "times": "times.npy"})").find("4000") !=
          std::string::npos);
    CHECK(refused(at, R"({"kind": "film", "file": "film.npy", "rate_hz": 1})").find("lacks 'to_environment'") !=
          std::string::npos);
    CHECK(refused(at, R"({"kind": "object_vector", "from": {"pose": "bod", "keypoint": "nose"}, "to": [0, 0]})")
              .find("pose") != std::string::npos);
    CHECK(sentence_of<file_error>([&] { open_session(at.with(R"({"kind": "puse"})")); }).find("did you mean 'pose'?") !=
          std::string::npos);
    CHECK(sentence_of<file_error>([&] {
              open_session(at.with(R"({"kind": "raster"}, {"kind": "raster"})"));
          }).find("the names of overlays must differ") != std::string::npos);
}

TEST_CASE("recorded animals: the counts of the data's own description") {
    const std::string flies = std::string(FIELDREEL_SHARED_DIR) + "/data/pose_flies_sleap_centered_pair";
    if (!std::filesystem::exists(flies)) {
        MESSAGE("skipped: " << flies << " is not there");
        return;
    }
    const recording_folder at;
    const auto file = [&](const std::string& name) { return "\"" + flies + "/" + name + "\""; };
    std::string animals;
    for (const char* number : {"0", "1"}) {
        animals += std::string(animals.empty() ? "" : ", ") + R"({"file": )" +
                   file("track" + std::string(number) + "_keypoint_{name}.npy") + "}";
    }
    at.write("session.json", R"({"fieldreel_session": 1, "units": "px", "times": )" + file("times.npy") +
                                 R"(, "positions": )" + file("track0_keypoint_thorax.npy") +
                                 R"(, "overlays": [{"kind": "pose", "name": "flies", "names": )" +
                                 file("keypoint_names.txt") + R"(, "skeleton": )" + file("skeleton_edges.csv") +
                                 R"(, "animals": [)" + animals + "]}]}");
    const session from = open_session(session_files{.folder = at.path(), .trusted = true});
    std::vector<std::string> notes;
    detail::overlay_maker maker(from, {}, notes);
    for (const session_overlay& of : maker.all()) {
        if (of.name == "flies") {
            const std::string counts = maker.make(of).examine().counts;
            CAPTURE(counts);
            CHECK(counts.find("24 keypoints") != std::string::npos);
            CHECK(counts.find("4337 of 52800 points missing") != std::string::npos);
        }
    }
}

TEST_CASE("what draws nothing, or lies elsewhere, is told") {
    const drawn_folder at;
    const auto notes = [&](const std::string& overlays) {
        const session_playback made = make_playback(open_session(at.with(overlays)), {.bin_size = 4.0});
        std::string all;
        for (const std::string& sentence : made.notes) {
            all += sentence + "\n";
        }
        return all;
    };
    CHECK(notes(R"({"kind": "region"})").find("there are no regions to draw") != std::string::npos);
    CHECK(notes(R"({"kind": "event", "cells": []})").find("there are no events to draw") != std::string::npos);
    CHECK(notes(R"({"kind": "raster", "cells": []})").find("there are no spikes to draw") != std::string::npos);
    CHECK(notes(R"({"kind": "object_vector", "to": [500, 80]})").find("the place [500, 80] of 'to' lies outside") !=
          std::string::npos);
    CHECK(notes(R"({"kind": "object_vector", "to": [20, 20]})").find("outside") == std::string::npos);
    CHECK(notes(R"({"kind": "time_series", "file": "nose.npy"})").find("has 2 columns and the first is shown") !=
          std::string::npos);
    CHECK(notes(R"({"kind": "position", "positions": "nose.npy", "rate_hz": 2})").find("0.5 s apart") !=
          std::string::npos);
}

TEST_CASE("one way to give events at a time, and a clock for what has another number of samples") {
    const drawn_folder at;
    CHECK(refused(at, R"({"kind": "event", "cells": "all", "times": "rewards.npy"})") ==
          "DIR/session.json: session.overlays[0].times and 'cells' are both given; an event overlay shows one of cell, "
          "cells, groups and times; make two overlays");
    CHECK(refused(at, R"({"kind": "film", "file": "film.npy", "to_environment": {"units_per_px": 4, "height": 8}})") ==
          "DIR/session.json: session.overlays[0].times is missing, and the recording's own 400 times are not one for "
          "each of the 40 here; give a file of times (seconds), or \"rate_hz\" and \"start_s\"");
    CHECK(refused(at, R"({"kind": "film", "file": "film.mp4"})") ==
          "DIR/session.json: session.overlays[0].file is 'film.mp4', which nothing here reads; films are .npy files "
          "(frames, rows, columns), and in programs built with libav those that it reads (.mp4, .avi, .mkv, .mov)");
}

TEST_CASE("grey values other than bytes need their white, and the sentence has the numbers") {
    const drawn_folder at;
    at.npy("dim.npy", std::vector<float>(40 * 8 * 10, 0.5F), {8, 10});
    const std::string begin =
        R"({"kind": "film", "file": "dim.npy", "rate_hz": 1, "to_environment": {"units_per_px": 4, "height": 8})";
    CHECK(refused(at, begin + "}") ==
          "DIR/session.json: session.overlays[0].white is missing: the pixels are float32, 0.5 to 0.5 in the first "
          "frame; give the value that is drawn white, and \"black\" if it is not 0");
    CHECK(refused(at, begin + R"(, "white": 1})") == "nothing was thrown");
}

TEST_CASE("what is wrong while playing is said with the overlay's name") {
    const drawn_folder at;
    std::vector<double> times;
    for (int i = 0; i < 400; ++i) {
        times.push_back(i == 200 ? 3.0 : 0.1 * i);
    }
    at.npy("back.npy", times);
    session_playback made =
        make_playback(open_session(at.with(R"({"kind": "position", "name": "other", "times": "back.npy"})")),
                      {.bin_size = 4.0, .overlays = std::vector<std::string>{"other"}});
    CHECK(sentence_of<data_error>([&] {
              for (double t = 0; t < 40; t += 0.1) {
                  shapes_at(made, t);
              }
          }).starts_with("the overlay 'other': times must increase: time 200 is 3 s after 19.9"));
}

TEST_CASE("positions in pixels are mapped like a pose") {
    const drawn_folder at;
    session_playback made = make_playback(
        open_session(at.with(
            R"({"kind": "position", "name": "px", "positions": "nose.npy", "length_s": 0, "to_environment": {"units_per_px": 0.5, "height": 60}})")),
        {.bin_size = 4.0, .overlays = std::vector<std::string>{"px"}});
    scene now;
    made.playback.fill(10, now);
    REQUIRE(now.shapes.shapes().size() == 1);
    const vertex dot = now.shapes.vertices(now.shapes.shapes()[0]).front();
    CHECK(dot.x == doctest::Approx(10.25)); // column 20, whose centre is half a pixel from its edge
    CHECK(dot.y == doctest::Approx(18.75)); // row 22 of 60
}

TEST_CASE("the dock is as long as what is shown in it") {
    const drawn_folder at;
    const auto dock = [&](const std::string& overlays) {
        return make_playback(open_session(at.with(overlays)), {.bin_size = 4.0}).dock;
    };
    CHECK(dock("") == time_range{-5, 5});
    const std::string lfp =
        R"({"kind": "time_series", "file": "lfp.npy", "rate_hz": 100, "window_s": 60, "now_at": 0.75})";
    CHECK(dock(lfp) == time_range{-45, 15});
    CHECK(dock(lfp + R"(, {"kind": "raster", "after_s": 20})") == time_range{-45, 20});
    CHECK(dock(R"({"kind": "interval", "file": "ripples.npy", "before_s": 1, "after_s": 2})") == time_range{-1, 2});
}
