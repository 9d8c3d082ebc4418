// SPDX-License-Identifier: MIT
#include "profile_run.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/colormap/paint.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/playback/player.hpp>
#include <fieldreel/session/time_selection.hpp>
#include <fieldreel/trace/recorder.hpp>
#include <fieldreel/viewer/headless_viewer.hpp>

#include "commands.hpp"
#include "machine.hpp"
#include "profile_memory.hpp"
#include "profile_order.hpp"
#include "profile_table.hpp"
#include "report.hpp"
#include "slow_source.hpp"
#include "stutter.hpp"

namespace {

namespace trace = fieldreel::trace;
using steady = std::chrono::steady_clock;

double seconds_since(steady::time_point start) {
    return std::chrono::duration<double>(steady::now() - start).count();
}

struct no_viewer {
    void present(const fieldreel::scene&) {}
};

class profile_run {
public:
    explicit profile_run(const profile_arguments& given)
        : given_(given),
          options_(given.show),
          m_(given.soak() ? soak_sample_every : (std::max)(std::size_t{1}, given.steps_to_play() / 200)) {}

    int run() {
        watch_interrupts();
        open_outputs();
        m_.steps = step_sample(given_.soak() ? step_sample::most_kept : given_.steps_to_play());
        m_.counted_allocations = given_.counts_memory() && allocations_can_be_counted();
        if (m_.counted_allocations) {
            count_allocations();
        }
        m_.at_start = memory_now();
        const auto start = steady::now();
        set_up();
        m_.setup_seconds = seconds_since(start);
        note_phase("overlays");
        play_passes();
        finish_trace();
        if (given_.tells_stutter()) { // not a part of playing, nor of its trace
            m_.stutter.data = look_at_data(session_, *made_, selected_, given_.fps, given_.speed);
        }
        measure_overlays((std::min)(m_.steps.played(), most_builds));
        m_.interrupted = interrupted();

        const profiled what{session_, *made_, options_, given_.order(), given_.mode, given_.stage};
        const nlohmann::ordered_json report = make_report(what, m_);
        if (report_) {
            report_->finish(report.dump(2) + "\n");
        }
        if (table_) {
            table_->finish(table_text(m_.spans, table_rows));
        }
        print_report(what, m_, report);
        say_where_things_are();
        return exit_code_for(report);
    }

private:
    // ---- before and after -----------------------------------------------------------------------------------------

    /// Every path is tried before anything is measured.
    void open_outputs() {
        for (const std::string& path : {given_.report_path, table_path(), given_.trace_path}) {
            if (!path.empty() && given_.recording.reads(path)) {
                throw fieldreel::file_error(path, path + " is a file of the recording; give another name to write to");
            }
        }
        if (!given_.report_path.empty()) {
            report_.emplace(given_.report_path, "--report");
        }
        if (!table_path().empty()) {
            table_.emplace(table_path(), "--table");
        }
        trace::recorder_options options;
        options.window = given_.trace_window;
        if (given_.trace_buffer_mib) {
            options.max_bytes = static_cast<std::size_t>(*given_.trace_buffer_mib * 1024 * 1024);
        }
        if (!given_.trace_path.empty()) {
            own_recorder_ = std::make_unique<trace::recorder>(given_.trace_path, options);
            if (trace::attach(nullptr) != nullptr) {
                std::fprintf(stderr, "--trace %s records this run instead of FIELDREEL_TRACE, whose trace ends here\n",
                             given_.trace_path.c_str());
            }
        } else if (trace::recorder* from_environment = trace::attach(nullptr)) {
            trace::attach(from_environment);
            recorder_ = from_environment;
            return;
        } else if (given_.mode == "table") {
            own_recorder_ = std::make_unique<trace::recorder>(options);
        } else if (given_.live) { // the table is one of the recent past
            options.max_bytes = std::size_t{2} << 20;
            own_recorder_ = std::make_unique<trace::recorder>(options);
        }
        if (own_recorder_) {
            recorder_ = own_recorder_.get();
            recorder_->start();
        }
    }
    /// Beside the report, unless it was said.
    std::string table_path() const {
        if (given_.mode != "table" || !given_.table_path.empty() || given_.report_path.empty()) {
            return given_.table_path;
        }
        std::string path = given_.report_path;
        if (path.ends_with(".json")) {
            path.resize(path.size() - 5);
        }
        return path + ".table.txt";
    }

