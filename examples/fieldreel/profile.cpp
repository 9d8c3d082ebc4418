// SPDX-License-Identifier: MIT
// fieldreel profile: plays a recording and says what each step cost, in time and memory.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/cache/chunk_cache.hpp>
#include <fieldreel/session/session_playback.hpp>
#include <fieldreel/session/simulate.hpp>
#include <fieldreel/trace/recorder.hpp>
#include <fieldreel/viewer/headless_viewer.hpp>

#include "commands.hpp"
#include "machine.hpp"

namespace {

using json = nlohmann::ordered_json;
using steady = std::chrono::steady_clock;

double seconds_since(steady::time_point start) {
    return std::chrono::duration<double>(steady::now() - start).count();
}

struct arguments {
    recording_arguments recording;
    fieldreel::session_options show;
    bool simulate = false;
    std::uint64_t seed = 1;
    std::size_t frames = 0;
    std::size_t steps = 1000;
    std::string access = "sequential";
    std::string mode = "headless";
    double bin_size = 0;
    std::optional<std::size_t> cache_chunk_size;
    std::optional<std::size_t> cache_chunks;
    std::optional<std::size_t> cache_bytes;
    std::string trace_path;
    std::string report_path;
};

/// The frame to show at each step.
class frame_order {
public:
    frame_order(const std::string& access, std::size_t count, std::uint64_t seed)
        : access_(access), count_(count), random_(seed) {}
    std::size_t operator()(std::size_t step) {
        if (access_ == "random") {
            return random_.below(count_);
        }
        if (access_ == "loop") { // 1.5 times the frames of a default cache: what a plain LRU cache is worst at
            return step % (std::min)(count_, std::size_t{1500});
        }
        if (access_ == "scrub") { // a hand that moves back and forth within 50 frames, and now and then far away
            if (step % 200 == 0) {
                middle_ = random_.below(count_);
            }
            const auto swing = static_cast<std::ptrdiff_t>(std::lround(50 * std::sin(static_cast<double>(step) * 0.1)));
            const auto frame = static_cast<std::ptrdiff_t>(middle_) + swing;
            return static_cast<std::size_t>(
                (std::clamp)(frame, std::ptrdiff_t{0}, static_cast<std::ptrdiff_t>(count_) - 1));
        }
        return step % count_;
    }

private:
    const std::string& access_;
    std::size_t count_;
    fieldreel::detail::splitmix64 random_;
    std::size_t middle_ = 0;
};

/// What the run measured.
struct measurement {
    std::vector<fieldreel::setup_phase> phases;
    double setup_seconds = 0;
    double first_frame_ms = 0;
    std::vector<fieldreel::step_report> steps;
    std::vector<std::pair<double, double>> memory; ///< step, private MiB
    std::vector<std::pair<std::string, memory_use>> memory_phases;
    memory_use at_end;
    std::uint64_t checksum = 0;
    std::size_t shapes = 0;
};

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

/// Least-squares slope of private memory over the second half of the steps, per 1000 steps: the first half may warm up.
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
    return xx > 0 ? 1000 * xy / xx : 0;
}

json verdict_of(const char* name, double value, const char* unit, double good, double warning) {
    const char* verdict = value <= good ? "good" : value <= warning ? "acceptable" : "bad";
    return {{"name", name}, {"value", value},     {"unit", unit},
            {"good", good}, {"warning", warning}, {"verdict", verdict}};
}

