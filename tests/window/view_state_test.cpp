// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/window/view_state.hpp>

#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace fieldreel;

view_state full_view() {
    view_state out;
    out.time_s = 75.300000000000011;
    out.speed = -1.0 / 3;
    out.mode = play_mode::ping_pong;
    out.pacing = pacing::every_frame;
    out.skip_gaps = true;
    out.in_s = 1.6e9 + 0.125;
    out.out_s = std::nextafter(1.6e9 + 7, 0.0);
    out.bookmarks = {{1, "start \"quoted\" \\ ü"}, {2.5, ""}};
    out.track = "ripples";
    out.fields = {{"posterior", "", "magma_r", value_range{0.001, 0.3}, {value_scale::log, 1}},
                  {"cell02", "cell02", "", {}, {value_scale::gamma, 0.5}}};
    out.layers = {{"trail", true, 0.25, rgba8{1, 20, 255, 128}, 2.5}, {"head", false, 1, {}, {}}};
    out.zoom = 3.7;
    out.center = point_xy{-12.5, 1e-9};
    out.timeline = time_range{70, 80};
    out.unit = time_unit::frames;
    out.panels = {false, true, false, true};
    out.look = window_look::light;
    out.picture = {image_shape{737, 1028}, 32.5, false, false, false, false, false};
    return out;
}

TEST_CASE("a view is read as it was written, to the last digit") {
    const support::temporary_directory folder;
    std::vector<std::string> warnings;
    for (const view_state& view : {view_state(), full_view()}) {
        write_view(folder.file("a.view"), view);
        CHECK(read_view(folder.file("a.view"), warnings) == view);
        CHECK(support::bytes_of(folder.file("a.view")) == view_text(view));
        CHECK(!support::temporary_directory::exists(folder.file("a.view.part")));
    }
    CHECK(warnings.empty());
    std::mt19937_64 engine(2);
    for (int i = 0; i < 200; ++i) {
        view_state view;
        view.time_s = std::ldexp(static_cast<double>(engine()), static_cast<int>(engine() % 40) - 60);
        view.zoom = 1 + std::ldexp(static_cast<double>(engine()), -60);
        write_view(folder.file("b.view"), view);
        REQUIRE(read_view(folder.file("b.view"), warnings) == view);
    }
}

TEST_CASE("each member is in the comparison") {
    const view_state usual;
    const view_state full = full_view();
    int different = 0;
    const auto one = [&](auto member) {
        view_state changed = usual;
        changed.*member = full.*member;
        different += changed == usual ? 0 : 1;
    };
    one(&view_state::time_s);
    one(&view_state::speed);
    one(&view_state::mode);
    one(&view_state::pacing);
    one(&view_state::skip_gaps);
    one(&view_state::in_s);
    one(&view_state::out_s);
    one(&view_state::bookmarks);
    one(&view_state::track);
    one(&view_state::fields);
    one(&view_state::layers);
    one(&view_state::zoom);
    one(&view_state::center);
    one(&view_state::timeline);
    one(&view_state::unit);
    one(&view_state::panels);
    one(&view_state::look);
    one(&view_state::picture);
    CHECK(different == 18);
}

TEST_CASE("only the version has to be there") {
    const support::temporary_directory folder;
    std::vector<std::string> warnings;
    CHECK(read_view(folder.write("v", "{\"fieldreel_view\": 1}"), warnings) == view_state());
    CHECK(read_view(folder.write("v", "{\"fieldreel_view\": 1, \"in_s\": null, \"panels\": {}}"), warnings) ==
          view_state());
    CHECK(warnings.empty());
}

