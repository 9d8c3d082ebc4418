// SPDX-License-Identifier: MIT
// The files of a recording of any length, in .npy files that the benchmarks of overlays map.
#ifndef FIELDREEL_BENCH_OVERLAY_MAPPED_RECORDING_HPP
#define FIELDREEL_BENCH_OVERLAY_MAPPED_RECORDING_HPP

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fieldreel/source/npy.hpp>
#include <fieldreel/source/samples.hpp>

namespace bench {

/// An animal on a Lissajous path: times, positions, angles and a signal of `count` samples at 500 Hz, and events at
/// 200 Hz. Whoever needs more opens a file again, which maps it again. The files last as long as the program.
class mapped_recording {
public:
    static constexpr double rate_hz = 500;
    static constexpr double event_rate_hz = 200; // a hundred are shown at once for half a second

    static double x_of(double time_s) { return 50 + 40 * std::sin(time_s); }
    static double y_of(double time_s) { return 40 + 30 * std::cos(0.65 * time_s); }
    static double angle_of(double time_s) { return 1.5 * time_s; }
    static double signal_of(double time_s) { return std::sin(50 * time_s) + 0.2 * std::sin(1700 * time_s); }

    static const mapped_recording& of(std::size_t count) {
        static std::map<std::size_t, std::unique_ptr<mapped_recording>> made;
        auto& found = made[count];
        if (found == nullptr) {
            found.reset(new mapped_recording(count));
        }
        return *found;
    }
    mapped_recording(const mapped_recording&) = delete;
    mapped_recording& operator=(const mapped_recording&) = delete;
    ~mapped_recording() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    fieldreel::samples open(const std::string& name) const {
        return fieldreel::samples::open_npy(folder_ + "/" + name + ".npy");
    }
    double seconds() const { return seconds_; }

private:
    explicit mapped_recording(std::size_t count)
        : folder_((std::filesystem::temp_directory_path() / ("fieldreel_bench_recording_" + std::to_string(count)))
                      .string()),
          seconds_(static_cast<double>(count) / rate_hz) {
        std::filesystem::create_directories(folder_);
        write("times", count, 1, rate_hz, [](double t, std::size_t) { return t; });
        write("positions", count, 2, rate_hz, [](double t, std::size_t xy) { return xy == 0 ? x_of(t) : y_of(t); });
        write("angles", count, 1, rate_hz, [](double t, std::size_t) { return angle_of(t); });
        write("events", static_cast<std::size_t>(seconds_ * event_rate_hz), 1, event_rate_hz,
              [](double t, std::size_t) { return t; });
        write("signal", count, 1, rate_hz, [](double t, std::size_t) { return signal_of(t); });
    }
    template <class F>
    void write(const std::string& name, std::size_t rows, std::size_t columns, double rate, const F& value) const {
        fieldreel::npy_writer<double> out(folder_ + "/" + name + ".npy", columns == 1
                                                                             ? std::vector<std::size_t>{}
                                                                             : std::vector<std::size_t>{columns});
        std::vector<double> part;
        for (std::size_t i = 0; i < rows; ++i) {
            for (std::size_t column = 0; column < columns; ++column) {
                part.push_back(value(static_cast<double>(i) / rate, column));
            }
            if (part.size() >= 1 << 16 || i + 1 == rows) {
                out.write(std::span<const double>(part));
                part.clear();
            }
        }
        out.finish();
    }

    std::string folder_;
    double seconds_;
};

} // namespace bench

#endif
