// SPDX-License-Identifier: MIT
// The program `fieldreel`: simulate, info, profile.
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/trace/recorder.hpp>
#include <fieldreel/trace/summary.hpp>
#include <fieldreel/version.hpp>

#include "commands.hpp"
#include "machine.hpp"

std::string command_line;

void recording_arguments::add_to(CLI::App& command) {
    command.add_option(
        "folder", files.folder,
        "Folder of a recording: session.json, or positions.npy, times.npy, spikes*.npy, head_direction.npy");
    command.add_option("--positions", files.positions, "Positions, .npy of shape (n, 2)")->group("Files");
    command.add_option("--times", files.times, "Times of the positions, .npy, seconds")->group("Files");
    command.add_option("--spikes", files.spikes, "Spike times, .npy, seconds; one file per cell")->group("Files");
    command.add_option("--head-direction", files.head_direction, "Head direction, .npy, radians")->group("Files");
    command.add_option("--heading-offset-rad", files.heading_offset_rad, "Added to the recorded head direction")
        ->group("Files");
    command
        .add_option("--field", files.field,
                    "Frames of a field, .npy of shape (frames, bins) or (frames, rows, columns)")
        ->group("Files");
    command.add_option("--frame-times", files.frame_times, "Times of the field's frames, .npy, seconds")
        ->group("Files");
    command.add_option("--field-order", order, "Order of a frame's values: active, xy or yx")->group("Files");
    command.add_flag("--flip-y", files.flip_y, "With --field-order yx: row 0 is at the largest y, as in pictures")
        ->group("Files");
    command.add_option("--field-kind", kind, "What the values are: rate, posterior, signed, image or other")
        ->group("Files");
    command
        .add_option("--file-access", access,
                    "How files are reached: automatic, map, or pread (safe when files are cut while open)")
        ->check(CLI::IsMember({"automatic", "map", "pread"}))
        ->group("Files");
}

fieldreel::session recording_arguments::open() {
    if (!order.empty()) {
        files.order = fieldreel::field_order_named(order);
    }
    if (!kind.empty()) {
        files.kind = fieldreel::field_kind_named(kind);
    }
    files.access = access == "map"     ? fieldreel::access::map
                   : access == "pread" ? fieldreel::access::pread
                                       : fieldreel::access::automatic;
    return fieldreel::open_session(files);
}

int main(int count, char** words) {
    for (int i = 0; i < count; ++i) {
        command_line += (i > 0 ? " " : "") + std::string(words[i]);
    }
    fieldreel::trace::name_thread("main");
    CLI::App app{"Plays long recordings of spatial fields, and says where every millisecond went.", "fieldreel"};
    app.set_version_flag("--version", FIELDREEL_VERSION_STRING);
    app.require_subcommand(1);
    int result = done;
    add_simulate(app, result);
    add_info(app, result);
    add_profile(app, result);
    try {
        const auto recorder = fieldreel::trace::from_environment();
        try {
            app.parse(count, words);
        } catch (const CLI::ParseError& problem) {
            const int code = app.exit(problem);
            return code == 0 ? done : wrong_usage;
        }
        if (recorder) {
            recorder->stop();
            if (recorder->path().empty()) {
                std::fputs(fieldreel::trace::summary_table(fieldreel::trace::summarize(*recorder)).c_str(), stderr);
            } else {
                std::fprintf(stderr, "trace: %s\n", recorder->path().c_str());
            }
        }
    } catch (const std::exception& problem) { // bad_alloc included
        std::fprintf(stderr, "fieldreel: %s\n", problem.what());
        return failed;
    }
    return result;
}
