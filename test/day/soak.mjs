/*
 * All three modules under mixed traffic while whatever can happen does, started
 * by "make soak": reloads, rotation of logs and keys, workers killed, a provider
 * and a Redis that are away, users pushed, an upgrade.  Each answer is held
 * against a model of what is right at that moment; in the end the books add up,
 * the audit chain verifies, no log has a secret, and no process has grown.
 *
 * SOAK_SECONDS: how long (600).  What is kept of a run: $BUILD/soak.
 */

import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { request, until } from '../../demo/http.mjs';
import { freePort, Nginx, prepare } from '../../demo/nginx.mjs';
import { assert, run } from '../../demo/proof.mjs';
import { memoryOf, workersOf } from '../../bench/machine.mjs';
import { startRedis } from '../../bench/redis.mjs';
import { SECRET, startProvider } from '../../bench/signin.mjs';
import { startApp } from './soak_app.mjs';
import { Model, now } from './soak_model.mjs';
import { Traffic } from './soak_traffic.mjs';

const SECONDS = Number(process.env.SOAK_SECONDS) || 600;
const TOP = path.resolve(path.dirname(fileURLToPath(import.meta.url)),
    '../..');
const BUILD = process.env.BUILD || path.join(TOP, 'build');
const PREFIX = path.join(BUILD, 'soak');
const SINKS = ['main', 'more'];
const PLACEHOLDER = crypto.randomBytes(24).toString('base64url');
const SCIM_KEY = crypto.randomBytes(24).toString('base64url');
const CORE = 'urn:ietf:params:scim:schemas:core:2.0';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

const WAIT = 30;            /* seconds for what takes a moment */
const GROWN = 4;            /* MB more that a process may have: gaps of a heap */
const BEGIN = 16;           /* bytes of a secret that are looked for */
const LONG_WORD = /[\w-]{16,}/g;
const LOST = 40;            /* requests that all clients have under way */
const AWAY = 5000;          /* milliseconds that a provider or a Redis is */

const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const sum = (list) => list.reduce((all, one) => all + one, 0);


function state(pid) {
    try {
        const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');

        return stat[stat.lastIndexOf(')') + 2];

    } catch {
        return 'X';
    }
}


const runs = (pid) => !'XZ'.includes(state(pid));


/* one that an upgrade may have put in the place of the first */

class Upgraded extends Nginx {
    /* its file is away for a moment while an upgrade begins */

    get pid() {
        try {
            this.last = Number(fs.readFileSync(
                path.join(this.prefix, 'nginx.pid'))) || this.last;
        } catch {
            /* the one that is known */
        }

        return this.last;
    }

    /* those that take connections */

    workers() {
        return workersOf(this.pid).filter((pid) => {
            try {
                const title = fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1');

                return title.includes('worker process')
                    && !title.includes('shutting down');
            } catch {
                return false;
            }
        });
    }

    async end() {
        const { pid } = this;

        process.kill(pid, 'SIGQUIT');
        await until('the end of nginx', WAIT, () => !runs(pid));
    }
}


class Soak {
    constructor(it) {
        Object.assign(this, it);
        this.happened = new Map();
        this.rotated = 0;
        this.memory = [];           /* a list for each master */
        this.before = {};           /* counted by an nginx that was upgraded */
    }

    /* -- the operator's hands */

    async shown(name) {
        const answer = await request(`${this.origin}/${name}`,
            { headers: { Host: 'operator' } });

        assert.equal(answer.status, 200, `${name}: ${answer.status}`);

        return JSON.parse(answer.body);
    }

    scim(method, at, body) {
        return until(`${method} ${at}`, WAIT, async () => {
            const answer = await request(`${this.origin}/scim/v2/${at}`, {
                method, body: JSON.stringify(body), headers: {
                    Host: 'operator', Authorization: `Bearer ${SCIM_KEY}`,
                    'Content-Type': 'application/scim+json' } })
                .catch(() => undefined);

            this.scims = (this.scims ?? 0) + 1;

            /* one that a killed worker did not answer is sent again */

            if (!answer || answer.status === 409) {
                return undefined;
            }

            assert.ok(answer.status < 300,
                `${method} ${at}: ${answer.status} ${answer.body}`);

            return answer.body ? JSON.parse(answer.body) : {};
        });
    }

