/*
 * A real OpenID provider (npm's oidc-provider) on loopback, with two users
 * and two clients: nginx, which signs people in, and one for curl, whose
 * access tokens are JWTs signed with RS256.  Which audience these carry and
 * how long they live is chosen by the resource asked for.
 */

import * as crypto from 'node:crypto';
import * as http from 'node:http';
import Provider, { errors } from 'oidc-provider';
import MemoryAdapter from 'oidc-provider/lib/adapters/memory_adapter.js';
import { form, request } from './http.mjs';

export const PASSWORD = 'demo';

export const USERS = {
    'support@example.com': {
        sub: 'u-1001', name: 'Sam Support', groups: ['support'],
    },
    'builder@example.com': {
        sub: 'u-1002', name: 'Bea Builder', groups: ['builders'],
    },
};

/* resource (RFC 8707) -> what its access tokens say */

const RESOURCES = {
    'urn:demo:tools': { audience: 'tools', accessTokenTTL: 3600 },
    'urn:demo:tools-brief': { audience: 'tools', accessTokenTTL: 2 },
    'urn:demo:payroll': { audience: 'payroll', accessTokenTTL: 3600 },
    'urn:demo:tools-opaque': {
        audience: 'tools', accessTokenTTL: 3600, accessTokenFormat: 'opaque',
    },
};

const DEFAULT_RESOURCE = 'urn:demo:tools';
const SCOPE = 'use';

export const CURL_CLIENT = 'curl';

/* the client that nginx is */

const GATEWAY = 'gateway';
export const GATEWAY_SECRET = crypto.randomBytes(32).toString('base64url');


/* a class of our own: we know that what is in memory ends with the demo */

class Memory extends MemoryAdapter {}


function userBySub(sub) {
    for (const [email, user] of Object.entries(USERS)) {
        if (user.sub === sub) {
            return { email, ...user };
        }
    }

    return undefined;
}


function claimsOf(user) {
    return {
        sub: user.sub,
        email: user.email,
        email_verified: user.verified ?? true,
        name: user.name,
        groups: user.groups,
    };
}


function checkPassword(email, password) {
    const user = Object.hasOwn(USERS, email) ? USERS[email] : undefined;
    const given = crypto.createHash('sha256').update(`${password}`).digest();
    const right = crypto.createHash('sha256').update(PASSWORD).digest();

    return user && crypto.timingSafeEqual(given, right) ? user : undefined;
}


function resourceServer(resource) {
    if (!Object.hasOwn(RESOURCES, resource)) {
        throw new errors.InvalidTarget();
    }

    return {
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
        ...RESOURCES[resource],
        scope: SCOPE,
    };
}


/* everybody who signs in has consented to these clients */

async function grantFor(provider, clientId, accountId) {
    const grant = new provider.Grant({ clientId, accountId });

    grant.addOIDCScope('openid email profile groups');

    for (const resource of Object.keys(RESOURCES)) {
        grant.addResourceScope(resource, SCOPE);
    }

    await grant.save();

    return grant;
}


function configuration({ redirectUris = [], postLogoutUris = [], endedUri,
    gateway = {}, clients = [], features = {} })
{
    const { privateKey } = crypto.generateKeyPairSync('rsa', {
        modulusLength: 2048,
    });

    const jwk = {
        ...privateKey.export({ format: 'jwk' }),
        kid: crypto.randomBytes(6).toString('hex'),
        alg: 'RS256',
        use: 'sig',
    };

    return {
        adapter: Memory,
        clients: [{
            client_id: GATEWAY,
            client_secret: GATEWAY_SECRET,
            grant_types: ['authorization_code', 'refresh_token'],
            response_types: ['code'],
            redirect_uris: redirectUris,
            post_logout_redirect_uris: postLogoutUris,
            backchannel_logout_uri: endedUri,
            backchannel_logout_session_required: true,
            ...gateway,
        }, {
            client_id: CURL_CLIENT,
            token_endpoint_auth_method: 'none',
            grant_types: ['password'],
            response_types: [],
            redirect_uris: [],
        }, ...clients],
        jwks: { keys: [jwk] },
        cookies: { keys: [crypto.randomBytes(32).toString('hex')] },
        scopes: ['openid', 'email', 'profile', 'groups'],
        claims: {
            openid: ['sub'],
            email: ['email', 'email_verified'],
            profile: ['name'],
            groups: ['groups'],
        },
        conformIdTokenClaims: false,    /* they have the email, as most have */
        issueRefreshToken: (ctx, client) =>
            client.grantTypeAllowed('refresh_token'),
        acrValues: ['2fa'],
        pkce: { required: () => true },
        ttl: {
            AccessToken: (ctx, token) =>
                token.resourceServer?.accessTokenTTL ?? 3600,
            AuthorizationCode: 60,
            Grant: 3600,
            IdToken: 3600,
            Interaction: 600,
            RefreshToken: 3600,
            Session: 3600,
        },
        findAccount(ctx, sub) {
            const user = userBySub(sub);

            return user && { accountId: sub, claims: () => claimsOf(user) };
        },
        loadExistingGrant: (ctx) => grantFor(ctx.oidc.provider,
            ctx.oidc.client.clientId, ctx.oidc.session.accountId),
        extraTokenClaims(ctx, token) {
            const user = userBySub(token.accountId);

            if (!user) {
                return undefined;
            }

            const { sub, ...claims } = claimsOf(user);
            return claims;
        },
        interactions: { url: (ctx, { uid }) => `/interaction/${uid}` },
        features: {
            devInteractions: { enabled: false },
            backchannelLogout: { enabled: true },
            claimsParameter: { enabled: true },
            rpInitiatedLogout: {
                enabled: true,
                logoutSource: logoutPage,
                postLogoutSuccessSource: signedOutPage,
            },
            resourceIndicators: {
                enabled: true,
                defaultResource: (ctx, client) =>
                    (client.clientId === CURL_CLIENT
                        ? DEFAULT_RESOURCE : undefined),
                useGrantedResource: () => true,
                getResourceServerInfo: (ctx, resource) =>
                    resourceServer(resource),
            },
            ...features,
        },
        renderError(ctx, out) {
            ctx.type = 'text/plain';
            ctx.body = `${out.error}: ${out.error_description ?? ''}\n`;
        },
    };
}


