// SPDX-License-Identifier: MIT
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/playback/data_stutter.hpp>
#include <fieldreel/source/generate.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> even_times(std::size_t count, double hz, double start_s = 0) {
    std::vector<double> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(start_s + static_cast<double>(i) / hz);
    }
    return out;
}

judder judder_of(double data_hz, double display_hz, double speed = 1) {
    return predict_judder(even_times(3000, data_hz, 17.3), 1 / data_hz, display_hz, speed);
}

TEST_CASE("even times have no long steps") {
    const step_evenness found = check_steps(even_times(101, 50));
    CHECK(found.samples == 101);
    CHECK(found.median_s == doctest::Approx(0.02));
    CHECK(found.mean_hz == doctest::Approx(50));
    CHECK(found.long_count == 0);
    CHECK(found.not_increasing == 0);
    CHECK(check_steps(std::vector<double>{}).median_s == 0);
    CHECK(check_steps(std::vector<double>{5}).samples == 1);
}

TEST_CASE("steps over 1.5 medians are counted, the longest are listed in order of time") {
    std::vector<double> times{0, 1, 2, 3.5, 4.5, 5.5, 8.5, 9.5, 11.25, 12.25}; // 1.5 is not over 1.5
    const step_evenness found = check_steps(times, 1);
    CHECK(found.median_s == doctest::Approx(1));
    CHECK(found.long_count == 2);
    CHECK(found.long_seconds == doctest::Approx(4.75));
    CHECK(found.longest.at_s == 5.5);
    CHECK(found.longest.seconds == 3);
    REQUIRE(found.long_steps.size() == 1);
    CHECK(found.long_steps[0].at_s == 5.5);
    CHECK(check_steps(times).long_steps.size() == 2);
    CHECK(check_steps(times).long_steps[1].at_s == 9.5);
}

TEST_CASE("times that do not increase are counted apart") {
    const step_evenness found = check_steps(std::vector<double>{0, 1, 1, 0.5, nan, 2, 3});
    CHECK(found.not_increasing == 4);
    CHECK(found.median_s == doctest::Approx(1));
    CHECK(found.long_count == 0);
}

TEST_CASE("rates that fit do not judder, rates that do not fit do") {
    CHECK(judder_of(30, 60).uneven == 0); // two refreshes each
    CHECK(judder_of(30, 60).changes_per_s == doctest::Approx(30).epsilon(0.01));
    CHECK(judder_of(60, 60).uneven == 0);
    CHECK(judder_of(60, 30).uneven == 0); // every second one
    CHECK(judder_of(60, 30).never_shown > 1000);
    CHECK(judder_of(1000, 60).uneven == 0); // steps of 16 and 17 samples: nobody sees that
    CHECK(judder_of(24, 60).uneven_share() == doctest::Approx(1).epsilon(0.01)); // two and three refreshes in turn
    CHECK(judder_of(20, 30).uneven_share() == doctest::Approx(1).epsilon(0.01));
    CHECK(judder_of(30, 60, 0.8).uneven_share() == doctest::Approx(1).epsilon(0.01)); // 24 Hz on the display
    const judder near_rate = judder_of(30.5, 30); // a frame is never shown every two seconds
    CHECK(near_rate.uneven_per_s == doctest::Approx(0.5).epsilon(0.05));
    CHECK(near_rate.never_shown == doctest::Approx(49).epsilon(0.05));
}

TEST_CASE("a change that differs from its neighbours by a quarter of a refresh is uneven") {
    const judder found = judder_of(50, 30); // 20, 40, 40 ms in turn
    CHECK(found.changes_per_s == doctest::Approx(30).epsilon(0.01));
    CHECK(found.uneven_per_s == doctest::Approx(10).epsilon(0.01));
    CHECK(judder_of(40, 30).uneven_per_s == doctest::Approx(10).epsilon(0.01)); // 25, 25, 50 ms
    CHECK(judder_of(50, 25).uneven == 0);
    CHECK(judder_of(50, 50).uneven == 0);
    CHECK(judder_of(25, 50).uneven == 0);
    CHECK(judder_of(300, 70).uneven == 0);                                       // 4, 4, 4, 5 samples: 0.23 refreshes
    CHECK(judder_of(200, 60).uneven_per_s == doctest::Approx(20).epsilon(0.01)); // 15, 15, 20 ms: 0.3 refreshes
    CHECK(judder_of(25, 60).uneven_per_s == doctest::Approx(15).epsilon(0.01));  // 2, 2, 3, 2, 3: all but the pair
}

TEST_CASE("a long step of the data is no judder") {
    std::vector<double> times = even_times(300, 30);
    for (std::size_t i = 100; i < times.size(); ++i) {
        times[i] += 0.41;
    }
    CHECK(predict_judder(times, 1.0 / 30, 60).uneven == 0);
    CHECK(predict_judder(times, 1.0 / 30, 60).changes == 297);
}

TEST_CASE("judder: too little to play, and what is refused") {
    CHECK(predict_judder(std::vector<double>{1}, 0, 60).changes == 0);
    CHECK(predict_judder(std::vector<double>{}, 0, 60).uneven_share() == 0);
    CHECK(support::sentence_of<invalid_value>([] { judder_of(30, 0); }) ==
          "display_hz is 0; it must be positive; 60 is usual");
    CHECK(support::sentence_of<invalid_value>([] { judder_of(30, 60, -1); }) ==
          "speed is -1; it must be positive; 1 is usual");
}

/// Frame i holds i / every, so `every` frames in a row are alike; NaN stands beside.
any_source changing(std::size_t count, std::size_t every) {
    return generate<float>(count, 2, [every](std::size_t i, std::span<float> out) {
        out[0] = static_cast<float>(i / every);
        out[1] = std::numeric_limits<float>::quiet_NaN();
    });
}
const auto always = [] { return true; };

TEST_CASE("frames that equal the one before are counted, NaN too") {
    const equal_frames every = compare_frames(changing(101, 1), {}, 1000, always);
    CHECK(every.compared == 100);
    CHECK(every.equal == 0);
    const equal_frames half = compare_frames(changing(101, 2), {}, 1000, always);
    CHECK(half.compared == 100);
    CHECK(half.equal == 50);
    CHECK(half.share() == doctest::Approx(0.5));
    CHECK(compare_frames(changing(101, 1000), {}, 1000, always).share() == 1);
    CHECK(compare_frames(changing(1, 1), {}, 1000, always).share() == 0);
    CHECK(compare_frames(changing(101, 2), {10, 13}, 1000, always).compared == 2);
}

TEST_CASE("of many frames stretches are compared, to the end, and the caller can stop") {
    const equal_frames part = compare_frames(changing(100'000, 4), {}, 640, always);
    CHECK(part.compared == 640);
    CHECK(part.share() == doctest::Approx(0.75));
    std::size_t left = 11;
    CHECK(compare_frames(changing(1000, 1), {}, 500, [&] { return left-- > 0; }).compared == 10);
    std::size_t last = 0;
    const any_source noted = generate<float>(5000, 1, [&](std::size_t i, std::span<float> out) {
        last = (std::max)(last, i);
        out[0] = 0;
    });
    compare_frames(noted, {}, 64, always);
    CHECK(last == 4999);
    CHECK(support::sentence_of<invalid_value>([] {
              compare_frames(changing(10, 1), {10, 20}, 5, always);
          }) == "frames 10 to 20 of 10 were to be compared; give a range that holds frames");
}

} // namespace
