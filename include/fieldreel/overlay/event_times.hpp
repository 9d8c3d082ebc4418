// SPDX-License-Identifier: MIT
// The times of instants in order: spikes, rewards. How many there are up to a time, the next one, those of a range.
#ifndef FIELDREEL_OVERLAY_EVENT_TIMES_HPP
#define FIELDREEL_OVERLAY_EVENT_TIMES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

/// Like sample_times, but for instants: two may fall together, and nothing holds between them. Units: seconds, not
/// decreasing. A handle.
///
/// Times in memory are checked at once; mapped times where they are used, and wholly by `first_wrong`, so that opening
/// costs the same for any length.
class event_times {
public:
    event_times() = default;
    /// `offset_s` is added to each time: for files whose clock starts elsewhere.
    /// Errors: data_error naming the first time that is not finite or lies before its predecessor.
    explicit event_times(samples times, double offset_s = 0) : given_(std::move(times)), offset_s_(offset_s) {
        if (given_.columns() != 1) {
            throw data_error(detail::text("event times have ", given_.columns(), " columns; give one time per event"));
        }
        if (!std::isfinite(offset_s)) {
            throw invalid_value("offset_s", detail::text("the clock offset is ", offset_s, "; give finite seconds"));
        }
        if (empty()) {
            return;
        }
        const std::size_t ends = (std::min)(size(), std::size_t{2});
        const auto check = [&](std::size_t start) { // of a mapped file copies: its far page would cost more
            const std::vector<double> some = given_.copy(start, ends);
            for (std::size_t i = 0; i < ends; ++i) {
                if (!std::isfinite(some[i]) || (i > 0 && some[i] < some[i - 1])) {
                    throw_wrong(start + i);
                }
            }
            return some;
        };
        if (!given_.mapped()) {
            if (const auto wrong = first_wrong()) {
                throw_wrong(*wrong);
            }
        }
        front_s_ = check(0).front() + offset_s_;
        back_s_ = check(size() - ends).back() + offset_s_;
    }
    explicit event_times(std::vector<double> times, double offset_s = 0)
        : event_times(samples(std::move(times)), offset_s) {}
    /// A copy in order, for times that are not. Errors: as the constructor, with the index in `times`.
    static event_times sorted(std::vector<double> times, double offset_s = 0) {
        for (std::size_t i = 0; i < times.size(); ++i) {
            if (!std::isfinite(times[i])) {
                throw_not_finite(i, times[i]);
            }
        }
        std::sort(times.begin(), times.end());
        return event_times(std::move(times), offset_s);
    }

    std::size_t size() const noexcept { return given_.size(); }
    bool empty() const noexcept { return given_.empty(); }
    double operator[](std::size_t i) const noexcept { return given_[i] + offset_s_; }
    double front() const noexcept { return front_s_; }
    double back() const noexcept { return back_s_; }

    /// How many events there are up to and including `time_s`. `guess`, an earlier answer, makes a near one cheap.
    /// Errors: data_error when mapped times around the answer are wrong; file_error when the file was cut. Cost: O(log
    /// of the distance) from the guess, or from where an even rate would put it.
    std::size_t up_to(double time_s, std::optional<std::size_t> guess = {}) const {
        return search(
            time_s, [time_s](double t) { return t <= time_s; }, guess);
    }
    /// How many there are before `time_s`, not including it.
    std::size_t before(double time_s, std::optional<std::size_t> guess = {}) const {
        return search(
            time_s, [time_s](double t) { return t < time_s; }, guess);
    }

    /// The first event after a time, the last one before it; neither counts one at the time itself.
    std::optional<double> next(double time_s) const {
        const std::size_t i = up_to(time_s);
        return i < size() ? std::optional((*this)[i]) : std::nullopt;
    }
    std::optional<double> previous(double time_s) const {
        const std::size_t i = before(time_s);
        return i > 0 ? std::optional((*this)[i - 1]) : std::nullopt;
    }

