// SPDX-License-Identifier: MIT
// How a simulated animal moves: bouts and pauses, walls, a head that scans, a body that bends.
#ifndef FIELDREEL_SESSION_SIMULATED_WALK_HPP
#define FIELDREEL_SESSION_SIMULATED_WALK_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include <fieldreel/frame.hpp>
#include <fieldreel/session/random_stream.hpp>
#include <fieldreel/session/simulation_options.hpp>

namespace fieldreel::inline v0 {

/// The animal's true state at one step of the simulation.
struct simulated_step {
    point_xy neck;
    point_xy body;
    point_xy tail_base;
    point_xy tail_tip;
    double head_direction = 0; ///< radians, not wrapped
    double speed = 0;          ///< cm/s
    double theta_phase = 0;    ///< radians, not wrapped
};

namespace detail {

inline double wrap_angle(double angle) noexcept {
    constexpr double turn = 2 * std::numbers::pi;
    angle -= turn * std::floor((angle + std::numbers::pi) / turn);
    return angle <= -std::numbers::pi ? angle + turn : angle;
}

inline point_xy polar(double length, double angle) noexcept {
    return {length * std::cos(angle), length * std::sin(angle)};
}

} // namespace detail

/// The animal's movement, step by step. One stepping rule serves both tasks: it steers to a target, which is a place in
/// the open, a place further along the wall, or a place further along the track.
class simulated_walk {
public:
    static constexpr double step_s = 0.02;

    simulated_walk(simulation_task task, const box_xy& arena, std::uint64_t seed)
        : random_(seed, 1), arena_(arena), track_(task == simulation_task::linear_track) {
        step_.neck = track_ ? point_xy{6, center_y()}
                            : point_xy{random_.uniform(0.3, 0.7) * width(), random_.uniform(0.3, 0.7) * width()};
        direction_ = track_ ? 0 : random_.uniform(-std::numbers::pi, std::numbers::pi);
        target_ = step_.neck;
        const double back = direction_ + std::numbers::pi;
        place(step_.body, step_.neck, back, neck_to_body_cm);
        place(step_.tail_base, step_.body, back, body_to_tail_cm);
        place(step_.tail_tip, step_.tail_base, back, tail_cm);
        step_.head_direction = direction_;
    }

    const simulated_step& step() const noexcept { return step_; }
    /// Standing still, apart from swaying.
    bool standing() const noexcept { return ramp_ == 0; }

    void advance() {
        change_mode();
        choose_target();
        move();
        turn_head();
        pull_body();
        step_.theta_phase += 2 * std::numbers::pi * (7.6 + 0.02 * step_.speed) * step_s;
    }

private:
    static constexpr double neck_to_body_cm = 6;
    static constexpr double body_to_tail_cm = 6.5;
    static constexpr double tail_cm = 15;
    static constexpr double margin_cm = 2; ///< the neck stays this far from a wall
    static constexpr double most_step_cm = 3;
    static constexpr double wall_cm = 1; ///< and the rest of the body this far

    /// Noise of about unit variance with a continuous first derivative.
    struct smooth_walk {
        double fast = 0;
        double slow = 0;
        double advance(random_stream& random, double memory_s, double smooth_s) {
            const double keep = std::exp(-step_s / memory_s);
            fast = keep * fast + std::sqrt(1 - keep * keep) * random.normal();
            slow += (fast - slow) * (1 - std::exp(-step_s / smooth_s));
            return slow;
        }
    };

    double width() const noexcept { return arena_.high.x; }
    double center_y() const noexcept { return (arena_.low.y + arena_.high.y) / 2; }

    void change_mode() {
        if (running_) {
            ramp_ = (std::min)(1.0, ramp_ + step_s / 0.45);
            left_s_ -= step_s;
            if (left_s_ <= 0) {
                running_ = false;
                left_s_ = track_ ? random_.log_normal(2.2, 0.5) : random_.log_normal(1.1, 0.6);
                left_s_ = std::clamp(left_s_, 0.4, 10.0);
            }
        } else if (ramp_ > 0) {
            ramp_ = (std::max)(0.0, ramp_ - step_s / 0.35);
        } else {
            left_s_ -= step_s;
            if (left_s_ <= 0) {
                running_ = true;
                left_s_ = track_ ? 1e9 : std::clamp(random_.log_normal(11, 0.6), 2.0, 60.0);
                if (track_) {
                    forward_ = step_.neck.x > width() - 20 ? false : step_.neck.x < 20 ? true : forward_;
                    // Now and then it stops on the way.
                    const double ahead = random_.uniform(0.3, 0.7) * width();
                    const bool stops =
                        random_.uniform() < 0.15 && (forward_ ? ahead > step_.neck.x + 20 : ahead < step_.neck.x - 20);
                    goal_x_ = stops ? ahead : forward_ ? width() - 5 : 5;
                }
            }
        }
    }

