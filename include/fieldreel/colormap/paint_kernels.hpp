// SPDX-License-Identifier: MIT
// The loops of paint: values to colours, and colours through an index image, for each kind of processor.
#ifndef FIELDREEL_COLORMAP_PAINT_KERNELS_HPP
#define FIELDREEL_COLORMAP_PAINT_KERNELS_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>

#include <fieldreel/colormap/color_scaling.hpp>
#include <fieldreel/colormap/colormap.hpp>
#include <fieldreel/frame.hpp>

// Vector units are used where the compiler takes GNU's vector types and assembly. Why not <immintrin.h>: it costs
// 40 000 lines in each file that includes paint. Why not GCC for Windows: it keeps wide vectors on a stack that it does
// not align (GCC bug 54412).
#if defined(__x86_64__) && defined(__GNUC__) && (!defined(_WIN32) || defined(__clang__))
#define FIELDREEL_COLORMAP_PAINT_X86
#endif

namespace fieldreel::inline v0::detail {

/// A colormap ready to look up by what color_scale::entry gives: 256 colours, then that of NaN.
struct color_table {
    color_table(const colormap& map, bool middle) noexcept {
        for (std::size_t i = 0; i < 256; ++i) {
            set(i, map.table()[middle ? static_cast<std::size_t>(middle_color) : i]);
        }
        colors[nan_entry] = colors[0];
    }
    void set(std::size_t i, rgba8 color) noexcept {
        colors[i] = color;
        channels[0][i] = color.r;
        channels[1][i] = color.g;
        channels[2][i] = color.b;
        channels[3][i] = color.a;
    }

    alignas(64) std::array<std::array<std::uint8_t, 256>, 4> channels; ///< the 256 colours again, r, g, b and a apart
    std::array<rgba8, 257> colors;
};

/// Values that are their own entries: bytes, where the table holds a colour for each of them.
struct byte_scale {
    template <class T>
    std::int32_t entry(T value) const noexcept {
        return static_cast<std::uint8_t>(value);
    }
};

/// The ways to paint; all give the same pixels.
enum class paint_path : std::uint8_t {
    portable,
    avx2,        ///< arithmetic in vectors of 32 bytes, colours looked up one by one
    avx2_gather, ///< the same with gather instructions
    avx512       ///< vectors of 64 bytes, and the whole table in registers (VBMI)
};
inline constexpr std::array paint_paths = {paint_path::portable, paint_path::avx2, paint_path::avx2_gather,
                                           paint_path::avx512};

/// Pictures of more bytes are written past the caches where that is faster (measured: avx512 only, the other paths are
/// kept waiting by it): nobody who reads them next would find them in a cache, and memory need not be read before it is
/// written.
inline constexpr std::size_t streaming_bytes = std::size_t{16} << 20;

// ---- portable -------------------------------------------------------------------------------------------------------

/// The table entry of each value. What a vector unit would do is left to the compiler.
///
/// Why the limits are not written as plain 0 and 255: GCC 12 then makes branches of them and vectorises nothing. It
/// cannot know that width * 0 is 0.
template <field_value T, std::floating_point Number>
void entries_portable(const T* values, std::size_t count, const color_scale<Number> scale, std::int32_t* out) noexcept {
    const Number first = scale.width * 0;
    const Number last = first + 255;
    const Number none = first + nan_entry;
    for (std::size_t i = 0; i < count; ++i) {
        Number place = scale.place(values[i]);
        place = place > first ? place : first;
        place = place < last ? place : last;
        if constexpr (std::floating_point<T>) {
            place = values[i] == values[i] ? place : none;
        }
        out[i] = static_cast<std::int32_t>(place);
    }
}
template <field_value T>
void entries_portable(const T* values, std::size_t count, byte_scale scale, std::int32_t* out) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = scale.entry(values[i]);
    }
}

inline void look_up_portable(const std::int32_t* entries, std::size_t count, const rgba8* colors, rgba8* out) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = colors[entries[i]];
    }
}

/// True when every one is -1 or below `count`, at most 2^31 - 1: two sign bits gathered over all of them, no branch.
inline bool bins_exist_portable(const std::int32_t* bins, std::size_t size, std::uint32_t count) noexcept {
    std::uint32_t below = 0;
    std::uint32_t within = 0x80000000u;
    for (std::size_t i = 0; i < size; ++i) {
        const auto bin = static_cast<std::uint32_t>(bins[i]);
        below |= bin + 1;      // the sign bit is set when bin < -1
        within &= bin - count; // the sign bit is clear when bin >= count
    }
    return (below >> 31) == 0 && (within >> 31) == 1;
}

