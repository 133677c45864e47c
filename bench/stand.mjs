/*
 * The stand on which nginx is measured: an app, a provider, tokens, pages,
 * and an nginx of one worker with a location for each variant.
 */

import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bearer, request, until } from '../demo/http.mjs';
import { freePort, Nginx, prepare } from '../demo/nginx.mjs';
import { makePage } from './page.mjs';
import { CLIENT, SECRET, signIn, startProvider } from './signin.mjs';
import { AUDIENCE, ISSUER, MANY, prepareTokens } from './tokens.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const BUILD = process.env.BUILD || path.resolve(HERE, '../build');
const SEED = process.env.RT_SEED || '1';
const SMALL_ROWS = 4;
const PORTS = 19000 + process.pid % 8000;

export const DIR = path.join(BUILD, 'bench');

export const hostOf = (variant) => variant.host ?? 'bench';


export function countLines(file) {
    const buffer = Buffer.alloc(1 << 20);
    const fd = fs.openSync(file, 'r');
    let lines = 0;
    let size;

    while ((size = fs.readSync(fd, buffer)) > 0) {
        for (let i = 0; i < size; i++) {
            lines += buffer[i] === 10;
        }
    }

    fs.closeSync(fd);

    return lines;
}


function pages(placeholder) {
    const dir = path.join(DIR, 'html');

    fs.mkdirSync(dir, { recursive: true });
    fs.writeFileSync(path.join(dir, 'page.html'), makePage(placeholder));
    fs.writeFileSync(path.join(dir, 'small.html'),
        makePage(placeholder, SMALL_ROWS));

    return dir;
}


function groups() {
    return Array.from({ length: MANY }, (_, i) => `    rtauth_group  g${i} {
        provider    many;
        match       groups has group-${i};
        permission  use;
    }
`).join('');
}


const template = (name) => fs.readFileSync(path.join(HERE, name), 'utf8');


export class Stand {
    /* what was started is stopped by the functions of stack, last one first */

    static async make(stack, { count, cpus = {} }) {
        const placeholder = crypto.createHash('sha256').update(SEED)
            .digest('base64url').slice(0, 32);
        const html = pages(placeholder);
        const tokens = await prepareTokens(DIR, count);
        const appPort = await freePort(PORTS);
        const port = await freePort(PORTS, [appPort]);
        const app = new Nginx(path.join(DIR, 'app'));

        await prepare(app.prefix, template('app.conf.in'), {
            HTML: html, PORT: appPort,
        });
        stack.push(() => app.stop());
        await app.start(appPort, { wrap: cpus.app });

        const provider = await startProvider();

        stack.push(() => provider.stop());

        const nginx = new Nginx(path.join(DIR, 'nginx'));

        await prepare(nginx.prefix, template('nginx.conf.in'), {
            HTML: html, GROUPS: groups(),
            MODULES: path.join(BUILD, 'modules'),
            PORT: port, APP_PORT: appPort,
            ISSUER, AUDIENCE, JWKS: tokens.jwks, PLACEHOLDER: placeholder,
            SIGN_IN: provider.issuer, CLIENT,
        });
        fs.mkdirSync(path.join(nginx.prefix, 'mark'), { recursive: true });
        fs.writeFileSync(path.join(nginx.prefix, 'nonce-placeholder'),
            placeholder, { mode: 0o600 });
        fs.writeFileSync(path.join(nginx.prefix, 'client-secret'), SECRET,
            { mode: 0o600 });

        stack.push(() => nginx.stop());

        return Object.assign(new Stand(), {
            nginx, port, placeholder, tokens: { ...tokens, count },
            issuer: provider.issuer,
            logs: path.join(nginx.prefix, 'logs'),
        });
    }

    url(variant) {
        return `http://127.0.0.1:${this.port}${variant.uri}`;
    }

    headers(variant) {
        return {
            Host: hostOf(variant),
            ...variant.headers,
            ...(variant.token === 'one' ? bearer(this.tokens.one) : {}),
            ...(variant.token === 'groups' ? bearer(this.tokens.groups) : {}),
            ...(variant.session ? { Cookie: this.cookies } : {}),
            ...(variant.body ? { 'Content-Type': variant.type } : {}),
        };
    }

    /* that the variant does what it is there for, or nothing is measured */

    async check(variant) {
        const { name } = variant;
        const url = this.url(variant);

        if (variant.session) {
            this.cookies = await signIn(url, hostOf(variant));
        }

        const headers = { ...this.headers(variant),
            ...(variant.token === 'many' ? bearer(this.tokens.one) : {}) };
        const res = await request(url, { headers, body: variant.body });
        const held = res.body.includes(this.placeholder);

        if (res.status !== 200
            || (variant.page === 'as it is' && !held)
            || (variant.page === 'rewritten' && held))
        {
            throw new Error(`${name}: ${res.status}, the page is not `
                            + `${variant.page ?? 'there'}`);
        }

        if (variant.decides) {
            const anonymous = await request(url, {
                headers: { Host: hostOf(variant) },
            });

            if (anonymous.status !== 401) {
                throw new Error(`${name}: nobody got ${anonymous.status}`);
            }
        }

        if (variant.log) {
            await until(`${name}: a line in ${variant.log}`, 5,
                () => countLines(path.join(this.logs, variant.log)) > 0);
        }
    }

    empty() {
        for (const name of fs.readdirSync(this.logs)) {
            if (name !== 'error.log') {
                fs.truncateSync(path.join(this.logs, name), 0);
            }
        }
    }
}
