// SPDX-License-Identifier: MIT
// Opens exported pages from disk in a real browser (npm install playwright-core; Chromium of the system), presses keys,
// drags, and compares pictures and overlays with the renderer's.
//   node player.mjs PLAYWRIGHT-FOLDER CHROMIUM PAGES-FOLDER
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {comparedPixels} from './page_pixels.mjs';

const [playwright, executablePath, folder] = process.argv.slice(2).map((path) => resolve(path));
const {chromium} = createRequire(join(playwright, 'index.js'))(playwright);
const browser = await chromium.launch({executablePath, args: ['--no-sandbox']});
let failed = 0;
const check = (good, words) => {
    if (!good) {
        failed += 1;
        console.log(`FAILED: ${words}`);
    }
};
const same = (a, b, words) => check(JSON.stringify(a) === JSON.stringify(b),
    `${words}: ${JSON.stringify(a)} instead of ${JSON.stringify(b)}`);

// A page with everything it says and asks for. `noise`: what it says on its console.
const open = async (name, {hash = '', width = 1280, height = 860, before = null} = {}) => {
    const context = await browser.newContext({viewport: {width, height}, acceptDownloads: true});
    const page = await context.newPage();
    const noise = [];
    const asked = [];
    page.on('console', (message) => noise.push(message.text()));
    page.on('pageerror', (wrong) => noise.push(String(wrong)));
    page.on('request', (request) => asked.push(request.url()));
    if (before) {
        await page.addInitScript(before);
    }
    await page.goto(pathToFileURL(join(folder, name)).href + hash, {timeout: 90000});
    return {page, noise, asked, close: () => context.close()};
};
const started = (page) => page.waitForFunction(() => window.fieldreel && window.fieldreel.state().ready &&
    !Number.isNaN(window.fieldreel.state().drawn), null, {timeout: 20000});
const state = (page) => page.evaluate(() => window.fieldreel.state());
const quiet = ({noise, asked}, what) => {
    same(noise, [], `${what}: the console`);
    const outside = asked.filter((url) => !/^(file|blob|data):/.test(url));
    same(outside, [], `${what}: requests`);
    same(asked.filter((url) => url.startsWith('file:')).length, 1, `${what}: files read`);
};
const layersOff = (page) => page.evaluate(async () => {
    const {layers} = window.fieldreel.state();
    layers.forEach((none, i) => window.fieldreel.layer(i, false));
    await window.fieldreel.settled();
});

// ---- pictures and overlays

const comparePixels = async (page, file, {rows, cols, panels, skipped}, what) => {
    const png = readFileSync(join(folder, file)).toString('base64');
    const worst = await page.evaluate(comparedPixels, {png, rows, cols, panels, skipped});
    same(worst.rects, panels, `${what}: where the fields are`);
    same([worst.off, worst.missing], [0, 0], `${what}: pixels more than one colour off, and of other colours`);
};
let ranges = 0;
const compareShapes = (theirs, ours, exact, what) => {
    const finite = ({kind, points}) => kind !== 'kept_markers' ? points
        : points.filter((none, i) => points[i - i % 3] !== null && points[i - i % 3 + 1] !== null);
    same(ours.map(({kind}) => kind), theirs.map(({kind}) => kind), `${what}: kinds of shapes`);
    let worst = 0;
    let fainter = 0;
    theirs.forEach((shape, k) => {
        const [a, b] = [finite(shape), finite(ours[k] ?? {kind: '', points: []})];
        check(a.length === b.length, `${what}: shape ${k} (${shape.kind}) has ${b.length / 3} points instead of ${a.length / 3}`);
        for (let i = 0; i < Math.min(a.length, b.length); ++i) {
            const off = a[i] === b[i] ? 0 : Math.abs(a[i] - b[i]);
            if (i % 3 === 2) {
                fainter = Math.max(fainter, off);
            } else if (off > worst || (a[i] === null) !== (b[i] === null)) {
                worst = Math.max(worst, off);
                check(off <= 0.5 && (a[i] === null) === (b[i] === null),
                    `${what}: shape ${k} (${shape.kind} ${shape.text}), point ${Math.floor(i / 3)} lies ${off} pixels off`);
            }
        }
        // Of a dense signal between frames the page knows the ends of a column: "lfp -0.1 … 0.2".
        const ends = shape.kind === 'label' && /^lfp (\S+) \u2026 (\S+)$/.exec(ours[k].text);
        if (ends) {
            const value = Number(shape.text.split(' ')[1]);
            check(!exact && Number(ends[1]) <= value + 1e-9 && value <= Number(ends[2]) + 1e-9,
                `${what}: ${ours[k].text} instead of ${shape.text}`);
            ranges += 1;
        } else if (shape.kind === 'label') {
            same(ours[k].text, shape.text, `${what}: label ${k}`);
        }
    });
    check(fainter < 0.01, `${what}: alphas differ by ${fainter}`);
    return worst;
};

