// SPDX-License-Identifier: MIT
// fieldreel profile: plays a recording and says what each step cost, in time and memory.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/playback/player.hpp>
#include <fieldreel/session/time_selection.hpp>
#include <fieldreel/trace/recorder.hpp>
#include <fieldreel/viewer/headless_viewer.hpp>

#include "commands.hpp"
#include "machine.hpp"
#include "place_field_options.hpp"
#include "recording.hpp"
#include "report.hpp"
#include "slow_source.hpp"
#include "stutter.hpp"

namespace {

using steady = std::chrono::steady_clock;

double seconds_since(steady::time_point start) {
    return std::chrono::duration<double>(steady::now() - start).count();
}

struct arguments {
    recording_arguments recording;
    fieldreel::session_options show;
    place_field_arguments place_field;
    bool simulate = false;
    std::uint64_t seed = 1;
    std::size_t steps = 1000;
    std::string access = "sequential";
    std::string mode = "headless";
    fieldreel::cache_options cache;
    std::string policy = "playhead";
    double latency_ms = 0;
    double steps_per_s = 0;
    double fps = 30;
    double speed = 1;
    double seconds = 30;
    bool cold = false;
    std::vector<std::string> overlays;
    std::string range;
    double pad_s = 0;
    std::string color_scale = "linear";
    double gamma = 0.5;
    std::string trace_path;
    std::string report_path;

    bool wants_cache() const {
        return cache.chunk_size || cache.max_chunks || cache.max_bytes || cache.prefetch_threads || simulate ||
               latency_ms > 0;
    }
};

/// The frame to show at each step.
class frame_order {
public:
    frame_order(const std::string& access, const fieldreel::frame_range& frames, std::uint64_t seed)
        : access_(access), first_(frames.first), count_(frames.last - frames.first), random_(seed) {}
    std::size_t operator()(std::size_t step) { return first_ + within(step); }
    /// What the cache is told; nothing where nobody knows where it goes.
    std::optional<fieldreel::play_mode> mode(std::size_t steps) const {
        using fieldreel::play_mode;
        return access_ == "random"                   ? std::nullopt
               : access_ == "scrub"                  ? std::optional(play_mode::scrub)
               : access_ == "loop" || steps > count_ ? std::optional(play_mode::loop)
                                                     : std::optional(play_mode::once);
    }
    /// The frames that are played over and over.
    std::size_t last() const {
        return first_ + (access_ == "loop" ? (std::min)(count_, std::size_t{1500}) : count_) - 1;
    }

private:
    std::size_t within(std::size_t step) {
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
    const std::string& access_;
    std::size_t first_;
    std::size_t count_;
    fieldreel::detail::splitmix64 random_;
    std::size_t middle_ = 0;
};

class profile_run {
public:
    explicit profile_run(const arguments& given) : given_(given), options_(given.show) {}

    int run() {
        watch_interrupts();
        std::optional<fieldreel::trace::recorder> recorder;
        if (!given_.trace_path.empty()) {
            recorder.emplace(given_.trace_path);
            recorder->start();
        }
        std::optional<report_file> file;
        if (!given_.report_path.empty()) {
            file.emplace(given_.report_path);
        }
        note_memory("start");
        const auto start = steady::now();
        set_up();
        m_.setup_seconds = seconds_since(start);
        note_memory("set up");
        play_passes();
        m_.interrupted = interrupted();
        if (recorder) {
            recorder->stop();
        }
        const profiled what{session_, *made_, options_, given_.access, given_.mode};
        const nlohmann::ordered_json report = make_report(what, m_);
        if (file) {
            file->finish(report);
        }
        print_report(what, m_, report);
        return m_.interrupted ? stopped : done;
    }

private:
    void note_memory(const char* phase) { m_.memory_phases.emplace_back(phase, measure_memory()); }

