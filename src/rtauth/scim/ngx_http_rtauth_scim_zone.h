
/*
 * rtauth_scim_zone: the shm zone that the workers share, made and filled while
 * the configuration is read.
 */


#ifndef NGX_HTTP_RTAUTH_SCIM_ZONE_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCIM_ZONE_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "scim/ngx_http_rtauth_scim_journal.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_SCIM_MIN  (256 * 1024)      /* bytes of a zone */


typedef struct {
    size_t             size;            /* of the zone */
    ngx_str_t          path;            /* of the journal, in full */
    ngx_rt_where_t     where;           /* of the directive that says so */
    time_t             keep;            /* who is gone: rt_scim_db_keep() */
    rt_scim_index_e    link;
    ngx_uint_t         fleet;           /* 1: there are other hosts */
    ngx_uint_t         tells;           /* names that they can be told */
    ngx_cycle_t       *cycle;           /* of _add(), as is: */
    ngx_shm_zone_t    *zone;
} ngx_http_rtauth_scim_zone_conf_t;


#define ngx_http_rtauth_scim_zone_shared(zone)                                \
    ((ngx_http_rtauth_scim_shared_t *)                                        \
     ((ngx_slab_pool_t *) (zone)->shm.addr)->data)

#define ngx_http_rtauth_scim_zone_mutex(zone)                                 \
    (&((ngx_slab_pool_t *) (zone)->shm.addr)->mutex)


/*
 * While the configuration is read; conf stays.  When all is read, and before
 * there are workers, the journal is made if there is none, and what it has is
 * in the zone: if either cannot be, nginx does not start, after a message.
 */
ngx_int_t ngx_http_rtauth_scim_zone_add(ngx_conf_t *cf,
    ngx_http_rtauth_scim_zone_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCIM_ZONE_H_INCLUDED */
