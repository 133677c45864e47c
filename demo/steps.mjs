/*
 * The proof of the demo: what a user, a thief and an auditor see, one step
 * after the other, through the running nginx.
 */

import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { launch, open } from './browser.mjs';
import { bearer, form, request, until } from './http.mjs';
import { assert } from './proof.mjs';
import { PASSWORD, tokenFor } from './provider.mjs';
import { firstAddress } from './welcome.mjs';

const SUPPORT = 'support@example.com';
const BUILDER = 'builder@example.com';

const EVENT_SECONDS = 5;
const EXPIRY_SECONDS = 10;


/* -- tokens */

const part = (value) =>
    Buffer.from(JSON.stringify(value)).toString('base64url');

const parsed = (text) => JSON.parse(Buffer.from(text, 'base64url'));


/* one bit of the signature turned */

function tamperedSignature(token) {
    const [header, payload, signature] = token.split('.');
    const bytes = Buffer.from(signature, 'base64url');

    bytes[bytes.length >> 1] ^= 1;

    return [header, payload, bytes.toString('base64url')].join('.');
}


/* the support user makes himself a builder */

function tamperedClaims(token) {
    const [header, payload, signature] = token.split('.');
    const claims = { ...parsed(payload), groups: ['builders'] };

    return [header, part(claims), signature].join('.');
}


/* the same words, signed by a key of the forger's, under the same kid */

function selfSigned(token) {
    const [header, payload] = token.split('.');
    const { privateKey } = crypto.generateKeyPairSync('rsa', {
        modulusLength: 2048,
    });
    const signature = crypto.sign('RSA-SHA256',
        Buffer.from(`${header}.${payload}`), privateKey);

    return [header, payload, signature.toString('base64url')].join('.');
}


function unsigned(token) {
    const [header, payload] = token.split('.');

    return [part({ ...parsed(header), alg: 'none' }), payload, ''].join('.');
}


/* -- requests */

function get(demo, uri, headers = {}) {
    return request(`${demo.origin}${uri}`, { headers });
}


function expectRefused(res, error) {
    assert.equal(res.status, 401);

    const challenge = res.headers['www-authenticate'] ?? '';

    assert.match(challenge, /^Bearer\b/);
    assert.match(res.headers['cache-control'] ?? '', /\bno-store\b/);

    if (error) {
        assert.match(challenge, new RegExp(`error="${error}"`));
    } else {
        assert.doesNotMatch(challenge, /error=/);
    }

    return `${res.status}, WWW-Authenticate: ${challenge}`;
}


async function refused(demo, what, token) {
    const res = await get(demo, `/api/${what}`, bearer(token));

    assert.doesNotMatch(res.body, /"email"/);

    return expectRefused(res, 'invalid_token');
}


async function expectAccepted(demo, uri, headers, email) {
    const res = await get(demo, uri, headers);

    assert.equal(res.status, 200, `${uri}: ${res.status}\n${res.body}`);
    assert.equal(JSON.parse(res.body).email, email);

    return `the app got "X-Email: ${email}"`;
}


/* a token of two seconds: taken, and refused when it is over */

async function expired(demo) {
    const token = await tokenFor(demo.issuer, SUPPORT, 'urn:demo:tools-brief');

    await expectAccepted(demo, '/api/expiring', bearer(token), SUPPORT);

    const res = await until('the end of the token', EXPIRY_SECONDS,
        async () => {
            const seen = await get(demo, '/api/expired', bearer(token));
            return seen.status !== 200 && seen;
        });

    return `first 200, then ${expectRefused(res, 'invalid_token')}`;
}


/* -- the audit file */

function events(demo) {
    return fs.readFileSync(demo.audit, 'utf8').split('\n')
        .filter((line) => line)
        .map((line) => JSON.parse(line));
}


const mentions = (event, text) => JSON.stringify(event).includes(text);


/*
 * All events so far: sends a last request and waits for its event, and for those
 * with these texts, which another worker may write later.
 */

async function settled(demo, texts) {
    const mark = `mark-${crypto.randomBytes(8).toString('hex')}`;

    await get(demo, `/api/${mark}`, bearer(demo.tokens.support));

    return until('the events of the last requests', EVENT_SECONDS, () => {
        const seen = events(demo);

        return [mark, ...texts].every((text) => seen.some(
            (event) => mentions(event, text))) && seen;
    });
}


