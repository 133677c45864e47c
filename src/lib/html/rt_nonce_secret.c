
#include "html/rt_nonce_secret.h"
#include "html/rt_hmarks.h"


/*
 * The search.
 *
 * SECRET is searched for leftmost first and without overlap in the document
 * as a whole, whatever it is cut into.  Inside a buffer the search looks for
 * the rarest character of SECRET, 64 places at a time, and where it is for
 * the next rare one.  For the rest it looks at the two bytes where an
 * occurrence would end, and skips by a table (Horspool, with pairs).  At a
 * buffer's end it tells how many bytes of SECRET are there, and rt_nonce.c goes
 * on from there in the next by the table of borders (Knuth-Morris-Pratt).
 * Those bytes are known, so they are held back without being stored.
 */


static inline unsigned
pair(const unsigned char *p)
{
    return (p[0] * 31u + p[1]) % RT_NONCE_SHIFTS;
}


static int
is_base64url(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
           || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}


static void
make_borders(rt_nonce_secret_t *s)
{
    unsigned  i, k;

    s->fail[0] = 0;
    s->fail[1] = 0;
    k = 0;

    for (i = 1; i < s->len; i++) {
        while (k && s->text[i] != s->text[k]) {
            k = s->fail[k];
        }

        k += (s->text[i] == s->text[k]);
        s->fail[i + 1] = (unsigned char) k;
    }
}


/* how often a character is met in pages, roughly */

static unsigned
frequency(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return 0;
    }

    if (c == '_' || c == 'q' || c == 'z' || c == 'j') {
        return 1;
    }

    if (strchr("etaoinsrl", c) != NULL) {
        return 4;
    }

    return (c >= 'a' && c <= 'z') ? 3 : 2;
}


/* the rarest comes first */

static void
find_rare(rt_nonce_secret_t *s)
{
    size_t    i;
    unsigned  f;

    s->rare[0] = 0;
    s->rare[1] = 0;

    for (i = 1; i < s->len; i++) {
        f = frequency(s->text[i]);

        if (f < frequency(s->text[s->rare[0]])) {
            s->rare[1] = s->rare[0];
            s->rare[0] = (unsigned char) i;

        } else if (s->rare[1] == s->rare[0]
                   || f < frequency(s->text[s->rare[1]]))
        {
            s->rare[1] = (unsigned char) i;
        }
    }
}


/* text: 2 to RT_NONCE_SECRET_MAX characters of base64url */

static void
make_tables(rt_nonce_secret_t *s, const unsigned char *text, size_t len)
{
    size_t  i;

    s->len = len;
    memcpy(s->text, text, s->len);

    make_borders(s);
    find_rare(s);

    memset(s->shift, (int) s->len - 1, RT_NONCE_SHIFTS);

    for (i = 1; i < s->len; i++) {
        s->shift[pair(&s->text[i - 1])] = (unsigned char) (s->len - 1 - i);
    }

    s->fill = 'x';

    while (s->fill == s->text[0] || s->fill == s->text[s->len - 1]) {
        s->fill++;
    }

    memset(s->filling, s->fill, RT_NONCE_SECRET_MAX);
}


/* ret: how many characters of base64url text begins with */

static size_t
span(const unsigned char *text, size_t len)
{
    size_t  i;

    for (i = 0; i < len && is_base64url(text[i]); i++) { /* void */ }

    return i;
}


rt_status_e
rt_nonce_secret(rt_nonce_secret_t *s, const rt_str_t *text)
{
    if (text->len < RT_NONCE_SECRET_MIN || text->len > RT_NONCE_SECRET_MAX) {
        return RT_TOO_BIG;
    }

    if (span(text->data, text->len) < text->len) {
        return RT_INVALID;
    }

    make_tables(s, text->data, text->len);

    s->before = 0;
    s->after = 0;

    return RT_OK;
}


