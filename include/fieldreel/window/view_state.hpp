// SPDX-License-Identifier: MIT
// What a viewer shows, as a value: saved to a file and read back, so that the same state gives the same picture.
#ifndef FIELDREEL_WINDOW_VIEW_STATE_HPP
#define FIELDREEL_WINDOW_VIEW_STATE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/colormap/color_scaling.hpp>
#include <fieldreel/colormap/colormap.hpp>
#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/export/part_file.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/named_style.hpp>
#include <fieldreel/playback/player.hpp>
#include <fieldreel/render/layout.hpp>
#include <fieldreel/session/json.hpp>
#include <fieldreel/window/timeline.hpp>
#include <fieldreel/window/transport.hpp>
#include <fieldreel/window/view_look.hpp>

namespace fieldreel::inline v0 {

/// How the picture is drawn, beside its fields and layers.
struct picture_view {
    std::optional<image_shape> size = {}; ///< rows x columns; unset: the viewer's
    double text_px = 0;                   ///< as render_options has it
    bool outline = true;
    bool scale_bar = true;
    bool color_bar = true;
    bool time = true;
    bool halo = true;
    friend bool operator==(const picture_view&, const picture_view&) = default;
};

/// Which parts of the window are open.
struct shown_panels {
    bool timeline = true;
    bool layers = false;
    bool dock = true;
    bool hud = false;
    friend bool operator==(const shown_panels&, const shown_panels&) = default;
};

enum class window_look : std::uint8_t { dark, light };

/// A view of a recording.
struct view_state {
    double time_s = 0;
    double speed = 1; ///< negative = backwards
    play_mode mode = play_mode::once;
    fieldreel::pacing pacing = fieldreel::pacing::real_time;
    bool skip_gaps = false;
    std::optional<double> in_s = {};
    std::optional<double> out_s = {};
    std::vector<bookmark> bookmarks = {};
    std::string track = {}; ///< the events that "next" goes by; empty: the first

    std::vector<field_view> fields = {};
    std::vector<layer_view> layers = {}; ///< the lowest first
    double zoom = 1;                     ///< 1: the whole field
    std::optional<point_xy> center = {}; ///< of the picture, in the environment; unset: the field's middle

    std::optional<time_range> timeline = {}; ///< what the timeline shows; unset: all
    time_unit unit = time_unit::seconds;
    shown_panels panels = {};
    window_look look = window_look::dark;
    picture_view picture = {};
    friend bool operator==(const view_state&, const view_state&) = default;
};

/// The version that is written; older ones are read.
inline constexpr std::size_t view_version = 1;

namespace detail {

inline const std::initializer_list<std::pair<std::string_view, play_mode>> view_modes = {
    {"once", play_mode::once}, {"loop", play_mode::loop}, {"ping-pong", play_mode::ping_pong}};
inline const std::initializer_list<std::pair<std::string_view, pacing>> view_pacings = {
    {"real time", pacing::real_time}, {"every frame", pacing::every_frame}};
inline const std::initializer_list<std::pair<std::string_view, value_scale>> view_scales = {
    {"linear", value_scale::linear}, {"log", value_scale::log}, {"gamma", value_scale::gamma}};
inline const std::initializer_list<std::pair<std::string_view, time_unit>> view_units = {
    {"seconds", time_unit::seconds}, {"frames", time_unit::frames}};
inline const std::initializer_list<std::pair<std::string_view, window_look>> view_looks = {
    {"dark", window_look::dark}, {"light", window_look::light}};

template <class T>
std::string word_of(T value, std::initializer_list<std::pair<std::string_view, T>> words) {
    for (const auto& [word, meaning] : words) {
        if (meaning == value) {
            return std::string(word);
        }
    }
    return std::string(words.begin()->first);
}

inline std::string hex_color(rgba8 color) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "#";
    for (const std::uint8_t channel : {color.r, color.g, color.b, color.a}) {
        out += digits[channel / 16];
        out += digits[channel % 16];
    }
    return out;
}

/// Reads the members of a view; what is wrong is said with the file's and the member's name.
class view_reader {
public:
    explicit view_reader(std::vector<std::string>& warnings) : warnings_(warnings) {}

