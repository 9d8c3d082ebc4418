// SPDX-License-Identifier: MIT
// From a value to its colour number: linear, logarithmic or with a gamma.
#ifndef FIELDREEL_COLORMAP_COLOR_SCALING_HPP
#define FIELDREEL_COLORMAP_COLOR_SCALING_HPP

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// How the values between vmin and vmax are spread over the 256 colours.
enum class value_scale : std::uint8_t {
    linear,
    log,  ///< equal ratios are equal steps; vmin must be above 0; values of 0 and below have no colour, as NaN
    gamma ///< the way from vmin to vmax, raised to `gamma`: below 1 shows more of the low values
};

/// The scale of a field's colours. It maps the value, not the colour: all 256 colours stay in use.
struct color_scaling {
    value_scale scale = value_scale::linear;
    double gamma = 1; ///< the exponent, above 0; read when scale is gamma
    friend bool operator==(const color_scaling&, const color_scaling&) = default;
};

/// Refuses what cannot be shown: what paint would throw, for programs that ask before.
/// Errors: invalid_value for a gamma that is not above 0, and for a log scale whose vmin is not.
inline void check(const color_scaling& scaling, value_range range) {
    if (scaling.scale == value_scale::gamma && !(scaling.gamma > 0 && std::isfinite(scaling.gamma))) {
        throw invalid_value("gamma", detail::text("gamma is ", scaling.gamma,
                                                  "; it must be a positive number; 1 is linear, 0.5 shows more of the "
                                                  "low values"));
    }
    if (scaling.scale == value_scale::log && !(range.vmin > 0)) {
        throw invalid_value("vmin", detail::text("vmin is ", range.vmin,
                                                 " on a log scale; it must be above 0; use the smallest value that "
                                                 "matters, or a gamma of 0.5, which allows 0"));
    }
}

namespace detail {

/// The number type a field is coloured in: float for float fields, double for all others.
template <field_value T>
using color_number = std::conditional_t<std::same_as<T, float>, float, double>;

inline constexpr std::int32_t middle_color = 127;
inline constexpr std::int32_t nan_entry = 256; ///< stands for "no value" where colour numbers are listed

/// A value range made ready for one number type: index = trunc((value - low) / width * 255), within 0 … 255.
template <std::floating_point Number>
struct color_scale {
    Number low = 0;
    Number width = 1;
    bool middle = false; ///< the range is empty, reversed or infinite: everything gets the middle colour

    explicit color_scale(value_range range) noexcept {
        low = static_cast<Number>(range.vmin);
        width = static_cast<Number>(range.vmax - range.vmin);
        middle = !(width > 0) || !is_finite(width) || !is_finite(low);
        if (middle) {
            low = 0;
            width = 1;
        }
    }

    template <field_value T>
    Number place(T value) const noexcept {
        return (static_cast<Number>(value) - low) / width * Number(255);
    }
    /// 0 … 255, or nan_entry.
    template <field_value T>
    std::int32_t entry(T value) const noexcept {
        if (value != value) {
            return nan_entry;
        }
        const Number at = place(value);
        return at > 0 ? static_cast<std::int32_t>(at < 255 ? at : 255) : 0;
    }
};

/// Limits that float can tell apart; others are coloured in double.
inline bool fits_float(value_range range) noexcept {
    const double width = range.vmax - range.vmin;
    const bool sound = width > 0 && is_finite(width);
    return !sound || !color_scale<float>(range).middle;
}

/// A log or gamma scale as the 255 values at which the colour changes: a value's colour number is how many of them it
/// reaches. So all ways to colour agree to the bit, and colouring needs no logarithm.
///
/// Why buckets: the upper bits of a positive floating-point number grow with it and about as its logarithm does, which
/// is how both scales lie. They number a bucket, which knows how many thresholds lie below it; at most `steps_` (almost
/// always 1) lie within, and are compared.
template <std::floating_point Number>
class color_curve {
public:
    /// The range must not be one that gives the middle colour.
    color_curve(value_range range, const color_scaling& scaling)
        : range_(range), scaling_(scaling), log_(scaling.scale == value_scale::log) {
        set_thresholds();
        set_buckets();
    }

