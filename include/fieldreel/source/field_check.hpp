// SPDX-License-Identifier: MIT
// One look at every value of a field: its range, what is missing, and whether its frames are probabilities.
#ifndef FIELDREEL_SOURCE_FIELD_CHECK_HPP
#define FIELDREEL_SOURCE_FIELD_CHECK_HPP

#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/frame_source.hpp>

namespace fieldreel::inline v0 {

/// How many frames have something in common, and the first of them.
struct frames_with {
    std::size_t count = 0;
    std::size_t first = 0;
    void add(std::size_t frame) noexcept { first = count++ == 0 ? frame : first; }
    friend bool operator==(const frames_with&, const frames_with&) = default;
};

/// What check_field found.
struct field_check {
    std::size_t frames = 0; ///< looked at: less than the source's when it was stopped
    bool whole = true;      ///< it was not stopped
    std::size_t values = 0;
    std::size_t nan = 0;
    std::size_t infinite = 0;
    double low = std::numeric_limits<double>::infinity(); ///< of the finite values
    double high = -std::numeric_limits<double>::infinity();
    frames_with all_nan;
    frames_with some_nan; ///< NaN beside values
    frames_with all_zero; ///< of the values that are not NaN
    // The rest is about frames that have a value. NaN are left out of sums.
    frames_with negative;      ///< with a value below 0
    frames_with sum_one;       ///< the values add up to 1
    frames_with other_sum;     ///< they do not, and the frame is not all zero
    frames_with log_sum_one;   ///< no value is above 0, and their exponentials add up to 1
    frames_with log10_sum_one; ///< the same of their powers of 10
    frames_with not_above_0;   ///< no value is above 0, some are below
    double low_sum = std::numeric_limits<double>::infinity(); ///< of frames not all zero
    double high_sum = -std::numeric_limits<double>::infinity();