    view_state read(const json_object& in) {
        in.required_member("fieldreel_view");
        const std::size_t version = in.whole("fieldreel_view", 0);
        if (version == 0 || version > view_version) {
            throw file_error(in.path(), text(in.path(), " is a view of version ", version, "; versions 1 to ",
                                             view_version, " can be read; use a newer fieldreel"));
        }
        view_state out;
        out.time_s = in.number("time_s", 0);
        out.speed = in.number("speed", 1);
        if (out.speed == 0) {
            in.refuse("speed", "is 0; it must not be; leave it out for real speed");
        }
        out.mode = in.choice("mode", play_mode::once, view_modes);
        out.pacing = in.choice("pacing", pacing::real_time, view_pacings);
        out.skip_gaps = in.boolean("skip_gaps", false);
        out.in_s = optional_number(in, "in_s");
        out.out_s = optional_number(in, "out_s");
        if (out.in_s && out.out_s && *out.out_s < *out.in_s) {
            in.refuse("out_s", text("is ", *out.out_s, " and in_s is ", *out.in_s,
                                    "; the out point must not be "
                                    "before the in point"));
        }
        out.track = in.string("track");
        for (const json_object& one : in.list("bookmarks")) {
            one.required_member("time_s");
            out.bookmarks.push_back({one.number("time_s", 0), one.string("name")});
            note_unknown(one, {"time_s", "name"});
        }
        for (const json_object& one : in.list("fields")) {
            out.fields.push_back(read_field(one));
        }
        for (const json_object& one : in.list("layers")) {
            out.layers.push_back(read_layer(one));
        }
        out.zoom = in.number("zoom", 1);
        if (!(out.zoom >= 1 && out.zoom <= most_zoom)) {
            in.refuse("zoom",
                      text("is ", out.zoom, "; it must be from 1, which shows the whole field, to ", most_zoom));
        }
        if (in.has("center")) {
            out.center = json_point(in, "center", "a place ([x, y])", in.raw("center"));
        }
        if (in.has("timeline")) {
            const point_xy range = json_point(in, "timeline", "a range ([start_s, stop_s])", in.raw("timeline"));
            if (range.y < range.x) {
                in.refuse("timeline", text("goes from ", range.x, " s to ", range.y, " s; give the start first"));
            }
            out.timeline = time_range{range.x, range.y};
        }
        out.unit = in.choice("unit", time_unit::seconds, view_units);
        if (in.has("panels")) {
            const json_object panels = in.object("panels");
            const shown_panels usual;
            out.panels = {panels.boolean("timeline", usual.timeline), panels.boolean("layers", usual.layers),
                          panels.boolean("dock", usual.dock), panels.boolean("hud", usual.hud)};
            note_unknown(panels, {"timeline", "layers", "dock", "hud"});
        }
        out.look = in.choice("look", window_look::dark, view_looks);
        if (in.has("picture")) {
            out.picture = read_picture(in.object("picture"));
        }
        note_unknown(in, {"fieldreel_view", "time_s", "speed", "mode", "pacing", "skip_gaps", "in_s", "out_s", "track",
                          "bookmarks", "fields", "layers", "zoom", "center", "timeline", "unit", "panels", "look",
                          "picture"});
        return out;
    }

private:
    static std::optional<double> optional_number(const json_object& in, const char* key) {
        return in.has(key) ? std::optional(in.number(key, 0)) : std::nullopt;
    }
    picture_view read_picture(const json_object& in) {
        picture_view out;
        if (in.has("size")) {
            const point_xy size = json_point(in, "size", "a size in pixels ([width, height])", in.raw("size"));
            if (!(size.x >= 160 && size.y >= 120 && size.x <= 16384 && size.y <= 16384)) {
                in.refuse("size",
                          text("is ", size.x, " x ", size.y, "; it must be from 160 x 120 to 16384 x 16384 pixels"));
            }
            out.size = image_shape{static_cast<std::size_t>(size.y), static_cast<std::size_t>(size.x)};
        }
        out.text_px = in.number("text_px", 0);
        if (!(out.text_px >= 0)) {
            in.refuse("text_px", text("is ", out.text_px, "; it must be 0 (the style's own) or positive"));
        }
        out.outline = in.boolean("outline", true);
        out.scale_bar = in.boolean("scale_bar", true);
        out.color_bar = in.boolean("color_bar", true);
        out.time = in.boolean("time", true);
        out.halo = in.boolean("halo", true);
        note_unknown(in, {"size", "text_px", "outline", "scale_bar", "color_bar", "time", "halo"});
        return out;
    }
    field_view read_field(const json_object& in) {
        field_view out;
        out.title = in.string("title");
        out.cell = in.string("cell");
        out.colormap = in.string("colormap");
        const auto known = colormap_names();
        if (!out.colormap.empty() && std::find(known.begin(), known.end(), out.colormap) == known.end()) {
            in.refuse("colormap", text("is '", out.colormap, "'; allowed are ", join(known), "; did you mean '",
                                       nearest_name(out.colormap, known), "'?"));
        }
        if (in.has("limits")) {
            const point_xy limits = json_point(in, "limits", "two values ([vmin, vmax])", in.raw("limits"));
            if (limits.y < limits.x) {
                in.refuse("limits", text("go from ", limits.x, " to ", limits.y, "; give the lower one first"));
            }
            out.limits = value_range{limits.x, limits.y};
        }
        out.scaling.scale = in.choice("scale", value_scale::linear, view_scales);
        out.scaling.gamma = in.number("gamma", 1);
        if (!(out.scaling.gamma > 0)) {
            in.refuse("gamma", text("is ", out.scaling.gamma, "; it must be above 0; 1 is linear"));
        }
        if (out.scaling.scale == value_scale::log && out.limits && !(out.limits->vmin > 0)) {
            in.refuse("limits", text("begin at ", out.limits->vmin, " and the scale is log; they must be above 0"));
        }
        note_unknown(in, {"title", "cell", "colormap", "limits", "scale", "gamma"});
        return out;
    }
    layer_view read_layer(const json_object& in) {
        layer_view out;
        out.name = in.required("name");
        out.visible = in.boolean("visible", true);
        out.opacity = in.number("opacity", 1);
        if (!(out.opacity >= 0 && out.opacity <= 1)) {
            in.refuse("opacity", text("is ", out.opacity, "; it must be from 0 to 1"));
        }
        if (in.has("color")) {
            try {
                out.color = color_named(in.string("color"));
            } catch (const invalid_value& wrong) {
                in.refuse("color", text("is wrong: ", std::string_view(wrong.what())));
            }
        }
        out.trail_s = optional_number(in, "trail_s");
        if (out.trail_s && !(*out.trail_s >= 0)) {
            in.refuse("trail_s", text("is ", *out.trail_s, "; it must not be negative; 0 shows no trail"));
        }
        note_unknown(in, {"name", "visible", "opacity", "color", "trail_s"});
        return out;
    }
    void note_unknown(const json_object& in, std::initializer_list<std::string_view> known) {
        for (const auto& [key, value] : in.all().items()) {
            if (std::find(known.begin(), known.end(), key) == known.end()) {
                warnings_.push_back(text(in.path(), ": ", in.where(), " has a member '", key,
                                         "' that is not known and is ignored; did you mean '", nearest_name(key, known),
                                         "'?"));
            }
        }
    }
    std::vector<std::string>& warnings_;
};

} // namespace detail

