// SPDX-License-Identifier: MIT
// The file a recording lives in while it is made: a shared mapping, which the kernel keeps when the process is killed.
#ifndef FIELDREEL_TRACE_PART_FILE_HPP
#define FIELDREEL_TRACE_PART_FILE_HPP

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#ifdef _WIN32
#include <process.h>
#else
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include <fieldreel/trace/point.hpp>

namespace fieldreel::inline v0::detail {

/// The first page of the file. Chunks follow, one after the other, as trace_chunk says; a chunk with tid 0 holds
/// trace_name records. Numbers are in the order and the size of the machine that wrote them, which `layout` tells.
struct trace_part_head {
    char magic[8] = {'F', 'R', 'T', 'R', 'A', 'C', 'E', '\n'};
    std::uint64_t layout = expected_layout;
    std::uint64_t process = 0;
    std::int64_t first_ticks = 0;
    std::atomic<std::uint64_t> ns_per_tick = 0; // the bits of a double: one store, never half written
    std::atomic<std::uint64_t> dropped = 0;
    std::atomic<std::uint64_t> written = 0; // 1: all that is in here is also in the finished file

    static constexpr std::uint64_t expected_layout =
        std::uint64_t{1} << 48 | std::uint64_t{sizeof(trace_event)} << 16 | sizeof(void*); // version 1
};
inline constexpr std::size_t trace_part_head_bytes = 4096;
static_assert(sizeof(trace_part_head) <= trace_part_head_bytes);

/// A name in the file; `bytes` of text follow, then room up to the next multiple of eight.
struct trace_name {
    enum class kind : std::uint32_t { of_pointer, of_thread, of_process };
    std::uint64_t key;
    kind what;
    std::uint32_t bytes;
};

inline unsigned long trace_process_id() noexcept {
#ifdef _WIN32
    return static_cast<unsigned long>(::_getpid());
#else
    return static_cast<unsigned long>(::getpid());
#endif
}

#ifdef _WIN32

/// Nothing here: the recorder keeps its events on the heap, and says so.
class trace_part_file {
public:
    enum class outcome : std::uint8_t { ready, busy, impossible };
    outcome lock(const std::string&) { return outcome::impossible; }
    bool map(std::size_t) { return false; }
    const char* why() const noexcept { return "this system has no shared mappings that fieldreel knows"; }
    bool is_open() const noexcept { return false; }
    std::byte* take(std::size_t) noexcept { return nullptr; }
    bool full() const noexcept { return false; }
    trace_part_head* head() noexcept { return nullptr; }
    void wait_for_disk() noexcept {}
    void forget() noexcept {}
    void close(bool) noexcept {}
};

#else

/// One recording's mapping. The addresses are taken once; the file grows under them, and is written before it
/// is stored to, so that a full disk is an answer and not a signal. Not for two threads at once.
class trace_part_file {
public:
    enum class outcome : std::uint8_t { ready, busy, impossible };

    trace_part_file() = default;
    trace_part_file(const trace_part_file&) = delete;
    ~trace_part_file() {
        close(false);
        if (base_ != nullptr) {
            ::munmap(base_, reserved_);
        }
    }

