
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "rt_audit_book.h"
#include "event/rt_query_line.h"
#include "json/rt_json.h"
#include "text/rt_time.h"


#define NONE        ((size_t) -1)
#define LOOK_BACK   64              /* runs; others begin a new one */
#define STEP        2000            /* ms that a clock may be off */
#define ROOM        (4 * 1024 * 1024)   /* for the tree of one event */


void
rt_audit_book_found(rt_audit_book_t *book, rt_audit_level_e level,
    unsigned file, uint64_t line, const char *fmt, ...)
{
    va_list            args;
    rt_audit_found_t  *f;

    if (level > book->worst) {
        book->worst = level;
    }

    if (book->found == NULL) {
        book->found = calloc(RT_AUDIT_FOUND, sizeof(rt_audit_found_t));
    }

    if (book->found == NULL || book->nfound == RT_AUDIT_FOUND) {
        book->more++;
        return;
    }

    f = &book->found[book->nfound++];
    f->level = level;
    f->file = file;
    f->line = line;

    va_start(args, fmt);
    (void) vsnprintf(f->text, sizeof(f->text), fmt, args);
    va_end(args);
}


#define here(book, level, ...)                                                \
    rt_audit_book_found(book, level, (book)->nfiles, (book)->line,            \
                        __VA_ARGS__)


/* room for one more; ret: 0: there is none */

static int
grow(rt_audit_book_t *book, void *array, size_t n, size_t size, size_t most)
{
    void  *p;

    if (n && (n & (n - 1)) != 0) {
        return 1;
    }

    p = n < most ? realloc(*(void **) array, (n ? 2 * n : 1) * size) : NULL;

    if (p == NULL) {
        book->full = 1;
        return 0;
    }

    *(void **) array = p;

    return 1;
}


/* heads: one a chain, the last that is known */

static size_t
find_head(const rt_audit_book_t *book, const unsigned char *id)
{
    size_t  i;

    for (i = book->nheads; i-- > 0; /* void */ ) {
        if (memcmp(book->head[i].head.id, id, RT_CHAIN_ID) == 0) {
            return i;
        }
    }

    return NONE;
}


/*
 * What a line of the files claims says how long a chain was, at least.  It
 * never takes the place of a head that is trusted: he who has the key can
 * claim what he likes.
 */

static rt_audit_head_t *
know(rt_audit_book_t *book, const rt_chain_head_t *head, int trusted)
{
    size_t            i;
    rt_audit_head_t  *h;

    i = find_head(book, head->id);

    if (i == NONE) {
        if (!grow(book, &book->head, book->nheads, sizeof(rt_audit_head_t),
                  RT_AUDIT_HEADS))
        {
            return NULL;
        }

        i = book->nheads++;
        memset(&book->head[i], 0, sizeof(rt_audit_head_t));
    }

    h = &book->head[i];

    if (head->n > h->most) {
        h->most = head->n;
    }

    if (h->head.n == 0) {
        memcpy(h->head.id, head->id, RT_CHAIN_ID);
    }

    if (trusted && head->n > h->head.n) {
        h->head = *head;
    }

    return h;
}


void
rt_audit_book_expect(rt_audit_book_t *book, const rt_chain_head_t *head)
{
    rt_audit_head_t  *h;

    h = know(book, head, 1);

    if (h) {
        h->expected = 1;
    }
}


/* the tree of one event, of which nothing is kept */

typedef struct {
    size_t          used;
    unsigned char  *room;
} room_t;


static void *
room_alloc(void *ctx, size_t size)
{
    void    *p;
    room_t  *room = ctx;

    size = (size + 15) & ~(size_t) 15;

    if (size > ROOM - room->used) {
        return NULL;
    }

    p = room->room + room->used;
    room->used += size;

    return p;
}


/* ret: metadata of an event of rtaudit itself, or NULL */

