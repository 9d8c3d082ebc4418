// SPDX-License-Identifier: MIT
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/trail.hpp>

#include "support/allocation_counter.hpp"
#include "support/npy_bytes.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

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

/// A recording with gaps and lost tracking. Units: s and whatever.
struct crooked {
    std::vector<double> times{1.6e9};
    std::vector<double> positions{0.5, 0.5};
    explicit crooked(std::size_t count, unsigned seed = 5) {
        std::mt19937_64 engine(seed);
        std::uniform_real_distribution<double> uniform(0, 1);
        while (times.size() < count) {
            times.push_back(times.back() + (uniform(engine) < 0.02 ? 0.5 : 0.01 + 0.02 * uniform(engine)));
            const bool lost = uniform(engine) < 0.05;
            positions.push_back(uniform(engine));
            positions.push_back(lost ? nan : uniform(engine)); // only y is lost
        }
    }
    trajectory path() const { return {sample_times(times), samples(positions, 2)}; }
    bool lost(std::size_t i) const { return std::isnan(positions[2 * i + 1]); }
    bool gap_before(std::size_t i) const { return times[i] - times[i - 1] > default_max_gap_s; }
    /// Sample by sample: the pieces of the line through samples 0-last.
    std::vector<std::vector<double>> pieces(std::size_t last) const {
        std::vector<std::vector<double>> out(1);
        for (std::size_t i = 0; i <= last; ++i) {
            if (lost(i) || (i > 0 && gap_before(i))) {
                out.emplace_back();
            }
            if (!lost(i)) {
                out.back().push_back(positions[2 * i]);
            }
        }
        std::erase_if(out, [](const auto& piece) { return piece.empty(); });
        return out;
    }
};

/// The x of a kept line, cut at its NaNs.
std::vector<std::vector<double>> pieces_of(const canvas& from, const shape& line) {
    std::vector<std::vector<double>> out(1);
    for (std::size_t i = 0; i < line.vertex_count; ++i) {
        const vertex& v = (*from.kept(line))[i];
        if (std::isnan(v.x)) {
            CHECK(std::isnan(v.y));
            out.emplace_back();
        } else {
            out.back().push_back(v.x);
        }
    }
    std::erase_if(out, [](const auto& piece) { return piece.empty(); });
    return out;
}

std::vector<shape> of_kind(const canvas& from, shape_kind kind) {
    std::vector<shape> out;
    for (const shape& s : from.shapes()) {
        if (s.kind == kind) {
            out.push_back(s);
        }
    }
    return out;
}

canvas drawn_at(const trail& drawing, double time_s) {
    canvas out;
    drawing.build({.time_s = time_s}, out);
    return out;
}

TEST_CASE("a trail's length in samples counts them, however far apart they are") {
    const trail drawing(numbered({0, 0.1, 0.2, 0.4, 0.5, 0.75}),
                        {.length_s = 9, .length_samples = 4, .min_alpha = 0.2});
    const auto on = draw(drawing, 0.5).lines.at(0);
    CHECK(xs(on) == std::vector<double>{1, 2, 3, 4});
    CHECK(on[3].alpha == doctest::Approx(1));
    CHECK(on[2].alpha == doctest::Approx(0.8));
    CHECK(on[0].alpha == doctest::Approx(0.4));
    const auto between = draw(drawing, 0.625).lines.at(0); // half way to sample 5
    CHECK(xs(between) == std::vector<double>{1, 2, 3, 4, 4.5});
    CHECK(between[4].alpha == 1);
    CHECK(between[3].alpha == doctest::Approx(0.9));
    CHECK(between[0].alpha == doctest::Approx(0.3));
    CHECK(xs(draw(drawing, 0.1).lines.at(0)) == std::vector<double>{0, 1});
    CHECK(draw(drawing, 0.8).lines.size() == 1); // the last sample holds for a while
    CHECK(draw(drawing, 2).lines.empty());
    CHECK(draw(drawing, -1).lines.empty());
}

TEST_CASE("a coming part goes from where the animal is to later samples") {
    const trail drawing(numbered(even_times(100, 8)), {.length_s = 0, .future_s = 0.5, .min_alpha = 0.2});
    const auto line = draw(drawing, 2.0625).lines.at(0);
    CHECK(xs(line) == std::vector<double>{16.5, 17, 18, 19, 20});
    CHECK(line[0].alpha == 1);
    CHECK(line[1].alpha == doctest::Approx(1 - 0.8 * 0.125));
    CHECK(line[4].alpha == doctest::Approx(1 - 0.8 * 0.875));
    CHECK(xs(draw(drawing, 2).lines.at(0)) == std::vector<double>{16, 17, 18, 19, 20});
    CHECK(xs(draw(drawing, -0.25).lines.at(0)) == std::vector<double>{0, 1, 2});
    CHECK(draw(drawing, 99.0 / 8).lines.empty());
    CHECK(draw(drawing, 50).lines.empty());
    const trail both(numbered(even_times(100, 8)), {.length_samples = 3, .future_samples = 2, .min_alpha = 0.5});
    const drawn two = draw(both, 2);
    REQUIRE(two.lines.size() == 2);
    CHECK(xs(two.lines[0]) == std::vector<double>{16, 17, 18});
    CHECK(two.lines[0][1].alpha == doctest::Approx(0.75));
    CHECK(two.lines[0][2].alpha == doctest::Approx(0.5));
    CHECK(xs(two.lines[1]) == std::vector<double>{14, 15, 16});
    CHECK(xs(draw(both, 98.5 / 8).lines[0]) == std::vector<double>{98.5, 99});
    CHECK(draw(both, -1).lines.empty());
}

