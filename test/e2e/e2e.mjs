/*
 * The browser test: real Chromium, real nginx with the three modules, a real
 * OpenID provider.  What a page must not run is as important as what it must.
 */

import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, open } from '../../demo/browser.mjs';
import { bearer, request } from '../../demo/http.mjs';
import { freePort, Nginx, prepare } from '../../demo/nginx.mjs';
import { assert, run } from '../../demo/proof.mjs';
import { startProvider, tokenFor } from '../../demo/provider.mjs';
import { startApp, startElsewhere } from './app.mjs';
import { compareTrees } from './trees.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const BUILD = process.env.BUILD || path.resolve(HERE, '../../build');
const SEED = process.env.RT_SEED || '1';
const TREES = 1000;
const EMAIL = 'support@example.com';
const OWN_COLOR = 'rgb(1, 2, 3)';
const BAD = 'document.getElementById(\'injected\').textContent = \'RAN\'';


async function start(stack) {
    const taken = [];

    for (let i = 0; i < 4; i++) {
        taken.push(await freePort(20000 + process.pid % 9000, taken));
    }

    const [port, providerPort, appPort, elsewherePort] = taken;
    const origin = `http://127.0.0.1:${port}`;
    const prefix = path.join(BUILD, 'e2e');
    const placeholder = crypto.createHash('sha256').update(SEED)
        .digest('base64url');

    const provider = await startProvider({
        port: providerPort, redirectUris: [`${origin}/oidc/callback`],
    });
    stack.push(() => provider.close());

    const app = await startApp({ port: appPort, placeholder });
    stack.push(() => app.close());

    const elsewhere = await startElsewhere({
        port: elsewherePort, script: BAD,
    });
    stack.push(() => elsewhere.close());
    elsewhere.origin = `http://127.0.0.1:${elsewherePort}`;

    await prepare(prefix,
        fs.readFileSync(path.join(HERE, 'nginx.conf.in'), 'utf8'), {
            MODULES: process.env.RT_MODULE_DIR || path.join(BUILD, 'modules'),
            ISSUER: provider.issuer,
            PORT: port,
            APP_PORT: appPort,
        });
    fs.writeFileSync(path.join(prefix, 'nonce-placeholder'), placeholder, {
        mode: 0o600,
    });

    const nginx = new Nginx(prefix);

    stack.push(() => nginx.stop());
    await nginx.start(port);

    const token = await tokenFor(provider.issuer, EMAIL);

    const browser = await launch();

    stack.push(() => browser.close());

    return { origin, app, elsewhere, nginx, browser, token, placeholder };
}


/* -- looking at a page */

function nonceOf(res) {
    const policy = res.headers()['content-security-policy'] ?? '';
    const found = [...policy.matchAll(/'nonce-([^']+)'/g)].map((m) => m[1]);

    assert.ok(found.length >= 1, `no nonce in "${policy}"`);
    assert.equal(new Set(found).size, 1, `several nonces in "${policy}"`);
    assert.match(found[0], /^[A-Za-z0-9_-]{22,}$/);

    return found[0];
}


/* the page's own parts work, with the nonce of this very response */

async function expectOwn(page, res) {
    const nonce = nonceOf(res);

    assert.equal(res.status(), 200);
    assert.equal(await page.textContent('#own'), 'ran');
    assert.equal(await page.textContent('#external'), 'ran');
    assert.equal(await page.$eval('#script', (one) => one.nonce), nonce);
    assert.equal(await page.$eval('#own',
        (one) => getComputedStyle(one).color), OWN_COLOR);

    return nonce;
}


const html = (token, uri, headers) =>
    request(uri, { headers: { ...bearer(token), ...headers } });


/* opens uri in a page of its own, lets look(page, response) see it */

async function visit(e2e, uri, look) {
    const page = await open(e2e.browser, bearer(e2e.token));

    try {
        const res = await page.goto(`${e2e.origin}${uri}`, {
            waitUntil: 'load',
        });

        return await look(page, res);

    } finally {
        await page.context().close();
    }
}


/* what is injected into the page does not run, what is its own does */

function harmless(e2e, injected) {
    e2e.app.injected = injected;

    return visit(e2e, '/plain/', async (page, res) => {
        await expectOwn(page, res);
        assert.equal(await page.textContent('#injected'), 'no');
        assert.notEqual(await page.title(), 'RAN');
    });
}


/* -- the checks */

async function ownParts(e2e, proof) {
    e2e.app.injected = '';

    for (const shape of ['plain', 'bytes', 'gzip']) {
        await proof.step(`own script and style work, page sent as ${shape}`,
            () => visit(e2e, `/${shape}/`, async (page, res) => {
                await expectOwn(page, res);
            }));
    }

    await proof.step('the page knows the user by his token', () =>
        visit(e2e, '/plain/', async (page) => {
            assert.equal(await page.textContent('#email'), EMAIL);
            return EMAIL;
        }));

    await proof.step('without a token there is no page', async () => {
        const page = await open(e2e.browser);

        try {
            const res = await page.goto(`${e2e.origin}/plain/`);

            assert.equal(res.status(), 401);
            assert.equal(await page.$('#own'), null);
        } finally {
            await page.context().close();
        }
    });
}


