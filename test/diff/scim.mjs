// Filters and PATCH of SCIM beside scim2-parse-filter and scim-patch.
//
// Each operation is made once and written twice: for them as the RFC has it,
// for us as providers write it (names and "op" in any case, booleans as
// strings, one value for a list, a bare id for a manager, no path, no URN).
// Both have to come to the same.  Where they do something else than we do on
// purpose, what they say is corrected by a rule of KINDS, and each rule is met.
//
// usage: node scim.mjs DRIVERS_DIR HOW_MANY SEED

import { spawnSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import scim from 'scim-patch';
import parser from 'scim2-parse-filter';
import { Tally } from './tally.mjs';

const [, , dir, pages, seed] = process.argv;

const KINDS = {
    case: 'text is compared without case (RFC 7643, 2.2: caseExact); they '
          + 'compare it exactly',
    ne: '"ne" is the opposite of "eq" (RFC 7644, 3.4.2.2); they ask whether '
        + 'any value is another one, and none is no answer',
    brackets: 'what stands in brackets is said of one value (RFC 7644, '
              + '3.4.2.2); they say it of all values together',
    null: 'null is what is unassigned (RFC 7643, 2.5); they find none that is '
          + 'null, and store it',
    unknown: 'attributes of no schema: ignored when they are written (RFC '
             + '7644, 3.3), refused in a filter; they know no schema',
    readonly: 'read-only attributes: mutability with a path, ignored without '
              + 'one (RFC 7644, 3.5.2); they know no schema',
    caseless: 'two names that differ in case are one (RFC 7643, 2.1)',
    twice: 'no attribute has two names in one value',
    required: 'what is required is not removed (RFC 7644, 3.5.2.2)',
    active: 'active is never unassigned: who is disabled stays so',
    nothing: 'to remove what is not there is no error (RFC 7644, 3.5.2.2); '
             + 'they refuse a filter that finds nothing',
    whole: 'a value that is replaced is replaced whole (RFC 7644, 3.5.2.3); '
           + 'they merge it',
    described: 'to add where no value fits makes the one that the filter '
               + 'describes, with "and", too; they take one "eq" with a '
               + 'sub-attribute behind it',
    primary: 'a new primary value takes that from the old one (RFC 7644, '
             + '3.5.2)',
};

const met = Object.fromEntries(Object.keys(KINDS).map((k) => [k, 0]));

const URN = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ID = '2819c223-7f76-453a-919d-413861904646';


// choices: the same seed makes the same

let state = Number(seed) >>> 0;

const below = (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % n;
};

const pick = (list) => list[below(list.length)];
const often = (n, of) => below(of) < n;
const some = (n, f) => Array.from({ length: n }, f);

const anyCase = (s) => [...s].map((c) => (often(1, 3) ? c.toUpperCase()
    : c)).join('');

const WORDS = ['alpha', 'Beta', 'al', 'ta', 'q"q', '\u00c9t\u00e9', '[a]'];
const TYPES = ['work', 'home', 'other'];
const PLAIN = ['displayName', 'nickName', 'title', 'userType', 'locale'];
const NAMES = ['givenName', 'familyName', 'middleName'];
const MULTI = ['emails', 'roles', 'phoneNumbers'];
const JOB = ['department', 'division', 'costCenter'];

const value = () => ({ value: pick(WORDS), type: pick(TYPES),
    ...(often(1, 4) ? { display: pick(WORDS) } : {}) });

const values = () => {
    const list = some(1 + below(3), value);

    if (often(1, 2)) {
        list[0].primary = true;
    }

    return list.filter((v, i) => !list.slice(0, i)
        .some((other) => other.value === v.value && other.type === v.type));
};

const object = (names) => Object.fromEntries(names.filter(() => often(1, 2))
    .map((n) => [n, pick(WORDS)]));

const clean = (v) => {
    if (Array.isArray(v)) {
        const list = v.map(clean).filter((x) => x !== undefined);
        return list.length ? list : undefined;
    }

    if (v && typeof v === 'object') {
        const pairs = Object.entries(v).map(([k, x]) => [k, clean(x)])
            .filter(([, x]) => x !== undefined);
        return pairs.length ? Object.fromEntries(pairs) : undefined;
    }

    return v === null || v === '' ? undefined : v;
};

const user = () => clean({
    userName: `${pick(WORDS)}@${below(10)}`,
    externalId: often(1, 2) ? pick(WORDS) : null,
    ...object(PLAIN),
    name: often(2, 3) ? object(NAMES) : null,
    active: often(1, 2),
    ...Object.fromEntries(MULTI.filter(() => often(1, 2))
        .map((n) => [n, values()])),
    [URN]: often(1, 2) ? { ...object(JOB),
        manager: often(1, 2) ? { value: pick(WORDS) } : null } : null,
});

const group = () => clean({
    displayName: pick(WORDS),
    members: some(below(4), () => `u${below(6)}`)
        .filter((id, i, all) => all.indexOf(id) === i)
        .map((id) => ({ value: id })),
});


// -- filters

const EXACT = ['id', 'externalId', `${URN}:manager.value`, 'meta.version'];
const TEXT = ['id', 'externalId', 'userName', ...PLAIN,
    ...NAMES.map((n) => `name.${n}`), ...MULTI.map((n) => `${n}.value`),
    'emails.type', 'meta.lastModified', ...JOB.map((n) => `${URN}:${n}`),
    `${URN}:manager.value`];
const DATES = ['2023-11-14T22:13:20.500Z', '2023-11-14T22:13:20.499Z',
    '2024-01-01T00:00:00.000Z'];

const test = (inside) => {
    const path = pick(inside ? ['value', 'type', 'type'] : TEXT);
    const date = path === 'meta.lastModified';
    const ops = ['eq', 'ne', 'gt', 'ge', 'lt', 'le',
        ...(date ? [] : ['co', 'sw', 'ew'])];

    if (often(1, 8)) {
        return { path, op: 'pr' };
    }

    if (often(1, 8)) {
        return { path: inside ? 'primary' : 'active', op: pick(['eq', 'ne']),
            value: often(1, 2) };
    }

    if (often(1, 10)) {
        return { path, op: pick(['eq', 'ne']), value: null };
    }

    return { path, op: pick(ops), value: date ? pick(DATES)
        : path === 'id' ? pick([ID, ID.slice(0, 8)])
            : inside && path === 'type' ? pick(TYPES) : pick(WORDS) };
};

const filter = (depth, inside) => {
    const kind = below(depth ? 10 : 4);

    if (kind < 4) {
        return !inside && often(1, 2)
            ? { op: '[]', path: pick(MULTI), term: filter(depth, true) }
            : test(inside);
    }

    if (kind < 5) {
        return { op: 'not', term: filter(depth - 1, inside) };
    }

    return { op: kind < 8 ? 'and' : 'or',
        terms: some(2 + below(2), () => filter(depth - 1, inside)) };
};

const RANK = { or: 1, and: 2 };

// ours: as a provider may write it; text: what is done to a value
const write = (f, ours, text = (s) => s) => {
    const word = ours ? anyCase : (s) => s;
    const inner = (t) => (RANK[t.op] && RANK[t.op] <= RANK[f.op]
        ? `(${write(t, ours, text)})` : write(t, ours, text));

    switch (f.op) {

    case 'and':
    case 'or':
        return f.terms.map(inner).join(` ${word(f.op)} `);

    case 'not':
        return `${word('not')} (${write(f.term, ours, text)})`;

    case '[]':
        return `${word(f.path)}[${write(f.term, ours, text)}]`;

    default:
        break;
    }

    // a complex attribute stands for its "value", a name for the extension's

    let { path } = f;

    if (ours && often(1, 2)) {
        path = path.replace(/\.value$/, '').replace(`${URN}:`, '');
    }

    const s = `${word(path)} ${word(f.op)}`;

    if (f.op === 'pr') {
        return s;
    }

    return `${s} ${typeof f.value === 'string'
        ? JSON.stringify(text(f.value, f.path)) : JSON.stringify(f.value)}`;
};

const isExact = (path) => EXACT.includes(path);

// what they read, by our rules but for those of a kind
const theirs = (node, but, at = '') => {
    const path = `${at}${node.attrPath ?? ''}`;

    switch (node.op) {

    case 'and':
    case 'or':
        return { ...node, filters: node.filters.map((f) =>
            theirs(f, but, at)) };

    case 'not':
        return { ...node, filter: theirs(node.filter, but, at) };

    case '[]':
        return { ...node, valFilter: theirs(node.valFilter, but,
            `${path}.`) };

    default:
        break;
    }

    if (node.op === 'ne' && but !== 'ne') {
        return { op: 'not', filter: theirs({ ...node, op: 'eq' }, but, at) };
    }

    if (node.op === 'eq' && node.compValue === null && but !== 'null') {
        return { op: 'not', filter: { op: 'pr', attrPath: node.attrPath } };
    }

    return typeof node.compValue === 'string' && !isExact(path)
        && but !== 'case'
        ? { ...node, compValue: node.compValue.toLowerCase() } : node;
};

const fits = (node, resource, but) => {
    switch (node.op) {

    case 'and':
        return node.filters.every((f) => fits(f, resource, but));

    case 'or':
        return node.filters.some((f) => fits(f, resource, but));

    case 'not':
        return !fits(node.filter, resource, but);

    case '[]':
        return but === 'brackets' ? parser.filter(node)(resource)
            : (resource[node.attrPath] ?? []).some((v) =>
                fits(node.valFilter, v, but));

    default:
        return parser.filter(node)(resource);
    }
};

const lower = (v, path = '') => {
    if (Array.isArray(v)) {
        return v.map((x) => lower(x, path));
    }

    if (v && typeof v === 'object') {
        return Object.fromEntries(Object.entries(v).map(([k, x]) =>
            [k, lower(x, path ? `${path}${path === URN ? ':' : '.'}${k}`
                : k)]));
    }

    return typeof v === 'string' && !isExact(path) ? v.toLowerCase() : v;
};

const whole = (resource) => ({ ...resource, id: ID, meta: {
    lastModified: '2023-11-14T22:13:20.500Z' } });

const makeFilter = () => {
    const old = user();
    const unknown = often(1, 30);
    const f = filter(3, false);
    const text = write(f, true, (s, path) => (isExact(path) ? s : anyCase(s)));
    const ours = unknown ? `${text} or nothing pr` : text;
    const node = parser.parse(write(f, false));

    const ask = (but) => fits(theirs(node, but),
        but === 'case' ? whole(old) : lower(whole(old)), but);

    const match = ask();

    for (const kind of ['case', 'ne', 'brackets', 'null']) {
        met[kind] += (ask(kind) !== match);
    }

    met.unknown += unknown;

    return { line: { op: 'filter', type: 'User', old, filter: ours },
        weight: 1,
        expected: unknown ? { error: 'invalidFilter' } : { match } };
};


// -- PATCH: an operation is {op, path, value}, and path {attr, filter, sub}

const pathOf = (p, ours) => {
    const word = ours ? anyCase : (s) => s;
    const f = p.filter ? `[${write(p.filter, ours)}]` : '';

    const attr = ours && often(1, 2) ? p.attr.replace(`${URN}:`, '') : p.attr;

    return word(attr) + f + (p.sub ? `.${word(p.sub)}` : '');
};

const eqs = () => {
    const one = { path: 'type', op: 'eq', value: pick(TYPES) };

    return often(1, 5) ? { op: 'and', terms: [one,
        { path: 'display', op: 'eq', value: pick(WORDS) }] } : one;
};

const operation = () => {
    const op = pick(['add', 'replace', 'remove']);
    const multi = pick(MULTI);

    switch (below(11)) {

    case 0:
    case 1:
        return { op, path: { attr: pick([...PLAIN, 'externalId']) },
            value: pick(WORDS) };

    case 2:
        return { op, path: { attr: `name.${pick(NAMES)}` },
            value: pick(WORDS) };

    case 3:
        return { op, path: { attr: 'name' },
            value: { [pick(NAMES)]: pick(WORDS), [pick(NAMES)]: 'n' } };

    case 4:
        return often(1, 2)
            ? { op, path: { attr: `${URN}:${pick(JOB)}` },
                value: pick(WORDS) }
            : { op, path: { attr: `${URN}:manager` },
                value: { value: pick(WORDS) } };

    case 5:
        return { op, path: { attr: 'active' }, value: often(1, 2) };

    case 6:
        return { op, path: { attr: multi }, value: values() };

    case 7:
    case 8:
        return { op, path: { attr: multi, filter: eqs(),
            sub: pick(['value', 'display', 'primary']) },
        value: pick(WORDS) };

    case 9:
        return { op, path: { attr: multi, filter: eqs() }, value: value() };

    default:
        return pick([
            { op, path: { attr: 'userName' }, value: pick(WORDS) },
            { op, path: { attr: 'nothing' }, value: 'x', kind: 'unknown' },
            { op, path: { attr: pick(['id', 'meta.version', 'groups']) },
                value: 'x', kind: 'readonly' },
            { op: 'replace', path: { attr: pick(PLAIN) }, value: null,
                kind: 'null' },
        ]);
    }
};

class Refused extends Error {}

const reads = (f) => parser.parse(write(f, false, (s) => s.toLowerCase()));

// the old primary gives way, unless the operation makes it primary, too
const demote = (before, after, { filter: f, sub }) => {
    const was = before?.findIndex((v) => v.primary === true) ?? -1;
    const said = sub === 'primary' && was >= 0
                 && fits(reads(f), lower(before[was]));
    const count = () => after.filter((v) => v.primary === true).length;

    if (count() > 1 && was >= 0 && !said) {
        after[was].primary = false;
        met.primary++;
    }

    if (count() > 1) {
        throw new Refused('invalidValue');
    }
};

const call = (resource, op, path, v) => scim.scimPatch(resource,
    [{ op, path, ...(op === 'remove' ? {} : { value: structuredClone(v) }) }],
    { mutateDocument: true, treatMissingAsAdd: false });

// an operation on a path with brackets, where they differ
const brackets = (resource, o) => {
    const { attr, filter: f, sub } = o.path;
    const list = resource[attr] ?? [];
    const found = list.filter((v) => fits(reads(f), lower(v)));

    if (!found.length) {

        if (o.op === 'remove') {
            met.nothing++;
            return;
        }

        if (o.op === 'replace') {
            throw new Refused('noTarget');
        }

        met.described += (f.op === 'and' || !sub);

        const v = Object.assign(Object.fromEntries((f.terms ?? [f]).map((t) =>
            [t.path, t.value])), sub ? { [sub]: o.value } : o.value);

        if (!list.some((other) => isDeepStrictEqual(other, v))) {
            resource[attr] = [...list, v];
        }

        return;
    }

    if (o.op === 'replace' && !sub) {
        met.whole++;
        resource[attr] = list.map((v) => (found.includes(v)
            ? structuredClone(o.value) : v));
        return;
    }

    // by what they compare exactly

    met.case += found.length !== list.filter(parser.filter(parser.parse(
        write(f, false)))).length;

    // a mark on each value stands for what finds it without case

    list.forEach((v) => Object.assign(v, { found: found.includes(v) }));
    call(resource, o.op, pathOf({ ...o.path,
        filter: { path: 'found', op: 'eq', value: true } }, false), o.value);
    (resource[attr] ?? []).forEach((v) => delete v.found);
};

const apply = (resource, o, pathless) => {
    const { attr } = o.path;

    if (o.kind === 'unknown') {
        met.unknown++;
        return;
    }

    if (o.kind === 'readonly') {
        met.readonly++;

        if (!pathless) {
            throw new Refused('mutability');
        }

        return;
    }

    if (attr === 'userName' && o.op === 'remove') {
        met.required++;
        throw new Refused('mutability');
    }

    const before = structuredClone(resource[attr]);

    if (o.path.filter) {
        brackets(resource, o);

    } else if (o.value === null) {
        met.null++;
        call(resource, 'remove', attr);

    } else {
        call(resource, o.op, attr, o.value);
    }

    const after = clean(resource[attr]);

    if (MULTI.includes(attr) && after && o.op !== 'remove') {
        resource[attr] = after;
        demote(o.op === 'replace' && !o.path.filter ? [] : before, after,
            o.path);
    }
};

// as providers write values
const dressed = (o) => {
    const v = o.value;

    if (typeof v === 'boolean') {
        return often(1, 2) ? anyCase(String(v)) : v;
    }

    if (Array.isArray(v) && v.length === 1 && often(1, 2)) {
        return v[0];
    }

    if (o.path.attr.endsWith('manager')) {
        return pick([v, v.value, [v]]);
    }

    return v;
};

const writeOperations = (list, pathless) => (pathless
    ? [{ op: anyCase(list[0].op), value: Object.fromEntries(list.map((o) =>
        [pathOf(o.path, true), dressed(o)])) }]
    : list.map((o) => ({ [anyCase('op')]: anyCase(o.op),
        [anyCase('path')]: pathOf(o.path, true),
        ...(o.op === 'remove' ? {} : { [anyCase('value')]: dressed(o) }) })));

// no two names of an object are equal without case
const once = (names) => {
    const folded = names.map((s) => s.replace(/[A-Z]/g,
        (c) => c.toLowerCase()));

    if (new Set(folded).size < names.length) {
        met.caseless++;
        throw new Refused('invalidSyntax');
    }
};

const makePatch = () => {
    const old = user();
    const pathless = often(1, 4);
    const list = some(1 + below(3), operation);

    if (pathless && often(1, 8)) {
        list.push(structuredClone(list[0]));
    }

    if (pathless) {
        const op = list[0].op === 'remove' ? 'add' : list[0].op;

        list.forEach((o) => Object.assign(o, { op: o.kind === 'null'
            ? 'replace' : op }));

        if (list.some((o) => o.kind === 'null')) {
            list.forEach((o) => Object.assign(o, { op: 'replace' }));
        }
    }

    list.forEach((o) => {
        if (o.path.sub === 'primary') {
            o.value = true;
        }
    });

    const ops = writeOperations(list, pathless);
    const said = pathless && new Set(Object.keys(ops[0].value)).size
                 < list.length ? list.slice(-1) : list;
    const written = said === list ? ops : writeOperations(said, pathless);
    const made = structuredClone(old);
    const named = new Set();
    let expected;

    try {
        if (pathless) {
            once(Object.keys(written[0].value));
        }

        for (const o of said) {
            if (pathless && !o.path.filter
                && !['unknown', 'readonly'].includes(o.kind)) {
                if (named.has(pathOf(o.path, false))) {
                    met.twice++;
                    throw new Refused('invalidValue');
                }

                named.add(pathOf(o.path, false));
            }

            apply(made, o, pathless);
        }

        if (made.active === undefined) {
            met.active++;
            made.active = old.active;
        }

        expected = { root: clean(made) };

    } catch (e) {
        if (!(e instanceof Refused)) {
            throw e;
        }

        expected = { error: e.message };
    }

    return { line: { op: 'patch', type: 'User', old, body: { schemas:
        ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: written } },
    weight: said.length, expected };
};


// -- members

const makeGroup = () => {
    const old = group();
    const id = () => `u${below(6)}`;
    const made = structuredClone(old);
    const member = (v) => (often(1, 3) ? v.value : v);

    const ops = some(1 + below(4), () => {
        const list = some(1 + below(3), id)
            .filter((v, i, all) => all.indexOf(v) === i)
            .map((v) => ({ value: v }));

        switch (below(5)) {

        case 0:
            made.members ??= [];
            call(made, 'remove', `members[value eq "${list[0].value}"]`);
            return { op: 'Remove', path: `members[${anyCase('value')} eq `
                + `"${list[0].value}"]` };

        case 1:
            if (made.members) {
                scim.scimPatch(made, [{ op: 'remove', path: 'members',
                    value: list }]);
            }
            return { op: 'remove', path: 'members', value: list.map(member) };

        case 2:
            call(made, 'replace', 'members', list);
            return { op: 'REPLACE', value: { members: list.map(member) } };

        case 3:
            if (often(1, 4)) {
                call(made, 'remove', 'members');
                return { op: 'remove', path: 'Members' };
            }

            // fall through

        default:
            call(made, 'add', 'members', list);
            return { op: 'add', path: 'members', value: list.map(member) };
        }
    });

    return { line: { op: 'patch', type: 'Group', old,
        body: { Operations: ops } },
    weight: ops.length,
    expected: { root: { displayName: old.displayName },
        members: (made.members ?? []).map((m) => m.value).sort() } };
};


// -- both sides

const MAKERS = [makeFilter, makeFilter, makePatch, makePatch, makePatch,
    makeGroup];
const tests = [];

for (let n = 0; n < pages / 2; n += tests.at(-1).weight) {
    tests.push(pick(MAKERS)());
}

const run = spawnSync(`${dir}/scim`, { maxBuffer: 1 << 28, encoding: 'utf8',
    input: tests.map((t) => JSON.stringify(t.line)).join('\n') + '\n' });
const lines = run.stdout.split('\n');
const tally = new Tally('scim', tests.map((t) => t.line), 0);

if (run.status !== 0 || lines.length !== tests.length + 1) {
    tally.broke(`the driver ended with ${run.status}`);
}

const answer = (line, t) => {
    const ours = JSON.parse(line);

    if (ours.error) {
        return { error: ours.error.scimType };
    }

    if (!t.expected.members) {
        return 'match' in ours ? ours : { root: ours.root };
    }

    const had = ours.all ? [] : (t.line.old.members ?? []).map((m) => m.value);

    return { root: ours.root, members: [...new Set([...had, ...ours.added])]
        .filter((id) => !ours.removed.includes(id)).sort() };
};

tests.forEach((t, i) => {
    const ours = answer(lines[i], t);

    if (!isDeepStrictEqual(ours, t.expected)) {
        tally.fail(i, 'another answer', ours, t.expected);
    }
});

for (const [kind, n] of Object.entries(met)) {
    if (n === 0) {
        tally.broke(`${kind} was never met`);
    }
}

process.exit(tally.close());
