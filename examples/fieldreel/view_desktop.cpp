// SPDX-License-Identifier: MIT
// The loop of the desktop viewer and its keys.
#ifdef FIELDREEL_PROGRAM_WINDOW

#include "view_desktop.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>
#include <utility>

#ifdef __linux__
#include <sys/resource.h>
#endif

#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/export/png.hpp>

#include "commands.hpp"

using fieldreel::detail::text;

namespace {

/// How often this thread had to wait for a page from a disk.
std::uint64_t major_faults() {
#ifdef __linux__
    rusage used{};
    return getrusage(RUSAGE_THREAD, &used) == 0 ? static_cast<std::uint64_t>(used.ru_majflt) : 0;
#else
    return 0;
#endif
}

} // namespace

fieldreel::playback copy_of(const fieldreel::playback& from, std::vector<fieldreel::any_overlay> overlays) {
    fieldreel::playback out;
    for (std::size_t f = 0; f < from.field_count(); ++f) {
        out.add_field(from.source(f), from.space(f), from.style(f));
    }
    out.set_overlays(std::move(overlays));
    return out;
}

desktop::desktop(fieldreel::window_viewer& window, viewed_recording recording, const view_settings& settings,
                 view_surroundings& around)
    : window_(window),
      settings_(settings),
      around_(around),
      recording_(std::move(recording)),
      transport_(recording_.playback.times()), // frames come when their times are in memory
      strip_(recording_.playback.times()),
      worker_(recording_.playback, [this] {
          if (awaited_.exchange(false)) {
              fieldreel::window_viewer::wake();
          }
      }) {
    const fieldreel::playback& all = recording_.playback;
    for (std::size_t f = 0; f < all.field_count(); ++f) {
        sources_.push_back(all.source(f));
        spaces_.push_back(all.space(f));
        first_looks_.push_back(all.style(f));
        looks_.push_back(std::make_shared<const fieldreel::field_style>(first_looks_.back()));
    }
    overlays_.assign(all.overlays().begin(), all.overlays().end());
    layers_ = fieldreel::layers_of(overlays_);
    selected_layer_ = layers_.empty() ? 0 : layers_.size() - 1;
    wanted_cell_ = recording_.cell;
    now_s_ = timer_.now_s();
    began_s_ = now_s_;
    shown_at_s_.reserve(1000);
    fieldreel::render_options look = recording_.options;
    window_.set_look(look);
    set_dark(window_.dark());
    transport_.set_tracks(recording_.tracks);
    if (!sources_.empty()) {
        times_ = std::async(std::launch::async, [this, frames = sources_.front(), range = whole()] {
            const auto go_on = [this](std::size_t, std::size_t) { return !leaving_; };
            known_times out{fieldreel::times_in_memory(frames, go_on), {}};
            out.gaps = out.frames ? fieldreel::find_gaps(*out.frames, range, 0.5, go_on) : out.gaps;
            fieldreel::window_viewer::wake();
            return out;
        });
    }
    if (!recording_.notes.empty()) {
        say(recording_.notes);
    }
    view_path_ = settings_.view_path;
    transport_.set_mode(settings_.mode, now_s_);
    transport_.set_speed(settings_.speed, now_s_);
    if (settings_.view) {
        apply(*settings_.view);
    }
    if (settings_.start_s) {
        transport_.seek(*settings_.start_s, now_s_);
    }
    if (settings_.play) {
        transport_.play(now_s_);
    }
    random_state_ = settings_.random_use.value_or(0);
}

int desktop::run() {
    window_.set_title(recording_.folder.empty() ? "fieldreel" : "fieldreel - " + recording_.folder);
    if (!recording_.folder.empty()) {
        around_.recent.add(recording_.folder);
    }
    faults_before_ = major_faults();
    for (double wait = wait_s(); window_.next_frame(wait); wait = wait_s()) {
        fieldreel::detail::lap_timer timer;
        const double before_s = now_s_;
        now_s_ = timer_.now_s();
        if (wait > 0.03 && now_s_ - before_s < wait) { // something has happened: widgets take a few pictures to settle
            settle_ = 3;
        }
        const bool over = interrupted() || (settings_.exit_after_s && now_s_ - began_s_ >= *settings_.exit_after_s) ||
                          (settings_.max_scenes && scenes_ >= *settings_.max_scenes);
        if (over && settings_.window_picture.empty()) {
            break;
        }
        take_times();
        take_tasks();
        if (next_) {
            window_.show_again();
            return done;
        }
        if (settings_.random_use) {
            try_everything();
        }
        take_keys();
        take_mouse();
        const fieldreel::due_scene due = transport_.tick(now_s_);
        const bool fresh = ask_and_take(due);
        fieldreel::detail::lap_timer drawing;
        draw_widgets();
        widgets_ms_ = drawing.lap_ms();
        show(fresh);
        if (const fieldreel::window_input& input = window_.input(); input.any) {
            const double ms = input.waited_ms + timer.lap_ms();
            answer_.times.add(ms - input.present_ms - window_.stages().present_ms);
            on_screen_.times.add(ms);
        }
        if (over) {
            fieldreel::image all;
            window_.copy_to(all);
            fieldreel::write_png(settings_.window_picture, all);
            break;
        }
    }
    return interrupted() ? stopped : done;
}

