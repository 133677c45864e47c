
#include "session/ngx_http_rtauth_session.h"
#include "session/ngx_http_rtauth_envelope.h"
#include "session/ngx_http_rtauth_fleet.h"
#include "session/ngx_http_rtauth_jar.h"
#include "session/ngx_http_rtauth_session_save.h"
#include "session/ngx_http_rtauth_stores.h"
#include "client/ngx_http_rtauth_client.h"
#include "keys/ngx_http_rtauth_ended.h"
#include "keys/ngx_http_rtauth_worker.h"
#include "policy/ngx_http_rtauth_group.h"
#include "jose/rt_claims.h"
#include "oidc/rt_login.h"
#include "ngx_rt_kept.h"
#include "ngx_rt_wait.h"


#define NGX_HTTP_RTAUTH_SESSION_TOUCH   60      /* seconds */


/* a store that is asked on a request's behalf, until it has answered */

typedef struct {
    ngx_http_request_t          *request;
    ngx_http_rtauth_op_t         op;
    ngx_http_rtauth_envelope_t   envelope;
    ngx_int_t                    rc;
    ngx_http_rtauth_session_live_pt  live;  /* of one that goes on */
    unsigned                     pending:1;
    unsigned                     answered:1;
} ngx_http_rtauth_session_load_t;


static ngx_http_rtauth_session_load_t *ngx_http_rtauth_session_find(
    ngx_http_request_t *r, ngx_pool_cleanup_pt cleanup);
static ngx_int_t ngx_http_rtauth_session_live_ask(
    ngx_http_rtauth_session_load_t *load, ngx_array_t *providers,
    ngx_http_rtauth_memo_entry_t **e);
static ngx_uint_t ngx_http_rtauth_session_live_known(
    ngx_http_rtauth_session_load_t *load);
static void ngx_http_rtauth_session_live_cleanup(void *data);
static time_t ngx_http_rtauth_session_hold(ngx_http_request_t *r);
static ngx_uint_t ngx_http_rtauth_session_over(
    ngx_http_rtauth_sessions_t *sessions, rt_session_t *record);
static ngx_int_t ngx_http_rtauth_session_ask(
    ngx_http_rtauth_session_load_t *load, ngx_http_rtauth_memo_entry_t *e);
static void ngx_http_rtauth_session_answered(ngx_http_rtauth_op_t *op,
    ngx_int_t rc);
static void ngx_http_rtauth_session_cleanup(void *data);
static ngx_int_t ngx_http_rtauth_session_envelope(
    ngx_http_rtauth_session_load_t *load);
static ngx_int_t ngx_http_rtauth_session_open(
    ngx_http_rtauth_session_load_t *load, ngx_http_rtauth_worker_t *w,
    ngx_array_t *providers, ngx_http_rtauth_memo_entry_t **entry);
static ngx_int_t ngx_http_rtauth_session_fill(ngx_http_request_t *r,
    ngx_http_rtauth_memo_entry_t *e, rt_str_t *plain, ngx_array_t *providers);
static ngx_http_rtauth_provider_t *ngx_http_rtauth_session_provider(
    ngx_array_t *providers, uint32_t id);
static ngx_int_t ngx_http_rtauth_session_judge(ngx_http_request_t *r,
    ngx_http_rtauth_worker_t *w, ngx_http_rtauth_memo_entry_t *e,
    ngx_array_t *providers, rt_reason_e *reason);
static void ngx_http_rtauth_session_touch(ngx_http_rtauth_session_load_t *load,
    ngx_http_rtauth_memo_entry_t *e);


