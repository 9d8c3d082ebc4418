// SPDX-License-Identifier: MIT
// Colours and markers by the names under which people write them into a session or on a command line.
#ifndef FIELDREEL_OVERLAY_NAMED_STYLE_HPP
#define FIELDREEL_OVERLAY_NAMED_STYLE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/canvas.hpp>

namespace fieldreel::inline v0 {

namespace detail {

/// The names of CSS for the plain colours; the eight that colour-blind people tell apart carry "cb-".
/// Source: CSS Color Module Level 4; Okabe and Ito 2008.
inline constexpr std::array<std::string_view, 29> color_names = {
    "black",     "white",   "gray",          "grey",      "silver", "red",       "green",  "blue",
    "yellow",    "cyan",    "magenta",       "orange",    "purple", "brown",     "pink",   "lime",
    "navy",      "teal",    "olive",         "maroon",    "gold",   "cb-orange", "cb-sky", "cb-green",
    "cb-yellow", "cb-blue", "cb-vermillion", "cb-purple", "cb-gray"};
inline constexpr std::array<std::uint32_t, 29> color_values = {
    0x000000, 0xffffff, 0x808080, 0x808080, 0xc0c0c0, 0xff0000, 0x008000, 0x0000ff, 0xffff00, 0x00ffff,
    0xff00ff, 0xffa500, 0x800080, 0xa52a2a, 0xffc0cb, 0x00ff00, 0x000080, 0x008080, 0x808000, 0x800000,
    0xffd700, 0xe69f00, 0x56b4e9, 0x009e73, 0xf0e442, 0x0072b2, 0xd55e00, 0xcc79a7, 0x999999};

inline constexpr std::array<std::string_view, 12> marker_names = {"disc", "ring", "square", "cross", "triangle", "tick",
                                                                  "o",    ".",    "s",      "x",     "^",        "|"};
inline constexpr std::array<marker_symbol, 12> marker_values = {
    marker_symbol::disc,     marker_symbol::ring,  marker_symbol::square,   marker_symbol::cross,
    marker_symbol::triangle, marker_symbol::tick,  marker_symbol::disc,     marker_symbol::disc,
    marker_symbol::square,   marker_symbol::cross, marker_symbol::triangle, marker_symbol::tick};

constexpr rgba8 opaque(std::uint32_t rrggbb) noexcept {
    return {static_cast<std::uint8_t>(rrggbb >> 16 & 0xff), static_cast<std::uint8_t>(rrggbb >> 8 & 0xff),
            static_cast<std::uint8_t>(rrggbb & 0xff), 255};
}
/// 0-15, or -1.
constexpr int hex_digit(char c) noexcept {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

} // namespace detail

/// A colour by name ("red", "cb-blue") or as "#rrggbb" or "#rrggbbaa". Errors: invalid_value with all names and the one
/// nearest to what was asked.
inline rgba8 color_named(std::string_view name) {
    if (name.starts_with('#')) {
        std::array<std::uint8_t, 4> channels = {0, 0, 0, 255};
        bool right = name.size() == 7 || name.size() == 9;
        for (std::size_t i = 1; right && i < name.size(); ++i) {
            const int digit = detail::hex_digit(name[i]);
            right = digit >= 0;
            auto& channel = channels[(i - 1) / 2];
            channel = static_cast<std::uint8_t>(i % 2 == 1 ? digit * 16 : channel + digit);
        }
        if (!right) {
            throw invalid_value("color", detail::text("the colour '", name,
                                                      "' was asked for; after # come six digits "
                                                      "0-9 and a-f, or eight with alpha, e.g. #ff8800"));
        }
        return {channels[0], channels[1], channels[2], channels[3]};
    }
    for (std::size_t i = 0; i < detail::color_names.size(); ++i) {
        if (detail::color_names[i] == name) {
            return detail::opaque(detail::color_values[i]);
        }
    }
    throw invalid_value("color", detail::text("the colour '", name, "' was asked for; there are #rrggbb and ",
                                              detail::join(detail::color_names), "; did you mean '",
                                              detail::nearest_name(name, detail::color_names), "'?"));
}

/// A marker by name ("disc") or by the one letter that plots use for it ("o"). Errors: invalid_value as color_named.
inline marker_symbol marker_named(std::string_view name) {
    for (std::size_t i = 0; i < detail::marker_names.size(); ++i) {
        if (detail::marker_names[i] == name) {
            return detail::marker_values[i];
        }
    }
    throw invalid_value("marker", detail::text("the marker '", name, "' was asked for; there are ",
                                               detail::join(detail::marker_names), "; did you mean '",
                                               detail::nearest_name(name, detail::marker_names), "'?"));
}

/// The colour of group i where none is given: seven that colour-blind people tell apart, again and again.
constexpr rgba8 group_color(std::size_t i) noexcept {
    constexpr std::array<std::uint32_t, 7> order = {0xd55e00, 0x56b4e9, 0x009e73, 0xf0e442,
                                                    0xcc79a7, 0xe69f00, 0x0072b2};
    return detail::opaque(order[i % order.size()]);
}

} // namespace fieldreel::inline v0

#endif
