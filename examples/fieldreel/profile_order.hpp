// SPDX-License-Identifier: MIT
// The ways of `fieldreel profile` through a recording: which frame each step shows.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/frame.hpp>

/// A step: the frame to show, and where the cache is told that playing goes; nothing where nobody knows.
struct ordered_step {
    std::size_t frame = 0;
    std::optional<fieldreel::play_mode> mode = {};
    double speed = 1; ///< frames per frame's duration; negative = backwards
    fieldreel::frame_range region = {};
};

/// One of the ways of --access, over the frames of a range, again and again.
class plain_order {
public:
    plain_order(std::string access, const fieldreel::frame_range& frames, std::uint64_t seed, std::size_t steps)
        : access_(std::move(access)), frames_(frames), count_(frames.last - frames.first), random_(seed) {
        using fieldreel::play_mode;
        // A loop of 1.5 times the frames of a default cache: what a plain LRU cache is worst at.
        looped_ = access_ == "loop" ? (std::min)(count_, std::size_t{1500}) : count_;
        mode_ = access_ == "random"                   ? std::nullopt
                : access_ == "scrub"                  ? std::optional(play_mode::scrub)
                : access_ == "loop" || steps > count_ ? std::optional(play_mode::loop)
                                                      : std::optional(play_mode::once);
    }
    ordered_step operator()(std::size_t step) {
        return {frames_.first + within(step),
                mode_,
                mode_ == fieldreel::play_mode::scrub ? 0.0 : 1.0,
                {frames_.first, frames_.first + looped_}};
    }

private:
    std::size_t within(std::size_t step) {
        if (access_ == "random") {
            return random_.below(count_);
        }
        if (access_ == "scrub") { // a hand that moves back and forth within 50 frames, and now and then far away
            if (step % 200 == 0) {
                middle_ = random_.below(count_);
            }
            const double frame =
                static_cast<double>(middle_) + std::round(50 * std::sin(static_cast<double>(step) * 0.1));
            return static_cast<std::size_t>((std::clamp)(frame, 0.0, static_cast<double>(count_ - 1)));
        }
        return step % looped_;
    }

    std::string access_;
    fieldreel::frame_range frames_;
    std::size_t count_;
    std::size_t looped_;
    std::optional<fieldreel::play_mode> mode_;
    fieldreel::detail::splitmix64 random_;
    std::size_t middle_ = 0;
};

/// What a person does in an hour, in seconds: plays from here and there at all speeds, also backwards; loops; scrubs;
/// clicks around.
class soak_order {
public:
    struct counts {
        std::size_t seeks = 0, plays = 0, loops = 0, scrubs = 0;
    };

    soak_order(const fieldreel::frame_range& frames, std::uint64_t seed)
        : frames_(frames), count_(frames.last - frames.first), random_(seed) {}

    ordered_step operator()(std::size_t) {
        if (left_ == 0) {
            begin();
        }
        --left_;
        using fieldreel::play_mode;
        switch (way_) {
        case way::click:
            at_ = static_cast<double>(random_.below(count_));
            ++counts_.seeks;
            return here(std::nullopt, 0);
        case way::scrub: return here(play_mode::scrub, 0, std::round(40 * std::sin(static_cast<double>(left_) * 0.15)));
        case way::loop:
            at_ += speed_;
            at_ = at_ >= last_ ? first_ : at_ < first_ ? last_ - 1 : at_;
            return here(play_mode::loop, speed_);
        case way::play: break;
        }
        at_ += speed_;
        left_ = at_ < 0 || at_ > static_cast<double>(count_ - 1) ? 0 : left_; // it came to an end
        return here(play_mode::once, speed_);
    }
    const counts& done() const noexcept { return counts_; }

private:
    enum class way : std::uint8_t { play, loop, scrub, click };

    void begin() {
        constexpr double speeds[] = {0.25, 0.5, 1, 1, 2, 4, 16};
        way_ = static_cast<way>(random_.below(4));
        left_ = 20 + random_.below(280);
        speed_ = speeds[random_.below(7)] * (random_.below(4) == 0 ? -1 : 1);
        at_ = static_cast<double>(random_.below(count_));
        ++counts_.seeks;
        const std::size_t length = (std::min)(10 + random_.below(500), count_);
        const bool loops = way_ == way::loop;
        first_ = loops ? static_cast<double>(random_.below(count_ - length + 1)) : 0;
        last_ = loops ? first_ + static_cast<double>(length) : static_cast<double>(count_);
        at_ = loops ? first_ : at_;
        counts_.plays += way_ == way::play ? 1 : 0;
        counts_.loops += loops ? 1 : 0;
        counts_.scrubs += way_ == way::scrub ? 1 : 0;
    }
    ordered_step here(std::optional<fieldreel::play_mode> mode, double speed, double beside = 0) const {
        const double frame = (std::clamp)(at_ + beside, 0.0, static_cast<double>(count_ - 1));
        return {frames_.first + static_cast<std::size_t>(frame),
                mode,
                speed,
                {frames_.first + static_cast<std::size_t>(first_), frames_.first + static_cast<std::size_t>(last_)}};
    }

    fieldreel::frame_range frames_;
    std::size_t count_;
    fieldreel::detail::splitmix64 random_;
    way way_ = way::play;
    std::size_t left_ = 0; // steps until something else is done
    double at_ = 0;
    double speed_ = 1;
    double first_ = 0; // of the loop, or of all
    double last_ = 0;
    counts counts_;
};
