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

#include <fieldreel/colormap/color_scaling.hpp>
#include <fieldreel/colormap/colormap.hpp>
#include <fieldreel/colormap/paint_kernels.hpp>
#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// The colours of what has no value.
struct paint_options {
    rgba8 nan_color = {};       ///< of a bin whose value is NaN; default transparent
    rgba8 inactive_color = {};  ///< of a pixel that is no active bin; default transparent
    bool nan_as_vmin = false;   ///< true: NaN gets the colour of vmin, as some other programs do it
    color_scaling scaling = {}; ///< how values are spread over the colours: linear, log or gamma
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

/// True when a row shows values, none missing, each the one after that of the pixel to its left.
inline bool in_order(const std::int32_t* bins, std::size_t count) noexcept {
    std::uint32_t differs = 0;
    const auto first = static_cast<std::uint32_t>(bins[0]);
    if (bins[0] < 0 || static_cast<std::uint32_t>(bins[1]) - first != 1) {
        return false;
    }
    for (std::size_t i = 0; i < count; ++i) {
        differs |= static_cast<std::uint32_t>(bins[i]) ^ (first + static_cast<std::uint32_t>(i));
    }
    return differs == 0;
}

/// The colours of one field's values, kept per thread, so that painting again allocates nothing.
inline std::vector<rgba8>& color_scratch() {
    static thread_local std::vector<rgba8> scratch;
    return scratch;
}

[[noreturn]] inline void throw_no_such_bin(std::span<const std::int32_t> pixel_to_bin, std::size_t values) {
    std::size_t pixel = 0;
    while (bins_exist(paint_path::portable, pixel_to_bin.subspan(pixel, 1), values)) {
        ++pixel;
    }
    throw invalid_value(
        "pixel_to_bin",
        text("pixel ", pixel, " of the index image asks for bin ", pixel_to_bin[pixel], "; the field has ", values,
             " values, and -1 means no bin; pass an index image of the space that the field belongs to"));
}

/// Calls `use(scaled_values, color_table)` for a field. Bytes, when they are more than a few, get a table by value:
/// then nothing is computed per value.
template <field_value T, class Use>
void with_table(std::span<const T> values, const colormap& map, value_range range, const paint_options& options,
                Use&& use) {
    with_scaling<T>(range, options.scaling, [&](const auto& scale) {
        color_table table(map, is_middle(scale));
        if (!options.nan_as_vmin) {
            table.colors[nan_entry] = options.nan_color;
        }
        if constexpr (sizeof(T) == 1) {
            if (values.size() > 256) {
                std::array<rgba8, 256> by_value;
                for (std::size_t byte = 0; byte < 256; ++byte) {
                    by_value[byte] = table.colors[static_cast<std::size_t>(scale.entry(static_cast<T>(byte)))];
                }
                for (std::size_t byte = 0; byte < 256; ++byte) {
                    table.set(byte, by_value[byte]);
                }
                use(scaled_values(values, byte_scale{}), table);
                return;
            }
        }
        use(scaled_values(values, scale), table);
    });
}

inline bool streams(paint_path path, image_shape shape) noexcept {
    return path == paint_path::avx512 && shape.rows * shape.cols * sizeof(rgba8) > streaming_bytes;
}

/// Paints a field through an index image that has a bin for each pixel.
/// Why the values get their colours first: arithmetic per value, not per pixel, over a plain list; the rest is one
/// look-up per pixel. Rows that show values in order (pictures, upside down or not) need no second step.
inline void paint_bins(paint_path path, const scaled_values& values, const color_table& table,
                       std::span<const std::int32_t> pixel_to_bin, image_view out, rgba8 inactive_color) {
    const std::size_t cols = out.shape.cols;
    const bool streaming = streams(path, out.shape);
    const std::int32_t* bins = pixel_to_bin.data();
    std::size_t row = 0;
    constexpr std::size_t least = 16; // shorter rows are not worth a look
    for (; cols >= least && row < out.shape.rows && in_order(bins, cols); ++row, bins += cols) {
        if (!bins_exist(path, {bins, cols}, values.size())) {
            throw_no_such_bin(pixel_to_bin, values.size());
        }
        values.color(path, static_cast<std::size_t>(bins[0]), cols, table, out.pixels + row * out.stride, streaming);
    }
    if (row < out.shape.rows) {
        std::vector<rgba8>& scratch = color_scratch();
        scratch.resize((std::max)(scratch.size(), values.size() + 1));
        scratch[0] = inactive_color; // what pixels without a bin show
        rgba8* const colors = scratch.data() + 1;
        values.color(path, 0, values.size(), table, colors, false);
        const std::size_t rows_at_once = out.stride == cols ? out.shape.rows - row : 1;
        const std::size_t run = rows_at_once * cols;
        for (; row < out.shape.rows; row += rows_at_once, bins += run) {
            rgba8* const pixels = out.pixels + row * out.stride;
            for (std::size_t first = 0; first < run; first += paint_block) {
                const std::size_t count = (std::min)(paint_block, run - first);
                if (!bins_exist(path, {bins + first, count}, values.size())) {
                    throw_no_such_bin(pixel_to_bin, values.size());
                }
                look_up(path, bins + first, count, colors, pixels + first);
            }
        }
    }
    finish_streaming(streaming);
}

/// Paints values that are the pixels, row after row.
inline void paint_in_order(paint_path path, const scaled_values& values, const color_table& table, image_view out) {
    const bool streaming = streams(path, out.shape);
    const std::size_t rows_at_once = out.stride == out.shape.cols ? out.shape.rows : 1;
    const std::size_t run = rows_at_once * out.shape.cols;
    for (std::size_t row = 0; row < out.shape.rows; row += rows_at_once) {
        values.color(path, row * out.shape.cols, run, table, out.pixels + row * out.stride, streaming);
    }
    finish_streaming(streaming);
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

/// The colour of one value, as paint draws it. Errors and cost: as color_index.
template <field_value T>
rgba8 color_of(T value, const colormap& map, value_range range, const paint_options& options = {}) {
    return detail::with_scaling<T>(range, options.scaling, [&](const auto& scale) {
        const std::int32_t entry = scale.entry(value);
        const bool middle = detail::is_middle(scale);
        if (entry == detail::nan_entry && !options.nan_as_vmin) {
            return options.nan_color;
        }
        return map.table()[static_cast<std::size_t>(middle                       ? detail::middle_color
                                                    : entry == detail::nan_entry ? 0
                                                                                 : entry)];
    });
}

/// Paints a field through an index image: `pixel_to_bin` says for each pixel, row after row, which value it shows, -1
/// for none.
///
/// Shape: `out` must have `shape`, and `pixel_to_bin` as many entries; any stride.
/// Errors: invalid_value for shapes that differ, or a bin that has no value (the picture may then be painted in part);
/// those of check for options.scaling.
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
    view.visit([&](const auto span) {
        detail::with_table(span, map, range, options, [&](const auto& scaled, const detail::color_table& table) {
            detail::paint_bins(detail::best_paint_path(), scaled, table, pixel_to_bin, out, options.inactive_color);
        });
    });
}

/// Paints a field whose values are the pixels, row after row, row 0 on top: a film's frame, any picture of numbers. As
/// paint_indexed with the pixels' own numbers, without reading them.
///
/// Errors: invalid_value unless there is one value per pixel.
/// Cost: O(pixels); pictures of more than 16 MiB are written past the caches where the processor has AVX-512.
template <field_values Values>
void paint_pixels(const Values& values, const colormap& map, value_range range, image_view out,
                  const paint_options& options = {}) {
    const values_view view = detail::as_values_view(values);
    if (view.size() != out.shape.rows * out.shape.cols) {
        throw invalid_value("values", detail::text("the field has ", view.size(), " values; a picture of ",
                                                   out.shape.rows, " x ", out.shape.cols, " pixels shows ",
                                                   out.shape.rows * out.shape.cols, "; pass one value per pixel"));
    }
    view.visit([&](const auto span) {
        detail::with_table(span, map, range, options, [&](const auto& scaled, const detail::color_table& table) {
            detail::paint_in_order(detail::best_paint_path(), scaled, table, out);
        });
    });
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
