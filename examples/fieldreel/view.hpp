// SPDX-License-Identifier: MIT
// What `fieldreel view` and `fieldreel profile --mode interactive` ask of the window.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "pictures.hpp"
#include "view_desktop.hpp"

struct view_arguments {
    picture_arguments picture;
    view_settings settings;
    double scale = 0;
    bool dark = false;
    std::string time;
    std::string speed = "1";
    std::string mode = "once";
    std::string view;
    std::string report_path;
};

/// Shows the recording until the window is closed. Gives the exit code, and what --report has in `described` when that
/// is given.
int run_view(view_arguments& given, nlohmann::ordered_json* described = nullptr);
