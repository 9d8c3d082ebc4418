// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/event.hpp>
#include <fieldreel/viewer/headless_viewer.hpp>
#include <fieldreel/viewer/scene.hpp>

#include "support/allocation_counter.hpp"
#include "support/npy_bytes.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace fieldreel;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

canvas drawn_at(const event& drawing, double time_s) {
    canvas out;
    drawing.build({.time_s = time_s}, out);
    return out;
}

std::vector<double> xs(const canvas& from, const shape& of) {
    std::vector<double> out;
    for (std::size_t i = 0; i < of.vertex_count; ++i) {
        out.push_back(of.is_kept() ? (*from.kept(of))[i].x : from.vertices(of)[i].x);
    }
    return out;
}

/// x = 10 t, y = 0, at 8 Hz for 10 s; lost in sample 16 (2 s).
trajectory running() {
    std::vector<double> positions;
    for (int i = 0; i <= 80; ++i) {
        positions.push_back(i == 16 ? nan : 1.25 * i);
        positions.push_back(0);
    }
    return {sample_times(uniform_times{8, 0}, 81), samples(std::move(positions), 2)};
}

TEST_CASE("an event is shown at its place from its time on, and fades") {
    const event drawing(event_times({1, 1.25, 1.25, 5}), samples({10, 1, 20, 2, 30, 3, 40, 4}, 2),
                        {.duration_s = 0.5, .min_alpha = 0.2});
    CHECK(drawn_at(drawing, 0.99).shapes().empty());
    const canvas first = drawn_at(drawing, 1);
    REQUIRE(first.shapes().size() == 1);
    CHECK(first.shapes()[0].kind == shape_kind::marker);
    CHECK(first.vertices(first.shapes()[0])[0].x == 10);
    CHECK(first.vertices(first.shapes()[0])[0].y == 1);
    CHECK(first.vertices(first.shapes()[0])[0].alpha == 1);
    const canvas three = drawn_at(drawing, 1.25);
    CHECK(xs(three, three.shapes()[0]) == std::vector<double>{10, 20, 30});
    CHECK(three.vertices(three.shapes()[0])[0].alpha == doctest::Approx(0.6));
    CHECK(three.vertices(three.shapes()[0])[2].alpha == 1);
    const canvas two = drawn_at(drawing, 1.5); // the first one's time is over
    CHECK(xs(two, two.shapes()[0]) == std::vector<double>{20, 30});
    CHECK(drawn_at(drawing, 1.75).shapes().empty());
    CHECK(drawn_at(drawing, 99).shapes().empty());
}

TEST_CASE("an event without a place of its own is where the animal was at its time") {
    const event drawing(event_times({-1, 0, 0.5, 0.56, 1.9375, 9.99, 10.5}), running(), {.duration_s = 100});
    const canvas out = drawn_at(drawing, 20);
    REQUIRE(out.shapes().size() == 1);
    const auto places = xs(out, out.shapes()[0]); // those before and after the recording and at the loss are left out
    REQUIRE(places.size() == 4);
    CHECK(places[0] == 0);
    CHECK(places[1] == 5);
    CHECK(places[2] == doctest::Approx(5.6));
    CHECK(places[3] == doctest::Approx(99.9));
    CHECK(drawing.without_position() == 3);
}

TEST_CASE("no place is taken from across a gap") {
    const trajectory path{sample_times({0, 0.1, 0.5, 0.6}), samples({0, 0, 1, 0, 2, 0, 3, 0}, 2)};
    const event drawing(event_times({0.05, 0.3, 0.5}), path, {.duration_s = 100});
    const canvas out = drawn_at(drawing, 1);
    CHECK(xs(out, out.shapes()[0]) == std::vector<double>{0.5, 2});
    CHECK(drawing.without_position() == 1);
}

TEST_CASE("kept events: those past, or all") {
    const event_times times({0.5, 1, 1.9375, 3, 4});
    const event past(times, running(),
                     {.duration_s = 0, .keep = kept_events::past, .kept_size_px = 2, .kept_alpha = 0.5});
    CHECK(drawn_at(past, 0).shapes().empty());
    const canvas at_3 = drawn_at(past, 3);
    REQUIRE(at_3.shapes().size() == 1);
    CHECK(at_3.shapes()[0].kind == shape_kind::kept_markers);
    CHECK(at_3.shapes()[0].style.size_px == 2);
    CHECK(at_3.shapes()[0].style.color == rgba8{213, 94, 0, 128});
    CHECK(xs(at_3, at_3.shapes()[0]) == std::vector<double>{5, 10, 30}); // the one at the loss has no place
    const canvas back = drawn_at(past, 1);
    CHECK(xs(back, back.shapes()[0]) == std::vector<double>{5, 10});
    CHECK(back.kept(back.shapes()[0]) == at_3.kept(at_3.shapes()[0])); // the same points, fewer of them
    const event all(times, running(), {.duration_s = 0.25, .keep = kept_events::all});
    const canvas at_start = drawn_at(all, 0.5);
    REQUIRE(at_start.shapes().size() == 2);
    CHECK(xs(at_start, at_start.shapes()[0]) == std::vector<double>{5, 10, 30, 40});
    CHECK(xs(at_start, at_start.shapes()[1]) == std::vector<double>{5}); // and the one that happens now
    CHECK(at_start.shapes()[1].style.size_px == 7);
}

