/*
 * Steps that are done and told one by one: "ok 3 - what was seen".
 */

import * as assert from 'node:assert/strict';

export class Proof {
    constructor(out = console.log) {
        this.out = out;
        this.passed = 0;
        this.failed = 0;
    }

    /* body does the step, throws when it fails, and says what it saw */

    async step(name, body) {
        const number = this.passed + this.failed + 1;

        try {
            const seen = await body();

            this.out(`ok ${number} - ${name}${seen ? `: ${seen}` : ''}`);
            this.passed++;

        } catch (err) {
            const text = `${err.message}`.trimEnd().replace(/\n/g, '\n#   ');

            this.out(`not ok ${number} - ${name}: FAILED\n#   ${text}`);
            this.failed++;
        }
    }

    /* the closing line; -> exit status.  To check nothing is to fail */

    summary(name) {
        this.out(`${name}: ${this.passed} passed, ${this.failed} failed`);

        return this.failed || !this.passed ? 1 : 0;
    }
}


/* body puts what undoes each of its steps on a stack, which is emptied at the end */

export async function undoing(body) {
    const stack = [];

    try {
        return await body(stack);

    } finally {
        while (stack.length) {
            await stack.pop()();
        }
    }
}


/* answers with the first signal that tells the process to end */

export function interrupted() {
    return new Promise((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
            process.once(signal, () => { resolve(signal); });
        }
    });
}


/* what body(stack) answers; a signal ends it, and what it began is undone */

export async function undoneWhenTold(body) {
    const told = interrupted();

    return undoing((stack) => Promise.race([body(stack),
        told.then((signal) => { throw new Error(signal); })]));
}


/* a whole run: start(stack) -> what check(it, proof) looks at.  Ends the process */

export async function run(name, start, check) {
    const proof = new Proof();

    try {
        await undoneWhenTold(async (stack) => {
            await check(await start(stack), proof);
        });

    } catch (err) {
        console.error(`${name}: FAILED: ${err.stack}`);
        process.exit(1);
    }

    process.exit(proof.summary(name));
}


export { assert };
