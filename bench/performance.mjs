/*
 * performance.mjs PAGE.md [NAME ...]
 *
 * Puts what "make bench", "make instructions" and "make growth" have found into
 * the page, each time in place of what stands between a comment with its name,
 * "<!-- waits -->", and the next empty line; all of it, or what is named.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { DIR } from './stand.mjs';

const REQUESTS = [
    ['token seen before', 'rtauth, RS256 token seen before'],
    ['token seen before, 257 groups', 'rtauth, 257 groups'],
    ['token never seen, RS256', 'rtauth, RS256 token never seen'],
    ['session, `store=zone`', 'session, store=zone'],
    ['session, `store=cookie`', 'session, store=cookie'],
    ['session, `store=redis`', 'session, store=redis'],
    ['event, `metadata`, few headers', 'rtaudit metadata'],
    ['event, `metadata`, a browser\'s headers', 'rtaudit metadata, a browser'],
    ['event, `request`, few headers', 'rtaudit request'],
    ['event, `request`, a browser\'s headers', 'rtaudit request, a browser'],
    ['event, `request`, a form', 'rtaudit request, form'],
    ['event, `request`, a JSON body', 'rtaudit request, JSON'],
    ['nonce, page of 1 KB', 'page of 1 KB, nonce'],
    ['nonce, 119 KB, a tag in 42 bytes', 'page, rtcsp nonce'],
    ['nonce, 119 KB, a tag in 17 bytes', 'a tag in 17 bytes, nonce'],
    ['nonce, 119 KB, a tag in 146 bytes', 'a tag in 146 bytes, nonce'],
    ['all three, a proxied page of 4 KB', 'proxy, all three'],
    ['token seen before, two workers',
        'rtauth, RS256 token seen before, 2 workers'],
    ['event, `request`, two workers', 'rtaudit request, 2 workers'],
    ['all three, two workers', 'proxy, all three, 2 workers'],
];

/* label, algorithm of OpenSSL's own verify, of ours, of njs */

const SIGNATURES = [
    ['RS256', 'RS256', 'rtauth, token checked by RS256',
        'njs verifies the token'],
    ['ES256', 'ES256', 'rtauth, token checked by ES256',
        'njs verifies the token, ES256'],
    ['EdDSA', 'EdDSA', 'rtauth, token checked by EdDSA', undefined],
    ['a known token with a DPoP proof, ES256', 'ES256',
        'rtauth, token with a DPoP proof', undefined],
    ['a known opaque token', undefined, 'rtauth, opaque token seen before',
        undefined],
];

const PEERS = [
    ['a token never seen', 'njs, `auth_request`, RS256 by WebCrypto, no cache',
        'njs verifies the token'],
    ['an event', '`access_log escape=json`', 'access_log escape=json'],
    ['', 'the same with `buffer=64k`', 'access_log escape=json buffer=64k'],
    ['', 'ModSecurity, audit log as JSON, no other rules', 'ModSecurity'],
    ['', 'the same with a JSON body', 'ModSecurity, JSON'],
    ['a nonce in 119 KB', '`sub_filter`, one pattern', 'page, sub_filter'],
    ['', '`sub_filter`, three patterns', 'page, sub_filter x3'],
    ['', 'subs_filter, one pattern', 'page, subs_filter'],
    ['', 'njs, `js_body_filter`', 'page, njs'],
];

/* pages: bytes and a tag in how many; the words before each of WAYS, or names */

const PAGES = [
    ['5 KB, a tag in 42 bytes', 'page of 5 KB'],
    ['119 KB, a tag in 42 bytes', 'page', {
        '': 'page of 119 KB', ', nonce': 'page, rtcsp nonce' }],
    ['119 KB, a tag in 17 bytes', 'a tag in 17 bytes'],
    ['119 KB, a tag in 146 bytes', 'a tag in 146 bytes'],
    ['700 KB, a tag in 42 bytes', 'page of 700 KB'],
];

const WAYS = [['plain', ''], ['nonce', ', nonce'],
    ['`sub_filter`', ', sub_filter'],
    ['`sub_filter`, three patterns', ', sub_filter x3'],
    ['subs_filter', ', subs_filter']];