/// A recording that exists only in memory, its posterior decoded when a frame is asked for.
fieldreel::session simulated_session(const arguments& given) {
    fieldreel::simulation_options options;
    options.frames = given.frames == 0 ? 41000 : given.frames;
    options.seed = given.seed;
    options.pose = false;
    if (given.bin_size > 0) {
        options.bin_size = given.bin_size;
    }
    fieldreel::simulated_recording made = fieldreel::simulate(options);
    fieldreel::session out;
    out.name = "simulated";
    out.units = "cm";
    out.simulated = true;
    out.times = fieldreel::sample_times(std::move(made.times));
    out.positions = fieldreel::samples(std::move(made.positions), 2);
    out.head_direction = fieldreel::samples(std::move(made.head_direction));
    fieldreel::session_field posterior{"posterior", made.posterior};
    posterior.order = fieldreel::field_order::active;
    posterior.kind = fieldreel::field_kind::posterior;
    posterior.space = fieldreel::grid({made.grid.edges_x().begin(), made.grid.edges_x().end()},
                                      {made.grid.edges_y().begin(), made.grid.edges_y().end()},
                                      {made.grid.mask().begin(), made.grid.mask().end()});
    out.fields.push_back(std::move(posterior));
    return out;
}

class profile_run {
public:
    explicit profile_run(arguments& given) : given_(given) {}

    int run() {
        std::optional<fieldreel::trace::recorder> recorder;
        if (!given_.trace_path.empty()) {
            recorder.emplace(given_.trace_path);
            recorder->start();
        }
        if (!given_.report_path.empty()) { // said now, not after the run
            std::ofstream probe(given_.report_path, std::ios::app);
            if (!probe) {
                throw fieldreel::file_error(given_.report_path,
                                            given_.report_path + " cannot be written; check that its folder exists");
            }
        }
        watch_interrupts();
        note_memory("start");
        const auto start = steady::now();
        set_up();
        m_.setup_seconds = seconds_since(start);
        note_memory("set up");
        play();
        if (recorder) {
            recorder->stop();
        }
        const json report = make_report();
        if (!given_.report_path.empty()) {
            std::ofstream out(given_.report_path);
            out << report.dump(2) << "\n";
            if (!out.flush()) {
                throw fieldreel::file_error(given_.report_path,
                                            given_.report_path + " cannot be written; check that the disk is not full");
            }
        }
        print(report);
        return interrupted() ? stopped : done;
    }

private:
    void note_memory(const char* phase) { m_.memory_phases.emplace_back(phase, measure_memory()); }

    void set_up() {
        FIELDREEL_TRACE_SPAN("setup");
        auto start = steady::now();
        if (given_.simulate) {
            session_ = simulated_session(given_);
            m_.phases.push_back({"simulate", seconds_since(start)});
        } else {
            session_ = given_.recording.open();
            m_.phases.push_back({"open", seconds_since(start)});
        }
        fieldreel::session_options options = given_.show;
        if (given_.bin_size != 0) {
            options.bin_size = given_.bin_size;
        }
        if (given_.frames != 0) {
            options.frames = given_.frames;
        }
        if (given_.cache_chunk_size || given_.cache_chunks || given_.cache_bytes || given_.simulate) {
            options.cache = fieldreel::cache_options{.chunk_size = given_.cache_chunk_size,
                                                     .max_chunks = given_.cache_chunks,
                                                     .max_bytes = given_.cache_bytes};
        }
        start = steady::now();
        made_ = fieldreel::make_playback(session_, options);
        m_.phases.insert(m_.phases.end(), made_->phases.begin(), made_->phases.end());
    }

    void play() {
        fieldreel::playback& playback = made_->playback;
        const fieldreel::any_source frames = playback.source();
        fieldreel::headless_viewer viewer;
        const auto start = steady::now();
        playback.show(frames.time_s(0), viewer);
        m_.first_frame_ms = 1000 * seconds_since(start);
        note_memory("first frame");

        frame_order order(given_.access, frames.frame_count(), given_.seed);
        progress_line progress("playing");
        m_.steps.assign(given_.steps, {}); // touched now, so that the run's own notes do not look like growth
        std::size_t played = 0;
        const std::size_t often = (std::max)(std::size_t{1}, given_.steps / 200);
        m_.memory.reserve(given_.steps / often + 2);
        for (std::size_t step = 0; step < given_.steps; ++step) {
            m_.steps[played++] = playback.show(frames.time_s(order(step)), viewer);
            if (step % often == 0) {
                m_.memory.emplace_back(static_cast<double>(step), measure_memory().private_mib);
                FIELDREEL_TRACE_COUNTER("memory.private_mib", m_.memory.back().second);
                if (!progress(step, given_.steps)) {
                    break;
                }
            }
        }
        m_.steps.resize(played);
        note_memory("playback");
        m_.at_end = measure_memory();
        m_.checksum = viewer.checksum();
        m_.shapes = viewer.shapes();
    }

