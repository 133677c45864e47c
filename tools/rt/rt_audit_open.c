
#include <stdlib.h>

#include "rt_audit_open.h"


#define BYTES_MAX  (256 * 1024 * 1024)


struct rt_audit_open_line_s {
    rt_audit_open_line_t  *next;
    uint64_t               number;
    rt_str_t               id;          /* in text */
    rt_str_t               line;
    unsigned char          text[];
};


int
rt_audit_open_is(const rt_query_line_t *ev)
{
    return rt_str_lit(&ev->at[RT_QUERY_STAGE], "\"started\"")
           || rt_str_lit(&ev->at[RT_QUERY_STAGE], "\"received\"");
}


/* Where the line of this id is, or the end of its list. */

static rt_audit_open_line_t **
find(rt_audit_open_t *open, const rt_str_t *id)
{
    size_t                 i;
    uint64_t               h;
    rt_audit_open_line_t **at;

    for (i = 0, h = 0; i < id->len; i++) {
        h = (h ^ id->data[i]) * 0x100000001b3ULL;
    }

    at = &open->slot[(h ^ (h >> 32)) % RT_AUDIT_OPEN_SLOTS];

    while (*at && !rt_str_eq(&(*at)->id, id)) {
        at = &(*at)->next;
    }

    return at;
}


static void
keep(rt_audit_open_t *open, rt_audit_open_line_t **at, const rt_str_t *line,
    const rt_str_t *id)
{
    rt_audit_open_line_t  *one;

    one = open->bytes < BYTES_MAX
          ? malloc(sizeof(rt_audit_open_line_t) + line->len) : NULL;

    if (one == NULL) {
        open->full = 1;
        return;
    }

    memcpy(one->text, line->data, line->len);

    one->next = NULL;
    one->number = open->seen++;
    one->line.data = one->text;
    one->line.len = line->len;
    one->id.data = one->text + (id->data - line->data);
    one->id.len = id->len;
    *at = one;

    open->n++;
    open->bytes += line->len;
}


void
rt_audit_open_see(rt_audit_open_t *open, const rt_str_t *line,
    const rt_query_line_t *ev, int asked)
{
    const rt_str_t         *id = &ev->at[RT_QUERY_ID];
    rt_audit_open_line_t   *one, **at;

    if (rt_audit_open_is(ev)) {
        at = asked ? find(open, id) : NULL;

        if (at && *at == NULL) {
            keep(open, at, line, id);
        }

        return;
    }

    at = open->n ? find(open, id) : NULL;
    one = at ? *at : NULL;

    if (one) {
        *at = one->next;
        open->n--;
        open->bytes -= one->line.len;
        free(one);
    }
}


static int
by_number(const void *a, const void *b)
{
    const rt_audit_open_line_t  *const *one = a, *const *two = b;

    return (*one)->number < (*two)->number ? -1 : 1;
}


rt_str_t *
rt_audit_open_lines(const rt_audit_open_t *open)
{
    size_t                        i, n;
    rt_str_t                     *lines;
    const rt_audit_open_line_t   *one, **all;

    all = calloc(open->n + 1, sizeof(rt_audit_open_line_t *));
    lines = calloc(open->n + 1, sizeof(rt_str_t));

    if (all == NULL || lines == NULL) {
        return NULL;
    }

    for (i = n = 0; i < RT_AUDIT_OPEN_SLOTS; i++) {
        for (one = open->slot[i]; one; one = one->next) {
            all[n++] = one;
        }
    }

    qsort(all, n, sizeof(rt_audit_open_line_t *), by_number);

    for (i = 0; i < n; i++) {
        lines[i] = all[i]->line;
    }

    free(all);

    return lines;
}
