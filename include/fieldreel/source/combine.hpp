// SPDX-License-Identifier: MIT
// New frames from old ones: some columns of a frame, sums of columns, or several frames pooled into one.
#ifndef FIELDREEL_SOURCE_COMBINE_HPP
#define FIELDREEL_SOURCE_COMBINE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/source/select.hpp>
#include <fieldreel/source/timed.hpp>

namespace fieldreel::inline v0 {

namespace detail {

inline void check_columns(const std::vector<std::size_t>& columns, std::size_t frame_size, const char* name) {
    if (columns.empty()) {
        throw invalid_value(name,
                            text(name, " was given no columns; give at least one of the ", frame_size, " columns"));
    }
    for (const std::size_t c : columns) {
        if (c >= frame_size) {
            throw invalid_value(name, text(name, " was given column ", c, "; a frame has ", frame_size, " values (0-",
                                           frame_size - 1, ")"));
        }
    }
}

/// A source whose frames are computed from those of another. `Kernel` computes, frame by frame:
/// `count()`; `sources(i)`, the base's frames that frame i is made of; `frame_of(b)`, the frame that b goes into;
/// `add(values, out, first)` for each of them, then `finish(out)`. It may hold scratch memory: it is copied for each
/// read and each cursor.
template <class Base, class Kernel, class T>
void read_computed(const Base& base, Kernel kernel, std::size_t first, std::span<T> out, std::size_t frames) {
    std::vector<typename Base::value_type> whole(base.frame_size());
    const std::size_t size = frames == 0 ? 0 : out.size() / frames;
    for (std::size_t k = 0; k < frames; ++k) {
        const std::span<T> to = out.subspan(k * size, size);
        const frame_range sources = kernel.sources(first + k);
        for (std::size_t b = sources.first; b < sources.last; ++b) {
            base.read(b, whole);
            kernel.add(std::span<const typename Base::value_type>(whole), to, b == sources.first);
        }
        kernel.finish(to);
    }
}

/// The cursor of computed frames: looks at the base's frames through the base's cursor, so that residence and motion
/// are the base's, and keeps its last frame. After the first frame it allocates nothing.
template <class BaseCursor, class Kernel, class T>
class computed_cursor {
public:
    using value_type = T;
    computed_cursor(BaseCursor base, Kernel kernel, std::size_t frame_size)
        : base_(std::move(base)), kernel_(std::move(kernel)), buffer_(frame_size) {}

    std::span<const T> frame(std::size_t i) {
        if (held_ != i) {
            compute(i, [this](std::size_t b) { return std::optional(base_.frame(b)); });
        }
        return buffer_;
    }
    std::optional<std::span<const T>> try_frame(std::size_t i) {
        if (held_ == i) {
            return buffer_;
        }
        const frame_range sources = sources_of(i);
        for (std::size_t b = sources.first; b < sources.last; ++b) { // first look, so as not to lose the frame held
            if (!base_.try_frame(b)) {
                return std::nullopt;
            }
        }
        return compute(i, [this](std::size_t b) { return base_.try_frame(b); })
                   ? std::optional<std::span<const T>>(buffer_)
                   : std::nullopt;
    }
    std::optional<resident_frame<T>> nearest(std::size_t i) {
        if (held_ != i) {
            if (const auto found = base_.nearest(sources_of(i).first)) {
                const std::size_t ours = kernel_.frame_of(found->index);
                if (const auto values = try_frame(ours)) {
                    return resident_frame<T>{ours, *values};
                }
            }
        }
        return held_ ? std::optional(resident_frame<T>{*held_, buffer_}) : std::nullopt;
    }
    shared_frame<T> share(std::size_t i) {
        const auto values = frame(i);
        auto copy = std::make_shared<std::vector<T>>(values.begin(), values.end());
        return {copy, *copy};
    }
    void hint(const motion& going) {
        const std::size_t count = kernel_.count();
        if (count == 0) {
            return;
        }
        motion base = going;
        base.frame = kernel_.sources((std::min)(going.frame, count - 1)).first;
        base.frames_per_s = going.frames_per_s * kernel_.base_frames_per_frame();
        base.region.first = kernel_.sources((std::min)(going.region.first, count - 1)).first;
        base.region.last = kernel_.sources((std::max)((std::min)(going.region.last, count), std::size_t{1}) - 1).last;
        base_.hint(base);
    }

private:
    frame_range sources_of(std::size_t i) const {
        if (i >= kernel_.count()) {
            throw_frame_out_of_range(i, kernel_.count());
        }
        return kernel_.sources(i);
    }
    template <class Look>
    bool compute(std::size_t i, const Look& look) {
        const frame_range sources = sources_of(i);
        held_.reset(); // a base that throws leaves no half-computed frame behind
        for (std::size_t b = sources.first; b < sources.last; ++b) {
            const auto values = look(b);
            if (!values) {
                return false;
            }
            kernel_.add(*values, std::span<T>(buffer_), b == sources.first);
        }
        kernel_.finish(std::span<T>(buffer_));
        held_ = i;
        return true;
    }

