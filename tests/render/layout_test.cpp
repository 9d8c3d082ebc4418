// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/error.hpp>
#include <fieldreel/render/layout.hpp>
#include <fieldreel/space/grid.hpp>

#include "render/scenes.hpp"
#include "support/sentence.hpp"

using namespace fieldreel;
using support::sentence_of;

namespace {
bool within(const pixel_rect& inner, const pixel_rect& outer) {
    return inner.left >= outer.left && inner.top >= outer.top && inner.right <= outer.right &&
           inner.bottom <= outer.bottom;
}
bool apart(const pixel_rect& a, const pixel_rect& b) {
    return intersection(a, b).empty();
}
} // namespace

TEST_CASE("a grid keeps its aspect, and its bins are whole pixels") {
    for (const image_shape size : {image_shape{720, 1280}, {1080, 1920}, {600, 800}, {788, 1051}, {2000, 500}}) {
        render_options options;
        options.size = size;
        const picture_layout layout = lay_out(scenes::hot_scene(), options);
        const pixel_rect& picture = layout.panels[0].picture;
        CHECK(picture.width() % 4 == 0);
        CHECK(picture.width() / 4 * 3 == picture.height());
        CHECK(layout.panels[0].units_per_px == doctest::Approx(40.0 / picture.width()));
    }
}

TEST_CASE("nothing overlaps and all is on the picture") {
    for (std::size_t fields = 1; fields <= 5; ++fields) {
        for (const bool dock : {false, true}) {
            scene now;
            for (std::size_t i = 0; i < fields; ++i) {
                scenes::add_field(now, grid::full({0, 0}, {10.0 * static_cast<double>(i + 1), 30}, {i + 1, 3}), {});
            }
            render_options options;
            options.title = "a title";
            options.dock = dock;
            const picture_layout layout = lay_out(now, options);
            const pixel_rect whole{0, 0, 1280, 720};
            REQUIRE(layout.panels.size() == fields);
            CHECK(layout.dock.empty() == !dock);
            for (std::size_t i = 0; i < fields; ++i) {
                const panel_layout& panel = layout.panels[i];
                CHECK(within(panel.cell, whole));
                CHECK(within(panel.picture, panel.cell));
                CHECK(within(panel.bar, panel.cell));
                CHECK(apart(panel.picture, panel.bar));
                CHECK(apart(panel.cell, layout.dock));
                CHECK(panel.picture.width() >= 8);
                CHECK(panel.cell.top >= layout.header_y + 0.5 * layout.text_px);
                for (std::size_t k = 0; k < i; ++k) {
                    CHECK(apart(panel.cell, layout.panels[k].cell));
                }
            }
        }
    }
}

TEST_CASE("fields side by side are of one size, whatever their bars say, and a blank one has no bar") {
    scene now;
    const grid bins = grid::full({0, 0}, {40, 30}, {8, 6});
    scenes::add_field(now, bins, {});
    field_style words{.range = {0, 0.001234}, .label = "P per bin"};
    field_style blank{.bar = false};
    for (const field_style& style : {words, blank}) {
        scenes::add_field(now, bins, {});
        now.fields.back().set_look(bins, std::make_shared<const field_style>(style));
    }
    const picture_layout layout = lay_out(now, {});
    CHECK(layout.panels[0].picture.width() == layout.panels[1].picture.width());
    CHECK(layout.panels[0].picture.width() == layout.panels[2].picture.width());
    CHECK(layout.panels[2].bar.empty());
    CHECK(layout.panels[2].ticks.empty());
    CHECK(layout.panels[0].clip.top == layout.panels[0].cell.top);
    // Alone, its overlays may reach into the header.
    now.fields.resize(1);
    CHECK(lay_out(now, {}).panels[0].clip.top == 0);
    CHECK(lay_out(now, {}).panels[0].cell.top > 0);
}

TEST_CASE("text is never below 1/45 of the height") {
    for (const render_style style : {render_style::standard, render_style::paper, render_style::talk}) {
        render_options options;
        options.style = style;
        options.size = {1080, 1920};
        CHECK(lay_out(scenes::hot_scene(), options).text_px >= 24);
        options.text_px = 2;
        CHECK(lay_out(scenes::hot_scene(), options).text_px == 24);
        options.text_px = 50;
        CHECK(lay_out(scenes::hot_scene(), options).text_px == 50);
    }
}

TEST_CASE("wide fields have a level bar below, others an upright one beside") {
    scene now;
    scenes::add_field(now, grid::full({0, 0}, {200, 10}, {100, 5}), {});
    const panel_layout wide = lay_out(now, {}).panels[0];
    CHECK(wide.level);
    CHECK(wide.bar.top > wide.picture.bottom);
    const panel_layout square = lay_out(scenes::hot_scene(), {}).panels[0];
    CHECK_FALSE(square.level);
    CHECK(square.bar.left > square.picture.right);
    CHECK(square.bar_title == "rate (Hz)");
}

