
/*
 * The hosts that share a Redis, and what they tell each other: what was
 * revoked, by a stream.
 *
 * Each worker asks for sessions on a connection of its own.  One worker of
 * a host listens to the stream on another one, puts what it hears into the
 * zone, and writes into the stream what the zone has and the stream has not,
 * whoever put it there.  When it was cut off it begins anew: it reads all of
 * the stream, and writes what is missing from it.  So neither a Redis that was
 * away, nor one that forgot everything, nor a worker that died loses any.
 */


#ifndef NGX_HTTP_RTAUTH_FLEET_H_INCLUDED
#define NGX_HTTP_RTAUTH_FLEET_H_INCLUDED


#include "session/ngx_http_rtauth_sessions.h"
#include "keys/ngx_http_rtauth_zone.h"


#pragma GCC visibility push(hidden)


/* for every rtauth_redis, be there sessions in it or not; NGX_OK, NGX_ERROR */
ngx_int_t ngx_http_rtauth_fleet_init(ngx_http_rtauth_main_conf_t *mcf);
void ngx_http_rtauth_fleet_exit(ngx_http_rtauth_main_conf_t *mcf);

/* this worker's client of the Redis of "sessions"; NULL: memory is out */
ngx_rt_redis_t *ngx_http_rtauth_fleet_redis(
    ngx_http_rtauth_sessions_t *sessions);

/*
 * Whether this host knows what was revoked.
 * ret: NGX_OK; NGX_AGAIN, it has just begun to listen; NGX_ERROR, it heard
 *      nothing for longer than "stale"
 */
ngx_int_t ngx_http_rtauth_fleet_heard(ngx_http_rtauth_redis_t *redis,
    ngx_shm_zone_t *zone);


/* how much of what the other hosts have revoked has no room in the zone */
ngx_uint_t ngx_http_rtauth_fleet_missed(ngx_http_rtauth_redis_t *redis,
    ngx_shm_zone_t *zone);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_FLEET_H_INCLUDED */
