// SPDX-License-Identifier: MIT
// A whole recording, simulated: tracking, spikes, ripples and the posterior decoded from them.
#ifndef FIELDREEL_SESSION_SIMULATE_HPP
#define FIELDREEL_SESSION_SIMULATE_HPP

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/session/simulated_animal.hpp>
#include <fieldreel/session/simulated_cells.hpp>
#include <fieldreel/session/simulated_posterior.hpp>
#include <fieldreel/session/simulation_options.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

/// A simulated recording without its samples: everything from which samples and frames are made when asked, in about
/// 30 MB per hour (80 MB while it is made). What long recordings are written from, and what plays without files.
struct simulation {
    /// Errors: throws invalid_value for options that are not allowed, or that need more than max_bytes.
    /// Cost: about 0.5 s per hour of recording.
    explicit simulation(const simulation_options& wanted = {})
        : options(wanted),
          animal((check(wanted), wanted)),
          cells(simulate_cells(wanted)),
          ripples(simulate_ripples(wanted, animal)),
          spikes(simulate_spikes(wanted, animal, cells, ripples)),
          posterior(wanted, cells, spikes) {}

    simulation_options options;
    simulated_animal animal;
    std::vector<simulated_cell> cells;
    std::vector<simulated_ripple> ripples;
    std::vector<std::vector<double>> spikes; ///< sorted times of each cell, s
    simulated_posterior posterior;           ///< a timed frame source, order: active bins of its space()

private:
    static void check(const simulation_options& options) {
        const auto plan = detail::plan_simulation(options);
        detail::check_decoding_bytes(options, options.cell_count);
        // 44 bytes per spike while they are sorted, at the usual 3 Hz per cell, and the path.
        detail::check_bytes(options,
                            plan.duration_s * (static_cast<double>(options.cell_count) * 3 * 44 +
                                               static_cast<double>(sizeof(simulated_step)) / simulated_animal::step_s),
                            detail::text("simulating ", plan.duration_s, " s with ", options.cell_count, " cells"));
    }
};

/// A simulated recording in memory: plain arrays, as they would come from files. Units: seconds, cm, radians.
struct simulated_recording : simulated_samples {
    std::vector<std::vector<double>> spikes; ///< sorted times of each cell
    std::vector<time_range> ripples;
    std::vector<double> frame_times; ///< of the posterior: when each bin of spikes begins
    simulated_posterior posterior;   ///< decoded when read, from `spikes`

    simulation_options options;
    std::vector<simulated_cell> cells;     ///< the truth about `spikes`
    std::vector<simulated_ripple> replays; ///< the truth about `ripples`
    std::vector<simulated_flaw> flaws;     ///< the truth about `positions`, beside `true_positions`

    std::size_t sample_count() const noexcept { return times.size(); }
    /// (n, 2), a view of `positions`: valid as long as the recording is neither moved nor changed.
    samples position_table() const { return samples::borrow(std::span<const double>(positions), 2); }
    /// (n, 2) of a keypoint, as position_table. Errors: throws invalid_value for a name that is not in
    /// simulated_keypoint_names.
    samples keypoint_table(std::string_view name) const {
        for (std::size_t i = 0; i < simulated_keypoint_names.size(); ++i) {
            if (simulated_keypoint_names[i] == name) {
                return samples::borrow(std::span<const double>(keypoints[i]), 2);
            }
        }
        throw invalid_value("name", detail::text("the simulated body has no keypoint \"", name, "\"; it has ",
                                                 detail::join(simulated_keypoint_names), "; did you mean ",
                                                 detail::nearest_name(name, simulated_keypoint_names), "?"));
    }
};

namespace detail {

inline void check_sample_bytes(const simulation_options& options) {
    const std::size_t n = plan_simulation(options).sample_count;
    check_bytes(options, static_cast<double>(n) * (options.pose ? 160 : 48),
                text("a recording of ", n, " samples in memory"));
}

} // namespace detail

/// The recording of a simulation, all samples made. Errors: throws invalid_value when it needs more than max_bytes.
/// Cost: memory of the arrays, 0.3 GB per hour at 500 Hz with pose; 0.2 µs per sample.
inline simulated_recording simulated(const simulation& from) {
    const std::size_t n = from.animal.sample_count();
    detail::check_sample_bytes(from.options);
    simulated_recording out;
    from.animal.samples(0, n, out);
    out.spikes = from.spikes;
    out.replays = from.ripples;
    for (const auto& ripple : from.ripples) {
        out.ripples.push_back(ripple.time);
    }
    for (std::size_t i = 0; i < from.posterior.frame_count(); ++i) {
        out.frame_times.push_back(from.posterior.time_s(i));
    }
    out.posterior = from.posterior;
    out.options = from.options;
    out.cells = from.cells;
    out.flaws.assign(from.animal.flaws().begin(), from.animal.flaws().end());
    return out;
}

/// Simulates a recording in memory: the same options and build give the same bytes.
/// Errors: throws invalid_value. Cost: about 1 s per hour of recording at 500 Hz.
inline simulated_recording simulate(const simulation_options& options = {}) {
    detail::check_sample_bytes(options);
    return simulated(simulation(options));
}

} // namespace fieldreel::inline v0

#endif
