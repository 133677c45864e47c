
/*
 * Lines on their way to a collector: what is read from a segment of its spool,
 * how much of it one request takes, and what an answer means for that.
 *
 *   WAITS --cut--> FLIES --settle--> SENT or REFUSED, or WAITS again
 *
 * A segment is a journal (rt_journal.h).  A line of it that was damaged is
 * counted and passed over.
 */


#ifndef RT_BATCH_H_INCLUDED
#define RT_BATCH_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_BATCH_MOST     1000      /* lines of a request */
#define RT_BATCH_PAUSE    500       /* ms; back-off, doubled ... */
#define RT_BATCH_PAUSES   30000     /* ... up to this */
#define RT_BATCH_AFTER    600       /* seconds of Retry-After that count */
#define RT_BATCH_BAD      3         /* requests that are refused for what is
                                       in them */
#define RT_BATCH_CLOSED   120       /* ... for their address or key: an hour */


typedef enum {
    RT_BATCH_WAITS = 0,
    RT_BATCH_FLIES,
    RT_BATCH_SENT,
    RT_BATCH_REFUSED
} rt_batch_state_e;


typedef struct {
    rt_str_t           text;        /* without its LF */
    rt_batch_state_e   state;
} rt_batch_line_t;


typedef struct {
    rt_batch_line_t   *line;        /* room for what rt_batch_lines() says */
    size_t             n;
    size_t             damaged;

    unsigned           most;        /* lines of the next request; it may stay
                                       from batch to batch, and begins as 0 */
    unsigned           failed;      /* requests in a row; it may stay as well */
    unsigned           closed;      /* ... that are tried RT_BATCH_CLOSED
                                       times */
    unsigned           bad;         /* ... RT_BATCH_BAD times */
} rt_batch_t;


/* how many lines a segment has at most */
size_t rt_batch_lines(const rt_str_t *segment);

/* all lines of the segment, in which they lie; ret: RT_OK, RT_ERROR */
rt_status_e rt_batch_read(rt_batch_t *b, const rt_str_t *segment);

/* the next lines that wait; ret: how many fly, 0: none waits any more */
size_t rt_batch_cut(rt_batch_t *b);

/*
 * What a status means for the lines that fly: none is left that does.
 *
 *   2xx                   they are sent
 *   413                   fewer are tried; one alone is refused
 *   0, 408, 425, 429, 5xx they wait, for ever
 *   3xx, 401, 403, 404, 405, 407
 *                         they wait for RT_BATCH_CLOSED requests
 *   else                  ... for RT_BATCH_BAD
 *
 * in:   status, 0: there was no answer
 *       after, seconds of Retry-After, 0: none
 *       random, any number: not all machines come back at once
 * ret:  ms until the next request
 */
unsigned rt_batch_settle(rt_batch_t *b, unsigned status, long after,
    unsigned random);

/*
 * Elasticsearch's answer to a bulk request (its status was a 2xx), which has an
 * item for each line that flies, in order.  One that was taken, or that was
 * there before (409), is sent; one whose status would be waited out flies on;
 * any other is refused.
 *
 * ret:  the status of what flies on: 200, when all is judged; 502, when this
 *       is no such answer
 */
unsigned rt_batch_items(rt_batch_t *b, rt_mem_t *mem, const rt_str_t *answer);

/* the lines of this state become of that one; ret: how many */
size_t rt_batch_turn(rt_batch_t *b, rt_batch_state_e from,
    rt_batch_state_e to);


#pragma GCC visibility pop


#endif /* RT_BATCH_H_INCLUDED */
