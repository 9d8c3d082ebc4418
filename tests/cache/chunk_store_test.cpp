// SPDX-License-Identifier: MIT
// What a cache promises to many threads, and what it may take from memory.
#include <fieldreel/cache/chunk_store.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <fieldreel/cache/chunk_cache.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/select.hpp>

#define FIELDREEL_TEST_COUNTS_ALLOCATIONS
#include "support/allocation_counter.hpp"
#include "support/counting_source.hpp"
#include "support/gated_source.hpp"
#include "support/sanitizer.hpp"
#include "support/throwing_source.hpp"

using fieldreel::cache_options;
using fieldreel::cached;
using fieldreel::frame_range;
using support::counting_source;
using support::gated_source;
using support::throwing_source;
using support::yield_until;

namespace {

using source = counting_source<float>;

} // namespace

TEST_CASE("equal misses read once, and the others wait") {
    const source counts(100, 4);
    const gated_source<source> from(counts);
    const auto c = from | cached({.chunk_size = 10, .max_chunks = 2});
    from.close();
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    const std::size_t many = 4;
    for (std::size_t n = 0; n < many; ++n) {
        threads.emplace_back([&, n] {
            auto cursor = c.cursor();
            right += source::is_frame(30 + n, cursor.frame(30 + n)) ? 1 : 0;
        });
    }
    yield_until([&] { return c.statistics().coalesced == many - 1; });
    from.open();
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(right == many);
    CHECK(counts.reads() == 1);
    const auto s = c.statistics();
    CHECK(s.misses == many);
    CHECK(s.stalls == many);
    CHECK(s.bytes_pinned == 0);
    CHECK(s.chunks_resident == 1);
}

TEST_CASE("while a source reads, nobody waits but who wants that chunk") {
    const gated_source<source> from(source(100, 4));
    const auto c = from | cached({.chunk_size = 10, .max_chunks = 4});
    auto cursor = c.cursor();
    cursor.frame(0);
    cursor.frame(10);
    from.close();
    std::thread slow([&] { CHECK(source::is_frame(50, c.cursor().frame(50))); });
    from.await_reads(3);
    CHECK(source::is_frame(0, cursor.frame(0))); // the table is free: hits, questions, statistics, cursors
    CHECK(source::is_frame(10, cursor.frame(10)));
    CHECK_FALSE(cursor.try_frame(50)); // neither reads nor waits
    CHECK(cursor.nearest(50)->index == 19);
    CHECK(c.resident_ranges() == std::vector<frame_range>{{0, 20}});
    CHECK(c.statistics().misses == 3);
    CHECK(c.cursor().share(3).values.size() == 4);
    std::thread other([&] { CHECK(source::is_frame(70, c.cursor().frame(70))); });
    from.await_reads(4); // two reads at once
    from.open();
    slow.join();
    other.join();
    CHECK(c.statistics().coalesced == 0);
}

TEST_CASE("a failed read reaches all who wait for it, and the next request tries again") {
    const throwing_source<source> fails(source(100, 4));
    const gated_source<throwing_source<source>> from(fails);
    const auto c = from | cached({.chunk_size = 10, .max_chunks = 2});
    auto keeps = c.cursor();
    keeps.frame(0);
    for (int round = 0; round < 20; ++round) {
        from.close();
        fails.fail(1);
        std::vector<std::thread> threads;
        std::atomic<int> failures{0};
        // The error is one object. Its count is kept by code that thread sanitizers do not see, so that they take the
        // last one's goodbye for a race with the others' look at it: here it goes when all threads have.
        std::vector<std::exception_ptr> errors(3);
        for (std::size_t n = 0; n < 3; ++n) {
            threads.emplace_back([&, n] {
                auto cursor = c.cursor();
                try {
                    cursor.frame(33);
                } catch (const support::source_failed& e) {
                    errors[n] = std::current_exception();
                    failures += e.what() == std::string("frame 30 is broken") ? 1 : 0;
                }
            });
        }
        const auto waiting = 2 * (static_cast<std::uint64_t>(round) + 1);
        yield_until([&] { return c.statistics().coalesced == waiting; });
        from.open();
        for (auto& thread : threads) {
            thread.join();
        }
        REQUIRE(failures == 3);
        REQUIRE(c.resident_ranges() == std::vector<frame_range>{{0, 10}});
    }
    CHECK(c.statistics().failed_reads == 20);
    CHECK(source::is_frame(33, c.cursor().frame(33)));
    CHECK(c.resident_ranges() == std::vector<frame_range>{{0, 10}, {30, 40}});
}

