/*
 * picture.mjs RESULT.json > PICTURE.svg
 *
 * What "make bench" has found, drawn: the CPU time that each variant adds to
 * the same request without it.  The scale is logarithmic, for the dearest peer
 * takes some hundred times what the cheapest of ours does.
 */

import * as fs from 'node:fs';

const WIDTH = 860;
const LEFT = 290;
const RIGHT = 70;
const ROW = 22;
const FROM = 0.5;               /* microseconds at the left edge */
const TO = 500;
const OURS = '#2563b0';
const PEER = '#a9b1bc';
const BEFORE = '#b3541e';

const PARTS = [
    ['Who is it', [
        ['rtauth, RS256 token seen before', 'token seen before'],
        ['rtauth, 257 groups', 'token with 257 groups, seen before'],
        ['session, store=zone', 'session, store=zone'],
        ['session, store=cookie', 'session, store=cookie'],
        ['session, store=redis', 'session, store=redis'],
        ['rtauth, RS256 token never seen', 'token never seen: RS256 verified'],
        ['njs verifies the token', 'njs: RS256 verified', true],
    ]],
    ['What was done', [
        ['rtaudit metadata', 'rtaudit_level metadata'],
        ['rtaudit request', 'rtaudit_level request'],
        ['rtaudit request, JSON', 'rtaudit_level request, JSON body'],
        ['access_log escape=json', 'access_log escape=json', true],
        ['ModSecurity', 'ModSecurity, audit log', true],
        ['ModSecurity, JSON', 'ModSecurity, audit log, JSON body', true],
    ]],
    ['What may the browser run: a page of 119 KB', [
        ['page, rtcsp nonce', 'rtcsp_nonce'],
        ['page, sub_filter', 'sub_filter, one pattern', true],
        ['page, sub_filter x3', 'sub_filter, three patterns', true],
        ['page, subs_filter', 'subs_filter', true],
        ['page, njs', 'njs body filter', true],
    ]],
    ['All of it, on a proxied page', [
        ['proxy, all three', 'rtauth, rtaudit and rtcsp'],
    ]],
];

const x = (value) => LEFT + (WIDTH - LEFT - RIGHT)
    * Math.log(Math.min(Math.max(value, FROM), TO) / FROM)
    / Math.log(TO / FROM);

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

function text(at, y, words, more = '') {
    return `<text x="${at.toFixed(1)}" y="${y}"${more}>${escaped(words)}`
        + '</text>';
}


function bar([name, words, peer], y, extra, before) {
    const value = extra.get(name);
    const old = before.get(name);

    if (value === undefined) {
        return '';
    }

    const end = Math.max(x(value), LEFT + 1);
    const far = old === undefined || peer ? end : Math.max(end, x(old));

    return [
        text(LEFT - 8, y + 14, words, ' text-anchor="end"'),
        `<rect x="${LEFT}" y="${y + 3}" width="${(end - LEFT).toFixed(1)}" `
            + `height="${ROW - 8}" fill="${peer ? PEER : OURS}"/>`,
        old === undefined || peer ? '' : `<path d="M${x(old).toFixed(1)} `
            + `${y + 1}v${ROW - 4}" stroke="${BEFORE}" stroke-width="3"/>`,
        text(far + 7, y + 14, `${value.toFixed(1)} us`),
    ].join('\n');
}


function grid(height) {
    return [1, 10, 100].map((value) => `<path d="M${x(value).toFixed(1)} 44`
        + `V${height - 34}" stroke="#dde1e6"/>\n`
        + text(x(value), height - 18, `${value} us`,
            ' text-anchor="middle" fill="#667"')).join('\n');
}


function picture(extra, before) {
    const rows = [];
    let y = 44;

    for (const [title, bars] of PARTS) {
        rows.push(text(16, y + 16, title, ' font-weight="bold"'));
        y += ROW;

        for (const one of bars) {
            rows.push(bar(one, y, extra, before));
            y += ROW;
        }

        y += 8;
    }

    const height = y + 44;

    return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" `
        + `height="${height}" viewBox="0 0 ${WIDTH} ${height}" `
        + `font-family="sans-serif" font-size="13" fill="#223">
<rect width="100%" height="100%" fill="#fff"/>
${text(16, 26, 'CPU that a request takes on top of the same one without it '
        + '(logarithmic)', ' font-size="15"')}
${grid(height)}
${rows.join('\n')}
<rect x="16" y="${height - 28}" width="12" height="12" fill="${OURS}"/>
${text(34, height - 18, 'these modules')}
<rect x="136" y="${height - 28}" width="12" height="12" fill="${PEER}"/>
${text(154, height - 18, 'others')}
${before.size ? `<rect x="206" y="${height - 30}" width="3" height="16" `
        + `fill="${BEFORE}"/>\n${text(215, height - 18, 'before')}` : ''}
</svg>
`;
}


const { rows } = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const extras = (end) => new Map(rows
    .filter(({ base, name }) => base && name.endsWith(end))
    .map(({ name, extra }) => [name.slice(0, name.length - end.length),
        extra]));

process.stdout.write(picture(extras(''), extras(', before')));
