
/*
 * From a token to who stands behind it: ngx_http_rtauth_verify(), see
 * ngx_http_rtauth.h.
 */

#include "keys/ngx_http_rtauth_ended.h"
#include "keys/ngx_http_rtauth_worker.h"
#include "keys/ngx_http_rtauth_provider.h"
#include "policy/ngx_http_rtauth_group.h"

#include "ngx_rt_log.h"
#include "text/rt_b64.h"
#include "text/rt_logpath.h"
#include "jose/rt_jws.h"


typedef struct {
    ngx_http_request_t            *request;
    ngx_http_rtauth_worker_t      *worker;
    ngx_http_rtauth_keys_t        *keys;
    ngx_http_rtauth_memo_entry_t  *entry;
    ngx_str_t                     *token;
    rt_jws_t                       jws;
    ngx_uint_t                     attempts;    /* to fetch, before the keys
                                                   were looked at */
    ngx_http_rtauth_signed_t      *once;        /* nobody remembers it */
    time_t                         until;       /* what its provider said of it
                                                   is good; 0: it is signed */
    rt_reason_e                    reason;
} ngx_http_rtauth_verify_t;


static ngx_int_t ngx_http_rtauth_verify_init(ngx_http_rtauth_verify_t *v,
    ngx_http_request_t *r, ngx_str_t *token, uint32_t hash);
static ngx_int_t ngx_http_rtauth_verify_learned(ngx_http_rtauth_verify_t *v,
    ngx_int_t rc, ngx_http_rtauth_identity_t **identity, rt_reason_e *reason);
static ngx_int_t ngx_http_rtauth_verify_give(ngx_http_rtauth_worker_t *w,
    ngx_http_request_t *r, ngx_http_rtauth_memo_entry_t *e, ngx_int_t rc,
    ngx_http_rtauth_identity_t **identity, rt_reason_e *reason);
static ngx_http_rtauth_memo_entry_t *ngx_http_rtauth_verify_cached(
    ngx_http_rtauth_worker_t *w, ngx_array_t *providers, ngx_str_t *token,
    uint32_t hash);
static ngx_http_rtauth_memo_entry_t *ngx_http_rtauth_verify_was_told(
    ngx_http_rtauth_worker_t *w, ngx_http_rtauth_provider_t *p,
    ngx_str_t *token, uint32_t hash);
static ngx_int_t ngx_http_rtauth_verify_hit(ngx_http_rtauth_memo_entry_t *e,
    rt_reason_e *reason);
static ngx_int_t ngx_http_rtauth_verify_miss(ngx_http_rtauth_verify_t *v,
    ngx_array_t *providers);
static ngx_uint_t ngx_http_rtauth_verify_opaque(ngx_http_rtauth_verify_t *v,
    ngx_array_t *providers);
static ngx_http_rtauth_provider_t *ngx_http_rtauth_verify_choose(
    ngx_http_rtauth_verify_t *v, ngx_array_t *providers);
static ngx_int_t ngx_http_rtauth_verify_key(ngx_http_rtauth_verify_t *v,
    const rt_jwk_t **key);
static ngx_int_t ngx_http_rtauth_verify_newer(ngx_http_rtauth_verify_t *v);
static ngx_int_t ngx_http_rtauth_verify_park(ngx_http_rtauth_verify_t *v,
    ngx_uint_t asked);
static ngx_int_t ngx_http_rtauth_verify_payload(ngx_http_rtauth_verify_t *v,
    const rt_jwk_t *key, rt_str_t *payload);
static ngx_uint_t ngx_http_rtauth_verify_budget(ngx_http_rtauth_verify_t *v);
static ngx_int_t ngx_http_rtauth_verify_claims(ngx_http_rtauth_verify_t *v,
    rt_str_t *payload);
static void ngx_http_rtauth_verify_signed(ngx_http_rtauth_verify_t *v);
static void ngx_http_rtauth_verify_explain(ngx_http_rtauth_verify_t *v,
    rt_json_t *claims);
