// SPDX-License-Identifier: MIT
// What the desktop viewer shows around the picture: controls, timeline, layers, HUD, help.
#ifdef FIELDREEL_PROGRAM_WINDOW

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>
#include <variant>

#include <fieldreel/colormap/color_scaling.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/overlay/ticks.hpp>
#include <fieldreel/render/layout.hpp>

#include "view_desktop.hpp"

using fieldreel::detail::text;

namespace {

constexpr ImGuiWindowFlags fixed_panel =
    ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoCollapse |
    ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoNav;
constexpr ImGuiWindowFlags floating_panel = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_AlwaysAutoResize |
                                            ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoNav |
                                            ImGuiWindowFlags_NoFocusOnAppearing;

/// Colours of the timeline, for light and dark.
struct timeline_look {
    ImU32 ground, axis, pale, playhead, range, handle, seen, outside, tick, mark, gap, cached;
};
timeline_look look_of_timeline(bool dark) {
    return dark ? timeline_look{.ground = IM_COL32(30, 33, 40, 255),
                                .axis = IM_COL32(255, 255, 255, 50),
                                .pale = IM_COL32(160, 165, 175, 255),
                                .playhead = IM_COL32(255, 92, 74, 255),
                                .range = IM_COL32(94, 160, 226, 80),
                                .handle = IM_COL32(94, 160, 226, 255),
                                .seen = IM_COL32(255, 255, 255, 46),
                                .outside = IM_COL32(0, 0, 0, 120),
                                .tick = IM_COL32(226, 190, 104, 230),
                                .mark = IM_COL32(112, 214, 128, 255),
                                .gap = IM_COL32(255, 255, 255, 34),
                                .cached = IM_COL32(70, 190, 110, 255)}
                : timeline_look{.ground = IM_COL32(255, 255, 255, 255),
                                .axis = IM_COL32(0, 0, 0, 46),
                                .pale = IM_COL32(110, 114, 122, 255),
                                .playhead = IM_COL32(214, 54, 40, 255),
                                .range = IM_COL32(64, 132, 204, 60),
                                .handle = IM_COL32(64, 132, 204, 255),
                                .seen = IM_COL32(0, 0, 0, 40),
                                .outside = IM_COL32(110, 114, 122, 90),
                                .tick = IM_COL32(150, 100, 30, 220),
                                .mark = IM_COL32(20, 140, 60, 255),
                                .gap = IM_COL32(0, 0, 0, 28),
                                .cached = IM_COL32(40, 160, 80, 255)};
}

enum class icon { first, back, play, pause, forward, last };

/// A button with a sign of triangles and bars, which no font needs to have.
bool icon_button(const char* id, icon sign, float side, const char* hint) {
    const bool pressed = ImGui::Button(id, {side, side});
    if (ImGui::IsItemHovered()) {
        ImGui::SetTooltip("%s", hint);
    }
    ImDrawList& on = *ImGui::GetWindowDrawList();
    const ImVec2 low = ImGui::GetItemRectMin();
    const ImVec2 middle{low.x + side / 2, low.y + side / 2};
    const float r = std::floor(side * 0.22F);
    const ImU32 ink = ImGui::GetColorU32(ImGuiCol_Text);
    const auto triangle = [&](float x, float way) {
        on.AddTriangleFilled({x - way * r * 0.8F, middle.y - r}, {x - way * r * 0.8F, middle.y + r},
                             {x + way * r, middle.y}, ink);
    };
    const auto bar = [&](float x) {
        on.AddRectFilled({x - r * 0.28F, middle.y - r}, {x + r * 0.28F, middle.y + r}, ink);
    };
    switch (sign) {
    case icon::first:
        bar(middle.x - r);
        triangle(middle.x + r * 0.25F, -1);
        break;
    case icon::back:
        triangle(middle.x - r * 0.4F, -1);
        bar(middle.x + r);
        break;
    case icon::play: triangle(middle.x + r * 0.1F, 1.15F); break;
    case icon::pause:
        bar(middle.x - r * 0.55F);
        bar(middle.x + r * 0.55F);
        break;
    case icon::forward:
        bar(middle.x - r);
        triangle(middle.x + r * 0.4F, 1);
        break;
    case icon::last:
        triangle(middle.x - r * 0.25F, 1);
        bar(middle.x + r);
        break;
    }
    return pressed;
}

/// "1:02.500"; where the recording is long, "1:00:02.500".
std::string clock_words(double time_s, int decimals) {
    std::string out;
    fieldreel::append_clock(out, time_s, decimals);
    return out;
}

} // namespace

std::string desktop::time_words(double time_s) const {
    return clock_words(time_s, 3);
}

