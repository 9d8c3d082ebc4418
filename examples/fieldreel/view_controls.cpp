// SPDX-License-Identifier: MIT
// Below the picture of the desktop viewer: play controls, timeline, what is shown and under the mouse.
#ifdef FIELDREEL_PROGRAM_WINDOW

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>

#include <fieldreel/overlay/ticks.hpp>

#include "view_desktop.hpp"
#include "view_widgets.hpp"

using fieldreel::detail::text;

namespace {

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

} // namespace

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
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, // as high as the buttons
                        {ImGui::GetStyle().FramePadding.x, std::floor((side - ImGui::GetFontSize()) / 2)});
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
    ImGui::PopStyleVar();
    ImGui::End();
}

/// Time and frame, what is under the mouse, and how well it plays.
void desktop::draw_status() {
    const double at_s = scene().time_s;
    std::string words =
        time_words(at_s) + " / " + fieldreel::time_text(whole().stop_s, fieldreel::time_unit::seconds, frames_, 0);
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
    std::string shown = more;
    const float room = ImGui::GetContentRegionAvail().x;
    for (std::size_t kept = more.size(); kept > 0 && ImGui::CalcTextSize(shown.c_str()).x > room;) {
        do {
            --kept;
        } while (kept > 0 && (more[kept] & 0xC0) == 0x80); // in the middle of a letter
        shown = kept == 0 ? "" : more.substr(0, kept) + "…";
    }
    ImGui::TextDisabled("%s", shown.c_str());
    ImGui::PopFont();
    if (shown != more && ImGui::IsItemHovered()) {
        ImGui::SetTooltip("%s", more.c_str());
    }
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

#endif
