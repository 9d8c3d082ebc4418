// SPDX-License-Identifier: MIT
// The part of the player that puts a picture together.
#ifndef FIELDREEL_EXPORT_PLAYER_PICTURE_HPP
#define FIELDREEL_EXPORT_PLAYER_PICTURE_HPP

#include <string_view>

namespace fieldreel::inline v0::detail {

inline constexpr std::string_view player_picture = R"js(// ---- the whole picture

class Picture {
    constructor(canvas) {
        this.canvas = canvas;
        this.on = canvas.getContext("2d", {alpha: false});
        this.key = "";
        this.kept = new Map();
    }
    // Lays out and draws. `now`: {time, speed, fields: [{codes, frame, peak, lost}], shapes}; `fields`: as they are
    // shown; `look`: one of looks.
    draw(now, fields, look, leastText, view) {
        const docked = about.look.dock ?? now.shapes.some(({style}) => style.where === "dock");
        const layered = now.shapes.some(({style}) => style.below && style.where !== "dock");
        const {width, height} = this.canvas;
        const key = JSON.stringify([width, height, docked, layered, look.page, leastText, view,
            fields.map(({style}) => [style.vmin, style.vmax, style.name])]);
        if (key !== this.key) {
            this.key = key;
            this.begin(fields, docked, layered, look, leastText, view);
        }
        const {on, layout} = this;
        on.drawImage(this.page, 0, 0);
        fields.forEach((field, i) => {
            const {picture} = layout.panels[i];
            this.pixels[i].fill(now.fields[i].codes ?? null);
            if (layered) {
                on.fillStyle = css(look.hole);
                on.drawImage(this.empty[i], picture.left, picture.top);
            } else {
                on.drawImage(this.pixels[i].canvas, picture.left, picture.top);
                this.drawOutline(i);
            }
        });
        this.drawShapes(now, fields, look, true);
        fields.forEach((field, i) => {
            const {picture, cell} = layout.panels[i];
            if (layered) {
                on.drawImage(this.pixels[i].canvas, picture.left, picture.top);
                this.drawOutline(i);
            }
            this.drawClipped(i, now.fields[i].codes, fields[i], look);
            if (!now.fields[i].codes) {
                drawText(on, now.fields[i].lost ? "damaged" : "no data", (picture.left + picture.right) / 2,
                    (picture.top + picture.bottom) / 2, {size: layout.text, color: "rgb(60,60,60)", where: "center",
                        within: cell});
            }
        });
        this.drawPeaks(now, fields);
        this.drawShapes(now, fields, look, false);
        if (about.look.time) {
            const text = clockText(now.time - about.look.start_s, 1) +
                (now.speed === 1 ? "" : `   ${numberText(now.speed, 3)}\u00d7`);
            drawText(on, text, layout.cols - layout.margin, layout.headerY,
                {size: layout.text, color: css(look.ink), where: "right"});
        }
    }

