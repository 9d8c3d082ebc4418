// SPDX-License-Identifier: MIT
// fieldreel view, run as its users run it: a real window, real keys and a real mouse; what it did is in its report.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "support/drop_files.hpp"
#include "support/paged_out.hpp"
#include "support/recording_folder.hpp"
#include "support/sanitizer.hpp"
#include "support/virtual_display.hpp"

using nlohmann::json;
using support::bytes_of;
using support::recording_folder;
using words = std::vector<std::string>;

namespace {

/// A walk of 40 s in an arena of 40 x 40, a sample every 0.1 s, with head direction and a cell that fired four times.
void write_walk(const recording_folder& at) {
    at.walk();
    at.npy("head_direction.npy", std::vector<double>(400, 0.5));
    at.npy<double>("spikes_many.npy", {3, 4, 5, 6});
}

/// The program in a folder of its own, in a window on a display in memory. OpenGL in software and fontconfig keep what
/// they allocate, which is no leak of the program.
std::string command_in(const recording_folder& at, const std::string& arguments) {
    return "cd '" + at.path() +
           "' && XDG_STATE_HOME=\"$PWD/state\" ASAN_OPTIONS=\"$ASAN_OPTIONS:detect_leaks=0\" '" FIELDREEL_PROGRAM "' " +
           arguments;
}

int code_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

class running_window {
public:
    running_window(const recording_folder& at, const support::virtual_display& display, const std::string& arguments)
        : at_(at), display_(display) {
        if (!display.there()) {
            return;
        }
        const std::string command =
            command_in(at, "view . --report report.json " + arguments + " >out.txt 2>err.txt; echo $? >code.txt");
        process_ = ::fork();
        if (process_ == 0) {
            ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
            ::_exit(127);
        }
        ready_ = display.focus("^fieldreel");
    }
    ~running_window() { finish(); }
    /// False where there is no display: the test is skipped then.
    bool ready() const {
        if (!display_.there()) {
            MESSAGE("skipped: no Xvfb or no xdotool");
            return false;
        }
        INFO(bytes_of(at_.file("err.txt")));
        REQUIRE(ready_);
        return true;
    }
    void keys(const std::string& names) const { CHECK(display_.hand("key --delay 40 " + names)); }
    void mouse(const std::string& what) const { CHECK(display_.hand(what)); }
    ::pid_t process() const { return display_.process_of("^fieldreel"); }
    /// Ends it by Ctrl+Q; gives its report.
    json report() {
        keys("ctrl+q");
        finish();
        INFO(bytes_of(at_.file("err.txt")));
        CHECK(bytes_of(at_.file("code.txt")) == "0\n");
        CHECK(bytes_of(at_.file("err.txt")).empty());
        return json::parse(bytes_of(at_.file("report.json")), nullptr, false);
    }

private:
    void finish() {
        if (process_ > 0) {
            ::waitpid(process_, nullptr, 0);
            process_ = -1;
        }
    }
    const recording_folder& at_;
    const support::virtual_display& display_;
    ::pid_t process_ = -1;
    bool ready_ = false;
};

} // namespace

TEST_CASE("view: keys do what the table of keys says") {
    const support::virtual_display display;
    const recording_folder at;
    write_walk(at);
    running_window window(at, display, "--time 10 --mode loop");
    if (!window.ready()) {
        return;
    }
    window.keys("Right Right i shift+Right o Left m c 2 F8 d shift+a bracketright bracketright");
    const json got = window.report();
    CHECK(got["frame"] == 111); // 100, two on, one second on, one back
    CHECK(got["time_s"].get<double>() == doctest::Approx(11.1));
    CHECK(got["in_s"].get<double>() == doctest::Approx(10.2));
    CHECK(got["out_s"].get<double>() == doctest::Approx(11.3)); // the end of frame 112
    CHECK(got["bookmarks_s"].size() == 1);
    CHECK(got["playing"] == false);
    CHECK(got["speed"] == 4);
    CHECK(got["mode"] == "loop");
    CHECK(got["pacing"] == "every frame");
    CHECK(got["fields"][0]["colormap"] == "plasma");
    CHECK(got["layers"]["heading"] == false);
    CHECK(got["layers"]["trail"] == true);
    CHECK(got["hud"] == true);
    CHECK(got["dark"] == true);
    CHECK(got["frame_count"] == 400);
    CHECK(got["problem"] == "");
}

