// SPDX-License-Identifier: MIT
// Places of a recording to come back to, in order.
#ifndef FIELDREEL_WINDOW_BOOKMARKS_HPP
#define FIELDREEL_WINDOW_BOOKMARKS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>

namespace fieldreel::inline v0 {

/// A place to come back to.
struct bookmark {
    double time_s = 0;
    std::string name = {};
    friend bool operator==(const bookmark&, const bookmark&) = default;
};

/// Bookmarks by time; equal times stay in the order in which they came.
class bookmark_list {
public:
    std::span<const bookmark> all() const noexcept { return all_; }
    /// Errors: data_error for a time that is not finite; then nothing changes.
    void assign(std::vector<bookmark> bookmarks) {
        for (std::size_t i = 0; i < bookmarks.size(); ++i) {
            if (!std::isfinite(bookmarks[i].time_s)) {
                throw data_error(
                    detail::text("the time of bookmark ", i, " is ", bookmarks[i].time_s, "; give finite seconds"), i);
            }
        }
        all_ = std::move(bookmarks);
        std::stable_sort(all_.begin(), all_.end(),
                         [](const bookmark& a, const bookmark& b) { return a.time_s < b.time_s; });
    }
    void add(bookmark one) {
        all_.insert(all_.begin() + static_cast<std::ptrdiff_t>(up_to(one.time_s)), std::move(one));
    }
    /// False when there is none of this number.
    bool remove(std::size_t i) {
        if (i >= all_.size()) {
            return false;
        }
        all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(i));
        return true;
    }
    /// The number of the first one after a time.
    std::optional<std::size_t> next(double time_s) const {
        const std::size_t i = up_to(time_s);
        return i < all_.size() ? std::optional(i) : std::nullopt;
    }
    /// The number of the last one before a time.
    std::optional<std::size_t> previous(double time_s) const {
        const auto found = std::lower_bound(all_.begin(), all_.end(), time_s,
                                            [](const bookmark& b, double t) { return b.time_s < t; });
        return found == all_.begin() ? std::nullopt : std::optional(static_cast<std::size_t>(found - all_.begin()) - 1);
    }

private:
    /// How many there are up to and including a time.
    std::size_t up_to(double time_s) const {
        const auto found = std::upper_bound(all_.begin(), all_.end(), time_s,
                                            [](double t, const bookmark& b) { return t < b.time_s; });
        return static_cast<std::size_t>(found - all_.begin());
    }
    std::vector<bookmark> all_;
};

} // namespace fieldreel::inline v0

#endif
