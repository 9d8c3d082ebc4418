// SPDX-License-Identifier: MIT
#include "profile_arguments.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <limits>
#include <string>

#include <CLI/CLI.hpp>

namespace {

/// Instead of CLI::PositiveNumber, whose sentence quotes the largest double.
std::string not_zero(const std::string& word) {
    return word == "0" ? "0 was given; it must be at least 1" : "";
}

/// A number in a range, with a sentence for what is not.
std::function<std::string(const std::string&)> number_from(double least, double most, std::string allowed) {
    return [=](const std::string& word) {
        char* end = nullptr;
        const double value = std::strtod(word.c_str(), &end);
        const bool fits = end != word.c_str() && *end == '\0' && value >= least && value <= most;
        return fits ? std::string() : word + " was given; " + allowed;
    };
}

[[noreturn]] void refuse(const std::string& sentence) {
    throw CLI::ValidationError("profile", sentence);
}

} // namespace

void profile_arguments::add_to(CLI::App& command) {
    const auto option = [&command](const char* group, const char* name, auto& to, const char* words) {
        return command.add_option(name, to, words)->group(group);
    };
    constexpr double no_end = std::numeric_limits<double>::infinity();

    constexpr const char* measured = "What is measured";
    option(
        measured, "--mode", mode,
        "headless (as fast as possible: time of each step), play (in real time, as a player does: what came late and "
        "why), interactive (the same in the window of fieldreel view, and you may use it meanwhile), table (time of "
        "each span, as a profiler would), memory (private memory and allocations, leaks), or "
        "soak (plays here and there for --minutes, to find what breaks or grows)")
        ->check(CLI::IsMember({"headless", "play", "interactive", "table", "memory", "soak"}))
        ->capture_default_str();
    option(measured, "--stage", stage, "Time this stage alone, over the same frames")
        ->check(CLI::IsMember({"read", "overlay", "paint", "present"}));
    option(measured, "--playback-frames", steps, "Steps to play (default: 1000; with --mode memory 10000)")
        ->check(not_zero);
    option(measured, "--minutes", minutes, "How long --mode soak plays (default: 10)")
        ->check([](const std::string& word) {
            const std::string problem = number_from(0, 100000, "minutes above 0 are allowed")(word);
            return problem.empty() && std::strtod(word.c_str(), nullptr) == 0
                       ? "0 was given; minutes above 0 are allowed"
                       : problem;
        });
    option(measured, "--access", access,
           "Which frames: sequential (default), random, scrub (back and forth) or loop (1500 frames)")
        ->check(CLI::IsMember({"sequential", "random", "scrub", "loop"}));
    option(measured, "--steps-per-s", steps_per_s,
           "Show so many steps per second, as a player would (default: as many as possible)")
        ->check(number_from(0.001, 10000, "steps per second from 0.001 to 10000 are allowed"));
    option(measured, "--fps", fps,
           "Scenes per second, the display's rate, at which --mode play plays and stutter is told")
        ->check(number_from(0.1, 1000, "rates from 0.1 to 1000 are allowed"))
        ->capture_default_str();
    option(measured, "--speed", speed, "Seconds of the recording per second, with --mode play")
        ->check(number_from(0.001, 1000, "speeds from 0.001 to 1000 are allowed"))
        ->capture_default_str();
    option(measured, "--seconds", seconds, "How long --mode play plays (default: 30)")
        ->check(number_from(0.1, 86400, "seconds from 0.1 to 86400 are allowed"));
    command
        .add_flag(
            "--cold", cold,
            "Play twice: first with the recording's files dropped from memory, as after a restart of the machine, "
            "then again")
        ->group(measured);
    option(measured, "--seed", seed, "Of the simulation, of random access and of --mode soak")->capture_default_str();

    constexpr const char* output = "Output";
    command
        .add_flag("--live", live,
                  "Show a table of the recent spans while playing, refreshed in the terminal (30 steps per second "
                  "unless --steps-per-s is given)")
        ->group(output);
    option(output, "--report", report_path,
           "Write the report as JSON; see also: fieldreel profile compare A.json B.json");
    option(output, "--table", table_path, "Write the table of --mode table here (default: beside the report)");
    auto* trace = option(output, "--trace", trace_path,
                         "Write a trace for speedscope, Perfetto or chrome://tracing, instead of FIELDREEL_TRACE");
    option(output, "--trace-from", trace_window.from_s, "Leave out of the file what ends before this second of the run")
        ->check(number_from(0, no_end, "seconds from 0 on are allowed"))
        ->needs(trace);
    option(output, "--trace-to", trace_window.to_s, "Leave out of the file what begins after this second of the run")
        ->check(number_from(0, no_end, "seconds from 0 on are allowed"))
        ->needs(trace);
    command
        .add_option_function<double>(
            "--trace-min-us", [this](double us) { trace_window.min_duration_s = us * 1e-6; },
            "Leave out of the file spans that are shorter, in microseconds (speedscope gets slow on 20000 spans)")
        ->check(number_from(0, no_end, "microseconds from 0 on are allowed"))
        ->group(output)
        ->needs(trace);
    option(output, "--trace-buffer", trace_buffer_mib,
           "MiB of events kept, the newest, for --trace and --mode table (default: 64, 2 million events)")
        ->check(number_from(0.1, 1048576, "MiB from 0.1 on are allowed"));

    constexpr const char* shown = "What is shown";
    command
        .add_flag("--simulate", simulate,
                  "Instead of a recording: a simulated one, its posterior decoded while playing")
        ->group(shown);
    option(shown, "--frames", show.frames, "Use the first so many frames")->check(not_zero);
    auto* part =
        option(shown, "--range", range, "Play a part: 120s:135s, 2:00:2:15, #3600:#4050 (frames), or ripples:12");
    option(shown, "--pad", pad_s, "With --range NAME:k: seconds more at both ends")->needs(part);
    auto* target =
        option(shown, "--target-hz", show.target_hz, "Show the field at this rate: each frame is picked by its time");
    option(shown, "--source-hz", show.source_hz,
           "With --target-hz: the field's own, even rate; frames are picked by their number")
        ->needs(target);
    option(shown, "--overlay", overlays,
           "Draw this overlay, e.g. trail, or none; may be repeated (default: all that info lists)");
    option(shown, "--bin-size", show.bin_size, "Bin of a grid made from the positions, in their units");
    option(shown, "--cell", show.cell,
           "Show the place field of this cell, by name or number (default: a stored field; without one, the "
           "cell with most spikes)");
    place_field.add_to(command);

    constexpr const char* colours = "Colours";
    option(colours, "--colormap", show.colormap, "viridis, magma, … (default: what suits the field)");
    option(colours, "--vmin", show.vmin, "Value of the first colour (default: measured)");
    option(colours, "--vmax", show.vmax, "Value of the last colour (default: measured)");
    option(colours, "--color-scale", color_scale,
           "How values are spread over the colours: linear, log (values above 0) or gamma")
        ->check(CLI::IsMember({"linear", "log", "gamma"}))
        ->capture_default_str();
    option(colours, "--gamma", gamma, "With --color-scale gamma: below 1 shows more of the low values")
        ->capture_default_str();

    constexpr const char* caching = "Cache";
    option(caching, "--cache-chunk-size", cache.chunk_size, "Frames per chunk of a cache before the field");
    option(caching, "--cache-chunks", cache.max_chunks, "Chunks the cache may hold");
    option(caching, "--cache-bytes", cache.max_bytes, "Bytes the cache may hold");
    option(caching, "--policy", policy,
           "What the cache drops: playhead (what is needed last) or lru (what was not looked at for longest)")
        ->check(CLI::IsMember({"playhead", "lru"}))
        ->capture_default_str();
    option(caching, "--prefetch", cache.prefetch_threads,
           "Threads that read ahead, 0 for none (default: 1 with playhead, none with lru)");
    option(caching, "--source-latency-ms", latency_ms,
           "Wait so long before each read of a chunk, as a network or a slow decoder would")
        ->check(number_from(0, 60000, "milliseconds from 0 to 60000 are allowed"));
    recording.add_to(command);
}

