// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/error.hpp>
#include <fieldreel/render/raster.hpp>
#include <fieldreel/space/cells.hpp>
#include <fieldreel/viewer/viewer.hpp>

#include "render/scenes.hpp"
#include "support/font_leaks.hpp"
#include "support/hexagons.hpp"
#include "support/sentence.hpp"

using namespace fieldreel;
using scenes::bare;
using scenes::bytes_of;
using scenes::color_at;
using scenes::fresh_bytes;
using scenes::hot_scene;

static_assert(viewer<raster>);

namespace {

constexpr rgba8 red{255, 0, 0, 255};
constexpr rgba8 white{255, 255, 255, 255};

/// A picture of one scene.
raster drawn(const scene& now, const render_options& options = bare()) {
    raster out(options);
    out.present(now);
    return out;
}
/// Where a place of the environment is on the first field.
point_xy pixel_of(const raster& picture, const scene& now, point_xy at) {
    return to_pixels(picture.layout().panels[0], now.fields[0].space(), at);
}
rgba8 color_of_place(const raster& picture, const scene& now, point_xy at) {
    const point_xy pixel = pixel_of(picture, now, at);
    return color_at(picture, pixel.x, pixel.y);
}
/// How many pixels of a rectangle differ between two pictures.
std::size_t differing(const bgra_view& a, const bgra_view& b, const pixel_rect& in) {
    std::size_t count = 0;
    for (int y = in.top; y < in.bottom; ++y) {
        for (int x = in.left; x < in.right; ++x) {
            count += a.row(y)[x] != b.row(y)[x] ? 1u : 0u;
        }
    }
    return count;
}
pixel_rect all_of(const raster& picture) {
    return picture.pixels().bounds();
}

} // namespace

TEST_CASE("one hot bin is painted at exactly its pixels, every other bin in its colour") {
    const scene now = hot_scene();
    const raster picture = drawn(now);
    const pixel_rect field = picture.layout().panels[0].picture;
    const int bin = field.width() / 4;
    const rgba8 page = look_of(render_style::standard).page;
    for (int y = 0; y < 240; ++y) {
        for (int x = 0; x < 320; ++x) {
            const bool inside = field.contains(x, y);
            const bool hot = inside && (x - field.left) / bin == 1 && (y - field.top) / bin == 0;
            REQUIRE(color_at(picture, x, y) == (!inside ? page : colormap().table()[hot ? 255 : 0]));
        }
    }
}

TEST_CASE("the value under a pixel and the pixel agree, for cells of any form") {
    const cells bins(support::hexagons({{0, 0}, {40, 30}}, 8));
    std::vector<float> values;
    for (std::size_t b = 0; b < bins.bin_count(); ++b) {
        values.push_back(static_cast<float>((b * 7) % 11) / 11);
    }
    scene now;
    scenes::add_field(now, bins, values);
    const raster picture = drawn(now);
    for (std::size_t b = 0; b < bins.bin_count(); ++b) {
        CHECK(color_of_place(picture, now, bins.center(b)) == color_of(values[b], colormap(), {}));
        const point_xy pixel = pixel_of(picture, now, bins.center(b));
        const auto back = to_environment(picture.layout().panels[0], now.fields[0].space(), pixel);
        REQUIRE(back);
        CHECK(bins.bin_at(back->x, back->y) == b);
    }
}

