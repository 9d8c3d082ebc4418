// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/align.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double no_limit = std::numeric_limits<double>::infinity();
constexpr double pi = std::numbers::pi;

samples golden(const std::string& name) {
    return samples::open_npy(std::string(FIELDREEL_TEST_DIR) + "/golden/" + name + ".npy");
}

/// Equal to the bit, where NaN equals NaN.
bool same(double a, double b) {
    return a == b || (std::isnan(a) && std::isnan(b));
}

std::vector<double> aligned(const std::string& times, const std::string& values, const std::string& at, bool nearest) {
    const sample_times source_times(golden(times));
    const samples source = golden(values);
    const samples asked = golden(at);
    std::vector<double> out;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const auto found = bracket_at(source_times, asked[i], no_limit);
        for (std::size_t column = 0; column < source.columns(); ++column) {
            out.push_back(!found    ? nan
                          : nearest ? source(nearest_at(*found), column)
                                    : linear_at(source, column, *found));
        }
    }
    return out;
}

void check_golden(const std::vector<double>& ours, const std::string& name) {
    CAPTURE(name);
    const samples expected = golden(name);
    REQUIRE(ours.size() == expected.size() * expected.columns());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        CAPTURE(i);
        CHECK(same(ours[i], expected.values()[i]));
    }
}

TEST_CASE("linear interpolation equals the golden values to the bit") {
    check_golden(aligned("ip_t", "ip_x1", "ip_tf", false), "ip_lin1");
    check_golden(aligned("ip_t", "ip_x2", "ip_tf", false), "ip_lin2");
    check_golden(aligned("ip_t", "ip_x2nan", "ip_tf", false), "ip_lin2nan");
}

TEST_CASE("the nearest sample equals the golden one") {
    check_golden(aligned("ip_t", "ip_x1", "ip_tf", true), "ip_near1");
    check_golden(aligned("ip_t", "ip_x2nan", "ip_tf", true), "ip_near2nan");
    const sample_times times(golden("ip_t"));
    const samples asked = golden("ip_tf");
    const samples expected = golden("ip_idx");
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const auto found = bracket_at(times, asked[i], no_limit);
        CHECK((found ? static_cast<double>(nearest_at(*found)) : -1) == expected[i]);
    }
}

TEST_CASE("ties go to the earlier sample, and NaN and times outside to none") {
    const sample_times times(std::vector<double>{0, 0.25, 0.5, 1, 2});
    const std::vector<double> asked = {-1, 0, 0.125, 0.1250001, 0.375, 0.75, 0.750001, 1.5, 2, 2.0000001, nan};
    const std::vector<int> expected = {-1, 0, 0, 1, 1, 2, 3, 3, 4, -1, -1};
    for (std::size_t i = 0; i < asked.size(); ++i) {
        CAPTURE(asked[i]);
        const auto found = bracket_at(times, asked[i], no_limit);
        CHECK((found ? static_cast<int>(nearest_at(*found)) : -1) == expected[i]);
    }
}

TEST_CASE("one sample answers at its own time only, and no samples never") {
    const sample_times times(std::vector<double>{5});
    const samples values(std::vector<double>{3});
    CHECK(!bracket_at(times, -1));
    CHECK(!bracket_at(times, 6));
    REQUIRE(bracket_at(times, 5));
    CHECK(linear_at(values, 0, *bracket_at(times, 5)) == 3);
    CHECK(!bracket_at(sample_times(), 0));
}

TEST_CASE("positions and head directions are aligned as the forerunner aligns them") {
    check_golden(aligned("al_src_times", "al_pos_in", "al_frame_times", false), "al_pos_out");
    check_golden(aligned("al_src_times", "al_pos_in", "al_frame_times", true), "al_pos_out_nearest");

    const sample_times times(golden("al_src_times"));
    const samples angles = golden("al_hd_in");
    const samples asked = golden("al_frame_times");
    const samples expected = golden("al_hd_out");
    for (std::size_t i = 0; i < asked.size(); ++i) {
        CAPTURE(i);
        const auto found = bracket_at(times, asked[i], no_limit);
        const double ours = found ? circular_at(angles, 0, *found) : nan;
        CHECK(std::isnan(ours) == std::isnan(expected[i]));
        if (found) {
            CHECK(ours == doctest::Approx(expected[i]).epsilon(1e-12));
        }
    }
}

