/*
 * Keys and tokens of the benchmark: RS256, 2048 bits, claims like a real
 * provider's.  Tokens are minted by one thread a processor, each other than
 * all others by its jti, and kept for the next run.
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

const KID = 'bench';
const LIFETIME = 10 * 365 * 86400;      /* seconds */


const part = (value) =>
    Buffer.from(JSON.stringify(value)).toString('base64url');


/* a pair of keys, whose public one is now the only one of the key set */

export function makeKeys(jwks) {
    const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = pair.publicKey.export({ format: 'jwk' });

    fs.writeFileSync(jwks, JSON.stringify({
        keys: [{ ...jwk, kid: KID, alg: 'RS256', use: 'sig' }],
    }));

    return pair;
}


export const groupNames = (count) =>
    Array.from({ length: count }, (_, i) => `group-${i}`);


/* claims: jti, and what is other than usual */

export function mint(key, claims) {
    const now = Math.floor(Date.now() / 1000);
    const text = `${part({ alg: 'RS256', typ: 'at+jwt', kid: KID })}.${part({
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
    })}`;

    return `${text}.${crypto.sign('RSA-SHA256', Buffer.from(text), key)
        .toString('base64url')}`;
}


function share({ pem, from, to }) {
    const key = crypto.createPrivateKey(pem);
    const tokens = [];

    for (let i = from; i < to; i++) {
        tokens.push(mint(key, { jti: `token-${i}` }));
    }

    return tokens.join('\n');
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


async function mintAll(pem, count) {
    const threads = os.cpus().length;
    const size = Math.ceil(count / threads);
    const jobs = [];

    for (let from = 0; from < count; from += size) {
        jobs.push(inThread({
            pem, from, to: Math.min(from + size, count),
        }));
    }

    return `${(await Promise.all(jobs)).join('\n')}\n`;
}


/*
 * -> { jwks, tokens, publicKey, one, groups }: three files, and the text of
 * two tokens; the second has 257 groups.
 */

export async function prepareTokens(dir, count) {
    const files = {
        jwks: path.join(dir, `jwks-${count}.json`),
        tokens: path.join(dir, `tokens-${count}.txt`),
        publicKey: path.join(dir, `public-${count}.pem`),
        many: path.join(dir, `groups-${count}.txt`),
    };

    if (!Object.values(files).every((file) => fs.existsSync(file))) {
        const { privateKey, publicKey } = makeKeys(files.jwks);
        const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });

        fs.writeFileSync(files.publicKey,
            publicKey.export({ type: 'spki', format: 'pem' }));
        fs.writeFileSync(files.tokens, await mintAll(pem, count));
        fs.writeFileSync(files.many, mint(privateKey,
            { jti: 'groups', groups: groupNames(257) }));
    }

    const text = fs.readFileSync(files.tokens, 'utf8');

    return {
        ...files,
        one: text.slice(0, text.indexOf('\n')),
        groups: fs.readFileSync(files.many, 'utf8'),
    };
}


if (!isMainThread && workerData?.pem) {
    parentPort.postMessage(share(workerData));
}
