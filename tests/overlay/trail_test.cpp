// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/trail.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct drawn {
    std::vector<std::vector<vertex>> lines;
    std::vector<vertex> dots;
};

drawn draw(const trail& drawing, double time_s) {
    canvas out;
    drawing.build({.time_s = time_s}, out);
    drawn result;
    for (const shape& s : out.shapes()) {
        const auto vertices = out.vertices(s);
        if (s.kind == shape_kind::line) {
            result.lines.emplace_back(vertices.begin(), vertices.end());
        } else {
            REQUIRE(s.kind == shape_kind::marker);
            result.dots.insert(result.dots.end(), vertices.begin(), vertices.end());
        }
    }
    return result;
}

std::vector<double> xs(const std::vector<vertex>& line) {
    std::vector<double> out;
    for (const vertex& v : line) {
        out.push_back(v.x);
    }
    return out;
}

/// x = sample number, y = 0.
trajectory numbered(std::vector<double> times, double max_gap_s = default_max_gap_s, const std::set<int>& lost = {}) {
    std::vector<double> positions;
    for (std::size_t i = 0; i < times.size(); ++i) {
        positions.push_back(lost.contains(static_cast<int>(i)) ? nan : static_cast<double>(i));
        positions.push_back(0);
    }
    return {sample_times(std::move(times)), samples(std::move(positions), 2), max_gap_s};
}

std::vector<double> even_times(std::size_t count, double rate_hz, double start_s = 0) {
    std::vector<double> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(start_s + static_cast<double>(i) / rate_hz);
    }
    return out;
}

TEST_CASE("a trail goes through the samples of the last seconds to where the animal is") {
    const trail drawing(numbered(even_times(100, 8)), {.length_s = 0.5});
    const drawn between = draw(drawing, 2.0625); // half way from sample 16 to 17
    REQUIRE(between.lines.size() == 1);
    CHECK(xs(between.lines[0]) == std::vector<double>{13, 14, 15, 16, 16.5});
    REQUIRE(between.dots.size() == 1);
    CHECK(between.dots[0].x == 16.5);
}

TEST_CASE("exactly on a sample: both ends are drawn once") {
    const trail drawing(numbered(even_times(100, 8)), {.length_s = 0.5});
    const drawn on = draw(drawing, 2);
    REQUIRE(on.lines.size() == 1);
    CHECK(xs(on.lines[0]) == std::vector<double>{12, 13, 14, 15, 16});
    CHECK(on.dots[0].x == 16);
}

TEST_CASE("a trail fades with age") {
    const trail drawing(numbered(even_times(100, 8)), {.length_s = 0.5, .min_alpha = 0.2});
    const auto line = draw(drawing, 2).lines.at(0);
    REQUIRE(line.size() == 5);
    CHECK(line[0].alpha == doctest::Approx(0.2));
    CHECK(line[1].alpha == doctest::Approx(0.4));
    CHECK(line[2].alpha == doctest::Approx(0.6));
    CHECK(line[4].alpha == doctest::Approx(1));
    const auto plain = draw(trail(numbered(even_times(100, 8)), {.min_alpha = 1}), 3).lines.at(0);
    for (const vertex& v : plain) {
        CHECK(v.alpha == 1);
    }
}

TEST_CASE("a trail looks as it is asked to") {
    canvas out;
    trail(numbered(even_times(10, 8)), {.line = {.color = {1, 2, 3, 4}, .size_px = 7}, .dot = {.size_px = 8}})
        .build({.time_s = 1}, out);
    REQUIRE(out.shapes().size() == 2);
    CHECK(out.shapes()[0].style.color == rgba8{1, 2, 3, 4});
    CHECK(out.shapes()[0].style.size_px == 7);
    CHECK(out.shapes()[1].style.size_px == 8);
}

TEST_CASE("length 0 is the dot alone") {
    const drawn only = draw(trail(numbered(even_times(10, 8)), {.length_s = 0}), 0.5);
    CHECK(only.lines.empty());
    CHECK(only.dots.size() == 1);
}

