// SPDX-License-Identifier: MIT
#include <fieldreel/session/simulated_cells.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <fieldreel/session/simulated_posterior.hpp>
#include <fieldreel/space/place_field.hpp>
#include <fieldreel/space/track.hpp>

using namespace fieldreel;

namespace {

struct made {
    explicit made(const simulation_options& options)
        : animal(options),
          cells(simulate_cells(options)),
          ripples(simulate_ripples(options, animal)),
          spikes(simulate_spikes(options, animal, cells, ripples)) {}
    simulated_animal animal;
    std::vector<simulated_cell> cells;
    std::vector<simulated_ripple> ripples;
    std::vector<std::vector<double>> spikes;
};

const made& twenty_minutes() {
    static const made out({.minutes = 20});
    return out;
}

} // namespace

TEST_CASE("simulated_cells: kinds, fields and rates are in their ranges") {
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
        const auto cells = simulate_cells({.seed = seed});
        std::size_t kinds[3] = {};
        std::size_t counts[4] = {};
        CHECK(cells.size() == 60);
        CHECK(cells[7].name == "cell07");
        CHECK(cells[0].theta_depth != cells[1].theta_depth); // no two are alike
        for (const auto& cell : cells) {
            ++kinds[static_cast<std::size_t>(cell.kind)];
            if (cell.kind == cell_kind::interneuron) {
                for (double x = 5; x < 100; x += 10) {
                    CHECK(cell.rate_at({x, 50}) >= 10);
                    CHECK(cell.rate_at({x, 50}) <= 40);
                }
                continue;
            }
            REQUIRE(cell.fields.size() <= 3);
            ++counts[cell.fields.size()];
            for (const auto& field : cell.fields) {
                CHECK((field.width_cm >= 15 && field.width_cm <= 40));
                CHECK((field.peak_hz >= 3 && field.peak_hz <= 30));
                const double half = cell.rate_at({field.center.x + field.width_cm / 2, field.center.y});
                CHECK(half >= field.peak_hz / 2);
            }
        }
        CHECK(kinds[static_cast<std::size_t>(cell_kind::interneuron)] == 3);
        CHECK(kinds[static_cast<std::size_t>(cell_kind::silent)] >= 4);
        for (const std::size_t count : counts) {
            CHECK(count >= 4);
        }
    }
    CHECK(simulate_cells({.cell_count = 101})[100].name == "cell100");
    CHECK(simulate_cells({.cell_count = 101})[3].name == "cell003");
    CHECK(simulate_cells({.cell_count = 100})[99].name == "cell99");
}

TEST_CASE("simulated_cells: spikes are sorted, inside the recording and refractory") {
    for (const auto& times : twenty_minutes().spikes) {
        for (std::size_t i = 0; i < times.size(); ++i) {
            REQUIRE((times[i] >= 0 && times[i] < 1200));
            REQUIRE((i == 0 || times[i] - times[i - 1] >= 0.002 - 1e-9));
        }
    }
}

TEST_CASE("simulated_cells: cells fire in their fields") {
    const auto& m = twenty_minutes();
    const auto path = m.animal.path();
    int tested = 0;
    for (std::size_t c = 0; c < m.cells.size(); ++c) {
        const auto& cell = m.cells[c];
        if (cell.kind == cell_kind::silent) {
            CHECK(m.spikes[c].size() < 0.2 * 1200);
            continue;
        }
        if (cell.kind == cell_kind::interneuron) {
            CHECK(m.spikes[c].size() > 8 * 1200);
            continue;
        }
        // Running steps in the first field's heart and far from all fields.
        double in_s = 0, out_s = 0, in_rate = 0;
        const auto inside = [&](std::size_t i) {
            return std::hypot(path[i].neck.x - cell.fields[0].center.x, path[i].neck.y - cell.fields[0].center.y) <
                   cell.fields[0].width_cm / 3;
        };
        const auto outside = [&](std::size_t i) { return cell.rate_at(path[i].neck) < cell.background_hz + 0.02; };
        const auto runs = [&](std::size_t i) { return path[i].speed > 8; };
        for (std::size_t i = 1; i + 2 < path.size(); ++i) {
            in_s += runs(i) && inside(i) ? 0.02 : 0;
            in_rate += runs(i) && inside(i) ? 0.02 * cell.rate_at(path[i].neck) : 0;
            out_s += runs(i) && outside(i) ? 0.02 : 0;
        }
        double in = 0, out = 0;
        for (const double t : m.spikes[c]) {
            const auto i = static_cast<std::size_t>(t / 0.02) + 1;
            in += runs(i) && inside(i) ? 1 : 0;
            out += runs(i) && outside(i) ? 1 : 0;
        }
        if (in_rate > 80) {
            ++tested;
            CHECK(in / in_rate == doctest::Approx(0.95).epsilon(0.35)); // refractoriness takes some
        }
        if (out_s > 60 && in_s > 5) {
            CHECK(out / out_s < 0.4);
        }
    }
    CHECK(tested > 10);
}

