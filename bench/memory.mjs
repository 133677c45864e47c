/*
 * Whether memory stays flat, started by "make memory": over requests of all
 * kinds, over connections that live long and are judged again and again, and
 * over reloads.  What counts is what a process has of its own (RssAnon): zones
 * have their size from the beginning.
 *
 * A worker remembers parsed claims of the last tokens, in at most 16 MB: they
 * are filled before anything is measured.
 */

import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as net from 'node:net';
import * as path from 'node:path';
import { until } from '../demo/http.mjs';
import { assert, run } from '../demo/proof.mjs';
import { memoryOf, workersOf } from './machine.mjs';
import { startRedis } from './redis.mjs';
import { OPAQUE, signIn } from './signin.mjs';
import { DIR, Stand } from './stand.mjs';
import { Talk, textOf } from './talk.mjs';

const REQUESTS = Number(process.env.MEMORY_REQUESTS) || 20000;
const RELOADS = Number(process.env.MEMORY_RELOADS) || 20;
const SECONDS = Number(process.env.MEMORY_SECONDS) || 5;

const WARM = 12000;         /* tokens, more than two workers remember */
const TALKS = 32;
const PARTS = 10;           /* of the requests; memory is looked at after each */
const LONG = 300;           /* connections that live long */
const CYCLES = 10;          /* how often they are opened and closed */
const SESSIONS = 50;
const REDIS = 4;            /* connections of two workers, each asks and listens */
const WAIT = 60;            /* seconds for what takes a moment */
const FLAT = 3;             /* MB more that a worker, or the master, may have:
                               a heap has gaps, a connection takes 15 KB */

const part = (value) =>
    Buffer.from(JSON.stringify(value)).toString('base64url');
const sha256 = (text) =>
    crypto.createHash('sha256').update(text).digest('base64url');
const now = () => Math.floor(Date.now() / 1000);
const HOST = { Host: 'bench' };

/* whose bad tokens are counted */

const STRANGER = { 'X-Real-IP': '192.0.2.1' };


/* -- tokens and proofs, ES256 */

function makeKey() {
    const { publicKey, privateKey } = crypto.generateKeyPairSync('ec',
        { namedCurve: 'P-256' });
    const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });

    return { privateKey, jwk: { kty, crv, x, y },
        jkt: sha256(JSON.stringify({ crv, kty, x, y })) };
}


function sign({ privateKey }, header, claims) {
    const text = `${part({ alg: 'ES256', ...header })}.${part(claims)}`;

    return `${text}.${crypto.sign('sha256', Buffer.from(text),
        { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}


class Client {
    constructor(port) {
        this.port = port;
        this.key = makeKey();
        this.rogue = makeKey();
        this.own = makeKey();
        this.made = 0;
    }

    token(key = this.key, claims = {}) {
        return sign(key, { typ: 'at+jwt', kid: 'bench' }, {
            iss: 'https://bench.example.com', aud: 'tools', sub: 'u-1001',
            groups: ['support'], iat: now(), exp: now() + 86400,
            jti: `token-${++this.made}`, ...claims,
        });
    }

    proof(token) {
        return sign(this.own, { typ: 'dpop+jwt', jwk: this.own.jwk }, {
            jti: `proof-${++this.made}`, htm: 'GET', iat: now(),
            htu: `http://bench:${this.port}/bound`, ath: sha256(token),
        });
    }
}


/* -- requests of all kinds */

const bearer = (uri, token, scheme = 'Bearer', more = {}) =>
    ({ uri, headers: { ...HOST, Authorization: `${scheme} ${token}`, ...more } });


/* what is sent, of a hundred so many, and what may be answered */

