// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/time_series.hpp>
#include <fieldreel/source/combine.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/state_bins.hpp>
#include <fieldreel/source/timed.hpp>

#include "support/allocation_counter.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace fieldreel;

static_assert(overlay<time_series>);

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct drawn {
    std::vector<std::vector<point_xy>> lines;
    std::vector<rgba8> colors;
    std::vector<point_xy> dots;
    std::vector<std::string> labels;
    std::vector<point_xy> label_places;
};

drawn draw(const time_series& drawing, double time_s) {
    canvas out;
    drawing.build({.time_s = time_s, .frame = {}, .space = {}}, out);
    drawn result;
    for (const shape& s : out.shapes()) {
        CHECK(s.style.where == placement::dock);
        const auto vertices = out.vertices(s);
        if (s.kind == shape_kind::line) {
            result.lines.emplace_back();
            result.colors.push_back(s.style.color);
            for (const vertex& v : vertices) {
                result.lines.back().push_back({v.x, v.y});
            }
        } else if (s.kind == shape_kind::marker) {
            result.dots.push_back({vertices[0].x, vertices[0].y});
        } else {
            REQUIRE(s.kind == shape_kind::label);
            result.labels.emplace_back(out.text(s));
            result.label_places.push_back({vertices[0].x, vertices[0].y});
        }
    }
    return result;
}

std::vector<double> even_times(std::size_t count, double rate_hz, double start_s = 0) {
    std::vector<double> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(start_s + static_cast<double>(i) / rate_hz);
    }
    return out;
}

sample_times even_clock(std::size_t count, double rate_hz, double start_s = 0) {
    return {uniform_times{.rate_hz = rate_hz, .start_s = start_s}, count};
}

/// Limits 0-1 over the whole dock: y is the value itself.
series_group plain(std::vector<series> signals) {
    return {.signals = std::move(signals), .low = 0, .high = 1};
}

using lines = std::vector<std::vector<point_xy>>;

/// The picture of a dense signal, from every sample in turn. Values within 0-1.
lines naive_columns(const std::vector<double>& times, const std::vector<double>& values, double now_s, double window_s,
                    std::size_t columns, double max_gap_s) {
    const double w = window_s / static_cast<double>(columns);
    const double from_s = now_s - 0.5 * window_s;
    lines out(1);
    double before_s = nan;
    bool missing_before = false;
    double y = 0;
    for (auto k = static_cast<std::int64_t>(std::floor(from_s / w)) - 2;
         static_cast<double>(k) * w < from_s + window_s + 2 * w; ++k) {
        const double middle = (static_cast<double>(k) + 0.5) * w;
        if (middle < from_s || middle > from_s + window_s) {
            continue;
        }
        std::vector<double> here;
        bool missing = false;
        double first_s = nan;
        double last_s = nan;
        const auto first = std::lower_bound(times.begin(), times.end(), static_cast<double>(k) * w);
        for (auto t = first; t != times.end() && *t < static_cast<double>(k + 1) * w; ++t) {
            const double value = values[static_cast<std::size_t>(t - times.begin())];
            (std::isnan(value) ? void(missing = true) : here.push_back(value));
            first_s = std::isnan(first_s) ? *t : first_s;
            last_s = *t;
        }
        if (std::isnan(first_s)) {
            continue;
        }
        if (missing_before || missing || first_s - before_s > max_gap_s) {
            out.emplace_back();
        }
        before_s = last_s;
        missing_before = missing;
        if (!here.empty()) {
            double low = *std::min_element(here.begin(), here.end());
            double high = *std::max_element(here.begin(), here.end());
            if (std::abs(low - y) > std::abs(high - y)) {
                std::swap(low, high);
            }
            out.back().push_back({middle - now_s - 0.25 * w, low});
            out.back().push_back({middle - now_s + 0.25 * w, high});
            y = high;
        }
    }
    std::erase_if(out, [](const auto& line) { return line.empty(); });
    return out;
}

