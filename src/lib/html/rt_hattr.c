
#include "html/rt_hattr.h"
#include "html/rt_hop.h"


static const struct {
    unsigned char  len;
    char           text[RT_HATTR_NAME + 1];
} names[RT_HATTR_N] = {
    [RT_HATTR_NONCE] = { 5, "nonce" },
    [RT_HATTR_CONTENT] = { 7, "content" },
    [RT_HATTR_NAMED] = { 4, "name" },
    [RT_HATTR_PROPERTY] = { 8, "property" },
    [RT_HATTR_REL] = { 3, "rel" },
    [RT_HATTR_AS] = { 2, "as" }
};


void
rt_hattr_start(rt_hattr_t *a, unsigned meta, unsigned keeps)
{
    memset(a, 0, offsetof(rt_hattr_t, name));

    a->meta = (unsigned char) meta;
    a->keeps = (unsigned char) keeps;
}


void
rt_hattr_begin_name(rt_hattr_t *a)
{
    a->len = 0;
    a->here = 0;
    a->which = RT_HATTR_OTHER;
}


/*
 * In a quoted value, which may hold markup for reasons of its own: looks for
 * "<script", "<style" and "<link", case folded.  The state is the number of
 * characters matched, plus MATCH_STYLE or MATCH_LINK when no other name is
 * possible any more, and MATCHED at the end.
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

    if (a->len == 0 && !a->keeps && p < last && rt_lower(*p) != 'n') {
        a->len = RT_HATTR_NAME + 1;
    }

    for ( /* void */ ; p < last && a->len <= RT_HATTR_NAME; p++) {

        if (a->len < RT_HATTR_NAME) {
            a->name[a->len] = rt_lower(*p);
        }

        a->len++;
    }
}


static unsigned
find_name(const rt_hattr_t *a)
{
    unsigned  i, n;

    n = a->keeps ? RT_HATTR_N : RT_HATTR_NONCE + 1;

    for (i = RT_HATTR_NONCE; i < n; i++) {
        if (names[i].len == a->len
            && memcmp(names[i].text, a->name, a->len) == 0)
        {
            return i;
        }
    }

    return RT_HATTR_OTHER;
}


void
rt_hattr_end_name(rt_hattr_t *a, uint64_t at)
{
    unsigned  which;

    which = a->len <= RT_HATTR_NAME ? find_name(a) : RT_HATTR_OTHER;

    if (which == RT_HATTR_OTHER || a->seen & (1u << which)) {
        return;
    }

    a->seen |= 1u << which;
    a->which = (unsigned char) which;

    if ((which == RT_HATTR_NONCE || (which == RT_HATTR_CONTENT && a->meta))
        && !a->nonce)
    {
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


static void
keep(rt_hattr_t *a, const unsigned char *p, const unsigned char *last)
{
    unsigned char  *len;

    len = &a->lens[a->which];

    for ( /* void */ ; p < last && *len <= RT_HATTR_VALUE; p++) {

        if (*len < RT_HATTR_VALUE) {
            a->values[a->which][*len] = *p;
        }

        (*len)++;
    }
}


void
rt_hattr_value(rt_hattr_t *a, const unsigned char *p,
    const unsigned char *last, int quoted)
{
    if (a->which >= RT_HATTR_FIRST_KEPT) {
        keep(a, p, last);
    }

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


int
rt_hattr_is(const rt_hattr_t *a, rt_hattr_e which, const char *value)
{
    return a->lens[which] == strlen(value)
           && memcmp(a->values[which], value, a->lens[which]) == 0;
}


int
rt_hattr_has(const rt_hattr_t *a, rt_hattr_e which, const char *word)
{
    size_t                i, len;
    const unsigned char  *p, *last;

    len = strlen(word);
    p = a->values[which];
    last = p + a->lens[which];

    if (a->lens[which] > RT_HATTR_VALUE) {
        return 0;
    }

    for ( /* void */ ; p < last; p++) {

        for (i = 0; p + i < last && rt_hclass[p[i]] != RT_HC_SPACE; i++) {
            /* void */
        }

        if (i == len && strncasecmp((const char *) p, word, len) == 0) {
            return 1;
        }

        p += i;
    }

    return 0;
}
