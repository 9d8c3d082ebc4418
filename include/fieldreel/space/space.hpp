// SPDX-License-Identifier: MIT
// What an environment cut into bins must offer, and the handle that scenes and moments hold one by.
#ifndef FIELDREEL_SPACE_SPACE_HPP
#define FIELDREEL_SPACE_SPACE_HPP

#include <algorithm>
#include <cassert>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// An environment cut into bins, numbered 0 to bin_count() - 1: value b of a field belongs to bin b. These four members
/// are all that painting, probing and place fields need.
///
/// `bin_at(x, y)` is the bin at a place, or nothing: outside, between bins, or a NaN. Its type is exactly
/// std::optional<std::size_t>, so that a -1 cannot slip through as a bin. What the compiler cannot check: copying is
/// cheap and shares what is behind (a handle); the answers never change; threads may ask at the same time; every bin
/// bin_at gives is below bin_count(); bounds() encloses all bins. Units: the session's own, y up.
template <class S>
concept space = std::copyable<S> && requires(const S& bins, double x, double y, std::size_t bin) {
    { bins.bin_count() } -> std::convertible_to<std::size_t>;
    { bins.bin_at(x, y) } -> std::same_as<std::optional<std::size_t>>;
    { bins.bounds() } -> std::convertible_to<box_xy>;
    { bins.center(bin) } -> std::convertible_to<point_xy>;
};

/// A bin next to another, and how far apart their centres are.
struct neighbour {
    std::size_t bin = 0;
    double distance = 0;
    friend bool operator==(const neighbour&, const neighbour&) = default;
};

/// A space whose bins know their neighbours, areas and outlines (a polygon, counter-clockwise, not closed): what
/// smoothing and drawing outlines need. What the compiler cannot check: a is b's neighbour as b is a's, equally far.
template <class S>
concept shaped_space = space<S> && requires(const S& bins, std::size_t bin) {
    { bins.neighbours(bin) } -> std::convertible_to<std::span<const neighbour>>;
    { bins.volume(bin) } -> std::convertible_to<double>;
    { bins.shape_of(bin) } -> std::convertible_to<std::span<const point_xy>>;
};

/// A space that says itself how it lies on the display: pixels of display_shape(), whose centres are whole (row, col).
/// Other spaces are shown by their bounds. What the compiler cannot check: from_display undoes to_display.
template <class S>
concept displayed_space = space<S> && requires(const S& bins, point_xy at, double row, double col) {
    { bins.to_display(at) } -> std::convertible_to<point_rc>;
    { bins.from_display(row, col) } -> std::convertible_to<point_xy>;
    { bins.display_shape() } -> std::convertible_to<image_shape>;
};

class grid;

namespace detail {

inline constexpr std::size_t most_cells = 100'000'000;

/// Six digits, for extents and other measured numbers in sentences.
inline std::string rounded(double value) {
    char buffer[64];
    if (std::isnan(value)) {
        return "nan";
    }
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, 6).ptr};
}

/// Refuses a table that is not (n, 2); returns n.
template <number_table Positions>
std::size_t check_positions(const Positions& positions) {
    const auto columns = static_cast<std::size_t>(positions.shape(1));
    if (columns != 2) {
        throw data_error(text("positions has ", columns,
                              " columns; it must have 2, x and y; pass one row per sample and these two columns only"));
    }
    return static_cast<std::size_t>(positions.shape(0));
}