async function injections(e2e, proof) {
    const { placeholder } = e2e;
    const old = await visit(e2e, '/plain/', async (page, res) => nonceOf(res));

    const cases = {
        'inline script': `<script>${BAD}</script>`,
        'onerror handler': `<img src="/none.png" onerror="${BAD}">`,
        'javascript: frame': `<iframe src="javascript:parent.${BAD}"></iframe>`,
        'script with an empty nonce': `<script nonce="">${BAD}</script>`,
        'script with a bare nonce': `<script nonce>${BAD}</script>`,
        'script with a guessed placeholder':
            `<script nonce="**CSP_NONCE**">${BAD}</script>`
            + `<script nonce="NGINX_CSP_NONCE">${BAD}</script>`
            + `<script nonce="$rtcsp_nonce">${BAD}</script>`,
        'script with a part of the placeholder':
            `<script nonce="${placeholder.slice(0, -1)}">${BAD}</script>`,
        'script with the nonce of an earlier page':
            `<script nonce="${old}">${BAD}</script>`,
        'tag inside an attribute value':
            `<div title="<script><script>${BAD}</script>">x</div>`,
        'script from elsewhere':
            '<script src="http://localhost:1/x.js"></script>'
            + `<script src="data:text/javascript,${BAD}"></script>`,
    };

    for (const [name, injected] of Object.entries(cases)) {
        await proof.step(`does not run: ${name}`,
            () => harmless(e2e, injected));
    }

    await proof.step('does not apply: injected style', async () => {
        e2e.app.injected = '<style>#own { color: rgb(9, 9, 9) !important }'
            + '</style><b id="attr" style="color: rgb(9, 9, 9)">x</b>';

        await visit(e2e, '/plain/', async (page, res) => {
            await expectOwn(page, res);
            assert.notEqual(await page.$eval('#attr',
                (one) => getComputedStyle(one).color), 'rgb(9, 9, 9)');
        });
    });
}


/* a nonce of the page's own must not bring a script of another host */

async function elsewheres(e2e, proof) {
    const { app, elsewhere, placeholder } = e2e;
    const own = `<script nonce="${placeholder}" src="static/app.js"></script>`;
    const base = `<base href="${elsewhere.origin}/">${own}`;
    const evil = `${elsewhere.origin}/evil.js`;

    await proof.step('an injected <base> moves no script', async () => {
        await harmless(e2e, base);
        assert.deepEqual(elsewhere.requests, []);
    });

    await proof.step('and would without base-uri', async () => {
        app.injected = base;

        await visit(e2e, '/nobase/', async (page) => {
            assert.equal(await page.textContent('#injected'), 'RAN');
        });
        assert.deepEqual(elsewhere.requests.splice(0), ['/static/app.js']);
    });

    await proof.step('a <base> of the page\'s own origin works', async () => {
        app.injected = '<p id="based">no</p><base href="/sub/">'
            + `<script nonce="${placeholder}" src="based.js"></script>`;

        await visit(e2e, '/plain/', async (page, res) => {
            await expectOwn(page, res);
            assert.equal(await page.textContent('#based'), 'ran');
        });
    });

    const dangling = {
        'a meta': `<script src=${evil} <meta nonce="${placeholder}">`,
        'quotes': `<script src=${evil} x="<p title="a" nonce="${placeholder}">`,
        'quotes in a value without':
            `<script src=${evil} x="<p title="a=b" nonce="${placeholder}">`,
    };

    for (const [name, injected] of Object.entries(dangling)) {
        await proof.step(`does not run: an open tag that swallowed ${name}`,
            async () => {
                app.injected = `${injected}</script>`;

                await visit(e2e, '/plain/', async (page, res) => {
                    await expectOwn(page, res);
                    assert.equal(await page.textContent('#injected'), 'no');
                });
                assert.deepEqual(elsewhere.requests, []);
            });
    }

    await proof.step('no page comes behind early hints', async () => {
        app.injected = `<script>${BAD}</script>`;

        await visit(e2e, '/hints/', async (page, res) => {
            const text = await page.content();

            assert.equal(res.status(), 502);
            assert.equal(await page.$('#injected'), null);
            assert.equal(text.includes(placeholder), false);
        });
    });
}


/* the placeholder is a secret of nginx and the app: nobody reads it */

