
/*
 * What a Content-Type says of the charset, as far as others depend on it: do
 * its ASCII bytes mean ASCII, and is it UTF-8?
 *
 * The threat: we read the bytes in one charset, a browser or an application
 * in another, and "<" or a quote is not where we saw it.  So a value that two
 * readers may read differently is RT_CHARSET_OTHER: each "charset" in it
 * counts, wherever it stands, and the worst one holds.
 */


#ifndef RT_CHARSET_H_INCLUDED
#define RT_CHARSET_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* from the best to the worst: of two, the greater one holds */

typedef enum {
    RT_CHARSET_NONE = 0,        /* nothing is said */
    RT_CHARSET_UTF8,
    RT_CHARSET_US_ASCII,        /* a subset of it; to a browser, windows-1252 */
    RT_CHARSET_ASCII,           /* others in which ASCII bytes mean ASCII */
    RT_CHARSET_OTHER            /* unknown, ambiguous, UTF-16, ISO-2022-JP */
} rt_charset_e;


/* in: type: the value of a Content-Type, any bytes */
rt_charset_e rt_charset_type(const rt_str_t *type);

/*
 * in:  value: what stands behind the first "charset=" of a Content-Type, with
 *      or without what follows there; empty: NONE
 */
rt_charset_e rt_charset_value(const rt_str_t *value);


#pragma GCC visibility pop


#endif /* RT_CHARSET_H_INCLUDED */