TEST_CASE("a coming part breaks at gaps and lost tracking, thinned or not") {
    const crooked walk(4000);
    for (const std::size_t max_points : {1000u, 20u}) {
        const trail drawing(walk.path(), {.length_s = 0, .future_s = 5, .max_points = max_points});
        std::size_t points = 0;
        for (std::size_t from = 0; from < 3500; from += 7) {
            for (const auto& line : draw(drawing, walk.times[from]).lines) {
                REQUIRE(line.size() <= max_points);
                points += line.size();
                std::size_t before = 0;
                for (std::size_t k = 0; k < line.size(); ++k) {
                    std::size_t i = from;
                    while (walk.positions[2 * i] != line[k].x) {
                        ++i;
                        REQUIRE(i < walk.times.size());
                    }
                    for (std::size_t j = before + 1; k > 0 && j <= i; ++j) {
                        REQUIRE(!walk.gap_before(j));
                        REQUIRE(!walk.lost(j));
                    }
                    before = i;
                }
            }
        }
        CHECK(points > 2000);
    }
}

TEST_CASE("a dot on every sample of the trail") {
    const trail drawing(numbered(even_times(100, 8), 0.25, {15}),
                        {.length_s = 0.5, .future_s = 0.25, .min_alpha = 0.2, .sample_dots = true});
    const canvas out = drawn_at(drawing, 2.0625);
    const auto markers = of_kind(out, shape_kind::marker);
    REQUIRE(markers.size() == 3); // of the future, of the past, and the animal's own
    const auto coming = out.vertices(markers[0]);
    REQUIRE(coming.size() == 2);
    CHECK(coming[0].x == 17);
    CHECK(coming[1].x == 18);
    const auto past = out.vertices(markers[1]);
    REQUIRE(past.size() == 3);
    CHECK(past[0].x == 13);
    CHECK(past[2].x == 16);
    CHECK(past[2].alpha == doctest::Approx(0.2 + 0.8 * 0.875));
    CHECK(markers[1].style.size_px == 4);
}

TEST_CASE("the whole path goes through every sample, and breaks where tracking does") {
    const crooked walk(9001);
    const trail drawing(walk.path(), {.length_s = 0, .path = whole_path::all});
    const canvas out = drawn_at(drawing, walk.times[17]);
    REQUIRE(out.shapes()[0].kind == shape_kind::kept_line);
    CHECK(out.shapes()[0].style.size_px == 1);
    CHECK(pieces_of(out, out.shapes()[0]) == walk.pieces(9000));
    const canvas before = drawn_at(drawing, 0); // all of it, also before the recording
    CHECK(before.kept(before.shapes()[0]) == out.kept(out.shapes()[0]));
    CHECK(before.shapes()[0].vertex_count == out.shapes()[0].vertex_count);
}

TEST_CASE("a long path is thinned, but still not drawn across a gap or lost tracking") {
    const crooked walk(9003);
    const trail drawing(walk.path(), {.length_s = 0, .path = whole_path::all, .path_points = 2500});
    const canvas out = drawn_at(drawing, walk.times[17]);
    std::size_t points = 0;
    std::size_t i = 0;
    for (const auto& piece : pieces_of(out, out.shapes()[0])) {
        for (std::size_t k = 0; k < piece.size(); ++k, ++points) {
            const std::size_t before = i;
            while (walk.positions[2 * i] != piece[k]) {
                ++i;
                REQUIRE(i < walk.times.size());
            }
            CHECK((i % 4 == 0 || i == 9002));
            for (std::size_t j = before + 1; k > 0 && j <= i; ++j) {
                REQUIRE(!walk.gap_before(j));
                REQUIRE(!walk.lost(j));
            }
        }
    }
    CHECK(i == 9002); // the last sample is there
    CHECK(points > 2100);
    CHECK(points <= 2501 + 1);
}

