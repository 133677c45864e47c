// Each guard of rt_htree.c is needed: with it, the scanner reports no tag that
// parse5 has not; without it, on the page that stands here for it, it does.
//
// usage: node guards.mjs DRIVERS_DIR

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { startTags } from './oracle.mjs';
import { TAIL } from './corpus.mjs';
import { Tally } from './tally.mjs';

const [, , dir] = process.argv;

const SOURCE = new URL('../../src/lib/html/rt_htree.c', import.meta.url);
const LONG = 'a-name-of-thirty-one-characters';

const PAGES = {
    frameset: '<frameset>' + TAIL,
    text_in_select: '<select>' + TAIL,
    template_in_select: '<select><template></select></template>' + TAIL,
    svg_in_select: '<select><svg>' + TAIL,
    col_in_template: '<template><col>' + TAIL,

    // what is open in SVG and MathML
    font: '<svg><font size=1>' + TAIL,
    annotation_xml: '<math><annotation-xml encoding=text/html>' + TAIL,
    end_of_outside: '<b><svg></b>' + TAIL,
    long_name: `<svg><desc><${LONG}b></${LONG}c></desc>` + TAIL,
    // in Shift_JIS two other characters than the same in two cases
    odd_name: '<svg><desc><x\x83A></x\x83a></desc>' + TAIL,

    // HTML in them
    part_in_point: '<table><tr><td><svg><desc><td></td></desc>' + TAIL,
    glyph_in_point: '<math><mi><p><p></p><mglyph>' + TAIL,
    breakout_in_point: '<svg><desc><svg><p></p></desc>' + TAIL,
    end_in_point: '<svg><desc><div></desc>' + TAIL,
    cdata_in_point: '<svg><desc><![CDATA[><script>]]>' + TAIL,

    // in doubt
    doubt_in_point: '<svg><desc><svg></x><p></p></desc>' + TAIL,
    start_in_doubt: '<b><svg></b><style><p><link></style>',
    two_roots: '<svg><svg></x></svg>' + TAIL,
    cdata_in_doubt: '<b><svg></b><![CDATA[><a title="]]><p><link>">',
};

const ENCODINGS = { odd_name: 'shift_jis' };

// the kinds of the tags, and where they are if a byte is a character

function ours(page, without) {
    const p = spawnSync(`${dir}/html-guards`, {
        input: Buffer.from(page, 'latin1'),
        env: without ? { RT_WITHOUT: without } : {},
    });

    if (p.status !== 0) {
        throw new Error(`html-guards: ${p.stderr}`);
    }

    return p.stdout.toString().split('\n').filter(Boolean).map(JSON.parse);
}

function wrong(tags, name) {
    const page = PAGES[name];
    const theirs = ENCODINGS[name]
        ? startTags(new TextDecoder(ENCODINGS[name])
            .decode(Buffer.from(page, 'latin1')))
        : startTags(page);

    return tags.some((tag, i) => tag.tag !== theirs[i]?.tag
        || (!ENCODINGS[name] && tag.start !== theirs[i].start));
}

const names = [...readFileSync(SOURCE, 'latin1')
    .matchAll(/\bguard\((\w+), *[^)]/g)].map((m) => m[1])
    .filter((name) => name !== 'name');

const all = [...new Set(names), ...Object.keys(PAGES)]
    .filter((name, i, list) => list.indexOf(name) === i);

const tally = new Tally('guards', all, all.length);

all.forEach((name, i) => {
    if (!names.includes(name)) {
        tally.fail(i, 'no such guard');

    } else if (!(name in PAGES)) {
        tally.fail(i, 'a guard without a page');

    } else if (wrong(ours(PAGES[name]), name)) {
        tally.fail(i, 'wrong with all guards', PAGES[name]);

    } else if (!wrong(ours(PAGES[name], name), name)) {
        tally.fail(i, 'not wrong without it', PAGES[name]);
    }
});

process.exit(tally.close());
