
/*
 * Warnings that are given once: for a location, in all workers, until the
 * next reload.
 *
 * A configuration is not written at request time.  What was said already is
 * in a page of memory that the master shares with the workers of one
 * configuration: a set of addresses.  The address of the setting that a
 * warning is about, in the location's configuration, stands for both.
 */


#ifndef NGX_RT_ONCE_H_INCLUDED
#define NGX_RT_ONCE_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define NGX_RT_ONCE_MAX  512    /* warnings; later ones are not given */


typedef struct {
    ngx_shm_t  shm;             /* NGX_RT_ONCE_MAX of ngx_atomic_t */
} ngx_rt_once_t;


/* configuration time; NULL: out of memory.  It goes with cf's pool */
ngx_rt_once_t *ngx_rt_once_create(ngx_conf_t *cf);

/*
 * A warning in the form of ngx_rt_log.h, which its limits never leave out.
 * The first who calls with a setting writes it.
 */
void ngx_rt_once(ngx_rt_once_t *once, void *setting, ngx_http_request_t *r,
    const char *fmt, ...);


#pragma GCC visibility pop


#endif /* NGX_RT_ONCE_H_INCLUDED */
