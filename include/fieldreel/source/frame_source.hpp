// SPDX-License-Identifier: MIT
// What a source of frames must offer, and the cursors through which frames are looked at.
#ifndef FIELDREEL_SOURCE_FRAME_SOURCE_HPP
#define FIELDREEL_SOURCE_FRAME_SOURCE_HPP

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// Random access to equally sized frames: write these three members and every adaptor, cache and program works with
/// yours.
///
/// `read(first, out)` fills `out` with whole frames from `first` on and throws when it cannot. What the compiler cannot
/// check: the same index gives the same values; copying is O(1) and shares what is behind (a handle); frame_count() and
/// frame_size() never change. `static constexpr bool concurrent_read = true` says that threads may read at once.
template <class S>
concept frame_source = requires(const S& source, std::size_t first, std::span<typename S::value_type> out) {
    { source.frame_count() } -> std::convertible_to<std::size_t>;
    { source.frame_size() } -> std::convertible_to<std::size_t>;
    source.read(first, out);
    requires std::copyable<S>;
};

/// A source whose frames lie in memory: `view(i)` is valid as long as a copy of the source lives.
template <class S>
concept contiguous_frame_source = frame_source<S> && requires(const S& source, std::size_t i) {
    { source.view(i) } -> std::convertible_to<std::span<const typename S::value_type>>;
};

/// A source that knows when its frames are valid: frame i from time_s(i) on, for duration_s(i). Units: seconds.
/// `frame_at(t)` is the frame valid at t, or nothing (before, after, in a gap).
template <class S>
concept timed_source = frame_source<S> && requires(const S& source, std::size_t i, double time_s) {
    { source.time_s(i) } -> std::convertible_to<double>;
    { source.duration_s(i) } -> std::convertible_to<double>;
    { source.frame_at(time_s) } -> std::convertible_to<std::optional<std::size_t>>;
};

/// A source whose frames are pictures: frame_size() == rows * cols, row 0 on top.
template <class S>
concept image_source = frame_source<S> && requires(const S& source) {
    { source.image_shape() } -> std::convertible_to<image_shape>;
};

/// True when threads may call `read` of one source at the same time.
template <frame_source S>
inline constexpr bool concurrent_read = [] {
    if constexpr (requires { S::concurrent_read; }) {
        return static_cast<bool>(S::concurrent_read);
    } else {
        return false;
    }
}();
/// As concurrent_read, of this very source: an erased one, and what lies above it, knows it only at run time and says
/// it by `bool concurrent() const`.
template <frame_source S>
bool reads_at_once(const S& source) {
    if constexpr (requires { source.concurrent(); }) {
        return source.concurrent();
    } else {
        return concurrent_read<S>;
    }
}

/// A frame that is in memory now, and which one it is.
template <class T>
struct resident_frame {
    std::size_t index = 0;
    std::span<const T> values;
};

/// A frame that stays valid as long as a copy of this lives, whatever its cursor does next.
template <class T>
struct shared_frame {
    std::shared_ptr<const void> owner;
    std::span<const T> values;
};

/// One consumer's place in a source. What the compiler cannot check: spans stay valid until the cursor is next asked or
/// dies; `try_frame` and `nearest` never start a read nor wait for one; one thread uses a cursor at a time.
template <class C>
concept frame_cursor = requires(C& cursor, std::size_t i, const motion& going) {
    { cursor.frame(i) } -> std::convertible_to<std::span<const typename C::value_type>>;
    { cursor.try_frame(i) } -> std::convertible_to<std::optional<std::span<const typename C::value_type>>>;
    { cursor.nearest(i) } -> std::convertible_to<std::optional<resident_frame<typename C::value_type>>>;
    { cursor.share(i) } -> std::convertible_to<shared_frame<typename C::value_type>>;
    cursor.hint(going);
};

