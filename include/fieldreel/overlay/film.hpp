// SPDX-License-Identifier: MIT
// A camera's pictures under or over the field.
#ifndef FIELDREEL_OVERLAY_FILM_HPP
#define FIELDREEL_OVERLAY_FILM_HPP

#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/calibration.hpp>
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

/// One picture of a film, ready to be drawn: a view of its pixels and where they belong. Valid until the film is asked
/// for another, or dies.
struct film_frame {
    values_view values;           ///< the whole frame; pixel (r, c), channel k is at (r cols + c) channels + k
    image_shape frame_shape;      ///< of the whole frame
    std::size_t channels = 1;     ///< 1 grey, 3 RGB, 4 RGBA, interleaved
    image_shape shape;            ///< of the picture shown: cropped and downsampled
    std::size_t first = 0;        ///< where its pixel (0, 0) is in `values`
    std::size_t row_stride = 0;   ///< values from one row shown to the next
    std::size_t pixel_stride = 0; ///< values from one pixel shown to the next
    calibration place;            ///< from pixels shown to the environment
    double opacity = 1;
    double black = 0; ///< grey values shown as black and as white
    double white = 255;
    fieldreel::layer layer = fieldreel::layer::below;
    std::size_t frame = 0; ///< its number in the film's source

    /// A pixel shown, in the source's own numbers.
    double value(std::size_t row, std::size_t col, std::size_t channel = 0) const {
        assert(row < shape.rows && col < shape.cols && channel < channels);
        return values[first + row * row_stride + col * pixel_stride + channel];
    }
    /// Its corners in the environment: the outer edges of the pixels, in order around the picture.
    std::array<point_xy, 4> corners() const noexcept {
        const double bottom = static_cast<double>(shape.rows) - 0.5;
        const double right = static_cast<double>(shape.cols) - 0.5;
        return {place.at({-0.5, -0.5}), place.at({-0.5, right}), place.at({bottom, right}), place.at({bottom, -0.5})};
    }
};

/// Frames of any source of pictures, shown where a calibration puts them.
///
/// Frames are uint8 and grey, RGB or RGBA, rows x columns x channels, row 0 on top; or grey of any type. A frame is
/// shown for its duration: the nearest earlier one, nothing in gaps, before and after. Its own clock decides, whatever
/// rate the field has.
/// Cost: a search in its times and one frame of its source; nothing is copied.
class film {
public:
    /// `frames`: a source that knows its times. Errors: invalid_value for frames without times or shape, of a size that
    /// does not fit the shape, colours that are not uint8, a crop outside the picture, a downsample of 0 or larger than
    /// the crop, an opacity outside 0-1, black that is white, and a calibration that is not finite or without area.
    film(any_source frames, calibration where, const film_options& options = {})
        : frames_(std::move(frames)), options_(options), place_(std::move(where)) {
        check_source();
        check_crop();
        check_look();
    }
    /// The same with times of its own. Errors: also data_error when there is not one time per frame.
    film(const any_source& frames, sample_times times, calibration where, const film_options& options = {})
        : film(any_source(frames | timed(std::move(times))), std::move(where), options) {}

    const film_options& options() const noexcept { return options_; }
    /// The part that is shown, with its rows and columns filled in.
    const picture_part& crop() const noexcept { return crop_; }
    /// From pixels of a whole frame to the environment.
    const calibration& place() const noexcept { return place_; }
    std::size_t channels() const noexcept { return channels_; }

    /// The picture of a time; nothing where no frame is valid. Errors: as the source.
    std::optional<film_frame> at(double time_s) const {
        const auto found = frames_.frame_at(time_s);
        if (!found) {
            return std::nullopt;
        }
        film_frame out;
        out.values = cursor_.of(frames_).frame(*found);
        out.frame_shape = shape_;
        out.channels = channels_;
        const std::size_t step = options_.downsample;
        out.shape = {crop_.rows / step, crop_.cols / step};
        out.first = ((crop_.row + (step - 1) / 2) * shape_.cols + crop_.col + (step - 1) / 2) * channels_;
        out.row_stride = step * shape_.cols * channels_;
        out.pixel_stride = step * channels_;
        out.place = shown_;
        out.opacity = options_.opacity;
        out.black = options_.black;
        out.white = options_.white;
        out.layer = options_.layer;
        out.frame = *found;
        return out;
    }

    /// Draws the outline of what is shown. The picture itself: see at.
    void build(const moment& now, canvas& out) const {
        const bool shown = frames_.frame_at(now.time_s).has_value();
        if (!shown || options_.outline.color.a == 0) {
            return;
        }
        film_frame around;
        around.shape = {crop_.rows / options_.downsample, crop_.cols / options_.downsample};
        around.place = shown_;
        const auto corners = around.corners();
        shape_style style = options_.outline;
        style.where = placement::environment;
        style.layer = options_.layer;
        out.begin_line(style);
        for (const point_xy& corner : corners) {
            out.line_to(corner);
        }
        out.line_to(corners[0]);
        out.end_line();
    }

private:
    /// A cursor that a copy of the film does not share, made when it is first asked.
    class own_cursor {
    public:
        own_cursor() = default;
        own_cursor(const own_cursor&) noexcept {}
        own_cursor& operator=(const own_cursor&) noexcept {
            held_.reset();
            return *this;
        }
        any_cursor& of(const any_source& frames) {
            if (!held_) {
                held_.emplace(frames.cursor());
            }
            return *held_;
        }

    private:
        std::optional<any_cursor> held_;
    };

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
        const calibration& c = place_;
        const double det = c.determinant();
        if (!std::isfinite(det) || det == 0 || !std::isfinite(c.x_0) || !std::isfinite(c.y_0)) {
            throw invalid_value("calibration",
                                detail::text("a film's calibration was given as x = ", c.x_col, " col + ", c.x_row,
                                             " row + ", c.x_0, ", y = ", c.y_col, " col + ", c.y_row, " row + ", c.y_0,
                                             "; its numbers must be finite and give the picture an "
                                             "area; use calibration::from_landmarks or from_factor"));
        }
        // A pixel shown covers `downsample` x `downsample` pixels; whole ones only.
        const auto step = static_cast<double>(options_.downsample);
        const point_xy origin =
            c.at({static_cast<double>(crop_.row) + (step - 1) / 2, static_cast<double>(crop_.col) + (step - 1) / 2});
        shown_.x_col = c.x_col * step;
        shown_.x_row = c.x_row * step;
        shown_.x_0 = origin.x;
        shown_.y_col = c.y_col * step;
        shown_.y_row = c.y_row * step;
        shown_.y_0 = origin.y;
    }

    any_source frames_;
    film_options options_;
    calibration place_;
    calibration shown_; ///< from pixels shown, without the words
    image_shape shape_;
    std::size_t channels_ = 1;
    picture_part crop_;
    mutable own_cursor cursor_;
};

} // namespace fieldreel::inline v0

#endif
