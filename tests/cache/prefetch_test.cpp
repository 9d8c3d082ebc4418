// SPDX-License-Identifier: MIT
// Reading ahead: what is read, when not, what happens to its errors, and how it ends.
#include <fieldreel/cache/prefetch.hpp>

#include <atomic>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fieldreel/cache/chunk_cache.hpp>
#include <fieldreel/trace/recorder.hpp>

#include "support/counting_source.hpp"
#include "support/gated_source.hpp"
#include "support/sentence.hpp"
#include "support/throwing_source.hpp"

using fieldreel::cache_options;
using fieldreel::cached;
using fieldreel::frame_range;
using fieldreel::motion;
using fieldreel::play_mode;
using fieldreel::playhead;
using support::counting_source;
using support::gated_source;
using support::throwing_source;
using support::yield_until;

namespace {

using source = counting_source<float>;

/// Ten frames per chunk and a host that reads ahead itself.
cache_options by_hand(std::size_t max_chunks) {
    return {.chunk_size = 10, .max_chunks = max_chunks, .prefetch_threads = 0};
}

template <class Cache>
std::vector<std::size_t> resident(const Cache& c) {
    std::vector<std::size_t> chunks;
    for (const frame_range range : c.resident_ranges()) {
        for (std::size_t i = range.first; i < range.last; i += 10) {
            chunks.push_back(i / 10);
        }
    }
    return chunks;
}
using chunks = std::vector<std::size_t>;

motion onwards(std::size_t frame, double frames_per_s = 30) {
    return {.frame = frame, .frames_per_s = frames_per_s};
}

} // namespace

TEST_CASE("ahead in the direction of play, a few behind are kept, and no further than there is room") {
    const source from(1000, 4);
    const auto c = from | cached<playhead>(by_hand(6));
    auto cursor = c.cursor();
    CHECK_FALSE(c.prefetch_one()); // nobody said where it goes
    cursor.frame(500);
    CHECK_FALSE(c.prefetch_one());
    cursor.hint(onwards(500));
    while (c.prefetch_one()) {
    }
    CHECK(resident(c) == chunks{50, 51, 52, 53, 54, 55});
    for (std::size_t i = 500; i < 530; ++i) {
        cursor.hint(onwards(i));
        cursor.frame(i);
    }
    while (c.prefetch_one()) {
    }
    CHECK(resident(c) == chunks{51, 52, 53, 54, 55, 56}); // one behind, as needed in 4 as 57 in 5
    cursor.hint(onwards(529, -30));                       // the other way round
    while (c.prefetch_one()) {
    }
    CHECK(resident(c) == chunks{48, 49, 50, 51, 52, 53});
    const auto s = c.statistics();
    CHECK(s.misses == 1);
    CHECK(s.prefetch_failed == 0);
    CHECK(s.prefetched == from.reads() - 1);
}

TEST_CASE("at the end of the recording, of a region, and around the end of a loop") {
    const auto c = source(100, 4) | cached<playhead>(by_hand(4));
    auto cursor = c.cursor();
    const auto read_all = [&](const motion& going) {
        cursor.frame(going.frame);
        cursor.hint(going);
        while (c.prefetch_one()) {
        }
        return resident(c);
    };
    CHECK(read_all({85, 30, play_mode::loop, {70, 100}}) == chunks{7, 8, 9});
    CHECK(read_all({85, 30, play_mode::loop, {20, 100}}) == chunks{2, 3, 8, 9});
    CHECK(read_all({25, -30, play_mode::loop, {20, 100}}) == chunks{2, 7, 8, 9});
    CHECK(read_all({85, 30, play_mode::ping_pong, {20, 100}}) == chunks{6, 7, 8, 9});
    CHECK(read_all({45, 30, play_mode::once, {20, 60}}) == chunks{4, 5, 6, 7}); // 6 and 7 happen to be there
}

TEST_CASE("a pause keeps the way it went, a scrub reads both sides") {
    const auto c = source(1000, 4) | cached<playhead>(by_hand(5));
    auto cursor = c.cursor();
    cursor.frame(500);
    cursor.hint(onwards(500, -30));
    cursor.hint(onwards(500, 0));
    while (c.prefetch_one()) {
    }
    CHECK(resident(c) == chunks{46, 47, 48, 49, 50});
    cursor.hint({.frame = 500, .mode = play_mode::scrub});
    while (c.prefetch_one()) {
    }
    CHECK(resident(c) == chunks{48, 49, 50, 51, 52});
}

