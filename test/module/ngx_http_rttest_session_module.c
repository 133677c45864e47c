
/*
 * Sessions without a browser's sign-in, for t/rtauth/session_store.t; never
 * installed.  It is linked together with rtauth into one module, for rtauth
 * shows its functions to nobody.
 *
 *   location = /create { rttest_session create; }
 *
 * makes a session for ?sub=..., as a callback would, with ?pad=N more bytes of
 * claims; "update" gives the session that the request came with other claims
 * (its location is under rtauth), "end" ends it, "revoke" revokes whatever was
 * issued to ?sub=...; "late" gives other claims to a session that this request
 * has just ended.  "lock" and "unlock" are the store's own, of the record
 * ?sub=..., for ?ttl= seconds; the answer says the number of the lock.
 */


#include "ngx_http_rtauth.h"
#include "client/ngx_http_rtauth_client.h"
#include "oidc/rt_login.h"
#include "request/ngx_http_rtauth_request.h"
#include "keys/ngx_http_rtauth_revoked.h"
#include "session/ngx_http_rtauth_session.h"
#include "session/ngx_http_rtauth_session_save.h"
#include "session/ngx_http_rtauth_stores.h"


#define NGX_HTTP_RTTEST_SESSION_MAX_PAD  100000


typedef ngx_int_t (*ngx_http_rttest_session_pt)(ngx_http_request_t *r);

typedef struct {
    ngx_str_t                     name;
    ngx_http_rttest_session_pt    act;
} ngx_http_rttest_session_act_t;

typedef struct {
    ngx_http_rttest_session_pt    act;
} ngx_http_rttest_session_loc_conf_t;


