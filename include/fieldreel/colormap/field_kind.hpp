// SPDX-License-Identifier: MIT
// What a field's numbers are, and what follows from it: the default range, colormap and label.
#ifndef FIELDREEL_COLORMAP_FIELD_KIND_HPP
#define FIELDREEL_COLORMAP_FIELD_KIND_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <fieldreel/colormap/colormap.hpp>
#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>

namespace fieldreel::inline v0 {

/// What a field's numbers are. In words: "rate", "posterior", "signed", "image", "other".
enum class field_kind : std::uint8_t {
    rate,          ///< events per second, 0 and above
    posterior,     ///< a probability per bin; a frame sums to 1
    signed_values, ///< differences, weights, values around 0
    image,         ///< pictures of a microscope or a film
    other
};

namespace detail {
inline constexpr std::array<std::string_view, 5> field_kind_names = {"rate", "posterior", "signed", "image", "other"};
}

/// "rate", "posterior", "signed", "image" or "other".
constexpr std::string_view name_of(field_kind kind) {
    return detail::field_kind_names[static_cast<std::size_t>(kind)];
}

/// The kind with this name. Errors: invalid_value for an unknown name; the sentence says the nearest one.
inline field_kind field_kind_named(std::string_view name) {
    for (std::size_t i = 0; i < detail::field_kind_names.size(); ++i) {
        if (name == detail::field_kind_names[i]) {
            return static_cast<field_kind>(i);
        }
    }
    throw invalid_value("kind", detail::text("field kind \"", name, "\" was asked for; the kinds are ",
                                             detail::join(detail::field_kind_names), "; did you mean \"",
                                             detail::nearest_name(name, detail::field_kind_names), "\"?"));
}

/// What stands beside the colour bar; the unit may be empty.
struct field_label {
    std::string_view text;
    std::string_view unit;
    friend bool operator==(const field_label&, const field_label&) = default;
};

constexpr field_label default_label(field_kind kind) {
    switch (kind) {
    case field_kind::rate: return {"rate", "Hz"};
    case field_kind::posterior: return {"probability per bin", ""};
    case field_kind::image: return {"intensity", ""};
    case field_kind::signed_values:
    case field_kind::other: break;
    }
    return {"value", ""};
}

/// viridis for rates and anything else, magma for posteriors, coolwarm (grey at 0) for signed values, gray for images.
inline colormap default_colormap(field_kind kind) {
    switch (kind) {
    case field_kind::posterior: return colormap::named("magma");
    case field_kind::signed_values: return colormap::named("coolwarm");
    case field_kind::image: return colormap::named("gray");
    case field_kind::rate:
    case field_kind::other: break;
    }
    return colormap::named("viridis");
}

/// The range that suits a field's kind, from a sample of the source's frames:
/// rate 0 … max; posterior 0 … 95th percentile of the frames' maxima; signed -m … m with m the largest magnitude; image
/// 1st … 99.5th percentile; other min … max.
///
/// Never NaN, never empty: where there is nothing to go by (no finite value, no frames; for rate and posterior nothing
/// above 0, for signed nothing but 0) it is (0, 1), for signed (-1, 1); a constant gets half a unit to each side.
/// Of the options, `samples` and `seed` count. Errors, cost: as estimate_range.
template <frame_source Source>
value_range default_range(const Source& source, field_kind kind, estimate_options options = {}) {
    using value_type = typename Source::value_type;
    detail::check(options);
    const std::size_t size = source.frame_size();
    const value_range nothing = kind == field_kind::signed_values ? value_range{-1, 1} : value_range{0, 1};
    if (source.frame_count() == 0 || size == 0) {
        return nothing;
    }
    if (kind == field_kind::image) {
        options.low_percentile = 1;
        options.high_percentile = 99.5;
        const value_range range = estimate_range(source, options);
        return range.vmin < range.vmax ? range : detail::widen<value_type>(range.vmin);
    }
    const std::size_t samples = detail::sample_count(options, source.frame_count(), size);
    detail::splitmix64 random(options.seed);
    detail::extremes<value_type> all;
    std::vector<double> maxima;
    detail::for_each_sample(source, samples, random, [&](std::span<const value_type> frame) {
        if (kind == field_kind::posterior) {
            detail::extremes<value_type> one;
            one.add(frame);
            if (one.any()) {
                maxima.push_back(one.high());
            }
        } else {
            all.add(frame);
        }
    });
    if (kind == field_kind::other) {
        return all.range();
    }
    double high = 0;
    if (kind == field_kind::posterior) {
        std::size_t settled = 0;
        high = maxima.empty() ? 0 : detail::percentile(maxima, 95, settled);
    } else if (all.any()) {
        high = kind == field_kind::rate ? all.high() : (std::max)(-all.low(), all.high());
    }
    if (!(high > 0)) {
        return nothing;
    }
    return {kind == field_kind::signed_values ? -high : 0, high};
}

} // namespace fieldreel::inline v0

#endif
