
/*
 * Parts of a text, for what takes addresses and headers apart.
 */


#ifndef RT_REDACT_PART_H_INCLUDED
#define RT_REDACT_PART_H_INCLUDED


#include "rt_base.h"
#include "text/rt_char.h"


#pragma GCC visibility push(hidden)


/* a text without one of these shows no more than its letters */

#define RT_REDACT_SIGNS                                                       \
    (RT_CHAR_JSON|RT_CHAR_DOT|RT_CHAR_AT|RT_CHAR_EQUAL|RT_CHAR_COLON          \
     |RT_CHAR_PERCENT|RT_CHAR_ANGLE)

#define RT_REDACT_SHORT  64     /* bytes that are looked at for signs */


/* 1 if s is short and has none of these signs */

static inline int
rt_redact_plain(const rt_str_t *s, uint32_t signs)
{
    return s->len <= RT_REDACT_SHORT && rt_until(s, 0, signs) == s->len;
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
