// SPDX-License-Identifier: MIT
// Plays a playback on a viewer for programs that have no loop of their own.
#ifndef FIELDREEL_PLAYBACK_PLAYER_HPP
#define FIELDREEL_PLAYBACK_PLAYER_HPP

#include <algorithm>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <optional>
#include <thread>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/playback/clock.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/playback/stutter.hpp>
#include <fieldreel/viewer/viewer.hpp>

namespace fieldreel::inline v0 {

/// A clock that can be waited on. Tests pass one of their own that does not wait. Units: seconds.
template <class T>
concept time_source = requires(T& timer, double until_s) {
    { timer.now_s() } -> std::convertible_to<double>;
    timer.wait_until(until_s);
};

/// The machine's steady clock.
struct steady_time {
    double now_s() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    }
    void wait_until(double until_s) const {
        std::this_thread::sleep_until(std::chrono::steady_clock::time_point(
            std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(until_s))));
    }
};

/// `real_time`: shows what is due, skipping frames there is no time for. `every_frame`: shows every frame of the first
/// field, one per refresh at most and never faster than the speed asks, however long it takes; gaps last as long as
/// they did. The player's clock then only gives the range.
enum class pacing : unsigned char { real_time, every_frame };

struct play_options {
    double speed = 1; ///< seconds of the recording per second; negative = backwards
    play_mode mode = play_mode::once;
    fieldreel::pacing pacing = fieldreel::pacing::real_time;
    double refresh_hz = 60;                               ///< how often a scene is shown, at most
    std::optional<time_range> range = {};                 ///< unset: the whole recording
    std::optional<double> start_s = {};                   ///< unset: the start of the range, backwards its end
    std::size_t max_steps = static_cast<std::size_t>(-1); ///< scenes; modes other than `once` end by this alone
};

/// What a player did.
struct play_report {
    std::size_t shown = 0;      ///< scenes presented
    std::size_t late = 0;       ///< of them, ready only after the next one was due
    double longest_step_ms = 0; ///< by the time source
};

/// A playback, a clock and a loop body: `while (player.step(viewer)) {}`.
template <time_source TimeSource = steady_time>
class player {
public:
    /// The playback must outlive the player. Errors: invalid_value for speed 0, a reversed range, refresh_hz not
    /// positive.
    player(playback& what, const play_options& options = {}, TimeSource timer = {})
        : playback_(what),
          options_(options),
          timer_(std::move(timer)),
          clock_(options.range.value_or(what.times()), options.mode) {
        if (!(options.refresh_hz > 0) || !std::isfinite(options.refresh_hz)) {
            throw invalid_value("refresh_hz", detail::text("a refresh rate of ", options.refresh_hz,
                                                           " Hz was asked for; it must be positive; 60 is usual"));
        }
        const double now = timer_.now_s();
        clock_.set_speed(options.speed, now);
        const double start_s =
            options.start_s.value_or(options.speed > 0 ? clock_.range().start_s : clock_.range().stop_s);
        clock_.seek(start_s, now);
        if (options.pacing == pacing::every_frame) {
            select_frames(start_s);
        }
        clock_.play(now);
        due_s_ = now;
    }

