/*
 * The browser test of rtaudit_view: real Chromium, real nginx with the three
 * modules.  What a file of events says is shown, whatever it says, and runs
 * nothing.  Pictures of the page are left in build/view.
 */

import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, open } from '../../demo/browser.mjs';
import { bearer, request, until } from '../../demo/http.mjs';
import { freePort, Nginx, prepare } from '../../demo/nginx.mjs';
import { assert, run } from '../../demo/proof.mjs';
import { startProvider, tokenFor } from '../../demo/provider.mjs';
import { DESK, look, PHONE } from './looks.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const BUILD = process.env.BUILD || path.resolve(HERE, '../../build');
const PREFIX = path.join(BUILD, 'view');
const MADE = path.join(PREFIX, 'logs/made.log');
const EVIL = '</script><script>window.ran = 1</script>'
    + '<img src=x onerror="window.ran = 1">\'"><svg onload=window.ran=1>';


async function start(stack) {
    const port = await freePort(22000 + process.pid % 9000);
    const providerPort = await freePort(port + 1, [port]);

    const provider = await startProvider({
        port: providerPort, redirectUris: [`http://127.0.0.1:${port}/x`],
    });
    stack.push(() => provider.close());

    await prepare(PREFIX,
        fs.readFileSync(path.join(HERE, 'view.conf.in'), 'utf8'), {
            MODULES: process.env.RT_MODULE_DIR || path.join(BUILD, 'modules'),
            ISSUER: provider.issuer,
            PORT: port,
        });
    fs.writeFileSync(path.join(PREFIX, 'nonce-placeholder'),
        crypto.randomBytes(32).toString('base64url'), { mode: 0o600 });

    const nginx = new Nginx(PREFIX);

    stack.push(() => nginx.stop());
    await nginx.start(port);

    const browser = await launch();

    stack.push(() => browser.close());

    return {
        origin: `http://127.0.0.1:${port}`, nginx, browser,
        token: await tokenFor(provider.issuer, 'support@example.com'),
        stranger: await tokenFor(provider.issuer, 'builder@example.com'),
    };
}


/* -- events of a file */

function event(n, more = {}) {
    const at = new Date(Date.UTC(2026, 10, 29, 0, 0, n)).toISOString();
    const user = more.user ?? ['ann', 'bob', 'eve'][n % 3];

    return {
        id: `0188f843-7d8c-7000-8000-${String(n).padStart(12, '0')}`,
        userId: user, organizationId: null, ipAddress: '192.0.2.7',
        geoLocation: null, responseTimeMs: n, actionType: 'QUERY_RUN',
        pageName: null, queryName: null, resourceName: null,
        pageVersion: null, error: null, query: null,
        status: [200, 404, 500, 302][n % 4], isError: false, statusText: 'OK',
        createdAt: at, updatedAt: at,
        user: { id: user, email: `${user}@example.com` },
        request: { method: 'GET', url: `/reports/${n}?token=[REDACTED]` },
        parameters: { token: '[REDACTED]', n },
        metadata: {
            schema: 'rtaudit/1.0', level: 'request', stage: 'complete',
            node: 'edge-1', stream: 'edge-1/0/6f2c', seq: n, requestId: '',
        },
        ...more,
    };
}


