// SPDX-License-Identifier: MIT
// How an exported page plays in headless Chromium: first picture, seeks, pictures per second, decoded bytes.
//   FIELDREEL_KEEP_PAGES=dir bench/run.sh --filter html     writes dir/long_100000.html
//   node page_bench.mjs PLAYWRIGHT-FOLDER CHROMIUM PAGE.html
import {createRequire} from 'node:module';
import {loadavg} from 'node:os';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

const [playwright, executablePath, file] = process.argv.slice(2);
const {chromium} = createRequire(join(resolve(playwright), 'index.js'))(resolve(playwright));
const browser = await chromium.launch({executablePath, args: ['--no-sandbox']});
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const row = (what, value, unit, goal) => console.log(`${what.padEnd(44)} ${value.toFixed(1).padStart(8)} ${unit.padEnd(10)} ${goal}`);

console.log(`load average before: ${loadavg()[0].toFixed(1)}`);
const firsts = [];
let page = null;
for (let round = 0; round < 5; ++round) {
    await page?.close();
    page = await browser.newPage({viewport: {width: 1280, height: 860}});
    await page.goto(pathToFileURL(resolve(file)).href, {waitUntil: 'commit', timeout: 90000});
    await page.waitForFunction(() => window.fieldreel && !Number.isNaN(window.fieldreel.state().firstPictureMs), null, {timeout: 60000});
    firsts.push(await page.evaluate(() => window.fieldreel.state().firstPictureMs));
}
row('first picture, after the navigation', median(firsts), 'ms', '1500 or less');
await page.waitForLoadState('load');
await page.waitForFunction(() => window.fieldreel.state().ready);

const seeks = await page.evaluate(async () => {
    const {from, to} = window.fieldreel.state();
    const out = [];
    for (let i = 0; i < 60; ++i) {
        const time = from + (to - from) * ((i * 0.61803398875) % 1);
        const begun = performance.now();
        await window.fieldreel.seek(time);
        out.push(performance.now() - begun);
        await new Promise((give) => setTimeout(give, 120)); // look-ahead is not what is measured
    }
    return out.sort((a, b) => a - b);
});
row('seek to where nothing is decoded, median', median(seeks), 'ms', '50 or less');
row('seek, the 95th percentile', seeks[Math.floor(0.95 * seeks.length)], 'ms', '');

// Also what the page's thread computes for a picture, drawing too: that is the same beside other work.
const devtools = await page.context().newCDPSession(page);
await devtools.send('Performance.enable', {timeDomain: 'threadTicks'});
const computed = async () => {
    const {metrics} = await devtools.send('Performance.getMetrics');
    return [metrics.find(({name}) => name === 'TaskDuration').value, await page.evaluate(() => window.fieldreel.state().pictures)];
};
const before = await computed();
const played = await page.evaluate(async () => {
    await window.fieldreel.seek(window.fieldreel.state().from);
    window.fieldreel.play();
    await new Promise((give) => setTimeout(give, 500));
    const begun = [performance.now(), window.fieldreel.state()];
    const gaps = [];
    let last = begun[0];
    let pictures = begun[1].pictures;
    while (performance.now() - begun[0] < 5000) {
        await new Promise(requestAnimationFrame);
        const now = window.fieldreel.state().pictures;
        if (now > pictures) {
            gaps.push(performance.now() - last);
            last = performance.now();
            pictures = now;
        }
    }
    const ended = [performance.now(), window.fieldreel.state()];
    window.fieldreel.pause();
    const seconds = (ended[0] - begun[0]) / 1000;
    return {perSecond: (ended[1].pictures - begun[1].pictures) / seconds, behind: seconds - (ended[1].time - begun[1].time),
        p99: gaps.sort((a, b) => a - b)[Math.floor(0.99 * gaps.length)]};
});
const after = await computed();
row('of the page\'s thread for a picture, mean', 1000 * (after[0] - before[0]) / (after[1] - before[1]), 'ms', '8 or less');
row('pictures per second while playing', played.perSecond, 'pictures/s', '60');
row('99 % of them follow within', played.p99, 'ms', '');
row('behind the clock after 5 s', 1000 * played.behind, 'ms', '');

const bytes = await page.evaluate(async () => {
    let most = 0;
    const {from, to} = window.fieldreel.state();
    for (let i = 0; i < 150; ++i) {
        await window.fieldreel.seek(from + (to - from) * i / 150);
        most = Math.max(most, window.fieldreel.state().decodedBytes);
    }
    return most;
});
row('most decoded bytes, all seen', bytes / 1e6, 'MB', '268 or less');
await browser.close();
