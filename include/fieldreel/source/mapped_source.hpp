// SPDX-License-Identifier: MIT
// Frames in a file: raw numbers or .npy, mapped into memory or read piecewise. Opening costs the same for any length.
#ifndef FIELDREEL_SOURCE_MAPPED_SOURCE_HPP
#define FIELDREEL_SOURCE_MAPPED_SOURCE_HPP

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/file.hpp>
#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/source/npy.hpp>

namespace fieldreel::inline v0 {

/// How a file of frames is opened.
struct open_options {
    fieldreel::access access = fieldreel::access::automatic;
};

/// What a raw file does not say of itself. Required: frame_count and frame_size.
struct raw_layout {
    std::size_t frame_count = 0;
    std::size_t frame_size = 0;     ///< values per frame
    std::uint64_t offset_bytes = 0; ///< bytes before the first value
    fieldreel::access access = fieldreel::access::automatic;
};

/// Frames of T that lie one after the other in a file. Made by open_raw and open_npy.
///
/// Mapped, a cursor's frame is a view of the file: no copy, and the memory belongs to the kernel. Each frame checks
/// once that the file has not become shorter (see fieldreel::access for what no check can catch).
template <field_value T>
class mapped_source {
public:
    using value_type = T;
    static constexpr bool concurrent_read = true;

    /// Errors: file_error when the file is shorter than the frames; invalid_value for no frames or empty frames.
    mapped_source(std::shared_ptr<const read_only_file> file, std::uint64_t offset_bytes, std::size_t frame_count,
                  std::size_t frame_size, std::optional<fieldreel::image_shape> frame_shape = {})
        : file_(std::move(file)),
          offset_(offset_bytes),
          frame_count_(frame_count),
          frame_size_(frame_size),
          frame_shape_(frame_shape) {
        if (frame_count == 0 || frame_size == 0) {
            throw invalid_value(frame_count == 0 ? "frame_count" : "frame_size",
                                detail::text(path(), " has ", frame_count, " frames of ", frame_size,
                                             " values; a recording needs at least one frame of at least one value; "
                                             "check the file and its shape"));
        }
        const std::uint64_t room = file_->size() < offset_bytes ? 0 : (file_->size() - offset_bytes) / sizeof(T);
        if (room / frame_size < frame_count) {
            throw file_error(path(), detail::text(path(), " is too short: ", frame_count, " frames of ", frame_size,
                                                  " ", name_of(dtype_of<T>()), " values were asked for and it holds ",
                                                  room / frame_size, " after byte ", offset_bytes,
                                                  "; check frame_count, frame_size and offset_bytes"));
        }
        if (file_->data() != nullptr &&
            reinterpret_cast<std::uintptr_t>(file_->data() + offset_bytes) % alignof(T) == 0) {
            data_ = reinterpret_cast<const T*>(file_->data() + offset_bytes);
        }
    }

    std::size_t frame_count() const noexcept { return frame_count_; }
    std::size_t frame_size() const noexcept { return frame_size_; }
    /// Rows and columns of a frame, where the file states them (a three-dimensional .npy).
    std::optional<fieldreel::image_shape> frame_shape() const noexcept { return frame_shape_; }
    const std::string& path() const noexcept { return file_->path(); }
    /// True when frames are views of the file, false when they are read into a buffer.
    bool mapped() const noexcept { return data_ != nullptr; }

    /// Errors: frame_out_of_range; file_error when the file has become shorter. Cost: a copy of the bytes.
    void read(std::size_t first, std::span<T> out) const {
        detail::check_read(*this, first, out.size());
        file_->read(offset_ + std::uint64_t{first} * frame_size_ * sizeof(T), out.data(), out.size_bytes());
    }

    class cursor_type {
    public:
        using value_type = T;
        explicit cursor_type(mapped_source source) : source_(std::move(source)), reading_(source_) {}