function kindsOf(client, cookies) {
    const known = client.token();
    const bound = client.token(client.key, { cnf: { jkt: client.own.jkt } });
    const any = (list) => list[client.made++ % list.length];

    return [
        { share: 50, ask: () => bearer('/token', known), says: [200] },
        { share: 10, ask: () => bearer('/event', known), says: [200] },
        { share: 8, ask: () => bearer('/token', client.token()), says: [200] },
        { share: 4, says: [401, 429],
            ask: () => bearer('/token', client.token(client.rogue)) },
        { share: 4, says: [401], ask: () => bearer('/token',
            client.token(client.key, { exp: now() - 3600 })) },
        { share: 8, ask: () => bearer('/opaque', OPAQUE), says: [200] },
        { share: 2, says: [200],
            ask: () => bearer('/opaque', `${OPAQUE}-${++client.made}`) },
        { share: 1, says: [401, 429],
            ask: () => bearer('/opaque', `nobody-${++client.made}`, 'Bearer',
                STRANGER) },
        { share: 3, says: [200], ask: () => bearer('/bound', bound, 'DPoP',
            { DPoP: client.proof(bound) }) },
        { share: 10, says: [200],
            ask: () => ({ uri: '/page', headers: any(cookies) }) },
    ].flatMap((kind) => Array(kind.share).fill(kind));
}


/* n requests, over connections of their own; kinds are taken in turn */

async function ask(port, kinds, n) {
    const talks = Array.from({ length: TALKS }, () => new Talk(port));
    let sent = 0;

    try {
        await Promise.all(talks.map(async (talk) => {
            while (sent < n) {
                /* 37 and 100 have no factor in common */
                const { ask: make, says } = kinds[sent++ * 37 % kinds.length];
                const request = make();
                const status = await talk.ask(textOf(request));

                assert.ok(says.includes(status),
                    `${request.uri} answers ${status}`);
            }
        }));
    } finally {
        talks.forEach((one) => one.end());
    }
}


/* -- what lives long */

/* an application that answers at once, and does not end */

async function startStreams(stack) {
    const server = http.createServer((req, res) => {
        res.writeHead(200, { 'Content-Type': 'text/event-stream' });
        res.write(': so it begins\n\n');
    });

    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    stack.push(() => {
        server.close();
        server.closeAllConnections();
    });

    return `http://127.0.0.1:${server.address().port}`;
}


/* -> sockets, whose answers have begun */

function open(port, requests) {
    return Promise.all(requests.map((request) =>
        new Promise((resolve, reject) => {
            const socket = net.connect(port, '127.0.0.1');

            socket.once('error', reject);
            socket.once('data', (data) => {
                const head = data.toString('latin1');

                if (head.startsWith('HTTP/1.1 200 ')) {
                    socket.on('data', () => {});
                    resolve(socket);
                } else {
                    reject(new Error(head.split('\r\n')[0]));
                }
            });
            socket.write(textOf(request));
        })));
}


/* a third with a token, the others with sessions of zone and Redis */

const longOnes = (uri, client, cookies) =>
    Array.from({ length: LONG }, (_, i) => (i % 3
        ? { uri, headers: cookies[i % cookies.length] }
        : bearer(uri, client.token())));


/* -- the proof */

class Memory {
    constructor(words) {
        Object.assign(this, words);
    }

    get master() {
        return this.nginx.pid;
    }

    workers() {
        return workersOf(this.master);
    }

    ofWorkers() {
        return Math.max(...this.workers().map(memoryOf));
    }

    files() {
        return this.workers().map((pid) =>
            fs.readdirSync(`/proc/${pid}/fd`).length)
            .reduce((sum, n) => sum + n, 0);
    }

    /* nothing of ours is under way any more */

    async idle(files) {
        await until('all connections to be closed', WAIT,
            () => this.files() <= files);
    }

    async reload() {
        const before = this.workers();

        this.nginx.reload();
        await until('two other workers', WAIT, () => {
            const all = this.workers();

            return all.filter((pid) => !before.includes(pid)).length === 2
                && all.filter((pid) => before.includes(pid)).every(isEnding);
        });

        return before;
    }

    async gone(workers) {
        await until('the old workers to end', WAIT, () =>
            !this.workers().some((pid) => workers.includes(pid)));
    }
}


/* it takes no connection any more */

function isEnding(pid) {
    try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1')
            .includes('shutting down');
    } catch {
        return true;
    }
}


/* at most PARTS of them, and the last one */

const told = (list) => `${list.filter((_, i) => i === list.length - 1
    || i % Math.ceil(list.length / PARTS) === 0)
    .map((one) => one.toFixed(1)).join(' ')} MB`;


