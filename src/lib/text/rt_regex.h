
/*
 * Regular expressions, bounded whatever they are given to look at.
 *
 * The engine is the caller's.
 */


#ifndef RT_REGEX_H_INCLUDED
#define RT_REGEX_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* of match(): it cannot be said, for a limit was met, or matching failed */
#define RT_REGEX_GAVE_UP  -1


/*
 * What a pattern looks at, and so the steps it may take: a claim; or a text,
 * a short one or any, as characters of UTF-8 in which "^" and "$" also stand
 * at the ends of lines.
 */

typedef enum {
    RT_REGEX_CLAIM = 0,
    RT_REGEX_SHORT,
    RT_REGEX_LONG
} rt_regex_use_e;

#define RT_REGEX_SHORT_MAX    256       /* bytes of a short text */

#define RT_REGEX_CLAIM_STEPS  10000
#define RT_REGEX_SHORT_STEPS  2000
#define RT_REGEX_LONG_STEPS   20000


/*
 * compile: the compiled pattern, or NULL with *err a phrase that says why; it
 *          is given to rt_regex_bounded() first
 * match:   1 it matches, 0 it does not, RT_REGEX_GAVE_UP
 */

typedef struct {
    void    *ctx;
    void  *(*compile)(void *ctx, const rt_str_t *pattern, rt_regex_use_e use,
                      int icase, rt_str_t *err);
    int    (*match)(void *ctx, void *regex, const rt_str_t *subject);
} rt_regex_t;


/*
 * A pattern for PCRE and PCRE2 whose whole search is bounded.
 *
 * These libraries count the steps of a match anew for each place where it
 * could begin.  Here the places are part of the match, "\A(?s:.*?)", so that
 * LIMIT_MATCH holds for all of them together.  That changes what (?R) and the
 * verbs of backtracking mean: a pattern that has them is refused.
 *
 * in:   pattern, which compiles by itself: so its caller has found out that it
 *       has as many ")" as "(".  One like "a)|(b" would leave the group
 * ret:  RT_OK, RT_INVALID with *err a phrase, RT_ERROR (memory)
 */
rt_status_e rt_regex_bounded(rt_mem_t *mem, const rt_str_t *pattern,
    rt_regex_use_e use, rt_str_t *bounded, rt_str_t *err);


#pragma GCC visibility pop


#endif /* RT_REGEX_H_INCLUDED */
