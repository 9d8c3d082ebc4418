// SPDX-License-Identifier: MIT
// Reads the small .npy files of tests/golden: little-endian, C order, any of the types used there.
#ifndef FIELDREEL_TESTS_COLORMAP_GOLDEN_HPP
#define FIELDREEL_TESTS_COLORMAP_GOLDEN_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace golden {

/// The values of tests/golden/<name>.npy, which must have the type T ("<f8", "<f4" or "|u1").
template <class T>
std::vector<T> load(const std::string& name) {
    const std::string path = std::string(FIELDREEL_TEST_DIR) + "/golden/" + name + ".npy";
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (bytes.size() < 10) {
        throw std::runtime_error("cannot read " + path);
    }
    const std::size_t header = static_cast<std::uint8_t>(bytes[8]) + 256u * static_cast<std::uint8_t>(bytes[9]);
    const std::string type = sizeof(T) == 8 ? "'<f8'" : sizeof(T) == 4 ? "'<f4'" : "'|u1'";
    if (bytes.substr(10, header).find(type) == std::string::npos) {
        throw std::runtime_error(path + " does not hold " + type);
    }
    std::vector<T> values((bytes.size() - 10 - header) / sizeof(T));
    std::memcpy(values.data(), bytes.data() + 10 + header, values.size() * sizeof(T));
    return values;
}

} // namespace golden

#endif
