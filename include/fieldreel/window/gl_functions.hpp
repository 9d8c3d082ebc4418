// SPDX-License-Identifier: MIT
// The OpenGL 3.3 that a window needs, asked of the driver when the window opens: no loader, no link-time surprises.
#ifndef FIELDREEL_WINDOW_GL_FUNCTIONS_HPP
#define FIELDREEL_WINDOW_GL_FUNCTIONS_HPP

#if !__has_include(<GL/gl.h>)
#error "fieldreel/window needs OpenGL: link fieldreel::window, or install libgl-dev, libglfw3-dev and libimgui-dev"
#endif

#include <string>
#include <vector>

#include <GL/gl.h>
#include <GL/glext.h>

#include <fieldreel/error.hpp>

namespace fieldreel::inline v0 {

/// There is no display, or its OpenGL is too old: programs then show pictures another way.
class window_error : public error {
public:
    using error::error;
};

namespace detail {

/// What OpenGL 1.1 lacks, by the names of the standard. Valid for the context that was current at loading.
struct gl_functions {
    PFNGLACTIVETEXTUREPROC active_texture = nullptr;
    PFNGLATTACHSHADERPROC attach_shader = nullptr;
    PFNGLBINDVERTEXARRAYPROC bind_vertex_array = nullptr;
    PFNGLCOMPILESHADERPROC compile_shader = nullptr;
    PFNGLCREATEPROGRAMPROC create_program = nullptr;
    PFNGLCREATESHADERPROC create_shader = nullptr;
    PFNGLDELETEPROGRAMPROC delete_program = nullptr;
    PFNGLDELETESHADERPROC delete_shader = nullptr;
    PFNGLDELETEVERTEXARRAYSPROC delete_vertex_arrays = nullptr;
    PFNGLGENVERTEXARRAYSPROC gen_vertex_arrays = nullptr;
    PFNGLGETPROGRAMINFOLOGPROC get_program_info_log = nullptr;
    PFNGLGETPROGRAMIVPROC get_program_iv = nullptr;
    PFNGLGETSHADERINFOLOGPROC get_shader_info_log = nullptr;
    PFNGLGETSHADERIVPROC get_shader_iv = nullptr;
    PFNGLGETUNIFORMLOCATIONPROC get_uniform_location = nullptr;
    PFNGLLINKPROGRAMPROC link_program = nullptr;
    PFNGLSHADERSOURCEPROC shader_source = nullptr;
    PFNGLUNIFORM1IPROC uniform_1i = nullptr;
    PFNGLUNIFORM2IPROC uniform_2i = nullptr;
    PFNGLUSEPROGRAMPROC use_program = nullptr;

    /// `address_of(name)` gives a function of the current context. Errors: window_error naming the first one missing.
    template <class AddressOf>
    static gl_functions load(AddressOf address_of) {
        gl_functions out;
        const auto get = [&]<class Function>(Function& function, const char* name) {
            function = reinterpret_cast<Function>(address_of(name));
            if (function == nullptr) {
                throw window_error(text("this display's OpenGL has no ", std::string(name),
                                        "; the window needs OpenGL 3.3; update the graphics driver, or use a display "
                                        "whose OpenGL is drawn in software (LIBGL_ALWAYS_SOFTWARE=1)"));
            }
        };
        get(out.active_texture, "glActiveTexture");
        get(out.attach_shader, "glAttachShader");
        get(out.bind_vertex_array, "glBindVertexArray");
        get(out.compile_shader, "glCompileShader");
        get(out.create_program, "glCreateProgram");
        get(out.create_shader, "glCreateShader");
        get(out.delete_program, "glDeleteProgram");
        get(out.delete_shader, "glDeleteShader");
        get(out.delete_vertex_arrays, "glDeleteVertexArrays");
        get(out.gen_vertex_arrays, "glGenVertexArrays");
        get(out.get_program_info_log, "glGetProgramInfoLog");
        get(out.get_program_iv, "glGetProgramiv");
        get(out.get_shader_info_log, "glGetShaderInfoLog");
        get(out.get_shader_iv, "glGetShaderiv");
        get(out.get_uniform_location, "glGetUniformLocation");
        get(out.link_program, "glLinkProgram");
        get(out.shader_source, "glShaderSource");
        get(out.uniform_1i, "glUniform1i");
        get(out.uniform_2i, "glUniform2i");
        get(out.use_program, "glUseProgram");
        return out;
    }
};

/// A program of two shaders. Errors: window_error with the driver's words.
inline GLuint link_shaders(const gl_functions& gl, const char* vertex_source, const char* fragment_source) {
    const GLuint program = gl.create_program();
    const auto refuse = [&](std::string words) {
        gl.delete_program(program);
        while (!words.empty() && (words.back() == '\n' || words.back() == '\0' || words.back() == ' ')) {
            words.pop_back();
        }
        throw window_error(text("the graphics driver does not take the window's shader (", words,
                                "); the window needs OpenGL 3.3; update the graphics driver, or use a display whose "
                                "OpenGL is drawn in software (LIBGL_ALWAYS_SOFTWARE=1)"));
    };
    const auto add = [&](GLenum kind, const char* source) {
        const GLuint shader = gl.create_shader(kind);
        gl.shader_source(shader, 1, &source, nullptr);
        gl.compile_shader(shader);
        GLint good = 0;
        gl.get_shader_iv(shader, GL_COMPILE_STATUS, &good);
        if (good == 0) {
            std::string words(1024, '\0');
            gl.get_shader_info_log(shader, static_cast<GLsizei>(words.size()), nullptr, words.data());
            gl.delete_shader(shader);
            words.resize(words.find('\0') == std::string::npos ? words.size() : words.find('\0'));
            refuse(std::move(words));
        }
        gl.attach_shader(program, shader);
        gl.delete_shader(shader); // goes with the program
    };
    add(GL_VERTEX_SHADER, vertex_source);
    add(GL_FRAGMENT_SHADER, fragment_source);
    gl.link_program(program);
    GLint good = 0;
    gl.get_program_iv(program, GL_LINK_STATUS, &good);
    if (good == 0) {
        std::string words(1024, '\0');
        gl.get_program_info_log(program, static_cast<GLsizei>(words.size()), nullptr, words.data());
        words.resize(words.find('\0') == std::string::npos ? words.size() : words.find('\0'));
        refuse(std::move(words));
    }
    return program;
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