async function secrecy(e2e, proof) {
    const { origin, placeholder, token } = e2e;

    e2e.app.injected = `${placeholder}<!-- ${placeholder} -->
<a title="${placeholder}" href="/?${placeholder}">x</a>
<textarea>${placeholder}</textarea><p nonce="${placeholder}">y</p>`;

    for (const shape of ['plain', 'bytes', 'gzip', 'text']) {
        await proof.step(`the placeholder stays secret, sent as ${shape}`,
            async () => {
                const res = await html(token, `${origin}/${shape}/`);

                assert.equal(res.status, 200);
                assert.equal(res.body.includes(placeholder), false);
                assert.match(res.body, /id="own"/);
            });
    }

    await proof.step('the placeholder stays secret, asked for in slices',
        async () => {
            const seen = [];

            for (let from = 0; from < 800; from += 20) {
                const res = await html(token, `${origin}/plain/`, {
                    Range: `bytes=${from}-${from + 19}`,
                });

                assert.equal(res.body.includes(placeholder), false);
                assert.equal(res.status, 200);
                seen.push(res.body);
            }

            assert.equal(seen.join('').includes(placeholder), false);
        });

    e2e.app.injected = '';
}


async function freshness(e2e, proof) {
    const { app, origin, token } = e2e;
    const uri = '/cached/page';

    await proof.step('two loads have two nonces', async () => {
        const [one, two] = [
            await visit(e2e, '/plain/', expectOwn),
            await visit(e2e, '/plain/', expectOwn),
        ];

        assert.notEqual(one, two);
    });

    await proof.step('a page from proxy_cache has a nonce of its own',
        async () => {
            const seen = [];

            for (const cached of ['MISS', 'HIT', 'HIT']) {
                seen.push(await visit(e2e, uri, async (page, res) => {
                    assert.equal(res.headers()['x-cache'], cached);
                    return expectOwn(page, res);
                }));
            }

            assert.equal(new Set(seen).size, 3);
            assert.equal(app.requests.filter((one) => one === uri).length, 1);
        });

    await proof.step('a conditional request gets the whole page',
        async () => {
            for (const headers of [{ 'If-None-Match': '"e2e"' },
                { 'If-Modified-Since': 'Wed, 01 Jan 2025 00:00:00 GMT' }])
            {
                const res = await html(token, `${origin}${uri}`, headers);

                assert.equal(res.status, 200);
                assert.equal(res.headers.etag, undefined);
                assert.equal(res.headers['last-modified'], undefined);
                assert.match(res.headers['cache-control'], /no-store/);
                assert.match(res.body, /id="own"/);
            }
        });
}


async function history(e2e, proof) {
    for (const uri of ['/plain/', '/cached/page']) {
        await proof.step(`reload, back and forward keep ${uri} alive`,
            () => visit(e2e, uri, async (page, first) => {
                const seen = [await expectOwn(page, first)];

                for (const go of [
                    () => page.reload(),
                    () => page.goto(`${e2e.origin}/plain/other`),
                    () => page.goBack(),
                    () => page.goForward(),
                    () => page.reload(),
                ]) {
                    seen.push(await expectOwn(page, await go()));
                }

                assert.equal(new Set(seen).size, seen.length,
                    'a nonce was used twice');
            }));
    }
}


/* its cache knows of no "no-store": policy and nonce stay as they were, both */

async function serviceWorker(e2e, proof) {
    const seen = [];

    e2e.app.injected = '<script>document.getElementById("injected")'
        + '.textContent = "RAN"</script>';

    await proof.step('a page of a service worker keeps nonce and policy',
        () => visit(e2e, '/cached/worked', async (page) => {
            await page.evaluate(async () => {
                const { serviceWorker: worker } = navigator;
                const taken = new Promise((resolve) => {
                    worker.oncontrollerchange = resolve;
                });

                await worker.register('/cached/worker.js');
                await taken;
            });

            for (let times = 0; times < 2; times += 1) {
                const res = await page.goto(`${e2e.origin}/cached/kept`);

                assert.equal(res.fromServiceWorker(), true);
                seen.push(await expectOwn(page, res));
                assert.equal(await page.textContent('#injected'), 'no');
            }

            assert.equal(seen[0], seen[1]);
        }));
}


async function check(e2e, proof) {
    await ownParts(e2e, proof);
    await injections(e2e, proof);
    await elsewheres(e2e, proof);
    await secrecy(e2e, proof);
    await freshness(e2e, proof);
    await history(e2e, proof);
    await serviceWorker(e2e, proof);

    await proof.step('no nonce stands where Chromium sees no such tag', () =>
        compareTrees(e2e.browser, path.join(BUILD, 'drivers/nonce'), TREES,
            Number(SEED)));

    await proof.step('nginx has nothing to complain of', () => {
        assert.deepEqual(e2e.nginx.alarms(), []);
        assert.equal(e2e.nginx.log('audit.log').includes(e2e.token), false);
    });
}


console.log(`e2e: RT_SEED=${SEED}`);
await run('e2e', start, check);
