
#include "request/ngx_http_rtauth_proof.h"
#include "keys/ngx_http_rtauth_bound_conf.h"
#include "keys/ngx_http_rtauth_budget.h"
#include "keys/ngx_http_rtauth_replay.h"
#include "keys/ngx_http_rtauth_worker.h"
#include "session/ngx_http_rtauth_envelope.h"
#include "session/ngx_http_rtauth_stores.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_kept.h"
#include "ngx_rt_log.h"
#include "ngx_rt_server.h"
#include "ngx_rt_wait.h"
#include "jose/rt_dpop.h"
#include "oidc/rt_bigend.h"


#define NGX_HTTP_RTAUTH_PROOF_NONCE  300    /* seconds that one is good for */


typedef struct {
    ngx_http_request_t          *request;
    ngx_http_posted_request_t    posted;
} ngx_http_rtauth_proof_waiting_t;


/*
 * The proof of a client's request: it is looked at for whichever subrequest
 * asks first.
 */

typedef struct {
    ngx_http_rtauth_provider_t  *provider;  /* NULL: nobody asked */
    ngx_str_t                    token;     /* that it is for */
    rt_reason_e                  reason;    /* once it is checked */
    ngx_http_rtauth_op_t         op;
    ngx_array_t                  waiting;   /* _waiting_t */
} ngx_http_rtauth_proof_t;


static ngx_http_rtauth_proof_t *ngx_http_rtauth_proof_get(
    ngx_http_request_t *r);
static void ngx_http_rtauth_proof_cleanup(void *data);
static ngx_int_t ngx_http_rtauth_proof_wait(ngx_http_request_t *r,
    ngx_http_rtauth_proof_t *proof);
static rt_reason_e ngx_http_rtauth_proof_check(ngx_http_request_t *r,
    ngx_http_rtauth_proof_t *proof, u_char *jkt, rt_dpop_t *dpop);
static ngx_uint_t ngx_http_rtauth_proof_request(ngx_http_request_t *r,
    ngx_http_rtauth_proof_t *proof, rt_dpop_request_t *request);
static ngx_uint_t ngx_http_rtauth_proof_origin(ngx_http_request_t *r,
    ngx_str_t *origin);
static ngx_uint_t ngx_http_rtauth_proof_own_name(ngx_http_request_t *r);
static ngx_http_rtauth_budget_t *ngx_http_rtauth_proof_budget(
    ngx_http_request_t *r);
static ngx_http_rtauth_worker_t *ngx_http_rtauth_proof_worker(
    ngx_http_request_t *r);
static rt_reason_e ngx_http_rtauth_proof_nonce(ngx_http_request_t *r,
    rt_dpop_t *dpop, time_t leeway);
static ngx_uint_t ngx_http_rtauth_proof_nonce_make(ngx_http_request_t *r,
    rt_seal_key_t *key);
static ngx_int_t ngx_http_rtauth_proof_once(ngx_http_request_t *r,
    ngx_http_rtauth_proof_t *proof, rt_dpop_t *dpop);
static rt_reason_e ngx_http_rtauth_proof_seen(ngx_int_t rc);
static void ngx_http_rtauth_proof_answered(ngx_http_rtauth_op_t *op,
    ngx_int_t rc);


static rt_str_t  ngx_http_rtauth_proof_aad = rt_string("rtauth dpop nonce");


