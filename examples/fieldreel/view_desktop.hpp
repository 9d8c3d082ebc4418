// SPDX-License-Identifier: MIT
// The desktop viewer: what the commands of its keys, its panels and its loop work on.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fieldreel/playback/player.hpp>
#include <fieldreel/viewer/scene.hpp>
#include <fieldreel/window/frame_times.hpp>
#include <fieldreel/window/key_bindings.hpp>
#include <fieldreel/window/recent_times.hpp>
#include <fieldreel/window/scene_worker.hpp>
#include <fieldreel/window/timeline.hpp>
#include <fieldreel/window/transport.hpp>
#include <fieldreel/window/window_viewer.hpp>

#include "machine.hpp"
#include "pictures.hpp"

/// What the command line says about the window.
struct view_settings {
    std::string report_path;
    std::optional<double> start_s;
    double speed = 1;
    bool play = false;
    fieldreel::play_mode mode = fieldreel::play_mode::once;
    std::optional<double> exit_after_s;
    std::optional<std::size_t> max_scenes;
};

/// How one overlay is shown: set by the window's thread, read by whoever fills scenes.
struct layer {
    std::string name;
    std::atomic<bool> visible{true};
    std::atomic<int> opacity{100}; ///< per cent
};

/// A playback whose overlays can be switched; its sources and overlays are shared with the one it is made of.
fieldreel::playback switchable(const fieldreel::playback& from, std::vector<std::shared_ptr<layer>>& layers);

/// The actions of the table of keys that this viewer has.
bool is_there(fieldreel::action what);

/// Durations of one stage, and its name in the HUD and in the report.
struct stage {
    const char* name;
    fieldreel::recent_times times = fieldreel::recent_times();
};

class desktop {
public:
    desktop(fieldreel::window_viewer& window, drawn_recording recording, const view_settings& settings);
    desktop(const desktop&) = delete;
    desktop& operator=(const desktop&) = delete;
    ~desktop() { leaving_ = true; } // the thread that reads times ends
    /// Until the window is closed. Gives the exit code.
    int run();

private:
    // view_desktop.cpp
    void take_keys();
    void act(fieldreel::action what, int number = 0);
    void take_times();
    bool ask_and_take(const fieldreel::due_scene& due);
    void dress();
    void show(bool fresh);
    void say(std::string words);
    void save_screenshot();
    void next_colormap(bool reversed);
    void fit_limits();
    void set_dark(bool dark);
    double wait_s() const;
    nlohmann::ordered_json described() const; ///< for --report
    fieldreel::time_range whole() const { return transport_.times(); }

    // view_panels.cpp
    void draw_widgets();
    void draw_controls(float top, float height);
    void draw_timeline(float width, float height);
    void drag_timeline(double x, bool over);
    void draw_timeline_menu();
    void draw_overview(float width, float height);
    void draw_side(float left, float width, float height);
    void draw_field_controls(std::size_t field);
    void draw_hud();
    void draw_help();
    void draw_go_to();
    void draw_toast();
    void draw_error();
    void draw_late();
    void draw_status();
    std::string probed() const;
    std::string time_words(double time_s) const;
    float unit() const { return window_.scale(); }

    fieldreel::window_viewer& window_;
    view_settings settings_;
    std::vector<std::shared_ptr<layer>> layers_;
    fieldreel::session session_;
    fieldreel::session_playback made_; ///< its playback is the switchable one
    fieldreel::transport transport_;
    fieldreel::steady_time timer_;
    double now_s_ = 0;

    fieldreel::scene empty_;
    fieldreel::worked_scene* shown_ = nullptr; ///< the worker's newest; it is ours until the next one is taken
    fieldreel::scene& scene() noexcept { return shown_ == nullptr ? empty_ : shown_->content; }
    const fieldreel::scene& scene() const noexcept { return shown_ == nullptr ? empty_ : shown_->content; }
    double asked_s_ = 0;
    double late_since_s_ = 0; ///< when the scene that is awaited was asked for; 0: none is
    bool late() const noexcept { return late_since_s_ > 0 && now_s_ - late_since_s_ > 0.15; }
    bool redraw_ = true;  ///< the picture looks other, with the same scene
    std::string problem_; ///< what of the scene failed
    std::vector<fieldreel::any_space> spaces_;
    std::vector<std::shared_ptr<const fieldreel::field_style>> looks_;
    std::vector<fieldreel::field_style> first_looks_;

    bool side_ = true;
    bool timeline_ = true;
    bool hud_ = false;
    bool help_ = false;
    bool go_to_ = false;
    bool go_to_opened_ = false;
    char go_to_words_[64] = {};
    std::string go_to_problem_;
    std::string toast_;
    double toast_until_s_ = 0;
    fieldreel::timeline strip_;
    fieldreel::timeline_drawing drawing_;
    fieldreel::timeline_part grabbed_ = fieldreel::timeline_part::empty; ///< what the mouse holds on the timeline
    std::optional<double> range_from_s_;                                 ///< Shift and drag: where it began

    /// The times of all frames in memory and the gaps between them, found on a thread of their own.
    struct known_times {
        std::optional<fieldreel::any_source> frames;
        std::vector<fieldreel::time_range> gaps;
    };
    std::optional<fieldreel::any_source> frames_; ///< of the first field, for their times
    std::atomic<bool> leaving_{false};
    std::future<known_times> times_;

    stage read_{"read"};
    stage overlay_{"overlay"};
    stage raster_{"raster"};
    stage upload_{"upload"};
    stage draw_{"draw"};
    stage present_{"present"};
    stage work_{"work"};
    double widgets_ms_ = 0;
    std::uint64_t pictures_ = 0; ///< frames of the window
    std::uint64_t scenes_ = 0;   ///< scenes presented
    std::uint64_t skipped_ = 0;
    std::vector<double> shown_at_s_; ///< of the last second's scenes
    double next_due_s_ = 0;
    int settle_ = 3; ///< pictures to draw before the window may rest
    std::string hud_lines_;
    double hud_at_s_ = -1;
    double began_s_ = 0;
    std::optional<double> first_picture_s_;
    std::string screenshot_;
    std::uint64_t late_pictures_ = 0;  ///< frames of the window that had to show an earlier scene, dimmed
    std::atomic<bool> awaited_{false}; ///< the next scene shall wake the window
    fieldreel::scene_worker worker_;   ///< last: its thread ends first
};
