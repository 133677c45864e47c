
#include "session/ngx_http_rtauth_session_conf.h"
#include "ngx_rt_secret.h"
#include "ngx_rt_server.h"
#include "text/rt_cookie.h"


#define NGX_HTTP_RTAUTH_SESSION_MAX_TIME  (366 * 86400)

/* ours are 5k at most, and the application has cookies of its own */
#define NGX_HTTP_RTAUTH_SESSION_HEADERS   8192


typedef char *(*ngx_http_rtauth_session_set_pt)(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *value, ngx_uint_t n);

typedef struct {
    ngx_str_t                       name;       /* with its "=" */
    ngx_http_rtauth_session_set_pt  set;
    ngx_uint_t                      n;          /* for set: an offset */
} ngx_http_rtauth_session_option_t;


static char *ngx_http_rtauth_session_conf_option(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *arg);
static char *ngx_http_rtauth_session_conf_store(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *value, ngx_uint_t n);
static char *ngx_http_rtauth_session_conf_text(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *value, ngx_uint_t n);
static char *ngx_http_rtauth_session_conf_key(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *value, ngx_uint_t n);
static char *ngx_http_rtauth_session_conf_time(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *value, ngx_uint_t n);
static char *ngx_http_rtauth_session_conf_samesite(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *value, ngx_uint_t n);
static char *ngx_http_rtauth_session_conf_secure(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *value, ngx_uint_t n);
static ngx_http_rtauth_sessions_t *ngx_http_rtauth_session_conf_make(
    ngx_conf_t *cf);
static char *ngx_http_rtauth_session_conf_close(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s);
static char *ngx_http_rtauth_session_conf_cookie(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s);
static char *ngx_http_rtauth_session_conf_redis(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s);


#define ngx_http_rtauth_session_conf_at(m)                                    \
    offsetof(ngx_http_rtauth_sessions_t, m)

#define ngx_http_rtauth_session_conf_field(s, off, type)                      \
    ((type *) ((u_char *) (s) + (off)))


static ngx_http_rtauth_session_option_t
    ngx_http_rtauth_session_conf_options[] =
{
    { ngx_string("key="), ngx_http_rtauth_session_conf_key, 0 },
    { ngx_string("store="), ngx_http_rtauth_session_conf_store, 0 },
    { ngx_string("cookie="), ngx_http_rtauth_session_conf_text,
      ngx_http_rtauth_session_conf_at(cookie) },
    { ngx_string("domain="), ngx_http_rtauth_session_conf_text,
      ngx_http_rtauth_session_conf_at(domain) },
    { ngx_string("path="), ngx_http_rtauth_session_conf_text,
      ngx_http_rtauth_session_conf_at(path) },
    { ngx_string("idle="), ngx_http_rtauth_session_conf_time,
      ngx_http_rtauth_session_conf_at(idle) },
    { ngx_string("absolute="), ngx_http_rtauth_session_conf_time,
      ngx_http_rtauth_session_conf_at(absolute) },
    { ngx_string("recheck="), ngx_http_rtauth_session_conf_time,
      ngx_http_rtauth_session_conf_at(recheck) },
    { ngx_string("recheck_stale="), ngx_http_rtauth_session_conf_time,
      ngx_http_rtauth_session_conf_at(stale) },
    { ngx_string("samesite="), ngx_http_rtauth_session_conf_samesite, 0 },
    { ngx_string("secure="), ngx_http_rtauth_session_conf_secure, 0 },
    { ngx_null_string, NULL, 0 }
};


static ngx_conf_enum_t  ngx_http_rtauth_session_conf_samesites[] = {
    { ngx_string("lax"), NGX_HTTP_RTAUTH_SAMESITE_LAX },
    { ngx_string("strict"), NGX_HTTP_RTAUTH_SAMESITE_STRICT },
    { ngx_string("none"), NGX_HTTP_RTAUTH_SAMESITE_NONE },
    { ngx_null_string, 0 }
};