char *
ngx_http_rtauth_proof_merge(ngx_conf_t *cf, ngx_http_rtauth_srv_conf_t *conf)
{
    conf->names = ngx_rt_server_names(cf->pool,
                    ngx_http_conf_get_module_srv_conf(cf,
                                                      ngx_http_core_module));

    return conf->names ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_int_t
ngx_http_rtauth_proof(ngx_http_request_t *r,
    ngx_http_rtauth_provider_t *provider, u_char *jkt, ngx_str_t *token,
    rt_reason_e *reason)
{
    rt_dpop_t                 dpop;
    ngx_http_rtauth_proof_t  *proof;

    proof = ngx_http_rtauth_proof_get(r);
    if (proof == NULL) {
        *reason = RT_REASON_INTERNAL;
        return NGX_ERROR;
    }

    if (proof->waiting.nelts) {
        return ngx_http_rtauth_proof_wait(r, proof);
    }

    if (proof->provider == NULL) {
        proof->provider = provider;
        proof->token = *token;
        proof->reason = ngx_http_rtauth_proof_check(r, proof, jkt, &dpop);

        if (proof->reason == RT_REASON_OK
            && ngx_http_rtauth_proof_once(r, proof, &dpop) == NGX_AGAIN)
        {
            return ngx_http_rtauth_proof_wait(r, proof);
        }
    }

    *reason = proof->reason;

    /* a proof is for one token, and was held against its provider's rules */

    if (proof->provider != provider
        || !rt_str_eq(ngx_rt_str(&proof->token), ngx_rt_str(token)))
    {
        *reason = RT_REASON_BAD_PROOF;
    }

    if (*reason == RT_REASON_OK) {
        return NGX_OK;
    }

    return rt_reason(*reason)->status >= NGX_HTTP_INTERNAL_SERVER_ERROR
           ? NGX_ERROR : NGX_DECLINED;
}


static ngx_http_rtauth_proof_t *
ngx_http_rtauth_proof_get(ngx_http_request_t *r)
{
    ngx_http_rtauth_proof_t  *proof;

    proof = ngx_rt_kept(r->main->pool, ngx_http_rtauth_proof_cleanup);

    if (proof) {
        return proof;
    }

    proof = ngx_rt_kept_add(r->main->pool, sizeof(ngx_http_rtauth_proof_t),
                            ngx_http_rtauth_proof_cleanup);

    if (proof == NULL
        || ngx_array_init(&proof->waiting, r->main->pool, 1,
                          sizeof(ngx_http_rtauth_proof_waiting_t))
           != NGX_OK)
    {
        return NULL;
    }

    proof->op.pool = r->main->pool;
    proof->op.handler = ngx_http_rtauth_proof_answered;
    proof->op.data = proof;

    return proof;
}


static void
ngx_http_rtauth_proof_cleanup(void *data)
{
    /* the store forgets its operation by itself; see store.h */
}


static ngx_int_t
ngx_http_rtauth_proof_wait(ngx_http_request_t *r,
    ngx_http_rtauth_proof_t *proof)
{
    ngx_uint_t                        i;
    ngx_http_rtauth_proof_waiting_t  *waiting;

    waiting = proof->waiting.elts;

    for (i = 0; i < proof->waiting.nelts; i++) {
        if (waiting[i].request == r) {
            return NGX_AGAIN;
        }
    }

    waiting = ngx_array_push(&proof->waiting);
    if (waiting == NULL) {
        return NGX_ERROR;
    }

    waiting->request = r;
    ngx_rt_wait_watch(r);

    return NGX_AGAIN;
}


static rt_reason_e
ngx_http_rtauth_proof_check(ngx_http_request_t *r,
    ngx_http_rtauth_proof_t *proof, u_char *jkt, rt_dpop_t *dpop)
{
    rt_mem_t                   mem;
    ngx_str_t                  text;
    const char                *why;
    rt_reason_e                reason;
    rt_dpop_request_t          request;
    ngx_http_rtauth_budget_t  *budget;

    mem = ngx_rt_str_mem(r->pool);
    budget = ngx_http_rtauth_proof_budget(r);

    if (budget && !ngx_http_rtauth_budget_left(budget, r->connection)) {
        return RT_REASON_TOO_MANY_BAD;
    }

    request.jkt = jkt;
    reason = RT_REASON_BAD_PROOF;

    if (ngx_rt_headers_last(r->main, "DPoP", &text) != 1) {
        why = "is not there, or there are several";

    } else if (!ngx_http_rtauth_proof_request(r, proof, &request)) {
        why = "is for an address that is not known to be ours: write the "
              "host's name into \"server_name\", or \"rtauth_origin\"";

    } else {
        reason = rt_dpop_check(&mem, ngx_rt_str(&text), &request, dpop, &why);
    }

    if (reason == RT_REASON_BAD_SIGNATURE) {
        reason = RT_REASON_BAD_PROOF;
        why = "has a signature that does not hold";

        if (budget) {
            ngx_http_rtauth_budget_spend(budget, r->connection);
        }
    }

    if (reason == RT_REASON_BAD_PROOF) {
        ngx_rt_log_error(NGX_LOG_NOTICE, r, "rtauth: the DPoP proof %s", why);
    }

    if (reason == RT_REASON_OK && proof->provider->bound->nonce) {
        return ngx_http_rtauth_proof_nonce(r, dpop, request.leeway);
    }

    return reason;
}


/* what the client asked for, before any rewrite; 0: that cannot be told */

static ngx_uint_t
ngx_http_rtauth_proof_request(ngx_http_request_t *r,
    ngx_http_rtauth_proof_t *proof, rt_dpop_request_t *request)
{
    rt_str_t                 query;
    ngx_str_t                origin;
    ngx_http_rtauth_kept_t  *kept;

    kept = ngx_http_rtauth_kept(r);

    if (kept == NULL || !ngx_http_rtauth_proof_origin(r->main, &origin)) {
        return 0;
    }

    (void) rt_str_cut(ngx_rt_str(&r->main->unparsed_uri), '?', &request->path,
                      &query);

    request->algs = proof->provider->bound->algs;
    request->method = *ngx_rt_str(&kept->method);
    request->origin = *ngx_rt_str(&origin);
    request->token = *ngx_rt_str(&proof->token);
    request->now = ngx_time();
    request->leeway = ngx_http_rtauth_bound_leeway(proof->provider);

    return 1;
}


/*
 * By configuration; else what the client connected to, and asked for by a name
 * that the configuration has.  Any other name might be somebody else's, who was
 * sent the proof and now shows it here.
 */

static ngx_uint_t
ngx_http_rtauth_proof_origin(ngx_http_request_t *r, ngx_str_t *origin)
{
    u_char                      *p;
    ngx_uint_t                   tls;
    ngx_table_elt_t             *host;
    ngx_http_rtauth_srv_conf_t  *scf;

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    *origin = scf->origin;

    if (origin->len) {
        return 1;
    }

    host = r->headers_in.host;

    if (host == NULL || !ngx_http_rtauth_proof_own_name(r)) {
        return 0;
    }

    p = ngx_pnalloc(r->pool, sizeof("https://") + host->value.len);
    if (p == NULL) {
        return 0;
    }

    tls = 0;
#if (NGX_HTTP_SSL)
    tls = (r->connection->ssl != NULL);
#endif

    origin->data = p;
    origin->len = ngx_sprintf(p, "%s://%V", tls ? "https" : "http",
                              &host->value) - p;

    return 1;
}


static ngx_uint_t
ngx_http_rtauth_proof_own_name(ngx_http_request_t *r)
{
    ngx_str_t                   *name, *host;
    ngx_uint_t                   i;
    ngx_http_rtauth_srv_conf_t  *scf;

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);
    name = scf->names->elts;

    for (i = 0; i < scf->names->nelts; i++) {
        if (rt_str_eq(ngx_rt_str(&name[i]),
                      ngx_rt_str(&r->headers_in.server)))
        {
            /* an absolute request line names the server, not Host */

            host = &r->headers_in.host->value;

            return host->len >= name[i].len
                   && ngx_strncasecmp(host->data, name[i].data, name[i].len)
                      == 0
                   && (host->len == name[i].len
                       || host->data[name[i].len] == ':');
        }
    }

    return 0;
}


