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
#include "profile_table.hpp"

namespace {

using json = nlohmann::ordered_json;
namespace trace = fieldreel::trace;

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

/// Of one stage, or of all together: a member or a member function of step_report. `most`: of all steps, those that
/// were not kept too.
template <class Part>
distribution distribution_of(const step_sample& steps, Part part, double most) {
    std::vector<double> values;
    values.reserve(steps.kept().size());
    for (const fieldreel::step_report& step : steps.kept()) {
        values.push_back(part(step));
    }
    distribution d = distribution_of(std::move(values));
    d.max = most;
    return d;
}

// ---- memory
// ----------------------------------------------------------------------------------------------------------

json growth_json(const trace::growth& fit) {
    return {{"mib_per_1000_steps", 1000 * fit.per_step},
            {"lower", 1000 * fit.lower},
            {"upper", 1000 * fit.upper},
            {"confidence", 0.99},
            {"rise_mib", fit.rise},
            {"steady_part", fit.steady_part},
            {"samples", fit.samples},
            {"verdict", std::string(name_of(fit.verdict))}};
}

/// Private memory and, where it was counted, the heap; the worse of the two verdicts.
json growth_report(const measurement& m, const std::string& mode) {
    const bool exact = mode == "memory" || mode == "soak";
    const double noise_mib =
        (exact ? memory_log::page_noise_mib : memory_log::counter_noise_mib) + m.memory.rounding_noise_mib();
    const trace::growth fit = fit_growth(m.memory.private_mib.samples(), {.noise = noise_mib});
    trace::growth_verdict worst = fit.verdict;
    json out = {{"verdict", ""}, {"private", growth_json(fit)}};
    if (m.counted_allocations) {
        const trace::growth heap = fit_growth(m.memory.heap_mib.samples(), {.noise = memory_log::heap_noise_mib});
        out["heap"] = growth_json(heap);
        worst = (std::max)(worst, heap.verdict);
    }
    out["verdict"] = std::string(name_of(worst));
    return out;
}

/// Phase by phase, what it added.
json memory_phases_json(const measurement& m) {
    json out = json::array();
    double before_mib = m.at_start.private_mib;
    allocation_counts before;
    for (const memory_phase& phase : m.memory_phases) {
        json one = {{"phase", phase.name},
                    {"private_mib", phase.after.private_mib},
                    {"added_mib", phase.after.private_mib - before_mib},
                    {"mapped_resident_mib", phase.after.mapped_resident_mib}};
        if (m.counted_allocations) {
            one["allocations"] = phase.allocations.count - before.count;
            one["allocated_bytes"] = phase.allocations.bytes - before.bytes;
            one["heap_bytes"] = phase.allocations.live_bytes;
        }
        out.push_back(std::move(one));
        before_mib = phase.after.private_mib;
        before = phase.allocations;
    }
    return out;
}

void print_memory_phases(const json& report) {
    const bool counted = report["memory_phases"][0].contains("allocations");
    std::printf("\n%-22s %11s %11s %11s", "memory, by phase", "added, MiB", "after, MiB", "mapped, MiB");
    std::printf(counted ? " %12s %14s %11s\n" : "\n", "allocations", "allocated, MiB", "heap, MiB");
    std::printf("  %-20s %11s %11.2f\n", "start of the program", "", report["private_at_start_mib"].get<double>());
    constexpr double mib = 1024 * 1024;
    for (const json& phase : report["memory_phases"]) {
        std::printf("  %-20s %11.2f %11.2f %11.2f", phase["phase"].get<std::string>().c_str(),
                    phase["added_mib"].get<double>(), phase["private_mib"].get<double>(),
                    phase["mapped_resident_mib"].get<double>());
        if (counted) {
            std::printf(" %12llu %14.2f %11.2f",
                        static_cast<unsigned long long>(phase["allocations"].get<std::uint64_t>()),
                        phase["allocated_bytes"].get<double>() / mib, phase["heap_bytes"].get<double>() / mib);
        }
        std::printf("\n");
    }
    std::printf("  %-20s %11s %11.2f\n", "most, private", "", report["private_peak_mib"].get<double>());
    if (counted) {
        std::printf("  %-20s %61s %11.2f\n", "most, heap", "", report["heap_peak_mib"].get<double>());
        std::printf(
            "  (warm-up: the first tenth of the steps, 1000 at most, in which buffers and caches fill; allocations: "
            "by operator new,\n  heap: what is left of them; mapped: pages of files, which the kernel takes back "
            "when it needs them)\n");
    } else {
        std::printf("  (this build cannot count allocations: its sanitizer needs operator new for itself)\n");
    }
}

void print_growth(const char* what, const json& fit) {
    if (fit["verdict"] == "too few steps") {
        std::printf("  %-26s %12s  (%zu samples; a fit needs %zu)\n", what, "unknown",
                    fit["samples"].get<std::size_t>(), trace::growth_fewest_samples);
        return;
    }
    std::printf("  %-26s %12.4f  (99 %%: %.4f to %.4f; %+.2f MiB in all: %s)\n", what,
                fit["mib_per_1000_steps"].get<double>(), fit["lower"].get<double>(), fit["upper"].get<double>(),
                fit["rise_mib"].get<double>(), fit["verdict"].get<std::string>().c_str());
}

// ---- verdicts ------------------------------------------------------------------------------------------------------

json verdict_of(const char* name, double value, const char* unit, double good, double warning) {
    const char* const words[] = {"good", "acceptable", "bad"};
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
    std::printf("  stalls: %zu, p50 %s, p99 %s, longest %s, together %s\n", count("stalls"),
                ms_words(stall["p50"].get<double>()).c_str(), ms_words(stall["p99"].get<double>()).c_str(),
                ms_words(stall["max"].get<double>()).c_str(), ms_words(stall["total"].get<double>()).c_str());
    std::printf("  read ahead: %zu chunks by %zu %s, %zu used, %zu wasted\n", count("prefetched"),
                count("prefetch_threads"), count("prefetch_threads") == 1 ? "thread" : "threads",
                count("prefetch_used"), count("prefetch_wasted"));
    if (!cache["chunk_read_ms"].is_null()) {
        std::printf("  a chunk takes %s to read; ", ms_words(cache["chunk_read_ms"].get<double>()).c_str());
        if (cache["sustainable_frames_per_s"].is_null()) {
            std::printf("what is played fits into the cache\n");
        } else {
            std::printf("up to %s frames per second can be played\n",
                        number_words(cache["sustainable_frames_per_s"].get<double>()).c_str());
        }
    }
}

/// On average; 0 for one frame.
double frame_rate_hz(const fieldreel::any_source& frames) {
    const std::size_t last = frames.frame_count() - 1;
    const double seconds = frames.time_s(last) - frames.time_s(0);
    return seconds > 0 ? static_cast<double>(last) / seconds : 0;
}

/// What took longest, what the cache can keep up, and whether memory grows.
conclusion_facts facts_for_conclusion(const profiled& what, const measurement& m, const json& report) {
    conclusion_facts out(m.stutter, m.steps.played());
    out.memory = report["growth"]["verdict"].get<std::string>();
    out.mib_per_1000_steps = report["rss_growth_mib_per_1000_steps"];
    out.play_more_with = what.mode == "soak" ? "--minutes" : what.mode == "play" ? "--seconds" : "--playback-frames";
    out.step_ms_p99 = report["step_ms"]["p99"];
    out.stage = what.stage;
    out.error = m.error;
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
        const json& read_ms = report["cache"]["chunk_read_ms"];
        out.chunk_read_s = read_ms.is_null() ? 0 : read_ms.get<double>() / 1000;
        const fieldreel::cache_options cache = what.options.cache.value_or(fieldreel::cache_options{});
        out.chunk_frames = cache.chunk_size.value_or(fieldreel::cache_options::default_chunk_size);
    }
    const auto& fields = what.session.fields;
    out.one_reader =
        std::any_of(fields.begin(), fields.end(), [](const auto& field) { return !field.frames.concurrent(); });
    if (!m.stutter.passes.empty()) {
        const played_pass& pass = m.stutter.passes.back();
        out.frames_per_s = pass.pacing == "clock" ? frame_rate_hz(what.made.playback.source()) * m.stutter.data.speed
                                                  : pass.found.target_hz;
    }
    return out;
}