void compare(const time_series& drawing, double now_s, const lines& expected) {
    lines ours = draw(drawing, now_s).lines;
    REQUIRE(!ours.empty());
    ours.pop_back(); // the cursor
    CAPTURE(now_s);
    REQUIRE(ours.size() == expected.size());
    for (std::size_t l = 0; l < ours.size(); ++l) {
        CAPTURE(l);
        REQUIRE(ours[l].size() == expected[l].size());
        for (std::size_t i = 0; i < ours[l].size(); ++i) {
            REQUIRE(ours[l][i].x == expected[l][i].x);
            REQUIRE(ours[l][i].y == expected[l][i].y);
        }
    }
}

TEST_CASE("a sparse signal is drawn sample by sample, and cut at the window's ends") {
    // 0, 0.25, 0.5, 0.75 and again, four samples a second.
    std::vector<double> values;
    for (std::size_t i = 0; i < 40; ++i) {
        values.push_back(0.25 * static_cast<double>(i % 4));
    }
    const series signal("x", even_clock(40, 4), samples(values));
    const time_series drawing({plain({signal})}, {.window_s = 1, .now_at = 0.5});
    const drawn at = draw(drawing, 5.125); // from 4.625 to 5.625
    REQUIRE(at.lines.size() == 2);
    const auto& line = at.lines[0];
    REQUIRE(line.size() == 6);
    CHECK(line[0] == point_xy{-0.5, 0.625}); // half way from 0.5 to 0.75
    CHECK(line[1] == point_xy{-0.375, 0.75});
    CHECK(line[2] == point_xy{-0.125, 0});
    CHECK(line[3] == point_xy{0.125, 0.25});
    CHECK(line[4] == point_xy{0.375, 0.5});
    CHECK(line[5] == point_xy{0.5, 0.625});
    CHECK(at.lines[1] == std::vector<point_xy>{{0, 0}, {0, 1}}); // the cursor
    CHECK(at.dots == std::vector<point_xy>{{0, 0}});             // ties go to the earlier sample
    CHECK(at.labels == std::vector<std::string>{"x 0"});
    // Exactly on samples: both ends are drawn once.
    CHECK(draw(drawing, 5).lines[0].size() == 5);
    // Before, at the ends of and after the recording.
    CHECK(draw(drawing, -1).lines.size() == 1);
    CHECK(draw(drawing, -0.25).lines[0] == std::vector<point_xy>{{0.25, 0}, {0.5, 0.25}});
    CHECK(draw(drawing, 10).lines[0].front() == point_xy{-0.5, 0.5});
    CHECK(draw(drawing, 10).lines[0].size() == 2);
    CHECK(draw(drawing, 99).lines.size() == 1);
    CHECK(draw(drawing, nan).lines.empty());
}

TEST_CASE("where now is in the window") {
    const series signal("x", even_clock(400, 4), samples(std::vector<double>(400, 0.5)));
    const drawn left = draw(time_series({plain({signal})}, {.window_s = 4, .now_at = 0}), 50);
    CHECK(left.lines[0].front().x == 0);
    CHECK(left.lines[0].back().x == 4);
    const drawn right = draw(time_series({plain({signal})}, {.window_s = 4, .now_at = 1}), 50);
    CHECK(right.lines[0].front().x == -4);
    CHECK(right.lines[0].back().x == 0);
    const time_range shown = time_series({plain({signal})}, {.window_s = 4, .now_at = 0.25}).window(50);
    CHECK(shown == time_range{49, 53});
}

