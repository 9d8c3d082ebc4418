// SPDX-License-Identifier: MIT
// The second view of a track: the linear axis upwards, time to the right, one column per moment.
#ifndef FIELDREEL_COLORMAP_POSITION_TIME_HPP
#define FIELDREEL_COLORMAP_POSITION_TIME_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fieldreel/colormap/colormap.hpp>
#include <fieldreel/colormap/paint.hpp>
#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/space/space.hpp>
#include <fieldreel/space/track.hpp>

namespace fieldreel::inline v0 {

/// Paints a field over a track as position x time: row 0 is the end of the linear axis, the last row its start, gaps of
/// the axis are left out of colour (inactive_color); columns go through a window of time, each showing the frame that
/// is valid at its middle, or nothing (nan_color) where there is none. What a column and a row show is said by time_at,
/// column_of, position_at and row_of, so that markers and the value under the mouse agree with it.
///
/// One thread at a time: it holds a cursor and what it works with. Cost: making it is O(1) beside the cursor.
class position_time {
public:
    /// Errors: data_error when a frame has not one value per bin, or the source does not know its frames' times.
    position_time(any_source source, track axis)
        : source_(std::move(source)), axis_(std::move(axis)), cursor_(source_.cursor()) {
        if (source_.frame_size() != axis_.bin_count()) {
            throw data_error(detail::text("a frame has ", source_.frame_size(), " values and the track ",
                                          axis_.bin_count(),
                                          " bins; give one value per bin, in the order of the linear axis"));
        }
        if (!source_.timed()) {
            throw data_error("the source does not know its frames' times, which are the columns; use source | "
                             "timed(times)");
        }
    }

    /// Paints the moments of a window. Shape: any; `out` may have any stride.
    /// Errors: invalid_value for a window that is not finite or empty; those of the source.
    /// Cost: reads no frame outside the window and each at most once, at most one per column; O(columns x (bins +
    /// rows)), no allocation when painted before in this size.
    void paint(time_range window, const colormap& map, value_range range, image_view out,
               const paint_options& options = {}) {
        if (!(std::isfinite(window.start_s) && std::isfinite(window.stop_s) && window.stop_s > window.start_s)) {
            throw invalid_value("window",
                                detail::text("a window from ", detail::rounded(window.start_s), " to ",
                                             detail::rounded(window.stop_s),
                                             " s was asked for; it must end after it starts; give finite times"));
        }
        find_bins(out.shape.rows);
        column_.resize({out.shape.rows, 1});
        const image_view column = column_.view();
        std::optional<std::size_t> shown;
        for (std::size_t col = 0; col < out.shape.cols; ++col) {
            const auto frame = source_.frame_at(time_at(window, out.shape.cols, static_cast<double>(col)));
            if (col > 0 && frame == shown) { // a frame that lasts longer than a column
                for (std::size_t row = 0; row < out.shape.rows; ++row) {
                    out.pixels[row * out.stride + col] = out.pixels[row * out.stride + col - 1];
                }
                continue;
            }
            shown = frame;
            if (frame) {
                paint_indexed(cursor_.frame(*frame), bin_of_row_, column.shape, map, range, column, options);
            } else {
                for (std::size_t row = 0; row < out.shape.rows; ++row) {
                    column.pixels[row] = bin_of_row_[row] < 0 ? options.inactive_color : options.nan_color;
                }
            }
            for (std::size_t row = 0; row < out.shape.rows; ++row) {
                out.pixels[row * out.stride + col] = column.pixels[row * column.stride];
            }
        }
    }

    /// The time in the middle of a column; columns are pixels, their middles whole numbers.
    static double time_at(time_range window, std::size_t columns, double column) noexcept {
        return window.start_s + (window.stop_s - window.start_s) * (column + 0.5) / static_cast<double>(columns);
    }
    static double column_of(time_range window, std::size_t columns, double time_s) noexcept {
        return (time_s - window.start_s) / (window.stop_s - window.start_s) * static_cast<double>(columns) - 0.5;
    }
    /// The place on the linear axis in the middle of a row.
    double position_at(std::size_t rows, double row) const noexcept {
        return axis_.linear_length() * (1 - (row + 0.5) / static_cast<double>(rows));
    }
    double row_of(std::size_t rows, double position) const noexcept {
        return (1 - position / axis_.linear_length()) * static_cast<double>(rows) - 0.5;
    }
    const track& axis() const noexcept { return axis_; }

private:
    void find_bins(std::size_t rows) {
        if (bin_of_row_.size() == rows) {
            return;
        }
        bin_of_row_.resize(rows);
        for (std::size_t row = 0; row < rows; ++row) {
            const auto bin = axis_.bin_at_linear(position_at(rows, static_cast<double>(row)));
            bin_of_row_[row] = bin ? static_cast<std::int32_t>(*bin) : -1;
        }
    }

    any_source source_;
    track axis_;
    any_cursor cursor_;
    std::vector<std::int32_t> bin_of_row_;
    image column_;
};

} // namespace fieldreel::inline v0

#endif
