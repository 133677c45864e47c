
#include "policy/ngx_http_rtauth_stepup.h"
#include "jose/rt_claims.h"
#include "json/rt_jsonw.h"


#define NGX_HTTP_RTAUTH_STEPUP_SKEW  30     /* seconds a provider's clock may be
                                               ahead of ours */


static ngx_uint_t ngx_http_rtauth_stepup_among(
    ngx_http_rtauth_require_t *require, const rt_json_t *v);
static ngx_int_t ngx_http_rtauth_stepup_collect(ngx_conf_t *cf,
    ngx_array_t *lines, ngx_http_rtauth_stepup_t *stepup);
static ngx_http_rtauth_stepup_t *ngx_http_rtauth_stepup_number(ngx_conf_t *cf,
    ngx_http_rtauth_stepup_t *stepup);
static ngx_int_t ngx_http_rtauth_stepup_essential(ngx_conf_t *cf,
    ngx_http_rtauth_stepup_t *stepup);


static const rt_str_t  ngx_http_rtauth_stepup_claims[] = {
    [NGX_HTTP_RTAUTH_STEPUP_ACR] = rt_string("acr"),
    [NGX_HTTP_RTAUTH_STEPUP_AMR] = rt_string("amr"),
    [NGX_HTTP_RTAUTH_STEPUP_AGE] = rt_string("auth_time")
};


ngx_int_t
ngx_http_rtauth_stepup_acr(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who)
{
    return ngx_http_rtauth_stepup_among(require,
                              rt_json_member(who->identity->claims, "acr"));
}


/* an array; some providers write a single one as a string */

