// SPDX-License-Identifier: MIT
// The part of the player with buttons, popups and keys.
#ifndef FIELDREEL_EXPORT_PLAYER_CONTROLS_HPP
#define FIELDREEL_EXPORT_PLAYER_CONTROLS_HPP

#include <string_view>

namespace fieldreel::inline v0::detail {

inline constexpr std::string_view player_controls =
    R"js(// Buttons, popups, keys, the link to a time, and what other programs may ask.
const icons = {play: "M5 3.500v13l11-6.500z", pause: "M5 4h3.500v12H5zm6.500 0H15v12h-3.500z"};
const loopIcons = {once: "\u2192|", loop: "\u21bb", "ping-pong": "\u21c4"};
const speedText = (speed) => `${speed < 1 && Number.isInteger(1 / speed) ? `1/${1 / speed}` : numberText(speed)}\u00d7`;
// "2", "0.3", "1/3", with or without a cross; null where it is no positive number.
const speedOfWords = (words) => {
    const found = /^\s*(\d*\.?\d+(?:e[+-]?\d+)?)\s*(?:\/\s*(\d*\.?\d+))?\s*[x\u00d7]?\s*$/i.exec(words);
    const speed = found ? Number(found[1]) / Number(found[2] ?? 1) : 0;
    return speed > 0 && Number.isFinite(speed) ? speed : null;
};

// ---- what is shown of the state

const placeWords = element("place").appendChild(new Text());
const frameWords = element("place").appendChild(document.createElement("small")).appendChild(new Text());
const showPlace = () => {
    const frame = player.now ? player.now.frame : -1;
    const count = fields[0].given.first + fields[0].times.length;
    placeWords.data = `${clockText(player.time - about.look.start_s, 2)} / ${clockText(lastTime - about.look.start_s, 0)}`;
    frameWords.data = `  ${frame < 0 ? "no frame" : `frame ${frame}`} / ${count}`;
    if (!player.playing) { // screen readers are not told of each frame
        timeline.setAttribute("aria-valuenow", (player.time - firstTime).toFixed(3));
        timeline.setAttribute("aria-valuetext", `${timeWords(player.time)}, ${frame < 0 ? "no frame" : `frame ${frame}`}`);
    }
};
const showState = () => {
    const button = element("play");
    button.querySelector("path").setAttribute("d", player.playing ? icons.pause : icons.play);
    button.setAttribute("aria-label", player.playing ? "Pause" : "Play");
    button.title = player.playing ? "Pause (Space)" : "Play (Space)";
    element("loop").textContent = loopIcons[player.loop];
    element("loop").setAttribute("aria-label", `Loop: ${player.loop}`);
    element("loop").title = `${player.loop} (Shift+L)`;
    element("loop").setAttribute("aria-pressed", String(player.loop !== "once"));
    if (document.activeElement !== element("speed")) {
        element("speed").value = speedText(player.speed);
    }
    element("fit").hidden = zoom.view.zoom === 1;
    canvas.style.cursor = zoom.view.zoom > 1 ? "grab" : "";
    document.documentElement.dataset.theme = player.theme;
};
let linkTimer = 0;
changed = (what) => {
    if (what !== "playing" && what !== "time") {
        showState();
    }
    dirty = true;
    clearTimeout(linkTimer);
    if (!player.playing) {
        linkTimer = setTimeout(() => {
            try {
                history.replaceState(null, "", `#t=${Number((player.time - about.look.start_s).toFixed(3))}`);
            } catch { // some browsers refuse it for files: the link then stays as it was
            }
        }, 400);
    }
};
afterDraw = () => {
    showPlace();
    drawTimeline(false);
    probe();
};

// ---- the value under the pointer

const readout = element("readout");
let pointer = null;
const probe = () => {
    readout.hidden = true;
    if (!pointer || !player.now || !picture.layout) {
        return null;
    }
    const scale = canvas.width / Math.max(1, canvas.clientWidth);
    const [x, y] = [pointer.x * scale, pointer.y * scale];
    const f = picture.layout.panels.findIndex(({picture: {left, top, right, bottom}}) =>
        x >= left && x < right && y >= top && y < bottom);
    if (f < 0) {
        return null;
    }
    const {space, given} = fields[f];
    const {left, top, width} = picture.layout.panels[f].picture;
    const bin = picture.pixels[f].bins[Math.floor(y - top) * width + Math.floor(x - left)];
    const place = zoom.placeAt(picture.layout.panels[f], space, [x, y]);
    const {codes} = player.now.fields[f];
    const code = codes && bin >= 0 ? codes[bin] : noValue;
    const value = valueOf(code, given);
    const sign = code === 0 ? "< " : code === 254 ? "> " : "";
    const words = bin < 0 ? "no bin" : code === noValue ? `bin ${bin}: no value`
        : `bin ${bin}: ${sign}${numberText(value, 3)}${given.unit ? ` ${given.unit}` : ""}`;
    readout.textContent = `${numberText(place[0], 4)}, ${numberText(place[1], 4)} ${about.look.unit} \u00b7 ${words}`;
    readout.hidden = false;
    const room = stage.clientWidth - readout.offsetWidth - 4;
    readout.style.left = `${Math.max(4, Math.min(pointer.x + 14, room))}px`;
    readout.style.top = `${Math.max(4, pointer.y - 34)}px`;
    return {field: f, bin, value, code};
};
canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    pointer = {x: event.clientX - box.left, y: event.clientY - box.top};
    probe();
});
canvas.addEventListener("pointerleave", () => {
    pointer = null;
    probe();
});
canvas.addEventListener("dblclick", toggle);

