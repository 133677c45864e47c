/*
 * The stand on which nginx is measured: an app, a provider, tokens, pages,
 * and an nginx of one worker with a location for each variant.
 */

import { execFileSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import * as dgram from 'node:dgram';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bearer, request, until } from '../demo/http.mjs';
import { freePort, Nginx, prepare } from '../demo/nginx.mjs';
import { sum } from './figures.mjs';
import { makePage } from './page.mjs';
import { startRedis } from './redis.mjs';
import { SIZES, stands, writeUsers } from './scim.mjs';
import { CLIENT, OPAQUE, SECRET, signIn, startProvider } from './signin.mjs';
import { BEFORE, COLLECTED, PAGES } from './variants.mjs';
import { AUDIENCE, groupNames, ISSUER, MANY, mintProofs, prepareTokens, prove }
    from './tokens.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const BUILD = process.env.BUILD || path.resolve(HERE, '../build');
const SEED = process.env.RT_SEED || '1';
const PORTS = 19000 + process.pid * 37 % 8000;     /* two runs do not meet */
const PLACEHOLDER = crypto.createHash('sha256').update(SEED)
    .digest('base64url').slice(0, 32);

export const DIR = path.join(BUILD, 'bench');
const HTML = path.join(DIR, 'html');

const hostOf = (variant) => variant.host ?? 'bench';


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


export function writePage(name, ...how) {
    fs.mkdirSync(HTML, { recursive: true });
    fs.writeFileSync(path.join(HTML, name), makePage(PLACEHOLDER, ...how));
}


/* lines that access_log sends, counted by whoever takes them */

async function startCollector() {
    const collector = { lines: 0, socket: dgram.createSocket('udp4') };

    collector.socket.on('message', () => { collector.lines++; });
    await new Promise((resolve) => {
        collector.socket.bind(0, '127.0.0.1', resolve);
    });

    return collector;
}


/* sinks of so many files, or a pipe that nobody reads */

function sinks(workers, count) {
    const names = Array.from({ length: count }, (_, i) => `audit-${i}`);
    const line = (name, file) => `rtaudit_sink  ${name} file:${file};`;

    return { conf: 'sinks.conf.in', words: ({ PREFIX }) => ({
        WORKERS: workers,
        LEVEL: count ? 'crit' : 'alert',    /* that it stalls is [crit] */
        NAMES: count ? names.join(' ') : 'stalled',
        SINKS: count
            ? names.map((name) => line(name, `${PREFIX}/logs/${name}.log`))
                .join('\n    ')
            : line('stalled', `${PREFIX}/mark/pipe`),
    }) };
}


/* so many users that were pushed; 100,000 need what docs/scim.md says */

function pushed(users, words) {
    return { conf: 'scim.conf.in', words: ({ PREFIX }) => {
        writeUsers(PREFIX, users);

        return { ...words, ZONE: users > 1000 ? '96m' : '4m',
            UNKNOWN: users ? 'refuse' : 'allow' };
    } };
}


/* count blocks of rtauth_group for the groups that tokens are minted with */

export function groupBlocks(provider, count) {
    return groupNames(count).map((name) => `    rtauth_group  ${provider}-${name} {
        provider    ${provider};
        match       groups has ${name};
        permission  use;
    }
`).join('');
}


/*
 * A server whose locations are named as algorithms are, and "bound" for proofs.
 * Conditions stand for groups, of which there may be no more.
 */

function signatureServer({ of, bound }, { PORT }) {
    const all = [
        ...Object.entries(of).map(([alg, { jwks }]) =>
            [alg, jwks, `algorithms ${alg};`]),
        ['bound', bound.jwks, 'algorithms ES256; bound dpop algs=ES256;'],
    ];
    const providers = all.map(([name, jwks, more]) => `
    rtauth_provider  ${name} {
        issuer      ${ISSUER};
        audience    ${AUDIENCE};
        jwks_file   ${jwks};
        ${more}
    }
`);
    const locations = all.map(([name]) => `
        location = /${name} {
            rtauth          ${name};
            rtauth_require  claim groups has support;
            empty_gif;
        }
`);

    return `${providers.join('')}
    server {
        listen            127.0.0.1:${PORT};
        server_name       bench-signatures;
        rtauth_authorize  off;
${locations.join('')}    }
`;
}


/*
 * The modules of that folder, without what debuggers read: valgrind 3.19 ends
 * at the DWARF of clang 14.
 */

