// SPDX-License-Identifier: MIT
// What a simulated recording shall be, checked once and turned into counts.
#ifndef FIELDREEL_SESSION_SIMULATION_OPTIONS_HPP
#define FIELDREEL_SESSION_SIMULATION_OPTIONS_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// What the simulated animal does: forage in a square box, or run back and forth on a narrow track.
enum class simulation_task : std::uint8_t { open_field, linear_track };

/// "open-field" or "linear-track", as the command line spells it.
constexpr std::string_view name_of(simulation_task task) {
    return task == simulation_task::open_field ? "open-field" : "linear-track";
}

/// The task of that name ("-" and "_" are the same). Errors: throws invalid_value.
inline simulation_task simulation_task_named(std::string_view name) {
    std::string plain(name);
    for (char& c : plain) {
        c = c == '_' ? '-' : c;
    }
    for (const auto task : {simulation_task::open_field, simulation_task::linear_track}) {
        if (plain == name_of(task)) {
            return task;
        }
    }
    throw invalid_value("task", detail::text("the task \"", name,
                                             "\" is not known; a simulated animal can do open-field or linear-track; "
                                             "pass one of these"));
}

/// What to simulate. Every member has a default; the length is given by at most one of duration_s, minutes and frames.
struct simulation_options {
    std::optional<double> duration_s = {};  ///< length; 600 when none of the three is given
    std::optional<double> minutes = {};     ///< length in minutes
    std::optional<std::size_t> frames = {}; ///< length in posterior frames; overrides the other two
    double rate_hz = 500;                   ///< position samples per second
    std::uint64_t seed = 1;                 ///< same seed and build: same bytes
    simulation_task task = simulation_task::open_field;
    double arena_cm = 100;       ///< side of the open field
    double track_cm = 170;       ///< length of the linear track; it is 8 cm wide
    std::size_t cell_count = 60; ///< from 20 on, three of them are interneurons
    double bin_size = 4;         ///< side of a bin of the posterior, cm
    double decode_bin_s = 0.02;  ///< spikes of this long are decoded into one posterior frame
    double decode_step_s = 0;    ///< from frame to frame; 0: as decode_bin_s, so that bins do not overlap
    double start_s = 0;          ///< the time of the first sample
    bool flaws = true;           ///< plant the tracking flaws (recordings of 10 s and longer)
    bool pose = true;            ///< make the seven keypoints
    std::size_t max_bytes = std::size_t{1} << (sizeof(std::size_t) > 4 ? 32 : 30); ///< refuse what needs more memory
};

/// The width of the simulated linear track. Units: cm.
inline constexpr double simulated_track_width_cm = 8;

/// The acquisition clock of the simulated spikes: their times are whole ticks after the start. Units: Hz.
inline constexpr double simulated_clock_hz = 30000;

namespace detail {

/// Checked options as counts.
struct simulation_plan {
    double duration_s = 0;
    std::size_t sample_count = 0; ///< before the gap takes samples away
    std::size_t frame_count = 0;
    std::int64_t bin_ticks = 0;
    std::int64_t step_ticks = 0;
    box_xy arena; ///< where the animal can be

