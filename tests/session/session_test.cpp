// SPDX-License-Identifier: MIT
#include <fieldreel/session/session.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/npy_bytes.hpp"
#include "support/recording_folder.hpp"
#include "support/sentence.hpp"

using namespace fieldreel;
using support::hot_l_shape;
using support::recording_folder;
using support::sentence_of;

namespace {

/// Opens the folder and gives the sentence of its error.
template <class Error>
std::string refused(const recording_folder& at, session_files files = {}) {
    files.folder = at.path();
    return sentence_of<Error>([&] { open_session(files); });
}

} // namespace

TEST_CASE("a description written by hand is read back whole") {
    const recording_folder at;
    at.npy<double>("t.npy", {0, 0.1, 0.2});
    at.npy<float>("xy.npy", {1, 2, 3, 4, 5, 6}, {2});
    at.npy<double>("hd.npy", {0, 1, 2});
    at.npy<double>("spikes_a.npy", {0.05});
    at.npy<double>("b.npy", {0.05, 0.15});
    at.npy("map.npy", hot_l_shape::frames("yx"), {4, 4});
    at.npy<double>("map_times.npy", {0, 0.1});
    at.npy<float>("wave.npy", std::vector<float>(36), {12});
    at.write("session.json", std::string(R"({"fieldreel_session": 1, "name": "day 1", "units": "cm", "simulated": true,
        "times": "t.npy", "positions": "xy.npy", "head_direction": "hd.npy", "heading_offset_rad": 0.5,
        "spikes": [{"file": "spikes_a.npy"}, {"name": "second", "file": "b.npy"}],
        "fields": [{"name": "value", "file": "map.npy", "order": "yx", "flip_y": true, "kind": "signed",
                    "frame_times": "map_times.npy", "grid": )") +
                                 hot_l_shape::grid_json + R"(},
                   {"file": "wave.npy", "rate_hz": 4, "start_s": 2}]})");
    const session s = open_session(at.path());
    CHECK(s.name == "day 1");
    CHECK(s.units == "cm");
    CHECK(s.simulated);
    CHECK(s.heading_offset_rad == 0.5);
    REQUIRE(s.times);
    CHECK(s.times->back() == 0.2);
    REQUIRE(s.positions);
    CHECK((*s.positions)(2, 1) == 6);
    REQUIRE(s.head_direction);
    CHECK((*s.head_direction)[2] == 2);
    REQUIRE(s.spikes.size() == 2);
    CHECK(s.spikes[0].name == "a");
    CHECK(s.spikes[1].name == "second");
    CHECK(s.spikes[1].times.size() == 2);
    REQUIRE(s.fields.size() == 2);
    CHECK(s.fields[0].name == "value");
    CHECK(s.fields[0].order == field_order::yx);
    CHECK(s.fields[0].flip_y);
    CHECK(s.fields[0].kind == field_kind::signed_values);
    REQUIRE(s.fields[0].space);
    CHECK(s.fields[0].space->bin_count() == 12);
    CHECK(s.fields[0].times->back() == 0.1);
    CHECK(s.fields[1].name == "wave");
    CHECK_FALSE(s.fields[1].order);
    CHECK(s.fields[1].kind == field_kind::other);
    CHECK((*s.fields[1].times)[2] == 2.5);
    CHECK(s.warnings.empty());
}

TEST_CASE("a grid's edges and mask may be files, without a mask it is full") {
    const recording_folder at;
    at.npy<double>("edges.npy", {0, 1, 2});
    at.npy<std::uint8_t>("mask.npy", {1, 0, 1, 1}, {2});
    at.npy<float>("f.npy", {1, 2, 3}, {3});
    const auto bins = [&](const std::string& mask) {
        at.write("session.json", R"({"fieldreel_session": 1, "fields": [{"file": "f.npy", "rate_hz": 1,
            "grid": {"edges_x": "edges.npy", "edges_y": [0, 1, 2])" +
                                     mask + "}}]}");
        return open_session(at.path()).fields[0].space->bin_count();
    };
    CHECK(bins(R"(, "mask": "mask.npy")") == 3);
    CHECK(bins(R"(, "mask": "full")") == 4);
    CHECK(bins("") == 4);
}