static void ngx_http_rtauth_verify_times(ngx_http_rtauth_memo_entry_t *e,
    time_t leeway);
static ngx_int_t ngx_http_rtauth_verify_reason(rt_reason_e reason);


/* a token that is known is what most requests show: nothing is made ready */

ngx_int_t
ngx_http_rtauth_verify(ngx_http_request_t *r, ngx_array_t *providers,
    ngx_str_t *token, ngx_http_rtauth_identity_t **identity,
    rt_reason_e *reason)
{
    uint32_t                       hash;
    ngx_int_t                      rc;
    ngx_http_rtauth_verify_t       v;
    ngx_http_rtauth_worker_t      *w;
    ngx_http_rtauth_memo_entry_t  *e;

    *reason = RT_REASON_INTERNAL;

    w = ngx_http_rtauth_worker(
             ngx_http_get_module_main_conf(r, ngx_http_rtauth_module));

    if (w == NULL) {
        return NGX_ERROR;
    }

    hash = ngx_http_rtauth_memo_hash(token);

    e = ngx_http_rtauth_verify_cached(w, providers, token, hash);

    if (e) {
        ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "rtauth token of \"%V\": known to this worker",
                       &e->identity.provider->name);

        rc = ngx_http_rtauth_verify_hit(e, reason);

        return ngx_http_rtauth_verify_give(w, r, e, rc, identity, reason);
    }

    if (ngx_http_rtauth_waits(r)) {
        return NGX_AGAIN;
    }

    rc = ngx_http_rtauth_verify_init(&v, r, token, hash);

    if (rc == NGX_OK) {
        rc = ngx_http_rtauth_verify_miss(&v, providers);
    }

    return ngx_http_rtauth_verify_learned(&v, rc, identity, reason);
}


ngx_int_t
ngx_http_rtauth_verify_told(ngx_http_request_t *r,
    ngx_http_rtauth_provider_t *provider, ngx_str_t *token,
    ngx_str_t *answer, time_t until, ngx_http_rtauth_identity_t **identity,
    rt_reason_e *reason)
{
    rt_str_t                  payload;
    ngx_int_t                 rc;
    ngx_http_rtauth_verify_t  v;

    rc = ngx_http_rtauth_verify_init(&v, r, token,
                                     ngx_http_rtauth_memo_hash(token));

    if (rc == NGX_OK) {
        v.entry->identity.provider = provider;
        v.entry->generation = NGX_HTTP_RTAUTH_MEMO_TOLD;
        v.keys = &v.worker->keys[provider->index];
        v.until = until;

        /* claims point into their text, which has to live as long as they do */

        payload.len = answer->len;
        payload.data = rt_alloc(&v.entry->mem, answer->len);

        rc = NGX_ERROR;

        if (payload.data) {
            ngx_memcpy(payload.data, answer->data, answer->len);
            rc = ngx_http_rtauth_verify_claims(&v, &payload);
        }
    }

    return ngx_http_rtauth_verify_learned(&v, rc, identity, reason);
}


static ngx_int_t
ngx_http_rtauth_verify_init(ngx_http_rtauth_verify_t *v,
    ngx_http_request_t *r, ngx_str_t *token, uint32_t hash)
{
    ngx_memzero(v, sizeof(ngx_http_rtauth_verify_t));

    v->request = r;
    v->token = token;
    v->reason = RT_REASON_INTERNAL;
    v->worker = ngx_http_rtauth_worker(
                    ngx_http_get_module_main_conf(r, ngx_http_rtauth_module));

    if (v->worker == NULL) {
        return NGX_ERROR;
    }

    if (token->len > NGX_HTTP_RTAUTH_MAX_TOKEN) {
        v->reason = RT_REASON_TOO_BIG;
        return NGX_DECLINED;
    }

    v->entry = ngx_http_rtauth_memo_new(v->worker->memo, token, hash);

    return v->entry ? NGX_OK : NGX_ERROR;
}


