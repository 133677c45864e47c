/*
 * The browser test of signing in: real Chromium, real nginx, two real OpenID
 * providers.  Pages that a person sees are left in build/signin as pictures.
 */

import { execFileSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../../demo/browser.mjs';
import { until } from '../../demo/http.mjs';
import { freePort, Nginx, prepare } from '../../demo/nginx.mjs';
import { assert, run } from '../../demo/proof.mjs';
import { GATEWAY_SECRET, PASSWORD, startProvider, USERS }
    from '../../demo/provider.mjs';
import { startApp, startPages } from './app.mjs';
import { look, PHONE } from './looks.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const BUILD = process.env.BUILD || path.resolve(HERE, '../../build');
const PREFIX = path.join(BUILD, 'signin');
const SUPPORT = 'support@example.com';
const BUILDER = 'builder@example.com';
const EXPIRY_SECONDS = 15;


async function start(stack) {
    const taken = [];

    for (let i = 0; i < 9; i++) {
        taken.push(await freePort(21000 + process.pid % 9000, taken));
    }

    const [port, bothPort, briefPort, freshPort, tlsPort, corpPort,
        partnerPort, appPort, pagesPort] = taken;
    const origin = `http://127.0.0.1:${port}`;
    const both = `http://127.0.0.1:${bothPort}`;
    const brief = `http://127.0.0.1:${briefPort}`;
    const fresh = `http://127.0.0.1:${freshPort}`;
    const tls = `https://127.0.0.1:${tlsPort}`;
    const servers = [origin, both, brief, fresh, tls];

    const test = {
        origin, both, brief, fresh, tls, pages: {},
        neighbour: `http://127.0.0.1:${pagesPort}`,
        stranger: `http://localhost:${pagesPort}`,
        async startCorp() {
            test.corp = await startProvider({
                port: corpPort,
                redirectUris: servers.map((one) => `${one}/oidc/callback`),
                postLogoutUris: servers.map((one) => `${one}/bye`),
                endedUri: `${origin}/oidc/ended`,
            });
        },
    };

    await test.startCorp();
    stack.push(() => test.corp.close());

    test.partner = await startProvider({
        port: partnerPort, redirectUris: [`${both}/oidc/partner`],
    });
    stack.push(() => test.partner.close());

    const placeholder = crypto.randomBytes(32).toString('base64url');

    test.app = await startApp({ port: appPort, placeholder });
    stack.push(() => test.app.close());

    const pages = await startPages({ port: pagesPort, pages: test.pages });
    stack.push(() => pages.close());

    await prepare(PREFIX,
        fs.readFileSync(path.join(HERE, 'signin.conf.in'), 'utf8'), {
            MODULES: process.env.RT_MODULE_DIR || path.join(BUILD, 'modules'),
            CORP: test.corp.issuer,
            PARTNER: test.partner.issuer,
            PORT: port,
            BOTH_PORT: bothPort,
            BRIEF_PORT: briefPort,
            FRESH_PORT: freshPort,
            TLS_PORT: tlsPort,
            APP_PORT: appPort,
        });

    for (const [name, text] of [['client-secret', GATEWAY_SECRET],
        ['nonce-placeholder', placeholder],
        ['session-key', crypto.randomBytes(32).toString('base64url')]])
    {
        fs.writeFileSync(path.join(PREFIX, name), text, { mode: 0o600 });
    }

    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
        'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj',
        '/CN=127.0.0.1', '-keyout', path.join(PREFIX, 'tls.key'),
        '-out', path.join(PREFIX, 'tls.pem')], { stdio: 'ignore' });

    test.nginx = new Nginx(PREFIX);

    stack.push(() => test.nginx.stop());
    await test.nginx.start(port);

    test.browser = await launch();
    stack.push(() => test.browser.close());

    return test;
}


/* -- a person */

/* use(context) with a browser that knows nothing yet */

async function person(test, use) {
    const context = await test.browser.newContext({
        viewport: PHONE, ignoreHTTPSErrors: true,
    });

    context.setDefaultTimeout(15000);

    try {
        return await use(context);
    } finally {
        await context.close();
    }
}


