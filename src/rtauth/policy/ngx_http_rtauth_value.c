
/*
 * A VALUE of the configuration that a claim is compared with.
 */


#include "policy/ngx_http_rtauth_value.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_log.h"


/* variables that show one of several, by a reading of nginx's own */

typedef struct {
    ngx_str_t    name;
    const char  *source;        /* what to write instead */
    ngx_uint_t   prefix;        /* unsigned prefix:1 */
} ngx_http_rtauth_loose_t;


static ngx_int_t ngx_http_rtauth_value_source(ngx_conf_t *cf, ngx_str_t *line,
    ngx_str_t *word, rt_source_t *source);
static void ngx_http_rtauth_value_warn(ngx_conf_t *cf, ngx_str_t *line,
    ngx_str_t *word);
static ngx_http_rtauth_loose_t *ngx_http_rtauth_value_loose(ngx_str_t *name);
static ngx_int_t ngx_http_rtauth_value_status(rt_status_e rc);
static ngx_int_t ngx_http_rtauth_value_arg(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *text, const char **why);
static ngx_uint_t ngx_http_rtauth_value_query(ngx_http_request_t *r,
    ngx_str_t *query);
static ngx_int_t ngx_http_rtauth_value_cookie(ngx_http_request_t *r,
    rt_str_t *name, ngx_str_t *text, const char **why);


static ngx_http_rtauth_loose_t  ngx_http_rtauth_value_loose_vars[] = {
    { ngx_string("arg_"), "arg:NAME", 1 },
    { ngx_string("args"), "arg:NAME", 0 },
    { ngx_string("query_string"), "arg:NAME", 0 },
    { ngx_string("http_"), "header:NAME", 1 },
    { ngx_null_string, NULL, 0 }
};


ngx_uint_t
ngx_http_rtauth_value_varies(ngx_str_t *word)
{
    return rt_source_is(ngx_rt_str(word))
           || ngx_http_script_variables_count(word) != 0;
}


ngx_int_t
ngx_http_rtauth_value_compile(ngx_conf_t *cf, ngx_str_t *line, ngx_str_t *word,
    ngx_http_rtauth_value_t *value)
{
    if (rt_source_is(ngx_rt_str(word))) {
        value->named = 1;
        return ngx_http_rtauth_value_source(cf, line, word, &value->source);
    }

    ngx_http_rtauth_value_warn(cf, line, word);

    return ngx_rt_conf_complex(cf, word, &value->complex);
}


