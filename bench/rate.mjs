/*
 * Requests at a fixed rate, whatever the server does: each has its time, and
 * what it waits from that time on counts, on a connection that is still busy
 * with another one as well.  So a server that stands still is seen in full
 * (wrk asks no more while it waits).
 */

import { Talk, textOf } from './talk.mjs';
import { quantile } from './figures.mjs';

const CONNECTIONS = 32;


/* -> milliseconds: { p50, p99, most } */

export async function atRate(port, request, { rate, seconds }) {
    const text = textOf(request);
    const free = Array.from({ length: CONNECTIONS }, () => new Talk(port));
    const all = [...free];
    const due = [];
    const waits = [];
    const began = performance.now() + 100;
    const total = rate * seconds;
    let bad;

    const serve = async () => {
        while (free.length && due.length && !bad) {
            const talk = free.pop();
            const time = due.shift();

            talk.ask(text).then((status) => {
                waits.push(performance.now() - time);
                bad ??= status === 200 ? undefined : new Error(
                    `${request.uri} answers ${status}`);
                free.push(talk);
                serve();
            }, (err) => { bad = err; });
        }
    };

    for (let sent = 0; waits.length < total && !bad;) {
        for (; sent < total; sent++) {
            const time = began + sent / rate * 1000;

            if (time > performance.now()) {
                break;
            }

            due.push(time);
        }

        serve();
        await new Promise((resolve) => { setImmediate(resolve); });
    }

    all.forEach((talk) => talk.end());

    if (bad) {
        throw bad;
    }

    return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99),
        most: Math.max(...waits) };
}


/* one after the other on one connection -> milliseconds until the first byte */

export async function firstByte(port, request, times) {
    const talk = new Talk(port);
    const text = textOf(request);
    const waits = [];

    for (let i = 0; i < times; i++) {
        const began = performance.now();
        const status = await talk.ask(text);

        if (status !== 200) {
            throw new Error(`${request.uri} answers ${status}`);
        }

        waits.push(talk.first - began);
    }

    talk.end();

    return quantile(waits, 0.5);
}
