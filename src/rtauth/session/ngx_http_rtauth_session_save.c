
#include "session/ngx_http_rtauth_session_save.h"
#include "session/ngx_http_rtauth_envelope.h"
#include "session/ngx_http_rtauth_jar.h"
#include "session/ngx_http_rtauth_stores.h"
#include "keys/ngx_http_rtauth_revoked.h"
#include "ngx_rt_log.h"

#include <openssl/crypto.h>


typedef struct {
    ngx_http_request_t          *request;
    ngx_http_rtauth_op_t         op;
    ngx_http_rtauth_envelope_t   envelope;
    ngx_http_rtauth_session_pt   handler;
    ngx_uint_t                  *version;   /* of update */
    unsigned                     gone:1;    /* the session ends */
} ngx_http_rtauth_session_save_t;


static ngx_http_rtauth_session_save_t *ngx_http_rtauth_session_save_make(
    ngx_http_request_t *r, ngx_http_rtauth_session_pt handler);
static ngx_int_t ngx_http_rtauth_session_save_old(
    ngx_http_rtauth_session_save_t *save);
static ngx_int_t ngx_http_rtauth_session_save_record(
    ngx_http_rtauth_session_save_t *save, rt_session_t *record);
static ngx_int_t ngx_http_rtauth_session_save_remove(
    ngx_http_rtauth_session_save_t *save);
static ngx_int_t ngx_http_rtauth_session_save_revoke(
    ngx_http_rtauth_session_save_t *save);
static void ngx_http_rtauth_session_save_answered(ngx_http_rtauth_op_t *op,
    ngx_int_t rc);
static ngx_int_t ngx_http_rtauth_session_save_finish(
    ngx_http_rtauth_session_save_t *save, ngx_int_t rc);
static void ngx_http_rtauth_session_save_drop(ngx_http_request_t *r);


ngx_int_t
ngx_http_rtauth_session_create(ngx_http_request_t *r, rt_session_t *record,
    ngx_http_rtauth_session_pt handler)
{
    ngx_http_rtauth_session_save_t  *save;

    save = ngx_http_rtauth_session_save_make(r, handler);

    if (save == NULL
        || rt_seal_random(record->id, sizeof(record->id)) != RT_OK
        || ngx_http_rtauth_envelope_new(r, &save->envelope) != NGX_OK)
    {
        return NGX_ERROR;
    }

    record->created = ngx_time();
    record->seen = record->created;
    record->expires = record->created + save->op.sessions->absolute;

    ngx_http_rtauth_session_save_drop(r);

    return ngx_http_rtauth_session_save_record(save, record);
}


ngx_int_t
ngx_http_rtauth_session_update(ngx_http_request_t *r, rt_session_t *record,
    ngx_uint_t *version, ngx_http_rtauth_session_pt handler)
{
    ngx_int_t                        rc;
    ngx_http_rtauth_session_save_t  *save;

    save = ngx_http_rtauth_session_save_make(r, handler);
    if (save == NULL) {
        return NGX_ERROR;
    }

    save->version = version;
    save->op.version = *version;
    save->op.again = 1;     /* one that was ended stays so */

    rc = ngx_http_rtauth_session_save_old(save);

    return rc == NGX_OK ? ngx_http_rtauth_session_save_record(save, record)
                        : rc;
}


ngx_int_t
ngx_http_rtauth_session_end(ngx_http_request_t *r,
    ngx_http_rtauth_session_pt handler)
{
    ngx_int_t                        rc;
    ngx_http_rtauth_session_save_t  *save;

    save = ngx_http_rtauth_session_save_make(r, handler);
    if (save == NULL) {
        return NGX_ERROR;
    }

    save->gone = 1;

    rc = ngx_http_rtauth_session_save_old(save);

    if (rc == NGX_OK) {
        rc = ngx_http_rtauth_session_save_remove(save);
    }

    /* a cookie that is nobody's is deleted, too */

    if (rc == NGX_DECLINED) {
        rc = NGX_OK;
    }

    return rc == NGX_AGAIN ? rc
                           : ngx_http_rtauth_session_save_finish(save, rc);
}


void
ngx_http_rtauth_session_touched(ngx_http_request_t *r, rt_session_t *record)
{
    ngx_http_rtauth_session_save_t  *save;
    const ngx_http_rtauth_store_t   *store;

    save = ngx_http_rtauth_session_save_make(r, NULL);

    if (save == NULL || ngx_http_rtauth_session_save_old(save) != NGX_OK) {
        return;
    }

    store = ngx_http_rtauth_stores(save->op.sessions);

    if (store->stateless) {
        (void) ngx_http_rtauth_session_save_record(save, record);

    } else {
        (void) store->touch(&save->op);
    }
}


static ngx_http_rtauth_session_save_t *
ngx_http_rtauth_session_save_make(ngx_http_request_t *r,
    ngx_http_rtauth_session_pt handler)
{
    ngx_http_rtauth_srv_conf_t      *scf;
    ngx_http_rtauth_session_save_t  *save;

    save = ngx_pcalloc(r->pool, sizeof(ngx_http_rtauth_session_save_t));
    if (save == NULL) {
        return NULL;
    }

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    save->request = r;
    save->handler = handler;
    save->op.pool = r->pool;
    save->op.log = r->connection->log;
    save->op.sessions = scf->sessions;
    save->op.ttl = scf->sessions->idle;
    save->op.handler = ngx_http_rtauth_session_save_answered;
    save->op.data = save;

    return save;
}


