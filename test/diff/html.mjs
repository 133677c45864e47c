// The scanner beside parse5: the same start tags on every page, but for where
// it stopped, as rt_htree.h says; the same for every split and each way to
// search; and as much on all short rows of what its tree turns on.
//
// usage: node html.mjs DRIVERS_DIR [PAGES [SEED]]

import { spawnSync } from 'node:child_process';
import { startTags } from './oracle.mjs';
import { LISTED, TAIL, TREE, generate, rows, trees } from './corpus.mjs';
import { Tally } from './tally.mjs';

const [, , dir, count = '4000', seed = '1', length = '3'] = process.argv;

// as many pages of each kind
const half = Math.ceil(Number(count) / 2);

// how many rows are compared at a time
const BATCH = 50000;

const pages = LISTED.concat(generate(half, Number(seed)),
    trees(half, Number(seed) + 1));

function frames(list) {
    return Buffer.concat(list.flatMap((page) => {
        const b = Buffer.from(page, 'latin1');
        return [Buffer.from(`${b.length}\n`), b];
    }));
}

function run(input, ...args) {
    const p = spawnSync(`${dir}/html`, ['--frames', ...args],
        { input, maxBuffer: 1 << 30 });

    if (p.status !== 0) {
        throw new Error(`html ${args}: ${p.stderr}`);
    }

    const results = [];
    let tags = [];

    for (const line of p.stdout.toString().trimEnd().split('\n')) {
        const value = JSON.parse(line);

        if ('stopped' in value) {
            results.push({ tags, stopped: value.stopped });
            tags = [];
        } else {
            tags.push(value);
        }
    }

    return results;
}

function same(a, b) {
    if (a.tag !== b.tag || a.start !== b.start || a.end !== b.end) {
        return false;
    }

    // ours is raw
    if (a.nonce === null || b.nonce === null) {
        return a.nonce === b.nonce;
    }

    return /[&\r\0]/.test(a.nonce) || a.nonce === b.nonce;
}

function check(page, ours, theirs) {
    const n = ours.tags.length;

    if (n > theirs.length || !ours.tags.every((t, i) => same(t, theirs[i]))) {
        return 'another tag';
    }

    if (n < theirs.length && !ours.stopped) {
        return 'a tag is missing';
    }

    return null;
}

const input = frames(pages);
const tally = new Tally('html', pages, LISTED.length);
let stopped = 0;
let found = 0;
const whole = run(input);

whole.forEach((ours, i) => {
    const theirs = startTags(pages[i]);
    const why = check(pages[i], ours, theirs);

    found += ours.tags.length;
    stopped += ours.tags.length < theirs.length;

    if (why) {
        tally.fail(i, why, { ours }, { theirs });
    }
});

function same_again(...args) {
    run(input, ...args).forEach((ours, i) => {
        if (JSON.stringify(ours) !== JSON.stringify(whole[i])) {
            tally.fail(i, args.join(' '), { ours });
        }
    });
}

for (const split of [1, 2, 3, 7, 64, 200, 4096, 'random']) {
    same_again(`--split=${split}`);
}

const ways = spawnSync(`${dir}/html`, ['--ways']).stdout.toString().trim()
    .split('\n');

for (const way of ways) {
    same_again(`--way=${way}`);
}

// Pages without tags would compare nothing.  A page has one on the average,
// which a few hundred of them need not keep to.
if (whole.length !== pages.length || found < pages.length / 2) {
    tally.broke(`${whole.length} of ${pages.length} pages, ${found} tags`);
}

// rows, in batches: there are too many to keep

let compared = 0;

function compare(list) {
    run(frames(list)).forEach((ours, i) => {
        const why = check(list[i], ours, startTags(list[i]));

        if (why) {
            tally.broke(`${why}: ${JSON.stringify(list[i])}`);
        }
    });

    compared += list.length;
}

for (let n = 1; n <= Number(length); n++) {
    let list = [];

    for (const row of rows(TREE, n)) {
        list.push(row + TAIL);

        if (list.length === BATCH) {
            compare(list);
            list = [];
        }
    }

    compare(list);
}

console.log(`# ${pages.length} pages, ${found} tags, ${stopped} pages where `
            + `the scanner stopped before parse5 did; ${compared} rows; `
            + `searched by ${ways.join(', ')}`);
process.exit(tally.close());
