// SPDX-License-Identifier: MIT
// The desktop viewer: what the commands of its keys, its panels and its loop work on.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <fieldreel/playback/player.hpp>
#include <fieldreel/trace/recorder.hpp>
#include <fieldreel/viewer/scene.hpp>
#include <fieldreel/window/background_task.hpp>
#include <fieldreel/window/frame_times.hpp>
#include <fieldreel/window/key_bindings.hpp>
#include <fieldreel/window/last_used.hpp>
#include <fieldreel/window/recent_list.hpp>
#include <fieldreel/window/recent_times.hpp>
#include <fieldreel/window/scene_worker.hpp>
#include <fieldreel/window/time_course.hpp>
#include <fieldreel/window/timeline.hpp>
#include <fieldreel/window/transport.hpp>
#include <fieldreel/window/view_state.hpp>
#include <fieldreel/window/window_viewer.hpp>

#include "machine.hpp"
#include "view_recording.hpp"

/// What the command line says about the window.
struct view_settings {
    std::optional<double> start_s;
    double speed = 1;
    bool play = false;
    fieldreel::play_mode mode = fieldreel::play_mode::once;
    std::optional<double> exit_after_s;
    std::optional<std::size_t> max_scenes;
    std::string view_path;                     ///< of the view it starts with
    std::optional<fieldreel::view_state> view; ///< that view
    std::string window_picture;                ///< where the whole window goes at the end, widgets and all
    std::optional<std::uint64_t> random_use;   ///< the seed of a person who tries everything
};

/// What there is beside a recording. Outlives the desktop.
struct view_surroundings {
    std::function<viewed_recording(const std::string& path)> open; ///< from any thread
    fieldreel::recent_list recent;
    fieldreel::trace::recorder* recorder = nullptr; ///< of the last minutes; null when a trace is written anyway
};

/// Handles to the same sources and other overlays.
fieldreel::playback copy_of(const fieldreel::playback& from, std::vector<fieldreel::any_overlay> overlays);

/// Durations of one stage, and its name in the HUD and in the report.
struct stage {
    const char* name;
    fieldreel::recent_times times = fieldreel::recent_times();
};

/// The box in which something is typed.
enum class typed : std::uint8_t { nothing, time, recording, view, film };

class desktop {
public:
    desktop(fieldreel::window_viewer& window, viewed_recording recording, const view_settings& settings,
            view_surroundings& around);
    desktop(const desktop&) = delete;
    desktop& operator=(const desktop&) = delete;
    ~desktop() { leaving_ = true; } // the thread that reads times ends
    /// Until the window is closed, or another recording was opened. Gives the exit code.
    int run();
    /// The recording that was opened instead.
    std::optional<viewed_recording> next() { return std::exchange(next_, std::nullopt); }
    nlohmann::ordered_json described() const; ///< for --report

private:
    // view_desktop.cpp: the loop and the keys
    void take_keys();
    void act(fieldreel::action what, int number = 0);
    void take_times();
    void take_tasks();
    bool ask_and_take(const fieldreel::due_scene& due);
    void dress();
    void show(bool fresh);
    double wait_s() const;
    bool tasks_run() const;
    fieldreel::time_range whole() const { return transport_.times(); }
    void try_everything(); ///< --random-use

    // view_commands.cpp: what keys and buttons do
    void say(std::string words);
    void save_screenshot();
    void next_colormap(bool reversed);
    void fit_limits();
    void set_dark(bool dark);
    void reset_view();
    void apply_layers();
    void toggle_layer(std::size_t number);
    void zoom_field(double factor, std::optional<fieldreel::point_xy> pixel = {});
    void set_zoom(const fieldreel::field_zoom& zoom);
    void step_cell(int by);
    void show_cell(viewed_recording& from);
    void open_course(std::size_t field, std::size_t bin);
    void open_path(const std::string& path);
    void write_last_minute();
    fieldreel::view_state state() const;
    void apply(const fieldreel::view_state& view);
    void load_view(const std::string& path);
    void ask_for(typed what);
    void take_typed();
    std::string free_name(const std::string& stem, const std::string& ending) const;

    // view_controls.cpp: controls, timeline, status
    void draw_controls(float top, float height);
    void draw_timeline(float width, float height);
    void drag_timeline(double x, bool over);
    void draw_timeline_menu();
    void draw_overview(float width, float height);
    void draw_status();

    // view_side.cpp: the panel beside the picture
    void draw_side(float left, float width, float height);
    void draw_field_controls(std::size_t field);
    void draw_layers();
    void draw_layer_details(fieldreel::layer_view& of);

    // view_field.cpp: the mouse on the picture, the dock, the time course
    void take_mouse();
    void probe_dock(double offset_s);
    void draw_course();
    std::string probed() const;
    std::optional<std::size_t> panel_at(fieldreel::point_xy pixel, bool anywhere) const;

    // view_boxes.cpp: what comes and goes
    void draw_widgets();
    void draw_hud();
    void draw_help();
    void draw_typed();
    void draw_tasks();
    void draw_toast();
    void draw_error();
    void draw_late();
    std::string time_words(double time_s) const;
    float unit() const { return window_.scale(); }
    /// What the picture covers. Units: the mouse's.
    ImVec2 picture_size() const;

