
/*
 * What the lines of some files say of their chains, and whether it fits
 * together.
 *
 * Lines of one chain that follow each other in a file are a run.  In the end
 * the runs of all files are joined by their numbers, so that files may come in
 * any order.  Only runs are kept, and there are few unless somebody has broken
 * many.
 *
 *     file 1   A:1 A:2 B:1 A:3      runs  A 1..2   A 3..3   B 1..1
 *     file 2   A:4 A:5                    A 4..5
 */


#ifndef RT_AUDIT_BOOK_H_INCLUDED
#define RT_AUDIT_BOOK_H_INCLUDED


#include "rt_base.h"
#include "event/rt_chain.h"


#pragma GCC visibility push(hidden)


#define RT_AUDIT_KEYS   16
#define RT_AUDIT_RUNS   (1024 * 1024)
#define RT_AUDIT_HEADS  65536
#define RT_AUDIT_FOUND  1000            /* findings that are kept */
#define RT_AUDIT_STEP   2000            /* ms that a clock may be off */


typedef enum {
    RT_AUDIT_NOTE = 0,                  /* that is as it may be */
    RT_AUDIT_UNSURE,
    RT_AUDIT_BROKEN
} rt_audit_level_e;


typedef struct {
    rt_audit_level_e    level;
    unsigned            file;
    uint64_t            line;           /* 0: none */
    char                text[256];
} rt_audit_found_t;


typedef struct {
    rt_chain_head_t     first;
    rt_chain_head_t     last;
    unsigned char       prev[RT_CHAIN_MAC];     /* that the first line names */
    unsigned            file;
    uint64_t            from;           /* lines of the file */
    uint64_t            to;
    rt_chain_head_t     after;          /* the chain before this one, which a
                                           first line names; n 0: none */
    uint64_t            signed_n;       /* the last signed line; 0: none */
    unsigned            signer;         /* ... and the public key it is of */
    uint64_t            began;          /* ms: when the first line was sealed;
                                           0: not known */
    uint64_t            ended;          /* likewise, the latest line */
    uint64_t            bare;           /* ... the first line that no signature
                                           covers */
    int64_t             booted;         /* ms: clock less uptime, by the first
                                           checkpoint */
    int64_t             booted_last;    /* ... and by the last one */
    size_t              head;           /* what is known of its chain */
    unsigned            timed:1;        /* booted is known */
    unsigned            closed:1;       /* its last line is AUDIT_STOP */
    unsigned            untimed:1;      /* a line of it tells no time */
} rt_audit_run_t;


/* what is known of the end of a chain */

typedef struct {
    rt_chain_head_t     head;
    uint64_t            most;           /* the greatest n that anybody claims */
    unsigned            expected:1;     /* the caller has named it */
    unsigned            followed:1;     /* another chain comes after it */
    unsigned            met:1;          /* the chain is among the files */
} rt_audit_head_t;


/* a chain, joined when all is read */

typedef struct {
    const rt_audit_run_t  *run;         /* the first of its runs */
    size_t                 nruns;
    rt_chain_head_t        last;
    uint64_t               signed_n;
    unsigned               signer;
    uint64_t               ended;
    uint64_t               bare;
    unsigned               untimed:1;
    unsigned               closed:1;
    unsigned               followed:1;
} rt_audit_chain_t;


typedef struct {
    unsigned            nkeys;
    rt_chain_key_t      key[RT_AUDIT_KEYS];
    unsigned            npubs;          /* 0: no signature is looked at */
    rt_chain_key_t      pub[RT_AUDIT_KEYS];
    const char         *pub_name[RT_AUDIT_KEYS];
    uint64_t            behind;         /* ms that lines may be unsigned */

    unsigned            nfiles;
    uint64_t            lines;
    uint64_t            sealed;         /* those that are in a chain */
    uint64_t            clock;          /* ms: the last checkpoint's */

    rt_audit_run_t     *run;
    size_t              nruns;
    rt_audit_head_t    *head;
    size_t              nheads;
    rt_audit_chain_t   *chain;
    size_t              nchains;

    rt_audit_found_t   *found;
    size_t              nfound;
    uint64_t            more;           /* findings that were not kept */
    rt_audit_level_e    worst;
    unsigned            full:1;         /* memory, or a bound */

    /* of the file that is read */

    size_t              first;          /* its first run */
    uint64_t            line;
    uint64_t            bare;           /* the last line that is in no chain */
    uint64_t            torn;           /* the first that is no event, or 0 */
} rt_audit_book_t;


/* names a head that the caller knows: its chain must be there and reach it */
void rt_audit_book_expect(rt_audit_book_t *book, const rt_chain_head_t *head);

/* takes the heads that an event of another sink's copy names */
void rt_audit_book_witness(rt_audit_book_t *book, const rt_str_t *line);

/* the lines of each file are given in order, between begin and end */
void rt_audit_book_begin(rt_audit_book_t *book);
void rt_audit_book_line(rt_audit_book_t *book, const rt_str_t *line);
void rt_audit_book_end(rt_audit_book_t *book);

/* the last head that is known of a chain; NULL: none is */
rt_audit_head_t *rt_audit_book_head(const rt_audit_book_t *book,
    const unsigned char *id);

/* rt_audit_join.c: when all is read, fills chain[] and the rest of found[] */
void rt_audit_book_join(rt_audit_book_t *book);

void rt_audit_book_found(rt_audit_book_t *book, rt_audit_level_e level,
    unsigned file, uint64_t line, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));


#pragma GCC visibility pop


#endif /* RT_AUDIT_BOOK_H_INCLUDED */
