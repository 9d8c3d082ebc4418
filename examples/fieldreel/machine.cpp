// SPDX-License-Identifier: MIT
#include "machine.hpp"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#include <fieldreel/version.hpp>

#ifdef _WIN32
#include <io.h>
#else
#include <sched.h>
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
    return facts;
}

void watch_interrupts() {
    std::signal(SIGINT, on_interrupt);
    std::signal(SIGTERM, on_interrupt);
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
