// SPDX-License-Identifier: MIT
// Where the time of one step went.
#ifndef FIELDREEL_PLAYBACK_STEP_REPORT_HPP
#define FIELDREEL_PLAYBACK_STEP_REPORT_HPP

#include <chrono>

namespace fieldreel::inline v0 {

/// The stages of one step. Units: milliseconds.
struct step_report {
    double read_ms = 0;    ///< finding and fetching the fields' frames
    double overlay_ms = 0; ///< building the shapes
    double present_ms = 0; ///< the viewer's work
    double total_ms() const noexcept { return read_ms + overlay_ms + present_ms; }
};

namespace detail {

/// Milliseconds between calls.
class lap_timer {
public:
    double lap_ms() noexcept {
        const auto now = std::chrono::steady_clock::now();
        const double ms = std::chrono::duration<double, std::milli>(now - last_).count();
        last_ = now;
        return ms;
    }

private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

} // namespace detail
} // namespace fieldreel::inline v0

#endif
