// SPDX-License-Identifier: MIT
// A simulated animal: its path in bouts and pauses, its bending body, and the flawed tracking of both.
#ifndef FIELDREEL_SESSION_SIMULATED_ANIMAL_HPP
#define FIELDREEL_SESSION_SIMULATED_ANIMAL_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numbers>
#include <span>
#include <string_view>
#include <vector>

#include <fieldreel/frame.hpp>
#include <fieldreel/session/random_stream.hpp>
#include <fieldreel/session/simulation_options.hpp>

namespace fieldreel::inline v0 {

/// The keypoints of the simulated body, from front to back; the neck is the tracked position.
inline constexpr std::array<std::string_view, 7> simulated_keypoint_names = {"nose", "ear_l",     "ear_r",   "neck",
                                                                             "body", "tail_base", "tail_tip"};

/// The links of the simulated body, as indices into simulated_keypoint_names.
inline constexpr std::array<std::array<std::size_t, 2>, 7> simulated_skeleton = {
    {{0, 1}, {0, 2}, {1, 3}, {2, 3}, {3, 4}, {4, 5}, {5, 6}}};

/// One way in which tracking goes wrong. lost: NaN; gap: samples are missing; frozen: one sample repeats; jump: a
/// reflection outside of the arena is taken for the animal.
enum class tracking_flaw : std::uint8_t { lost, gap, frozen, jump };

/// "lost", "gap", "frozen", "jump".
constexpr std::string_view name_of(tracking_flaw kind) {
    constexpr std::string_view names[] = {"lost", "gap", "frozen", "jump"};
    return names[static_cast<std::size_t>(kind)];
}

/// A stretch of flawed tracking: `sample_count` recorded samples from `first_sample` on. For a gap, `first_sample` is
/// the first after it and sample_count says how many are missing. Units: seconds.
struct simulated_flaw {
    tracking_flaw kind = tracking_flaw::lost;
    time_range time;
    std::size_t first_sample = 0;
    std::size_t sample_count = 0;
};

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

/// Consecutive recorded samples. Shape: all of the same length n; positions are x0, y0, x1, y1, … Units: seconds, cm,
/// radians in (-pi, pi].
struct simulated_samples {
    std::vector<double> times;
    std::vector<double> positions;                ///< (n, 2), flawed
    std::vector<double> true_positions;           ///< (n, 2), where the animal was
    std::vector<double> head_direction;           ///< (n)
    std::array<std::vector<double>, 7> keypoints; ///< (n, 2) each, in the order of simulated_keypoint_names; or empty
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

/// The animal's movement, step by step. One stepping rule serves both tasks: it steers to a target, which is a place in
/// the open, a place further along the wall, or a place further along the track.
class animal_walk {
public:
    static constexpr double step_s = 0.02;

    animal_walk(simulation_task task, const box_xy& arena, std::uint64_t seed)
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
        const double error = away < 0.5 ? 0 : wrap_angle(std::atan2(target_.y - at.y, target_.x - at.x) - direction_);
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
        const point_xy ahead = polar(1, direction_);
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
        step_.head_direction = direction_ + 0.14 * turn_ + noise * (0.4 + 0.6 * go) + scan_ * (1 - go);
        const double body = std::atan2(step_.neck.y - step_.body.y, step_.neck.x - step_.body.x);
        const double bend = wrap_angle(step_.head_direction - body);
        step_.head_direction -= bend - std::clamp(bend, -1.9, 1.9);
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
        const double bend = wrap_angle(angle - straight);
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
        const point_xy offset = polar(length, angle);
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

} // namespace detail

/// The animal of a simulated recording: its true path, kept at 50 steps per second, and its recorded samples, made from
/// it when asked. A handle: copies share the path. Cost: 16 MB and 0.1 s per hour of recording; 0.2 µs per sample.
class simulated_animal {
public:
    static constexpr double step_s = detail::animal_walk::step_s;

    /// Errors: throws invalid_value.
    explicit simulated_animal(const simulation_options& options)
        : data_(std::make_shared<const data>(options, detail::plan_simulation(options))) {}

