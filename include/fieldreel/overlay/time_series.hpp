// SPDX-License-Identifier: MIT
// Signals in a window around now: LFP, speed, the probability of each state; any rate for the same cost.
#ifndef FIELDREEL_OVERLAY_TIME_SERIES_HPP
#define FIELDREEL_OVERLAY_TIME_SERIES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/overlay/series_pyramid.hpp>
#include <fieldreel/overlay/ticks.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

/// How a signal is read and shown.
struct series_look {
    std::string unit = {};
    rgba8 color = {}; ///< alpha 0: one of eight that also colour-blind people tell apart, by its place in the group
    double scale = 1; ///< value shown = scale x sample + offset, for integers as amplifiers write them
    double offset = 0;
};

namespace detail {

/// The times of a signal's samples: a list, a clock, or a source's frame times.
class series_clock {
public:
    series_clock() = default;
    explicit series_clock(sample_times times) : times_(std::move(times)) { remember_ends(); }
    explicit series_clock(any_source frames) : frames_(std::move(frames)) {
        const std::size_t count = frames_->frame_count();
        if (count > 1) {
            dt_s_ = (frames_->time_s(count - 1) - frames_->time_s(0)) / static_cast<double>(count - 1);
        } else if (count == 1) {
            dt_s_ = frames_->duration_s(0);
        }
        remember_ends();
    }
    std::size_t size() const { return frames_ ? frames_->frame_count() : times_.size(); }
    /// The samples' times; null for those of a source.
    const sample_times* times() const noexcept { return frames_ ? nullptr : &times_; }
    double operator[](std::size_t i) const { return frames_ ? frames_->time_s(i) : times_[i]; }
    /// The first and the last time, known since construction: a mapped file is not touched.
    double front_s() const noexcept { return front_s_; }
    double back_s() const noexcept { return back_s_; }
    double dt_s() const { return frames_ ? dt_s_ : times_.median_dt_s(); }
    /// The first sample at or after a time; size() when there is none. Cost: O(log samples).
    std::size_t first_from(double time_s) const {
        if (!frames_) {
            const auto before = times_.at_or_before(time_s);
            return !before ? 0 : times_[*before] == time_s ? *before : *before + 1;
        }
        const std::size_t count = size();
        if (count == 0 || front_s_ >= time_s) {
            return 0;
        }
        // Outwards from where an even clock would put it, then by halves: time[low] < time_s <= time[high].
        const double guess = (time_s - front_s_) / dt_s_;
        std::size_t low = !(guess > 0)                         ? 0
                          : guess < static_cast<double>(count) ? static_cast<std::size_t>(guess)
                                                               : count - 1;
        low = (std::min)(low, count - 1);
        std::size_t high = low;
        std::size_t step = 1;
        if (frames_->time_s(low) < time_s) {
            for (high = low + 1; high < count && frames_->time_s(high) < time_s; step *= 2) {
                low = high;
                high += step;
            }
            high = (std::min)(high, count);
        } else {
            for (low = high - 1; low > 0 && frames_->time_s(low) >= time_s; step *= 2) {
                high = low;
                low -= (std::min)(step, low);
            }
        }
        while (high - low > 1) {
            const std::size_t middle = low + (high - low) / 2;
            (frames_->time_s(middle) < time_s ? low : high) = middle;
        }
        return high;
    }

private:
    void remember_ends() {
        if (size() > 0) {
            front_s_ = (*this)[0];
            back_s_ = (*this)[size() - 1];
        }
    }
    sample_times times_;
    std::optional<any_source> frames_;
    double dt_s_ = 1;
    double front_s_ = 0;
    double back_s_ = 0;
};

} // namespace detail

