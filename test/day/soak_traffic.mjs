/*
 * The clients of "make soak": each kind does one thing again and again, and has
 * the model say whether what came was right.
 */

import * as crypto from 'node:crypto';
import * as http2 from 'node:http2';
import * as net from 'node:net';
import { bearer, request } from '../../demo/http.mjs';
import { signIn } from '../../bench/signin.mjs';
import { now } from './soak_model.mjs';

const TOKEN_LIFE = 4000;    /* milliseconds that a client uses a token */
const LONG_LIFE = 5000;     /* and has a stream open */
const ENDS = 4000;          /* in which a stream ends that is judged each second */
const HTML = { Accept: 'text/html' };

const any = (list) => list[crypto.randomInt(list.length)];
const address = () => `10.${crypto.randomBytes(3).join('.')}`;
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });


export class Traffic {
    /* it: { model, provider, port, h2, placeholder, users } */

    constructor(it) {
        Object.assign(this, it);
        this.origin = `http://127.0.0.1:${this.port}`;
        this.tokens = new Map();
        this.secrets = new Set();       /* what no log may hold */
        this.asked = new Map();
        this.signIns = 0;
        this.stopped = false;
    }

    /* every kind, several of some, until stop() */

    start() {
        const kinds = [['bearer', 4], ['bad', 1], ['page', 2], ['upload', 1],
            ['browser', 3], ['stream', 3], ['http2', 1], ['aborted', 1]];

        this.running = kinds.flatMap(([kind, n]) =>
            Array.from({ length: n }, () => this.loop(kind)));
    }

    async loop(kind) {
        const own = {};

        while (!this.stopped) {
            this.asked.set(kind, (this.asked.get(kind) ?? 0) + 1);
            await this[kind](own);
            await sleep(crypto.randomInt(10, 40));
        }
    }

    async stop() {
        this.stopped = true;
        await Promise.all(this.running);
    }

    /* -- one exchange, judged */

    token(user) {
        let token = this.tokens.get(user);

        if (!token || now() - token.made > TOKEN_LIFE) {
            token = { made: now(), kid: this.provider.keys[0].kid,
                text: this.provider.sign('at+jwt', user.email,
                    { aud: 'tools', jti: crypto.randomUUID() }) };
            this.tokens.set(user, token);
            this.secrets.add(token.text.split('.')[2]);
        }

        return token;
    }

    /* -> the answer, and when it was on its way; no answer where it broke */

    async ask(host, path, { headers, ...more } = {}) {
        const from = now();
        const answer = await request(`${this.origin}${path}`, { ...more,
            headers: { Host: host, 'X-Real-IP': address(),
                'X-Email': 'root@example.com', ...headers } })
            .then((one) => ({ ...one, result: one.headers['x-result'] ?? '' }))
            .catch((err) => ({ broke: err.message }));
        const time = { from, to: now() };

        this.model.countPage(answer.headers, time);

        return { answer, time };
    }

    /* what a token may be told, for what happens beside the user */

    right(user, token, time, edit) {
        const right = this.model.ofUser(user, { ...time, edit,
            made: token.made });

        if (this.model.met('rotation', time.from, time.to)) {
            right.add('401 unknown_key').add('503 keys_unavailable');
        }

        return right;
    }

    async guarded(path, { edit, ...more } = {}) {
        const user = any(this.users);
        const token = this.token(user);
        const { answer, time } = await this.ask('api', path,
            { ...more, headers: { ...bearer(token.text), ...more.headers } });
        const fine = this.model.judge(`${path} for ${this.model.told(user, token.made)}`,
            this.right(user, token, time, edit), time, answer);

        return { user, answer, time, fine: fine && answer.status === 200 };
    }

    named(what, user, body) {
        if (!body.includes(user.email) || body.includes('root@')) {
            this.model.blame(what, body.slice(0, 200), [user.email]);
        }
    }

    /* -- kinds of clients */

    async bearer() {
        const edit = crypto.randomInt(3) === 0;
        const { user, answer, fine } = await this.guarded(
            edit ? '/admin/x?password=hidden' : '/api/x', { edit });

        if (fine) {
            this.named('the application', user, answer.body);
        }
    }

