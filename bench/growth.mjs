/*
 * "make growth": that nothing costs more than in proportion to its size.
 *
 * Each curve is measured at sizes that grow, in instructions (callgrind.mjs).
 * What one more piece costs must not grow with them: a curve fails when a
 * piece of the last stretch costs half as much again as one of any stretch
 * before.  A `flat` curve, of something that a request should not notice, may
 * only rise by a tenth over all.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { until } from '../demo/http.mjs';
import { undoneWhenTold } from '../demo/proof.mjs';
import { byFunction, Callgrind } from './callgrind.mjs';
import { metric, SUBJECT, writeUsers } from './scim.mjs';
import { signIn } from './signin.mjs';
import { DIR, groupBlocks, Stand, writePage } from './stand.mjs';
import { groupNames, makeKeys, mint } from './tokens.mjs';

const ONLY = process.env.BENCH_ONLY || '';
const STEEPER = 1.5;
const FLAT = 1.1;
const FILL_SECONDS = 300;       /* to read a file, under valgrind */
const NOISE = 0.05;             /* of the whole: a rise that is no growth */

const GROUPS = [2, 8, 32, 128];
const PROVIDERS = [1, 4, 14, 56];
const PUSHED = [1, 100, 1000, 10000];
const LOCATIONS = [1, 16, 64, 256, 1024];
/* of several buffers: a page that comes in one is not read to its end */
const PAGES = [64, 128, 512, 4096, 10240].map((size) => size * 1024);
const HOST = { Host: 'bench' };

const number = (i) => String(i).padStart(4, '0');
const issuerOf = (i) => `https://provider-${number(i)}.example.com`;


/* -- what is asked for a size; keys: of the tokens */

let serial = 0;

const bearer = (key, claims) => ({ ...HOST, Authorization:
    `Bearer ${mint(key, { iss: issuerOf(0), jti: `t-${serial++}`,
        groups: groupNames(1), ...claims })}` });

const known = (uri, claims) => (size, { key }) => {
    const headers = bearer(key, claims(size));

    return () => ({ uri: uri(size), headers });
};

const unknown = (uri, claims) => (size, { key }) =>
    () => ({ uri: uri(size), headers: bearer(key, claims(size)) });

const post = (type, make, uri = '/post') => (size) => {
    const body = make(size);
    const headers = { ...HOST, 'Content-Type': type };

    return () => ({ uri, headers, body });
};

const manyGroups = (size) => ({ iss: issuerOf(`g${size}`),
    groups: groupNames(size + 1) });
const padding = (size) => ({ note: 'x'.repeat(size * 3 / 4 - 600 * 3 / 4) });
const toLast = (size) => ({ iss: issuerOf(size - 1) });
const ofPushed = () => ({ iss: issuerOf('pushed'), sub: SUBJECT });
const repeat = (size, make) => Array.from({ length: size }, (_, i) => make(i));

const name = (i) => `name-${number(i)}`;

const page = (kind) => ({
    name: `page, a tag in ${kind} bytes`, unit: 'byte', sizes: PAGES,
    ask: (size) => () => ({ uri: `/nonce/${kind}-${size}.html`,
        headers: HOST }),
    few: true,
});

/* a user who was pushed, with others and groups; nginx reads the file anew */

const pushed = (users, groups) => async (size, { stand }) => {
    const { nginx, port } = stand.at.growth;

    writeUsers(nginx.prefix, users(size), groups(size));
    await until('what was pushed', FILL_SECONDS, async () =>
        await metric(port, 'groups') === groups(size)
        && await metric(port, 'users{state="active"}') === users(size)
        && await metric(port, 'ready') === 1);
};

