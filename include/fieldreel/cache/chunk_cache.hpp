// SPDX-License-Identifier: MIT
// A cache in front of a source whose reading is slow: chunks of frames, cursors that pin, a budget that holds.
#ifndef FIELDREEL_CACHE_CHUNK_CACHE_HPP
#define FIELDREEL_CACHE_CHUNK_CACHE_HPP

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fieldreel/cache/chunk_store.hpp>
#include <fieldreel/cache/eviction.hpp>
#include <fieldreel/cache/options.hpp>
#include <fieldreel/cache/playhead.hpp>
#include <fieldreel/cache/statistics.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>

namespace fieldreel::inline v0 {

template <frame_source Source, eviction_policy Policy>
class chunk_cache;

namespace detail {

/// Lets std::shared_ptr take its count from the store's recycled blocks, so that sharing a frame allocates nothing.
template <class T, class Store>
struct share_allocator {
    using value_type = T;
    std::shared_ptr<Store> store;

    explicit share_allocator(std::shared_ptr<Store> owner) noexcept : store(std::move(owner)) {}
    template <class U>
    share_allocator(const share_allocator<U, Store>& other) noexcept : store(other.store) {}
    T* allocate(std::size_t n) { return static_cast<T*>(store->take_share_block(n * sizeof(T))); }
    void deallocate(T* block, std::size_t) noexcept { store->give_share_block(block); }
    friend bool operator==(const share_allocator& a, const share_allocator& b) noexcept { return a.store == b.store; }
};

} // namespace detail

/// One consumer's place in a cache. The chunk it is on stays pinned, so the next frame of the same chunk costs a
/// comparison; another resident chunk a few nanoseconds; else the chunk is read, or waited for when another is reading
/// it. Where nothing can be dropped, the one frame is read past the cache into a buffer of the cursor's own.
/// Errors: what the source throws; the cache keeps what it had, and the next request tries again.
/// One thread uses a cursor at a time. It may outlive the cache handle it came from.
template <frame_source Source, eviction_policy Policy>
class chunk_cursor {
public:
    using value_type = typename Source::value_type;

    /// Errors: frame_out_of_range; what the source throws.
    std::span<const value_type> frame(std::size_t i) {
        if (i - first_ < count_) [[likely]] {
            place_->consumer.count_hit();
            return here(i);
        }
        return step(i);
    }
    /// The frame if it is in memory. Neither reads nor waits for a read.
    /// Errors: frame_out_of_range; what reading its chunk ahead threw.
    std::optional<std::span<const value_type>> try_frame(std::size_t i) {
        if (i - first_ < count_) {
            return frame(i);
        }
        const std::size_t chunk = chunk_of(i);
        if (!store().try_step(place_->consumer, chunk)) {
            return std::nullopt;
        }
        return settle(chunk, place_->consumer.held, i);
    }
    /// The frame, or the one nearest to it that is in memory (of two, the earlier), or nothing when none is.
    std::optional<resident_frame<value_type>> nearest(std::size_t i) {
        if (i - first_ < count_) {
            return resident_frame<value_type>{i, frame(i)};
        }
        const std::size_t chunk = chunk_of(i);
        // A frame that was read past the cache is in memory too, and nobody else knows of it.
        const bool own = count_ != 0 && place_->consumer.held == no_slot;
        const std::size_t away = own ? (i < first_ ? first_ - i : i - first_) : static_cast<std::size_t>(-1);
        if (const auto found = store().step_nearest(place_->consumer, chunk, i, away)) {
            return resident_frame<value_type>{
                *found, settle(*found / store().layout.chunk_size, place_->consumer.held, *found)};
        }
        return own ? std::optional(resident_frame<value_type>{first_, here(first_)}) : std::nullopt;
    }
    /// The frame, its chunk pinned as long as a copy of the result lives, wherever cursor and cache go.
    /// Cost: allocates only while more frames are shared at once than before; copies a frame that was read past the
    /// cache.
    shared_frame<value_type> share(std::size_t i) {
        const auto values = frame(i);
        const slot_index held = place_->consumer.held;
        if (held == no_slot) {
            auto copy = std::make_shared<std::vector<value_type>>(values.begin(), values.end());
            return {copy, *copy};
        }
        store().pin_again(held);
        const auto unpin = [store = &store(), held](const void*) { store->let_go(held); };
        const detail::share_allocator<value_type, store_type> allocator(place_->store); // keeps the store alive
        return {std::shared_ptr<const void>(static_cast<const void*>(values.data()), unpin, allocator), values};
    }
    /// Tells the eviction policy where this consumer is going; `lru` does not care. From the first hint on, `playhead`
    /// reads ahead for it. Cost: some comparisons while the motion and the chunk stay the same.
    /// Errors: invalid_value for a frame past the end, a speed that is not finite, a region reversed or empty.
    void hint(const motion& going) {
        if constexpr (store_type::follows) {
            motion& last = place_->hinted;
            if (going.frame - last.frame < store().layout.chunk_size && going.frames_per_s == last.frames_per_s &&
                going.mode == last.mode && going.region == last.region && place_->consumer.going.read_ahead) {
                return;
            }
            detail::check(going, store().layout.frame_count);
            last = going;
            last.frame = going.frame / store().layout.chunk_size * store().layout.chunk_size;
            store().moved(place_->consumer, going);
        }
    }

private:
    using store_type = detail::chunk_store<Source, Policy>;
    friend class chunk_cache<Source, Policy>;