async function fillIn(page, email = SUPPORT) {
    await page.selectOption('select[name=email]', email);
    await page.fill('input[name=password]', PASSWORD);
    await page.click('button');
}


/* opens uri, signs in at the provider, and is back there */

async function signIn(context, uri, email = SUPPORT) {
    const page = await context.newPage();

    await page.goto(uri);
    await fillIn(page, email);
    await page.waitForURL(uri);
    assert.equal(await page.textContent('#email'), email);

    return page;
}


/* by a link of the app's page, here and at the provider */

async function signOut(test, page, origin) {
    test.app.injected = '<p><a id="out" href="/oidc/logout">out</a>';
    await page.goto(`${origin}/plain/`);
    test.app.injected = '';
    await page.click('#out');
    await comesTo(page, test.corp);
    await page.click('button[value=yes]');
    await page.waitForURL(`${origin}/bye`);
}


/* Secure ones are not listed for a URL of plain http */

const cookie = async (context, name) =>
    (await context.cookies()).find((one) => one.name === name);


const isAt = (page, provider) =>
    assert.equal(new URL(page.url()).origin, provider.issuer);

const comesTo = (page, provider) => page.waitForURL(`${provider.issuer}/**`);


/* one of our own pages: plain, styled, and nothing of it was refused */

async function expectOurs(page, res, status, name) {
    const headers = res.headers();

    assert.equal(res.status(), status);
    assert.match(headers['content-type'], /^text\/html\b/);
    assert.match(headers['cache-control'], /\bno-store\b/);
    assert.match(headers['content-security-policy'], /default-src 'none'/);
    assert.doesNotMatch(headers['content-security-policy'], /nonce-/);

    assert.equal(await page.locator('script').count(), 0);
    assert.equal(await page.$eval('main',
        (one) => getComputedStyle(one).borderTopStyle), 'solid',
        'its style does not apply');
    assert.equal(await page.evaluate(() =>
        document.documentElement.scrollWidth <= window.innerWidth), true,
        'it is wider than a phone');

    await look(page, PREFIX, name);
}


/* what fillIn() does, up to the redirect back, which is not followed */

async function comeBack(context, url) {
    const once = { maxRedirects: 0 };
    let res = await context.request.post(url, {
        ...once, form: { email: SUPPORT, password: PASSWORD },
    });

    for (;;) {
        const to = new URL(res.headers().location, url);

        if (to.pathname.startsWith('/oidc/')) {
            return to.href;
        }

        res = await context.request.get(to.href, once);
    }
}


/* -- the checks */

async function signingIn(test, proof) {
    const deep = `${test.origin}/plain/deep?a=1&b=%2Fx`;

    await proof.step('a page leads to the provider, and back to it',
        () => person(test, async (context) => {
            const page = await context.newPage();

            await page.goto(deep);
            isAt(page, test.corp);
            await fillIn(page);
            await page.waitForURL(deep);
            assert.equal(await page.textContent('#email'), SUPPORT);
            assert.equal(await page.textContent('#own'), 'ran');

            return page.url();
        }));

    await proof.step('the session is a cookie that no script reads',
        () => person(test, async (context) => {
            const page = await signIn(context, deep);
            const session = await cookie(context, '__Host-rt');

            assert.equal(session.httpOnly, true);
            assert.equal(session.secure, true);
            assert.equal(session.sameSite, 'Lax');
            assert.equal(session.path, '/');
            assert.match(session.value, /^[\w-]{43}$/);
            assert.equal(await page.evaluate(() => document.cookie), '');
        }));

    await proof.step('two tabs sign in, each for its own page',
        () => person(test, async (context) => {
            const one = await context.newPage();
            const two = await context.newPage();

            await one.goto(`${test.origin}/plain/one`);
            await two.goto(`${test.origin}/plain/two`);
            isAt(one, test.corp);
            isAt(two, test.corp);

            await fillIn(two);
            await two.waitForURL(`${test.origin}/plain/two`);
            await fillIn(one);
            await one.waitForURL(`${test.origin}/plain/one`);
            assert.equal(await one.textContent('#email'), SUPPORT);
        }));

    await proof.step('a script without a session gets 401, not a redirect',
        () => person(test, async (context) => {
            const page = await signIn(context, deep);

            await context.clearCookies({ name: '__Host-rt' });

            const seen = await page.evaluate(async () => {
                const res = await fetch('/plain/api');
                return [res.status, res.redirected];
            });

            assert.deepEqual(seen, [401, false]);
        }));
}