TEST_CASE("a bar's ticks are round, three to five, and lie where their values are") {
    field_style style;
    style.range = {0, 14.3};
    const auto ticks = detail::bar_ticks(style);
    REQUIRE(ticks.size() == 3);
    CHECK(ticks[1].text == "5");
    CHECK(ticks[1].part == doctest::Approx(5 / 14.3));
    style.range = {1, 1000};
    style.paint.scaling.scale = value_scale::log;
    const auto by_log = detail::bar_ticks(style);
    REQUIRE(by_log.size() == 4);
    CHECK(by_log[1].text == "10");
    CHECK(by_log[1].part == doctest::Approx(1.0 / 3));
    style.range = {0, 10};
    style.paint.scaling = {value_scale::gamma, 0.5};
    const auto by_gamma = detail::bar_ticks(style);
    CHECK(by_gamma.back().part == doctest::Approx(1));
    CHECK(by_gamma[1].part == doctest::Approx(std::sqrt(std::stod(by_gamma[1].text) / 10)));
    style = {};
    style.range = {3, 3};
    CHECK(detail::bar_ticks(style).size() == 1);
}

TEST_CASE("places go to pixels and back") {
    const scene now = scenes::hot_scene();
    const picture_layout layout = lay_out(now, {});
    const panel_layout& panel = layout.panels[0];
    const any_space& space = now.fields[0].space();
    const point_xy corner = to_pixels(panel, space, {0, 30});
    CHECK(corner.x == doctest::Approx(panel.picture.left));
    CHECK(corner.y == doctest::Approx(panel.picture.top));
    const point_xy middle = to_pixels(panel, space, {20, 15});
    CHECK(middle.x == doctest::Approx((panel.picture.left + panel.picture.right) / 2.0));
    const auto back = to_environment(panel, space, to_pixels(panel, space, {12.5, 7}));
    REQUIRE(back);
    CHECK(back->x == doctest::Approx(12.5));
    CHECK(back->y == doctest::Approx(7));
    CHECK_FALSE(to_environment(panel, space, {0, 0}));
}

TEST_CASE("a dock appears by itself only for shapes that need it") {
    scene now = scenes::hot_scene();
    CHECK(lay_out(now, {}).dock.empty());
    now.shapes.marker({0, 0.5}, {.where = placement::dock});
    CHECK_FALSE(lay_out(now, {}).dock.empty());
    render_options without;
    without.dock = false;
    CHECK(lay_out(now, without).dock.empty());
}

TEST_CASE("a scene without fields has a layout") {
    CHECK(lay_out(scene(), {}).panels.empty());
}

TEST_CASE("options that cannot be drawn are refused with a sentence") {
    const auto refusal = [](auto change) {
        render_options options;
        change(options);
        return sentence_of<invalid_value>([&] { check(options); });
    };
    CHECK(refusal([](render_options& o) {
              o.size = {0, 0};
          }) ==
          "a picture of 0 x 0 pixels was asked for; it must have 160 x 120 to 16384 x 16384 and at most 100 million; "
          "1280 x 720 is usual");
    CHECK(refusal([](render_options& o) {
              o.size = {16384, 16384};
          }) ==
          "a picture of 16384 x 16384 pixels was asked for; it must have 160 x 120 to 16384 x 16384 and at most 100 "
          "million; 1280 x 720 is usual");
    CHECK(refusal([](render_options& o) { o.speed = 0; }) ==
          "a speed of 0 was given; it must be positive and finite; 1 is real time");
    CHECK(refusal([](render_options& o) { o.start_s = std::numeric_limits<double>::infinity(); }) ==
          "the start of time is inf; give finite seconds");
    CHECK(refusal([](render_options& o) { o.dock_before_s = o.dock_after_s = 0; }) ==
          "a dock from 0 s before to 0 s after the shown time was asked for; both must be 0 or positive, and one "
          "positive; 5 and 5 are usual");
    CHECK(refusal([](render_options& o) { o.dock_part = 0.9; }) ==
          "a dock of 0.9 of the height was asked for; give 0.05 to 0.7; 0.2 is usual");
    CHECK(refusal([](render_options& o) { o.text_px = 500; }) ==
          "text of 500 pixels was asked for on 720 rows; give at most a sixth of the rows, or 0 for the style's");
    CHECK(sentence_of<invalid_value>([] { render_style_named("papre"); }) ==
          "the style \"papre\" was asked for; the styles are default, paper, talk; did you mean \"paper\"?");
    CHECK(render_style_named("default") == render_style::standard);
    CHECK(name_of(render_style::talk) == "talk");
}

namespace {
/// A picture with one field, 4 x 3 bins of 10 units.
panel_layout zoomed_panel(double zoom, std::optional<point_xy> center = {}) {
    render_options options = scenes::bare({400, 800});
    options.zoom = zoom;
    options.center = center;
    return lay_out(scenes::hot_scene(), options).panels[0];
}
} // namespace

