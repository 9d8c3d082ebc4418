// SPDX-License-Identifier: MIT
// Takes the pages of files away from a process that has them mapped, and counts which of its threads then had to wait.
#ifndef FIELDREEL_TESTS_SUPPORT_PAGED_OUT_HPP
#define FIELDREEL_TESTS_SUPPORT_PAGED_OUT_HPP

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

namespace support {

/// Mappings of a folder's files in a process, and how much of them is in its memory.
struct mapped_files {
    std::vector<::iovec> parts;
    std::size_t resident_kib = 0;
};
inline mapped_files mapped_files_of(::pid_t process, const std::string& folder) {
    mapped_files out;
    std::ifstream in("/proc/" + std::to_string(process) + "/smaps");
    bool ours = false;
    for (std::string line; std::getline(in, line);) {
        const std::size_t dash = line.find('-');
        if (dash != std::string::npos && dash < line.find(' ')) { // the first line of a mapping
            ours = line.find(folder + "/") != std::string::npos;
            if (ours) {
                const std::size_t from = std::stoull(line.substr(0, dash), nullptr, 16);
                const std::size_t to = std::stoull(line.substr(dash + 1), nullptr, 16);
                out.parts.push_back({reinterpret_cast<void*>(from), to - from}); // NOLINT(performance-no-int-to-ptr)
            }
        } else if (ours && line.starts_with("Rss:")) {
            out.resident_kib += std::stoull(line.substr(4));
        }
    }
    return out;
}

/// The next touch of any page of a folder's files, which another process has mapped, waits for the disk. Gives what
/// stayed all the same, in KiB: what is mapped twice does; nothing where this is not permitted. Written files have to
/// be on the disk (sync) before.
inline std::optional<std::size_t> page_out(::pid_t process, const std::string& folder) {
    constexpr int pageout = 21; // MADV_PAGEOUT
    mapped_files mapped = mapped_files_of(process, folder);
    for (int i = 0; i < 5 && mapped.resident_kib > 0; ++i) { // what is being touched stays a little
        const long handle = ::syscall(SYS_pidfd_open, process, 0);
        const long done =
            handle < 0 ? -1
                       : ::syscall(SYS_process_madvise, handle, mapped.parts.data(), mapped.parts.size(), pageout, 0);
        if (handle >= 0) {
            ::close(static_cast<int>(handle));
        }
        if (done <= 0) {
            return std::nullopt;
        }
        mapped = mapped_files_of(process, folder);
    }
    return mapped.resident_kib;
}

/// How often threads of a process waited for a page of a file so far.
struct page_waits {
    long first_thread = 0;
    long others = 0;
};
inline page_waits page_waits_of(::pid_t process) {
    page_waits out;
    std::error_code none;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task", none)) {
        std::ifstream in(thread.path() / "stat");
        std::string line;
        std::getline(in, line);
        const std::size_t name_ends = line.rfind(')');
        if (name_ends == std::string::npos) {
            continue; // it has ended
        }
        std::istringstream fields(line.substr(name_ends + 1));
        std::string skipped;
        long majors = 0;
        for (int field = 3; field < 12; ++field) {
            fields >> skipped;
        }
        fields >> majors;
        (thread.path().filename() == std::to_string(process) ? out.first_thread : out.others) += majors;
    }
    return out;
}

} // namespace support

#endif
