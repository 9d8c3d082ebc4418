// SPDX-License-Identifier: MIT
// What a viewer's play controls do: play, step, shuttle, speed, in and out, bookmarks, events, scrubbing. No window.
#ifndef FIELDREEL_WINDOW_TRANSPORT_HPP
#define FIELDREEL_WINDOW_TRANSPORT_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/ticks.hpp>
#include <fieldreel/playback/clock.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/playback/player.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/window/bookmarks.hpp>
#include <fieldreel/window/frame_counts.hpp>
#include <fieldreel/window/marked_track.hpp>
#include <fieldreel/window/transport_words.hpp>

namespace fieldreel::inline v0 {

struct transport_options {
    double scrub_period_s = 0.05;   ///< while the mouse drags, a new scene is asked for at most this often
    double around_s = 0.5;          ///< "play around": seconds of the recording shown before and after
    double around_speed = 1.0 / 16; ///< and how fast
    double frame_s = 1.0 / 30;      ///< one step where there are no frames
    double shortest_gap_s = 0.5;    ///< shorter gaps are not skipped
    double count_period_s = 0.5;    ///< how often the counts of shown frames are told anew
    double return_grace_s = 0.5;    ///< while playing, "previous" passes over what came less than this ago
    double fastest_shuttle = 64;    ///< J and L double no further
};

/// What a viewer has to do now.
struct due_scene {
    double time_s = 0;     ///< the moment to ask for
    double playhead_s = 0; ///< where the playhead is drawn: under the mouse while it drags
    double velocity = 0;   ///< seconds of the recording per second, negative = backwards: for playback::hint
    play_mode mode = play_mode::once;
    time_range range = {}; ///< what is played: in to out
};

/// The state of a viewer's play controls. Every member that depends on it takes `now_s`, the host's steady clock in
/// seconds. Once per turn of its loop the host calls `tick`, has the scene of `due_scene::time_s` made, and says by
/// `shown` which one it has put on the screen.
///
/// In and out bound what is played; standing, any time of the recording can be looked at. Of the frames only times are
/// asked, never values: where these times lie in a file, tick may have to wait for the disk, so a window gives
/// `times_in_memory(source)` (frame_times.hpp) as soon as a thread has made it.
class transport {
public:
    /// Stands at the start. Errors: invalid_value for times that are not finite or reversed; data_error for frames
    /// without times.
    explicit transport(time_range times, std::optional<any_source> frames = {}, const transport_options& options = {})
        : options_(options), all_(times), clock_(times), still_s_(times.start_s), asked_s_(times.start_s) {
        set_frames(std::move(frames));
    }
    /// The times of a playback and the frames of its first field.
    explicit transport(const playback& what, const transport_options& options = {})
        : transport(what.times(), what.field_count() > 0 ? std::optional(what.source()) : std::nullopt, options) {}

    /// Other frames, or the same with their times elsewhere. The shown time stays.
    void set_frames(std::optional<any_source> frames) {
        if (frames && !frames->timed()) {
            throw data_error("the frames of a transport have no times; use source | timed(times)");
        }
        const double at_s = playing_ && by_frames() ? frames_->time_s(frame_) : asked_s_;
        frames_ = frames && frames->frame_count() > 0 ? std::move(frames) : std::nullopt;
        frames_per_s_ = measured_rate();
        frame_ = frames_ ? detail::frame_at_or_before(*frames_, at_s) : 0;
        waits_for_shown_ = true;
        counter_.jumped();
    }

