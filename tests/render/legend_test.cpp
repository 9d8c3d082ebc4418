// SPDX-License-Identifier: MIT
#include <string>

#include <doctest/doctest.h>

#include <fieldreel/render/legend.hpp>

#include "render/scenes.hpp"

using namespace fieldreel;
using scenes::color_at;

TEST_CASE("the bar has vmax on top, vmin below, and every colour between in order") {
    render_options options = scenes::bare({480, 640});
    options.color_bar = true;
    raster picture(options);
    picture.present(scenes::hot_scene());
    const pixel_rect bar = picture.layout().panels[0].bar;
    const double x = (bar.left + bar.right) / 2.0;
    const auto table = colormap().table();
    CHECK(color_at(picture, x, bar.top) == table[255]);
    CHECK(color_at(picture, x, bar.bottom - 1) == table[0]);
    CHECK(color_at(picture, x, (bar.top + bar.bottom) / 2.0) ==
          table[static_cast<std::size_t>((bar.height() - 1 - bar.height() / 2 + 0.5) / bar.height() * 256)]);
}

TEST_CASE("a level bar has vmin on the left") {
    scene now;
    scenes::add_field(now, grid::full({0, 0}, {100, 5}, {20, 1}), std::vector<float>(20, 0));
    render_options options = scenes::bare({480, 640});
    options.color_bar = true;
    raster picture(options);
    picture.present(now);
    const pixel_rect bar = picture.layout().panels[0].bar;
    REQUIRE(picture.layout().panels[0].level);
    const double y = (bar.top + bar.bottom) / 2.0;
    CHECK(color_at(picture, bar.left, y) == colormap().table()[0]);
    CHECK(color_at(picture, bar.right - 1, y) == colormap().table()[255]);
}

TEST_CASE("the scale bar is as long as it says") {
    render_options options = scenes::bare({480, 640});
    options.scale_bar = true;
    options.unit = "cm";
    raster picture(options);
    picture.present(scenes::hot_scene());
    const panel_layout& panel = picture.layout().panels[0];
    CHECK(panel.scale_length == 10); // a fifth of 40 is 8
    const auto y = static_cast<int>(panel.scale_at.y);
    const auto left = static_cast<int>(panel.scale_at.x);
    const int length = static_cast<int>(10 / panel.units_per_px + 0.5);
    const rgba8 ink = look_of(render_style::standard).ink;
    CHECK(color_at(picture, left, y) == ink);
    CHECK(color_at(picture, left + length - 1, y) == ink);
    CHECK_FALSE(color_at(picture, left + length, y) == ink);
    CHECK_FALSE(color_at(picture, left - 1, y) == ink);
}

TEST_CASE("a title that is too long is cut and leaves the time alone") {
    render_options options = scenes::bare({240, 320});
    options.time = true;
    raster without(options);
    without.present(scenes::hot_scene());
    options.title = std::string(300, 'W');
    raster with(options);
    with.present(scenes::hot_scene());
    std::size_t changed = 0;
    for (int y = 0; y < 240; ++y) {
        for (int x = 320 - static_cast<int>(with.layout().margin + 4 * with.layout().text_px); x < 320; ++x) {
            changed += with.pixels().row(y)[x] != without.pixels().row(y)[x] ? 1u : 0u;
        }
    }
    CHECK(changed == 0);
}
