
#include "keys/ngx_http_rtauth_jwks_watch.h"


#define NGX_HTTP_RTAUTH_JWKS_LOOK  1000         /* ms */


static ngx_uint_t ngx_http_rtauth_jwks_watch_can(
    ngx_http_rtauth_jwks_watch_t *watch);
static void ngx_http_rtauth_jwks_watch_timer(ngx_event_t *ev);
static ngx_uint_t ngx_http_rtauth_jwks_watch_changed(
    ngx_http_rtauth_jwks_watch_t *watch);
static void ngx_http_rtauth_jwks_watch_read(
    ngx_http_rtauth_jwks_watch_t *watch);
static ngx_int_t ngx_http_rtauth_jwks_watch_load(
    ngx_http_rtauth_jwks_watch_t *watch, ngx_conf_t *cf, rt_jwks_t *keys);
static ngx_uint_t ngx_http_rtauth_jwks_watch_bad(
    ngx_http_rtauth_jwks_watch_t *watch, ngx_rt_file_t *texts);
static ngx_uint_t ngx_http_rtauth_jwks_watch_young(
    ngx_http_rtauth_jwks_watch_t *watch);
static ngx_uint_t ngx_http_rtauth_jwks_watch_generation(u_char *digest);


/*
 * The first look of the timer finds each file changed and reads it: the master
 * may have read it long before this worker was made.
 */

ngx_int_t
ngx_http_rtauth_jwks_watch(ngx_http_rtauth_jwks_watch_t *watch,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_pool_t *pool)
{
    watch->pcf = pcf;
    watch->ident = -1;
    watch->keys = pcf->file_keys;

    if (pcf->files.nelts == 0) {
        return NGX_OK;
    }

    ngx_memcpy(watch->digest, pcf->file_digest, sizeof(watch->digest));
    watch->generation = ngx_http_rtauth_jwks_watch_generation(watch->digest);

    watch->seen = ngx_pcalloc(pool, pcf->files.nelts
                                    * sizeof(ngx_rt_file_seen_t));
    if (watch->seen == NULL) {
        return NGX_ERROR;
    }

    watch->timer.data = watch;
    watch->timer.handler = ngx_http_rtauth_jwks_watch_timer;
    watch->timer.log = ngx_cycle->log;
    watch->timer.cancelable = 1;

    if (ngx_http_rtauth_jwks_watch_can(watch)) {
        ngx_add_timer(&watch->timer, NGX_HTTP_RTAUTH_JWKS_LOOK);
    }

    return NGX_OK;
}


/*
 * A file that the master alone may read is not watched: workers cannot read it.
 */

static ngx_uint_t
ngx_http_rtauth_jwks_watch_can(ngx_http_rtauth_jwks_watch_t *watch)
{
    ngx_uint_t                    i;
    ngx_http_rtauth_jwks_file_t  *file;

    file = watch->pcf->files.elts;

    for (i = 0; i < watch->pcf->files.nelts; i++) {

        if (access((char *) file[i].name.data, R_OK) != -1
            || ngx_errno != NGX_EACCES)
        {
            continue;
        }

        if (ngx_worker == 0) {
            ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                          "rtauth_provider \"%V\": a change of \"jwks_file "
                          "%V\" needs a reload, for workers may not read it",
                          &watch->pcf->provider->name, &file[i].name);
        }

        return 0;
    }

    return 1;
}


void
ngx_http_rtauth_jwks_watch_end(ngx_http_rtauth_jwks_watch_t *watch)
{
    if (watch->timer.timer_set) {
        ngx_del_timer(&watch->timer);
    }

    if (watch->pool) {
        ngx_destroy_pool(watch->pool);
    }
}


static void
ngx_http_rtauth_jwks_watch_timer(ngx_event_t *ev)
{
    ngx_http_rtauth_jwks_watch_t  *watch;

    watch = ev->data;

    if (ngx_exiting) {
        return;
    }

    if (ngx_http_rtauth_jwks_watch_changed(watch) || watch->young) {
        ngx_http_rtauth_jwks_watch_read(watch);
    }

    ngx_add_timer(&watch->timer, NGX_HTTP_RTAUTH_JWKS_LOOK);
}


