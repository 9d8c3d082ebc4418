// SPDX-License-Identifier: MIT
// A file that is only read: mapped into memory, or read piece by piece where a mapping is not safe.
#ifndef FIELDREEL_SOURCE_FILE_HPP
#define FIELDREEL_SOURCE_FILE_HPP

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>

#ifdef _WIN32
#ifndef NOMINMAX
#define NOMINMAX
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif
#endif

namespace fieldreel::inline v0 {

/// How a file's bytes are reached.
///
/// `map`: the file is mapped; a frame is a view and costs nothing. If another program cuts the file between the check
/// that is made once per frame and the use of the frame, the process faults (SIGBUS): no check can close that gap.
/// `pread`: each frame is read into a buffer; a file that is cut, or a network that fails, is an exception.
/// `automatic`: `map`, but `pread` on network file systems.
enum class access : unsigned char { automatic, map, pread };

/// A file opened for reading. Copies are not made: share it by shared_ptr<const read_only_file>.
class read_only_file {
public:
    /// Opens the file. Errors: file_error when it does not exist, is a directory or a pipe, or may not be read.
    explicit read_only_file(std::string path, access how = access::automatic) : path_(std::move(path)) {
        open();
        mapped_ = how == access::map || (how == access::automatic && !on_network());
        if (mapped_ && size_ > 0) {
            try {
                map();
            } catch (...) {
                close();
                throw;
            }
        }
    }
    /// Bytes in memory under the name of what they came from: an array that was unpacked. Always `mapped`.
    read_only_file(std::string name, std::vector<std::byte> bytes)
        : path_(std::move(name)), size_(bytes.size()), mapped_(true), bytes_(std::move(bytes)) {
        data_ = bytes_.data();
    }
    /// `size` bytes from `begin` on of another file, as a file of their own: an array in an archive. Nothing is copied.
    /// Errors: file_error when the other file has fewer.
    read_only_file(std::string name, std::shared_ptr<const read_only_file> whole, std::uint64_t begin,
                   std::uint64_t size)
        : path_(std::move(name)), size_(size), mapped_(whole->mapped()), whole_(std::move(whole)), begin_(begin) {
        if (begin > whole_->size() || size > whole_->size() - begin) {
            throw file_error(path_, detail::text(path_, " lies outside its file, which has ", whole_->size(),
                                                 " bytes; copy or write it again"));
        }
        data_ = whole_->data() == nullptr ? nullptr : whole_->data() + begin;
    }
    read_only_file(const read_only_file&) = delete;
    read_only_file& operator=(const read_only_file&) = delete;
    ~read_only_file() {
        if (of_its_own()) {
            unmap();
            close();
        }
    }

    const std::string& path() const noexcept { return path_; }
    /// Bytes when it was opened.
    std::uint64_t size() const noexcept { return size_; }
    bool mapped() const noexcept { return mapped_; }
    /// The first byte when mapped, else nullptr.
    const std::byte* data() const noexcept { return data_; }

    /// Throws file_error when the file has become shorter since it was opened. Cost: one system call (about 0.3 µs).
    void check_size() const {
        if (!of_its_own()) {
            if (whole_ != nullptr) {
                whole_->check_size();
            }
            return;
        }
        const std::uint64_t now = current_size();
        if (now < size_) {
            throw file_error(
                path_, detail::text(
                           path_, " has shrunk from ", size_, " to ", now,
                           " bytes while it was open; do not rewrite a recording that is being played; open it again"));
        }
    }