    // What stays the same from moment to moment.
    begin(fields, docked, layered, look, leastText, view) {
        const {width, height} = this.canvas;
        this.layout = layOut(fields, height, width, docked, leastText, view);
        this.kept.clear();
        this.page = canvasOf(width, height);
        const on = this.page.getContext("2d", {alpha: false});
        drawPage(on, this.layout, fields, look);
        this.pixels = fields.map((field, i) => new FieldPixels(field, this.layout.panels[i], look, layered));
        this.empty = layered ? fields.map((field, i) => {
            const bare = new FieldPixels(field, this.layout.panels[i], look, false);
            bare.fill(null);
            return bare.canvas;
        }) : [];
        const line = 1.4 * this.layout.thick;
        this.outlines = fields.map((field, i) => {
            if (!about.look.outline) {
                return null;
            }
            const square = field.space.grid;
            const {image, edge} = this.pixels[i].outline(square, square ? Math.max(1, Math.round(line)) : line);
            for (let at = 0; at < image.data.length; at += 4) {
                image.data.set(look.outline, at);
            }
            const canvas = canvasOf(image.width, image.height);
            canvas.getContext("2d").putImageData(image, 0, 0);
            return {canvas, edge};
        });
    }
    drawOutline(i) {
        if (this.outlines[i]) {
            const {canvas, edge} = this.outlines[i];
            const {picture, zoomed, cell} = this.layout.panels[i];
            this.clip(zoomed ? picture : cell);
            this.on.drawImage(canvas, picture.left - edge, picture.top - edge);
            this.on.restore();
        }
    }
    // Triangles at the ends of a colour bar beyond which there are values.
    drawClipped(i, codes, field, look) {
        const {bar, level} = this.layout.panels[i];
        const {clips_low: fixedLow, clips_high: fixedHigh} = about.look;
        const same = field.style.vmin === field.given.vmin && field.style.vmax === field.given.vmax;
        let low = same ? fixedLow : null;
        let high = same ? fixedHigh : null;
        if (!bar || (low !== null && high !== null && !low && !high)) {
            return;
        }
        if (low === null || high === null) {
            const values = codes ? [...new Set(codes)] : [];
            const beyond = (test) => values.some((code) => code !== noValue && test(code, valueOf(code, field.given)));
            low ??= beyond((code, value) => value < field.style.vmin || (code === 0 && value <= field.style.vmin));
            high ??= beyond((code, value) => value > field.style.vmax || (code === 254 && value >= field.style.vmax));
        }
        const tip = (level ? bar.height : bar.width) / 2;
        const triangle = (points, color) => {
            const {on} = this;
            on.beginPath();
            points.forEach(([x, y]) => on.lineTo(x, y));
            on.closePath();
            on.fillStyle = css(look.page);
            on.fill();
            on.fillStyle = css(color);
            on.fill();
            on.strokeStyle = css(look.pale);
            on.lineWidth = 1;
            on.stroke();
        };
        const [first, last] = [field.style.colors[0], field.style.colors[255]];
        const middle = level ? (bar.top + bar.bottom) / 2 : (bar.left + bar.right) / 2;
        const upright = (edge, way) => [[bar.left, edge], [bar.right, edge], [middle, edge + way * tip]];
        const flat = (edge, way) => [[edge, bar.top], [edge, bar.bottom], [edge + way * tip, middle]];
        if (low) {
            triangle(level ? flat(bar.left - 1.5, -1) : upright(bar.bottom + 1.5, 1), first);
        }
        if (high) {
            triangle(level ? flat(bar.right + 1.5, 1) : upright(bar.top - 1.5, -1), last);
        }
    }
    clip({left, top, width, height}) {
        this.on.save();
        this.on.beginPath();
        this.on.rect(left, top, width, height);
        this.on.clip();
    }
    drawPeaks(now, fields) {
        const {on, layout} = this;
        fields.forEach(({space, given}, i) => {
            const {codes, peak} = now.fields[i];
            if (about.look.peak && given.posterior && codes && peak >= 0) {
                const [x, y] = placing(layout, "environment", layout.panels[i], space)(space.x[peak], space.y[peak]);
                const {zoomed, clip, cell} = layout.panels[i];
                this.clip(zoomed ? clip : cell);
                drawCross(on, x, y, layout.thick);
                on.restore();
            }
        });
    }

