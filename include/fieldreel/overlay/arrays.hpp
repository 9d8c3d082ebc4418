// SPDX-License-Identifier: MIT
// The overlays of a whole recording as arrays, for hosts that want all frames at once. Needs xtensor.
#ifndef FIELDREEL_OVERLAY_ARRAYS_HPP
#define FIELDREEL_OVERLAY_ARRAYS_HPP

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xtensor.hpp>
#endif

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/pose.hpp>
#include <fieldreel/overlay/skeleton.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

/// How places come to (row, col): row = row0 + (y - y0) row_per_y, col = col0 + (x - x0) col_per_x.
struct display_map {
    double row0 = 0;
    double y0 = 0;
    double row_per_y = 1;
    double col0 = 0;
    double x0 = 0;
    double col_per_x = 1;

    point_rc operator()(point_xy at) const noexcept {
        return {row0 + (at.y - y0) * row_per_y, col0 + (at.x - x0) * col_per_x};
    }
    /// The display of a space: bin centres of a grid are whole numbers. Errors: invalid_value for a space that turns or
    /// bends on its display.
    static display_map of(const any_space& space) {
        const box_xy box = space.bounds();
        const double width = box.high.x > box.low.x ? box.high.x - box.low.x : 1;
        const double height = box.high.y > box.low.y ? box.high.y - box.low.y : 1;
        const point_rc low = space.to_display(box.low);
        const point_rc high = space.to_display({box.low.x + width, box.low.y + height});
        const display_map out{low.row, box.low.y, (high.row - low.row) / height,
                              low.col, box.low.x, (high.col - low.col) / width};
        const point_xy inside{box.low.x + 0.25 * width, box.low.y + 0.625 * height};
        const point_rc asked = space.to_display(inside);
        const point_rc ours = out(inside);
        const double most = 1e-6 * (1 + std::abs(high.row - low.row) + std::abs(high.col - low.col));
        if (!(std::abs(asked.row - ours.row) <= most && std::abs(asked.col - ours.col) <= most)) {
            throw invalid_value("space", "the space turns or bends on its display; whole-range arrays need rows that "
                                         "follow y alone and columns that follow x alone; draw its overlays instead");
        }
        return out;
    }
};

namespace detail {

/// Memory for large arrays, in pages of 2 MiB where the system has them. Why: memory that is new to the process comes
/// page by page, and in pages of 4 KiB that takes longer than writing the whole array. At most one such page is wasted.
template <class T>
struct large_page_allocator {
    using value_type = T;
    static constexpr std::size_t page_bytes = std::size_t{2} << 20;
    static constexpr std::size_t least_bytes = page_bytes / 4; ///< smaller arrays are allocated as usual

    large_page_allocator() = default;
    template <class U>
    large_page_allocator(const large_page_allocator<U>&) noexcept {}
    T* allocate(std::size_t count) {
        if (count > static_cast<std::size_t>(-1) / 2 / sizeof(T)) {
            throw std::bad_array_new_length();
        }
        if (count * sizeof(T) < least_bytes) {
            return static_cast<T*>(::operator new(count * sizeof(T)));
        }
        const std::size_t bytes = (count * sizeof(T) + page_bytes - 1) / page_bytes * page_bytes;
        void* const out = ::operator new (bytes, std::align_val_t{page_bytes});
#if defined(__linux__) && defined(MADV_HUGEPAGE)
        ::madvise(out, bytes, MADV_HUGEPAGE); // a wish: nothing is lost where it is not granted
#endif
        return static_cast<T*>(out);
    }
    void deallocate(T* at, std::size_t count) noexcept {
        if (count * sizeof(T) < least_bytes) {
            ::operator delete(at);
        } else {
            ::operator delete (at, std::align_val_t{page_bytes});
        }
    }
    friend bool operator==(const large_page_allocator&, const large_page_allocator&) noexcept {
        return true;
    }
};

} // namespace detail