async function callbacks(test, proof) {
    const callback = `${test.origin}/oidc/callback`;
    const deep = `${test.origin}/plain/`;

    await proof.step('another state ends on a page with a reference',
        () => person(test, async (context) => {
            const page = await context.newPage();
            const res = await page.goto(`${callback}?code=a&state=b&iss=`
                + encodeURIComponent(test.corp.issuer));

            await expectOurs(page, res, 400, 'failed');

            const reference = await page.textContent('strong');

            assert.match(reference, /^[\w-]{6,}$/);
            assert.equal(test.nginx.log('error.log').includes(reference),
                true, 'the log does not know the reference');

            return reference;
        }));

    await proof.step('a code that was used opens nothing',
        () => person(test, async (context) => {
            let used;

            context.on('request', (one) => {
                used = one.url().startsWith(`${callback}?`) ? one.url() : used;
            });

            const page = await signIn(context, deep);
            const again = await page.goto(used);

            assert.equal(again.status(), 400);
            await page.goto(deep);
            assert.equal(await page.textContent('#email'), SUPPORT);

            return person(test, async (thief) => {
                const other = await thief.newPage();

                assert.equal((await other.goto(used)).status(), 400);
                await other.goto(deep);
                isAt(other, test.corp);
            });
        }));

    await proof.step('a provider that is away at the callback is a page',
        () => person(test, async (context) => {
            const page = await context.newPage();

            await page.goto(deep);

            const back = await comeBack(context, page.url());

            assert.equal(back.startsWith(`${callback}?`), true, back);
            await test.corp.close();

            try {
                await expectOurs(page, await page.goto(back), 503, 'away');
            } finally {
                await test.startCorp();
            }

            await page.goto(deep);
            isAt(page, test.corp);
            await fillIn(page);
            await page.waitForURL(deep);
        }));

    /* startCorp() has made new ones; twice within jwks_cooldown is too often */

    await proof.step('keys of the provider that are new are fetched',
        () => person(test, async (context) => {
            await signIn(context, deep);
        }));

    await proof.step('who may not sign in is told why',
        () => person(test, async (context) => {
            const page = await context.newPage();

            USERS[SUPPORT].verified = false;
            await page.goto(deep);

            const back = await comeBack(context, page.url());

            try {
                await expectOurs(page, await page.goto(back), 403, 'refused');
            } finally {
                delete USERS[SUPPORT].verified;
            }

            await page.goto(deep);
            assert.equal(await page.textContent('#email'), SUPPORT);
        }));
}