TEST_CASE("view: J, K and L shuttle, events are found, a time is typed") {
    const support::virtual_display display;
    const recording_folder at;
    write_walk(at);
    running_window window(at, display, "--time 20");
    if (!window.ready()) {
        return;
    }
    window.keys("p p");            // the spikes at 6 and 5 s
    window.keys("l l k");          // plays on, at 2x, and stands
    window.mouse("key g sleep 4"); // the box has the keyboard from the next picture on
    window.mouse("key --delay 400 3 numbersign BackSpace s Return"); // "3s"
    const json got = window.report();
    CHECK(got["time_s"] == 3);
    CHECK(got["frame"] == 30);
    CHECK(got["playing"] == false);
    CHECK(got["speed"] == 1); // standing still undoes the doubling
}

TEST_CASE("view: the picture that is saved is the one that export makes") {
    const support::virtual_display display;
    const recording_folder at;
    write_walk(at);
    running_window window(at, display, "--time 12.5");
    if (!window.ready()) {
        return;
    }
    window.keys("F6 t ctrl+shift+s"); // no panel, no timeline
    const json got = window.report();
    const std::string saved = got["screenshot"];
    CHECK(saved == "fieldreel_12.500s.png");
    const std::string picture = bytes_of(at.file(saved));
    REQUIRE(picture.size() > 24);
    const auto number = [&](std::size_t from) { // PNG: columns at 16, rows at 20
        return std::to_string(static_cast<unsigned char>(picture[from]) << 8 |
                              static_cast<unsigned char>(picture[from + 1]));
    };
    const std::string size = number(18) + "x" + number(22);
    CHECK(size.starts_with("1280x7"));
    REQUIRE(std::system(command_in(at, "export . same.png --time 12.5 --size " + size + " >/dev/null").c_str()) == 0);
    CHECK(bytes_of(at.file("same.png")) == picture);
}

TEST_CASE("view: the mouse on the timeline ends on the frame under it") {
    const support::virtual_display display;
    const recording_folder at;
    write_walk(at);
    running_window window(at, display, "--size 1280x800");
    if (!window.ready()) {
        return;
    }
    // The timeline goes from x = 10 to 1270, over 40 s.
    window.mouse("mousemove 200 735");
    window.mouse("mousedown 1");
    for (const char* x : {"400", "900", "640"}) {
        window.mouse(std::string("mousemove ") + x + " 735");
    }
    window.mouse("mouseup 1");
    const json got = window.report();
    CHECK(got["time_s"].get<double>() == doctest::Approx(40.0 * 630 / 1260).epsilon(0.02));
    CHECK(got["playing"] == false);
}

TEST_CASE("view: plays, counts and ends by itself") {
    const support::virtual_display display;
    const recording_folder at;
    write_walk(at);
    if (!display.there()) {
        MESSAGE("skipped: no Xvfb or no xdotool");
        return;
    }
    const int code =
        std::system(command_in(at, "view . --play --speed 20 --frames 30 --report report.json >/dev/null").c_str());
    CHECK(code_of(code) == 0);
    const json got = json::parse(bytes_of(at.file("report.json")));
    CHECK(got["scenes_shown"] == 30);
    CHECK(got["speed"] == 20);
    CHECK(got["time_s"].get<double>() > 0);
    CHECK(got["frames_shown"].get<int>() + got["frames_skipped"].get<int>() == got["frames_due"].get<int>());
    for (const char* stage : {"read", "overlay", "raster", "upload", "draw", "work", "present"}) {
        INFO(std::string(stage));
        CHECK(got["stages"][stage]["count"].get<int>() >= 30);
        CHECK(got["stages"][stage]["p99_ms"].get<double>() >= got["stages"][stage]["p50_ms"].get<double>());
    }
}

