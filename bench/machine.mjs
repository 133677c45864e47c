/* the machine: its processors, and what processes on it have used */

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';


/*
 * The command that pins nginx, the app and the load to one processor.  Apart,
 * whoever is the slower one finds the others asleep, and pays for waking them:
 * an interrupt to another processor, which costs a virtual machine 3 us.  The
 * plain request would go without it, where the load or the app is slower than
 * nginx, and with our modules each request would have it.
 */

export function processor() {
    const list = spawnSync('taskset', ['-cp', String(process.pid)], {
        encoding: 'utf8',
    });
    const [, first] = /list: *(\d+)/.exec(list.stdout ?? '') ?? [];

    return first === undefined ? [] : ['taskset', '-c', first];
}


export function workersOf(master) {
    return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)
        && parentOf(name) === master).map(Number);
}


function parentOf(pid) {
    try {
        const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');

        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);

    } catch {
        return undefined;           /* it has ended meanwhile */
    }
}


/* microseconds of CPU that all threads of a process have had */

export function cpuOf(pid) {
    let total = 0;

    for (const thread of fs.readdirSync(`/proc/${pid}/task`)) {
        const text = fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`,
            'utf8');

        total += Number(text.split(' ')[0]) / 1000;
    }

    return total;
}


/* MB that nobody else has, of what a process has in memory */

export function memoryOf(pid) {
    const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');

    return Number(/RssAnon:\s+(\d+)/.exec(status)[1]) / 1024;
}


/* a line about all that */

export function machine() {
    const [cpu] = os.cpus();
    const version = (command, args) => {
        const out = spawnSync(command, args, { encoding: 'utf8' });
        return `${out.stdout}${out.stderr}`.split('\n')[0].trim();
    };

    const [load] = os.loadavg();
    const busy = load > os.cpus().length / 2
        ? '\nthe machine was busy before the run: figures are rough' : '';

    return `${os.cpus().length} x ${cpu.model.trim()}, load `
        + `${load.toFixed(2)}; `
        + `${version(process.env.NGINX || 'nginx', ['-v'])}; `
        + `${version('openssl', ['version'])}${busy}`;
}
