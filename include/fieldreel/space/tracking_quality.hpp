// SPDX-License-Identifier: MIT
// What is wrong with tracked positions: stretches that are interpolated, stand still, are lost; gaps and jumps; and how
// the heading is turned against the movement.
#ifndef FIELDREEL_SPACE_TRACKING_QUALITY_HPP
#define FIELDREEL_SPACE_TRACKING_QUALITY_HPP

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/space/occupancy.hpp>

namespace fieldreel::inline v0 {

struct tracking_options {
    double min_still_s = 0.5;           ///< standing exactly still for at least so long is told of
    std::size_t min_steady_samples = 5; ///< so many samples on one line at one pace are interpolated; at least 4
    double max_gap_s = 0.5;             ///< a longer interval is a gap; as in occupancy_options
    /// A step faster than this is a jump. NaN: five times the 99th percentile of the usual speeds, which are the
    /// medians of five steps in a row (without those at rest): a few jumps among them do not raise it.
    double jump_speed = std::numeric_limits<double>::quiet_NaN();
    /// The heading is compared with movements faster than this, units per second. NaN: than half the median of
    /// the usual speeds.
    double min_heading_speed = 10;
    std::optional<box_xy> arena = {}; ///< positions outside are counted
};

/// The samples first to last, both included, and their time. Units: seconds.
struct sample_run {
    std::size_t first = 0;
    std::size_t last = 0;
    double start_s = 0;
    double stop_s = 0;
    double duration_s() const noexcept { return stop_s - start_s; }
    friend bool operator==(const sample_run&, const sample_run&) = default;
};

/// Runs of one kind, in order of time; two may share an end sample, no two share an interval.
struct sample_runs {
    std::vector<sample_run> runs;
    std::size_t count() const noexcept { return runs.size(); }
    double seconds() const noexcept {
        double sum = 0;
        for (const sample_run& run : runs) {
            sum += run.duration_s();
        }
        return sum;
    }
    /// The longest, of equals the first; there must be one.
    const sample_run& longest() const {
        return *std::max_element(runs.begin(), runs.end(), [](const sample_run& a, const sample_run& b) {
            return a.duration_s() < b.duration_s();
        });
    }
};

/// How the recorded heading is turned against the direction of movement.
struct heading_against_movement {
    double offset_rad = std::numeric_limits<double>::quiet_NaN(); ///< circular mean of movement minus heading
    double resultant = 0;          ///< 1 = the two always differ by the offset, 0 = by anything
    double mirrored_resultant = 0; ///< the same of movement plus heading: high when one of them turns the other way
    std::size_t intervals = 0;     ///< between samples, that were compared
    double min_speed = std::numeric_limits<double>::quiet_NaN(); ///< the limit that was used
};

/// One exact place to which positions jump, stay, and jump back: what a tracker writes when it has lost the animal.
struct placeholder_place {
    point_xy at;
    std::size_t samples = 0;
    std::size_t visits = 0; ///< stretches of them; at least 3, or 10 samples in all
    std::size_t first = 0;  ///< sample
};

/// What check_tracking found. Kinds of seconds do not overlap: no interval is in two of lost, gaps, still and
/// interpolated.
struct tracking_quality {
    std::size_t samples = 0;
    double seconds = 0;           ///< first to last sample
    std::size_t lost_samples = 0; ///< a coordinate is NaN or infinite
    sample_runs lost;             ///< from the first lost sample to the next tracked one, or to a gap
    sample_runs gaps;             ///< intervals longer than max_gap_s
    sample_runs still;            ///< exactly one place: asleep, or the camera is stuck
    sample_runs interpolated;     ///< exactly constant steps
    std::size_t interpolated_with_heading =
        0;                         ///< of those, in how many the heading turns by exactly constant steps too
    std::vector<sample_run> jumps; ///< single steps
    double jump_speed =
        std::numeric_limits<double>::quiet_NaN(); ///< the limit that was used; NaN = no step to judge by
    double fastest_jump = 0;                      ///< units per second
    std::optional<placeholder_place> placeholder; ///< of several the one with most samples
    double resolution = 0; ///< all coordinates are rounded to multiples of this power of ten; 0: no such power is known
    std::size_t outside_arena = 0; ///< samples
    std::size_t first_outside = 0; ///< the first of them
    heading_against_movement heading;
};

namespace detail {

/// In place of a heading that was not recorded.
struct no_heading {
    std::size_t size() const noexcept { return 0; }
    double operator[](std::size_t) const noexcept { return std::numeric_limits<double>::quiet_NaN(); }
};

inline void check_tracking_options(const tracking_options& options) {
    const auto not_negative = [](const char* name, double value) {
        if (!(value >= 0 && std::isfinite(value))) {
            throw invalid_value(name, text(std::string_view(name), " is ", rounded(value),
                                           "; it must be 0 or more; leave it out for the default"));
        }
    };
    not_negative("min_still_s", options.min_still_s);
    if (!std::isnan(options.min_heading_speed)) {
        not_negative("min_heading_speed", options.min_heading_speed);
    }
    check_occupancy_options({options.max_gap_s, 0});
    if (options.min_steady_samples < 4) {
        throw invalid_value("min_steady_samples",
                            text("min_steady_samples is ", options.min_steady_samples,
                                 "; it must be at least 4, as any 3 samples can lie evenly by chance; 5 is usual"));
    }
    if (!(std::isnan(options.jump_speed) || options.jump_speed > 0)) {
        throw invalid_value("jump_speed", text("jump_speed is ", rounded(options.jump_speed),
                                               "; it must be positive, in the units of the positions per second; use "
                                               "NaN for five times the 99th percentile, infinity for no limit"));
    }
}

/// One look at all the samples, kind by kind. Built once per call of check_tracking.
template <number_list Times, number_table Positions, number_list Heading>
class tracking_check {
public:
    tracking_check(const Times& times, const Positions& positions, const Heading& heading,
                   const tracking_options& options)
        : times_(times),
          positions_(positions),
          heading_(heading),
          options_(options),
          samples_(static_cast<std::size_t>(times.size())) {}

