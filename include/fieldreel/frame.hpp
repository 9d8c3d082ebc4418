// SPDX-License-Identifier: MIT
// The words every other header uses: points, ranges, value types, views of a frame, pictures, motion.
#ifndef FIELDREEL_FRAME_HPP
#define FIELDREEL_FRAME_HPP

#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace fieldreel::inline v0 {

/// A place in the environment. Units: the session's own (usually cm), y up.
struct point_xy {
    double x = 0;
    double y = 0;
    friend bool operator==(const point_xy&, const point_xy&) = default;
};

/// A place on the display. Units: pixels of the field's grid, row 0 at the largest y; bin centres are whole numbers.
struct point_rc {
    double row = 0;
    double col = 0;
    friend bool operator==(const point_rc&, const point_rc&) = default;
};

/// An axis-aligned box in the environment.
struct box_xy {
    point_xy low;
    point_xy high;
    friend bool operator==(const box_xy&, const box_xy&) = default;
};

/// Frames [first, last): `last` is one past the end, and "unset" means up to the end.
struct frame_range {
    static constexpr std::size_t unset = static_cast<std::size_t>(-1);
    std::size_t first = 0;
    std::size_t last = unset;
    friend bool operator==(const frame_range&, const frame_range&) = default;
};

/// Times [start_s, stop_s]. Units: seconds.
struct time_range {
    double start_s = 0;
    double stop_s = 0;
    friend bool operator==(const time_range&, const time_range&) = default;
};

/// What a consumer does at the end of its range.
enum class play_mode : std::uint8_t { once, loop, ping_pong, scrub };

/// Where a consumer of a source is going; what prefetch and the eviction policy `playhead` follow.
struct motion {
    std::size_t frame = 0;   ///< where it is
    double frames_per_s = 0; ///< how fast, in frames of this source; negative = backwards, 0 = standing
    play_mode mode = play_mode::once;
    frame_range region = {}; ///< the loop or in/out range
};

/// 8 bits per channel, not premultiplied.
struct rgba8 {
    std::uint8_t r = 0;
    std::uint8_t g = 0;
    std::uint8_t b = 0;
    std::uint8_t a = 0;
    friend constexpr bool operator==(const rgba8&, const rgba8&) = default;
};

/// Rows and columns of a picture.
struct image_shape {
    std::size_t rows = 0;
    std::size_t cols = 0;
    friend bool operator==(const image_shape&, const image_shape&) = default;
};

/// Somebody else's pixels, writable. Shape: rows x cols, row 0 on top; `stride` pixels from row to row.
struct image_view {
    rgba8* pixels = nullptr;
    image_shape shape = {};
    std::size_t stride = 0;
    rgba8& at(std::size_t row, std::size_t col) const noexcept {
        assert(row < shape.rows && col < shape.cols);
        return pixels[row * stride + col];
    }
};

/// Pixels of its own; `resize` keeps the memory, so that drawing again allocates nothing.
class image {
public:
    image() = default;
    explicit image(image_shape shape) { resize(shape); }
    void resize(image_shape shape) {
        pixels_.resize(shape.rows * shape.cols);
        shape_ = shape;
    }
    image_shape shape() const noexcept { return shape_; }
    image_view view() noexcept { return {pixels_.data(), shape_, shape_.cols}; }
    std::span<const rgba8> pixels() const noexcept { return pixels_; }
    const rgba8& at(std::size_t row, std::size_t col) const noexcept {
        assert(row < shape_.rows && col < shape_.cols);
        return pixels_[row * shape_.cols + col];
    }

private:
    std::vector<rgba8> pixels_;
    image_shape shape_;
};

/// The number types a field can have.
enum class dtype : std::uint8_t { i8, u8, i16, u16, i32, u32, i64, u64, f32, f64 };

template <class T>
concept field_value = std::same_as<T, std::int8_t> || std::same_as<T, std::uint8_t> || std::same_as<T, std::int16_t> ||
    std::same_as<T, std::uint16_t> || std::same_as<T, std::int32_t> || std::same_as<T, std::uint32_t> ||
    std::same_as<T, std::int64_t> || std::same_as<T, std::uint64_t> || std::same_as<T, float> ||
    std::same_as<T, double>;

