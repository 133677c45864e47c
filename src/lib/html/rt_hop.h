
/*
 * The hop: over HTML text in which only some tags matter.
 *
 * Most tags neither change how the text behind them is read nor carry a
 * nonce.  So only each "<" whose next three bytes may begin something that
 * matters is looked at, and the question is whether it is text or stands
 * inside of a tag, in the value of an attribute say.  What was skipped answers
 * that: a ">" ends a tag unless a quoted value holds it, so behind the last
 * ">" three states are left, and a quoted value needs an opening quote behind
 * a "=" as the last quote of its kind.  Where these do not agree, the states
 * are run through from the last place that is known.
 */


#ifndef RT_HOP_H_INCLUDED
#define RT_HOP_H_INCLUDED


#include "rt_base.h"
#include "html/rt_hmarks.h"


#pragma GCC visibility push(hidden)


/* text and tags (WHATWG HTML 13.2.5.1, .6 to .8 and .32 to .40) */

typedef enum {
    RT_HS_DATA = 0,
    RT_HS_OPEN,                 /* behind "<" */
    RT_HS_END_OPEN,             /* behind "</" */
    RT_HS_NAME,
    RT_HS_BEFORE,               /* an attribute's name */
    RT_HS_ATTR,
    RT_HS_AFTER,
    RT_HS_EQUALS,               /* before a value */
    RT_HS_DOUBLE,               /* in a value, quoted so */
    RT_HS_SINGLE,
    RT_HS_BARE,                 /* in a value without quotes */
    RT_HS_SLASH,                /* a ">" makes the tag self-closing */
    RT_HS_TAGS                  /* more are in rt_html.c */
} rt_hstate_e;


/* what a byte is to those states */

typedef enum {
    RT_HC_OTHER = 0,
    RT_HC_SPACE,                /* CR is one: it would have become LF */
    RT_HC_SLASH,
    RT_HC_GT,
    RT_HC_EQUALS,
    RT_HC_DOUBLE,
    RT_HC_SINGLE,
    RT_HC_LT,
    RT_HC_LETTER,
    RT_HC_N
} rt_hclass_e;

extern const unsigned char  rt_hclass[256];


static inline int
rt_hends_name(unsigned char c)
{
    unsigned  class;

    class = rt_hclass[c];

    return class == RT_HC_SPACE || class == RT_HC_SLASH || class == RT_HC_GT;
}


/*
 * [p, last) begins as text.
 *
 * ret:  where to read on, byte by byte, and in which *state: at a "<" of text
 *       that may matter, or near last.  *state is RT_HS_DATA, or the inside of
 *       a tag that does not matter.  A meta tag may matter if "meta" is set
 */
const unsigned char *rt_hop(rt_hmarks_pt marks, const unsigned char *p,
    const unsigned char *last, unsigned meta, unsigned *state);


#pragma GCC visibility pop


#endif /* RT_HOP_H_INCLUDED */
