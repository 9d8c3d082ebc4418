// SPDX-License-Identifier: MIT
#include "report.hpp"
#include "place_field_options.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>

#include "commands.hpp"
#include "conclusion.hpp"

namespace {

using json = nlohmann::ordered_json;

struct distribution {
    double mean = 0, p50 = 0, p95 = 0, p99 = 0, max = 0;
};
distribution distribution_of(std::vector<double> values) {
    distribution d;
    if (values.empty()) {
        return d;
    }
    std::sort(values.begin(), values.end());
    const auto at = [&](double part) {
        return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1) + 0.5)];
    };
    for (const double v : values) {
        d.mean += v / static_cast<double>(values.size());
    }
    d.p50 = at(0.5);
    d.p95 = at(0.95);
    d.p99 = at(0.99);
    d.max = values.back();
    return d;
}
json as_json(const distribution& d) {
    return {{"mean", d.mean}, {"p50", d.p50}, {"p95", d.p95}, {"p99", d.p99}, {"max", d.max}};
}

/// Of one stage, or of all together: a member or a member function of step_report.
template <class Part>
distribution distribution_of(const std::vector<fieldreel::step_report>& steps, Part part) {
    std::vector<double> values;
    values.reserve(steps.size());
    for (const fieldreel::step_report& step : steps) {
        values.push_back(part(step));
    }
    return distribution_of(std::move(values));
}

/// Least-squares slope of private memory over the second half of the steps, per 1000 steps: the first half may warm up.
/// 0 when it comes to less than what the kernel counts at once (32 pages or more on each processor).
double growth_per_1000_steps(const std::vector<std::pair<double, double>>& memory) {
    const std::size_t first = memory.size() / 2;
    const std::size_t n = memory.size() - first;
    if (n < 3) {
        return 0;
    }
    double mean_x = 0;
    double mean_y = 0;
    for (std::size_t i = first; i < memory.size(); ++i) {
        mean_x += memory[i].first / static_cast<double>(n);
        mean_y += memory[i].second / static_cast<double>(n);
    }
    double xy = 0;
    double xx = 0;
    for (std::size_t i = first; i < memory.size(); ++i) {
        xy += (memory[i].first - mean_x) * (memory[i].second - mean_y);
        xx += (memory[i].first - mean_x) * (memory[i].first - mean_x);
    }
    constexpr double noise_mib = 0.5;
    const double slope = xx > 0 ? xy / xx : 0;
    const double rise = slope * (memory.back().first - memory[first].first);
    return rise > -noise_mib && rise < noise_mib ? 0 : 1000 * slope;
}
constexpr std::size_t steps_to_see_growth = 100; // fewer say nothing: pages come and go

/// On average; 0 for one frame.
double frame_rate_hz(const fieldreel::any_source& frames) {
    const std::size_t last = frames.frame_count() - 1;
    const double seconds = frames.time_s(last) - frames.time_s(0);
    return seconds > 0 ? static_cast<double>(last) / seconds : 0;
}

/// The overlay that takes longest by itself, and what the cache can keep up.
conclusion_facts facts_for_conclusion(const measurement& m, const json& report, const std::string& growth) {
    conclusion_facts out(m.stutter, m.steps.size());
    out.memory = growth;
    double most = 0;
    for (const json& overlay : report["overlays"]) {
        if (overlay["ms_p99"] > most) {
            most = overlay["ms_p99"];
            out.slowest_overlay = overlay["name"];
        }
    }
    if (!report["cache"].empty()) {
        out.cached = true;
        out.prefetch_threads = report["cache"]["prefetch_threads"];
        const json& speed = report["cache"]["sustainable_frames_per_s"];
        out.sustainable_frames_per_s = speed.is_null() ? 0 : speed.get<double>();
    }
    return out;
}

json verdict_of(const char* name, double value, const char* unit, double good, double warning,
                const char* const (&words)[3] = {"good", "acceptable", "bad"}) {
    return {{"name", name}, {"value", value},     {"unit", unit},
            {"good", good}, {"warning", warning}, {"verdict", words[value <= good ? 0 : value <= warning ? 1 : 2]}};
}

