// SPDX-License-Identifier: MIT
// A field blown up to its place on a picture: every bin as crisp squares or cells, and the outline of the arena.
#ifndef FIELDREEL_RENDER_FIELD_PIXELS_HPP
#define FIELDREEL_RENDER_FIELD_PIXELS_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <fieldreel/colormap/colormap.hpp>
#include <fieldreel/colormap/paint.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/render/coverage.hpp>
#include <fieldreel/render/layout.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/space.hpp>
#include <fieldreel/viewer/scene.hpp>

namespace fieldreel::inline v0 {

namespace detail {

/// The inactive cells of a grid that active ones enclose: never visited, but no outside of the arena. 1 for those, x
/// slow and y fast; empty when there are none.
inline std::vector<std::uint8_t> enclosed_cells(const grid& cells) {
    const std::size_t n_x = cells.shape().n_x;
    const std::size_t n_y = cells.shape().n_y;
    std::vector<std::uint8_t> out(n_x * n_y);
    for (std::size_t cell = 0; cell < out.size(); ++cell) {
        out[cell] = cells.active()[cell] == 0 ? 1 : 0;
    }
    std::vector<std::size_t> todo; // inactive and reached from an edge
    const auto visit = [&](std::size_t ix, std::size_t iy) {
        if (ix < n_x && iy < n_y && out[ix * n_y + iy] != 0) {
            out[ix * n_y + iy] = 0;
            todo.push_back(ix * n_y + iy);
        }
    };
    for (std::size_t ix = 0; ix < n_x; ++ix) {
        visit(ix, 0);
        visit(ix, n_y - 1);
    }
    for (std::size_t iy = 0; iy < n_y; ++iy) {
        visit(0, iy);
        visit(n_x - 1, iy);
    }
    while (!todo.empty()) {
        const std::size_t ix = todo.back() / n_y;
        const std::size_t iy = todo.back() % n_y;
        todo.pop_back();
        visit(ix - 1, iy); // one less than 0 is no cell
        visit(ix + 1, iy);
        visit(ix, iy - 1);
        visit(ix, iy + 1);
    }
    if (std::find(out.begin(), out.end(), std::uint8_t{1}) == out.end()) {
        out.clear();
    }
    return out;
}

} // namespace detail

/// Which bin each pixel of a picture shows, made once per space and size, and the colours of the values shown last.
/// A row that shows what the row above shows is copied, a bin's pixels in a row are filled at once: a frame costs the
/// writing of its pixels and one colour per bin.
class field_pixels {
public:
    /// Looks the bins up for a picture at a place. True when anything is new. Errors: those of any_space::index_image.
    bool prepare(const any_space& space, const pixel_rect& picture) {
        return prepare(space, picture, filling(picture));
    }
    /// The same for a part of the space: all of it would be in `whole`, in the same pixels.
    bool prepare(const any_space& space, const pixel_rect& picture, const field_extent& whole) {
        const image_shape shape{static_cast<std::size_t>(picture.height()), static_cast<std::size_t>(picture.width())};
        const bool all = whole == filling(picture);
        auto bins = all ? space.index_image(shape) : space.index_image();
        if (bins == given_ && picture == picture_ && whole == whole_) {
            return false;
        }
        given_ = std::move(bins);
        picture_ = picture;
        whole_ = whole;
        bins_ = given_;
        if (!all) {
            take_part(space);
        }
        if (const grid* const cells = space.as_grid()) {
            mark_holes(*cells, shape);
        }
        bin_count_ = space.bin_count();
        runs_.clear();
        row_end_.clear();
        for (std::size_t row = 0; row < shape.rows; ++row) {
            const std::int32_t* const now = bins_->data() + row * shape.cols;
            if (row == 0 || std::memcmp(now, now - shape.cols, shape.cols * sizeof *now) != 0) {
                for (std::size_t col = 0; col < shape.cols;) {
                    const std::size_t first = col;
                    while (col < shape.cols && now[col] == now[first]) {
                        ++col;
                    }
                    runs_.push_back({now[first], static_cast<std::int32_t>(col - first)});
                }
            }
            row_end_.push_back(runs_.size());
        }
        return true;
    }

