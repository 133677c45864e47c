
/*
 * Whether two secrets are the same, in a time that tells nobody where they
 * begin to differ.
 */


#ifndef RT_SAME_H_INCLUDED
#define RT_SAME_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * Compares n bytes, 64 at a time while there are so many.  Which instructions
 * run depends on n alone, never on the bytes; whoever must not tell a length
 * compares digests.
 *
 * ret:  1, all of them are the same (n = 0 included); 0
 */
int rt_same(const void *a, const void *b, size_t n);


#pragma GCC visibility pop


#endif /* RT_SAME_H_INCLUDED */
