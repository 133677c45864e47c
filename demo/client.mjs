/*
 * An OpenID client without a browser: authorization code flow with PKCE
 * (RFC 7636) and a resource indicator (RFC 8707), following the provider's
 * redirects and filling in its login form.
 */

import * as crypto from 'node:crypto';
import { form, request } from './http.mjs';

const HOPS = 10;


export function pkce() {
    const verifier = crypto.randomBytes(32).toString('base64url');
    const challenge = crypto.createHash('sha256').update(verifier)
        .digest('base64url');

    return { verifier, challenge };
}


export function authorizationUrl(client, { redirectUri, state, challenge }) {
    const url = new URL('/auth', client.issuer);

    url.search = new URLSearchParams({
        response_type: 'code',
        client_id: client.client_id,
        redirect_uri: redirectUri,
        resource: client.resource,
        scope: 'openid email groups use',
        state,
        code_challenge: challenge,
        code_challenge_method: 'S256',
    }).toString();

    return url;
}


/* -> the access token */

export async function exchange(client, { redirectUri, code, verifier }) {
    const res = await request(new URL('/token', client.issuer), form({
        grant_type: 'authorization_code',
        client_id: client.client_id,
        redirect_uri: redirectUri,
        resource: client.resource,
        code,
        code_verifier: verifier,
    }));
    const answer = JSON.parse(res.body);

    if (res.status !== 200) {
        throw new Error(`token endpoint: ${res.status} ${answer.error}: `
                        + `${answer.error_description}`);
    }

    return answer.access_token;
}


class Jar {
    constructor() {
        this.cookies = new Map();
    }

    take(res) {
        for (const line of res.headers['set-cookie'] ?? []) {
            const [pair] = line.split(';');
            const at = pair.indexOf('=');

            this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
        }
    }

    header() {
        return [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
    }
}


async function hop(jar, url, fields) {
    const sent = fields ? form(fields) : {};
    const res = await request(url, {
        ...sent, headers: { ...sent.headers, Cookie: jar.header() },
    });

    jar.take(res);

    return res;
}


/* walks from the authorization endpoint to redirectUri's code */

async function authorize(start, redirectUri, user) {
    const jar = new Jar();
    let url = start;
    let fields;

    for (let i = 0; i < HOPS; i++) {
        const res = await hop(jar, url, fields);
        const { location } = res.headers;

        fields = undefined;

        if (res.status === 200 && url.pathname.startsWith('/interaction/')) {
            fields = user;
            continue;
        }

        if (!location) {
            throw new Error(`${url.pathname}: ${res.status} `
                            + `${res.body}`);
        }

        url = new URL(location, url);

        if (url.href.startsWith(redirectUri)) {
            return url.searchParams;
        }
    }

    throw new Error('the provider redirects without end');
}


/* user: { email, password } -> the access token */

export async function signIn(client, redirectUri, user) {
    const { verifier, challenge } = pkce();
    const state = crypto.randomBytes(16).toString('base64url');
    const start = authorizationUrl(client, { redirectUri, state, challenge });
    const params = await authorize(start, redirectUri, user);

    if (params.get('state') !== state) {
        throw new Error('the provider returned another state');
    }

    if (!params.get('code')) {
        throw new Error(`no code: ${params.get('error')}: `
                        + `${params.get('error_description')}`);
    }

    return exchange(client, {
        redirectUri, code: params.get('code'), verifier,
    });
}