function stripped(from, name) {
    const to = path.join(DIR, `modules-${name.replace(', ', '-')}`);

    fs.mkdirSync(to, { recursive: true });

    for (const name of ['rtauth', 'rtaudit', 'rtcsp']) {
        const file = `ngx_http_${name}_module.so`;

        execFileSync('strip', ['-g', '-o', path.join(to, file),
            path.join(from, file)]);
    }

    return to;
}


const template = (name) => fs.readFileSync(path.join(HERE, name), 'utf8');


export class Stand {
    /*
     * What was started is stopped by the functions of stack, last one first;
     * an nginx is made for each of confs, and not started yet.  Its words are
     * those that not all of them know.
     */

    static async make(stack, { confs, pin }) {
        const stand = Object.assign(new Stand(), { at: {} });
        const app = new Nginx(path.join(DIR, 'app'));

        stand.ports = [await freePort(PORTS)];
        await prepare(app.prefix, template('app.conf.in'), {
            HTML, PORT: stand.ports[0],
        });
        stack.push(() => app.stop());
        await app.start(stand.ports[0], { wrap: pin });

        stand.provider = await startProvider();
        stack.push(() => stand.provider.stop());

        for (const [name, { conf, words }] of Object.entries(confs)) {
            stand.at[name] = await stand.prepare(name, conf, words);
            stack.push(() => stand.at[name].nginx.stop());
        }

        return stand;
    }

    async prepare(name, conf, words) {
        const nginx = new Nginx(path.join(DIR,
            `nginx-${name.replace(', ', '-')}`));
        const port = await freePort(PORTS, this.ports);
        const known = {
            HTML, PLACEHOLDER, AUDIENCE, CLIENT, PREFIX: nginx.prefix,
            MODULES: process.env.BENCH_MODULES || path.join(BUILD, 'modules'),
            PORT: port, APP_PORT: this.ports[0], SIGN_IN: this.provider.issuer,
        };

        this.ports.push(port);
        const all = { ...known, ...words(known) };

        await prepare(nginx.prefix, template(conf),
            { ...all, MODULES: stripped(all.MODULES, name) });
        fs.mkdirSync(path.join(nginx.prefix, 'mark'), { recursive: true });
        fs.writeFileSync(path.join(nginx.prefix, 'nonce-placeholder'),
            PLACEHOLDER, { mode: 0o600 });
        fs.writeFileSync(path.join(nginx.prefix, 'client-secret'), SECRET,
            { mode: 0o600 });

        return { nginx, port, logs: path.join(nginx.prefix, 'logs') };
    }

    /*
     * With what variants.mjs asks for: count tokens for those that need new
     * ones, and whichever nginx of it is named in at.
     */

    static async ofVariants(stack, { count, pin, at }) {
        const tokens = await prepareTokens(DIR, count);

        PAGES.forEach((one) => writePage(...one));

        const redis = await startRedis();

        stack.push(() => redis.stop());

        const collector = await startCollector();

        stack.push(() => collector.socket.close());

        const usual = (more) => ({ conf: 'nginx.conf.in', words: () => ({
            ISSUER, JWKS: tokens.jwks, REDIS: redis.socket, WORKERS: 1,
            COLLECTOR: `127.0.0.1:${collector.socket.address().port}`,
            GROUPS: '', ...more }) });
        const many = { GROUPS: groupBlocks('many', MANY) };
        const checks = (workers) => ({ conf: 'nginx.conf.in',
            words: (known) => ({ ...usual({ WORKERS: workers }).words(),
                GROUPS: signatureServer(tokens, known) }) });
        const older = { MODULES: BEFORE };
        const all = {
            one: usual({}),
            two: usual({ WORKERS: 2 }),
            many: usual(many),
            signatures: checks(1),
            'signatures, two': checks(2),
            'one, before': usual(older),
            'many, before': usual({ ...many, ...older }),
            four: sinks(1, 4),
            'four, two': sinks(2, 4),
            stalled: sinks(1, 0),
            ...Object.fromEntries(SIZES.map((users) => [stands(users),
                pushed(users, { ISSUER, JWKS: tokens.jwks })])),
            peers: { conf: 'peers.conf.in', words: () => ({
                PEERS: '/usr/lib/nginx/modules', JS: HERE,
                PUBLIC_KEY: tokens.publicKey,
                PUBLIC_KEY_EC: tokens.of.ES256.publicKey }) },
        };
        const stand = await Stand.make(stack, { pin,
            confs: Object.fromEntries(at.map((name) => [name, all[name]])) });

        if (at.includes('peers')) {
            const { prefix } = stand.at.peers.nginx;

            fs.writeFileSync(path.join(prefix, 'modsecurity.conf'),
                template('modsecurity.conf')
                    .replace('LOG', path.join(prefix, 'logs/modsecurity.log')));
        }

        if (at.includes('stalled')) {
            const pipe = path.join(stand.at.stalled.nginx.prefix, 'mark/pipe');

            fs.rmSync(pipe, { force: true });
            execFileSync('mkfifo', ['-m', '600', pipe]);
        }

        return Object.assign(stand, { redis, collector, tokens: { ...tokens, count } });
    }

