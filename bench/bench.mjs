/*
 * The benchmark, started by "make bench": one table of ratios from one run.
 *
 * One nginx worker shares a processor with wrk and the app (machine.mjs says
 * why); two workers have them all.  All variants are run in turn, in rounds, so
 * that what the machine does meanwhile hits all alike; a ratio is taken within
 * a round, and the median of the rounds is told.
 *
 * CPU time is the worker's, all threads.  Budgets are judged by requests in a
 * second of it: a neighbour on the processor does not change that.
 */

import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '../demo/http.mjs';
import { undoneWhenTold } from '../demo/proof.mjs';
import { budgetsAlone } from './alone.mjs';
import { median, sum } from './figures.mjs';
import { cpuOf, machine, memoryOf, processor, workersOf }
    from './machine.mjs';
import { atRate, firstByte } from './rate.mjs';
import { HEAD, judge, line } from './report.mjs';
import { MOST, pushes, stands } from './scim.mjs';
import { aloneAtProvider, inASecond, signIn } from './signin.mjs';
import { DIR, Stand } from './stand.mjs';
import { ALGORITHMS } from './tokens.mjs';
import { chosen, COLLECTED } from './variants.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));

const SECONDS = Math.min(Number(process.env.BENCH_SECONDS) || 1, 60);
const ROUNDS = Math.min(Number(process.env.BENCH_ROUNDS) || 9, 25);
const ONLY = process.env.BENCH_ONLY || '';

const CONNECTIONS = 32;
const TOKENS_A_SECOND = 60000;      /* more than two workers can verify */
const DRAIN_SECONDS = 20;
const SESSIONS = 100;
const FIRSTS = 200;                 /* requests of which the first byte counts */
const PACED = { rate: 1000, seconds: 1, runs: 3 };

const run = promisify(execFile);


/* whether no token, or proof, of it is sent twice */

const eachOnce = (variant) => ['many', 'proofs'].includes(variant.token);


/* -- the bench */

class Bench {
    constructor(words) {
        Object.assign(this, words, { workers: {}, started: {} });
    }

    async start(name) {
        const { nginx, port } = this.stand.at[name];
        const count = name.endsWith('two') ? 2 : 1;

        await nginx.start(port, { wrap: count === 2 ? [] : this.pin });
        this.started[name] = cpuOf(nginx.pid) / 1e6;
        this.workers[name] = await until('the workers', 5, () => {
            const found = workersOf(nginx.pid);

            return found.length === count && found;
        });
    }

    of(variant) {
        return this.workers[variant.at ?? 'one'];
    }

    async wrk(variant) {
        const { tokens } = this.stand;
        const threads = 2;
        const args = ['-t', threads, '-c', CONNECTIONS, '-d', `${SECONDS}s`,
            '-s', path.join(HERE, 'wrk.lua')];

        for (const pair of Object.entries(this.stand.headers(variant))) {
            args.push('-H', pair.join(': '));
        }

        args.push(this.stand.url(variant), '--', variant.body ?? '');

        if (eachOnce(variant)) {
            args.push(await this.stand.supply(variant),
                Math.floor(tokens.count / threads));
        }

        const [file, ...rest] = [...this.pin, 'wrk', ...args.map(String)];

        return run(file, rest, { timeout: (SECONDS + 30) * 1000 });
    }

    async measure(variant) {
        if (eachOnce(variant)) {            /* nothing seen before */
            await this.stand.of(variant).nginx.stop();
            await this.start(variant.at ?? 'one');
        }

        await this.stand.check(variant);
        this.stand.empty();

        const began = performance.now();
        const spent = () => sum(this.of(variant).map(cpuOf));
        const before = spent();
        const { stdout } = await this.wrk(variant);
        const seen = JSON.parse(stdout.trim().split('\n').pop());

        if (seen.broken || seen.requests === 0) {
            throw new Error(`${variant.name}: ${seen.broken} connections `
                            + `broke, ${seen.requests} requests`);
        }

        if (eachOnce(variant)
            && seen.most > Math.floor(this.stand.tokens.count / 2))
        {
            throw new Error(`${variant.name}: tokens were used twice`);
        }

        const lost = await this.lost(variant, seen.requests);
        const cpu = (spent() - before) / seen.requests;
        const lines = variant.log ? this.stand.lines(variant) : 0;
        const bytes = variant.log ? this.stand.bytes(variant) : 0;
        const took = (performance.now() - began) / 1000;

        this.stand.empty();

        return {
            rate: seen.requests / seen.microseconds * 1e6, cpu, lost,
            refused: seen.refused,
            p50: seen.p50 / 1000, p99: seen.p99 / 1000,
            drained: lines / took, size: lines ? bytes / lines : 0,
            memory: sum(this.of(variant).map(memoryOf)),
        };
    }

