// SPDX-License-Identifier: MIT
// What comes and goes over the picture of the desktop viewer: HUD, keys, boxes to type in, work in the background.
#ifdef FIELDREEL_PROGRAM_WINDOW

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/overlay/ticks.hpp>

#include "view_desktop.hpp"
#include "view_widgets.hpp"

using fieldreel::detail::text;

std::string desktop::time_words(double time_s) const {
    std::string out;
    fieldreel::append_clock(out, time_s, 3);
    return out;
}

ImVec2 desktop::picture_size() const {
    const fieldreel::pixel_rect area = window_.picture_area();
    const ImVec2 fine = ImGui::GetIO().DisplayFramebufferScale;
    return {static_cast<float>(area.width()) / fine.x, static_cast<float>(area.height()) / fine.y};
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
    if (course_ != nullptr) {
        draw_course();
    }
    if (hud_) {
        draw_hud();
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
    draw_tasks();
    draw_toast();
    if (box_ != typed::nothing) {
        draw_typed();
    }
}

void desktop::draw_hud() {
    if (now_s_ - hud_at_s_ > 0.5) { // numbers that can be read
        hud_at_s_ = now_s_;
        char line[160];
        hud_lines_ = "stage     last ms    p50    p99\n";
        for (const stage* one :
             {&read_, &overlay_, &raster_, &upload_, &draw_, &work_, &present_, &answer_, &on_screen_}) {
            std::snprintf(line, sizeof line, "%-9s %7.2f %6.2f %6.2f\n", one->name, one->times.last(),
                          one->times.percentile(0.5), one->times.percentile(0.99));
            hud_lines_ += line;
        }
        const double velocity = std::abs(transport_.velocity(now_s_));
        const double wanted = (std::min)(transport_.frames_per_s(velocity), window_.refresh_hz());
        if (transport_.playing()) {
            std::snprintf(line, sizeof line, "\nscenes/s %8zu of %.0f", shown_at_s_.size(), std::ceil(wanted));
            hud_lines_ += line;
        }
        std::snprintf(line, sizeof line, "\nskipped  %8llu of %llu frames",
                      static_cast<unsigned long long>(transport_.counts().skipped()),
                      static_cast<unsigned long long>(transport_.counts().due));
        hud_lines_ += line;
        if (!transport_.count_text().empty()) {
            hud_lines_ += "\n" + transport_.count_text();
        }
        if (recording_.cache) {
            const fieldreel::cache_statistics cache = recording_.cache();
            const double limit_mib = cache.chunks_resident == 0
                                         ? 0
                                         : static_cast<double>(cache.bytes_resident) / (1024 * 1024) *
                                               static_cast<double>(cache.chunks_limit) /
                                               static_cast<double>(cache.chunks_resident);
            std::snprintf(line, sizeof line, "\ncache    %8.1f of %.0f MiB, %llu stalls",
                          static_cast<double>(cache.bytes_resident) / (1024 * 1024), limit_mib,
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
        lines.push_back(line);
    }
    for (const auto& [keys, words] : {std::pair("drag", "scrub"), std::pair("Shift+drag", "in to out"),
                                      std::pair("wheel", "step; with Ctrl: zoom"), std::pair("right click", "menu")}) {
        lines.push_back({"Mouse on the timeline", keys, words});
    }
    for (const auto& [keys, words] :
         {std::pair("wheel", "zoom"), std::pair("drag", "move what is enlarged"),
          std::pair("click", "time course of the bin"), std::pair("click below", "go to that time of the series")}) {
        lines.push_back({"Mouse on the picture", keys, words});
    }
    const ImVec2 all = ImGui::GetIO().DisplaySize;
    ImGui::SetNextWindowPos({all.x / 2, all.y / 2}, ImGuiCond_Always, {0.5F, 0.5F});
    ImGui::Begin("help", nullptr, floating_panel);
    if (ImGui::BeginTable("columns", 3, ImGuiTableFlags_SizingFixedFit)) {
        ImGui::TableNextColumn();
        std::string_view group;
        std::size_t drawn = 0;
        for (const fieldreel::key_help_line& line : lines) {
            if (line.group != group) {
                if (drawn * 3 >= lines.size()) { // the rest beside it
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

void desktop::draw_typed() {
    struct look {
        const char* title;
        const char* hint;
        const char* help;
    };
    static constexpr look looks[] = {
        {"", "", ""},
        {"Go to", "75.3s, 1:15.3 or #1234", "A time, or a frame by its number"},
        {"Open", "folder of a recording, film, pose, or saved view", "Or drop it on the window"},
        {"Save the view as", "name.view", "fieldreel view --view FILE and fieldreel export --view FILE show it again"},
        {"Film", "name.mp4, .mkv or .webm", "From in to out, as it is shown, at the chosen speed, 30 pictures/s"}};
    const look& now = looks[static_cast<std::size_t>(box_)];
    const ImVec2 all = ImGui::GetIO().DisplaySize;
    ImGui::SetNextWindowPos({all.x / 2, all.y * 0.3F}, ImGuiCond_Always, {0.5F, 0.5F});
    ImGui::Begin("typed", nullptr, floating_panel & ~ImGuiWindowFlags_NoFocusOnAppearing);
    ImGui::TextUnformatted(now.title);
    if (!box_opened_) {
        ImGui::SetWindowFocus();
        ImGui::SetKeyboardFocusHere();
        box_opened_ = true;
    }
    ImGui::SetNextItemWidth((std::min)((box_ == typed::time ? 260 : 460) * unit(), all.x * 0.8F));
    bool entered = ImGui::InputTextWithHint("##words", now.hint, box_words_, sizeof box_words_,
                                            ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
    for (const fieldreel::window_key& key : window_.keys()) { // also one too short for the widgets to see
        entered = entered || (key.name == "Enter" && ImGui::IsItemActive());
    }
    if (entered) {
        take_typed();
        ImGui::SetKeyboardFocusHere(-1);
    }
    ImGui::TextDisabled("%s", now.help);
    if (box_ == typed::film) {
        const fieldreel::time_range range = transport_.range();
        ImGui::TextDisabled("%s to %s, %s", time_words(range.start_s).c_str(), time_words(range.stop_s).c_str(),
                            fieldreel::name_of_speed(std::abs(transport_.chosen_speed())).c_str());
    }
    if (box_ == typed::recording && around_.recent.all().size() > (recording_.folder.empty() ? 0U : 1U)) {
        ImGui::Separator();
        for (std::size_t i = recording_.folder.empty() ? 0 : 1; i < around_.recent.all().size(); ++i) { // 0: this one
            if (const std::string& one = around_.recent.all()[i]; ImGui::Selectable(one.c_str())) {
                std::snprintf(box_words_, sizeof box_words_, "%s", one.c_str());
                take_typed();
                break; // the list may be another now
            }
        }
    }
    if (!box_problem_.empty()) {
        ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + 460 * unit());
        ImGui::TextColored(window_.dark() ? ImVec4(1, 0.55F, 0.48F, 1) : ImVec4(0.70F, 0.13F, 0.10F, 1), "%s",
                           box_problem_.c_str());
        ImGui::PopTextWrapPos();
    }
    ImGui::End();
}

/// What goes on in the background: how far it is, and a way to break it off.
void desktop::draw_tasks() {
    if (!deriving_.running() && !opening_.running() && !filming_.running() && !trace_writing_.running()) {
        return;
    }
    const ImVec2 size = picture_size();
    ImGui::SetNextWindowPos({size.x - 12 * unit(), size.y - 12 * unit()}, ImGuiCond_Always, {1, 1});
    ImGui::Begin("tasks", nullptr, floating_panel);
    const auto row = [this](const std::string& words, auto& task, bool tells) {
        ImGui::PushID(words.c_str());
        ImGui::AlignTextToFramePadding();
        ImGui::TextUnformatted(words.c_str());
        ImGui::SameLine();
        if (tells) {
            ImGui::ProgressBar(static_cast<float>(task.part()), {120 * unit(), 0});
            ImGui::SameLine();
        }
        if (task.cancelled()) {
            ImGui::TextDisabled("breaking off");
        } else if (ImGui::Button("Cancel")) {
            task.cancel();
        }
        ImGui::PopID();
    };
    if (opening_.running()) {
        row("Opening " + opening_path_, opening_, false);
    }
    if (deriving_.running()) {
        row("Deriving the field of " + wanted_cell_, deriving_, false);
    }
    if (filming_.running()) {
        row(film_path_, filming_, true);
    }
    if (trace_writing_.running()) {
        row("Writing the last minute", trace_writing_, false);
    }
    ImGui::End();
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
    const ImVec2 size = picture_size();
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
    const ImVec2 size = picture_size();
    ImGui::SetNextWindowPos({12 * unit(), size.y - 12 * unit()}, ImGuiCond_Always, {0, 1});
    ImGui::Begin("toast", nullptr, floating_panel | ImGuiWindowFlags_NoInputs);
    ImGui::PushTextWrapPos((std::max)(200 * unit(), 0.6F * size.x));
    ImGui::TextUnformatted(toast_.c_str());
    ImGui::PopTextWrapPos();
    ImGui::End();
}

#endif
