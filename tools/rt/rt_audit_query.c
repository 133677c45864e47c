
/* rt audit query: the events that somebody asks for. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rt_audit.h"
#include "rt_audit_each.h"
#include "rt_term.h"


/* bytes that the last events of a compressed file may take in memory */
#define KEEP_MAX  (256 * 1024 * 1024)


typedef struct {
    rt_audit_ask_t   ask;
    uint64_t         found;
    rt_audit_open_t  open;
} query_t;


/* events of a file that can only be read from its beginning */

typedef struct {
    const query_t   *query;
    rt_str_t        *line;          /* a ring when there are limit of them */
    size_t           room;
    size_t           n;             /* events that were seen */
    size_t           bytes;
    unsigned         full;
} kept_t;


static int
print(void *ctx, const rt_str_t *line, const rt_query_line_t *ev)
{
    query_t  *q = ctx;

    if (q->found == q->ask.limit) {
        return 0;
    }

    rt_audit_print(q->ask.format, line, ev);

    return ++q->found != q->ask.limit;
}


static int
keep(void *ctx, const rt_str_t *line, const rt_query_line_t *ev)
{
    size_t     room;
    kept_t    *kept = ctx;
    rt_str_t  *at;
    uint64_t   limit = kept->query->ask.limit - kept->query->found;

    (void) ev;

    if (kept->n == kept->room && kept->room < limit) {
        room = kept->room ? kept->room * 2 : 1024;
        room = room < limit ? room : limit;
        at = realloc(kept->line, room * sizeof(rt_str_t));

        if (at == NULL) {
            kept->full = 1;
            return 0;
        }

        memset(at + kept->room, 0, (room - kept->room) * sizeof(rt_str_t));
        kept->line = at;
        kept->room = room;
    }

    at = &kept->line[kept->n % kept->room];
    kept->bytes += line->len - at->len;
    free(at->data);
    at->data = malloc(line->len);
    at->len = line->len;

    if (at->data == NULL || kept->bytes > KEEP_MAX) {
        kept->full = 1;
        return 0;
    }

    memcpy(at->data, line->data, line->len);
    kept->n++;

    return 1;
}


static void
from_behind(query_t *q, const rt_audit_file_t *file)
{
    size_t           i;
    kept_t           kept;
    rt_str_t        *line;
    rt_query_line_t  ev;

    memset(&kept, 0, sizeof(kept_t));
    kept.query = q;

    (void) rt_audit_each(&q->ask, file, keep, &kept);

    if (kept.full) {
        (void) rt_audit_failed(&q->ask, file->name, "is compressed, and what "
                               "was found too much to turn round: give a "
                               "--limit");
        q->ask.trouble = 1;
    }

    for (i = 0; i < kept.room && i < kept.n && !kept.full; i++) {
        line = &kept.line[(kept.n - 1 - i) % kept.room];

        if (rt_query_line(line, &ev) == RT_OK) {
            (void) print(q, line, &ev);
        }
    }

    for (i = 0; i < kept.room; i++) {
        free(kept.line[i].data);
    }

    free(kept.line);
}


static int
pass(void *ctx, const rt_str_t *line, const rt_query_line_t *ev)
{
    (void) ctx;
    (void) line;
    (void) ev;

    return 1;
}


/* Prints the requests that have no event, when all was read. */

static void
query_open(query_t *q)
{
    size_t           i;
    unsigned         f;
    rt_str_t        *lines, *line;
    rt_query_line_t  ev;

    q->ask.open = &q->open;

    for (f = 0; f < q->ask.nfiles; f++) {
        (void) rt_audit_each(&q->ask, &q->ask.file[f], pass, NULL);
    }

    lines = rt_audit_open_lines(&q->open);

    for (i = 0; lines && i < q->open.n; i++) {
        line = &lines[q->ask.reverse ? q->open.n - 1 - i : i];

        if (rt_query_line(line, &ev) == RT_OK) {
            (void) print(q, line, &ev);
        }
    }

    if (lines == NULL) {
        q->open.full = 1;
    }

    free(lines);
}


static void
query(query_t *q)
{
    unsigned                i;
    const rt_audit_file_t  *file;
    rt_audit_ask_t         *ask = &q->ask;

    ask->open = ask->reverse ? NULL : &q->open;

    for (i = 0; i < ask->nfiles && q->found < ask->limit; i++) {
        file = &ask->file[ask->reverse ? ask->nfiles - 1 - i : i];

        if (!ask->reverse) {
            (void) rt_audit_each(ask, file, print, q);

        } else if (file->plain) {
            (void) rt_audit_each_back(ask, file, print, q);

        } else {
            from_behind(q, file);
        }
    }
}


/* Says that there are requests without an event, which --open shows. */

static void
tell_open(const query_t *q)
{
    if (q->open.n && q->found < q->ask.limit) {
        rt_term_warning("rt audit query: %llu request%s begun and %s no "
                "event: --open shows %s\n", (unsigned long long) q->open.n,
                q->open.n == 1 ? " has" : "s have",
                q->open.n == 1 ? "has" : "have",
                q->open.n == 1 ? "it" : "them");
    }
}


int
rt_audit_query(rt_mem_t *mem, int argc, char **argv)
{
    static query_t  q;

    q.ask.verb = "rt audit query";
    q.ask.mem = mem;
    q.ask.over = 1;

    if (rt_audit_ask(&q.ask, argc, argv, RT_AUDIT_LIMIT|RT_AUDIT_REVERSE
                                         |RT_AUDIT_FORMAT|RT_AUDIT_OPEN)
        != RT_EXIT_OK)
    {
        return RT_EXIT_FAILED;
    }

    rt_audit_print_head(q.ask.format);

    if (q.ask.only_open) {
        query_open(&q);

    } else {
        query(&q);
        tell_open(&q);
    }

    rt_audit_open_told(&q.ask);

    return q.ask.trouble ? RT_EXIT_FAILED
                         : q.found ? RT_EXIT_OK : RT_EXIT_FOUND;
}