ngx_int_t
ngx_http_rtauth_session_load(ngx_http_request_t *r, ngx_array_t *providers,
    ngx_http_rtauth_identity_t **identity, rt_reason_e *reason)
{
    ngx_int_t                        rc;
    ngx_http_rtauth_jar_t           *jar;
    ngx_http_rtauth_worker_t        *w;
    ngx_http_rtauth_memo_entry_t    *e;
    ngx_http_rtauth_session_load_t  *load;

    *reason = RT_REASON_ANONYMOUS;

    jar = ngx_http_rtauth_jar(r);

    if (jar == NULL || jar->session.len == 0) {
        return NGX_DECLINED;
    }

    w = ngx_http_rtauth_worker(
             ngx_http_get_module_main_conf(r, ngx_http_rtauth_module));
    load = ngx_http_rtauth_session_find(r, ngx_http_rtauth_session_cleanup);

    if (w == NULL || load == NULL) {
        *reason = RT_REASON_INTERNAL;
        return NGX_ERROR;
    }

    if (load->pending) {
        return NGX_AGAIN;
    }

    load->op.pool = r->pool;

    e = ngx_http_rtauth_memo_session(w->memo, &jar->session,
                   ngx_http_rtauth_memo_hash(&jar->session),
                   ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module));

    rc = ngx_http_rtauth_session_ask(load, e);

    if (rc == NGX_OK && (e == NULL || e->generation != load->op.version)) {
        if (e) {
            ngx_http_rtauth_memo_drop(e);
        }

        rc = ngx_http_rtauth_session_open(load, w, providers, &e);
    }

    if (rc == NGX_ERROR) {
        *reason = RT_REASON_STORE_UNAVAILABLE;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_rtauth_session_judge(r, w, e, providers, reason);

    if (rc == NGX_OK) {
        ngx_http_rtauth_session_touch(load, e);
        *identity = &e->identity;
    }

    return rc;
}


