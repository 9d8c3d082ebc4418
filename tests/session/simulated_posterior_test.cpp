// SPDX-License-Identifier: MIT
#include <fieldreel/session/simulated_posterior.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace fieldreel;

static_assert(frame_source<simulated_posterior>);
static_assert(timed_source<simulated_posterior>);
static_assert(concurrent_read<simulated_posterior>);

namespace {

struct made {
    explicit made(const simulation_options& options)
        : animal(options),
          cells(simulate_cells(options)),
          ripples(simulate_ripples(options, animal)),
          spikes(simulate_spikes(options, animal, cells, ripples)),
          posterior(options, cells, spikes) {}
    std::vector<float> frame(std::size_t i) const {
        std::vector<float> out(posterior.frame_size());
        posterior.read(i, out);
        return out;
    }
    point_xy most_probable(std::size_t i) const {
        const auto values = frame(i);
        return posterior.space().center(
            static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin()));
    }
    simulated_animal animal;
    std::vector<simulated_cell> cells;
    std::vector<simulated_ripple> ripples;
    std::vector<std::vector<double>> spikes;
    simulated_posterior posterior;
};

double distance(point_xy a, point_xy b) {
    return std::hypot(a.x - b.x, a.y - b.y);
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

double median_error_running(const made& m) {
    std::vector<double> errors;
    for (std::size_t i = 0; i + 1 < m.posterior.frame_count(); ++i) {
        const double middle_s = m.posterior.time_s(i) + 0.01;
        const point_xy at = m.animal.position_at(middle_s);
        if (distance(at, m.animal.position_at(middle_s + 0.02)) > 0.1) {
            errors.push_back(distance(at, m.most_probable(i)));
        }
    }
    return median(errors);
}

/// The same posterior, the slow way: every cell, in double.
std::vector<double> by_hand(const made& m, double from_s, double until_s, double bin_size) {
    std::vector<double> out(m.posterior.space().bin_count());
    for (std::size_t b = 0; b < out.size(); ++b) {
        for (std::size_t c = 0; c < m.cells.size(); ++c) {
            double rate = 0;
            for (const double dx : {-1, 0, 1}) {
                for (const double dy : {-1, 0, 1}) {
                    const point_xy at = m.posterior.space().center(b);
                    rate += m.cells[c].rate_at({at.x + dx * bin_size / 3, at.y + dy * bin_size / 3}) / 9;
                }
            }
            rate = (std::max)(rate, 0.1);
            const auto count = std::count_if(m.spikes[c].begin(), m.spikes[c].end(),
                                             [&](double t) { return t >= from_s - 1e-6 && t < until_s - 1e-6; });
            out[b] += static_cast<double>(count) * std::log(rate) - (until_s - from_s) * rate;
        }
    }
    const double most = *std::max_element(out.begin(), out.end());
    double sum = 0;
    for (double& p : out) {
        p = std::exp(p - most);
        sum += p;
    }
    for (double& p : out) {
        p /= sum;
    }
    return out;
}

const made& five_minutes() {
    static const made out({.minutes = 5});
    return out;
}

} // namespace

TEST_CASE("simulated_arena: the open field is full, x slow and y fast") {
    const fieldreel::grid grid = *simulated_arena(simulation_options{}).as_grid();
    CHECK(grid.bin_count() == 625);
    CHECK(grid.edges_x().size() == 26);
    CHECK(grid.edges_x()[25] == 100);
    CHECK(std::count(grid.active().begin(), grid.active().end(), 1) == 625);
    CHECK(grid.bin_at(0, 0) == std::optional<std::size_t>(0));
    CHECK(grid.bin_at(1, 5) == std::optional<std::size_t>(1));
    CHECK(grid.bin_at(5, 1) == std::optional<std::size_t>(25));
    CHECK_FALSE(grid.bin_at(100, 50).has_value());
    CHECK_FALSE(grid.bin_at(-0.1, 50).has_value());
    CHECK_FALSE(grid.bin_at(std::nan(""), 50).has_value());
    CHECK(simulated_arena({.bin_size = 3}).as_grid()->edges_x().size() == 35); // the last bin reaches past the wall
}

TEST_CASE("simulated_arena: the linear track is one edge with bins along it") {
    const any_space arena = simulated_arena({.task = simulation_task::linear_track});
    REQUIRE(arena.as<track>() != nullptr);
    CHECK(arena.as_grid() == nullptr);
    CHECK(arena.bin_count() == 43);
    CHECK(arena.as<track>()->linear_length() == 170);
    CHECK(arena.bin_at(1, 7.9) == std::optional<std::size_t>(0));
    CHECK(arena.bin_at(169, 0.1) == std::optional<std::size_t>(42));
    CHECK_FALSE(arena.bin_at(50, 8.5).has_value());
    for (std::size_t b = 0; b < arena.bin_count(); ++b) {
        CHECK(arena.bin_at(arena.center(b).x, arena.center(b).y) == std::optional(b));
    }
}

TEST_CASE("simulated_posterior: exp_below is exp") {
    std::vector<float> values;
    for (int i = 0; i <= 1000; ++i) {
        values.push_back(-0.07f * static_cast<float>(i));
    }
    auto out = values;
    detail::exp_below(out.data(), out.size(), 0.0f);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double wanted = std::exp((std::max)(-60.0, static_cast<double>(values[i])));
        REQUIRE(static_cast<double>(out[i]) == doctest::Approx(wanted).epsilon(3e-7));
    }
}

