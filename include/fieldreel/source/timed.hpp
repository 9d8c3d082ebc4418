// SPDX-License-Identifier: MIT
// Gives the frames of a source their times.
#ifndef FIELDREEL_SOURCE_TIMED_HPP
#define FIELDREEL_SOURCE_TIMED_HPP

#include <concepts>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

namespace detail {

/// Base of adaptors that keep the frames' numbers and times and change only what is in them: forwards everything else.
template <frame_source Base>
class same_frames {
public:
    explicit same_frames(Base base) : base_(std::move(base)) {}

    std::size_t frame_count() const { return base_.frame_count(); }
    bool concurrent() const { return reads_at_once(base_); }
    bool timed() const { return knows_times(base_); }
    double time_s(std::size_t i) const requires timed_source<Base> { return base_.time_s(i); }
    double duration_s(std::size_t i) const requires timed_source<Base> { return base_.duration_s(i); }
    std::optional<std::size_t> frame_at(double time_s) const requires timed_source<Base> {
        return base_.frame_at(time_s);
    }

protected:
    Base base_;
};

} // namespace detail

/// A source with times of its own. Made by `source | timed(...)`.
template <frame_source Base>
class timed_frames : public detail::same_frames<Base> {
public:
    using value_type = typename Base::value_type;
    static constexpr bool concurrent_read = fieldreel::concurrent_read<Base>;

    /// Errors: data_error when there is not one time per frame.
    timed_frames(Base base, sample_times times) : detail::same_frames<Base>(std::move(base)), times_(std::move(times)) {
        if (times_.size() != this->base_.frame_count()) {
            throw data_error(detail::text("there are ", times_.size(), " frame times for ", this->base_.frame_count(),
                                          " frames; give one time per frame"));
        }
    }

    std::size_t frame_size() const { return this->base_.frame_size(); }
    void read(std::size_t first, std::span<value_type> out) const { this->base_.read(first, out); }
    auto cursor() const { return cursor_of(this->base_); }
    auto image_shape() const requires image_source<Base> { return this->base_.image_shape(); }
    std::optional<fieldreel::image_shape> frame_shape() const { return detail::frame_shape_of(this->base_); }

    bool timed() const { return true; }
    double time_s(std::size_t i) const { return times_[i]; }
    double duration_s(std::size_t i) const { return times_.duration_s(i); }
    std::optional<std::size_t> frame_at(double time_s) const { return times_.valid_at(time_s); }

private:
    sample_times times_;
};

/// The frames' times, one per frame. Units: seconds.
inline auto timed(sample_times times) {
    return frame_adaptor(
        [times = std::move(times)]<frame_source S>(S source) { return timed_frames<S>(std::move(source), times); });
}
template <std::same_as<std::vector<double>> Times> // a template, so that timed({.rate_hz = 30}) means the clock
auto timed(Times times) {
    return timed(sample_times(std::move(times)));
}

/// Frame i at start_s + i / rate_hz.
inline auto timed(const uniform_times& clock) {
    return frame_adaptor([clock]<frame_source S>(S source) {
        sample_times times(clock, source.frame_count());
        return timed_frames<S>(std::move(source), std::move(times));
    });
}

} // namespace fieldreel::inline v0

#endif