    /* requests that left no line although there was time enough */

    async lost(variant, requests) {
        if (!variant.log) {
            return 0;
        }

        const due = requests * [variant.log].flat().length;
        const count = () => this.stand.lines(variant);

        try {
            await until('all lines', variant.log === COLLECTED ? 1
                : DRAIN_SECONDS, () => count() >= due);
            return 0;
        } catch {
            return due - count();
        }
    }

    /* microseconds, by algorithm */

    async verify() {
        const took = {};

        for (const [alg, { publicKey, one }] of
            Object.entries(this.stand.tokens.of))
        {
            const [file, ...args] = [...this.pin, path.join(DIR, 'verify'),
                publicKey, one, '0.3'];
            const { stdout } = await run(file, args);

            took[alg] = Number(stdout) / 1000;
        }

        return took;
    }
}


function tell(rows, verify, load) {
    console.log(`
${load}
one worker, wrk -t2 -c${CONNECTIONS} -d${SECONDS}s, median of ${ROUNDS} rounds;
CPU is microseconds of nginx a request; MB is memory of nginx alone

${HEAD}`);

    rows.forEach((row) => console.log(line(row)));

    console.log(`\nOpenSSL's own verify: ${Object.entries(verify)
        .map(([alg, took]) => `${alg} ${took.toFixed(1)} us`).join(', ')}`);

    console.log('\nlines a second, from the first request until the last line '
        + 'was in its file');

    for (const { name, drained, size } of rows.filter((one) => one.drained)) {
        console.log(`${name.padEnd(43)} ${drained.toFixed(0).padStart(8)} `
            + (size ? `${size.toFixed(0).padStart(6)} bytes each` : ''));
    }

    console.log('');

    for (const { name, lost, refused } of rows) {
        if (lost || refused) {
            console.log(`${name}: ${lost} lines lost, ${refused} requests `
                        + 'refused');
        }
    }
}


/* each in turn, so that what the machine does meanwhile hits all alike */

async function rounds(bench, variants) {
    const results = [];
    const verify = [];

    for (let i = 1; i <= ROUNDS; i++) {
        const round = new Map();

        process.stdout.write(`round ${i} of ${ROUNDS} `);

        for (const variant of variants) {
            round.set(variant.name, await bench.measure(variant));
            process.stdout.write('.');
        }

        verify.push(await bench.verify());
        results.push(round);
        console.log('');
    }

    return { results, verify: Object.fromEntries(Object.keys(ALGORITHMS)
        .map((alg) => [alg, median(verify.map((one) => one[alg]))])) };
}


/* what somebody waits who asks at a fixed rate */

async function paced({ stand }, variants) {
    const rows = [];

    for (const variant of variants.filter((one) => one.paced)) {
        await stand.check(variant);

        const { uri, body } = variant;
        const runs = [];

        for (let i = 0; i < PACED.runs; i++) {
            runs.push(await atRate(stand.of(variant).port,
                { uri, body, headers: stand.headers(variant) }, PACED));
        }

        rows.push({ name: variant.name,
            p50: median(runs.map((one) => one.p50)),
            p99: median(runs.map((one) => one.p99)),
            best: Math.min(...runs.map((one) => one.p99)) });
        stand.empty();
    }

    console.log(`\n${PACED.rate} requests/s, whatever nginx does; milliseconds`
        + `\n${''.padEnd(42)}     p50     p99  best p99`);

    for (const { name, p50, p99, best } of rows) {
        console.log([name.padEnd(42), p50.toFixed(2).padStart(7),
            p99.toFixed(2).padStart(7), best.toFixed(2).padStart(9)].join(' '));
    }

    return rows;
}


