
/*
 * What it means for a user of a token or a session that his provider has, or
 * has not, pushed him: whether he is let in, and which groups he is in.
 */


#ifndef NGX_HTTP_RTAUTH_SCIM_EFFECT_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCIM_EFFECT_H_INCLUDED


#include "scim/ngx_http_rtauth_scim_store.h"
#include "text/rt_fold.h"


#pragma GCC visibility push(hidden)


/* rtauth_scim_zone, and what all rtauth_scim have in common */

struct ngx_http_rtauth_scim_s {
    ngx_http_rtauth_scim_store_conf_t   conf;       /* size 0: no zone */
    ngx_array_t                         places;     /* of
                                              ngx_http_rtauth_scim_loc_t * */
    ngx_rt_where_t                      where;      /* of the first */
    ngx_str_t                           name;       /* provider=, or empty */
    ngx_http_rtauth_provider_t         *provider;   /* whose users these are,
                                              and those of its issuer */
    rt_scim_index_e                     link;
    rt_str_t                            claim;      /* that names them; empty:
                                                       by link */
    ngx_uint_t                          refuse;     /* who was never pushed */

    ngx_http_rtauth_scim_store_t       *store;      /* this worker's; or NULL */
};


/* this worker's store, opened when it is not yet; NULL after a message */
ngx_http_rtauth_scim_store_t *ngx_http_rtauth_scim_opened(
    ngx_http_rtauth_scim_t *scim);

/* at the worker's end */
void ngx_http_rtauth_scim_exit(ngx_http_rtauth_scim_t *scim);

/* ret: 1 if users of this provider are pushed: its issuer is that one */
ngx_uint_t ngx_http_rtauth_scim_of(ngx_http_rtauth_scim_t *scim,
    ngx_http_rtauth_provider_t *provider);

/*
 * Looks him up.
 * out:  identity->groups
 * ret:  RT_REASON_OK, RT_REASON_DISABLED, RT_REASON_NOT_PUSHED,
 *       RT_REASON_USERS_UNAVAILABLE, RT_REASON_INTERNAL
 */
rt_reason_e ngx_http_rtauth_scim_verdict(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_identity_t *identity);

/* the claim of link=, or what it is without one */
rt_str_t ngx_http_rtauth_scim_claim(ngx_http_rtauth_scim_t *scim);

/*
 * What links him with who was pushed: link= of the directive.
 * in:   folded, room for NGX_HTTP_RTAUTH_SCIM_KEY bytes
 * out:  *key, in folded or in his claims; empty: nobody pushed can be him
 * ret:  1, it is his; 0, he only claims it
 */
#define NGX_HTTP_RTAUTH_SCIM_CLAIM  (3 * RT_SCIM_MAX_KEY)   /* bytes: folded,
                                              no letter has less than a third */
#define NGX_HTTP_RTAUTH_SCIM_KEY    RT_FOLD_ROOM(NGX_HTTP_RTAUTH_SCIM_CLAIM)

ngx_uint_t ngx_http_rtauth_scim_key(ngx_http_rtauth_scim_t *scim,
    ngx_http_rtauth_identity_t *identity, u_char *folded, ngx_str_t *key);

/* changes when anybody's verdict may; never 0 */
uint64_t ngx_http_rtauth_scim_serial(ngx_http_rtauth_main_conf_t *mcf);

/*
 * His record, for who is told of him.
 * ret:  NGX_OK, with *user; NGX_DECLINED: there is none, or it may be somebody
 *       else's; NGX_ERROR
 */
ngx_int_t ngx_http_rtauth_scim_record(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_identity_t *identity, ngx_pool_t *pool,
    ngx_http_rtauth_scim_user_t *user);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCIM_EFFECT_H_INCLUDED */
