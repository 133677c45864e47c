/*
 * What is measured, in the order in which a round goes through it, and what
 * must hold (DESIGN: budgets).
 *
 * at        the nginx: one (one worker) unless it is said, two (workers),
 *           many (groups), signatures, scim (so many users), peers
 * uri       of the request, with arguments
 * body      of a POST, and its type
 * token     'one', 'groups' and 'opaque' (the same again and again; the second
 *           has many groups, the third is no JWT), 'many' (each once), or
 *           'proofs' (one that is bound, each time with another proof)
 * alg       of 'many'; RS256 unless it is said
 * host      of the request; bench unless it is said
 * headers   that it has besides
 * session   host and uri where somebody signs in first; the cookies are sent
 * decides   whether nobody may come there without a token
 * base      the variant without that which is measured
 * log       the file under logs/ in which each request leaves a line
 * page      what becomes of the placeholder: 'as it is', 'rewritten'
 * budget    { least: ratio of requests/s to base, or to the variant of }, or
 *           { microseconds: of CPU on top of base }, or
 *           { verify: times OpenSSL's verify and the base request }
 * paced     whether it is also asked at a fixed rate
 * big       whether it is not run under callgrind, where it takes too long
 * calls     'same': the thread that serves it makes as many system calls as for
 *           base
 * ours      whether it is of these modules, so that CI holds its instructions
 *           to what bounds.json says
 */

import { MOST, SIZES, stands } from './scim.mjs';

const ARGS = '?customer=42&page=support&query=open+orders&limit=50'
    + '&password=correct-horse';

const FORM = {
    body: 'name=Open+orders&limit=50&region=north&note=as+agreed+by+phone'
        + '&password=correct-horse',
    type: 'application/x-www-form-urlencoded',
};

const JSON_BODY = {
    body: JSON.stringify({
        query: 'select * from orders where customer = :customer',
        parameters: { customer: 42, limit: 50, regions: ['north', 'south'] },
        options: { dryRun: false, note: 'as agreed by phone' },
        password: 'correct-horse',
    }),
    type: 'application/json',
};

/* what each browser sends, and wrk does not */

const BROWSER = {
    'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, '
        + 'like Gecko) Chrome/131.0.0.0 Safari/537.36',
    Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'Accept-Language': 'en-US,en;q=0.9',
    'Accept-Encoding': 'gzip, deflate, br',
    'Sec-Fetch-Mode': 'navigate',
    Referer: 'https://tools.example.com/orders?page=7',
    Cookie: 'theme=dark; tz=Europe%2FBerlin',
};

/* file, bytes, bytes that a tag has */

export const PAGES = [
    ['small.html', 4 * 1024, 42],
    ['page.html', 119 * 1024, 42],
    ['dense.html', 119 * 1024, 17],
    ['prose.html', 119 * 1024, 146],
    ['1k.html', 1024, 42],
    ['5k.html', 5 * 1024, 42],
    ['700k.html', 700 * 1024, 42],
    ['10m.html', 10 * 1024 * 1024, 42],
];

const nonce = (file, words, { big = false } = {}) => [
    { name: words, uri: `/page/${file}`, page: 'as it is', big },
    {
        name: `${words}, nonce`, uri: `/nonce/${file}`, base: words,
        page: 'rewritten', big, ours: !big,
    },
];

/* the same page by nginx's own means, one pattern and three, and Debian's */

const beside = (file, words) => [
    ['sub_filter', 'sub-filter'], ['sub_filter x3', 'sub-filter-3'],
    ['subs_filter', 'subs-filter', 'peers'],
].map(([name, uri, at]) => ({ name: `${words}, ${name}`, at,
    uri: `/${uri}/${file}`, base: words, page: 'rewritten', big: true }));

/* the plain location gets the same cookie: nginx takes its time to read it */

const session = (store, host, uri, more) => [
    { name: `plain location, ${store} cookie`, uri: '/plain',
        session: [host, uri] },
    { name: `session, store=${store}`, host, uri, session: [host, uri],
        base: `plain location, ${store} cookie`, ...more },
];

/* none is sent twice, to one worker and to two */

const signature = (name, words, more) => ['', ', 2 workers'].map((end) => ({
    name: `rtauth, ${words}${end}`, uri: `/${name}`, host: 'bench-signatures',
    at: end ? 'signatures, two' : 'signatures', token: 'many', alg: name,
    base: `plain location${end}`, decides: true, ...more }));

const PLAIN = { budget: undefined, ours: false, paced: false };

/* the token's user is one of those that were pushed, but for where none is */

