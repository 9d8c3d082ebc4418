// SPDX-License-Identifier: MIT
// Scenes in a window of the desktop, with Dear ImGui's widgets over them.
#ifndef FIELDREEL_WINDOW_WINDOW_VIEWER_HPP
#define FIELDREEL_WINDOW_WINDOW_VIEWER_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/playback/step_report.hpp>
#include <fieldreel/render/raster.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/viewer/scene.hpp>
#include <fieldreel/window/gl_functions.hpp>
#include <fieldreel/window/gl_picture.hpp>
#include <fieldreel/window/key_bindings.hpp>

namespace fieldreel::inline v0 {

/// How a window opens. All members have defaults.
struct window_options {
    std::string title = "fieldreel";
    image_shape size = {800, 1280}; ///< rows x columns, in the desktop's units
    double scale = 0;               ///< of widgets and text; 0: as the desktop says
    bool dark = false;
    bool wait_for_screen = true; ///< shows a picture only when the screen takes the next one (vsync)
};

/// A key that went down, by the name that key_bindings.hpp has for it: letters and characters as the keyboard's layout
/// has them, "Space", "Left", "F8".
struct window_key {
    std::string name;
    modifiers held;
    bool repeated = false; ///< it is held down
};

/// Where the time of the last picture went, on the window's thread. Units: milliseconds.
struct window_stages {
    double raster_ms = 0;  ///< the scene became pixels; 0 when the last picture was shown again
    double upload_ms = 0;  ///< the pixels went to the graphics card
    double draw_ms = 0;    ///< the graphics card was told what to draw
    double present_ms = 0; ///< it drew, and the screen took it: waiting for the screen included
};

/// What people did since the frame before: keys, buttons, the wheel, a drag. Units: milliseconds.
struct window_input {
    bool any = false;
    double waited_ms = 0;  ///< how long it may have waited for this frame: since the one before took what there was; 0
                           ///< when the window rested and was woken by it
    double present_ms = 0; ///< of that, the picture before was being drawn by the card and taken by the screen
};

namespace detail {

/// GLFW, as long as there is a window.
class glfw_library {
public:
    glfw_library() {
        if (glfwInit() != GLFW_TRUE) {
            throw window_error(text("a window was asked for, and there is no display", reason(),
                                    "; set DISPLAY, or do without a window: `fieldreel profile` plays and measures, "
                                    "`fieldreel export` makes pictures and films, in C++ headless_viewer and raster"));
        }
    }
    glfw_library(const glfw_library&) = delete;
    glfw_library& operator=(const glfw_library&) = delete;
    ~glfw_library() { glfwTerminate(); }
    /// What GLFW says of its last error, in brackets.
    static std::string reason() {
        const char* words = nullptr;
        glfwGetError(&words);
        return words == nullptr ? std::string() : text(" (", std::string(words), ")");
    }
};

/// Dear ImGui's own state, as long as there is a window.
class imgui_context {
public:
    imgui_context() { ImGui::CreateContext(); }
    imgui_context(const imgui_context&) = delete;
    imgui_context& operator=(const imgui_context&) = delete;
    ~imgui_context() { ImGui::DestroyContext(); }
};

struct glfw_window_release {
    void operator()(GLFWwindow* p) const noexcept { glfwDestroyWindow(p); }
};

/// The backends between Dear ImGui, GLFW and OpenGL.
class imgui_backends {
public:
    explicit imgui_backends(GLFWwindow* window) {
        ImGui_ImplGlfw_InitForOpenGL(window, true); // keeps the callbacks that the window has
        ImGui_ImplOpenGL3_Init("#version 330 core");
    }
    imgui_backends(const imgui_backends&) = delete;
    imgui_backends& operator=(const imgui_backends&) = delete;
    ~imgui_backends() {
        ImGui_ImplOpenGL3_Shutdown();
        ImGui_ImplGlfw_Shutdown();
    }
};

/// Widgets that go with the renderer's pages.
inline void style_widgets(bool dark, float scale) {
    ImGuiStyle style;
    if (dark) {
        ImGui::StyleColorsDark(&style);
    } else {
        ImGui::StyleColorsLight(&style);
    }
    const auto color = [&](ImGuiCol which, ImVec4 light_one, ImVec4 dark_one) {
        style.Colors[which] = dark ? dark_one : light_one;
    };
    color(ImGuiCol_Text, {0.11F, 0.12F, 0.13F, 1}, {0.93F, 0.93F, 0.94F, 1});
    color(ImGuiCol_TextDisabled, {0.42F, 0.44F, 0.47F, 1}, {0.60F, 0.62F, 0.66F, 1});
    color(ImGuiCol_WindowBg, {0.985F, 0.985F, 0.98F, 1}, {0.105F, 0.115F, 0.14F, 1});
    color(ImGuiCol_PopupBg, {1, 1, 1, 1}, {0.13F, 0.14F, 0.17F, 1});
    color(ImGuiCol_Border, {0, 0, 0, 0.13F}, {1, 1, 1, 0.12F});
    color(ImGuiCol_FrameBg, {0.92F, 0.925F, 0.93F, 1}, {0.18F, 0.195F, 0.23F, 1});
    color(ImGuiCol_FrameBgHovered, {0.87F, 0.885F, 0.905F, 1}, {0.23F, 0.25F, 0.30F, 1});
    color(ImGuiCol_FrameBgActive, {0.82F, 0.85F, 0.89F, 1}, {0.27F, 0.30F, 0.36F, 1});
    color(ImGuiCol_Button, {0.92F, 0.925F, 0.93F, 1}, {0.18F, 0.195F, 0.23F, 1});
    color(ImGuiCol_ButtonHovered, {0.83F, 0.875F, 0.93F, 1}, {0.24F, 0.31F, 0.40F, 1});
    color(ImGuiCol_ButtonActive, {0.72F, 0.81F, 0.91F, 1}, {0.24F, 0.40F, 0.56F, 1});
    color(ImGuiCol_CheckMark, {0.12F, 0.40F, 0.66F, 1}, {0.42F, 0.70F, 0.95F, 1});
    color(ImGuiCol_SliderGrab, {0.32F, 0.56F, 0.80F, 1}, {0.35F, 0.58F, 0.80F, 1});
    color(ImGuiCol_SliderGrabActive, {0.12F, 0.40F, 0.66F, 1}, {0.42F, 0.70F, 0.95F, 1});
    color(ImGuiCol_Header, {0.83F, 0.875F, 0.93F, 1}, {0.22F, 0.28F, 0.36F, 1});
    color(ImGuiCol_HeaderHovered, {0.78F, 0.84F, 0.91F, 1}, {0.24F, 0.33F, 0.44F, 1});
    color(ImGuiCol_HeaderActive, {0.72F, 0.81F, 0.91F, 1}, {0.24F, 0.40F, 0.56F, 1});
    color(ImGuiCol_PlotHistogram, {0.32F, 0.56F, 0.80F, 1}, {0.35F, 0.58F, 0.80F, 1});
    color(ImGuiCol_Separator, {0, 0, 0, 0.12F}, {1, 1, 1, 0.12F});
    style.WindowRounding = 5;
    style.FrameRounding = 4;
    style.PopupRounding = 5;
    style.GrabRounding = 4;
    style.WindowPadding = {10, 8};
    style.FramePadding = {7, 4};
    style.ItemSpacing = {7, 6};
    style.ScaleAllSizes(scale);
    ImGui::GetStyle() = style;
}

/// A font file that has letters of many languages; empty where none is known.
inline std::string font_file(bool fixed_width) {
    for (const char* folder : {"/usr/share/fonts/truetype/dejavu/", "/usr/share/fonts/dejavu/", "/usr/share/fonts/TTF/",
                               "/usr/share/fonts/dejavu-sans-fonts/", "/usr/local/share/fonts/dejavu/"}) {
        const std::string path = std::string(folder) + (fixed_width ? "DejaVuSansMono.ttf" : "DejaVuSans.ttf");
        if (std::ifstream(path).good()) {
            return path;
        }
    }
    return {};
}

} // namespace detail

/// A window that shows scenes as the renderer draws them, pixel by pixel, and Dear ImGui's widgets over them. A viewer;
/// the host has the loop:
///
///     while (window.next_frame(wait_s)) {        // events; Dear ImGui's frame is open
///         ImGui::Begin("..."); ... ImGui::End(); // the host's widgets, if any
///         playback.show(clock.time_s(now), window);
///     }
///
/// `show_again()` instead of `present` shows the last picture under new widgets, without drawing it again.
/// One thread, the one that made it, which has to be the program's first; one window at a time.
/// Errors: window_error where there is no display or no OpenGL 3.3; those of raster.
class window_viewer {
public:
    explicit window_viewer(const window_options& options = {}, render_options look = {})
        : raster_(look), text_px_(look.text_px) {
        if (options.size.rows < 200 || options.size.cols < 320 || options.size.rows > 16384 ||
            options.size.cols > 16384) {
            throw invalid_value("size", detail::text("a window of ", options.size.cols, " x ", options.size.rows,
                                                     " was asked for; it must have 320 x 200 to 16384 x 16384; 1280 x "
                                                     "800 is usual"));
        }
        if (!(options.scale == 0 || (options.scale >= 0.5 && options.scale <= 8))) {
            throw invalid_value("scale", detail::text("a scale of ", options.scale,
                                                      " was asked for; give 0.5 to 8, or 0 for the desktop's own"));
        }
        library_ = std::make_unique<detail::glfw_library>();
        glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
        glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
        glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
        glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
        glfwWindowHint(GLFW_DEPTH_BITS, 0);
        glfwWindowHint(GLFW_STENCIL_BITS, 0);
        window_.reset(glfwCreateWindow(static_cast<int>(options.size.cols), static_cast<int>(options.size.rows),
                                       options.title.c_str(), nullptr, nullptr));
        if (window_ == nullptr) {
            throw window_error(
                detail::text("this display gives no window with OpenGL 3.3", detail::glfw_library::reason(),
                             "; update the graphics driver, draw in software (LIBGL_ALWAYS_SOFTWARE=1), or do without "
                             "a window: `fieldreel profile` plays and measures, `fieldreel export` makes pictures and "
                             "films"));
        }
        glfwMakeContextCurrent(window_.get());
        glfwSwapInterval(options.wait_for_screen ? 1 : 0);
        glfwSetWindowUserPointer(window_.get(), this);
        glfwSetKeyCallback(window_.get(), [](GLFWwindow* w, int key, int code, int action, int held) {
            self(w).input_.any = true;
            self(w).held_ = {(held & GLFW_MOD_CONTROL) != 0, (held & GLFW_MOD_ALT) != 0, (held & GLFW_MOD_SHIFT) != 0};
            self(w).repeated_ = action == GLFW_REPEAT;
            if (action != GLFW_RELEASE) {
                self(w).take_key(key, code);
            }
        });
        glfwSetCharCallback(window_.get(), [](GLFWwindow* w, unsigned code) { self(w).take_letter(code); });
        glfwSetMouseButtonCallback(window_.get(), [](GLFWwindow* w, int, int, int) { self(w).input_.any = true; });
        glfwSetScrollCallback(window_.get(), [](GLFWwindow* w, double, double) { self(w).input_.any = true; });
        glfwSetCursorPosCallback(window_.get(), [](GLFWwindow* w, double, double) {
            self(w).input_.any |= glfwGetMouseButton(w, GLFW_MOUSE_BUTTON_LEFT) == GLFW_PRESS;
        });
        glfwSetDropCallback(window_.get(), [](GLFWwindow* w, int count, const char** paths) {
            self(w).dropped_.assign(paths, paths + count);
        });
        // Sizes and rates are remembered: each question to the desktop waits until it has taken the picture before.
        glfwSetFramebufferSizeCallback(window_.get(), [](GLFWwindow* w, int width, int height) {
            self(w).width_ = width;
            self(w).height_ = height;
        });
        glfwGetFramebufferSize(window_.get(), &width_, &height_);
        GLFWmonitor* const monitor = glfwGetPrimaryMonitor();
        const GLFWvidmode* const mode = monitor == nullptr ? nullptr : glfwGetVideoMode(monitor);
        refresh_hz_ = mode == nullptr || mode->refreshRate <= 0 ? 60 : mode->refreshRate;
        picture_ = std::make_unique<detail::gl_picture>(
            detail::gl_functions::load([](const char* name) { return glfwGetProcAddress(name); }));
        float by_desktop = 1;
        glfwGetWindowContentScale(window_.get(), &by_desktop, nullptr);
        scale_ = static_cast<float>(options.scale > 0 ? options.scale : (std::max)(1.0F, by_desktop));
        context_ = std::make_unique<detail::imgui_context>();
        ImGuiIO& io = ImGui::GetIO();
        io.IniFilename = nullptr; // no files where the program happens to run
        static const ImWchar letters[] = {0x20, 0x24f, 0x370, 0x3ff, 0x2010, 0x2044, 0x2190, 0x2193, 0x2212, 0x2212, 0};
        const std::string proportional = detail::font_file(false);
        const std::string fixed = detail::font_file(true);
        if (proportional.empty() || fixed.empty()) {
            ImFontConfig how;
            how.SizePixels = std::floor(13 * scale_);
            fixed_font_ = io.Fonts->AddFontDefault(&how);
        } else {
            io.Fonts->AddFontFromFileTTF(proportional.c_str(), std::floor(14 * scale_), nullptr, letters);
            fixed_font_ = io.Fonts->AddFontFromFileTTF(fixed.c_str(), std::floor(13 * scale_), nullptr, letters);
        }
        backends_ = std::make_unique<detail::imgui_backends>(window_.get());
        set_dark(options.dark);
    }
    window_viewer(const window_viewer&) = delete;
    window_viewer& operator=(const window_viewer&) = delete;
    ~window_viewer() {
        if (frame_open_) {
            ImGui::EndFrame();
        }
    }