/* one that is good is found by others from here on */

static ngx_int_t
ngx_http_rtauth_verify_learned(ngx_http_rtauth_verify_t *v, ngx_int_t rc,
    ngx_http_rtauth_identity_t **identity, rt_reason_e *reason)
{
    *reason = v->reason;

    if (v->entry == NULL) {
        return rc;
    }

    if (rc == NGX_OK) {
        ngx_http_rtauth_memo_list(v->entry);
    }

    return ngx_http_rtauth_verify_give(v->worker, v->request, v->entry, rc,
                                       identity, reason);
}


/* looks for what was revoked each time; the entry is the request's, or gone */

static ngx_int_t
ngx_http_rtauth_verify_give(ngx_http_rtauth_worker_t *w,
    ngx_http_request_t *r, ngx_http_rtauth_memo_entry_t *e, ngx_int_t rc,
    ngx_http_rtauth_identity_t **identity, rt_reason_e *reason)
{
    if (rc == NGX_OK
        && ngx_http_rtauth_ended_note(w, &e->identity, &e->ended))
    {
        *reason = RT_REASON_REVOKED;
        rc = NGX_DECLINED;
    }

    if (rc == NGX_OK && ngx_http_rtauth_memo_pin(e, r->pool) == NGX_OK) {
        *identity = &e->identity;
        return NGX_OK;
    }

    ngx_http_rtauth_memo_drop(e);

    if (rc == NGX_OK) {
        *reason = RT_REASON_INTERNAL;
        return NGX_ERROR;
    }

    return rc;
}


ngx_int_t
ngx_http_rtauth_verify_once(ngx_http_request_t *r,
    ngx_http_rtauth_provider_t *provider, ngx_str_t *token,
    ngx_http_rtauth_signed_t *once, rt_reason_e *reason)
{
    ngx_int_t                 rc;
    ngx_array_t               providers;
    ngx_http_rtauth_verify_t  v;

    if (ngx_http_rtauth_waits(r)) {
        return NGX_AGAIN;
    }

    rc = ngx_http_rtauth_verify_init(&v, r, token, 0);
    *reason = v.reason;

    if (rc != NGX_OK) {
        return rc;
    }

    v.once = once;

    ngx_memzero(&providers, sizeof(ngx_array_t));
    providers.elts = &provider;
    providers.nelts = 1;

    rc = ngx_http_rtauth_verify_miss(&v, &providers);
    *reason = v.reason;

    if (rc == NGX_OK
        && ngx_http_rtauth_memo_pin(v.entry, r->pool) != NGX_OK)
    {
        *reason = RT_REASON_INTERNAL;
        rc = NGX_ERROR;
    }

    /* whoever pinned it has it until his pool goes */

    ngx_http_rtauth_memo_drop(v.entry);

    return rc;
}


/* a token has one issuer: at most one provider of the list has met it */

static ngx_http_rtauth_memo_entry_t *
ngx_http_rtauth_verify_cached(ngx_http_rtauth_worker_t *w,
    ngx_array_t *providers, ngx_str_t *token, uint32_t hash)
{
    rt_jwks_t                      *set;
    ngx_uint_t                      i, generation;
    ngx_http_rtauth_keys_t         *keys;
    ngx_http_rtauth_provider_t    **p;
    ngx_http_rtauth_memo_entry_t   *e;

    p = providers->elts;

    for (i = 0; i < providers->nelts; i++) {
        keys = &w->keys[p[i]->index];

        if (keys->pcf->introspection) {
            e = ngx_http_rtauth_verify_was_told(w, p[i], token, hash);

            if (e) {
                return e;
            }
        }

        if (ngx_http_rtauth_keys_get(keys, &set, &generation) != NGX_OK) {
            continue;
        }

        e = ngx_http_rtauth_memo_find(w->memo, token, hash, p[i], generation);

        if (e) {
            return e;
        }
    }

    return NULL;
}