bool desktop::tasks_run() const {
    return deriving_.running() || opening_.running() || course_reading_.running() || filming_.running() ||
           trace_writing_.running();
}

double desktop::wait_s() const {
    if (transport_.playing() || transport_.scrubbing() || settle_ > 0 || redraw_ || settings_.random_use) {
        return (std::max)(0.0, next_due_s_ - timer_.now_s()); // what is pressed meanwhile does not wait for a picture
    }
    if (late_since_s_ > 0) { // the worker wakes us; until then the sign that turns
        return late() ? 1.0 / 30 : (std::max)(0.001, late_since_s_ + late_after_s - timer_.now_s());
    }
    double wait = !toast_.empty() || tasks_run() ? 0.1 : 1.0;
    if (settings_.exit_after_s) {
        wait = (std::min)(wait, (std::max)(0.0, *settings_.exit_after_s - (timer_.now_s() - began_s_)));
    }
    return wait;
}

void desktop::take_times() {
    if (recording_.cached_frames && frames_ && now_s_ - cached_at_s_ > 0.25) {
        cached_at_s_ = now_s_;
        strip_.set_cached(fieldreel::times_of(*frames_, recording_.cached_frames()));
    }
    if (!times_.valid() || times_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
        return;
    }
    try {
        known_times known = times_.get();
        if (known.frames) {
            frames_ = known.frames;
            transport_.set_frames(std::move(known.frames));
            strip_.set_gaps(std::move(known.gaps));
        }
    } catch (const fieldreel::error& wrong) {
        say(wrong.what());
    }
}

/// What threads have finished.
void desktop::take_tasks() {
    if (auto made = opening_.take()) {
        if (made->result) {
            next_ = std::move(**made->result);
        } else if (!made->error.empty()) {
            say(made->error);
        }
    }
    if (auto made = deriving_.take()) {
        if (made->result) {
            const std::string cell = (**made->result).cell;
            auto& kept = cells_.put(cell, std::move(*made->result));
            if (cell == wanted_cell_) {
                show_cell(*kept);
            } else {
                step_cell(0); // another one was asked for meanwhile
            }
        } else if (!made->error.empty()) {
            wanted_cell_ = recording_.cell;
            say(made->error);
        }
    }
    if (auto made = course_reading_.take(); made && !made->error.empty()) {
        say(made->error);
    }
    if (auto made = filming_.take()) {
        written_ = made->result.value_or(std::string()).empty() ? written_ : film_path_;
        say(!made->error.empty()                     ? made->error
            : made->result && !made->result->empty() ? "Saved " + *made->result
                                                     : "The film was broken off; nothing is left of it.");
    }
    if (auto made = trace_writing_.take()) {
        written_ = made->result.value_or(written_);
        say(made->error.empty() ? text("Saved the last minute as ", written_, "; speedscope or Perfetto open it.")
                                : made->error);
    }
    if (course_ != nullptr && now_s_ - course_at_s_ > 0.1 && (course_reading_.running() || course_at_s_ < 0)) {
        course_at_s_ = now_s_;
        course_->copy_to(course_read_);
    } else if (course_ != nullptr && !course_read_.complete()) {
        course_->copy_to(course_read_);
    }
}

/// Asks for the scene that is due and takes the newest there is: true when it is another one. Never waits.
bool desktop::ask_and_take(const fieldreel::due_scene& due) {
    worker_.ask({due.time_s, due.velocity, due.mode, due.range});
    if (due.time_s != asked_s_ || shown_ == nullptr) {
        asked_s_ = due.time_s;
        late_since_s_ = late_since_s_ > 0 ? late_since_s_ : now_s_;
    }
    fieldreel::worked_scene* taken = worker_.take(0.002); // one that is nearly ready is worth it
    if (taken == nullptr && late_since_s_ > 0) {
        awaited_ = true;
        taken = worker_.take(); // it may have come just before
    }
    const bool fresh = taken != nullptr;
    if (fresh) {
        awaited_ = false;
        shown_ = taken;
        problem_ = shown_->error;
        late_since_s_ = worker_.busy() ? now_s_ : 0;
    }
    return fresh;
}

