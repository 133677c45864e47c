
#include "ngx_rt_once.h"
#include "ngx_rt_log.h"


static void ngx_rt_once_cleanup(void *data);
static ngx_uint_t ngx_rt_once_first(ngx_rt_once_t *once, void *setting);


ngx_rt_once_t *
ngx_rt_once_create(ngx_conf_t *cf)
{
    ngx_rt_once_t       *once;
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(cf->pool, sizeof(ngx_rt_once_t));
    if (cln == NULL) {
        return NULL;
    }

    once = cln->data;
    ngx_memzero(once, sizeof(ngx_rt_once_t));

    once->shm.size = NGX_RT_ONCE_MAX * sizeof(ngx_atomic_t);
    once->shm.log = cf->log;
    ngx_str_set(&once->shm.name, "once");

    /* anonymous memory: all zero, and inherited by workers */

    if (ngx_shm_alloc(&once->shm) != NGX_OK) {
        return NULL;
    }

    cln->handler = ngx_rt_once_cleanup;

    return once;
}


static void
ngx_rt_once_cleanup(void *data)
{
    ngx_rt_once_t *once = data;

    once->shm.log = ngx_cycle->log;
    ngx_shm_free(&once->shm);
}


void
ngx_rt_once(ngx_rt_once_t *once, void *setting, ngx_http_request_t *r,
    const char *fmt, ...)
{
    va_list  args;

    if (!ngx_rt_once_first(once, setting)) {
        return;
    }

    va_start(args, fmt);
    ngx_rt_log_line(NGX_LOG_WARN, r, fmt, args);
    va_end(args);
}


/* entries are never taken out: a walk ends at the first that is empty */

static ngx_uint_t
ngx_rt_once_first(ngx_rt_once_t *once, void *setting)
{
    ngx_uint_t         i;
    ngx_atomic_t      *entry;
    ngx_atomic_uint_t  value;

    entry = (ngx_atomic_t *) once->shm.addr;
    value = (ngx_atomic_uint_t) (uintptr_t) setting;

    for (i = 0; i < NGX_RT_ONCE_MAX; i++) {

        if (ngx_atomic_cmp_set(&entry[i], 0, value)) {
            return 1;
        }

        if (entry[i] == value) {
            return 0;
        }
    }

    return 0;
}