rt_status_e
rt_nonce_token(rt_nonce_secret_t *s, const rt_str_t *token)
{
    size_t                n, at, len, run, begin;
    const unsigned char  *p;

    len = token->len;
    p = token->data;

    if (len < RT_NONCE_TOKEN_MIN || len > RT_NONCE_SECRET_MAX) {
        return RT_TOO_BIG;
    }

    /* one or two "=" may end it */

    len -= (p[len - 1] == '=');
    len -= (p[len - 1] == '=');

    n = 0;
    begin = 0;

    for (at = 0; at < len; at++) {
        run = span(p + at, len - at);

        if (run > n) {
            n = run;
            begin = at;
        }

        at += run;

        if (at < len && p[at] != '+' && p[at] != '/') {
            return RT_INVALID;
        }
    }

    if (n < RT_NONCE_RUN_MIN) {
        return RT_INVALID;
    }

    make_tables(s, p + begin, n);

    s->before = (unsigned char) begin;
    s->after = (unsigned char) (token->len - begin - n);

    return RT_OK;
}


/* one of the 64 places of SECRET's rarest character, from p on, that are set */

static const unsigned char *
find_marked(const rt_nonce_secret_t *s, const unsigned char *p, uint64_t mask)
{
    const unsigned char  *found;

    for ( /* void */ ; mask; mask &= mask - 1) {
        found = p + __builtin_ctzll(mask);

        if (found[s->rare[1]] == s->text[s->rare[1]]
            && memcmp(found, s->text, s->len) == 0)
        {
            return found;
        }
    }

    return NULL;
}


/*
 * Looks at as many places as it can from *pos on, which it moves behind them.
 * ret: the first SECRET there, or NULL
 */

static const unsigned char *
find_wide(const rt_nonce_secret_t *s, const unsigned char **pos,
    const unsigned char *last)
{
    size_t                i, n;
    uint64_t              masks[RT_HMARKS_RUN];
    rt_hmarks_pt          marks;
    const unsigned char  *p, *found;

    marks = rt_hmarks();

    for (p = *pos; (size_t) (last - p) >= s->len + RT_HMARKS_SIZE - 1;
         *pos = p)
    {
        n = ((size_t) (last - p) - (s->len - 1)) / RT_HMARKS_SIZE;
        n = n < RT_HMARKS_RUN ? n : RT_HMARKS_RUN;

        if (marks(p + s->rare[0], n, s->text[s->rare[0]], masks) == 0) {
            p += n * RT_HMARKS_SIZE;
            continue;
        }

        for (i = 0; i < n; i++, p += RT_HMARKS_SIZE) {
            found = find_marked(s, p, masks[i]);

            if (found != NULL) {
                return found;
            }
        }
    }

    return NULL;
}


const unsigned char *
rt_nonce_secret_find(const rt_nonce_secret_t *s, const unsigned char *p,
    const unsigned char *last)
{
    size_t                shift;
    const unsigned char  *end;

    end = find_wide(s, &p, last);

    if (end != NULL) {
        return end;
    }

    if ((size_t) (last - p) < s->len) {
        return NULL;
    }

    /* end: the last byte of where SECRET may be */

    for (end = p + s->len - 1; end < last; end += shift) {
        shift = s->shift[pair(end - 1)];

        if (shift == 0) {
            p = end - (s->len - 1);

            if (memcmp(p, s->text, s->len) == 0) {
                return p;
            }

            shift = 1;
        }
    }

    return NULL;
}


unsigned
rt_nonce_secret_step(const rt_nonce_secret_t *s, unsigned k, unsigned char c)
{
    while (k && s->text[k] != c) {
        k = s->fail[k];
    }

    return k + (s->text[k] == c);
}


unsigned
rt_nonce_secret_tail(const rt_nonce_secret_t *s, const unsigned char *p,
    const unsigned char *last)
{
    size_t  k;

    k = (size_t) (last - p);
    k = k < s->len ? k : s->len - 1;

    while (k && (*(last - k) != s->text[0]
                 || memcmp(last - k, s->text, k) != 0))
    {
        k--;
    }

    return (unsigned) k;
}


unsigned
rt_nonce_scrub(const rt_nonce_secret_t *s, unsigned char *p, size_t len)
{
    unsigned              n;
    const unsigned char  *found;

    n = 0;

    while ((found = rt_nonce_secret_find(s, p, p + len)) != NULL) {
        len -= (size_t) (found - p) + s->len;
        p += found - p;

        memset(p, s->fill, s->len);

        p += s->len;
        n++;
    }

    return n;
}