/* what the nginx of the demo wrote anywhere */

function everythingWritten(demo) {
    const dir = path.join(demo.prefix, 'logs');

    return fs.readdirSync(dir)
        .map((name) => fs.readFileSync(path.join(dir, name), 'utf8'))
        .join('\n');
}


async function passwordReset(demo) {
    const canary = `canary-${crypto.randomBytes(12).toString('hex')}`;
    const customer = `customer-${crypto.randomBytes(6).toString('hex')}`;
    const sent = form({ customer, password: canary });

    const res = await request(`${demo.origin}/apps/support/password`, {
        ...sent,
        headers: { ...sent.headers, ...bearer(demo.tokens.support) },
    });

    assert.equal(res.status, 200, res.body);
    assert.match(res.body, new RegExp(`new password of ${canary.length}\\b`),
        'the app did not get the password');

    const found = (await settled(demo, [customer]))
        .filter((event) => mentions(event, customer));

    assert.equal(found.length, 1, `${found.length} events, not one`);

    const [event] = found;

    assert.equal(event.user.email, SUPPORT);
    assert.equal(event.userId, 'u-1001');
    assert.equal(event.actionType, 'PASSWORD_RESET');
    assert.equal(event.pageName, 'support');
    assert.equal(event.status, 200);
    assert.equal(mentions(event.parameters, '"password"'), false);

    const written = everythingWritten(demo);

    assert.equal(written.includes(customer), true);
    assert.equal(written.includes(canary), false, 'the password was logged');
    assert.equal(written.includes(demo.tokens.support), false,
        'a token was logged');

    return `one event ${event.id}: user ${event.user.email}, action `
        + `${event.actionType}, parameters `
        + `${JSON.stringify(event.parameters)}; the password is in no file`;
}


/* what the audit says of the refusals above */

const REASONS = {
    anonymous: /anonymous/,
    'bad-signature': /signature/,
    'self-signed': /signature/,
    unsigned: /alg/,
    expired: /expired/,
    payroll: /audience/,
};

async function reasons(demo) {
    const seen = await settled(demo, Object.keys(REASONS).map(
        (what) => `/api/${what}"`));
    const told = [];

    for (const [what, wanted] of Object.entries(REASONS)) {
        const event = seen.find((one) => one.status === 401
            && mentions(one, `/api/${what}"`));
        const reason = event?.metadata?.rtauth?.reason;

        assert.match(String(reason), wanted, `/api/${what}: ${reason}`);
        told.push(`${what} ${reason}`);
    }

    return told.join(', ');
}


/* -- the browser */

async function scripts(demo) {
    const canary = `note-${crypto.randomBytes(6).toString('hex')}`;
    const note = `<script>document.title = '${canary}'</script>`
        + `<img src="/none" onerror="document.title = '${canary}'">${canary}`;
    const sent = form({ note });

    const res = await request(`${demo.origin}/apps/support/notes`, {
        ...sent,
        headers: { ...sent.headers, ...bearer(demo.tokens.support) },
    });

    assert.equal(res.status, 303);

    const browser = await launch();

    try {
        const page = await open(browser, bearer(demo.tokens.support));
        const refusals = [];

        page.on('console', (message) => {
            if (/Content Security Policy/.test(message.text())) {
                refusals.push(message.text());
            }
        });

        await page.goto(`${demo.origin}/apps/support`, {
            waitUntil: 'load',
        });

        assert.match(await page.content(), new RegExp(canary));
        assert.equal(await page.textContent('#own'), 'own script ran');
        assert.equal(await page.textContent('#injected'), 'did not run');
        assert.equal(await page.title(), 'Support');
        assert.equal(await page.textContent('#email'), SUPPORT);

        await until('the browser\'s refusals', EVENT_SECONDS,
            () => refusals.length >= 3);

        return `own script ran, two injected scripts and an onerror did not `
            + `(${browser.version()} refused ${refusals.length} times)`;

    } finally {
        await browser.close();
    }
}


/*
 * A person's way: the first address that the demo prints, which leads to the
 * provider's form, and from there to his app.
 */