/// One signal: samples and their times. A handle: copies share the blocks of its pyramid.
class series {
public:
    /// Numbers in memory or mapped, one column of them; sample_times({.rate_hz, .start_s}, count) for an even clock.
    /// Errors: data_error when there is not one time per sample, or none; invalid_value for a column that is not there,
    /// and for a scale that is 0 or not finite.
    series(std::string name, sample_times times, samples values, series_look look = {}, std::size_t column = 0)
        : name_(std::move(name)), look_(std::move(look)), column_(column) {
        check_lengths(name_, times, values);
        pyramid_ = series_pyramid(std::move(values));
        clock_ = detail::series_clock(std::move(times));
        check();
    }
    /// One column of a source that knows its times (`source | timed(times)`). Errors: as above, and invalid_value for a
    /// source without times.
    series(std::string name, const any_source& frames, series_look look = {}, std::size_t column = 0)
        : name_(std::move(name)), look_(std::move(look)), column_(column) {
        check_timed(name_, frames);
        pyramid_ = series_pyramid(frames);
        clock_ = detail::series_clock(frames);
        check();
    }
    /// Every column as a signal of its own; all share one pyramid, so that each sample is read once.
    ///   series::columns_of(states.names(), posterior | combine(states.probability_groups()))
    /// Errors: as above; invalid_value when there is not one name per column.
    static std::vector<series> columns_of(const std::vector<std::string>& names, const any_source& frames,
                                          const series_look& look = {}) {
        check_timed(names.empty() ? std::string() : names.front(), frames);
        return all_columns(names, detail::series_clock(frames), series_pyramid(frames), look);
    }
    static std::vector<series> columns_of(const std::vector<std::string>& names, sample_times times, samples values,
                                          const series_look& look = {}) {
        check_lengths(names.empty() ? std::string() : names.front(), times, values);
        return all_columns(names, detail::series_clock(std::move(times)), series_pyramid(std::move(values)), look);
    }

    const std::string& name() const noexcept { return name_; }
    const series_look& look() const noexcept { return look_; }
    const detail::series_clock& clock() const noexcept { return clock_; }
    const series_pyramid& pyramid() const noexcept { return pyramid_; }
    std::size_t column() const noexcept { return column_; }