    // ---- where it is ----
    time_range times() const noexcept { return all_; }
    bool playing() const noexcept { return playing_; }
    bool scrubbing() const noexcept { return scrub_.has_value(); }
    /// True while "play around" shows its stretch.
    bool playing_around() const noexcept { return around_.has_value(); }
    /// The shown time, and the playhead's. Units: seconds of the recording.
    double position_s(double now_s) const {
        return scrub_        ? scrub_->mouse_s
               : !playing_   ? still_s_
               : by_frames() ? frames_->time_s(frame_)
                             : clock_.time_s(now_s);
    }
    /// The frame valid at the shown time; nothing in gaps, outside, and without frames.
    std::optional<std::size_t> frame(double now_s) const {
        return frames_ ? frame_at(position_s(now_s)) : std::nullopt;
    }
    std::size_t frame_count() const { return frames_ ? frames_->frame_count() : 0; }
    /// Seconds of the recording per second, with its sign; 0 while it stands.
    double velocity(double now_s) const {
        if (!playing_) {
            return 0;
        }
        return by_frames() ? (going_back() ? -std::abs(speed()) : std::abs(speed())) : clock_.velocity(now_s);
    }

    // ---- playing ----
    /// Plays on in the direction chosen last; from the end (backwards, the start) and from outside of in and out it
    /// starts over.
    void play(double now_s) {
        if (playing_) {
            return;
        }
        if (scrub_) {
            still_s_ = scrub_->mouse_s;
            scrub_.reset();
        }
        const time_range range = played_range();
        const bool inside = still_s_ >= range.start_s && still_s_ <= range.stop_s;
        clock_.set_mode(played_mode(), now_s);
        clock_.set_range(range, now_s);
        clock_.set_speed(speed(), now_s);
        turned_ = false;
        const bool again = inside && at_end(still_s_);
        place(inside && !again ? still_s_ : backwards_ ? range.stop_s : range.start_s, now_s);
        clock_.play(now_s);
        playing_ = true;
        reset_counts(now_s);
    }
    /// Stands; "play around" can go on by `play`.
    void pause(double now_s) {
        if (scrub_) {
            scrub_->was_playing = false; // it stands as soon as the mouse is let go
            return;
        }
        still_s_ = position_s(now_s);
        playing_ = false;
        shuttle_ = 1;
    }
    void toggle_play(double now_s) {
        if (playing_) {
            pause(now_s);
        } else {
            play(now_s);
        }
    }
    /// L: plays forwards; again: twice as fast, and so on.
    void shuttle_forward(double now_s) { shuttle(false, now_s); }
    /// J: the same backwards.
    void shuttle_backward(double now_s) { shuttle(true, now_s); }
    /// K.
    void shuttle_stop(double now_s) { pause(now_s); }

    /// The speed chosen, times 2, 4, … by J and L, with its sign.
    double speed() const noexcept { return (backwards_ ? -1 : 1) * base_ * shuttle_; }
    /// The same without what J, L and "play around" made of it for now.
    double chosen_speed() const noexcept {
        return around_ ? (around_->backwards ? -around_->base : around_->base) : backwards_ ? -base_ : base_;
    }
    /// Errors: invalid_value for 0, NaN and infinities.
    void set_speed(double speed, double now_s) {
        if (!std::isfinite(speed) || speed == 0) {
            clock_.set_speed(speed, now_s); // its sentence
        }
        change_speed(std::abs(speed), 1, speed < 0, now_s);
    }
    /// "1/4", "2x". Errors: as speed_named; then nothing changes.
    void set_speed(std::string_view words, double now_s) { set_speed(speed_named(words), now_s); }
    /// The next one of the list. At its end nothing changes.
    void faster(double now_s) {
        const double size = std::abs(speed()) * (1 + 1e-9);
        const auto found = std::upper_bound(listed_speeds.begin(), listed_speeds.end(), size);
        if (found != listed_speeds.end()) {
            change_speed(*found, 1, backwards_, now_s);
        }
    }
    void slower(double now_s) {
        const double size = std::abs(speed()) * (1 - 1e-9);
        const auto found = std::lower_bound(listed_speeds.begin(), listed_speeds.end(), size);
        if (found != listed_speeds.begin()) {
            change_speed(*(found - 1), 1, backwards_, now_s);
        }
    }
    /// 1x in the direction chosen last.
    void normal_speed(double now_s) { change_speed(1, 1, backwards_, now_s); }
    /// Frames that pass per second at a speed; 0 without frames.
    double frames_per_s(double speed) const noexcept { return std::abs(speed) * frames_per_s_; }
    /// "1/4x = 31 frames/s", without frames "1/4x".
    std::string speed_text(double speed) const {
        std::string out = name_of_speed(speed);
        if (const double rate = frames_per_s(speed); rate > 0) {
            out += " = ";
            append_number(out, rate < 9.95 ? rate : std::round(rate), rate < 9.95 ? 2 : 15);
            out += " frames/s";
        }
        return out;
    }
    std::string speed_text() const { return speed_text(speed()); }