/*
 * For one-line curls only: user name and password straight for a token.  No
 * real provider should offer this grant; OAuth 2.1 dropped it.
 */

function addPasswordGrant(provider) {
    const params = ['username', 'password', 'resource'];

    async function handler(ctx, next) {
        const { username, password, resource } = ctx.oidc.params;
        const user = checkPassword(username, password);

        if (!user) {
            throw new errors.InvalidGrant('wrong user name or password');
        }

        const id = resource ?? DEFAULT_RESOURCE;
        const { client } = ctx.oidc;
        const grant = await grantFor(provider, client.clientId, user.sub);
        const token = new provider.AccessToken({
            accountId: user.sub,
            client,
            grantId: grant.jti,
            gty: 'password',
            scope: SCOPE,
        });

        token.resourceServer =
            new provider.ResourceServer(id, resourceServer(id));

        ctx.body = {
            access_token: await token.save(),
            expires_in: token.expiration,
            token_type: token.tokenType,
        };

        await next();
    }

    provider.registerGrantType('password', handler, params);
}


function loginPage(uid, failed) {
    const options = Object.keys(USERS)
        .map((email) => `<option>${email}</option>`)
        .join('');

    return `<!doctype html><html lang="en"><meta charset="utf-8">
<title>Sign in</title>
<h1>Sign in</h1>
${failed ? '<p role="alert">Wrong user name or password.</p>' : ''}
<form method="post" action="/interaction/${uid}">
<p><label>User <select name="email">${options}</select></label></p>
<p><label>Password <input type="password" name="password"></label>
(it is <code>${PASSWORD}</code>)</p>
<p><button>Sign in</button></p>
</form>
`;
}


/* form: oidc-provider's own, which the button belongs to */

function logoutPage(ctx, form) {
    ctx.body = `<!doctype html><html lang="en"><meta charset="utf-8">
<title>Sign out</title>
<h1>Sign out everywhere?</h1>
${form}
<p><button form="op.logoutForm" name="logout" value="yes">Sign out</button></p>
`;
}


function signedOutPage(ctx) {
    ctx.body = `<!doctype html><html lang="en"><meta charset="utf-8">
<title>Signed out</title>
<h1>You are signed out everywhere</h1>
`;
}


async function readForm(req) {
    let size = 0;
    const parts = [];

    for await (const part of req) {
        size += part.length;

        if (size > 65536) {
            throw new Error('form too big');
        }

        parts.push(part);
    }

    return new URLSearchParams(Buffer.concat(parts).toString());
}


async function interaction(provider, how, req, res) {
    const { uid } = await provider.interactionDetails(req, res);
    let failed = false;

    if (req.method === 'POST') {
        const form = await readForm(req);
        const user = checkPassword(form.get('email'), form.get('password'));

        if (user) {
            await provider.interactionFinished(req, res, {
                login: { accountId: user.sub, ...how },
            }, { mergeWithLastSubmission: false });
            return;
        }

        failed = true;
    }

    res.writeHead(failed ? 403 : 200, {
        'Content-Type': 'text/html; charset=utf-8',
        'Cache-Control': 'no-store',
    });
    res.end(loginPage(uid, failed));
}


/* an access token as the curl lines get it: for one of RESOURCES */

export async function tokenFor(issuer, email, resource = DEFAULT_RESOURCE) {
    const res = await request(`${issuer}/token`, form({
        grant_type: 'password', client_id: CURL_CLIENT,
        username: email, password: PASSWORD, resource,
    }));

    if (res.status !== 200) {
        throw new Error(`no token: ${res.status} ${res.body}`);
    }

    return JSON.parse(res.body).access_token;
}


/*
 * -> { issuer, events, how, close() }; redirectUris, postLogoutUris: where
 * nginx's client may land; endedUri: where it is told that a session is over;
 * gateway: more of that client; clients: others; features: of the provider;
 * how: what is true of a sign-in from now on (acr, ts: when it was)
 */

export async function startProvider({ port, ...where }) {
    const issuer = `http://127.0.0.1:${port}`;
    const provider = new Provider(issuer, configuration(where));
    const answer = provider.callback();
    const how = {};

    addPasswordGrant(provider);

    const server = http.createServer((req, res) => {
        if (!req.url.startsWith('/interaction/')) {
            answer(req, res);
            return;
        }

        interaction(provider, how, req, res).catch((err) => {
            res.writeHead(400, { 'Content-Type': 'text/plain' });
            res.end(`${err.message}\n`);
        });
    });

    await new Promise((resolve, reject) => {
        server.on('error', reject);
        server.listen(port, '127.0.0.1', resolve);
    });

    return {
        issuer,
        events: provider,
        how,
        close() {
            server.closeAllConnections();
            return new Promise((resolve) => { server.close(resolve); });
        },
    };
}