// ---- x86-64 ---------------------------------------------------------------------------------------------------------
// Each loop takes as many values as fill its vectors, and returns how many it took.

#ifdef FIELDREEL_COLORMAP_PAINT_X86

template <class Lane, std::size_t Lanes>
using lanes __attribute__((vector_size(sizeof(Lane) * Lanes))) = Lane;

/// The number types for which there are vector loops: those that convert to float or double in a vector.
template <class T>
concept vector_value = std::floating_point<T> || sizeof(T) < 4 || std::same_as<T, std::int32_t>;

/// Small integers to int32, four or eight at a time. Why not __builtin_convertvector: GCC 12 converts lane by lane.
template <class Integers, class T>
__attribute__((target("avx2"))) Integers widen_avx2(const T* values) noexcept {
    constexpr std::size_t bytes = sizeof(Integers) / 4 * sizeof(T);
    Integers wide;
    if constexpr (sizeof(T) == 4) {
        std::memcpy(&wide, values, bytes);
    } else {
        lanes<std::int64_t, 2> given = {};
        std::memcpy(&given, values, bytes);
        if constexpr (std::same_as<T, std::uint8_t>) {
            asm("vpmovzxbd %1, %0" : "=x"(wide) : "x"(given));
        } else if constexpr (std::same_as<T, std::int8_t>) {
            asm("vpmovsxbd %1, %0" : "=x"(wide) : "x"(given));
        } else if constexpr (std::same_as<T, std::uint16_t>) {
            asm("vpmovzxwd %1, %0" : "=x"(wide) : "x"(given));
        } else {
            asm("vpmovsxwd %1, %0" : "=x"(wide) : "x"(given));
        }
    }
    return wide;
}

/// Two entries per load: loads are what looking up waits for.
inline void look_up_four(const std::int32_t* entries, const rgba8* colors, rgba8* out) noexcept {
    const auto color = [colors](std::int64_t entry) {
        std::int32_t bits = 0;
        std::memcpy(&bits, colors + entry, 4);
        return bits;
    };
    std::int64_t pair[2];
    std::memcpy(pair, entries, 16);
    const lanes<std::int32_t, 4> pixels = {color(static_cast<std::int32_t>(pair[0])), color(pair[0] >> 32),
                                           color(static_cast<std::int32_t>(pair[1])), color(pair[1] >> 32)};
    std::memcpy(static_cast<void*>(out), &pixels, 16);
}

__attribute__((target("avx2"))) inline std::size_t look_up_avx2(const std::int32_t* entries, std::size_t count,
                                                                const rgba8* colors, rgba8* out) noexcept {
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        look_up_four(entries + i, colors, out + i);
    }
    return i;
}

/// Entries that are ready, to be looked up while others are made.
struct ready_entries {
    const std::int32_t* entries = nullptr;
    const rgba8* colors = nullptr;
    rgba8* out = nullptr;
};

/// With WithReady, as many ready entries are looked up as are made: arithmetic and loads then run side by side
/// (measured: a quarter faster than one after the other).
template <bool WithReady, vector_value T, std::floating_point Number>
__attribute__((target("avx2"))) std::size_t entries_avx2(const T* values, std::size_t count,
                                                         const color_scale<Number> scale, std::int32_t* out,
                                                         [[maybe_unused]] const ready_entries ready) noexcept {
    constexpr std::size_t width = 32 / sizeof(Number);
    using numbers = lanes<Number, width>;
    const numbers first = {};
    const numbers last = first + Number(255);
    std::size_t i = 0;
    for (; i + width <= count; i += width) {
        numbers number;
        if constexpr (std::floating_point<T>) {
            lanes<T, width> given;
            std::memcpy(&given, values + i, sizeof given);
            number = __builtin_convertvector(given, numbers);
        } else {
            number = __builtin_convertvector(widen_avx2<lanes<std::int32_t, width>>(values + i), numbers);
        }
        numbers place = (number - scale.low) / scale.width * Number(255);
        place = place > first ? place : first;
        place = place < last ? place : last;
        if constexpr (std::floating_point<T>) {
            place = number == number ? place : first + Number(nan_entry);
        }
        const auto entries = __builtin_convertvector(place, lanes<std::int32_t, width>);
        std::memcpy(out + i, &entries, sizeof entries);
        if constexpr (WithReady) {
            for (std::size_t k = 0; k < width; k += 4) {
                look_up_four(ready.entries + i + k, ready.colors, ready.out + i + k);
            }
        }
    }
    return i;
}

