// SPDX-License-Identifier: MIT
// What the keys and buttons of the desktop viewer do: zoom, cells, layers, views, files.
#ifdef FIELDREEL_PROGRAM_WINDOW

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/export/part_file.hpp>
#include <fieldreel/export/png.hpp>

#include "view_desktop.hpp"

using fieldreel::detail::text;

void desktop::say(std::string words) {
    toast_until_s_ = now_s_ + 3 + 0.05 * static_cast<double>(words.size()); // time to read it
    toast_ = std::move(words);
}

/// A name in this folder that nothing has yet.
std::string desktop::free_name(const std::string& stem, const std::string& ending) const {
    std::error_code none;
    std::string path = stem + ending;
    for (int i = 1; std::filesystem::exists(path, none); ++i) {
        path = text(stem, "_", i, ending);
    }
    return path;
}

/// What the window shows, as the renderer drew it.
void desktop::save_screenshot() {
    if (window_.picture().pixels().pixels == nullptr) {
        return;
    }
    char name[80];
    std::snprintf(name, sizeof name, "fieldreel_%.3fs", scene().time_s);
    const std::string path = free_name(name, ".png");
    try {
        fieldreel::write_png(path, window_.picture().pixels());
        screenshot_ = path;
        say(text("Saved ", path));
    } catch (const fieldreel::error& wrong) {
        say(wrong.what());
    }
}

// ---- how fields look ------------------------------------------------------------------------------------------------

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

void desktop::set_zoom(const fieldreel::field_zoom& zoom) {
    fieldreel::render_options look = window_.look();
    look.zoom = zoom.zoom;
    look.center = zoom.center;
    window_.set_look(std::move(look));
    redraw_ = true;
}

/// Around a pixel of the picture, or the middle of the first field.
void desktop::zoom_field(double factor, std::optional<fieldreel::point_xy> pixel) {
    if (scene().fields.empty() || window_.picture().pixels().pixels == nullptr) {
        return;
    }
    const auto panel = pixel ? panel_at(*pixel, true) : std::nullopt;
    const fieldreel::pixel_rect& middle = window_.picture().layout().panels.at(panel.value_or(0)).picture;
    if (!panel) {
        pixel = fieldreel::point_xy{(middle.left + middle.right) / 2.0, (middle.top + middle.bottom) / 2.0};
    }
    set_zoom(fieldreel::zoomed_at(scene(), window_.picture().options(), panel.value_or(0), *pixel, factor));
}

void desktop::reset_view() {
    strip_.fit();
    set_zoom({});
    for (std::size_t f = 0; f < looks_.size(); ++f) {
        looks_[f] = std::make_shared<const fieldreel::field_style>(first_looks_[f]);
    }
    redraw_ = true;
}

// ---- layers ---------------------------------------------------------------------------------------------------------

void desktop::apply_layers() {
    worker_.change([now = fieldreel::dressed(overlays_, layers_)](fieldreel::playback& to) { to.set_overlays(now); });
}

/// By the recording's own order, so that a key means the same whatever lies on top.
void desktop::toggle_layer(std::size_t number) {
    if (number == 0 || number > overlays_.size()) {
        return;
    }
    const std::string& name = overlays_[number - 1].name();
    for (fieldreel::layer_view& one : layers_) {
        if (one.name == name) {
            one.visible = !one.visible;
            apply_layers();
            return;
        }
    }
}

// ---- cells ----------------------------------------------------------------------------------------------------------

/// 0: the one that is wanted.
void desktop::step_cell(int by) {
    const auto& cells = recording_.cells;
    if (cells.size() < 2) {
        say(cells.empty() ? "The field is stored, not derived from a cell; fieldreel view --cell shows one."
                          : "There is only this cell.");
        return;
    }
    const auto found = std::find(cells.begin(), cells.end(), wanted_cell_);
    const auto at = found == cells.end() ? 0 : found - cells.begin();
    const auto last = static_cast<std::ptrdiff_t>(cells.size()) - 1;
    wanted_cell_ = cells[static_cast<std::size_t>((std::clamp)(at + by, std::ptrdiff_t{0}, last))];
    if (wanted_cell_ == recording_.cell) {
        return;
    }
    if (auto* const kept = cells_.find(wanted_cell_)) {
        show_cell(**kept);
    } else if (!deriving_.running()) { // else when that is done
        deriving_.start(
            [open = recording_.with_cell, cell = wanted_cell_](fieldreel::task_progress&) {
                return std::optional(std::make_shared<viewed_recording>(open(cell)));
            },
            [] { fieldreel::window_viewer::wake(); });
    }
}

