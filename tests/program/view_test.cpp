// SPDX-License-Identifier: MIT
// fieldreel view, run as its users run it: a real window, real keys and a real mouse; what it did is in its report.
#include <cstdlib>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

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

TEST_CASE("view: the window's thread waits for no page of a file") {
    const support::virtual_display display;
    if (!display.there()) {
        MESSAGE("skipped: no Xvfb or no xdotool");
        return;
    }
    const recording_folder at;
    at.walk(20'000);
    at.npy<double>("spikes_many.npy", {3, 4, 5, 6});
    for (const char* name : {"times.npy", "positions.npy", "spikes_many.npy"}) { // not in memory any more
        const int file = ::open(at.file(name).c_str(), O_RDONLY);
        REQUIRE(file >= 0);
        ::fdatasync(file);
        CHECK(::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0);
        ::close(file);
    }
    const int code = std::system(
        command_in(at, "view . --random-use 3 --exit-after 6 --report report.json >/dev/null 2>err.txt").c_str());
    INFO(bytes_of(at.file("err.txt")));
    CHECK(code_of(code) == 0);
    const json got = json::parse(bytes_of(at.file("report.json")), nullptr, false);
    CHECK(got["window_major_faults"] == 0);
    CHECK(got["scenes_failed"] == 0);
    const auto memory = got["private_mib_every_2_s"].get<std::vector<double>>();
    REQUIRE(memory.size() >= 2);
    if (!support::keeps_freed_memory) {
        CHECK(memory.back() < memory.front() + 64); // the long run is another's task
    }
}

TEST_CASE("view: a file that vanishes and one that is cut are told in the window, and it goes on") {
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