    tracking_quality run() {
        out_.samples = samples_;
        out_.seconds = time(samples_ - 1) - time(0);
        look_at_samples();
        find_resolution();
        look_at_speeds();
        look_at_steps();
        find_placeholder();
        if (static_cast<std::size_t>(heading_.size()) > 0) {
            compare_heading();
        }
        return std::move(out_);
    }

private:
    double time(std::size_t i) const { return static_cast<double>(times_[i]); }
    double x(std::size_t i) const { return static_cast<double>(positions_(i, std::size_t{0})); }
    double y(std::size_t i) const { return static_cast<double>(positions_(i, std::size_t{1})); }
    double angle(std::size_t i) const { return static_cast<double>(heading_[i]); }
    bool tracked(std::size_t i) const { return is_tracked(positions_, i); }
    bool gap_after(std::size_t i) const { return time(i + 1) - time(i) > options_.max_gap_s; }
    sample_run run_of(std::size_t first, std::size_t last) const { return {first, last, time(first), time(last)}; }

    /// Lost samples, gaps, the arena; and how far rounding reaches.
    void look_at_samples() {
        double largest = 0;
        bool as_float = true;
        std::size_t lost_from = none;
        const auto end_lost = [&](std::size_t at) {
            if (lost_from != none) {
                out_.lost.runs.push_back(run_of(lost_from, at));
                lost_from = none;
            }
        };
        for (std::size_t i = 0; i < samples_; ++i) {
            if (tracked(i)) {
                end_lost(i);
                largest = (std::max)({largest, std::abs(x(i)), std::abs(y(i))});
                as_float = as_float && is_float(x(i)) && is_float(y(i));
                if (options_.arena && !(x(i) >= options_.arena->low.x && x(i) <= options_.arena->high.x &&
                                        y(i) >= options_.arena->low.y && y(i) <= options_.arena->high.y)) {
                    out_.first_outside = out_.outside_arena == 0 ? i : out_.first_outside;
                    ++out_.outside_arena;
                }
            } else {
                ++out_.lost_samples;
                lost_from = lost_from == none ? i : lost_from;
            }
            if (i + 1 == samples_) {
                end_lost(i);
                break;
            }
            if (!(time(i + 1) > time(i) && std::isfinite(time(i + 1)))) {
                throw_times_do_not_increase(i + 1, time(i), time(i + 1));
            }
            if (gap_after(i)) {
                end_lost(i);
                out_.gaps.runs.push_back(run_of(i, i + 1));
            }
        }
        largest_ = largest;
        as_float_ = as_float;
        tolerance_ = largest * (as_float ? 4.0 * std::numeric_limits<float>::epsilon() : 1e-9);
        same_step_ = tolerance_;
    }

