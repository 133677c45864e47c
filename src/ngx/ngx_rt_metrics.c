
#include "ngx_rt_metrics.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_str.h"


#define NGX_RT_METRICS_LEAST  (16 * 1024)
#define NGX_RT_METRICS_MOST   (8 * 1024 * 1024)


static ngx_uint_t ngx_rt_metrics_guarded(ngx_conf_t *cf, void **loc_conf);


ngx_int_t
ngx_rt_metrics_head(ngx_http_request_t *r)
{
    static ngx_str_t  control = ngx_string("no-store");

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    return ngx_rt_headers_cache_control(r, &control)
           ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


/* How much room the lines take is known only when they are written. */

static ngx_int_t
ngx_rt_metrics_text(ngx_http_request_t *r, rt_metrics_form_e form,
    ngx_rt_metrics_pt write, void *data, ngx_str_t *text)
{
    size_t         size;
    u_char        *p;
    rt_metrics_t   m;

    for (size = NGX_RT_METRICS_LEAST; size <= NGX_RT_METRICS_MOST; size *= 2) {

        p = ngx_pnalloc(r->pool, size);
        if (p == NULL) {
            return NGX_ERROR;
        }

        rt_metrics_init(&m, form, p, size);
        write(&m, data);

        if (rt_metrics_done(&m, ngx_rt_str(text)) == RT_OK) {
            return NGX_OK;
        }

        ngx_pfree(r->pool, p);
    }

    return NGX_ERROR;
}


ngx_int_t
ngx_rt_metrics_answer(ngx_http_request_t *r, rt_metrics_form_e form,
    ngx_rt_metrics_pt write, void *data)
{
    ngx_int_t                 rc;
    ngx_http_complex_value_t  cv;

    static ngx_str_t  json = ngx_string("application/json");
    static ngx_str_t  plain
                          = ngx_string("text/plain; version=0.0.4; "
                                       "charset=utf-8");

    rc = ngx_rt_metrics_head(r);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));

    if (ngx_rt_metrics_text(r, form, write, data, &cv.value) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_send_response(r, NGX_HTTP_OK,
                                  form == RT_METRICS_JSON ? &json : &plain,
                                  &cv);
}


ngx_int_t
ngx_rt_metrics_place(ngx_conf_t *cf, ngx_array_t *places)
{
    ngx_rt_metrics_place_t  *place;

    place = ngx_array_push(places);
    if (place == NULL) {
        return NGX_ERROR;
    }

    place->loc_conf = ((ngx_http_conf_ctx_t *) cf->ctx)->loc_conf;
    ngx_rt_conf_here(cf, &place->where);

    return NGX_OK;
}


char *
ngx_rt_metrics_conf(ngx_conf_t *cf, ngx_array_t *places,
    ngx_http_handler_pt json, ngx_http_handler_pt prometheus)
{
    ngx_str_t        *value;
    ngx_conf_enum_t  *form;

    static ngx_conf_enum_t  forms[] = {
        { ngx_string("json"), RT_METRICS_JSON },
        { ngx_string("prometheus"), RT_METRICS_PROMETHEUS },
        { ngx_null_string, 0 }
    };

    value = cf->args->elts;
    form = forms;

    if (cf->args->nelts == 2) {
        form = ngx_rt_conf_row(form, sizeof(ngx_conf_enum_t), &value[1], 0);
    }

    if (form == NULL) {
        return ngx_rt_conf_invalid(cf, "value", &value[1],
                                   "write \"json\" or \"prometheus\"");
    }

    if (ngx_rt_metrics_place(cf, places) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_rt_conf_handler(cf, form->value == RT_METRICS_JSON
                                   ? json : prometheus);
}


void
ngx_rt_metrics_warn(ngx_conf_t *cf, ngx_array_t *places,
    const char *directive)
{
    ngx_uint_t               i;
    ngx_rt_metrics_place_t  *place;

    place = places->elts;

    for (i = 0; i < places->nelts; i++) {
        if (!ngx_rt_metrics_guarded(cf, place[i].loc_conf)) {
            ngx_rt_conf_warn(cf, &place[i].where,
                             "anybody can read this \"%s\": write \"allow\" "
                             "and \"deny all\", or \"rtauth NAME\"",
                             directive);
        }
    }
}


/*
 * Whether something asks who comes to this location.
 *
 * The configuration of another module is its own.  But that of each of these
 * begins with a word that is 0 where it guards nothing: rules, a realm, the
 * length of an address; rtauth's has one for this.  If a module changes that,
 * only this warning is wrong.
 */

static ngx_uint_t
ngx_rt_metrics_guarded(ngx_conf_t *cf, void **loc_conf)
{
    ngx_uint_t     i;
    ngx_module_t  *m;

    static ngx_str_t  guards[] = {
        ngx_string("ngx_http_access_module"),
        ngx_string("ngx_http_auth_basic_module"),
        ngx_string("ngx_http_auth_request_module"),
        ngx_string("ngx_http_rtauth_module"),
        ngx_null_string
    };

    for (i = 0; cf->cycle->modules[i]; i++) {
        m = cf->cycle->modules[i];

        if (m->type == NGX_HTTP_MODULE
            && ngx_rt_conf_among(guards, (u_char *) m->name,
                                 ngx_strlen(m->name))
            && *(uintptr_t *) loc_conf[m->ctx_index])
        {
            return 1;
        }
    }

    return 0;
}