    /// What stays put when the cursor is moved.
    struct place {
        explicit place(std::shared_ptr<store_type> with) : store(std::move(with)) { store->enter(consumer); }
        place(const place&) = delete;
        ~place() { store->leave(consumer); }

        const std::shared_ptr<store_type> store;
        detail::cache_consumer consumer;
        motion hinted;               // from its chunk's first frame on
        std::vector<value_type> own; // one frame that found no room
    };

    explicit chunk_cursor(std::shared_ptr<store_type> with)
        : frame_size_(with->layout.frame_size), place_(std::make_unique<place>(std::move(with))) {}

    store_type& store() noexcept { return *place_->store; }
    std::size_t chunk_of(std::size_t i) {
        const detail::cache_layout& layout = store().layout;
        if (i >= layout.frame_count) {
            detail::throw_frame_out_of_range(i, layout.frame_count);
        }
        return layout.chunk_of(i);
    }
    std::span<const value_type> here(std::size_t i) const noexcept {
        return {data_ + (i - first_) * frame_size_, frame_size_};
    }
    /// `chunk` has been pinned: its frames are the ones here now.
    std::span<const value_type> settle(std::size_t chunk, slot_index held, std::size_t i) noexcept {
        const detail::cache_layout& layout = store().layout;
        first_ = chunk * layout.chunk_size;
        count_ = (std::min)(layout.chunk_size, layout.frame_count - first_);
        data_ = store().data(held);
        return here(i);
    }
    std::span<const value_type> step(std::size_t i) {
        const std::size_t chunk = chunk_of(i);
        count_ = 0; // a step that throws leaves nothing behind
        detail::cache_consumer& self = place_->consumer;
        const slot_index held = store().step(self.held, chunk, &self);
        return held != no_slot ? settle(chunk, held, i) : read_past(i);
    }
    std::span<const value_type> read_past(std::size_t i) {
        if (place_->own.size() != frame_size_) {
            place_->own.resize(frame_size_);
            store().set_own_bytes(place_->consumer, frame_size_ * sizeof(value_type));
        }
        store().read_past(i, place_->own, true);
        first_ = i;
        count_ = 1;
        data_ = place_->own.data();
        return here(i);
    }