    void choose_target() {
        const point_xy at = step_.neck;
        if (track_) {
            const double carrot = forward_ ? (std::min)(at.x + 12, goal_x_) : (std::max)(at.x - 12, goal_x_);
            target_ = {carrot, center_y()};
            if (running_ && std::abs(at.x - goal_x_) < 2.5) {
                left_s_ = 0;
            }
            return;
        }
        target_left_s_ -= step_s;
        const double distance = std::hypot(target_.x - at.x, target_.y - at.y);
        if (distance > reach_cm_ && target_left_s_ > 0) {
            return;
        }
        target_left_s_ = 6;
        reach_cm_ = 9;
        const bool was_along = along_wall_;
        along_wall_ = random_.uniform() < (was_along ? 0.92 : 0.68);
        if (!along_wall_) {
            target_ = {random_.uniform(0.06, 0.94) * width(), random_.uniform(0.06, 0.94) * width()};
            return;
        }
        if (!was_along) {
            wall_cm_ = random_.uniform(3.5, 8);
            const double x = at.x - width() / 2;
            const double y = at.y - width() / 2;
            wall_sign_ = x * std::sin(direction_) - y * std::cos(direction_) >= 0 ? 1 : -1; // the way it already goes
        }
        const double around = perimeter_place(at) + wall_sign_ * random_.uniform(18, 28) / width();
        reach_cm_ = 13;
        target_ = perimeter_point(around);
        const double corner = std::round(around);
        if (std::abs(around - corner) < 0.12 && random_.uniform() < 0.4) {
            reach_cm_ = 7;
            target_ = perimeter_point(corner);
        }
    }

    /// Where on the perimeter the nearest wall point is: 0-1 bottom, 1-2 right, 2-3 top, 3-4 left, counter-clockwise.
    double perimeter_place(point_xy at) const noexcept {
        const double x = at.x / width();
        const double y = at.y / width();
        const double nearest = (std::min)({x, 1 - x, y, 1 - y});
        return nearest == y ? x : nearest == 1 - x ? 1 + y : nearest == 1 - y ? 3 - x : 4 - y;
    }
    point_xy perimeter_point(double place) const noexcept {
        place -= 4 * std::floor(place / 4);
        const double side = std::floor(place);
        const double low = wall_cm_;
        const double high = width() - wall_cm_;
        const double along = low + (place - side) * (high - low);
        const double back = high + low - along;
        return side < 1   ? point_xy{along, low}
               : side < 2 ? point_xy{high, along}
               : side < 3 ? point_xy{back, high}
                          : point_xy{low, back};
    }

    void move() {
        const point_xy at = step_.neck;
        const double go = ramp_ * ramp_ * (3 - 2 * ramp_);
        const double away = std::hypot(target_.x - at.x, target_.y - at.y);
        const double error =
            away < 0.5 ? 0 : detail::wrap_angle(std::atan2(target_.y - at.y, target_.x - at.x) - direction_);
        const double wander = wander_.advance(random_, 0.5, 0.1) * (track_ ? 0.5 : 1.6);
        const double steer = std::clamp((track_ ? 4 : 3) * error, -6.0, 6.0) * (running_ ? 0.3 + 0.7 * go : 0.6 * go);
        // A wall in the way turns it towards where it wants to go.
        const double yield = (error < 0 ? -4 : 4) * blocked_;
        turn_ += (steer + yield + wander * go - turn_) * (1 - std::exp(-step_s / 0.09));
        direction_ += turn_ * step_s;

        const double pace = pace_.advance(random_, 0.9, 0.15);
        const double level = track_ ? 30 * std::exp(0.3 * pace) : 12.7 * std::exp(0.69 * pace);
        double speed = go * (std::min)(level, 95.0) / (1 + 0.035 * turn_ * turn_);
        if (track_) {
            speed *= (std::min)(1.0, std::abs(at.x - goal_x_) / 14 + 0.08);
            const double facing = (std::max)(0.0, std::cos(error));
            speed *= facing * facing;
        }
        const point_xy ahead = detail::polar(1, direction_);
        const double most = (std::min)(brake(ahead.x, at.x - arena_.low.x, arena_.high.x - at.x),
                                       brake(ahead.y, at.y - arena_.low.y, arena_.high.y - at.y));
        blocked_ = speed > most ? 1 - most / speed : 0;
        speed = (std::min)(speed, most);
        const double sway = 0.5 * (1 - go) * sway_.advance(random_, 0.6, 0.2);
        const point_xy next{
            std::clamp(at.x + (speed + sway) * ahead.x * step_s, arena_.low.x + margin_cm, arena_.high.x - margin_cm),
            std::clamp(at.y + (speed + sway) * ahead.y * step_s, arena_.low.y + margin_cm, arena_.high.y - margin_cm)};
        step_.speed = std::hypot(next.x - at.x, next.y - at.y) / step_s;
        step_.neck = next;
    }

