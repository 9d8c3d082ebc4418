// SPDX-License-Identifier: MIT
#include "profile_memory.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

#ifndef _WIN32
#include <fcntl.h>
#include <unistd.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif

// Clang's thread sanitizer cannot be linked with another operator new.
#if defined(__clang__)
#if __has_feature(thread_sanitizer)
#define FIELDREEL_PROGRAM_KEEPS_OPERATOR_NEW
#endif
#endif
#ifndef __GLIBC__ // another malloc may not tell how large a block is
#define FIELDREEL_PROGRAM_KEEPS_OPERATOR_NEW
#endif

namespace {

constinit std::atomic<bool> counting{false};
constinit std::atomic<std::uint64_t> calls{0};
constinit std::atomic<std::uint64_t> asked_bytes{0};
constinit std::atomic<std::int64_t> live{0};
constinit std::atomic<std::int64_t> peak{0};

} // namespace

bool allocations_can_be_counted() {
#ifdef FIELDREEL_PROGRAM_KEEPS_OPERATOR_NEW
    return false;
#else
    return true;
#endif
}

void count_allocations() {
    counting.store(allocations_can_be_counted());
}

allocation_counts counted_allocations() {
    return {calls.load(), asked_bytes.load(), live.load(), peak.load()};
}

namespace {

/// What a /proc file gives in kB behind a key. Read without any allocation: measuring is not to count as playing.
class proc_file {
public:
    explicit proc_file([[maybe_unused]] const char* path) {
#ifndef _WIN32
        const int file = ::open(path, O_RDONLY | O_CLOEXEC);
        for (std::size_t size = 0; file >= 0 && size + 1 < sizeof text_;) {
            const ssize_t got = ::read(file, text_ + size, sizeof text_ - 1 - size);
            if (got <= 0) {
                break;
            }
            size += static_cast<std::size_t>(got);
        }
        if (file >= 0) {
            ::close(file);
        }
#endif
    }
    bool read() const {
        return text_[0] != '\0';
    }
    double mib(const char* key) const {
        const char* at = std::strstr(text_, key);
        return at != nullptr ? std::strtod(at + std::strlen(key), nullptr) / 1024 : 0;
    }

private:
    char text_[8192] = {};
};

} // namespace

memory_use measure_memory_exactly() {
    const proc_file status("/proc/self/status");
    const proc_file pages("/proc/self/smaps_rollup");
    if (!status.read()) {
        return measure_memory();
    }
    memory_use use;
    use.private_mib = pages.read() ? pages.mib("\nAnonymous:") + pages.mib("\nPss_Shmem:")
                                   : status.mib("\nRssAnon:") + status.mib("\nRssShmem:");
    use.mapped_resident_mib = status.mib("\nRssFile:");
    use.peak_rss_mib = status.mib("\nVmHWM:");
    return use;
}

double shared_memory_mib() {
    return proc_file("/proc/self/status").mib("\nRssShmem:");
}

#ifndef FIELDREEL_PROGRAM_KEEPS_OPERATOR_NEW
namespace {

[[gnu::noinline]] void count_block(void* block, std::size_t size) noexcept {
    calls.fetch_add(1, std::memory_order_relaxed);
    asked_bytes.fetch_add(size, std::memory_order_relaxed);
    const auto whole = static_cast<std::int64_t>(::malloc_usable_size(block));
    const std::int64_t now = live.fetch_add(whole, std::memory_order_relaxed) + whole;
    for (std::int64_t most = peak.load(std::memory_order_relaxed);
         most < now && !peak.compare_exchange_weak(most, now, std::memory_order_relaxed);) {
    }
}

void* allocate(std::size_t size, std::size_t alignment) {
    const std::size_t least = (std::max)(size, std::size_t{1});
    for (;;) {
        void* block = alignment == 0 ? std::malloc(least)
                                     : std::aligned_alloc(alignment, (least + alignment - 1) / alignment * alignment);
        if (block != nullptr) {
            if (counting.load(std::memory_order_relaxed)) [[unlikely]] {
                count_block(block, size);
            }
            return block;
        }
        if (const std::new_handler make_room = std::get_new_handler()) {
            make_room();
        } else {
            throw std::bad_alloc();
        }
    }
}

void* allocate_or_null(std::size_t size, std::size_t alignment) noexcept {
    try {
        return allocate(size, alignment);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

void give_back(void* block) noexcept {
    if (block != nullptr && counting.load(std::memory_order_relaxed)) [[unlikely]] {
        live.fetch_sub(static_cast<std::int64_t>(::malloc_usable_size(block)), std::memory_order_relaxed);
    }
    std::free(block);
}

std::size_t number(std::align_val_t alignment) noexcept {
    return static_cast<std::size_t>(alignment);
}

} // namespace

// All forms, because a sanitizer brings its own of whichever is left out.
void* operator new(std::size_t size) {
    return allocate(size, 0);
}
void* operator new[](std::size_t size) {
    return allocate(size, 0);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, number(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return allocate(size, number(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return allocate_or_null(size, 0);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return allocate_or_null(size, 0);
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return allocate_or_null(size, number(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return allocate_or_null(size, number(alignment));
}
void operator delete(void* block) noexcept {
    give_back(block);
}
void operator delete[](void* block) noexcept {
    give_back(block);
}
void operator delete(void* block, std::size_t) noexcept {
    give_back(block);
}
void operator delete[](void* block, std::size_t) noexcept {
    give_back(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
    give_back(block);
}
void operator delete[](void* block, std::align_val_t) noexcept {
    give_back(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
    give_back(block);
}
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept {
    give_back(block);
}
void operator delete(void* block, const std::nothrow_t&) noexcept {
    give_back(block);
}
void operator delete[](void* block, const std::nothrow_t&) noexcept {
    give_back(block);
}
void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept {
    give_back(block);
}
void operator delete[](void* block, std::align_val_t, const std::nothrow_t&) noexcept {
    give_back(block);
}
#endif
