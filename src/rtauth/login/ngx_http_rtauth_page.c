
#include "login/ngx_http_rtauth_page.h"
#include "client/ngx_http_rtauth_client.h"
#include "ngx_rt_log.h"

#include <openssl/rand.h>


static ngx_uint_t ngx_http_rtauth_page_replaced(ngx_http_request_t *r,
    ngx_uint_t status);
static ngx_int_t ngx_http_rtauth_page_send(ngx_http_request_t *r,
    ngx_uint_t status, rt_str_t *html);
static ngx_int_t ngx_http_rtauth_page_reference(ngx_http_request_t *r,
    ngx_str_t *reference);
static void ngx_http_rtauth_page_log(ngx_http_request_t *r,
    ngx_http_rtauth_deed_t *deed, const char *why);
static rt_page_e ngx_http_rtauth_page_of(rt_reason_e reason);
static char *ngx_http_rtauth_page_message(rt_reason_e reason);


ngx_int_t
ngx_http_rtauth_page(ngx_http_request_t *r, rt_page_e kind, ngx_uint_t status,
    rt_page_values_t *values)
{
    rt_mem_t                     mem;
    rt_str_t                     html;
    ngx_http_rtauth_pass_t      *pass;
    ngx_http_rtauth_srv_conf_t  *rscf;

    if (ngx_http_rtauth_page_replaced(r, status)) {
        return status;
    }

    rscf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    mem = ngx_rt_str_mem(r->pool);

    pass = ngx_http_rtauth_pass_own(r);

    if (pass == NULL
        || rt_page_make(&mem, &rscf->templates[kind], values, &html) != RT_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    pass->page = &rscf->templates[kind];
    pass->page_kind = kind;

    return ngx_http_rtauth_page_send(r, status, &html);
}


/* as ngx_http_special_response_handler() will look for it */

static ngx_uint_t
ngx_http_rtauth_page_replaced(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_uint_t                 i;
    ngx_http_err_page_t       *err_page;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (status < NGX_HTTP_BAD_REQUEST || r->error_page
        || clcf->error_pages == NULL || r->uri_changes == 0)
    {
        return 0;
    }

    err_page = clcf->error_pages->elts;

    for (i = 0; i < clcf->error_pages->nelts; i++) {
        if ((ngx_uint_t) err_page[i].status == status) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_rtauth_page_send(ngx_http_request_t *r, ngx_uint_t status,
    rt_str_t *html)
{
    ngx_http_complex_value_t  cv;

    static ngx_str_t  type = ngx_string("text/html");

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));

    cv.value = ngx_rt_str_copy(html);

    ngx_str_set(&r->headers_out.charset, "utf-8");

    /* there is no time of it that a precondition could be held against */

    r->disable_not_modified = 1;

    ngx_http_finalize_request(r, ngx_http_send_response(r, status, &type,
                                                        &cv));
    return NGX_DONE;
}


ngx_int_t
ngx_http_rtauth_page_failed(ngx_http_request_t *r, rt_reason_e reason,
    ngx_http_rtauth_provider_t *provider, const char *why)
{
    char                    *message;
    ngx_http_rtauth_deed_t  *deed;
    rt_page_values_t         values;

    if (ngx_http_rtauth_deed(r, "LOGIN_FAILED", provider, reason, NULL)
        != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    deed = ngx_http_rtauth_kept(r)->deed;

    if (ngx_http_rtauth_page_reference(r, &deed->reference) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_rtauth_page_log(r, deed, why);

    ngx_memzero(&values, sizeof(rt_page_values_t));

    message = ngx_http_rtauth_page_message(reason);

    values.message.len = ngx_strlen(message);
    values.message.data = (u_char *) message;
    values.reference = *ngx_rt_str(&deed->reference);

    if (provider && provider->client) {
        values.back = *ngx_rt_str(&provider->client->login_uri);
    }

    return ngx_http_rtauth_page(r, ngx_http_rtauth_page_of(reason),
                                rt_reason(reason)->status, &values);
}


static ngx_int_t
ngx_http_rtauth_page_reference(ngx_http_request_t *r, ngx_str_t *reference)
{
    u_char  bytes[NGX_HTTP_RTAUTH_REFERENCE / 2];

    reference->len = NGX_HTTP_RTAUTH_REFERENCE;
    reference->data = ngx_pnalloc(r->main->pool, NGX_HTTP_RTAUTH_REFERENCE);

    if (reference->data == NULL || RAND_bytes(bytes, sizeof(bytes)) != 1) {
        return NGX_ERROR;
    }

    (void) ngx_hex_dump(reference->data, bytes, sizeof(bytes));

    return NGX_OK;
}


static void
ngx_http_rtauth_page_log(ngx_http_request_t *r, ngx_http_rtauth_deed_t *deed,
    const char *why)
{
    char               *fmt;
    ngx_str_t           name;
    ngx_uint_t          level;
    ngx_rt_log_kind_t  *kind;
    const rt_reason_t  *row;

    static ngx_rt_log_kind_t  kinds[RT_REASON_MAX];

    row = rt_reason(deed->reason);

    level = (row->status >= NGX_HTTP_INTERNAL_SERVER_ERROR) ? NGX_LOG_ERR
                                                            : NGX_LOG_NOTICE;

    ngx_str_null(&name);
    fmt = "rtauth: sign-in%V failed: %V: %s, reference %V";

    if (deed->provider) {
        name = deed->provider->name;
        fmt = "rtauth: sign-in at provider \"%V\" failed: %V: %s, "
              "reference %V";
    }

    /* who reads the reference out to somebody wants it to be found there */

    kind = (deed->reason == RT_REASON_LOGIN_STATE
            || deed->reason == RT_REASON_LOGIN_LIMIT) ? &kinds[deed->reason]
                                                      : NULL;

    ngx_rt_log(kind, level, r, fmt, &name,
               ngx_rt_ngx((rt_str_t *) &row->name),
               why ? why : (const char *) row->text.data, &deed->reference);
}


static rt_page_e
ngx_http_rtauth_page_of(rt_reason_e reason)
{
    if (reason == RT_REASON_LOGIN_EMAIL
        || reason == RT_REASON_GROUPS_OVERAGE)
    {
        return RT_PAGE_REFUSED;
    }

    return rt_reason(reason)->status == NGX_HTTP_SERVICE_UNAVAILABLE
           ? RT_PAGE_AWAY : RT_PAGE_FAILED;
}


/* for the person, who can do something about these; the log says more */

static char *
ngx_http_rtauth_page_message(rt_reason_e reason)
{
    switch (reason) {

    case RT_REASON_LOGIN_LIMIT:
        return "Too many sign-ins were begun from your address. Please wait a "
               "minute.";

    case RT_REASON_LOGIN_LOOP:
        return "Your browser was sent to sign in again and again. Does it "
               "accept cookies of this site?";

    case RT_REASON_LOGIN_STATE:
        return "It took too long, or was begun in another browser.";

    case RT_REASON_LOGIN_REFUSED:
        return "The sign-in service did not let you in.";

    case RT_REASON_GROUPS_OVERAGE:
        return "You are in too many groups for the sign-in service to name "
               "them.";

    case RT_REASON_LOGIN_EMAIL:
        return "Your email address is not verified at the sign-in service.";

    default:
        return "";
    }
}