    // Shapes of one layer; those that join are drawn together, their rims first.
    drawShapes(now, fields, look, below) {
        const {on, layout} = this;
        const joins = ({kind}) => kind === "line" || kind === "marker" || kind === "arrow";
        const {shapes} = now;
        for (let first = 0, last = 0; first < shapes.length; first = last) {
            const lead = shapes[first];
            last = first + 1;
            const docked = lead.style.where === "dock";
            if (lead.style.below !== below || (docked && !layout.dock)) {
                continue;
            }
            while (joins(lead) && last < shapes.length && joins(shapes[last]) && shapes[last].style.below === below &&
                shapes[last].style.where === lead.style.where && sameColor(shapes[last], lead)) {
                ++last;
            }
            const color = docked && !look.dark ? onLight(lead.style.color) : lead.style.color;
            for (let p = 0; p < (docked ? 1 : layout.panels.length); ++p) {
                if (p > 0 && (lead.style.where === "panel" || !showsSamePlace(fields[0].space, fields[p].space))) {
                    continue;
                }
                const panel = layout.panels[p];
                const map = placing(layout, lead.style.where, panel, fields[p].space);
                this.clip(docked ? layout.dock : panel.clip);
                if (joins(lead)) {
                    this.drawJoined(shapes.slice(first, last), map, color, about.look.halo && !docked && !below);
                } else {
                    this.drawSingle(lead, map, color, docked ? layout.dock : panel.clip, look, below, p);
                }
                on.restore();
            }
        }
    }
    drawJoined(shapes, map, color, rimmed) {
        const {on, layout: {thick}} = this;
        const rim = Math.max(0.8, 1.1 * thick);
        for (const under of rimmed ? [true, false] : [false]) {
            const grow = under ? rim : 0;
            const ink = under ? rimOf(color) : color;
            for (const shape of shapes) {
                const at = placed(shape.points, map);
                const size = shape.style.size * thick;
                if (shape.kind === "line") {
                    strokeLine(on, at, size + 2 * grow, ink);
                } else if (shape.kind === "arrow") {
                    drawArrow(on, at, size, grow, ink);
                } else {
                    drawMarkers(on, at, {symbol: shape.style.symbol, size, grow, color: ink,
                        stroke: strokeOf(shape.style, thick)});
                }
            }
        }
    }
    drawSingle(shape, map, color, clip, look, below, panel) {
        const {on, layout} = this;
        const {kind, style} = shape;
        const docked = style.where === "dock";
        const at = placed(shape.points, map);
        if (kind === "polygon") {
            on.beginPath();
            for (let i = 0; i < at.length; i += 3) {
                on.lineTo(at[i], at[i + 1]);
            }
            on.fillStyle = css(color);
            on.fill();
        } else if (kind === "label") {
            const size = Math.max(style.size * layout.thick, layout.rows / 45);
            const least = clip.top + 0.7 * size;
            const y = docked ? Math.min(Math.max(at[1], least), Math.max(least, clip.bottom - 0.6 * size)) : at[1];
            const inset = docked ? Math.trunc(0.4 * size) : 0;
            const rim = docked ? [...look.dock, 190] : about.look.halo && !below ? rimOf(color) : null;
            drawText(on, shape.text, at[0], y, {size, color: css(color), rim,
                rimPx: 1.2 * Math.max(0.8, 1.1 * layout.thick), where: style.where === "environment" ? "center" : "left",
                within: rect(clip.left + inset, clip.top, clip.right - inset, clip.bottom)});
        } else if (kind === "picture") {
            this.drawFilm(shape, map);
        } else {
            on.drawImage(this.keptLayer(shape, map, color, panel), 0, 0);
        }
    }
    drawFilm({key, frame, bytes, rows, cols, channels, alpha, place}, map) {
        const made = this.kept.get(key) ?? {canvas: canvasOf(cols, rows), frame: -1};
        this.kept.set(key, made);
        if (made.frame !== frame) {
            const image = new ImageData(cols, rows);
            for (let i = 0, from = 0; i < image.data.length; i += 4, from += channels) {
                image.data[i] = bytes[from];
                image.data[i + 1] = bytes[from + (channels === 3 ? 1 : 0)];
                image.data[i + 2] = bytes[from + (channels === 3 ? 2 : 0)];
                image.data[i + 3] = 255;
            }
            made.canvas.getContext("2d").putImageData(image, 0, 0);
            made.frame = frame;
        }
        const [zero, x, y] = [[0, 0], [1, 0], [0, 1]].map(([a, b]) => map(...place(a, b)));
        const {on} = this;
        on.save();
        on.transform(x[0] - zero[0], x[1] - zero[1], y[0] - zero[0], y[1] - zero[1], zero[0], zero[1]);
        on.imageSmoothingEnabled = false;
        on.globalAlpha = alpha;
        on.drawImage(made.canvas, -0.5, -0.5);
        on.restore();
    }
    // What was drawn of points that only become more: the new ones are added.
    keptLayer({key, kind, xs, ys, count, style}, map, color, panel) {
        const {thick} = this.layout;
        const name = `${panel} ${css(color)}`;
        const layers = this.kept.get(key) ?? new Map();
        this.kept.set(key, layers);
        let layer = layers.get(name);
        if (!layer) {
            layer = {canvas: canvasOf(this.canvas.width, this.canvas.height), count: 0};
            layers.set(name, layer);
        }
        const on = layer.canvas.getContext("2d");
        if (layer.count > count) {
            on.clearRect(0, 0, layer.canvas.width, layer.canvas.height);
            layer.count = 0;
        }
        const at = [];
        for (let i = Math.max(0, layer.count - (kind === "kept_line" ? 1 : 0)); i < count; ++i) {
            const [x, y] = map(xs[i], ys[i]);
            at.push(x, y, 1);
        }
        layer.count = count;
        if (kind === "kept_markers") {
            const finite = at.filter((none, i) => Number.isFinite(at[i - i % 3] + at[i - i % 3 + 1]));
            drawMarkers(on, finite, {symbol: style.symbol, size: style.size * thick, grow: 0, color,
                stroke: strokeOf(style, thick)});
            return layer.canvas;
        }
        on.strokeStyle = css(color);
        on.lineWidth = style.size * thick;
        on.lineJoin = on.lineCap = "round";
        on.beginPath();
        for (let i = 0, pen = false; i < at.length; i += 3) {
            const finite = Number.isFinite(at[i] + at[i + 1]);
            if (finite) {
                on[pen ? "lineTo" : "moveTo"](at[i], at[i + 1]);
            }
            pen = finite;
        }
        on.stroke();
        return layer.canvas;
    }
}
)js";