TEST_CASE("a chunk that was waited for is pinned by the reader and by each who waited") {
    for (std::size_t first_to_leave = 0; first_to_leave < 3; ++first_to_leave) {
        const gated_source<source> from(source(100, 4));
        const auto c = from | cached({.chunk_size = 10, .max_chunks = 1});
        std::vector<decltype(c.cursor())> cursors;
        std::vector<std::span<const float>> frames(3);
        std::vector<std::thread> threads;
        from.close();
        for (std::size_t n = 0; n < 3; ++n) {
            cursors.push_back(c.cursor());
        }
        for (std::size_t n = 0; n < 3; ++n) {
            threads.emplace_back([&, n] { frames[n] = cursors[n].frame(40 + n); });
            yield_until([&] { return c.statistics().misses == n + 1; });
        }
        from.open();
        for (auto& thread : threads) {
            thread.join();
        }
        auto other = c.cursor(); // would drop the chunk if it could
        for (std::size_t gone = 0; gone < 3; ++gone) {
            CHECK(c.statistics().bytes_pinned == 160);
            CHECK(source::is_frame(90, other.frame(90)));
            CHECK(c.statistics().read_through == 1 + 2 * gone);
            other.frame(91); // so that 90 is asked for again
            const std::size_t n = (first_to_leave + gone) % 3;
            CHECK(source::is_frame(40 + n, frames[n]));
            { auto left = std::move(cursors[n]); }
        }
        CHECK(c.statistics().bytes_pinned == 0);
        CHECK(source::is_frame(90, other.frame(90)));
        CHECK(c.statistics().bytes_pinned == 160);
    }
}

TEST_CASE("pinned while another was read: one chunk too many, until it can be dropped") {
    const gated_source<source> from(source(100, 4));
    const auto c = from | cached({.chunk_size = 10, .max_chunks = 1});
    auto a = c.cursor();
    auto b = c.cursor();
    b.frame(50);
    { auto gone = std::move(b); }
    b = c.cursor();
    from.close();
    std::thread reader([&] { b.frame(80); }); // there is room: nobody looks at 50
    from.await_reads(2);
    const auto held = a.frame(51); // now somebody does
    from.open();
    reader.join();
    CHECK(c.statistics().chunks_resident == 2);
    CHECK(c.statistics().bytes_pinned == 320);
    CHECK(a.nearest(3)->index == 50); // its own chunk, which could be dropped the moment it is let go
    CHECK(a.frame(51).data() == held.data());
    CHECK(source::is_frame(51, held));
    CHECK(a.nearest(79)->index == 80);
    CHECK(c.resident_ranges() == std::vector<frame_range>{{80, 90}});
}