TEST_CASE("each group has its colour and marker") {
    std::vector<event_group> groups(3);
    groups[0] = {.name = "cell01", .times = event_times(std::vector<double>{1}), .positions = samples({1, 1}, 2)};
    groups[1] = {.name = "cell02",
                 .times = event_times(std::vector<double>{1}),
                 .color = color_named("red"),
                 .symbol = marker_named("x")};
    const event drawing(groups, running(), {.keep = kept_events::past});
    const canvas out = drawn_at(drawing, 1.25);
    REQUIRE(out.shapes().size() == 4); // kept ones below, then those of now
    CHECK(out.shapes()[0].kind == shape_kind::kept_markers);
    CHECK(out.shapes()[1].kind == shape_kind::kept_markers);
    CHECK(out.shapes()[2].style.color == group_color(0));
    CHECK(xs(out, out.shapes()[2]) == std::vector<double>{1});
    CHECK(out.shapes()[3].style.color == rgba8{255, 0, 0, 255});
    CHECK(out.shapes()[3].style.symbol == marker_symbol::cross);
    CHECK(xs(out, out.shapes()[3]) == std::vector<double>{10});
    CHECK(drawing.color(2) == group_color(2));
    CHECK(drawing.groups().size() == 3);
}

TEST_CASE("next, previous and ticks look at every group") {
    std::vector<event_group> groups(3);
    groups[0].times = event_times({1, 4});
    groups[1].times = event_times({2, 3});
    const event drawing(groups, running());
    CHECK(drawing.next(0) == 1);
    CHECK(drawing.next(1) == 2);
    CHECK(drawing.next(3) == 4);
    CHECK(!drawing.next(4).has_value());
    CHECK(drawing.previous(4) == 3);
    CHECK(drawing.previous(2) == 1);
    CHECK(!drawing.previous(1).has_value());
    CHECK(drawing.ticks({1.5, 9}) == std::vector<double>{2, 3, 4});
}

/// Events and a path with gaps and losses, all by chance.
struct chance {
    std::vector<double> path_times{0};
    std::vector<double> positions{0, 0};
    std::vector<std::vector<double>> events = {{}, {}, {}};
    chance() {
        std::mt19937_64 engine(11);
        std::uniform_real_distribution<double> uniform(0, 1);
        while (path_times.size() < 5000) {
            path_times.push_back(path_times.back() + (uniform(engine) < 0.02 ? 0.5 : 0.01 + 0.02 * uniform(engine)));
            positions.push_back(uniform(engine) < 0.05 ? nan : uniform(engine));
            positions.push_back(uniform(engine));
        }
        for (auto& group : events) {
            for (int i = 0; i < 1500; ++i) {
                group.push_back(uniform(engine) * (path_times.back() + 2) - 1);
            }
            std::sort(group.begin(), group.end());
        }
    }
    trajectory path() const { return {sample_times(path_times), samples(positions, 2)}; }
    event drawing(const event_options& options) const {
        std::vector<event_group> groups(events.size());
        for (std::size_t g = 0; g < groups.size(); ++g) {
            groups[g].times = event_times(events[g]);
        }
        return event(std::move(groups), path(), options);
    }
};