const scim = (users) => `rtauth_scim, ${users.toLocaleString('en-US')} pushed`;

const pushed = (users) => ({ name: scim(users), at: stands(users),
    uri: '/pushed', token: 'one', decides: true,
    base: users ? scim(SIZES[0]) : undefined,
    budget: users === MOST ? { least: 0.95, of: scim(1) } : undefined });

/* with a second worker: what they have to wait for each other */

const two = (...names) => names.map((name) => {
    const one = ONE.find((variant) => variant.name === name);
    const words = (of) => of && `${of}, 2 workers`;

    return { ...one, ...PLAIN, at: 'two', name: words(name),
        base: words(one.base) };
});

/* with modules from there, built of an older tree, in the same rounds */

export const BEFORE = process.env.BENCH_BEFORE;

const before = (one) => (BEFORE && one.ours ? [{ ...one, ...PLAIN,
    at: `${one.at ?? 'one'}, before`, name: `${one.name}, before` }] : []);

/* of a variant whose lines the bench itself takes */

export const COLLECTED = 'collected';

/* a request that leaves a line in each of four files: what the writer can do */

const FOUR = ['audit-0.log', 'audit-1.log', 'audit-2.log', 'audit-3.log'];

const many = (at, name) => [
    { name: `plain location, ${name}`, uri: `/plain${ARGS}`, at },
    {
        name: `rtaudit metadata, ${name}`, uri: `/audit-metadata${ARGS}`, at,
        base: `plain location, ${name}`, log: FOUR,
    },
];

