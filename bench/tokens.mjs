/*
 * Keys and tokens of the benchmark: claims like a real provider's.  Tokens are
 * minted by one thread a processor, each other than all others by its jti, and
 * kept for the next run.  Proofs of DPoP are good for a minute, and minted when
 * they are needed.
 */

import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData }
    from 'node:worker_threads';

export const ISSUER = 'https://bench.example.com';
export const AUDIENCE = 'tools';
export const MANY = 253;      /* groups of /groups; with the others, 256 */

/* each has a key set of its own */

export const ALGORITHMS = {
    RS256: { make: () => crypto.generateKeyPairSync('rsa',
        { modulusLength: 2048 }), hash: 'sha256' },
    ES256: { make: () => crypto.generateKeyPairSync('ec',
        { namedCurve: 'P-256' }), hash: 'sha256' },
    EdDSA: { make: () => crypto.generateKeyPairSync('ed25519'),
        hash: undefined },
};

const KID = 'bench';
const LIFETIME = 300 * 86400;           /* seconds; rtauth_scim takes a year */


const part = (value) =>
    Buffer.from(JSON.stringify(value)).toString('base64url');


/* a pair of keys, whose public one is now the only one of the key set */

export function makeKeys(jwks, alg = 'RS256') {
    const pair = ALGORITHMS[alg].make();
    const jwk = pair.publicKey.export({ format: 'jwk' });

    fs.writeFileSync(jwks, JSON.stringify({
        keys: [{ ...jwk, kid: KID, alg, use: 'sig' }],
    }));

    return pair;
}


export const groupNames = (count) =>
    Array.from({ length: count }, (_, i) => `group-${i}`);


function sign(key, header, claims) {
    const text = `${part(header)}.${part(claims)}`;
    const signature = crypto.sign(ALGORITHMS[header.alg].hash,
        Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });

    return `${text}.${signature.toString('base64url')}`;
}


/* claims: jti, and what is other than usual */

export function mint(key, claims, alg = 'RS256') {
    const now = Math.floor(Date.now() / 1000);

    return sign(key, { alg, typ: 'at+jwt', kid: KID }, {
        email: 'support@example.com',
        email_verified: true,
        name: 'Sam Support',
        groups: ['support'],
        sub: 'u-1001',
        iat: now,
        exp: now + LIFETIME,
        scope: 'use',
        client_id: 'tools',
        iss: ISSUER,
        aud: AUDIENCE,
        ...claims,
    });
}


const sha256 = (text) =>
    crypto.createHash('sha256').update(text).digest('base64url');


/* what binds a token to a key, and what proves that key (RFC 9449) */

export function thumbprint({ crv, kty, x, y }) {
    return sha256(JSON.stringify({ crv, kty, x, y }));
}


export function prove(key, { jwk, htu, token, jti }) {
    return sign(key, { alg: 'ES256', typ: 'dpop+jwt', jwk }, {
        jti, htm: 'GET', htu, iat: Math.floor(Date.now() / 1000),
        ath: sha256(token),
    });
}


/* a line each: a token, or the one token and a proof */

function share({ pem, from, to, alg, proof }) {
    const key = crypto.createPrivateKey(pem);
    const lines = [];

    for (let i = from; i < to; i++) {
        lines.push(proof
            ? `${proof.token} ${prove(key, { ...proof,
                jti: `${proof.jti}-${i}` })}`
            : mint(key, { jti: `token-${i}` }, alg));
    }

    return lines.join('\n');
}


function inThread(data) {
    return new Promise((resolve, reject) => {
        const worker = new Worker(fileURLToPath(import.meta.url), {
            workerData: data,
        });

        worker.once('message', resolve);
        worker.once('error', reject);
    });
}


async function mintAll(pem, count, more) {
    const threads = os.cpus().length;
    const size = Math.ceil(count / threads);
    const jobs = [];

    for (let from = 0; from < count; from += size) {
        jobs.push(inThread({
            pem, from, to: Math.min(from + size, count), ...more,
        }));
    }

    return `${(await Promise.all(jobs)).join('\n')}\n`;
}


/* -> { jwks, tokens, publicKey, one }: three files, and the text of a token */

async function prepare(dir, count, alg) {
    const kind = `${alg}-${count}-${LIFETIME}`;
    const files = {
        jwks: path.join(dir, `jwks-${kind}.json`),
        tokens: path.join(dir, `tokens-${kind}.txt`),
        publicKey: path.join(dir, `public-${kind}.pem`),
        many: path.join(dir, `groups-${kind}.txt`),
    };
    const good = (file) => fs.existsSync(file)
        && Date.now() - fs.statSync(file).mtimeMs < LIFETIME * 500;

    if (!Object.values(files).every(good)) {
        const { privateKey, publicKey } = makeKeys(files.jwks, alg);
        const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });

        fs.writeFileSync(files.publicKey,
            publicKey.export({ type: 'spki', format: 'pem' }));
        fs.writeFileSync(files.tokens, await mintAll(pem, count, { alg }));
        fs.writeFileSync(files.many, mint(privateKey,
            { jti: 'groups', groups: groupNames(257) }, alg));
    }

    const text = fs.readFileSync(files.tokens, 'utf8');

    return { ...files, one: text.slice(0, text.indexOf('\n')) };
}


/*
 * -> of RS256 what prepare() says, and { groups, of, bound }: the text of a
 * token of 257 groups, the same by algorithm, and what makes proofs.
 */

export async function prepareTokens(dir, count) {
    const of = {};

    for (const alg of Object.keys(ALGORITHMS)) {
        of[alg] = await prepare(dir, count, alg);
    }

    return { ...of.RS256, of, bound: makeBound(dir),
        groups: fs.readFileSync(of.RS256.many, 'utf8') };
}


/* a token that is bound to a key */

function makeBound(dir) {
    const jwks = path.join(dir, 'jwks-bound.json');
    const issuer = makeKeys(jwks, 'ES256');
    const own = ALGORITHMS.ES256.make();
    const jwk = own.publicKey.export({ format: 'jwk' });

    return { jwks, jwk, key: own.privateKey,
        token: mint(issuer.privateKey, { jti: 'bound',
            cnf: { jkt: thumbprint(jwk) } }, 'ES256') };
}


/* the file has count proofs that nobody has seen, a line each */

export async function mintProofs(file, count, { key, token, jwk }, htu) {
    const pem = key.export({ type: 'pkcs8', format: 'pem' });
    const jti = crypto.randomUUID();

    fs.writeFileSync(file, await mintAll(pem, count,
        { proof: { token, jwk, htu, jti } }));
}


if (!isMainThread && workerData?.pem) {
    parentPort.postMessage(share(workerData));
}
