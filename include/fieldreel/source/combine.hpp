// SPDX-License-Identifier: MIT
// New frames from old ones: some columns of a frame, sums of columns, or several frames pooled into one.
#ifndef FIELDREEL_SOURCE_COMBINE_HPP
#define FIELDREEL_SOURCE_COMBINE_HPP

#include <algorithm>
#include <cmath>
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
        const std::size_t frames = detail::check_read(*this, first, out.size());
        std::vector<value_type> whole(this->base_.frame_size());
        for (std::size_t k = 0; k < frames; ++k) {
            this->base_.read(first + k, whole);
            value_type* const to = out.data() + k * frame_size();
            for (std::size_t c = 0; c < columns_->size(); ++c) {
                to[c] = whole[(*columns_)[c]];
            }
        }
    }

private:
    std::shared_ptr<const std::vector<std::size_t>> columns_;
};

/// See frame_columns: one state of a decoder, one plane of a stack.
inline auto columns(std::vector<std::size_t> which) {
    return adaptor{
        [which = std::move(which)]<frame_source S>(S source) { return frame_columns<S>(std::move(source), which); }};
}

/// Value g of a frame is the sum over the columns of group g. NaN counts as "no value": a group of only NaN is NaN.
/// Made by `source | combine(groups)`, e.g. the sum over a decoder's discrete states.
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
        const std::size_t frames = detail::check_read(*this, first, out.size());
        std::vector<value_type> whole(this->base_.frame_size());
        for (std::size_t k = 0; k < frames; ++k) {
            this->base_.read(first + k, whole);
            value_type* const to = out.data() + k * frame_size();
            for (std::size_t g = 0; g < groups_->size(); ++g) {
                to[g] = sum(whole, (*groups_)[g]);
            }
        }
    }

private:
    static value_type sum(const std::vector<value_type>& whole, const std::vector<std::size_t>& group) {
        if constexpr (std::is_floating_point_v<value_type>) {
            double total = 0;
            bool any = false;
            for (const std::size_t c : group) {
                if (!std::isnan(whole[c])) {
                    total += static_cast<double>(whole[c]);
                    any = true;
                }
            }
            return any ? static_cast<value_type>(total) : std::numeric_limits<value_type>::quiet_NaN();
        } else {
            value_type total = 0;
            for (const std::size_t c : group) {
                total = static_cast<value_type>(total + whole[c]);
            }
            return total;
        }
    }
    std::shared_ptr<const std::vector<std::vector<std::size_t>>> groups_;
};

/// See combined_columns.
inline auto combine(std::vector<std::vector<std::size_t>> groups) {
    return adaptor{[groups = std::move(groups)]<frame_source S>(S source) {
        return combined_columns<S>(std::move(source), groups);
    }};
}

enum class pooling : unsigned char { max, mean };

/// As subsample_options, and how the frames in between are combined.
struct pool_options {
    double source_hz = 0;
    double target_hz = 0;
    pooling how = pooling::max;
};

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
          map_(base_.frame_count(), options.source_hz, options.target_hz),
          how_(options.how) {}

    std::size_t frame_count() const { return map_.count(); }
    std::size_t frame_size() const { return base_.frame_size(); }
    void read(std::size_t first, std::span<value_type> out) const {
        const std::size_t frames = detail::check_read(*this, first, out.size());
        const std::size_t size = frame_size();
        std::vector<base_value> one(size);
        std::vector<double> total(size);
        std::vector<std::size_t> count(size);
        for (std::size_t k = 0; k < frames; ++k) {
            std::fill(total.begin(), total.end(), 0.0);
            std::fill(count.begin(), count.end(), std::size_t{0});
            for (std::size_t b = map_(first + k); b < map_.group_end(first + k); ++b) {
                base_.read(b, one);
                for (std::size_t j = 0; j < size; ++j) {
                    const auto value = static_cast<double>(one[j]);
                    if (std::isnan(value)) {
                        continue;
                    }
                    total[j] = how_ == pooling::mean               ? total[j] + value
                               : count[j] == 0 || value > total[j] ? value
                                                                   : total[j];
                    ++count[j];
                }
            }
            for (std::size_t j = 0; j < size; ++j) {
                const double value = count[j] == 0           ? std::numeric_limits<double>::quiet_NaN()
                                     : how_ == pooling::mean ? total[j] / static_cast<double>(count[j])
                                                             : total[j];
                out[k * size + j] = static_cast<value_type>(value);
            }
        }
    }
    auto image_shape() const requires image_source<Base> { return base_.image_shape(); }
    std::optional<fieldreel::image_shape> frame_shape() const { return detail::frame_shape_of(base_); }

    bool timed() const { return detail::knows_times(base_); }
    double time_s(std::size_t i) const requires timed_source<Base> { return selected_.time_s(i); }
    double duration_s(std::size_t i) const requires timed_source<Base> { return selected_.duration_s(i); }
    std::optional<std::size_t> frame_at(double time_s) const requires timed_source<Base> {
        return selected_.frame_at(time_s);
    }

private:
    selected_frames<Base, detail::subsample_map> selected_; // the same frames, unpooled: their times are ours
    Base base_;
    detail::subsample_map map_;
    pooling how_;
};

/// See pooled_frames. Errors: as subsample.
inline auto pool(const pool_options& options) {
    return adaptor{[options]<frame_source S>(S source) { return pooled_frames<S>(std::move(source), options); }};
}

} // namespace fieldreel::inline v0

#endif
