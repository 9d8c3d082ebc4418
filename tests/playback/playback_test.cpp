// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/cache/chunk_cache.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/trail.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/select.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/viewer/headless_viewer.hpp>

#define FIELDREEL_TEST_COUNTS_ALLOCATIONS
#include "support/allocation_counter.hpp"
#include "support/playback_archetypes.hpp"
#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// 4 x 3 bins of 1 x 1.
any_space small_grid() {
    return grid::full({0, 0}, {4, 3}, {4, 3});
}

/// Frame i holds i in bin 0, i + 0.1 in bin 1, and so on.
auto counting_frames(std::size_t frames, std::size_t bins = 12) {
    return generate<float>(frames, bins, [](std::size_t i, std::span<float> out) {
        for (std::size_t b = 0; b < out.size(); ++b) {
            out[b] = static_cast<float>(i) + 0.1f * static_cast<float>(b);
        }
    });
}

trajectory walk(std::size_t count, double rate_hz, double start_s) {
    std::vector<double> positions;
    for (std::size_t i = 0; i < count; ++i) {
        const double t = static_cast<double>(i) / rate_hz;
        positions.push_back(2 + 1.5 * std::cos(t));
        positions.push_back(1.5 + std::sin(1.3 * t));
    }
    return {sample_times(uniform_times{rate_hz, start_s}, count), samples(positions, 2)};
}

/// A dot at the origin: something that is always drawn.
struct dot_overlay {
    void build(const moment&, canvas& out) const { out.marker({0, 0}, {}); }
};

/// Writes down what it is asked for.
struct noting_overlay {
    std::shared_ptr<std::vector<moment>> moments = std::make_shared<std::vector<moment>>();
    void build(const moment& now, canvas&) const { moments->push_back(now); }
};

/// Throws while `broken` says so.
struct fragile_source {
    using value_type = float;
    std::shared_ptr<bool> broken = std::make_shared<bool>(false);
    std::size_t frame_count() const { return 100; }
    std::size_t frame_size() const { return 12; }
    void read(std::size_t first, std::span<float> out) const {
        if (*broken) {
            throw std::runtime_error("the disk is gone");
        }
        for (float& value : out) {
            value = static_cast<float>(first);
        }
    }
};

/// Writes down the hints its cursors get.
struct hinted_source {
    using value_type = float;
    std::shared_ptr<std::vector<motion>> hints = std::make_shared<std::vector<motion>>();
    std::size_t frames = 0;
    std::size_t frame_count() const { return frames; }
    std::size_t frame_size() const { return 12; }
    void read(std::size_t, std::span<float>) const {}
    struct cursor_type {
        using value_type = float;
        std::shared_ptr<std::vector<motion>> hints;
        std::vector<float> zeros = std::vector<float>(12);
        std::span<const float> frame(std::size_t) { return zeros; }
        std::optional<std::span<const float>> try_frame(std::size_t) { return zeros; }
        std::optional<resident_frame<float>> nearest(std::size_t i) { return resident_frame<float>{i, zeros}; }
        shared_frame<float> share(std::size_t) { return {nullptr, zeros}; }
        void hint(const motion& going) { hints->push_back(going); }
    };
    cursor_type cursor() const { return {hints}; }
};

TEST_CASE("a scene holds each field's frame that is valid at the time, as a copy") {
    playback what;
    what.add_field(counting_frames(10) | timed({.rate_hz = 10, .start_s = 5}), small_grid(), {.title = "a"});
    scene now;
    what.fill(5.25, now);
    REQUIRE(now.fields.size() == 1);
    CHECK(now.time_s == 5.25);
    CHECK(now.fields[0].frame() == 2);
    CHECK(now.fields[0].values()[3] == doctest::Approx(2.3));
    CHECK(now.fields[0].style().title == "a");
    CHECK(now.fields[0].space().bin_count() == 12);
    scene later;
    what.fill(5.75, later);
    CHECK(later.fields[0].frame() == 7);
    CHECK(now.fields[0].values()[3] == doctest::Approx(2.3)); // several are in flight
    CHECK(what.field_count() == 1);
    CHECK(what.source().frame_count() == 10);
    CHECK(what.space().bin_count() == 12);
    CHECK(what.style().title == "a");
    CHECK_THROWS_AS(what.source(1), std::out_of_range);
}

