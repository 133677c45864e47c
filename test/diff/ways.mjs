// The other ways of the rewriter beside parse5: a nonce in every tag, and in
// metas.  The tags that parse5 gives one to are those that should have it, the
// page is the same tree but for nonces, and the same comes for every split.
//
// usage: node ways.mjs DRIVERS_DIR [PAGES [SEED]]

import { spawnSync } from 'node:child_process';
import { startTags, tree } from './oracle.mjs';
import { LISTED, generate, trees } from './corpus.mjs';
import { dangling } from './grammar.mjs';
import { Tally } from './tally.mjs';

const [, , dir, count = '4000', seed = '1'] = process.argv;

const SECRET = 'SECRETsecretSECRETsecret00';
const NONCE = 'NONCEnonceNONCEnonceNONCEnonce00';
const FILL = 'x'.repeat(SECRET.length);

const MORE = [
    '<script/><style/><svg><script/><style/><script a/></svg>',
    '<script a=></script><script a= ></script><script a=/></script>',
    "<link rel=stylesheet/><link rel='a stylesheet'/><link rel=preload as=style>",
    '<script /a></script><script/a></script><style / ></style>',
    '<link rel=modulepreload nonce><script nonce=a></script><script nonce="">',
    `<script a="${'b'.repeat(8200)}"></script><style a="${'b'.repeat(8100)}">`,
    '<meta name=csp-nonce content=SECRET><meta content=SECRET>',
    '<meta property="csp-nonce" nonce="SECRET" /><meta nonce=SECRET>',
    '<meta name=a name=csp-nonce content=SECRET><svg><meta name=csp-nonce>',
];

// a link of each kind, and a meta, where the corpus has a link
const KINDS = ['<link rel=stylesheet', '<link as=script rel=preload', '<link',
    '<meta name=csp-nonce content=SECRET', '<meta property="csp-nonce"'];

const half = Math.ceil(Number(count) / 2);
const pages = MORE.concat(LISTED, generate(half, Number(seed) + 2),
    trees(half, Number(seed) + 3))
    .map((p, i) => p.replaceAll('<link', KINDS[i % KINDS.length])
        .replaceAll('SECRET', '\x01').replaceAll('\x01', SECRET))
    .map((p) => Buffer.from(p, 'latin1').toString('latin1'));
const input = Buffer.concat(pages.flatMap((p) => {
    const b = Buffer.from(p, 'latin1');
    return [Buffer.from(`${b.length}\n`), b];
}));

function run(program, ...args) {
    const p = spawnSync(`${dir}/${program}`, ['--frames', ...args],
        { input, maxBuffer: 1 << 30 });

    if (p.status !== 0) {
        throw new Error(`${program} ${args}: ${p.stderr}`);
    }

    return p.stdout;
}

function frames(program, ...args) {
    const docs = [];
    const out = run(program, ...args);

    for (let i = 0; i < out.length;) {
        const nl = out.indexOf(10, i);
        const len = Number(out.subarray(i, nl));
        docs.push(out.subarray(nl + 1, nl + 1 + len).toString('latin1'));
        i = nl + 1 + len;
    }

    return docs;
}

// where the tags begin that the scanner reports: html.mjs compares these
function reported() {
    const docs = [new Set()];

    for (const line of run('html', '--meta').toString().trimEnd().split('\n')) {
        const value = JSON.parse(line);

        if ('stopped' in value) {
            docs.push(new Set());
        } else {
            docs.at(-1).add(value.start);
        }
    }

    return docs;
}

const has = (tag, name, ...words) => {
    const value = tag.attrs.find((a) => a.name === name)?.value ?? '';

    return value.toLowerCase().split(/[\t\n\f\r ]+/)
        .some((w) => words.includes(w));
};

const loads = (tag) => tag.tag !== 'link'
    || has(tag, 'rel', 'stylesheet', 'modulepreload')
    || (has(tag, 'rel', 'preload') && has(tag, 'as', 'script', 'style'));

const sound = (raw) => raw.length <= 8192 && !dangling(raw);

const starts = reported();
const same = (s) => s;
let given = 0, filled = 0;

// what was put is gone: the attribute, and the blank that parts it from a "/"
// that stood there
function less(out, text) {
    return out.split(` nonce=${NONCE}`).reduce((done, rest) =>
        done + (text[done.length] === '/' && rest.startsWith(' /')
            ? rest.slice(1) : rest));
}

function every(i, text, out) {
    const before = startTags(text);
    const after = startTags(out);

    const good = before.map((tag) => {
        const raw = text.slice(tag.start, tag.end);

        return starts[i].has(tag.start) && tag.nonce === null && loads(tag)
               && sound(raw);
    });

    if (less(out, text) !== text) {
        return 'more than nonces changed';
    }

    if (before.length !== after.length
        || after.some((tag, n) => tag.nonce
                                  !== (good[n] ? NONCE : before[n].nonce)))
    {
        return 'not the tags that should have it';
    }

    given += good.filter((g) => g).length;

    return tree(out, same, (a) => a.name === 'nonce' && a.value === NONCE)
           === tree(text, same) ? null : 'another tree';
}

// a meta's nonce is the first attribute of these names
function metas(i, text, out) {
    const after = startTags(out, true).filter((tag) => tag.tag === 'meta');

    const bad = startTags(text, true).filter((tag) => tag.tag === 'meta')
        .findIndex((tag, n) => {
            const raw = text.slice(tag.start, tag.end);
            const value = (t) => t.attrs.find(
                (a) => a.name === 'nonce' || a.name === 'content')?.value;
            const named = ['name', 'property'].some((name) => tag.attrs.find(
                (a) => a.name === name)?.value === 'csp-nonce');
            const good = named && value(tag) === SECRET && sound(raw)
                         && starts[i].has(tag.start);

            filled += good;

            return (value(after[n]) === NONCE) !== good;
        });

    const plain = (s) => s
        .replace(new RegExp(`${SECRET}|${NONCE}`, 'gi'), FILL)
        .replace(/x{26,}/g, '#');

    return out.includes(SECRET) ? 'SECRET survived'
        : bad !== -1 ? `not as parse5 has meta ${bad}`
        : tree(out, plain) === tree(text, plain) ? null : 'another tree';
}

const tally = new Tally('ways', pages, MORE.length + LISTED.length);

for (const [program, arg, check] of [['place', '--every', every],
    ['nonce', '--meta', metas]])
{
    const whole = frames(program, arg);

    whole.forEach((out, i) => {
        // a document's end may hold the beginning of SECRET
        const why = /x{8,25}$/.test(out) ? null : check(i, pages[i], out);

        if (why) {
            tally.fail(i, `${arg}: ${why}`, out);
        }
    });

    for (const split of [1, 2, 3, 7, 64, 4096, 'random']) {
        frames(program, arg, `--split=${split}`).forEach((out, i) => {
            if (out !== whole[i]) {
                tally.fail(i, `${arg}: split ${split}`, out);
            }
        });
    }

    if (whole.length !== pages.length) {
        tally.broke(`${whole.length} of ${pages.length} pages`);
    }
}

if (given === 0 || filled === 0) {
    tally.broke(`${given} given, ${filled} filled`);
}

console.log(`# ${pages.length} pages, ${given} nonces given, ${filled} filled`);
process.exit(tally.close());