TEST_CASE("a jump back to where the first hint was is a jump, too") {
    const auto c = source(10'000, 4) | cached<playhead>(by_hand(50));
    auto cursor = c.cursor();
    for (const std::size_t to : {std::size_t{0}, std::size_t{7000}, std::size_t{0}}) {
        cursor.hint(onwards(to));
    }
    CHECK(c.prefetch_one());
    CHECK(resident(c) == chunks{0});
    cursor.hint(onwards(7005));
    cursor.hint(onwards(7012)); // less than a chunk on, and in the next one
    CHECK(c.prefetch_one());
    CHECK(resident(c) == chunks{0, 701});
}

TEST_CASE("of two that are needed equally soon the one that is there stays") {
    const auto c = source(1000, 4) | cached<playhead>(by_hand(4)); // the one under the hand, two beside it, and one
    auto cursor = c.cursor();
    cursor.hint({.frame = 20, .mode = play_mode::scrub});
    int reads = 0;
    while (c.prefetch_one()) {
        REQUIRE(++reads <= 4);
    }
    CHECK(reads == 4);
}

TEST_CASE("a jump is followed at once: the next read is where it went") {
    const auto c = source(10'000, 4) | cached<playhead>(by_hand(50));
    auto cursor = c.cursor();
    cursor.hint(onwards(0));
    for (int n = 0; n < 5; ++n) {
        c.prefetch_one();
    }
    cursor.hint(onwards(7000));
    CHECK(c.prefetch_one());
    CHECK(cursor.try_frame(7000).has_value());
}

TEST_CASE("two that play in different places share what is read ahead, the quicker one first") {
    const auto c = source(10'000, 4) | cached<playhead>(by_hand(40));
    auto slow = c.cursor();
    auto quick = c.cursor();
    slow.hint(onwards(0, 10));
    quick.hint(onwards(5000, 30));
    for (int n = 0; n < 20; ++n) {
        REQUIRE(c.prefetch_one());
    }
    std::size_t for_slow = 0;
    for (const std::size_t chunk : resident(c)) {
        for_slow += chunk < 500 ? 1 : 0;
    }
    CHECK(for_slow >= 4); // three to one, and the first of both at once
    CHECK(for_slow <= 6);
    const auto third = std::make_unique<decltype(c.cursor())>(c.cursor());
    third->hint(onwards(9000, -30));
    CHECK(c.prefetch_one());
    CHECK(third->try_frame(9000).has_value());
}

TEST_CASE("nothing is read ahead where there is no room: one chunk, all pinned") {
    const source from(1000, 4);
    const auto one = from | cached<playhead>(by_hand(1));
    auto cursor = one.cursor();
    cursor.hint(onwards(0));
    CHECK_FALSE(one.prefetch_one());

    const auto c = from | cached<playhead>(by_hand(3));
    auto playing = c.cursor();
    std::vector<fieldreel::shared_frame<float>> held = {playing.share(500), playing.share(600), playing.share(700)};
    playing.hint(onwards(700));
    CHECK_FALSE(c.prefetch_one());
    CHECK(source::is_frame(800, playing.frame(800))); // read past the cache
    CHECK(c.statistics().read_through == 1);
    held.clear();
    playing.hint(onwards(810));
    CHECK(c.prefetch_one());
}

TEST_CASE("an error of a read ahead is kept for the first who asks, and not tried again before") {
    const source counts(1000, 4);
    const throwing_source<source> from(counts);
    const auto c = from | cached<playhead>(by_hand(10));
    auto cursor = c.cursor();
    cursor.frame(0);
    cursor.hint(onwards(0));
    CHECK(c.prefetch_one());
    from.fail(1); // chunk 2
    while (c.prefetch_one()) {
    }
    const auto s = c.statistics();
    CHECK(s.prefetch_failed == 1);
    CHECK(s.failed_reads == 1);
    CHECK(resident(c) == chunks{0, 1, 3, 4, 5, 6, 7, 8, 9, 10});
    CHECK_FALSE(c.prefetch_one());
    const std::size_t reads = counts.reads();
    CHECK_THROWS_AS(cursor.frame(21), support::source_failed);
    CHECK(counts.reads() == reads); // the error was there
    CHECK(source::is_frame(21, cursor.frame(21)));
    CHECK(c.statistics().failed_reads == 1);

    from.fail(1);
    cursor.hint(onwards(200));
    CHECK(c.prefetch_one());
    CHECK_THROWS_AS(cursor.try_frame(200), support::source_failed); // asks, too
    CHECK(!cursor.try_frame(200).has_value());
    CHECK(cursor.nearest(200).has_value()); // says what there is
}

TEST_CASE("a source that always fails: reading ahead gives up, the consumer hears of it") {
    const throwing_source<source> from(source(10'000, 4));
    from.fail();
    const auto c = from | cached<playhead>(by_hand(200));
    auto cursor = c.cursor();
    cursor.hint(onwards(0));
    std::size_t tries = 0;
    while (c.prefetch_one()) {
        REQUIRE(++tries < 1000);
    }
    CHECK(tries == 64);
    for (std::size_t i = 0; i < 2000; i += 10) {
        CHECK_THROWS_AS(cursor.frame(i), support::source_failed);
    }
    from.mend();
    CHECK(source::is_frame(70, cursor.frame(70)));
    CHECK(c.statistics().bytes_pinned <= 10 * 4 * sizeof(float));
}

// ---- threads --------------------------------------------------------------------------------------------------------

TEST_CASE("a thread reads ahead as soon as somebody says where it goes") {
    const source from(1000, 4);
    const auto c = from | cached<playhead>({.chunk_size = 10, .max_chunks = 20});
    auto cursor = c.cursor();
    cursor.frame(100);
    CHECK(c.statistics().prefetch_threads == 0);
    cursor.hint(onwards(100));
    yield_until([&] { return c.statistics().chunks_resident == 20; });
    CHECK(c.statistics().prefetch_threads == 1);
    CHECK(resident(c).front() == 10);
    for (std::size_t i = 100; i < 1000; ++i) {
        cursor.hint(onwards(i));
        yield_until([&] { return cursor.try_frame(i).has_value(); });
        REQUIRE(source::is_frame(i, cursor.frame(i)));
    }
    const auto s = c.statistics();
    CHECK(s.misses == 1); // the first
    CHECK(s.prefetched == 89);
    CHECK(s.prefetch_used == 89);
    CHECK(s.prefetch_wasted == 0);
    CHECK(from.reads() == 90);
}

TEST_CASE("who wants what is being read ahead waits for that read, and its error reaches all who wait") {
    const throwing_source<source> inner(source(1000, 4));
    const gated_source from(inner);
    const auto c = from | cached<playhead>({.chunk_size = 10, .max_chunks = 20});
    auto cursor = c.cursor();
    from.close();
    cursor.hint(onwards(300));
    from.await_reads(1);
    std::atomic<int> right{0};
    std::thread other([&] {
        auto mine = c.cursor();
        right += source::is_frame(305, mine.frame(305)) ? 1 : 0;
    });
    yield_until([&] { return c.statistics().coalesced == 1; });
    from.open();
    other.join();
    CHECK(right == 1);
    yield_until([&] { return c.statistics().chunks_resident == 20; });

    from.close();
    cursor.hint(onwards(700));
    from.await_reads(21);
    inner.fail(1);
    std::atomic<int> heard{0};
    std::thread third([&] {
        auto mine = c.cursor();
        try {
            mine.frame(701);
        } catch (const support::source_failed&) {
            ++heard;
        }
    });
    yield_until([&] { return c.statistics().coalesced == 2; });
    from.open();
    third.join();
    CHECK(heard == 1);
}

TEST_CASE("a source for one reader: reading ahead lets who waits go first, whatever the number of threads") {
    using single = counting_source<float, false>;
    const single counts(10'000, 4);
    const auto c = counts | cached<playhead>({.chunk_size = 10, .max_chunks = 50, .prefetch_threads = 8});
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (std::size_t n = 0; n < 3; ++n) {
        threads.emplace_back([&, n] {
            auto cursor = c.cursor();
            for (std::size_t i = 0; i < 2000; ++i) {
                const std::size_t frame = (n * 3000 + i) % 10'000;
                cursor.hint(onwards(frame, n == 1 ? -30 : 30));
                wrong += single::is_frame(frame, cursor.frame(frame)) ? 0 : 1;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(wrong == 0);
    CHECK_FALSE(counts.overlapped());
    CHECK(c.statistics().prefetch_threads == 1);
}

TEST_CASE("a cache goes away while its source reads: it waits for that read and starts no other") {
    const source counts(1000, 4);
    const gated_source from(counts);
    std::optional c(from | cached<playhead>({.chunk_size = 10, .max_chunks = 20, .prefetch_threads = 1}));
    {
        auto cursor = c->cursor();
        from.close();
        cursor.hint(onwards(0));
        from.await_reads(1);
    }
    std::thread closing([&] { c.reset(); });
    from.open();
    closing.join();
    CHECK(counts.reads() <= 20);

    for (int n = 0; n < 50; ++n) { // at any moment of a thread's life
        const auto fleeting = counts | cached<playhead>({.chunk_size = 10, .prefetch_threads = 2});
        auto cursor = fleeting.cursor();
        cursor.hint(onwards(static_cast<std::size_t>(n)));
    }
}

// ---- misuse ---------------------------------------------------------------------------------------------------------

TEST_CASE("what cannot be read ahead is refused") {
    const source from(100, 4);
    CHECK(support::sentence_of<fieldreel::error>([&] { from | cached({.prefetch_threads = 1}); }) ==
          "prefetch_threads is 1 and the eviction policy has no order to read ahead by; use "
          "cached<playhead>(...), or leave prefetch_threads unset");
    CHECK(support::sentence_of<fieldreel::error>([&] { from | cached<playhead>({.prefetch_threads = 65}); }) ==
          "prefetch_threads is 65; at most 64 are allowed; 1 or 2 are usual");
    CHECK(support::sentence_of<fieldreel::error>(
              [&] { from | cached<playhead>({.prefetch_threads = 1, .one_thread = true}); }) ==
          "prefetch_threads is 1 and one_thread is set; a cache for one thread has none of its own; leave one of the "
          "two unset");
    const auto c = from | cached<playhead>({.prefetch_threads = 0});
    auto cursor = c.cursor();
    const auto said = [&](const motion& going) {
        return support::sentence_of<fieldreel::error>([&] { cursor.hint(going); });
    };
    CHECK(said({.frame = 100}) == "frame 100 is past the end: the source has 100 frames (0-99); clamp the index or use "
                                  "subsample");
    CHECK(said({.frame = 1, .frames_per_s = std::numeric_limits<double>::infinity()}) ==
          "a motion of inf frames per second was given; it must be finite; 0 is standing");
    CHECK(said({.frame = 1, .region = {50, 50}}) ==
          "a motion over the frames 50 up to 50 (one past the end) of 100 was given; the first must be before "
          "the end; give a region that holds a frame");
    CHECK(said({.frame = 1, .region = {60, 50}}) ==
          "a motion over the frames 60 up to 50 (one past the end) of 100 was given; the first must be before "
          "the end; give a region that holds a frame");
    CHECK(said({.frame = 99, .region = {99, 100}}) == "nothing was thrown");
}

TEST_CASE("a trace shows who reads ahead, an arrow to the first use, and the counters") {
    const source from(1000, 4);
    const auto c = from | cached<playhead>(by_hand(6));
    auto cursor = c.cursor();
    cursor.frame(0);
    cursor.hint(onwards(0));
    REQUIRE(c.prefetch_one()); // not traced: no arrow
    fieldreel::recorder recorder;
    recorder.start();
    REQUIRE(c.prefetch_one());
    REQUIRE(c.prefetch_one());
    cursor.frame(10);
    cursor.frame(20);
    cursor.frame(21);
    cursor.frame(10);
    cursor.frame(20); // not the first use
    CHECK(cursor.try_frame(30));
    recorder.stop();
    std::string story;
    double bytes = 0;
    const auto threads = recorder.events();
    for (const auto& e : threads.at(0).events) {
        using fieldreel::trace::event_kind;
        if (e.kind == event_kind::counter) {
            bytes = e.name == std::string("cache.bytes") ? e.value : bytes;
        } else {
            story += e.name;
            story += e.kind == event_kind::flow_begin ? " begins, " : e.kind == event_kind::flow_end ? " ends, " : ": ";
        }
    }
    CHECK(story ==
          "prefetch.decode: prefetch begins, prefetch.decode: prefetch begins, prefetch ends, prefetch ends, ");
    CHECK(bytes == 4 * 10 * 4 * sizeof(float));
}
