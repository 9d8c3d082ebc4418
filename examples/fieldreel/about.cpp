// SPDX-License-Identifier: MIT
#include "about.hpp"

#include <cmath>
#include <cstdio>

#include <fieldreel/source/combine.hpp>
#include <fieldreel/space/region.hpp>

#include "machine.hpp"

namespace {

/// Border crossings closer together than this are jitter.
constexpr double shortest_visit_s = 0.5;

template <class... Values>
std::string printed(const char* format, Values... values) {
    char buffer[256];
    std::snprintf(buffer, sizeof buffer, format, values...);
    return buffer;
}

} // namespace

std::vector<info_line> about_regions(const fieldreel::session& session) {
    std::vector<info_line> out;
    if (session.regions.empty()) {
        return out;
    }
    if (!session.positions || !session.times) {
        out.push_back(
            {"regions", printed("%zu; without positions and times they have no visits", session.regions.size())});
        return out;
    }
    const auto used = fieldreel::use_of_regions(session.regions, *session.times, *session.positions,
                                                {.min_duration_s = shortest_visit_s});
    for (std::size_t i = 0; i < used.size(); ++i) {
        const auto& region = session.regions[i];
        const auto& use = used[i];
        const std::string shape =
            region.corners().empty()
                ? printed("disc of radius %.4g at (%.4g, %.4g)", region.radius(), region.center().x, region.center().y)
                : printed("polygon of %zu corners", region.corners().size());
        out.push_back(
            {i == 0 ? "regions" : "", region.name() + ": " + shape +
                                          printed(", %.1f s (%.1f %% of the tracked time), %zu %s", use.seconds,
                                                  100 * use.share, use.visits, use.visits == 1 ? "visit" : "visits") +
                                          (use.visits == 0 ? std::string()
                                                           : printed(", %.1f s each, the longest %.1f s",
                                                                     use.seconds_per_visit(), use.longest_visit_s))});
    }
    out.push_back({"", printed("(absences and visits under %.1f s do not count as such)", shortest_visit_s)});
    return out;
}

std::vector<info_line> about_states(const fieldreel::session_field& field) {
    std::vector<info_line> out;
    if (!field.states) {
        return out;
    }
    const fieldreel::state_bins& states = *field.states;
    std::vector<double> total(states.state_count());
    std::size_t frames_with_value = 0;
    bool whole = true;
    const auto chances = field.frames | fieldreel::combine(states.probability_groups());
    chances.visit([&](auto frames) {
        progress_line progress("states of " + field.name);
        auto cursor = cursor_of(frames);
        const std::size_t count = frames.frame_count();
        for (std::size_t i = 0; i < count && whole; ++i) {
            const auto values = cursor.frame(i);
            double sum = 0;
            for (const auto value : values) {
                sum += std::isnan(static_cast<double>(value)) ? 0 : static_cast<double>(value);
            }
            for (std::size_t state = 0; sum > 0 && state < values.size(); ++state) {
                const auto value = static_cast<double>(values[state]);
                total[state] += std::isnan(value) ? 0 : value;
            }
            frames_with_value += sum > 0 ? 1u : 0u;
            whole = i % 256 != 0 || progress(i, count);
        }
    });
    std::string means;
    for (std::size_t state = 0; state < total.size(); ++state) {
        const double mean = frames_with_value == 0 ? 0 : total[state] / static_cast<double>(frames_with_value);
        means += (state == 0 ? "" : ", ") + states.names()[state] + printed(" %.3f", mean) +
                 printed(" (%zu %s)", states.bins()[state], states.bins()[state] == 1 ? "bin" : "bins");
    }
    out.push_back({"", "mean probability of each state: " + means + (whole ? "" : " (stopped before the end)")});
    const auto without = states.left_out();
    out.push_back(
        {"", "shown: " + (field.show != "sum" ? "the state " + field.show
                          : without.empty()   ? std::string("the sum of all states")
                                            : "the sum of " + fieldreel::detail::join(states.summed()) + " (without " +
                                                  fieldreel::detail::join(without) + ", of fewer bins)")});
    return out;
}