inline constexpr std::string_view player_zoom = R"js(// ---- zoom and pan, as in the window

const zoom = {
    most: 256,
    view: {zoom: about.look.zoom, center: about.look.center},
    layout: (view) => layOut(fields, canvas.height, canvas.width, picture.layout.dock !== null,
        11 * (window.devicePixelRatio || 1), view),
    // Of the environment, what stands at a pixel of a panel.
    placeAt: ({whole}, {left, top, right, bottom}, [x, y]) => [left + (x - whole.left) / whole.width * (right - left),
        top + (y - whole.top) / whole.height * (bottom - top)],
    middle: ({picture: {left, top, width, height}}) => [left + width / 2, top + height / 2],
    // Of the view, which may not be drawn yet.
    panels: () => picture.layout ? zoom.layout(zoom.view).panels : [],
    panelAt: ([x, y]) => zoom.panels().findIndex(({picture: {left, top, right, bottom}}) =>
        x >= left && x < right && y >= top && y < bottom),
    set: (wish, panel) => {
        const view = wish.zoom > 1 ? wish : {zoom: 1, center: null};
        const there = zoom.layout(view).panels[panel];
        // Where it really is, so that nothing waits beyond an end.
        const center = view.zoom > 1 ? zoom.placeAt(there, fields[panel].space, zoom.middle(there)) : null;
        zoom.view = {zoom: view.zoom, center};
        changed("look");
    },
    // What a pixel shows stays there.
    by: (factor, pixel) => {
        const panel = pixel ? zoom.panelAt(pixel) : 0;
        const here = zoom.panels()[panel];
        if (!here) {
            return;
        }
        const {space} = fields[panel];
        const at = pixel ?? zoom.middle(here);
        const held = zoom.placeAt(here, space, at);
        const view = {zoom: Math.min(Math.max(zoom.view.zoom * factor, 1), zoom.most), center: zoom.view.center};
        const there = zoom.layout(view).panels[panel];
        const [x, y] = placing(null, "environment", there, space)(...held);
        const [middleX, middleY] = zoom.middle(there);
        zoom.set({...view, center: zoom.placeAt(there, space, [middleX + x - at[0], middleY + y - at[1]])}, panel);
    },
    pan: (panel, dx, dy) => {
        const here = zoom.panels()[panel];
        const [x, y] = zoom.middle(here);
        zoom.set({zoom: zoom.view.zoom, center: zoom.placeAt(here, fields[panel].space, [x - dx, y - dy])}, panel);
    },
    fit: () => zoom.set({zoom: 1}, 0),
};

// A wheel, a drag, or two fingers. Pixels of the canvas.
const fingers = new Map();
const pixelOf = (event) => {
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / Math.max(1, box.width);
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
};
const spreadOf = ([a, b]) => Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1]));
canvas.addEventListener("wheel", (event) => {
    const pixel = pixelOf(event);
    if (zoom.panelAt(pixel) >= 0) {
        event.preventDefault();
        const lines = event.deltaMode === 0 ? event.deltaY / 100 : event.deltaY / 3;
        zoom.by(1.25 ** -Math.min(Math.max(lines, -4), 4), pixel);
    }
}, {passive: false});
canvas.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && zoom.panelAt(pixelOf(event)) >= 0) {
        canvas.setPointerCapture(event.pointerId);
        fingers.set(event.pointerId, pixelOf(event));
    }
});
canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before || fields.length === 0) {
        return;
    }
    const now = pixelOf(event);
    const both = [...fingers.values()].slice(0, 2);
    const spread = both.length === 2 ? spreadOf(both) : 0;
    fingers.set(event.pointerId, now);
    const moved = [...fingers.values()].slice(0, 2);
    if (spread > 0) {
        zoom.by(spreadOf(moved) / spread, [(moved[0][0] + moved[1][0]) / 2, (moved[0][1] + moved[1][1]) / 2]);
    } else if (zoom.view.zoom > 1) {
        zoom.pan(Math.max(0, zoom.panelAt(before)), now[0] - before[0], now[1] - before[1]);
    }
});
for (const kind of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(kind, (event) => fingers.delete(event.pointerId));
}
)js";

} // namespace fieldreel::inline v0::detail

#endif