function flat(list) {
    const [first, last] = [list[0], list.at(-1)];

    assert.ok(last - first < FLAT, `it grows: ${told(list)}`);

    return told(list);
}


async function check(memory, proof) {
    const { port, client, cookies } = memory;
    const kinds = kindsOf(client, cookies);
    const fresh = [{ ask: () => bearer('/token', client.token()),
        says: [200] }];
    const idle = memory.files() + REDIS;

    await ask(port, fresh, WARM);
    await ask(port, kinds, REQUESTS / PARTS);

    await proof.step(`${REQUESTS} requests of all kinds`, async () => {
        const seen = [memory.ofWorkers()];

        for (let i = 0; i < PARTS; i++) {
            await ask(port, kinds, REQUESTS / PARTS);
            seen.push(memory.ofWorkers());
        }

        return flat(seen);
    });

    await proof.step('no file is left open', () => memory.idle(idle));

    await proof.step(`${LONG} long connections, opened and closed ${CYCLES}`
        + ' times', async () => {
        const seen = [];

        for (let i = 0; i < CYCLES; i++) {
            const sockets = await open(port,
                longOnes('/long/x', client, cookies));

            sockets.forEach((one) => one.destroy());
            await memory.idle(idle);
            seen.push(memory.ofWorkers());
        }

        return flat(seen.slice(2));
    });

    await proof.step(`${LONG} that are judged each second, for ${SECONDS} s`,
        async () => {
            const sockets = await open(port,
                longOnes('/long/x', client, cookies));
            const seen = [];

            for (let i = 0; i <= SECONDS; i++) {
                await new Promise((resolve) => { setTimeout(resolve, 1000); });
                seen.push(memory.ofWorkers());
            }

            assert.ok(sockets.every((one) => !one.destroyed));
            sockets.forEach((one) => one.destroy());
            await memory.idle(idle);

            return flat(seen);
        });

    await proof.step(`${RELOADS} reloads, with connections that outlive them`,
        async () => {
            const masters = [];
            const workers = [];

            for (let i = 0; i < RELOADS; i++) {
                const sockets = await open(port,
                    longOnes('/long/x', client, cookies).slice(0, 8));
                const old = await memory.reload();

                await ask(port, kinds, 200);
                sockets.forEach((one) => one.destroy());
                await memory.gone(old);
                masters.push(memoryOf(memory.master));
                workers.push(memory.ofWorkers());
            }

            return `master ${flat(masters.slice(5))}, workers ${
                flat(workers.slice(5))}`;
        });

    await proof.step('nginx has nothing to complain of', () => {
        assert.deepEqual(memory.nginx.alarms(), []);
    });
}


async function start(stack) {
    const jwks = path.join(DIR, 'memory-jwks.json');
    const key = path.join(DIR, 'memory-key');

    fs.mkdirSync(DIR, { recursive: true });
    fs.writeFileSync(key, crypto.randomBytes(32).toString('base64url'),
        { mode: 0o600 });

    const streams = await startStreams(stack);
    const redis = await startRedis();

    stack.push(() => redis.stop());

    const stand = await Stand.make(stack, { pin: [], confs: { memory: {
        conf: 'memory.conf.in', words: () => ({ JWKS: jwks,
            STREAMS: streams, REDIS: redis.socket, KEY: key }) } } });
    const { nginx, port } = stand.at.memory;

    const client = new Client(port);

    fs.writeFileSync(jwks, JSON.stringify({ keys: [
        { ...client.key.jwk, kid: 'bench', alg: 'ES256', use: 'sig' }] }));
    await nginx.start(port);
    await until('the workers', WAIT, () => workersOf(nginx.pid).length === 2);

    /* headers of sessions, in both stores in turn */

    const cookies = [];

    for (let i = 0; i < SESSIONS; i++) {
        const Host = i % 2 ? 'bench-redis' : 'bench';

        cookies.push({ Host, Cookie: await signIn(
            `http://127.0.0.1:${port}/page`, Host) });
    }

    return new Memory({ nginx, port, client, cookies });
}


await run('memory', start, check);