/// The scene as the panels want it.
void desktop::dress() {
    for (std::size_t f = 0; f < scene().fields.size() && f < spaces_.size(); ++f) {
        fieldreel::scene_field& field = scene().fields[f];
        if (field.values().empty() || field.values().size() == spaces_[f].bin_count()) {
            field.set_look(spaces_[f], looks_[f]);
        }
    }
}

void desktop::show(bool fresh) {
    const fieldreel::pixel_rect area = window_.picture_area();
    const fieldreel::image_shape drawn =
        window_.picture().pixels().pixels == nullptr ? fieldreel::image_shape{} : window_.picture().size();
    const bool other_size = static_cast<std::size_t>((std::max)(0, area.width())) != drawn.cols ||
                            static_cast<std::size_t>((std::max)(0, area.height())) != drawn.rows;
    const bool drawing = fresh || redraw_ || other_size;
    if (drawing) {
        redraw_ = false;
        dress();
        try {
            window_.present(scene());
        } catch (const fieldreel::error& wrong) { // values that cannot be painted: said in the window
            problem_ = wrong.what();
            window_.show_again();
        }
    } else {
        window_.show_again();
    }
    const fieldreel::window_stages& ms = window_.stages();
    ++pictures_;
    draw_.times.add(ms.draw_ms + widgets_ms_);
    present_.times.add(ms.present_ms);
    double work_ms = ms.raster_ms + ms.upload_ms + ms.draw_ms + widgets_ms_;
    if (drawing) {
        raster_.times.add(ms.raster_ms);
        upload_.times.add(ms.upload_ms);
    }
    if (fresh) {
        read_.times.add(shown_->work.read_ms);
        overlay_.times.add(shown_->work.overlay_ms);
        transport_.shown(shown_->asked_s);
        ++scenes_;
        shown_at_s_.push_back(now_s_);
    }
    work_.times.add(work_ms);
    std::erase_if(shown_at_s_, [&](double at_s) { return at_s < now_s_ - 1; });
    late_pictures_ += late() ? 1U : 0U;
    if (!first_picture_s_ && fresh) {
        first_picture_s_ = timer_.now_s() - began_s_;
    }
    settle_ = drawing || !window_.keys().empty() || ImGui::IsAnyMouseDown() ? 3 : (std::max)(0, settle_ - 1);
    const double period_s = 1 / window_.refresh_hz();
    next_due_s_ = (std::max)(next_due_s_ + period_s, timer_.now_s());
    next_due_s_ = (std::min)(next_due_s_, timer_.now_s() + period_s);
}

// ---- keys -----------------------------------------------------------------------------------------------------------

void desktop::take_keys() {
    for (const fieldreel::window_key& key : window_.keys()) {
        const fieldreel::key_binding* const row = fieldreel::binding_of(key.name, key.held);
        const bool command = key.name == "Esc" || (key.held.ctrl && key.name.size() == 1); // not Ctrl+Left
        const bool written = ImGui::GetIO().WantTextInput && !command;
        if (row != nullptr && !written && (!key.repeated || row->repeats)) {
            act(row->action, row->number);
        }
    }
    if (!window_.dropped().empty()) {
        open_path(window_.dropped().front());
    }
}

