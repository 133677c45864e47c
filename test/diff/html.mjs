// The tokenizer beside parse5: the same start tags on every page, but for
// where rt_html.h says that it stops; and the same for every split.
//
// usage: node html.mjs DRIVERS_DIR [PAGES [SEED]]

import { spawnSync } from 'node:child_process';
import { startTags } from './oracle.mjs';
import { LISTED, generate } from './corpus.mjs';
import { Tally } from './tally.mjs';

const [, , dir, count = '4000', seed = '1'] = process.argv;

// where it may report less than parse5: select, depth, value, CDATA
const MAY_STOP = new Set([1, 3, 4, 6]);

const pages = LISTED.concat(generate(Number(count), Number(seed)));
const bytes = pages.map((p) => Buffer.from(p, 'latin1'));
const input = Buffer.concat(bytes.flatMap(
    (b) => [Buffer.from(`${b.length}\n`), b]));

function run(split) {
    const p = spawnSync(`${dir}/html`, ['--frames', `--split=${split}`],
        { input, maxBuffer: 1 << 30 });

    if (p.status !== 0) {
        throw new Error(`html --split=${split}: ${p.stderr}`);
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

    if (n < theirs.length && !MAY_STOP.has(ours.stopped)) {
        return 'a tag is missing';
    }

    return null;
}

const tally = new Tally('html', pages, LISTED.length);
let stopped = 0;
let found = 0;
const whole = run(0);

whole.forEach((ours, i) => {
    const theirs = startTags(bytes[i].toString('latin1'));
    const why = check(pages[i], ours, theirs);

    found += ours.tags.length;
    stopped += ours.tags.length < theirs.length;

    if (why) {
        tally.fail(i, why, { ours }, { theirs });
    }
});

for (const split of [1, 2, 3, 7]) {
    run(split).forEach((ours, i) => {
        if (JSON.stringify(ours) !== JSON.stringify(whole[i])) {
            tally.fail(i, `split ${split}`);
        }
    });
}

// Pages without tags would compare nothing.  A page has one on the average,
// which a few hundred of them need not keep to.
if (whole.length !== pages.length || found < pages.length / 2) {
    tally.broke(`${whole.length} of ${pages.length} pages, ${found} tags`);
}

console.log(`# ${pages.length} pages, ${found} tags, ${stopped} pages where `
            + `the tokenizer stopped before parse5 did`);
process.exit(tally.close());