    fieldreel::window_viewer& window_;
    view_settings settings_;
    view_surroundings& around_;
    viewed_recording recording_; ///< its playback is the worker's
    fieldreel::transport transport_;
    fieldreel::steady_time timer_;
    double now_s_ = 0;

    fieldreel::scene empty_;
    fieldreel::worked_scene* shown_ = nullptr; ///< the worker's newest; it is ours until the next one is taken
    fieldreel::scene& scene() noexcept { return shown_ == nullptr ? empty_ : shown_->content; }
    const fieldreel::scene& scene() const noexcept { return shown_ == nullptr ? empty_ : shown_->content; }
    double asked_s_ = 0;
    double late_since_s_ = 0; ///< when the scene that is awaited was asked for; 0: none is
    static constexpr double late_after_s = 0.15;
    bool late() const noexcept { return late_since_s_ > 0 && now_s_ - late_since_s_ > late_after_s; }
    bool redraw_ = true;  ///< the picture looks other, with the same scene
    std::string problem_; ///< what of the scene failed

    // How fields and layers are shown.
    std::vector<fieldreel::any_overlay> overlays_; ///< the recording's own, in its order
    std::vector<fieldreel::layer_view> layers_;    ///< the lowest first
    std::size_t selected_layer_ = 0;
    std::vector<fieldreel::any_source> sources_;
    std::vector<fieldreel::any_space> spaces_;
    std::vector<std::shared_ptr<const fieldreel::field_style>> looks_;
    std::vector<fieldreel::field_style> first_looks_;

    // Cells.
    std::string wanted_cell_;
    fieldreel::last_used<std::shared_ptr<viewed_recording>> cells_{16};
    fieldreel::background_task<std::shared_ptr<viewed_recording>> deriving_;

    // Other recordings.
    std::string opening_path_;
    fieldreel::background_task<std::shared_ptr<viewed_recording>> opening_;
    std::optional<viewed_recording> next_;

    // The mouse on the picture.
    std::optional<fieldreel::point_xy> pressed_; ///< where, in pixels of the picture
    fieldreel::point_xy dragged_from_;
    bool dragged_ = false;
    bool pressed_dock_ = false;
    double pressed_time_s_ = 0;
    /// Values under the mouse in the dock, found by the worker.
    struct dock_values {
        std::mutex mutex;
        std::string words;
    };
    std::shared_ptr<dock_values> dock_values_ = std::make_shared<dock_values>();
    double probed_dock_s_ = -1;

    // The time course of a bin.
    std::shared_ptr<fieldreel::time_course> course_;
    std::string course_title_;
    std::size_t course_field_ = 0;
    fieldreel::course_reading course_read_;
    double course_at_s_ = -1;
    fieldreel::background_task<bool> course_reading_;

    // Films and traces.
    std::string film_path_;
    fieldreel::background_task<std::string> filming_;
    fieldreel::background_task<std::string> trace_writing_;

    bool side_ = true;
    bool timeline_ = true;
    bool hud_ = false;
    bool help_ = false;
    typed box_ = typed::nothing;
    bool box_opened_ = false;
    char box_words_[1024] = {};
    std::string box_problem_;
    std::string view_path_; ///< where Ctrl+S saves
    std::string toast_;
    double toast_until_s_ = 0;
    fieldreel::timeline strip_;
    fieldreel::timeline_drawing drawing_;
    fieldreel::timeline_part grabbed_ = fieldreel::timeline_part::empty; ///< what the mouse holds on the timeline
    std::optional<double> range_from_s_;                                 ///< Shift and drag: where it began
    double cached_at_s_ = -1;

    /// The times of all frames in memory and the gaps between them, found on a thread of their own.
    struct known_times {
        std::optional<fieldreel::any_source> frames;
        std::vector<fieldreel::time_range> gaps;
    };
    std::optional<fieldreel::any_source> frames_; ///< times of the first field's frames, in memory
    std::atomic<bool> leaving_{false};
    std::future<known_times> times_;

    stage read_{"read"};
    stage overlay_{"overlay"};
    stage raster_{"raster"};
    stage upload_{"upload"};
    stage draw_{"draw"};
    stage present_{"present"};
    stage work_{"work"};
    stage answer_{"answer"};       ///< from a key or button to the picture that shows it, without drawing by the card
    stage on_screen_{"on screen"}; ///< the same with it
    double widgets_ms_ = 0;
    std::uint64_t pictures_ = 0;     ///< frames of the window
    std::uint64_t scenes_ = 0;       ///< scenes presented
    std::vector<double> shown_at_s_; ///< of the last second's scenes
    double next_due_s_ = 0;
    int settle_ = 3; ///< pictures to draw before the window may rest
    std::string hud_lines_;
    double hud_at_s_ = -1;
    double began_s_ = 0;
    std::optional<double> first_picture_s_;
    std::string screenshot_;
    std::string written_;             ///< the view, film or trace written last
    std::uint64_t late_pictures_ = 0; ///< frames of the window that had to show an earlier scene, dimmed
    std::uint64_t faults_before_ = 0; ///< of the window's thread, when the desktop opened
    std::uint64_t random_state_ = 0;
    double random_at_s_ = 0;
    std::vector<double> private_mib_;  ///< of --random-use, every two seconds
    std::atomic<bool> awaited_{false}; ///< the next scene shall wake the window
    fieldreel::scene_worker worker_;   ///< last: its thread ends first
};