    /// Where a timeline puts its ticks: all events of a range; when there are more than `most`, the first one of each
    /// `most`-th part of the range that has any. Cost: O(most log events).
    std::vector<double> ticks(const time_range& range, std::size_t most = 2000) const {
        std::vector<double> out;
        const std::size_t first = before(range.start_s);
        const std::size_t last = up_to(range.stop_s, first);
        if (first >= last || most == 0) {
            return out;
        }
        if (last - first <= most) {
            for (std::size_t i = first; i < last; ++i) {
                out.push_back((*this)[i]);
            }
            return out;
        }
        const double part_s = (range.stop_s - range.start_s) / static_cast<double>(most);
        std::size_t i = first;
        for (std::size_t k = 1; k <= most && i < last; ++k) {
            const double end_s = k == most ? range.stop_s : range.start_s + static_cast<double>(k) * part_s;
            const std::size_t next = k == most ? last : (std::min)(last, before(end_s, i));
            if (next > i) {
                out.push_back((*this)[i]);
            }
            i = next;
        }
        return out;
    }

    /// The first index whose time is not finite or lies before its predecessor. Cost: reads every time.
    std::optional<std::size_t> first_wrong() const {
        given_.check_size();
        for (std::size_t i = 0; i < size(); ++i) {
            if (wrong(i)) {
                return i;
            }
        }
        return std::nullopt;
    }
    [[noreturn]] void throw_wrong(std::size_t i) const {
        if (!std::isfinite((*this)[i])) {
            throw_not_finite(i, (*this)[i]);
        }
        throw data_error(detail::text("event times must not decrease: time ", i, " is ", (*this)[i], " s after ",
                                      (*this)[i - 1], " s; sort the events by time, with what belongs to them"),
                         i);
    }

private:
    [[noreturn]] static void throw_not_finite(std::size_t i, double time) {
        throw data_error(
            detail::text("event time ", i, " is ", time, "; times must be finite seconds; remove the event"), i);
    }
    bool wrong(std::size_t i) const noexcept {
        return !std::isfinite(given_[i]) || (i > 0 && given_[i] < given_[i - 1]);
    }
    /// The events on both sides of a place that a search found.
    void check_around(std::size_t place) const {
        const std::size_t last = (std::min)(place + 2, size());
        for (std::size_t i = place < 2 ? 0 : place - 2; i < last; ++i) {
            if (wrong(i)) {
                throw_wrong(i);
            }
        }
    }
    /// Where an even rate would put a time, so that a search touches few pages of a mapped file.
    std::size_t even_guess(double time_s) const noexcept {
        const double part = empty() ? 0 : (time_s - front()) / (back() - front());
        const double guess = part * static_cast<double>(size());
        return !(guess > 0) ? 0 : guess < static_cast<double>(size()) ? static_cast<std::size_t>(guess) : size();
    }
    /// How many events hold `early`, which no later one does: from the guess in doubling steps, then by halves.
    template <class Early>
    std::size_t search(double time_s, const Early& early, std::optional<std::size_t> guess) const {
        given_.check_size();
        std::size_t low = 0; // early up to here
        std::size_t high = size();
        // Narrows the two from a place between them, in doubling steps; false when the answer is not near.
        const auto narrow = [&](std::size_t start, std::size_t most_step) {
            std::size_t step = 1;
            if (start == high || !early((*this)[start])) {
                for (high = start; high > low; step *= 2) {
                    if (step > most_step) {
                        return false;
                    }
                    const std::size_t at = high - low > step ? high - step : low;
                    if (early((*this)[at])) {
                        low = at + 1;
                        break;
                    }
                    high = at;
                }
            } else {
                for (low = start + 1; low < high; step *= 2) {
                    if (step > most_step) {
                        return false;
                    }
                    const std::size_t at = (high - low > step ? low + step : high) - 1;
                    if (!early((*this)[at])) {
                        high = at;
                        break;
                    }
                    low = at + 1;
                }
            }
            return true;
        };
        // After a jump the earlier answer is far off, and where an even rate would put the time is nearer.
        if (!guess || *guess > size() || !narrow(*guess, 64)) {
            narrow((std::min)((std::max)(even_guess(time_s), low), high), size());
        }
        while (low < high) {
            const std::size_t middle = low + (high - low) / 2;
            if (early((*this)[middle])) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (given_.mapped()) {
            check_around(low);
        }
        return low;
    }

    samples given_;
    double offset_s_ = 0;
    double front_s_ = 0;
    double back_s_ = 0;
};

} // namespace fieldreel::inline v0

#endif
