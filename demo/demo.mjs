/*
 * The running example, started by "make demo": nginx with the three modules,
 * an OpenID provider and a sample app on loopback; proves the main job step
 * by step, then stays up until Ctrl-C, or ends when ONCE is set.
 */

import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startApp } from './app.mjs';
import { freePort, Nginx, prepare } from './nginx.mjs';
import { interrupted, Proof, undoing } from './proof.mjs';
import { GATEWAY_SECRET, startProvider } from './provider.mjs';
import { prove } from './steps.mjs';
import { welcome } from './welcome.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const BUILD = process.env.BUILD || path.resolve(HERE, '../build');
const ONCE = !['', '0', undefined].includes(process.env.ONCE);


async function ports() {
    const taken = [];

    const first = Number(process.env.DEMO_PORT) || 8080;

    for (const wanted of [first, first + 10, first + 11]) {
        taken.push(await freePort(wanted, taken));
    }

    const [port, providerPort, appPort] = taken;

    return { port, providerPort, appPort };
}


/* made once, so that what was cached before a restart still holds it */

function placeholder(file) {
    if (!fs.existsSync(file)) {
        fs.writeFileSync(file, crypto.randomBytes(32).toString('base64url'), {
            mode: 0o600,
        });
    }

    return fs.readFileSync(file, 'utf8').trim();
}


async function start(stack) {
    const { port, providerPort, appPort } = await ports();
    const origin = `http://127.0.0.1:${port}`;
    const prefix = path.join(BUILD, 'demo');

    fs.mkdirSync(prefix, { recursive: true });

    const provider = await startProvider({
        port: providerPort,
        redirectUris: [`${origin}/oidc/callback`],
        postLogoutUris: [`${origin}/`],
    });
    stack.push(() => provider.close());

    const app = await startApp({
        port: appPort,
        placeholder: placeholder(path.join(prefix, 'nonce-placeholder')),
    });
    stack.push(() => app.close());

    const template = fs.readFileSync(path.join(HERE, 'nginx.conf.in'), 'utf8');

    await prepare(prefix, template, {
        MODULES: path.join(BUILD, 'modules'),
        ISSUER: provider.issuer,
        PORT: port,
        APP_PORT: appPort,
    });

    fs.writeFileSync(path.join(prefix, 'client-secret'), GATEWAY_SECRET, {
        mode: 0o600,
    });

    const nginx = new Nginx(prefix);

    stack.push(() => nginx.stop());
    await nginx.start(port);

    return {
        origin, prefix, nginx, appPort, issuer: provider.issuer, tokens: {},
        audit: path.join(prefix, 'logs/audit.log'),
    };
}


async function run(stack, stop) {
    const demo = await start(stack);
    const proof = new Proof();

    if (await Promise.race([prove(demo, proof), stop])) {
        throw new Error('interrupted');
    }

    const failed = proof.summary('demo');

    if (!failed && !ONCE) {
        console.log(welcome(demo));
        await stop;
        console.log('stopping');
    }

    return failed;
}


let status = 1;

try {
    const stop = interrupted();

    status = await undoing((stack) => run(stack, stop));

} catch (err) {
    console.error(`demo: FAILED: ${err.message}`);
}

process.exit(status);