void desktop::draw_widgets() {
    const ImVec2 all = ImGui::GetIO().DisplaySize;
    const ImVec2 fine = ImGui::GetIO().DisplayFramebufferScale;
    const float timeline = timeline_ ? std::floor(62 * unit()) : 0;
    const float controls = std::floor(42 * unit()) + timeline;
    const float side = side_ ? std::floor((std::min)(252 * unit(), all.x / 2)) : 0;
    const fieldreel::pixel_rect area{0, 0, static_cast<int>((all.x - side) * fine.x),
                                     static_cast<int>((all.y - controls) * fine.y)};
    window_.set_picture_area(area);
    draw_controls(all.y - controls, controls);
    if (side_) {
        draw_side(all.x - side, side, all.y - controls);
    }
    if (hud_) {
        draw_hud();
    }
    if (go_to_) {
        draw_go_to();
    }
    if (help_) {
        draw_help();
    }
    if (!problem_.empty()) {
        draw_error();
    }
    if (late()) {
        draw_late();
    }
    draw_toast();
}

// ---- controls and timeline ------------------------------------------------------------------------------------------

void desktop::draw_controls(float top, float height) {
    const float width = ImGui::GetIO().DisplaySize.x;
    ImGui::SetNextWindowPos({0, top});
    ImGui::SetNextWindowSize({width, height});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, {1, 1});
    ImGui::Begin("controls", nullptr, fixed_panel | ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
    ImGui::PopStyleVar(2);
    const float inner = ImGui::GetContentRegionAvail().x;
    if (timeline_) {
        draw_overview(inner, std::floor(9 * unit()));
        draw_timeline(inner, std::floor(40 * unit()));
    }
    const float side = std::floor(26 * unit());
    if (icon_button("##first", icon::first, side, "To the in point, or the start (Home)")) {
        transport_.go_first(now_s_);
    }
    ImGui::SameLine(0, 3 * unit());
    if (icon_button("##back", icon::back, side, "One frame back (Left)")) {
        transport_.step(-1, now_s_);
    }
    ImGui::SameLine(0, 3 * unit());
    if (icon_button("##play", transport_.playing() ? icon::pause : icon::play, side, "Play or pause (Space)")) {
        transport_.toggle_play(now_s_);
    }
    ImGui::SameLine(0, 3 * unit());
    if (icon_button("##forward", icon::forward, side, "One frame on (Right)")) {
        transport_.step(1, now_s_);
    }
    ImGui::SameLine(0, 3 * unit());
    if (icon_button("##last", icon::last, side, "To the out point, or the end (End)")) {
        transport_.go_last(now_s_);
    }
    ImGui::SameLine(0, 10 * unit());
    ImGui::SetNextItemWidth(78 * unit());
    if (ImGui::BeginCombo("##speed", fieldreel::name_of_speed(transport_.speed()).c_str(),
                          ImGuiComboFlags_HeightLarge)) {
        for (const double speed : fieldreel::listed_speeds) {
            if (ImGui::Selectable(transport_.speed_text(speed).c_str(), speed == std::abs(transport_.speed()))) {
                transport_.set_speed(transport_.speed() < 0 ? -speed : speed, now_s_);
            }
        }
        ImGui::EndCombo();
    }
    if (ImGui::IsItemHovered()) {
        ImGui::SetTooltip("Speed: %s\n[ slower, ] faster, Backspace 1x", transport_.speed_text().c_str());
    }
    ImGui::SameLine();
    if (ImGui::Button((std::string(fieldreel::name_of(transport_.mode())) + "###mode").c_str(), {86 * unit(), side})) {
        transport_.next_mode(now_s_);
    }
    if (ImGui::IsItemHovered()) {
        ImGui::SetTooltip("At the end: once, loop or ping-pong (Shift+L)");
    }
    ImGui::SameLine();
    const bool real = transport_.pacing() == fieldreel::pacing::real_time;
    if (ImGui::Button(real ? "real time###pacing" : "every frame###pacing", {96 * unit(), side})) {
        act(fieldreel::action::next_pacing);
    }
    if (ImGui::IsItemHovered()) {
        ImGui::SetTooltip("real time: frames there is no time for are skipped, and counted\n"
                          "every frame: none is skipped, however long it takes (Shift+A)");
    }
    ImGui::SameLine(0, 12 * unit());
    draw_status();
    ImGui::End();
}

