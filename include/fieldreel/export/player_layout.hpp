// SPDX-License-Identifier: MIT
// The part of the player that lays out pictures, as render/layout.hpp does.
#ifndef FIELDREEL_EXPORT_PLAYER_LAYOUT_HPP
#define FIELDREEL_EXPORT_PLAYER_LAYOUT_HPP

#include <string_view>

namespace fieldreel::inline v0::detail {

inline constexpr std::string_view player_layout =
    R"js(// Where things stand on a picture, and how numbers are written: the same rules as those of the program's pictures.
const half = (value) => Math.floor(value + 0.5);

// ---- numbers and times

// So many significant digits, no zeros after the last.
const numberText = (value, digits = 4) => {
    if (Number.isNaN(value)) {
        return "-";
    }
    if (value === 0 || !Number.isFinite(value)) {
        return String(value === 0 ? 0 : value);
    }
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    if (exponent < -4 || exponent >= digits) {
        const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
        return `${short}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
    }
    const fixed = Number(value.toPrecision(digits));
    return Math.abs(fixed) < 1e-6 ? fixed.toFixed(10).replace(/0+$/, "") : String(fixed);
};
// "0:12.34"; an hour or more has hours.
const clockText = (seconds, decimals = 2, hours = false) => {
    const unit = 10 ** decimals;
    const all = half(Math.abs(seconds) * unit);
    if (!(all < 9e15)) {
        return "-";
    }
    const whole = Math.floor(all / unit);
    const two = (number) => String(number).padStart(2, "0");
    const long = hours || whole >= 3600;
    const minutes = Math.floor(whole / 60) % 60;
    return (seconds < 0 && all > 0 ? "-" : "") + (long ? `${Math.floor(whole / 3600)}:${two(minutes)}` : minutes) +
        `:${two(whole % 60)}` + (decimals > 0 ? `.${String(all % unit).padStart(decimals, "0")}` : "");
};

// ---- round numbers, by the 1-2-5 rule

const decimal = (digits, exponent) => exponent < 0 ? digits / 10 ** -exponent : digits * 10 ** exponent;
const nextRound = ({digit, exponent}) => digit < 2 ? {digit: 2, exponent}
    : digit < 5 ? {digit: 5, exponent} : {digit: 1, exponent: exponent + 1};
const roundBelow = (value) => {
    let out = {digit: 1, exponent: Math.floor(Math.log10(value))};
    while (decimal(out.digit, out.exponent) > value) {
        out = {digit: 1, exponent: out.exponent - 1};
    }
    for (let next = nextRound(out); decimal(next.digit, next.exponent) <= value; next = nextRound(out)) {
        out = next;
    }
    return out;
};
const multiplesIn = (low, high, {digit, exponent}) => {
    const step = decimal(digit, exponent);
    const first = Math.ceil(low / step - 1e-9);
    const last = Math.floor(high / step + 1e-9);
    return Array.from({length: Math.max(0, last - first + 1)},
        (none, i) => first + i === 0 ? 0 : decimal((first + i) * digit, exponent));
};
const hasWidth = (low, high) => Number.isFinite(high - low) &&
    high - low > 1e-12 * Math.max(Math.abs(low), Math.abs(high));
// Three to five of them.
const fewTicks = (low, high) => {
    if (!hasWidth(low, high)) {
        return [];
    }
    for (let step = roundBelow((high - low) / 10); ; step = nextRound(step)) {
        const in_ = multiplesIn(low, high, step);
        if (in_.length <= 5) {
            return in_.length < 3 ? multiplesIn(low, high, {digit: 4, exponent: step.exponent}) : in_;
        }
    }
};
const scaleBarLength = (width) => {
    const fifth = width / 5;
    if (!(fifth > 1e-300) || !Number.isFinite(width)) {
        return 0;
    }
    const below = roundBelow(fifth);
    const above = nextRound(below);
    const [a, b] = [decimal(below.digit, below.exponent), decimal(above.digit, above.exponent)];
    return fifth / a <= b / fifth ? a : b;
};

// ---- looks

const looks = {
    light: {page: [247, 247, 245], ink: [28, 30, 34], pale: [104, 108, 116], outline: [60, 62, 68],
        hole: [212, 212, 212], dock: [255, 255, 255], note: [180, 70, 0], dark: false},
    paper: {page: [255, 255, 255], ink: [0, 0, 0], pale: [90, 90, 90], outline: [0, 0, 0],
        hole: [217, 217, 217], dock: [255, 255, 255], note: [180, 70, 0], dark: false},
    dark: {page: [17, 19, 24], ink: [240, 240, 240], pale: [170, 174, 182], outline: [225, 225, 225],
        hole: [176, 178, 182], dock: [30, 33, 40], note: [255, 170, 60], dark: true},
};
const textFactor = {default: 1.15, paper: 1.1, talk: 1.6}[about.look.style];

// ---- the layout of fields, bars and dock; everything in pixels of the picture

const barTitle = ({label, unit}) => !unit ? label : !label ? unit : `${label} (${unit})`;
const barTicks = ({vmin, vmax, scale, gamma}) => {
    let values = fewTicks(vmin, vmax);
    const byLog = scale === "log" && vmin > 0 && vmax > vmin;
    if (byLog) {
        const decades = [];
        for (let e = Math.floor(Math.log10(vmin)); decimal(1, e) <= vmax * (1 + 1e-9); ++e) {
            if (decimal(1, e) >= vmin * (1 - 1e-9)) {
                decades.push(decimal(1, e));
            }
        }
        if (decades.length >= 2) {
            const step = Math.floor((decades.length + 4) / 5);
            values = decades.filter((none, i) => i % step === 0);
        }
    }
    if (values.length === 0) {
        values = [vmin];
    }
    return values.map((value) => {
        const linear = vmax > vmin ? (value - vmin) / (vmax - vmin) : 0.5;
        const part = byLog ? Math.log(value / vmin) / Math.log(vmax / vmin)
            : scale === "gamma" ? Math.max(0, linear) ** gamma : linear;
        return {part, text: numberText(value, 6)};
    });
};
const textWidth = (text, size) => 0.64 * size * [...text].length;
const extentOf = ({left, right, top, bottom}) => ({width: Math.abs(right - left), height: Math.abs(top - bottom)});
const fitted = (space, mostWidth, mostHeight) => {
    const {width, height} = extentOf(space);
    let scale = Math.min(mostWidth / width, mostHeight / height);
    if (!(scale > 0) || !Number.isFinite(scale)) {
        scale = 1;
    }
    const bin = width / space.display_cols;
    if (space.grid && bin * scale >= 6) {
        scale = Math.floor(bin * scale + 1e-9) / bin;
    }
    return [Math.max(1, half(width * scale)), Math.max(1, half(height * scale))];
};
const besideOf = (style, text) => {
    if (!about.look.color_bar || !style.bar) {
        return 0;
    }
    const tick = Math.max(0, ...barTicks(style).map((one) => textWidth(one.text, text)));
    return 1.4 * text + Math.ceil(0.9 * text) + tick + (barTitle(style) === "" ? 0.2 : 1.9) * text;
};
const rect = (left, top, right, bottom) =>
    ({left, top, right, bottom, width: right - left, height: bottom - top});

// `view`: {zoom, center}, of the environment; null: the middle.
const panelIn = (cell, space, style, text, titled, leastBeside, {zoom, center}) => {
    const bar = about.look.color_bar && style.bar;
    const out = {cell, clip: {...cell}, ticks: bar ? barTicks(style) : [], barTitle: bar ? barTitle(style) : ""};
    const above = titled ? 1.6 * text : 0.3 * text;
    const extent = extentOf(space);
    out.level = Boolean(bar) && extent.width > 2.4 * extent.height;
    const thick = Math.ceil(0.9 * text);
    const beside = Math.max(leastBeside, out.level ? 0 : besideOf(style, text));
    let below = about.look.scale_bar ? 2.1 * text : 0.4 * text;
    if (out.level) {
        below = Math.max(below, 0.8 * text + thick + 1.6 * text + (out.barTitle === "" ? 0 : 1.3) * text);
    }
    const rim = Math.ceil(0.25 * text);
    const most = [Math.max(8, cell.width - beside - 2 * rim), Math.max(8, cell.height - above - below)];
    const all = fitted(space, ...most).map((size) => size * zoom);
    out.zoomed = zoom > 1;
    const [width, height] = all.map((size, i) => out.zoomed ? Math.trunc(Math.min(size, most[i])) : size);
    const left = half(cell.left + (cell.width - width - beside) / 2);
    const upper = half(cell.top + above + Math.max(0, (cell.height - above - below - height) / 2));
    out.picture = rect(left, upper, left + width, upper + height);
    out.titleAt = [left + width / 2, upper - 0.9 * text];
    out.unitsPerPx = extent.width / all[0];
    out.whole = {left, top: upper, width: all[0], height: all[1]};
    if (out.zoomed) {
        out.clip = {...out.picture};
        const [x, y] = center ?? [(space.left + space.right) / 2, (space.top + space.bottom) / 2];
        const parts = [(x - space.left) / (space.right - space.left), (y - space.top) / (space.bottom - space.top)];
        const first = (shown, size, part) =>
            Math.min(Math.max(shown / 2 - part * size, Math.min(0, shown - size)), 0); // no further than an end
        out.whole.left += first(width, all[0], parts[0]);
        out.whole.top += first(height, all[1], parts[1]);
    }
    if (out.level) {
        const barWidth = Math.min(width, half(18 * text), Math.max(half(6 * text), width - half(9 * text))); // scale bar
        const at = upper + height + half(0.8 * text);
        const tip = Math.floor(thick / 2) + 2;
        out.bar = rect(left + width - barWidth, at, left + width - tip, at + thick);
    } else if (bar) {
        const at = left + width + half(0.9 * text);
        const tip = Math.floor(thick / 2);
        out.bar = rect(at, upper + tip, at + thick, upper + height - tip);
        if (out.bar.height < 2 * text) {
            out.bar = rect(at, upper, at + thick, upper + height);
        }
    }
    out.scaleLength = 0;
    if (about.look.scale_bar) {
        const room = out.level ? Math.max(1, out.bar.left - left - text) : width;
        out.scaleLength = scaleBarLength(Math.min(extent.width, width * out.unitsPerPx));
        if (out.scaleLength / out.unitsPerPx > room) {
            const {digit, exponent} = roundBelow(room * out.unitsPerPx);
            out.scaleLength = decimal(digit, exponent);
        }
        out.scaleAt = [left, upper + height + 0.9 * text];
    }
    return out;
};

// `leastText`: in pixels; pages may be smaller than pictures.
const layOut = (fields, rows, cols, docked, leastText, view) => {
    const given = about.look.text_px > 0 && rows === about.look.rows ? about.look.text_px : rows / 45 * textFactor;
    const text = Math.min(Math.max(given, rows / 45, leastText), rows / 6);
    const out = {rows, cols, text, thick: text / (720 / 45 * 1.15), margin: Math.ceil(0.8 * text), headerY: 0,
        dock: null, panels: []};
    const titled = about.look.title !== "" && about.look.style !== "paper";
    let top = out.margin;
    if (titled || about.look.note !== "" || about.look.time) {
        out.headerY = top + 0.6 * text;
        top += 1.5 * text;
    }
    let bottom = rows - out.margin;
    if (docked) {
        const low = half(bottom - 1.4 * text);
        const high = half(low - about.look.dock_part * rows);
        out.dock = rect(half(out.margin), high, half(cols - out.margin), low);
        bottom = high - 0.6 * text;
    }
    const count = fields.length;
    let columns = 1;
    let best = -1;
    for (let c = 1; c <= count; ++c) {
        const width = (cols - 2 * out.margin) / c - 7 * text;
        const height = (bottom - top) / Math.ceil(count / c) - 3.5 * text;
        const least = Math.min(...fields.map(({space}) => {
            const extent = extentOf(space);
            const scale = Math.min(width / extent.width, height / extent.height);
            return scale * scale * extent.width * extent.height * (scale > 0 ? 1 : -1);
        }));
        if (least > best) {
            best = least;
            columns = c;
        }
    }
    const cellWidth = (cols - 2 * out.margin) / columns;
    const cellHeight = (bottom - top) / Math.ceil(count / columns);
    const beside = count > 1 ? Math.max(0, ...fields.map((field) => {
        const extent = extentOf(field.space);
        return extent.width <= 2.4 * extent.height ? besideOf(field.style, text) : 0;
    })) : 0;
    fields.forEach(({space, style}, i) => {
        const left = out.margin + cellWidth * (i % columns);
        const upper = top + cellHeight * Math.floor(i / columns);
        const gap = count > 1 ? 0.5 * text : 0;
        const cell = rect(half(left + gap), half(upper), half(left + cellWidth - gap), half(upper + cellHeight));
        out.panels.push(panelIn(cell, space, style, text, count > 1, beside, view));
    });
    if (count === 1 && !out.panels[0].zoomed) {
        out.panels[0].clip = rect(out.panels[0].cell.left, 0, out.panels[0].cell.right, out.panels[0].cell.bottom);
    }
    return out;
};

// From a shape's coordinates to pixels.
const placing = (layout, where, panel, space) => {
    if (where === "dock") {
        const {left, bottom, width, height} = layout.dock;
        const length = about.look.dock_before_s + about.look.dock_after_s;
        return (x, y) => [left + (x + about.look.dock_before_s) / length * width, bottom - y * height];
    }
    if (where === "panel") {
        const {left, top, width, height} = panel.picture;
        return (x, y) => [left + x * width, top + y * height];
    }
    const {left, top, width, height} = panel.whole;
    return (x, y) => [left + (x - space.left) / (space.right - space.left) * width,
        top + (space.top - y) / (space.top - space.bottom) * height];
};
)js";

} // namespace fieldreel::inline v0::detail

#endif