TEST_CASE("lines of a sparse signal break at NaN and gaps, and a sample alone is a dot") {
    const series signal("x", sample_times({0, 0.125, 0.25, 0.375, 0.5, 0.625, 2, 2.125, 4}),
                        samples({0.1, 0.2, nan, 0.4, nan, 0.6, 0.7, 0.8, 0.9}));
    const time_series drawing({plain({signal})}, {.window_s = 10, .max_gap_s = 0.25});
    const drawn all = draw(drawing, 2);
    REQUIRE(all.lines.size() == 6);
    CHECK(all.lines[0] == std::vector<point_xy>{{-2, 0.1}, {-1.875, 0.2}});
    CHECK(all.lines[1] == std::vector<point_xy>{{-1.625, 0.4}, {-1.625, 0.4}});
    CHECK(all.lines[2] == std::vector<point_xy>{{-1.375, 0.6}, {-1.375, 0.6}});
    CHECK(all.lines[3] == std::vector<point_xy>{{0, 0.7}, {0.125, 0.8}});
    CHECK(all.lines[4] == std::vector<point_xy>{{2, 0.9}, {2, 0.9}});
    CHECK(all.dots == std::vector<point_xy>{{0, 0.7}});
    CHECK(draw(drawing, 1).dots.empty()); // in a gap
    CHECK(draw(drawing, 1).labels == std::vector<std::string>{"x -"});
    CHECK(draw(drawing, 0.25).dots.empty()); // NaN
    CHECK(draw(drawing, 9).dots.empty());
    // A window that ends within a gap is not cut there.
    CHECK(draw(time_series({plain({signal})}, {.window_s = 1, .max_gap_s = 0.25}), 1.125).lines.front() ==
          std::vector<point_xy>{{-0.5, 0.6}, {-0.5, 0.6}});
    // Unset, a gap is more than three sample distances.
    const series slow("x", sample_times({0, 1, 2, 3, 6.5, 7.5}), samples({0, 0, 0, 0, 0, 0}));
    CHECK(draw(time_series({plain({slow})}), 3).lines.size() == 3);
    const series slow_whole("x", sample_times({0, 1, 2, 3, 5.5, 6.5}), samples({0, 0, 0, 0, 0, 0}));
    CHECK(draw(time_series({plain({slow_whole})}), 3).lines.size() == 2);
}

TEST_CASE("a dense signal: least and greatest of each column, by hand") {
    // 16 samples a second; columns of 1 s.
    std::vector<double> values(160, 0.5);
    values[16 * 3 + 2] = 0.1;
    values[16 * 3 + 9] = 0.9;
    values[16 * 4] = 0.2;      // the first of its column
    values[16 * 5 + 15] = 0.7; // the last of its column
    const series signal("x", even_clock(160, 16), samples(values));
    const time_series drawing({plain({signal})}, {.window_s = 4, .columns = 4});
    const auto line = draw(drawing, 5).lines.at(0); // columns 3 to 6
    CHECK(line == std::vector<point_xy>{{-1.75, 0.1},
                                        {-1.25, 0.9},
                                        {-0.75, 0.5},
                                        {-0.25, 0.2},
                                        {0.25, 0.5},
                                        {0.75, 0.7},
                                        {1.25, 0.5},
                                        {1.75, 0.5}});
    // Moved by less than a column, the columns are the same, elsewhere.
    const auto moved = draw(drawing, 5.25).lines.at(0);
    REQUIRE(moved.size() == 8);
    CHECK(moved[0] == point_xy{-2, 0.1});
    CHECK(moved[7] == point_xy{1.5, 0.5});
}

TEST_CASE("random windows and jumps of a dense signal equal the picture made from every sample") {
    std::mt19937_64 engine(31);
    std::uniform_real_distribution<double> uniform(0, 1);
    std::vector<double> times{1.6e9};
    std::vector<double> values{0.5};
    while (times.size() < 60000) {
        times.push_back(times.back() + (uniform(engine) < 0.0005 ? 0.6 : 0.0005 + 0.001 * uniform(engine)));
        values.push_back(uniform(engine) < 0.002 ? nan : 0.5 + 0.4 * std::sin(times.back() - 1.6e9) * uniform(engine));
    }
    std::fill_n(values.begin() + 20000, 5000, nan);
    const sample_times clock(times);
    const any_source frames =
        generate<double>(values.size(), 1, [&](std::size_t i, std::span<double> out) { out[0] = values[i]; }) |
        timed(clock);
    std::vector<double> even_values = values;
    const std::vector<double> even = even_times(60000, 1000, 7);
    std::size_t lines_seen = 0;
    for (const double window_s : {0.9, 5.0, 31.0}) {
        for (const std::size_t columns : {16u, 100u}) {
            const time_series_options options{.window_s = window_s, .columns = columns, .labels = false};
            const time_series listed({plain({series("x", clock, samples(values))})}, options);
            const time_series of_source({plain({series("x", frames)})}, options);
            const time_series on_clock({plain({series("x", even_clock(60000, 1000, 7), samples(values))})}, options);
            double t = 20;
            for (int k = 0; k < 150; ++k) {
                t = k % 10 == 0 ? -2 + 64 * uniform(engine) : t + 0.016; // plays on, and jumps
                const lines expected = naive_columns(times, values, 1.6e9 + t, window_s, columns, 0.25);
                compare(listed, 1.6e9 + t, expected);
                compare(of_source, 1.6e9 + t, expected);
                compare(on_clock, 7 + t, naive_columns(even, values, 7 + t, window_s, columns, 0.25));
                lines_seen += expected.size();
            }
        }
    }
    CHECK(lines_seen > 3000);
}

