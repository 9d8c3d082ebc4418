// SPDX-License-Identifier: MIT
// Round numbers for axes and bars, by the 1-2-5 rule, and how they are written.
#ifndef FIELDREEL_OVERLAY_TICKS_HPP
#define FIELDREEL_OVERLAY_TICKS_HPP

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace fieldreel::inline v0 {

namespace detail {

/// digit x 10^exponent, exactly as the decimal number reads: 3 x 10^-1 is 0.3.
inline double decimal(double digits, int exponent) noexcept {
    return exponent < 0 ? digits / std::pow(10.0, -exponent) : digits * std::pow(10.0, exponent);
}

struct round_number {
    double digit = 1;
    int exponent = 0;
    double value() const noexcept { return decimal(digit, exponent); }
    /// The next greater one of 1, 2, 5, 10, 20, …
    round_number next() const noexcept {
        return digit < 2   ? round_number{2, exponent}
               : digit < 5 ? round_number{5, exponent}
                           : round_number{1, exponent + 1};
    }
};

/// The greatest of 1, 2, 5 x 10^n that is not above `value`, which is positive and finite.
inline round_number round_below(double value) noexcept {
    round_number out{1, static_cast<int>(std::floor(std::log10(value)))};
    while (out.value() > value) {
        --out.exponent;
    }
    while (out.next().value() <= value) {
        out = out.next();
    }
    return out;
}

/// How many multiples of a step lie in [low, high], and which is the first.
struct multiples {
    double first = 0;
    std::size_t count = 0;
};
inline multiples multiples_in(double low, double high, double step) noexcept {
    const double slack = 1e-9; // of a step: 0.3 / 0.1 is 2.9999999999999996
    const double first = std::ceil(low / step - slack);
    const double last = std::floor(high / step + slack);
    return {first, last < first ? 0 : static_cast<std::size_t>(last - first) + 1};
}
inline std::vector<double> multiples_of(const round_number& step, const multiples& in) {
    std::vector<double> out(in.count);
    for (std::size_t i = 0; i < in.count; ++i) {
        const double k = in.first + static_cast<double>(i);
        out[i] = k == 0 ? 0 : decimal(k * step.digit, step.exponent);
    }
    return out;
}
/// Whether ticks can be told apart at all in double precision.
inline bool has_width(double low, double high) noexcept {
    return std::isfinite(low) && std::isfinite(high) &&
           high - low > 1e-12 * (std::max)(std::abs(low), std::abs(high)) && std::isfinite(high - low);
}

} // namespace detail

/// Round numbers from low to high: multiples of 1, 2 or 5 x 10^n, at most `about` + 1 of them. A range without width,
/// or that is not finite, has none.
inline std::vector<double> round_ticks(double low, double high, std::size_t about) {
    if (!detail::has_width(low, high) || about == 0) {
        return {};
    }
    const double wanted = (high - low) / static_cast<double>(about);
    auto step = detail::round_below(wanted);
    if (step.value() < wanted * (1 - 1e-9)) {
        step = step.next();
    }
    return detail::multiples_of(step, detail::multiples_in(low, high, step.value()));
}

/// Three to five round numbers from low to high: the finest 1-2-5 step that gives no more, or steps of 4 where 2 gives
/// too many and 5 too few.
inline std::vector<double> few_ticks(double low, double high) {
    if (!detail::has_width(low, high)) {
        return {};
    }
    auto step = detail::round_below((high - low) / 10);
    for (;; step = step.next()) {
        const auto in = detail::multiples_in(low, high, step.value());
        if (in.count > 5) {
            continue;
        }
        if (in.count < 3) {
            step.digit = 4;
            return detail::multiples_of(step, detail::multiples_in(low, high, step.value()));
        }
        return detail::multiples_of(step, in);
    }
}

/// Appends a number with so many significant digits, no zeros after the last: "0.3", "1250", "1.2e-07". NaN: "-".
inline void append_number(std::string& out, double value, int digits = 4) {
    if (std::isnan(value)) {
        out += '-';
        return;
    }
    char buffer[64];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, value == 0 ? 0 : value, std::chars_format::general, digits).ptr;
    out.append(buffer, end);
}

} // namespace fieldreel::inline v0

#endif
