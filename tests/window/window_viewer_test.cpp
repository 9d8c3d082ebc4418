// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/viewer/viewer.hpp>
#include <fieldreel/window/window_viewer.hpp>

#include "render/scenes.hpp"
#include "support/sentence.hpp"
#include "support/virtual_display.hpp"

namespace fr = fieldreel;

static_assert(fr::viewer<fr::window_viewer>);

namespace {

/// How many pixels of a part of the window are not those of a picture.
std::size_t other_pixels(const fr::image& window, const fr::image& picture, std::size_t left, std::size_t top) {
    std::size_t out = 0;
    for (std::size_t y = 0; y < picture.shape().rows; ++y) {
        for (std::size_t x = 0; x < picture.shape().cols; ++x) {
            const bool same = window.pixels()[(y + top) * window.shape().cols + x + left] ==
                              picture.pixels()[y * picture.shape().cols + x];
            out += same ? 0u : 1u;
        }
    }
    return out;
}

fr::image drawn_alone(const fr::scene& now, fr::render_options look, fr::image_shape size) {
    look.size = size;
    fr::raster alone(look);
    alone.present(now);
    fr::image out;
    alone.copy_to(out);
    return out;
}

} // namespace

TEST_CASE("the window shows the renderer's pixels") {
    const support::virtual_display display;
    if (!display.there()) {
        MESSAGE("skipped: no Xvfb or no xdotool");
        return;
    }
    const fr::scene now = scenes::hot_scene();
    const fr::render_options look{.title = "a title", .unit = "cm"};
    fr::window_viewer window({.title = "pixels", .size = {400, 600}}, look);
    fr::image shown;
    window.present(now); // a host without a loop
    window.copy_to(shown);
    CHECK(shown.shape() == fr::image_shape{400, 600});
    CHECK(other_pixels(shown, drawn_alone(now, look, {400, 600}), 0, 0) == 0);
    CHECK(window.stages().raster_ms > 0);

    // In a part of the window, the rest has the page's colour.
    REQUIRE(window.next_frame());
    window.set_picture_area(fr::pixel_rect{50, 30, 450, 330});
    window.present(now);
    window.copy_to(shown);
    const fr::image part = drawn_alone(now, look, {300, 400});
    CHECK(other_pixels(shown, part, 50, 30) == 0);
    CHECK(shown.pixels()[0] == fr::look_of(fr::render_style::standard).page);
    CHECK(window.on_picture(60, 35).x == 10);
    CHECK(window.on_picture(60, 35).y == 5);

    // Again, without drawing it.
    REQUIRE(window.next_frame());
    window.show_again();
    CHECK(window.stages().raster_ms == 0);
    window.copy_to(shown);
    CHECK(other_pixels(shown, part, 50, 30) == 0);

    // Another look; text that would not fit is made smaller.
    fr::render_options dark = look;
    dark.style = fr::render_style::talk;
    dark.text_px = 60;
    window.set_look(dark);
    CHECK(window.look().text_px == 60);
    REQUIRE(window.next_frame());
    window.present(now);
    window.copy_to(shown);
    dark.text_px = 25;
    CHECK(other_pixels(shown, drawn_alone(now, dark, {300, 400}), 50, 30) == 0);

    window.close();
    CHECK_FALSE(window.next_frame());
}

TEST_CASE("widgets stand over the picture") {
    const support::virtual_display display;
    if (!display.there()) {
        MESSAGE("skipped: no Xvfb or no xdotool");
        return;
    }
    const fr::scene now = scenes::hot_scene();
    fr::window_viewer window({.size = {400, 600}});
    REQUIRE(window.next_frame());
    ImGui::GetForegroundDrawList()->AddRectFilled({100, 50}, {200, 80}, IM_COL32(1, 2, 3, 255));
    window.present(now);
    fr::image shown;
    window.copy_to(shown);
    CHECK(shown.pixels()[60 * 600 + 150] == fr::rgba8{1, 2, 3, 255});
    REQUIRE(window.next_frame());
    REQUIRE(window.next_frame()); // a host may leave one out
    window.show_again();
    window.copy_to(shown);
    CHECK(other_pixels(shown, drawn_alone(now, {}, {400, 600}), 0, 0) == 0);
}

TEST_CASE("keys come by their names, all of them, however short") {
    const support::virtual_display display;
    if (!display.there()) {
        MESSAGE("skipped: no Xvfb or no xdotool");
        return;
    }
    fr::window_viewer window({.title = "keys of a test", .size = {240, 320}});
    REQUIRE(display.focus("^keys of a test$"));
    REQUIRE(display.hand("key space Left shift+Right ctrl+shift+s j shift+l bracketleft question F8 Escape alt+Left 7 "
                         "Page_Down Return"));
    std::vector<std::string> got;
    while (got.empty() || got.back() != "Enter") {
        REQUIRE(window.next_frame(1));
        CHECK((window.keys().empty() || window.input().any));
        CHECK(window.input().waited_ms >= window.input().present_ms);
        for (const fr::window_key& key : window.keys()) {
            got.push_back(std::string(key.held.ctrl ? "Ctrl+" : "") + (key.held.alt ? "Alt+" : "") +
                          (key.held.shift ? "Shift+" : "") + key.name);
        }
        window.show_again();
    }
    const std::vector<std::string> wanted = {"Space",    "Left", "Shift+Right", "Ctrl+Shift+S", "J",
                                             "Shift+L",  "[",    "Shift+?",     "F8",           "Esc",
                                             "Alt+Left", "7",    "PageDown",    "Enter"};
    CHECK(got == wanted);
    REQUIRE(display.hand("key --delay 1 a")); // gone down and up
    for (bool typed = false; !typed;) {
        REQUIRE(window.next_frame(1));
        typed = !window.keys().empty();
        window.show_again();
    }
    while (window.input().any) { // it may come up in a frame of its own
        REQUIRE(window.next_frame(0.2));
        window.show_again();
    }
    CHECK(window.keys().empty());
}

TEST_CASE("a window that cannot be had is refused with a sentence") {
    CHECK(support::sentence_of<fr::invalid_value>([] {
              fr::window_viewer({.size = {100, 1280}});
          }) == "a window of 1280 x 100 was asked for; it must have 320 x 200 to 16384 x 16384; 1280 x 800 is usual");
    CHECK(support::sentence_of<fr::invalid_value>([] { fr::window_viewer({.scale = 9}); }) ==
          "a scale of 9 was asked for; give 0.5 to 8, or 0 for the desktop's own");
    ::unsetenv("DISPLAY");
    ::unsetenv("WAYLAND_DISPLAY");
    const std::string none = support::sentence_of<fr::window_error>([] { fr::window_viewer(); });
    CHECK(none.starts_with("a window was asked for, and there is no display (X11: "));
    CHECK(none.ends_with("); set DISPLAY, or do without a window: `fieldreel profile` plays and measures, `fieldreel "
                         "export` makes pictures and films, in C++ headless_viewer and raster"));
    const support::virtual_display display;
    if (display.there()) {
        ::setenv("MESA_GL_VERSION_OVERRIDE", "2.1", 1);
        const std::string old = support::sentence_of<fr::window_error>([] { fr::window_viewer(); });
        ::unsetenv("MESA_GL_VERSION_OVERRIDE");
        CHECK(old.starts_with("this display gives no window with OpenGL 3.3 ("));
        CHECK(old.ends_with("; update the graphics driver, draw in software (LIBGL_ALWAYS_SOFTWARE=1), or do without a "
                            "window: `fieldreel profile` plays and measures, `fieldreel export` makes pictures and "
                            "films"));
    }
}