TEST_CASE("the same moment gives the same shapes, whatever was shown before") {
    std::mt19937_64 engine(5);
    std::vector<float> values(200000);
    for (float& value : values) {
        value = std::normal_distribution<float>()(engine);
    }
    const series signal("x", even_clock(values.size(), 2000), samples::borrow(std::span<const float>(values)));
    const time_series played(signal, {.limits = series_limits::window});
    for (double t = 0; t < 100; t += 3.77) {
        const drawn ours = draw(played, t);
        const drawn fresh = draw(time_series(signal, {.limits = series_limits::window}), t);
        REQUIRE(ours.lines == fresh.lines);
        REQUIRE(ours.labels == fresh.labels);
    }
}

TEST_CASE("int16 samples are drawn as values: scaled, also upside down") {
    std::vector<std::int16_t> values(4000);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<std::int16_t>(i % 100 == 50 ? 1000 : i % 100 == 70 ? -500 : 0);
    }
    const samples raw = samples::borrow(std::span<const std::int16_t>(values));
    for (const double scale : {0.195, -0.195}) {
        const series signal("lfp", even_clock(4000, 1000), raw, {.unit = "µV", .scale = scale, .offset = 3});
        const series_extent part = signal.extent(0, 4000);
        CHECK(part.low == (scale > 0 ? -500 * 0.195 + 3 : -195 + 3));
        CHECK(part.high == (scale > 0 ? 195 + 3 : 500 * 0.195 + 3));
        CHECK(signal.value_at(0.05, 1) == 1000 * scale + 3);
        const time_series drawing({{.signals = {signal}, .low = -200, .high = 200}}, {.window_s = 2, .columns = 20});
        const auto line = draw(drawing, 1.05).lines.at(0);
        double low = 1;
        double high = 0;
        for (const point_xy& p : line) {
            low = (std::min)(low, p.y);
            high = (std::max)(high, p.y);
        }
        CHECK(low == doctest::Approx((part.low + 200) / 400));
        CHECK(high == doctest::Approx((part.high + 200) / 400));
        CHECK(draw(drawing, 1.05).labels.at(0) == (scale > 0 ? "lfp 198 µV" : "lfp -192 µV"));
    }
}

