// SPDX-License-Identifier: MIT
// The part of the player that draws fields, shapes and what stands around them.
#ifndef FIELDREEL_EXPORT_PLAYER_PAINT_HPP
#define FIELDREEL_EXPORT_PLAYER_PAINT_HPP

#include <string_view>

namespace fieldreel::inline v0::detail {

inline constexpr std::string_view player_paint =
    R"js(// A picture of one moment: fields as crisp bins, bars, dock, and the shapes of overlays.
const css = ([r, g, b, a = 255], alpha = 1) => `rgba(${r},${g},${b},${a / 255 * alpha})`;
const over = ([r, g, b], [R, G, B, A]) => [r, g, b].map((under, i) => half(under + ([R, G, B][i] - under) * A / 255));
const packed = ([r, g, b, a = 255]) => (a << 24 | b << 16 | g << 8 | r) >>> 0;
const canvasOf = (width, height) => Object.assign(document.createElement("canvas"), {width, height});
const fontOf = (size, bold) =>
    `${bold ? "bold " : ""}${size}px "${about.look.font.replace(/["\\]/g, "")}", Verdana, "Segoe UI", system-ui, sans-serif`;

// ---- values and colours

const noValue = 255;
// The value a code stands for, as it was quantised; of those beyond the limits, the limit.
const valueOf = (code, {vmin, vmax, scale, gamma}) => {
    const part = (Math.min(Math.max(code, 1), 253) - 1) / 252;
    if (code === noValue) {
        return NaN;
    }
    return part === 0 || !(vmax > vmin) ? vmin : scale === "log" ? vmin * (vmax / vmin) ** part
        : vmin + (scale === "gamma" ? part ** (1 / gamma) : part) * (vmax - vmin);
};
const entryOf = (value, {vmin, vmax, scale, gamma}) => {
    const linear = (value - vmin) / (vmax - vmin);
    if (!(vmax > vmin) || !Number.isFinite(vmax - vmin)) {
        return 127;
    }
    const part = scale === "log" ? Math.log(value / vmin) / Math.log(vmax / vmin)
        : scale === "gamma" ? Math.max(0, linear) ** gamma : linear;
    return Math.min(255, Math.max(0, Math.trunc(part * 255 + 1e-9)));
};
// The colour of each code, not premultiplied: [r, g, b, a].
const colorsOfCodes = ({given, style}) => Array.from({length: 256}, (none, code) =>
    code === noValue && !given.nan_as_vmin ? given.nan_color
        : style.colors[code === noValue ? 0 : entryOf(valueOf(code, given), style)]);

// Which bin each pixel shows; -1 outside, -2 in a hole. Also whether a row is that above it.
const indexImage = (space, {picture, whole}) => {
    const {width, height} = picture;
    const out = new Int32Array(width * height);
    const cellOf = (pixel, size, count) => Math.min(count - 1, Math.max(0, Math.floor(pixel * count / size)));
    const columns = Int32Array.from({length: width},
        (none, x) => cellOf(x + 0.5 + picture.left - whole.left, whole.width, space.cols));
    for (let y = 0; y < height; ++y) {
        const row = cellOf(y + 0.5 + picture.top - whole.top, whole.height, space.rows) * space.cols;
        for (let x = 0; x < width; ++x) {
            out[y * width + x] = space.bins[row + columns[x]];
        }
    }
    const repeats = Uint8Array.from({length: height}, (none, y) => {
        for (let x = 0, at = y * width; y > 0 && x < width; ++x, ++at) {
            if (out[at] !== out[at - width]) {
                return 0;
            }
        }
        return y > 0 ? 1 : 0;
    });
    return {bins: out, repeats};
};

class FieldPixels {
    constructor(field, panel, look, layered) {
        const {picture: {width, height}, zoomed} = panel;
        Object.assign(this, {field, layered, width, height, zoomed}, indexImage(field.space, panel));
        this.image = new ImageData(this.width, this.height);
        this.pixels = new Uint32Array(this.image.data.buffer);
        const solid = (color, under) => layered ? packed(color) : packed(over(under, color));
        this.colors = Uint32Array.from(colorsOfCodes(field), (color) => solid(color, look.hole));
        this.hole = solid(field.given.inactive_color, look.hole);
        this.beyond = solid(field.given.inactive_color, look.page);
        this.empty = solid([0, 0, 0, 0], look.hole);
        this.ofBins = new Uint32Array(field.space.count + 2);
        this.canvas = canvasOf(this.width, this.height);
        this.on = this.canvas.getContext("2d");
        this.shown = undefined;
    }
    // `codes`: null where the field has no data.
    fill(codes) {
        if (codes === this.shown) {
            return;
        }
        this.shown = codes;
        const {ofBins, colors, pixels, bins, width, height, repeats} = this;
        ofBins[0] = codes ? this.hole : this.empty;
        ofBins[1] = this.beyond;
        for (let b = 0; b + 2 < ofBins.length; ++b) {
            ofBins[b + 2] = codes ? colors[codes[b]] : this.empty;
        }
        for (let y = 0, at = 0; y < height; ++y) {
            if (repeats[y]) {
                pixels.copyWithin(at, at - width, at);
                at += width;
                continue;
            }
            for (const end = at + width; at < end; ++at) {
                pixels[at] = ofBins[bins[at] + 2];
            }
        }
        this.on.putImageData(this.image, 0, 0);
    }
    // The outline around the bins, outside of them.
    outline(square, width) {
        const {width: w, height: h, bins, zoomed} = this;
        const reach = Math.max(1, Math.round(width));
        const edge = reach + 2;
        const image = new ImageData(w + 2 * edge, h + 2 * edge);
        const within = (at, size) => zoomed ? Math.min(Math.max(at, 0), size - 1) : at; // no border where it is cut
        const inside = (x, y) => {
            const [column, row] = [within(x, w), within(y, h)];
            return column >= 0 && row >= 0 && column < w && row < h && bins[row * w + column] !== -1;
        };
        for (let y = 0; y < h; ++y) {
            for (let x = 0; x < w; ++x) {
                if (!inside(x, y) || (inside(x - 1, y) && inside(x + 1, y) && inside(x, y - 1) && inside(x, y + 1))) {
                    continue;
                }
                for (let dy = -reach - 1; dy <= reach + 1; ++dy) {
                    for (let dx = -reach - 1; dx <= reach + 1; ++dx) {
                        const far = (square ? Math.max(Math.abs(dx), Math.abs(dy)) : Math.hypot(dx, dy)) - 0.5;
                        const part = Math.min(1, (square ? reach : width) - far + 0.5) * Math.min(1, width);
                        const at = 4 * ((y + dy + edge) * image.width + x + dx + edge) + 3;
                        if (part > 0 && !inside(x + dx, y + dy)) {
                            image.data[at] = Math.max(image.data[at], 255 * part);
                        }
                    }
                }
            }
        }
        return {image, edge};
    }
}

// ---- text

// The middle of the capitals at y. `within`: where all of it should stay.
const drawText = (on, text, x, y, {size, color, bold = false, where = "left", rim = null, rimPx = 0, upwards = false,
    within = null}) => {
    on.save();
    on.font = fontOf(size, bold);
    on.textAlign = "left";
    on.textBaseline = "alphabetic";
    const width = on.measureText(text).width;
    let start = x - (where === "left" ? 0 : where === "center" ? width / 2 : width);
    if (within) {
        start = Math.max(within.left, Math.min(start, within.right - width));
        y = Math.max(within.top + 0.6 * size, Math.min(y, within.bottom - 0.6 * size));
    }
    if (upwards) {
        on.translate(x, y);
        on.rotate(-Math.PI / 2);
        start -= x;
        y = 0;
    }
    if (rim && rimPx > 0) {
        on.strokeStyle = css(rim);
        on.lineWidth = 2 * rimPx;
        on.lineJoin = "round";
        on.strokeText(text, start, y + 0.36 * size);
    }
    on.fillStyle = color;
    on.fillText(text, start, y + 0.36 * size);
    on.restore();
    return width;
};

// ---- shapes

const brightness = ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b;
const rimOf = (c) => brightness(c) > 100 ? [12, 12, 16, c[3] * 3 / 4] : [250, 250, 250, c[3] * 3 / 4];
// Docks of overlays are made for a dark ground.
const onLight = (c) => {
    const [r, g, b, a] = c;
    if (Math.max(r, g, b) - Math.min(r, g, b) < 40) {
        return [255 - r, 255 - g, 255 - b, a];
    }
    return brightness(c) < 130 ? c : [r * 0.7, g * 0.7, b * 0.7, a];
};
const strokeOf = ({symbol, size}, thick) => Math.max(1.2 * thick, symbol === "tick" ? 0 : 0.16 * size * thick);

const strokeLine = (on, at, width, color) => {
    on.lineWidth = width;
    on.lineJoin = "round";
    let even = true;
    for (let i = 5; i < at.length; i += 3) {
        even = even && at[i] === at[2];
    }
    on.strokeStyle = css(color);
    on.globalAlpha = at[2];
    on.lineCap = even ? "round" : "butt";
    if (even) {
        on.beginPath();
        for (let i = 0; i < at.length; i += 3) {
            on.lineTo(at[i], at[i + 1]);
        }
        on.stroke();
    } else {
        for (let i = 0; i + 3 < at.length; i += 3) {
            on.globalAlpha = Math.min(1, Math.max(0, (at[i + 2] + at[i + 5]) / 2));
            on.beginPath();
            on.moveTo(at[i], at[i + 1]);
            on.lineTo(at[i + 3], at[i + 4]);
            on.stroke();
        }
    }
    on.globalAlpha = 1;
};
// Adds one symbol to the path; true where it is to be stroked.
const addSymbol = (on, symbol, x, y, size, stroke, grow) => {
    const r = size / 2;
    if (symbol === "disc") {
        on.moveTo(x + r + grow, y);
        on.arc(x, y, r + grow, 0, 2 * Math.PI);
    } else if (symbol === "square") {
        on.rect(x - r - grow, y - r - grow, 2 * (r + grow), 2 * (r + grow));
    } else if (symbol === "tick") {
        on.rect(x - stroke / 2 - grow, y - r - grow, stroke + 2 * grow, 2 * (r + grow));
    } else if (symbol === "triangle") {
        const up = r + 2 * grow;
        const a = 0.8660254 * up;
        on.moveTo(x, y - up);
        on.lineTo(x + a, y + up / 2);
        on.lineTo(x - a, y + up / 2);
        on.closePath();
    } else if (symbol === "ring") {
        on.moveTo(x + r - stroke / 2, y);
        on.arc(x, y, r - stroke / 2, 0, 2 * Math.PI);
        return true;
    } else {
        const a = r * Math.SQRT1_2;
        on.moveTo(x - a, y - a);
        on.lineTo(x + a, y + a);
        on.moveTo(x - a, y + a);
        on.lineTo(x + a, y - a);
        return true;
    }
    return false;
};
const drawMarkers = (on, at, {symbol, size, stroke, grow, color}) => {
    on.fillStyle = on.strokeStyle = css(color);
    on.lineWidth = stroke + 2 * grow;
    on.lineCap = "round";
    for (let i = 0; i < at.length;) {
        const alpha = at[i + 2];
        on.globalAlpha = Math.min(1, Math.max(0, alpha));
        on.beginPath();
        let stroked = false;
        for (; i < at.length && at[i + 2] === alpha; i += 3) {
            stroked = addSymbol(on, symbol, at[i], at[i + 1], size, stroke, grow);
        }
        if (stroked) {
            on.stroke();
        } else {
            on.fill();
        }
    }
    on.globalAlpha = 1;
};
const drawArrow = (on, [x, y, , tipX, tipY], width, grow, color) => {
    const length = Math.hypot(tipX - x, tipY - y);
    if (!(length > 0)) {
        return;
    }
    const head = Math.min(4.5 * width, 0.65 * length);
    const [ux, uy] = [(tipX - x) / length, (tipY - y) / length];
    const [bx, by] = [tipX - ux * head, tipY - uy * head];
    on.fillStyle = on.strokeStyle = css(color);
    on.lineWidth = width + 2 * grow;
    on.lineCap = on.lineJoin = "round";
    on.beginPath();
    on.moveTo(x, y);
    on.lineTo(bx, by);
    on.stroke();
    on.beginPath();
    on.moveTo(tipX, tipY);
    on.lineTo(bx - uy * head / 2, by + ux * head / 2);
    on.lineTo(bx + uy * head / 2, by - ux * head / 2);
    on.closePath();
    on.fill();
    if (grow > 0) {
        on.lineWidth = 2 * grow;
        on.stroke();
    }
};
const showsSamePlace = ({bounds: [ax, ay, aX, aY]}, {bounds: [bx, by, bX, bY]}) => {
    const both = Math.max(0, Math.min(aX, bX) - Math.max(ax, bx)) * Math.max(0, Math.min(aY, bY) - Math.max(ay, by));
    return both >= 0.5 * ((aX - ax) * (aY - ay) + (bX - bx) * (bY - by) - both);
};
)js";