    /// Takes what happened since, waiting for something to happen for at most `wait_s`, and opens a frame of widgets.
    /// False when the window was closed.
    bool next_frame(double wait_s = 0) {
        if (frame_open_) {
            ImGui::EndFrame();
            frame_open_ = false;
        }
        keys_.clear();
        dropped_.clear();
        input_ = {};
        detail::lap_timer waiting;
        if (wait_s > 0) {
            glfwWaitEventsTimeout(wait_s);
        } else {
            glfwPollEvents();
        }
        const bool rested = waiting.lap_ms() > 1; // what had come before would have ended the wait at once
        input_.waited_ms = rested ? 0 : since_input_.lap_ms();
        input_.present_ms = rested ? 0 : last_present_ms_;
        since_input_.lap_ms();
        last_present_ms_ = 0;
        if (glfwWindowShouldClose(window_.get()) != 0) {
            return false;
        }
        begin_widgets();
        return true;
    }
    /// Ends a wait of next_frame early. From any thread, as long as the window is there.
    static void wake() { glfwPostEmptyEvent(); }

    /// Draws a scene and shows it with the widgets of this frame.
    void present(const scene& now) {
        FIELDREEL_TRACE_SPAN("viewer.present");
        stages_ = {};
        const pixel_rect area = picture_area();
        if (area.width() >= 160 && area.height() >= 120) { // a window may be made too small for any picture
            render_options look = raster_.options();
            look.size = {static_cast<std::size_t>(area.height()), static_cast<std::size_t>(area.width())};
            look.text_px = (std::min)(text_px_, static_cast<double>(area.height()) / 12);
            raster_.set_options(std::move(look));
            detail::lap_timer timer;
            raster_.present(now);
            stages_.raster_ms = timer.lap_ms();
            picture_->upload(raster_.pixels());
            stages_.upload_ms = timer.lap_ms();
        }
        finish();
    }
    /// Shows the picture presented last under the widgets of this frame.
    void show_again() {
        stages_ = {};
        finish();
    }