    void finish_trace() {
        if (own_recorder_) {
            try {
                own_recorder_->stop();
            } catch (const fieldreel::error& problem) { // what was measured is told all the same
                trace_error_ = problem.what();
            }
        }
        if (recorder_ != nullptr && given_.mode == "table") {
            m_.spans = trace::summarize(events_within(recorder_->events(), "playback"));
            m_.spans_dropped = recorder_->dropped();
        }
    }

    void say_where_things_are() const {
        if (table_) {
            std::printf("table: %s\n", table_path().c_str());
        } else if (given_.mode == "table") {
            std::printf("(--table FILE or --report FILE keeps the table)\n");
        }
        if (!given_.trace_path.empty() && trace_error_.empty()) {
            std::printf("trace: %s", recorder_->path().c_str());
            if (recorder_->dropped() > 0) {
                std::printf(" (the newest events; %llu older ones were dropped: --trace-buffer keeps more)",
                            static_cast<unsigned long long>(recorder_->dropped()));
            }
            std::printf("\n");
            std::string line;
            for (const char c : recorder_->notice() + "\n") {
                if (c != '\n') {
                    line += c;
                } else if (!line.empty()) {
                    std::printf("trace: %s\n", line.c_str());
                    line.clear();
                }
            }
        }
    }

    int exit_code_for(const nlohmann::ordered_json& report) const {
        std::string found;
        if (!m_.error.empty()) {
            found = m_.error;
        } else if (given_.soak() && report["growth"]["verdict"] == "leak") {
            found = "memory grew steadily during the soak; see \"memory growth\" above";
        }
        if (found.empty() && !trace_error_.empty()) {
            std::fprintf(stderr, "fieldreel: %s\n", trace_error_.c_str());
            return failed;
        }
        if (found.empty()) {
            return m_.interrupted ? stopped : done;
        }
        std::fprintf(stderr, "fieldreel: %s; the same again: --seed %llu\n", found.c_str(),
                     static_cast<unsigned long long>(given_.seed));
        return failed;
    }

    // ---- set-up ---------------------------------------------------------------------------------------------------

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
        if (given_.stage == "read") {
            options.overlays = {"none"};
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
        // The last that is done to a field before the overlays are made.
        options.before_cache = [this](const fieldreel::any_source& frames) {
            note_phase("field");
            return given_.latency_ms > 0 ? fieldreel::any_source(frames | slowed(given_.latency_ms / 1000)) : frames;
        };
        made_ = playback_of(session_, options);
        m_.phases.insert(m_.phases.end(), made_->phases.begin(), made_->phases.end());
        const fieldreel::any_source& frames = made_->playback.source();
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

    // ---- playing --------------------------------------------------------------------------------------------------

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
        }
        if (!interrupted()) {
            play(given_.cold ? "warm" : "");
        }
        if (made_->cache_statistics) { // of playing, not of looking at the data
            made_->cache_statistics = [played = made_->cache_statistics()] { return played; };
        }
    }

