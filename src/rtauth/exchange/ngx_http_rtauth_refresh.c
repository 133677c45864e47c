
#include "exchange/ngx_http_rtauth_refresh.h"
#include "exchange/ngx_http_rtauth_grant.h"
#include "keys/ngx_http_rtauth_ended.h"
#include "policy/ngx_http_rtauth_group.h"
#include "session/ngx_http_rtauth_session_save.h"
#include "session/ngx_http_rtauth_stores.h"
#include "ngx_rt_kept.h"
#include "ngx_rt_log.h"
#include "ngx_rt_wait.h"


#define NGX_HTTP_RTAUTH_REFRESH_SLACK  5        /* seconds of a lock beyond the
                                                   provider's timeout */
#define NGX_HTTP_RTAUTH_REFRESH_LOOK   100      /* milliseconds: is another's
                                                   flight over? */
#define NGX_HTTP_RTAUTH_REFRESH_AGAIN  500      /* milliseconds: does the store
                                                   take what it has to keep? */
#define NGX_HTTP_RTAUTH_REFRESH_AWAY   10000    /* milliseconds: one that does
                                                   not answer is left alone */
#define NGX_HTTP_RTAUTH_REFRESH_WARN   60       /* seconds */


/*
 * A request that asks.  The fourth word is what nginx's debug log takes for the
 * fd of a timer's connection.
 */

typedef struct {
    ngx_http_request_t           *request;
    ngx_array_t                  *providers;
    ngx_http_rtauth_identity_t   *former;
    ngx_int_t                     ident;

    ngx_http_rtauth_exchange_t   *x;
    ngx_http_rtauth_grant_t       grant;
    ngx_uint_t                    step;
    ngx_http_rtauth_op_t          lock;
    ngx_event_t                   timer;
    ngx_msec_t                    begun;
    ngx_msec_t                    asked;    /* for the lock */
    ngx_int_t                     stored;   /* what the store said last */
    rt_session_t                  record;   /* as it is going to be kept */
    ngx_http_rtauth_session_t     session;
    ngx_http_rtauth_identity_t    identity;
    const char                   *why;      /* the session ends */

    ngx_int_t                     rc;       /* what came of it */
    rt_reason_e                   reason;
    ngx_http_rtauth_identity_t   *found;

    unsigned                      pending:1;
    unsigned                      locked:1;
    unsigned                      rotated:1;
    unsigned                      over:1;
} ngx_http_rtauth_refresh_t;


/*
 * The steps, in their order.  One that returns NGX_OK is over; NGX_AGAIN: the
 * phases run again; NGX_DONE: it has chosen the next one, or all are over.
 */

typedef ngx_int_t (*ngx_http_rtauth_refresh_pt)(ngx_http_rtauth_refresh_t *f);

typedef enum {
    NGX_HTTP_RTAUTH_REFRESH_METADATA = 0,
    NGX_HTTP_RTAUTH_REFRESH_LOCK,
    NGX_HTTP_RTAUTH_REFRESH_LOCKED,
    NGX_HTTP_RTAUTH_REFRESH_LOAD,
    NGX_HTTP_RTAUTH_REFRESH_ASK,
    NGX_HTTP_RTAUTH_REFRESH_TOKENS,
    NGX_HTTP_RTAUTH_REFRESH_KEEP,
    NGX_HTTP_RTAUTH_REFRESH_KEPT,
    NGX_HTTP_RTAUTH_REFRESH_CLAIMS,
    NGX_HTTP_RTAUTH_REFRESH_SAVE,
    NGX_HTTP_RTAUTH_REFRESH_SAVED,
    NGX_HTTP_RTAUTH_REFRESH_DONE,
    NGX_HTTP_RTAUTH_REFRESH_REUSED,
    NGX_HTTP_RTAUTH_REFRESH_END,
    NGX_HTTP_RTAUTH_REFRESH_ENDED
} ngx_http_rtauth_refresh_step_e;