/// Colours and layers stay as they are; limits are the cell's own.
void desktop::show_cell(viewed_recording& from) {
    if (cells_.find(recording_.cell) == nullptr) { // the first one is not derived again
        auto first = std::make_shared<viewed_recording>();
        first->cell = recording_.cell;
        first->tracks = recording_.tracks;
        first->options = recording_.options;
        for (std::size_t f = 0; f < sources_.size(); ++f) {
            first->playback.add_field(sources_[f], spaces_[f], first_looks_[f]);
        }
        first->playback.set_overlays(overlays_);
        cells_.put(recording_.cell, std::move(first));
    }
    std::vector<std::string> not_there;
    overlays_.assign(from.playback.overlays().begin(), from.playback.overlays().end());
    layers_ = fieldreel::matched_layers(layers_, overlays_, not_there);
    for (std::size_t f = 0; f < looks_.size() && f < from.playback.field_count(); ++f) {
        fieldreel::field_style style = from.playback.style(f);
        sources_[f] = from.playback.source(f);
        spaces_[f] = from.playback.space(f);
        first_looks_[f] = style;
        style.colors = looks_[f]->colors;
        const bool log = looks_[f]->paint.scaling.scale == fieldreel::value_scale::log;
        style.paint.scaling = log && !(style.range.vmin > 0) ? style.paint.scaling : looks_[f]->paint.scaling;
        looks_[f] = std::make_shared<const fieldreel::field_style>(std::move(style));
    }
    auto next = std::make_shared<fieldreel::playback>(copy_of(from.playback, fieldreel::dressed(overlays_, layers_)));
    worker_.change([next](fieldreel::playback& to) { to = std::move(*next); });
    recording_.cell = from.cell;
    recording_.options = from.options;
    const std::size_t track = transport_.active_track();
    transport_.set_tracks(from.tracks);
    if (track < from.tracks.size()) {
        transport_.set_active_track(track);
    }
    strip_.forget();
    fieldreel::render_options look = window_.look();
    look.title = from.options.title;
    look.clips_low = from.options.clips_low;
    look.clips_high = from.options.clips_high;
    window_.set_look(std::move(look));
    if (course_ != nullptr) {
        open_course(course_field_, course_->bin());
    }
    redraw_ = true;
}

void desktop::open_course(std::size_t field, std::size_t bin) {
    const fieldreel::point_xy at = spaces_[field].center(bin);
    course_field_ = field;
    course_title_ = text("bin ", bin, " at (");
    fieldreel::append_number(course_title_, at.x, 4);
    course_title_ += ", ";
    fieldreel::append_number(course_title_, at.y, 4);
    course_title_ += ") " + recording_.units;
    course_ = std::make_shared<fieldreel::time_course>(sources_[field], bin, whole(), std::size_t{512});
    course_read_ = {};
    course_at_s_ = -1;
    course_reading_.start(
        [course = course_](fieldreel::task_progress& progress) { return std::optional(course->read(progress)); },
        [] { fieldreel::window_viewer::wake(); });
}

// ---- files ----------------------------------------------------------------------------------------------------------

namespace {
/// Whether a file says of itself that it is a view.
bool is_view(const std::string& path) {
    std::error_code none;
    if (!std::filesystem::is_regular_file(path, none) || std::filesystem::path(path).filename() == "session.json") {
        return false;
    }
    std::ifstream in(path);
    std::string start(4096, '\0');
    in.read(start.data(), static_cast<std::streamsize>(start.size()));
    return path.ends_with(".view") || start.find("\"fieldreel_view\"") != std::string::npos;
}
} // namespace

/// A recording or a view: dropped, typed or chosen. What is shown stays until the other one is open.
void desktop::open_path(const std::string& path) {
    if (is_view(path)) {
        load_view(path);
        return;
    }
    opening_path_ = path;
    opening_.start(
        [open = around_.open, path](fieldreel::task_progress&) {
            return std::optional(std::make_shared<viewed_recording>(open(path)));
        },
        [] { fieldreel::window_viewer::wake(); });
}

void desktop::write_last_minute() {
    if (around_.recorder == nullptr) {
        say("A trace is being written already (FIELDREEL_TRACE); it will be complete when the window is closed.");
        return;
    }
    if (trace_writing_.running()) {
        return;
    }
    const std::string path = free_name("fieldreel_trace", ".json");
    trace_writing_.start(
        [path, recorder = around_.recorder](fieldreel::task_progress&) {
            const std::string words = recorder->json_of_last(60);
            fieldreel::part_file out(path);
            out.write(words.data(), words.size());
            out.finish();
            return std::optional(path);
        },
        [] { fieldreel::window_viewer::wake(); });
}

