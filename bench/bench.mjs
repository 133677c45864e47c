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
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bearer, request, until } from '../demo/http.mjs';
import { freePort, Nginx, prepare } from '../demo/nginx.mjs';
import { makeBare, makePage, makeText } from './page.mjs';
import { aloneAtProvider, CLIENT, inASecond, SECRET, signIn, startProvider }
    from './signin.mjs';
import { AUDIENCE, ISSUER, prepareTokens } from './tokens.mjs';
import { chosen } from './variants.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const BUILD = process.env.BUILD || path.resolve(HERE, '../build');
const DIR = path.join(BUILD, 'bench');

const SECONDS = Math.min(Number(process.env.BENCH_SECONDS) || 1, 60);
const ROUNDS = Math.min(Number(process.env.BENCH_ROUNDS) || 9, 25);
const ONLY = process.env.BENCH_ONLY || '';
const SEED = process.env.RT_SEED || '1';

const CONNECTIONS = 32;
const TOKENS_A_SECOND = 30000;      /* more than one worker can verify */
const SMALL_ROWS = 4;
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


function countLines(file) {
    const buffer = Buffer.alloc(1 << 20);
    const fd = fs.openSync(file, 'r');
    let lines = 0;
    let size;

    while ((size = fs.readSync(fd, buffer)) > 0) {
        for (let i = 0; i < size; i++) {
            lines += buffer[i] === 10;
        }
    }

    fs.closeSync(fd);

    return lines;
}


/* -- the bench */

const hostOf = (variant) => variant.host ?? 'bench';


class Bench {
    constructor(words) {
        Object.assign(this, words);
        this.logs = path.join(this.nginx.prefix, 'logs');
    }

    async start() {
        await this.nginx.start(this.port, this.cpus.nginx);
        this.worker = await until('the worker', 5, () => {
            try {
                return workerOf(this.nginx.pid);
            } catch {
                return undefined;
            }
        });
    }

    headers(variant) {
        return variant.token ? bearer(this.tokens.one)
            : variant.session ? { Cookie: this.cookies } : {};
    }

    /* that the variant does what it is there for, or nothing is measured */

    async check(variant) {
        const url = `http://127.0.0.1:${this.port}${variant.uri}`;

        if (variant.session) {
            this.cookies = await signIn(url, hostOf(variant));
        }

        const headers = { Host: hostOf(variant), ...this.headers(variant) };
        const res = await request(url, { headers });
        const held = res.body.includes(this.placeholder);

        if (res.status !== 200
            || (variant.page === 'as it is' && !held)
            || (variant.page === 'rewritten' && held))
        {
            throw new Error(`${variant.name}: ${res.status}, the page is not `
                            + `${variant.page ?? 'there'}`);
        }

        if (/^\/(rtauth|all)\b/.test(variant.uri)) {
            const anonymous = await request(url, {
                headers: { Host: 'bench' },
            });

            if (anonymous.status !== 401) {
                throw new Error(`${variant.name}: nobody got `
                                + `${anonymous.status}`);
            }
        }

        if (variant.log) {
            await until(`${variant.name}: a line in ${variant.log}`, 5,
                () => countLines(path.join(this.logs, variant.log)) > 0);
        }
    }

    wrk(variant) {
        const url = `http://127.0.0.1:${this.port}${variant.uri}`;
        const threads = 2;
        const args = ['-t', threads, '-c', CONNECTIONS, '-d', `${SECONDS}s`,
            '-s', path.join(HERE, 'wrk.lua'), '-H',
            `Host: ${hostOf(variant)}`];

        if (variant.token === 'one') {
            args.push('-H', `Authorization: Bearer ${this.tokens.one}`);
        }

        if (variant.session) {
            args.push('-H', `Cookie: ${this.cookies}`);
        }

        args.push(url);

        if (variant.token === 'many') {
            args.push('--', this.tokens.tokens,
                Math.floor(this.tokens.count / threads));
        }

        const [file, ...rest] = [...this.cpus.wrk, 'wrk', ...args.map(String)];

        return run(file, rest, { timeout: (SECONDS + 30) * 1000 });
    }

    async measure(variant) {
        if (variant.token === 'many') {     /* nothing seen before */
            await this.nginx.stop();
            await this.start();
        }

        await this.check(variant);
        this.empty();

        const before = cpuOf(this.worker);
        const { stdout } = await this.wrk(variant);
        const seen = JSON.parse(stdout.trim().split('\n').pop());

        if (seen.broken || seen.requests === 0) {
            throw new Error(`${variant.name}: ${seen.broken} connections `
                            + `broke, ${seen.requests} requests`);
        }

        if (variant.token === 'many'
            && seen.most > Math.floor(this.tokens.count / 2))
        {
            throw new Error(`${variant.name}: tokens were used twice`);
        }

        const lost = await this.lost(variant, seen.requests);
        const cpu = (cpuOf(this.worker) - before) / seen.requests;

        this.empty();

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

        const file = path.join(this.logs, variant.log);
        const count = () => countLines(file);

        try {
            await until('all lines', DRAIN_SECONDS, () => count() >= requests);
            return 0;
        } catch {
            return requests - count();
        }
    }