TEST_CASE("simulated_cells: a place field made of the spikes is the true rate, in the open field and on the track") {
    const auto correlation = [](const std::vector<double>& a, const std::vector<double>& b) {
        double n = 0, sum_a = 0, sum_b = 0, sum_aa = 0, sum_bb = 0, sum_ab = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (!std::isnan(a[i])) {
                n += 1;
                sum_a += a[i];
                sum_b += b[i];
                sum_aa += a[i] * a[i];
                sum_bb += b[i] * b[i];
                sum_ab += a[i] * b[i];
            }
        }
        return (sum_ab - sum_a * sum_b / n) / std::sqrt((sum_aa - sum_a * sum_a / n) * (sum_bb - sum_b * sum_b / n));
    };
    for (const auto task : {simulation_task::open_field, simulation_task::linear_track}) {
        const simulation_options options{.minutes = 20, .rate_hz = 100, .task = task, .cell_count = 8};
        const made m(options);
        simulated_samples recorded;
        m.animal.samples(0, m.animal.sample_count(), recorded);
        const samples positions = samples::borrow(std::span<const double>(recorded.positions), 2);
        const auto check = [&](const auto& bins, double bandwidth) {
            for (std::size_t c = 0; c < m.cells.size(); ++c) {
                if (m.cells[c].kind != cell_kind::place) {
                    continue;
                }
                CAPTURE(c);
                // while running: in pauses the cells replay other places
                const auto field = place_field(bins, m.spikes[c], recorded.times, positions,
                                               {.method = place_field_method::diffusion_kde,
                                                .bandwidth = bandwidth,
                                                .min_occupancy_s = 0.1,
                                                .min_speed = 5});
                CHECK(field.spikes_used + field.discarded.total() == m.spikes[c].size());
                std::vector<double> truth;
                for (const point_xy& at : bins.centers()) {
                    truth.push_back(m.cells[c].rate_at(at));
                }
                CHECK(correlation(field.rate, truth) > 0.95);
                const double highest = *std::max_element(truth.begin(), truth.end());
                CHECK(field.peak_rate > 0.6 * highest);
                CHECK(field.peak_rate < 1.25 * highest);
            }
        };
        const any_space arena = simulated_arena(options);
        if (arena.as_grid() != nullptr) {
            check(*arena.as_grid(), 4);
        } else {
            check(*arena.as<track>(), 4);
        }
    }
}

TEST_CASE("simulated_cells: spikes follow theta while running") {
    const auto& m = twenty_minutes();
    const auto path = m.animal.path();
    CHECK(path.back().theta_phase / (2 * std::numbers::pi * 1200) == doctest::Approx(8).epsilon(0.05));
    for (std::size_t c = 57; c < 60; ++c) {
        double x = 0, y = 0, n = 0;
        for (const double t : m.spikes[c]) {
            const auto i = static_cast<std::size_t>(t / 0.02) + 1;
            if (path[i].speed > 10) {
                const double u = t / 0.02 - std::floor(t / 0.02);
                const double phase = path[i].theta_phase + u * (path[i + 1].theta_phase - path[i].theta_phase);
                x += std::cos(phase);
                y += std::sin(phase);
                n += 1;
            }
        }
        CHECK(std::hypot(x, y) / n > 0.1);
        CHECK(std::abs(detail::wrap_angle(std::atan2(y, x) - m.cells[c].theta_phase_rad)) < 0.4);
    }
}

TEST_CASE("simulated_cells: ripples lie in pauses and replay a path faster than any rat") {
    const auto& m = twenty_minutes();
    CHECK(m.ripples.size() > 40);
    double in = 0, standing = 0, ripple_s = 0, pause_s = 0;
    for (const auto& ripple : m.ripples) {
        const double length_s = ripple.time.stop_s - ripple.time.start_s;
        CHECK((length_s >= 0.05 && length_s <= 0.15));
        bool inside = false;
        for (const auto& pause : m.animal.pauses()) {
            inside = inside || (ripple.time.start_s > pause.start_s && ripple.time.stop_s < pause.stop_s);
        }
        CHECK(inside);
        double length_cm = 0;
        for (std::size_t i = 1; i < ripple.path.size(); ++i) {
            length_cm += std::hypot(ripple.path[i].x - ripple.path[i - 1].x, ripple.path[i].y - ripple.path[i - 1].y);
        }
        CHECK(length_cm / length_s < 901);
        ripple_s += length_s;
    }
    for (const auto& pause : m.animal.pauses()) {
        pause_s += pause.stop_s - pause.start_s;
    }
    for (std::size_t c = 0; c < 57; ++c) {
        for (const double t : m.spikes[c]) {
            for (const auto& ripple : m.ripples) {
                in += t >= ripple.time.start_s && t < ripple.time.stop_s ? 1 : 0;
            }
            for (const auto& pause : m.animal.pauses()) {
                standing += t >= pause.start_s && t < pause.stop_s ? 1 : 0;
            }
        }
    }
    CHECK(in / ripple_s > 5 * (standing - in) / (pause_s - ripple_s));
}

TEST_CASE("simulated_cells: each cell has its own stream, and a start time only shifts") {
    const made few({.duration_s = 60, .cell_count = 25});
    const made more({.duration_s = 60, .cell_count = 40});
    CHECK(few.spikes[3] == more.spikes[3]);
    CHECK(few.spikes[3] != few.spikes[4]);
    const made late({.duration_s = 60, .cell_count = 25, .start_s = 1.6e9});
    REQUIRE(late.ripples.size() == few.ripples.size());
    for (std::size_t c = 0; c < 25; ++c) {
        REQUIRE(late.spikes[c].size() == few.spikes[c].size());
        for (std::size_t i = 0; i < few.spikes[c].size(); ++i) {
            REQUIRE(std::abs(late.spikes[c][i] - 1.6e9 - few.spikes[c][i]) < 1e-6);
        }
    }
}
