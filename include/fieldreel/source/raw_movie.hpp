// SPDX-License-Identifier: MIT
// Movies in files of bare numbers, as imaging programs leave them: what they do not say of themselves is stated.
#ifndef FIELDREEL_SOURCE_RAW_MOVIE_HPP
#define FIELDREEL_SOURCE_RAW_MOVIE_HPP

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/combine.hpp>
#include <fieldreel/source/file.hpp>
#include <fieldreel/source/mapped_source.hpp>

namespace fieldreel::inline v0 {

/// The number type of a NumPy name: "int16". Errors: invalid_value with all of them.
inline dtype dtype_named(std::string_view name) {
    std::vector<std::string_view> names;
    for (std::size_t k = 0; k <= static_cast<std::size_t>(dtype::f64); ++k) {
        names.push_back(name_of(static_cast<dtype>(k)));
        if (names.back() == name) {
            return static_cast<dtype>(k);
        }
    }
    throw invalid_value("dtype", detail::text("the number type '", name, "' was given; there are ", detail::join(names),
                                              "; did you mean '", detail::nearest_name(name, names), "'?"));
}

/// Required: frames and shape.
struct raw_movie_layout {
    dtype type = dtype::f32;
    std::size_t frames = 0;
    image_shape shape = {};
    bool rows_fastest = false;      ///< within a frame, as MATLAB and CaImAn ('F') store it; else columns are ('C')
    std::uint64_t offset_bytes = 0; ///< before the first number
    fieldreel::access access = fieldreel::access::automatic;
};

/// What the name of a CaImAn .mmap file says of it: "NAME_d1_60_d2_80_d3_1_order_F_frames_1000_.mmap" is 1000 frames of
/// 60 x 80 float32 values, rows fastest. Nothing for other names.
/// Errors: file_error for order C, which is pixel after pixel, and for volumes.
inline std::optional<raw_movie_layout> caiman_layout(std::string_view name) {
    const std::string_view stem = name.substr(0, name.rfind('.'));
    const auto after = [&](std::string_view word) {
        const std::size_t at = stem.rfind(word);
        const std::size_t from = at == std::string_view::npos ? stem.size() : at + word.size();
        return stem.substr(from, stem.find('_', from) - from);
    };
    const auto number = [&](std::string_view word) {
        const std::string_view digits = after(word);
        std::size_t out = 0;
        return std::from_chars(digits.data(), digits.data() + digits.size(), out).ptr == digits.data() + digits.size()
                   ? out
                   : std::size_t{0};
    };
    const raw_movie_layout out{.type = dtype::f32,
                               .frames = number("_frames_"),
                               .shape = {number("_d1_"), number("_d2_")},
                               .rows_fastest = true};
    const std::string_view order = after("_order_");
    if (out.frames == 0 || out.shape.rows == 0 || out.shape.cols == 0 || (order != "C" && order != "F")) {
        return std::nullopt;
    }
    if (number("_d3_") > 1) {
        throw file_error(std::string(name), detail::text(name, " holds volumes of ", number("_d3_"),
                                                         " planes by its name; save one plane of it"));
    }
    if (order == "C") {
        throw file_error(std::string(name),
                         detail::text(name, " is stored pixel after pixel by its name (order C), so that a frame is "
                                            "scattered over the whole file; save it frame after frame in CaImAn: "
                                            "caiman.save_memmap([...], order='F')"));
    }
    return out;
}

namespace detail {

/// The same frames, whose pictures have a shape.
template <frame_source Base>
class shaped_frames {
public:
    using value_type = typename Base::value_type;
    static constexpr bool concurrent_read = fieldreel::concurrent_read<Base>;
    shaped_frames(Base base, fieldreel::image_shape shape) : base_(std::move(base)), shape_(shape) {}
    std::size_t frame_count() const { return base_.frame_count(); }
    std::size_t frame_size() const { return base_.frame_size(); }
    fieldreel::image_shape image_shape() const { return shape_; }
    void read(std::size_t first, std::span<value_type> out) const { base_.read(first, out); }
    auto cursor() const { return cursor_of(base_); }

private:
    Base base_;
    fieldreel::image_shape shape_;
};

} // namespace detail

/// Opens a movie of bare little-endian numbers, frame after frame. Errors: invalid_value for an empty layout or one
/// that no file can hold, file_error when the file is shorter than it says. Cost: O(1) in the length; frames whose rows
/// are fastest are turned one by one when they are read, others are views of the file.
inline any_source open_raw_movie(const std::string& path, const raw_movie_layout& layout) {
    const std::size_t rows = layout.shape.rows;
    const std::size_t cols = layout.shape.cols;
    constexpr std::uint64_t most = std::uint64_t{1} << 62;
    if (layout.frames == 0 || rows == 0 || cols == 0 || rows > most / cols ||
        layout.frames > most / 8 / (std::uint64_t{rows} * cols)) {
        throw invalid_value("shape",
                            detail::text(path, ": a movie of ", layout.frames, " frames of ", rows, " x ", cols,
                                         " was stated; each must be at least 1, and all of it less than "
                                         "a file can hold"));
    }
    return visit_dtype(layout.type, [&]<class T>(std::type_identity<T>) {
        const auto file = std::make_shared<const read_only_file>(path, layout.access);
        const std::uint64_t each = std::uint64_t{rows} * cols * sizeof(T);
        const std::uint64_t room = file->size() - (std::min)(file->size(), layout.offset_bytes);
        if (room / each < layout.frames) {
            throw file_error(path,
                             detail::text(path, " is too short: ", layout.frames, " frames of ", rows, " x ", cols, " ",
                                          name_of(layout.type), " values were stated, and it holds ", room / each,
                                          " of them; check the shape, the number type and the "
                                          "offset"));
        }
        const mapped_source<T> frames(file, layout.offset_bytes, layout.frames, rows * cols, layout.shape);
        if (!layout.rows_fastest) {
            return any_source(frames);
        }
        std::vector<std::size_t> places(rows * cols);
        for (std::size_t row = 0; row < rows; ++row) {
            for (std::size_t col = 0; col < cols; ++col) {
                places[row * cols + col] = col * rows + row;
            }
        }
        auto turned = frames | columns(std::move(places));
        return any_source(detail::shaped_frames<decltype(turned)>(std::move(turned), layout.shape));
    });
}

} // namespace fieldreel::inline v0

#endif
