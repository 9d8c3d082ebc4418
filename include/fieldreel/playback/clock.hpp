// SPDX-License-Identifier: MIT
// Which time of the recording is due: play, pause, seek, speed, loop. Knows no timer: the host says what time it is.
#ifndef FIELDREEL_PLAYBACK_CLOCK_HPP
#define FIELDREEL_PLAYBACK_CLOCK_HPP

#include <algorithm>
#include <cmath>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// Maps the host's time to the recording's. Every member takes `now_s`, the host's own steady clock in seconds (its
/// zero does not matter), so that tests and exports run without waiting. Nothing accumulates: a time shown is computed
/// from the last change.
class clock {
public:
    /// Stands at the range's start, paused, speed 1. Errors: invalid_value for a range that is not finite or reversed.
    explicit clock(time_range range, play_mode mode = play_mode::once) : mode_(mode) {
        set_range(range, 0);
        offset_ = 0;
    }

    bool playing() const noexcept { return playing_; }
    double speed() const noexcept { return speed_; }
    play_mode mode() const noexcept { return mode_; }
    time_range range() const noexcept { return range_; }

    /// The time to show. Units: seconds of the recording.
    double time_s(double now_s) const noexcept {
        const double inside = folded(unfolded(now_s));
        return inside < length() ? (std::min)(range_.start_s + inside, range_.stop_s) : range_.stop_s;
    }
    /// True in mode `once` when the end (or, backwards, the start) is reached.
    bool finished(double now_s) const noexcept {
        const double u = unfolded(now_s);
        return playing_ && mode_ == play_mode::once && (speed_ > 0 ? u >= length() : u <= 0);
    }
    /// Seconds of the recording per second of the host, with its sign: what sources are told to read ahead by.
    double velocity(double now_s) const noexcept {
        if (!playing_ || finished(now_s)) {
            return 0;
        }
        return returning(now_s) ? -speed_ : speed_;
    }

    void play(double now_s) noexcept {
        anchor(now_s);
        if (mode_ == play_mode::once) { // from the end, play starts over
            if (speed_ > 0 && offset_ >= length()) {
                offset_ = 0;
            } else if (speed_ < 0 && offset_ <= 0) {
                offset_ = length();
            }
        }
        playing_ = true;
    }
    void pause(double now_s) noexcept {
        anchor(now_s);
        playing_ = false;
    }
    /// Jumps; a time outside the range is the nearest one inside. Ping-pong keeps its direction.
    /// Errors: invalid_value for NaN.
    void seek(double time_s, double now_s) {
        if (std::isnan(time_s)) {
            throw invalid_value("time_s", "a seek to NaN was asked for; give a time in seconds");
        }
        jump(time_s, now_s, returning(now_s));
    }
    /// Negative plays backwards. Errors: invalid_value for 0 (pause instead), NaN and infinities.
    void set_speed(double speed, double now_s) {
        if (!std::isfinite(speed) || speed == 0) {
            throw invalid_value("speed",
                                detail::text("a speed of ", speed,
                                             " was asked for; it must be finite and not 0; pause to stand still"));
        }
        anchor(now_s);
        speed_ = speed;
    }
    void set_mode(play_mode mode, double now_s) noexcept {
        const double shown = time_s(now_s);
        mode_ = mode;
        now_s_ = now_s;
        offset_ = shown - range_.start_s;
    }
    /// The part that is played. The shown time stays where it is, or moves to the nearest end; ping-pong keeps its
    /// direction.
    /// Errors: invalid_value for a range that is not finite or reversed.
    void set_range(time_range range, double now_s) {
        if (!std::isfinite(range.start_s) || !std::isfinite(range.stop_s) || range.stop_s < range.start_s) {
            throw invalid_value("range",
                                detail::text("a range from ", range.start_s, " s to ", range.stop_s,
                                             " s was asked for; both must be finite and the start not after the stop"));
        }
        const double shown = time_s(now_s);
        const bool back = returning(now_s);
        range_ = range;
        jump(shown, now_s, back);
    }

private:
    double length() const noexcept { return range_.stop_s - range_.start_s; }
    static double wrapped(double u, double period) noexcept {
        return period > 0 ? u - std::floor(u / period) * period : 0;
    }
    /// Seconds from the range's start as if the range never ended.
    double unfolded(double now_s) const noexcept { return playing_ ? offset_ + (now_s - now_s_) * speed_ : offset_; }
    double folded(double u) const noexcept {
        switch (mode_) {
        case play_mode::loop: return (std::min)(wrapped(u, length()), length());
        case play_mode::ping_pong: {
            const double w = wrapped(u, 2 * length());
            return w <= length() ? w : 2 * length() - w;
        }
        case play_mode::once:
        case play_mode::scrub: break;
        }
        return (std::clamp)(u, 0.0, length());
    }
    /// On the way back of ping-pong: the second half of its period.
    bool returning(double now_s) const noexcept {
        return mode_ == play_mode::ping_pong && length() > 0 &&
               std::fmod(wrapped(unfolded(now_s), 2 * length()), 2 * length()) >= length();
    }
    void jump(double time_s, double now_s, bool back) noexcept {
        now_s_ = now_s;
        offset_ = (std::clamp)(time_s, range_.start_s, range_.stop_s) - range_.start_s;
        if (back) {
            offset_ = 2 * length() - offset_;
        }
    }
    /// Makes now the moment from which the shown time is computed. Ping-pong keeps its phase.
    void anchor(double now_s) noexcept {
        const double u = unfolded(now_s);
        offset_ = mode_ == play_mode::ping_pong ? wrapped(u, 2 * length()) : folded(u);
        now_s_ = now_s;
    }

    time_range range_;
    play_mode mode_;
    bool playing_ = false;
    double speed_ = 1;
    double now_s_ = 0;  ///< the host's time of the last change
    double offset_ = 0; ///< the unfolded time then
};

} // namespace fieldreel::inline v0

#endif