const lines = (...events) => events.map((one) =>
    `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('');

const many = (n) => Array.from({ length: n }, (_, i) => event(i + 1));

function fill(...events) {
    fs.writeFileSync(MADE, lines(...events));
}


/* -- somebody who looks at it */

const rows = (page) => page.locator('#events .row');
const status = (page) => page.textContent('#status');

const said = (page, words) => page.waitForFunction((text) => document
    .getElementById('status').textContent.includes(text), words);


/* opens uri, lets look(page, response) see it; nothing may be refused */

async function visit(test, uri, body, options = {}) {
    const page = await open(test.browser, bearer(options.token ?? test.token));
    const noise = [];

    page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())
            && !message.location().url.endsWith('/favicon.ico'))
        {
            noise.push(message.text());
        }
    });
    page.on('pageerror', (error) => { noise.push(error.message); });

    try {
        await page.setViewportSize(options.size ?? DESK);

        const res = await page.goto(`${test.origin}${uri}`);

        await body(page, res);
        assert.deepEqual(noise.filter((one) =>
            !(options.expected && options.expected.test(one))), []);

    } finally {
        await page.context().close();
    }
}


/* -- the checks */

async function policies(test, proof) {
    fill(...many(3));

    for (const [uri, policy] of [
        ['/audit/', /^default-src 'none'; script-src .*'nonce-([^']+)'/],
        ['/append/', /^default-src 'none'; script-src .*'nonce-([^']+)'/m],
        ['/plain/', /^default-src 'none'; script-src 'self';/],
        ['/keep/', /^default-src 'none'; script-src 'self';/],
    ]) {
        await proof.step(`the page runs under the policy of ${uri}`, () =>
            visit(test, uri, async (page, res) => {
                assert.equal(res.status(), 200);
                await said(page, '3 events.');

                const found = (await res.headersArray()).filter(({ name }) =>
                    name.toLowerCase() === 'content-security-policy')
                    .map(({ value }) => value);
                const nonce = found.join('\n').match(policy);

                assert.ok(nonce, `not the policy: ${found}`);
                assert.equal(found.length, uri === '/append/' ? 2 : 1);
                assert.equal(await page.$eval('script', (one) => one.nonce),
                    uri === '/keep/' ? await page.$eval('link',
                        (one) => one.nonce) : nonce[1] ?? '');
                assert.equal(await rows(page).first().evaluate((one) =>
                    getComputedStyle(one).display), 'grid', 'no style');
            }));
    }

    await proof.step('nobody, and who may not, sees nothing', async () => {
        for (const uri of ['/audit/', '/audit/events', '/audit/view.js']) {
            const none = await request(`${test.origin}${uri}`);
            const other = await request(`${test.origin}${uri}`, {
                headers: bearer(test.stranger),
            });

            assert.equal(none.status, 401);
            assert.equal(other.status, 403);
        }
    });
}


async function list(test, proof) {
    const own = { ...event(0).metadata, stage: 'module' };

    fill(...many(120), event(121, { actionType: 'AUDIT_CHECKPOINT', status: 0,
        user: null, userId: null, request: null, metadata: own }));

    await proof.step('an event of the module itself has no status', () =>
        visit(test, '/audit/', async (page) => {
            await said(page, '50 events.');
            assert.match(await rows(page).first().textContent(),
                /-AUDIT_CHECKPOINT- *121 ms$/);
        }));

    fill(event(1, { status: undefined }));

    await proof.step('a line without a status has the colour of none', () =>
        visit(test, '/audit/', async (page) => {
            await said(page, '1 event');
            assert.equal(await page.$eval('.row .status',
                (one) => one.className), 'status s-');
        }));

    fill(...many(120));

    await proof.step('events are there, newest first, and older ones', () =>
        visit(test, '/audit/', async (page) => {
            await said(page, '50 events.');
            assert.match(await rows(page).first().textContent(),
                /ann@example\.comQUERY_RUN200GET \/reports\/120.*120 ms$/);

            await page.click('#older');
            await said(page, '100 events.');
            await page.click('#older');
            await said(page, '120 events.');
            assert.match(await status(page), /These are all there are/);
            assert.equal(await page.isDisabled('#older'), true);
            assert.match(await rows(page).last().textContent(), /\/reports\/1\?/);
        }));

    await proof.step('filters find them, and stay in the address', () =>
        visit(test, '/audit/', async (page) => {
            await page.fill('[name=user]', 'bob@*');
            await page.fill('[name=status]', '4xx');
            await page.keyboard.press('Enter');
            await said(page, '10 events.');
            assert.equal(new URL(page.url()).search,
                '?user=bob%40*&status=4xx&views=no');

            await page.reload();
            await said(page, '10 events.');
            assert.equal(await page.inputValue('[name=user]'), 'bob@*');

            await page.fill('[name=user]', 'nobody');
            await page.click('text=Search');
            await said(page, 'No event found.');
            assert.equal(await rows(page).count(), 0);

            await page.click('text=Clear');
            await said(page, '50 events.');

            await page.selectOption('#zone', 'utc');
            await page.fill('[name=until]', '2026-11-29T00:00:11');
            await page.click('text=Search');
            await said(page, '10 events.');
            assert.match(await rows(page).first().textContent(),
                /^2026-11-29 00:00:10\.000Z/);
        }));

    await proof.step('a filter that is none is said', () =>
        visit(test, '/audit/?status=4xxx', async (page) => {
            await said(page, 'the parameter status is no status');
            assert.equal(await page.$eval('#status', (one) =>
                one.classList.contains('error')), true);
        }, { expected: /400/ }));

    await proof.step('a file that was replaced is said, the list stays', () =>
        visit(test, '/audit/', async (page) => {
            await said(page, '50 events.');
            fill(...many(2));
            await page.click('#older');
            await said(page, 'rotated away or replaced');
            assert.equal(await rows(page).count(), 50);
            assert.equal(await page.isDisabled('#older'), true);
        }, { expected: /410/ }));

    await proof.step('somebody who is signed out is told', () =>
        visit(test, '/audit/', async (page) => {
            await said(page, '2 events.');
            await page.route('**/events*', (route) => route.fulfill({
                status: 401, body: 'sign in',
            }));
            await page.click('text=Search');
            await said(page, 'You are signed out.');
        }, { expected: /401/ }));

    await proof.step('no file, and one without an event', () =>
        visit(test, '/audit/', async (page) => {
            fs.rmSync(MADE);
            await page.click('text=Search');
            await said(page, 'There is no audit file yet.');
            fill('garbage', '{"a":1}');
            await page.click('text=Search');
            await said(page, '2 of the lines read cannot be shown.');
        }));
}


async function details(test, proof) {
    const odd = JSON.stringify(event(1)).replace('"n":1',
        '"n":12345678901234567890.50,"h":"hmac-sha256:2026:00","u":"\\u003c"');

    await proof.step('an event as it was written, redactions marked', () => {
        fill(odd);

        return visit(test, '/audit/', async (page) => {
            await rows(page).first().click();

            const shown = await page.textContent('#json');

            assert.equal(shown.replace(/\n */g, '').replace(/: /g, ':'), odd);
            assert.match(shown, /\n {4}"n": 12345678901234567890\.50,\n/);
            assert.deepEqual(await page.$$eval('#json mark', (all) =>
                all.map((one) => one.textContent)),
            ['"/reports/1?token=[REDACTED]"', '"[REDACTED]"',
                '"hmac-sha256:2026:00"']);
            assert.match(await page.textContent('#both'),
                /local, 2026-11-29 00:00:01\.000Z$/);
            await page.click('#same');
            assert.equal(await page.inputValue('[name=user]'),
                'bob@example.com');
            await said(page, '1 event.');
        });
    });

    await proof.step('it can be used without a mouse', () => {
        fill(...many(60));

        return visit(test, '/audit/', async (page) => {
            const focus = () => page.evaluate(() => {
                const { id, name, className } = document.activeElement;

                return id || name || className;
            });
            const order = [];

            await said(page, '50 events.');

            for (let i = 0; i < 16; i++) {
                await page.keyboard.press('Tab');
                order.push(await focus());
            }

            assert.deepEqual([...new Set(order)].slice(0, 9), ['skip', 'zone',
                'live', 'user', 'action', 'status', 'path', 'since', 'until']);

            await page.focus('.skip');
            await page.keyboard.press('Enter');
            await page.keyboard.press('Tab');
            assert.equal(await focus(), 'row');
            await page.keyboard.press('ArrowDown');
            await page.keyboard.press('ArrowDown');
            await page.keyboard.press('ArrowUp');
            await page.keyboard.press('Enter');
            assert.match(await page.textContent('#json'), /\/reports\/59\?/);
            assert.equal(await page.$eval('#details', (one) =>
                one.matches(':modal')), true);

            await page.keyboard.press('Escape');
            assert.equal(await page.$eval('#details', (one) => one.open), false);
            assert.match(await page.evaluate(() =>
                document.activeElement.textContent), /\/reports\/59\?/);

            await page.keyboard.press('End');
            await page.keyboard.press('Tab');
            assert.equal(await focus(), 'older');
            await page.keyboard.press('Enter');
            await said(page, '60 events.');
        });
    });
}


async function harmless(test, proof) {
    const evil = (value) => (typeof value === 'string' ? EVIL
        : Array.isArray(value) ? value.map(evil)
            : value && typeof value === 'object'
                ? Object.fromEntries(Object.entries(value).map(([key, one]) =>
                    [key, evil(one)])) : value);
    const bad = {
        ...evil(event(1)), [EVIL]: EVIL, status: EVIL, responseTimeMs: EVIL,
    };

    fill(event(1), bad, { ...bad, createdAt: 'x', user: EVIL, request: EVIL },
        { ...bad, user: [EVIL], status: { [EVIL]: 1 }, request: null },
        EVIL, `{"id":"1","actionType":"${EVIL.replaceAll('"', '\\"')}"}`,
        event(2));

    await proof.step('what events say runs nothing', () =>
        visit(test, '/plain/', async (page) => {
            await said(page, '6 events.');
            assert.match(await status(page), /1 of the lines read cannot/);

            for (let i = 0; i < 6; i++) {
                await rows(page).nth(i).click();
                await page.keyboard.press('Escape');
            }

            await rows(page).nth(3).click();
            assert.match(await page.textContent('#json'),
                /<\/script><script>window\.ran = 1<\/script><img/);
            await page.click('#same');
            await said(page, 'event');
            assert.equal(await page.evaluate(() => window.ran), undefined);
            assert.deepEqual(await page.$$eval('script, img, svg, iframe',
                (all) => all.map((one) => one.getAttribute('src'))),
            ['view.js']);
        }, { expected: /400/ }));

    await proof.step('the file itself, asked for as a page, is none', () =>
        visit(test, '/plain/events', async (page, res) => {
            assert.equal(res.headers()['x-content-type-options'], 'nosniff');
            assert.equal(res.headers()['content-type'], 'application/json');
            assert.equal(await page.evaluate(() => window.ran), undefined);
        }));
}


async function live(test, proof) {
    fill(...many(3));

    await proof.step('what is written meanwhile is shown', () =>
        visit(test, '/audit/', async (page) => {
            await said(page, '3 events.');
            fs.appendFileSync(MADE, lines(event(4), event(5)));
            await page.click('#live');
            await said(page, '2 new. 5 events.');
            assert.match(await rows(page).first().textContent(), /\/5\?/);
            assert.equal(await page.getAttribute('#live', 'aria-pressed'),
                'true');

            fs.renameSync(MADE, `${MADE}.1`);
            fill(event(6));
            await said(page, '1 new. 6 events.');

            fs.rmSync(`${MADE}.1`);
            fill(...many(2));
            await said(page, '2 events.');
            assert.equal(await rows(page).count(), 2);

            await page.click('#live');
            assert.equal(await page.getAttribute('#live', 'aria-pressed'),
                'false');
        }));

    await proof.step('its own reads are in the file, and do not chase it',
        () => visit(test, '/own/', async (page) => {
            const asked = [];

            page.on('request', (one) => { asked.push(one.url()); });
            await page.check('[name=views]');
            await page.waitForFunction(() => document
                .querySelectorAll('#events .row').length > 20);

            asked.length = 0;
            await page.click('#live');
            await said(page, 'new.');
            await until('a second look', 20, () => asked.length > 1);
            await page.click('#live');

            /* none came sooner for what the one before it had written */

            assert.equal(asked.length, 2);
            assert.match(test.nginx.log('audit.log'),
                /"actionType":"AUDIT_VIEW".*"parameters":\{[^}]*"after":"/);
        }));
}


async function looks(test, proof) {
    fill(...many(60), event(61, {
        user: { email: `${'long.'.repeat(30)}name@example.com` },
        request: { method: 'GET', url: `/${'segment/'.repeat(100)}` },
    }));

    await proof.step('it can be read on a phone and a desk, by day and night',
        () => visit(test, '/audit/', async (page) => {
            await said(page, '50 events.');

            const narrow = () => page.evaluate(() =>
                document.documentElement.scrollWidth <= window.innerWidth);

            assert.equal(await narrow(), true, 'it is wider than a phone');
            await look(page, PREFIX, 'list');

            await page.setViewportSize(PHONE);
            await rows(page).nth(1).click();
            assert.equal(await narrow(), true, 'an event is wider');
            await look(page, PREFIX, 'event');
            await page.keyboard.press('Escape');

            await page.fill('[name=user]', 'nobody');
            await page.click('text=Search');
            await said(page, 'No event found.');
            await look(page, PREFIX, 'empty');

            await page.fill('[name=status]', 'x');
            await page.click('text=Search');
            await said(page, 'no status');
            await look(page, PREFIX, 'error');
        }, { size: PHONE, expected: /400/ }));

    await proof.step('nothing moves while it reads', () =>
        visit(test, '/audit/', async (page) => {
            await said(page, '50 events.');

            const top = () => rows(page).first().evaluate((one) =>
                one.getBoundingClientRect().top);
            const before = await top();

            let go;
            const held = new Promise((resolve) => { go = resolve; });

            await page.route('**/events*', async (route) => {
                await held;
                await route.continue();
            });
            await page.click('text=Search');
            await said(page, 'Reading ...');
            assert.equal(await top(), before);
            go();
            await said(page, '50 events.');
            assert.equal(await top(), before);
        }));
}


async function check(test, proof) {
    await policies(test, proof);
    await list(test, proof);
    await details(test, proof);
    await harmless(test, proof);
    await live(test, proof);
    await looks(test, proof);

    await proof.step('nginx has nothing to complain of', () => {
        assert.deepEqual(test.nginx.alarms(), []);
    });
}


await run('view', start, check);
