// SPDX-License-Identifier: MIT
// The values shown as the first and the last colour, and how to find them: exactly, from a sample, or as given.
#ifndef FIELDREEL_COLORMAP_VALUE_RANGE_HPP
#define FIELDREEL_COLORMAP_VALUE_RANGE_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>

namespace fieldreel::inline v0 {

/// The values shown as the first and the last colour. Values outside get those colours too; with vmin == vmax
/// everything gets the middle colour.
struct value_range {
    double vmin = 0;
    double vmax = 1;
    friend bool operator==(const value_range&, const value_range&) = default;
};

namespace detail {

/// Neither NaN nor an infinity. Why not <cmath>: it would make every header from here up 6000 lines longer.
template <std::floating_point Number>
constexpr bool is_finite(Number value) noexcept {
    return value - value == 0;
}

/// A range around one value, so that it gets the middle colour: half a unit to each side, or as much more as the
/// numbers of type T (in which the field is coloured) need to tell the three apart. At the ends of the number line: the
/// empty range, which is the middle colour too.
template <field_value T>
value_range widen(double value) {
    using number = std::conditional_t<std::same_as<T, float>, float, double>;
    for (double half = 0.5; is_finite(half); half *= 2) {
        const value_range range{value - half, value + half};
        const auto low = static_cast<number>(range.vmin);
        const auto width = static_cast<number>(range.vmax - range.vmin);
        const auto place = static_cast<double>((static_cast<number>(value) - low) / width);
        if (is_finite(range.vmax) && is_finite(range.vmin) && is_finite(low) && is_finite(width) && place > 0.499 &&
            place < 0.501) {
            return range;
        }
    }
    return {value, value};
}

/// The smallest and the largest finite value of everything it was given.
///
/// Why lanes and rows: comparisons are false for NaN, so a plain minimum passes NaN over, and a cache line of them side
/// by side becomes vector instructions without any compiler flag; four lines at a time keep GCC 12 from taking the
/// lanes apart again. Why blocks: an infinity shows in a block's result, and only such a block is gone through value by
/// value.
template <field_value T>
class extremes {
public:
    void add(const T* values, std::size_t count) noexcept {
        constexpr std::size_t block = 16384;
        for (; count > block; values += block, count -= block) {
            add_block(values, block);
        }
        add_block(values, count);
    }
    void add(std::span<const T> values) noexcept { add(values.data(), values.size()); }

    /// False as long as there was no finite value.
    bool any() const noexcept { return low_ <= high_; }
    double low() const noexcept { return static_cast<double>(low_); }
    double high() const noexcept { return static_cast<double>(high_); }

    /// The range for a colormap: never empty, (0, 1) when there was no finite value.
    value_range range() const {
        if (!any()) {
            return {0, 1};
        }
        return low_ < high_ ? value_range{low(), high()} : widen<T>(low());
    }

private:
    using limits = std::numeric_limits<T>;
    static constexpr bool has_infinity = limits::has_infinity;
    static constexpr T highest = has_infinity ? limits::infinity() : (limits::max)();
    static constexpr T lowest = has_infinity ? -limits::infinity() : limits::lowest();
    static constexpr std::size_t lanes = 64 / sizeof(T);
    static constexpr std::size_t rows = 4;

    void add_block(const T* values, std::size_t count) noexcept {
        std::array<T, lanes> low;
        std::array<T, lanes> high;
        low.fill(highest);
        high.fill(lowest);
        const T* const end = values + count;
        const T* at = values;
        for (; static_cast<std::size_t>(end - at) >= rows * lanes; at += rows * lanes) {
            for (std::size_t k = 0; k < lanes; ++k) {
                T lane_low = low[k];
                T lane_high = high[k];
                for (std::size_t row = 0; row < rows; ++row) {
                    const T value = at[row * lanes + k];
                    lane_low = value < lane_low ? value : lane_low;
                    lane_high = value > lane_high ? value : lane_high;
                }
                low[k] = lane_low;
                high[k] = lane_high;
            }
        }
        while (at != end) {
            const std::size_t rest = (std::min)(lanes, static_cast<std::size_t>(end - at));
            for (std::size_t k = 0; k < rest; ++k) {
                low[k] = at[k] < low[k] ? at[k] : low[k];
                high[k] = at[k] > high[k] ? at[k] : high[k];
            }
            at += rest;
        }
        for (std::size_t k = 1; k < lanes; ++k) {
            low[0] = low[k] < low[0] ? low[k] : low[0];
            high[0] = high[k] > high[0] ? high[k] : high[0];
        }
        if constexpr (has_infinity) {
            if (low[0] == lowest || high[0] == highest) {
                add_finite(values, count);
                return;
            }
        }
        low_ = low[0] < low_ ? low[0] : low_;
        high_ = high[0] > high_ ? high[0] : high_;
    }

    void add_finite(const T* values, std::size_t count) noexcept {
        for (std::size_t i = 0; i < count; ++i) {
            if (values[i] > lowest && values[i] < highest) {
                low_ = values[i] < low_ ? values[i] : low_;
                high_ = values[i] > high_ ? values[i] : high_;
            }
        }
    }

