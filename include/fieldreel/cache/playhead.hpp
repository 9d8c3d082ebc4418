// SPDX-License-Identifier: MIT
// The eviction policy that follows where its consumers play: drops what is needed last, reads ahead what is needed
// next.
#ifndef FIELDREEL_CACHE_PLAYHEAD_HPP
#define FIELDREEL_CACHE_PLAYHEAD_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <fieldreel/cache/chunk_table.hpp>
#include <fieldreel/cache/eviction.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {
namespace detail {

/// In how many seconds the chunks [first, last) will be needed: a straight line over the chunk number.
struct need_line {
    std::size_t first = 0;
    std::size_t last = 0;
    double at_first_s = 0;
    double slope_s = 0;      ///< more for each chunk
    bool comes_next = false; ///< reading ahead is worth it
    double operator()(std::size_t chunk) const noexcept {
        return at_first_s + slope_s * static_cast<double>(chunk - first);
    }
};

/// When each chunk is needed by one consumer: at most four lines that cover all chunks, in order of their numbers.
///
/// Distances: once, ahead as far as it is, behind four times that; in a loop once around; in ping-pong by way of the
/// turning point; scrubbing and standing how far away. Outside of the region: after everything inside.
class itinerary {
public:
    itinerary() = default;
    itinerary(const chunk_motion& going, std::size_t chunk_count) {
        if (chunk_count == 0) {
            return;
        }
        const std::size_t at = (std::min)(going.chunk, chunk_count - 1);
        const double speed = std::abs(going.chunks_per_s);
        s_per_chunk = speed > 0 ? 1 / speed : standing_s_per_chunk;
        if (!(speed > 0) || going.mode == play_mode::scrub) {
            add(0, at + 1, 0, -1, going.read_ahead);
            add_upwards(at + 1, chunk_count, 1, 1, going.read_ahead);
            return;
        }
        const std::size_t first = (std::min)(going.first, at);
        const std::size_t last = (std::max)((std::min)(going.last, chunk_count), at + 1);
        const auto length = static_cast<double>(last - first);
        const auto before = static_cast<double>(at - first);   // chunks from the start to here
        const auto after = static_cast<double>(last - 1 - at); // and from here to the end
        const double beyond = 4 * length;
        const bool once = going.mode == play_mode::once;
        const bool loop = going.mode == play_mode::loop;
        add(0, first, beyond, -1, false);
        if (going.chunks_per_s > 0) {
            if (once) {
                add(first, at, 4, -4, false);
            } else if (loop) {
                add_upwards(first, at, after + 1, 1);
            } else {
                add(first, at, 2 * after + 1, -1, true);
            }
            add_upwards(at, last, 0, 1);
        } else {
            add(first, at + 1, 0, -1, true);
            if (once) {
                add_upwards(at + 1, last, 4, 4, false);
            } else if (loop) {
                add(at + 1, last, before + 1, -1, true);
            } else {
                add_upwards(at + 1, last, 2 * before + 1, 1);
            }
        }
        add_upwards(last, chunk_count, beyond, 1, false);
    }

    const need_line* begin() const noexcept { return lines_.data(); }
    const need_line* end() const noexcept { return lines_.data() + count_; }
    double need_s(std::size_t chunk) const noexcept {
        for (const need_line& line : *this) {
            if (chunk < line.last) {
                return line(chunk);
            }
        }
        return std::numeric_limits<double>::infinity();
    }

    double s_per_chunk = standing_s_per_chunk;

private:
    /// Nobody knows when a consumer that stands will move: as if it moved at this pace.
    static constexpr double standing_s_per_chunk = 1.0 / 3;

    void add_upwards(std::size_t first, std::size_t last, double nearest, double slope, bool next = true) noexcept {
        if (first < last) {
            lines_[count_++] = {first, last, nearest * s_per_chunk, slope * s_per_chunk, next};
        }
    }
    /// With the nearest chunk last: a negative slope.
    void add(std::size_t first, std::size_t last, double nearest, double slope, bool next) noexcept {
        if (first < last) {
            const double farthest = nearest - slope * static_cast<double>(last - 1 - first);
            lines_[count_++] = {first, last, farthest * s_per_chunk, slope * s_per_chunk, next};
        }
    }

    std::array<need_line, 4> lines_;
    std::size_t count_ = 0;
};

} // namespace detail

/// Drops the chunk that will be needed last, as far as the consumers' motions tell (`cursor.hint`), and reads ahead
/// the one needed next, by the same order; of several consumers, the one that needs a chunk soonest counts. A consumer
/// that gave no motion needs what is near it. For films: on a loop longer than the cache it keeps what fits, where an
/// lru keeps nothing that helps. Cost: O(1) for one consumer, some dozen steps per consumer for several; no allocation
/// but when one enters.
class playhead {
public:
    playhead(std::size_t, std::size_t chunk_count)
        : chunk_count_(chunk_count), droppable_(chunk_count), slots_(chunk_count) {}