    async bad() {
        const user = any(this.users);
        const good = this.token(user).text;
        const [head, claims] = good.split('.');
        const [text, reason] = any([
            ['', 'anonymous'],
            ['nonsense', 'malformed'],
            [this.provider.sign('at+jwt', user.email,
                { aud: 'tools', exp: 1000000000 }), 'expired'],
            [this.provider.sign('at+jwt', user.email, { aud: 'payroll' }),
                'wrong_audience'],
            [`${head}.${claims}.${crypto.randomBytes(256)
                .toString('base64url')}`, 'bad_signature'],
        ]);
        const { answer, time } = await this.ask('api', '/api/bad',
            { headers: text ? bearer(text) : {} });
        const right = new Set([`401 ${reason}`]);

        if (this.model.met('rotation', time.from, time.to)) {
            right.add('401 unknown_key').add('503 keys_unavailable');
        }

        /* whether the key is another one by now: nobody can be asked */

        if (this.model.met('provider', time.from, time.to)) {
            right.add('503 keys_unavailable');
        }

        this.model.judge(`a token that is ${reason}`, right, time, answer);
    }

    async page() {
        const upstream = crypto.randomInt(2) === 0;
        const { answer, fine, user } =
            await this.guarded(upstream ? '/upstream' : '/page');

        if (fine) {
            this.model.page(upstream ? 'the application\'s nonce'
                : 'the placeholder', answer,
            upstream ? [...answer.headers['x-own']].reverse().join('')
                : this.placeholder);
            this.named('a page', user, answer.body);
        }
    }

    async upload() {
        const body = crypto.randomBytes(crypto.randomInt(200, 400000));
        const { answer, fine } = await this.guarded('/upload', { body });
        const hash = crypto.createHash('sha256').update(body).digest('hex');

        if (fine && answer.body !== hash) {
            this.model.blame('an upload', answer.body.slice(0, 80), [hash]);
        }
    }

    /* own: its store, its user, its cookies */

    async browser(own) {
        own.host ??= this.signIns++ % 2 ? 'zone' : 'redis';

        const away = own.host === 'redis' ? 'redis' : 'upgrade';

        if (!own.cookies) {
            await this.comeIn(own, away);
            return;
        }

        const { host, user, cookies, made } = own;
        const { answer, time } = await this.ask(host, '/home',
            { headers: { ...HTML, Cookie: cookies } });
        const right = this.model.ofUser(user, { ...time, made });
        const lost = this.model.met(away, made, time.to)
            || this.model.met('lost', made, time.to) && host === 'redis';

        /* who has no session any more is sent to sign in */

        if (right.delete('401 revoked') || lost) {
            right.add('302 revoked').add('302 anonymous');
        }

        if (host === 'redis' && this.model.met('redis', time.from, time.to)) {
            right.add('503 store_unavailable');
        }

        const fine = this.model.judge(`a session in ${host} of ${
            this.model.told(user, made)}`, right, time,
            answer);

        if (fine && answer.status === 200) {
            this.named('a session', user, answer.body);
        }

        if (answer.status !== 200 || crypto.randomInt(60) === 0) {
            own.cookies = undefined;
        }
    }

    async comeIn(own, away) {
        const user = any(this.users);
        const from = now();

        try {
            own.cookies = await signIn(`${this.origin}/home`, own.host,
                user.email);
            Object.assign(own, { user, made: now() });
            this.secrets.add(own.cookies.split('=').at(-1));

        } catch (err) {
            const to = now();
            const excused = ['provider', 'rotation', 'kill', away]
                .some((name) => this.model.met(name, from, to))
                || this.model.possible(user, from, to)
                    .some((one) => !one.active)
                || user.states.some((one) => !one.active && one.pushed
                    && one.acked > from - 2500);

            if (!excused) {
                this.model.blame('a sign-in', err.message, ['in']);
            }
        }

        /* steps of it, which a guard saw, and pages of nginx among them */

        this.model.unsure += 4;
        this.model.pages.unsure += 4;
    }

    /* a WebSocket, or events of the server; both are judged each second */

    async stream() {
        const user = any(this.users);
        const token = this.token(user);
        const socket = crypto.randomInt(2) === 0;
        const from = now();
        const { answer, seen, ended } = await this.open(socket
            ? { path: '/socket', more: 'Connection: upgrade\r\n'
                + 'Upgrade: websocket\r\n' } : { path: '/long/x', more: '' },
        token, socket);
        const to = now();
        const right = this.right(user, token, { from, to: answer.at ?? to });

        if (socket && right.delete('200 ok')) {
            right.add('101 ok');
        }

        this.model.unsure++;
        this.model.pages.unsure++;
        this.model.judge(`a stream for ${this.model.told(user, token.made)}`, right,
            { from, to: answer.at ?? to }, answer, false);

        if (answer.result === 'ok') {
            this.ends(user, { from, to, seen, ended });
        }
    }

