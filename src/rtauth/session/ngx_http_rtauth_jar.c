
#include "session/ngx_http_rtauth_jar.h"
#include "client/ngx_http_rtauth_uris.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_kept.h"
#include "ngx_rt_log.h"
#include "text/rt_cookie.h"


#define NGX_HTTP_RTAUTH_JAR_NAMES  3        /* of one rtauth_session: of the
                                               session, _p, _l0 to _l9 */


static ngx_uint_t ngx_http_rtauth_jar_known(ngx_array_t *names,
    ngx_str_t *cookie);
static ngx_int_t ngx_http_rtauth_jar_names(ngx_conf_t *cf, ngx_array_t *names,
    ngx_str_t *cookie);
static ngx_int_t ngx_http_rtauth_jar_line(ngx_http_request_t *r,
    ngx_table_elt_t *h, ngx_array_t *all);
static void ngx_http_rtauth_jar_fill(ngx_http_request_t *r,
    ngx_http_rtauth_jar_t *jar, ngx_http_rtauth_sessions_t *sessions,
    ngx_array_t *lines);
static void ngx_http_rtauth_jar_find_more(ngx_array_t *lines, ngx_str_t *base,
    char *suffix, ngx_str_t *value);
static unsigned ngx_http_rtauth_jar_find(ngx_array_t *lines, ngx_str_t *name,
    ngx_str_t *value);
static ngx_int_t ngx_http_rtauth_jar_keep(ngx_http_request_t *r,
    ngx_table_elt_t *h, void *data);
static ngx_int_t ngx_http_rtauth_jar_push(ngx_http_request_t *r,
    rt_cookie_t *cookie);
static ngx_table_elt_t *ngx_http_rtauth_jar_written(ngx_http_request_t *r,
    rt_str_t *name);
static void ngx_http_rtauth_jar_cleanup(void *data);


static ngx_str_t  ngx_http_rtauth_jar_header = ngx_string("Cookie");


