
#include "request/ngx_http_rtauth_rowfilter.h"
#include "request/ngx_http_rtauth_user.h"
#include "request/ngx_http_rtauth_vars.h"
#include "json/rt_jsonw.h"
#include "ngx_rt_log.h"


static ngx_int_t ngx_http_rtauth_rowfilter_add(ngx_conf_t *cf, ngx_str_t *name,
    ngx_http_get_variable_pt get, void *data);
static ngx_int_t ngx_http_rtauth_rowfilter_one(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_rtauth_rowfilter_all(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static rt_rowfilter_user_t *ngx_http_rtauth_rowfilter_user(
    ngx_http_request_t *r, rt_rowfilter_user_t *user);
static void ngx_http_rtauth_rowfilter_text(ngx_http_request_t *r,
    rt_rowfilter_t *filter, rt_rowfilter_user_t *user, rt_str_t *text);


#define NGX_HTTP_RTAUTH_ROWFILTER  "rtauth_row_filter_"


ngx_int_t
ngx_http_rtauth_rowfilter_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_str_t        name;
    rt_rowfilter_t  *filter;

    static ngx_str_t  all = ngx_string("rtauth_row_filters");

    for (filter = mcf->rowfilters.filters; filter; filter = filter->next) {

        name.len = sizeof(NGX_HTTP_RTAUTH_ROWFILTER) - 1 + filter->name.len;
        name.data = ngx_pnalloc(cf->pool, name.len);
        if (name.data == NULL) {
            return NGX_ERROR;
        }

        (void) ngx_sprintf(name.data, NGX_HTTP_RTAUTH_ROWFILTER "%V",
                           ngx_rt_ngx(&filter->name));

        if (ngx_http_rtauth_rowfilter_add(cf, &name,
                                          ngx_http_rtauth_rowfilter_one,
                                          filter)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_rtauth_rowfilter_add(cf, &all,
                                         ngx_http_rtauth_rowfilter_all, mcf);
}


/*
 * A variable of this name that "set" or "map" makes could let everybody see
 * everything: then nginx does not start.
 */

static ngx_int_t
ngx_http_rtauth_rowfilter_add(ngx_conf_t *cf, ngx_str_t *name,
    ngx_http_get_variable_pt get, void *data)
{
    ngx_http_variable_t  *var;

    var = ngx_http_add_variable(cf, name, NGX_HTTP_VAR_NOCACHEABLE);
    if (var == NULL) {
        return NGX_ERROR;
    }

    if (var->get_handler || var->set_handler) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "variable \"$%V\" is that of a row filter, give "
                           "the other one another name", name);
        return NGX_ERROR;
    }

    var->get_handler = get;
    var->data = (uintptr_t) data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_rowfilter_one(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    rt_rowfilter_t *filter = (rt_rowfilter_t *) data;

    rt_str_t              text;
    rt_rowfilter_user_t   user;

    ngx_http_rtauth_rowfilter_text(r, filter,
                                   ngx_http_rtauth_rowfilter_user(r, &user),
                                   &text);

    return ngx_http_rtauth_vars_of(v, ngx_rt_ngx(&text));
}


/* when memory is out, no filter is named, and an application shows nothing */

static ngx_int_t
ngx_http_rtauth_rowfilter_all(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_rtauth_main_conf_t *mcf = (ngx_http_rtauth_main_conf_t *) data;

    size_t                len;
    u_char               *p;
    rt_str_t              text[RT_ROWFILTER_MAX_NAMES];
    ngx_str_t             json;
    ngx_uint_t            i;
    rt_jsonw_t            w;
    rt_rowfilter_t       *filter;
    rt_rowfilter_user_t   who, *user;

    user = ngx_http_rtauth_rowfilter_user(r, &who);
    len = sizeof("{}");

    for (filter = mcf->rowfilters.filters, i = 0; filter;
         filter = filter->next, i++)
    {
        ngx_http_rtauth_rowfilter_text(r, filter, user, &text[i]);

        len += ngx_http_rtauth_quoted(&filter->name)
               + ngx_http_rtauth_quoted(&text[i]);
    }

    ngx_str_set(&json, "{}");

    p = ngx_pnalloc(r->pool, len);

    if (p) {
        rt_jsonw_init(&w, p, len);
        rt_jsonw_open(&w, '{');

        for (filter = mcf->rowfilters.filters, i = 0; filter;
             filter = filter->next, i++)
        {
            rt_jsonw_key(&w, &filter->name);
            rt_jsonw_str(&w, &text[i]);
        }

        rt_jsonw_close(&w, '}');

        json.data = p;
        json.len = rt_jsonw_len(&w);
    }

    return ngx_http_rtauth_vars_of(v, &json);
}


/* NULL: nobody, or somebody who is not let in here */

static rt_rowfilter_user_t *
ngx_http_rtauth_rowfilter_user(ngx_http_request_t *r, rt_rowfilter_user_t *user)
{
    ngx_str_t                    name;
    ngx_http_rtauth_pass_t      *pass;
    ngx_http_rtauth_identity_t  *identity;

    pass = ngx_http_rtauth_vars_admitted(r);

    if (pass == NULL) {
        return NULL;
    }

    identity = pass->identity;

    if (ngx_http_rtauth_user_name(r, identity, &name) != NGX_OK) {
        return NULL;
    }

    user->claims = identity->claims;
    user->name = *ngx_rt_str(&name);
    user->owns_email = identity->owns_email;
    user->groups = &pass->groups;

    return user;
}


static void
ngx_http_rtauth_rowfilter_text(ngx_http_request_t *r, rt_rowfilter_t *filter,
    rt_rowfilter_user_t *user, rt_str_t *text)
{
    rt_mem_t     mem;
    rt_str_t     claim;
    rt_status_e  rc;

    mem = ngx_rt_str_mem(r->pool);
    claim = (rt_str_t) rt_null_string;

    rc = rt_rowfilter_text(&mem, filter, user, text, &claim);

    if (rc == RT_OK) {
        return;
    }

    ngx_rt_log_error(NGX_LOG_NOTICE, r,
                     "rtauth: row filter \"%V\" is " RT_ROWFILTER_NONE ": %s%V",
                     ngx_rt_ngx(&filter->name),
                     rc == RT_DECLINED ? "no literal of SQL can be made of "
                     : "it would be too long, behind ", ngx_rt_ngx(&claim));
}
