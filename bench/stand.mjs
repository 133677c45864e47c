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
import { AUDIENCE, groupNames, ISSUER, MANY, prepareTokens } from './tokens.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const BUILD = process.env.BUILD || path.resolve(HERE, '../build');
const SEED = process.env.RT_SEED || '1';
const PAGE = 119 * 1024;
const SMALL_PAGE = 4 * 1024;
const PORTS = 19000 + process.pid % 8000;
const PLACEHOLDER = crypto.createHash('sha256').update(SEED)
    .digest('base64url').slice(0, 32);

export const DIR = path.join(BUILD, 'bench');
const HTML = path.join(DIR, 'html');

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


export function writePage(name, ...how) {
    fs.mkdirSync(HTML, { recursive: true });
    fs.writeFileSync(path.join(HTML, name), makePage(PLACEHOLDER, ...how));
}


/* count blocks of rtauth_group for the groups that tokens are minted with */

export function groupBlocks(provider, count) {
    return groupNames(count).map((name) => `    rtauth_group  ${provider}-${name} {
        provider    ${provider};
        match       groups has ${name};
        permission  use;
    }
`).join('');
}


const template = (name) => fs.readFileSync(path.join(HERE, name), 'utf8');


export class Stand {
    /*
     * What was started is stopped by the functions of stack, last one first;
     * nginx itself is not started yet.  words(known) gives the words of conf
     * that are not known to all.
     */

    static async make(stack, { conf, words, cpus = {} }) {
        const port = await freePort(PORTS);
        const appPort = await freePort(PORTS, [port]);
        const app = new Nginx(path.join(DIR, 'app'));

        writePage('page.html', PAGE);
        writePage('small.html', SMALL_PAGE);

        await prepare(app.prefix, template('app.conf.in'), {
            HTML, PORT: appPort,
        });
        stack.push(() => app.stop());
        await app.start(appPort, { wrap: cpus.app });

        const provider = await startProvider();

        stack.push(() => provider.stop());

        const nginx = new Nginx(path.join(DIR, 'nginx'));

        const known = {
            HTML, PLACEHOLDER, AUDIENCE, CLIENT,
            MODULES: process.env.BENCH_MODULES || path.join(BUILD, 'modules'),
            PORT: port, APP_PORT: appPort, SIGN_IN: provider.issuer,
        };

        await prepare(nginx.prefix, template(conf),
            { ...known, ...words(known) });
        fs.mkdirSync(path.join(nginx.prefix, 'mark'), { recursive: true });
        fs.writeFileSync(path.join(nginx.prefix, 'nonce-placeholder'),
            PLACEHOLDER, { mode: 0o600 });
        fs.writeFileSync(path.join(nginx.prefix, 'client-secret'), SECRET,
            { mode: 0o600 });

        stack.push(() => nginx.stop());

        return Object.assign(new Stand(), {
            nginx, port, issuer: provider.issuer,
            logs: path.join(nginx.prefix, 'logs'),
        });
    }

    /* the one of variants.mjs, with so many tokens for those that need new */

    static async ofVariants(stack, { count, cpus }) {
        const tokens = await prepareTokens(DIR, count);
        const stand = await Stand.make(stack, {
            conf: 'nginx.conf.in', cpus,
            words: () => ({ ISSUER, JWKS: tokens.jwks,
                GROUPS: groupBlocks('many', MANY) }),
        });

        return Object.assign(stand, { tokens: { ...tokens, count } });
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
        const held = res.body.includes(PLACEHOLDER);

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
