// SPDX-License-Identifier: MIT
// The mouse on the picture of the desktop viewer: zoom, values, time courses, the dock.
#ifdef FIELDREEL_PROGRAM_WINDOW

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <fieldreel/overlay/ticks.hpp>
#include <fieldreel/overlay/time_series.hpp>

#include "view_desktop.hpp"
#include "view_widgets.hpp"

using fieldreel::detail::text;

/// "x 34.2  y 12.1 cm   bin 312   4.31 Hz": what the file has at the place under the mouse.
std::string desktop::probed() const {
    const ImGuiIO& io = ImGui::GetIO();
    if (io.WantCaptureMouse || !ImGui::IsMousePosValid()) {
        return {};
    }
    const fieldreel::picture_layout& layout = window_.picture().layout();
    const fieldreel::point_xy pixel =
        window_.on_picture(static_cast<double>(io.MousePos.x), static_cast<double>(io.MousePos.y));
    for (std::size_t f = 0; f < layout.panels.size() && f < scene().fields.size(); ++f) {
        const fieldreel::scene_field& field = scene().fields[f];
        const auto place = fieldreel::to_environment(layout.panels[f], field.space(), pixel);
        if (!place) {
            continue;
        }
        std::string out = "x ";
        fieldreel::append_number(out, place->x, 4);
        out += "  y ";
        fieldreel::append_number(out, place->y, 4);
        out += " " + recording_.units;
        const auto bin = field.space().bin_at(place->x, place->y);
        if (!bin) {
            return out + "   no bin";
        }
        out += text("   bin ", *bin, "   ");
        if (*bin < field.values().size()) {
            const double value = field.values()[*bin];
            if (std::isnan(value)) {
                out += "no value";
            } else {
                fieldreel::append_number(out, value, 4);
                out += field.style().unit.empty() ? "" : " " + field.style().unit;
            }
        } else {
            out += "no data";
        }
        return out;
    }
    return {};
}

/// The field whose picture is at a pixel; `anywhere`: or around it.
std::optional<std::size_t> desktop::panel_at(fieldreel::point_xy pixel, bool anywhere) const {
    const auto& panels = window_.picture().layout().panels;
    for (std::size_t f = 0; f < panels.size() && f < scene().fields.size(); ++f) {
        if ((anywhere ? panels[f].cell : panels[f].picture).contains(pixel.x, pixel.y)) {
            return f;
        }
    }
    return std::nullopt;
}

/// The wheel zooms, a drag moves what is enlarged, a click opens a bin's time course; in the dock a drag pulls the
/// time along, a click goes there.
void desktop::take_mouse() {
    const ImGuiIO& io = ImGui::GetIO();
    if (window_.picture().pixels().pixels == nullptr || !ImGui::IsMousePosValid()) {
        return;
    }
    const fieldreel::picture_layout& layout = window_.picture().layout();
    const fieldreel::render_options& options = window_.picture().options();
    const fieldreel::point_xy pixel =
        window_.on_picture(static_cast<double>(io.MousePos.x), static_cast<double>(io.MousePos.y));
    const auto dock_s = fieldreel::dock_offset_s(layout, options, pixel);
    if (!io.WantCaptureMouse) {
        if (io.MouseWheel != 0 && panel_at(pixel, true)) {
            zoom_field(std::pow(1.25, static_cast<double>(io.MouseWheel)), pixel);
        }
        if (ImGui::IsMouseClicked(0)) {
            pressed_ = dragged_from_ = pixel;
            dragged_ = false;
            pressed_dock_ = dock_s.has_value();
            pressed_time_s_ = scene().time_s;
        }
        if (dock_s) {
            probe_dock(*dock_s);
        }
    }
    if (!pressed_) {
        return;
    }
    const bool down = ImGui::IsMouseDown(0);
    if (!dragged_ && std::hypot(pixel.x - pressed_->x, pixel.y - pressed_->y) > 4 * static_cast<double>(unit())) {
        dragged_ = true;
        if (pressed_dock_) {
            transport_.begin_scrub(pressed_time_s_, now_s_);
        }
    }
    if (dragged_ && pressed_dock_) {
        const double s_per_px = (options.dock_before_s + options.dock_after_s) / (std::max)(1, layout.dock.width());
        transport_.drag_scrub(pressed_time_s_ - (pixel.x - pressed_->x) * s_per_px);
        if (!down) {
            transport_.end_scrub(now_s_);
        }
    } else if (dragged_ && (pixel.x != dragged_from_.x || pixel.y != dragged_from_.y)) {
        if (const auto panel = panel_at(*pressed_, true); panel && options.zoom > 1) {
            set_zoom(
                fieldreel::panned_by(scene(), options, *panel, {pixel.x - dragged_from_.x, pixel.y - dragged_from_.y}));
        }
        dragged_from_ = pixel;
    }
    if (!down) {
        if (!dragged_ && pressed_dock_ && dock_s) {
            transport_.seek(pressed_time_s_ + *dock_s, now_s_);
        } else if (!dragged_ && !pressed_dock_) {
            const auto panel = panel_at(pixel, false);
            const auto& space = panel ? scene().fields[*panel].space() : fieldreel::any_space();
            const auto at = panel ? fieldreel::to_environment(layout.panels[*panel], space, pixel) : std::nullopt;
            if (const auto bin = at ? space.bin_at(at->x, at->y) : std::nullopt) {
                open_course(*panel, *bin);
            }
        }
        pressed_.reset();
    }
}

