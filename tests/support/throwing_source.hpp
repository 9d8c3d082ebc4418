// SPDX-License-Identifier: MIT
// A source that fails when it is told to.
#ifndef FIELDREEL_TESTS_SUPPORT_THROWING_SOURCE_HPP
#define FIELDREEL_TESTS_SUPPORT_THROWING_SOURCE_HPP

#include <atomic>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include <fieldreel/source/frame_source.hpp>

namespace support {

/// What it throws: no fieldreel::error, as a user's source may throw anything.
struct source_failed : std::runtime_error {
    explicit source_failed(std::size_t frame) : std::runtime_error("frame " + std::to_string(frame) + " is broken") {}
};

/// Reads as its base does, but after half of the values have been written it may throw, and leaves rubbish behind.
/// Copies share what it was told.
template <fieldreel::frame_source Base>
class throwing_source {
public:
    using value_type = typename Base::value_type;
    static constexpr bool concurrent_read = fieldreel::concurrent_read<Base>;

    explicit throwing_source(Base base) : base_(std::move(base)) {}

    /// Fails in the next `count` reads; in all of them when not said.
    void fail(std::size_t count = std::numeric_limits<std::size_t>::max()) const { order_->failures = count; }
    void mend() const {
        order_->failures = 0;
        order_->one_of = 0;
    }
    /// From now on one of `n` reads fails, in an order that depends on the frames and on `seed`; 0 = none.
    void fail_one_of(std::size_t n, std::size_t seed) const {
        order_->seed = seed;
        order_->one_of = n;
    }

    std::size_t frame_count() const { return base_.frame_count(); }
    std::size_t frame_size() const { return base_.frame_size(); }
    void read(std::size_t first, std::span<value_type> out) const {
        base_.read(first, out);
        if (fails(first)) {
            for (std::size_t k = 0; k < out.size(); k += 2) {
                out[k] = std::numeric_limits<value_type>::max();
            }
            throw source_failed(first);
        }
    }

private:
    struct orders {
        std::atomic<std::size_t> failures{0};
        std::atomic<std::size_t> one_of{0};
        std::atomic<std::size_t> seed{0};
        std::atomic<std::size_t> reads{0};
    };
    bool fails(std::size_t first) const {
        for (std::size_t left = order_->failures; left > 0;) {
            if (order_->failures.compare_exchange_weak(left, left - 1)) {
                return true;
            }
        }
        const std::size_t n = order_->one_of;
        if (n == 0) {
            return false;
        }
        const std::size_t mixed = (first + 1) * 2654435761u + (order_->reads.fetch_add(1) + order_->seed) * 40503u;
        return (mixed >> 7) % n == 0;
    }
    Base base_;
    std::shared_ptr<orders> order_ = std::make_shared<orders>();
};

} // namespace support

#endif
