
/*
 * Whether this worker can decide: it has keys of each provider, and knows what
 * a fleet has revoked, and who was disabled.
 */


#ifndef NGX_HTTP_RTAUTH_READY_H_INCLUDED
#define NGX_HTTP_RTAUTH_READY_H_INCLUDED


#include "keys/ngx_http_rtauth_jwks.h"
#include "session/ngx_http_rtauth_sessions.h"
#include "json/rt_jsonw.h"


#pragma GCC visibility push(hidden)


/*
 * Of an rtauth_redis.
 * ret: NGX_OK; NGX_AGAIN, it is on its way; NGX_ERROR, it is away;
 *      NGX_DECLINED, there is no rtauth_zone to hear for
 */
ngx_int_t ngx_http_rtauth_ready_redis(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_redis_t *redis);

/*
 * Of all together.
 *
 * in:  worker, NULL without a provider; w, an open array that is told what is
 *      missing, or NULL
 * ret: 1, 0
 */
ngx_uint_t ngx_http_rtauth_ready(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_worker_t *worker, rt_jsonw_t *w);

/*
 * Likewise, in words: a JSON object.
 * ret: NGX_OK, NGX_DECLINED: not ready; NGX_ERROR (memory)
 */
ngx_int_t ngx_http_rtauth_ready_text(ngx_http_request_t *r,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_worker_t *worker,
    ngx_str_t *text);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_READY_H_INCLUDED */
