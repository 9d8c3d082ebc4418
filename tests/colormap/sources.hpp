// SPDX-License-Identifier: MIT
// Two minimal sources over numbers in memory: one whose frames can be viewed, one that can only be read.
#ifndef FIELDREEL_TESTS_COLORMAP_SOURCES_HPP
#define FIELDREEL_TESTS_COLORMAP_SOURCES_HPP

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <fieldreel/source/frame_source.hpp>

namespace test_sources {

/// What was asked of a source, shared by its copies.
struct asked {
    std::vector<std::size_t> frames; ///< viewed or read, in order
    std::size_t most_values = 0;     ///< of one read
};

template <class T>
class plain {
public:
    using value_type = T;
    plain(std::vector<T> values, std::size_t frame_size)
        : values_(std::make_shared<const std::vector<T>>(std::move(values))), size_(frame_size) {}
    std::size_t frame_count() const { return size_ == 0 ? 0 : values_->size() / size_; }
    std::size_t frame_size() const { return size_; }
    void read(std::size_t first, std::span<T> out) const {
        const std::size_t frames = fieldreel::detail::check_read(*this, first, out.size());
        for (std::size_t k = 0; k < frames; ++k) {
            log_->frames.push_back(first + k);
        }
        log_->most_values = (std::max)(log_->most_values, out.size());
        std::copy_n(values_->data() + first * size_, out.size(), out.begin());
    }
    const asked& log() const { return *log_; }

protected:
    std::shared_ptr<const std::vector<T>> values_;
    std::shared_ptr<asked> log_ = std::make_shared<asked>();
    std::size_t size_;
};

template <class T>
class viewed : public plain<T> {
public:
    using plain<T>::plain;
    std::span<const T> view(std::size_t i) const {
        this->log_->frames.push_back(i);
        return std::span<const T>(*this->values_).subspan(i * this->size_, this->size_);
    }
};

static_assert(fieldreel::frame_source<plain<float>> && !fieldreel::contiguous_frame_source<plain<float>>);
static_assert(fieldreel::contiguous_frame_source<viewed<float>>);

} // namespace test_sources

#endif
