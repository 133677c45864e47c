
#include "session/ngx_http_rtauth_redis_conf.h"
#include "keys/ngx_http_rtauth_zone.h"
#include "ngx_rt_block.h"
#include "ngx_rt_secret.h"


#define NGX_HTTP_RTAUTH_REDIS_PORT    6379
#define NGX_HTTP_RTAUTH_REDIS_MAX_DB  9999


static ngx_http_rtauth_redis_t *ngx_http_rtauth_redis_conf_open(
    ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf);
static char *ngx_http_rtauth_redis_conf_url(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_redis_conf_address(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis, ngx_str_t *text);
static char *ngx_http_rtauth_redis_conf_password(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_redis_conf_trusted(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_redis_conf_prefix(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static char *ngx_http_rtauth_redis_conf_close(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis);
#if (NGX_SSL)
static char *ngx_http_rtauth_redis_conf_tls(ngx_conf_t *cf,
    ngx_http_rtauth_redis_t *redis);
#endif


#define ngx_http_rtauth_redis_at(m)  offsetof(ngx_http_rtauth_redis_t, m)


static ngx_rt_line_t  ngx_http_rtauth_redis_conf_rows[] = {

    { ngx_string("url"), 1,
      ngx_http_rtauth_redis_conf_url, 0,
      ngx_http_rtauth_redis_at(at.other), NULL, NULL },

    { ngx_string("user"), 1,
      ngx_rt_line_str, ngx_http_rtauth_redis_at(conf.user),
      ngx_http_rtauth_redis_at(at.user), NULL, NULL },

    { ngx_string("password"), 1,
      ngx_http_rtauth_redis_conf_password, 0,
      ngx_http_rtauth_redis_at(at.other), NULL, NULL },

    { ngx_string("ssl_trusted_certificate"), 1,
      ngx_http_rtauth_redis_conf_trusted, 0,
      ngx_http_rtauth_redis_at(at.trusted), NULL, NULL },

    { ngx_string("prefix"), 1,
      ngx_http_rtauth_redis_conf_prefix, 0,
      ngx_http_rtauth_redis_at(at.other), NULL, NULL },

    { ngx_string("timeout"), 1,
      ngx_rt_line_msec, ngx_http_rtauth_redis_at(conf.timeout),
      ngx_http_rtauth_redis_at(at.other), "1ms", "60s" },

    { ngx_string("stale"), 1,
      ngx_rt_line_sec, ngx_http_rtauth_redis_at(stale),
      ngx_http_rtauth_redis_at(at.other), "1s", "1d" },

    { ngx_null_string, 0, NULL, 0, 0, NULL, NULL }
};

ngx_rt_lines_fit(ngx_http_rtauth_redis_conf_rows);


char *
ngx_http_rtauth_redis_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_main_conf_t *mcf = conf;

    ngx_rt_block_t            block;
    ngx_http_rtauth_redis_t  *redis;

    redis = ngx_http_rtauth_redis_conf_open(cf, mcf);
    if (redis == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&block, sizeof(ngx_rt_block_t));

    block.directive = "rtauth_redis";
    block.name = redis->name;
    block.lines[0].rows = ngx_http_rtauth_redis_conf_rows;
    block.lines[0].conf = redis;

    if (ngx_rt_block(cf, &block) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_rtauth_redis_conf_close(cf, redis);
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


/* redis://HOST[:PORT][/DB], rediss:// with TLS, unix:PATH */

static char *
ngx_http_rtauth_redis_conf_url(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line)
{
    ngx_http_rtauth_redis_t *redis = conf;

    u_char     *slash, *last;
    ngx_int_t   db;
    ngx_str_t  *value, text;

    value = &((ngx_str_t *) cf->args->elts)[1];

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
ngx_http_rtauth_redis_conf_password(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_redis_t *redis = conf;

    ngx_str_t  *value;

    value = &((ngx_str_t *) cf->args->elts)[1];

    return ngx_rt_secret(cf, "password", value, &redis->conf.password) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_http_rtauth_redis_conf_trusted(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_redis_t *redis = conf;

    ngx_str_t  *value;

    value = &((ngx_str_t *) cf->args->elts)[1];

    redis->conf.trusted = *value;

    return ngx_conf_full_name(cf->cycle, &redis->conf.trusted, 1) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* of keys that other programs see, and in patterns of an ACL */

static char *
ngx_http_rtauth_redis_conf_prefix(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line)
{
    ngx_http_rtauth_redis_t *redis = conf;

    ngx_str_t  *value;

    value = &((ngx_str_t *) cf->args->elts)[1];

    if (!ngx_rt_conf_name(value, "_-.:") || value->len > 64) {
        return ngx_rt_conf_invalid(cf, "value", value,
                                   "write up to 64 letters, digits and "
                                   "characters of \"_-.:\"");
    }

    redis->prefix = *value;

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
        return ngx_rt_conf_error(cf, &redis->at.user, "rtauth_redis \"%V\": "
                                 "\"user\" without a password, write "
                                 "\"password file:PATH\"", &redis->name);
    }

    if (redis->conf.trusted.len && !redis->conf.tls) {
        return ngx_rt_conf_error(cf, &redis->at.trusted, "rtauth_redis \"%V\": "
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
