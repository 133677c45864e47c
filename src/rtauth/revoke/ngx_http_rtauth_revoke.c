
#include "revoke/ngx_http_rtauth_revoke.h"
#include "keys/ngx_http_rtauth_ended.h"
#include "keys/ngx_http_rtauth_revoked.h"
#include "keys/ngx_http_rtauth_state.h"
#include "request/ngx_http_rtauth_origin.h"
#include "session/ngx_http_rtauth_session.h"
#include "json/rt_jsonw.h"
#include "policy/rt_disabled.h"
#include "text/rt_fold.h"
#include "text/rt_form.h"
#include "ngx_rt_body.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_kept.h"
#include "ngx_rt_log.h"
#include "ngx_rt_wait.h"


#define NGX_HTTP_RTAUTH_REVOKE_BODY    8192
#define NGX_HTTP_RTAUTH_REVOKE_FIELDS  8
#define NGX_HTTP_RTAUTH_REVOKE_ANSWER  256

/* the parameters beside those of rt_disabled_kind() */

#define NGX_HTTP_RTAUTH_REVOKE_ISS     RT_DISABLED_KINDS
#define NGX_HTTP_RTAUTH_REVOKE_BEFORE  (RT_DISABLED_KINDS + 1)
#define NGX_HTTP_RTAUTH_REVOKE_UNDO    (RT_DISABLED_KINDS + 2)
#define NGX_HTTP_RTAUTH_REVOKE_PARAMS  (RT_DISABLED_KINDS + 3)


/* from the request to its answer */

typedef struct {
    ngx_http_request_t           *request;
    ngx_http_rtauth_main_conf_t  *mcf;
    rt_str_t                      param[NGX_HTTP_RTAUTH_REVOKE_PARAMS];
    rt_disabled_e                 who;          /* KINDS: everybody */
    ngx_http_rtauth_provider_t   *provider;     /* NULL: any */
    rt_revocation_t               rev;
    ngx_http_rtauth_deed_t       *deed;         /* before it is written */
    void                         *entry;        /* that is written */
    ngx_err_t                     err;
    const char                   *why;          /* a sentence */
} ngx_http_rtauth_revoke_t;


static ngx_uint_t ngx_http_rtauth_revoke_fits(ngx_http_request_t *r,
    const char **why);
