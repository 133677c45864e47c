/*
 * Four applications that Debian has, in two browsers, from a policy that is
 * only reported on to one that is enforced: each is used in the ways that its
 * file names, and browsers report what that file says, and nothing else.
 * APPS names some of them.
 */

import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { drive, visit } from '../../demo/drive.mjs';
import { until } from '../../demo/http.mjs';
import { freePort, Nginx, prepare } from '../../demo/nginx.mjs';
import { assert, run, undoing } from '../../demo/proof.mjs';
import { violations } from '../e2e/reports.mjs';
import * as adminer from './adminer.mjs';
import * as jupyter from './jupyter.mjs';
import * as mediawiki from './mediawiki.mjs';
import * as netdata from './netdata.mjs';
import { BUILD, DIR } from './place.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const CONF = fs.readFileSync(path.join(HERE, 'nginx.conf.in'), 'utf8');
const SEEN = path.join(BUILD, 'apps/seen');     /* logs and pictures */
const SECRET = crypto.randomBytes(24).toString('base64url');
const SECONDS = 20;

const APPS = [adminer, mediawiki, netdata, jupyter].filter(({ name }) =>
    (process.env.APPS || name).split(' ').includes(name));


/* an application and the nginx in front of it; -> { origin, nginx } */

async function stand(stack, app, way, name) {
    const appPort = await freePort(25000 + process.pid % 4000);
    const port = await freePort(appPort + 1);
    const prefix = path.join(SEEN, name);

    await app.start(stack, {
        ...way, port: appPort, secret: way.patched && SECRET,
    });
    await prepare(prefix, CONF, {
        MODULES: process.env.RT_MODULE_DIR || path.join(BUILD, 'modules'),
        PORT: port,
        APP_PORT: appPort,
        WAY: way.reportOnly ? 'rtcsp strict; rtcsp_report_only on;' : way.conf,
    });
    fs.writeFileSync(path.join(prefix, 'nonce-placeholder'), SECRET, {
        mode: 0o600,
    });

    const nginx = new Nginx(prefix);

    stack.push(() => nginx.stop());
    await nginx.start(port);

    return { origin: `http://127.0.0.1:${port}`, nginx };
}


/* what was reported, each once: "script-src-attr inline" */

function reported(nginx) {
    const seen = violations(nginx).map(({ directive, blocked }) =>
        `${directive} ${blocked.replace(/^http:\/\/127.*?\//, '/')}`);

    return [...new Set(seen)].sort();
}


async function use(browser, app, it, origin, name) {
    await visit(browser, async (page) => {
        try {
            await app.use(page, origin, it);

        } finally {
            await page.screenshot({ path: path.join(SEEN, `${name}.png`) });
        }
    });
}


/* all that is listed was reported, under an enforced policy nothing else */

async function reports(nginx, { reportOnly, reports: listed, may = [] }) {
    await until(`reports of ${listed}`, SECONDS, () => {
        const seen = reported(nginx);

        return listed.every((one) => seen.includes(one));
    });

    if (!reportOnly) {
        assert.deepEqual(reported(nginx).filter((one) =>
            ![...listed, ...may].includes(one)), []);
    }
}


async function inWay(proof, browser, kind, app, name) {
    const it = app.ways[name];
    const what = `${app.name}, ${name}, ${kind}`;
    const file = what.replaceAll(', ', '-');

    await undoing(async (stack) => {
        const { origin, nginx } = await stand(stack, app, it, file);

        await proof.step(`${what}: it works`, () =>
            use(browser, app, it, origin, file));
        await proof.step(`${what}: reports`, () => reports(nginx, it));
        await proof.step(`${what}: nginx does not complain`, () => {
            assert.deepEqual(nginx.alarms(), []);
        });
    });
}


async function check(_, proof) {
    for (const kind of ['chromium', 'firefox']) {
        const browser = await drive(kind);

        try {
            for (const app of APPS) {
                for (const name of Object.keys(app.ways)) {
                    await inWay(proof, browser, kind, app, name);
                }
            }

        } finally {
            await browser.close();
        }
    }
}


fs.mkdirSync(DIR, { recursive: true });
fs.mkdirSync(SEEN, { recursive: true });
await run('apps', () => {}, check);