    async pushUsers() {
        for (const user of this.users) {
            const { id } = await this.scim('POST', 'Users', {
                schemas: [`${CORE}:User`], userName: user.email, active: true,
                emails: [{ value: user.email, primary: true }] });

            user.id = id;
        }

        this.group = (await this.scim('POST', 'Groups', { schemas:
            [`${CORE}:Group`], displayName: 'Operators' })).id;
    }

    patch(at, op) {
        return this.scim('PATCH', at, { schemas: [PATCH], Operations: [op] });
    }

    /* -- what happens, each with the seconds after which it does again */

    get events() {
        return [
            [2, 'a user comes or goes', () => this.toggle()],
            [3, 'a group changes', () => this.regroup()],
            [20, 'reload', () => this.reload()],
            [30, 'log rotation', () => this.rotateLogs()],
            [45, 'key rotation', () => this.rotateKeys()],
            [55, 'the provider is away', () => this.noProvider()],
            [60, 'a worker is killed', () => this.killWorker()],
            [70, 'Redis stalls', () => this.stallRedis()],
            [SECONDS / 3, 'upgrade', () => this.upgrade()],
        ];
    }

    toggle() {
        const user = this.users[crypto.randomInt(this.users.length)];
        const { active } = user.states.at(-1);

        return this.model.change(user, { active: !active }, () =>
            this.patch(`Users/${user.id}`, { op: 'replace', path: 'active',
                value: !active }));
    }

    regroup() {
        const user = this.users[crypto.randomInt(this.users.length)];
        const { edits } = user.states.at(-1);

        return this.model.change(user, { edits: !edits }, () =>
            this.patch(`Groups/${this.group}`, edits
                ? { op: 'remove', path: `members[value eq "${user.id}"]` }
                : { op: 'add', path: 'members', value: [{ value: user.id }] }));
    }

    async reload() {
        const old = this.nginx.workers();

        await this.model.during('reload', async () => {
            process.kill(this.nginx.pid, 'SIGHUP');
            await this.workers(old);
            await until('the old workers to end', WAIT,
                () => !old.some(runs));
        });
        this.remember();
    }

    /* two that are none of these */

    workers(old) {
        return until('two workers', WAIT, () => {
            const all = this.nginx.workers();

            return all.length === 2 && !all.some((pid) => old.includes(pid));
        });
    }

    async rotateLogs() {
        const said = () => this.nginx.log('error.log')
            .split('reopening logs').length;
        const before = said();

        this.rotated++;

        for (const name of SINKS) {
            const file = path.join(PREFIX, `logs/${name}.log`);

            fs.renameSync(file, `${file}.${this.rotated}`);
        }

        process.kill(this.nginx.pid, 'SIGUSR1');
        await until('new files', WAIT, () => said() >= before + 3
            && SINKS.every((name) =>
                fs.existsSync(path.join(PREFIX, `logs/${name}.log`))));
    }

    rotateKeys() {
        return this.model.during('rotation', () => this.provider.rotate(),
            3000);
    }

    noProvider() {
        return this.model.during('provider', async () => {
            this.provider.stop();
            await sleep(AWAY);
            await this.provider.start();
        }, 3000);
    }

    killWorker() {
        return this.model.during('kill', async () => {
            const [one, other] = this.nginx.workers();

            process.kill(one, 'SIGKILL');
            await until('another worker', WAIT, () => {
                const all = this.nginx.workers();

                return all.length === 2 && all.includes(other)
                    && !all.includes(one);
            });
        }, 500);
    }

