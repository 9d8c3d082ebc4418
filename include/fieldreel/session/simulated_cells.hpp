// SPDX-License-Identifier: MIT
// Simulated cells: their fields, the ripples in which they replay a path, and their spikes.
#ifndef FIELDREEL_SESSION_SIMULATED_CELLS_HPP
#define FIELDREEL_SESSION_SIMULATED_CELLS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/frame.hpp>
#include <fieldreel/session/random_stream.hpp>
#include <fieldreel/session/simulated_animal.hpp>
#include <fieldreel/session/simulation_options.hpp>

namespace fieldreel::inline v0 {

/// A place where a cell fires: `peak_hz` in its centre, falling off as a Gaussian that is `width_cm` across at half its
/// height.
struct simulated_field {
    point_xy center;
    double width_cm = 0;
    double peak_hz = 0;
};

/// What a simulated cell is.
enum class cell_kind : std::uint8_t { place, silent, interneuron };

/// "place", "silent", "interneuron".
constexpr std::string_view name_of(cell_kind kind) {
    constexpr std::string_view names[] = {"place", "silent", "interneuron"};
    return names[static_cast<std::size_t>(kind)];
}

/// A cell as it was made up: what its spikes should show.
struct simulated_cell {
    std::string name; ///< "cell00"
    cell_kind kind = cell_kind::place;
    double background_hz = 0;
    std::vector<simulated_field> fields;
    double theta_depth = 0;     ///< 0: none, 1: silent at the opposite phase
    double theta_phase_rad = 0; ///< of the most spikes

