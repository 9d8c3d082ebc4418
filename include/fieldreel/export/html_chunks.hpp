// SPDX-License-Identifier: MIT
// Numbers as text within a page: quantised, predicted, compressed, with a checksum.
#ifndef FIELDREEL_EXPORT_HTML_CHUNKS_HPP
#define FIELDREEL_EXPORT_HTML_CHUNKS_HPP

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <zlib.h>

#include <fieldreel/colormap/color_scaling.hpp>
#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// A field's values in 8 bits: 0 = below vmin, 1 to 253 = from vmin to vmax in 252 even steps (even as the colours are:
/// in logarithms on a log scale), 254 = above vmax, 255 = no value.
///
/// A value within the range comes back within 1/504 of the range (`step` / 2), vmin and vmax exactly.
struct value_codes {
    static constexpr std::uint8_t below = 0;
    static constexpr std::uint8_t least = 1;
    static constexpr std::uint8_t most = 253;
    static constexpr std::uint8_t above = 254;
    static constexpr std::uint8_t none = 255;
    static constexpr double steps = most - least;

    value_range range = {};
    color_scaling scaling = {};

    /// Whether every value has one code, as colours have a single one: vmin is vmax, or they are not finite.
    bool flat() const noexcept { return detail::color_scale<double>(range).middle; }

    /// Errors: those of check(scaling, range). Cost: a pass; some 0.3 ns per value on a linear scale of floats.
    void encode(values_view values, std::uint8_t* out) const {
        check(scaling, range);
        values.visit([&](auto span) { encode_all(span, out); });
    }
    /// The value a code stands for; NaN for `none`. Of those outside the range, its end.
    double decode(std::uint8_t code) const {
        if (code == none) {
            return std::numeric_limits<double>::quiet_NaN();
        }
        const double part = ((std::min)((std::max)(code, least), most) - least) / steps;
        if (flat() || part == 0) {
            return range.vmin;
        }
        switch (scaling.scale) {
        case value_scale::log: return range.vmin * std::pow(range.vmax / range.vmin, part);
        case value_scale::gamma: return range.vmin + std::pow(part, 1 / scaling.gamma) * (range.vmax - range.vmin);
        case value_scale::linear: break;
        }
        return range.vmin + part * (range.vmax - range.vmin);
    }

private:
    template <class T>
    void encode_all(std::span<const T> values, std::uint8_t* out) const {
        const bool log = scaling.scale == value_scale::log;
        if (flat()) {
            for (std::size_t i = 0; i < values.size(); ++i) {
                out[i] = values[i] != values[i] || (log && !(values[i] > 0)) ? none : std::uint8_t{127};
            }
        } else if (scaling.scale == value_scale::linear) {
            using number = detail::color_number<T>;
            const auto low = static_cast<number>(range.vmin);
            const auto gain = static_cast<number>(steps / (range.vmax - range.vmin));
            if (detail::fits_float(range) || sizeof(number) == 8) {
                for (std::size_t i = 0; i < values.size(); ++i) {
                    out[i] = code_at((static_cast<number>(values[i]) - low) * gain, values[i] != values[i]);
                }
            } else {
                const double step = steps / (range.vmax - range.vmin);
                for (std::size_t i = 0; i < values.size(); ++i) {
                    out[i] = code_at((static_cast<double>(values[i]) - range.vmin) * step, values[i] != values[i]);
                }
            }
        } else {
            const double width = log ? std::log(range.vmax / range.vmin) : range.vmax - range.vmin;
            for (std::size_t i = 0; i < values.size(); ++i) {
                const auto value = static_cast<double>(values[i]);
                double part = log ? std::log(value / range.vmin) / width : (value - range.vmin) / width;
                if (!log && part > 0) {
                    part = std::pow(part, scaling.gamma);
                }
                out[i] = code_at(part * steps, value != value || (log && !(value > 0)));
            }
        }
    }
    /// `place`: 0 = vmin, 252 = vmax. Without branches, so that compilers compute several at once.
    template <std::floating_point Number>
    static std::uint8_t code_at(Number place, bool missing) noexcept {
        const Number low = place > 0 ? place : Number(0);
        const Number within = low < Number(steps) ? low : Number(steps);
        std::int32_t code = static_cast<std::int32_t>(within + Number(0.5)) + 1;
        code = place < 0 ? below : code;
        code = place > Number(steps) ? above : code;
        return static_cast<std::uint8_t>(missing ? none : code);
    }
};

/// How often each code came: what they carry, if nothing is known of their order. In words: the entropy of zeroth
/// order.
struct code_counts {
    std::array<std::uint64_t, 256> of = {};