TEST_CASE("at any time, in whatever order, what is shown and kept is what a plain count says") {
    const chance what;
    const trajectory path = what.path();
    for (const kept_events keep : {kept_events::none, kept_events::past, kept_events::all}) {
        const event drawing = what.drawing({.duration_s = 0.8, .min_alpha = 0.1, .keep = keep});
        std::mt19937_64 engine(5);
        std::size_t shown = 0;
        std::size_t left_out = 0;
        for (int k = 0; k < 400; ++k) {
            const auto& some = what.events[engine() % 3];
            const double t = k % 4 == 0 ? some[engine() % some.size()]
                             : k < 200  ? 0.3 * k
                                       : std::uniform_real_distribution<double>(-3, what.path_times.back() + 3)(engine);
            CAPTURE(t);
            const canvas out = drawn_at(drawing, t);
            std::vector<std::vector<double>> kept;
            std::vector<std::vector<double>> now;
            for (const shape& s : out.shapes()) {
                (s.is_kept() ? kept : now).push_back(xs(out, s));
            }
            std::vector<std::vector<double>> kept_expected;
            std::vector<std::vector<double>> now_expected;
            for (const auto& group : what.events) {
                std::vector<double> here;
                std::vector<double> recent;
                for (const double e : group) {
                    const point_xy at = path.at(e);
                    if (std::isnan(at.x) || std::isnan(at.y)) {
                        ++left_out;
                        continue;
                    }
                    if (keep == kept_events::all || (keep == kept_events::past && e <= t)) {
                        here.push_back(at.x);
                    }
                    if (e <= t && e > t - 0.8) {
                        recent.push_back(at.x);
                    }
                }
                if (!here.empty()) {
                    kept_expected.push_back(here);
                }
                if (!recent.empty()) {
                    now_expected.push_back(recent);
                }
                shown += recent.size();
            }
            REQUIRE(kept == kept_expected);
            REQUIRE(now == now_expected);
        }
        CHECK(shown > 3000);
        CHECK(left_out == 400 * drawing.without_position());
        CHECK(left_out > 0);
    }
}

TEST_CASE("seeking gives the same shapes as playing") {
    const chance what;
    const event_options options{.duration_s = 0.5, .keep = kept_events::past};
    const event playing = what.drawing(options);
    const event seeking = what.drawing(options);
    std::map<double, canvas> played;
    for (double t = 0; t < 80; t += 0.25) {
        played.emplace(t, drawn_at(playing, t));
    }
    std::vector<double> order;
    for (const auto& [t, shapes] : played) {
        order.push_back(t);
    }
    std::shuffle(order.begin(), order.end(), std::mt19937_64(2));
    for (const double t : order) {
        const canvas sought = drawn_at(seeking, t);
        const canvas& expected = played.at(t);
        REQUIRE(sought.shapes().size() == expected.shapes().size());
        for (std::size_t s = 0; s < sought.shapes().size(); ++s) {
            REQUIRE(sought.shapes()[s].kind == expected.shapes()[s].kind);
            REQUIRE(xs(sought, sought.shapes()[s]) == xs(expected, expected.shapes()[s]));
        }
    }
}

TEST_CASE("a copy of the overlay keeps points of its own") {
    const chance what;
    const event first = what.drawing({.keep = kept_events::past});
    const canvas before = drawn_at(first, 50);
    const event second = first;
    const canvas copied = drawn_at(second, 50);
    CHECK(copied.kept(copied.shapes()[0]) != before.kept(before.shapes()[0]));
    CHECK(copied.shapes()[0].vertex_count == before.shapes()[0].vertex_count);
}

TEST_CASE("after the first moments events allocate nothing") {
    const chance what;
    for (const kept_events keep : {kept_events::none, kept_events::past, kept_events::all}) {
        const event drawing = what.drawing({.keep = keep});
        canvas out;
        const auto play = [&] {
            for (double t = -1; t < what.path_times.back() + 1; t += 0.2) {
                out.clear();
                drawing.build({.time_s = t}, out);
            }
        };
        play();
        CHECK(support::count_allocations(play) == 0);
    }
}

TEST_CASE("events are refused in a sentence when something is missing or makes no sense") {
    const event_times times({1, 2});
    const trajectory path = running();
    const auto sentence = [](auto call) { return support::sentence_of<error>(call); };
    CHECK(sentence([&] {
              event(times, samples({1, 2, 3, 4, 5, 6}, 2));
          }) == "the events have 2 times for 3 positions; give one (x, y) per time, or a trajectory instead");
    CHECK(sentence([&] { event(times, samples({}, 2)); }) ==
          "the events have 2 times for 0 positions; give one (x, y) per time, or a trajectory instead");
    CHECK(sentence([&] {
              event(times, samples({1, 2}));
          }) == "the events have positions of 1 columns; give two, x and y");
    std::vector<event_group> groups(1);
    groups[0].name = "rewards";
    groups[0].times = times;
    CHECK(sentence([&] { event{groups}; }) ==
          "the events of 'rewards' have no positions, and there is no trajectory to take them from; give either");
    groups[0].times = event_times({100, 200});
    CHECK(sentence([&] { event(groups, path); }) ==
          "the events of 'rewards' (100 s to 200 s) and the positions (0 s to 10 s) have no time in common; give both "
          "in seconds of one clock, or an offset_s");
    CHECK_NOTHROW(event(event_times({10, 20}), path)); // they touch
    CHECK(sentence([&] { event(times, path, {.duration_s = -1}); }) ==
          "events were to be shown for -1 s; it must be positive, or 0 with events that are kept; 0.5 is usual");
    CHECK(sentence([&] { event(times, path, {.duration_s = 0}); }) ==
          "events were to be shown for 0 s; it must be positive, or 0 with events that are kept; 0.5 is usual");
    CHECK(sentence([&] { event(times, path, {.min_alpha = 2}); }) ==
          "the events' min_alpha of 2 was given; it must be from 0 to 1");
    CHECK(sentence([&] { event(times, path, {.kept_alpha = nan}); }) ==
          "the events' kept_alpha of nan was given; it must be from 0 to 1");
    CHECK(drawn_at(event(std::vector<event_group>{}), 1).shapes().empty());
    CHECK(drawn_at(event(event_times(), path, {.keep = kept_events::all}), 1).shapes().empty());
}

