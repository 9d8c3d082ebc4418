// SPDX-License-Identifier: MIT
// Playing through a cache whose source takes time, on a simulated clock: one decoder, one player, no threads, no
// waiting. What happens during a read happens inside of the source's `read`: the player goes on with what is in memory.
#include <fieldreel/cache/chunk_cache.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <doctest/doctest.h>

using fieldreel::play_mode;
using fieldreel::playhead;

namespace {

constexpr std::size_t chunk_size = 10;
std::int64_t now_ns = 0; // the simulated clock
double now_s() {
    return 1e-9 * static_cast<double>(now_ns);
}

struct player;
player* playing = nullptr; // who goes on while the source reads

/// Frame i holds i. Reading a chunk takes `read_ns`.
struct slow_source {
    using value_type = float;
    std::size_t frames;
    std::int64_t read_ns;
    std::size_t frame_count() const { return frames; }
    std::size_t frame_size() const { return 1; }
    void read(std::size_t first, std::span<float> out) const;
};

using cache_type = fieldreel::chunk_cache<slow_source, playhead>;

/// Shows a frame when it is due and in memory; what is late shifts all that follows.
struct player {
    cache_type::cursor_type cursor;
    fieldreel::motion going;
    double due_s = 0;
    std::size_t shown = 0;
    std::size_t stalls = 0;
    std::size_t wrong = 0;
    bool late = false;  // the frame due is not in memory
    bool ended = false; // in mode once

    void show(float value) {
        wrong += value == static_cast<float>(going.frame) ? 0 : 1;
        ++shown;
        due_s = (std::max)(due_s, now_s()) + 1 / std::abs(going.frames_per_s);
        late = false;
        const bool forwards = going.frames_per_s > 0;
        if (going.frame != (forwards ? going.region.last - 1 : going.region.first)) {
            going.frame = forwards ? going.frame + 1 : going.frame - 1;
        } else if (going.mode == play_mode::loop) {
            going.frame = forwards ? going.region.first : going.region.last - 1;
        } else if (going.mode == play_mode::ping_pong) {
            going.frames_per_s = -going.frames_per_s;
        } else {
            ended = true;
        }
    }
    /// Everything that is due until then, as long as it is in memory.
    void go_on(double until_s) {
        while (!ended && due_s <= until_s) {
            now_ns = (std::max)(now_ns, static_cast<std::int64_t>(std::llround(1e9 * due_s)));
            cursor.hint(going);
            const auto values = cursor.try_frame(going.frame);
            if (!values) {
                stalls += late ? 0 : 1;
                late = true;
                return;
            }
            show((*values)[0]);
        }
    }
};

void slow_source::read(std::size_t first, std::span<float> out) const {
    const std::int64_t end_ns = now_ns + read_ns;
    if (playing != nullptr && !playing->late) {
        playing->go_on(1e-9 * static_cast<double>(end_ns));
    }
    now_ns = end_ns;
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<float>(first + i);
    }
}

struct run {
    cache_type cache;
    player who;
    run(std::size_t frames, double read_s, std::size_t max_chunks, const fieldreel::motion& going)
        : cache({frames, static_cast<std::int64_t>(1e9 * read_s)},
                {.chunk_size = chunk_size, .max_chunks = max_chunks, .prefetch_threads = 0}, [] { return now_ns; }),
          who{cache.cursor(), going, now_s()} {}

    /// Plays so many frames. Returns the frames per second.
    double play(std::size_t frames) {
        playing = &who;
        const std::size_t end = who.shown + frames;
        const double start_s = now_s();
        while (who.shown < end && !who.ended) {
            who.go_on(now_s());
            if (!cache.prefetch_one()) {
                if (who.late) { // nothing is worth reading ahead, not even what is late: there is no room
                    who.show(who.cursor.frame(who.going.frame)[0]);
                } else { // nothing to read: time passes until the next frame
                    who.go_on(who.due_s);
                }
            }
        }
        playing = nullptr;
        return static_cast<double>(frames) / (now_s() - start_s);
    }
};

} // namespace

