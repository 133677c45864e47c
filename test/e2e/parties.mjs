/*
 * rtauth between programs that others wrote: tokens of npm's oidc-provider,
 * which is asked about them, and DPoP proofs that npm's jose signs.  Two nginx
 * of two workers each, with one Redis.
 */

import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRedis } from '../../bench/redis.mjs';
import { bearer, form, request, until } from '../../demo/http.mjs';
import * as jose from '../../demo/jose.mjs';
import { freePort, Nginx, prepare } from '../../demo/nginx.mjs';
import { assert, run } from '../../demo/proof.mjs';
import { CURL_CLIENT, GATEWAY_SECRET, startProvider, tokenFor, USERS }
    from '../../demo/provider.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const BUILD = process.env.BUILD || path.resolve(HERE, '../../build');
const PREFIX = path.join(BUILD, 'parties');
const SUPPORT = 'support@example.com';
const OPAQUE = 'urn:demo:tools-opaque';
const ROBOT_SECRET = crypto.randomBytes(32).toString('base64url');
const EXPIRY_SECONDS = 15;
const CONNECTIONS = 100;    /* until one of them is another worker's */
const LOCATIONS = ['brief', 'long', 'signed', 'bound', 'nonce', 'handle'];


const sha256 = (text) =>
    crypto.createHash('sha256').update(text).digest('base64url');

const now = () => Math.floor(Date.now() / 1000);


async function startCorp(port, gateway) {
    return startProvider({
        port,
        redirectUris: LOCATIONS.map((name) => `${gateway}/${name}/back`),
        gateway: { introspection_signed_response_alg: 'RS256' },
        clients: [{
            client_id: 'robot',
            client_secret: ROBOT_SECRET,
            grant_types: ['client_credentials'],
            response_types: [],
            redirect_uris: [],
        }],
        features: {
            clientCredentials: { enabled: true },
            dPoP: { enabled: true },
            introspection: { enabled: true },
            jwtIntrospection: { enabled: true },
            revocation: { enabled: true },
        },
    });
}


/* one nginx; the first one's address is that of the fleet */

async function startHost(name, test, words) {
    const prefix = path.join(PREFIX, name);

    await prepare(prefix,
        fs.readFileSync(path.join(HERE, 'parties.conf.in'), 'utf8'), {
            MODULES: process.env.RT_MODULE_DIR || path.join(BUILD, 'modules'),
            CORP: test.corp.issuer,
            REDIS: test.redis.socket,
            KEY: test.key,
            ...words,
        });

    fs.writeFileSync(path.join(prefix, 'client-secret'), GATEWAY_SECRET,
        { mode: 0o600 });

    for (const location of LOCATIONS) {
        fs.mkdirSync(path.join(prefix, 'html', location), { recursive: true });
        fs.writeFileSync(path.join(prefix, 'html', location, 'page'), 'page');
    }

    const nginx = new Nginx(prefix);

    test.hosts.push(nginx);
    await nginx.start(words.PORT);
}


async function start(stack) {
    const taken = [];

    for (let i = 0; i < 5; i++) {
        taken.push(await freePort(24000 + process.pid % 6000, taken));
    }

    const [corpPort, port, otherPort, fleetPort, otherFleetPort] = taken;
    const test = {
        origin: `http://127.0.0.1:${port}`,
        fleet: [fleetPort, otherFleetPort].map((one) =>
            `http://127.0.0.1:${one}`),
        hosts: [],
        key: path.join(PREFIX, 'session-key'),
    };

    fs.mkdirSync(PREFIX, { recursive: true });
    fs.writeFileSync(test.key, crypto.randomBytes(32).toString('base64url'),
        { mode: 0o600 });

    test.corp = await startCorp(corpPort, test.origin);
    stack.push(() => test.corp.close());
    test.redis = await startRedis();
    stack.push(() => test.redis.stop());
    stack.push(() => Promise.all(test.hosts.map((one) => one.stop())));

    await startHost('one', test, {
        PORT: port, FLEET_PORT: fleetPort, FLEET_ORIGIN: fleetPort,
    });
    await startHost('two', test, {
        PORT: otherPort, FLEET_PORT: otherFleetPort, FLEET_ORIGIN: fleetPort,
    });

    return test;
}