    /// Of samples [first, last), as shown: scaled.
    series_extent extent(std::size_t first, std::size_t last) const {
        return shown(pyramid_.extent(first, last, column_));
    }
    /// A guess of the whole recording's. Cost: the same for any length.
    series_extent sampled(std::size_t places = 32) const { return shown(pyramid_.sampled(column_, places)); }
    void read(std::size_t first, std::span<double> out) const {
        pyramid_.read(first, out, column_);
        if (look_.scale != 1 || look_.offset != 0) {
            for (double& value : out) {
                value = look_.scale * value + look_.offset;
            }
        }
    }
    /// The sample nearest to a time (ties: the earlier), between two that are at most `max_gap_s` apart; NaN where
    /// there is none. It is a value of the recording, never one in between.
    double value_at(double time_s, double max_gap_s) const {
        const std::size_t next = clock_.first_from(time_s);
        if (next >= clock_.size()) {
            return std::numeric_limits<double>::quiet_NaN();
        }
        std::size_t nearest = next;
        const double next_s = clock_[next];
        if (next_s != time_s) {
            if (next == 0 || next_s - clock_[next - 1] > max_gap_s) {
                return std::numeric_limits<double>::quiet_NaN();
            }
            nearest = time_s - clock_[next - 1] > next_s - time_s ? next : next - 1;
        }
        double value = 0;
        read(nearest, {&value, 1});
        return value;
    }

private:
    series(std::string name, detail::series_clock clock, series_pyramid pyramid, series_look look, std::size_t column)
        : name_(std::move(name)),
          look_(std::move(look)),
          clock_(std::move(clock)),
          pyramid_(std::move(pyramid)),
          column_(column) {
        check();
    }
    static std::vector<series> all_columns(const std::vector<std::string>& names, const detail::series_clock& clock,
                                           const series_pyramid& pyramid, const series_look& look) {
        if (names.size() != pyramid.columns()) {
            throw invalid_value("names", detail::text(names.size(), " names were given for ", pyramid.columns(),
                                                      " columns; give one name per column"));
        }
        std::vector<series> out;
        for (std::size_t column = 0; column < names.size(); ++column) {
            out.push_back(series(names[column], clock, pyramid, look, column));
        }
        return out;
    }
    static void check_lengths(const std::string& name, const sample_times& times, const samples& values) {
        if (times.size() != values.size()) {
            throw data_error(detail::text("there are ", times.size(), " times for ", values.size(),
                                          " samples of the signal '", name, "'; give one time per sample"));
        }
    }
    static void check_timed(const std::string& name, const any_source& frames) {
        if (!frames.timed()) {
            throw invalid_value("frames", detail::text("the signal '", name, "' was given frames without times; ",
                                                       "give a source with times: source | timed(times)"));
        }
    }
    void check() const {
        if (pyramid_.size() == 0) {
            throw data_error(
                detail::text("the signal '", name_, "' has no samples; give at least one or leave it out"));
        }
        if (column_ >= pyramid_.columns()) {
            throw invalid_value("column",
                                detail::text("column ", column_, " was asked for the signal '", name_, "'; there are ",
                                             pyramid_.columns(), ", counted from 0; choose one of them"));
        }
        if (!std::isfinite(look_.scale) || look_.scale == 0 || !std::isfinite(look_.offset)) {
            throw invalid_value("scale", detail::text("the signal '", name_, "' has scale ", look_.scale,
                                                      " and offset ", look_.offset,
                                                      "; both must be finite and the scale not 0; 1 and 0 change "
                                                      "nothing"));
        }
    }
    series_extent shown(series_extent of) const noexcept {
        of.low = look_.scale * of.low + look_.offset;
        of.high = look_.scale * of.high + look_.offset;
        if (look_.scale < 0) {
            std::swap(of.low, of.high);
        }
        return of;
    }

    std::string name_;
    series_look look_;
    detail::series_clock clock_;
    series_pyramid pyramid_;
    std::size_t column_ = 0;
};

/// Signals that share one band of the dock and its limits.
struct series_group {
    std::vector<series> signals;
    double low = std::numeric_limits<double>::quiet_NaN(); ///< both given: the limits of this group
    double high = std::numeric_limits<double>::quiet_NaN();
};

/// Where limits that are not given come from.
enum class series_limits : std::uint8_t {
    recording, ///< the whole recording's, guessed from 64 places of it: they never move
    window     ///< what is in the window: small signals fill their band
};

/// The values at the lower and the upper edge of a band.
struct series_range {
    double low = 0;
    double high = 1;
    friend bool operator==(const series_range&, const series_range&) = default;
};

struct time_series_options {
    double window_s = 10; ///< how much is shown
    double now_at = 0.5;  ///< where now is in the window: 0 = its left end, 1 = its right end
    series_limits limits = series_limits::recording;
    std::size_t columns = 512; ///< a denser signal shows the least and the greatest of so many columns
    double max_gap_s = std::numeric_limits<double>::quiet_NaN(); ///< unset: the larger of 0.25 s and 3 sample distances
    double dock_low = 0;                                         ///< the part of the dock's height that is used
    double dock_high = 1;
    bool cursor = true;                                          ///< a line at now, and a dot where each signal is
    bool labels = true;                                          ///< name, value at now and unit
    shape_style line = {.size_px = 1, .where = placement::dock}; ///< its colour is the signal's
    shape_style cursor_line = {.color = {200, 200, 200, 255}, .size_px = 1, .where = placement::dock};
    shape_style dot = {.size_px = 5, .where = placement::dock};
    shape_style label = {.size_px = 11, .where = placement::dock};
};

