// SPDX-License-Identifier: MIT
// The frames of a decoder with several discrete states: one state, their sum, or the probability of each state.
#ifndef FIELDREEL_SOURCE_STATE_BINS_HPP
#define FIELDREEL_SOURCE_STATE_BINS_HPP

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>

namespace fieldreel::inline v0 {

/// How the values of several discrete states lie in a frame: all bins of the first state, then all of the second, ...
/// A state may have fewer bins than the others (e.g. one, for "no spikes"). The places go to `columns` and `combine`:
///
///   const state_bins states({"continuous", "fragmented"}, arena.bin_count());
///   frames | columns(states.columns_of("continuous"))  // one state over space
///   frames | combine(states.sum_groups())              // the sum over states, over space
///   frames | combine(states.probability_groups())      // P(state): a frame is one value per state
///
/// Source: the `state_bins` axis of the Python decoders replay_trajectory_classification and non_local_detector.
class state_bins {
public:
    /// Errors: invalid_value for no state, an empty name or one given twice, a state without bins, or another number of
    /// bin counts than of names.
    state_bins(std::vector<std::string> names, std::vector<std::size_t> bins)
        : names_(std::move(names)), bins_(std::move(bins)) {
        if (names_.empty()) {
            throw invalid_value("names", "state_bins was given no states; give the name of each discrete state");
        }
        if (names_.size() != bins_.size()) {
            throw invalid_value("bins", detail::text("state_bins was given ", names_.size(), " names and ",
                                                     bins_.size(), " numbers of bins; give one number per state"));
        }
        for (std::size_t state = 0; state < names_.size(); ++state) {
            const std::string& name = names_[state];
            if (name.empty()) {
                throw invalid_value("names", detail::text("state ", state, " has an empty name; name each state"));
            }
            const auto first = std::find(names_.begin(), names_.end(), name);
            if (first != names_.begin() + static_cast<std::ptrdiff_t>(state)) {
                throw invalid_value("names",
                                    detail::text("states ", first - names_.begin(), " and ", state, " are both named '",
                                                 name, "'; the names of states must differ"));
            }
            if (bins_[state] == 0) {
                throw invalid_value(
                    "bins", detail::text("the state '", name, "' has 0 bins; a state has at least 1; leave it out"));
            }
            starts_.push_back(frame_size_);
            frame_size_ += bins_[state];
        }
    }
    /// As many bins in each state.
    state_bins(std::vector<std::string> names, std::size_t bins_per_state)
        : state_bins(names, std::vector<std::size_t>(names.size(), bins_per_state)) {}

    std::size_t state_count() const noexcept { return names_.size(); }
    const std::vector<std::string>& names() const noexcept { return names_; }
    /// Bins of each state.
    const std::vector<std::size_t>& bins() const noexcept { return bins_; }
    /// Values of a frame: the bins of all states.
    std::size_t frame_size() const noexcept { return frame_size_; }
    /// Bins over space: those of the state that has most.
    std::size_t space_bins() const noexcept { return *std::max_element(bins_.begin(), bins_.end()); }

    /// The number of a state. Errors: invalid_value for a name that is not there; it tells the nearest.
    std::size_t state_named(std::string_view name) const {
        const auto found = std::find(names_.begin(), names_.end(), name);
        if (found == names_.end()) {
            throw invalid_value("state",
                                detail::text("the state '", name, "' was asked for; there are ", detail::join(names_),
                                             "; did you mean '", detail::nearest_name(name, names_), "'?"));
        }
        return static_cast<std::size_t>(found - names_.begin());
    }

    /// The places of one state's bins in a frame, for `columns`. Errors: as state_named.
    std::vector<std::size_t> columns_of(std::string_view name) const { return places_of(state_named(name)); }

    /// For `combine`: value b is the sum over the states of their bin b. States with fewer bins than the others have
    /// none over space and are left out; summed() and left_out() name both.
    std::vector<std::vector<std::size_t>> sum_groups() const {
        const std::size_t most = space_bins();
        std::vector<std::vector<std::size_t>> groups(most);
        for (std::size_t state = 0; state < bins_.size(); ++state) {
            for (std::size_t bin = 0; bins_[state] == most && bin < most; ++bin) {
                groups[bin].push_back(starts_[state] + bin);
            }
        }
        return groups;
    }
    /// The states that sum_groups adds up.
    std::vector<std::string> summed() const {
        return names_with([&](std::size_t n) { return n == space_bins(); });
    }
    /// The states that sum_groups leaves out.
    std::vector<std::string> left_out() const {
        return names_with([&](std::size_t n) { return n != space_bins(); });
    }

    /// For `combine`: value s is the sum over the bins of state s. Of a posterior: the probability of each state at
    /// each time.
    std::vector<std::vector<std::size_t>> probability_groups() const {
        std::vector<std::vector<std::size_t>> groups;
        for (std::size_t state = 0; state < bins_.size(); ++state) {
            groups.push_back(places_of(state));
        }
        return groups;
    }

private:
    std::vector<std::size_t> places_of(std::size_t state) const {
        std::vector<std::size_t> places(bins_[state]);
        for (std::size_t bin = 0; bin < places.size(); ++bin) {
            places[bin] = starts_[state] + bin;
        }
        return places;
    }
    template <class Wanted>
    std::vector<std::string> names_with(const Wanted& wanted) const {
        std::vector<std::string> out;
        for (std::size_t state = 0; state < names_.size(); ++state) {
            if (wanted(bins_[state])) {
                out.push_back(names_[state]);
            }
        }
        return out;
    }

    std::vector<std::string> names_;
    std::vector<std::size_t> bins_;
    std::vector<std::size_t> starts_; ///< of each state in a frame
    std::size_t frame_size_ = 0;
};

} // namespace fieldreel::inline v0

#endif
