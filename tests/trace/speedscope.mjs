// SPDX-License-Identifier: MIT
// Loads traces with the importer of the real speedscope (npm install speedscope), outside of a browser.
//   node speedscope.mjs SPEEDSCOPE-PACKAGE-FOLDER TRACE.json...
// Each must import as at least one profile with time in it; its spans' names must be the rows, and nothing else.
import {readFileSync, readdirSync} from 'node:fs';
import {basename, join} from 'node:path';
import vm from 'node:vm';

const [folder, ...files] = process.argv.slice(2);
const release = join(folder, 'dist', 'release');
const bundle = readdirSync(release).find((name) => /^speedscope-.*\.js$/.test(name));
let code = readFileSync(join(release, bundle), 'utf8');

// The bundle keeps its importer to itself: hand the module out where it is loaded.
const module = /(\w+)=\{\};\$?\w+\(\1,\{[^}]*importProfileGroupFromText:/.exec(code)?.[1];
const load = module && new RegExp(`Promise\\.resolve\\(\\)\\.then\\(\\(\\)=>\\(\\w+\\(\\),${module}\\)\\)`).exec(code)?.[0];
if (!load) {
    console.log(`skipped: ${bundle} is put together in a way this script does not know`);
    process.exit(0);
}
code = code.replace(load, `(globalThis.importer=${load})`);

// Enough of a browser for the rest of the bundle to load; what it then misses does not concern the importer.
const anything = () => new Proxy(function () {}, {
    get: (target, key) => key === Symbol.toPrimitive ? () => '' : key === 'then' ? undefined : anything(),
    apply: () => anything(), construct: () => anything(), set: () => true, has: () => true,
});
const context = vm.createContext({
    console: {...console, log() {}, warn() {}}, TextDecoder, TextEncoder, URL, setTimeout, clearTimeout, performance,
    atob, btoa, fetch: undefined, navigator: {platform: '', userAgent: ''}, location: {hash: '', protocol: 'file:'},
    document: anything(), localStorage: anything(), requestAnimationFrame() {}, addEventListener() {},
    matchMedia: () => ({matches: false, addListener() {}, addEventListener() {}}), HTMLElement: class {},
});
context.window = context.self = context;
try {
    vm.runInContext(code, context);
} catch (problem) {
    if (!context.importer) {
        throw problem;
    }
}
const importer = await context.importer;

let failed = 0;
for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const complain = (what) => { console.log(`${file}: ${what}`); ++failed; };
    const records = JSON.parse(text);
    const wanted = new Set(records.filter((r) => r.ph === 'X').map((r) => r.name));
    const threads = new Set(records.filter((r) => r.ph === 'X').map((r) => r.tid));
    const group = await importer.importProfileGroupFromText(basename(file), text);
    if (!group || group.profiles.length === 0) {
        complain('not imported');
        continue;
    }
    const found = new Set();
    let weight = 0;
    for (const profile of group.profiles) {
        weight += profile.getTotalNonIdleWeight();
        profile.forEachFrame((frame) => found.add(frame.name));
    }
    if (!(weight > 0)) complain('imported without any time');
    if (group.profiles.length !== threads.size) complain(`${group.profiles.length} profiles of ${threads.size} threads`);
    for (const name of wanted) if (!found.has(name)) complain(`the span ${JSON.stringify(name)} is missing`);
    for (const name of found) if (!wanted.has(name)) complain(`the row ${JSON.stringify(name)} is no span`);
}
console.log(`${files.length - failed} of ${files.length} traces imported by speedscope`);
process.exit(failed ? 1 : 0);
