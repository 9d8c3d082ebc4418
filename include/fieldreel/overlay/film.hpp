// SPDX-License-Identifier: MIT
// A camera's pictures under or over the field.
#ifndef FIELDREEL_OVERLAY_FILM_HPP
#define FIELDREEL_OVERLAY_FILM_HPP

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/affine.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/source/timed.hpp>

namespace fieldreel::inline v0 {

/// A part of a picture. Units: pixels; 0 rows or columns = up to the edge.
struct picture_part {
    std::size_t row = 0;
    std::size_t col = 0;
    std::size_t rows = 0;
    std::size_t cols = 0;
    friend bool operator==(const picture_part&, const picture_part&) = default;
};

struct film_options {
    image_shape shape = {};     ///< rows and columns of a frame; unset: what the source states
    picture_part crop = {};     ///< the part that is shown
    std::size_t downsample = 1; ///< shows the middle one of so many rows and columns: for large cameras
    double opacity = 1;         ///< 0-1
    double black = 0;           ///< grey values shown as black and as white; of colours they change nothing
    double white = 255;
    fieldreel::layer layer = fieldreel::layer::below;
    shape_style outline = {.color = {128, 128, 128, 255}, .size_px = 1}; ///< a frame around it; alpha 0: none
};

namespace detail {

/// Grey values to pixels, `stride` values apart. Values at `black` and beyond are black, at `white` and beyond white,
/// whichever is the larger; NaN is transparent. Real: what values are computed in.
template <class Real, class T>
void grey_pixels(const T* at, std::size_t stride, std::size_t count, double black, double white, rgba8* out) noexcept {
    const Real from = static_cast<Real>(black);
    const Real gain = static_cast<Real>(255 / (white - black));
    const auto one = std::bit_cast<std::uint32_t>(rgba8{1, 1, 1, 0}); // the same in any order of bytes
    const auto opaque = std::bit_cast<std::uint32_t>(rgba8{0, 0, 0, 255});
    // Numbers that are not negative are in the order of their bits: compared so, compilers compute several at once.
    using bits = std::conditional_t<sizeof(Real) == 4, std::int32_t, std::int64_t>;
    constexpr int digits = std::numeric_limits<bits>::digits;
    const bits top = std::bit_cast<bits>(Real(255));
    const bits infinite = std::bit_cast<bits>(std::numeric_limits<Real>::infinity());
    const auto fill = [&](auto step) {
        constexpr std::size_t block = 256;
        std::uint32_t words[block];
        for (std::size_t first = 0; first < count; first += block) {
            const std::size_t some = (std::min)(block, count - first);
            const T* const from_here = at + first * step;
            for (std::size_t i = 0; i < some; ++i) {
                const Real sample = static_cast<Real>(from_here[i * step]);
                const bits value = std::bit_cast<bits>((sample - from) * gain);
                // Without branches: x & ~(x >> digits) is 0 for what is negative.
                const bits above = value & ~(value >> digits);
                const bits over = (above - top) & ~((above - top) >> digits);
                const Real level = std::bit_cast<Real>(above - over);
                const auto grey = static_cast<std::uint32_t>(static_cast<std::int32_t>(level + Real(0.5)));
                const bool is_nan = (std::bit_cast<bits>(sample) & (std::numeric_limits<bits>::max)()) > infinite;
                words[i] = (grey * one | opaque) & (static_cast<std::uint32_t>(is_nan) - 1);
            }
            std::memcpy(out + first, words, some * sizeof(rgba8));
        }
    };
    if (stride == 1) {
        fill(std::integral_constant<std::size_t, 1>{});
    } else {
        fill(stride);
    }
}

/// Colours of `channels` bytes, 3 or 4, to pixels.
inline void color_pixels(const std::uint8_t* at, std::size_t channels, std::size_t stride, std::size_t count,
                         rgba8* out) noexcept {
    for (std::size_t i = 0; i < count; ++i, at += stride) {
        out[i] = {at[0], at[1], at[2], channels == 4 ? at[3] : std::uint8_t{255}};
    }
}

} // namespace detail

/// Frames of any source of pictures, shown where a calibration puts them.
///
/// Frames are uint8 and grey, RGB or RGBA, rows x columns x channels, row 0 on top; or grey of any type. A frame is
/// shown for its duration: the nearest earlier one, nothing in gaps, before and after. Its own clock decides, whatever
/// rate the field has. Grey NaN is transparent.
/// Cost: a search in its times, one frame of its source, and a pass over the pixels shown.
class film {
public:
    /// `frames`: a source that knows its times. Errors: invalid_value for frames without times or shape, of a size that
    /// does not fit the shape, colours that are not uint8, a crop outside the picture, a downsample of 0 or larger than
    /// the crop, an opacity outside 0-1, black that is white, and a map that is not finite or without area.
    /// `to_environment`: a calibration, or a map from x = column and y = row of a whole frame.
    film(any_source frames, const affine_xy& to_environment, const film_options& options = {})
        : frames_(std::move(frames)), options_(options), place_(to_environment) {
        check_source();
        check_crop();
        check_look();
    }
    /// The same with times of its own. Errors: also data_error when there is not one time per frame.
    film(const any_source& frames, sample_times times, const affine_xy& to_environment,
         const film_options& options = {})
        : film(any_source(frames | timed(std::move(times))), to_environment, options) {}

