
/* Numbers in records of ours: big-endian, of a fixed count of bytes. */


#ifndef RT_BIGEND_H_INCLUDED
#define RT_BIGEND_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* ret: what follows */

static inline unsigned char *
rt_bigend_put(unsigned char *p, uint64_t n, unsigned bytes)
{
    while (bytes--) {
        *p++ = (unsigned char) (n >> (8 * bytes));
    }

    return p;
}


static inline uint64_t
rt_bigend_get(const unsigned char *p, unsigned bytes)
{
    uint64_t  n;

    for (n = 0; bytes; bytes--) {
        n = n << 8 | *p++;
    }

    return n;
}


#pragma GCC visibility pop


#endif /* RT_BIGEND_H_INCLUDED */