/// A list of numbers: std::vector<double>, std::span, a one-dimensional xtensor, sample_times. Nothing is copied to use
/// one.
template <class A>
concept number_list = requires(const A& numbers, std::size_t i) {
    { numbers.size() } -> std::convertible_to<std::size_t>;
    { numbers[i] } -> std::convertible_to<double>;
};

/// A table of numbers, rows x columns, e.g. positions (n, 2): a two-dimensional xtensor, xt::adapt, samples.
template <class A>
concept number_table = requires(const A& numbers, std::size_t i) {
    { numbers.shape(i) } -> std::convertible_to<std::size_t>;
    { numbers(i, i) } -> std::convertible_to<double>;
};

/// Calls `f(std::type_identity<T>{})` with the C++ type of a dtype.
template <class F>
constexpr decltype(auto) visit_dtype(dtype type, F&& f) {
    switch (type) {
    case dtype::i8: return f(std::type_identity<std::int8_t>{});
    case dtype::u8: return f(std::type_identity<std::uint8_t>{});
    case dtype::i16: return f(std::type_identity<std::int16_t>{});
    case dtype::u16: return f(std::type_identity<std::uint16_t>{});
    case dtype::i32: return f(std::type_identity<std::int32_t>{});
    case dtype::u32: return f(std::type_identity<std::uint32_t>{});
    case dtype::i64: return f(std::type_identity<std::int64_t>{});
    case dtype::u64: return f(std::type_identity<std::uint64_t>{});
    case dtype::f32: return f(std::type_identity<float>{});
    case dtype::f64: break;
    }
    return f(std::type_identity<double>{});
}

template <field_value T>
constexpr dtype dtype_of() {
    if constexpr (std::same_as<T, float>) {
        return dtype::f32;
    } else if constexpr (std::same_as<T, double>) {
        return dtype::f64;
    } else {
        constexpr unsigned size_step = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 2 : sizeof(T) == 4 ? 4 : 6;
        return static_cast<dtype>(size_step + (std::is_unsigned_v<T> ? 1 : 0));
    }
}

/// Bytes of one value.
constexpr std::size_t size_of(dtype type) {
    return visit_dtype(type, []<class T>(std::type_identity<T>) { return sizeof(T); });
}

/// NumPy's name: "float32".
constexpr std::string_view name_of(dtype type) {
    constexpr std::string_view names[] = {"int8",   "uint8", "int16",  "uint16",  "int32",
                                          "uint32", "int64", "uint64", "float32", "float64"};
    return names[static_cast<std::size_t>(type)];
}

/// Values of a type known at run time: one frame of an erased source, or a field of a scene. Owns nothing.
class values_view {
public:
    values_view() = default;
    values_view(dtype type, const void* data, std::size_t size) noexcept : data_(data), size_(size), type_(type) {}
    template <field_value T>
    values_view(std::span<const T> values) noexcept : values_view(dtype_of<T>(), values.data(), values.size()) {}

    dtype type() const noexcept { return type_; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    const void* data() const noexcept { return data_; }
    std::size_t bytes() const noexcept { return size_ * size_of(type_); }

    /// The values in their own type, which must be T.
    template <field_value T>
    std::span<const T> as() const noexcept {
        assert(type_ == dtype_of<T>());
        return {static_cast<const T*>(data_), size_};
    }
    /// Calls `f(std::span<const T>)`.
    template <class F>
    decltype(auto) visit(F&& f) const {
        return visit_dtype(type_, [&]<class T>(std::type_identity<T>) -> decltype(auto) { return f(as<T>()); });
    }
    /// One value as a double. For reading single values (a probe); use visit for loops.
    double operator[](std::size_t i) const {
        assert(i < size_);
        return visit([i](auto values) { return static_cast<double>(values[i]); });
    }

private:
    const void* data_ = nullptr;
    std::size_t size_ = 0;
    dtype type_ = dtype::f64;
};

} // namespace fieldreel::inline v0

#endif
