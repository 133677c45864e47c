/*
 * What is measured, in the order in which a round goes through it, and what
 * must hold (DESIGN: budgets).
 *
 * uri       of the request, with arguments
 * token     'one' (the same again and again) or 'many' (each once)
 * host      of the request; bench unless it is said
 * session   whether somebody signs in there first
 * base      the variant it is compared with
 * log       the file under logs/ in which each request leaves a line
 * budget    { least: ratio of requests/s to base }, or
 *           { microseconds: of CPU on top of base }, or
 *           { verify: times OpenSSL's verify and the base request }
 */

const ARGS = '?customer=42&page=support&query=open+orders&limit=50'
    + '&password=correct-horse';

export const VARIANTS = [
    { name: 'plain location', uri: '/plain', token: 'one' },
    {
        name: 'rtauth, RS256 token seen before', uri: '/rtauth', token: 'one',
        base: 'plain location', budget: { least: 0.90 },
    },
    {
        name: 'rtauth, RS256 token never seen', uri: '/rtauth', token: 'many',
        base: 'plain location', budget: { verify: 1.3 },
    },
    { name: 'plain location, no token', uri: '/plain' },
    {
        name: 'session, store=zone', uri: '/zone/page', session: true,
        base: 'plain location, no token', budget: { least: 0.90 },
    },
    {
        name: 'session, store=cookie', uri: '/page', host: 'bench-cookie',
        session: true, base: 'plain location, no token',
    },
    { name: 'plain location, arguments', uri: `/plain${ARGS}` },
    {
        name: 'rtaudit metadata', uri: `/audit-metadata${ARGS}`,
        base: 'plain location, arguments', log: 'audit.log',
        budget: { microseconds: 5 },
    },
    {
        name: 'rtaudit request', uri: `/audit-request${ARGS}`,
        base: 'plain location, arguments', log: 'audit.log',
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
    { name: 'page of 119 KB', uri: '/page.html', page: 'as it is' },
    {
        name: 'page, sub_filter', uri: '/sub-filter.html',
        base: 'page of 119 KB', page: 'rewritten',
    },
    {
        name: 'page, rtcsp nonce', uri: '/nonce.html',
        base: 'page, sub_filter', page: 'rewritten', budget: { least: 1.0 },
    },
    { name: 'proxy', uri: `/proxy${ARGS}`, token: 'one', page: 'as it is' },
    {
        name: 'proxy, all three', uri: `/all${ARGS}`, token: 'one',
        base: 'proxy', log: 'audit.log', page: 'rewritten',
        budget: { least: 0.75 },
    },
];


/* those whose name has the text, and what they are compared with */

export function chosen(text) {
    const names = new Set();

    for (const variant of VARIANTS) {
        if (variant.name.includes(text)) {
            for (let one = variant; one; one = VARIANTS.find(
                (other) => other.name === one.base))
            {
                names.add(one.name);
            }
        }
    }

    return VARIANTS.filter((variant) => names.has(variant.name));
}
