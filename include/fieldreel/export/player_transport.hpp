// SPDX-License-Identifier: MIT
// The part of the player that keeps the time, and its timeline.
#ifndef FIELDREEL_EXPORT_PLAYER_TRANSPORT_HPP
#define FIELDREEL_EXPORT_PLAYER_TRANSPORT_HPP

#include <string_view>

namespace fieldreel::inline v0::detail {

inline constexpr std::string_view player_transport =
    R"js(// Time: what is due, what is shown, and what the keys and buttons do with it.
const speeds = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 10, 20, 50];
const loops = ["once", "loop", "ping-pong"];
const player = {
    time: firstTime, playing: false, way: 1, speed: about.speed, loop: "once", everyFrame: false, from: firstTime, to: lastTime,
    bookmarks: [], theme: about.look.style === "talk" ? "dark" : "light", pending: false, pendingSince: 0,
    picture: 0, drawnTime: NaN,
};
const fields = [];
let dirty = true;
const lookNow = () => player.theme === "dark" ? looks.dark : about.look.style === "paper" ? looks.paper : looks.light;
const colorsFrom = (text, channels) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return Array.from({length: 256}, (none, i) => channels === 4 ? [...bytes.subarray(4 * i, 4 * i + 4)]
        : [...bytes.subarray(3 * i, 3 * i + 3), 255]);
};

// ---- frames and times

// The frame that is valid at a time; -1 in gaps and outside. At the very end the last one.
const frameAt = (field, time) => {
    const i = atOrBefore(field.times, time);
    if (i < 0) {
        return -1;
    }
    const stop = field.times[i] + field.durations[i];
    const last = i + 1 === field.times.length && time <= stop + 1e-6;
    return time < stop + 1e-6 * field.durations[i] || last ? i : -1;
};
const nearestFrame = (field, time) => Math.max(0, atOrBefore(field.times, time));
const within = (time) => Math.min(Math.max(time, firstTime), lastTime);

// Everything of a moment; null while a frame is being decoded.
const momentAt = (time) => {
    const shown = fields.map((field, f) => {
        const frame = frameAt(field, time);
        const codes = frame < 0 ? undefined : streams[f].frame(frame);
        return {frame, codes, lost: frame >= 0 && codes === undefined, peak: frame < 0 ? -1 : streams[f].peak(frame)};
    });
    const film = overlays.find(({ready, shown: on}) => on && ready && ready.kind === "film");
    if (film) {
        const i = atOrBefore(film.ready.t, time);
        streams[film.ready.stream].follow(Math.max(0, i), player.way, 30);
    }
    if (shown.some(({codes}) => codes === null)) {
        return null;
    }
    const at = shown.length > 0 ? shown[0].frame : -1;
    const frame = at < 0 ? -1 : at + fields[0].given.first; // the recording's number: the page may hold a part of it
    return {time, speed: player.speed * player.way, frame, fields: shown, shapes: shapesAt({time, frame})};
};
const followTime = () => {
    fields.forEach((field, f) => {
        const i = nearestFrame(field, player.time);
        const dt = field.dt;
        streams[f].follow(i, player.way, player.playing ? 2 * player.speed / dt : 0);
    });
};

// ---- commands

