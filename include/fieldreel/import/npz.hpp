// SPDX-License-Identifier: MIT
// NumPy's .npz archives: stored arrays are mapped where they lie, deflated ones are unpacked when they are asked for.
#ifndef FIELDREEL_IMPORT_NPZ_HPP
#define FIELDREEL_IMPORT_NPZ_HPP

#if !__has_include(<zlib.h>)
#error "fieldreel's .npz archives need zlib: apt install zlib1g-dev"
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <zlib.h>

#include <fieldreel/error.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/file.hpp>
#include <fieldreel/source/npy.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

struct npz_options {
    fieldreel::access access = fieldreel::access::automatic;
    /// The largest deflated array that is unpacked into memory. Stored arrays have no limit: they are not copied.
    std::uint64_t max_unpacked_bytes = std::uint64_t{4} << 30;
};

/// One array of an archive.
struct npz_member {
    std::string name;         ///< without ".npy"
    std::uint64_t header = 0; ///< where its local header starts
    std::uint64_t packed = 0; ///< bytes in the file
    std::uint64_t size = 0;   ///< bytes of the .npy it holds
    std::uint32_t crc = 0;    ///< of these
    std::uint16_t flags = 0;  ///< bit 0: encrypted
    std::uint16_t method = 0; ///< 0: stored, 8: deflated
};

/// The arrays of a .npz file by their names.
///
/// A handle: copies share the file. Opening reads the directory at the file's end and nothing else. An array that is
/// stored (numpy.savez) is part of the mapped file: opening it costs its header, whatever its size, and its frames are
/// views where the file aligns them, else one frame is copied at a time. A deflated one (numpy.savez_compressed) is
/// unpacked whole, into memory, each time it is opened.
/// Errors: file_error. Source: PKWARE's APPNOTE 6.3 (zip and zip64), RFC 1951.
class npz_archive {
public:
    explicit npz_archive(const std::string& path, const npz_options& options = {})
        : npz_archive(std::make_shared<const read_only_file>(path, options.access), options) {}
    explicit npz_archive(std::shared_ptr<const read_only_file> file, const npz_options& options = {})
        : file_(std::move(file)), options_(options) {
        read_directory();
    }

    const std::string& path() const noexcept { return file_->path(); }
    const std::vector<npz_member>& members() const noexcept { return members_; }
    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const npz_member& one : members_) {
            out.push_back(one.name);
        }
        return out;
    }
    bool has(std::string_view name) const noexcept { return find(name) != nullptr; }

    /// The array as the .npy file that it is; what reads .npy files reads it. Errors: file_error for a name that is not
    /// there, and for an array that is cut, damaged, encrypted, or unpacks to more than the options allow.
    std::shared_ptr<const read_only_file> open(std::string_view name) const {
        const npz_member* const found = find(name);
        if (found == nullptr) {
            const auto there = names();
            throw file_error(path(), there.empty() ? detail::text(path(), " has no array '", name, "': it is empty")
                                                   : detail::text(path(), " has no array '", name, "'; it has ",
                                                                  detail::join(there), "; did you mean '",
                                                                  detail::nearest_name(name, there), "'?"));
        }
        const std::string called = detail::text(path(), "#", found->name);
        const std::uint64_t begin = data_of(*found, called);
        if (found->method == 0) {
            return std::make_shared<const read_only_file>(called, file_, begin, found->size);
        }
        return std::make_shared<const read_only_file>(called, unpack(*found, begin, called));
    }
    npy_header header(std::string_view name) const { return read_npy_header(*open(name), npy_order::c_or_fortran); }
    /// Numbers: (rows), (rows, columns) or (rows, a, b).
    samples table(std::string_view name) const { return samples::open_npy_rows(open(name)); }
    /// Frames: (frames), (frames, bins) or (frames, rows, columns).
    any_source frames(std::string_view name) const { return open_npy(open(name)); }

    /// Words: an array of strings as NumPy stores them (type '<U…' or '|S…'), as UTF-8. Errors: file_error for others.
    std::vector<std::string> words(std::string_view name) const {
        const auto file = open(name);
        unsigned char start[10] = {};
        file->read(0, start, sizeof start);
        const std::size_t length = start[8] + 256u * start[9];
        if (std::memcmp(start, "\x93NUMPY\x01", 7) != 0) {
            throw file_error(file->path(), detail::text(file->path(), " is no array; write it with numpy.savez"));
        }
        std::string text_of_header(length, '\0');
        file->read(sizeof start, text_of_header.data(), length);
        const detail::npy_dictionary dictionary(text_of_header, file->path());
        const std::string& type = *dictionary.descr;
        std::size_t each = 0;
        const bool wide = type.starts_with("<U");
        const auto parsed = type.size() > 2 ? std::from_chars(type.data() + 2, type.data() + type.size(), each).ec
                                            : std::errc::invalid_argument;
        if ((!wide && !type.starts_with("|S")) || parsed != std::errc{} || dictionary.shape->size() > 1) {
            if (type.find('O') != std::string::npos) {
                detail::npy_dtype(type, file->path()); // says that objects are never read
            }
            throw file_error(file->path(), detail::text(file->path(), " is of type '", type,
                                                        "' where a list of words is needed; save it with "
                                                        "a.astype(str)"));
        }
        const std::uint64_t room = file->size() - sizeof start - length;
        const std::size_t width = wide ? 4 : 1;
        const std::size_t count = dictionary.shape->empty() ? 1 : (*dictionary.shape)[0];
        if (each > 0 && (each > room / width || count > room / (width * each))) {
            throw file_error(file->path(),
                             detail::text(file->path(), " is cut: it promises ", count, " words of ", each,
                                          " letters and holds ", room, " bytes; copy or write it again"));
        }
        std::vector<std::string> out(each == 0 ? (std::min)(count, std::size_t{1} << 20) : count);
        std::vector<unsigned char> letters(each * width);
        for (std::size_t i = 0; each > 0 && i < out.size(); ++i) {
            file->read(sizeof start + length + std::uint64_t{i} * letters.size(), letters.data(), letters.size());
            for (std::size_t k = 0; k < each; ++k) {
                const unsigned char* const at = letters.data() + k * width;
                const std::uint32_t letter = wide ? at[0] + (std::uint32_t{at[1]} << 8) + (std::uint32_t{at[2]} << 16) +
                                                        (std::uint32_t{at[3]} << 24)
                                                  : at[0];
                if (letter == 0) {
                    break;
                }
                append_utf8(out[i], wide ? letter : (letter < 128 ? letter : '?'));
            }
        }
        return out;
    }