    void set_up() {
        FIELDREEL_TRACE_SPAN("setup");
        const auto start = steady::now();
        fieldreel::session_options& options = options_;
        given_.place_field.put_into(options);
        using fieldreel::value_scale;
        options.scaling = {given_.color_scale == "log"     ? value_scale::log
                           : given_.color_scale == "gamma" ? value_scale::gamma
                                                           : value_scale::linear,
                           given_.gamma};
        if (!given_.overlays.empty()) {
            options.overlays = given_.overlays;
        }
        if (given_.simulate) {
            session_ = simulated_session(options.frames.value_or(41000), given_.seed, options.bin_size);
            options.bin_size.reset(); // it went into the simulation
            m_.phases.push_back({"simulate", seconds_since(start)});
        } else {
            session_ = recording_arguments(given_.recording).open();
            m_.phases.push_back({"open", seconds_since(start)});
        }
        if (given_.wants_cache()) {
            options.cache = given_.cache;
        }
        options.policy = given_.policy == "lru" ? fieldreel::cache_policy::lru : fieldreel::cache_policy::playhead;
        if (given_.latency_ms > 0) {
            options.before_cache = [seconds = given_.latency_ms / 1000](const fieldreel::any_source& frames) {
                return frames | slowed(seconds);
            };
        }
        made_ = playback_of(session_, options);
        m_.phases.insert(m_.phases.end(), made_->phases.begin(), made_->phases.end());
        const fieldreel::any_source frames = made_->playback.source();
        selected_ = {0, frames.frame_count()};
        if (!given_.range.empty()) {
            const fieldreel::time_selection found = fieldreel::select_times(
                given_.range, frames, [&] { return intervals_in(session_); }, given_.pad_s);
            selected_ = found.frames;
            if (!found.note.empty()) {
                made_->notes.push_back(found.note);
            }
            made_->notes.push_back("playing frames " + std::to_string(selected_.first) + " to " +
                                   std::to_string(selected_.last - 1) + " of " + std::to_string(frames.frame_count()));
        }
    }

    /// What the cache has taken so far: it is bounded, and filling it is no leak.
    double cache_mib() const {
        return made_->cache_statistics ? static_cast<double>(made_->cache_statistics().bytes_peak) / (1024 * 1024) : 0;
    }

    /// Once; with --cold twice, first with the files' pages dropped. The last pass is the report's.
    void play_passes() {
        m_.stutter.slowed_ms = given_.latency_ms;
        m_.stutter.lru = given_.policy == "lru";
        m_.stutter.inputs = open_inputs();
        if (given_.cold) {
            for (std::string& note : drop_from_memory(m_.stutter.inputs)) {
                made_->notes.push_back(std::move(note));
            }
            play("cold");
            m_.memory.clear();
            m_.overlays.clear();
        }
        if (!interrupted()) {
            play(given_.cold ? "warm" : "");
        }
        if (made_->cache_statistics) { // of playing, not of looking
            made_->cache_statistics = [played = made_->cache_statistics()] { return played; };
        }
        m_.stutter.data = look_at_data(session_, *made_, selected_, given_.fps, given_.speed);
    }

    void play(const char* pass) {
        const double in_memory = share_in_memory(given_.cold ? open_inputs() : m_.stutter.inputs);
        fieldreel::playback& playback = made_->playback;
        const fieldreel::any_source frames = playback.source();
        fieldreel::headless_viewer viewer;
        const bool by_clock = given_.mode == "play";
        const bool cold = std::string(pass) == "cold";
        const std::size_t steps =
            by_clock ? (std::max)(std::size_t{1}, static_cast<std::size_t>(std::lround(given_.seconds * given_.fps)))
                     : given_.steps;
        m_.steps.assign(steps, {}); // touched now, so that the run's own notes do not look like growth
        const auto show_first = [&] {
            const fieldreel::step_report first = playback.show(frames.time_s(selected_.first), viewer);
            m_.first_frame_ms = first.total_ms();
            return first;
        };
        if (!cold) {
            show_first();
        }
        step_log log(steps + 1, made_->cache_statistics);
        if (cold && !by_clock) { // it counts as a step: it may bring in half of a file
            log.begin();
            log.end(show_first(), frames.time_s(selected_.first), selected_.first);
        }
        note_memory("first frame");

        frame_order order(given_.access, selected_, given_.seed);
        progress_line progress("playing");
        std::size_t played = 0;
        const std::size_t often = (std::max)(std::size_t{1}, steps / 200);
        m_.memory.reserve(steps / often + 2);
        const auto mode = order.mode(given_.steps);
        const fieldreel::time_range range{frames.time_s(selected_.first), frames.time_s(order.last())};
        const double rate_hz = frames.frame_count() > 1
                                   ? static_cast<double>(frames.frame_count() - 1) /
                                         (frames.time_s(frames.frame_count() - 1) - frames.time_s(0))
                                   : 1;
        const double velocity = given_.steps_per_s > 0 ? given_.steps_per_s / rate_hz : 1;
        const auto after_step = [&](std::size_t step, const fieldreel::step_report& took) {
            m_.steps[played++] = took;
            if (step % often == 0) {
                const double private_mib = measure_memory().private_mib;
                m_.memory.emplace_back(static_cast<double>(step), private_mib - cache_mib());
                FIELDREEL_TRACE_COUNTER("memory.private_mib", private_mib);
            }
            if (step % 64 == 0) {
                progress(step, steps);
            }
            return !interrupted();
        };
        if (by_clock) {
            const fieldreel::play_mode at_end =
                given_.access == "loop" ? fieldreel::play_mode::loop : fieldreel::play_mode::once;
            play_by_clock(playback, viewer, {given_.fps, given_.speed, steps, at_end, range}, log, after_step);
        } else {
            const double begin_s = log.now_s();
            for (std::size_t step = 0; step < steps && !interrupted(); ++step) {
                const bool paced = given_.steps_per_s > 0;
                const double due_s = begin_s + (paced ? static_cast<double>(step) / given_.steps_per_s : 0);
                if (paced) {
                    fieldreel::steady_time{}.wait_until(due_s);
                }
                const std::size_t frame = order(step);
                const double time_s = frames.time_s(frame);
                if (mode) {
                    playback.hint(time_s, *mode == fieldreel::play_mode::scrub ? 0 : velocity, *mode, range);
                }
                paced ? log.begin(due_s) : log.begin();
                const fieldreel::step_report took = playback.show(time_s, viewer);
                log.end(took, time_s, frame);
                after_step(step, took);
            }
        }
        m_.stutter.passes.push_back(pass_of(log, pass,
                                            by_clock                 ? "clock"
                                            : given_.steps_per_s > 0 ? "steps"
                                                                     : "predicted",
                                            given_.steps_per_s > 0 && !by_clock ? given_.steps_per_s : given_.fps,
                                            in_memory));
        m_.steps.resize(played);
        note_memory("playback");
        measure_overlays(frame_order(given_.access, selected_, given_.seed), (std::min)(played, most_builds));
        m_.at_end = measure_memory();
        m_.checksum = viewer.checksum();
        m_.shapes = viewer.shapes();
    }