inline constexpr std::string_view player_legend = R"js(// ---- what stands around the fields, and never moves

const sameColor = (a, b) => a.style.color.every((part, i) => part === b.style.color[i]);
const placed = (points, map) => {
    const out = new Array(points.length);
    for (let i = 0; i < points.length; i += 3) {
        const [x, y] = map(points[i], points[i + 1]);
        out[i] = x;
        out[i + 1] = y;
        out[i + 2] = points[i + 2];
    }
    return out;
};
const drawCross = (on, x, y, thick) => {
    const cross = {symbol: "cross", size: 15 * thick, stroke: 2.6 * thick};
    drawMarkers(on, [x, y, 1], {...cross, grow: 1.4 * thick, color: [12, 12, 16, 220]});
    drawMarkers(on, [x, y, 1], {...cross, grow: 0, color: [86, 200, 255, 255]});
};

// Title, bars, scale bars, the dock's frame.
const drawPage = (on, layout, fields, look) => {
    const {text, cols, dock} = layout;
    const ink = css(look.ink);
    const line = Math.max(1, Math.round(text / 16));
    on.fillStyle = css(look.page);
    on.fillRect(0, 0, cols, layout.rows);
    let x = layout.margin;
    const header = (words, bold, color) => {
        const room = cols - layout.margin - (about.look.time ? 8.5 : 0) * text - x;
        on.font = fontOf(text, bold);
        const letters = [...words];
        let shown = words;
        while (letters.length > 0 && on.measureText(shown).width > room) {
            letters.pop();
            shown = letters.length > 0 ? `${letters.join("")}\u2026` : "";
        }
        x += drawText(on, shown, x, layout.headerY, {size: text, color, bold}) + text;
    };
    if (about.look.note !== "" && layout.headerY > 0) {
        header(about.look.note, true, css(look.note));
    }
    if (about.look.title !== "" && about.look.style !== "paper") {
        header(about.look.title, false, ink);
    }
    layout.panels.forEach((panel, i) => {
        const {style, given} = fields[i];
        if (layout.panels.length > 1) {
            drawText(on, given.title, ...panel.titleAt, {size: text, color: ink, where: "center"});
        }
        if (panel.bar) {
            drawBar(on, panel, style, look, text, line);
        }
        if (panel.scaleLength > 0) {
            const [left, y] = panel.scaleAt;
            const length = panel.scaleLength / panel.unitsPerPx;
            const high = Math.max(2, Math.round(0.16 * text));
            on.fillStyle = ink;
            on.fillRect(Math.round(left), Math.round(y - high / 2), Math.round(length), high);
            const words = `${numberText(panel.scaleLength)} ${about.look.unit || "units"}`;
            const wide = drawText(on, words, left + length + 0.5 * text, y, {size: text, color: ink});
            const key = left + length + 2.5 * text + wide;
            on.font = fontOf(text, false);
            const end = panel.level ? panel.bar.left : panel.picture.right;
            if (about.look.peak && given.posterior && key + text + on.measureText("peak").width <= end) {
                drawCross(on, key, y, layout.thick);
                drawText(on, "peak", key + 0.8 * text, y, {size: text, color: ink});
            }
        }
    });
    if (dock) {
        const {dock_before_s: before, dock_after_s: after} = about.look;
        on.fillStyle = css(look.dock);
        on.fillRect(dock.left, dock.top, dock.width, dock.height);
        on.fillStyle = css(look.pale);
        on.fillRect(dock.left, dock.bottom, dock.width, line);
        for (const at of fewTicks(-before, after)) {
            const tick = dock.left + (at + before) / (before + after) * dock.width;
            on.fillStyle = css(look.pale);
            on.fillRect(Math.floor(Math.min(Math.max(tick - line / 2, dock.left), dock.right - line)), dock.bottom, line,
                Math.round(0.3 * text));
            const words = at === 0 ? "now" : `${at < 0 ? "\u2212" : "+"}${numberText(Math.abs(at))} s`;
            drawText(on, words, tick, dock.bottom + 0.9 * text, {size: text, color: css(look.pale), where: "center",
                within: rect(dock.left, 0, dock.right, layout.rows + text)});
        }
        on.fillStyle = css(look.pale, 0.5);
        const now = dock.left + before / (before + after) * dock.width;
        on.fillRect(Math.floor(now - line / 2), dock.top, line, dock.height);
    }
};
const drawBar = (on, {bar, level, ticks, barTitle: title}, {colors}, look, text, line) => {
    const steps = level ? bar.width : bar.height;
    for (let i = 0; i < steps; ++i) {
        on.fillStyle = css(over(look.page, colors[Math.floor(((level ? i : steps - 1 - i) + 0.5) / steps * 256)]));
        on.fillRect(level ? bar.left + i : bar.left, level ? bar.top : bar.top + i, level ? 1 : bar.width,
            level ? bar.height : 1);
    }
    const ink = css(look.ink);
    let widest = 0;
    for (const {part, text: words} of ticks) {
        if (part < -1e-9 || part > 1 + 1e-9) {
            continue;
        }
        on.fillStyle = ink;
        const long = Math.round(0.3 * text);
        if (level) {
            const x = bar.left + part * bar.width;
            on.fillRect(Math.floor(Math.min(Math.max(x - line / 2, bar.left), bar.right - line)), bar.bottom, line, long);
            drawText(on, words, x, bar.bottom + 0.95 * text, {size: text, color: ink, where: "center"});
        } else {
            const y = bar.bottom - part * bar.height;
            on.fillRect(bar.right, Math.floor(Math.min(Math.max(y - line / 2, bar.top), bar.bottom - line)), long, line);
            widest = Math.max(widest, drawText(on, words, bar.right + 0.5 * text, y, {size: text, color: ink}));
        }
    }
    if (level) {
        drawText(on, title, (bar.left + bar.right) / 2, bar.bottom + 2.15 * text, {size: text, color: ink, where: "center"});
    } else {
        drawText(on, title, bar.right + 1.4 * text + widest, (bar.top + bar.bottom) / 2,
            {size: text, color: ink, where: "center", upwards: true});
    }
};
)js";

} // namespace fieldreel::inline v0::detail

#endif
