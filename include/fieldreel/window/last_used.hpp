// SPDX-License-Identifier: MIT
// A few results by name, those used last: a viewer's cells.
#ifndef FIELDREEL_WINDOW_LAST_USED_HPP
#define FIELDREEL_WINDOW_LAST_USED_HPP

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>

namespace fieldreel::inline v0 {

/// Keeps what was put or found last, at most so many; the one not used for longest goes.
template <class T>
class last_used {
public:
    /// Errors: invalid_value for `most` 0.
    explicit last_used(std::size_t most) : most_(most) {
        if (most == 0) {
            throw invalid_value("most", "the last 0 results were to be kept; keep at least 1");
        }
    }
    /// Null when it is not kept. Valid until the next put.
    T* find(std::string_view name) {
        const auto at = std::find_if(kept_.begin(), kept_.end(), [&](const auto& one) { return one.first == name; });
        if (at == kept_.end()) {
            return nullptr;
        }
        std::rotate(kept_.begin(), at, at + 1);
        return &kept_.front().second;
    }
    /// Instead of one of the same name.
    T& put(std::string name, T value) {
        if (T* const old = find(name)) {
            *old = std::move(value);
            return *old;
        }
        if (kept_.size() == most_) {
            kept_.pop_back();
        }
        kept_.emplace(kept_.begin(), std::move(name), std::move(value));
        return kept_.front().second;
    }
    std::size_t size() const noexcept { return kept_.size(); }

private:
    std::size_t most_;
    std::vector<std::pair<std::string, T>> kept_; // the last used first
};

} // namespace fieldreel::inline v0

#endif
