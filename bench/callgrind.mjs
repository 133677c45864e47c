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
import * as path from 'node:path';
import { DIR } from './stand.mjs';
import { Talk, textOf } from './talk.mjs';

const START_SECONDS = 60;       /* under valgrind, on a busy machine */

/*
 * What nginx does once a millisecond or a second, however many requests there
 * are in one: a slow machine would count more of it for each.
 */

const CLOCK = ['ngx_time_update', 'ngx_event_expire_timers'];


export class Callgrind {
    constructor(nginx, dir) {
        this.nginx = nginx;
        this.out = path.join(dir, 'callgrind.out');
        this.part = 0;

        fs.rmSync(dir, { recursive: true, force: true });
        fs.mkdirSync(dir, { recursive: true });
    }

    async start(port) {
        await this.nginx.start(port, {
            wrap: ['valgrind', '-q', '--tool=callgrind', '--vgdb=no',
                '--separate-threads=yes', '--dump-before=ngx_open_dir',
                '--collect-systime=yes',
                `--callgrind-out-file=${this.out}`],
            args: ['-g', 'master_process off;'],
            env: { LD_PRELOAD: path.join(DIR, 'steady.so') },
            seconds: START_SECONDS,
        });
        this.talk = new Talk(port);
    }

    /*
     * Instructions and system calls since the last mark, and where callgrind
     * wrote them down.
     */

    async mark() {
        await this.ask({ uri: '/mark/', headers: { Host: 'bench' } });

        const file = `${this.out}.${++this.part}-01`;
        const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';

        /* zeroes at the end of a line of costs are not written */

        const [, count, calls = 0] = /^totals: (\d+)(?: (\d+))?/m.exec(text)
            ?? [];

        if (count === undefined) {
            throw new Error('callgrind wrote no counts: it does not see '
                            + 'ngx_open_dir() in this nginx');
        }

        return { count: Number(count) - spentIn(text, CLOCK),
            calls: Number(calls), file };
    }

    async ask(one) {
        const status = await this.talk.ask(textOf(one));

        if (status !== 200) {
            throw new Error(`${one.uri} answers ${status}`);
        }
    }

    /*
     * The least that `times` of act() took, in several windows: what is done
     * now and then, such as nginx's clock, can only add to it.
     */

    async least(act, { windows, times, warm }) {
        let least;
        let calls = Infinity;

        for (let i = 0; i < warm; i++) {
            await act();
        }

        await this.mark();

        for (let w = 0; w < windows; w++) {
            for (let i = 0; i < times; i++) {
                await act();
            }

            const seen = await this.mark();

            least = least && least.count <= seen.count ? least : seen;
            calls = Math.min(calls, seen.calls);
        }

        return { ...least, calls };
    }

    /* takes away what callgrind has written so far */

    forget() {
        const dir = path.dirname(this.out);

        for (const name of fs.readdirSync(dir)) {
            if (/\.\d+-\d+$/.test(name)) {
                fs.rmSync(path.join(dir, name));
            }
        }
    }

    end() {
        this.talk?.end();
    }
}


/* what calls of these took, with all that they called */

function spentIn(text, functions) {
    const wanted = new Set();
    let spent = 0;

    for (const [, id, name] of text.matchAll(/^c?fn=(\(\d+\)) (.*)$/gm)) {
        if (functions.includes(name)) {
            wanted.add(id);
        }
    }

    for (const [, id, cost] of text.matchAll(
        /^cfn=(\(\d+\)).*\ncalls=.*\n\S+ (\d+)/gm))
    {
        spent += wanted.has(id) ? Number(cost) : 0;
    }

    return spent;
}


/*
 * What each function took by itself, of a file that callgrind wrote; without
 * OpenSSL's, where that is asked.
 */

export function byFunction(file, { openssl = true } = {}) {
    const names = new Map();
    const objects = new Map();
    const costs = new Map();
    let current;
    let counts = true;
    let call = false;

    for (const line of fs.readFileSync(file, 'latin1').split('\n')) {
        const named = /^(fn|cfn|ob|cob)=(\(\d+\))(?: (.*))?$/.exec(line);

        if (named) {
            const [, what, id, name] = named;
            const known = what.endsWith('fn') ? names : objects;

            if (name !== undefined) {
                known.set(id, name);
            }
            if (what === 'fn') {
                current = id;
            }
            if (what === 'ob') {
                counts = openssl || !/libcrypto/.test(objects.get(id));
            }

        } else if (line.startsWith('calls=')) {
            call = true;            /* the next line is of what was called */

        } else if (/^[-+*\d]/.test(line)) {
            costs.set(current, (costs.get(current) ?? 0)
                + (call || !counts ? 0 : Number(line.split(' ')[1] ?? 0)));
            call = false;
        }
    }

    return new Map([...costs].map(([id, cost]) => [names.get(id), cost]));
}
