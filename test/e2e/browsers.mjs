/*
 * The same pages in Chromium and in Firefox, through real nginx, in each way
 * to a nonce: what is the page's own works, with a nonce that no load before
 * it had, and what was injected does not.
 */

import { execFileSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../demo/http.mjs';
import { freePort, Nginx, prepare } from '../../demo/nginx.mjs';
import { assert, run } from '../../demo/proof.mjs';
import { startElsewhere } from './app.mjs';
import { drive, visit } from '../../demo/drive.mjs';
import { injections, OWN, page as partsPage, startParts } from './parts.mjs';
import { violations } from './reports.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const BUILD = process.env.BUILD || path.resolve(HERE, '../../build');
const PREFIX = path.join(BUILD, 'browsers');
const SECRET = crypto.randomBytes(24).toString('base64url');
const COLOR = 'rgb(1, 2, 3)';
const BAD_COLOR = 'rgb(9, 9, 9)';
const SECONDS = 20;
const REFUSED = ['script-src-attr', 'script-src-elem', 'style-src-attr',
    'style-src-elem'];

/* one of those that are not left alone: one of 300 is */

function appNonce() {
    let nonce;

    do {
        nonce = crypto.randomBytes(18).toString('base64');
    } while (!/[^+/]{8}/.test(nonce));

    return nonce;
}


/*
 * A way: the lines of its location; nonce(req), what the app prints;
 * headers(nonce), what it sends beside; meta: whether the page tells its
 * scripts the nonce so.  A hit of nginx's cache has a fresh nonce; with closed
 * it has none, and its scripts do not run.  Of what is injected, runs is what
 * is not refused, styles with it.
 */

const WAYS = {
    header: {
        conf: 'rtcsp_nonce header;',
        nonce: (req) => req.headers['x-csp-nonce'],
        closed: true,
    },
    placeholder: {
        conf: 'rtcsp_nonce placeholder=file:nonce-placeholder;',
        nonce: () => SECRET,
    },
    private: {
        conf: 'rtcsp_nonce placeholder=file:nonce-placeholder;'
            + ' rtcsp_cache private;',
        nonce: () => SECRET,
    },
    meta: {
        conf: 'rtcsp_nonce placeholder=file:nonce-placeholder meta;',
        nonce: () => SECRET,
        meta: true,
    },
    upstream: {
        conf: 'rtcsp_nonce upstream;',
        nonce: appNonce,
        headers: (nonce) => ({
            'Content-Security-Policy': 'default-src \'self\'; '
                + `script-src 'strict-dynamic' 'nonce-${nonce}'; `
                + `style-src 'self' 'nonce-${nonce}'; worker-src 'self'; `
                + 'base-uri \'none\'; report-uri /report',
        }),
    },
    gated: {
        conf: 'rtcsp_nonce gated src=/parts/ hash=@PREFIX@/hashes;',
        nonce: () => undefined,
    },
    'unsafe-auto': {
        preset: 'talisman',
        conf: 'rtcsp_nonce unsafe-auto; rtcsp_nonce_in script-src style-src;',
        nonce: () => undefined,
        runs: ['bad data', 'bad elsewhere', 'bad inline', 'bad module'],
    },
};


function location(name, { conf, preset = 'strict' }) {
    const pass = 'proxy_pass http://127.0.0.1:@APP_PORT@;';

    return `location /${name}/ {
            rtcsp ${preset}; rtcsp_directive worker-src self; ${conf}
            ${pass}

            location /${name}/cached/ {
                proxy_cache pages; proxy_cache_valid 200 10m;
                ${pass}
            }
        }`;
}


/* what "gated" is told of the page without anything injected */

function hashes() {
    const file = path.join(PREFIX, 'page.html');

    fs.writeFileSync(file, partsPage({ injected: '' }));
    fs.writeFileSync(path.join(PREFIX, 'hashes'),
        execFileSync(path.join(BUILD, 'rt'), ['csp', 'hash', file]));
}


async function start(stack) {
    const taken = [];

    for (let i = 0; i < 3; i++) {
        taken.push(await freePort(24000 + process.pid % 5000, taken));
    }

    const [port, appPort, elsewherePort] = taken;

    const app = await startParts({ port: appPort, ways: WAYS });
    stack.push(() => app.close());

    const elsewhere = await startElsewhere({
        port: elsewherePort, script: 'ran.push("bad elsewhere")',
    });
    stack.push(() => elsewhere.close());

    const conf = fs.readFileSync(path.join(HERE, 'browsers.conf.in'), 'utf8')
        .replace('@WAYS@', Object.entries(WAYS)
            .map(([name, way]) => location(name, way)).join('\n        '));

    await prepare(PREFIX, conf, {
        MODULES: process.env.RT_MODULE_DIR || path.join(BUILD, 'modules'),
        PORT: port,
        APP_PORT: appPort,
    });
    fs.writeFileSync(path.join(PREFIX, 'nonce-placeholder'), SECRET, {
        mode: 0o600,
    });
    hashes();

    const nginx = new Nginx(PREFIX);

    stack.push(() => nginx.stop());
    await nginx.start(port);

    return {
        app, nginx, origin: `http://127.0.0.1:${port}`,
        bad: injections(`http://127.0.0.1:${elsewherePort}`),
    };
}


/* -- looking at a page */

const state = (page) => page.evaluate(() => ({
    ran: window.ran ?? [],
    blocked: window.blocked ?? [],
    kept: window.kept ?? false,
    nonce: document.querySelector('script').nonce,
    colors: ['inline', 'sheet', 'made'].map((id) =>
        getComputedStyle(document.getElementById(id)).color),
    background: getComputedStyle(document.getElementById('inline'))
        .backgroundColor,
    attribute: document.getElementById('attribute')?.style.color,
}));


/* waits until good(what the page shows), and gives that */

async function shows(page, what, good) {
    let now;

    try {
        await until(what, SECONDS, async () => good(now = await state(page)));

    } catch (err) {
        throw new Error(`${err.message}; ${JSON.stringify(now)}`);
    }

    return now;
}


/* the page's own parts work; -> what it shows */

const works = (page) => shows(page, 'the page at work', ({ ran, colors }) =>
    OWN.every((name) => ran.includes(name))
    && colors.every((color) => color === COLOR));


/*
 * What a browser's buttons do.  Puppeteer waits for a load behind them, and a
 * browser that has kept a page loads nothing; what says whether it is there is
 * good(address, nonce).
 */

async function press(page, button, good, url) {
    await page.evaluate((code, to) => { setTimeout(() => {
        ({ back: () => history.back(), forward: () => history.forward(),
            open: () => location.assign(to),
            reload: () => location.reload() })[code]();
    }); }, button, url);

    await until(`a page behind ${button}`, SECONDS, async () => {
        try {
            const [ready, ...seen] = await page.evaluate(() =>
                [document.readyState, location.href,
                    document.querySelector('script').nonce]);

            return ready === 'complete' && good(...seen);
        } catch {
            return false;       /* between two pages */
        }
    });
}


/* each load has a nonce of its own, or is the very page of before */

async function loads(page, url) {
    const seen = [];
    const other = `${url}?other`;

    for (const go of [
        () => page.goto(url),
        () => press(page, 'reload', (_, now) => now !== seen.at(-1)),
        () => press(page, 'open', (now) => now === other, other),
        () => press(page, 'back', (now) => now === url),
        () => press(page, 'forward', (now) => now === other),
    ]) {
        await go();

        const { nonce, kept } = await works(page);

        assert.match(nonce, /^[\w+/-]{32,}=*$/);
        assert.equal(!kept && seen.includes(nonce), false, `${nonce} again`);
        seen.push(nonce);
    }
}


/* a page out of the cache has no nonce, and nothing in it runs */

async function closed(page, url) {
    await page.goto(url);
    await works(page);

    for (let i = 0; i < 2; i++) {
        await page.reload();
        assert.deepEqual((await state(page)).ran, []);
    }
}


async function harmless({ app, bad, nginx }, page, url, runs = []) {
    const refused = REFUSED.filter((name) =>
        !runs.length || name !== 'style-src-elem');
    const before = violations(nginx).length;
    const reported = (name) => violations(nginx).slice(before)
        .some(({ directive, document }) =>
            directive === name && document === url);

    app.injected = bad;

    try {
        await page.goto(url);

    } finally {
        app.injected = '';
    }

    await works(page);
    await shows(page, 'each refusal', ({ blocked }) =>
        refused.every((name) => blocked.includes(name)));
    await until('a report of each refusal', SECONDS, () =>
        refused.every(reported));

    const { ran, attribute, background } = await state(page);

    assert.deepEqual(ran.filter((name) => name.startsWith('bad')).sort(), runs);
    assert.notEqual(attribute, BAD_COLOR);
    assert.equal(background === BAD_COLOR, runs.length > 0);
}


/* -- the checks */

async function inWay(test, proof, browser, kind, name) {
    const url = `${test.origin}/${name}/`;
    const cached = `${url}cached/${kind}`;
    const pages = [`${url}injected`];

    /* Puppeteer opens nothing in a page that Firefox had kept */

    const step = (what, body) => proof.step(`${kind}, ${name}: ${what}`, () =>
        visit(browser, body));

    await step('each load works, with a nonce of its own', (page) =>
        loads(page, url));

    if (WAYS[name].closed) {
        await step('a page out of the cache does not run', (page) =>
            closed(page, cached));

    } else {
        pages.push(`${cached}/injected`, `${cached}/injected`);

        await step('each load out of the cache, too', async (page) => {
            await loads(page, cached);

            assert.deepEqual(test.app.requests.map((one) => one.url)
                .filter((one) => cached.endsWith(one.split('?')[0])),
            [cached, `${cached}?other`].map((one) =>
                one.slice(test.origin.length)));
        });
    }

    await step('what is injected is refused, and reported', async (page) => {
        for (const one of pages) {
            await harmless(test, page, one, WAYS[name].runs);
        }
    });
}


async function inBrowser(test, proof, kind) {
    const browser = await drive(kind);

    try {
        for (const name of Object.keys(WAYS)) {
            await inWay(test, proof, browser, kind, name);
        }

    } finally {
        await browser.close();
    }
}


async function check(test, proof) {
    await inBrowser(test, proof, 'chromium');

    await proof.step('Chromium follows the page\'s own speculation rules', () =>
        until('a page that is fetched ahead', SECONDS, () =>
            test.app.requests.some(({ url, purpose }) =>
                url === '/parts/next' && purpose === 'prefetch')));

    await inBrowser(test, proof, 'firefox');

    await proof.step('nginx has nothing to complain of', () => {
        assert.deepEqual(test.nginx.alarms(), []);
    });
}


await run('browsers', start, check);
