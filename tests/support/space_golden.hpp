// SPDX-License-Identifier: MIT
// For the tests of space: reads the golden arrays, and the smallest space there is.
#ifndef FIELDREEL_TESTS_SUPPORT_SPACE_GOLDEN_HPP
#define FIELDREEL_TESTS_SUPPORT_SPACE_GOLDEN_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <fieldreel/frame.hpp>

namespace space_test {

/// An npy file of the plainest kind (version 1, C order, little endian float64, int64 or uint8), as doubles.
/// Satisfies number_list and number_table.
struct table {
    std::vector<double> values;
    std::vector<std::size_t> dimensions;
    std::size_t size() const { return values.size(); }
    std::size_t shape(std::size_t i) const { return dimensions[i]; }
    double operator[](std::size_t i) const { return values[i]; }
    double operator()(std::size_t row, std::size_t col) const { return values[row * dimensions[1] + col]; }
    double& operator()(std::size_t row, std::size_t col) { return values[row * dimensions[1] + col]; }
};

inline table positions_of(const std::vector<fieldreel::point_xy>& points) {
    table out{{}, {points.size(), 2}};
    for (const auto& point : points) {
        out.values.push_back(point.x);
        out.values.push_back(point.y);
    }
    return out;
}

inline std::optional<table> try_load(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return std::nullopt;
    }
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (bytes.size() < 10 || bytes.compare(0, 7, "\x93NUMPY\x01", 7) != 0) {
        throw std::runtime_error(path + " is no npy file of version 1");
    }
    const std::size_t data = 10 + static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
    const std::string header = bytes.substr(10, data - 10);
    const auto read = [&]<class T>(T) {
        table out;
        for (std::size_t at = data; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
            T value;
            std::memcpy(&value, bytes.data() + at, sizeof(T));
            out.values.push_back(static_cast<double>(value));
        }
        std::size_t at = header.find("'shape': (") + 10;
        while (header[at] != ')') {
            std::size_t used = 0;
            out.dimensions.push_back(std::stoul(header.substr(at), &used));
            at += used;
            while (header[at] == ',' || header[at] == ' ') {
                ++at;
            }
        }
        return out;
    };
    if (header.find("'<f8'") != std::string::npos) {
        return read(double{});
    }
    if (header.find("'<i8'") != std::string::npos) {
        return read(std::int64_t{});
    }
    if (header.find("'|u1'") != std::string::npos) {
        return read(std::uint8_t{});
    }
    throw std::runtime_error(path + " has a type this test does not read");
}

/// A file of tests/golden.
inline table golden(const std::string& name) {
    const std::string path = std::string(FIELDREEL_TEST_DIR) + "/golden/" + name + ".npy";
    auto found = try_load(path);
    if (!found) {
        throw std::runtime_error(path + " is missing");
    }
    return *found;
}

/// A file of the shared folder, which is not always there.
inline std::optional<table> shared(const std::string& name) {
    return try_load(std::string(FIELDREEL_SHARED_DIR) + "/" + name + ".npy");
}

/// The archetype: three bins of 10 x 2 in a row from (0, 0) on, and not one member more than the concept asks.
struct strip {
    std::size_t bin_count() const { return 3; }
    std::optional<std::size_t> bin_at(double x, double y) const {
        return x >= 0 && x < 30 && y >= 0 && y < 2 ? std::optional(static_cast<std::size_t>(x / 10)) : std::nullopt;
    }
    fieldreel::box_xy bounds() const { return {{0, 0}, {30, 2}}; }
    fieldreel::point_xy center(std::size_t bin) const { return {static_cast<double>(bin) * 10 + 5, 1}; }
};

} // namespace space_test

#endif
