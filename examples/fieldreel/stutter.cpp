// SPDX-License-Identifier: MIT
#include "stutter.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/playback/player.hpp>
#include <fieldreel/space/tracking_quality.hpp>

#include "commands.hpp"

using json = nlohmann::ordered_json;

// ---- noting steps ---------------------------------------------------------------------------------------------------

step_log::step_log(std::size_t steps, std::function<fieldreel::cache_statistics()> cache)
    : noted_(steps), cache_(std::move(cache)), stalls_(cache_ ? cache_().stalls : 0) {
    slow_.reserve((std::min)(steps, std::size_t{1000}));
    start_meter();
}

double step_log::now_s() const {
    return fieldreel::steady_time{}.now_s();
}

void step_log::begin(double due_s) {
    paced_ = !std::isnan(due_s);
    if (paced_) { // the meter runs since the end of the step before: a start may be late for want of a processor
        before_ = meter_.stop();
        start_meter();
    }
    begin_s_ = now_s();
    due_s_ = paced_ ? due_s : begin_s_;
}

void step_log::start_meter() {
    meter_.start();
    metered_since_s_ = now_s();
    unmetered_ = 0;
}

void step_log::end(const fieldreel::step_report& stages, double time_s, std::size_t frame) {
    const double shown_s = now_s();
    constexpr double slow_ms = 1;
    constexpr std::size_t seldom = 32; // reading the meter takes as long as a short step
    const double step_ms = 1000 * (shown_s - begin_s_);
    const bool slow = step_ms >= slow_ms;
    if (paced_ || slow || ++unmetered_ == seldom) {
        fieldreel::step_waits waits = meter_.stop();
        waits_ += waits;
        waits.working_ms -= 1000 * (begin_s_ - metered_since_s_); // the short steps before this one were work
        waits.working_ms = (std::max)(0.0, waits.working_ms);
        const double late_ms = paced_ ? 1000 * (begin_s_ - due_s_) : 0;
        if (paced_ && before_.known) { // asleep until it is due: only what was ready, or held back, is lost
            waits_.queued_ms += before_.queued_ms;
            waits_.throttled_ms += before_.throttled_ms;
            waits_.taken_away += before_.taken_away;
        }
        if (slow) {
            if (cache_) {
                const std::uint64_t stalls = cache_().stalls;
                waits.stalls = stalls - stalls_;
                waits_.stalls += waits.stalls;
                stalls_ = stalls;
            }
        }
        if (slow || late_ms >= slow_ms) {
            slow_.push_back({count_, waits, paced_ ? before_ : fieldreel::step_waits{}});
        }
        if (waits.known && (slow || paced_)) {
            blocked_ms_ += (std::max)(0.0, step_ms - waits.working_ms - waits.queued_ms);
        }
        start_meter();
    }
    if (count_ == noted_.size()) {
        noted_.push_back({});
    }
    noted_[count_++] = {due_s_, begin_s_, shown_s, time_s, frame, stages};
}

std::vector<fieldreel::shown_step> step_log::steps() const {
    std::vector<fieldreel::shown_step> out;
    out.reserve(count_);
    for (std::size_t i = 0; i < count_; ++i) {
        const noted& n = noted_[i];
        out.push_back({n.due_s, n.begin_s, n.shown_s, n.time_s, n.frame, n.stages, {}, {}});
    }
    for (const slow_step& slow : slow_) {
        out[slow.step].waits = slow.waits;
        out[slow.step].before = slow.before;
    }
    return out;
}

namespace {

/// Tells the log when a step begins: the player waits, then shows.
struct noted_time {
    step_log* log;
    double now_s() const { return log->now_s(); }
    void wait_until(double due_s) const {
        fieldreel::steady_time{}.wait_until(due_s);
        log->begin(due_s);
    }
};

} // namespace

