
#include "html/rt_hattr.h"


static const char  nonce[] = "nonce";

/* more than "nonce" has letters */
#define NOT_NONCE  sizeof(nonce)


void
rt_hattr_start(rt_hattr_t *a)
{
    memset(a, 0, sizeof(rt_hattr_t));
}


void
rt_hattr_begin_name(rt_hattr_t *a)
{
    a->named = 0;
    a->here = 0;
}


/*
 * In a quoted value, which may hold markup for reasons of its own: looks for
 * "<script", "<style" and "<link", case folded.  The state is the
 * number of characters matched, plus MATCH_STYLE or MATCH_LINK when no other
 * name is possible any more, and MATCHED at the end.
 */

#define MATCH_STYLE  8
#define MATCH_LINK   16
#define MATCHED      64

static void
match_markup(rt_hattr_t *a, const unsigned char *p, const unsigned char *last)
{
    unsigned               m;
    unsigned char          c;
    static const char      script[] = "<script", style[] = "<style";
    static const char      link[] = "<link";

    m = a->matched;

    if (m == 0) {
        p = memchr(p, '<', (size_t) (last - p));

        if (p == NULL) {
            return;
        }
    }

    a->quoted_lt = 1;

    for ( /* void */ ; p < last && m != MATCHED; p++) {
        c = rt_lower(*p);

        if (m == 1 && c == 'l') {
            m = MATCH_LINK + 2;

        } else if (m == 2 && c == 't') {
            m = MATCH_STYLE + 3;

        } else if (c == (unsigned char)
                        (m < MATCH_STYLE ? script[m]
                         : m < MATCH_LINK ? style[m - MATCH_STYLE]
                         : link[m - MATCH_LINK]))
        {
            m++;

        } else {
            m = (c == '<');
        }

        if (m == sizeof(script) - 1 || m == MATCH_STYLE + sizeof(style) - 1
            || m == MATCH_LINK + sizeof(link) - 1)
        {
            m = MATCHED;
            a->markup = 1;
        }
    }

    a->matched = (unsigned char) m;
}


/*
 * Outside of quotes, in a name or an unquoted value: looks for the "<" of the
 * tag that was swallowed.  If a quoted value has taken that "<" in, it ended
 * where a value of the swallowed tag begins, and the quote that ends that one
 * is found here.
 */

static void
match_bare(rt_hattr_t *a, const unsigned char *p, const unsigned char *last)
{
    for ( /* void */ ; p < last; p++) {

        if (*p == '<' || (a->quoted_lt && (*p == '"' || *p == '\''))) {
            a->markup = 1;
            return;
        }
    }
}


void
rt_hattr_name(rt_hattr_t *a, const unsigned char *p, const unsigned char *last)
{
    match_bare(a, p, last);

    for ( /* void */ ; p < last && a->named != NOT_NONCE; p++) {
        a->named = a->named < sizeof(nonce) - 1
                   && rt_lower(*p) == (unsigned char) nonce[a->named]
                   ? (unsigned char) (a->named + 1) : NOT_NONCE;
    }
}


void
rt_hattr_end_name(rt_hattr_t *a, uint64_t at)
{
    if (a->named == sizeof(nonce) - 1 && !a->nonce) {
        a->nonce = 1;
        a->here = 1;
        a->start = at;
        a->end = at;
    }
}


void
rt_hattr_begin_value(rt_hattr_t *a, uint64_t at)
{
    a->matched = 0;

    if (a->here) {
        a->in_nonce = 1;
        a->start = at;
    }
}


void
rt_hattr_value(rt_hattr_t *a, const unsigned char *p,
    const unsigned char *last, int quoted)
{
    if (quoted) {
        match_markup(a, p, last);

    } else {
        match_bare(a, p, last);
    }
}


void
rt_hattr_end_value(rt_hattr_t *a, uint64_t at)
{
    if (a->here) {
        a->end = at;
    }
}
