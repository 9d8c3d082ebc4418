// SPDX-License-Identifier: MIT
// Counts the frames that a screen shows of those whose time came, and says it in words that do not flicker.
#ifndef FIELDREEL_WINDOW_FRAME_COUNTS_HPP
#define FIELDREEL_WINDOW_FRAME_COUNTS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// How many frames were shown of those whose time came.
struct frame_counts {
    std::uint64_t due = 0;
    std::uint64_t shown = 0;
    std::uint64_t skipped() const noexcept { return due > shown ? due - shown : 0; }
    friend bool operator==(const frame_counts&, const frame_counts&) = default;
};

/// One turn of a viewer's loop, in frames of the source.
struct frame_turn {
    std::size_t frame = 0; ///< the one that is due
    bool back = false;     ///< playing goes backwards
    double passed_s = 0;   ///< seconds of the recording since the turn before
};

/// Follows which frames become due while playing runs through [first, last] frames of a range.
class frame_counter {
public:
    void reset(double now_s) {
        counts_ = {};
        told_ = {};
        due_.reset();
        shown_.reset();
        told_at_s_ = now_s;
        text_.clear();
    }
    /// After a jump: the next turn counts one frame.
    void jumped() noexcept { due_.reset(); }

    /// Counts the frames between the turn before and this one. `first` and `last` are those of the range, which is
    /// `length_s` long. Cost: O(1).
    void due(const frame_turn& now, play_mode mode, std::size_t first, std::size_t last, double length_s) {
        if (!due_) {
            ++counts_.due;
        } else {
            const auto distance = [](std::size_t a, std::size_t b) { return a > b ? a - b : b - a; };
            const std::size_t before = due_->frame;
            const double laps = length_s > 0 ? now.passed_s / length_s : 0;
            const bool turned = mode == play_mode::ping_pong && due_->back != now.back;
            const bool wrapped = mode == play_mode::loop && now.frame != before && (now.frame < before) != now.back;
            std::size_t count = distance(now.frame, before);
            if (laps >= 1 && laps < 1e9 && mode != play_mode::once) { // the whole range since the turn before
                count = static_cast<std::size_t>(std::round(laps * static_cast<double>(last - first + 1)));
            } else if (turned) {
                const std::size_t end = now.back ? last : first;
                count = distance(end, before) + distance(end, now.frame);
            } else if (wrapped) {
                count = now.back ? distance(before, first) + distance(last, now.frame) + 1
                                 : distance(last, before) + distance(now.frame, first) + 1;
            }
            counts_.due += count;
        }
        due_ = now;
    }
    /// A host that shows every frame counts them itself.
    void one_due() noexcept { ++counts_.due; }
    void shown(std::size_t frame) noexcept {
        if (frame != shown_) {
            shown_ = frame;
            ++counts_.shown;
        }
    }

    frame_counts counts() const noexcept { return counts_; }
    /// Once per turn: makes the words anew when `period_s` is over.
    void tell(double now_s, double period_s) {
        if (now_s - told_at_s_ < period_s) {
            return;
        }
        const auto due = static_cast<double>(counts_.due - told_.due);
        const auto shown = static_cast<double>(counts_.shown - told_.shown);
        told_ = counts_;
        told_at_s_ = now_s;
        text_.clear();
        const double ratio = shown > 0 ? due / shown : due;
        if (ratio >= 1.95) {
            put_words(shown > 0 ? 1 : 0, static_cast<std::uint64_t>(std::round(ratio)));
        } else if (ratio > 1.05) {
            const auto k = static_cast<std::uint64_t>((std::max)(std::round(1 / (ratio - 1)), 1.0));
            put_words(k, k + 1);
        }
    }
    /// "showing 1 of 8 frames"; empty while all are shown.
    const std::string& text() const noexcept { return text_; }

private:
    /// In place: nothing is allocated while playing.
    void put_words(std::uint64_t shown, std::uint64_t due) {
        detail::append(text_, "showing ");
        detail::append(text_, shown);
        detail::append(text_, " of ");
        detail::append(text_, due);
        detail::append(text_, " frames");
    }

    frame_counts counts_;
    frame_counts told_;
    std::optional<frame_turn> due_;
    std::optional<std::size_t> shown_;
    double told_at_s_ = 0;
    std::string text_;
};

} // namespace fieldreel::inline v0

#endif
