// SPDX-License-Identifier: MIT
// What player.mjs and firefox.mjs ask inside a page. Functions are sent to browsers as text: each stands alone.

// A picture of a page beside the program's: where the fields are, and how many of their pixels are more than one entry
// of the colormap off, or of no colour of it.
export const comparedPixels = async ({png, rows, cols, panels, skipped = 0}) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const readable = (drawn) => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [cols, rows];
        const on = canvas.getContext('2d', {willReadFrequently: true});
        on.drawImage(drawn, 0, 0);
        return on;
    };
    const made = window.fieldreel.picture(rows, cols);
    const [theirs, ours] = [readable(image), readable(made.canvas)];
    const rects = made.layout.panels.map(({picture: p}) => [p.left, p.top, p.right, p.bottom]);
    let off = 0;
    let missing = 0;
    panels.forEach(([left, top, right, bottom], f) => {
        if (f < skipped) {
            return;
        }
        const [a, b] = [theirs, ours].map((on) => on.getImageData(left, top, right - left, bottom - top).data);
        const entries = new Map(); // a colour may stand in the table several times
        window.fieldreel.colors(f).forEach(([r, g, bl], i) => {
            const key = r << 16 | g << 8 | bl;
            entries.set(key, [...entries.get(key) ?? [], i]);
        });
        for (let i = 0; i < a.length; i += 4) {
            const [x, y] = [a, b].map((data) => data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
            if (x === y) {
                continue;
            }
            const [p, q] = [entries.get(x), entries.get(y)];
            const near = [0, 1, 2].every((k) => Math.abs(a[i + k] - b[i + k]) <= 16);
            if (!p && !q && near) {
                continue; // the edge of an outline, smoothed
            }
            if (!p || !q) {
                ++missing;
            } else if (!p.some((one) => q.some((other) => Math.abs(one - other) <= 1))) {
                ++off;
            }
        }
    });
    return {rects, off, missing};
};

// A screenshot beside what the page has drawn: how many pixels of the fields are another colour, and how many colours
// there are.
export const comparedScreen = async ({png}) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const {canvas, layout} = window.fieldreel.screen();
    const {left, top} = canvas.getBoundingClientRect();
    const dataOf = (drawn, dx, dy, {left: x, top: y, width, height}) => {
        const on = Object.assign(document.createElement('canvas'), {width, height}).getContext('2d');
        on.drawImage(drawn, dx - x, dy - y);
        return on.getImageData(0, 0, width, height).data;
    };
    let off = 0;
    const colors = new Set();
    for (const {picture} of layout.panels) {
        const [theirs, ours] = [dataOf(image, -Math.round(left), -Math.round(top), picture), dataOf(canvas, 0, 0, picture)];
        for (let i = 0; i < ours.length; i += 4) {
            colors.add(theirs[i] << 16 | theirs[i + 1] << 8 | theirs[i + 2]);
            off += [0, 1, 2].some((k) => Math.abs(theirs[i + k] - ours[i + k]) > 2) ? 1 : 0;
        }
    }
    return {off, colors: colors.size, width: image.width};
};