TEST_CASE("20 ms for a chunk of 10 frames at 30 frames per second: no stall after the first chunk") {
    constexpr std::size_t frames = 6000;
    const fieldreel::frame_range all{0, frames};
    const fieldreel::frame_range loop{1000, 2500}; // 150 chunks, 1.5 times the cache
    const fieldreel::motion ways[] = {
        {0, 30, play_mode::once, all},          {frames - 1, -30, play_mode::once, all},
        {1000, 30, play_mode::loop, loop},      {2499, -30, play_mode::loop, loop},
        {1000, 30, play_mode::ping_pong, loop}, {1000, 120, play_mode::loop, loop}}; // four times as fast
    for (const fieldreel::motion& going : ways) {
        CAPTURE(going.frame);
        CAPTURE(going.frames_per_s);
        CAPTURE(static_cast<int>(going.mode));
        run r(frames, 0.020, 100, going);
        r.play(chunk_size);
        CHECK(r.who.stalls == 1); // the very first frame
        r.play(20'000);
        CHECK(r.who.stalls == 1);
        CHECK(r.who.wrong == 0);
        const auto s = r.cache.statistics();
        CHECK(s.chunk_read_s == doctest::Approx(0.020));
        CHECK(s.prefetch_wasted <= s.prefetched / 100);
        CHECK(s.prefetch_failed == 0);
    }
}

TEST_CASE("a jump is one stall, and what was being read for the old place is not finished first") {
    const fieldreel::frame_range all{0, 60'000};
    run r(60'000, 0.020, 100, {0, 30, play_mode::once, all});
    r.play(300);
    for (const std::size_t to : {std::size_t{40'000}, std::size_t{10'000}, std::size_t{59'000}}) {
        const auto before = r.who.stalls;
        r.who.going.frame = to;
        r.play(200);
        CHECK(r.who.stalls == before + 1);
    }
    CHECK(r.who.wrong == 0);
}

TEST_CASE("a loop longer than the cache plays at rate / (1 - kept / length), when reading is slower than playing") {
    struct size {
        std::size_t kept, length;
    };
    const size sizes[] = {{100, 120}, {100, 150}, {100, 300}, {20, 30}, {1000, 1500}};
    for (const size& given : sizes) {
        const std::size_t kept = given.kept;
        const std::size_t length = given.length;
        for (const double rate : {0.2, 0.4, 0.6, 0.8, 0.95}) { // chunks read per chunk played
            CAPTURE(kept);
            CAPTURE(length);
            CAPTURE(rate);
            const double read_s = static_cast<double>(chunk_size) / 30 / rate;
            run r(20'000, read_s, kept, {500, 30, play_mode::loop, {500, 500 + length * chunk_size}});
            r.play(3 * length * chunk_size);
            const double speed = r.play(20 * length * chunk_size) / 30;
            const double possible =
                (std::min)(1.0, rate / (1 - static_cast<double>(kept - 1) / static_cast<double>(length)));
            CHECK(speed >= 0.98 * possible);
            CHECK(speed <= 1.0001);
            CHECK(r.who.wrong == 0);
            const double predicted = r.cache.statistics().sustainable_frames_per_s / 30;
            CHECK((std::min)(1.0, predicted) == doctest::Approx(possible));
        }
    }
}

TEST_CASE("what is needed later than everything in memory is not read, however long the horizon") {
    run r(6000, 0.020, 20, {0, 30, play_mode::once, {0, 6000}}); // the horizon of 64 chunks does not fit
    r.play(3000);
    while (r.cache.prefetch_one()) {
    }
    const auto s = r.cache.statistics();
    CHECK(s.prefetch_wasted == 0);
    CHECK(s.prefetched < 2 * 3000 / chunk_size);
}

TEST_CASE("scrubbing shows the nearest frame in memory at once, and the right one when it arrives") {
    run r(6000, 0.020, 100, {0, 30, play_mode::once, {0, 6000}});
    r.play(500); // frames around 500 are in memory
    auto& cursor = r.who.cursor;
    const fieldreel::motion hand{3000, 0, play_mode::scrub, {}};
    cursor.hint(hand);
    CHECK(!cursor.try_frame(3000));
    const auto near = cursor.nearest(3000);
    REQUIRE(near.has_value());
    CHECK(near->index < 3000);
    CHECK(near->values[0] == static_cast<float>(near->index));
    REQUIRE(r.cache.prefetch_one()); // the decoder's next chunk is the one under the hand
    REQUIRE(cursor.try_frame(3000).has_value());
    CHECK((*cursor.try_frame(3000))[0] == 3000);
    CHECK(r.cache.statistics().stalls == 0); // nobody waited for a read of its own
    for (int n = 0; n < 6; ++n) {
        REQUIRE(r.cache.prefetch_one());
    }
    for (const std::size_t i : {std::size_t{2970}, std::size_t{3039}}) { // three chunks to both sides
        CHECK(cursor.try_frame(i).has_value());
    }
}
