// SPDX-License-Identifier: MIT
#include "place_field_options.hpp"

#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include <CLI/CLI.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/space/place_field.hpp>
#include <fieldreel/space/track.hpp>

namespace {

using fieldreel::place_field_method;
using json = nlohmann::ordered_json;

constexpr std::pair<const char*, place_field_method> methods[] = {{"binned", place_field_method::binned},
                                                                  {"gaussian_kde", place_field_method::gaussian_kde},
                                                                  {"diffusion_kde", place_field_method::diffusion_kde}};

std::string name_of(place_field_method method) {
    for (const auto& [name, value] : methods) {
        if (value == method) {
            return name;
        }
    }
    return "";
}

/// Each reason with its member in files and its words for people.
struct reason {
    const char* name;
    const char* words;
    std::size_t fieldreel::discarded_spikes::*count;
};
constexpr reason reasons[] = {
    {"outside_time", "outside the times of the positions", &fieldreel::discarded_spikes::outside_time},
    {"in_gap", "in gaps", &fieldreel::discarded_spikes::in_gap},
    {"lost_tracking", "in lost tracking", &fieldreel::discarded_spikes::lost_tracking},
    {"outside_space", "outside the bins", &fieldreel::discarded_spikes::outside_space},
    {"too_slow", "in slow intervals", &fieldreel::discarded_spikes::too_slow},
    {"nan_time", "without a time (NaN)", &fieldreel::discarded_spikes::nan_time}};

/// Of its edges, without the gaps of its axis.
double length_of(const fieldreel::track& track) {
    double sum = 0;
    for (std::size_t bin = 0; bin < track.bin_count(); ++bin) {
        sum += track.linear_edges()[bin].stop - track.linear_edges()[bin].start;
    }
    return sum;
}

template <class... Numbers>
std::string formatted(const char* format, Numbers... numbers) {
    char line[400];
    std::snprintf(line, sizeof line, format, numbers...);
    return line;
}

} // namespace

void place_field_arguments::add_to(CLI::App& command) {
    const char* group = "Place field";
    command
        .add_option(
            "--method", method,
            "binned (rates per bin, then smoothed over the bandwidth; --bandwidth 0 for none), gaussian_kde (spikes "
            "and time smoothed, across walls) or diffusion_kde (the same, around them)")
        ->check(CLI::IsMember({"binned", "gaussian_kde", "diffusion_kde"}))
        ->capture_default_str()
        ->group(group);
    command.add_option("--bandwidth", bandwidth, "Of the smoothing, in the units of the positions (default: two bins)")
        ->group(group);
    command.add_option("--min-occupancy-s", min_occupancy_s, "Bins with less time have no value")
        ->capture_default_str()
        ->group(group);
    command.add_option("--max-gap-s", max_gap_s, "Longer intervals between samples do not count")
        ->capture_default_str()
        ->group(group);
    command.add_option("--min-speed", min_speed, "Slower intervals do not count, units per second")
        ->capture_default_str()
        ->group(group);
    command
        .add_flag("--drop-interpolated", drop_interpolated,
                  "Treat positions that were filled in with straight lines as lost, in trail and heading too")
        ->group(group);
}

void place_field_arguments::put_into(fieldreel::session_options& options) const {
    for (const auto& [name, value] : methods) {
        if (method == name) {
            options.place_field.method = value;
        }
    }
    if (bandwidth && std::isnan(*bandwidth)) { // which would mean the default
        throw fieldreel::invalid_value("bandwidth",
                                       "bandwidth is nan; it must be a positive number in the units of the "
                                       "positions; leave --bandwidth out for two bins");
    }
    options.place_field.bandwidth = bandwidth.value_or(std::numeric_limits<double>::quiet_NaN());
    options.place_field.min_occupancy_s = min_occupancy_s;
    options.place_field.max_gap_s = max_gap_s;
    options.place_field.min_speed = min_speed;
    options.drop_interpolated = drop_interpolated;
}

