/*
 * An nginx of one's own: private prefix, private ports, in the foreground of
 * its own process group, ended by its own pid and nobody else's.
 */

import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { until } from './http.mjs';

const TMP = ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
const START_SECONDS = 10;
const STOP_SECONDS = 10;
const PORT_TRIES = 100;


function tryPort(port) {
    return new Promise((resolve) => {
        const server = net.createServer();

        server.once('error', () => { resolve(false); });
        server.listen(port, '127.0.0.1', () => {
            const found = server.address().port;
            server.close(() => { resolve(found); });
        });
    });
}


/* wanted, or the next free one; 0: any.  Ports in taken are passed over */

export async function freePort(wanted, taken = []) {
    for (let port = wanted; port < wanted + PORT_TRIES; port++) {
        const found = !taken.includes(port) && await tryPort(port);

        if (found) {
            return found;
        }
    }

    throw new Error(`no free port from ${wanted} on`);
}


function alive(pid) {
    try {
        process.kill(pid, 0);
        return true;
    } catch {
        return false;
    }
}


/* an nginx that an earlier, killed run left in this prefix */

async function stopStale(prefix) {
    let pid;
    let command;

    try {
        pid = Number(fs.readFileSync(path.join(prefix, 'nginx.pid'), 'utf8'));
        command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
        return;
    }

    if (!pid || !command.includes('nginx') || !command.includes(prefix)) {
        return;
    }

    process.kill(pid, 'SIGTERM');
    await until(`the end of nginx ${pid} in ${prefix}`, STOP_SECONDS,
        () => !alive(pid));
}


/*
 * A clean prefix with the configuration made from template, whose @WORDS@
 * are the keys of words, or PREFIX, or USER (root's workers stay root: for
 * tests below a directory nobody else may enter); every one must be known.
 */

export async function prepare(prefix, template, words) {
    await stopStale(prefix);

    fs.rmSync(path.join(prefix, 'logs'), { recursive: true, force: true });
    fs.rmSync(path.join(prefix, 'cache'), { recursive: true, force: true });

    for (const dir of ['logs', ...TMP.map((name) => `tmp/${name}`)]) {
        fs.mkdirSync(path.join(prefix, dir), { recursive: true });
    }

    const known = {
        PREFIX: prefix,
        USER: process.getuid() === 0 ? 'user root;' : '',
        ...words,
    };

    const text = template.replace(/@([A-Z_]+)@/g, (all, word) => {
        if (!Object.hasOwn(known, word)) {
            throw new Error(`the configuration asks for ${all}`);
        }

        return known[word];
    });

    fs.writeFileSync(path.join(prefix, 'nginx.conf'), text);
}


function binary() {
    return process.env.NGINX || 'nginx';
}


/* nginx takes a variable NGINX for the sockets of the nginx before it */

function environment() {
    const { NGINX, ...rest } = process.env;

    return rest;
}


function options(prefix) {
    return ['-p', `${prefix}/`, '-c', 'nginx.conf',
        '-e', 'logs/error.log'];
}


/* throws with nginx's own words when the configuration is no good */

function check(prefix) {
    const env = environment();

    /* what "nginx -t" leaves to the system is no leak to a sanitizer */

    env.ASAN_OPTIONS = `${env.ASAN_OPTIONS ?? ''}:detect_leaks=0`;

    const test = spawnSync(binary(), [...options(prefix), '-t'], {
        encoding: 'utf8', env,
    });

    if (test.error) {
        throw new Error(`${binary()}: ${test.error.message}`);
    }

    if (test.status !== 0) {
        throw new Error(`nginx -t failed:\n${test.stderr}`);
    }
}


export class Nginx {
    constructor(prefix) {
        this.prefix = prefix;
    }

    /*
     * Answers once port takes connections.  wrap: ['taskset', '-c', '0'];
     * args and env: more for nginx; seconds: how long that may take.
     */

    async start(port, { wrap = [], args = [], env = {},
        seconds = START_SECONDS } = {})
    {
        check(this.prefix);

        const [file, ...rest] = [...wrap, binary(), ...options(this.prefix),
            ...args];

        this.code = undefined;
        this.child = spawn(file, rest, {
            detached: true,
            env: { ...environment(), ...env },
            stdio: ['ignore', 'ignore', 'inherit'],
        });
        this.ended = new Promise((resolve) => {
            this.child.once('exit', (code) => {
                this.code = code ?? -1;
                resolve(this.code);
            });
        });

        await until(`nginx on port ${port}`, seconds, () => {
            if (this.code) {
                throw new Error(`nginx ended with ${this.code}, see `
                                + `${this.prefix}/logs/error.log`);
            }

            return connects(port);
        });
    }

    get pid() {
        return this.child.pid;
    }

    reload() {
        this.child.kill('SIGHUP');
    }

    /* lets requests finish; those that do not are cut off in the end */

    async stop() {
        if (!this.child || this.code !== undefined) {
            return;
        }

        this.child.kill('SIGQUIT');

        const timer = setTimeout(() => { this.child.kill('SIGTERM'); },
            STOP_SECONDS * 500);

        await this.ended;
        clearTimeout(timer);
    }

    log(name) {
        return fs.readFileSync(path.join(this.prefix, 'logs', name), 'utf8');
    }

    /* lines nobody wants to see in an error log */

    alarms() {
        return this.log('error.log').split('\n')
            .filter((line) => /\[(alert|emerg|crit)\]|Sanitizer/.test(line));
    }
}


export function connects(port) {
    return new Promise((resolve) => {
        const socket = net.connect(port, '127.0.0.1');

        socket.once('error', () => { resolve(false); });
        socket.once('connect', () => {
            socket.destroy();
            resolve(true);
        });
    });
}