    /// Recorded samples, without those in the gap.
    std::size_t sample_count() const noexcept { return data_->plan.sample_count - data_->gap_count; }
    /// The true path; step i is at start_s + (i - 1) * step_s. It reaches past both ends of the recording.
    std::span<const simulated_step> path() const noexcept { return data_->path; }
    /// When the animal stands. Units: seconds after the start.
    std::span<const time_range> pauses() const noexcept { return data_->pauses; }
    /// What is wrong with the recorded samples, in the order of time. Single keypoints also get lost; that is not
    /// listed.
    std::span<const simulated_flaw> flaws() const noexcept { return data_->flaws; }

    /// Where the animal truly is. Units: seconds after the start.
    point_xy position_at(double after_s) const noexcept {
        const auto [i, u] = place(after_s);
        return between(i, u, &simulated_step::neck);
    }

    /// Recorded samples [first, first + count) into `out`, whose memory is reused.
    /// Errors: throws frame_out_of_range.
    void samples(std::size_t first, std::size_t count, simulated_samples& out) const {
        const std::size_t all = sample_count();
        if (first > all || count > all - first) {
            detail::throw_frame_out_of_range(first > all ? first : first + count - 1, all);
        }
        out.times.resize(count);
        out.positions.resize(2 * count);
        out.true_positions.resize(2 * count);
        out.head_direction.resize(count);
        for (auto& keypoint : out.keypoints) {
            keypoint.resize(data_->options.pose ? 2 * count : 0);
        }
        sampler make(*this);
        for (std::size_t i = 0; i < count; ++i) {
            make.one(first + i, i, out);
        }
    }

private:
    struct data {
        data(const simulation_options& wanted, const detail::simulation_plan& planned)
            : options(wanted), plan(planned) {
            const auto steps = static_cast<std::size_t>(std::ceil(plan.duration_s / step_s)) + 4;
            detail::check_bytes(options, static_cast<double>(steps) * sizeof(simulated_step),
                                detail::text("the path of a recording of ", plan.duration_s, " s"));
            walk(steps);
            if (options.flaws && plan.duration_s >= 10) {
                plant_flaws();
            }
        }

        void walk(std::size_t steps) {
            detail::animal_walk animal(options.task, plan.arena, options.seed);
            path.reserve(steps);
            bool standing = false;
            for (std::size_t i = 0; i < steps; ++i) {
                path.push_back(animal.step());
                const double after_s = (static_cast<double>(i) - 1) * step_s;
                if (animal.standing() && !standing) {
                    pauses.push_back({(std::max)(0.0, after_s), plan.duration_s});
                } else if (!animal.standing() && standing) {
                    pauses.back().stop_s = (std::min)(plan.duration_s, after_s - step_s);
                }
                standing = animal.standing();
                animal.advance();
            }
            std::erase_if(pauses, [](const time_range& pause) { return !(pause.stop_s - pause.start_s > step_s); });
        }

        /// The first stretch from `from_s` on in which the animal runs all the time.
        double running_stretch(double from_s, double length_s) const {
            const auto length = static_cast<std::size_t>(length_s / step_s) + 2;
            const auto first = static_cast<std::size_t>(from_s / step_s) + 1;
            std::size_t run = 0;
            for (std::size_t i = first; i + 4 < path.size(); ++i) {
                run = path[i].speed > 6 ? run + 1 : 0;
                if (run == length) {
                    return static_cast<double>(i - length) * step_s;
                }
            }
            return from_s;
        }