void desktop::act(fieldreel::action what, int number) {
    using fieldreel::action;
    fieldreel::transport& t = transport_;
    switch (what) {
    case action::play_pause: t.toggle_play(now_s_); break;
    case action::play_backward: t.shuttle_backward(now_s_); break;
    case action::stop: t.shuttle_stop(now_s_); break;
    case action::play_forward: t.shuttle_forward(now_s_); break;
    case action::slower: t.slower(now_s_); break;
    case action::faster: t.faster(now_s_); break;
    case action::normal_speed: t.normal_speed(now_s_); break;
    case action::next_mode: t.next_mode(now_s_); break;
    case action::next_pacing:
        t.set_pacing(t.pacing() == fieldreel::pacing::real_time ? fieldreel::pacing::every_frame
                                                                : fieldreel::pacing::real_time,
                     now_s_);
        break;
    case action::skip_gaps:
        t.set_skip_gaps(!t.skips_gaps());
        say(t.skips_gaps() ? "Gaps in the data are skipped." : "Gaps in the data are played.");
        break;
    case action::play_around_next: t.play_around_next(now_s_); break;
    case action::frame_back: t.step(-1, now_s_); break;
    case action::frame_on: t.step(1, now_s_); break;
    case action::second_back: t.seek_by(-1, now_s_); break;
    case action::second_on: t.seek_by(1, now_s_); break;
    case action::ten_seconds_back: t.seek_by(-10, now_s_); break;
    case action::ten_seconds_on: t.seek_by(10, now_s_); break;
    case action::first: t.go_first(now_s_); break;
    case action::last: t.go_last(now_s_); break;
    case action::previous_event: t.previous_event(now_s_); break;
    case action::next_event: t.next_event(now_s_); break;
    case action::next_track:
        if (!t.tracks().empty()) {
            t.set_active_track((t.active_track() + 1) % t.tracks().size());
            say(text("N and P go by ", t.tracks()[t.active_track()].name, "."));
        }
        break;
    case action::go_to: ask_for(typed::time); break;
    case action::set_in: t.set_in_here(now_s_); break;
    case action::set_out: t.set_out_here(now_s_); break;
    case action::clear_in_out: t.clear_in_out(now_s_); break;
    case action::add_bookmark: t.add_bookmark(now_s_); break;
    case action::remove_bookmark:
        if (const auto here = t.bookmark_here(now_s_)) {
            t.remove_bookmark(*here);
        }
        break;
    case action::previous_bookmark: t.previous_bookmark(now_s_); break;
    case action::next_bookmark: t.next_bookmark(now_s_); break;
    case action::fit: set_zoom({}); break;
    case action::reset_view: reset_view(); break;
    case action::auto_limits: fit_limits(); break;
    case action::next_colormap: next_colormap(false); break;
    case action::invert_colormap: next_colormap(true); break;
    case action::toggle_layer: toggle_layer(static_cast<std::size_t>(number)); break;
    case action::toggle_selected_layer:
        if (selected_layer_ < layers_.size()) {
            layers_[selected_layer_].visible = !layers_[selected_layer_].visible;
            apply_layers();
        }
        break;
    case action::previous_cell: step_cell(-1); break;
    case action::next_cell: step_cell(1); break;
    case action::show_timeline: timeline_ = !timeline_; break;
    case action::time_or_frames:
        strip_.set_unit(strip_.unit() == fieldreel::time_unit::seconds && frames_ ? fieldreel::time_unit::frames
                                                                                  : fieldreel::time_unit::seconds);
        break;
    case action::zoom_in_timeline:
    case action::zoom_out_timeline:
        strip_.zoom(what == action::zoom_in_timeline ? 1.6 : 1 / 1.6, strip_.x_of(t.position_s(now_s_)));
        break;
    case action::show_layers: side_ = !side_; break;
    case action::show_dock: {
        fieldreel::render_options look = window_.look();
        look.dock = look.dock.value_or(true) ? std::optional(false) : std::nullopt;
        window_.set_look(std::move(look));
        redraw_ = true;
        break;
    }
    case action::show_hud: hud_ = !hud_; break;
    case action::write_trace: write_last_minute(); break;
    case action::full_screen: window_.set_full_screen(!window_.full_screen()); break;
    case action::light_or_dark: set_dark(!window_.dark()); break;
    case action::open:
    case action::open_recent: ask_for(typed::recording); break;
    case action::save_view: ask_for(typed::view); break;
    case action::screenshot: save_screenshot(); break;
    case action::export_range: ask_for(typed::film); break;
    case action::help: help_ = !help_; break;
    case action::cancel:
        t.cancel_scrub(now_s_);
        help_ = false;
        if (box_ == typed::nothing) { // one thing at a time
            course_.reset();
            course_reading_.cancel();
        }
        box_ = typed::nothing;
        break;
    case action::quit: window_.close(); break;
    }
}

