// Hostile pages: a list by hand, and combinations by a seeded generator.

export const LISTED = [
    '<script>', '<script nonce=SECRET>x</script>', '<SCRIPT NONCE="SECRET">',
    '<script/nonce=SECRET>', '<script/ x nonce=\'SECRET\'>',
    '<script\nnonce = SECRET\n>', '<script\r\nnonce\r=\r"SECRET">',
    '<script\0nonce=SECRET>', '<script\0 nonce=SECRET>', '<scr\0ipt>',
    '<\u017fcript>', '< script>', '<!script>', '</script nonce=SECRET>',
    '<script nonce=SECRET', '<script nonce="SECRET', '<script nonce=SECRET/>',
    '<script nonce="SECRET"src=x>', '<script =nonce=SECRET>',
    '<script ="nonce"=SECRET>', '<script x=nonce=SECRET>',
    '<script nonce=a nonce=SECRET>', '<script nonce nonce=SECRET>',
    '<script nonce=SECRET nonce=SECRET>', '<script NoNcE=SECRET>',
    '<script nonce="SECRET&#65;">', '<script nonce="&#83;ECRET">',
    '<script data-x="nonce=SECRET">', "<script x='>' nonce=SECRET>",
    '<script x=">" nonce=SECRET>', '<script x=> nonce=SECRET>',
    '<script x="a"nonce="SECRET">', '<div id="<script nonce=SECRET>">',
    '<div id="<script><script>alert(origin)</script>">',
    '<a href=//evil/?<script nonce=SECRET>', "<img src='//evil/?<script " +
    "nonce=SECRET>x</script>'", '<script src=//evil x=<script nonce=SECRET>',
    '<script src=//evil <script nonce=SECRET>',
    '<!--<script nonce=SECRET>--><script>', '<!--><script>',
    '<!---><script>', '<!----><script>', '<!--a--!><script>',
    '<!--a--!x--><script>', '<!--a--!--><script>', '<!-- <!-- --><script>-->',
    '<!--<!-><script>--><script>', '<!--a-><script>--><script>',
    '<!-a><script>', '<!-><script>', '<!-', '<!--', '<!--a-', '<!--a--',
    '<!--a--!', '<!doctype html><script>', '<!doctype "<script>"><script>',
    '<!DOCTYPE html PUBLIC ">"><script>', '<?php <script> ?><script>',
    '<![CDATA[<script>]]><script>', '</ <script>><script>', '</><script>',
    '<svg><![CDATA[<script>]]><script>', '<svg><![CDATA[a]]]><script>',
    '<svg><![CDATA[a]>]]><script>', '<svg><![cdata[<script>]]><script>',
    '<svg><title><![CDATA[<script>]]><script>',
    '<svg><foreignObject><div><![CDATA[<script>]]><script>',
    '<title><script></title><script>', '<title><script></titlex></title><a>',
    '<title></script><script>', '<textarea><script></textarea><script>',
    '<style><!--</style><script>', '<style></stylea></style ><script>',
    '<style></style/><script>', '<style></style\0><script></style><link>',
    '<xmp><script></xmp><script>', '<iframe><script></iframe><script>',
    '<noembed><script></noembed><script>', '<noscript><script></noscript>' +
    '<script>', '<noframes><script></noframes><script>',
    '<plaintext><script></plaintext><script>',
    '<script><!--<script></script><b>--></script><script>k',
    '<script><!--<script></script></script><script>',
    '<script><!--<script></script>--></script><script>',
    '<script><!--<scriptx></script><script>',
    '<script><!--<script/></script></script><script>',
    '<script><!--</script><script>', '<script><!--></script><script>',
    '<script><!---></script><script>', '<script><!-<script></script><script>',
    '<script><!--<script><!--</script>--></script><script>',
    '<script><!--<script>--></script><script>',
    '<script></scriptx></script><script>', '<script></script x="></script>">' +
    '<script>', '<script><!--<SCRIPT\t></SCRIPT/></script><script>',
    '<script><!--</scriptx<script ></script></script><script>',
    '<svg><script><!--<script></script></svg><script>',
    '<svg><style><script>7', '<svg><title><script>9', '<svg><script/><script>',
    '<svg><script nonce=SECRET /><style></svg><script>', '<svg/><style><a>',
    '<svg><desc><style><script></style><script>',
    '<svg><foreignObject><style><script></style></foreignObject><style><link>',
    '<math><mi><style><script></style></mi><style><script>',
    '<math><mtext><mglyph><style><script>', '<math><mtext><malignmark><style>',
    '<math><annotation-xml><style><script>', '<math><annotation-xml ' +
    'encoding=text/html><style><script></style></annotation-xml><style><a>',
    '<math><annotation-xml encoding=TEXT/HTML><style><script></style>',
    '<math><annotation-xml encoding="application/xhtml+xml"><style><script>',
    '<math><annotation-xml encoding=text/htm><style><script>',
    '<math><annotation-xml encoding="&#116;ext/html"><style><script>',
    '<math><annotation-xml><svg><style><script>',
    '<svg><b><style><script>', '<svg><font><style><script>',
    '<svg><font color=a><style><script>', '<svg><font FACE><style><script>',
    '<svg></p><style><script>', '<svg></br><style><script>',
    '<svg><g><g></svg><style><script>', '<div><svg></div><style><script>',
    '<div><svg><g></div><style><script>', '<span><svg></span><style><script>',
    '<p><svg></div><style><script>', '<p><b></p><svg></b><style><script>',
    '<b><svg></b><style><script>', '<i><svg><title></i><style><script>',
    '<table><tr><td><svg></td><style><script>', '<x><svg></x><style><script>',
    '<a><svg><a><style><script>', '<nobr><svg><title><nobr></title></svg>' +
    '<style><script>', '<button><svg><title><button><style><script>',
    '<div><template shadowrootmode=open><script nonce=SECRET></script>' +
    '</template></div><script nonce=SECRET></script>',
    '<select><script nonce=SECRET></script><style><script></select><script>',
    '<select><xmp><script></select></xmp><script>', '<select><option><div>' +
    '<span></select><script>', '<select><template><style><script></style>' +
    '</template></select><script>', '<select><textarea><script></textarea>' +
    '<script>', '<select><input><style><script></style><script>',
    '<select><select><style></style><script>', '<select><svg><style><script>',
    '<table><td><select><tr><style><script></style><script>',
    '<table><select></table><style></style><script>',
    '<template><style><script></style><script></template><script>',
    '<template><tr><td><style></style><script></script></template><link>',
    '<template><svg><style><script>', '<template><template></template><style>',
    '<frameset><script>', '<frameset><noframes><script></noframes><script>',
    '<body><frameset><script>', 'a<frameset><script>', '<p><frameset><script>',
    '<br><frameset><script>', '<input type=hidden><frameset><script>',
    '<input type=text><frameset><script>', '<html><frameset></frameset>' +
    '<script>', '<head></head><frameset></frameset></html><script>',
    '<script></script><frameset><script>', '<svg></svg><frameset><script>',
    '<svg>a</svg><frameset><script>', '<div></div> <frameset><link>',
    '<head><style></style></head><link><body><link></body><link></html><link>',
    '<link><link/><link nonce=SECRET>', '<html><body></html><script>',
    '<table><style></style><script></script><link><tr><link><td><link>',
    '<table><colgroup><style></style><script>', '<table><caption><style>' +
    '</style><script>', '<col><style></style><script>',
    '<!doctype html><p><table><svg></p><style><script>',
    '<p><table><svg></p><style><script>', '<ruby><rt><svg></rt><style><a>',
    '<ul><li><svg></li><style><script>', '<h1><svg></h2><style><script>',
    '<form><svg></form><style><script>', '<object><svg></object><style><a>',
    '<dl><dt><svg></dd><style><script>', '<math><mi><svg></mi><style><a>',
    '<svg><desc><math></desc><style><script>', '<svg><SVG></svg><style><a>',
    '<image><style></image></style><script>', '<isindex><script>',
    '<base><basefont><bgsound><meta><script>', '\ufeff<frameset><script>',
    '<html \n lang=en><script nonce = "SECRET" ></script ><script>',
];