TEST_CASE("members that are not known are told and passed over") {
    const support::temporary_directory folder;
    std::vector<std::string> warnings;
    const std::string path =
        folder.write("v", R"({"fieldreel_view": 1, "spede": 2, "layers": [{"name": "a", "opacty": 1}],
                              "panels": {"hut": true}, "bookmarks": [{"time_s": 1, "nam": "x"}]})");
    CHECK(read_view(path, warnings).layers.size() == 1);
    const std::vector<std::string> expected = {
        path + ": view.bookmarks[0] has a member 'nam' that is not known and is ignored; did you mean 'name'?",
        path + ": view.layers[0] has a member 'opacty' that is not known and is ignored; did you mean 'opacity'?",
        path + ": view.panels has a member 'hut' that is not known and is ignored; did you mean 'hud'?",
        path + ": view has a member 'spede' that is not known and is ignored; did you mean 'speed'?"};
    CHECK(detail::join(warnings) == detail::join(expected));
}

TEST_CASE("a broken view says where and what") {
    const support::temporary_directory folder;
    const auto sentence = [&](const std::string& words) {
        const std::string path = folder.write("v", words);
        const std::string said = support::sentence_of<file_error>([&] {
            std::vector<std::string> warnings;
            read_view(path, warnings);
        });
        return said.starts_with(path) ? said.substr(path.size()) : said;
    };
    const auto member = [&](const std::string& words) { return sentence("{\"fieldreel_view\": 1, " + words + "}"); };
    CHECK(sentence("{\n  \"fieldreel_view\": 1,\n  \"speed\": ,\n}") ==
          " is no valid JSON at line 3, column 12; check commas, quotes and brackets there");
    CHECK(sentence("") == " is no valid JSON at line 1, column 1; check commas, quotes and brackets there");
    CHECK(sentence("[1]") == ": view must be an object ({...}); it is array");
    CHECK(sentence("{}") == ": view lacks 'fieldreel_view'; add it");
    CHECK(sentence("{\"fieldreel_view\": 2}") ==
          " is a view of version 2; versions 1 to 1 can be read; use a newer fieldreel");
    CHECK(sentence("{\"fieldreel_view\": \"1\"}") ==
          ": view.fieldreel_view must be a whole number, 0 or positive; it is \"1\"");
    CHECK(member("\"time_s\": 1e999") == " has a number that is too great to be read; write a smaller one");
    CHECK(member("\"time_s\": \"5\"") == ": view.time_s must be a number; it is \"5\"");
    CHECK(member("\"speed\": 0") == ": view.speed is 0; it must not be; leave it out for real speed");
    CHECK(member("\"mode\": \"lop\"") ==
          ": view.mode is 'lop'; allowed are once, loop, ping-pong; did you mean 'loop'?");
    CHECK(member("\"in_s\": 5, \"out_s\": 4") ==
          ": view.out_s is 4 and in_s is 5; the out point must not be before the in point");
    CHECK(member("\"bookmarks\": [{}]") == ": view.bookmarks[0] lacks 'time_s'; add it");
    CHECK(member("\"bookmarks\": 3") == ": view.bookmarks must be a list ([...]); it is 3");
    CHECK(member("\"layers\": [{\"name\": \"a\", \"opacity\": 2}]") ==
          ": view.layers[0].opacity is 2; it must be from 0 to 1");
    CHECK(member("\"layers\": [{\"name\": \"a\", \"color\": \"#12\"}]") ==
          ": view.layers[0].color is wrong: the colour '#12' was asked for; after # come six digits 0-9 and a-f, or "
          "eight with alpha, e.g. #ff8800");
    CHECK(member("\"layers\": [{\"name\": \"a\", \"trail_s\": -1}]") ==
          ": view.layers[0].trail_s is -1; it must not be negative; 0 shows no trail");
    CHECK(member("\"fields\": [{\"colormap\": \"virids\"}]").ends_with("; did you mean 'viridis'?"));
    CHECK(member("\"fields\": [{\"limits\": [1, 0]}]") ==
          ": view.fields[0].limits go from 1 to 0; give the lower one first");
    CHECK(member("\"fields\": [{\"limits\": [1]}]") ==
          ": view.fields[0].limits must be two values ([vmin, vmax]); it is [1]");
    CHECK(member("\"fields\": [{\"gamma\": 0}]") == ": view.fields[0].gamma is 0; it must be above 0; 1 is linear");
    CHECK(member("\"fields\": [{\"limits\": [0, 1], \"scale\": \"log\"}]") ==
          ": view.fields[0].limits begin at 0 and the scale is log; they must be above 0");
    CHECK(member("\"zoom\": -2") == ": view.zoom is -2; it must be from 1, which shows the whole field, to 256");
    CHECK(member("\"timeline\": [3, 2]") == ": view.timeline goes from 3 s to 2 s; give the start first");
    CHECK(member("\"panels\": []") == ": view.panels must be an object ({...}); it is array");
}

