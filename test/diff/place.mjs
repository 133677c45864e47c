// The gate beside parse5, the URL standard and node's hashes: a script, style
// or link has the nonce only if a browser would fetch it from below a prefix,
// or hash its text to one that is listed; plain ones have it in any case; the
// page is the same tree but for nonces; and the same for every split.
//
// usage: node place.mjs DRIVERS_DIR [PAGES [SEED]]

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { parse, defaultTreeAdapter } from 'parse5';
import { tree } from './oracle.mjs';
import { LISTED, TREE, generate, random } from './corpus.mjs';
import { Tally } from './tally.mjs';

const [, , dir, count = '4000', seed = '1'] = process.argv;

const NONCE = 'NONCEnonceNONCEnonceNONCEnonce00';
const PAGE = 'https://app.test/reports/42?x';
const HTML = 'http://www.w3.org/1999/xhtml';

const PREFIXES = ['/static/', '/load.php', 'https://cdn.test/lib/',
    'https://cdn.test:8443/'];

const TEXTS = ['start()', 'a\nb', 'x<!--<script></script>-->', '"\u00e9\u2028"',
    '', '\n', 'p{color:red}', '{"imports":{}}', '\ufeffbom', 'end\n'];

function hash(text, way = 'sha256') {
    return `${way}-${createHash(way).update(text, 'utf8').digest('base64')}`;
}

const HASHES = TEXTS.map((text, i) =>
    hash(text, ['sha256', 'sha384', 'sha512'][i % 3]));

const same = (s) => s;
const skip = (a) => a.name === 'nonce';

// a byte is a character
const raw = (text) => Buffer.from(text, 'utf8').toString('latin1');

// what a browser allows

function below(value) {
    let url;

    try {
        url = new URL(value, PAGE);
    } catch {
        return false;
    }

    return url.username === '' && url.password === ''
        && PREFIXES.some((prefix) => {
            const top = new URL(prefix, PAGE);
            const path = url.pathname;

            return url.origin === top.origin && (path === top.pathname
                || (top.pathname.endsWith('/')
                    && path.startsWith(top.pathname)));
        });
}

