
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "rt_audit_book.h"
#include "event/rt_query_line.h"
#include "json/rt_json.h"
#include "text/rt_time.h"


#define NONE        ((size_t) -1)
#define LOOK_BACK   64              /* latest runs that a line may go on with */
#define ROOM        (4 * 1024 * 1024)   /* bytes for the tree of one event */


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


/* Makes room for one more element; ret: 0: there is none. */

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


rt_audit_head_t *
rt_audit_book_head(const rt_audit_book_t *book, const unsigned char *id)
{
    size_t  i;

    for (i = book->nheads; i-- > 0; /* void */ ) {
        if (memcmp(book->head[i].head.id, id, RT_CHAIN_ID) == 0) {
            return &book->head[i];
        }
    }

    return NULL;
}


/*
 * Notes a head of a chain.  One that a line of the files claims says only how
 * long the chain was at least.  It never takes the place of a trusted head,
 * because whoever has the key can claim what he likes.
 */

static rt_audit_head_t *
know(rt_audit_book_t *book, const rt_chain_head_t *head, int trusted)
{
    rt_audit_head_t  *h;

    h = rt_audit_book_head(book, head->id);

    if (h == NULL) {
        if (!grow(book, &book->head, book->nheads, sizeof(rt_audit_head_t),
                  RT_AUDIT_HEADS))
        {
            return NULL;
        }

        h = &book->head[book->nheads++];
        memset(h, 0, sizeof(rt_audit_head_t));
    }

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


/* Memory for the tree of one event, of which nothing is kept. */

/* ret: the metadata of an event of rtaudit's own; NULL: it is another one */

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
    rt_chain_head_t   head;
    const rt_json_t  *v;

    v = rt_json_member(checkpoint, "heads");

    for (v = v ? v->child : NULL; v; v = v->next) {
        if (read_head(v, &head)) {
            (void) know(book, &head, witness);
        }
    }
}


/*
 * Notes the clock of a checkpoint.  It advances as the machine's uptime does;
 * where the two differ from one checkpoint to the next, the clock was set.
 */

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

    if (step > RT_AUDIT_STEP || step < -RT_AUDIT_STEP) {
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


/* Reads an event of rtaudit's own; run is NULL when the line is a witness. */

static int
own_line(rt_audit_book_t *book, const rt_str_t *line, rt_audit_run_t *run)
{
    void             *room;
    rt_mem_t          mem;
    rt_str_t          left;
    const rt_json_t  *meta, *action, *checkpoint;

    if (memmem(line->data, line->len, "\"stage\":\"module\"", 16) == NULL) {
        return 0;
    }

    room = malloc(ROOM);

    if (room == NULL) {
        book->full = 1;
        return 0;
    }

    left = (rt_str_t) { ROOM, room };
    mem = (rt_mem_t) { rt_alloc_from, &left };

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

    free(room);

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


/* The run that this line continues, or a new one; NULL: there is no room. */

static rt_audit_run_t *
run_of(rt_audit_book_t *book, const rt_chain_link_t *link)
{
    size_t            i, first;
    rt_audit_run_t   *run;
    rt_audit_head_t  *h;

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

    h = rt_audit_book_head(book, link->head.id);
    run->head = h ? (size_t) (h - book->head) : NONE;

    return run;
}


/* The ms at which a line says that it was sealed; 0: it does not say. */

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


/* Finds the public key that a line is signed with; ret: npubs: it is none. */

static unsigned
signer_of(rt_audit_book_t *book, const rt_chain_link_t *link)
{
    unsigned  i;

    for (i = 0; i < book->npubs; i++) {
        if (rt_chain_signed(&book->pub[i], link)) {
            break;
        }
    }

    return i;
}


/* A signature does not tell its key, so those that it is not of are named. */

static void
signed_by_another(rt_audit_book_t *book)
{
    char      names[200];
    size_t    len;
    unsigned  i;

    len = 0;

    for (i = 0; i < book->npubs && len < sizeof(names); i++) {
        len += (size_t) snprintf(names + len, sizeof(names) - len, "%s%s",
                                 i ? ", " : "", book->pub_name[i]);
    }

    here(book, RT_AUDIT_BROKEN, "its signature is not of %s", names);
}


static void
check_signature(rt_audit_book_t *book, const rt_chain_link_t *link,
    rt_audit_run_t *run, int own)
{
    unsigned  signer;

    if (book->npubs == 0) {
        return;
    }

    if (link->sig == NULL) {

        if (own || link->head.n == 1) {
            here(book, RT_AUDIT_BROKEN, "it has no signature, and should");
        }

        return;
    }

    signer = signer_of(book, link);

    if (signer == book->npubs) {
        signed_by_another(book);
        return;
    }

    run->signed_n = link->head.n;
    run->signer = signer;
    run->bare = 0;
    run->untimed = 0;
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


/* The first line of a chain names the chain that ended before it. */

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
    check_signature(book, link, run, own_line(book, line, run));
}


/* Takes a line that is in no chain. */

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
