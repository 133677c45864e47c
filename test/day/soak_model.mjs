/*
 * What the nginx of "make soak" has to answer, by what was done to it until
 * then.  Whatever happens takes a while, from when it was begun to when it was
 * seen to be over; a request that was on its way meanwhile may meet the state
 * before or the one after, and any other request has one right answer.
 */

const SETTLE = 1500;        /* milliseconds: what a fleet hears takes a second */

const JUDGED = 900;         /* rtauth_reauthorize, and what timers are early */

export const now = () => performance.now();


export class Model {
    constructor() {
        this.windows = [];
        this.users = new Map();
        this.wrong = [];
        this.checked = 0;
        this.counts = new Map();        /* reason -> requests, surely counted */
        this.unsure = 0;                /* those that may have been counted */
        this.pages = { sure: 0, unsure: 0 };
        this.nonces = new Set();
    }

    /* -- what happens */

    async during(name, body, after = 0) {
        const window = { name, from: now(), to: Infinity };

        this.windows.push(window);

        try {
            return await body();

        } finally {
            window.to = now() + after;
        }
    }

    met(name, from, to) {
        return this.windows.some((one) => one.name === name
            && one.from <= to && from <= one.to);
    }

    addUser(email) {
        const user = { email, states: [{ active: true, edits: false,
            from: -Infinity, over: Infinity, sent: 0, acked: 0 }] };

        this.users.set(email, user);

        return user;
    }

    /* change is asked for by send(), which returns when nginx has said yes */

    async change(user, change, send) {
        const last = user.states.at(-1);
        const next = { ...last, ...change, sent: now(), acked: undefined,
            over: Infinity, pushed: 'active' in change };

        user.states.push(next);
        await send();
        next.acked = now();
        last.over = next.acked;
    }

    possible(user, from, to) {
        return user.states.filter((one) => one.sent <= to && from <= one.over);
    }

    /* -- what is right */

    /* made: when the token or the session was */

    ofUser(user, { from, to, edit, made }) {
        const right = new Set();

        for (const { active, edits } of this.possible(user, from, to)) {
            right.add(!active ? '403 disabled'
                : edit && !edits ? '403 requirement' : '200 ok');
        }

        /*
         * What he had when he was pushed as disabled is revoked, to the
         * second.  A change of his groups alone revokes nothing.
         */

        for (const { active, pushed, sent, acked } of user.states) {
            if (active || !pushed || sent > to || made > (acked ?? to) + SETTLE) {
                continue;
            }

            right.add('401 revoked');

            if (made < sent - SETTLE && from > (acked ?? to) + SETTLE) {
                right.delete('200 ok');
                right.delete('403 requirement');
            }
        }

        return right;
    }

    /* what is known of him, for who has to find out what went wrong */

    told(user, made) {
        const second = (ms) => (ms === undefined ? '' : (ms / 1000).toFixed(2));

        return `${user.email}, made ${second(made)}, ${user.states.slice(-4)
            .map((one) => `${one.active ? 'on' : 'off'}${one.edits
                ? ' edits' : ''} ${second(one.sent)}-${second(one.acked)}`)
            .join(', ')}`;
    }

    /* -- what came */

    /*
     * answer: { status, result }, or { broke } where there is none.  -> whether
     * there is one, and all is well
     */

    judge(what, right, { from, to }, answer, guarded = true) {
        this.checked++;

        if (!answer.status) {
            this.unsure++;
            this.pages.unsure++;

            /* one that takes a second is judged again, and ends */

            if (!this.met('kill', from, to)
                && !(to - from > JUDGED
                     && [...right].some((one) => one.startsWith('403 '))))
            {
                this.blame(what, `${answer.broke} after ${
                    Math.round(to - from)} ms`, right);
            }

            return false;
        }

        const got = `${answer.status} ${answer.result}`;

        if (guarded) {
            this.count(answer.result, from, to);
        }

        if (!right.has(got)) {
            this.blame(what, got, right);
            return false;
        }

        return true;
    }

    /* an upgrade begins to count anew */

    count(reason, from, to) {
        if (this.met('upgrade', from, to)) {
            this.unsure++;
        } else {
            this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
        }
    }

    blame(what, got, right) {
        this.wrong.push(`${(now() / 1000).toFixed(2)} s: ${what}: ${got}`
            + ` instead of ${[...right].join(', ')}`);
    }

    /* a page has the nonce of its policy, which no other page had */

    page(what, { headers, body }, hidden) {
        const policy = headers['content-security-policy'] ?? '';
        const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
        const placed = /<script nonce="([^"]*)">/.exec(body)?.[1];

        if (!nonce || placed !== nonce || body.includes(hidden)
            || policy.includes(hidden))
        {
            this.blame(what, `nonce ${nonce} in the policy, ${placed} in the `
                + 'page', ['one nonce']);
        }

        if (this.nonces.has(nonce)) {
            this.blame(what, `nonce ${nonce} again`, ['a fresh one']);
        }

        this.nonces.add(nonce);
    }

    /* pages of nginx itself have a nonce, too */

    countPage(headers, { from, to }) {
        if (/^text\/html/.test(headers?.['content-type'])
            && /'nonce-/.test(headers['content-security-policy']))
        {
            this.pages[this.met('upgrade', from, to) ? 'unsure' : 'sure']++;
        }
    }
}
