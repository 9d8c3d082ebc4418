// SPDX-License-Identifier: MIT
// What the program asks the machine: memory, processor, terminal, Ctrl-C.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Memory of this process. Units: MiB. Zero where the system does not say.
struct memory_use {
    double private_mib = 0;         ///< RssAnon + RssShmem: what the program itself holds
    double mapped_resident_mib = 0; ///< RssFile: pages of mapped files, which the kernel takes back when it needs them
    double peak_rss_mib = 0;        ///< the most of both together so far
};
memory_use measure_memory();

struct machine_facts {
    std::string processor;
    unsigned cores = 0;          ///< that this process may use
    double quota_processors = 0; ///< of their time, by its control group; 0: no limit
    double memory_gib = 0;
    double memory_limit_gib = 0; ///< of its control group; 0: no limit
    std::string system;
    std::string compiler;
    std::string version; ///< of fieldreel
};
machine_facts describe_machine();

/// What the program is built from and runs on: names and versions.
std::vector<std::pair<std::string, std::string>> library_versions();

/// What a control group (a container, a batch job) leaves to this process. Zero: no limit.
struct group_limits {
    double processors = 0; ///< of time: 1.5 is one and a half
    double memory_gib = 0;
};
/// `root`: where the file system begins; tests give a folder of their own.
group_limits find_group_limits(const std::string& root = "");

/// Where a path lies.
struct mount_point {
    std::string where;       ///< "/mnt/lab"
    std::string file_system; ///< "nfs4"
    std::string device;      ///< "server:/lab", "/dev/sda1"
    bool network() const;
    /// "/mnt/lab (nfs4)".
    std::string words() const { return where + " (" + file_system + ")"; }
};
/// `mountinfo`: the text of /proc/self/mountinfo. Everything empty where no mount holds the path.
mount_point mount_of(const std::string& mountinfo, const std::string& path);

/// A file that is read.
struct input_file {
    std::string path;
    std::uint64_t bytes = 0;
    mount_point mount;
    bool mapped = false;
    double in_memory = 0; ///< share of its pages that the kernel holds; NaN: not known
};
/// The files that this process has open for reading only, the largest first.
std::vector<input_file> open_inputs();
/// Asks the kernel to forget the pages of all these; says of each that is still there, and why that may be.
std::vector<std::string> drop_from_memory(std::vector<input_file>& files);

/// "1.6 GB", "512 bytes".
std::string byte_words(double bytes);
/// So many digits, and never an exponent: "0.0312", "42", "1234".
std::string number_words(double value, int digits = 3);
/// "4.2 ms", "410 ms"; from 1000 ms on "1.23 s".
std::string ms_words(double ms, int digits = 3);

bool stderr_is_terminal();

/// Ctrl-C, and the signal by which batch systems end a job, ask for a clean end: after `watch_interrupts`,
/// `interrupted()` turns true instead of the program ending at once.
void watch_interrupts();
bool interrupted();

/// One line on stderr, only on a terminal, only for what takes longer than a second.
class progress_line {
public:
    explicit progress_line(std::string what);
    ~progress_line();
    progress_line(const progress_line&) = delete;
    progress_line& operator=(const progress_line&) = delete;
    /// False when the user pressed Ctrl-C.
    bool operator()(std::size_t done, std::size_t total);

private:
    std::string what_;
    std::chrono::steady_clock::time_point start_;
    std::chrono::steady_clock::time_point next_;
    bool terminal_;
    bool shown_ = false;
};