    std::size_t frames_with_values() const noexcept { return frames - all_nan.count; }
    /// Every frame that has a value looks like logarithms of probabilities.
    bool looks_like_logarithms() const noexcept {
        return frames_with_values() > 0 && log_sum_one.count == frames_with_values() && sum_one.count == 0;
    }
    bool looks_like_decimal_logarithms() const noexcept {
        return frames_with_values() > 0 && log10_sum_one.count == frames_with_values() && sum_one.count == 0;
    }
    /// Every frame that has a value has none above 0 and most below: logarithms, though of nothing that adds up to 1.
    bool looks_like_log_likelihoods() const noexcept {
        return frames_with_values() > 0 && not_above_0.count == frames_with_values() && low < -1 &&
               !looks_like_logarithms() && !looks_like_decimal_logarithms();
    }
    /// Every frame that has a value other than 0 holds probabilities.
    bool looks_like_probabilities() const noexcept {
        return sum_one.count > 0 && other_sum.count == 0 && negative.count == 0;
    }
};

namespace detail {

template <class T>
void check_frame(field_check& out, std::size_t frame, std::span<const T> values, double tolerance) {
    std::size_t missing = 0;
    std::size_t infinite = 0;
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    double sum = 0;
    bool below = false;
    bool above = false;
    for (const T v : values) {
        const auto value = static_cast<double>(v);
        if (value != value) {
            ++missing;
            continue;
        }
        below = below || value < 0;
        above = above || value > 0;
        sum += value;
        if (value - value != 0) {
            ++infinite;
            continue;
        }
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    out.values += values.size();
    out.nan += missing;
    out.infinite += infinite;
    out.low = low < out.low ? low : out.low;
    out.high = high > out.high ? high : out.high;
    if (missing == values.size()) {
        out.all_nan.add(frame);
        return;
    }
    if (missing > 0) {
        out.some_nan.add(frame);
    }
    if (below) {
        out.negative.add(frame);
    }
    if (!below && !above) {
        out.all_zero.add(frame);
        return;
    }
    (std::abs(sum - 1) <= tolerance ? out.sum_one : out.other_sum).add(frame);
    out.low_sum = sum < out.low_sum ? sum : out.low_sum;
    out.high_sum = sum > out.high_sum ? sum : out.high_sum;
    if (!above) {
        out.not_above_0.add(frame);
        double of_exponentials = 0;
        double of_powers = 0;
        for (const T v : values) {
            const auto value = static_cast<double>(v);
            of_exponentials += value == value ? std::exp(value) : 0;
            of_powers += value == value ? std::exp(value * 2.302585092994046) : 0;
        }
        if (std::abs(of_exponentials - 1) <= tolerance) {
            out.log_sum_one.add(frame);
        }
        if (std::abs(of_powers - 1) <= tolerance) {
            out.log10_sum_one.add(frame);
        }
    }
}

} // namespace detail

/// Reads every frame once and counts. `progress(done, frames)` is called now and then and may return false to stop.
/// `tolerance`: how far from 1 a sum may be and still be 1. Errors: those of the source; invalid_value for a tolerance
/// that is negative or not finite. Cost: one pass, some 1 ns per value in memory; logarithms two exponentials each.
template <frame_source Source, class Progress>
field_check check_field(const Source& source, Progress progress, double tolerance = 1e-3) {
    if (!(tolerance >= 0 && tolerance < std::numeric_limits<double>::infinity())) {
        throw invalid_value("tolerance",
                            detail::text("a tolerance of ", tolerance,
                                         " was given for sums of 1; it must be 0 or more; 0.001 is usual"));
    }
    field_check out;
    auto cursor = cursor_of(source);
    const std::size_t count = source.frame_count();
    for (std::size_t i = 0; i < count; ++i) {
        if (i % 256 == 0 && !progress(i, count)) {
            out.whole = false;
            break;
        }
        detail::check_frame(out, i, std::span<const typename Source::value_type>(cursor.frame(i)), tolerance);
        ++out.frames;
    }
    return out;
}
template <frame_source Source>
field_check check_field(const Source& source, double tolerance = 1e-3) {
    return check_field(
        source, [](std::size_t, std::size_t) { return true; }, tolerance);
}
template <class Progress>
field_check check_field(const any_source& source, Progress progress, double tolerance = 1e-3) {
    return source.visit([&](auto frames) { return check_field(frames, progress, tolerance); });
}
inline field_check check_field(const any_source& source, double tolerance = 1e-3) {
    return source.visit([&](auto frames) { return check_field(frames, tolerance); });
}

/// What is wrong with a field as a posterior (probabilities per bin that add up to 1 in each frame): one sentence each,
/// none when nothing is. Frames without any value, or of zeros alone, are told of apart: they mean "not decoded" and
/// are drawn differently.
inline std::vector<std::string> posterior_problems(const field_check& found) {
    using detail::text;
    std::vector<std::string> out;
    const auto frames = [](const frames_with& of) { return text(of.count, of.count == 1 ? " frame" : " frames"); };
    const auto first = [](const frames_with& of) {
        return text(of.count == 1 ? " (frame " : " (the first is ", of.first, ")");
    };
    if (found.looks_like_logarithms()) {
        out.push_back("the values are logarithms of probabilities (none is above 0, and their exponentials add up to 1 "
                      "in every frame); store numpy.exp of them to see probabilities");
        return out;
    }
    if (found.looks_like_decimal_logarithms()) {
        out.push_back(
            "the values are decimal logarithms of probabilities (none is above 0, and the powers of 10 add up "
            "to 1 in every frame); store 10 ** of them to see probabilities");
        return out;
    }
    if (found.looks_like_log_likelihoods()) {
        out.push_back(
            "these look like logarithms that are not normalised, as log-likelihoods are (no value is above 0, "
            "and neither their exponentials nor their powers of 10 add up to 1); subtract the largest of each "
            "frame, take numpy.exp, and divide by the sum of the frame");
        return out;
    }
    if (found.negative.count > 0) {
        out.push_back(text(frames(found.negative), " with values below 0", first(found.negative),
                           ", which probabilities never are; check what was stored, or state another kind"));
    }
    if (found.other_sum.count > 0) {
        out.push_back(text(frames(found.other_sum), " of ", found.frames, " that do not add up to 1",
                           first(found.other_sum), "; sums go from ", static_cast<float>(found.low_sum), " to ",
                           static_cast<float>(found.high_sum),
                           "; divide each frame by its sum, or sum over the states that were left out"));
    }
    if (found.all_zero.count > 0) {
        out.push_back(text(frames(found.all_zero), " of zeros alone", first(found.all_zero),
                           "; if nothing was decoded there, store NaN: a 0 is drawn as a probability of 0"));
    }
    return out;
}

} // namespace fieldreel::inline v0

#endif