TEST_CASE("a track is described by its graph, nodes and edges may be files") {
    const recording_folder at;
    at.npy<double>("nodes.npy", {0, 0, 20, 0, 20, 10}, {2});
    at.npy<std::int64_t>("edges.npy", {0, 1, 1, 2}, {2});
    const auto opened = [&](const std::string& graph) {
        at.write("session.json", R"({"fieldreel_session": 1, "track": {)" + graph + "}}");
        return open_session(at.path());
    };
    const session by_hand =
        opened(R"("nodes": [[0, 0], [20, 0], [20, 10]], "edges": [[0, 1], [1, 2]], "edge_order": [[2, 1], [0, 1]],
                  "edge_spacing": [7.5], "bin_size": 4, "width": 6)");
    REQUIRE(by_hand.track);
    CHECK(by_hand.warnings.empty());
    CHECK(by_hand.track->bin_count() == 8);
    CHECK(by_hand.track->linear_length() == 37.5);
    CHECK(by_hand.track->linear_position(20, 10) == 0.0);
    CHECK(by_hand.track->linear_position(5, 1) == 22.5);
    CHECK(by_hand.track->width() == 6);
    const session by_files =
        opened(R"("nodes": "nodes.npy", "edges": "edges.npy", "edge_spacing": 1, "bin_size": 4, "width": 6)");
    CHECK(by_files.track->linear_length() == 31);
    CHECK(by_files.track->edge_order()[1] == track_edge{1, 2});
    CHECK(opened(R"("nodes": "nodes.npy", "edges": "edges.npy", "bin_size": 4, "width": 6, "with": 3)").warnings ==
          std::vector<std::string>{
              "session.json: session.track has a member 'with' that is not known and is ignored; did "
              "you mean 'width'?"});

    const auto refused_graph = [&](const std::string& graph) {
        at.write("session.json", R"({"fieldreel_session": 1, "track": {)" + graph + "}}");
        return sentence_of<error>([&] { open_session(at.path()); });
    };
    const std::string path = at.path() + "/session.json";
    CHECK(refused_graph(R"("nodes": "nodes.npy", "edges": "edges.npy", "bin_size": 4)") ==
          path + ": session.track lacks 'width'; add it");
    CHECK(refused_graph(R"("nodes": [0, 0], "edges": "edges.npy", "bin_size": 4, "width": 6)") ==
          path + ": session.track.nodes must be a file of shape (n, 2) or a list of pairs ([[a, b], ...]); it is 0");
    CHECK(refused_graph(R"("nodes": "nodes.npy", "edges": [[0, 1.5]], "bin_size": 4, "width": 6)") ==
          "the track's edges name a node 1.5; nodes are whole numbers counted from 0; correct the pair");
    CHECK(refused_graph(R"("nodes": "nodes.npy", "edges": [[0, 3]], "bin_size": 4, "width": 6)") ==
          "edge 0 (0-3) of the track names a node that is not there; there are 3 nodes, counted from 0; correct the "
          "edge, "
          "or add the node");
    CHECK(refused_graph(R"("nodes": "nodes.npy", "edges": "edges.npy", "edge_spacing": [1, 2], "bin_size": 4,
                           "width": 6)") ==
          "edge_spacing has 2 values; 2 edges have 1 gaps between them; pass one number for all, or one per gap");
    at.npy<float>("f.npy", {1, 2, 3}, {3});
    at.write("session.json", R"({"fieldreel_session": 1, "fields": [{"file": "f.npy", "rate_hz": 1,
        "grid": {"edges_x": [0, 1], "edges_y": [0, 1]}, "track": {}}]})");
    CHECK(refused<file_error>(at) == path + ": the field 'f' has a grid and a track; its values belong to one of them; "
                                            "remove the other");
}

