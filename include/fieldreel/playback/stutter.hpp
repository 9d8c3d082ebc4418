// SPDX-License-Identifier: MIT
// Whether the program stuttered: which scenes came late, how long the picture froze, and what each wait was for.
#ifndef FIELDREEL_PLAYBACK_STUTTER_HPP
#define FIELDREEL_PLAYBACK_STUTTER_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/playback/step_report.hpp>
#include <fieldreel/playback/step_waits.hpp>

namespace fieldreel::inline v0 {

/// One scene that was shown. A host fills it around its call of playback::show; `waits` come from a wait_meter and may
/// be left out, as may `before`. Units: seconds of the host's own steady clock, but `time_s`.
struct shown_step {
    static constexpr std::size_t no_frame = static_cast<std::size_t>(-1);
    double due_s = 0;                                         ///< when it was to begin
    double begin_s = 0;                                       ///< when it began
    double shown_s = 0;                                       ///< when `present` returned
    double time_s = std::numeric_limits<double>::quiet_NaN(); ///< of the recording
    std::size_t frame = no_frame;                             ///< of the first field
    step_report stages;
    step_waits waits;       ///< from `begin_s` to `shown_s`
    step_waits before = {}; ///< from the end of the step before, or later, to `begin_s`
    double step_ms() const noexcept { return 1000 * (shown_s - begin_s); }
};

/// What most of a step's time, from when it was due to when it was shown, went to.
///
/// `work`: computing. `disk`: blocked, while pages or bytes came from storage. `source`: blocked while frames were
/// fetched: a cache waited for its source, or the source waited (a network, a sleep). `viewer`: blocked while the scene
/// was presented: the display's refresh, or the host. `lock`: blocked elsewhere. `processor`: ready, but others had the
/// processors. `quota`: ready, but the control group's share was used up. `late_start`: it began late for another
/// reason than these two.
enum class step_cause : unsigned char { work, disk, source, viewer, lock, processor, quota, late_start };
inline constexpr std::size_t step_cause_count = 8;

inline constexpr std::string_view name_of(step_cause cause) noexcept {
    constexpr std::array<std::string_view, step_cause_count> names = {"work", "disk",      "source", "viewer",
                                                                      "lock", "processor", "quota",  "late_start"};
    return names[static_cast<std::size_t>(cause)];
}

struct cause_found {
    step_cause cause = step_cause::work;
    std::string_view stage = "read"; ///< the longest: read, overlay or present
    double ms = 0;                   ///< of this cause
};

/// Without `waits` only work and late_start can be told. Blocked time is one cause per step: the system does not say
/// how it divides. A late start counts as quota or processor where `before` says that, and as quota too where the quota
/// held up the step itself; both times then count together. `free_s`: when the step before was shown; what this one
/// had to wait for that one is not its own.
inline cause_found cause_of(const shown_step& step, double free_s = -std::numeric_limits<double>::infinity()) noexcept {
    cause_found out;
    const step_report& s = step.stages;
    double longest = s.read_ms;
    if (s.overlay_ms > longest) {
        longest = s.overlay_ms;
        out.stage = "overlay";
    }
    if (s.present_ms > longest) {
        out.stage = "present";
    }
    const double began_late_ms = (std::max)(0.0, 1000 * (step.begin_s - (std::max)(step.due_s, free_s)));
    const double step_ms = (std::max)(0.0, step.step_ms());
    const step_waits& w = step.waits;
    const step_waits& before = step.before;
    const double queued_ms = w.known ? (std::min)(w.queued_ms, step_ms) : 0;
    const double working_ms = w.known ? (std::min)(w.working_ms, step_ms - queued_ms) : step_ms;
    const double blocked_ms = step_ms - queued_ms - working_ms;
    const bool throttled = w.known && 2 * w.throttled_ms > queued_ms;
    const step_cause queued_for = throttled ? step_cause::quota : step_cause::processor;
    step_cause late_for = step_cause::late_start;
    if (before.known && 2 * before.throttled_ms > began_late_ms) {
        late_for = step_cause::quota;
    } else if (throttled && queued_ms > 0 && queued_ms >= (std::max)(working_ms, blocked_ms)) {
        late_for = step_cause::quota;
    } else if (before.known && 2 * before.queued_ms > began_late_ms) {
        late_for = step_cause::processor;
    }
    const bool together = late_for == queued_for;
    const double without_processor_ms = queued_ms + (together ? began_late_ms : 0);
    const double late_ms = together ? 0 : began_late_ms;
    const double most = (std::max)({working_ms, without_processor_ms, blocked_ms, late_ms});
    out.ms = most;
    if (most == working_ms) {
        out.cause = step_cause::work;
    } else if (most == late_ms) {
        out.cause = late_for;
    } else if (most == without_processor_ms) {
        out.cause = queued_for;
    } else if (out.stage == "present" && w.stalls == 0) {
        out.cause = step_cause::viewer;
    } else if (w.major_faults > 0 || w.read_bytes > 0) {
        out.cause = step_cause::disk;
    } else {
        out.cause = out.stage == "read" || w.stalls > 0 ? step_cause::source : step_cause::lock;
    }
    return out;
}

struct stutter_options {
    double refresh_hz = std::numeric_limits<double>::quiet_NaN(); ///< required: scenes due per second
    double freeze_ms = 100;                                       ///< a picture that stands for longer is frozen
    std::size_t max_late_steps = 100;                             ///< listed, the latest of them; all are counted
};

/// A picture that stood still.
struct freeze {
    std::size_t step = 0; ///< the one that ended it
    double at_s = 0;      ///< when it began, since the first scene was due
    double ms = 0;
    cause_found cause; ///< of that step
};

struct late_step {
    std::size_t step = 0;
    double late_ms = 0; ///< ready so long after the next one was due
    cause_found cause;  ///< of that step, or of the one that made it late by being late itself
};

/// How a run was paced. A step is late when its scene is ready only after the next one was due.
struct program_stutter {
    std::size_t shown = 0;
    double seconds = 0;     ///< from the first scene due to the last shown
    double target_hz = 0;   ///< scenes due per second
    double achieved_hz = 0; ///< scenes shown per second; 0 for fewer than two
    std::size_t late = 0;
    std::vector<late_step> late_steps; ///< in order of time
    std::vector<freeze> freezes;       ///< longer than freeze_ms and than 1.5 refreshes
    std::optional<freeze> longest;     ///< the longest time between two scenes, frozen or not
    double freezes_per_minute = 0;
    std::size_t missed_refreshes = 0;    ///< passed while a step was still being made, the last too
    std::size_t frames_skipped = 0;      ///< of the first field, never shown: the clock had gone on
    std::size_t frames_skipped_late = 0; ///< of these, as a refresh was missed or a step began over a tenth of a
                                         ///< refresh late; the others are due to the rates
    std::size_t frames_repeated = 0;     ///< refreshes with the frame of the one before
    step_report stages;                  ///< together
    step_waits waits;                    ///< together
    double blocked_ms = 0;               ///< together: neither working nor queued
    std::array<std::size_t, step_cause_count> late_by_cause{};