void play_by_clock(fieldreel::playback& what, fieldreel::headless_viewer& viewer, const play_pace& pace, step_log& log,
                   const std::function<bool(std::size_t, const fieldreel::step_report&)>& after_step) {
    fieldreel::play_options options;
    options.speed = pace.speed;
    options.mode = pace.mode;
    options.refresh_hz = pace.fps;
    options.range = pace.range;
    options.max_steps = pace.steps;
    fieldreel::player player(what, options, noted_time{&log});
    double start_s = 0;
    for (std::size_t step = 0;; ++step) {
        const bool more = player.step(viewer);
        const fieldreel::shown_step& last = player.last();
        log.end(last.stages, last.time_s, last.frame);
        start_s = step == 0 ? last.due_s : start_s;
        const bool over = (last.shown_s - start_s) * pace.fps >= static_cast<double>(pace.steps); // refreshes missed
        if (!after_step(step, last.stages) || !more || over) {
            return;
        }
    }
}

played_pass pass_of(const step_log& log, const std::string& name, const std::string& pacing, double fps,
                    double in_memory) {
    played_pass out;
    out.name = name;
    out.pacing = pacing;
    out.in_memory = in_memory;
    std::vector<fieldreel::shown_step> steps = log.steps();
    if (pacing == "predicted") {
        steps = fieldreel::paced_as_if(steps, fps);
    }
    out.found = fieldreel::find_program_stutter(steps, {.refresh_hz = fps});
    if (pacing != "clock") { // frames come by their order, not by a clock: none is skipped
        out.found.frames_skipped = out.found.frames_skipped_late = out.found.frames_repeated = 0;
    }
    out.waits = log.waits();
    out.blocked_ms = log.blocked_ms();
    std::vector<double> took;
    double free_s = steps.empty() ? 0 : steps.front().due_s;
    for (const fieldreel::shown_step& step : steps) {
        took.push_back(step.step_ms());
        if (!out.longest_step || step.step_ms() > out.longest_step->step_ms()) {
            out.longest_step = step;
            out.longest_cause = fieldreel::cause_of(step, free_s);
        }
        free_s = step.shown_s;
    }
    if (!took.empty()) {
        out.longest_step_ms = out.longest_step->step_ms();
        const auto middle = took.begin() + static_cast<std::ptrdiff_t>(took.size() / 2);
        std::nth_element(took.begin(), middle, took.end());
        out.median_step_ms = *middle;
    }
    if (pacing != "predicted") {
        out.steps = std::move(steps);
    }
    return out;
}

double share_in_memory(const std::vector<input_file>& inputs) {
    double there = 0;
    double all = 0;
    for (const input_file& input : inputs) {
        if (!std::isnan(input.in_memory)) {
            there += input.in_memory * static_cast<double>(input.bytes);
            all += static_cast<double>(input.bytes);
        }
    }
    return all > 0 ? there / all : std::numeric_limits<double>::quiet_NaN();
}

// ---- the data -------------------------------------------------------------------------------------------------------

namespace {

/// A part of a list or table, by its first row.
template <class Numbers>
struct part_of {
    const Numbers& all;
    std::size_t first;
    std::size_t count;
    std::size_t size() const { return count; }
    double operator[](std::size_t i) const { return all[first + i]; }
    std::size_t shape(std::size_t axis) const { return axis == 0 ? count : all.shape(axis); }
    double operator()(std::size_t row, std::size_t column) const { return all(first + row, column); }
};

/// The times of a source's frames.
struct frame_times {
    const fieldreel::any_source& frames;
    std::size_t first;
    std::size_t count;
    std::size_t size() const { return count; }
    double operator[](std::size_t i) const { return frames.time_s(first + i); }
};

/// The judder, and that at other rates where it is clearly less.
template <class Times>
void predict(data_found& out, const Times& times, double median_s) {
    out.judder = fieldreel::predict_judder(times, median_s, out.fps, out.speed);
    constexpr double clearly = 0.3;
    std::vector<fieldreel::judder> evener;
    for (const double rate : rates_to_try(median_s, out.speed)) {
        const fieldreel::judder at = fieldreel::predict_judder(times, median_s, rate, out.speed);
        if (at.uneven_per_s < clearly * out.judder.uneven_per_s) {
            evener.push_back(at);
        }
    }
    choose_better(out, evener);
}

} // namespace