const CURVES = [
    { name: 'groups, token seen before', unit: 'group', sizes: GROUPS,
        ask: known((size) => `/groups/${size}`, manyGroups) },
    { name: 'groups, token never seen', unit: 'group', sizes: GROUPS,
        ask: unknown((size) => `/groups/${size}`, manyGroups), own: true },
    { name: 'token size, seen before', unit: 'byte',
        sizes: [600, 2048, 4096, 8192],
        ask: known(() => '/token', padding) },
    { name: 'token size, never seen', unit: 'byte',
        sizes: [600, 2048, 4096, 8192],
        ask: unknown(() => '/token', padding), own: true },
    page(17), page(42), page(146),
    { name: 'event, one long argument', unit: 'byte',
        sizes: [64, 512, 4096, 32768],
        ask: (size) => () => ({ headers: HOST,
            uri: `/event?note=${'word+'.repeat(size / 5)}` }) },
    ...['AB12+', 'a@b.', '-----']
        .map((start) => ({ name: `event, shapes, ${start}`, unit: 'byte',
            sizes: [64, 512, 4096],
            ask: (size) => () => ({ headers: HOST,
                uri: `/shapes?note=${start.repeat(size / start.length)}` }) })),
    { name: 'event, shapes, JSON of one name', unit: 'member',
        sizes: [16, 64, 256, 1000],
        ask: post('application/json', (size) =>
            `{${repeat(size, () => '"name":"some words"')}}`, '/shapes-post') },
    { name: 'event, an expression, JSON', unit: 'byte',
        sizes: [512, 4096, 32768],
        ask: post('application/json', (size) => `{"name":"${'a'.repeat(size)}"}`,
            '/shapes-post') },
    { name: 'event, arguments', unit: 'argument', sizes: [1, 16, 64, 512],
        ask: (size) => () => ({ headers: HOST,
            uri: `/event?${repeat(size, (i) => `${name(i)}=v`).join('&')}` }) },
    { name: 'event, arguments of one name', unit: 'argument',
        sizes: [1, 16, 64, 512],
        ask: (size) => () => ({ headers: HOST,
            uri: `/event?${repeat(size, () => 'name=v').join('&')}` }) },
    { name: 'event, form', unit: 'field', sizes: [1, 16, 64, 256],
        ask: post('application/x-www-form-urlencoded', (size) =>
            repeat(size, (i) => `${name(i)}=some+words`).join('&')) },
    { name: 'event, JSON', unit: 'member', sizes: [1, 16, 64, 256, 1000],
        ask: post('application/json', (size) =>
            `{${repeat(size, (i) => `"${name(i)}":"some words"`)}}`) },
    { name: 'event, JSON, deep', unit: 'level', sizes: [1, 4, 16, 64],
        ask: post('application/json', (size) =>
            `${'{"a":'.repeat(size)}1${'}'.repeat(size)}`) },
    { name: 'zone full of tokens, a new one', unit: 'token', flat: true, own: true,
        sizes: [0, 1024, 2048, 2560], fill: true,
        ask: unknown(() => '/token', () => ({})) },
    { name: 'zone full of sessions, a new one', unit: 'session', flat: true, own: true,
        sizes: [0, 16, 48], fill: true, few: true,
        act: ({ stand }) => signIn(`http://127.0.0.1:${stand.at.growth.port}/page`,
            'bench-sign-in') },
    { name: 'scim, users, token never seen', unit: 'user', sizes: PUSHED, flat: true,
        ready: pushed((size) => size, () => 8),
        ask: unknown(() => '/pushed', ofPushed), own: true },
    { name: 'scim, groups of a user, token never seen', unit: 'group',
        sizes: [1, 4, 16, 64],
        ready: pushed(() => 8, (size) => size),
        ask: unknown(() => '/pushed', ofPushed), own: true },
    { name: 'providers of a location', unit: 'provider', sizes: PROVIDERS,
        ask: known((size) => `/providers/${size}`, toLast) },
    { name: 'locations of a server', unit: 'location', sizes: LOCATIONS,
        flat: true, ask: (size, { key }) => {
            const headers = { ...bearer(key, {}), Host: `locations-${size}` };

            return () => ({ uri: `/of/${size - 1}/`, headers });
        } },
];


/* -- the configuration that they are asked of */

function provider(name, issuer, jwks) {
    return `    rtauth_provider  ${name} {
        issuer      ${issuer};
        audience    tools;
        jwks_file   ${jwks};
        algorithms  RS256;
    }
`;
}


function words(jwks, { PORT }) {
    const names = repeat(Math.max(...PROVIDERS), (i) => `provider-${number(i)}`);
    const providers = [
        ...names.map((name, i) => provider(name, issuerOf(i), jwks)
            + groupBlocks(name, 1)),
        ...GROUPS.map((size) => provider(`g${size}`, issuerOf(`g${size}`),
            jwks) + groupBlocks(`g${size}`, size)),
    ];
    const people = `    rtauth_group  people {
        provider    people;
        match       groups has support;
        permission  use;
    }
`;
    const locations = [
        ...GROUPS.map((size) => [`/groups/${size}`, `g${size}`]),
        ...PROVIDERS.map((size) => [`/providers/${size}`,
            names.slice(0, size).join(' ')]),
    ].map(([uri, list]) =>
        `        location = ${uri} { rtauth ${list}; empty_gif; }\n`);
    const servers = LOCATIONS.map((size) => `    server {
        listen       127.0.0.1:${PORT};
        server_name  locations-${size};

${repeat(size, (i) => `        location /of/${i}/ {
            rtauth provider-0000; rtaudit main; rtcsp talisman; empty_gif; }
`).join('')}    }
`);

    const users = provider('pushed', issuerOf('pushed'), jwks)
        + `    rtauth_group  pushed {
        provider    pushed;
        scim_group  group-0;
        permission  use;
    }
`;

    return { PROVIDERS: providers.join('') + people + users, LOCATIONS: locations.join(''),
        SERVERS: servers.join('') };
}