    /// Each overlay by itself, at the times that were played, after the run that is measured.
    void measure_overlays(frame_order order, std::size_t builds) {
        const fieldreel::playback& playback = made_->playback;
        const fieldreel::any_source frames = playback.source();
        fieldreel::canvas canvas;
        for (const fieldreel::any_overlay& overlay : playback.overlays()) {
            m_.overlays.push_back({overlay.name(), {}, {}});
            m_.overlays.back().ms.reserve(builds);
        }
        for (std::size_t step = 0; step < builds && !interrupted(); ++step) {
            const std::size_t frame = order(step);
            const fieldreel::moment now{frames.time_s(frame), frame, playback.space()};
            for (std::size_t i = 0; i < m_.overlays.size(); ++i) {
                canvas.clear();
                const auto start = steady::now();
                playback.overlays()[i].build(now, canvas);
                m_.overlays[i].ms.push_back(1000 * seconds_since(start));
                m_.overlays[i].shapes.push_back(static_cast<double>(canvas.shapes().size()));
            }
        }
    }
    static constexpr std::size_t most_builds = 2000;

    const arguments& given_;
    fieldreel::session_options options_;
    fieldreel::session session_;
    std::optional<fieldreel::session_playback> made_;
    fieldreel::frame_range selected_;
    measurement m_;
};

/// Instead of CLI::PositiveNumber, whose sentence quotes the largest double.
std::string not_zero(const std::string& word) {
    return word == "0" ? "0 was given; it must be at least 1" : "";
}

void check_usage(const arguments& given) {
    if (given.simulate == given.recording.given()) {
        throw CLI::ValidationError("profile", given.simulate ? "give either --simulate or a recording, not both"
                                                             : "give the folder of a recording, files (--positions, "
                                                               "--times, --field), or --simulate");
    }
    if (given.mode == "play" && (given.access == "random" || given.access == "scrub")) {
        throw CLI::ValidationError("profile", "--mode play plays by a clock: --access sequential or loop; leave out "
                                              "--mode play for " +
                                                  given.access);
    }
    if (given.mode == "play" && given.steps_per_s > 0) {
        throw CLI::ValidationError("profile", "--mode play is paced by --fps, and skips what there is no time for; "
                                              "leave out --mode play to show every frame at --steps-per-s");
    }
}

} // namespace

void add_profile(CLI::App& app, int& result) {
    auto given = std::make_shared<arguments>();
    CLI::App* command =
        app.add_subcommand("profile", "Play a recording and report what each step costs in time and memory");
    given->recording.add_to(*command);
    command->add_flag("--simulate", given->simulate, "Play a simulated recording, its posterior decoded while playing");
    command->add_option("--frames", given->show.frames, "Use the first so many frames")->check(not_zero);
    command->add_option("--playback-frames", given->steps, "Steps to play")->capture_default_str()->check(not_zero);
    command
        ->add_option("--access", given->access,
                     "Which frames: sequential, random, scrub (back and forth) or loop (1500 frames)")
        ->check(CLI::IsMember({"sequential", "random", "scrub", "loop"}))
        ->capture_default_str();
    command
        ->add_option("--mode", given->mode,
                     "headless (as fast as possible), play (in real time, as a player does) or memory (private "
                     "memory after each phase)")
        ->check(CLI::IsMember({"headless", "play", "memory"}))
        ->capture_default_str();
    command
        ->add_option("--fps", given->fps,
                     "Scenes per second, the display's rate, at which --mode play plays and stutter is "
                     "told")
        ->check(CLI::Range(0.1, 1000.0))
        ->capture_default_str();
    command->add_option("--speed", given->speed, "Seconds of the recording per second, with --mode play")
        ->check(CLI::Range(0.001, 1000.0))
        ->capture_default_str();
    command->add_option("--seconds", given->seconds, "Play for so long, with --mode play")
        ->check(CLI::Range(0.1, 86400.0))
        ->capture_default_str();
    command->add_flag("--cold", given->cold,
                      "Play twice: first with the recording's files dropped from memory, as after a restart of the "
                      "machine, then again");
    command->add_option("--bin-size", given->show.bin_size, "Bin of a grid made from the positions, in their units");
    command->add_option(
        "--cell", given->show.cell,
        "Show the place field of this cell, by name or number (default: a stored field; without one, the "
        "cell with most spikes)");
    command->add_option("--overlay", given->overlays,
                        "Draw this overlay, e.g. trail, or none; may be repeated (default: all that info lists)");
    auto* range = command->add_option("--range", given->range,
                                      "Play a part: 120s:135s, 2:00:2:15, #3600:#4050 (frames), or ripples:12");
    command->add_option("--pad", given->pad_s, "With --range NAME:k: seconds more at both ends")->needs(range);
    given->place_field.add_to(*command);
    auto* target = command->add_option("--target-hz", given->show.target_hz,
                                       "Show the field at this rate: each frame is picked by its time");
    command
        ->add_option("--source-hz", given->show.source_hz,
                     "With --target-hz: the field's own, even rate; frames are picked by their number")
        ->needs(target);
    command->add_option("--cache-chunk-size", given->cache.chunk_size, "Frames per chunk of a cache before the field");
    command->add_option("--cache-chunks", given->cache.max_chunks, "Chunks the cache may hold");
    command->add_option("--cache-bytes", given->cache.max_bytes, "Bytes the cache may hold");
    command
        ->add_option("--policy", given->policy,
                     "What the cache drops: playhead (what is needed last) or lru (what was not looked at for longest)")
        ->check(CLI::IsMember({"playhead", "lru"}))
        ->capture_default_str();
    command->add_option("--prefetch", given->cache.prefetch_threads,
                        "Threads that read ahead, 0 for none (default: 1 with playhead, none with lru)");
    command
        ->add_option("--source-latency-ms", given->latency_ms,
                     "Wait so long before each read of a chunk, as a network or a slow decoder would")
        ->check(CLI::Range(0.0, 60000.0));
    command
        ->add_option("--steps-per-s", given->steps_per_s,
                     "Show so many steps per second, as a player would (default: as many as possible)")
        ->check(CLI::Range(0.001, 10000.0));
    command->add_option("--colormap", given->show.colormap, "viridis, magma, … (default: what suits the field)");
    command->add_option("--vmin", given->show.vmin, "Value of the first colour (default: measured)");
    command->add_option("--vmax", given->show.vmax, "Value of the last colour (default: measured)");
    command
        ->add_option("--color-scale", given->color_scale,
                     "How values are spread over the colours: linear, log (values above 0) or gamma")
        ->check(CLI::IsMember({"linear", "log", "gamma"}))
        ->capture_default_str();
    command->add_option("--gamma", given->gamma, "With --color-scale gamma: below 1 shows more of the low values")
        ->capture_default_str();
    command->add_option("--trace", given->trace_path,
                        "Write a trace (Chrome trace format), instead of FIELDREEL_TRACE");
    command->add_option("--report", given->report_path, "Write the report as JSON");
    command->add_option("--seed", given->seed, "Of the simulation and of random access")->capture_default_str();
    command->callback([given, &result] {
        check_usage(*given);
        result = profile_run(*given).run();
    });
}
