// SPDX-License-Identifier: MIT
// A source that can be made to stand still, and how to wait for other threads without sleeping.
#ifndef FIELDREEL_TESTS_SUPPORT_GATED_SOURCE_HPP
#define FIELDREEL_TESTS_SUPPORT_GATED_SOURCE_HPP

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <thread>
#include <utility>

#include <fieldreel/source/frame_source.hpp>

namespace support {

/// Reads as its base does, but stands still inside `read` while its gate is closed.
template <class Base>
class gated_source {
public:
    using value_type = typename Base::value_type;
    static constexpr bool concurrent_read = fieldreel::concurrent_read<Base>;

    explicit gated_source(Base base) : base_(std::move(base)) {}
    void close() const { gate_->closed = true; }
    void open() const {
        gate_->closed = false;
        gate_->closed.notify_all();
    }
    /// Returns once `n` reads have come to the gate since the beginning.
    void await_reads(int n) const {
        for (int seen = gate_->reads; seen < n; seen = gate_->reads) {
            gate_->reads.wait(seen);
        }
    }
    std::size_t frame_count() const { return base_.frame_count(); }
    std::size_t frame_size() const { return base_.frame_size(); }
    void read(std::size_t first, std::span<value_type> out) const {
        ++gate_->reads;
        gate_->reads.notify_all();
        gate_->closed.wait(true);
        base_.read(first, out);
    }

private:
    struct gate {
        std::atomic<bool> closed{false};
        std::atomic<int> reads{0};
    };
    Base base_;
    std::shared_ptr<gate> gate_ = std::make_shared<gate>();
};

template <class Done>
void yield_until(Done&& done) {
    while (!done()) {
        std::this_thread::yield();
    }
}

} // namespace support

#endif