// ---- popups

const popups = ["layers", "help", "goto"];
const close = () => {
    for (const name of popups) {
        element(`${name}-popup`).hidden = true;
        element(name).setAttribute?.("aria-expanded", "false");
    }
};
const open = (name) => {
    const popup = element(`${name}-popup`);
    const hidden = popup.hidden;
    close();
    popup.hidden = !hidden;
    if (name !== "goto") {
        element(name).setAttribute("aria-expanded", String(hidden));
    }
    if (hidden) {
        popup.querySelector("input, select, button")?.focus();
    }
};
const make = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
};
const keysOf = [
    ["Space", "play, pause"], ["\u2190 \u2192  or  , .", "one frame"], ["Shift+\u2190 \u2192", "1 second"],
    ["Ctrl+\u2190 \u2192", "10 seconds"], ["Home  End", "first, last of the range, then of all"],
    ["J  K  L", "play back, stop, play; again: 2\u00d7, 4\u00d7"], ["[  ]  Backspace", "slower, faster, 1\u00d7"],
    ["I  O  \\", "range: begin, end, none (or Shift+drag)"], ["Shift+L", "once, loop, ping-pong"],
    ["Shift+A", "real time, or every frame"], ["P  N", "previous, next event"], ["M", "bookmark here, or none"],
    ["Alt+\u2190 \u2192", "previous, next bookmark"], ["G", "go to a time or a frame"], ["1\u20139", "a layer, on or off"],
    ["A", "limits of the shown frame; again: as given"], ["C  Shift+C", "next colours, reversed"],
    ["T", "timeline, on or off"], ["D", "light, dark"], ["+ \u2212", "zoom (or the wheel; drag to move)"], ["F", "fit the field"], ["Shift+F", "full screen"],
    ["Ctrl+Shift+S", "save a picture"], ["?", "these keys"], ["Esc", "close"],
];
element("help-popup").append(make("table", {}, ...keysOf.map(([keys, what]) => make("tr", {},
    make("td", {}, ...keys.split(/ {2}| (?=[^+])/).filter((key) => key !== "or")
        .flatMap((key) => [make("kbd", {textContent: key}), " "])), make("td", {textContent: what})))));

// ---- colours and limits