async function leaving(test, proof) {
    const deep = `${test.origin}/plain/`;
    const out = `${test.origin}/oidc/logout`;

    await proof.step('signing out in one tab is seen in the other',
        () => person(test, async (context) => {
            const one = await signIn(context, deep);
            const two = await context.newPage();

            await two.goto(deep);
            assert.equal(await two.textContent('#email'), SUPPORT);

            await signOut(test, one, test.origin);

            await two.reload();
            isAt(two, test.corp);
            assert.equal(await two.locator('select').count(), 1,
                'the provider signs him in again unasked');
        }));

    await proof.step('a button of the page signs out under form-action',
        () => person(test, async (context) => {
            test.app.injected = '<form method="post" action="/oidc/logout">'
                + '<button id="out">out</button></form>';

            const page = await signIn(context, deep);

            test.app.injected = '';
            await page.click('#out');
            await comesTo(page, test.corp);
            assert.equal(await cookie(context, '__Host-rt'), undefined);
        }));

    await proof.step('who is signed out is told so', () =>
        person(test, async (context) => {
            const page = await context.newPage();

            await expectOurs(page, await page.goto(out), 200, 'signed_out');
        }));

    await proof.step('what the provider ends is over here, too',
        () => person(test, async (context) => {
            const page = await signIn(context, deep);
            const other = await context.newPage();

            await other.goto(`${test.corp.issuer}/session/end`);
            await other.click('button[value=yes]');
            await other.waitForURL('**/session/end/success*');

            await page.goto(deep);
            isAt(page, test.corp);
            await fillIn(page);
            await page.waitForURL(deep);
        }));

    await proof.step('another site signs nobody out',
        () => person(test, async (context) => {
            const page = await signIn(context, deep);
            const asks = async (from) => {
                await page.goto(`${from}/out`, { waitUntil: 'load' });
                const [res] = await Promise.all([
                    page.waitForResponse((one) => one.url() === out
                        && one.request().isNavigationRequest()),
                    page.click('a'),
                ]);

                await page.waitForURL(out);
                return res;
            };

            test.pages['/out'] = `<a href="${out}">x</a><img src="${out}">
<form method="post" action="${out}"><button>y</button></form>`;

            for (const from of [test.stranger, test.neighbour]) {
                for (const what of ['a', 'button']) {
                    await page.goto(`${from}/out`, { waitUntil: 'load' });
                    await Promise.all([
                        page.waitForResponse((one) => one.url() === out
                            && one.request().isNavigationRequest()),
                        page.click(what),
                    ]);
                    await page.goto(deep);
                    assert.equal(await page.textContent('#email'), SUPPORT,
                        `signed out by ${what} of ${from}`);
                }
            }

            /* he is asked, and may mean it */

            await expectOurs(page, await asks(test.neighbour), 200, 'sign_out');
            await page.click('a');
            await comesTo(page, test.corp);
            assert.equal(await cookie(context, '__Host-rt'), undefined);
        }));
}