    /// As the mode has it. Played again, it replaces what was measured the time before.
    void play(const std::string& pass) {
        const double in_memory = share_in_memory(given_.cold ? open_inputs() : m_.stutter.inputs);
        FIELDREEL_TRACE_SPAN("playback");
        viewer_ = {};
        m_.steps.clear();
        m_.memory = memory_log(m_.memory.private_mib.every());
        warm_ = false;
        if (given_.tells_stutter()) {
            log_.emplace(given_.steps_to_play() + 1, made_->cache_statistics);
        }
        const double first_s = made_->playback.source().time_s(selected_.first);
        const bool first_is_a_step = pass == "cold" && !given_.by_clock(); // it may bring in half of a file
        if (first_is_a_step) {
            log_->begin();
        }
        const fieldreel::step_report first = made_->playback.show(first_s, viewer_);
        m_.first_frame_ms = first.total_ms();
        if (first_is_a_step) {
            log_->end(first, first_s, selected_.first);
        }
        if (given_.live && !stdout_is_terminal()) {
            std::fprintf(stderr, "--live refreshes a table in a terminal, and standard output is none: playing without "
                                 "it\n");
        } else if (given_.live) {
            live_.emplace(*recorder_);
        }
        if (given_.soak()) {
            soak_order order(selected_, given_.seed);
            try {
                play_steps(order);
            } catch (const std::exception& problem) {
                m_.error = "step " + std::to_string(m_.steps.played()) + " failed: " + problem.what();
            }
            m_.soak.emplace(soak_report{given_.minutes.value_or(default_minutes), order.done()});
        } else if (given_.by_clock()) {
            play_in_real_time();
        } else {
            plain_order order(given_.order(), selected_, given_.seed, given_.steps_to_play());
            play_steps(order);
        }
        live_.reset();
        m_.played_seconds = seconds_since(begin_);
        if (log_) {
            const double paced = paced_per_s();
            m_.stutter.passes.push_back(pass_of(*log_, pass,
                                                given_.by_clock() ? "clock"
                                                : paced > 0       ? "steps"
                                                                  : "predicted",
                                                paced > 0 && !given_.by_clock() ? paced : given_.fps, in_memory));
        }
        if (!warm_) {
            note_phase("warm-up");
        }
        note_phase("playback");
        m_.at_end = memory_now();
        m_.trace_mib = memory_of_recorder().private_mib;
        m_.checksum = viewer_.checksum();
        m_.shapes = viewer_.shapes();
    }

    /// Steps per second of a run that shows every frame; 0: as many as possible.
    double paced_per_s() const {
        return given_.steps_per_s > 0                                  ? given_.steps_per_s
               : given_.live && !given_.soak() && stdout_is_terminal() ? 30
                                                                       : 0;
    }

    void play_in_real_time() {
        fieldreel::playback& playback = made_->playback;
        plain_order order(given_.order(), selected_, given_.seed, given_.steps_to_play());
        const ordered_step all = order(0);
        const fieldreel::time_range range{playback.source().time_s(all.region.first),
                                          playback.source().time_s(all.region.last - 1)};
        const fieldreel::play_mode at_end =
            given_.order() == "loop" ? fieldreel::play_mode::loop : fieldreel::play_mode::once;
        progress_line progress("playing");
        begin_ = steady::now();
        play_by_clock(playback, viewer_, {given_.fps, given_.speed, given_.steps_to_play(), at_end, range}, *log_,
                      [&](std::size_t step, const fieldreel::step_report& took) {
                          after_step(step, playback.shown().time_s, took);
                          progress(step, given_.steps_to_play());
                          return !interrupted();
                      });
    }