TEST_CASE("without a description the plain names are found") {
    const recording_folder at;
    at.walk(3);
    at.npy<double>("head_direction.npy", {0, 1, 2});
    at.npy<double>("spikes_b.npy", {0.1});
    at.npy<double>("spikes-a.npy", {0.1, 0.2});
    at.npy<double>("spikes.npy", {});
    at.npy<double>("other.npy", {7});
    const session s = open_session(at.path() + "/");
    CHECK(s.name == std::filesystem::path(at.path()).filename().string());
    CHECK(s.times->size() == 3);
    CHECK(s.positions->size() == 3);
    CHECK(s.head_direction->size() == 3);
    REQUIRE(s.spikes.size() == 3);
    CHECK(s.spikes[0].name == "a");
    CHECK(s.spikes[1].name == "spikes");
    CHECK(s.spikes[2].name == "b");
}

TEST_CASE("each file may be given by hand, and the one it replaces is not opened") {
    const recording_folder at;
    at.write("session.json", R"({"fieldreel_session": 1, "times": "gone.npy", "positions": "gone.npy",
        "head_direction": "gone.npy", "heading_offset_rad": 1, "spikes": [{"file": "gone.npy"}],
        "fields": [{"file": "gone.npy"}]})");
    const recording_folder own;
    own.walk(3);
    const session s = open_session({.folder = at.path(),
                                    .positions = own.file("positions.npy"),
                                    .times = own.file("times.npy"),
                                    .spikes = {own.npy<double>("spikes_x.npy", {0.1})},
                                    .head_direction = own.npy<double>("hd.npy", {0, 1, 2}),
                                    .field = own.npy<float>("f.npy", {1, 2, 3, 4}, {2}),
                                    .frame_times = own.npy<double>("ft.npy", {0, 1}),
                                    .order = field_order::xy,
                                    .kind = field_kind::rate,
                                    .heading_offset_rad = -0.25});
    CHECK(s.positions->size() == 3);
    CHECK(s.spikes.at(0).name == "x");
    CHECK(s.head_direction->size() == 3);
    CHECK(s.heading_offset_rad == -0.25);
    REQUIRE(s.fields.size() == 1);
    CHECK(s.fields[0].name == "f");
    CHECK(s.fields[0].order == field_order::xy);
    CHECK(s.fields[0].kind == field_kind::rate);
    CHECK(s.fields[0].times->size() == 2);
    CHECK(open_session({.field = own.file("f.npy")}).name == "f");
}

TEST_CASE("order, kind, flip_y and frame times given by hand go to a described field too") {
    const recording_folder at;
    at.npy<float>("f.npy", {1, 2}, {1});
    at.npy<double>("ft.npy", {3, 4});
    at.write("session.json", R"({"fieldreel_session": 1, "fields": [{"file": "f.npy", "order": "active"}]})");
    const session s = open_session({.folder = at.path(),
                                    .frame_times = at.file("ft.npy"),
                                    .order = field_order::yx,
                                    .kind = field_kind::image,
                                    .flip_y = true});
    CHECK(s.fields[0].order == field_order::yx);
    CHECK(s.fields[0].kind == field_kind::image);
    CHECK(s.fields[0].flip_y);
    CHECK(s.fields[0].times->front() == 3);
    at.walk(3);
    at.write("session.json", R"({"fieldreel_session": 1, "times": "times.npy", "positions": "positions.npy"})");
    CHECK(refused<invalid_value>(at, {.order = field_order::xy}) ==
          "frame times, an order, a kind or flip_y were given and there is no field; give its file too (--field)");
}

