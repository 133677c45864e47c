
/*
 * Where a request carries its token.
 */


#include "request/ngx_http_rtauth_token.h"
#include "request/ngx_http_rtauth_scheme.h"
#include "session/ngx_http_rtauth_session.h"
#include "jose/rt_bearer.h"


ngx_int_t
ngx_http_rtauth_read(ngx_http_request_t *r, ngx_int_t source, ngx_str_t *token)
{
    ngx_table_elt_t             *h;
    ngx_http_variable_value_t   *v;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    static const rt_str_t  dpop = rt_string("DPoP");

    if (source == NGX_HTTP_RTAUTH_BEARER) {
        h = r->headers_in.authorization;

        if (h == NULL) {
            return NGX_DECLINED;
        }

        if (rt_bearer_token(ngx_rt_str(&h->value), ngx_rt_str(token)) == RT_OK)
        {
            return NGX_OK;
        }

        rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

        return ngx_http_rtauth_scheme_dpop(rlcf)
               && rt_bearer_behind(ngx_rt_str(&h->value), &dpop,
                                   ngx_rt_str(token))
                  == RT_OK
               ? NGX_DONE : NGX_DECLINED;
    }

    v = ngx_http_get_flushed_variable(r, source);
    if (v == NULL) {
        return NGX_ERROR;
    }

    if (v->not_found || v->len == 0) {
        return NGX_DECLINED;
    }

    token->len = v->len;
    token->data = v->data;

    return NGX_OK;
}


ngx_uint_t
ngx_http_rtauth_reads(ngx_http_rtauth_loc_conf_t *rlcf, ngx_int_t source)
{
    ngx_int_t   *s;
    ngx_uint_t   i;

    if (source == NGX_HTTP_RTAUTH_SESSION) {
        return 1;
    }

    s = rlcf->sources->elts;

    for (i = 0; i < rlcf->sources->nelts; i++) {
        if (s[i] == source) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_rtauth_token_is_cookie(ngx_http_request_t *r, ngx_int_t source)
{
    ngx_http_variable_t        *v;
    ngx_http_core_main_conf_t  *cmcf;

    static ngx_str_t  prefix = ngx_string("cookie_");

    if (source < 0) {
        return source == NGX_HTTP_RTAUTH_SESSION;
    }

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    v = cmcf->variables.elts;

    return v[source].name.len > prefix.len
           && ngx_memcmp(v[source].name.data, prefix.data, prefix.len) == 0;
}


char *
ngx_http_rtauth_token_default(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_int_t  *source;

    conf->sources = ngx_array_create(cf->pool, 1, sizeof(ngx_int_t));
    if (conf->sources == NULL) {
        return NGX_CONF_ERROR;
    }

    source = ngx_array_push(conf->sources);
    if (source == NULL) {
        return NGX_CONF_ERROR;
    }

    *source = NGX_HTTP_RTAUTH_BEARER;

    return NGX_CONF_OK;
}