const references = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8'));
for (const reference of references) {
    const opened = await open(reference.page);
    const {page} = opened;
    await started(page);
    let worst = 0;
    for (const moment of reference.moments) {
        const what = `${reference.page} at ${moment.time} s`;
        await page.evaluate((time) => window.fieldreel.seek(time), moment.time);
        const now = await state(page);
        check(Math.abs(now.drawn - moment.time) < 1e-6, `${what}: ${now.drawn} s is drawn`);
        same(now.frame, moment.frames[0] ?? -1, `${what}: the frame`);
        const shapes = await page.evaluate(({rows, cols}) =>
            JSON.parse(JSON.stringify(window.fieldreel.shapes(rows, cols))), reference);
        worst = Math.max(worst, compareShapes(moment.shapes, shapes, moment.exact, what));
        if (process.env.FIELDREEL_KEEP_SCREENS) {
            const picture = await page.evaluate(({rows, cols}) =>
                window.fieldreel.picture(rows, cols).canvas.toDataURL(), reference);
            writeFileSync(join(folder, moment.png.replace('.png', '_page.png')), Buffer.from(picture.split(',')[1], 'base64'));
        }
    }
    console.log(`${reference.page}: overlays within ${worst.toFixed(3)} pixels at ${reference.moments.length} moments`);
    await layersOff(page);
    for (const moment of reference.moments.filter(({frames}) => frames[0] !== null)) { // or there are words on it
        await page.evaluate((time) => window.fieldreel.seek(time), moment.time);
        await page.evaluate((docked) => window.fieldreel.bare(docked), moment.dock !== null);
        // Borders of cells that are no grid are steps when they are enlarged.
        const skipped = reference.page === 'two_zoomed.html' ? 1 : 0;
        await comparePixels(page, moment.fields, {...reference, panels: moment.panels, skipped}, `${reference.page} at ${moment.time} s`);
    }
    quiet(opened, reference.page);
    await opened.close();
}

check(ranges > 0, 'between frames a dense signal has a range');

// ---- keys, mouse, controls