    /// The rate at a place while running, averaged over theta. Units: Hz.
    double rate_at(point_xy at) const noexcept {
        double rate = background_hz;
        for (const simulated_field& field : fields) {
            const double dx = at.x - field.center.x;
            const double dy = at.y - field.center.y;
            const double z = 4 * std::numbers::ln2 * (dx * dx + dy * dy) / (field.width_cm * field.width_cm);
            rate += z < 16 ? field.peak_hz * std::exp(-z) : 0;
        }
        return rate;
    }
};

/// A ripple: for its short time the cells fire as if the animal ran along `path`, points at equal distances.
/// Units: seconds, cm.
struct simulated_ripple {
    time_range time;
    std::vector<point_xy> path;
};

/// Makes up the cells: of every eight, one is silent and the others have one to three fields of 15 to 40 cm with peaks
/// of 3 to 30 Hz; of twenty or more, the last three are interneurons of 10 to 40 Hz. Errors: throws invalid_value.
inline std::vector<simulated_cell> simulate_cells(const simulation_options& options) {
    const auto plan = detail::plan_simulation(options);
    const std::size_t count = options.cell_count;
    const std::size_t interneurons = count >= 20 ? 3 : 0;
    std::size_t digits = 2;
    for (std::size_t most = 100; most < count; most *= 10) {
        ++digits;
    }
    const box_xy& arena = plan.arena;
    std::vector<simulated_cell> cells(count);
    for (std::size_t i = 0; i < count; ++i) {
        random_stream random(options.seed, 100 + i);
        simulated_cell& cell = cells[i];
        const std::string number = detail::text(i);
        cell.name = detail::text("cell", std::string(digits - (std::min)(digits, number.size()), '0'), number);
        const auto place = [&] {
            return point_xy{random.uniform(arena.low.x, arena.high.x), random.uniform(arena.low.y, arena.high.y)};
        };
        cell.theta_phase_rad = 0.5 * random.normal();
        cell.theta_depth = random.uniform(0.3, 0.6);
        if (i + interneurons >= count) {
            cell.kind = cell_kind::interneuron;
            cell.background_hz = random.uniform(11, 22);
            cell.theta_phase_rad += std::numbers::pi / 2;
            cell.fields.push_back({place(), random.uniform(90, 150), random.uniform(6, 16)});
            continue;
        }
        // Spread evenly over the cells, so that every recording has its share of each kind.
        const double share = std::fmod(static_cast<double>(i) * std::numbers::phi + 0.25, 1.0);
        if (share > 0.875) {
            cell.kind = cell_kind::silent;
            cell.background_hz = random.uniform(0.005, 0.05);
            continue;
        }
        cell.background_hz = random.uniform(0.02, 0.2);
        const std::size_t fields = share < 0.3 ? 1 : share < 0.6 ? 2 : 3;
        for (std::size_t k = 0; k < fields; ++k) {
            double peak_hz = 0;
            while (!(peak_hz >= 3 && peak_hz <= 30)) {
                peak_hz = random.log_normal(17, 0.5);
            }
            cell.fields.push_back({place(), 15 + 25 * std::sqrt(random.uniform()), peak_hz});
        }
    }
    return cells;
}

/// Ripples of 50 to 150 ms in the animal's pauses, about one per second of standing. Two in five replay the way the
/// animal just came, backwards; the others a path from earlier, in either direction.
inline std::vector<simulated_ripple> simulate_ripples(const simulation_options& options,
                                                      const simulated_animal& animal) {
    constexpr double point_s = 0.002;
    random_stream random(options.seed, 3);
    const auto path = animal.path();
    std::vector<simulated_ripple> ripples;
    for (const time_range& pause : animal.pauses()) {
        double at = pause.start_s + 0.12 + 0.3 * random.exponential();
        while (true) {
            const double length_s = random.uniform(0.05, 0.15);
            if (at + length_s > pause.stop_s - 0.1) {
                break;
            }
            simulated_ripple ripple{{options.start_s + at, options.start_s + at + length_s}, {}};
            const double length_cm = length_s * random.uniform(450, 900);
            const auto now = static_cast<std::size_t>(pause.start_s / simulated_animal::step_s) + 1;
            const bool recent = random.uniform() < 0.4;
            const bool backward = random.uniform() < 0.5 || recent;
            std::size_t from = recent ? now : random.index(now) + 1;
            const auto points = static_cast<std::size_t>(length_s / point_s) + 2;
            const double spacing = length_cm / static_cast<double>(points - 1);
            point_xy last = path[from].neck;
            ripple.path.push_back(last);
            while (ripple.path.size() < points) {
                // Walk along the steps; where the path ends the replay stays.
                const bool more = backward ? from > 0 : from + 1 < path.size();
                if (!more) {
                    ripple.path.resize(points, ripple.path.back());
                    break;
                }
                const point_xy next = path[backward ? from - 1 : from + 1].neck;
                const double away = std::hypot(next.x - last.x, next.y - last.y);
                if (away < spacing) {
                    from = backward ? from - 1 : from + 1; // detours shorter than the spacing are cut
                    continue;
                }
                last = {last.x + (next.x - last.x) * spacing / away, last.y + (next.y - last.y) * spacing / away};
                ripple.path.push_back(last);
            }
            ripples.push_back(std::move(ripple));
            at += length_s + 0.1 + 0.8 * random.exponential();
        }
    }
    return ripples;
}

namespace detail {

/// Draws one cell's spikes, piece by piece of constant rate.
class spike_generator {
public:
    static constexpr std::int64_t refractory_ticks = 60; ///< 2 ms

    spike_generator(const simulated_cell& cell, random_stream random)
        : cell_(cell), random_(random), target_(random_.exponential()) {}

    /// `rate_hz` for `length_s` from `start_s` on; theta goes from phase to phase, with the strength of `theta` (0-1).
    void piece(double start_s, double length_s, double rate_hz, double phase, double next_phase, double theta) {
        const double most = 1 + cell_.theta_depth;
        const double most_hz = rate_hz * most;
        double at_s = 0;
        while (true) {
            const double wait_s = (target_ - done_) / most_hz;
            if (!(at_s + wait_s < length_s)) {
                done_ += most_hz * (length_s - at_s);
                return;
            }
            at_s += wait_s;
            done_ = 0;
            target_ = random_.exponential();
            const double now = phase + (next_phase - phase) * at_s / length_s;
            const double share = (1 + theta * cell_.theta_depth * std::cos(now - cell_.theta_phase_rad)) / most;
            const auto tick = static_cast<std::int64_t>((start_s + at_s) * simulated_clock_hz);
            if (random_.uniform() < share && tick - last_ >= refractory_ticks) {
                ticks.push_back(tick);
                last_ = tick;
            }
        }
    }