/* what was said of it is good for a while only */

static ngx_http_rtauth_memo_entry_t *
ngx_http_rtauth_verify_was_told(ngx_http_rtauth_worker_t *w,
    ngx_http_rtauth_provider_t *p, ngx_str_t *token, uint32_t hash)
{
    ngx_http_rtauth_memo_entry_t  *e;

    e = ngx_http_rtauth_memo_find(w->memo, token, hash, p,
                                  NGX_HTTP_RTAUTH_MEMO_TOLD);

    if (e && (ngx_time() < e->begins || ngx_time() >= e->expires)) {
        ngx_http_rtauth_memo_drop(e);
        return NULL;
    }

    return e;
}


/* what the signature said stays true; the time does not */

static ngx_int_t
ngx_http_rtauth_verify_hit(ngx_http_rtauth_memo_entry_t *e,
    rt_reason_e *reason)
{
    int64_t                           now, expires;
    ngx_http_rtauth_provider_conf_t  *pcf;

    now = ngx_time();

    if (now >= e->begins && now < e->expires) {
        *reason = RT_REASON_OK;
        return NGX_OK;
    }

    pcf = e->identity.provider->conf;

    *reason = rt_claims_check(&pcf->policy, &e->typ, e->identity.claims, now,
                              &expires);

    return ngx_http_rtauth_verify_reason(*reason);
}


static ngx_int_t
ngx_http_rtauth_verify_miss(ngx_http_rtauth_verify_t *v,
    ngx_array_t *providers)
{
    rt_str_t                          payload;
    ngx_int_t                         rc;
    const rt_jwk_t                   *key;
    ngx_http_rtauth_provider_t       *p;
    ngx_http_rtauth_provider_conf_t  *pcf;

    if (v->once == NULL && ngx_http_rtauth_verify_opaque(v, providers)) {
        return NGX_DONE;
    }

    p = ngx_http_rtauth_verify_choose(v, providers);
    if (p == NULL) {
        return ngx_http_rtauth_verify_reason(v->reason);
    }

    pcf = p->conf;

    v->keys = &v->worker->keys[p->index];
    v->attempts = v->keys->hold.slot ? v->keys->hold.slot->attempts : 0;
    v->entry->identity.provider = p;

    v->reason = rt_jws_parse(&v->entry->mem, ngx_rt_str(v->token),
                             pcf->algs, &v->jws);

    if (v->reason != RT_REASON_OK) {
        return ngx_http_rtauth_verify_reason(v->reason);
    }

    rc = ngx_http_rtauth_verify_key(v, &key);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_rtauth_verify_payload(v, key, &payload);
    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_rtauth_verify_claims(v, &payload);
}


ngx_http_rtauth_provider_t *
ngx_http_rtauth_verify_asks(ngx_array_t *providers)
{
    ngx_uint_t                    i;
    ngx_http_rtauth_provider_t  **p;

    p = providers->elts;

    for (i = 0; i < providers->nelts; i++) {
        if (p[i]->conf->introspection) {
            return p[i];
        }
    }

    return NULL;
}


/*
 * A token that names an issuer is nobody else's: where that one is not believed
 * here, no provider is shown it.
 */

static ngx_uint_t
ngx_http_rtauth_verify_opaque(ngx_http_rtauth_verify_t *v,
    ngx_array_t *providers)
{
    rt_str_t     iss;
    rt_status_e  rc;

    if (ngx_http_rtauth_verify_asks(providers) == NULL) {
        return 0;
    }

    rc = rt_jws_unverified_issuer(&v->entry->mem, ngx_rt_str(v->token), &iss);

    return rc != RT_OK && rc != RT_ERROR;
}


