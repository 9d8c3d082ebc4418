// SPDX-License-Identifier: MIT
// Which chunks a cache has, in which slots: a flat table, and a set that answers "what is nearest".
#ifndef FIELDREEL_CACHE_CHUNK_TABLE_HPP
#define FIELDREEL_CACHE_CHUNK_TABLE_HPP

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace fieldreel::inline v0 {

/// The place of one chunk in a cache's memory.
using slot_index = std::uint32_t;
inline constexpr slot_index no_slot = static_cast<slot_index>(-1);
/// No chunk at all.
inline constexpr std::size_t no_chunk = static_cast<std::size_t>(-1);

namespace detail {

/// Zeroed elements that cost nothing before they are touched: calloc gets large blocks from the kernel, which hands out
/// zeroed pages on first use. So a table over ten million chunks opens as fast as one over ten.
template <class T>
class zeroed_array {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

public:
    explicit zeroed_array(std::size_t size)
        : data_(static_cast<T*>(std::calloc(size == 0 ? 1 : size, sizeof(T)))), size_(size) {
        if (data_ == nullptr) {
            throw std::bad_alloc();
        }
    }
    T& operator[](std::size_t i) noexcept { return data_.get()[i]; }
    const T& operator[](std::size_t i) const noexcept { return data_.get()[i]; }
    std::size_t size() const noexcept { return size_; }

private:
    struct release {
        void operator()(T* data) const noexcept { std::free(data); }
    };
    std::unique_ptr<T, release> data_;
    std::size_t size_;
};

} // namespace detail

/// A set of chunk numbers below `size`, with "next" and "previous". Cost: one step per factor 64 of the size.
class chunk_set {
public:
    explicit chunk_set(std::size_t size) {
        do {
            size = size / 64 + 1;
            levels_.emplace_back(size);
        } while (size > 1);
    }
    void insert(std::size_t n) noexcept {
        for (auto& level : levels_) {
            std::uint64_t& word = level[n / 64];
            const bool known = word != 0;
            word |= bit(n);
            if (known) {
                return;
            }
            n /= 64;
        }
    }
    void erase(std::size_t n) noexcept {
        for (auto& level : levels_) {
            std::uint64_t& word = level[n / 64];
            word &= ~bit(n);
            if (word != 0) {
                return;
            }
            n /= 64;
        }
    }
    bool contains(std::size_t n) const noexcept { return (levels_[0][n / 64] & bit(n)) != 0; }

    /// The first member >= n, or no_chunk.
    std::size_t at_or_after(std::size_t n) const noexcept {
        for (std::size_t l = 0; l < levels_.size() && n / 64 < levels_[l].size(); ++l) {
            const std::uint64_t word = levels_[l][n / 64] & (~std::uint64_t{0} << (n % 64));
            if (word != 0) {
                n = n / 64 * 64 + static_cast<std::size_t>(std::countr_zero(word));
                while (l-- > 0) {
                    n = n * 64 + static_cast<std::size_t>(std::countr_zero(levels_[l][n]));
                }
                return n;
            }
            n = n / 64 + 1;
        }
        return no_chunk;
    }
    /// The last member <= n, or no_chunk.
    std::size_t at_or_before(std::size_t n) const noexcept {
        for (std::size_t l = 0; l < levels_.size(); ++l) {
            const std::uint64_t word = levels_[l][n / 64] & (~std::uint64_t{0} >> (63 - n % 64));
            if (word != 0) {
                n = n / 64 * 64 + static_cast<std::size_t>(std::bit_width(word)) - 1;
                while (l-- > 0) {
                    n = n * 64 + static_cast<std::size_t>(std::bit_width(levels_[l][n])) - 1;
                }
                return n;
            }
            if (n < 64) {
                return no_chunk;
            }
            n = n / 64 - 1;
        }
        return no_chunk;
    }
    /// The first number >= n that is no member. Cost: one step per 64 members in a row.
    std::size_t absent_at_or_after(std::size_t n) const noexcept {
        std::uint64_t absent = ~levels_[0][n / 64] & (~std::uint64_t{0} << (n % 64));
        std::size_t word = n / 64;
        while (absent == 0 && word + 1 < levels_[0].size()) {
            absent = ~levels_[0][++word];
        }
        return word * 64 + static_cast<std::size_t>(std::countr_zero(absent));
    }
    /// The last number <= n that is no member, or no_chunk. Cost: the same.
    std::size_t absent_at_or_before(std::size_t n) const noexcept {
        std::uint64_t absent = ~levels_[0][n / 64] & (~std::uint64_t{0} >> (63 - n % 64));
        std::size_t word = n / 64;
        while (absent == 0 && word > 0) {
            absent = ~levels_[0][--word];
        }
        return absent == 0 ? no_chunk : word * 64 + static_cast<std::size_t>(std::bit_width(absent)) - 1;
    }

private:
    static std::uint64_t bit(std::size_t n) noexcept { return std::uint64_t{1} << (n % 64); }
    std::vector<detail::zeroed_array<std::uint64_t>> levels_;
};

namespace detail {

/// Chunk number -> slot, for chunks that are resident or being read; and which ones are resident.
/// Cost: a load, no hash; 4 bytes and a bit per chunk, of which only the touched pages become memory.
class chunk_table {
public:
    static constexpr slot_index most_slots = 0x7fffffff;

    explicit chunk_table(std::size_t chunk_count) : entries_(chunk_count), resident_(chunk_count) {}

    /// The slot of a chunk that is resident, or something from most_slots on.
    slot_index resident_slot(std::size_t chunk) const noexcept { return entries_[chunk] - 1; }
    /// The slot of a chunk that is being read, or no_slot.
    slot_index loading_slot(std::size_t chunk) const noexcept {
        const slot_index entry = entries_[chunk];
        return entry > most_slots ? (entry & most_slots) - 1 : no_slot;
    }
    void set_loading(std::size_t chunk, slot_index slot) noexcept { entries_[chunk] = (slot + 1) | ~most_slots; }
    void set_resident(std::size_t chunk) noexcept {
        entries_[chunk] &= most_slots;
        resident_.insert(chunk);
    }
    void remove(std::size_t chunk) noexcept {
        entries_[chunk] = 0;
        resident_.erase(chunk);
    }
    const chunk_set& resident() const noexcept { return resident_; }

private:
    zeroed_array<slot_index> entries_; // 0: neither; slot + 1, with the top bit while it is being read
    chunk_set resident_;
};

} // namespace detail
} // namespace fieldreel::inline v0

#endif