    /// The renderer behind the picture: its layout, for probing; its pixels, for a screenshot.
    const raster& picture() const noexcept { return raster_; }
    /// Takes effect with the next scene; the size is the window's business. Errors: those of raster.
    void set_look(render_options look) {
        const double text_px = look.text_px;
        look.size = raster_.options().size;
        look.text_px = 0; // fitted to the window when it is drawn
        raster_.set_options(std::move(look));
        text_px_ = text_px;
    }
    /// The look as it was set.
    render_options look() const {
        render_options out = raster_.options();
        out.text_px = text_px_;
        return out;
    }
    /// Where the picture stands in the window; nothing: everywhere. Units: pixels of the framebuffer.
    void set_picture_area(std::optional<pixel_rect> area) noexcept { area_ = area; }
    pixel_rect picture_area() const noexcept {
        const pixel_rect all{0, 0, width_, height_};
        return area_ ? intersection(*area_, all) : all;
    }
    /// Where a place of the window is on the picture, by the mouse's coordinates. Units: pixels of the picture.
    point_xy on_picture(double window_x, double window_y) const noexcept {
        const ImVec2 fine = ImGui::GetIO().DisplayFramebufferScale;
        const pixel_rect area = picture_area();
        return {window_x * static_cast<double>(fine.x) - area.left, window_y * static_cast<double>(fine.y) - area.top};
    }

