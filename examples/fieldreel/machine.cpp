// SPDX-License-Identifier: MIT
#include "machine.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fieldreel/version.hpp>

#ifdef _WIN32
#include <io.h>
#else
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#endif

namespace {

std::atomic<bool> stop_asked{false};

extern "C" void on_interrupt(int signal) {
    stop_asked.store(true);
    std::signal(signal, SIG_DFL); // a second Ctrl-C ends the program at once
}

/// The text after `key` on its line of a /proc file; empty when there is none.
std::string proc_line(const char* path, const std::string& key) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(key)) {
            const std::size_t start = line.find_first_not_of(" \t:", key.size());
            return start == std::string::npos ? std::string() : line.substr(start);
        }
    }
    return {};
}

} // namespace

bool stderr_is_terminal() {
#ifdef _WIN32
    return _isatty(_fileno(stderr)) != 0;
#else
    return ::isatty(STDERR_FILENO) != 0;
#endif
}

memory_use measure_memory() {
    memory_use use;
    std::ifstream in("/proc/self/status");
    for (std::string line; std::getline(in, line);) {
        const auto mib = [&](const char* key, double& to) {
            if (line.starts_with(key)) {
                to += std::stod(line.substr(std::string(key).size())) / 1024;
            }
        };
        mib("RssAnon:", use.private_mib);
        mib("RssShmem:", use.private_mib);
        mib("RssFile:", use.mapped_resident_mib);
        mib("VmHWM:", use.peak_rss_mib);
    }
    return use;
}

machine_facts describe_machine() {
    machine_facts facts;
    facts.processor = proc_line("/proc/cpuinfo", "model name");
    facts.cores = std::thread::hardware_concurrency();
    const std::string memory = proc_line("/proc/meminfo", "MemTotal");
    facts.memory_gib = memory.empty() ? 0 : std::stod(memory) / (1024 * 1024);
#ifdef _WIN32
    facts.system = "Windows";
#else
    utsname names{};
    if (::uname(&names) == 0) {
        facts.system = std::string(names.sysname) + " " + names.release;
    }
#ifdef __linux__
    cpu_set_t allowed;
    if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        facts.cores = static_cast<unsigned>(CPU_COUNT(&allowed));
    }
#endif
#endif
#if defined(__clang__)
    facts.compiler = "clang " __clang_version__;
#elif defined(__GNUC__)
    facts.compiler = "g++ " __VERSION__;
#endif
#ifndef NDEBUG
    facts.compiler += ", debug build: times mean little";
#endif
    facts.version = FIELDREEL_VERSION_STRING;
    const group_limits limits = find_group_limits();
    facts.quota_processors = limits.processors;
    facts.memory_limit_gib = limits.memory_gib;
    return facts;
}

group_limits find_group_limits(const std::string& root) {
    group_limits out;
    const auto number = [](const std::string& word) { // "max" and nothing are no number
        return word.empty() || word.find_first_not_of("0123456789") != std::string::npos ? -1.0 : std::stod(word);
    };
    const auto tighter = [](double& limit, double found) {
        if (found > 0 && (limit == 0 || found < limit)) {
            limit = found;
        }
    };
    const auto first_words = [](const std::string& path) {
        std::ifstream in(path);
        std::pair<std::string, std::string> words;
        in >> words.first >> words.second;
        return words;
    };
    constexpr double gib = 1024.0 * 1024 * 1024;
    constexpr double unlimited_gib = 1024.0 * 1024 * 1024; // version 1 writes a huge number for no limit
    std::ifstream groups(root + "/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) { // "0::/user.slice/job" or "4:memory:/job"
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) {
            continue;
        }
        const std::string names = line.substr(first + 1, second - first - 1);
        std::string group = line.substr(second + 1);
        while (true) { // a limit of any group above holds too; a container sees its own as the root
            const std::string folder =
                root + "/sys/fs/cgroup" + (names.empty() ? "" : "/" + names) + (group == "/" ? "" : group);
            const auto [quota, period] = first_words(folder + "/cpu.max");
            if (number(quota) > 0 && number(period) > 0) {
                tighter(out.processors, number(quota) / number(period));
            }
            const double quota_us = number(first_words(folder + "/cpu.cfs_quota_us").first);
            const double period_us = number(first_words(folder + "/cpu.cfs_period_us").first);
            if (quota_us > 0 && period_us > 0) {
                tighter(out.processors, quota_us / period_us);
            }
            for (const char* file : {"/memory.max", "/memory.limit_in_bytes"}) {
                const double found = number(first_words(folder + file).first) / gib;
                tighter(out.memory_gib, found < unlimited_gib ? found : 0);
            }
            if (group.size() <= 1) {
                break;
            }
            const std::size_t slash = group.find_last_of('/');
            group = slash == std::string::npos || slash == 0 ? "/" : group.substr(0, slash);
        }
    }
    return out;
}

