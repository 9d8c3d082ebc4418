// SPDX-License-Identifier: MIT
#include "profile_window.hpp"

#include <cstddef>
#include <cstdio>
#include <optional>

#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "profile_arguments.hpp"

#ifdef FIELDREEL_PROGRAM_WINDOW

#include <fieldreel/error.hpp>
#include <fieldreel/trace/recorder.hpp>

#include "view.hpp"

int profile_window(const profile_arguments& given) {
    view_arguments view;
    view.picture.recording = given.recording;
    view.picture.place_field = given.place_field;
    view.picture.cell = given.show.cell;
    view.picture.beside = given.show.beside;
    view.picture.bin_size = given.show.bin_size;
    view.picture.colormap = given.show.colormap;
    view.picture.overlays = given.overlays;
    view.picture.latency_ms = given.latency_ms;
    view.report_path = given.report_path;
    view.settings.play = true;
    view.settings.exit_after_s = given.seconds.value_or(30);
    view.mode = "loop";
    view.speed = fieldreel::detail::text(given.speed);
    std::optional<fieldreel::trace::recorder> trace;
    if (!given.trace_path.empty()) {
        fieldreel::trace::recorder_options how{.window = given.trace_window};
        if (given.trace_buffer_mib) {
            how.max_bytes = static_cast<std::size_t>(*given.trace_buffer_mib * 1024 * 1024);
        }
        trace.emplace(given.trace_path, how);
        trace->start();
    }
    nlohmann::ordered_json got;
    const int code = run_view(view, &got);
    if (trace) {
        trace->stop();
    }
    if (code != done || got.is_null()) {
        return code;
    }
    const auto number = [&](const char* name) { return got.at(name).get<double>(); };
    std::printf("stage          p50 ms    p99 ms     count\n");
    for (const auto& [name, row] : got.at("stages").items()) {
        std::printf("%-10s %10.3f %9.3f %9.0f\n", name.c_str(), row.at("p50_ms").get<double>(),
                    row.at("p99_ms").get<double>(), row.at("count").get<double>());
    }
    const double p99 = got.at("stages").at("work").at("p99_ms").get<double>();
    std::printf("first picture after %.0f ms; %.0f scenes in %.0f pictures of the window, %.0f of them late\n",
                number("first_picture_ms"), number("scenes_shown"), number("window_pictures"), number("late_pictures"));
    std::printf("frames due %.0f, shown %.0f, skipped %.0f; the window waited for %.0f pages of files\n",
                number("frames_due"), number("frames_shown"), number("frames_skipped"), number("window_major_faults"));
    std::printf("private memory %.1f MiB\n", number("private_mib"));
    std::printf("%s\n", p99 <= 8 ? "The window's own work (work: raster, upload, draw) leaves time for 60 pictures per "
                                   "second and more."
                                 : "The window's own work (work: raster, upload, draw) takes more than 8 ms now and "
                                   "then; a smaller window (--size) or fewer overlays (--overlay) take less.");
    return done;
}

#else

int profile_window(const profile_arguments&) {
    std::fprintf(stderr, "fieldreel: --mode interactive plays in a window, and this fieldreel was built without the "
                         "component window; install libimgui-dev, libglfw3-dev and libgl-dev and build again, or use "
                         "--mode play, which needs none\n");
    return failed;
}

#endif
