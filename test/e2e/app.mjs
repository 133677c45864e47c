/*
 * The app behind the browser test: pages that hold, beside their own scripts
 * and styles, whatever was injected into them, in the shapes an upstream may
 * give a page (one piece, byte by byte, gzip), always with validators.
 */

import * as http from 'node:http';
import * as zlib from 'node:zlib';

const OWN_JS = 'document.getElementById("external").textContent = "ran";\n';
const BASED_JS = 'document.getElementById("based").textContent = "ran";\n';

/* it shows a page from its own cache, once it has been there */

const WORKER_JS = `addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

async function kept(request) {
    const cache = await caches.open('pages');
    const found = await cache.match(request);

    if (found) {
        return found;
    }

    const response = await fetch(request);

    await cache.put(request, response.clone());

    return response;
}

addEventListener('fetch', (event) => {
    if (event.request.mode === 'navigate') {
        event.respondWith(kept(event.request));
    }
});
`;

const FILES = { '/own.js': OWN_JS, '/sub/based.js': BASED_JS,
    '/cached/worker.js': WORKER_JS };

const MODIFIED = 'Wed, 01 Jan 2025 00:00:00 GMT';


function escape(text) {
    return String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}


function page(app, req) {
    const nonce = app.placeholder;

    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>e2e</title>
<style nonce="${nonce}">#own { color: rgb(1, 2, 3) }</style>
</head>
<body>
<p id="email">${escape(req.headers['x-email'] ?? '')}</p>
<p id="own">no</p>
<p id="external">no</p>
<p id="injected">no</p>
${app.injected}
<script id="script" nonce="${nonce}">
document.getElementById("own").textContent = "ran";
</script>
<script src="/own.js"></script>
</body>
</html>
`;
}


function validated(extra) {
    return {
        'Content-Type': 'text/html; charset=utf-8',
        ETag: '"e2e"',
        'Last-Modified': MODIFIED,
        'Cache-Control': 'max-age=600',
        ...extra,
    };
}


async function byteByByte(res, text) {
    res.writeHead(200, validated());

    for (const byte of Buffer.from(text)) {
        if (!res.write(Buffer.from([byte]))) {
            await new Promise((resolve) => { res.once('drain', resolve); });
        }
    }

    res.end();
}


/* the first part of the path says in which shape the page is given */

const SHAPES = {
    bytes: byteByByte,
    gzip(res, text) {
        res.writeHead(200, validated({ 'Content-Encoding': 'gzip' }));
        res.end(zlib.gzipSync(text));
    },
    plain(res, text) {
        res.writeHead(200, validated({
            'Content-Length': Buffer.byteLength(text),
        }));
        res.end(text);
    },
    hints(res, text) {
        res.writeEarlyHints({ link: '</own.js>; rel=preload; as=script' });
        res.writeHead(200, validated());
        res.end(text);
    },
    text(res, text) {
        res.writeHead(200, { 'Content-Type': 'text/plain' });
        res.end(text);
    },
};


async function serve(app, req, res) {
    const [, first] = req.url.split('/');

    app.requests.push(req.url);

    if (req.url in FILES) {
        res.writeHead(200, { 'Content-Type': 'text/javascript' });
        res.end(FILES[req.url]);
        return;
    }

    if (req.headers['if-none-match'] === '"e2e"'
        || req.headers['if-modified-since'] === MODIFIED)
    {
        res.writeHead(304, { ETag: '"e2e"' });
        res.end();
        return;
    }

    await (SHAPES[first] ?? SHAPES.plain)(res, page(app, req));
}


/*
 * The host of whoever injects: it has that script at each address.
 * -> { requests, close() }
 */

export function startElsewhere({ port, script }) {
    const elsewhere = { requests: [] };

    return listen(elsewhere, port, (req, res) => {
        elsewhere.requests.push(req.url);
        res.writeHead(200, { 'Content-Type': 'text/javascript' });
        res.end(script);
    });
}


/*
 * Pages of another origin: pages are path -> HTML, read anew at each request.
 * -> { close() }
 */

export function startPages({ port, pages }) {
    return listen({}, port, (req, res) => {
        res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
        res.end(pages[req.url] ?? '');
    });
}


export async function listen(owner, port, handler) {
    const server = http.createServer(handler);

    await new Promise((resolve, reject) => {
        server.on('error', reject);
        server.listen(port, '127.0.0.1', resolve);
    });

    owner.close = () => {
        server.closeAllConnections();
        return new Promise((resolve) => { server.close(resolve); });
    };

    return owner;
}


/*
 * -> { injected, requests, close() }: injected is HTML that goes into each
 * page as it is, requests are the URIs asked for so far
 */

export function startApp({ port, placeholder }) {
    const app = { placeholder, injected: '', requests: [] };

    return listen(app, port, (req, res) => {
        serve(app, req, res).catch((err) => { res.destroy(err); });
    });
}
