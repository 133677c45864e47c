'use strict';

/*
 * The audit page.  What an event says gets into the page as text only, by
 * textContent: nothing here makes markup of a string.
 */

const EVERY = 5000;             /* ms between two looks for what is new ... */
const SELDOM = 40000;           /* ... and while there is nothing */
const LIVE_MS = 30 * 60000;     /* then it has to be asked for again */
const MOST = 1000;              /* events in the page while it is live */
const PAGE = 50;                /* events of an answer; */
const CATCH_UP = 200;           /* ... of what is new */

const $ = (id) => document.getElementById(id);
const form = $('filters');
const rows = new WeakMap();     /* of an event's button: { event, text } */
const times = new Set();        /* every <time> that is shown */
const over = new Set();         /* ids of the events that are shown */

let next = null;                /* where older events are */
let head = null;                /* the newest one that was looked at */
let asked = '';                 /* the filters that the list is made with */
let turn = 0;                   /* which search an answer belongs to */
let live = 0;                   /* a timer */
let pause = EVERY;
let liveUntil = 0;


function make(name, className, text) {
    const element = document.createElement(name);

    element.className = className;
    element.textContent = text;
    return element;
}


function tell(text, failed) {
    $('status').textContent = text;
    $('status').classList.toggle('error', Boolean(failed));
}


/* -- times */

const local = (iso) => {
    const d = new Date(iso);
    const two = (n, width = 2) => String(n).padStart(width, '0');

    return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} `
        + `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`
        + `.${two(d.getMilliseconds(), 3)}`;
};

const utc = (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 23)}Z`;

const valid = (iso) => typeof iso === 'string' && !isNaN(new Date(iso));

const shown = (iso) => !valid(iso) ? 'no time'
    : $('zone').value === 'utc' ? utc(iso) : local(iso);


function showTimes() {
    for (const time of times) {
        time.textContent = shown(time.dateTime);
    }
}


/* -- JSON as it came: numbers keep their digits, strings their escapes */

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/* the texts of the elements of an answer's first array */

function elements(text) {
    const found = [];
    let depth = 0;
    let from = 0;

    for (const { 0: token, index } of text.matchAll(TOKEN)) {
        if (token === '{' || token === '[') {
            if (++depth === 3) {
                from = index;
            }
        } else if (token === '}' || token === ']') {
            if (--depth === 2) {
                found.push(text.slice(from, index + 1));
            } else if (depth === 1) {
                break;
            }
        }
    }

    return found;
}


const hidden = (token) => token.includes('[REDACTED]')
    || token.startsWith('"hmac-sha256:');


function pretty(into, text) {
    const tokens = text.match(TOKEN) || [];
    const line = (depth) => `\n${'  '.repeat(depth)}`;
    let depth = 0;

    into.textContent = '';

    tokens.forEach((token, i) => {
        const opens = token === '{' || token === '[';
        const closes = token === '}' || token === ']';
        const empty = closes && (tokens[i - 1] === '{' || tokens[i - 1] === '[');

        if (opens) {
            depth++;
        } else if (closes) {
            depth--;
        }

        if (closes && !empty) {
            into.append(line(depth));
        }

        if (token[0] === '"' && tokens[i + 1] === ':') {
            into.append(make('span', 'name', token));
        } else if (token[0] === '"' && hidden(token)) {
            into.append(make('mark', '', token));
        } else {
            into.append(token === ':' ? ': ' : token);
        }

        if (token === ',' || (opens && tokens[i + 1] !== '}'
                              && tokens[i + 1] !== ']')) {
            into.append(line(depth));
        }
    });
}


/* -- the list */

const text = (value) => value === null || value === undefined ? ''
    : String(value);

const who = (event) => text((event.user || {}).email || event.userId
                            || (event.user || {}).id);


const stage = (event) => (event.metadata || {}).stage;


/* it was not over when this line was written: its event may be shown by now */

const isOpen = (event) => ['received', 'started'].includes(stage(event));


/* an event of the module's own answers no request */