/* -- what nginx says */

async function verdict(url, headers) {
    const res = await request(url, { headers });

    return `${res.status} ${res.headers['x-result']}`;
}


/* a GET over a connection that is kept */

function over(agent, url, headers = {}) {
    return new Promise((resolve, reject) => {
        http.get(url, { agent, headers }, (res) => {
            res.resume();
            res.once('end', () => { resolve(res); });
        }).once('error', reject);
    });
}


/* use(one, two): connections to two workers */

async function workers(test, use) {
    const agents = [];

    try {
        const first = await connection(test, agents);

        for (let i = 0; i < CONNECTIONS; i++) {
            const next = await connection(test, agents);

            if (next.worker !== first.worker) {
                return await use(first.agent, next.agent);
            }
        }

        throw new Error('all connections went to one worker');
    } finally {
        agents.forEach((one) => { one.destroy(); });
    }
}


async function connection(test, agents) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

    agents.push(agent);

    const res = await over(agent, `${test.origin}/brief/page`);

    return { agent, worker: res.headers['x-worker'] };
}


/* -- introspection */

async function revoke(test, token) {
    const res = await request(`${test.corp.issuer}/token/revocation`,
        form({ token, client_id: CURL_CLIENT }));

    assert.equal(res.status, 200);
}


async function introspected(test, proof) {
    const at = (name, token) =>
        verdict(`${test.origin}/${name}/page`, bearer(token));
    const fresh = () => tokenFor(test.corp.issuer, SUPPORT, OPAQUE);

    await proof.step('oidc-provider says who has its opaque token',
        async () => {
            const token = await fresh();
            const { headers, status } = await request(
                `${test.origin}/brief/page`, { headers: bearer(token) });

            assert.doesNotMatch(token, /\./);
            assert.equal(status, 200);
            assert.equal(headers['x-who'], USERS[SUPPORT].sub);
        });

    await proof.step('it signs its answer (RFC 9701), yes and no',
        async () => {
            assert.equal(await at('signed', await fresh()), '200 ok');
            assert.equal(await at('signed', 'of-nobody'), '401 inactive');
        });

    await proof.step('a token that it does not know is refused', async () => {
        const token = await fresh();
        const last = token.at(-1) === 'A' ? 'B' : 'A';

        for (const one of ['x', `${token}A`, token.slice(0, -1) + last]) {
            assert.equal(await at('brief', one), '401 inactive', one);
        }

        assert.equal(await at('brief', token), '200 ok');
    });

    await proof.step('its JWTs are verified here, also where it is asked',
        async () => {
            const { issuer } = test.corp;
            const token = await tokenFor(issuer, SUPPORT);
            const payroll = await tokenFor(issuer, SUPPORT, 'urn:demo:payroll');

            assert.equal(await at('brief', token), '200 ok');
            assert.equal(await at('brief', payroll), '401 wrong_audience');
        });

    await proof.step('revoked there: refused here when the answer is old',
        async () => {
            const token = await fresh();

            assert.equal(await at('brief', token), '200 ok');
            assert.equal(await at('long', token), '200 ok');
            await revoke(test, token);

            assert.equal(await at('signed', token), '401 inactive',
                'who had not asked yet');
            await until('the refusal', EXPIRY_SECONDS, async () =>
                await at('brief', token) === '401 inactive');
            assert.equal(await at('long', token), '200 ok',
                'introspection_cache 1h');
        });
}


/* -- proofs */

async function makeKey(alg) {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg,
        { extractable: true });

    return {
        alg, privateKey,
        jwk: await jose.exportJWK(publicKey),
        secret: await jose.exportJWK(privateKey),
    };
}


/* by jose; claims and header: members to add, or (undefined) to take away */

async function makeProof(key, htu, token, { claims = {}, header = {} } = {}) {
    const signed = new jose.SignJWT({
        jti: crypto.randomUUID(), htm: 'GET', htu, iat: now(),
        ...(token === undefined ? {} : { ath: sha256(token) }),
        ...claims,
    });

    return signed.setProtectedHeader({
        typ: 'dpop+jwt', alg: key.alg, jwk: key.jwk, ...header,
    }).sign(key.privateKey, { crit: { known: true } });
}


/* an access token of oidc-provider, bound to the key */