/// Time and frame, what is under the mouse, and how well it plays.
void desktop::draw_status() {
    const double at_s = scene().time_s;
    std::string words = time_words(at_s) + " / " + clock_words(whole().stop_s, 0);
    if (transport_.frame_count() > 0) {
        const auto frame = scene().fields.empty() ? std::nullopt : scene().fields.front().frame();
        words += "   frame " + (frame ? text(*frame) : std::string("–")) + text(" / ", transport_.frame_count() - 1);
    }
    ImGui::PushFont(window_.fixed_font());
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(words.c_str());
    ImGui::SameLine(0, 16 * unit());
    std::string more = probed();
    if (more.empty() && !transport_.count_text().empty()) {
        more = transport_.count_text();
    }
    ImGui::TextDisabled("%s", more.c_str());
    ImGui::PopFont();
}

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
        out += " " + session_.units;
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

/// The whole recording in a strip, with the part that the timeline shows.
void desktop::draw_overview(float width, float height) {
    strip_.set_width(static_cast<double>(width));
    strip_.draw(transport_, frames_, now_s_, drawing_);
    ImGui::InvisibleButton("##overview", {width, height});
    const ImVec2 low = ImGui::GetItemRectMin();
    if (ImGui::IsItemActive()) {
        strip_.centre(strip_.overview_time_at(static_cast<double>(ImGui::GetIO().MousePos.x - low.x)));
    }
    if (ImGui::IsItemHovered()) {
        ImGui::SetTooltip("The whole recording; drag to move the part below");
    }
    const timeline_look look = look_of_timeline(window_.dark());
    ImDrawList& on = *ImGui::GetWindowDrawList();
    const float bottom = low.y + height - 3 * unit();
    const auto fill = [&](const fieldreel::pixel_span& span, float least, ImU32 color) {
        const float left = low.x + static_cast<float>(span.x0);
        on.AddRectFilled({left, low.y}, {(std::max)(low.x + static_cast<float>(span.x1), left + least), bottom}, color);
    };
    on.AddRectFilled(low, {low.x + width, bottom}, look.ground);
    for (const fieldreel::pixel_span& gap : drawing_.overview_gaps) {
        fill(gap, 1, look.gap);
    }
    if (drawing_.overview_range) {
        fill(*drawing_.overview_range, 1, look.range);
    }
    const float seen_left = low.x + static_cast<float>(drawing_.window.x0);
    const float seen_right = low.x + static_cast<float>(drawing_.window.x1);
    on.AddRectFilled({seen_left, low.y}, {(std::max)(seen_right, seen_left + 3), bottom}, look.seen, 2 * unit());
    const auto x = static_cast<float>(drawing_.overview_playhead_x);
    on.AddRectFilled({low.x + x - unit(), low.y}, {low.x + x + unit(), bottom}, look.playhead);
}

/// The mouse on the timeline: scrub; with Shift the range; handles; the wheel steps, with Ctrl it zooms.
void desktop::drag_timeline(double x, bool over) {
    using fieldreel::timeline_part;
    const ImGuiIO& io = ImGui::GetIO();
    const double mouse_s = strip_.time_at(x);
    if (ImGui::IsItemActivated()) {
        const fieldreel::timeline_hit hit = strip_.hit(x, drawing_);
        range_from_s_ = io.KeyShift ? std::optional(mouse_s) : std::nullopt;
        grabbed_ = io.KeyShift ? timeline_part::range
                   : hit.part == timeline_part::in_handle || hit.part == timeline_part::out_handle
                       ? hit.part
                       : timeline_part::playhead;
        if (grabbed_ == timeline_part::playhead) {
            const bool marked = hit.part == timeline_part::bookmark;
            transport_.begin_scrub(marked ? transport_.bookmarks()[hit.bookmark].time_s : mouse_s, now_s_);
        }
    } else if ((ImGui::IsItemActive() || ImGui::IsItemDeactivated()) && io.MouseDelta.x != 0) {
        // The last move may come together with the button that is let go.
        if (grabbed_ == timeline_part::in_handle) {
            transport_.set_in(mouse_s, now_s_);
        } else if (grabbed_ == timeline_part::out_handle) {
            transport_.set_out(mouse_s, now_s_);
        } else if (range_from_s_) {
            transport_.set_in_out({(std::min)(*range_from_s_, mouse_s), (std::max)(*range_from_s_, mouse_s)}, now_s_);
        } else {
            transport_.drag_scrub(mouse_s);
        }
    }
    if (ImGui::IsItemActive()) {
        strip_.pan_past_end(x, static_cast<double>(io.DeltaTime));
    }
    if (ImGui::IsItemDeactivated()) {
        transport_.end_scrub(now_s_);
        range_from_s_.reset();
        grabbed_ = timeline_part::empty;
    }
    if (over && io.MouseWheel != 0) {
        if (io.KeyCtrl) {
            strip_.zoom(std::pow(1.25, static_cast<double>(io.MouseWheel)), x);
        } else {
            transport_.step(io.MouseWheel > 0 ? -1 : 1, now_s_);
        }
    }
}

