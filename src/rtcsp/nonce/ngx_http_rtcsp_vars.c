/*
 * The variables of rtcsp.
 */


#include "nonce/ngx_http_rtcsp_vars.h"
#include "nonce/ngx_http_rtcsp_body.h"
#include "nonce/ngx_http_rtcsp_nonce.h"
#include "ngx_rt_var.h"
#include "event/rt_event_packed.h"
#include "json/rt_jsonw.h"


/* bytes of $rtcsp_event, which has two numbers and no text of others */
#define NGX_HTTP_RTCSP_EVENT  256


typedef struct {
    rt_str_t         policy;
    rt_str_t         why;           /* empty: no nonce was lost */
    ngx_uint_t       placed;
    ngx_uint_t       scrubbed;
    rt_nonce_lost_t  lost;
} ngx_http_rtcsp_told_t;


static ngx_int_t ngx_http_rtcsp_vars_nonce(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_rtcsp_vars_event(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static void ngx_http_rtcsp_vars_value(ngx_http_variable_value_t *v,
    u_char *data, size_t len);
static u_char *ngx_http_rtcsp_vars_say(ngx_http_rtcsp_ctx_t *ctx,
    ngx_http_rtcsp_told_t *told, u_char *p);
static u_char *ngx_http_rtcsp_vars_pack(ngx_http_rtcsp_ctx_t *ctx,
    ngx_http_rtcsp_told_t *told, u_char *p);


static ngx_http_variable_t  ngx_http_rtcsp_vars[] = {

    { ngx_string("rtcsp_nonce"), NULL, ngx_http_rtcsp_vars_nonce,
      0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtcsp_event"), NULL, ngx_http_rtcsp_vars_event,
      0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtcsp_event_packed"), NULL, ngx_http_rtcsp_vars_event,
      1, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_rtcsp_add_variables(ngx_conf_t *cf)
{
    return ngx_rt_var_add(cf, ngx_http_rtcsp_vars);
}


ngx_int_t
ngx_http_rtcsp_vars_close(ngx_http_request_t *r)
{
    ngx_http_rtcsp_ctx_t  *ctx;

    ctx = ngx_http_rtcsp_find(r);

    if (ctx != NULL) {
        ctx->closed = 1;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_rtcsp_vars_open(ngx_http_request_t *r)
{
    ngx_http_rtcsp_ctx_t  *ctx;

    if (r != r->main) {
        ctx = ngx_http_rtcsp_find(r);

        if (ctx != NULL) {
            ctx->closed = 0;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtcsp_vars_nonce(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_http_rtcsp_ctx_t       *ctx;
    ngx_http_rtcsp_loc_conf_t  *conf;

    v->not_found = 1;

    conf = ngx_http_get_module_loc_conf(r->main, ngx_http_rtcsp_module);

    if (!conf->on || !ngx_http_rtcsp_lists(conf)) {
        return NGX_OK;
    }

    ctx = ngx_http_rtcsp_keep(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ctx->closed || ngx_http_rtcsp_nonce(r, ctx) != NGX_OK) {
        return NGX_OK;
    }

    ngx_http_rtcsp_vars_value(v, ctx->nonce, RT_CSP_NONCE_LEN);

    return NGX_OK;
}


/*
 * "data" says whether rtaudit asks.  In a location with rtcsp_collector only
 * what was reported is told.
 */

static ngx_int_t
ngx_http_rtcsp_vars_event(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    u_char                     *p, *last;
    ngx_http_rtcsp_ctx_t       *ctx;
    ngx_http_rtcsp_told_t       told;
    ngx_http_rtcsp_loc_conf_t  *conf;

    ctx = ngx_http_rtcsp_find(r);

    if (ctx != NULL && ctx->violations.len) {
        ngx_http_rtcsp_vars_value(v, ctx->violations.data,
                                  ctx->violations.len);
        return NGX_OK;
    }

    conf = ngx_http_get_module_loc_conf(r, ngx_http_rtcsp_module);

    if (ctx == NULL || conf->collector
        || (!ctx->enforced && !ctx->reported && ctx->body == NULL))
    {
        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_rtcsp_body_counts(ctx, &told.placed, &told.scrubbed, &told.lost);

    told.policy = ctx->enforced ? (rt_str_t) rt_string("enforce")
                  : ctx->reported ? (rt_str_t) rt_string("report-only")
                                  : (rt_str_t) rt_string("off");

    told.why.data = (u_char *) told.lost.word;
    told.why.len = told.lost.word ? ngx_strlen(told.lost.word) : 0;

    p = ngx_pnalloc(r->pool, NGX_HTTP_RTCSP_EVENT);
    if (p == NULL) {
        return NGX_ERROR;
    }

    last = data ? ngx_http_rtcsp_vars_pack(ctx, &told, p)
                : ngx_http_rtcsp_vars_say(ctx, &told, p);

    ngx_http_rtcsp_vars_value(v, p, last - p);

    return NGX_OK;
}


static void
ngx_http_rtcsp_vars_value(ngx_http_variable_value_t *v, u_char *data,
    size_t len)
{
    v->data = data;
    v->len = len;
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
}


/* there is room: every text is one of ours */

static u_char *
ngx_http_rtcsp_vars_say(ngx_http_rtcsp_ctx_t *ctx, ngx_http_rtcsp_told_t *told,
    u_char *p)
{
    rt_jsonw_t  w;

    rt_jsonw_init(&w, p, NGX_HTTP_RTCSP_EVENT);
    rt_jsonw_open(&w, '{');

    rt_jsonw_lit(&w, "policy");
    rt_jsonw_str(&w, &told->policy);
    rt_jsonw_lit(&w, "report");
    rt_jsonw_bool(&w, ctx->reported);
    rt_jsonw_lit(&w, "nonce");
    rt_jsonw_bool(&w, ctx->nonced);

    if (ngx_http_rtcsp_body_places(ctx)) {
        rt_jsonw_lit(&w, "placed");
        rt_jsonw_uint(&w, told->placed);
        rt_jsonw_lit(&w, "refused");
        rt_jsonw_uint(&w, told->scrubbed);

    } else {
        rt_jsonw_lit(&w, "replaced");
        rt_jsonw_uint(&w, told->placed);
        rt_jsonw_lit(&w, "scrubbed");
        rt_jsonw_uint(&w, told->scrubbed);
    }

    if (told->why.len) {
        rt_jsonw_lit(&w, "lost");
        rt_jsonw_str(&w, &told->why);
        rt_jsonw_lit(&w, "at");
        rt_jsonw_uint(&w, told->lost.at);
    }

    rt_jsonw_close(&w, '}');

    return w.pos;
}


static u_char *
ngx_http_rtcsp_vars_pack(ngx_http_rtcsp_ctx_t *ctx,
    ngx_http_rtcsp_told_t *told, u_char *p)
{
    p = rt_packed_put(p, RT_PACKED_TEXT, RT_RTCSP_POLICY, &told->policy);
    p = rt_packed_put(p, ctx->nonced ? RT_PACKED_TRUE : RT_PACKED_FALSE,
                      RT_RTCSP_NONCE, NULL);

    if (told->why.len) {
        p = rt_packed_put(p, RT_PACKED_TEXT, RT_RTCSP_LOST, &told->why);
    }

    return p;
}