TEST_CASE("mapped events out of order are refused when they are kept") {
    support::temporary_directory at;
    std::vector<double> values(1000, 1.0);
    values[500] = 0.5;
    at.write("e.npy", support::npy_file<double>("<f8", "(1000,)", values));
    const event drawing(event_times(samples::open_npy(at.file("e.npy"))), running(), {.keep = kept_events::all});
    CHECK(support::sentence_of<data_error>([&] { drawn_at(drawing, 0); }) ==
          "event times must not decrease: time 500 is 0.5 s after 1 s; sort the events by time, with what belongs to "
          "them");
}

TEST_CASE("a path out of order is refused where an event needs it") {
    for (const auto& [wrong, time_s] : {std::pair{497, 4.0}, std::pair{500, 4.0}, std::pair{500, nan}}) {
        support::temporary_directory at;
        std::vector<double> times;
        for (int i = 0; i < 1000; ++i) {
            times.push_back(i == wrong ? time_s : 0.01 * i);
        }
        at.write("t.npy", support::npy_file<double>("<f8", "(1000,)", times));
        at.write("p.npy", support::npy_file<double>("<f8", "(1000, 2)", std::vector<double>(2000)));
        const trajectory path{sample_times(samples::open_npy(at.file("t.npy"))), samples::open_npy(at.file("p.npy"))};
        std::vector<double> spikes;
        for (int i = 0; i < 20; ++i) {
            spikes.push_back(4.905 + 0.005 * i);
        }
        const event drawing(event_times(spikes), path, {.duration_s = 100});
        CHECK(support::thrown_by<data_error>([&] { drawn_at(drawing, 6); }).index() == static_cast<std::size_t>(wrong));
    }
}

TEST_CASE("a viewer counts kept events, and a scene's copy keeps them") {
    const chance what;
    std::vector<std::uint64_t> sums;
    scene copy;
    for (const double t : {50.0, 50.0, 60.0}) {
        headless_viewer screen;
        const event drawing = what.drawing({.duration_s = 0, .keep = kept_events::past});
        scene now;
        drawing.build({.time_s = t}, now.shapes);
        screen.present(now);
        CHECK(screen.shapes() == 3);
        CHECK(screen.vertices() > 900);
        now.time_s = 0;
        copy = now; // its overlay and the scene are gone when it is shown
        sums.push_back(screen.checksum());
    }
    CHECK(sums[0] == sums[1]);
    CHECK(sums[0] != sums[2]);
    double last = 0;
    for (const shape& s : copy.shapes.shapes()) {
        last = (*copy.shapes.kept(s))[s.vertex_count - 1].x;
        CHECK(last > 0);
    }
    headless_viewer screen;
    screen.present(copy);
    CHECK(screen.vertices() > 900);
}

TEST_CASE("the spikes of a recorded cell on its mouse's path, where the files are") {
    const std::string folder = std::string(FIELDREEL_SHARED_DIR) + "/data/openfield_mouse_M12_2018-04-10/";
    if (!std::filesystem::exists(folder)) {
        MESSAGE("skipped: no ", folder);
        return;
    }
    const trajectory path{sample_times(samples::open_npy(folder + "times.npy")),
                          samples::open_npy(folder + "positions.npy")};
    const samples spikes = samples::open_npy(folder + "spikes_cell02.npy");
    const event drawing(event_times(spikes), path, {.keep = kept_events::past});
    CHECK(drawing.without_position() == 0);
    const canvas end = drawn_at(drawing, 1587);
    REQUIRE(end.shapes()[0].is_kept());
    CHECK(end.shapes()[0].vertex_count == 6061);
    bool inside = true;
    for (std::size_t i = 0; i < 6061; ++i) {
        const vertex& v = (*end.kept(end.shapes()[0]))[i];
        inside = inside && v.x >= 0 && v.x <= 102.91 && v.y >= 0 && v.y <= 99.44;
    }
    CHECK(inside);
    std::size_t by_600 = 0;
    for (std::size_t i = 0; i < spikes.size(); ++i) {
        by_600 += spikes[i] <= 600 ? 1u : 0u;
    }
    const canvas middle = drawn_at(drawing, 600);
    CHECK(middle.shapes()[0].vertex_count == by_600);
}

} // namespace