static void ngx_http_rtauth_revoke_body(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_revoke_run(ngx_http_rtauth_revoke_t *rv);
static ngx_int_t ngx_http_rtauth_revoke_read(ngx_http_rtauth_revoke_t *rv);
static ngx_int_t ngx_http_rtauth_revoke_param(ngx_http_rtauth_revoke_t *rv,
    rt_form_field_t *field);
static ngx_int_t ngx_http_rtauth_revoke_whose(ngx_http_rtauth_revoke_t *rv);
static ngx_int_t ngx_http_rtauth_revoke_issuer(ngx_http_rtauth_revoke_t *rv);
static ngx_int_t ngx_http_rtauth_revoke_times(ngx_http_rtauth_revoke_t *rv);
static ngx_int_t ngx_http_rtauth_revoke_plan(ngx_http_rtauth_revoke_t *rv);
static ngx_int_t ngx_http_rtauth_revoke_keep(ngx_http_rtauth_revoke_t *rv);
static void ngx_http_rtauth_revoke_written(void *data, ngx_err_t err);
static void ngx_http_rtauth_revoke_go(ngx_http_request_t *r);
static void ngx_http_rtauth_revoke_cleanup(void *data);
static ngx_int_t ngx_http_rtauth_revoke_full(ngx_http_rtauth_revoke_t *rv,
    const char *why);
static ngx_int_t ngx_http_rtauth_revoke_done(ngx_http_rtauth_revoke_t *rv);
static ngx_int_t ngx_http_rtauth_revoke_error(ngx_http_request_t *r,
    ngx_uint_t status, const char *why);
static ngx_int_t ngx_http_rtauth_revoke_send(ngx_http_request_t *r,
    ngx_uint_t status, rt_jsonw_t *w);


ngx_int_t
ngx_http_rtauth_revoke_handler(ngx_http_request_t *r)
{
    ngx_int_t                    rc;
    ngx_uint_t                   status;
    const char                  *why;
    ngx_http_rtauth_pass_t      *pass;
    ngx_http_rtauth_revoke_t    *rv;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    if (r != r->main || rlcf->revoke == NULL) {
        return NGX_HTTP_FORBIDDEN;
    }

    if (r->method != NGX_HTTP_POST) {
        return ngx_http_rtauth_revoke_error(r, NGX_HTTP_NOT_ALLOWED,
                                            "write POST");
    }

    pass = ngx_http_rtauth_pass(r);

    /* a dry run guards nothing, and this changes something */

    if (rlcf->revoke->caller.n == 0 && !rlcf->revoke->open
        && (pass == NULL || ngx_http_rtauth_dry(pass)))
    {
        return ngx_http_rtauth_revoke_error(r, NGX_HTTP_FORBIDDEN,
                                            "only rtauth_dry_run let this in");
    }

    if (rlcf->revoke->caller.n
        && ngx_http_rtauth_caller(r, &rlcf->revoke->caller, &status) == NULL)
    {
        return ngx_http_rtauth_revoke_error(r, status,
                                            status == NGX_HTTP_UNAUTHORIZED
                                            ? "the key is not this one"
                                            : "too many wrong keys came from "
                                              "there, or memory is out");
    }

    if (ngx_http_rtauth_cross_origin(r, rlcf) != NGX_OK) {
        return ngx_http_rtauth_revoke_error(r, NGX_HTTP_FORBIDDEN,
                                            "another site started this");
    }

    status = ngx_http_rtauth_revoke_fits(r, &why);
    if (status) {
        return ngx_http_rtauth_revoke_error(r, status, why);
    }

    rv = ngx_rt_kept_add(r->pool, sizeof(ngx_http_rtauth_revoke_t),
                         ngx_http_rtauth_revoke_cleanup);
    if (rv == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rv->request = r;
    rv->mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    rc = ngx_http_read_client_request_body(r, ngx_http_rtauth_revoke_body);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}


/* ret: 0; else a status and why */

static ngx_uint_t
ngx_http_rtauth_revoke_fits(ngx_http_request_t *r, const char **why)
{
    rt_str_t  kind;

    kind = ngx_rt_body_type(r);

    if (!rt_str_ieq(&kind, &(rt_str_t)
                           rt_string("application/x-www-form-urlencoded")))
    {
        *why = "send a form, application/x-www-form-urlencoded, in UTF-8";
        return NGX_HTTP_UNSUPPORTED_MEDIA_TYPE;
    }

    if (r->headers_in.content_length_n > NGX_HTTP_RTAUTH_REVOKE_BODY) {
        *why = "the form is too long";
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }

    return 0;
}


static void
ngx_http_rtauth_revoke_body(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_http_rtauth_revoke_t  *rv;

    rv = ngx_rt_kept(r->pool, ngx_http_rtauth_revoke_cleanup);

    rc = ngx_http_rtauth_revoke_run(rv);

    if (rc == NGX_AGAIN) {
        r->read_event_handler = ngx_http_block_reading;
        r->write_event_handler = ngx_http_rtauth_revoke_go;

        /* who goes away has revoked it all the same, and an event says so */

        return;
    }

    ngx_http_finalize_request(r, rc);
}


/* ret: NGX_AGAIN: it is being written; else for finalize */

static ngx_int_t
ngx_http_rtauth_revoke_run(ngx_http_rtauth_revoke_t *rv)
{
    ngx_int_t  rc;

    rc = ngx_http_rtauth_revoke_read(rv);

    if (rc == NGX_OK) {
        rc = ngx_http_rtauth_revoke_whose(rv);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_rtauth_revoke_times(rv);
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_rtauth_revoke_error(rv->request, NGX_HTTP_BAD_REQUEST,
                                            rv->why);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_rtauth_revoke_plan(rv);
}


static ngx_int_t
ngx_http_rtauth_revoke_read(ngx_http_rtauth_revoke_t *rv)
{
    rt_mem_t    mem;
    rt_str_t    body;
    rt_form_t   form;
    ngx_int_t   rc;
    ngx_uint_t  i;

    rc = ngx_rt_body_join(rv->request, NGX_HTTP_RTAUTH_REVOKE_BODY, &body);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_HTTP_REQUEST_ENTITY_TOO_LARGE
                                  : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    mem = ngx_rt_str_mem(rv->request->pool);

    if (rt_form_parse(&mem, &body, NGX_HTTP_RTAUTH_REVOKE_FIELDS, &form)
        != RT_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (form.bad || form.many) {
        rv->why = "the form is malformed, or has too many fields";
        return NGX_DECLINED;
    }

    for (i = 0; i < form.n; i++) {
        if (ngx_http_rtauth_revoke_param(rv, &form.field[i]) != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_revoke_param(ngx_http_rtauth_revoke_t *rv,
    rt_form_field_t *field)
{
    ngx_uint_t  i;

    i = rt_disabled_kind(&field->name);

    if (i == RT_DISABLED_KINDS) {
        i = rt_str_lit(&field->name, "iss") ? NGX_HTTP_RTAUTH_REVOKE_ISS
            : rt_str_lit(&field->name, "before")
              ? NGX_HTTP_RTAUTH_REVOKE_BEFORE
            : rt_str_lit(&field->name, "undo") ? NGX_HTTP_RTAUTH_REVOKE_UNDO
            : NGX_HTTP_RTAUTH_REVOKE_PARAMS;
    }

    rv->why = (i == NGX_HTTP_RTAUTH_REVOKE_PARAMS)
              ? "write sub, email, sid or jti, and iss, before, undo"
              : rv->param[i].len ? "a field is there twice"
              : rt_disabled_fault(&field->value)
                ? "a field is empty, too long or malformed"
              : NULL;

    if (rv->why) {
        return NGX_DECLINED;
    }

    rv->param[i] = field->value;

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_revoke_whose(ngx_http_rtauth_revoke_t *rv)
{
    ngx_uint_t  i, n;
    rt_str_t   *undo;

    rv->who = RT_DISABLED_KINDS;

    for (i = 0, n = 0; i < RT_DISABLED_KINDS; i++) {
        if (rv->param[i].len) {
            rv->who = i;
            n++;
        }
    }

    undo = &rv->param[NGX_HTTP_RTAUTH_REVOKE_UNDO];

    if (n > 1
        || (n == 0 && rv->param[NGX_HTTP_RTAUTH_REVOKE_BEFORE].len == 0)
        || (undo->len && !rt_str_lit(undo, "1")))
    {
        rv->why = n > 1 ? "write one of sub, email, sid and jti"
                  : n == 0 ? "write sub, email, sid or jti; before=now alone "
                             "is everybody"
                  : "write undo=1, or no undo";
        return NGX_DECLINED;
    }

    rv->rev.lift = (undo->len != 0);

    return ngx_http_rtauth_revoke_issuer(rv);
}


/* a user of one provider is not that of another one who has his name */

static ngx_int_t
ngx_http_rtauth_revoke_issuer(ngx_http_rtauth_revoke_t *rv)
{
    rt_str_t                     *iss;
    ngx_uint_t                    i;
    ngx_http_rtauth_provider_t  **p;

    p = rv->mcf->providers.elts;
    iss = &rv->param[NGX_HTTP_RTAUTH_REVOKE_ISS];

    for (i = 0; i < rv->mcf->providers.nelts; i++) {
        if (iss->len ? rt_str_eq(iss, ngx_rt_str(&p[i]->issuer))
                     : (rv->mcf->providers.nelts == 1
                        && rv->who < RT_DISABLED_KINDS
                        && rv->who != RT_DISABLED_EMAIL))
        {
            rv->provider = p[i];
            return NGX_OK;
        }
    }

    if (iss->len) {
        rv->why = "iss is of no provider here";
        return NGX_DECLINED;
    }

    if (rv->who < RT_DISABLED_KINDS && rv->who != RT_DISABLED_EMAIL) {
        rv->why = "write iss: there are several providers";
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_revoke_times(ngx_http_rtauth_revoke_t *rv)
{
    time_t     tokens, sessions;
    rt_str_t  *before;

    before = &rv->param[NGX_HTTP_RTAUTH_REVOKE_BEFORE];

    /* then nothing can be alive any more that was issued until now */

    tokens = ngx_http_rtauth_tokens_live(rv->mcf, 0);
    sessions = ngx_http_rtauth_sessions_live(rv->mcf);

    rv->rev.until = ngx_time() + ngx_max(tokens, sessions);
    rv->rev.before = ngx_time();

    if (rv->who == RT_DISABLED_SID || rv->who == RT_DISABLED_JTI) {

        if (before->len) {
            rv->why = "before goes with sub or email, or alone";
            return NGX_DECLINED;
        }

        rv->rev.before = RT_REVOCATION_MAX;
        return NGX_OK;
    }

    if (before->len == 0 || rt_str_lit(before, "now")) {
        return NGX_OK;
    }

    rv->rev.before = ngx_atotm(before->data, before->len);

    if (rv->rev.before == NGX_ERROR || rv->rev.before > ngx_time()) {
        rv->why = "before is no second of the past: write now, or seconds "
                  "since 1970";
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_revoke_plan(ngx_http_rtauth_revoke_t *rv)
{
    ngx_int_t                  rc;
    ngx_str_t                  value, issuer;
    ngx_http_rtauth_revoked_e  kind;

    static ngx_str_t  everybody = ngx_string("*");

    static const ngx_http_rtauth_revoked_e  kinds[] = {
        [RT_DISABLED_SUB] = NGX_HTTP_RTAUTH_REVOKED_SUB,
        [RT_DISABLED_EMAIL] = NGX_HTTP_RTAUTH_REVOKED_EMAIL,
        [RT_DISABLED_SID] = NGX_HTTP_RTAUTH_REVOKED_SID,
        [RT_DISABLED_JTI] = NGX_HTTP_RTAUTH_REVOKED_JTI,
        [RT_DISABLED_KINDS] = NGX_HTTP_RTAUTH_REVOKED_ISSUER
    };

    kind = kinds[rv->who];
    ngx_str_null(&issuer);

    if (rv->provider) {
        issuer = rv->provider->issuer;

    } else {
        kind = (rv->who == RT_DISABLED_EMAIL)
               ? NGX_HTTP_RTAUTH_REVOKED_EMAIL_ANY
               : NGX_HTTP_RTAUTH_REVOKED_ANY;
    }

    value = rv->who < RT_DISABLED_KINDS ? ngx_rt_str_copy(&rv->param[rv->who])
            : rv->provider ? issuer : everybody;

    if (rv->who == RT_DISABLED_EMAIL) {
        value.data = ngx_pnalloc(rv->request->pool, RT_FOLD_ROOM(value.len));
        if (value.data == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        value.len = rt_fold(value.data, &rv->param[rv->who]);
    }

    rc = ngx_http_rtauth_revoked_plan(rv->mcf->zone, kind, &issuer, &value,
                                      &rv->rev);

    if (rc == NGX_DECLINED) {
        return ngx_http_rtauth_revoke_error(rv->request, NGX_HTTP_NOT_FOUND,
                                            "it is not revoked");
    }

    if (rc != NGX_OK) {
        return ngx_http_rtauth_revoke_full(rv, "\"rtauth_zone\" is full, make "
                                               "it larger");
    }

    return ngx_http_rtauth_revoke_keep(rv);
}


static ngx_int_t
ngx_http_rtauth_revoke_keep(ngx_http_rtauth_revoke_t *rv)
{
    ngx_http_rtauth_state_t  *state;

    rv->deed = ngx_http_rtauth_deed_room(rv->request);
    if (rv->deed == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rv->mcf->state.len == 0) {
        return ngx_http_rtauth_revoked_apply(rv->mcf->zone, &rv->rev)
               == NGX_ERROR
               ? ngx_http_rtauth_revoke_full(rv, "\"rtauth_zone\" is full, "
                                                 "make it larger")
               : ngx_http_rtauth_revoke_done(rv);
    }

    state = ngx_http_rtauth_state(rv->mcf);

    rv->entry = state ? ngx_http_rtauth_state_write(state, &rv->rev,
                                                ngx_http_rtauth_revoke_written,
                                                rv)
                      : NULL;

    return rv->entry ? NGX_AGAIN : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static void
ngx_http_rtauth_revoke_written(void *data, ngx_err_t err)
{
    ngx_http_rtauth_revoke_t *rv = data;

    rv->entry = NULL;
    rv->err = err;

    ngx_rt_wait_over(rv->request);
}


static void
ngx_http_rtauth_revoke_go(ngx_http_request_t *r)
{
    ngx_http_rtauth_revoke_t  *rv;

    rv = ngx_rt_kept(r->pool, ngx_http_rtauth_revoke_cleanup);

    if (rv->entry) {
        return;
    }

    ngx_http_finalize_request(r, rv->err
                                 ? ngx_http_rtauth_revoke_full(rv, "\"state=\" "
                                                     "cannot be written to")
                                 : ngx_http_rtauth_revoke_done(rv));
}


static void
ngx_http_rtauth_revoke_cleanup(void *data)
{
    ngx_http_rtauth_revoke_t *rv = data;

    if (rv->entry) {
        ngx_rt_journal_cancel(rv->entry);
    }
}


static ngx_int_t
ngx_http_rtauth_revoke_full(ngx_http_rtauth_revoke_t *rv, const char *why)
{
    ngx_rt_log_error(NGX_LOG_ERR, rv->request,
                     "rtauth: nothing was revoked: %s", why);

    return ngx_http_rtauth_revoke_error(rv->request,
                                        NGX_HTTP_INSUFFICIENT_STORAGE,
                                        "there is no room, nothing has "
                                        "changed");
}


static ngx_int_t
ngx_http_rtauth_revoke_done(ngx_http_rtauth_revoke_t *rv)
{
    u_char      text[NGX_HTTP_RTAUTH_REVOKE_ANSWER];
    rt_jsonw_t  w;

    static const rt_str_t  kinds[] = {
        [RT_DISABLED_SUB] = rt_string("sub"),
        [RT_DISABLED_EMAIL] = rt_string("email"),
        [RT_DISABLED_SID] = rt_string("sid"),
        [RT_DISABLED_JTI] = rt_string("jti"),
        [RT_DISABLED_KINDS] = rt_string("everybody")
    };

    if (ngx_http_rtauth_deed_done(rv->request, rv->deed,
                                  rv->rev.lift ? "REVOKE_UNDONE" : "REVOKE",
                                  rv->provider, RT_REASON_OK,
                                  ngx_http_rtauth_identity(rv->request))
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rv->deed->kind = kinds[rv->who];

    if (rv->who < RT_DISABLED_KINDS) {
        rv->deed->target = rv->param[rv->who];
    }

    rt_jsonw_init(&w, text, sizeof(text));
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "revoked");
    rt_jsonw_bool(&w, !rv->rev.lift);

    if (!rv->rev.lift) {

        if (rv->rev.before < RT_REVOCATION_MAX) {
            rt_jsonw_lit(&w, "before");
            rt_jsonw_uint(&w, rv->rev.before);
        }

        rt_jsonw_lit(&w, "until");
        rt_jsonw_uint(&w, rv->rev.until);
    }

    return ngx_http_rtauth_revoke_send(rv->request, NGX_HTTP_OK, &w);
}


static ngx_int_t
ngx_http_rtauth_revoke_error(ngx_http_request_t *r, ngx_uint_t status,
    const char *why)
{
    u_char            text[NGX_HTTP_RTAUTH_REVOKE_ANSWER];
    rt_str_t          error;
    ngx_int_t         rc;
    rt_jsonw_t        w;
    ngx_table_elt_t  *h;

    /* unless it was read */

    rc = r->request_body ? NGX_OK : ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (status == NGX_HTTP_NOT_ALLOWED) {
        h = ngx_rt_headers_add(r, "Allow");
        if (h == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ngx_str_set(&h->value, "POST");
    }

    error.data = (u_char *) why;
    error.len = ngx_strlen(why);

    rt_jsonw_init(&w, text, sizeof(text));
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "error");
    rt_jsonw_str(&w, &error);

    return ngx_http_rtauth_revoke_send(r, status, &w);
}


static ngx_int_t
ngx_http_rtauth_revoke_send(ngx_http_request_t *r, ngx_uint_t status,
    rt_jsonw_t *w)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    static ngx_str_t  no_store = ngx_string("no-store");

    rt_jsonw_close(w, '}');

    b = ngx_create_temp_buf(r->pool, rt_jsonw_len(w));

    if (b == NULL || ngx_rt_headers_uncache(r, &no_store) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->last = ngx_cpymem(b->last, w->start, rt_jsonw_len(w));
    b->last_buf = 1;
    b->last_in_chain = 1;

    r->headers_out.status = status;
    r->headers_out.content_length_n = rt_jsonw_len(w);
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}
