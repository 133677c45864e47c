
/*
 * The words of CSP3 and of the specifications that add to it: directives,
 * keywords.  Private to rt_csp*.c.
 */


#ifndef RT_CSP_WORDS_H_INCLUDED
#define RT_CSP_WORDS_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_CSP_SOURCES = 0,     /* a source list */
    RT_CSP_ANCESTORS,       /* hosts, schemes, 'self', 'none' */
    RT_CSP_SANDBOX,
    RT_CSP_FLAG,            /* takes no value */
    RT_CSP_URIS,
    RT_CSP_TOKENS,
    RT_CSP_TRUSTED_TYPES,   /* policy names, 'none', 'allow-duplicates' */
    RT_CSP_SINKS            /* 'script' */
} rt_csp_kind_e;


#define RT_CSP_WORDS  64        /* there are no more directives */

#define RT_CSP_DEPRECATED   0x01
#define RT_CSP_NONCE_OK     0x02    /* a nonce has an effect in it */
#define RT_CSP_ENFORCED     0x04    /* without effect when reported only */
#define RT_CSP_SCRIPT       0x08    /* decides which scripts run */


typedef struct {
    const char          *name;
    rt_csp_kind_e        kind;
    unsigned             flags;
    const char          *fallback[4];   /* whose values it has when absent:
                                           the first of these that is there */
} rt_csp_word_t;


/* NULL: no known directive */
const rt_csp_word_t *rt_csp_word(const rt_str_t *name);

/* ret: 1 with the directive's place in the table; 0: no known directive */
int rt_csp_word_number(const rt_str_t *name, unsigned *number);

/* the name at that place; NULL: behind the last one */
const char *rt_csp_word_name(unsigned number);

/* a keyword of that kind of directive, case folded, without its quotes */
int rt_csp_keyword(rt_csp_kind_e kind, const rt_str_t *s);

/* nonce-..., sha256-...: what stands in quotes as well */
int rt_csp_nonce_source(const rt_str_t *s);
int rt_csp_hash_source(const rt_str_t *s);

int rt_csp_sandbox_token(const rt_str_t *s);

/* case folded */
int rt_csp_is(const rt_str_t *s, const char *word);

/* ret: 1 if the name, whatever its case, is one of n in the list */
int rt_csp_listed(const rt_str_t *list, unsigned n, const rt_str_t *name);

/* s without the ' around it; 0: it has none */
int rt_csp_unquote(const rt_str_t *s, rt_str_t *out);

/* CSP3, 2.2.1: what stands between ASCII white space in [*pos, last);
   0: nothing is left */
int rt_csp_next_word(const unsigned char **pos, const unsigned char *last,
    rt_str_t *word);

/* may it stand in a directive's value: RFC 5234's VCHAR less ';' and ',' */
int rt_csp_value_byte(unsigned char c);

/* may it stand in the name of a policy of Trusted Types? */
int rt_csp_policy_byte(unsigned char c);


#pragma GCC visibility pop


#endif /* RT_CSP_WORDS_H_INCLUDED */