    double longest_freeze_ms() const noexcept { return freezes.empty() ? 0 : longest->ms; }
};

/// Errors: invalid_value for a refresh_hz or freeze_ms that is not positive. Order: by time. Cost: O(steps).
inline program_stutter find_program_stutter(std::span<const shown_step> steps, const stutter_options& options) {
    if (!(options.refresh_hz > 0) || !std::isfinite(options.refresh_hz)) {
        throw invalid_value("refresh_hz", detail::text("a refresh rate of ", options.refresh_hz,
                                                       " Hz was given; it must be positive: how many scenes were due "
                                                       "per second, e.g. 60"));
    }
    if (!(options.freeze_ms > 0)) {
        throw invalid_value("freeze_ms", detail::text("freeze_ms is ", options.freeze_ms,
                                                      "; it must be positive; leave it unset for 100"));
    }
    program_stutter out;
    const double period_s = 1 / options.refresh_hz;
    const double freeze_s = (std::max)(1e-3 * options.freeze_ms, 1.5 * period_s);
    out.shown = steps.size();
    out.target_hz = options.refresh_hz;
    cause_found of_backlog; // of the step that made those after it late
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const shown_step& step = steps[i];
        const double free_s = i > 0 ? steps[i - 1].shown_s : step.due_s;
        const cause_found own = cause_of(step, free_s);
        out.stages.read_ms += step.stages.read_ms;
        out.stages.overlay_ms += step.stages.overlay_ms;
        out.stages.present_ms += step.stages.present_ms;
        out.waits += step.waits;
        if (step.waits.known) {
            out.blocked_ms += (std::max)(0.0, step.step_ms() - step.waits.working_ms - step.waits.queued_ms);
        }
        const double late_s = step.shown_s - step.due_s - period_s;
        if (late_s > 0) {
            const double backlog_ms = 1000 * (free_s - step.due_s);
            if (!(backlog_ms > own.ms)) {
                of_backlog = own;
            }
            const cause_found cause{of_backlog.cause, of_backlog.stage, (std::max)(backlog_ms, own.ms)};
            ++out.late;
            ++out.late_by_cause[static_cast<std::size_t>(cause.cause)];
            out.late_steps.push_back({i, 1000 * late_s, cause});
        }
        if (i == 0) {
            continue;
        }
        const shown_step& before = steps[i - 1];
        const double stood_s = step.shown_s - before.shown_s;
        if (stood_s > freeze_s || !out.longest || 1000 * stood_s > out.longest->ms) {
            const freeze found{i, before.shown_s - steps.front().due_s, 1000 * stood_s, own};
            if (stood_s > freeze_s) {
                out.freezes.push_back(found);
            }
            if (!out.longest || found.ms > out.longest->ms) {
                out.longest = found;
            }
        }
        const double refreshes = std::round((step.due_s - before.due_s) / period_s);
        const std::size_t missed = refreshes > 1 ? static_cast<std::size_t>(refreshes) - 1 : 0;
        out.missed_refreshes += missed;
        if (step.frame != shown_step::no_frame && before.frame != shown_step::no_frame) {
            const std::size_t low = (std::min)(step.frame, before.frame);
            const std::size_t apart = (std::max)(step.frame, before.frame) - low;
            out.frames_repeated += apart == 0 ? 1u : 0u;
            const std::size_t skipped = apart > 1 ? apart - 1 : 0;
            out.frames_skipped += skipped;
            const bool began_late = step.begin_s - step.due_s > 0.1 * period_s; // so the clock had gone on
            out.frames_skipped_late += missed > 0 || began_late ? skipped : 0;
        }
    }
    if (out.late_steps.size() > options.max_late_steps) { // the latest are listed
        std::nth_element(
            out.late_steps.begin(), out.late_steps.begin() + static_cast<std::ptrdiff_t>(options.max_late_steps),
            out.late_steps.end(), [](const late_step& a, const late_step& b) { return a.late_ms > b.late_ms; });
        out.late_steps.resize(options.max_late_steps);
        std::sort(out.late_steps.begin(), out.late_steps.end(),
                  [](const late_step& a, const late_step& b) { return a.step < b.step; });
    }
    if (!steps.empty()) {
        const double last_took = std::ceil((steps.back().shown_s - steps.back().due_s) / period_s - 1e-6); // refreshes
        out.missed_refreshes += last_took > 1 ? static_cast<std::size_t>(last_took) - 1 : 0;
        out.seconds = steps.back().shown_s - steps.front().due_s;
        const double between_s = steps.back().shown_s - steps.front().shown_s;
        out.achieved_hz = between_s > 0 ? static_cast<double>(steps.size() - 1) / between_s : 0;
        out.freezes_per_minute = out.seconds > 0 ? 60 * static_cast<double>(out.freezes.size()) / out.seconds : 0;
    }
    return out;
}

/// The same steps as a player would have begun them at `refresh_hz`: each when it is due and the one before is shown,
/// else at the next refresh. For runs as fast as possible. What a cache reads ahead in the time between is not in it.
/// Errors: invalid_value for a rate that is not positive.
inline std::vector<shown_step> paced_as_if(std::span<const shown_step> steps, double refresh_hz) {
    if (!(refresh_hz > 0) || !std::isfinite(refresh_hz)) {
        throw invalid_value("refresh_hz", detail::text("a refresh rate of ", refresh_hz,
                                                       " Hz was asked for; it must be positive; 60 is usual"));
    }
    std::vector<shown_step> out(steps.begin(), steps.end());
    double refresh = 0; // counted, so that nothing adds up
    for (shown_step& step : out) {
        const double took_s = (std::max)(0.0, step.shown_s - step.begin_s);
        step.due_s = refresh / refresh_hz;
        step.begin_s = step.due_s;
        step.shown_s = step.due_s + took_s;
        refresh += (std::max)(1.0, std::ceil(took_s * refresh_hz));
    }
    return out;
}

} // namespace fieldreel::inline v0

#endif