        std::span<const T> frame(std::size_t i) {
            if (!source_.mapped()) {
                return reading_.frame(i);
            }
            detail::check_frame(source_, i);
            source_.file_->check_size();
            return {source_.data_ + i * source_.frame_size_, source_.frame_size_};
        }
        /// Mapped frames count as resident: whether the kernel holds their pages is not asked.
        std::optional<std::span<const T>> try_frame(std::size_t i) {
            return source_.mapped() ? std::optional(frame(i)) : reading_.try_frame(i);
        }
        std::optional<resident_frame<T>> nearest(std::size_t i) {
            return source_.mapped() ? std::optional(resident_frame<T>{i, frame(i)}) : reading_.nearest(i);
        }
        shared_frame<T> share(std::size_t i) {
            return source_.mapped() ? shared_frame<T>{source_.file_, frame(i)} : reading_.share(i);
        }
        void hint(const motion&) noexcept {}

    private:
        /// buffered_cursor reads through the source; a mapped source needs no buffer, so it is made at the first frame
        /// that does.
        class lazy_buffer {
        public:
            explicit lazy_buffer(const mapped_source& source) : source_(source) {}
            std::span<const T> frame(std::size_t i) { return get().frame(i); }
            std::optional<std::span<const T>> try_frame(std::size_t i) { return get().try_frame(i); }
            std::optional<resident_frame<T>> nearest(std::size_t i) { return get().nearest(i); }
            shared_frame<T> share(std::size_t i) { return get().share(i); }

        private:
            buffered_cursor<mapped_source>& get() {
                if (!cursor_) {
                    cursor_.emplace(source_);
                }
                return *cursor_;
            }
            mapped_source source_;
            std::optional<buffered_cursor<mapped_source>> cursor_;
        };
        mapped_source source_;
        lazy_buffer reading_;
    };
    cursor_type cursor() const { return cursor_type(*this); }

private:
    std::shared_ptr<const read_only_file> file_;
    const T* data_ = nullptr;
    std::uint64_t offset_ = 0;
    std::size_t frame_count_ = 0;
    std::size_t frame_size_ = 0;
    std::optional<fieldreel::image_shape> frame_shape_;
};

namespace detail {

/// The frames of an opened .npy file: the first axis counts frames, the rest is one frame.
template <field_value T>
mapped_source<T> npy_frames(std::shared_ptr<const read_only_file> file, const npy_header& header) {
    if (header.shape.empty() || header.shape.size() > 3) {
        throw file_error(file->path(),
                         text(file->path(), " has the shape ", shape_text(header.shape),
                              "; allowed are (frames), (frames, bins) and (frames, rows, columns); use numpy.reshape"));
    }
    std::size_t frame_size = 1;
    for (std::size_t k = 1; k < header.shape.size(); ++k) {
        frame_size *= header.shape[k];
    }
    std::optional<image_shape> frame_shape;
    if (header.shape.size() == 3) {
        frame_shape = image_shape{header.shape[1], header.shape[2]};
    }
    return mapped_source<T>(std::move(file), header.data_offset, header.shape[0], frame_size, frame_shape);
}

} // namespace detail

/// Opens raw numbers: `frame_count` frames of `frame_size` little-endian values of T from `offset_bytes` on.
/// Errors: file_error, invalid_value. Cost: O(1) in the length.
template <field_value T>
mapped_source<T> open_raw(const std::string& path, const raw_layout& layout) {
    return mapped_source<T>(std::make_shared<const read_only_file>(path, layout.access), layout.offset_bytes,
                            layout.frame_count, layout.frame_size);
}

/// Opens a .npy file whose values are of type T; shape (frames), (frames, bins) or (frames, rows, columns).
/// Errors: file_error as read_npy_header, and when the type is another. Cost: O(1) in the length.
template <field_value T>
mapped_source<T> open_npy(const std::string& path, const open_options& options = {}) {
    auto file = std::make_shared<const read_only_file>(path, options.access);
    const npy_header header = read_npy_header(*file);
    if (header.type != dtype_of<T>()) {
        throw file_error(
            path, detail::text(path, " holds ", name_of(header.type), " and ", name_of(dtype_of<T>()),
                               " was asked for; open it without a type (open_npy(path)) or convert it with a.astype('",
                               name_of(dtype_of<T>()), "')"));
    }
    return detail::npy_frames<T>(std::move(file), header);
}

} // namespace fieldreel::inline v0

#endif