TEST_CASE("each kind of shape shows its colour where it is") {
    scene now = hot_scene();
    canvas& all = now.shapes;
    all.begin_line({.color = red, .size_px = 6});
    all.line_to({2, 5});
    all.line_to({18, 5});
    all.end_line();
    int symbol = 0;
    for (const marker_symbol one : {marker_symbol::disc, marker_symbol::square, marker_symbol::cross,
                                    marker_symbol::triangle, marker_symbol::tick}) {
        all.marker({4.0 + 6 * symbol++, 15}, {.color = red, .size_px = 12, .symbol = one});
    }
    all.marker({34, 15}, {.color = red, .size_px = 30, .symbol = marker_symbol::ring});
    all.arrow({22, 5}, {34, 5}, {.color = red, .size_px = 4});
    all.polygon(std::vector<point_xy>{{2, 22}, {8, 22}, {8, 28}, {2, 28}}, {.color = red});
    const raster picture = drawn(now, bare({720, 960}));
    CHECK(color_of_place(picture, now, {10, 5}) == red);
    for (int i = 0; i < 4; ++i) {
        CAPTURE(i);
        CHECK(color_of_place(picture, now, {4.0 + 6 * i, 15}).r > 200);
    }
    CHECK(color_of_place(picture, now, {34, 15}) == colormap().table()[0]); // the ring's middle
    CHECK(color_of_place(picture, now, {23, 5}) == red);                    // the arrow's shaft
    CHECK(color_of_place(picture, now, {33, 5}).r > 150);                   // its tip
    CHECK(color_of_place(picture, now, {5, 25}) == red);
    CHECK(color_of_place(picture, now, {5, 20}) == colormap().table()[0]);
    // A tick is as wide as its stroke and centred.
    const point_xy tick = pixel_of(picture, now, {28, 15});
    CHECK(color_at(picture, tick.x - 0.5, tick.y).r > 100);
}

TEST_CASE("alpha of a vertex and of a colour multiply") {
    scene now = hot_scene();
    now.shapes.begin_line({.color = {255, 0, 0, 128}, .size_px = 10});
    now.shapes.line_to({5, 5}, 0.5F);
    now.shapes.line_to({35, 5}, 0.5F);
    const raster picture = drawn(now);
    const rgba8 under = colormap().table()[0];
    const rgba8 seen = color_of_place(picture, now, {20, 5});
    CHECK(std::abs(seen.r - (under.r * 0.75 + 255 * 0.25)) <= 2);
    CHECK(std::abs(seen.b - under.b * 0.75) <= 2);
}

TEST_CASE("a shape in the panel is placed from the upper left, one in the dock by seconds from now") {
    scene now = hot_scene();
    now.shapes.marker({0.25, 0.75},
                      {.color = red, .size_px = 10, .symbol = marker_symbol::square, .where = placement::panel});
    now.shapes.marker({-2.5, 0.75},
                      {.color = red, .size_px = 10, .symbol = marker_symbol::square, .where = placement::dock});
    const raster picture = drawn(now);
    const pixel_rect field = picture.layout().panels[0].picture;
    CHECK(color_at(picture, field.left + 0.25 * field.width(), field.top + 0.75 * field.height()) == red);
    const pixel_rect dock = picture.layout().dock;
    REQUIRE_FALSE(dock.empty());
    CHECK(color_at(picture, dock.left + 0.25 * dock.width(), dock.top + 0.25 * dock.height()) == red);
}

TEST_CASE("white in a dock is black on a light ground, and white on a dark one") {
    scene now = hot_scene();
    now.shapes.marker({2.5, 0.5},
                      {.color = white, .size_px = 10, .symbol = marker_symbol::square, .where = placement::dock});
    for (const render_style style : {render_style::standard, render_style::talk}) {
        render_options options = bare();
        options.style = style;
        const raster picture = drawn(now, options);
        const pixel_rect dock = picture.layout().dock;
        CHECK(color_at(picture, dock.left + 0.75 * dock.width(), dock.top + 0.5 * dock.height()) ==
              (style == render_style::talk ? white : rgba8{0, 0, 0, 255}));
    }
}

TEST_CASE("a label stays within its field's part of the picture") {
    for (const point_xy at : {point_xy{39.9, 29.9}, {0, 0}, {40, 0}, {0, 30}}) {
        scene now = hot_scene();
        const raster before = drawn(now);
        now.shapes.label(at, "inside", {.color = red, .size_px = 12});
        const raster after = drawn(now);
        const pixel_rect cell = after.layout().panels[0].clip;
        CHECK(differing(before.pixels(), after.pixels(), cell) > 20);
        CHECK(differing(before.pixels(), after.pixels(), cell) ==
              differing(before.pixels(), after.pixels(), all_of(after)));
    }
}