    stallRedis() {
        return this.model.during('redis', async () => {
            this.redis.freeze();
            await sleep(AWAY);
            this.redis.thaw();
        }, 4000);
    }

    /* all that the old one counts, but what it answers to its end */

    async upgrade() {
        const old = this.nginx.pid;

        await this.model.during('upgrade', async () => {
            this.before = await this.numbers();
            process.kill(old, 'SIGUSR2');
            await until('another master', WAIT, () => this.nginx.pid !== old
                && this.nginx.workers().length === 2);
            process.kill(old, 'SIGQUIT');
            await until('the end of the old one', WAIT, () => !runs(old));
        });
        this.memory.push({ master: [], workers: [] });
    }

    /* memory that a master has after a reload, and what its workers had */

    remember() {
        this.memory.at(-1).master.push(memoryOf(this.nginx.pid));
    }

    lookAtWorkers() {
        this.memory.at(-1).workers.push(
            Math.max(...this.nginx.workers().map(memoryOf)));
    }

    async numbers() {
        const auth = await this.shown('auth');
        const csp = await this.shown('csp');
        const reasons = {};

        for (const { result, reason, value } of auth.rtauth_requests_total) {
            if (result !== 'ended') {
                reasons[reason] = (reasons[reason] ?? 0) + value;
            }
        }

        return { reasons, pages: csp.rtcsp_pages_total,
            books: await this.books() };
    }

    /* what is not as in an nginx that nobody uses */

    async busy() {
        const [auth, audit] = [await this.shown('auth'),
            await this.shown('audit')];
        const all = (list) => sum(list.map((one) => one.value));

        return Object.entries({
            waiting: all(auth.rtauth_waiting_requests),
            backlog: all(audit.rtaudit_backlog_events),
            'in hand': all(audit.rtaudit_requests_in_hand),
            retired: audit.rtaudit_retired_zones,
            'rings beyond two': audit.rtaudit_rings_held - 2,
        }).filter(([, n]) => n).map((one) => one.join(' ')).join(', ');
    }

    /* of each sink, over all workers, also those that were killed */

    async books() {
        const audit = await this.shown('audit');
        const of = (name, sink) => sum(audit[`rtaudit_${name}_total`]
            .filter((one) => one.sink === sink).map((one) => one.value));

        return Object.fromEntries(SINKS.map((sink) => [sink, {
            requests: of('requests', sink), written: of('written', sink),
            dropped: of('dropped', sink) }]));
    }

    async live() {
        const began = now();
        const due = this.events.map(([every, name, does]) =>
            ({ every, name, does, at: every }));

        this.memory.push({ master: [], workers: [] });

        while (now() - began < SECONDS * 1000) {
            const second = (now() - began) / 1000;
            const next = due.find((one) => one.at <= second);

            if (!next) {
                await sleep(100);
                continue;
            }

            next.at = next.name === 'upgrade' ? Infinity
                : second + next.every;

            if (next.name === 'reload') {
                this.lookAtWorkers();
            }

            await next.does();
            this.happened.set(next.name,
                (this.happened.get(next.name) ?? 0) + 1);
        }
    }
}


/* -- what has to be true afterwards */

/* the last third has no more than the first one, each by its middle value */

function flat(list) {
    const third = Math.ceil(list.length / 3);
    const middle = (part) => [...part].sort((a, b) => a - b)[part.length >> 1];
    const [first, last] = [middle(list.slice(0, third)),
        middle(list.slice(-third))];

    assert.ok(list.length, 'memory was not looked at');
    assert.ok(last - first < GROWN,
        `it grows: ${list.map((one) => one.toFixed(1)).join(' ')} MB`);

    return `${first.toFixed(1)} to ${last.toFixed(1)} MB`;
}


function between(name, n, least, most) {
    assert.ok(least <= n && n <= most, `${name}: ${n} is not in ${least} to `
        + `${most}`);

    return `${name} ${n}`;
}