    /// The speed at which a wall is reached softly.
    static double brake(double ahead, double low_cm, double high_cm) noexcept {
        const double room = (std::max)(0.0, (ahead < 0 ? low_cm : high_cm) - margin_cm);
        return room / (0.1 * std::abs(ahead) + 1e-9);
    }

    void turn_head() {
        const double go = ramp_ * ramp_ * (3 - 2 * ramp_);
        scan_left_s_ -= step_s;
        if (scan_left_s_ <= 0) {
            scan_left_s_ = random_.uniform(0.35, 1.3);
            scan_to_ = std::clamp(0.8 * random_.normal(), -1.5, 1.5);
        }
        scan_fast_ += (scan_to_ - scan_fast_) * (1 - std::exp(-step_s / 0.1));
        scan_ += (scan_fast_ - scan_) * (1 - std::exp(-step_s / 0.08));
        const double noise = 0.3 * head_.advance(random_, 0.4, 0.12);
        // Running, the head turns before the body does.
        const double aside = 0.14 * turn_ + noise * (0.4 + 0.6 * go) + scan_ * (1 - go);
        const double body = std::atan2(step_.neck.y - step_.body.y, step_.neck.x - step_.body.x);
        const double bend = detail::wrap_angle(direction_ - body); // a neck turns only so far
        const double wanted = direction_ + std::clamp(aside, -1.9 - bend, 1.9 - bend);
        // 20 rad/s at most, also while a wall turns the body.
        step_.head_direction += std::clamp(wanted - step_.head_direction, -20 * step_s, 20 * step_s);
    }

    /// Every part of the body follows the one before at its distance, and bends only so far.
    void pull_body() {
        const double sway = 0.12 * tail_.advance(random_, 0.5, 0.15);
        const double along = direction_ + std::numbers::pi;
        const double body = follow(step_.body, step_.neck, along, 1.1, neck_to_body_cm, 0.8);
        const double tail_base = follow(step_.tail_base, step_.body, body, 0.8, body_to_tail_cm, 0.5);
        follow(step_.tail_tip, step_.tail_base, tail_base + sway, 1.2, tail_cm, 0.2);
    }

    /// Returns the angle from the leading point to the following one.
    double follow(point_xy& point, point_xy leader, double straight, double most_bend, double length, double relax) {
        double angle = std::atan2(point.y - leader.y, point.x - leader.x);
        const double bend = detail::wrap_angle(angle - straight);
        angle = straight + std::clamp(bend * (1 - relax * step_s), -most_bend, most_bend);
        const point_xy before = point;
        place(point, leader, angle, length);
        // Where a wall makes the body flip to its other side, it takes a few steps.
        const double moved = std::hypot(point.x - before.x, point.y - before.y);
        if (moved > most_step_cm) {
            point = {before.x + (point.x - before.x) * most_step_cm / moved,
                     before.y + (point.y - before.y) * most_step_cm / moved};
        }
        return angle;
    }
    void place(point_xy& point, point_xy leader, double angle, double length) const noexcept {
        const point_xy offset = detail::polar(length, angle);
        point = {leader.x + offset.x, leader.y + offset.y};
        if (track_) { // without walls: a body may hang over the edge
            return;
        }
        // A wall bends the body along itself.
        const double x = std::clamp(point.x, wall_cm, arena_.high.x - wall_cm);
        const double y = std::clamp(point.y, wall_cm, arena_.high.y - wall_cm);
        if (x != point.x) {
            const double along = std::sqrt((std::max)(0.0, length * length - (x - leader.x) * (x - leader.x)));
            point = {x, std::clamp(leader.y + (offset.y < 0 ? -along : along), wall_cm, arena_.high.y - wall_cm)};
        } else if (y != point.y) {
            const double along = std::sqrt((std::max)(0.0, length * length - (y - leader.y) * (y - leader.y)));
            point = {std::clamp(leader.x + (offset.x < 0 ? -along : along), wall_cm, arena_.high.x - wall_cm), y};
        }
    }

    random_stream random_;
    box_xy arena_;
    bool track_;
    simulated_step step_;
    double direction_ = 0; ///< of movement, not wrapped
    double turn_ = 0;      ///< rad/s
    double blocked_ = 0;   ///< how much a wall slows it: 0 not, 1 wholly
    bool running_ = false;
    double ramp_ = 0;
    double left_s_ = 1;
    point_xy target_;
    double target_left_s_ = 0;
    double reach_cm_ = 9; ///< at this distance it is there
    bool along_wall_ = false;
    double wall_cm_ = 5;
    double wall_sign_ = 1;
    bool forward_ = true;
    double goal_x_ = 0;
    double scan_left_s_ = 0;
    double scan_to_ = 0;
    double scan_fast_ = 0;
    double scan_ = 0;
    smooth_walk wander_, pace_, sway_, head_, tail_;
};

} // namespace fieldreel::inline v0

#endif
