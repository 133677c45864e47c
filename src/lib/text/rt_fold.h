
/*
 * Letters without case, in all scripts that have one: Unicode's simple case
 * folding (CaseFolding.txt, C and S, of version 14), which is the same in every
 * locale.  Nothing is normalized: "e" with a combining accent is not the letter
 * that has one.
 */


#ifndef RT_FOLD_H_INCLUDED
#define RT_FOLD_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* the bytes that a folded text may have, of one with len bytes */
#define RT_FOLD_ROOM(len)  (3 * (len))

/*
 * in:   dst with room for RT_FOLD_ROOM(s->len) bytes
 * ret:  the bytes written; what is no UTF-8 becomes U+FFFD
 */
size_t rt_fold(unsigned char *dst, const rt_str_t *s);

/*
 * 1: a sign has become a letter of ASCII, as that of Kelvin becomes k: who
 * looks for the folded text may find somebody who is called otherwise.
 */
int rt_fold_strange(const rt_str_t *s, const rt_str_t *folded);


#pragma GCC visibility pop


#endif /* RT_FOLD_H_INCLUDED */