    of(variant) {
        return this.at[variant.at ?? 'one'];
    }

    url(variant) {
        return `http://127.0.0.1:${this.of(variant).port}${variant.uri}`;
    }

    headers(variant) {
        return {
            Host: hostOf(variant),
            ...variant.headers,
            ...(variant.token === 'one' ? bearer(this.tokens.one) : {}),
            ...(variant.token === 'groups' ? bearer(this.tokens.groups) : {}),
            ...(variant.token === 'opaque' ? bearer(OPAQUE) : {}),
            ...(variant.session ? { Cookie: this.cookies } : {}),
            ...(variant.body ? { 'Content-Type': variant.type } : {}),
        };
    }

    /* what is shown to see whether the variant works at all */

    shown(variant) {
        const { one } = this.tokens.of[variant.alg ?? 'RS256'];

        switch (variant.token) {
        case 'many':
            return bearer(one);

        case 'proofs': {
            const { key, token, jwk } = this.tokens.bound;

            return { Authorization: `DPoP ${token}`,
                DPoP: prove(key, { token, jwk, htu: this.htu(variant),
                    jti: crypto.randomUUID() }) };
        }

        default:
            return {};
        }
    }

    htu(variant) {
        return `http://${hostOf(variant)}${variant.uri}`;
    }

    /* -> the file whose lines are to be sent */

    async supply(variant) {
        if (variant.token === 'many') {
            return this.tokens.of[variant.alg ?? 'RS256'].tokens;
        }

        const file = path.join(DIR, 'proofs.txt');

        await mintProofs(file, this.tokens.count, this.tokens.bound,
            this.htu(variant));

        return file;
    }

    /* that the variant does what it is there for, or nothing is measured */

    async check(variant) {
        const { name } = variant;
        const url = this.url(variant);

        if (variant.session) {
            const [host, uri] = variant.session;

            this.cookies = await signIn(this.url({ ...variant, uri }), host);
        }

        const headers = { ...this.headers(variant), ...this.shown(variant) };
        const res = await request(url, { headers, body: variant.body });
        const held = res.body.includes(PLACEHOLDER);

        if (res.status !== 200
            || (variant.page === 'as it is' && !held)
            || (variant.page === 'rewritten' && held))
        {
            throw new Error(`${name}: ${res.status}, the page is not `
                            + `${variant.page ?? 'there'}`);
        }

        if (variant.decides) {
            const anonymous = await request(url, {
                headers: { Host: hostOf(variant) },
            });

            if (anonymous.status !== 401) {
                throw new Error(`${name}: nobody got ${anonymous.status}`);
            }
        }

        if (variant.log) {
            await until(`${name}: a line in ${variant.log}`, 30,
                () => this.lines(variant) > 0);
        }
    }

    /* the files of a variant that are there */

    files(variant) {
        return [variant.log].flat()
            .map((name) => path.join(this.of(variant).logs, name))
            .filter((file) => fs.existsSync(file));
    }

    lines(variant) {
        return variant.log === COLLECTED ? this.collector.lines
            : sum(this.files(variant).map(countLines));
    }

    bytes(variant) {
        return variant.log === COLLECTED ? 0
            : sum(this.files(variant).map((file) => fs.statSync(file).size));
    }

    empty() {
        if (this.collector) {
            this.collector.lines = 0;
        }

        for (const { logs } of Object.values(this.at)) {
            for (const name of fs.readdirSync(logs)) {
                if (name !== 'error.log') {
                    fs.truncateSync(path.join(logs, name), 0);
                }
            }
        }
    }

    alarms() {
        return Object.values(this.at).flatMap(({ nginx }) => nginx.alarms());
    }
}
