// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/space/grid.hpp>
#include <fieldreel/viewer/headless_viewer.hpp>

#include "support/allocation_counter.hpp"
#include "support/playback_archetypes.hpp"

namespace {

using namespace fieldreel;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// A 3 x 2 grid (x by y) whose bin at x = 2, y = 0 is not active: five bins.
any_space five_bins() {
    return grid({0, 1, 2, 3}, {0, 1, 2}, {1, 1, 1, 1, 0, 1});
}

scene example(const std::vector<float>& values = {0, 0.25f, 0.5f, 0.75f, 1}) {
    scene out;
    out.time_s = 2;
    out.fields.resize(1);
    out.fields[0].set_look(five_bins(), std::make_shared<const field_style>());
    out.fields[0].set_values(3, std::span<const float>(values));
    out.shapes.begin_line({});
    out.shapes.line_to({0, 0});
    out.shapes.line_to({1, 1}, 0.5f);
    out.shapes.marker({2, 1}, {});
    out.shapes.label({2, 1}, "reward", {});
    return out;
}

std::uint64_t checksum_of(const std::function<void(scene&)>& change) {
    scene now = example();
    change(now);
    headless_viewer surface;
    surface.present(now);
    return surface.checksum();
}

TEST_CASE("the picture shows each value's colour at its bin, and nothing elsewhere") {
    headless_viewer surface;
    surface.present(example({0, nan, 0.5f, 0.75f, 1}));
    const image& picture = surface.picture();
    REQUIRE(picture.shape() == image_shape{2, 3});
    const auto table = colormap().table();
    CHECK(picture.at(1, 0) == table[0]);   // bin 0: x = 0, y = 0, at the bottom
    CHECK(picture.at(0, 0) == rgba8{});    // bin 1: NaN
    CHECK(picture.at(1, 1) == table[127]); // bin 2
    CHECK(picture.at(0, 1) == table[191]); // bin 3
    CHECK(picture.at(1, 2) == rgba8{});    // no bin
    CHECK(picture.at(0, 2) == table[255]); // bin 4
    CHECK(surface.presented() == 1);
    CHECK(surface.shapes() == 3);
    CHECK(surface.vertices() == 4);
}

TEST_CASE("without data the picture is transparent, also after one with data") {
    headless_viewer surface;
    scene now = example();
    surface.present(now);
    now.fields[0].set_no_data();
    surface.present(now);
    const auto pixels = surface.picture().pixels();
    CHECK(pixels.size() == 6);
    CHECK(std::all_of(pixels.begin(), pixels.end(), [](rgba8 pixel) { return pixel == rgba8{}; }));
}

TEST_CASE("each field has its picture") {
    scene now = example();
    now.fields.resize(2);
    now.fields[1].set_look(grid::full({0, 0}, {1, 1}, {4, 1}), std::make_shared<const field_style>());
    now.fields[1].set_values(0, std::span<const float>(std::vector<float>{0, 0, 0, 1}));
    headless_viewer surface;
    surface.present(now);
    CHECK(surface.picture(0).shape() == image_shape{2, 3});
    CHECK(surface.picture(1).shape() == image_shape{1, 4});
    CHECK(surface.picture(1).at(0, 3) == colormap().table()[255]);
    CHECK_THROWS_AS(surface.picture(2), std::out_of_range);
}

TEST_CASE("a space that only knows its bounds is painted too") {
    scene now;
    now.fields.resize(1);
    now.fields[0].set_look(support::minimal_space{}, std::make_shared<const field_style>());
    now.fields[0].set_values(0, std::span<const float>(std::vector<float>{1}));
    headless_viewer surface;
    surface.present(now);
    CHECK(surface.picture().at(256, 256) == colormap().table()[255]);
}

TEST_CASE("equal scenes have equal checksums") {
    const auto nothing = [](scene&) {};
    CHECK(checksum_of(nothing) == checksum_of(nothing));
    headless_viewer once;
    once.present(example());
    CHECK(once.checksum() == checksum_of(nothing));
    headless_viewer twice;
    twice.present(example());
    twice.present(example());
    CHECK(twice.checksum() != once.checksum());
    CHECK(headless_viewer().checksum() != once.checksum());
}

TEST_CASE("whatever is shown differently changes the checksum") {
    const std::uint64_t same = checksum_of([](scene&) {});
    std::vector<std::uint64_t> sums = {same};
    const auto check = [&](const std::string& what, const std::function<void(scene&)>& change) {
        CAPTURE(what);
        const std::uint64_t sum = checksum_of(change);
        CHECK(std::find(sums.begin(), sums.end(), sum) == sums.end());
        sums.push_back(sum);
    };
    const auto redrawn = [](point_xy at, float alpha, const shape_style& style, const std::string& text) {
        return [=](scene& now) {
            now.shapes.clear();
            now.shapes.begin_line(style);
            now.shapes.line_to({0, 0});
            now.shapes.line_to(at, alpha);
            now.shapes.marker({2, 1}, {});
            now.shapes.label({2, 1}, text, {});
        };
    };
    CHECK(checksum_of(redrawn({1, 1}, 0.5f, {}, "reward")) == same);
    check("time", [](scene& now) { now.time_s += 1e-9; });
    for (std::size_t bin = 0; bin < 5; ++bin) {
        check("a value", [bin](scene& now) {
            std::vector<float> values = {0, 0.25f, 0.5f, 0.75f, 1};
            values[bin] += bin == 4 ? -0.01f : 0.01f;
            now.fields[0].set_values(3, std::span<const float>(values));
        });
    }
    check("NaN", [](scene& now) {
        now.fields[0].set_values(3, std::span<const float>(std::vector<float>{0, 0.25f, nan, 0.75f, 1}));
    });
    check("no data", [](scene& now) { now.fields[0].set_no_data(); });
    check("the colours", [](scene& now) {
        now.fields[0].set_look(five_bins(),
                               std::make_shared<const field_style>(field_style{.colors = colormap::named("hot")}));
    });
    check("a place", redrawn({1, 1.0000001}, 0.5f, {}, "reward"));
    check("its alpha", redrawn({1, 1}, 0.51f, {}, "reward"));
    check("a text", redrawn({1, 1}, 0.5f, {}, "rewarx"));
    check("a shorter text", redrawn({1, 1}, 0.5f, {}, "rewar"));
    check("a shape's colour", redrawn({1, 1}, 0.5f, {.color = {255, 255, 254, 255}}, "reward"));
    check("a shape's size", redrawn({1, 1}, 0.5f, {.size_px = 3}, "reward"));
    check("a symbol", redrawn({1, 1}, 0.5f, {.symbol = marker_symbol::ring}, "reward"));
    check("where a shape is", redrawn({1, 1}, 0.5f, {.where = placement::panel}, "reward"));
    check("below the field", redrawn({1, 1}, 0.5f, {.layer = layer::below}, "reward"));
    const auto with_picture = [](image_shape size, double x0, rgba8 last) {
        return [=](scene& now) {
            for (rgba8& pixel : now.shapes.picture(size, {.x0 = x0}, {})) {
                pixel = {1, 2, 3, 4};
            }
            now.shapes.picture({1, 1}, {}, {})[0] = last;
        };
    };
    check("a picture", with_picture({2, 3}, 0, {5, 5, 5, 5}));
    check("its shape", with_picture({3, 2}, 0, {5, 5, 5, 5}));
    check("its place", with_picture({2, 3}, 1, {5, 5, 5, 5}));
    check("its pixels", with_picture({2, 3}, 0, {5, 5, 5, 6}));
    check("no shapes", [](scene& now) { now.shapes.clear(); });
    check("one more", [](scene& now) { now.shapes.marker({0, 0}, {}); });
    check("no field", [](scene& now) { now.fields.clear(); });
}

TEST_CASE("presenting again allocates nothing") {
    const scene now = example();
    headless_viewer surface;
    surface.present(now);
    const std::size_t allocations = support::count_allocations([&] {
        for (int i = 0; i < 100; ++i) {
            surface.present(now);
        }
    });
    CHECK(allocations == 0);
}

TEST_CASE("the checksum tells bytes, their order and their number apart") {
    const auto sum = [](const std::string& bytes) {
        detail::checksum out;
        out.add(bytes.data(), bytes.size());
        return out.value();
    };
    CHECK(sum("abcdefghi") == sum("abcdefghi"));
    std::vector<std::uint64_t> sums;
    for (const std::string bytes :
         {"", "a", "b", "ab", "ba", "abcdefgh", "abcdefghi", "ihgfedcba", "abcdefghabcdefgh"}) {
        sums.push_back(sum(bytes));
    }
    sums.push_back(sum(std::string(1, '\0')));
    sums.push_back(sum(std::string(8, '\0')));
    sums.push_back(sum(std::string(16, '\0')));
    std::sort(sums.begin(), sums.end());
    CHECK(std::adjacent_find(sums.begin(), sums.end()) == sums.end());
}

} // namespace