const filesOf = (sink, rotated) => [...Array.from({ length: rotated },
    (_, i) => `logs/${sink}.log.${i + 1}`), `logs/${sink}.log`];


function ids(files) {
    const seen = new Set();
    let twice = 0;

    for (const file of files) {
        const text = fs.readFileSync(path.join(PREFIX, file), 'utf8');

        for (const line of text.split('\n')) {
            const id = /"id":"([0-9a-f-]{36})"/.exec(line)?.[1];

            /* not rtaudit's own, which no request made */

            if (!id || /"stage":"module"/.test(line)) {
                continue;
            }

            twice += seen.has(id) ? 1 : 0;
            seen.add(id);
        }
    }

    return { events: seen.size, twice };
}


/* the begin of a secret, wherever it stands in a word */

function found(text, begins) {
    for (const [word] of text.matchAll(LONG_WORD)) {
        for (let i = 0; i + BEGIN <= word.length; i++) {
            const begin = word.slice(i, i + BEGIN);

            if (begins.has(begin)) {
                return begin;
            }
        }
    }

    return undefined;
}


function command(file, ...args) {
    const { status, stdout, stderr } = spawnSync(file, args,
        { cwd: PREFIX, encoding: 'utf8', maxBuffer: 1 << 28 });

    assert.equal(status, 0, `${stdout}${stderr}`.slice(-2000));

    return stdout.trim().split('\n').at(-1);
}


async function check(soak, proof) {
    const { model, traffic, nginx } = soak;

    await proof.step(`${SECONDS} s`, async () => {
        await soak.pushUsers();
        traffic.start();

        try {
            await soak.live();
        } finally {
            await traffic.stop();
        }

        return [...soak.happened].map(([name, n]) => `${n} times ${name}`)
            .join(', ');
    });

    await proof.step('each answer was right', () => {
        assert.equal(model.wrong.length, 0, `${model.wrong.length} wrong:\n${
            model.wrong.slice(0, 20).join('\n')}`);

        return `${model.checked} answers, ${[...traffic.asked]
            .map(([name, n]) => `${n} ${name}`).join(', ')}`;
    });

    await proof.step('nothing is under way any more', async () => {
        let busy;

        await until('an idle nginx', WAIT, async () => {
            busy = await soak.busy();
            return busy === '';
        }).catch((err) => { throw new Error(`${err.message}: ${busy}`); });

        return 'no request waits, no event, no ring of who has ended';
    });

    await proof.step('what rtauth counted is what the clients were told',
        async () => {
            const { reasons } = await soak.numbers();
            const said = [];

            for (const reason of model.counts.keys()) {
                const n = (reasons[reason] ?? 0)
                    + (soak.before.reasons?.[reason] ?? 0);
                const sure = model.counts.get(reason);

                said.push(between(reason, n, sure, sure + model.unsure));
            }

            return `${said.join(', ')}; ${model.unsure} not surely counted`;
        });

    await proof.step('and of pages rtcsp', async () => {
        const { pages } = await soak.numbers();

        return between('pages', pages + (soak.before.pages ?? 0),
            model.pages.sure, model.pages.sure + model.unsure);
    });

    await proof.step('no process has grown', () =>
        soak.memory.map(({ master, workers }, i) => master.length < 2 ? '' :
            `${i ? 'upgraded: ' : ''}master ${flat(master)}, workers ${
                flat(workers)}`).filter(Boolean).join('; '));

    const ended = await soak.books();

    await proof.step('nginx ends', () => nginx.end());

    for (const sink of SINKS) {
        const files = filesOf(sink, soak.rotated);

        await proof.step(`${sink}: requests = written + dropped`, () => {
            const { requests, written, dropped } = ended[sink];
            const before = soak.before.books?.[sink] ?? { written: 0,
                dropped: 0 };
            const seen = ids(files);

            assert.ok(requests > 0);
            assert.equal(written + dropped, requests);
            assert.equal(seen.twice, 0);

            /* what the old one wrote while it was upgraded is in no numbers */

            between('events', seen.events, written + before.written,
                written + before.written + (soak.before.books
                    ? model.unsure : 0));

            /* but for what a killed worker had in hand */

            between('lost', dropped + before.dropped, 0, LOST
                * (soak.happened.get('a worker is killed') ?? 0));

            return `${requests} = ${written} + ${dropped}; ${seen.events} events `
                + `in ${files.length} files`;
        });

        await proof.step(`${sink}: its chains verify`, () =>
            command(path.join(BUILD, 'rt'), 'audit', 'verify', '--key',
                path.join(PREFIX, 'chain-key'), ...files));

        await proof.step(`${sink}: every line is valid`, () => {
            const { status, stdout } = spawnSync(
                path.join(BUILD, 'drivers/schema'),
                files.map((file) => path.join(PREFIX, file)),
                { cwd: TOP, encoding: 'utf8' });

            assert.equal(status, 0, stdout.slice(0, 2000));
        });
    }

    await proof.step('no log has a secret', () => {
        const secrets = [...traffic.secrets, SCIM_KEY, SECRET, PLACEHOLDER];
        const begins = new Set(secrets.map((one) => one.slice(0, BEGIN)));
        const files = SINKS.flatMap((sink) => filesOf(sink, soak.rotated));

        assert.ok(secrets.every((one) => one.length > BEGIN));

        for (const file of ['logs/error.log', ...files]) {
            const text = fs.readFileSync(path.join(PREFIX, file), 'utf8');

            assert.equal(found(text, begins), undefined, file);
        }

        return `${secrets.length} secrets, ${files.length + 1} files`;
    });

    await proof.step('nginx has nothing to complain of', () => {
        const odd = nginx.alarms().filter((line) =>
            !/exited on signal 9/.test(line));

        assert.deepEqual(odd, []);
    });
}


