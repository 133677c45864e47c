
/*
 * Keys that tell by their looks what they are.
 *
 * Who gives out keys lets them begin with letters of their own, so that they
 * can be found where they should not be.  A key is searched by a byte that is
 * rare in other texts, and a row says what stands around it.
 */

#include "redact/rt_redact.h"
#include "text/rt_char.h"


/* what a key is made of behind its start, so that no slug of words is one */

typedef enum {
    OF_ALNUM = 0,
    OF_CAPITALS,                /* and digits */
    OF_DASHED,                  /* "-" and "_", too */
    OF_MIXED,                   /* the same, with a capital in it */
    OF_NUMBER                   /* ... with a digit in front */
} of_e;


typedef struct {
    rt_str_t         start;
    size_t           pivot;     /* where in it the rare byte stands */
    size_t           min;       /* bytes of the key behind it, at least */
    of_e             of;
} key_t;


static const key_t  capitals[] = {
    { rt_string("AKIA"), 2, 16, OF_CAPITALS },  /* AWS */
    { rt_string("ASIA"), 2, 16, OF_CAPITALS },
    { rt_string("AIza"), 1, 35, OF_DASHED }     /* Google */
};

static const key_t  hyphen[] = {
    { rt_string("xoxb-"), 4, 15, OF_NUMBER },   /* Slack */
    { rt_string("xoxp-"), 4, 15, OF_NUMBER },
    { rt_string("xoxa-"), 4, 15, OF_NUMBER },
    { rt_string("xoxr-"), 4, 15, OF_NUMBER },
    { rt_string("xoxs-"), 4, 15, OF_NUMBER },
    { rt_string("xapp-"), 4, 15, OF_NUMBER },
    { rt_string("glpat-"), 5, 20, OF_DASHED },  /* GitLab */
    { rt_string("sk-"), 2, 40, OF_MIXED }       /* OpenAI, Anthropic */
};

static const key_t  underscore[] = {
    { rt_string("ghp_"), 3, 36, OF_ALNUM },     /* GitHub */
    { rt_string("gho_"), 3, 36, OF_ALNUM },
    { rt_string("ghu_"), 3, 36, OF_ALNUM },
    { rt_string("ghs_"), 3, 36, OF_ALNUM },
    { rt_string("ghr_"), 3, 36, OF_ALNUM },
    { rt_string("github_pat_"), 10, 22, OF_ALNUM },
    { rt_string("sk_live_"), 7, 16, OF_ALNUM },  /* Stripe */
    { rt_string("rk_live_"), 7, 16, OF_ALNUM },
    { rt_string("whsec_"), 5, 24, OF_ALNUM },
    { rt_string("npm_"), 3, 36, OF_ALNUM },
    { rt_string("shpat_"), 5, 32, OF_ALNUM },   /* Shopify */
    { rt_string("dop_v1_"), 6, 64, OF_ALNUM }   /* DigitalOcean */
};


#define ROWS(table)  table, table + sizeof(table) / sizeof(table[0])

/* of a letter, to be one of a set */

#define BIT(c)   (1u << ((c) & 31))

#define SHORTEST 20             /* bytes: AKIA and sixteen more */
#define LONGEST  64             /* ... that are looked at */
#define LABEL    64             /* ... of "-----BEGIN RSA PRIVATE KEY-----" */


static int
alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || (rt_lower(c) >= 'a' && rt_lower(c) <= 'z');
}


static int
capital(unsigned char c)
{
    return c >= 'A' && c <= 'Z';
}


static int
of_key(unsigned char c, of_e of)
{
    switch (of) {

    case OF_ALNUM:
        return alnum(c);

    case OF_CAPITALS:
        return capital(c) || (c >= '0' && c <= '9');

    default:
        return alnum(c) || c == '-' || c == '_';
    }
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
    unsigned              great;
    const unsigned char  *start, *end;

    end = s->data + s->len;

    start = p - row->pivot;

    if ((start > s->data && alnum(start[-1]))
        || !begins(start, end, &row->start))
    {
        return 0;
    }

    p = start + row->start.len;

    great = 0;

    for (n = 0; n < LONGEST && p + n < end && of_key(p[n], row->of); n++) {
        great += (unsigned) capital(p[n]);
    }

    return n >= row->min
           && (row->of != OF_MIXED || great)
           && (row->of != OF_NUMBER || (*p >= '0' && *p <= '9'));
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

    at = search(s, 'I', BIT('K')|BIT('S')|BIT('A'), ROWS(capitals), at);
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
