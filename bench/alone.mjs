/*
 * What of the budgets no request shows by itself: src/lib loads a key set and
 * reads a page, without nginx (alone.c).
 */

import { execFile } from 'node:child_process';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { median } from './figures.mjs';
import { DIR } from './stand.mjs';

const KEYS = 64;
const SECONDS = 0.3;

/* what alone.c calls it, in words, and what is asked of it */

const BUDGETS = [
    ['keys', `${KEYS} RSA keys of a key set, loaded`, { most: 5, unit: 'ms' }],
    ['AVX2', 'scanner, 119 KB, a tag in 42 bytes, AVX2',
        { least: 8, unit: 'GB/s' }],
    ['SSE2', 'the same, SSE2', { least: 5, unit: 'GB/s' }],
];


/* to load them nobody has to know their primes */

function keySet(file) {
    const keys = Array.from({ length: KEYS }, (_, i) => {
        const n = crypto.randomBytes(256);

        n[0] |= 0x80;
        n[255] |= 1;

        return { kty: 'RSA', n: n.toString('base64url'), e: 'AQAB',
            kid: `key-${i}`, alg: 'RS256', use: 'sig' };
    });

    fs.writeFileSync(file, JSON.stringify({ keys }));

    return file;
}


/* pin: what keeps it on a processor; -> the budgets that can be judged here,
   as rows of report.mjs */

export async function budgetsAlone(pin, rounds) {
    const found = {};
    const files = [keySet(path.join(DIR, 'jwks-alone.json')),
        path.join(DIR, 'html', 'page.html')];

    for (let i = 0; i < rounds; i++) {
        const [file, ...args] = [...pin, path.join(DIR, 'alone'), ...files,
            String(SECONDS)];
        const { stdout } = await promisify(execFile)(file, args);

        for (const each of stdout.trim().split('\n')) {
            const [name, figure] = each.split('\t');

            (found[name] ??= []).push(Number(figure));
        }
    }

    return BUDGETS.filter(([name]) => name in found)
        .map(([name, words, { most, least, unit }]) => {
            const figure = median(found[name]);

            return {
                name: words,
                budget: most ? `<= ${most} ${unit}` : `>= ${least} ${unit}`,
                measured: `${figure.toFixed(1)} ${unit}`,
                met: most ? figure <= most : figure >= least,
            };
        });
}
