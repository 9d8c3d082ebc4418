// SPDX-License-Identifier: MIT
// The order of playhead against needs that are computed step by step, and against the best possible.
#include <fieldreel/cache/playhead.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <vector>

#include <doctest/doctest.h>
#include <fieldreel/cache/chunk_cache.hpp>

#include "support/counting_source.hpp"

using fieldreel::chunk_motion;
using fieldreel::chunk_set;
using fieldreel::no_chunk;
using fieldreel::no_slot;
using fieldreel::play_mode;
using fieldreel::playhead;
using fieldreel::slot_index;

static_assert(fieldreel::prefetching_policy<playhead>);
static_assert(!fieldreel::following_policy<fieldreel::lru>);

namespace {

/// Seconds until a chunk is needed, found by walking: one chunk per step, turning where the mode turns.
double need_by_walking(const chunk_motion& going, std::size_t chunk, std::size_t count) {
    const double step_s = going.chunks_per_s == 0 ? 1.0 / 3 : 1 / std::abs(going.chunks_per_s);
    const auto away = [&](std::size_t a, std::size_t b) { return static_cast<double>(a < b ? b - a : a - b); };
    if (going.chunks_per_s == 0 || going.mode == play_mode::scrub) {
        return away(going.chunk, chunk) * step_s;
    }
    const std::size_t first = (std::min)(going.first, going.chunk);
    const std::size_t last = (std::max)((std::min)(going.last, count), going.chunk + 1);
    const double far = 4 * static_cast<double>(last - first);
    if (chunk < first) {
        return (far + away(chunk, first - 1)) * step_s;
    }
    if (chunk >= last) {
        return (far + away(chunk, last)) * step_s;
    }
    std::size_t at = going.chunk;
    bool forwards = going.chunks_per_s > 0;
    double steps = 0;
    while (at != chunk) {
        if (at == (forwards ? last - 1 : first)) { // the end
            if (going.mode == play_mode::once) {
                return 4 * away(going.chunk, chunk) * step_s;
            }
            if (going.mode == play_mode::loop) {
                at = forwards ? first : last - 1;
            } else {
                forwards = !forwards;
                continue;
            }
        } else {
            at = forwards ? at + 1 : at - 1;
        }
        steps += 1;
    }
    return steps * step_s;
}

chunk_motion random_motion(std::mt19937& random, std::size_t count) {
    const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
    chunk_motion going;
    going.first = below(count);
    going.last = going.first + 1 + below(count - going.first);
    going.chunk = going.first + below(going.last - going.first);
    if (below(5) == 0) {
        going.chunk = below(count); // outside of its region
    }
    if (below(4) == 0) {
        going.last = static_cast<std::size_t>(-1);
    }
    going.mode = static_cast<play_mode>(below(4));
    const double speeds[] = {3, -3, 1, -0.5, 0};
    going.chunks_per_s = speeds[below(5)];
    going.read_ahead = below(5) != 0;
    return going;
}

} // namespace

TEST_CASE("playhead: nobody there, nothing to drop, nothing to read") {
    playhead order(4, 10);
    CHECK(order.victim() == no_slot);
    CHECK(order.next(chunk_set(10), 10) == no_chunk);
    CHECK(order.need_s(3) == std::numeric_limits<double>::infinity());
    order.released(2, 7);
    CHECK(order.victim() == 2); // one has to go
    order.taken(2, 7);
    CHECK(order.victim() == no_slot);
}