data_found look_at_data(const fieldreel::session& session, const fieldreel::session_playback& made,
                        fieldreel::frame_range selected, double fps, double speed) {
    data_found out;
    out.fps = fps;
    out.speed = speed;
    const fieldreel::any_source& frames = made.playback.source();
    const std::size_t last = (std::min)(selected.last, frames.frame_count());
    const frame_times shown{frames, selected.first, last - selected.first};
    const bool one_picture = made.place_field.has_value() || session.fields.empty();
    if (!one_picture) {
        out.frames = fieldreel::check_steps(shown);
        const double until_s = fieldreel::steady_time{}.now_s() + 1; // a slow source is not read for longer
        out.equal = fieldreel::compare_frames(frames, {selected.first, last}, 2000,
                                              [&] { return fieldreel::steady_time{}.now_s() < until_s; });
        predict(out, shown, out.frames->median_s);
    }
    if (!session.times || session.times->size() < 2) {
        return out;
    }
    const fieldreel::sample_times& times = *session.times;
    std::size_t from = 0;
    std::size_t to = times.size();
    if (selected.first > 0 || last < frames.frame_count()) {
        const double start_s = frames.time_s(selected.first);
        const double stop_s = frames.time_s(last - 1) + frames.duration_s(last - 1);
        while (from < to && !(times[from] >= start_s)) {
            ++from;
        }
        while (to > from && !(times[to - 1] <= stop_s)) {
            --to;
        }
    }
    const part_of<fieldreel::sample_times> sampled{times, from, to - from};
    out.samples = fieldreel::check_steps(sampled);
    if (one_picture) {
        predict(out, sampled, out.samples->median_s);
    }
    if (session.positions && sampled.size() > 1 && out.samples->not_increasing == 0) {
        try {
            out.tracking =
                fieldreel::check_tracking(sampled, part_of<fieldreel::samples>{*session.positions, from, to - from});
        } catch (const fieldreel::error& problem) {
            out.notes.push_back(std::string("the tracking could not be looked at: ") + problem.what());
        }
    } else if (out.samples->not_increasing > 0) {
        out.notes.push_back("the tracking was not looked at, as its times do not increase; see fieldreel info");
    }
    return out;
}

// ---- the report -----------------------------------------------------------------------------------------------------