static void *ngx_http_rttest_session_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_rttest_session(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_rttest_session_handler(ngx_http_request_t *r);
static void ngx_http_rttest_session_done(ngx_http_request_t *r, ngx_int_t rc);
static ngx_int_t ngx_http_rttest_session_send(ngx_http_request_t *r,
    ngx_int_t rc);
static ngx_int_t ngx_http_rttest_session_new(ngx_http_request_t *r);
static ngx_int_t ngx_http_rttest_session_update(ngx_http_request_t *r);
static ngx_int_t ngx_http_rttest_session_end(ngx_http_request_t *r);
static ngx_int_t ngx_http_rttest_session_revoke(ngx_http_request_t *r);
static ngx_int_t ngx_http_rttest_session_late(ngx_http_request_t *r);
static void ngx_http_rttest_session_ended(ngx_http_request_t *r, ngx_int_t rc);
static ngx_int_t ngx_http_rttest_session_lock(ngx_http_request_t *r);
static ngx_int_t ngx_http_rttest_session_unlock(ngx_http_request_t *r);
static ngx_http_rtauth_op_t *ngx_http_rttest_session_op(ngx_http_request_t *r);
static void ngx_http_rttest_session_locked(ngx_http_rtauth_op_t *op,
    ngx_int_t rc);
static ngx_http_rtauth_provider_t *ngx_http_rttest_session_provider(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_rttest_session_claims(ngx_http_request_t *r,
    rt_str_t *claims);
static ngx_str_t ngx_http_rttest_session_arg(ngx_http_request_t *r,
    char *name);


static ngx_http_rttest_session_act_t  ngx_http_rttest_session_acts[] = {
    { ngx_string("create"), ngx_http_rttest_session_new },
    { ngx_string("update"), ngx_http_rttest_session_update },
    { ngx_string("end"), ngx_http_rttest_session_end },
    { ngx_string("revoke"), ngx_http_rttest_session_revoke },
    { ngx_string("late"), ngx_http_rttest_session_late },
    { ngx_string("lock"), ngx_http_rttest_session_lock },
    { ngx_string("unlock"), ngx_http_rttest_session_unlock },
    { ngx_null_string, NULL }
};


static ngx_command_t  ngx_http_rttest_session_commands[] = {

    { ngx_string("rttest_session"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_rttest_session,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_rttest_session_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_rttest_session_create_loc_conf,    /* create location */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_rttest_session_module = {
    NGX_MODULE_V1,
    &ngx_http_rttest_session_module_ctx,   /* module context */
    ngx_http_rttest_session_commands,      /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_http_rttest_session_create_loc_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_rttest_session_loc_conf_t));
}


static char *
ngx_http_rttest_session(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rttest_session_loc_conf_t *lcf = conf;

    ngx_str_t                      *value;
    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_rttest_session_act_t  *act;

    value = cf->args->elts;

    act = ngx_rt_conf_row(ngx_http_rttest_session_acts,
                          sizeof(ngx_http_rttest_session_act_t), &value[1], 0);
    if (act == NULL) {
        return "has an unknown value";
    }

    lcf->act = act->act;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_rttest_session_handler;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_rttest_session_handler(ngx_http_request_t *r)
{
    ngx_int_t                            rc;
    ngx_http_rttest_session_loc_conf_t  *lcf;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_rttest_session_module);

    rc = lcf->act(r);

    if (rc == NGX_AGAIN) {
        r->main->count++;
        return NGX_DONE;
    }

    return ngx_http_rttest_session_send(r, rc);
}


static void
ngx_http_rttest_session_done(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_http_finalize_request(r, ngx_http_rttest_session_send(r, rc));
}


static ngx_int_t
ngx_http_rttest_session_send(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_http_rtauth_op_t      *op;
    ngx_http_complex_value_t   cv;

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));

    cv.value.data = ngx_pnalloc(r->pool, NGX_INT64_LEN + 1);
    if (cv.value.data == NULL) {
        return NGX_ERROR;
    }

    op = ngx_http_get_module_ctx(r, ngx_http_rttest_session_module);
    cv.value.len = ngx_sprintf(cv.value.data, "%ui\n", op ? op->version : 0)
                   - cv.value.data;

    if (rc == NGX_DECLINED) {
        return NGX_HTTP_INSUFFICIENT_STORAGE;
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    return ngx_http_send_response(r, NGX_HTTP_OK, NULL, &cv);
}


static ngx_int_t
ngx_http_rttest_session_new(ngx_http_request_t *r)
{
    ngx_str_t                    sid;
    rt_session_t                 record;
    ngx_http_rtauth_provider_t  *p;

    p = ngx_http_rttest_session_provider(r);
    sid = ngx_http_rttest_session_arg(r, "sid");

    ngx_memzero(&record, sizeof(rt_session_t));

    record.auth_time = ngx_time();
    record.checked = ngx_time();
    record.sid = *ngx_rt_str(&sid);

    if (p == NULL
        || rt_login_provider(ngx_rt_str(&p->issuer),
                             ngx_rt_str(&p->client->client_id),
                             &record.provider)
           != RT_OK
        || ngx_http_rttest_session_claims(r, &record.claims) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_rtauth_session_create(r, &record,
                                          ngx_http_rttest_session_done);
}


static ngx_int_t
ngx_http_rttest_session_update(ngx_http_request_t *r)
{
    ngx_uint_t                  *version;
    rt_session_t                 record;
    ngx_http_rtauth_identity_t  *identity;

    identity = ngx_http_rtauth_identity(r);
    version = ngx_palloc(r->pool, sizeof(ngx_uint_t));

    if (identity == NULL || identity->session == NULL || version == NULL) {
        return NGX_ERROR;
    }

    record = identity->session->record;
    *version = identity->session->version;

    if (ngx_http_rttest_session_claims(r, &record.claims) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_rtauth_session_update(r, &record,
                                          version,
                                          ngx_http_rttest_session_done);
}


static ngx_int_t
ngx_http_rttest_session_end(ngx_http_request_t *r)
{
    return ngx_http_rtauth_session_end(r, ngx_http_rttest_session_done);
}


static ngx_int_t
ngx_http_rttest_session_revoke(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_str_t                     sub;
    ngx_http_rtauth_provider_t   *p;
    ngx_http_rtauth_main_conf_t  *mcf;

    p = ngx_http_rttest_session_provider(r);
    sub = ngx_http_rttest_session_arg(r, "sub");
    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    if (p == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_rtauth_revoked_add(mcf->zone, NGX_HTTP_RTAUTH_REVOKED_SUB,
                                     &p->issuer, &sub, ngx_time(),
                                     ngx_time() + 3600);

    return rc == NGX_ERROR ? NGX_DECLINED : NGX_OK;
}


static ngx_int_t
ngx_http_rttest_session_late(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_rtauth_session_end(r, ngx_http_rttest_session_ended);

    return rc == NGX_OK ? ngx_http_rttest_session_update(r) : rc;
}


static void
ngx_http_rttest_session_ended(ngx_http_request_t *r, ngx_int_t rc)
{
    if (rc == NGX_OK) {
        rc = ngx_http_rttest_session_update(r);
    }

    if (rc != NGX_AGAIN) {
        ngx_http_rttest_session_done(r, rc);
    }
}


static ngx_int_t
ngx_http_rttest_session_lock(ngx_http_request_t *r)
{
    ngx_http_rtauth_op_t  *op;

    op = ngx_http_rttest_session_op(r);

    return op ? ngx_http_rtauth_stores(op->sessions)->lock(op) : NGX_ERROR;
}


static ngx_int_t
ngx_http_rttest_session_unlock(ngx_http_request_t *r)
{
    ngx_http_rtauth_op_t  *op;

    op = ngx_http_rttest_session_op(r);

    return op ? ngx_http_rtauth_stores(op->sessions)->unlock(op) : NGX_ERROR;
}


static ngx_http_rtauth_op_t *
ngx_http_rttest_session_op(ngx_http_request_t *r)
{
    ngx_str_t                    sub, ttl, version;
    ngx_http_rtauth_op_t        *op;
    ngx_http_rtauth_srv_conf_t  *scf;

    op = ngx_pcalloc(r->pool, sizeof(ngx_http_rtauth_op_t));
    if (op == NULL) {
        return NULL;
    }

    sub = ngx_http_rttest_session_arg(r, "sub");
    ttl = ngx_http_rttest_session_arg(r, "ttl");
    version = ngx_http_rttest_session_arg(r, "version");
    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    op->pool = r->pool;
    op->log = r->connection->log;
    op->sessions = scf->sessions;
    op->ttl = ttl.len ? ngx_atotm(ttl.data, ttl.len) : 60;
    op->version = version.len ? strtoul((char *) version.data, NULL, 10) : 0;
    op->handler = ngx_http_rttest_session_locked;
    op->data = r;

    ngx_memcpy(op->key, sub.data, ngx_min(sub.len, sizeof(op->key)));

    ngx_http_set_ctx(r, op, ngx_http_rttest_session_module);

    return op;
}


static void
ngx_http_rttest_session_locked(ngx_http_rtauth_op_t *op, ngx_int_t rc)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = op->data;
    c = r->connection;

    ngx_http_rttest_session_done(r, rc);

    ngx_http_run_posted_requests(c);
}


/* the first one where somebody can sign in */

static ngx_http_rtauth_provider_t *
ngx_http_rttest_session_provider(ngx_http_request_t *r)
{
    ngx_uint_t                     i;
    ngx_http_rtauth_provider_t   **p;
    ngx_http_rtauth_main_conf_t   *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);
    p = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        if (p[i]->client) {
            return p[i];
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_rttest_session_claims(ngx_http_request_t *r, rt_str_t *claims)
{
    u_char     *p;
    ngx_int_t   n;
    ngx_str_t   sub, pad;

    sub = ngx_http_rttest_session_arg(r, "sub");
    pad = ngx_http_rttest_session_arg(r, "pad");

    n = pad.len ? ngx_atoi(pad.data, pad.len) : 0;

    if (n < 0 || n > NGX_HTTP_RTTEST_SESSION_MAX_PAD) {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(r->pool, sizeof("{\"sub\":\"\",\"pad\":\"\"}") + sub.len
                             + n);
    if (p == NULL) {
        return NGX_ERROR;
    }

    claims->data = p;

    p = ngx_sprintf(p, "{\"sub\":\"%V\",\"pad\":\"", &sub);
    ngx_memset(p, 'x', n);
    p = ngx_cpymem(p + n, "\"}", 2);

    claims->len = p - claims->data;

    return NGX_OK;
}


static ngx_str_t
ngx_http_rttest_session_arg(ngx_http_request_t *r, char *name)
{
    ngx_str_t  value;

    if (ngx_http_arg(r, (u_char *) name, ngx_strlen(name), &value) != NGX_OK) {
        ngx_str_null(&value);
    }

    return value;
}
