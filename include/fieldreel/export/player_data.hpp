// SPDX-License-Identifier: MIT
// The part of the player that holds lists and frames.
#ifndef FIELDREEL_EXPORT_PLAYER_DATA_HPP
#define FIELDREEL_EXPORT_PLAYER_DATA_HPP

#include <string_view>

namespace fieldreel::inline v0::detail {

inline constexpr std::string_view player_data =
    R"js(// What the page holds: the lists of numbers, and the frames, decoded by a worker when they are near.
const about = JSON.parse(document.getElementById("about").textContent);
const problem = window.fieldreelProblem;
const [firstTime, lastTime] = about.times;
const element = (id) => document.getElementById(id);

const pieces = (() => {
    const url = URL.createObjectURL(new Blob([element("worker").textContent], {type: "text/javascript"}));
    const worker = new Worker(url);
    const running = new Map();
    const waiting = [];
    let last = 0;
    worker.onerror = () => problem("The page's decoder could not be started. Open the file in Chrome, Edge or Firefox.");
    worker.onmessage = ({data}) => {
        const job = running.get(data.id);
        running.delete(data.id);
        next();
        if (data.wrong) {
            job.refuse(new Error("damaged"));
        } else {
            job.give(data);
        }
    };
    const next = () => {
        while (running.size < 2 && waiting.length > 0) {
            const at = waiting.findIndex((job) => !job.stale || !job.stale());
            const job = at < 0 ? null : waiting.splice(at, 1)[0];
            for (const old of waiting.splice(0, at < 0 ? waiting.length : at)) {
                old.refuse(new Error("stale"));
            }
            if (job) {
                start(job);
            }
        }
    };
    // The element may not have come yet: browsers show a page while they read it.
    const start = (job) => {
        const found = element(job.name);
        const complete = found && (found.nextSibling || document.readyState !== "loading");
        if (!complete && document.readyState === "loading") {
            setTimeout(() => ask(job), 15);
            return;
        }
        if (!found) {
            job.refuse(new Error(element("end") ? "damaged" : "cut"));
            return;
        }
        const id = ++last;
        running.set(id, job);
        worker.postMessage({id, name: job.name, text: found.textContent, check: Number(found.dataset.check),
            how: Number(found.dataset.how), ...job.what});
    };
    const ask = (job) => {
        if (job.urgent) {
            waiting.unshift(job);
        } else {
            waiting.push(job);
        }
        next();
    };
    // `stale()`: whether nobody wants it any more.
    return (name, what, {urgent = false, stale = null} = {}) => new Promise((give, refuse) => {
        ask({name, what, urgent, stale, give, refuse});
    });
})();

// ---- lists

const lists = about.lists.map(() => null);
const loadList = async (id, urgent) => {
    const {kind, count, blocks, start, step, low} = about.lists[id];
    if (kind === "clock") {
        return Float64Array.from({length: count}, (none, i) => start + i * step);
    }
    const all = new {f64: Float64Array, f32: Float32Array, i32: Int32Array, u16: Float32Array}[kind](count);
    await Promise.all(Array.from({length: blocks}, async (none, block) => {
        const {list} = await pieces(`a${id}.${block}`, {list: {kind, low, step}}, {urgent});
        all.set(list, block * 16384);
    }));
    return all;
};
// The same object with its lists in the place of their numbers.
const withLists = async (of, urgent = false) => {
    if (Array.isArray(of)) {
        return Promise.all(of.map((one) => withLists(one, urgent)));
    }
    if (of === null || typeof of !== "object") {
        return of;
    }
    if (Number.isInteger(of.list)) {
        lists[of.list] ??= loadList(of.list, urgent);
        return lists[of.list];
    }
    return Object.fromEntries(await Promise.all(
        Object.entries(of).map(async ([key, value]) => [key, await withLists(value, urgent)])));
};

// ---- searching

// The last of increasing numbers that is not above a value; -1 before the first.
const atOrBefore = (sorted, value) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
        const middle = (low + high) >>> 1;
        if (sorted[middle] <= value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low - 1;
};
// How many lie before a value.
const countBefore = (sorted, value) => {
    let at = atOrBefore(sorted, value);
    while (at >= 0 && sorted[at] === value) {
        --at;
    }
    return at + 1;
};

// ---- frames

let decodedBytes = 0;
const streams = [];
const damaged = new Set();

class Frames {
    constructor(index, {frames, size, per_chunk: perChunk}) {
        Object.assign(this, {index, frames, size, perChunk, chunks: new Map(), wanted: new Map(), current: 0, way: 1});
        this.chunkCount = Math.ceil(frames / perChunk);
        this.bytes = perChunk * size;
    }
    // The codes of a frame, or null while they are decoded; undefined where they are lost.
    frame(i) {
        const chunk = this.chunks.get(Math.floor(i / this.perChunk));
        if (!chunk) {
            return null;
        }
        if (chunk.lost) {
            return undefined;
        }
        const at = chunk.same ? 0 : i % this.perChunk * this.size;
        return chunk.codes.subarray(at, at + this.size);
    }
    peak(i) {
        const chunk = this.chunks.get(Math.floor(i / this.perChunk));
        return chunk && chunk.peaks ? chunk.peaks[i % this.perChunk] : -1;
    }
    // Where playing is and goes: the chunk of a frame, and some more before they are needed. `ahead`: in frames.
    follow(i, way, ahead) {
        this.current = Math.floor(i / this.perChunk);
        this.way = way < 0 ? -1 : 1;
        const most = Math.max(1, Math.min(8, Math.floor(about.decoded_bytes / 2 / streams.length / this.bytes) - 1));
        const more = Math.min(most, Math.max(1, Math.ceil(ahead / this.perChunk)));
        this.load(this.current, true);
        for (let k = 1; k <= more; ++k) {
            this.load(this.current + k * this.way, false);
        }
    }
    load(chunk, urgent) {
        if (chunk < 0 || chunk >= this.chunkCount || this.chunks.has(chunk)) {
            return;
        }
        if (this.wanted.has(chunk) && (!urgent || this.wanted.get(chunk))) {
            return;
        }
        this.wanted.set(chunk, urgent);
        const frames = Math.min(this.perChunk, this.frames - chunk * this.perChunk);
        const stale = () => Math.abs(chunk - this.current) > 9;
        pieces(`s${this.index}.${chunk}`, {frames, size: this.size}, {urgent, stale}).then((made) => {
            if (this.chunks.has(chunk)) {
                return;
            }
            this.chunks.set(chunk, made);
            decodedBytes += made.codes.length;
            dropDistant();
            wake();
        }, (wrong) => {
            if (wrong.message !== "stale" && !this.chunks.has(chunk)) {
                this.chunks.set(chunk, {lost: true, codes: new Uint8Array(0)});
                damaged.add(wrong.message);
                sayDamage();
                wake();
            }
        }).finally(() => this.wanted.delete(chunk));
    }
    // How late a chunk will be needed, in chunks; those behind later than those ahead.
    lateness(chunk) {
        const way = (chunk - this.current) * this.way;
        return way < 0 ? -4 * way : way;
    }
}
const dropDistant = () => {
    while (decodedBytes > about.decoded_bytes) {
        let worst = null;
        for (const stream of streams) {
            for (const [chunk, made] of stream.chunks) {
                const late = stream.lateness(chunk);
                if (late > 0 && made.codes.length > 0 && (!worst || late > worst.late)) {
                    worst = {stream, chunk, late, bytes: made.codes.length};
                }
            }
        }
        if (!worst) {
            return;
        }
        worst.stream.chunks.delete(worst.chunk);
        decodedBytes -= worst.bytes;
    }
};
about.streams.forEach((stream, index) => streams.push(new Frames(index, stream)));

const sayDamage = () => {
    problem(damaged.has("cut")
        ? "This file is cut off: its end is missing, and what is missing is not shown. Get the file again."
        : "A part of this file is damaged and is not shown. Get the file again, or export it again.");
};
const lookForTheEnd = () => {
    if (!element("end")) {
        damaged.add("cut");
        sayDamage();
    }
};
if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", lookForTheEnd);
} else {
    lookForTheEnd();
}

// Set by the transport: something is there that was waited for.
let wake = () => {};
)js";

} // namespace fieldreel::inline v0::detail

#endif