private:
    static void append_utf8(std::string& out, std::uint32_t letter) {
        const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
        if (letter > 0x10ffff || (letter >= 0xd800 && letter < 0xe000)) {
            letter = 0xfffd;
        }
        if (letter < 0x80) {
            put(letter);
        } else if (letter < 0x800) {
            put(0xc0 | letter >> 6);
            put(0x80 | (letter & 0x3f));
        } else {
            if (letter < 0x10000) {
                put(0xe0 | letter >> 12);
            } else {
                put(0xf0 | letter >> 18);
                put(0x80 | (letter >> 12 & 0x3f));
            }
            put(0x80 | (letter >> 6 & 0x3f));
            put(0x80 | (letter & 0x3f));
        }
    }

    /// Little-endian numbers of some bytes; what lies past their end reads as "cut".
    class bytes {
    public:
        bytes(const unsigned char* data, std::size_t size, const std::string& path)
            : data_(data), size_(size), path_(path) {}
        std::uint64_t number(std::size_t at, std::size_t width) const {
            if (at > size_ || width > size_ - at) {
                throw file_error(path_, detail::text(path_, " is a damaged zip archive: its directory is cut; copy or "
                                                            "write it again"));
            }
            std::uint64_t out = 0;
            for (std::size_t k = width; k-- > 0;) {
                out = out << 8 | data_[at + k];
            }
            return out;
        }
        std::size_t size() const noexcept { return size_; }

    private:
        const unsigned char* data_;
        std::size_t size_;
        const std::string& path_;
    };

    [[noreturn]] void damaged(std::string_view how) const {
        throw file_error(path(), detail::text(path(), " is a damaged zip archive: ", how, "; copy or write it again"));
    }
    const npz_member* find(std::string_view name) const noexcept {
        for (const npz_member& one : members_) {
            if (one.name == name) {
                return &one;
            }
        }
        return nullptr;
    }

    void read_directory() {
        constexpr std::size_t end_size = 22;
        const std::uint64_t size = file_->size();
        unsigned char signature[4] = {};
        file_->read(0, signature, static_cast<std::size_t>((std::min)(size, std::uint64_t{4})));
        if (std::memcmp(signature, "PK", 2) != 0) {
            throw file_error(path(), detail::text(path(), " is no .npz file: it does not start as a zip archive; write "
                                                          "it with numpy.savez"));
        }
        // The end record stands last, before a comment of at most 65535 bytes.
        std::vector<unsigned char> tail(
            static_cast<std::size_t>((std::min)(size, std::uint64_t{end_size + 65535 + 20})));
        file_->read(size - tail.size(), tail.data(), tail.size());
        std::size_t end = tail.size();
        for (std::size_t at = tail.size() < end_size ? 0 : tail.size() - end_size + 1; at-- > 0;) {
            if (std::memcmp(tail.data() + at, "PK\5\6", 4) == 0) {
                end = at;
                break;
            }
        }
        if (end == tail.size()) {
            throw file_error(path(), detail::text(path(), " is cut: the zip archive's directory, at its end, is not "
                                                          "there; copy or write it again"));
        }
        const bytes record(tail.data() + end, tail.size() - end, path());
        std::uint64_t count = record.number(10, 2);
        std::uint64_t length = record.number(12, 4);
        std::uint64_t begin = record.number(16, 4);
        if (count == 0xffff || length == 0xffffffff || begin == 0xffffffff) { // zip64: 20 bytes before say where
            if (end >= 20 && std::memcmp(tail.data() + end - 20, "PK\6\7", 4) == 0) {
                const std::uint64_t at = bytes(tail.data() + end - 20, 20, path()).number(8, 8);
                unsigned char more[56] = {};
                if (at > size || size - at < sizeof more) {
                    damaged("its zip64 record lies outside the file");
                }
                file_->read(at, more, sizeof more);
                if (std::memcmp(more, "PK\6\6", 4) != 0) {
                    damaged("it has no zip64 record where it says");
                }
                const bytes zip64(more, sizeof more, path());
                count = zip64.number(32, 8);
                length = zip64.number(40, 8);
                begin = zip64.number(48, 8);
            }
        }
        if (begin > size || length > size - begin) {
            damaged("its directory lies outside the file");
        }
        std::vector<unsigned char> directory(static_cast<std::size_t>(length));
        file_->read(begin, directory.data(), directory.size());
        const bytes entries(directory.data(), directory.size(), path());
        std::size_t at = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            at = read_entry(entries, directory.data(), at);
        }
        std::vector<std::string_view> names;
        for (const npz_member& one : members_) {
            names.push_back(one.name);
        }
        std::sort(names.begin(), names.end());
        if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end()) {
            damaged(detail::text("it has two arrays named '", *twice, "'"));
        }
    }
    std::size_t read_entry(const bytes& from, const unsigned char* data, std::size_t at) {
        if (from.number(at, 4) != 0x02014b50) {
            damaged("its directory has an entry without a signature");
        }
        npz_member out;
        out.flags = static_cast<std::uint16_t>(from.number(at + 8, 2));
        out.method = static_cast<std::uint16_t>(from.number(at + 10, 2));
        out.crc = static_cast<std::uint32_t>(from.number(at + 16, 4));
        out.packed = from.number(at + 20, 4);
        out.size = from.number(at + 24, 4);
        const std::size_t name = static_cast<std::size_t>(from.number(at + 28, 2));
        const std::size_t extra = static_cast<std::size_t>(from.number(at + 30, 2));
        const std::size_t comment = static_cast<std::size_t>(from.number(at + 32, 2));
        out.header = from.number(at + 42, 4);
        const std::size_t next = at + 46 + name + extra + comment;
        if (next > from.size()) {
            damaged("its directory is cut");
        }
        out.name.assign(reinterpret_cast<const char*>(data) + at + 46, name);
        for (std::size_t field = at + 46 + name; field + 4 <= at + 46 + name + extra;) {
            const std::size_t length = static_cast<std::size_t>(from.number(field + 2, 2));
            if (from.number(field, 2) == 1) { // zip64: those of the numbers above that are all ones
                std::size_t value = field + 4;
                for (std::uint64_t* const number : {&out.size, &out.packed, &out.header}) {
                    if (*number == 0xffffffff) {
                        *number = from.number(value, 8);
                        value += 8;
                    }
                }
            }
            field += 4 + length;
        }
        if (out.name.ends_with(".npy")) {
            out.name.resize(out.name.size() - 4);
            members_.push_back(std::move(out));
        }
        return next;
    }

    /// Where a member's bytes start.
    std::uint64_t data_of(const npz_member& member, const std::string& called) const {
        if ((member.flags & 1) != 0) {
            throw file_error(called, detail::text(called, " is encrypted; write it again with numpy.savez"));
        }
        if (member.method != 0 && member.method != 8) {
            throw file_error(called, detail::text(called, " is packed by method ", member.method,
                                                  "; stored (0) and deflated (8) arrays are read; write it again with "
                                                  "numpy.savez"));
        }
        const std::uint64_t size = file_->size();
        unsigned char local[30] = {};
        if (member.header > size || size - member.header < sizeof local) {
            damaged(detail::text("'", member.name, "' lies outside the file"));
        }
        file_->read(member.header, local, sizeof local);
        const bytes header(local, sizeof local, path());
        if (header.number(0, 4) != 0x04034b50) {
            damaged(detail::text("'", member.name, "' is not where the directory says"));
        }
        const std::uint64_t begin = member.header + sizeof local + header.number(26, 2) + header.number(28, 2);
        if (begin > size || member.packed > size - begin) {
            throw file_error(called,
                             detail::text(called, " is cut: ", member.packed, " bytes are promised and ",
                                          begin > size ? 0 : size - begin, " are there; copy or write it again"));
        }
        if (member.method == 0 && member.packed != member.size) {
            damaged(detail::text("'", member.name, "' is stored and has two sizes"));
        }
        return begin;
    }

    std::vector<std::byte> unpack(const npz_member& member, std::uint64_t begin, const std::string& called) const {
        // Deflate packs at most 1032 bytes into one: what claims more lies about its size.
        if (member.size / 1032 > member.packed + 64) {
            throw file_error(called, detail::text(called, " claims to unpack from ", member.packed, " to ", member.size,
                                                  " bytes, which cannot be; do not trust this file"));
        }
        if (member.size > options_.max_unpacked_bytes) {
            throw file_error(called, detail::text(called, " is deflated and unpacks to ", member.size,
                                                  " bytes of memory; allowed are ", options_.max_unpacked_bytes,
                                                  "; save it with numpy.savez, whose arrays are mapped, or raise "
                                                  "max_unpacked_bytes"));
        }
        struct stream_end {
            z_stream state = {};
            ~stream_end() { inflateEnd(&state); }
        } stream;
        z_stream& state = stream.state;
        if (inflateInit2(&state, -MAX_WBITS) != Z_OK) {
            throw error("zlib cannot be used; check that there is memory");
        }
        std::vector<std::byte> out(static_cast<std::size_t>(member.size));
        std::vector<unsigned char> some(static_cast<std::size_t>((std::min)(member.packed, std::uint64_t{1} << 18)));
        std::uint64_t taken = 0;
        std::size_t given = 0;
        unsigned char past_end = 0;
        int code = Z_OK;
        while (code == Z_OK) {
            if (state.avail_in == 0 && taken < member.packed) {
                const auto count =
                    static_cast<std::size_t>((std::min)(member.packed - taken, std::uint64_t{some.size()}));
                file_->read(begin + taken, some.data(), count);
                taken += count;
                state.next_in = some.data();
                state.avail_in = static_cast<unsigned>(count);
            }
            const bool full = given == out.size();
            const std::size_t room = full ? 1 : (std::min)(out.size() - given, std::size_t{1} << 30);
            state.next_out = full ? &past_end : reinterpret_cast<unsigned char*>(out.data() + given);
            state.avail_out = static_cast<unsigned>(room);
            code = inflate(&state, Z_NO_FLUSH);
            const std::size_t got = room - state.avail_out;
            if (full && got > 0) {
                code = Z_DATA_ERROR;
            }
            given += full ? 0 : got;
            if (code == Z_BUF_ERROR && got == 0 && state.avail_in == 0 && taken < member.packed) {
                code = Z_OK; // wants more
            }
        }
        uLong crc = crc32(0, nullptr, 0);
        for (std::size_t i = 0; i < given; i += std::size_t{1} << 30) {
            crc = crc32(crc, reinterpret_cast<const unsigned char*>(out.data() + i),
                        static_cast<unsigned>((std::min)(given - i, std::size_t{1} << 30)));
        }
        if (code != Z_STREAM_END || given != out.size() || crc != member.crc) {
            throw file_error(called, detail::text(called, " is damaged: it cannot be unpacked to the ", member.size,
                                                  " bytes that the archive promises; copy or write it again"));
        }
        return out;
    }

    std::shared_ptr<const read_only_file> file_;
    npz_options options_;
    std::vector<npz_member> members_;
};

} // namespace fieldreel::inline v0

#endif
