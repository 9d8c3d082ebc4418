// SPDX-License-Identifier: MIT
// The page around the player: its elements and their looks, and what starts it.
#ifndef FIELDREEL_EXPORT_PLAYER_PAGE_HPP
#define FIELDREEL_EXPORT_PLAYER_PAGE_HPP

#include <string_view>

namespace fieldreel::inline v0::detail {

inline constexpr std::string_view player_head =
    R"js(<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="fieldreel">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; worker-src blob:; img-src data: blob:">
<link rel="icon" href="data:,">
)js";

inline constexpr std::string_view player_style = R"js(:root {
    --page: #f7f7f5; --ink: #1c1e22; --pale: #686c74; --panel: #ffffff; --line: #dcdcd8; --accent: #0b62a8;
    --hover: #ecece8; --focus: #0b62a8; --warn: #b44600;
    color-scheme: light;
    font: 14px/1.35 "DejaVu Sans", Verdana, "Segoe UI", system-ui, sans-serif;
}
:root[data-theme="dark"] {
    --page: #111318; --ink: #f0f0f0; --pale: #aaaeb6; --panel: #1e2128; --line: #343842; --accent: #7cc0ff;
    --hover: #2a2e37; --focus: #7cc0ff; --warn: #ffaa3c;
    color-scheme: dark;
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html, body { height: 100%; margin: 0; }
body { background: var(--page); color: var(--ink); display: flex; flex-direction: column; overflow: hidden; }
/* Seen only where the player does not start: it hides this, long before it would appear. */
#problem {
    margin: 0; padding: .7em 1em; color: var(--warn); background: var(--panel); border-bottom: 1px solid var(--line);
}
#problem.waiting { opacity: 0; animation: appear 0s 3s forwards; position: absolute; z-index: 3; }
@keyframes appear { to { opacity: 1; } }
#stage { position: relative; flex: 1 1 0; min-height: 120px; overflow: hidden; }
#picture { position: absolute; inset: 0; width: 100%; height: 100%; display: block; touch-action: none; }
#picture:focus-visible, #timeline:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible {
    outline: 2px solid var(--focus); outline-offset: 1px;
}
#picture:focus-visible { outline-offset: -3px; }
#readout {
    position: absolute; pointer-events: none; background: var(--panel); color: var(--ink); border: 1px solid var(--line);
    border-radius: 4px; padding: .15em .5em; white-space: nowrap; font-size: 12px; font-variant-numeric: tabular-nums;
    z-index: 1;
}
#controls { flex: none; background: var(--panel); border-top: 1px solid var(--line); padding: 6px 10px 8px; }
#timeline { display: block; width: 100%; height: 46px; touch-action: none; cursor: pointer; border-radius: 3px; }
.row { display: flex; align-items: center; gap: 6px; flex-wrap: wrap; margin-top: 6px; }
.space { flex: 1; }
button, select, input {
    font: inherit; font-size: 13px; color: inherit; background: transparent; border: 1px solid transparent;
    border-radius: 5px; min-height: 32px; padding: 2px 8px;
}
select, input { border-color: var(--pale); background: var(--page); }
#speed { width: 5.2em; }
input[aria-invalid="true"] { border-color: var(--warn); color: var(--warn); }
input[type="checkbox"] { min-height: 0; width: 16px; height: 16px; accent-color: var(--accent); }
button { cursor: pointer; }
button:hover { background: var(--hover); }
button[aria-pressed="true"], button[aria-expanded="true"] { color: var(--accent); background: var(--hover); }
button svg { width: 18px; height: 18px; fill: currentColor; display: block; }
.icon { min-width: 36px; padding: 2px 8px; display: inline-flex; justify-content: center; align-items: center; }
#play { min-width: 44px; }
#place { contain: content; font-variant-numeric: tabular-nums; white-space: nowrap; margin: 0 4px; }
#place small { color: var(--pale); font-size: 12px; }
.popup {
    position: absolute; right: 8px; bottom: 8px; max-width: calc(100% - 16px); max-height: calc(100% - 16px);
    overflow: auto; z-index: 2; background: var(--panel); border: 1px solid var(--line); border-radius: 8px;
    padding: 10px 14px; box-shadow: 0 4px 18px rgb(0 0 0 / 18%); font-size: 13px;
}
.popup h2 { font-size: 13px; margin: 10px 0 4px; color: var(--pale); font-weight: 600; }
.popup h2:first-child { margin-top: 0; }
.popup label { display: flex; align-items: center; gap: 8px; min-height: 28px; }
.popup input[type="text"] { width: 7em; }
.popup .pair { display: flex; gap: 8px; align-items: center; flex-wrap: wrap; }
.popup table { border-collapse: collapse; }
.popup td { padding: 2px 14px 2px 0; vertical-align: top; }
kbd {
    font: inherit; font-size: 12px; border: 1px solid var(--line); border-radius: 4px; padding: 0 5px;
    background: var(--page); white-space: nowrap;
}
.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 640px) {
    #controls { padding: 6px 6px 8px; }
    .row { gap: 2px; justify-content: space-between; }
    .space { display: none; }
    .wide { display: none; }
    button, select { min-height: 40px; }
    .icon { min-width: 38px; padding: 2px 4px; }
    input { min-height: 40px; }
    #speed { width: 60px; padding: 2px 4px; }
    #layers { padding: 2px 6px; }
    #help { display: none; }
    #place { order: -1; flex: 1 0 100%; text-align: center; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
)js";

