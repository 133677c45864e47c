/*
 * The benchmark, started by "make bench": one table of ratios from one run.
 *
 * One nginx worker on a processor of its own where there are several, wrk on
 * the others.  All variants are run in turn, in rounds, so that what the
 * machine does meanwhile hits all alike; a ratio is taken within a round, and
 * the median of the rounds is told.
 *
 * CPU time is the worker's, all threads.  Budgets are judged by requests in a
 * second of it: with a processor to itself that is requests/s, and a neighbour
 * on the processor does not change it.
 */

import { execFile, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '../demo/http.mjs';
import { aloneAtProvider, inASecond, signIn } from './signin.mjs';
import { countLines, DIR, hostOf, Stand } from './stand.mjs';
import { chosen } from './variants.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));

const SECONDS = Math.min(Number(process.env.BENCH_SECONDS) || 1, 60);
const ROUNDS = Math.min(Number(process.env.BENCH_ROUNDS) || 9, 25);
const ONLY = process.env.BENCH_ONLY || '';

const CONNECTIONS = 32;
const TOKENS_A_SECOND = 30000;      /* more than one worker can verify */
const DRAIN_SECONDS = 20;

const run = promisify(execFile);


/* -- processors: nginx | app | wrk and the rest */

function processors() {
    const list = spawnSync('taskset', ['-cp', String(process.pid)], {
        encoding: 'utf8',
    });
    const text = /list: *(\S+)/.exec(list.stdout ?? '')?.[1] ?? '';
    const all = text.split(',').flatMap((range) => {
        const [from, to = from] = range.split('-').map(Number);
        return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    });

    if (list.status !== 0 || all.length < 2) {
        return { nginx: [], app: [], wrk: [] };
    }

    const pin = (...cpus) => ['taskset', '-c', cpus.join(',')];
    const [first, second, ...rest] = all;

    return {
        nginx: pin(first),
        app: pin(second),
        wrk: rest.length ? pin(...rest) : pin(second),
    };
}


/* -- the machine's side of things */

function workerOf(master) {
    for (const name of fs.readdirSync('/proc')) {
        if (!/^\d+$/.test(name)) {
            continue;
        }

        try {
            const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
            const [, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');

            if (Number(ppid) === master) {
                return Number(name);
            }
        } catch {
            /* it has ended meanwhile */
        }
    }

    throw new Error('nginx has no worker');
}


/* microseconds of CPU that all threads of a process have had */

function cpuOf(pid) {
    let total = 0;

    for (const thread of fs.readdirSync(`/proc/${pid}/task`)) {
        const text = fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`,
            'utf8');

        total += Number(text.split(' ')[0]) / 1000;
    }

    return total;
}


/* -- the bench */

class Bench {
    constructor(words) {
        Object.assign(this, words);
    }

    async start() {
        const { nginx, port } = this.stand;

        await nginx.start(port, { wrap: this.cpus.nginx });
        this.worker = await until('the worker', 5, () => {
            try {
                return workerOf(nginx.pid);
            } catch {
                return undefined;
            }
        });
    }

    wrk(variant) {
        const { tokens } = this.stand;
        const threads = 2;
        const args = ['-t', threads, '-c', CONNECTIONS, '-d', `${SECONDS}s`,
            '-s', path.join(HERE, 'wrk.lua')];

        for (const pair of Object.entries(this.stand.headers(variant))) {
            args.push('-H', pair.join(': '));
        }

        args.push(this.stand.url(variant), '--', variant.body ?? '');

        if (variant.token === 'many') {
            args.push(tokens.tokens, Math.floor(tokens.count / threads));
        }

        const [file, ...rest] = [...this.cpus.wrk, 'wrk', ...args.map(String)];

        return run(file, rest, { timeout: (SECONDS + 30) * 1000 });
    }

    async measure(variant) {
        if (variant.token === 'many') {     /* nothing seen before */
            await this.stand.nginx.stop();
            await this.start();
        }

        await this.stand.check(variant);
        this.stand.empty();

        const before = cpuOf(this.worker);
        const { stdout } = await this.wrk(variant);
        const seen = JSON.parse(stdout.trim().split('\n').pop());

        if (seen.broken || seen.requests === 0) {
            throw new Error(`${variant.name}: ${seen.broken} connections `
                            + `broke, ${seen.requests} requests`);
        }

        if (variant.token === 'many'
            && seen.most > Math.floor(this.stand.tokens.count / 2))
        {
            throw new Error(`${variant.name}: tokens were used twice`);
        }

        const lost = await this.lost(variant, seen.requests);
        const cpu = (cpuOf(this.worker) - before) / seen.requests;

        this.stand.empty();

        return {
            rate: seen.requests / seen.microseconds * 1e6, cpu, lost,
            refused: seen.refused, p99: seen.p99 / 1000,
        };
    }

    /* requests that left no line although there was time enough */

    async lost(variant, requests) {
        if (!variant.log) {
            return 0;
        }

        const file = path.join(this.stand.logs, variant.log);
        const count = () => countLines(file);

        try {
            await until('all lines', DRAIN_SECONDS, () => count() >= requests);
            return 0;
        } catch {
            return requests - count();
        }
    }

    async verify() {
        const [file, ...args] = [...this.cpus.nginx,
            path.join(DIR, 'verify'), this.stand.tokens.publicKey,
            this.stand.tokens.one, '0.5'];
        const { stdout } = await run(file, args);

        return Number(stdout) / 1000;
    }
}


/* -- figures */

function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;

    return sorted.length % 2 ? sorted[middle]
        : (sorted[middle - 1] + sorted[middle]) / 2;
}


function judge(variant, rounds, verify) {
    const { budget, base } = variant;
    const of = (name, key) => rounds.map((one) => one.get(name)[key]);
    const byCpuOf = (other) => median(rounds.map((one) =>
        one.get(other).cpu / one.get(variant.name).cpu));
    const byRate = base && median(rounds.map((one) =>
        one.get(variant.name).rate / one.get(base).rate));
    const byCpu = base && byCpuOf(base);
    const extra = base && median(rounds.map((one) =>
        one.get(variant.name).cpu - one.get(base).cpu));

    const row = {
        name: variant.name,
        rate: median(of(variant.name, 'rate')),
        cpu: median(of(variant.name, 'cpu')),
        p99: median(of(variant.name, 'p99')),
        ratio: byRate, byCpu, extra, base,
        lost: of(variant.name, 'lost').reduce((a, b) => a + b, 0),
        refused: of(variant.name, 'refused').reduce((a, b) => a + b, 0),
    };

    if (budget?.least) {
        const ratio = budget.of ? byCpuOf(budget.of) : byCpu;

        row.budget = budget.of ? `${ratio.toFixed(2)} of ${budget.of}, >= `
            + budget.least.toFixed(2) : `by CPU >= ${budget.least.toFixed(2)}`;
        row.met = ratio >= budget.least;
    } else if (budget?.microseconds) {
        row.budget = `CPU <= +${budget.microseconds} us`;
        row.met = extra <= budget.microseconds;
    } else if (budget?.verify) {
        const times = row.cpu / (verify + median(of(base, 'cpu')));

        row.budget = `${times.toFixed(2)}x of verify + plain, <= `
            + `${budget.verify}x`;
        row.met = times <= budget.verify;
    }

    return row;
}


function line(row) {
    const number = (value, digits) =>
        value === undefined ? '' : value.toFixed(digits);

    return [
        row.name.padEnd(35),
        number(row.rate, 0).padStart(8),
        number(row.cpu, 1).padStart(9),
        number(row.p99, 2).padStart(7),
        number(row.ratio, 2).padStart(6),
        number(row.byCpu, 2).padStart(7),
        (row.extra === undefined ? ''
            : `${row.extra < 0 ? '' : '+'}${number(row.extra, 1)}`)
            .padStart(8),
        ` ${row.base ?? ''}`.padEnd(27),
        row.budget ? `${row.budget}: ${row.met ? 'met' : 'NOT MET'}` : '',
    ].join(' ').trimEnd();
}


function machine() {
    const [cpu] = os.cpus();
    const version = (command, args) => {
        const out = spawnSync(command, args, { encoding: 'utf8' });
        return `${out.stdout}${out.stderr}`.split('\n')[0].trim();
    };

    const [load] = os.loadavg();
    const busy = load > os.cpus().length / 2
        ? '\nthe machine was busy before the run: figures are rough' : '';

    return `${os.cpus().length} x ${cpu.model.trim()}, load `
        + `${load.toFixed(2)}; `
        + `${version(process.env.NGINX || 'nginx', ['-v'])}; `
        + `${version('openssl', ['version'])}${busy}`;
}


function report(variants, rounds, verify, load) {
    const rows = variants.map((one) => judge(one, rounds, verify));

    console.log(`\n${load}
one worker, wrk -t2 -c${CONNECTIONS} -d${SECONDS}s, median of ${ROUNDS} `
        + `rounds; CPU is microseconds of the worker a request\n`);
    console.log(`${''.padEnd(35)} requests       CPU     p99
${''.padEnd(35)}       /s    us/req      ms  ratio  by CPU  CPU +us  to`);

    for (const row of rows) {
        console.log(line(row));
    }

    console.log(`\nOpenSSL's own RS256 verify: ${verify.toFixed(1)} us`);

    for (const row of rows.filter((one) => one.lost || one.refused)) {
        console.log(`${row.name}: ${row.lost} lines lost, ${row.refused} `
                    + 'requests refused');
    }

    return rows;
}


/* the provider shares a thread with the browsers: it is told beside them */

async function signIns(bench) {
    const how = { seconds: SECONDS, parallel: 8, most: 5000 };
    const page = `http://127.0.0.1:${bench.stand.port}/page`;
    const alone = await inASecond(() => aloneAtProvider(bench.stand.issuer), how);
    const all = await inASecond(() => signIn(page, 'bench-sign-in'), how);

    console.log(`sign-ins: ${all.toFixed(0)} a second; the provider and `
        + `browsers of the bench without nginx: ${alone.toFixed(0)}`);
}


/* -- the run */

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

    return { results, verify: median(verify) };
}


async function main() {
    const stack = [];
    const variants = chosen(ONLY);
    let status = 1;

    try {
        if (variants.length === 0) {
            throw new Error(`no variant is named "${ONLY}"`);
        }

        const load = machine();
        const cpus = processors();
        const stand = await Stand.ofVariants(stack, {
            cpus, count: TOKENS_A_SECOND * SECONDS });
        const bench = new Bench({ cpus, stand });

        await bench.start();

        const { results, verify } = await rounds(bench, variants);

        report(variants, results, verify, load);

        if (variants.some((one) => one.session)) {
            await signIns(bench);
        }

        status = stand.nginx.alarms().length ? 1 : 0;

    } catch (err) {
        console.error(`\nbench: FAILED: ${err.message}`);

    } finally {
        while (stack.length) {
            await stack.pop()();
        }
    }

    process.exit(status);
}


await main();
