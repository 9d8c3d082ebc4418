// SPDX-License-Identifier: MIT
// The panel beside the picture of the desktop viewer: fields, layers, what the picture shows.
#ifdef FIELDREEL_PROGRAM_WINDOW

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <fieldreel/colormap/color_scaling.hpp>

#include "view_desktop.hpp"
#include "view_widgets.hpp"

void desktop::draw_side(float left, float width, float height) {
    ImGui::SetNextWindowPos({left, 0});
    ImGui::SetNextWindowSize({width, height});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
    ImGui::Begin("panel", nullptr, fixed_panel);
    ImGui::PopStyleVar();
    for (std::size_t f = 0; f < looks_.size(); ++f) {
        if (looks_[f]->bar) { // a blank arena has no colours to choose
            ImGui::PushID(static_cast<int>(f));
            draw_field_controls(f);
            ImGui::PopID();
        }
    }
    draw_layers();
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
    const auto button = [this](const char* words, fieldreel::action what, const char* hint) {
        if (ImGui::GetCursorPosX() > ImGui::GetStyle().WindowPadding.x + 1 &&
            ImGui::GetContentRegionAvail().x < ImGui::CalcTextSize(words).x + 2 * ImGui::GetStyle().FramePadding.x) {
            ImGui::NewLine();
        }
        if (ImGui::Button(words)) {
            act(what);
        }
        if (ImGui::IsItemHovered()) {
            ImGui::SetTooltip("%s (%s)", hint, fieldreel::keys_of(what).c_str());
        }
        ImGui::SameLine();
    };
    using fieldreel::action;
    button("Open", action::open, "Another recording or a saved view");
    button("Save view", action::save_view, "All that is set here, to be opened or exported again");
    button("Film", action::export_range, "What is shown, from in to out, as a film");
    button("Picture", action::screenshot, "What is shown, as the renderer draws it, into this folder");
    button("HUD", action::show_hud, "Where every millisecond goes");
    button("Keys", action::help, "All keys");
    ImGui::NewLine();
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

// ---- layers ---------------------------------------------------------------------------------------------------------

/// The highest on top; a row is dragged to another place.
void desktop::draw_layers() {
    if (layers_.empty()) {
        return;
    }
    ImGui::TextDisabled("Layers");
    ImGui::Separator();
    const float slider = 84 * unit();
    bool changed = false;
    for (std::size_t row = 0; row < layers_.size(); ++row) {
        const std::size_t i = layers_.size() - 1 - row;
        fieldreel::layer_view& one = layers_[i];
        ImGui::PushID(static_cast<int>(i + 100));
        changed |= ImGui::Checkbox("##visible", &one.visible);
        const auto same = [&](const fieldreel::any_overlay& o) { return o.name() == one.name; };
        const auto own = std::find_if(overlays_.begin(), overlays_.end(), same);
        if (ImGui::IsItemHovered() && own - overlays_.begin() < 9) {
            ImGui::SetTooltip("Key %d", static_cast<int>(own - overlays_.begin()) + 1);
        }
        ImGui::SameLine();
        const float room = ImGui::GetContentRegionAvail().x - slider - ImGui::GetStyle().ItemSpacing.x;
        if (ImGui::Selectable((one.name + "###name").c_str(), i == selected_layer_, 0,
                              {room, ImGui::GetTextLineHeight()})) {
            selected_layer_ = i;
        }
        const bool held = ImGui::IsItemActive() && !ImGui::IsItemHovered();
        if (ImGui::IsItemHovered() && !ImGui::IsMouseDown(0)) {
            ImGui::SetTooltip("%s\nClick for colour and more, drag to another place", one.name.c_str());
        }
        ImGui::SameLine();
        ImGui::SetNextItemWidth(slider);
        auto percent = static_cast<int>(std::lround(100 * one.opacity));
        if (ImGui::SliderInt("##opacity", &percent, 0, 100, "%d %%", ImGuiSliderFlags_AlwaysClamp)) {
            one.opacity = percent / 100.0;
            changed = true;
        }
        ImGui::PopID();
        if (held) { // over another row: they change places
            const float way = ImGui::GetMouseDragDelta(0).y;
            const std::size_t other = way < 0 ? i + 1 : i - 1; // one less than 0 is no layer
            if (std::abs(way) > ImGui::GetFrameHeightWithSpacing() * 0.6F && other < layers_.size()) {
                std::swap(layers_[i], layers_[other]);
                selected_layer_ = other;
                ImGui::ResetMouseDragDelta();
                changed = true;
                break;
            }
        }
    }
    if (changed) {
        apply_layers();
    }
    if (selected_layer_ < layers_.size()) {
        draw_layer_details(layers_[selected_layer_]);
    }
    ImGui::Dummy({0, 6 * unit()});
}

void desktop::draw_layer_details(fieldreel::layer_view& of) {
    bool changed = false;
    ImGui::PushID("details");
    const float label = 62 * unit() + ImGui::GetStyle().WindowPadding.x;
    const fieldreel::rgba8 now = of.color.value_or(fieldreel::rgba8{128, 128, 128, 255});
    float rgb[3] = {static_cast<float>(now.r) / 255, static_cast<float>(now.g) / 255, static_cast<float>(now.b) / 255};
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted("Colour");
    ImGui::SameLine(label);
    if (ImGui::ColorEdit3("##colour", rgb, ImGuiColorEditFlags_NoInputs | ImGuiColorEditFlags_NoLabel)) {
        const auto byte = [](float v) { return static_cast<std::uint8_t>(std::lround(255 * v)); };
        of.color = fieldreel::rgba8{byte(rgb[0]), byte(rgb[1]), byte(rgb[2]), 255};
        changed = true;
    }
    ImGui::SameLine();
    if (!of.color) {
        ImGui::TextDisabled("its own");
    } else if (ImGui::Button("Its own")) {
        of.color.reset();
        changed = true;
    }
    const auto same = [&](const fieldreel::any_overlay& o) { return o.name() == of.name; };
    const auto own = std::find_if(overlays_.begin(), overlays_.end(), same);
    if (const auto* const trail = own == overlays_.end() ? nullptr : own->as<fieldreel::trail>()) {
        ImGui::AlignTextToFramePadding();
        ImGui::TextUnformatted("Trail");
        ImGui::SameLine(label);
        ImGui::SetNextItemWidth(-1);
        auto seconds = static_cast<float>(of.trail_s.value_or(trail->options().length_s));
        if (ImGui::SliderFloat("##trail", &seconds, 0, 30, "%.1f s",
                               ImGuiSliderFlags_Logarithmic | ImGuiSliderFlags_AlwaysClamp)) {
            of.trail_s = static_cast<double>(seconds);
            changed = true;
        }
    }
    ImGui::PopID();
    if (changed) {
        apply_layers();
    }
}

#endif
