
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

/* likewise, when there is no cf any more: in a zone, in a new process */
void ngx_rt_conf_late(ngx_uint_t level, ngx_log_t *log, ngx_err_t err,
    ngx_rt_where_t *where, const char *fmt, ...);

/*
 * An argument of the line being read is wrong, in one wording for all:
 *
 *     invalid WHAT "VALUE" in "DIRECTIVE": ...
 *
 * fmt says what to write instead.  Without a VALUE, which may be a secret, or
 * is named behind the colon: invalid WHAT in "DIRECTIVE": ...
 *
 * ret: NGX_CONF_ERROR
 */
char *ngx_rt_conf_invalid(ngx_conf_t *cf, const char *what, ngx_str_t *value,
    const char *fmt, ...);

/* likewise, found later, of the line at "where" */
char *ngx_rt_conf_invalid_late(ngx_conf_t *cf, ngx_rt_where_t *where,
    const char *directive, const char *what, ngx_str_t *value,
    const char *fmt, ...);

/*
 * Refuses a parameter NAME=VALUE that stands twice in the line being read: one
 * of both would win without a word.
 * in:   many: "NAME=" of the one parameter that may be repeated; NULL: none may
 */
char *ngx_rt_conf_once(ngx_conf_t *cf, const char *many);

/*
 * A lost semicolon: a directive that takes any number of words takes the next
 * line, too, and "rtauth corp;" behind it is not there any more.  An argument
 * of the directive being read that is the name of another one, with something
 * behind it, is an error.  A name of nginx's own counts if it has a "_": "root"
 * or "user" may be meant.
 */
char *ngx_rt_conf_swallowed(ngx_conf_t *cf);

/* says so of a word that begins another line; ret: NGX_CONF_ERROR */
char *ngx_rt_conf_semicolon(ngx_conf_t *cf, ngx_str_t *word);


/*
 * Lets the handler answer in the location that is being read.
 * ret: NGX_CONF_OK; a message for the directive, when another handler does
 */
char *ngx_rt_conf_handler(ngx_conf_t *cf, ngx_http_handler_pt handler);

/*
 * In postconfiguration: looks whether each such handler is still in its place.
 * Directives of nginx, such as proxy_pass, replace it without a word.
 * ret: NGX_CONF_OK; NGX_CONF_ERROR: one did, and the log says so
 */
char *ngx_rt_conf_handlers(ngx_conf_t *cf);

/* a value that may hold variables */
ngx_int_t ngx_rt_conf_complex(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_complex_value_t *cv);

/*
 * The zone of "DIRECTIVE SIZE", with that name and of at least min bytes.
 * NULL: a message was logged
 */
ngx_shm_zone_t *ngx_rt_conf_zone(ngx_conf_t *cf, ngx_str_t *name, size_t min,
    void *tag);

/* ret: 1 if it is made of ASCII letters, digits and characters of "more" */
ngx_uint_t ngx_rt_conf_name(ngx_str_t *name, const char *more);

#define NGX_RT_CONF_FOLD    0x01        /* whatever the case */
#define NGX_RT_CONF_BEGINS  0x02        /* the row's name begins the name */

/*
 * The row of that name; NULL: there is none.
 *
 * in:  table of rows of "size" bytes, each of which begins with its name, an
 *      ngx_str_t; a row with an empty one ends it
 *      how: flags above; 0: the very name
 */
void *ngx_rt_conf_row(void *table, size_t size, ngx_str_t *name,
    ngx_uint_t how);

/* likewise of mere names, whatever the case; ret: 1 if it is there */
ngx_uint_t ngx_rt_conf_among(ngx_str_t *table, u_char *name, size_t len);

/*
 * The next $NAME or ${NAME} of a value; the name may be empty.
 *
 * in:   *rest, what was not read yet; it becomes what is behind the name
 * ret:  1; 0: there is none
 */
ngx_uint_t ngx_rt_conf_variable(ngx_str_t *rest, ngx_str_t *name);


/*
 * The lines of the outer level, pointers, before one's own; either array may
 * be NULL.
 */
ngx_int_t ngx_rt_conf_inherit(ngx_conf_t *cf, ngx_array_t *outer,
    ngx_array_t **own);


#pragma GCC visibility pop


#endif /* NGX_RT_CONF_H_INCLUDED */
