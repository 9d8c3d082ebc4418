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

#include <CLI/CLI.hpp>

#include <fieldreel/error.hpp>

#include "commands.hpp"
#include "machine.hpp"
#include "pictures.hpp"

#ifdef FIELDREEL_PROGRAM_WINDOW

#include "view_desktop.hpp"

namespace {

using fieldreel::detail::text;

struct arguments {
    picture_arguments picture;
    view_settings settings;
    double scale = 0;
    bool dark = false;
    std::string time;
    std::string speed = "1";
    std::string mode = "once";
};

/// Opens the recording on a thread of its own, while the window says so and can be closed. Nothing when it was closed.
std::optional<drawn_recording> open_in(fieldreel::window_viewer& window, arguments& given) {
    auto opening = std::async(std::launch::async, [&given] {
        drawn_recording out = open_to_draw(given.picture, true);
        fieldreel::window_viewer::wake();
        return out;
    });
    const std::string folder = given.picture.recording.words();
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
    drawn_recording out = opening.get(); // a read that goes on cannot be broken off
    return closed ? std::nullopt : std::optional(std::move(out));
}

int run(arguments& given) {
    watch_interrupts();
    if (!given.picture.recording.given()) {
        throw CLI::ValidationError("view", "give the folder of a recording, or files (--positions, --times, --field)");
    }
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
    fieldreel::window_viewer window(how, look); // before anything that takes time: without a display, that is said
    std::optional<drawn_recording> recording = open_in(window, given);
    if (!recording) {
        return interrupted() ? stopped : done;
    }
    window.set_title("fieldreel" + (folder.empty() ? "" : " - " + folder));
    if (!given.time.empty()) {
        settings.start_s = time_of(given.time);
        check_time(recording->made.playback, *settings.start_s);
    }
    return desktop(window, std::move(*recording), settings).run();
}

} // namespace

void add_view(CLI::App& app, int& result) {
    auto given = std::make_shared<arguments>();
    CLI::App* command = app.add_subcommand("view", "Show a recording in a window: play, scrub, measure (keys: ?)");
    given->picture.add_to(*command);
    for (const char* name : {"--width-mm", "--height-mm", "--dpi", "--style"}) { // of pictures on paper
        command->remove_option(command->get_option(name));
    }
    command->get_option("--size")->description("Width x height of the window (default 1280x800)");
    command->add_option("--scale", given->scale, "Of text and controls (default: as the desktop says)")->group("Look");
    command->add_flag("--dark", given->dark, "Light on dark")->group("Look");
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
    command->add_option("--report", given->settings.report_path, "At the end, write state and timings as JSON")
        ->group("Measuring");
    command->add_option("--exit-after", given->settings.exit_after_s, "Close after so many seconds")
        ->group("Measuring");
    command->add_option("--frames", given->settings.max_scenes, "Close after so many scenes were shown")
        ->group("Measuring");
    command->callback([given, &result] { result = run(*given); });
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
