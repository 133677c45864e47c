
/*
 * rtauth_session and rtauth_redis as they were written.  Both are constant
 * after the configuration was read.
 */


#ifndef NGX_HTTP_RTAUTH_SESSIONS_H_INCLUDED
#define NGX_HTTP_RTAUTH_SESSIONS_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "ngx_rt_redis.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_SESSION_MIN_KEY   32      /* bytes of a key=SECRET */
#define NGX_HTTP_RTAUTH_SESSION_MAX_KEYS  8
#define NGX_HTTP_RTAUTH_SESSION_MAX_NAME  40      /* bytes of cookie= */

/* store= */

#define NGX_HTTP_RTAUTH_STORE_ZONE        0
#define NGX_HTTP_RTAUTH_STORE_COOKIE      1
#define NGX_HTTP_RTAUTH_STORE_REDIS       2

/* samesite= */

#define NGX_HTTP_RTAUTH_SAMESITE_LAX      0
#define NGX_HTTP_RTAUTH_SAMESITE_STRICT   1
#define NGX_HTTP_RTAUTH_SAMESITE_NONE     2


/* rtauth_redis NAME { ... }; "at" are lines, for errors found at its end */

typedef struct {
    ngx_rt_where_t               user;
    ngx_rt_where_t               trusted;
    ngx_rt_where_t               other;
} ngx_http_rtauth_redis_at_t;

struct ngx_http_rtauth_redis_s {
    ngx_str_t                    name;
    ngx_str_t                    url;         /* redis://, rediss://, unix: */
    ngx_rt_redis_conf_t          conf;        /* whom to connect to */
    ngx_str_t                    prefix;      /* of keys, default "rt:" */
    time_t                       stale;       /* revocations, seconds */
    ngx_rt_where_t               where;
    ngx_http_rtauth_redis_at_t   at;
    ngx_http_rtauth_fleet_t     *fleet;       /* this worker's, or NULL */
};


struct ngx_http_rtauth_sessions_s {
    ngx_uint_t                   store;
    ngx_shm_zone_t              *zone;        /* of rtauth_zone */
    ngx_http_rtauth_redis_t     *redis;       /* with STORE_REDIS */
    ngx_str_t                    redis_name;

    ngx_str_t                    cookie;      /* its name */
    ngx_array_t                 *keys;        /* ngx_str_t, the first seals;
                                                 NULL: none was written */
    time_t                       idle;        /* seconds */
    time_t                       absolute;
    time_t                       recheck;
    time_t                       stale;       /* recheck_stale */

    ngx_uint_t                   samesite;
    ngx_flag_t                   secure;
    ngx_str_t                    domain;      /* or empty */
    ngx_str_t                    path;

    ngx_rt_where_t               where;       /* no place: all is default */
};


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SESSIONS_H_INCLUDED */