/// An xtensor whose memory comes in large pages. Assigning one to a plain xt::xtensor copies.
template <class T, std::size_t N>
using large_xtensor = xt::xtensor<T, N, XTENSOR_DEFAULT_LAYOUT, detail::large_page_allocator<T>>;

/// Rows of all frames, one frame after the other; those of frame f are offsets(f) to offsets(f + 1).
template <class T, std::size_t N>
struct frame_rows {
    large_xtensor<T, N> rows;
    large_xtensor<std::size_t, 1> offsets; ///< frame count + 1

    std::size_t frame_count() const noexcept { return offsets.size() - 1; }
    /// How many rows frame f has. Cost: O(1).
    std::size_t row_count(std::size_t f) const noexcept { return offsets.data()[f + 1] - offsets.data()[f]; }
    /// The numbers of frame f, row after row, nothing copied. Cost: O(1).
    std::span<const T> of_frame(std::size_t f) const noexcept {
        const std::size_t values = rows.shape(0) == 0 ? 0 : rows.size() / rows.shape(0);
        return {rows.data() + offsets.data()[f] * values, row_count(f) * values};
    }
};

/// The vectors of a skeleton, and the number of each one's edge: which is missing differs from frame to frame.
template <class T>
struct edge_rows : frame_rows<T, 3> {
    large_xtensor<std::uint16_t, 1> edges;
};

