// SPDX-License-Identifier: MIT
// What `fieldreel profile` measures of memory: exactly, by phase, and step by step for the verdict on leaks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <fieldreel/trace/growth.hpp>

#include "machine.hpp"

/// What operator new has handed out since it was asked to count, of all threads. What C libraries take with malloc is
/// not in here; private memory has it.
struct allocation_counts {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;     ///< asked for, given back or not
    std::int64_t live_bytes = 0; ///< not given back yet, as malloc rounds them; negative when more was given back
    std::int64_t peak_bytes = 0; ///< the most that was live
};

/// False in builds whose sanitizer needs operator new for itself.
bool allocations_can_be_counted();
/// Counts from now on. Until then, operator new of this program costs one load and a branch more than malloc.
void count_allocations();
allocation_counts counted_allocations();

/// The process's memory, by a walk over its pages where the system offers that: exact, while the counters that
/// measure_memory reads may lag behind by 32 pages per processor. Cost: up to milliseconds when gigabytes are mapped.
memory_use measure_memory_exactly();

/// Pages of this process that lie in shared memory, as files on a tmpfs do. Units: MiB.
double shared_memory_mib();

/// One part of a run.
struct memory_phase {
    std::string name;
    memory_use after;
    allocation_counts allocations; ///< from the start of counting to the end of the phase
};

/// Memory step by step, without what caches and recorders hold: they are bounded, and filling them is no leak.
struct memory_log {
    explicit memory_log(std::size_t every) : private_mib(512, every), heap_mib(512, every), held_mib(512, every) {}
    fieldreel::trace::growth_log private_mib;
    fieldreel::trace::growth_log heap_mib; ///< of operator new; empty where allocations are not counted
    fieldreel::trace::growth_log held_mib; ///< what was left out
    double peak_private_mib = 0;           ///< all of it

    // A rise up to this is none. The kernel's counters lag behind by 32 pages per processor; malloc keeps and returns
    // pages by its own lights; the heap itself is counted exactly.
    static constexpr double counter_noise_mib = 0.5, page_noise_mib = 0.25, heap_noise_mib = 1.0 / 32;
    // Of what caches came to hold during the fit: malloc rounds blocks up, that of a sanitizer by a third.
    static constexpr double rounding = 0.35;
    double rounding_noise_mib() const {
        const auto& held = held_mib.samples();
        return held.empty() ? 0 : rounding * (held.back().value - held[held.size() / 2].value);
    }
};