// spelled in such a way that ours must understand it
function plainly(value) {
    return /^(https:\/\/cdn\.test(:8443)?)?(\/[\w-]+(\.\w+)*)+\/?([?#].*)?$/s
        .test(value) && below(value);
}

function listed(text, utf8) {
    const bytes = Buffer.from(text, 'latin1');
    const read = new TextDecoder(utf8 ? 'utf-8' : 'windows-1252',
        { ignoreBOM: true }).decode(bytes);

    return ['sha256', 'sha384', 'sha512']
        .some((way) => HASHES.includes(hash(read, way)));
}

// the elements, in the order of their start tags

function elements(page) {
    const found = [];

    const treeAdapter = {
        ...defaultTreeAdapter,

        setNodeSourceCodeLocation(node, location) {
            defaultTreeAdapter.setNodeSourceCodeLocation(node, location);

            if (location?.startTag
                && ['script', 'style', 'link'].includes(node.tagName))
            {
                found.push({ node, at: location.startTag, location });
            }
        },
    };

    parse(page, { sourceCodeLocationInfo: true, treeAdapter });

    return found.sort((a, b) => a.at.startOffset - b.at.startOffset);
}

function text(node) {
    return (node.childNodes ?? []).map((n) => n.value ?? '').join('');
}

function attr(node, name) {
    return node.attrs.find((a) => a.name === name && !a.prefix)?.value;
}

// [may have the nonce, must have it]; what keeps a tag from it that is as it
// should be (another in its attributes, a stop before it) is for the others

function verdict({ node, at, location }, page, utf8) {
    const source = page.slice(at.startOffset, at.endOffset);
    const words = (name) => (attr(node, name) ?? '').toLowerCase()
        .split(/[\t\n\f\r ]+/);
    let address;

    if (node.tagName === 'link') {
        const rel = words('rel');
        const loads = rel.includes('stylesheet') || rel.includes('modulepreload')
            || (rel.includes('preload')
                && ['script', 'style'].some((w) => words('as').includes(w)));

        address = loads ? attr(node, 'href') ?? '' : null;

    } else if (node.namespaceURI !== HTML) {
        return [false, false];

    } else if (node.tagName === 'script') {
        address = attr(node, 'src');
    }

    if (address === null) {
        return [false, false];
    }

    const simple = /^<\w+( \w+(=("[^"&<]*"|[^\s"'<=&>]*))?)*>$/.test(source)
        && !/ nonce=?[ >]/i.test(source) && source.length <= 8192;

    if (address !== undefined) {
        const charset = attr(node, 'charset');
        const good = charset === undefined || /^utf-?8$/i.test(charset);

        return [below(address) && (good || charset.trim() === ''),
            simple && good && plainly(address)];
    }

    const body = text(node);
    const may = !/[^\0-\xff]/.test(body) && listed(body, utf8);
    const type = attr(node, 'type') ?? '';

    return [may, may && simple && location.endTag !== undefined
        && (utf8 || /^[\0-\x7f]*$/.test(body))
        && (node.tagName === 'style' || /^$|script|module|map/.test(type))];
}

// pages

const SRC = ['/static/a.js', '/static/', '/static', '/static/a.js?v=1&amp;b',
    '/static/../up/x.js', '/static/%2e%2e/up/x.js', '/static/.%2E/up/x.js',
    '/static/..\\up/x.js', '\\static\\a.js', '/\\evil.test/static/a.js',
    '//evil.test/static/a.js', '///evil.test/static/', '/static/a\tb.js',
    '/sta\ntic/a.js', ' /static/a.js', '\t/static/a.js', '/static/a.js ',
    '\0/static/a.js', '/static/a.js\0', '/static/%2fup', '/static/%5c..',
    '/static/a&sol;..&sol;up', '&sol;static/a.js', '&#47;static/a.js',
    '/static/&period;&period;/up', '/static/&Tab;../up', '/static;/a.js',
    '/staticx/a.js', '/Static/a.js', '/static/a.js#../..', '/static/\xe9.js',
    '/static/?/../../up', '/static/%c0%ae%c0%ae/up', '/static/%252e%252e/up',
    'static/a.js', './static/a.js', '../static/a.js', '', '?', '#', '.',
    'data:text/javascript,evil()', 'blob:https://app.test/1', 'javascript:x',
    'https:/static/a.js', 'https:static/a.js', 'https:///static/a.js',
    'https://app.test/static/a.js', 'HTTPS://CDN.test/lib/a.js',
    'https://cdn.test/lib/a.js', 'https://cdn.test/lib', 'https://cdn.test/',
    'https://cdn.test:443/lib/a.js', 'https://cdn.test:8443/lib/a.js',
    'https://cdn.test:8443/', 'https://cdn.test:8443', 'http://cdn.test/lib/a',
    'https://cdn.test.evil.test/lib/a', 'https://cdn.test@evil.test/lib/a',
    'https://x@cdn.test/lib/a.js', 'https://cdn.test\\@evil.test/lib/a',
    'https://cdn.test/lib/../a.js', 'https://cdn.test./lib/a.js',
    raw('https://cdn\u3002test/lib/a.js'), 'https://cdn.te\nst/lib/a.js',
    '/load.php', '/load.php?modules=a|b&amp;only=scripts', '/load.php/x',
    '/load.phpx', '/load.php&quest;x', '//cdn.test/lib/a.js', '/./static/a',
    '/static/./a.js', '/static//a.js', '/static/...', '/static/a..', '/%73tatic/a'];

const ATTRS = ['', ' async', ' type=module', ' type="text/javascript"',
    ' type=application/json', ' type=importmap', ' type="text/template"',
    ' charset=utf-8', ' charset=utf-16', ' charset=windows-1252',
    ' charset=us-ascii', ' nonce',
    ' nonce=""', " nonce=''", ' nonce=old', ' nonce="old"', ' nonce=old/',
    ' nonce = "old" ', ' nonce=', ' x=/', ' /', '/', ' =', ' src', ' href=a',
    ' src=//evil.test/a.js', ' x="<script"', ' x=<p', ' x="<" y"', ' a=b"c',
    ' xlink:href=/static/a.js', ' type="&#109;odule"', ' TYPE=""', '\n', '\f',
    ' data-src=/static/a.js', ' src\0=/static/a.js', ' x=\'>\''];

const RELS = ['stylesheet', 'Stylesheet', 'alternate stylesheet', 'preload',
    'modulepreload', 'icon', 'preload\tstylesheet', 'next', 'style&#115;heet'];

const AS = ['', ' as=script', ' as="STYLE"', ' as=image', ' as'];

const AROUND = ['', ' ', '\n', '\r\n', '\r', '\0', '\xe9', '\x1b', '<', '</scrip',
    '<!--', '-->', '<script>', '</script x>', '&amp;', 'x'];

function pages(count, seed) {
    const next = random(seed);
    const pick = (list) => list[Math.floor(next() * list.length)];
    const quote = (value) => {
        const way = next();

        return way < 0.3 && !/[\s"'<>`]/.test(value) ? value
            : way < 0.8 ? `"${value}"` : `'${value}'`;
    };
    const attrs = () => (next() < 0.5 ? '' : pick(ATTRS)
        + (next() < 0.3 ? pick(ATTRS) : ''));
    const address = (name) => ` ${next() < 0.1 ? name.toUpperCase() : name}`
        + `${next() < 0.1 ? ' = ' : '='}${quote(pick(SRC))}`;
    const body = () => (next() < 0.3 ? pick(AROUND) : '')
        + raw(pick(TEXTS)).replaceAll('\n', () => pick(['\n', '\n', '\r\n', '\r']))
        + (next() < 0.2 ? pick(AROUND) : '');

    const one = () => {
        const kind = next();

        if (kind < 0.35) {
            return `<script${attrs()}${address('src')}${attrs()}>`
                + `${next() < 0.2 ? body() : ''}</script>`;
        }

        if (kind < 0.6) {
            return `<script${attrs()}>${body()}</script>`;
        }

        if (kind < 0.7) {
            return `<style${attrs()}>${body()}</style>`;
        }

        if (kind < 0.85) {
            return `<link${attrs()} rel=${quote(pick(RELS))}${pick(AS)}`
                + `${address('href')}${attrs()}>`;
        }

        return kind < 0.95 ? pick(TREE) : pick(AROUND);
    };

    return Array.from({ length: count }, () =>
        Array.from({ length: 1 + next() * 8 }, one).join(pick(['', ' ', '<p>'])));
}

const plain = LISTED.map((p) => p.replaceAll('SECRET', 'old')).concat(
    SRC.map((s) => `<script src="${s}"></script>`),
    TEXTS.map((t) => `<script>${raw(t)}</script><style>${raw(t)}</style>`),
    [`<script>${'x'.repeat(65536)}</script>`, '<script>start()', '<script',
        `<script src=/static/a.js x="${'y'.repeat(8192)}">`]);
const half = Math.ceil(Number(count) / 2);
const all = plain.concat(pages(half, Number(seed)),
    pages(half >> 1, Number(seed) + 1),
    generate(half >> 1, Number(seed) + 2)
        .map((p) => p.replaceAll('<script>', '<script src=/static/a.js>')
            .replaceAll('SECRET', 'old')))
    .map((p) => Buffer.from(p, 'latin1').toString('latin1'));
const input = Buffer.concat(all.flatMap((page) => {
    const b = Buffer.from(page, 'latin1');
    return [Buffer.from(`${b.length}\n`), b];
}));

const rules = [...PREFIXES.map((p) => `--src=${p}`),
    ...HASHES.map((h) => `--hash=${h}`)];

function run(...args) {
    const p = spawnSync(`${dir}/place`, ['--frames', ...rules, ...args],
        { input, maxBuffer: 1 << 30 });

    if (p.status !== 0) {
        throw new Error(`place ${args}: ${p.stderr}`);
    }

    const docs = [];

    for (let i = 0; i < p.stdout.length;) {
        const nl = p.stdout.indexOf(10, i);
        const len = Number(p.stdout.subarray(i, nl));
        docs.push(p.stdout.subarray(nl + 1, nl + 1 + len).toString('latin1'));
        i = nl + 1 + len;
    }

    return docs;
}

// how far the scanner reports, which is html.mjs's subject
function reported() {
    const docs = [new Set()];
    const out = spawnSync(`${dir}/html`, ['--frames'],
        { input, maxBuffer: 1 << 30 }).stdout.toString();

    for (const line of out.trimEnd().split('\n')) {
        const value = JSON.parse(line);

        if ('stopped' in value) {
            docs.push(new Set());
        } else {
            docs.at(-1).add(value.start);
        }
    }

    return docs;
}

const tally = new Tally('place', all, plain.length);
const starts = reported();
let placed = 0;
let musts = 0;

for (const utf8 of [true, false]) {
    const args = utf8 ? ['--utf8'] : [];
    const whole = run(...args);

    whole.forEach((out, i) => {
        const before = elements(all[i]);
        const after = elements(out);

        if (tree(out, same, skip) !== tree(all[i], same, skip)
            || before.length !== after.length)
        {
            tally.fail(i, 'another tree', out);
            return;
        }

        let inside = 0;

        before.forEach((element, k) => {
            const [may, must] = verdict(element, all[i], utf8);
            const has = attr(after[k].node, 'nonce') === NONCE;

            placed += has;
            inside += has;
            musts += must;

            if (has && !may) {
                tally.fail(i, 'a nonce that may not be', out);

            } else if (!has && must && starts[i].has(element.at.startOffset)) {
                tally.fail(i, 'no nonce', out);
            }
        });

        if (out.split(NONCE).length - 1 !== inside) {
            tally.fail(i, 'a nonce elsewhere', out);
        }
    });

    for (const split of [1, 2, 5, 64, 'random']) {
        run(...args, `--split=${split}`).forEach((out, i) => {
            if (out !== whole[i]) {
                tally.fail(i, `split ${split}`, out, whole[i]);
            }
        });
    }
}

if (placed === 0 || musts < all.length / 10) {
    tally.broke(`${placed} nonces, ${musts} that must be`);
}

console.log(`# ${all.length} pages, ${placed} nonces, ${musts} that must be`);
process.exit(tally.close());
