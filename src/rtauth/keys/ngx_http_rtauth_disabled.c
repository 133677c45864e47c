
#include "keys/ngx_http_rtauth_disabled.h"


#define NGX_HTTP_RTAUTH_DISABLED_LOOK   250     /* ms */
#define NGX_HTTP_RTAUTH_DISABLED_LOOKS  3       /* at one that goes on changing,
                                                   before it is read all the
                                                   same */


static void ngx_http_rtauth_disabled_timer(ngx_event_t *ev);
static void ngx_http_rtauth_disabled_again(
    ngx_http_rtauth_disabled_t *disabled);


ngx_int_t
ngx_http_rtauth_disabled_read(ngx_conf_t *cf, ngx_str_t *name,
    rt_disabled_t *list)
{
    rt_mem_t       mem;
    ngx_int_t      rc;
    ngx_uint_t     level;
    rt_status_e    status;
    ngx_rt_file_t  file;

    level = cf->conf_file ? NGX_LOG_EMERG : NGX_LOG_CRIT;

    rc = ngx_rt_file_read(cf, name, RT_DISABLED_MAX_TEXT, &file);

    if (rc == NGX_DECLINED) {
        ngx_conf_log_error(level, cf, file.err,
                           "\"rtauth_disabled\": \"%V\" %s", name, file.fault);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    mem = ngx_rt_str_mem(cf->pool);

    status = rt_disabled_parse(&mem, ngx_rt_str(&file.text), list);

    if (status == RT_OK) {
        return NGX_OK;
    }

    if (status == RT_ERROR) {
        return NGX_ERROR;
    }

    if (list->at) {
        ngx_conf_log_error(level, cf, 0, "\"rtauth_disabled\": %s %ui of "
                           "\"%V\" %s", list->unit, (ngx_uint_t) list->at,
                           name, list->why);
    } else {
        ngx_conf_log_error(level, cf, 0, "\"rtauth_disabled\": \"%V\" %s",
                           name, list->why);
    }

    return NGX_DECLINED;
}


ngx_http_rtauth_disabled_t *
ngx_http_rtauth_disabled_watch(ngx_http_rtauth_disabled_conf_t *conf,
    ngx_pool_t *pool)
{
    ngx_http_rtauth_disabled_t  *disabled;

    disabled = ngx_pcalloc(pool, sizeof(ngx_http_rtauth_disabled_t));
    if (disabled == NULL) {
        return NULL;
    }

    disabled->conf = conf;
    disabled->ident = -1;
    disabled->number = 1;
    disabled->list = conf->list;
    disabled->seen = conf->seen;

    disabled->timer.data = disabled;
    disabled->timer.handler = ngx_http_rtauth_disabled_timer;
    disabled->timer.log = ngx_cycle->log;
    disabled->timer.cancelable = 1;

    /*
     * Workers cannot see that a file has changed which the master alone may
     * read.
     */

    if (access((char *) conf->name.data, R_OK) == -1
        && ngx_errno == NGX_EACCES)
    {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "\"rtauth_disabled\": a change of \"%V\" needs a "
                      "reload, for workers may not read it: let their user's "
                      "group read it", &conf->name);
    }

    /* a worker in place of one that died may begin long after the master */

    if (ngx_rt_file_changed(&conf->name, &disabled->seen)) {
        disabled->looks = 1;
        ngx_http_rtauth_disabled_again(disabled);
    }

    ngx_add_timer(&disabled->timer, NGX_HTTP_RTAUTH_DISABLED_LOOK);

    return disabled;
}


void
ngx_http_rtauth_disabled_end(ngx_http_rtauth_disabled_t *disabled)
{
    if (disabled->timer.timer_set) {
        ngx_del_timer(&disabled->timer);
    }

    if (disabled->pool) {
        ngx_destroy_pool(disabled->pool);
    }
}


static void
ngx_http_rtauth_disabled_timer(ngx_event_t *ev)
{
    ngx_uint_t                   changed;
    ngx_http_rtauth_disabled_t  *disabled;

    disabled = ev->data;

    if (ngx_exiting) {
        return;
    }

    changed = ngx_rt_file_changed(&disabled->conf->name, &disabled->seen);

    if (changed || disabled->looks) {
        disabled->looks++;

        if (!changed || disabled->looks == NGX_HTTP_RTAUTH_DISABLED_LOOKS) {
            disabled->looks = changed;
            ngx_http_rtauth_disabled_again(disabled);
        }
    }

    ngx_add_timer(ev, NGX_HTTP_RTAUTH_DISABLED_LOOK);
}


static void
ngx_http_rtauth_disabled_again(ngx_http_rtauth_disabled_t *disabled)
{
    ngx_int_t      rc;
    ngx_conf_t     cf;
    rt_disabled_t  list;

    ngx_memzero(&cf, sizeof(ngx_conf_t));
    cf.log = ngx_cycle->log;
    cf.pool = ngx_create_pool(4096, cf.log);

    rc = cf.pool ? ngx_http_rtauth_disabled_read(&cf, &disabled->conf->name,
                                                 &list)
                 : NGX_ERROR;

    if (rc == NGX_ERROR) {
        disabled->looks = 1;
    }

    if (rc != NGX_OK) {

        if (cf.pool) {
            ngx_destroy_pool(cf.pool);
        }

        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, 0,
                      "\"rtauth_disabled\": \"%V\" changed and is not used, "
                      "the list at hand stays in use, %uz entries",
                      &disabled->conf->name, disabled->list.n);
        return;
    }

    if (disabled->pool) {
        ngx_destroy_pool(disabled->pool);
    }

    disabled->pool = cf.pool;
    disabled->list = list;
    disabled->number++;

    ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                  "\"rtauth_disabled\": \"%V\" changed, %uz entries",
                  &disabled->conf->name, list.n);
}


ngx_uint_t
ngx_http_rtauth_disabled_has(ngx_http_rtauth_disabled_t *disabled,
    ngx_http_rtauth_revoked_of_t *of)
{
    ngx_uint_t  i;
    ngx_str_t  *value[RT_DISABLED_KINDS];

    value[RT_DISABLED_SUB] = &of->sub;
    value[RT_DISABLED_EMAIL] = &of->email;
    value[RT_DISABLED_SID] = &of->sid;
    value[RT_DISABLED_JTI] = &of->jti;

    for (i = 0; i < RT_DISABLED_KINDS; i++) {
        if (value[i]->len
            && rt_disabled_has(&disabled->list, i, ngx_rt_str(value[i]),
                               ngx_rt_str(&of->issuer)))
        {
            return 1;
        }
    }

    return 0;
}