    play_mode mode() const noexcept { return mode_; }
    void set_mode(play_mode mode, double now_s) {
        end_around(now_s);
        mode_ = mode;
        turned_ = false;
        clock_.set_mode(mode, now_s);
    }
    /// once -> loop -> ping-pong -> once.
    void next_mode(double now_s) {
        set_mode(mode_ == play_mode::once   ? play_mode::loop
                 : mode_ == play_mode::loop ? play_mode::ping_pong
                                            : play_mode::once,
                 now_s);
    }
    fieldreel::pacing pacing() const noexcept { return pacing_; }
    /// Without frames every_frame is as real_time.
    void set_pacing(fieldreel::pacing pacing, double now_s) {
        const double at_s = position_s(now_s);
        const bool back = velocity(now_s) < 0;
        pacing_ = pacing;
        turned_ = by_frames() && back != backwards_;
        place(at_s, now_s);
        reset_counts(now_s);
    }
    bool skips_gaps() const noexcept { return skip_gaps_; }
    /// While it plays, stretches without a frame are passed over at once.
    void set_skip_gaps(bool skip) noexcept { skip_gaps_ = skip; }

    // ---- going elsewhere ----
    /// A time outside the recording is its nearest end; while it plays, outside of in and out theirs.
    /// Errors: invalid_value for NaN.
    void seek(double time_s, double now_s) {
        if (std::isnan(time_s)) {
            clock_.seek(time_s, now_s); // its sentence
        }
        end_around(now_s);
        last_around_s_.reset();
        scrub_.reset();
        go(time_s, now_s);
    }
    void seek_by(double seconds, double now_s) { seek(position_s(now_s) + seconds, now_s); }
    /// So many frames on (negative: back), and stands there, at the frame's start. From the middle of a gap, one back
    /// is the frame before it.
    void step(std::ptrdiff_t frames, double now_s) {
        pause(now_s);
        if (!frames_) {
            seek(still_s_ + static_cast<double>(frames) * options_.frame_s, now_s);
            return;
        }
        const auto last = static_cast<std::ptrdiff_t>(frames_->frame_count()) - 1;
        auto at = static_cast<std::ptrdiff_t>(detail::frame_at_or_before(*frames_, still_s_));
        if (still_s_ < frames_->time_s(0) && frames > 0) {
            --at; // before the first one
        }
        if (frames < 0 && still_s_ > frames_->time_s(static_cast<std::size_t>(at)) && !frame_at(still_s_)) {
            ++at;
        }
        seek(frames_->time_s(static_cast<std::size_t>((std::clamp)(at + frames, std::ptrdiff_t{0}, last))), now_s);
    }
    /// Home: the in point; from there, the start of the recording.
    void go_first(double now_s) {
        const double in_s = range().start_s;
        seek(position_s(now_s) == in_s ? all_.start_s : in_s, now_s);
    }
    /// End: the out point; from there, the end of the recording.
    void go_last(double now_s) {
        const double out_s = range().stop_s;
        seek(position_s(now_s) == out_s ? all_.stop_s : out_s, now_s);
    }
    /// "75.3s", "1:15.3", "#1234". Errors: as time_named; then nothing changes.
    void go_to(std::string_view words, double now_s) { seek(time_named(words, all_, frames_), now_s); }