TEST_CASE("before the first sample nothing is drawn, and after the last the trail runs out") {
    const trail drawing(numbered(even_times(9, 8)), {.length_s = 0.5}); // the last one at 1 s
    CHECK(draw(drawing, -0.1).lines.empty());
    CHECK(draw(drawing, -0.1).dots.empty());
    CHECK(draw(drawing, 0).lines.empty());
    CHECK(draw(drawing, 0).dots.size() == 1);
    const drawn after = draw(drawing, 1.25);
    CHECK(after.dots.empty());
    CHECK(xs(after.lines.at(0)) == std::vector<double>{6, 7, 8});
    CHECK(after.lines.at(0).back().alpha == doctest::Approx(0.1 + 0.9 * 0.5));
    CHECK(draw(drawing, 1.5).lines.empty());
    CHECK(draw(drawing, 99).lines.empty());
    CHECK(draw(trail(trajectory()), 0).dots.empty());
}

TEST_CASE("no line is drawn across a gap, and no dot in it") {
    const trail drawing(numbered({0, 0.125, 0.25, 0.375, 1, 1.125, 1.25}), {.length_s = 2});
    const drawn after = draw(drawing, 1.25);
    REQUIRE(after.lines.size() == 2);
    CHECK(xs(after.lines[0]) == std::vector<double>{0, 1, 2, 3});
    CHECK(xs(after.lines[1]) == std::vector<double>{4, 5, 6});
    const drawn within = draw(drawing, 0.7);
    CHECK(within.dots.empty());
    REQUIRE(within.lines.size() == 1);
    CHECK(xs(within.lines[0]) == std::vector<double>{0, 1, 2, 3});
}

TEST_CASE("no line is drawn across lost tracking") {
    const trail drawing(numbered(even_times(10, 8), 0.25, {3, 4, 7}), {.length_s = 5});
    const drawn all = draw(drawing, 9.0 / 8);
    REQUIRE(all.lines.size() == 3);
    CHECK(xs(all.lines[0]) == std::vector<double>{0, 1, 2});
    CHECK(xs(all.lines[1]) == std::vector<double>{5, 6});
    CHECK(xs(all.lines[2]) == std::vector<double>{8, 9});
    CHECK(draw(drawing, 3.5 / 8).dots.empty());
    CHECK(draw(drawing, 2.5 / 8).dots.empty());
    CHECK(draw(drawing, 2.0 / 8).dots.size() == 1);
}

TEST_CASE("a thinned trail breaks at gaps and lost tracking among the samples it skips") {
    for (const bool gap : {false, true}) {
        for (std::size_t at = 1; at < 800; at += 7) {
            CAPTURE(gap);
            CAPTURE(at);
            std::vector<double> times = even_times(1000, 100);
            std::vector<double> positions;
            for (std::size_t i = 0; i < times.size(); ++i) {
                positions.push_back(static_cast<double>(i));
                positions.push_back(!gap && i == at ? nan : 0); // only y is lost
                times[i] += gap && i >= at ? 0.5 : 0;
            }
            const trail drawing({sample_times(times), samples(positions, 2)}, {.length_s = 60, .max_points = 100});
            const drawn all = draw(drawing, times[803] + 0.001);
            std::size_t points = 0;
            for (const auto& line : all.lines) {
                points += line.size();
                for (std::size_t k = 1; k < line.size(); ++k) { // sample `at` is in no piece's inside
                    const double from = line[k - 1].x;
                    const double to = line[k].x;
                    const auto hole = static_cast<double>(at);
                    CHECK(!(gap ? from < hole && to >= hole : from <= hole && to >= hole));
                }
            }
            CHECK(points <= 100);
            CHECK(points > 20);
        }
    }
}

TEST_CASE("a thinned trail keeps its points while it moves") {
    // 127.3 samples in the trail: their number goes up and down by one as it moves.
    for (const std::size_t max_points : {16u, 64u, 127u, 128u, 129u, 130u}) {
        CAPTURE(max_points);
        const trail drawing(numbered(even_times(5000, 63.65)), {.length_s = 2, .max_points = max_points});
        std::set<double> before;
        int vanished = 0;
        for (double t = 10; t < 20; t += 0.0037) {
            const auto line = draw(drawing, t).lines.at(0);
            CHECK(line.size() <= max_points);
            std::set<double> now;
            for (std::size_t k = 0; k + 1 < line.size(); ++k) {
                now.insert(line[k].x);
                CHECK(line[k].x == std::floor(line[k].x)); // a sample itself
            }
            for (const double x : before) { // what is still within the trail's time is still a point of it
                vanished += x / 63.65 > t - 2 && !now.contains(x) ? 1 : 0;
            }
            before = now;
        }
        CHECK(vanished == 0);
    }
}

