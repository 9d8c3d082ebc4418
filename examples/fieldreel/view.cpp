// SPDX-License-Identifier: MIT
// fieldreel view DIR: a recording in a window.
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/trace/recorder.hpp>

#include "commands.hpp"
#include "machine.hpp"
#include "pictures.hpp"

#ifdef FIELDREEL_PROGRAM_WINDOW

#include "report.hpp"
#include "view.hpp"

namespace {

using fieldreel::detail::text;

/// Opens the recording on a thread of its own, while the window says so and can be closed. Nothing when it was closed.
std::optional<viewed_recording> open_in(fieldreel::window_viewer& window, const picture_arguments& given) {
    auto opening = std::async(std::launch::async, [&given] {
        viewed_recording out = open_to_view(given, true);
        fieldreel::window_viewer::wake();
        return out;
    });
    const std::string folder = given.recording.words();
    const std::string words = text("Opening ", folder.empty() ? std::string("the recording") : folder, " ...");
    bool closed = false;
    while (!closed && opening.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
        closed = !window.next_frame(0.05) || interrupted();
        for (const fieldreel::window_key& key : window.keys()) {
            closed =
                closed || fieldreel::action_for(key.name, key.held, fieldreel::action::help) == fieldreel::action::quit;
        }
        if (!closed) {
            const ImVec2 all = ImGui::GetIO().DisplaySize;
            const ImVec2 size = ImGui::CalcTextSize(words.c_str());
            ImGui::GetForegroundDrawList()->AddText({(all.x - size.x) / 2, (all.y - size.y) / 2},
                                                    ImGui::GetColorU32(ImGuiCol_TextDisabled), words.c_str());
            window.show_again();
        }
    }
    viewed_recording out = opening.get(); // a read that goes on cannot be broken off
    return closed ? std::nullopt : std::optional(std::move(out));
}

/// A window makes and drops large pictures and tables all day: they go back to the system, and leave no holes.
void give_memory_back() {
#ifdef __GLIBC__
    ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 1 << 20);
    ::mallopt(M_ARENA_MAX, 2);
#endif
}

/// Of the recordings opened last; tests and strangers have one of their own.
std::string state_file() {
    const std::string folder = fieldreel::state_folder();
    return folder.empty() ? folder : folder + "/recent";
}

} // namespace

int run_view(view_arguments& given, nlohmann::ordered_json* described) {
    watch_interrupts();
    give_memory_back();
    if (!given.picture.recording.given()) {
        throw CLI::ValidationError("view", "give the folder of a recording, or files (--positions, --times, --field)");
    }
    given.picture.recording.stated.assumed_fps = 30; // a pose alone is shown rather than refused, and that is said
    view_settings settings = given.settings;
    settings.speed = fieldreel::speed_named(given.speed);
    settings.mode = given.mode == "loop"        ? fieldreel::play_mode::loop
                    : given.mode == "ping-pong" ? fieldreel::play_mode::ping_pong
                                                : fieldreel::play_mode::once;
    if (settings.exit_after_s && !(*settings.exit_after_s > 0 && std::isfinite(*settings.exit_after_s))) {
        throw fieldreel::invalid_value("exit_after", text("the window was to close after ", *settings.exit_after_s,
                                                          " s; give a positive number of seconds"));
    }
    fieldreel::window_options how;
    if (!given.picture.size.empty()) {
        how.size = given.picture.look().size;
    }
    how.scale = given.scale;
    how.dark = given.dark;
    const std::string folder = given.picture.recording.words();
    how.title = "Opening" + (folder.empty() ? "" : " " + folder);
    fieldreel::render_options look;
    look.style = given.dark ? fieldreel::render_style::talk : fieldreel::render_style::standard;
    std::optional<output_file> report; // made now: a path that cannot be written is said before the window is used
    if (!given.report_path.empty()) {
        report.emplace(given.report_path, "--report");
    }
    if (!given.view.empty()) {
        std::vector<std::string> warnings;
        settings.view = fieldreel::read_view(given.view, warnings);
        settings.view_path = given.view;
        for (const std::string& one : warnings) {
            std::printf("note: %s\n", one.c_str());
        }
        if (given.picture.cell.empty() && !settings.view->fields.empty()) {
            given.picture.cell = settings.view->fields.front().cell;
        }
        settings.speed = given.speed == "1" ? settings.view->speed : settings.speed;
        settings.mode = given.mode == "once" ? settings.view->mode : settings.mode;
    }
    fieldreel::window_viewer window(how, look); // before anything that takes time: without a display, that is said
    std::optional<viewed_recording> recording = open_in(window, given.picture);
    if (!recording) {
        return interrupted() ? stopped : done;
    }
    if (!given.time.empty()) {
        settings.start_s = time_of(given.time);
        check_time(recording->playback, *settings.start_s);
    }
    view_surroundings around{
        [like = given.picture](const std::string& path) { return open_to_view(*arguments_for(like, path), false); },
        fieldreel::recent_list(state_file()), nullptr};
    std::optional<fieldreel::trace::recorder> last_minutes;
    if (!fieldreel::trace::enabled()) { // kept in memory, to be written when something was strange
        last_minutes.emplace(fieldreel::trace::recorder_options{.max_bytes = std::size_t{8} << 20});
        last_minutes->start();
        around.recorder = &*last_minutes;
    }
    int code = done;
    while (recording) {
        desktop shown(window, std::move(*recording), settings, around);
        code = shown.run();
        recording = shown.next();
        settings.view.reset();
        settings.view_path.clear();
        settings.start_s.reset();
        if (report && !recording) {
            report->finish(shown.described().dump(2) + "\n");
        }
        if (described != nullptr) {
            *described = shown.described();
        }
    }
    return code;
}