static ngx_http_rtauth_provider_t *
ngx_http_rtauth_verify_choose(ngx_http_rtauth_verify_t *v,
    ngx_array_t *providers)
{
    size_t                        len;
    u_char                        shown[RT_LOGPATH_MAX];
    rt_str_t                      iss;
    ngx_uint_t                    i;
    rt_status_e                   rc;
    ngx_http_rtauth_provider_t  **p;

    p = providers->elts;

    if (providers->nelts == 1) {
        return p[0];
    }

    rc = rt_jws_unverified_issuer(&v->entry->mem, ngx_rt_str(v->token),
                                  &iss);
    if (rc == RT_OK) {

        for (i = 0; i < providers->nelts; i++) {
            if (rt_str_eq(ngx_rt_str(&p[i]->issuer), &iss)) {
                return p[i];
            }
        }

        len = rt_logpath(shown, &iss);

        ngx_rt_log_error(NGX_LOG_NOTICE, v->request,
                         "rtauth: no provider of this location has the token's "
                         "issuer, \"%*s\"", len, shown);
    }

    v->reason = (rc == RT_OK || rc == RT_DECLINED) ? RT_REASON_WRONG_ISSUER
                : (rc == RT_ERROR) ? RT_REASON_INTERNAL
                                   : RT_REASON_MALFORMED;
    return NULL;
}


static ngx_int_t
ngx_http_rtauth_verify_key(ngx_http_rtauth_verify_t *v, const rt_jwk_t **key)
{
    rt_jwks_t                    *set;
    ngx_int_t                     rc;
    ngx_http_rtauth_token_key_t  *tk;

    tk = &v->entry->key;

    rc = ngx_http_rtauth_keys_get(v->keys, &set, &tk->generation);

    if (rc == NGX_AGAIN) {
        return ngx_http_rtauth_verify_park(v, 0);
    }

    if (rc != NGX_OK) {
        v->reason = RT_REASON_KEYS_UNAVAILABLE;
        return NGX_ERROR;
    }

    v->entry->generation = tk->generation;

    v->reason = rt_jws_select(&v->jws, set, key);

    if (v->reason == RT_REASON_UNKNOWN_KEY
        || v->reason == RT_REASON_ALG_MISMATCH)
    {
        return ngx_http_rtauth_verify_newer(v);
    }

    return ngx_http_rtauth_verify_reason(v->reason);
}


/*
 * The keys at hand say no, which newer ones may not: a key may have been added,
 * or replaced under its old name.  Where none can be had, a key of that name is
 * believed; whether there is a key of an unknown name cannot be told.
 */

static ngx_int_t
ngx_http_rtauth_verify_newer(ngx_http_rtauth_verify_t *v)
{
    ngx_int_t                rc;
    rt_reason_e              reason;
    ngx_http_rtauth_wait_t  *wait;

    reason = v->reason;
    wait = ngx_http_rtauth_wait_find(v->request);

    rc = (wait && wait->expired)
         ? NGX_ERROR
         : ngx_http_rtauth_keys_newer(v->keys, wait ? wait->asked : 0);

    if (rc == NGX_AGAIN) {
        rc = ngx_http_rtauth_verify_park(v, 1);
    }

    if (rc == NGX_ERROR && reason == RT_REASON_UNKNOWN_KEY) {
        v->reason = RT_REASON_KEYS_UNAVAILABLE;
        return NGX_ERROR;
    }

    v->reason = reason;

    return (rc == NGX_AGAIN) ? NGX_AGAIN : NGX_DECLINED;
}


static ngx_int_t
ngx_http_rtauth_verify_park(ngx_http_rtauth_verify_t *v, ngx_uint_t asked)
{
    if (ngx_http_rtauth_wait(v->request, &v->keys->waiting, v->attempts, asked)
        == NGX_AGAIN)
    {
        return NGX_AGAIN;
    }

    v->reason = RT_REASON_KEYS_UNAVAILABLE;

    return NGX_ERROR;
}


/*
 * A token whose signature held before, for this policy and with these keys,
 * in any worker, is only decoded.
 */