void profile_arguments::check() const {
    if (simulate == recording.given()) {
        refuse(simulate ? "give either --simulate or a recording, not both"
                        : "give the folder of a recording, files (--positions, --times, --field), or --simulate");
    }
    if (soak() && steps) {
        refuse("--mode soak plays as many steps as it can in --minutes; leave --playback-frames out");
    }
    if (soak() && access) {
        refuse("--mode soak goes its own ways through the recording (see --seed); leave --access out");
    }
    if (by_clock() && (access == "random" || access == "scrub")) {
        refuse("--mode play plays by a clock: --access sequential or loop; leave out --mode play for " + *access);
    }
    if (by_clock() && steps_per_s > 0) {
        refuse(
            "--mode play is paced by --fps, and skips what there is no time for; leave out --mode play to show every "
            "frame at --steps-per-s");
    }
    if (by_clock() && steps) {
        refuse("--mode play plays for --seconds at --fps scenes per second; leave --playback-frames out");
    }
    const bool window = mode == "interactive";
    if (window &&
        (simulate || !range.empty() || show.frames || cache.chunk_size || cache.max_chunks || cache.max_bytes)) {
        refuse("--mode interactive shows a recording as fieldreel view does; leave --simulate, --range, --frames and "
               "the options of the cache out");
    }
    if (window && (steps || steps_per_s > 0 || access)) {
        refuse("--mode interactive plays for --seconds at --speed, until you do otherwise; leave --playback-frames, "
               "--steps-per-s and --access out");
    }
    if (seconds && !by_clock() && !window) {
        refuse("--seconds is how long --mode play plays; the mode is " + mode +
               (soak() ? ", which plays for --minutes" : ", which plays --playback-frames") +
               "; give one or the other");
    }
    if (cold && mode != "headless" && mode != "play") {
        refuse("--cold compares two passes of --mode headless or play; leave it out with --mode " + mode);
    }
    if (cold && !stage.empty()) {
        refuse("--cold compares two passes of playing; leave --stage out, or --cold");
    }
    if (minutes && !soak()) {
        refuse("--minutes is how long --mode soak plays; the mode is " + mode +
               ", which plays --playback-frames; give one or the other");
    }
    if (!stage.empty() && mode != "headless" && mode != "table") {
        refuse("--stage times one stage; it goes with --mode headless or table, not with " + mode);
    }
    if (!stage.empty() && live) {
        refuse("--live shows all stages of playing; leave --stage out, or give it without --live");
    }
    if (stage == "read" && !overlays.empty()) {
        refuse("--stage read draws no overlay; leave --overlay out");
    }
    if (stage == "overlay" && overlays.size() == 1 && overlays.front() == "none") {
        refuse("--stage overlay times the overlays; leave --overlay none out, or name one");
    }
    if (live && mode != "headless" && mode != "soak") {
        refuse("--live goes with --mode headless or soak; --mode " + mode + " says what it found at the end");
    }
    if (!table_path.empty() && mode != "table") {
        refuse("--table is where the table of --mode table goes; give that mode too");
    }
    const std::string* const written[] = {&report_path, &trace_path, &table_path};
    for (const std::string* one : written) {
        if (!one->empty() && std::count_if(std::begin(written), std::end(written),
                                           [&](const std::string* other) { return *other == *one; }) > 1) {
            refuse("two of --report, --trace and --table are to be written to " + *one + "; name different files");
        }
    }
    if (trace_buffer_mib && trace_path.empty() && mode != "table") {
        refuse("--trace-buffer says how many events are kept; give it with --trace or --mode table");
    }
}
