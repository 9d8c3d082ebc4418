// SPDX-License-Identifier: MIT
// A simulated animal: its path and body, and the flawed tracking of both.
#ifndef FIELDREEL_SESSION_SIMULATED_ANIMAL_HPP
#define FIELDREEL_SESSION_SIMULATED_ANIMAL_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <fieldreel/frame.hpp>
#include <fieldreel/session/random_stream.hpp>
#include <fieldreel/session/simulated_walk.hpp>
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

/// Consecutive recorded samples. Shape: all of the same length n; positions are x0, y0, x1, y1, … Units: seconds, cm,
/// radians in (-pi, pi].
struct simulated_samples {
    std::vector<double> times;
    std::vector<double> positions;                ///< (n, 2), flawed
    std::vector<double> true_positions;           ///< (n, 2), where the animal was
    std::vector<double> head_direction;           ///< (n)
    std::array<std::vector<double>, 7> keypoints; ///< (n, 2) each, in the order of simulated_keypoint_names; or empty
};

/// The animal of a simulated recording: its true path, kept at 50 steps per second, and its recorded samples, made from
/// it when asked. A handle: copies share the path. Cost: 16 MB and 0.1 s per hour of recording; 0.2 µs per sample.
class simulated_animal {
public:
    static constexpr double step_s = simulated_walk::step_s;

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
            simulated_walk animal(options.task, plan.arena, options.seed);
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
