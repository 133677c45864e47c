
/*
 * While the configuration is read: where a directive stands, for errors that
 * are found after its line; and what several directives' arguments are.
 */


#ifndef NGX_RT_CONF_H_INCLUDED
#define NGX_RT_CONF_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* a place in the configuration; all zero: none was noted */

typedef struct {
    ngx_str_t    file;
    ngx_uint_t   line;
} ngx_rt_where_t;


/* notes the place of the directive that is being read */
void ngx_rt_conf_here(ngx_conf_t *cf, ngx_rt_where_t *where);

/*
 * Exchanges cf's place with *where: what is logged before the second call,
 * which puts things right, names that place.  Without a place, does nothing.
 */
void ngx_rt_conf_swap(ngx_conf_t *cf, ngx_rt_where_t *where);

/*
 * What was found out in merge, in init or at the end of a block: the message
 * ends with " in FILE:LINE", the place of the directive that is wrong, or
 * cf's own if "where" is NULL or no place.
 *
 * ret: NGX_CONF_ERROR
 */
char *ngx_rt_conf_error(ngx_conf_t *cf, ngx_rt_where_t *where,
    const char *fmt, ...);

/* likewise, and nginx starts */
void ngx_rt_conf_warn(ngx_conf_t *cf, ngx_rt_where_t *where,
    const char *fmt, ...);

/*
 * A lost semicolon: a directive that takes any number of words takes the next
 * line, too, and "rtauth corp;" behind it is not there any more.  An argument
 * of the directive being read that is the name of another one, with something
 * behind it, is an error.  A name of nginx's own counts if it has a "_": "root"
 * or "user" may be meant.
 */
char *ngx_rt_conf_swallowed(ngx_conf_t *cf);


#pragma GCC visibility pop


#endif /* NGX_RT_CONF_H_INCLUDED */