TEST_CASE("nothing is interpolated over a gap, but its ends answer") {
    const sample_times times(std::vector<double>{0, 0.25, 1, 1.25});
    CHECK(bracket_at(times, 0.125));
    CHECK(bracket_at(times, 0.25)); // 0.25 s is not longer than 0.25 s
    CHECK(!bracket_at(times, 0.25 + 1e-9));
    CHECK(!bracket_at(times, 0.999));
    CHECK(bracket_at(times, 1));
    CHECK(bracket_at(times, 1.1));
    CHECK(bracket_at(times, 0.5, 0.75));
    CHECK(!bracket_at(times, 0.5, 0.7499));
}

TEST_CASE("a NaN sample takes the intervals on both of its sides, and not its neighbours") {
    const sample_times times(std::vector<double>{0, 1, 2});
    const samples values(std::vector<double>{1, nan, 3});
    const auto at = [&](double time_s) { return linear_at(values, 0, *bracket_at(times, time_s, no_limit)); };
    CHECK(at(0) == 1);
    CHECK(std::isnan(at(0.5)));
    CHECK(std::isnan(at(1)));
    CHECK(std::isnan(at(1.5)));
    CHECK(at(2) == 3);
}

TEST_CASE("angles wrap the short way round") {
    const sample_times times(std::vector<double>{0, 1});
    const auto between = [&](double a, double b, double part) {
        const samples angles(std::vector<double>{a, b});
        return circular_at(angles, 0, *bracket_at(times, part, no_limit));
    };
    CHECK(std::abs(between(3, -3, 0.5)) == doctest::Approx(pi));
    CHECK(between(pi - 0.1, -pi + 0.3, 0.5) == doctest::Approx(-pi + 0.1).epsilon(1e-9));
    CHECK(between(-0.2, 0.2, 0.5) == doctest::Approx(0).epsilon(1e-9));
    CHECK(between(0.2 + 2 * pi, 0.4 - 2 * pi, 0.5) == doctest::Approx(0.3)); // not wrapped, as some sensors write them
    CHECK(between(7 * pi, 0, 0) == doctest::Approx(pi));                     // exactly on a sample
    CHECK(between(2.5 * pi, 0, 0) == doctest::Approx(pi / 2));
}

TEST_CASE("between opposite angles there is no direction") {
    const sample_times times(std::vector<double>{0, 1});
    for (const double turn : {pi, -pi, pi - 0.1, pi + 0.1, 3 * pi}) {
        CAPTURE(turn);
        const samples angles(std::vector<double>{0.3, 0.3 + turn});
        CHECK(std::isnan(circular_at(angles, 0, *bracket_at(times, 0.5, no_limit))));
        CHECK(std::isnan(circular_at(angles, 0, *bracket_at(times, 0.01, no_limit)))); // nor near a sample
        CHECK(circular_at(angles, 0, *bracket_at(times, 0, no_limit)) == doctest::Approx(0.3));
    }
    const samples nearly(std::vector<double>{0, pi - 0.3});
    CHECK(circular_at(nearly, 0, *bracket_at(times, 0.5, no_limit)) == doctest::Approx((pi - 0.3) / 2));
    const samples lost(std::vector<double>{nan, 1});
    CHECK(std::isnan(circular_at(lost, 0, *bracket_at(times, 0.5, no_limit))));
    CHECK(circular_at(lost, 0, *bracket_at(times, 1, no_limit)) == 1);
}

