// SPDX-License-Identifier: MIT
// The packets of one part of a film in a file of their own, with a checksum: what an unfinished export consists of.
#ifndef FIELDREEL_EXPORT_VIDEO_SEGMENT_HPP
#define FIELDREEL_EXPORT_VIDEO_SEGMENT_HPP

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>

namespace fieldreel::inline v0 {

/// One compressed picture. Units: times in frames of the film; in a segment, from the segment's first frame on.
struct video_packet {
    std::span<const std::uint8_t> bytes = {};
    std::int64_t pts = 0; ///< when it is shown
    std::int64_t dts = 0; ///< when it is decoded; never later, and increasing
    bool key = false;     ///< decoding can begin here
};

namespace detail {

/// A checksum that tells every change of one byte. Source: the 64-bit FNV-1a hash.
class fnv1a {
public:
    void add(const void* bytes, std::size_t count) noexcept {
        const auto* const in = static_cast<const unsigned char*>(bytes);
        std::uint64_t h = hash_;
        for (std::size_t i = 0; i < count; ++i) {
            h = (h ^ in[i]) * 0x100000001b3u;
        }
        hash_ = h;
    }
    std::uint64_t value() const noexcept { return hash_; }

private:
    std::uint64_t hash_ = 0xcbf29ce484222325u;
};

inline std::uint64_t fingerprint_of(std::string_view text) noexcept {
    fnv1a hash;
    hash.add(text.data(), text.size());
    return hash.value();
}

/// A name beside `path` that nobody else uses.
inline std::string unfinished_name(const std::string& path) {
    static constexpr char digits[] = "0123456789abcdef";
    std::random_device random;
    std::string name = path + ".part-";
    for (std::uint32_t bits = random(), i = 0; i < 8; ++i, bits >>= 4) {
        name += digits[bits & 15];
    }
    return name;
}

[[noreturn]] inline void throw_not_written(const std::string& path, int problem) {
    throw file_error(path, text(path, " cannot be written (", std::string_view(std::strerror(problem)),
                                "); check that the folder may be written and the disk is not full"));
}

struct close_file {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using file_handle = std::unique_ptr<std::FILE, close_file>;

inline constexpr std::string_view segment_magic = "fieldreel segment 1\n";
inline constexpr std::uint32_t segment_end = 0xFFFFFFFF;

/// Writes a segment beside its name; `finish` gives it the name. Without finish nothing is left.
/// Errors: file_error, e.g. for a full disk.
class segment_writer {
public:
    /// `fingerprint` tells which export the segment belongs to; `header` is what decoders must know first.
    segment_writer(std::string path, std::uint64_t fingerprint, std::span<const std::uint8_t> header)
        : path_(std::move(path)), part_(unfinished_name(path_)), file_(std::fopen(part_.c_str(), "wb")) {
        if (!file_) {
            throw_not_written(path_, errno);
        }
        put(segment_magic.data(), segment_magic.size());
        put_number(fingerprint);
        put_number(static_cast<std::uint32_t>(header.size()));
        put(header.data(), header.size());
    }
    segment_writer(const segment_writer&) = delete;
    segment_writer& operator=(const segment_writer&) = delete;
    ~segment_writer() {
        if (!part_.empty()) {
            file_.reset();
            std::remove(part_.c_str());
        }
    }
    void add(const video_packet& packet) {
        put_number(static_cast<std::uint32_t>(packet.bytes.size()));
        put_number(static_cast<std::uint64_t>(packet.pts));
        put_number(static_cast<std::uint64_t>(packet.dts));
        put_number(static_cast<std::uint32_t>(packet.key ? 1 : 0));
        put(packet.bytes.data(), packet.bytes.size());
        ++count_;
    }
    void finish() {
        put_number(segment_end);
        put_number(count_);
        put_number(hash_.value());
        const bool flushed = std::fflush(file_.get()) == 0;
        const int problem = errno;
        if (std::fclose(file_.release()) != 0 || !flushed) {
            throw_not_written(path_, flushed ? errno : problem);
        }
#ifdef _WIN32
        std::remove(path_.c_str());
#endif
        if (std::rename(part_.c_str(), path_.c_str()) != 0) {
            throw_not_written(path_, errno);
        }
        part_.clear();
    }

private:
    void put(const void* bytes, std::size_t count) {
        hash_.add(bytes, count);
        if (count > 0 && std::fwrite(bytes, 1, count, file_.get()) != count) {
            throw_not_written(path_, errno);
        }
    }
    template <class T>
    void put_number(T number) { // lowest byte first
        std::array<std::uint8_t, sizeof(T)> bytes;
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
        }
        put(bytes.data(), bytes.size());
    }
    std::string path_;
    std::string part_;
    file_handle file_;
    fnv1a hash_;
    std::uint64_t count_ = 0;
};

/// Reads a segment packet by packet. A packet is believed only once `problem()` was asked at the end; so a film is made
/// of segments that were read once before.
class segment_reader {
public:
    segment_reader(const std::string& path, std::uint64_t fingerprint) : file_(std::fopen(path.c_str(), "rb")) {
        std::string magic(segment_magic.size(), '\0');
        std::uint64_t belongs_to = 0;
        std::uint32_t header_size = 0;
        if (!file_) {
            problem_ = "it is missing";
        } else if (!get(magic.data(), magic.size()) || magic != segment_magic) {
            problem_ = "it is not a segment";
        } else if (!get_number(belongs_to) || belongs_to != fingerprint) {
            problem_ = "it belongs to another export";
        } else if (!get_number(header_size) || !get_bytes(header_, header_size)) {
            problem_ = "it is cut";
        }
    }
    std::span<const std::uint8_t> header() const noexcept { return header_; }

