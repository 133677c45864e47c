
/*
 * Where a request carries its token.
 */


#include "request/ngx_http_rtauth_token.h"
#include "request/ngx_http_rtauth_scheme.h"
#include "session/ngx_http_rtauth_session.h"
#include "jose/rt_bearer.h"
#include "ngx_rt_headers.h"


/* bytes of a token's end, which is its signature, and nowhere else by chance */

#define NGX_HTTP_RTAUTH_TOKEN_END  16


static ngx_uint_t ngx_http_rtauth_token_in_cookies(ngx_http_request_t *r,
    u_char *data, size_t len);


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


/*
 * $cookie_NAME, or a variable made of one, by "map" or of pieces: the end of
 * the token then stands in a Cookie line, or what is before it, where the last
 * piece is a short one.  No page of another site can write a header that has
 * it.
 */

ngx_uint_t
ngx_http_rtauth_token_is_cookie(ngx_http_request_t *r, ngx_int_t source,
    ngx_str_t *token)
{
    u_char                     *end;
    size_t                      len;
    rt_str_t                   *name;
    ngx_http_variable_t        *v;
    ngx_http_core_main_conf_t  *cmcf;

    if (source < 0) {
        return source == NGX_HTTP_RTAUTH_SESSION;
    }

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    v = cmcf->variables.elts;
    name = ngx_rt_str(&v[source].name);

    if (rt_str_ibegins(name, "http_") && !rt_str_lit(name, "http_cookie"))
    {
        return 0;
    }

    len = ngx_min(token->len, NGX_HTTP_RTAUTH_TOKEN_END);

    end = token->data + token->len - len;

    return ngx_http_rtauth_token_in_cookies(r, end, len)
           || (token->len >= 2 * len
               && ngx_http_rtauth_token_in_cookies(r, end - len, len));
}


static ngx_uint_t
ngx_http_rtauth_token_in_cookies(ngx_http_request_t *r, u_char *data,
    size_t len)
{
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    static ngx_str_t  cookie = ngx_string("Cookie");

    ngx_rt_headers_first(&walk, &r->main->headers_in.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        if (ngx_rt_header_is(h, &cookie)
            && memmem(h->value.data, h->value.len, data, len))
        {
            return 1;
        }
    }

    return 0;
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