    /// The largest power of ten of which every coordinate is a multiple. Few samples may be round by chance.
    void find_resolution() {
        if (samples_ - out_.lost_samples < 100 || !(largest_ > 0)) {
            return;
        }
        const double rounding =
            largest_ * 4 *
            (as_float_ ? double{std::numeric_limits<float>::epsilon()} : std::numeric_limits<double>::epsilon());
        double scale = 1;
        for (int digits = 0; digits <= 8 && 20 * rounding * scale < 1; ++digits, scale *= 10) {
            const auto is_round = [&](double v) { return std::abs(v - std::round(v * scale) / scale) <= rounding; };
            bool all = true;
            for (std::size_t i = 0; i < samples_ && all; ++i) {
                all = !tracked(i) || (is_round(x(i)) && is_round(y(i)));
            }
            if (all) {
                out_.resolution = 1 / scale;
                same_step_ = (std::max)(tolerance_, out_.resolution * 1.001);
                return;
            }
        }
    }
    static bool is_float(double value) {
        return std::abs(value) <= (std::numeric_limits<float>::max)() &&
               static_cast<double>(static_cast<float>(value)) == value;
    }

    /// Speeds of steps that move, each the median of five in a row; of at most some 65 536, evenly spread.
    void look_at_speeds() {
        out_.jump_speed = options_.jump_speed;
        constexpr std::size_t window = 5;
        double recent[window] = {};
        std::vector<double> usual;
        std::vector<double> lengths;
        const std::size_t stride = 1 + (samples_ - 1) / 65536;
        std::size_t moving = 0;
        for (std::size_t k = 0; k + 1 < samples_; ++k) {
            if (!tracked(k) || !tracked(k + 1) || gap_after(k)) {
                continue;
            }
            const double speed = speed_of(k);
            if (!(speed > 0)) {
                continue;
            }
            recent[moving++ % window] = speed;
            if (moving >= window && moving % stride == 0) {
                double sorted[window];
                std::copy(recent, recent + window, sorted);
                std::nth_element(sorted, sorted + window / 2, sorted + window);
                usual.push_back(sorted[window / 2]);
            }
            if (out_.resolution > 0 && moving % stride == 0) {
                lengths.push_back(std::hypot(x(k + 1) - x(k), y(k + 1) - y(k)));
            }
        }
        if (usual.empty()) {
            usual.assign(recent, recent + (std::min)(moving, window));
        }
        const auto percentile = [](std::vector<double>& of, std::size_t percent) {
            const auto rank = static_cast<std::ptrdiff_t>((of.size() - 1) * percent / 100);
            std::nth_element(of.begin(), of.begin() + rank, of.end());
            return of[static_cast<std::size_t>(rank)];
        };
        if (!usual.empty()) {
            out_.jump_speed = std::isnan(out_.jump_speed) ? 5 * percentile(usual, 99) : out_.jump_speed;
            median_speed_ = percentile(usual, 50);
        }
        if (!lengths.empty()) {
            least_way_ = (percentile(lengths, 50) >= 150 * out_.resolution ? 50 : 200) * out_.resolution;
        }
    }
    double speed_of(std::size_t k) const {
        return std::hypot(x(k + 1) - x(k), y(k + 1) - y(k)) / (time(k + 1) - time(k));
    }

    struct step {
        double x, y, duration_s;
    };
    static constexpr unsigned by_sample = 1; ///< the same step from sample to sample
    static constexpr unsigned by_time = 2;   ///< the same velocity
    unsigned alike(const step& a, const step& b) const {
        const double scale = b.duration_s / a.duration_s;
        // Of rounded positions b - a is whole units of the resolution; b - a * scale is not, and takes up all errors.
        const bool even = out_.resolution == 0 || std::abs(scale - 1) <= 1e-6;
        const double same_pace = even ? same_step_ : same_step_ * (1 + scale);
        return (std::abs(b.x - a.x) <= same_step_ && std::abs(b.y - a.y) <= same_step_ ? by_sample : 0) |
               (std::abs(b.x - a.x * scale) <= same_pace && std::abs(b.y - a.y * scale) <= same_pace ? by_time : 0);
    }