    // ---- in and out ----
    /// What is played: in to out, where they are set.
    time_range range() const noexcept { return {in_s_.value_or(all_.start_s), out_s_.value_or(all_.stop_s)}; }
    std::optional<double> in_s() const noexcept { return in_s_; }
    std::optional<double> out_s() const noexcept { return out_s_; }
    /// The start of the frame at a time becomes the in point; an out point before it is cleared.
    void set_in(double time_s, double now_s) {
        double at_s = inside(time_s);
        if (const auto frame = frames_ ? frame_at(at_s) : std::nullopt) {
            at_s = (std::max)(frames_->time_s(*frame), all_.start_s);
        }
        in_s_ = at_s;
        out_s_ = out_s_ && *out_s_ < at_s ? std::nullopt : out_s_;
        range_changed(now_s);
    }
    /// The last moment of the frame at a time becomes the out point, so that this frame is the last one shown; an in
    /// point after it is cleared.
    void set_out(double time_s, double now_s) {
        double at_s = inside(time_s);
        if (const auto frame = frames_ ? frame_at(at_s) : std::nullopt) {
            at_s = (std::min)(last_moment(*frame), all_.stop_s);
        }
        out_s_ = at_s;
        in_s_ = in_s_ && *in_s_ > at_s ? std::nullopt : in_s_;
        range_changed(now_s);
    }
    /// I and O.
    void set_in_here(double now_s) { set_in(position_s(now_s), now_s); }
    void set_out_here(double now_s) { set_out(position_s(now_s), now_s); }
    /// Both, exactly as given, cut to the recording. Errors: invalid_value for a range that is not finite or reversed.
    void set_in_out(time_range range, double now_s) { set_in_out_points(range.start_s, range.stop_s, now_s); }
    /// The same where one of them may be unset.
    void set_in_out_points(std::optional<double> in_s, std::optional<double> out_s, double now_s) {
        const double first_s = in_s.value_or((std::min)(all_.start_s, out_s.value_or(all_.start_s)));
        fieldreel::clock checked({first_s, out_s.value_or((std::max)(all_.stop_s, first_s))});
        in_s_ = in_s ? std::optional(inside(*in_s)) : std::nullopt;
        out_s_ = out_s ? std::optional(inside(*out_s)) : std::nullopt;
        range_changed(now_s);
    }
    void clear_in_out(double now_s) {
        in_s_.reset();
        out_s_.reset();
        range_changed(now_s);
    }

    // ---- bookmarks ----
    std::span<const bookmark> bookmarks() const noexcept { return bookmarks_.all(); } ///< by time
    /// Errors: data_error for a time that is not finite.
    void set_bookmarks(std::vector<bookmark> bookmarks) { bookmarks_.assign(std::move(bookmarks)); }
    /// At the shown time. False when its frame has one already.
    bool add_bookmark(double now_s, std::string name = {}) {
        if (bookmark_here(now_s)) {
            return false;
        }
        bookmarks_.add({position_s(now_s), std::move(name)});
        return true;
    }
    /// The number of the one at the shown time or in the shown frame.
    std::optional<std::size_t> bookmark_here(double now_s) const {
        const double at_s = position_s(now_s);
        const auto here = frames_ ? frame_at(at_s) : std::nullopt;
        for (std::size_t i = 0; i < bookmarks().size(); ++i) {
            const double time_s = bookmarks()[i].time_s;
            if (time_s == at_s || (here && frame_at(time_s) == here)) {
                return i;
            }
        }
        return std::nullopt;
    }
    /// False when there is none of this number.
    bool remove_bookmark(std::size_t i) { return bookmarks_.remove(i); }
    /// Goes to the next one after the shown time and says which; nothing when there is none.
    std::optional<std::size_t> next_bookmark(double now_s) { return visit(bookmarks_.next(position_s(now_s)), now_s); }
    std::optional<std::size_t> previous_bookmark(double now_s) {
        return visit(bookmarks_.previous(before_here(now_s)), now_s);
    }

