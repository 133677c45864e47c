
#include "text/rt_same.h"


#define SAME_WORD   8
#define SAME_BLOCK  (4 * SAME_WORD)


/*
 * The compiler knows nothing of the value behind this, and so cannot leave a
 * loop early when it has seen a difference.  No instruction is made of it.
 */

#define opaque(v)  __asm__ ("" : "+r" (v))


static uint64_t
differ(const unsigned char *p, const unsigned char *q)
{
    uint64_t  a, b;

    memcpy(&a, p, SAME_WORD);
    memcpy(&b, q, SAME_WORD);

    return a ^ b;
}


int
rt_same(const void *a, const void *b, size_t n)
{
    uint64_t              seen;
    const unsigned char  *p, *q;

    p = a;
    q = b;
    seen = 0;

    for ( /* void */ ; n >= SAME_BLOCK; n -= SAME_BLOCK) {
        seen |= differ(p, q)
                | differ(p + SAME_WORD, q + SAME_WORD)
                | differ(p + 2 * SAME_WORD, q + 2 * SAME_WORD)
                | differ(p + 3 * SAME_WORD, q + 3 * SAME_WORD);
        opaque(seen);

        p += SAME_BLOCK;
        q += SAME_BLOCK;
    }

    for ( /* void */ ; n >= SAME_WORD; n -= SAME_WORD) {
        seen |= differ(p, q);
        opaque(seen);

        p += SAME_WORD;
        q += SAME_WORD;
    }

    for ( /* void */ ; n; n--) {
        seen |= (uint64_t) (*p++ ^ *q++);
        opaque(seen);
    }

    return seen == 0;
}