bool mount_point::network() const {
    for (const char* name : {"nfs", "cifs", "smb", "9p", "ceph", "lustre", "gpfs", "beegfs", "afs", "fuse.", "gluster",
                             "ncpfs", "pvfs", "orangefs", "virtiofs"}) {
        if (file_system.starts_with(name)) {
            return true;
        }
    }
    return false;
}

mount_point mount_of(const std::string& mountinfo, const std::string& path) {
    const auto decoded = [](const std::string& word) { // a space is written \040
        std::string out;
        for (std::size_t i = 0; i < word.size(); ++i) {
            if (word[i] == '\\' && i + 3 < word.size()) {
                out += static_cast<char>(std::stoi(word.substr(i + 1, 3), nullptr, 8));
                i += 3;
            } else {
                out += word[i];
            }
        }
        return out;
    };
    mount_point best;
    std::istringstream lines(mountinfo);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line); // id, parent, device number, root, where, options, ..., "-", type, device
        std::string word;
        std::string where;
        for (int i = 0; i < 5; ++i) {
            words >> where;
        }
        while (words >> word && word != "-") {
        }
        mount_point found;
        words >> found.file_system >> found.device;
        found.where = decoded(where);
        const bool inside = found.where == "/" || path == found.where || path.starts_with(found.where + "/");
        if (inside && found.where.size() >= best.where.size()) { // of equals the last one covers the others
            found.device = decoded(found.device);
            best = found;
        }
    }
    return best;
}

#ifdef __linux__
namespace {

std::string text_of(const char* path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Share of a file's pages in the kernel's memory; NaN when it does not say.
double share_in_memory(const std::string& path, std::uint64_t bytes) {
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    struct stat facts {};
    const bool ours = ::stat(path.c_str(), &facts) == 0 &&
                      (facts.st_uid == ::geteuid() || ::access(path.c_str(), W_OK) == 0); // else the kernel makes it up
    const int file = ours && bytes > 0 ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) {
        return unknown;
    }
    void* const at = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
    if (at == MAP_FAILED) {
        return unknown;
    }
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    std::vector<unsigned char> pages((bytes + page - 1) / page);
    const bool told = ::mincore(at, bytes, pages.data()) == 0;
    ::munmap(at, bytes);
    std::size_t there = 0;
    for (const unsigned char p : pages) {
        there += p & 1u;
    }
    return told ? static_cast<double>(there) / static_cast<double>(pages.size()) : unknown;
}

/// The parts of this process's memory that show a file.
std::vector<std::pair<void*, std::size_t>> mappings_of(const std::string& maps, const std::string& path) {
    std::vector<std::pair<void*, std::size_t>> out;
    std::istringstream lines(maps);
    for (std::string line; std::getline(lines, line);) { // "7f00-7f10 r--s 00000000 fe:00 123    /path"
        const std::size_t slash = line.find('/');
        if (slash == std::string::npos || line.compare(slash, std::string::npos, path) != 0) {
            continue;
        }
        const std::size_t dash = line.find('-');
        const auto from = static_cast<std::uintptr_t>(std::stoull(line.substr(0, dash), nullptr, 16));
        const auto to = static_cast<std::uintptr_t>(std::stoull(line.substr(dash + 1), nullptr, 16));
        if (line.find(" r--") != std::string::npos) { // never written by us
            out.emplace_back(reinterpret_cast<void*>(from), to - from);
        }
    }
    return out;
}

} // namespace

