
#include "session/ngx_http_rtauth_redis_conf.h"
#include "keys/ngx_http_rtauth_zone.h"
#include "ngx_rt_secret.h"


#define NGX_HTTP_RTAUTH_REDIS_PORT    6379
#define NGX_HTTP_RTAUTH_REDIS_MAX_DB  9999


typedef char *(*ngx_http_rtauth_redis_set_pt)(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *value);

typedef struct {
    ngx_str_t                      name;
    ngx_uint_t                     max;         /* values */
    ngx_http_rtauth_redis_set_pt   set;
} ngx_http_rtauth_redis_line_t;

typedef struct {
    ngx_http_rtauth_redis_t       *redis;
    ngx_uint_t                     seen;        /* bits of the rows */
} ngx_http_rtauth_redis_ctx_t;


static ngx_http_rtauth_redis_t *ngx_http_rtauth_redis_conf_open(
    ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf);
static char *ngx_http_rtauth_redis_conf_line(ngx_conf_t *cf,
    ngx_command_t *dummy, void *conf);
static ngx_http_rtauth_redis_line_t *ngx_http_rtauth_redis_conf_find(
    ngx_str_t *name);
static char *ngx_http_rtauth_redis_conf_url(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *value);
static char *ngx_http_rtauth_redis_conf_address(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *text);
static char *ngx_http_rtauth_redis_conf_user(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *value);
static char *ngx_http_rtauth_redis_conf_password(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *value);
static char *ngx_http_rtauth_redis_conf_trusted(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *value);
static char *ngx_http_rtauth_redis_conf_prefix(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *value);
static char *ngx_http_rtauth_redis_conf_timeout(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *value);
static char *ngx_http_rtauth_redis_conf_stale(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *value);
static char *ngx_http_rtauth_redis_conf_close(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis);
#if (NGX_SSL)
static char *ngx_http_rtauth_redis_conf_tls(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis);
#endif


#define ngx_http_rtauth_redis_conf_err(cf, redis, fmt, ...)                   \
    (ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "rtauth_redis \"%V\": " fmt,    \
                        &(redis)->name, ##__VA_ARGS__), NGX_CONF_ERROR)


static ngx_http_rtauth_redis_line_t  ngx_http_rtauth_redis_conf_lines[] = {
    { ngx_string("url"), 1, ngx_http_rtauth_redis_conf_url },
    { ngx_string("user"), 1, ngx_http_rtauth_redis_conf_user },
    { ngx_string("password"), 1, ngx_http_rtauth_redis_conf_password },
    { ngx_string("ssl_trusted_certificate"), 1,
      ngx_http_rtauth_redis_conf_trusted },
    { ngx_string("prefix"), 1, ngx_http_rtauth_redis_conf_prefix },
    { ngx_string("timeout"), 1, ngx_http_rtauth_redis_conf_timeout },
    { ngx_string("stale"), 1, ngx_http_rtauth_redis_conf_stale },
    { ngx_null_string, 0, NULL }
};


char *
ngx_http_rtauth_redis_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_main_conf_t *mcf = conf;

    char                         *rv;
    ngx_conf_t                    save;
    ngx_http_rtauth_redis_ctx_t   ctx;

    ctx.seen = 0;
    ctx.redis = ngx_http_rtauth_redis_conf_open(cf, mcf);

    if (ctx.redis == NULL) {
        return NGX_CONF_ERROR;
    }

    save = *cf;
    cf->handler = ngx_http_rtauth_redis_conf_line;
    cf->handler_conf = (void *) &ctx;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    return ngx_http_rtauth_redis_conf_close(cf, ctx.redis);
}


