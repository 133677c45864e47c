
/*
 * Names and values on their way to a provider: the query of an authorization
 * request, the body of a token request (RFC 6749, 3.1, 3.2, appendix B).
 *
 * Letters, digits and "-._~" stay as they are, every other byte is "%XX":
 * servers that decode a form and servers that decode a URL read the same.
 */


#ifndef RT_ARGS_H_INCLUDED
#define RT_ARGS_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_ARGS_MAX_URL   (8 * 1024)    /* bytes: what servers take in a line */
#define RT_ARGS_MAX_FORM  (64 * 1024)


typedef struct {
    rt_str_t  name;
    rt_str_t  value;        /* data NULL: it is left out */
} rt_arg_t;


/*
 * An authorization request, or any other address to which a browser takes
 * arguments along.
 *
 * in:   endpoint: may have a query, which is kept (RFC 6749, 3.1)
 * ret:  RT_OK, RT_INVALID (it has a fragment, or its query has one of these
 *       names already), RT_TOO_BIG, RT_ERROR
 */
rt_status_e rt_args_url(rt_mem_t *mem, const rt_str_t *endpoint,
    const rt_arg_t *args, unsigned n, rt_str_t *url);

/* application/x-www-form-urlencoded; RT_OK, RT_TOO_BIG, RT_ERROR */
rt_status_e rt_args_form(rt_mem_t *mem, const rt_arg_t *args, unsigned n,
    rt_str_t *form);

/* one value: user and password of client_secret_basic (RFC 6749, 2.3.1) */
rt_status_e rt_args_escape(rt_mem_t *mem, const rt_str_t *in, rt_str_t *out);


#pragma GCC visibility pop


#endif /* RT_ARGS_H_INCLUDED */