TEST_CASE("view: a slow source does not hold up the window") {
    const support::virtual_display display;
    const recording_folder at;
    at.walk(4000);
    at.npy<double>("spikes_many.npy", {3, 4, 5, 6});
    // What is at the end takes seconds to read: until then the window shows the start, answers keys, and closes.
    running_window window(at, display, "--source-latency-ms 4000");
    if (!window.ready()) {
        return;
    }
    window.keys("End F8 d");
    const json got = window.report();
    CHECK(got["hud"] == true);
    CHECK(got["dark"] == true);
    CHECK(got["position_s"].get<double>() == doctest::Approx(400));
    CHECK(got["frame"] == 0);
    CHECK(got["stages"]["answer"]["count"].get<int>() >= 3);
    CHECK(got["stages"]["answer"]["p99_ms"].get<double>() < 2000); // not one waited for the source
    CHECK(got["stages"]["answer"]["p50_ms"].get<double>() <= got["stages"]["on screen"]["p50_ms"].get<double>());
}

TEST_CASE("view: the same view gives the same pixels without a window") {
    const support::virtual_display display;
    const recording_folder at;
    write_walk(at);
    running_window window(at, display, "--time 12.5");
    if (!window.ready()) {
        return;
    }
    // Zoomed, another colormap, a layer less, dark; saved, and its picture.
    window.mouse("mousemove 500 300");
    window.mouse("click 4");
    window.mouse("click 4");
    window.keys("c 2 d Right");
    window.mouse("key ctrl+s sleep 2");
    window.keys("Return");
    window.mouse("sleep 1");
    window.keys("ctrl+shift+s");
    const json got = window.report();
    CHECK(got["zoom"].get<double>() > 1.4);
    REQUIRE(got["written"] == "fieldreel.view");
    const std::string saved = got["screenshot"];
    REQUIRE(std::system(command_in(at, "export . same.png --view fieldreel.view >/dev/null").c_str()) == 0);
    CHECK(bytes_of(at.file("same.png")) == bytes_of(at.file(saved)));
    // A film of it has even sides; a window begins with it.
    REQUIRE(std::system(
                command_in(at, "view . --view fieldreel.view --frames 1 --report again.json >/dev/null").c_str()) == 0);
    const json again = json::parse(bytes_of(at.file("again.json")));
    for (const char* same : {"zoom", "center", "time_s", "fields", "layers", "dark"}) {
        INFO(std::string(same));
        CHECK(again[same] == got[same]);
    }
}

TEST_CASE("view: the mouse zooms, moves what is enlarged, and opens the time course of a bin") {
    const support::virtual_display display;
    const recording_folder at;
    write_walk(at);
    running_window window(at, display, "--bin-size 10"); // no bin without a visit
    if (!window.ready()) {
        return;
    }
    window.mouse("mousemove 480 250 sleep 1");
    for (int i = 0; i < 4; ++i) {
        window.mouse("click 4 sleep 0.3");
    }
    window.mouse("mousedown 1 sleep 0.3");
    window.mouse("mousemove 520 260 sleep 0.3 mousemove 560 270 sleep 0.3");
    window.mouse("mouseup 1 sleep 0.3");
    window.mouse("mousemove 480 250 sleep 0.3 mousedown 1 sleep 0.3 mouseup 1 sleep 2");
    const json got = window.report();
    CHECK(got["zoom"].get<double>() == doctest::Approx(1.25 * 1.25 * 1.25 * 1.25));
    CHECK(got["center"].is_array());
    CHECK(got["course"].get<std::string>().starts_with("bin "));
    CHECK(got["course_frames"] == 400);
}

