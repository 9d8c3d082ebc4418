// SPDX-License-Identifier: MIT
// Why playing stutters: what the program was late with and what it waited for, and what is uneven in the data.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/cache/statistics.hpp>
#include <fieldreel/playback/clock.hpp>
#include <fieldreel/playback/data_stutter.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/playback/stutter.hpp>
#include <fieldreel/session/session_content.hpp>
#include <fieldreel/session/session_options.hpp>
#include <fieldreel/viewer/headless_viewer.hpp>

#include "machine.hpp"

/// Notes when each step began and ended, and what it waited for, with a clock's pace also before it began. Takes its
/// memory at once, so that noting does not look like growth; what steps under 1 ms waited for is only added up, and
/// without a clock's pace only now and then asked.
class step_log {
public:
    step_log(std::size_t steps, std::function<fieldreel::cache_statistics()> cache);
    /// Seconds of a steady clock.
    double now_s() const;
    /// Just before a step. `due_s`: when it was to begin; left out: now.
    void begin(double due_s = std::numeric_limits<double>::quiet_NaN());
    /// Just after it.
    void end(const fieldreel::step_report& stages, double time_s, std::size_t frame);
    std::vector<fieldreel::shown_step> steps() const;
    const fieldreel::step_waits& waits() const { return waits_; }
    double blocked_ms() const { return blocked_ms_; }

private:
    struct noted {
        double due_s, begin_s, shown_s, time_s;
        std::size_t frame;
        fieldreel::step_report stages;
    };
    std::vector<noted> noted_;
    std::size_t count_ = 0;
    struct slow_step {
        std::size_t step;
        fieldreel::step_waits waits;
        fieldreel::step_waits before;
    };
    std::vector<slow_step> slow_;
    std::function<fieldreel::cache_statistics()> cache_;
    std::uint64_t stalls_ = 0;
    void start_meter();
    fieldreel::wait_meter meter_;
    double metered_since_s_ = 0;
    std::size_t unmetered_ = 0; ///< steps since
    bool paced_ = false;
    fieldreel::step_waits before_; ///< of this step, between it and the one before; of a paced run
    fieldreel::step_waits waits_;
    double blocked_ms_ = 0;
    double due_s_ = 0;
    double begin_s_ = 0;
};

/// How a run is paced by a clock.
struct play_pace {
    double fps = 30;       ///< scenes per second
    double speed = 1;      ///< seconds of the recording per second
    std::size_t steps = 0; ///< scenes due; those missed count
    fieldreel::play_mode mode = fieldreel::play_mode::once;
    fieldreel::time_range range;
};
/// Plays in real time, as the library's player does: what is due is shown, what there is no time for is skipped.
/// `after_step` gets each step's number and report; false ends it.
void play_by_clock(fieldreel::playback& what, fieldreel::headless_viewer& viewer, const play_pace& pace, step_log& log,
                   const std::function<bool(std::size_t, const fieldreel::step_report&)>& after_step);

/// One time through what is played.
struct played_pass {
    std::string name;   ///< "cold", "warm"; empty: the only one
    std::string pacing; ///< "clock"; "steps": each frame in turn, so many per second; "predicted": as fast as possible
    double in_memory = std::numeric_limits<double>::quiet_NaN(); ///< share of the inputs' bytes before it
    fieldreel::program_stutter found;
    fieldreel::step_waits waits; ///< together
    double blocked_ms = 0;       ///< together
    double median_step_ms = 0;
    double longest_step_ms = 0;
    std::optional<fieldreel::shown_step> longest_step;
    fieldreel::cause_found longest_cause;     ///< of that step
    std::vector<fieldreel::shown_step> steps; ///< of a paced run
};
played_pass pass_of(const step_log& log, const std::string& name, const std::string& pacing, double fps,
                    double in_memory);
/// Of all the inputs' bytes; NaN without any.
double share_in_memory(const std::vector<input_file>& inputs);

/// What is uneven in the data.
struct data_found {
    double fps = 30;
    double speed = 1;
    std::optional<fieldreel::step_evenness> samples; ///< of the positions
    std::optional<fieldreel::step_evenness> frames;  ///< of the field
    std::optional<fieldreel::tracking_quality> tracking;
    std::optional<fieldreel::equal_frames> equal; ///< unset: the field is one picture
    fieldreel::judder judder;                     ///< of the frames, or where the field is one picture of the samples
    std::optional<fieldreel::judder> better;      ///< at another rate that is clearly evener: the lowest of the best
    std::optional<fieldreel::judder> better_too;  ///< the next that is as good
    std::vector<std::string> notes;               ///< what could not be looked at
};
/// Scenes per second that may suit data of so long a median step: the usual ones, the data's own and half of it, which
/// divide exactly. Order: ascending, from 20.
std::vector<double> rates_to_try(double median_s, double speed);
/// Of the rates that are evener, in ascending order, the best two.
void choose_better(data_found& out, const std::vector<fieldreel::judder>& evener);
/// Looks at the frames `selected` and the samples during them.
data_found look_at_data(const fieldreel::session& session, const fieldreel::session_playback& made,
                        fieldreel::frame_range selected, double fps, double speed);

/// All of it.
struct stutter_facts {
    std::vector<played_pass> passes;
    data_found data;
    std::vector<input_file> inputs;
    double slowed_ms = 0; ///< --source-latency-ms
    bool lru = false;     ///< --policy lru, which reads nothing ahead
};
/// Adds `program_stutter`, `passes`, `data_stutter`, `inputs`, and `machine` in full.
void add_stutter(nlohmann::ordered_json& report, const stutter_facts& facts);
void print_stutter(const nlohmann::ordered_json& report);
/// Machine, inputs, command: what a report needs when it is read elsewhere.
void print_machine(const nlohmann::ordered_json& report);