    void released(slot_index slot, std::size_t chunk) noexcept {
        slots_[chunk] = slot;
        droppable_.insert(chunk);
    }
    void taken(slot_index, std::size_t chunk) noexcept { droppable_.erase(chunk); }
    slot_index victim() const noexcept {
        const std::size_t chunk = needed_last();
        return chunk == no_chunk ? no_slot : slots_[chunk];
    }

    void entered(const void* consumer) {
        heads_.push_back({consumer, {}});
        cuts_.reserve(4 * heads_.size() + 1);
    }
    void moved(const void* consumer, const chunk_motion& going) noexcept {
        for (head& h : heads_) {
            if (h.consumer == consumer) {
                h.way = detail::itinerary(going, chunk_count_);
            }
        }
    }
    void left(const void* consumer) noexcept {
        std::erase_if(heads_, [consumer](const head& h) { return h.consumer == consumer; });
    }

    /// Infinity when there is no consumer. Units: seconds.
    double need_s(std::size_t chunk) const noexcept {
        double soonest = std::numeric_limits<double>::infinity();
        for (const head& h : heads_) {
            soonest = (std::min)(soonest, h.way.need_s(chunk));
        }
        return soonest;
    }
    std::size_t next(const chunk_set& present, std::size_t horizon) const noexcept {
        std::size_t best = no_chunk;
        double best_s = std::numeric_limits<double>::infinity();
        for (const head& h : heads_) {
            for (const detail::need_line& line : h.way) {
                if (!line.comes_next) {
                    continue;
                }
                const std::size_t chunk = line.slope_s > 0 ? present.absent_at_or_after(line.first)
                                                           : present.absent_at_or_before(line.last - 1);
                if (chunk >= line.first && chunk < line.last && line(chunk) < best_s &&
                    line(chunk) < (static_cast<double>(horizon) + 0.5) * h.way.s_per_chunk) {
                    best = chunk;
                    best_s = line(chunk);
                }
            }
        }
        return best;
    }

private:
    struct head {
        const void* consumer;
        detail::itinerary way; ///< no lines until it has been somewhere
    };

    /// The droppable chunk of the largest need, or no_chunk.
    std::size_t needed_last() const noexcept {
        latest best;
        if (heads_.size() == 1) {
            for (const detail::need_line& line : heads_.front().way) {
                look_from(line.slope_s > 0 ? line.last - 1 : line.first, line.first, line.last, line, best);
            }
        } else {
            find_among_heads(best);
        }
        return best.chunk == no_chunk ? droppable_.at_or_after(0) : best.chunk; // nobody has been anywhere yet
    }

    struct latest {
        std::size_t chunk = no_chunk;
        double need_s = -1;
    };
    /// Takes the droppable chunks of [first, last) on both sides of `peak` into account.
    template <class Need>
    void look_from(std::size_t peak, std::size_t first, std::size_t last, const Need& need,
                   latest& best) const noexcept {
        const auto consider = [&](std::size_t chunk) {
            if (chunk >= first && chunk < last && need(chunk) > best.need_s) {
                best = {chunk, need(chunk)};
            }
        };
        consider(droppable_.at_or_before(peak));
        if (peak + 1 < last) {
            consider(droppable_.at_or_after(peak + 1));
        }
    }
    /// Between two ends of lines every consumer's need is a straight line, so the least of them rises to one peak and
    /// falls: what is needed last lies next to the peaks.
    void find_among_heads(latest& best) const noexcept {
        cuts_.clear();
        for (const head& h : heads_) {
            for (const detail::need_line& line : h.way) {
                cuts_.push_back(line.first);
            }
        }
        if (cuts_.empty()) {
            return;
        }
        cuts_.push_back(chunk_count_);
        std::sort(cuts_.begin(), cuts_.end());
        const auto need = [this](std::size_t chunk) { return need_s(chunk); };
        for (std::size_t i = 0; i + 1 < cuts_.size(); ++i) {
            const std::size_t first = cuts_[i];
            const std::size_t last = cuts_[i + 1];
            if (droppable_.at_or_after(first) >= last) { // also when the part is empty
                continue;
            }
            std::size_t low = first;
            std::size_t high = last - 1;
            while (low < high) {
                const std::size_t middle = low + (high - low) / 2;
                (need(middle + 1) > need(middle) ? low : high) = need(middle + 1) > need(middle) ? middle + 1 : middle;
            }
            look_from(low, first, last, need, best);
        }
    }

    std::size_t chunk_count_;
    chunk_set droppable_;
    detail::zeroed_array<slot_index> slots_; // of the droppable ones
    std::vector<head> heads_;
    mutable std::vector<std::size_t> cuts_; // used within a call
};

} // namespace fieldreel::inline v0

#endif
