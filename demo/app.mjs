/*
 * The sample app: a small internal tool in plain node.  It knows nothing of
 * sign-in, tokens, audit or policies: nginx tells it who is there in X-Email,
 * and its pages carry the nonce placeholder.
 *
 * It has a hole on purpose: notes are printed as they were written, so that
 * anyone who can write a note can store a script in the page.
 */

import * as http from 'node:http';

const MAX_BODY = 65536;     /* bytes */
const MAX_NOTES = 100;

const INJECTED = `<script>
document.getElementById('injected').textContent = 'INJECTED SCRIPT RAN';
</script>`;

const STYLE = `body { font: 16px/1.5 sans-serif; margin: 2em auto; max-width: 44em }
table { border-collapse: collapse } td, th { padding: 0 1em 0 0; text-align: left }
`;


function escape(text) {
    return String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}


function answer(res, status, type, body, headers) {
    res.writeHead(status, {
        'Content-Type': type,
        'Content-Length': Buffer.byteLength(body),
        ...headers,
    });
    res.end(body);
}


const html = (res, body, status = 200) =>
    answer(res, status, 'text/html; charset=utf-8', body);

const json = (res, value, status = 200) =>
    answer(res, status, 'application/json', `${JSON.stringify(value)}\n`);

function redirect(res, location) {
    res.writeHead(303, { Location: location });
    res.end();
}


async function readBody(req) {
    let size = 0;
    const parts = [];

    for await (const part of req) {
        size += part.length;

        if (size > MAX_BODY) {
            throw new Error('body too big');
        }

        parts.push(part);
    }

    return Buffer.concat(parts).toString();
}


function page(app, req, title, body) {
    const nonce = app.placeholder;
    const email = req.headers['x-email'] ?? 'nobody';

    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<link rel="stylesheet" href="/app.css">
</head>
<body>
<p>Signed in: <b id="email">${escape(email)}</b> |
<a href="/">home</a> <a href="/apps/support">support</a>
<a href="/apps/builder">builder</a> <a href="/oidc/logout">sign out</a></p>
<h1>${title}</h1>
${body}
<p>This page's own script: <b id="own">did not run</b></p>
<p>Somebody else's script: <b id="injected">did not run</b></p>
<script nonce="${nonce}">
document.getElementById('own').textContent = 'own script ran';
</script>
</body>
</html>
`;
}


function supportBody(app) {
    return `<h2>Notes</h2>
<ul>${app.notes.map((note) => `<li>${note}</li>`).join('\n')}</ul>
<form method="post" action="/apps/support/notes">
<p><label>Note <input name="note" size="50"></label> <button>Add</button></p>
</form>
<h2>Reset a customer's password</h2>
<form method="post" action="/apps/support/password">
<p><label>Customer <input name="customer" value="42"></label>
<label>New password <input type="password" name="password"></label>
<button>Reset</button></p>
</form>`;
}


async function addNote(app, req, res) {
    const fields = new URLSearchParams(await readBody(req));

    app.notes.push(fields.get('note') ?? '');
    app.notes.splice(0, app.notes.length - MAX_NOTES);
    redirect(res, '/apps/support');
}


async function resetPassword(app, req, res) {
    const fields = new URLSearchParams(await readBody(req));
    const customer = escape(fields.get('customer') ?? '');
    const length = (fields.get('password') ?? '').length;

    html(res, page(app, req, 'Password reset',
        `<p>Customer ${customer} has a new password of ${length}
characters.</p>`));
}


/* what nginx said about the caller, and what the caller sent */

async function api(app, req, res) {
    const body = await readBody(req);
    const { pathname } = new URL(req.url, 'http://app');
    let received;

    if (/^application\/json\b/.test(req.headers['content-type'] ?? '')) {
        try {
            received = JSON.parse(body);
        } catch {
            json(res, { error: 'this is not JSON' }, 400);
            return;
        }
    }

    json(res, {
        path: pathname,
        email: req.headers['x-email'] ?? null,
        received,
    });
}


const ROUTES = {
    'GET /': (app, req, res) => html(res, page(app, req, 'Internal tools',
        '<p>Pick an app.</p>')),
    'GET /apps/support': (app, req, res) => html(res,
        page(app, req, 'Support', supportBody(app))),
    'GET /apps/builder': (app, req, res) => html(res,
        page(app, req, 'Builder', '<p>Here apps are made.</p>')),
    'GET /admin/': (app, req, res) => html(res,
        page(app, req, 'Administration', '<p>Only for editors.</p>')),
    'POST /apps/support/notes': addNote,
    'POST /apps/support/password': resetPassword,
    'GET /app.css': (app, req, res) => answer(res, 200, 'text/css', STYLE),
};


async function serve(app, req, res) {
    const { pathname } = new URL(req.url, 'http://app');
    const method = req.method === 'HEAD' ? 'GET' : req.method;
    const route = ROUTES[`${method} ${pathname}`]
        ?? (pathname.startsWith('/api/') ? api : undefined);

    if (!route) {
        html(res, page(app, req, 'Not found', ''), 404);
        return;
    }

    await route(app, req, res);
}


/* -> { close() } */

export async function startApp({ port, placeholder }) {
    const app = { placeholder, notes: [INJECTED] };

    const server = http.createServer((req, res) => {
        serve(app, req, res).catch((err) => {
            if (!res.headersSent) {
                answer(res, 500, 'text/plain', `${err.message}\n`);
            }

            res.end();
        });
    });

    await new Promise((resolve, reject) => {
        server.on('error', reject);
        server.listen(port, '127.0.0.1', resolve);
    });

    return {
        close() {
            server.closeAllConnections();
            return new Promise((resolve) => { server.close(resolve); });
        },
    };
}