namespace {

double rounded(double value, double to = 1e-3) {
    return std::isfinite(value) ? std::round(value / to) * to : value;
}
json number_or_null(double value) {
    return std::isfinite(value) ? json(value) : json();
}

json waits_json(const fieldreel::step_waits& w, double blocked_ms) {
    if (!w.known) {
        return json();
    }
    return {{"working_ms", w.working_ms},     {"waited_for_processor_ms", w.queued_ms},
            {"throttled_ms", w.throttled_ms}, {"blocked_ms", blocked_ms},
            {"blocked_times", w.gave_way},    {"processor_taken_away", w.taken_away},
            {"major_faults", w.major_faults}, {"read_bytes", w.read_bytes},
            {"cache_stalls", w.stalls}};
}

json cause_json(const fieldreel::cause_found& c) {
    return {{"cause", name_of(c.cause)}, {"stage", c.stage}, {"ms", c.ms}};
}

json freeze_json(const fieldreel::freeze& f) {
    return {{"step", f.step}, {"at_s", f.at_s}, {"ms", f.ms}, {"cause", cause_json(f.cause)}};
}

json pass_json(const played_pass& pass) {
    const fieldreel::program_stutter& f = pass.found;
    json out = {{"pass", pass.name.empty() ? "only" : pass.name},
                {"pacing", pass.pacing},
                {"inputs_in_memory_before", number_or_null(pass.in_memory)},
                {"target_fps", f.target_hz},
                {"achieved_fps", f.achieved_hz},
                {"seconds", f.seconds},
                {"shown", f.shown},
                {"late", f.late},
                {"median_step_ms", pass.median_step_ms},
                {"longest_step_ms", pass.longest_step_ms}};
    if (pass.longest_step) {
        out["longest_step"] = {
            {"frame",
             pass.longest_step->frame == fieldreel::shown_step::no_frame ? json() : json(pass.longest_step->frame)},
            {"time_s", number_or_null(pass.longest_step->time_s)},
            {"cause", cause_json(pass.longest_cause)},
            {"waits",
             waits_json(pass.longest_step->waits, pass.longest_step->step_ms() - pass.longest_step->waits.working_ms -
                                                      pass.longest_step->waits.queued_ms)}};
    }
    out["freezes_over_100_ms"] = f.freezes.size();
    out["freezes_per_minute"] = f.freezes_per_minute;
    out["longest_freeze"] = f.freezes.empty() ? json() : freeze_json(*f.longest);
    out["longest_between_two_scenes"] = f.longest ? freeze_json(*f.longest) : json();
    out["freezes"] = json::array();
    for (std::size_t i = 0; i < (std::min)(f.freezes.size(), std::size_t{100}); ++i) {
        out["freezes"].push_back(freeze_json(f.freezes[i]));
    }
    out["refreshes_missed"] = f.missed_refreshes;
    out["frames_skipped"] = f.frames_skipped;
    out["frames_skipped_being_late"] = f.frames_skipped_late;
    out["frames_repeated"] = f.frames_repeated;
    out["late_by_cause"] = json::object();
    for (std::size_t c = 0; c < fieldreel::step_cause_count; ++c) {
        if (f.late_by_cause[c] > 0) {
            out["late_by_cause"][std::string(name_of(static_cast<fieldreel::step_cause>(c)))] = f.late_by_cause[c];
        }
    }
    out["time"] = waits_json(pass.waits, pass.blocked_ms);
    if (!pass.steps.empty()) { // per shown frame, since the first was due
        json due = json::array();
        json shown = json::array();
        json late = json::array();
        json frame = json::array();
        constexpr std::size_t most = 20'000;
        const double start_s = pass.steps.front().due_s;
        for (std::size_t i = 0; i < (std::min)(pass.steps.size(), most); ++i) {
            const fieldreel::shown_step& s = pass.steps[i];
            due.push_back(rounded(1000 * (s.due_s - start_s)));
            shown.push_back(rounded(1000 * (s.shown_s - start_s)));
            late.push_back(rounded((std::max)(0.0, 1000 * (s.shown_s - s.due_s - 1 / f.target_hz))));
            frame.push_back(s.frame == fieldreel::shown_step::no_frame ? json() : json(s.frame));
        }
        out["per_frame"] = {{"frame", frame}, {"due_ms", due}, {"shown_ms", shown}, {"late_by_ms", late}};
    }
    return out;
}

json evenness_json(const fieldreel::step_evenness& e) {
    json steps = json::array();
    for (const fieldreel::long_step& s : e.long_steps) {
        steps.push_back({{"at_s", s.at_s}, {"ms", 1000 * s.seconds}});
    }
    return {{"samples", e.samples},
            {"median_step_ms", 1000 * e.median_s},
            {"mean_rate_hz", e.mean_hz},
            {"steps_over_1.5_medians", e.long_count},
            {"longest_step_ms", 1000 * e.longest.seconds},
            {"longest_at_s", e.longest.at_s},
            {"not_increasing", e.not_increasing},
            {"longest_steps", steps}};
}

json runs_json(const fieldreel::sample_runs& runs, double all_s) {
    return {{"stretches", runs.count()},
            {"seconds", runs.seconds()},
            {"share", all_s > 0 ? runs.seconds() / all_s : 0},
            {"longest_s", runs.count() > 0 ? runs.longest().duration_s() : 0},
            {"longest_at_s", runs.count() > 0 ? json(runs.longest().start_s) : json()}};
}

json judder_json(const fieldreel::judder& j) {
    return {{"display_fps", j.display_hz},      {"speed", j.speed},
            {"changes_per_s", j.changes_per_s}, {"uneven_changes_per_s", j.uneven_per_s},
            {"uneven_share", j.uneven_share()}, {"frames_never_shown", j.never_shown}};
}

json data_json(const data_found& d) {
    json out = json::object();
    if (d.samples) {
        out["position_times"] = evenness_json(*d.samples);
    }
    if (d.frames) {
        out["field_times"] = evenness_json(*d.frames);
    }
    if (d.tracking) {
        const double all_s = d.tracking->seconds;
        out["tracking"] = {{"seconds", all_s},
                           {"lost", runs_json(d.tracking->lost, all_s)},
                           {"frozen", runs_json(d.tracking->still, all_s)},
                           {"interpolated", runs_json(d.tracking->interpolated, all_s)},
                           {"gaps", runs_json(d.tracking->gaps, all_s)},
                           {"jumps", d.tracking->jumps.size()}};
    }
    if (d.equal) {
        out["frames_equal_to_the_one_before"] = {
            {"compared", d.equal->compared}, {"equal", d.equal->equal}, {"share", d.equal->share()}};
    } else {
        out["field_is_one_picture"] = true;
    }
    out["judder"] = judder_json(d.judder);
    out["judder"]["of"] = d.equal ? "field" : "positions";
    if (d.better) {
        out["judder_at_a_better_rate"] = judder_json(*d.better);
    }
    if (d.better_too) {
        out["judder_at_another_better_rate"] = judder_json(*d.better_too);
    }
    out["notes"] = d.notes;
    return out;
}

} // namespace

