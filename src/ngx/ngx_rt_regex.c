
#include "ngx_rt_regex.h"


static void *ngx_rt_regex_compile(void *ctx, const rt_str_t *pattern,
    rt_regex_use_e use, int icase, rt_str_t *err);
static int ngx_rt_regex_match(void *ctx, void *regex,
    const rt_str_t *subject);


void
ngx_rt_regex_init(rt_regex_t *regex)
{
    regex->ctx = NULL;
    regex->compile = ngx_rt_regex_compile;
    regex->match = ngx_rt_regex_match;
}


#if (NGX_PCRE)

static ngx_regex_t *
ngx_rt_regex_one(ngx_conf_t *cf, const rt_str_t *pattern, int icase,
    rt_str_t *err)
{
    u_char               *text;
    ngx_regex_compile_t   rc;

    text = ngx_pnalloc(cf->pool, NGX_MAX_CONF_ERRSTR);
    if (text == NULL) {
        *err = (rt_str_t) rt_string("no memory");
        return NULL;
    }

    ngx_memzero(&rc, sizeof(ngx_regex_compile_t));

    rc.pattern = *ngx_rt_ngx((rt_str_t *) pattern);
    rc.pool = cf->pool;
    rc.options = icase ? NGX_REGEX_CASELESS : 0;
    rc.err.len = NGX_MAX_CONF_ERRSTR;
    rc.err.data = text;

    if (ngx_regex_compile(&rc) != NGX_OK) {
        *err = *ngx_rt_str(&rc.err);
        return NULL;
    }

    return rc.regex;
}


/*
 * ctx is the ngx_conf_t of the line that is being read.  The pattern is
 * compiled alone first, so that an error speaks of what was written.
 */

static void *
ngx_rt_regex_compile(void *ctx, const rt_str_t *pattern,
    rt_regex_use_e use, int icase, rt_str_t *err)
{
    ngx_conf_t *cf = ctx;

    rt_mem_t  mem;
    rt_str_t  bounded;

    if (ngx_rt_regex_one(cf, pattern, icase, err) == NULL) {
        return NULL;
    }

    mem = ngx_rt_str_mem(cf->pool);

    if (rt_regex_bounded(&mem, pattern, use, &bounded, err) != RT_OK) {
        return NULL;
    }

    return ngx_rt_regex_one(cf, &bounded, icase, err);
}


static int
ngx_rt_regex_match(void *ctx, void *regex, const rt_str_t *subject)
{
    ngx_int_t  rc;

    rc = ngx_regex_exec((ngx_regex_t *) regex,
                        ngx_rt_ngx((rt_str_t *) subject), NULL, 0);

    if (rc >= 0) {
        return 1;
    }

    return rc == NGX_REGEX_NO_MATCHED ? 0 : RT_REGEX_GAVE_UP;
}

#else

static void *
ngx_rt_regex_compile(void *ctx, const rt_str_t *pattern,
    rt_regex_use_e use, int icase, rt_str_t *err)
{
    *err = (rt_str_t) rt_string("this nginx was built without PCRE");
    return NULL;
}


static int
ngx_rt_regex_match(void *ctx, void *regex, const rt_str_t *subject)
{
    return 0;
}

#endif
