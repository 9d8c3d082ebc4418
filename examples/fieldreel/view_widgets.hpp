// SPDX-License-Identifier: MIT
// What the panels of the desktop viewer have in common.
#pragma once

#include <imgui.h>

inline constexpr ImGuiWindowFlags fixed_panel =
    ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoCollapse |
    ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoNav;
inline constexpr ImGuiWindowFlags floating_panel = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_AlwaysAutoResize |
                                                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoNav |
                                                   ImGuiWindowFlags_NoFocusOnAppearing;
