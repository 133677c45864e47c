/*
 * One connection to nginx that is kept: a request is sent as one segment, so
 * that it is the same work each time.
 */

import * as net from 'node:net';

const ANSWER_SECONDS = 60;


export class Talk {
    constructor(port) {
        this.seen = [];
        this.length = 0;
        this.socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
        this.socket.setTimeout(ANSWER_SECONDS * 1000, () => {
            this.socket.destroy(new Error('nginx does not answer'));
        });
        this.socket.on('data', (data) => {
            this.first ??= performance.now();
            this.seen.push(data);
            this.length += data.length;
            this.look();
        });
        this.socket.on('error', (err) => { this.reject?.(err); });
        this.socket.on('close', () => {
            this.reject?.(new Error('nginx closed the connection'));
        });
    }

    /* -> the status, when the whole answer is here */

    ask(text) {
        this.head = undefined;
        this.first = undefined;         /* when the answer began */

        return new Promise((resolve, reject) => {
            Object.assign(this, { resolve, reject });
            this.socket.write(text);
        });
    }

    look() {
        if (!this.head) {
            const all = Buffer.concat(this.seen);
            const end = all.indexOf('\r\n\r\n');

            if (end < 0) {
                return;
            }

            const head = all.subarray(0, end + 2).toString('latin1');
            const length = /\r\nContent-Length: (\d+)\r\n/i.exec(head)?.[1];

            const status = Number(head.slice(9, 12));

            this.head = {
                status,
                bytes: length === undefined
                    ? (status === 204 ? end + 4 : undefined)
                    : end + 4 + Number(length),
            };
        }

        const { status, bytes } = this.head;

        if (bytes === undefined ? this.last() : this.length >= bytes) {
            this.seen = [];
            this.length = 0;
            this.resolve(status);
        }
    }

    /* whether the last chunk of a chunked answer is here */

    last() {
        const end = Buffer.concat(this.seen.slice(-7)).subarray(-7);

        return end.toString('latin1') === '\r\n0\r\n\r\n';
    }

    end() {
        this.reject = undefined;
        this.socket.destroy();
    }
}


export function textOf({ uri, headers, body }) {
    const lines = Object.entries({ ...headers,
        ...(body === undefined ? {}
            : { 'Content-Length': Buffer.byteLength(body) }) })
        .map(([name, value]) => `${name}: ${value}\r\n`);

    return `${body === undefined ? 'GET' : 'POST'} ${uri} HTTP/1.1\r\n`
        + `${lines.join('')}\r\n${body ?? ''}`;
}