TEST_CASE("view: the mouse drags layers, picks colours and sets the length of the trail, and F and R go back") {
    const support::virtual_display display;
    const recording_folder at;
    write_walk(at);
    running_window window(at, display, "--size 1280x800 --time 10");
    if (!window.ready()) {
        return;
    }
    const auto click = [&](const std::string& place) {
        window.mouse("mousemove " + place + " sleep 0.4 mousedown 1 sleep 0.3 mouseup 1 sleep 0.6");
    };
    const auto zoom = [&] { window.mouse("mousemove 480 250 sleep 0.3 click 4 sleep 0.4 click 4 sleep 0.4"); };
    const auto saved = [&](const char* name) {
        window.mouse("key ctrl+s sleep 1.5");
        window.mouse(std::string("type ") + name);
        window.keys("Return");
        window.mouse("sleep 0.7");
        return json::parse(bytes_of(at.file(name)), nullptr, false);
    };
    // From the top: speed, spikes, heading, trail. The highest goes below the next.
    window.mouse("mousemove 1100 223 sleep 0.4 mousedown 1 sleep 0.4 mousemove 1100 236 sleep 0.3");
    window.mouse("mousemove 1100 252 sleep 0.5 mouseup 1 sleep 0.4");
    click("1100 307"); // the trail
    click("1180 363"); // its slider
    click("1110 335"); // its colour,
    click("1150 430"); // of the square that opens
    click("600 630");  // and is closed
    zoom();
    const json changed = saved("a.view");
    REQUIRE(changed.contains("layers"));
    CHECK(changed["layers"][0]["name"] == "trail");
    CHECK(changed["layers"][2]["name"] == "speed");
    CHECK(changed["layers"][3]["name"] == "spikes");
    CHECK(changed["layers"][0]["trail_s"].get<double>() > 0.1);
    CHECK(changed["layers"][0]["trail_s"].get<double>() < 29);
    CHECK(changed["layers"][0]["color"].is_string());
    CHECK(changed["zoom"].get<double>() > 1.5);
    window.keys("f c");
    const json fitted = saved("b.view");
    CHECK(fitted["zoom"] == 1);
    CHECK(fitted["fields"][0]["colormap"] == "plasma"); // as it was
    zoom();
    window.keys("r");
    const json reset = saved("c.view");
    CHECK(reset["zoom"] == 1);
    CHECK(reset["fields"][0]["colormap"] == "viridis");
    CHECK(window.report()["problem"] == "");
}

TEST_CASE("view: a film of the range is made in the background, or broken off by its button") {
    const support::virtual_display display;
    const recording_folder at;
    write_walk(at);
    running_window window(at, display, "--size 1280x800 --time 10");
    if (!window.ready()) {
        return;
    }
    const auto film = [&](const char* name) {
        window.mouse("key ctrl+e sleep 1.5");
        window.mouse(std::string("type ") + name);
        window.keys("Return");
        window.mouse("sleep 0.3");
    };
    window.keys("i shift+Right o");
    film("short.mp4");
    for (int i = 0; i < 100 && !std::filesystem::exists(at.file("short.mp4")); ++i) {
        window.mouse("sleep 0.3");
    }
    window.mouse("sleep 0.5");
    window.keys("backslash"); // the whole recording
    film("long.mp4");
    window.mouse("sleep 0.7 mousemove 980 666 sleep 0.4 mousedown 1 sleep 0.3 mouseup 1 sleep 2");
    const json got = window.report();
    if (got["said"].get<std::string>().find("without the component video") != std::string::npos) {
        MESSAGE("skipped: no films here");
        return;
    }
    CHECK(std::filesystem::exists(at.file("short.mp4")));
    CHECK(got["written"] == "short.mp4");
    CHECK(got["said"] == "The film was broken off; nothing is left of it.");
    CHECK(got["time_s"].get<double>() == doctest::Approx(11)); // the window was its own master meanwhile
    for (const auto& left : std::filesystem::directory_iterator(at.path())) {
        CHECK(left.path().filename().string().find("long") == std::string::npos);
    }
}

TEST_CASE("view: other cells come from the background, and the one before is kept") {
    const support::virtual_display display;
    const recording_folder at;
    write_walk(at);
    at.npy<double>("spikes_few.npy", {7, 8});
    running_window window(at, display, "");
    if (!window.ready()) {
        return;
    }
    window.mouse("key Prior sleep 3"); // few comes before many, which is shown first
    window.mouse("key Next sleep 1");
    window.mouse("key Next sleep 1"); // there is none behind it
    window.mouse("key Prior sleep 1");
    const json got = window.report();
    CHECK(got["cell"] == "few");
    CHECK(got["problem"] == "");
}