const mapNames = Object.keys(about.colormaps);
const setColors = (field, name) => {
    const plain = name.replace(/_r$/, "");
    const given = about.colormaps[plain];
    if (name === field.given.colormap || !given) {
        field.style.colors = field.ownColors;
    } else {
        const colors = colorsFrom(given, 3);
        field.style.colors = name.endsWith("_r") ? colors.reverse() : colors;
    }
    field.style.name = name;
    changed("look");
    fillLayers();
};
const nextColors = () => fields.forEach((field) => {
    const plain = field.style.name.replace(/_r$/, "");
    setColors(field, mapNames[(mapNames.indexOf(plain) + 1) % mapNames.length]);
});
const reverseColors = () => fields.forEach((field) => {
    const {name} = field.style;
    const other = name.endsWith("_r") ? name.slice(0, -2) : `${name}_r`;
    setColors(field, about.colormaps[other.replace(/_r$/, "")] ? other : name);
});
const setLimits = (field, vmin, vmax) => {
    if (vmin < vmax && (field.style.scale !== "log" || vmin > 0)) {
        Object.assign(field.style, {vmin, vmax});
        changed("look");
    }
    fillLayers();
};
const autoLimits = (field, f) => {
    const codes = player.now ? player.now.fields[f].codes : null;
    const values = codes ? [...new Set(codes)].filter((code) => code !== noValue).map((code) => valueOf(code, field.given)) : [];
    const changedNow = field.style.vmin !== field.given.vmin || field.style.vmax !== field.given.vmax;
    if (changedNow || values.length < 2) {
        setLimits(field, field.given.vmin, field.given.vmax);
    } else {
        setLimits(field, Math.min(...values), Math.max(...values));
    }
};
const fillLayers = () => {
    const popup = element("layers-popup");
    const focused = document.activeElement && popup.contains(document.activeElement) ? document.activeElement.name : "";
    popup.replaceChildren();
    fields.forEach((field, f) => {
        if (!field.given.bar) { // nothing but an arena
            return;
        }
        popup.append(make("h2", {textContent: fields.length > 1 ? field.given.title || `field ${f}` : "Colours and limits"}));
        const names = [...mapNames];
        for (const name of [field.given.colormap, field.style.name]) {
            if (!names.includes(name)) {
                names.push(name);
            }
        }
        const select = make("select", {name: `colors${f}`, onchange: () => setColors(field, select.value)},
            ...names.map((name) => new Option(name, name)));
        select.value = field.style.name;
        select.setAttribute("aria-label", "Colours");
        const number = (which) => {
            const input = make("input", {type: "text", name: `${which}${f}`, inputMode: "decimal",
                value: numberText(field.style[which], 6), onchange: () => {
                    const value = Number(input.value);
                    const next = {...field.style, [which]: input.value.trim() === "" ? NaN : value};
                    setLimits(field, next.vmin, next.vmax);
                }});
            input.setAttribute("aria-label", which);
            return input;
        };
        const button = (textContent, title, onclick) => make("button", {type: "button", textContent, title, onclick});
        popup.append(make("div", {className: "pair"}, select, button("Reverse", "Shift+C", () => setColors(field,
            field.style.name.endsWith("_r") ? field.style.name.slice(0, -2) : `${field.style.name}_r`))),
        make("div", {className: "pair"}, number("vmin"), "to", number("vmax"), field.given.unit,
            button("Auto", "Those of the shown frame; again: as given (A)", () => autoLimits(field, f))));
    });
    if (overlays.length > 0) {
        popup.append(make("h2", {textContent: "Layers"}));
    }
    overlays.forEach((overlay, i) => {
        const box = make("input", {type: "checkbox", name: `layer${i}`, checked: overlay.shown,
            onchange: () => setLayer(i, box.checked)});
        const kind = wordsOfKind[overlay.kind];
        popup.append(make("label", {}, box, overlay.name + (kind && kind !== overlay.name ? ` (${kind})` : "")));
    });
    if (focused !== "") {
        popup.querySelector(`[name="${focused}"]`)?.focus();
    }
};
const setLayer = (i, on) => {
    if (overlays[i]) {
        overlays[i].shown = on;
        say(`${overlays[i].name} ${on ? "on" : "off"}`);
        changed("look");
        fillLayers();
        drawTimeline(true);
    }
};

// ---- pictures