const PIECES = [
    '<script>', '</script>', '<script nonce=SECRET>', '<style>', '</style>',
    '<style nonce="SECRET">', '<link nonce=\'SECRET\'>', '<link>',
    '<script/>', '<!--', '-->', '--!>', '--', '<!-', '<!', '<?', '</', '<',
    '>', '"', "'", '=', '/', ' ', '\n', '\r', '\f', '\0', 'x', 'SECRET',
    '<title>', '</title>', '<textarea>', '</textarea>', '<xmp>', '</xmp>',
    '<iframe>', '</iframe>', '<noscript>', '</noscript>', '<noframes>',
    '</noframes>', '<svg>', '</svg>', '<svg/>', '<math>', '</math>', '<mi>',
    '</mi>', '<mtext>', '<mglyph>', '<annotation-xml>', '</annotation-xml>',
    '<annotation-xml encoding=text/html>', '<foreignObject>',
    '</foreignObject>', '<desc>', '</desc>', '<g>', '</g>', '<g/>',
    '<![CDATA[', ']]>', ']]', '<div>', '</div>', '<p>', '</p>', '<br>',
    '</br>', '<b>', '</b>', '<i>', '</i>', '<i x=1>', '<a>', '</a>', '<a b>',
    '<nobr>', '</nobr>', '<font>', '<font size=1>', '</font>', '<table>',
    '</table>', '<tr>', '</tr>', '<td>', '</td>', '<th>', '<tbody>',
    '</tbody>', '<thead>', '<caption>', '</caption>', '<colgroup>',
    '</colgroup>', '<col>', '<select>', '</select>', '<option>', '</option>',
    '<optgroup>', '</optgroup>', '<input>', '<input type=hidden>', '<hr>',
    '<button>', '</button>', '<form>', '</form>', '<li>', '</li>', '<ul>',
    '</ul>', '<dd>', '<dt>', '</dd>', '<h1>', '</h1>', '<h2>', '</h2>',
    '<template>', '</template>', '<object>', '</object>', '<ruby>', '<rt>',
    '<rp>', '</ruby>', '<html>', '</html>', '<head>', '</head>', '<body>',
    '</body>', '<frameset>', '</frameset>', '<!doctype html>', '<!doctype>',
    '<unknown>', '</unknown>', '<span>', '</span>', '<pre>', '<address>',
    '<div a="', "<div a='", '<div a=', '<script nonce="', '<center>',
    '</center>', '<u>', '</u>', '<code>', '</code>', '<image>', '<area>',
    '<embed>', '<param>', '<meta>', '<base>', '<small>', '</small>',
];