/* the session that the request came with; NGX_DECLINED: with none */

static ngx_int_t
ngx_http_rtauth_session_save_old(ngx_http_rtauth_session_save_t *save)
{
    ngx_int_t               rc;
    ngx_http_rtauth_jar_t  *jar;

    jar = ngx_http_rtauth_jar(save->request);

    if (jar == NULL || jar->session.len == 0) {
        return NGX_DECLINED;
    }

    rc = ngx_http_rtauth_envelope_read(save->request, &jar->session,
                                       &save->envelope);
    if (rc == NGX_OK) {
        ngx_memcpy(save->op.key, save->envelope.name, sizeof(save->op.key));
    }

    return rc;
}


static ngx_int_t
ngx_http_rtauth_session_save_record(ngx_http_rtauth_session_save_t *save,
    rt_session_t *record)
{
    rt_mem_t            mem;
    rt_str_t            plain;
    ngx_int_t           rc;
    rt_status_e         status;
    ngx_http_request_t *r;

    r = save->request;
    mem = ngx_rt_str_mem(r->pool);

    status = rt_session_encode(&mem, record, &plain);

    if (status == RT_TOO_BIG) {
        return NGX_DECLINED;
    }

    if (status != RT_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_rtauth_envelope_seal(r, &save->envelope, &plain,
                                       &save->op.value);
    OPENSSL_cleanse(plain.data, plain.len);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_memcpy(save->op.key, save->envelope.name, sizeof(save->op.key));

    if (save->op.value.len > NGX_HTTP_RTAUTH_STORE_MAX) {
        return NGX_DECLINED;
    }

    save->op.ttl = ngx_min(save->op.ttl, record->expires - ngx_time());

    rc = ngx_http_rtauth_stores(save->op.sessions)->save(&save->op);

    return rc == NGX_AGAIN ? rc
                           : ngx_http_rtauth_session_save_finish(save, rc);
}


static ngx_int_t
ngx_http_rtauth_session_save_remove(ngx_http_rtauth_session_save_t *save)
{
    const ngx_http_rtauth_store_t  *store;

    store = ngx_http_rtauth_stores(save->op.sessions);

    return store->stateless ? ngx_http_rtauth_session_save_revoke(save)
                            : store->remove(&save->op);
}


/* somebody may have a copy of the cookie: what it opens is revoked */

static ngx_int_t
ngx_http_rtauth_session_save_revoke(ngx_http_rtauth_session_save_t *save)
{
    u_char               hex[2 * RT_SESSION_ID];
    rt_mem_t             mem;
    rt_str_t             plain;
    ngx_int_t            rc;
    ngx_str_t            id;
    rt_session_t         record;
    ngx_http_request_t  *r;

    r = save->request;
    mem = ngx_rt_str_mem(r->pool);

    rc = ngx_http_rtauth_envelope_open(r, &save->envelope, &mem,
                                       &save->op.value, &plain);

    if (rc == NGX_OK && rt_session_decode(&plain, &record) != RT_OK) {
        rc = NGX_DECLINED;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    id.len = ngx_hex_dump(hex, record.id, RT_SESSION_ID) - hex;
    id.data = hex;

    if (ngx_http_rtauth_revoked_add(save->op.sessions->zone,
                                    NGX_HTTP_RTAUTH_REVOKED_ID, NULL, &id,
                                    NGX_MAX_TIME_T_VALUE, record.expires)
        != NGX_ERROR)
    {
        return NGX_OK;
    }

    ngx_rt_log_error(NGX_LOG_CRIT, r,
                     "rtauth: a session that ends cannot be noted as revoked: "
                     "\"rtauth_zone\" is full, make it larger");

    return NGX_ERROR;
}


static void
ngx_http_rtauth_session_save_answered(ngx_http_rtauth_op_t *op, ngx_int_t rc)
{
    ngx_connection_t                *c;
    ngx_http_request_t              *r;
    ngx_http_rtauth_session_save_t  *save;

    save = op->data;

    if (save->handler == NULL) {
        return;
    }

    r = save->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    rc = ngx_http_rtauth_session_save_finish(save, rc);

    save->handler(r, rc);

    ngx_http_run_posted_requests(c);
}


/* a sign-out counts only if the store has heard of it */

static ngx_int_t
ngx_http_rtauth_session_save_finish(ngx_http_rtauth_session_save_t *save,
    ngx_int_t rc)
{
    ngx_str_t  empty;

    if (rc != NGX_OK) {
        return rc;
    }

    if (save->version) {
        *save->version = save->op.version;
    }

    if (save->gone) {
        ngx_str_null(&empty);

        return ngx_http_rtauth_jar_set(save->request, "", &empty, 0);
    }

    return ngx_http_rtauth_jar_set(save->request, "", &save->envelope.cookie,
                                   -1);
}


/*
 * The old record goes.  Nobody waits for that: its idle time would end it, too.
 */

static void
ngx_http_rtauth_session_save_drop(ngx_http_request_t *r)
{
    ngx_http_rtauth_session_save_t  *save;

    save = ngx_http_rtauth_session_save_make(r, NULL);

    if (save && ngx_http_rtauth_session_save_old(save) == NGX_OK) {
        (void) ngx_http_rtauth_session_save_remove(save);
    }
}
