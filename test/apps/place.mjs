/*
 * Other people's applications as plain processes of this test: from packages
 * that were unpacked and not installed, in folders of the test's own.
 */

import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../demo/http.mjs';
import { connects } from '../../demo/nginx.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));

export const BUILD = process.env.BUILD || path.resolve(HERE, '../../build');
export const ROOT = path.join(BUILD, 'apps/root');
export const DIR = path.join(BUILD, 'apps/run');

const SECONDS = 60;

/* not "php", which is there when the package is installed */
const PHP = 'php.default';


/* what a program finds below ROOT, before the machine's own */

function environment(more) {
    const lib = path.join(ROOT, 'usr/lib');
    const libs = fs.readdirSync(lib).filter((name) => /-linux-/.test(name));

    return {
        HOME: DIR,
        LANG: 'C.UTF-8',
        PATH: [...['usr/bin', 'usr/sbin'].map((bin) => path.join(ROOT, bin)),
            process.env.PATH].join(':'),
        LD_LIBRARY_PATH: libs.map((name) => path.join(lib, name)).join(':'),
        PYTHONPATH: path.join(lib, 'python3/dist-packages'),
        ...more,
    };
}


/* a folder of the application's own, empty */

export function folder(name) {
    const dir = path.join(DIR, name);

    fs.rmSync(dir, { recursive: true, force: true });
    fs.mkdirSync(dir, { recursive: true });

    return dir;
}


/* starts command in dir until the stack is emptied; answers once port does */

export async function serve(stack, { dir, command, port, env }) {
    const log = fs.openSync(path.join(dir, 'log'), 'a');
    const [file, ...args] = command;
    const child = spawn(file, args, {
        cwd: dir, detached: true, env: environment(env),
        stdio: ['ignore', log, log],
    });
    let ended;

    const end = new Promise((resolve) => {
        child.once('error', (err) => { resolve(ended = err.message); });
        child.once('exit', (code) => { resolve(ended = `${code}`); });
    });

    stack.push(() => {
        if (ended === undefined) {
            process.kill(-child.pid, 'SIGKILL');
        }

        return end;
    });

    await until(`${file} on port ${port}`, SECONDS, () => {
        if (ended !== undefined) {
            throw new Error(`${file} ended: ${ended}, see ${dir}/log`);
        }

        return connects(port);
    });
}


/* runs command to its end */

export function once({ dir, command, env }) {
    const [file, ...args] = command;
    const { status, stdout, stderr, error } = spawnSync(file, args, {
        cwd: dir, env: environment(env), encoding: 'utf8',
    });

    if (status !== 0) {
        throw new Error(`${command.join(' ')}: ${error ?? stdout + stderr}`);
    }

    return stdout;
}


/*
 * PHP without any php.ini, with what the packages and the machine have of
 * these extensions; one that is built in has no file.
 */

export function php(extensions) {
    const own = once({ dir: DIR, command: [PHP, '-n', '-r',
        'echo PHP_EXTENSION_DIR;'] });

    const files = extensions.flatMap((name) =>
        [path.join(ROOT, own), own].map((dir) => path.join(dir, `${name}.so`))
            .filter(fs.existsSync).slice(0, 1));

    return [PHP, '-n', '-d', 'display_errors=0',
        ...files.flatMap((file) => ['-d', `extension=${file}`])];
}


/*
 * A file of the packages with from, all that there are of it, replaced, or as
 * it came.  It has to be there: who patches another version should know.
 */

export function patch(file, from, to) {
    const place = path.join(ROOT, file);
    const kept = `${place}.kept`;

    if (!fs.existsSync(kept)) {
        fs.copyFileSync(place, kept);
    }

    const text = fs.readFileSync(kept, 'latin1');

    if (!text.includes(from)) {
        throw new Error(`${file} has no "${from}"`);
    }

    fs.writeFileSync(place, to ? text.replaceAll(from, to) : text, 'latin1');
}
