// SPDX-License-Identifier: MIT
// Fewer frames of the same source: slice, subsample by rate, subsample by time. Nothing is copied, no list is kept.
#ifndef FIELDREEL_SOURCE_SELECT_HPP
#define FIELDREEL_SOURCE_SELECT_HPP

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>

namespace fieldreel::inline v0 {

/// From which rate to which. Both are required. Units: Hz.
struct subsample_options {
    double source_hz = 0;
    double target_hz = 0;
};

namespace detail {

inline void check_rates(double source_hz, double target_hz) {
    if (!(source_hz > 0) || !std::isfinite(source_hz)) {
        throw invalid_value("source_hz", text("a source rate of ", source_hz,
                                              " Hz was given; it must be positive; give the rate of the recording"));
    }
    if (!(target_hz > 0) || !std::isfinite(target_hz)) {
        throw invalid_value(
            "target_hz", text("a target rate of ", target_hz, " Hz was asked for; it must be positive; 30 is usual"));
    }
    if (target_hz > source_hz) {
        throw invalid_value("target_hz",
                            text("a target rate of ", target_hz, " Hz was asked of a source of ", source_hz,
                                 " Hz; frames cannot be invented; ask for at most ", source_hz, " Hz"));
    }
}

/// Frame i of the subsampled is frame round(i * ratio) of the source, halves to the even one.
/// Source: numpy.arange and numpy.rint as the forerunner used them (golden: 1_subsample_indices).
class subsample_map {
public:
    subsample_map(std::size_t base_count, double source_hz, double target_hz)
        : base_count_(base_count), ratio_((std::min)(source_hz / target_hz, (std::numeric_limits<double>::max)())) {
        check_rates(source_hz, target_hz);
        count_ = static_cast<std::size_t>(std::ceil(static_cast<double>(base_count) / ratio_));
        while (count_ > 0 && (*this)(count_ - 1) >= base_count) {
            --count_;
        }
    }
    std::size_t count() const noexcept { return count_; }
    std::size_t operator()(std::size_t i) const noexcept {
        return static_cast<std::size_t>(std::nearbyint(static_cast<double>(i) * ratio_));
    }
    /// The last i whose source frame is at or before b.
    std::size_t at_or_before(std::size_t b) const noexcept {
        std::size_t i = (std::min)(count_ - 1, static_cast<std::size_t>(static_cast<double>(b) / ratio_));
        while (i + 1 < count_ && (*this)(i + 1) <= b) {
            ++i;
        }
        while (i > 0 && (*this)(i) > b) {
            --i;
        }
        return i;
    }
    /// The first source frame after those that frame i stands for.
    std::size_t group_end(std::size_t i) const noexcept { return i + 1 < count_ ? (*this)(i + 1) : base_count_; }
    double base_frames_per_frame() const noexcept { return ratio_; }

private:
    std::size_t base_count_;
    std::size_t count_ = 0;
    double ratio_;
};

class slice_map {
public:
    slice_map(std::size_t base_count, frame_range range) : first_(range.first) {
        const std::size_t last = range.last == frame_range::unset ? base_count : range.last;
        if (range.first >= last || last > base_count) {
            throw invalid_value("slice", text("frames ", range.first, " to ", last,
                                              " (the end not included) were asked of a source of ", base_count,
                                              " frames; give first < last <= ", base_count));
        }
        count_ = last - range.first;
    }
    std::size_t count() const noexcept { return count_; }
    std::size_t operator()(std::size_t i) const noexcept { return first_ + i; }
    std::size_t at_or_before(std::size_t b) const noexcept {
        return b < first_ ? 0 : (std::min)(b - first_, count_ - 1);
    }
    std::size_t group_end(std::size_t i) const noexcept { return first_ + i + 1; }
    double base_frames_per_frame() const noexcept { return 1; }

private:
    std::size_t first_;
    std::size_t count_ = 0;
};

/// A cursor that asks its base for another index. `Map`: count(), (i), at_or_before(b), base_frames_per_frame().
template <class Base, class Map>
class remapped_cursor {
public:
    using value_type = typename Base::value_type;
    remapped_cursor(Base base, Map map) : base_(std::move(base)), map_(std::move(map)) {}