async function others(test, proof) {
    await proof.step('two providers: a page to choose, which is remembered',
        () => person(test, async (context) => {
            const deep = `${test.both}/plain/x?y=1`;
            const page = await context.newPage();

            await expectOurs(page, await page.goto(deep), 200, 'chooser');
            await page.click('text=Sign in as a <partner>');
            await comesTo(page, test.partner);
            await fillIn(page, BUILDER);
            await page.waitForURL(deep);
            assert.equal(await page.textContent('#email'), BUILDER);

            await context.clearCookies({ name: '__Host-both' });
            await page.goto(deep);
            assert.equal(page.url(), deep, 'the provider was not remembered');
            assert.equal(await page.textContent('#email'), BUILDER);
        }));

    await proof.step('over TLS and HTTP/2, the session is the cookie itself',
        () => person(test, async (context) => {
            const deep = `${test.tls}/plain/x?y=1`;
            const page = await signIn(context, deep);
            const kept = await cookie(context, '__Host-own');

            assert.equal(await page.evaluate(() => performance
                .getEntriesByType('navigation')[0].nextHopProtocol), 'h2');

            await signOut(test, page, test.tls);
            assert.equal(await cookie(context, '__Host-own'), undefined);

            /* whoever has kept it is signed out, too */

            await context.addCookies([kept]);
            await page.goto(deep);
            isAt(page, test.corp);
        }));

    await proof.step('a session that nobody uses ends',
        () => person(test, async (context) => {
            const deep = `${test.brief}/plain/`;
            const page = await signIn(context, deep);
            const session = async () =>
                (await cookie(context, '__Host-brief'))?.value;
            const before = await session();

            /* the provider still knows him: he is back with another one */

            await until('another session', EXPIRY_SECONDS, async () => {
                await new Promise((resolve) => { setTimeout(resolve, 2500); });
                await page.goto(deep);
                return await session() !== before;
            });
            assert.equal(await page.textContent('#email'), SUPPORT);
        }));

    await proof.step('a group taken away at the provider is gone here',
        () => person(test, async (context) => {
            const deep = `${test.fresh}/plain/`;
            const page = await signIn(context, deep);
            const { groups } = USERS[SUPPORT];
            const granted = [];

            test.corp.events.on('grant.success', ({ oidc }) => {
                granted.push(oidc.params.grant_type);
            });
            USERS[SUPPORT].groups = [];

            try {
                const res = await until('the refusal', EXPIRY_SECONDS,
                    async () => {
                        const one = await page.goto(deep);
                        return one.status() === 403 && one;
                    });

                await expectOurs(page, res, 403, 'not_let_in');
            } finally {
                USERS[SUPPORT].groups = groups;
            }

            assert.equal(await page.getAttribute('a', 'href'),
                '/oidc/logout');
            await until('his page', EXPIRY_SECONDS,
                async () => (await page.goto(deep)).status() === 200);
            assert.equal(await page.textContent('#email'), SUPPORT);
            assert.deepEqual([...new Set(granted)], ['refresh_token']);
        }));

    await proof.step('a page that asks for more sends him to sign in again',
        () => person(test, async (context) => {
            const deep = `${test.origin}/payouts/?to=1&to=2`;
            const { how } = test.corp;

            /* with a password alone, and an hour ago */

            how.ts = Math.floor(Date.now() / 1000) - 3600;

            const page = await signIn(context, `${test.origin}/plain/`);
            const before = (await cookie(context, '__Host-rt')).value;

            Object.assign(how, { acr: '2fa', ts: undefined });

            try {
                await page.goto(deep);
                isAt(page, test.corp);
                await fillIn(page);
                await page.waitForURL(deep);
            } finally {
                delete how.acr;
            }

            assert.equal(await page.textContent('#email'), SUPPORT);
            assert.notEqual((await cookie(context, '__Host-rt')).value, before);
        }));

    await proof.step('a form of another origin acts for nobody',
        () => person(test, async (context) => {
            const target = `${test.origin}/plain/`;
            const page = await signIn(context, target);

            test.pages['/post'] = `<form method="post" action="${target}">
<button>x</button></form>`;
            test.app.requests.length = 0;

            for (const from of [test.neighbour, test.stranger]) {
                await page.goto(`${from}/post`);

                const [res] = await Promise.all([
                    page.waitForResponse(target), page.click('button'),
                ]);

                /* the stranger's does not even have the cookie */

                assert.equal(res.status(), from === test.stranger ? 401 : 403);
                assert.equal(test.app.requests.includes('/plain/'), false);
            }

            await page.goto(target);
            test.app.requests.length = 0;

            const own = await page.evaluate(async () =>
                (await fetch('/plain/', { method: 'POST' })).status);

            assert.equal(own, 200);
            assert.equal(test.app.requests.includes('/plain/'), true);
        }));

    await proof.step('in a frame there is a link that opens on top',
        () => person(test, async (context) => {
            const page = await context.newPage();
            const deep = `${test.origin}/plain/framed`;

            test.pages['/frame'] = `<iframe src="${deep}" width="380"
height="400"></iframe>`;
            await page.goto(`${test.neighbour}/frame`, { waitUntil: 'load' });
            await look(page, PREFIX, 'frame', page.frames()[1]);
            await page.frameLocator('iframe').locator('a').click();
            await comesTo(page, test.corp);
            await fillIn(page);
            await page.waitForURL(deep);
        }));
}


async function check(test, proof) {
    await signingIn(test, proof);
    await callbacks(test, proof);
    await leaving(test, proof);
    await others(test, proof);

    await proof.step('nginx has nothing to complain of', () => {
        const log = test.nginx.log('error.log')
                    + test.nginx.log('audit.log');

        assert.deepEqual(test.nginx.alarms(), []);
        assert.equal(log.includes(GATEWAY_SECRET), false);
        assert.doesNotMatch(log, /[?&](code|state)=(?!\*)[^&\s"]/);
    });
}


await run('signin', start, check);