void desktop::draw_timeline_menu() {
    using fieldreel::action;
    if (!ImGui::BeginPopupContextItem("timeline menu")) {
        return;
    }
    const auto item = [&](const char* words, action what, bool possible = true, bool chosen = false) {
        if (ImGui::MenuItem(words, fieldreel::keys_of(what).c_str(), chosen, possible)) {
            act(what);
        }
    };
    item("In point here", action::set_in);
    item("Out point here", action::set_out);
    item("Clear in and out", action::clear_in_out, transport_.in_s() || transport_.out_s());
    ImGui::Separator();
    item("Bookmark here", action::add_bookmark);
    item("Go to ...", action::go_to);
    ImGui::Separator();
    item("Frame numbers", action::time_or_frames, frames_.has_value(), strip_.unit() == fieldreel::time_unit::frames);
    item("Skip gaps in the data", action::skip_gaps, true, transport_.skips_gaps());
    if (ImGui::MenuItem("Whole recording", nullptr)) {
        strip_.fit();
    }
    ImGui::EndPopup();
}

void desktop::draw_timeline(float width, float height) {
    ImGui::InvisibleButton("##timeline", {width, height});
    const ImVec2 low = ImGui::GetItemRectMin();
    const ImVec2 high = ImGui::GetItemRectMax();
    const bool over = ImGui::IsItemHovered();
    const bool held = ImGui::IsItemActive();
    const auto mouse_x = static_cast<double>(ImGui::GetIO().MousePos.x - low.x);
    drag_timeline(mouse_x, over);
    draw_timeline_menu();
    if (transport_.playing()) {
        strip_.follow(transport_.position_s(now_s_), transport_.velocity(now_s_));
    }
    strip_.draw(transport_, frames_, now_s_, drawing_);

    const timeline_look look = look_of_timeline(window_.dark());
    ImDrawList& on = *ImGui::GetWindowDrawList();
    const auto at = [&](double x) { return low.x + static_cast<float>(x); };
    on.AddRectFilled(low, high, look.ground, 3 * unit());
    on.PushClipRect(low, high, true);
    const float axis_y = high.y - std::floor(16 * unit());
    for (const fieldreel::pixel_span& gap : drawing_.gaps) {
        on.AddRectFilled({at(gap.x0), low.y}, {(std::max)(at(gap.x1), at(gap.x0) + 1), axis_y}, look.gap);
    }
    const auto tracks = transport_.tracks(); // each has a lane of its own
    const float lane = (axis_y - low.y - 5 * unit()) / static_cast<float>((std::max)(tracks.size(), std::size_t{1}));
    const auto top_of = [&](std::size_t track) { return low.y + 3 * unit() + static_cast<float>(track) * lane; };
    for (const fieldreel::interval_span& one : drawing_.intervals) {
        const auto* const intervals = std::get_if<fieldreel::interval>(&tracks[one.track].marks);
        const fieldreel::rgba8 c = intervals->color(one.group);
        on.AddRectFilled({at(one.at.x0), top_of(one.track)}, {at(one.at.x1), top_of(one.track) + lane - unit()},
                         IM_COL32(c.r, c.g, c.b, 190));
    }
    std::size_t most = 1;
    for (const fieldreel::event_column& one : drawing_.events) {
        most = (std::max)(most, one.count);
    }
    for (const fieldreel::event_column& one : drawing_.events) { // the more events in a column, the higher
        const float part = 0.35F + 0.65F * std::sqrt(static_cast<float>(one.count) / static_cast<float>(most));
        const float bottom = top_of(one.track) + lane - unit();
        on.AddRectFilled({at(one.x), bottom - part * (lane - unit())}, {at(one.x) + 1, bottom}, look.tick);
    }
    for (const fieldreel::pixel_span& span : drawing_.cached) {
        on.AddRectFilled({at(span.x0), axis_y - 2 * unit()}, {at(span.x1), axis_y}, look.cached);
    }
    on.AddLine({low.x, axis_y}, {high.x, axis_y}, look.axis);
    for (const fieldreel::ruler_tick& tick : drawing_.ticks) {
        const float x = std::floor(at(tick.x));
        on.AddLine({x, axis_y}, {x, axis_y + 3 * unit()}, look.pale);
        const ImVec2 size = ImGui::CalcTextSize(tick.label.c_str());
        const float left = (std::clamp)(x - size.x / 2, low.x + 2 * unit(), high.x - size.x - 2 * unit());
        on.AddText({std::floor(left), std::floor(axis_y)}, look.pale, tick.label.c_str());
    }
    if (transport_.in_s() || transport_.out_s()) {
        const fieldreel::pixel_span range = drawing_.range.value_or(fieldreel::pixel_span{0, 0});
        on.AddRectFilled(low, {at(range.x0), axis_y}, look.outside);
        on.AddRectFilled({at(range.x1), low.y}, {high.x, axis_y}, look.outside);
        on.AddRectFilled({at(range.x0), low.y}, {at(range.x1), low.y + 3 * unit()}, look.handle);
        for (const std::optional<double>& x : {drawing_.in_x, drawing_.out_x}) {
            if (x) {
                on.AddRectFilled({at(*x) - unit(), low.y}, {at(*x) + unit(), axis_y}, look.handle);
            }
        }
    }
    for (const fieldreel::bookmark_place& one : drawing_.bookmarks) {
        const float x = at(one.x);
        on.AddTriangleFilled({x - 4 * unit(), axis_y}, {x + 4 * unit(), axis_y}, {x, axis_y - 8 * unit()}, look.mark);
    }
    if (drawing_.playhead_x) {
        const float x = std::floor(at(*drawing_.playhead_x));
        on.AddRectFilled({x, low.y}, {x + std::ceil(unit()), high.y}, look.playhead);
        on.AddTriangleFilled({x - 5 * unit(), low.y}, {x + 6 * unit(), low.y}, {x + 0.5F, low.y + 6 * unit()},
                             look.playhead);
    }
    on.PopClipRect();
    if (over && !held) {
        const double mouse_s = strip_.time_at(mouse_x);
        std::string words = fieldreel::time_text(mouse_s, fieldreel::time_unit::seconds, frames_, 3);
        if (frames_) {
            words += "   " + fieldreel::time_text(mouse_s, fieldreel::time_unit::frames, frames_);
        }
        for (const fieldreel::marked_track& track : tracks) {
            if (const auto* const stretches = std::get_if<fieldreel::interval>(&track.marks)) {
                for (const fieldreel::found_interval& one : stretches->at(mouse_s)) {
                    words += "\n" + stretches->groups()[one.group].label + text(" ", one.number);
                }
            }
        }
        ImGui::SetTooltip("%s", words.c_str());
    }
}

