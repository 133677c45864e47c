
/*
 * One source of a source list (CSP3, 2.3.1) that is no keyword, nonce or
 * hash: https:, *.example.com, https://cdn.example.com:443/lib/
 */


#ifndef RT_CSP_SOURCE_H_INCLUDED
#define RT_CSP_SOURCE_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef struct {
    rt_str_t             scheme;        /* without ":"; empty: none */
    rt_str_t             host;          /* without "*."; empty: none, or "*" */
    rt_str_t             port;
    rt_str_t             path;
    unsigned             subdomains:1;  /* "*." is in front of host */
    unsigned             any_host:1;    /* "*" */
} rt_csp_source_t;


/*
 * The parts of text, in text.
 *
 * ret:  NULL; or a sentence that says what browsers cannot parse, or take
 *       otherwise than it seems
 */
const char *rt_csp_source(rt_csp_source_t *s, const rt_str_t *text);

/* ret: 1 if what is injected can come from there, whatever the host */
int rt_csp_source_anywhere(const rt_csp_source_t *s);

/*
 * As a source of scripts; eval: 'unsafe-eval' is beside it.
 *
 * ret:  NULL; or a sentence that says how an injected script gets through
 */
const char *rt_csp_source_weak(const rt_csp_source_t *s, int eval);


#pragma GCC visibility pop


#endif /* RT_CSP_SOURCE_H_INCLUDED */