    /* it lives while its user is let in, and not for long after that */

    ends(user, { from, to, seen, ended }) {
        const off = user.states.find((one) => !one.active && one.sent > from);
        const excused = ['reload', 'kill', 'upgrade', 'redis']
            .some((name) => this.model.met(name, from, to));

        if (ended && !excused
            && !this.model.possible(user, from, to).some((one) => !one.active))
        {
            this.model.blame('a stream', 'it ended', ['it goes on']);
        }

        if (!ended && off?.acked && to - off.acked > ENDS) {
            this.model.blame('a stream of who was disabled', 'it goes on',
                ['it ends']);
        }

        if (!seen && !excused && to - from > 1000) {
            this.model.blame('a stream', 'nothing came', ['what was sent']);
        }
    }

    open({ path, more }, token, echo) {
        return new Promise((resolve) => {
            const socket = net.connect(this.port, '127.0.0.1');
            const it = { answer: { broke: 'closed' }, seen: 0, ended: false };
            let text = '';
            const done = (ended) => {
                clearInterval(timer);
                clearTimeout(over);
                socket.destroy();
                resolve({ ...it, ended });
            };
            const timer = setInterval(() => {
                if (echo && it.answer.status === 101) {
                    socket.write('ping');
                }
            }, 200);
            const over = setTimeout(() => done(false), LONG_LIFE);

            socket.on('error', () => {});
            socket.on('close', () => done(true));
            socket.on('data', (data) => {
                if (it.answer.status) {
                    it.seen += data.length;
                    return;
                }

                text += data.toString('latin1');

                if (text.includes('\r\n\r\n')) {
                    it.answer = { status: Number(text.slice(9, 12)), at: now(),
                        result: /^x-result: (\w+)/im.exec(text)?.[1] ?? '' };

                    if (it.answer.result !== 'ok') {
                        done(false);
                    }
                }
            });
            socket.write(`GET ${path} HTTP/1.1\r\nHost: api\r\n`
                + `X-Real-IP: ${address()}\r\n`
                + `Authorization: Bearer ${token.text}\r\n${more}\r\n`);
        });
    }

    /* streams of one connection, of which some are given up */

    async http2() {
        const session = http2.connect(`http://127.0.0.1:${this.h2}`);

        session.on('error', () => {});

        await Promise.all(Array.from({ length: 8 }, (_, i) =>
            this.oneStream(session, i % 4 === 3)));
        session.close();
    }

    async oneStream(session, given) {
        const user = any(this.users);
        const token = this.token(user);
        const from = now();
        const answer = await new Promise((resolve) => {
            const stream = session.request({ ':path': given ? '/slow' : '/h2',
                ':authority': 'api', 'x-real-ip': address(),
                ...(given ? {} : { 'x-email': 'root@example.com' }),
                authorization: `Bearer ${token.text}` });
            let head;

            stream.on('response', (headers) => {
                head = { status: headers[':status'],
                    result: headers['x-result'] ?? '', headers };

                if (given) {
                    stream.close(http2.constants.NGHTTP2_CANCEL);
                }
            });
            stream.on('error', (err) => { resolve({ broke: err.message }); });
            stream.on('close', () => { resolve(head ?? { broke: 'closed' }); });
            stream.resume();
        });
        const time = { from, to: now() };

        this.model.unsure += given ? 1 : 0;
        this.model.countPage(answer.headers, time);
        this.model.judge(`HTTP/2 for ${this.model.told(user, token.made)}`,
            this.right(user, token, time), time, answer, !given);
    }

    /* who goes away: in the head, in the body, in the answer */

    async aborted() {
        const token = this.token(any(this.users));
        const line = any(['GET /slow HTTP/1.1', 'POST /upload HTTP/1.1']);
        const text = `${line}\r\nHost: api\r\nX-Real-IP: ${address()}\r\n`
            + `Authorization: Bearer ${token.text}\r\n`
            + `${line.startsWith('POST') ? 'Content-Length: 100000\r\n' : ''}`
            + `\r\n${'x'.repeat(500)}`;

        await new Promise((resolve) => {
            const socket = net.connect(this.port, '127.0.0.1', () => {
                socket.write(text.slice(0, crypto.randomInt(10, text.length)));
                setTimeout(() => { socket.destroy(); },
                    crypto.randomInt(0, 200));
            });

            socket.on('error', () => {});
            socket.on('data', () => {});
            socket.on('close', resolve);
        });

        this.model.unsure++;
    }
}