/// Reads a view that write_view has written, or a person: every member but the version may be left out. Members that
/// are not known are told in `warnings`.
/// Errors: file_error for a file that cannot be opened, is no JSON (with line and column), is of a newer version, or
/// has a member of a wrong type or value (with its name).
inline view_state read_view(const std::string& path, std::vector<std::string>& warnings) {
    nlohmann::json words;
    try {
        words = detail::read_json(path);
    } catch (const nlohmann::json::exception&) { // a number above all doubles is no parse_error
        throw file_error(path, detail::text(path, " has a number that is too great to be read; write a smaller one"));
    }
    return detail::view_reader(warnings).read(detail::json_object(words, path, "view"));
}

/// The text of a view file. Members that are as usual and say nothing (an in point that is not set) are left out.
inline std::string view_text(const view_state& view) {
    using nlohmann::ordered_json;
    ordered_json out;
    out["fieldreel_view"] = view_version;
    out["time_s"] = view.time_s;
    out["speed"] = view.speed;
    out["mode"] = detail::word_of(view.mode, detail::view_modes);
    out["pacing"] = detail::word_of(view.pacing, detail::view_pacings);
    out["skip_gaps"] = view.skip_gaps;
    if (view.in_s) {
        out["in_s"] = *view.in_s;
    }
    if (view.out_s) {
        out["out_s"] = *view.out_s;
    }
    if (!view.track.empty()) {
        out["track"] = view.track;
    }
    out["bookmarks"] = ordered_json::array();
    for (const bookmark& one : view.bookmarks) {
        out["bookmarks"].push_back({{"time_s", one.time_s}, {"name", one.name}});
    }
    out["fields"] = ordered_json::array();
    for (const field_view& one : view.fields) {
        ordered_json field = {{"title", one.title}};
        if (!one.cell.empty()) {
            field["cell"] = one.cell;
        }
        if (!one.colormap.empty()) {
            field["colormap"] = one.colormap;
        }
        if (one.limits) {
            field["limits"] = {one.limits->vmin, one.limits->vmax};
        }
        field["scale"] = detail::word_of(one.scaling.scale, detail::view_scales);
        field["gamma"] = one.scaling.gamma;
        out["fields"].push_back(std::move(field));
    }
    out["layers"] = ordered_json::array();
    for (const layer_view& one : view.layers) {
        ordered_json layer = {{"name", one.name}, {"visible", one.visible}, {"opacity", one.opacity}};
        if (one.color) {
            layer["color"] = detail::hex_color(*one.color);
        }
        if (one.trail_s) {
            layer["trail_s"] = *one.trail_s;
        }
        out["layers"].push_back(std::move(layer));
    }
    out["zoom"] = view.zoom;
    if (view.center) {
        out["center"] = {view.center->x, view.center->y};
    }
    if (view.timeline) {
        out["timeline"] = {view.timeline->start_s, view.timeline->stop_s};
    }
    out["unit"] = detail::word_of(view.unit, detail::view_units);
    out["panels"] = {{"timeline", view.panels.timeline},
                     {"layers", view.panels.layers},
                     {"dock", view.panels.dock},
                     {"hud", view.panels.hud}};
    out["look"] = detail::word_of(view.look, detail::view_looks);
    ordered_json picture = ordered_json::object();
    if (view.picture.size) {
        picture["size"] = {view.picture.size->cols, view.picture.size->rows};
    }
    picture["text_px"] = view.picture.text_px;
    picture["outline"] = view.picture.outline;
    picture["scale_bar"] = view.picture.scale_bar;
    picture["color_bar"] = view.picture.color_bar;
    picture["time"] = view.picture.time;
    picture["halo"] = view.picture.halo;
    out["picture"] = std::move(picture);
    return out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

/// Writes a view; the file appears when it is complete. Errors: file_error when it cannot be written.
inline void write_view(const std::string& path, const view_state& view) {
    const std::string words = view_text(view);
    part_file out(path);
    out.write(words.data(), words.size()); // what is lost, finish tells
    out.finish();
}

/// What a view says of the look of pictures, put into the recording's own options.
inline render_options with_view(render_options own, const view_state& view) {
    own.style = view.look == window_look::dark ? render_style::talk : render_style::standard;
    own.size = view.picture.size.value_or(own.size);
    own.text_px = (std::min)(view.picture.text_px, static_cast<double>(own.size.rows) / 12);
    own.outline = view.picture.outline;
    own.scale_bar = view.picture.scale_bar;
    own.color_bar = view.picture.color_bar;
    own.time = view.picture.time;
    own.halo = view.picture.halo;
    own.dock = view.panels.dock ? own.dock : std::optional(false);
    own.zoom = view.zoom;
    own.center = view.center;
    return own;
}
/// The other way: what of these options a view keeps.
inline void save_look(const render_options& from, view_state& view) {
    view.look = from.style == render_style::talk ? window_look::dark : window_look::light;
    view.picture = {from.size, from.text_px, from.outline, from.scale_bar, from.color_bar, from.time, from.halo};
    view.panels.dock = from.dock.value_or(true);
    view.zoom = from.zoom;
    view.center = from.center;
}

/// What the play controls add to a view.
inline void save_transport(const transport& from, double now_s, view_state& view) {
    view.time_s = from.position_s(now_s);
    view.speed = from.chosen_speed();
    view.mode = from.mode();
    view.pacing = from.pacing();
    view.skip_gaps = from.skips_gaps();
    view.in_s = from.in_s();
    view.out_s = from.out_s();
    view.bookmarks.assign(from.bookmarks().begin(), from.bookmarks().end());
    view.track = from.tracks().empty() ? std::string() : from.tracks()[from.active_track()].name;
}

/// Sets the play controls as a view has them, standing. What the recording has not (times outside, a track that is not
/// there) is told in `warnings` and left as it was or brought inside. Bookmarks outside are kept.
inline void restore_transport(const view_state& view, transport& to, double now_s, std::vector<std::string>& warnings) {
    const time_range all = to.times();
    const auto outside = [&](double time_s, const char* what) {
        const bool out = !(time_s >= all.start_s && time_s <= all.stop_s);
        if (out) {
            warnings.push_back(detail::text("the view's ", std::string_view(what), " is ", time_s,
                                            " s, outside the recording, which goes from ", all.start_s, " s to ",
                                            all.stop_s, " s; its nearest end is taken"));
        }
        return (std::clamp)(time_s, all.start_s, all.stop_s);
    };
    to.pause(now_s);
    to.clear_in_out(now_s);
    to.set_in_out_points(view.in_s ? std::optional(outside(*view.in_s, "in point")) : std::nullopt,
                         view.out_s ? std::optional(outside(*view.out_s, "out point")) : std::nullopt, now_s);
    to.set_mode(view.mode, now_s);
    to.set_pacing(view.pacing, now_s);
    to.set_skip_gaps(view.skip_gaps);
    to.set_speed(view.speed, now_s);
    to.set_bookmarks(view.bookmarks);
    if (!view.track.empty()) {
        std::vector<std::string_view> names;
        for (std::size_t i = 0; i < to.tracks().size(); ++i) {
            names.push_back(to.tracks()[i].name);
            if (to.tracks()[i].name == view.track) {
                to.set_active_track(i);
                names.clear();
                break;
            }
        }
        if (!names.empty() || to.tracks().empty()) {
            warnings.push_back(detail::text("the view goes by the events '", view.track,
                                            "', which the recording has not; there are ",
                                            names.empty() ? std::string("none") : detail::join(names)));
        }
    }
    to.seek(outside(view.time_s, "time"), now_s);
}

} // namespace fieldreel::inline v0

#endif