TEST_CASE("members that are not known are told of, wherever they stand") {
    const recording_folder at;
    at.npy<float>("f.npy", {1}, {1});
    at.npy<double>("s.npy", {1});
    at.write("session.json", R"({"fieldreel_session": 1, "unit": "cm", "spikes": [{"file": "s.npy", "nam": "a"}],
        "fields": [{"file": "f.npy", "frame_time": 2, "grid": {"edges_x": [0, 1], "edges_y": [0, 1], "masks": 1}}]})");
    const session s = open_session(at.path());
    REQUIRE(s.warnings.size() == 4);
    CHECK(s.warnings[0] ==
          "session.json: session has a member 'unit' that is not known and is ignored; did you mean 'units'?");
    CHECK(s.warnings[1] ==
          "session.json: session.spikes[0] has a member 'nam' that is not known and is ignored; did you mean 'name'?");
    CHECK(s.warnings[2] == "session.json: session.fields[0] has a member 'frame_time' that is not known and is "
                           "ignored; did you mean 'frame_times'?");
    CHECK(s.warnings[3] == "session.json: session.fields[0].grid has a member 'masks' that is not known and is "
                           "ignored; did you mean 'mask'?");
}

TEST_CASE("a description that is wrong says where") {
    const recording_folder at;
    const std::string path = at.file("session.json");
    const auto described = [&](const std::string& words) {
        at.write("session.json", words);
        return refused<error>(at);
    };
    CHECK(described("{\"fieldreel_session\": 1,\n  \"name\": \"x\"\n  \"units\": \"cm\"}") ==
          path + " is no valid JSON at line 3, column 9; check commas, quotes and brackets there");
    CHECK(described("{") == path + " is no valid JSON at line 1, column 1; check commas, quotes and brackets there");
    CHECK(described("") == path + " is no valid JSON at line 1, column 1; check commas, quotes and brackets there");
    CHECK(described("[1]") == path + ": session must be an object ({...}); it is array");
    CHECK(described("{}") == path + " is a session description of version 0; this program reads version 1; add "
                                    "\"fieldreel_session\": 1 or use a newer program");
    CHECK(described(R"({"fieldreel_session": 2})") ==
          path + " is a session description of version 2; this program reads version 1; add \"fieldreel_session\": 1 "
                 "or use a newer program");
    CHECK(described(R"({"fieldreel_session": "1"})") ==
          path + ": session.fieldreel_session must be a number; it is \"1\"");
    CHECK(described(R"({"fieldreel_session": 1, "times": 3})") == path + ": session.times must be text; it is 3");
    CHECK(described(R"({"fieldreel_session": 1, "simulated": "yes"})") ==
          path + ": session.simulated must be true or false; it is \"yes\"");
    CHECK(described(R"({"fieldreel_session": 1, "spikes": "a.npy"})") ==
          path + ": session.spikes must be a list ([...]); it is \"a.npy\"");
    CHECK(described(R"({"fieldreel_session": 1, "spikes": ["a.npy"]})") ==
          path + ": session.spikes[0] must be an object ({...}); it is string");
    CHECK(described(R"({"fieldreel_session": 1, "spikes": [{"name": "a"}]})") ==
          path + ": session.spikes[0] lacks 'file'; add it");
    at.npy<float>("f.npy", {1}, {1});
    CHECK(described(R"({"fieldreel_session": 1, "fields": [{"file": "f.npy", "grid": {"edges_x": [0, 1]}}]})") ==
          path + ": session.fields[0].grid lacks 'edges_y'; add it");
    CHECK(described(R"({"fieldreel_session": 1, "fields": [{"file": "f.npy",
                        "grid": {"edges_x": [0, "a"], "edges_y": [0, 1]}}]})") ==
          path + ": session.fields[0].grid.edges_x must be a file name or a list of numbers; it is \"a\"");
    CHECK(described(R"({"fieldreel_session": 1, "fields": [{"file": "f.npy", "order": "rows"}]})") ==
          "the field order 'rows' was asked for; allowed are active (one value per active bin, x slow), xy (full grid, "
          "x slow) and yx (full grid, image rows)");
}