// What the scanner's tree turns on (rt_htree.h): each kind that one of its
// guards is for, and what may hide it.
export const TREE = [
    '<svg>', '</svg>', '<svg/>', '<math>', '</math>', '<mi>', '</mi>',
    '<desc>', '</desc>', '<desc x=/>', '<foreignObject>', '</foreignObject>',
    '<annotation-xml>', '</annotation-xml>',
    '<annotation-xml encoding=text/html>', '<mglyph>', '<g>', '</g>', '<g/>',
    '<font>', '<font size=1>', '<p>', '</p>', '</br>', '<b>', '</b>', '<a>',
    '</a>', '<div>', '</div>', '<li>', '<body>', '<table>', '</table>',
    '<td>', '<col>', '<select>', '</select>', '<input>', '<template>',
    '</template>', '<frameset>', '<title>', '</title>',
    '<![CDATA[><script>]]>', '<link>',
];

const MORE = [
    '<malignmark>', '<mtext>', '</mtext>', '<annotation-xml x="&#104;tml">',
    '<svg x=/>', '<g x=/>', '<form>', '</form>', '<nobr>', '</nobr>',
    '<button>', '</button>', '<h1>', '<h2>', '</h2>', '<i>', '</i>', '<ul>',
    '</ul>', '</li>', '<dd>', '<option>', '</option>', '<optgroup>',
    '<tr>', '</tr>', '</td>', '<tbody>', '<caption>', '</caption>',
    '<colgroup>', '</colgroup>', '<object>', '</object>', '<image>', '<br>',
    '<html>', '</body>', '</html>', '<head>', '</head>', '<textarea>',
    '</textarea>', '<noscript>', '</noscript>', '<xmp>', '</xmp>',
    '<plaintext>', '<!-- <script> -->', '<script/>', '</script>', '<script>',
    '<style>', '</style>', 'x', '<x\xc1>', '</x\xc1>', '<x\xe1>', '</x\xe1>',
    '<x\0>', '</x\0>', '<SVG>', '</SVG>', '<Desc>', '</DESC>', '<ruby>',
    '<rt>', '<hr>', '<meta>', '<keygen>', '<marquee>', '</marquee>', '<keygen/>',
    '<a title="', '">', '<a title=\'', '\'>', '<p class="a b" id=c>', '&lt;',
    '<a-name-of-more-than-thirty-one-bytes>',
    '</a-name-of-more-than-thirty-one-bytes>',
];