/// The stage of a step that --stage counts as.
std::string stage_of(const std::string& alone) {
    return alone == "paint" ? "present" : alone;
}

} // namespace

json make_report(const profiled& what, const measurement& m) {
    const fieldreel::playback& playback = what.made.playback;
    using step = fieldreel::step_report;
    const distribution step_ms = distribution_of(
        m.steps, [](const step& s) { return s.total_ms(); }, m.steps.slowest_ms());
    const step& most = m.steps.most();
    const json growth = growth_report(m, what.mode);
    const auto growth_word = growth["verdict"].get<std::string>();
    // Growth within the noise of the measurement is none.
    const bool grew = growth_word == "leak" || growth_word == "suspicious";
    const double per_1000_steps = !grew ? 0
                                  : growth["private"]["verdict"] == growth_word || !m.counted_allocations
                                      ? growth["private"]["mib_per_1000_steps"].get<double>()
                                      : growth["heap"]["mib_per_1000_steps"].get<double>();

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
    report["mode"] = what.mode;
    report["stage"] = what.stage.empty() ? json() : json(what.stage);
    report["steps"] = m.steps.played();
    report["access"] = what.access;
    report["played_seconds"] = m.played_seconds;
    report["step_ms"] = as_json(step_ms);
    report["stages_ms"] = {{"read", as_json(distribution_of(
                                        m.steps, [](const step& s) { return s.read_ms; }, most.read_ms))},
                           {"overlay", as_json(distribution_of(
                                           m.steps, [](const step& s) { return s.overlay_ms; }, most.overlay_ms))},
                           {"present", as_json(distribution_of(
                                           m.steps, [](const step& s) { return s.present_ms; }, most.present_ms))}};
    report["slowest_step"] = {{"ms", m.steps.slowest_ms()}, {"time_s", m.steps.slowest_time_s()}};
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
    report["shapes_per_step"] = static_cast<double>(m.shapes) / static_cast<double>(m.steps.played() + 1);
    report["peak_rss_mib"] = m.at_end.peak_rss_mib;
    report["private_mib"] = m.at_end.private_mib;
    report["trace_mib"] = m.trace_mib;
    report["mapped_resident_mib"] = m.at_end.mapped_resident_mib;
    report["rss_growth_mib_per_1000_steps"] = per_1000_steps;
    report["growth"] = growth;
    if (what.mode == "memory" || what.mode == "soak") {
        report["private_at_start_mib"] = m.at_start.private_mib;
        report["memory_phases"] = memory_phases_json(m);
        double peak_mib = m.memory.peak_private_mib; // sampled now and then, and after each phase
        for (const memory_phase& phase : m.memory_phases) {
            peak_mib = (std::max)(peak_mib, phase.after.private_mib);
        }
        report["private_peak_mib"] = peak_mib;
        if (m.counted_allocations) {
            report["heap_peak_mib"] =
                static_cast<double>(m.memory_phases.back().allocations.peak_bytes) / (1024 * 1024);
        }
    }
    if (what.mode == "table") {
        report["spans"] = json::parse(trace::summary_json(m.spans));
        report["events_dropped"] = m.spans_dropped;
    }
    if (m.soak) {
        const soak_order::counts& did = m.soak->done;
        report["soak"] = {{"minutes", m.soak->minutes}, {"seeks", did.seeks},   {"plays", did.plays},
                          {"loops", did.loops},         {"scrubs", did.scrubs}, {"error", m.error}};
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
    json of_growth = verdict_of("memory growth", per_1000_steps, "MiB per 1000 steps", 0, 0.05);
    of_growth["verdict"] = growth_word;
    report["verdicts"] = {verdict_of("step p99", step_ms.p99, "ms", 33, 100),
                          verdict_of("set-up", m.setup_seconds, "s", 5, 30),
                          verdict_of("private memory", m.at_end.private_mib, "MiB", 1024, 2048), of_growth};
    report["conclusion"] = conclusion_of(facts_for_conclusion(what, m, report));
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
        if (what.stage.empty() || stage == stage_of(what.stage)) {
            row(what.stage.empty() ? stage.c_str() : what.stage.c_str(), d);
        }
    }
    if (what.stage.empty()) {
        row("all", report["step_ms"]);
        std::printf("  the slowest was at %.3f s of the recording\n", number(report["slowest_step"]["time_s"]));
        if (m.steps.kept().size() < m.steps.played()) {
            std::printf("  percentiles are those of %zu of the %zu steps, drawn evenly\n", m.steps.kept().size(),
                        m.steps.played());
        }
    } else {
        std::printf("  (this stage alone, one step after the other)\n");
    }
    if (what.mode == "table") {
        std::printf(
            "\nspans of the playback, by the time in them (self: without the spans inside; share: of all self)\n%s",
            table_text(m.spans, table_rows).c_str());
        if (m.spans_dropped > 0) {
            std::printf("  of the newest events only: %llu were dropped; keep more with --trace-buffer\n",
                        static_cast<unsigned long long>(m.spans_dropped));
        }
    }
    if (!report["overlays"].empty()) {
        std::printf("\n%-18s %9s %9s %9s %9s\n", "overlay by itself", "shapes", "most", "ms p50", "ms p99");
        for (const auto& overlay : report["overlays"]) {
            std::printf("  %-16s %9.1f %9.0f %9.4f %9.4f\n", words(overlay["name"]).c_str(),
                        number(overlay["shapes_mean"]), number(overlay["shapes_max"]), number(overlay["ms_p50"]),
                        number(overlay["ms_p99"]));
        }
    }
    if (!m.stutter.passes.empty()) {
        print_stutter(report);
    }
    if (report.contains("memory_phases")) {
        print_memory_phases(report);
    }
    std::printf("\n%-28s %12s\n", "memory at the end", "MiB");
    std::printf("  %-26s %12.1f\n  %-26s %12.1f\n  %-26s %12.1f\n", "private", m.at_end.private_mib,
                "mapped files, resident", m.at_end.mapped_resident_mib, "peak of both", m.at_end.peak_rss_mib);
    if (m.trace_mib > 0) {
        std::printf("  (of the private memory the trace holds %.1f)\n", m.trace_mib);
    }
    std::printf("\n%-28s %12s\n", "growth, in the second half", "MiB per 1000 steps");
    print_growth(report["cache"].empty() ? "private" : "private without the cache", report["growth"]["private"]);
    if (report["growth"].contains("heap")) {
        print_growth("heap (operator new)", report["growth"]["heap"]);
    }
    if (!report["cache"].empty()) {
        print_cache(report["cache"]);
    }
    print_machine(report);
    std::printf("\n");
    for (const auto& verdict : report["verdicts"]) {
        const bool fitted = verdict["name"] == "memory growth";
        fitted&& number(verdict["value"]) == 0
            ? std::printf("%-18s %10s %-20s %-13s ", words(verdict["name"]).c_str(), "-", "beyond noise",
                          words(verdict["verdict"]).c_str())
            : std::printf("%-18s %10.3f %-20s %-13s ", words(verdict["name"]).c_str(), number(verdict["value"]),
                          words(verdict["unit"]).c_str(), words(verdict["verdict"]).c_str());
        fitted
            ? std::printf("(by the fit above: a leak rises all through the run)\n")
            : std::printf("(good up to %g, warning up to %g)\n", number(verdict["good"]), number(verdict["warning"]));
    }
    std::printf("\n%zu steps (%s) in %.3g s, checksum %s%s\n", m.steps.played(), what.access.c_str(), m.played_seconds,
                words(report["checksum"]).c_str(), m.interrupted ? ", stopped by Ctrl-C" : "");
    if (m.soak) {
        const soak_order::counts& did = m.soak->done;
        std::printf("%zu seeks, %zu plays, %zu loops, %zu scrubs%s\n", did.seeks, did.plays, did.loops, did.scrubs,
                    m.error.empty() ? ", no error" : "");
    }
    for (const auto& line : report["conclusion"]) {
        std::printf("%s\n", words(line).c_str());
    }
}

std::string table_text(const std::vector<trace::span_summary>& spans, std::size_t rows) {
    return spans.empty() ? "no span was recorded: this program was built without trace points\n"
                         : trace::summary_table(spans, rows);
}

output_file::output_file(std::string path, std::string option)
    : path_(std::move(path)), option_(std::move(option)), part_(path_ + ".part") {
    const bool folder = std::filesystem::is_directory(path_);
    errno = 0;
    if (!folder) {
        out_.open(part_);
    }
    if (!out_.is_open()) {
        throw fieldreel::file_error(
            path_, path_ + " cannot be written: " + (folder ? "it is a directory" : std::strerror(errno)) + "; give " +
                       option_ + " the name of a file in an existing, writable folder");
    }
}

output_file::~output_file() {
    if (!part_.empty()) {
        out_.close();
        std::error_code none;
        std::filesystem::remove(part_, none);
    }
}

void output_file::finish(const std::string& text) {
    out_ << text;
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
