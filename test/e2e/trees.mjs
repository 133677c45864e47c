/*
 * The scanner beside Chromium: on hostile pages, each nonce that was placed is
 * the nonce of a script, style or link of the document that Chromium makes,
 * wherever in it, a template's content and a shadow tree too.
 */

import { spawnSync } from 'node:child_process';
import * as http from 'node:http';
import { LISTED, generate, trees } from '../diff/corpus.mjs';

const SECRET = 'SECRETsecretSECRETsecret00';
const NONCE = 'NONCEnonceNONCEnonceNONCEnonce00';
const AT_A_TIME = 25;

/*
 * Such tags as may have a nonce, have it.  A <frameset> may take the body away,
 * with elements that had theirs, and no nonce is placed behind it.
 */

function give(page) {
    return page.replace(/<frameset[^]*/i, '').replaceAll('SECRET', '')
        .replace(/<(script|style|link)(?=[ />])/gi, `<$1 nonce="${SECRET}"`);
}


function rewrite(driver, pages) {
    const input = Buffer.concat(pages.flatMap((page) => {
        const b = Buffer.from(page, 'latin1');
        return [Buffer.from(`${b.length}\n`), b];
    }));

    const p = spawnSync(driver, ['--frames', '--split=random',
        `--secret=${SECRET}`, `--nonce=${NONCE}`],
    { input, maxBuffer: 1 << 28 });

    if (p.status !== 0) {
        throw new Error(`${driver}: ${p.stderr}`);
    }

    const out = [];

    for (let i = 0; i < p.stdout.length;) {
        const nl = p.stdout.indexOf(10, i);

        i = nl + 1 + Number(p.stdout.subarray(i, nl));
        out.push(p.stdout.subarray(nl + 1, i));
    }

    return out;
}


/* their scripts do not run, and what they point at is not fetched */

async function serve(pages) {
    const server = http.createServer((req, res) => {
        const page = pages[Number(req.url.slice(1))];

        res.writeHead(page ? 200 : 404, {
            'Content-Type': 'text/html; charset=windows-1252',
            'Content-Security-Policy': 'default-src \'none\'; '
                + 'frame-src \'self\'',
        });
        res.end(page ?? '<!doctype html><title>frames</title>');
    });

    await new Promise((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
    });

    return server;
}


/* in the browser: how many elements of each page have the nonce */

function count({ first, last, nonce }) {
    const inside = (root) => {
        let found = 0;

        for (const one of root.querySelectorAll('*')) {
            found += /^(script|style|link)$/i.test(one.localName)
                && one.nonce === nonce;

            if (one.shadowRoot) {
                found += inside(one.shadowRoot);
            }

            if (one.localName === 'template' && one.content) {
                found += inside(one.content);
            }
        }

        return found;
    };

    const load = (i) => new Promise((resolve) => {
        const frame = document.createElement('iframe');

        frame.onload = () => {
            const found = inside(frame.contentDocument);

            frame.remove();
            resolve(found);
        };
        frame.src = `/${i}`;
        document.body.append(frame);
    });

    return Promise.all(Array.from({ length: last - first },
        (_, i) => load(first + i)));
}


export async function compareTrees(browser, driver, number, seed) {
    const half = Math.ceil((number - LISTED.length) / 2);
    const pages = LISTED.concat(generate(half, seed), trees(half, seed + 1));
    const sent = rewrite(driver, pages.map(give));
    const server = await serve(sent);
    const page = await browser.newPage();
    const wrong = [];
    let placed = 0;

    try {
        await page.goto(`http://127.0.0.1:${server.address().port}/frames`);

        for (let first = 0; first < sent.length; first += AT_A_TIME) {
            const last = Math.min(first + AT_A_TIME, sent.length);
            const found = await page.evaluate(count,
                { first, last, nonce: NONCE });

            found.forEach((n, i) => {
                const want = sent[first + i].toString('latin1')
                    .split(NONCE).length - 1;

                placed += want;

                if (n !== want) {
                    wrong.push(`${want} nonces, ${n} of elements: `
                        + JSON.stringify(sent[first + i].toString('latin1')));
                }
            });
        }
    } finally {
        await page.close();
        server.close();
    }

    if (wrong.length || placed < pages.length / 2) {
        throw new Error([`${wrong.length} pages, ${placed} nonces`,
            ...wrong.slice(0, 5)].join('\n'));
    }

    return `${placed} nonces in ${pages.length} pages`;
}