TEST_CASE("folders that hold no recording are refused") {
    const recording_folder at;
    CHECK(refused<file_error>(at) ==
          at.path() + " holds no recording: no session.json, positions.npy or times.npy; give a folder with one of "
                      "them, or the files by their options (--positions, --times, --field)");
    CHECK(sentence_of<file_error>([&] { open_session(at.file("none")); }) ==
          at.file("none") + " does not exist; give the folder of a recording, or its files");
    at.write("file", "x");
    CHECK(sentence_of<file_error>([&] { open_session(at.file("file")); }) ==
          at.file("file") + " is a file; give the folder of a recording, or use --field for a file of frames");
}

TEST_CASE("lengths and shapes that contradict each other are refused") {
    const recording_folder at;
    at.walk(4);
    at.npy<double>("times.npy", {0, 1, 2});
    CHECK(refused<data_error>(at) == "there are 3 times and 4 positions; give one of each per sample");
    at.walk(4);
    at.npy<double>("head_direction.npy", {0, 1, 2});
    CHECK(refused<data_error>(at) == "there are 4 times and 3 head directions; give one of each per sample");
    at.npy<double>("head_direction.npy", {0, 1, 2, 3, 4, 5, 6, 7}, {2});
    CHECK(refused<data_error>(at) == "head directions have 2 columns; give one angle per sample");
    std::filesystem::remove(at.file("head_direction.npy"));
    at.npy<double>("spikes_a.npy", {0, 1}, {2});
    CHECK(refused<data_error>(at) == "the spikes of a have 2 columns; give one time per spike");
    std::filesystem::remove(at.file("spikes_a.npy"));
    at.npy<double>("positions.npy", std::vector<double>(12), {3});
    CHECK(refused<data_error>(at) == "positions have 3 columns; give two, x and y");
    std::filesystem::remove(at.file("positions.npy"));
    at.npy<float>("f.npy", {1, 2}, {1});
    CHECK(refused<data_error>(at, {.field = at.file("f.npy"), .frame_times = at.file("times.npy")}) ==
          "the field 'f' has 2 frames and 4 frame times; give one time per frame");
    std::filesystem::remove(at.file("times.npy"));
    at.npy<double>("positions.npy", {1, 2}, {2});
    CHECK(refused<data_error>(at) ==
          "positions are there but no times; add times.npy (seconds, one per sample) or give --times");
}

TEST_CASE("times in milliseconds are noticed") {
    const recording_folder at;
    at.walk(50, 0, 33);
    at.npy<float>("f.npy", {1, 2}, {1});
    at.npy<double>("ft.npy", {0, 40});
    const session s = open_session({.folder = at.path(), .field = at.file("f.npy"), .frame_times = at.file("ft.npy")});
    REQUIRE(s.warnings.size() == 2);
    CHECK(s.warnings[0] == "the samples are 33 s apart; are the times in milliseconds? fieldreel reads seconds; divide "
                           "them by 1000 (of .csv "
                           "files state --time-unit ms)");
    CHECK(s.warnings[1] == "the frames of 'f' are 40 s apart; are the times in milliseconds? fieldreel reads seconds; "
                           "divide them by 1000 (of .csv "
                           "files state --time-unit ms)");
    at.walk(50, 0, 0.033);
    CHECK(open_session(at.path()).warnings.empty());
}

TEST_CASE("every stated order gives the same active bins") {
    const grid space({0, 10, 20, 30, 40}, {0, 10, 20, 30, 40}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0});
    const std::vector<float> cells = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13};
    for (const std::string order : {"active", "xy", "yx", "flipped"}) {
        for (const bool rows_cols : {false, true}) {
            if (order == "active" && rows_cols) {
                continue;
            }
            CAPTURE(order);
            CAPTURE(rows_cols);
            const recording_folder at;
            const std::vector<std::size_t> row_shape =
                rows_cols ? std::vector<std::size_t>{4, 4} : std::vector<std::size_t>{order == "active" ? 12u : 16u};
            session_field field{"f", open_npy(at.npy("f.npy", hot_l_shape::frames(order), row_shape))};
            field.order = field_order_named(order == "flipped" ? "yx" : order);
            field.flip_y = order == "flipped";
            any_cursor cursor = in_active_order(field, space).cursor();
            const auto values = [&](std::size_t frame) {
                const auto span = cursor.frame(frame).as<float>();
                return std::vector<float>(span.begin(), span.end());
            };
            CHECK(values(1) == cells);
            std::vector<float> hot(12);
            hot[*space.bin_at(hot_l_shape::x, hot_l_shape::y)] = 1;
            CHECK(values(0) == hot);
        }
    }
}

