/*
 * Users that a provider has pushed: files of so many, and what pushing takes.
 *
 * A file is written as nginx writes it (rt_scim_record.h, rt_journal.h), for to
 * push 100,000 users takes a minute, and nobody measures that minute.
 */

import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { request } from '../demo/http.mjs';
import { Talk } from './talk.mjs';

const KEY = 'bench-of-pushed-users-bench-of-pushed-users';
export const GROUPS = 20;               /* that each user is in */
export const SUBJECT = 'u-1001';        /* whom the tokens of the bench name */
export const SIZES = [0, 1, 1000, 100000];
export const MOST = SIZES.at(-1);

export const stands = (users) => `scim-${users}`;

const MEMBERS = 16384;                  /* of a record */
const BORN = Date.UTC(2026, 0, 1);

const USER = 1;
const GROUP = 2;

const part = (bytes) => Buffer.from(bytes).toString('base64url');


/* nginx's are random; the table of ids goes by the first half of them */

function idOf(kind, i) {
    const id = Buffer.alloc(16, kind);

    id.writeUInt32BE(i, 0);

    return id;
}


function uuidOf(kind, i) {
    return idOf(kind, i).toString('hex')
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}


function line(record) {
    const sum = crypto.createHash('sha256').update(record).digest('hex');

    return `${sum.slice(0, 16)} ${record}\n`;
}


/* the last one is whom tokens name */

function user(i, users) {
    const name = `user-${i}@example.com`;
    const external = i === users - 1 ? SUBJECT : `sub-${i}`;
    const json = JSON.stringify({ userName: name, active: true,
        externalId: external,
        displayName: `User ${i} of the bench`,
        name: { givenName: 'User', familyName: String(i).padStart(60, 'n') },
        emails: [{ value: name, type: 'work', primary: true }],
        title: 'somebody who was pushed'.padEnd(120, '.') });

    return line(`P ${i + 1} U a ${part(idOf(USER, i))} ${BORN} ${BORN} `
        + `${[name, external, name].map(part).join('.')}   ${json}`);
}


function group(g, users, version) {
    const lines = [];

    for (let from = 0; from === 0 || from < users; from += MEMBERS) {
        const ids = Array.from({ length: Math.min(MEMBERS, users - from) },
            (_, i) => idOf(USER, from + i));

        lines.push(line(`${from ? 'L' : 'P'} ${version} G a `
            + `${part(idOf(GROUP, g))} ${BORN} ${BORN} `
            + `${part(`group-${g}`)}.. ${from ? '' : '*'} `
            + `${part(Buffer.concat(ids))} {"displayName":"group-${g}"}`));
    }

    return lines.join('');
}


/*
 * So many users, each in so many groups, for the nginx of that prefix, with its
 * key.  One that runs already reads them: the file is another one.
 */

export function writeUsers(prefix, users, groups = GROUPS) {
    const dir = path.join(prefix, 'state');
    const file = path.join(dir, 'users');
    const version = users + groups;

    fs.mkdirSync(dir, { recursive: true, mode: 0o700 });

    const fd = fs.openSync(`${file}.new`, 'w', 0o600);
    const put = (text) => fs.writeSync(fd, text);

    put(line(`S ${crypto.randomInt(1, 2 ** 40)} ${version}`));

    for (let i = 0; i < users; i++) {
        put(user(i, users));
    }

    for (let g = 0; users && g < groups; g++) {
        put(group(g, users, users + g + 1));
    }

    put(line(`E ${version}`));
    fs.closeSync(fd);
    fs.renameSync(`${file}.new`, file);
    fs.writeFileSync(path.join(prefix, 'scim-key'), KEY, { mode: 0o600 });
}


/* -- what pushing takes */

function patchOf(uri, ...operations) {
    const body = JSON.stringify({ Operations: operations,
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'] });

    return `PATCH /scim/v2${uri} HTTP/1.1\r\nHost: bench\r\n`
        + `Authorization: Bearer ${KEY}\r\n`
        + 'Content-Type: application/scim+json\r\n'
        + `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}


/* a user is disabled, and enabled; one leaves a group, and joins it */

const SWITCH = (i, n) => patchOf(`/Users/${uuidOf(USER, i)}`,
    { op: 'replace', path: 'active', value: n % 2 === 1 });

const MEMBER = (i, n) => patchOf(`/Groups/${uuidOf(GROUP, i % GROUPS)}`,
    n % 2 ? { op: 'add', path: 'members',
        value: [{ value: uuidOf(USER, i) }] }
        : { op: 'remove', path: `members[value eq "${uuidOf(USER, i)}"]` });


/* -> changes a second, each acknowledged and on disk, by so many clients */

async function changes(port, make, { clients, seconds }) {
    const began = performance.now();
    const end = began + seconds * 1000;
    let done = 0;

    await Promise.all(Array.from({ length: clients }, async (_, c) => {
        const talk = new Talk(port);

        for (let n = 0; performance.now() < end; n++, done++) {
            const status = await talk.ask(make(c, n));

            if (status !== 200 && status !== 204) {
                throw new Error(`a change was answered with ${status}`);
            }
        }

        talk.end();
    }));

    return done / (performance.now() - began) * 1000;
}


/* a number that nginx shows of what was pushed */

export async function metric(port, name) {
    const { body } = await request(`http://127.0.0.1:${port}/metrics`,
        { headers: { Host: 'bench' } });

    return Number(new RegExp(`^rtauth_scim_${name} (\\d+)`, 'm')
        .exec(body)?.[1]);
}


/* in: started, seconds of CPU that this took; seconds, of each measurement */

export async function pushes(port, { users, seconds, started }) {
    const figures = {
        users, started,
        used: await metric(port, 'zone_used_bytes'),
        size: await metric(port, 'zone_limit_bytes'),
        one: await changes(port, SWITCH, { clients: 1, seconds }),
        eight: await changes(port, SWITCH, { clients: 8, seconds }),
        members: await changes(port, MEMBER, { clients: 8, seconds }),
    };

    console.log(`
${users} users in ${GROUPS} groups each: ${started.toFixed(2)} s of CPU to start, `
        + `${(figures.used / 2 ** 20).toFixed(1)} MB
of ${(figures.size / 2 ** 20).toFixed(1)}; changes a second, each on disk: `
        + `${figures.one.toFixed(0)} of one client, ${figures.eight.toFixed(0)} of
eight, ${figures.members.toFixed(0)} of eight that take somebody out of a group `
        + 'and put him back');

    return figures;
}