namespace detail {

inline constexpr std::size_t array_block = 128; ///< frames: their places stay in the nearest cache

/// The frame number, and half a frame more, must be exact in a T.
template <class T>
void check_frame_numbers(std::size_t frame_count) {
    const std::size_t most = std::size_t{1} << (std::numeric_limits<T>::digits - 1);
    if (frame_count > most) {
        throw data_error(text("arrays for ", frame_count, " frames were asked for; up to ", most,
                              " the frame numbers are exact in this type; ask for double"));
    }
}
inline void check_two_columns(const samples& positions) {
    if (positions.columns() != 2) {
        throw data_error(text("positions have ", positions.columns(), " columns; give two, x and y"));
    }
}

/// Writes all rows into an array that is large enough for every frame, and cuts it to what was written.
/// `write(frame, out)` gives where it stopped.
template <class T, std::size_t N>
class row_writer {
public:
    row_writer(std::size_t frame_count, std::size_t most_rows, std::size_t row_values)
        : row_values_(row_values), most_rows_(most_rows) {
        check_frame_numbers<T>(frame_count);
        out_.rows.resize(shape(most_rows));
        out_.offsets.resize({frame_count + 1});
        offset_ = out_.offsets.data();
    }
    T* rows() noexcept { return out_.rows.data(); }
    std::size_t* offsets() noexcept { return offset_; }
    frame_rows<T, N> finish(std::size_t row_count) {
        if (row_count != most_rows_) {
            large_xtensor<T, N> cut(shape(row_count));
            std::copy_n(out_.rows.data(), row_count * row_values_, cut.data());
            out_.rows = std::move(cut);
        }
        return std::move(out_);
    }

private:
    std::array<std::size_t, N> shape(std::size_t row_count) const {
        if constexpr (N == 3) {
            return {row_count, 2, 3};
        } else {
            return {row_count, row_values_};
        }
    }
    std::size_t row_values_;
    std::size_t most_rows_;
    frame_rows<T, N> out_;
    std::size_t* offset_ = nullptr;
};

/// Rows [first, first + count) of a table of two columns, where they are or copied into `room`.
inline const double* pairs_of(const samples& table, std::size_t first, std::size_t count, double* room) {
    const values_view all = table.values();
    if (all.type() == dtype::f64) {
        return static_cast<const double*>(all.data()) + 2 * first;
    }
    for (std::size_t i = 0; i < 2 * count; ++i) {
        room[i] = all[2 * first + i];
    }
    return room;
}

/// (x, y) to (row, col). Adds to each frame's `doubt` something that is 0 unless a place is not finite.
inline void to_rows_and_cols(const double* xy, std::size_t count, const display_map& map, double* rc,
                             double* doubt) noexcept {
    const display_map m = map; // no store can change it
    for (std::size_t i = 0; i < count; ++i) {
        const double row = m.row0 + (xy[2 * i + 1] - m.y0) * m.row_per_y;
        const double col = m.col0 + (xy[2 * i] - m.x0) * m.col_per_x;
        rc[2 * i] = row;
        rc[2 * i + 1] = col;
        doubt[i] += (row - row) + (col - col);
    }
}

/// Cosines and sines of angles up to 1e5, interleaved, to about 1e-15; nothing but sums and products, so that compilers
/// compute several at once. Source: the Taylor series on [-pi/4, pi/4]; pi/2 taken off in two parts, as Cody & Waite
/// 1980.
[[gnu::always_inline]] inline void small_cos_sin(const double* angles, std::size_t count, double* out) noexcept {
    constexpr double shift = 6755399441055744.0; // 1.5 * 2^52: adding it rounds to a whole number
    constexpr double two_over_pi = 0.63661977236758134308;
    constexpr double pi_half_high = 0x1.921fb544p+0;
    constexpr double pi_half_low = 0x1.0b4611a626331p-34;
    for (std::size_t i = 0; i < count; ++i) {
        const double a = angles[i];
        const double quarters = (a * two_over_pi + shift) - shift;
        const double turn = quarters - 4 * ((quarters * 0.25 + shift) - shift); // -2 … 2
        const double r = (a - quarters * pi_half_high) - quarters * pi_half_low;
        const double z = r * r;
        const double s =
            r + r * z *
                    (-1.0 / 6 +
                     z * (1.0 / 120 +
                          z * (-1.0 / 5040 +
                               z * (1.0 / 362880 +
                                    z * (-1.0 / 39916800 + z * (1.0 / 6227020800.0 + z * (-1.0 / 1307674368000.0)))))));
        const double c =
            1 + z * (-1.0 / 2 +
                     z * (1.0 / 24 +
                          z * (-1.0 / 720 +
                               z * (1.0 / 40320 + z * (-1.0 / 3628800 + z * (1.0 / 479001600.0 +
                                                                             z * (-1.0 / 87178291200.0 +
                                                                                  z * (1.0 / 20922789888000.0))))))));
        // Quarter turns by products alone: (cosine, sine) of the turn are (1, 0), (0, 1), (-1, 0) or (0, -1), exactly.
        const double u = turn * turn;
        const double odd = u * (4 - u) * (1.0 / 3);
        const double turn_c = (1 - 0.5 * u) * (1 - odd);
        const double turn_s = turn * odd;
        out[2 * i] = c * turn_c - s * turn_s;
        out[2 * i + 1] = s * turn_c + c * turn_s;
    }
}
#if defined(__GNUC__) && defined(__x86_64__)
/// The same, compiled for wider registers. Why: cosines and sines are most of what whole-range
/// headings cost.
[[gnu::target("avx2,fma")]] inline void wide_small_cos_sin(const double* angles, std::size_t count,
                                                           double* out) noexcept {
    small_cos_sin(angles, count, out);
}
#endif
/// For angles of any size.
inline void cos_sin(const double* angles, std::size_t count, double* out) noexcept {
#if defined(__GNUC__) && defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        wide_small_cos_sin(angles, count, out);
    } else {
        small_cos_sin(angles, count, out);
    }
#else
    small_cos_sin(angles, count, out);
#endif
    for (std::size_t i = 0; i < count; ++i) {
        if (std::abs(angles[i]) > 1e5) { // the two parts are too few there
            out[2 * i] = std::cos(angles[i]);
            out[2 * i + 1] = std::sin(angles[i]);
        }
    }
}

