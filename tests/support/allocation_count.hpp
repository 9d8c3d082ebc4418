// SPDX-License-Identifier: MIT
// Counts the allocations of the whole program. It replaces operator new, and must be in one file of a test program
// only: FIELDREEL_TEST_COUNTS_ALLOCATIONS defined before it.
#ifndef FIELDREEL_TESTS_SUPPORT_ALLOCATION_COUNT_HPP
#define FIELDREEL_TESTS_SUPPORT_ALLOCATION_COUNT_HPP

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace support {

inline std::atomic<std::size_t> allocations{0};

/// How many allocations `f` makes.
template <class F>
std::size_t count_allocations(F&& f) {
    const std::size_t before = allocations;
    f();
    return allocations - before;
}

} // namespace support

#ifdef FIELDREEL_TEST_COUNTS_ALLOCATIONS
// Not inlined: the compiler would take malloc and delete for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
    ++support::allocations;
    if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) {
        return memory;
    }
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
#endif

#endif