/* -- the measurement */

/* what one act() takes at each size; own: without OpenSSL's part of it */

async function measure(curve, { callgrind, nothing, ...given }) {
    const how = curve.few ? { windows: 3, times: 2, warm: 1 }
        : { windows: 3, times: 20, warm: 3 };
    const costs = [];
    let acts = 0;

    for (const size of curve.sizes) {
        await curve.ready?.(size, given);

        const next = curve.ask?.(size, given);
        const act = () => {
            acts++;
            return next ? callgrind.ask(next()) : curve.act(given);
        };

        while (curve.fill && acts < size) {
            await act();
        }

        const { count, file } = await callgrind.least(act, how);
        const all = curve.own ? [...byFunction(file, { openssl: false })
            .values()].reduce((sum, cost) => sum + cost, 0) : count;

        costs.push((all - nothing) / how.times);
        callgrind.forget();
    }

    return costs;
}


/* -> what one more piece costs from one size to the next, and a verdict */

function judge({ sizes, flat }, costs) {
    const steps = sizes.slice(1).map((size, i) =>
        (costs[i + 1] - costs[i]) / (size - sizes[i]));

    if (flat) {
        return { steps, met: Math.max(...costs) <= costs[0] * FLAT };
    }

    /* a stretch that hardly rises says nothing of what a piece costs */

    const rises = steps.filter((_, i) =>
        costs[i + 1] - costs[i] > costs[i] * NOISE);
    const met = rises.every((step, i) => i === 0
        || step <= STEEPER * Math.max(...rises.slice(0, i)));

    return { steps, met };
}


function tell(curve, costs) {
    const { steps, met } = judge(curve, costs);

    console.log(`\n${curve.name}: ${met ? 'met' : 'NOT MET'}`);
    console.log(`${curve.unit.padStart(12)}s ${'instructions'.padStart(14)} `
        + `one more ${curve.unit}`);
    curve.sizes.forEach((size, i) => {
        console.log(`${String(size).padStart(13)} `
            + `${costs[i].toFixed(0).padStart(14)} `
            + `${i ? steps[i - 1].toFixed(1) : ''}`.trimEnd());
    });

    return { name: curve.name, sizes: curve.sizes, steps, met };
}


async function start(stack) {
    const jwks = path.join(DIR, 'growth-jwks.json');
    const { privateKey } = makeKeys(jwks);

    for (const kind of [17, 42, 146]) {
        PAGES.forEach((size) => writePage(`${kind}-${size}.html`, size, kind));
    }

    const stand = await Stand.make(stack, { confs: { growth: {
        conf: 'growth.conf.in', words: (known) => {
            writeUsers(known.PREFIX, 0);

            return words(jwks, known);
        } } } });
    const { nginx, port } = stand.at.growth;
    const callgrind = new Callgrind(nginx, path.join(DIR, 'growth'));

    stack.push(() => callgrind.end());
    await callgrind.start(port);

    const { count } = await callgrind.least(() => undefined,
        { windows: 5, times: 0, warm: 0 });

    return { stand, callgrind, nothing: count, key: privateKey };
}


async function main(stack) {
    const curves = CURVES.filter((one) => one.name.includes(ONLY));
    const seen = [];

    if (curves.length === 0) {
        throw new Error(`no curve is named "${ONLY}"`);
    }

    const given = await start(stack);

    for (const curve of curves) {
        seen.push(tell(curve, await measure(curve, given)));
        given.stand.empty();
    }

    fs.writeFileSync(path.join(DIR, 'growth.json'),
        JSON.stringify(seen, null, 4));

    const [alarm] = given.stand.alarms();

    if (alarm) {
        throw new Error(`nginx complains: ${alarm}`);
    }

    const passed = seen.filter(({ met }) => met).length;

    return { passed, failed: seen.length - passed };
}


let result = { passed: 0, failed: 1 };

try {
    result = await undoneWhenTold(main);

} catch (err) {
    console.error(`\ngrowth: FAILED: ${err.message}`);
}

console.log(`\ngrowth: ${result.passed} passed, ${result.failed} failed`);
process.exit(result.failed ? 1 : 0);
