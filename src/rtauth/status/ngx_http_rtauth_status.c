
#include "status/ngx_http_rtauth_status.h"
#include "keys/ngx_http_rtauth_tally.h"
#include "scim/ngx_http_rtauth_scim_effect.h"
#include "request/ngx_http_rtauth_request.h"
#include "status/ngx_http_rtauth_metrics.h"
#include "status/ngx_http_rtauth_ready.h"
#include "ngx_rt_metrics.h"


static ngx_int_t ngx_http_rtauth_status_ready(ngx_http_request_t *r,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_worker_t *worker);
static void ngx_http_rtauth_status_push(ngx_http_request_t *r,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_kept_t *kept);
static ngx_http_rtauth_tally_e ngx_http_rtauth_status_of_deed(
    ngx_http_rtauth_deed_t *deed);
static ngx_http_rtauth_tally_e ngx_http_rtauth_status_of_pass(
    ngx_http_rtauth_pass_t *pass);
static ngx_http_rtauth_provider_t *ngx_http_rtauth_status_whose(
    ngx_http_rtauth_pass_t *pass);


ngx_int_t
ngx_http_rtauth_status_handler(ngx_http_request_t *r)
{
    ngx_http_rtauth_metrics_t     s;
    ngx_http_rtauth_loc_conf_t   *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);
    s.mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    s.worker = s.mcf->providers.nelts ? ngx_http_rtauth_worker(s.mcf) : NULL;

    if (s.mcf->providers.nelts && s.worker == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    switch (rlcf->status) {

    case NGX_HTTP_RTAUTH_STATUS_READY:
        return ngx_http_rtauth_status_ready(r, s.mcf, s.worker);

    case NGX_HTTP_RTAUTH_STATUS_PROMETHEUS:
        return ngx_rt_metrics_answer(r, RT_METRICS_PROMETHEUS,
                                     ngx_http_rtauth_metrics, &s);

    default:
        return ngx_rt_metrics_answer(r, RT_METRICS_JSON,
                                     ngx_http_rtauth_metrics, &s);
    }
}


static ngx_int_t
ngx_http_rtauth_status_ready(ngx_http_request_t *r,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_worker_t *worker)
{
    ngx_int_t                 rc;
    ngx_http_complex_value_t  cv;

    static ngx_str_t  json = ngx_string("application/json");

    rc = ngx_rt_metrics_head(r);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));

    rc = ngx_http_rtauth_ready_text(r, mcf, worker, &cv.value);

    if (rc == NGX_ERROR) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_send_response(r, rc == NGX_OK
                                     ? NGX_HTTP_OK
                                     : NGX_HTTP_SERVICE_UNAVAILABLE,
                                  &json, &cv);
}


/*
 * Once a client's request: subrequests are a part of it, and so is whatever
 * another location decided behind an internal redirect or for an error page.
 */

ngx_int_t
ngx_http_rtauth_status_count_handler(ngx_http_request_t *r)
{
    ngx_http_rtauth_kept_t       *kept;
    ngx_http_rtauth_pass_t       *pass;
    ngx_http_rtauth_loc_conf_t   *rlcf;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);
    kept = ngx_http_rtauth_kept(r);

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    if (r == r->main && rlcf->scim) {
        ngx_http_rtauth_status_push(r, mcf, kept);
        return NGX_OK;
    }

    if (r != r->main || kept == NULL) {
        return NGX_OK;
    }

    if (kept->deed) {
        ngx_http_rtauth_tally(mcf->tally, kept->deed->provider,
                              ngx_http_rtauth_status_of_deed(kept->deed),
                              kept->deed->reason);
        return NGX_OK;
    }

    pass = ngx_http_rtauth_verdict(r);

    /* a step of a sign-in is nobody's request yet */

    if (pass && !(pass->endpoint && pass->status == 0)) {
        ngx_http_rtauth_tally(mcf->tally, ngx_http_rtauth_status_whose(pass),
                              ngx_http_rtauth_status_of_pass(pass),
                              pass->reason);
    }

    return NGX_OK;
}


/* requests that only read are not counted */

static void
ngx_http_rtauth_status_push(ngx_http_request_t *r,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_kept_t *kept)
{
    ngx_uint_t  status;

    status = r->headers_out.status;

    if ((kept && kept->deed) || status >= NGX_HTTP_BAD_REQUEST) {
        ngx_http_rtauth_tally(mcf->tally, mcf->scim->provider,
                              status < NGX_HTTP_BAD_REQUEST
                              ? NGX_HTTP_RTAUTH_TALLY_PUSHED
                              : status < NGX_HTTP_INTERNAL_SERVER_ERROR
                              ? NGX_HTTP_RTAUTH_TALLY_PUSH_REFUSED
                              : NGX_HTTP_RTAUTH_TALLY_PUSH_FAILED,
                              RT_REASON_OK);
    }
}


/* LOGIN, LOGIN_FAILED, LOGOUT, REVOKE, REVOKE_UNDONE */

static ngx_http_rtauth_tally_e
ngx_http_rtauth_status_of_deed(ngx_http_rtauth_deed_t *deed)
{
    rt_str_t  *action;

    action = ngx_rt_str(&deed->action);

    return rt_str_lit(action, "LOGOUT") ? NGX_HTTP_RTAUTH_TALLY_LOGOUT
           : rt_str_lit(action, "REVOKE") ? NGX_HTTP_RTAUTH_TALLY_REVOKE
           : rt_str_lit(action, "REVOKE_UNDONE") ? NGX_HTTP_RTAUTH_TALLY_UNDO
           : NGX_HTTP_RTAUTH_TALLY_LOGIN;
}


static ngx_http_rtauth_tally_e
ngx_http_rtauth_status_of_pass(ngx_http_rtauth_pass_t *pass)
{
    return pass->ended ? NGX_HTTP_RTAUTH_TALLY_ENDED
           : pass->status == 0 ? NGX_HTTP_RTAUTH_TALLY_ALLOWED
           : ngx_http_rtauth_dry(pass) ? NGX_HTTP_RTAUTH_TALLY_DRY_RUN
           : pass->overruled ? NGX_HTTP_RTAUTH_TALLY_SATISFIED
           : NGX_HTTP_RTAUTH_TALLY_REFUSED;
}


/* a token that was refused names its issuer, but anybody can write that */

static ngx_http_rtauth_provider_t *
ngx_http_rtauth_status_whose(ngx_http_rtauth_pass_t *pass)
{
    ngx_array_t                  *here;
    ngx_http_rtauth_provider_t  **p;

    if (pass->identity) {
        return pass->identity->provider;
    }

    here = pass->conf->providers;

    if (here == NULL || here->nelts != 1) {
        return NULL;
    }

    p = here->elts;

    return p[0];
}