    /// The next packet, whose bytes are valid until the next call; false at the end and when something is wrong.
    bool next(video_packet& packet) {
        std::uint32_t size = 0;
        if (!problem_.empty() || ended_) {
            return false;
        }
        if (!get_number(size)) {
            problem_ = "it is cut";
            return false;
        }
        if (size == segment_end) {
            std::uint64_t count = 0, checksum = 0;
            const bool counted = get_number(count);
            const std::uint64_t found = hash_.value();
            ended_ = true;
            if (!counted || !get_number(checksum)) {
                problem_ = "it is cut";
            } else if (checksum != found || count != count_ || std::fgetc(file_.get()) != EOF) {
                problem_ = "its checksum is wrong";
            }
            return false;
        }
        std::uint64_t pts = 0, dts = 0;
        std::uint32_t key = 0;
        if (!get_number(pts) || !get_number(dts) || !get_number(key) || !get_bytes(bytes_, size)) {
            problem_ = "it is cut";
            return false;
        }
        ++count_;
        packet = {bytes_, static_cast<std::int64_t>(pts), static_cast<std::int64_t>(dts), key != 0};
        return true;
    }
    /// After the last packet: empty, or why the segment cannot be used.
    const std::string& problem() const noexcept { return problem_; }
    std::uint64_t packet_count() const noexcept { return count_; }

private:
    bool get(void* bytes, std::size_t count) {
        const bool whole = std::fread(bytes, 1, count, file_.get()) == count;
        hash_.add(bytes, whole ? count : 0);
        return whole;
    }
    template <class T>
    bool get_number(T& number) {
        std::array<std::uint8_t, sizeof(T)> bytes{};
        if (!get(bytes.data(), bytes.size())) {
            return false;
        }
        number = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            number |= static_cast<T>(T{bytes[i]} << (8 * i));
        }
        return true;
    }
    /// A damaged length must not ask for all memory: the bytes come in pieces.
    bool get_bytes(std::vector<std::uint8_t>& to, std::size_t count) {
        to.clear();
        while (to.size() < count) {
            const std::size_t step = (std::min)(count - to.size(), std::size_t{1} << 20);
            const std::size_t at = to.size();
            to.resize(at + step);
            if (!get(to.data() + at, step)) {
                return false;
            }
        }
        return true;
    }
    file_handle file_;
    fnv1a hash_;
    std::vector<std::uint8_t> header_;
    std::vector<std::uint8_t> bytes_;
    std::string problem_;
    std::uint64_t count_ = 0;
    bool ended_ = false;
};

/// Reads a whole segment: empty when it is intact and has so many frames, each once, the first of them a key frame;
/// else why it cannot be used. Cost: reading the file.
inline std::string segment_problem(const std::string& path, std::uint64_t fingerprint, std::size_t frames) {
    segment_reader reader(path, fingerprint);
    video_packet packet;
    std::vector<bool> shown(frames);
    bool starts_with_key = false;
    bool odd = false;
    while (reader.next(packet)) {
        starts_with_key = starts_with_key || (reader.packet_count() == 1 && packet.key);
        const auto k = static_cast<std::uint64_t>(packet.pts);
        odd = odd || k >= frames || shown[static_cast<std::size_t>(k)];
        if (!odd) {
            shown[static_cast<std::size_t>(k)] = true;
        }
    }
    if (!reader.problem().empty()) {
        return reader.problem();
    }
    if (odd || reader.packet_count() != frames || !starts_with_key) {
        return text("it has ", reader.packet_count(), " packets for ", frames, " frames");
    }
    return {};
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