/* as of tokens: in ACCESS, limit_req and friends have had their say */

static ngx_http_rtauth_budget_t *
ngx_http_rtauth_proof_budget(ngx_http_request_t *r)
{
    ngx_http_rtauth_worker_t    *w;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    w = ngx_http_rtauth_proof_worker(r);
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    return rlcf->phase == NGX_HTTP_RTAUTH_PREACCESS ? w->budget : NULL;
}


/* not NULL here: this worker has verified the token */

static ngx_http_rtauth_worker_t *
ngx_http_rtauth_proof_worker(ngx_http_request_t *r)
{
    return ngx_http_rtauth_worker(
               ngx_http_get_module_main_conf(r, ngx_http_rtauth_module));
}


/*
 * A nonce is the time at which it was made, sealed with the keys of
 * rtauth_session, else the zone's own: nobody has to remember it, and any
 * worker, or host with these keys, knows it for ours.
 */

static rt_reason_e
ngx_http_rtauth_proof_nonce(ngx_http_request_t *r, rt_dpop_t *dpop,
    time_t leeway)
{
    int64_t         age;
    rt_mem_t        mem;
    rt_str_t        plain;
    ngx_uint_t      n;
    rt_status_e     rc;
    rt_seal_key_t  *keys;

    mem = ngx_rt_str_mem(r->pool);
    n = ngx_http_rtauth_envelope_login_keys(r, &keys);

    if (n == 0) {
        return RT_REASON_INTERNAL;
    }

    rc = rt_unseal_text(&mem, keys, n, &ngx_http_rtauth_proof_aad,
                        &dpop->nonce, &plain, NULL);

    if (rc == RT_ERROR) {
        return RT_REASON_INTERNAL;
    }

    age = -1;

    if (rc == RT_OK && plain.len == sizeof(uint64_t)) {
        age = ngx_time() - (int64_t) rt_bigend_get(plain.data, plain.len);
    }

    /* another host's clock may be ahead */

    if (rc != RT_OK || age < -leeway || age >= NGX_HTTP_RTAUTH_PROOF_NONCE) {
        return ngx_http_rtauth_proof_nonce_make(r, keys)
               ? RT_REASON_PROOF_NONCE : RT_REASON_INTERNAL;
    }

    /* the client is given its next one before this one ends */

    if (age >= NGX_HTTP_RTAUTH_PROOF_NONCE / 2
        && !ngx_http_rtauth_proof_nonce_make(r, keys))
    {
        return RT_REASON_INTERNAL;
    }

    return RT_REASON_OK;
}