static const rt_json_t *
own_event(rt_mem_t *mem, const rt_str_t *line, const rt_json_t **action)
{
    rt_json_t        *root;
    const rt_json_t  *meta, *stage;

    const rt_json_opts_t  opts = { 0, 64, 65536 };

    if (rt_json_parse(mem, line, &opts, &root, NULL) != RT_OK) {
        return NULL;
    }

    meta = rt_json_member(root, "metadata");
    stage = rt_json_member(meta, "stage");
    *action = rt_json_member(root, "actionType");

    return stage && rt_str_lit(&stage->str, "module") && *action ? meta : NULL;
}


static int
read_head(const rt_json_t *v, rt_chain_head_t *head)
{
    int64_t           n;
    const rt_json_t  *chain, *mac;

    chain = rt_json_member(v, "chain");
    mac = rt_json_member(v, "mac");

    if (chain == NULL || chain->str.len != RT_CHAIN_ID
        || mac == NULL || mac->str.len != RT_CHAIN_MAC
        || rt_json_int64(rt_json_member(v, "n"), &n) != RT_OK || n < 1)
    {
        return 0;
    }

    head->n = (uint64_t) n;
    memcpy(head->id, chain->str.data, RT_CHAIN_ID);
    memcpy(head->mac, mac->str.data, RT_CHAIN_MAC);

    return 1;
}


static void
heads_of(rt_audit_book_t *book, const rt_json_t *checkpoint, int witness)
{
    rt_audit_head_t  *h;
    rt_chain_head_t   head;
    const rt_json_t  *v;

    v = rt_json_member(checkpoint, "heads");

    for (v = v ? v->child : NULL; v; v = v->next) {
        if (read_head(v, &head)) {
            h = know(book, &head, witness);

            if (h && witness) {
                h->witness = 1;
            }
        }
    }
}


/* the clock and the time that the machine is up go on alike, or it was set */

static void
clock_of(rt_audit_book_t *book, rt_audit_run_t *run,
    const rt_json_t *checkpoint)
{
    int64_t  clock, uptime, step;

    if (rt_json_int64(rt_json_member(checkpoint, "clock"), &clock) != RT_OK
        || rt_json_int64(rt_json_member(checkpoint, "uptime"), &uptime)
           != RT_OK)
    {
        return;
    }

    if (clock > 0 && (uint64_t) clock > book->clock) {
        book->clock = (uint64_t) clock;
    }

    step = run->timed ? (clock - uptime) - run->booted_last : 0;

    if (step > STEP || step < -STEP) {
        here(book, RT_AUDIT_UNSURE, "the clock was set %s by %.1f s between "
             "the checkpoint before and this one", step < 0 ? "back"
             : "forward", (double) (step < 0 ? -step : step) / 1000);
    }

    run->booted_last = clock - uptime;

    if (!run->timed) {
        run->timed = 1;
        run->booted = run->booted_last;
    }
}


/* what an event of rtaudit itself says; run NULL: it is a witness */

static int
own_line(rt_audit_book_t *book, const rt_str_t *line, rt_audit_run_t *run)
{
    room_t            room;
    rt_mem_t          mem = { room_alloc, &room };
    const rt_json_t  *meta, *action, *checkpoint;

    if (memmem(line->data, line->len, "\"stage\":\"module\"", 16) == NULL) {
        return 0;
    }

    room.used = 0;
    room.room = malloc(ROOM);

    if (room.room == NULL) {
        book->full = 1;
        return 0;
    }

    action = NULL;
    meta = own_event(&mem, line, &action);
    checkpoint = rt_json_member(meta, "checkpoint");

    if (checkpoint) {
        heads_of(book, checkpoint, run == NULL);

        if (run) {
            clock_of(book, run, checkpoint);
        }
    }

    if (run && meta && rt_str_lit(&action->str, "AUDIT_STOP")) {
        run->closed = 1;
    }

    free(room.room);

    return meta != NULL;
}


void
rt_audit_book_witness(rt_audit_book_t *book, const rt_str_t *line)
{
    (void) own_line(book, line, NULL);
}


void
rt_audit_book_begin(rt_audit_book_t *book)
{
    book->first = book->nruns;
    book->line = 0;
    book->bare = 0;
    book->torn = 0;
}