TEST_CASE("a file that is not there, and a folder that is not") {
    const support::temporary_directory folder;
    std::vector<std::string> warnings;
    CHECK(support::sentence_of<file_error>([&] { read_view(folder.file("none"), warnings); }) ==
          folder.file("none") + " cannot be opened; check the path and its permissions");
    CHECK(support::sentence_of<file_error>([&] { write_view(folder.file("no/where"), {}); }) ==
          folder.file("no/where") +
              " cannot be created (No such file or directory); check that the folder exists and may be written");
}

TEST_CASE("play controls go into a view and come back") {
    const std::vector<marked_track> tracks = {{"rewards", event_times(std::vector<double>{5})},
                                              {"ripples", event_times(std::vector<double>{7})}};
    transport from({0, 100});
    from.set_tracks(tracks);
    from.set_active_track(1);
    from.set_mode(play_mode::loop, 0);
    from.set_speed(-0.25, 0);
    from.set_pacing(pacing::every_frame, 0);
    from.set_skip_gaps(true);
    from.set_out(60, 0);
    from.seek(70, 0);
    from.add_bookmark(0, "here");
    view_state view;
    save_transport(from, 0, view);
    transport to({0, 100});
    to.set_tracks(tracks);
    to.set_in(5, 0);
    to.play(0);
    std::vector<std::string> warnings;
    restore_transport(view, to, 1, warnings);
    CHECK(warnings.empty());
    CHECK(!to.playing());
    view_state again;
    save_transport(to, 2, again);
    CHECK(again == view);
    CHECK(again.time_s == 70);
    CHECK(!again.in_s);
    CHECK(again.out_s == 60);

    from.play_around_next(0); // neither this nor J and L is kept
    save_transport(from, 0, again);
    CHECK(again.speed == -0.25);
}

TEST_CASE("a view of another recording is brought inside, and says so") {
    transport to({0, 10});
    view_state view;
    view.time_s = 70;
    view.in_s = -5;
    view.track = "ripples";
    std::vector<std::string> warnings;
    restore_transport(view, to, 0, warnings);
    CHECK(to.position_s(0) == 10);
    CHECK(to.in_s() == 0.0);
    CHECK(warnings ==
          std::vector<std::string>{
              "the view's in point is -5 s, outside the recording, which goes from 0 s to 10 s; its nearest end is "
              "taken",
              "the view goes by the events 'ripples', which the recording has not; there are none",
              "the view's time is 70 s, outside the recording, which goes from 0 s to 10 s; its nearest end is taken"});
    to.set_tracks({{"rewards", event_times(std::vector<double>{5})}});
    warnings.clear();
    restore_transport(view, to, 0, warnings);
    CHECK(warnings[1] == "the view goes by the events 'ripples', which the recording has not; there are rewards");
}

} // namespace

TEST_CASE("the look of pictures goes into a view and back") {
    render_options look;
    look.size = {600, 900};
    look.style = render_style::talk;
    look.text_px = 18;
    look.halo = look.outline = false;
    look.zoom = 2.5;
    look.center = point_xy{3, 4};
    look.dock = false;
    look.title = "its own";
    view_state view;
    save_look(look, view);
    render_options own;
    own.title = "its own";
    CHECK(with_view(own, view) == look);
    look.style = render_style::standard;
    look.dock = std::nullopt; // as the recording has it
    look.time = look.color_bar = look.scale_bar = false;
    save_look(look, view);
    CHECK(with_view(own, view) == look);
    view.picture.size = image_shape{120, 160};
    CHECK(with_view(own, view).text_px == 10); // no larger than fits
}
