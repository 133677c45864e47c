
#include "csp/rt_csp_foreign.h"
#include "csp/rt_csp_words.h"


void
rt_csp_nonces_init(rt_csp_nonces_t *walk, const rt_str_t *value)
{
    memset(walk, 0, sizeof(rt_csp_nonces_t));

    walk->rest = *value;
    walk->pos = value->data;
    walk->last = value->data;
}


/* reads the name of the next directive; ret: 0: there is none */

static int
next_directive(rt_csp_nonces_t *walk)
{
    rt_str_t              name;
    const rt_csp_word_t  *known;
    const unsigned char  *p, *last;

    if (walk->rest.len == 0) {
        return 0;
    }

    p = walk->rest.data;
    last = p + walk->rest.len;
    walk->pos = p;

    while (p < last && *p != ';' && *p != ',') {
        p++;
    }

    walk->last = p;
    p += (p < last);
    walk->rest.data = (unsigned char *) p;
    walk->rest.len = (size_t) (last - p);

    known = rt_csp_next_word(&walk->pos, walk->last, &name)
            ? rt_csp_word(&name) : NULL;

    walk->acts = (known != NULL && (known->flags & RT_CSP_NONCE_OK));

    return 1;
}


int
rt_csp_nonces_next(rt_csp_nonces_t *walk)
{
    rt_str_t  word;

    do {
        while (rt_csp_next_word(&walk->pos, walk->last, &word)) {

            if (rt_csp_unquote(&word, &word) && rt_csp_nonce_source(&word)) {
                walk->nonce.data = word.data + sizeof("nonce-") - 1;
                walk->nonce.len = word.len - (sizeof("nonce-") - 1);

                return 1;
            }
        }
    } while (next_directive(walk));

    return 0;
}


static int
listed(const rt_str_t *nonce, const rt_str_t *own, unsigned n)
{
    unsigned  i;

    for (i = 0; i < n; i++) {
        if (rt_str_eq(nonce, &own[i])) {
            return 1;
        }
    }

    return 0;
}


int
rt_csp_foreign_nonce(const rt_str_t *value, const rt_str_t *own, unsigned n)
{
    rt_csp_nonces_t  walk;

    rt_csp_nonces_init(&walk, value);

    while (rt_csp_nonces_next(&walk)) {
        if (walk.acts && !listed(&walk.nonce, own, n)) {
            return 1;
        }
    }

    return 0;
}