void add_stutter(json& report, const stutter_facts& facts) {
    if (!facts.passes.empty()) {
        report["program_stutter"] = pass_json(facts.passes.back());
        if (facts.passes.size() > 1) {
            report["earlier_passes"] = json::array();
            for (std::size_t i = 0; i + 1 < facts.passes.size(); ++i) {
                report["earlier_passes"].push_back(pass_json(facts.passes[i]));
            }
        }
        report["data_stutter"] = data_json(facts.data);
    }
    report["inputs"] = json::array();
    for (const input_file& input : facts.inputs) {
        report["inputs"].push_back({{"file", input.path},
                                    {"bytes", input.bytes},
                                    {"mount", input.mount.where},
                                    {"file_system", input.mount.file_system},
                                    {"device", input.mount.device},
                                    {"network", input.mount.network()},
                                    {"access", input.mapped ? "map" : "read"},
                                    {"in_memory", number_or_null(input.in_memory)}});
    }
    const machine_facts machine = describe_machine();
    json& of_machine = report["machine"];
    of_machine["quota_processors"] = machine.quota_processors > 0 ? json(machine.quota_processors) : json();
    of_machine["memory_limit_gib"] = machine.memory_limit_gib > 0 ? json(machine.memory_limit_gib) : json();
    of_machine["opengl"] = "not used";
    of_machine["libraries"] = json::object();
    for (const auto& [name, version] : library_versions()) {
        of_machine["libraries"][name] = version;
    }
}

// ---- on paper -------------------------------------------------------------------------------------------------------