/// The display of a space that only knows its bounds: square pixels, 512 on the longer side, centred on the bounds.
class bounds_display {
public:
    explicit bounds_display(const box_xy& bounds) {
        const double width = bounds.high.x - bounds.low.x;
        const double height = bounds.high.y - bounds.low.y;
        if (!(width >= 0 && height >= 0 && std::isfinite(width) && std::isfinite(height))) {
            throw invalid_value("bounds",
                                text("the bounds of a space are (", rounded(bounds.low.x), ", ", rounded(bounds.low.y),
                                     ") to (", rounded(bounds.high.x), ", ", rounded(bounds.high.y),
                                     "); they must be finite, low before high; correct its bounds()"));
        }
        constexpr double longer_side = 512;
        const double longer = (std::max)(width, height);
        pixel_ = longer > 0 ? longer / longer_side : 1;
        const auto pixels = [&](double extent) {
            return static_cast<std::size_t>((std::max)(1.0, std::ceil(extent / pixel_ - 1e-9)));
        };
        shape_ = {pixels(height), pixels(width)};
        center_ = {bounds.low.x + width / 2, bounds.low.y + height / 2};
        middle_ = {(static_cast<double>(shape_.rows) - 1) / 2, (static_cast<double>(shape_.cols) - 1) / 2};
    }
    point_rc to_display(point_xy at) const noexcept {
        return {middle_.row - (at.y - center_.y) / pixel_, middle_.col + (at.x - center_.x) / pixel_};
    }
    point_xy from_display(double row, double col) const noexcept {
        return {center_.x + (col - middle_.col) * pixel_, center_.y + (middle_.row - row) * pixel_};
    }
    image_shape display_shape() const noexcept { return shape_; }

private:
    double pixel_ = 1;
    image_shape shape_;
    point_xy center_;
    point_rc middle_;
};

/// The virtual calls behind any_space, and its index images.
class space_model {
public:
    using index_pointer = std::shared_ptr<const std::vector<std::int32_t>>;

    space_model() = default;
    space_model(const space_model&) = delete;
    space_model& operator=(const space_model&) = delete;
    virtual ~space_model() = default;
    virtual std::size_t bin_count() const = 0;
    virtual std::optional<std::size_t> bin_at(double x, double y) const = 0;
    virtual box_xy bounds() const = 0;
    virtual point_xy center(std::size_t bin) const = 0;
    virtual point_rc to_display(point_xy at) const = 0;
    virtual point_xy from_display(double row, double col) const = 0;
    virtual image_shape display_shape() const = 0;
    virtual const grid* as_grid() const noexcept = 0;
    /// The space itself when it is of this type, else null.
    virtual const void* held(const std::type_info& type) const noexcept = 0;

    index_pointer index_image(image_shape shape) const {
        if (shape.cols != 0 && shape.rows > most_cells / shape.cols) {
            throw invalid_value("shape", text("an index image of ", shape.rows, " rows x ", shape.cols,
                                              " columns was asked for; at most ", most_cells,
                                              " pixels are allowed; draw smaller and enlarge the picture"));
        }
        const std::lock_guard lock(mutex_);
        for (const auto& [size, image] : images_) {
            if (size == shape) {
                return image;
            }
        }
        auto made = std::make_shared<std::vector<std::int32_t>>(shape.rows * shape.cols);
        fill_index_image(shape, made->data());
        if (images_.size() == most_images) {
            images_.erase(images_.begin());
        }
        images_.emplace_back(shape, std::move(made));
        return images_.back().second;
    }

protected:
    virtual void fill_index_image(image_shape shape, std::int32_t* out) const = 0;

private:
    // A window that is being resized asks for many sizes: only the last few are kept.
    static constexpr std::size_t most_images = 8;
    mutable std::mutex mutex_;
    mutable std::vector<std::pair<image_shape, index_pointer>> images_;
};

template <space S>
class space_model_of final : public space_model {
public:
    explicit space_model_of(S bins) : bins_(std::move(bins)), display_(display_of(bins_)) {
        constexpr auto most = static_cast<std::size_t>((std::numeric_limits<std::int32_t>::max)());
        if (bin_count() > most) {
            throw invalid_value("bin_count", text("a space has ", bin_count(), " bins; at most ", most,
                                                  " can be shown; use larger bins"));
        }
    }
    std::size_t bin_count() const override { return bins_.bin_count(); }
    std::optional<std::size_t> bin_at(double x, double y) const override { return bins_.bin_at(x, y); }
    box_xy bounds() const override { return bins_.bounds(); }
    point_xy center(std::size_t bin) const override { return bins_.center(bin); }
    point_rc to_display(point_xy at) const override { return display().to_display(at); }
    point_xy from_display(double row, double col) const override { return display().from_display(row, col); }
    image_shape display_shape() const override { return display().display_shape(); }
    const grid* as_grid() const noexcept override {
        if constexpr (std::same_as<S, grid>) {
            return &bins_;
        } else {
            return nullptr;
        }
    }
    const void* held(const std::type_info& type) const noexcept override {
        return type == typeid(S) ? &bins_ : nullptr;
    }

protected:
    void fill_index_image(image_shape shape, std::int32_t* out) const override {
        const image_shape whole = display_shape();
        const std::size_t count = bin_count();
        const double row_step = static_cast<double>(whole.rows) / static_cast<double>(shape.rows);
        const double col_step = static_cast<double>(whole.cols) / static_cast<double>(shape.cols);
        for (std::size_t row = 0; row < shape.rows; ++row) {
            const double display_row = (static_cast<double>(row) + 0.5) * row_step - 0.5;
            for (std::size_t col = 0; col < shape.cols; ++col) {
                const double display_col = (static_cast<double>(col) + 0.5) * col_step - 0.5;
                const point_xy at = display().from_display(display_row, display_col);
                const std::optional<std::size_t> bin = bins_.bin_at(at.x, at.y);
                if (bin && *bin >= count) {
                    throw_no_such_bin(at, *bin, count);
                }
                *out++ = bin ? static_cast<std::int32_t>(*bin) : -1;
            }
        }
    }

private:
    struct none {};
    using display_type = std::conditional_t<displayed_space<S>, none, bounds_display>;

