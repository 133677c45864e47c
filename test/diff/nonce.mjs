// The rewriter beside parse5: SECRET became the nonce exactly in those tags
// that parse5 gives it to, nowhere is it left, the page is the same tree but
// for nonces and fill; and the same for every split.
//
// usage: node nonce.mjs DRIVERS_DIR [PAGES [SEED]]

import { spawnSync } from 'node:child_process';
import { startTags, tree } from './oracle.mjs';
import { LISTED, generate, trees } from './corpus.mjs';
import { attributes, dangling } from './grammar.mjs';
import { Tally } from './tally.mjs';

const [, , dir, count = '4000', seed = '1'] = process.argv;

const SECRET = 'SECRETsecretSECRETsecret00';
const NONCE = 'NONCEnonceNONCEnonceNONCEnonce00';
const FILL = 'x'.repeat(SECRET.length);

const cut = SECRET.slice(0, 12);
const long = (n) => ' a="' + 'b'.repeat(n) + '"';

const MORE = [
    'SECRET', 'SECRETSECRET', 'SECSECRETRET', '<p>SECRET<!--SECRET-->',
    '<script>SECRET</script><script nonce=SECRET>"SECRET"</script>',
    '<meta name=csp-nonce content=SECRET><script nonce=SECRET>',
    '<div nonce=SECRET><img nonce="SECRET"><script x=SECRET nonce=SECRET>',
    '<script nonce=SECRET x=SECRET y="SECRET SECRET">SECRET',
    '<script nonce=SECRETa><script nonce=aSECRET><script nonce="SECRET ">',
    '<script nonce=" SECRET"><script nonce="SECRET"<script>',
    `<script nonce=SECRET${long(8000)}>`, `<script nonce=SECRET${long(8200)}>`,
    `<script${long(8000)} nonce=SECRET><p>`, `<script${long(9000)} nonce=SECRET>`,
    `<script nonce=SECRET${long(9000)} x=SECRET><script nonce=SECRET>`,
    `<div${long(9000)}><script nonce=SECRET>SECRET`,
    `<script nonce=${cut}`, `a${cut}`, `a${cut.slice(0, 6)}`,
    `<script nonce="SECRET" x=${cut}`, `${cut}SECRET${cut}`,
    '<svg><script nonce=SECRET /><style nonce=SECRET></svg>',
    '<select><style nonce=SECRET></style></select><script nonce=SECRET>',
];

// tags that are never closed, before tags that have the nonce
const OPEN = ['', 'a', 'a=', 'a=b', 'a="', "a='", 'a="b', '"', "'", '/', 'a=/',
    'a="" b=\'', 'a="<" b=', 'nonce=', 'nonce="', "a='<p' b=\""];
const AFTER = ['<script nonce="SECRET">', '<script src="a" nonce="SECRET">',
    "<link href='a' nonce='SECRET'>", '<meta name=a nonce=SECRET>',
    '<meta name="a" nonce="SECRET">', "<meta name='a b' nonce=SECRET>",
    '<p title="a=b" nonce="SECRET">', "<p title='a=b' c=\"d\" nonce=SECRET>",
    '<p title="it\'s" nonce="SECRET">', '<p title="" nonce=\'SECRET\'>',
    '<p title="a=\'" alt=\'b\' nonce="SECRET">'];

for (const open of OPEN) {
    for (const tag of AFTER) {
        MORE.push(`<script src=//evil ${open}${tag}`,
            `<link href=//evil ${open} ${tag}`);
    }
}

const half = Math.ceil(Number(count) / 2);
const pages = MORE.concat(LISTED, generate(half, Number(seed)),
    trees(half, Number(seed) + 1))
    .map((p) => p.replaceAll('SECRET', '\x01').replaceAll('\x01', SECRET)
        .replaceAll(cut.replaceAll('SECRET', SECRET), cut));
const bytes = pages.map((p) => Buffer.from(p, 'latin1'));
const input = Buffer.concat(bytes.flatMap(
    (b) => [Buffer.from(`${b.length}\n`), b]));

function run(program, ...args) {
    const p = spawnSync(`${dir}/${program}`, ['--frames', ...args],
        { input, maxBuffer: 1 << 30 });

    if (p.status !== 0) {
        throw new Error(`${program} ${args}: ${p.stderr}`);
    }

    return p.stdout;
}

function frames(out) {
    const docs = [];

    for (let i = 0; i < out.length;) {
        const nl = out.indexOf(10, i);
        const len = Number(out.subarray(i, nl));
        docs.push(out.subarray(nl + 1, nl + 1 + len).toString('latin1'));
        i = nl + 1 + len;
    }

    return docs;
}

// how far the scanner reports: fewer tags than parse5 are those of html.mjs
function reported() {
    const docs = [[]];

    for (const line of run('html').toString().trimEnd().split('\n')) {
        const value = JSON.parse(line);

        if ('stopped' in value) {
            docs.push([]);
        } else {
            docs.at(-1).push(value.start);
        }
    }

    return docs;
}

// what the page should become, from parse5's tags
function expected(text, starts) {
    const good = new Set();

    for (const tag of startTags(text)) {
        const raw = text.slice(tag.start, tag.end);

        // where the first nonce attribute's value is, is html.mjs's subject
        if (tag.nonce === SECRET && starts.has(tag.start)
            && raw.length <= 8192 && !dangling(raw))
        {
            good.add(tag.start + nonceAt(raw));
        }
    }

    let out = text.replaceAll(SECRET,
        (_, at) => (good.has(at) ? NONCE : FILL));

    for (let n = SECRET.length - 1; n >= 8; n--) {
        if (out.endsWith(SECRET.slice(0, n))) {
            out = out.slice(0, -n) + FILL.slice(0, n);
            break;
        }
    }

    return out;
}

// the first nonce attribute's value
function nonceAt(raw) {
    const m = attributes(raw).find((a) => a[1].toLowerCase() === 'nonce');

    return (m?.indices[2] ?? m?.indices[3] ?? m?.indices[4] ?? [-1])[0];
}

// nonces and fill made equal, in names (lower case) as in values
const plain = (s) => s
    .replace(new RegExp(`${SECRET}|${NONCE}`, 'gi'), FILL)
    .replace(/x{26,}/g, '#');

const starts = reported();
const whole = frames(run('nonce'));
const tally = new Tally('nonce', pages, MORE.length + LISTED.length);
let placed = 0;

whole.forEach((out, i) => {
    const text = bytes[i].toString('latin1');

    placed += out.split(NONCE).length - 1;

    if (out.includes(SECRET)) {
        tally.fail(i, 'SECRET survived', out);

    } else if (out !== expected(text, new Set(starts[i]))) {
        tally.fail(i, 'not as parse5 has it', out,
            expected(text, new Set(starts[i])));

    } else if (!/x{8,25}$/.test(out) && tree(out, plain) !== tree(text, plain)) {
        tally.fail(i, 'another tree', out);
    }
});

for (const split of [1, 2, 3, 7, 26, 27, 64, 4096, 'random']) {
    frames(run('nonce', `--split=${split}`)).forEach((out, i) => {
        if (out !== whole[i]) {
            tally.fail(i, `split ${split}`, out);
        }
    });
}

frames(run('nonce', '--scrub', '--split=5')).forEach((out, i) => {
    if (out.includes(SECRET) || out.includes(NONCE)) {
        tally.fail(i, 'scrub', out);
    }
});

if (whole.length !== pages.length || placed === 0) {
    tally.broke(`${whole.length} of ${pages.length} pages, ${placed} nonces`);
}

console.log(`# ${pages.length} pages, ${placed} nonces`);
process.exit(tally.close());