{
    const opened = await open('everything.html');
    const {page} = opened;
    await started(page);
    const press = async (...keys) => {
        for (const key of keys) {
            await page.keyboard.press(key);
        }
        await page.evaluate(() => window.fieldreel.settled());
        return state(page);
    };
    same((await press('ArrowRight', 'ArrowRight', '.')).frame, 3, 'three frames ahead');
    same((await press('ArrowLeft', ',')).frame, 1, 'two back');
    check(Math.abs((await press('Shift+ArrowRight')).time - 1 - 1 / 30) < 1e-6, 'Shift+right is a second');
    check(Math.abs((await press('Control+ArrowRight')).time - 11 - 1 / 30) < 1e-6, 'Ctrl+right is ten');
    same((await press('Home')).frame, 0, 'Home');
    same((await press('End')).frame, 599, 'End');
    const begun = await press('Home', 'Space');
    check(begun.playing, 'Space plays');
    await page.waitForFunction((time) => window.fieldreel.state().time > time + 0.2, begun.time);
    check(!(await press('Space')).playing, 'and pauses');
    same((await press(']', ']')).speed, 4, 'faster');
    same((await press('[')).speed, 2, 'slower');
    same((await press('Backspace')).speed, 1, 'once');
    same((await press('Shift+L')).loop, 'loop', 'loop');
    same((await press('Shift+L')).loop, 'ping-pong', 'ping-pong');
    await press('Shift+L');
    const back = await press('End', 'J');
    same([back.playing, back.way], [true, -1], 'J plays back');
    same((await press('J')).speed, 2, 'again twice as fast');
    same((await press('K', 'Backspace')).playing, false, 'K stops');
    await page.evaluate(() => window.fieldreel.seek(3));
    await press('i');
    await page.evaluate(() => window.fieldreel.seek(6));
    const range = await press('o');
    same([range.from, range.to], [3, 6], 'the range');
    same((await press('Home')).time, 3, 'Home of the range');
    same((await press('Home')).time, 0, 'Home again');

    // What comes at the ends of a range: what is seen in each picture, until `enough` of it.
    const seenWhile = (enough) => page.evaluate(async (enough) => {
        const seen = [];
        const done = new Function('seen', `return ${enough}`);
        for (const begun = performance.now(); !done(seen) && performance.now() < begun + 15000;) {
            await new Promise(requestAnimationFrame);
            const {time, way, playing} = window.fieldreel.state();
            seen.push({time, way, playing});
        }
        return seen;
    }, enough);
    const inRange = (seen) => seen.every(({time}) => time >= 3 && time <= 3.5);
    await page.evaluate(() => window.fieldreel.seek(3.5));
    await press('o', 'Home', 'Space');
    const once = await seenWhile('seen.at(-1)?.playing === false');
    same([once.at(-1).time, once.at(-1).playing, inRange(once)], [3.5, false, true], 'once: stops at the end of the range');
    await press('Shift+L', 'Home', 'Space');
    const again = await seenWhile('seen.filter(({time}, i) => i > 0 && time < seen[i - 1].time).length >= 2');
    check(inRange(again) && again.every(({way, playing}) => way === 1 && playing), 'loop: begins again, forwards');
    check(again.filter(({time}, i) => i > 0 && time < again[i - 1].time).length >= 2, 'loop: twice');
    await press('Shift+L');
    const turns = await seenWhile('seen.filter(({way}, i) => i > 0 && way !== seen[i - 1].way).length >= 3');
    check(turns.filter(({way}, i) => i > 0 && way !== turns[i - 1].way).length >= 3, 'ping-pong: turns at both ends');
    check(inRange(turns) && turns.every(({time, way}, i) => i === 0 || way !== turns[i - 1].way || (time - turns[i - 1].time) * way >= 0),
        'ping-pong: goes where it says, within the range');
    await press('Space', 'Shift+L', '\\');
    same((await state(page)).to > 6, true, 'no range');
    // Twice as fast is twice the way of each picture; some are late in a busy browser, so the median counts.
    await press('Home', ']', 'Space');
    const twice = await page.evaluate(async () => {
        const ways = [];
        let last = null;
        for (const begun = performance.now(); ways.length < 15 && performance.now() < begun + 20000;) {
            const now = [await new Promise(requestAnimationFrame), window.fieldreel.state().time];
            if (last && now[0] - last[0] < 200) {
                ways.push((now[1] - last[1]) / (now[0] - last[0]) * 1000);
            }
            last = now;
        }
        return ways.sort((a, b) => a - b)[ways.length >> 1];
    });
    check(Math.abs(twice - 2) < 0.05, `2x is ${twice} s per second`);
    await press('Space', 'Backspace');
    await page.evaluate(() => window.fieldreel.seek(1.45));
    same((await press('n')).time > 1.45, true, 'next event');
    await page.evaluate(() => window.fieldreel.seek(5));
    same((await press('m')).bookmarks, [5], 'bookmark');
    await press('Home');
    same((await press('Alt+ArrowRight')).time, 5, 'to the bookmark');
    same((await press('c')).fields[0].colors === 'magma', false, 'other colours');
    same((await press('Shift+C')).fields[0].colors.endsWith('_r'), true, 'reversed');
    const limits = (await press('a')).fields[0];
    check(limits.vmin !== 0 || limits.vmax !== 1, 'limits of the frame');
    same((await press('a')).fields[0].vmax, 1, 'limits as given');
    same((await press('2')).layers[1].shown, false, 'layer 2 off');
    same((await press('2')).layers[1].shown, true, 'layer 2 on');
    same((await press('d')).theme, 'dark', 'dark');
    await press('d', '?');
    check(await page.isVisible('#help-popup'), 'help');
    await press('Escape');
    check(!(await page.isVisible('#help-popup')), 'Esc closes');
    await press('g');
    await page.keyboard.type('#42');
    same((await press('Enter')).frame, 42, 'go to a frame');
    await press('g');
    await page.keyboard.type('0:07.5');
    check(Math.abs((await press('Enter')).time - 7.5) < 1e-9, 'go to a time');
    await press('g');
    await page.keyboard.type('soon');
    await press('Enter');
    check(/Give seconds/.test(await page.textContent('#goto-wrong')), 'what is no time is said');
    await press('Escape');

    const box = await page.locator('#timeline').boundingBox();
    await page.mouse.move(box.x + 4 + (box.width - 8) * 0.25, box.y + 12);
    await page.mouse.down();
    await page.mouse.move(box.x + 4 + (box.width - 8) * 0.4, box.y + 12);
    await page.mouse.move(box.x + 4 + (box.width - 8) * 0.5, box.y + 12);
    await page.mouse.up();
    const dragged = await press();
    check(Math.abs(dragged.time - dragged.to / 2) < 0.1, `dragged to the middle: ${dragged.time}`);
    await page.keyboard.down('Shift');
    await page.mouse.move(box.x + box.width * 0.2, box.y + 12);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 12);
    await page.mouse.up();
    await page.keyboard.up('Shift');
    const shifted = await state(page);
    check(shifted.from > 3 && shifted.to < 13, 'Shift and drag set the range');
    await press('\\');

    // Any speed; what is none is said.
    const typeSpeed = async (words) => {
        await page.click('#speed');
        await page.keyboard.type(words);
        await page.keyboard.press('Enter');
        return (await state(page)).speed;
    };
    same(await typeSpeed('0.3'), 0.3, 'a speed of 0.3');
    same(await page.inputValue('#speed'), '0.3\u00d7', 'and its words');
    same(await typeSpeed('1/3x'), 1 / 3, 'a third');
    same(await typeSpeed('fast'), 1 / 3, 'no speed');
    same(await page.getAttribute('#speed', 'aria-invalid'), 'true', 'which is said');
    same(await typeSpeed('0'), 1 / 3, 'nothing');
    same(await typeSpeed('2'), 2, 'two');
    same((await press(']')).speed, 4, 'a key goes on from there');
    await press('Backspace');

    // What the wheel holds stays under the mouse; a drag moves it; not beyond the ends; F shows all.
    const pointOf = (x, y) => page.evaluate(([x, y]) => {
        const {canvas, layout} = window.fieldreel.screen();
        const scale = canvas.clientWidth / canvas.width;
        const box = canvas.getBoundingClientRect();
        const {left, top, width, height} = layout.panels[0].picture;
        return [box.left + Math.round(left + width * x) * scale, box.top + Math.round(top + height * y) * scale];
    }, [x, y]);
    const wordsAt = async (at) => {
        await page.mouse.move(...at);
        await page.evaluate(() => window.fieldreel.settled());
        return (await page.textContent('#readout')).split(' \u00b7 ')[0];
    };
    const placeOf = (words) => words.split(', ').map((word) => Number.parseFloat(word));
    const turn = async (times) => {
        for (let i = 0; i < times; ++i) {
            await page.mouse.wheel(0, -100);
            await page.evaluate(() => new Promise(requestAnimationFrame));
        }
        await page.waitForTimeout(100);
        await page.evaluate(() => window.fieldreel.settled());
    };
    await wordsAt(await pointOf(0.5, 0.5));
    await turn(8); // then all of the cell is filled
    const held = await pointOf(0.7, 0.4);
    const before = placeOf(await wordsAt(held));
    await turn(3);
    check(Math.abs((await state(page)).zoom - 1.25 ** 11) < 1e-9, `the wheel enlarges: ${(await state(page)).zoom}`);
    const after = placeOf(await wordsAt(held));
    check(Math.hypot(before[0] - after[0], before[1] - after[1]) < 0.15, `held ${before}, now ${after}`);
    await page.mouse.down();
    await page.mouse.move(held[0] - 60, held[1] + 25, {steps: 4});
    await page.mouse.up();
    const dragged2 = placeOf(await wordsAt([held[0] - 60, held[1] + 25]));
    check(Math.hypot(after[0] - dragged2[0], after[1] - dragged2[1]) < 0.1, `dragged ${after}, now ${dragged2}`);
    await page.mouse.down();
    await page.mouse.move(held[0] + 3000, held[1] + 3000, {steps: 3});
    await page.mouse.up();
    const corner = await page.evaluate(() => {
        const {picture, whole} = window.fieldreel.screen().layout.panels[0];
        return [whole.left - picture.left, whole.top - picture.top];
    });
    same(corner, [0, 0], 'not beyond the corner');
    const [atX, atY] = await pointOf(0.5, 0.5);
    await page.mouse.move(atX, atY);
    await page.mouse.down();
    await page.mouse.move(atX - 20, atY - 10, {steps: 2});
    await page.mouse.up();
    await page.evaluate(() => window.fieldreel.settled());
    const returned = await page.evaluate(() => {
        const {picture, whole} = window.fieldreel.screen().layout.panels[0];
        return [whole.left - picture.left, whole.top - picture.top];
    });
    check(Math.hypot(returned[0] + 20, returned[1] + 10) < 1.5, `and at once back from there: ${returned}`);
    check((await press('f')).zoom === 1, 'F shows all');
    check((await press('+', '+')).zoom > 1.5, '+ enlarges');
    await page.click('#fit');
    same((await state(page)).zoom, 1, 'the button shows all');
    await press('Backspace');

    // The value under the mouse is that of the bin.
    await page.evaluate(() => window.fieldreel.seek(2.01));
    const panel = await page.evaluate(() => {
        const {canvas, layout} = window.fieldreel.screen();
        const scale = canvas.clientWidth / canvas.width;
        const box = canvas.getBoundingClientRect();
        const {left, top, width, height} = layout.panels[0].picture;
        return [box.left + (left + width * 0.5) * scale, box.top + (top + height * 0.31) * scale];
    });
    await page.mouse.move(...panel);
    const probed = await page.evaluate(() => window.fieldreel.probe());
    check(probed && probed.bin >= 0 && Number.isFinite(probed.value), 'a value under the mouse');
    check((await page.textContent('#readout')).includes(`bin ${probed && probed.bin}: `), 'and its words');

    // A picture to save; slider, labels and sizes for those who do not see or have large fingers.
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#shot')]);
    check(download.suggestedFilename().endsWith('.png'), 'a picture is saved');
    check(/frame/.test(await page.getAttribute('#timeline', 'aria-valuetext')), 'the slider says where it is');
    same(await page.$$eval('button', (all) => all.filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim())).length),
        0, 'every button has a name');
    // Nothing is read aloud of each frame.
    const told = await page.evaluate(async () => {
        let count = 0;
        const seen = new MutationObserver((all) => { count += all.length; });
        for (const one of document.querySelectorAll('[role=status], [role=alert], [role=slider]')) {
            seen.observe(one, {childList: true, characterData: true, subtree: true, attributes: true,
                attributeFilter: ['aria-valuetext', 'aria-valuenow', 'aria-label']});
        }
        await window.fieldreel.seek(1);
        window.fieldreel.play();
        await new Promise((give) => setTimeout(give, 200));
        count = 0;
        await new Promise((give) => setTimeout(give, 800));
        const out = count;
        window.fieldreel.pause();
        return out;
    });
    same(told, 0, 'words for a screen reader while it plays');

    // Words stand out from their ground by 4.5 or more, borders of what is typed into by 3 (WCAG 2.1 AA).
    for (const theme of ['light', 'dark']) {
        const low = await page.evaluate((theme) => {
            document.documentElement.dataset.theme = theme;
            const style = getComputedStyle(document.documentElement);
            const luminance = (name) => {
                const color = style.getPropertyValue(name).trim();
                return [[1, 0.2126], [3, 0.7152], [5, 0.0722]].reduce((sum, [at, part]) => {
                    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
                    return sum + part * (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
                }, 0);
            };
            const ratio = (a, b) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);
            return ['--ink', '--pale', '--accent', '--warn'].flatMap((words) => ['--page', '--panel'].map((ground) =>
                [words, ground, ratio(words, ground)])).filter(([, , value]) => !(value >= 4.5));
        }, theme);
        same(low, [], `${theme}: contrast`);
    }
    const border = await page.evaluate(() => getComputedStyle(document.getElementById('speed')).borderTopColor);
    same(border, await page.evaluate(() => getComputedStyle(document.querySelector('#place small')).color), 'the border of a field');
    quiet(opened, 'keys');
    await opened.close();
}
{
    const opened = await open('everything.html', {hash: '#t=12.5', width: 390, height: 700});
    await started(opened.page);
    same((await state(opened.page)).time, 12.5, 'a link to a time');
    const wide = await opened.page.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= 390, `no wider than a phone: ${wide}`);
    await opened.page.evaluate(() => { location.hash = '#t=3'; });
    await opened.page.waitForFunction(() => window.fieldreel.state().drawn === 3);
    quiet(opened, 'phone');
    await opened.close();
}
{
    const opened = await open('odd.html');
    await started(opened.page);
    same(await opened.page.evaluate(() => window.broken), undefined, 'titles are no scripts');
    check((await opened.page.title()).startsWith('<script>window.broken'), 'the title is whole');
    quiet(opened, 'odd words');
    await opened.close();
}

