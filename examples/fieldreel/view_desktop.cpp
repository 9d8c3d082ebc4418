// SPDX-License-Identifier: MIT
// The loop of the desktop viewer and the commands of its keys; its panels are in view_panels.cpp.
#ifdef FIELDREEL_PROGRAM_WINDOW

#include "view_desktop.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/export/png.hpp>
#include <fieldreel/trace/point.hpp>

#include "commands.hpp"
#include "report.hpp"

using fieldreel::detail::text;

namespace {

/// Draws what it is given, when it is to be seen.
struct switched_overlay {
    fieldreel::any_overlay drawing;
    std::shared_ptr<const layer> how;
    void build(const fieldreel::moment& now, fieldreel::canvas& out) const {
        if (how->visible) {
            const std::size_t first = out.shapes().size();
            drawing.build(now, out);
            if (const int opacity = how->opacity; opacity < 100) {
                out.fade(first, opacity / 100.0);
            }
        }
    }
};

std::vector<fieldreel::marked_track> tracks_of(const fieldreel::session& session, const std::string& cell) {
    std::vector<fieldreel::marked_track> out;
    for (const fieldreel::spike_train& train : session.spikes) {
        if (train.name == cell) {
            out.push_back({"spikes of " + cell, fieldreel::event_times(train.times)});
        }
    }
    for (fieldreel::named_intervals& one : intervals_in(session)) {
        out.push_back({one.name, std::move(one.intervals)});
    }
    return out;
}

} // namespace

fieldreel::playback switchable(const fieldreel::playback& from, std::vector<std::shared_ptr<layer>>& layers) {
    fieldreel::playback out;
    for (std::size_t f = 0; f < from.field_count(); ++f) {
        out.add_field(from.source(f), from.space(f), from.style(f));
    }
    for (const fieldreel::any_overlay& overlay : from.overlays()) {
        layers.push_back(std::make_shared<layer>());
        layers.back()->name = overlay.name();
        out.add_overlay({overlay.name(), switched_overlay{overlay, layers.back()}});
    }
    return out;
}

desktop::desktop(fieldreel::window_viewer& window, drawn_recording recording, const view_settings& settings)
    : window_(window),
      settings_(settings),
      session_(std::move(recording.session)),
      made_(std::move(recording.made)),
      transport_(made_.playback),
      strip_(made_.playback.times()),
      worker_((made_.playback = switchable(made_.playback, layers_)), [this] {
          if (awaited_.exchange(false)) {
              fieldreel::window_viewer::wake();
          }
      }) {
    for (std::size_t f = 0; f < made_.playback.field_count(); ++f) {
        spaces_.push_back(made_.playback.space(f));
        first_looks_.push_back(made_.playback.style(f));
        looks_.push_back(std::make_shared<const fieldreel::field_style>(first_looks_.back()));
    }
    now_s_ = timer_.now_s();
    began_s_ = now_s_;
    shown_at_s_.reserve(1000);
    fieldreel::render_options look = std::move(recording.options);
    window_.set_look(look);
    set_dark(window_.dark());
    transport_.set_tracks(tracks_of(session_, made_.cell));
    if (made_.playback.field_count() > 0) {
        frames_ = made_.playback.source();
        times_ = std::async(std::launch::async, [this, frames = *frames_, all = whole()] {
            const auto go_on = [this](std::size_t, std::size_t) { return !leaving_; };
            known_times out{fieldreel::times_in_memory(frames, go_on), {}};
            out.gaps = out.frames ? fieldreel::find_gaps(*out.frames, all, 0.5, go_on) : out.gaps;
            fieldreel::window_viewer::wake();
            return out;
        });
    }
    transport_.set_mode(settings_.mode, now_s_);
    transport_.set_speed(settings_.speed, now_s_);
    if (settings_.start_s) {
        transport_.seek(*settings_.start_s, now_s_);
    }
    if (settings_.play) {
        transport_.play(now_s_);
    }
}