fieldreel::view_state desktop::state() const {
    fieldreel::view_state out;
    fieldreel::save_transport(transport_, now_s_, out);
    fieldreel::render_options look = window_.look();
    look.size = window_.picture().size();
    fieldreel::save_look(look, out);
    for (const auto& one : looks_) {
        out.fields.push_back(fieldreel::view_of(*one, out.fields.empty() ? recording_.cell : std::string()));
    }
    out.layers = layers_;
    const fieldreel::time_range seen = strip_.visible();
    out.timeline = seen == whole() ? std::nullopt : std::optional(seen);
    out.unit = strip_.unit();
    out.panels.timeline = timeline_;
    out.panels.layers = side_;
    out.panels.hud = hud_;
    return out;
}

void desktop::apply(const fieldreel::view_state& view) {
    std::vector<std::string> warnings;
    fieldreel::restore_transport(view, transport_, now_s_, warnings);
    set_dark(view.look == fieldreel::window_look::dark);
    fieldreel::render_options look = fieldreel::with_view(window_.look(), view);
    look.text_px = view.picture.text_px;
    look.dock = view.panels.dock ? std::nullopt : std::optional(false);
    window_.set_look(std::move(look));
    for (std::size_t f = 0; f < looks_.size() && f < view.fields.size(); ++f) {
        looks_[f] =
            std::make_shared<const fieldreel::field_style>(fieldreel::with_view(first_looks_[f], view.fields[f]));
    }
    layers_ = fieldreel::matched_layers(view.layers, overlays_, warnings);
    selected_layer_ = 0;
    apply_layers();
    strip_.show(view.timeline.value_or(whole()));
    strip_.set_unit(view.unit);
    timeline_ = view.panels.timeline;
    side_ = view.panels.layers;
    hud_ = view.panels.hud;
    redraw_ = true;
    if (!view.fields.empty() && !view.fields.front().cell.empty() && view.fields.front().cell != recording_.cell) {
        const auto& cells = recording_.cells;
        if (std::find(cells.begin(), cells.end(), view.fields.front().cell) != cells.end()) {
            wanted_cell_ = view.fields.front().cell;
            step_cell(0);
        } else {
            warnings.push_back(
                text("the view shows the cell '", view.fields.front().cell, "', which the recording has not"));
        }
    }
    if (!warnings.empty()) {
        std::string words;
        for (const std::string& one : warnings) {
            words += (words.empty() ? "" : "\n") + one;
        }
        say(std::move(words));
    }
}

void desktop::load_view(const std::string& path) {
    try {
        std::vector<std::string> warnings;
        const fieldreel::view_state view = fieldreel::read_view(path, warnings);
        view_path_ = path;
        say(text("The view of ", path));
        apply(view);
        if (!warnings.empty()) {
            say(warnings.front());
        }
    } catch (const fieldreel::error& wrong) {
        say(wrong.what());
    }
}

// ---- what is typed --------------------------------------------------------------------------------------------------

void desktop::ask_for(typed what) {
    if (what == typed::film && !recording_.film) {
        say("This fieldreel was built without the component video and makes no films; install libavformat-dev, "
            "libavcodec-dev and libswscale-dev and build it again.");
        return;
    }
    if (what == typed::film && filming_.running()) {
        say("One film is being made; wait for it, or break it off.");
        return;
    }
    std::string words;
    if (what == typed::view) {
        words = view_path_.empty() ? free_name("fieldreel", ".view") : view_path_;
    } else if (what == typed::film) {
        words = free_name("fieldreel", ".mp4");
    }
    box_ = what;
    box_opened_ = false;
    box_problem_.clear();
    std::snprintf(box_words_, sizeof box_words_, "%s", words.c_str());
}

/// Enter was pressed. What cannot be is said in the box, which stays.
void desktop::take_typed() {
    const std::string words = box_words_;
    try {
        switch (box_) {
        case typed::time: transport_.go_to(words, now_s_); break;
        case typed::recording:
            if (!words.empty()) {
                std::error_code none;
                if (!std::filesystem::exists(words, none)) {
                    throw fieldreel::file_error(words, words + " does not exist; give the folder of a recording, its "
                                                               "session.json, or a saved view");
                }
                open_path(words);
            }
            break;
        case typed::view:
            fieldreel::write_view(words, state());
            view_path_ = words;
            written_ = words;
            say(text("Saved the view as ", words));
            break;
        case typed::film: {
            std::error_code none;
            if (std::filesystem::exists(words, none)) {
                throw fieldreel::file_error(words, words + " exists; give another name");
            }
            const fieldreel::view_state view = state();
            film_path_ = words;
            filming_.start(
                [make = recording_.film, view, range = transport_.range(), words](fieldreel::task_progress& progress) {
                    return std::optional(make(view, range, words, progress));
                },
                [] { fieldreel::window_viewer::wake(); });
            break;
        }
        case typed::nothing: break;
        }
        box_ = typed::nothing;
    } catch (const fieldreel::error& wrong) {
        box_problem_ = wrong.what();
    }
}

#endif
