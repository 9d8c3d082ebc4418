// SPDX-License-Identifier: MIT
// The times of a source's frames, kept in memory, so that asking for one never waits for a file.
#ifndef FIELDREEL_WINDOW_FRAME_TIMES_HPP
#define FIELDREEL_WINDOW_FRAME_TIMES_HPP

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fieldreel/frame.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/frame_source.hpp>

namespace fieldreel::inline v0 {

namespace detail {

/// Frames without values.
class kept_times {
public:
    using value_type = float;
    static constexpr bool concurrent_read = true;

    template <class Progress>
    kept_times(const any_source& of, Progress&& progress) {
        auto kept = std::make_shared<std::vector<moment_of_frame>>(of.frame_count());
        for (std::size_t i = 0; i < kept->size() && (i % 65536 != 0 || progress(i, kept->size())); ++i) {
            const double time_s = of.time_s(i);
            (*kept)[i] = {time_s, time_s + of.duration_s(i), of.duration_s(i)};
            done_ = i + 1;
        }
        frames_ = std::move(kept);
    }
    bool complete() const noexcept { return done_ == frames_->size(); }

    std::size_t frame_count() const noexcept { return frames_->size(); }
    std::size_t frame_size() const noexcept { return 1; }
    void read(std::size_t, std::span<float> out) const { std::fill(out.begin(), out.end(), 0.0F); }
    bool timed() const noexcept { return true; }
    double time_s(std::size_t i) const { return (*frames_)[i].time_s; }
    double duration_s(std::size_t i) const { return (*frames_)[i].duration_s; }
    std::optional<std::size_t> frame_at(double time_s) const {
        const auto after = std::upper_bound(frames_->begin(), frames_->end(), time_s,
                                            [](double t, const moment_of_frame& f) { return t < f.time_s; });
        return after != frames_->begin() && time_s < (after - 1)->stop_s
                   ? std::optional(static_cast<std::size_t>(after - 1 - frames_->begin()))
                   : std::nullopt;
    }

private:
    struct moment_of_frame {
        double time_s;
        double stop_s;
        double duration_s;
    };
    std::shared_ptr<const std::vector<moment_of_frame>> frames_;
    std::size_t done_ = 0;
};

struct always_on {
    bool operator()(std::size_t, std::size_t) const noexcept { return true; }
};

} // namespace detail

/// Frames with the times and durations of a source and no values, all in memory; for transport::set_frames. Meant for
/// a thread of its own: `progress(frames done, frames)` is called now and then, and when it says false, nothing is
/// returned. Errors: those of the source. Cost: reads every time; 24 bytes a frame.
template <class Progress = detail::always_on>
std::optional<any_source> times_in_memory(const any_source& source, Progress progress = {}) {
    detail::kept_times kept(source, progress);
    return kept.complete() ? std::optional<any_source>(kept) : std::nullopt;
}

/// The stretches of `times` without a frame that are at least so long, those before the first and after the last frame
/// too. Meant for a thread of its own: when `progress` says false, what was found so far is returned. Errors: those of
/// the source. Cost: reads every time.
template <class Progress = detail::always_on>
std::vector<time_range> find_gaps(const any_source& source, time_range times, double shortest_s = 0.5,
                                  Progress progress = {}) {
    std::vector<time_range> out;
    double covered_s = times.start_s;
    const auto add = [&](double until_s) {
        if (until_s - covered_s >= shortest_s && until_s > covered_s) {
            out.push_back({covered_s, until_s});
        }
    };
    for (std::size_t i = 0; i < source.frame_count(); ++i) {
        if (i % 65536 == 0 && !progress(i, source.frame_count())) {
            return out;
        }
        const double time_s = source.time_s(i);
        add((std::min)(time_s, times.stop_s));
        covered_s = (std::max)(covered_s, time_s + source.duration_s(i));
    }
    add(times.stop_s);
    return out;
}

} // namespace fieldreel::inline v0

#endif