    void add(std::span<const std::uint8_t> codes) noexcept {
        std::uint32_t some[4][256] = {}; // neighbours are often equal: adding to one counter would wait for itself
        while (!codes.empty()) {
            const auto now = codes.first((std::min)(codes.size(), std::size_t{1} << 24));
            std::size_t i = 0;
            for (; i + 4 <= now.size(); i += 4) {
                for (std::size_t k = 0; k < 4; ++k) {
                    ++some[k][now[i + k]];
                }
            }
            for (; i < now.size(); ++i) {
                ++some[0][now[i]];
            }
            codes = codes.subspan(now.size());
            for (std::size_t code = 0; code < of.size(); ++code) {
                for (auto& part : some) {
                    of[code] += part[code];
                    part[code] = 0;
                }
            }
        }
    }
    void add(const code_counts& other) noexcept {
        for (std::size_t code = 0; code < of.size(); ++code) {
            of[code] += other.of[code];
        }
    }
    std::uint64_t all() const noexcept {
        std::uint64_t sum = 0;
        for (const std::uint64_t count : of) {
            sum += count;
        }
        return sum;
    }
    /// Of all codes together. Units: bytes.
    double entropy_bytes() const noexcept {
        const auto sum = static_cast<double>(all());
        double bits = 0;
        for (const std::uint64_t count : of) {
            if (count > 0) {
                bits -= static_cast<double>(count) * std::log2(static_cast<double>(count) / sum);
            }
        }
        return bits / 8;
    }
};

namespace detail {

/// What is written of a chunk's codes: themselves, each frame's difference to the one before, each value's to its
/// neighbour in the frame (all modulo 256), or one frame that stands for all.
enum class prediction : std::uint8_t { plain, in_time, in_space, same };

inline std::size_t predicted_size(prediction how, std::size_t frames, std::size_t size) noexcept {
    return how == prediction::same ? size : frames * size;
}
/// In the place of the codes, which are some frames of `size`. Cost: a pass.
inline void predict(prediction how, std::span<std::uint8_t> codes, std::size_t size) noexcept {
    const auto subtract = [](std::uint8_t* from, const std::uint8_t* what, std::size_t count) { // they do not overlap
        for (std::size_t i = 0; i < count; ++i) {
            from[i] = static_cast<std::uint8_t>(from[i] - what[i]);
        }
    };
    if (how == prediction::in_time) {
        for (std::size_t first = codes.size(); first > size; first -= size) {
            subtract(codes.data() + first - size, codes.data() + first - 2 * size, size);
        }
    } else if (how == prediction::in_space) {
        for (std::size_t i = codes.size(); i > 1; --i) {
            codes[i - 1] = static_cast<std::uint8_t>(codes[i - 1] - codes[i - 2]);
        }
    }
}

/// Bytes that grow without being written: what nobody writes takes no memory.
class loose_bytes {
public:
    std::span<std::uint8_t> first(std::size_t count) {
        if (count > size_) {
            bytes_.reset(); // before the new ones are there
            bytes_ = std::make_unique_for_overwrite<std::uint8_t[]>(count);
            size_ = count;
        }
        return {bytes_.get(), count};
    }

private:
    std::unique_ptr<std::uint8_t[]> bytes_;
    std::size_t size_ = 0;
};

/// A zlib stream that is used again. Errors: data_error where memory is lacking.
class deflater {
public:
    explicit deflater(int level) : level_(level) {
        if (deflateInit(&stream_, level) != Z_OK) {
            throw data_error("compressing failed for want of memory; free some, or use fewer threads");
        }
    }
    deflater(const deflater&) = delete;
    deflater& operator=(const deflater&) = delete;
    ~deflater() { deflateEnd(&stream_); }

    /// The bytes are there until the next call.
    std::span<const std::uint8_t> compress(std::span<const std::uint8_t> in) { return compress(in, level_); }
    std::span<const std::uint8_t> compress(std::span<const std::uint8_t> in, int level) {
        deflateReset(&stream_);
        deflateParams(&stream_, level, Z_DEFAULT_STRATEGY);
        const auto out = out_.first(deflateBound(&stream_, static_cast<uLong>(in.size())));
        stream_.next_in = const_cast<Bytef*>(in.data()); // zlib does not write there
        stream_.avail_in = static_cast<uInt>(in.size());
        stream_.next_out = out.data();
        stream_.avail_out = static_cast<uInt>(out.size());
        if (deflate(&stream_, Z_FINISH) != Z_STREAM_END) {
            throw data_error("compressing failed; the memory may be damaged");
        }
        return out.first(out.size() - stream_.avail_out);
    }

private:
    z_stream stream_ = {};
    int level_;
    loose_bytes out_;
};

/// Of words and the bytes behind them.
inline std::uint32_t checksum(std::string_view words, std::span<const std::uint8_t> bytes = {}) noexcept {
    const uLong begun =
        crc32(crc32(0, nullptr, 0), reinterpret_cast<const Bytef*>(words.data()), static_cast<uInt>(words.size()));
    return static_cast<std::uint32_t>(bytes.empty() ? begun
                                                    : crc32(begun, bytes.data(), static_cast<uInt>(bytes.size())));
}

inline void append_base64(std::string& out, std::span<const std::uint8_t> bytes) {
    constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t start = out.size();
    out.resize(start + (bytes.size() + 2) / 3 * 4);
    char* to = out.data() + start;
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3, to += 4) {
        const std::uint32_t word =
            static_cast<std::uint32_t>(bytes[i]) << 16 | static_cast<std::uint32_t>(bytes[i + 1]) << 8 | bytes[i + 2];
        to[0] = letters[word >> 18];
        to[1] = letters[word >> 12 & 63];
        to[2] = letters[word >> 6 & 63];
        to[3] = letters[word & 63];
    }
    if (i < bytes.size()) {
        const bool two = i + 2 == bytes.size();
        const std::uint32_t word =
            static_cast<std::uint32_t>(bytes[i]) << 16 | (two ? static_cast<std::uint32_t>(bytes[i + 1]) << 8 : 0U);
        to[0] = letters[word >> 18];
        to[1] = letters[word >> 12 & 63];
        to[2] = two ? letters[word >> 6 & 63] : '=';
        to[3] = '=';
    }
}

