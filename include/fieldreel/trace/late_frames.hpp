// SPDX-License-Identifier: MIT
// Which steps took too long, and the stage that made each of them late.
#ifndef FIELDREEL_TRACE_LATE_FRAMES_HPP
#define FIELDREEL_TRACE_LATE_FRAMES_HPP

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/trace/chrome_json.hpp>

namespace fieldreel::inline v0::trace {

/// Where late frames are looked for. The span `step` is one frame; within it, the counters `frame` and `time` tell
/// which (playback::show leaves both).
struct late_options {
    double limit_ms = 33.3; ///< steps that take longer are late
    std::string_view step = "step";
    std::string_view frame = "step.frame";
    std::string_view time = "step.time_s";
};

/// A step that took too long. `stage` is the name whose own time in it, without what is inside, is the largest.
struct late_frame {
    double frame = std::numeric_limits<double>::quiet_NaN();  ///< NaN: the step did not say
    double time_s = std::numeric_limits<double>::quiet_NaN(); ///< of the recording; NaN: the step did not say
    double start_ms = 0;                                      ///< of the trace
    double duration_ms = 0;
    std::string stage;
    double stage_ms = 0;
    unsigned tid = 0;
};

/// Units: milliseconds. Order: by thread, then time. Steps that had not ended count with what they had taken.
/// Errors: invalid_value for a limit that is not from 0 on. Cost: O(events).
inline std::vector<late_frame> late_frames(const std::vector<thread_events>& threads,
                                           const late_options& options = {}) {
    if (!(options.limit_ms >= 0)) {
        throw invalid_value("limit_ms", detail::text("limit_ms is ", options.limit_ms,
                                                     "; milliseconds from 0 on are allowed; leave it unset for 33.3"));
    }
    std::vector<late_frame> late;
    const auto limit_ns = static_cast<std::int64_t>((std::min)(options.limit_ms * 1e6, 9e18));
    const auto is = [](const event& e, std::string_view name) { return name == e.name; };
    for (const thread_events& thread : threads) {
        const std::vector<event>& events = thread.events;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const event& step = events[i];
            if (step.kind != event_kind::span || step.end_ns - step.start_ns <= limit_ns || !is(step, options.step)) {
                continue;
            }
            late_frame found;
            found.start_ms = static_cast<double>(step.start_ns) * 1e-6;
            found.duration_ms = static_cast<double>(step.end_ns - step.start_ns) * 1e-6;
            found.tid = thread.tid;
            std::unordered_map<std::string_view, std::int64_t> own{{step.name, step.end_ns - step.start_ns}};
            std::vector<std::string_view> open{step.name};
            std::size_t k = i + 1;
            for (; k < events.size() && events[k].depth > step.depth; ++k) {
                const event& e = events[k];
                if (e.kind == event_kind::span) {
                    open.resize(e.depth - step.depth);
                    own[open.back()] -= e.end_ns - e.start_ns;
                    own[e.name] += e.end_ns - e.start_ns;
                    open.push_back(e.name);
                } else if (e.kind == event_kind::counter && is(e, options.frame)) {
                    found.frame = e.value;
                } else if (e.kind == event_kind::counter && is(e, options.time)) {
                    found.time_s = e.value;
                }
            }
            std::int64_t most = -1;
            for (const auto& [name, ns] : own) {
                if (ns > most || (ns == most && name < found.stage)) {
                    most = ns;
                    found.stage = name;
                }
            }
            found.stage_ms = static_cast<double>(most) * 1e-6;
            late.push_back(std::move(found));
            i = k - 1; // a step within a step is a part of it
        }
    }
    return late;
}

/// "frame 1234 at 10:14.2: 41 ms, of which cache.miss 38 ms". Times are minutes:seconds of the recording, with hours
/// when there are any; a step that did not say which frame it is tells when it was in the trace.
inline std::string late_text(const late_frame& late) {
    const auto fixed = [](double value, int decimals) {
        char digits[64];
        const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals).ptr;
        return std::string(digits, end);
    };
    const auto ms = [&fixed](double value) { return fixed(value, value < 9.95 ? 1 : 0); };
    const auto clock = [](double seconds) {
        const auto tenths = static_cast<std::int64_t>(std::floor(std::abs(seconds) * 10 + 0.5));
        const auto two = [](std::int64_t n) { return detail::text(n < 10 ? "0" : "", n); };
        const std::int64_t minutes = tenths / 600;
        return detail::text(seconds < 0 ? "-" : "",
                            minutes < 60 ? detail::text(minutes) : detail::text(minutes / 60, ":", two(minutes % 60)),
                            ":", two(tenths / 10 % 60), ".", tenths % 10);
    };
    const bool timed = std::abs(late.time_s) < 1e15; // neither NaN nor nonsense
    const bool known = std::abs(late.frame) < 1e18;
    std::string out = known ? detail::text("frame ", fixed(late.frame, 0)) : std::string("a step");
    out += timed ? detail::text(" at ", clock(late.time_s)) : "";
    out += known || timed ? "" : detail::text(" at ", fixed(late.start_ms, 1), " ms of the trace");
    return detail::text(out, ": ", ms(late.duration_ms), " ms, of which ", late.stage, " ", ms(late.stage_ms), " ms");
}

} // namespace fieldreel::inline v0::trace

#endif