void add_view(CLI::App& app, int& result) {
    auto given = std::make_shared<view_arguments>();
    CLI::App* command = app.add_subcommand("view", "Show a recording in a window: play, scrub, measure (keys: ?)");
    given->picture.add_to(*command);
    for (const char* name : {"--width-mm", "--height-mm", "--dpi", "--style"}) { // of pictures on paper
        command->remove_option(command->get_option(name));
    }
    command->get_option("--size")->description("Width x height of the window (default 1280x800)");
    command->add_option("--scale", given->scale, "Of text and controls (default: as the desktop says)")->group("Look");
    command->add_flag("--dark", given->dark, "Light on dark")->group("Look");
    command
        ->add_option("--view", given->view, "Start with what was saved by Ctrl+S: moment, zoom, colours, layers, ...")
        ->group("Look");
    command->add_option("--time", given->time, "Start at a time: 12.5 or 1:02.5")->group("Playing");
    command->add_flag("--play", given->settings.play, "Play at once")->group("Playing");
    command->add_option("--speed", given->speed, "Seconds of the recording per second: 2, 1/4, -1 (backwards)")
        ->capture_default_str()
        ->group("Playing");
    command->add_option("--mode", given->mode, "At the end: once, loop or ping-pong")
        ->check(CLI::IsMember({"once", "loop", "ping-pong"}))
        ->capture_default_str()
        ->group("Playing");
    command
        ->add_option("--source-latency-ms", given->picture.latency_ms,
                     "Pretend that each read of the field takes so long, behind a cache")
        ->check(CLI::NonNegativeNumber)
        ->group("Measuring");
    command->add_option("--report", given->report_path, "At the end, write state and timings as JSON")
        ->group("Measuring");
    command->add_option("--exit-after", given->settings.exit_after_s, "Close after so many seconds")
        ->group("Measuring");
    command->add_option("--frames", given->settings.max_scenes, "Close after so many scenes were shown")
        ->group("Measuring");
    command
        ->add_option("--window-picture", given->settings.window_picture,
                     "At the end, write the whole window as a PNG, controls and all")
        ->group("Measuring");
    command
        ->add_option("--random-use", given->settings.random_use,
                     "Do what a person might, at random, from this seed on; the report has the memory it took")
        ->group("Measuring");
    command->callback([given, &result] { result = run_view(*given); });
}

#else

void add_view(CLI::App& app, int& result) {
    CLI::App* command = app.add_subcommand("view", "Show a recording in a window (not in this build)");
    command->allow_extras();
    command->callback([&result] {
        std::fprintf(stderr, "fieldreel: a window was asked for, and this fieldreel was built without the component "
                             "window; install libimgui-dev, libglfw3-dev and libgl-dev and build again, or do without "
                             "one: `fieldreel profile` plays and measures, `fieldreel export` makes pictures and "
                             "films\n");
        result = failed;
    });
}

#endif