/// Compressed bytes as an element that a page finds by its name, with a checksum of all three. `how` is for the page.
/// `write` takes the words piece by piece; gives their number.
template <class Write>
std::uint64_t write_piece(std::string_view name, unsigned how, std::span<const std::uint8_t> packed,
                          const Write& write) {
    constexpr std::size_t block = 3 * 8192;
    std::string words = text("<script type=\"text/plain\" id=\"", name, "\" data-how=\"", how, "\" data-check=\"",
                             checksum(text(name, " ", how, " "), packed), "\">");
    std::uint64_t count = 0;
    for (std::size_t first = 0; first < packed.size(); first += block) {
        append_base64(words, packed.subspan(first, (std::min)(block, packed.size() - first)));
        write(std::string_view(words));
        count += words.size();
        words.clear();
    }
    words += "</script>\n";
    write(std::string_view(words));
    return count + words.size();
}

/// Packs a chunk of codes, in memory that it uses for the next one too. One per thread.
class chunk_packer {
public:
    explicit chunk_packer(int level) : deflater_(level) {}

    /// Where the codes of so many frames of `size` are to be put, and `tail` bytes that follow, not predicted.
    std::span<std::uint8_t> begin(std::size_t frames, std::size_t size, std::size_t tail = 0) {
        frames_ = frames;
        size_ = size;
        tail_ = tail;
        return bytes_.first(frames * size + tail);
    }
    std::span<const std::uint8_t> codes() { return bytes_.first(frames_ * size_); }

    /// The codes are overwritten. Cost: the prediction is chosen by compressing some of the frames.
    void pack() {
        how_ = choose();
        predict(how_, bytes_.first(frames_ * size_), size_);
        const std::size_t count = predicted_size(how_, frames_, size_);
        const auto all = bytes_.first(frames_ * size_ + tail_);
        if (tail_ > 0) {
            std::memmove(all.data() + count, all.data() + frames_ * size_, tail_);
        }
        packed_ = deflater_.compress(all.first(count + tail_));
    }
    std::size_t packed_bytes() const noexcept { return packed_.size(); }
    /// As write_piece.
    template <class Write>
    std::uint64_t write(std::string_view name, const Write& to) const {
        return write_piece(name, static_cast<unsigned>(how_), packed_, to);
    }

private:
    prediction choose() {
        const auto codes = bytes_.first(frames_ * size_);
        if (frames_ < 2) {
            return prediction::plain;
        }
        if (std::memcmp(codes.data(), codes.data() + size_, codes.size() - size_) == 0) {
            return prediction::same;
        }
        const std::size_t some = (std::min)(frames_, (std::max)(std::size_t{4}, 32768 / size_));
        const auto sample = codes.subspan((frames_ - some) / 2 * size_, some * size_);
        prediction best = prediction::plain;
        std::size_t least = static_cast<std::size_t>(-1);
        for (const prediction how : {prediction::plain, prediction::in_time, prediction::in_space}) {
            const auto trial = trial_.first(sample.size());
            std::copy(sample.begin(), sample.end(), trial.begin());
            predict(how, trial, size_);
            const std::size_t bytes = deflater_.compress(trial, 1).size();
            if (bytes < least) {
                least = bytes;
                best = how;
            }
        }
        return best;
    }

    deflater deflater_;
    loose_bytes bytes_;
    loose_bytes trial_;
    std::size_t frames_ = 0;
    std::size_t size_ = 0;
    std::size_t tail_ = 0;
    prediction how_ = prediction::plain;
    std::span<const std::uint8_t> packed_;
};

/// The bytes of words: each word's difference to the one before (modulo its size), then first all lowest bytes, and so
/// on: what changes little becomes rows of equal bytes. Word: an unsigned number.
template <class Word>
void shuffle_words(std::span<const Word> words, std::vector<std::uint8_t>& out) {
    out.resize(words.size() * sizeof(Word));
    Word before = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto change = static_cast<Word>(words[i] - before);
        before = words[i];
        for (std::size_t k = 0; k < sizeof(Word); ++k) {
            out[k * words.size() + i] = static_cast<std::uint8_t>(change >> (8 * k));
        }
    }
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