static rt_chain_key_t *
key_of(rt_audit_book_t *book, const rt_chain_link_t *link)
{
    unsigned  i;

    for (i = 0; i < book->nkeys; i++) {
        if (memcmp(book->key[i].kid, link->head.id, 8) == 0) {
            return &book->key[i];
        }
    }

    return NULL;
}


/* the run that this line goes on with, or a new one; NULL: there is no room */

static rt_audit_run_t *
run_of(rt_audit_book_t *book, const rt_chain_link_t *link)
{
    size_t           i, first;
    rt_audit_run_t  *run;

    first = book->nruns > LOOK_BACK ? book->nruns - LOOK_BACK : 0;
    first = first > book->first ? first : book->first;

    for (i = book->nruns; i-- > first; /* void */ ) {
        run = &book->run[i];

        if (memcmp(run->last.id, link->head.id, RT_CHAIN_ID) == 0) {

            if (run->last.n + 1 == link->head.n
                && memcmp(run->last.mac, link->prev, RT_CHAIN_MAC) == 0)
            {
                run->last = link->head;
                run->to = book->line;
                run->closed = 0;
                return run;
            }

            break;
        }
    }

    if (!grow(book, &book->run, book->nruns, sizeof(rt_audit_run_t),
              RT_AUDIT_RUNS))
    {
        return NULL;
    }

    run = &book->run[book->nruns++];

    memset(run, 0, sizeof(rt_audit_run_t));
    run->first = link->head;
    run->last = link->head;
    memcpy(run->prev, link->prev, RT_CHAIN_MAC);
    run->file = book->nfiles;
    run->from = book->line;
    run->to = book->line;
    run->head = find_head(book, link->head.id);

    return run;
}


/* ms: when a line was sealed, by what it says; 0: it does not */

static uint64_t
time_of(const rt_str_t *line)
{
    int64_t          seconds;
    uint64_t         took, ms;
    rt_str_t         text;
    unsigned char    iso[RT_TIME_ISO_LEN];
    rt_query_line_t  ev;

    text = *line;

    if (text.len && text.data[text.len - 1] == '\n') {
        text.len--;
    }

    if (rt_query_line(&text, &ev) != RT_OK
        || rt_query_line_time(&ev, iso) != RT_OK)
    {
        return 0;
    }

    /* rt_time_parse() takes whole seconds */

    ms = (uint64_t) ((iso[20] - '0') * 100 + (iso[21] - '0') * 10 + iso[22]
                     - '0');
    iso[RT_TIME_ISO_LEN - 5] = 'Z';
    text.data = iso;
    text.len = RT_TIME_ISO_LEN - 4;

    if (rt_time_parse(&text, &seconds) != RT_OK) {
        return 0;
    }

    if (!rt_query_line_uint(&ev, RT_QUERY_RESPONSE_MS, &took)) {
        took = 0;
    }

    return (uint64_t) seconds * 1000 + ms + took;
}


static void
timed(rt_audit_book_t *book, const rt_str_t *line, rt_audit_run_t *run)
{
    const uint64_t  ms = time_of(line);

    if (ms == 0) {
        run->untimed = 1;
        return;
    }

    if (run->from == book->line) {
        run->began = ms;
    }

    if (run->bare == 0) {
        run->bare = ms;
    }

    if (ms > run->ended) {
        run->ended = ms;
    }
}


static void
check_signature(rt_audit_book_t *book, rt_chain_key_t *key,
    const rt_chain_link_t *link, rt_audit_run_t *run, int own)
{
    if (!book->public) {
        return;
    }

    if (link->sig && rt_chain_signed(key, link)) {
        run->signed_n = link->head.n;
        run->bare = 0;
        run->untimed = 0;

    } else if (link->sig) {
        here(book, RT_AUDIT_BROKEN, "its signature is not of this key");

    } else if (own || link->head.n == 1) {
        here(book, RT_AUDIT_BROKEN, "it has no signature, and should");
    }
}


