
/*
 * Whether a request may go on: its token, the conditions, the permission and
 * the bound values of the location it has come to, in this order.  Its raw
 * path was looked at before, by ngx_http_rtauth_path.c.
 */


#include "request/ngx_http_rtauth_decide.h"
#include "client/ngx_http_rtauth_uris.h"
#include "exchange/ngx_http_rtauth_introspect.h"
#include "exchange/ngx_http_rtauth_refresh.h"
#include "policy/ngx_http_rtauth_bind.h"
#include "request/ngx_http_rtauth_body.h"
#include "request/ngx_http_rtauth_bound.h"
#include "request/ngx_http_rtauth_challenge.h"
#include "request/ngx_http_rtauth_origin.h"
#include "request/ngx_http_rtauth_path.h"
#include "request/ngx_http_rtauth_reauthorize.h"
#include "request/ngx_http_rtauth_rights.h"
#include "request/ngx_http_rtauth_timed.h"
#include "request/ngx_http_rtauth_token.h"
#include "session/ngx_http_rtauth_jar.h"
#include "session/ngx_http_rtauth_session.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_log.h"


static ngx_int_t ngx_http_rtauth_decide(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_decide_ask(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_decide_authenticate(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_http_rtauth_kept_t *kept);
static ngx_int_t ngx_http_rtauth_decide_session(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_http_rtauth_kept_t *kept);
static ngx_uint_t ngx_http_rtauth_decide_nobody(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);
static ngx_int_t ngx_http_rtauth_decide_judge(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_http_rtauth_kept_t *kept,
    ngx_int_t source, ngx_str_t *token);
static ngx_int_t ngx_http_rtauth_decide_known(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_http_rtauth_kept_t *kept,
    ngx_int_t source);
static ngx_int_t ngx_http_rtauth_decide_authorize(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_http_rtauth_kept_t *kept);
static void ngx_http_rtauth_decide_done(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);
static char *ngx_http_rtauth_decide_advice(ngx_http_request_t *r,
    rt_reason_e reason);
static ngx_uint_t ngx_http_rtauth_decide_open(ngx_http_request_t *r,
    rt_reason_e reason);
static ngx_uint_t ngx_http_rtauth_decide_status(ngx_http_request_t *r,
    ngx_uint_t status);


ngx_int_t
ngx_http_rtauth_access_handler(ngx_http_request_t *r)
{
    ngx_http_rtauth_pass_t  *pass;

    pass = ngx_http_rtauth_pass(r);

    /* whom it refused in PREACCESS does not come here */

    if (pass && pass->conf->phase == NGX_HTTP_RTAUTH_PREACCESS
        && (pass->status == 0 || pass->overruled))
    {
        return NGX_OK;
    }

    return ngx_http_rtauth_decide(r);
}


ngx_int_t
ngx_http_rtauth_preaccess_handler(ngx_http_request_t *r)
{
    ngx_int_t                    rc;
    rt_reason_e                  reason;
    ngx_http_rtauth_pass_t      *pass;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    reason = ngx_http_rtauth_path_check(r);

    if (reason != RT_REASON_OK) {
        pass = ngx_http_rtauth_begin(r);

        return pass ? ngx_http_rtauth_refuse(r, pass, reason, 0)
                    : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    if (r == r->main && rlcf->phase != NGX_HTTP_RTAUTH_PREACCESS) {
        return NGX_DECLINED;
    }

    rc = ngx_http_rtauth_decide(r);

    /* NGX_OK would skip limit_req and the other handlers of this phase */

    return rc == NGX_OK ? NGX_DECLINED : rc;
}


static ngx_int_t
ngx_http_rtauth_decide(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_rtauth_decide_ask(r);

    if (rc != NGX_AGAIN) {
        ngx_http_rtauth_unpark(r);
    }

    return rc;
}


static ngx_int_t
ngx_http_rtauth_decide_ask(ngx_http_request_t *r)
{
    ngx_int_t                    rc;
    ngx_http_rtauth_kept_t      *kept;
    ngx_http_rtauth_pass_t      *pass;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    if (rlcf->providers == NULL || ngx_http_rtauth_uri_exact(r)) {
        return NGX_DECLINED;
    }

    kept = ngx_http_rtauth_keep(r);
    if (kept == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    pass = ngx_http_get_module_ctx(r, ngx_http_rtauth_module);

    if (pass == NULL || pass->decided || pass->conf != rlcf) {
        pass = ngx_http_rtauth_begin(r);
        if (pass == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    rc = ngx_http_rtauth_decide_authenticate(r, pass, kept);

    if (rc == NGX_OK) {
        rc = ngx_http_rtauth_body_read(r, pass);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_rtauth_decide_authorize(r, pass, kept);
}


/*
 * The first source with something in it decides.  A user who was verified
 * earlier in this client request stays who he is, if his token came from a
 * source that this location reads, and from a provider that it names: a rewrite
 * may have changed the arguments since, and with them the token.
 */

static ngx_int_t
ngx_http_rtauth_decide_authenticate(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_http_rtauth_kept_t *kept)
{
    ngx_int_t    rc, *source;
    ngx_str_t    token;
    ngx_uint_t   i;

    source = pass->conf->sources->elts;

    for (i = 0; i < pass->conf->sources->nelts; i++) {

        if (kept->identity && kept->source == source[i]
            && ngx_http_rtauth_trusts(pass->conf, kept->identity->provider))
        {
            pass->identity = kept->identity;
            pass->ambient = kept->ambient;
            return ngx_http_rtauth_decide_known(r, pass, kept, source[i]);
        }

        rc = ngx_http_rtauth_read(r, source[i], &token);

        if (rc == NGX_DECLINED) {
            continue;
        }

        if (rc == NGX_ERROR) {
            return ngx_http_rtauth_refuse(r, pass, RT_REASON_INTERNAL, 0);
        }

        pass->dpop = (rc == NGX_DONE);

        return ngx_http_rtauth_decide_judge(r, pass, kept, source[i], &token);
    }

    return ngx_http_rtauth_decide_session(r, pass, kept);
}


/* nobody showed a token: is somebody signed in on this browser? */

static ngx_int_t
ngx_http_rtauth_decide_session(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_http_rtauth_kept_t *kept)
{
    ngx_int_t    rc;
    rt_reason_e  reason;

    if (kept->identity && kept->source == NGX_HTTP_RTAUTH_SESSION
        && ngx_http_rtauth_trusts(pass->conf, kept->identity->provider))
    {
        pass->identity = kept->identity;
        pass->ambient = 1;
        return ngx_http_rtauth_decide_known(r, pass, kept, kept->source);
    }

    pass->session = 1;
    pass->ambient = 1;
    rc = NGX_OK;
    reason = RT_REASON_INTERNAL;

    if (!ngx_http_rtauth_refreshes(r)) {
        rc = ngx_http_rtauth_session_load(r, pass->conf->providers,
                                          &pass->identity, &reason);

        if (rc == NGX_OK && ngx_http_rtauth_cross_origin(r, pass->conf)
                            != NGX_OK)
        {
            return ngx_http_rtauth_refuse(r, pass, RT_REASON_CROSS_ORIGIN, 0);
        }
    }

    if (rc == NGX_OK && !(pass->identity && pass->identity->barred)) {
        rc = ngx_http_rtauth_refresh(r, pass->conf->providers,
                                     &pass->identity, &reason);
    }

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc != NGX_OK) {
        pass->identity = NULL;
        pass->open = (reason == RT_REASON_ANONYMOUS
                      && ngx_http_rtauth_decide_nobody(r, pass));

        return pass->open ? NGX_OK
                          : ngx_http_rtauth_refuse(r, pass, reason, 0);
    }

    return ngx_http_rtauth_decide_known(r, pass, kept,
                                        NGX_HTTP_RTAUTH_SESSION);
}


/*
 * May nobody come here?  Whose session is over is not nobody, nor is who brings
 * two cookies, of which one may be a session: he signs in.
 */

static ngx_uint_t
ngx_http_rtauth_decide_nobody(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass)
{
    ngx_http_rtauth_jar_t  *jar;

    jar = ngx_http_rtauth_jar(r);

    return pass->conf->public_group
           && (jar == NULL || (jar->session.len == 0 && !jar->several));
}


static ngx_int_t
ngx_http_rtauth_decide_judge(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_http_rtauth_kept_t *kept,
    ngx_int_t source, ngx_str_t *token)
{
    ngx_int_t    rc;
    rt_reason_e  reason;

    if (token->len == 0) {
        return ngx_http_rtauth_refuse(r, pass, RT_REASON_BAD_CREDENTIALS, 0);
    }

    reason = RT_REASON_INTERNAL;

    rc = ngx_http_rtauth_verify(r, pass->conf->providers, token,
                                &pass->identity, &reason);

    if (rc != NGX_DONE && pass->asks) {
        ngx_http_rtauth_introspect_leave(r);
    }

    pass->asks = (rc == NGX_DONE);

    if (pass->asks) {
        rc = ngx_http_rtauth_introspect(r, pass->conf->providers, token,
                                        &pass->identity, &reason);
    }

    if (rc == NGX_OK && (pass->identity->provider->bound || pass->dpop)) {
        rc = ngx_http_rtauth_bound(r, pass, source == NGX_HTTP_RTAUTH_BEARER,
                                   token, &reason);
    }

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc != NGX_OK || pass->identity == NULL) {

        pass->identity = NULL;

        if (reason == RT_REASON_OK) {
            reason = RT_REASON_INTERNAL;
        }

        return ngx_http_rtauth_refuse(r, pass, reason, 0);
    }

    pass->ambient = ngx_http_rtauth_token_is_cookie(r, source, token);

    return ngx_http_rtauth_decide_known(r, pass, kept, source);
}


/* asked in each location he comes to: it may be stricter than the one before */

static ngx_int_t
ngx_http_rtauth_decide_known(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_http_rtauth_kept_t *kept,
    ngx_int_t source)
{
    if (pass->ambient
        && ngx_http_rtauth_cross_origin(r, pass->conf) != NGX_OK)
    {
        return ngx_http_rtauth_refuse(r, pass, RT_REASON_CROSS_ORIGIN, 0);
    }

    /* a subrequest does not make somebody of a request that is nobody's */

    if (r == r->main || !kept->nobody) {
        kept->identity = pass->identity;
        kept->source = source;
        kept->ambient = pass->ambient;
        kept->nobody = 0;
    }

    if (pass->identity->barred) {
        return ngx_http_rtauth_refuse(r, pass, pass->identity->barred, 0);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_decide_authorize(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_http_rtauth_kept_t *kept)
{
    ngx_uint_t   status;
    rt_reason_e  reason;

    if ((pass->conf->bind || pass->conf->reads_body)
        && ngx_http_rtauth_body_take(r, pass) != NGX_OK)
    {
        return ngx_http_rtauth_refuse(r, pass, RT_REASON_INTERNAL, 0);
    }

    reason = ngx_http_rtauth_rights(r, pass, kept, &status);

    if (reason == RT_REASON_OK && pass->conf->bind) {
        reason = ngx_http_rtauth_bind_eval(r, pass->conf->bind, pass->body);
    }

    /* a dry run ends no request */

    if (reason == RT_REASON_OK && !pass->conf->dry_run
        && ngx_http_rtauth_reauthorize_enter(r, pass, kept) != NGX_OK)
    {
        reason = RT_REASON_INTERNAL;
    }

    if (reason != RT_REASON_OK) {
        return ngx_http_rtauth_refuse(r, pass, reason, status);
    }

    if (pass->open) {
        pass->reason = RT_REASON_ANONYMOUS;
    }

    ngx_http_rtauth_decide_done(r, pass);

    /* by NGX_OK, "satisfy any" would let in whom nobody else lets in */

    return pass->conf->dry_run ? NGX_DECLINED : NGX_OK;
}


static void
ngx_http_rtauth_decide_done(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass)
{
    ngx_http_rtauth_kept_t  *kept;

    pass->decided = 1;

    kept = ngx_http_rtauth_kept(r);

    if (kept == NULL) {
        return;
    }

    if (r == r->main) {
        kept->last = pass;
        kept->asked = NULL;

    } else if (!r->background) {
        kept->asked = pass;
        kept->asked_first = !r->main->header_sent;
    }
}


ngx_int_t
ngx_http_rtauth_refuse(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass,
    rt_reason_e reason, ngx_uint_t status)
{
    ngx_uint_t               level;
    const rt_reason_t       *row;
    ngx_http_rtauth_kept_t  *kept;

    static ngx_rt_log_kind_t  kinds[RT_REASON_MAX];

    row = rt_reason(reason);

    pass->open = 0;
    pass->reason = reason;
    pass->status = ngx_http_rtauth_decide_status(r,
                                                 status ? status : row->status);

    /* rtauth_dry_run of a raw path is that of the first location chosen */

    pass->overruled = (pass->conf->dry_run && reason != RT_REASON_BAD_PATH);

    ngx_http_rtauth_decide_done(r, pass);

    kept = ngx_http_rtauth_kept(r);

    /* while others decide whether he may come in, he is nobody */

    if (kept && (pass->overruled || ngx_http_rtauth_decide_open(r, reason))) {
        kept->identity = NULL;
        kept->nobody |= (r == r->main);
    }

    if (kept && !pass->overruled && r == r->main) {
        kept->refused = pass;
    }

    level = (reason == RT_REASON_ANONYMOUS) ? NGX_LOG_INFO
            : (row->status >= NGX_HTTP_INTERNAL_SERVER_ERROR) ? NGX_LOG_ERR
            : (reason == RT_REASON_UNDECIDED) ? NGX_LOG_WARN : NGX_LOG_NOTICE;

    ngx_rt_log(&kinds[reason], level, r, "rtauth: %s with %ui: %V%s",
               pass->overruled ? "dry run, would be refused"
               : ngx_http_rtauth_decide_open(r, reason) ? "would be refused"
                                                        : "refused",
               pass->status, ngx_rt_ngx((rt_str_t *) &row->name),
               ngx_http_rtauth_decide_advice(r, reason));

    ngx_http_rtauth_timed_explain(r, pass);

    if (pass->overruled) {
        return NGX_DECLINED;
    }

    /*
     * auth_request copies the challenge of its subrequest; a main request's
     * is made in the header filter, for "satisfy any" may let it in yet
     */

    if (r != r->main && pass->status == NGX_HTTP_UNAUTHORIZED
        && ngx_http_rtauth_challenge(r, pass) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return pass->status;
}


/* what the line about a refusal says beside the reason */

static char *
ngx_http_rtauth_decide_advice(ngx_http_request_t *r, rt_reason_e reason)
{
    if (reason == RT_REASON_UNDECIDED) {
        return " (a \"return\", \"rewrite\" or the like answered before "
               "anybody was asked: write \"rtauth off\" where all may have it, "
               "or \"try_files\" or \"proxy_pass\" in its place)";
    }

    if (r->error_page) {
        return " (an error page is for all: write \"rtauth off\" in its "
               "location)";
    }

    return ngx_http_rtauth_decide_open(r, reason)
           ? " (unless another of \"satisfy any\" lets it in)" : "";
}


/*
 * May another of "satisfy any" let it in yet?  Only ACCESS asks others: the
 * raw path was looked at before it, and content is made after it.
 */

static ngx_uint_t
ngx_http_rtauth_decide_open(ngx_http_request_t *r, rt_reason_e reason)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    return r == r->main && clcf->satisfy == NGX_HTTP_SATISFY_ANY
           && reason != RT_REASON_BAD_PATH && reason != RT_REASON_UNDECIDED;
}


/* "satisfy any" knows only OK, 401 and 403: any other code ends the request */

static ngx_uint_t
ngx_http_rtauth_decide_status(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->satisfy == NGX_HTTP_SATISFY_ANY
        && status != NGX_HTTP_UNAUTHORIZED)
    {
        return NGX_HTTP_FORBIDDEN;
    }

    return status;
}


ngx_int_t
ngx_http_rtauth_precontent_handler(ngx_http_request_t *r)
{
    ngx_http_rtauth_kept_t  *kept;
    ngx_http_rtauth_pass_t  *pass;

    if (r != r->main) {
        return NGX_DECLINED;
    }

    pass = ngx_http_rtauth_pass(r);
    if (pass == NULL) {
        return NGX_DECLINED;
    }

    if (pass->status) {
        pass->overruled = 1;

        kept = ngx_http_rtauth_kept(r);

        if (kept) {
            kept->identity = NULL;
            kept->refused = (kept->refused == pass) ? NULL : kept->refused;
        }

        return NGX_DECLINED;
    }

    if (pass->workspace == NULL || pass->conf->dry_run) {
        return NGX_DECLINED;
    }

    return ngx_rt_headers_location(r, pass->workspace) == NGX_OK
           ? NGX_HTTP_MOVED_TEMPORARILY : NGX_HTTP_INTERNAL_SERVER_ERROR;
}