/// `fill(first, count, room)` gives the places of frames, (x, y) each.
/// `Id`: whether each row starts with a track id, 0.
template <class T, bool Id, class Fill>
frame_rows<T, 2> position_rows(std::size_t frame_count, const display_map& map, const Fill& fill) {
    constexpr std::size_t values = Id ? 4 : 3;
    row_writer<T, 2> out(frame_count, frame_count, values);
    T* const rows = out.rows();
    std::size_t* const offsets = out.offsets();
    offsets[0] = 0;
    std::size_t written = 0;
    const display_map m = map;
    double room[2 * array_block];
    for (std::size_t first = 0; first < frame_count; first += array_block) {
        const std::size_t count = (std::min)(array_block, frame_count - first);
        const double* const xy = fill(first, count, room);
        for (std::size_t i = 0; i < count; ++i) {
            const double row = m.row0 + (xy[2 * i + 1] - m.y0) * m.row_per_y;
            const double col = m.col0 + (xy[2 * i] - m.x0) * m.col_per_x;
            T* at = rows + written * values; // one past the last is never written: at most one row per frame
            if constexpr (Id) {
                *at++ = 0;
            }
            at[0] = static_cast<T>(first + i);
            at[1] = static_cast<T>(row);
            at[2] = static_cast<T>(col);
            // Infinite places are left out too: x - x is 0 for finite ones alone.
            written += (row - row) + (col - col) == 0 ? std::size_t{1} : 0;
            offsets[first + i + 1] = written;
        }
    }
    return out.finish(written);
}

/// `fill_origins` as above; `fill_directions(first, count, out)` writes (x, y) of the arrows.
template <class T, class FillOrigins, class FillDirections>
frame_rows<T, 2> heading_rows(std::size_t frame_count, double length, const display_map& map,
                              const FillOrigins& fill_origins, const FillDirections& fill_directions) {
    if (!(length > 0) || !std::isfinite(length)) {
        throw invalid_value("length", text("a heading arrow of length ", length,
                                           " was asked for; it must be positive and finite; 8 is usual"));
    }
    row_writer<T, 2> out(frame_count, 2 * frame_count, 4);
    T* const rows = out.rows();
    std::size_t* const offsets = out.offsets();
    offsets[0] = 0;
    std::size_t written = 0;
    const display_map m = map;
    double room[2 * array_block];
    double directions[2 * array_block];
    for (std::size_t first = 0; first < frame_count; first += array_block) {
        const std::size_t count = (std::min)(array_block, frame_count - first);
        const double* const xy = fill_origins(first, count, room);
        fill_directions(first, count, directions);
        for (std::size_t i = 0; i < count; ++i) {
            const double x = xy[2 * i];
            const double y = xy[2 * i + 1];
            const double row = m.row0 + (y - m.y0) * m.row_per_y;
            const double col = m.col0 + (x - m.x0) * m.col_per_x;
            const double tip_row = m.row0 + ((y + length * directions[2 * i + 1]) - m.y0) * m.row_per_y;
            const double tip_col = m.col0 + ((x + length * directions[2 * i]) - m.x0) * m.col_per_x;
            const T frame = static_cast<T>(first + i);
            T* const at = rows + written * 4;
            at[0] = frame;
            at[1] = frame;
            at[2] = static_cast<T>(row);
            at[3] = static_cast<T>(col);
            at[4] = frame;
            at[5] = frame + T{0.5};
            at[6] = static_cast<T>(tip_row);
            at[7] = static_cast<T>(tip_col);
            written += std::isunordered(row, col) || std::isunordered(tip_row, tip_col) ? 0 : std::size_t{2};
            offsets[first + i + 1] = written;
        }
    }
    return out.finish(written);
}

/// [[frame, row, col], [0, d_row, d_col]]
template <class T>
void write_vector(T* out, T frame, const T* start, const T* step) noexcept {
    out[0] = frame;
    std::memcpy(out + 1, start, 2 * sizeof(T));
    out[3] = 0;
    std::memcpy(out + 4, step, 2 * sizeof(T));
}

