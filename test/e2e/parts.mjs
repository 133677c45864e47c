/*
 * The app behind the test in two browsers: a page with one of each kind of
 * part that a policy decides about.  A part that ran says so in window.ran,
 * and what the browser refused is in window.blocked.
 */

import { listen } from './app.mjs';

const said = (name) => `self.ran?.push('${name}');`;

/* what the page's own scripts must have said, in the end */

export const OWN = ['inline', 'external', 'module', 'imported', 'mapped',
    'dynamic', 'worker'];

const FILES = {
    '/parts/external.js': said('external'),
    '/parts/module.js': `import '/parts/imported.js'; ${said('module')}`,
    '/parts/imported.js': said('imported'),
    '/parts/mapped.js': said('mapped'),
    '/parts/dynamic.js': said('dynamic'),
    '/parts/worker.js': 'postMessage("worker");',
    '/parts/sheet.css': '#sheet { color: rgb(1, 2, 3) }',
};

/* the page's inline scripts, in its order: type -> text */

const INLINE = {
    first: `var ran = [], blocked = [];
addEventListener('securitypolicyviolation', (event) => {
    blocked.push(event.effectiveDirective);
});
var kept = false;
addEventListener('pageshow', (event) => { kept = event.persisted; });`,
    importmap: '{ "imports": { "mapped": "/parts/mapped.js" } }',
    inline: `${said('inline')}
const meta = document.querySelector('meta[name="csp-nonce"]');
const nonce = meta ? meta.content : document.currentScript.nonce;
const style = document.createElement('style');
style.nonce = nonce;
style.textContent = '#made { color: rgb(1, 2, 3) }';
document.head.append(style);
const script = document.createElement('script');
script.src = '/parts/dynamic.js';
document.head.append(script);
new Worker('/parts/worker.js').onmessage = ({ data }) => ran.push(data);`,
    module: 'import "mapped";',
    speculationrules: '{ "prefetch": [ { "urls": ["/parts/next"] } ] }',
};

/*
 * Who may write into the page would like each of these to run; elsewhere is
 * the origin of a host of his, where each script says 'bad elsewhere'.
 */

export function injections(elsewhere) {
    const bad = (name) => `ran.push('bad ${name}')`;

    return `<script>${bad('inline')}</script>
<script nonce>${bad('nonce')}</script>
<script type="module">${bad('module')}</script>
<script src="${elsewhere}/evil.js"></script>
<script src="data:text/javascript,${bad('data')}"></script>
<img src="/parts/none" onerror="${bad('handler')}">
<iframe src="javascript:parent.${bad('url')}"></iframe>
<style>p { background-color: rgb(9, 9, 9) !important }</style>
<i id="attribute" style="color: rgb(9, 9, 9)">attribute</i>
`;
}


export function page({ nonce, injected, meta }) {
    const attribute = nonce ? ` nonce="${nonce}"` : '';
    const inline = (name, type) =>
        `<script${attribute}${type ? ` type="${type}"` : ''}>`
        + `${INLINE[name]}</script>`;

    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>parts</title>
<link rel="icon" href="data:,">
${meta ? `<meta name="csp-nonce" content="${nonce}">` : ''}
${inline('first')}
${inline('importmap', 'importmap')}
${injected}
<style${attribute}>#inline { color: rgb(1, 2, 3) }</style>
<link${attribute} rel="stylesheet" href="/parts/sheet.css">
</head>
<body>
<p id="inline">inline</p>
<p id="sheet">sheet</p>
<p id="made">made</p>
${inline('inline')}
<script${attribute} src="/parts/external.js"></script>
<script${attribute} type="module" src="/parts/module.js"></script>
${inline('module', 'module')}
${inline('speculationrules', 'speculationrules')}
</body>
</html>
`;
}


function answer(app, req, res) {
    const way = app.ways[req.url.split('/')[1]];
    const file = FILES[req.url];

    app.requests.push({ url: req.url, purpose: req.headers['sec-purpose'] });

    if (file) {
        res.writeHead(200, { 'Content-Type': req.url.endsWith('.css')
            ? 'text/css' : 'text/javascript' });
        res.end(file);

    } else if (way) {
        const nonce = way.nonce(req);

        res.writeHead(200, {
            'Content-Type': 'text/html; charset=utf-8',
            ...way.headers?.(nonce),
        });
        res.end(page({ nonce, injected: app.injected, meta: way.meta }));

    } else {
        res.writeHead(404);
        res.end();
    }
}


/*
 * -> { injected, requests, close() }; ways: first part of a page's path ->
 * { nonce(req), headers(nonce), meta }
 */

export function startParts({ port, ways }) {
    const app = { ways, injected: '', requests: [] };

    return listen(app, port, (req, res) => { answer(app, req, res); });
}