TEST_CASE("text that is no UTF-8 and control characters are drawn somehow") {
    scene now = hot_scene();
    now.shapes.label({10, 10}, std::string("a\xff\xc3\n\0b\xed\xa0\x80", 9), {.color = red, .size_px = 12});
    now.shapes.label({10, 20}, "", {.color = red, .size_px = 12});
    render_options options;
    options.title = "\xfe broken";
    CHECK_NOTHROW(drawn(now, options));
}

TEST_CASE("a picture shows its pixels as squares through its map, on both sides of the field") {
    scene now = hot_scene();
    const std::vector<rgba8> colors = {{255, 0, 0, 255},   {0, 255, 0, 255},   {0, 0, 255, 255},
                                       {255, 255, 0, 255}, {0, 255, 255, 255}, {0, 0, 0, 0}};
    // 3 x 2 pixels of 10 units; column 0 is centred on x = 5, row 0 on y = 25.
    const affine_xy place{.xx = 10, .xy = 0, .x0 = 5, .yx = 0, .yy = -10, .y0 = 25};
    auto pixels = now.shapes.picture({2, 3}, place, {.color = white});
    std::copy(colors.begin(), colors.end(), pixels.begin());
    const raster above = drawn(now);
    CHECK(color_of_place(above, now, {5, 25}) == colors[0]);
    CHECK(color_of_place(above, now, {9.5, 20.5}) == colors[0]);
    CHECK(color_of_place(above, now, {10.5, 20.5}) == colors[1]);
    CHECK(color_of_place(above, now, {25, 25}) == colors[2]);
    CHECK(color_of_place(above, now, {5, 15}) == colors[3]);
    CHECK(color_of_place(above, now, {25, 15}) == colormap().table()[0]); // transparent
    CHECK(color_of_place(above, now, {35, 5}) == colormap().table()[0]);

    // Below the field it shows where bins have no value.
    scene under;
    std::vector<float> values(12, 0);
    values[2] = std::numeric_limits<float>::quiet_NaN();  // column 0, the upper row
    values[5] = std::numeric_limits<float>::quiet_NaN();  // column 1, the upper row
    values[11] = std::numeric_limits<float>::quiet_NaN(); // beyond the picture
    scenes::add_field(under, scenes::four_by_three(), values);
    pixels = under.shapes.picture({2, 3}, place, {.color = {255, 255, 255, 128}, .layer = layer::below});
    std::copy(colors.begin(), colors.end(), pixels.begin());
    const raster below = drawn(under);
    const rgba8 grey = look_of(render_style::standard).never_visited;
    CHECK(color_of_place(below, under, {5, 15}) == colormap().table()[0]);
    CHECK(std::abs(color_of_place(below, under, {5, 25}).r - (255 + grey.r) / 2) <= 1);
    CHECK(std::abs(color_of_place(below, under, {15, 25}).r - grey.r / 2) <= 1);
    CHECK(color_of_place(below, under, {35, 25}) == grey);
}

TEST_CASE("around white shapes lies a dark rim") {
    scene now;
    scenes::add_field(now, scenes::four_by_three(), std::vector<float>(12, 1)); // yellow
    now.shapes.marker({20, 15}, {.color = white, .size_px = 12});
    render_options options = bare();
    options.halo = true;
    const raster picture = drawn(now, options);
    const point_xy at = pixel_of(picture, now, {20, 15});
    const double radius = 6 * picture.layout().thick;
    CHECK(color_at(picture, at.x, at.y) == white);
    int darkest = 255;
    for (double r = radius - 1; r < radius + 3; r += 0.5) {
        const rgba8 c = color_at(picture, at.x + r, at.y);
        darkest = (std::min)(darkest, static_cast<int>(c.r));
    }
    CHECK(darkest < 150);
}