json cache_report(const fieldreel::session_playback& made) {
    if (!made.cache_statistics) {
        return json::object();
    }
    const fieldreel::cache_statistics c = made.cache_statistics();
    const auto number_or_null = [](double value) { return std::isfinite(value) ? json(value) : json(); };
    return {{"hits", c.hits},
            {"misses", c.misses},
            {"stalls", c.stalls},
            {"stall_ms",
             {{"total", 1000 * c.stall_total_s},
              {"p50", 1000 * c.stall_p50_s},
              {"p99", 1000 * c.stall_p99_s},
              {"max", 1000 * c.stall_longest_s}}},
            {"read_through", c.read_through},
            {"evictions", c.evictions},
            {"prefetched", c.prefetched},
            {"prefetch_used", c.prefetch_used},
            {"prefetch_wasted", c.prefetch_wasted},
            {"prefetch_threads", c.prefetch_threads},
            {"chunk_read_ms", number_or_null(1000 * c.chunk_read_s)},
            {"sustainable_frames_per_s", number_or_null(c.sustainable_frames_per_s)},
            {"chunks", c.chunks_resident},
            {"chunks_limit", c.chunks_limit},
            {"bytes", c.bytes_resident},
            {"bytes_peak", c.bytes_peak}};
}

void print_cache(const json& cache) {
    const auto count = [&](const char* name) { return cache[name].get<std::size_t>(); };
    const json& stall = cache["stall_ms"];
    std::printf("\ncache: %zu hits, %zu misses; %zu of %zu chunks, %.1f MiB (%.1f at most until now), %zu evictions\n",
                count("hits"), count("misses"), count("chunks"), count("chunks_limit"),
                cache["bytes"].get<double>() / (1024 * 1024), cache["bytes_peak"].get<double>() / (1024 * 1024),
                count("evictions"));
    std::printf("  stalls: %zu, p50 %.3g ms, p99 %.3g ms, longest %.3g ms, together %.3g ms\n", count("stalls"),
                stall["p50"].get<double>(), stall["p99"].get<double>(), stall["max"].get<double>(),
                stall["total"].get<double>());
    std::printf("  read ahead: %zu chunks by %zu %s, %zu used, %zu wasted\n", count("prefetched"),
                count("prefetch_threads"), count("prefetch_threads") == 1 ? "thread" : "threads",
                count("prefetch_used"), count("prefetch_wasted"));
    if (!cache["chunk_read_ms"].is_null()) {
        std::printf("  a chunk takes %.3g ms to read; ", cache["chunk_read_ms"].get<double>());
        if (cache["sustainable_frames_per_s"].is_null()) {
            std::printf("what is played fits into the cache\n");
        } else {
            std::printf("up to %.3g frames per second can be played\n",
                        cache["sustainable_frames_per_s"].get<double>());
        }
    }
}

} // namespace

