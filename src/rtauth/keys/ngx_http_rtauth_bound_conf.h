
/*
 * "bound" of a provider's block: how whoever shows a token of his proves that
 * it is bound to him.
 */


#ifndef NGX_HTTP_RTAUTH_BOUND_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_BOUND_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "ngx_rt_block.h"
#include "jose/rt_bound.h"


#pragma GCC visibility push(hidden)


struct ngx_http_rtauth_bound_conf_s {
    ngx_uint_t   ways;          /* bits of rt_bound.h, at least one */
    uint32_t     algs;          /* of proofs, bits of rt_jwa.h, */
    ngx_str_t    shown;         /*   and their names, with blanks between */
    ngx_uint_t   nonce;         /* proofs need one of ours */
};


/* conf is the provider's; the line sets "bound" of the provider */
char *ngx_http_rtauth_bound_conf(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);

/* how far the clock of a client may be off: the "leeway" of the provider */
time_t ngx_http_rtauth_bound_leeway(ngx_http_rtauth_provider_t *provider);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_BOUND_CONF_H_INCLUDED */