    /// What went down since the frame before, in order: all of it, however short.
    const std::vector<window_key>& keys() const noexcept { return keys_; }
    const window_input& input() const noexcept { return input_; }
    /// Files and folders that were dropped on the window.
    const std::vector<std::string>& dropped() const noexcept { return dropped_; }

    bool dark() const noexcept { return dark_; }
    /// Colours of the widgets; those of the picture are in its look.
    void set_dark(bool dark) {
        dark_ = dark;
        detail::style_widgets(dark, scale_);
    }
    bool full_screen() const noexcept { return glfwGetWindowMonitor(window_.get()) != nullptr; }
    void set_full_screen(bool full) {
        if (full == full_screen()) {
            return;
        }
        if (full) {
            GLFWmonitor* const monitor = glfwGetPrimaryMonitor();
            const GLFWvidmode* const mode = monitor == nullptr ? nullptr : glfwGetVideoMode(monitor);
            if (mode == nullptr) {
                return;
            }
            glfwGetWindowPos(window_.get(), &before_[0], &before_[1]);
            glfwGetWindowSize(window_.get(), &before_[2], &before_[3]);
            glfwSetWindowMonitor(window_.get(), monitor, 0, 0, mode->width, mode->height, mode->refreshRate);
        } else {
            glfwSetWindowMonitor(window_.get(), nullptr, before_[0], before_[1], before_[2], before_[3],
                                 GLFW_DONT_CARE);
        }
    }
    void set_title(const std::string& title) { glfwSetWindowTitle(window_.get(), title.c_str()); }
    void close() noexcept { glfwSetWindowShouldClose(window_.get(), GLFW_TRUE); }
    /// How many pictures the screen takes per second; 60 where it does not say.
    double refresh_hz() const noexcept { return refresh_hz_; }
    float scale() const noexcept { return scale_; }
    /// For numbers that must not jump about.
    ImFont* fixed_font() const noexcept { return fixed_font_; }
    const window_stages& stages() const noexcept { return stages_; }

