// SPDX-License-Identifier: MIT
// The recording that the benchmarks of space/ measure: 697 000 samples and 10 000 spikes in a box of 100 x 100.
#ifndef FIELDREEL_BENCH_SPACE_LONG_RECORDING_HPP
#define FIELDREEL_BENCH_SPACE_LONG_RECORDING_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include <xtensor/xtensor.hpp>

namespace bench {

inline constexpr std::size_t sample_count = 697'000;
inline constexpr std::size_t spike_count = 10'000;

struct recording {
    xt::xtensor<double, 2> positions = xt::xtensor<double, 2>::from_shape({sample_count, 2});
    std::vector<double> times;
    std::vector<double> spikes;
};

// A walk in a box of 100 x 100 at 100 Hz, with one lost sample in a thousand and a gap of one second in 50 000.
inline const recording& shared_recording() {
    static const recording made = [] {
        recording out;
        std::mt19937_64 engine(7);
        std::normal_distribution<double> turn(0, 0.2);
        std::uniform_real_distribution<double> uniform(0, 1);
        double x = 50;
        double y = 50;
        double angle = 0;
        double time_s = 0;
        for (std::size_t i = 0; i < sample_count; ++i) {
            angle += turn(engine);
            x += 0.15 * std::cos(angle);
            y += 0.15 * std::sin(angle);
            if (x < 0 || x > 100 || y < 0 || y > 100) {
                x = std::clamp(x, 0.0, 100.0);
                y = std::clamp(y, 0.0, 100.0);
                angle += 2;
            }
            const bool lost = i % 1000 == 999;
            out.positions(i, 0) = lost ? std::nan("") : x;
            out.positions(i, 1) = lost ? std::nan("") : y;
            out.times.push_back(time_s);
            time_s += i % 50'000 == 49'999 ? 1 : 0.01;
        }
        for (std::size_t i = 0; i < spike_count; ++i) {
            out.spikes.push_back(uniform(engine) * time_s);
        }
        std::sort(out.spikes.begin(), out.spikes.end());
        return out;
    }();
    return made;
}

} // namespace bench

#endif