/// Frames with all their edges: those with some missing were numbered when that was seen.
inline void number_edges(std::uint16_t* edges, const std::size_t* offsets, std::size_t frame_count,
                         std::size_t edge_count) noexcept {
    for (std::size_t i = 0; i < frame_count; ++i) {
        for (std::size_t e = 0; offsets[i + 1] - offsets[i] == edge_count && e < edge_count; ++e) {
            edges[offsets[i] + e] = static_cast<std::uint16_t>(e);
        }
    }
}

inline void check_edge_count(std::size_t edge_count) {
    if (edge_count > 65535) {
        throw invalid_value("skeleton",
                            text("a skeleton of ", edge_count,
                                 " edges was given; at most 65535 have a number in these arrays; give fewer"));
    }
}

/// How many edges have both ends, all frames together: less work than writing too large an array and copying it.
template <class Fill>
std::size_t count_vectors(std::size_t frame_count, std::size_t keypoint_count, std::span<const skeleton_edge> edges,
                          const Fill& fill) {
    double room[2 * array_block];
    std::vector<std::uint8_t> there(array_block * keypoint_count);
    std::size_t total = 0;
    for (std::size_t first = 0; first < frame_count; first += array_block) {
        const std::size_t count = (std::min)(array_block, frame_count - first);
        std::size_t points = 0;
        for (std::size_t k = 0; k < keypoint_count; ++k) {
            const double* const xy = fill(k, first, count, room);
            std::uint8_t* const out = &there[array_block * k];
            for (std::size_t i = 0; i < count; ++i) {
                out[i] = std::isunordered(xy[2 * i], xy[2 * i + 1]) ? 0 : 1;
                points += out[i];
            }
        }
        for (const skeleton_edge& edge : edges) {
            const std::uint8_t* const from = &there[array_block * edge.from];
            const std::uint8_t* const to = &there[array_block * edge.to];
            if (points == count * keypoint_count) {
                total += count;
                continue;
            }
            for (std::size_t i = 0; i < count; ++i) {
                total += from[i] & to[i];
            }
        }
    }
    return total;
}

/// How many edges of frame `i` of a block have both ends.
inline std::size_t count_there(const std::vector<double>& places, std::span<const skeleton_edge> edges, std::size_t i) {
    const auto there = [&](std::size_t k) {
        const double* const at = &places[2 * (array_block * k + i)];
        return !std::isunordered(at[0], at[1]);
    };
    std::size_t count = 0;
    for (const skeleton_edge& edge : edges) {
        count += there(edge.from) && there(edge.to) ? std::size_t{1} : 0;
    }
    return count;
}