    /// Steps one after the other: at rest, steady, or neither.
    void look_at_steps() {
        step before{};
        bool steady = false; // `before` moved, and may go on
        unsigned how = 0;    // in which ways all steps since steady_from are alike
        std::size_t steady_from = 0;
        std::size_t still_from = none;
        const auto end_still = [&](std::size_t at) {
            if (still_from != none && time(at) - time(still_from) >= options_.min_still_s) {
                out_.still.runs.push_back(run_of(still_from, at));
            }
            still_from = none;
        };
        const auto end_steady = [&](std::size_t at) {
            sample_run run = steady ? run_of(steady_from, at) : sample_run{};
            const bool enough = steady && at - steady_from + 1 >= options_.min_steady_samples &&
                                (out_.resolution == 0 || is_long_line(run));
            if (enough) {
                out_.interpolated.runs.push_back(run);
                out_.interpolated_with_heading += heading_is_steady(run.first, run.last) ? 1u : 0u;
            }
            steady = false;
            return enough;
        };
        for (std::size_t k = 0; k + 1 < samples_; ++k) {
            const bool known = tracked(k) && tracked(k + 1) && !gap_after(k);
            const step now{x(k + 1) - x(k), y(k + 1) - y(k), time(k + 1) - time(k)};
            const bool moved = known && (std::abs(now.x) > tolerance_ || std::abs(now.y) > tolerance_);
            if (!known || moved) {
                end_still(k);
            } else if (still_from == none) {
                still_from = k;
            }
            if (known && std::hypot(now.x, now.y) > out_.jump_speed * now.duration_s) {
                out_.jumps.push_back(run_of(k, k + 1));
                out_.fastest_jump = (std::max)(out_.fastest_jump, speed_of(k));
            }
            if (!moved || !(std::abs(now.x) > same_step_ || std::abs(now.y) > same_step_)) {
                end_steady(k);
                continue;
            }
            const unsigned same = steady ? alike(before, now) : 0;
            if ((how & same) != 0 && steady) {
                how &= same;
            } else {
                const bool taken = end_steady(k);
                // A step belongs to one run: the step before may begin this one unless a run has it already.
                steady_from = !taken && same != 0 ? k - 1 : k;
                how = steady_from == k ? by_sample | by_time : same;
                steady = true;
            }
            before = now;
        }
        end_still(samples_ - 1);
        end_steady(samples_ - 1);
    }

    /// Rounded steps can be alike by chance: the more of them and the longer, the less. A step at either end may be
    /// alike and beyond the line; `run` loses it.
    bool is_long_line(sample_run& run) const {
        for (std::size_t ends = 0; ends < 4; ++ends) {
            const std::size_t first = run.first + ends / 2;
            const std::size_t last = run.last - ends % 2;
            const auto steps = static_cast<double>(last - first);
            const double way = std::hypot(x(last) - x(first), y(last) - y(first));
            if (last - first + 1 >= options_.min_steady_samples && (steps - 3) * way / steps >= least_way_ &&
                time(last) - time(first) >= least_rounded_line_s &&
                (is_line(first, last, by_sample) || is_line(first, last, by_time))) {
                run = run_of(first, last);
                return true;
            }
        }
        return false;
    }
    static constexpr double least_rounded_line_s = 0.125; ///< any smooth path is straight for a moment
    bool is_line(std::size_t first, std::size_t last, unsigned how) const {
        const double steps = how == by_sample ? static_cast<double>(last - first) : time(last) - time(first);
        for (std::size_t i = first + 1; i < last; ++i) {
            const double part = (how == by_sample ? static_cast<double>(i - first) : time(i) - time(first)) / steps;
            if (std::abs(x(i) - x(first) - part * (x(last) - x(first))) > same_step_ ||
                std::abs(y(i) - y(first) - part * (y(last) - y(first))) > same_step_) {
                return false;
            }
        }
        return true;
    }

    /// Among the places that were jumped to.
    void find_placeholder() {
        std::vector<placeholder_place> visits;
        for (std::size_t j = 0; j < out_.jumps.size(); ++j) {
            const std::size_t first = out_.jumps[j].last;
            std::size_t last = first;
            const auto goes_on = [&] { return last + 1 < samples_ && tracked(last + 1) && !gap_after(last); };
            while (goes_on() && x(last + 1) == x(first) && y(last + 1) == y(first)) {
                ++last;
            }
            const bool jumps_on = j + 1 < out_.jumps.size() && out_.jumps[j + 1].first == last;
            if (jumps_on || !goes_on()) {
                visits.push_back({{x(first), y(first)}, last - first + 1, 1, first});
            }
        }
        std::sort(visits.begin(), visits.end(), [](const placeholder_place& a, const placeholder_place& b) {
            return a.at.x != b.at.x ? a.at.x < b.at.x : a.at.y != b.at.y ? a.at.y < b.at.y : a.first < b.first;
        });
        for (std::size_t i = 0; i < visits.size();) {
            placeholder_place sum = visits[i];
            for (++i; i < visits.size() && visits[i].at == sum.at; ++i) {
                sum.samples += visits[i].samples;
                ++sum.visits;
            }
            if ((sum.visits >= 3 || sum.samples >= 10) &&
                (!out_.placeholder || sum.samples > out_.placeholder->samples)) {
                out_.placeholder = sum;
            }
        }
    }

