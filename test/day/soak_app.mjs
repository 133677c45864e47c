/*
 * The application behind the nginx of "make soak": it says whom nginx named to
 * it, and has a page of each kind, an upload, and two kinds of what lives long.
 */

import * as crypto from 'node:crypto';
import * as http from 'node:http';

const TICK = 200;           /* milliseconds between two events of a stream */


function page(nonce, email) {
    return `<!doctype html><title>Soak</title><b>${email}</b>`
        + `<script nonce="${nonce}">1</script>${'<p>text</p>'.repeat(200)}`;
}


function answer(req, res, placeholder) {
    const email = req.headers['x-email'] ?? '';
    const { pathname } = new URL(req.url, 'http://app');

    if (pathname.startsWith('/long/')) {
        res.writeHead(200, { 'Content-Type': 'text/event-stream' });

        const timer = setInterval(() => { res.write('data: tick\n\n'); }, TICK);

        res.on('close', () => { clearInterval(timer); });
        return;
    }

    if (req.method === 'POST') {
        const hash = crypto.createHash('sha256');

        req.on('error', () => {});
        req.on('data', (part) => { hash.update(part); });
        req.on('end', () => { res.end(hash.digest('hex')); });
        return;
    }

    if (pathname === '/slow') {
        res.writeHead(200, { 'Content-Type': 'text/plain' });
        res.write('x'.repeat(1000));
        setTimeout(() => { res.end(); }, 10 * TICK);
        return;
    }

    if (pathname.endsWith('/page')) {
        res.writeHead(200, { 'Content-Type': 'text/html' });
        res.end(page(placeholder, email));
        return;
    }

    if (pathname === '/upstream') {
        const own = crypto.randomBytes(24).toString('hex');

        res.writeHead(200, { 'Content-Type': 'text/html', 'X-Own': [...own].reverse().join(''),
            'Content-Security-Policy':
                `script-src 'nonce-${own}'; base-uri 'none'` });
        res.end(page(own, email));
        return;
    }

    res.writeHead(200, { 'Content-Type': 'application/json' });
    res.end(JSON.stringify({ email }));
}


/* what comes goes back: bytes, not frames, for nginx reads neither */

function upgrade(req, socket) {
    socket.on('error', () => {});
    socket.write('HTTP/1.1 101 Switching Protocols\r\n'
        + 'Connection: upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.pipe(socket);
}


export async function startApp(placeholder) {
    const server = http.createServer((req, res) =>
        answer(req, res, placeholder));

    server.on('upgrade', upgrade);
    server.keepAliveTimeout = 0;
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });

    return {
        url: `http://127.0.0.1:${server.address().port}`,
        stop() {
            server.close();
            server.closeAllConnections();
        },
    };
}