TEST_CASE("view: what is opened, saved and typed wrongly is said, and the window goes on") {
    const support::virtual_display display;
    const recording_folder at;
    write_walk(at);
    at.write("broken.view", "{\n  \"fieldreel_view\": 1,\n  \"zoom\": ,\n}\n");
    running_window window(at, display, "--time 5");
    if (!window.ready()) {
        return;
    }
    window.mouse("key ctrl+o sleep 2 type broken.view");
    window.keys("Return");
    window.mouse("sleep 1");
    window.keys("Right");
    const json got = window.report();
    const std::string said = got["said"];
    CHECK(said.find("broken.view") != std::string::npos);
    CHECK(said.find("line 3") != std::string::npos);
    CHECK(got["frame"] == 51);
}

TEST_CASE("view: a folder that is dropped on the window is opened, and what is no recording is told") {
    const support::virtual_display display;
    const recording_folder at;
    write_walk(at);
    const recording_folder other;
    write_walk(other);
    other.write("session.json", R"({"fieldreel_session": 1, "name": "dropped", "units": "cm",
        "times": "times.npy", "positions": "positions.npy"})");
    at.write("words here.txt~", "no recording");
    running_window window(at, display, "--time 5");
    if (!window.ready()) {
        return;
    }
    CHECK(support::drop_file(other.path()) == "");
    window.mouse("sleep 1");
    CHECK(support::drop_file(at.file("words%20here.txt~")) == "");
    window.mouse("sleep 1");
    window.keys("Right");
    const json got = window.report();
    CHECK(got["recording"] == other.path());
    CHECK(got["said"].get<std::string>().find("words here.txt~ is a file that nothing here reads") !=
          std::string::npos);
    CHECK(got["frame"] == 1);
}

TEST_CASE("view: the window's thread waits for no page of a file, whatever is done") {
    const support::virtual_display display;
    const recording_folder at;
    at.walk(20'000);
    std::vector<double> spikes;
    std::vector<double> stretches;
    std::vector<double> signal;
    for (int i = 0; i < 40'000; ++i) {
        spikes.push_back(0.05 * i);
        signal.push_back(i % 100);
        if (i % 4 == 0) {
            stretches.insert(stretches.end(), {0.05 * i, 0.05 * i + 0.1});
        }
    }
    at.npy("spikes_many.npy", spikes);
    at.npy("ripples.npy", stretches, {2});
    at.npy("lfp.npy", signal);
    at.write("session.json", R"({"fieldreel_session": 1, "name": "mapped", "units": "cm",
        "times": "times.npy", "positions": "positions.npy",
        "spikes": [{"name": "many", "file": "spikes_many.npy"}],
        "overlays": [{"kind": "interval", "name": "ripples", "file": "ripples.npy"},
                     {"kind": "time_series", "name": "lfp", "file": "lfp.npy", "rate_hz": 20}]})");
    ::sync(); // only what is on the disk can be taken away
    running_window window(at, display, "--file-access map --time 500 --bin-size 10");
    if (!window.ready()) {
        return;
    }
    window.mouse("sleep 1");
    const ::pid_t process = window.process();
    REQUIRE(process > 0);
    const std::vector<std::string> deeds{"key Right",
                                         "key Home",
                                         "key n",
                                         "key e sleep 0.3",
                                         "key space sleep 0.5 key space",
                                         "key End",
                                         "key a",
                                         "mousemove 300 735 sleep 0.2 mousemove 600 735 sleep 0.2", // over the timeline
                                         "mousedown 1 mousemove 700 735 sleep 0.2 mouseup 1",
                                         "click 4",
                                         "key plus",
                                         "key minus",
                                         "mousemove 480 640 sleep 0.3", // over the series
                                         "mousemove 480 250 sleep 0.2 click 1 sleep 0.5",
                                         "click 4 sleep 0.2",
                                         "key 1",
                                         "key 2",
                                         "key d",
                                         "key F8",
                                         "key i",
                                         "key o",
                                         "key ctrl+shift+s",
                                         "key p"};
    for (const std::string& deed : deeds) { // once as it is: the program's own code comes from the disk too
        window.mouse(deed + " sleep 0.1");
    }
    long waited = 0;
    for (int round = 0; round == 0 || (round < 3 && waited > 0); ++round) { // pages of libraries are waited for once
        const support::page_waits before = support::page_waits_of(process);
        std::size_t emptied = 0;
        for (const std::string& deed : deeds) {
            const std::optional<std::size_t> left_kib = support::page_out(process, at.path());
            if (!left_kib) {
                MESSAGE("skipped: pages of another process cannot be taken away here");
                return;
            }
            emptied += left_kib == 0 ? 1U : 0U;
            window.mouse(deed + " sleep 0.1");
        }
        const support::page_waits after = support::page_waits_of(process);
        waited = after.first_thread - before.first_thread;
        CHECK(emptied >= deeds.size() / 3);  // else files are mapped twice; the worker may take some back at once
        CHECK(after.others > before.others); // the pages were away: the worker waited for them
    }
    CHECK(waited == 0);
    CHECK(window.report()["problem"] == "");
}

