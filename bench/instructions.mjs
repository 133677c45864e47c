/*
 * "make instructions": how many instructions a request takes on top of the
 * one without our module, for each variant.  Unlike time, they do not depend
 * on what else the machine does: CI holds them to bounds.json.
 *
 * A variant fails that takes 5 % more than its bound, or makes a system call
 * more than the one without our module where it has no reason to.  The bounds
 * are good for the tools that bounds.json lists, of Debian 12; others may
 * decide on more than 5 %, and twice as much is let pass.
 */

import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { undoneWhenTold } from '../demo/proof.mjs';
import { byFunction, Callgrind } from './callgrind.mjs';
import { DIR, Stand } from './stand.mjs';
import { chosen, VARIANTS } from './variants.mjs';

const ONLY = process.env.BENCH_ONLY || '';
const TOP = Math.min(Number(process.env.BENCH_TOP) || 0, 100);
const WRITE = process.env.BENCH_BOUNDS === 'write';
const BOUNDS = fileURLToPath(new URL('bounds.json', import.meta.url));

const HOW = { windows: 5, times: 100, warm: 20 };
const COUNTED = ['one', 'many'];       /* which nginx */
const MARGIN = 0.05;
const MARGIN_ELSEWHERE = 1;
const SAME = 0.01;
const STEP = 100;               /* fewer instructions than that are no change */
const CALLS = 0.5;              /* system calls by which a window may differ */


/* what decides on the instructions, besides the sources */

