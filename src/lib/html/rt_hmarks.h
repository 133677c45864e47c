
/*
 * Where one byte stands in a text, 64 places at a time: what the scanner and
 * the search for SECRET spend their time in.  Each way is exact; which of them
 * a processor has is found out at run time.
 */


#ifndef RT_HMARKS_H_INCLUDED
#define RT_HMARKS_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_HMARKS_SIZE  64          /* places of one mask */
#define RT_HMARKS_RUN   32          /* masks that callers ask for at a time */


/*
 * masks[0 .. n): bit i of masks[k] is set where p[64 * k + i] is c.  All of
 * p[0 .. 64 * n) is read, and nothing else.  ret: 0 if no bit is set
 */
typedef uint64_t (*rt_hmarks_pt)(const unsigned char *p, size_t n,
    unsigned char c, uint64_t *masks);


/*
 * The ways this processor has, the fastest first; the last is plain C.
 * ret: the i-th, or NULL behind the last; *name is what it is called
 */
rt_hmarks_pt rt_hmarks_way(unsigned i, const char **name);

/* the fastest of them */
rt_hmarks_pt rt_hmarks(void);


#pragma GCC visibility pop


#endif /* RT_HMARKS_H_INCLUDED */