static ngx_int_t
ngx_http_rtauth_verify_payload(ngx_http_rtauth_verify_t *v, const rt_jwk_t *key,
    rt_str_t *payload)
{
    rt_mem_t                     *mem;
    ngx_http_rtauth_token_key_t  *tk;

    mem = &v->entry->mem;
    tk = &v->entry->key;

    ngx_memcpy(tk->policy, v->keys->pcf->fingerprint, sizeof(tk->policy));

    if (ngx_http_rtauth_digest(v->worker, v->token, tk->digest) != NGX_OK) {
        v->reason = RT_REASON_INTERNAL;
        return NGX_ERROR;
    }

    if (v->once == NULL && ngx_http_rtauth_cache_has(v->worker->zone, tk)) {

        ngx_log_debug1(NGX_LOG_DEBUG_HTTP, v->request->connection->log, 0,
                       "rtauth token of \"%V\": known to the zone",
                       &v->keys->pcf->provider->name);

        v->entry->known = 1;

        if (rt_b64_decode(mem, &v->jws.payload_b64, payload) == RT_OK) {
            return NGX_OK;
        }

        v->reason = RT_REASON_INTERNAL;
        return NGX_ERROR;
    }

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, v->request->connection->log, 0,
                   "rtauth token of \"%V\": signature is looked at",
                   &v->keys->pcf->provider->name);

    if (ngx_http_rtauth_verify_budget(v)
        && !ngx_http_rtauth_budget_left(v->worker->budget,
                                        v->request->connection))
    {
        v->reason = RT_REASON_TOO_MANY_BAD;
        return NGX_DECLINED;
    }

    v->reason = rt_jws_check(mem, &v->jws, key);

    if (v->reason == RT_REASON_OK) {
        *payload = v->jws.payload;
    }

    if (v->reason == RT_REASON_BAD_SIGNATURE) {

        if (ngx_http_rtauth_verify_budget(v)) {
            ngx_http_rtauth_budget_spend(v->worker->budget,
                                         v->request->connection);
        }

        return ngx_http_rtauth_verify_newer(v);
    }

    return ngx_http_rtauth_verify_reason(v->reason);
}


/* in ACCESS, limit_req and friends have had their say */

static ngx_uint_t
ngx_http_rtauth_verify_budget(ngx_http_rtauth_verify_t *v)
{
    ngx_http_rtauth_loc_conf_t  *rlcf;

    if (v->once) {
        return 0;
    }

    rlcf = ngx_http_get_module_loc_conf(v->request, ngx_http_rtauth_module);

    return rlcf->phase == NGX_HTTP_RTAUTH_PREACCESS;
}


static ngx_int_t
ngx_http_rtauth_verify_claims(ngx_http_rtauth_verify_t *v, rt_str_t *payload)
{
    rt_json_t                        *sub;
    rt_claims_policy_t                policy;
    ngx_http_rtauth_memo_entry_t     *e;
    ngx_http_rtauth_provider_conf_t  *pcf;

    e = v->entry;
    pcf = v->keys->pcf;
    policy = pcf->policy;

    /* an answer has no header; and its token need not say when it expires */

    if (v->until) {
        policy.ntypes = 0;
        policy.asked = 1;
        policy.exp_optional = 1;
        policy.max_lifetime = pcf->max_lifetime;
    }

    v->reason = rt_claims_parse(&e->mem, payload, &e->identity.claims);

    if (v->once) {
        ngx_http_rtauth_verify_signed(v);

        return ngx_http_rtauth_verify_reason(v->reason);
    }

    if (v->reason == RT_REASON_OK) {
        v->reason = rt_claims_check(&policy, &v->jws.typ,
                                    e->identity.claims, ngx_time(),
                                    &e->expires);
    }

    if (v->reason != RT_REASON_OK) {
        ngx_http_rtauth_verify_explain(v, e->identity.claims);

        return ngx_http_rtauth_verify_reason(v->reason);
    }

    e->typ = v->jws.typ;
    e->identity.jose = v->jws.header;
    ngx_http_rtauth_verify_times(e, pcf->leeway);

    sub = rt_json_member(e->identity.claims, "sub");

    if (sub) {
        e->identity.sub.len = sub->str.len;
        e->identity.sub.data = sub->str.data;
    }

    e->identity.expires = e->expires;

    ngx_http_rtauth_group_members(v->request, &e->identity);

    if (v->until) {
        e->expires = ngx_min(e->expires, v->until);

    } else if (!e->known) {
        ngx_http_rtauth_cache_add(v->worker->zone, &e->key, e->expires);
    }

    return NGX_OK;
}