int desktop::run() {
    std::optional<output_file> report; // made now: a path that cannot be written is said before the window is used
    if (!settings_.report_path.empty()) {
        report.emplace(settings_.report_path, "--report");
    }
    while (window_.next_frame(wait_s())) {
        now_s_ = timer_.now_s();
        if (interrupted() || (settings_.exit_after_s && now_s_ - began_s_ >= *settings_.exit_after_s) ||
            (settings_.max_scenes && scenes_ >= *settings_.max_scenes)) {
            break;
        }
        take_times();
        take_keys();
        const fieldreel::due_scene due = transport_.tick(now_s_);
        const bool fresh = ask_and_take(due);
        fieldreel::detail::lap_timer timer;
        draw_widgets();
        widgets_ms_ = timer.lap_ms();
        show(fresh);
    }
    if (report) {
        report->finish(described().dump(2) + "\n");
    }
    return interrupted() ? stopped : done;
}

double desktop::wait_s() const {
    if (transport_.playing() || transport_.scrubbing()) {
        return (std::max)(0.0, next_due_s_ - timer_.now_s());
    }
    if (late_since_s_ > 0) {
        return 0.02; // the worker wakes us; until then the sign that turns
    }
    if (settle_ > 0 || redraw_) {
        return 0;
    }
    double wait = toast_.empty() ? 1.0 : 0.1;
    if (settings_.exit_after_s) {
        wait = (std::min)(wait, (std::max)(0.0, *settings_.exit_after_s - (timer_.now_s() - began_s_)));
    }
    return wait;
}