    json make_report() const {
        const auto& playback = made_->playback;
        std::vector<double> total;
        std::vector<double> read;
        std::vector<double> overlay;
        std::vector<double> present;
        for (const auto& step : m_.steps) {
            total.push_back(step.total_ms());
            read.push_back(step.read_ms);
            overlay.push_back(step.overlay_ms);
            present.push_back(step.present_ms);
        }
        const auto as_json = [](const distribution& d) {
            return json{{"mean", d.mean}, {"p50", d.p50}, {"p95", d.p95}, {"p99", d.p99}, {"max", d.max}};
        };
        const distribution step_ms = distribution_of(total);
        const double growth = growth_per_1000_steps(m_.memory);

        json report;
        report["recording"] = session_.name;
        report["simulated"] = session_.simulated;
        report["frames"] = playback.source().frame_count();
        report["bins"] = playback.source().frame_size();
        report["value_type"] = std::string(fieldreel::name_of(playback.source().type()));
        if (!made_->cell.empty()) {
            report["cell"] = made_->cell;
        }
        report["setup_seconds"] = m_.setup_seconds;
        report["setup_phases"] = json::object();
        for (const auto& phase : m_.phases) {
            report["setup_phases"][phase.name] = phase.seconds;
        }
        report["first_frame_ms"] = m_.first_frame_ms;
        report["steps"] = m_.steps.size();
        report["access"] = given_.access;
        report["step_ms"] = as_json(step_ms);
        report["stages_ms"] = {{"read", as_json(distribution_of(read))},
                               {"overlay", as_json(distribution_of(overlay))},
                               {"present", as_json(distribution_of(present))}};
        report["shapes_per_step"] =
            m_.steps.empty() ? 0.0 : static_cast<double>(m_.shapes) / static_cast<double>(m_.steps.size() + 1);
        report["peak_rss_mib"] = m_.at_end.peak_rss_mib;
        report["private_mib"] = m_.at_end.private_mib;
        report["mapped_resident_mib"] = m_.at_end.mapped_resident_mib;
        report["rss_growth_mib_per_1000_steps"] = growth;
        if (given_.mode == "memory") {
            for (const auto& [phase, use] : m_.memory_phases) {
                report["memory_phases"].push_back({{"phase", phase},
                                                   {"private_mib", use.private_mib},
                                                   {"mapped_resident_mib", use.mapped_resident_mib}});
            }
        }
        report["cache"] = cache_report();
        char hex[17];
        std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(m_.checksum));
        report["checksum"] = hex;
        const machine_facts machine = describe_machine();
        report["machine"] = {{"processor", machine.processor},   {"cores", machine.cores},
                             {"memory_gib", machine.memory_gib}, {"system", machine.system},
                             {"compiler", machine.compiler},     {"fieldreel", machine.version}};
        report["command"] = command_line;
        report["notes"] = made_->notes;
        report["interrupted"] = interrupted();

