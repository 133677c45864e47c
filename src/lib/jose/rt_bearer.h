
/*
 * Bearer credentials, as an Authorization header carries them (RFC 6750, 2.1;
 * the scheme is case-insensitive: RFC 9110, 11.1).
 */


#ifndef RT_BEARER_H_INCLUDED
#define RT_BEARER_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * in:   value: of the header, any bytes; white space around it is none of it
 * out:  token, after RT_OK: a part of value, whatever stands behind the scheme.
 *       It may be empty, or no token at all: credentials that are there and
 *       wrong must be refused by whoever reads them, and never be taken for
 *       absent.
 * ret:  RT_OK, RT_DECLINED (another scheme, or none)
 */
rt_status_e rt_bearer_token(const rt_str_t *value, rt_str_t *token);

/* likewise behind another scheme, "DPoP" (RFC 9449, 7.1) */
rt_status_e rt_bearer_behind(const rt_str_t *value, const rt_str_t *scheme,
    rt_str_t *token);


#pragma GCC visibility pop


#endif /* RT_BEARER_H_INCLUDED */