/// Signals in groups, each group one band of the dock, the first on top.
///
/// A signal with more than two samples per column is drawn as the least and the greatest of each column, two points a
/// quarter of it before and after its middle. Columns lie on a fixed grid of time (column k: samples from k w to before
/// (k + 1) w, w = window_s / columns), so that the picture moves without flickering; those whose middle is in the
/// window are drawn. Others are drawn sample by sample, and cut at the window's ends. Lines break at NaN and at gaps: a
/// column with missing samples is joined to none of its neighbours; a gap narrower than a column is not seen. Values
/// beyond the limits lie on the band's edge.
///
/// Cost: a step that follows another computes the columns that are new; a jump computes each, O(columns log samples).
/// Nothing is allocated once the blocks of the pyramids are made. Memory: see series_pyramid; 64 bytes per column and
/// signal.
class time_series {
public:
    /// Errors: invalid_value for no signal, and for options that make no sense.
    explicit time_series(std::vector<series_group> groups, const time_series_options& options = {})
        : groups_(std::move(groups)), options_(options) {
        check();
        width_s_ = options_.window_s / static_cast<double>(options_.columns);
        while (slots_ < options_.columns + 2) {
            slots_ *= 2;
        }
        const double height = (options_.dock_high - options_.dock_low) / static_cast<double>(groups_.size());
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            group_state state;
            state.top = options_.dock_high - height * static_cast<double>(g);
            state.bottom = g + 1 == groups_.size() ? options_.dock_low : state.top - height;
            states_.push_back(state);
            for (std::size_t s = 0; s < groups_[g].signals.size(); ++s) {
                const series& signal = groups_[g].signals[s];
                signal_state one;
                one.color = signal.look().color.a == 0 ? color_of(s) : signal.look().color;
                one.max_gap_s = std::isnan(options_.max_gap_s)
                                    ? (std::max)(default_max_gap_s, 3 * signal.clock().dt_s())
                                    : options_.max_gap_s;
                one.dense = options_.window_s > 2 * static_cast<double>(options_.columns) * signal.clock().dt_s();
                drawn_.push_back(std::move(one));
            }
        }
    }
    /// One band.
    explicit time_series(std::vector<series> signals, const time_series_options& options = {})
        : time_series(std::vector<series_group>{{.signals = std::move(signals)}}, options) {}
    explicit time_series(series signal, const time_series_options& options = {})
        : time_series(std::vector<series>{std::move(signal)}, options) {}

    const std::vector<series_group>& groups() const noexcept { return groups_; }
    const time_series_options& options() const noexcept { return options_; }
    /// A signal of a group, counted from 0: its colour, the longest gap its line crosses, and whether it is drawn as
    /// columns.
    rgba8 color(std::size_t group, std::size_t signal) const { return drawn(group, signal).color; }
    double max_gap_s(std::size_t group, std::size_t signal) const { return drawn(group, signal).max_gap_s; }
    bool dense(std::size_t group, std::size_t signal) const { return drawn(group, signal).dense; }
    /// Times shown at a moment. Units: seconds.
    time_range window(double now_s) const noexcept {
        const double start_s = now_s - options_.now_at * options_.window_s;
        return {start_s, start_s + options_.window_s};
    }
    /// The values at a band's edges at a moment. Errors: invalid_value for a group that is not there.
    series_range limits(std::size_t group, double now_s) const {
        if (group >= groups_.size()) {
            throw invalid_value("group", detail::text("group ", group, " was asked for; there are ", groups_.size(),
                                                      ", counted from 0; choose one of them"));
        }
        std::size_t first = 0;
        for (std::size_t g = 0; g < group; ++g) {
            first += groups_[g].signals.size();
        }
        for (std::size_t s = 0; s < groups_[group].signals.size(); ++s) {
            const auto held = groups_[group].signals[s].pyramid().hold();
            look(groups_[group].signals[s], drawn_[first + s], now_s);
        }
        return limits_of(group, first);
    }

    void build(const moment& now, canvas& out) const {
        if (!std::isfinite(now.time_s)) {
            return;
        }
        std::size_t first = 0;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            const auto& signals = groups_[g].signals;
            for (std::size_t s = 0; s < signals.size(); ++s) {
                const auto held = signals[s].pyramid().hold();
                look(signals[s], drawn_[first + s], now.time_s);
            }
            const band where(states_[g].bottom, states_[g].top, limits_of(g, first));
            for (std::size_t s = 0; s < signals.size(); ++s) {
                const auto held = signals[s].pyramid().hold();
                draw(signals[s], drawn_[first + s], where, now.time_s, out);
            }
            draw_labels(g, first, where, now.time_s, out);
            first += signals.size();
        }
        if (options_.cursor) {
            out.begin_line(options_.cursor_line);
            out.line_to({0, options_.dock_low});
            out.line_to({0, options_.dock_high});
            out.end_line();
        }
    }