ngx_int_t
ngx_http_rtauth_session_live(ngx_http_request_t *r, ngx_array_t *providers,
    ngx_http_rtauth_session_live_pt handler,
    ngx_http_rtauth_identity_t **identity, rt_reason_e *reason)
{
    ngx_int_t                        rc;
    ngx_http_rtauth_memo_entry_t    *e;
    ngx_http_rtauth_session_load_t  *load;

    load = ngx_http_rtauth_session_find(r,
                                        ngx_http_rtauth_session_live_cleanup);
    if (load == NULL) {
        *reason = RT_REASON_INTERNAL;
        return NGX_DECLINED;
    }

    if (load->pending) {
        return NGX_AGAIN;
    }

    load->live = handler;

    rc = ngx_http_rtauth_session_live_ask(load, providers, &e);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    /* what a look has taken is given back: a long request has many of them */

    ngx_http_rtauth_session_live_cleanup(load);

    if (rc == NGX_DECLINED) {
        *reason = RT_REASON_REVOKED;
        return NGX_DECLINED;
    }

    if (rc == NGX_ERROR && !ngx_http_rtauth_session_live_known(load)) {
        *reason = RT_REASON_STORE_UNAVAILABLE;
        return NGX_DECLINED;
    }

    if (rc == NGX_OK && e) {
        *identity = &e->identity;
    }

    if (ngx_http_rtauth_session_over(load->op.sessions,
                                     &(*identity)->session->record))
    {
        *reason = RT_REASON_EXPIRED;
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* *e is NULL when this worker cannot read what is kept: a newer key seals it */

static ngx_int_t
ngx_http_rtauth_session_live_ask(ngx_http_rtauth_session_load_t *load,
    ngx_array_t *providers, ngx_http_rtauth_memo_entry_t **e)
{
    ngx_int_t                  rc;
    ngx_http_request_t        *r;
    ngx_http_rtauth_jar_t     *jar;
    ngx_http_rtauth_worker_t  *w;

    r = load->request;
    jar = ngx_http_rtauth_jar(r);
    w = ngx_http_rtauth_worker(
             ngx_http_get_module_main_conf(r, ngx_http_rtauth_module));

    if (load->op.pool == NULL) {
        load->op.pool = ngx_create_pool(1024, r->connection->log);
    }

    if (w == NULL || jar == NULL || load->op.pool == NULL) {
        return NGX_ERROR;
    }

    *e = ngx_http_rtauth_memo_session(w->memo, &jar->session,
                   ngx_http_rtauth_memo_hash(&jar->session),
                   ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module));

    rc = ngx_http_rtauth_session_ask(load, *e);

    if (rc == NGX_OK && (*e == NULL || (*e)->generation != load->op.version)) {
        if (*e) {
            ngx_http_rtauth_memo_drop(*e);
        }

        if (ngx_http_rtauth_session_open(load, w, providers, e) != NGX_OK) {
            *e = NULL;
        }
    }

    return rc;
}


/* does this host know what was revoked, though the store does not answer? */

static ngx_uint_t
ngx_http_rtauth_session_live_known(ngx_http_rtauth_session_load_t *load)
{
    return load->op.sessions->redis
           && ngx_http_rtauth_fleet_heard(load->op.sessions->redis,
                                          load->op.sessions->zone)
              == NGX_OK;
}


/* the store forgets what it was asked when the pool goes */

static void
ngx_http_rtauth_session_live_cleanup(void *data)
{
    ngx_http_rtauth_session_load_t *load = data;

    if (load->op.pool) {
        ngx_destroy_pool(load->op.pool);
        load->op.pool = NULL;
        load->op.pending = NULL;
    }
}


/* of this request; a subrequest has one of its own */

static ngx_http_rtauth_session_load_t *
ngx_http_rtauth_session_find(ngx_http_request_t *r,
    ngx_pool_cleanup_pt cleanup)
{
    ngx_pool_cleanup_t              *cln;
    ngx_http_rtauth_srv_conf_t      *scf;
    ngx_http_rtauth_session_load_t  *load;

    cln = r->pool->cleanup;

    do {
        load = ngx_rt_kept_next(&cln, cleanup);
    } while (load && load->request != r);

    if (load) {
        return load;
    }

    load = ngx_rt_kept_add(r->pool, sizeof(ngx_http_rtauth_session_load_t),
                           cleanup);
    if (load == NULL) {
        return NULL;
    }

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    load->request = r;
    load->op.log = r->connection->log;
    load->op.sessions = scf->sessions;
    load->op.handler = ngx_http_rtauth_session_answered;
    load->op.data = load;

    return load;
}


static ngx_int_t
ngx_http_rtauth_session_ask(ngx_http_rtauth_session_load_t *load,
    ngx_http_rtauth_memo_entry_t *e)
{
    ngx_int_t              rc;
    ngx_http_request_t    *r;
    ngx_http_rtauth_op_t  *op;

    r = load->request;
    op = &load->op;

    if (load->answered) {
        load->answered = 0;

        if (load->rc != NGX_OK || op->value.len
            || (e && e->generation == op->version))
        {
            return load->rc;
        }

        /* this worker has forgotten it meanwhile */
    }

    /* the name of a record that this worker knows needs no hash */

    if (e) {
        ngx_memcpy(op->key, e->key.digest, sizeof(op->key));

    } else {
        rc = ngx_http_rtauth_session_envelope(load);
        if (rc != NGX_OK) {
            return rc;
        }

        ngx_memcpy(op->key, load->envelope.name, sizeof(op->key));
    }

    ngx_str_null(&op->value);
    op->version = e ? e->generation : 0;
    op->ttl = op->sessions->idle;
    op->hold = load->live ? ngx_http_rtauth_session_hold(r) : 0;

    rc = ngx_http_rtauth_stores(op->sessions)->load(op);

    if (rc == NGX_AGAIN) {
        load->pending = 1;

        if (load->live == NULL) {
            ngx_rt_wait_watch(r);
        }
    }

    return rc;
}


/* how long a record is kept for a request that goes on: until it asks again */

static time_t
ngx_http_rtauth_session_hold(ngx_http_request_t *r)
{
    ngx_http_rtauth_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    return 2 * (time_t) (rlcf->reauthorize / 1000)
           + NGX_HTTP_RTAUTH_SESSION_TOUCH;
}


static void
ngx_http_rtauth_session_answered(ngx_http_rtauth_op_t *op, ngx_int_t rc)
{
    ngx_http_request_t              *r;
    ngx_http_rtauth_session_load_t  *load;

    load = op->data;
    r = load->request;

    load->rc = rc;
    load->pending = 0;
    load->answered = 1;

    if (load->live) {
        load->live(r);

    } else {
        ngx_rt_wait_over(r);
    }
}


static void
ngx_http_rtauth_session_cleanup(void *data)
{
    /* the store forgets its operation by itself; see store.h */
}


static ngx_int_t
ngx_http_rtauth_session_envelope(ngx_http_rtauth_session_load_t *load)
{
    if (load->envelope.cookie.data) {
        return NGX_OK;
    }

    return ngx_http_rtauth_envelope_read(load->request,
                                &ngx_http_rtauth_jar(load->request)->session,
                                &load->envelope);
}


static ngx_int_t
ngx_http_rtauth_session_open(ngx_http_rtauth_session_load_t *load,
    ngx_http_rtauth_worker_t *w, ngx_array_t *providers,
    ngx_http_rtauth_memo_entry_t **entry)
{
    rt_str_t                       plain;
    ngx_int_t                      rc;
    ngx_http_rtauth_memo_entry_t  *e;

    rc = ngx_http_rtauth_session_envelope(load);
    if (rc != NGX_OK) {
        return rc;
    }

    e = ngx_http_rtauth_memo_new(w->memo, &load->envelope.cookie,
                       ngx_http_rtauth_memo_hash(&load->envelope.cookie));
    if (e == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_rtauth_envelope_open(load->request, &load->envelope, &e->mem,
                                       &load->op.value, &plain);

    if (rc == NGX_OK) {
        rc = ngx_http_rtauth_session_fill(load->request, e, &plain, providers);
    }

    if (rc != NGX_OK) {
        ngx_http_rtauth_memo_drop(e);
        return rc;
    }

    e->server = ngx_http_get_module_srv_conf(load->request,
                                             ngx_http_rtauth_module);
    e->generation = load->op.version;
    e->identity.session->version = load->op.version;
    e->touched = ngx_http_rtauth_stores(load->op.sessions)->stateless
                 ? e->identity.session->record.seen : 0;

    ngx_memcpy(e->key.digest, load->envelope.name, sizeof(e->key.digest));

    ngx_http_rtauth_memo_list(e);

    *entry = e;

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_session_fill(ngx_http_request_t *r,
    ngx_http_rtauth_memo_entry_t *e, rt_str_t *plain, ngx_array_t *providers)
{
    rt_json_t                   *sub;
    ngx_http_rtauth_session_t   *s;
    ngx_http_rtauth_identity_t  *identity;

    identity = &e->identity;

    s = e->mem.alloc(e->mem.ctx, sizeof(ngx_http_rtauth_session_t)
                                 + 2 * RT_SESSION_ID);
    if (s == NULL) {
        return NGX_ERROR;
    }

    if (rt_session_decode(plain, &s->record) != RT_OK) {
        return NGX_DECLINED;
    }

    s->hex.len = 2 * RT_SESSION_ID;
    s->hex.data = (u_char *) (s + 1);
    ngx_hex_dump(s->hex.data, s->record.id, RT_SESSION_ID);

    /* one whom no provider of this location has signed in is nobody here */

    identity->provider = ngx_http_rtauth_session_provider(providers,
                                                          s->record.provider);
    if (identity->provider == NULL) {
        return NGX_DECLINED;
    }

    if (rt_claims_parse(&e->mem, &s->record.claims, &identity->claims)
        != RT_REASON_OK)
    {
        return NGX_DECLINED;
    }

    sub = rt_json_member(identity->claims, "sub");

    if (sub == NULL || sub->type != RT_JSON_STRING) {
        return NGX_DECLINED;
    }

    identity->sub = ngx_rt_str_copy(&sub->str);
    identity->session = s;
    identity->sid = ngx_rt_str_copy(&s->record.sid);
    identity->id = s->hex;
    identity->issued = s->record.created;
    identity->expires = s->record.expires;

    ngx_http_rtauth_group_members(r, identity);

    return NGX_OK;
}


static ngx_http_rtauth_provider_t *
ngx_http_rtauth_session_provider(ngx_array_t *providers, uint32_t id)
{
    uint32_t                      each;
    ngx_uint_t                    i;
    ngx_http_rtauth_provider_t  **p;

    p = providers->elts;

    for (i = 0; i < providers->nelts; i++) {

        if (p[i]->client
            && rt_login_provider(ngx_rt_str(&p[i]->issuer),
                                 ngx_rt_str(&p[i]->client->client_id), &each)
               == RT_OK
            && each == id)
        {
            return p[i];
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_rtauth_session_judge(ngx_http_request_t *r,
    ngx_http_rtauth_worker_t *w, ngx_http_rtauth_memo_entry_t *e,
    ngx_array_t *providers, rt_reason_e *reason)
{
    time_t                        now;
    ngx_uint_t                    i;
    rt_session_t                 *record;
    ngx_http_rtauth_srv_conf_t   *scf;
    ngx_http_rtauth_provider_t  **p;

    now = ngx_time();
    p = providers->elts;
    record = &e->identity.session->record;
    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    for (i = 0; i < providers->nelts && p[i] != e->identity.provider; i++) {
        /* void */
    }

    if (i == providers->nelts
        || ngx_http_rtauth_session_over(scf->sessions, record)
        || (ngx_http_rtauth_stores(scf->sessions)->stateless
            && now >= record->seen + scf->sessions->idle))
    {
        return NGX_DECLINED;
    }

    if (ngx_http_rtauth_ended_note(w, &e->identity, &e->ended)) {
        *reason = RT_REASON_REVOKED;
        return NGX_DECLINED;
    }

    if (ngx_http_rtauth_memo_pin(e, r->pool) != NGX_OK) {
        *reason = RT_REASON_INTERNAL;
        return NGX_ERROR;
    }

    *reason = RT_REASON_OK;

    return NGX_OK;
}


/*
 * Is its absolute time over?  A shorter one may have been configured since it
 * was made.
 */

static ngx_uint_t
ngx_http_rtauth_session_over(ngx_http_rtauth_sessions_t *sessions,
    rt_session_t *record)
{
    return ngx_time() >= record->expires
           || ngx_time() >= record->created + sessions->absolute;
}


/*
 * The idle time begins anew.  If that fails, who is here now is let in anyhow.
 */

static void
ngx_http_rtauth_session_touch(ngx_http_rtauth_session_load_t *load,
    ngx_http_rtauth_memo_entry_t *e)
{
    time_t                          pause;
    rt_session_t                    record;
    const ngx_http_rtauth_store_t  *store;

    store = ngx_http_rtauth_stores(load->op.sessions);
    pause = ngx_min(load->op.sessions->idle / 4, NGX_HTTP_RTAUTH_SESSION_TOUCH);

    if (store->touches || ngx_time() - e->touched < pause) {
        return;
    }

    e->touched = ngx_time();

    record = e->identity.session->record;
    record.seen = ngx_time();

    ngx_http_rtauth_session_touched(load->request, &record);
}


time_t
ngx_http_rtauth_sessions_live(ngx_http_rtauth_main_conf_t *mcf)
{
    time_t                        longest;
    ngx_uint_t                    i;
    ngx_http_rtauth_sessions_t  **sessions;

    longest = 0;
    sessions = mcf->sessions.elts;

    for (i = 0; i < mcf->sessions.nelts; i++) {
        longest = ngx_max(longest, sessions[i]->absolute);
    }

    return longest;
}