/// As above with vectors of 64 bytes. Twice the text: a function without a target cannot hand wide vectors to either.
template <vector_value T, std::floating_point Number>
__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))) std::size_t
entries_avx512(const T* values, std::size_t count, const color_scale<Number> scale, std::int32_t* out) noexcept {
    constexpr std::size_t width = 64 / sizeof(Number);
    using numbers = lanes<Number, width>;
    const numbers first = {};
    const numbers last = first + Number(255);
    std::size_t i = 0;
    for (; i + width <= count; i += width) {
        numbers number;
        if constexpr (std::floating_point<T>) {
            lanes<T, width> given;
            std::memcpy(&given, values + i, sizeof given);
            number = __builtin_convertvector(given, numbers);
        } else {
            const auto integers = widen_avx2<lanes<std::int32_t, width>>(values + i);
            asm("vcvtdq2pd %1, %0" : "=v"(number) : "v"(integers)); // GCC 12 would take two steps
        }
        numbers place = (number - scale.low) / scale.width * Number(255);
        place = place > first ? place : first;
        place = place < last ? place : last;
        if constexpr (std::floating_point<T>) {
            place = number == number ? place : first + Number(nan_entry);
        }
        const auto entries = __builtin_convertvector(place, lanes<std::int32_t, width>);
        std::memcpy(out + i, &entries, sizeof entries);
    }
    return i;
}

template <class T>
__attribute__((target("avx2"))) std::size_t bytes_avx2(const T* values, std::size_t count, std::int32_t* out) noexcept {
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(values);
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const auto entries = widen_avx2<lanes<std::int32_t, 8>>(bytes + i);
        std::memcpy(out + i, &entries, sizeof entries);
    }
    return i;
}

__attribute__((target("avx2"))) inline bool bins_exist_avx2(const std::int32_t* bins, std::size_t size,
                                                            std::uint32_t count) noexcept {
    using eight = lanes<std::uint32_t, 8>;
    eight wrong = {};
    std::size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        eight bin;
        std::memcpy(&bin, bins + i, sizeof bin);
        wrong |= (bin + 1) | ~(bin - count);
    }
    std::uint32_t lane[8];
    std::memcpy(lane, &wrong, sizeof lane);
    std::uint32_t any = 0;
    for (const std::uint32_t bits : lane) {
        any |= bits;
    }
    return (any >> 31) == 0 && bins_exist_portable(bins + i, size - i, count);
}

__attribute__((target("avx2"))) inline std::size_t look_up_gather(const std::int32_t* entries, std::size_t count,
                                                                  const rgba8* colors, rgba8* out) noexcept {
    using eight = lanes<std::int32_t, 8>;
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        eight at;
        std::memcpy(&at, entries + i, 32);
        eight lane_wanted = eight{} - 1;
        eight pixels = {};
        asm("vpgatherdd %1, (%2, %3, 4), %0" : "+&x"(pixels), "+&x"(lane_wanted) : "r"(colors), "x"(at) : "memory");
        std::memcpy(static_cast<void*>(out + i), &pixels, 32);
    }
    return i;
}

/// What VBMI adds: 256 bytes of a table lie in four registers. Each function is one instruction or two, spelled so that
/// both compilers take it.
struct vbmi {
    using bytes = lanes<std::uint8_t, 64>;
    using words = lanes<std::int32_t, 16>;

