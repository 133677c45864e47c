
#include "request/ngx_http_rtauth_challenge.h"
#include "policy/ngx_http_rtauth_stepup.h"
#include "ngx_rt_headers.h"


/*
 * RFC 6750, 3: no error is named to whom showed no credentials.  RFC 9470, 3:
 * whoever has to sign in otherwise is told how.
 */

ngx_int_t
ngx_http_rtauth_challenge(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass)
{
    u_char                       *p;
    size_t                        len;
    ngx_str_t                    *realm;
    ngx_table_elt_t              *h;
    const rt_reason_t            *row;
    ngx_http_rtauth_stepup_t     *stepup;
    ngx_http_rtauth_provider_t  **provider;

    row = rt_reason(pass->reason);

    if (pass->status != NGX_HTTP_UNAUTHORIZED && row->error.len == 0) {
        return NGX_OK;
    }

    provider = pass->conf->providers->elts;
    realm = &provider[0]->name;

    stepup = (pass->reason == RT_REASON_STEPUP) ? pass->conf->stepup : NULL;

    len = sizeof("Bearer realm=\"\", error=\"\", error_description=\"\"") - 1
          + realm->len + row->error.len + row->text.len;

    if (stepup) {
        len += sizeof(", acr_values=\"\", max_age=\"\"") + stepup->acr.len
               + stepup->age.len;
    }

    p = ngx_pnalloc(r->pool, len);
    h = ngx_rt_headers_add(r, "WWW-Authenticate");

    if (p == NULL || h == NULL) {
        return NGX_ERROR;
    }

    h->value.data = p;

    p = ngx_sprintf(p, "Bearer realm=\"%V\"", realm);

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

    h->value.len = p - h->value.data;

    r->headers_out.www_authenticate = h;

    return NGX_OK;
}
