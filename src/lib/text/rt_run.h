
/*
 * Eight bytes of a text at once, for those who read and write strings of JSON:
 * is there one among them that needs a closer look?
 */


#ifndef RT_RUN_H_INCLUDED
#define RT_RUN_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_RUN_ONES   0x0101010101010101ULL
#define RT_RUN_HIGHS  0x8080808080808080ULL


/*
 * A byte of each: its high bit is set if it needs a closer look.  It may be
 * set in bytes behind such a one as well, for carries and borrows run upwards.
 */

static inline uint64_t
rt_run_marks(uint64_t x)
{
    return (x                                       /* not ASCII */
            | (x + RT_RUN_ONES)                     /* DEL */
            | (x - RT_RUN_ONES * 0x20)              /* a control */
            | ((x ^ RT_RUN_ONES * '"') - RT_RUN_ONES)
            | ((x ^ RT_RUN_ONES * '\\') - RT_RUN_ONES)) & RT_RUN_HIGHS;
}


/* how many bytes stand before the first that is marked, or fewer */

static inline size_t
rt_run_clean(uint64_t marks)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    /* borrows run upwards: the lowest mark is never a false one */
    return (size_t) __builtin_ctzll(marks) / 8;
#else
    (void) marks;
    return 0;
#endif
}


/* so many bytes at p, or more, of n need no closer look */

static inline size_t
rt_run(const unsigned char *p, size_t n)
{
    size_t    i;
    uint64_t  x, marks;

    for (i = 0; n - i >= 8; i += 8) {
        memcpy(&x, p + i, 8);

        marks = rt_run_marks(x);

        if (marks) {
            return i + rt_run_clean(marks);
        }
    }

    return i;
}


#pragma GCC visibility pop


#endif /* RT_RUN_H_INCLUDED */