static ngx_uint_t
ngx_http_rtauth_proof_nonce_make(ngx_http_request_t *r, rt_seal_key_t *key)
{
    u_char                   time[sizeof(uint64_t)];
    rt_mem_t                 mem;
    rt_str_t                 plain, text;
    ngx_http_rtauth_kept_t  *kept;

    mem = ngx_rt_str_mem(r->main->pool);
    kept = ngx_http_rtauth_kept(r);

    (void) rt_bigend_put(time, (uint64_t) ngx_time(), sizeof(time));
    plain.data = time;
    plain.len = sizeof(time);

    if (rt_seal_text(&mem, key, &ngx_http_rtauth_proof_aad, &plain, &text)
        != RT_OK)
    {
        return 0;
    }

    kept->nonce = ngx_rt_str_copy(&text);

    return 1;
}


/* where hosts share a Redis, a proof is good once for all of them */

static ngx_int_t
ngx_http_rtauth_proof_once(ngx_http_request_t *r,
    ngx_http_rtauth_proof_t *proof, rt_dpop_t *dpop)
{
    ngx_int_t                    rc;
    ngx_http_rtauth_op_t        *op;
    ngx_http_rtauth_srv_conf_t  *scf;

    scf = ngx_http_get_module_srv_conf(r->main, ngx_http_rtauth_module);

    if (scf->sessions->redis) {
        op = &proof->op;

        op->log = r->connection->log;
        op->sessions = scf->sessions;
        op->ttl = dpop->until - ngx_time();
        ngx_memcpy(op->key, dpop->id, sizeof(op->key));

        /* a lock that lapses by itself: "SET ... NX PX" */

        rc = ngx_http_rtauth_stores(op->sessions)->lock(op);

    } else {
        rc = ngx_http_rtauth_replay(ngx_http_rtauth_proof_worker(r), dpop->id,
                                    dpop->until);

        if (rc == NGX_ERROR) {
            ngx_rt_log_error(NGX_LOG_ERR, r,
                             "rtauth: there is no room for another DPoP proof "
                             "in \"rtauth_zone\": make it larger");
        }
    }

    if (rc != NGX_AGAIN) {
        proof->reason = ngx_http_rtauth_proof_seen(rc);
    }

    return rc;
}


static rt_reason_e
ngx_http_rtauth_proof_seen(ngx_int_t rc)
{
    return rc == NGX_OK ? RT_REASON_OK
           : rc == NGX_DECLINED ? RT_REASON_REPLAYED_PROOF
                                : RT_REASON_PROOFS_UNKNOWN;
}


static void
ngx_http_rtauth_proof_answered(ngx_http_rtauth_op_t *op, ngx_int_t rc)
{
    ngx_uint_t                        i;
    ngx_connection_t                 *c;
    ngx_http_rtauth_proof_t          *proof;
    ngx_http_rtauth_proof_waiting_t  *waiting;

    proof = op->data;
    proof->reason = ngx_http_rtauth_proof_seen(rc);

    waiting = proof->waiting.elts;
    c = waiting[0].request->connection;

    for (i = 0; i < proof->waiting.nelts; i++) {
        ngx_rt_wait_unwatch(waiting[i].request);
        (void) ngx_http_post_request(waiting[i].request, &waiting[i].posted);
    }

    proof->waiting.nelts = 0;

    ngx_http_run_posted_requests(c);
}
