
/*
 * What it means for the user of a token or a session whether his provider has
 * pushed him: whether he is let in, and which groups he is in.
 */


#ifndef NGX_HTTP_RTAUTH_SCIM_EFFECT_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCIM_EFFECT_H_INCLUDED


#include "scim/ngx_http_rtauth_scim_store.h"
#include "text/rt_fold.h"


#pragma GCC visibility push(hidden)


/* rtauth_scim_zone, and what all rtauth_scim have in common. */

struct ngx_http_rtauth_scim_s {
    ngx_http_rtauth_scim_zone_conf_t    conf;       /* size 0: no zone */
    ngx_array_t                         places;     /* of
                                              ngx_http_rtauth_scim_loc_t * */
    ngx_rt_where_t                      where;      /* of the first */
    ngx_str_t                           name;       /* provider=, or empty */
    ngx_http_rtauth_provider_t         *provider;   /* whose users these are;
                                              another one of the same issuer
                                              has the same users */
    rt_scim_index_e                     link;
    rt_str_t                            claim;      /* that names a user; empty:
                                                       what link says */
    ngx_uint_t                          refuse;     /* 1: also who was never
                                                       pushed */

    ngx_http_rtauth_scim_store_t       *store;      /* this worker's; NULL: it
                                                       is not open */
};


/* this worker's store, which is opened at first use; NULL after a message */
ngx_http_rtauth_scim_store_t *ngx_http_rtauth_scim_opened(
    ngx_http_rtauth_scim_t *scim);

/* at the worker's end */
void ngx_http_rtauth_scim_exit(ngx_http_rtauth_scim_t *scim);

/* ret: 1 if this provider has the issuer whose users are pushed */
ngx_uint_t ngx_http_rtauth_scim_of(ngx_http_rtauth_scim_t *scim,
    ngx_http_rtauth_provider_t *provider);

/*
 * Looks up the user of a request.
 * out:  identity->groups
 * ret:  RT_REASON_OK, RT_REASON_DISABLED, RT_REASON_NOT_PUSHED,
 *       RT_REASON_USERS_UNAVAILABLE, RT_REASON_INTERNAL
 */
rt_reason_e ngx_http_rtauth_scim_verdict(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_identity_t *identity);

/* the claim of link=, or the one that is taken where link= names none */
rt_str_t ngx_http_rtauth_scim_claim(ngx_http_rtauth_scim_t *scim);

/*
 * The value of the claim by which link= finds a user among those who were
 * pushed.
 * in:   folded, room for NGX_HTTP_RTAUTH_SCIM_CLAIM bytes
 * out:  *key, in folded or in his claims; empty: nobody who was pushed has it
 * ret:  1, the provider vouches for it; 0, he only claims it
 */
#define NGX_HTTP_RTAUTH_SCIM_CLAIM  (3 * RT_SCIM_MAX_KEY)   /* bytes: folded,
                                              no letter has less than a third */
#define NGX_HTTP_RTAUTH_SCIM_KEY    RT_FOLD_ROOM(NGX_HTTP_RTAUTH_SCIM_CLAIM)

ngx_uint_t ngx_http_rtauth_scim_key(ngx_http_rtauth_scim_t *scim,
    ngx_http_rtauth_identity_t *identity, u_char *folded, ngx_str_t *key);

/* differs when anybody's verdict may have changed; never 0 */
uint64_t ngx_http_rtauth_scim_serial(ngx_http_rtauth_main_conf_t *mcf);

/*
 * The record of a request's user, to tell an application of him.
 * ret:  NGX_OK, with *user; NGX_DECLINED: there is none, or it may be somebody
 *       else's; NGX_ERROR
 */
ngx_int_t ngx_http_rtauth_scim_record(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_identity_t *identity, ngx_pool_t *pool,
    ngx_http_rtauth_scim_user_t *user);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCIM_EFFECT_H_INCLUDED */