TEST_CASE("view: random use keeps its memory") {
    const support::virtual_display display;
    if (!display.there()) {
        MESSAGE("skipped: no Xvfb or no xdotool");
        return;
    }
    const recording_folder at;
    write_walk(at);
    const int code = std::system(
        command_in(at, "view . --random-use 3 --exit-after 6 --report report.json >/dev/null 2>err.txt").c_str());
    INFO(bytes_of(at.file("err.txt")));
    CHECK(code_of(code) == 0);
    const json got = json::parse(bytes_of(at.file("report.json")), nullptr, false);
    CHECK(got["scenes_failed"] == 0);
    const auto memory = got["private_mib_every_2_s"].get<std::vector<double>>();
    REQUIRE(memory.size() >= 2);
    if (!support::keeps_freed_memory) {
        CHECK(memory.back() < memory.front() + 64); // the long run is another's task
    }
}

TEST_CASE("view: a file that was cut is told in the window, and it goes on") {
    const support::virtual_display display;
    const recording_folder at;
    write_walk(at);
    at.npy("field.npy", std::vector<float>(400 * 25, 1.0F), {25});
    running_window window(
        at, display,
        "--field field.npy --field-order xy --frame-times times.npy --bin-size 10 --file-access pread --time 1");
    if (!window.ready()) {
        return;
    }
    CHECK(::truncate(at.file("field.npy").c_str(), 2000) == 0);
    window.mouse("key End sleep 1");
    window.keys("d");
    const json cut = window.report();
    CHECK(cut["problem"].get<std::string>().find("field.npy") != std::string::npos);
    CHECK(cut["dark"] == true);
}

TEST_CASE("view: a source that fails while it plays is told, and playing goes on") {
    const support::virtual_display display;
    for (const char* mode : {"once", "loop"}) {
        CAPTURE(std::string(mode));
        const recording_folder at;
        write_walk(at);
        at.npy("field.npy", std::vector<float>(400 * 25, 1.0F), {25});
        running_window window(at, display,
                              "--field field.npy --field-order xy --frame-times times.npy --bin-size 10 --file-access "
                              "pread --speed 20 --mode " +
                                  std::string(mode));
        if (!window.ready()) {
            return;
        }
        CHECK(::truncate(at.file("field.npy").c_str(), 128 + 200 * 100) == 0); // from 20 s on there is nothing
        window.mouse("key space sleep 5");
        if (std::string(mode) == "loop") { // back where there is something
            window.keys("space Home");
            window.mouse("sleep 1");
        }
        const json got = window.report();
        CHECK(got["scenes_failed"].get<int>() >= 3);
        CHECK(got["scenes_shown"].get<int>() >= got["scenes_failed"].get<int>() + 3);
        if (std::string(mode) == "once") {
            CHECK(got["position_s"].get<double>() == doctest::Approx(40)); // played to the end
            CHECK(got["problem"].get<std::string>().find("field.npy") != std::string::npos);
        } else {
            CHECK(got["frame"] == 0);
            CHECK(got["problem"] == "");
        }
    }
}