/// `fill(k, first, count, room)` gives the places of keypoint k. There are at most `most_rows` vectors.
template <class T, class Fill>
edge_rows<T> skeleton_rows(std::size_t frame_count, std::size_t keypoint_count, std::span<const skeleton_edge> edges,
                           const display_map& map, const Fill& fill, std::size_t most_rows) {
    row_writer<T, 3> out(frame_count, most_rows, 6);
    edge_rows<T> result;
    result.edges.resize({most_rows});
    T* const rows = out.rows();
    std::uint16_t* const edge_at = result.edges.data();
    std::size_t* const offsets = out.offsets();
    offsets[0] = 0;
    std::size_t written = 0;
    const std::size_t edge_count = edges.size();
    constexpr std::size_t pairs = 2 * array_block;
    double room[pairs];
    double doubt[array_block];
    std::vector<double> places(pairs * keypoint_count);
    std::vector<T> starts(pairs * keypoint_count); // (row, col) of each keypoint as a T
    std::vector<T> steps(pairs * edge_count);      // (d_row, d_col) of each edge: the difference of doubles
    std::vector<std::uint16_t> numbers(array_block * edge_count); // of a block in which nothing is missing
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        numbers[i] = static_cast<std::uint16_t>(i % edge_count);
    }
    struct part {
        const T* start;
        const T* step;
    };
    std::vector<part> parts;
    for (std::size_t e = 0; e < edge_count; ++e) {
        parts.push_back({&starts[pairs * edges[e].from], &steps[pairs * e]});
    }
    for (std::size_t first = 0; first < frame_count; first += array_block) {
        const std::size_t count = (std::min)(array_block, frame_count - first);
        std::fill_n(doubt, count, 0.0);
        for (std::size_t k = 0; k < keypoint_count; ++k) {
            double* const rc = &places[pairs * k];
            to_rows_and_cols(fill(k, first, count, room), count, map, rc, doubt);
            T* const start = &starts[pairs * k];
            for (std::size_t i = 0; i < 2 * count; ++i) {
                start[i] = static_cast<T>(rc[i]);
            }
        }
        for (std::size_t e = 0; e < edge_count; ++e) {
            const double* const from = &places[pairs * edges[e].from];
            const double* const to = &places[pairs * edges[e].to];
            T* const step = &steps[pairs * e];
            for (std::size_t i = 0; i < 2 * count; ++i) {
                step[i] = static_cast<T>(to[i] - from[i]);
            }
        }
        const std::size_t before = written;
        for (std::size_t i = 0; i < count; ++i) {
            const T frame = static_cast<T>(first + i);
            const bool all = doubt[i] == 0;
            T* row = rows + 6 * written;
            if (written + edge_count > most_rows && (all || written + count_there(places, edges, i) > most_rows)) {
                throw data_error(text("the positions of frame ", first + i,
                                      " changed while they were read; ask again "
                                      "when nothing writes to the file"),
                                 first + i);
            }
            for (std::size_t e = 0; e < edge_count; ++e) {
                if (!all) {
                    const double* const from = &places[pairs * edges[e].from + 2 * i];
                    const double* const to = &places[pairs * edges[e].to + 2 * i];
                    if (std::isunordered(from[0], from[1]) || std::isunordered(to[0], to[1])) {
                        continue;
                    }
                    edge_at[written] = static_cast<std::uint16_t>(e);
                    ++written;
                }
                write_vector(row, frame, parts[e].start + 2 * i, parts[e].step + 2 * i);
                row += 6;
            }
            written += all ? edge_count : 0;
            offsets[first + i + 1] = written;
        }
        if (written - before == count * edge_count) {
            std::copy_n(numbers.data(), count * edge_count, edge_at + before);
        } else {
            number_edges(edge_at, offsets + first, count, edge_count);
        }
    }
    if (written != most_rows) {
        large_xtensor<std::uint16_t, 1> cut(std::array<std::size_t, 1>{written});
        std::copy_n(result.edges.data(), written, cut.data());
        result.edges = std::move(cut);
    }
    static_cast<frame_rows<T, 3>&>(result) = out.finish(written);
    return result;
}

/// Frames whose places are one row each of a table.
inline auto rows_of(const samples& positions) {
    return [&positions](std::size_t first, std::size_t count, double* room) {
        return pairs_of(positions, first, count, room);
    };
}
/// Frames whose places are looked up by their times.
template <class At>
auto places_at(const sample_times& frames, const At& at) {
    return [&frames, &at](std::size_t first, std::size_t count, double* room) -> const double* {
        for (std::size_t i = 0; i < count; ++i) {
            const point_xy here = at(frames[first + i]);
            room[2 * i] = here.x;
            room[2 * i + 1] = here.y;
        }
        return room;
    };
}
/// The directions of one angle or vector per frame, of length 1. A vector of no length stays one.
inline auto directions_of(const samples& headings) {
    return [&headings](std::size_t first, std::size_t count, double* out) {
        const values_view all = headings.values();
        double room[2 * array_block];
        if (headings.columns() == 2) {
            const double* const v = pairs_of(headings, first, count, room);
            for (std::size_t i = 0; i < count; ++i) {
                const double norm = std::sqrt(v[2 * i] * v[2 * i] + v[2 * i + 1] * v[2 * i + 1]);
                const double divisor = norm <= 0 ? 1 : norm;
                out[2 * i] = v[2 * i] / divisor;
                out[2 * i + 1] = v[2 * i + 1] / divisor;
            }
            return;
        }
        const double* angles = room;
        if (all.type() == dtype::f64) {
            angles = static_cast<const double*>(all.data()) + first;
        } else {
            for (std::size_t i = 0; i < count; ++i) {
                room[i] = all[first + i];
            }
        }
        cos_sin(angles, count, out);
    };
}
inline void check_headings(const samples& headings) {
    if (headings.columns() > 2) {
        throw data_error(text("headings have ", headings.columns(),
                              " columns; give one angle in radians, or one vector of x and y, per frame"));
    }
    headings.check_size();
}

} // namespace detail