TEST_CASE("an order that is not stated or does not fit is refused with the choices") {
    const grid space({0, 1, 2, 3}, {0, 1, 2}, {1, 1, 1, 1, 1, 0}); // 3 x 2, 5 active
    const auto sentence = [&](std::vector<std::size_t> row_shape, std::optional<field_order> order,
                              bool flip_y = false) {
        const recording_folder at;
        std::size_t size = 1;
        for (const std::size_t n : row_shape) {
            size *= n;
        }
        session_field field{"f", open_npy(at.npy<float>("f.npy", std::vector<float>(size), row_shape))};
        field.order = order;
        field.flip_y = flip_y;
        return sentence_of<error>([&] { in_active_order(field, space); });
    };
    const std::string not_stated =
        "a frame of 'f' has 6 values, a full grid of 3 x 2 bins (5 active), and its order is not stated; give "
        "--field-order active, xy (x slow) or yx (image rows; with --flip-y row 0 is at the largest y), or \"order\" "
        "in "
        "session.json";
    CHECK(sentence({6}, {}) == not_stated);
    CHECK(sentence({2, 3}, {}) == not_stated);
    CHECK(sentence({5}, {}) == "nothing was thrown");
    CHECK(sentence({4}, {}) == "a frame of 'f' has 4 values; in order active it needs 5 for the grid of 3 x 2 bins (5 "
                               "active); check the bin size and the order");
    CHECK(sentence({5}, field_order::xy) == "a frame of 'f' has 5 values; in order xy it needs 6 for the grid of 3 x 2 "
                                            "bins (5 active); check the bin size and the order");
    CHECK(sentence({3, 2}, field_order::xy) == "nothing was thrown");
    CHECK(sentence({2, 3}, field_order::yx) == "nothing was thrown");
    CHECK(sentence({3, 2}, field_order::yx) == "a frame of 'f' is 3 x 2 and order yx needs 2 x 3; use the other order");
    CHECK(sentence({2, 3}, field_order::xy) == "a frame of 'f' is 2 x 3 and order xy needs 3 x 2; use the other order");
    CHECK(sentence({6}, field_order::xy, true) ==
          "flip_y was given for 'f', which is not in order yx; only image rows can start at the largest y; state the "
          "order yx or leave flip_y out");
}

namespace {

/// A description with one field of two frames of 7 values, and what else its description says.
void describe_states(const recording_folder& at, const std::string& more) {
    at.npy<double>("stacked.npy",
                   {0.10, 0.20, 0.05, 0.25, 0.15, 0.05, 0.20, 0.50, 0.00, 0.00, 0.25, 0.125, 0.00, 0.125}, {7});
    at.write("session.json", R"({"fieldreel_session": 1, "fields": [{"file": "stacked.npy", "name": "decoded",
        "order": "active", "rate_hz": 2, "grid": {"edges_x": [0, 1, 2, 3], "edges_y": [0, 1]})" +
                                 more + "}]}");
}

std::vector<double> first_frame(const any_source& source) {
    std::vector<double> out(source.frame_size());
    source.visit([&](auto frames) {
        auto cursor = cursor_of(frames);
        const auto values = cursor.frame(0);
        out.assign(values.begin(), values.end());
    });
    return out;
}

} // namespace