    std::size_t first_ = 0; // frames [first_, first_ + count_) lie at data_
    std::size_t count_ = 0;
    const value_type* data_ = nullptr;
    std::size_t frame_size_;
    std::unique_ptr<place> place_;
};

/// A cache in front of a source: itself a source, used through cursors by any number of threads. Equal misses are read
/// once; nothing but the asking thread waits while the source reads; a source that forbids concurrent reads is read by
/// one thread at a time. After warm-up, playing allocates nothing. A copy is another handle on the same cache.
template <frame_source Source, eviction_policy Policy = lru>
class chunk_cache {
public:
    using value_type = typename Source::value_type;
    using cursor_type = chunk_cursor<Source, Policy>;
    static constexpr bool concurrent_read = true;

    /// Errors: invalid_value for an option of 0. Cost: does not grow with the recording.
    /// `now` is the clock that reads and stalls are timed by.
    explicit chunk_cache(Source source, const cache_options& options = {}, detail::clock_ns now = detail::steady_ns)
        : store_(std::make_shared<detail::chunk_store<Source, Policy>>(std::move(source), options, now)) {}

    std::size_t frame_count() const noexcept { return store_->layout.frame_count; }
    std::size_t frame_size() const noexcept { return store_->layout.frame_size; }
    /// Copies whole frames, through the cache, and moves nobody's cursor.
    void read(std::size_t first, std::span<value_type> out) const {
        const detail::cache_layout& layout = store_->layout;
        const std::size_t end = first + detail::check_read(*this, first, out.size());
        slot_index held = no_slot;
        for (value_type* to = out.data(); first < end;) {
            const std::size_t start = first / layout.chunk_size * layout.chunk_size;
            const std::size_t frames = (std::min)(layout.chunk_size - (first - start), end - first);
            const std::size_t values = frames * layout.frame_size;
            store_->step(held, start / layout.chunk_size, nullptr); // throws holding nothing
            if (held == no_slot) {
                store_->read_past(first, {to, values}, false);
            } else {
                std::copy_n(store_->data(held) + (first - start) * layout.frame_size, values, to);
            }
            first += frames;
            to += values;
        }
        store_->let_go(held);
    }
    /// A new consumer. Cost: one allocation.
    cursor_type cursor() const { return cursor_type(store_); }

    /// Whether the source behind knows its frames' times.
    bool timed() const { return detail::knows_times(store_->source); }
    double time_s(std::size_t i) const requires timed_source<Source> { return store_->source.time_s(i); }
    double duration_s(std::size_t i) const requires timed_source<Source> { return store_->source.duration_s(i); }
    std::optional<std::size_t> frame_at(double time_s) const requires timed_source<Source> {
        return store_->source.frame_at(time_s);
    }
    fieldreel::image_shape image_shape() const requires image_source<Source> { return store_->source.image_shape(); }

    /// Reads the chunk that is needed next on the calling thread, for hosts with threads of their own
    /// (`.prefetch_threads = 0`). False when nothing is worth reading ahead; an error of the source is kept for whoever
    /// asks for the chunk.
    bool prefetch_one() const noexcept { return store_->prefetch_one(); }
    cache_statistics statistics() const noexcept { return store_->statistics(); }
    /// Which frames are in memory, in order, for a timeline; while others read, a little of before and after.
    std::vector<frame_range> resident_ranges() const {
        std::vector<frame_range> ranges;
        std::size_t chunk = 0;
        while (const auto run = store_->resident_run(chunk)) {
            ranges.push_back({run->first * chunk_size(), (std::min)(run->last * chunk_size(), frame_count())});
            chunk = run->last;
            if (chunk >= store_->layout.chunk_count) {
                break;
            }
        }
        return ranges;
    }
    /// Frames per chunk: what the option came to.
    std::size_t chunk_size() const noexcept { return store_->layout.chunk_size; }

private:
    std::shared_ptr<detail::chunk_store<Source, Policy>> store_;
};

/// `source | cached({.chunk_size = 10, .max_chunks = 100})`; another policy: `cached<playhead>({…})`.
template <eviction_policy Policy = lru>
auto cached(const cache_options& options = {}) {
    detail::check(options);
    return frame_adaptor([options]<frame_source Source>(Source source) {
        return chunk_cache<Source, Policy>(std::move(source), options);
    });
}

} // namespace fieldreel::inline v0

#endif
