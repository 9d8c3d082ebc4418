// SPDX-License-Identifier: MIT
// Frames in an xtensor array: owned, or looked at. Needs xtensor; both its layouts (before and after 0.26) are known
// here.
#ifndef FIELDREEL_SOURCE_ARRAY_SOURCE_HPP
#define FIELDREEL_SOURCE_ARRAY_SOURCE_HPP

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xtensor.hpp>
#endif

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/source/select.hpp>

namespace fieldreel::inline v0 {

/// A two-dimensional array (frames, values per frame) as a frame source. Order: row-major. A handle: copies share the
/// array.
template <field_value T>
class array_source {
public:
    using value_type = T;
    static constexpr bool concurrent_read = true;

    /// Takes the array (move it in to copy nothing). Errors: invalid_value for an array without values.
    array_source(xt::xtensor<T, 2> frames) {
        auto owned = std::make_shared<const xt::xtensor<T, 2>>(std::move(frames));
        set(owned->data(), owned->shape(0), owned->shape(1));
        owner_ = std::move(owned);
    }
    /// Looks at the caller's numbers, which must outlive every copy of this.
    static array_source borrow(const T* frames, std::size_t frame_count, std::size_t frame_size) {
        array_source out;
        out.set(frames, frame_count, frame_size);
        return out;
    }
    /// Looks at a row-major xt::xtensor, xt::adapt or whole-row view of the caller. Errors: invalid_value when it is
    /// not two-dimensional and dense.
    template <class Array>
    static array_source borrow(const Array& frames) {
        if (frames.dimension() != 2 || (frames.shape(1) > 1 && frames.strides()[1] != 1) ||
            (frames.shape(0) > 1 && static_cast<std::size_t>(frames.strides()[0]) != frames.shape(1))) {
            throw invalid_value("frames", "borrow was given an array that is not two-dimensional, row-major and dense; "
                                          "copy it: array_source(xt::eval(frames))");
        }
        return borrow(frames.data() + frames.data_offset(), frames.shape(0), frames.shape(1));
    }

    std::size_t frame_count() const noexcept { return frame_count_; }
    std::size_t frame_size() const noexcept { return frame_size_; }
    std::span<const T> view(std::size_t i) const noexcept { return {data_ + i * frame_size_, frame_size_}; }
    void read(std::size_t first, std::span<T> out) const {
        detail::check_read(*this, first, out.size());
        std::copy_n(data_ + first * frame_size_, out.size(), out.data());
    }

private:
    array_source() = default;
    void set(const T* data, std::size_t frame_count, std::size_t frame_size) {
        if (frame_count == 0 || frame_size == 0) {
            throw invalid_value(
                "frames", detail::text("an array of ", frame_count, " frames of ", frame_size,
                                       " values was given; a source needs at least one frame of at least one value"));
        }
        data_ = data;
        frame_count_ = frame_count;
        frame_size_ = frame_size;
    }

    std::shared_ptr<const void> owner_;
    const T* data_ = nullptr;
    std::size_t frame_count_ = 0;
    std::size_t frame_size_ = 0;
};
template <class T, xt::layout_type L, class A, class Tag>
array_source(xt::xtensor_container<xt::uvector<T, A>, 2, L, Tag>) -> array_source<T>;

/// The frames that `subsample` keeps, copied into a new array: for hosts that want an array and not a source.
/// Shape: (frames kept, values per frame). Errors: as subsample. Cost: a copy of the frames kept.
template <field_value T>
xt::xtensor<T, 2> subsample_frames(const xt::xtensor<T, 2>& frames, const subsample_options& options) {
    const auto kept = array_source<T>::borrow(frames) | subsample(options);
    xt::xtensor<T, 2> out(std::array<std::size_t, 2>{kept.frame_count(), kept.frame_size()});
    kept.read(0, std::span<T>(out.data(), out.size()));
    return out;
}

} // namespace fieldreel::inline v0

#endif
