
#include "request/ngx_http_rtauth_challenge.h"
#include "request/ngx_http_rtauth_scheme.h"
#include "policy/ngx_http_rtauth_stepup.h"
#include "ngx_rt_headers.h"


static size_t ngx_http_rtauth_challenge_len(ngx_http_rtauth_pass_t *pass);
static u_char *ngx_http_rtauth_challenge_scheme(u_char *p, char *scheme,
    ngx_http_rtauth_pass_t *pass);
static u_char *ngx_http_rtauth_challenge_error(u_char *p,
    ngx_http_rtauth_pass_t *pass);
static ngx_http_rtauth_stepup_t *ngx_http_rtauth_challenge_stepup(
    ngx_http_rtauth_pass_t *pass);


/*
 * One line, for auth_request of an old nginx copies one.  The error goes with
 * the scheme that was used, if it is one that would do here.
 */

ngx_int_t
ngx_http_rtauth_challenge(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass)
{
    u_char                        *p;
    ngx_uint_t                     bearer, dpop;
    ngx_table_elt_t               *h;
    ngx_http_rtauth_bound_conf_t  *proofs;

    if (pass->status != NGX_HTTP_UNAUTHORIZED
        && rt_reason(pass->reason)->error.len == 0)
    {
        return NGX_OK;
    }

    proofs = ngx_http_rtauth_scheme_dpop(pass->conf);
    bearer = (proofs == NULL || ngx_http_rtauth_scheme_bearer(pass->conf));
    dpop = proofs && (pass->dpop || !bearer);

    p = ngx_pnalloc(r->pool, ngx_http_rtauth_challenge_len(pass)
                             + (proofs ? proofs->shown.len : 0));
    h = ngx_rt_headers_add(r, "WWW-Authenticate");

    if (p == NULL || h == NULL) {
        return NGX_ERROR;
    }

    h->value.data = p;

    if (proofs) {
        p = ngx_http_rtauth_challenge_scheme(p, "DPoP", pass);
        p = ngx_sprintf(p, ", algs=\"%V\"", &proofs->shown);

        if (dpop) {
            p = ngx_http_rtauth_challenge_error(p, pass);
        }
    }

    if (bearer) {
        p = ngx_http_rtauth_challenge_scheme(p, proofs ? ", Bearer" : "Bearer",
                                             pass);
        if (!dpop) {
            p = ngx_http_rtauth_challenge_error(p, pass);
        }
    }

    h->value.len = p - h->value.data;

    r->headers_out.www_authenticate = h;

    return NGX_OK;
}


/* the room for all but the algorithms */

static size_t
ngx_http_rtauth_challenge_len(ngx_http_rtauth_pass_t *pass)
{
    size_t                        len;
    const rt_reason_t            *row;
    ngx_http_rtauth_stepup_t     *stepup;
    ngx_http_rtauth_provider_t  **provider;

    row = rt_reason(pass->reason);
    stepup = ngx_http_rtauth_challenge_stepup(pass);
    provider = pass->conf->providers->elts;

    len = sizeof("DPoP realm=\"\", algs=\"\", Bearer realm=\"\", error=\"\", "
                 "error_description=\"\"")
          + 2 * provider[0]->name.len + row->error.len + row->text.len;

    if (stepup) {
        len += sizeof(", acr_values=\"\", max_age=\"\"") + stepup->acr.len
               + stepup->age.len;
    }

    return len;
}


static u_char *
ngx_http_rtauth_challenge_scheme(u_char *p, char *scheme,
    ngx_http_rtauth_pass_t *pass)
{
    ngx_http_rtauth_provider_t  **provider;

    provider = pass->conf->providers->elts;

    return ngx_sprintf(p, "%s realm=\"%V\"", scheme, &provider[0]->name);
}


/*
 * RFC 6750, 3: whoever showed no credentials is told of no error.  RFC 9470, 3:
 * whoever has to sign in otherwise is told how.
 */

static u_char *
ngx_http_rtauth_challenge_error(u_char *p, ngx_http_rtauth_pass_t *pass)
{
    const rt_reason_t         *row;
    ngx_http_rtauth_stepup_t  *stepup;

    row = rt_reason(pass->reason);
    stepup = ngx_http_rtauth_challenge_stepup(pass);

    if (row->error.len) {
        p = ngx_sprintf(p, ", error=\"%V\", error_description=\"%V\"",
                        ngx_rt_ngx((rt_str_t *) &row->error),
                        ngx_rt_ngx((rt_str_t *) &row->text));
    }

    if (stepup && stepup->acr.len) {
        p = ngx_sprintf(p, ", acr_values=\"%V\"", &stepup->acr);
    }

    if (stepup && stepup->age.len) {
        p = ngx_sprintf(p, ", max_age=\"%V\"", &stepup->age);
    }

    return p;
}


static ngx_http_rtauth_stepup_t *
ngx_http_rtauth_challenge_stepup(ngx_http_rtauth_pass_t *pass)
{
    return pass->reason == RT_REASON_STEPUP ? pass->conf->stepup : NULL;
}
