// SPDX-License-Identifier: MIT
#include <cstring>
#include <string>

#include <doctest/doctest.h>

#include <GLFW/glfw3.h>

#include <fieldreel/window/gl_functions.hpp>
#include <fieldreel/window/window_viewer.hpp>

#include "support/display_leaks.hpp"
#include "support/sentence.hpp"
#include "support/virtual_display.hpp"

namespace fr = fieldreel;

TEST_CASE("OpenGL without a function that the window needs is refused with its name") {
    const auto nothing = [](const char*) -> GLFWglproc { return nullptr; };
    CHECK(support::sentence_of<fr::window_error>([&] { fr::detail::gl_functions::load(nothing); }) ==
          "this display's OpenGL has no glActiveTexture; the window needs OpenGL 3.3; update the graphics driver, or "
          "use a display whose OpenGL is drawn in software (LIBGL_ALWAYS_SOFTWARE=1)");
    const auto most = [](const char* name) -> GLFWglproc {
        return std::strcmp(name, "glUseProgram") == 0 ? nullptr : reinterpret_cast<GLFWglproc>(&std::abort);
    };
    CHECK(support::sentence_of<fr::window_error>([&] {
              fr::detail::gl_functions::load(most);
          }).starts_with("this display's OpenGL has no glUseProgram; "));
}

TEST_CASE("a shader that the driver does not take is refused with the driver's words") {
    const support::virtual_display display;
    if (!display.there()) {
        MESSAGE("skipped: no Xvfb or no xdotool");
        return;
    }
    const fr::window_viewer window({.size = {240, 320}});
    const auto gl = fr::detail::gl_functions::load([](const char* name) { return glfwGetProcAddress(name); });
    const std::string wrong = support::sentence_of<fr::window_error>(
        [&] { fr::detail::link_shaders(gl, "#version 330 core\nvoid main() { nonsense }\n", "#version 330 core\n"); });
    CHECK(wrong.starts_with("the graphics driver does not take the window's shader (0:2("));
    CHECK(wrong.find('\0') == std::string::npos);
    CHECK(wrong.ends_with("; the window needs OpenGL 3.3; update the graphics driver, or use a display whose OpenGL is "
                          "drawn in software (LIBGL_ALWAYS_SOFTWARE=1)"));
}