static ngx_http_rtauth_redis_t *
ngx_http_rtauth_redis_conf_open(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf)
{
    u_char                   *label;
    ngx_str_t                *name;
    ngx_uint_t                i;
    ngx_http_rtauth_redis_t  *redis, **slot;

    name = &((ngx_str_t *) cf->args->elts)[1];

    if (!ngx_rt_conf_name(name, "_-") || name->len > 64) {
        (void) ngx_rt_conf_invalid(cf, "name", name,
                                   "write up to 64 letters, digits, \"_\" "
                                   "and \"-\"");
        return NULL;
    }

    slot = mcf->redis.elts;

    for (i = 0; i < mcf->redis.nelts; i++) {
        if (rt_str_eq(ngx_rt_str(&slot[i]->name), ngx_rt_str(name))) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate rtauth_redis \"%V\", give each a "
                               "name of its own", name);
            return NULL;
        }
    }

    if (mcf->redis.nelts == NGX_HTTP_RTAUTH_HEARINGS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "too many rtauth_redis: write at most %d",
                           NGX_HTTP_RTAUTH_HEARINGS);
        return NULL;
    }

    redis = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_redis_t));
    slot = ngx_array_push(&mcf->redis);
    label = ngx_pnalloc(cf->pool, sizeof("rtauth_redis \"\"") + name->len);

    if (redis == NULL || slot == NULL || label == NULL) {
        return NULL;
    }

    *slot = redis;

    redis->name = *name;
    redis->conf.name.data = label;
    redis->conf.name.len = ngx_sprintf(label, "rtauth_redis \"%V\"", name)
                           - label;
    redis->conf.timeout = 1000;
    redis->stale = 30;
    ngx_str_set(&redis->prefix, "rt:");
    ngx_rt_conf_here(cf, &redis->where);

    return redis;
}


static char *
ngx_http_rtauth_redis_conf_line(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf)
{
    ngx_http_rtauth_redis_ctx_t *ctx = conf;

    ngx_str_t                     *value;
    ngx_uint_t                     i, bit;
    ngx_http_rtauth_redis_line_t  *line;

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[0].data, "include") == 0) {
        return ngx_conf_include(cf, dummy, conf);
    }

    line = ngx_http_rtauth_redis_conf_find(&value[0]);

    if (line == NULL) {
        return ngx_http_rtauth_redis_conf_err(cf, ctx->redis, "unknown "
                   "directive \"%V\" in the block: write \"url\", \"user\", "
                   "\"password\", \"ssl_trusted_certificate\", \"prefix\", "
                   "\"timeout\" or \"stale\"", &value[0]);
    }

    /* a lost semicolon: what follows would be more values of this line */

    for (i = 1; i < cf->args->nelts; i++) {
        if (ngx_http_rtauth_redis_conf_find(&value[i])) {
            return ngx_rt_conf_semicolon(cf, &value[i]);
        }
    }

    if (cf->args->nelts != 2 || value[1].len == 0) {
        return ngx_rt_conf_invalid(cf, "number of arguments", NULL,
                                   "write one value");
    }

    bit = 1u << (line - ngx_http_rtauth_redis_conf_lines);

    if (ctx->seen & bit) {
        return ngx_http_rtauth_redis_conf_err(cf, ctx->redis, "\"%V\" is "
                                              "duplicate", &value[0]);
    }

    ctx->seen |= bit;

    return line->set(cf, ctx->redis, &value[1]);
}


static ngx_http_rtauth_redis_line_t *
ngx_http_rtauth_redis_conf_find(ngx_str_t *name)
{
    return ngx_rt_conf_row(ngx_http_rtauth_redis_conf_lines,
                           sizeof(ngx_http_rtauth_redis_line_t), name, 0);
}


/* redis://HOST[:PORT][/DB], rediss:// with TLS, unix:PATH */

static char *
ngx_http_rtauth_redis_conf_url(ngx_conf_t *cf, ngx_http_rtauth_redis_t *redis,
    ngx_str_t *value)
{
    u_char     *slash, *last;
    ngx_int_t   db;
    ngx_str_t   text;

    redis->url = *value;
    text = *value;

    if (ngx_strncmp(value->data, "unix:", 5) == 0) {
        return ngx_http_rtauth_redis_conf_address(cf, redis, &text);
    }

    redis->conf.tls = ngx_strncmp(value->data, "rediss://", 9) == 0;

    if (!redis->conf.tls && ngx_strncmp(value->data, "redis://", 8) != 0) {
        return ngx_rt_conf_invalid(cf, "URL", NULL,
                                   "write \"redis://HOST:PORT\", "
                                   "\"rediss://HOST:PORT\" (with TLS) or "
                                   "\"unix:PATH\"");
    }

    text.data += redis->conf.tls ? 9 : 8;
    text.len -= redis->conf.tls ? 9 : 8;
    last = text.data + text.len;

    if (ngx_strlchr(text.data, last, '@')) {
        return ngx_rt_conf_invalid(cf, "URL", NULL,
                                   "write the lines \"user NAME\" and "
                                   "\"password SECRET\" for those in it");
    }

    slash = ngx_strlchr(text.data, last, '/');

    if (slash && slash + 1 != last) {
        db = ngx_atoi(slash + 1, last - slash - 1);

        if (db == NGX_ERROR || db > NGX_HTTP_RTAUTH_REDIS_MAX_DB) {
            return ngx_rt_conf_invalid(cf, "URL", value,
                                       "write the number of a database "
                                       "behind the host, or nothing");
        }

        redis->conf.db = db;
    }

    if (slash) {
        text.len = slash - text.data;
    }

    return ngx_http_rtauth_redis_conf_address(cf, redis, &text);
}