const WAITS = [
    ['plain, arguments', 'plain location, arguments'],
    ['event, `request`', 'rtaudit request'],
    ['page of 119 KB', 'page of 119 KB'],
    ['`sub_filter`', 'page, sub_filter'],
    ['nonce', 'page, rtcsp nonce'],
    ['proxied page', 'proxy'],
    ['all three', 'proxy, all three'],
];

const PUSHED = [
    ['0', 'rtauth_scim, 0 pushed'],
    ['1', 'rtauth_scim, 1 pushed'],
    ['1,000', 'rtauth_scim, 1,000 pushed'],
    ['100,000', 'rtauth_scim, 100,000 pushed'],
];

const GROWTH = [
    ['groups, token seen before (nginx reads the longer token)',
        'groups, token seen before'],
    ['groups, token never seen', 'groups, token never seen'],
    ['bytes of a token seen before (9 of 10 are nginx\'s reading)',
        'token size, seen before'],
    ['bytes of a token never seen', 'token size, never seen'],
    ['bytes of a page, a tag in 17 bytes', 'page, a tag in 17 bytes'],
    ['bytes of a page, a tag in 42 bytes', 'page, a tag in 42 bytes'],
    ['bytes of a page, a tag in 146 bytes', 'page, a tag in 146 bytes'],
    ['bytes of one argument in an event', 'event, one long argument'],
    ['arguments of an event', 'event, arguments'],
    ['arguments of one name', 'event, arguments of one name'],
    ['fields of a form', 'event, form'],
    ['members of a JSON body (sorted, to find twins: n log n)', 'event, JSON'],
    ['levels of a JSON body', 'event, JSON, deep'],
    ['tokens in a zone that fills and overflows',
        'zone full of tokens, a new one'],
    ['sessions in a zone', 'zone full of sessions, a new one'],
    ['users that were pushed, where a token is never seen',
        'scim, users, token never seen'],
    ['pushed groups of a user, where his token is never seen',
        'scim, groups of a user, token never seen'],
    ['providers that a location believes', 'providers of a location'],
    ['locations of a server, all three modules in each',
        'locations of a server'],
];

const json = (name) =>
    JSON.parse(fs.readFileSync(path.join(DIR, name), 'utf8'));
const round = (value) => Math.round(value).toLocaleString('en-US');
const fine = (value) => (Math.abs(value) < 10 && Math.round(value * 10) % 10
    ? value.toFixed(1) : round(value + 0));


function named(list, name) {
    const found = list.find((one) => one.name === name);

    if (!found) {
        throw new Error(`nothing was measured that is named "${name}"`);
    }

    return found;
}


function table(head, rows) {
    return [head, head.map(() => '---'), ...rows]
        .map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}


function budgets({ rows, budgets: others }) {
    const words = (label, { budget, measured, met }) => budget
        && [label, budget.replaceAll('<', '&lt;'), measured,
            met ? 'yes' : '**no**'];

    return table(['what', 'asked of it', 'measured', 'met'], [
        ...REQUESTS.map(([label, name]) => words(label, named(rows, name))),
        ...others.map((one) => words(one.name, one)),
    ].filter(Boolean));
}


function signatures({ rows, verify }) {
    const cell = (name, how) => (name === undefined ? '' : how(name));
    const extra = extraOf({ rows });
    const rate = (name) => {
        const found = rows.find((one) => one.name === name);

        return found ? round(found.rate) : '';
    };

    return table(['what is checked', 'OpenSSL alone, us', 'rtauth, us',
        'njs, us', 'requests/s', 'two workers'],
    SIGNATURES.map(([label, alg, ours, njs]) => [label,
        cell(alg, (one) => verify[one].toFixed(1)), extra(ours),
        cell(njs, extra), rate(ours), rate(`${ours}, 2 workers`)]));
}


function figures(result) {
    const { all, shared, alone, bytes, cookie } = result.sessions;
    const most = (at) => Math.max(...result.rows.filter(at)
        .map(({ memory }) => memory)).toFixed(0);

    return table(['what', 'figure'], [
        ['memory of a worker of its own, MB', most(({ name }) =>
            name === 'rtauth, RS256 token never seen')],
        ['of one with njs or ModSecurity, MB', most(({ name }) =>
            /njs|ModSecurity/.test(name))],
        ['bytes of Redis a session takes with `store=redis`', round(bytes)],
        ['bytes of a session\'s cookie with `store=cookie`', round(cookie)],
        ['sign-ins a second, one worker', round(all)],
        ['the same with `store=redis`', round(shared)],
        ['what provider and browsers of the bench, on one thread, manage '
            + 'without nginx', round(alone)],
    ]);
}


