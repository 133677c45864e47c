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
import { BUILD, DIR, once, ROOT } from './place.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const CONF = fs.readFileSync(path.join(HERE, 'nginx.conf.in'), 'utf8');
const GUIDE = fs.readFileSync(path.join(HERE, '../../docs/csp-guide.md'),
    'utf8');
const RT = path.join(BUILD, 'rt');
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

    if (way.hashed) {
        fs.writeFileSync(path.join(prefix, 'hashes'), once({ dir: BUILD,
            command: [RT, 'csp', 'hash', path.join(ROOT, way.hashed)] }));
    }

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


async function use(page, app, it, origin, name) {
    try {
        await app.use(page, origin, it);

    } finally {
        await page.screenshot({ path: path.join(SEEN, `${name}.png`) });
    }
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


/* the lines of "rt csp suggest"; what it calls risky is a comment */

function suggested(nginx) {
    const text = once({ dir: BUILD, command: [RT, 'csp', 'suggest',
        path.join(nginx.prefix, 'logs/reports.log')] });

    return [...text.matchAll(/^((?:# )?)rtcsp_directive (.*);$/mg)]
        .map(([, risky, line]) => risky + line);
}


/* the same of the guide's table: an application, what is proposed, what risky */

function guided(name) {
    const [, ...cells] = GUIDE.match(
        new RegExp(`^\\| ${name} \\| (.*) \\| (.*) \\|$`, 'im'));
    const [proposed, risky] = cells.map((cell) =>
        [...cell.matchAll(/`([^`]*)`/g)].map(([, line]) => line));

    return [...proposed, ...risky.map((line) => `# ${line}`)];
}


/* the guide tells all that Chromium leads to, of which Firefox does a part */

async function suggests(nginx, { name }, kind) {
    const told = guided(name);
    const seen = () => suggested(nginx);

    if (kind === 'chromium') {
        await until(`suggestions ${told}`, SECONDS, () =>
            told.every((line) => seen().includes(line)));
    }

    assert.deepEqual(seen().filter((line) => !told.includes(line)), []);
}


async function inWay(proof, browser, kind, app, name) {
    const it = app.ways[name];
    const what = `${app.name}, ${name}, ${kind}`;
    const file = what.replaceAll(', ', '-');
    const step = (words, body) => proof.step(`${what}: ${words}`, body);

    await undoing((stack) => visit(browser, async (page) => {
        const { origin, nginx } = await stand(stack, app, it, file);

        await step('it works', () => use(page, app, it, origin, file));
        await step('reports', () => reports(nginx, it));

        if (it.reportOnly) {
            await step('suggestions', () => suggests(nginx, app, kind));
        }

        await step('nginx does not complain', () => {
            assert.deepEqual(nginx.alarms(), []);
        });
    }));
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