TEST_CASE("simulated_posterior: equals the slow way, frame by frame") {
    const auto& m = five_minutes();
    for (std::size_t i = 3; i < m.posterior.frame_count(); i += 1500) {
        const auto fast = m.frame(i);
        const auto slow = by_hand(m, m.posterior.time_s(i), m.posterior.time_s(i) + 0.02, 4);
        for (std::size_t b = 0; b < fast.size(); ++b) {
            REQUIRE(static_cast<double>(fast[b]) == doctest::Approx(slow[b]).epsilon(1e-4));
        }
    }
}

TEST_CASE("simulated_posterior: every frame sums to 1 and is not negative") {
    const auto& m = five_minutes();
    CHECK(m.posterior.frame_count() == 15000);
    CHECK(m.posterior.frame_size() == 625);
    for (std::size_t i = 0; i < m.posterior.frame_count(); ++i) {
        double sum = 0;
        for (const float p : m.frame(i)) {
            REQUIRE(p >= 0);
            sum += static_cast<double>(p);
        }
        REQUIRE(sum == doctest::Approx(1).epsilon(1e-4));
    }
}

TEST_CASE("simulated_posterior: decodes the running animal to 5 to 15 cm") {
    for (const std::uint64_t seed : {1u, 2u}) {
        const double error = median_error_running(made({.minutes = 5, .seed = seed}));
        CHECK(error > 5);
        CHECK(error < 15);
    }
    const double track = median_error_running(made({.minutes = 2, .task = simulation_task::linear_track}));
    CHECK(track > 2);
    CHECK(track < 10);
}

TEST_CASE("simulated_posterior: in ripples it follows the replayed path") {
    const auto& m = five_minutes();
    std::vector<double> errors, to_animal;
    for (const auto& ripple : m.ripples) {
        for (auto i = static_cast<std::size_t>(ripple.time.start_s / 0.02) + 1;
             m.posterior.time_s(i) + 0.02 <= ripple.time.stop_s; ++i) {
            const double through =
                (m.posterior.time_s(i) + 0.01 - ripple.time.start_s) / (ripple.time.stop_s - ripple.time.start_s);
            const auto point = static_cast<std::size_t>(through * static_cast<double>(ripple.path.size() - 1));
            errors.push_back(distance(m.most_probable(i), ripple.path[point]));
            to_animal.push_back(distance(m.most_probable(i), m.animal.position_at(m.posterior.time_s(i))));
        }
    }
    REQUIRE(errors.size() > 40);
    CHECK(median(errors) < 10);
    CHECK(median(to_animal) > 2 * median(errors));
}

TEST_CASE("simulated_posterior: reading in pieces, in any order, gives the same frames") {
    const simulation_options options{.duration_s = 10, .decode_step_s = 0.005};
    const made m(options);
    const std::size_t n = m.posterior.frame_count();
    const std::size_t size = m.posterior.frame_size();
    CHECK(n == 1997);
    std::vector<float> whole(n * size);
    m.posterior.read(0, whole);
    const simulated_posterior copy = m.posterior;
    for (std::size_t k = 0; k < n; ++k) {
        const std::size_t i = (k * 1201) % n;
        std::vector<float> one(size);
        copy.read(i, one);
        REQUIRE(std::equal(one.begin(), one.end(), whole.begin() + static_cast<std::ptrdiff_t>(i * size)));
    }
    const auto slow = by_hand(m, m.posterior.time_s(1001), m.posterior.time_s(1001) + 0.02, 4);
    for (std::size_t b = 0; b < size; ++b) {
        REQUIRE(static_cast<double>(whole[1001 * size + b]) == doctest::Approx(slow[b]).epsilon(1e-4));
    }
}

TEST_CASE("simulated_posterior: frames have times, and a start time changes no frame") {
    const made early({.duration_s = 30});
    const made late({.duration_s = 30, .start_s = 1.6e9});
    CHECK(late.posterior.time_s(0) == 1.6e9);
    CHECK(late.posterior.time_s(100) == doctest::Approx(1.6e9 + 2));
    CHECK(early.posterior.duration_s(3) == doctest::Approx(0.02));
    CHECK(early.posterior.frame_at(0.05) == std::optional<std::size_t>(2));
    CHECK_FALSE(early.posterior.frame_at(-0.05).has_value());
    CHECK_FALSE(early.posterior.frame_at(30.05).has_value());
    for (std::size_t i = 0; i < early.posterior.frame_count(); i += 10) {
        REQUIRE(early.frame(i) == late.frame(i));
    }
}

TEST_CASE("simulated_posterior: misuse is refused with a sentence") {
    const simulation_options options{.frames = 4, .cell_count = 2};
    const auto cells = simulate_cells(options);
    const std::vector<std::vector<double>> one(1), two(2);
    CHECK_THROWS_WITH_AS(simulated_posterior(options, cells, one),
                         "there are 1 lists of spikes for 2 cells; give one list per cell", data_error);
    const simulated_posterior posterior(options, cells, two);
    std::vector<float> out(posterior.frame_size() * 2);
    CHECK_THROWS_WITH_AS(posterior.read(3, out),
                         "frame 4 is past the end: the source has 4 frames (0-3); clamp the index or use subsample",
                         frame_out_of_range);
    out.pop_back();
    CHECK_THROWS_AS(posterior.read(0, out), invalid_value);
    CHECK(simulated_posterior().frame_count() == 1);
    CHECK_THROWS_WITH_AS(simulated_posterior({.cell_count = 2, .bin_size = 0.2, .max_bytes = 1000000}, cells, two),
                         "decoding 2 cells in bins of 0.2 cm needs about 2 MB of memory; at most 1 MB are allowed; "
                         "ask for less or raise max_bytes",
                         invalid_value);
}