    std::span<const value_type> frame(std::size_t i) { return base_.frame(at(i)); }
    std::optional<std::span<const value_type>> try_frame(std::size_t i) { return base_.try_frame(at(i)); }
    std::optional<resident_frame<value_type>> nearest(std::size_t i) {
        const auto found = base_.nearest(at(i));
        if (!found) {
            return std::nullopt;
        }
        const std::size_t ours = map_.at_or_before(found->index);
        for (const std::size_t candidate : {i, ours, ours + 1}) { // a frame of the base may be several of ours, or none
            if (candidate < map_.count() && map_(candidate) == found->index) {
                return resident_frame<value_type>{candidate, found->values};
            }
        }
        if (const auto values = base_.try_frame(map_(ours))) { // the resident frame is one that is skipped here
            return resident_frame<value_type>{ours, *values};
        }
        return std::nullopt;
    }
    shared_frame<value_type> share(std::size_t i) { return base_.share(at(i)); }
    void hint(const motion& going) {
        if (map_.count() == 0) {
            return;
        }
        motion base = going;
        base.frame = map_((std::min)(going.frame, map_.count() - 1));
        base.frames_per_s = going.frames_per_s * map_.base_frames_per_frame();
        base.region.first = map_((std::min)(going.region.first, map_.count() - 1));
        base.region.last = map_((std::min)(going.region.last, map_.count()) - 1) + 1;
        base_.hint(base);
    }

private:
    std::size_t at(std::size_t i) const {
        if (i >= map_.count()) {
            throw_frame_out_of_range(i, map_.count());
        }
        return map_(i);
    }
    Base base_;
    Map map_;
};

} // namespace detail

/// Some frames of another source, in its order. Made by slice and subsample.
template <frame_source Base, class Map>
class selected_frames {
public:
    using value_type = typename Base::value_type;
    static constexpr bool concurrent_read = fieldreel::concurrent_read<Base>;

    selected_frames(Base base, Map map, std::string warning = {})
        : base_(std::move(base)), map_(std::move(map)), warning_(std::move(warning)) {}

    std::size_t frame_count() const { return map_.count(); }
    std::size_t frame_size() const { return base_.frame_size(); }
    void read(std::size_t first, std::span<value_type> out) const {
        const std::size_t frames = detail::check_read(*this, first, out.size());
        const std::size_t size = base_.frame_size();
        for (std::size_t k = 0; k < frames;) { // neighbours are read together
            std::size_t run = 1;
            while (k + run < frames && map_(first + k + run) == map_(first + k) + run) {
                ++run;
            }
            base_.read(map_(first + k), out.subspan(k * size, run * size));
            k += run;
        }
    }
    auto cursor() const { return detail::remapped_cursor<cursor_t<Base>, Map>(cursor_of(base_), map_); }
    auto image_shape() const requires image_source<Base> { return base_.image_shape(); }
    std::optional<fieldreel::image_shape> frame_shape() const { return detail::frame_shape_of(base_); }

    bool concurrent() const { return reads_at_once(base_); }
    bool timed() const { return detail::knows_times(base_); }
    double time_s(std::size_t i) const requires timed_source<Base> { return base_.time_s(map_(i)); }
    /// To the end of the last source frame that this one stands for.
    double duration_s(std::size_t i) const requires timed_source<Base> {
        const std::size_t last = map_.group_end(i) - 1;
        return base_.time_s(last) + base_.duration_s(last) - time_s(i);
    }
    std::optional<std::size_t> frame_at(double time_s) const requires timed_source<Base> {
        const auto base = base_.frame_at(time_s);
        if (!base || *base < map_(0)) {
            return std::nullopt;
        }
        const std::size_t i = map_.at_or_before(*base);
        return *base < map_.group_end(i) ? std::optional(i) : std::nullopt;
    }