TEST_CASE("groups are bands from the top, with limits of their own") {
    const sample_times clock = even_clock(100, 10);
    std::vector<double> ramp;
    for (std::size_t i = 0; i < 100; ++i) {
        ramp.push_back(static_cast<double>(i));
    }
    const series a("a", clock, samples(ramp));
    const series b("b", clock, samples(std::vector<double>(100, 50)), {.color = {1, 2, 3, 255}});
    const series c("c", clock, samples(std::vector<double>(100, 7)));
    const time_series drawing({{.signals = {a, b}}, {.signals = {c}, .low = 0, .high = 10}},
                              {.window_s = 2, .dock_low = 0.2, .dock_high = 0.8});
    // All samples are looked at: 0 to 99, a twentieth more on either side.
    CHECK(drawing.limits(0, 5).low == doctest::Approx(-4.95));
    CHECK(drawing.limits(0, 5).high == doctest::Approx(103.95));
    CHECK(drawing.limits(1, 5) == series_range{0, 10});
    const drawn all = draw(drawing, 5);
    REQUIRE(all.lines.size() == 4);
    CHECK(all.lines[1].front().y == doctest::Approx(0.5 + 0.3 * (50 + 4.95) / 108.9));
    CHECK(all.lines[2].front().y == doctest::Approx(0.2 + 0.3 * 0.7));
    CHECK(all.lines[3] == std::vector<point_xy>{{0, 0.2}, {0, 0.8}});
    CHECK(all.colors[0] == rgba8{255, 255, 255, 255});
    CHECK(all.colors[1] == rgba8{1, 2, 3, 255});
    CHECK(all.colors[2] == rgba8{255, 255, 255, 255});
    CHECK(all.labels == std::vector<std::string>{"a 50", "b 50", "c 7"});
    CHECK(all.label_places[0].x == -1);
    CHECK(all.label_places[0].y == doctest::Approx(0.77)); // a fifth of the band each, from its top down
    CHECK(all.label_places[1].y == doctest::Approx(0.71));
    CHECK(all.label_places[2].y == doctest::Approx(0.47));
    const drawn bare = draw(time_series({a}, {.cursor = false, .labels = false}), 5);
    CHECK(bare.lines.size() == 1);
    CHECK(bare.dots.empty());
    CHECK(bare.labels.empty());
}

TEST_CASE("limits of the window, of a flat signal, of none, and values beyond given ones") {
    const sample_times clock = even_clock(1000, 10);
    std::vector<double> ramp;
    for (std::size_t i = 0; i < 1000; ++i) {
        ramp.push_back(static_cast<double>(i));
    }
    const time_series sparse(series("a", clock, samples(ramp)), {.window_s = 2, .limits = series_limits::window});
    CHECK(sparse.limits(0, 50).low == 490 - 1); // 490 to 510
    CHECK(sparse.limits(0, 50).high == 510 + 1);
    const time_series dense(series("a", clock, samples(ramp)),
                            {.window_s = 20, .limits = series_limits::window, .columns = 10});
    CHECK(dense.limits(0, 50).low == doctest::Approx(400 - 9.95)); // columns of 2 s: 400 to 599
    CHECK(dense.limits(0, 50).high == doctest::Approx(599 + 9.95));
    const auto flat = [&](double value) {
        return time_series(series("a", clock, samples(std::vector<double>(1000, value)))).limits(0, 5);
    };
    CHECK(flat(8) == series_range{4, 12});
    CHECK(flat(-8) == series_range{-12, -4});
    CHECK(flat(0) == series_range{-0.5, 0.5});
    CHECK(flat(nan) == series_range{0, 1});
    CHECK(draw(time_series(series("a", clock, samples(std::vector<double>(1000, nan)))), 5).lines.size() == 1);
    const time_series clipped({{.signals = {series("a", clock, samples(ramp))}, .low = 100, .high = 200}});
    CHECK(draw(clipped, 50).lines.at(0).front().y == 1);
    CHECK(draw(clipped, 5).lines.at(0).front().y == 0);
}

TEST_CASE("the probability of each state of a decoder, as one signal each") {
    // Two states of two bins; the posterior moves from the first state to the second within 8 s.
    const state_bins states({"continuous", "fragmented"}, 2);
    const any_source posterior = generate<float>(4001, 4,
                                                 [](std::size_t i, std::span<float> out) {
                                                     const float second = static_cast<float>(i) / 4000;
                                                     out[0] = out[1] = (1 - second) / 2;
                                                     out[2] = out[3] = second / 2;
                                                 }) |
                                 timed({.rate_hz = 500});
    const auto signals = series::columns_of(states.names(), posterior | combine(states.probability_groups()));
    REQUIRE(signals.size() == 2);
    for (const std::size_t columns : {64u, 8192u}) { // dense and sparse
        const time_series drawing({{.signals = signals, .low = 0, .high = 1}}, {.window_s = 4, .columns = columns});
        const drawn at = draw(drawing, 2);
        CHECK(at.labels == std::vector<std::string>{"continuous 0.75", "fragmented 0.25"});
        REQUIRE(at.lines.size() == 3);
        CHECK(at.lines[0].front().y > 0.99);
        CHECK(at.lines[0].back().y == doctest::Approx(0.5).epsilon(0.01));
        CHECK(at.lines[1].front().y < 0.01);
        CHECK(at.lines[1].size() == (columns == 64 ? 128 : 2001));
    }
    CHECK(support::sentence_of<invalid_value>([&] { series::columns_of({"a"}, posterior); }) ==
          "1 names were given for 4 columns; give one name per column");
}