static ngx_int_t
ngx_http_rtauth_value_source(ngx_conf_t *cf, ngx_str_t *line, ngx_str_t *word,
    rt_source_t *source)
{
    rt_mem_t     mem;
    rt_str_t     err;
    rt_status_e  rc;

    mem = ngx_rt_str_mem(cf->pool);

    rc = rt_source_parse(&mem, ngx_rt_str(word), source, &err);

    if (rc == RT_INVALID) {
        (void) ngx_rt_conf_invalid(cf, "value", word, "%V", ngx_rt_ngx(&err));
    }

    if (rc != RT_OK) {
        return NGX_ERROR;
    }

    /* nginx takes the host of the request line, if there is one */

    if (source->from == RT_SOURCE_HEADER
        && rt_str_ieq(&source->name, &(rt_str_t) rt_string("host")))
    {
        (void) ngx_rt_conf_invalid(cf, "value", word,
                                   "write \"$host\", for the host of a "
                                   "request is not always in that header");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_rtauth_value_warn(ngx_conf_t *cf, ngx_str_t *line, ngx_str_t *word)
{
    ngx_str_t                 rest, name;
    ngx_http_rtauth_loose_t  *loose;

    rest = *word;

    while (ngx_rt_conf_variable(&rest, &name)) {

        loose = ngx_http_rtauth_value_loose(&name);

        if (loose) {
            ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                               "\"$%V\" in \"%V\" may not be what the "
                               "application reads, when a request says it "
                               "twice or in another spelling: write \"%s\"",
                               &name, line, loose->source);
        }
    }
}


static ngx_http_rtauth_loose_t *
ngx_http_rtauth_value_loose(ngx_str_t *name)
{
    ngx_http_rtauth_loose_t  *loose;

    static ngx_str_t  host = ngx_string("http_host");

    loose = ngx_rt_conf_row(ngx_http_rtauth_value_loose_vars,
                            sizeof(ngx_http_rtauth_loose_t), name,
                            NGX_RT_CONF_FOLD|NGX_RT_CONF_BEGINS);

    if (loose == NULL
        || (loose->prefix ? name->len == loose->name.len
                          : name->len > loose->name.len))
    {
        return NULL;
    }

    /* nginx refuses a second one itself */

    return rt_str_ieq(ngx_rt_str(name), ngx_rt_str(&host)) ? NULL : loose;
}


ngx_uint_t
ngx_http_rtauth_value_in_body(ngx_http_rtauth_value_t *value)
{
    return value->named && (value->source.from == RT_SOURCE_FORM
                            || value->source.from == RT_SOURCE_JSON);
}


ngx_int_t
ngx_http_rtauth_value_get(ngx_http_request_t *r, ngx_http_rtauth_body_t *body,
    ngx_http_rtauth_value_t *value, ngx_str_t *text)
{
    ngx_int_t    rc;
    const char  *why;

    rc = ngx_http_rtauth_value_read(r, body, value, text, &why);

    if (rc == NGX_OK || rc == NGX_ERROR) {
        return rc;
    }

    ngx_str_null(text);

    ngx_rt_log_error(NGX_LOG_INFO, r, "rtauth: the %s \"%V\" %s",
                     rt_source_noun(value->source.from),
                     ngx_rt_ngx(&value->source.name),
                     rc == NGX_DECLINED ? "is absent" : why);

    return NGX_OK;
}


ngx_int_t
ngx_http_rtauth_value_read(ngx_http_request_t *r,
    ngx_http_rtauth_body_t *body, ngx_http_rtauth_value_t *value,
    ngx_str_t *text, const char **why)
{
    rt_mem_t      mem;
    rt_source_t  *source;

    source = &value->source;

    if (!value->named) {
        return ngx_http_complex_value(r, &value->complex, text);
    }

    switch (source->from) {

    case RT_SOURCE_ARG:
        return ngx_http_rtauth_value_arg(r, ngx_rt_ngx(&source->name), text,
                                         why);

    case RT_SOURCE_HEADER:
        return ngx_http_rtauth_value_header(r, ngx_rt_ngx(&source->name), text,
                                            why);

    case RT_SOURCE_COOKIE:
        return ngx_http_rtauth_value_cookie(r, &source->name, text, why);

    default:
        break;
    }

    if (body == NULL || body->why) {
        *why = "is in a body that cannot be compared";
        return NGX_ABORT;
    }

    mem = ngx_rt_str_mem(r->pool);

    return ngx_http_rtauth_value_status(
               rt_source_body_value(&mem, &body->body, source,
                                    ngx_rt_str(text), why));
}


static ngx_int_t
ngx_http_rtauth_value_status(rt_status_e rc)
{
    return rc == RT_OK ? NGX_OK
           : rc == RT_DECLINED ? NGX_DECLINED
           : rc == RT_INVALID ? NGX_ABORT : NGX_ERROR;
}


/*
 * The application gets the arguments of the request as it is now; but
 * $request_uri, and whoever reads it, knows the client's own.  So the client's
 * own may lack the argument, where a rewrite adds it, but must not have another
 * value of it.
 */

static ngx_int_t
ngx_http_rtauth_value_arg(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *text, const char **why)
{
    rt_mem_t   mem;
    ngx_int_t  rc, own;
    ngx_str_t  query, other;

    mem = ngx_rt_str_mem(r->pool);

    rc = ngx_http_rtauth_value_status(
             rt_source_arg(&mem, ngx_rt_str(&r->args), ngx_rt_str(name),
                           ngx_rt_str(text), why));

    if ((rc != NGX_OK && rc != NGX_DECLINED)
        || !ngx_http_rtauth_value_query(r, &query))
    {
        return rc;
    }

    own = ngx_http_rtauth_value_status(
              rt_source_arg(&mem, ngx_rt_str(&query), ngx_rt_str(name),
                            ngx_rt_str(&other), why));

    if (own == NGX_DECLINED) {
        return rc;
    }

    if (own == NGX_OK && rc == NGX_OK
        && rt_str_eq(ngx_rt_str(&other), ngx_rt_str(text)))
    {
        return NGX_OK;
    }

    if (own == NGX_OK) {
        *why = "is another one in the client's request";
    }

    return NGX_ABORT;
}


/* true when the query string of the client is another one than r->args */

static ngx_uint_t
ngx_http_rtauth_value_query(ngx_http_request_t *r, ngx_str_t *query)
{
    rt_str_t  path;

    if (r != r->main
        || !rt_str_cut(ngx_rt_str(&r->unparsed_uri), '?', &path,
                       ngx_rt_str(query)))
    {
        return 0;
    }

    return !rt_str_eq(ngx_rt_str(query), ngx_rt_str(&r->args));
}


ngx_int_t
ngx_http_rtauth_value_header(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *text, const char **why)
{
    ngx_table_elt_t   *h, *found;
    ngx_rt_headers_t   walk;

    found = NULL;

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_next(&walk)) != NULL) {

        if (!rt_source_alike(ngx_rt_str(&h->key), ngx_rt_str(name))) {
            continue;
        }

        if (found) {
            *why = "is repeated";
            return NGX_ABORT;
        }

        found = h;
    }

    if (found == NULL) {
        return NGX_DECLINED;
    }

    *text = found->value;
    *why = ngx_rt_header_is(found, name) ? rt_source_header(ngx_rt_str(text))
                                         : "has another spelling";

    return *why ? NGX_ABORT : NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_value_cookie(ngx_http_request_t *r, rt_str_t *name,
    ngx_str_t *text, const char **why)
{
    rt_mem_t           mem;
    unsigned           found, lines;
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    static ngx_str_t  cookie = ngx_string("Cookie");

    mem = ngx_rt_str_mem(r->pool);
    found = 0;
    lines = 0;

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_next(&walk)) != NULL) {

        if (!ngx_rt_header_is(h, &cookie)) {
            continue;
        }

        lines++;

        *why = rt_source_cookie(&mem, ngx_rt_str(&h->value), name,
                                ngx_rt_str(text), &found);

        if (*why) {
            return NGX_ABORT;
        }
    }

    /* some applications join lines with a comma, and make one cookie of two */

    if (found && lines > 1) {
        *why = "stands in one of several Cookie lines";
        return NGX_ABORT;
    }

    return found ? NGX_OK : NGX_DECLINED;
}