TEST_CASE("a posterior's largest bin is marked, a rate's not") {
    for (const field_kind kind : {field_kind::posterior, field_kind::rate}) {
        scene now;
        std::vector<float> values(12, 0);
        values[scenes::hot_bin] = 1;
        scenes::add_field(now, scenes::four_by_three(), values, {.kind = kind});
        render_options options = bare({720, 960});
        options.peak = true;
        const raster picture = drawn(now, options);
        const rgba8 middle = color_of_place(picture, now, {15, 25});
        CHECK(middle == (kind == field_kind::posterior ? detail::peak_color() : colormap().table()[255]));
    }
}

TEST_CASE("shapes of the environment are on all fields of the same place, and only on the first of others") {
    scene now = hot_scene();
    scenes::add_field(now, grid::full({0, 0}, {40, 30}, {8, 6}), std::vector<float>(48, 0));
    scenes::add_field(now, grid::full({500, 500}, {640, 530}, {14, 3}), std::vector<float>(42, 0));
    now.shapes.marker({20, 15}, {.color = red, .size_px = 14});
    const raster picture = drawn(now);
    REQUIRE(picture.layout().panels.size() == 3);
    for (std::size_t p = 0; p < 3; ++p) {
        const pixel_rect field = picture.layout().panels[p].picture;
        const rgba8 middle = color_at(picture, (field.left + field.right) / 2.0, (field.top + field.bottom) / 2.0);
        CHECK((middle == red) == (p < 2));
    }
}

TEST_CASE("kept shapes that grow are those of a picture drawn from nothing") {
    const auto path = std::make_shared<kept_points>(5000);
    const auto spikes = std::make_shared<kept_points>(5000);
    std::mt19937 random(7);
    const auto place = [&](double most) { return most * static_cast<double>(random()) / 4294967296.0; };
    for (int i = 0; i < 4500; ++i) {
        path->append({i % 50 == 49 ? std::numeric_limits<double>::quiet_NaN() : place(40), place(30), 1});
        spikes->append({place(40), place(30), static_cast<float>(place(1))});
    }
    raster reused(bare());
    for (const std::size_t count : {10u, 11u, 400u, 4500u, 4500u, 200u, 4200u, 2u}) {
        scene now = hot_scene();
        now.shapes.kept_line(path, count, {.color = {255, 255, 255, 120}, .size_px = 1.5F});
        now.shapes.kept_markers(spikes, count, {.color = {255, 0, 0, 200}, .size_px = 4});
        now.shapes.kept_markers(spikes, count / 2, {.color = {255, 0, 0, 200}, .size_px = 4});
        reused.present(now);
        CAPTURE(count);
        CHECK(bytes_of(reused) == fresh_bytes(now, bare()));
    }
    // A kept line is the line through its points.
    scene kept = hot_scene();
    scene plain = hot_scene();
    kept.shapes.kept_line(path, 49, {.color = red, .size_px = 3});
    plain.shapes.begin_line({.color = red, .size_px = 3});
    for (std::size_t i = 0; i < 49; ++i) {
        plain.shapes.line_to({(*path)[i].x, (*path)[i].y});
    }
    plain.shapes.end_line();
    CHECK(fresh_bytes(kept, bare()) == fresh_bytes(plain, bare()));
}

