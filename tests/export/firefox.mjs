// SPDX-License-Identifier: MIT
// Opens exported pages from disk in Firefox, presses keys, plays, and compares pictures with the renderer's. Speaks
// Marionette, Firefox's own protocol (https://firefox-source-docs.mozilla.org/testing/marionette), without packages.
//   node firefox.mjs FIREFOX PAGES-FOLDER        FIELDREEL_KEEP_SCREENS=1 leaves screenshots in the folder
import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {connect} from 'node:net';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {comparedPixels, comparedScreen} from './page_pixels.mjs';

const [program, folder] = [process.argv[2], resolve(process.argv[3])];
const wait = (ms) => new Promise((give) => setTimeout(give, ms));
let failed = 0;
const check = (good, words) => {
    if (!good) {
        failed += 1;
        console.log(`FAILED: ${words}`);
    }
};
const same = (a, b, words) => check(JSON.stringify(a) === JSON.stringify(b),
    `${words}: ${JSON.stringify(a)} instead of ${JSON.stringify(b)}`);

// ---- Firefox and what it is told

const profile = mkdtempSync(join(tmpdir(), 'fieldreel_firefox_'));
const settings = {'marionette.port': 0, 'ui.systemUsesDarkTheme': 0, 'app.normandy.enabled': false,
    'datareporting.policy.dataSubmissionEnabled': false, 'network.captive-portal-service.enabled': false,
    'network.connectivity-service.enabled': false, 'browser.safebrowsing.update.enabled': false};
writeFileSync(join(profile, 'user.js'), Object.entries(settings)
    .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(''));
const browser = spawn(program, ['--headless', '--no-remote', '--marionette', '--remote-allow-system-access', '--profile', profile],
    {stdio: 'ignore', env: {...process.env, HOME: profile}}); // not the user's own
let ended = false;
const gone = new Promise((give) => {
    const end = () => {
        ended = true;
        give();
    };
    browser.on('exit', end);
    browser.on('error', end);
});
const finish = async (words) => {
    browser.kill();
    await Promise.race([gone, wait(5000)]);
    browser.kill('SIGKILL');
    rmSync(profile, {recursive: true, force: true, maxRetries: 5, retryDelay: 200});
    console.log(words);
    process.exit(failed === 0 ? 0 : 1);
};
const giveUp = (words) => {
    failed += 1;
    return finish(`FAILED: ${words}`);
};
process.on('unhandledRejection', (wrong) => giveUp(wrong.stack ?? String(wrong)));
setTimeout(() => giveUp('Firefox did not answer for ten minutes'), 600000).unref();

const portFile = join(profile, 'MarionetteActivePort');
for (const begun = Date.now(); !existsSync(portFile) || readFileSync(portFile, 'utf8') === '';) {
    if (ended || Date.now() > begun + 60000) {
        await giveUp(ended ? `${program} ended at once` : `${program} opened no port for its protocol within a minute`);
    }
    await wait(100);
}

// Both ways "LENGTH:JSON"; a command is [0, id, name, parameters], its answer [1, id, error, result].
const command = await (async () => {
    const socket = connect(Number(readFileSync(portFile, 'utf8')), '127.0.0.1');
    const waiting = new Map();
    let bytes = Buffer.alloc(0);
    let greeted;
    const greeting = new Promise((give) => { greeted = give; });
    socket.on('data', (some) => {
        bytes = Buffer.concat([bytes, some]);
        for (let colon = bytes.indexOf(':'); colon > 0; colon = bytes.indexOf(':')) {
            const end = colon + 1 + Number(bytes.toString('latin1', 0, colon));
            if (bytes.length < end) {
                return;
            }
            const message = JSON.parse(bytes.toString('utf8', colon + 1, end));
            bytes = bytes.subarray(end);
            if (!Array.isArray(message)) {
                greeted();
                continue;
            }
            const [, id, error, result] = message;
            const {give, refuse} = waiting.get(id);
            waiting.delete(id);
            if (error) {
                refuse(new Error(`${error.error}: ${error.message}`));
            } else {
                give(result);
            }
        }
    });
    await greeting;
    let last = 0;
    return (name, parameters = {}) => new Promise((give, refuse) => {
        const id = ++last;
        waiting.set(id, {give, refuse});
        const words = JSON.stringify([0, id, name, parameters]);
        socket.write(`${Buffer.byteLength(words)}:${words}`);
    });
})();
const {capabilities} = await command('WebDriver:NewSession', {capabilities: {alwaysMatch: {'moz:accessibilityChecks': false}}});
const run = async (script, ...args) =>
    (await command('WebDriver:ExecuteScript', {script: `return (${script})(...arguments);`, args})).value;