private:
    /// One column of the fixed grid of time.
    struct column {
        std::int64_t number = (std::numeric_limits<std::int64_t>::min)();
        std::size_t first = 0; ///< its samples
        std::size_t last = 0;
        double first_s = 0; ///< of its first and its last sample
        double last_s = 0;
        series_extent values;
    };
    /// What of a signal is in the window now. The columns are kept: slot number % slots_.
    struct signal_state {
        rgba8 color;
        double max_gap_s = default_max_gap_s;
        bool dense = false; ///< in the usual case
        bool columns_now = false;
        std::int64_t from = 0; ///< columns [from, to), or samples [first, last)
        std::int64_t to = 0;
        std::size_t first = 0;
        std::size_t last = 0;
        series_extent in_window; ///< of columns: only where it gives the limits
        std::vector<column> columns;
        std::vector<double> values; ///< of samples [first - 1, last + 1), those that are there
    };
    struct group_state {
        double top = 1;
        double bottom = 0;
        std::optional<series_range> whole;
    };
    /// Where a group is in the dock, and which values its edges are.
    struct band {
        band(double low_edge, double high_edge, const series_range& limits)
            : bottom(low_edge), top(high_edge), low(limits.low), gain((top - bottom) / (limits.high - limits.low)) {}
        double y(double value) const noexcept {
            return (std::min)((std::max)(bottom + (value - low) * gain, bottom), top);
        }
        double bottom;
        double top;
        double low;
        double gain;
    };

    const signal_state& drawn(std::size_t group, std::size_t signal) const {
        for (std::size_t g = 0; g < group; ++g) {
            signal += groups_[g].signals.size();
        }
        return drawn_[signal];
    }
    /// Black, orange, … of the palette of Okabe and Ito, black replaced by white: docks are dark.
    static rgba8 color_of(std::size_t s) noexcept {
        constexpr rgba8 palette[] = {{255, 255, 255, 255}, {230, 159, 0, 255},  {86, 180, 233, 255},
                                     {0, 158, 115, 255},   {240, 228, 66, 255}, {0, 114, 178, 255},
                                     {213, 94, 0, 255},    {204, 121, 167, 255}};
        return palette[s % std::size(palette)];
    }

    void check() const {
        const auto& o = options_;
        if (groups_.empty()) {
            throw invalid_value("groups", "a time series without signals was asked for; give at least one signal");
        }
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            const series_group& group = groups_[g];
            if (group.signals.empty()) {
                throw invalid_value("groups", detail::text("group ", g,
                                                           " of a time series has no signals; give at "
                                                           "least one signal or leave the group out"));
            }
            if ((!std::isnan(group.low) || !std::isnan(group.high)) &&
                !(std::isfinite(group.low) && std::isfinite(group.high) && group.low < group.high)) {
                throw invalid_value("low", detail::text("the limits ", group.low, " and ", group.high,
                                                        " were given for group ", g,
                                                        " of a time series; both must be "
                                                        "finite and the first below the second; leave both unset to "
                                                        "have them found"));
            }
        }
        if (!(o.window_s > 0) || !std::isfinite(o.window_s)) {
            throw invalid_value("window_s", detail::text("a time series window of ", o.window_s,
                                                         " s was asked for; it must be positive; 10 is usual"));
        }
        if (!(o.now_at >= 0 && o.now_at <= 1)) {
            throw invalid_value("now_at", detail::text("now was put at ", o.now_at,
                                                       " of the window; it must be from 0, its left end, to 1; 0.5 is "
                                                       "usual"));
        }
        if (o.columns < 2 || o.columns > 65536) {
            throw invalid_value("columns", detail::text("a time series of ", o.columns,
                                                        " columns was asked for; it must have 2 to 65536; 512 is "
                                                        "usual"));
        }
        if (!std::isnan(o.max_gap_s)) {
            detail::check_max_gap_s(o.max_gap_s);
        }
        if (!(o.dock_low >= 0 && o.dock_low < o.dock_high && o.dock_high <= 1)) {
            throw invalid_value("dock_low", detail::text("a time series was put at ", o.dock_low, " to ", o.dock_high,
                                                         " of the dock; 0 is its lower edge, 1 the upper, and the "
                                                         "first must be below the second"));
        }
    }

    /// Finds what is in the window, and its least and greatest.
    void look(const series& signal, signal_state& state, double now_s) const {
        signal.pyramid().check_size();
        const time_range shown = window(now_s);
        state.in_window = {};
        state.columns_now = state.dense;
        if (!state.columns_now) {
            state.first = signal.clock().first_from(shown.start_s);
            state.last = signal.clock().first_from(shown.stop_s);
            if (state.last < signal.clock().size() && signal.clock()[state.last] == shown.stop_s) {
                ++state.last; // the right end belongs to the window
            }
            state.columns_now = state.last - state.first > 4 * options_.columns; // here the samples are denser
        }
        if (state.columns_now) {
            look_at_columns(signal, state, shown);
        } else {
            look_at_samples(signal, state);
        }
    }
    void look_at_columns(const series& signal, signal_state& state, const time_range& shown) const {
        state.columns.resize(slots_);
        // Before and after the recording there are none.
        const double start_s = (std::max)(shown.start_s, signal.clock().front_s() - width_s_);
        const double stop_s = (std::min)(shown.stop_s, signal.clock().back_s() + width_s_);
        state.from = static_cast<std::int64_t>(std::ceil(start_s / width_s_ - 0.5));
        state.to = start_s > stop_s ? state.from : static_cast<std::int64_t>(std::floor(stop_s / width_s_ - 0.5)) + 1;
        const series_pyramid& pyramid = signal.pyramid();
        // First where each new column is, then what is in it: a jump meets memory that no cache holds, and waits for
        // all of it at once.
        const column* before = nullptr;
        std::int64_t new_from = state.to;
        std::int64_t new_to = state.to;
        for (std::int64_t k = state.from; k < state.to; ++k) {
            column& here = state.columns[slot(k)];
            if (here.number != k) {
                new_from = new_from == state.to ? k : new_from;
                new_to = k + 1;
                here.number = (std::numeric_limits<std::int64_t>::min)(); // a look that throws leaves no half column
                here.first = before != nullptr ? before->last : signal.clock().first_from(edge_s(k));
                here.last = signal.clock().first_from(edge_s(k + 1));
                pyramid.expect(here.last, signal.column());
            }
            before = &here;
        }
        for (std::int64_t k = new_from; k < new_to; ++k) {
            column& here = state.columns[slot(k)];
            if (here.number != k) {
                here.values = signal.extent(here.first, here.last);
                if (here.first < here.last) {
                    here.first_s = signal.clock()[here.first];
                    here.last_s = signal.clock()[here.last - 1];
                }
                here.number = k;
            }
        }
        for (std::int64_t k = state.from; k < state.to && options_.limits == series_limits::window; ++k) {
            add(state.in_window, state.columns[slot(k)].values);
        }
    }
    void look_at_samples(const series& signal, signal_state& state) const {
        const std::size_t first = state.first == 0 ? 0 : state.first - 1;
        const std::size_t last = (std::min)(state.last + 1, signal.clock().size());
        state.values.reserve(4 * options_.columns + 2);
        state.values.resize(last - first);
        signal.read(first, state.values);
        for (std::size_t i = state.first; i < state.last; ++i) {
            const double value = state.values[i - first];
            if (std::isfinite(value)) {
                add(state.in_window, {value, value, false});
            }
        }
    }
    static void add(series_extent& to, const series_extent& more) noexcept {
        if (!more.empty()) {
            to.low = to.low < more.low ? to.low : more.low;
            to.high = to.high > more.high ? to.high : more.high;
        }
    }
    double edge_s(std::int64_t k) const noexcept { return static_cast<double>(k) * width_s_; }
    std::size_t slot(std::int64_t k) const noexcept { return static_cast<std::size_t>(k) & (slots_ - 1); }

    series_range limits_of(std::size_t g, std::size_t first) const {
        const series_group& group = groups_[g];
        if (!std::isnan(group.low)) {
            return {group.low, group.high};
        }
        if (options_.limits == series_limits::recording) {
            if (!states_[g].whole) {
                series_extent all;
                const std::size_t places = (std::max)(std::size_t{8}, 32 / group.signals.size()); // of each signal
                for (const series& signal : group.signals) {
                    const auto held = signal.pyramid().hold();
                    add(all, signal.sampled(places));
                }
                states_[g].whole = with_margin(all);
            }
            return *states_[g].whole;
        }
        series_extent all;
        for (std::size_t s = 0; s < group.signals.size(); ++s) {
            add(all, drawn_[first + s].in_window);
        }
        return with_margin(all);
    }
    /// A twentieth more on either side; a flat signal lies in the middle, no signal gives 0-1.
    static series_range with_margin(const series_extent& all) noexcept {
        if (all.empty()) {
            return {};
        }
        const double margin =
            all.low == all.high ? (all.low == 0 ? 0.5 : std::abs(all.low) / 2) : (all.high - all.low) / 20;
        return {all.low - margin, all.high + margin};
    }

    void draw(const series& signal, const signal_state& state, const band& where, double now_s, canvas& out) const {
        shape_style style = options_.line;
        style.color = state.color;
        out.begin_line(style);
        if (state.columns_now) {
            draw_columns(state, where, now_s, out);
        } else {
            draw_samples(signal, state, where, now_s, out);
        }
        out.end_line();
    }
    static void break_line(canvas& out) {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        out.line_to({nan, nan});
    }
    void draw_columns(const signal_state& state, const band& where, double now_s, canvas& out) const {
        const column* before = nullptr;
        double y = where.bottom;
        for (std::int64_t k = state.from; k < state.to; ++k) {
            const column& here = state.columns[slot(k)];
            if (here.first == here.last) {
                continue;
            }
            if (before != nullptr &&
                (before->values.missing || here.values.missing || here.first_s - before->last_s > state.max_gap_s)) {
                break_line(out);
            }
            before = &here;
            if (here.values.empty()) {
                continue;
            }
            const double x = (static_cast<double>(k) + 0.5) * width_s_ - now_s;
            const double aside = 0.25 * width_s_; // or slopes would be stairs
            const double low = where.y(here.values.low);
            const double high = where.y(here.values.high);
            const bool upwards = std::abs(low - y) <= std::abs(high - y); // the shorter way from the column before
            out.line_to({x - aside, upwards ? low : high});
            out.line_to({x + aside, y = upwards ? high : low});
        }
    }
    void draw_samples(const series& signal, const signal_state& state, const band& where, double now_s,
                      canvas& out) const {
        const detail::series_clock& clock = signal.clock();
        const time_range shown = window(now_s);
        const std::size_t base = state.first == 0 ? 0 : state.first - 1;
        std::size_t points = 0; // since the last break
        double x = 0;
        double y = 0;
        const auto to = [&](double time_s, double value) {
            x = time_s - now_s;
            y = where.y(value);
            out.line_to({x, y});
            ++points;
        };
        const auto end_piece = [&] {
            if (points == 1) { // a sample between two gaps is still a dot
                out.line_to({x, y});
            }
            if (points > 0) {
                break_line(out);
            }
            points = 0;
        };
        // Where the line from sample i to the next crosses a time, if there is such a line.
        const auto crossing = [&](std::size_t i, double time_s) {
            if (i + 1 >= clock.size()) {
                return std::numeric_limits<double>::quiet_NaN();
            }
            const double left_s = clock[i];
            const double right_s = clock[i + 1];
            const double left = state.values[i - base];
            const double right = state.values[i + 1 - base];
            return right_s - left_s > state.max_gap_s
                       ? std::numeric_limits<double>::quiet_NaN()
                       : left + (right - left) * ((time_s - left_s) / (right_s - left_s));
        };
        if (state.first > 0 && !(state.first < state.last && clock[state.first] == shown.start_s)) {
            const double value = crossing(state.first - 1, shown.start_s);
            if (std::isfinite(value)) {
                to(shown.start_s, value);
            }
        }
        double before_s = 0;
        for (std::size_t i = state.first; i < state.last; ++i) {
            const double time_s = clock[i];
            const double value = state.values[i - base];
            if (!std::isfinite(value) || (i > state.first && time_s - before_s > state.max_gap_s)) {
                end_piece();
            }
            if (std::isfinite(value)) {
                to(time_s, value);
            }
            before_s = time_s;
        }
        double value = std::numeric_limits<double>::quiet_NaN();
        if (state.last > 0 && !(state.first < state.last && before_s == shown.stop_s)) {
            value = crossing(state.last - 1, shown.stop_s);
        }
        if (std::isfinite(value)) {
            to(shown.stop_s, value);
        }
        end_piece();
    }
    void draw_labels(std::size_t g, std::size_t first, const band& where, double now_s, canvas& out) const {
        const auto& signals = groups_[g].signals;
        for (std::size_t s = 0; s < signals.size(); ++s) {
            if (!options_.cursor && !options_.labels) {
                return;
            }
            double value = 0;
            {
                const auto held = signals[s].pyramid().hold();
                value = signals[s].value_at(now_s, drawn_[first + s].max_gap_s);
            }
            if (options_.cursor && std::isfinite(value)) {
                shape_style style = options_.dot;
                style.color = drawn_[first + s].color;
                out.marker({0, where.y(value)}, style);
            }
            if (options_.labels) {
                text_.assign(signals[s].name());
                text_ += text_.empty() ? "" : " ";
                append_number(text_, value, 3);
                if (!signals[s].look().unit.empty()) {
                    text_ += ' ';
                    text_ += signals[s].look().unit;
                }
                shape_style style = options_.label;
                style.color = drawn_[first + s].color;
                // From the top of the band down, where a signal seldom is.
                const double height = where.top - where.bottom;
                const double line = (std::min)(height / static_cast<double>(signals.size()), 0.2 * height);
                out.label({-options_.now_at * options_.window_s, where.top - line * (static_cast<double>(s) + 0.5)},
                          text_, style);
            }
        }
    }

    std::vector<series_group> groups_;
    time_series_options options_;
    double width_s_ = 0;
    std::size_t slots_ = 4;
    // What was found for the last moments: kept for speed alone, the same moment gives the same shapes.
    mutable std::vector<group_state> states_;
    mutable std::vector<signal_state> drawn_;
    mutable std::string text_;
};

} // namespace fieldreel::inline v0

#endif
