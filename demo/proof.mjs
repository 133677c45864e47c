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


/* a whole run: start(stack) -> what check(it, proof) looks at.  Ends the process */

export async function run(name, start, check) {
    process.exit(await undoing(async (stack) => {
        const proof = new Proof();

        try {
            await check(await start(stack), proof);
            return proof.summary(name);

        } catch (err) {
            console.error(`${name}: FAILED: ${err.stack}`);
            return 1;
        }
    }));
}

export { assert };
