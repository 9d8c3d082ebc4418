// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/event_times.hpp>
#include <fieldreel/overlay/overlap.hpp>

#include "support/npy_bytes.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST_CASE("events up to and before a time, the next and the previous one") {
    const event_times times({1, 2, 2, 5});
    CHECK(times.size() == 4);
    CHECK(times.up_to(0.5) == 0);
    CHECK(times.up_to(1) == 1);
    CHECK(times.up_to(2) == 3);
    CHECK(times.before(2) == 1);
    CHECK(times.before(99) == 4);
    CHECK(times.next(0) == 1);
    CHECK(times.next(1) == 2);
    CHECK(times.next(2) == 5);
    CHECK(!times.next(5).has_value());
    CHECK(times.previous(5) == 2);
    CHECK(times.previous(2) == 1);
    CHECK(!times.previous(1).has_value());
    CHECK(time_span(times) == time_range{1, 5});
    const event_times none;
    CHECK(none.empty());
    CHECK(none.up_to(1) == 0);
    CHECK(!none.next(1).has_value());
    CHECK(!time_span(none).has_value());
}

TEST_CASE("an offset is added to each time") {
    const event_times times({1, 2}, 10);
    CHECK(times[0] == 11);
    CHECK(times.up_to(11) == 1);
    CHECK(times.next(11) == 12);
}

TEST_CASE("whatever the guess, the answer is the standard library's") {
    std::mt19937_64 engine(7);
    for (const std::size_t count : {0u, 1u, 2u, 3u, 17u, 1000u}) {
        std::vector<double> values;
        for (std::size_t i = 0; i < count; ++i) {
            values.push_back(static_cast<double>(engine() % (count + 1)) / 4); // many fall together
        }
        std::sort(values.begin(), values.end());
        if (count == 17 || count == 1000) { // far from even: the later half lies apart
            for (std::size_t i = count / 2; i < count; ++i) {
                values[i] = 3 * values[i] - static_cast<double>(count) / 8;
            }
        }
        const event_times times(values);
        for (int k = 0; k < 3000; ++k) {
            const double t = static_cast<double>(engine() % (8 * count + 8)) / 8 / (k % 2 == 0 ? 1 : 4) - 0.25;
            const auto guess = k % 3 == 0 ? std::nullopt : std::optional<std::size_t>(engine() % (count + 2));
            const auto upper = std::upper_bound(values.begin(), values.end(), t) - values.begin();
            const auto lower = std::lower_bound(values.begin(), values.end(), t) - values.begin();
            REQUIRE(times.up_to(t, guess) == static_cast<std::size_t>(upper));
            REQUIRE(times.before(t, guess) == static_cast<std::size_t>(lower));
        }
    }
}

TEST_CASE("ticks are all events of a range, or some of many") {
    const event_times few({1, 2, 2, 5, 9});
    CHECK(few.ticks({2, 5}) == std::vector<double>{2, 2, 5});
    CHECK(few.ticks({2.5, 4}).empty());
    CHECK(few.ticks({0, 10}, 2) == std::vector<double>{1, 5});
    CHECK(few.ticks({0, 10}, 0).empty());
    CHECK(few.ticks({5, 2}).empty());
    std::vector<double> values;
    std::mt19937_64 engine(1);
    for (int i = 0; i < 50'000; ++i) {
        values.push_back(static_cast<double>(engine() % 1'000'000) / 1000);
    }
    const event_times many = event_times::sorted(values);
    const auto ticks = many.ticks({100, 900}, 700);
    CHECK(ticks.size() > 690);
    CHECK(ticks.size() <= 700);
    CHECK(ticks.front() >= 100);
    CHECK(ticks.front() < 100.2);
    CHECK(ticks.back() > 898);
    CHECK(ticks.back() <= 900);
    CHECK(std::is_sorted(ticks.begin(), ticks.end()));
    // A single event far from a crowd keeps its tick.
    std::vector<double> crowd(1000, 5.0);
    crowd.push_back(77);
    CHECK(event_times(crowd).ticks({0, 100}, 50) == std::vector<double>{5, 77});
}

TEST_CASE("events out of order and times that are no numbers are refused with their index") {
    CHECK(support::sentence_of<data_error>([] {
              event_times(std::vector<double>{1, 3, 2.5});
          }) ==
          "event times must not decrease: time 2 is 2.5 s after 3 s; sort the events by time, with what belongs to "
          "them");
    CHECK(support::thrown_by<data_error>([] { event_times(std::vector<double>{1, 3, 2.5}); }).index() == 2);
    CHECK(support::sentence_of<data_error>([] {
              event_times(std::vector<double>{1, nan, 2.5});
          }) == "event time 1 is nan; times must be finite seconds; remove the event");
    CHECK(support::sentence_of<data_error>([] {
              event_times::sorted({3, 2, -INFINITY, 1});
          }) == "event time 2 is -inf; times must be finite seconds; remove the event");
    CHECK(support::sentence_of<data_error>([] {
              event_times(samples({1, 2}, 2));
          }) == "event times have 2 columns; give one time per event");
    CHECK(support::sentence_of<invalid_value>([] { event_times(std::vector<double>{1}, nan); }) ==
          "the clock offset is nan; give finite seconds");
    const event_times sorted = event_times::sorted({3, 1, 2});
    CHECK(sorted[0] == 1);
    CHECK(sorted[2] == 3);
}

TEST_CASE("mapped times are checked where they are used, and wholly when asked") {
    support::temporary_directory at;
    std::vector<double> values;
    for (int i = 0; i < 1000; ++i) {
        values.push_back(i);
    }
    values[500] = 3;
    at.write("e.npy", support::npy_file<double>("<f8", "(1000,)", values));
    const event_times times(samples::open_npy(at.file("e.npy"))); // opens
    CHECK(times.up_to(700) == 701);
    CHECK(times.first_wrong() == 500);
    CHECK(support::sentence_of<data_error>([&] { times.up_to(499.5); }) ==
          "event times must not decrease: time 500 is 3 s after 499 s; sort the events by time, with what belongs to "
          "them");
    values[999] = 0;
    at.write("end.npy", support::npy_file<double>("<f8", "(1000,)", values));
    CHECK(support::thrown_by<data_error>([&] { event_times(samples::open_npy(at.file("end.npy"))); }).index() == 999);
}

} // namespace
