/*
 * Sessions of the benchmark: a provider that signs everybody in at once, and
 * as much of a browser as a sign-in needs.
 */

import * as crypto from 'node:crypto';
import * as http from 'node:http';
import { form, request } from '../demo/http.mjs';
import { AUDIENCE } from './tokens.mjs';

export const CLIENT = 'bench';
export const SECRET = crypto.randomBytes(24).toString('base64url');

/* a token that is no JWT; with "-" and more behind it, another one */

export const OPAQUE = crypto.randomBytes(32).toString('base64url');

const KID = 'bench-sign-in';
const LIFETIME = 3600;      /* seconds */

const part = (value) =>
    Buffer.from(JSON.stringify(value)).toString('base64url');


/* who signs in, unless "user=" of the authorization says another email */

const SOMEBODY = 'support@example.com';

const claimsOf = (email) => ({
    sub: email === SOMEBODY ? 'u-1001' : `u-${email}`, email,
    email_verified: true, name: 'Sam Support', groups: ['support'],
});


class Provider {
    constructor() {
        this.keys = [];
        this.made = 0;
        this.codes = new Map();
        this.rotate();
    }

    /* signs with a new key from now on; the one before is published, too */

    rotate() {
        const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
        const kid = `${KID}-${++this.made}`;

        this.keys = [{ kid, key: pair.privateKey,
            jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid,
                alg: 'RS256', use: 'sig' } }, ...this.keys].slice(0, 2);
    }

    /* a token of that type; claims: what is other than usual */

    sign(typ, email, claims) {
        const now = Math.floor(Date.now() / 1000);
        const [{ kid, key }] = this.keys;
        const text = `${part({ alg: 'RS256', typ, kid })}.${part({
            iss: this.issuer, iat: now, exp: now + LIFETIME,
            ...claimsOf(email), ...claims,
        })}`;

        return `${text}.${crypto.sign('RSA-SHA256', Buffer.from(text), key)
            .toString('base64url')}`;
    }

    idToken({ nonce, user }) {
        return this.sign('JWT', user, { aud: CLIENT, nonce });
    }

    /* as much as an access token of tokens.mjs says */

    introspection(token) {
        const now = Math.floor(Date.now() / 1000);

        return !token.startsWith(OPAQUE) ? { active: false } : {
            active: true, token_type: 'Bearer', ...claimsOf(SOMEBODY), iat: now, exp: now + LIFETIME, scope: 'use',
            client_id: 'tools', iss: this.issuer, aud: AUDIENCE,
        };
    }

    answer(url, body) {
        const code = crypto.randomBytes(16).toString('base64url');

        switch (url.pathname) {
        case '/jwks':
            return { keys: this.keys.map(({ jwk }) => jwk) };

        case '/token':
            return { token_type: 'Bearer', access_token: code,
                id_token: this.idToken(this.codes.get(
                    new URLSearchParams(body).get('code')) ?? {}) };

        case '/introspect':
            return this.introspection(new URLSearchParams(body).get('token'));

        case '/authorize': {
            const to = new URL(url.searchParams.get('redirect_uri'));

            this.codes.set(code, { nonce: url.searchParams.get('nonce'),
                user: url.searchParams.get('user') ?? SOMEBODY });
            to.searchParams.set('code', code);
            to.searchParams.set('state', url.searchParams.get('state'));

            return to;
        }

        default:
            return {
                issuer: this.issuer,
                jwks_uri: `${this.issuer}/jwks`,
                authorization_endpoint: `${this.issuer}/authorize`,
                token_endpoint: `${this.issuer}/token`,
                introspection_endpoint: `${this.issuer}/introspect`,
                response_types_supported: ['code'],
                code_challenge_methods_supported: ['S256'],
            };
        }
    }

    serve(req, res) {
        const parts = [];

        req.on('data', (one) => { parts.push(one); });
        req.on('end', () => {
            const answer = this.answer(new URL(req.url, this.issuer),
                Buffer.concat(parts).toString());

            if (answer instanceof URL) {
                res.writeHead(302, { Location: answer.href }).end();
                return;
            }

            res.writeHead(200, { 'Content-Type': 'application/json' })
                .end(JSON.stringify(answer));
        });
    }

    /* at the port that it had before, if it had one */

    start() {
        this.server = http.createServer((req, res) => this.serve(req, res));

        return new Promise((resolve, reject) => {
            this.server.once('error', reject);
            this.server.listen(this.port ?? 0, '127.0.0.1', () => {
                this.port = this.server.address().port;
                this.issuer = `http://127.0.0.1:${this.port}`;
                resolve(this);
            });
        });
    }

    stop() {
        this.server.close();
        this.server.closeAllConnections();
    }
}


export const startProvider = () => new Provider().start();


/* from a page of nginx to that page, signed in -> the cookies it has then */

export async function signIn(url, host, user) {
    const jar = new Map();
    const address = `10.${crypto.randomBytes(3).join('.')}`;
    let to = new URL(url);

    for (let hops = 0; hops < 8; hops++) {
        const ours = to.origin === new URL(url).origin;
        const cookies = [...jar].map((pair) => pair.join('=')).join('; ');

        if (!ours && user) {
            to.searchParams.set('user', user);
        }

        const res = await request(to, { headers: ours
            ? { Host: host, Accept: 'text/html', Cookie: cookies,
                'X-Real-IP': address } : {} });

        for (const line of res.headers['set-cookie'] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);

            if (/; *max-age=0\b/i.test(line)) {
                jar.delete(name);
            } else {
                jar.set(name, value);
            }
        }

        if (res.status === 200) {
            return [...jar].map((pair) => pair.join('=')).join('; ');
        }

        if (res.status !== 302) {
            throw new Error(`sign-in: ${to.pathname} answers ${res.status}`);
        }

        to = new URL(res.headers.location, to);

        if (to.hostname === host) {
            to = new URL(to.pathname + to.search, url);
        }
    }

    throw new Error('sign-in: it goes round in circles');
}


/* what a sign-in asks of the provider, without nginx in between */

export async function aloneAtProvider(issuer) {
    const query = new URLSearchParams({
        redirect_uri: 'http://127.0.0.1/', nonce: 'n', state: 's' });
    const res = await request(`${issuer}/authorize?${query}`);
    const code = new URL(res.headers.location).searchParams.get('code');

    await request(`${issuer}/token`, form({ code }));
}


/* how often in a second, for that long, n at a time; stops at the limit */

export async function inASecond(task, { seconds, parallel, most }) {
    const began = performance.now();
    const over = began + seconds * 1000;
    let started = 0;
    let done = 0;

    await Promise.all(Array.from({ length: parallel }, async () => {
        while (performance.now() < over && started < most) {
            started++;
            await task();
            done++;
        }
    }));

    return done / (performance.now() - began) * 1000;
}
