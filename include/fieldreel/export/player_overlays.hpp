// SPDX-License-Identifier: MIT
// The part of the player that draws overlays, as the overlays themselves do.
#ifndef FIELDREEL_EXPORT_PLAYER_OVERLAYS_HPP
#define FIELDREEL_EXPORT_PLAYER_OVERLAYS_HPP

#include <string_view>

namespace fieldreel::inline v0::detail {

inline constexpr std::string_view player_overlays =
    R"js(// What overlays draw at a time, from their samples. One function per kind; C++ writes its object (html_overlays.hpp).

// The shapes of one moment: {kind, style, points: [x, y, alpha, ...], text}. What has no finite place is left out.
class Shapes {
    constructor() {
        this.all = [];
        this.open = null;
    }
    begin(style, kind = "line") {
        this.end();
        this.open = {kind, style, points: []};
    }
    to(x, y, alpha = 1) {
        if (Number.isFinite(x) && Number.isFinite(y)) {
            this.open.points.push(x, y, alpha);
        } else if (this.open.kind === "line") {
            this.begin(this.open.style);
        }
    }
    end() {
        if (this.open && this.open.points.length >= (this.open.kind === "line" ? 6 : 3)) {
            this.all.push(this.open);
        }
        this.open = null;
    }
    marker([x, y], style, alpha = 1) {
        this.begin(style, "marker");
        this.to(x, y, alpha);
        this.end();
    }
    arrow([x, y], [tipX, tipY], style) {
        if (Number.isFinite(x + y + tipX + tipY)) {
            this.all.push({kind: "arrow", style, points: [x, y, 1, tipX, tipY, 1]});
        }
    }
    polygon(corners, style) {
        if (corners.length >= 3 && corners.every(([x, y]) => Number.isFinite(x + y))) {
            this.all.push({kind: "polygon", style, points: corners.flatMap(([x, y]) => [x, y, 1])});
        }
    }
    label([x, y], text, style) {
        if (Number.isFinite(x + y)) {
            this.all.push({kind: "label", style, points: [x, y, 1], text});
        }
    }
    // The first `count` of points that never move, as markers or as a line that NaN breaks.
    kept(kind, key, xs, ys, count, style) {
        if (count > (kind === "kept_line" ? 1 : 0)) {
            this.all.push({kind, style, points: [], key, xs, ys, count});
        }
    }
}

// ---- between samples

const bracketAt = (t, time, gap) => {
    const left = atOrBefore(t, time);
    if (left < 0) {
        return null;
    }
    if (t[left] === time) {
        return {left, part: 0, exact: true};
    }
    const width = t[left + 1] - t[left];
    return left + 1 < t.length && !(width > gap) ? {left, part: (time - t[left]) / width, exact: false} : null;
};
const between = (values, {left, part, exact}) =>
    exact ? values[left] : values[left] + (values[left + 1] - values[left]) * part;
const placeAt = (anchor, time) => {
    if (anchor.fixed) {
        return anchor.fixed;
    }
    const found = bracketAt(anchor.t, time, anchor.gap);
    if (!found) {
        return [NaN, NaN];
    }
    if (anchor.nearest) {
        const i = found.left + (found.part > 0.5 ? 1 : 0);
        return [anchor.x[i], anchor.y[i]];
    }
    return [between(anchor.x, found), between(anchor.y, found)];
};
// Angles by their cosines and sines; none between two that point opposite ways.
const angleAt = (o, time) => {
    const found = bracketAt(o.t, time, o.gap);
    if (!found) {
        return NaN;
    }
    const left = o.angle[found.left];
    if (found.exact) {
        return left;
    }
    const right = o.angle[found.left + 1];
    const x = (1 - found.part) * Math.cos(left) + found.part * Math.cos(right);
    const y = (1 - found.part) * Math.sin(left) + found.part * Math.sin(right);
    return Math.abs(Math.cos((right - left) / 2)) < 0.1 ? NaN : Math.atan2(y, x);
};
const contains = ({outline, center, radius}, [x, y]) => {
    if (radius !== undefined) {
        return Math.hypot(x - center[0], y - center[1]) <= radius;
    }
    let within = false;
    for (let i = 0; i + 1 < outline.length; ++i) {
        let [a, b] = [outline[i], outline[i + 1]];
        if ((a[1] <= y) === (b[1] <= y)) {
            continue;
        }
        if (a[1] > b[1]) {
            [a, b] = [b, a];
        }
        within = within !== (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) > 0;
    }
    return within;
};
const faded = (style, alpha) => ({...style, color: [...style.color.slice(0, 3), Math.round(style.color[3] * alpha)]});
const plainStyle = (color, size, where, below = false) => ({color, size, symbol: "disc", where, below});

// ---- the trail

const brokenBetween = ({t, x, y, gap}, a, b) => {
    for (let i = a + 1; i <= b; ++i) {
        if (t[i] - t[i - 1] > gap || (i < b && !Number.isFinite(x[i] + y[i]))) {
            return true;
        }
    }
    return false;
};
const thinning = (o, steps, full) => {
    const now = steps > 0.9 * full && steps < 1.01 * full + 1 ? Math.floor(1.01 * full + 1) : steps;
    let step = 1;
    while (Math.floor(now / step) + 2 > o.max_points) {
        step *= 2;
    }
    return step;
};
const trailLine = (o, out, {first, last, step}, from, style, alpha) => {
    const {x, y} = o.track;
    let drawn = from;
    const start = Math.ceil(first / step) * step;
    for (let i = start; i <= last; i += step) {
        if (brokenBetween(o.track, drawn, i)) {
            out.to(NaN, NaN);
        }
        out.to(x[i], y[i], alpha(i));
        drawn = i;
    }
    return drawn;
};
const trailDots = (o, out, {first, last, step}, alpha) => {
    if (o.sample_dots) {
        out.begin(o.sample_dot, "marker");
        for (let i = Math.ceil(first / step) * step; i <= last; i += step) {
            out.to(o.track.x[i], o.track.y[i], alpha(i));
        }
        out.end();
    }
};
// The whole path as kept points, and where each drawn sample is among them.
const wholePath = (o) => {
    if (!o.made) {
        const {t, x, y} = o.track;
        const made = {xs: [], ys: [], at: []};
        const add = (i, before) => {
            if (before >= 0 && brokenBetween(o.track, before, i)) {
                made.xs.push(NaN);
                made.ys.push(NaN);
            }
            made.at.push(made.xs.length);
            made.xs.push(x[i]);
            made.ys.push(y[i]);
        };
        for (let i = 0; i < t.length; i += o.path_step) {
            add(i, i - o.path_step);
        }
        const end = Math.floor((t.length - 1) / o.path_step) * o.path_step;
        made.past = made.xs.length;
        if (end < t.length - 1) {
            add(t.length - 1, end);
        }
        o.made = made;
    }
    return o.made;
};
const drawPath = (o, last, found, here, out) => {
    const {x, y} = o.track;
    const made = wholePath(o);
    if (o.path === "all") {
        out.kept("kept_line", o, made.xs, made.ys, made.xs.length, o.path_line);
        return;
    }
    if (last < 0) {
        return;
    }
    const newest = Math.floor(last / o.path_step);
    out.kept("kept_line", o, made.xs, made.ys, made.at[newest] + 1, o.path_line);
    out.begin(o.path_line);
    for (let i = newest * o.path_step; i <= last; ++i) {
        if (i > newest * o.path_step && brokenBetween(o.track, i - 1, i)) {
            out.to(NaN, NaN);
        }
        out.to(x[i], y[i]);
    }
    if (found && !found.exact) {
        out.to(...here);
    }
    out.end();
};
const drawTrail = (o, {time}, out) => {
    const {t, gap} = o.track;
    const found = bracketAt(t, time, gap);
    const here = placeAt(o.track, time);
    const last = atOrBefore(t, time);
    const fading = (age) => o.min_alpha + (1 - o.min_alpha) * (1 - age);
    if (o.path !== "none" && t.length > 0) {
        drawPath(o, last, found, here, out);
    }
    const ahead = o.future_samples;
    if ((ahead > 0 || o.future_s > 0) && t.length > 0) {
        const end = ahead > 0 ? (last < 0 ? -1 : Math.min(t.length - 1, last + ahead))
            : atOrBefore(t, time + o.future_s);
        if (end >= last + 1) {
            const part = {first: last + 1, last: end,
                step: thinning(o, end - last - 1, ahead > 0 ? ahead : o.future_s / o.dt)};
            const alpha = (i) => fading(ahead > 0 ? (i - last) / ahead : (t[i] - time) / o.future_s);
            out.begin(o.future_line);
            out.to(...here);
            trailLine(o, out, part, Math.max(0, last), o.future_line, alpha);
            out.end();
            trailDots(o, out, part, alpha);
        }
    }
    const back = o.length_samples;
    const dt = last + 1 < t.length ? Math.min(t[last + 1] - t[last], 1.5 * o.dt) : o.dt;
    const over = back > 0 && last + 1 === t.length && time > t[last] + dt;
    const first = back > 0 ? Math.max(0, last + 1 - back) : countBefore(t, time - o.length_s);
    if (last >= 0 && (back > 0 || o.length_s > 0) && !over && first <= last) {
        const part = {first, last, step: thinning(o, last - first, back > 0 ? back : o.length_s / o.dt)};
        const begun = found && !found.exact ? found.part : 0;
        const alpha = (i) => fading(back > 0 ? (last - i + begun) / back : (time - t[i]) / o.length_s);
        out.begin(o.line);
        const drawn = trailLine(o, out, part, first, o.line, alpha);
        if (found && !(found.exact && drawn === last)) {
            if (brokenBetween(o.track, drawn, last)) {
                out.to(NaN, NaN);
            }
            out.to(...here);
        }
        out.end();
        trailDots(o, out, part, alpha);
    }
    out.marker(here, o.dot);
};
)js";

