
/*
 * What the targets of the two rewriters share: pages as they come out of them.
 */


#ifndef RT_FUZZ_OUT_H_INCLUDED
#define RT_FUZZ_OUT_H_INCLUDED


#include <stdlib.h>

#include "html/rt_nonce.h"


typedef struct {
    unsigned char        *data;
    size_t                len;
    size_t                room;

    /* the piece just given, from where it was not passed yet */
    const unsigned char  *pos;
    const unsigned char  *last;
} out_t;


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


/* room for len more bytes; PASS points into the piece, and goes forward */

static void
put(out_t *o, rt_nonce_op_e op, const unsigned char *data, size_t len)
{
    check(len > 0 && data != NULL);

    if (o->room - o->len < len) {
        o->room = (o->len + len) * 2;
        o->data = realloc(o->data, o->room);
        check(o->data != NULL);
    }

    if (op == RT_NONCE_PASS) {
        check(data >= o->pos && data + len <= o->last);
        o->pos = data + len;
    }

    memcpy(o->data + o->len, data, len);
    o->len += len;
}


/* a copy of what is fed next, whose ends a sanitizer sees */

static unsigned char *
piece_of(out_t *o, const unsigned char *page, size_t len)
{
    unsigned char  *piece;

    piece = malloc(len ? len : 1);
    check(piece != NULL);
    memcpy(piece, page, len);

    o->pos = piece;
    o->last = piece + len;

    return piece;
}


static int
same(const out_t *a, const out_t *b)
{
    return a->len == b->len
           && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}


#endif /* RT_FUZZ_OUT_H_INCLUDED */