    /// Bytes of `table` by the low seven bits of each byte of `at`, or, where `upper` is set, of its second half.
    __attribute__((target("avx512f,avx512bw,avx512vbmi"))) static bytes look_up(bytes at, const bytes* table,
                                                                                std::uint64_t upper) noexcept {
        bytes low = at;
        asm("vpermi2b %2, %1, %0" : "+v"(low) : "v"(table[0]), "v"(table[1]));
        asm("vpermi2b %2, %1, %0" : "+v"(at) : "v"(table[2]), "v"(table[3]));
        asm("vmovdqu8 %1, %0%{%2%}" : "+v"(low) : "v"(at), "Yk"(upper));
        return low;
    }
    /// Bytes of a and b by the low seven bits of each byte of `at`.
    __attribute__((target("avx512f,avx512bw,avx512vbmi"))) static bytes pick(bytes at, words a, words b) noexcept {
        asm("vpermi2b %2, %1, %0" : "+v"(at) : "v"(a), "v"(b));
        return at;
    }
    /// The first eight of each 16 bytes from a, the others from b.
    __attribute__((target("avx512f,avx512bw"))) static bytes halves(bytes a, bytes b) noexcept {
        asm("vmovdqu8 %1, %0%{%2%}" : "+v"(a) : "v"(b), "Yk"(std::uint64_t{0xff00ff00ff00ff00u}));
        return a;
    }
    __attribute__((target("avx512f"))) static words load(const void* from) noexcept {
        words loaded;
        std::memcpy(&loaded, from, sizeof loaded);
        return loaded;
    }
    __attribute__((target("avx512f,avx512bw"))) static std::uint64_t top_bits(bytes at) noexcept {
        std::uint64_t bits;
        asm("vpmovb2m %1, %0" : "=Yk"(bits) : "v"(at));
        return bits;
    }
    /// a0 b0 a1 b1 … of the first (or second) eight bytes of each 16.
    __attribute__((target("avx512f,avx512bw"))) static bytes zip_low_bytes(bytes a, bytes b) noexcept {
        asm("vpunpcklbw %1, %0, %0" : "+v"(a) : "v"(b));
        return a;
    }
    __attribute__((target("avx512f,avx512bw"))) static bytes zip_high_bytes(bytes a, bytes b) noexcept {
        asm("vpunpckhbw %1, %0, %0" : "+v"(a) : "v"(b));
        return a;
    }
    /// The same with pairs of bytes.
    __attribute__((target("avx512f,avx512bw"))) static bytes zip_low_pairs(bytes a, bytes b) noexcept {
        asm("vpunpcklwd %1, %0, %0" : "+v"(a) : "v"(b));
        return a;
    }
    __attribute__((target("avx512f,avx512bw"))) static bytes zip_high_pairs(bytes a, bytes b) noexcept {
        asm("vpunpckhwd %1, %0, %0" : "+v"(a) : "v"(b));
        return a;
    }
    /// `pixels`, or `none` where the entry is nan_entry.
    __attribute__((target("avx512f"))) static bytes without_nan(bytes pixels, words entries, words none) noexcept {
        std::uint16_t is_none;
        const words flag = words{} + nan_entry;
        asm("vptestmd %2, %1, %0" : "=Yk"(is_none) : "v"(entries), "v"(flag));
        asm("vmovdqu32 %1, %0%{%2%}" : "+v"(pixels) : "v"(none), "Yk"(is_none));
        return pixels;
    }
};

/// Streaming: `out` must be a multiple of 64 bytes.
template <bool Streaming>
__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi"))) std::size_t
look_up_avx512(const std::int32_t* entries, std::size_t count, const color_table& table, rgba8* out) noexcept {
    vbmi::bytes channels[16];
    for (std::size_t part = 0; part < 16; ++part) {
        channels[part] = reinterpret_cast<vbmi::bytes>(vbmi::load(table.channels[part / 4].data() + part % 4 * 64));
    }
    std::int32_t nan_bits = 0;
    std::memcpy(&nan_bits, &table.colors[nan_entry], 4);
    const vbmi::words none = vbmi::words{} + nan_bits;
    // Zipping works within each 16 bytes: the four entries of pixels 16 q + 4 j … must lie at place q of the j-th 16.
    constexpr auto order_bytes = [] {
        std::array<std::uint8_t, 64> order{};
        for (std::size_t at = 0; at < 64; ++at) {
            const std::size_t j = at / 16;
            const std::size_t q = at / 4 % 4;
            order[at] = static_cast<std::uint8_t>(q % 2 * 64 + 16 * j + at % 4 * 4);
        }
        return order;
    }();
    const auto order = reinterpret_cast<vbmi::bytes>(vbmi::load(order_bytes.data()));
    std::size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        const vbmi::words at[4] = {vbmi::load(entries + i), vbmi::load(entries + i + 16), vbmi::load(entries + i + 32),
                                   vbmi::load(entries + i + 48)};
        const vbmi::bytes index = vbmi::halves(vbmi::pick(order, at[0], at[1]), vbmi::pick(order, at[2], at[3]));
        const std::uint64_t upper = vbmi::top_bits(index);
        const vbmi::bytes red = vbmi::look_up(index, channels, upper);
        const vbmi::bytes green = vbmi::look_up(index, channels + 4, upper);
        const vbmi::bytes blue = vbmi::look_up(index, channels + 8, upper);
        const vbmi::bytes alpha = vbmi::look_up(index, channels + 12, upper);
        const vbmi::bytes low[2] = {vbmi::zip_low_bytes(red, green), vbmi::zip_low_bytes(blue, alpha)};
        const vbmi::bytes high[2] = {vbmi::zip_high_bytes(red, green), vbmi::zip_high_bytes(blue, alpha)};
        const vbmi::bytes pixels[4] = {vbmi::zip_low_pairs(low[0], low[1]), vbmi::zip_high_pairs(low[0], low[1]),
                                       vbmi::zip_low_pairs(high[0], high[1]), vbmi::zip_high_pairs(high[0], high[1])};
        for (std::size_t q = 0; q < 4; ++q) {
            const vbmi::bytes shown = vbmi::without_nan(pixels[q], at[q], none);
            if constexpr (Streaming) {
                asm volatile("vmovntdq %1, (%0)" : : "r"(out + i + 16 * q), "v"(shown) : "memory");
            } else {
                std::memcpy(static_cast<void*>(out + i + 16 * q), &shown, sizeof shown);
            }
        }
    }
    return i;
}