    /// Copies `count` bytes from `offset` on, mapped or not by a system call: it touches no page of the mapping, which
    /// a page fault would cost ten times as much. Errors: file_error when the file ends before, has become shorter, or
    /// cannot be read.
    void read(std::uint64_t offset, void* out, std::size_t count) const {
        if (offset > size_ || count > size_ - offset) {
            fail_short(offset + count);
        }
        if (whole_ != nullptr) {
            whole_->read(begin_ + offset, out, count);
            return;
        }
        if (!of_its_own() && count > 0) {
            std::memcpy(out, data_ + offset, count);
            return;
        }
        auto* to = static_cast<char*>(out);
        while (count > 0) {
            const std::ptrdiff_t got = read_some(offset, to, count);
            if (got == 0) {
                check_size();
                fail_short(offset + count);
            }
            if (got < 0) {
                throw file_error(path_, detail::text(path_, " cannot be read at byte ", offset, " (", last_error(),
                                                     "); check the disk or the network and try again"));
            }
            to += got;
            offset += static_cast<std::uint64_t>(got);
            count -= static_cast<std::size_t>(got);
        }
    }

private:
    bool of_its_own() const noexcept { return whole_ == nullptr && bytes_.empty(); }
    [[noreturn]] void fail_short(std::uint64_t end) const {
        throw file_error(path_, detail::text(path_, " ends before byte ", end, " (it had ", size_,
                                             " bytes when it was opened); open it again"));
    }
    [[noreturn]] void fail_open(const std::string& why, const char* what_to_do) const {
        throw file_error(path_, detail::text(path_, " cannot be opened: ", why, "; ", what_to_do));
    }

#ifdef _WIN32
    void open() {
        handle_ = ::CreateFileA(path_.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
        if (handle_ == INVALID_HANDLE_VALUE) {
            const DWORD attributes = ::GetFileAttributesA(path_.c_str());
            if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
                fail_open("it is a directory", "give a file inside it");
            }
            fail_open(last_error(), "check the path");
        }
        size_ = current_size();
    }
    std::uint64_t current_size() const {
        LARGE_INTEGER size{};
        return ::GetFileSizeEx(handle_, &size) != 0 ? static_cast<std::uint64_t>(size.QuadPart) : 0;
    }
    bool on_network() const {
        char full[MAX_PATH + 1];
        const DWORD length = ::GetFullPathNameA(path_.c_str(), MAX_PATH, full, nullptr);
        if (length < 3 || length > MAX_PATH) {
            return false;
        }
        if (full[0] == '\\' && full[1] == '\\') {
            return true;
        }
        full[3] = '\0';
        return ::GetDriveTypeA(full) == DRIVE_REMOTE;
    }
    void map() {
        mapping_ = ::CreateFileMappingA(handle_, nullptr, PAGE_READONLY, 0, 0, nullptr);
        data_ = mapping_ == nullptr ? nullptr
                                    : static_cast<const std::byte*>(::MapViewOfFile(mapping_, FILE_MAP_READ, 0, 0, 0));
        if (data_ == nullptr) {
            const std::string why = last_error();
            unmap();
            fail_open(detail::text("it cannot be mapped (", why, ")"), "open it with {.access = access::pread}");
        }
    }
    void unmap() noexcept {
        if (data_ != nullptr) {
            ::UnmapViewOfFile(data_);
        }
        if (mapping_ != nullptr) {
            ::CloseHandle(mapping_);
        }
    }
    void close() noexcept {
        if (handle_ != INVALID_HANDLE_VALUE) {
            ::CloseHandle(handle_);
        }
    }
    std::ptrdiff_t read_some(std::uint64_t offset, char* out, std::size_t count) const {
        OVERLAPPED at{};
        at.Offset = static_cast<DWORD>(offset & 0xffffffffu);
        at.OffsetHigh = static_cast<DWORD>(offset >> 32);
        DWORD got = 0;
        const DWORD ask = count > 0x40000000u ? 0x40000000u : static_cast<DWORD>(count);
        if (::ReadFile(handle_, out, ask, &got, &at) == 0 && ::GetLastError() != ERROR_HANDLE_EOF) {
            return -1;
        }
        return static_cast<std::ptrdiff_t>(got);
    }
    static std::string last_error() {
        return detail::text("Windows error ", static_cast<unsigned long>(::GetLastError()));
    }

    HANDLE handle_ = INVALID_HANDLE_VALUE;
    HANDLE mapping_ = nullptr;
#else
    void open() {
        descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a pipe must not wait for a writer
        if (descriptor_ < 0) {
            const int why = errno;
            fail_open(std::strerror(why), why == ENOENT || why == ENOTDIR ? "check the path" : "check its permissions");
        }
        struct stat status {};
        if (::fstat(descriptor_, &status) != 0) {
            const std::string why = last_error();
            close();
            fail_open(why, "check the disk");
        }
        if (!S_ISREG(status.st_mode)) {
            const bool directory = S_ISDIR(status.st_mode);
            close();
            fail_open(directory ? "it is a directory" : "it is no regular file",
                      directory ? "give a file inside it" : "save what it gives to a file first");
        }
        size_ = static_cast<std::uint64_t>(status.st_size);
    }
    std::uint64_t current_size() const {
        struct stat status {};
        return ::fstat(descriptor_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
    }
    bool on_network() const {
#ifdef __linux__
        struct statfs status {};
        if (::fstatfs(descriptor_, &status) != 0) {
            return false;
        }
        // Source: statfs(2): NFS, SMB, CIFS, SMB2, AFS, Coda, 9p, Ceph, FUSE (sshfs and friends).
        switch (static_cast<std::uint32_t>(status.f_type)) {
        case 0x6969u:
        case 0x517bu:
        case 0xff534d42u:
        case 0xfe534d42u:
        case 0x5346414fu:
        case 0x73757245u:
        case 0x01021997u:
        case 0x00c36400u:
        case 0x65735546u: return true;
        default: return false;
        }
#else
        return false;
#endif
    }
    void map() {
        void* const at = ::mmap(nullptr, static_cast<std::size_t>(size_), PROT_READ, MAP_SHARED, descriptor_, 0);
        if (at == MAP_FAILED) {
            fail_open(detail::text("it cannot be mapped (", last_error(), ")"),
                      "open it with {.access = access::pread}");
        }
        data_ = static_cast<const std::byte*>(at);
    }
    void unmap() noexcept {
        if (data_ != nullptr) {
            ::munmap(const_cast<std::byte*>(data_), static_cast<std::size_t>(size_));
        }
    }
    void close() noexcept {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
            descriptor_ = -1;
        }
    }
    std::ptrdiff_t read_some(std::uint64_t offset, char* out, std::size_t count) const {
        std::ptrdiff_t got = 0;
        do {
            got = ::pread(descriptor_, out, count, static_cast<off_t>(offset));
        } while (got < 0 && errno == EINTR);
        return got;
    }
    static std::string last_error() {
        return std::strerror(errno);
    }

    int descriptor_ = -1;
#endif

    std::string path_;
    std::uint64_t size_ = 0;
    const std::byte* data_ = nullptr;
    bool mapped_ = false;
    std::vector<std::byte> bytes_;                ///< of a file in memory
    std::shared_ptr<const read_only_file> whole_; ///< of a part
    std::uint64_t begin_ = 0;
};

} // namespace fieldreel::inline v0

#endif