function pages({ rows, firsts }) {
    const told = [
        ['requests/s', (name) => round(named(rows, name).rate)],
        ['CPU, us', (name) => named(rows, name).cpu.toFixed(1)],
        ['first byte, ms', (name) => named(firsts, name).first.toFixed(2)],
    ];

    return table(['page', 'of a request', ...WAYS.map(([label]) => label)],
        PAGES.flatMap(([label, words, own]) => told.map(([what, cell], i) =>
            [i ? '' : label, what, ...WAYS.map(([, end]) =>
                cell(own?.[end] ?? words + end))])));
}


function pushed({ rows, pushed: found }) {
    const many = `${round(found.users)} users in 20 groups each`;

    return table(['what', 'figure'], [
        ...PUSHED.map(([users, name]) => [`CPU of a request, us; pushed: ${users}`,
            named(rows, name).cpu.toFixed(1)]),
        [`${many}: CPU to start, s`, found.started.toFixed(2)],
        ['the same: MB of the zone, of 96', (found.used / 2 ** 20).toFixed(0)],
        ['the same: changes a second, one client', round(found.one)],
        ['the same: changes a second, eight clients', round(found.eight)],
        ['the same: one out of a group of all, and back, eight clients',
            round(found.members)],
    ]);
}


/* the file of each is read when one of its blocks is wanted */

const result = () => json('result.json');

const extraOf = ({ rows }) => (name) => named(rows, name).extra.toFixed(1);

function countOf() {
    const counted = json('instructions.json');

    return (name) => (name in counted ? round(counted[name]) : '');
}


const BLOCKS = {
    machine() {
        const { load, verify } = result();

        return `${load.replace(/; |\n/g, ';\n')};\n`
            + `OpenSSL's own RS256 verify: ${verify.RS256.toFixed(1)} us.`;
    },

    requests() {
        const { rows } = result();
        const [count, extra] = [countOf(), extraOf({ rows })];

        return table(['request', 'instructions', 'CPU, us', 'of plain'],
            REQUESTS.map(([label, name]) => [label, count(name), extra(name),
                named(rows, name).byCpu.toFixed(2)]));
    },

    peers() {
        const [count, extra] = [countOf(), extraOf(result())];

        return table(['beside', 'what', 'instructions', 'CPU, us'],
            PEERS.map(([beside, label, name]) => [beside, label, count(name),
                extra(name)]));
    },

    pages: () => pages(result()),

    pushed: () => pushed(result()),

    budgets: () => budgets(result()),

    signatures: () => signatures(result()),

    growth() {
        const growth = json('growth.json');

        return table(['what', 'from', 'to', 'one more, few',
            'one more, many'], GROWTH.map(([label, name]) => {
            const { sizes, steps } = named(growth, name);

            return [label, round(sizes[0]), round(sizes.at(-1)),
                fine(steps[0]), fine(steps.at(-1))];
        }));
    },

    waits() {
        const { waits } = result();

        return table(['request', 'median, ms', 'p99, ms', 'best p99 of 3'],
            WAITS.map(([label, name]) => {
                const { p50, p99, best } = named(waits, name);

                return [label, ...[p50, p99, best].map((ms) => ms.toFixed(1))];
            }));
    },

    figures: () => figures(result()),
};


const [page, ...wanted] = process.argv.slice(2);
let text = fs.readFileSync(page, 'utf8');

for (const name of wanted.length ? wanted : Object.keys(BLOCKS)) {
    const words = BLOCKS[name]();
    const at = new RegExp(`(<!-- ${name} -->\n)(?:.+\n)*`);

    if (!at.test(text)) {
        throw new Error(`${page} has no place for "${name}"`);
    }

    text = text.replace(at, (_, mark) => `${mark}${words}\n`);
}

fs.writeFileSync(page, text);
