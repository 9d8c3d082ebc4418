// SPDX-License-Identifier: MIT
// Where things stand on a picture: title, fields with their colour bars, the dock; and how its styles look.
#ifndef FIELDREEL_RENDER_LAYOUT_HPP
#define FIELDREEL_RENDER_LAYOUT_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/colormap/color_scaling.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/scale_bar.hpp>
#include <fieldreel/overlay/ticks.hpp>
#include <fieldreel/render/coverage.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/space.hpp>
#include <fieldreel/viewer/scene.hpp>

namespace fieldreel::inline v0 {

/// How a picture looks: `standard` for screens; `paper` white and without a title; `talk` dark and large. In words:
/// "default", "paper", "talk".
enum class render_style : std::uint8_t { standard, paper, talk };

/// How far fields can be enlarged.
inline constexpr double most_zoom = 256;

namespace detail {
inline constexpr std::array<std::string_view, 3> render_style_names = {"default", "paper", "talk"};
}

/// "default", "paper" or "talk".
constexpr std::string_view name_of(render_style style) {
    return detail::render_style_names[static_cast<std::size_t>(style)];
}
/// The style with this name. Errors: invalid_value for an unknown name; the sentence says the nearest one.
inline render_style render_style_named(std::string_view name) {
    for (std::size_t i = 0; i < detail::render_style_names.size(); ++i) {
        if (name == detail::render_style_names[i]) {
            return static_cast<render_style>(i);
        }
    }
    throw invalid_value("style", detail::text("the style \"", name, "\" was asked for; the styles are ",
                                              detail::join(detail::render_style_names), "; did you mean \"",
                                              detail::nearest_name(name, detail::render_style_names), "\"?"));
}

/// What a picture shows besides the scene, and its size. All members have defaults.
struct render_options {
    image_shape size = {720, 1280}; ///< rows x columns of pixels
    render_style style = render_style::standard;
    std::string title = {}; ///< on top, on the left: recording, cell, peak rate; not in the style `paper`
    std::string note = {};  ///< beside it, in every style: "simulated"
    std::string unit = {};  ///< of lengths, for the scale bar; empty: "units"
    double speed = 1;       ///< beside the time when it is not 1
    double start_s = 0;     ///< the time that is shown as 0
    bool time = true;
    bool color_bar = true;
    bool scale_bar = true;
    bool outline = true;
    bool halo = true;              ///< a dark rim around light overlays, so that they read on every colour
    bool peak = true;              ///< a cross where a posterior is largest
    std::optional<bool> dock = {}; ///< the strip below; unset: when the scene has anything for it
    double dock_before_s = 5;      ///< how much of time the dock shows
    double dock_after_s = 5;
    double dock_part = 0.2;              ///< of the picture's height
    double text_px = 0;                  ///< 0: as the style has it; never below 1/45 of the height
    std::optional<bool> clips_low = {};  ///< whether the recording has values below vmin; unset: the shown frame says
    std::optional<bool> clips_high = {}; ///< and above vmax
    std::string font = "DejaVu Sans";    ///< a family's name; another is taken where it is missing
    double zoom = 1;                     ///< of the fields, from 1 (all of each) on
    std::optional<point_xy> center = {}; ///< of what is seen, in the environment; unset: each field's middle
    friend bool operator==(const render_options&, const render_options&) = default;
};

/// Refuses what cannot be drawn. Errors: invalid_value.
inline void check(const render_options& options) {
    constexpr std::size_t most = 16384;
    const image_shape size = options.size;
    if (size.rows < 120 || size.cols < 160 || size.rows > most || size.cols > most ||
        size.rows * size.cols > 100'000'000) {
        throw invalid_value("size", detail::text("a picture of ", size.cols, " x ", size.rows,
                                                 " pixels was asked for; it must have 160 x 120 to ", most, " x ", most,
                                                 " and at most 100 million; 1280 x 720 is usual"));
    }
    if (!(options.speed > 0) || !std::isfinite(options.speed)) {
        throw invalid_value("speed", detail::text("a speed of ", options.speed,
                                                  " was given; it must be positive and finite; 1 is real time"));
    }
    if (!std::isfinite(options.start_s)) {
        throw invalid_value("start_s", detail::text("the start of time is ", options.start_s, "; give finite seconds"));
    }
    if (!(options.dock_before_s >= 0 && options.dock_after_s >= 0 &&
          options.dock_before_s + options.dock_after_s > 0) ||
        !std::isfinite(options.dock_before_s + options.dock_after_s)) {
        throw invalid_value("dock_before_s",
                            detail::text("a dock from ", options.dock_before_s, " s before to ", options.dock_after_s,
                                         " s after the shown time was asked for; both must be 0 or positive, and one "
                                         "positive; 5 and 5 are usual"));
    }
    if (!(options.dock_part >= 0.05 && options.dock_part <= 0.7)) {
        throw invalid_value("dock_part", detail::text("a dock of ", options.dock_part,
                                                      " of the height was asked for; give 0.05 to 0.7; 0.2 is usual"));
    }
    if (!(options.zoom >= 1 && options.zoom <= most_zoom)) {
        throw invalid_value(
            "zoom", detail::text("a zoom of ", options.zoom, " was asked for; give 1 (all is seen) to ", most_zoom));
    }
    if (options.center && !(std::isfinite(options.center->x) && std::isfinite(options.center->y))) {
        throw invalid_value("center", detail::text("the centre (", options.center->x, ", ", options.center->y,
                                                   ") was asked for; give finite numbers"));
    }
    if (!(options.text_px >= 0 && options.text_px <= static_cast<double>(size.rows) / 6)) {
        throw invalid_value("text_px", detail::text("text of ", options.text_px, " pixels was asked for on ", size.rows,
                                                    " rows; give at most a sixth of the rows, or 0 for the style's"));
    }
}

/// The colours of a style, all opaque.
struct render_look {
    rgba8 page;
    rgba8 ink;           ///< text and axes
    rgba8 pale_ink;      ///< what matters less
    rgba8 outline;       ///< of the arena
    rgba8 never_visited; ///< bins without a value
    rgba8 dock;
    bool dark = false;
    double text = 1; ///< the height of text, in 1/45 of the picture's
};

inline render_look look_of(render_style style) noexcept {
    switch (style) {
    case render_style::paper:
        return {.page = {255, 255, 255, 255},
                .ink = {0, 0, 0, 255},
                .pale_ink = {90, 90, 90, 255},
                .outline = {0, 0, 0, 255},
                .never_visited = {217, 217, 217, 255},
                .dock = {255, 255, 255, 255},
                .text = 1.1};
    case render_style::talk:
        return {.page = {17, 19, 24, 255},
                .ink = {240, 240, 240, 255},
                .pale_ink = {170, 174, 182, 255},
                .outline = {225, 225, 225, 255},
                .never_visited = {176, 178, 182, 255},
                .dock = {30, 33, 40, 255},
                .dark = true,
                .text = 1.6};
    case render_style::standard: break;
    }
    return {.page = {247, 247, 245, 255},
            .ink = {28, 30, 34, 255},
            .pale_ink = {104, 108, 116, 255},
            .outline = {60, 62, 68, 255},
            .never_visited = {212, 212, 212, 255},
            .dock = {255, 255, 255, 255},
            .text = 1.15};
}

/// A number at a place of a colour bar: 0 = its low end, 1 = its high end.
struct bar_tick {
    double part = 0;
    std::string text;
};

/// Where all of a field would be: beyond its picture when only a part of it is seen. Units: pixels.
struct field_extent {
    double left = 0;
    double top = 0;
    double width = 0;
    double height = 0;
    friend bool operator==(const field_extent&, const field_extent&) = default;
};
/// All of a field in a picture.
inline field_extent filling(const pixel_rect& picture) noexcept {
    return {static_cast<double>(picture.left), static_cast<double>(picture.top), static_cast<double>(picture.width()),
            static_cast<double>(picture.height())};
}

/// Where one field is.
struct panel_layout {
    pixel_rect cell;     ///< all that belongs to the field
    pixel_rect clip;     ///< where its overlays are cut
    pixel_rect picture;  ///< its bins, edge to edge, as far as they are seen
    field_extent whole;  ///< where all of them are
    bool zoomed = false; ///< it is enlarged, and its overlays are cut at the picture
    pixel_rect bar;      ///< the colours; empty without a bar
    bool level = false;  ///< a level bar below the picture, vmax on the right; else an upright one, vmax on top
    std::vector<bar_tick> ticks;
    std::string bar_title;   ///< "rate (Hz)"
    double units_per_px = 1; ///< of the environment
    double scale_length = 0; ///< of the scale bar, in units; 0: none
    point_xy scale_at;       ///< its left end, in pixels
    point_xy title_at;       ///< the middle of the field's own title, in pixels; used when there are several fields
};

/// Where everything is.
struct picture_layout {
    image_shape size;
    double text_px = 16; ///< height of ordinary text
    double thick = 1;    ///< factor for line widths and marker sizes, which are meant for a picture of 720 rows
    double margin = 16;
    double header_y = 0; ///< the middle of the line of title and time; 0: none
    pixel_rect dock;     ///< empty: none
    std::vector<panel_layout> panels;
};

namespace detail {

/// What a colour bar shows, from a field's style.
inline std::vector<bar_tick> bar_ticks(const field_style& style) {
    const value_range range = style.range;
    std::vector<double> values = few_ticks(range.vmin, range.vmax);
    const color_scaling& scaling = style.paint.scaling;
    const bool by_log = scaling.scale == value_scale::log && range.vmin > 0 && range.vmax > range.vmin;
    if (by_log) {
        std::vector<double> decades;
        for (int exponent = static_cast<int>(std::floor(std::log10(range.vmin)));
             decimal(1, exponent) <= range.vmax * (1 + 1e-9); ++exponent) {
            if (decimal(1, exponent) >= range.vmin * (1 - 1e-9)) {
                decades.push_back(decimal(1, exponent));
            }
        }
        if (decades.size() >= 2) {
            const std::size_t step = (decades.size() + 4) / 5;
            values.clear();
            for (std::size_t i = 0; i < decades.size(); i += step) {
                values.push_back(decades[i]);
            }
        }
    }
    if (values.empty()) {
        values.push_back(range.vmin); // all values are one
    }
    std::vector<bar_tick> out;
    for (const double value : values) {
        double part = range.vmax > range.vmin ? (value - range.vmin) / (range.vmax - range.vmin) : 0.5;
        if (by_log) {
            part = std::log(value / range.vmin) / std::log(range.vmax / range.vmin);
        } else if (scaling.scale == value_scale::gamma) {
            part = std::pow((std::max)(0.0, part), scaling.gamma);
        }
        out.push_back({part, {}});
        append_number(out.back().text, value, 6);
    }
    return out;
}

inline std::string bar_title(const field_style& style) {
    return style.unit.empty() ? style.label : style.label.empty() ? style.unit : style.label + " (" + style.unit + ")";
}

/// How wide a text is at most, with the usual fonts: layouts do not depend on which one is there.
inline double text_width(std::string_view text, double size_px) noexcept {
    std::size_t letters = 0;
    for (const char c : text) {
        letters += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    }
    return 0.64 * size_px * static_cast<double>(letters);
}

/// The display of a space: pixels of its own, and how large one is in the environment.
struct display_extent {
    image_shape shape;
    double width = 1; ///< of the whole, in units
    double height = 1;
};
inline display_extent display_extent_of(const any_space& space) {
    const image_shape shape = space.display_shape();
    const double rows = static_cast<double>(shape.rows);
    const double cols = static_cast<double>(shape.cols);
    const point_xy upper = space.from_display(-0.5, -0.5);
    const point_xy lower = space.from_display(rows - 0.5, cols - 0.5);
    return {shape, std::abs(lower.x - upper.x), std::abs(upper.y - lower.y)};
}

/// The largest picture of a space within so many pixels: true aspect, and bins of a grid as whole pixels where that
/// costs little. Shape: columns, rows.
inline std::pair<int, int> fitted(const any_space& space, double most_width, double most_height) {
    const display_extent extent = display_extent_of(space);
    double scale = (std::min)(most_width / extent.width, most_height / extent.height); // pixels per unit
    if (!(scale > 0) || !std::isfinite(scale)) {
        scale = 1;
    }
    if (space.as_grid() != nullptr) {
        const double bin = extent.width / static_cast<double>(extent.shape.cols);
        const double pixels = bin * scale;
        if (pixels >= 6) {
            scale = std::floor(pixels + 1e-9) / bin;
        }
    }
    return {(std::max)(1, static_cast<int>(std::lround(extent.width * scale))),
            (std::max)(1, static_cast<int>(std::lround(extent.height * scale)))};
}

inline int whole(double v) noexcept {
    return static_cast<int>(std::floor(v + 0.5));
}

/// The room that an upright colour bar takes beside its field.
inline double beside_of(const field_style& style, const render_options& options, double text) {
    if (!options.color_bar || !style.bar) {
        return 0;
    }
    double tick_width = 0;
    for (const bar_tick& tick : bar_ticks(style)) {
        tick_width = (std::max)(tick_width, text_width(tick.text, text));
    }
    return 1.4 * text + std::ceil(0.9 * text) + tick_width + (bar_title(style).empty() ? 0.2 : 1.9) * text;
}

/// `least_beside`: so that fields side by side are of one size, whatever stands beside them.
inline panel_layout panel_in(const pixel_rect& cell, const any_space& space, const field_style& style,
                             const render_options& options, double text, bool titled, double least_beside) {
    panel_layout out;
    out.cell = out.clip = cell;
    const bool bar = options.color_bar && style.bar;
    if (bar) {
        out.ticks = bar_ticks(style);
        out.bar_title = bar_title(style);
    }
    const double top = titled ? 1.6 * text : 0.3 * text;
    const display_extent extent = display_extent_of(space);
    out.level = bar && extent.width > 2.4 * extent.height;
    const double bar_thickness = std::ceil(0.9 * text);
    const double beside = (std::max)(least_beside, out.level ? 0.0 : beside_of(style, options, text));
    double below = options.scale_bar ? 2.1 * text : 0.4 * text;
    if (out.level) {
        below = (std::max)(below, 0.8 * text + bar_thickness + 1.6 * text + (out.bar_title.empty() ? 0 : 1.3) * text);
    }
    const double rim = std::ceil(0.25 * text); // of the outline, which stands around the bins
    const double most_width = (std::max)(8.0, cell.width() - beside - 2 * rim);
    const double most_height = (std::max)(8.0, cell.height() - top - below);
    const auto [whole_width, whole_height] = fitted(space, most_width, most_height);
    out.zoomed = options.zoom > 1;
    out.whole.width = whole_width * options.zoom;
    out.whole.height = whole_height * options.zoom;
    const int width = out.zoomed ? static_cast<int>((std::min)(out.whole.width, most_width)) : whole_width;
    const int height = out.zoomed ? static_cast<int>((std::min)(out.whole.height, most_height)) : whole_height;
    const int left = whole(cell.left + (cell.width() - width - beside) / 2);
    const int upper = whole(cell.top + top + (std::max)(0.0, (cell.height() - top - below - height) / 2));
    out.picture = {left, upper, left + width, upper + height};
    out.title_at = {left + width / 2.0, upper - 0.9 * text};
    out.units_per_px = extent.width / out.whole.width;
    out.whole.left = left;
    out.whole.top = upper;
    if (out.zoomed) {
        out.clip = out.picture;
        point_rc middle{static_cast<double>(extent.shape.rows) / 2, static_cast<double>(extent.shape.cols) / 2};
        if (options.center) {
            const point_rc at = space.to_display(*options.center);
            middle = {at.row + 0.5, at.col + 0.5};
        }
        const auto first = [](double low, double shown, double all, double part) { // no further than an end
            return low + (std::clamp)(shown / 2 - part * all, (std::min)(0.0, shown - all), 0.0);
        };
        out.whole.left = first(left, width, out.whole.width, middle.col / static_cast<double>(extent.shape.cols));
        out.whole.top = first(upper, height, out.whole.height, middle.row / static_cast<double>(extent.shape.rows));
    }
    if (out.level) {
        const int bar_width = (std::min)(width, whole(18 * text));
        const int at = upper + height + whole(0.8 * text);
        const int tip = static_cast<int>(bar_thickness) / 2 + 2;
        out.bar = {left + width - bar_width, at, left + width - tip, at + static_cast<int>(bar_thickness)};
    } else if (bar) {
        const int at = left + width + whole(0.9 * text);
        const int tip = static_cast<int>(bar_thickness) / 2; // room for the triangles of clipped limits
        out.bar = {at, upper + tip, at + static_cast<int>(bar_thickness), upper + height - tip};
        if (out.bar.height() < 2 * text) {
            out.bar.top = upper;
            out.bar.bottom = upper + height;
        }
    }
    if (options.scale_bar) {
        const double room = out.level ? (std::max)(1.0, static_cast<double>(out.bar.left - left) - text) : width;
        double length = scale_bar_length((std::min)(extent.width, width * out.units_per_px));
        if (length > 0) {
            if (length / out.units_per_px > room) {
                length = round_below(room * out.units_per_px).value();
            }
            out.scale_length = length;
            out.scale_at = {static_cast<double>(left), static_cast<double>(upper + height) + 0.9 * text};
        }
    }
    return out;
}

inline bool has_dock_shapes(const scene& now) noexcept {
    for (const shape& one : now.shapes.shapes()) {
        if (one.style.where == placement::dock) {
            return true;
        }
    }
    return false;
}

} // namespace detail

/// Lays a scene out: depends on the sizes and styles of its fields and on whether there is a dock, not on values.
/// Errors: those of check.
inline picture_layout lay_out(const scene& now, const render_options& options) {
    check(options);
    picture_layout out;
    out.size = options.size;
    const auto rows = static_cast<double>(options.size.rows);
    const auto cols = static_cast<double>(options.size.cols);
    const render_look look = look_of(options.style);
    const double text = (std::max)(options.text_px > 0 ? options.text_px : rows / 45 * look.text, rows / 45);
    out.text_px = text;
    out.thick = text / (720.0 / 45 * 1.15);
    out.margin = std::ceil(0.8 * text);
    double top = out.margin;
    const bool titled = !options.title.empty() && options.style != render_style::paper;
    if (titled || !options.note.empty() || options.time) {
        out.header_y = top + 0.6 * text;
        top += 1.5 * text;
    }
    double bottom = rows - out.margin;
    if (options.dock.value_or(detail::has_dock_shapes(now))) {
        const int low = detail::whole(bottom - 1.4 * text); // the axis stands below
        const int high = detail::whole(low - options.dock_part * rows);
        out.dock = {detail::whole(out.margin), high, detail::whole(cols - out.margin), low};
        bottom = high - 0.6 * text;
    }
    const std::size_t count = now.fields.size();
    if (count == 0) {
        return out;
    }
    // As many columns as make the smallest picture largest.
    std::size_t best_columns = 1;
    double best = -1;
    for (std::size_t columns = 1; columns <= count; ++columns) {
        const std::size_t lines = (count + columns - 1) / columns;
        const double width = (cols - 2 * out.margin) / static_cast<double>(columns) - 7 * text;
        const double height = (bottom - top) / static_cast<double>(lines) - 3.5 * text;
        double least = std::numeric_limits<double>::infinity();
        for (const scene_field& field : now.fields) {
            const auto extent = detail::display_extent_of(field.space());
            const double scale = (std::min)(width / extent.width, height / extent.height);
            least = (std::min)(least, scale * scale * extent.width * extent.height * (scale > 0 ? 1 : -1));
        }
        if (least > best) {
            best = least;
            best_columns = columns;
        }
    }
    const std::size_t lines = (count + best_columns - 1) / best_columns;
    const double cell_width = (cols - 2 * out.margin) / static_cast<double>(best_columns);
    const double cell_height = (bottom - top) / static_cast<double>(lines);
    double beside = 0;
    for (const scene_field& field : now.fields) {
        const auto extent = detail::display_extent_of(field.space());
        if (count > 1 && extent.width <= 2.4 * extent.height) {
            beside = (std::max)(beside, detail::beside_of(field.style(), options, text));
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        const double left = out.margin + cell_width * static_cast<double>(i % best_columns);
        const double upper = top + cell_height * static_cast<double>(i / best_columns);
        const double gap = count > 1 ? 0.5 * text : 0;
        const pixel_rect cell = {detail::whole(left + gap), detail::whole(upper),
                                 detail::whole(left + cell_width - gap), detail::whole(upper + cell_height)};
        out.panels.push_back(
            detail::panel_in(cell, now.fields[i].space(), now.fields[i].style(), options, text, count > 1, beside));
    }
    if (count == 1 &&
        !out.panels[0].zoomed) { // at the upper wall an animal's arrow reaches into the header, between title and time
        out.panels[0].clip.top = 0;
    }
    return out;
}

/// Where a place of the environment is on a panel, in pixels: the middle of pixel (0, 0) is (0.5, 0.5).
inline point_xy to_pixels(const panel_layout& panel, const any_space& space, point_xy at) {
    const image_shape shape = space.display_shape();
    const point_rc place = space.to_display(at);
    return {panel.whole.left + (place.col + 0.5) / static_cast<double>(shape.cols) * panel.whole.width,
            panel.whole.top + (place.row + 0.5) / static_cast<double>(shape.rows) * panel.whole.height};
}

/// The place of the environment that a pixel shows, or would show if the field went on there.
inline point_xy environment_at(const panel_layout& panel, const any_space& space, point_xy pixel) {
    const image_shape shape = space.display_shape();
    return space.from_display((pixel.y - panel.whole.top) / panel.whole.height * static_cast<double>(shape.rows) - 0.5,
                              (pixel.x - panel.whole.left) / panel.whole.width * static_cast<double>(shape.cols) - 0.5);
}

/// The other way, for probing. Nothing outside the picture.
inline std::optional<point_xy> to_environment(const panel_layout& panel, const any_space& space, point_xy pixel) {
    if (!panel.picture.contains(pixel.x, pixel.y)) {
        return std::nullopt;
    }
    return environment_at(panel, space, pixel);
}

/// The seconds from the shown moment that a column of the dock stands for. Nothing outside the dock.
inline std::optional<double> dock_offset_s(const picture_layout& layout, const render_options& options,
                                           point_xy pixel) noexcept {
    if (layout.dock.empty() || !layout.dock.contains(pixel.x, pixel.y)) {
        return std::nullopt;
    }
    return (pixel.x - layout.dock.left) / layout.dock.width() * (options.dock_before_s + options.dock_after_s) -
           options.dock_before_s;
}

/// What of the fields a picture shows.
struct field_zoom {
    double zoom = 1;
    std::optional<point_xy> center = {};
    friend bool operator==(const field_zoom&, const field_zoom&) = default;
};

namespace detail {
inline field_zoom settled(const scene& now, render_options options, const field_zoom& wish, std::size_t panel) {
    if (wish.zoom <= 1) {
        return {};
    }
    options.zoom = wish.zoom;
    options.center = wish.center;
    const panel_layout there = lay_out(now, options).panels.at(panel);
    return {wish.zoom, environment_at(there, now.fields[panel].space(),
                                      {there.picture.left + there.picture.width() / 2.0,
                                       there.picture.top + there.picture.height() / 2.0})};
}
} // namespace detail

/// Enlarges the fields by a factor (below 1: the other way) so that what a pixel of a panel shows stays there, as far
/// as the ends of the field allow. Errors: out_of_range for a panel that is not there; those of check.
inline field_zoom zoomed_at(const scene& now, render_options options, std::size_t panel, point_xy pixel,
                            double factor) {
    const any_space& space = now.fields.at(panel).space();
    const point_xy held = environment_at(lay_out(now, options).panels.at(panel), space, pixel);
    const double zoom = options.zoom * factor;
    options.zoom = zoom > 1 ? (std::min)(zoom, most_zoom) : 1;
    const panel_layout there = lay_out(now, options).panels.at(panel);
    const point_xy at = to_pixels(there, space, held);
    const point_xy middle{there.picture.left + there.picture.width() / 2.0,
                          there.picture.top + there.picture.height() / 2.0};
    const point_xy center = environment_at(there, space, {middle.x + at.x - pixel.x, middle.y + at.y - pixel.y});
    return detail::settled(now, options, {options.zoom, center}, panel);
}

/// Moves what is seen with the mouse: what was at a pixel is so many pixels further right and down.
inline field_zoom panned_by(const scene& now, const render_options& options, std::size_t panel, point_xy pixels) {
    const panel_layout here = lay_out(now, options).panels.at(panel);
    const point_xy middle{here.picture.left + here.picture.width() / 2.0,
                          here.picture.top + here.picture.height() / 2.0};
    const point_xy center =
        environment_at(here, now.fields.at(panel).space(), {middle.x - pixels.x, middle.y - pixels.y});
    return detail::settled(now, options, {options.zoom, center}, panel);
}

} // namespace fieldreel::inline v0

#endif