        void plant_flaws() {
            random_stream random(options.seed, 2);
            const double rate = options.rate_hz;
            const auto plant = [&](tracking_flaw kind, double at_s, double length_s) {
                const auto first = static_cast<std::size_t>(std::ceil(at_s * rate));
                auto count = static_cast<std::size_t>(std::llround(length_s * rate));
                count = count == 0 ? 1 : count;
                if (first == 0 || first + count + 1 >= plan.sample_count) {
                    return;
                }
                const double start = static_cast<double>(first) / rate;
                const double stop = static_cast<double>(first + count) / rate;
                for (const auto& other : flaws) {
                    if (start < other.time.stop_s + 0.2 && stop > other.time.start_s - 0.2) {
                        return;
                    }
                }
                flaws.push_back({kind, {start, stop}, first, count});
            };
            const auto around = [&](double fraction) {
                return (fraction + 0.1 * (random.uniform() - 0.5)) * plan.duration_s;
            };
            plant(tracking_flaw::gap, around(0.3), 0.4);
            plant(tracking_flaw::frozen, running_stretch(around(0.5), 0.8), 0.8);
            plant(tracking_flaw::jump, around(0.8), 0.04);
            plant(tracking_flaw::lost, around(0.15), 0.25);
            for (double at = 25 * random.exponential(); at < plan.duration_s; at += 25 * random.exponential()) {
                plant(tracking_flaw::lost, at, std::clamp(0.12 * random.exponential(), 0.03, 0.6));
            }
            std::sort(flaws.begin(), flaws.end(),
                      [](const auto& a, const auto& b) { return a.time.start_s < b.time.start_s; });
            // From raw sample numbers to recorded ones.
            for (auto& flaw : flaws) {
                flaw.first_sample -= gap_count;
                if (flaw.kind == tracking_flaw::gap) {
                    gap_first = flaw.first_sample;
                    gap_count = flaw.sample_count;
                }
                flaw.time.start_s += options.start_s;
                flaw.time.stop_s += options.start_s;
            }
        }

        simulation_options options;
        detail::simulation_plan plan;
        std::vector<simulated_step> path;
        std::vector<time_range> pauses;
        std::vector<simulated_flaw> flaws;
        std::size_t gap_first = 0;
        std::size_t gap_count = 0;
    };

