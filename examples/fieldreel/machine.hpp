// SPDX-License-Identifier: MIT
// What the program asks the machine: memory, processor, terminal, Ctrl-C.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

/// Memory of this process. Units: MiB. Zero where the system does not say.
struct memory_use {
    double private_mib = 0;         ///< RssAnon + RssShmem: what the program itself holds
    double mapped_resident_mib = 0; ///< RssFile: pages of mapped files, which the kernel takes back when it needs them
    double peak_rss_mib = 0;        ///< the most of both together so far
};
memory_use measure_memory();

struct machine_facts {
    std::string processor;
    unsigned cores = 0; ///< that this process may use
    double memory_gib = 0;
    std::string system;
    std::string compiler;
    std::string version; ///< of fieldreel
};
machine_facts describe_machine();

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