    empty() {
        for (const name of fs.readdirSync(this.logs)) {
            if (name !== 'error.log') {
                fs.truncateSync(path.join(this.logs, name), 0);
            }
        }
    }

    async verify() {
        const [file, ...args] = [...this.cpus.nginx,
            path.join(DIR, 'verify'), this.tokens.publicKey, this.tokens.one,
            '0.5'];
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
    const ratio = base && median(rounds.map((one) =>
        one.get(variant.name).rate / one.get(base).rate));
    const byCpu = base && median(rounds.map((one) =>
        one.get(base).cpu / one.get(variant.name).cpu));
    const extra = base && median(rounds.map((one) =>
        one.get(variant.name).cpu - one.get(base).cpu));

    const row = {
        name: variant.name,
        rate: median(of(variant.name, 'rate')),
        cpu: median(of(variant.name, 'cpu')),
        p99: median(of(variant.name, 'p99')),
        ratio, byCpu, extra, base,
        lost: of(variant.name, 'lost').reduce((a, b) => a + b, 0),
        refused: of(variant.name, 'refused').reduce((a, b) => a + b, 0),
    };

    if (budget?.least) {
        row.budget = `by CPU >= ${budget.least.toFixed(2)}`;
        row.met = byCpu >= budget.least;
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


async function tokenizer() {
    const program = path.join(DIR, 'tokenizer');

    if (!fs.existsSync(program)) {
        return;
    }

    const files = ['text.html', 'page.html', 'bare.html'];
    const { stdout } = await run(program, ['1',
        ...files.map((name) => path.join(DIR, 'html', name))]);

    for (const found of stdout.trim().split('\n')) {
        const [rate, tags, file] = found.split(' ');
        const speed = Number(rate) / 1e9;
        const text = file.endsWith('text.html');

        console.log(`HTML tokenizer, ${path.basename(file)}: `
            + `${speed.toFixed(2)} GB/s, ${tags} tags`
            + (text ? `, >= 1.5 GB/s: ${speed >= 1.5 ? 'met' : 'NOT MET'}`
                : ''));
    }
}


/* the provider shares a thread with the browsers: it is told beside them */

async function signIns(bench) {
    const how = { seconds: SECONDS, parallel: 8, most: 5000 };
    const page = `http://127.0.0.1:${bench.port}/page`;
    const alone = await inASecond(() => aloneAtProvider(bench.issuer), how);
    const all = await inASecond(() => signIn(page, 'bench-sign-in'), how);

    console.log(`sign-ins: ${all.toFixed(0)} a second; the provider and `
        + `browsers of the bench without nginx: ${alone.toFixed(0)}`);
}


/* -- the run */

function pages(placeholder) {
    const dir = path.join(DIR, 'html');

    fs.mkdirSync(dir, { recursive: true });
    fs.writeFileSync(path.join(dir, 'page.html'), makePage(placeholder));
    fs.writeFileSync(path.join(dir, 'small.html'),
        makePage(placeholder, SMALL_ROWS));
    fs.writeFileSync(path.join(dir, 'bare.html'), makeBare(placeholder));
    fs.writeFileSync(path.join(dir, 'text.html'), makeText(placeholder));

    return dir;
}


async function startAll(stack) {
    const cpus = processors();
    const placeholder = crypto.createHash('sha256').update(SEED)
        .digest('base64url').slice(0, 32);
    const html = pages(placeholder);
    const count = TOKENS_A_SECOND * SECONDS;

    console.log(`bench: RT_SEED=${SEED}`);
    console.log(`minting ${count} tokens, unless they are there`);

    const tokens = { count, ...await prepareTokens(DIR, count) };
    const appPort = await freePort(19000);
    const port = await freePort(19000, [appPort]);
    const template = (name) =>
        fs.readFileSync(path.join(HERE, name), 'utf8');

    const app = new Nginx(path.join(DIR, 'app'));

    await prepare(app.prefix, template('app.conf.in'), {
        HTML: html, PORT: appPort,
    });
    stack.push(() => app.stop());
    await app.start(appPort, cpus.app);

    const provider = await startProvider();

    stack.push(() => provider.stop());

    const nginx = new Nginx(path.join(DIR, 'nginx'));

    await prepare(nginx.prefix, template('nginx.conf.in'), {
        HTML: html,
        MODULES: path.join(BUILD, 'modules'),
        PORT: port, APP_PORT: appPort,
        ISSUER, AUDIENCE, JWKS: tokens.jwks, PLACEHOLDER: placeholder,
        SIGN_IN: provider.issuer, CLIENT,
    });
    fs.writeFileSync(path.join(nginx.prefix, 'nonce-placeholder'),
        placeholder, { mode: 0o600 });
    fs.writeFileSync(path.join(nginx.prefix, 'client-secret'), SECRET,
        { mode: 0o600 });

    stack.push(() => nginx.stop());

    const bench = new Bench({
        cpus, nginx, port, tokens, placeholder, issuer: provider.issuer,
    });

    await bench.start();

    return bench;
}


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
        const bench = await startAll(stack);
        const { results, verify } = await rounds(bench, variants);

        report(variants, results, verify, load);
        await tokenizer();

        if (variants.some((one) => one.session)) {
            await signIns(bench);
        }

        status = bench.nginx.alarms().length ? 1 : 0;

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
