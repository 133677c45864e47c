
#include "event/rt_batch.h"

#include "json/rt_json.h"
#include "text/rt_journal.h"


#define NODES  65536        /* values in an answer */
#define DEPTH  16


static unsigned tries(unsigned status);
static int gives_up(rt_batch_t *b, unsigned status);
static unsigned pause_of(const rt_batch_t *b, long after, unsigned random);


size_t
rt_batch_lines(const rt_str_t *segment)
{
    size_t    n;
    rt_str_t  line, rest;

    rest = *segment;

    for (n = 0; rt_str_cut(&rest, '\n', &line, &rest); n++) { /* void */ }

    return n;
}


rt_status_e
rt_batch_read(rt_batch_t *b, const rt_str_t *segment)
{
    rt_str_t     rest;
    rt_status_e  rc;

    b->n = 0;
    b->damaged = 0;
    b->closed = 0;
    b->bad = 0;
    rest = *segment;

    for ( ;; ) {
        rc = rt_journal_next(&rest, &b->line[b->n].text);

        if (rc == RT_DONE) {
            b->damaged += (rest.len != 0);
            return RT_OK;
        }

        if (rc == RT_OK) {
            b->line[b->n++].state = RT_BATCH_WAITS;

        } else if (rc == RT_DECLINED) {
            b->damaged++;

        } else {
            return rc;
        }
    }
}


size_t
rt_batch_cut(rt_batch_t *b)
{
    size_t  i, n;

    if (b->most == 0) {
        b->most = RT_BATCH_MOST;
    }

    n = 0;

    for (i = 0; i < b->n && n < b->most; i++) {
        if (b->line[i].state == RT_BATCH_WAITS) {
            b->line[i].state = RT_BATCH_FLIES;
            n++;
        }
    }

    return n;
}


unsigned
rt_batch_settle(rt_batch_t *b, unsigned status, long after, unsigned random)
{
    size_t  n;

    if (status >= 200 && status < 300) {
        (void) rt_batch_turn(b, RT_BATCH_FLIES, RT_BATCH_SENT);

        b->failed = 0;
        b->closed = 0;
        b->bad = 0;
        b->most = b->most < RT_BATCH_MOST / 2 ? 2 * b->most : RT_BATCH_MOST;

        return 0;
    }

    n = rt_batch_turn(b, RT_BATCH_FLIES, RT_BATCH_FLIES);

    if (status == 413 && n > 1) {
        (void) rt_batch_turn(b, RT_BATCH_FLIES, RT_BATCH_WAITS);
        b->most = (unsigned) (n / 2);

        return 0;
    }

    b->failed++;

    if (gives_up(b, status)) {
        (void) rt_batch_turn(b, RT_BATCH_FLIES, RT_BATCH_REFUSED);
        b->closed = 0;
        b->bad = 0;

        return 0;
    }

    (void) rt_batch_turn(b, RT_BATCH_FLIES, RT_BATCH_WAITS);

    return pause_of(b, after, random);
}


unsigned
rt_batch_items(rt_batch_t *b, rt_mem_t *mem, const rt_str_t *answer)
{
    size_t            i;
    int64_t           status, left;
    rt_json_t        *root, *items, *item;
    rt_json_opts_t    opts = { RT_JSON_REPAIR, DEPTH, NODES };
    rt_batch_state_e  state;

    if (rt_json_parse(mem, answer, &opts, &root, NULL) != RT_OK) {
        return 502;
    }

    items = rt_json_member(root, "items");

    if (items == NULL || items->type != RT_JSON_ARRAY
        || items->count != rt_batch_turn(b, RT_BATCH_FLIES, RT_BATCH_FLIES))
    {
        return 502;
    }

    left = 200;
    item = items->child;

    for (i = 0; i < b->n; i++) {

        if (b->line[i].state != RT_BATCH_FLIES) {
            continue;
        }

        /* {"create": {"status": 201, ..}} */

        if (rt_json_int64(rt_json_member(item->child, "status"), &status)
            != RT_OK)
        {
            status = 502;
        }

        state = (status >= 200 && status < 300) || status == 409
                ? RT_BATCH_SENT
                : status < 200 || status > 599 || tries((unsigned) status) == 0
                ? RT_BATCH_FLIES : RT_BATCH_REFUSED;

        if (state == RT_BATCH_FLIES) {
            left = 503;
        }

        b->line[i].state = state;
        item = item->next;
    }

    return (unsigned) left;
}


size_t
rt_batch_turn(rt_batch_t *b, rt_batch_state_e from, rt_batch_state_e to)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < b->n; i++) {
        if (b->line[i].state == from) {
            b->line[i].state = to;
            n++;
        }
    }

    return n;
}


/* how often lines may be refused by this status; 0: they wait for ever */

static unsigned
tries(unsigned status)
{
    switch (status) {

    case 0:
    case 408:
    case 425:
    case 429:
        return 0;

    case 401:
    case 403:
    case 404:
    case 405:
    case 407:
        return RT_BATCH_CLOSED;

    case 413:
        return 1;

    default:
        return status < 200 || status >= 500 ? 0
               : status < 400 ? RT_BATCH_CLOSED : RT_BATCH_BAD;
    }
}


/* each kind of refusal counts alone: many of one say nothing of another */

static int
gives_up(rt_batch_t *b, unsigned status)
{
    unsigned  most;

    most = tries(status);

    switch (most) {

    case 0:
        return 0;

    case RT_BATCH_CLOSED:
        return ++b->closed >= most;

    default:
        return ++b->bad >= most;
    }
}


/* up to a quarter more, and never less than the collector asks for */

static unsigned
pause_of(const rt_batch_t *b, long after, unsigned random)
{
    unsigned  i, ms;

    ms = RT_BATCH_PAUSE;

    for (i = 1; i < b->failed && ms < RT_BATCH_PAUSES; i++) {
        ms *= 2;
    }

    if (ms > RT_BATCH_PAUSES) {
        ms = RT_BATCH_PAUSES;
    }

    if (after > RT_BATCH_AFTER) {
        after = RT_BATCH_AFTER;
    }

    if (after > 0 && (unsigned) after * 1000 > ms) {
        ms = (unsigned) after * 1000;
    }

    return ms + random % (ms / 4);
}
