// SPDX-License-Identifier: MIT
// The libraries that the program was built with or runs on.
#include "machine.hpp"

#include <string>
#include <utility>
#include <vector>

#include <CLI/Version.hpp>
#include <cairo.h>
#include <nlohmann/json_fwd.hpp>
#include <png.h>
#if __has_include(<xtensor/xtensor_config.hpp>)
#include <xtensor/xtensor_config.hpp>
#else // xtensor 0.26
#include <xtensor/core/xtensor_config.hpp>
#endif

#ifdef FIELDREEL_PROGRAM_VIDEO
extern "C" {
#include <libavutil/avutil.h>
}
#endif
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

std::vector<std::pair<std::string, std::string>> library_versions() {
    const auto dotted = [](int a, int b, int c) {
        return std::to_string(a) + "." + std::to_string(b) + "." + std::to_string(c);
    };
    std::vector<std::pair<std::string, std::string>> out = {
        {"xtensor", dotted(XTENSOR_VERSION_MAJOR, XTENSOR_VERSION_MINOR, XTENSOR_VERSION_PATCH)},
        {"nlohmann_json",
         dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)},
        {"CLI11", CLI11_VERSION},
        {"cairo", cairo_version_string()},
        {"libpng", png_get_libpng_ver(nullptr)},
    };
#ifdef FIELDREEL_PROGRAM_VIDEO
    out.emplace_back("ffmpeg", av_version_info());
#endif
#ifdef __GLIBC__
    out.emplace_back("glibc", gnu_get_libc_version());
#endif
    return out;
}