TEST_CASE("a source that forbids concurrent reads is read by one thread at a time") {
    const counting_source<float, false> from(1000, 4);
    for (const bool room : {true, false}) {
        const auto c = from | cached({.chunk_size = 10, .max_bytes = room ? 5 * 160 : 1});
        std::vector<std::thread> threads;
        for (unsigned n = 0; n < 4; ++n) {
            threads.emplace_back([&, n] {
                std::mt19937 random(n);
                auto cursor = c.cursor();
                std::vector<float> out(25 * 4);
                for (int step = 0; step < 500; ++step) {
                    cursor.frame(random() % 1000);
                    c.read(random() % 976, out);
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        CHECK_FALSE(from.overlapped());
    }
}

namespace {

std::atomic<std::int64_t> fake_ns{0};
std::int64_t fake_now() {
    return fake_ns;
}
/// One reader at a time; a read takes ten milliseconds of the clock above.
struct ten_ms_source {
    using value_type = float;
    gated_source<source> from;
    std::size_t frame_count() const { return from.frame_count(); }
    std::size_t frame_size() const { return from.frame_size(); }
    void read(std::size_t first, std::span<float> out) const {
        from.read(first, out);
        fake_ns += 10'000'000;
    }
};

/// Two threads want chunks of their own; the second waits for the first one's read, then reads itself.
template <class Source>
void check_read_times(const Source& from, const gated_source<source>& gate) {
    using lru_store = fieldreel::detail::chunk_store<Source, fieldreel::lru>;
    fake_ns = 0;
    lru_store store(from, {.chunk_size = 10, .max_chunks = 4}, fake_now);
    fieldreel::detail::cache_consumer first;
    store.enter(first);
    store.step(first.held, 4, &first); // it is slow: from now on every read is timed
    store.leave(first);
    gate.close();
    std::vector<std::thread> threads;
    for (std::size_t n = 0; n < 2; ++n) {
        threads.emplace_back([&store, n] {
            fieldreel::detail::cache_consumer who;
            store.enter(who);
            store.step(who.held, n, &who);
            store.leave(who);
        });
    }
    yield_until([&] { return store.statistics().misses == 3; });
    gate.open();
    for (auto& thread : threads) {
        thread.join();
    }
    const auto s = store.statistics();
    CHECK(s.chunk_read_s == doctest::Approx(0.010)); // of the source alone
    CHECK(s.sustainable_frames_per_s == doctest::Approx(1000));
    CHECK(s.stall_longest_s >= doctest::Approx(0.010));
}

} // namespace

TEST_CASE("what a read takes does not count the wait for another's read, however the source is wrapped") {
    const gated_source<source> gate(source(100, 4));
    const ten_ms_source slow{gate};
    check_read_times(slow, gate);
    const fieldreel::any_source erased = slow;
    check_read_times(erased.as<float>(), gate);
    const fieldreel::any_source above = erased | fieldreel::slice({0, 50});
    check_read_times(above.as<float>(), gate);
}

TEST_CASE("shared frames and cursors may be let go anywhere, after the cache") {
    std::vector<fieldreel::shared_frame<float>> frames;
    std::vector<fieldreel::chunk_cursor<source, fieldreel::lru>> cursors;
    {
        const auto c = source(200, 4) | cached({.chunk_size = 10, .max_chunks = 30});
        for (std::size_t i = 0; i < 200; i += 7) {
            cursors.push_back(c.cursor());
            frames.push_back(cursors.back().share(i));
        }
    }
    std::thread first([mine = std::move(cursors)]() mutable { mine.clear(); });
    std::thread second([&frames] {
        for (std::size_t n = 0; n < frames.size(); ++n) {
            CHECK(source::is_frame(n * 7, frames[n].values));
            frames[n] = {};
        }
    });
    first.join();
    second.join();
}

namespace {

template <class Policy>
void stress(std::optional<std::size_t> prefetch_threads) {
    struct setting {
        std::size_t chunk_size, max_chunks, max_bytes, one_of;
    };
    const std::size_t any = cache_options::unlimited;
    for (const setting& given : {setting{1, 2, any, 5},
                                 {4, 3, any, 0},
                                 {4, any, 4 * 48, 3},
                                 {10, any, 120, 4},
                                 {7, 1, any, 7},
                                 {3, 100, any, 2}}) {
        const std::size_t chunk_size = given.chunk_size;
        const std::size_t max_bytes = given.max_bytes;
        CAPTURE(chunk_size);
        CAPTURE(max_bytes);
        const throwing_source<source> from(source(60, 3));
        from.fail_one_of(given.one_of, 99);
        std::optional c(from | cached<Policy>({.chunk_size = chunk_size,
                                               .max_chunks = given.max_chunks,
                                               .max_bytes = max_bytes,
                                               .prefetch_threads = prefetch_threads}));
        std::atomic<std::uint64_t> wrong{0}, requests{0}, failed{0};
        std::vector<std::thread> threads;
        for (unsigned n = 0; n < 4; ++n) {
            threads.emplace_back([&, n, c = *c] {
                std::mt19937 random(n + 17);
                std::vector<decltype(c.cursor())> cursors;
                std::vector<std::pair<std::size_t, fieldreel::shared_frame<float>>> shared;
                std::vector<float> out;
                const auto check = [&](std::size_t i, std::span<const float> values) {
                    wrong += source::is_frame(i, values) ? 0 : 1;
                };
                for (int step = 0; step < 1500; ++step) {
                    const std::size_t i = random() % 60;
                    const std::size_t what = random() % 100;
                    if (cursors.size() < 2 || what < 2) {
                        cursors.push_back(c.cursor());
                        continue;
                    }
                    auto& cursor = cursors[random() % cursors.size()];
                    try {
                        if (prefetch_threads && random() % 8 == 0) {
                            const std::size_t first = random() % (i + 1);
                            cursor.hint({i,
                                         static_cast<double>(random() % 200) - 100,
                                         static_cast<fieldreel::play_mode>(random() % 4),
                                         {first, i + 1 + random() % 20}});
                            if (*prefetch_threads == 0) {
                                c.prefetch_one();
                            }
                        }
                        if (what < 60) {
                            ++requests;
                            check(i, cursor.frame(i));
                        } else if (what < 70) {
                            ++requests;
                            shared.emplace_back(i, cursor.share(i));
                        } else if (what < 80) {
                            if (const auto values = cursor.try_frame(i)) {
                                ++requests;
                                check(i, *values);
                            }
                        } else if (what < 88) {
                            if (const auto found = cursor.nearest(i)) {
                                requests += found->index == i ? 1 : 0;
                                check(found->index, found->values);
                            }
                        } else if (what < 93) { // within one chunk: one request
                            ++requests;
                            out.resize(3);
                            c.read(i, out);
                            check(i, out);
                        } else if (what < 95) {
                            cursors.pop_back();
                        } else if (what < 96) {
                            const auto s = c.statistics();
                            wrong += s.bytes_peak > max_bytes ? 1 : 0;
                            c.resident_ranges();
                        } else if (!shared.empty()) {
                            shared.erase(shared.begin());
                        }
                    } catch (const support::source_failed&) {
                        ++failed;
                    }
                    for (const auto& [index, frame] : shared) {
                        check(index, frame.values);
                    }
                    if (shared.size() > 3) {
                        shared.erase(shared.begin());
                    }
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        CHECK(wrong == 0);
        CHECK((failed > 0) == (given.one_of > 0));
        const auto s = c->statistics();
        CHECK(s.hits + s.misses == requests);
        CHECK(s.bytes_pinned == 0);
        CHECK(s.bytes_read_through == 0);
        CHECK(s.chunks_resident <= s.chunks_limit);
        from.mend();
        auto cursor = c->cursor();
        for (std::size_t i = 0; i < 60; ++i) {
            try { // the errors of reads ahead that nobody has heard of yet
                cursor.frame(i);
            } catch (const support::source_failed&) {
            }
            REQUIRE(source::is_frame(i, cursor.frame(i)));
        }
    }
}

} // namespace

TEST_CASE("stress: random requests of many threads, a source that fails, hardly any room") {
    stress<fieldreel::lru>(std::nullopt);
    for (const std::size_t threads : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
        CAPTURE(threads);
        stress<fieldreel::playhead>(threads);
    }
}

// ---- memory ---------------------------------------------------------------------------------------------------------

TEST_CASE("the allocation counter counts") {
    if (!support::allocations_are_counted) {
        MESSAGE("skipped: allocations are not counted here");
        return;
    }
    const support::allocation_watch watch;
    void* const plain = ::operator new(100);
    void* const aligned = ::operator new (200, std::align_val_t{64});
    CHECK(reinterpret_cast<std::uintptr_t>(aligned) % 64 == 0);
    ::operator delete(plain);
    ::operator delete (aligned, std::align_val_t{64});
    CHECK(watch.count() == 2);
    CHECK(watch.peak_bytes() == 300);
}

TEST_CASE("max_bytes caps all buffers together, whatever happens, counted where memory is handed out") {
    if (!support::allocations_are_counted) {
        MESSAGE("skipped: allocations are not counted here");
        return;
    }
    const std::size_t chunk_bytes = 10 * 100 * sizeof(float);
    for (std::size_t tenths = 1; tenths < 80; tenths += 3) {
        const std::size_t max_bytes = chunk_bytes * tenths / 10;
        CAPTURE(max_bytes);
        const source from(1000, 100);
        const auto c =
            from | cached<fieldreel::playhead>({.chunk_size = 10, .max_bytes = max_bytes, .prefetch_threads = 0});
        std::vector<decltype(c.cursor())> cursors;
        for (int n = 0; n < 6; ++n) {
            cursors.push_back(c.cursor());
        }
        std::atomic<bool> go{false};
        std::atomic<bool> measured{false};
        std::atomic<int> done{0};
        std::vector<std::thread> threads;
        for (unsigned n = 0; n < 3; ++n) {
            threads.emplace_back([&, n] {
                go.wait(false);
                std::mt19937 random(n + static_cast<unsigned>(tenths));
                for (int step = 0; step < 300; ++step) {
                    auto& cursor = cursors[2 * n + random() % 2];
                    const std::size_t i = random() % 1000;
                    cursor.hint({.frame = i, .frames_per_s = 30, .mode = fieldreel::play_mode::loop});
                    cursor.frame(i);
                    c.prefetch_one();
                }
                ++done;
                measured.wait(false); // a thread that ends gives memory back
            });
        }
        const support::allocation_watch watch;
        go = true;
        go.notify_all();
        yield_until([&] { return done == 3; });
        const auto s = c.statistics();
        const std::size_t peak = watch.peak_bytes();
        measured = true;
        measured.notify_all();
        for (auto& thread : threads) {
            thread.join();
        }
        CHECK(peak <= max_bytes + s.bytes_read_through);
        CHECK(peak == s.bytes_peak + s.bytes_read_through);
        CHECK(s.bytes_peak <= max_bytes);
        CHECK(s.bytes_read_through <= 6 * 400);
    }
}

TEST_CASE("after warm-up playing allocates nothing") {
    if (!support::allocations_are_counted) {
        MESSAGE("skipped: allocations are not counted here");
        return;
    }
    const source from(1000, 100);
    for (const std::size_t max_bytes : {std::size_t{1}, std::size_t{10'000}, cache_options::unlimited}) {
        const auto c = from | cached({.chunk_size = 10, .max_chunks = 5, .max_bytes = max_bytes});
        auto one = c.cursor();
        auto two = c.cursor();
        std::vector<float> out(35 * 100);
        const auto play = [&] {
            std::mt19937 random(5);
            fieldreel::shared_frame<float> scenes[2];
            for (std::size_t i = 0; i < 1000; ++i) {
                one.frame(i);
                two.frame(999 - i);
                two.try_frame(random() % 1000);
                two.nearest(random() % 1000);
                one.hint({.frame = i});
                if (max_bytes > 1) { // else sharing copies
                    if (const auto there = one.try_frame(i); there && c.statistics().read_through == 0) {
                        scenes[i % 2] = one.share(i);
                    }
                }
                if (i % 50 == 0) {
                    c.read(random() % 900, out);
                }
                c.statistics();
            }
        };
        play();
        const support::allocation_watch watch;
        play();
        CHECK(watch.count() == 0);
        CHECK(watch.peak_bytes() == 0);
    }
}

TEST_CASE("after warm-up reading ahead allocates nothing either") {
    if (!support::allocations_are_counted) {
        MESSAGE("skipped: allocations are not counted here");
        return;
    }
    const auto c = source(1500, 100) | cached<fieldreel::playhead>({.chunk_size = 10, .max_chunks = 100});
    auto cursor = c.cursor();
    const auto play = [&](int laps) { // a loop of 1.5 times the cache
        for (int lap = 0; lap < laps; ++lap) {
            for (std::size_t i = 0; i < 1500; ++i) {
                cursor.hint({.frame = i, .frames_per_s = 30, .mode = fieldreel::play_mode::loop});
                yield_until([&] { return cursor.try_frame(i).has_value(); });
            }
        }
    };
    play(2);
    yield_until([&] { return c.statistics().bytes_peak == 101 * 10 * 100 * sizeof(float); });
    const support::allocation_watch watch;
    play(5);
    CHECK(watch.count() == 0);
}

TEST_CASE("opening costs the same for ten million frames as for ten") {
#ifdef __linux__
    if (support::keeps_freed_memory) {
        MESSAGE("skipped: a sanitizer keeps what is freed");
        return;
    }
    const auto resident_pages = [] {
        long size = 0;
        long resident = 0;
        if (std::FILE* const file = std::fopen("/proc/self/statm", "r")) {
            CHECK(std::fscanf(file, "%ld %ld", &size, &resident) == 2);
            std::fclose(file);
        }
        return resident;
    };
    const long before = resident_pages();
    const auto c = source(10'000'000, 4) | cached({.chunk_size = 1, .max_chunks = cache_options::unlimited});
    auto cursor = c.cursor();
    for (std::size_t i = 0; i < 10'000'000; i += 1'000'000) {
        CHECK(source::is_frame(i, cursor.frame(i)));
    }
    CHECK(cursor.nearest(9'999'999)->index == 9'000'000);
    CHECK(resident_pages() - before < 256); // 1 MiB; the table alone is 40 MB
#else
    MESSAGE("skipped: resident memory is not measured here");
#endif
}
