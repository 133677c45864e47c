
#include "view/ngx_http_rtaudit_view.h"
#include "capture/ngx_http_rtaudit_capture.h"
#include "view/ngx_http_rtaudit_view_answer.h"
#include "view/ngx_http_rtaudit_view_events.h"
#include "ngx_rt_headers.h"

/* made of the three files beside this one, see "config" */
#include "ngx_http_rtaudit_view_text.h"


static ngx_int_t ngx_http_rtaudit_view_page(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view);
static ngx_int_t ngx_http_rtaudit_view_script(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view);
static ngx_int_t ngx_http_rtaudit_view_style(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view);
static ngx_int_t ngx_http_rtaudit_view_own_events(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view);
static ngx_uint_t ngx_http_rtaudit_view_foreign(ngx_http_request_t *r);


static const struct {
    ngx_str_t    name;
    ngx_int_t  (*answer)(ngx_http_request_t *r, ngx_http_rtaudit_view_t *view);
} ngx_http_rtaudit_view_parts[] = {
    { ngx_string(""), ngx_http_rtaudit_view_page },
    { ngx_string("view.js"), ngx_http_rtaudit_view_script },
    { ngx_string("view.css"), ngx_http_rtaudit_view_style },
    { ngx_string("events"), ngx_http_rtaudit_view_own_events }
};


ngx_int_t
ngx_http_rtaudit_view_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_str_t                      result, name;
    ngx_uint_t                     i;
    ngx_http_rtaudit_ctx_t        *ctx;
    ngx_http_rtaudit_view_t       *view;
    ngx_http_rtaudit_loc_conf_t   *alcf;
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtaudit_module);
    alcf = ngx_http_get_module_loc_conf(r, ngx_http_rtaudit_module);
    view = alcf->view;

    if (r != r->main || view == NULL) {
        return NGX_HTTP_FORBIDDEN;
    }

    ctx = ngx_http_rtaudit_ctx(r);

    /* it answers with events that are in a file already: they are not kept */

    if (ctx) {
        ctx->view = 1;
        ctx->response = NULL;
    }

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    /* who comes by "satisfy any" is nobody, and does not see this */

    ngx_rt_var_get(r, &mcf->result, &result);

    if (!view->open && !rt_str_lit(ngx_rt_str(&result), "ok")) {
        return NGX_HTTP_FORBIDDEN;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (r->uri.len < view->location.len) {
        return NGX_HTTP_NOT_FOUND;
    }

    name.data = r->uri.data + view->location.len;
    name.len = r->uri.len - view->location.len;

    for (i = 0; i < sizeof(ngx_http_rtaudit_view_parts)
                    / sizeof(ngx_http_rtaudit_view_parts[0]); i++)
    {
        if (rt_str_eq(ngx_rt_str(&name),
                      ngx_rt_str((ngx_str_t *)
                                 &ngx_http_rtaudit_view_parts[i].name)))
        {
            return ngx_http_rtaudit_view_parts[i].answer(r, view);
        }
    }

    return NGX_HTTP_NOT_FOUND;
}


/* with rtcsp's nonce in both tags, where it has one */

static ngx_int_t
ngx_http_rtaudit_view_page(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view)
{
    u_char                        *p, *at;
    ngx_str_t                      nonce, text;
    const u_char                  *from;
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtaudit_module);

    ngx_rt_var_get(r, &mcf->nonce, &nonce);

    p = ngx_pnalloc(r->pool, sizeof(ngx_http_rtaudit_view_html)
                             + 2 * nonce.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    text.data = p;
    from = (const u_char *) ngx_http_rtaudit_view_html;

    while ((at = (u_char *) ngx_strstr(from, "nonce=\"\"")) != NULL) {
        at += sizeof("nonce=\"") - 1;

        p = ngx_cpymem(p, from, at - from);
        p = ngx_cpymem(p, nonce.data, nonce.len);
        from = at;
    }

    p = ngx_cpymem(p, from, ngx_strlen(from));
    text.len = p - text.data;

    return ngx_http_rtaudit_view_send(r, NGX_HTTP_OK, "text/html", &text);
}


static ngx_int_t
ngx_http_rtaudit_view_script(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view)
{
    ngx_str_t  text = ngx_string(ngx_http_rtaudit_view_js);

    return ngx_http_rtaudit_view_send(r, NGX_HTTP_OK, "text/javascript",
                                      &text);
}


static ngx_int_t
ngx_http_rtaudit_view_style(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view)
{
    ngx_str_t  text = ngx_string(ngx_http_rtaudit_view_css);

    return ngx_http_rtaudit_view_send(r, NGX_HTTP_OK, "text/css", &text);
}


/* another site cannot read the answer, but would write events of a reader */

static ngx_int_t
ngx_http_rtaudit_view_own_events(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view)
{
    if (ngx_http_rtaudit_view_foreign(r)) {
        return ngx_http_rtaudit_view_error(r, NGX_HTTP_FORBIDDEN, NULL,
                                           "another site started this");
    }

    return ngx_http_rtaudit_view_events(r, view);
}


static ngx_uint_t
ngx_http_rtaudit_view_foreign(ngx_http_request_t *r)
{
    ngx_str_t  site;

    if (ngx_rt_headers_last(r, "Sec-Fetch-Site", &site) == 0) {
        return 0;
    }

    return !rt_str_lit(ngx_rt_str(&site), "same-origin")
           && !rt_str_lit(ngx_rt_str(&site), "none");
}
