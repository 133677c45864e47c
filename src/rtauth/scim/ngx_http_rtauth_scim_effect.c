
#include "scim/ngx_http_rtauth_scim_effect.h"
#include "policy/rt_policy_member.h"


#define NGX_HTTP_RTAUTH_SCIM_POOL  1024


static void ngx_http_rtauth_scim_effect_cleanup(void *data);
static ngx_uint_t ngx_http_rtauth_scim_effect_owned(rt_json_t *v,
    ngx_http_rtauth_identity_t *identity);
static void ngx_http_rtauth_scim_effect_groups(
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_identity_t *identity,
    ngx_http_rtauth_scim_user_t *user);


/* Opened at first use, as ngx_http_rtauth_worker() is made at first use. */

ngx_http_rtauth_scim_store_t *
ngx_http_rtauth_scim_opened(ngx_http_rtauth_scim_t *scim)
{
    ngx_pool_cleanup_t  *cln;

    if (scim->store) {
        return scim->store;
    }

    /* each request tries this again, so that nothing is taken from the pool
       before the store is open */

    scim->store = ngx_http_rtauth_scim_store_open(&scim->conf);
    if (scim->store == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(ngx_cycle->pool, 0);
    if (cln == NULL) {
        ngx_http_rtauth_scim_effect_cleanup(scim);
        return NULL;
    }

    cln->handler = ngx_http_rtauth_scim_effect_cleanup;
    cln->data = scim;

    return scim->store;
}


void
ngx_http_rtauth_scim_exit(ngx_http_rtauth_scim_t *scim)
{
    ngx_http_rtauth_scim_effect_cleanup(scim);
}


static void
ngx_http_rtauth_scim_effect_cleanup(void *data)
{
    ngx_http_rtauth_scim_t *scim = data;

    if (scim->store) {
        ngx_http_rtauth_scim_store_close(scim->store);
        scim->store = NULL;
    }
}


ngx_uint_t
ngx_http_rtauth_scim_of(ngx_http_rtauth_scim_t *scim,
    ngx_http_rtauth_provider_t *provider)
{
    return rt_str_eq(ngx_rt_str(&provider->issuer),
                     ngx_rt_str(&scim->provider->issuer));
}


uint64_t
ngx_http_rtauth_scim_serial(ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_http_rtauth_scim_store_t  *store;

    store = ngx_http_rtauth_scim_opened(mcf->scim);

    return store ? ngx_http_rtauth_scim_generation(store) + 1 : 1;
}


/*
 * Looks up the user that a token names.  A claim that its provider has not
 * verified may keep him out, but never lets him in.
 */

rt_reason_e
ngx_http_rtauth_scim_verdict(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_identity_t *identity)
{
    ngx_int_t                     rc;
    ngx_pool_t                   *pool;
    rt_reason_e                   reason;
    ngx_http_rtauth_scim_user_t   user;

    identity->groups = identity->matched;

    if (!ngx_http_rtauth_scim_of(mcf->scim, identity->provider)) {
        return RT_REASON_OK;
    }

    pool = ngx_create_pool(NGX_HTTP_RTAUTH_SCIM_POOL, ngx_cycle->log);
    if (pool == NULL) {
        return RT_REASON_INTERNAL;
    }

    rc = ngx_http_rtauth_scim_record(mcf, identity, pool, &user);

    switch (rc == NGX_ERROR ? RT_SCIM_IS_UNREADY : user.is) {

    case RT_SCIM_IS_ACTIVE:

        if (rc == NGX_OK) {
            ngx_http_rtauth_scim_effect_groups(mcf, identity, &user);
            reason = RT_REASON_OK;
            break;
        }

        /* fall through */

    case RT_SCIM_IS_UNKNOWN:
        reason = mcf->scim->refuse ? RT_REASON_NOT_PUSHED : RT_REASON_OK;
        break;

    case RT_SCIM_IS_SEVERAL:
        reason = RT_REASON_NOT_PUSHED;
        break;

    case RT_SCIM_IS_UNREADY:
        reason = RT_REASON_USERS_UNAVAILABLE;
        break;

    default: /* OFF, GONE */
        reason = RT_REASON_DISABLED;
        break;
    }

    ngx_destroy_pool(pool);

    return reason;
}


ngx_int_t
ngx_http_rtauth_scim_record(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_identity_t *identity, ngx_pool_t *pool,
    ngx_http_rtauth_scim_user_t *user)
{
    u_char                         folded[NGX_HTTP_RTAUTH_SCIM_KEY];
    ngx_str_t                      key;
    ngx_uint_t                     owned;
    ngx_http_rtauth_scim_store_t  *store;

    ngx_memzero(user, sizeof(ngx_http_rtauth_scim_user_t));

    store = ngx_http_rtauth_scim_opened(mcf->scim);
    if (store == NULL) {
        return NGX_ERROR;
    }

    owned = ngx_http_rtauth_scim_key(mcf->scim, identity, folded, &key);

    if (key.len == 0) {
        return NGX_DECLINED;
    }

    if (ngx_http_rtauth_scim_user(store, mcf->scim->link, &key,
                                  identity->issued, pool, user)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return owned && user->is == RT_SCIM_IS_ACTIVE ? NGX_OK : NGX_DECLINED;
}


rt_str_t
ngx_http_rtauth_scim_claim(ngx_http_rtauth_scim_t *scim)
{
    static const rt_str_t  claims[] = {
        [RT_SCIM_NAME] = rt_null_string,
        [RT_SCIM_EXTERNAL] = rt_string("sub"),
        [RT_SCIM_EMAIL] = rt_string("email")
    };

    return scim->claim.len ? scim->claim
           : claims[scim->link].len ? claims[scim->link]
           : *ngx_rt_str(&scim->provider->user_claim);
}


ngx_uint_t
ngx_http_rtauth_scim_key(ngx_http_rtauth_scim_t *scim,
    ngx_http_rtauth_identity_t *identity, u_char *folded, ngx_str_t *key)
{
    rt_str_t    claim;
    rt_json_t  *v;

    claim = ngx_http_rtauth_scim_claim(scim);

    v = ngx_http_rtauth_scim_of(scim, identity->provider)
        ? rt_json_path(identity->claims, &claim) : NULL;

    ngx_str_null(key);

    if (v == NULL || v->type != RT_JSON_STRING
        || v->str.len > NGX_HTTP_RTAUTH_SCIM_CLAIM)
    {
        return 0;
    }

    if (scim->link == RT_SCIM_EXTERNAL) {
        *key = ngx_rt_str_copy(&v->str);

    } else {
        key->data = folded;
        key->len = rt_fold(folded, &v->str);
    }

    /* what is pushed is not longer, so that nobody can have this name */

    if (key->len > RT_SCIM_MAX_KEY) {
        ngx_str_null(key);
        return 0;
    }

    return ngx_http_rtauth_scim_effect_owned(v, identity)
           && (scim->link == RT_SCIM_EXTERNAL
               || !rt_fold_strange(&v->str, ngx_rt_str(key)));
}


/*
 * Whether the provider vouches for a claim: for an email only if it was
 * verified.  The claim is compared by its place in the token, because the path
 * to it can be written in several ways.
 */

static ngx_uint_t
ngx_http_rtauth_scim_effect_owned(rt_json_t *v,
    ngx_http_rtauth_identity_t *identity)
{
    rt_json_t  *verified;

    if (v != rt_json_member(identity->claims, "email")) {
        return 1;
    }

    verified = rt_json_member(identity->claims, "email_verified");

    return verified && rt_claims_true(verified);
}


static void
ngx_http_rtauth_scim_effect_groups(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_identity_t *identity, ngx_http_rtauth_scim_user_t *user)
{
    ngx_uint_t  i;

    for (i = 0; i < user->ngroups; i++) {
        rt_policy_pushed(&mcf->policy, &user->groups[i],
                         ngx_rt_str(&identity->provider->name),
                         &identity->groups);
    }
}