#endif

// ---- choosing -------------------------------------------------------------------------------------------------------

/// Whether this processor, and its operating system, can take a path.
inline bool available(paint_path path) noexcept {
#ifdef FIELDREEL_COLORMAP_PAINT_X86
    __builtin_cpu_init();
    switch (path) {
    case paint_path::portable: return true;
    case paint_path::avx2:
    case paint_path::avx2_gather: return __builtin_cpu_supports("avx2") != 0;
    case paint_path::avx512:
        return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("avx512f") != 0 &&
               __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
               __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vbmi") != 0;
    }
#endif
    return path == paint_path::portable;
}

/// The fastest path of this processor, found once.
/// Why gather only with Intel's GFNI: AMD's gather is slower than single loads, and older Intel processors were made so
/// by the mitigation of gather data sampling.
inline paint_path best_paint_path() noexcept {
    static const paint_path best = [] {
#ifdef FIELDREEL_COLORMAP_PAINT_X86
        if (available(paint_path::avx512)) {
            return paint_path::avx512;
        }
        if (available(paint_path::avx2)) {
            return __builtin_cpu_is("intel") != 0 && __builtin_cpu_supports("gfni") != 0 ? paint_path::avx2_gather
                                                                                         : paint_path::avx2;
        }
#endif
        return paint_path::portable;
    }();
    return best;
}

/// True when runs of this path can stream.
constexpr bool can_stream(paint_path path) noexcept {
    return path != paint_path::portable;
}

/// The entry of each value: 0 … 255 or nan_entry.
template <field_value T, class Scale>
void fill_entries([[maybe_unused]] paint_path path, const T* values, std::size_t count, const Scale& scale,
                  std::int32_t* out) noexcept {
    if constexpr (requires { scale.entries(values, count, out); }) {
        scale.entries(values, count, out);
    } else {
        std::size_t done = 0;
#ifdef FIELDREEL_COLORMAP_PAINT_X86
        if constexpr (std::same_as<Scale, byte_scale>) {
            done = path == paint_path::portable ? 0 : bytes_avx2(values, count, out);
        } else if constexpr (vector_value<T>) {
            done = path == paint_path::avx512     ? entries_avx512(values, count, scale, out)
                   : path == paint_path::portable ? 0
                                                  : entries_avx2<false>(values, count, scale, out, {});
        }
#endif
        entries_portable(values + done, count - done, scale, out + done);
    }
}

/// True when every pixel is -1 or a bin below `bins`.
inline bool bins_exist([[maybe_unused]] paint_path path, std::span<const std::int32_t> pixel_to_bin,
                       std::size_t bins) noexcept {
    const auto count = static_cast<std::uint32_t>((std::min)(bins, std::size_t{0x7fffffff}));
#ifdef FIELDREEL_COLORMAP_PAINT_X86
    if (path != paint_path::portable) {
        return bins_exist_avx2(pixel_to_bin.data(), pixel_to_bin.size(), count);
    }
#endif
    return bins_exist_portable(pixel_to_bin.data(), pixel_to_bin.size(), count);
}