    // ---- events and intervals ----
    std::span<const marked_track> tracks() const noexcept { return tracks_; }
    /// The first one becomes the active one.
    void set_tracks(std::vector<marked_track> tracks) {
        tracks_ = std::move(tracks);
        active_track_ = 0;
    }
    /// The number of the track that next and previous go by.
    std::size_t active_track() const noexcept { return active_track_; }
    /// Errors: invalid_value for a number that there is not.
    void set_active_track(std::size_t track) {
        if (track >= tracks_.size()) {
            throw invalid_value("track", detail::text("track ", track, " was asked for; there are ", tracks_.size(),
                                                      " (numbered from 0)"));
        }
        active_track_ = track;
    }
    /// Goes to the next one of the active track and says where it is; nothing when there is none.
    std::optional<time_range> next_event(double now_s) { return jump(event_after(position_s(now_s)), now_s); }
    std::optional<time_range> previous_event(double now_s) { return jump(event_before(before_here(now_s)), now_s); }
    /// E: plays from a little before the next one to a little after it, slowly, then stands; speed, mode, in and out
    /// are as before. Again: the one after that.
    std::optional<time_range> play_around_next(double now_s) {
        const auto next = event_after(last_around_s_.value_or(position_s(now_s)));
        if (!next) {
            return std::nullopt;
        }
        const bool was_playing = around_ ? around_->was_playing : playing_;
        seek(next->start_s - options_.around_s, now_s); // ends an earlier one
        pause(now_s);
        around_ = excursion{{inside(next->start_s - options_.around_s), inside(next->stop_s + options_.around_s)},
                            base_,
                            backwards_,
                            was_playing};
        last_around_s_ = next->start_s;
        base_ = options_.around_speed;
        backwards_ = false;
        still_s_ = around_->window.start_s;
        play(now_s);
        return next;
    }

    // ---- scrubbing ----
    /// The mouse is pressed on the timeline: playing waits.
    void begin_scrub(double time_s, double now_s) {
        const double from_s = position_s(now_s);
        end_around(now_s);
        const bool was_playing = playing_;
        last_around_s_.reset();
        still_s_ = from_s;
        playing_ = false;
        scrub_ = scrub{inside(time_s), from_s, -std::numeric_limits<double>::infinity(), was_playing};
    }
    void drag_scrub(double time_s) noexcept {
        if (scrub_ && !std::isnan(time_s)) {
            scrub_->mouse_s = inside(time_s);
        }
    }
    /// The mouse is let go: the frame under it is shown, whatever was asked for before. Playing goes on from there
    /// when that is within in and out, and not at the end.
    void end_scrub(double now_s) {
        if (scrub_) {
            finish_scrub(scrub_->mouse_s, now_s);
        }
    }
    /// Esc: back to where the mouse was pressed.
    void cancel_scrub(double now_s) {
        if (scrub_) {
            finish_scrub(scrub_->from_s, now_s);
        }
    }

    // ---- the host's loop ----
    /// Once per turn of the loop. Errors: those of the frames, where their times lie in a file. Cost: O(log frames), no
    /// allocation.
    due_scene tick(double now_s) {
        if (playing_) {
            if (by_frames()) {
                tick_frames(now_s);
            } else {
                tick_clock(now_s);
            }
        }
        if (playing_) {
            counter_.tell(now_s, options_.count_period_s);
        }
        due_scene out{position_s(now_s), position_s(now_s), velocity(now_s), played_mode(), played_range()};
        if (scrub_) {
            if (scrub_->mouse_s != asked_s_ && now_s - scrub_->asked_at_s >= options_.scrub_period_s) {
                asked_s_ = scrub_->mouse_s;
                scrub_->asked_at_s = now_s;
            }
            out.time_s = asked_s_;
            out.mode = play_mode::scrub;
        }
        asked_s_ = out.time_s;
        return out;
    }
    /// The scene of this time is on the screen (also when its source failed). With pacing::every_frame the next frame
    /// comes only then.
    void shown(double time_s) {
        if (!playing_ || !frames_) {
            return;
        }
        if (by_frames()) {
            waits_for_shown_ = waits_for_shown_ && time_s != frames_->time_s(frame_);
        }
        counter_.shown(detail::frame_at_or_before(*frames_, time_s));
    }
    /// Since playing began, or speed or pacing changed.
    frame_counts counts() const noexcept { return counter_.counts(); }
    /// "showing 1 of 8 frames"; empty while all are shown. It changes at most every `count_period_s`.
    const std::string& count_text() const noexcept { return counter_.text(); }

private:
    struct scrub {
        double mouse_s;
        double from_s;
        double asked_at_s; ///< the host's time
        bool was_playing;
    };
    struct excursion {
        time_range window;
        double base; ///< what to go back to
        bool backwards;
        bool was_playing;
    };