TEST_CASE("a trail longer than the recording grows from its start") {
    const trail drawing(numbered(even_times(2000, 64)), {.length_s = 1e9, .max_points = 50});
    CHECK(xs(draw(drawing, 3.5 / 64).lines.at(0)) == std::vector<double>{0, 1, 2, 3, 3.5});
    for (const double t : {1.0, 5.0, 19.0}) {
        const auto line = draw(drawing, t).lines.at(0);
        CHECK(line.front().x == 0);
        CHECK(line.size() <= 50);
        CHECK(line.size() >= 25);
    }
}

TEST_CASE("random times: a trail equals the one drawn sample by sample") {
    std::mt19937_64 engine(77);
    std::uniform_real_distribution<double> uniform(0, 1);
    std::vector<double> times{1.6e9};
    std::vector<double> positions{0.5, 0.5};
    while (times.size() < 2000) {
        times.push_back(times.back() + (uniform(engine) < 0.02 ? 0.5 : 0.01 + 0.02 * uniform(engine)));
        const bool lost = uniform(engine) < 0.05;
        positions.push_back(lost ? nan : uniform(engine));
        positions.push_back(lost ? nan : uniform(engine));
    }
    const trajectory path{sample_times(times), samples(positions, 2)};
    const double length_s = 0.8;
    const trail drawing(path, {.length_s = length_s, .max_points = 1000});
    std::size_t lines_seen = 0;
    for (int k = 0; k < 3000; ++k) {
        const double t = k % 5 == 0 ? times[engine() % times.size()]
                                    : times.front() - 1 + uniform(engine) * (times.back() - times.front() + 2);
        CAPTURE(t);
        // Every sample in turn: whether it is in the trail, and whether the one before belongs to the same piece.
        std::vector<std::vector<point_xy>> expected(1);
        double before_s = -1;
        for (std::size_t i = 0; i < times.size(); ++i) {
            if (times[i] < t - length_s || times[i] > t) {
                continue;
            }
            const point_xy at{positions[2 * i], positions[2 * i + 1]};
            if (std::isnan(at.x) || times[i] - before_s > default_max_gap_s) {
                expected.emplace_back();
            }
            if (!std::isnan(at.x)) {
                expected.back().push_back(at);
            }
            before_s = times[i];
        }
        const point_xy here = path.at(t);
        if (!std::isnan(here.x) && before_s >= 0 && before_s != t) {
            expected.back().push_back(here);
        }
        std::erase_if(expected, [](const auto& line) { return line.size() < 2; });
        const drawn ours = draw(drawing, t);
        REQUIRE(ours.lines.size() == expected.size());
        for (std::size_t l = 0; l < expected.size(); ++l) {
            REQUIRE(ours.lines[l].size() == expected[l].size());
            for (std::size_t p = 0; p < expected[l].size(); ++p) {
                REQUIRE(ours.lines[l][p].x == expected[l][p].x);
                REQUIRE(ours.lines[l][p].y == expected[l][p].y);
            }
        }
        REQUIRE(ours.dots.size() == (std::isnan(here.x) ? 0 : 1));
        lines_seen += expected.size();
    }
    CHECK(lines_seen > 3000);
}

TEST_CASE("a trail refuses options that make no sense, in a sentence") {
    const trajectory path = numbered(even_times(10, 8));
    CHECK(support::sentence_of<invalid_value>([&] { trail(path, {.length_s = -1}); }) ==
          "a trail of -1 s was asked for; it must be 0 or positive; 2 is usual");
    CHECK(support::sentence_of<invalid_value>([&] { trail(path, {.length_s = nan}); }) ==
          "a trail of nan s was asked for; it must be 0 or positive; 2 is usual");
    CHECK(support::sentence_of<invalid_value>([&] { trail(path, {.min_alpha = 1.5}); }) ==
          "a trail's min_alpha of 1.5 was given; it must be from 0 to 1");
    CHECK(support::sentence_of<invalid_value>([&] { trail(path, {.max_points = 1}); }) ==
          "a trail of at most 1 points was asked for; a line needs 2");
}

} // namespace
