// SPDX-License-Identifier: MIT
// A folder of its own for each test, removed with everything in it.
#ifndef FIELDREEL_TESTS_SUPPORT_TEMPORARY_DIRECTORY_HPP
#define FIELDREEL_TESTS_SUPPORT_TEMPORARY_DIRECTORY_HPP

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace support {

class temporary_directory {
public:
    temporary_directory() {
        std::string made = (std::filesystem::temp_directory_path() / "fieldreel_test_XXXXXX").string();
        if (::mkdtemp(made.data()) == nullptr) {
            throw std::runtime_error("no temporary folder " + made);
        }
        path_ = made;
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    ~temporary_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    /// The full name of a file in the folder, which need not exist.
    std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
    const std::string& path() const { return path_; }

    /// Writes a file; gives its full name.
    std::string write(std::string_view name, std::string_view bytes) const {
        const std::string full = file(name);
        std::ofstream(full, std::ios::binary) << bytes;
        return full;
    }
    template <class T>
    std::string write_values(std::string_view name, std::span<const T> values) const {
        return write(name, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
    }
    /// Makes a file longer (with zeros, which take no room on disk) or cuts it.
    static void resize(const std::string& full, std::uint64_t bytes) { std::filesystem::resize_file(full, bytes); }
    static bool exists(const std::string& full) { return std::filesystem::exists(full); }

private:
    std::string path_;
};

inline std::string bytes_of(const std::string& full) {
    std::ifstream in(full, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace support

#endif