    /// The frame of the source that frame i is.
    std::size_t base_index(std::size_t i) const noexcept { return map_(i); }
    /// What a program should tell its user about the selection (a rate that does not fit the times); empty when all is
    /// well.
    const std::string& warning() const noexcept { return warning_; }

private:
    Base base_;
    Map map_;
    std::string warning_;
};

/// Frames [first, last) only. Errors: invalid_value for an empty range or one past the end.
inline auto slice(frame_range range) {
    return frame_adaptor([range]<frame_source S>(S source) {
        detail::slice_map map(source.frame_count(), range);
        return selected_frames<S, detail::slice_map>(std::move(source), map);
    });
}

/// What a program should tell its user when a timed source's frames do not come at `source_hz` (to 2 %); empty when
/// they do.
template <class Source>
std::string rate_warning(const Source& source, double source_hz) {
    const std::size_t n = source.frame_count();
    const double span_s = n > 1 ? source.time_s(n - 1) - source.time_s(0) : 0;
    const double measured_hz = span_s > 0 ? static_cast<double>(n - 1) / span_s : source_hz;
    if (std::abs(measured_hz - source_hz) <= 0.02 * source_hz) {
        return {};
    }
    return detail::text("the frames come at ", std::nearbyint(measured_hz * 100) / 100, " Hz, not at the ", source_hz,
                        " Hz that was given; use subsample_by_time, or give the measured rate");
}

/// Thins a source of even times to another rate: frame i is frame round(i * source_hz / target_hz).
/// A timed source whose measured rate differs by over 2 % from source_hz gets a warning(); use subsample_by_time for
/// it. Errors: invalid_value for rates that are not positive, or a target above the source's. Cost: O(1), nothing is
/// copied.
inline auto subsample(const subsample_options& options) {
    return frame_adaptor([options]<frame_source S>(S source) {
        detail::subsample_map map(source.frame_count(), options.source_hz, options.target_hz);
        std::string warning;
        if constexpr (timed_source<S>) {
            if (detail::knows_times(source)) {
                warning = rate_warning(source, options.source_hz);
            }
        }
        return selected_frames<S, detail::subsample_map>(std::move(source), map, std::move(warning));
    });
}

/// The frames that `subsample` keeps, as a list. Equal to the forerunner's for every index. Errors: as subsample.
inline std::vector<std::size_t> subsample_indices(std::size_t frame_count, double source_hz, double target_hz) {
    const detail::subsample_map map(frame_count, source_hz, target_hz);
    std::vector<std::size_t> out(map.count());
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = map(i);
    }
    return out;
}

/// Shows a timed source at another rate by its times: frame i is what is valid at first time + i / hz.
/// Made by `source | subsample_by_time(hz)`; for uneven times, and for rates above the source's (frames repeat).
template <timed_source Base>
class frames_by_time {
public:
    using value_type = typename Base::value_type;
    static constexpr bool concurrent_read = fieldreel::concurrent_read<Base>;

    frames_by_time(Base base, double hz) : base_(std::move(base)), hz_(hz) {
        if (!(hz > 0) || !std::isfinite(hz)) {
            throw invalid_value("hz",
                                detail::text("a rate of ", hz, " Hz was asked for; it must be positive; 30 is usual"));
        }
        if (!detail::knows_times(base_)) {
            throw invalid_value("source", "subsample_by_time was asked of a source that does not know its frames' "
                                          "times; put timed(times) before it");
        }
        const std::size_t n = base_.frame_count();
        if (n == 0) {
            return;
        }
        start_s_ = base_.time_s(0);
        const double stop_s = base_.time_s(n - 1);
        const double rounding = 4 * std::numeric_limits<double>::epsilon();
        tolerance_s_ = (std::max)(1e-6 / hz, rounding * (std::max)(std::abs(start_s_), std::abs(stop_s)));
        const double last = (stop_s - start_s_ + tolerance_s_) * hz;
        if (!(last < 9e15)) {
            throw invalid_value("hz",
                                detail::text("a rate of ", hz, " Hz was asked of a recording of ", stop_s - start_s_,
                                             " s, which makes more frames than can be counted"
                                             "; 30 is usual"));
        }
        count_ = static_cast<std::size_t>(last) + 1;
    }