inline constexpr std::string_view player_kinds = R"js(// ---- the other kinds

const drawHeading = (o, {time}, out) => {
    const angle = angleAt(o, time);
    if (!Number.isNaN(angle)) {
        const [x, y] = placeAt(o.origin, time);
        out.arrow([x, y], [x + o.length * Math.cos(angle), y + o.length * Math.sin(angle)], o.arrow);
    }
};
const drawPose = (o, {time}, out) => {
    const places = o.points.map((point) => placeAt(point, time));
    for (const {from, to, line} of o.edges) {
        out.begin(line);
        out.to(...places[from]);
        out.to(...places[to]);
        out.end();
    }
    o.points.forEach((point, k) => out.marker(places[k], point.marker));
};
const drawEvents = (o, {time}, out) => {
    for (const group of o.groups) {
        const past = atOrBefore(group.t, time) + 1;
        if (o.keep !== "none") {
            out.kept("kept_markers", group, group.x, group.y, o.keep === "all" ? group.t.length : past, group.kept);
        }
    }
    for (const {t, x, y, marker} of o.groups) {
        const past = atOrBefore(t, time) + 1;
        const first = atOrBefore(t, time - o.duration_s) + 1;
        if (o.duration_s > 0 && first < past) {
            out.begin(marker, "marker");
            for (let i = first; i < past; ++i) {
                out.to(x[i], y[i], o.min_alpha + (1 - o.min_alpha) * (1 - (time - t[i]) / o.duration_s));
            }
            out.end();
        }
    }
};