    /// What was shown last, widgets and all, as OpenGL draws it: for tests and pictures of the whole window. Between
    /// `present` and the next frame.
    void copy_to(image& out) {
        out.resize({static_cast<std::size_t>(height_), static_cast<std::size_t>(width_)});
        draw(); // the screen's own pixels cannot be read everywhere
        glPixelStorei(GL_PACK_ALIGNMENT, 4);
        const image_view to = out.view();
        for (int y = 0; y < height_; ++y) {
            rgba8* const row = to.pixels + static_cast<std::size_t>(y) * to.stride;
            glReadPixels(0, height_ - 1 - y, width_, 1, GL_RGBA, GL_UNSIGNED_BYTE, row);
            for (int x = 0; x < width_; ++x) {
                row[x].a = 255;
            }
        }
    }

private:
    static window_viewer& self(GLFWwindow* of) { return *static_cast<window_viewer*>(glfwGetWindowUserPointer(of)); }
    /// Keys that type nothing, and those that type nothing while Ctrl or Alt is held; the others come as characters.
    void take_key(int key, int code) {
        static constexpr std::pair<int, const char*> named[] = {
            {GLFW_KEY_SPACE, "Space"}, {GLFW_KEY_LEFT, "Left"},      {GLFW_KEY_RIGHT, "Right"},
            {GLFW_KEY_UP, "Up"},       {GLFW_KEY_DOWN, "Down"},      {GLFW_KEY_HOME, "Home"},
            {GLFW_KEY_END, "End"},     {GLFW_KEY_PAGE_UP, "PageUp"}, {GLFW_KEY_PAGE_DOWN, "PageDown"},
            {GLFW_KEY_TAB, "Tab"},     {GLFW_KEY_ESCAPE, "Esc"},     {GLFW_KEY_BACKSPACE, "Backspace"},
            {GLFW_KEY_ENTER, "Enter"}, {GLFW_KEY_DELETE, "Delete"}};
        for (const auto& [known, name] : named) {
            if (key == known) {
                keys_.push_back({name, held_, repeated_});
                return;
            }
        }
        if (key >= GLFW_KEY_F1 && key <= GLFW_KEY_F12) {
            keys_.push_back({"F" + std::to_string(key - GLFW_KEY_F1 + 1), held_, repeated_});
        } else if (held_.ctrl || held_.alt) {
            const char* const typed = glfwGetKeyName(key, code);
            if (typed != nullptr && typed[0] != '\0' && typed[1] == '\0') {
                keys_.push_back({std::string(1, capital(typed[0])), held_, repeated_});
            }
        }
    }
    void take_letter(unsigned code) {
        if (code > 32 && code < 127 && !held_.ctrl && !held_.alt) {
            keys_.push_back({std::string(1, capital(static_cast<char>(code))), held_, repeated_});
        }
    }
    static char capital(char letter) noexcept {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    }
    void begin_widgets() {
        ImGui_ImplOpenGL3_NewFrame();
        ImGui_ImplGlfw_NewFrame();
        ImGui::NewFrame();
        frame_open_ = true;
    }
    void draw() const {
        const render_look look = look_of(raster_.options().style);
        glViewport(0, 0, width_, height_);
        glDisable(GL_SCISSOR_TEST);
        glClearColor(static_cast<float>(look.page.r) / 255, static_cast<float>(look.page.g) / 255,
                     static_cast<float>(look.page.b) / 255, 1);
        glClear(GL_COLOR_BUFFER_BIT);
        const pixel_rect area = picture_area();
        picture_->draw(area.left, area.top, height_);
        ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    }
    void finish() {
        detail::lap_timer timer;
        {
            FIELDREEL_TRACE_SPAN("draw");
            if (!frame_open_) { // a host without widgets of its own
                glfwPollEvents();
                begin_widgets();
            }
            ImGui::Render();
            frame_open_ = false;
            draw();
        }
        stages_.draw_ms = timer.lap_ms();
        {
            FIELDREEL_TRACE_SPAN("present");
            glfwSwapBuffers(window_.get());
        }
        stages_.present_ms = timer.lap_ms();
        last_present_ms_ += stages_.present_ms;
    }

    raster raster_;
    double text_px_;                                // as asked for; smaller in small windows
    std::unique_ptr<detail::glfw_library> library_; // these die in the opposite order
    std::unique_ptr<GLFWwindow, detail::glfw_window_release> window_;
    std::unique_ptr<detail::gl_picture> picture_;
    std::unique_ptr<detail::imgui_context> context_;
    std::unique_ptr<detail::imgui_backends> backends_;
    std::optional<pixel_rect> area_;
    std::vector<window_key> keys_;
    std::vector<std::string> dropped_;
    window_stages stages_;
    window_input input_;
    detail::lap_timer since_input_;
    double last_present_ms_ = 0; // since events were taken
    ImFont* fixed_font_ = nullptr;
    int width_ = 0; // of the framebuffer
    int height_ = 0;
    double refresh_hz_ = 60;
    float scale_ = 1;
    bool dark_ = false;
    bool frame_open_ = false;
    modifiers held_;
    bool repeated_ = false;
    int before_[4] = {}; // place and size before full screen
};

} // namespace fieldreel::inline v0

#endif