static ngx_http_rtauth_refresh_t *ngx_http_rtauth_refresh_find(
    ngx_http_request_t *r);
static ngx_uint_t ngx_http_rtauth_refresh_needed(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity);
static ngx_uint_t ngx_http_rtauth_refresh_older(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_uint_t stale);
static rt_str_t ngx_http_rtauth_refresh_token(
    ngx_http_rtauth_identity_t *identity);
static ngx_http_rtauth_refresh_t *ngx_http_rtauth_refresh_create(
    ngx_http_request_t *r, ngx_array_t *providers,
    ngx_http_rtauth_identity_t *identity);
static time_t ngx_http_rtauth_refresh_ttl(ngx_msec_t timeout,
    ngx_http_rtauth_redis_t *redis);
static void ngx_http_rtauth_refresh_cleanup(void *data);
static ngx_int_t ngx_http_rtauth_refresh_metadata(
    ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_lock(ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_name(ngx_http_rtauth_refresh_t *f,
    u_char *name);
static ngx_int_t ngx_http_rtauth_refresh_locked(ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_load(ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_ask(ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_tokens(ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_keep(ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_kept(ngx_http_rtauth_refresh_t *f);
static ngx_uint_t ngx_http_rtauth_refresh_lapsed(ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_keep_again(
    ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_claims(ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_done(ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_reused(ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_end(ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_ended(ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_store(ngx_http_rtauth_refresh_t *f,
    ngx_int_t rc);
static void ngx_http_rtauth_refresh_stored(ngx_http_request_t *r,
    ngx_int_t rc);
static void ngx_http_rtauth_refresh_answered(ngx_http_rtauth_op_t *op,
    ngx_int_t rc);
static void ngx_http_rtauth_refresh_look(ngx_event_t *ev);
static void ngx_http_rtauth_refresh_go_on(ngx_http_rtauth_refresh_t *f);
static ngx_int_t ngx_http_rtauth_refresh_over(ngx_http_rtauth_refresh_t *f,
    const char *why);
static ngx_int_t ngx_http_rtauth_refresh_away(ngx_http_rtauth_refresh_t *f,
    const char *why);
static ngx_int_t ngx_http_rtauth_refresh_as_it_is(
    ngx_http_rtauth_refresh_t *f, rt_reason_e reason);
static ngx_int_t ngx_http_rtauth_refresh_finish(ngx_http_rtauth_refresh_t *f,
    ngx_int_t rc, rt_reason_e reason);


static ngx_http_rtauth_refresh_pt  ngx_http_rtauth_refresh_steps[] = {
    [NGX_HTTP_RTAUTH_REFRESH_METADATA] = ngx_http_rtauth_refresh_metadata,
    [NGX_HTTP_RTAUTH_REFRESH_LOCK] = ngx_http_rtauth_refresh_lock,
    [NGX_HTTP_RTAUTH_REFRESH_LOCKED] = ngx_http_rtauth_refresh_locked,
    [NGX_HTTP_RTAUTH_REFRESH_LOAD] = ngx_http_rtauth_refresh_load,
    [NGX_HTTP_RTAUTH_REFRESH_ASK] = ngx_http_rtauth_refresh_ask,
    [NGX_HTTP_RTAUTH_REFRESH_TOKENS] = ngx_http_rtauth_refresh_tokens,
    [NGX_HTTP_RTAUTH_REFRESH_KEEP] = ngx_http_rtauth_refresh_keep,
    [NGX_HTTP_RTAUTH_REFRESH_KEPT] = ngx_http_rtauth_refresh_kept,
    [NGX_HTTP_RTAUTH_REFRESH_CLAIMS] = ngx_http_rtauth_refresh_claims,
    [NGX_HTTP_RTAUTH_REFRESH_SAVE] = ngx_http_rtauth_refresh_keep,
    [NGX_HTTP_RTAUTH_REFRESH_SAVED] = ngx_http_rtauth_refresh_kept,
    [NGX_HTTP_RTAUTH_REFRESH_DONE] = ngx_http_rtauth_refresh_done,
    [NGX_HTTP_RTAUTH_REFRESH_REUSED] = ngx_http_rtauth_refresh_reused,
    [NGX_HTTP_RTAUTH_REFRESH_END] = ngx_http_rtauth_refresh_end,
    [NGX_HTTP_RTAUTH_REFRESH_ENDED] = ngx_http_rtauth_refresh_ended
};


ngx_int_t
ngx_http_rtauth_refresh(ngx_http_request_t *r, ngx_array_t *providers,
    ngx_http_rtauth_identity_t **identity, rt_reason_e *reason)
{
    ngx_int_t                   rc;
    ngx_http_rtauth_refresh_t  *f;

    f = ngx_http_rtauth_refresh_find(r);

    if (f == NULL) {
        if (!ngx_http_rtauth_refresh_needed(r, *identity)) {
            return NGX_OK;
        }

        f = ngx_http_rtauth_refresh_create(r, providers, *identity);
        if (f == NULL) {
            *reason = RT_REASON_INTERNAL;
            return NGX_ERROR;
        }
    }

    while (!f->over) {

        if (f->pending || f->x->pending) {
            return NGX_AGAIN;
        }

        rc = ngx_http_rtauth_refresh_steps[f->step](f);

        if (rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }

        if (rc == NGX_OK) {
            f->step++;
        }
    }

    *identity = f->found;
    *reason = f->reason;

    return f->rc;
}


ngx_uint_t
ngx_http_rtauth_refreshes(ngx_http_request_t *r)
{
    ngx_http_rtauth_refresh_t  *f;

    f = ngx_http_rtauth_refresh_find(r);

    return f && !f->over;
}


/* a subrequest has one of its own */

static ngx_http_rtauth_refresh_t *
ngx_http_rtauth_refresh_find(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t         *cln;
    ngx_http_rtauth_refresh_t  *f;

    cln = r->pool->cleanup;

    do {
        f = ngx_rt_kept_next(&cln, ngx_http_rtauth_refresh_cleanup);
    } while (f && f->request != r);

    return f;
}


static ngx_uint_t
ngx_http_rtauth_refresh_needed(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity)
{
    ngx_http_rtauth_keys_t       *keys;
    ngx_http_rtauth_client_t     *client;
    ngx_http_rtauth_worker_t     *w;
    ngx_http_rtauth_srv_conf_t   *scf;
    ngx_http_rtauth_main_conf_t  *mcf;

    if (!ngx_http_rtauth_refresh_older(r, identity, 0)) {
        return 0;
    }

    client = identity->provider->client;
    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    if (ngx_http_rtauth_refresh_token(identity).len == 0) {

        ngx_rt_once(mcf->once, &client->refresh, r,
                    "rtauth: provider \"%V\" cannot be asked anew about a "
                    "user: it gave no refresh token, and \"claims_from\" has "
                    "no \"userinfo\", or the access token is over; groups are "
                    "as old as the sign-in", &identity->provider->name);
        return 0;
    }

    if (ngx_http_rtauth_refresh_older(r, identity, 1)) {
        return 1;
    }

    w = ngx_http_rtauth_worker(mcf);
    if (w == NULL) {
        return 1;
    }

    keys = &w->keys[identity->provider->index];
    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    /* a cookie can go with the head of an answer alone */

    return (keys->away == 0 || ngx_http_rtauth_due(keys->away))
           && !(ngx_http_rtauth_stores(scf->sessions)->stateless
                && r->main->header_sent);
}


/*
 * Is what is known older than recheck; with "stale", than recheck_stale
 * besides?
 */

static ngx_uint_t
ngx_http_rtauth_refresh_older(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_uint_t stale)
{
    time_t                       age;
    ngx_http_rtauth_srv_conf_t  *scf;

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    age = ngx_time() - identity->session->record.checked;

    return age >= scf->sessions->recheck + (stale ? scf->sessions->stale : 0);
}


/* the token to ask with: a refresh token, else an access token, or none */

static rt_str_t
ngx_http_rtauth_refresh_token(ngx_http_rtauth_identity_t *identity)
{
    rt_session_t              *s;
    ngx_http_rtauth_client_t  *client;

    s = &identity->session->record;
    client = identity->provider->client;

    if (client->refresh && s->refresh_token.len) {
        return s->refresh_token;
    }

    if ((client->claims_from & NGX_HTTP_RTAUTH_CLAIMS_USERINFO)
        && (s->access_expires == 0 || ngx_time() < s->access_expires))
    {
        return s->access_token;
    }

    return (rt_str_t) rt_null_string;
}


static ngx_http_rtauth_refresh_t *
ngx_http_rtauth_refresh_create(ngx_http_request_t *r, ngx_array_t *providers,
    ngx_http_rtauth_identity_t *identity)
{
    ngx_http_rtauth_refresh_t   *f;
    ngx_http_rtauth_srv_conf_t  *scf;
    ngx_http_rtauth_exchange_t  *x;

    x = ngx_http_rtauth_exchange_create(r, identity->provider->client);
    if (x == NULL) {
        return NULL;
    }

    x->lasting = 1;

    f = ngx_rt_kept_add(r->pool, sizeof(ngx_http_rtauth_refresh_t),
                        ngx_http_rtauth_refresh_cleanup);
    if (f == NULL) {
        return NULL;
    }

    f->request = r;
    f->providers = providers;
    f->former = identity;
    f->ident = -1;
    f->x = x;
    f->begun = ngx_current_msec;

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    f->lock.pool = r->pool;
    f->lock.log = r->connection->log;
    f->lock.sessions = scf->sessions;
    f->lock.ttl = ngx_http_rtauth_refresh_ttl(x->keys->pcf->timeout,
                                              scf->sessions->redis);
    f->lock.handler = ngx_http_rtauth_refresh_answered;
    f->lock.data = f;

    f->timer.handler = ngx_http_rtauth_refresh_look;
    f->timer.data = f;
    f->timer.log = r->connection->log;

    return f;
}


/*
 * Of a lock: nobody else has to ask before our answer is kept.  A store that is
 * not in this host is waited for thrice: by lock, load and save.
 */

static time_t
ngx_http_rtauth_refresh_ttl(ngx_msec_t timeout, ngx_http_rtauth_redis_t *redis)
{
    if (redis) {
        timeout += 3 * redis->conf.timeout;
    }

    return timeout / 1000 + NGX_HTTP_RTAUTH_REFRESH_SLACK;
}


static void
ngx_http_rtauth_refresh_cleanup(void *data)
{
    ngx_http_rtauth_refresh_t *f = data;

    if (f->timer.timer_set) {
        ngx_del_timer(&f->timer);
    }
}


/* before the lock is taken: it may have to be waited for */

static ngx_int_t
ngx_http_rtauth_refresh_metadata(ngx_http_rtauth_refresh_t *f)
{
    ngx_int_t       rc;
    rt_metadata_t  *m;

    rc = ngx_http_rtauth_keys_await(f->x->keys, f->request, &m);

    return rc == NGX_ERROR
           ? ngx_http_rtauth_refresh_away(f, "its metadata cannot be had")
           : rc;
}


static ngx_int_t
ngx_http_rtauth_refresh_lock(ngx_http_rtauth_refresh_t *f)
{
    if (ngx_http_rtauth_refresh_name(f, f->lock.key) != NGX_OK) {
        return ngx_http_rtauth_refresh_finish(f, NGX_ERROR,
                                              RT_REASON_INTERNAL);
    }

    f->asked = ngx_current_msec;

    return ngx_http_rtauth_refresh_store(f,
               ngx_http_rtauth_stores(f->lock.sessions)->lock(&f->lock));
}


/*
 * Of the lock: the session's.  Where the cookie is the session, it is one with
 * this token: the next cookie has another one, and need not wait.
 */

static ngx_int_t
ngx_http_rtauth_refresh_name(ngx_http_rtauth_refresh_t *f, u_char *name)
{
    u_char    *p;
    rt_str_t   token;
    ngx_str_t  text;

    token = (rt_str_t) rt_null_string;

    if (ngx_http_rtauth_stores(f->lock.sessions)->stateless) {
        token = ngx_http_rtauth_refresh_token(f->former);
    }

    text.len = RT_SESSION_ID + token.len;
    text.data = ngx_pnalloc(f->request->pool, text.len);

    if (text.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(text.data, f->former->session->record.id, RT_SESSION_ID);

    if (token.len) {
        ngx_memcpy(p, token.data, token.len);
    }

    return ngx_http_rtauth_digest(f->x->keys->worker, &text, name);
}


static ngx_int_t
ngx_http_rtauth_refresh_locked(ngx_http_rtauth_refresh_t *f)
{
    if (f->stored == NGX_OK) {
        f->locked = 1;
        return NGX_OK;
    }

    if (f->stored != NGX_DECLINED) {
        return ngx_http_rtauth_refresh_as_it_is(f, RT_REASON_STORE_UNAVAILABLE);
    }

    /*
     * The lock is another's.  A session that is not stale goes on as it is, any
     * other one waits for what that one gets.
     */

    if (!ngx_http_rtauth_refresh_older(f->request, f->former, 1)
        || ngx_current_msec - f->begun > (ngx_msec_t) f->lock.ttl * 1000)
    {
        return ngx_http_rtauth_refresh_as_it_is(f,
                                             RT_REASON_PROVIDER_UNAVAILABLE);
    }

    ngx_add_timer(&f->timer, NGX_HTTP_RTAUTH_REFRESH_LOOK);

    f->pending = 1;
    f->step = NGX_HTTP_RTAUTH_REFRESH_LOAD;

    return NGX_AGAIN;
}


/* another flight may have ended between our look and our lock */

static ngx_int_t
ngx_http_rtauth_refresh_load(ngx_http_rtauth_refresh_t *f)
{
    u_char       name[NGX_HTTP_RTAUTH_STORE_KEY];
    ngx_int_t    rc;
    rt_reason_e  reason;

    rc = ngx_http_rtauth_session_load(f->request, f->providers, &f->former,
                                      &reason);
    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc != NGX_OK) {
        return ngx_http_rtauth_refresh_finish(f, rc, reason);
    }

    if (!ngx_http_rtauth_refresh_older(f->request, f->former, 0)
        || ngx_http_rtauth_refresh_token(f->former).len == 0)
    {
        return ngx_http_rtauth_refresh_finish(f, NGX_OK, RT_REASON_OK);
    }

    if (ngx_http_rtauth_refresh_name(f, name) != NGX_OK) {
        return ngx_http_rtauth_refresh_finish(f, NGX_ERROR,
                                              RT_REASON_INTERNAL);
    }

    if (f->locked && ngx_memcmp(name, f->lock.key, sizeof(name)) == 0) {
        return NGX_OK;
    }

    f->locked = 0;
    f->step = NGX_HTTP_RTAUTH_REFRESH_LOCK;

    return NGX_DONE;
}


static ngx_int_t
ngx_http_rtauth_refresh_ask(ngx_http_rtauth_refresh_t *f)
{
    rt_session_t              *s;
    rt_metadata_t             *m;
    ngx_http_rtauth_client_t  *client;

    f->record = f->former->session->record;
    f->record.seen = ngx_time();
    f->session.version = f->former->session->version;

    s = &f->record;
    client = f->x->client;

    f->grant.former = f->former->claims;
    f->grant.kept = s->id_token;

    if (!client->refresh || s->refresh_token.len == 0) {
        f->grant.tokens.access_token = s->access_token;
        f->step = NGX_HTTP_RTAUTH_REFRESH_CLAIMS;

        return NGX_DONE;
    }

    if (ngx_http_rtauth_keys_metadata(f->x->keys, &m) != NGX_OK) {
        return ngx_http_rtauth_refresh_away(f, "its metadata cannot be had");
    }

    rt_arg_t  args[] = {
        { rt_string("grant_type"), rt_string("refresh_token") },
        { rt_string("refresh_token"), s->refresh_token }
    };

    if (ngx_http_rtauth_exchange_post(f->x, m, RT_METADATA_TOKEN, args, 2, 1)
        != NGX_AGAIN)
    {
        return ngx_http_rtauth_refresh_away(f, (char *) f->x->error.data);
    }

    f->step++;

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_rtauth_refresh_tokens(ngx_http_rtauth_refresh_t *f)
{
    ngx_int_t  rc;
    rt_str_t   sent;

    sent = f->record.refresh_token;

    rc = ngx_http_rtauth_grant_tokens(f->x, &f->grant);

    if (rc == NGX_ERROR) {
        return ngx_http_rtauth_refresh_finish(f, NGX_ERROR,
                                              RT_REASON_INTERNAL);
    }

    if (rc == NGX_OK) {
        ngx_http_rtauth_grant_tokens_into(f->x, &f->grant, &f->record);

        /* it is kept at once: whatever becomes of the rest, this is the one */

        f->rotated = !rt_str_eq(&sent, &f->record.refresh_token);
        f->step = f->rotated ? NGX_HTTP_RTAUTH_REFRESH_KEEP
                             : NGX_HTTP_RTAUTH_REFRESH_CLAIMS;
        return NGX_DONE;
    }

    /* no other "no" than that of the grant is about the user */

    if (f->grant.reason != RT_REASON_LOGIN_STATE) {
        return ngx_http_rtauth_refresh_away(f, f->grant.why);
    }

    f->why = f->grant.why;
    f->step = NGX_HTTP_RTAUTH_REFRESH_REUSED;

    return NGX_DONE;
}


static ngx_int_t
ngx_http_rtauth_refresh_keep(ngx_http_rtauth_refresh_t *f)
{
    return ngx_http_rtauth_refresh_store(f,
               ngx_http_rtauth_session_update(f->request, &f->record,
                                              &f->session.version,
                                              ngx_http_rtauth_refresh_stored));
}


static ngx_int_t
ngx_http_rtauth_refresh_kept(ngx_http_rtauth_refresh_t *f)
{
    switch (f->stored) {

    case NGX_OK:
        return NGX_OK;

    case NGX_DECLINED:
        return ngx_http_rtauth_refresh_over(f, "it was signed out meanwhile, "
                                            "or cannot be kept");

    case NGX_BUSY:

        /*
         * Our lock has lapsed, and another has asked: it has the last word.  Or
         * we have, and were not told that our last try was kept.
         */

        f->locked = !ngx_http_rtauth_refresh_lapsed(f);
        f->step = NGX_HTTP_RTAUTH_REFRESH_LOAD;

        return NGX_DONE;

    default:
        return ngx_http_rtauth_refresh_keep_again(f);
    }
}


static ngx_uint_t
ngx_http_rtauth_refresh_lapsed(ngx_http_rtauth_refresh_t *f)
{
    return ngx_current_msec - f->asked > (ngx_msec_t) f->lock.ttl * 1000;
}


/*
 * A refresh token that was given and is not kept is lost, and the one before
 * it is used up: as long as the lock is ours, the store may come back.
 */

static ngx_int_t
ngx_http_rtauth_refresh_keep_again(ngx_http_rtauth_refresh_t *f)
{
    if (ngx_http_rtauth_refresh_lapsed(f)) {
        return ngx_http_rtauth_refresh_finish(f, NGX_ERROR,
                                              RT_REASON_STORE_UNAVAILABLE);
    }

    ngx_add_timer(&f->timer, NGX_HTTP_RTAUTH_REFRESH_AGAIN);

    f->pending = 1;
    f->step--;

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_rtauth_refresh_claims(ngx_http_rtauth_refresh_t *f)
{
    ngx_int_t  rc;

    rc = ngx_http_rtauth_grant_claims(f->x, &f->grant);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc == NGX_ERROR) {
        return ngx_http_rtauth_refresh_finish(f, NGX_ERROR,
                                              RT_REASON_INTERNAL);
    }

    if (rc == NGX_OK) {
        ngx_http_rtauth_grant_claims_into(&f->grant, &f->record);
        return NGX_OK;
    }

    return f->grant.reason == RT_REASON_PROVIDER_UNAVAILABLE
           ? ngx_http_rtauth_refresh_away(f, f->grant.why)
           : ngx_http_rtauth_refresh_over(f, f->grant.why);
}


/*
 * The new claims decide about this request, too, and what was revoked since it
 * began.
 */

static ngx_int_t
ngx_http_rtauth_refresh_done(ngx_http_rtauth_refresh_t *f)
{
    ngx_http_rtauth_seen_t  seen;

    f->session.record = f->record;
    f->session.hex = f->former->session->hex;

    f->identity = *f->former;
    f->identity.claims = f->grant.claims;
    f->identity.session = &f->session;
    f->identity.expires = f->record.expires;

    ngx_http_rtauth_group_members(f->request, &f->identity);

    f->x->keys->away = 0;
    f->former = &f->identity;

    ngx_memzero(&seen, sizeof(ngx_http_rtauth_seen_t));

    return ngx_http_rtauth_ended_note(f->x->keys->worker, &f->identity, &seen)
           ? ngx_http_rtauth_refresh_finish(f, NGX_DECLINED,
                                            RT_REASON_REVOKED)
           : ngx_http_rtauth_refresh_finish(f, NGX_OK, RT_REASON_OK);
}


/* a refresh token that another flight has used, whose lock lapsed */

static ngx_int_t
ngx_http_rtauth_refresh_reused(ngx_http_rtauth_refresh_t *f)
{
    ngx_int_t                    rc;
    rt_reason_e                  reason;
    ngx_http_rtauth_identity_t  *now;

    rc = ngx_http_rtauth_session_load(f->request, f->providers, &now, &reason);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc != NGX_OK) {
        return ngx_http_rtauth_refresh_finish(f, rc, reason);
    }

    if (rt_str_eq(&now->session->record.refresh_token,
                  &f->record.refresh_token))
    {
        return ngx_http_rtauth_refresh_over(f, f->why);
    }

    f->former = now;
    f->step = NGX_HTTP_RTAUTH_REFRESH_LOAD;

    return NGX_DONE;
}


static ngx_int_t
ngx_http_rtauth_refresh_end(ngx_http_rtauth_refresh_t *f)
{
    return ngx_http_rtauth_refresh_store(f,
               ngx_http_rtauth_session_end(f->request,
                                           ngx_http_rtauth_refresh_stored));
}


static ngx_int_t
ngx_http_rtauth_refresh_ended(ngx_http_rtauth_refresh_t *f)
{
    return f->stored == NGX_OK
           ? ngx_http_rtauth_refresh_finish(f, NGX_DECLINED,
                                            RT_REASON_ANONYMOUS)
           : ngx_http_rtauth_refresh_finish(f, NGX_ERROR,
                                            RT_REASON_STORE_UNAVAILABLE);
}


/* the next step has what the store says */

static ngx_int_t
ngx_http_rtauth_refresh_store(ngx_http_rtauth_refresh_t *f, ngx_int_t rc)
{
    if (rc == NGX_AGAIN) {
        f->pending = 1;
        f->step++;

        return NGX_AGAIN;
    }

    f->stored = rc;

    return NGX_OK;
}


static void
ngx_http_rtauth_refresh_stored(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_http_rtauth_refresh_t  *f;

    f = ngx_http_rtauth_refresh_find(r);

    f->pending = 0;
    f->stored = rc;

    r->write_event_handler(r);
}


/* the answer to a lock; that to its return is waited for by nobody */

static void
ngx_http_rtauth_refresh_answered(ngx_http_rtauth_op_t *op, ngx_int_t rc)
{
    ngx_http_rtauth_refresh_t *f = op->data;

    if (f->over) {
        return;
    }

    f->stored = rc;

    ngx_http_rtauth_refresh_go_on(f);
}


static void
ngx_http_rtauth_refresh_look(ngx_event_t *ev)
{
    ngx_http_rtauth_refresh_go_on(ev->data);
}


static void
ngx_http_rtauth_refresh_go_on(ngx_http_rtauth_refresh_t *f)
{
    ngx_http_request_t  *r;

    r = f->request;

    f->pending = 0;

    ngx_rt_wait_over(r);
}


static ngx_int_t
ngx_http_rtauth_refresh_over(ngx_http_rtauth_refresh_t *f, const char *why)
{
    ngx_rt_log_error(NGX_LOG_NOTICE, f->request,
                     "rtauth: a session ends, provider \"%V\" does not confirm "
                     "it: %s", &f->former->provider->name, why);

    f->step = NGX_HTTP_RTAUTH_REFRESH_END;

    return NGX_DONE;
}


static ngx_int_t
ngx_http_rtauth_refresh_away(ngx_http_rtauth_refresh_t *f, const char *why)
{
    ngx_http_rtauth_keys_t  *keys;

    keys = f->x->keys;

    keys->away = ngx_current_msec + NGX_HTTP_RTAUTH_REFRESH_AWAY;
    keys->unasked++;

    if (ngx_time() - keys->warned >= NGX_HTTP_RTAUTH_REFRESH_WARN) {

        ngx_rt_log_error(NGX_LOG_WARN, f->request,
                         "rtauth: provider \"%V\" was asked anew about a user "
                         "and does not answer: %s; times since the last such "
                         "line: %ui", &f->former->provider->name, why,
                         keys->unasked);

        keys->warned = ngx_time();
        keys->unasked = 0;
    }

    return ngx_http_rtauth_refresh_as_it_is(f, RT_REASON_PROVIDER_UNAVAILABLE);
}


static ngx_int_t
ngx_http_rtauth_refresh_as_it_is(ngx_http_rtauth_refresh_t *f,
    rt_reason_e reason)
{
    return ngx_http_rtauth_refresh_older(f->request, f->former, 1)
           ? ngx_http_rtauth_refresh_finish(f, NGX_ERROR, reason)
           : ngx_http_rtauth_refresh_finish(f, NGX_OK, RT_REASON_OK);
}


/*
 * Where the cookie is the session, others that were sent before this answer
 * come with the token that is used up: they are kept from it until the lock
 * lapses.
 */

static ngx_int_t
ngx_http_rtauth_refresh_finish(ngx_http_rtauth_refresh_t *f, ngx_int_t rc,
    rt_reason_e reason)
{
    const ngx_http_rtauth_store_t  *store;

    f->over = 1;
    f->rc = rc;
    f->reason = reason;
    f->found = (rc == NGX_OK) ? f->former : NULL;

    store = ngx_http_rtauth_stores(f->lock.sessions);

    if (f->locked && !(f->rotated && store->stateless)) {
        (void) store->unlock(&f->lock);
    }

    return NGX_DONE;
}