static void
ngx_http_rtauth_verify_signed(ngx_http_rtauth_verify_t *v)
{
    ngx_http_rtauth_signed_t  *once;

    once = v->once;

    once->claims = v->entry->identity.claims;
    once->alg = v->jws.alg;
    once->typ = v->jws.typ;

    if (v->reason == RT_REASON_OK && once->policy) {
        v->reason = rt_claims_check(once->policy, &once->typ, once->claims,
                                    ngx_time(), NULL);
    }
}


/*
 * What was expected, and what came: as a path is shown in a log, for the
 * provider's words are not ours (rt_logpath.h).
 */

static void
ngx_http_rtauth_verify_explain(ngx_http_rtauth_verify_t *v, rt_json_t *claims)
{
    size_t                            len;
    u_char                            shown[RT_LOGPATH_MAX];
    const rt_str_t                   *expected;
    rt_json_t                        *came;
    ngx_http_rtauth_provider_conf_t  *pcf;

    /* client_id alone is an audience of ID tokens at sign-in only */

    static const rt_str_t  none = rt_string("(the line is not there)");

    pcf = v->keys->pcf;

    if (v->reason == RT_REASON_WRONG_ISSUER) {
        came = rt_json_member(claims, "iss");
        expected = &pcf->policy.issuer;

    } else if (v->reason == RT_REASON_WRONG_AUDIENCE) {
        came = rt_json_member(claims, "aud");
        expected = pcf->policy.naudiences ? &pcf->policy.audiences[0] : &none;

        if (came && came->type == RT_JSON_ARRAY) {
            came = came->child;
        }

    } else {
        return;
    }

    len = (came && came->type == RT_JSON_STRING)
          ? rt_logpath(shown, &came->str) : 0;

    ngx_rt_log_error(NGX_LOG_NOTICE, v->request,
                     "rtauth: provider \"%V\" expects \"%s %*s\"%s, the token "
                     "has \"%*s\"", &pcf->provider->name,
                     v->reason == RT_REASON_WRONG_ISSUER ? "issuer"
                                                         : "audience",
                     expected->len, expected->data,
                     v->reason == RT_REASON_WRONG_AUDIENCE
                     && pcf->policy.naudiences > 1 ? " or another" : "",
                     len, shown);
}


/*
 * From when on nbf and iat need no second look; and since when it is there, by
 * our clock, which may be so far behind that of the provider.  A token that
 * does not say when is as old as one can be.
 */

static void
ngx_http_rtauth_verify_times(ngx_http_rtauth_memo_entry_t *e, time_t leeway)
{
    double  nbf, iat;

    nbf = 0;
    iat = 0;

    (void) rt_json_double(rt_json_member(e->identity.claims, "nbf"), &nbf);
    (void) rt_json_double(rt_json_member(e->identity.claims, "iat"), &iat);

    e->begins = (int64_t) (ngx_max(nbf, iat) - leeway) + 1;
    e->identity.issued = (iat > 0) ? (time_t) iat - leeway : 0;
}


/* one place that tells whose fault it is */

static ngx_int_t
ngx_http_rtauth_verify_reason(rt_reason_e reason)
{
    if (reason == RT_REASON_OK) {
        return NGX_OK;
    }

    return rt_reason(reason)->status >= 500 ? NGX_ERROR : NGX_DECLINED;
}