    std::size_t frame_count() const { return count_; }
    std::size_t frame_size() const { return base_.frame_size(); }
    void read(std::size_t first, std::span<value_type> out) const {
        const std::size_t frames = detail::check_read(*this, first, out.size());
        for (std::size_t k = 0; k < frames; ++k) {
            base_.read(base_index(first + k), out.subspan(k * frame_size(), frame_size()));
        }
    }
    auto cursor() const {
        return detail::remapped_cursor<cursor_t<Base>, frames_by_time_map>(cursor_of(base_), frames_by_time_map{*this});
    }
    bool concurrent() const { return reads_at_once(base_); }
    auto image_shape() const requires image_source<Base> { return base_.image_shape(); }
    std::optional<fieldreel::image_shape> frame_shape() const { return detail::frame_shape_of(base_); }

    double time_s(std::size_t i) const { return start_s_ + static_cast<double>(i) / hz_; }
    /// 1 / hz, or 0 where the source has no data at frame i's time.
    double duration_s(std::size_t i) const { return base_.frame_at(look_up_s(i)) ? 1 / hz_ : 0; }
    /// Nothing where the source has no data, at `time_s` or at the time of the frame that would be shown.
    std::optional<std::size_t> frame_at(double time_s) const {
        if (!(time_s >= start_s_) || !base_.frame_at(time_s)) {
            return std::nullopt;
        }
        const std::size_t i = index_at_or_before(time_s);
        return base_.frame_at(look_up_s(i)) ? std::optional(i) : std::nullopt;
    }
    /// The source's frame at or before frame i's time. Cost: O(log frames).
    std::size_t base_index(std::size_t i) const {
        const double t = look_up_s(i);
        if (const auto found = base_.frame_at(t)) {
            return *found;
        }
        std::size_t low = 0;
        std::size_t count = base_.frame_count();
        while (count > 1) {
            const std::size_t half = count / 2;
            low += base_.time_s(low + half) <= t ? half : 0;
            count -= half;
        }
        return low;
    }

private:
    struct frames_by_time_map {
        frames_by_time source;
        std::size_t count() const { return source.count_; }
        std::size_t operator()(std::size_t i) const { return source.base_index(i); }
        std::size_t at_or_before(std::size_t b) const { return source.index_at_or_before(source.base_.time_s(b)); }
        double base_frames_per_frame() const {
            return static_cast<double>(source.base_.frame_count()) / static_cast<double>(source.count_);
        }
    };
    /// A frame that begins with the tick counts as valid at the tick, however both times were rounded: without this a
    /// recording's frames would repeat and drop out by chance, and others if it started at 1.6e9 s.
    double look_up_s(std::size_t i) const { return time_s(i) + tolerance_s_; }
    /// The last frame at or before a time.
    std::size_t index_at_or_before(double time_s) const {
        std::size_t i = (std::min)(count_ - 1, static_cast<std::size_t>((std::max)(0.0, (time_s - start_s_) * hz_)));
        while (i + 1 < count_ && this->time_s(i + 1) <= time_s) {
            ++i;
        }
        while (i > 0 && this->time_s(i) > time_s) {
            --i;
        }
        return i;
    }

    Base base_;
    double hz_;
    double start_s_ = 0;
    double tolerance_s_ = 0;
    std::size_t count_ = 0;
};

/// See frames_by_time. Errors: invalid_value for a rate that is not positive.
inline auto subsample_by_time(double hz) {
    return frame_adaptor([hz]<timed_source S>(S source) { return frames_by_time<S>(std::move(source), hz); });
}

} // namespace fieldreel::inline v0

#endif