static void
check_head(rt_audit_book_t *book, const rt_audit_run_t *run)
{
    rt_audit_head_t  *h;

    h = run->head == NONE ? NULL : &book->head[run->head];

    if (h == NULL || h->head.n != run->last.n) {
        return;
    }

    if (memcmp(h->head.mac, run->last.mac, RT_CHAIN_MAC) != 0) {
        here(book, RT_AUDIT_BROKEN, "it is not the line that was sealed first: "
             "the chain was made anew, with the key");
    }
}


/* where a chain begins, another one has ended */

static void
first_line(rt_audit_book_t *book, const rt_chain_link_t *link,
    rt_audit_run_t *run)
{
    rt_audit_head_t  *h;
    rt_chain_head_t   after;

    run->after = link->after;

    if (link->after.n) {
        after = link->after;
        memcpy(after.mac, link->prev, RT_CHAIN_MAC);
        h = know(book, &after, 0);

        if (h) {
            h->followed = 1;
        }
    }
}


static void
chained(rt_audit_book_t *book, const rt_str_t *line,
    const rt_chain_link_t *link)
{
    rt_audit_run_t  *run;
    rt_chain_key_t  *key;

    book->sealed++;

    if (book->torn && link->head.n == 1) {
        rt_audit_book_found(book, RT_AUDIT_NOTE, book->nfiles, book->torn,
                            "was cut when nginx or the machine was killed");

    } else if (book->torn) {
        rt_audit_book_found(book, RT_AUDIT_BROKEN, book->nfiles, book->torn,
                            "is no event");
    }

    book->torn = 0;

    key = key_of(book, link);
    run = run_of(book, link);

    if (run == NULL) {
        return;
    }

    if (key == NULL || !rt_chain_sealed(key, line, link)) {

        if (key) {
            here(book, RT_AUDIT_BROKEN, "was changed");

        } else if (run->from == book->line) {
            here(book, RT_AUDIT_BROKEN, "is sealed with another key, %.8s, and "
                 "so may be others of its chain", link->head.id);
        }

        return;
    }

    check_head(book, run);

    if (link->head.n == 1) {
        first_line(book, link, run);
    }

    timed(book, line, run);
    check_signature(book, key, link, run, own_line(book, line, run));
}


/* a line in no chain */

static void
bare(rt_audit_book_t *book, const rt_str_t *line)
{
    if (line->len == 1 && line->data[0] == '\n') {
        return;
    }

    if (line->len < 3 || line->data[0] != '{'
        || memcmp(line->data + line->len - 2, "}\n", 2) != 0)
    {
        if (book->torn == 0) {
            book->torn = book->line;
        }

        return;
    }

    if (book->nruns == book->first) {
        if (book->bare == 0) {
            here(book, RT_AUDIT_UNSURE, "is not sealed, and so may be others "
                 "before the first that is");
        }

    } else if (book->bare + 1 != book->line) {
        here(book, RT_AUDIT_BROKEN, "is not sealed, behind lines that are");
    }

    book->bare = book->line;
}


void
rt_audit_book_line(rt_audit_book_t *book, const rt_str_t *line)
{
    rt_chain_link_t  link;

    book->line++;
    book->lines++;

    if (rt_chain_read(line, &link) == RT_OK && line->data[0] == '{') {
        chained(book, line, &link);

    } else {
        bare(book, line);
    }
}


void
rt_audit_book_end(rt_audit_book_t *book)
{
    if (book->torn == book->line && book->line) {
        here(book, RT_AUDIT_NOTE, "the file ends in the middle of a line");

    } else if (book->torn) {
        rt_audit_book_found(book, RT_AUDIT_BROKEN, book->nfiles, book->torn,
                            "is no event");
    }

    book->nfiles++;
}


