/*
 * A Redis or Valkey of the bench's own, on a socket that only it may open.
 */

import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { until } from '../demo/http.mjs';


/* the answer to one command, which fits into a segment */

function ask(socket, text) {
    return new Promise((resolve, reject) => {
        const talk = net.connect(socket, () => { talk.write(`${text}\r\n`); });

        talk.once('error', reject);
        talk.once('data', (data) => {
            talk.destroy();
            resolve(data.toString());
        });
    });
}


export async function startRedis() {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'rt_bench_'));
    const socket = path.join(dir, 'socket');
    const server = ['redis-server', 'valkey-server'].find((name) =>
        spawnSync(name, ['--version']).status === 0);

    if (!server) {
        throw new Error('there is no redis-server: install it');
    }

    const child = spawn(server, ['--port', '0', '--unixsocket', socket,
        '--unixsocketperm', '700', '--save', '', '--appendonly', 'no',
        '--dir', dir], { stdio: 'ignore' });
    const ended = new Promise((resolve) => { child.once('exit', resolve); });

    await until('Redis', 10, () => ask(socket, 'PING').catch(() => false));

    return {
        socket,
        async memory() {
            const info = await ask(socket, 'INFO memory');

            return Number(/used_memory:(\d+)/.exec(info)[1]);
        },
        /* takes what it is sent, and does not answer */
        freeze() { child.kill('SIGSTOP'); },
        thaw() { child.kill('SIGCONT'); },
        async stop() {
            child.kill('SIGTERM');
            await ended;
            fs.rmSync(dir, { recursive: true });
        },
    };
}