const say = (words) => {
    element("said").textContent = words;
};
const timeWords = (time) => clockText(time - about.look.start_s, 1);
const seek = (time) => {
    player.time = within(time);
    dirty = true;
    changed("time");
};
const play = (way = 1, speed = player.speed) => {
    player.way = way;
    player.speed = speed;
    if (!player.playing && (way > 0 ? player.time >= player.to - 1e-9 : player.time <= player.from + 1e-9)) {
        player.time = way > 0 ? player.from : player.to;
    }
    player.playing = true;
    say("Playing");
    changed("state");
};
const pause = () => {
    if (player.playing) {
        player.playing = false;
        say(`Paused at ${timeWords(player.time)}`);
    }
    player.way = 1;
    changed("state");
};
const toggle = () => player.playing ? pause() : play(1);
const step = (frames) => {
    player.playing = false;
    const field = fields[0];
    let i = nearestFrame(field, player.time);
    if (frames < 0 && player.time > field.times[i] + 1e-9 * Math.abs(player.time) && frameAt(field, player.time) < 0) {
        i += 1; // in a gap: back to the last frame before it
    }
    i = Math.min(Math.max(i + frames, 0), field.times.length - 1);
    seek(field.times[i]);
    changed("state");
};
const skip = (seconds) => seek(player.time + seconds);
const ends = (last) => {
    const inRange = last ? player.to : player.from;
    const whole = last ? lastTime : firstTime;
    seek(Math.abs(player.time - inRange) < 1e-9 ? whole : inRange);
};
const shuttle = (way) => {
    const again = player.playing && player.way === way;
    play(way, again ? Math.min(player.speed * 2, 50) : player.playing ? 1 : player.speed);
};
const changeSpeed = (by) => {
    const at = speeds.findIndex((one) => one >= player.speed * 0.999);
    const now = by === 0 ? speeds.indexOf(1) : Math.min(Math.max((at < 0 ? speeds.length : at) + by, 0), speeds.length - 1);
    player.speed = speeds[now];
    dirty = true;
    changed("state");
};
const setRange = (from, to) => {
    player.from = within(Math.min(from, to));
    player.to = within(Math.max(from, to));
    if (!(player.to > player.from)) {
        [player.from, player.to] = [firstTime, lastTime];
    }
    changed("range");
};
const nextLoop = () => {
    player.loop = loops[(loops.indexOf(player.loop) + 1) % loops.length];
    say(`Loop: ${player.loop}`);
    changed("state");
};
// The nearest of times before or after now; of events and the starts of intervals.
const eventTimes = () => {
    const out = [];
    const visit = (o) => {
        if (o.kind === "event") {
            out.push(...o.groups.map((group) => group.t));
        } else if (o.kind === "interval") {
            out.push(o.start);
        } else if (o.kind === "several") {
            o.parts.forEach(visit);
        }
    };
    overlays.filter(({ready, shown}) => ready && shown).forEach(({ready}) => visit(ready));
    return out;
};
const toNeighbour = (listsOfTimes, way, what) => {
    let best = NaN;
    for (const t of listsOfTimes) {
        const i = way > 0 ? atOrBefore(t, player.time + 1e-6) + 1 : countBefore(t, player.time - 1e-6) - 1;
        if (t[i] >= firstTime && t[i] <= lastTime && !(Math.abs(t[i] - player.time) >= Math.abs(best - player.time))) {
            best = t[i];
        }
    }
    if (Number.isNaN(best)) {
        say(`No ${what} ${way > 0 ? "after" : "before"} this`);
    } else {
        seek(best);
    }
};
// "12.5", "1:02.5" or "#300"; null where it is none of them.
const timeOfWords = (words) => {
    const trimmed = words.trim();
    const frame = /^#(\d+)$/.exec(trimmed);
    if (frame) {
        const {times, given} = fields[0];
        return times[Math.min(Math.max(0, Number(frame[1]) - given.first), times.length - 1)];
    }
    const parts = /^-?(\d+:){0,2}\d+(\.\d*)?s?$/.test(trimmed) ? trimmed.replace(/s$/, "").split(":").map(Number) : [NaN];
    const seconds = parts.reduce((sum, part) => sum * 60 + part, 0);
    return Number.isFinite(seconds) ? within(seconds + about.look.start_s) : null;
};

// ---- the clock

const advance = (seconds) => {
    const field = fields[0];
    let time = player.time + player.way * player.speed * seconds;
    if (player.everyFrame) {
        const i = nearestFrame(field, player.time) + player.way;
        time = i < 0 ? -Infinity : i < field.times.length ? field.times[i] : Infinity;
    }
    const {from, to} = player;
    if (player.way > 0 ? time < to : time > from) {
        player.time = player.way < 0 && time > to ? to : time;
        return;
    }
    if (player.loop === "once") {
        player.time = player.way > 0 ? to : from;
        player.playing = false;
        player.way = 1;
        say("End of the recording");
        changed("state");
    } else if (player.loop === "loop") {
        player.time = player.way > 0 ? from : to;
    } else {
        player.time = player.way > 0 ? to : from;
        player.way = -player.way;
    }
};

const stage = element("stage");
const canvas = element("picture");
const picture = new Picture(canvas);
const counts = {pictures: 0, shown: NaN};
let lastTick = NaN;
let waiters = [];

const draw = (now) => {
    picture.draw(now, fields, lookNow(), 11 * (window.devicePixelRatio || 1), zoom.view);
    player.drawnTime = now.time;
    counts.pictures += 1;
    if (Number.isNaN(counts.shown)) {
        counts.shown = performance.now();
    }
    player.now = now;
};
const tick = (ms) => {
    requestAnimationFrame(tick);
    if (fields.length === 0) {
        return;
    }
    const seconds = Math.min(0.25, Math.max(0, (ms - lastTick) / 1000 || 0));
    lastTick = ms;
    if (player.playing && !player.pending && seconds > 0) {
        advance(seconds);
        dirty = true;
        changed("playing");
    }
    if (!dirty) {
        return;
    }
    followTime();
    const now = momentAt(player.time);
    if (!now) { // the clock stands until the frame is there
        if (!player.pending) {
            player.pendingSince = ms;
        }
        player.pending = true;
        stage.style.opacity = ms - player.pendingSince > 250 ? "0.6" : "";
        return;
    }
    player.pending = false;
    stage.style.opacity = "";
    dirty = false;
    draw(now);
    afterDraw();
    waiters.forEach((give) => give());
    waiters = [];
};
wake = () => {
    dirty = true;
};
// Fulfilled when what is asked for is on the screen.
const settled = () => dirty || player.pending || fields.length === 0
    ? new Promise((give) => waiters.push(give)) : Promise.resolve();