/// The values of the series at a time of the dock: the worker looks them up, as it alone touches their files.
void desktop::probe_dock(double offset_s) {
    const double at_s = scene().time_s + offset_s;
    if (at_s != probed_dock_s_) {
        probed_dock_s_ = at_s;
        std::vector<fieldreel::any_overlay> shown;
        for (const fieldreel::any_overlay& one : overlays_) {
            const auto same = [&](const fieldreel::layer_view& l) { return l.name == one.name() && l.visible; };
            if (one.as<fieldreel::time_series>() != nullptr && std::any_of(layers_.begin(), layers_.end(), same)) {
                shown.push_back(one);
            }
        }
        worker_.look([shown, at_s, to = dock_values_, words = time_words(at_s)]() mutable {
            for (const fieldreel::any_overlay& one : shown) {
                for (const fieldreel::series_group& group : one.as<fieldreel::time_series>()->groups()) {
                    for (const fieldreel::series& signal : group.signals) {
                        const auto held = signal.pyramid().hold();
                        const double value = signal.value_at(at_s, (std::max)(0.5, 3 * signal.clock().dt_s()));
                        words += "\n" + signal.name() + "  ";
                        if (std::isnan(value)) {
                            words += "no value";
                        } else {
                            fieldreel::append_number(words, value, 4);
                            words += signal.look().unit.empty() ? "" : " " + signal.look().unit;
                        }
                    }
                }
            }
            {
                const std::lock_guard lock(to->mutex);
                to->words = std::move(words);
            }
            fieldreel::window_viewer::wake();
        });
    }
    const std::lock_guard lock(dock_values_->mutex);
    if (!dock_values_->words.empty()) {
        ImGui::SetTooltip("%s", dock_values_->words.c_str());
    }
}