TEST_CASE("playhead: need, victim and next as found by walking, for one consumer and for several") {
    for (unsigned seed = 0; seed < 4000; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
        const std::size_t count = 1 + below(150);
        playhead order(count, count);
        std::vector<chunk_motion> heads(1 + below(3));
        for (auto& going : heads) {
            order.entered(&going);
            going = random_motion(random, count);
            order.moved(&going, going);
        }
        if (below(3) == 0) { // one that has not been anywhere, and one that has left
            order.entered(&random);
            order.entered(&seed);
            order.moved(&seed, random_motion(random, count));
            order.left(&seed);
        }
        const auto need = [&](std::size_t chunk) {
            double soonest = std::numeric_limits<double>::infinity();
            for (const auto& going : heads) {
                soonest = (std::min)(soonest, need_by_walking(going, chunk, count));
            }
            return soonest;
        };
        chunk_set present(count);
        double latest = -1;
        const std::size_t share = 1 + below(10);
        for (std::size_t chunk = 0; chunk < count; ++chunk) {
            REQUIRE(order.need_s(chunk) == doctest::Approx(need(chunk)));
            if (below(10) < share) {
                present.insert(chunk);
                if (below(4) != 0) {
                    order.released(static_cast<slot_index>(count - 1 - chunk), chunk);
                    latest = (std::max)(latest, need(chunk));
                }
            }
        }
        const slot_index victim = order.victim();
        REQUIRE((victim == no_slot) == (latest < 0));
        if (victim != no_slot) {
            REQUIRE(need(count - 1 - victim) == doctest::Approx(latest));
        }

        const std::size_t horizon = below(count + 1);
        double soonest = std::numeric_limits<double>::infinity();
        for (const auto& going : heads) {
            const double s_per_chunk = going.chunks_per_s == 0 ? 1.0 / 3 : 1 / std::abs(going.chunks_per_s);
            const bool moves = going.chunks_per_s != 0 && going.mode != play_mode::scrub;
            for (std::size_t chunk = 0; chunk < count; ++chunk) {
                const double mine = need_by_walking(going, chunk, count);
                const std::size_t first = (std::min)(going.first, going.chunk);
                const std::size_t last = (std::max)((std::min)(going.last, count), going.chunk + 1);
                const bool ahead = going.chunks_per_s > 0 ? chunk >= going.chunk : chunk <= going.chunk;
                const bool comes = moves ? chunk >= first && chunk < last && (going.mode != play_mode::once || ahead)
                                         : going.read_ahead;
                if (comes && !present.contains(chunk) && mine < (static_cast<double>(horizon) + 0.5) * s_per_chunk) {
                    soonest = (std::min)(soonest, mine);
                }
            }
        }
        const std::size_t next = order.next(present, horizon);
        REQUIRE((next == no_chunk) == !std::isfinite(soonest));
        if (next != no_chunk) {
            REQUIRE(!present.contains(next));
            REQUIRE(need(next) <= soonest + 1e-9);
        }
    }
}

// ---- hit ratios against the best possible ---------------------------------------------------------------------------

namespace {

/// What a consumer does at each step: where it is, and what it says about where it goes.
struct visit {
    std::size_t chunk;
    fieldreel::motion going;
};

constexpr std::size_t cache_chunks = 100;

/// One frame per chunk, so that frames are chunks.
std::vector<visit> played(play_mode mode, std::size_t first, std::size_t last, std::size_t steps,
                          bool forwards = true) {
    std::vector<visit> out;
    std::size_t at = forwards ? first : last - 1;
    for (std::size_t n = 0; n < steps; ++n) {
        out.push_back({at, {at, forwards ? 30.0 : -30.0, mode, {first, last}}});
        if (at == (forwards ? last - 1 : first)) {
            if (mode == play_mode::once) {
                break;
            }
            if (mode == play_mode::loop) {
                at = forwards ? first : last - 1;
                continue;
            }
            forwards = !forwards;
        }
        at = forwards ? at + 1 : at - 1;
    }
    return out;
}

std::vector<visit> scrubbed(std::size_t middle, std::size_t width, std::size_t steps, std::mt19937& random) {
    std::vector<visit> out;
    auto at = static_cast<double>(middle);
    double target = at;
    for (std::size_t n = 0; n < steps; ++n) {
        if (std::abs(at - target) < 1) {
            target = static_cast<double>(middle - width + random() % (2 * width + 1));
        }
        at += at < target ? 1 : -1;
        out.push_back({static_cast<std::size_t>(at), {static_cast<std::size_t>(at), 0, play_mode::scrub, {}}});
    }
    return out;
}

template <class Policy>
double hit_ratio(const std::vector<visit>& visits, std::size_t chunk_count) {
    const auto cache = support::counting_source<std::uint8_t>(chunk_count, 1) |
                       fieldreel::cached<Policy>({.chunk_size = 1, .max_chunks = cache_chunks, .prefetch_threads = 0});
    auto cursor = cache.cursor();
    for (const visit& v : visits) {
        cursor.hint(v.going);
        cursor.frame(v.chunk);
    }
    const auto s = cache.statistics();
    return static_cast<double>(s.hits) / static_cast<double>(s.hits + s.misses);
}

/// Drops what is asked for again last, knowing the future. A bypass is not allowed: what is asked for is kept.
double belady(const std::vector<visit>& visits) {
    std::map<std::size_t, std::size_t> next_of; // chunk -> its next visit
    std::vector<std::size_t> next(visits.size(), static_cast<std::size_t>(-1));
    for (std::size_t n = visits.size(); n-- > 0;) {
        const auto found = next_of.find(visits[n].chunk);
        next[n] = found == next_of.end() ? static_cast<std::size_t>(-1) : found->second;
        next_of[visits[n].chunk] = n;
    }
    std::map<std::size_t, std::size_t> kept;                // chunk -> next visit
    std::set<std::pair<std::size_t, std::size_t>> by_visit; // (next visit, chunk)
    std::size_t hits = 0;
    for (std::size_t n = 0; n < visits.size(); ++n) {
        const std::size_t chunk = visits[n].chunk;
        if (const auto found = kept.find(chunk); found != kept.end()) {
            ++hits;
            by_visit.erase({found->second, chunk});
        } else if (kept.size() == cache_chunks) {
            const auto last = std::prev(by_visit.end());
            kept.erase(last->second);
            by_visit.erase(last);
        }
        kept[chunk] = next[n];
        by_visit.insert({next[n], chunk});
    }
    return static_cast<double>(hits) / static_cast<double>(visits.size());
}

} // namespace