// As the browser itself, not as a page.
const inside = async (script, ...args) => {
    await command('Marionette:SetContext', {value: 'chrome'});
    const out = await run(script, ...args);
    await command('Marionette:SetContext', {value: 'content'});
    return out;
};
const until = async (test, what) => {
    for (const begun = Date.now(); !(await run(test));) {
        if (Date.now() > begun + 60000) {
            await giveUp(`${what} did not come within a minute`);
        }
        await wait(30);
    }
};
const open = async (name, hash = '') => {
    await inside(() => Services.console.reset());
    await command('WebDriver:Navigate', {url: pathToFileURL(join(folder, name)).href + hash});
};
const started = () => until(() => Boolean(window.fieldreel && window.fieldreel.state().ready &&
    !Number.isNaN(window.fieldreel.state().drawn)), 'the first picture');
const state = () => run(async () => {
    await window.fieldreel.settled();
    return window.fieldreel.state();
});
const quiet = async (what) => {
    const said = await inside(() => Services.console.getMessageArray().map((one) => {
        const source = one instanceof Ci.nsIScriptError ? one.sourceName : '';
        return [source.slice(0, 60), one.message];
    }).filter(([source, words]) => /^(file|blob|data):/.test(source) || /file:\/\/\//.test(words)).map(([, words]) => words));
    same(said, [], `${what}: the console`);
    const asked = await run(() => performance.getEntriesByType('resource').map(({name}) => name));
    same(asked.filter((url) => !/^(blob|data):/.test(url)), [], `${what}: requests`);
};
const named = {ArrowRight: '\uE014', ArrowLeft: '\uE012', Home: '\uE011', End: '\uE010', Space: ' ', Shift: '\uE008', Escape: '\uE00C',
    Backspace: '\uE003'};
const press = async (...keys) => {
    for (const key of keys) {
        const parts = key.split('+').map((part) => named[part] ?? part);
        const actions = [...parts.map((value) => ({type: 'keyDown', value})),
            ...parts.reverse().map((value) => ({type: 'keyUp', value}))];
        await command('WebDriver:PerformActions', {actions: [{type: 'key', id: 'keys', actions}]});
    }
    return state();
};
const move = (points, button = false) => {
    const to = ([x, y]) => ({type: 'pointerMove', x: Math.round(x), y: Math.round(y), origin: 'viewport', duration: 0});
    const [first, ...rest] = points;
    const down = button ? [{type: 'pointerDown', button: 0}] : [];
    const up = button ? [{type: 'pointerUp', button: 0}] : [];
    return command('WebDriver:PerformActions', {actions: [{type: 'pointer', id: 'mouse',
        parameters: {pointerType: 'mouse'}, actions: [to(first), ...down, ...rest.map(to), ...up]}]});
};
// Of the page; windows of Firefox are not as narrow as phones.
const sized = async (width, height) => {
    await inside((w, h) => {
        const {style} = window.gBrowser.selectedBrowser;
        [style.minWidth, style.maxWidth, style.minHeight, style.maxHeight] = [w, w, h, h].map((size) => `${size}px`);
    }, width, height);
    await until(`() => innerWidth === ${width} && innerHeight === ${height}`, `a page of ${width} x ${height}`);
    await run(() => new Promise((give) => requestAnimationFrame(() => requestAnimationFrame(give))));
    return state();
};
const shot = async (name) => {
    await run(() => window.fieldreel.settled());
    const png = (await command('WebDriver:TakeScreenshot', {full: false})).value;
    if (process.env.FIELDREEL_KEEP_SCREENS) {
        writeFileSync(join(folder, `firefox_${name}.png`), Buffer.from(png, 'base64'));
    }
    return png;
};

// ---- pictures

await command('WebDriver:SetWindowRect', {width: 1400, height: 1000});
const references = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8'));
for (const {page, rows, cols, moments} of references.filter((one) => ['everything.html', 'two.html'].includes(one.page))) {
    await open(page);
    await started();
    await run(async () => {
        window.fieldreel.state().layers.forEach((none, i) => window.fieldreel.layer(i, false));
        await window.fieldreel.settled();
    });
    for (const moment of moments.filter(({frames}) => frames[0] !== null)) {
        const what = `${page} at ${moment.time} s`;
        await run((time) => window.fieldreel.seek(time), moment.time);
        await run((docked) => window.fieldreel.bare(docked), moment.dock !== null);
        same((await state()).frame, moment.frames[0], `${what}: the frame`);
        const png = readFileSync(join(folder, moment.fields)).toString('base64');
        const found = await run(comparedPixels, {png, rows, cols, panels: moment.panels});
        same(found.rects, moment.panels, `${what}: where the fields are`);
        same([found.off, found.missing], [0, 0], `${what}: pixels more than one colour off, and of other colours`);
    }
    await quiet(page);
}

// ---- keys, mouse, playing

await open('everything.html', '#t=12.5');
await started();
same((await state()).time, 12.5, 'a link to a time');
await sized(1280, 800);
same((await press('Home')).frame, 0, 'Home');
same((await press('ArrowRight', 'ArrowRight', '.')).frame, 3, 'three frames ahead');
same((await press('ArrowLeft', ',')).frame, 1, 'two back');
check(Math.abs((await press('Shift+ArrowRight')).time - 1 - 1 / 30) < 1e-6, 'Shift+right is a second');
same((await press('End')).frame, 599, 'End');
same((await press(']')).speed, 2, 'faster');
same((await press('Backspace')).speed, 1, 'once');
same((await press('Shift+l')).loop, 'loop', 'Shift+L');
same((await press('Shift+l')).loop, 'ping-pong', 'again');
await press('Shift+l');
const begun = await press('Home', 'Space');
check(begun.playing, 'Space plays');
await until(`() => window.fieldreel.state().time > ${begun.time + 0.5}`, 'half a second of playing');
const played = await press('Space');
check(!played.playing && played.pictures > begun.pictures + 5, `played ${played.pictures - begun.pictures} pictures`);
same((await press('g', '#', '4', '2', '\uE007')).frame, 42, 'go to a frame');

const timeline = await run(() => {
    const {left, top, width, height} = document.getElementById('timeline').getBoundingClientRect();
    return [left, top, width, height];
});
const along = (part) => [timeline[0] + 4 + (timeline[2] - 8) * part, timeline[1] + timeline[3] / 3];
await move([along(0.25), along(0.4), along(0.5)], true);
const dragged = await state();
check(Math.abs(dragged.time - dragged.to / 2) < 0.1, `dragged to the middle: ${dragged.time}`);

await run(() => window.fieldreel.seek(2.01));
await move([await run(() => {
    const {canvas, layout} = window.fieldreel.screen();
    const {left, top, width, height} = layout.panels[0].picture;
    const box = canvas.getBoundingClientRect();
    const scale = canvas.clientWidth / canvas.width;
    return [box.left + (left + width * 0.5) * scale, box.top + (top + height * 0.31) * scale];
})]);
const probed = await run(() => ({...window.fieldreel.probe(), words: document.getElementById('readout').textContent}));
const expected = await run((bin) => window.fieldreel.value(0, bin), probed.bin);
check(Number.isFinite(probed.value) && probed.value === expected && probed.words.includes(`bin ${probed.bin}: `),
    `a value under the mouse: ${JSON.stringify(probed)}`);

// ---- what is seen

await move([[2, 2]]);
for (const [name, width, height] of [['desk', 1280, 800], ['phone', 390, 800]]) {
    await sized(width, height);
    check(await run(() => document.documentElement.scrollWidth <= innerWidth), `${name}: no wider than the window`);
    for (const theme of ['light', 'dark']) {
        same((await state()).theme, theme, `${name}: the theme`);
        const seen = await run(comparedScreen, {png: await shot(`${name}_${theme}`)});
        same([seen.off, seen.width], [0, width], `${name}, ${theme}: pixels of the screenshot that are not the picture's, its width`);
        check(seen.colors > 20, `${name}, ${theme}: ${seen.colors} colours`);
        await press('d');
    }
}
await quiet('everything.html');

// ---- odd words, one frame, damage

await open('odd.html');
await started();
same(await run(() => typeof window.broken), 'undefined', 'titles are no scripts');
await quiet('odd.html');
await open('one.html');
await started();
same((await press('ArrowRight', 'End', 'a', 'Space')).frame, 0, 'one frame');
await quiet('one.html');

const whole = readFileSync(join(folder, 'everything.html'), 'latin1');
const flipped = (at) => whole.slice(0, at) + (whole[at] === 'A' ? 'B' : 'A') + whole.slice(at + 1);
for (const [name, text, words] of [['half', whole.slice(0, whole.length / 2), 'This page cannot play its recording here'],
    ['flipped', flipped(whole.indexOf('>', whole.indexOf('id="s0.0"')) + 200), 'A part of this file is damaged']]) {
    writeFileSync(join(folder, `firefox_${name}.html`), text, 'latin1');
    await open(`firefox_${name}.html`);
    await until(`() => { const shown = document.getElementById('problem');
        return !shown.hidden && getComputedStyle(shown).opacity === '1' && shown.textContent.startsWith('${words}'); }`, `"${words}"`);
}

await finish(failed === 0 ? `the pages play in Firefox ${capabilities.browserVersion}` : `${failed} failed`);
