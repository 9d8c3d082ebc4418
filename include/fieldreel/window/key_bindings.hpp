// SPDX-License-Identifier: MIT
// What a viewer can be told by keys, which keys those are, and the help that lists them.
#ifndef FIELDREEL_WINDOW_KEY_BINDINGS_HPP
#define FIELDREEL_WINDOW_KEY_BINDINGS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fieldreel/error.hpp>

namespace fieldreel::inline v0 {

/// Everything a key can ask of the viewer.
enum class action : std::uint8_t {
    play_pause,
    play_backward,
    stop,
    play_forward,
    slower,
    faster,
    normal_speed,
    next_mode,
    next_pacing,
    skip_gaps,
    play_around_next,
    frame_back,
    frame_on,
    second_back,
    second_on,
    ten_seconds_back,
    ten_seconds_on,
    first,
    last,
    previous_event,
    next_event,
    next_track,
    go_to,
    set_in,
    set_out,
    clear_in_out,
    add_bookmark,
    remove_bookmark,
    previous_bookmark,
    next_bookmark,
    fit,
    reset_view,
    auto_limits,
    next_colormap,
    invert_colormap,
    toggle_layer,
    toggle_selected_layer,
    previous_cell,
    next_cell,
    show_timeline,
    time_or_frames,
    zoom_in_timeline,
    zoom_out_timeline,
    show_layers,
    show_dock,
    show_hud,
    write_trace,
    full_screen,
    light_or_dark,
    open,
    open_recent,
    save_view,
    screenshot,
    export_range,
    help,
    cancel,
    quit
};

/// The keys that are held while another is pressed.
struct modifiers {
    bool ctrl = false;
    bool alt = false;
    bool shift = false;
    friend constexpr bool operator==(const modifiers&, const modifiers&) = default;
};

/// One row of the table of keys.
struct key_binding {
    std::string_view key; ///< "Space", "Shift+Left", "Ctrl+Shift+O", "["; modifiers in the order Ctrl, Alt, Shift
    fieldreel::action action;
    std::string_view group; ///< the heading in the help
    std::string_view help;
    bool repeats = false; ///< holding the key does it again and again
    int number = 0;       ///< which one, for actions on one of many: toggle_layer
};

/// The default keys. Letters are named by their capital, characters by themselves, all others by the word on the key:
/// Left, Right, Up, Down, Home, End, PageUp, PageDown, Space, Backspace, Tab, Esc, F1 … F12.
inline constexpr std::array default_keys = {
    key_binding{"Space", action::play_pause, "Play", "play, pause"},
    key_binding{"J", action::play_backward, "Play", "play backwards; again: 2x, 4x, ..."},
    key_binding{"K", action::stop, "Play", "stop"},
    key_binding{"L", action::play_forward, "Play", "play forwards; again: 2x, 4x, ..."},
    key_binding{"[", action::slower, "Play", "slower", true},
    key_binding{"]", action::faster, "Play", "faster", true},
    key_binding{"Backspace", action::normal_speed, "Play", "real speed, 1x"},
    key_binding{"Shift+L", action::next_mode, "Play", "once, loop, ping-pong"},
    key_binding{"Shift+A", action::next_pacing, "Play", "real time (skips frames), every frame"},
    key_binding{"S", action::skip_gaps, "Play", "skip gaps in the data"},
    key_binding{"E", action::play_around_next, "Play", "play around the next event at 1/16x"},

    key_binding{"Left", action::frame_back, "Go", "one frame back", true},
    key_binding{",", action::frame_back, "Go", "one frame back", true},
    key_binding{"Right", action::frame_on, "Go", "one frame on", true},
    key_binding{".", action::frame_on, "Go", "one frame on", true},
    key_binding{"Shift+Left", action::second_back, "Go", "1 s back", true},
    key_binding{"Shift+Right", action::second_on, "Go", "1 s on", true},
    key_binding{"Ctrl+Left", action::ten_seconds_back, "Go", "10 s back", true},
    key_binding{"Ctrl+Right", action::ten_seconds_on, "Go", "10 s on", true},
    key_binding{"Home", action::first, "Go", "to the in point; again: to the start"},
    key_binding{"End", action::last, "Go", "to the out point; again: to the end"},
    key_binding{"P", action::previous_event, "Go", "previous event", true},
    key_binding{"N", action::next_event, "Go", "next event", true},
    key_binding{"Tab", action::next_track, "Go", "the next kind of event"},
    key_binding{"G", action::go_to, "Go", "go to a time or a frame"},
    key_binding{"Ctrl+G", action::go_to, "Go", "go to a time or a frame"},

    key_binding{"I", action::set_in, "Marks", "in point here"},
    key_binding{"O", action::set_out, "Marks", "out point here"},
    key_binding{"\\", action::clear_in_out, "Marks", "clear in and out"},
    key_binding{"M", action::add_bookmark, "Marks", "bookmark here"},
    key_binding{"Shift+M", action::remove_bookmark, "Marks", "remove the bookmark here"},
    key_binding{"Alt+Left", action::previous_bookmark, "Marks", "previous bookmark", true},
    key_binding{"Alt+Right", action::next_bookmark, "Marks", "next bookmark", true},

    key_binding{"F", action::fit, "Field", "fit the field into the window"},
    key_binding{"R", action::reset_view, "Field", "reset zoom, limits and colours"},
    key_binding{"A", action::auto_limits, "Field", "limits from the values"},
    key_binding{"C", action::next_colormap, "Field", "next colormap"},
    key_binding{"Shift+C", action::invert_colormap, "Field", "invert the colormap"},
    key_binding{"PageUp", action::previous_cell, "Field", "previous cell", true},
    key_binding{"PageDown", action::next_cell, "Field", "next cell", true},
    key_binding{"1", action::toggle_layer, "Field", "show or hide a layer", false, 1},
    key_binding{"2", action::toggle_layer, "Field", "show or hide a layer", false, 2},
    key_binding{"3", action::toggle_layer, "Field", "show or hide a layer", false, 3},
    key_binding{"4", action::toggle_layer, "Field", "show or hide a layer", false, 4},
    key_binding{"5", action::toggle_layer, "Field", "show or hide a layer", false, 5},
    key_binding{"6", action::toggle_layer, "Field", "show or hide a layer", false, 6},
    key_binding{"7", action::toggle_layer, "Field", "show or hide a layer", false, 7},
    key_binding{"8", action::toggle_layer, "Field", "show or hide a layer", false, 8},
    key_binding{"9", action::toggle_layer, "Field", "show or hide a layer", false, 9},
    key_binding{"V", action::toggle_selected_layer, "Field", "show or hide the selected layer"},

    key_binding{"T", action::show_timeline, "Window", "timeline"},
    key_binding{"Shift+T", action::time_or_frames, "Window", "times or frame numbers"},
    key_binding{"=", action::zoom_in_timeline, "Window", "zoom the timeline in", true},
    key_binding{"+", action::zoom_in_timeline, "Window", "zoom the timeline in", true},
    key_binding{"-", action::zoom_out_timeline, "Window", "zoom the timeline out", true},
    key_binding{"F6", action::show_layers, "Window", "layers"},
    key_binding{"F7", action::show_dock, "Window", "time series and spikes"},
    key_binding{"F8", action::show_hud, "Window", "where the time goes"},
    key_binding{"Shift+F8", action::write_trace, "Window", "write the last minute as a trace"},
    key_binding{"F11", action::full_screen, "Window", "full screen"},
    key_binding{"D", action::light_or_dark, "Window", "light or dark"},

    key_binding{"Ctrl+O", action::open, "File", "open a recording"},
    key_binding{"Ctrl+Shift+O", action::open_recent, "File", "open a recent one"},
    key_binding{"Ctrl+S", action::save_view, "File", "save the view"},
    key_binding{"Ctrl+Shift+S", action::screenshot, "File", "save a picture"},
    key_binding{"Ctrl+E", action::export_range, "File", "export from in to out"},
    key_binding{"?", action::help, "File", "these keys"},
    key_binding{"F1", action::help, "File", "these keys"},
    key_binding{"Esc", action::cancel, "File", "cancel scrubbing, close what is open (never quits)"},
    key_binding{"Ctrl+Q", action::quit, "File", "quit"},
};

/// One line of the help: the keys of one action, "Left or ,", "1-9".
struct key_help_line {
    std::string_view group;
    std::string keys;
    std::string_view help;
};

namespace detail {

struct parsed_key {
    modifiers held;
    std::string_view key;
};
constexpr parsed_key parse_key(std::string_view words) noexcept {
    parsed_key out{{}, words};
    const auto take = [&out](std::string_view prefix) {
        const bool has = out.key.size() > prefix.size() && out.key.substr(0, prefix.size()) == prefix;
        out.key.remove_prefix(has ? prefix.size() : 0);
        return has;
    };
    out.held.ctrl = take("Ctrl+");
    out.held.alt = take("Alt+");
    out.held.shift = take("Shift+");
    return out;
}

constexpr bool is_punctuation(std::string_view key) noexcept {
    return key.size() == 1 && !(key[0] >= 'A' && key[0] <= 'Z') && !(key[0] >= '0' && key[0] <= '9');
}

} // namespace detail

/// The row of a key with what is held beside it; nullptr when it means nothing. For characters that are neither letter
/// nor digit Shift does not count: where "?" lies differs between keyboards, so such keys go by what they type.
/// A window asks this before its widgets do, but not while a text box is being written in.
constexpr const key_binding* binding_of(std::string_view key, modifiers held = {}) noexcept {
    held.shift = held.shift && !detail::is_punctuation(key);
    for (const key_binding& row : default_keys) {
        const detail::parsed_key bound = detail::parse_key(row.key);
        if (bound.key == key && bound.held == held) {
            return &row;
        }
    }
    return nullptr;
}

/// The same from words, "Shift+Left".
constexpr const key_binding* binding_of_words(std::string_view words) noexcept {
    const detail::parsed_key asked = detail::parse_key(words);
    return binding_of(asked.key, asked.held);
}

/// What a key does; `otherwise` when it means nothing.
constexpr action action_for(std::string_view key, modifiers held, action otherwise) noexcept {
    const key_binding* const found = binding_of(key, held);
    return found == nullptr ? otherwise : found->action;
}

/// The keys of an action, for menus and hints: "Left or ,", "1-9"; empty when it has none.
inline std::string keys_of(action what) {
    std::vector<std::string_view> keys;
    for (const key_binding& row : default_keys) {
        if (row.action == what) {
            keys.push_back(row.key);
        }
    }
    if (keys.size() > 3) { // a row of keys
        return detail::text(keys.front(), "-", keys.back());
    }
    std::string out;
    for (const std::string_view key : keys) {
        out += detail::text(out.empty() ? "" : " or ", key);
    }
    return out;
}

/// All actions with their keys, one line each, in the order of the table.
inline std::vector<key_help_line> key_help() {
    std::vector<key_help_line> out;
    std::vector<action> listed;
    for (const key_binding& row : default_keys) {
        if (std::find(listed.begin(), listed.end(), row.action) == listed.end()) {
            listed.push_back(row.action);
            out.push_back({row.group, keys_of(row.action), row.help});
        }
    }
    return out;
}

/// The same as text: a heading per group, keys and help in columns.
inline std::string key_help_text() {
    const std::vector<key_help_line> lines = key_help();
    std::size_t width = 0;
    for (const key_help_line& line : lines) {
        width = (std::max)(width, line.keys.size());
    }
    std::string out;
    std::string_view group;
    for (const key_help_line& line : lines) {
        if (line.group != group) {
            out += detail::text(out.empty() ? "" : "\n", line.group, "\n");
            group = line.group;
        }
        out += detail::text("  ", line.keys, std::string(width + 2 - line.keys.size(), ' '), line.help, "\n");
    }
    return out;
}

} // namespace fieldreel::inline v0

#endif