TEST_CASE("random times: the bracket holds the time, and straight lines are found again") {
    std::mt19937_64 engine(20240607);
    std::uniform_real_distribution<double> step(0.001, 0.4);
    std::vector<double> at{1.6e9};
    std::vector<double> line;
    while (at.size() < 500) {
        at.push_back(at.back() + step(engine));
    }
    for (const double t : at) {
        line.push_back(3 * (t - at.front()) + 7);
    }
    const sample_times times(at);
    const samples values(line);
    std::uniform_real_distribution<double> anywhere(at.front() - 1, at.back() + 1);
    int found_some = 0;
    int in_gaps = 0;
    for (int k = 0; k < 10'000; ++k) {
        const double t = anywhere(engine);
        std::size_t left = at.size(); // the naive way
        for (std::size_t i = 0; i + 1 < at.size(); ++i) {
            left = at[i] <= t && t < at[i + 1] ? i : left;
        }
        const bool gap = left == at.size() || at[left + 1] - at[left] > default_max_gap_s;
        const auto found = bracket_at(times, t);
        REQUIRE(found.has_value() == (!gap || (left < at.size() && at[left] == t)));
        if (found) {
            ++found_some;
            REQUIRE(found->left == left);
            REQUIRE(linear_at(values, 0, *found) == doctest::Approx(3 * (t - at.front()) + 7).epsilon(1e-6));
        } else {
            in_gaps += left < at.size() ? 1 : 0;
        }
    }
    CHECK(found_some > 1000);
    CHECK(in_gaps > 1000);
}

TEST_CASE("a trajectory is where the animal was, and nowhere outside, in gaps and where it was lost") {
    const trajectory path(sample_times(std::vector<double>{0, 0.1, 0.2, 1, 1.1}),
                          samples(std::vector<double>{0, 0, 1, 10, 2, 20, 3, nan, 4, 40}, 2));
    CHECK(path.at(0.15) == point_xy{path.at(0.15).x, 15});
    CHECK(path.at(0.15).x == doctest::Approx(1.5));
    CHECK(path.at(0.2) == point_xy{2, 20});
    CHECK(path.sample(4) == point_xy{4, 40});
    for (const double t : {-0.1, 0.5, 1.2, nan}) {
        CAPTURE(t);
        CHECK(std::isnan(path.at(t).x));
        CHECK(std::isnan(path.at(t).y));
    }
    CHECK(path.at(1.05).x == doctest::Approx(3.5)); // only y was lost
    CHECK(std::isnan(path.at(1.05).y));
    CHECK(std::isnan(trajectory().at(0).x));
}

TEST_CASE("positions may have any number type") {
    const std::vector<std::int16_t> values = {0, 0, 100, -200};
    const trajectory path(sample_times(uniform_times{10, 1.6e9}, 2),
                          samples::borrow(std::span<const std::int16_t>(values), 2));
    CHECK(path.at(1.6e9 + 0.05).x == doctest::Approx(50).epsilon(1e-5));
    CHECK(path.at(1.6e9 + 0.05).y == doctest::Approx(-100).epsilon(1e-5));
}

TEST_CASE("a trajectory refuses what does not fit, in a sentence") {
    const sample_times times(std::vector<double>{0, 1});
    CHECK(support::sentence_of<data_error>([&] {
              trajectory(times, samples(std::vector<double>{1, 2, 3, 4, 5, 6}, 3));
          }) == "positions have 3 columns; give two, x and y");
    CHECK(support::sentence_of<data_error>([&] {
              trajectory(times, samples(std::vector<double>{1, 2, 3, 4, 5, 6}, 2));
          }) == "there are 2 times for 3 positions; give one time per position");
    for (const double gap : {0.0, -1.0}) {
        CHECK(support::sentence_of<invalid_value>([&] {
                  trajectory(times, samples(std::vector<double>{1, 2, 3, 4}, 2), gap);
              }) == "a maximum gap of " + std::string(gap == 0 ? "0" : "-1") +
                        " s was given; it must be positive; 0.25 is usual");
    }
    CHECK(support::sentence_of<invalid_value>([&] {
              trajectory(times, samples(std::vector<double>{1, 2, 3, 4}, 2), nan);
          }) == "a maximum gap of nan s was given; it must be positive; 0.25 is usual");
}

} // namespace