static int
by_chain(const void *one, const void *two)
{
    int                    rc;
    const rt_audit_run_t  *a = one, *b = two;

    rc = memcmp(a->first.id, b->first.id, RT_CHAIN_ID);

    if (rc == 0) {
        rc = (a->first.n > b->first.n) - (a->first.n < b->first.n);
    }

    if (rc == 0) {
        rc = (a->file > b->file) - (a->file < b->file);
    }

    return rc ? rc : (a->from > b->from) - (a->from < b->from);
}


/* a run behind what there is of its chain */

static void
join_run(rt_audit_book_t *book, const rt_audit_chain_t *c,
    const rt_audit_run_t *last, const rt_audit_run_t *run)
{
    const long long  from = (long long) c->last.n + 1;
    const long long  to = (long long) run->first.n - 1;

    if (run->first.n <= c->last.n) {
        rt_audit_book_found(book, RT_AUDIT_BROKEN, run->file, run->from,
                            "%lld of chain %.32s stands twice",
                            (long long) run->first.n, run->first.id);
        return;
    }

    if (from < to) {
        rt_audit_book_found(book, RT_AUDIT_BROKEN, run->file, run->from,
                            "lines %lld to %lld of chain %.32s are missing "
                            "before it", from, to, run->first.id);

    } else if (from == to) {
        rt_audit_book_found(book, RT_AUDIT_BROKEN, run->file, run->from,
                            "line %lld of chain %.32s is missing before it",
                            from, run->first.id);

    } else if (memcmp(run->prev, c->last.mac, RT_CHAIN_MAC) != 0) {
        rt_audit_book_found(book, RT_AUDIT_BROKEN, run->file, run->from,
                            "%lld of chain %.32s does not follow the one "
                            "before", (long long) run->first.n,
                            run->first.id);

    } else if (run->file == last->file && run->from < last->to) {
        rt_audit_book_found(book, RT_AUDIT_BROKEN, run->file, run->from,
                            "%lld of chain %.32s was moved",
                            (long long) run->first.n, run->first.id);
    }

    if (last->timed && run->timed
        && llabs(run->booted - last->booted_last) > STEP)
    {
        rt_audit_book_found(book, RT_AUDIT_UNSURE, run->file, run->from,
                            "the clock was set by %.1f s before it",
                            (double) (run->booted - last->booted_last) / 1000);
    }
}


static void
join_chain(rt_audit_book_t *book, rt_audit_chain_t *c)
{
    size_t                 i;
    const rt_audit_run_t  *run, *last;

    last = c->run;

    for (i = 0; i < c->nruns; i++) {
        run = &c->run[i];

        if (i) {
            join_run(book, c, last, run);
        }

        if (run->last.n >= c->last.n) {
            c->last = run->last;
            c->closed = run->closed;
            last = run;
        }

        if (run->ended > c->ended) {
            c->ended = run->ended;
        }

        if (run->signed_n > c->signed_n) {
            c->signed_n = run->signed_n;
            c->bare = run->bare;
            c->untimed = run->untimed;
            continue;
        }

        c->untimed |= run->untimed;

        if (c->bare == 0) {
            c->bare = run->bare;
        }
    }
}


/* what others say of the end of a chain */

static void
join_head(rt_audit_book_t *book, rt_audit_chain_t *c)
{
    size_t                 i;
    rt_audit_head_t       *h;
    const rt_audit_run_t  *run;

    i = find_head(book, c->last.id);

    if (i == NONE) {
        return;
    }

    h = &book->head[i];
    h->met = 1;
    c->followed = h->followed;
    run = &c->run[c->nruns - 1];

    if (h->most > c->last.n) {
        rt_audit_book_found(book, RT_AUDIT_BROKEN, run->file, run->to,
                            "is the last of chain %.32s, which had %lld more: "
                            "its end was cut off", c->last.id,
                            (long long) (h->most - c->last.n));

    } else if (c->followed && !c->closed) {
        rt_audit_book_found(book, RT_AUDIT_NOTE, run->file, run->to,
                            "is the last of chain %.32s, without AUDIT_STOP, "
                            "as after a crash", c->last.id);
    }
}


/* whose signed lines were left out has lines that go on without them */