const pictureAt = (rows, cols) => {
    const out = canvasOf(cols, rows);
    const made = new Picture(out);
    made.draw(player.now, fields, lookNow(), 0, zoom.view);
    return {canvas: out, layout: made.layout};
};
const saveCanvas = () => {
    const {canvas: made} = pictureAt(about.look.rows, about.look.cols);
    made.toBlob((blob) => {
        const link = make("a", {href: URL.createObjectURL(blob),
            download: `${document.title.replace(/[^\p{L}\p{N} _.-]+/gu, "_").trim() || "fieldreel"} ${timeWords(player.time).replace(/:/g, "-")}.png`});
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
    say("Picture saved");
};
)js";

inline constexpr std::string_view player_start = R"js(// ---- keys

const setTheme = () => {
    player.theme = player.theme === "dark" ? "light" : "dark";
    changed("look");
    drawTimeline(true);
};
const fullScreen = () => document.fullscreenElement ? document.exitFullscreen()
    : document.documentElement.requestFullscreen?.();
const bookmark = () => {
    const at = player.bookmarks.findIndex((time) => Math.abs(time - player.time) < 1e-6);
    if (at >= 0) {
        player.bookmarks.splice(at, 1);
    } else {
        player.bookmarks.push(player.time);
        player.bookmarks.sort((a, b) => a - b);
    }
    say(at >= 0 ? "Bookmark removed" : "Bookmark set");
    changed("state");
};
const goTo = () => {
    element("goto-wrong").hidden = true;
    open("goto");
    element("goto").select();
};
element("goto-popup").addEventListener("submit", (event) => {
    event.preventDefault();
    const time = timeOfWords(element("goto").value);
    element("goto-wrong").hidden = time !== null;
    element("goto-wrong").textContent = "Give seconds (12.5), minutes and seconds (1:02.5), or a frame (#300).";
    if (time !== null) {
        close();
        seek(time);
        canvas.focus();
    }
});
const flipTimeline = () => {
    timeline.hidden = !timeline.hidden;
    resize();
};

const keys = {
    " ": toggle, arrowleft: () => step(-1), arrowright: () => step(1), ",": () => step(-1), ".": () => step(1),
    "shift+arrowleft": () => skip(-1), "shift+arrowright": () => skip(1),
    "ctrl+arrowleft": () => skip(-10), "ctrl+arrowright": () => skip(10),
    "alt+arrowleft": () => toNeighbour([player.bookmarks], -1, "bookmark"),
    "alt+arrowright": () => toNeighbour([player.bookmarks], 1, "bookmark"),
    p: () => toNeighbour(eventTimes(), -1, "event"), n: () => toNeighbour(eventTimes(), 1, "event"),
    home: () => ends(false), end: () => ends(true),
    j: () => shuttle(-1), k: pause, l: () => shuttle(1),
    i: () => setRange(player.time, Math.max(player.time, player.to)),
    o: () => setRange(Math.min(player.time, player.from), player.time),
    "\\": () => setRange(firstTime, lastTime),
    "[": () => changeSpeed(-1), "]": () => changeSpeed(1), backspace: () => changeSpeed(0),
    "shift+l": nextLoop, m: bookmark, g: goTo, "ctrl+g": goTo,
    "shift+a": () => {
        player.everyFrame = !player.everyFrame;
        say(player.everyFrame ? "Every frame" : "Real time");
    },
    a: () => fields.forEach(autoLimits), c: nextColors, "shift+c": reverseColors,
    t: flipTimeline, d: setTheme, "shift+f": fullScreen, f: zoom.fit,
    "+": () => zoom.by(1.25), "=": () => zoom.by(1.25), "-": () => zoom.by(0.8), "ctrl+shift+s": saveCanvas,
    "?": () => open("help"), f1: () => open("help"),
    escape: () => {
        close();
        canvas.focus();
    },
};
for (let digit = 1; digit <= 9; ++digit) {
    keys[digit] = () => setLayer(digit - 1, overlays[digit - 1] && !overlays[digit - 1].shown);
}
document.addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input[type=text], select");
    if (event.metaKey || fields.length === 0 || (typing && event.key !== "Escape")) {
        return;
    }
    const key = event.key.toLowerCase();
    const letter = key.length > 1 || /[a-z]/.test(key);
    const name = (event.ctrlKey ? "ctrl+" : "") + (event.altKey ? "alt+" : "") +
        (event.shiftKey && letter ? "shift+" : "") + key;
    const pressed = event.target.matches?.("button, input") && (key === " " || key === "enter");
    if (keys[name] && !pressed) {
        event.preventDefault();
        keys[name]();
    }
});

// ---- buttons

const onClick = {
    play: toggle, back: () => step(-1), ahead: () => step(1), loop: nextLoop, in: keys.i, out: keys.o,
    layers: () => open("layers"), theme: setTheme, shot: saveCanvas, full: fullScreen, fit: zoom.fit, help: () => open("help"),
};
for (const [id, act] of Object.entries(onClick)) {
    element(id).addEventListener("click", act);
}
const speedBox = element("speed");
element("speeds").append(...speeds.map((speed) => new Option(speedText(speed))));
speedBox.addEventListener("focus", () => { // empty, so that browsers offer all of the list
    speedBox.placeholder = speedText(player.speed);
    speedBox.value = "";
});
speedBox.addEventListener("change", () => {
    const speed = speedBox.value.trim() === "" ? player.speed : speedOfWords(speedBox.value);
    if (speed === null) {
        say("Give a speed above 0, as 2, 0.3 or 1/3");
    } else {
        player.speed = speed;
    }
    speedBox.setAttribute("aria-invalid", String(speed === null));
    speedBox.title = speed === null ? "Give a speed above 0, as 2, 0.3 or 1/3" : "Speed ([ and ])";
    changed("state");
});
speedBox.addEventListener("keydown", ({key}) => {
    if (key === "Enter") {
        speedBox.blur();
    }
});
speedBox.addEventListener("blur", () => {
    if (speedBox.getAttribute("aria-invalid") !== "true") {
        showState();
    }
});

