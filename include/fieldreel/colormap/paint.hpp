// SPDX-License-Identifier: MIT
// From values to colours: one field through a colormap into a picture.
#ifndef FIELDREEL_COLORMAP_PAINT_HPP
#define FIELDREEL_COLORMAP_PAINT_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include <fieldreel/colormap/colormap.hpp>
#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// The colours of what has no value.
struct paint_options {
    rgba8 nan_color = {};      ///< of a bin whose value is NaN; default transparent
    rgba8 inactive_color = {}; ///< of a pixel that is no active bin; default transparent
    bool nan_as_vmin = false;  ///< true: NaN gets the colour of vmin, as some other programs do it
};

/// Anything paint takes as a field: a values_view, or numbers in a row (std::span, std::vector, std::array).
template <class V>
concept field_values = std::convertible_to<const V&, values_view> || requires(const V& values) {
    requires field_value<std::remove_cv_t<typename decltype(std::span(values))::element_type>>;
};

namespace detail {

template <field_values Values>
values_view as_values_view(const Values& values) {
    if constexpr (std::convertible_to<const Values&, values_view>) {
        return values;
    } else {
        const auto span = std::span(values);
        return values_view(std::span<const typename decltype(span)::value_type>(span));
    }
}

/// The number type a field is coloured in: float for float fields, double for all others.
template <field_value T>
using color_number = std::conditional_t<std::same_as<T, float>, float, double>;

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
};

/// Limits that float can tell apart; others are coloured in double.
inline bool fits_float(value_range range) noexcept {
    const double width = range.vmax - range.vmin;
    const bool sound = width > 0 && is_finite(width);
    return !sound || !color_scale<float>(range).middle;
}

/// Calls `use(scale)` with the number type in which this field is coloured over this range.
template <field_value T, class Use>
decltype(auto) with_scale(value_range range, Use&& use) {
    if constexpr (std::same_as<T, float>) {
        if (fits_float(range)) {
            return use(color_scale<float>(range));
        }
    }
    return use(color_scale<double>(range));
}

inline constexpr std::size_t middle_color = 127;
inline constexpr std::uint16_t nan_entry = 256;
inline constexpr std::uint16_t inactive_entry = 257;

/// A colormap with the colours of what has no value behind its 256.
using color_table = std::array<rgba8, 258>;

inline color_table make_color_table(const colormap& map, bool middle, const paint_options& options) noexcept {
    color_table table;
    for (std::size_t i = 0; i < 256; ++i) {
        table[i] = map.table()[middle ? middle_color : i];
    }
    table[nan_entry] = options.nan_as_vmin ? table[0] : options.nan_color;
    table[inactive_entry] = options.inactive_color;
    return table;
}

/// The table entry of each value: 0 … 255, or nan_entry. What a vector unit would do is left to the compiler.
///
/// Why the limits are not written as plain 0 and 255: GCC 12 then makes branches of them and vectorises nothing. It
/// cannot know that width * 0 is 0.
template <field_value T, std::floating_point Number>
void color_entries(const T* values, std::size_t count, const color_scale<Number> scale,
                   std::uint16_t* entries) noexcept {
    const Number first = scale.width * 0;
    const Number last = first + 255;
    const Number none = first + nan_entry;
    for (std::size_t i = 0; i < count; ++i) {
        Number place = scale.place(values[i]);
        place = place > first ? place : first;
        place = place < last ? place : last;
        if constexpr (std::floating_point<T>) {
            place = values[i] == values[i] ? place : none;
        }
        entries[i] = static_cast<std::uint16_t>(static_cast<std::int32_t>(place));
    }
}

/// True when every pixel is -1 or a bin below `bins`. Two sign bits gathered over all pixels: no branch, vectorised.
inline bool bins_exist(std::span<const std::int32_t> pixel_to_bin, std::size_t bins) noexcept {
    std::uint32_t below = 0;
    std::uint32_t within = 0x80000000u;
    const auto count = static_cast<std::uint32_t>((std::min)(bins, std::size_t{0x7fffffff}));
    for (const std::int32_t bin : pixel_to_bin) {
        const auto b = static_cast<std::uint32_t>(bin);
        below |= b + 1;      // the sign bit is set when bin < -1
        within &= b - count; // the sign bit is clear when bin >= count
    }
    return (below >> 31) == 0 && (within >> 31) == 1;
}

/// Table entries of one field, kept per thread, so that painting again allocates nothing.
inline std::vector<std::uint16_t>& entry_scratch() {
    static thread_local std::vector<std::uint16_t> scratch;
    return scratch;
}

/// Paints without checks: every pixel must be -1 or the number of a value.
/// Why two passes: a division per value, not per pixel, and both loops run over plain arrays (measured: 1.4 times as
/// fast as one pass on a full grid, over twice on a masked one).
template <field_value T>
void paint_values(std::span<const T> values, std::span<const std::int32_t> pixel_to_bin, const colormap& map,
                  value_range range, image_view out, const paint_options& options) {
    std::vector<std::uint16_t>& scratch = entry_scratch();
    scratch.resize((std::max)(scratch.size(), values.size() + 1));
    scratch[0] = inactive_entry; // what pixels without a bin show
    const color_table table = with_scale<T>(range, [&](const auto scale) {
        color_entries(values.data(), values.size(), scale, scratch.data() + 1);
        return make_color_table(map, scale.middle, options);
    });
    const std::uint16_t* entries = scratch.data() + 1;
    const std::int32_t* bins = pixel_to_bin.data();
    for (std::size_t row = 0; row < out.shape.rows; ++row, bins += out.shape.cols) {
        rgba8* pixels = out.pixels + row * out.stride;
        for (std::size_t col = 0; col < out.shape.cols; ++col) {
            pixels[col] = table[entries[bins[col]]];
        }
    }
}