TEST_CASE("fields of different rates and types play together by time") {
    playback what;
    what.add_field(counting_frames(100) | timed({.rate_hz = 10, .start_s = 0}), small_grid(), {});
    what.add_field(tile<std::uint16_t>(std::vector<std::uint16_t>(6, 7), 1000) | timed({.rate_hz = 250, .start_s = 2}),
                   grid::full({0, 0}, {3, 2}, {3, 2}), {});
    what.add_field(counting_frames(3) | timed(std::vector<double>{-1, 0.5, 4}), small_grid(), {});
    CHECK(what.times().start_s == -1);
    CHECK(what.times().stop_s == doctest::Approx(10));
    scene now;
    what.fill(3.14, now);
    CHECK(now.fields[0].frame() == 31);
    CHECK(now.fields[1].frame() == 285);
    CHECK(now.fields[1].values().type() == dtype::u16);
    CHECK(now.fields[1].values().size() == 6);
    CHECK(now.fields[2].frame() == 1);
    what.fill(-0.5, now);
    CHECK(!now.fields[0].frame());
    CHECK(!now.fields[1].frame());
    CHECK(now.fields[2].frame() == 0);
    CHECK(now.fields[0].values().empty());
}

TEST_CASE("in gaps and outside there is no data, and overlays go on") {
    playback what;
    std::vector<double> times;
    for (int i = 0; i < 20; ++i) {
        times.push_back(0.1 * i + (i >= 10 ? 5 : 0));
    }
    what.add_field(counting_frames(20) | timed(times), small_grid(), {});
    what.add_overlay({"dot", dot_overlay{}});
    scene now;
    for (const double t : {-1.0, 1.06, 3.0, 5.9, 7.1, 1e9, -1e9}) {
        CAPTURE(t);
        what.fill(0.5, now);
        CHECK(now.fields[0].frame() == 5);
        what.fill(t, now);
        CHECK(!now.fields[0].frame());
        CHECK(now.fields[0].values().empty());
        CHECK(now.shapes.shapes().size() == 1);
    }
}

TEST_CASE("the end of the recording still shows its last frame") {
    for (const double start_s : {0.0, 1.6e9}) {
        playback what;
        what.add_field(counting_frames(10) | timed({.rate_hz = 30, .start_s = start_s}), small_grid(), {});
        what.add_field(counting_frames(5) | timed({.rate_hz = 30, .start_s = start_s}), small_grid(), {});
        scene now;
        what.fill(what.times().stop_s, now);
        CHECK(now.fields[0].frame() == 9);
        CHECK(!now.fields[1].frame());
        what.fill(std::nextafter(what.times().stop_s, 1e300), now);
        CHECK(!now.fields[0].frame());
    }
    playback one;
    one.add_field(counting_frames(1) | timed(std::vector<double>{7}), small_grid(), {});
    CHECK(one.times() == time_range{7, 8});
    scene now;
    one.fill(8, now);
    CHECK(now.fields[0].frame() == 0);
}

TEST_CASE("overlays get the time, the first field's frame where it has one, and its space") {
    const noting_overlay notes;
    playback what;
    what.add_overlay({"notes", notes});
    scene now;
    what.fill(3, now); // overlays alone
    what.add_field(counting_frames(10) | timed({.rate_hz = 10, .start_s = 0}), small_grid(), {});
    what.add_field(counting_frames(10) | timed({.rate_hz = 1, .start_s = 0}), small_grid(), {});
    what.fill(0.35, now);
    what.fill(5, now);
    REQUIRE(notes.moments->size() == 3);
    CHECK((*notes.moments)[0].time_s == 3);
    CHECK(!(*notes.moments)[0].frame);
    CHECK(!(*notes.moments)[0].space);
    CHECK((*notes.moments)[1].frame == 3);
    CHECK((*notes.moments)[1].space.bin_count() == 12);
    CHECK(!(*notes.moments)[2].frame); // not the second field's
    CHECK(what.overlays().size() == 1);
    CHECK(what.overlays()[0].name() == "notes");
}

