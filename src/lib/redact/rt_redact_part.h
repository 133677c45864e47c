
/*
 * Parts of a text, for what takes addresses and headers apart.
 */


#ifndef RT_REDACT_PART_H_INCLUDED
#define RT_REDACT_PART_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* the first byte of s from i on that is one of set, or the end */

static inline size_t
rt_until(const rt_str_t *s, size_t i, const char *set)
{
    size_t  n;

    n = strlen(set);

    while (i < s->len && memchr(set, s->data[i], n) == NULL) {
        i++;
    }

    return i;
}


static inline rt_str_t
rt_slice(const rt_str_t *s, size_t from, size_t to)
{
    rt_str_t  part;

    part.data = s->data + from;
    part.len = to - from;

    return part;
}


#pragma GCC visibility pop


#endif /* RT_REDACT_PART_H_INCLUDED */