inline void check_shape(image_shape out, image_shape needed) {
    if (!(out == needed)) {
        throw invalid_value(
            "image", text("the image has ", out.rows, " x ", out.cols, " pixels; the field is shown in ", needed.rows,
                          " x ", needed.cols,
                          " (rows x columns); pass an image of that shape, or a fieldreel::image, which is resized"));
    }
}

[[noreturn]] inline void throw_bin_count(std::size_t values, std::size_t bins) {
    throw invalid_value("values", text("the field has ", values, " values; its space has ", bins,
                                       " active bins; pass one value per active bin, x slow and y fast"));
}

} // namespace detail

/// The colour number of one value, 0 … 255: trunc((value - vmin) / (vmax - vmin) * 255), limited to both ends.
///
/// Float fields are reckoned in float, all others in double. A range that is empty, reversed or infinite gives 127 for
/// every value. NaN gives the number of vmin (what is drawn for it is up to color_of and paint).
template <field_value T>
std::uint8_t color_index(T value, value_range range) noexcept {
    return detail::with_scale<T>(range, [&](const auto scale) -> std::uint8_t {
        if (scale.middle) {
            return static_cast<std::uint8_t>(detail::middle_color);
        }
        const auto place = scale.place(value);
        return place > 0 ? static_cast<std::uint8_t>(place < 255 ? place : 255) : std::uint8_t{0};
    });
}

/// The colour of one value, as paint draws it.
template <field_value T>
rgba8 color_of(T value, const colormap& map, value_range range, const paint_options& options = {}) noexcept {
    if constexpr (std::floating_point<T>) {
        if (value != value && !options.nan_as_vmin) {
            return options.nan_color;
        }
    }
    return map.table()[color_index(value, range)];
}

/// Paints a field through an index image: `pixel_to_bin` says for each pixel, row after row, which value it shows, -1
/// for none.
///
/// Shape: `out` must have `shape`, and `pixel_to_bin` as many entries; any stride.
/// Errors: invalid_value for shapes that differ, or a bin that has no value.
/// Cost: O(bins + pixels); no allocation after the first call of a thread with this many bins.
template <field_values Values>
void paint_indexed(const Values& values, std::span<const std::int32_t> pixel_to_bin, image_shape shape,
                   const colormap& map, value_range range, image_view out, const paint_options& options = {}) {
    detail::check_shape(out.shape, shape);
    if (pixel_to_bin.size() != shape.rows * shape.cols) {
        throw invalid_value("pixel_to_bin",
                            detail::text("the index image has ", pixel_to_bin.size(), " entries; ", shape.rows, " x ",
                                         shape.cols, " pixels need ", shape.rows * shape.cols, "; pass one per pixel"));
    }
    const values_view view = detail::as_values_view(values);
    if (!detail::bins_exist(pixel_to_bin, view.size())) {
        std::size_t pixel = 0;
        while (detail::bins_exist(pixel_to_bin.subspan(pixel, 1), view.size())) {
            ++pixel;
        }
        throw invalid_value("pixel_to_bin", detail::text("pixel ", pixel, " of the index image asks for bin ",
                                                         pixel_to_bin[pixel], "; the field has ", view.size(),
                                                         " values, and -1 means no bin; pass an index image of the "
                                                         "space that the field belongs to"));
    }
    view.visit([&](const auto span) { detail::paint_values(span, pixel_to_bin, map, range, out, options); });
}

/// What paint needs of a space: the shape it is shown in, and which bin each pixel of such a picture shows (a handle to
/// something contiguous, row 0 on top, -1 for no bin).
template <class S>
concept paintable_space = requires(const S& space, image_shape shape) {
    { space.display_shape() } -> std::convertible_to<image_shape>;
    { *space.index_image(shape) } -> std::convertible_to<std::span<const std::int32_t>>;
};

/// Paints a field of a space into somebody else's pixels, e.g. a texture or a part of a larger picture.
///
/// Shape: one value per active bin, x slow and y fast; `out` as space.display_shape(), row 0 at the largest y.
/// Errors: invalid_value when the number of values is not the number of bins, or the shape differs.
/// Cost: as paint_indexed.
template <field_values Values, paintable_space Space>
void paint(const Values& values, const Space& space, const colormap& map, value_range range, image_view out,
           const paint_options& options = {}) {
    const image_shape shape = space.display_shape();
    if constexpr (requires { space.bin_count(); }) {
        const std::size_t given = detail::as_values_view(values).size();
        if (given != space.bin_count()) {
            detail::throw_bin_count(given, space.bin_count());
        }
    }
    const auto pixel_to_bin = space.index_image(shape);
    paint_indexed(values, *pixel_to_bin, shape, map, range, out, options);
}

/// Paints a field of a space into an image, which gets the shape it needs.
template <field_values Values, paintable_space Space>
void paint(const Values& values, const Space& space, const colormap& map, value_range range, image& out,
           const paint_options& options = {}) {
    out.resize(space.display_shape());
    paint(values, space, map, range, out.view(), options);
}

} // namespace fieldreel::inline v0

#endif