TEST_CASE("a long step costs no samples: what is read again is what is new") {
    std::size_t frames_read = 0;
    const any_source frames = generate<float>(1'000'000, 1,
                                              [&](std::size_t i, std::span<float> out) {
                                                  ++frames_read;
                                                  out[0] = static_cast<float>(i % 1000);
                                              }) |
                              timed({.rate_hz = 1000});
    const time_series drawing({{.signals = {series("x", frames)}, .low = 0, .high = 1000}}, {.window_s = 100});
    CHECK(frames_read == 0);
    draw(drawing, 500);
    CHECK(frames_read <= 100000 + 2 * 512);
    frames_read = 0;
    for (int k = 0; k < 60; ++k) {
        draw(drawing, 500 + k / 60.0);
    }
    CHECK(frames_read <= 1000 + 2 * 512);
}

TEST_CASE("a step allocates nothing once its blocks are built") {
    if (!support::allocations_are_counted) {
        return;
    }
    std::vector<float> values(900000);
    std::mt19937_64 engine(5);
    for (float& value : values) {
        value = std::normal_distribution<float>()(engine);
    }
    const samples numbers = samples::borrow(std::span<const float>(values));
    const series dense("dense", even_clock(values.size(), 30000), numbers);
    const series sparse("sparse", even_clock(values.size(), 50), numbers);
    const time_series drawing({{.signals = {dense, sparse}}, {.signals = {dense}}}, {.window_s = 8});
    canvas out;
    const auto step = [&](double t) {
        out.clear();
        drawing.build({.time_s = t, .frame = {}, .space = {}}, out);
    };
    for (double t = 0; t < 30; t += 0.5) {
        step(t);
    }
    CHECK(support::count_allocations([&] {
              for (double t = 30; t > 0; t -= 0.217) {
                  step(t);
              }
          }) == 0);
    CHECK(out.shapes().size() > 4);
}

TEST_CASE("a time series refuses what makes no sense, in a sentence") {
    const sample_times clock = even_clock(3, 10);
    const samples three({1, 2, 3});
    const series fine("x", clock, three);
    CHECK(support::sentence_of<data_error>([&] { series("lfp", even_clock(4, 10), three); }) ==
          "there are 4 times for 3 samples of the signal 'lfp'; give one time per sample");
    CHECK(support::sentence_of<data_error>([&] { series("lfp", sample_times(), samples()); }) ==
          "the signal 'lfp' has no samples; give at least one or leave it out");
    CHECK(support::sentence_of<invalid_value>([&] { series("lfp", clock, three, {}, 1); }) ==
          "column 1 was asked for the signal 'lfp'; there are 1, counted from 0; choose one of them");
    CHECK(support::sentence_of<invalid_value>([&] { series("lfp", clock, three, {.scale = 0}); }) ==
          "the signal 'lfp' has scale 0 and offset 0; both must be finite and the scale not 0; 1 and 0 change nothing");
    CHECK(support::sentence_of<invalid_value>([&] { series("p", tile(std::vector<float>{1}, 5)); }) ==
          "the signal 'p' was given frames without times; give a source with times: source | timed(times)");
    CHECK(support::sentence_of<invalid_value>([&] { time_series(std::vector<series_group>{}); }) ==
          "a time series without signals was asked for; give at least one signal");
    CHECK(support::sentence_of<invalid_value>([&] {
              time_series({plain({fine}), plain({})});
          }) == "group 1 of a time series has no signals; give at least one signal or leave the group out");
    CHECK(support::sentence_of<invalid_value>([&] { time_series({{.signals = {fine}, .low = 2, .high = 1}}); }) ==
          "the limits 2 and 1 were given for group 0 of a time series; both must be finite and the first below the "
          "second; leave both unset to have them found");
    CHECK(support::sentence_of<invalid_value>([&] { time_series(fine, {.window_s = 0}); }) ==
          "a time series window of 0 s was asked for; it must be positive; 10 is usual");
    CHECK(support::sentence_of<invalid_value>([&] { time_series(fine, {.now_at = 1.5}); }) ==
          "now was put at 1.5 of the window; it must be from 0, its left end, to 1; 0.5 is usual");
    CHECK(support::sentence_of<invalid_value>([&] { time_series(fine, {.columns = 1}); }) ==
          "a time series of 1 columns was asked for; it must have 2 to 65536; 512 is usual");
    CHECK(support::sentence_of<invalid_value>([&] { time_series(fine, {.max_gap_s = -1}); }) ==
          "a maximum gap of -1 s was given; it must be positive; 0.25 is usual");
    CHECK(support::sentence_of<invalid_value>([&] { time_series(fine, {.dock_low = 0.5, .dock_high = 0.5}); }) ==
          "a time series was put at 0.5 to 0.5 of the dock; 0 is its lower edge, 1 the upper, and the first must be "
          "below the second");
    CHECK(support::sentence_of<invalid_value>([&] { time_series(fine).limits(1, 0); }) ==
          "group 1 was asked for; there are 1, counted from 0; choose one of them");
}

