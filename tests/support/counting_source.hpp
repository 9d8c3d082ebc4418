// SPDX-License-Identifier: MIT
// A source that knows what it holds and counts how it is read.
#ifndef FIELDREEL_TESTS_SUPPORT_COUNTING_SOURCE_HPP
#define FIELDREEL_TESTS_SUPPORT_COUNTING_SOURCE_HPP

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <thread>

#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>

namespace support {

/// Value `k` of frame `i` is expected(i, k). Copies share the counters. `Concurrent` is what it declares; whether it
/// was respected is in `overlapped`.
template <fieldreel::field_value T = float, bool Concurrent = true>
class counting_source {
public:
    using value_type = T;
    static constexpr bool concurrent_read = Concurrent;

    counting_source(std::size_t frame_count, std::size_t frame_size)
        : frame_count_(frame_count), frame_size_(frame_size) {}

    static T expected(std::size_t i, std::size_t k) { return static_cast<T>((i * 7 + k * 3) % 101); }
    /// Whether `values` is frame `i`.
    static bool is_frame(std::size_t i, std::span<const T> values) {
        for (std::size_t k = 0; k < values.size(); ++k) {
            if (values[k] != expected(i, k)) {
                return false;
            }
        }
        return true;
    }

    std::size_t frame_count() const { return frame_count_; }
    std::size_t frame_size() const { return frame_size_; }
    void read(std::size_t first, std::span<T> out) const {
        if (counts_->inside.fetch_add(1) != 0) {
            counts_->overlapped = true;
        }
        const std::size_t frames = fieldreel::detail::check_read(*this, first, out.size());
        for (std::size_t i = 0; i < frames; ++i) {
            for (std::size_t k = 0; k < frame_size_; ++k) {
                out[i * frame_size_ + k] = expected(first + i, k);
            }
        }
        if (!Concurrent) {
            std::this_thread::yield(); // let others make the mistake
        }
        counts_->reads += 1;
        counts_->frames += frames;
        counts_->inside.fetch_sub(1);
    }

    std::size_t reads() const { return counts_->reads; }           ///< calls of read
    std::size_t frames_read() const { return counts_->frames; }    ///< frames they filled
    bool overlapped() const { return counts_->overlapped.load(); } ///< two threads were in read at once

private:
    struct counters {
        std::atomic<std::size_t> reads{0};
        std::atomic<std::size_t> frames{0};
        std::atomic<int> inside{0};
        std::atomic<bool> overlapped{false};
    };
    std::size_t frame_count_;
    std::size_t frame_size_;
    std::shared_ptr<counters> counts_ = std::make_shared<counters>();
};

} // namespace support

#endif