    /// Waits until the next scene is due and shows it. False when playing has ended.
    template <viewer V>
    bool step(V& surface) {
        if (ended_ || report_.shown >= options_.max_steps) {
            return false;
        }
        timer_.wait_until(due_s_);
        const double begin_s = timer_.now_s();
        const double period_s = 1 / options_.refresh_hz;
        double wait_s = period_s;
        if (options_.pacing == pacing::every_frame) {
            const double shown_s = frame_time();
            playback_.hint(shown_s, forwards_ ? std::abs(options_.speed) : -std::abs(options_.speed), options_.mode,
                           clock_.range());
            last_shown_ = {due_s_, begin_s, begin_s, shown_s, shown_step::no_frame, playback_.show(shown_s, surface),
                           {}};
            const double frame_s = playback_.source().duration_s(frame_);
            const std::size_t before = frame_;
            ended_ = !advance();
            // To the next frame's time; at the ends of the range for as long as the frame lasts.
            const bool onwards = frame_ != before && (frame_ > before) == forwards_;
            wait_s =
                (std::max)(period_s, (onwards ? std::abs(frame_time() - shown_s) : frame_s) / std::abs(options_.speed));
        } else {
            playback_.hint(clock_.time_s(begin_s), clock_.velocity(begin_s), options_.mode, clock_.range());
            const double shown_s = clock_.time_s(begin_s);
            last_shown_ = {due_s_, begin_s, begin_s, shown_s, shown_step::no_frame, playback_.show(shown_s, surface),
                           {}};
            ended_ = clock_.finished(begin_s);
        }
        const double end_s = timer_.now_s();
        last_shown_.shown_s = end_s;
        if (playback_.field_count() > 0) {
            last_shown_.frame = playback_.shown().fields.front().frame().value_or(shown_step::no_frame);
        }
        ++report_.shown;
        report_.late += end_s > due_s_ + wait_s ? 1 : 0;
        report_.longest_step_ms = (std::max)(report_.longest_step_ms, 1000 * (end_s - begin_s));
        due_s_ += options_.pacing == pacing::every_frame
                      ? (std::max)(wait_s, end_s - due_s_)
                      : wait_s * (std::max)(1.0, std::ceil((end_s - due_s_) / wait_s));
        return !ended_ && report_.shown < options_.max_steps;
    }

    fieldreel::clock& clock() noexcept { return clock_; }
    const play_report& report() const noexcept { return report_; }
    /// The step made last, for find_program_stutter; what it waited for is not measured.
    const shown_step& last() const noexcept { return last_shown_; }

private:
    double frame_time() const { return playback_.source().time_s(frame_); }
    /// The frames whose times lie in the range; where there is none, the one before it.
    void select_frames(double start_s) {
        if (playback_.field_count() == 0) {
            throw invalid_value("pacing",
                                "every_frame was asked of a playback without a field; add a field or use real_time");
        }
        const any_source& source = playback_.source();
        const auto first_from = [&](double time_s) { // the first frame at or after a time, else the last
            const std::size_t i = detail::frame_at_or_before(source, time_s);
            return source.time_s(i) < time_s && i + 1 < source.frame_count() ? i + 1 : i;
        };
        forwards_ = options_.speed > 0;
        last_ = detail::frame_at_or_before(source, clock_.range().stop_s);
        first_ = (std::min)(first_from(clock_.range().start_s), last_);
        const std::size_t start = forwards_ ? first_from(start_s) : detail::frame_at_or_before(source, start_s);
        frame_ = (std::clamp)(start, first_, last_);
    }
    /// To the next frame by direction and mode; false at the end.
    bool advance() {
        if (frame_ != (forwards_ ? last_ : first_)) {
            frame_ = forwards_ ? frame_ + 1 : frame_ - 1;
            return true;
        }
        if (options_.mode == play_mode::loop) {
            frame_ = forwards_ ? first_ : last_;
            return true;
        }
        if (options_.mode == play_mode::ping_pong) {
            forwards_ = !forwards_;
            if (first_ != last_) {
                frame_ = forwards_ ? frame_ + 1 : frame_ - 1;
            }
            return true;
        }
        return false;
    }

    playback& playback_;
    play_options options_;
    TimeSource timer_;
    fieldreel::clock clock_;
    play_report report_;
    shown_step last_shown_;
    double due_s_ = 0;
    bool ended_ = false;
    std::size_t first_ = 0; ///< mode every_frame: the first field's frames [first_, last_] are shown, frame_ is next
    std::size_t last_ = 0;
    std::size_t frame_ = 0;
    bool forwards_ = true;
};

/// Plays until the end (mode once) or for max_steps. The one call for programs that have no loop.
template <viewer V, time_source TimeSource = steady_time>
play_report play(playback& what, V& surface, const play_options& options = {}, TimeSource timer = {}) {
    player<TimeSource> running(what, options, std::move(timer));
    while (running.step(surface)) {
    }
    return running.report();
}

} // namespace fieldreel::inline v0

#endif