static void
join_signed(rt_audit_book_t *book, const rt_audit_chain_t *c)
{
    uint64_t               from;
    const rt_audit_run_t  *run;

    if (!book->public || c->signed_n >= c->last.n
        || (!c->untimed && (c->bare == 0 || c->ended <= c->bare
                            || c->ended - c->bare <= book->behind)))
    {
        return;
    }

    run = &c->run[c->nruns - 1];
    from = c->signed_n < c->run->first.n ? c->run->first.n : c->signed_n + 1;

    rt_audit_book_found(book, RT_AUDIT_UNSURE, run->file, run->to,
                        "lines %lld to %lld of chain %.32s are behind its last "
                        "signature", (long long) from, (long long) c->last.n,
                        c->last.id);
}


/* chains are in the order of their names */

static int
by_name(const void *id, const void *chain)
{
    return memcmp(id, ((const rt_audit_chain_t *) chain)->last.id,
                  RT_CHAIN_ID);
}


static const rt_audit_chain_t *
find_chain(const rt_audit_book_t *book, const unsigned char *id)
{
    return bsearch(id, book->chain, book->nchains, sizeof(rt_audit_chain_t),
                   by_name);
}


/* does one of them come after the other, over others or not? */

static int
descends(const rt_audit_book_t *book, const rt_audit_chain_t *c,
    const rt_audit_chain_t *from)
{
    size_t  i;

    for (i = 0; c && c != from && i < book->nchains; i++) {
        c = c->run->after.n ? find_chain(book, c->run->after.id) : NULL;
    }

    return c == from;
}


/*
 * Of the chains with this mark, those that had ended when c began, where no
 * line of them is missing at its beginning (whole) or where it may be.
 * ret: BROKEN, there is one; UNSURE, there may be: times are not known; NOTE
 */

static rt_audit_level_e
is_older(const rt_audit_book_t *book, const unsigned char *id,
    const rt_audit_chain_t *c, int whole)
{
    size_t                   i;
    const rt_audit_chain_t  *o, *older;

    if (book->nfound == RT_AUDIT_FOUND) {
        return RT_AUDIT_UNSURE;         /* there are too many to look at all */
    }

    older = NULL;

    for (i = 0; i < book->nchains; i++) {
        o = &book->chain[i];

        if (o != c && memcmp(o->last.id, id, 16) == 0
            && (!whole || o->run->first.n == 1)
            && (older == NULL || o->ended < older->ended))
        {
            older = o;
        }
    }

    if (older == NULL || descends(book, older, c)) {
        return RT_AUDIT_NOTE;
    }

    if (older->ended == 0 || c->run->began == 0) {
        return RT_AUDIT_UNSURE;
    }

    return older->ended < c->run->began ? RT_AUDIT_BROKEN : RT_AUDIT_NOTE;
}


/*
 * What comes after a chain that is not there: it is in older files, which are
 * gone, or somebody took it out between two others.
 */

static void
join_after(rt_audit_book_t *book)
{
    size_t                   i;
    rt_audit_level_e         level;
    const rt_audit_run_t    *run;
    const rt_audit_chain_t  *c;

    for (i = 0; i < book->nchains; i++) {
        c = &book->chain[i];
        run = c->run;

        if (run->after.n && find_chain(book, run->after.id) == NULL) {
            level = is_older(book, run->after.id, c, 0);

            rt_audit_book_found(book, level, run->file, run->from,
                                "comes after chain %.32s, which is not among "
                                "the files%s", run->after.id,
                                level == RT_AUDIT_NOTE
                                ? ": older ones are gone" : "");
        }
    }
}


/*
 * A chain may begin in the middle where older files are gone: in the oldest
 * of a sink's, where no chain is seen before it whose beginning is known, and
 * none had ended.  Where that one begins in the middle as well, both may have
 * been written at once, by two masters during an upgrade.
 */

