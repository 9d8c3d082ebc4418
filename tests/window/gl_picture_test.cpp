// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include <GLFW/glfw3.h>

#include <fieldreel/window/gl_picture.hpp>
#include <fieldreel/window/window_viewer.hpp>

#include "support/virtual_display.hpp"

namespace fr = fieldreel;

TEST_CASE("each pixel of a picture is one of the framebuffer, where it was asked to be") {
    const support::virtual_display display;
    if (!display.there()) {
        MESSAGE("skipped: no Xvfb or no xdotool");
        return;
    }
    const fr::window_viewer window({.size = {240, 320}});
    fr::detail::gl_picture picture(
        fr::detail::gl_functions::load([](const char* name) { return glfwGetProcAddress(name); }));
    const auto shown = [](int x, int y) { // as 0xrrggbb, y from above
        std::array<std::uint8_t, 4> got{};
        glReadPixels(x, 239 - y, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, got.data());
        return got[0] << 16 | got[1] << 8 | got[2];
    };
    const auto clear = [] {
        glViewport(0, 0, 320, 240);
        glClearColor(0, 0, 0, 1);
        glClear(GL_COLOR_BUFFER_BIT);
    };
    clear();
    picture.draw(0, 0, 240); // nothing yet
    CHECK(shown(0, 0) == 0);

    // Rows are longer in memory than the picture is wide.
    std::vector<std::uint32_t> memory(5 * 2, fr::detail::bgra_bytes({9, 9, 9, 255}));
    for (int i = 0; i < 6; ++i) {
        memory[static_cast<std::size_t>(i / 3 * 5 + i % 3)] =
            fr::detail::bgra_bytes({static_cast<std::uint8_t>(10 * i + 1), static_cast<std::uint8_t>(10 * i + 2),
                                    static_cast<std::uint8_t>(10 * i + 3), 255});
    }
    picture.upload({memory.data(), 3, 2, 5});
    CHECK(picture.width() == 3);
    CHECK(picture.height() == 2);
    picture.draw(100, 20, 240);
    for (int i = 0; i < 6; ++i) {
        CHECK(shown(100 + i % 3, 20 + i / 3) == ((10 * i + 1) << 16 | (10 * i + 2) << 8 | (10 * i + 3)));
    }
    for (const auto& [x, y] : {std::array{99, 20}, {103, 20}, {100, 19}, {100, 22}}) {
        CHECK(shown(x, y) == 0);
    }

    // The same size again, and another one.
    memory[0] = fr::detail::bgra_bytes({200, 100, 50, 255});
    picture.upload({memory.data(), 3, 2, 5});
    clear();
    picture.draw(0, 0, 240);
    CHECK(shown(0, 0) == 0xc86432);
    CHECK(shown(2, 1) == 0x333435);
    picture.upload({memory.data(), 1, 1, 1});
    clear();
    picture.draw(319, 239, 240);
    CHECK(shown(319, 239) == 0xc86432);
    CHECK(shown(318, 239) == 0);
}
