
/*
 * What a Redis or Valkey server is told and answers (RESP, version 2).
 *
 * An answer is a tree, written in the order in which it is walked:
 *
 *     *2\r\n  $3\r\nfoo\r\n  *1\r\n  :7\r\n
 *     array   bulk string    array   integer
 *
 * rt_resp_scan() finds its end while bytes still come in; then rt_resp_next()
 * hands out one value after the other.  The server may be anybody's: whatever
 * is longer, deeper or more than the bounds below is refused when its head is
 * read, before a byte of it is waited for.
 */


#ifndef RT_RESP_H_INCLUDED
#define RT_RESP_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_RESP_MAX_LINE     1024       /* bytes of a status or an error */
#define RT_RESP_MAX_BULK     65536      /* bytes of a bulk string */
#define RT_RESP_MAX_VALUES   8192       /* of one answer */
#define RT_RESP_MAX_DEPTH    8


typedef enum {
    RT_RESP_NIL = 0,        /* a bulk string or an array that is not there */
    RT_RESP_STATUS,
    RT_RESP_ERROR,
    RT_RESP_INTEGER,
    RT_RESP_BULK,
    RT_RESP_ARRAY
} rt_resp_type_e;


typedef struct {
    rt_resp_type_e   type;
    int64_t          number;    /* an integer; of an array: how many values
                                   are in it */
    rt_str_t         text;      /* of a status, an error, a bulk string; it
                                   lies in the bytes that came in */
} rt_resp_t;


/* how far an answer was looked at; all zero to begin with */

typedef struct {
    size_t           len;       /* bytes */
    unsigned         values;
    unsigned         depth;
    unsigned         left[RT_RESP_MAX_DEPTH];   /* values, of each array */
} rt_resp_scan_t;


/*
 * Goes on with an answer that begins at bytes->data.
 *
 * ret:  RT_OK, it has scan->len bytes; RT_AGAIN, more of it has to come;
 *       RT_INVALID; RT_TOO_BIG
 */
rt_status_e rt_resp_scan(rt_resp_scan_t *scan, const rt_str_t *bytes);

/*
 * The next value of an answer, or of whatever is left of it in *rest.
 *
 * ret:  RT_OK; RT_AGAIN, nothing more is there; RT_INVALID; RT_TOO_BIG
 */
rt_status_e rt_resp_next(rt_str_t *rest, rt_resp_t *value);

/* likewise: an array's values, too, are passed over; ret: RT_OK, or as above */
rt_status_e rt_resp_skip(rt_str_t *rest);

/* the first word of an error, if it is one of capitals: "READONLY" */
rt_str_t rt_resp_code(const rt_resp_t *error);


/* a command of n words: its length, and itself; ret: behind its last byte */
size_t rt_resp_size(const rt_str_t *words, unsigned n);
unsigned char *rt_resp_write(unsigned char *p, const rt_str_t *words,
    unsigned n);


#pragma GCC visibility pop


#endif /* RT_RESP_H_INCLUDED */