void desktop::draw_course() {
    const ImVec2 room = picture_size();
    const float width = (std::min)(520 * unit(), room.x - 24 * unit());
    const fieldreel::pixel_rect& dock = window_.picture().layout().dock;
    const float bottom =
        dock.empty() ? room.y : static_cast<float>(dock.top) / ImGui::GetIO().DisplayFramebufferScale.y;
    ImGui::SetNextWindowPos({12 * unit(), bottom - 8 * unit()}, ImGuiCond_Appearing, {0, 1});
    ImGui::SetNextWindowSize({width, 0});
    ImGui::SetNextWindowBgAlpha(0.94F);
    ImGui::Begin("course", nullptr,
                 (floating_panel & ~ImGuiWindowFlags_AlwaysAutoResize) | ImGuiWindowFlags_NoScrollbar);
    const fieldreel::course_reading& got = course_read_;
    ImGui::AlignTextToFramePadding();
    std::string words = course_title_;
    const std::string unit_words = looks_[course_field_]->unit.empty() ? "" : " " + looks_[course_field_]->unit;
    if (!std::isnan(got.low)) {
        words += "   ";
        fieldreel::append_number(words, got.low, 4);
        if (got.high > got.low) {
            words += " to ";
            fieldreel::append_number(words, got.high, 4);
        } else if (got.complete()) {
            words += unit_words + " at all times";
        }
        words += got.high > got.low ? unit_words : "";
    } else if (got.complete() && got.frame_count > 0) {
        words += "   no value at any time";
    }
    ImGui::TextUnformatted(words.c_str());
    const float button = ImGui::GetFrameHeight();
    if (!got.complete()) {
        const std::string part =
            text(static_cast<int>(100 * static_cast<double>(got.frames_read) /
                                  static_cast<double>((std::max)(std::size_t{1}, got.frame_count))),
                 course_reading_.running() ? " % read" : " % read, stopped");
        ImGui::SameLine(width - button - ImGui::CalcTextSize(part.c_str()).x - 24 * unit());
        ImGui::TextDisabled("%s", part.c_str());
    }
    ImGui::SameLine(width - button - ImGui::GetStyle().WindowPadding.x);
    if (ImGui::Button("x", {button, button})) {
        course_reading_.cancel();
        course_.reset();
        ImGui::End();
        return;
    }
    if (ImGui::IsItemHovered()) {
        ImGui::SetTooltip("Close, and stop reading (Esc)");
    }
    const ImVec2 size{ImGui::GetContentRegionAvail().x, 84 * unit()};
    ImGui::InvisibleButton("##course", size);
    const ImVec2 low = ImGui::GetItemRectMin();
    const ImVec2 high = ImGui::GetItemRectMax();
    ImDrawList& on = *ImGui::GetWindowDrawList();
    on.AddRectFilled(low, high, window_.dark() ? IM_COL32(17, 19, 24, 255) : IM_COL32(255, 255, 255, 255), 3 * unit());
    const fieldreel::time_range times = course_->times();
    const double span = got.high > got.low ? got.high - got.low : 1;
    const double base = got.high > got.low ? got.low : got.low - 0.5;
    const auto y = [&](double value) {
        return high.y - 5 * unit() - static_cast<float>((value - base) / span) * (size.y - 10 * unit());
    };
    const ImU32 ink = ImGui::GetColorU32(ImGuiCol_CheckMark);
    const auto count = static_cast<float>(got.columns.size());
    for (std::size_t i = 0; i < got.columns.size(); ++i) {
        const fieldreel::course_column& one = got.columns[i];
        if (std::isnan(one.low)) {
            continue;
        }
        const float x = low.x + size.x * static_cast<float>(i) / count;
        on.AddRectFilled({x, y(one.high) - 0.75F * unit()}, {x + size.x / count, y(one.low) + 0.75F * unit()}, ink);
    }
    const double per_s = static_cast<double>(size.x) / (times.stop_s - times.start_s);
    const float here = low.x + static_cast<float>((transport_.position_s(now_s_) - times.start_s) * per_s);
    on.AddRectFilled({here - 0.5F * unit(), low.y}, {here + 0.5F * unit(), high.y},
                     window_.dark() ? IM_COL32(255, 92, 74, 255) : IM_COL32(214, 54, 40, 255));
    const double mouse_s = times.start_s + static_cast<double>(ImGui::GetIO().MousePos.x - low.x) / per_s;
    if (ImGui::IsItemActivated()) {
        transport_.begin_scrub(mouse_s, now_s_);
    } else if (ImGui::IsItemActive()) {
        transport_.drag_scrub(mouse_s);
    }
    if (ImGui::IsItemDeactivated()) {
        transport_.end_scrub(now_s_);
    } else if (ImGui::IsItemHovered()) {
        ImGui::SetTooltip("%s", time_words(mouse_s).c_str());
    }
    ImGui::End();
}

#endif
