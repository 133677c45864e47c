
/*
 * The keys of jwks_file in a worker: the master's, until a file changes.
 *
 * Each second a timer looks at the files, never a request.  What changed is
 * read and judged as the master does it; a bad file leaves the keys at hand.
 * Every worker looks for itself: the master's memory is nobody's to write to.
 */


#ifndef NGX_HTTP_RTAUTH_JWKS_WATCH_H_INCLUDED
#define NGX_HTTP_RTAUTH_JWKS_WATCH_H_INCLUDED


#include "keys/ngx_http_rtauth_provider.h"


#pragma GCC visibility push(hidden)


/* the fourth word: see ngx_http_rtauth_keys_t */

typedef struct {
    ngx_http_rtauth_provider_conf_t *pcf;
    ngx_pool_t                      *pool;      /* of keys; NULL: the
                                                   master's */
    ngx_rt_file_seen_t              *seen;      /* of each file */
    ngx_int_t                        ident;

    ngx_event_t                      timer;
    rt_jwks_t                        keys;      /* of all files together */
    ngx_uint_t                       generation;/* names these bytes */
    u_char                           digest[32];/* of what was read last */
    unsigned                         young:1;   /* one changed just now, or
                                                   could not be read */
} ngx_http_rtauth_jwks_watch_t;


/* ret: NGX_OK; NGX_ERROR: memory */
ngx_int_t ngx_http_rtauth_jwks_watch(ngx_http_rtauth_jwks_watch_t *watch,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_pool_t *pool);
void ngx_http_rtauth_jwks_watch_end(ngx_http_rtauth_jwks_watch_t *watch);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_JWKS_WATCH_H_INCLUDED */
