// SPDX-License-Identifier: MIT
// .npy files made byte by byte, independent of the library's writer, right and wrong ones.
#ifndef FIELDREEL_TESTS_SUPPORT_NPY_BYTES_HPP
#define FIELDREEL_TESTS_SUPPORT_NPY_BYTES_HPP

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Signature, version, length and the words, filled with spaces to a multiple of 64 as NumPy does.
inline std::string npy_head(std::string words, int version = 1) {
    const std::size_t prefix = version == 1 ? 10 : 12;
    words.resize((prefix + words.size() + 1 + 63) / 64 * 64 - prefix - 1, ' ');
    words += '\n';
    std::string out = "\x93NUMPY";
    out += static_cast<char>(version);
    out += '\0';
    for (std::size_t byte = 0, rest = words.size(); byte < prefix - 8; ++byte, rest /= 256) {
        out += static_cast<char>(rest % 256);
    }
    return out + words;
}

inline std::string npy_words(std::string_view descr, std::string_view shape, bool fortran_order = false) {
    return "{'descr': '" + std::string(descr) + "', 'fortran_order': " + (fortran_order ? "True" : "False") +
           ", 'shape': " + std::string(shape) + ", }";
}

template <class T>
std::string raw_bytes(std::span<const T> values) {
    return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

/// A whole file, e.g. npy_file<float>("<f4", "(2, 3)", {1, 2, 3, 4, 5, 6}).
template <class T>
std::string npy_file(std::string_view descr, std::string_view shape, const std::vector<T>& values, int version = 1) {
    return npy_head(npy_words(descr, shape), version) + raw_bytes(std::span<const T>(values));
}

} // namespace support

#endif