char *
ngx_http_rtauth_session(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_srv_conf_t *rscf = conf;

    ngx_str_t                   *value;
    ngx_uint_t                   i;
    ngx_http_rtauth_sessions_t  *s;

    if (rscf->sessions) {
        return "is duplicate";
    }

    s = ngx_http_rtauth_session_conf_make(cf);

    if (s == NULL || ngx_rt_conf_once(cf, "key=") != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_rt_conf_here(cf, &s->where);

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {
        if (ngx_http_rtauth_session_conf_option(cf, s, &value[i])
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    rscf->sessions = s;

    return ngx_http_rtauth_session_conf_close(cf, s);
}


static char *
ngx_http_rtauth_session_conf_option(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *arg)
{
    ngx_str_t                          value;
    ngx_http_rtauth_session_option_t  *option;

    option = ngx_rt_conf_row(ngx_http_rtauth_session_conf_options,
                             sizeof(ngx_http_rtauth_session_option_t), arg,
                             NGX_RT_CONF_BEGINS);

    if (option == NULL) {
        return ngx_rt_conf_invalid(cf, "option", arg,
                                   "write store=, cookie=, key=, idle=, "
                                   "absolute=, recheck=, recheck_stale=, "
                                   "samesite=, secure=, domain= or path=");
    }

    value.len = arg->len - option->name.len;
    value.data = arg->data + option->name.len;

    if (value.len == 0) {
        return ngx_rt_conf_invalid(cf, "option", arg,
                                   "write a value, or leave it out");
    }

    return option->set(cf, s, &value, option->n);
}


static char *
ngx_http_rtauth_session_conf_store(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *value, ngx_uint_t n)
{
    if (rt_str_lit(ngx_rt_str(value), "zone")) {
        s->store = NGX_HTTP_RTAUTH_STORE_ZONE;
        return NGX_CONF_OK;
    }

    if (rt_str_lit(ngx_rt_str(value), "cookie")) {
        s->store = NGX_HTTP_RTAUTH_STORE_COOKIE;
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value->data, "redis:", 6) == 0 && value->len > 6) {
        s->store = NGX_HTTP_RTAUTH_STORE_REDIS;
        s->redis_name.len = value->len - 6;
        s->redis_name.data = value->data + 6;
        return NGX_CONF_OK;
    }

    return ngx_rt_conf_invalid(cf, "store", value,
                               "write zone, cookie or redis:NAME");
}


static char *
ngx_http_rtauth_session_conf_text(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *value, ngx_uint_t n)
{
    *ngx_http_rtauth_session_conf_field(s, n, ngx_str_t) = *value;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_session_conf_key(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *value, ngx_uint_t n)
{
    ngx_str_t   *key, *other;
    ngx_uint_t   i;

    if (s->keys == NULL) {
        s->keys = ngx_array_create(cf->pool, 2, sizeof(ngx_str_t));
        if (s->keys == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (s->keys->nelts == NGX_HTTP_RTAUTH_SESSION_MAX_KEYS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtauth_session\" has more than %d \"key=\", "
                           "leave the oldest out",
                           NGX_HTTP_RTAUTH_SESSION_MAX_KEYS);
        return NGX_CONF_ERROR;
    }

    key = ngx_array_push(s->keys);
    if (key == NULL || ngx_rt_secret(cf, "key", value, key) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (key->len < NGX_HTTP_RTAUTH_SESSION_MIN_KEY) {
        return ngx_rt_conf_invalid(cf, "key", NULL,
                                   "write at least %d characters there, as "
                                   "\"openssl rand -base64 32\" makes them, "
                                   "it has %uz",
                                   NGX_HTTP_RTAUTH_SESSION_MIN_KEY, key->len);
    }

    other = s->keys->elts;

    for (i = 0; i + 1 < s->keys->nelts; i++) {
        if (rt_str_eq(ngx_rt_str(&other[i]), ngx_rt_str(key))) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "two \"key=\" of \"rtauth_session\" are one "
                               "key, leave one of them out");
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_session_conf_time(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *value, ngx_uint_t n)
{
    time_t  sec;

    sec = ngx_parse_time(value, 1);

    if (sec == (time_t) NGX_ERROR || sec < 1
        || sec > NGX_HTTP_RTAUTH_SESSION_MAX_TIME)
    {
        return ngx_rt_conf_invalid(cf, "time", value,
                                   "write one from 1s to 366d");
    }

    *ngx_http_rtauth_session_conf_field(s, n, time_t) = sec;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_session_conf_samesite(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *value, ngx_uint_t n)
{
    ngx_conf_enum_t  *samesite;

    samesite = ngx_rt_conf_row(ngx_http_rtauth_session_conf_samesites,
                               sizeof(ngx_conf_enum_t), value, 0);

    if (samesite == NULL) {
        return ngx_rt_conf_invalid(cf, "samesite", value,
                                   "write lax, strict or none");
    }

    s->samesite = samesite->value;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_session_conf_secure(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s, ngx_str_t *value, ngx_uint_t n)
{
    s->secure = rt_str_lit(ngx_rt_str(value), "on");

    if (!s->secure && !rt_str_lit(ngx_rt_str(value), "off")) {
        return ngx_rt_conf_invalid(cf, "secure", value, "write on or off");
    }

    return NGX_CONF_OK;
}


static ngx_http_rtauth_sessions_t *
ngx_http_rtauth_session_conf_make(ngx_conf_t *cf)
{
    ngx_http_rtauth_sessions_t  *s;

    s = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_sessions_t));
    if (s == NULL) {
        return NULL;
    }

    ngx_str_set(&s->cookie, "__Host-rt");
    ngx_str_set(&s->path, "/");

    s->store = NGX_HTTP_RTAUTH_STORE_ZONE;
    s->samesite = NGX_HTTP_RTAUTH_SAMESITE_LAX;
    s->secure = 1;
    s->idle = 3600;
    s->absolute = 12 * 3600;
    s->recheck = 300;
    s->stale = 900;

    return s;
}


static char *
ngx_http_rtauth_session_conf_close(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s)
{
    if (s->idle > s->absolute) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"idle=\" of \"rtauth_session\" is longer than "
                           "\"absolute=\", %T against %T seconds, and would "
                           "never come: make it shorter", s->idle,
                           s->absolute);
        return NGX_CONF_ERROR;
    }

    if (s->store != NGX_HTTP_RTAUTH_STORE_ZONE && s->keys == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtauth_session\" keeps sessions outside of "
                           "nginx and has no key for them: write \"key=file:"
                           "PATH\"");
        return NGX_CONF_ERROR;
    }

    return ngx_http_rtauth_session_conf_cookie(cf, s);
}


/* refuses what a browser would not keep, or would send where it must not */

static char *
ngx_http_rtauth_session_conf_cookie(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s)
{
    const char   *why;
    rt_cookie_t   cookie;

    static rt_samesite_e  samesites[] = {
        RT_SAMESITE_LAX, RT_SAMESITE_STRICT, RT_SAMESITE_NONE
    };

    ngx_memzero(&cookie, sizeof(rt_cookie_t));

    cookie.name = *ngx_rt_str(&s->cookie);
    cookie.path = *ngx_rt_str(&s->path);
    cookie.domain = *ngx_rt_str(&s->domain);
    cookie.samesite = samesites[s->samesite];
    cookie.secure = s->secure;
    cookie.httponly = 1;

    why = NULL;

    if (s->cookie.len > NGX_HTTP_RTAUTH_SESSION_MAX_NAME) {
        why = "is longer than 40 bytes";
    }

    if (why || rt_cookie_check(&cookie, &why) != RT_OK) {
        return ngx_rt_conf_invalid(cf, "cookie", &s->cookie,
                                   "mend cookie=, secure=, samesite=, "
                                   "domain= or path=, for it %s", why);
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_session_merge(ngx_conf_t *cf, ngx_http_rtauth_srv_conf_t *prev,
    ngx_http_rtauth_srv_conf_t *conf)
{
    if (prev->sessions == NULL) {
        prev->sessions = ngx_http_rtauth_session_conf_make(cf);
        if (prev->sessions == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (conf->sessions == NULL) {
        conf->sessions = prev->sessions;
    }

    if (ngx_http_rtauth_session_conf_redis(cf, conf->sessions) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    /* defaults that no line wrote are in use only where somebody signs in */

    return conf->sessions->where.file.len
           ? ngx_http_rtauth_session_use(cf, conf->sessions) : NGX_CONF_OK;
}


char *
ngx_http_rtauth_session_use(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *sessions)
{
    ngx_uint_t                     i;
    ngx_http_rtauth_sessions_t   **all;
    ngx_http_rtauth_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    all = mcf->sessions.elts;

    for (i = 0; i < mcf->sessions.nelts; i++) {
        if (all[i] == sessions) {
            return NGX_CONF_OK;
        }
    }

    all = ngx_array_push(&mcf->sessions);
    if (all == NULL) {
        return NGX_CONF_ERROR;
    }

    *all = sessions;

    return NGX_CONF_OK;
}


/* rtauth_redis may stand further down */

static char *
ngx_http_rtauth_session_conf_redis(ngx_conf_t *cf,
    ngx_http_rtauth_sessions_t *s)
{
    ngx_uint_t                     i;
    ngx_http_rtauth_redis_t      **redis;
    ngx_http_rtauth_main_conf_t   *mcf;

    if (s->store != NGX_HTTP_RTAUTH_STORE_REDIS) {
        return NGX_CONF_OK;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    redis = mcf->redis.elts;

    for (i = 0; i < mcf->redis.nelts; i++) {
        if (rt_str_eq(ngx_rt_str(&redis[i]->name),
                      ngx_rt_str(&s->redis_name)))
        {
            s->redis = redis[i];
            return NGX_CONF_OK;
        }
    }

    return ngx_rt_conf_error(cf, &s->where,
                             "unknown \"store=redis:%V\" in \"rtauth_session\""
                             ": write \"rtauth_redis %V { ... }\" in http",
                             &s->redis_name, &s->redis_name);
}


void
ngx_http_rtauth_session_check(ngx_conf_t *cf, ngx_http_core_srv_conf_t *cscf,
    ngx_http_rtauth_srv_conf_t *conf)
{
    ngx_rt_where_t  where;

    where = ngx_rt_server_where(cscf);

    if (cscf->large_client_header_buffers.size
        < NGX_HTTP_RTAUTH_SESSION_HEADERS)
    {
        ngx_rt_conf_warn(cf, &where,
                         "\"large_client_header_buffers\" of %uz bytes are "
                         "too small for the cookies of sign-in beside those "
                         "of the application, write \"large_client_header_"
                         "buffers 4 8k\" or more",
                         cscf->large_client_header_buffers.size);
    }

    if (conf->sessions->secure
        && ngx_strncmp(conf->origin.data, "http://", 7) == 0
        && ngx_strncmp(conf->origin.data, "http://localhost", 16) != 0
        && ngx_strncmp(conf->origin.data, "http://127.", 11) != 0)
    {
        ngx_rt_conf_warn(cf, &where,
                         "browsers do not keep the cookies of sign-in, which "
                         "are secure, for \"%V\": write \"rtauth_origin "
                         "https://...\" if people come by https, or "
                         "\"rtauth_session cookie=rt secure=off\"",
                         &conf->origin);
    }
}