function tools() {
    const first = (command, ...args) => {
        try {
            return execFileSync(command, args, {
                encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
        } catch {
            return '';
        }
    };
    const cc = process.env.CC || 'cc';
    const kind = /clang/.test(first(cc, '--version')) ? 'clang' : 'gcc';
    const version = (text) => /(\d+)\.(\d+)/.exec(text)?.[0] ?? 'unknown';
    const avx2 = /\bavx2\b/.test(fs.readFileSync('/proc/cpuinfo', 'utf8'));

    return `${process.arch} ${avx2 ? 'with' : 'without'} AVX2, `
        + `${kind} ${parseInt(first(cc, '-dumpversion'), 10)}, `
        + `glibc ${version(first('getconf', 'GNU_LIBC_VERSION'))}, `
        + `OpenSSL ${version(first('openssl', 'version'))}, `
        + `valgrind ${version(first('valgrind', '--version'))}`;
}


/* the next request of a variant */

function requests(stand, variant) {
    const { uri, body } = variant;
    const headers = stand.headers(variant);

    if (variant.token !== 'many') {
        return () => ({ uri, body, headers });
    }

    const tokens = fs.readFileSync(stand.tokens.tokens, 'utf8').split('\n');
    let next = 1;               /* the first one is the token of the others */

    return () => ({ uri, headers: { ...headers,
        Authorization: `Bearer ${tokens[next++]}` } });
}


/* adds to found what the variants of one nginx take */

async function measureAt(stand, at, variants, found) {
    const { nginx, port } = stand.at[at];
    const dir = path.join(DIR, `callgrind-${at}`);
    const callgrind = new Callgrind(nginx, dir);

    await callgrind.start(port);

    const { count: nothing } = await callgrind.least(() => undefined,
        { windows: HOW.windows, times: 0, warm: 0 });

    for (const variant of variants) {
        await stand.check(variant);

        const next = requests(stand, variant);
        const seen = await callgrind.least(() => callgrind.ask(next()), HOW);
        const file = path.join(dir, variant.name.replace(/[^\w]+/g, '-'));

        fs.renameSync(seen.file, file);
        found.set(variant.name, {
            file, count: Math.round((seen.count - nothing) / HOW.times),
            calls: seen.calls / HOW.times });
        stand.empty();
        process.stdout.write('.');
    }

    callgrind.forget();
    callgrind.end();
    await nginx.stop();
}


async function measure(stack, variants) {
    const count = HOW.windows * HOW.times + HOW.warm + 1;
    const stand = await Stand.ofVariants(stack, { count, at: COUNTED });
    const found = new Map();

    for (const at of COUNTED) {
        const here = variants.filter((one) => (one.at ?? 'one') === at);

        if (here.length === 0) {
            continue;
        }

        await measureAt(stand, at, here, found);

        const [alarm] = stand.at[at].nginx.alarms();

        if (alarm) {
            throw new Error(`nginx complains: ${alarm}`);
        }
    }

    process.stdout.write('\n');

    return found;
}


/* for "make performance" */

function keep(variants, found) {
    const extras = variants.filter(({ base }) => base).map(({ name, base }) =>
        [name, found.get(name).count - found.get(base).count]);

    fs.writeFileSync(path.join(DIR, 'instructions.json'),
        JSON.stringify(Object.fromEntries(extras), null, 4));
}


/* -> words about one variant, and whether they are bad */

function judge(extra, bound, margin) {
    if (bound === undefined) {
        return ['FAILED: it has no bound', true];
    }

    const percent = ((extra / bound - 1) * 100).toFixed(1);

    if (extra > bound * (1 + margin) && extra > bound + STEP) {
        return [`FAILED: ${extra} are ${percent} % above the bound ${bound}`,
            true];
    }

    if (extra < bound * (1 - MARGIN) && extra < bound - STEP) {
        return [`${percent} %: the bound ${bound} can be lowered`, false];
    }

    return [`bound ${bound}`, false];
}


function top(found, variant) {
    const base = byFunction(found.get(variant.base).file);
    const costs = [...byFunction(found.get(variant.name).file)]
        .map(([name, cost]) => [name, (cost - (base.get(name) ?? 0))
            / HOW.times])
        .sort(([, a], [, b]) => b - a);

    for (const [name, cost] of costs.slice(0, TOP)) {
        console.log(`${cost.toFixed(0).padStart(20)}  ${name}`);
    }
}


function report(variants, found, bounds) {
    const here = tools();
    const same = bounds.tools.includes(here);
    const margin = same ? MARGIN : MARGIN_ELSEWHERE;
    const failures = [];
    let passed = 0;

    console.log(`\n${here}${same ? '' : '\nbounds.json does not list that: '
        + 'twice as much is let pass'}\n\n`
        + `${''.padEnd(35)} instructions  on top  calls`);

    for (const variant of variants) {
        const { count, calls } = found.get(variant.name);
        const base = found.get(variant.base);
        const extra = base && count - base.count;
        const [words, bad] = !variant.ours ? ['', false]
            : variant.calls === 'same' && calls > base.calls + CALLS
                ? [`FAILED: ${calls} system calls, without it ${base.calls}`,
                    true]
                : judge(extra, bounds.bounds[variant.name], margin);

        console.log([variant.name.padEnd(35), String(count).padStart(12),
            String(extra ?? '').padStart(7), calls.toFixed(1).padStart(6), '',
            words].join(' ').trimEnd());

        if (bad) {
            failures.push(`${variant.name}: ${words}`);
        }
        if (variant.base && TOP) {
            top(found, variant);
        }

        passed += Boolean(variant.ours && !bad);
    }

    console.log(failures.length ? `\n${failures.join('\n')}` : '');

    return { passed, failed: failures.length };
}


/*
 * A bound that is as good as before stays, so that a change is seen.  Who adds
 * other tools to the list has looked whether the bounds hold there.
 */

function write(found) {
    const { tools: known, bounds: old } = JSON.parse(
        fs.readFileSync(BOUNDS, 'utf8'));
    const bounds = {};

    for (const { ours, name, base } of VARIANTS) {
        if (!ours) {
            continue;
        }

        const seen = found.has(name)
            ? found.get(name).count - found.get(base).count : old[name];
        const same = Math.abs(seen - old[name])
            < Math.max(STEP, old[name] * SAME);

        bounds[name] = same ? old[name] : seen;
    }

    fs.writeFileSync(BOUNDS, `${JSON.stringify({
        tools: [...new Set([...known, tools()])], bounds }, null, 4)}\n`);
}


async function main(stack) {
    const variants = chosen(ONLY).filter(({ at = 'one', big }) =>
        COUNTED.includes(at) && !big);

    if (/valgrind unknown/.test(tools())) {
        throw new Error('there is no valgrind: install it');
    }
    if (variants.length === 0) {
        throw new Error(`no variant is named "${ONLY}"`);
    }

    const found = await measure(stack, variants);

    keep(variants, found);

    if (WRITE) {
        write(found);
    }

    return report(variants, found,
        JSON.parse(fs.readFileSync(BOUNDS, 'utf8')));
}


let result = { passed: 0, failed: 1 };

try {
    result = await undoneWhenTold(main);

} catch (err) {
    console.error(`\ninstructions: FAILED: ${err.message}`);
}

console.log(`instructions: ${result.passed} passed, ${result.failed} failed`);
process.exit(result.failed ? 1 : 0);