TEST_CASE("whatever was drawn before, a scene gives the bytes of a fresh picture") {
    std::mt19937 random(20261123);
    const auto below = [&](unsigned most) { return static_cast<unsigned>(random() % most); };
    const auto part = [&] { return static_cast<double>(random()) / 4294967296.0; };
    const std::vector<any_space> spaces = {scenes::four_by_three(), grid::full({0, 0}, {40, 30}, {7, 5}),
                                           cells(support::hexagons({{0, 0}, {40, 30}}, 8))};
    const auto kept = std::make_shared<kept_points>(4000);
    for (int i = 0; i < 300; ++i) {
        kept->append({40 * part(), 30 * part(), 1});
    }
    const auto random_scene = [&] {
        scene now;
        now.time_s = 1000 * part();
        const std::size_t fields = 1 + below(2);
        for (std::size_t f = 0; f < fields; ++f) {
            const any_space& space = spaces[below(3)];
            std::vector<float> values;
            for (std::size_t b = 0; b < space.bin_count() && below(6) > 0; ++b) {
                values.push_back(below(9) == 0 ? std::numeric_limits<float>::quiet_NaN()
                                               : static_cast<float>(1.4 * part() - 0.2));
            }
            values.resize(values.empty() ? 0 : space.bin_count(), 0.25F);
            scenes::add_field(now, space, below(5) == 0 ? std::vector<float>() : values,
                              {.kind = below(2) == 0 ? field_kind::posterior : field_kind::rate,
                               .title = "field",
                               .label = below(2) == 0 ? "rate" : "P"});
        }
        const unsigned shapes = below(12);
        for (unsigned i = 0; i < shapes; ++i) {
            const shape_style style{.color = {static_cast<std::uint8_t>(below(256)), 200,
                                              static_cast<std::uint8_t>(below(256)),
                                              static_cast<std::uint8_t>(100 + below(156))},
                                    .size_px = static_cast<float>(1 + below(20)),
                                    .symbol = static_cast<marker_symbol>(below(6)),
                                    .where = below(4) == 0   ? placement::dock
                                             : below(4) == 0 ? placement::panel
                                                             : placement::environment,
                                    .layer = below(4) == 0 ? layer::below : layer::above};
            const double most = style.where == placement::environment ? 45 : 1.2;
            const auto at = [&] { return point_xy{most * part() - 0.05 * most, most * part() - 0.05 * most}; };
            switch (below(8)) {
            case 0: now.shapes.marker(at(), style); break;
            case 1: now.shapes.arrow(at(), at(), style); break;
            case 2: now.shapes.label(at(), below(2) == 0 ? "words" : "other words", style); break;
            case 3: now.shapes.polygon(std::vector<point_xy>{at(), at(), at(), at()}, style); break;
            case 4: now.shapes.kept_markers(kept, 1 + below(300), style); break;
            case 5: now.shapes.kept_line(kept, 2 + below(298), style); break;
            case 6: {
                auto pixels = now.shapes.picture(
                    {4, 5}, {.xx = 3, .xy = 0.5, .x0 = most * part(), .yx = 0.25, .yy = -2, .y0 = most * part()},
                    style);
                for (rgba8& p : pixels) {
                    p = {static_cast<std::uint8_t>(below(256)), 0, 99, static_cast<std::uint8_t>(below(256))};
                }
                break;
            }
            default:
                now.shapes.begin_line(style);
                for (unsigned k = 0; k < 2 + below(20); ++k) {
                    now.shapes.line_to(at(), static_cast<float>(part()));
                }
                now.shapes.end_line();
            }
        }
        return now;
    };
    std::vector<scene> all;
    for (int i = 0; i < 12; ++i) {
        all.push_back(random_scene());
    }
    render_options options;
    options.size = {360, 480};
    options.title = "title";
    raster reused(options);
    for (int round = 0; round < 60; ++round) {
        if (below(10) == 0) {
            options.style = static_cast<render_style>(below(3));
            options.size = below(2) == 0 ? image_shape{360, 480} : image_shape{300, 500};
            options.outline = below(2) == 0;
            options.dock = below(3) == 0 ? std::optional<bool>() : std::optional(below(2) == 0);
            reused.set_options(options);
        }
        const scene& now = all[below(12)];
        reused.present(now);
        CAPTURE(round);
        REQUIRE(bytes_of(reused) == fresh_bytes(now, options));
    }
}