        // The thresholds are the field's rules of thumb, not goals of this library.
        json growth_verdict = verdict_of("memory growth", growth, "MiB per 1000 steps", 0.05, 1);
        growth_verdict["verdict"] = growth <= 0.05 ? "no leak" : growth <= 1 ? "suspicious" : "leak";
        report["verdicts"] = {verdict_of("step p99", step_ms.p99, "ms", 33, 100),
                              verdict_of("set-up", m_.setup_seconds, "s", 5, 30),
                              verdict_of("private memory", m_.at_end.private_mib, "MiB", 1024, 2048), growth_verdict};
        report["conclusion"] = conclusion(step_ms, growth_verdict["verdict"].get<std::string>(), report["stages_ms"]);
        return report;
    }

    json cache_report() const {
        if (!made_->cache_statistics) {
            return json::object();
        }
        const fieldreel::cache_statistics c = made_->cache_statistics();
        return {{"hits", c.hits},
                {"misses", c.misses},
                {"evictions", c.evictions},
                {"chunks", c.chunks_resident},
                {"chunks_limit", c.chunks_limit},
                {"bytes", c.bytes_resident},
                {"bytes_peak", c.bytes_peak}};
    }

    static json conclusion(const distribution& step, const std::string& leak, const json& stages) {
        json out = json::array();
        char line[200];
        if (step.p99 <= 33) {
            std::snprintf(line, sizeof line,
                          "Plays smoothly: 99 of 100 steps take at most %.2f ms, and 30 frames per second leave 33 ms.",
                          step.p99);
        } else {
            const char* slowest = "read";
            for (const char* stage : {"overlay", "present"}) {
                slowest = stages[stage]["p99"] > stages[slowest]["p99"] ? stage : slowest;
            }
            std::snprintf(line, sizeof line,
                          "Stutters: 1 of 100 steps takes %.1f ms or more, most of it in stage %s; thin the field with "
                          "--target-hz or cache it with --cache-chunks.",
                          step.p99, slowest);
        }
        out.push_back(line);
        out.push_back(
            leak == "no leak"
                ? "Memory does not grow while playing."
                : "Memory grew while playing; run again with more --playback-frames to see whether it goes on.");
        return out;
    }

    void print(const json& report) const {
        const auto number = [](const json& value) { return value.get<double>(); };
        std::printf("%s: %zu frames of %zu bins (%s)%s\n", session_.name.c_str(), report["frames"].get<std::size_t>(),
                    report["bins"].get<std::size_t>(), report["value_type"].get<std::string>().c_str(),
                    session_.simulated ? ", simulated" : "");
        for (const std::string& note : made_->notes) {
            std::printf("note: %s\n", note.c_str());
        }
        if (made_->place_field) {
            const auto& field = *made_->place_field;
            std::printf("place field of %s: %zu spikes used, %zu discarded; %.1f s of %.1f s counted\n",
                        made_->cell.c_str(), field.spikes_used, field.discarded.total(), field.time.counted_s,
                        field.time.total_s());
        }
        std::printf("\n%-28s %12s\n", "set-up", "ms");
        for (const auto& phase : m_.phases) {
            std::printf("  %-26s %12.3f\n", phase.name.c_str(), 1000 * phase.seconds);
        }
        std::printf("  %-26s %12.3f\n  %-26s %12.3f\n", "all", 1000 * m_.setup_seconds, "first frame",
                    m_.first_frame_ms);
        std::printf("\n%-18s %9s %9s %9s %9s %9s\n", "step, ms", "mean", "p50", "p95", "p99", "max");
        const auto row = [&](const char* name, const json& d) {
            std::printf("  %-16s %9.4f %9.4f %9.4f %9.4f %9.4f\n", name, number(d["mean"]), number(d["p50"]),
                        number(d["p95"]), number(d["p99"]), number(d["max"]));
        };
        for (const auto& [stage, d] : report["stages_ms"].items()) {
            row(stage.c_str(), d);
        }
        row("all", report["step_ms"]);
        std::printf("\n%-28s %12s\n", "memory", "MiB");
        if (given_.mode == "memory") {
            for (const auto& [phase, use] : m_.memory_phases) {
                std::printf("  private, after %-11s %12.1f\n", phase.c_str(), use.private_mib);
            }
        }
        std::printf("  %-26s %12.1f\n  %-26s %12.1f\n  %-26s %12.1f\n  %-26s %12.4f\n", "private",
                    m_.at_end.private_mib, "mapped files, resident", m_.at_end.mapped_resident_mib, "peak of both",
                    m_.at_end.peak_rss_mib, "growth per 1000 steps", number(report["rss_growth_mib_per_1000_steps"]));
        if (!report["cache"].empty()) {
            std::printf("\ncache:");
            for (const auto& [name, value] : report["cache"].items()) {
                std::printf(" %s %.0f;", name.c_str(), value.get<double>());
            }
            std::printf("\n");
        }
        std::printf("\n");
        for (const auto& verdict : report["verdicts"]) {
            std::printf("%-18s %10.3f %-20s %-12s (good up to %g, warning up to %g)\n",
                        verdict["name"].get<std::string>().c_str(), number(verdict["value"]),
                        verdict["unit"].get<std::string>().c_str(), verdict["verdict"].get<std::string>().c_str(),
                        number(verdict["good"]), number(verdict["warning"]));
        }
        std::printf("\n%zu steps (%s), checksum %s%s\n", m_.steps.size(), given_.access.c_str(),
                    report["checksum"].get<std::string>().c_str(), interrupted() ? ", stopped by Ctrl-C" : "");
        for (const auto& line : report["conclusion"]) {
            std::printf("%s\n", line.get<std::string>().c_str());
        }
    }

    arguments& given_;
    fieldreel::session session_;
    std::optional<fieldreel::session_playback> made_;
    measurement m_;
};

} // namespace