    const film_options& options() const noexcept { return options_; }
    const any_source& frames() const noexcept { return frames_; }
    /// Values of a pixel: 1, 3 or 4.
    std::size_t channels() const noexcept { return channels_; }
    /// From pixels that are shown, x = column and y = row, to the environment.
    const affine_xy& shown_place() const noexcept { return shown_place_; }
    /// The part that is shown, with its rows and columns filled in.
    const picture_part& crop() const noexcept { return crop_; }
    /// From pixels of a whole frame, x = column and y = row, to the environment.
    const affine_xy& place() const noexcept { return place_; }
    /// How many pixels are shown: of the crop, one in downsample x downsample.
    image_shape shown() const noexcept { return {crop_.rows / options_.downsample, crop_.cols / options_.downsample}; }

    /// Draws the picture of the time and its outline. Errors: as the source.
    void build(const moment& now, canvas& out) const {
        const auto found = frames_.frame_at(now.time_s);
        if (!found) {
            return;
        }
        shape_style style{.color = {255, 255, 255, static_cast<std::uint8_t>(std::lround(255 * options_.opacity))},
                          .where = placement::environment,
                          .layer = options_.layer};
        if (style.color.a != 0) {
            if (!place_in_->cursor) {
                place_in_->cursor.emplace(frames_.cursor());
            }
            if (const std::size_t last = std::exchange(place_in_->frame, *found);
                last != *found) { // what decodes reads ahead
                const double rate_hz = 1 / frames_.duration_s(*found);
                place_in_->cursor->hint({.frame = *found, .frames_per_s = *found > last ? rate_hz : -rate_hz});
            }
            const values_view values = place_in_->cursor->frame(*found); // it may throw: before anything is drawn
            fill(values, out.picture(shown(), shown_place_, style));
        }
        if (options_.outline.color.a != 0) {
            style.color = options_.outline.color;
            style.size_px = options_.outline.size_px;
            draw_outline(style, out);
        }
    }

private:
    void fill(values_view values, std::span<rgba8> out) const {
        const image_shape size = shown();
        const std::size_t step = options_.downsample;
        const std::size_t middle = (step - 1) / 2;
        const std::size_t first = ((crop_.row + middle) * shape_.cols + crop_.col + middle) * channels_;
        visit_dtype(values.type(), [&]<class T>(std::type_identity<T>) {
            const T* at = values.template as<T>().data() + first;
            for (std::size_t row = 0; row < size.rows; ++row, at += step * shape_.cols * channels_) {
                fill_row(at, step * channels_, out.subspan(row * size.cols, size.cols));
            }
        });
    }
    template <class T>
    void fill_row(const T* at, std::size_t stride, std::span<rgba8> out) const noexcept {
        if constexpr (std::same_as<T, std::uint8_t>) {
            if (channels_ > 1) {
                detail::color_pixels(at, channels_, stride, out.size(), out.data());
            } else {
                for (std::size_t i = 0; i < out.size(); ++i) {
                    out[i] = greys_[at[i * stride]];
                }
            }
        } else {
            // 16 bits are exact in a float; so are those of a float itself.
            using real = std::conditional_t<sizeof(T) <= 2 || std::same_as<T, float>, float, double>;
            detail::grey_pixels<real>(at, stride, out.size(), options_.black, options_.white, out.data());
        }
    }
    /// Along the outer edges of the pixels.
    void draw_outline(const shape_style& style, canvas& out) const {
        const double bottom = static_cast<double>(shown().rows) - 0.5;
        const double right = static_cast<double>(shown().cols) - 0.5;
        out.begin_line(style);
        for (const point_xy corner : {point_xy{-0.5, -0.5}, point_xy{right, -0.5}, point_xy{right, bottom},
                                      point_xy{-0.5, bottom}, point_xy{-0.5, -0.5}}) {
            out.line_to(shown_place_(corner));
        }
        out.end_line();
    }