TEST_CASE("values that change, go and come back, under and over a film, leave nothing behind") {
    const any_space bins = cells(support::hexagons({{0, 0}, {40, 30}}, 8));
    const auto look = std::make_shared<const field_style>();
    render_options options; // with outline, bar and all
    options.size = {360, 480};
    raster reused(options);
    std::mt19937 random(5);
    for (int step = 0; step < 40; ++step) {
        scene now;
        scene_field& field = now.fields.emplace_back();
        field.set_look(bins, look);
        std::vector<float> values(bins.bin_count(), static_cast<float>(random() % 3) / 2);
        values[random() % values.size()] = random() % 2 == 0 ? 7.0F : std::numeric_limits<float>::quiet_NaN();
        if (random() % 5 > 0) {
            field.set_values(0, values_view(std::span<const float>(values)));
        }
        if (random() % 3 == 0) {
            now.shapes.marker({20, 15}, {.size_px = 60, .layer = layer::below});
        }
        reused.present(now);
        CAPTURE(step);
        REQUIRE(bytes_of(reused) == fresh_bytes(now, options));
    }
}

TEST_CASE("a field that cannot be shown is refused, and the next scene is right") {
    const scene good = hot_scene();
    scene bad = hot_scene();
    const std::vector<float> three = {1, 2, 3};
    bad.fields[0].set_values(1, values_view(std::span<const float>(three)));
    raster picture{bare()};
    picture.present(good);
    CHECK(support::sentence_of<invalid_value>([&] { picture.present(bad); }) ==
          "the field has 3 values; its space has 12 active bins; pass one value per active bin, x slow and y fast");
    picture.present(good);
    CHECK(bytes_of(picture) == fresh_bytes(good, bare()));
}

TEST_CASE("options that cannot be drawn are refused at once, and change nothing") {
    render_options bad = bare();
    bad.size = {1, 1};
    CHECK_THROWS_AS(raster{bad}, const invalid_value&);
    raster picture{bare()};
    CHECK_THROWS_AS(picture.set_options(bad), const invalid_value&);
    CHECK(picture.size() == image_shape{240, 320});
    CHECK(picture.bytes().empty());
}

TEST_CASE("the limits of a bar are marked when they clip, from the frame or as the options say") {
    scene within = hot_scene();
    scene beyond = hot_scene();
    std::vector<float> values(12, 0);
    values[scenes::hot_bin] = 2;
    beyond.fields[0].set_values(1, values_view(std::span<const float>(values)));
    render_options options = bare();
    options.color_bar = true;
    const raster a = drawn(within, options);
    const raster b = drawn(beyond, options);
    const pixel_rect bar = a.layout().panels[0].bar;
    const pixel_rect above{bar.left, bar.top - bar.width() / 2 - 2, bar.right, bar.top};
    const pixel_rect below{bar.left, bar.bottom, bar.right, bar.bottom + bar.width() / 2 + 2};
    CHECK(differing(a.pixels(), b.pixels(), above) > 5);
    CHECK(differing(a.pixels(), b.pixels(), below) == 0);
    options.clips_high = true;
    CHECK(differing(drawn(within, options).pixels(), b.pixels(), above) == 0);
    options.clips_high = false;
    CHECK(differing(drawn(beyond, options).pixels(), a.pixels(), above) == 0);
}

TEST_CASE("without data the field says so") {
    scene nothing = hot_scene();
    nothing.fields[0].set_no_data();
    const raster picture = drawn(nothing);
    const pixel_rect field = picture.layout().panels[0].picture;
    CHECK(color_at(picture, field.left + 3, field.top + 3) == look_of(render_style::standard).never_visited);
    scene empty_bins;
    scenes::add_field(empty_bins, scenes::four_by_three(),
                      std::vector<float>(12, std::numeric_limits<float>::quiet_NaN()));
    CHECK(differing(picture.pixels(), drawn(empty_bins).pixels(), field) > 20); // the words
}

