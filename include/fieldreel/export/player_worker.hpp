// SPDX-License-Identifier: MIT
// The part of the player that decodes, on a thread of the browser.
#ifndef FIELDREEL_EXPORT_PLAYER_WORKER_HPP
#define FIELDREEL_EXPORT_PLAYER_WORKER_HPP

#include <string_view>

namespace fieldreel::inline v0::detail {

inline constexpr std::string_view player_worker =
    R"js(// Decodes pieces of the page: text to bytes, checksum, zlib, predictions. On a thread of its own.
"use strict";

const letters = new Uint8Array(128);
[..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].forEach((letter, i) => {
    letters[letter.charCodeAt(0)] = i;
});
const table = Uint32Array.from({length: 256}, (none, i) => {
    for (let k = 0; k < 8; ++k) {
        i = i & 1 ? (i >>> 1) ^ 0xedb88320 : i >>> 1;
    }
    return i;
});

const bytesOf = (text) => {
    const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
    const out = new Uint8Array(text.length / 4 * 3 - padding);
    let at = 0;
    for (let i = 0; i < text.length; i += 4) {
        const word = letters[text.charCodeAt(i) & 127] << 18 | letters[text.charCodeAt(i + 1) & 127] << 12 |
            letters[text.charCodeAt(i + 2) & 127] << 6 | letters[text.charCodeAt(i + 3) & 127];
        out[at++] = word >> 16;
        out[at++] = word >> 8;
        out[at++] = word;
    }
    return out;
};

// Of what a piece is called, how it was written, and its bytes.
const checksum = (name, how, bytes) => {
    let sum = -1;
    for (const part of [new TextEncoder().encode(`${name} ${how} `), bytes]) {
        for (let i = 0; i < part.length; ++i) {
            sum = table[(sum ^ part[i]) & 255] ^ (sum >>> 8);
        }
    }
    return (sum ^ -1) >>> 0;
};

const inflated = async (bytes) => {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
};

// Frames of codes; `how`: 0 as they are, 1 differences in time, 2 in space, 3 one frame for all. Behind them, where
// there are any, the bins with the largest value.
const framesOf = (raw, how, frames, size) => {
    const count = how === 3 ? size : frames * size;
    const back = how === 1 ? size : 1;
    if (how === 1 || how === 2) {
        for (let i = back; i < count; ++i) {
            raw[i] += raw[i - back];
        }
    }
    const peaks = raw.length >= count + 4 * frames ? new Int32Array(raw.slice(count, count + 4 * frames).buffer) : null;
    if (raw.length < count) {
        throw new Error("short");
    }
    return {codes: raw.subarray(0, count), peaks, same: how === 3};
};

// Numbers: rows of bytes, lowest first, of the differences from word to word.
const wordsOf = (raw, bytes) => {
    const count = raw.length / bytes;
    const out = new Uint32Array(bytes === 8 ? 2 * count : count);
    let low = 0;
    let high = 0;
    for (let i = 0; i < count; ++i) {
        if (bytes === 2) {
            low = low + (raw[i] | raw[count + i] << 8) & 65535;
            out[i] = low;
            continue;
        }
        low += (raw[i] | raw[count + i] << 8 | raw[2 * count + i] << 16 | raw[3 * count + i] << 24) >>> 0;
        if (bytes === 8) {
            high += (raw[4 * count + i] | raw[5 * count + i] << 8 | raw[6 * count + i] << 16 | raw[7 * count + i] << 24) >>> 0;
            high = high + (low > 0xffffffff ? 1 : 0) >>> 0;
            out[2 * i + 1] = high;
        }
        low >>>= 0;
        out[bytes === 8 ? 2 * i : i] = low;
    }
    return out;
};

const listOf = (words, {kind, low, step}) => {
    if (kind !== "u16") {
        return new {f64: Float64Array, f32: Float32Array, i32: Int32Array}[kind](words.buffer);
    }
    return Float32Array.from(words, (word) => word === 65535 ? NaN : low + step * word);
};

onmessage = async ({data: {id, name, text, check, how, frames, size, list}}) => {
    try {
        const bytes = bytesOf(text);
        if (checksum(name, how, bytes) !== check) {
            throw new Error("checksum");
        }
        const raw = await inflated(bytes);
        const made = list ? {list: listOf(wordsOf(raw, how), list)} : framesOf(raw, how, frames, size);
        postMessage({id, ...made}, [list ? made.list.buffer : made.codes.buffer]);
    } catch (problem) {
        postMessage({id, wrong: String(problem.message || problem)});
    }
};
)js";

} // namespace fieldreel::inline v0::detail

#endif