ngx_int_t
ngx_http_rtauth_jar_init(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_uint_t                    i;
    ngx_http_rtauth_sessions_t  **sessions;

    if (ngx_array_init(&mcf->cookies, cf->pool, NGX_HTTP_RTAUTH_JAR_NAMES,
                       sizeof(rt_cookie_name_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    sessions = mcf->sessions.elts;

    for (i = 0; i < mcf->sessions.nelts; i++) {
        sessions[i]->zone = mcf->zone;

        if (ngx_http_rtauth_jar_known(&mcf->cookies, &sessions[i]->cookie)) {
            continue;
        }

        if (ngx_http_rtauth_jar_names(cf, &mcf->cookies, &sessions[i]->cookie)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/*
 * Several servers may have one name for their cookies.  Each third of the names
 * is that of a session.
 */

static ngx_uint_t
ngx_http_rtauth_jar_known(ngx_array_t *names, ngx_str_t *cookie)
{
    ngx_uint_t         i;
    rt_cookie_name_t  *name;

    name = names->elts;

    for (i = 0; i < names->nelts; i += NGX_HTTP_RTAUTH_JAR_NAMES) {
        if (rt_str_ieq(&name[i].name, ngx_rt_str(cookie))) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_rtauth_jar_names(ngx_conf_t *cf, ngx_array_t *names,
    ngx_str_t *cookie)
{
    u_char            *p;
    ngx_uint_t         i;
    rt_cookie_name_t  *name;

    static char  *suffixes[NGX_HTTP_RTAUTH_JAR_NAMES] = { "", "_p", "_l" };

    name = ngx_array_push_n(names, NGX_HTTP_RTAUTH_JAR_NAMES);
    if (name == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_HTTP_RTAUTH_JAR_NAMES; i++) {

        p = ngx_pnalloc(cf->pool, cookie->len + sizeof("_l"));
        if (p == NULL) {
            return NGX_ERROR;
        }

        name[i].name.data = p;
        name[i].name.len = ngx_sprintf(p, "%V%s", cookie, suffixes[i]) - p;
        name[i].numbered = (i == 2);
    }

    return NGX_OK;
}


ngx_http_rtauth_jar_t *
ngx_http_rtauth_jar(ngx_http_request_t *r)
{
    return ngx_rt_kept(r->main->pool, ngx_http_rtauth_jar_cleanup);
}


static void
ngx_http_rtauth_jar_cleanup(void *data)
{
    /* the pool takes it all; this function is here to be recognized */
}


ngx_int_t
ngx_http_rtauth_jar_handler(ngx_http_request_t *r)
{
    ngx_uint_t                    empty;
    ngx_array_t                   lines;
    ngx_str_t                    *line;
    ngx_table_elt_t              *h;
    ngx_rt_headers_t              walk;
    ngx_http_rtauth_jar_t        *jar;
    ngx_http_rtauth_srv_conf_t   *scf;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    if (mcf->sessions.nelts == 0 || ngx_http_rtauth_jar(r)) {
        return NGX_DECLINED;
    }

    if (ngx_array_init(&lines, r->pool, 2, sizeof(ngx_str_t)) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    empty = 0;
    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_next(&walk)) != NULL) {

        if (!ngx_rt_header_is(h, &ngx_http_rtauth_jar_header)) {
            continue;
        }

        line = ngx_array_push(&lines);
        if (line == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        *line = h->value;

        if (ngx_http_rtauth_jar_line(r, h, &mcf->cookies) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        empty |= (h->value.len == 0);
    }

    jar = ngx_rt_kept_add(r->main->pool, sizeof(ngx_http_rtauth_jar_t),
                          ngx_http_rtauth_jar_cleanup);
    if (jar == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);
    jar->unread = r->internal;

    if (!jar->unread) {
        ngx_http_rtauth_jar_fill(r, jar, scf->sessions, &lines);
    }

    if (empty
        && ngx_rt_headers_rebuild(r, ngx_http_rtauth_jar_keep, NULL) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_rtauth_jar_again_handler(ngx_http_request_t *r)
{
    return r->internal ? ngx_http_rtauth_jar_handler(r) : NGX_DECLINED;
}


/*
 * Changes the line in place, for r->headers_in and its lists point at it.
 * Another server's cookie may come along, when both are of one domain.
 */

static ngx_int_t
ngx_http_rtauth_jar_line(ngx_http_request_t *r, ngx_table_elt_t *h,
    ngx_array_t *names)
{
    rt_mem_t  mem;
    rt_str_t  rest;

    mem = ngx_rt_str_mem(r->pool);

    switch (rt_cookie_take_out(&mem, ngx_rt_str(&h->value), names->elts,
                               names->nelts, &rest))
    {
    case RT_OK:
        h->value = ngx_rt_str_copy(&rest);
        return NGX_OK;

    case RT_DECLINED:
        return NGX_OK;

    default:
        return NGX_ERROR;
    }
}


static void
ngx_http_rtauth_jar_fill(ngx_http_request_t *r, ngx_http_rtauth_jar_t *jar,
    ngx_http_rtauth_sessions_t *sessions, ngx_array_t *lines)
{
    char        suffix[] = "_l0";
    ngx_uint_t  i;

    jar->several = (ngx_http_rtauth_jar_find(lines, &sessions->cookie,
                                             &jar->session)
                    > 1);

    if (ngx_http_rtauth_uri_find(r) == NULL) {
        return;
    }

    /*
     * Only the addresses of a sign-in read these: others are spared the search.
     */

    ngx_http_rtauth_jar_find_more(lines, &sessions->cookie, "_p",
                                  &jar->chosen);

    for (i = 0; i < NGX_HTTP_RTAUTH_JAR_LOGINS; i++) {
        suffix[2] = '0' + i;

        ngx_http_rtauth_jar_find_more(lines, &sessions->cookie, suffix,
                                      &jar->logins[i]);
    }
}


static void
ngx_http_rtauth_jar_find_more(ngx_array_t *lines, ngx_str_t *base,
    char *suffix, ngx_str_t *value)
{
    u_char     buf[NGX_HTTP_RTAUTH_SESSION_MAX_NAME + sizeof("_l0")];
    ngx_str_t  name;

    name.data = buf;
    name.len = ngx_sprintf(buf, "%V%s", base, suffix) - buf;

    (void) ngx_http_rtauth_jar_find(lines, &name, value);
}


/* ret: how many there are */

static unsigned
ngx_http_rtauth_jar_find(ngx_array_t *lines, ngx_str_t *name, ngx_str_t *value)
{
    rt_str_t    found;
    unsigned    count;
    ngx_str_t  *line;
    ngx_uint_t  i;

    count = 0;
    found = (rt_str_t) rt_null_string;
    line = lines->elts;

    for (i = 0; i < lines->nelts; i++) {
        rt_cookie_find(ngx_rt_str(&line[i]), ngx_rt_str(name), &found, &count);
    }

    if (count == 1) {
        *value = ngx_rt_str_copy(&found);
    }

    return count;
}


static ngx_int_t
ngx_http_rtauth_jar_keep(ngx_http_request_t *r, ngx_table_elt_t *h, void *data)
{
    return (h->value.len == 0
            && ngx_rt_header_is(h, &ngx_http_rtauth_jar_header))
           ? NGX_DECLINED : NGX_OK;
}


ngx_int_t
ngx_http_rtauth_jar_set(ngx_http_request_t *r, char *suffix, ngx_str_t *value,
    time_t max_age)
{
    u_char                       buf[NGX_HTTP_RTAUTH_SESSION_MAX_NAME
                                     + sizeof("_l0")];
    rt_cookie_t                  cookie;
    ngx_http_rtauth_srv_conf_t  *scf;
    ngx_http_rtauth_sessions_t  *sessions;

    static const rt_samesite_e  samesite[] = {
        [NGX_HTTP_RTAUTH_SAMESITE_LAX] = RT_SAMESITE_LAX,
        [NGX_HTTP_RTAUTH_SAMESITE_STRICT] = RT_SAMESITE_STRICT,
        [NGX_HTTP_RTAUTH_SAMESITE_NONE] = RT_SAMESITE_NONE
    };

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);
    sessions = scf->sessions;

    ngx_memzero(&cookie, sizeof(rt_cookie_t));

    cookie.name.data = buf;
    cookie.name.len = ngx_sprintf(buf, "%V%s", &sessions->cookie, suffix)
                      - buf;

    cookie.value = *ngx_rt_str(value);
    cookie.path = *ngx_rt_str(&sessions->path);
    cookie.domain = *ngx_rt_str(&sessions->domain);
    cookie.max_age = max_age;
    cookie.secure = sessions->secure;
    cookie.httponly = 1;
    cookie.samesite = samesite[sessions->samesite];

    /* a strict one would not come along when the provider sends him back */

    if (suffix[0] == '_' && cookie.samesite == RT_SAMESITE_STRICT) {
        cookie.samesite = RT_SAMESITE_LAX;
    }

    return ngx_http_rtauth_jar_push(r, &cookie);
}


ngx_int_t
ngx_http_rtauth_jar_drop_logins(ngx_http_request_t *r)
{
    u_char                       suffix[] = "_l0";
    ngx_str_t                    none;
    ngx_uint_t                   i;
    ngx_http_rtauth_srv_conf_t  *scf;

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    if (scf->uris.nelts == 0) {
        return NGX_OK;
    }

    ngx_str_null(&none);

    for (i = 0; i < NGX_HTTP_RTAUTH_JAR_LOGINS; i++) {
        suffix[2] = (u_char) ('0' + i);

        if (ngx_http_rtauth_jar_set(r, (char *) suffix, &none, 0) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_rtauth_jar_drop_app(ngx_http_request_t *r, ngx_array_t *names)
{
    ngx_str_t    *name;
    ngx_uint_t    i;
    rt_cookie_t   cookie;

    if (names == NULL) {
        return NGX_OK;
    }

    name = names->elts;

    for (i = 0; i < names->nelts; i++) {

        ngx_memzero(&cookie, sizeof(rt_cookie_t));

        cookie.name = *ngx_rt_str(&name[i]);
        cookie.path = (rt_str_t) rt_string("/");
        cookie.secure = (name[i].len > 2 && ngx_strncmp(name[i].data, "__", 2)
                                            == 0);
        cookie.httponly = 1;

        if (ngx_http_rtauth_jar_push(r, &cookie) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* the headers of a subrequest go nowhere; of one name the last value counts */

static ngx_int_t
ngx_http_rtauth_jar_push(ngx_http_request_t *r, rt_cookie_t *cookie)
{
    rt_mem_t                mem;
    rt_str_t                line;
    const char             *why;
    rt_status_e             rc;
    ngx_table_elt_t        *h;
    ngx_http_rtauth_jar_t  *jar;

    mem = ngx_rt_str_mem(r->pool);

    rc = rt_cookie_write(&mem, cookie, &line, &why);

    if (rc == RT_DECLINED) {
        ngx_rt_log_error(NGX_LOG_ERR, r, "rtauth: no cookie is set, for it %s",
                         why);
    }

    if (rc != RT_OK) {
        return NGX_ERROR;
    }

    h = ngx_http_rtauth_jar_written(r->main, &cookie->name);

    if (h == NULL) {
        h = ngx_rt_headers_add(r->main, "Set-Cookie");
        if (h == NULL) {
            return NGX_ERROR;
        }
    }

    h->value = ngx_rt_str_copy(&line);

    jar = ngx_http_rtauth_jar(r);

    if (jar) {
        jar->written = 1;
    }

    return NGX_OK;
}


static ngx_table_elt_t *
ngx_http_rtauth_jar_written(ngx_http_request_t *r, rt_str_t *name)
{
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    static ngx_str_t  header = ngx_string("Set-Cookie");

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    do {
        h = ngx_rt_headers_live(&walk);
    } while (h && (!ngx_rt_header_is(h, &header)
                   || h->value.len <= name->len
                   || h->value.data[name->len] != '='
                   || ngx_memcmp(h->value.data, name->data, name->len) != 0));

    return h;
}
