
#include "request/ngx_http_rtauth_scheme.h"


ngx_http_rtauth_bound_conf_t *
ngx_http_rtauth_scheme_dpop(ngx_http_rtauth_loc_conf_t *rlcf)
{
    ngx_uint_t                    i;
    ngx_http_rtauth_provider_t  **p;

    p = rlcf->providers->elts;

    for (i = 0; i < rlcf->providers->nelts; i++) {
        if (p[i]->bound && (p[i]->bound->ways & RT_BOUND_DPOP)) {
            return p[i]->bound;
        }
    }

    return NULL;
}


ngx_uint_t
ngx_http_rtauth_scheme_bearer(ngx_http_rtauth_loc_conf_t *rlcf)
{
    ngx_uint_t                    i;
    ngx_http_rtauth_provider_t  **p;

    p = rlcf->providers->elts;

    for (i = 0; i < rlcf->providers->nelts; i++) {
        if (p[i]->bound == NULL || (p[i]->bound->ways & RT_BOUND_MTLS)) {
            return 1;
        }
    }

    return 0;
}