TEST_CASE("title, note, time and speed are on the picture") {
    const scene now = hot_scene();
    const render_options plain = bare();
    const auto change = [&](auto set) {
        render_options options = plain;
        options.time = true;
        render_options changed = options;
        set(changed);
        const raster a = drawn(now, options);
        const raster b = drawn(now, changed);
        return differing(a.pixels(), b.pixels(), all_of(a));
    };
    CHECK(change([](render_options& o) { o.title = "mouse"; }) > 20);
    CHECK(change([](render_options& o) { o.note = "simulated"; }) > 20);
    CHECK(change([](render_options& o) { o.speed = 2; }) > 10);
    CHECK(change([](render_options& o) { o.start_s = -61; }) > 5);
    CHECK(change([](render_options& o) { o.time = false; }) > 20);
    std::string words;
    detail::write_time(words, 62.34, {});
    CHECK(words == "1:02.3");
    detail::write_time(words, 62.34, {.speed = 0.5, .start_s = 60});
    CHECK(words == "0:02.3   0.5×");
}

TEST_CASE("a copy has red first") {
    const raster picture = drawn(hot_scene());
    image copy;
    picture.copy_to(copy);
    CHECK(copy.shape() == image_shape{240, 320});
    for (const auto& [x, y] : {std::pair{0, 0}, {160, 100}, {319, 239}}) {
        CHECK(copy.at(static_cast<std::size_t>(y), static_cast<std::size_t>(x)) == color_at(picture, x, y));
    }
    CHECK(picture.stride_bytes() * 240 == picture.bytes().size());
}

TEST_CASE("a scene without fields is a page") {
    const raster picture = drawn(scene());
    CHECK(color_at(picture, 5, 5) == look_of(render_style::standard).page);
}

TEST_CASE("an enlarged field shows the bins that are there, as probing says, on grids and on cells") {
    std::vector<float> values(12);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(i);
    }
    scene now;
    SUBCASE("grid") {
        scenes::add_field(now, scenes::four_by_three(), values, {.range = {0, 11}});
    }
    SUBCASE("cells") {
        const any_space space = cells(support::hexagons({{0, 0}, {40, 30}}, 10));
        values.resize(space.bin_count(), 7);
        scenes::add_field(now, space, values, {.range = {0, 11}});
    }
    const any_space space = now.fields[0].space();
    const colormap colors;
    for (const double zoom : {1.0, 1.7, 4.0, 30.0}) {
        render_options options = bare({240, 320});
        options.zoom = zoom;
        options.center = space.center(4);
        const raster picture = drawn(now, options);
        const panel_layout& panel = picture.layout().panels[0];
        std::size_t checked = 0;
        for (int y = panel.picture.top; y < panel.picture.bottom; y += 3) {
            for (int x = panel.picture.left; x < panel.picture.right; x += 3) {
                const point_xy at = *to_environment(panel, space, {x + 0.5, y + 0.5});
                const auto bin = space.bin_at(at.x, at.y);
                if (bin) {
                    rgba8 wanted;
                    paint_pixels(values_view(std::span<const float>(&values[*bin], 1)), colors, {0, 11},
                                 image_view{&wanted, {1, 1}, 1}, {});
                    CHECK(color_at(picture, x, y) == wanted);
                    ++checked;
                }
            }
        }
        CHECK(checked > 1000);
    }
}

TEST_CASE("shapes are cut at an enlarged field, and no wall is drawn where it goes on") {
    scene now = hot_scene();
    now.shapes.begin_line({.color = red, .size_px = 6});
    now.shapes.line_to({-50, 15});
    now.shapes.line_to({100, 15});
    now.shapes.end_line();
    render_options options = bare({240, 320});
    options.outline = true;
    options.zoom = 3;
    const raster picture = drawn(now, options);
    const pixel_rect& shown = picture.layout().panels[0].picture;
    const rgba8 page = look_of(options.style).page;
    for (int y = 0; y < 240; ++y) {
        CHECK(color_at(picture, shown.left - 1, y) == page);
        CHECK(color_at(picture, shown.right, y) == page);
    }
    CHECK(color_at(picture, shown.left, (shown.top + shown.bottom) / 2.0) == red);
    // The same raster, from all to a part and back, has the bytes of new ones.
    raster again(options);
    for (const double zoom : {3.0, 1.0, 2.0, 3.0}) {
        options.zoom = zoom;
        again.set_options(options);
        again.present(now);
        CHECK(bytes_of(again) == fresh_bytes(now, options));
    }
}
