
#include "capture/ngx_http_rtaudit_path.h"
#include "capture/ngx_http_rtaudit_capture.h"
#include "redact/rt_redact_url.h"


#define NGX_HTTP_RTAUDIT_PATH_MAX  2048     /* bytes; above it, less is shown */


static ngx_int_t ngx_http_rtaudit_path(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


static ngx_http_variable_t  ngx_http_rtaudit_path_vars[] = {

    { ngx_string("rtaudit_path"), NULL, ngx_http_rtaudit_path,
      0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_rtaudit_path_add(ngx_conf_t *cf)
{
    return ngx_rt_var_add(cf, ngx_http_rtaudit_path_vars);
}


/* of a subrequest, its own; rules of the locations that were passed count */

static ngx_int_t
ngx_http_rtaudit_path(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    size_t                        size;
    rt_mem_t                      mem;
    rt_str_t                      text;
    ngx_str_t                    *path;
    rt_json_t                    *shown;
    rt_jsonw_t                    w;
    ngx_uint_t                    n;
    rt_redact_t                   rd;
    const rt_redact_set_t        *set[NGX_HTTP_RTAUDIT_SETS + 1];
    ngx_http_rtaudit_ctx_t       *ctx;
    const rt_json_opts_t          opts = { 0, 1, 1 };
    ngx_http_rtaudit_loc_conf_t  *conf;

    ctx = ngx_http_rtaudit_ctx(r);
    conf = ngx_http_get_module_loc_conf(r, ngx_http_rtaudit_module);

    for (n = 0; ctx && n < ctx->nsets; n++) {
        set[n] = ctx->set[n];
    }

    set[n++] = &conf->redact;

    path = (r == r->main) ? &r->unparsed_uri : &r->uri;

    /* it comes as JSON, in which each byte may be escaped */

    size = 6 * ngx_min(path->len, NGX_HTTP_RTAUDIT_PATH_MAX) + 64;
    text.data = ngx_pnalloc(r->pool, size);

    if (text.data == NULL) {
        return NGX_ERROR;
    }

    mem = ngx_rt_str_mem(r->pool);
    rt_redact_init(&rd, &mem, set, n);
    rt_jsonw_init(&w, text.data, size);

    if (rt_redact_url(&rd, &w, ngx_rt_str(path), 0, NGX_HTTP_RTAUDIT_PATH_MAX)
        == RT_ERROR)
    {
        return NGX_ERROR;
    }

    text.len = rt_jsonw_len(&w);

    if (rt_json_parse(&mem, &text, &opts, &shown, NULL) != RT_OK) {
        return NGX_ERROR;
    }

    v->data = shown->str.data;
    v->len = shown->str.len;
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;

    return NGX_OK;
}