// One row of a table per frame, or an overlay's own samples looked up at the frames' times: both give the same arrays.
// Offsets say where each frame's rows are. Cost: about that of copying what is written; looking up, 20-50 ns more for
// each frame and animal part.

/// Rows `[0, frame, row, col]` (0 is the track's id); frames whose place is not finite have none.
/// Shape: (rows, 4). Errors: data_error for other than two columns, and more frames than a T counts.
template <std::floating_point T = double>
frame_rows<T, 2> position_tracks(const samples& positions, const display_map& map) {
    detail::check_two_columns(positions);
    positions.check_size();
    return detail::position_rows<T, true>(positions.size(), map, detail::rows_of(positions));
}
template <std::floating_point T = double>
frame_rows<T, 2> position_tracks(const trajectory& path, const sample_times& frames, const display_map& map) {
    return detail::position_rows<T, true>(frames.size(), map,
                                          detail::places_at(frames, [&](double t) { return path.at(t); }));
}

/// Rows `[frame, row, col]`; frames whose place is not finite have none. Shape: (rows, 3). Errors: as position_tracks.
template <std::floating_point T = double>
frame_rows<T, 2> position_points(const samples& positions, const display_map& map) {
    detail::check_two_columns(positions);
    positions.check_size();
    return detail::position_rows<T, false>(positions.size(), map, detail::rows_of(positions));
}
template <std::floating_point T = double>
frame_rows<T, 2> position_points(const trajectory& path, const sample_times& frames, const display_map& map) {
    return detail::position_rows<T, false>(frames.size(), map,
                                           detail::places_at(frames, [&](double t) { return path.at(t); }));
}

/// Rows `[frame, frame, row, col]` of the arrow's start and `[frame, frame + 0.5, row, col]` of its tip: a track of its
/// own for each frame. Frames in which either is NaN have none; a vector of no length keeps its two equal places.
/// `headings`: (n) angles or (n, 2) vectors; `origins`: (n, 2). `length` in the environment's units.
/// Shape: (rows, 4). Errors: data_error for columns and lengths that do not fit; invalid_value for the length.
template <std::floating_point T = float>
frame_rows<T, 2> heading_tracks(const samples& headings, const samples& origins, double length,
                                const display_map& map) {
    detail::check_headings(headings);
    detail::check_two_columns(origins);
    if (headings.size() != origins.size()) {
        throw data_error(detail::text("there are ", headings.size(), " headings for ", origins.size(),
                                      " origins; give one of each per frame"));
    }
    origins.check_size();
    return detail::heading_rows<T>(headings.size(), length, map, detail::rows_of(origins),
                                   detail::directions_of(headings));
}
/// All arrows from one place.
template <std::floating_point T = float>
frame_rows<T, 2> heading_tracks(const samples& headings, point_xy origin, double length, const display_map& map) {
    detail::check_headings(headings);
    const auto fill = [origin](std::size_t, std::size_t count, double* room) -> const double* {
        for (std::size_t i = 0; i < count; ++i) {
            room[2 * i] = origin.x;
            room[2 * i + 1] = origin.y;
        }
        return room;
    };
    return detail::heading_rows<T>(headings.size(), length, map, fill, detail::directions_of(headings));
}
template <std::floating_point T = float>
frame_rows<T, 2> heading_tracks(const heading& head, const sample_times& frames, const display_map& map) {
    const auto directions = [&](std::size_t first, std::size_t count, double* out) {
        double angles[detail::array_block];
        for (std::size_t i = 0; i < count; ++i) {
            angles[i] = head.angle_at(frames[first + i]);
        }
        detail::cos_sin(angles, count, out);
    };
    return detail::heading_rows<T>(frames.size(), head.options().length, map,
                                   detail::places_at(frames, [&](double t) { return head.origin_at(t); }), directions);
}