    template <class Order>
    void play_steps(Order& order) {
        fieldreel::playback& playback = made_->playback;
        const fieldreel::any_source frames = playback.source();
        const std::size_t asked = given_.soak() ? static_cast<std::size_t>(-1) : given_.steps_to_play();
        const double minutes = given_.minutes.value_or(default_minutes);
        const double rate_hz = frames.frame_count() > 1
                                   ? static_cast<double>(frames.frame_count() - 1) /
                                         (frames.time_s(frames.frame_count() - 1) - frames.time_s(0))
                                   : 1;
        const double paced = paced_per_s();
        const double velocity = paced > 0 ? paced / rate_hz : 1;
        progress_line progress(given_.soak() ? "soaking" : "playing");
        fieldreel::frame_range region{};
        fieldreel::time_range range{};
        begin_ = steady::now();
        const fieldreel::steady_time timer;
        const double begin_s = timer.now_s();
        for (std::size_t step = 0; step < asked && !interrupted(); ++step) {
            if (given_.soak() && seconds_since(begin_) >= 60 * minutes) {
                break;
            }
            const double due_s = begin_s + (paced > 0 ? static_cast<double>(step) / paced : 0);
            if (paced > 0) {
                timer.wait_until(due_s);
            }
            const ordered_step next = order(step);
            const double time_s = frames.time_s(next.frame);
            if (next.mode) {
                if (step == 0 || region != next.region) {
                    region = next.region;
                    range = {frames.time_s(region.first), frames.time_s(region.last - 1)};
                }
                playback.hint(time_s, next.speed * velocity, *next.mode, range);
            }
            if (log_) {
                paced > 0 ? log_->begin(due_s) : log_->begin();
            }
            const fieldreel::step_report took = show(time_s);
            if (log_) {
                log_->end(took, time_s, next.frame);
            }
            after_step(step, time_s, took);
            if (live_ && live_->due()) {
                live_->refresh(live_head(step + 1, asked, time_s));
            } else if (!live_ && step % 64 == 0) {
                given_.soak() ? progress(static_cast<std::size_t>(1000 * seconds_since(begin_)),
                                         static_cast<std::size_t>(60000 * minutes))
                              : progress(step, asked);
            }
        }
        if (live_) {
            live_->refresh(live_head(m_.steps.played(), asked, m_.steps.last_time_s()));
        }
    }

    /// What is noted of every step, however it was paced.
    void after_step(std::size_t step, double time_s, const fieldreel::step_report& took) {
        m_.steps.add(took, time_s);
        if (m_.memory.private_mib.due(step)) {
            note_memory(step);
        }
        const std::size_t most = 1000;
        const std::size_t warm_up = given_.soak() ? most : (std::min)(given_.steps_to_play() / 10 + 1, most);
        if (step + 1 == warm_up) {
            note_phase("warm-up");
            warm_ = true;
        }
    }

    /// One step, or the one stage of it that is asked for.
    fieldreel::step_report show(double time_s) {
        fieldreel::playback& playback = made_->playback;
        if (given_.stage.empty()) {
            return playback.show(time_s, viewer_);
        }
        fieldreel::step_report report;
        if (given_.stage == "read") { // a playback without overlays, on a viewer that does nothing
            no_viewer nobody;
            report.read_ms = playback.show(time_s, nobody).read_ms;
            return report;
        }
        if (given_.stage == "overlay") {
            const fieldreel::any_source& frames = playback.source();
            fieldreel::detail::lap_timer timer;
            FIELDREEL_TRACE_SPAN("overlay.build");
            scene_.shapes.clear();
            const fieldreel::moment now{time_s, frames.frame_at(time_s), playback.space()};
            for (const fieldreel::any_overlay& overlay : playback.overlays()) {
                overlay.build(now, scene_.shapes);
            }
            report.overlay_ms = timer.lap_ms();
            return report;
        }
        playback.fill(time_s, scene_);
        pictures_.resize((std::max)(pictures_.size(), scene_.fields.size()));
        fieldreel::detail::lap_timer timer;
        if (given_.stage == "present") {
            viewer_.present(scene_);
        } else {
            FIELDREEL_TRACE_SPAN("paint");
            for (std::size_t i = 0; i < scene_.fields.size(); ++i) {
                const fieldreel::scene_field& field = scene_.fields[i];
                if (!field.values().empty()) {
                    const fieldreel::field_style& style = field.style();
                    fieldreel::paint(field.values(), field.space(), style.colors, style.range, pictures_[i],
                                     style.paint);
                }
            }
        }
        report.present_ms = timer.lap_ms();
        return report;
    }

    std::string live_head(std::size_t step, std::size_t asked, double time_s) const {
        char line[200];
        const double seconds = seconds_since(begin_);
        const std::string of = given_.soak() ? std::string() : " of " + std::to_string(asked);
        std::snprintf(
            line, sizeof line,
            "step %zu%s, at %.1f s of the recording, %.0f steps per second, %.1f MiB private; the last spans:", step,
            of.c_str(), time_s, static_cast<double>(step) / (std::max)(seconds, 1e-9), measure_memory().private_mib);
        return line;
    }