json make_report(const profiled& what, const measurement& m) {
    const fieldreel::playback& playback = what.made.playback;
    const distribution step_ms = distribution_of(m.steps, [](const auto& s) { return s.total_ms(); });
    const double growth = growth_per_1000_steps(m.memory);

    json report;
    report["recording"] = what.session.name;
    report["simulated"] = what.session.simulated;
    report["frames"] = playback.source().frame_count();
    report["bins"] = playback.source().frame_size();
    report["value_type"] = std::string(name_of(playback.source().type()));
    report["frame_bytes"] = playback.source().frame_size() * size_of(playback.source().type());
    report["frame_rate_hz"] = frame_rate_hz(playback.source());
    const fieldreel::field_style& style = playback.style();
    report["field"] = {
        {"title", style.title},    {"kind", std::string(name_of(style.kind))}, {"label", style.label},
        {"unit", style.unit},      {"colormap", style.colors.name()},          {"vmin", style.range.vmin},
        {"vmax", style.range.vmax}};
    if (!what.made.cell.empty()) {
        report["cell"] = what.made.cell;
    }
    if (what.made.place_field) {
        report["place_field"] = place_field_json(what.session, what.made, what.options);
    }
    report["setup_seconds"] = m.setup_seconds;
    report["setup_phases"] = json::object();
    for (const auto& phase : m.phases) {
        report["setup_phases"][phase.name] = phase.seconds;
    }
    report["first_frame_ms"] = m.first_frame_ms;
    report["steps"] = m.steps.size();
    report["access"] = what.access;
    report["step_ms"] = as_json(step_ms);
    report["stages_ms"] = {{"read", as_json(distribution_of(m.steps, [](const auto& s) { return s.read_ms; }))},
                           {"overlay", as_json(distribution_of(m.steps, [](const auto& s) { return s.overlay_ms; }))},
                           {"present", as_json(distribution_of(m.steps, [](const auto& s) { return s.present_ms; }))}};
    report["overlays"] = json::array();
    for (const overlay_cost& overlay : m.overlays) {
        const distribution shapes = distribution_of(overlay.shapes);
        const distribution ms = distribution_of(overlay.ms);
        report["overlays"].push_back({{"name", overlay.name},
                                      {"shapes_mean", shapes.mean},
                                      {"shapes_max", shapes.max},
                                      {"ms_p50", ms.p50},
                                      {"ms_p99", ms.p99}});
    }
    report["shapes_per_step"] = static_cast<double>(m.shapes) / static_cast<double>(m.steps.size() + 1);
    report["peak_rss_mib"] = m.at_end.peak_rss_mib;
    report["private_mib"] = m.at_end.private_mib;
    report["mapped_resident_mib"] = m.at_end.mapped_resident_mib;
    report["rss_growth_mib_per_1000_steps"] = growth;
    if (what.mode == "memory") {
        for (const auto& [phase, use] : m.memory_phases) {
            report["memory_phases"].push_back(
                {{"phase", phase}, {"private_mib", use.private_mib}, {"mapped_resident_mib", use.mapped_resident_mib}});
        }
    }
    report["cache"] = cache_report(what.made);
    char hex[17];
    std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(m.checksum));
    report["checksum"] = hex;
    const machine_facts machine = describe_machine();
    report["machine"] = {{"processor", machine.processor},   {"cores", machine.cores},
                         {"memory_gib", machine.memory_gib}, {"system", machine.system},
                         {"compiler", machine.compiler},     {"fieldreel", machine.version}};
    add_stutter(report, m.stutter);
    report["command"] = command_line;
    report["notes"] = what.made.notes;
    report["interrupted"] = m.interrupted;

    // The thresholds are the field's rules of thumb, not goals of this library.
    json of_growth =
        verdict_of("memory growth", growth, "MiB per 1000 steps", 0.05, 1, {"no leak", "suspicious", "leak"});
    if (m.steps.size() < steps_to_see_growth) {
        of_growth["verdict"] = "too few steps";
    }
    report["verdicts"] = {verdict_of("step p99", step_ms.p99, "ms", 33, 100),
                          verdict_of("set-up", m.setup_seconds, "s", 5, 30),
                          verdict_of("private memory", m.at_end.private_mib, "MiB", 1024, 2048), of_growth};
    report["conclusion"] = conclusion_of(facts_for_conclusion(m, report, of_growth["verdict"].get<std::string>()));
    return report;
}

