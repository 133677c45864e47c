
/*
 * A provider's words about an error as a log line or a page may have them.
 *
 * They come through the browser, or from a server that is not ours, and hold
 * what they like: line breaks (Entra ID), markup, pages of HTML.
 */


#ifndef RT_SHOWN_H_INCLUDED
#define RT_SHOWN_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_SHOWN_MAX    256     /* bytes of a description as it is shown */
#define RT_SHOWN_ERROR  64      /* bytes of an error code */
#define RT_SHOWN_PIECE  8       /* bytes of a secret that tell it */
#define RT_SHOWN_WORDS  4096    /* bytes in which secrets are looked for */


/*
 * in:   any bytes; may be *out itself
 * out:  *out, in the arena: printable ASCII without quotes, backslash and
 *       "<", ">", "&"; each run of anything else is one space, none at the
 *       ends; "..." ends what was too long
 * ret:  RT_OK, RT_ERROR
 */
rt_status_e rt_shown(rt_mem_t *mem, const rt_str_t *in, rt_str_t *out);

/*
 * 1 if it has the form of an error code: 1 to RT_SHOWN_ERROR letters, digits,
 * "_", "-", "." (RFC 6749, 4.1.2.1 allows more, no registered one has more)
 */
int rt_shown_is_code(const rt_str_t *s);

/* 1 if all of it is printable ASCII without blanks: tokens, codes */
int rt_shown_is_bare(const rt_str_t *s);

/*
 * Does somebody say a secret again, whole or in part?
 *
 * in:   any bytes
 * ret:  1 if text has a part of it that is twice RT_SHOWN_PIECE long, or is
 *       longer than RT_SHOWN_WORDS; 0 if it has none of RT_SHOWN_PIECE, or the
 *       secret is shorter
 */
int rt_shown_repeats(const rt_str_t *text, const rt_str_t *secret);


#pragma GCC visibility pop


#endif /* RT_SHOWN_H_INCLUDED */