static ngx_uint_t
ngx_http_rtauth_jwks_watch_changed(ngx_http_rtauth_jwks_watch_t *watch)
{
    ngx_uint_t                    i, changed;
    ngx_http_rtauth_jwks_file_t  *file;

    changed = 0;
    file = watch->pcf->files.elts;

    for (i = 0; i < watch->pcf->files.nelts; i++) {
        changed |= ngx_rt_file_changed(&file[i].name, &watch->seen[i]);
    }

    return changed;
}


static void
ngx_http_rtauth_jwks_watch_read(ngx_http_rtauth_jwks_watch_t *watch)
{
    ngx_int_t    rc;
    rt_jwks_t    keys;
    ngx_conf_t   cf;

    watch->young = 1;

    ngx_memzero(&cf, sizeof(ngx_conf_t));
    cf.log = ngx_cycle->log;
    cf.pool = ngx_create_pool(4096, cf.log);

    if (cf.pool == NULL) {
        return;
    }

    rc = ngx_http_rtauth_jwks_watch_load(watch, &cf, &keys);

    if (rc != NGX_OK) {
        ngx_destroy_pool(cf.pool);

        if (rc == NGX_ERROR) {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "rtauth_provider \"%V\": \"jwks_file\" changed and "
                          "is not used, the keys at hand stay in use",
                          &watch->pcf->provider->name);
        }

        return;
    }

    if (watch->pool) {
        ngx_destroy_pool(watch->pool);
    }

    watch->pool = cf.pool;
    watch->keys = keys;
    watch->generation = ngx_http_rtauth_jwks_watch_generation(watch->digest);

    ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                  "rtauth_provider \"%V\": \"jwks_file\" changed, %ui keys",
                  &watch->pcf->provider->name, (ngx_uint_t) keys.nkeys);
}


/* ret: NGX_OK; NGX_DECLINED: the bytes are those that were read last */

static ngx_int_t
ngx_http_rtauth_jwks_watch_load(ngx_http_rtauth_jwks_watch_t *watch,
    ngx_conf_t *cf, rt_jwks_t *keys)
{
    char                             *rv;
    u_char                            digest[32];
    ngx_uint_t                        same;
    ngx_rt_file_t                    *texts;
    ngx_http_rtauth_provider_conf_t  *pcf;

    pcf = watch->pcf;
    same = 0;

    texts = ngx_pcalloc(cf->pool, pcf->files.nelts * sizeof(ngx_rt_file_t));
    if (texts == NULL) {
        return NGX_ERROR;
    }

    rv = ngx_http_rtauth_jwks_files_read(cf, pcf, texts, digest);

    if (rv == NGX_CONF_OK) {
        watch->young = ngx_http_rtauth_jwks_watch_young(watch);

        same = (ngx_memcmp(digest, watch->digest, sizeof(digest)) == 0);
        ngx_memcpy(watch->digest, digest, sizeof(digest));

    } else if (ngx_http_rtauth_jwks_watch_bad(watch, texts)) {
        watch->young = 0;
    }

    if (rv == NGX_CONF_OK && !same) {
        rv = ngx_http_rtauth_jwks_files_parse(cf, pcf, texts, keys);
    }

    ngx_http_rtauth_jwks_files_wipe(pcf, texts);

    if (rv != NGX_CONF_OK) {
        return NGX_ERROR;
    }

    return same ? NGX_DECLINED : NGX_OK;
}


/* 0: what could not be read may be good, and is read at the next look */

static ngx_uint_t
ngx_http_rtauth_jwks_watch_bad(ngx_http_rtauth_jwks_watch_t *watch,
    ngx_rt_file_t *texts)
{
    ngx_uint_t  i;

    for (i = 0; i < watch->pcf->files.nelts; i++) {
        if (texts[i].fault) {
            return 1;
        }
    }

    return 0;
}


/* who writes twice within a tick of the file system leaves one ctime */

static ngx_uint_t
ngx_http_rtauth_jwks_watch_young(ngx_http_rtauth_jwks_watch_t *watch)
{
    ngx_uint_t  i;

    for (i = 0; i < watch->pcf->files.nelts; i++) {
        if (watch->seen[i].changed.tv_sec + 1 >= ngx_time()) {
            return 1;
        }
    }

    return 0;
}


/* of these bytes, in any worker; the zone's numbers have no highest bit */

static ngx_uint_t
ngx_http_rtauth_jwks_watch_generation(u_char *digest)
{
    ngx_uint_t  generation;

    ngx_memcpy(&generation, digest, sizeof(ngx_uint_t));

    return generation | ~((ngx_uint_t) -1 >> 1);
}