TEST_CASE("an enlarged field first takes the room there is, then is cut") {
    const panel_layout all = zoomed_panel(1);
    CHECK_FALSE(all.zoomed);
    CHECK(all.whole == filling(all.picture));
    const panel_layout wider = zoomed_panel(1.5); // the room is wide: the height is cut
    CHECK(wider.picture.width() == doctest::Approx(1.5 * all.picture.width()).epsilon(0.01));
    CHECK(wider.picture.height() >= all.picture.height());
    CHECK(wider.whole.height == doctest::Approx(1.5 * all.picture.height()));
    CHECK(wider.clip == wider.picture);
    CHECK(wider.units_per_px == doctest::Approx(all.units_per_px / 1.5));
    // What is asked for is in the middle, as far as the ends of the field allow.
    const panel_layout at = zoomed_panel(8, point_xy{17, 11});
    const point_xy middle{(at.picture.left + at.picture.right) / 2.0, (at.picture.top + at.picture.bottom) / 2.0};
    const any_space space = scenes::four_by_three();
    CHECK(to_environment(at, space, middle)->x == doctest::Approx(17).epsilon(0.01));
    CHECK(to_environment(at, space, middle)->y == doctest::Approx(11).epsilon(0.01));
    CHECK(to_pixels(at, space, *to_environment(at, space, {300, 200})).x == doctest::Approx(300));
    const panel_layout corner = zoomed_panel(8, point_xy{-100, 100});
    CHECK(corner.whole.left == doctest::Approx(corner.picture.left));
    CHECK(corner.whole.top == doctest::Approx(corner.picture.top));
}

TEST_CASE("zooming keeps what is under the mouse, panning takes it along") {
    const scene now = scenes::hot_scene();
    const any_space space = scenes::four_by_three();
    render_options options = scenes::bare({400, 800});
    options.zoom = 3;
    options.center = point_xy{20, 15};
    const point_xy mouse{430, 170};
    const auto under = [&] { return environment_at(lay_out(now, options).panels[0], space, mouse); };
    const point_xy before = under();
    for (const double factor : {1.25, 2.0, 0.8, 5.0, 0.3}) {
        const field_zoom next = zoomed_at(now, options, 0, mouse, factor);
        CHECK(next.zoom == doctest::Approx(options.zoom * factor));
        options.zoom = next.zoom;
        options.center = next.center;
        CHECK(under().x == doctest::Approx(before.x).epsilon(0.01));
        CHECK(under().y == doctest::Approx(before.y).epsilon(0.01));
    }
    const field_zoom moved = panned_by(now, options, 0, {25, -10});
    options.center = moved.center;
    CHECK(moved.zoom == options.zoom);
    const point_xy there = environment_at(lay_out(now, options).panels[0], space, {mouse.x + 25, mouse.y - 10});
    CHECK(there.x == doctest::Approx(before.x).epsilon(0.01));
    CHECK(there.y == doctest::Approx(before.y).epsilon(0.01));
    // Ends: all of the field, and no further than there is; the centre is where it is shown.
    CHECK(zoomed_at(now, options, 0, mouse, 1e-3) == field_zoom{});
    CHECK(zoomed_at(now, options, 0, mouse, 1e9).zoom == most_zoom);
    const field_zoom end = panned_by(now, options, 0, {1e6, 0});
    options.center = end.center;
    CHECK(panned_by(now, options, 0, {1e6, 0}).center->x == doctest::Approx(end.center->x));
    CHECK(lay_out(now, options).panels[0].whole.left == doctest::Approx(lay_out(now, options).panels[0].picture.left));
    options.zoom = 0.5;
    CHECK(sentence_of<invalid_value>([&] { check(options); }) ==
          "a zoom of 0.5 was asked for; give 1 (all is seen) to 256");
    options.zoom = 2;
    options.center = point_xy{std::numeric_limits<double>::quiet_NaN(), 0};
    CHECK(sentence_of<invalid_value>([&] { check(options); }) ==
          "the centre (nan, 0) was asked for; give finite numbers");
}

TEST_CASE("a column of the dock is a time") {
    render_options options;
    options.dock = true;
    options.dock_before_s = 2;
    options.dock_after_s = 6;
    const picture_layout layout = lay_out(scenes::hot_scene(), options);
    const double y = layout.dock.top + 1.0;
    CHECK(*dock_offset_s(layout, options, {layout.dock.left + 0.0, y}) == doctest::Approx(-2));
    CHECK(*dock_offset_s(layout, options, {layout.dock.left + layout.dock.width() / 4.0, y}) == doctest::Approx(0));
    CHECK_FALSE(dock_offset_s(layout, options, {layout.dock.left + 0.0, layout.dock.top - 1.0}));
    options.dock = false;
    CHECK_FALSE(dock_offset_s(lay_out(scenes::hot_scene(), options), options, {100, y}));
}