// ---- the panel beside the picture -----------------------------------------------------------------------------------

void desktop::draw_side(float left, float width, float height) {
    ImGui::SetNextWindowPos({left, 0});
    ImGui::SetNextWindowSize({width, height});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
    ImGui::Begin("panel", nullptr, fixed_panel);
    ImGui::PopStyleVar();
    for (std::size_t f = 0; f < looks_.size(); ++f) {
        ImGui::PushID(static_cast<int>(f));
        draw_field_controls(f);
        ImGui::PopID();
    }
    if (!layers_.empty()) {
        ImGui::TextDisabled("Layers");
        ImGui::Separator();
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            layer& one = *layers_[i];
            ImGui::PushID(static_cast<int>(i + 100));
            bool visible = one.visible;
            if (ImGui::Checkbox("##visible", &visible)) {
                one.visible = visible;
                worker_.ask_again();
            }
            if (ImGui::IsItemHovered() && i < 9) {
                ImGui::SetTooltip("Key %d", static_cast<int>(i + 1));
            }
            ImGui::SameLine();
            ImGui::AlignTextToFramePadding();
            ImGui::TextUnformatted(one.name.c_str());
            int opacity = one.opacity;
            const float slider = 84 * unit();
            ImGui::SameLine(ImGui::GetWindowContentRegionMax().x - slider);
            ImGui::SetNextItemWidth(slider);
            if (ImGui::SliderInt("##opacity", &opacity, 0, 100, "%d %%", ImGuiSliderFlags_AlwaysClamp)) {
                one.opacity = opacity;
                worker_.ask_again();
            }
            ImGui::PopID();
        }
        ImGui::Dummy({0, 6 * unit()});
    }
    ImGui::TextDisabled("Picture");
    ImGui::Separator();
    fieldreel::render_options look = window_.look();
    bool changed = ImGui::Checkbox("Outline", &look.outline);
    ImGui::SameLine(width / 2);
    changed |= ImGui::Checkbox("Scale bar", &look.scale_bar);
    changed |= ImGui::Checkbox("Colour bar", &look.color_bar);
    ImGui::SameLine(width / 2);
    changed |= ImGui::Checkbox("Time", &look.time);
    changed |= ImGui::Checkbox("Halo", &look.halo);
    if (changed) {
        window_.set_look(look);
        redraw_ = true;
    }
    ImGui::SameLine(width / 2);
    bool dark = window_.dark();
    if (ImGui::Checkbox("Dark", &dark)) {
        set_dark(dark);
    }
    ImGui::Dummy({0, 6 * unit()});
    if (ImGui::Button("Screenshot")) {
        save_screenshot();
    }
    if (ImGui::IsItemHovered()) {
        ImGui::SetTooltip("The picture, as the renderer draws it, into this folder (Ctrl+Shift+S)");
    }
    ImGui::SameLine();
    if (ImGui::Button("HUD")) {
        hud_ = !hud_;
    }
    if (ImGui::IsItemHovered()) {
        ImGui::SetTooltip("Where every millisecond goes (F8)");
    }
    ImGui::SameLine();
    if (ImGui::Button("Keys")) {
        help_ = !help_;
    }
    if (ImGui::IsItemHovered()) {
        ImGui::SetTooltip("All keys (? or F1)");
    }
    ImGui::End();
}

