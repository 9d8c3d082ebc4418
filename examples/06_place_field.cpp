// SPDX-License-Identifier: MIT
// From positions and spikes to bins, to a cell's place field, to a film with the animal on it.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <random>
#include <vector>

#include <fieldreel/fieldreel.hpp>

int main() {
    namespace fr = fieldreel;
    // Ten minutes at 50 Hz in a box of 100 x 80 cm; the cell fires at up to 20 Hz around (70, 30).
    std::mt19937 engine(1);
    std::uniform_real_distribution<double> uniform(0, 1);
    std::vector<double> positions;
    std::vector<double> spikes;
    for (int i = 0; i < 30'000; ++i) {
        const double t = i / 50.0;
        const double x = 50 + 48 * std::sin(0.71 * t) * std::cos(0.013 * t);
        const double y = 40 + 38 * std::sin(0.53 * t + 1);
        positions.insert(positions.end(), {x, y});
        const double rate_hz = 20 * std::exp(-(std::pow(x - 70, 2) + std::pow(y - 30, 2)) / (2 * 8 * 8));
        if (uniform(engine) < rate_hz / 50) {
            spikes.push_back(t);
        }
    }
    const fr::sample_times times(fr::uniform_times{50, 0}, 30'000);
    const fr::samples path(positions, 2);

    const auto bins = fr::grid::from_samples(path, {.bin_size = 4});
    const auto cell = fr::place_field(bins, spikes, times, path, {.min_occupancy_s = 0.1});
    double peak = 0;
    std::size_t peak_bin = 0;
    for (std::size_t bin = 0; bin < cell.rate.size(); ++bin) { // NaN (no value) is never above
        if (cell.rate[bin] > peak) {
            peak = cell.rate[bin];
            peak_bin = bin;
        }
    }

    fr::playback movie; // the field stays and is held once; the animal moves
    movie.add_field(fr::tile<double>(cell.rate, 18'000) | fr::timed({.rate_hz = 30, .start_s = 0}), bins,
                    {.range = {0, peak}, .kind = fr::field_kind::rate, .title = "cell", .unit = "Hz"});
    movie.add_overlay({"trail", fr::trail({times, path})});
    fr::headless_viewer viewer;
    const auto report = fr::play(movie, viewer, {.speed = 6000, .refresh_hz = 600, .max_steps = 100});
    const auto at = bins.center(peak_bin);
    std::cout << cell.spikes_used << " spikes in " << bins.bin_count() << " bins; the field peaks at ("
              << std::lround(at.x) << ", " << std::lround(at.y) << ") with " << std::lround(peak) << " Hz\n";
    return report.shown > 0 && std::hypot(at.x - 70, at.y - 30) < 12 ? 0 : 1;
}
