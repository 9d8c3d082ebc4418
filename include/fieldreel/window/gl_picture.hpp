// SPDX-License-Identifier: MIT
// Pixels of the renderer on the screen, each exactly one pixel of the window.
#ifndef FIELDREEL_WINDOW_GL_PICTURE_HPP
#define FIELDREEL_WINDOW_GL_PICTURE_HPP

#include <GL/gl.h>
#include <GL/glext.h>

#include <fieldreel/render/coverage.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/window/gl_functions.hpp>

namespace fieldreel::inline v0::detail {

/// A texture that takes a raster's pixels as they are and shows them without any filter: what the window shows equals
/// what a PNG of the same scene has. Needs the context it was made in to be current, also when it dies.
class gl_picture {
public:
    explicit gl_picture(const gl_functions& gl) : gl_(gl) {
        // One triangle that covers the viewport; the fragment asks for the texel of its own place.
        program_ = link_shaders(gl_,
                                "#version 330 core\n"
                                "void main() {\n"
                                "    vec2 at = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);\n"
                                "    gl_Position = vec4(at, 0.0, 1.0);\n"
                                "}\n",
                                "#version 330 core\n"
                                "uniform sampler2D picture;\n"
                                "uniform ivec2 corner;\n" // left, and the row below the picture's last one, from below
                                "out vec4 color;\n"
                                "void main() {\n"
                                "    ivec2 at = ivec2(gl_FragCoord.xy) - corner;\n"
                                "    color = texelFetch(picture, ivec2(at.x, -1 - at.y), 0);\n"
                                "}\n");
        corner_ = gl_.get_uniform_location(program_, "corner");
        picture_ = gl_.get_uniform_location(program_, "picture");
        gl_.gen_vertex_arrays(1, &nothing_);
        glGenTextures(1, &texture_);
    }
    gl_picture(const gl_picture&) = delete;
    gl_picture& operator=(const gl_picture&) = delete;
    ~gl_picture() {
        glDeleteTextures(1, &texture_);
        gl_.delete_vertex_arrays(1, &nothing_);
        gl_.delete_program(program_);
    }

    int width() const noexcept { return width_; }
    int height() const noexcept { return height_; }

    /// Copies pixels to the graphics card. Cost: one copy of all of them.
    void upload(const bgra_view& pixels) {
        FIELDREEL_TRACE_SPAN("upload");
        gl_.active_texture(GL_TEXTURE0);
        glBindTexture(GL_TEXTURE_2D, texture_);
        glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
        glPixelStorei(GL_UNPACK_ROW_LENGTH, static_cast<GLint>(pixels.stride));
        if (pixels.width != width_ || pixels.height != height_) {
            width_ = pixels.width;
            height_ = pixels.height;
            glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
            glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
            glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
            glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width_, height_, 0, GL_BGRA, GL_UNSIGNED_BYTE, pixels.pixels);
        } else {
            glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, width_, height_, GL_BGRA, GL_UNSIGNED_BYTE, pixels.pixels);
        }
        glPixelStorei(GL_UNPACK_ROW_LENGTH, 0); // what others expect
    }

    /// Shows the pixels with their upper left corner at (left, top) of a framebuffer so many rows high.
    void draw(int left, int top, int framebuffer_height) const {
        if (width_ == 0 || height_ == 0) {
            return;
        }
        const int above = framebuffer_height - top; // rows from the bottom, as OpenGL counts
        glViewport(left, above - height_, width_, height_);
        glDisable(GL_BLEND);
        glDisable(GL_DEPTH_TEST);
        glDisable(GL_CULL_FACE);
        glDisable(GL_SCISSOR_TEST);
        gl_.use_program(program_);
        gl_.active_texture(GL_TEXTURE0);
        glBindTexture(GL_TEXTURE_2D, texture_);
        gl_.uniform_1i(picture_, 0);
        gl_.uniform_2i(corner_, left, above);
        gl_.bind_vertex_array(nothing_);
        glDrawArrays(GL_TRIANGLES, 0, 3);
    }

private:
    gl_functions gl_;
    GLuint program_ = 0;
    GLuint nothing_ = 0; // a vertex array: drawing needs one, even of nothing
    GLuint texture_ = 0;
    GLint corner_ = -1;
    GLint picture_ = -1;
    int width_ = 0;
    int height_ = 0;
};

} // namespace fieldreel::inline v0::detail

#endif