    /// Takes the file for this process, as it is. Busy: another recorder, of this or of another process, has it.
    outcome lock(const std::string& path) {
        for (;;) {
            fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
            if (fd_ < 0) {
                return give_up(errno);
            }
            if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
                const bool taken = errno == EWOULDBLOCK;
                give_up(errno);
                return taken ? outcome::busy : outcome::impossible;
            }
            struct stat ours = {};
            struct stat theirs = {};
            if (::fstat(fd_, &ours) == 0 && ::stat(path.c_str(), &theirs) == 0 && ours.st_ino == theirs.st_ino &&
                ours.st_dev == theirs.st_dev) {
                path_ = path;
                return outcome::ready;
            }
            ::close(std::exchange(fd_, -1)); // its owner finished and removed it just now
        }
    }
    /// Empties the file and maps it; it may grow to `most` bytes. False: impossible, and the file is removed.
    bool map(std::size_t most) {
        void* at = MAP_FAILED;
        if (::ftruncate(fd_, 0) == 0) {
            for (reserved_ = most; at == MAP_FAILED && reserved_ >= smallest; reserved_ /= at == MAP_FAILED ? 2 : 1) {
                at = ::mmap(nullptr, reserved_, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
            }
        }
        failure_ = errno;
        if (at != MAP_FAILED) {
            base_ = static_cast<std::byte*>(at);
            if (take(trace_part_head_bytes) != nullptr) {
                ::new (static_cast<void*>(base_)) trace_part_head;
                head()->process = trace_process_id();
                return true;
            }
            ::munmap(base_, reserved_);
            base_ = nullptr;
        }
        close(true);
        return false;
    }
    /// Of what failed last: open, or growing.
    const char* why() const noexcept { return std::strerror(failure_); }
    bool is_open() const noexcept { return fd_ >= 0; }
    trace_part_head* head() noexcept {
        return base_ != nullptr ? std::launder(reinterpret_cast<trace_part_head*>(base_)) : nullptr;
    }

    /// So many bytes more of the file, zeros; null when the disk, or the address space, is full.
    std::byte* take(std::size_t bytes) noexcept {
        while (used_ + bytes > allocated_) {
            if (failed_ || fd_ < 0 || used_ + bytes > reserved_) {
                return nullptr;
            }
            const std::size_t step =
                (std::min)((std::max)(bytes, allocated_ < growth ? growth / 16 : growth), reserved_ - allocated_);
            const int error = extend(fd_, allocated_, step);
            if (error != 0) {
                failure_ = error;
                failed_ = true;
                return nullptr;
            }
            allocated_ += step;
        }
        std::byte* at = base_ + used_;
        used_ += bytes;
        return at;
    }
    /// True from the moment on when the disk had no more room.
    bool full() const noexcept { return failed_; }

    /// Waits until the disk has what was taken so far, some 256 KiB at a time, and gives the memory back to the kernel.
    void wait_for_disk() noexcept {
        const std::size_t upto = used_ / growth * growth;
        if (upto > on_disk_) {
            ::msync(base_ + on_disk_, upto - on_disk_, MS_SYNC);
            ::madvise(base_ + on_disk_, upto - on_disk_, MADV_DONTNEED); // of a shared mapping: nothing is lost
            on_disk_ = upto;
        }
    }

    /// In a forked child: the file is the parent's.
    void forget() noexcept {
        if (fd_ >= 0) {
            ::close(std::exchange(fd_, -1));
        }
    }
    /// Gives the file up; the mapping stays as long as this object, for threads with spans that are still open.
    void close(bool remove) noexcept {
        if (fd_ >= 0) {
            if (remove) {
                ::unlink(path_.c_str()); // while it is still locked
            }
            ::close(std::exchange(fd_, -1));
        }
    }

private:
    static constexpr std::size_t growth = std::size_t{256} << 10;
    static constexpr std::size_t smallest = std::size_t{1} << 16;

    outcome give_up(int error) {
        failure_ = error;
        if (fd_ >= 0) {
            ::close(std::exchange(fd_, -1));
        }
        return outcome::impossible;
    }
    // Written, not left as a hole: storing to a hole of a full disk would be a signal. (Writing zeros is also four
    // times cheaper than posix_fallocate, after which each page costs the file system a transaction.)
    static int extend(int fd, std::size_t from, std::size_t bytes) noexcept {
        static const char zeros[growth] = {};
        while (bytes > 0) {
            const ssize_t put = ::pwrite(fd, zeros, (std::min)(bytes, growth), static_cast<off_t>(from));
            if (put > 0) {
                from += static_cast<std::size_t>(put);
                bytes -= static_cast<std::size_t>(put);
            } else if (put == 0 || errno != EINTR) {
                return put == 0 ? ENOSPC : errno;
            }
        }
        return 0;
    }

    int fd_ = -1;
    int failure_ = 0;
    bool failed_ = false;
    std::byte* base_ = nullptr;
    std::size_t reserved_ = 0;
    std::size_t allocated_ = 0; // of the file: blocks that are there
    std::size_t used_ = 0;
    std::size_t on_disk_ = 0;
    std::string path_;
};

#endif

} // namespace fieldreel::inline v0::detail

#endif
