/*
 * One HTTP exchange on node's own client: no redirects, no cookies, no
 * connection kept, so that a test sees exactly what was answered.
 */

import * as http from 'node:http';

const TIMEOUT = 10000;      /* milliseconds for one exchange */
const POLL = 50;            /* milliseconds between two looks */


/* body: string or Buffer; -> { status, headers, body } */

export function request(url, { method, headers, body } = {}) {
    return new Promise((resolve, reject) => {
        const req = http.request(url, {
            method: method ?? (body === undefined ? 'GET' : 'POST'),
            headers: {
                ...(body === undefined
                    ? {} : { 'Content-Length': Buffer.byteLength(body) }),
                ...headers,
            },
            agent: false,
            timeout: TIMEOUT,
        }, (res) => {
            const parts = [];

            res.on('data', (part) => { parts.push(part); });
            res.on('error', reject);
            res.on('end', () => {
                resolve({
                    status: res.statusCode,
                    headers: res.headers,
                    body: Buffer.concat(parts).toString(),
                });
            });
        });

        req.on('timeout', () => {
            req.destroy(new Error(`${url}: no answer in ${TIMEOUT} ms`));
        });
        req.on('error', reject);
        req.end(body);
    });
}


export function bearer(token) {
    return { Authorization: `Bearer ${token}` };
}


export function form(fields) {
    return {
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(fields).toString(),
    };
}


/*
 * Looks again and again until look() gives something true, and gives that;
 * after seconds it throws, naming what was awaited.
 */

export async function until(what, seconds, look) {
    const deadline = performance.now() + seconds * 1000;

    for ( ;; ) {
        const seen = await look();

        if (seen) {
            return seen;
        }

        if (performance.now() > deadline) {
            throw new Error(`${what}: not seen in ${seconds} s`);
        }

        await new Promise((resolve) => { setTimeout(resolve, POLL); });
    }
}
