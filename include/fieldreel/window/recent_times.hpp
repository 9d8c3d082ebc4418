// SPDX-License-Identifier: MIT
// How long something took of late: last, median and 99th percentile, in memory that does not grow.
#ifndef FIELDREEL_WINDOW_RECENT_TIMES_HPP
#define FIELDREEL_WINDOW_RECENT_TIMES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fieldreel/error.hpp>

namespace fieldreel::inline v0 {

/// The last so many durations of one stage of a viewer. Units: milliseconds.
class recent_times {
public:
    /// Errors: invalid_value for `most` 0.
    explicit recent_times(std::size_t most = 4096) {
        if (most == 0) {
            throw invalid_value("most", "the last 0 durations were to be kept; keep at least 1; 4096 is usual");
        }
        kept_.resize(most); // touched now, so that memory does not grow while playing
        order_.reserve(most);
    }

    void add(double ms) noexcept {
        kept_[static_cast<std::size_t>(count_ % kept_.size())] = static_cast<float>(ms);
        ++count_;
    }
    void clear() noexcept { count_ = 0; }
    /// All that were added, those that are no longer kept included.
    std::uint64_t count() const noexcept { return count_; }
    /// 0 before the first.
    double last() const noexcept {
        return count_ == 0 ? 0 : static_cast<double>(kept_[static_cast<std::size_t>((count_ - 1) % kept_.size())]);
    }
    /// The smallest of those kept that at least `share` (0-1) of them do not exceed; 0 before the first.
    /// Cost: O(kept).
    double percentile(double share) const {
        const auto size = static_cast<std::size_t>((std::min)(count_, static_cast<std::uint64_t>(kept_.size())));
        if (size == 0) {
            return 0;
        }
        order_.assign(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(size));
        const double rank = std::ceil((std::clamp)(share, 0.0, 1.0) * static_cast<double>(size));
        const auto at = order_.begin() + static_cast<std::ptrdiff_t>((std::max)(rank, 1.0)) - 1;
        std::nth_element(order_.begin(), at, order_.end());
        return static_cast<double>(*at);
    }

private:
    std::vector<float> kept_;
    mutable std::vector<float> order_; // room for percentile
    std::uint64_t count_ = 0;
};

} // namespace fieldreel::inline v0

#endif