// The intervals that meet a range, in the order of their starts. The longest tells how far back to look.
const intervalsIn = (o, from, to) => {
    o.longest ??= o.start.reduce((most, start, i) => Math.max(most, o.stop[i] - start), 0);
    const out = [];
    for (let i = countBefore(o.start, from - o.longest); i < o.start.length && o.start[i] <= to; ++i) {
        if (o.stop[i] >= from) {
            out.push(i);
        }
    }
    return out;
};
const drawIntervals = (o, {time}, out) => {
    const lane = (o.high - o.low) / o.groups.length;
    if (o.band && o.groups.length > 0) {
        for (const i of intervalsIn(o, time - o.before_s, time + o.after_s)) {
            const from = Math.max(o.start[i] - time, -o.before_s);
            const to = Math.min(o.stop[i] - time, o.after_s);
            const low = o.low + lane * o.group[i];
            const style = plainStyle(o.groups[o.group[i]].color, 1, "dock");
            if (to > from) {
                out.polygon([[from, low], [to, low], [to, low + lane], [from, low + lane]], style);
            } else {
                out.begin(style);
                out.to(from, low);
                out.to(from, low + lane);
                out.end();
            }
        }
    }
    if (o.band && o.lane_names) {
        o.groups.forEach(({label, color}, g) =>
            out.label([-o.before_s, o.low + lane * (g + 0.5)], label, plainStyle(color, 11, "dock")));
    }
    if (o.label) {
        intervalsIn(o, time, time).forEach((i, k) => {
            const {label, color} = o.groups[o.group[i]];
            out.label([o.label_at[0], o.label_at[1] + 0.06 * k], o.numbered ? `${label} ${o.number[i]}` : label,
                plainStyle(color, o.text_px, "panel"));
        });
    }
};
const drawRaster = (o, {time}, out) => {
    let open = "";
    o.rows.forEach(({t, color}, row) => {
        const first = countBefore(t, time - o.before_s);
        const last = atOrBefore(t, time + o.after_s) + 1;
        if (first >= last) {
            return;
        }
        if (open !== color.join()) {
            out.begin({...o.tick, color, where: "dock"}, "marker");
            open = color.join();
        }
        const y = o.low + (o.high - o.low) * (row + 0.5) / o.rows.length;
        for (let i = first; i < last; ++i) {
            out.to(t[i] - time, y);
        }
    });
    out.end();
    if (o.now_line) {
        out.begin(plainStyle(o.tick.color, 1, "dock"));
        out.to(0, o.low);
        out.to(0, o.high);
        out.end();
    }
};
const drawRegions = (o, {time}, out) => {
    const here = o.animal ? placeAt(o.animal, time) : [NaN, NaN];
    for (const place of o.places) {
        const style = plainStyle(place.color, o.outline_px, "environment", o.below);
        const fill = contains(place, here) ? o.highlight_alpha : o.fill_alpha;
        if (fill > 0) {
            out.polygon(place.outline.slice(0, -1), faded(style, fill));
        }
        if (o.outline_alpha > 0 && o.outline_px > 0) {
            out.begin(faded(style, o.outline_alpha));
            place.outline.forEach(([x, y]) => out.to(x, y));
            out.end();
        }
        if (o.name_px > 0) {
            out.label(place.center, place.name, {...style, size: o.name_px});
        }
    }
};
const drawObjectVector = (o, {time}, out) => {
    const from = placeAt(o.animal, time);
    const to = placeAt(o.object, time);
    if (o.marker) {
        out.marker(to, o.marker);
    }
    out.arrow(from, to, o.arrow);
    if (o.label) {
        const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
        const distance = Math.hypot(dx, dy);
        const bearing = dx === 0 && dy === 0 ? NaN : Math.atan2(dy, dx) - (o.head ? angleAt(o.head, time) : 0);
        const degrees = Math.round(Math.atan2(Math.sin(bearing), Math.cos(bearing)) * 180 / Math.PI);
        const far = distance < 1e9 ? distance.toFixed(1) : numberText(distance);
        out.label([from[0] + dx / 2, from[1] + dy / 2], far + (o.unit ? ` ${o.unit}` : "") +
            (Number.isNaN(degrees) ? "" : `, ${degrees === 0 ? 0 : degrees}\u00b0`), o.label);
    }
};
const drawTimeLabel = (o, {time, frame}, out) => {
    const length = o.end_s === null ? NaN : o.end_s - o.start_s;
    const now = time - o.start_s;
    let text = o.clock ? clockText(now, o.decimals, length >= 3599.5) : now.toFixed(o.decimals);
    if (!Number.isNaN(length)) {
        text += ` / ${o.clock ? clockText(length, 0) : length.toFixed(0)}`;
    }
    text += o.clock ? "" : " s";
    text += !o.frame ? "" : frame >= 0 ? `  frame ${frame}` : "  no frame";
    out.label(o.place, text, o.label);
};
const drawFixed = (o, now, out) => out.all.push(...o.shapes);

