// SPDX-License-Identifier: MIT
// A file that appears under its name only when it is complete.
#ifndef FIELDREEL_EXPORT_PART_FILE_HPP
#define FIELDREEL_EXPORT_PART_FILE_HPP

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <fieldreel/error.hpp>

namespace fieldreel::inline v0 {

/// Writes `path + ".part"`; `finish` renames it, replacing an older file. Without finish the destructor removes it.
class part_file {
public:
    /// Errors: file_error when the file cannot be made.
    explicit part_file(std::string path) : path_(std::move(path)), part_(path_ + ".part") {
        file_ = std::fopen(part_.c_str(), "wb");
        if (file_ == nullptr) {
            fail("cannot be created", "check that the folder exists and may be written");
        }
    }
    part_file(const part_file&) = delete;
    part_file& operator=(const part_file&) = delete;
    ~part_file() {
        if (file_ != nullptr) {
            std::fclose(file_);
            std::remove(part_.c_str());
        }
    }

    /// For those that write themselves; what they lose, finish tells.
    std::FILE* stream() const noexcept { return file_; }
    /// False when the disk is full.
    bool write(const void* bytes, std::size_t count) noexcept { return std::fwrite(bytes, 1, count, file_) == count; }

    /// Errors: file_error when anything could not be written; then nothing is left.
    void finish() {
        const bool written = std::fflush(file_) == 0 && std::ferror(file_) == 0;
        const int problem = errno;
        const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
        if (!written || !closed) {
            errno = written ? errno : problem;
            fail_after("cannot be written", "check that the disk is not full");
        }
#ifdef _WIN32
        std::remove(path_.c_str());
#endif
        if (std::rename(part_.c_str(), path_.c_str()) != 0) {
            fail_after("cannot be given its name", "check that it is no folder and may be replaced");
        }
    }

private:
    [[noreturn]] void fail(const char* what, const char* remedy) const {
        throw file_error(path_,
                         detail::text(path_, " ", what, " (", std::string_view(std::strerror(errno)), "); ", remedy));
    }
    [[noreturn]] void fail_after(const char* what, const char* remedy) const {
        const int problem = errno;
        std::remove(part_.c_str());
        errno = problem;
        fail(what, remedy);
    }
    std::string path_;
    std::string part_;
    std::FILE* file_ = nullptr;
};

} // namespace fieldreel::inline v0

#endif