ngx_int_t
ngx_http_rtauth_stepup_amr(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who)
{
    rt_json_t  *v;

    v = rt_json_member(who->identity->claims, "amr");

    if (v == NULL || v->type != RT_JSON_ARRAY) {
        return ngx_http_rtauth_stepup_among(require, v);
    }

    for (v = v->child; v; v = v->next) {
        if (ngx_http_rtauth_stepup_among(require, v)) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_rtauth_stepup_among(ngx_http_rtauth_require_t *require,
    const rt_json_t *v)
{
    ngx_uint_t  i;

    if (v == NULL || v->type != RT_JSON_STRING) {
        return 0;
    }

    for (i = 0; i < require->nways; i++) {
        if (rt_str_eq(&v->str, ngx_rt_str(&require->ways[i]))) {
            return 1;
        }
    }

    return 0;
}


/*
 * A session has the time that its sign-in said.  Where no time is said, the
 * sign-in counts as too old.
 */

ngx_int_t
ngx_http_rtauth_stepup_age(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who)
{
    double  at;

    at = (double) who->auth_time;

    if (at < 0
        && rt_claims_time(who->identity->claims, "auth_time", &at) != RT_OK)
    {
        return 0;
    }

    return at > 0
           && at <= (double) ngx_time() + NGX_HTTP_RTAUTH_STEPUP_SKEW
           && at + (double) require->age >= (double) ngx_time();
}


u_char *
ngx_http_rtauth_stepup_came(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf)
{
    u_char     *p;
    rt_json_t  *v;

    v = rt_json_get(who->identity->claims,
                    &ngx_http_rtauth_stepup_claims[require->stepup]);

    p = ngx_cpymem(buf, "the token has ", sizeof("the token has ") - 1);

    return p + rt_claims_shown(p, v);
}


char *
ngx_http_rtauth_stepup_merge(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_int_t                  rc;
    ngx_http_rtauth_stepup_t   stepup;

    if (conf->require == NULL) {
        return NGX_CONF_OK;
    }

    rc = ngx_http_rtauth_stepup_collect(cf, conf->require, &stepup);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    conf->stepup = ngx_http_rtauth_stepup_number(cf, &stepup);

    return conf->stepup ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* NGX_DECLINED: none of the lines is about a sign-in */

static ngx_int_t
ngx_http_rtauth_stepup_collect(ngx_conf_t *cf, ngx_array_t *lines,
    ngx_http_rtauth_stepup_t *stepup)
{
    u_char                      *p;
    size_t                       len;
    ngx_uint_t                   i, n, any;
    ngx_http_rtauth_require_t  **line;

    ngx_memzero(stepup, sizeof(ngx_http_rtauth_stepup_t));
    stepup->max_age = -1;

    line = lines->elts;
    any = 0;
    len = 0;

    for (i = 0; i < lines->nelts; i++) {
        any |= line[i]->stepup;
        stepup->login |= (line[i]->stepup == NGX_HTTP_RTAUTH_STEPUP_AMR);

        if (line[i]->stepup == NGX_HTTP_RTAUTH_STEPUP_AGE
            && (stepup->max_age == -1 || line[i]->age < stepup->max_age))
        {
            stepup->max_age = line[i]->age;
        }

        for (n = 0; line[i]->stepup && n < line[i]->nways; n++) {
            len += line[i]->ways[n].len + 1;
        }

        if (len > NGX_HTTP_RTAUTH_STEPUP_ACR_LEN) {
            (void) ngx_rt_conf_error(cf, &line[i]->where,
                                     "the values of \"rtauth_require\" for "
                                     "\"acr\" and \"amr\" that hold here are "
                                     "longer than %d bytes, write fewer",
                                     NGX_HTTP_RTAUTH_STEPUP_ACR_LEN);
            return NGX_ERROR;
        }
    }

    if (!any) {
        return NGX_DECLINED;
    }

    p = ngx_pnalloc(cf->pool, len + NGX_TIME_T_LEN + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    stepup->acr.data = p;

    for (i = 0; i < lines->nelts; i++) {

        if (line[i]->stepup != NGX_HTTP_RTAUTH_STEPUP_ACR) {
            continue;
        }

        for (n = 0; n < line[i]->nways; n++) {
            p = ngx_sprintf(p, p == stepup->acr.data ? "%V" : " %V",
                            &line[i]->ways[n]);
        }
    }

    stepup->acr.len = p - stepup->acr.data;

    if (stepup->max_age != -1) {
        stepup->age.data = p;
        stepup->age.len = ngx_sprintf(p, "%T", stepup->max_age) - p;
    }

    return NGX_OK;
}


/* locations that ask for the same share a number */

static ngx_http_rtauth_stepup_t *
ngx_http_rtauth_stepup_number(ngx_conf_t *cf, ngx_http_rtauth_stepup_t *stepup)
{
    ngx_uint_t                     i;
    ngx_http_rtauth_stepup_t      *new, **all;
    ngx_http_rtauth_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);
    all = mcf->stepups.elts;

    for (i = 0; i < mcf->stepups.nelts; i++) {
        if (all[i]->max_age == stepup->max_age
            && all[i]->login == stepup->login
            && rt_str_eq(ngx_rt_str(&all[i]->acr), ngx_rt_str(&stepup->acr)))
        {
            return all[i];
        }
    }

    if (i == NGX_HTTP_RTAUTH_STEPUP_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "more than %d different sets of \"rtauth_require "
                           "acr\", \"amr\" and \"auth_age\": write fewer",
                           NGX_HTTP_RTAUTH_STEPUP_MAX);
        return NULL;
    }

    new = ngx_palloc(cf->pool, sizeof(ngx_http_rtauth_stepup_t));
    all = ngx_array_push(&mcf->stepups);

    if (new == NULL || all == NULL
        || ngx_http_rtauth_stepup_essential(cf, stepup) != NGX_OK)
    {
        return NULL;
    }

    *new = *stepup;
    new->number = i + 1;
    *all = new;

    return new;
}


/* {"id_token":{"acr":{"essential":true,"values":["2fa","phr"]}}} */

static ngx_int_t
ngx_http_rtauth_stepup_essential(ngx_conf_t *cf,
    ngx_http_rtauth_stepup_t *stepup)
{
    u_char      *buf;
    size_t       size;
    rt_str_t     word, rest;
    rt_jsonw_t   w;

    size = sizeof("{\"id_token\":{\"acr\":{\"essential\":true,\"values\":[]}}}")
           + 6 * stepup->acr.len;

    buf = ngx_pnalloc(cf->pool, size);
    if (buf == NULL) {
        return NGX_ERROR;
    }

    rt_jsonw_init(&w, buf, size);

    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "id_token");
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "acr");
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "essential");
    rt_jsonw_bool(&w, 1);
    rt_jsonw_lit(&w, "values");
    rt_jsonw_open(&w, '[');

    for (rest = *ngx_rt_str(&stepup->acr); rest.len; /* void */ ) {
        (void) rt_str_cut(&rest, ' ', &word, &rest);
        rt_jsonw_str(&w, &word);
    }

    rt_jsonw_close(&w, ']');
    rt_jsonw_close(&w, '}');
    rt_jsonw_close(&w, '}');
    rt_jsonw_close(&w, '}');

    stepup->claims.data = buf;
    stepup->claims.len = rt_jsonw_len(&w);

    return w.full ? NGX_ERROR : NGX_OK;
}


ngx_http_rtauth_stepup_t *
ngx_http_rtauth_stepup_find(ngx_http_request_t *r, ngx_str_t *number)
{
    ngx_int_t                      n;
    ngx_http_rtauth_stepup_t     **all;
    ngx_http_rtauth_main_conf_t   *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    n = ngx_atoi(number->data, number->len);

    if (n < 1 || (ngx_uint_t) n > mcf->stepups.nelts) {
        return NULL;
    }

    all = mcf->stepups.elts;

    return all[n - 1];
}


/* A record has room for a time: here it has 24 bits of one, and the number. */

int64_t
ngx_http_rtauth_stepup_note(ngx_uint_t number)
{
    return ((int64_t) (ngx_time() & 0xffffff) << 8) | (int64_t) number;
}


ngx_uint_t
ngx_http_rtauth_stepup_noted(int64_t note, ngx_http_rtauth_stepup_t *stepup)
{
    return (note & 0xff) == (int64_t) stepup->number
           && ((ngx_time() - (note >> 8)) & 0xffffff)
              < NGX_HTTP_RTAUTH_STEPUP_WAIT;
}
