// Tokens of rtauth_identity, checked by npm's jose with the keys that
// rtauth_identity_keys publishes, for each algorithm; and those that jose has
// to refuse.
//
// usage: node identity.mjs DRIVERS_DIR

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import * as jose from 'jose';
import { Tally } from './tally.mjs';

const [, , drivers] = process.argv;
const modules = path.resolve(drivers, '../modules');
const rt = path.resolve(drivers, '../rt');
const keys = path.resolve(import.meta.dirname, '../../t/data/keys');
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'rt-identity-'));
const ALGS = ['ES256', 'ES384', 'ES512', 'RS256', 'RS512', 'PS256', 'PS384',
    'EdDSA'];

const CASES = ALGS.flatMap((alg) => [
    `${alg}: it holds`, `${alg}: somebody else's name in it is seen`,
    `${alg}: it is not for everybody`]);

const tally = new Tally('identity', CASES, CASES.length);
let seen = 0;


function check(ok, why) {
    if (!ok) {
        tally.fail(seen, why);
    }
    seen++;
}


// a PEM of PKCS #8, or a JWK: both are taken.  They are of rt's making: node
// 20 waits for itself now and then, when it exports one that it has just made.

function key(alg, i) {
    const file = path.join(dir, `${alg}.key`);

    execFileSync(rt, ['key', 'new', '--alg', alg, '--out', file,
        ...(i % 2 ? ['--format', 'jwk', '--kid', alg] : [])]);

    return file;
}


async function freePort() {
    const server = net.createServer().listen(0, '127.0.0.1');

    await new Promise((done) => server.once('listening', done));
    const { port } = server.address();
    await new Promise((done) => server.close(done));

    return port;
}


const port = await freePort();
const url = `http://127.0.0.1:${port}`;

fs.mkdirSync(path.join(dir, 'logs'));
fs.writeFileSync(path.join(dir, 'nginx.conf'), `
load_module ${modules}/ngx_http_rtauth_module.so;
daemon off;
pid ${dir}/nginx.pid;
error_log ${dir}/logs/error.log;
events { }
http {
    access_log off;
    ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) =>
        `${name}_temp_path ${dir}/${name};`).join(' ')}
    rtauth_zone 1m;
    rtauth_provider corp { issuer https://login.example.com; audience tools;
                           jwks_file ${keys}/jwks.json; }
    server {
        listen 127.0.0.1:${port};
        rtauth corp;
        location = /keys { rtauth off; rtauth_identity_keys; }
        ${ALGS.map((alg, i) => `location = /${alg} {
            rtauth_identity key=file:${key(alg, i)} iss=https://gw.example.com
                            aud=app-${alg} alg=${alg};
            add_header X-Identity $rtauth_identity;
            try_files /none =204;
        }`).join('\n')}
    }
}
`);

// a log that cannot be opened before the configuration is read is no matter
const nginx = spawn(process.env.TEST_NGINX_BINARY || '/usr/sbin/nginx',
                    ['-p', dir, '-c', `${dir}/nginx.conf`],
                    { stdio: ['ignore', 'ignore', 'pipe'] });

let said = '';
nginx.stderr.on('data', (text) => { said += text; });
process.on('exit', () => nginx.kill('SIGKILL'));

const user = await new jose.SignJWT({ email: 'ann@example.com' })
    .setProtectedHeader({ alg: 'RS256', kid: 'rsa' })
    .setIssuer('https://login.example.com').setAudience('tools')
    .setSubject('u-1').setExpirationTime('1h')
    .sign(await jose.importPKCS8(spawnSync('openssl', ['pkcs8', '-topk8',
        '-nocrypt', '-in', `${keys}/rsa.pem`]).stdout.toString(), 'RS256'));


async function get(place) {
    return fetch(url + place, { headers: { authorization: `Bearer ${user}` } });
}


async function up() {
    const end = Date.now() + 30000;

    for (;;) {
        try {
            return await get('/keys');
        } catch (error) {
            if (Date.now() > end || nginx.exitCode !== null) {
                throw new Error(`no nginx: ${said}`);
            }
            await new Promise((done) => setTimeout(done, 20));
        }
    }
}


async function refused(token, set, options) {
    try {
        await jose.jwtVerify(token, set, options);
        return false;
    } catch (error) {
        return error instanceof jose.errors.JOSEError;
    }
}


await up();
const set = jose.createRemoteJWKSet(new URL(`${url}/keys`));

for (const alg of ALGS) {
    const answer = await get(`/${alg}`);
    const token = answer.headers.get('x-identity') || '';
    const options = { issuer: 'https://gw.example.com',
                      audience: `app-${alg}`, algorithms: [alg],
                      requiredClaims: ['exp', 'iat', 'sub', 'idp'] };

    try {
        const { payload } = await jose.jwtVerify(token, set, options);

        check(payload.sub === 'u-1' && payload.exp - payload.iat === 60
              && payload.idp === 'https://login.example.com'
              && payload.email === 'ann@example.com', JSON.stringify(payload));
    } catch (error) {
        check(false, `${error}`);
    }

    const [head, body, signature] = token.split('.');
    const other = Buffer.from(body, 'base64url').toString()
        .replace('u-1', 'u-2');

    check(await refused([head, Buffer.from(other).toString('base64url'),
                         signature].join('.'), set, options), 'it was taken');
    check(await refused(token, set, { ...options, audience: 'app' }),
          'it was taken');
}

if (seen !== CASES.length) {
    tally.broke(`${seen} of ${CASES.length} were tried`);
}

nginx.kill('SIGQUIT');
await new Promise((done) => nginx.once('exit', done));
fs.rmSync(dir, { recursive: true });

process.exit(tally.close());