TEST_CASE("a decoder's states: the sum over space, or the one to show") {
    const recording_folder at;
    const std::string states = R"(, "states": ["moving", {"name": "silent", "bins": 1}, "jumping"])";
    describe_states(at, states);
    const session summed = open_session(at.path());
    CHECK(summed.warnings.empty());
    const session_field& field = summed.fields[0];
    REQUIRE(field.states);
    CHECK(field.states->names() == std::vector<std::string>{"moving", "silent", "jumping"});
    CHECK(field.states->bins() == std::vector<std::size_t>{3, 1, 3});
    CHECK(field.show == "sum");
    CHECK(field.frames.frame_size() == 7);
    const auto sum = first_frame(in_active_order(field, *field.space));
    REQUIRE(sum.size() == 3);
    for (const double value : sum) {
        CHECK(value == doctest::Approx(0.25)); // 0.10 + 0.15, 0.20 + 0.05, 0.05 + 0.20
    }
    describe_states(at, states + R"(, "show": "jumping")");
    const session one = open_session(at.path());
    CHECK(first_frame(in_active_order(one.fields[0], *one.fields[0].space)) == std::vector{0.15, 0.05, 0.20});
}

TEST_CASE("a decoder's states: the order of a full grid holds within each state") {
    const recording_folder at;
    // Two states over 2 x 2 cells as image rows; the bins are 00, 01, 10, 11 as x slow, y fast.
    at.npy<float>("stacked.npy", {1, 2, 3, 4, 10, 20, 30, 40}, {2, 4});
    at.write("session.json", R"({"fieldreel_session": 1, "fields": [{"file": "stacked.npy", "order": "yx",
        "rate_hz": 2, "grid": {"edges_x": [0, 1, 2], "edges_y": [0, 1, 2]}, "states": ["a", "b"]}]})");
    const session s = open_session(at.path());
    CHECK(first_frame(in_active_order(s.fields[0], *s.fields[0].space)) == std::vector<double>{11, 33, 22, 44});
}

TEST_CASE("a decoder's states: what cannot be is refused") {
    const recording_folder at;
    const std::string path = at.file("session.json");
    const auto described = [&](const std::string& more) {
        describe_states(at, more);
        return refused<error>(at);
    };
    CHECK(described(R"(, "states": ["a", "b"])") ==
          "a frame of 'decoded' has 7 values and its 2 states (a, b) share them equally; a frame holds the bins of one "
          "state after the other; give {\"name\", \"bins\"} for each state that has fewer bins than the others");
    CHECK(
        described(R"(, "states": ["a", {"name": "b", "bins": 8}])") ==
        "a frame of 'decoded' has 7 values and its 2 states (a, b) have at least 8 bins; a frame holds the bins of one "
        "state after the other; give {\"name\", \"bins\"} for each state that has fewer bins than the others");
    CHECK(described(R"(, "states": [{"name": "a", "bins": 3}, {"name": "b", "bins": 3}])") ==
          "a frame of 'decoded' has 7 values and its 2 states (a, b) have 6 bins; a frame holds the bins of one "
          "state after the other; give {\"name\", \"bins\"} for each state that has fewer bins than the others");
    CHECK(described(R"(, "states": [])") == "state_bins was given no states; give the name of each discrete state");
    CHECK(described(R"(, "states": "a")") == path + ": session.fields[0].states must be a list of names; it is \"a\"");
    CHECK(described(R"(, "states": ["a", 3])") ==
          path +
              ": session.fields[0].states must be a list of names or of {\"name\": text, \"bins\": whole number}; it "
              "is 3");
    CHECK(described(R"(, "states": ["a", {"name": "b"}])") ==
          path +
              ": session.fields[0].states must be a list of names or of {\"name\": text, \"bins\": whole number}; it "
              "is {\"name\":\"b\"}");
    CHECK(described(R"(, "states": [{"name": "a", "bins": 0}, "b"])") ==
          "the state 'a' has 0 bins; a state has at least 1; leave it out");
    CHECK(described(R"(, "states": ["a", "a", {"name": "b", "bins": 1}])") ==
          "states 0 and 1 are both named 'a'; the names of states must differ");
    CHECK(described(R"(, "states": ["sum", "a", {"name": "b", "bins": 1}])") ==
          "a state of 'decoded' is named 'sum', which means all states together; give it another name");
    CHECK(described(R"(, "states": ["a", "b", {"name": "c", "bins": 1}], "show": "d")") ==
          "the state 'd' was asked for; there are a, b, c; did you mean 'a'?");
    CHECK(described(R"(, "show": "a")") ==
          "'decoded' says which state to show and not which states it has; add \"states\": [names], or leave \"show\" "
          "out");
    // A grid that fits none of the states.
    describe_states(at, R"(, "states": ["all"])");
    const session s = open_session(at.path());
    CHECK(sentence_of<data_error>([&] { in_active_order(s.fields[0], *s.fields[0].space); }) ==
          "a frame of 'decoded' has 7 values; in order active it needs 3 for the grid of 3 x 1 bins (3 active); check "
          "the bin size and the order");
}

