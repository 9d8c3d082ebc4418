// SPDX-License-Identifier: MIT
// Instruments: a source that counts what is asked of it, one whose cursor writes down every request, one that insists
// on one reader at a time, and one that fails when told to.
#ifndef FIELDREEL_TESTS_SUPPORT_WATCHED_SOURCE_HPP
#define FIELDREEL_TESTS_SUPPORT_WATCHED_SOURCE_HPP

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>

#include "support/archetypes.hpp"

namespace support {

/// What a watched_source was asked; shared by its copies and cursors.
struct requests {
    std::vector<std::pair<std::size_t, std::size_t>> reads; ///< first frame, frames
    std::vector<std::size_t> frames;                        ///< of cursors
    std::vector<fieldreel::motion> hints;
    std::set<std::size_t> resident;   ///< what try_frame and nearest find
    std::optional<std::size_t> fails; ///< reading this frame throws
};

class watched_source {
public:
    using value_type = float;
    static constexpr bool concurrent_read = true;

    explicit watched_source(std::size_t frames = 10, std::size_t size = 4) : made_{frames, size} {}
    std::size_t frame_count() const { return made_.frames; }
    std::size_t frame_size() const { return made_.size; }
    void read(std::size_t first, std::span<float> out) const {
        const std::size_t frames = out.size() / made_.size;
        asked_->reads.emplace_back(first, frames);
        if (asked_->fails && *asked_->fails >= first && *asked_->fails < first + frames) {
            out[0] = -1; // a half-filled frame
            throw std::runtime_error("the disk is on fire");
        }
        made_.read(first, out);
    }
    requests& asked() const { return *asked_; }

private:
    archetype::source made_;
    std::shared_ptr<requests> asked_ = std::make_shared<requests>();
};

/// A watched_source with a cursor of its own, as a cache has: some frames are resident, motions matter.
class source_with_cursor : public watched_source {
public:
    using watched_source::watched_source;

    class cursor_type {
    public:
        using value_type = float;
        explicit cursor_type(watched_source source) : source_(std::move(source)), buffer_(source_.frame_size()) {}
        std::span<const float> frame(std::size_t i) {
            source_.asked().frames.push_back(i);
            fill(i);
            return buffer_;
        }
        std::optional<std::span<const float>> try_frame(std::size_t i) {
            if (!source_.asked().resident.contains(i)) {
                return std::nullopt;
            }
            fill(i);
            return buffer_;
        }
        std::optional<fieldreel::resident_frame<float>> nearest(std::size_t i) {
            std::optional<std::size_t> best;
            for (const std::size_t r : source_.asked().resident) {
                const auto distance = [i](std::size_t j) { return j > i ? j - i : i - j; };
                best = !best || distance(r) < distance(*best) ? r : *best;
            }
            if (!best) {
                return std::nullopt;
            }
            fill(*best);
            return fieldreel::resident_frame<float>{*best, buffer_};
        }
        fieldreel::shared_frame<float> share(std::size_t i) {
            source_.asked().frames.push_back(i);
            fill(i);
            auto copy = std::make_shared<std::vector<float>>(buffer_);
            return {copy, *copy};
        }
        void hint(const fieldreel::motion& going) { source_.asked().hints.push_back(going); }

    private:
        void fill(std::size_t i) {
            archetype::source{source_.frame_count(), source_.frame_size()}.read(i, std::span<float>(buffer_));
        }
        watched_source source_;
        std::vector<float> buffer_;
    };
    cursor_type cursor() const { return cursor_type(*this); }
};

/// Says nothing about concurrent reading and counts the reads that happen while another one is going on.
class one_reader_source {
public:
    using value_type = float;
    std::size_t frame_count() const { return made_.frames; }
    std::size_t frame_size() const { return made_.size; }
    void read(std::size_t first, std::span<float> out) const {
        if (state_->readers.fetch_add(1) != 0) {
            state_->collisions.fetch_add(1);
        }
        made_.read(first, out);
        std::this_thread::yield(); // gives another thread the chance to collide
        state_->readers.fetch_sub(1);
    }
    int collisions() const { return state_->collisions; }

private:
    struct shared_state {
        std::atomic<int> readers = 0;
        std::atomic<int> collisions = 0;
    };
    archetype::source made_{100, 64};
    std::shared_ptr<shared_state> state_ = std::make_shared<shared_state>();
};

} // namespace support

#endif