std::vector<input_file> open_inputs() {
    std::vector<input_file> out;
    const std::string mounts = text_of("/proc/self/mountinfo");
    const std::string maps = text_of("/proc/self/maps");
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", problem)) {
        const int number = std::atoi(entry.path().filename().c_str());
        struct stat facts {};
        if (number <= 2 || ::fstat(number, &facts) != 0 || !S_ISREG(facts.st_mode) ||
            (::fcntl(number, F_GETFL) & O_ACCMODE) != O_RDONLY) {
            continue;
        }
        std::error_code unreadable;
        const std::string path = std::filesystem::read_symlink(entry.path(), unreadable).string();
        const bool known = std::any_of(out.begin(), out.end(), [&](const input_file& f) { return f.path == path; });
        if (unreadable || known || path.starts_with("/proc/") || path.starts_with("/sys/")) {
            continue;
        }
        const auto bytes = static_cast<std::uint64_t>(facts.st_size);
        out.push_back(
            {path, bytes, mount_of(mounts, path), !mappings_of(maps, path).empty(), share_in_memory(path, bytes)});
    }
    std::sort(out.begin(), out.end(), [](const input_file& a, const input_file& b) {
        return a.bytes != b.bytes ? a.bytes > b.bytes : a.path < b.path;
    });
    return out;
}

std::vector<std::string> drop_from_memory(std::vector<input_file>& files) {
    std::vector<std::string> out;
    const std::string maps = text_of("/proc/self/maps");
    for (input_file& input : files) {
        for (const auto& [at, bytes] : mappings_of(maps, input.path)) {
            ::madvise(at, bytes, MADV_DONTNEED); // what a process looks at, the kernel keeps
        }
        const int file = ::open(input.path.c_str(), O_RDONLY | O_CLOEXEC);
        if (file >= 0) {
            ::fdatasync(file); // what is not on the disk yet, it keeps too
            ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
            ::close(file);
        }
        input.in_memory = share_in_memory(input.path, input.bytes);
        const std::string name = std::filesystem::path(input.path).filename().string();
        if (std::isnan(input.in_memory)) {
            if (input.bytes > 0) {
                out.push_back(name + ": the system does not say how much of it is in memory; the first pass may not be "
                                     "cold");
            }
        } else if (input.in_memory > 0.01) {
            char share[32];
            std::snprintf(share, sizeof share, "%.0f", 100 * input.in_memory);
            const bool in_ram = input.mount.file_system == "tmpfs" || input.mount.file_system == "ramfs";
            out.push_back(
                name + ": the kernel kept " + share + " % of it in memory" +
                (in_ram ? ", as " + input.mount.words() + " is memory" : " (another program may have it open)") +
                "; the first pass is not cold");
        }
    }
    return out;
}
#else
std::vector<input_file> open_inputs() {
    return {};
}
std::vector<std::string> drop_from_memory(std::vector<input_file>&) {
    return {"this system cannot be asked to forget files; the first pass may not be cold"};
}
#endif

std::string byte_words(double bytes) {
    const char* const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (bytes >= 1000 && unit + 1 < std::size(units)) {
        bytes /= 1000;
        ++unit;
    }
    char words[64];
    std::snprintf(words, sizeof words, unit == 0 || bytes >= 99.5 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
    return words;
}

std::string number_words(double value, int digits) {
    char words[64];
    if (std::abs(value) < 1e-4) { // where %g goes over to exponents
        return "0";
    }
    std::snprintf(words, sizeof words, "%.*g", digits, value);
    if (std::strchr(words, 'e') != nullptr) {
        std::snprintf(words, sizeof words, "%.0f", value);
    }
    return words;
}

std::string ms_words(double ms, int digits) {
    return ms < 999.5 ? number_words(ms, digits) + " ms" : number_words(ms / 1000) + " s";
}

void watch_interrupts() {
    std::signal(SIGINT, on_interrupt);
    std::signal(SIGTERM, on_interrupt);
#ifdef SIGHUP
    std::signal(SIGHUP, on_interrupt); // the terminal was closed
#endif
}

bool interrupted() {
    return stop_asked.load(std::memory_order_relaxed);
}

progress_line::progress_line(std::string what)
    : what_(std::move(what)),
      start_(std::chrono::steady_clock::now()),
      next_(start_ + std::chrono::seconds(1)),
      terminal_(stderr_is_terminal()) {}

progress_line::~progress_line() {
    if (shown_) {
        std::fputs("\r\033[K", stderr);
    }
}

bool progress_line::operator()(std::size_t done, std::size_t total) {
    const auto now = std::chrono::steady_clock::now();
    if (terminal_ && now >= next_) {
        const double part = total == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total);
        const double passed_s = std::chrono::duration<double>(now - start_).count();
        std::fprintf(stderr, "\r\033[K%s: %.0f %%, %.0f s left", what_.c_str(), 100 * part,
                     part > 0 ? passed_s / part - passed_s : 0.0);
        std::fflush(stderr);
        shown_ = true;
        next_ = now + std::chrono::milliseconds(100);
    }
    return !interrupted();
}