    /// What stands for no bin among the bins of pixels: beyond all of them, and enclosed by them on a grid.
    static constexpr std::int32_t outside = -1;
    static constexpr std::int32_t hole = -2;

    /// Works out the colours of the bins; of all the transparent one when there are no values.
    /// Errors: invalid_value when there is not one value per bin, and those of paint. Cost: O(bins).
    void color(values_view values, const field_style& style) {
        colors_.resize(bin_count_ + 2);
        if (values.empty()) {
            std::fill(colors_.begin(), colors_.end(), rgba8{});
            return;
        }
        if (values.size() != bin_count_) {
            detail::throw_bin_count(values.size(), bin_count_);
        }
        paint_options how = style.paint;
        colors_[0] = how.inactive_color;
        colors_[1] = how.inactive_color;
        paint_pixels(values, style.colors, style.range, image_view{colors_.data() + 2, {1, bin_count_}, bin_count_},
                     how);
    }

    /// Fills the picture, opaque: a bin's colour over `no_value`, as holes between bins; what is beyond over `beyond`.
    void fill(rgba8 no_value, rgba8 beyond, const bgra_view& out) {
        solid_.resize(colors_.size());
        const std::uint32_t under_bin = detail::bgra_bytes(no_value);
        for (std::size_t i = 0; i < colors_.size(); ++i) {
            solid_[i] = detail::over(i == 1 ? detail::bgra_bytes(beyond) : under_bin, colors_[i]);
        }
        fill_solid(out);
    }
    /// As if no bin had a value: what lies under shapes that lie under the field.
    void fill_empty(rgba8 no_value, rgba8 beyond, const bgra_view& out) {
        solid_.assign(colors_.size(), detail::bgra_bytes(no_value));
        solid_[1] = detail::bgra_bytes(beyond);
        fill_solid(out);
    }
    /// Lays the picture over what is there, as far as its colours are opaque.
    void lay_over(const bgra_view& out) const {
        const std::int32_t* bin = bins_->data();
        for (int y = picture_.top; y < picture_.bottom; ++y) {
            std::uint32_t* const pixels = out.row(y) + picture_.left;
            for (int x = 0; x < picture_.width(); ++x, ++bin) {
                const rgba8 c = colors_[static_cast<std::size_t>(*bin + 2)];
                if (c.a != 0) {
                    pixels[x] = detail::over(pixels[x], c);
                }
            }
        }
    }

    const pixel_rect& picture() const noexcept { return picture_; }
    std::span<const std::int32_t> bins() const noexcept { return *bins_; }
    /// The colour of a bin, a hole or the outside, as `color` found it; not premultiplied.
    rgba8 color_of_bin(std::int32_t bin) const noexcept { return colors_[static_cast<std::size_t>(bin + 2)]; }

