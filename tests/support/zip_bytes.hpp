// SPDX-License-Identifier: MIT
// Zip archives made byte by byte, right and wrong ones.
#ifndef FIELDREEL_TESTS_SUPPORT_ZIP_BYTES_HPP
#define FIELDREEL_TESTS_SUPPORT_ZIP_BYTES_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <zlib.h>

namespace support {

struct zip_entry {
    std::string name;
    std::string bytes;
    bool deflated = false;
    bool zip64 = false; ///< sizes and place in the extra field, as numpy writes large ones
    std::optional<std::uint64_t> claimed_size = {};
    std::uint16_t flags = 0;
    std::optional<std::uint16_t> method = {};
    std::optional<std::uint32_t> crc = {};
};

inline std::string little(std::uint64_t value, std::size_t width) {
    std::string out;
    for (std::size_t k = 0; k < width; ++k) {
        out += static_cast<char>(static_cast<unsigned char>(value >> (8 * k)));
    }
    return out;
}

inline std::string deflated(const std::string& bytes) {
    z_stream state = {};
    deflateInit2(&state, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&state, static_cast<uLong>(bytes.size())), '\0');
    std::string in = bytes;
    state.next_in = reinterpret_cast<unsigned char*>(in.data());
    state.avail_in = static_cast<unsigned>(in.size());
    state.next_out = reinterpret_cast<unsigned char*>(out.data());
    state.avail_out = static_cast<unsigned>(out.size());
    deflate(&state, Z_FINISH);
    out.resize(state.total_out);
    deflateEnd(&state);
    return out;
}

inline std::string zip_file(const std::vector<zip_entry>& entries, bool zip64_end = false) {
    std::string out;
    std::string directory;
    for (const zip_entry& one : entries) {
        const std::string packed = one.deflated ? deflated(one.bytes) : one.bytes;
        const std::uint64_t size = one.claimed_size.value_or(one.bytes.size());
        const std::uint32_t crc = one.crc.value_or(static_cast<std::uint32_t>(crc32(
            0, reinterpret_cast<const unsigned char*>(one.bytes.data()), static_cast<unsigned>(one.bytes.size()))));
        const std::uint16_t method = one.method.value_or(one.deflated ? 8 : 0);
        const std::uint64_t place = out.size();
        const std::uint64_t all_ones = 0xffffffff;
        const std::string local_extra =
            one.zip64 ? little(1, 2) + little(16, 2) + little(size, 8) + little(packed.size(), 8) : "";
        const std::string sizes =
            one.zip64 ? little(all_ones, 4) + little(all_ones, 4) : little(packed.size(), 4) + little(size, 4);
        out += "PK\3\4" + little(45, 2) + little(one.flags, 2) + little(method, 2) + little(0, 4) + little(crc, 4) +
               sizes + little(one.name.size(), 2) + little(local_extra.size(), 2) + one.name + local_extra + packed;
        const std::string extra =
            one.zip64 ? little(1, 2) + little(24, 2) + little(size, 8) + little(packed.size(), 8) + little(place, 8)
                      : "";
        directory += "PK\1\2" + little(45, 2) + little(45, 2) + little(one.flags, 2) + little(method, 2) +
                     little(0, 4) + little(crc, 4) + sizes + little(one.name.size(), 2) + little(extra.size(), 2) +
                     little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
                     little(one.zip64 ? all_ones : place, 4) + one.name + extra;
    }
    const std::uint64_t begin = out.size();
    out += directory;
    if (zip64_end) {
        const std::uint64_t at = out.size();
        out += "PK\6\6" + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 4) + little(0, 4) +
               little(entries.size(), 8) + little(entries.size(), 8) + little(directory.size(), 8) + little(begin, 8);
        out += "PK\6\7" + little(0, 4) + little(at, 8) + little(1, 4);
    }
    const std::uint64_t most16 = 0xffff;
    const std::uint64_t most32 = 0xffffffff;
    out += "PK\5\6" + little(0, 4) + little(zip64_end ? most16 : entries.size(), 2) +
           little(zip64_end ? most16 : entries.size(), 2) + little(zip64_end ? most32 : directory.size(), 4) +
           little(zip64_end ? most32 : begin, 4) + little(0, 2);
    return out;
}

} // namespace support

#endif
