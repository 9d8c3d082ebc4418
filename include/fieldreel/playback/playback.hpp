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

namespace detail {

/// The frame valid at a time, else the last one before it; before all of them the first. Cost: O(log frames).
inline std::size_t frame_at_or_before(const any_source& source, double time_s) {
    if (const auto valid = source.frame_at(time_s)) {
        return *valid;
    }
    std::size_t low = 0;
    for (std::size_t count = source.frame_count(); count > 1;) {
        const std::size_t half = count / 2;
        low += source.time_s(low + half) <= time_s ? half : 0;
        count -= half;
    }
    return low;
}

} // namespace detail

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
    /// frames or no times (`source | timed(times)`).
    void add_field(const any_source& source, const any_space& space, field_style style) {
        if (source.frame_count() == 0) {
            throw data_error(
                detail::text("the field '", style.title, "' has no frames; a recording needs at least one"));
        }
        if (!space) {
            throw data_error(detail::text("the field '", style.title,
                                          "' was given no space; pass the grid or cells that its values belong to"));
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
        const double first_s = source.time_s(0);
        const double last_s = source.time_s(last);
        const time_range range{first_s, last_s + source.duration_s(last)};
        const double frames_per_s = last_s > first_s ? static_cast<double>(last) / (last_s - first_s) : 0;
        fields_.push_back({source, source.cursor(), space, std::make_shared<const field_style>(std::move(style)),
                           range.stop_s, frames_per_s, std::nullopt, frame_range()});
        times_ = fields_.size() == 1
                     ? range
                     : time_range{(std::min)(times_.start_s, range.start_s), (std::max)(times_.stop_s, range.stop_s)};
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
    /// Others instead, the lowest first; with the next scene.
    void set_overlays(std::vector<any_overlay> overlays) { overlays_ = std::move(overlays); }
    /// From the first frame of any field to the end of the last.
    time_range times() const noexcept { return times_; }

    /// Fills `out` with the moment at `time_s`: for each field the frame valid then (none in gaps and outside; at the
    /// very end of a field its last one), and all shapes. Errors: invalid_value for a time that is not finite; those of
    /// the sources and overlays, after which `out` is a moment without what failed and what was to come after it.
    /// Cost: O(log frames) per field, a copy of its frame, and the overlays' own; no allocation when `out` was filled
    /// before.
    void fill(double time_s, scene& out) { fill(time_s, out, nullptr); }
    /// The same, and says where the time went; for hosts that present on another thread.
    void fill(double time_s, scene& out, step_report& report) { fill(time_s, out, &report); }

    /// Fills the playback's own scene and presents it. Says where the time went.
    template <viewer V>
    step_report show(double time_s, V& surface) {
        FIELDREEL_TRACE_SPAN("step");
        step_report report;
        fill(time_s, scene_, &report);
        if (trace::enabled()) { // by these two trace::late_frames names a step
            if (!scene_.fields.empty() && scene_.fields.front().frame()) {
                FIELDREEL_TRACE_COUNTER("step.frame", *scene_.fields.front().frame());
            }
            FIELDREEL_TRACE_COUNTER("step.time_s", time_s);
        }
        detail::lap_timer timer;
        surface.present(scene_);
        report.present_ms = timer.lap_ms();
        return report;
    }

    /// The scene that `show` filled last.
    const scene& shown() const noexcept { return scene_; }

    /// Tells every field's source where playing goes, so that caches read ahead. `velocity`: seconds of the recording
    /// per second, negative = backwards.
    void hint(double time_s, double velocity, play_mode mode, time_range range) {
        for (entry& f : fields_) {
            if (f.hinted != range) { // seldom: two searches are saved at every step
                f.region = {detail::frame_at_or_before(f.source, range.start_s),
                            detail::frame_at_or_before(f.source, range.stop_s) + 1};
                f.hinted = range;
            }
            f.cursor.hint({.frame = detail::frame_at_or_before(f.source, time_s),
                           .frames_per_s = velocity * f.frames_per_s,
                           .mode = mode,
                           .region = f.region});
        }
    }

private:
    struct entry {
        any_source source;
        any_cursor cursor;
        any_space space;
        std::shared_ptr<const field_style> style;
        double stop_s;                    ///< the end of the last frame
        double frames_per_s;              ///< on average
        std::optional<time_range> hinted; ///< the range that `region` was found for
        frame_range region;
    };

    /// What is wrong with its samples is said with its name.
    static void build(const any_overlay& overlay, const moment& now, canvas& out) {
        const auto who = [&] { return detail::text("the overlay '", overlay.name(), "': "); };
        try {
            overlay.build(now, out);
        } catch (const data_error& wrong) {
            throw data_error(who() + wrong.what(), wrong.index());
        } catch (const file_error& wrong) {
            throw file_error(wrong.path(), who() + wrong.what());
        }
    }
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
        out.shapes.clear();
        for (std::size_t i = 0; i < fields_.size(); ++i) { // a source that throws leaves nothing of another moment
            out.fields[i].set_look(fields_[i].space, fields_[i].style);
            out.fields[i].set_no_data();
        }
        std::optional<std::size_t> first_frame;
        {
            FIELDREEL_TRACE_SPAN("source.read");
            for (std::size_t i = 0; i < fields_.size(); ++i) {
                entry& f = fields_[i];
                scene_field& to = out.fields[i];
                const auto frame =
                    time_s == f.stop_s ? std::optional(f.source.frame_count() - 1) : f.source.frame_at(time_s);
                if (frame) {
                    to.set_values(*frame, f.cursor.frame(*frame));
                }
                first_frame = i == 0 ? to.frame() : first_frame;
            }
        }
        if (report != nullptr) {
            report->read_ms = timer->lap_ms();
        }
        if (!overlays_.empty()) {
            FIELDREEL_TRACE_SPAN("overlay.build");
            const moment now{time_s, first_frame, fields_.empty() ? any_space() : fields_.front().space};
            for (const any_overlay& overlay : overlays_) {
                build(overlay, now, out.shapes);
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
