// SPDX-License-Identifier: MIT
// Fields and overlays on one time line: fills a scene for any time, and shows it on any viewer.
#ifndef FIELDREEL_PLAYBACK_PLAYBACK_HPP
#define FIELDREEL_PLAYBACK_PLAYBACK_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/playback/step_report.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/space/space.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/viewer/scene.hpp>
#include <fieldreel/viewer/viewer.hpp>

namespace fieldreel::inline v0 {

/// The pipeline of a recording. Any number of fields of any rates, each with its own frames, play together by time;
/// overlays are built for the shown time alone. One thread at a time; the scenes it fills may go to others.
class playback {
public:
    playback() = default;
    playback(const playback&) = delete; // it owns its place in every source
    playback(playback&&) = default;
    playback& operator=(const playback&) = delete;
    playback& operator=(playback&&) = default;
    ~playback() = default;

    /// Adds a timed field. Errors: data_error when a frame has not one value per bin of the space, or the source has no
    /// times
    /// (`source | timed(times)`) or no frames.
    void add_field(const any_source& source, const any_space& space, field_style style) {
        if (source.frame_count() == 0) {
            throw data_error(
                detail::text("the field '", style.title, "' has no frames; a recording needs at least one"));
        }
        if (source.frame_size() != space.bin_count()) {
            throw data_error(detail::text("a frame of the field '", style.title, "' has ", source.frame_size(),
                                          " values and its space ", space.bin_count(),
                                          " active bins; give one value per active bin (x slow, y fast), or state the "
                                          "order of a full-grid field"));
        }
        if (!source.timed()) {
            throw data_error(detail::text("the field '", style.title,
                                          "' does not know its frames' times; use source | timed(times)"));
        }
        const std::size_t last = source.frame_count() - 1;
        const time_range range{source.time_s(0), source.time_s(last) + source.duration_s(last)};
        times_ = fields_.empty()
                     ? range
                     : time_range{(std::min)(times_.start_s, range.start_s), (std::max)(times_.stop_s, range.stop_s)};
        fields_.push_back({source, source.cursor(), space, std::make_shared<const field_style>(std::move(style))});
    }
    void add_overlay(any_overlay overlay) { overlays_.push_back(std::move(overlay)); }

    std::size_t field_count() const noexcept { return fields_.size(); }
    const any_source& source(std::size_t field = 0) const { return fields_.at(field).source; }
    const any_space& space(std::size_t field = 0) const { return fields_.at(field).space; }
    const field_style& style(std::size_t field = 0) const { return *fields_.at(field).style; }
    /// Takes effect with the next scene; scenes already filled keep theirs.
    void set_style(std::size_t field, field_style style) {
        fields_.at(field).style = std::make_shared<const field_style>(std::move(style));
    }
    std::span<const any_overlay> overlays() const noexcept { return overlays_; }
    /// From the first frame of any field to the end of the last.
    time_range times() const noexcept { return times_; }

    /// Fills `out` with the moment at `time_s`: for each field the frame valid then (none in gaps and outside), and all
    /// shapes. Errors: those of the sources. Cost: O(log frames) per field, a copy of its frame, and the overlays' own;
    /// no allocation when `out` was filled before.
    void fill(double time_s, scene& out) { fill(time_s, out, nullptr); }

    /// Fills the playback's own scene and presents it. Says where the time went.
    template <viewer V>
    step_report show(double time_s, V& surface) {
        FIELDREEL_TRACE_SPAN("step");
        step_report report;
        fill(time_s, scene_, &report);
        detail::lap_timer timer;
        surface.present(scene_);
        report.present_ms = timer.lap_ms();
        return report;
    }

    /// Tells every field's source where playing goes, so that caches read ahead. `velocity`: seconds of the recording
    /// per second, negative = backwards.
    void hint(double time_s, double velocity, play_mode mode, time_range range) {
        for (entry& f : fields_) {
            const std::size_t count = f.source.frame_count();
            const auto index = [&](double t) {
                return f.source.frame_at(t).value_or(t <= f.source.time_s(0) ? 0 : count - 1);
            };
            const double span_s = f.source.time_s(count - 1) - f.source.time_s(0);
            const double rate = count > 1 && span_s > 0 ? static_cast<double>(count - 1) / span_s : 0;
            f.cursor.hint({.frame = index(time_s),
                           .frames_per_s = velocity * rate,
                           .mode = mode,
                           .region = {index(range.start_s), index(range.stop_s) + 1}});
        }
    }

private:
    struct entry {
        any_source source;
        any_cursor cursor;
        any_space space;
        std::shared_ptr<const field_style> style;
    };

    void fill(double time_s, scene& out, step_report* report) {
        if (!std::isfinite(time_s)) {
            throw invalid_value("time_s",
                                detail::text("the scene at ", time_s, " s was asked for; give a finite time"));
        }
        std::optional<detail::lap_timer> timer;
        if (report != nullptr) {
            timer.emplace();
        }
        out.time_s = time_s;
        out.fields.resize(fields_.size());
        std::optional<std::size_t> first_frame;
        {
            FIELDREEL_TRACE_SPAN("source.read");
            for (std::size_t i = 0; i < fields_.size(); ++i) {
                entry& f = fields_[i];
                scene_field& to = out.fields[i];
                to.set_look(f.space, f.style);
                to.set_no_data(); // a source that throws leaves no stale values
                if (const auto frame = f.source.frame_at(time_s)) {
                    to.set_values(*frame, f.cursor.frame(*frame));
                }
                first_frame = i == 0 ? to.frame() : first_frame;
            }
        }
        if (report != nullptr) {
            report->read_ms = timer->lap_ms();
        }
        out.shapes.clear();
        if (!overlays_.empty()) {
            FIELDREEL_TRACE_SPAN("overlay.build");
            const moment now{time_s, first_frame, fields_.empty() ? any_space() : fields_.front().space};
            for (const any_overlay& overlay : overlays_) {
                overlay.build(now, out.shapes);
            }
        }
        if (report != nullptr) {
            report->overlay_ms = timer->lap_ms();
        }
    }

    std::vector<entry> fields_;
    std::vector<any_overlay> overlays_;
    time_range times_;
    scene scene_;
};

} // namespace fieldreel::inline v0

#endif