static rt_audit_level_e
level_of_begin(const rt_audit_book_t *book, const rt_audit_chain_t *c,
    uint64_t known)
{
    rt_audit_level_e  level;

    if (c->run->from > known) {
        return RT_AUDIT_BROKEN;
    }

    level = is_older(book, c->last.id, c, 1);

    if (level == RT_AUDIT_NOTE
        && is_older(book, c->last.id, c, 0) == RT_AUDIT_BROKEN)
    {
        level = RT_AUDIT_UNSURE;
    }

    return level;
}


static void
join_begins(rt_audit_book_t *book)
{
    size_t                 i, k;
    uint64_t              *known;
    const rt_audit_run_t  *run, *first;

    known = malloc((book->nfiles + 1) * sizeof(uint64_t));

    if (known == NULL) {
        book->full = 1;
        return;
    }

    memset(known, 0xff, (book->nfiles + 1) * sizeof(uint64_t));

    for (i = 0; i < book->nchains; i++) {
        first = book->chain[i].run;

        for (k = 0; k < book->chain[i].nruns; k++) {
            run = &first[k];

            if ((first->first.n == 1 || run->file != first->file)
                && run->from < known[run->file])
            {
                known[run->file] = run->from;
            }
        }
    }

    for (i = 0; i < book->nchains; i++) {
        run = book->chain[i].run;

        if (run->first.n > 1) {
            rt_audit_book_found(book, level_of_begin(book, &book->chain[i],
                                                     known[run->file]),
                                run->file, run->from,
                                "is %lld of chain %.32s, whose beginning is "
                                "not among the files",
                                (long long) run->first.n, run->first.id);
        }
    }

    free(known);
}


/* one sink's chains have the same mark, but where it was given another name */

static void
join_origins(rt_audit_book_t *book)
{
    size_t                 i;
    const rt_audit_run_t **mark, *run;

    mark = calloc(book->nfiles + 1, sizeof(rt_audit_run_t *));

    if (mark == NULL) {
        book->full = 1;
        return;
    }

    for (i = 0; i < book->nruns; i++) {
        run = &book->run[i];

        if (mark[run->file] == NULL || run->from < mark[run->file]->from) {
            mark[run->file] = run;
        }
    }

    for (i = 0; i < book->nchains; i++) {
        run = book->chain[i].run;

        if (run->first.n > 1
            && memcmp(run->first.id, mark[run->file]->first.id, 8) == 0
            && memcmp(run->first.id, mark[run->file]->first.id, 16) != 0)
        {
            rt_audit_book_found(book, RT_AUDIT_BROKEN, run->file, run->from,
                                "is of another sink, or another machine");
        }
    }

    free(mark);
}


static void
join_unmet(rt_audit_book_t *book)
{
    size_t                  i;
    const rt_audit_head_t  *h;

    for (i = 0; i < book->nheads; i++) {
        h = &book->head[i];

        if (h->expected && !h->met) {
            rt_audit_book_found(book, RT_AUDIT_UNSURE, book->nfiles, 0,
                                "chain %.32s, which is expected, is not among "
                                "the files", h->head.id);
        }
    }
}


void
rt_audit_book_join(rt_audit_book_t *book)
{
    size_t             i;
    rt_audit_chain_t  *c;

    qsort(book->run, book->nruns, sizeof(rt_audit_run_t), by_chain);

    c = calloc(book->nruns + 1, sizeof(rt_audit_chain_t));

    if (c == NULL) {
        book->full = 1;
        return;
    }

    book->chain = c;

    for (i = 0; i < book->nruns; i++) {
        if (i && memcmp(book->run[i].first.id, book->run[i - 1].first.id,
                        RT_CHAIN_ID) == 0)
        {
            book->chain[book->nchains - 1].nruns++;

        } else {
            c = &book->chain[book->nchains++];
            c->run = &book->run[i];
            c->nruns = 1;
        }
    }

    for (i = 0; i < book->nchains; i++) {
        join_chain(book, &book->chain[i]);
        join_head(book, &book->chain[i]);
        join_signed(book, &book->chain[i]);
    }

    join_after(book);
    join_begins(book);
    join_origins(book);
    join_unmet(book);
}