// Set by the controls.
let changed = () => {};
let afterDraw = () => {};
)js";

inline constexpr std::string_view player_timeline =
    R"js(// The timeline: events, intervals, gaps, range, bookmarks and what is decoded; drag to go anywhere.
const timeline = element("timeline");
const timelineInk = () => player.theme === "dark"
    ? {ground: "#2a2e37", gap: "#171a20", ink: "#f0f0f0", pale: "#6b707c", range: "rgba(124,192,255,.22)", ready: "#3f7f59"}
    : {ground: "#ecece8", gap: "#d2d2cc", ink: "#1c1e22", pale: "#a0a4aa", range: "rgba(11,98,168,.16)", ready: "#8fbf9f"};

const timelineX = (time, width) => (time - firstTime) / Math.max(1e-9, lastTime - firstTime) * (width - 8) + 4;
const timelineTime = (x, width) => within(firstTime + (x - 4) / (width - 8) * (lastTime - firstTime));

// Ticks and bands: seldom anew. Many ticks in one pixel are one.
let timelineGround = null;
const drawGround = (width, height, scale) => {
    const ink = timelineInk();
    const ground = canvasOf(width, height);
    const on = ground.getContext("2d");
    const track = {top: 3 * scale, bottom: height - 16 * scale};
    on.fillStyle = ink.ground;
    on.fillRect(4, track.top, width - 8, track.bottom - track.top);
    on.fillStyle = ink.gap;
    on.save();
    on.beginPath();
    on.rect(4, 0, width - 8, height); // a page of a part knows what happened before and after it
    on.clip();
    fields.forEach(({gaps}) => gaps.forEach(([from, to]) => {
        const x = timelineX(from, width);
        on.fillRect(x, track.top, Math.max(1, timelineX(to, width) - x), track.bottom - track.top);
    }));
    const lanes = [];
    const visit = (o) => {
        if (o.kind === "event") {
            o.groups.forEach((group) => lanes.push({ticks: group.t, color: group.marker.color}));
        } else if (o.kind === "interval") {
            o.groups.forEach((group, g) => lanes.push({bands: o, g, color: group.color}));
        } else if (o.kind === "several") {
            o.parts.forEach(visit);
        }
    };
    overlays.filter(({ready, shown}) => ready && shown).forEach(({ready}) => visit(ready));
    lanes.slice(0, 12).forEach((lane, k, all) => {
        const high = (track.bottom - track.top) / all.length;
        const top = track.top + k * high;
        on.fillStyle = css(player.theme === "dark" ? lane.color : onLight(lane.color), 0.8);
        if (lane.bands) {
            lane.bands.start.forEach((start, i) => {
                if (lane.bands.group[i] === lane.g) {
                    const x = timelineX(start, width);
                    on.fillRect(x, top + 0.15 * high, Math.max(scale, timelineX(lane.bands.stop[i], width) - x), 0.7 * high);
                }
            });
            return;
        }
        const counts = new Map(); // by pixel: where there are many, more is darker
        lane.ticks.forEach((time) => {
            const x = Math.floor(timelineX(time, width));
            counts.set(x, (counts.get(x) ?? 0) + 1);
        });
        const most = Math.max(1, ...counts.values());
        for (const [x, count] of counts) {
            on.globalAlpha = Math.sqrt(count / most);
            on.fillRect(x, top + 0.1 * high, Math.max(1, scale), 0.8 * high);
        }
        on.globalAlpha = 1;
    });
    on.restore();
    on.font = fontOf(11 * scale, false);
    on.fillStyle = css(lookNow().pale);
    on.textBaseline = "alphabetic";
    let end = -1e9;
    for (const time of timelineTicks(width / scale)) {
        const x = timelineX(time + about.look.start_s, width);
        const words = clockText(time, 0);
        const wide = on.measureText(words).width;
        const left = Math.min(Math.max(4, x - wide / 2), width - 4 - wide);
        on.fillRect(x, track.bottom, Math.max(1, scale), 3 * scale);
        if (left > end + 6 * scale) {
            on.fillText(words, left, height - 2 * scale);
            end = left + wide;
        }
    }
    return {ground, track};
};
// Whole seconds, minutes or hours, a label each 80 pixels or more.
const timelineTicks = (width) => {
    const [from, to] = [firstTime - about.look.start_s, lastTime - about.look.start_s];
    const least = (to - from) / Math.max(1, width / 80);
    const nice = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
    const unit = nice.find((one) => one >= least) ?? 86400 * Math.ceil(least / 86400);
    return Array.from({length: Math.floor(to / unit) - Math.ceil(from / unit) + 1},
        (none, i) => (Math.ceil(from / unit) + i) * unit);
};