    void check_source() {
        if (!frames_.timed()) {
            throw invalid_value("frames", "a film was given frames without times; give a source with times: source | "
                                          "timed(times)");
        }
        const auto stated = frames_.frame_shape();
        shape_ = options_.shape == image_shape{} ? stated.value_or(image_shape{}) : options_.shape;
        if (shape_.rows == 0 || shape_.cols == 0) {
            throw invalid_value("shape", detail::text("a film of frames of ", frames_.frame_size(),
                                                      " values was given without their rows and columns; state them "
                                                      "in film_options::shape"));
        }
        const std::size_t pixels = shape_.rows * shape_.cols;
        channels_ = frames_.frame_size() / pixels;
        if (channels_ * pixels != frames_.frame_size() || (channels_ != 1 && channels_ != 3 && channels_ != 4)) {
            throw invalid_value("shape", detail::text("frames of ", frames_.frame_size(), " values are no picture of ",
                                                      shape_.rows, " x ", shape_.cols,
                                                      " pixels with 1, 3 or 4 channels; check the shape"));
        }
        if (channels_ > 1 && frames_.type() != dtype::u8) {
            throw invalid_value("frames",
                                detail::text("a film of ", channels_, " channels of ", name_of(frames_.type()),
                                             " was given; colours must be uint8, and other types grey; "
                                             "convert it with a.astype('uint8')"));
        }
    }
    void check_crop() {
        crop_ = options_.crop;
        const bool inside = crop_.row < shape_.rows && crop_.col < shape_.cols &&
                            crop_.rows <= shape_.rows - crop_.row && crop_.cols <= shape_.cols - crop_.col;
        if (!inside) {
            throw invalid_value("crop", detail::text("a crop of ", crop_.rows, " x ", crop_.cols, " pixels from (row ",
                                                     crop_.row, ", column ", crop_.col,
                                                     ") was asked for; it must lie within the picture of ", shape_.rows,
                                                     " x ", shape_.cols, "; 0 means up to the edge"));
        }
        crop_.rows = crop_.rows == 0 ? shape_.rows - crop_.row : crop_.rows;
        crop_.cols = crop_.cols == 0 ? shape_.cols - crop_.col : crop_.cols;
        const std::size_t most = crop_.rows < crop_.cols ? crop_.rows : crop_.cols;
        if (options_.downsample == 0 || options_.downsample > most) {
            throw invalid_value("downsample",
                                detail::text("a downsample of ", options_.downsample,
                                             " was given; it must be from 1, every pixel, to ", most,
                                             ", one pixel of the crop of ", crop_.rows, " x ", crop_.cols));
        }
    }
    void check_look() {
        if (!(options_.opacity >= 0 && options_.opacity <= 1)) {
            throw invalid_value("opacity", detail::text("a film's opacity of ", options_.opacity,
                                                        " was given; it must be from 0 to 1"));
        }
        if (!std::isfinite(options_.black) || !std::isfinite(options_.white) || options_.black == options_.white) {
            throw invalid_value("black",
                                detail::text("a film was to show ", options_.black, " as black and ", options_.white,
                                             " as white; they must be finite and differ; 0 "
                                             "and 255 are usual for uint8"));
        }
        place_.check("to_environment");
        // A pixel shown covers `downsample` x `downsample` pixels; whole ones only.
        const auto step = static_cast<double>(options_.downsample);
        const double middle = (step - 1) / 2;
        shown_place_ = affine_xy{.xx = step,
                                 .x0 = static_cast<double>(crop_.col) + middle,
                                 .yy = step,
                                 .y0 = static_cast<double>(crop_.row) + middle}
                           .then(place_);
        for (std::size_t value = 0; value < greys_.size(); ++value) {
            const auto of = static_cast<double>(value);
            detail::grey_pixels<double>(&of, 1, 1, options_.black, options_.white, &greys_[value]);
        }
    }

    any_source frames_;
    film_options options_;
    affine_xy place_;
    affine_xy shown_place_; ///< from pixels shown
    image_shape shape_;
    std::size_t channels_ = 1;
    picture_part crop_;
    std::array<rgba8, 256> greys_; ///< of bytes
    struct place_in_film {
        std::optional<any_cursor> cursor;
        std::size_t frame = 0; ///< shown last
    };
    detail::scratch<place_in_film> place_in_;
};

} // namespace fieldreel::inline v0

#endif
