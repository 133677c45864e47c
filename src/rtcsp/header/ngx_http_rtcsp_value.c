#include "header/ngx_http_rtcsp_value.h"
#include "csp/rt_csp_words.h"


static ngx_uint_t ngx_http_rtcsp_value_next(ngx_str_t *rest, ngx_str_t *source);
static char *ngx_http_rtcsp_value_source(ngx_conf_t *cf,
    ngx_http_rtcsp_base_t *base, ngx_array_t *values, ngx_str_t *source);
static ngx_int_t ngx_http_rtcsp_value_of(ngx_http_request_t *r,
    ngx_http_complex_value_t *v, ngx_str_t *out);


/* variables of what a client sends: no source is allowed because he names it */

/* these begin its name; captures of a location's address are digits */

static ngx_str_t  ngx_http_rtcsp_value_sent[] = {
    ngx_string("arg_"),
    ngx_string("cookie_"),
    ngx_string("http_"),
    ngx_null_string
};

static ngx_str_t  ngx_http_rtcsp_value_asked[] = {
    ngx_string("args"),
    ngx_string("document_uri"),
    ngx_string("query_string"),
    ngx_string("remote_user"),
    ngx_string("request"),
    ngx_string("request_body"),
    ngx_string("request_filename"),
    ngx_string("request_uri"),
    ngx_string("uri"),
    ngx_null_string
};


char *
ngx_http_rtcsp_value_compile(ngx_conf_t *cf, ngx_http_rtcsp_base_t *base,
    rt_csp_template_t *template)
{
    ngx_str_t     rest, source;
    ngx_array_t  *values;

    rest.data = template->without.data;
    rest.len = template->without.len;

    if (ngx_strlchr(rest.data, rest.data + rest.len, '$') == NULL) {
        return NGX_CONF_OK;
    }

    /* each a source with variables, in the order of the policy's text */

    values = ngx_array_create(cf->pool, 2, sizeof(ngx_http_complex_value_t));
    if (values == NULL) {
        return NGX_CONF_ERROR;
    }

    while (ngx_http_rtcsp_value_next(&rest, &source)) {
        if (ngx_http_rtcsp_value_source(cf, base, values, &source)
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    template->values = values;

    return NGX_CONF_OK;
}


/* the next source that has a variable in it; *rest becomes what follows */

static ngx_uint_t
ngx_http_rtcsp_value_next(ngx_str_t *rest, ngx_str_t *source)
{
    u_char  *p, *last, *begin;

    last = rest->data + rest->len;

    p = ngx_strlchr(rest->data, last, '$');
    if (p == NULL) {
        return 0;
    }

    for (begin = p; begin > rest->data && begin[-1] != ' '; begin--) {
        /* void */
    }

    while (p < last && *p != ' ' && *p != ';') {
        p++;
    }

    source->data = begin;
    source->len = p - begin;

    rest->data = p;
    rest->len = last - p;

    return 1;
}


static char *
ngx_http_rtcsp_value_source(ngx_conf_t *cf, ngx_http_rtcsp_base_t *base,
    ngx_array_t *values, ngx_str_t *source)
{
    ngx_str_t                  rest, name;
    ngx_http_complex_value_t  *v;

    rest = *source;

    while (ngx_rt_conf_variable(&rest, &name)) {

        if ((name.data[0] >= '0' && name.data[0] <= '9')
            || ngx_rt_conf_row(ngx_http_rtcsp_value_sent, sizeof(ngx_str_t),
                               &name, NGX_RT_CONF_BEGINS|NGX_RT_CONF_FOLD)
            || ngx_rt_conf_among(ngx_http_rtcsp_value_asked, name.data,
                                 name.len))
        {
            return ngx_rt_conf_error(cf, &base->where,
                                     "\"%V\" in the policy of \"%s\" is what "
                                     "a client sends: write a \"map\" of it "
                                     "to sources that are known", source,
                                     base->directive);
        }
    }

    v = ngx_array_push(values);

    return (v != NULL && ngx_rt_conf_complex(cf, source, v) == NGX_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_int_t
ngx_http_rtcsp_value_fill(ngx_http_request_t *r, rt_csp_template_t *template,
    ngx_str_t *text)
{
    size_t                     len;
    u_char                    *p, *from;
    ngx_str_t                  rest, source, *of;
    ngx_uint_t                 i;
    ngx_array_t               *values;
    ngx_http_complex_value_t  *v;

    values = template->values;
    v = values->elts;
    len = text->len;

    of = ngx_palloc(r->pool, values->nelts * sizeof(ngx_str_t));
    if (of == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < values->nelts; i++) {
        if (ngx_http_rtcsp_value_of(r, &v[i], &of[i]) != NGX_OK) {
            return NGX_ERROR;
        }

        len += of[i].len;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    rest = *text;
    text->data = p;

    for (i = 0; i < values->nelts; i++) {
        from = rest.data;

        if (!ngx_http_rtcsp_value_next(&rest, &source)) {
            return NGX_ERROR;
        }

        p = ngx_cpymem(p, from, source.data - from);
        p = ngx_cpymem(p, of[i].data, of[i].len);
    }

    p = ngx_cpymem(p, rest.data, rest.len);
    text->len = p - text->data;

    return NGX_OK;
}


/*
 * One source, and none of those in quotes: that is what allows scripts of any
 * page ('unsafe-inline'), or takes the hosts' part ('strict-dynamic').
 */

static ngx_int_t
ngx_http_rtcsp_value_of(ngx_http_request_t *r, ngx_http_complex_value_t *v,
    ngx_str_t *out)
{
    size_t                       i;
    ngx_http_rtcsp_main_conf_t  *mcf;

    if (ngx_http_complex_value(r, v, out) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < out->len; i++) {

        if (rt_csp_value_byte(out->data[i]) && out->data[i] != '\'') {
            continue;
        }

        out->len = 0;

        mcf = ngx_http_get_module_main_conf(r, ngx_http_rtcsp_module);

        ngx_rt_once(mcf->once, v, r,
                    "rtcsp: left \"%V\" out of a policy, for its value is not "
                    "one source without quotes", &v->value);
        break;
    }

    return NGX_OK;
}