void desktop::draw_field_controls(std::size_t field) {
    fieldreel::field_style style = *looks_[field];
    const fieldreel::field_style& first = first_looks_[field];
    ImGui::TextDisabled("%s", style.title.empty() ? "Field" : style.title.c_str());
    ImGui::Separator();
    bool changed = false;
    const float label = 62 * unit();
    const auto row = [&](const char* words) {
        ImGui::AlignTextToFramePadding();
        ImGui::TextUnformatted(words);
        ImGui::SameLine(label + ImGui::GetStyle().WindowPadding.x);
        ImGui::SetNextItemWidth(-1);
    };
    row("Colours");
    if (ImGui::BeginCombo("##colours", style.colors.name().c_str(), ImGuiComboFlags_HeightLarge)) {
        const auto names = fieldreel::colormap_names();
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string name(names[i]);
            if (ImGui::Selectable(name.c_str(), name == style.colors.name())) {
                style.colors = fieldreel::colormap::named(name);
                changed = true;
            }
        }
        ImGui::EndCombo();
    }
    const double span = (std::max)(std::abs(first.range.vmax - first.range.vmin), 1e-12);
    const auto speed = static_cast<float>(span / 200);
    row("vmax");
    double high = style.range.vmax;
    if (ImGui::DragScalar("##vmax", ImGuiDataType_Double, &high, speed, nullptr, nullptr, "%.5g") &&
        std::isfinite(high) && high > style.range.vmin) {
        style.range.vmax = high;
        changed = true;
    }
    row("vmin");
    double low = style.range.vmin;
    if (ImGui::DragScalar("##vmin", ImGuiDataType_Double, &low, speed, nullptr, nullptr, "%.5g") &&
        std::isfinite(low) && low < style.range.vmax) {
        style.range.vmin = low;
        changed = true;
    }
    using fieldreel::value_scale;
    fieldreel::color_scaling& scaling = style.paint.scaling;
    row("Scale");
    int scale = scaling.scale == value_scale::log ? 1 : scaling.scale == value_scale::gamma ? 2 : 0;
    if (ImGui::Combo("##scale", &scale, "linear\0log\0gamma\0")) {
        scaling.scale = scale == 1 ? value_scale::log : scale == 2 ? value_scale::gamma : value_scale::linear;
        if (scale == 2 && scaling.gamma == 1) {
            scaling.gamma = 0.5;
        }
        changed = true;
    }
    if (scaling.scale == value_scale::gamma) {
        row("Gamma");
        auto gamma = static_cast<float>(scaling.gamma);
        if (ImGui::SliderFloat("##gamma", &gamma, 0.1F, 3, "%.2f", ImGuiSliderFlags_AlwaysClamp)) {
            scaling.gamma = static_cast<double>(gamma);
            changed = true;
        }
    }
    if (scaling.scale == value_scale::log && !(style.range.vmin > 0)) { // a logarithm needs something above 0
        style.range.vmin = style.range.vmax > 0 ? style.range.vmax / 1000 : style.range.vmin;
        scaling = style.range.vmin > 0 ? scaling : fieldreel::color_scaling{};
        changed = true;
    }
    if (changed) {
        looks_[field] = std::make_shared<const fieldreel::field_style>(style);
        redraw_ = true;
    }
    if (ImGui::Button("Auto")) {
        fit_limits();
    }
    if (ImGui::IsItemHovered()) {
        ImGui::SetTooltip("Limits by the values now shown, up to the 99th percentile (A)");
    }
    ImGui::SameLine();
    if (ImGui::Button("Reverse")) {
        style.colors = style.colors.reversed();
        looks_[field] = std::make_shared<const fieldreel::field_style>(style);
        redraw_ = true;
    }
    ImGui::SameLine();
    if (ImGui::Button("Reset")) {
        looks_[field] = std::make_shared<const fieldreel::field_style>(first);
        redraw_ = true;
    }
    ImGui::Dummy({0, 6 * unit()});
}