{
    const opened = await open('one.html');
    const {page} = opened;
    await started(page);
    for (const key of ['ArrowRight', 'End', 'Home', 'Shift+ArrowLeft', 'a', 'c', 'n', 'Space']) {
        await page.keyboard.press(key);
    }
    await page.evaluate(() => window.fieldreel.settled());
    const now = await state(page);
    same([now.frame, now.from], [0, 1.6e9], 'one frame');
    check(Number.isNaN(await page.evaluate(() => window.fieldreel.value(0, 5))), 'without a value');
    quiet(opened, 'one frame of NaN');
    await opened.close();
}

// ---- damage

const whole = readFileSync(join(folder, 'everything.html'), 'latin1');
const damagedPage = async ([name, text, words, before]) => {
    writeFileSync(join(folder, name), text, 'latin1');
    const {page, close} = await open(name, {before});
    const seen = () => page.evaluate(() => {
        const shown = document.getElementById('problem');
        return shown && !shown.hidden && getComputedStyle(shown).opacity === '1' ? shown.textContent : '';
    });
    let said = await seen();
    for (const begun = Date.now(); !said.startsWith(words) && Date.now() < begun + 20000;) {
        await page.waitForTimeout(50); // where no script runs, or a slow one, the page's own sentence comes after 3 s
        said = await seen();
    }
    check(said.startsWith(words), `${name}: "${said}" instead of "${words}"`);
    await close();
};
const flipped = (at) => whole.slice(0, at) + (whole[at] === 'B' ? 'C' : 'B') + whole.slice(at + 1);
const inside = (id, by = 200) => whole.indexOf('>', whole.indexOf(`id="${id}"`)) + by;
const replaced = (from, to) => {
    check(from instanceof RegExp ? from.test(whole) : whole.includes(from), `${from} is in the page`);
    return whole.replace(from, to);
};
const still = 'This page cannot play its recording here: the file is damaged or cut off, or scripts are switched off.';
const cut = 'This file is cut off: its end is missing, and what is missing is not shown.';
const player = 'This file is damaged: a part of the player is not what was written.';
const part = 'A part of this file is damaged and is not shown.';
const begin = 'This file is damaged or cut off: the recording\'s times cannot be read.';
const damages = [
    ['half.html', whole.slice(0, whole.length / 2), still],
    ['cut_body.html', whole.slice(0, whole.indexOf('id="timeline"')), still],
    ['cut_about.html', whole.slice(0, inside('about')), still],
    ['cut_chunk.html', whole.slice(0, whole.indexOf('id="s0.3"') + 300), cut],
    ['cut_film.html', whole.slice(0, inside('s1.0', 40)), cut],
    ['cut_end.html', whole.slice(0, whole.indexOf('id="end"') - 40), cut],
    ['worker.html', flipped(inside('worker')), player],
    ['program.html', flipped(inside('program')), player],
    ['about.html', flipped(inside('about')), player],
    ['boot.html', replaced('Looks whether', 'Looks\n} whether'), still],
    ['field.html', flipped(inside('s0.0')), part],
    ['film.html', flipped(inside('s1.0', 40)), part],
    ['checksum.html', replaced(/(id="s0.0" data-how="\d+" data-check=")\d+/, '$17'), part],
    ['how.html', replaced(/(id="s0.0" data-how=")\d/, (all, start) => `${start}${all.endsWith('0') ? 1 : 0}`), part],
    ['name.html', replaced('id="s0.1"', 'id="s0.q"'), part],
    ['exchanged.html', replaced('id="s0.0"', 'id="s0.q"').replace('id="s0.1"', 'id="s0.0"').replace('id="s0.q"', 'id="s0.1"'), part],
    ['list.html', flipped(inside('a1.0') - 150), begin],
    ['list_how.html', replaced(/(id="a1.0" data-how=")\d/, '$12'), begin],
    ['everything_old.html', whole, 'This page needs a browser with DecompressionStream: Chrome or Edge 80, Firefox 113,', () => {
        delete window.DecompressionStream;
    }],
];
await Promise.all([0, 1, 2, 3].map(async () => { // four at a time: some wait three seconds for a sentence
    while (damages.length > 0) {
        await damagedPage(damages.shift());
    }
}));

await browser.close();
console.log(failed === 0 ? 'the pages play' : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