TEST_CASE("filling a scene again allocates nothing") {
    if (!support::allocations_are_counted) {
        MESSAGE("skipped: this sanitizer does not let allocations be counted");
        return;
    }
    playback what;
    what.add_field(counting_frames(1000) | timed({.rate_hz = 100, .start_s = 0}), small_grid(), {.title = "field"});
    what.add_field(tile<double>(std::vector<double>(12, 1), 100) | timed({.rate_hz = 10, .start_s = 0}), small_grid(),
                   {});
    what.add_overlay({"trail", trail(walk(1000, 100, 0))});
    what.add_overlay({"heading", heading(sample_times(uniform_times{100, 0}, 1000),
                                         samples(std::vector<double>(1000, 1)), walk(1000, 100, 0))});
    scene now;
    headless_viewer surface;
    std::size_t shown = 0;
    const auto play = [&] {
        for (int i = 0; i < 1200; ++i) {
            what.fill(0.01 * i, now);
            surface.present(now);
            what.show(0.01 * i, surface);
            what.hint(0.01 * i, 1, play_mode::loop, {0, 10});
            shown += now.shapes.shapes().size();
        }
    };
    play();
    const std::size_t allocations = support::count_allocations(play);
    CHECK(allocations == 0);
    CHECK(shown > 6000);
}

TEST_CASE("a source that throws leaves a consistent scene, and the next one is whole") {
    const fragile_source fragile;
    playback what;
    what.add_field(counting_frames(100) | timed({.rate_hz = 10, .start_s = 0}), small_grid(), {});
    what.add_field(fragile | timed({.rate_hz = 10, .start_s = 0}), small_grid(), {});
    what.add_field(counting_frames(100) | timed({.rate_hz = 10, .start_s = 0}), small_grid(), {});
    what.add_overlay({"dot", dot_overlay{}});
    scene now;
    what.fill(1.05, now);
    *fragile.broken = true;
    CHECK(support::sentence_of<std::runtime_error>([&] { what.fill(2.05, now); }) == "the disk is gone");
    CHECK(now.time_s == 2.05);
    REQUIRE(now.fields.size() == 3);
    CHECK(now.fields[0].frame() == 20);
    CHECK(!now.fields[1].frame());
    CHECK(now.fields[1].values().empty());
    CHECK(!now.fields[2].frame()); // not the frame of 1.05 s
    CHECK(now.shapes.shapes().empty());
    headless_viewer surface;
    surface.present(now); // it can be shown
    *fragile.broken = false;
    what.fill(2.05, now);
    CHECK(now.fields[1].frame() == 20);
    CHECK(now.fields[1].values()[0] == 20);
    CHECK(now.fields[2].frame() == 20);
    CHECK(now.shapes.shapes().size() == 1);

    scene fresh; // the first fill may fail too
    *fragile.broken = true;
    CHECK_THROWS_AS(what.fill(3.05, fresh), std::runtime_error);
    CHECK(fresh.fields.size() == 3);
    surface.present(fresh);
}

TEST_CASE("a new style takes effect with the next scene and leaves the old ones alone") {
    playback what;
    what.add_field(counting_frames(10) | timed({.rate_hz = 10, .start_s = 0}), small_grid(),
                   {.colors = colormap::named("hot"), .range = {0, 12}});
    scene before;
    what.fill(0.55, before);
    headless_viewer first;
    first.present(before);
    what.set_style(0, {.colors = colormap::named("gray"), .range = {0, 6}});
    CHECK(before.fields[0].style().colors.name() == "hot");
    scene after;
    what.fill(0.55, after);
    CHECK(after.fields[0].style().range == value_range{0, 6});
    headless_viewer again;
    again.present(before);
    CHECK(again.checksum() == first.checksum());
    headless_viewer other;
    other.present(after);
    CHECK(other.checksum() != first.checksum());
    what.fill(0.55, before); // filled again, it gets the new one
    CHECK(before.fields[0].style().colors.name() == "gray");
    CHECK_THROWS_AS(what.set_style(1, {}), std::out_of_range);
}