/* how long a page keeps somebody waiting before it begins to come */

async function begins({ stand }, variants) {
    const rows = [];

    for (const variant of variants.filter((one) => one.page && !one.token)) {
        await stand.check(variant);
        rows.push({ name: variant.name, first: await firstByte(
            stand.of(variant).port, { uri: variant.uri,
                headers: stand.headers(variant) }, FIRSTS) });
        stand.empty();
    }

    if (rows.length) {
        console.log('\nmilliseconds until the first byte of a page');
    }

    for (const { name, first } of rows) {
        console.log(`${name.padEnd(42)} ${first.toFixed(3).padStart(7)}`);
    }

    return rows;
}


/*
 * The provider shares a thread with the browsers: it is told beside them.  A
 * session of the zone is measured by how many fit (growth.mjs).
 */

async function signIns({ stand }) {
    const how = { seconds: SECONDS, parallel: 8, most: 5000 };
    const { port } = stand.at.one;
    const page = `http://127.0.0.1:${port}/page`;
    const alone = await inASecond(
        () => aloneAtProvider(stand.provider.issuer), how);
    const all = await inASecond(() => signIn(page, 'bench-sign-in'), how);
    const shared = await inASecond(() => signIn(page, 'bench-redis'), how);
    const before = await stand.redis.memory();

    for (let i = 0; i < SESSIONS; i++) {
        await signIn(page, 'bench-redis');
    }

    const bytes = (await stand.redis.memory() - before) / SESSIONS;
    const cookie = await signIn(page, 'bench-cookie');

    console.log(`
sign-ins: ${all.toFixed(0)} a second, ${shared.toFixed(0)} with store=redis; `
        + `the provider and browsers
of the bench without nginx: ${alone.toFixed(0)}
a session: ${bytes.toFixed(0)} bytes of Redis with store=redis, a cookie of `
        + `${cookie.length} bytes with store=cookie`);

    return { all, shared, alone, bytes, cookie: cookie.length };
}


async function measure(stack, variants) {
    const load = machine();
    const pin = processor();
    const at = [...new Set(variants.map((one) => one.at ?? 'one'))];
    const stand = await Stand.ofVariants(stack, { pin, at,
        count: variants.some(eachOnce) ? TOKENS_A_SECOND * SECONDS : 2 });
    const bench = new Bench({ pin, stand });

    for (const name of at) {
        await bench.start(name);
    }

    const { results, verify } = await rounds(bench, variants);
    const rows = variants.map((one) => judge(one, results,
        verify[one.alg ?? 'RS256']));

    tell(rows, verify, load);

    const budgets = ONLY ? [] : await budgetsAlone(pin, ROUNDS);

    for (const { name, budget, measured, met } of budgets) {
        console.log(`${name}: ${measured}, ${budget}: `
            + `${met ? 'met' : 'NOT MET'}`);
    }

    const waits = await paced(bench, variants);
    const firsts = await begins(bench, variants);
    const sessions = variants.some((one) => one.session)
        ? await signIns(bench) : undefined;
    const pushed = at.includes(stands(MOST))
        ? await pushes(stand.at[stands(MOST)].port, { users: MOST,
            seconds: SECONDS, started: bench.started[stands(MOST)] })
        : undefined;

    fs.writeFileSync(path.join(DIR, 'result.json'), JSON.stringify({
        load, verify, rows, budgets, waits, firsts, sessions, pushed }, null,
    4));

    const [alarm] = stand.alarms();

    if (alarm) {
        throw new Error(`nginx complains: ${alarm}`);
    }
}


async function main(stack) {
    const variants = chosen(ONLY);

    if (variants.length === 0) {
        throw new Error(`no variant is named "${ONLY}"`);
    }

    await measure(stack, variants);
}


try {
    await undoneWhenTold(main);

} catch (err) {
    console.error(`\nbench: FAILED: ${err.message}`);
    process.exit(1);
}

process.exit(0);