void print_report(const profiled& what, const measurement& m, const json& report) {
    const auto number = [](const json& value) { return value.get<double>(); };
    const auto words = [](const json& value) { return value.get<std::string>(); };
    std::printf("%s: %zu frames of %zu bins (%s, %s a frame) at %.4g Hz%s\n", what.session.name.c_str(),
                report["frames"].get<std::size_t>(), report["bins"].get<std::size_t>(),
                words(report["value_type"]).c_str(), byte_words(report["frame_bytes"]).c_str(),
                number(report["frame_rate_hz"]), what.session.simulated ? ", simulated" : "");
    for (const std::string& note : what.made.notes) {
        std::printf("note: %s\n", note.c_str());
    }
    if (what.made.place_field) {
        std::printf("%s", place_field_words(what.session, what.made, what.options).c_str());
    }
    const json& field = report["field"];
    std::printf("colours: %s from %.4g to %.4g%s%s (%s)\n", words(field["colormap"]).c_str(), number(field["vmin"]),
                number(field["vmax"]), words(field["unit"]).empty() ? "" : " ", words(field["unit"]).c_str(),
                words(field["label"]).c_str());
    std::printf("\n%-28s %12s\n", "set-up", "ms");
    for (const auto& phase : m.phases) {
        std::printf("  %-26s %12.3f\n", phase.name.c_str(), 1000 * phase.seconds);
    }
    std::printf("  %-26s %12.3f\n  %-26s %12.3f\n", "all", 1000 * m.setup_seconds, "first frame", m.first_frame_ms);
    std::printf("\n%-18s %9s %9s %9s %9s %9s\n", "step, ms", "mean", "p50", "p95", "p99", "max");
    const auto row = [&](const char* name, const json& d) {
        std::printf("  %-16s %9.4f %9.4f %9.4f %9.4f %9.4f\n", name, number(d["mean"]), number(d["p50"]),
                    number(d["p95"]), number(d["p99"]), number(d["max"]));
    };
    for (const auto& [stage, d] : report["stages_ms"].items()) {
        row(stage.c_str(), d);
    }
    row("all", report["step_ms"]);
    if (!report["overlays"].empty()) {
        std::printf("\n%-18s %9s %9s %9s %9s\n", "overlay by itself", "shapes", "most", "ms p50", "ms p99");
        for (const auto& overlay : report["overlays"]) {
            std::printf("  %-16s %9.1f %9.0f %9.4f %9.4f\n", words(overlay["name"]).c_str(),
                        number(overlay["shapes_mean"]), number(overlay["shapes_max"]), number(overlay["ms_p50"]),
                        number(overlay["ms_p99"]));
        }
    }
    print_stutter(report);
    std::printf("\n%-28s %12s\n", "memory", "MiB");
    if (what.mode == "memory") {
        for (const auto& [phase, use] : m.memory_phases) {
            std::printf("  private, after %-11s %12.1f\n", phase.c_str(), use.private_mib);
        }
    }
    std::printf("  %-26s %12.1f\n  %-26s %12.1f\n  %-26s %12.1f\n  %-26s %12.4f\n", "private", m.at_end.private_mib,
                "mapped files, resident", m.at_end.mapped_resident_mib, "peak of both", m.at_end.peak_rss_mib,
                "growth per 1000 steps", number(report["rss_growth_mib_per_1000_steps"]));
    if (!report["cache"].empty()) {
        print_cache(report["cache"]);
    }
    print_machine(report);
    std::printf("\n");
    for (const auto& verdict : report["verdicts"]) {
        std::printf("%-18s %10.3f %-20s %-13s (good up to %g, warning up to %g)\n", words(verdict["name"]).c_str(),
                    number(verdict["value"]), words(verdict["unit"]).c_str(), words(verdict["verdict"]).c_str(),
                    number(verdict["good"]), number(verdict["warning"]));
    }
    std::printf("\n%zu steps (%s), checksum %s%s\n", m.steps.size(), what.access.c_str(),
                words(report["checksum"]).c_str(), m.interrupted ? ", stopped by Ctrl-C" : "");
    for (const auto& line : report["conclusion"]) {
        std::printf("%s\n", words(line).c_str());
    }
}

report_file::report_file(std::string path) : path_(std::move(path)), part_(path_ + ".part") {
    const bool folder = std::filesystem::is_directory(path_);
    errno = 0;
    if (!folder) {
        out_.open(part_);
    }
    if (!out_.is_open()) {
        throw fieldreel::file_error(
            path_, path_ + " cannot be written: " + (folder ? "it is a directory" : std::strerror(errno)) +
                       "; give --report the name of a file in an existing, writable folder");
    }
}

report_file::~report_file() {
    if (!part_.empty()) {
        out_.close();
        std::error_code none;
        std::filesystem::remove(part_, none);
    }
}

void report_file::finish(const json& report) {
    out_ << report.dump(2) << "\n";
    out_.close();
    std::error_code problem;
    if (!out_.fail()) {
        std::filesystem::rename(part_, path_, problem);
    }
    if (out_.fail() || problem) {
        throw fieldreel::file_error(path_, path_ + " cannot be written; check that the disk is not full");
    }
    part_.clear();
}