static char *
ngx_http_rtauth_redis_conf_address(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *text)
{
    ngx_url_t  u;

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = *text;
    u.default_port = NGX_HTTP_RTAUTH_REDIS_PORT;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK || u.naddrs == 0) {
        return ngx_rt_conf_invalid(cf, "URL", &redis->url,
                                   "write \"redis://HOST:PORT\", for this one "
                                   "has: %s", u.err ? u.err : "no address");
    }

    redis->conf.addrs = u.addrs;
    redis->conf.naddrs = u.naddrs;
    redis->conf.host = u.host;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_redis_conf_user(ngx_conf_t *cf, ngx_http_rtauth_redis_t *redis,
    ngx_str_t *value)
{
    redis->conf.user = *value;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_redis_conf_password(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *value)
{
    return ngx_rt_secret(cf, "password", value, &redis->conf.password) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_http_rtauth_redis_conf_trusted(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *value)
{
    redis->conf.trusted = *value;

    return ngx_conf_full_name(cf->cycle, &redis->conf.trusted, 1) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* of keys that other programs see, and in patterns of an ACL */

static char *
ngx_http_rtauth_redis_conf_prefix(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *value)
{
    if (!ngx_rt_conf_name(value, "_-.:") || value->len > 64) {
        return ngx_rt_conf_invalid(cf, "value", value,
                                   "write up to 64 letters, digits and "
                                   "characters of \"_-.:\"");
    }

    redis->prefix = *value;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_redis_conf_timeout(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *value)
{
    ngx_int_t  msec;

    msec = ngx_parse_time(value, 0);

    if (msec == NGX_ERROR || msec < 1 || msec > 60000) {
        return ngx_rt_conf_invalid(cf, "time", value,
                                   "write one from 1ms to 60s");
    }

    redis->conf.timeout = msec;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_redis_conf_stale(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *value)
{
    time_t  sec;

    sec = ngx_parse_time(value, 1);

    if (sec == (time_t) NGX_ERROR || sec < 1 || sec > 86400) {
        return ngx_rt_conf_invalid(cf, "time", value,
                                   "write one from 1s to 1d");
    }

    redis->stale = sec;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_redis_conf_close(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis)
{
    if (redis->url.len == 0) {
        return ngx_rt_conf_error(cf, &redis->where, "rtauth_redis \"%V\": no "
                                 "\"url\", write \"url redis://HOST:PORT\"",
                                 &redis->name);
    }

    if (redis->conf.user.len && redis->conf.password.len == 0) {
        return ngx_rt_conf_error(cf, &redis->where, "rtauth_redis \"%V\": "
                                 "\"user\" without a password, write "
                                 "\"password file:PATH\"", &redis->name);
    }

    if (redis->conf.trusted.len && !redis->conf.tls) {
        return ngx_rt_conf_error(cf, &redis->where, "rtauth_redis \"%V\": "
                                 "\"ssl_trusted_certificate\" is of no use "
                                 "with \"url %V\", write \"rediss://\"",
                                 &redis->name, &redis->url);
    }

    if (!redis->conf.tls) {
        return NGX_CONF_OK;
    }

#if (NGX_SSL)
    return ngx_http_rtauth_redis_conf_tls(cf, redis);
#else
    return ngx_rt_conf_error(cf, &redis->where, "rtauth_redis \"%V\": this "
                             "nginx was built without SSL, write \"redis://\"",
                             &redis->name);
#endif
}


#if (NGX_SSL)

static char *
ngx_http_rtauth_redis_conf_tls(ngx_conf_t *cf, ngx_http_rtauth_redis_t *redis)
{
    if (ngx_rt_redis_conf(cf, &redis->conf) == NGX_OK) {
        return NGX_CONF_OK;
    }

    return ngx_rt_conf_error(cf, &redis->where, "rtauth_redis \"%V\": TLS "
                             "cannot be used, write a file of certificates "
                             "behind \"ssl_trusted_certificate\"",
                             &redis->name);
}

#endif