TEST_CASE("view: files that are deleted while they are shown go on being shown") {
    const support::virtual_display display;
    for (const char* access : {"map", "pread"}) {
        CAPTURE(std::string(access));
        const recording_folder at;
        write_walk(at);
        at.npy("field.npy", std::vector<float>(400 * 25, 1.0F), {25});
        running_window window(
            at, display,
            "--field field.npy --field-order xy --frame-times times.npy --bin-size 10 --time 1 --file-access " +
                std::string(access));
        if (!window.ready()) {
            return;
        }
        for (const char* name : {"field.npy", "times.npy", "positions.npy", "spikes_many.npy", "head_direction.npy"}) {
            CHECK(std::filesystem::remove(at.file(name)));
        }
        window.mouse("key End sleep 1");
        window.keys("Left");
        window.mouse("sleep 1 key ctrl+o sleep 2");
        window.mouse("type .");
        window.keys("Return"); // the folder is empty of recordings now: said, and what is open stays
        window.mouse("sleep 1");
        const json got = window.report();
        CHECK(got["problem"] == "");
        CHECK(got["frame"].get<int>() >= 398);
        CHECK(got["said"].get<std::string>().find("holds no recording") != std::string::npos);
    }
}

TEST_CASE("view: a folder of nothing but a pose or a film is shown, and one of several is asked about") {
    const recording_folder at;
    std::string csv = "scorer,net,net,net\nbodyparts,nose,nose,nose\ncoords,x,y,likelihood\n";
    for (int i = 0; i < 90; ++i) {
        csv += std::to_string(i) + "," + std::to_string(100 + i) + "," + std::to_string(50 + i / 2) + ",1\n";
    }
    std::filesystem::create_directories(at.file("poses"));
    at.write("poses/mouseDLC_net.csv", csv);
    at.write("poses/mouseDLC_net.h5", "the same table once more, as DeepLabCut leaves it"); // not looked at
    const support::virtual_display display;
    const auto seen = [&](const std::string& what) {
        CHECK(code_of(std::system(
                  command_in(at, "view " + what + " --frames 1 --report report.json >out.txt 2>err.txt").c_str())) ==
              0);
        INFO(bytes_of(at.file("err.txt")));
        return json::parse(bytes_of(at.file("report.json")), nullptr, false);
    };
    if (display.there()) {
        for (const char* what : {"poses", "poses/mouseDLC_net.csv"}) {
            CAPTURE(std::string(what));
            const json got = seen(what);
            CHECK(got["problem"] == "");
            CHECK(got["frame_count"] == 90);
            CHECK(got["layers"].size() == 1);
            CHECK(got["recording"] == what);
            CHECK(got["said"].get<std::string>().find("mouseDLC_net.csv has no times in seconds: shown at 30 frames "
                                                      "per second; state the rate (--data-fps)") != std::string::npos);
            CHECK(seen(what + std::string(" --data-fps 10"))["said"] == "");
        }
    }
    // A film: of the pose.
    std::filesystem::create_directories(at.file("films"));
    const int made = code_of(std::system(
        command_in(at, "export poses/mouseDLC_net.csv --data-fps 30 films/one.mp4 --size 320x240 >out.txt 2>err.txt")
            .c_str()));
    if (made != 0) {
        MESSAGE("skipped: no films here: " << bytes_of(at.file("err.txt")));
        return;
    }
    if (display.there()) {
        for (const char* what : {"films", "films/one.mp4"}) {
            CAPTURE(std::string(what));
            const json got = seen(what);
            CHECK(got["problem"] == "");
            CHECK(got["frame_count"].get<int>() >= 80);
            CHECK(got["said"] == "");
        }
    }
    std::filesystem::copy(at.file("films/one.mp4"), at.file("films/two.mp4"));
    CHECK(code_of(std::system(command_in(at, "info films >out.txt 2>err.txt").c_str())) == 1);
    CHECK(bytes_of(at.file("err.txt")) ==
          "fieldreel: films holds no recording: no session.json and no positions.npy; it holds one.mp4 (a film), "
          "two.mp4 (a film); give those that belong together, as in: fieldreel import FILE... -o films\n");
}

