/*
 * Instructions of an nginx that runs under callgrind.
 *
 * A request of /mark/ makes nginx list a directory.  Nothing else of its calls
 * ngx_open_dir(), where callgrind writes down what it has counted since the
 * last time: no debugger, no signal and no pause is needed, and the counts are
 * on disk before the answer is.  Only the first thread counts, which serves
 * the requests: how rtaudit's writer sleeps and wakes depends on the machine.
 *
 * The allocator is one of our own (steady.c): what libc's takes depends on all
 * that was allocated before.
 *
 * valgrind shows every program the processor that it emulates, one of a few
 * fixed ones, so that libc, OpenSSL and rtcsp choose the same code on all
 * machines that have AVX2.
 */

import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';

const START_SECONDS = 60;       /* under valgrind, on a busy machine */
const ANSWER_SECONDS = 60;


/* one connection that is kept, a request a segment */

class Talk {
    constructor(port) {
        this.seen = Buffer.alloc(0);
        this.socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
        this.socket.setTimeout(ANSWER_SECONDS * 1000, () => {
            this.socket.destroy(new Error('nginx does not answer'));
        });
        this.socket.on('data', (data) => {
            this.seen = Buffer.concat([this.seen, data]);
            this.look();
        });
        this.socket.on('error', (err) => { this.reject?.(err); });
        this.socket.on('close', () => {
            this.reject?.(new Error('nginx closed the connection'));
        });
    }

    ask(text) {
        return new Promise((resolve, reject) => {
            Object.assign(this, { resolve, reject });
            this.socket.write(text);
        });
    }

    look() {
        const end = this.seen.indexOf('\r\n\r\n');

        if (end < 0) {
            return;
        }

        const head = this.seen.subarray(0, end + 2).toString('latin1');
        const length = /\r\nContent-Length: (\d+)\r\n/i.exec(head)?.[1];
        const whole = length !== undefined
            ? this.seen.length >= end + 4 + Number(length)
            : this.seen.subarray(-7).toString('latin1') === '\r\n0\r\n\r\n';

        if (whole) {
            this.seen = Buffer.alloc(0);
            this.resolve(Number(head.slice(9, 12)));
        }
    }

    end() {
        this.reject = undefined;
        this.socket.destroy();
    }
}


function textOf({ method = 'GET', uri, headers, body = '' }) {
    const lines = Object.entries({ ...headers,
        ...(body ? { 'Content-Length': Buffer.byteLength(body) } : {}) })
        .map(([name, value]) => `${name}: ${value}\r\n`);

    return `${body ? 'POST' : method} ${uri} HTTP/1.1\r\n${lines.join('')}\r\n`
        + body;
}


export class Callgrind {
    constructor(nginx, allocator, dir) {
        this.nginx = nginx;
        this.allocator = allocator;
        this.out = path.join(dir, 'callgrind.out');
        this.part = 0;

        fs.rmSync(dir, { recursive: true, force: true });
        fs.mkdirSync(dir, { recursive: true });
    }

    async start(port) {
        await this.nginx.start(port, {
            wrap: ['valgrind', '-q', '--tool=callgrind', '--vgdb=no',
                '--separate-threads=yes', '--dump-before=ngx_open_dir',
                `--callgrind-out-file=${this.out}`],
            args: ['-g', 'master_process off;'],
            env: { LD_PRELOAD: this.allocator },
            seconds: START_SECONDS,
        });
        this.talk = new Talk(port);
    }

    /* instructions since the last mark, and where callgrind wrote them down */

    async mark() {
        await this.ask({ uri: '/mark/', headers: { Host: 'bench' } });

        const file = `${this.out}.${++this.part}-01`;
        const [, count] = fs.existsSync(file)
            ? /^totals: (\d+)$/m.exec(fs.readFileSync(file, 'utf8')) : [];

        if (count === undefined) {
            throw new Error('callgrind wrote no counts: it does not see '
                            + 'ngx_open_dir() in this nginx');
        }

        return { count: Number(count), file };
    }

    async ask(one) {
        const status = await this.talk.ask(textOf(one));

        if (status !== 200) {
            throw new Error(`${one.uri} answers ${status}`);
        }
    }

    /*
     * The least that `times` requests took, in several windows: what is done
     * now and then, such as nginx's clock, can only add to it.  next() gives
     * the request.
     */

    async least(next, { windows, times, warm }) {
        let least;

        for (let i = 0; i < warm; i++) {
            await this.ask(next());
        }

        await this.mark();

        for (let w = 0; w < windows; w++) {
            for (let i = 0; i < times; i++) {
                await this.ask(next());
            }

            const seen = await this.mark();

            least = least && least.count <= seen.count ? least : seen;
        }

        return least;
    }

    end() {
        this.talk?.end();
    }
}


/* what each function took by itself, of a file that callgrind wrote */

export function byFunction(file) {
    const names = new Map();
    const costs = new Map();
    let current;
    let call = false;

    for (const line of fs.readFileSync(file, 'latin1').split('\n')) {
        const named = /^(c?)fn=(\(\d+\))(?: (.*))?$/.exec(line);

        if (named) {
            const [, callee, id, name] = named;

            if (name !== undefined) {
                names.set(id, name);
            }
            if (!callee) {
                current = id;
            }

        } else if (line.startsWith('calls=')) {
            call = true;            /* the next line is of what was called */

        } else if (/^[-+*\d]/.test(line)) {
            costs.set(current, (costs.get(current) ?? 0)
                + (call ? 0 : Number(line.split(' ')[1] ?? 0)));
            call = false;
        }
    }

    return new Map([...costs].map(([id, cost]) => [names.get(id), cost]));
}