    double inside(double time_s) const noexcept { return (std::clamp)(time_s, all_.start_s, all_.stop_s); }
    bool by_frames() const noexcept { return pacing_ == fieldreel::pacing::every_frame && frames_; }
    bool going_back() const noexcept { return backwards_ != turned_; }
    play_mode played_mode() const noexcept { return around_ ? play_mode::once : mode_; }
    time_range played_range() const noexcept { return around_ ? around_->window : range(); }
    /// As playback::fill has it: at the very end of the field its last frame.
    std::optional<std::size_t> frame_at(double time_s) const {
        const std::size_t last = frames_->frame_count() - 1;
        const auto found = frames_->frame_at(time_s);
        return !found && time_s == frames_->time_s(last) + frames_->duration_s(last) ? std::optional(last) : found;
    }
    double last_moment(std::size_t frame) const {
        const double stop_s = frames_->time_s(frame) + frames_->duration_s(frame);
        return std::nextafter(stop_s, frames_->time_s(frame));
    }
    /// One over the median duration of a few frames: gaps do not count.
    double measured_rate() const {
        if (!frames_) {
            return 0;
        }
        constexpr std::size_t places = 9;
        std::array<double, places> durations{};
        for (std::size_t k = 0; k < places; ++k) {
            durations[k] = frames_->duration_s((frames_->frame_count() - 1) / (places - 1) * k);
        }
        std::sort(durations.begin(), durations.end());
        return durations[places / 2] > 0 ? 1 / durations[places / 2] : 0;
    }
    std::size_t first_frame_from(double time_s) const {
        const std::size_t i = detail::frame_at_or_before(*frames_, time_s);
        return frames_->time_s(i) < time_s && i + 1 < frames_->frame_count() ? i + 1 : i;
    }
    /// The last frame in the played range, or with `back` the first.
    std::size_t end_frame(bool back) const {
        const time_range range = played_range();
        const std::size_t last = detail::frame_at_or_before(*frames_, range.stop_s);
        return back ? (std::min)(first_frame_from(range.start_s), last) : last;
    }
    /// Where playing once, in the direction chosen, would end at once; showing every frame, all of the last frame.
    bool at_end(double time_s) const {
        const time_range range = played_range();
        return played_mode() == play_mode::once &&
               ((backwards_ ? time_s <= range.start_s : time_s >= range.stop_s) ||
                (by_frames() && detail::frame_at_or_before(*frames_, time_s) == end_frame(backwards_)));
    }
    /// Puts clock and frame to a time of the played range.
    void place(double time_s, double now_s) {
        clock_.seek(time_s, now_s);
        counter_.jumped();
        if (frames_) {
            frame_ = (std::clamp)(detail::frame_at_or_before(*frames_, time_s), end_frame(true), end_frame(false));
            if (playing_ && by_frames()) {
                counter_.one_due();
            }
            waits_for_shown_ = true;
            next_due_s_ = now_s + frame_wait(frame_) / std::abs(speed());
        }
    }
    void go(double time_s, double now_s) {
        still_s_ = inside(time_s);
        if (playing_) {
            place(still_s_, now_s);
        }
    }
    void change_speed(double base, double shuttle, bool backwards, double now_s) {
        base_ = base;
        shuttle_ = shuttle;
        if (backwards != backwards_) {
            backwards_ = backwards;
            turned_ = false;
        }
        clock_.set_speed(speed(), now_s);
        if (playing_ && frames_) {
            next_due_s_ = (std::min)(next_due_s_, now_s + frame_wait(frame_) / std::abs(speed()));
        }
        reset_counts(now_s);
    }
    void shuttle(bool back, double now_s) {
        const double way = velocity(now_s);
        if (way != 0 && (way < 0) == back) {
            if (base_ * shuttle_ * 2 <= options_.fastest_shuttle) {
                change_speed(base_, shuttle_ * 2, backwards_, now_s);
            }
            return;
        }
        const double at_s = position_s(now_s);
        end_around(now_s);
        scrub_.reset();
        clock_.set_mode(played_mode(), now_s); // ping-pong begins anew, in this direction
        turned_ = false;
        if (playing_) {
            place(at_s, now_s);
        }
        change_speed(base_, 1, back, now_s);
        if (!playing_) {
            still_s_ = at_s;
            play(now_s);
        }
    }
    void range_changed(double now_s) {
        end_around(now_s);
        clock_.set_range(range(), now_s);
        if (playing_ && frames_) {
            frame_ = (std::clamp)(frame_, end_frame(true), end_frame(false));
        }
        counter_.jumped();
    }
    /// Speed, mode and range as before "play around".
    void end_around(double now_s) {
        if (!around_) {
            return;
        }
        const excursion before = *around_;
        around_.reset();
        const double at_s = playing_ ? position_s(now_s) : still_s_;
        playing_ = playing_ && before.was_playing;
        clock_.set_mode(mode_, now_s);
        clock_.set_range(range(), now_s);
        change_speed(before.base, 1, before.backwards, now_s);
        go(at_s, now_s);
    }
    void finish_scrub(double time_s, double now_s) {
        const bool resume = scrub_->was_playing;
        scrub_.reset();
        still_s_ = time_s;
        if (resume && time_s >= range().start_s && time_s <= range().stop_s && !at_end(time_s)) {
            play(now_s);
        }
    }
    double before_here(double now_s) const {
        const double grace_s = (std::max)(velocity(now_s), 0.0) * options_.return_grace_s;
        return position_s(now_s) - grace_s;
    }
    std::optional<time_range> event_after(double time_s) const {
        return tracks_.empty() ? std::nullopt : within(tracks_[active_track_].next(time_s));
    }
    std::optional<time_range> event_before(double time_s) const {
        return tracks_.empty() ? std::nullopt : within(tracks_[active_track_].previous(time_s));
    }
    /// Only what the recording can show.
    std::optional<time_range> within(std::optional<time_range> found) const noexcept {
        return found && found->start_s >= all_.start_s && found->start_s <= all_.stop_s ? found : std::nullopt;
    }
    std::optional<std::size_t> visit(std::optional<std::size_t> number, double now_s) {
        if (number) {
            seek(bookmarks()[*number].time_s, now_s);
        }
        return number;
    }
    std::optional<time_range> jump(std::optional<time_range> to, double now_s) {
        if (to) {
            seek(to->start_s, now_s);
        }
        return to;
    }

