
/*
 * The error-log lines of the modules about a request.
 *
 * nginx appends to each line of a connection's log the request line, with its
 * query, and the Referer.  Ours end with the client, the server, the method
 * and the path ($rtaudit_path, rt_logpath.h), and with nothing else of the
 * request.
 *
 * Of one kind of line, a worker writes NGX_RT_LOG_LINES in a window for a
 * location, then none; the number of those left out is written when the
 * window ends.  (A worker that ends before does not wait for it.)
 *
 * Any phase, filter, event or clean-up handler of the request may log.  One of
 * its pool must not: r->pool is NULL by then, and a line is made there.
 */


#ifndef NGX_RT_LOG_H_INCLUDED
#define NGX_RT_LOG_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define NGX_RT_LOG_LINES    10
#define NGX_RT_LOG_WINDOW   10000       /* milliseconds */
#define NGX_RT_LOG_PLACES   16          /* locations; later ones share one */
#define NGX_RT_LOG_TEXT     1024        /* bytes of a line's own text */
#define NGX_RT_LOG_SAMPLE   128         /* of which name the kind */


typedef struct {
    void         *location;
    ngx_uint_t    lines;
} ngx_rt_log_place_t;


/* what a worker remembers of one kind of line; all zero to begin with */

typedef struct {
    ngx_event_t          end;               /* set while lines are left out */
    ngx_msec_t           begun;
    ngx_uint_t           left_out;
    ngx_uint_t           level;
    ngx_log_t           *log;
    size_t               len;
    u_char               sample[NGX_RT_LOG_SAMPLE];
    ngx_rt_log_place_t   places[NGX_RT_LOG_PLACES];
} ngx_rt_log_kind_t;


/* each place in the source is a kind of its own */
#define ngx_rt_log_error(level, r, ...)                                       \
    do {                                                                      \
        static ngx_rt_log_kind_t  kind;                                       \
                                                                              \
        ngx_rt_log(&kind, level, r, __VA_ARGS__);                             \
    } while (0)

/* the same for a kind that the caller keeps, in static memory; NULL: a line
   that is never left out, whose number is bounded otherwise */
void ngx_cdecl ngx_rt_log(ngx_rt_log_kind_t *kind, ngx_uint_t level,
    ngx_http_request_t *r, const char *fmt, ...);

/* a line that is never left out, of which the caller writes few */
void ngx_rt_log_line(ngx_uint_t level, ngx_http_request_t *r,
    const char *fmt, va_list args);


#pragma GCC visibility pop


#endif /* NGX_RT_LOG_H_INCLUDED */