/// Vectors `[[frame, row, col], [0, d_row, d_col]]` of a skeleton's edges, frame after frame, within a frame in the
/// edges' order; an edge with an end that is NaN has none. `keypoints`: (n, 2) each, as the skeleton's keypoints.
/// Shape: (vectors, 2, 3). Errors: data_error for lengths and columns that do not fit.
template <std::floating_point T = float>
edge_rows<T> skeleton_vectors(std::span<const samples> keypoints, const skeleton& bones, const display_map& map) {
    if (keypoints.size() != bones.size()) {
        throw data_error(detail::text("there are ", keypoints.size(), " tables of positions for a skeleton of ",
                                      bones.size(), " keypoints; give one per keypoint, in its order"));
    }
    const std::size_t frame_count = keypoints.empty() ? 0 : keypoints[0].size();
    for (std::size_t k = 0; k < keypoints.size(); ++k) {
        detail::check_two_columns(keypoints[k]);
        if (keypoints[k].size() != frame_count) {
            throw data_error(detail::text("the keypoint '", bones.keypoints()[k], "' has ", keypoints[k].size(),
                                          " positions and '", bones.keypoints()[0], "' ", frame_count,
                                          "; give one per frame for each"));
        }
        keypoints[k].check_size();
    }
    const auto fill = [keypoints](std::size_t k, std::size_t first, std::size_t count, double* room) {
        return detail::pairs_of(keypoints[k], first, count, room);
    };
    detail::check_edge_count(bones.edges().size());
    return detail::skeleton_rows<T>(frame_count, keypoints.size(), bones.edges(), map, fill,
                                    detail::count_vectors(frame_count, keypoints.size(), bones.edges(), fill));
}
template <std::floating_point T = float>
edge_rows<T> skeleton_vectors(const std::vector<samples>& keypoints, const skeleton& bones, const display_map& map) {
    return skeleton_vectors<T>(std::span<const samples>(keypoints), bones, map);
}
template <std::floating_point T = float>
edge_rows<T> skeleton_vectors(const pose& animal, const sample_times& frames, const display_map& map) {
    animal.check_size();
    std::vector<std::optional<bracket>> found(detail::array_block);
    std::size_t found_for = static_cast<std::size_t>(-1);
    const auto fill = [&](std::size_t k, std::size_t first, std::size_t count, double* room) -> const double* {
        for (std::size_t i = 0; found_for != first && i < count; ++i) { // once for all keypoints
            found[i] = bracket_at(animal.times(), frames[first + i], animal.options().max_gap_s);
        }
        found_for = first;
        for (std::size_t i = 0; i < count; ++i) {
            constexpr double nan = std::numeric_limits<double>::quiet_NaN();
            const point_xy here = found[i] ? animal.at(k, *found[i]) : point_xy{nan, nan};
            room[2 * i] = here.x;
            room[2 * i + 1] = here.y;
        }
        return room;
    };
    detail::check_edge_count(animal.edges().size());
    return detail::skeleton_rows<T>(frames.size(), animal.keypoint_count(), animal.edges(), map, fill,
                                    frames.size() * animal.edges().size());
}

} // namespace fieldreel::inline v0

#endif
