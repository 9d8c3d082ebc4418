// SPDX-License-Identifier: MIT
// Counts what operator new hands out. It is replaced for the whole program, by the one file of a test program that
// defines FIELDREEL_TEST_COUNTS_ALLOCATIONS before the include; the other files may use the counts.
#ifndef FIELDREEL_TESTS_SUPPORT_ALLOCATION_COUNTER_HPP
#define FIELDREEL_TESTS_SUPPORT_ALLOCATION_COUNTER_HPP

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace support {

/// Since the program began, all threads together.
struct allocation_totals {
    std::atomic<std::size_t> count{0}; ///< calls of operator new
    std::atomic<std::size_t> live{0};  ///< bytes handed out and not given back
    std::atomic<std::size_t> peak{0};  ///< the most that was ever live; set it to `live` to measure anew
};
inline allocation_totals allocations;

// Clang's thread sanitizer cannot be linked with another operator new: tests that count are skipped there.
#if defined(__clang__)
#if __has_feature(thread_sanitizer)
#define FIELDREEL_TEST_KEEPS_OPERATOR_NEW
#endif
#endif
#ifdef FIELDREEL_TEST_KEEPS_OPERATOR_NEW
inline constexpr bool allocations_are_counted = false;
#else
inline constexpr bool allocations_are_counted = true;
#endif

/// What happened since it was made.
class allocation_watch {
public:
    allocation_watch() : count_(allocations.count), live_(allocations.live) {
        allocations.peak = allocations.live.load();
    }
    std::size_t count() const { return allocations.count - count_; }
    /// The most bytes that were live above what was live at the start.
    std::size_t peak_bytes() const { return allocations.peak - live_; }

private:
    std::size_t count_;
    std::size_t live_;
};

/// How many allocations `f` makes.
template <class F>
std::size_t count_allocations(F&& f) {
    const allocation_watch watch;
    f();
    return watch.count();
}

namespace detail {

/// The size stands in front of each block.
inline void* counted_new(std::size_t size, std::size_t alignment) {
    const std::size_t front = alignment < 2 * sizeof(void*) ? 2 * sizeof(void*) : alignment;
    const std::size_t whole = (front + size + front - 1) / front * front;
    auto* const block = static_cast<unsigned char*>(std::aligned_alloc(front, whole));
    if (block == nullptr) {
        throw std::bad_alloc();
    }
    *reinterpret_cast<std::size_t*>(block + front - sizeof(std::size_t)) = size;
    allocations.count += 1;
    const std::size_t live = allocations.live += size;
    for (std::size_t peak = allocations.peak; peak < live && !allocations.peak.compare_exchange_weak(peak, live);) {
    }
    return block + front;
}
inline void counted_delete(void* data, std::size_t alignment) noexcept {
    if (data != nullptr) {
        const std::size_t front = alignment < 2 * sizeof(void*) ? 2 * sizeof(void*) : alignment;
        allocations.live -= *(static_cast<std::size_t*>(data) - 1);
        std::free(static_cast<unsigned char*>(data) - front);
    }
}

} // namespace detail
} // namespace support

#if defined(FIELDREEL_TEST_COUNTS_ALLOCATIONS) && !defined(FIELDREEL_TEST_KEEPS_OPERATOR_NEW)
// All forms, because a sanitizer brings its own of whichever is left out.
void* operator new(std::size_t size) {
    return support::detail::counted_new(size, 0);
}
void operator delete(void* data) noexcept {
    support::detail::counted_delete(data, 0);
}
void operator delete(void* data, std::size_t) noexcept {
    support::detail::counted_delete(data, 0);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return support::detail::counted_new(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* data, std::align_val_t alignment) noexcept {
    support::detail::counted_delete(data, static_cast<std::size_t>(alignment));
}
void operator delete(void* data, std::size_t, std::align_val_t alignment) noexcept {
    support::detail::counted_delete(data, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size) {
    return support::detail::counted_new(size, 0);
}
void operator delete[](void* data) noexcept {
    support::detail::counted_delete(data, 0);
}
void operator delete[](void* data, std::size_t) noexcept {
    support::detail::counted_delete(data, 0);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return support::detail::counted_new(size, static_cast<std::size_t>(alignment));
}
void operator delete[](void* data, std::align_val_t alignment) noexcept {
    support::detail::counted_delete(data, static_cast<std::size_t>(alignment));
}
void operator delete[](void* data, std::size_t, std::align_val_t alignment) noexcept {
    support::detail::counted_delete(data, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    try {
        return support::detail::counted_new(size, 0);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    try {
        return support::detail::counted_new(size, 0);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}
#endif

#endif
