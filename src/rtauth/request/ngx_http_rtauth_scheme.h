
/*
 * With which schemes of Authorization a token may come to a location.
 */


#ifndef NGX_HTTP_RTAUTH_SCHEME_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCHEME_H_INCLUDED


#include "keys/ngx_http_rtauth_bound_conf.h"


#pragma GCC visibility push(hidden)


/* "DPoP": of its providers, the first whose tokens may need proofs; or NULL */
ngx_http_rtauth_bound_conf_t *ngx_http_rtauth_scheme_dpop(
    ngx_http_rtauth_loc_conf_t *rlcf);

/* "Bearer": is there one of them whose tokens need none? */
ngx_uint_t ngx_http_rtauth_scheme_bearer(ngx_http_rtauth_loc_conf_t *rlcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCHEME_H_INCLUDED */