    BaseCursor base_;
    Kernel kernel_;
    std::vector<T> buffer_;
    std::optional<std::size_t> held_;
};

/// What kernels share that make each frame from the one of the same number.
struct frame_by_frame {
    std::size_t frame_count = 0;
    std::size_t count() const noexcept { return frame_count; }
    frame_range sources(std::size_t i) const noexcept { return {i, i + 1}; }
    std::size_t frame_of(std::size_t b) const noexcept { return b; }
    double base_frames_per_frame() const noexcept { return 1; }
};

template <field_value T>
struct pick_kernel : frame_by_frame {
    std::shared_ptr<const std::vector<std::size_t>> columns;
    void add(std::span<const T> values, std::span<T> out, bool) const noexcept {
        for (std::size_t c = 0; c < out.size(); ++c) {
            out[c] = values[(*columns)[c]];
        }
    }
    void finish(std::span<T>) const noexcept {}
};

template <field_value T>
struct sum_kernel : frame_by_frame {
    std::shared_ptr<const std::vector<std::vector<std::size_t>>> groups;
    void add(std::span<const T> values, std::span<T> out, bool) const noexcept {
        for (std::size_t g = 0; g < out.size(); ++g) {
            out[g] = sum(values, (*groups)[g]);
        }
    }
    void finish(std::span<T>) const noexcept {}

private:
    static T sum(std::span<const T> values, const std::vector<std::size_t>& group) noexcept {
        if constexpr (std::is_floating_point_v<T>) {
            double total = 0;
            bool any = false;
            for (const std::size_t c : group) {
                if (!std::isnan(values[c])) {
                    total += static_cast<double>(values[c]);
                    any = true;
                }
            }
            return any ? static_cast<T>(total) : std::numeric_limits<T>::quiet_NaN();
        } else { // wraps around, also where the signed type must not
            std::uint64_t total = 0;
            for (const std::size_t c : group) {
                total += static_cast<std::uint64_t>(values[c]);
            }
            return static_cast<T>(total);
        }
    }
};

} // namespace detail

/// The values at some places of each frame, in the order given. Made by `source | columns({...})`.
template <frame_source Base>
class frame_columns : public detail::same_frames<Base> {
public:
    using value_type = typename Base::value_type;
    static constexpr bool concurrent_read = fieldreel::concurrent_read<Base>;

    /// Errors: invalid_value for no column or one past the frame.
    frame_columns(Base base, std::vector<std::size_t> columns)
        : detail::same_frames<Base>(std::move(base)),
          columns_(std::make_shared<const std::vector<std::size_t>>(std::move(columns))) {
        detail::check_columns(*columns_, this->base_.frame_size(), "columns");
    }
    std::size_t frame_size() const { return columns_->size(); }
    void read(std::size_t first, std::span<value_type> out) const {
        detail::read_computed(this->base_, kernel(), first, out, detail::check_read(*this, first, out.size()));
    }
    auto cursor() const {
        return detail::computed_cursor<cursor_t<Base>, detail::pick_kernel<value_type>, value_type>(
            cursor_of(this->base_), kernel(), frame_size());
    }

private:
    detail::pick_kernel<value_type> kernel() const { return {{this->base_.frame_count()}, columns_}; }
    std::shared_ptr<const std::vector<std::size_t>> columns_;
};

/// See frame_columns: one state of a decoder, one plane of a stack.
inline auto columns(std::vector<std::size_t> which) {
    return value_adaptor(
        [which = std::move(which)]<frame_source S>(S source) { return frame_columns<S>(std::move(source), which); });
}

/// Value g of a frame is the sum over the columns of group g. NaN counts as "no value": a group of only NaN is NaN.
/// Sums of integers keep their type and wrap around. Made by `source | combine(groups)`, e.g. the sum over a decoder's
/// discrete states.
template <frame_source Base>
class combined_columns : public detail::same_frames<Base> {
public:
    using value_type = typename Base::value_type;
    static constexpr bool concurrent_read = fieldreel::concurrent_read<Base>;