TEST_CASE("regions are read, polygons and points") {
    const recording_folder at;
    at.write("session.json", R"({"fieldreel_session": 1, "regions": [
        {"name": "box", "polygon": [[0, 0], [20, 0], [20, 10], [0, 10]]},
        {"name": "reward", "point": [30, 5.5], "radius": 4}]})");
    const session s = open_session(at.path());
    CHECK(s.warnings.empty());
    REQUIRE(s.regions.size() == 2);
    CHECK(s.regions.named("box").contains(19, 1));
    CHECK_FALSE(s.regions.named("box").contains(19, 11));
    CHECK(s.regions[1].name() == "reward");
    CHECK(s.regions[1].center() == point_xy{30, 5.5});
    CHECK(s.regions[1].radius() == 4);
}

TEST_CASE("regions that cannot be are refused with their name") {
    const recording_folder at;
    const std::string path = at.file("session.json");
    const auto described = [&](const std::string& region) {
        at.write("session.json", R"({"fieldreel_session": 1, "regions": [)" + region + "]}");
        return refused<error>(at);
    };
    CHECK(described(R"({"polygon": [[0, 0], [1, 0], [1, 1]]})") == path + ": session.regions[0] lacks 'name'; add it");
    CHECK(described(R"({"name": "a"})") ==
          "the region 'a' has no polygon and no point; give \"polygon\": [[x, y], ...], or \"point\": [x, y] with "
          "\"radius\"");
    CHECK(described(R"({"name": "a", "point": [0, 1], "radius": 2, "polygon": [[0, 0], [1, 0], [1, 1]]})") ==
          "the region 'a' has both a polygon and a point; give \"polygon\": [[x, y], ...], or \"point\": [x, y] with "
          "\"radius\"");
    CHECK(described(R"({"name": "a", "point": [0, 1]})") ==
          "the region 'a' has a point and its radius is missing; give \"radius\", in the units of the positions");
    CHECK(described(R"({"name": "a", "point": 3, "radius": 1})") ==
          path + ": session.regions[0].point must be a place [x, y]; it is 3");
    CHECK(described(R"({"name": "a", "polygon": [[0, 0], [1, 0], [1]]})") ==
          path + ": session.regions[0].polygon must be a list of corners [x, y]; it is [1]");
    CHECK(described(R"({"name": "a", "polygon": "square"})") ==
          path + ": session.regions[0].polygon must be a list ([...]); it is \"square\"");
    CHECK(described(R"({"name": "bow", "polygon": [[0, 0], [10, 10], [10, 0], [0, 10]]})") ==
          "the region 'bow' crosses itself: its edges 0 and 2 meet at (5, 5); edges may only meet at the corner they "
          "share; give the corners in order around the border");
    CHECK(described(R"({"name": "a", "point": [0, 1], "radius": 2}, {"name": "a", "point": [5, 1], "radius": 2})") ==
          "regions 0 and 1 are both named 'a'; the names of regions must differ; rename one");
}
