// SPDX-License-Identifier: MIT
// The values of one bin over the whole recording: a curve that is there at once and gets exact while one looks.
#ifndef FIELDREEL_WINDOW_TIME_COURSE_HPP
#define FIELDREEL_WINDOW_TIME_COURSE_HPP

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <mutex>
#include <optional>
#include <vector>

#include <fieldreel/colormap/paint.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/any_source.hpp>

namespace fieldreel::inline v0 {

/// Of the frames that fall into one column of a time course: NaN where no value was seen.
struct course_column {
    double low = std::numeric_limits<double>::quiet_NaN();
    double high = std::numeric_limits<double>::quiet_NaN();
    friend bool operator==(const course_column& a, const course_column& b) noexcept {
        const auto same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
        return same(a.low, b.low) && same(a.high, b.high);
    }
};

/// The course of one bin as far as it was read.
struct course_reading {
    std::vector<course_column> columns;
    std::size_t frames_read = 0;
    std::size_t frame_count = 0;
    double low = std::numeric_limits<double>::quiet_NaN(); ///< of all columns
    double high = std::numeric_limits<double>::quiet_NaN();
    bool complete() const noexcept { return frames_read == frame_count; }
};

/// Reads a bin's values over a range of times, first every so many frames, then those between, then those between
/// these: after one pass over a part it shows the shape, at the end the extremes of every column are exact. One thread
/// reads, another looks.
class time_course {
public:
    /// Errors: invalid_value for a bin that there is not, for no columns, and for times that are reversed.
    time_course(any_source frames, std::size_t bin, time_range times, std::size_t columns)
        : frames_(std::move(frames)), bin_(bin), times_(times) {
        if (bin >= frames_.frame_size()) {
            throw invalid_value("bin", detail::text("the time course of bin ", bin, " was asked for; there are ",
                                                    frames_.frame_size(), " bins, counted from 0"));
        }
        if (columns == 0 || !(times.start_s < times.stop_s)) {
            throw invalid_value("columns",
                                detail::text("a time course of ", columns, " columns from ", times.start_s, " s to ",
                                             times.stop_s, " s was asked for; give some, and the start first"));
        }
        now_.columns.resize(columns);
        now_.frame_count = frames_.frame_count();
    }

    std::size_t bin() const noexcept { return bin_; }
    time_range times() const noexcept { return times_; }
    /// What is known so far. From any thread. Cost: a copy into memory that is used again.
    void copy_to(course_reading& out) const {
        const std::lock_guard lock(mutex_);
        out = now_;
    }

    /// Reads until all is read (true) or `progress(part)`, called after each frame, says false.
    /// Errors: those of the source. Cost: reads every frame's value of the bin; from a mapped file a page of each.
    template <class Progress>
    bool read(Progress&& progress) {
        any_cursor cursor = frames_.cursor();
        const std::size_t count = frames_.frame_count();
        std::size_t step = 1;
        while (count / step > 2048) {
            step *= 2;
        }
        std::size_t done = 0;
        std::vector<sample> some;
        some.reserve(batch);
        auto given_at = std::chrono::steady_clock::now();
        const auto give = [&] {
            add(some, done);
            some.clear();
            given_at = std::chrono::steady_clock::now();
        };
        for (bool first = true; step > 0; step /= 2, first = false) {
            const std::size_t jump = first ? step : 2 * step; // the others were read before
            for (std::size_t i = first ? 0 : step; i < count; i += jump) {
                some.push_back({frames_.time_s(i), cursor.frame(i)[bin_]});
                ++done;
                if (some.size() == batch ||
                    std::chrono::steady_clock::now() - given_at > std::chrono::milliseconds(50)) {
                    give();
                }
                if (!progress(static_cast<double>(done) / static_cast<double>(count))) {
                    give();
                    return false;
                }
            }
        }
        give();
        return true;
    }

private:
    static constexpr std::size_t batch = 64;
    struct sample {
        double time_s;
        double value;
    };
    void add(const std::vector<sample>& some, std::size_t done) {
        const std::lock_guard lock(mutex_);
        const auto last = static_cast<double>(now_.columns.size() - 1);
        const double per_s = static_cast<double>(now_.columns.size()) / (times_.stop_s - times_.start_s);
        for (const sample& one : some) {
            if (!(one.value - one.value == 0) || one.time_s < times_.start_s || one.time_s > times_.stop_s) {
                continue; // no value, or not in what is shown
            }
            course_column& to = now_.columns[static_cast<std::size_t>(
                (std::min)(std::floor((one.time_s - times_.start_s) * per_s), last))];
            to.low = one.value < to.low || std::isnan(to.low) ? one.value : to.low;
            to.high = one.value > to.high || std::isnan(to.high) ? one.value : to.high;
            now_.low = one.value < now_.low || std::isnan(now_.low) ? one.value : now_.low;
            now_.high = one.value > now_.high || std::isnan(now_.high) ? one.value : now_.high;
        }
        now_.frames_read = done;
    }

    any_source frames_;
    std::size_t bin_;
    time_range times_;
    mutable std::mutex mutex_;
    course_reading now_;
};

} // namespace fieldreel::inline v0

#endif