let timelineShown = "";
const timelineSize = [16, 16];
const drawTimeline = (anew) => {
    const scale = window.devicePixelRatio || 1;
    if (anew) { // asking for a size costs a layout
        timelineSize[0] = Math.max(16, Math.round(timeline.clientWidth * scale));
        timelineSize[1] = Math.max(16, Math.round(timeline.clientHeight * scale));
    }
    const [width, height] = timelineSize;
    const nearest = Math.round(2 * timelineX(player.time, width)) / 2;
    const shown = [nearest, ...streams[0].chunks.keys(), "", player.from, player.to, ...player.bookmarks, player.theme].join();
    if (!anew && shown === timelineShown) { // as it is, to half a pixel
        return;
    }
    timelineShown = shown;
    if (anew || !timelineGround || timeline.width !== width || timeline.height !== height) {
        timeline.width = width;
        timeline.height = height;
        timelineGround = drawGround(width, height, scale);
    }
    const on = timeline.getContext("2d");
    const ink = timelineInk();
    const {track} = timelineGround;
    on.clearRect(0, 0, width, height);
    on.drawImage(timelineGround.ground, 0, 0);
    on.fillStyle = ink.ready;
    const [stream] = streams;
    for (const [chunk, {codes}] of stream.chunks) {
        if (codes.length > 0) {
            const x = timelineX(fields[0].times[chunk * stream.perChunk], width);
            const next = Math.min((chunk + 1) * stream.perChunk, stream.frames) - 1;
            on.fillRect(x, track.bottom - 2 * scale, Math.max(1, timelineX(fields[0].times[next], width) - x), 2 * scale);
        }
    }
    if (player.from > firstTime || player.to < lastTime) {
        const [left, right] = [timelineX(player.from, width), timelineX(player.to, width)];
        on.fillStyle = ink.range;
        on.fillRect(left, track.top, right - left, track.bottom - track.top);
        on.fillStyle = ink.ink;
        on.fillRect(left, track.top, 2 * scale, track.bottom - track.top);
        on.fillRect(right - 2 * scale, track.top, 2 * scale, track.bottom - track.top);
    }
    on.fillStyle = "#d55e00";
    for (const time of player.bookmarks) {
        const x = timelineX(time, width);
        on.beginPath();
        on.moveTo(x - 5 * scale, 0);
        on.lineTo(x + 5 * scale, 0);
        on.lineTo(x, 7 * scale);
        on.fill();
    }
    const x = timelineX(player.time, width);
    on.fillStyle = ink.ink;
    on.fillRect(x - scale, 0, 2 * scale, track.bottom + 3 * scale);
    on.beginPath();
    on.arc(x, track.bottom + 3 * scale, 4.5 * scale, 0, 2 * Math.PI);
    on.fill();
};

// Dragging: goes there, or with Shift sets the range.
let dragging = null;
const pointerTime = (event) => {
    const box = timeline.getBoundingClientRect();
    const scale = timeline.width / Math.max(1, box.width);
    return timelineTime((event.clientX - box.left) * scale, timeline.width);
};
timeline.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) {
        return;
    }
    timeline.setPointerCapture(event.pointerId);
    dragging = {start: pointerTime(event), range: event.shiftKey, playing: player.playing};
    if (!dragging.range) {
        player.playing = false;
        seek(dragging.start);
        changed("state");
    }
});
timeline.addEventListener("pointermove", (event) => {
    timeline.title = timeWords(pointerTime(event));
    if (dragging && dragging.range) {
        setRange(dragging.start, pointerTime(event));
    } else if (dragging) {
        seek(pointerTime(event));
    }
});
const drop = () => {
    if (dragging && !dragging.range && dragging.playing) {
        play(1);
    }
    dragging = null;
};
timeline.addEventListener("pointerup", drop);
timeline.addEventListener("pointercancel", drop);
timeline.addEventListener("wheel", (event) => {
    event.preventDefault();
    step(event.deltaY > 0 ? 1 : -1);
}, {passive: false});
)js";

} // namespace fieldreel::inline v0::detail

#endif