    /// Playing has come to its end.
    void stop(double time_s, double now_s) {
        still_s_ = time_s;
        playing_ = false;
        shuttle_ = 1;
        end_around(now_s);
    }

    void tick_clock(double now_s) {
        if (skip_gaps_ && frames_) {
            skip_gap(now_s);
        }
        count_passed(now_s);
        if (clock_.finished(now_s)) {
            stop(clock_.time_s(now_s), now_s);
        }
    }
    void skip_gap(double now_s) {
        const time_range range = played_range();
        for (int turn = 0; turn < 3; ++turn) { // a gap at the range's end, then one at its start
            const double at_s = clock_.time_s(now_s);
            const bool back = clock_.velocity(now_s) < 0;
            if (clock_.velocity(now_s) == 0 || frame_at(at_s)) {
                return;
            }
            const std::size_t before = detail::frame_at_or_before(*frames_, at_s);
            const bool any_before = frames_->time_s(before) <= at_s;
            const double from_s = any_before ? frames_->time_s(before) + frames_->duration_s(before) : all_.start_s;
            const std::size_t after = any_before ? before + 1 : 0;
            const double to_s = after < frames_->frame_count() ? frames_->time_s(after) : all_.stop_s;
            if (to_s - from_s < options_.shortest_gap_s) {
                return;
            }
            const double next_s = !back ? to_s : any_before ? last_moment(before) : range.start_s;
            if (next_s > range.start_s && next_s < range.stop_s) {
                clock_.seek(next_s, now_s);
                return;
            }
            if (played_mode() == play_mode::loop) {
                clock_.seek(back ? range.stop_s : range.start_s, now_s);
            } else {
                clock_.seek(back ? range.start_s : range.stop_s, now_s); // the end, or where ping-pong turns
            }
        }
    }
    void count_passed(double now_s) {
        if (frames_) {
            const std::size_t here = detail::frame_at_or_before(*frames_, clock_.time_s(now_s));
            const double passed_s = (now_s - counted_at_s_) * std::abs(speed());
            counted_at_s_ = now_s;
            counter_.due({here, clock_.velocity(now_s) < 0, passed_s}, played_mode(), end_frame(true), end_frame(false),
                         clock_.range().stop_s - clock_.range().start_s);
        }
    }

