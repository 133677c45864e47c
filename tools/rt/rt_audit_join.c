
/* Finds out whether the runs of all files fit, with nothing missing. */

#include <stdlib.h>
#include <string.h>

#include "rt_audit_book.h"


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


/* Puts a run behind what there is of its chain. */

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
        && llabs(run->booted - last->booted_last) > RT_AUDIT_STEP)
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
            c->signer = run->signer;
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


/* Holds the end of a chain against what others say of it. */

static void
join_head(rt_audit_book_t *book, rt_audit_chain_t *c)
{
    rt_audit_head_t       *h;
    const rt_audit_run_t  *run;

    h = rt_audit_book_head(book, c->last.id);

    if (h == NULL) {
        return;
    }

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


/*
 * Looks for a long end without signatures, which is what a chain has whose
 * signed lines were left out by somebody.
 */

static void
join_signed(rt_audit_book_t *book, const rt_audit_chain_t *c)
{
    uint64_t               from;
    const rt_audit_run_t  *run;

    if (book->npubs == 0 || c->signed_n >= c->last.n
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


/* Chains are sorted by their names. */

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


/* Whether one chain comes after the other, directly or over others. */

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
 * Whether a chain of this mark had ended before c began.
 * in:   whole: 1, only chains count whose beginning is among the files
 * ret:  BROKEN, there is one; UNSURE, there may be one, for times are not
 *       known; NOTE, there is none
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
 * Looks for chains that come after one which is not there.  That one is in
 * older files, which are gone, or somebody took it out between two others.
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
 * How bad it is that a chain begins in the middle.
 *
 * That may be where older files are gone: in the oldest file of a sink, if no
 * chain whose beginning is there stands before it, and none had ended when it
 * began.  If only a chain had ended that begins in the middle as well, both may
 * have been written at once, by two masters during an upgrade.
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


/* Chains of one sink have the same mark, unless the sink was renamed. */

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