async function browserSignIn(demo) {
    const browser = await launch();

    try {
        const page = await open(browser);

        await page.goto(firstAddress(demo));
        assert.equal(new URL(page.url()).origin, demo.issuer);

        await page.selectOption('select[name=email]', SUPPORT);
        await page.fill('input[name=password]', PASSWORD);
        await page.click('button');
        await page.waitForURL(`${demo.origin}/apps/support`);

        assert.equal(await page.textContent('#email'), SUPPORT);

        const cookies = await page.context().cookies(demo.origin);
        const session = cookies.find((one) => one.name === 'demo');

        assert.equal(session.httpOnly, true);
        assert.equal(session.sameSite, 'Lax');

        return `signed in at the provider, landed on ${page.url()}`;

    } finally {
        await browser.close();
    }
}


/* -- the steps */

async function whoMayEnter(demo, proof) {
    const { tokens } = demo;

    await proof.step('an anonymous API call is refused', async () =>
        expectRefused(await get(demo, '/api/anonymous')));

    await proof.step('a token of the provider is accepted', async () => {
        tokens.support = await tokenFor(demo.issuer, SUPPORT);
        tokens.builder = await tokenFor(demo.issuer, BUILDER);

        await expectAccepted(demo, '/api/me', bearer(tokens.builder),
            BUILDER);

        return expectAccepted(demo, '/api/me', bearer(tokens.support),
            SUPPORT);
    });

    await proof.step('nobody can say in a header that he is somebody else',
        () => expectAccepted(demo, '/api/me',
            { ...bearer(tokens.support), 'X-Email': BUILDER, x_email: BUILDER },
            SUPPORT));
}


async function whoMayNot(demo, proof) {
    const { tokens } = demo;

    await proof.step('a forged signature is refused', () =>
        refused(demo, 'bad-signature', tamperedSignature(tokens.support)));

    await proof.step('forged groups are refused', () =>
        refused(demo, 'bad-groups', tamperedClaims(tokens.support)));

    await proof.step('a key of the forger\'s own is refused', () =>
        refused(demo, 'self-signed', selfSigned(tokens.support)));

    await proof.step('a token without signature is refused', () =>
        refused(demo, 'unsigned', unsigned(tokens.support)));

    await proof.step('an expired token is refused', () => expired(demo));

    await proof.step('a token for another audience is refused', async () =>
        refused(demo, 'payroll',
            await tokenFor(demo.issuer, SUPPORT, 'urn:demo:payroll')));

    await proof.step('a path that hides where it goes is refused',
        async () => {
            const res = await get(demo, '/api/..%2fadmin/',
                bearer(tokens.builder));

            assert.equal(res.status, 403);
            return `${res.status} for /api/..%2fadmin/`;
        });
}


async function whoGoesWhere(demo, proof) {
    const { tokens } = demo;

    await proof.step('the support user at / is routed to his app',
        async () => {
            const res = await get(demo, '/', bearer(tokens.support));
            const { location } = res.headers;

            assert.equal(res.status, 302);
            assert.equal(new URL(location, demo.origin).href,
                `${demo.origin}/apps/support`);
            return `${res.status} to ${location}`;
        });

    await proof.step('the builder is not', async () => {
        const res = await get(demo, '/', bearer(tokens.builder));

        assert.equal(res.status, 200);
        assert.match(res.body, /<h1>Internal tools<\/h1>/);
        return `${res.status}, the home page`;
    });

    await proof.step('only an editor comes into /admin/', async () => {
        const no = await get(demo, '/admin/', bearer(tokens.support));
        const yes = await get(demo, '/admin/', bearer(tokens.builder));

        assert.equal(no.status, 403);
        assert.equal(yes.status, 200);
        return `${no.status} for ${SUPPORT}, ${yes.status} for ${BUILDER}`;
    });
}


export async function prove(demo, proof) {
    await whoMayEnter(demo, proof);
    await whoMayNot(demo, proof);
    await whoGoesWhere(demo, proof);

    await proof.step('a POST with a password is one event without it',
        () => passwordReset(demo));

    await proof.step('the audit file tells why each was refused',
        () => reasons(demo));

    await proof.step('a browser runs the page\'s script, not the injected',
        () => scripts(demo));

    await proof.step('a browser signs in', () => browserSignIn(demo));

    await proof.step('nginx has nothing to complain of', () => {
        assert.deepEqual(demo.nginx.alarms(), []);
        return 'no alert, emerg or crit in its error log';
    });
}