TEST_CASE("a source that throws leaves no half picture behind") {
    bool broken = false;
    const any_source frames = generate<float>(60000, 1,
                                              [&](std::size_t i, std::span<float> out) {
                                                  if (broken && i == 20480) {
                                                      throw file_error("disk", "the disk is gone");
                                                  }
                                                  out[0] = static_cast<float>(i % 977) / 1000;
                                              }) |
                              timed({.rate_hz = 1000});
    for (const std::size_t columns : {64u, 8192u}) { // dense and sparse
        const time_series_options options{.window_s = 8, .columns = columns};
        const time_series drawing({plain({series("x", frames)})}, options);
        const auto fresh = draw(time_series({plain({series("x", frames)})}, options), 20).lines;
        CHECK(draw(drawing, 12).lines.size() == 2);
        broken = true;
        for (int k = 0; k < 3; ++k) {
            CHECK(support::sentence_of<file_error>([&] { draw(drawing, 20); }) == "the disk is gone");
        }
        broken = false;
        CHECK(draw(drawing, 20).lines == fresh);
    }
}

TEST_CASE("files that are cut while they are shown are told") {
    const support::temporary_directory folder;
    const std::vector<double> times = even_times(20000, 1000);
    const std::vector<float> values(20000, 0.5F);
    for (const bool cut_times : {false, true}) {
        for (const std::size_t columns : {64u, 8192u}) {
            const std::string times_path = folder.file("times.npy");
            const std::string values_path = folder.file("values.npy");
            write_npy<double>(times_path, times);
            write_npy<float>(values_path, values);
            const time_series drawing(
                series("x", sample_times(samples::open_npy(times_path)), samples::open_npy(values_path)),
                {.window_s = 4, .columns = columns});
            CHECK(draw(drawing, 10).lines.size() == 2);
            support::temporary_directory::resize(cut_times ? times_path : values_path, 0);
            CHECK_THROWS_AS(draw(drawing, 10), file_error);
            CHECK_THROWS_AS(draw(drawing, 15), file_error);
        }
    }
}

TEST_CASE("one sample") {
    const time_series drawing({plain({series("x", sample_times({5}), samples({0.5}))})});
    CHECK(draw(drawing, 5).dots == std::vector<point_xy>{{0, 0.5}});
    CHECK(draw(drawing, 6).lines.at(0) == std::vector<point_xy>{{-1, 0.5}, {-1, 0.5}});
    CHECK(draw(drawing, 5.1).dots.empty());
}

} // namespace