// ---- what comes and goes --------------------------------------------------------------------------------------------

void desktop::draw_hud() {
    if (now_s_ - hud_at_s_ > 0.5) { // numbers that can be read
        hud_at_s_ = now_s_;
        char line[160];
        hud_lines_ = "stage     last ms     p50     p99\n";
        for (const stage* one : {&read_, &overlay_, &raster_, &upload_, &draw_, &work_, &present_}) {
            std::snprintf(line, sizeof line, "%-8s %8.2f %7.2f %7.2f\n", one->name, one->times.last(),
                          one->times.percentile(0.5), one->times.percentile(0.99));
            hud_lines_ += line;
        }
        const double velocity = std::abs(transport_.velocity(now_s_));
        const double wanted = (std::min)(transport_.frames_per_s(velocity), window_.refresh_hz());
        std::snprintf(line, sizeof line, "\nscenes/s %8zu of %.0f", shown_at_s_.size(), std::ceil(wanted));
        hud_lines_ += line;
        std::snprintf(line, sizeof line, "\nskipped  %8llu of %llu frames",
                      static_cast<unsigned long long>(transport_.counts().skipped()),
                      static_cast<unsigned long long>(transport_.counts().due));
        hud_lines_ += line;
        if (!transport_.count_text().empty()) {
            hud_lines_ += "\n" + transport_.count_text();
        }
        if (made_.cache_statistics) {
            const fieldreel::cache_statistics cache = made_.cache_statistics();
            std::snprintf(line, sizeof line, "\ncache    %8.1f MiB, %llu stalls",
                          static_cast<double>(cache.bytes_resident) / (1024 * 1024),
                          static_cast<unsigned long long>(cache.stalls));
            hud_lines_ += line;
        }
        std::snprintf(line, sizeof line, "\nprivate  %8.1f MiB", measure_memory().private_mib);
        hud_lines_ += line;
    }
    const float right =
        static_cast<float>(window_.picture_area().right) / ImGui::GetIO().DisplayFramebufferScale.x - 10 * unit();
    ImGui::SetNextWindowPos({right, 44 * unit()}, ImGuiCond_Appearing, {1, 0}); // beside most fields
    ImGui::SetNextWindowBgAlpha(0.88F);
    ImGui::Begin("hud", nullptr, floating_panel);
    ImGui::PushFont(window_.fixed_font());
    ImGui::TextUnformatted(hud_lines_.c_str());
    ImGui::PopFont();
    ImGui::End();
}

void desktop::draw_help() {
    std::vector<fieldreel::key_help_line> lines;
    for (const fieldreel::key_help_line& line : fieldreel::key_help()) {
        const auto same = [&](const fieldreel::key_binding& row) { return row.help == line.help; };
        const auto row = std::find_if(fieldreel::default_keys.begin(), fieldreel::default_keys.end(), same);
        if (is_there(row->action)) {
            lines.push_back(line);
        }
    }
    for (const auto& [keys, words] : {std::pair("drag", "scrub"), std::pair("Shift+drag", "in to out"),
                                      std::pair("wheel", "step; with Ctrl: zoom"), std::pair("right click", "menu")}) {
        lines.push_back({"Mouse on the timeline", keys, words});
    }
    const ImVec2 all = ImGui::GetIO().DisplaySize;
    ImGui::SetNextWindowPos({all.x / 2, all.y / 2}, ImGuiCond_Always, {0.5F, 0.5F});
    ImGui::Begin("help", nullptr, floating_panel);
    if (ImGui::BeginTable("columns", 2, ImGuiTableFlags_SizingFixedFit)) {
        ImGui::TableNextColumn();
        std::string_view group;
        std::size_t drawn = 0;
        for (const fieldreel::key_help_line& line : lines) {
            if (line.group != group) {
                if (drawn * 2 >= lines.size()) { // the other half beside it
                    drawn = 0;
                    ImGui::TableNextColumn();
                }
                ImGui::Dummy({0, drawn > 0 ? 4 * unit() : 0});
                group = line.group;
                ImGui::TextColored(ImGui::GetStyleColorVec4(ImGuiCol_CheckMark), "%s", std::string(group).c_str());
            }
            ImGui::TextUnformatted(line.keys.c_str());
            ImGui::SameLine(ImGui::GetColumnOffset() + 110 * unit());
            ImGui::TextDisabled("%s      ", std::string(line.help).c_str());
            ++drawn;
        }
        ImGui::EndTable();
    }
    ImGui::End();
}

