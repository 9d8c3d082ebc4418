// SPDX-License-Identifier: MIT
// What a thread waited for while it made a step: working is told from waiting for the disk or for the processor.
#ifndef FIELDREEL_PLAYBACK_STEP_WAITS_HPP
#define FIELDREEL_PLAYBACK_STEP_WAITS_HPP

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

#ifdef __linux__
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace fieldreel::inline v0 {

/// Where one thread's time went during a step. What is neither `working_ms` nor `queued_ms` of the step's duration, the
/// thread was blocked: on a file, a lock, a sleep, the display. Zeros and `known` false where the system does not say.
struct step_waits {
    bool known = false;
    double working_ms = 0;          ///< on a processor
    double queued_ms = 0;           ///< ready to work, but others had the processors, or the group's quota was used up
    double throttled_ms = 0;        ///< for so long the quota of the control group held its processes back
    std::uint64_t major_faults = 0; ///< pages of mapped files that had to come from the disk
    std::uint64_t read_bytes = 0;   ///< that storage delivered to this process, read-ahead threads included
    std::uint64_t gave_way = 0;     ///< times it blocked
    std::uint64_t taken_away = 0;   ///< times the processor was taken from it
    std::uint64_t stalls = 0;       ///< waits for a chunk of a cache; whoever knows the cache counts them

    step_waits& operator+=(const step_waits& more) noexcept {
        known = known || more.known;
        working_ms += more.working_ms;
        queued_ms += more.queued_ms;
        throttled_ms += more.throttled_ms;
        major_faults += more.major_faults;
        read_bytes += more.read_bytes;
        gave_way += more.gave_way;
        taken_away += more.taken_away;
        stalls += more.stalls;
        return *this;
    }
};

namespace detail {

/// The `index`th number of a text, counted from 0: /proc/self/schedstat is "working queued slices".
inline std::uint64_t number_in(std::string_view text, std::size_t index) noexcept {
    std::uint64_t value = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] < '0' || text[at] > '9') {
            ++at;
            continue;
        }
        value = 0;
        at = static_cast<std::size_t>(std::from_chars(text.data() + at, text.data() + text.size(), value).ptr -
                                      text.data());
        if (index-- == 0) {
            return value;
        }
    }
    return 0;
}
/// The number after `key` at the start of a line: "read_bytes: 4096"; 0 without it.
inline std::uint64_t number_after(std::string_view text, std::string_view key) noexcept {
    while (!text.empty()) {
        const std::size_t end = (std::min)(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        if (line.starts_with(key) && line.size() > key.size() && (line[key.size()] == ':' || line[key.size()] == ' ')) {
            return number_in(line.substr(key.size()), 0);
        }
        text.remove_prefix((std::min)(end + 1, text.size()));
    }
    return 0;
}

/// A small file of the kernel, kept open and read again and again. Does nothing when it is not there.
class kernel_file {
public:
    kernel_file() = default;
    explicit kernel_file(const std::string& path) {
#ifdef __linux__
        descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
#else
        static_cast<void>(path);
#endif
    }
    kernel_file(kernel_file&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    kernel_file& operator=(kernel_file&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~kernel_file() {
#ifdef __linux__
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
#endif
    }
    bool is_open() const noexcept {
        return descriptor_ >= 0;
    }
    /// Its first bytes, in `buffer`.
    std::string_view read(char* buffer, std::size_t size) const noexcept {
#ifdef __linux__
        const auto got = is_open() ? ::pread(descriptor_, buffer, size, 0) : 0;
        return {buffer, got > 0 ? static_cast<std::size_t>(got) : 0};
#else
        static_cast<void>(size);
        return {buffer, 0};
#endif
    }

private:
    int descriptor_ = -1;
};

/// The file that tells how often this process's control group ran out of its quota; empty where there is none.
inline kernel_file open_quota_file() {
    char buffer[4096];
    std::string_view text = kernel_file("/proc/self/cgroup").read(buffer, sizeof buffer);
    while (!text.empty()) { // "0::/user.slice" or "4:cpu,cpuacct:/batch"
        const std::size_t end = (std::min)(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix((std::min)(end + 1, text.size()));
        const std::size_t first = line.find(':');
        const std::size_t second = first == line.npos ? first : line.find(':', first + 1);
        if (second == line.npos) {
            continue;
        }
        const std::string names(line.substr(first + 1, second - first - 1));
        const std::string group = line.substr(second + 1) == "/" ? "" : std::string(line.substr(second + 1));
        if (!names.empty() && names != "cpu" && !names.starts_with("cpu,") && !names.ends_with(",cpu")) {
            continue;
        }
        const std::string root = "/sys/fs/cgroup" + (names.empty() ? "" : "/" + names);
        for (const std::string& path : {root + group + "/cpu.stat", root + "/cpu.stat"}) { // a container sees the root
            kernel_file file(path);
            const std::string_view counts = file.read(buffer, sizeof buffer);
            if (counts.find("throttled") != counts.npos) {
                return file;
            }
        }
    }
    return {};
}

/// What the kernel counts, since the thread began.
struct thread_counts {
    bool known = false;
    std::uint64_t working_ns = 0;
    std::uint64_t queued_ns = 0;
    std::uint64_t throttled_ns = 0;
    std::uint64_t major_faults = 0;
    std::uint64_t read_bytes = 0;
    std::uint64_t gave_way = 0;
    std::uint64_t taken_away = 0;
};
inline step_waits waits_between(const thread_counts& from, const thread_counts& to) noexcept {
    const auto more = [](std::uint64_t a, std::uint64_t b) { return b > a ? b - a : 0; };
    const auto ms = [&](std::uint64_t a, std::uint64_t b) { return 1e-6 * static_cast<double>(more(a, b)); };
    step_waits out;
    out.known = from.known && to.known;
    out.working_ms = ms(from.working_ns, to.working_ns);
    out.queued_ms = ms(from.queued_ns, to.queued_ns);
    out.throttled_ms = ms(from.throttled_ns, to.throttled_ns);
    out.major_faults = more(from.major_faults, to.major_faults);
    out.read_bytes = more(from.read_bytes, to.read_bytes);
    out.gave_way = more(from.gave_way, to.gave_way);
    out.taken_away = more(from.taken_away, to.taken_away);
    return out;
}

} // namespace detail

/// Measures what the thread that makes it waits for, from `start` to `stop`. Linux; elsewhere nothing is known.
/// Cost: two readings of some 3 µs each: for steps that a clock paces, or that take over 0.1 ms.
class wait_meter {
public:
    wait_meter()
#ifdef __linux__
        : schedule_("/proc/thread-self/schedstat"),
          io_("/proc/self/io"),
          quota_(detail::open_quota_file())
#endif
    {
        start();
    }
    void start() noexcept {
        from_ = counts();
    }
    /// Since `start`.
    step_waits stop() const noexcept {
        return detail::waits_between(from_, counts());
    }

private:
    detail::thread_counts counts() const noexcept {
        detail::thread_counts now;
#ifdef __linux__
        char buffer[1024];
        const auto count = [](long value) { return value > 0 ? static_cast<std::uint64_t>(value) : 0; };
        rusage use{};
        timespec worked{};
        now.known = ::getrusage(RUSAGE_THREAD, &use) == 0 && ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &worked) == 0;
        now.major_faults = count(use.ru_majflt);
        now.gave_way = count(use.ru_nvcsw);
        now.taken_away = count(use.ru_nivcsw);
        now.working_ns = 1'000'000'000 * count(worked.tv_sec) + count(worked.tv_nsec);
        now.queued_ns = detail::number_in(schedule_.read(buffer, sizeof buffer), 1);
        now.read_bytes = detail::number_after(io_.read(buffer, sizeof buffer), "read_bytes");
        const std::string_view quota = quota_.read(buffer, sizeof buffer);
        const std::uint64_t us = detail::number_after(quota, "throttled_usec"); // version 2; version 1 counts ns
        now.throttled_ns = us > 0 ? 1000 * us : detail::number_after(quota, "throttled_time");
#endif
        return now;
    }

    detail::kernel_file schedule_;
    detail::kernel_file io_;
    detail::kernel_file quota_;
    detail::thread_counts from_;
};

} // namespace fieldreel::inline v0

#endif
