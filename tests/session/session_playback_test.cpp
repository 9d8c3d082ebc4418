// SPDX-License-Identifier: MIT
#include <fieldreel/session/session_playback.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/viewer/headless_viewer.hpp>

#include "support/recording_folder.hpp"
#include "support/sentence.hpp"

using namespace fieldreel;
using support::hot_l_shape;
using support::recording_folder;
using support::sentence_of;

namespace {

const double nan_value = std::numeric_limits<double>::quiet_NaN();

/// The animal sits in the hot bin; the field has two frames, 2 s each.
void write_l_shape(const recording_folder& at, const std::string& order, const std::string& more = "") {
    std::vector<double> times;
    std::vector<double> positions;
    for (int i = 0; i < 40; ++i) {
        times.push_back(0.1 * i);
        positions.push_back(hot_l_shape::x);
        positions.push_back(hot_l_shape::y);
    }
    at.npy("times.npy", times);
    at.npy("positions.npy", positions, {2});
    at.npy("field.npy", hot_l_shape::frames(order), {order == "active" ? 12u : 16u});
    at.write("session.json", R"({"fieldreel_session": 1, "times": "times.npy", "positions": "positions.npy",
        "fields": [{"file": "field.npy", "rate_hz": 0.5)" +
                                 more + ", \"grid\": " + hot_l_shape::grid_json + "}]}");
}

/// Frame numbers and pictures of every moment, `step_s` apart.
std::vector<std::string> pictures_of(session_playback& made, double step_s) {
    std::vector<std::string> out;
    headless_viewer viewer;
    const double start_s = made.playback.times().start_s;
    for (int i = 0; i < 30; ++i) {
        made.playback.show(start_s + step_s * i, viewer);
        const auto pixels = viewer.picture().pixels();
        out.emplace_back(reinterpret_cast<const char*>(pixels.data()), pixels.size_bytes());
    }
    return out;
}

bool has_note(const session_playback& made, const std::string& sentence) {
    return std::find(made.notes.begin(), made.notes.end(), sentence) != made.notes.end();
}

} // namespace

TEST_CASE("value under the mouse, painted pixel and position marker agree, for every order") {
    for (const std::string order : {"active", "xy", "yx", "flipped"}) {
        CAPTURE(order);
        const recording_folder at;
        write_l_shape(at, order, ", \"order\": \"" + (order == "flipped" ? "yx\", \"flip_y\": true" : order + "\""));
        const session opened = open_session(at.path());
        session_playback made = make_playback(opened, {.vmin = 0, .vmax = 1});
        const grid& space = *opened.fields[0].space->as_grid();

        scene now;
        made.playback.fill(0.5, now);
        CHECK(now.fields.at(0).values()[space.bin_at(hot_l_shape::x, hot_l_shape::y).value()] == 1);

        headless_viewer viewer;
        made.playback.show(0.5, viewer);
        const image& picture = viewer.picture();
        const auto& colors = made.playback.style().colors.table();
        for (std::size_t row = 0; row < 4; ++row) {
            for (std::size_t col = 0; col < 4; ++col) {
                const bool active = row >= 2 || col < 2; // the missing quarter is at the top right
                const bool hot = row == hot_l_shape::row && col == hot_l_shape::col;
                CHECK(picture.at(row, col) == (!active ? rgba8{} : hot ? colors[255] : colors[0]));
            }
        }

        std::size_t markers = 0;
        for (const shape& s : now.shapes.shapes()) {
            if (s.kind == shape_kind::marker) {
                ++markers;
                const vertex& v = now.shapes.vertices(s)[0];
                const point_rc place = space.to_display(v.x, v.y);
                CHECK(place.row == hot_l_shape::row);
                CHECK(place.col == hot_l_shape::col);
            }
        }
        CHECK(markers == 1);
    }
    const recording_folder at;
    write_l_shape(at, "xy");
    CHECK(sentence_of<data_error>([&] { make_playback(open_session(at.path())); }) ==
          "a frame of 'field' has 16 values, a full grid of 4 x 4 bins (12 active), and its order is not stated; give "
          "--field-order active, xy (x slow) or yx (image rows; with --flip-y row 0 is at the largest y), or \"order\" "
          "in session.json");
}

TEST_CASE("a session on a track: place fields and stored posteriors play over its bins") {
    const recording_folder at;
    // An L of 40 and 30; there and back in 20 s, along the middle; the cell fires at 50 on the axis.
    std::vector<double> times;
    std::vector<double> positions;
    std::vector<double> spikes;
    for (int i = 0; i < 2000; ++i) {
        times.push_back(0.02 * i);
        const double s = 35 + 34.9 * std::sin(0.02 * i * 0.314);
        positions.push_back((std::min)(s, 40.0));
        positions.push_back((std::max)(s - 40, 0.0));
        if (s > 48 && s < 52) {
            spikes.push_back(times.back());
        }
    }
    at.npy("times.npy", times);
    at.npy("positions.npy", positions, {2});
    at.npy("spikes.npy", spikes);
    std::vector<float> posterior(14 * 40);
    for (std::size_t frame = 0; frame < 40; ++frame) {
        posterior[frame * 14 + frame % 14] = 1; // bin by bin
    }
    at.npy("posterior.npy", posterior, {14});
    const std::string description = R"({"fieldreel_session": 1, "units": "cm", "times": "times.npy",
        "positions": "positions.npy", "spikes": [{"file": "spikes.npy"}],
        "track": {"nodes": [[0, 0], [40, 0], [40, 30]], "edges": [[0, 1], [1, 2]], "bin_size": 5, "width": 6},
        "fields": [{"file": "posterior.npy", "rate_hz": 1, "kind": "posterior")";
    at.write("session.json", description + "}]}");
    const session opened = open_session(at.path());
    REQUIRE(opened.track);
    CHECK(opened.track->bin_count() == 14);

    session_playback derived =
        make_playback(opened, {.bin_size = 3, .cell = "0", .place_field = {.bandwidth = nan_value}});
    CHECK(derived.bandwidth == 10); // two bins
    CHECK(has_note(derived, "the bin size was not used: the track has bins of its own"));
    REQUIRE(derived.place_field);
    CHECK(derived.place_field->spikes_used == spikes.size());
    const auto& rate = derived.place_field->rate;
    REQUIRE(rate.size() == 14);
    const auto peak = std::max_element(rate.begin(), rate.end()) - rate.begin();
    CHECK((peak == 9 || peak == 10)); // 45 to 50, 50 to 55
    CHECK(derived.playback.space().as<track>()->linear_length() == 70);
    CHECK(derived.playback.space().as_grid() == nullptr);
    const place_field_options diffused{.method = place_field_method::diffusion_kde, .bandwidth = 5};
    CHECK(make_playback(opened, {.cell = "0", .place_field = diffused}).place_field->spikes_used == spikes.size());

    session_playback stored = make_playback(opened, {.vmin = 0, .vmax = 1});
    headless_viewer viewer;
    const auto& colors = stored.playback.style().colors.table();
    for (const std::size_t frame : {0u, 5u, 9u, 13u}) {
        stored.playback.show(static_cast<double>(frame) + 0.5, viewer);
        const image& picture = viewer.picture();
        const any_space& bins = stored.playback.space();
        CHECK(picture.shape() == bins.display_shape());
        std::size_t hot = 0;
        for (const rgba8& pixel : picture.pixels()) {
            hot += pixel == colors[255] ? 1u : 0u;
        }
        CHECK(hot > 1000);
        const point_rc place = bins.to_display(bins.center(frame));
        const auto row = static_cast<std::size_t>(std::lround(place.row));
        const auto col = static_cast<std::size_t>(std::lround(place.col));
        CHECK(picture.at(row, col) == colors[255]);
        const point_xy mouse = bins.from_display(static_cast<double>(row), static_cast<double>(col));
        CHECK(bins.bin_at(mouse.x, mouse.y) == frame);
        CHECK(picture.at(0, 0) == rgba8{}); // off the track
    }

    at.write("session.json", description + R"(, "order": "xy"}]})");
    CHECK(
        sentence_of<data_error>([&] { make_playback(open_session(at.path())); }) ==
        "the order xy, yx or flip_y was given for 'posterior', whose space is no grid; its values are one per bin, in "
        "the order of the bins; state the order active, or none");
    at.write("session.json",
             description +
                 R"(, "track": {"nodes": [[0, 0], [40, 0]], "edges": [[0, 1]], "bin_size": 5, "width": 6}}]})");
    CHECK(
        sentence_of<data_error>([&] { make_playback(open_session(at.path())); }) ==
        "a frame of 'posterior' has 14 values and its space 8 bins; give one value per bin, along the linear axis of a "
        "track; check the bin size");
}

TEST_CASE("a stacked posterior plays over the session's grid: the sum of its states, or the one to show") {
    const recording_folder at;
    // The positions make a grid of 2 x 2 bins of 10: (0, 0), (0, 10), (10, 0), (10, 10) as x slow, y fast.
    at.npy<double>("times.npy", {0, 1, 2, 3});
    at.npy<double>("positions.npy", {0, 0, 0, 10, 10, 0, 10, 10}, {2});
    at.npy<float>("stacked.npy", {0.25F, 0, 0.125F, 0, 0.25F, 0.125F, 0, 0.125F, 0.125F}, {9});
    const auto first_values = [&](const std::string& more, const std::string& note) {
        at.write("session.json", R"({"fieldreel_session": 1, "times": "times.npy", "positions": "positions.npy",
            "fields": [{"file": "stacked.npy", "rate_hz": 1, "kind": "posterior", "order": "active", "states":
            [{"name": "silent", "bins": 1}, "moving", "jumping"])" +
                                     more + "}]}");
        session_playback made = make_playback(open_session(at.path()), {.bin_size = 10});
        CHECK(has_note(made, note));
        scene now;
        made.playback.fill(0.5, now);
        const auto values = now.fields.at(0).values();
        std::vector<double> out;
        for (std::size_t bin = 0; bin < values.size(); ++bin) {
            out.push_back(values[bin]);
        }
        return out;
    };
    CHECK(first_values("",
                       "'stacked' shows the sum of its states moving, jumping (without silent, which has fewer "
                       "bins); \"show\" in session.json picks one") == std::vector<double>{0.125, 0.125, 0.125, 0.375});
    CHECK(first_values(R"(, "show": "jumping")",
                       "'stacked' shows its state jumping of silent, moving, jumping; \"show\": \"sum\" in "
                       "session.json adds them up") == std::vector<double>{0.125, 0, 0.125, 0.125});
}

TEST_CASE("a field's kind sets its range, colours and label") {
    struct expected {
        const char* kind;
        double vmin, vmax;
        const char *colors, *label, *unit;
    };
    for (const expected& e :
         {expected{"rate", 0, 13, "viridis", "rate", "Hz"},
          expected{"posterior", 0, 13, "magma", "probability per bin", ""},
          expected{"signed", -13, 13, "coolwarm", "value", ""}, expected{"other", 0, 13, "viridis", "value", ""}}) {
        CAPTURE(std::string(e.kind));
        const recording_folder at;
        write_l_shape(at, "active", std::string(", \"order\": \"active\", \"kind\": \"") + e.kind + "\"");
        const session_playback made = make_playback(open_session(at.path()));
        const field_style& style = made.playback.style();
        CHECK(style.range.vmin == doctest::Approx(e.vmin));
        CHECK(style.range.vmax == doctest::Approx(e.vmax).epsilon(0.1)); // posterior: 95th percentile of 1 and 13
        CHECK(style.colors.name() == e.colors);
        CHECK(style.label == e.label);
        CHECK(style.unit == e.unit);
        CHECK(style.title == "field");
    }
}

TEST_CASE("an imaging movie needs no positions") {
    const recording_folder at;
    std::vector<std::uint8_t> movie(2 * 2 * 3);
    movie[5] = 200; // frame 0, row 1, column 2: the lower right pixel of a picture
    at.npy("movie.npy", movie, {2, 3});
    at.npy<double>("ft.npy", {0, 1});
    session_files files{.field = at.file("movie.npy"),
                        .frame_times = at.file("ft.npy"),
                        .order = field_order::yx,
                        .kind = field_kind::image,
                        .flip_y = true};
    session_playback made = make_playback(open_session(files), {.vmin = 0, .vmax = 200});
    headless_viewer viewer;
    made.playback.show(0, viewer);
    const image& picture = viewer.picture();
    CHECK(picture.shape() == image_shape{2, 3});
    CHECK(picture.at(1, 2) == made.playback.style().colors.table()[255]);
    CHECK(picture.at(0, 2) == made.playback.style().colors.table()[0]);
    CHECK(made.playback.style().label == "intensity");
    files.frame_times.clear();
    CHECK(sentence_of<data_error>([&] { make_playback(open_session(files)); }) ==
          "the field 'movie' has 2 frames and no frame times; give --frame-times FILE, or \"frame_times\" or "
          "\"rate_hz\" in session.json");
    files.order.reset();
    files.flip_y = false;
    CHECK(sentence_of<data_error>([&] { make_playback(open_session(files)); }).find("its order is not stated") !=
          std::string::npos);
}

TEST_CASE("the place field of the cell that was asked for, or of the one with most spikes") {
    const recording_folder at;
    at.walk();
    at.npy<double>("spikes_few.npy", {1, 2});
    at.npy<double>("spikes_most.npy", {3, 4, 5});
    at.npy<double>("spikes_none.npy", {});
    const session opened = open_session(at.path());
    const auto cell = [&](const std::string& asked) { return make_playback(opened, {.bin_size = 5, .cell = asked}); };
    CHECK(cell("").cell == "most");
    CHECK(has_note(cell(""), "showing most, the cell with most spikes (3) of 3; choose with --cell"));
    CHECK(cell("few").cell == "few");
    CHECK(cell("few").notes.empty());
    CHECK(cell("1").cell == "most");
    CHECK(cell("2").place_field->spikes_used == 0);
    CHECK(sentence_of<invalid_value>([&] { cell("fw"); }) ==
          "the cell 'fw' was asked for; the recording has 3 cells: few, most, none (or 0-2); did you mean 'few'?");
    CHECK_THROWS_AS(cell("3"), invalid_value);
    CHECK_THROWS_AS(cell("-1"), invalid_value);
    CHECK_THROWS_AS(cell("1x"), invalid_value);

    const session_playback made = cell("few");
    CHECK(made.place_field->spikes_used == 2);
    CHECK(made.playback.style().kind == field_kind::rate);
    CHECK(made.playback.style().range.vmin == 0);
    CHECK(made.playback.source().frame_count() == 400);
    double highest = 0;
    for (const double rate : made.place_field->rate) {
        highest = std::isnan(rate) ? highest : (std::max)(highest, rate);
    }
    CHECK(made.playback.style().range.vmax == highest);
}

TEST_CASE("place fields of more cells stand beside, with colours and limits of their own kind") {
    const recording_folder at;
    write_l_shape(at, "active", ", \"order\": \"active\", \"kind\": \"posterior\"");
    at.walk();
    at.npy<double>("spikes_a.npy", {1, 2});
    at.npy<double>("spikes_b.npy", {3});
    session_files files{.folder = at.path(), .spikes = {at.file("spikes_a.npy"), at.file("spikes_b.npy")}};
    const session from = open_session(files);
    const session_playback made =
        make_playback(from, {.beside = {"b", "a"}, .colormap = "jet", .vmin = 0.0, .vmax = 0.5});
    REQUIRE(made.playback.field_count() == 3);
    CHECK(made.playback.style(0).title == "field");
    CHECK(made.playback.style(1).title == "b");
    CHECK(made.playback.style(2).title == "a");
    CHECK(made.playback.style(0).range == value_range{0, 0.5});
    CHECK_FALSE(made.playback.style(1).range == value_range{0, 0.5});
    CHECK(made.playback.style(0).colors == colormap::named("jet"));
    CHECK(made.playback.style(1).colors == colormap::named("viridis"));
    CHECK(made.cell.empty());
    const session_playback cells = make_playback(from, {.cell = "a", .beside = {"b"}, .colormap = "jet"});
    CHECK(cells.cell == "a");
    CHECK(cells.playback.field_count() == 2);
    CHECK(cells.playback.style(1).colors == colormap::named("jet"));
    CHECK(sentence_of<invalid_value>([&] { make_playback(from, {.beside = {"c"}}); }) ==
          "the cell 'c' was asked for; the recording has 2 cells: a, b (or 0-1); did you mean 'a'?");
}

TEST_CASE("a blank field is an arena to draw on, as long as the samples") {
    const recording_folder at;
    at.npy<double>("times.npy", {5, 6, 7});
    const auto blank = [&](const std::string& more) {
        at.write("session.json", R"({"fieldreel_session": 1, "fields": [{"kind": "blank", "name": "box")" + more + "}");
        return at.path();
    };
    const std::string bins = R"(, "grid": {"edges_x": [0, 20, 40], "edges_y": [0, 30]})";
    const session from = open_session(blank(bins + "}], \"times\": \"times.npy\""));
    REQUIRE(from.fields.size() == 1);
    CHECK(from.fields[0].blank);
    const session_playback made = make_playback(from);
    CHECK(made.playback.times().start_s == 5);
    CHECK(made.playback.source().frame_count() == 3);
    CHECK(made.playback.space().bin_count() == 2);
    CHECK_FALSE(made.playback.style().bar);
    CHECK(made.notes.empty());
    CHECK(sentence_of<data_error>([&] { open_session(blank(bins + "}]")); }) ==
          "the blank field 'box' has no times; add \"times\" (seconds, one per sample) to session.json, or "
          "\"frame_times\" to the field");
    CHECK(sentence_of<file_error>([&] { open_session(blank(bins + ", \"file\": \"f.npy\"}]")); })
              .ends_with("the field 'box' is blank and has \"file\"; a blank field has no values; remove it, or give "
                         "another kind"));
}

TEST_CASE("a cell that is asked for is shown although a field is stored, a bin size that is not used is told of") {
    const recording_folder at;
    write_l_shape(at, "active", ", \"order\": \"active\"");
    at.walk();
    const session stored = open_session(at.path());
    CHECK(sentence_of<invalid_value>([&] { make_playback(stored, {.cell = "a"}); }) ==
          "the cell 'a' was asked for and the recording has no spikes; give spikes*.npy (--spikes), or ask for no "
          "cell");
    const session with_spikes = open_session({.folder = at.path(), .spikes = {at.npy<double>("spikes_a.npy", {1})}});
    CHECK(make_playback(with_spikes).cell.empty());
    CHECK(make_playback(with_spikes, {.cell = "a"}).cell == "a");
    CHECK(make_playback(with_spikes, {.cell = "a"}).playback.space().bin_count() == 12);
    CHECK(has_note(make_playback(with_spikes, {.cell = "a"}),
                   "bins of 10 x 10 units, those of 'field'; with --bin-size they are made of the positions"));
    CHECK(make_playback(with_spikes, {.bin_size = 20, .cell = "a"}).playback.space().bin_count() != 12);
    const session_playback made = make_playback(stored, {.bin_size = 3});
    CHECK(has_note(made, "the bin size was not used: the field has a grid of its own"));
    CHECK_FALSE(has_note(make_playback(stored), "the bin size was not used: the field has a grid of its own"));
}

TEST_CASE("without spikes the field is the time spent in each bin") {
    const recording_folder at;
    at.walk();
    const session_playback made = make_playback(open_session(at.path()));
    CHECK(made.playback.style().title == "occupancy");
    CHECK(made.playback.style().label == "time");
    CHECK(made.playback.style().unit == "s");
    CHECK(has_note(made, "there are no spikes; the field is the time spent in each bin"));
    CHECK(has_note(made, "bins of 1.6 units, 1/25 of the longer side of the arena; choose with --bin-size"));
}

TEST_CASE("spikes on another clock are noticed") {
    const recording_folder at;
    at.walk();
    at.npy<double>("spikes_a.npy", {1000, 2000});
    CHECK(has_note(make_playback(open_session(at.path())),
                   "the spikes of a (1000 to 2000 s) and the positions (0 to 39.900000000000006 s) do not overlap in "
                   "time; are they in other units or on another clock?"));
}

TEST_CASE("spikes in any order, and some that are no times, overlap where the finite ones do") {
    const double infinity = std::numeric_limits<double>::infinity();
    const recording_folder at;
    at.walk();
    for (const std::vector<double>& spikes : {std::vector<double>{10, 20, -5},
                                              {500, 10, 20},
                                              {10, nan_value},
                                              {nan_value, 10},
                                              {10, -infinity},
                                              {infinity, 10}}) {
        at.npy("spikes_a.npy", spikes);
        for (const std::string& note : make_playback(open_session(at.path())).notes) {
            CHECK(note.find("overlap") == std::string::npos);
        }
    }
    at.npy<double>("spikes_a.npy", {nan_value, 1000, infinity, 900});
    CHECK(has_note(make_playback(open_session(at.path())),
                   "the spikes of a (900 to 1000 s) and the positions (0 to 39.900000000000006 s) do not overlap in "
                   "time; are they in other units or on another clock?"));
    at.npy<double>("spikes_a.npy", {nan_value, infinity});
    CHECK(has_note(make_playback(open_session(at.path())), "none of the 2 spike times of a is finite; check the file"));
}

TEST_CASE("two cells of one name are told of, and refused by that name") {
    const recording_folder at;
    at.walk();
    at.npy<double>("spikes_a.npy", {1, 2});
    at.npy<double>("spikes_b.npy", {3});
    at.write("session.json", R"({"fieldreel_session": 1, "times": "times.npy", "positions": "positions.npy", "spikes":
        [{"name": "a", "file": "spikes_a.npy"}, {"name": "b", "file": "spikes_a.npy"}, {"name": "b", "file": "spikes_b.npy"}]})");
    const session opened = open_session(at.path());
    CHECK(opened.warnings == std::vector<std::string>{"2 cells are named 'b' (numbers 1, 2); give them names of their "
                                                      "own, or ask by number"});
    CHECK(sentence_of<invalid_value>([&] { make_playback(opened, {.cell = "b"}); }) ==
          "the cell 'b' was asked for; 2 cells have this name; ask for one by its number (1, 2), or give them names of "
          "their own");
    CHECK(make_playback(opened, {.cell = "2"}).place_field->spikes_used == 1);
    CHECK(make_playback(opened, {.cell = "1"}).place_field->spikes_used == 2);
    CHECK(make_playback(opened, {.cell = "a"}).cell == "a");
}

TEST_CASE("a few positions that stretch the arena are told of") {
    const recording_folder at;
    at.walk();
    const samples walk = samples::open_npy(at.file("positions.npy"));
    const auto notes = [&](std::size_t strays, double to) {
        std::vector<double> positions;
        for (std::size_t i = 0; i < 800; ++i) {
            positions.push_back(i / 2 < strays && i % 2 == 0 ? to : walk(i / 2, i % 2));
        }
        at.npy("positions.npy", positions, {2});
        std::string out;
        for (const std::string& note : make_playback(open_session(at.path()), {.bin_size = 20}).notes) {
            out += note.find("stretch") == std::string::npos ? "" : note;
        }
        return out;
    };
    CHECK(notes(0, 0).empty());
    CHECK(notes(1, 60).empty());
    CHECK(notes(1, 1000) ==
          "1 position stretches the arena to 1e+03 x 40, where the others lie within 40 x 40; if it is "
          "wrong, replace it by NaN");
    CHECK(notes(100, 1000).empty()); // a quarter of them: the arena is large
}

TEST_CASE("a session that starts at 1.6e9 s shows what one at 0 shows") {
    std::vector<std::vector<std::string>> shown;
    for (const double start_s : {0.0, 1.6e9}) {
        const recording_folder at;
        at.walk(400, start_s, 0.125);
        at.npy<double>("spikes_a.npy", {start_s + 3, start_s + 4.5, start_s + 20});
        std::vector<float> frames;
        std::vector<double> times;
        for (int i = 0; i < 60; ++i) {
            times.push_back(start_s + 0.25 * i);
            for (int b = 0; b < 12; ++b) {
                frames.push_back(static_cast<float>((b * 7 + i * 5) % 13));
            }
        }
        at.npy("frames.npy", frames, {12});
        at.npy("ft.npy", times);
        at.write("session.json",
                 std::string(R"({"fieldreel_session": 1, "times": "times.npy", "positions": "positions.npy",
                    "spikes": [{"file": "spikes_a.npy"}],
                    "fields": [{"file": "frames.npy", "order": "active", "frame_times": "ft.npy", "grid": )") +
                     hot_l_shape::grid_json + "}]}");
        const session opened = open_session(at.path());
        session_playback stored = make_playback(opened);
        shown.push_back(pictures_of(stored, 0.25));
        session_playback by_time = make_playback(opened, {.target_hz = 2});
        shown.push_back(pictures_of(by_time, 0.25));
        session_playback derived = make_playback(opened, {.bin_size = 5, .cell = "a"});
        shown.push_back(pictures_of(derived, 0.25));
        CHECK(shown.back()[0] != std::string(shown.back()[0].size(), '\0'));
    }
    CHECK(shown[0][0] != shown[0][1]);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(shown[i] == shown[i + 3]);
    }
}

TEST_CASE("the first frames only, and other rates") {
    const recording_folder at;
    at.walk(); // 10 Hz, 40 s
    const session opened = open_session(at.path());
    const auto count = [&](const session_options& how) {
        return make_playback(opened, how).playback.source().frame_count();
    };
    CHECK(count({}) == 400);
    CHECK(count({.frames = 7}) == 7);
    CHECK(count({.frames = 4000}) == 400);
    CHECK(count({.target_hz = 5}) == 200);
    CHECK(count({.source_hz = 10, .target_hz = 2}) == 80);
    CHECK(sentence_of<invalid_value>([&] { count({.source_hz = 10, .target_hz = 20}); }) ==
          "a target rate of 20 Hz was asked of a source of 10 Hz; frames cannot be invented; ask for at most 10 Hz");
    CHECK_THROWS_AS(count({.target_hz = 0}), invalid_value);
    CHECK_THROWS_AS(count({.target_hz = -1}), invalid_value);
    CHECK_THROWS_AS(count({.source_hz = 10, .target_hz = 0}), invalid_value);
    CHECK(sentence_of<invalid_value>([&] { count({.source_hz = 10}); }) ==
          "a source rate was given and no target rate; give both (--source-hz, --target-hz), or the target rate "
          "alone "
          "to subsample by time");
    const session_playback wrong = make_playback(opened, {.source_hz = 20, .target_hz = 2});
    CHECK(std::any_of(wrong.notes.begin(), wrong.notes.end(), [](const std::string& note) {
        return note.starts_with("the frames come at 10 Hz, not at the 20");
    }));
}

TEST_CASE("given limits and colours are used, wrong ones are refused") {
    const recording_folder at;
    at.walk();
    const session opened = open_session(at.path());
    const session_playback made = make_playback(opened, {.colormap = "hot_r", .vmin = -1, .vmax = 2});
    CHECK(made.playback.style().colors.name() == "hot_r");
    CHECK(made.playback.style().range == value_range{-1, 2});
    CHECK(make_playback(opened, {.vmin = 0.5}).playback.style().range.vmin == 0.5);
    CHECK_THROWS_AS(make_playback(opened, {.vmin = 2, .vmax = 1}), invalid_value);
    CHECK_THROWS_AS(make_playback(opened, {.colormap = "virdis"}), invalid_value);
}

TEST_CASE("a cache changes nothing that is shown") {
    const recording_folder at;
    write_l_shape(at, "yx", ", \"order\": \"yx\"");
    const session opened = open_session(at.path());
    session_playback plain = make_playback(opened);
    session_playback cached_one = make_playback(opened, {.cache = cache_options{.chunk_size = 1, .max_chunks = 1}});
    CHECK(pictures_of(plain, 0.13) == pictures_of(cached_one, 0.13));
    REQUIRE(cached_one.cache_statistics);
    CHECK(cached_one.cache_statistics().misses > 0);
    CHECK_FALSE(plain.cache_statistics);
    CHECK_THROWS_AS(make_playback(opened, {.cache = cache_options{.chunk_size = 0}}), invalid_value);
}

TEST_CASE("what cannot be shown is said") {
    const recording_folder at;
    at.npy<double>("times.npy", {0, 1});
    CHECK(sentence_of<data_error>([&] { make_playback(open_session(at.path())); }) ==
          "there is nothing to show: no field, and no positions with times to make one of; give positions and times, "
          "or a field");
    at.npy<double>("positions.npy", {nan_value, nan_value, nan_value, nan_value}, {2});
    CHECK(sentence_of<data_error>([&] { make_playback(open_session(at.path())); }) ==
          "all 2 positions are NaN; a grid needs tracked samples; check the tracking and its columns");
    at.npy<float>("f.npy", std::vector<float>(12), {4});
    const recording_folder none;
    CHECK(sentence_of<data_error>([&] { make_playback(open_session({.field = at.file("f.npy")})); }) ==
          "there are no positions to make a grid of; give positions (n, 2), or a field with a grid in session.json");
    at.walk(40);
    CHECK(sentence_of<data_error>([&] {
              make_playback(open_session({.folder = at.path(), .field = at.file("f.npy")}), {.bin_size = 20});
          }).starts_with("a frame of 'f' has 4 values"));
}

TEST_CASE("NaN positions play, the heading is drawn with its offset") {
    const recording_folder at;
    at.walk(100);
    std::vector<double> positions(200, 0);
    for (std::size_t i = 0; i < 100; ++i) {
        positions[2 * i] = i % 10 == 0 ? nan_value : static_cast<double>(i);
        positions[2 * i + 1] = static_cast<double>(i % 7) * 5;
    }
    at.npy("positions.npy", positions, {2});
    at.npy<double>("head_direction.npy", std::vector<double>(100, 0.0));
    const auto arrow = [&](double offset_rad) {
        const session opened = open_session({.folder = at.path(), .heading_offset_rad = offset_rad});
        session_playback made = make_playback(opened, {.bin_size = 5});
        scene now;
        made.playback.fill(0.35, now);
        for (const shape& s : now.shapes.shapes()) {
            if (s.kind == shape_kind::arrow) {
                const auto v = now.shapes.vertices(s);
                return std::atan2(v[1].y - v[0].y, v[1].x - v[0].x);
            }
        }
        return nan_value;
    };
    CHECK(arrow(0) == doctest::Approx(0));
    CHECK(arrow(1.25) == doctest::Approx(1.25));
}

TEST_CASE("recorded animals open and play, where their files are") {
    for (const std::string name : {"openfield_mouse_M12_2018-04-10", "openfield_rat_sargolini"}) {
        const std::string folder = std::string(FIELDREEL_SHARED_DIR) + "/data/" + name;
        if (!std::filesystem::exists(folder)) {
            MESSAGE("skipped: no ", folder);
            continue;
        }
        const session opened = open_session(folder);
        session_playback made = make_playback(opened, {.bin_size = 4});
        const bool mouse = name.find("mouse") != std::string::npos;
        CHECK(made.playback.source().frame_count() == (mouse ? 47757u : 29800u));
        CHECK(made.cell == (mouse ? "cell02" : ""));
        if (mouse) {
            CHECK(made.place_field->spikes_used == 6061);
            CHECK(made.place_field->discarded.total() == 0);
        }
        CHECK(pictures_of(made, 1).back().size() > 0);
    }
}

namespace {

/// A crooked path of 12 s in an arena of 40 x 40; from sample 50 to 70 it was filled in with a straight line.
void write_filled_in(const recording_folder& at) {
    std::vector<double> times, positions, heading;
    for (std::size_t i = 0; i < 120; ++i) {
        const double phase = static_cast<double>(i);
        times.push_back(0.1 * phase);
        positions.push_back(20 + 20 * std::sin(phase * 0.11));
        positions.push_back(20 + 20 * std::cos(phase * 0.07));
        heading.push_back(0.01 * phase * phase);
    }
    for (std::size_t i = 51; i < 70; ++i) {
        for (std::size_t axis = 0; axis < 2; ++axis) {
            const double from = positions[100 + axis];
            positions[2 * i + axis] = from + (positions[140 + axis] - from) * static_cast<double>(i - 50) / 20;
        }
    }
    at.npy("times.npy", times);
    at.npy("positions.npy", positions, {2});
    at.npy("head_direction.npy", heading);
    at.npy<double>("spikes_a.npy", {1, 4.9, 5.05, 5.5, 6.99, 7.01, 9});
    at.npy<double>("spikes_b.npy", {5.5});
}

std::size_t shapes_of(session_playback& made, double time_s, shape_kind kind) {
    scene now;
    made.playback.fill(time_s, now);
    std::size_t count = 0;
    for (const shape& s : now.shapes.shapes()) {
        count += s.kind == kind ? 1u : 0u;
    }
    return count;
}

} // namespace

TEST_CASE("dropped stretches are lost in time, spikes, trail and heading, and the note says how much went") {
    const recording_folder at;
    write_filled_in(at);
    const session opened = open_session(at.path());
    const std::vector<std::string> tracked{"trail", "heading"};
    session_playback whole = make_playback(opened, {.bin_size = 5, .overlays = tracked});
    session_playback made = make_playback(opened, {.bin_size = 5, .overlays = tracked, .drop_interpolated = true});
    CHECK_FALSE(whole.dropped);
    REQUIRE(made.dropped);
    CHECK(made.dropped->runs.runs == std::vector<sample_run>{{50, 70, 5.0, 7.0}});
    CHECK(made.dropped->spikes == 3);
    CHECK(has_note(made, "dropped 1 interpolated stretch (2.0 s, 16.8 % of the recording, 3 spikes of a)"));
    CHECK(whole.place_field->spikes_used == 7);
    CHECK(made.place_field->spikes_used == 4);
    CHECK(made.place_field->discarded.lost_tracking == 3);
    CHECK(made.place_field->time.lost_tracking_s == doctest::Approx(2));
    CHECK(made.place_field->rate.size() == whole.place_field->rate.size()); // the same bins
    for (const double t : {5.05, 6.0, 6.95}) {
        CAPTURE(t);
        CHECK(shapes_of(whole, t, shape_kind::marker) == 1);
        CHECK(shapes_of(whole, t, shape_kind::arrow) == 1);
        CHECK(shapes_of(made, t, shape_kind::marker) == 0);
        CHECK(shapes_of(made, t, shape_kind::arrow) == 0);
    }
    for (const double t : {4.85, 7.0, 7.05}) {
        CAPTURE(t);
        CHECK(shapes_of(made, t, shape_kind::marker) == 1);
        CHECK(shapes_of(made, t, shape_kind::arrow) == 1);
    }
    // The recording itself is as it was.
    CHECK((*opened.positions)(60, 0) == (*open_session(at.path()).positions)(60, 0));

    CHECK(has_note(make_playback(opened, {.bin_size = 5, .cell = "b", .drop_interpolated = true}),
                   "dropped 1 interpolated stretch (2.0 s, 16.8 % of the recording, 1 spike of b)"));
}

TEST_CASE("dropping says when there is nothing to drop, and leaves stored fields and occupancy their bins") {
    const recording_folder at;
    at.walk();
    CHECK(has_note(make_playback(open_session(at.path()), {.drop_interpolated = true}),
                   "no interpolated stretches were found; nothing was dropped"));
    write_filled_in(at);
    std::filesystem::remove(at.file("spikes_a.npy"));
    std::filesystem::remove(at.file("spikes_b.npy"));
    const session opened = open_session(at.path());
    const session_playback time_spent = make_playback(opened, {.bin_size = 5, .drop_interpolated = true});
    CHECK(has_note(time_spent, "dropped 1 interpolated stretch (2.0 s, 16.8 % of the recording)"));
    double seconds = 0;
    for (std::size_t bin = 0; bin < time_spent.playback.source().frame_size(); ++bin) {
        seconds += time_spent.playback.source().cursor().frame(0)[bin];
    }
    CHECK(seconds == doctest::Approx(9.9));

    // A stored field over the grid of the positions still fits.
    const std::size_t bins = time_spent.playback.source().frame_size();
    const std::string field = at.npy("field.npy", std::vector<float>(bins * 120, 1.0F), {bins});
    const session stored = open_session({.folder = at.path(), .field = field, .order = field_order::active});
    CHECK(make_playback(stored, {.bin_size = 5, .drop_interpolated = true}).playback.source().frame_size() == bins);
    const recording_folder none;
    none.npy("field.npy", std::vector<float>(8, 1.0F), {2, 2});
    CHECK(has_note(make_playback(open_session({.field = none.file("field.npy"),
                                               .frame_times = none.npy<double>("t.npy", {0, 1}),
                                               .order = field_order::yx}),
                                 {.drop_interpolated = true}),
                   "there are no positions with times; nothing was dropped"));
}
