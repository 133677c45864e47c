
/*
 * Keys that tell by their looks what they are.
 *
 * Who gives out keys lets them begin with letters of their own, so that they
 * can be found where they should not be.  A key is searched by a byte that is
 * rare in other texts, and a row says what stands around it.
 */

#include "redact/rt_redact.h"
#include "text/rt_char.h"


typedef struct {
    rt_str_t         start;
    size_t           pivot;     /* where in it the rare byte stands */
    size_t           min;       /* bytes of the key behind it, at least */
} key_t;


static const key_t  capital[] = {
    { rt_string("AKIA"), 2, 16 },               /* AWS */
    { rt_string("ASIA"), 2, 16 },
    { rt_string("AIza"), 1, 35 }                /* Google */
};

static const key_t  hyphen[] = {
    { rt_string("xoxb-"), 4, 15 },              /* Slack */
    { rt_string("xoxp-"), 4, 15 },
    { rt_string("xoxa-"), 4, 15 },
    { rt_string("xoxr-"), 4, 15 },
    { rt_string("xoxs-"), 4, 15 },
    { rt_string("xapp-"), 4, 15 },
    { rt_string("glpat-"), 5, 20 },             /* GitLab */
    { rt_string("sk-"), 2, 40 }                 /* OpenAI, Anthropic */
};

static const key_t  underscore[] = {
    { rt_string("ghp_"), 3, 36 },               /* GitHub */
    { rt_string("gho_"), 3, 36 },
    { rt_string("ghu_"), 3, 36 },
    { rt_string("ghs_"), 3, 36 },
    { rt_string("ghr_"), 3, 36 },
    { rt_string("github_pat_"), 10, 22 },
    { rt_string("sk_live_"), 7, 16 },           /* Stripe */
    { rt_string("rk_live_"), 7, 16 },
    { rt_string("whsec_"), 5, 24 },
    { rt_string("npm_"), 3, 36 },
    { rt_string("shpat_"), 5, 32 },             /* Shopify */
    { rt_string("dop_v1_"), 6, 64 }             /* DigitalOcean */
};


#define ROWS(table)  table, table + sizeof(table) / sizeof(table[0])

/* of a letter, to be one of a set */

#define BIT(c)   (1u << ((c) & 31))

#define SHORTEST 20             /* bytes: AKIA and sixteen more */
#define LABEL    64             /* ... of "-----BEGIN RSA PRIVATE KEY-----" */


static int
alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || (rt_lower(c) >= 'a' && rt_lower(c) <= 'z');
}


static int
of_key(unsigned char c)
{
    return alnum(c) || c == '-' || c == '_';
}


static int
begins(const unsigned char *p, const unsigned char *end, const rt_str_t *s)
{
    return (size_t) (end - p) >= s->len && memcmp(p, s->data, s->len) == 0;
}


/* is the byte at p the pivot of this row's key? */

static int
is_key(const rt_str_t *s, const unsigned char *p, const key_t *row)
{
    size_t                n;
    const unsigned char  *start, *end;

    end = s->data + s->len;

    start = p - row->pivot;

    if ((start > s->data && alnum(start[-1]))
        || !begins(start, end, &row->start))
    {
        return 0;
    }

    p = start + row->start.len;

    for (n = 0; n < row->min && p + n < end && of_key(p[n]); n++) { /* void */ }

    return n == row->min;
}


/* does the label of a private key begin here? */

static int
is_label(const unsigned char *p, const unsigned char *end)
{
    rt_str_t              rest;
    static const rt_str_t begin = rt_string("-----BEGIN ");

    if (!begins(p, end, &begin)) {
        return 0;
    }

    rest.data = (unsigned char *) p;
    rest.len = (end - p) < LABEL ? (size_t) (end - p) : LABEL;

    return rt_str_holds(&rest, "PRIVATE KEY");
}


/*
 * Where a key stands whose pivot is c, if it is before at; else at.  Before the
 * pivot of each row stands a letter of the set, which few other texts have.
 */

static size_t
search(const rt_str_t *s, int c, uint32_t set, const key_t *row,
    const key_t *last, size_t at)
{
    const key_t          *k;
    const unsigned char  *p, *end;

    end = s->data + s->len;

    for (p = s->data + 1; p < end; p++) {
        p = memchr(p, c, (size_t) (end - p));

        if (p == NULL) {
            break;
        }

        if (!(set & BIT(p[-1]))) {
            continue;
        }

        for (k = row; k < last; k++) {
            if (k->start.data[k->pivot - 1] == p[-1]
                && (size_t) (p - s->data) >= k->pivot && is_key(s, p, k))
            {
                p -= k->pivot;
                return (size_t) (p - s->data) < at ? (size_t) (p - s->data)
                                                   : at;
            }
        }
    }

    return at;
}


static size_t
search_label(const rt_str_t *s, size_t at)
{
    const unsigned char  *p, *end;

    end = s->data + s->len;

    for (p = s->data; p < end; p++) {
        p = memchr(p, '-', (size_t) (end - p));

        if (p == NULL) {
            break;
        }

        if (is_label(p, end)) {
            return (size_t) (p - s->data) < at ? (size_t) (p - s->data) : at;
        }
    }

    return at;
}


size_t
rt_redact_key(const rt_str_t *s)
{
    size_t  at;

    at = s->len;

    if (s->len < SHORTEST) {
        return at;
    }

    at = search(s, 'I', BIT('K')|BIT('S')|BIT('A'), ROWS(capital), at);
    at = search(s, '_', BIT('p')|BIT('o')|BIT('u')|BIT('s')|BIT('r')|BIT('t')
                        |BIT('e')|BIT('c')|BIT('m')|BIT('1'),
                ROWS(underscore), at);

    if (memchr(s->data, '-', s->len) != NULL) {
        at = search(s, '-', BIT('b')|BIT('p')|BIT('a')|BIT('r')|BIT('s')
                            |BIT('t')|BIT('k'),
                    ROWS(hyphen), at);
        at = search_label(s, at);
    }

    return at;
}