TEST_CASE("view: a pose alone is shown on a blank arena around it, with a clock or with times") {
    const recording_folder at;
    std::vector<double> times;
    std::vector<double> places;
    for (int i = 0; i < 100; ++i) {
        times.push_back(0.1 * i);
        places.insert(places.end(), {100.0 + i, 200, 110.0 + i, 220});
    }
    at.npy("pose_times.npy", times);
    at.npy("pose.npy", places, {2, 2});
    for (const char* clock : {R"("times": "pose_times.npy")", R"("rate_hz": 10)"}) {
        CAPTURE(std::string(clock));
        at.write(
            "session.json",
            R"({"fieldreel_session": 1, "name": "alone", "units": "px", "overlays": [{"kind": "pose", "file": "pose.npy",
            "names": ["nose", "tail"], )" +
                std::string(clock) + "}]}");
        CHECK(code_of(std::system(command_in(at, "export . pose.png --time 5 --force >out.txt 2>err.txt").c_str())) ==
              0);
        INFO(bytes_of(at.file("err.txt")));
        CHECK(bytes_of(at.file("out.txt")).find("at 5.000 s") != std::string::npos);
        const support::virtual_display display;
        if (display.there()) {
            CHECK(code_of(std::system(
                      command_in(at, "view . --frames 1 --report report.json >/dev/null 2>err.txt").c_str())) == 0);
            const json got = json::parse(bytes_of(at.file("report.json")), nullptr, false);
            CHECK(got["problem"] == "");
            CHECK(got["frame_count"] == 100);
            CHECK(got["layers"]["pose"] == true);
        }
    }
}

TEST_CASE("profile: the mode interactive plays in the window and says what it cost") {
    const support::virtual_display display;
    if (!display.there()) {
        MESSAGE("skipped: no Xvfb or no xdotool");
        return;
    }
    const recording_folder at;
    write_walk(at);
    const std::string how = "profile . --mode interactive --seconds 2 --report report.json --trace trace.json";
    CHECK(code_of(std::system(command_in(at, how + " >out.txt 2>err.txt").c_str())) == 0);
    INFO(bytes_of(at.file("err.txt")));
    const std::string out = bytes_of(at.file("out.txt"));
    CHECK(out.find("stage          p50 ms") != std::string::npos);
    CHECK(out.find("private memory ") != std::string::npos);
    CHECK(json::parse(bytes_of(at.file("report.json")))["frames_due"].get<int>() >= 10);
    CHECK(bytes_of(at.file("trace.json")).find("\"scene.fill\"") != std::string::npos);
    CHECK(code_of(std::system(command_in(at, "profile . --mode interactive --playback-frames 5 2>err.txt").c_str())) ==
          2);
    CHECK(bytes_of(at.file("err.txt")).find("plays for --seconds at --speed") != std::string::npos);
}

TEST_CASE("view: what cannot be shown is refused with a sentence") {
    const recording_folder at;
    write_walk(at);
    const auto refused = [&](const std::string& arguments) {
        const int code = std::system(command_in(at, "view . " + arguments + " >out.txt 2>err.txt").c_str());
        CHECK(code_of(code) == 1);
        return bytes_of(at.file("err.txt"));
    };
    ::unsetenv("DISPLAY");
    ::unsetenv("WAYLAND_DISPLAY");
    CHECK(refused("").starts_with("fieldreel: a window was asked for, and there is no display (X11: "));
    CHECK(refused("--exit-after 0") ==
          "fieldreel: the window was to close after 0 s; give a positive number of seconds\n");
    const support::virtual_display display;
    if (display.there()) {
        const std::string late = refused("--time 41");
        CHECK(late.starts_with("fieldreel: the moment at 41 s was asked for; the recording goes from 0 to 40"));
        CHECK(late.ends_with(" s; give a --time between\n"));
    }
}