    /// Draws the outline around the bins, outside of them. `square`: sharp corners, for grids.
    void outline(coverage_mask& mask, double width, bool square) const {
        const int w = picture_.width();
        const int h = picture_.height();
        // Where the picture is cut, the field goes on.
        const bool cut[4] = {
            whole_
                .left<picture_.left - 1, whole_.top<picture_.top - 1, whole_.left + whole_.width> picture_.right + 1,
                      whole_.top + whole_.height>
                    picture_.bottom +
            1};
        const auto inside = [&](int x, int y) {
            x = (cut[0] && x < 0) ? 0 : (cut[2] && x >= w) ? w - 1 : x;
            y = (cut[1] && y < 0) ? 0 : (cut[3] && y >= h) ? h - 1 : y;
            return x >= 0 && y >= 0 && x < w && y < h &&
                   (*bins_)[static_cast<std::size_t>(y) * static_cast<std::size_t>(w) + static_cast<std::size_t>(x)] !=
                       outside;
        };
        const int reach = (std::max)(1, static_cast<int>(std::lround(width)));
        const double thin = width < 1 ? width : 1;
        const auto take = [&](int x, int y) {
            if (!inside(x, y) || (inside(x - 1, y) && inside(x + 1, y) && inside(x, y - 1) && inside(x, y + 1))) {
                return;
            }
            for (int dy = -reach - 1; dy <= reach + 1; ++dy) {
                for (int dx = -reach - 1; dx <= reach + 1; ++dx) {
                    if (!inside(x + dx, y + dy)) {
                        const double far_off =
                            square ? (std::max)(std::abs(dx), std::abs(dy)) - 0.5 : std::hypot(dx, dy) - 0.5;
                        const double part = (square ? reach : width) - far_off + 0.5;
                        if (part > 0) {
                            mask.pixel(picture_.left + x + dx, picture_.top + y + dy, (std::min)(1.0, part) * thin);
                        }
                    }
                }
            }
        };
        const auto copies = [this](std::size_t row) { return row > 0 && row_end_[row] == row_end_[row - 1]; };
        std::size_t first = 0; // of the row's runs
        for (int y = 0; y < h; ++y) {
            const auto row = static_cast<std::size_t>(y);
            first = row > 0 && !copies(row) ? row_end_[row - 1] : first;
            if (copies(row) && y + 1 < h && copies(row + 1)) { // the same above and below: only where its runs end
                int x = 0;
                for (std::size_t run = first; run < row_end_[row]; ++run) {
                    const int last = x + runs_[run].pixels - 1;
                    take(x, y);
                    if (last > x) {
                        take(last, y);
                    }
                    x = last + 1;
                }
            } else {
                for (int x = 0; x < w; ++x) {
                    take(x, y);
                }
            }
        }
    }

private:
    /// Which of `count` equal pieces, which begin at `first` and are `length` long together, each pixel is in.
    static std::vector<std::size_t> places(double first, double length, std::size_t pixels, std::size_t count) {
        std::vector<std::size_t> out(pixels);
        const double per_pixel = static_cast<double>(count) / length;
        for (std::size_t i = 0; i < pixels; ++i) {
            const double at = (static_cast<double>(i) + 0.5 - first) * per_pixel;
            out[i] = (std::min)(static_cast<std::size_t>((std::max)(at, 0.0)), count - 1);
        }
        return out;
    }
    /// The bins of a part of the space. Cost: a look-up per pixel; for a grid, a copy.
    void take_part(const any_space& space) {
        const image_shape all = space.display_shape();
        const auto rows = static_cast<std::size_t>(picture_.height());
        const auto cols = static_cast<std::size_t>(picture_.width());
        std::vector<std::int32_t>& out = own_bins();
        out.assign(rows * cols, outside);
        std::int32_t* to = out.data();
        if (space.as_grid() != nullptr) {
            const std::vector<std::size_t> along = places(whole_.left - picture_.left, whole_.width, cols, all.cols);
            const std::vector<std::size_t> down = places(whole_.top - picture_.top, whole_.height, rows, all.rows);
            for (std::size_t row = 0; row < rows; ++row) {
                if (row > 0 && down[row] == down[row - 1]) {
                    to = std::copy(to - cols, to, to);
                    continue;
                }
                const std::int32_t* const from = given_->data() + down[row] * all.cols;
                for (std::size_t col = 0; col < cols; ++col, ++to) {
                    *to = from[along[col]];
                }
            }
            return;
        }
        const double per_row = static_cast<double>(all.rows) / whole_.height;
        const double per_col = static_cast<double>(all.cols) / whole_.width;
        for (std::size_t row = 0; row < rows; ++row) {
            const double down = (static_cast<double>(row) + 0.5 + picture_.top - whole_.top) * per_row - 0.5;
            for (std::size_t col = 0; col < cols; ++col, ++to) {
                const point_xy at = space.from_display(
                    down, (static_cast<double>(col) + 0.5 + picture_.left - whole_.left) * per_col - 0.5);
                const auto bin = space.bin_at(at.x, at.y);
                *to = bin ? static_cast<std::int32_t>(*bin) : outside;
            }
        }
    }
    void mark_holes(const grid& cells, image_shape shape) {
        const std::vector<std::uint8_t> enclosed = detail::enclosed_cells(cells);
        if (enclosed.empty()) {
            return;
        }
        const auto [n_x, n_y] = cells.shape();
        if (bins_ == given_) {
            own_bins() = *given_;
        }
        const std::vector<std::size_t> along = places(whole_.left - picture_.left, whole_.width, shape.cols, n_x);
        const std::vector<std::size_t> down = places(whole_.top - picture_.top, whole_.height, shape.rows, n_y);
        std::vector<std::uint8_t> any(n_y); // most rows have none
        for (std::size_t cell = 0; cell < enclosed.size(); ++cell) {
            any[cell % n_y] |= enclosed[cell];
        }
        for (std::size_t row = 0; row < shape.rows; ++row) {
            const std::size_t iy = n_y - 1 - down[row];
            if (any[iy] == 0) {
                continue;
            }
            for (std::size_t col = 0; col < shape.cols; ++col) {
                if (enclosed[along[col] * n_y + iy] != 0) {
                    (*own_)[row * shape.cols + col] = hole;
                }
            }
        }
    }
    /// Bins that are this picture's alone, in the memory of those before.
    std::vector<std::int32_t>& own_bins() {
        bins_.reset();
        if (own_ == nullptr || own_.use_count() > 1) { // else a copy of this has them too
            own_ = std::make_shared<std::vector<std::int32_t>>();
        }
        bins_ = own_;
        return *own_;
    }
    void fill_solid(const bgra_view& out) const {
        const std::size_t bytes = static_cast<std::size_t>(picture_.width()) * sizeof(std::uint32_t);
        std::size_t run = 0;
        for (std::size_t row = 0; row < row_end_.size(); ++row) {
            std::uint32_t* pixels = out.row(picture_.top + static_cast<int>(row)) + picture_.left;
            if (run == row_end_[row]) {
                std::memcpy(pixels, pixels - out.stride, bytes);
                continue;
            }
            for (; run < row_end_[row]; ++run) {
                pixels = std::fill_n(pixels, runs_[run].pixels, solid_[static_cast<std::size_t>(runs_[run].bin + 2)]);
            }
        }
    }
    struct bin_run {
        std::int32_t bin;
        std::int32_t pixels;
    };
    std::shared_ptr<const std::vector<std::int32_t>> given_; // held, so that no other image takes its address
    std::shared_ptr<const std::vector<std::int32_t>> bins_;  // the same, or own_: a part, or with holes marked
    std::shared_ptr<std::vector<std::int32_t>> own_;
    pixel_rect picture_;
    field_extent whole_;
    std::size_t bin_count_ = 0;
    std::vector<bin_run> runs_;        // of the rows that differ from the one above
    std::vector<std::size_t> row_end_; // where each row's runs end
    std::vector<rgba8> colors_;        // first those of holes and of the outside
    std::vector<std::uint32_t> solid_;
};

/// The bin with the largest value; nothing where no value is finite. Cost: a pass.
inline std::optional<std::size_t> largest(values_view values) {
    return values.visit([](auto span) {
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < span.size(); ++i) {
            if (span[i] - span[i] == 0 && (!best || span[i] > span[*best])) {
                best = i;
            }
        }
        return best;
    });
}

/// Whether there are values below vmin, and above vmax. Cost: a pass.
struct clipped_limits {
    bool low = false;
    bool high = false;
    friend bool operator==(const clipped_limits&, const clipped_limits&) = default;
};
inline clipped_limits clipped(values_view values, const value_range& range) {
    return values.visit([&](auto span) {
        clipped_limits out;
        for (const auto value : span) {
            out.low = out.low || static_cast<double>(value) < range.vmin;
            out.high = out.high || static_cast<double>(value) > range.vmax;
        }
        return out;
    });
}

} // namespace fieldreel::inline v0

#endif
