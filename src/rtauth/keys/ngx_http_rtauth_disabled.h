
/*
 * rtauth_disabled: users switched off by a file.
 *
 * The master reads it at start and at each reload.  Each worker looks at it
 * again by a timer, never for a request, and reads what changed when it has
 * stayed as it is for a moment: somebody may be writing it.  A file that is no
 * good, or gone, leaves the list at hand.
 */


#ifndef NGX_HTTP_RTAUTH_DISABLED_H_INCLUDED
#define NGX_HTTP_RTAUTH_DISABLED_H_INCLUDED


#include "keys/ngx_http_rtauth_revoked.h"
#include "policy/rt_disabled.h"
#include "ngx_rt_file.h"


#pragma GCC visibility push(hidden)


struct ngx_http_rtauth_disabled_conf_s {
    ngx_str_t                         name;     /* in full */
    ngx_rt_file_seen_t                seen;     /* before it was read */
    rt_disabled_t                     list;     /* the master's */
};


/* the fourth word: see ngx_http_rtauth_keys_t */

typedef struct {
    ngx_http_rtauth_disabled_conf_t  *conf;
    ngx_pool_t                       *pool;     /* of list; NULL: the
                                                   master's */
    ngx_uint_t                        number;   /* of the list, from 1 */
    ngx_int_t                         ident;

    ngx_event_t                       timer;
    ngx_rt_file_seen_t                seen;
    ngx_uint_t                        looks;    /* since it began to change, or
                                                   could not be read; 0: it is
                                                   as it was read */
    rt_disabled_t                     list;
} ngx_http_rtauth_disabled_t;


/*
 * Reads the file; a bad one is logged, at emerg or, in a worker, at crit.
 * in:   cf, with a pool and a log; in a worker, without a file
 * ret:  NGX_OK; NGX_DECLINED, it is no good; NGX_ERROR, it cannot be read now
 */
ngx_int_t ngx_http_rtauth_disabled_read(ngx_conf_t *cf, ngx_str_t *name,
    rt_disabled_t *list);

/* a worker's own, in the pool; NULL: memory is out */
ngx_http_rtauth_disabled_t *ngx_http_rtauth_disabled_watch(
    ngx_http_rtauth_disabled_conf_t *conf, ngx_pool_t *pool);
void ngx_http_rtauth_disabled_end(ngx_http_rtauth_disabled_t *disabled);

/* ret: 1 if he is switched off */
ngx_uint_t ngx_http_rtauth_disabled_has(ngx_http_rtauth_disabled_t *disabled,
    ngx_http_rtauth_revoked_of_t *of);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_DISABLED_H_INCLUDED */
