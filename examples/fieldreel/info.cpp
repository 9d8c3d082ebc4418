// SPDX-License-Identifier: MIT
// fieldreel info DIR: what is in a recording, and what is wrong with it. Reads every sample.
#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/session/session.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/track.hpp>

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
    const double dt = times.median_dt_s();
    std::size_t gaps = 0;
    double longest = 0;
    double at = 0;
    for (std::size_t i = 1; i < n; ++i) {
        const double step = times[i] - times[i - 1];
        if (step > 1.5 * dt) {
            ++gaps;
            if (step > longest) {
                longest = step;
                at = times[i - 1];
            }
        }
    }
    const double span = times.back() - times.front();
    out.line(what, "%zu, %.3f to %.3f s (%.1f min), median step %.2f ms (%.1f Hz), mean rate %.1f Hz", n, times.front(),
             times.back(), span / 60, 1000 * dt, 1 / dt, span > 0 ? static_cast<double>(n - 1) / span : 0.0);
    if (gaps > 0) {
        out.line("", "%zu %s over 1.5x the median, the longest %.3f s at %.3f s", gaps, gaps == 1 ? "step" : "steps",
                 longest, at);
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
    out.line("positions", "%zu, x %.2f to %.2f, y %.2f to %.2f %s; %zu without tracking (NaN)", positions.size(),
             axis[0].low, axis[0].high, axis[1].low, axis[1].high, units.c_str(), lost);
    if (lost == positions.size()) {
        out.problem("positions: every one is NaN; check the file");
    }
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

void about_spikes(report& out, const fieldreel::session& session) {
    std::size_t total = 0;
    for (const auto& cell : session.spikes) {
        number_facts all;
        std::size_t unsorted = 0;
        std::size_t outside = 0;
        for (std::size_t i = 0; i < cell.times.size(); ++i) {
            const double t = cell.times[i];
            all.add(t);
            unsorted += i > 0 && t < cell.times[i - 1] ? 1u : 0u;
            if (session.times && !session.times->empty() &&
                (t < session.times->front() || t > session.times->back() + session.times->median_dt_s())) {
                ++outside;
            }
        }
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
            out.problem(cell.name + ": " + std::to_string(all.nan + all.infinite) + " spike times are not finite");
        }
        if (unsorted > 0) {
            out.problem(cell.name + ": " + std::to_string(unsorted) +
                        " spike times are before the one before; they are used, but sort them");
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
    std::size_t nan = 0;
    std::size_t empty_frames = 0;
    bool whole = true;
    const fieldreel::value_range range = field.frames.visit([&](auto frames) {
        progress_line progress("reading " + field.name);
        auto cursor = cursor_of(frames);
        const std::size_t count = frames.frame_count();
        number_facts all;
        for (std::size_t i = 0; i < count && whole; ++i) {
            std::size_t missing = 0;
            const auto values = cursor.frame(i);
            for (const auto v : values) {
                const auto value = static_cast<double>(v);
                if (std::isnan(value)) {
                    ++missing;
                } else {
                    all.add(value);
                }
            }
            nan += missing;
            empty_frames += missing == values.size() ? 1u : 0u;
            whole = i % 256 != 0 || progress(i, count);
        }
        return fieldreel::value_range{all.low, all.high};
    });
    out.line("", "values %g to %g, %zu NaN%s", range.vmin, range.vmax, nan, whole ? "" : " (stopped before the end)");
    if (empty_frames > 0) {
        out.problem(field.name + ": " + std::to_string(empty_frames) + " frames hold only NaN");
    }
    for (const info_line& said : about_states(field)) {
        out.line(said.what.c_str(), "%s", said.text.c_str());
    }
    if (field.times) {
        about_times(out, "frame times", *field.times);
    }
}

int run(recording_arguments& given) {
    watch_interrupts();
    const fieldreel::session session = given.open();
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
        try {
            playback_of(session);
        } catch (const fieldreel::error& e) {
            out.problem(std::string("it cannot be played as it is: ") + e.what());
        }
    }
    std::printf("\n%s\n", out.problems.empty() ? "No problems found." : "Problems:");
    for (const std::string& sentence : out.problems) {
        std::printf("- %s\n", sentence.c_str());
    }
    return interrupted() ? stopped : done;
}

} // namespace

void add_info(CLI::App& app, int& result) {
    auto given = std::make_shared<recording_arguments>();
    CLI::App* command =
        app.add_subcommand("info", "Say what a recording holds: ranges, rates, gaps, NaN counts, problems");
    given->add_to(*command);
    command->callback([given, &result] {
        if (!given->given()) {
            throw CLI::ValidationError("info",
                                       "give the folder of a recording, or files (--positions, --times, --field)");
        }
        result = run(*given);
    });
}