    /// Errors: invalid_value for no group, an empty group, or a column past the frame.
    combined_columns(Base base, std::vector<std::vector<std::size_t>> groups)
        : detail::same_frames<Base>(std::move(base)),
          groups_(std::make_shared<const std::vector<std::vector<std::size_t>>>(std::move(groups))) {
        if (groups_->empty()) {
            throw invalid_value("combine", "combine was given no groups; give one list of columns per value wanted");
        }
        for (const auto& group : *groups_) {
            detail::check_columns(group, this->base_.frame_size(), "combine");
        }
    }
    std::size_t frame_size() const { return groups_->size(); }
    void read(std::size_t first, std::span<value_type> out) const {
        detail::read_computed(this->base_, kernel(), first, out, detail::check_read(*this, first, out.size()));
    }
    auto cursor() const {
        return detail::computed_cursor<cursor_t<Base>, detail::sum_kernel<value_type>, value_type>(
            cursor_of(this->base_), kernel(), frame_size());
    }

private:
    detail::sum_kernel<value_type> kernel() const { return {{this->base_.frame_count()}, groups_}; }
    std::shared_ptr<const std::vector<std::vector<std::size_t>>> groups_;
};

/// See combined_columns.
inline auto combine(std::vector<std::vector<std::size_t>> groups) {
    return value_adaptor([groups = std::move(groups)]<frame_source S>(S source) {
        return combined_columns<S>(std::move(source), groups);
    });
}

enum class pooling : unsigned char { max, mean };

/// As subsample_options, and how the frames in between are combined.
struct pool_options {
    double source_hz = 0;
    double target_hz = 0;
    pooling how = pooling::max;
};

namespace detail {

template <field_value In, field_value Out>
class pool_kernel {
public:
    pool_kernel(const subsample_map& map, pooling how) : map_(map), how_(how) {}
    std::size_t count() const noexcept { return map_.count(); }
    frame_range sources(std::size_t i) const noexcept { return {map_(i), map_.group_end(i)}; }
    std::size_t frame_of(std::size_t b) const noexcept { return map_.at_or_before(b); }
    double base_frames_per_frame() const noexcept { return map_.base_frames_per_frame(); }

    void add(std::span<const In> values, std::span<Out> out, bool first) {
        if (how_ == pooling::mean) {
            add_to_mean(values, first);
            return;
        }
        for (std::size_t j = 0; j < out.size(); ++j) {
            const auto value = static_cast<Out>(values[j]);
            if (first || value > out[j] || out[j] != out[j]) { // what is NaN gives way to anything
                out[j] = value;
            }
        }
    }
    void finish(std::span<Out> out) const noexcept {
        for (std::size_t j = 0; how_ == pooling::mean && j < out.size(); ++j) { // 0 / 0 is the NaN of "no value"
            out[j] = static_cast<Out>(total_[j] / count_[j]);
        }
    }

private:
    void add_to_mean(std::span<const In> values, bool first) {
        if (first) {
            total_.assign(values.size(), 0.0);
            count_.assign(values.size(), 0.0);
        }
        for (std::size_t j = 0; j < values.size(); ++j) {
            const auto value = static_cast<double>(values[j]);
            total_[j] += std::isnan(value) ? 0 : value;
            count_[j] += std::isnan(value) ? 0 : 1;
        }
    }
    subsample_map map_;
    pooling how_;
    std::vector<double> total_;
    std::vector<double> count_;
};

} // namespace detail

/// As subsample, but each frame combines all the source's frames from its own up to the next: a short event is not
/// lost. NaN counts as "no value". Means of 8- and 16-bit integers are float, of longer ones double. Cost: reads every
/// frame of the source.
template <frame_source Base>
class pooled_frames {
    using base_value = typename Base::value_type;

public:
    using value_type = std::conditional_t<std::is_floating_point_v<base_value>, base_value,
                                          std::conditional_t<sizeof(base_value) <= 2, float, double>>;
    static constexpr bool concurrent_read = fieldreel::concurrent_read<Base>;

    pooled_frames(Base base, const pool_options& options)
        : selected_(base, detail::subsample_map(base.frame_count(), options.source_hz, options.target_hz)),
          base_(std::move(base)),
          kernel_(detail::subsample_map(base_.frame_count(), options.source_hz, options.target_hz), options.how) {}

    std::size_t frame_count() const { return selected_.frame_count(); }
    std::size_t frame_size() const { return base_.frame_size(); }
    void read(std::size_t first, std::span<value_type> out) const {
        detail::read_computed(base_, kernel_, first, out, detail::check_read(*this, first, out.size()));
    }
    auto cursor() const {
        return detail::computed_cursor<cursor_t<Base>, kernel_type, value_type>(cursor_of(base_), kernel_,
                                                                                frame_size());
    }
    auto image_shape() const requires image_source<Base> { return base_.image_shape(); }
    std::optional<fieldreel::image_shape> frame_shape() const { return detail::frame_shape_of(base_); }

    bool concurrent() const { return reads_at_once(base_); }
    bool timed() const { return detail::knows_times(base_); }
    double time_s(std::size_t i) const requires timed_source<Base> { return selected_.time_s(i); }
    double duration_s(std::size_t i) const requires timed_source<Base> { return selected_.duration_s(i); }
    std::optional<std::size_t> frame_at(double time_s) const requires timed_source<Base> {
        return selected_.frame_at(time_s);
    }

private:
    using kernel_type = detail::pool_kernel<base_value, value_type>;
    selected_frames<Base, detail::subsample_map> selected_; // the same frames, unpooled: their times are ours
    Base base_;
    kernel_type kernel_;
};

/// See pooled_frames. Errors: as subsample.
inline auto pool(const pool_options& options) {
    return value_adaptor([options]<frame_source S>(S source) { return pooled_frames<S>(std::move(source), options); });
}

} // namespace fieldreel::inline v0

#endif