    struct path_place {
        std::size_t i;
        double u;
    };
    path_place place(double after_s) const noexcept {
        const double at = (std::max)(0.0, after_s) / step_s;
        const auto i = (std::min)(static_cast<std::size_t>(at), data_->path.size() - 4);
        return {i + 1, at - static_cast<double>(i)};
    }
    /// Between steps i and i + 1: a Catmull-Rom spline.
    static double spline(double a, double b, double c, double d, double u) noexcept {
        return b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)));
    }
    double heading_between(std::size_t i, double u) const noexcept {
        const auto* path = data_->path.data() + i;
        return spline(path[-1].head_direction, path[0].head_direction, path[1].head_direction, path[2].head_direction,
                      u);
    }
    point_xy between(std::size_t i, double u, point_xy simulated_step::*part) const noexcept {
        const auto* path = data_->path.data() + i;
        const point_xy a = path[-1].*part;
        const point_xy b = path[0].*part;
        const point_xy c = path[1].*part;
        const point_xy d = path[2].*part;
        return {spline(a.x, b.x, c.x, d.x, u), spline(a.y, b.y, c.y, d.y, u)};
    }

    /// Makes one recorded sample after the other; keeps the noise and the flaw it is at.
    class sampler {
    public:
        explicit sampler(const simulated_animal& animal)
            : animal_(animal),
              options_(animal.data_->options),
              tracking_x_(options_.seed, 1000, 0.25),
              tracking_y_(options_.seed, 1001, 0.25) {
            keypoints_.reserve(14);
            for (std::uint64_t i = 0; i < 14; ++i) {
                keypoints_.emplace_back(options_.seed, 1002 + i, 0.12);
            }
        }

        void one(std::size_t recorded, std::size_t at, simulated_samples& out) {
            const auto& data = *animal_.data_;
            const std::size_t raw = recorded < data.gap_first ? recorded : recorded + data.gap_count;
            while (flaw_ < data.flaws.size() && ended(data.flaws[flaw_], recorded)) {
                ++flaw_;
            }
            const simulated_flaw* flaw = nullptr;
            if (flaw_ < data.flaws.size() && recorded >= data.flaws[flaw_].first_sample) {
                flaw = &data.flaws[flaw_];
            }
            const double after_s = static_cast<double>(raw) / options_.rate_hz;
            out.times[at] = options_.start_s + after_s;
            const auto [i, u] = animal_.place(after_s);
            const point_xy neck = animal_.between(i, u, &simulated_step::neck);
            set(out.true_positions, at, neck);
            if (flaw != nullptr && flaw->kind == tracking_flaw::lost) {
                constexpr double nan = std::numeric_limits<double>::quiet_NaN();
                set(out.positions, at, {nan, nan});
                out.head_direction[at] = nan;
                for (auto& keypoint : out.keypoints) {
                    if (options_.pose) {
                        set(keypoint, at, {nan, nan});
                    }
                }
                return;
            }
            if (flaw != nullptr && flaw->kind == tracking_flaw::frozen && recorded != flaw->first_sample) {
                const std::size_t first_raw =
                    flaw->first_sample < data.gap_first ? flaw->first_sample : flaw->first_sample + data.gap_count;
                const double frozen_s = static_cast<double>(first_raw) / options_.rate_hz;
                const auto [frozen_i, frozen_u] = animal_.place(frozen_s);
                observe(frozen_s, frozen_i, frozen_u, animal_.between(frozen_i, frozen_u, &simulated_step::neck), at,
                        out);
                return;
            }
            observe(after_s, i, u, neck, at, out);
            if (flaw != nullptr && flaw->kind == tracking_flaw::jump) {
                const box_xy& arena = data.plan.arena;
                set(out.positions, at,
                    {arena.high.x + 9 + 0.3 * tracking_x_(after_s),
                     arena.high.y + (options_.task == simulation_task::open_field ? -12 : 25)});
            }
        }

    private:
        static bool ended(const simulated_flaw& flaw, std::size_t recorded) noexcept {
            const std::size_t count = flaw.kind == tracking_flaw::gap ? 0 : flaw.sample_count;
            return recorded >= flaw.first_sample + count;
        }
        static void set(std::vector<double>& table, std::size_t at, point_xy value) noexcept {
            table[2 * at] = value.x;
            table[2 * at + 1] = value.y;
        }

        /// What tracking that works would record at this time.
        void observe(double after_s, std::size_t i, double u, point_xy neck, std::size_t at, simulated_samples& out) {
            const double heading = animal_.heading_between(i, u);
            set(out.positions, at, {neck.x + 0.25 * tracking_x_(after_s), neck.y + 0.25 * tracking_y_(after_s)});
            out.head_direction[at] = detail::wrap_angle(heading);
            if (!options_.pose) {
                return;
            }
            const point_xy ahead = detail::polar(1, heading);
            const auto on_head = [&](double forward, double left) {
                return inside(
                    {neck.x + forward * ahead.x - left * ahead.y, neck.y + forward * ahead.y + left * ahead.x});
            };
            const point_xy parts[7] = {on_head(4.6, 0),
                                       on_head(1.9, 1.6),
                                       on_head(1.9, -1.6),
                                       neck,
                                       animal_.between(i, u, &simulated_step::body),
                                       animal_.between(i, u, &simulated_step::tail_base),
                                       animal_.between(i, u, &simulated_step::tail_tip)};
            // How often a part is hidden, per tenth of a second.
            constexpr double hidden[7] = {0.006, 0.003, 0.003, 0.001, 0.001, 0.004, 0.03};
            const auto tenth = static_cast<std::uint64_t>(after_s * 10);
            for (std::size_t part = 0; part < 7; ++part) {
                const auto key = detail::mix_bits(options_.seed) ^ detail::mix_bits(tenth * 8 + part);
                if (options_.flaws && detail::unit_interval(detail::mix_bits(key)) < hidden[part]) {
                    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
                    set(out.keypoints[part], at, {nan, nan});
                    continue;
                }
                set(out.keypoints[part], at,
                    {parts[part].x + 0.3 * keypoints_[2 * part](after_s),
                     parts[part].y + 0.3 * keypoints_[2 * part + 1](after_s)});
            }
        }
        /// Walls stop the head; it is lifted, and looks shorter from above.
        point_xy inside(point_xy at) const noexcept {
            if (options_.task == simulation_task::linear_track) {
                return at; // no walls
            }
            return {std::clamp(at.x, 0.5, options_.arena_cm - 0.5), std::clamp(at.y, 0.5, options_.arena_cm - 0.5)};
        }

        const simulated_animal& animal_;
        const simulation_options& options_;
        smooth_noise tracking_x_;
        smooth_noise tracking_y_;
        std::vector<smooth_noise> keypoints_;
        std::size_t flaw_ = 0;
    };

    std::shared_ptr<const data> data_;
};

} // namespace fieldreel::inline v0

#endif
