// SPDX-License-Identifier: MIT
// Takes the player's pieces out of the headers, puts them together as a page does, and lints them: node's own parser,
// and ESLint where it is there (npm install eslint).
//   node lint.mjs INCLUDE-FOLDER WORK-FOLDER
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join, resolve} from 'node:path';

const [include, work] = process.argv.slice(2).map((path) => resolve(path));
const headers = join(include, 'fieldreel', 'export');
const pieces = {};
for (const name of readdirSync(headers).filter((one) => /^player_.*\.hpp$/.test(one))) {
    for (const [, piece, text] of readFileSync(join(headers, name), 'utf8').matchAll(/string_view (\w+) =\s+R"js\(([^]*?)\)js"/g)) {
        pieces[piece] = text;
    }
}
const order = /std::array player_program = \{([^}]*)\}/.exec(readFileSync(join(headers, 'html.hpp'), 'utf8'))[1].match(/\w+/g);
const programs = {
    'program.js': order.map((piece) => pieces[piece]).join(''),
    'worker.js': pieces.player_worker,
    'boot.js': pieces.player_boot,
};
mkdirSync(work, {recursive: true});
let failed = false;
for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(work, name), text);
    execFileSync(process.execPath, ['--check', join(work, name)], {stdio: 'inherit'});
    if (/[^\x00-\x7f]/.test(text)) {
        console.log(`${name} is not ASCII`);
        failed = true;
    }
}
const known = {...pieces};
for (const used of [...order, 'player_worker', 'player_boot', 'player_head', 'player_style', 'player_body']) {
    delete known[used];
}
if (Object.keys(known).length > 0) {
    console.log(`in no page: ${Object.keys(known).join(', ')}`);
    failed = true;
}
// What the page's program asks of its elements is there.
const ids = new Set([...pieces.player_body.matchAll(/\bid="([^"]+)"/g)].map((found) => found[1]));
for (const [, id] of programs['program.js'].matchAll(/\belement\("([^"]+)"\)/g)) {
    if (!ids.has(id) && !['worker', 'about', 'end'].includes(id)) {
        console.log(`no element "${id}"`);
        failed = true;
    }
}
if (existsSync(join(work, 'node_modules', 'eslint'))) {
    const {ESLint} = createRequire(join(work, 'index.js'))('eslint');
    const names = (words) => Object.fromEntries(words.split(' ').map((name) => [name, 'readonly']));
    const rules = Object.fromEntries(['no-undef', 'no-unused-vars', 'eqeqeq', 'prefer-const', 'no-var', 'curly', 'no-shadow',
        'no-redeclare', 'no-unreachable', 'no-dupe-keys', 'no-const-assign', 'no-implicit-globals', 'no-eval',
        'no-use-before-define', 'array-callback-return', 'no-self-compare'].map((rule) => [rule, 'error']));
    rules['no-use-before-define'] = ['error', {functions: false, classes: false, variables: false}];
    rules['no-unused-vars'] = ['error', {args: 'after-used', argsIgnorePattern: '^none$', varsIgnorePattern: '^onmessage$'}];
    rules['no-implicit-globals'] = 'off'; // the page puts a function around them
    rules['no-shadow'] = 'off';
    const lint = new ESLint({cwd: work, overrideConfigFile: true, overrideConfig: [{
        files: ['*.js'],
        languageOptions: {ecmaVersion: 2022, sourceType: 'script', globals: names('window document location history ' +
            'addEventListener requestAnimationFrame performance setTimeout clearTimeout Worker Blob URL Response Option Image Text ' +
            'ImageData ResizeObserver TextEncoder DecompressionStream atob postMessage onmessage console')},
        rules: {...rules, 'no-redeclare': ['error', {builtinGlobals: false}]},
    }]});
    for (const {filePath, messages} of await lint.lintFiles(Object.keys(programs))) {
        for (const {line, message, ruleId} of messages) {
            console.log(`${filePath}:${line}: ${message} (${ruleId})`);
            failed = true;
        }
    }
    console.log('ESLint has looked');
} else {
    console.log(`ESLint is not there (npm install --prefix ${work} eslint): node's parser alone has looked`);
}
process.exit(failed ? 1 : 0);