    bool is_for(value_range range, const color_scaling& scaling) const noexcept {
        return range_ == range && scaling_ == scaling;
    }

    /// 0 … 255, or nan_entry: NaN, and what has no logarithm.
    template <field_value T>
    std::int32_t entry(T value) const noexcept {
        const auto number = static_cast<Number>(value);
        if (!(number >= least_)) {
            return nan_entry;
        }
        const auto* const first = thresholds_.data() + 1;
        return static_cast<std::int32_t>(std::upper_bound(first, first + 255, number) - first);
    }
    /// Two loops, for the first becomes vector instructions, and nothing branches on a value.
    template <field_value T>
    void entries(const T* values, std::size_t count, std::int32_t* out) const noexcept {
        for (std::size_t i = 0; i < count; ++i) {
            out[i] = bucket(static_cast<Number>(values[i]));
        }
        for (std::size_t i = 0; i < count; ++i) {
            const auto number = static_cast<Number>(values[i]);
            std::uint32_t k = below_[static_cast<std::size_t>(out[i])];
            for (std::size_t step = 0; step < steps_; ++step) {
                k += number >= thresholds_[k + 1] ? 1U : 0U;
            }
            const std::uint32_t none = number >= least_ ? 0U : ~0U;
            out[i] = static_cast<std::int32_t>((k & ~none) | (static_cast<std::uint32_t>(nan_entry) & none));
        }
    }

private:
    using bits = std::conditional_t<sizeof(Number) == 4, std::int32_t, std::int64_t>;
    static constexpr bits buckets = 4096;

    /// Never decreases as the number grows; negative below vmin. NaN gives anything.
    bits rank(Number number) const noexcept { return std::bit_cast<bits>((number - low_) * scale_) >> shift_; }
    std::int32_t bucket(Number number) const noexcept {
        const bits at = rank(number) - first_;
        const bits low = at > 0 ? at : 0;
        return static_cast<std::int32_t>(low < buckets - 1 ? low : buckets - 1);
    }