TEST_CASE("a session that starts at 1.6e9 s shows the same frames, pictures and shapes as one that starts at 0") {
    const auto make = [](double start_s) {
        playback out;
        out.add_field(counting_frames(300) | timed({.rate_hz = 32, .start_s = start_s}), small_grid(),
                      {.range = {0, 300}});
        std::vector<double> times;
        for (int i = 0; i < 90; ++i) {
            times.push_back(start_s + 0.125 * i);
        }
        out.add_field(counting_frames(90) | timed(times), small_grid(), {.range = {0, 90}});
        out.add_overlay({"trail", trail(walk(640, 64, start_s))});
        out.add_overlay({"heading", heading(sample_times(uniform_times{64, start_s}, 640),
                                            samples(std::vector<double>(640, 1)), walk(640, 64, start_s))});
        return out;
    };
    constexpr double late_s = 1.6e9;
    playback early = make(0);
    playback late = make(late_s);
    CHECK(late.times().start_s == late_s);
    headless_viewer early_surface;
    headless_viewer late_surface;
    scene a;
    scene b;
    std::size_t vertices = 0;
    for (int i = -10; i < 2000; ++i) {
        const double t = i / 128.0; // a time that both float64 clocks hold exactly
        early.fill(t, a);
        late.fill(late_s + t, b);
        for (std::size_t f = 0; f < 2; ++f) {
            REQUIRE(a.fields[f].frame() == b.fields[f].frame());
        }
        early_surface.present(a);
        late_surface.present(b);
        for (std::size_t f = 0; f < 2; ++f) {
            const auto left = early_surface.picture(f).pixels();
            const auto right = late_surface.picture(f).pixels();
            REQUIRE(std::equal(left.begin(), left.end(), right.begin(), right.end()));
        }
        const auto left = a.shapes.shapes();
        const auto right = b.shapes.shapes();
        REQUIRE(left.size() == right.size());
        for (std::size_t s = 0; s < left.size(); ++s) {
            const auto from = a.shapes.vertices(left[s]);
            const auto to = b.shapes.vertices(right[s]);
            REQUIRE(from.size() == to.size());
            for (std::size_t v = 0; v < from.size(); ++v) {
                REQUIRE(from[v].x == to[v].x);
                REQUIRE(from[v].y == to[v].y);
                REQUIRE(from[v].alpha == to[v].alpha);
                ++vertices;
            }
        }
    }
    CHECK(vertices > 10'000);
}

TEST_CASE("one hot bin: the value under the mouse, the painted pixel and the marker agree") {
    // An L on a square grid of 7 x 7: a wrong order or a missing flip cannot hide.
    constexpr std::size_t n = 7;
    std::vector<std::uint8_t> active(n * n, 0);
    for (std::size_t ix = 0; ix < n; ++ix) {
        for (std::size_t iy = 0; iy < n; ++iy) {
            active[ix * n + iy] = ix < 2 || iy < 3 ? 1 : 0;
        }
    }
    std::vector<double> edges;
    for (std::size_t i = 0; i <= n; ++i) {
        edges.push_back(-10 + 4 * static_cast<double>(i));
    }
    const grid bins(edges, edges, active);
    const rgba8 hot = colormap().table()[255];
    const rgba8 cold = colormap().table()[0];
    for (std::size_t bin = 0; bin < bins.bin_count(); ++bin) {
        CAPTURE(bin);
        std::vector<float> field(bins.bin_count(), 0);
        field[bin] = 1;
        const point_xy center = bins.center(bin);
        playback what;
        what.add_field(tile<float>(field, 10) | timed({.rate_hz = 10, .start_s = 0}), bins, {});
        what.add_overlay(
            {"animal", trail(trajectory(sample_times(uniform_times{10, 0}, 2),
                                        samples(std::vector<double>{center.x, center.y, center.x, center.y}, 2)),
                             {.length_s = 0})});
        scene now;
        what.fill(0.05, now);
        headless_viewer surface;
        surface.present(now);

        // The marker is on the pixel of the hot bin, at its centre.
        REQUIRE(now.shapes.shapes().size() == 1);
        const vertex at = now.shapes.vertices(now.shapes.shapes()[0])[0];
        const point_rc display = now.fields[0].space().to_display({at.x, at.y});
        const auto row = static_cast<std::size_t>(std::lround(display.row));
        const auto col = static_cast<std::size_t>(std::lround(display.col));
        CHECK(display.row == doctest::Approx(static_cast<double>(row)));
        CHECK(display.col == doctest::Approx(static_cast<double>(col)));
        CHECK(surface.picture().at(row, col) == hot);
        // Row 0 is at the largest y, columns follow x.
        CHECK(row == n - 1 - static_cast<std::size_t>((center.y + 10) / 4));
        CHECK(col == static_cast<std::size_t>((center.x + 10) / 4));

        std::size_t painted = 0;
        for (std::size_t r = 0; r < n; ++r) {
            for (std::size_t c = 0; c < n; ++c) {
                const point_xy mouse =
                    now.fields[0].space().from_display(static_cast<double>(r) + 0.3, static_cast<double>(c) - 0.3);
                const auto under = now.fields[0].space().bin_at(mouse.x, mouse.y);
                const rgba8 pixel = surface.picture().at(r, c);
                CHECK(pixel == (!under ? rgba8{} : now.fields[0].values()[*under] == 1 ? hot : cold));
                painted += static_cast<std::size_t>(pixel == hot);
            }
        }
        CHECK(painted == 1);
    }
}

TEST_CASE("playing a subsampled or cached source shows the frames that playing the source itself shows then") {
    // Frames at 100 Hz; every fourth is kept, and asked for at its own time.
    const auto source = counting_frames(400) | timed({.rate_hz = 100, .start_s = 0});
    const auto run = [](const any_source& shown, double length_s) {
        playback what;
        what.add_field(shown, small_grid(), {.range = {0, 400}});
        headless_viewer surface;
        for (int i = 0; 0.04 * i < length_s; ++i) {
            what.show(0.04 * i + 0.001, surface);
        }
        return surface.checksum();
    };
    const auto whole = run(source, 4);
    CHECK(run(source, 4) == whole);
    CHECK(run(source | subsample_by_time(25), 4) == whole);
    CHECK(run(source | subsample({.source_hz = 100, .target_hz = 25}), 4) == whole);
    CHECK(run(any_source(source) | subsample_by_time(25), 4) == whole);
    CHECK(run(source | cached({.chunk_size = 7, .max_chunks = 3}), 4) == whole);
    CHECK(run(source | cached({.chunk_size = 1, .max_chunks = 1}) | subsample_by_time(25), 4) == whole);
    CHECK(run(source | slice({0, 400}), 4) == whole);
    CHECK(run(source | slice({0, 399}), 4) == whole); // frame 399 is never shown
    CHECK(run(source | slice({0, 390}), 4) != whole);
    CHECK(run(source | subsample_by_time(20), 4) != whole);
}

TEST_CASE("any order of seeks shows the same moments") {
    playback what;
    what.add_field(counting_frames(400) | timed({.rate_hz = 100, .start_s = 0}), small_grid(), {.range = {0, 400}});
    what.add_overlay({"trail", trail(walk(400, 100, 0))});
    const auto moment_sum = [&](double t) {
        headless_viewer surface;
        what.show(t, surface);
        return surface.checksum();
    };
    std::vector<std::uint64_t> in_order;
    for (std::size_t i = 0; i < 500; ++i) {
        in_order.push_back(moment_sum(0.0083 * static_cast<double>(i)));
    }
    std::mt19937_64 engine(5);
    for (int k = 0; k < 1000; ++k) {
        const std::size_t i = engine() % in_order.size();
        CHECK(moment_sum(0.0083 * static_cast<double>(i)) == in_order[i]);
    }
}

TEST_CASE("show says where the time went") {
    playback what;
    what.add_field(counting_frames(10) | timed({.rate_hz = 10, .start_s = 0}), small_grid(), {});
    struct slow_viewer {
        void present(const scene&) {
            detail::lap_timer timer;
            for (double ms = 0; ms < 2; ms += timer.lap_ms()) {
            }
        }
    } surface;
    const step_report report = what.show(0, surface);
    CHECK(report.present_ms >= 2);
    CHECK(report.read_ms >= 0);
    CHECK(report.overlay_ms >= 0);
    CHECK(report.total_ms() >= report.present_ms);
}

TEST_CASE("filling alone says where its time went, too") {
    playback what;
    what.add_field(counting_frames(5) | timed({.rate_hz = 1, .start_s = 0}), small_grid(), {});
    what.add_overlay({"dot", dot_overlay()});
    scene now;
    step_report report{.read_ms = -1, .overlay_ms = -1, .present_ms = -1};
    what.fill(3, now, report);
    CHECK(now.fields.at(0).frame() == 3);
    CHECK(report.read_ms >= 0);
    CHECK(report.overlay_ms >= 0);
    CHECK(report.present_ms == -1); // not its business
}

TEST_CASE("sources are told where playing goes, in their own frames") {
    const hinted_source hinted{.frames = 100};
    playback what;
    what.add_field(hinted | timed({.rate_hz = 10, .start_s = 0}), small_grid(), {});
    const auto hint = [&](double t, double velocity, time_range range) {
        what.hint(t, velocity, play_mode::loop, range);
        return hinted.hints->back();
    };
    const motion going = hint(2.05, -2, {1, 5});
    CHECK(going.frame == 20);
    CHECK(going.frames_per_s == doctest::Approx(-20));
    CHECK(going.mode == play_mode::loop);
    CHECK(going.region == frame_range{10, 51});
    CHECK(hint(-5, 1, what.times()).frame == 0);
    CHECK(hint(50, 1, what.times()).frame == 99);
    CHECK(hint(50, 1, what.times()).region == frame_range{0, 100});
    CHECK(hint(2, 1, {3, 4}).region == frame_range{30, 41}); // a new range is taken up
}

TEST_CASE("in a gap, playing stands at the frame before it") {
    std::vector<double> times;
    for (int i = 0; i < 100; ++i) {
        times.push_back(0.1 * i + (i >= 40 ? 30 : 0));
    }
    const hinted_source hinted{.frames = 100};
    playback what;
    what.add_field(hinted | timed(times), small_grid(), {});
    what.hint(20, 1, play_mode::once, {10, 25});
    CHECK(hinted.hints->back().frame == 39);
    CHECK(hinted.hints->back().region == frame_range{39, 40});
}

TEST_CASE("what cannot be played is refused, in a sentence") {
    playback what;
    CHECK(support::sentence_of<data_error>([&] {
              what.add_field(counting_frames(0) | timed({.rate_hz = 1, .start_s = 0}), small_grid(),
                             {.title = "cell01"});
          }) == "the field 'cell01' has no frames; a recording needs at least one");
    CHECK(support::sentence_of<data_error>([&] {
              what.add_field(counting_frames(5, 11) | timed({.rate_hz = 1, .start_s = 0}), small_grid(),
                             {.title = "cell01"});
          }) ==
          "a frame of the field 'cell01' has 11 values and its space 12 active bins; give one value per active bin "
          "(x slow, y fast), or state the order of a full-grid field");
    CHECK(support::sentence_of<data_error>([&] {
              what.add_field(counting_frames(5), small_grid(), {.title = "cell01"});
          }) == "the field 'cell01' does not know its frames' times; use source | timed(times)");
    CHECK(support::sentence_of<data_error>([&] {
              what.add_field(counting_frames(5) | timed({.rate_hz = 1, .start_s = 0}), any_space(),
                             {.title = "cell01"});
          }) == "the field 'cell01' was given no space; pass the grid or cells that its values belong to");
    CHECK(what.field_count() == 0);
    CHECK(what.times() == time_range{});
    scene now;
    CHECK(support::sentence_of<invalid_value>([&] { what.fill(nan, now); }) ==
          "the scene at nan s was asked for; give a finite time");
    CHECK(support::sentence_of<invalid_value>([&] { what.fill(std::numeric_limits<double>::infinity(), now); }) ==
          "the scene at inf s was asked for; give a finite time");
    headless_viewer surface;
    CHECK_THROWS_AS(what.show(nan, surface), invalid_value);
    CHECK(surface.presented() == 0);
    what.fill(0, now); // nothing at all is a recording too
    CHECK(now.fields.empty());
}

} // namespace