    /// Upstream interpolated the heading over the same samples: it turns evenly too, through the wrap or not.
    bool heading_is_steady(std::size_t first, std::size_t last) const {
        if (static_cast<std::size_t>(heading_.size()) == 0) {
            return false;
        }
        constexpr double two_pi = 6.283185307179586476925286766559;
        constexpr double enough = 1e-5; // of float32 angles
        unsigned how = by_sample | by_time;
        for (std::size_t k = first; k + 2 <= last && how != 0; ++k) {
            const double before = std::remainder(angle(k + 1) - angle(k), two_pi);
            const double now = std::remainder(angle(k + 2) - angle(k + 1), two_pi);
            const double scale = (time(k + 2) - time(k + 1)) / (time(k + 1) - time(k));
            how &= (std::abs(std::remainder(now - before, two_pi)) <= enough ? by_sample : 0) |
                   (std::abs(std::remainder(now - before * scale, two_pi)) <= enough ? by_time : 0);
        }
        return how != 0;
    }

    /// Interpolated stretches count as lost here.
    void compare_heading() {
        std::vector<std::uint8_t> known(samples_, 0);
        for (std::size_t i = 0; i < samples_; ++i) {
            known[i] = tracked(i) ? 1 : 0;
        }
        for (const sample_run& run : out_.interpolated.runs) {
            std::fill(known.begin() + static_cast<std::ptrdiff_t>(run.first),
                      known.begin() + static_cast<std::ptrdiff_t>(run.last), std::uint8_t{0});
        }
        double sum_x = 0;
        double sum_y = 0;
        double mirrored_x = 0;
        double mirrored_y = 0;
        std::size_t count = 0;
        const double min_speed =
            std::isnan(options_.min_heading_speed) ? median_speed_ / 2 : options_.min_heading_speed;
        const auto compare = [&](std::size_t k, point_xy way, double duration_s) {
            const double length = std::hypot(way.x, way.y);
            if (!(length > min_speed * duration_s)) {
                return;
            }
            // The heading half-way between the two samples, as the movement is.
            const double head_x = std::cos(angle(k)) + std::cos(angle(k + 1));
            const double head_y = std::sin(angle(k)) + std::sin(angle(k + 1));
            const double size = std::hypot(head_x, head_y) * length;
            if (!(size > 0)) { // NaN, or opposite
                return;
            }
            sum_x += (way.x * head_x + way.y * head_y) / size;
            sum_y += (way.y * head_x - way.x * head_y) / size;
            mirrored_x += (way.x * head_x - way.y * head_y) / size;
            mirrored_y += (way.y * head_x + way.x * head_y) / size;
            ++count;
        };
        for_each_stretch(
            times_, options_.max_gap_s, [&](std::size_t i) { return known[i] != 0; },
            [&](std::size_t first, std::size_t end) {
                for_each_smoothed_step(times_, positions_, first, end, compare);
            });
        out_.heading.min_speed = min_speed;
        if (count > 0) {
            const auto all = static_cast<double>(count);
            out_.heading = {std::atan2(sum_y, sum_x), std::hypot(sum_x, sum_y) / all,
                            std::hypot(mirrored_x, mirrored_y) / all, count, min_speed};
        }
    }

    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    const Times& times_;
    const Positions& positions_;
    const Heading& heading_;
    const tracking_options& options_;
    std::size_t samples_;
    double largest_ = 0; ///< of the coordinates
    bool as_float_ = false;
    double tolerance_ = 0;                                          ///< rounding: two places are one
    double same_step_ = 0;                                          ///< and two steps the same
    double least_way_ = 0;                                          ///< see is_long_line
    double median_speed_ = std::numeric_limits<double>::infinity(); ///< of the usual speeds
    tracking_quality out_;
};

} // namespace detail

/// Looks for what is wrong with the tracking of a whole recording.
///
/// `interpolated`: at least `min_steady_samples` samples (the ends included: 5 samples are 4 steps) with the same step,
/// which is not zero, from sample to sample, or from time to time (the same velocity at uneven times): no animal does
/// that, so somebody filled in lost tracking with a straight line. The end samples are the tracked ones that the line
/// was drawn between. "The same" and "zero" allow for rounding: steps may differ by 1e-9 of the largest coordinate, or
/// by 5e-7 of it when every coordinate is a float32. A step belongs to one run. A line between two equal places is no
/// line: it is `still`, at least `min_still_s` in one place. No run reaches across a gap or a lost sample.
///
/// Rounded positions (`resolution`: whole pixels, three decimals in a table; looked for in 100 samples or more): steps
/// may differ by what rounding makes of them and must be longer than one unit of the resolution. Such steps can be
/// alike by chance, so a run counts only if it takes 0.125 s or more, and if (samples - 4) times its mean step is at
/// least 50 units (200, where the median step of all is shorter than 150). Short and slow lines are missed then: of the
/// 194 s of one recording 193 s are found at three decimals, 139 s at two, none in whole centimetres.
///
/// `heading`: movement is that of positions smoothed over 0.25 s, as for a minimum speed (see occupancy_options); never
/// across a gap, lost tracking or an interpolated stretch. To correct a heading, add the offset to it.
///
/// Shape: one time and one angle per row of positions (n, 2). Units: seconds, radians, those of the positions. Errors:
/// as occupancy; data_error when there is not one angle per sample; invalid_value for options. Cost: a few passes, some
/// 100 ns per sample, with a heading 250 ns: an hour at 500 Hz takes under half a second.
template <number_list Times, number_table Positions, number_list Heading>
tracking_quality check_tracking(const Times& times, const Positions& positions, const Heading& heading,
                                const tracking_options& options = {}) {
    detail::check_tracking_options(options);
    detail::check_samples(times, positions);
    const auto angles = static_cast<std::size_t>(heading.size());
    if (angles != static_cast<std::size_t>(times.size()) && !std::same_as<Heading, detail::no_heading>) {
        throw data_error(detail::text("times has ", static_cast<std::size_t>(times.size()), " values and heading ",
                                      angles,
                                      "; there must be one angle per time; cut or load both from the same "
                                      "recording"));
    }
    return detail::tracking_check(times, positions, heading, options).run();
}
/// The same without a heading.
template <number_list Times, number_table Positions>
tracking_quality check_tracking(const Times& times, const Positions& positions, const tracking_options& options = {}) {
    return check_tracking(times, positions, detail::no_heading{}, options);
}

/// How many spikes lie in the runs: at or after a start and before its stop. `runs` in order of time; spikes need no
/// order. Cost: O(spikes log runs).
template <number_list Spikes>
std::size_t spikes_in(const sample_runs& in, const Spikes& spike_times) {
    std::size_t count = 0;
    const auto spikes = static_cast<std::size_t>(spike_times.size());
    for (std::size_t i = 0; i < spikes; ++i) {
        const auto at = static_cast<double>(spike_times[i]);
        const auto after = std::upper_bound(in.runs.begin(), in.runs.end(), at,
                                            [](double t, const sample_run& run) { return t < run.start_s; });
        count += after != in.runs.begin() && at < std::prev(after)->stop_s ? 1u : 0u;
    }
    return count;
}

/// A copy of positions, angles or any values by sample, row after row, with NaN from the first sample of each run up to
/// the one before its last: lost tracking for occupancy, place_field, trail and heading alike. Exactly the runs' time
/// leaves the occupancy and exactly their spikes (spikes_in) the counts, as time counts where its interval starts. The
/// last sample of a run stays: tracking goes on from there.
template <number_table Values>
std::vector<double> with_runs_lost(const Values& values, const sample_runs& runs) {
    const auto rows = static_cast<std::size_t>(values.shape(std::size_t{0}));
    const auto columns = static_cast<std::size_t>(values.shape(std::size_t{1}));
    std::vector<double> out(rows * columns);
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
            out[i * columns + j] = static_cast<double>(values(i, j));
        }
    }
    for (const sample_run& run : runs.runs) {
        const auto at = [&](std::size_t row) { return out.begin() + static_cast<std::ptrdiff_t>(row * columns); };
        std::fill(at((std::min)(run.first, rows)), at((std::min)(run.last, rows)),
                  std::numeric_limits<double>::quiet_NaN());
    }
    return out;
}

} // namespace fieldreel::inline v0

#endif