    /// Each overlay by itself, at the times that were played, after the run that is measured.
    void measure_overlays(std::size_t builds) {
        const fieldreel::playback& playback = made_->playback;
        const fieldreel::any_source frames = playback.source();
        plain_order order(given_.soak() ? "random" : given_.order(), selected_, given_.seed, builds);
        fieldreel::canvas canvas;
        for (const fieldreel::any_overlay& overlay : playback.overlays()) {
            m_.overlays.push_back({overlay.name(), {}, {}});
            m_.overlays.back().ms.reserve(builds);
        }
        for (std::size_t step = 0; step < builds && !interrupted() && m_.error.empty(); ++step) {
            const std::size_t frame = order(step).frame;
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

    // ---- memory ---------------------------------------------------------------------------------------------------

    memory_use memory_now() const { return given_.counts_memory() ? measure_memory_exactly() : measure_memory(); }

    /// A phase that is noted twice, such as each of several fields, ends when it is noted last.
    void note_phase(const char* name) {
        if (m_.memory_phases.empty() || m_.memory_phases.back().name != name) {
            m_.memory_phases.emplace_back();
        }
        m_.memory_phases.back() = {name, memory_now(), counted_allocations()};
    }

    struct recorded_memory {
        double private_mib = 0;
        double heap_mib = 0;
    };
    /// Of the trace: on the heap, or in a file, which is private memory where files lie in memory (tmpfs).
    recorded_memory memory_of_recorder() const {
        if (recorder_ == nullptr) {
            return {};
        }
        const double mib = static_cast<double>(recorder_->bytes()) / (1024 * 1024);
        return recorder_->part().empty() ? recorded_memory{mib, mib}
                                         : recorded_memory{(std::min)(mib, shared_memory_mib()), 0};
    }

    void note_memory(std::size_t step) {
        const memory_use now = memory_now();
        FIELDREEL_TRACE_COUNTER("memory.private_mib", now.private_mib);
        FIELDREEL_TRACE_COUNTER("memory.mapped_mib", now.mapped_resident_mib);
        const double mib = 1024 * 1024;
        // What cache and recorder have taken so far is bounded, and filling them is no leak.
        const double cache =
            made_->cache_statistics ? static_cast<double>(made_->cache_statistics().bytes_peak) / mib : 0;
        const recorded_memory recorded = memory_of_recorder();
        m_.memory.peak_private_mib = (std::max)(m_.memory.peak_private_mib, now.private_mib);
        m_.memory.private_mib.add(step, now.private_mib - cache - recorded.private_mib);
        m_.memory.held_mib.add(step, cache + recorded.private_mib);
        if (m_.counted_allocations) {
            const double heap = static_cast<double>(counted_allocations().live_bytes) / mib;
            m_.memory.heap_mib.add(step, heap - cache - recorded.heap_mib);
        }
    }

    static constexpr std::size_t most_builds = 2000;
    static constexpr std::size_t soak_sample_every = 16;
    static constexpr double default_minutes = 10;

    const profile_arguments& given_;
    fieldreel::session_options options_;
    std::optional<output_file> report_;
    std::optional<output_file> table_;
    std::unique_ptr<trace::recorder> own_recorder_;
    trace::recorder* recorder_ = nullptr; ///< what records, if anything does
    std::string trace_error_;             ///< why the trace was not written
    fieldreel::session session_;
    std::optional<fieldreel::session_playback> made_;
    fieldreel::frame_range selected_;
    fieldreel::headless_viewer viewer_;
    fieldreel::scene scene_; ///< of --stage
    std::vector<fieldreel::image> pictures_;
    std::optional<live_table> live_;
    std::optional<step_log> log_; ///< of a run that tells stutter
    steady::time_point begin_ = steady::now();
    bool warm_ = false;
    measurement m_;
};

} // namespace

int run_profile(const profile_arguments& given) {
    return profile_run(given).run();
}
