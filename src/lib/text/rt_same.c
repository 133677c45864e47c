
#include "text/rt_same.h"


#define SAME_WORD   sizeof(uint64_t)
#define SAME_PAIR   sizeof(pair_t)
#define SAME_BLOCK  (4 * SAME_PAIR)


/* a vector where the processor has some, two words elsewhere */

typedef uint64_t  pair_t __attribute__((vector_size(16)));


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


static pair_t
pair_differs(const unsigned char *p, const unsigned char *q)
{
    pair_t  a, b;

    memcpy(&a, p, SAME_PAIR);
    memcpy(&b, q, SAME_PAIR);

    return a ^ b;
}


static uint64_t
block_differs(const unsigned char *p, const unsigned char *q)
{
    pair_t  all;

    all = pair_differs(p, q)
          | pair_differs(p + SAME_PAIR, q + SAME_PAIR)
          | pair_differs(p + 2 * SAME_PAIR, q + 2 * SAME_PAIR)
          | pair_differs(p + 3 * SAME_PAIR, q + 3 * SAME_PAIR);

    return all[0] | all[1];
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
        seen |= block_differs(p, q);
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