void add_profile(CLI::App& app, int& result) {
    auto given = std::make_shared<arguments>();
    CLI::App* command =
        app.add_subcommand("profile", "Play a recording and report what each step costs in time and memory");
    given->recording.add_to(*command);
    command->add_flag("--simulate", given->simulate, "Play a simulated recording, its posterior decoded while playing");
    command->add_option("--frames", given->frames, "Use the first so many frames");
    command->add_option("--playback-frames", given->steps, "Steps to play")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command
        ->add_option("--access", given->access,
                     "Which frames: sequential, random, scrub (back and forth) or loop (1500 frames)")
        ->check(CLI::IsMember({"sequential", "random", "scrub", "loop"}))
        ->capture_default_str();
    command->add_option("--mode", given->mode, "headless, or memory (private memory after each phase)")
        ->check(CLI::IsMember({"headless", "memory"}))
        ->capture_default_str();
    command->add_option("--bin-size", given->bin_size, "Bin of a grid made from the positions, in their units");
    command->add_option("--cell", given->show.cell,
                        "Cell whose place field is shown, by name or number (default: the one with most spikes)");
    command->add_option("--source-hz", given->show.source_hz, "With --target-hz: the rate of the recording");
    command->add_option("--target-hz", given->show.target_hz, "Show the field at this rate");
    command->add_option("--cache-chunk-size", given->cache_chunk_size, "Frames per chunk of a cache before the field");
    command->add_option("--cache-chunks", given->cache_chunks, "Chunks the cache may hold");
    command->add_option("--cache-bytes", given->cache_bytes, "Bytes the cache may hold");
    command->add_option("--colormap", given->show.colormap, "viridis, magma, … (default: what suits the field)");
    command->add_option("--vmin", given->show.vmin, "Value of the first colour (default: measured)");
    command->add_option("--vmax", given->show.vmax, "Value of the last colour (default: measured)");
    command->add_option("--trace", given->trace_path, "Write a trace (Chrome trace format)");
    command->add_option("--report", given->report_path, "Write the report as JSON");
    command->add_option("--seed", given->seed, "Of the simulation and of random access")->capture_default_str();
    command->callback([given, &result] { result = profile_run(*given).run(); });
}