// ---- size, link, start

const resize = () => {
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [stage.clientWidth, stage.clientHeight].map((size) => Math.max(80, Math.round(size * scale)));
    if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
        picture.key = "";
        dirty = true;
        if (player.now) { // at once, or it would be empty until the next refresh
            draw(player.now);
        }
    }
    if (fields.length > 0) {
        drawTimeline(true);
    }
};
new ResizeObserver(resize).observe(stage);
const timeOfLink = () => {
    const found = /[#&]t=([^&]+)/.exec(location.hash);
    return found ? timeOfWords(decodeURIComponent(found[1])) : null;
};
addEventListener("hashchange", () => seek(timeOfLink() ?? player.time));

// Times without a frame, for the timeline.
const gapsOf = ({times, durations}) => {
    const out = [];
    for (let i = 0; i + 1 < times.length; ++i) {
        if (times[i + 1] > times[i] + durations[i] * (1 + 1e-3) + 1e-9) {
            out.push([times[i] + durations[i], times[i + 1]]);
        }
    }
    return out;
};

// For other programs, and for tests.
window.fieldreel = {
    state: () => ({
        time: player.time, drawn: player.drawnTime, frame: player.now ? player.now.frame : -1, playing: player.playing,
        way: player.way, speed: player.speed, loop: player.loop, from: player.from, to: player.to, theme: player.theme,
        everyFrame: player.everyFrame, ...zoom.view, bookmarks: [...player.bookmarks], pictures: counts.pictures,
        firstPictureMs: counts.shown, decodedBytes, ready: overlays.every(({ready}) => ready !== null),
        layers: overlays.map(({name, shown}) => ({name, shown})),
        fields: fields.map(({style}) => ({vmin: style.vmin, vmax: style.vmax, colors: style.name})),
    }),
    seek: async (time) => {
        seek(time);
        await settled();
    },
    play: () => play(1), pause, settled, probe,
    layer: setLayer,
    bare: (docked) => { // the fields alone, with or without the dock's place
        about.look.dock = docked;
        about.look.peak = false;
    },
    colors: (field) => fields[field].style.colors,
    screen: () => ({canvas, layout: picture.layout}),
    value: (field, bin) => valueOf(player.now.fields[field].codes[bin], fields[field].given),
    // The picture as the program draws it, and the shapes on it in its pixels.
    picture: (rows, cols) => pictureAt(rows, cols),
    shapes: (rows, cols) => {
        const {layout} = pictureAt(rows, cols);
        return player.now.shapes.map(({kind, style, points, text, xs, ys, count}) => {
            const map = placing(layout, style.where, layout.panels[0], fields[0].space);
            const at = kind.startsWith("kept") ? Array.from({length: count}, (none, i) => [xs[i], ys[i], 1]).flat() : points;
            return {kind, text: text ?? "", points: placed(at, map)};
        });
    },
};

(async () => {
    // Fields first: the first picture needs no overlay.
    const ready = await Promise.all(about.fields.map((given) => withLists(given, true)));
    for (const given of ready) {
        const {times, durations, space} = given;
        const ownColors = colorsFrom(given.colors, 4);
        const style = {...given, colors: ownColors, name: given.colormap};
        const dt = times.length > 1 ? (times[times.length - 1] - times[0]) / (times.length - 1) : 1;
        fields.push({given, style, ownColors, times, durations, space, dt: Math.max(dt, 1e-9), gaps: gapsOf(given)});
    }
    timeline.setAttribute("aria-valuemax", (lastTime - firstTime).toFixed(3));
    canvas.setAttribute("aria-label", `Recording ${about.look.title}`);
    const sentence = element("problem");
    if (damaged.size === 0 && sentence.className === "waiting") {
        sentence.hidden = true;
    }
    sentence.className = "";
    element("controls").hidden = false;
    player.time = timeOfLink() ?? firstTime;
    fillLayers();
    showState();
    resize();
    requestAnimationFrame(tick);
    await Promise.allSettled(overlaysReady);
    drawTimeline(true);
})().catch((wrong) => problem(wrong.message === "cut" || wrong.message === "damaged"
    ? "This file is damaged or cut off: the recording's times cannot be read. Get the file again."
    : `The page could not start: ${wrong.message}`));
)js";

} // namespace fieldreel::inline v0::detail

#endif
