// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/render/field_pixels.hpp>
#include <fieldreel/space/cells.hpp>
#include <fieldreel/space/grid.hpp>

#include "render/scenes.hpp"
#include "support/hexagons.hpp"
#include "support/sentence.hpp"

using namespace fieldreel;

namespace {
constexpr rgba8 grey{212, 212, 212, 255};
constexpr rgba8 page{9, 9, 9, 255};
constexpr float no_value = std::numeric_limits<float>::quiet_NaN();

struct canvas_of_pixels {
    std::vector<std::uint32_t> pixels = std::vector<std::uint32_t>(100 * 80, 0);
    bgra_view view() { return {pixels.data(), 100, 80, 100}; }
    rgba8 at(int x, int y) { return scenes::color_at(view(), x, y); }
};
values_view of(const std::vector<float>& values) {
    return values_view(std::span<const float>(values));
}
} // namespace

TEST_CASE("one hot bin is painted at exactly its pixels") {
    std::vector<float> values(12, 0);
    values[scenes::hot_bin] = 1;
    field_pixels field;
    const any_space space = scenes::four_by_three();
    CHECK(field.prepare(space, {10, 5, 90, 65})); // 20 pixels per bin
    CHECK_FALSE(field.prepare(space, {10, 5, 90, 65}));
    field.color(of(values), {});
    canvas_of_pixels out;
    field.fill(grey, page, out.view());
    const colormap colors;
    for (int y = 0; y < 80; ++y) {
        for (int x = 0; x < 100; ++x) {
            const bool inside = x >= 10 && x < 90 && y >= 5 && y < 65;
            const bool hot = x >= 30 && x < 50 && y >= 5 && y < 25; // column 1, the upper row
            const rgba8 wanted = !inside ? rgba8{0, 0, 0, 0} : hot ? colors.table()[255] : colors.table()[0];
            REQUIRE(out.at(x, y) == wanted);
        }
    }
}

TEST_CASE("no value is grey, an enclosed inactive bin too, the outside is the page") {
    // 5 x 5: the corner (0, 0) and the middle are inactive.
    std::vector<std::uint8_t> active(25, 1);
    active[0] = 0;
    active[2 * 5 + 2] = 0;
    std::vector<double> edges = {0, 1, 2, 3, 4, 5};
    const grid bins(edges, edges, active);
    std::vector<float> values(bins.bin_count(), 0.5F);
    values[*bins.bin_index(4, 4)] = no_value;
    field_pixels field;
    field.prepare(bins, {0, 0, 50, 50});
    field.color(of(values), {});
    canvas_of_pixels out;
    field.fill(grey, page, out.view());
    CHECK(out.at(5, 45) == page);  // (0, 0), below on the left
    CHECK(out.at(25, 25) == grey); // the hole
    CHECK(out.at(45, 5) == grey);  // NaN
    CHECK(out.at(25, 5) == colormap().table()[127]);
    coverage_mask mask;
    mask.reset(100, 80, {0, 0, 100, 80});
    field.outline(mask, 1, true);
    CHECK(int{mask.at(5, 40)} == 255); // along the inactive corner
    CHECK(int{mask.at(5, 45)} == 0);
    CHECK(int{mask.at(50, 25)} == 255); // outside, on the right
    CHECK(int{mask.at(25, 25)} == 0);   // none in the hole
    CHECK(int{mask.at(29, 25)} == 0);
}

TEST_CASE("the outline is that of every pixel looked at, wherever an enlarged field is cut") {
    std::vector<std::uint8_t> active(12 * 9);
    std::vector<double> edges_x;
    std::vector<double> edges_y;
    for (std::size_t i = 0; i < active.size(); ++i) {
        active[i] = i * 7 % 11 < 8 ? 1 : 0; // corners, holes, bins alone
    }
    for (int i = 0; i <= 12; ++i) {
        edges_x.push_back(i);
    }
    for (int i = 0; i <= 9; ++i) {
        edges_y.push_back(i);
    }
    const grid bins(edges_x, edges_y, active);
    const pixel_rect picture{5, 4, 65, 49};
    int drawn = 0;
    field_pixels field; // one after the other in the same memory, as when a picture is moved
    for (const field_extent& whole : {field_extent{5, 4, 60, 45}, field_extent{-30, -20, 144, 108},
                                      field_extent{5, -41, 180, 135}, field_extent{-61.5, 4, 126.5, 95}}) {
        field.prepare(bins, picture, whole);
        coverage_mask got;
        got.reset(80, 60, {0, 0, 80, 60});
        field.outline(got, 1, true);
        const auto inside = [&](int x, int y) { // where the picture is cut, the field goes on
            x = x < 0 && whole.left < 4 ? 0 : x;
            x = x >= 60 && whole.left + whole.width > 66 ? 59 : x;
            y = y < 0 && whole.top < 3 ? 0 : y;
            y = y >= 45 && whole.top + whole.height > 50 ? 44 : y;
            return x >= 0 && y >= 0 && x < 60 && y < 45 &&
                   field.bins()[static_cast<std::size_t>(60 * y + x)] != field_pixels::outside;
        };
        int wrong = 0;
        for (int y = -1; y <= 45; ++y) {
            for (int x = -1; x <= 60; ++x) {
                bool beside = false; // a bin, with a corner or a side
                for (int dy = -1; dy <= 1; ++dy) {
                    for (int dx = -1; dx <= 1; ++dx) {
                        const int bx = x + dx;
                        const int by = y + dy;
                        const bool of_picture = bx >= 0 && by >= 0 && bx < 60 && by < 45;
                        beside =
                            beside ||
                            (of_picture && inside(bx, by) &&
                             !(inside(bx - 1, by) && inside(bx + 1, by) && inside(bx, by - 1) && inside(bx, by + 1)));
                    }
                }
                const bool line = beside && !inside(x, y);
                drawn += line ? 1 : 0;
                wrong += (int{got.at(x + 5, y + 4)} == 255) == line ? 0 : 1;
            }
        }
        CHECK(wrong == 0);
    }
    CHECK(drawn > 100);
}