namespace detail {

/// Checks a bulk read once: whole frames, none past the end. Returns how many frames.
template <class S>
std::size_t check_read(const S& source, std::size_t first, std::size_t values) {
    const std::size_t size = source.frame_size();
    const std::size_t frames = size == 0 ? 0 : values / size;
    if (size == 0 || values % size != 0) {
        throw invalid_value("out",
                            text("read was given room for ", values, " values, which is no whole number of frames of ",
                                 size, " values; pass a span of frame_count * frame_size() values"));
    }
    const std::size_t count = source.frame_count();
    if (first > count || frames > count - first) {
        throw_frame_out_of_range(first > count ? first : first + frames - 1, count);
    }
    return frames;
}

template <class S>
void check_frame(const S& source, std::size_t i) {
    if (i >= source.frame_count()) {
        throw_frame_out_of_range(i, source.frame_count());
    }
}

/// Whether a source knows its frames' times. An erased one models timed_source always and says `timed()` at run time.
template <frame_source S>
bool knows_times(const S& source) {
    if constexpr (requires { source.timed(); }) {
        return source.timed();
    } else {
        return timed_source<S>;
    }
}

/// Rows and columns of a frame, where they are known: from the type (image_source) or only at run time (a file).
template <frame_source S>
std::optional<image_shape> frame_shape_of(const S& source) {
    if constexpr (image_source<S>) {
        return source.image_shape();
    } else if constexpr (requires { source.frame_shape(); }) {
        return source.frame_shape();
    } else {
        return std::nullopt;
    }
}

} // namespace detail

/// The cursor of a source that can only `read`: one buffer, filled when another frame is asked for.
/// Cost: a read per new frame, a comparison for the same one; one allocation at construction.
template <frame_source S>
class buffered_cursor {
public:
    using value_type = typename S::value_type;

    explicit buffered_cursor(S source) : source_(std::move(source)), buffer_(source_.frame_size()) {}

    std::span<const value_type> frame(std::size_t i) {
        if (held_ != i) {
            detail::check_frame(source_, i);
            held_.reset(); // a read that throws leaves no half-filled frame behind
            source_.read(i, std::span<value_type>(buffer_));
            held_ = i;
        }
        return buffer_;
    }
    std::optional<std::span<const value_type>> try_frame(std::size_t i) const {
        return held_ == i ? std::optional<std::span<const value_type>>(buffer_) : std::nullopt;
    }
    std::optional<resident_frame<value_type>> nearest(std::size_t) const {
        return held_ ? std::optional(resident_frame<value_type>{*held_, buffer_}) : std::nullopt;
    }
    shared_frame<value_type> share(std::size_t i) {
        const auto values = frame(i);
        auto copy = std::make_shared<std::vector<value_type>>(values.begin(), values.end());
        return {copy, *copy};
    }
    void hint(const motion&) noexcept {}

private:
    S source_;
    std::vector<value_type> buffer_;
    std::optional<std::size_t> held_;
};

/// The cursor of a source whose frames lie in memory. Cost: O(1), nothing is copied.
template <contiguous_frame_source S>
class view_cursor {
public:
    using value_type = typename S::value_type;

    explicit view_cursor(S source) : source_(std::move(source)) {}

    std::span<const value_type> frame(std::size_t i) const {
        detail::check_frame(source_, i);
        return source_.view(i);
    }
    std::optional<std::span<const value_type>> try_frame(std::size_t i) const { return frame(i); }
    std::optional<resident_frame<value_type>> nearest(std::size_t i) const {
        return resident_frame<value_type>{i, frame(i)};
    }
    shared_frame<value_type> share(std::size_t i) const { return {std::make_shared<const S>(source_), frame(i)}; }
    void hint(const motion&) const noexcept {}

private:
    S source_;
};

/// The cursor of a source: its own where it has one, a view where frames lie in memory, else a buffer.
template <frame_source S>
auto cursor_of(const S& source) {
    if constexpr (requires { source.cursor(); }) {
        return source.cursor();
    } else if constexpr (contiguous_frame_source<S>) {
        return view_cursor<S>(source);
    } else {
        return buffered_cursor<S>(source);
    }
}

template <frame_source S>
using cursor_t = decltype(cursor_of(std::declval<const S&>()));

/// Something that makes a source from a source, applied with `source | adaptor`. Made by slice(…), subsample(…),
/// cached(…) and so on. `Values` says whether it looks at the values: one that only picks, times or keeps whole frames
/// treats a frame as bytes, and is compiled once for all value types where the type is known only at run time.
template <class F, bool Values>
struct adaptor {
    F apply;
};
template <class F>
constexpr adaptor<F, true> value_adaptor(F apply) {
    return {std::move(apply)};
}
template <class F>
constexpr adaptor<F, false> frame_adaptor(F apply) {
    return {std::move(apply)};
}

template <frame_source S, class F, bool Values>
auto operator|(S source, const adaptor<F, Values>& next) {
    return next.apply(std::move(source));
}

} // namespace fieldreel::inline v0

#endif