namespace {

[[gnu::format(printf, 2, 3)]] void line(const char* what, const char* format, ...) {
    std::printf("  %-16s ", what);
    va_list rest;
    va_start(rest, format);
    std::vprintf(format, rest);
    va_end(rest);
    std::printf("\n");
}

double number(const json& value) {
    return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}
std::size_t count(const json& value) {
    return value.get<std::size_t>();
}
const char* many(std::size_t n, const char* one, const char* more) {
    return n == 1 ? one : more;
}

/// What a cause means, for people.
std::string cause_words(const json& cause) {
    static const std::pair<const char*, const char*> words[] = {{"work", "the program was computing"},
                                                                {"disk", "waited for the disk"},
                                                                {"source", "waited for the source of the frames"},
                                                                {"viewer", "waited for the display"},
                                                                {"lock", "waited for a lock or a sleep"},
                                                                {"processor", "other programs had the processor"},
                                                                {"quota", "the quota of the control group was used up"},
                                                                {"late_start", "it was woken late"}};
    const auto name = cause["cause"].get<std::string>();
    std::string out = name;
    for (const auto& [key, text] : words) {
        out = name == key ? text : out;
    }
    return name == "late_start" ? out : out + ", stage " + cause["stage"].get<std::string>();
}

void print_pass(const json& pass) {
    const std::string pacing = pass["pacing"];
    const std::string name = pass["pass"];
    const std::string which = name == "only" ? "" : name + " pass, ";
    const double fps = number(pass["target_fps"]);
    if (pacing == "predicted") {
        std::printf("\nprogram stutter: %sas it would be at %g scenes per second, with nothing read "
                    "ahead meanwhile (--mode play measures it)\n",
                    which.c_str(), fps);
    } else {
        std::printf("\nprogram stutter: %s%g scenes per second for %.1f s%s\n", which.c_str(), fps,
                    number(pass["seconds"]), pacing == "clock" ? ", skipping what there is no time for" : "");
    }
    if (!pass["inputs_in_memory_before"].is_null()) {
        line("files", "%.0f %% of them in memory before", 100 * number(pass["inputs_in_memory_before"]));
    }
    line("shown", "%zu scenes, %.4g per second; %zu late (ready after the next one was due), %zu %s missed",
         count(pass["shown"]), number(pass["achieved_fps"]), count(pass["late"]), count(pass["refreshes_missed"]),
         many(count(pass["refreshes_missed"]), "refresh", "refreshes"));
    const std::size_t freezes = count(pass["freezes_over_100_ms"]);
    if (freezes > 0) {
        const json& longest = pass["longest_freeze"];
        line("freezes", "%zu over 100 ms (%.3g per minute), the longest %s at %.1f s: %s", freezes,
             number(pass["freezes_per_minute"]), ms_words(number(longest["ms"])).c_str(), number(longest["at_s"]),
             cause_words(longest["cause"]).c_str());
    } else if (pacing != "predicted" && !pass["longest_between_two_scenes"].is_null()) {
        line("freezes", "none over 100 ms; the longest time between two scenes is %s",
             ms_words(number(pass["longest_between_two_scenes"]["ms"])).c_str());
    }
    if (pass.contains("longest_step")) {
        const json& step = pass["longest_step"];
        line("slowest step", "%s (half of them take %s or less)%s%s", ms_words(number(pass["longest_step_ms"])).c_str(),
             ms_words(number(pass["median_step_ms"]), 2).c_str(),
             step["frame"].is_null() ? "" : (", frame " + std::to_string(count(step["frame"]))).c_str(),
             step["waits"].is_null() ? "" : (": " + cause_words(step["cause"])).c_str());
    }
    if (pacing == "clock") {
        const std::size_t skipped = count(pass["frames_skipped"]);
        line("frames", "%zu skipped (%zu of them for being late, the others by the rates), %zu shown again", skipped,
             count(pass["frames_skipped_being_late"]), count(pass["frames_repeated"]));
    }
    if (!pass["time"].is_null()) {
        const json& t = pass["time"];
        line("time", "%s working, %s waiting for a processor (taken away %zu times), %s blocked",
             ms_words(number(t["working_ms"])).c_str(), ms_words(number(t["waited_for_processor_ms"])).c_str(),
             count(t["processor_taken_away"]), ms_words(number(t["blocked_ms"])).c_str());
        if (number(t["throttled_ms"]) > 0) {
            line("", "%s held back by the control group's quota", ms_words(number(t["throttled_ms"])).c_str());
        }
        line("from the disk", "%s, %zu %s of mapped files", byte_words(number(t["read_bytes"])).c_str(),
             count(t["major_faults"]), many(count(t["major_faults"]), "page", "pages"));
    }
}

void print_evenness(const char* what, const json& e) {
    if (number(e["median_step_ms"]) > 0) {
        const std::size_t over = count(e["steps_over_1.5_medians"]);
        line(what, "%zu samples at %.4g Hz, median step %s; %zu %s over 1.5 medians, the longest %s at %.1f s",
             count(e["samples"]), number(e["mean_rate_hz"]), ms_words(number(e["median_step_ms"]), 4).c_str(), over,
             many(over, "step", "steps"), ms_words(number(e["longest_step_ms"])).c_str(), number(e["longest_at_s"]));
    }
    if (count(e["not_increasing"]) > 0) {
        line("", "%zu times are not after the one before; see fieldreel info", count(e["not_increasing"]));
    }
}

} // namespace