json place_field_json(const fieldreel::session& session, const fieldreel::session_playback& made,
                      const fieldreel::session_options& options) {
    const fieldreel::place_field_result& field = *made.place_field;
    json discarded;
    for (const reason& why : reasons) {
        discarded[why.name] = field.discarded.*why.count;
    }
    json out = {{"cell", made.cell},
                {"units", session.units},
                {"method", name_of(options.place_field.method)},
                {"bandwidth", made.bandwidth},
                {"min_occupancy_s", options.place_field.min_occupancy_s},
                {"max_gap_s", options.place_field.max_gap_s},
                {"min_speed", options.place_field.min_speed},
                {"drop_interpolated", options.drop_interpolated}};
    if (made.dropped) {
        out["dropped"] = {{"stretches", made.dropped->runs.count()},
                          {"seconds", made.dropped->runs.seconds()},
                          {"spikes", made.dropped->spikes}};
    }
    if (field.bin_width) {
        out["space"] = "grid";
        out["bin_width_x"] = field.bin_width->x;
        out["bin_width_y"] = field.bin_width->y;
    } else if (const auto* const track = made.playback.space().as<fieldreel::track>()) {
        out["space"] = "track";
        out["longest_bin"] = track->longest_bin();
        out["width"] = track->width();
        out["length"] = length_of(*track);
        out["linear_length"] = track->linear_length();
    }
    out["peak_rate_hz"] = field.peak_rate;
    out["mean_rate_hz"] = field.mean_rate;
    out["bins"] = field.rate.size();
    out["bins_masked"] = field.bins_masked;
    out["spikes_used"] = field.spikes_used;
    out["spikes_discarded"] = discarded;
    out["seconds_counted"] = field.time.counted_s;
    out["seconds"] = field.time.total_s();
    return out;
}

std::string place_field_words(const fieldreel::session& session, const fieldreel::session_playback& made,
                              const fieldreel::session_options& options) {
    const fieldreel::place_field_result& field = *made.place_field;
    const char* units = session.units.c_str();
    std::string out = made.cell + " of " + session.name +
                      (field.bins_masked == field.rate.size()
                           ? formatted(": no bin has a value (%s, ", name_of(options.place_field.method).c_str())
                           : formatted(": peak %.2f Hz, mean %.2f Hz (%s, ", field.peak_rate, field.mean_rate,
                                       name_of(options.place_field.method).c_str()));
    out += made.bandwidth > 0 ? formatted("bandwidth %.3g %s)\n", made.bandwidth, units) : "not smoothed)\n";
    if (field.bin_width) {
        out += formatted("bins of %.3f x %.3f %s; ", field.bin_width->x, field.bin_width->y, units);
    } else if (const auto* const track = made.playback.space().as<fieldreel::track>()) {
        const double length = length_of(*track);
        out +=
            formatted("bins of at most %.3f %s along a track of %.1f %s", track->longest_bin(), units, length, units);
        out += track->linear_length() - length > 1e-9 * length
                   ? formatted(" (its axis has gaps and is %.1f %s long); ", track->linear_length(), units)
                   : "; ";
    }
    out += formatted("%zu of %zu have no value", field.bins_masked, field.rate.size());
    out += options.place_field.min_occupancy_s > 0
               ? formatted(" (least time %.3g s)\n", options.place_field.min_occupancy_s)
               : "\n";
    out += formatted("%zu spikes used, %zu discarded", field.spikes_used, field.discarded.total());
    const char* before = ": ";
    for (const reason& why : reasons) {
        if (const std::size_t count = field.discarded.*why.count; count > 0) {
            out += formatted("%s%zu %s", before, count, why.words);
            before = ", ";
        }
    }
    const fieldreel::time_account& time = field.time;
    out += formatted("; %.1f of %.1f s counted\n", time.counted_s, time.total_s());
    if (field.bins_masked == field.rate.size()) {
        out += formatted("of %.1f s %.1f s count (%.1f s in gaps, %.1f s without tracking, %.1f s "
                         "outside, %.1f s too slow), and a bin needs %.3g s\n",
                         time.total_s(), time.counted_s, time.in_gaps_s, time.lost_tracking_s, time.outside_space_s,
                         time.too_slow_s, options.place_field.min_occupancy_s);
    }
    return out;
}