async function start(stack) {
    const model = new Model();
    const provider = await startProvider();

    stack.push(() => provider.stop());

    const app = await startApp(PLACEHOLDER);

    stack.push(() => app.stop());

    const redis = await startRedis();

    stack.push(() => redis.stop());

    const port = await freePort(21000 + process.pid % 8000);
    const h2 = await freePort(port + 1);

    /* with its path: at an upgrade nginx looks for itself in no PATH */

    process.env.NGINX = spawnSync('which', [process.env.NGINX || 'nginx'],
        { encoding: 'utf8' }).stdout.trim() || '/usr/sbin/nginx';

    fs.rmSync(path.join(PREFIX, 'state'), { recursive: true, force: true });
    fs.mkdirSync(path.join(PREFIX, 'state'), { recursive: true, mode: 0o700 });

    for (const [name, text] of Object.entries({ 'client-secret': SECRET,
        'scim-key': SCIM_KEY, placeholder: PLACEHOLDER, 'chain-key': crypto.randomBytes(24)
            .toString('base64url'),
        'session-key': crypto.randomBytes(24).toString('base64url') }))
    {
        fs.writeFileSync(path.join(PREFIX, name), text, { mode: 0o600 });
    }

    await prepare(PREFIX, fs.readFileSync(
        path.join(TOP, 'test/day/soak.conf.in'), 'utf8'), {
        MODULES: path.join(BUILD, 'modules'), ISSUER: provider.issuer,
        REDIS: redis.socket, APP: app.url, PORT: port, STREAMS: h2 });

    const nginx = new Upgraded(PREFIX);

    await nginx.start(port);
    stack.push(() => { if (runs(nginx.pid)) { return nginx.end(); } });

    const users = Array.from({ length: 8 }, (_, i) =>
        model.addUser(`user${i}@example.com`));
    const traffic = new Traffic({ model, provider, port, h2, users,
        placeholder: PLACEHOLDER });

    return new Soak({ model, traffic, provider, redis, nginx, users,
        origin: `http://127.0.0.1:${port}` });
}


await run('soak', start, check);