    static display_type display_of(const S& bins) {
        if constexpr (displayed_space<S>) {
            return {};
        } else {
            return bounds_display(bins.bounds());
        }
    }
    const auto& display() const noexcept {
        if constexpr (displayed_space<S>) {
            return bins_;
        } else {
            return display_;
        }
    }
    [[noreturn]] static void throw_no_such_bin(point_xy at, std::size_t bin, std::size_t count) {
        throw invalid_value("bin_at", text("bin_at(", at.x, ", ", at.y, ") gave bin ", bin, " of a space of ", count,
                                           " bins; correct the space: bins are 0 to bin_count() - 1"));
    }

    S bins_;
    display_type display_;
};

} // namespace detail

/// Any space behind one type: what scenes, moments and viewers hold. A default-constructed handle holds none and tests
/// false; nothing else may be asked of it.
/// Cost: copying is O(1) and shares the space; each member is one virtual call.
class any_space {
public:
    any_space() = default;
    /// Errors: invalid_value for bounds that are not finite, or more bins than an int32 counts.
    template <class S>
    requires(!std::same_as<S, any_space> && space<S>) any_space(S bins)
        : model_(std::make_shared<const detail::space_model_of<S>>(std::move(bins))) {}

    explicit operator bool() const noexcept { return model_ != nullptr; }

    std::size_t bin_count() const { return model().bin_count(); }
    std::optional<std::size_t> bin_at(double x, double y) const { return model().bin_at(x, y); }
    box_xy bounds() const { return model().bounds(); }
    point_xy center(std::size_t bin) const { return model().center(bin); }

    /// Where a place is on the display. Row 0 is at the largest y; on a grid, bin centres are whole numbers.
    point_rc to_display(point_xy at) const { return model().to_display(at); }
    point_xy from_display(double row, double col) const { return model().from_display(row, col); }
    /// The natural size on the display. Shape: n_y rows x n_x columns for a grid; for a space known by its bounds
    /// alone, square pixels, 512 on the longer side.
    image_shape display_shape() const { return model().display_shape(); }
    /// The grid behind, for loops that go faster over rows and columns; null for any other space. Valid as long as a
    /// copy of this handle lives.
    const grid* as_grid() const noexcept { return model().as_grid(); }

    /// The space behind when it is an S, else null: for what only that kind of space knows, as a track its linear axis.
    /// Valid as long as a copy of this handle lives.
    template <space S>
    const S* as() const noexcept {
        return static_cast<const S*>(model().held(typeid(S)));
    }

    /// Which bin each pixel shows, or -1: what painting and probing look up. Any size covers the whole display.
    /// Shape: rows x cols, row 0 at the largest y. Errors: invalid_value above 100 million pixels.
    /// Cost: one bin_at per pixel the first time, then kept for the last 8 sizes; threads may ask at once.
    std::shared_ptr<const std::vector<std::int32_t>> index_image(image_shape shape) const {
        return model().index_image(shape);
    }
    auto index_image() const { return index_image(display_shape()); }

private:
    const detail::space_model& model() const noexcept {
        assert(model_ && "this any_space holds no space");
        return *model_;
    }
    std::shared_ptr<const detail::space_model> model_;
};

} // namespace fieldreel::inline v0

#endif