TEST_CASE("the past path at any time is that of the samples until then, in whatever order times are asked for") {
    const crooked walk(6000);
    for (const std::size_t path_points : {100'000u, 1000u}) {
        const trail_options options{.length_s = 0, .path = whole_path::past, .path_points = path_points};
        const trail seeking(walk.path(), options);
        std::mt19937_64 engine(3);
        std::uniform_real_distribution<double> anywhere(walk.times.front() - 1, walk.times.back() + 1);
        std::optional<const kept_points*> same;
        for (int k = 0; k < 300; ++k) {
            const double t = k % 5 == 0 ? walk.times[engine() % walk.times.size()] : anywhere(engine);
            CAPTURE(t);
            const canvas out = drawn_at(seeking, t);
            const canvas fresh = drawn_at(trail(seeking), t); // a copy begins anew
            REQUIRE(out.shapes().size() == fresh.shapes().size());
            for (std::size_t s = 0; s < out.shapes().size(); ++s) {
                REQUIRE(out.shapes()[s].kind == fresh.shapes()[s].kind);
                REQUIRE(out.shapes()[s].vertex_count == fresh.shapes()[s].vertex_count);
            }
            const auto kept = of_kind(out, shape_kind::kept_line);
            if (kept.empty()) {
                continue;
            }
            REQUIRE(same.value_or(out.kept(kept[0]).get()) == out.kept(kept[0]).get());
            same = out.kept(kept[0]).get();
            REQUIRE(pieces_of(out, kept[0]) == pieces_of(fresh, of_kind(fresh, shape_kind::kept_line)[0]));
            std::size_t last = 0;
            while (last + 1 < walk.times.size() && walk.times[last + 1] <= t) {
                ++last;
            }
            if (path_points == 100'000u) {
                REQUIRE(pieces_of(out, kept[0]) == walk.pieces(last));
            }
            const auto rest = of_kind(out, shape_kind::line); // on to where the animal is
            const point_xy here = walk.path().at(t);
            if (!std::isnan(here.x) && !std::isnan(here.y) && here.x != walk.positions[2 * last]) {
                REQUIRE(!rest.empty());
                REQUIRE(out.vertices(rest.back()).back().x == here.x);
            }
        }
        CHECK(same.has_value());
    }
}

TEST_CASE("a path whose times do not increase is refused when it is drawn") {
    support::temporary_directory at;
    std::vector<double> times = even_times(1000, 8);
    times[500] = 1;
    at.write("t.npy", support::npy_file<double>("<f8", "(1000,)", times));
    at.write("p.npy", support::npy_file<double>("<f8", "(1000, 2)", std::vector<double>(2000)));
    const trajectory path{sample_times(samples::open_npy(at.file("t.npy"))), samples::open_npy(at.file("p.npy"))};
    CHECK(support::sentence_of<data_error>([&] { drawn_at(trail(path, {.path = whole_path::all}), 3); }) ==
          "times must increase: time 500 is 1 s after 62.375 s; sort the samples by time and remove duplicates");
}

TEST_CASE("after the first moments a trail allocates nothing") {
    const crooked walk(6000);
    for (const whole_path path : {whole_path::none, whole_path::past, whole_path::all}) {
        const trail drawing(walk.path(), {.length_samples = 50, .future_s = 1, .sample_dots = true, .path = path});
        canvas out;
        const auto play = [&] {
            for (double t = walk.times.front(); t < walk.times.back(); t += 0.13) {
                out.clear();
                drawing.build({.time_s = t}, out);
            }
        };
        play();
        CHECK(support::count_allocations(play) == 0);
    }
    // The past path grows: by a block in 4096 points.
    const trail growing(numbered(even_times(50'000, 100)), {.length_s = 0, .path = whole_path::past});
    canvas out;
    growing.build({.time_s = 1.005}, out);
    if (!support::allocations_are_counted) {
        MESSAGE("skipped: allocations are not counted under this sanitizer");
        return;
    }
    CHECK(support::count_allocations([&] {
              for (double t = 1.005; t < 400; t += 0.1) {
                  out.clear();
                  growing.build({.time_s = t}, out);
              }
          }) == 9);
}

TEST_CASE("the paths of recorded animals, where their files are") {
    for (const std::string name : {"openfield_mouse_M12_2018-04-10", "openfield_rat_sargolini"}) {
        const std::string folder = std::string(FIELDREEL_SHARED_DIR) + "/data/" + name + "/";
        if (!std::filesystem::exists(folder)) {
            MESSAGE("skipped: no ", folder);
            continue;
        }
        const bool mouse = name.find("mouse") != std::string::npos;
        const trajectory path{sample_times(samples::open_npy(folder + "times.npy")),
                              samples::open_npy(folder + "positions.npy")};
        const canvas out = drawn_at(trail(path, {.path = whole_path::all}), 300);
        const auto pieces = pieces_of(out, of_kind(out, shape_kind::kept_line).at(0));
        CHECK(pieces.size() == (mouse ? 1 : 2)); // one of the rat's gaps is longer than 0.25 s
        std::size_t points = 0;
        for (const auto& piece : pieces) {
            points += piece.size();
        }
        CHECK(points == (mouse ? 47757u : 29800u));
        CHECK(of_kind(out, shape_kind::line).size() == 1); // the trail itself
        CHECK(out.vertices(of_kind(out, shape_kind::line)[0]).size() > 60);
    }
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
    CHECK(support::sentence_of<invalid_value>([&] { trail(path, {.future_s = -2}); }) ==
          "a trail into the future of -2 s was asked for; it must be 0 or positive; 1 is usual");
    CHECK(support::sentence_of<invalid_value>([&] { trail(path, {.path_points = 0}); }) ==
          "a path of at most 0 points was asked for; a line needs 2");
}

} // namespace