    /// How long a frame stands before the next one. Units: seconds of the recording.
    double frame_wait(std::size_t frame) const {
        const bool back = going_back();
        if (frame == end_frame(back)) {
            return frames_->duration_s(frame);
        }
        const double step_s = std::abs(frames_->time_s(back ? frame - 1 : frame + 1) - frames_->time_s(frame));
        const double duration_s = frames_->duration_s(frame);
        return skip_gaps_ && step_s - duration_s >= options_.shortest_gap_s ? duration_s : step_s;
    }
    void tick_frames(double now_s) {
        if (waits_for_shown_ || now_s < next_due_s_) {
            return;
        }
        const std::size_t first = end_frame(true);
        const std::size_t last = end_frame(false);
        bool back = going_back();
        if (frame_ == (back ? first : last)) {
            if (played_mode() == play_mode::loop) {
                frame_ = back ? last : first;
            } else if (played_mode() == play_mode::ping_pong && first != last) {
                turned_ = !turned_;
                back = !back;
                frame_ = back ? frame_ - 1 : frame_ + 1;
            } else if (played_mode() == play_mode::ping_pong) {
                turned_ = !turned_;
            } else {
                stop(frames_->time_s(frame_), now_s);
                return;
            }
        } else {
            frame_ = back ? frame_ - 1 : frame_ + 1;
        }
        counter_.one_due();
        waits_for_shown_ = true;
        next_due_s_ = (std::max)(next_due_s_ + frame_wait(frame_) / std::abs(speed()), now_s);
    }

    void reset_counts(double now_s) {
        counter_.reset(now_s);
        counted_at_s_ = now_s;
        if (by_frames()) {
            counter_.one_due(); // the one it stands on
        }
    }

    transport_options options_;
    time_range all_;
    std::optional<any_source> frames_;
    double frames_per_s_ = 0;
    fieldreel::clock clock_; ///< leads while it plays in real time
    double still_s_;         ///< leads while it stands
    double asked_s_;         ///< what the last tick asked for
    bool playing_ = false;
    double base_ = 1;    ///< the speed chosen, positive
    double shuttle_ = 1; ///< 2, 4, … by J and L
    bool backwards_ = false;
    play_mode mode_ = play_mode::once;
    fieldreel::pacing pacing_ = fieldreel::pacing::real_time;
    bool skip_gaps_ = false;
    std::optional<double> in_s_;
    std::optional<double> out_s_;
    bookmark_list bookmarks_;
    std::vector<marked_track> tracks_;
    std::size_t active_track_ = 0;
    std::optional<scrub> scrub_;
    std::optional<excursion> around_;
    std::optional<double> last_around_s_; ///< what was played around last, until the user goes elsewhere

    // pacing::every_frame
    std::size_t frame_ = 0;
    bool turned_ = false; ///< ping-pong is on its way back
    bool waits_for_shown_ = false;
    double next_due_s_ = 0; ///< the host's time

    frame_counter counter_;
    double counted_at_s_ = 0; ///< the host's time of the last tick
};

} // namespace fieldreel::inline v0

#endif