const ONE = [
    { name: 'plain location', uri: '/plain', token: 'one' },
    {
        name: 'rtauth, RS256 token seen before', uri: '/rtauth', token: 'one',
        base: 'plain location', decides: true, budget: { least: 0.95 },
        ours: true,
    },
    {
        name: 'rtauth, RS256 token never seen', uri: '/rtauth', token: 'many',
        base: 'plain location', decides: true, budget: { verify: 1.15 },
        ours: true,
    },
    ...signature('RS256', 'token checked by RS256'),
    ...signature('ES256', 'token checked by ES256'),
    ...signature('EdDSA', 'token checked by EdDSA'),
    ...signature('bound', 'token with a DPoP proof', { token: 'proofs',
        alg: 'ES256' }),
    {
        name: 'plain location, long token', uri: '/plain', token: 'groups',
        at: 'many',
    },
    {
        name: 'rtauth, 257 groups', uri: '/groups', token: 'groups',
        at: 'many',
        base: 'plain location, long token', decides: true, ours: true,
        budget: { microseconds: 5 },
    },
    {
        name: 'plain location, opaque token', uri: '/plain', token: 'opaque',
    },
    {
        name: 'rtauth, opaque token seen before', uri: '/opaque',
        token: 'opaque', base: 'plain location, opaque token', decides: true,
        budget: { least: 0.95 }, ours: true,
    },
    ...session('zone', 'bench', '/zone/page', { ours: true,
        budget: { least: 0.90 } }),
    ...session('cookie', 'bench-cookie', '/page', { ours: true }),
    ...session('redis', 'bench-redis', '/page', {}),
    ...SIZES.map(pushed),
    {
        name: 'njs verifies the token', uri: '/njs-token', token: 'one',
        base: 'plain location', at: 'peers', decides: true,
    },
    {
        name: 'njs verifies the token, ES256', uri: '/njs-token-es256',
        token: 'many', alg: 'ES256', base: 'plain location', at: 'peers',
        decides: true,
    },
    { name: 'plain location, arguments', uri: `/plain${ARGS}`, paced: true },
    {
        name: 'rtaudit metadata', uri: `/audit-metadata${ARGS}`,
        base: 'plain location, arguments', log: 'audit.log', ours: true,
        calls: 'same', budget: { microseconds: 3 },
    },
    {
        name: 'rtaudit request', uri: `/audit-request${ARGS}`,
        base: 'plain location, arguments', log: 'audit.log', ours: true,
        calls: 'same', paced: true,
        budget: { microseconds: 5 },
    },
    {
        name: 'plain location, a browser', uri: `/plain${ARGS}`,
        headers: BROWSER,
    },
    {
        name: 'rtaudit metadata, a browser', uri: `/audit-metadata${ARGS}`,
        headers: BROWSER, base: 'plain location, a browser', log: 'audit.log',
        ours: true, budget: { microseconds: 3 },
    },
    {
        name: 'rtaudit request, a browser', uri: `/audit-request${ARGS}`,
        headers: BROWSER, base: 'plain location, a browser', log: 'audit.log',
        ours: true, budget: { microseconds: 5 },
    },
    {
        name: 'ModSecurity', uri: `/modsecurity${ARGS}`, at: 'peers',
        base: 'plain location, arguments', log: 'modsecurity.log',
    },
    {
        name: 'access_log escape=json', uri: `/access-log${ARGS}`,
        base: 'plain location, arguments', log: 'access.log',
    },
    {
        name: 'access_log escape=json buffer=64k',
        uri: `/access-log-buffer${ARGS}`,
        base: 'plain location, arguments', log: 'access-buffer.log',
    },
    {
        name: 'access_log escape=json, syslog',
        uri: `/access-log-syslog${ARGS}`, host: 'bench-syslog',
        base: 'plain location, arguments', log: COLLECTED,
    },
    ...many('four', '4 files'),
    ...many('four, two', '4 files, 2 workers'),
    {
        name: 'rtaudit metadata, a sink that stalls',
        uri: `/audit-metadata${ARGS}`, at: 'stalled', paced: true,
        base: 'plain location, arguments',
    },
    { name: 'POST of a form', uri: '/post', ...FORM },
    {
        name: 'rtaudit request, form', uri: '/audit-post', ...FORM,
        base: 'POST of a form', log: 'audit.log', ours: true,
    },
    { name: 'POST of JSON', uri: '/post', ...JSON_BODY },
    {
        name: 'rtaudit request, JSON', uri: '/audit-post', ...JSON_BODY,
        base: 'POST of JSON', log: 'audit.log', ours: true,
    },
    {
        name: 'ModSecurity, JSON', uri: '/modsecurity-post', ...JSON_BODY,
        base: 'POST of JSON', log: 'modsecurity.log', at: 'peers',
    },
    {
        name: 'page of 119 KB', uri: '/page/page.html', page: 'as it is',
        paced: true,
    },
    {
        name: 'page, sub_filter', uri: '/sub-filter/page.html',
        base: 'page of 119 KB', page: 'rewritten', paced: true,
    },
    {
        name: 'page, sub_filter x3', uri: '/sub-filter-3/page.html',
        base: 'page of 119 KB', page: 'rewritten',
    },
    {
        name: 'page, subs_filter', uri: '/subs-filter/page.html', at: 'peers',
        base: 'page of 119 KB', page: 'rewritten',
    },
    {
        name: 'page, njs', uri: '/njs/page.html', at: 'peers',
        base: 'page of 119 KB', page: 'rewritten',
    },
    {
        name: 'page, rtcsp nonce', uri: '/nonce/page.html',
        base: 'page of 119 KB', page: 'rewritten', ours: true, paced: true,
        budget: { least: 1.1, of: 'page, sub_filter' },
    },
    ...nonce('1k.html', 'page of 1 KB'),
    ...nonce('dense.html', 'a tag in 17 bytes'),
    ...beside('dense.html', 'a tag in 17 bytes'),
    ...nonce('prose.html', 'a tag in 146 bytes'),
    ...beside('prose.html', 'a tag in 146 bytes'),
    ...nonce('5k.html', 'page of 5 KB', { big: true }),
    ...beside('5k.html', 'page of 5 KB'),
    ...nonce('700k.html', 'page of 700 KB', { big: true }),
    ...beside('700k.html', 'page of 700 KB'),
    ...nonce('10m.html', 'page of 10 MB', { big: true }),
    {
        name: 'proxy', uri: `/proxy${ARGS}`, token: 'one', page: 'as it is',
        paced: true,
    },
    {
        name: 'proxy, all three', uri: `/all${ARGS}`, token: 'one',
        base: 'proxy', log: 'audit.log', page: 'rewritten', decides: true,
        budget: { least: 0.70 }, calls: 'same', ours: true, paced: true,
    },
];

export const VARIANTS = [
    ...ONE.flatMap((one) => [one, ...before(one)]),
    ...two('plain location', 'rtauth, RS256 token seen before',
        'plain location, arguments', 'rtaudit request', 'proxy',
        'proxy, all three'),
];


/* those whose name has the text, and what they are compared with */

export function chosen(text) {
    const names = new Set();
    const add = (name) => {
        const one = VARIANTS.find((variant) => variant.name === name);

        for (const other of [one.base, one.budget?.of]) {
            if (other) {
                add(other);
            }
        }

        names.add(name);
    };

    VARIANTS.filter((one) => one.name.includes(text))
        .forEach((one) => add(one.name));

    return VARIANTS.filter((variant) => names.has(variant.name));
}