    double step_s() const noexcept { return static_cast<double>(step_ticks) / simulated_clock_hz; }
    double bin_s() const noexcept { return static_cast<double>(bin_ticks) / simulated_clock_hz; }
};

[[noreturn]] inline void throw_option(std::string_view name, double value, std::string_view allowed) {
    throw invalid_value(std::string(name), text(name, " is ", value, "; ", allowed));
}

inline void check_option(std::string_view name, double value, double low, double high, std::string_view allowed) {
    if (!(value >= low && value <= high)) {
        throw_option(name, value, allowed);
    }
}

/// Bytes as a person says them: "3.2 GB".
inline std::string readable_bytes(double bytes) {
    const char* const units[] = {" bytes", " kB", " MB", " GB", " TB", " PB"};
    std::size_t unit = 0;
    while (bytes >= 1000 && unit < 5) {
        bytes /= 1000;
        ++unit;
    }
    return text(std::round(bytes * 10) / 10, units[unit]);
}

inline simulation_plan plan_simulation(const simulation_options& options) {
    constexpr double longest_s = 1e7;
    check_option("rate_hz", options.rate_hz, 0.1, 30000,
                 "position samples come at 0.1 to 30000 per second; pass e.g. 500");
    check_option("arena_cm", options.arena_cm, 30, 2000, "the open field's side must be 30 to 2000 cm; pass e.g. 100");
    check_option("track_cm", options.track_cm, 50, 2000, "the track must be 50 to 2000 cm long; pass e.g. 170");
    const bool field = options.task == simulation_task::open_field;
    const double side = field ? options.arena_cm : options.track_cm;
    if (!(options.bin_size >= 0.2 && options.bin_size <= side)) {
        throw_option("bin_size", options.bin_size,
                     text("a bin's side must be 0.2 cm to the ", side, " cm of the ", field ? "arena" : "track",
                          "; pass e.g. 4"));
    }
    if (options.cell_count == 0 || options.cell_count > 100000) {
        throw_option("cell_count", static_cast<double>(options.cell_count),
                     "a posterior is decoded from 1 to 100000 cells; pass e.g. 60");
    }
    check_option("decode_bin_s", options.decode_bin_s, 0.001, 10,
                 "spikes of 0.001 to 10 s are decoded into one frame; pass e.g. 0.02");
    if (options.decode_step_s != 0) {
        check_option("decode_step_s", options.decode_step_s, 0.001, 10,
                     "posterior frames follow each other after 0.001 to 10 s; pass 0 to use decode_bin_s");
    }
    check_option("start_s", options.start_s, -1e10, 1e10, "the first time must be a number within 1e10 s of 0");

    simulation_plan plan;
    plan.bin_ticks = static_cast<std::int64_t>(std::llround(options.decode_bin_s * simulated_clock_hz));
    plan.step_ticks = options.decode_step_s == 0
                          ? plan.bin_ticks
                          : static_cast<std::int64_t>(std::llround(options.decode_step_s * simulated_clock_hz));
    if (options.frames) {
        const double seconds = (static_cast<double>(*options.frames) - 1) * plan.step_s() + plan.bin_s();
        if (*options.frames == 0 || seconds > longest_s) {
            throw_option("frames", static_cast<double>(*options.frames),
                         text("a recording has 1 to ", std::floor((longest_s - plan.bin_s()) / plan.step_s()) + 1,
                              " frames of ", plan.step_s(), " s; pass e.g. 41000"));
        }
        plan.duration_s = seconds;
        plan.frame_count = *options.frames;
    } else {
        if (options.minutes && options.duration_s) {
            throw invalid_value("minutes",
                                text("minutes is ", *options.minutes, " and duration_s is ", *options.duration_s,
                                     "; a recording has one length; pass one of the two"));
        }
        if (options.minutes) {
            check_option("minutes", *options.minutes, options.decode_bin_s / 60, longest_s / 60,
                         "a recording is at least one decode_bin_s and at most 166666 minutes long; pass e.g. 10");
        } else if (options.duration_s) {
            check_option("duration_s", *options.duration_s, options.decode_bin_s, longest_s,
                         "a recording is at least one decode_bin_s and at most 1e7 s long; pass e.g. 600");
        }
        plan.duration_s = options.minutes ? *options.minutes * 60 : options.duration_s.value_or(600);
        const auto ticks = static_cast<std::int64_t>(std::llround(plan.duration_s * simulated_clock_hz));
        plan.frame_count =
            ticks < plan.bin_ticks ? 1 : static_cast<std::size_t>((ticks - plan.bin_ticks) / plan.step_ticks) + 1;
    }
    // The half sample keeps a whole number of seconds from losing a sample to rounding.
    plan.sample_count = static_cast<std::size_t>(std::floor(plan.duration_s * options.rate_hz + 0.5));
    plan.sample_count = plan.sample_count == 0 ? 1 : plan.sample_count;
    plan.arena = field ? box_xy{{0, 0}, {options.arena_cm, options.arena_cm}}
                       : box_xy{{0, 0}, {options.track_cm, simulated_track_width_cm}};
    return plan;
}

/// Refuses what needs more than max_bytes, before anything is allocated.
inline void check_bytes(const simulation_options& options, double bytes, std::string_view what) {
    if (bytes > static_cast<double>(options.max_bytes)) {
        throw invalid_value("max_bytes", text(what, " needs about ", readable_bytes(bytes), " of memory; at most ",
                                              readable_bytes(static_cast<double>(options.max_bytes)),
                                              " are allowed; ask for less or raise max_bytes"));
    }
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