    T low_ = highest;
    T high_ = lowest;
};

struct no_progress {
    bool operator()(std::size_t, std::size_t) const noexcept { return true; }
};

/// Gives all values of a source to `use(pointer, count)`, whole frames in order, about 1 MiB at a time: where frames
/// lie in memory from there, else through one buffer. Stops when `progress(frames done, frames)` says false.
template <frame_source Source, class Use, class Progress>
void for_each_run(const Source& source, Use use, Progress& progress) {
    using value_type = typename Source::value_type;
    const std::size_t frames = source.frame_count();
    const std::size_t size = source.frame_size();
    if (size == 0) {
        return;
    }
    const std::size_t frames_at_once = (std::max)(std::size_t{1}, (std::size_t{1} << 20) / sizeof(value_type) / size);
    if constexpr (contiguous_frame_source<Source>) {
        for (std::size_t first = 0; first < frames;) {
            const std::size_t end = first + (std::min)(frames_at_once, frames - first);
            while (first < end) {
                const std::span<const value_type> run = source.view(first);
                std::size_t length = run.size();
                // Frames that follow each other in memory are taken as one.
                for (++first; first < end; ++first) {
                    const std::span<const value_type> next = source.view(first);
                    if (next.data() != run.data() + length) {
                        break;
                    }
                    length += next.size();
                }
                use(run.data(), length);
            }
            if (!progress(first, frames)) {
                return;
            }
        }
    } else {
        std::vector<value_type> buffer((std::min)(frames_at_once, frames) * size);
        for (std::size_t first = 0; first < frames;) {
            const std::size_t count = (std::min)(frames_at_once, frames - first);
            source.read(first, std::span<value_type>(buffer.data(), count * size));
            use(buffer.data(), count * size);
            first += count;
            if (!progress(first, frames)) {
                return;
            }
        }
    }
}

} // namespace detail

/// The exact range of all finite values of a source.
///
/// NaN and infinities are passed over. One value only: half a unit to each side of it. No finite value, or no frames:
/// (0, 1). `progress(frames_done, frame_count)` is called about every MiB; when it returns false, measuring stops and
/// the range of what was read so far is returned. Cost: reads everything once, near the speed of memory; frames in
/// memory are not copied, others go through one buffer of about 1 MiB (at least one frame).
template <frame_source Source, std::predicate<std::size_t, std::size_t> Progress = detail::no_progress>
value_range measure_range(const Source& source, Progress progress = {}) {
    using value_type = typename Source::value_type;
    detail::extremes<value_type> found;
    detail::for_each_run(
        source, [&found](const value_type* values, std::size_t count) noexcept { found.add(values, count); }, progress);
    return found.range();
}

/// How much of a recording an estimate looks at, and which percentiles it returns.
struct estimate_options {
    /// Frames to read, at least 1; all their values are used. Unset: as many as hold about a million values, at least
    /// 64, with values skipped evenly where these would be more than two million.
    std::optional<std::size_t> samples = {};
    double low_percentile = 1;   ///< 0 to 100, not above high_percentile
    double high_percentile = 99; ///< 0 to 100
    std::uint64_t seed = 0;      ///< the same seed reads the same frames, on every machine
};

namespace detail {

/// A small generator of well mixed numbers, the same on every machine. Source: splitmix64, S. Vigna 2015.
class splitmix64 {
public:
    explicit splitmix64(std::uint64_t seed) noexcept : state_(seed) {}
    std::uint64_t operator()() noexcept {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    /// 0 … bound - 1.
    std::size_t below(std::size_t bound) noexcept { return static_cast<std::size_t>((*this)() % bound); }

private:
    std::uint64_t state_;
};

inline void check(const estimate_options& options) {
    if (options.samples == std::size_t{0}) {
        throw invalid_value("samples",
                            "samples is 0; an estimate needs at least 1 frame; leave samples unset for about a "
                            "million values");
    }
    const double low = options.low_percentile;
    const double high = options.high_percentile;
    if (!(low >= 0 && low <= high && high <= 100)) {
        throw invalid_value(
            low >= 0 && low <= 100 ? "high_percentile" : "low_percentile",
            text("low_percentile is ", low, " and high_percentile is ", high,
                 "; both must be between 0 and 100, the low one not above the high one; the defaults are 1 "
                 "and 99"));
    }
}

inline constexpr std::size_t sampled_values = std::size_t{1} << 20;

/// How many frames an estimate reads.
inline std::size_t sample_count(const estimate_options& options, std::size_t frames, std::size_t frame_size) {
    return (std::min)(frames, options.samples.value_or((std::max)(std::size_t{64}, sampled_values / frame_size)));
}

/// Calls `use(frame)` for `samples` of the source's frames, in order: one at random out of each of equally long
/// stretches.
template <frame_source Source, class Use>
void for_each_sample(const Source& source, std::size_t samples, splitmix64& random, Use use) {
    using value_type = typename Source::value_type;
    const std::size_t frames = source.frame_count();
    const std::size_t stretch = frames / samples;
    const std::size_t longer = frames % samples; // so many stretches have one frame more
    std::vector<value_type> buffer(contiguous_frame_source<Source> ? 0 : source.frame_size());
    for (std::size_t k = 0, first = 0; k < samples; ++k) {
        const std::size_t length = stretch + (k < longer ? 1 : 0);
        const std::size_t frame = first + random.below(length);
        if constexpr (contiguous_frame_source<Source>) {
            use(std::span<const value_type>(source.view(frame)));
        } else {
            source.read(frame, std::span<value_type>(buffer));
            use(std::span<const value_type>(buffer));
        }
        first += length;
    }
}

/// The value at a percentile: between its two neighbours by straight line. Reorders the values; those before `settled`
/// are known to be the smallest, and `settled` moves up to the percentile's place.
template <class T>
double percentile(std::vector<T>& values, double percent, std::size_t& settled) {
    const double place = percent / 100 * static_cast<double>(values.size() - 1);
    const std::size_t index = (std::min)(static_cast<std::size_t>(place), values.size() - 1);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(index);
    std::nth_element(values.begin() + static_cast<std::ptrdiff_t>(settled), at, values.end());
    settled = index;
    const auto a = static_cast<double>(*at);
    if (index + 1 == values.size()) {
        return a;
    }
    const auto b = static_cast<double>(*std::min_element(at + 1, values.end()));
    const double part = place - static_cast<double>(index);
    return part < 0.5 ? a + (b - a) * part : b - (b - a) * (1 - part);
}

} // namespace detail

/// The range between two percentiles of the finite values in a sample of a source's frames.
///
/// With `samples` at or above the number of frames these are the exact percentiles of the whole. Not widened: a
/// constant gives vmin == vmax. No finite value, or no frames: (0, 1). Errors: invalid_value for samples 0 and for
/// percentiles outside 0 to 100 or in the wrong order. Cost: O(samples * frame_size), whatever the length of the
/// recording; a few ms with the default. Memory: the values used. Source: percentiles as Hyndman & Fan 1996, definition
/// 7 (NumPy's "linear").
template <frame_source Source>
value_range estimate_range(const Source& source, const estimate_options& options = {}) {
    using value_type = typename Source::value_type;
    detail::check(options);
    const std::size_t size = source.frame_size();
    if (source.frame_count() == 0 || size == 0) {
        return {0, 1};
    }
    const std::size_t samples = detail::sample_count(options, source.frame_count(), size);
    const std::size_t step = options.samples ? 1 : (std::max)(std::size_t{1}, samples * size / detail::sampled_values);
    std::vector<value_type> values;
    values.reserve(samples * ((size + step - 1) / step));
    detail::splitmix64 random(options.seed);
    detail::for_each_sample(source, samples, random, [&](std::span<const value_type> frame) {
        for (std::size_t i = step == 1 ? 0 : random.below((std::min)(step, size)); i < size; i += step) {
            if constexpr (std::floating_point<value_type>) {
                if (!detail::is_finite(frame[i])) {
                    continue;
                }
            }
            values.push_back(frame[i]);
        }
    });
    if (values.empty()) {
        return {0, 1};
    }
    std::size_t settled = 0;
    const double low = detail::percentile(values, options.low_percentile, settled);
    return {low, detail::percentile(values, options.high_percentile, settled)};
}

/// Checks limits that a person gave; NaN means not given.
/// Errors: invalid_value when vmin is above vmax, or one is infinite. vmin == vmax is allowed.
inline void check_range(double vmin, double vmax) {
    for (const auto& [name, value] : {std::pair{"vmin", vmin}, std::pair{"vmax", vmax}}) {
        if (value == value && !detail::is_finite(value)) {
            throw invalid_value(name, detail::text(name, " is ", value,
                                                   "; a limit must be a finite number; leave it out to measure it"));
        }
    }
    if (vmin > vmax) {
        throw invalid_value("vmin", detail::text("vmin is ", vmin, " and vmax is ", vmax,
                                                 "; vmin must not be above vmax; swap them, or reverse the colormap by "
                                                 "adding _r to its name"));
    }
}

/// The limits a person gave, and where one is NaN (not given) the measured one instead.
///
/// A given limit is always kept. Where the measured one would lie on its wrong side (or on it), it moves to one unit
/// beyond. Both given and equal: half a unit to each side, so that this value gets the middle colour.
/// Errors: as check_range.
inline value_range range_or(double vmin, double vmax, value_range measured) {
    check_range(vmin, vmax);
    const bool low_given = vmin == vmin;
    const bool high_given = vmax == vmax;
    if (low_given && high_given) {
        return vmin < vmax ? value_range{vmin, vmax} : detail::widen<double>(vmin);
    }
    if (low_given) {
        return {vmin, vmin < measured.vmax ? measured.vmax : detail::widen<double>(vmin).vmax + 0.5};
    }
    if (high_given) {
        return {measured.vmin < vmax ? measured.vmin : detail::widen<double>(vmax).vmin - 0.5, vmax};
    }
    return measured;
}

} // namespace fieldreel::inline v0

#endif