// ---- signals

// Of a signal drawn sample by sample: those in the window, as pieces without gaps, cut at its ends.
const seriesSamples = ({t, value, gap}, from, to, add, endPiece) => {
    const first = countBefore(t, from);
    const last = atOrBefore(t, to) + 1;
    const crossing = (i, time) => i < 0 || i + 1 >= t.length || t[i + 1] - t[i] > gap ? NaN
        : value[i] + (value[i + 1] - value[i]) * ((time - t[i]) / (t[i + 1] - t[i]));
    const before = first < last && t[first] === from ? NaN : crossing(first - 1, from);
    if (Number.isFinite(before)) {
        add(from, before);
    }
    for (let i = first; i < last; ++i) {
        if (!Number.isFinite(value[i]) || (i > first && t[i] - t[i - 1] > gap)) {
            endPiece();
        }
        if (Number.isFinite(value[i])) {
            add(t[i], value[i]);
        }
    }
    const after = first < last && t[last - 1] === to ? NaN : crossing(last - 1, to);
    if (Number.isFinite(after)) {
        add(to, after);
    }
    endPiece();
};
// Of a dense one: the numbers of its columns whose middle is in the window.
const columnsIn = ({from, low}, width, start, stop) => {
    const first = Math.max(0, Math.ceil(start / width - 0.5) - from);
    const last = Math.min(low.length, Math.floor(stop / width - 0.5) + 1 - from);
    return [first, Math.max(first, last)];
};
// Of a dense signal the value at the time of a frame, and between frames what lies in the column: [least, most].
const seriesValueAt = ({t, value, gap, columns}, time, width) => {
    if (columns) {
        const i = atOrBefore(fields[0].times, time);
        if (fields[0].times[i] === time) {
            return columns.at_frames[i];
        }
        const k = Math.floor(time / width) - columns.from;
        return [columns.low[k] ?? NaN, columns.high[k] ?? NaN];
    }
    const next = countBefore(t, time);
    if (next >= t.length || (t[next] !== time && (next === 0 || t[next] - t[next - 1] > gap))) {
        return NaN;
    }
    return value[t[next] === time || time - t[next - 1] > t[next] - time ? next : next - 1];
};
const seriesLimits = (o, {signals, limits}, start, stop) => {
    if (limits) {
        return limits;
    }
    let [low, high] = [Infinity, -Infinity];
    for (const signal of signals) {
        const {columns, t, value} = signal;
        const [first, last] = columns ? columnsIn(columns, o.width_s, start, stop)
            : [countBefore(t, start), atOrBefore(t, stop) + 1];
        for (let i = first; i < last; ++i) {
            const [least, most] = columns ? [columns.low[i], columns.high[i]] : [value[i], value[i]];
            low = least < low ? least : low;
            high = most > high && Number.isFinite(most) ? most : high;
        }
    }
    if (!(low <= high)) {
        return [0, 1];
    }
    const margin = low === high ? (low === 0 ? 0.5 : Math.abs(low) / 2) : (high - low) / 20;
    return [low - margin, high + margin];
};
const drawSeries = (o, {time}, out) => {
    const start = time - o.now_at * o.window_s;
    const stop = start + o.window_s;
    const height = (o.dock_high - o.dock_low) / o.groups.length;
    o.groups.forEach((group, g) => {
        const top = o.dock_high - height * g;
        const bottom = g + 1 === o.groups.length ? o.dock_low : top - height;
        const [low, high] = seriesLimits(o, group, start, stop);
        const yOf = (value) => Math.min(Math.max(bottom + (value - low) * (top - bottom) / (high - low), bottom), top);
        for (const signal of group.signals) {
            out.begin({...o.line, color: signal.color});
            if (signal.columns) {
                const columns = signal.columns;
                const [first, last] = columnsIn(columns, o.width_s, start, stop);
                let y = bottom;
                let missing = false;
                for (let k = first; k < last; ++k) {
                    const state = columns.state[k];
                    if (!(state & 1)) {
                        continue;
                    }
                    if (missing || state & 6) {
                        out.to(NaN, NaN);
                    }
                    missing = Boolean(state & 2);
                    if (Number.isNaN(columns.low[k])) {
                        continue;
                    }
                    const x = (columns.from + k + 0.5) * o.width_s - time;
                    const [least, most] = [yOf(columns.low[k]), yOf(columns.high[k])];
                    const upwards = Math.abs(least - y) <= Math.abs(most - y);
                    out.to(x - 0.25 * o.width_s, upwards ? least : most);
                    y = upwards ? most : least;
                    out.to(x + 0.25 * o.width_s, y);
                }
            } else {
                let points = 0;
                let last = [0, 0];
                seriesSamples(signal, start, stop, (t, value) => {
                    last = [t - time, yOf(value)];
                    out.to(...last);
                    ++points;
                }, () => {
                    if (points === 1) {
                        out.to(...last);
                    }
                    out.to(NaN, NaN);
                    points = 0;
                });
            }
            out.end();
        }
        group.signals.forEach((signal, s) => {
            const value = seriesValueAt(signal, time, o.width_s);
            const ends = Array.isArray(value) ? value : [value];
            const words = (Object.is(ends[0], ends[1]) ? [ends[0]] : ends).map((end) => numberText(end, 3)).join(" \u2026 ");
            const middle = ends.reduce((sum, end) => sum + end / ends.length, 0);
            if (o.cursor && Number.isFinite(middle)) {
                out.marker([0, yOf(middle)], {...o.dot, color: signal.color});
            }
            if (o.labels) {
                const line = Math.min((top - bottom) / group.signals.length, 0.2 * (top - bottom));
                const text = [signal.name, words, signal.unit].filter((word) => word !== "").join(" ");
                out.label([-o.now_at * o.window_s, top - line * (s + 0.5)], text, {...o.label, color: signal.color});
            }
        });
    });
    if (o.cursor) {
        out.begin(o.cursor_line);
        out.to(0, o.dock_low);
        out.to(0, o.dock_high);
        out.end();
    }
};

