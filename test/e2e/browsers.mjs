/*
 * The same pages in Chromium and in Firefox, through real nginx, in each way
 * to a nonce: what is the page's own works, with a nonce that no load before
 * it had, and what was injected does not.
 */

import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../demo/http.mjs';
import { freePort, Nginx, prepare } from '../../demo/nginx.mjs';
import { assert, run } from '../../demo/proof.mjs';
import { startElsewhere } from './app.mjs';
import { drive, visit } from '../../demo/drive.mjs';
import { injections, OWN, startParts } from './parts.mjs';
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

/*
 * A way: the lines of its location, and nonce(req), what the app prints.  A
 * hit of nginx's cache has a fresh nonce; with closed it has none, and its
 * scripts do not run.
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
};


function location(name, { conf }) {
    const pass = 'proxy_pass http://127.0.0.1:@APP_PORT@;';

    return `location /${name}/ {
            rtcsp strict; rtcsp_directive worker-src self; ${conf}
            ${pass}

            location /${name}/cached/ {
                proxy_cache pages; proxy_cache_valid 200 10m;
                ${pass}
            }
        }`;
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
 * The browser's own buttons.  Puppeteer waits for a load behind them, and a
 * browser that has kept a page loads nothing; what says whether it is there is
 * good(address, nonce).
 */

async function press(page, button, good) {
    await page.evaluate((code) => { setTimeout(() => {
        ({ back: () => history.back(), forward: () => history.forward(),
            reload: () => location.reload() })[code]();
    }); }, button);

    await until(`a page behind ${button}`, SECONDS, async () => {
        try {
            return good(...await page.evaluate(() =>
                [location.href, document.querySelector('script').nonce]));
        } catch {
            return false;       /* between two pages */
        }
    });
}


/* each load has a nonce of its own, or is the very page of before */

async function loads(page, url) {
    const seen = [];
    const other = `${url}?other`;
    const reload = () => press(page, 'reload', (_, now) => now !== seen.at(-1));

    for (const go of [
        () => page.goto(url),
        reload,
        () => page.goto(other),
        () => press(page, 'back', (now) => now === url),
        () => press(page, 'forward', (now) => now === other),
        reload,
    ]) {
        await go();

        const { nonce, kept } = await works(page);

        assert.match(nonce, /^[\w-]{32}$/);
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


async function harmless({ app, bad, nginx }, page, url) {
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
        REFUSED.every((name) => blocked.includes(name)));
    await until('a report of each refusal', SECONDS, () =>
        REFUSED.every(reported));

    const { ran, attribute, background } = await state(page);

    assert.deepEqual(ran.filter((name) => name.startsWith('bad')), []);
    assert.notEqual(attribute, BAD_COLOR);
    assert.notEqual(background, BAD_COLOR);
}


/* -- the checks */

async function inWay(test, proof, page, kind, name) {
    const url = `${test.origin}/${name}/`;
    const cached = `${url}cached/${kind}`;
    const pages = [`${url}injected`];
    const step = (what, body) => proof.step(`${kind}, ${name}: ${what}`, body);

    await step('each load works, with a nonce of its own', () =>
        loads(page, url));

    if (WAYS[name].closed) {
        await step('a page out of the cache does not run', () =>
            closed(page, cached));

    } else {
        pages.push(`${cached}/injected`, `${cached}/injected`);

        await step('each load out of the cache, too', async () => {
            await loads(page, cached);

            assert.deepEqual(test.app.requests.map((one) => one.url)
                .filter((one) => cached.endsWith(one.split('?')[0])),
            [cached, `${cached}?other`].map((one) =>
                one.slice(test.origin.length)));
        });
    }

    await step('what is injected does nothing, and is reported', async () => {
        for (const one of pages) {
            await harmless(test, page, one);
        }
    });
}


async function inBrowser(test, proof, kind) {
    const browser = await drive(kind);

    try {
        for (const name of Object.keys(WAYS)) {
            await visit(browser, (page) =>
                inWay(test, proof, page, kind, name));
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