TEST_CASE(
    "playhead: loops and ping-pong longer than the cache within 1 % of the best possible, where lru has nothing") {
    const std::size_t length = 150; // 1.5 times the cache
    for (const std::size_t times : {std::size_t{1}, std::size_t{2}}) {
        for (const bool forwards : {true, false}) {
            CAPTURE(times);
            CAPTURE(forwards);
            const auto loop = played(play_mode::loop, 20, 20 + times * length, 20 * times * length, forwards);
            CHECK(hit_ratio<playhead>(loop, 400) >= 0.99 * belady(loop));
            CHECK(hit_ratio<fieldreel::lru>(loop, 400) == 0);
            const auto swing = played(play_mode::ping_pong, 20, 20 + times * length, 20 * times * length, forwards);
            CHECK(hit_ratio<playhead>(swing, 400) >= 0.99 * belady(swing));
        }
    }
    std::mt19937 random(3);
    const auto scrub = scrubbed(200, 50, 20'000, random);
    CHECK(hit_ratio<playhead>(scrub, 400) >= 0.99 * belady(scrub));
}

TEST_CASE("playhead: a session of playing, jumping, scrubbing and looping within 5 % of the best possible") {
    std::mt19937 random(11);
    std::vector<visit> session;
    const std::size_t chunks = 2000;
    const auto add = [&session](const std::vector<visit>& part) {
        session.insert(session.end(), part.begin(), part.end());
    };
    for (int n = 0; n < 60; ++n) {
        const std::size_t at = 300 + random() % 1400;
        const std::size_t length = 120 + random() % 120;
        add(scrubbed(at, 50, 300 + random() % 300, random));
        switch (n % 4) {
        case 0: add(played(play_mode::loop, at, at + length, length * (4 + random() % 8))); break;
        case 1: add(played(play_mode::once, at, at + 40 + random() % 150, 1000)); break;
        case 2: add(played(play_mode::ping_pong, at, at + length, length * (4 + random() % 8))); break;
        default: add(played(play_mode::once, at - 40 - random() % 150, at, 1000, false)); break;
        }
    }
    const double best = belady(session);
    const double ours = hit_ratio<playhead>(session, chunks);
    const double lru = hit_ratio<fieldreel::lru>(session, chunks);
    MESSAGE("mixed session, " << session.size() << " chunks: best " << best << ", playhead " << ours << ", lru "
                              << lru);
    CHECK(ours >= 0.95 * best);
    CHECK(lru < 0.8 * best);
}
