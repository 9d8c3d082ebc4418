// SPDX-License-Identifier: MIT
// fieldreel info DIR: what is in a recording, and what is wrong with it. Reads every sample.
#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/playback/data_stutter.hpp>
#include <fieldreel/session/session_content.hpp>
#include <fieldreel/source/field_check.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/track.hpp>
#include <fieldreel/space/tracking_quality.hpp>

#include "about.hpp"
#include "commands.hpp"
#include "machine.hpp"
#include "recording.hpp"

namespace {

using fieldreel::sample_times;
using fieldreel::samples;

/// The lines of the report, and the problems found on the way.
struct report {
    std::vector<std::string> problems;

    [[gnu::format(printf, 3, 4)]] void line(const char* what, const char* format, ...) {
        std::printf("%-16s ", what);
        va_list rest;
        va_start(rest, format);
        std::vprintf(format, rest);
        va_end(rest);
        std::printf("\n");
    }
    void problem(std::string sentence) { problems.push_back(std::move(sentence)); }
};

/// Counts in one pass: NaN, infinities, range.
struct number_facts {
    std::size_t nan = 0;
    std::size_t infinite = 0;
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    void add(double v) {
        if (std::isnan(v)) {
            ++nan;
        } else if (std::isinf(v)) {
            ++infinite;
        } else {
            low = std::min(low, v);
            high = std::max(high, v);
        }
    }
};

void about_times(report& out, const char* what, const sample_times& times) {
    if (times.empty()) {
        out.line(what, "none");
        out.problem(std::string(what) + ": there are no times");
        return;
    }
    if (const auto wrong = times.first_not_increasing()) {
        try {
            times.throw_not_increasing(*wrong);
        } catch (const fieldreel::error& e) {
            out.problem(std::string(what) + ": " + e.what());
        }
    }
    const std::size_t n = times.size();
    const fieldreel::step_evenness steps = fieldreel::check_steps(times, 0);
    const double dt = n > 1 ? steps.median_s : times.median_dt_s();
    const double span = times.back() - times.front();
    out.line(what, "%zu, %.3f to %.3f s (%.1f min), median step %.2f ms (%.1f Hz), mean rate %.1f Hz", n, times.front(),
             times.back(), span / 60, 1000 * dt, 1 / dt, span > 0 ? static_cast<double>(n - 1) / span : 0.0);
    if (steps.long_count > 0) {
        out.line("", "%zu %s over 1.5x the median, the longest %.3f s at %.3f s", steps.long_count,
                 steps.long_count == 1 ? "step" : "steps", steps.longest.seconds, steps.longest.at_s);
    }
}

void about_positions(report& out, const samples& positions, const std::string& units) {
    number_facts axis[2];
    std::size_t lost = 0;
    for (std::size_t i = 0; i < positions.size(); ++i) {
        const double x = positions(i, 0);
        const double y = positions(i, 1);
        axis[0].add(x);
        axis[1].add(y);
        lost += std::isnan(x) || std::isnan(y) ? 1u : 0u;
    }
    if (positions.size() == 0) {
        out.line("positions", "none");
        out.problem("positions: there are none; check the file");
        return;
    }
    if (lost == positions.size()) {
        out.line("positions", "%zu, all without tracking (NaN)", lost);
        out.problem("positions: every one is NaN; check the file");
        return;
    }
    out.line("positions", "%zu, x %.2f to %.2f, y %.2f to %.2f %s; %zu without tracking (NaN)", positions.size(),
             axis[0].low, axis[0].high, axis[1].low, axis[1].high, units.c_str(), lost);
    if (axis[0].infinite + axis[1].infinite > 0) {
        out.problem("positions: " + std::to_string(axis[0].infinite + axis[1].infinite) +
                    " values are infinite; replace them by NaN");
    }
}

void about_heading(report& out, const samples& angles, double offset_rad) {
    number_facts all;
    for (std::size_t i = 0; i < angles.size(); ++i) {
        all.add(angles[i]);
    }
    out.line("head direction", "%zu, %.3f to %.3f rad, %zu NaN, offset %.3f rad", angles.size(), all.low, all.high,
             all.nan, offset_rad);
    if (all.high - all.low > 7) {
        out.problem("head direction: the angles span over 7 rad; are they in degrees? fieldreel reads radians");
    }
}

template <class... Values>
std::string formatted(const char* format, Values... values) {
    char line[400];
    std::snprintf(line, sizeof line, format, values...);
    return line;
}

/// Three significant digits.
double significant(double value) {
    return std::strtod(formatted("%.3g", value).c_str(), nullptr);
}

/// "1 stretch", "219 stretches".
std::string counted(std::size_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

/// "cell02 297" for each of a few cells; one number for all of many.
std::string spikes_inside(const fieldreel::session& session, const fieldreel::sample_runs& runs) {
    std::string each;
    std::size_t all = 0;
    for (const auto& cell : session.spikes) {
        const std::size_t count = spikes_in(runs, cell.times);
        all += count;
        each += (each.empty() ? "" : ", ") + cell.name + " " + std::to_string(count);
    }
    return session.spikes.empty()       ? ""
           : session.spikes.size() <= 6 ? "; spikes inside: " + each
                                        : "; spikes inside: " + std::to_string(all) + " of all cells";
}

/// One kind of stretch; nothing when there is none.
void about_runs(report& out, const fieldreel::session& session, double recording_s, const char* what,
                const char* meaning, const fieldreel::sample_runs& runs) {
    if (runs.count() == 0) {
        return;
    }
    const fieldreel::sample_run& longest = runs.longest();
    out.line(what, "%s%s, %.1f s (%.1f %% of the recording), the longest %.3f s at %.1f s%s",
             counted(runs.count(), "stretch", "stretches").c_str(), meaning, runs.seconds(),
             recording_s > 0 ? 100 * runs.seconds() / recording_s : 0.0, longest.duration_s(), longest.start_s,
             spikes_inside(session, runs).c_str());
}

/// 10 cm in the units of a recording; NaN where they are not known.
double usual_heading_speed(const std::string& units) {
    return units == "m" ? 0.1 : units == "cm" ? 10 : units == "mm" ? 100 : std::numeric_limits<double>::quiet_NaN();
}

/// The offset that turns the recorded heading into the direction of movement, where that can be told.
void about_heading_offset(report& out, const fieldreel::session& session, bool relative_speed,
                          const fieldreel::heading_against_movement& found) {
    const std::string over = formatted("over %g %s/s%s", significant(found.min_speed), session.units.c_str(),
                                       relative_speed ? " (half the median speed)" : "");
    if (!std::isfinite(found.min_speed)) {
        out.line("", "no movement to compare it with");
        return;
    }
    if (found.intervals < 100) {
        out.line("", "too few movements %s to compare it with (%zu)", over.c_str(), found.intervals);
        return;
    }
    out.line("", "movement minus recorded heading: %.2f rad, resultant %.2f (%zu intervals %s)", found.offset_rad,
             found.resultant, found.intervals, over.c_str());
    const double left = std::remainder(found.offset_rad - session.heading_offset_rad, 6.283185307179586);
    if (found.resultant >= 0.5 && std::abs(left) > 0.2) {
        out.problem(formatted(
            "head direction: movement is %.2f rad from it on average; correct it with --heading-offset-rad %.2f", left,
            found.offset_rad));
    } else if (found.mirrored_resultant >= 0.5 && found.mirrored_resultant > 2 * found.resultant) {
        out.problem(
            formatted("head direction: it turns the other way than movement does (resultant %.2f; %.2f with the "
                      "angle mirrored); is y down in one of the two? store -y or minus the angle",
                      found.resultant, found.mirrored_resultant));
    } else if (found.resultant < 0.3) {
        out.problem(formatted("head direction: it does not follow movement (resultant %.2f; 1 = always, 0 = never); is "
                              "it in degrees, or on another clock, or of another animal?",
                              found.resultant));
    }
}

/// Positions that count nowhere, as no bin is there.
void about_outside(report& out, const fieldreel::session& session, std::size_t outside, std::size_t first,
                   const char* of) {
    if (outside == 0) {
        return;
    }
    const std::size_t all = session.positions->size();
    out.line("outside", "%s outside %s (%.1f %%), the first at %.3f s",
             counted(outside, "position", "positions").c_str(), of,
             100 * static_cast<double>(outside) / static_cast<double>(all), (*session.times)[first]);
    if (4 * outside > all) {
        out.problem(formatted("positions: %.1f %% lie outside %s and count nowhere; are they in other units, or from "
                              "another origin?",
                              100 * static_cast<double>(outside) / static_cast<double>(all), of));
    }
}

void about_track_positions(report& out, const fieldreel::session& session, const fieldreel::track& bins) {
    const samples& positions = *session.positions;
    std::size_t outside = 0;
    std::size_t first = 0;
    for (std::size_t i = 0; i < positions.size(); ++i) {
        const double x = positions(i, 0);
        const double y = positions(i, 1);
        if (std::isfinite(x) && std::isfinite(y) && !bins.bin_at(x, y)) {
            first = outside++ == 0 ? i : first;
        }
    }
    about_outside(out, session, outside, first, "the track");
}

/// Tracking: what is filled in, stands still, is missing or jumps. Needs times that increase.
void about_tracking(report& out, const fieldreel::session& session, fieldreel::tracking_options options) {
    for (const auto& field : session.fields) { // the only arena that a recording states
        if (field.space && field.space->as_grid() != nullptr && !options.arena) {
            options.arena = field.space->bounds();
        }
    }
    const bool relative_speed = std::isnan(options.min_heading_speed) && std::isnan(usual_heading_speed(session.units));
    if (std::isnan(options.min_heading_speed)) {
        options.min_heading_speed = usual_heading_speed(session.units);
    }
    const fieldreel::tracking_quality found =
        session.head_direction ? check_tracking(*session.times, *session.positions, *session.head_direction, options)
                               : check_tracking(*session.times, *session.positions, options);
    const char* units = session.units.c_str();
    about_runs(out, session, found.seconds, "lost", " without tracking", found.lost);
    about_runs(out, session, found.seconds, "gaps", " without samples over 0.5 s", found.gaps);
    about_runs(out, session, found.seconds, "still",
               " of one position for 0.5 s or more (asleep, or tracking is stuck)", found.still);
    about_runs(out, session, found.seconds, "interpolated", " of exactly constant steps over 5 samples or more",
               found.interpolated);
    if (found.resolution > 0) {
        out.line("rounded", "positions are rounded to %g %s; %s", found.resolution, units,
                 found.resolution < 0.5
                     ? "short or slow stretches that were filled in with straight lines may be missed"
                     : "stretches that were filled in with straight lines can hardly be told");
    }
    if (found.interpolated.count() > 0) {
        std::string sentence =
            "positions: " + counted(found.interpolated.count(), "stretch", "stretches") + " of exactly constant steps";
        if (session.head_direction) {
            out.line("", "the heading turns by constant steps in %zu of them", found.interpolated_with_heading);
        }
        out.problem(sentence + ": lost tracking was filled in with straight lines; --drop-interpolated treats it as "
                               "lost again");
    }
    if (!found.jumps.empty()) {
        out.line(
            "jumps",
            "%s faster than %.3g %s/s (five times the 99th percentile of the usual speeds), the fastest %.4g %s/s, "
            "the first at %.3f s",
            counted(found.jumps.size(), "step", "steps").c_str(), found.jump_speed, units, found.fastest_jump, units,
            found.jumps.front().start_s);
        out.problem("positions: " + counted(found.jumps.size(), "step is", "steps are") +
                    " faster than an animal; look at them, and replace wrong positions by NaN");
    }
    if (found.placeholder) {
        const fieldreel::placeholder_place& place = *found.placeholder;
        const std::string what = formatted("%s at exactly (%g, %g), jumped to and from %s",
                                           counted(place.samples, "position", "positions").c_str(), place.at.x,
                                           place.at.y, counted(place.visits, "time", "times").c_str());
        out.line("placeholder", "%s, the first at %.3f s", what.c_str(), (*session.times)[place.first]);
        out.problem("positions: " + what +
                    ": such a place stands for lost tracking; replace it by NaN in both columns");
    }
    about_outside(out, session, found.outside_arena, found.first_outside, "the grid of the field");
    if (session.track) {
        about_track_positions(out, session, *session.track);
    }
    if (found.gaps.seconds() > 0.5 * found.seconds) {
        out.problem(
            formatted("times: %.1f of %.1f s lie in steps over %g s, which count nowhere; sample more often, or "
                      "allow them with --max-gap-s of field and profile",
                      found.gaps.seconds(), found.seconds, options.max_gap_s));
    }
    if (session.head_direction) {
        about_heading_offset(out, session, relative_speed, found.heading);
    }
}

void about_spikes(report& out, const fieldreel::session& session) {
    std::size_t total = 0;
    for (const auto& cell : session.spikes) {
        number_facts all;
        std::size_t unsorted = 0;
        std::size_t outside = 0;
        std::vector<double> sorted;
        sorted.reserve(cell.times.size());
        for (std::size_t i = 0; i < cell.times.size(); ++i) {
            const double t = cell.times[i];
            all.add(t);
            if (!std::isnan(t)) {
                sorted.push_back(t);
            }
            unsorted += i > 0 && t < cell.times[i - 1] ? 1u : 0u;
            if (session.times && !session.times->empty() &&
                (t < session.times->front() || t > session.times->back() + session.times->median_dt_s())) {
                ++outside;
            }
        }
        std::sort(sorted.begin(), sorted.end());
        const auto twice = static_cast<std::size_t>(sorted.end() - std::unique(sorted.begin(), sorted.end()));
        total += cell.times.size();
        if (session.spikes.size() <= 12 && cell.times.empty()) {
            out.line(cell.name.c_str(), "no spikes");
        } else if (session.spikes.size() <= 12) {
            const double span = session.times && session.times->size() > 1
                                    ? session.times->back() - session.times->front()
                                    : all.high - all.low;
            out.line(cell.name.c_str(), "%zu spikes, mean %.2f Hz, %.3f to %.3f s", cell.times.size(),
                     span > 0 ? static_cast<double>(cell.times.size()) / span : 0.0, all.low, all.high);
        }
        if (all.nan + all.infinite > 0) {
            out.problem(cell.name + ": " + std::to_string(all.nan + all.infinite) +
                        (all.nan + all.infinite == 1 ? " spike time is not finite" : " spike times are not finite"));
        }
        if (unsorted > 0) {
            out.problem(cell.name + ": " + std::to_string(unsorted) +
                        (unsorted == 1 ? " spike time is" : " spike times are") +
                        " before the one before; all are used, but sort them");
        }
        if (twice > 0) {
            out.problem(cell.name + ": " + std::to_string(twice) + " of " + std::to_string(cell.times.size()) +
                        (twice == 1 ? " spikes repeats the time of another and counts"
                                    : " spikes repeat the time of another and count") +
                        " again; remove what was stored twice (numpy.unique)");
        }
        if (outside > 0) {
            out.problem(cell.name + ": " + std::to_string(outside) + " of " + std::to_string(cell.times.size()) +
                        " spikes lie outside the times of the positions");
        }
    }
    if (!session.spikes.empty()) {
        out.line("spikes", "%zu %s, %zu spikes", session.spikes.size(), session.spikes.size() == 1 ? "cell" : "cells",
                 total);
    }
}

void about_track(report& out, const char* what, const fieldreel::track& bins) {
    out.line(what, "track of %zu %s, %.2f wide, %zu bins of at most %.2f, linear axis 0 to %.2f", bins.edges().size(),
             bins.edges().size() == 1 ? "edge" : "edges", bins.width(), bins.bin_count(), bins.longest_bin(),
             bins.linear_length());
}

/// Sums, negatives, NaN against 0, logarithms.
void about_posterior(report& out, const std::string& name, const fieldreel::field_check& found) {
    out.line("",
             "%zu of %zu frames add up to 1 (within 0.001), %zu have values below 0, %zu are all NaN, %zu all 0, "
             "%zu have NaN beside values",
             found.sum_one.count, found.frames, found.negative.count, found.all_nan.count, found.all_zero.count,
             found.some_nan.count);
    for (const std::string& sentence : posterior_problems(found)) {
        out.problem(name + ": " + sentence);
    }
}

void about_field(report& out, const fieldreel::session_field& field) {
    out.line(field.name.c_str(), "%zu frames of %zu %s values, kind %s", field.frames.frame_count(),
             field.frames.frame_size(), std::string(fieldreel::name_of(field.frames.type())).c_str(),
             std::string(fieldreel::name_of(field.kind)).c_str());
    if (const fieldreel::grid* const bins = field.space ? field.space->as_grid() : nullptr) {
        const auto shape = bins->shape();
        out.line("", "grid of %zu x %zu bins, %zu active, each %.2f x %.2f", shape.n_x, shape.n_y, bins->bin_count(),
                 bins->bin_width_x(), bins->bin_width_y());
    } else if (field.space && field.space->as<fieldreel::track>() != nullptr) {
        about_track(out, "", *field.space->as<fieldreel::track>());
    }
    if (field.blank) {
        out.line("", "blank: an arena without values, for what is drawn on it");
        return;
    }
    progress_line progress("reading " + field.name);
    const fieldreel::field_check found =
        check_field(field.frames, [&](std::size_t i, std::size_t count) { return progress(i, count); });
    out.line("", "values %g to %g, %zu NaN%s", found.low, found.high, found.nan,
             found.whole ? "" : " (stopped before the end)");
    if (found.infinite > 0) {
        out.line("", "%zu infinite values", found.infinite);
    }
    if (found.all_nan.count > 0) {
        out.problem(field.name + ": " + std::to_string(found.all_nan.count) + " frames hold only NaN");
    }
    if (field.kind == fieldreel::field_kind::posterior) {
        about_posterior(out, field.name, found);
    } else if (field.kind == fieldreel::field_kind::other && found.looks_like_probabilities()) {
        out.line("", "each frame adds up to 1: is it a posterior? say so with --field-kind posterior");
    } else if (field.kind == fieldreel::field_kind::other && found.looks_like_logarithms()) {
        out.line(
            "",
            "the exponentials of each frame add up to 1: is it the logarithm of a posterior? store numpy.exp of it");
    }
    for (const info_line& said : about_states(field)) {
        out.line(said.what.c_str(), "%s", said.text.c_str());
    }
    if (field.times) {
        about_times(out, "frame times", *field.times);
    }
}

struct arguments {
    recording_arguments recording;
    fieldreel::tracking_options tracking;
};

/// What profile would refuse, told here; and each overlay, also when another one is wrong.
void about_overlays(report& out, const fieldreel::session& session) {
    std::optional<fieldreel::session_playback> made;
    try {
        made.emplace(playback_of(session, {.overlays = std::vector<std::string>()}));
    } catch (const fieldreel::error& e) {
        out.problem(std::string("it cannot be played as it is: ") + e.what());
        return;
    }
    for (const fieldreel::overlay_report& one : overlays_in(session, *made)) {
        std::string line = one.name + (one.name == one.kind ? "" : " (" + one.kind + ")") +
                           (one.facts.counts.empty() ? "" : ": " + one.facts.counts);
        if (one.times) {
            line += formatted(", %.3f to %.3f s", one.times->start_s, one.times->stop_s);
        }
        out.line("overlay", "%s", line.c_str());
        for (const std::string& sentence : one.facts.problems) {
            out.problem(sentence);
        }
    }
}

int run(arguments& given) {
    watch_interrupts();
    fieldreel::detail::check_tracking_options(given.tracking); // before anything is printed
    const fieldreel::session session = given.recording.open();
    report out;
    out.line("recording", "%s%s%s", session.name.c_str(),
             session.folder.empty() ? "" : (" in " + session.folder).c_str(), session.simulated ? " (simulated)" : "");
    if (session.times) {
        about_times(out, "times", *session.times);
    }
    if (session.positions) {
        about_positions(out, *session.positions, session.units);
    }
    if (session.track) {
        about_track(out, "environment", *session.track);
    }
    if (session.head_direction) {
        about_heading(out, *session.head_direction, session.heading_offset_rad);
    }
    if (session.times && session.positions && session.times->size() > 1 && !session.times->first_not_increasing()) {
        about_tracking(out, session, given.tracking);
    }
    about_spikes(out, session);
    try {
        for (const info_line& said : about_regions(session)) {
            out.line(said.what.c_str(), "%s", said.text.c_str());
        }
    } catch (const fieldreel::error& e) {
        out.problem(std::string("regions: ") + e.what());
    }
    for (const auto& field : session.fields) {
        about_field(out, field);
    }
    for (const std::string& warning : session.warnings) {
        out.problem(warning);
    }
    if (!interrupted()) { // what profile would refuse, told here
        about_overlays(out, session);
    }
    std::printf("\n%s\n", out.problems.empty() ? "No problems found." : "Problems:");
    for (const std::string& sentence : out.problems) {
        std::printf("- %s\n", sentence.c_str());
    }
    return interrupted() ? stopped : done;
}

} // namespace

void add_info(CLI::App& app, int& result) {
    auto given = std::make_shared<arguments>();
    given->tracking.min_heading_speed = std::numeric_limits<double>::quiet_NaN(); // by the recording's units
    CLI::App* command =
        app.add_subcommand("info", "Say what a recording holds: ranges, rates, gaps, NaN counts, problems");
    given->recording.add_to(*command);
    command->add_option(
        "--heading-speed", given->tracking.min_heading_speed,
        "The heading is compared with movements faster than this, units per second (default: 0.1 m, 10 cm "
        "or 100 mm; in other units half the median speed)");
    command->callback([given, &result] {
        if (!given->recording.given()) {
            throw CLI::ValidationError("info",
                                       "give the folder of a recording, or files (--positions, --times, --field)");
        }
        result = run(*given);
    });
}