void desktop::draw_go_to() {
    const ImVec2 all = ImGui::GetIO().DisplaySize;
    ImGui::SetNextWindowPos({all.x / 2, all.y / 3}, ImGuiCond_Always, {0.5F, 0.5F});
    ImGui::Begin("go to", nullptr, floating_panel & ~ImGuiWindowFlags_NoFocusOnAppearing);
    ImGui::TextUnformatted("Go to");
    ImGui::SameLine();
    if (!go_to_opened_) {
        go_to_words_[0] = '\0';
        go_to_problem_.clear();
        ImGui::SetKeyboardFocusHere();
        go_to_opened_ = true;
    }
    ImGui::SetNextItemWidth(220 * unit());
    if (ImGui::InputTextWithHint("##where", "75.3s, 1:15.3 or #1234", go_to_words_, sizeof go_to_words_,
                                 ImGuiInputTextFlags_EnterReturnsTrue)) {
        try {
            transport_.go_to(go_to_words_, now_s_);
            go_to_ = false;
        } catch (const fieldreel::invalid_value& wrong) {
            go_to_problem_ = wrong.what();
            ImGui::SetKeyboardFocusHere(-1);
        }
    }
    if (!go_to_problem_.empty()) {
        ImGui::PushTextWrapPos(420 * unit());
        ImGui::TextWrapped("%s", go_to_problem_.c_str());
        ImGui::PopTextWrapPos();
    }
    ImGui::End();
    go_to_opened_ = go_to_;
}

void desktop::draw_error() {
    const ImVec2 all = ImGui::GetIO().DisplaySize;
    ImGui::SetNextWindowPos({all.x * 0.4F, 60 * unit()}, ImGuiCond_Always, {0.5F, 0});
    ImGui::SetNextWindowSizeConstraints({0, 0}, {all.x * 0.6F, all.y});
    ImGui::PushStyleColor(ImGuiCol_WindowBg, IM_COL32(170, 34, 28, 240));
    ImGui::PushStyleColor(ImGuiCol_Text, IM_COL32(255, 255, 255, 255));
    ImGui::Begin("problem", nullptr, floating_panel | ImGuiWindowFlags_NoInputs);
    ImGui::PushTextWrapPos(all.x * 0.55F);
    ImGui::TextUnformatted(problem_.c_str());
    ImGui::PopTextWrapPos();
    ImGui::End();
    ImGui::PopStyleColor(2);
}

/// The picture is an earlier one: dimmed, with a sign that turns.
void desktop::draw_late() {
    const fieldreel::pixel_rect area = window_.picture_area();
    const ImVec2 fine = ImGui::GetIO().DisplayFramebufferScale;
    const ImVec2 size{static_cast<float>(area.width()) / fine.x, static_cast<float>(area.height()) / fine.y};
    ImDrawList& on = *ImGui::GetBackgroundDrawList();
    on.AddRectFilled({0, 0}, size, window_.dark() ? IM_COL32(17, 19, 24, 110) : IM_COL32(247, 247, 245, 110));
    const float r = 13 * unit();
    const auto turn = static_cast<float>(std::fmod(now_s_ * 5, 6.283185307179586));
    const ImVec2 middle{size.x / 2, size.y / 2};
    on.AddCircleFilled(middle, r + 9 * unit(),
                       window_.dark() ? IM_COL32(30, 33, 40, 220) : IM_COL32(255, 255, 255, 220));
    on.PathArcTo(middle, r, turn, turn + 4.4F, 28);
    on.PathStroke(ImGui::GetColorU32(ImGuiCol_CheckMark), 0, 3.5F * unit());
}

void desktop::draw_toast() {
    if (toast_.empty() || now_s_ > toast_until_s_) {
        toast_.clear();
        return;
    }
    const fieldreel::pixel_rect area = window_.picture_area();
    const ImVec2 fine = ImGui::GetIO().DisplayFramebufferScale;
    ImGui::SetNextWindowPos({12 * unit(), static_cast<float>(area.bottom) / fine.y - 12 * unit()}, ImGuiCond_Always,
                            {0, 1});
    ImGui::Begin("toast", nullptr, floating_panel | ImGuiWindowFlags_NoInputs);
    ImGui::TextUnformatted(toast_.c_str());
    ImGui::End();
}

#endif