TEST_CASE("an inactive colour of the field's own goes over both") {
    std::vector<std::uint8_t> active = {1, 1, 1, 1, 0, 1, 1, 1, 0};
    std::vector<double> edges = {0, 1, 2, 3};
    field_style style;
    style.paint.inactive_color = {1, 2, 3, 255};
    style.paint.nan_color = {4, 5, 6, 255};
    field_pixels field;
    field.prepare(grid(edges, edges, active), {0, 0, 30, 30});
    field.color(of({no_value, 0, 0, 0, 0, 0, 0}), style);
    canvas_of_pixels out;
    field.fill(grey, page, out.view());
    CHECK(out.at(15, 15) == rgba8{1, 2, 3, 255});
    CHECK(out.at(25, 5) == rgba8{1, 2, 3, 255});
    CHECK(out.at(5, 25) == rgba8{4, 5, 6, 255});
}

TEST_CASE("hexagons show at each pixel the bin that is there") {
    const cells bins(support::hexagons({{0, 0}, {40, 30}}, 8));
    std::vector<float> values;
    for (std::size_t b = 0; b < bins.bin_count(); ++b) {
        values.push_back(static_cast<float>(b) / static_cast<float>(bins.bin_count()));
    }
    const any_space space = bins;
    field_pixels field;
    field.prepare(space, {0, 0, 80, 64});
    field.color(of(values), {});
    canvas_of_pixels out;
    field.fill(grey, page, out.view());
    const image_shape shape = space.display_shape();
    for (int y = 1; y < 64; y += 7) {
        for (int x = 1; x < 80; x += 5) {
            const point_xy at = space.from_display((y + 0.5) / 64 * static_cast<double>(shape.rows) - 0.5,
                                                   (x + 0.5) / 80 * static_cast<double>(shape.cols) - 0.5);
            const auto bin = bins.bin_at(at.x, at.y);
            CHECK(out.at(x, y) == (bin ? color_of(values[*bin], colormap(), {}) : page));
        }
    }
}

TEST_CASE("laid over a picture, transparent bins leave it") {
    field_pixels field;
    field.prepare(scenes::four_by_three(), {0, 0, 80, 60});
    std::vector<float> values(12, 1);
    values[0] = no_value;
    field.color(of(values), {});
    canvas_of_pixels out;
    std::fill(out.pixels.begin(), out.pixels.end(), detail::bgra_bytes({7, 7, 7, 255}));
    field.lay_over(out.view());
    CHECK(out.at(10, 50) == rgba8{7, 7, 7, 255});
    CHECK(out.at(10, 10) == colormap().table()[255]);
}

TEST_CASE("half transparent colours mix with what is below") {
    std::array<rgba8, 256> table;
    table.fill({255, 0, 0, 128});
    field_style style;
    style.colors = colormap(table);
    field_pixels field;
    field.prepare(scenes::four_by_three(), {0, 0, 80, 60});
    field.color(of(std::vector<float>(12, 0.5F)), style);
    canvas_of_pixels out;
    field.fill({255, 255, 255, 255}, page, out.view());
    CHECK(out.at(40, 30) == rgba8{255, 127, 127, 255});
}

TEST_CASE("the largest value and the clipped limits") {
    CHECK(largest(of({1, no_value, 5, 5, 2})) == 2u);
    CHECK_FALSE(largest(of({no_value, std::numeric_limits<float>::infinity()})));
    CHECK_FALSE(largest(values_view()));
    CHECK(clipped(of({0, 1, no_value}), {0, 1}) == clipped_limits{false, false});
    CHECK(clipped(of({-1, 0.5F}), {0, 1}) == clipped_limits{true, false});
    CHECK(clipped(of({2, 0.5F}), {0, 1}) == clipped_limits{false, true});
}

TEST_CASE("a field of another size is refused") {
    field_pixels field;
    field.prepare(scenes::four_by_three(), {0, 0, 80, 60});
    CHECK(support::sentence_of<invalid_value>([&] {
              field.color(of({1, 2, 3}), {});
          }) ==
          "the field has 3 values; its space has 12 active bins; pass one value per active bin, x slow and y fast");
}