const statusOf = (event) => (isOpen(event) ? '...'
    : stage(event) === 'module' ? '-' : text(event.status));


function row(event, raw, isNew) {
    const button = make('button', isNew ? 'row new' : 'row', '');
    const time = make('time', '', shown(event.createdAt));
    const status = statusOf(event);
    const request = event.request || {};
    const item = document.createElement('li');

    button.type = 'button';
    time.dateTime = text(event.createdAt);
    times.add(time);

    button.append(time, make('span', 'user', who(event) || '-'),
        make('span', 'action', text(event.actionType)),
        make('span', `status s${status[0] || '-'}`, status),
        make('span', 'request', `${text(request.method)} ${text(request.url)}`),
        make('span', 'ms', `${text(event.responseTimeMs)} ms`));

    button.querySelector('.request').title = text(request.url);
    rows.set(button, { event, raw });
    item.append(button);

    if (isOpen(event)) {
        item.dataset.open = text(event.id);
    }

    return item;
}


function clear() {
    $('events').textContent = '';
    times.clear();
    over.clear();
}


/* -- what is asked for */

function filters() {
    const query = new URLSearchParams();

    for (const [name, value] of new FormData(form)) {
        if (name === 'since' || name === 'until') {
            const date = new Date($('zone').value === 'utc' ? `${value}Z`
                                                            : value);
            if (value && !isNaN(date)) {
                query.set(name, date.toISOString());
            }
        } else if (name !== 'views' && value.trim()) {
            query.set(name, value.trim());
        }
    }

    if (!form.elements.views.checked) {
        query.set('views', 'no');
    }

    return query.toString();
}


/* from the page's own address, so that it can be kept and handed on */

function recall() {
    const query = new URLSearchParams(location.search);

    for (const { name, type } of form.elements) {
        if (type === 'checkbox') {
            form.elements[name].checked = location.search !== ''
                && query.get(name) !== 'no';
        } else if (type === 'datetime-local' && valid(query.get(name))) {
            form.elements[name].value
                = shown(query.get(name)).slice(0, 19).replace(' ', 'T');
        } else if (name && query.has(name)) {
            form.elements[name].value = query.get(name);
        }
    }
}


async function ask(more) {
    const answer = await fetch(`events?${asked}${more}`, {
        cache: 'no-store', headers: { Accept: 'application/json' },
    });
    const raw = await answer.text();
    let data = {};

    try {
        data = JSON.parse(raw);
    } catch {
        data.error = `${answer.status} ${answer.statusText}`;
    }

    if (answer.status === 401) {
        throw new Error('You are signed out. Load this page again.');
    }

    if (!Array.isArray(data.events)) {
        throw new Error(data.error || `the server answered ${answer.status}`);
    }

    data.texts = elements(raw);
    return data;
}


const ENDS = {
    oldest: 'These are all there are.',
    compressed: 'Older ones are in compressed files: "rt audit query" '
        + 'reads them.',
    missing: 'There is no audit file yet.',
    gone: 'The file was rotated away or replaced meanwhile: search again.',
    after: '',
    more: '',
};


function sum(data) {
    const n = $('events').children.length;
    const back = valid(data.oldest) ? `back to ${shown(data.oldest)}` : '';
    const bad = data.read.garbage + data.read.huge;

    return [
        n ? `${n} event${n === 1 ? '' : 's'}.` : 'No event found.',
        data.end === 'more' && back ? `Looked ${back}; "Older" goes on.` : '',
        ENDS[data.end],
        bad ? `${bad} of the lines read cannot be shown.` : '',
    ].filter(Boolean).join(' ');
}


function add(data, where, isNew) {
    const items = data.events.map((event, i) =>
        row(event, data.texts[i], isNew));

    $('events')[where](...items);

    data.events.filter((event) => !isOpen(event))
        .forEach((event) => over.add(text(event.id)));

    for (const item of document.querySelectorAll('#events [data-open]')) {
        if (over.has(item.dataset.open)) {
            item.remove();
        }
    }
}