    std::vector<std::int64_t> ticks;

private:
    const simulated_cell& cell_;
    random_stream random_;
    double target_;
    double done_ = 0;
    std::int64_t last_ = -refractory_ticks;
};

} // namespace detail

/// The spike times of every cell, sorted: whole ticks of the 30 kHz clock after start_s, at least 2 ms apart. Rates
/// follow the cell's fields, theta while running, speed, and the replayed path in ripples. Cost: about 10 ms per cell
/// and hour. Units: seconds.
inline std::vector<std::vector<double>> simulate_spikes(const simulation_options& options,
                                                        const simulated_animal& animal,
                                                        std::span<const simulated_cell> cells,
                                                        std::span<const simulated_ripple> ripples) {
    constexpr double step_s = simulated_animal::step_s;
    constexpr std::size_t parts = 10; // a step in which a ripple is gets cut
    constexpr double part_s = step_s / static_cast<double>(parts);
    const auto plan = detail::plan_simulation(options);
    const auto path = animal.path();
    const auto end_tick = static_cast<std::int64_t>(plan.duration_s * simulated_clock_hz);
    std::vector<std::vector<double>> spikes(cells.size());
    for (std::size_t c = 0; c < cells.size(); ++c) {
        const simulated_cell& cell = cells[c];
        const bool inter = cell.kind == cell_kind::interneuron;
        detail::spike_generator train(cell, random_stream(options.seed, (std::uint64_t{1} << 32) + c));
        std::size_t next = 0;
        for (std::size_t i = 1; i + 1 < path.size(); ++i) {
            const double start_s = static_cast<double>(i - 1) * step_s;
            const simulated_step& step = path[i];
            const double slow = (std::min)(1.0, step.speed / (inter ? 20 : 5));
            const double gain = inter ? 0.7 + 0.3 * slow : 0.3 + 0.7 * slow;
            const double theta = (std::min)(1.0, step.speed / 8);
            const double phase = step.theta_phase;
            const double next_phase = path[i + 1].theta_phase;
            const double rate = cell.rate_at(step.neck) * gain;
            while (next < ripples.size() && ripples[next].time.stop_s - options.start_s <= start_s) {
                ++next;
            }
            if (next == ripples.size() || ripples[next].time.start_s - options.start_s >= start_s + step_s) {
                train.piece(start_s, step_s, rate, phase, next_phase, theta);
                continue;
            }
            const simulated_ripple& ripple = ripples[next];
            for (std::size_t part = 0; part < parts; ++part) {
                const double at_s = start_s + static_cast<double>(part) * part_s;
                const double through = (options.start_s + at_s + part_s / 2 - ripple.time.start_s) /
                                       (ripple.time.stop_s - ripple.time.start_s);
                double part_rate = rate;
                if (through >= 0 && through < 1) {
                    const auto point =
                        static_cast<std::size_t>(through * static_cast<double>(ripple.path.size() - 1) + 0.5);
                    part_rate = inter ? rate * 1.4 : (std::min)(150.0, 4.5 * cell.rate_at(ripple.path[point]));
                }
                train.piece(at_s, part_s, part_rate, phase, phase, 0);
            }
        }
        auto& times = spikes[c];
        times.reserve(train.ticks.size());
        for (const std::int64_t tick : train.ticks) {
            if (tick < end_tick) {
                times.push_back(options.start_s + static_cast<double>(tick) / simulated_clock_hz);
            }
        }
    }
    return spikes;
}

} // namespace fieldreel::inline v0

#endif