void desktop::take_times() {
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

/// Asks for the scene that is due and takes the newest there is: true when it is another one. Never waits.
bool desktop::ask_and_take(const fieldreel::due_scene& due) {
    worker_.ask({due.time_s, due.velocity, due.mode, due.range});
    if (due.time_s != asked_s_ || shown_ == nullptr) {
        asked_s_ = due.time_s;
        late_since_s_ = late_since_s_ > 0 ? late_since_s_ : now_s_;
    }
    fieldreel::worked_scene* taken = worker_.take();
    for (int i = 0; taken == nullptr && i < 20 && worker_.busy(); ++i) { // one that is nearly ready is worth 2 ms
        std::this_thread::sleep_for(std::chrono::microseconds(100));
        taken = worker_.take();
    }
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
    for (std::size_t f = 0; f < scene().fields.size(); ++f) {
        scene().fields[f].set_look(spaces_[f], looks_[f]);
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
        window_.present(scene());
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
        skipped_ = (std::max)(skipped_, transport_.counts().skipped());
        shown_at_s_.push_back(now_s_);
    }
    work_.times.add(work_ms);
    std::erase_if(shown_at_s_, [&](double at_s) { return at_s < now_s_ - 1; });
    late_pictures_ += late() ? 1U : 0U;
    if (!first_picture_s_ && fresh) {
        first_picture_s_ = timer_.now_s() - began_s_;
    }
    settle_ = drawing || !window_.keys().empty() ? 3 : (std::max)(0, settle_ - 1);
    const double period_s = 1 / window_.refresh_hz();
    next_due_s_ = (std::max)(next_due_s_ + period_s, timer_.now_s());
    next_due_s_ = (std::min)(next_due_s_, timer_.now_s() + period_s);
}

// ---- keys -----------------------------------------------------------------------------------------------------------

bool is_there(fieldreel::action what) {
    using fieldreel::action;
    switch (what) {
    case action::fit:
    case action::toggle_selected_layer:
    case action::previous_cell:
    case action::next_cell:
    case action::show_dock:
    case action::write_trace:
    case action::open:
    case action::open_recent:
    case action::save_view:
    case action::export_range: return false;
    default: return true;
    }
}

void desktop::take_keys() {
    for (const fieldreel::window_key& key : window_.keys()) {
        const fieldreel::key_binding* const row = fieldreel::binding_of(key.name, key.held);
        const bool written = ImGui::GetIO().WantTextInput && key.name != "Esc" && !key.held.ctrl;
        if (row != nullptr && !written && (!key.repeated || row->repeats)) {
            act(row->action, row->number);
        }
    }
    for (const std::string& path : window_.dropped()) {
        say(text("To open ", path, ", run fieldreel view with it."));
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
    case action::go_to: go_to_ = true; break;
    case action::set_in: t.set_in_here(now_s_); break;
    case action::set_out: t.set_out_here(now_s_); break;
    case action::clear_in_out: t.clear_in_out(now_s_); break;
    case action::add_bookmark: t.add_bookmark(now_s_); break;
    case action::remove_bookmark:
        for (std::size_t i = 0; i < t.bookmarks().size(); ++i) {
            if (t.bookmarks()[i].time_s == t.position_s(now_s_)) {
                t.remove_bookmark(i);
                break;
            }
        }
        break;
    case action::previous_bookmark: t.previous_bookmark(now_s_); break;
    case action::next_bookmark: t.next_bookmark(now_s_); break;
    case action::reset_view:
        strip_.fit();
        for (std::size_t f = 0; f < looks_.size(); ++f) {
            looks_[f] = std::make_shared<const fieldreel::field_style>(first_looks_[f]);
        }
        redraw_ = true;
        break;
    case action::auto_limits: fit_limits(); break;
    case action::next_colormap: next_colormap(false); break;
    case action::invert_colormap: next_colormap(true); break;
    case action::toggle_layer:
        if (number >= 1 && static_cast<std::size_t>(number) <= layers_.size()) {
            layer& one = *layers_[static_cast<std::size_t>(number - 1)];
            one.visible = !one.visible;
            worker_.ask_again();
        }
        break;
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
    case action::show_hud: hud_ = !hud_; break;
    case action::full_screen: window_.set_full_screen(!window_.full_screen()); break;
    case action::light_or_dark: set_dark(!window_.dark()); break;
    case action::screenshot: save_screenshot(); break;
    case action::help: help_ = !help_; break;
    case action::cancel:
        t.cancel_scrub(now_s_);
        help_ = false;
        go_to_ = false;
        break;
    case action::quit: window_.close(); break;
    default: break; // see is_there
    }
}

// ---- commands -------------------------------------------------------------------------------------------------------

void desktop::say(std::string words) {
    toast_ = std::move(words);
    toast_until_s_ = now_s_ + 4;
}

/// What the window shows, as the renderer drew it.
void desktop::save_screenshot() {
    if (window_.picture().pixels().pixels == nullptr) {
        return;
    }
    std::string path;
    for (int i = 0; path.empty() || std::filesystem::exists(path); ++i) {
        char name[80];
        std::snprintf(name, sizeof name, i == 0 ? "fieldreel_%.3fs.png" : "fieldreel_%.3fs_%d.png", scene().time_s, i);
        path = name;
    }
    try {
        fieldreel::write_png(path, window_.picture().pixels());
        screenshot_ = path;
        say(text("Saved ", path));
    } catch (const fieldreel::error& wrong) {
        say(wrong.what());
    }
}

void desktop::next_colormap(bool reversed) {
    const auto names = fieldreel::colormap_names();
    for (auto& look : looks_) {
        fieldreel::field_style style = *look;
        if (reversed) {
            style.colors = style.colors.reversed();
        } else {
            const auto tables = names.first(names.size() / 2);
            const auto here = std::find(tables.begin(), tables.end(), style.colors.name());
            const auto next = here == tables.end() || here + 1 == tables.end() ? tables.begin() : here + 1;
            style.colors = fieldreel::colormap::named(*next);
        }
        look = std::make_shared<const fieldreel::field_style>(std::move(style));
    }
    redraw_ = true;
}

/// Limits by the values that are shown: from the smallest to the 99th percentile.
void desktop::fit_limits() {
    for (std::size_t f = 0; f < looks_.size() && f < scene().fields.size(); ++f) {
        std::vector<double> values;
        scene().fields[f].values().visit([&](auto all) {
            for (const auto value : all) {
                if (std::isfinite(static_cast<double>(value))) {
                    values.push_back(static_cast<double>(value));
                }
            }
        });
        if (values.empty()) {
            continue;
        }
        std::sort(values.begin(), values.end());
        const double high = values[static_cast<std::size_t>(std::floor(0.99 * static_cast<double>(values.size() - 1)))];
        const double low = values.front();
        if (high > low) {
            fieldreel::field_style style = *looks_[f];
            style.range = {low, high};
            if (style.paint.scaling.scale == fieldreel::value_scale::log && !(low > 0)) {
                style.paint.scaling = {};
            }
            looks_[f] = std::make_shared<const fieldreel::field_style>(std::move(style));
        }
    }
    redraw_ = true;
}

void desktop::set_dark(bool dark) {
    window_.set_dark(dark);
    fieldreel::render_options look = window_.look();
    look.style = dark ? fieldreel::render_style::talk : fieldreel::render_style::standard;
    // In the light the style's own, so that `fieldreel export` draws the same; "talk" is meant for far away.
    look.text_px = dark || window_.scale() != 1 ? 16.0 * static_cast<double>(window_.scale()) : 0;
    window_.set_look(std::move(look));
    redraw_ = true;
}

nlohmann::ordered_json desktop::described() const {
    nlohmann::ordered_json out;
    out["time_s"] = scene().time_s;
    const auto frame = scene().fields.empty() ? std::nullopt : scene().fields.front().frame();
    out["frame"] = frame ? nlohmann::ordered_json(*frame) : nlohmann::ordered_json();
    out["position_s"] = transport_.position_s(now_s_);
    out["frame_count"] = transport_.frame_count();
    out["playing"] = transport_.playing();
    out["speed"] = transport_.speed();
    out["mode"] = fieldreel::name_of(transport_.mode());
    out["pacing"] = transport_.pacing() == fieldreel::pacing::real_time ? "real time" : "every frame";
    out["in_s"] = transport_.in_s() ? nlohmann::ordered_json(*transport_.in_s()) : nlohmann::ordered_json();
    out["out_s"] = transport_.out_s() ? nlohmann::ordered_json(*transport_.out_s()) : nlohmann::ordered_json();
    out["bookmarks_s"] = nlohmann::ordered_json::array();
    for (const fieldreel::bookmark& one : transport_.bookmarks()) {
        out["bookmarks_s"].push_back(one.time_s);
    }
    out["layers"] = nlohmann::ordered_json::object();
    for (const auto& one : layers_) {
        out["layers"][one->name] = one->visible.load();
    }
    out["fields"] = nlohmann::ordered_json::array();
    for (const auto& look : looks_) {
        out["fields"].push_back(
            {{"colormap", look->colors.name()}, {"vmin", look->range.vmin}, {"vmax", look->range.vmax}});
    }
    out["dark"] = window_.dark();
    out["hud"] = hud_;
    out["help"] = help_;
    out["screenshot"] = screenshot_;
    out["problem"] = problem_;
    out["scenes_shown"] = scenes_;
    out["scenes_filled"] = worker_.counts().filled;
    out["scenes_overtaken"] = worker_.counts().replaced;
    out["late_pictures"] = late_pictures_;
    out["frames_due"] = transport_.counts().due;
    out["frames_shown"] = transport_.counts().shown;
    out["frames_skipped"] = transport_.counts().skipped();
    out["window_pictures"] = pictures_;
    out["first_picture_ms"] = 1000 * first_picture_s_.value_or(0);
    out["private_mib"] = measure_memory().private_mib;
    for (const stage* one : {&read_, &overlay_, &raster_, &upload_, &draw_, &work_, &present_}) {
        out["stages"][one->name] = {{"count", one->times.count()},
                                    {"p50_ms", one->times.percentile(0.5)},
                                    {"p99_ms", one->times.percentile(0.99)}};
    }
    return out;
}

#endif