/// A person who tries everything, again and again, but opens, saves and closes nothing.
void desktop::try_everything() {
    const auto number = [this](std::uint64_t below) { // Steele, Lea, Flood 2014: splitmix64
        std::uint64_t z = random_state_ += 0x9e3779b97f4a7c15ULL;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return (z ^ (z >> 31)) % below;
    };
    if (now_s_ - began_s_ >= 2 * static_cast<double>(private_mib_.size())) {
        private_mib_.push_back(measure_memory().private_mib);
    }
    if (now_s_ < random_at_s_) {
        return;
    }
    random_at_s_ = now_s_ + 0.02 * static_cast<double>(1 + number(10));
    const auto part = [&] { return static_cast<double>(number(10'000)) / 10'000; };
    const fieldreel::time_range all = whole();
    switch (number(12)) {
    case 0: transport_.seek(all.start_s + part() * (all.stop_s - all.start_s), now_s_); break;
    case 1: transport_.begin_scrub(all.start_s + part() * (all.stop_s - all.start_s), now_s_); break;
    case 2: transport_.drag_scrub(all.start_s + part() * (all.stop_s - all.start_s)); break;
    case 3: transport_.end_scrub(now_s_); break;
    case 4: {
        const fieldreel::image_shape size = window_.picture().size();
        zoom_field(0.5 + 2 * part(), fieldreel::point_xy{part() * static_cast<double>(size.cols),
                                                         part() * static_cast<double>(size.rows)});
        break;
    }
    case 5:
        if (!sources_.empty()) {
            open_course(0, number(sources_.front().frame_size()));
        }
        break;
    case 6:
        if (!layers_.empty()) {
            fieldreel::layer_view& one = layers_[number(layers_.size())];
            one.opacity = part();
            one.trail_s = 10 * part();
            std::swap(one, layers_[number(layers_.size())]);
            apply_layers();
        }
        break;
    case 7: transport_.toggle_play(now_s_); break;
    default: {
        const fieldreel::key_binding& row = fieldreel::default_keys[number(fieldreel::default_keys.size())];
        if (row.group != "File" && row.action != fieldreel::action::write_trace &&
            row.action != fieldreel::action::full_screen && row.action != fieldreel::action::go_to) {
            act(row.action, row.number);
        }
        if (transport_.bookmarks().size() > 50) {
            transport_.set_bookmarks({});
        }
        break;
    }
    }
}

nlohmann::ordered_json desktop::described() const {
    const auto or_null = [](const auto& value) {
        return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
    };
    nlohmann::ordered_json out;
    out["time_s"] = scene().time_s;
    out["frame"] = or_null(scene().fields.empty() ? std::nullopt : scene().fields.front().frame());
    out["position_s"] = transport_.position_s(now_s_);
    out["frame_count"] = sources_.empty() ? 0 : sources_.front().frame_count(); // known before its times are read
    out["playing"] = transport_.playing();
    out["speed"] = transport_.speed();
    out["mode"] = fieldreel::name_of(transport_.mode());
    out["pacing"] = transport_.pacing() == fieldreel::pacing::real_time ? "real time" : "every frame";
    out["in_s"] = or_null(transport_.in_s());
    out["out_s"] = or_null(transport_.out_s());
    out["bookmarks_s"] = nlohmann::ordered_json::array();
    for (const fieldreel::bookmark& one : transport_.bookmarks()) {
        out["bookmarks_s"].push_back(one.time_s);
    }
    out["recording"] = recording_.folder;
    out["cell"] = recording_.cell;
    out["layers"] = nlohmann::ordered_json::object(); // the lowest first
    for (const fieldreel::layer_view& one : layers_) {
        out["layers"][one.name] = one.visible;
    }
    out["fields"] = nlohmann::ordered_json::array();
    for (const auto& look : looks_) {
        out["fields"].push_back(
            {{"colormap", look->colors.name()}, {"vmin", look->range.vmin}, {"vmax", look->range.vmax}});
    }
    const fieldreel::render_options look = window_.look();
    out["zoom"] = look.zoom;
    out["center"] = look.center ? nlohmann::ordered_json({look.center->x, look.center->y}) : nlohmann::ordered_json();
    out["dark"] = window_.dark();
    out["hud"] = hud_;
    out["help"] = help_;
    out["course"] = course_title_;
    out["course_frames"] = course_read_.frames_read;
    out["screenshot"] = screenshot_;
    out["written"] = written_;
    out["said"] = toast_;
    out["problem"] = problem_;
    out["scenes_shown"] = scenes_;
    out["scenes_filled"] = worker_.counts().filled;
    out["scenes_overtaken"] = worker_.counts().replaced;
    out["scenes_failed"] = worker_.counts().failed;
    out["late_pictures"] = late_pictures_;
    out["frames_due"] = transport_.counts().due;
    out["frames_shown"] = transport_.counts().shown;
    out["frames_skipped"] = transport_.counts().skipped();
    out["window_pictures"] = pictures_;
    out["window_major_faults"] = major_faults() - faults_before_;
    out["first_picture_ms"] = 1000 * first_picture_s_.value_or(0);
    out["private_mib"] = measure_memory().private_mib;
    if (settings_.random_use) {
        out["private_mib_every_2_s"] = private_mib_;
    }
    for (const stage* one : {&read_, &overlay_, &raster_, &upload_, &draw_, &work_, &present_, &answer_, &on_screen_}) {
        out["stages"][one->name] = {{"count", one->times.count()},
                                    {"p50_ms", one->times.percentile(0.5)},
                                    {"p99_ms", one->times.percentile(0.99)}};
    }
    return out;
}

#endif