/* cursor: null begins anew */

async function load(cursor) {
    const mine = cursor ? turn : ++turn;

    $('older').disabled = true;
    tell('Reading ...');

    try {
        const data = await ask(`&limit=${PAGE}`
            + (cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''));

        if (mine !== turn) {
            return;
        }

        if (!cursor) {
            clear();
            head = data.head;
        }

        add(data, 'append');
        next = data.next;
        tell(sum(data), data.end === 'gone');

    } catch (error) {
        if (mine === turn) {
            tell(error.message, true);
        }
    } finally {
        if (mine === turn) {
            $('older').disabled = !next;
        }
    }
}


function search() {
    asked = filters();
    next = null;
    head = null;
    history.replaceState(null, '', `${location.pathname}?${asked}`);
    return load(null);
}


/* -- live: what is new is asked for, more seldom while there is nothing */

function setLive(on) {
    clearTimeout(live);
    live = 0;
    $('live').setAttribute('aria-pressed', String(on));

    if (on) {
        pause = EVERY;
        liveUntil = Date.now() + LIVE_MS;
        live = setTimeout(look, 0);
    }
}


async function look() {
    const mine = turn;
    const timer = live;

    if (Date.now() > liveUntil) {
        setLive(false);
        tell('Live has ended after half an hour.');
        return;
    }

    try {
        if (!document.hidden) {
            await fresh(mine);
        }
    } catch (error) {
        pause = SELDOM;
        tell(error.message, true);
    }

    if (live === timer) {
        live = setTimeout(look, pause);
    }
}


async function fresh(mine) {
    const data = head ? await ask(`&limit=${CATCH_UP}&after=${head}`) : null;

    if (mine !== turn) {
        return;
    }

    /* more than an answer holds, another file, or too much in the page */

    if (!data || data.end !== 'after'
        || $('events').children.length + data.events.length > MOST)
    {
        pause = Math.min(2 * pause, SELDOM);
        await load(null);
        return;
    }

    head = data.head || head;
    pause = data.events.length ? EVERY : Math.min(2 * pause, SELDOM);

    if (data.events.length) {
        add(data, 'prepend', true);
        tell(`${data.events.length} new. ${sum(data)}`);
    }
}


/* -- details */

function open(button) {
    const { event, raw } = rows.get(button);

    $('title').textContent = `${text(event.actionType)} ${statusOf(event)}`;
    $('both').textContent = valid(event.createdAt)
        ? `${local(event.createdAt)} local, ${utc(event.createdAt)}` : '';
    $('same').hidden = !who(event);
    $('same').value = who(event);
    pretty($('json'), raw);
    $('details').showModal();
    $('details').scrollTop = 0;
}


/* arrow keys, from one event to the next */

function step(key, button) {
    const item = button.parentElement;
    const to = {
        ArrowDown: item.nextElementSibling,
        ArrowUp: item.previousElementSibling,
        Home: item.parentElement.firstElementChild,
        End: item.parentElement.lastElementChild,
    }[key];

    if (to) {
        to.firstElementChild.focus();
    }

    return Boolean(to);
}


form.addEventListener('submit', (event) => {
    event.preventDefault();
    search();
});

form.addEventListener('reset', () => { setTimeout(search, 0); });
form.elements.views.addEventListener('change', search);
$('zone').addEventListener('change', showTimes);
$('older').addEventListener('click', () => load(next));
$('live').addEventListener('click', () => setLive(!live));
$('close').addEventListener('click', () => $('details').close());

$('events').addEventListener('click', (event) => {
    const button = event.target.closest('.row');

    if (button) {
        open(button);
    }
});

$('events').addEventListener('keydown', (event) => {
    const button = event.target.closest('.row');

    if (button && step(event.key, button)) {
        event.preventDefault();
    }
});

$('same').addEventListener('click', () => {
    form.elements.user.value = $('same').value;
    $('details').close();
    search();
    form.elements.user.focus();
});

recall();
search();