async function boundToken(test, key, resource = 'urn:demo:tools') {
    const url = `${test.corp.issuer}/token`;
    const { headers, body } = form({
        grant_type: 'client_credentials', resource, scope: 'use',
    });
    const DPoP = await makeProof(key, url, undefined,
        { claims: { htm: 'POST' } });
    const Authorization = `Basic ${
        Buffer.from(`robot:${ROBOT_SECRET}`).toString('base64')}`;
    const res = await request(url,
        { headers: { ...headers, DPoP, Authorization }, body });
    const said = JSON.parse(res.body);

    assert.equal(res.status, 200, res.body);
    assert.equal(said.token_type, 'DPoP');

    return said.access_token;
}


const shown = (token, DPoP) => ({ Authorization: `DPoP ${token}`, DPoP });


/* what is changed in a good proof -> what the error log says of it */

const CHANGED = [
    ['typ', { header: { typ: 'JWT' } }, 'has a typ other than dpop+jwt'],
    ['no typ', { header: { typ: undefined } }, 'has a typ other than dpop+jwt'],
    ['crit', { header: { crit: ['known'], known: 1 } }, 'has a crit or b64'],
    ['no jwk', { header: { jwk: undefined } }, 'has no jwk'],
    ['htm', { claims: { htm: 'POST' } }, 'has another htm'],
    ['htm in small letters', { claims: { htm: 'get' } }, 'has another htm'],
    ['no htm', { claims: { htm: undefined } }, 'has no htm, htu or ath'],
    ['htu: path', { htu: (url) => `${url}s` }, 'has another htu: its path'],
    ['htu: port', { htu: (url) => url.replace(/:\d+\//, ':1/') },
        'has another htu: its origin'],
    ['htu: scheme', { htu: (url) => url.replace('http:', 'https:') },
        'has another htu: its origin'],
    ['htu: host', { htu: (url) => url.replace('127.0.0.1', 'localhost') },
        'has another htu: its origin'],
    ['no htu', { claims: { htu: undefined } }, 'has no htm, htu or ath'],
    ['ath', { claims: { ath: sha256('another token') } },
        'has the ath of another token'],
    ['no ath', { claims: { ath: undefined } }, 'has no htm, htu or ath'],
    ['no jti', { claims: { jti: undefined } }, 'has no jti, or a long one'],
    ['a jti that is a number', { claims: { jti: 7 } },
        'has no jti, or a long one'],
    ['no iat', { claims: { iat: undefined } }, 'has no iat'],
    ['an old iat', { claims: { iat: now() - 600 } }, 'is too old'],
    ['an iat to come', { claims: { iat: now() + 3600 } },
        'was made in the future'],
    ['exp', { claims: { exp: now() - 600 } },
        'is not good now, by its own exp or nbf'],
];


async function changedProofs(test, proof, key, token) {
    const url = `${test.origin}/bound/page`;
    const other = await makeKey('ES256');
    const [nginx] = test.hosts;

    /* a worker writes so many lines a second: it is asked until there is one */

    const refused = async (what, DPoP, phrase) => {
        const before = nginx.log('error.log').length;

        await until(`what is said of ${what}`, EXPIRY_SECONDS, async () => {
            assert.equal(await verdict(url, shown(token, DPoP)),
                '401 bad_proof', what);

            return nginx.log('error.log').slice(before)
                .includes(`the DPoP proof ${phrase}`);
        });
    };

    await proof.step('a changed proof is refused, and the log says why',
        async () => {
            for (const [what, { htu, ...change }, phrase] of CHANGED) {
                await refused(what, await makeProof(key,
                    htu ? htu(url) : url, token, change), phrase);
            }

            return `${CHANGED.length} changes`;
        });

    await proof.step('a proof of another key is refused', async () => {
        await refused('its own jwk', await makeProof(other, url, token),
            'has another key than the token\'s');
        await refused('the token\'s jwk', await makeProof(other, url, token,
            { header: { jwk: key.jwk } }), 'has a signature that does not hold');
        await refused('a private jwk', await makeProof(key, url, token,
            { header: { jwk: key.secret } }), 'has a private key in its jwk');
        await refused('HMAC', await makeProof({
            alg: 'HS256', privateKey: Buffer.from(JSON.stringify(key.jwk)),
            jwk: key.jwk,
        }, url, token), 'has an alg that is not accepted');
        await refused('none', new jose.UnsecuredJWT({
            jti: 'x', htm: 'GET', htu: url, iat: now(), ath: sha256(token),
        }).encode(), 'has an alg that is not accepted');
    });

    await proof.step('without a proof, or as a bearer, the token is no good',
        async () => {
            const good = await makeProof(key, url, token);

            assert.equal(await verdict(url,
                { Authorization: `DPoP ${token}` }), '401 bad_proof');
            assert.equal(await verdict(url, { ...bearer(token), DPoP: good }),
                '401 confirmation_required');
            assert.equal(await verdict(url, shown(token, good)), '200 ok',
                'neither has used it up');
        });
}


async function proofs(test, proof) {
    const key = await makeKey('ES256');
    const token = await boundToken(test, key);
    const url = `${test.origin}/bound/page`;

    await proof.step('jose proves the keys of oidc-provider\'s tokens',
        async () => {
            for (const alg of ['ES256', 'EdDSA']) {
                const own = await makeKey(alg);
                const bound = await boundToken(test, own);
                const once = await makeProof(own, url, bound);

                assert.equal(await verdict(url, shown(bound, once)), '200 ok');
                assert.equal(await verdict(url, shown(bound, once)),
                    '401 replayed_proof');
            }
        });

    await changedProofs(test, proof, key, token);

    await proof.step('an opaque token is bound by what its provider says',
        async () => {
            const at = `${test.origin}/handle/page`;
            const handle = await boundToken(test, key, OPAQUE);
            const other = await makeKey('ES256');

            assert.equal(await verdict(at,
                shown(handle, await makeProof(key, at, handle))), '200 ok');
            assert.equal(await verdict(at,
                shown(handle, await makeProof(other, at, handle))),
            '401 bad_proof');
            assert.equal(await verdict(at, bearer(handle)),
                '401 confirmation_required');
        });

    await proof.step('a nonce is asked for, and makes the next proof good',
        async () => {
            const at = `${test.origin}/nonce/page`;
            const asks = await request(at, {
                headers: shown(token, await makeProof(key, at, token)),
            });
            const nonce = asks.headers['dpop-nonce'];

            assert.equal(asks.status, 401);
            assert.match(asks.headers['www-authenticate'],
                /^DPoP .*error="use_dpop_nonce"/);

            const with_ = async (claims) => verdict(at,
                shown(token, await makeProof(key, at, token, { claims })));

            assert.equal(await with_({ nonce }), '200 ok');
            assert.equal(await with_({ nonce: `${nonce}A` }),
                '401 proof_nonce');
            assert.equal(await with_({ nonce: 'x' }), '401 proof_nonce');
        });

    await proof.step('a proof is good once for both workers', () =>
        workers(test, async (one, two) => {
            const once = shown(token, await makeProof(key, url, token));
            const said = async (agent) =>
                (await over(agent, url, once)).headers['x-result'];

            assert.equal(await said(one), 'ok');
            assert.equal(await said(two), 'replayed_proof');
            assert.equal(await said(one), 'replayed_proof');
        }));

    await proof.step('and, by Redis, for two hosts, as a nonce is good at both',
        async () => {
            const [one, two] = test.fleet;
            const at = `${one}/nonce/page`;
            const asks = await request(at, {
                headers: shown(token, await makeProof(key, at, token)),
            });
            const nonce = asks.headers['dpop-nonce'];
            const once = shown(token,
                await makeProof(key, at, token, { claims: { nonce } }));

            assert.equal(await verdict(`${two}/nonce/page`, once), '200 ok');
            assert.equal(await verdict(`${one}/nonce/page`, once),
                '401 replayed_proof');
            assert.equal(await verdict(`${two}/nonce/page`, once),
                '401 replayed_proof');
        });
}


async function check(test, proof) {
    await introspected(test, proof);
    await proofs(test, proof);

    await proof.step('nginx has nothing to complain of', () => {
        for (const nginx of test.hosts) {
            assert.deepEqual(nginx.alarms(), []);
            assert.equal(nginx.log('error.log').includes(GATEWAY_SECRET),
                false);
        }
    });
}


await run('parties', start, check);
