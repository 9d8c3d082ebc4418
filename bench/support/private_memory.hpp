// SPDX-License-Identifier: MIT
#ifndef FIELDREEL_BENCH_SUPPORT_PRIVATE_MEMORY_HPP
#define FIELDREEL_BENCH_SUPPORT_PRIVATE_MEMORY_HPP

#include <cstdlib>
#include <fstream>
#include <string>

namespace bench {

/// MiB of memory that belong to this process alone: pages of mapped files are the kernel's, and not counted. Summed
/// over the page tables, because the kernel's quick counters (RssAnon) may be off by half a MiB after a thread has
/// ended.
inline double private_mib() {
    std::ifstream in("/proc/self/smaps_rollup");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("Anonymous:")) {
            return std::strtod(line.c_str() + line.find(':') + 1, nullptr) / 1024;
        }
    }
    return 0;
}

} // namespace bench

#endif