    /// The smallest number not below `value`.
    static Number round_up(double value) noexcept {
        const auto number = static_cast<Number>(value);
        return static_cast<double>(number) < value ? std::nextafter(number, std::numeric_limits<Number>::infinity())
                                                   : number;
    }
    void set_thresholds() {
        const double width = range_.vmax - range_.vmin;
        const double log_low = log_ ? std::log(range_.vmin) : 0;
        const double log_width = log_ ? std::log(range_.vmax) - log_low : 0;
        Number above_vmin = static_cast<Number>(range_.vmin);
        if (!(static_cast<double>(above_vmin) > range_.vmin)) {
            above_vmin = std::nextafter(above_vmin, std::numeric_limits<Number>::infinity());
        }
        // vmin itself is the first colour and vmax the last, whatever the rounding.
        thresholds_[255] = (std::max)(above_vmin, round_up(range_.vmax));
        for (std::size_t k = 254; k >= 1; --k) {
            const double way = static_cast<double>(k) / 255;
            const double value =
                log_ ? std::exp(log_low + way * log_width) : range_.vmin + width * std::pow(way, 1 / scaling_.gamma);
            thresholds_[k] = (std::max)(above_vmin, (std::min)(round_up(value), thresholds_[k + 1]));
        }
        thresholds_[0] = above_vmin;
        thresholds_[256] = std::numeric_limits<Number>::quiet_NaN(); // reached by no value
    }
    void set_buckets() {
        low_ = log_ ? Number(0) : static_cast<Number>(range_.vmin);
        scale_ = Number(1) / (log_ ? static_cast<Number>(range_.vmin) : static_cast<Number>(range_.vmax) - low_);
        if (!(scale_ > 0) || !is_finite(scale_)) {
            scale_ = 1;
        }
        least_ = log_ ? std::numeric_limits<Number>::denorm_min() : -std::numeric_limits<Number>::infinity();
        while (rank(thresholds_[255]) - rank(thresholds_[1]) >= buckets) {
            ++shift_;
        }
        first_ = rank(thresholds_[1]);
        std::size_t k = 1;
        for (std::int32_t at = 0; at < buckets; ++at) {
            const std::size_t before = k;
            below_[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(k - 1);
            while (k <= 255 && bucket(thresholds_[k]) == at) {
                ++k;
            }
            steps_ = (std::max)(steps_, k - before);
        }
    }

    value_range range_;
    color_scaling scaling_;
    bool log_ = false;
    std::int32_t shift_ = 1; ///< not 0: differences of what is left cannot overflow
    bits first_ = 0;
    Number low_ = 0;
    Number scale_ = 1;
    Number least_ = 0; ///< below it, no value
    std::size_t steps_ = 1;
    std::array<Number, 257> thresholds_{};
    std::array<std::uint8_t, static_cast<std::size_t>(buckets)> below_{};
};

/// The curve of a range, made once: the last four are kept per thread.
template <std::floating_point Number>
const color_curve<Number>& curve_for(value_range range, const color_scaling& scaling) {
    constexpr std::size_t most = 4;
    static thread_local std::vector<color_curve<Number>> kept;
    static thread_local std::size_t oldest = 0;
    for (const color_curve<Number>& curve : kept) {
        if (curve.is_for(range, scaling)) {
            return curve;
        }
    }
    if (kept.size() < most) {
        kept.reserve(most);
        return kept.emplace_back(range, scaling);
    }
    color_curve<Number>& curve = kept[oldest];
    oldest = (oldest + 1) % most;
    curve = color_curve<Number>(range, scaling);
    return curve;
}

/// Calls `use` with the color_scale or color_curve in which this field is coloured over this range.
/// Errors: as check.
template <field_value T, class Use>
decltype(auto) with_scaling(value_range range, const color_scaling& scaling, Use&& use) {
    const bool single = std::same_as<T, float> && fits_float(range);
    if (scaling != color_scaling{}) {
        check(scaling, range);
        const bool linear =
            scaling.scale == value_scale::linear || (scaling.scale == value_scale::gamma && scaling.gamma == 1);
        if (!linear && !color_scale<double>(range).middle) {
            if constexpr (std::same_as<T, float>) {
                if (single) {
                    return use(curve_for<float>(range, scaling));
                }
            }
            return use(curve_for<double>(range, scaling));
        }
    }
    if constexpr (std::same_as<T, float>) {
        if (single) {
            return use(color_scale<float>(range));
        }
    }
    return use(color_scale<double>(range));
}

template <std::floating_point Number>
bool is_middle(const color_scale<Number>& scale) noexcept {
    return scale.middle;
}
template <std::floating_point Number>
bool is_middle(const color_curve<Number>&) noexcept {
    return false;
}

} // namespace detail

/// The colour number of one value, 0 … 255: trunc((value - vmin) / (vmax - vmin) * 255), limited to both ends.
///
/// Float fields are reckoned in float, all others in double. A range that is empty, reversed or infinite gives 127 for
/// every value. NaN gives the number of vmin (what is drawn for it is up to color_of and paint).
/// gamma: the way (value - vmin) / (vmax - vmin) is raised to it; log: the way is log(value / vmin) / log(vmax / vmin).
/// There the number is how many of the 255 values at which it changes, as computed in double, the value reaches; vmin
/// has 0 and vmax 255. On a log scale 0 and below have no value, as matplotlib's LogNorm has it: the number of vmin.
/// Errors: as check. Cost: constant; log and gamma some 10 µs when a thread first uses a range, then a binary search.
template <field_value T>
std::uint8_t color_index(T value, value_range range, const color_scaling& scaling = {}) {
    return detail::with_scaling<T>(range, scaling, [&](const auto& scale) {
        const std::int32_t entry = scale.entry(value);
        return static_cast<std::uint8_t>(detail::is_middle(scale)     ? detail::middle_color
                                         : entry == detail::nan_entry ? 0
                                                                      : entry);
    });
}

} // namespace fieldreel::inline v0

#endif