inline constexpr std::string_view player_body =
    R"js(<p id="problem" class="waiting" role="alert">This page cannot play its recording here: the file is damaged or cut off, or scripts are switched off. Get the file again, and open it in a browser that runs scripts.</p>
<main id="stage">
<canvas id="picture" tabindex="0" role="img" aria-label="The recording"></canvas>
<div id="readout" hidden></div>
<div id="layers-popup" class="popup" role="dialog" aria-label="Layers and colours" hidden></div>
<div id="help-popup" class="popup" role="dialog" aria-label="Keys" hidden></div>
<form id="goto-popup" class="popup" role="dialog" aria-label="Go to a time" hidden>
<label>Go to <input id="goto" type="text" autocomplete="off" aria-label="A time (12.5 or 1:02.5) or a frame (#300)" placeholder="1:02.5 or #300"></label>
<p id="goto-wrong" role="alert" hidden></p>
</form>
</main>
<section id="controls" aria-label="Player" hidden>
<canvas id="timeline" tabindex="0" role="slider" aria-label="Time" aria-valuemin="0"></canvas>
<div class="row">
<button id="back" class="icon" title="One frame back (←)" aria-label="One frame back"><svg viewBox="0 0 20 20"><path d="M5 4h2.4v12H5zM16 4v12L8.5 10z"/></svg></button>
<button id="play" class="icon" title="Play (Space)" aria-label="Play"><svg viewBox="0 0 20 20"><path/></svg></button>
<button id="ahead" class="icon" title="One frame ahead (→)" aria-label="One frame ahead"><svg viewBox="0 0 20 20"><path d="M12.6 4H15v12h-2.4zM4 4l7.500 6L4 16z"/></svg></button>
<span id="place"></span>
<span class="space"></span>
<button id="fit" title="Fit the field (F)" hidden>Fit</button>
<input id="speed" type="text" list="speeds" inputmode="decimal" autocomplete="off" title="Speed ([ and ])" aria-label="Speed">
<datalist id="speeds"></datalist>
<button id="loop" class="icon" title="Loop (Shift+L)" aria-label="Loop: once"></button>
<button id="in" class="wide" title="Begin of the range (I)">In</button>
<button id="out" class="wide" title="End of the range (O)">Out</button>
<button id="layers" aria-expanded="false" aria-controls="layers-popup" title="Layers, colours and limits">Layers</button>
<button id="theme" class="icon" title="Light or dark (D)" aria-label="Light or dark"><svg viewBox="0 0 20 20"><path d="M10 2a8 8 0 1 0 0 16zm0-1.500a9.500 9.500 0 1 1 0 19 9.500 9.500 0 0 1 0-19z"/></svg></button>
<button id="shot" class="icon" title="Save a picture (Ctrl+Shift+S)" aria-label="Save a picture"><svg viewBox="0 0 20 20"><path d="M7 3l-1.500 2H3v11h14V5h-2.500L13 3zm3 3.500a4 4 0 1 1 0 8 4 4 0 0 1 0-8zm0 1.700a2.300 2.300 0 1 0 0 4.600 2.300 2.300 0 0 0 0-4.600z"/></svg></button>
<button id="full" class="icon wide" title="Full screen (Shift+F)" aria-label="Full screen"><svg viewBox="0 0 20 20"><path d="M3 3h5v2H5v3H3zm9 0h5v5h-2V5h-3zM3 12h2v3h3v2H3zm12 0h2v5h-5v-2h3z"/></svg></button>
<button id="help" class="icon" aria-expanded="false" aria-controls="help-popup" title="Keys (?)" aria-label="Keys">?</button>
</div>
</section>
<p id="said" class="quiet" role="status"></p>
)js";

inline constexpr std::string_view player_boot =
    R"js(// Looks whether the file is whole, then starts the program. The only piece that nobody checks; where it is damaged
// itself, the sentence of the page stays.
(() => {
    "use strict";
    const problem = document.getElementById("problem");
    const fail = (sentence) => {
        problem.textContent = sentence;
        problem.className = "";
        problem.hidden = false;
    };
    const table = Uint32Array.from({length: 256}, (none, i) => {
        for (let k = 0; k < 8; ++k) {
            i = i & 1 ? (i >>> 1) ^ 0xedb88320 : i >>> 1;
        }
        return i;
    });
    const whole = (id) => {
        const element = document.getElementById(id);
        let sum = -1;
        for (const byte of new TextEncoder().encode(element ? element.textContent : "")) {
            sum = table[(sum ^ byte) & 255] ^ (sum >>> 8);
        }
        return element && ((sum ^ -1) >>> 0) === Number(element.dataset.check);
    };
    if (typeof DecompressionStream === "undefined" || typeof Worker === "undefined") {
        fail("This page needs a browser with DecompressionStream: Chrome or Edge 80, Firefox 113, Safari 16.4, or later.");
        return;
    }
    if (!["worker", "program", "about"].every(whole)) {
        fail("This file is damaged: a part of the player is not what was written. Get the file again, or export it again.");
        return;
    }
    window.fieldreelProblem = fail;
    const text = (id) => document.getElementById(id).textContent;
    const script = document.createElement("script");
    script.textContent = `"use strict";(() => {\n${text("program")}\n})();`;
    document.head.append(script);
})();
)js";

} // namespace fieldreel::inline v0::detail

#endif
