
#include "csp/rt_csp_foreign.h"
#include "csp/rt_csp_words.h"


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


static int
in_directive(const rt_str_t *directive, const rt_str_t *own, unsigned n)
{
    rt_str_t              word;
    const rt_csp_word_t  *known;
    const unsigned char  *pos, *last;

    pos = directive->data;
    last = directive->len ? pos + directive->len : pos;

    if (!rt_csp_next_word(&pos, last, &word)) {
        return 0;
    }

    known = rt_csp_word(&word);

    if (known == NULL || !(known->flags & RT_CSP_NONCE_OK)) {
        return 0;
    }

    while (rt_csp_next_word(&pos, last, &word)) {

        if (!rt_csp_unquote(&word, &word) || !rt_csp_nonce_source(&word)) {
            continue;
        }

        word.data += sizeof("nonce-") - 1;
        word.len -= sizeof("nonce-") - 1;

        if (!listed(&word, own, n)) {
            return 1;
        }
    }

    return 0;
}


int
rt_csp_foreign_nonce(const rt_str_t *value, const rt_str_t *own, unsigned n)
{
    rt_str_t  policies, policy, directive;

    policies = *value;

    while (policies.len) {
        (void) rt_str_cut(&policies, ',', &policy, &policies);

        while (policy.len) {
            (void) rt_str_cut(&policy, ';', &directive, &policy);

            if (in_directive(&directive, own, n)) {
                return 1;
            }
        }
    }

    return 0;
}