void print_stutter(const json& report) {
    if (report.contains("earlier_passes")) {
        for (const json& pass : report["earlier_passes"]) {
            print_pass(pass);
        }
    }
    if (report.contains("program_stutter")) {
        print_pass(report["program_stutter"]);
    }
    const json& data = report["data_stutter"];
    std::printf("\ndata stutter: what no program can play smoothly\n");
    if (data.contains("position_times")) {
        print_evenness("positions", data["position_times"]);
    }
    if (data.contains("field_times")) {
        print_evenness("field", data["field_times"]);
    }
    if (data.contains("tracking")) {
        const json& t = data["tracking"];
        const auto percent = [&](const char* what) { return 100 * number(t[what]["share"]); };
        line("tracking", "lost %.1f %%, interpolated %.1f %%, frozen %.1f %% of %.0f s; %zu %s", percent("lost"),
             percent("interpolated"), percent("frozen"), number(t["seconds"]), count(t["jumps"]),
             many(count(t["jumps"]), "jump", "jumps"));
    }
    if (data.contains("frames_equal_to_the_one_before")) {
        const json& e = data["frames_equal_to_the_one_before"];
        line("equal frames", "%.1f %% are the frame before them (%zu of %zu compared)", 100 * number(e["share"]),
             count(e["equal"]), count(e["compared"]));
    } else {
        line("equal frames", "all: the field is one picture, only the overlays move");
    }
    const json& j = data["judder"];
    if (number(j["changes_per_s"]) > 0) {
        line("judder",
             "at %g scenes per second and speed %g, %.3g changes of the picture per second, %.3g of them uneven",
             number(j["display_fps"]), number(j["speed"]), number(j["changes_per_s"]),
             number(j["uneven_changes_per_s"]));
        for (const char* rate : {"judder_at_a_better_rate", "judder_at_another_better_rate"}) {
            if (!data.contains(rate)) {
                continue;
            }
            const json& better = data[rate];
            line("", "at %g scenes per second %.3g would be uneven", number(better["display_fps"]),
                 number(better["uneven_changes_per_s"]));
        }
    }
    for (const auto& note : data["notes"]) {
        line("", "%s", note.get<std::string>().c_str());
    }
}

void print_machine(const json& report) {
    const json& m = report["machine"];
    const auto words = [](const json& value) { return value.get<std::string>(); };
    std::printf("\nmachine\n");
    std::string limits;
    char gib[80];
    std::snprintf(gib, sizeof gib, "%.3g GiB", number(m["memory_gib"]));
    std::string memory = gib;
    if (!m["memory_limit_gib"].is_null()) {
        std::snprintf(gib, sizeof gib, ", limited to %.3g GiB", number(m["memory_limit_gib"]));
        memory += gib;
    }
    if (!m["quota_processors"].is_null()) {
        std::snprintf(gib, sizeof gib, ", limited to the time of %.3g", number(m["quota_processors"]));
        limits = gib;
    }
    line("processor", "%s, %zu %s allowed%s", words(m["processor"]).c_str(), count(m["cores"]),
         many(count(m["cores"]), "core", "cores"), limits.c_str());
    line("memory", "%s", memory.c_str());
    line("system", "%s; OpenGL not used", words(m["system"]).c_str());
    std::string libraries = "fieldreel " + words(m["fieldreel"]) + ", " + words(m["compiler"]);
    for (const auto& [name, version] : m["libraries"].items()) {
        libraries += ", " + name + " " + words(version);
    }
    line("versions", "%s", libraries.c_str());
    std::size_t listed = 0;
    for (const json& input : report["inputs"]) {
        if (++listed > 12) {
            line("", "and %zu more files", report["inputs"].size() - 12);
            break;
        }
        line(listed == 1 ? "inputs" : "", "%s (%s) on %s, %s %s%s", words(input["file"]).c_str(),
             byte_words(number(input["bytes"])).c_str(), words(input["mount"]).c_str(),
             words(input["file_system"]).c_str(), words(input["device"]).c_str(),
             input["network"].get<bool>() ? ", a network" : "");
    }
    line("command", "%s", command_line.c_str());
}