// ---- films

const drawFilm = (o, {time}, out) => {
    const i = atOrBefore(o.t, time);
    if (i < 0 || !(time < o.t[i] + o.duration[i] * (1 + 1e-6))) {
        return;
    }
    const stream = streams[o.stream];
    const bytes = stream.frame(i);
    const at = ([a, b, c, d, e, f]) => (x, y) => [a * x + c * y + e, b * x + d * y + f];
    const place = at(o.place);
    if (bytes && o.alpha > 0) {
        out.all.push({kind: "picture", points: [], style: {...o.outline, where: "environment", below: o.below},
            bytes, rows: o.rows, cols: o.cols, channels: o.channels, alpha: o.alpha, place, key: o, frame: i});
    }
    if (o.outline.color[3] > 0) {
        out.begin({...o.outline, where: "environment", below: o.below});
        const [right, bottom] = [o.cols - 0.5, o.rows - 0.5];
        for (const [x, y] of [[-0.5, -0.5], [right, -0.5], [right, bottom], [-0.5, bottom], [-0.5, -0.5]]) {
            out.to(...place(x, y));
        }
        out.end();
    }
};

const kinds = {
    position: drawTrail, heading: drawHeading, pose: drawPose, event: drawEvents, interval: drawIntervals,
    raster: drawRaster, region: drawRegions, object_vector: drawObjectVector, time_label: drawTimeLabel,
    shapes: drawFixed, time_series: drawSeries, film: drawFilm,
    several: (o, now, out) => o.parts.forEach((part) => kinds[part.kind](part, now, out)),
};
const wordsOfKind = {position: "position", heading: "heading", pose: "pose", event: "events", interval: "intervals",
    raster: "raster", region: "regions", object_vector: "vector", time_label: "time", shapes: "drawing",
    time_series: "signals", film: "film", several: "poses"};
const overlays = about.overlays.map((given) => ({name: given.name, kind: given.kind, shown: true, ready: null}));
const overlaysReady = about.overlays.map(async (given, i) => {
    try {
        overlays[i].ready = await withLists(given);
    } catch (wrong) {
        damaged.add(wrong.message);
        sayDamage();
    }
    wake();
});
const shapesAt = (now) => {
    const out = new Shapes();
    for (const {shown, ready} of overlays) {
        if (shown && ready) {
            kinds[ready.kind](ready, now, out);
            out.end();
        }
    }
    return out.all;
};
)js";

} // namespace fieldreel::inline v0::detail

#endif
