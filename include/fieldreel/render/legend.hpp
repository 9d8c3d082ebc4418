// SPDX-License-Identifier: MIT
// What stands around the fields: title, note, colour bars, scale bars, the dock's frame and its axis.
#ifndef FIELDREEL_RENDER_LEGEND_HPP
#define FIELDREEL_RENDER_LEGEND_HPP

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/ticks.hpp>
#include <fieldreel/overlay/time_label.hpp>
#include <fieldreel/render/cairo_drawing.hpp>
#include <fieldreel/render/field_pixels.hpp>
#include <fieldreel/render/layout.hpp>
#include <fieldreel/viewer/scene.hpp>

namespace fieldreel::inline v0::detail {

/// "1:02.3", with "  2×" behind when the speed is not 1.
inline void write_time(std::string& out, double time_s, const render_options& options) {
    out.clear();
    append_clock(out, time_s - options.start_s, 1);
    if (options.speed != 1) {
        out += "   ";
        append_number(out, options.speed, 3);
        out += "×";
    }
}

/// A rectangle of whole pixels.
inline void fill_rect(cairo_t* on, const pixel_rect& rect, rgba8 color) {
    cairo_rectangle(on, rect.left, rect.top, rect.width(), rect.height());
    set_color(on, color);
    cairo_fill(on);
}

/// The colours, vmax on top or on the right. Colours with transparency lie over the page.
inline void draw_bar(cairo_t* on, const text_font& font, const panel_layout& panel, const field_style& style,
                     const render_look& look, double text) {
    const pixel_rect& bar = panel.bar;
    const auto& colors = style.colors.table();
    const int steps = panel.level ? bar.width() : bar.height();
    const cairo_picture strip = panel.level ? new_picture(steps, 1) : new_picture(1, steps);
    const bgra_view view = view_of(strip.get());
    for (int i = 0; i < steps; ++i) {
        const int rank = panel.level ? i : steps - 1 - i;
        const auto entry = static_cast<std::size_t>((rank + 0.5) / steps * 256);
        const std::uint32_t color = over(bgra_bytes(look.page), colors[entry]);
        (panel.level ? view.row(0)[i] : view.row(i)[0]) = color;
    }
    cairo_surface_mark_dirty(strip.get());
    cairo_save(on);
    cairo_rectangle(on, bar.left, bar.top, bar.width(), bar.height());
    cairo_clip(on);
    cairo_translate(on, bar.left, bar.top);
    cairo_scale(on, panel.level ? 1 : bar.width(), panel.level ? bar.height() : 1);
    cairo_set_source_surface(on, strip.get(), 0, 0);
    cairo_pattern_set_filter(cairo_get_source(on), CAIRO_FILTER_NEAREST);
    cairo_pattern_set_extend(cairo_get_source(on), CAIRO_EXTEND_PAD);
    cairo_paint(on);
    cairo_restore(on);

    const double line = (std::max)(1.0, std::round(text / 16));
    for (const bar_tick& tick : panel.ticks) {
        if (tick.part < -1e-9 || tick.part > 1 + 1e-9) {
            continue;
        }
        if (panel.level) {
            const double x = bar.left + tick.part * bar.width();
            cairo_rectangle(on, std::floor((std::min)((std::max)(x - line / 2, bar.left + 0.0), bar.right - line)),
                            bar.bottom, line, std::round(0.3 * text));
            set_color(on, look.ink);
            cairo_fill(on);
            draw_text(on, font, {x, bar.bottom + 0.95 * text}, tick.text,
                      {.size_px = text, .color = look.ink, .where = align::center});
        } else {
            const double y = bar.bottom - tick.part * bar.height();
            cairo_rectangle(on, bar.right,
                            std::floor((std::min)((std::max)(y - line / 2, bar.top + 0.0), bar.bottom - line)),
                            std::round(0.3 * text), line);
            set_color(on, look.ink);
            cairo_fill(on);
            draw_text(on, font, {bar.right + 0.5 * text, y}, tick.text, {.size_px = text, .color = look.ink});
        }
    }
    double tick_width = 0;
    for (const bar_tick& tick : panel.ticks) {
        tick_width = (std::max)(tick_width, font.width(on, drawable(tick.text), text, false));
    }
    if (panel.level) {
        draw_text(on, font, {(bar.left + bar.right) / 2.0, bar.bottom + 2.15 * text}, panel.bar_title,
                  {.size_px = text, .color = look.ink, .where = align::center});
    } else {
        draw_text(on, font, {bar.right + 0.5 * text + tick_width + 0.9 * text, (bar.top + bar.bottom) / 2.0},
                  panel.bar_title, {.size_px = text, .color = look.ink, .where = align::center, .upwards = true});
    }
}

/// Triangles at the ends beyond which there are values.
inline void draw_clipped(cairo_t* on, const panel_layout& panel, const field_style& style, const render_look& look,
                         const clipped_limits& limits) {
    const pixel_rect& bar = panel.bar;
    const double tip = (panel.level ? bar.height() : bar.width()) / 2.0;
    const auto triangle = [&](double ax, double ay, double bx, double by, double cx, double cy, rgba8 color) {
        cairo_move_to(on, ax, ay);
        cairo_line_to(on, bx, by);
        cairo_line_to(on, cx, cy);
        cairo_close_path(on);
        set_color(on, look.page);
        cairo_fill_preserve(on);
        set_color(on, color);
        cairo_fill_preserve(on);
        set_color(on, look.pale_ink);
        cairo_set_line_width(on, 1);
        cairo_stroke(on);
    };
    const rgba8 low = style.colors.table().front();
    const rgba8 high = style.colors.table().back();
    const double gap = 1.5;
    if (panel.level) {
        if (limits.low) {
            triangle(bar.left - gap, bar.top, bar.left - gap, bar.bottom, bar.left - gap - tip,
                     (bar.top + bar.bottom) / 2.0, low);
        }
        if (limits.high) {
            triangle(bar.right + gap, bar.top, bar.right + gap, bar.bottom, bar.right + gap + tip,
                     (bar.top + bar.bottom) / 2.0, high);
        }
    } else {
        if (limits.low) {
            triangle(bar.left, bar.bottom + gap, bar.right, bar.bottom + gap, (bar.left + bar.right) / 2.0,
                     bar.bottom + gap + tip, low);
        }
        if (limits.high) {
            triangle(bar.left, bar.top - gap, bar.right, bar.top - gap, (bar.left + bar.right) / 2.0,
                     bar.top - gap - tip, high);
        }
    }
}

/// The pixels that draw_clipped may touch.
inline pixel_rect clipped_area(const panel_layout& panel) noexcept {
    const pixel_rect& bar = panel.bar;
    const int tip = (panel.level ? bar.height() : bar.width()) / 2 + 5; // with the rims of its corners
    return panel.level ? pixel_rect{bar.left - tip, bar.top - 4, bar.right + tip, bar.bottom + 4}
                       : pixel_rect{bar.left - 4, bar.top - tip, bar.right + 4, bar.bottom + tip};
}

/// Everything that neither the time nor the values change.
inline void draw_page(cairo_t* on, const text_font& font, const scene& now, const picture_layout& layout,
                      const render_options& options) {
    const render_look look = look_of(options.style);
    const double text = layout.text_px;
    const auto cols = static_cast<double>(layout.size.cols);
    set_color(on, look.page);
    cairo_paint(on);

    // Title, then note; the time's place on the right stays free. A long title is cut.
    double x = layout.margin;
    const auto header = [&](std::string_view words, bool bold, rgba8 color) {
        const double room = cols - layout.margin - (options.time ? 8.5 : 0) * text - x;
        std::string shown = drawable(words);
        double width = font.width(on, shown, text, bold);
        while (width > room && !shown.empty()) {
            std::size_t cut = shown.size() - (shown.size() > 3 && shown.ends_with("…") ? 4 : 1);
            while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xc0) == 0x80) {
                --cut;
            }
            shown = cut == 0 ? std::string() : shown.substr(0, cut) + "…";
            width = font.width(on, shown, text, bold);
        }
        draw_text(on, font, {x, layout.header_y}, shown, {.size_px = text, .color = color, .bold = bold});
        x += width + text;
    };
    if (!options.note.empty() && layout.header_y > 0) {
        // Before the title, for it must not be cut away.
        header(options.note, true,
               options.style == render_style::talk ? rgba8{255, 170, 60, 255} : rgba8{180, 70, 0, 255});
    }
    if (!options.title.empty() && options.style != render_style::paper) {
        header(options.title, false, look.ink);
    }

    for (std::size_t p = 0; p < layout.panels.size(); ++p) {
        const panel_layout& panel = layout.panels[p];
        const field_style& style = now.fields[p].style();
        if (layout.panels.size() > 1) {
            draw_text(on, font, panel.title_at, style.title,
                      {.size_px = text, .color = look.ink, .where = align::center});
        }
        if (!panel.bar.empty()) {
            draw_bar(on, font, panel, style, look, text);
        }
        if (panel.scale_length > 0) {
            const double length = panel.scale_length / panel.units_per_px;
            const double high = (std::max)(2.0, std::round(0.16 * text));
            cairo_rectangle(on, std::round(panel.scale_at.x), std::round(panel.scale_at.y - high / 2),
                            std::round(length), high);
            set_color(on, look.ink);
            cairo_fill(on);
            std::string words;
            append_number(words, panel.scale_length);
            words += ' ';
            words += options.unit.empty() ? "units" : options.unit;
            draw_text(on, font, {panel.scale_at.x + length + 0.5 * text, panel.scale_at.y}, words,
                      {.size_px = text, .color = look.ink});
            // What the cross is.
            const double key = panel.scale_at.x + length + 2.5 * text + font.width(on, drawable(words), text, false);
            const double end = panel.level ? panel.bar.left : panel.picture.right;
            if (options.peak && style.kind == field_kind::posterior &&
                key + text + font.width(on, "peak", text, false) <= end) {
                cairo_shapes shapes(on, font);
                const vertex at{key, panel.scale_at.y, 1};
                for (const bool under : {true, false}) {
                    shapes.begin(under ? rgba8{12, 12, 16, 220} : peak_color());
                    shapes.markers({&at, 1}, marker_symbol::cross, 15 * layout.thick, 2.6 * layout.thick,
                                   under ? 1.4 * layout.thick : 0);
                }
                draw_text(on, font, {key + 0.8 * text, panel.scale_at.y}, "peak", {.size_px = text, .color = look.ink});
            }
        }
    }
    if (!layout.dock.empty()) {
        const pixel_rect& dock = layout.dock;
        fill_rect(on, dock, look.dock);
        const double line = (std::max)(1.0, std::round(text / 16));
        set_color(on, look.pale_ink);
        cairo_rectangle(on, dock.left, dock.bottom, dock.width(), line);
        cairo_fill(on);
        const double length = options.dock_before_s + options.dock_after_s;
        const double now_x = dock.left + options.dock_before_s / length * dock.width();
        for (const double at : few_ticks(-options.dock_before_s, options.dock_after_s)) {
            const double tick_x = dock.left + (at + options.dock_before_s) / length * dock.width();
            cairo_rectangle(on,
                            std::floor((std::min)((std::max)(tick_x - line / 2, dock.left + 0.0), dock.right - line)),
                            dock.bottom, line, std::round(0.3 * text));
            set_color(on, look.pale_ink);
            cairo_fill(on);
            std::string words;
            if (at == 0) {
                words = "now";
            } else {
                words = at < 0 ? "−" : "+";
                append_number(words, std::abs(at));
                words += " s";
            }
            const double width = font.width(on, words, text, false);
            draw_text(on, font, {label_start(tick_x, width, true, dock), dock.bottom + 0.9 * text}, words,
                      {.size_px = text, .color = look.pale_ink});
        }
        cairo_rectangle(on, std::floor(now_x - line / 2), dock.top, line, dock.height());
        set_color(on, look.pale_ink, 0.5);
        cairo_fill(on);
    }
}

/// What is said where a field has no data.
inline constexpr std::string_view no_data_words = "no data";

} // namespace fieldreel::inline v0::detail

#endif