/// colors[entry] for each entry, which may be negative where `colors` points into a list.
inline void look_up(paint_path path, const std::int32_t* entries, std::size_t count, const rgba8* colors,
                    rgba8* out) noexcept {
    std::size_t done = 0;
#ifdef FIELDREEL_COLORMAP_PAINT_X86
    if (path == paint_path::avx2_gather) {
        done = look_up_gather(entries, count, colors, out);
    } else if (path != paint_path::portable) {
        done = look_up_avx2(entries, count, colors, out);
    }
#else
    static_cast<void>(path);
#endif
    look_up_portable(entries + done, count - done, colors, out + done);
}
/// The same in a color_table. Streaming, where the path can: `out` must be a multiple of 64 bytes.
inline void look_up(paint_path path, const std::int32_t* entries, std::size_t count, const color_table& table,
                    rgba8* out, [[maybe_unused]] bool streaming) noexcept {
    std::size_t done = 0;
#ifdef FIELDREEL_COLORMAP_PAINT_X86
    if (path == paint_path::avx512) {
        done = streaming ? look_up_avx512<true>(entries, count, table, out)
                         : look_up_avx512<false>(entries, count, table, out);
    }
#endif
    look_up(path, entries + done, count - done, table.colors.data(), out + done);
}

/// Makes what was streamed visible in the order that other threads expect.
inline void finish_streaming([[maybe_unused]] bool streaming) noexcept {
#ifdef FIELDREEL_COLORMAP_PAINT_X86
    if (streaming) {
        __builtin_ia32_sfence();
    }
#endif
}

/// Calls `use(first, count, streaming)` for blocks of at most `paint_block` pixels, which begin where streaming stores
/// may.
inline constexpr std::size_t paint_block = 512;
template <class Use>
void for_each_block(const rgba8* out, std::size_t count, bool streaming, Use use) {
    std::size_t first = 0;
    const auto address = reinterpret_cast<std::uintptr_t>(out);
    streaming = streaming && address % sizeof(rgba8) == 0;
    if (streaming) {
        first = (std::min)(count, (64 - address % 64) % 64 / sizeof(rgba8));
        use(std::size_t{0}, first, false);
    }
    for (; first < count; first += paint_block) {
        use(first, (std::min)(paint_block, count - first), streaming);
    }
}

/// Values with the scale they are coloured in, types forgotten, so that what follows is compiled once and not for each
/// pair of them. Owns neither.
class scaled_values {
public:
    template <field_value T, class Scale>
    scaled_values(std::span<const T> values, const Scale& scale) noexcept
        : values_(values.data()), scale_(&scale), size_(values.size()), color_(&color_typed<T, Scale>) {}

    std::size_t size() const noexcept { return size_; }

    /// `count` values from `first` on to pixels, in order. `table` is that of the scale.
    void color(paint_path path, std::size_t first, std::size_t count, const color_table& table, rgba8* out,
               bool streaming) const noexcept {
        color_(path, values_, scale_, first, count, table, out, streaming);
    }

private:
    using block = std::array<std::int32_t, paint_block>;

    template <class T, class Scale>
    static void color_typed(paint_path path, const void* all_values, const void* of_type, std::size_t first,
                            std::size_t count, const color_table& table, rgba8* out, bool streaming) noexcept {
        const T* values = static_cast<const T*>(all_values) + first;
        const Scale& scale = *static_cast<const Scale*>(of_type);
        alignas(64) block entries;
#ifdef FIELDREEL_COLORMAP_PAINT_X86
        if constexpr (vector_value<T> && requires { scale.low; }) {
            if (path == paint_path::avx2) {
                alignas(64) block others;
                std::int32_t* ready = entries.data();
                std::int32_t* next = others.data();
                std::size_t made = (std::min)(count, paint_block);
                fill_entries(path, values, made, scale, ready);
                for (; count >= 2 * paint_block; count -= paint_block) {
                    values += paint_block;
                    entries_avx2<true>(values, paint_block, scale, next, {ready, table.colors.data(), out});
                    out += paint_block;
                    std::swap(ready, next);
                }
                look_up(path, ready, made, table, out, false);
                values += made;
                out += made;
                count -= made;
            }
        }
#endif
        for_each_block(out, count, streaming, [&](std::size_t at, std::size_t some, bool stream) {
            fill_entries(path, values + at, some, scale, entries.data());
            look_up(path, entries.data(), some, table, out + at, stream);
        });
    }

    const void* values_;
    const void* scale_;
    std::size_t size_;
    void (*color_)(paint_path, const void*, const void*, std::size_t, std::size_t, const color_table&, rgba8*,
                   bool) noexcept;
};

} // namespace fieldreel::inline v0::detail

#undef FIELDREEL_COLORMAP_PAINT_X86

#endif