// Text to one reader and tags to the other: whoever is wrong about what is
// open in front of it reports other tags.
export const TAIL = '<style><script></style><link><script nonce=SECRET></script>'
    + '<link nonce=SECRET>';

// what attributes are made of, and what is mistaken for it
const SOUP = [
    ' a', ' b', ' class', ' type', ' size', ' nonce', ' x-long-name-of-data',
    '=', '="', "='", '"', "'", '" ', "' ", '="a b"', "='c'", '=d', '=e ',
    '="a>b"', "='<i>'", '=a"b', '="it\'s"', "='say \"so\"'", '=/', '/', ' ',
    '\n', '\t', ' /', ' =', '= ', '<', 'x', '&#97;', '\0', '=SECRET',
    '="hidden"', '="px-4 py-2 text-left align-middle text-nowrap"',
    '="/orders/66153/details?page=2&amp;sort=name"',
];

const NAMES = [
    'a', 'b', 'i', 'p', 'g', 'td', 'tr', 'li', 'ul', 'br', 'h1', 'svg', 'img',
    'div', 'SPAN', 'path', 'font', 'code', 'input', 'table', 'script',
    'style', 'link', 'option', 'select', 'my-element', 'blockquote',
    'annotation-xml', 'a-name-of-more-than-32-bytes-not-one-we-know', 'div=',
];

// mulberry32: the same pages in every run
export function random(seed) {
    return () => {
        seed = (seed + 0x6d2b79f5) | 0;
        let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

function pick(next, list) {
    return list[Math.floor(next() * list.length)];
}

function tag(next) {
    const parts = Array.from({ length: next() * 9 }, () => pick(next, SOUP));

    return `<${next() < 0.3 ? '/' : ''}${pick(next, NAMES)}`
        + `${parts.length ? ' ' : ''}${parts.join('')}>`;
}

// All rows of so many pieces of the list.

export function* rows(pieces, length) {
    const at = new Array(length).fill(0);

    for (;;) {
        yield at.map((i) => pieces[i]).join('');

        let k = length - 1;
        while (k >= 0 && ++at[k] === pieces.length) {
            at[k--] = 0;
        }

        if (k < 0) {
            return;
        }
    }
}

// Pages about the tree, with text between that is hopped over.

export function trees(count, seed) {
    const next = random(seed);
    const pages = [];

    for (let i = 0; i < count; i++) {
        const kinds = Array.from({ length: 2 + next() * 8 },
            () => pick(next, next() < 0.7 ? TREE : MORE));
        let page = '';

        for (let n = 1 + Math.floor(next() * 14); n; n--) {
            page += pick(next, kinds);

            if (next() < 0.1) {
                page += tag(next).repeat(1 + next() * 9);
            }
        }

        pages.push(page + TAIL + (i % 2 ? ' '.repeat(128) : ''));
    }

    return pages;
}

// Some end in blanks: what is near the end of a buffer is read in other ways
// than what is not.

export function generate(count, seed) {
    const next = random(seed);
    const pages = [];

    for (let i = 0; i < count; i++) {
        // few kinds of pieces a page: they meet more often
        const soup = next() < 0.5 ? 0.2 : 0;
        const kinds = Array.from({ length: 3 + next() * 20 },
            () => (next() < soup ? tag(next) : pick(next, PIECES)));
        kinds.push('<script>', '</script>', '<style>', '<svg>', '<title>');

        let page = '';
        const n = 3 + Math.floor(next() * 60);
        for (let j = 0; j < n; j++) {
            page += pick(next, kinds);
        }

        pages.push(i % 3 ? page + ' '.repeat(128) : page);
    }

    return pages;
}
